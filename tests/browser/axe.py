"""With this module one can have axe-core look at what a page shows: WCAG 2.2, A and AA, and its rules of good practice.

axe-core (Deque Systems, MPL 2.0) comes with the package axe-playwright-python.
"""

from importlib.resources import files

SCRIPT = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
# All that a change of theme can change.
OF_COLOUR = ("color-contrast", "link-in-text-block")
FINDINGS = """async ([include, exclude, rules]) => {
    for (const animation of document.getAnimations()) animation.finish();
    const { violations, incomplete } = await axe.run(
        { include: include.map((one) => [one]), exclude: exclude.map((one) => [one]) },
        { runOnly: rules, resultTypes: ['violations', 'incomplete'], elementRef: true },
    );
    const undecided = incomplete.filter(({ id }) => id !== 'color-contrast');
    // A picture's pixels are as large as they can be, and are reached by key as well. WCAG 2.2, Understanding 2.5.8,
    // calls targets in a data visualization essentially dense.
    const isPixel = (id, element) => id === 'target-size' && element.matches('.chs-shaded .chs-cell');
    return [...violations, ...undecided].flatMap(({ id, nodes }) => nodes
        .filter(({ element }) => !isPixel(id, element))
        .map(({ html, failureSummary }) => `${id}: ${html.slice(0, 160)} ${failureSummary ?? 'undecided'}`));
}"""


def findings(page, include="html", exclude=(), rules=TAGS):
    """What axe-core has to say against that part of the page, a line for each element; `rules` are tags, or ids.

    What it cannot decide counts as well, but for contrast: letters below others, signs, and cells of one digit, which
    the tests of contrast measure from the colours alone.
    """
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(SCRIPT)
    return page.evaluate(FINDINGS, [[include], list(exclude), list(rules)])


def findings_in_both_themes(page, include="html", exclude=()):
    """The same where the reader's system is light, and where it is dark."""
    page.emulate_media(color_scheme="light")
    found = findings(page, include, exclude)
    page.emulate_media(color_scheme="dark")
    return found + findings(page, include, exclude, OF_COLOUR)

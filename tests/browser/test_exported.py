"""Exported lessons, opened from their files in a browser without a network: read, stepped, printed, presented."""

import base64
import io
import itertools
import json
import re
import unicodedata
import zlib
from collections import Counter
from urllib.parse import unquote, urldefrag, urlsplit

import nbformat
import numpy as np
import pypdf
import pytest
from axe import findings, findings_in_both_themes
from lab import ROOT
from mounted import pale_and_seen
from test_in_lab import LIVE, outputs, position

from convhelpers import explore, export, signals
from convhelpers.pages import CHECK, IN_NOTEBOOK, KINDS
from convhelpers.pairing import sum_of_products
from convhelpers.panels import grey_levels
from convhelpers.predictions import mistakes
from convhelpers.store import code_cells
from convhelpers.trace import record
from convhelpers.wording import number, sentence

LESSONS = [name.removesuffix(".ipynb") for name in LIVE]
WINDOW, KERNEL = signals.question_image()[:3, :3], signals.question_kernel()
ODD = {
    "nothing is declared": ("explore.convolution([[1, 2, 3], [4, 5, 6]], [[1, 2]], step=4)", {}),
    "a choice is refused": (
        "explore.convolution([[1, 2, 3], [4, 5, 6]], [[1, 2]], step=4)",
        {"stride": [1, 0], "padding": ["valid", "full"]},
    ),
    "no view of ours": ('import ipywidgets\nipywidgets.IntSlider(description="depth", value=3)', {}),
}


def stored(lesson):
    return nbformat.read(ROOT / "notebooks" / f"{lesson}.ipynb", as_version=4)


# What is exported, and how it is opened


@pytest.fixture(scope="module")
def exported(browser, tmp_path_factory):
    """All lessons, as pages and decks; of no use without a browser."""
    folder = tmp_path_factory.mktemp("exported")
    assert export.main(["--slides", "--to", str(folder)]) == 0
    return folder


@pytest.fixture(scope="module")
def odd(browser, tmp_path_factory):
    """A lesson of what the others do not have, exported alone."""
    folder = tmp_path_factory.mktemp("odd")
    head = "# Odd\n\n[the first lesson](01_elementwise_vs_dot.ipynb)"
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(head)])
    notebook.cells.append(nbformat.v4.new_code_cell("from convhelpers import explore"))
    for source, choices in ODD.values():
        metadata = {"recorded_choices": choices} if choices else {}
        notebook.cells.append(nbformat.v4.new_code_cell(source, metadata=metadata))
    for cell in notebook.cells:
        cell.metadata["slideshow"] = {"slide_type": "slide"}
    nbformat.write(notebook, folder / "odd.ipynb")
    assert export.main([str(folder / "odd.ipynb"), "--slides", "--to", str(folder)]) == 0
    return folder


DRAWN = "() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))"
AT_REST = "() => document.getAnimations().forEach((animation) => animation.finish())"


class Opened:
    """A file that is open in a page of its own, without a network."""

    def __init__(self, browser, file, **options):
        options = {"viewport": {"width": 1280, "height": 720}} | options
        self.file = file
        self.context = browser.new_context(offline=True, **options)
        self.page = self.context.new_page()
        self.page.set_default_timeout(60_000)
        self.requests, self.complaints = [], []
        # Of the context: the speaker's window counts, too.
        self.context.on("request", lambda request: self.requests.append(request.url))
        self.context.on("console", self._hear)
        self.context.on("weberror", lambda error: self.complaints.append(str(error.error)))
        self.page.goto(file.as_uri())
        if options.get("java_script_enabled", True) and self.page.locator("#recorded-views").count():
            self.page.wait_for_selector("html[data-mounted]", state="attached")

    def _hear(self, message):
        if message.type in ("error", "warning", "assert"):
            self.complaints.append(message.text)

    def foreign(self):
        """What was asked for besides the file itself, which the speaker's window shows as well."""
        own = self.file.as_uri()
        return [url for url in self.requests if not url.startswith("data:") and re.split("[?#]", url)[0] != own]

    def steppers(self):
        return self.page.locator(".chs-stepper")

    def mounts(self, selector):
        """The places of views that hold something."""
        return self.page.locator(".mount").filter(has=self.page.locator(selector))

    def views(self):
        """The states that the file brings along."""
        packed = self.page.locator("#recorded-views").text_content()
        return json.loads(zlib.decompress(base64.b64decode(packed), -15))

    def view(self, index):
        """The place of a view; in a deck, on the slide that is turned to."""
        place = self.page.locator(f'.mount[data-view="{index}"]')
        if self.page.locator(".reveal").count():
            turn_to(place)
            while not place.is_visible():  # it is a fragment
                before = self.page.locator(".fragment.visible").count()
                self.page.keyboard.press("PageDown")
                self.page.evaluate(AT_REST)
                assert self.page.locator(".fragment.visible").count() > before
        return place


def turn_to(locator):
    """Turn a deck to the slide that something stands on."""
    locator.evaluate("""async (node) => {
        const place = (section) => [...section.parentElement.children].indexOf(section);
        const slide = node.closest('section');
        location.hash = `#/${place(slide.parentElement)}/${place(slide)}`;
        while (!slide.matches('.present')) await new Promise(requestAnimationFrame);
        for (const animation of document.getAnimations()) animation.finish();
    }""")


@pytest.fixture(scope="module", params=LESSONS)
def read(request, browser, exported):
    """Each lesson as a page, open for all tests that only read and step it."""
    opened = Opened(browser, exported / f"{request.param}.html")
    opened.lesson = request.param
    yield opened
    opened.context.close()


@pytest.fixture
def open_file(browser):
    """Open a file in a page of the test's own."""
    all_opened = []

    def open_one(file, **options):
        all_opened.append(Opened(browser, file, **options))
        return all_opened[-1]

    yield open_one
    for opened in all_opened:
        opened.context.close()


def last_outputs(view):
    """What the outputs of a recorded stepper read at the end, from its numbers; nothing where they are shades."""
    scene, numbers = view["state"]["scene"], view["state"]["numbers"]
    texts = numbers["texts"]
    indices = np.frombuffer(base64.b64decode(numbers["sums"]["base64"]), "<i2" if len(texts) <= 2**15 else "<i4")
    shown = [texts[index] for index in indices[scene["steps_per_output"] - 1 :: scene["steps_per_output"]]]
    shaded = any(grid["shaded"] for panel in scene["panels"] if panel["role"] == "output" for grid in panel["grids"])
    return [""] * len(shown) if shaded else shown


def step_views(opened):
    """The recorded steppers of a file, with their index."""
    return [(index, view) for index, view in enumerate(opened.views()) if view["script"] == "stepper"]


# Pages


def test_a_page_is_whole_in_itself(read):
    assert read.steppers().count() == LIVE[f"{read.lesson}.ipynb"]
    asked = [cell for cell in stored(read.lesson).cells if re.search(r"^questions\.", cell.source, re.MULTILINE)]
    assert read.page.locator(".chs-multiple-choice").count() == len(asked) >= 4
    images = read.page.locator("img").all()
    assert images
    assert all(image.get_attribute("alt").strip() for image in images)
    assert read.foreign() == read.complaints == []


def words(text):
    return Counter(re.findall(r"[^\W\d_]{2,}", unicodedata.normalize("NFKC", text)))


def squeezed(text):
    """Letters and digits alone: neither line ends, hyphens nor ligatures make a difference."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text))


def prose(source):
    """Markdown without formulas, addresses and tags."""
    for pattern in (r"\$\$.*?\$\$|\$[^$\n]*\$", r"(?<=\])\([^)]*\)", r"</?[a-z]+[^>]*>"):
        source = re.sub(pattern, " ", source, flags=re.DOTALL)
    return source


def texts(cell):
    """What a stored code cell has printed, and shown as text alone; times are others each time."""
    if "nbval-ignore-output" in cell.metadata.get("tags", []):
        return
    for output in cell.outputs:
        data = output.get("data", {})
        if output.output_type == "stream" or set(data) == {"text/plain"}:
            yield output.get("text") or data["text/plain"]


def left_out(cell):
    """What is about the notebook alone: the list of done exercises, and a line about JupyterLab's menu."""
    return cell.source == "exercises.progress()"


def test_a_page_holds_all_that_the_notebook_says(read):
    cells = [cell for cell in stored(read.lesson).cells if not left_out(cell)]
    shown = read.page.locator("main .cell").all_text_contents()
    assert len(shown) == len(cells)
    for cell, text in zip(cells, shown, strict=True):
        if cell.cell_type == "markdown":
            source = re.sub(r"(Run a cell with [^.]*\. )?If the pictures stand still, [^.]*\.", "", cell.source)
            assert words(prose(source)) - words(text) == {}
        else:
            printed = [] if CHECK.search(cell.source) else texts(cell)
            for part in (cell.source, *printed):
                assert squeezed(part) in squeezed(text)


def test_every_stepper_of_a_page_steps_by_key_to_its_end(read):
    for index, view in step_views(read):
        root = read.page.locator(f'.mount[data-view="{index}"] .chs-stepper')
        root.focus()
        for key, step in (("Home", 0), ("ArrowRight", 1)):
            read.page.keyboard.press(key)
            assert position(root).split()[1] == str(step), index
        read.page.keyboard.press("End")
        assert re.fullmatch(r"\w+ (\d+) of \1", position(root)), index
        assert outputs(root) == last_outputs(view), index
    assert read.complaints == []


def test_every_stepper_of_a_page_plays(read):
    at = "() => [...document.querySelectorAll('.chs-position')].map((node) => node.textContent.split(' ')[1])"
    for key in ("Home", "Space"):
        for root in read.steppers().all():
            root.focus()
            read.page.keyboard.press(key)
    read.page.wait_for_function(f"() => !({at})().includes('0')")
    for root in read.steppers().all():
        if root.get_by_label("Pause (Space)").count():  # one that has come to its end has stopped
            root.focus()
            read.page.keyboard.press("Space")
    stopped = read.page.evaluate(at)
    read.page.wait_for_timeout(800)
    assert read.page.evaluate(at) == stopped


def test_nothing_on_a_page_is_dead_to_click(read):
    for root in read.steppers().all():
        cells = root.locator(".chs-left .chs-cell, .chs-right .chs-cell, .chs-bias .chs-cell")
        first = cells.first
        first.dblclick()
        first.focus()
        read.page.keyboard.press("5")
        read.page.keyboard.press("Enter")
        assert root.locator(".chs-edit").count() == 0
        # Cells of shades are never edited.
        assert root.locator(".chs-notice").text_content() in ("", "To change numbers, run the notebook.")
        read.page.keyboard.press("Escape")
        said = root.get_attribute("aria-description") + root.inner_text()
        assert "step" in said
        assert "edit" not in said
        assert not root.get_by_text("reset numbers").is_visible()
    controls = read.page.locator("main :is(button, select, input)")
    assert controls.count() == read.page.locator("main :is(.chs, .choices) :is(button, select, input)").count()
    text = read.page.locator("body").inner_text()
    assert "Run All Cells" not in text
    assert "widget" not in read.page.content().replace("WidgetType", "").lower().split("<main")[0]


def test_exercises_stand_with_their_text_and_where_to_do_them(read):
    cells = stored(read.lesson).cells
    checked = [cell for cell in code_cells(stored(read.lesson)) if CHECK.search(cell.source)]
    assert read.page.get_by_text(IN_NOTEBOOK).count() == len(checked) >= 3
    named = [cell.source.splitlines()[0][4:] for cell in cells if cell.source.startswith("### Exercise")]
    assert [read.page.get_by_role("heading", name=name, exact=True).count() for name in named] == [1] * len(named)


def test_contents_lead_to_every_heading(read):
    headings = read.page.locator("main :is(h2, h3)")
    targets = headings.evaluate_all("(all) => all.map((heading) => [heading.id, heading.textContent])")
    links = read.page.locator(".contents a").evaluate_all(
        "(all) => all.map((link) => [decodeURIComponent(link.hash.slice(1)), link.textContent])"
    )
    assert links == targets
    assert len(dict(targets)) == len(targets) >= 5
    read.page.locator(".contents a").last.click()
    assert read.page.evaluate("() => decodeURIComponent(location.hash.slice(1))") == targets[-1][0]
    assert headings.last.evaluate("(node) => node.getBoundingClientRect().top < innerHeight")


def test_links_lead_to_lessons_that_are_there(read, exported):
    links = read.page.locator("a").evaluate_all("(all) => all.map((link) => link.href)")
    files = {unquote(urlsplit(urldefrag(url).url).path).split("/")[-1] for url in links if url.startswith("file:")}
    assert files >= {"index.html", *(f"{lesson}.html" for lesson in LESSONS)}
    assert files <= {path.name for path in exported.iterdir()}
    assert not [url for url in links if not url.startswith(("file:", "https:"))]


def test_code_is_folded_and_shown(read):
    cells = [cell for cell in code_cells(stored(read.lesson)) if not left_out(cell)]
    code = read.page.locator("details.code")
    is_open = "(all) => all.map((details) => details.open)"
    at_first = ["hide-input" not in cell.metadata.get("tags", []) for cell in cells]
    assert code.evaluate_all(is_open) == at_first
    button = read.page.locator("#fold-code")
    for label, shown in (("Fold all code", False), ("Show all code", True)):
        assert button.text_content() == label
        button.click()
        assert code.evaluate_all(is_open) == [shown] * len(cells)
    for details, shown in zip(code.all(), at_first, strict=True):
        if not shown:
            details.locator("summary").click()
    assert code.evaluate_all(is_open) == at_first


def pale(page, scheme, selector, least=100):
    """The texts below 4.5 to 1, of at least so many."""
    page.emulate_media(color_scheme=scheme)
    found, n_texts = pale_and_seen(page, f":is({selector}):not(style, :disabled)")
    assert n_texts >= least
    return found


def test_text_of_a_page_stands_out_in_light_and_dark(read):
    grounds = set()
    for scheme in ("light", "dark"):
        assert pale(read.page, scheme, "body *") == [], scheme
        grounds.add(read.page.evaluate("() => getComputedStyle(document.body).backgroundColor"))
    assert len(grounds) == 2


# Where a page is narrow, what needs two dimensions scrolls inside itself (WCAG 2.2, 1.4.10); nothing else is wider.
LOST = """() => {
    const scrolls = (node) => /auto|scroll/.test(getComputedStyle(node).overflowX);
    const isInside = (node) => node && (scrolls(node) || isInside(node.parentElement));
    const isOver = (node) => {
        const { left, right, width } = node.getBoundingClientRect();
        return width && (left < -0.5 || right > innerWidth + 0.5) && !isInside(node);
    };
    const isCut = (node) => /hidden|clip/.test(getComputedStyle(node).overflowX)
        && node.clientWidth && node.scrollWidth > node.clientWidth + 1;
    return [...document.querySelectorAll('body *:not(.skip, math *, svg *, .chs-corner)')]
        .filter((node) => node.checkVisibility({ visibilityProperty: true }) && (isOver(node) || isCut(node)))
        .map((node) => node.outerHTML.slice(0, 120));
}"""


@pytest.mark.parametrize(("width", "height"), [(320, 256), (390, 844), (640, 360), (1280, 720), (1920, 1080)])
def test_a_page_is_never_wider_than_the_screen_and_loses_nothing(read, width, height):
    """320 and 640 are 1280 at 400 % and at 200 %."""
    read.page.set_viewport_size({"width": width, "height": height})
    read.page.evaluate(DRAWN)
    assert read.page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    assert read.page.evaluate(LOST) == []
    unreached = findings(read.page, exclude=[".chs-grids"], rules=["scrollable-region-focusable"])
    read.page.set_viewport_size({"width": 1280, "height": 720})
    assert unreached == []


def test_axe_finds_nothing_on_a_page(read):
    # Grids of cells are the same everywhere: test_accessibility.py has every kind of them.
    assert findings_in_both_themes(read.page, exclude=[".chs-grids"]) == []


CONTROLS = 'a[href], button, select, input, summary, pre[tabindex], .chs[tabindex="0"]'
FOCUSED = """(selector) => [...document.querySelectorAll(selector)]
    .filter((node) => node.checkVisibility({ visibilityProperty: true }) && !node.disabled)
    .map((node) => {
        node.focus();
        const { outlineStyle, outlineWidth } = getComputedStyle(node);
        const { top, bottom } = node.getBoundingClientRect();
        const covers = document.querySelector('header.bar');
        const above = covers && getComputedStyle(covers).position === 'sticky' && !covers.contains(node)
            && !node.closest('.contents, .skip') ? covers.getBoundingClientRect().bottom : 0;
        const isSeen = outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2 && bottom > above && top < innerHeight;
        return [isSeen && document.activeElement === node, node.outerHTML.slice(0, 120)];
    })"""


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (320, 256)])
def test_the_focus_on_a_page_is_seen(read, width, height):
    read.page.set_viewport_size({"width": width, "height": height})
    read.page.keyboard.press("Tab")  # the focus is shown to those who use keys
    seen = read.page.evaluate(FOCUSED, CONTROLS)
    read.page.set_viewport_size({"width": 1280, "height": 720})
    assert len(seen) > 30
    assert [node for is_seen, node in seen if not is_seen] == []


MOVING = "() => document.getAnimations().map((one) => `${one.transitionProperty} of ${one.effect.target.className}`)"


def test_nothing_moves_on_a_page_for_who_wants_no_motion(read):
    read.page.emulate_media(reduced_motion="reduce")
    read.steppers().first.focus()
    moving = []
    for key in ("Home", "ArrowRight", "End", "Tab"):
        read.page.keyboard.press(key)
        moving += read.page.evaluate(MOVING)
    read.page.emulate_media(reduced_motion="no-preference")
    assert moving == []


# What carries a meaning by its ground has an edge where the reader's system takes all grounds away.
EDGES = """(selector) => [...document.querySelectorAll(selector)]
    .map((node) => parseFloat(getComputedStyle(node).borderLeftWidth) > 0)"""


def test_what_is_on_a_ground_has_an_edge_in_forced_colors(read):
    read.page.emulate_media(forced_colors="active")
    edges = {name: read.page.evaluate(EDGES, name) for name in (".highlight pre", ".in-notebook", "pre.output")}
    here = read.page.evaluate(EDGES, "header nav a[aria-current]")
    others = read.page.evaluate(EDGES, "header nav a:not([aria-current])")
    read.page.emulate_media(forced_colors="none")
    assert all(all(found) and found for found in edges.values())
    assert here == [True]
    assert set(others) == {False}


BLOCKS = """() => {
    const told = (node) => [...node.childNodes].map((part) => {
        if (part.nodeType === 3) return part.textContent;
        if (part.matches?.('math, style, svg')) return '\\n';
        return (part.matches?.('p, li, ul, ol, table, pre, tr, td, th, blockquote, summary') ? '\\n' : '') + told(part);
    }).join('');
    return [...document.querySelectorAll('main .prose > *, main .code pre, main .output')].map(told);
}"""


def test_a_page_is_printed_whole(read):
    reader = pypdf.PdfReader(io.BytesIO(read.page.pdf()))
    printed = squeezed("".join(page.extract_text() for page in reader.pages))
    lines = [line for block in read.page.evaluate(BLOCKS) for line in block.splitlines()]
    assert len(lines) > 100
    assert [line for line in lines if squeezed(line) not in printed] == []
    for view in read.views():
        if view["script"] == "question":
            asked = [
                view["state"]["text"],
                *itertools.chain(*((c["text"], c["reason"]) for c in view["state"]["choices"])),
            ]
            assert [text for text in asked if squeezed(text) not in printed] == []
    drawn = [part.get_object() for page in reader.pages for part in page["/Resources"].get("/XObject", {}).values()]
    assert sum(part["/Subtype"] == "/Image" for part in drawn) == read.page.locator("main img").count()


def test_without_scripts_a_page_shows_its_text_and_still_pictures(open_file, exported):
    for lesson in LESSONS:
        opened = open_file(exported / f"{lesson}.html", java_script_enabled=False)
        shown = squeezed(opened.page.locator("main").inner_text())
        lines = [cell.source.splitlines()[0] for cell in stored(lesson).cells if cell.cell_type == "markdown"]
        heads = [line.lstrip("# ") for line in lines if line.startswith("#")]
        assert [head for head in heads if squeezed(head) not in shown] == []
        pictures = opened.page.locator(".mount img").all()
        assert len(pictures) >= LIVE[f"{lesson}.ipynb"]
        assert all(picture.is_visible() and picture.bounding_box()["height"] > 50 for picture in pictures)
        assert opened.page.locator(".chs, select").count() == 0
        assert opened.foreign() == opened.complaints == []


# What a view does, on a page and on a slide


@pytest.fixture(params=KINDS)
def kind(request):
    return request.param


@pytest.fixture
def at_view(open_file, exported, kind):
    """Open a lesson as a page or as a deck where a view stands; return the file and the view's place."""

    def at(lesson, index):
        opened = open_file(exported / KINDS[kind].format(lesson))
        return opened, opened.view(index)

    return at


def test_the_question_s_example_is_4_at_the_ninth_product(at_view):
    opened, place = at_view(LESSONS[0], 0)
    root = place.locator(".chs-stepper")
    root.focus()
    opened.page.keyboard.press("Home")
    for _ in range(9):
        opened.page.keyboard.press("ArrowRight")
    assert position(root) == "step 9 of 81"
    assert root.locator(".chs-total").text_content() == "running sum = 4"
    assert outputs(root)[0] == "4"
    assert place.locator(".chs-sentence").is_visible()


def test_a_prediction_is_checked_and_a_mistake_named(at_view):
    trace = record(sum_of_products(WINDOW.shape), WINDOW, KERNEL)
    mistake = mistakes(trace, "output")[0]
    opened, place = at_view(LESSONS[0], 3)
    root, wrong = place.locator(".chs-stepper"), number(mistake.values[0])
    assert root.locator(".chs-output .chs-value").all_text_contents() == ["?"]
    root.focus()
    for typed, verdict in (
        (wrong, f"✗ {wrong} is not it. {mistake.sentence}"),
        ("77", "✗ 77 is not it. Try again, or go on with →."),
        ("4", "✓ 4 is right."),
    ):
        opened.page.keyboard.type(typed)
        opened.page.keyboard.press("Enter")
        assert root.locator(".chs-verdict").text_content() == verdict
    assert outputs(root) == ["4"]
    assert root.locator(".chs-score").text_content() == "1 right in 3 tries"
    assert opened.complaints == []


def test_every_question_gives_its_reasons_and_tells_nothing_before(open_file, exported, kind):
    for lesson in LESSONS:
        opened = open_file(exported / KINDS[kind].format(lesson))
        for index, view in enumerate(opened.views()):
            if view["script"] != "question":
                continue
            place = opened.view(index)
            root = place.locator(".chs-multiple-choice")
            buttons, looks = (
                root.get_by_role("button"),
                "(all) => new Set(all.map((b) => b.className + b.ariaPressed)).size",
            )
            assert buttons.evaluate_all(looks) == 1
            choices = view["state"]["choices"]
            assert not [choice["reason"] for choice in choices if squeezed(choice["reason"]) in visible(place)]
            for button, choice in zip(buttons.all(), choices, strict=True):
                button.click()
                said = root.locator("[aria-live]").text_content()
                verdict = "✓ right" if choice["right"] else "✗ not this one"
                assert said == f"{verdict} — {choice['reason'].replace('`', '')}"
                assert squeezed(choice["reason"]) in visible(place)
        assert opened.foreign() == opened.complaints == []


def visible(place):
    return squeezed(place.inner_text())


# Choices that were recorded


DEPTH = signals.depth_volume(), signals.depth_filters(), signals.depth_bias()
IMAGE = [[2, 0, 1, 3], [1, 4, 0, 2], [0, 1, 5, 1]], [[1, 2], [3, 4]]
SMALL = (9 * signals.photograph(shrink=20)).round().astype(int)
NEURONS = [3, -1, 0, 2], [[1, 2, 5, -2], [2, 0, -1, 1], [-1, 2, 3, 2]], [1, -2, 4]
# Lesson, which of its explorers, the same explorer, and what is chosen there, one after the other.
EXPLORERS = [
    (0, 0, lambda: explore.products(WINDOW, KERNEL, "matrix product", names=("W", "B"), step=15),
        [{"operation": "element-wise product"}, {"operation": "sum of products"}]),
    (1, 0, lambda: explore.convolution(signals.question_image(), "question", step=5),
        [{"kernel": "one to nine", "padding": "full"}, {"stride": 2, "flip": True},
            {"dilation": 2, "padding": "valid"}]),
    (1, 1, lambda: explore.convolution(signals.oblong_image(), "one to nine", step=9),
        [{"kernel": "counting", "padding": "same"}, {"flip": True, "stride": 2}, {"padding": "valid"}]),
    (1, 3, lambda: explore.convolution(SMALL, "vertical edges", step=1500),
        [{"kernel": "box blur"}, {"kernel": "emboss"}]),
    (2, 0, lambda: explore.depth(*DEPTH, step=96),
        [{"channels": 2, "filters": 1}, {"kernel": "1 × 1", "add_bias": False},
            {"groups": "each channel alone (depthwise)"}]),
    (3, 0, lambda: explore.im2col(signals.oblong_image(), np.arange(1, 10).reshape(3, 3), step=50),
        [{"rows": 2, "padding": 1}, {"columns": 2, "stride": 2, "padding": 0}]),
    (4, 0, lambda: explore.neurons(*NEURONS, step=9), [{"neuron": "2"}, {"neuron": "all"}]),
    (4, 1, lambda: explore.matrix(*IMAGE, step=19), [{"rows": 1}, {"columns": 1, "stride": 2, "padding": 1}]),
]  # fmt: skip
SHOWN = """(root) => [...root.querySelectorAll('.chs-output .chs-cell')].map((cell) =>
    cell.style.backgroundColor || cell.querySelector('.chs-value').textContent)"""
PANELS = """(root) => [...root.querySelectorAll('.chs-panel')].map((panel) =>
    [panel.querySelector('.chs-title').textContent, panel.querySelectorAll('.chs-cell').length])"""


def option(value):
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def control(place, name):
    return place.get_by_role("combobox", name=name, exact=True)


def choose(place, explorer, name, value):
    """Choose in the file, and in Python."""
    control(place, getattr(explorer, name).description or name).select_option(label=option(value))
    getattr(explorer, name).value = value


def at_the_end(stepper):
    """What a stepper shows at its last step: the outputs or their shades, the panels, the sentence."""
    trace, names = stepper.trace, stepper.names
    shades = [f"rgb({level}, {level}, {level})" for level in grey_levels(trace)["output"]]
    drawn = {panel["role"]: panel["grids"] for panel in stepper.scene["panels"]}
    shown = shades if drawn["output"][0]["shaded"] else [number(value) for value in trace.output.ravel()]
    panels = [[panel["title"], sum(len(grid["ids"]) for grid in panel["grids"])] for panel in stepper.scene["panels"]]
    return shown, panels, sentence(trace, trace.n_steps, "product", names)


@pytest.fixture(scope="module")
def page_of(browser, exported):
    """Open a lesson as a page, once for all tests that each choose at another place of it."""
    all_opened = {}

    def open_once(lesson):
        if lesson not in all_opened:
            all_opened[lesson] = Opened(browser, exported / f"{LESSONS[lesson]}.html")
        return all_opened[lesson]

    yield open_once
    for opened in all_opened.values():
        opened.context.close()


@pytest.mark.parametrize(("lesson", "which", "make", "chosen"), EXPLORERS, ids=lambda value: str(value)[:20])
def test_a_recorded_choice_shows_what_python_shows(page_of, lesson, which, make, chosen):
    opened = page_of(lesson)
    place, explorer = opened.mounts(".choices").nth(which), make()
    stepper, root = explorer.stepper, place.locator(".chs-stepper")
    line = place.locator(".besides:visible")
    for choices in [{}, *chosen]:
        before = stepper.step
        for name, value in choices.items():
            choose(place, explorer, name, value)
        assert root.locator(".chs-notice").text_content() == stepper.notice
        noun = "output" if stepper.trace.steps_per_output == 1 else "step"
        assert stepper.step <= before
        assert position(root) == f"{noun} {stepper.step} of {stepper.trace.n_steps}"
        assert root.get_attribute("aria-label") == f"{stepper.scene['operation']}, step by step"
        root.focus()
        opened.page.keyboard.press("End")
        stepper.step = stepper.trace.n_steps
        shown, panels, said = at_the_end(stepper)
        assert root.evaluate(SHOWN) == shown
        assert root.evaluate(PANELS) == panels
        assert root.locator(".chs-sentence").text_content() == said
    labels = place.locator(".choices label").evaluate_all("(all) => all.map((label) => label.firstChild.textContent)")
    for control in explorer.children[0].children:
        is_told = line.count() and f"{control.description}: " in line.text_content()
        assert (control.description in labels or "operation" in labels) or control.disabled or is_told
    assert opened.foreign() == opened.complaints == []


def test_a_choice_of_fewer_steps_cuts_the_step_off_and_more_steps_leave_it(open_file, exported):
    opened = open_file(exported / f"{LESSONS[1]}.html")
    place = opened.mounts(".choices").first
    root = place.locator(".chs-stepper")
    root.focus()
    opened.page.keyboard.press("End")
    assert position(root) == "step 81 of 81"
    for padding, expected in (("full", "step 81 of 441"), ("valid", "step 81 of 81")):
        control(place, "padding").select_option(label=padding)
        assert position(root) == expected
    for stride, expected in (("2", "step 36 of 36"), ("1", "step 36 of 81")):
        control(place, "stride").select_option(label=stride)
        assert position(root) == expected


@pytest.mark.parametrize("kernel", ["identity", "box blur", "vertical edges"])
def test_the_photograph_changes_with_its_text(page_of, kernel):
    opened = page_of(1)
    [place] = [place for place in opened.mounts("select").all() if not place.locator(".chs-stepper").count()]
    image = place.locator("img")
    before = image.get_attribute("src")
    control(place, "kernel").select_option(label="emboss")
    assert image.get_attribute("src") != before
    control(place, "kernel").select_option(label=kernel)
    assert image.get_attribute("alt") == repr(explore.photograph(kernel=kernel))
    opened.page.wait_for_function("(image) => image.complete && image.naturalWidth > 300", arg=image.element_handle())
    assert opened.foreign() == opened.complaints == []


# A lesson of what the others do not have


def test_a_choice_that_cannot_work_says_so_and_the_picture_stays(open_file, odd):
    opened = open_file(odd / "odd.html")
    place = opened.page.locator('.mount[data-view="1"]')
    root = place.locator(".chs-stepper")
    explorer = explore.convolution([[1, 2, 3], [4, 5, 6]], [[1, 2]])
    before = root.locator(".chs-stage").inner_html()
    choose(place, explorer, "stride", 0)
    assert root.locator(".chs-notice").text_content() == explorer.stepper.notice
    assert "stride must be 1 or more" in explorer.stepper.notice
    assert root.locator(".chs-stage").inner_html() == before
    root.focus()
    opened.page.keyboard.press("ArrowRight")
    assert position(root) == "step 5 of 8"
    choose(place, explorer, "stride", 1)
    assert root.locator(".chs-notice").text_content() == ""
    assert position(root) == "step 5 of 8"
    assert opened.complaints == []


def test_what_is_not_declared_is_said_in_a_line(open_file, odd, kind):
    opened = open_file(odd / KINDS[kind].format("odd"))
    place = opened.view(0)
    told = (
        "kernel: your own · rows: 1 · columns: 2 · padding: valid · stride: 1 · dilation: 1 · "
        "turn the kernel (convolution): no"
    )
    assert place.locator(".besides:visible").inner_text() == f"Set here: {told}. To change it, run the notebook."
    assert place.locator(":is(button, select, input):not(.chs *)").count() == 0
    root = place.locator(".chs-stepper")
    root.focus()
    opened.page.keyboard.press("End")
    assert outputs(root) == ["5", "8", "14", "17"]


def test_a_control_alone_is_said_in_a_line(open_file, odd, kind):
    opened = open_file(odd / KINDS[kind].format("odd"))
    place = opened.view(2)
    assert place.inner_text().strip() == "Set here: depth: 3. To change it, run the notebook."
    assert place.locator("button, select, input, img").count() == 0
    assert opened.foreign() == opened.complaints == []


def test_a_lesson_that_was_exported_alone_links_to_nothing_that_is_not_there(open_file, odd):
    index = odd / "index.html"
    for file in (odd / "odd.html", odd / "odd.slides.html"):
        opened = open_file(file)
        links = opened.page.locator("a").evaluate_all("(all) => all.map((link) => link.getAttribute('href'))")
        files = {urldefrag(link).url for link in links} - {""}
        assert files <= {path.name for path in odd.iterdir()}
        assert "the first lesson" in opened.page.locator("body").text_content()
    page = opened.page
    page.goto(index.as_uri())
    assert page.locator("a").evaluate_all("(all) => all.map((link) => link.getAttribute('href'))") == [
        "odd.html",
        "odd.slides.html",
    ]


# The list of lessons


def test_the_index_lists_all_lessons_with_their_slides(open_file, exported):
    opened = open_file(exported / "index.html")
    page = opened.page
    titles = [stored(lesson).cells[0].source.splitlines()[0].removeprefix("# ") for lesson in LESSONS]
    entries = page.locator("li").all()
    assert [entry.locator("a").first.text_content() for entry in entries] == titles
    for entry, lesson in zip(entries, LESSONS, strict=True):
        links = entry.locator("a").evaluate_all("(all) => all.map((link) => link.getAttribute('href'))")
        assert links == [f"{lesson}.html", f"{lesson}.slides.html"]
    for scheme in ("light", "dark"):
        assert pale(page, scheme, "body *", least=10) == []
    assert findings_in_both_themes(page) == []
    for width in (320, 390, 640):
        page.set_viewport_size({"width": width, "height": 844})
        assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
        assert page.evaluate(LOST) == []
    assert opened.foreign() == opened.complaints == []
    page.get_by_text("slides").nth(1).click()
    page.wait_for_selector("html[data-mounted]", state="attached")
    assert page.title() == titles[1]


# Slides


# What stands on the slide that is seen, when its steppers have come to rest.
STOP = """async () => {
    const slide = document.querySelector('.slides section.present:not(.stack)');
    const places = [...slide.querySelectorAll('.mount')];
    while (places.some((place) => !place.dataset.mounted || place.style.visibility)) {
        await new Promise(requestAnimationFrame);
    }
    for (const animation of document.getAnimations()) animation.finish();
    const paper = slide.querySelector('.paper');
    const seen = [...paper.querySelectorAll('*')].filter((node) => !node.matches('.chs-row *, svg *, math *')
        && node.checkVisibility({ visibilityProperty: true, opacityProperty: true }));
    const boxes = seen.map((node) => node.getBoundingClientRect()).filter(({ width, height }) => width && height);
    // A formula keeps room below its letters, which no letter needs.
    const over = (node) => node.scrollWidth > node.clientWidth + 1
        || (node.scrollHeight > node.clientHeight + 1 && !node.matches('math'));
    const cut = (node) => node.clientWidth && getComputedStyle(node).overflowX !== 'visible' && over(node);
    return {
        number: document.querySelector('.slide-number').innerText.replace(/\\s/g, ''),
        foot: document.querySelector('.slide-number').getBoundingClientRect().top,
        bottom: Math.max(...boxes.map(({ bottom }) => bottom)),
        right: Math.max(...boxes.map(({ right }) => right)),
        left: Math.min(...boxes.map(({ left }) => left)),
        cut: [paper, ...seen].filter(cut).map((node) => node.outerHTML.slice(0, 80)),
        hidden: slide.querySelectorAll('.fragment:not(.visible)').length,
        shown: seen.length,
        text: paper.innerText,
        views: places.map((place) => Number(place.dataset.view)),
    };
}"""
TEXTS = """(root) => {
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    const found = [];
    while (walker.nextNode()) found.push(walker.currentNode.textContent);
    return found;
}"""
SLIDES = ".slides section:not(.stack)"


def stop(page):
    return page.evaluate(STOP)


def stepped(page, index):
    """Step the stepper of a slide by key, and leave it; return what came of it."""
    root = page.locator(f'.mount[data-view="{index}"] .chs-stepper')
    root.focus()
    before = page.locator(".slide-number").inner_text()
    for key in ("Home", "ArrowRight"):
        page.keyboard.press(key)
    first = position(root).split()[1]
    for key in ("ArrowLeft", "ArrowLeft", "PageDown", "PageUp", "End", "ArrowRight"):
        page.keyboard.press(key)
    is_last = re.fullmatch(r"\w+ (\d+) of \1", position(root)) is not None
    turned = page.locator(".slide-number").inner_text() != before
    page.keyboard.press("Escape")  # leaves the stepper
    return {"first": first, "is last": is_last, "outputs": outputs(root), "turned": turned}


@pytest.fixture(scope="module", params=LESSONS)
def deck(request, browser, exported):
    """A deck that is walked through by key, from the first slide to the last, with what stood on each at every stop."""
    opened = Opened(browser, exported / f"{request.param}.slides.html")
    opened.lesson, opened.stops, opened.stepped = request.param, [], {}
    page, steppers = opened.page, dict(step_views(opened))
    opened.n_slides = page.locator(SLIDES).count()
    for key in itertools.cycle(("PageDown", "Space")):
        opened.stops.append(stop(page))
        for index in opened.stops[-1]["views"]:
            if index in steppers and index not in opened.stepped:
                opened.stepped[index] = stepped(page, index)
        if opened.stops[-1]["number"] == f"{opened.n_slides}/{opened.n_slides}" and not opened.stops[-1]["hidden"]:
            break
        page.keyboard.press(key)
        if len(opened.stops) > 1 and opened.stops[-1] == opened.stops[-2]:
            break  # no key turns it any more
    yield opened
    opened.context.close()


def test_a_deck_is_walked_by_key_from_the_first_slide_to_the_last(deck):
    numbers = [number for number, _ in itertools.groupby(stop["number"] for stop in deck.stops)]
    assert numbers == [f"{index + 1}/{deck.n_slides}" for index in range(deck.n_slides)]
    assert deck.n_slides > 40
    images = deck.page.locator(".slides img").all()
    assert all(image.get_attribute("alt").strip() for image in images)
    assert deck.foreign() == deck.complaints == []


def test_nothing_is_cut_off_on_a_slide(deck):
    for stop in deck.stops:
        assert stop["bottom"] <= stop["foot"] + 0.5, stop
        assert stop["left"] >= 0, stop
        assert stop["right"] <= 1280, stop
        assert stop["cut"] == [], stop


def test_fragments_appear_one_after_the_other(deck):
    n_fragments = deck.page.locator(".fragment").count()
    appeared = [(a, b) for a, b in itertools.pairwise(deck.stops) if a["number"] == b["number"]]
    assert n_fragments >= len(appeared) > 5
    for before, after in appeared:
        assert after["hidden"] < before["hidden"]
        assert after["shown"] > before["shown"]
        assert len(after["text"]) >= len(before["text"])
    last = [list(stops)[-1] for _, stops in itertools.groupby(deck.stops, lambda stop: stop["number"])]
    assert [stop["hidden"] for stop in last] == [0] * deck.n_slides


def test_a_stepper_s_keys_do_not_turn_the_slide(deck):
    assert len(deck.stepped) == LIVE[f"{deck.lesson}.ipynb"]
    for index, view in step_views(deck):
        expected = {"first": "1", "is last": True, "outputs": last_outputs(view), "turned": False}
        assert deck.stepped[index] == expected


def test_a_deck_holds_all_that_the_notebook_says(deck):
    text = " ".join(deck.page.locator(".slides").evaluate(TEXTS))
    had, code = words(text), squeezed(text)
    for cell in stored(deck.lesson).cells:
        if left_out(cell):
            continue
        if cell.cell_type == "markdown":
            source = re.sub(r"(Run a cell with [^.]*\. )?If the pictures stand still, [^.]*\.", "", cell.source)
            assert sorted(set(words(prose(source))) - set(had)) == []
            continue
        printed = [] if CHECK.search(cell.source) else texts(cell)
        shown = [] if "hide-input" in cell.metadata.get("tags", []) else [cell.source]
        assert [part for part in (*shown, *printed) if squeezed(part) not in code] == []


def test_text_of_a_deck_stands_out_in_light_and_dark(deck):
    for scheme in ("light", "dark"):
        assert pale(deck.page, scheme, ".slides *, .slide-number") == [], scheme


# All slides one below the other, with all that appears on them: axe-core does not look at what is hidden.
UNROLLED = """
html, body, .reveal, .reveal .slides, .reveal .slides section {
    display: block !important; position: static !important; height: auto !important; overflow: visible !important;
    transform: none !important; visibility: visible !important; opacity: 1 !important; zoom: 1 !important;
}
.reveal .fragment { visibility: visible !important; opacity: 1 !important; }
.reveal .backgrounds { display: none; }
"""


def test_axe_finds_nothing_in_a_deck(deck):
    """The first slide as it is shown, then all."""
    deck.page.keyboard.press("Home")
    assert stop(deck.page)["number"] == f"1/{deck.n_slides}"
    found = findings(deck.page)
    style = deck.page.add_style_tag(content=UNROLLED)
    deck.page.evaluate(
        "() => { for (const one of document.querySelectorAll('.slides section')) one.removeAttribute('aria-hidden'); }"
    )
    assert all(
        deck.page.locator(SLIDES).evaluate_all(
            "(all) => all.map((one) => one.checkVisibility({ visibilityProperty: true }))"
        )
    )
    found += findings_in_both_themes(deck.page, ".slides", [".chs-grids"])
    style.evaluate("(node) => node.remove()")
    assert found == []


@pytest.fixture
def first_deck(open_file, exported):
    return open_file(exported / KINDS["deck"].format(LESSONS[0]))


def test_the_keys_of_a_clicker_turn_slides_on_and_back(first_deck):
    page, seen = first_deck.page, ["1"]
    for key in ("ArrowRight", "PageDown", "Space", "PageUp", "ArrowLeft"):
        for _ in range(12):
            page.keyboard.press(key)
            here = stop(page)["number"].split("/")[0]
            if here != seen[-1]:
                break
        seen.append(here)
    assert seen == ["1", "2", "3", "4", "3", "2"]


def test_choices_and_steppers_on_a_slide_keep_their_keys(open_file, exported):
    opened = open_file(exported / KINDS["deck"].format(LESSONS[1]))
    page = opened.page
    [index, *_] = [index for index, view in step_views(opened) if "controls" in view]
    place = opened.view(index)
    at, select = stop(page)["number"], control(place, "kernel")
    before = place.locator(".chs-stage").inner_html()
    select.focus()
    for key in ("ArrowRight", "ArrowDown", "PageDown", "PageUp", "End", "Home", "n", "Space", "Escape"):
        page.keyboard.press(key)
        assert stop(page)["number"] == at, key
    assert not page.locator(".reveal.overview").count()
    select.select_option(label="one to nine")
    assert place.locator(".chs-stage").inner_html() != before
    explorer = explore.convolution(signals.question_image(), "one to nine")
    explorer.stepper.step = explorer.stepper.trace.n_steps
    root = place.locator(".chs-stepper")
    root.focus()
    page.keyboard.press("End")
    assert root.evaluate(SHOWN) == at_the_end(explorer.stepper)[0]
    assert stop(page)["bottom"] <= stop(page)["foot"]
    assert stop(page)["number"] == at
    page.keyboard.press("Home")
    page.keyboard.press("Space")
    page.wait_for_function(
        "(root) => !root.querySelector('.chs-position').textContent.includes(' 0 ')", arg=root.element_handle()
    )
    page.keyboard.press("Space")
    assert stop(page)["number"] == at
    page.evaluate("() => document.activeElement.blur()")
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    assert stop(page)["number"] != at
    assert opened.foreign() == opened.complaints == []


def test_the_focus_never_lands_on_a_slide_that_is_not_seen(first_deck):
    page = first_deck.page
    here = """() => {
        const node = document.activeElement;
        if (node === document.body) return 'nothing';
        const isAway = node.closest('.slides section:not(.stack)')?.matches(':not(.present)');
        const isSeen = node.checkVisibility({ visibilityProperty: true, opacityProperty: true });
        return isSeen && !isAway ? 'seen' : node.outerHTML.slice(0, 80);
    }"""
    reached = set()
    for _ in range(16):
        for key in ("Tab", "Tab", "Shift+Tab", "Tab"):
            page.keyboard.press(key)
            reached.add(page.evaluate(here))
        page.evaluate("() => document.activeElement.blur()")
        at = stop(page)["number"]
        for _ in range(8):
            page.keyboard.press("PageDown")
            if stop(page)["number"] != at:
                break
        assert page.evaluate(here) in ("seen", "nothing")
    assert "seen" in reached
    assert reached <= {"seen", "nothing"}


def test_nothing_moves_in_a_deck_for_who_wants_no_motion(first_deck):
    page = first_deck.page
    page.emulate_media(reduced_motion="reduce")
    moving = []
    for key in ("PageDown", "PageDown", "PageUp", "Escape", "ArrowRight", "Escape"):
        page.keyboard.press(key)
        moving += page.evaluate(MOVING)
    page.locator(".present:not(.stack) .content > *").first.click(modifiers=["Alt", "Control"])  # enlarges it
    assert moving + page.evaluate(MOVING) == []


def test_escape_opens_the_overview_and_closes_it(first_deck):
    page = first_deck.page
    page.keyboard.press("PageDown")
    at = stop(page)["number"]
    page.keyboard.press("Escape")
    assert page.locator(".reveal.overview").count() == 1
    assert page.locator(SLIDES).nth(0).is_visible()
    assert page.locator(SLIDES).nth(2).is_visible()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Escape")
    assert page.locator(".reveal.overview").count() == 0
    assert stop(page)["number"] != at
    assert first_deck.complaints == []


def test_the_speaker_sees_the_notes_of_each_slide(first_deck):
    page = first_deck.page
    notes = [cell.source for cell in stored(LESSONS[0]).cells if cell.metadata.slideshow.slide_type == "notes"]
    with page.expect_popup() as popup:
        page.keyboard.press("s")
    speaker = popup.value
    written = page.locator("aside.notes")
    assert written.count() == len(notes)
    for note, place in zip(notes, written.all(), strict=True):
        turn_to(place)
        speaker.wait_for_function(
            "(note) => document.querySelector('.speaker-controls-notes').innerText.replace(/\\W/g, '').includes(note)",
            arg=re.sub(r"[^a-zA-Z0-9_]", "", prose(note)),
        )
    assert len(notes) >= 2
    assert speaker.frame_locator("iframe").first.locator(SLIDES).count() == page.locator(SLIDES).count()
    assert first_deck.foreign() == first_deck.complaints == []


def test_a_slide_has_an_address_and_comes_back_after_reloading(first_deck):
    page = first_deck.page
    for _ in range(60):
        page.keyboard.press("PageDown")
        at = stop(page)
        if at["views"] == [0]:
            break
    page.wait_for_function("""() => {  // reveal.js writes it a moment later
        const place = (section) => [...section.parentElement.children].indexOf(section);
        const slide = document.querySelector('.slides section.present:not(.stack)');
        return `${location.hash}/0/`.startsWith(`#/${place(slide.parentElement)}/${place(slide)}/`);
    }""")
    page.reload()
    page.wait_for_selector("html[data-mounted]", state="attached")
    again = stop(page)
    assert (again["number"], again["views"]) == (at["number"], at["views"])
    assert page.locator(".present .chs-stepper").is_visible()


@pytest.mark.parametrize(("width", "height"), [(390, 844), (1920, 1080)])
def test_a_deck_fits_other_screens(open_file, exported, width, height):
    opened = open_file(exported / KINDS["deck"].format(LESSONS[0]), viewport={"width": width, "height": height})
    opened.view(0)
    shown = stop(opened.page)
    assert 0 <= shown["left"] < shown["right"] <= width
    assert shown["bottom"] <= height
    assert shown["cut"] == []
    opened.page.locator(".present .chs-stepper").focus()
    opened.page.keyboard.press("Home")
    assert position(opened.page.locator(".present .chs-stepper")) == "step 0 of 81"

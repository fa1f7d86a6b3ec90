"""The views for everyone: what a screen reader is told; narrow windows, wide text, forced colours, no motion."""

import itertools

import pytest
from mounted import assign, blank, mount, plain, show
from test_view import QUESTION, TRACES, stepper_of

from convhelpers.feedback import Feedback, Status
from convhelpers.question import Choice, Question
from convhelpers.stepper import Stepper
from convhelpers.wording import number, sentence


@pytest.fixture
def page(shared_page):
    return blank(shared_page)


ASKED = Question("What is 2 · 3?", [Choice("5", "A sum."), Choice("6", "Two threes.", right=True), Choice("23", "No.")])


def ask(page):
    show(page, "question", {name: plain(getattr(ASKED, name)) for name in ("text", "choices", "chosen", "size")})
    return page.locator(".chs-multiple-choice")


# What is spoken. A screen reader is told of a live region once for all that happens in it in one task of the page.

LISTEN = """() => {
    window.heard = [];
    new MutationObserver((records) => {
        const elements = records.map(({ target }) => target.nodeType === 1 ? target : target.parentElement);
        const regions = elements.map((node) => node.closest('[aria-live], [role=alert], [role=status]'));
        for (const region of new Set(regions)) {
            if (region && region.ariaLive !== 'off' && region.textContent) heard.push(region.textContent);
        }
    }).observe(view.el, { subtree: true, childList: true, characterData: true });
}"""


def heard(page):
    """What was spoken since the last time."""
    return page.evaluate("() => heard.splice(0)")


def press(page, *keys):
    for key in keys:
        page.keyboard.press(key)


@pytest.mark.parametrize(
    "focus", ["", ".chs-slider", ".chs-products .chs-cell >> nth=4", ".chs-field", "[aria-label='Forward (→)']"]
)
def test_each_step_is_spoken_once_and_nothing_else(page, focus):
    root = mount(page, Stepper(QUESTION, predict=True))
    (root.locator(focus) if focus else root).focus()
    page.evaluate(LISTEN)
    for key, step in [
        ("ArrowRight", 1),
        ("ArrowRight", 2),
        ("ArrowLeft", 1),
        ("PageDown", 9),
        ("End", 81),
        ("Home", 0),
    ]:
        press(page, key)
        assert heard(page) == [sentence(QUESTION, step)], key
    press(page, "ArrowLeft")
    assert heard(page) == []


def test_the_enlarged_window_of_a_large_image_follows_without_a_word(page):
    """What the focus points at is another element a step later; the step is what is spoken."""
    root = mount(page, stepper_of("shades", step=1))
    root.locator(".chs-panel").nth(1).locator(".chs-cell").first.focus()
    page.evaluate(LISTEN)
    before = root.locator(".chs-pointer").text_content()
    press(page, "PageDown", "ArrowRight")
    assert root.locator(".chs-pointer").text_content() != before
    assert heard(page) == [sentence(TRACES["shades"], step) for step in (9, 10)]


def test_a_film_is_not_spoken_but_where_it_stops_is(page):
    root = mount(page, Stepper(QUESTION, interval_ms=30))
    root.focus()
    page.evaluate(LISTEN)
    press(page, "Space")
    page.wait_for_function("view.model.get('step') >= 4")
    assert heard(page) == []
    press(page, "Space")
    assert heard(page) == [sentence(QUESTION, page.evaluate("view.model.get('step')"))]
    assign(page, step=78)
    assert heard(page) == [sentence(QUESTION, 78)]
    press(page, "Space")
    page.wait_for_function("!view.model.get('playing')")
    assert heard(page) == [sentence(QUESTION, 81)]


def test_what_the_focus_points_at_is_spoken_and_what_the_mouse_passes_is_not(page):
    root = mount(page, Stepper(QUESTION, step=1))
    page.evaluate(LISTEN)
    root.locator(".chs-left .chs-cell").first.focus()
    press(page, "Shift+ArrowRight", "Shift+ArrowDown", "Shift+ArrowUp")
    assert heard(page) == [
        "Input (0, 0) = 1 feeds 1 output.",
        "Input (0, 1) = 1 feeds 2 outputs.",
        "Input (1, 1) = 1 feeds 4 outputs.",
        "Input (0, 1) = 1 feeds 2 outputs.",
    ]
    root.focus()
    for cell in root.locator(".chs-right .chs-cell").all()[:4]:
        cell.hover()
    assert "Weight" in root.locator(".chs-pointer").text_content()
    page.mouse.move(1000, 700)
    page.wait_for_function("document.querySelector('.chs-pointer').textContent.startsWith('Keys')")
    assert heard(page) == []


def test_a_verdict_is_spoken_once(page):
    root = mount(page, Stepper(QUESTION, predict=True, by="output"))
    root.locator(".chs-field").focus()
    page.evaluate(LISTEN)
    press(page, "x", "Enter")
    assert heard(page) == ["“x” is not a number; write something like 3, −0.5 or 1/9."]
    press(page, "7", "Enter", "Enter")
    assert heard(page) == ["✗ 7 is not it. Try again, or go on with →."]
    press(page, "4", "Enter")
    assert sorted(heard(page)) == [sentence(QUESTION, 9, by="output"), "✓ 4 is right."]
    press(page, "ArrowRight")
    assert heard(page) == [sentence(QUESTION, 18, by="output")]


def test_a_notice_is_spoken_once(page):
    root = mount(page, Stepper(QUESTION, step=1))
    page.evaluate(LISTEN)
    assign(page, notice="stride must be 1 or more")
    assert heard(page) == ["stride must be 1 or more"]
    root.focus()
    press(page, "ArrowRight", "ArrowRight")
    assert heard(page) == [sentence(QUESTION, step) for step in (2, 3)]
    assign(page, notice="")
    assert heard(page) == []


def test_the_reason_of_a_choice_is_spoken_once(page):
    root = ask(page)
    root.locator("button").first.focus()
    page.evaluate(LISTEN)
    press(page, "3", "3", "2")
    assert heard(page) == ["✗ not this one — No.", "✓ right — Two threes."]


# What is read


def accessibility_tree(page):
    """For each role of Chromium's accessibility tree the names of its nodes."""
    session = page.context.new_cdp_session(page)
    names = {}
    for node in session.send("Accessibility.getFullAXTree")["nodes"]:
        if not node["ignored"]:
            names.setdefault(node["role"]["value"], []).append(node.get("name", {}).get("value", ""))
    session.detach()
    return names


def test_every_control_and_every_grid_has_a_name(page):
    root = mount(page, Stepper(QUESTION, step=5, predict=True))
    assign(page, edited=True)
    read = accessibility_tree(page)
    assert read["group"] == ["cross-correlation, step by step"]
    assert read["grid"] == ["input x", "kernel k", "products", "output"]
    assert read["slider"] == ["step"]
    assert root.locator(".chs-slider").get_attribute("aria-valuetext") == "step 5 of 81"
    assert read["combobox"] == ["step by", "speed"]
    assert read["textbox"] == ["Predict product 6 of 9. Window rows 0–2, columns 0–2."]
    assert read["button"] == [
        "Check", "First (Home)", "Back (←)", "Play (Space)", "Forward (→)", "Last (End)", "predict", "reset numbers",
    ]  # fmt: skip
    assert "image" not in read


@pytest.mark.parametrize("name", ["question", "layer", "as im2col", "as matrix", "connected"])
def test_every_cell_is_read_as_its_number(page, name):
    """A screen reader counts rows and columns itself: cells stand in rows, rows in grids with names of their own."""
    trace = TRACES[name]
    root = mount(page, stepper_of(name, step=trace.n_steps))
    read = accessibility_tree(page)
    assert len(set(read["grid"])) == len(read["grid"])
    assert "" not in read["grid"]
    shown = root.locator(".chs-grid:not(.chs-shaded) .chs-cell:not(.chs-nobody) .chs-value").all_text_contents()
    assert [cell for cell in read["gridcell"] if cell] == [text or "0" for text in shown]
    weights = [number(value) for value in trace.right.ravel()]
    assert set(weights) <= set(read["gridcell"])
    assert root.locator("[role=grid] > [role=row] > [role=gridcell]").count() == root.locator("[role=gridcell]").count()


def test_which_cells_are_current_and_which_can_be_edited_is_read(page):
    root = mount(page, stepper_of("padding", step=2))
    current = root.locator("[aria-current=true]")
    assert current.count() == root.locator(".chs-cell.is-current").count() == 4
    kept = root.locator("[aria-readonly=true]")
    fixed = ".chs-left .is-padding, .chs-products .chs-cell, .chs-output .chs-cell"
    assert kept.count() == root.locator(fixed).count() > 0


# Narrow windows, which are wide ones zoomed, and wide text

SPACING = """
.chs, .chs * { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important }
.chs p { margin-bottom: 2em !important }"""
# A text may be cut off where its box can be scrolled, by keyboard too.
LOST = """() => {
    const seen = (node) => node.checkVisibility({ visibilityProperty: true }) && node.getClientRects().length;
    const scrolls = (node, side) => /auto|scroll/.test(getComputedStyle(node)[`overflow${side}`]);
    const lost = [], texts = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let text; (text = walker.nextNode());) {
        const parent = text.parentElement;
        if (!text.data.trim() || !seen(parent) || parent.closest('option, style, .chs-corner, .chs-room')) continue;
        const range = document.createRange();
        range.selectNodeContents(text);
        const box = range.getBoundingClientRect();
        for (let node = parent; node; node = node.parentElement) {
            const outer = node.getBoundingClientRect(), style = getComputedStyle(node);
            if (scrolls(node, 'X') && node.scrollWidth > node.clientWidth) {
                if (!node.querySelector('[tabindex="0"]')) lost.push(`${text.data}: no key scrolls to it`);
                break;
            }
            const cut = style.overflowX === 'hidden' || node === document.body;
            if (cut && (box.right > outer.right + 1 || box.left < outer.left - 1)) lost.push(`${text.data}: cut off`);
        }
        // Behind the last letter there is a space, too.
        const space = parseFloat(getComputedStyle(parent).letterSpacing) || 0;
        const lines = [...range.getClientRects()].map((line) => ({
            left: line.left, right: line.right - space, top: line.top, bottom: line.bottom,
        }));
        if (box.height) texts.push([text.data, lines, parent]);
    }
    const over = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 2
        && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 4;
    texts.forEach(([text, boxes], index) => {
        for (const [other, others] of texts.slice(index + 1)) {
            if (boxes.some((a) => others.some((b) => over(a, b)))) lost.push(`${text} lies on ${other}`);
        }
    });
    const controls = [...document.querySelectorAll('button, select, input')].filter(seen);
    controls.forEach((control, index) => {
        const box = control.getBoundingClientRect();
        if (box.right > innerWidth || box.left < 0) lost.push(`${control.outerHTML}: out of sight`);
        if (control.scrollWidth > control.clientWidth + 1) lost.push(`${control.textContent}: too narrow`);
        for (const other of controls.slice(index + 1)) {
            if (over(box, other.getBoundingClientRect())) lost.push(`${control.outerHTML} lies on ${other.outerHTML}`);
        }
    });
    const page = document.documentElement;
    if (page.scrollWidth > page.clientWidth) lost.push('the page scrolls sideways');
    // Numbers of six letters and more are small in small cells; the line of arithmetic has them large.
    const usual = texts.filter(([, , node]) => !node.closest('.is-tiny, .is-minute'));
    const letters = usual.map(([text, , node]) => [parseFloat(getComputedStyle(node).fontSize), text]);
    return { lost, smallest: letters.sort((a, b) => a[0] - b[0])[0] };
}"""
FRAME = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


def check_nothing_is_lost(page):
    """At a window of 1280 pixels zoomed to 200 % and to 400 %, and with the spacing of WCAG 1.4.12."""
    for width, spaced in itertools.product((640, 320), (False, True)):
        page.set_viewport_size({"width": width, "height": 800})
        page.evaluate("(on) => { document.adoptedStyleSheets.forEach((sheet) => { sheet.disabled = !on; }); }", spaced)
        page.evaluate(FRAME)
        found = page.evaluate(LOST)
        assert found["lost"] == [], (width, spaced)
        assert found["smallest"][0] >= 8, (width, spaced)


def add_spacing(page):
    page.evaluate(
        """(text) => {
            const sheet = new CSSStyleSheet();
            sheet.replaceSync(text);
            document.adoptedStyleSheets = [sheet];
        }""",
        SPACING,
    )


@pytest.mark.parametrize(
    "name", ["question", "stride", "layer", "1×1", "connected", "as im2col", "as matrix", "as matrix, shades"]
)
def test_a_stepper_loses_nothing_when_it_is_narrow(page, name):
    mount(page, stepper_of(name, step=TRACES[name].n_steps - 1, predict=True))
    add_spacing(page)
    check_nothing_is_lost(page)


def test_a_question_loses_nothing_when_it_is_narrow(page):
    ask(page)
    add_spacing(page)
    for chosen in (-1, 1):
        assign(page, chosen=chosen)
        check_nothing_is_lost(page)


def test_a_note_loses_nothing_when_it_is_narrow(page):
    wide = "[[ 1  2  3  4  5  6  7  8  9 10 11 12 13 14 15 16 17 18 19 20]\n [21 22]]"
    note = Feedback(Status.WRONG, "Look at the first row again.", (("expected", wide), ("received", "3")))
    page.set_content(f"<!doctype html><body>{note._repr_html_()}</body>")
    add_spacing(page)
    check_nothing_is_lost(page)


# Forced colours, and no motion

LOOKS = """(selectors) => Object.fromEntries(selectors.map((selector) => {
    const node = document.querySelector(selector);
    if (!node) return [selector, `nothing is ${selector}`];
    const style = getComputedStyle(node);
    const outlined = style.outlineStyle === 'none' ? '' : style.outlineStyle;
    return [selector, [
        style.borderTopWidth, style.borderTopStyle, parseFloat(style.outlineWidth) ? outlined : '',
        style.boxShadow === 'none' ? '' : 'ringed', style.backgroundImage === 'none' ? '' : 'hatched',
        style.textDecorationLine, style.fontWeight,
    ].join(' ')];
}))"""
STATES = {
    "stride": [
        ".chs-left .chs-cell:not(.is-window, .is-unused, .is-current, .is-linked)",
        ".chs-left .is-window:not(.is-linked)",
        ".chs-left .is-current",
        ".chs-left .is-unused",
        ".chs-left .is-linked:not(.is-window)",
        ".chs-left .is-linked.is-window",
    ],
    "padding": [
        ".chs-left .chs-cell:not(.is-window, .is-padding, .is-current)",
        ".chs-left .is-padding:not(.is-window)",
    ],
    "connected": [".chs-bias .chs-cell:not(.is-idle)", ".chs-bias .is-idle"],
    "question": [
        ".chs-products .is-coming:not(.is-asked)",
        ".chs-products .chs-cell:not(.is-current, .is-coming)",
        ".chs-products .is-asked",
        ".chs-products .is-current",
    ],
    "question, parts": [".chs-left .is-window:not(.is-next)", ".chs-left .is-next"],
    "as im2col": [
        ".chs-right .chs-cell:not(.is-idle, .is-current)",
        ".chs-right .is-idle",
        ".chs-right .is-current",
    ],
}


@pytest.mark.parametrize("forced", ["none", "active"])
@pytest.mark.parametrize("name", STATES)
def test_states_are_told_apart_without_colour(page, name, forced):
    page.emulate_media(forced_colors=forced)
    at = {"stride": 12, "padding": 2, "connected": 4, "question": 5, "question, parts": 8, "as im2col": 5}[name]
    root = mount(page, stepper_of(name.split(", ")[0], step=at, predict="question" in name))
    if name == "stride":
        root.locator(".chs-right .chs-cell").first.hover()
    looks = page.evaluate(LOOKS, STATES[name])
    assert len(set(looks.values())) == len(looks), looks
    assert not any(look.startswith("nothing is") for look in looks.values()), looks


@pytest.mark.parametrize("forced", ["none", "active"])
def test_the_focus_is_seen_on_every_element_that_takes_it(page, forced):
    page.emulate_media(forced_colors=forced)
    outline = (
        "(({ outlineStyle, outlineWidth }) => [outlineStyle, outlineWidth])(getComputedStyle(document.activeElement))"
    )
    mount(page, Stepper(QUESTION, predict=True))
    assign(page, edited=True)
    for n_stops in (17, 3):  # the view, 4 grids, the field, and 11 controls; the question's three choices
        for _ in range(n_stops):
            press(page, "Tab")
            assert page.evaluate("view.el.contains(document.activeElement)")
            assert page.evaluate(outline) == ["solid", "3px"], page.evaluate("document.activeElement.outerHTML")
        press(page, "Tab")
        assert not page.evaluate("view.el.contains(document.activeElement)")
        ask(page)


def test_nothing_moves_by_itself(page):
    """Whoever asks for less motion has all there is: no view has a transition or an animation at all."""
    page.emulate_media(reduced_motion="reduce")
    moving = "document.getAnimations().length"
    root = mount(page, Stepper(QUESTION, interval_ms=30, predict=True))
    root.locator(".chs-left .chs-cell").first.hover()
    assert page.evaluate(moving) == 0
    root.focus()
    press(page, "ArrowRight")
    assert page.evaluate(moving) == 0
    press(page, "Space")
    page.wait_for_function("view.model.get('step') >= 4")
    assert page.evaluate(moving) == 0
    ask(page)
    press(page, "Tab", "2")
    assert page.evaluate(moving) == 0


# 3 to 1 for what is no text and means something (WCAG 2.2, 1.4.11)

EDGES = """([selector, property]) => {
    const light = ([r, g, b]) => [0.2126, 0.7152, 0.0722].reduce((sum, part, index) => {
        const c = [r, g, b][index] / 255;
        return sum + part * (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    }, 0);
    const levels = (color) => color.match(/[\\d.]+/g).map(Number);
    const ground = (node) => {
        for (; node; node = node.parentElement) {
            const color = levels(getComputedStyle(node).backgroundColor);
            if (color.length === 3 || color[3] > 0) return color;
        }
    };
    return [...document.querySelectorAll(selector)].filter((node) => node.checkVisibility()).map((node) => {
        const pair = [levels(getComputedStyle(node)[property]), ground(node.parentElement)].map(light);
        return (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
    });
}"""
MEANING = {
    "button, select, input": "borderTopColor",
    ".is-current, .is-window, .is-coming, .is-asked, .is-idle, .is-padding": "borderTopColor",
    ":focus-visible": "outlineColor",
    ".is-next": "outlineColor",
}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["question", "padding", "as im2col"])
def test_what_is_no_text_stands_out_too(page, name, scheme):
    page.emulate_media(color_scheme=scheme)
    root = mount(page, stepper_of(name, step=5, predict=True))
    page.evaluate(
        "(color) => { document.body.style.background = color; }", "#111111" if scheme == "dark" else "#ffffff"
    )
    root.focus()
    press(page, "Tab")
    for selector, attribute in MEANING.items():
        ratios = page.evaluate(EDGES, [selector, attribute])
        assert ratios, selector
        assert min(ratios) >= 3, selector
    ask(page)
    assert min(page.evaluate(EDGES, ["button", "borderTopColor"])) >= 3

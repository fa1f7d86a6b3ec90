"""Every kind of widget before axe-core, light and dark: mounted alone, and as JupyterLab and ipywidgets draw it."""

import pytest
from axe import OF_COLOUR, findings, findings_in_both_themes
from lab import Notebook
from mounted import blank, mount, plain, show

from convhelpers import explore, questions, signals
from convhelpers.feedback import Feedback, Status
from convhelpers.pairing import conv_layer, cross_correlation, elementwise, fully_connected, matrix_product
from convhelpers.stepper import Stepper
from convhelpers.trace import record

X, K = signals.question_image(), signals.question_kernel()
WINDOW = record(cross_correlation(X.shape, K.shape), X, K)
PAIR = X[:3, :3], K
DEPTH, FILTERS, BIAS = signals.depth_volume(), signals.depth_filters(), signals.depth_bias()
VECTOR = [1, 2, 3], [[1, 0, 2], [0, 1, 1]]


@pytest.fixture
def page(shared_page):
    return blank(shared_page)


def in_both_themes(page):
    """What axe-core finds in the view that is mounted, on a ground as the theme has it."""
    page.add_style_tag(content=":root { color-scheme: light dark; background: Canvas; }")
    return findings_in_both_themes(page, "main")


BROKEN = {
    "image-alt": "<img src='data:,'>",
    "color-contrast": "<p style='color: #999; background: #fff'>too pale to read</p>",
    "button-name": "<button></button>",
    "target-size": "<button style='width: 9px; height: 9px; padding: 0'>a</button>" * 2,
    "heading-order": "<h1>a</h1><h3>b</h3>",
}


@pytest.mark.parametrize("rule", BROKEN)
def test_axe_finds_what_is_wrong(page, rule):
    page.set_content(f'<html lang="en"><title>broken</title><main>{BROKEN[rule]}</main></html>')
    assert {line.split(":")[0] for line in in_both_themes(page)} >= {rule}


# Views, mounted alone


STEPPERS = {
    "at first": lambda: Stepper(WINDOW),
    "window": lambda: Stepper(WINDOW, step=40),
    "im2col": lambda: Stepper(WINDOW, step=40, layout="im2col"),
    "matrix": lambda: Stepper(WINDOW, step=40, layout="matrix"),
    "by output": lambda: Stepper(WINDOW, step=36, by="output"),
    "large": lambda: Stepper(WINDOW, step=40, size="large"),
    "predict a product": lambda: Stepper(WINDOW, step=40, predict=True),
    "predict an output": lambda: Stepper(WINDOW, step=36, by="output", predict=True),
    "element-wise product": lambda: Stepper(record(elementwise((3, 3)), *PAIR), step=5),
    "matrix product": lambda: Stepper(record(matrix_product((3, 3), (3, 3)), *PAIR), step=5),
    "fully connected": lambda: Stepper(record(fully_connected(3, 2), *VECTOR, [1, -2]), step=5),
    "depth": lambda: Stepper(record(conv_layer(DEPTH.shape, FILTERS.shape), DEPTH, FILTERS, BIAS), step=30),
}


@pytest.mark.parametrize("name", STEPPERS)
def test_axe_finds_nothing_in_a_stepper(page, name):
    root = mount(page, STEPPERS[name]())
    assert root.is_visible()
    assert in_both_themes(page) == []


def test_axe_finds_nothing_in_a_stepper_of_shades(page):
    shades = explore.convolution((9 * signals.photograph(shrink=26)).round(), "vertical edges", step=300).stepper
    root = mount(page, shades)
    assert root.locator(".chs-shaded").count()
    assert in_both_themes(page) == []


def test_axe_finds_nothing_in_a_stepper_with_a_notice_an_open_edit_field_and_a_marked_cell(page):
    stepper = Stepper(WINDOW, step=40)
    stepper.notice = "not a number: x"
    root = mount(page, stepper)
    root.locator(".chs-left .chs-cell").first.dblclick()
    root.locator(".chs-output .chs-cell").first.hover()
    assert root.locator(".chs-edit").count() == root.locator(".chs-notice").count() == 1
    assert in_both_themes(page) == []


@pytest.mark.parametrize("typed", ["77", "4"])
def test_axe_finds_nothing_in_a_prediction_that_was_judged(page, typed):
    root = mount(page, Stepper(WINDOW, by="output", predict=True))
    root.locator(".chs-field").fill(typed)
    page.keyboard.press("Enter")
    assert root.locator(".chs-verdict").text_content()[0] == "✓✗"[typed == "77"]
    assert in_both_themes(page) == []


@pytest.mark.parametrize("size", ["normal", "large"])
@pytest.mark.parametrize("chosen", ["nothing", "wrong", "right"])
def test_axe_finds_nothing_in_a_question(page, chosen, size):
    question = questions.place_of_four()
    question.size = size
    is_right = [choice["right"] for choice in question.choices]
    question.chosen = -1 if chosen == "nothing" else is_right.index(chosen == "right")
    show(page, "question", {trait: plain(getattr(question, trait)) for trait in ("text", "choices", "chosen", "size")})
    assert page.locator(".chs-multiple-choice").is_visible()
    assert in_both_themes(page) == []


def test_axe_finds_nothing_in_a_note_of_any_status(page):
    details = (("your answer", "[[1, 2],\n [3, 4]]"), ("of the right shape", "(2, 2)"))
    notes = [Feedback(status, "What there is to say of it.", details)._repr_html_() for status in Status]
    page.set_content(f'<!doctype html><html lang="en"><title>notes</title><main>{"".join(notes)}</main></html>')
    assert page.locator(".chs-feedback").count() == len(Status) > 3
    assert in_both_themes(page) == []


# In JupyterLab


# What JupyterLab itself draws around them is not ours.
OUTPUTS = ".jp-OutputArea-output"
BANDS = "Three slanting bands of light cells on grey, in six blocks: the nine weights."  # the picture of lesson 5
EXPLORERS = [
    "from convhelpers import explore, signals\nx, k = signals.question_image(), signals.question_kernel()",
    "explore.products(x[:3, :3], k, step=4)",
    "explore.convolution(x, step=40)",
    "explore.photograph()",
    "explore.depth(signals.depth_volume(), signals.depth_filters(), signals.depth_bias(), step=9)",
    "explore.im2col(x, k, step=9)",
    "explore.matrix(x, k, step=9)",
    "explore.neurons([3, -1], [[1, 2], [2, 0]], [1, -2], step=3)",
]


@pytest.mark.parametrize("shown", ["a lesson", "all explorers"])
def test_axe_finds_nothing_in_the_outputs_of_a_notebook(browser, lab_address, scratch, shown):
    path = "notebooks/05_fully_connected.ipynb" if shown == "a lesson" else scratch(*EXPLORERS)
    # All cells are drawn, not only those in sight.
    page = browser.new_page(viewport={"width": 1280, "height": 16_000})
    notebook = Notebook(page, lab_address, path)
    notebook.run_all()
    page.wait_for_function("() => document.querySelectorAll('.chs-stepper').length >= 4")
    assert page.locator(".jp-OutputArea-output :is(select, input)").count() > 10
    found = findings(page, OUTPUTS)
    notebook.command("apputils:change-theme", {"theme": "JupyterLab Dark"})
    page.wait_for_selector('body[data-jp-theme-light="false"]', state="attached")
    found += findings(page, OUTPUTS, rules=OF_COLOUR)
    named = page.locator(".jp-RenderedImage img").evaluate_all("(all) => all.map((image) => image.alt)")
    page.close()
    assert found == []
    assert named == ([BANDS] if shown == "a lesson" else [])

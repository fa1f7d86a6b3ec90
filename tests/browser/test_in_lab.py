"""Steppers and explorers in real JupyterLab: edited, driven by their controls, and their keys kept from JupyterLab."""

import pytest
from lab import ROOT, Notebook

LESSONS = sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb"))
LIVE = {
    "01_elementwise_vs_dot.ipynb": 6,
    "02_convolution_2d.ipynb": 10,
    "03_depth_and_1x1.ipynb": 4,
    "04_im2col.ipynb": 2,
    "05_fully_connected.ipynb": 4,
}
OUTPUTS = ["4", "3", "4", "2", "4", "3", "2", "3", "4"]


def outputs(root):
    return root.locator(".chs-output .chs-value").all_text_contents()


def position(root):
    return root.locator(".chs-position").text_content()


@pytest.fixture(scope="module")
def page(browser):
    """One page for all, so that JupyterLab's own code is fetched once."""
    page = browser.new_page(viewport={"width": 1280, "height": 720})
    yield page
    page.close()


QUESTION = """from convhelpers import explore, signals
from convhelpers.pairing import cross_correlation
from convhelpers.stepper import Stepper
from convhelpers.trace import record

x, k = signals.question_image(), signals.question_kernel()
stepper = Stepper(record(cross_correlation(x.shape, k.shape), x, k))
stepper"""


@pytest.fixture
def question(page, lab_address, scratch):
    notebook = Notebook(page, lab_address, scratch(QUESTION, "print(stepper.step)"))
    notebook.run_all()
    notebook.root = notebook.steppers().first
    notebook.root.wait_for()
    notebook.focus(notebook.root)
    return notebook


def test_editing_recomputes_and_reset_brings_back(question, page):
    root = question.root
    page.keyboard.press("End")
    root.locator(".chs-left .chs-cell").first.dblclick()
    page.keyboard.type("11")
    page.keyboard.press("Enter")
    page.wait_for_function("document.querySelector('.chs-output .chs-value').textContent === '14'")
    page.keyboard.type("x")  # on the cell, which has the focus again: not JupyterLab's "cut cells"
    root.locator(".chs-right .chs-cell").nth(4).dblclick()
    page.keyboard.type("one")
    page.keyboard.press("Enter")
    page.wait_for_function("document.querySelector('.chs-notice').textContent.includes('\"one\" is not a number')")
    root.get_by_text("reset numbers").click()
    page.wait_for_function("document.querySelector('.chs-output .chs-value').textContent === '4'")
    assert outputs(root) == OUTPUTS
    assert question.failures() == []


def test_impossible_choice_is_explained_in_place(page, lab_address, scratch):
    notebook = Notebook(
        page, lab_address, scratch(QUESTION.replace('stepper"""', ""), "explore.convolution(x, step=81)")
    )
    notebook.run_all()
    root = notebook.steppers().last
    root.wait_for()
    stride = page.get_by_label("stride")
    for value, notice in [("0", "stride must be 1 or more"), ("2", "")]:
        stride.fill(value)
        stride.press("Enter")
        page.wait_for_function(
            "(notice) => { const text = [...document.querySelectorAll('.chs-notice')].at(-1).textContent;"
            " return notice ? text.includes(notice) : text === ''; }",
            arg=notice,
        )
        shown = 9 if value == "0" else 4
        assert len(outputs(root)) == shown
    assert notebook.failures() == []


def test_no_letter_in_the_stepper_is_jupyterlab_s_command(question, page):
    for selector in (".chs-select >> nth=1", ".chs-slider", ".chs-left .chs-cell >> nth=0"):
        question.root.locator(selector).focus()
        for key in ("d", "d", "b", "Shift+M", "ArrowDown", "x"):
            page.keyboard.press(key)
        assert page.locator(".jp-Cell").count() == 2, selector
        assert question.root.evaluate("(root) => root.contains(document.activeElement)"), selector
    question.root.focus()
    page.keyboard.press("Shift+Enter")
    question.wait_until_idle()
    assert page.locator(".jp-InputPrompt").first.text_content() != "[1]:"


LAYERS = """from convhelpers import explore, signals

x, weight, bias = signals.depth_volume(), signals.depth_filters(), signals.depth_bias()
"""


def settled(page, root, expected):
    """Wait until the outputs read so."""
    page.wait_for_function(
        "([root, expected]) => [...root.querySelectorAll('.chs-output .chs-value')]"
        ".map((value) => value.textContent).join(' ') === expected",
        arg=[root.element_handle(), expected],
    )


def test_depth_is_chosen_and_edited(page, lab_address, scratch):
    notebook = Notebook(page, lab_address, scratch(LAYERS, "explore.depth(x, weight, bias, step=336)"))
    notebook.run_all()
    root = notebook.steppers().first
    settled(page, root, "7 5 8 10 11 7 2 6 3 −2 3 7")
    root.locator(".chs-bias .chs-cell").first.dblclick()
    page.keyboard.type("101")
    page.keyboard.press("Enter")
    settled(page, root, "107 105 108 110 111 107 2 6 3 −2 3 7")
    page.get_by_label("filters", exact=True).select_option("1")
    settled(page, root, "107 105 108 110 111 107")
    page.get_by_label("add the bias").uncheck()
    settled(page, root, "6 4 7 9 10 6")
    page.get_by_label("groups", exact=True).select_option("each channel alone (depthwise)")
    notebook.focus(root)
    page.keyboard.press("End")
    settled(page, root, "1 1 2 4 5 3 6 0 0 2 4 1 −1 3 5 3 1 2")
    assert page.get_by_label("filters", exact=True).is_disabled()
    assert notebook.failures() == []


def test_the_same_convolution_as_im2col_and_as_a_matrix(page, lab_address, scratch):
    image = "[[2, 0, 1, 3], [1, 4, 0, 2], [0, 1, 5, 1]], [[1, 2], [3, 4]]"
    notebook = Notebook(
        page, lab_address, scratch(LAYERS, f"explore.im2col({image}, step=24)", f"explore.matrix({image}, step=24)")
    )
    notebook.run_all()
    for index in (0, 1):
        root = notebook.steppers().nth(index)
        settled(page, root, "21 14 15 13 27 23")
        root.locator(".chs-right .chs-cell:not(.chs-zero)").first.dblclick()
        page.keyboard.type("−9")
        page.keyboard.press("Enter")
        settled(page, root, "1 14 5 3 −13 23")
        stride = page.get_by_label("stride", exact=True).nth(index)
        stride.fill("2")
        stride.press("Enter")
        settled(page, root, "1 5")
    assert notebook.failures() == []


def test_one_neuron_of_a_layer(page, lab_address, scratch):
    notebook = Notebook(
        page, lab_address, scratch(LAYERS, "explore.neurons([3, -1], [[1, 2], [3, 4], [5, 6]], [1, 0, -1], step=9)")
    )
    notebook.run_all()
    root = notebook.steppers().first
    settled(page, root, "2 5 8")
    page.get_by_label("neuron", exact=True).select_option("2")
    settled(page, root, "8")
    assert "Neuron" not in root.locator(".chs-sentence").text_content()
    assert notebook.failures() == []

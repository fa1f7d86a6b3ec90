"""A lesson in the JupyterLab that `present` starts for a lecture hall: large, folded, nothing around it, by key."""

import json
import shutil

import pytest
from lab import ROOT, Notebook, running_lab
from test_in_lab import LIVE, position

LESSON = "01_elementwise_vs_dot.ipynb"
CELLS = json.loads((ROOT / "notebooks" / LESSON).read_text(encoding="utf-8"))["cells"]
SLIDES = [
    index
    for index, cell in enumerate(CELLS)
    if cell["metadata"].get("slideshow", {}).get("slide_type") in ("slide", "subslide")
    or (cell["cell_type"] == "markdown" and cell["source"][0].startswith("#"))
]
NOTES = {i for i, cell in enumerate(CELLS) if cell["metadata"].get("slideshow", {}).get("slide_type") == "notes"}
FOLDED = [index for index, cell in enumerate(CELLS) if "hide-input" in cell["metadata"].get("tags", [])]

AROUND = ".jp-SideBar, #jp-left-stack, #jp-right-stack, #jp-top-panel, #jp-main-statusbar, .jp-NotebookPanel-toolbar"
AROUND += ", .jp-InputPrompt, .jp-cell-toolbar, .Toastify__toast, .jp-Dialog"
# What can be read on the screen when it has been at rest for five frames: of each cell the index, where it begins, and
# whether it begins and ends there. The frame of a cell, some pixels of it, does not count.
SEEN = """async () => {
    const { content } = jupyterapp.shell.currentWidget;
    const seen = () => {
        const view = content.outerNode.getBoundingClientRect();
        return content.widgets.map((cell) => cell.node.getBoundingClientRect())
            .map(({ top, bottom, height }, index) => [index, top - view.top, bottom - view.top, height])
            .filter(([, top, bottom, height]) => height && bottom > 20 && top < view.height)
            .map(([index, top, bottom]) => ({ index, top: Math.round(top), begins: top > -20,
                ends: bottom < view.height + 20 }));
    };
    let now = seen();
    for (let frames = 0; frames < 5; frames += 1) {
        await new Promise(requestAnimationFrame);
        const before = now;
        now = seen();
        if (JSON.stringify(now) !== JSON.stringify(before)) frames = -1;
    }
    return now;
}"""


@pytest.fixture(scope="module")
def lesson(browser, tmp_path_factory):
    """Lesson 1, as `present` opens it; all tests look at the same page."""
    folder = tmp_path_factory.mktemp("hall")
    shutil.copytree(ROOT / "notebooks", folder / "root" / "notebooks")
    with running_lab(folder, folder / "root", present=True) as address:
        page = browser.new_page(viewport={"width": 1280, "height": 720})
        notebook = Notebook(page, address)
        page.wait_for_selector("body[data-presenting=ready]", state="attached", timeout=60_000)
        notebook.file = folder / "root" / "notebooks" / LESSON
        yield notebook
        page.close()


def seen(lesson):
    """The cells on the screen, when it has come to rest."""
    return lesson.page.evaluate(SEEN)


def press(lesson, key):
    lesson.page.keyboard.press(key)
    return seen(lesson)


def show(lesson, index):
    """Bring a cell to the top of the screen, in command mode."""
    lesson.page.evaluate(
        """(index) => {
            const { content } = jupyterapp.shell.currentWidget;
            content.activeCellIndex = index;
            content.mode = 'command';
            content.activate();
            content.widgets[index].node.scrollIntoView({ block: 'start' });
        }""",
        index,
    )
    return seen(lesson)


def test_it_begins_at_the_top_with_every_view_large_and_live(lesson):
    page = lesson.page
    assert [seen(lesson)[0]["index"], page.evaluate("jupyterapp.shell.currentWidget.content.activeCellIndex")] == [0, 0]
    assert page.evaluate("jupyterapp.shell.currentWidget.content.mode") == "command"
    assert lesson.steppers().count() == page.locator(".chs-stepper.chs-large").count() == LIVE[LESSON]
    assert page.locator(".chs-multiple-choice.chs-large").count() == page.locator(".chs-multiple-choice").count() > 0
    assert lesson.failures() == []


def test_nothing_stands_around_the_notebook(lesson):
    assert lesson.page.evaluate("jupyterapp.shell.mode") == "single-document"
    assert [node for node in lesson.page.locator(AROUND).all() if node.is_visible()] == []
    assert lesson.page.locator(".jp-Notebook").bounding_box()["width"] > 1240


def test_code_is_folded_where_the_lesson_says_and_nothing_is_written(lesson):
    lesson.page.wait_for_timeout(300)
    cells = lesson.page.evaluate("jupyterapp.shell.currentWidget.content.widgets.map((cell) => cell.inputHidden)")
    assert [index for index, hidden in enumerate(cells) if hidden] == FOLDED
    model = lesson.page.evaluate("JSON.stringify(jupyterapp.shell.currentWidget.context.model.toJSON())")
    assert "source_hidden" not in model
    assert lesson.file.read_bytes() == (ROOT / "notebooks" / LESSON).read_bytes()
    assert not lesson.page.evaluate("jupyterapp.commands.isToggled('docmanager:toggle-autosave')")


@pytest.mark.parametrize(("width", "height", "least"), [(1280, 720, 19), (1920, 1080, 28)])
def test_type_grows_with_the_projector(lesson, width, height, least):
    lesson.page.set_viewport_size({"width": width, "height": height})
    try:
        for selector in (".jp-MarkdownOutput p", ".cm-content", ".chs-stepper .chs-sentence", ".chs-choice .chs-text"):
            size = lesson.page.locator(selector).first.evaluate("(node) => parseFloat(getComputedStyle(node).fontSize)")
            assert size >= least, selector
        show(lesson, 5)
        stepper = lesson.steppers().first
        assert stepper.bounding_box()["height"] < height - 40  # all of it on one screen
        assert stepper.evaluate("(root) => root.scrollWidth <= root.clientWidth")
    finally:
        lesson.page.set_viewport_size({"width": 1280, "height": 720})


def test_page_down_leaves_nothing_out_and_stops_at_every_slide(lesson):
    shown, stops, now = set(), [0], show(lesson, 0)
    for _ in range(4 * len(CELLS)):
        shown |= {cell["index"] for cell in now if cell["ends"]}
        before, now = now, press(lesson, "PageDown")
        if now == before:
            break
        if now[0]["begins"] and now[0]["index"] != stops[-1]:
            stops.append(now[0]["index"])
    assert shown == set(range(len(CELLS))) - NOTES
    assert stops == sorted(stops)
    assert set(SLIDES) <= set(stops)


def test_page_up_goes_back_slide_by_slide(lesson):
    show(lesson, SLIDES[5] + 1)
    assert [press(lesson, "PageUp")[0]["index"] for _ in range(6)] == SLIDES[5::-1]
    assert press(lesson, "PageUp")[0]["index"] == 0


def test_the_pages_turn_from_the_body_and_from_a_question_too(lesson):
    show(lesson, SLIDES[1])
    lesson.page.evaluate("document.activeElement.blur()")
    assert press(lesson, "PageUp")[0]["index"] == SLIDES[0]
    question = lesson.page.locator(".chs-choice").first
    question.scroll_into_view_if_needed()
    question.click()
    here = seen(lesson)
    assert press(lesson, "PageDown")[0] != here[0]


def test_inside_a_stepper_the_keys_are_the_stepper_s(lesson):
    page, root = lesson.page, lesson.steppers().first
    show(lesson, 5)
    page.keyboard.press("Enter")
    assert root.evaluate("(root) => root === document.activeElement")
    page.keyboard.press("Home")
    here = seen(lesson)
    assert press(lesson, "PageDown") == here
    assert position(root) == "step 9 of 81"
    page.keyboard.press("PageUp")
    assert position(root) == "step 0 of 81"
    page.keyboard.press("Escape")
    assert press(lesson, "PageDown") != here
    assert position(root) == "step 0 of 81"


def test_enter_reaches_a_question_and_answers_it(lesson):
    page = lesson.page
    page.locator(".chs-multiple-choice").nth(1).evaluate("(node) => node.scrollIntoView({ block: 'start' })")
    page.locator(".jp-Notebook").evaluate("(node) => jupyterapp.shell.currentWidget.content.activate()")
    first = page.locator(".chs-multiple-choice").nth(1).locator(".chs-choice").first
    index = page.evaluate(
        "() => jupyterapp.shell.currentWidget.content.widgets.findIndex("
        "(cell) => cell.node.contains(document.querySelectorAll('.chs-multiple-choice')[1]))"
    )
    show(lesson, index)
    page.keyboard.press("Enter")
    assert first.evaluate("(node) => node === document.activeElement")
    page.keyboard.press("Enter")
    assert first.get_attribute("aria-pressed") == "true"
    page.keyboard.press("Escape")
    assert press(lesson, "PageDown")[0]["index"] >= index


def test_code_that_is_shown_can_be_edited_and_keeps_its_keys(lesson):
    index = next(i for i, cell in enumerate(CELLS) if cell["cell_type"] == "code" and i not in FOLDED)
    show(lesson, index)
    lesson.page.keyboard.press("Enter")
    assert lesson.page.evaluate("jupyterapp.shell.currentWidget.content.mode") == "edit"
    here = seen(lesson)
    assert press(lesson, "PageDown")[0]["index"] == here[0]["index"]
    lesson.page.keyboard.press("Escape")
    assert lesson.page.evaluate("jupyterapp.shell.currentWidget.content.mode") == "command"
    assert lesson.failures() == []

"""Lessons saved in JupyterLab, and opened again after its server has ended: alive where they were left, before a run.

Also what stands there if the state of the widgets was not saved: a picture or a text, and no error.
"""

import json
import shutil
import urllib.request

import nbformat
import pytest
from lab import ROOT, Notebook, running_lab
from test_in_lab import LESSONS, LIVE, QUESTION

from convhelpers.store import KERNELSPEC

VIEWS = """() => ({
    steppers: [...document.querySelectorAll('.chs-stepper')].map((root) => ['position', 'sentence', 'line']
        .map((name) => root.querySelector(`.chs-${name}`).textContent)),
    questions: [...document.querySelectorAll('.chs-multiple-choice .chs-reply')].map((reply) => reply.textContent),
})"""
# To all steppers at once, as from a keyboard; real keys are slower, and go to some of them.
PRESS = """([key, times]) => document.querySelectorAll('.chs-stepper').forEach((root, index) => {
    for (let n = times ?? index + 1; n > 0; n -= 1) {
        root.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
    }
})"""
CHOOSE = """() => document.querySelectorAll('.chs-multiple-choice')
    .forEach((root, index) => root.querySelectorAll('.chs-choice')[index % 2].click())"""
# The number that the next cell will get: 1 in a kernel that has run none.
NEXT_CELL = """async () => {
    const { kernel } = jupyterapp.shell.currentWidget.sessionContext.session;
    const question = { code: '', silent: true, user_expressions: { n: 'get_ipython().execution_count' } };
    return (await kernel.requestExecute(question).done).content.user_expressions.n.data['text/plain'];
}"""
N_VIEWS = "['stepper', 'multiple-choice'].map((name) => document.querySelectorAll(`.chs-${name}`).length)"
SAVE = "() => jupyterapp.commands.execute('docmanager:save')"
DO_NOT_SAVE_STATE = "() => jupyterapp.commands.execute('@jupyter-widgets/jupyterlab-manager:saveWidgetState')"
MORE = ["explore.convolution(x, k)", "from convhelpers import questions\nquestions.turned_filters()", "x.sum()"]
TRUSTED = "jupyterapp.shell.currentWidget.content.widgets.every((cell) => cell.model.trusted)"
OUTPUTS = "[...document.querySelectorAll('.jp-OutputArea-output')].map((output) => output.dataset.mimeType)"


@pytest.fixture(scope="module")
def page(browser):
    """One page for all, so that JupyterLab's own code is fetched once."""
    page = browser.new_page(viewport={"width": 1280, "height": 720})
    yield page
    page.close()


def with_views(page, address, path, n_views, *, run=False):
    """Open a notebook, run it if asked, and wait for its views (steppers, questions)."""
    notebook = Notebook(page, address, path)
    if run:
        notebook.run_all()
    page.wait_for_function(f"(n_views) => {N_VIEWS}.join() === n_views.join()", arg=n_views, timeout=120_000)
    return notebook


def leave(page, address, lesson):
    """Run a lesson, step every stepper to another place, answer every question, and save; what is seen then."""
    code = json.loads((ROOT / "notebooks" / lesson).read_text(encoding="utf-8"))["cells"]
    n_questions = sum("".join(cell["source"]).splitlines()[-1].startswith("questions.") for cell in code)
    notebook = with_views(page, address, f"notebooks/{lesson}", (LIVE[lesson], n_questions), run=True)
    page.evaluate(PRESS, ["Home", 1])
    page.evaluate(PRESS, ["ArrowRight", None])
    page.evaluate(CHOOSE)
    views = page.evaluate(VIEWS)
    page.evaluate(SAVE)
    assert notebook.failures() == []
    assert (len(views["steppers"]), len(views["questions"])) == (LIVE[lesson], n_questions)
    assert all(views["questions"])
    return views


def leave_without_state(page, address, path):
    """Run a notebook and save it, with the setting turned off by which the state of widgets is saved."""
    notebook = Notebook(page, address, path)
    page.evaluate(DO_NOT_SAVE_STATE)
    notebook.run_all()
    page.evaluate(SAVE)


@pytest.fixture(scope="module")
def saved(page, tmp_path_factory):
    """A server that was ended and started again, and what was seen of each lesson before."""
    folder = tmp_path_factory.mktemp("reopening")
    root = folder / "root"
    shutil.copytree(ROOT / "notebooks", root / "notebooks")
    notebook = nbformat.v4.new_notebook(metadata={"kernelspec": KERNELSPEC})
    notebook.cells = [nbformat.v4.new_code_cell(source) for source in [QUESTION, *MORE]]
    nbformat.write(notebook, root / "trusted.ipynb")
    with running_lab(folder, root) as address:
        seen = {lesson: leave(page, address, lesson) for lesson in LESSONS}
        leave_without_state(page, address, "trusted.ipynb")
        page.goto("about:blank")  # else JupyterLab goes on asking for the server that has ended
    notebook = nbformat.read(root / "trusted.ipynb", as_version=4)
    assert "application/vnd.jupyter.widget-view+json" in notebook.cells[0].outputs[0].data
    assert not any(part["state"] for part in notebook.metadata.get("widgets", {}).values())
    notebook.cells.append(nbformat.v4.new_markdown_cell("From elsewhere: not as it was signed here."))
    nbformat.write(notebook, root / "untrusted.ipynb")
    with running_lab(folder, root) as address:
        with urllib.request.urlopen(f"{address}/api/kernels") as answer:
            assert json.load(answer) == []
        yield address, seen


@pytest.mark.parametrize("lesson", LESSONS)
def test_every_view_is_alive_where_it_was_left_before_any_cell_runs(page, saved, lesson):
    address, seen = saved
    n_views = LIVE[lesson], len(seen[lesson]["questions"])
    notebook = with_views(page, address, f"notebooks/{lesson}", n_views)
    for _ in range(100):
        if page.evaluate(VIEWS) == seen[lesson]:
            break
        page.wait_for_timeout(100)
    assert notebook.failures() == []
    assert page.evaluate(VIEWS) == seen[lesson]
    steps = [int(position.split()[1]) for position, *_ in seen[lesson]["steppers"]]
    assert len(set(steps)) > 1
    page.evaluate(PRESS, ["ArrowLeft", 1])
    for index in range(LIVE[lesson] if lesson == LESSONS[0] else 1):
        notebook.focus(notebook.steppers().nth(index))
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowLeft")
    assert [int(position.split()[1]) for position, *_ in page.evaluate(VIEWS)["steppers"]] == [n - 1 for n in steps]
    assert page.evaluate(NEXT_CELL) == "1"
    assert notebook.failures() == []


@pytest.mark.parametrize("trusted", [True, False])
def test_without_a_saved_state_what_stands_still_is_shown(page, saved, trusted):
    """Pictures and a text stand there; a run brings the views."""
    address, _ = saved
    notebook = Notebook(page, address, "trusted.ipynb" if trusted else "untrusted.ipynb")
    page.wait_for_function(f"{OUTPUTS}.join() === 'image/png,image/png,text/html,text/plain'")
    assert page.evaluate(TRUSTED) is trusted
    assert page.locator(".jp-OutputArea-output img").count() == 2
    assert page.locator(".jp-OutputArea-output details").count() == 1
    assert notebook.failures() == []
    if trusted:
        notebook = with_views(page, address, "trusted.ipynb", (2, 1), run=True)
        assert page.evaluate(N_VIEWS) == [2, 1]
        assert notebook.failures() == []

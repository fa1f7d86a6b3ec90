"""Every widget of every lesson, driven through its options and extremes with real ipywidgets, and the lessons' form."""

import ast
import logging
import re
from pathlib import Path

import ipywidgets
import nbformat
import numpy as np
import pytest
from test_mistakes import MISTAKES

from convhelpers.controls import StepperExplorer
from convhelpers.pictures import Picture
from convhelpers.question import Question
from convhelpers.stepper import Stepper

ROOT = Path(__file__).parents[1]
LESSONS = sorted((ROOT / "notebooks").glob("*.ipynb"))
LONGEST_LINE = 88  # wider lines are cut off beside JupyterLab's file list at 1280 pixels


def cells(path, kind):
    return [cell.source for cell in nbformat.read(path, 4).cells if cell.cell_type == kind]


def run(path):
    """Run a lesson's cells in this process; return what each cell shows."""
    names, shown = {}, []
    for source in cells(path, "code"):
        tree = ast.parse(source)
        last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, path.name, "exec"), names)
        if last:
            shown.append(eval(compile(ast.Expression(last.value), path.name, "eval"), names))
    return [each for each in shown if each is not None]


@pytest.fixture(scope="module", params=LESSONS, ids=lambda path: path.stem)
def lesson(request):
    return request.param


@pytest.fixture(scope="module")
def shown(lesson):
    return run(lesson)


@pytest.fixture(autouse=True)
def no_swallowed_errors(caplog):
    """ipywidgets logs what a callback raises and goes on: here it is a failure."""
    yield
    records = [*caplog.get_records("setup"), *caplog.get_records("call")]
    assert [record.getMessage() for record in records if record.levelno >= logging.ERROR] == []


def extremes(control):
    """Values that a learner can give a control: every option of a choice, sensible and senseless whole numbers."""
    if isinstance(control, ipywidgets.Checkbox):
        return [True, False]
    if isinstance(control, ipywidgets.IntText):
        return [0, 1, 2, 3, 7, 1000, 10**9, -1]
    return list(control.options)


def controls(explorer):
    return list(explorer.children[0].children)


def holds_together(stepper):
    trace = stepper.trace
    assert 0 <= stepper.step <= trace.n_steps
    bias = 0 if trace.bias is None else trace.bias[trace.pairing.bias_index]
    np.testing.assert_allclose(trace.output.ravel(), trace.products.sum(axis=1) + bias)
    assert repr(stepper).startswith("Stepper: ")


def test_lesson_shows_something_to_step(shown):
    assert any(isinstance(each, Stepper) for each in shown)
    assert any(isinstance(each, StepperExplorer) for each in shown)


def test_every_stepper_steps_to_both_ends(shown):
    for each in shown:
        stepper = each if isinstance(each, Stepper) else getattr(each, "stepper", None)
        if stepper is None:
            continue
        for step in (0, 1, stepper.trace.n_steps - 1, stepper.trace.n_steps):
            stepper.step = step
            holds_together(stepper)


def test_every_control_through_its_extremes(shown):
    for explorer in shown:
        if not isinstance(explorer, ipywidgets.VBox):
            continue
        for control in controls(explorer):
            before = control.value
            for value in [*extremes(control), before]:
                control.value = value
                if hasattr(explorer, "stepper"):
                    holds_together(explorer.stepper)
        if hasattr(explorer, "stepper"):
            assert explorer.stepper.notice == ""


def test_every_view_stands_still_somewhere(shown):
    """GitHub, an untrusted notebook, a converted page: a picture with its text wherever something live is shown."""
    for each in shown:
        if not isinstance(each, Stepper | ipywidgets.VBox | Picture):
            continue
        data, metadata = each._repr_mimebundle_()
        assert data["image/png"]
        assert len(metadata["image/png"]["alt"]) > 20
        assert data["text/plain"] == repr(each)


def test_mistakes_are_met_by_name(lesson):
    assert re.findall(r"\*\*Common mistake: (.+?)\.\*\*", "\n".join(cells(lesson, "markdown"))) == [
        *MISTAKES[lesson.stem]
    ]


def test_prediction_comes_before_the_reveal(lesson):
    text = "\n".join(cells(lesson, "markdown"))
    assert text.count("**Predict") >= 5


def test_a_lesson_asks_before_it_shows(lesson):
    shown = run(lesson)  # as it is opened, before a test has stepped it
    assert sum(isinstance(each, Question) for each in shown) >= 3
    predicting = [each for each in shown if isinstance(each, Stepper) and each.predict]
    assert predicting
    for stepper in predicting:
        assert 0 < stepper.step < stepper.trace.n_steps  # something is there, something is to come


def test_code_fits_a_screen(lesson):
    for source in cells(lesson, "code"):
        for line in source.splitlines():
            assert len(line) <= LONGEST_LINE, line


def test_every_cell_has_its_place_on_a_slide(lesson):
    kinds = {"slide", "subslide", "fragment", "notes", "-"}
    for cell in nbformat.read(lesson, 4).cells:
        assert cell.metadata.slideshow.slide_type in kinds
        assert (cell.metadata.slideshow.slide_type == "notes") == ("For the lecturer" in cell.source)


def test_readme_lists_every_lesson():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert re.findall(r"\]\(notebooks/(\d\d_\w+)\.ipynb\)", readme) == [path.stem for path in LESSONS]


def test_lesson_links_lead_somewhere(lesson):
    for target in re.findall(r"\]\(([^)#]+)\)", "\n".join(cells(lesson, "markdown"))):
        assert target.startswith("https://") or (lesson.parent / target).exists(), target

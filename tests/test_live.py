"""What a page gets of the widgets of a notebook that has run is their whole state, each in the place of its output."""

import base64
import json
import zlib

import nbformat
import pytest

from convhelpers import live, recording
from convhelpers.pairing import cross_correlation
from convhelpers.questions import place_of_four
from convhelpers.signals import question_image, question_kernel
from convhelpers.stepper import Stepper
from convhelpers.store import VIEW, run
from convhelpers.trace import record

SETUP = """\
import ipywidgets
from convhelpers import explore, questions, recording
from convhelpers.pairing import cross_correlation
from convhelpers.signals import question_image, question_kernel
from convhelpers.stepper import Stepper
from convhelpers.trace import record
x, k = question_image(), question_kernel()"""
CELLS = [
    SETUP,
    "Stepper(record(cross_correlation(x.shape, k.shape), x, k), step=9)",
    "questions.place_of_four()",
    "explore.convolution(x, stride=2)",
    "recording.record(Out[4], {'stride': [1, 2]})",
    "ipywidgets.IntSlider(3, description='n')",
    "print(4)",
]


@pytest.fixture(scope="module")
def has_run(tmp_path_factory):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in CELLS])
    run(notebook, tmp_path_factory.mktemp("live") / "small.ipynb")
    notebook.cells[3].outputs += notebook.cells.pop(4).outputs
    return notebook


@pytest.fixture(scope="module")
def taken(has_run):
    return live.take_views(has_run)


def ninth_product():
    x, k = question_image(), question_kernel()
    return Stepper(record(cross_correlation(x.shape, k.shape), x, k), step=9)


def mount(has_run, cell):
    (output,) = has_run.cells[cell].outputs
    return output.data[live.MOUNT]


def test_a_stepper_comes_with_all_that_it_syncs(taken):
    foreign = ("layout", "tabbable", "tooltip")
    state = {name: value for name, value in ninth_product().get_state().items() if name not in foreign}
    synced = {name: value for name, value in state.items() if not name.startswith("_")}
    assert taken[0] == {"script": "stepper", "state": recording.plain(synced), "besides": ""}


def test_a_question_comes_with_its_choices(taken):
    question = place_of_four()
    assert taken[1]["script"] == "question"
    assert (taken[1]["state"]["text"], taken[1]["state"]["choices"]) == (question.text, question.choices)


def test_an_explorer_comes_with_its_stepper_and_what_was_recorded(taken):
    view = taken[2]
    assert view["script"] == "stepper"
    assert view["state"]["scene"]["shapes"]["output"] == [2, 2]
    assert [control["name"] for control in view["controls"]] == ["stride"]
    assert view["besides"].startswith("kernel: question · rows: 3 · columns: 3 · padding: valid · stride: 2")


def test_another_control_is_a_line_alone(taken, has_run):
    assert taken[3] == {"script": None, "state": {}, "besides": "n: 3"}
    assert mount(has_run, 4)["besides"] == "n: 3"


def test_each_view_has_its_place_and_what_stands_still_there(taken, has_run):
    assert [mount(has_run, cell)["index"] for cell in (1, 2, 3, 4)] == [0, 1, 2, 3]
    assert mount(has_run, 1)["text"].endswith(repr(ninth_product()).removeprefix("Stepper: "))
    assert mount(has_run, 1)["picture"].startswith("iVBOR")
    assert "<details><summary>Answers" in mount(has_run, 2)["html"]


def test_no_widget_is_left_and_other_outputs_stay(taken, has_run):
    data = [output.data for cell in has_run.cells for output in cell.outputs if "data" in output]
    assert all(VIEW not in bundle and recording.MIME not in bundle for bundle in data)
    assert has_run.cells[5].outputs[0].text == "4\n"


def test_scripts_are_those_of_the_views(taken):
    assert live.scripts(taken) == ["question", "stepper"]
    assert live.scripts(taken[3:]) == []


def test_views_are_packed_so_that_a_browser_can_unpack_them(taken):
    packed = live.packed(taken)
    assert json.loads(zlib.decompress(base64.b64decode(packed), wbits=-15)) == json.loads(json.dumps(taken))


def test_a_notebook_without_widgets_has_no_views():
    assert live.take_views(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1")])) == []


# Other widgets


@pytest.fixture(scope="module")
def others(tmp_path_factory):
    box = "ipywidgets.VBox([questions.place_of_four(), ipywidgets.Dropdown(options=['a'], value=None), "
    box += "questions.place_of_four()])"
    cells = [
        SETUP,
        box,
        "ipywidgets.HTML('<b>1</b>')",
        "ipywidgets.Label('1 < 2')",
        "ipywidgets.Button(description='go')",
    ]
    cells.append("ipywidgets.interact(lambda n: print(n), n=3);")
    cells.append("ipywidgets.SelectMultiple(options='abc', value=['a', 'c'])")
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    run(notebook, tmp_path_factory.mktemp("others") / "others.ipynb")
    return notebook, live.take_views(notebook)


def shown(others, cell):
    notebook, views = others
    bundles = [output.get("data", output.get("text")) for output in notebook.cells[cell].outputs]
    return [views[bundle[live.MOUNT]["index"]] if live.MOUNT in bundle else bundle for bundle in bundles]


def test_two_views_in_a_box_are_two(others):
    first, second = shown(others, 1)
    assert (first["script"], first["besides"]) == ("question", "nothing")
    assert (second["script"], second["besides"]) == ("question", "")


def test_texts_of_other_widgets_stay(others):
    assert {"text/html": "<b>1</b>"} in shown(others, 2)
    assert {"text/plain": "1 < 2"} in shown(others, 3)


def test_a_button_is_nothing_to_choose_with(others):
    assert [view["besides"] for view in shown(others, 4)] == [""]


def test_what_interact_shows_stays(others):
    line, printed = shown(others, 5)
    assert line["besides"] == "n: 3"
    assert printed == "3\n"


def test_several_choices_are_all_named(others):
    assert [view["besides"] for view in shown(others, 6)] == ["a, c"]

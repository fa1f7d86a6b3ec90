"""What the live view is told, what it may ask for, and that nothing goes wrong in silence.

A comm that keeps its messages stands in for the browser; what the browser sends goes the way that ipywidgets takes.
"""

import base64
import io
import itertools
import json
import math
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import anywidget
import ipywidgets
import numpy as np
import pytest
import traitlets
from ipywidgets.widgets import widget as ipywidgets_internals
from PIL import Image

from convhelpers import signals
from convhelpers.layouts import LAYOUTS, panels
from convhelpers.packing import packed
from convhelpers.pairing import (
    conv_layer,
    convolution,
    cross_correlation,
    elementwise,
    fully_connected,
    matrix_product,
    one_by_one_convolution,
    sum_of_products,
)
from convhelpers.panels import ZERO, grey_levels
from convhelpers.stepper import Stepper, parse_number
from convhelpers.stills import step_picture
from convhelpers.trace import record
from convhelpers.wording import CHANGES, TEMPLATES, number, sentence, term_groups, words

ROOT = Path(__file__).parents[1]


class FakeComm:
    """Keeps what would go to the browser."""

    kernel = "a kernel"

    def __init__(self, **opening):
        self.comm_id = f"comm-{id(self)}"
        self.opening = opening
        self.messages = []

    def on_msg(self, callback):
        pass

    def send(self, data=None, buffers=None):
        self.messages.append((data, buffers))

    def close(self, *_, **__):
        pass

    def taken(self, method):
        """The messages of a kind, since the last time."""
        taken = [data for data, _ in self.messages if data["method"] == method]
        self.messages = [(data, buffers) for data, buffers in self.messages if data["method"] != method]
        return taken


@pytest.fixture(autouse=True)
def fake_comm(monkeypatch):
    monkeypatch.setattr("comm.create_comm", FakeComm)
    yield
    ipywidgets.Widget.close_all()  # it keeps every widget that is not closed, and complains when Python ends before it


@pytest.fixture(autouse=True)
def no_swallowed_errors(caplog):
    """Ipywidgets logs an error of a callback and goes on: look for it."""
    yield
    swallowed = [entry.getMessage() for entry in caplog.get_records("call") if "Exception in" in entry.getMessage()]
    assert swallowed == []


def from_browser(stepper, **state):
    """Set traits as the browser does."""
    stepper._handle_msg({"content": {"data": {"method": "update", "state": state}}, "buffers": []})


def ask(stepper, **message):
    """Send a message as the view does, and return what it is answered."""
    stepper._handle_msg({"content": {"data": {"method": "custom", "content": message}}, "buffers": []})
    return [message["content"] for message in stepper.comm.taken("custom")]


def state_of(stepper):
    return {
        name: getattr(stepper, name)
        for name in ("step", "by", "playing", "interval_ms", "size", "predict", "edited", "notice")
    }


def question(padding=0, dtype=int):
    x, k = signals.question_image().astype(dtype), signals.question_kernel().astype(dtype)
    return record(cross_correlation(x.shape, k.shape, padding=padding), x, k)


def oblong(**options):
    x, k = signals.oblong_image(), np.array([[1, -2, 3], [4, 5, -6]])
    return record(cross_correlation(x.shape, k.shape, **options), x, k)


def counted(pairing, bias=None):
    """A trace of whole numbers around 0, all different on each side."""
    left, right = (
        np.arange(math.prod(shape)).reshape(shape) - 4 for shape in (pairing.left_shape, pairing.right_shape)
    )
    return record(pairing, left, right, bias)


TRACES = {
    "elementwise": counted(elementwise((2, 3))),
    "elementwise vectors": counted(elementwise((20,))),
    "sum of products": counted(sum_of_products((2, 3))),
    "matrix product": counted(matrix_product((2, 17), (17, 4))),
    "cross-correlation": oblong(padding=((1, 0), (0, 2)), stride=2),
    "convolution": counted(convolution((4, 6), (2, 3), padding="same")),
    "layer": counted(conv_layer((3, 4, 5), (2, 3, 3, 3), padding=1), [10, -20]),
    "layer in groups": counted(conv_layer((4, 4, 5), (6, 2, 3, 3), groups=2)),
    "one by one": counted(one_by_one_convolution((3, 4, 5), 2)),
    "fully connected": counted(fully_connected(6, 4), [0.5, 1, 2, 3]),
    "fully connected, large": counted(fully_connected(30, 18)),
    "large input": counted(cross_correlation((20, 18), (3, 3), padding=1)),
    "large kernel": counted(cross_correlation((20, 20), (17, 19))),
    "many texts": counted(cross_correlation((99, 99), (4, 4))),
    "strange numbers": record(
        sum_of_products((1, 6)), [[np.inf, -np.inf, np.nan, -0.0, 1e-12, 1e12]], [[1, 1, 1, 1, 1, 0]]
    ),
}
LAID_OUT = {(name, "window"): trace for name, trace in TRACES.items()} | {
    (name, layout): TRACES[name]
    for name in ("cross-correlation", "convolution", "layer", "one by one")
    for layout in ("im2col", "matrix")
}
LAID_OUT["layer in groups", "matrix"] = TRACES["layer in groups"]


def laid_out(test):
    """Run a test for every trace in every layout that it has."""
    cases = [(trace, layout) for (_, layout), trace in LAID_OUT.items()]
    return pytest.mark.parametrize(("trace", "layout"), cases, ids=map(" as ".join, LAID_OUT))(test)


# What the browser is told


def received(stepper):
    """Scene and numbers after their way through JSON and binary buffers, with the tables as arrays."""
    state, paths, buffers = ipywidgets_internals._remove_buffers(stepper.get_state(["scene", "numbers"]))
    state = json.loads(json.dumps(state))
    ipywidgets_internals._put_buffers(state, paths, [memoryview(bytes(buffer)) for buffer in buffers])
    for part in state.values():
        dtype = "<i2" if len(part.get("texts", [])) <= 2**15 else "<i4"
        for name, value in part.items():
            if isinstance(value, memoryview):
                part[name] = np.frombuffer(value, dtype)
    return state["scene"], state["numbers"]


def texts(values):
    return [number(value) for value in np.ravel(values)]


@laid_out
def test_every_number_of_the_trace_arrives_as_its_text(trace, layout):
    pairing = trace.pairing
    _, numbers = received(Stepper(trace, layout=layout))
    groups = term_groups(pairing)
    with np.errstate(invalid="ignore"):
        subtotals = [[row[start:stop].sum() for start, stop, _ in groups] for row in trace.products]
    expected = {
        "left": texts(trace.left) + ["0"] * pairing.n_padding,
        "right": texts(trace.right),
        "products": texts(trace.products),
        "sums": texts(trace.running_sums),
        "subtotals": texts(subtotals),
    }
    changes = [CHANGES[change] for change in numbers.pop("changes")]
    before = [None, *trace.running_sums.ravel()[:-1]]
    assert [change == "first" for change in changes] == [
        at % trace.steps_per_output == 0 for at in range(trace.n_steps)
    ]
    for change, value, last in zip(changes, trace.running_sums.ravel(), before, strict=True):
        assert change == "first" or (change == "same") == (value == last or bool(np.isnan(value) and np.isnan(last)))
    if trace.bias is not None:
        expected["bias"] = texts(trace.bias[pairing.bias_index])
    decoded = {name: [numbers["texts"][index] for index in numbers[name]] for name in expected}
    assert decoded == expected
    assert len(set(numbers["texts"])) == len(numbers["texts"])
    shown = panels(trace, layout=layout)
    shaded = {f"{panel.role}_shades" for panel in shown if any(grid.shaded for grid in panel.grids)}
    assert set(numbers) == {*expected, "texts", *shaded}


@pytest.mark.parametrize(
    ("name", "layout", "shaded"),
    [
        ("elementwise vectors", "window", []),
        ("large input", "window", ["left", "output"]),
        ("large kernel", "window", ["left", "right", "products"]),
        ("fully connected, large", "window", ["right"]),
        ("layer", "im2col", ["bias", "left", "output", "right"]),
        ("layer", "matrix", ["left", "output", "right"]),
    ],
)
def test_what_is_too_large_for_numbers_arrives_as_grey_levels_too(name, layout, shaded):
    trace = TRACES[name]
    _, numbers = received(Stepper(trace, layout=layout))
    assert sorted(told for told in numbers if told.endswith("_shades")) == sorted(f"{role}_shades" for role in shaded)
    for role in shaded:
        np.testing.assert_array_equal(numbers[f"{role}_shades"], grey_levels(trace)[role])


@laid_out
def test_the_scene_tells_the_pairs_the_panels_and_the_words(trace, layout):
    pairing = trace.pairing
    scene, _ = received(Stepper(trace, names=("foo", "bar"), layout=layout))
    np.testing.assert_array_equal(scene["places"], pairing.places.ravel())
    np.testing.assert_array_equal(scene["weights"], pairing.right.ravel())
    assert (scene["outputs"], scene["terms"]) == (pairing.n_outputs, pairing.n_terms)
    assert scene["steps_per_output"] * scene["outputs"] == trace.n_steps
    assert (scene["left_size"], scene["right_size"]) == (trace.left.size, trace.right.size)
    assert scene["biases"] == (0 if trace.bias is None else trace.bias.size)
    assert scene["shapes"] == {
        "left": list(pairing.left_shape),
        "right": list(pairing.right_shape),
        "output": list(pairing.output_shape),
    }
    assert scene["groups"] == [list(group) for group in term_groups(pairing)]
    assert scene["templates"] == TEMPLATES
    constant = words(trace, ("foo", "bar"))
    assert scene["words"] == {
        "nouns": ["foo", "bar"],
        "where": list(constant.where),
        "start": constant.start,
        "added": constant.added,
    }
    shown = panels(trace, ("foo", "bar"), layout)
    assert [panel["title"] for panel in scene["panels"]] == [panel.title for panel in shown]
    for told, panel in zip(scene["panels"], shown, strict=True):
        for name in ("role", "size", "detail", "sign", "columns", "footnote", "follows", "line", "slot"):
            assert told[name] == getattr(panel, name)
        assert told["unused"] == list(panel.unused)
        for grid, of_panel in zip(told["grids"], panel.grids, strict=True):
            ids = np.reshape(grid["ids"], (-1, grid["columns"]))
            np.testing.assert_array_equal(ids, of_panel.ids)
            assert (grid["label"], grid["shaded"]) == (of_panel.label, of_panel.shaded)
            assert grid.get("name", "") == of_panel.name
            assert grid.get("cell_size", 1) == of_panel.cell_size
            assert ("pairs" in grid) is ("period" in grid) is (of_panel.pairs is not None)
            if of_panel.pairs is not None:
                np.testing.assert_array_equal(np.reshape(grid["pairs"], (-1, grid["columns"])), of_panel.pairs)
                assert grid["period"] == of_panel.period


@pytest.mark.parametrize(
    ("layout", "rows", "columns"),
    [
        # Side by side, and the input is the highest. A column may be as narrow as its title allows.
        ("window", 3, 4 + 2 + 0.3 * len("products") + 3),
        # X_col (4 × 6) above the output (1 × 6), W_row (1 × 4) below the input (3 × 4).
        ("im2col", 4 + 1, 4 + 6),
        # Twelve inputs above the matrix (6 × 12), the input and the output (6 × 1) beside it.
        ("matrix", 1 + 6, 4 + 12 + 0.3 * len("output")),
    ],
)
def test_the_scene_says_how_many_cells_of_room_it_takes(layout, rows, columns):
    scene, _ = received(Stepper(counted(cross_correlation((3, 4), (2, 2))), names=("x", "k"), layout=layout))
    assert (scene["rows"], scene["columns"]) == (rows, pytest.approx(columns))


@pytest.mark.parametrize(("layout", "period"), [("im2col", 20 * 27), ("matrix", 2 * 20 * 27)])
def test_a_layout_of_copies_tells_which_pair_each_is_about(layout, period):
    scene, _ = received(Stepper(TRACES["layer"], layout=layout))
    (copies,) = (grid for panel in scene["panels"] for grid in panel["grids"] if "pairs" in grid)
    assert copies["period"] == period
    assert all((element == ZERO) == (pair < 0) for element, pair in zip(copies["ids"], copies["pairs"], strict=True))


@pytest.mark.parametrize("predict", [False, True])
def test_the_first_message_of_the_question_is_small(predict):
    opening = Stepper(question(), predict=predict).comm.opening
    assert len(json.dumps(opening["data"], ensure_ascii=False).encode()) + sum(map(len, opening["buffers"])) <= 25_000


@pytest.mark.parametrize("predict", [False, True])
def test_what_a_prediction_is_compared_with_is_sent_where_it_is_asked_for(predict):
    scene, numbers = received(Stepper(question(), predict=predict))
    assert ("predictions" in scene) is predict
    assert any(name.startswith("mistakes_") for name in numbers) is predict


def test_predicting_later_sends_it_in_one_message_and_keeps_the_step():
    stepper = Stepper(question(), step=42)
    stepper.notice = "stride must be 1 or more"
    stepper.comm.messages.clear()
    stepper.predict = True
    states = [update["state"] for update in stepper.comm.taken("update")]
    assert [set(state) for state in states] == [{"predict"}, {"scene", "numbers"}]
    assert (stepper.step, stepper.notice) == (42, "stride must be 1 or more")
    stepper.predict = False
    stepper.predict = True
    assert [set(update["state"]) for update in stepper.comm.taken("update")] == [{"predict"}, {"predict"}]


def test_a_learner_who_stops_predicting_may_begin_again_after_a_swap():
    stepper = Stepper(question(), predict=True)
    from_browser(stepper, predict=False)
    stepper.trace = oblong()
    ask(stepper, role="left", id=0, text="7")
    assert "predictions" in received(stepper)[0]
    assert stepper.predict is False


def test_traits_that_the_browser_shares():
    stepper = Stepper(question())
    shared = {"step", "by", "playing", "interval_ms", "size", "predict", "edited", "notice", "scene", "numbers", "_esm"}
    assert shared <= set(stepper.keys)
    assert state_of(stepper) == {
        "step": 0,
        "by": "product",
        "playing": False,
        "interval_ms": 700,
        "size": "normal",
        "predict": False,
        "edited": False,
        "notice": "",
    }
    assert isinstance(stepper, anywidget.AnyWidget)


def test_options_are_taken():
    options = {"step": 42, "by": "output", "interval_ms": 20, "size": "large", "predict": True}
    stepper = Stepper(question(), names=["foo", "bar"], **options)
    assert state_of(stepper) == state_of(Stepper(question())) | options
    assert stepper.names == ("foo", "bar")


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_layout_is_taken_and_kept(layout):
    stepper = Stepper(oblong(), layout=layout)
    titles = [panel.title for panel in panels(oblong(), layout=layout)]
    assert stepper.layout == layout
    stepper.trace = oblong(padding=1)
    ask(stepper, role="left", id=0, text="7")
    scene, _ = received(stepper)
    assert [panel["title"] for panel in scene["panels"]] == titles
    assert stepper.layout == layout


def test_the_usual_layout_is_the_window():
    assert Stepper(question()).layout == "window"
    assert Stepper(question()).scene == Stepper(question(), layout="window").scene


# What is refused


@pytest.mark.parametrize("trace", [None, [[1, 2]], np.eye(3), "trace", cross_correlation((3, 3), (2, 2)), Stepper])
def test_refuses_what_is_no_trace(trace):
    message = f"trace must be a Trace, made by trace.record; received {type(trace).__name__}"
    with pytest.raises(TypeError, match=re.escape(message)):
        Stepper(trace)
    stepper = Stepper(question(), step=9)
    with pytest.raises(TypeError, match=re.escape(message)):
        stepper.trace = trace
    assert repr(stepper).endswith("Output (0, 0) = 4.")


@pytest.mark.parametrize("step", [-1, 82, 10**9])
def test_refuses_a_step_outside_the_trace_in_the_same_words_everywhere(step):
    message = f"step must be from 0 to 81; received {step}"
    with pytest.raises(ValueError, match=message):
        Stepper(question(), step=step)
    stepper = Stepper(question(), step=9)
    with pytest.raises(ValueError, match=message):
        stepper.step = step
    assert stepper.step == 9


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("step", 1.5, "step"),
        ("step", "1", "step"),
        ("by", "row", "by"),
        ("interval_ms", 19, "interval_ms"),
        ("interval_ms", 0.5, "interval_ms"),
        ("size", "huge", "size"),
        ("predict", "yes", "predict"),
    ],
)
def test_refuses_options(name, value, message):
    with pytest.raises(traitlets.TraitError, match=message):
        Stepper(question(), **{name: value})
    stepper = Stepper(question())
    before = state_of(stepper)
    with pytest.raises(traitlets.TraitError, match=message):
        setattr(stepper, name, value)
    assert state_of(stepper) == before


@pytest.mark.parametrize("names", ["AB", ("A",), ("A", "B", "C"), ("A", 2), 5, {"A": "B", "C": "D"}])
def test_refuses_names(names):
    with pytest.raises(TypeError, match="names must be two texts, for the left and the right operand; received"):
        Stepper(question(), names=names)


@pytest.mark.parametrize("layout", ["row", None, 3, ["im2col"]])
def test_refuses_a_layout_that_there_is_not(layout):
    message = f"layout must be one of window, im2col, matrix; received {layout!r}"
    with pytest.raises(ValueError, match=re.escape(message)):
        Stepper(question(), layout=layout)


@pytest.mark.parametrize("layout", ["im2col", "matrix"])
def test_refuses_a_layout_that_the_trace_does_not_have(layout):
    message = f'layout "{layout}" needs a window that moves over an image; the sum of products has none'
    with pytest.raises(ValueError, match=message):
        Stepper(TRACES["sum of products"], layout=layout)


def test_refuses_a_matrix_of_too_many_cells():
    with pytest.raises(ValueError, match="a picture holds at most 20,000 cells; received 121,680: crop or shrink"):
        Stepper(counted(cross_correlation((18, 26), (6, 7))), layout="matrix")


def test_refuses_a_trace_too_large_to_draw():
    with pytest.raises(ValueError, match="a picture holds at most 20,000 cells"):
        Stepper(counted(cross_correlation((150, 150), (1, 1))))


# Swapping the trace


def test_a_new_trace_keeps_the_step():
    stepper = Stepper(question(), step=42)
    stepper.trace = question(padding=1)
    assert stepper.step == 42
    assert stepper.trace.pairing.window.padding == ((1, 1), (1, 1))


def test_a_shorter_trace_stops_at_its_last_step():
    stepper = Stepper(question(), step=81)
    stepper.trace = counted(sum_of_products((2, 3)))
    assert stepper.step == stepper.trace.n_steps == 6
    assert repr(stepper).endswith("Output = 31.")  # 16 + 9 + 4 + 1 + 0 + 1


def test_a_swap_is_one_message():
    stepper = Stepper(question(), step=81)
    stepper.comm.messages.clear()
    stepper.trace = counted(sum_of_products((2, 3)))
    (update,) = stepper.comm.taken("update")
    assert {"scene", "numbers", "step"} <= set(update["state"])
    assert stepper.comm.messages == []


def test_swapping_to_the_same_shape_sends_the_numbers_alone():
    stepper = Stepper(question(), step=42)
    stepper.comm.messages.clear()
    stepper.trace = record(question().pairing, np.eye(5, dtype=int), np.eye(3, dtype=int))
    (update,) = stepper.comm.taken("update")
    assert set(update["state"]) == {"numbers"}


def test_python_watches_the_numbers_change_once():
    stepper, seen = Stepper(question()), []
    stepper.observe(lambda change: seen.append(stepper.trace), "numbers")
    stepper.trace = swapped = oblong()
    assert seen == [swapped]


@pytest.mark.parametrize("size", ["original", "no original"])
def test_a_trace_that_cannot_be_drawn_changes_nothing(size):
    stepper = Stepper(question(), step=42)
    ask(stepper, role="left", id=0, text="7")
    before, scene, numbers, trace = state_of(stepper), stepper.scene, stepper.numbers, stepper.trace
    large = counted(cross_correlation((150, 150), (1, 1)))
    stepper.comm.messages.clear()
    with pytest.raises(ValueError, match="a picture holds at most 20,000 cells"):
        stepper.show(large, large.operands if size == "original" else None)
    assert state_of(stepper) == before
    assert stepper.trace is trace
    assert stepper.scene is scene
    assert stepper.numbers is numbers
    assert stepper.comm.messages == []
    ask(stepper, reset=True)
    np.testing.assert_array_equal(stepper.trace.left, signals.question_image())


def test_a_trace_that_the_layout_does_not_have_changes_nothing():
    stepper = Stepper(oblong(), step=9, layout="im2col")
    before, scene, numbers, trace = state_of(stepper), stepper.scene, stepper.numbers, stepper.trace
    stepper.comm.messages.clear()
    with pytest.raises(
        ValueError, match='layout "im2col" needs a window that moves over an image; the sum of products'
    ):
        stepper.trace = TRACES["sum of products"]
    with pytest.raises(ValueError, match='layout "im2col" needs filters that see every channel'):
        stepper.trace = TRACES["layer in groups"]
    assert state_of(stepper) == before
    assert (stepper.scene, stepper.numbers) == (scene, numbers)
    assert stepper.trace is trace
    assert stepper.comm.messages == []


def test_a_swap_keeps_the_names():
    stepper = Stepper(question(), names=("foo", "bar"))
    stepper.trace = oblong()
    scene, _ = received(stepper)
    assert [panel["title"] for panel in scene["panels"]][:2] == scene["words"]["nouns"] == ["foo", "bar"]


def test_a_swap_clears_the_notice():
    stepper = Stepper(question())
    stepper.notice = "something"
    stepper.trace = oblong()
    assert stepper.notice == ""


# What the browser sends


def test_the_browser_moves_the_step():
    stepper, seen = Stepper(question()), []
    stepper.observe(lambda change: seen.append(change.new), "step")
    from_browser(stepper, step=42, playing=True, interval_ms=250, by="output")
    assert (stepper.step, stepper.playing, stepper.interval_ms, stepper.by) == (42, True, 250, "output")
    assert seen == [42]
    assert stepper.comm.taken("update") == []  # it is not told what it just said


@pytest.mark.parametrize(("sent", "taken"), [(82, 81), (10**6, 81), (-1, 0), (81, 81), (0, 0)])
def test_a_step_that_a_new_trace_has_overtaken_is_clamped(sent, taken):
    stepper = Stepper(question(), step=5)
    from_browser(stepper, step=sent)
    assert stepper.step == taken
    assert repr(stepper).startswith("Stepper: ")


# The learner's own numbers


def test_an_edited_cell_is_recomputed_and_answered():
    stepper = Stepper(question(), step=9)
    stepper.comm.messages.clear()
    assert ask(stepper, role="left", id=0, text="7") == [{"answered": True}]
    (update,) = stepper.comm.taken("update")
    assert set(update["state"]) == {"numbers", "edited"}
    expected = signals.question_image()
    expected[0, 0] = 7
    np.testing.assert_array_equal(stepper.trace.left, expected)
    assert stepper.trace.left.dtype == np.int64
    assert stepper.trace.output[0, 0] == 10
    assert state_of(stepper) == state_of(Stepper(question(), step=9)) | {"edited": True}


@pytest.mark.parametrize(
    ("role", "text", "value", "dtype"),
    [
        ("left", "3", 3, "int64"),
        ("right", "3", 3, "int64"),
        ("right", "1/9", 1 / 9, "float64"),
        ("right", "−2", -2, "int64"),
        ("left", " 0.5 ", 0.5, "float64"),
        ("left", "1e3", 1000, "int64"),
        ("left", "4/2", 2, "int64"),
        ("right", "9007199254740991", 2**53 - 1, "int64"),
    ],
)
def test_an_edit_changes_one_element_of_one_operand(role, text, value, dtype):
    stepper = Stepper(question())
    ask(stepper, role=role, id=4, text=text)
    before = {"left": signals.question_image(), "right": signals.question_kernel()}
    for name, original in before.items():
        edited = getattr(stepper.trace, name)
        if name == role:
            assert edited.dtype == np.dtype(dtype)
            assert edited.flat[4] == value
            edited = np.array(edited)
            edited.flat[4] = original.flat[4]
        np.testing.assert_array_equal(edited, original)
    assert stepper.notice == ""


@pytest.mark.parametrize("layout", ["im2col", "matrix"])
def test_an_edit_of_a_copy_is_an_edit_of_the_element(layout):
    stepper, expected = Stepper(oblong(), layout=layout), Stepper(oblong())
    for role in ("left", "right"):
        for each in (stepper, expected):
            ask(each, role=role, id=3, text="7")
    np.testing.assert_array_equal(stepper.trace.output, expected.trace.output)
    assert received(stepper)[1]["texts"] == received(expected)[1]["texts"]


def test_a_bias_is_edited_and_reset_as_the_operands_are():
    stepper = Stepper(counted(fully_connected(3, 2), [5, 6]), step=8)
    assert stepper.original == stepper.trace.operands
    before = stepper.trace.output.tolist()
    assert ask(stepper, role="bias", id=1, text="−0.5") == [{"answered": True}]
    assert (stepper.notice, stepper.edited) == ("", True)
    assert stepper.trace.bias.tolist() == [5, -0.5]
    assert stepper.trace.output.tolist() == [before[0], before[1] - 6.5]
    ask(stepper, reset=True)
    assert not stepper.edited
    assert stepper.trace.bias.tolist() == [5, 6]
    assert stepper.trace.output.tolist() == before


@pytest.mark.parametrize(("element", "text"), [(2, "7"), (-1, "7"), (0, "two"), (0, "1e400")])
def test_a_bias_that_is_none_changes_nothing(element, text):
    stepper = Stepper(counted(fully_connected(3, 2), [5, 6]))
    trace = stepper.trace
    ask(stepper, role="bias", id=element, text=text)
    assert stepper.notice
    assert stepper.trace is trace
    assert not stepper.edited


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("text", ["2", "0.25"])
def test_an_edit_keeps_the_width_of_floats(dtype, text):
    stepper = Stepper(question(dtype=dtype))
    ask(stepper, role="right", id=0, text=text)
    assert stepper.trace.right.dtype == np.dtype(dtype)
    assert stepper.trace.right[0, 0] == float(text)


@pytest.mark.parametrize(
    ("text", "notice"),
    [
        ("two", '"two" is not a number; write something like 3, −0.5 or 1/9'),
        ("", '"" is not a number'),
        ("1/0", '"1/0" is not a number'),
        ("1/", '"1/" is not a number'),
        ("nan", '"nan" is not a number'),
        ("1,5", '"1,5" is not a number'),
        ("<b>3</b>", '"<b>3</b>" is not a number'),
        ("9007199254740992", "9007199254740992 is too large for a cell; stay below 2**53"),
        ("-1e400", "-1e400 is too large for a cell"),
        ("inf", "inf is too large for a cell"),
    ],
)
def test_what_is_not_a_number_is_refused_with_a_word(text, notice):
    stepper = Stepper(question(), step=9)
    trace = stepper.trace
    assert ask(stepper, role="left", id=0, text=text) == [{"answered": True}]
    assert stepper.notice.startswith(notice)
    assert stepper.trace is trace
    assert not stepper.edited
    ask(stepper, role="left", id=0, text="2")
    assert stepper.notice == ""


def test_sums_beyond_64_bits_are_refused_with_a_word():
    stepper = Stepper(record(sum_of_products((1, 2)), [[2**52, 1]], [[1, 1]]))
    ask(stepper, role="right", id=0, text=str(2**52))
    assert stepper.notice.startswith("integer sums might not fit 64 bits")
    assert stepper.trace.right.tolist() == [[1, 1]]


@pytest.mark.parametrize("text", ["1e999999999", "1e-999999999", "9" * 4000, "1/1e999999999"])
def test_a_long_number_does_not_keep_the_kernel_busy(text):
    start = time.perf_counter()
    try:
        parse_number(text)
    except ValueError as error:
        assert "is too large for a cell" in str(error)  # noqa: PT017 - either answer will do, if it comes soon
    assert time.perf_counter() - start < 1


@pytest.mark.parametrize(
    "message",
    [
        {"role": "left", "id": 25, "text": "7"},
        {"role": "left", "id": -1, "text": "7"},
        {"role": "right", "id": 9, "text": "7"},
        {"role": "right", "id": 10**30, "text": "7"},
        {"role": "output", "id": 0, "text": "7"},
        {"role": "products", "id": 0, "text": "7"},
        {"role": "bias", "id": 0, "text": "7"},  # the question has none
        {"role": "subtotals", "id": 0, "text": "7"},
        {"role": "right", "id": ZERO, "text": "7"},
    ],
)
def test_a_cell_that_is_not_there_cannot_be_edited(message):
    stepper = Stepper(question(), step=9)
    trace = stepper.trace
    assert ask(stepper, **message) == [{"answered": True}]
    assert stepper.notice == f"no such cell to edit: {message['role']} {message['id']}"
    assert stepper.trace is trace
    np.testing.assert_array_equal(trace.left, signals.question_image())


@pytest.mark.parametrize(
    "message",
    [
        {},
        {"role": "left"},
        {"role": "left", "id": 0},
        {"role": "left", "id": "0", "text": "7"},
        {"role": "left", "id": 0.5, "text": "7"},
        {"role": "left", "id": 0, "text": 7},
        {"role": ["left"], "id": 0, "text": "7"},
        {"role": "left", "id": True, "text": "7"},
        {"reset": False},
    ],
)
def test_a_message_of_a_broken_front_end_is_told_so_and_changes_nothing(message):
    stepper = Stepper(question(), step=9)
    trace, before, numbers = stepper.trace, state_of(stepper), stepper.numbers
    assert ask(stepper, **message) == [{"answered": True}]
    assert stepper.trace is trace
    assert state_of(stepper) == before | {"notice": stepper.notice}
    assert stepper.notice.startswith("an edit must have a role, an id and a text; received {")
    assert stepper.numbers is numbers


@pytest.mark.parametrize(
    ("state", "named"),
    [
        ({"step": None}, "step"),
        ({"step": "3"}, "step"),
        ({"step": 0.5}, "step"),
        ({"step": float("nan")}, ""),  # no browser can send it
        ({"step": 3, "by": "row"}, "by"),
        ({"step": 3, "interval_ms": 5}, "interval_ms"),
        ({"playing": "yes", "step": 3}, "playing"),
        ({"size": None}, "size"),
    ],
)
def test_a_state_that_makes_no_sense_is_answered_and_changes_nothing(state, named):
    stepper = Stepper(question(), step=9)
    before = state_of(stepper)
    stepper.comm.messages.clear()
    from_browser(stepper, **state)
    assert named in stepper.notice
    assert state_of(stepper) == before | {"notice": stepper.notice}
    sent = {name: value for update in stepper.comm.taken("update") for name, value in update["state"].items()}
    assert sent == {name: before[name] for name in state} | {"notice": stepper.notice}  # the view goes back


def test_a_browser_cannot_set_what_is_pythons_to_say():
    stepper = Stepper(question(), step=9)
    before, own = state_of(stepper), (stepper.scene, stepper.numbers, stepper._esm, stepper.n_edits)
    from_browser(stepper, scene={}, numbers={}, edited=True, notice="Hello", _esm="", n_edits=7, unknown=1)
    assert state_of(stepper) == before
    assert (stepper.scene, stepper.numbers, stepper._esm, stepper.n_edits) == own


def test_an_integral_float_is_a_step():
    stepper = Stepper(question(), step=9)
    from_browser(stepper, step=1e21)  # as a browser writes a large number
    assert stepper.step == 81
    assert type(stepper.step) is int


def test_errors_in_callbacks_are_seen_by_these_tests(caplog):
    stepper = Stepper(question())
    stepper.on_msg(lambda *_: 1 / 0)
    ask(stepper, reset=True)
    assert any("Exception in callback" in entry.getMessage() for entry in caplog.records)
    stepper.observe(lambda _: 1 / 0, "step")
    from_browser(stepper, step=3)
    assert any("Exception in widget method" in entry.getMessage() for entry in caplog.records)
    caplog.clear()


def test_reset_goes_back_to_the_operands_of_the_last_trace():
    stepper = Stepper(question(), step=9)
    for cell, role in itertools.product(range(3), ("left", "right")):
        ask(stepper, role=role, id=cell, text="0.5")
    assert stepper.edited
    assert ask(stepper, reset=True) == [{"answered": True}]
    assert not stepper.edited
    np.testing.assert_array_equal(stepper.trace.left, signals.question_image())
    np.testing.assert_array_equal(stepper.trace.right, signals.question_kernel())
    assert stepper.trace.left.dtype == stepper.trace.right.dtype == np.int64
    assert stepper.trace.output.tolist() == question().output.tolist()
    stepper.trace = oblong()
    ask(stepper, role="left", id=0, text="99")
    ask(stepper, reset=True)
    np.testing.assert_array_equal(stepper.trace.left, signals.oblong_image())


def test_typing_the_old_number_back_is_no_edit():
    stepper = Stepper(question())
    ask(stepper, role="left", id=0, text="0.5")
    assert stepper.edited
    ask(stepper, role="left", id=0, text="1")
    assert not stepper.edited


def test_reset_can_go_back_to_another_original():
    trace = question()
    stepper = Stepper(trace)
    edited = record(trace.pairing, np.eye(5, dtype=int), trace.right)
    stepper.show(edited, trace.operands)
    assert stepper.edited
    ask(stepper, reset=True)
    np.testing.assert_array_equal(stepper.trace.left, signals.question_image())


def test_an_edit_keeps_pairing_bias_and_the_learners_arrays():
    x, w, b = np.array([1, 2, 3]), np.array([[1, 1, 1], [2, 2, 2]]), np.array([5, 6])
    stepper = Stepper(record(fully_connected(3, 2), x, w, b))
    pairing = stepper.trace.pairing
    ask(stepper, role="left", id=2, text="10")
    assert stepper.trace.pairing is pairing
    assert stepper.trace.output.tolist() == [18, 32]
    assert x.tolist() == [1, 2, 3]
    with pytest.raises(ValueError, match="read-only"):
        stepper.trace.left[0] = 1


# What stands beside the live view


def test_repr_is_the_sentence():
    stepper = Stepper(question(), step=42, names=("image", "kernel"))
    assert repr(stepper) == f"Stepper: {sentence(question(), 42, names=('image', 'kernel'))}"
    stepper.by, stepper.step = "output", 45
    assert repr(stepper) == f"Stepper: {sentence(question(), 45, 'output')}"


def test_mimebundle_has_the_view_a_picture_of_the_step_and_its_sentence():
    stepper = Stepper(question(), step=42)
    data, metadata = stepper._repr_mimebundle_()
    assert set(data) == {"text/plain", "image/png", "application/vnd.jupyter.widget-view+json"}
    assert data["application/vnd.jupyter.widget-view+json"]["model_id"] == stepper.model_id
    assert data["text/plain"] == repr(stepper)
    assert Image.open(io.BytesIO(base64.b64decode(data["image/png"]))).format == "PNG"
    assert set(metadata["image/png"]) == {"alt", "width", "height"}
    assert metadata["image/png"]["alt"].endswith(sentence(question(), 42))
    stepper.step = 43
    assert stepper._repr_mimebundle_()[0]["image/png"] != data["image/png"]


@pytest.mark.parametrize("layout", ["im2col", "matrix"])
def test_the_picture_beside_the_view_has_its_layout(layout):
    stepper = Stepper(oblong(), step=4, layout=layout)
    data, metadata = stepper._repr_mimebundle_()
    picture = step_picture(oblong(), 4, layout=layout)
    assert base64.b64decode(data["image/png"]) == picture.png
    assert metadata["image/png"]["alt"] == picture.alt
    assert data["text/plain"] == repr(stepper) == repr(Stepper(oblong(), step=4))


SCRIPT = """
import numpy as np
from convhelpers.pairing import cross_correlation
from convhelpers.stepper import Stepper
from convhelpers.trace import record
trace = record(cross_correlation((5, 5), (3, 3)), np.arange(25).reshape(5, 5), np.eye(3))
stepper = Stepper(trace, step=42)
data, metadata = stepper._repr_mimebundle_()
data.pop("application/vnd.jupyter.widget-view+json")
print(repr(stepper), data, metadata, sorted(stepper.numbers), list(stepper.numbers["texts"]))
"""


def test_what_is_stored_is_the_same_in_another_process():
    runs = [
        subprocess.run(
            [sys.executable, "-c", SCRIPT],
            cwd=ROOT,
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=True,
        )
        for seed in ("1", "2")
    ]
    first, second = (run.stdout for run in runs)
    assert first == second
    assert first.startswith("Stepper: Window rows 1–3")
    assert " at 0x" not in first


def test_closed_steppers_are_forgotten():
    def n_steppers():
        return sum(isinstance(widget, Stepper) for widget in ipywidgets_internals._instances.values())

    before = n_steppers()
    steppers = [Stepper(question()) for _ in range(50)]
    assert n_steppers() == before + 50
    for stepper in steppers:
        stepper.close()
    assert n_steppers() == before


# The code that travels


def test_the_module_travels_once():
    assert Stepper._esm.default_value == packed("stepper")
    assert not hasattr(Stepper, "_css")  # it would travel twice


def test_markup_in_names_travels_as_it_is():
    scene, _ = received(Stepper(question(), names=("<img src=x onerror=alert(1)>", "{0} & </script>")))
    assert [panel["title"] for panel in scene["panels"]][:2] == ["<img src=x onerror=alert(1)>", "{0} & </script>"]


# What an edit must not do


def test_an_edit_that_its_type_cannot_hold_is_refused():
    half = np.ones((1, 2), dtype=np.float16)
    stepper = Stepper(record(sum_of_products((1, 2)), half, half))
    stepper._handle_custom_msg({"role": "left", "id": 0, "text": "100000"}, [])
    assert stepper.notice == "100000 is too large for a cell of float16"
    assert stepper.trace.left[0, 0] == 1


def test_a_long_wrong_entry_is_not_echoed_whole():
    stepper = Stepper(question())
    stepper._handle_custom_msg({"role": "left", "id": 0, "text": "x" * 2000}, [])
    assert stepper.notice == f'"{"x" * 40}…" is not a number; write something like 3, −0.5 or 1/9'


def test_time_between_steps_has_bounds():
    for interval_ms in (19, 60_001):
        with pytest.raises(traitlets.TraitError):
            Stepper(question(), interval_ms=interval_ms)


def test_names_cannot_be_reassigned():
    stepper = Stepper(question(), names=("x", "k"))
    with pytest.raises(AttributeError):
        stepper.names = ("a", "b")
    assert stepper.names == ("x", "k")


def test_the_layout_cannot_be_reassigned():
    stepper = Stepper(question(), layout="im2col")
    with pytest.raises(AttributeError):
        stepper.layout = "matrix"
    assert stepper.layout == "im2col"


def test_a_trace_too_long_to_step_is_refused_and_named():
    long = record(cross_correlation((90, 90), (12, 12)), np.ones((90, 90), int), np.ones((12, 12), int))
    with pytest.raises(ValueError, match="a stepper holds at most 200,000 steps; received 898,704: crop or shrink"):
        Stepper(long)

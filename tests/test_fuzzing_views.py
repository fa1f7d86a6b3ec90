"""Steppers and explorers under whatever a browser may send, and the pictures of any trace.

What is shown is compared with SciPy and with a model kept beside it; `strategies` says how to look longer.
"""

import json

import ipywidgets
import numpy as np
import pytest
import scipy.signal
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from strategies import fuzzed, left_as_they_were, no_number, nothing_swallowed, traces

from convhelpers import explore, recording, signals
from convhelpers.layouts import LAYOUTS, panels
from convhelpers.predictions import mistakes, questions
from convhelpers.scene import numbers_of, scene_of
from convhelpers.stepper import Stepper
from convhelpers.trace import record
from convhelpers.wording import number, sentence


class StrictComm:
    """Takes what a browser could be sent, and refuses all else, as the kernel does."""

    kernel = "a kernel"

    def __init__(self, data=None, **_):
        self.comm_id = f"comm-{id(self)}"
        self.send(data)

    def send(self, data=None, buffers=None):
        json.dumps(data, allow_nan=False).encode("ascii")
        json.dumps(data, allow_nan=False, ensure_ascii=False).encode("utf-8")

    def on_msg(self, callback):
        pass

    def close(self, *_, **__):
        pass


@pytest.fixture(autouse=True)
def strict_comm(monkeypatch):
    monkeypatch.setattr("comm.create_comm", StrictComm)
    yield
    ipywidgets.Widget.close_all()


def sent(widget, **data):
    """Let a widget have a message as from the browser; an error on the way would reach nobody."""
    with nothing_swallowed():
        widget._handle_msg({"content": {"data": data}, "buffers": []})


# Pictures of any trace


@fuzzed(60)
@given(traces(), st.sampled_from(sorted(LAYOUTS)), st.booleans())
def test_any_trace_is_written_down_for_the_browser(trace, layout, predict):
    try:
        scene = scene_of(trace, layout=layout, predict=predict)
    except ValueError as error:
        assert str(error).startswith("layout ")  # noqa: PT017
        assert layout != "window"
        return
    written = numbers_of(trace, layout, predict)
    json.dumps(recording.plain({"scene": scene, "numbers": written}), allow_nan=False)
    texts = written["texts"]
    assert len(set(texts)) == len(texts)
    width = "<i2" if len(texts) <= 2**15 else "<i4"
    outputs, products = trace.running_sums[:, -1], trace.products.ravel()
    for name, values in (("products", products), ("sums", trace.running_sums.ravel()), ("right", trace.right.ravel())):
        places = np.frombuffer(written[name], width)
        assert [texts[place] for place in places] == [number(value) for value in values]
    n_left = trace.left.size + trace.pairing.n_padding
    for name, limit in (("places", n_left), ("weights", trace.right.size)):
        indices = np.frombuffer(scene[name], "<i2")
        assert indices.shape == (trace.pairing.n_outputs * trace.pairing.n_terms,)
        assert 0 <= indices.min() <= indices.max() < limit
    limits = {
        "left": n_left,
        "right": trace.right.size,
        "bias": 0 if trace.bias is None else trace.bias.size,
        "products": trace.pairing.n_terms,
        "subtotals": len(scene["groups"]),
        "output": outputs.size,
    }
    for panel, drawn in zip(panels(trace, layout=layout), scene["panels"], strict=True):
        limit = trace.pairing.n_terms if panel.follows else limits[panel.role]
        for grid in drawn["grids"]:
            assert all(-2 <= cell < limit for cell in grid["ids"])
            assert len(grid["ids"]) % grid["columns"] == 0
    if predict:
        for asked in questions(trace):
            count = trace.products.size if asked == "product" else outputs.size
            named = mistakes(trace, asked)
            table = np.frombuffer(written[f"mistakes_{asked}"], width)
            assert table.size == count * len(named)
            assert not table.size or -1 <= table.min() <= table.max() < len(texts)
            assert all(mistake.values.shape == (count,) and "{" not in mistake.sentence for mistake in named)


@fuzzed(100)
@given(traces(), st.data(), st.sampled_from(["product", "output"]))
def test_any_step_of_any_trace_is_said(trace, data, by):
    step = data.draw(st.integers(0, trace.n_steps))
    said = sentence(trace, step, by)
    assert "{" not in said
    assert "  " not in said
    if step:
        output, term = trace.locate(step)
        assert number(trace.running_sums[output, term]) in said
        assert ("Output" in said) == (term == trace.steps_per_output - 1)
    else:
        assert said.startswith("Nothing is computed yet: ")


@fuzzed(80)
@given(traces(dtype="int8"), no_number() | st.integers(-3, 3).map(lambda n: n * 10**6), no_number())
def test_a_step_or_a_way_that_there_is_not_is_refused(trace, step, way):
    if type(step) is int and step == 0:
        step = -1
    if not isinstance(step, (bool, np.bool_, np.ndarray)):
        with pytest.raises((ValueError, TypeError), match="^step must be "):
            sentence(trace, step)
    if not isinstance(way, np.ndarray):
        with pytest.raises(ValueError, match="^by must be "):
            sentence(trace, 1, way)
    with pytest.raises(ValueError, match="^asked must be one of "):
        mistakes(trace, way)
    with pytest.raises(ValueError, match="^layout must be one of "):
        scene_of(trace, layout=way)


# A stepper, and what its browser sends

NAMES = ["step", "by", "playing", "interval_ms", "size", "predict", "edited", "notice", "scene", "numbers", "n_edits"]
NAMES += ["_esm", "_css", "layout", "tooltip", "comm", "keys", "trace", "_trace", "__class__", "", "unknown"]
anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=4)
    | st.sampled_from(["output", "large"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)
ids = st.integers(-3, 30) | st.sampled_from([2**31, 10**30, -(10**30)])
texts = st.sampled_from(
    ["7", "-0.5", "1/3", "", " ", "two", "1e400", "−2", "1/0", "9007199254740992", "\ud800", "9" * 500]
)
edits = st.fixed_dictionaries({"role": st.sampled_from(["left", "right", "bias", "output"]), "id": ids, "text": texts})
broken = st.dictionaries(st.sampled_from(["role", "id", "text", "reset", "other"]), anything, max_size=4) | anything


class SteppersLife(RuleBasedStateMachine):
    """A stepper, whatever its browser sends and whatever is assigned in Python, beside a model of what it shows."""

    @initialize(trace=traces(), predict=st.booleans())
    def open(self, trace, predict):
        self.stepper = Stepper(trace, predict=predict)
        self.pairing, self.operands, self.original = trace.pairing, list(trace.operands), trace.operands

    @rule(state=st.dictionaries(st.sampled_from(NAMES), anything, max_size=3))
    def browser_sets_anything(self, state):
        own = {name: getattr(self.stepper, name) for name in ("scene", "numbers", "edited", "_esm", "n_edits", "comm")}
        sent(self.stepper, method="update", state=state)
        assert all(getattr(self.stepper, name) is value for name, value in own.items())

    @rule(share=st.integers(-1, 5), by=st.sampled_from(["product", "output"]), playing=st.booleans())
    def browser_steps(self, share, by, playing):
        step = share * self.stepper.trace.n_steps // 4
        sent(self.stepper, method="update", state={"step": step, "by": by, "playing": playing})
        taken = self.stepper.step, self.stepper.by, self.stepper.playing
        assert taken == (max(0, min(step, self.stepper.trace.n_steps)), by, playing)

    @rule(step=st.sampled_from([None, np.nan, 0.5, "3", "", [1], {}, {"step": 1}]))
    def browser_sends_no_step(self, step):
        before = self.stepper.step
        sent(self.stepper, method="update", state={"step": step, "playing": True})
        assert self.stepper.step == before
        assert self.stepper.notice

    @rule(edit=edits)
    def browser_edits(self, edit):
        values = {"7": 7, "-0.5": -0.5, "1/3": 1 / 3, "−2": -2}
        place = ["left", "right", "bias"].index(edit["role"]) if edit["role"] != "output" else None
        operand = None if place is None else self.operands[place]
        trace = self.stepper.trace
        sent(self.stepper, method="custom", content=edit)
        if operand is None or not 0 <= edit["id"] < operand.size:
            assert self.stepper.notice.startswith("no such cell to edit")
        elif edit["text"] not in values:
            assert self.stepper.notice.endswith(("3, −0.5 or 1/9", "stay below 2**53"))
        else:
            edited = operand.astype(np.result_type(operand, values[edit["text"]]))
            edited.flat[edit["id"]] = values[edit["text"]]
            edited_operands = [edited if at == place else kept for at, kept in enumerate(self.operands)]
            try:
                record(self.pairing, *edited_operands)
            except ValueError as error:
                assert self.stepper.notice == str(error)  # noqa: PT017
            else:
                self.operands = edited_operands
                assert self.stepper.notice == ""
                return
        assert self.stepper.trace is trace

    @rule(message=broken)
    def browser_says_anything(self, message):
        is_reset = isinstance(message, dict) and bool(message.get("reset"))
        trace = self.stepper.trace
        sent(self.stepper, method="custom", content=message)
        if is_reset:
            self.operands = list(self.original)
        elif self.stepper.trace is trace:
            assert self.stepper.notice
        else:
            self.operands = list(self.stepper.trace.operands)

    @rule()
    def browser_resets(self):
        sent(self.stepper, method="custom", content={"reset": True})
        self.operands = list(self.original)
        assert not self.stepper.edited
        assert self.stepper.notice == ""

    @rule(trace=traces())
    def python_swaps(self, trace):
        step = self.stepper.step
        self.stepper.trace = trace
        self.pairing, self.operands, self.original = trace.pairing, list(trace.operands), trace.operands
        assert self.stepper.step == min(step, trace.n_steps)
        assert not self.stepper.edited

    @rule(steps=st.integers(-2, 2), predict=st.booleans())
    def python_assigns(self, steps, predict):
        step = self.stepper.step + steps
        if 0 <= step <= self.stepper.trace.n_steps:
            self.stepper.step = step
        else:
            with pytest.raises(ValueError, match="^step must be from 0 to "):
                self.stepper.step = step
        self.stepper.predict = predict

    @invariant()
    def shows_the_model(self):
        if not hasattr(self, "stepper"):
            return
        stepper, trace = self.stepper, self.stepper.trace
        for shown, kept in zip(trace.operands, self.operands, strict=True):
            assert (shown is None) == (kept is None)
            assert shown is None or (shown.dtype == kept.dtype and np.array_equal(shown, kept, equal_nan=True))
        assert 0 <= stepper.step <= trace.n_steps
        assert type(stepper.step) is int
        assert repr(stepper) == f"Stepper: {sentence(trace, stepper.step, stepper.by)}"
        assert (stepper.by in ("product", "output"), stepper.size in ("normal", "large")) == (True, True)
        assert 20 <= stepper.interval_ms <= 60_000
        changed = [
            kept is not before and not np.array_equal(kept, before, equal_nan=True)
            for kept, before in zip(self.operands, self.original, strict=True)
        ]
        assert stepper.edited == any(changed)
        knows = "predictions" in stepper.scene
        assert not stepper.predict or knows
        assert stepper.numbers == numbers_of(trace, predict=knows)
        assert stepper.scene == scene_of(trace, predict=knows)

    def teardown(self):
        ipywidgets.Widget.close_all()


TestSteppersLife = SteppersLife.TestCase
TestSteppersLife.settings = fuzzed(20, stateful_step_count=12)


# Explorers, and what their controls stand for


def windows_of(x, kernel, *, stride=1, padding=(0, 0), dilation=1, turned=False):
    """SciPy's answer; it has no stride and no dilation of its own."""
    dilated = np.zeros([dilation * (cells - 1) + 1 for cells in kernel.shape], kernel.dtype)
    dilated[::dilation, ::dilation] = kernel
    function = scipy.signal.convolve2d if turned else scipy.signal.correlate2d
    if padding == "same":
        return function(x, dilated, "full")[tuple(map(same_part, x.shape, dilated.shape, [turned] * 2))]
    x = np.pad(x, [(before, before) for before in padding])
    return function(x, dilated, "valid")[::stride, ::stride]


def same_part(cells, kernel_cells, turned):
    """The part of "full" that is "same": as many outputs as inputs, the odd one as `conventions` says."""
    before = kernel_cells // 2 if turned else (kernel_cells - 1) // 2
    return slice(kernel_cells - 1 - before, kernel_cells - 1 - before + cells)


def padding_of(word, number_, kernel, dilation):
    """SciPy pads with "same" by itself."""
    if word == "number":
        return (number_, number_)
    return word if word == "same" else [(word == "full") * dilation * (cells - 1) for cells in kernel.shape]


def shown_by_convolution(explorer):
    x, kernel, _ = explorer.stepper.trace.operands
    assert kernel.shape == (explorer.rows.value, explorer.columns.value)
    if explorer.kernel.value != "your own":
        np.testing.assert_array_equal(kernel, signals.kernels()[explorer.kernel.value])
    padding = padding_of(explorer.padding.value, explorer.padding_number.value, kernel, explorer.dilation.value)
    gaps = {"stride": explorer.stride.value, "dilation": explorer.dilation.value}
    return windows_of(x, kernel, padding=padding, turned=explorer.flip.value, **gaps)


def shown_by_products(explorer):
    left, right, _ = explorer.stepper.trace.operands
    operations = {
        "element-wise product": np.multiply,
        "sum of products": lambda left, right: np.vdot(left, right).reshape(1, 1),
        "matrix product": np.matmul,
    }
    return operations[explorer.operation.value](left, right)


def shown_by_depth(explorer):
    x, weight, bias = explorer.stepper.trace.operands
    depthwise = "depthwise" in explorer.groups.value
    assert len(x) == explorer.channels.value
    assert len(weight) == (len(x) if depthwise else explorer.filters.value)
    assert (bias is None) == (depthwise or not explorer.add_bias.value)
    padding = "same" if explorer.padding.value == "same" else (0, 0)
    volumes = x[:, None] if depthwise else [x] * len(weight)
    maps = [
        sum(windows_of(channel, part, padding=padding) for channel, part in zip(volume, filter_, strict=True))
        for volume, filter_ in zip(volumes, weight, strict=True)
    ]
    return np.stack(maps) + (0 if bias is None else bias[:, None, None])


def shown_by_im2col(explorer):
    x, weight, _ = explorer.stepper.trace.operands
    assert weight.shape[-2:] == (explorer.rows.value, explorer.columns.value)
    options = {"stride": explorer.stride.value, "padding": [explorer.padding.value] * 2}
    return np.stack([sum(map(lambda c, k: windows_of(c, k, **options), x, filter_)) for filter_ in weight])


def shown_by_matrix(explorer):
    x, kernel, _ = explorer.stepper.trace.operands
    assert kernel.shape == (explorer.rows.value, explorer.columns.value)
    return windows_of(x, kernel, stride=explorer.stride.value, padding=[explorer.padding.value] * 2)


def shown_by_neurons(explorer):
    x, weight, bias = explorer.stepper.trace.operands
    assert len(weight) == (3 if explorer.neuron.value == "all" else 1)
    return weight @ x + bias


COUNTED = np.arange(6).reshape(2, 3) - 2
EXPLORERS = {
    "convolution": (lambda: explore.convolution(signals.oblong_image(), COUNTED), shown_by_convolution),
    "named kernel": (lambda: explore.convolution(signals.oblong_image(), "counting"), shown_by_convolution),
    "products": (lambda: explore.products(COUNTED[:, :2], COUNTED[:, 1:]), shown_by_products),
    "depth": (
        lambda: explore.depth(signals.depth_volume(), signals.depth_filters(), signals.depth_bias()),
        shown_by_depth,
    ),
    "im2col": (lambda: explore.im2col(signals.depth_volume(), signals.depth_filters()), shown_by_im2col),
    "matrix": (lambda: explore.matrix(signals.oblong_image(), COUNTED), shown_by_matrix),
    "neurons": (lambda: explore.neurons([1, 2], np.arange(6).reshape(3, 2), [4, 5, 6]), shown_by_neurons),
}
fields = st.integers(-1, 4) | st.integers(1, 3) | st.sampled_from([10**6, 2**31, 2**63, 10**30, -(10**30)])


class ExplorersLife(RuleBasedStateMachine):
    """An explorer under any choices and edits: the output that its controls stand for, or a notice."""

    @initialize(name=st.sampled_from(sorted(EXPLORERS)))
    def open(self, name):
        make, self.shown = EXPLORERS[name]
        self.explorer = make()
        self.first = self.explorer.stepper.trace

    @rule(data=st.data(), count=st.integers(1, 3))
    def choose(self, data, count):
        for _ in range(count):
            self.choose_one(data)
            self.shows_what_the_controls_stand_for_or_says_why_not()

    def choose_one(self, data):
        controls = [control for control in self.explorer.children[0].children if not control.disabled]
        control, trace = data.draw(st.sampled_from(controls)), self.explorer.stepper.trace
        if hasattr(control, "options"):
            state = {"index": data.draw(st.integers(0, len(control.options) - 1))}
        else:
            state = {"value": data.draw(st.booleans() if isinstance(control.value, bool) else fields)}
        sent(control, method="update", state=state)
        if self.explorer.stepper.notice:
            assert self.explorer.stepper.trace is trace

    @rule(message=edits | broken)
    def browser_says_anything(self, message):
        sent(self.explorer.stepper, method="custom", content=message)

    @rule()
    def browser_resets(self):
        sent(self.explorer.stepper, method="custom", content={"reset": True})
        assert not self.explorer.stepper.edited

    @rule(share=st.integers(0, 4))
    def browser_steps(self, share):
        sent(self.explorer.stepper, method="update", state={"step": share * self.explorer.stepper.trace.n_steps // 4})

    @precondition(lambda self: hasattr(self, "explorer"))
    @invariant()
    def shows_what_the_controls_stand_for_or_says_why_not(self):
        stepper = self.explorer.stepper
        assert repr(self.explorer) == repr(stepper)
        assert stepper.numbers == numbers_of(stepper.trace, stepper.layout)
        if not stepper.notice:
            expected = self.shown(self.explorer)
            assert stepper.trace.output.shape == expected.shape
            np.testing.assert_allclose(stepper.trace.output, expected, rtol=1e-12, atol=1e-12)

    def teardown(self):
        ipywidgets.Widget.close_all()


TestExplorersLife = ExplorersLife.TestCase
TestExplorersLife.settings = fuzzed(60, stateful_step_count=15)


# What is recorded of an explorer

VALUES = {
    "padding": [["valid", "same"], ["valid"], ["same"], ["valid", "none"], "valid", ["valid", None]],
    "stride": [[1, 2], [1, 2.5], [1, 0], [1, True], [1, "2"], [1, 1e400], [2], [], None, [1, [2]], [1, 10**30]],
    "dilation": [[1, 2], [1, -1]],
    "flip": [[False, True], [False, 1], [False, "yes"]],
    "kernel": [["your own", "question"], ["your own", "nobody's"]],
    "stepper": [[1]],
    "children": [[1]],
    "nobody": [[1]],
    5: [[1]],
}


@fuzzed(80)
@given(st.sets(st.sampled_from(sorted(VALUES, key=str)), max_size=3), st.data())
def test_what_is_recorded_is_what_the_explorer_shows_or_is_refused(names, data):
    choices = {name: data.draw(st.sampled_from(VALUES[name])) for name in names}
    explorer = explore.convolution(signals.oblong_image(), COUNTED, step=5)
    numbers = explorer.stepper.numbers
    with left_as_they_were(*choices.values()), nothing_swallowed():
        try:
            recorded = recording.record(explorer, choices)
        except (ValueError, TypeError) as error:
            assert str(error).startswith("choices ")  # noqa: PT017
            recorded = None
    assert explorer.stepper.numbers == numbers
    assert (explorer.stepper.step, explorer.stride.value, explorer.kernel.value) == (5, 1, "your own")
    if recorded is None:
        return
    json.dumps(recorded, allow_nan=False)
    options = [control["options"] for control in recorded["controls"]]
    assert len(recorded["table"]) == np.prod([len(each) for each in options], dtype=int)
    ordered = [name for name in ("kernel", "padding", "stride", "dilation", "flip") if name in choices]
    place = tuple(data.draw(st.integers(0, len(choices[name]) - 1)) for name in ordered)
    chosen = {name: choices[name][at] for name, at in zip(ordered, place, strict=True)}
    at = np.ravel_multi_index(place, [len(choices[name]) for name in ordered]) if ordered else 0
    state = recorded["states"][recorded["table"][at]]
    chosen["kernel"] = COUNTED if chosen.get("kernel", "your own") == "your own" else chosen["kernel"]
    try:
        shown = explore.convolution(signals.oblong_image(), **chosen)
    except (ValueError, TypeError) as error:
        assert state["refused"].startswith(str(error)[:20])  # noqa: PT017
    else:
        assert state["numbers"] == recording.plain(shown.stepper.numbers)

"""What is recorded of an explorer is what the explorer itself shows, for every combination of choices."""

import base64
import io
from itertools import product

import ipywidgets
import numpy as np
import pytest
from PIL import Image

from convhelpers import explore, recording, signals

OBLONG = [[3, 0, 1, 2], [1, 5, 8, 9], [2, 7, 2, 5]]
KERNEL = [[1, 2], [3, 4]]
CHOICES = {"stride": [1, 2], "flip": [False, True], "padding": ["valid", "same"]}


def state_at(recorded, values):
    """The state under the texts of a combination, found as the page finds it: the last control is the fastest."""
    at = 0
    for control, value in zip(recorded["controls"], values, strict=True):
        at = at * len(control["options"]) + control["options"].index(value)
    return recorded["states"][recorded["table"][at]]


# What is recorded


@pytest.mark.parametrize(("stride", "flip"), product([1, 2], [False, True]))
def test_each_combination_is_what_the_explorer_shows(stride, flip):
    recorded = recording.record(explore.convolution(OBLONG, KERNEL), CHOICES)
    shown = explore.convolution(OBLONG, KERNEL, stride=stride, flip=flip).stepper
    state = state_at(recorded, ["valid", str(stride), "yes" if flip else "no"])
    assert state["scene"] == recording.plain(shown.scene)
    assert state["numbers"] == recording.plain(shown.numbers)


def test_a_combination_that_cannot_work_is_its_refusal():
    recorded = recording.record(explore.convolution(OBLONG, KERNEL), CHOICES)
    refused = state_at(recorded, ["same", "2", "no"])
    assert list(refused) == ["refused"]
    assert refused["refused"].startswith('padding "same" needs stride 1')


def test_controls_stand_in_the_order_of_the_explorer_with_what_was_set():
    recorded = recording.record(explore.convolution(OBLONG, KERNEL, stride=2), CHOICES)
    assert recorded["controls"] == [
        {"name": "padding", "options": ["valid", "same"], "at": 0},
        {"name": "stride", "options": ["1", "2"], "at": 1},
        {"name": "turn the kernel (convolution)", "options": ["no", "yes"], "at": 0},
    ]


def test_a_control_without_a_description_is_called_by_its_name():
    recorded = recording.record(explore.products(KERNEL, KERNEL), {"operation": ["sum of products", "matrix product"]})
    assert [control["name"] for control in recorded["controls"]] == ["operation"]


def test_equal_states_are_kept_once():
    neurons = explore.depth(np.arange(16).reshape(1, 4, 4), np.ones((2, 1, 3, 3)), [1, 2])
    choices = {"groups": ["summed over depth", "each channel alone (depthwise)"], "add_bias": [True, False]}
    recorded = recording.record(neurons, choices)
    assert len(recorded["table"]) == 4
    assert len(recorded["states"]) == 3  # alone, a channel has no bias


def test_the_line_says_what_is_set_besides_the_choices():
    recorded = recording.record(explore.convolution(signals.question_image()), {"kernel": ["question", "counting"]})
    assert state_at(recorded, ["counting"])["besides"].startswith("rows: 2 · columns: 2 · padding: valid · stride: 1")


def test_the_explorer_is_left_as_it_was():
    explorer = explore.convolution(OBLONG, KERNEL, step=20)
    before = recording.plain(explorer.stepper.get_state())
    recording.record(explorer, CHOICES)
    assert recording.plain(explorer.stepper.get_state()) == before
    assert [explorer.stride.value, explorer.padding.value, explorer.flip.value] == [1, "valid", False]


def test_each_choice_begins_where_the_explorer_stood():
    explorer = explore.convolution(OBLONG, KERNEL, step=7)
    numbers = explorer.stepper.numbers
    recorded = recording.record(explorer, {"kernel": ["question", "your own"], "stride": [1, 2]})
    assert state_at(recorded, ["your own", "1"])["numbers"] == recording.plain(numbers)
    assert explorer.stepper.numbers == numbers
    assert (explorer.kernel.value, explorer.rows.value, explorer.stepper.step) == ("your own", 2, 7)


def test_a_photograph_is_recorded_as_a_picture_with_its_text():
    photograph = explore.photograph()
    recorded = recording.record(photograph, {"kernel": ["vertical edges", "box blur"]})
    for control in ("vertical edges", "box blur"):
        photograph.kernel.value = control
        bundle, metadata = photograph._repr_mimebundle_()
        state = state_at(recorded, [control])
        original, small = (picture(data) for data in (bundle["image/png"], state["picture"]))
        assert original.shape == small.shape
        assert np.abs(original - small).mean() < 4  # of 255
        assert state["text"] == metadata["image/png"]["alt"]
        assert len(state["picture"]) < len(bundle["image/png"]) / 2


def picture(data):
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(data))).convert("L"), dtype=float)


def test_a_cell_that_ends_in_it_holds_it_as_data():
    recorded = recording.record(explore.convolution(OBLONG, KERNEL), {})
    assert recorded._repr_mimebundle_() == {recording.MIME: dict(recorded)}
    assert recorded["controls"] == []
    assert recorded["table"] == [0]


# What is refused


@pytest.mark.parametrize(
    ("name", "values"),
    [("stride", [1, 2.5]), ("stride", [1, "2"]), ("stride", [1, True]), ("padding", ["valid", "none"])],
)
def test_a_value_that_a_control_does_not_take_is_refused_and_nothing_is_moved(name, values):
    explorer = explore.convolution(OBLONG, KERNEL, step=7)
    with pytest.raises(ValueError, match=f"^choices of {name} must be values that it takes; received "):
        recording.record(explorer, {name: values})
    assert (explorer.stride.value, explorer.padding.value, explorer.stepper.step) == (1, "valid", 7)


def test_choices_are_lists():
    with pytest.raises(TypeError, match="^choices of stride must be a list of values; received 1$"):
        recording.record(explore.convolution(OBLONG, KERNEL), {"stride": 1})


def test_names_no_control():
    with pytest.raises(ValueError, match="choices must name controls of ConvolutionExplorer; received 'stepper'"):
        recording.record(explore.convolution(OBLONG, KERNEL), {"stepper": [1]})


def test_holds_what_is_set():
    with pytest.raises(ValueError, match=r"choices of stride must hold 1, as it is set; received \[2, 3\]"):
        recording.record(explore.convolution(OBLONG, KERNEL), {"stride": [2, 3]})


# Controls in a line


@pytest.mark.parametrize(
    ("make", "options", "line"),
    [
        (ipywidgets.IntText, {"value": 3, "description": "rows"}, "rows: 3"),
        (ipywidgets.Checkbox, {"value": True, "description": "flip"}, "flip: yes"),
        (
            ipywidgets.Dropdown,
            {"options": ["valid", "full"], "value": "full", "description": "padding"},
            "padding: full",
        ),
        (ipywidgets.ToggleButtons, {"options": ["a", "b"], "value": "b"}, "b"),
        (ipywidgets.IntSlider, {"value": 7, "description": "n", "disabled": True}, ""),
    ],
    ids=["number", "checkbox", "choice", "no description", "disabled"],
)
def test_control_in_a_line(make, options, line):
    assert recording.settings([make(**options).get_state()]) == line

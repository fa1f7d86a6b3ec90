"""What every explorer does in a notebook: the view, beside it a still picture, and the same words in both."""

import base64
import re

import driving
import ipywidgets
import numpy as np
import pytest
from driving import choose

from convhelpers import explore, signals

no_swallowed_errors, close_widgets = driving.no_swallowed_errors, driving.close_widgets

MATRICES = [[1, 2], [3, 4]], [[5, 6], [7, -8]]
STEPPED = {
    "convolution": lambda **options: explore.convolution(signals.oblong_image(), "one to nine", **options),
    "products": lambda **options: explore.products(*MATRICES, "matrix product", **options),
    "depth": lambda **options: explore.depth(
        signals.depth_volume(), signals.depth_filters(), signals.depth_bias(), **options
    ),
    "im2col": lambda **options: explore.im2col(signals.depth_volume(), signals.depth_filters(), **options),
    "matrix": lambda **options: explore.matrix(signals.counting_image(), signals.counting_kernel(), **options),
    "neurons": lambda **options: explore.neurons([1, 2], [[3, 4], [5, 6]], [10, 20], **options),
}
ALL = STEPPED | {"photograph": lambda: explore.photograph(np.eye(5), "sharpen")}
stepped = pytest.mark.parametrize("make", STEPPED.values(), ids=STEPPED)


@pytest.mark.parametrize("make", ALL.values(), ids=ALL)
def test_mimebundle_has_the_view_a_still_picture_and_its_words(make):
    explorer = make()
    data, metadata = explorer._repr_mimebundle_()
    assert set(data) == {"text/plain", "image/png", "application/vnd.jupyter.widget-view+json"}
    assert data["application/vnd.jupyter.widget-view+json"]["model_id"] == explorer.model_id
    assert data["text/plain"] == repr(explorer)
    assert " at 0x" not in repr(explorer)
    assert base64.b64decode(data["image/png"], validate=True).startswith(b"\x89PNG")
    assert set(metadata["image/png"]) == {"alt", "width", "height"}
    assert metadata["image/png"]["alt"]


@stepped
def test_still_picture_is_the_steppers_own(make):
    explorer = make(step=3)
    data, metadata = explorer._repr_mimebundle_()
    of_stepper, metadata_of_stepper = explorer.stepper._repr_mimebundle_()
    assert data["image/png"] == of_stepper["image/png"]
    assert metadata["image/png"] == metadata_of_stepper["image/png"]
    assert data["text/plain"] == of_stepper["text/plain"]


@stepped
def test_every_control_has_a_description_that_fits(make):
    explorer = make()
    row, view = explorer.children
    assert view is explorer.stepper
    assert len(row.children) >= 1
    for control in row.children:
        if not isinstance(control, ipywidgets.ToggleButtons):
            assert re.fullmatch(r"\w[\w ()]+", control.description)
            assert control.style.description_width == "auto"


@stepped
@pytest.mark.parametrize("size", ["normal", "large"])
def test_large_explorers_are_marked_for_the_style_sheet(make, size):
    assert ("chs-explorer-large" in make(size=size)._dom_classes) is (size == "large")


def test_the_still_picture_is_that_of_the_last_good_choice():
    explorer = STEPPED["convolution"](step=42)
    picture = explorer._repr_mimebundle_()[0]["image/png"]
    choose(explorer.stride, 0)
    assert explorer._repr_mimebundle_()[0]["image/png"] == picture
    choose(explorer.stride, 1)
    choose(explorer.flip, True)
    assert explorer._repr_mimebundle_()[0]["image/png"] != picture


def test_a_still_picture_says_what_the_view_says():
    explorer = explore.convolution(signals.question_image(), step=9)
    explorer.stepper.by = "output"
    _, metadata = explorer._repr_mimebundle_()
    assert metadata["image/png"]["alt"].endswith("The 9 products add up to 4. Output (0, 0) = 4.")


@pytest.mark.parametrize(("name", "titles"), [("im2col", ["W_row", "X_col"]), ("matrix", ["matrix", "flattened"])])
def test_a_still_picture_is_laid_out_as_the_view(name, titles):
    _, metadata = STEPPED[name]()._repr_mimebundle_()
    for title in titles:
        assert title in metadata["image/png"]["alt"]

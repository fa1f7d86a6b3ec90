"""Still pictures are PNGs that change with the step, the same from run to run, with words that stand in for them."""

import base64
import functools
import io
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from looking import has_colour, pixels, rgb
from PIL import Image

from convhelpers import signals, stills
from convhelpers.layouts import LAYOUTS
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
from convhelpers.panels import SHADED_SIZE
from convhelpers.pictures import DPI, STRONG, Picture, curves, image_row
from convhelpers.stills import CELL_INCHES, FULL, SOFT, step_picture
from convhelpers.trace import record
from convhelpers.wording import sentence


def question(**options):
    x, k = signals.question_image(), signals.question_kernel()
    return record(cross_correlation(x.shape, k.shape, **options), x, k)


def counted(pairing, bias=None):
    """A trace of the numbers 0, 1, 2, … on both sides."""
    left, right = (np.arange(np.prod(shape)).reshape(shape) for shape in (pairing.left_shape, pairing.right_shape))
    return record(pairing, left, right, bias)


TRACES = {
    "elementwise": counted(elementwise((2, 3))),
    "elementwise long vectors": counted(elementwise((20,))),
    "sum of products": counted(sum_of_products((2, 3))),
    "matrix product": counted(matrix_product((2, 17), (17, 2))),
    "cross-correlation": question(stride=2, padding=((1, 0), (0, 1))),
    "convolution": counted(convolution((4, 6), (2, 3), padding="same")),
    "layer": counted(conv_layer((3, 4, 5), (2, 3, 3, 3)), [1, 2]),
    "depthwise layer": counted(conv_layer((3, 4, 5), (3, 1, 2, 2), groups=3)),
    "one by one": counted(one_by_one_convolution((3, 4, 5), 2), [1, 2]),
    "one by one, deep": counted(one_by_one_convolution((20, 2, 2), 2)),
    "fully connected": counted(fully_connected(6, 4), [1, 2, 3, 4]),
    "fully connected, large": counted(fully_connected(30, 18)),
    "large input": counted(cross_correlation((28, 20), (3, 3))),
    "large kernel": counted(cross_correlation((20, 19), (17, 18))),
}


@functools.cache
def in_the_middle(name):
    return step_picture(TRACES[name], 20)


def area(picture, colour):
    """How many cells' worth of pixels have a colour of the palette."""
    near = np.abs(pixels(picture).astype(int) - rgb(colour)).max(axis=-1) <= 2
    return near.sum() / (0.92 * CELL_INCHES * DPI) ** 2


# Each operation, from before the first step to after the last


@pytest.mark.parametrize("name", TRACES)
@pytest.mark.parametrize("place", ["start", "last"])
def test_every_operation_can_be_drawn(name, place):
    trace = TRACES[name]
    step = {"start": 0, "last": trace.n_steps}[place]
    picture = step_picture(trace, step)
    assert isinstance(picture, Picture)
    assert picture.png.startswith(b"\x89PNG\r\n\x1a\n")
    image = pixels(picture)
    assert min(image.shape[:2]) > 50
    assert image.std() > 5  # something is drawn
    assert picture.alt.endswith(sentence(trace, step))
    assert repr(picture) == picture.alt


def test_alt_text_names_the_panels_and_says_the_step():
    assert step_picture(question(stride=2, padding=((1, 0), (0, 0))), 1, names=("image", "weights")).alt == (
        "image, 5 × 5, padding: 1 above; weights, 3 × 3, not turned; products, 3 × 3; output, 2 × 2. "
        "Window rows −1 to 1, columns 0–2. Product 1 of 9: padding = 0 times weights (0, 0) = 1 gives 0; "
        "the sum starts at 0."
    )


def test_picture_changes_from_step_to_step():
    pictures = [step_picture(question(), step) for step in (0, 1, 2, 9, 10, 81)]
    assert len({picture.png for picture in pictures}) == len({picture.alt for picture in pictures}) == 6


def test_picture_shows_the_names():
    first, second = (step_picture(question(), 3, names=names) for names in (("foo", "bar"), ("baz", "bar")))
    assert first.png != second.png
    assert "foo, 5 × 5; bar, 3 × 3" in first.alt


def test_the_same_step_is_the_same_picture():
    assert step_picture(question(), 42) == step_picture(question(), 42)


@pytest.mark.parametrize("role", ["left", "right", "products", "output"])
@pytest.mark.parametrize("name", ["cross-correlation", "large input", "large kernel", "fully connected, large"])
def test_each_role_keeps_its_colour_also_among_many_greys(name, role):
    assert has_colour(in_the_middle(name), STRONG[role])


def test_names_are_text_and_no_formula():
    step_picture(question(), 1, names=("{0} <b>", "a & b"))  # would raise if braces or markup were read


@pytest.mark.parametrize("step", [-1, 82])
def test_no_picture_of_a_step_outside_the_trace(step):
    with pytest.raises(ValueError, match=f"step must be from 1 to 81; received {step}"):
        step_picture(question(), step)


def test_strange_numbers_are_drawn():
    values = [[np.nan, np.inf, -np.inf, -0.0, 1e-12, 1e12]]
    picture = step_picture(record(elementwise((1, 6)), values, np.ones((1, 6))), 1)
    assert picture.alt.endswith("A (0, 0) = NaN times B (0, 0) = 1 gives NaN. Nothing is added. Output (0, 0) = NaN.")


# Layouts


LAID_OUT = {
    "question": question(),
    "padding, stride": question(stride=2, padding=((1, 0), (0, 1))),
    "turned": counted(convolution((3, 4), (2, 2))),
    "one cell": counted(cross_correlation((3, 3), (1, 1))),
    "one cell, large": counted(cross_correlation((5, 5), (1, 1))),
    "layer": counted(conv_layer((2, 3, 4), (2, 2, 2, 2), padding=1), [1, 2]),
    "one by one": counted(one_by_one_convolution((3, 2, 4), 2), [1, 2]),
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("trace", LAID_OUT.values(), ids=LAID_OUT)
def test_every_layout_can_be_drawn(trace, layout):
    steps = (0, 1, trace.n_steps)
    drawn = [step_picture(trace, step, layout=layout) for step in steps]
    for step, picture in zip(steps, drawn, strict=True):
        assert pixels(picture).std() > 5
        assert picture.alt.endswith(sentence(trace, step))
    assert len({picture.png for picture in drawn}) == 3


def test_alt_text_names_the_panels_of_the_layout():
    assert step_picture(question(), 0, layout="im2col").alt.startswith(
        "input x, 5 × 5; X_col, 9 × 9, a column for each window; W_row, 1 × 9, a row for each filter; "
        "W_row @ X_col, 1 × 9. Nothing"
    )
    assert step_picture(question(), 0, layout="matrix").alt.startswith(
        "input x, 5 × 5; flattened, 25, each number above its weights; matrix, 9 × 25, a row for each output; "
        "output, 9. Nothing"
    )


def test_no_picture_of_a_layout_that_there_is_not():
    with pytest.raises(ValueError, match="layout must be one of window, im2col, matrix; received 'row'"):
        step_picture(question(), 0, layout="row")


def test_equal_weights_of_the_matrix_have_equal_shades():
    """Three outputs share two weights: the first is drawn in the softest shade, the last in the fullest."""
    picture = step_picture(counted(cross_correlation((1, 4), (1, 2))), 0, layout="matrix")
    assert area(picture, SOFT["right"]) == pytest.approx(3, rel=0.2)
    assert area(picture, FULL["right"]) == pytest.approx(3, rel=0.2)


def test_zeros_of_the_matrix_are_written(monkeypatch):
    trace = counted(cross_correlation((1, 4), (1, 2)))
    written = step_picture(trace, 1, layout="matrix")
    monkeypatch.setattr(stills, "ZERO", None)
    assert step_picture(trace, 1, layout="matrix").png != written.png


# Weights in use, biases, subtotals


@pytest.mark.parametrize("name", ["window", "im2col"])
def test_weights_of_the_other_filter_lose_their_colour(name):
    """Two filters of three weights. Before the first step all are coloured; then one is current, and three idle."""
    trace = record(one_by_one_convolution((3, 2, 2), 2), np.ones((3, 2, 2), int), np.ones((2, 3, 1, 1), int))
    before, first, last = (step_picture(trace, step, layout=name) for step in (0, 1, trace.n_steps))
    assert area(before, SOFT["right"]) == pytest.approx(6, rel=0.2)
    for picture in (first, last):
        assert area(picture, SOFT["right"]) == pytest.approx(2, rel=0.2)
        assert area(picture, FULL["right"]) == pytest.approx(1, rel=0.3)  # less its number


def test_the_bias_is_lit_when_it_is_added():
    """One weight or one bias is current; the biases of the other neurons have no colour."""
    trace = record(fully_connected(2, 3), [1, 1], np.ones((3, 2), int), [1, 1, 1])
    before, product, bias = (step_picture(trace, step) for step in (0, 2, 3))
    assert area(before, SOFT["right"]) == pytest.approx(9, rel=0.2)  # six weights, three biases
    assert area(before, FULL["right"]) == 0
    assert area(product, SOFT["right"]) == pytest.approx(2, rel=0.2)  # the other weight, and the bias
    assert area(bias, SOFT["right"]) == pytest.approx(2, rel=0.2)  # both weights
    for picture in (product, bias):
        assert area(picture, FULL["right"]) == pytest.approx(1, rel=0.3)  # less its number


def test_a_subtotal_is_drawn_when_its_channel_is_done():
    """Two channels of two products. Violet are the products that are done, the current one more, and the subtotals."""
    trace = record(conv_layer((2, 1, 2), (1, 2, 1, 2)), np.ones((2, 1, 2), int), np.ones((1, 2, 1, 2), int))
    done = [area(step_picture(trace, step), SOFT["products"]) for step in range(trace.n_steps + 1)]
    current = [area(step_picture(trace, step), FULL["products"]) for step in range(trace.n_steps + 1)]
    assert done == pytest.approx([0, 0, 1, 2 + 1, 3 + 1], rel=0.3, abs=0.1)
    assert current[2] == current[4] == pytest.approx(2, rel=0.3)  # with the last product of a channel its subtotal


# Shades


def test_a_large_input_is_drawn_in_shades_and_its_window_in_numbers():
    trace = TRACES["large input"]
    assert "window, 3 × 3" in step_picture(trace, 1).alt
    first, second = pixels(step_picture(trace, 1)), pixels(step_picture(trace, 10))
    assert first.shape[1] == second.shape[1]
    greys = first[np.ptp(first, axis=-1) <= 12]
    assert len(np.unique(greys[:, 1] // 8)) > 20  # from black to white in small steps


@pytest.mark.parametrize(
    "pairing", [cross_correlation((20, 20), (1, 1)), cross_correlation((20, 20), (20, 20))], ids=["outputs", "products"]
)
def test_what_is_computed_in_400_steps_stays_white_until_then(pairing):
    trace = record(pairing, np.zeros(pairing.left_shape), np.zeros(pairing.right_shape))  # all of the same grey
    # Counted in the grey of equal values: the white around it changes with the length of the sentence.
    n_grey = [
        int((np.abs(pixels(step_picture(trace, step)) - 128.0) <= 12).all(axis=-1).sum()) for step in (1, 200, 400)
    ]
    area = (SHADED_SIZE * CELL_INCHES * DPI) ** 2
    assert n_grey[1] - n_grey[0] == pytest.approx(area / 2, rel=0.1)
    assert n_grey[2] - n_grey[1] == pytest.approx(area / 2, rel=0.1)


# In a notebook


def test_mimebundle_carries_the_picture_its_text_and_its_size():
    picture = step_picture(question(), 42)
    data, metadata = picture._repr_mimebundle_()
    assert set(data) == {"text/plain", "image/png"}
    assert data["text/plain"] == picture.alt
    assert base64.b64decode(data["image/png"], validate=True) == picture.png
    width, height = Image.open(io.BytesIO(picture.png)).size
    assert metadata == {"image/png": {"alt": picture.alt, "width": width * 96 // DPI, "height": height * 96 // DPI}}


def test_a_stored_picture_is_small():
    assert len(step_picture(question(), 42).png) < 30_000


# What stays out


SCRIPT = """
import sys, zlib
import numpy as np
from convhelpers import pictures, stills
from convhelpers.pairing import cross_correlation
from convhelpers.trace import record
trace = record(cross_correlation((5, 5), (3, 3)), np.arange(25).reshape(5, 5), np.eye(3))
picture = stills.step_picture(trace, 42)
row = pictures.image_row([np.eye(3)], ["one"], alt="one")
matrix = stills.step_picture(trace, 42, layout="matrix")
line = pictures.curves([1, 2], {"one": [1, 2]}, x_label="x", y_label="y", alt="one")
print([zlib.crc32(each.png) for each in (picture, row, matrix, line)])
print([name for name in ("matplotlib.pyplot", "ipympl", "matplotlib.backends.backend_inline") if name in sys.modules])
"""


def test_drawing_needs_no_pyplot_and_is_the_same_in_another_process():
    runs = [
        subprocess.run(
            [sys.executable, "-c", SCRIPT],
            cwd=Path(__file__).parents[1],
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        )
        for seed in ("1", "2")
    ]
    first, second = (run.stdout.splitlines() for run in runs)
    assert first == second
    assert re.fullmatch(r"\[\d+, \d+, \d+, \d+\]", first[0])
    assert first[1] == "[]"


def test_no_figure_is_left_behind():
    import matplotlib.pyplot as plt  # only to ask it

    before = plt.get_fignums()
    step_picture(question(), 1)
    image_row([np.eye(3)], ["one"], alt="one")
    curves([1, 2], {"one": [1, 2]}, x_label="x", y_label="y", alt="one")
    assert plt.get_fignums() == before

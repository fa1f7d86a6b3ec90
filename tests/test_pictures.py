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
from PIL import Image

from convhelpers import signals
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
from convhelpers.pictures import CELL_INCHES, DPI, STRONG, Picture, image_row, step_picture
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
    "one by one": counted(one_by_one_convolution((3, 4, 5), 2)),
    "fully connected": counted(fully_connected(6, 4), [1, 2, 3, 4]),
    "fully connected, large": counted(fully_connected(30, 18)),
    "large input": counted(cross_correlation((28, 20), (3, 3))),
    "large kernel": counted(cross_correlation((20, 19), (17, 18))),
}


@functools.cache
def in_the_middle(name):
    return step_picture(TRACES[name], 20)


def pixels(picture):
    return np.asarray(Image.open(io.BytesIO(picture.png)).convert("RGB"))


def rgb(colour):
    return [int(colour[at : at + 2], 16) for at in (1, 3, 5)]


def has_colour(picture, colour, tolerance=12):
    """Whether some pixels of the picture come near a colour; the PNG has 128 of them."""
    distance = np.abs(pixels(picture).astype(int) - rgb(colour)).max(axis=-1)
    return (distance <= tolerance).sum() > 10


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


# Images side by side


def test_image_row_shows_grey_and_colour_images():
    grey, colour = np.linspace(0, 1, 48).reshape(6, 8), np.zeros((3, 6, 8))
    colour[0] = 1
    picture = image_row([grey, colour], ["grey", "red"], alt="A ramp and a red image.")
    assert picture.alt == repr(picture) == "A ramp and a red image."
    assert has_colour(picture, "#ff0000")
    assert has_colour(picture, "#000000")
    height, width = pixels(picture).shape[:2]
    assert width > height


def test_image_row_takes_one_range_or_one_an_image():
    image = np.array([[0.0, 1.0], [2.0, 4.0]])
    one, each, other = (
        image_row([image, image], ["a", "b"], alt="", value_range=value_range)
        for value_range in ((0, 4), [(0, 4), (0, 4)], [(0, 4), (0, 1)])
    )
    assert one.png == each.png
    assert one.png != other.png


@pytest.mark.parametrize(
    "arguments", [{"titles": ["one"]}, {"value_range": [(0, 1)]}], ids=["too few titles", "too few ranges"]
)
def test_image_row_refuses_what_does_not_pair_up(arguments):
    with pytest.raises(ValueError, match=r"must be as many as the images, 2; received 1"):
        image_row([np.eye(2), np.eye(2)], **{"titles": ["one", "two"], "alt": ""} | arguments)


def test_image_row_modifies_no_image():
    image = np.full((4, 4), 0.5)
    image_row([image], ["grey"], alt="", value_range=(0, 2))
    np.testing.assert_array_equal(image, np.full((4, 4), 0.5))


# What stays out


SCRIPT = """
import sys, zlib
import numpy as np
from convhelpers import pictures
from convhelpers.pairing import cross_correlation
from convhelpers.trace import record
trace = record(cross_correlation((5, 5), (3, 3)), np.arange(25).reshape(5, 5), np.eye(3))
picture = pictures.step_picture(trace, 42)
row = pictures.image_row([np.eye(3)], ["one"], alt="one")
print([zlib.crc32(each.png) for each in (picture, row)])
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
    assert re.fullmatch(r"\[\d+, \d+\]", first[0])
    assert first[1] == "[]"


def test_no_figure_is_left_behind():
    import matplotlib.pyplot as plt  # only to ask it

    before = plt.get_fignums()
    step_picture(question(), 1)
    image_row([np.eye(3)], ["one"], alt="one")
    assert plt.get_fignums() == before

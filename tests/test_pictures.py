"""Images and curves are PNGs with a text that stands in for them, and change nothing that they are given."""

import re

import numpy as np
import pytest
from looking import has_colour, pixels

from convhelpers.pictures import STRONG, curves, image_row

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


# Curves


def test_curves_are_drawn_each_in_its_colour():
    lines = {"square": [1, 4, 9], "cube": [1, 8, 27], "line": [1, 2, 3], "none": [0, 0, 0]}
    picture = curves([1, 2, 3], lines, x_label="side", y_label="area", alt="Four curves.")
    assert picture.alt == repr(picture) == "Four curves."
    for colour in STRONG.values():
        assert has_colour(picture, colour)


def test_curves_change_with_values_names_and_labels():
    def drawn(x=(1, 2), name="a", values=(1, 2), x_label="x", y_label="y"):
        return curves(x, {name: values}, x_label=x_label, y_label=y_label, alt="").png

    others = [drawn(x=(1, 3)), drawn(name="b"), drawn(values=(1, 3)), drawn(x_label="n"), drawn(y_label="n")]
    assert drawn() == drawn()
    assert len({drawn(), *others}) == 6


def test_more_curves_than_colours_and_one_of_a_single_point():
    curves([1, 2], {str(n): [n, n] for n in range(9)}, x_label="x", y_label="y", alt="")
    curves([1], {"point": [2.5]}, x_label="x", y_label="y", alt="")


@pytest.mark.parametrize(
    ("x", "lines", "error", "message"),
    [
        ([1, 2], {}, ValueError, "lines must hold one line or more; received none"),
        ([1, 2], {"a": [1, 2], "b": [1]}, ValueError, "line 'b' must have 2 values, as many as x; received 1"),
        ([1, 2], {"a": [1, 2, 3]}, ValueError, "line 'a' must have 2 values, as many as x; received 3"),
        ([], {"a": []}, ValueError, "x must not be empty"),
        ([[1, 2]], {"a": [1, 2]}, ValueError, "x must be 1-D"),
        ([1, 2], {"a": [[1, 2]]}, ValueError, "line 'a' must be 1-D"),
        ([1, 2], {"a": ["x", "y"]}, TypeError, "line 'a' must hold real numbers"),
        (None, {"a": [1]}, TypeError, "x must be an array of real numbers; received None"),
    ],
)
def test_curves_refuse_what_does_not_pair_up(x, lines, error, message):
    with pytest.raises(error, match=re.escape(message)):
        curves(x, lines, x_label="x", y_label="y", alt="")


@pytest.mark.parametrize("alt", [None, 5, ["a"]])
def test_a_picture_has_a_text(alt):
    message = f"alt must be a text; received {type(alt).__name__}"
    with pytest.raises(TypeError, match=message):
        curves([1], {"a": [1]}, x_label="x", y_label="y", alt=alt)
    with pytest.raises(TypeError, match=message):
        image_row([np.eye(2)], ["one"], alt=alt)


def test_curves_modify_no_array():
    x, values = np.array([1, 2, 3]), np.array([1.0, 4.0, 9.0])
    curves(x, {"square": values}, x_label="x", y_label="y", alt="")
    assert (x.tolist(), values.tolist()) == ([1, 2, 3], [1, 4, 9])

"""With this module one can have pictures with a text that stands in for them: images side by side, and curves.

The colours are those of the live view in its light theme: input blue, weights red, products violet, output green.
`stills` draws a step of a trace with them.
"""

import base64
import io
import itertools
import textwrap
import warnings
from dataclasses import dataclass

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from convhelpers.operands import real_array
from convhelpers.texts import in_line, seen

INK = "#16202c"
STRONG = {"left": "#0b5fa5", "right": "#b23c0a", "products": "#5f22c8", "output": "#00694a"}
DASHES = ("solid", "dashed", "dashdot", "dotted")  # a line is told apart by more than its colour
DPI = 110
NAME_LETTERS = 60  # of a title or a name that is drawn; what is longer is cut


@dataclass(frozen=True)
class Picture:
    """A PNG and its alternative text. In a notebook it shows itself; elsewhere it is its text."""

    png: bytes
    alt: str

    def __repr__(self):
        return self.alt

    def _repr_mimebundle_(self, **kwargs):
        data = {"text/plain": self.alt, "image/png": base64.b64encode(self.png).decode("ascii")}
        # A PNG says its size in bytes 16 to 24. Screens count 96 pixels an inch; more are drawn, for sharpness.
        width, height = (int.from_bytes(self.png[at : at + 4], "big") * 96 // DPI for at in (16, 20))
        return data, {"image/png": {"alt": self.alt, "width": width, "height": height}}


def image_row(images, titles, *, alt, value_range=(0, 1), inches=2.4):
    """Draw images side by side, each under its title: grey (H, W), or colour (3, H, W) with values from 0 to 1.

    `value_range` is (black, white) for the grey images, or a list of such pairs, one an image; `inches` is the width of
    an image. `alt` is the text that stands in for the picture.

    Raises `ValueError` for no image, one of another shape, titles or ranges of another number, a width outside 0.5 to
    10; `TypeError` for what is no image, and for an `alt` that is no text.

    >>> image_row([np.eye(8)], ["identity"], alt="The identity matrix: a white diagonal on black.")
    The identity matrix: a white diagonal on black.
    """
    images = [real_array(image, "image", ndim=(2, 3), axes=("(H, W)", "(3, H, W)")) for image in images]
    ranges = value_range if isinstance(value_range, list) else [value_range] * len(images)
    _check_row(images, titles, ranges, alt, inches)
    tallest = max(image.shape[-2] / image.shape[-1] for image in images)
    titles = [textwrap.wrap(in_line(title, NAME_LETTERS), int(12 * inches)) for title in titles]
    height = inches * tallest + 0.15 + 0.15 * max(1, *map(len, titles))
    figure = Figure(figsize=(inches * len(images), height), dpi=DPI, layout="constrained")
    all_axes = figure.subplots(1, len(images), squeeze=False)[0]
    for axes, image, title, (black, white) in zip(all_axes, images, titles, ranges, strict=True):
        axes.imshow(np.moveaxis(image, 0, -1) if image.ndim == 3 else image, cmap="gray", vmin=black, vmax=white)
        axes.set_title("\n".join(title), fontsize=10, color=INK, parse_math=False)
        axes.set_axis_off()
    return Picture(
        draw_png(figure, _in_grey if all(image.ndim == 2 for image in images) else _in_full_color), seen(alt)
    )


def curves(x, lines, *, x_label, y_label, alt):
    """Draw numbers over numbers, a line for each entry of `lines` (name → values, as many as `x`), named at its end.

    `alt` is the text that stands in for the picture.

    Raises `ValueError` for no line, and for values that are not as many as `x`; `TypeError` for an `alt` that is no
    text.

    >>> curves([1, 2, 3], {"square": [1, 4, 9]}, x_label="side", y_label="area", alt="A curve that bends upwards.")
    A curve that bends upwards.
    """
    x = real_array(x, "x", ndim=1)
    values = {name: real_array(of_name, f"line {name!r}", ndim=1) for name, of_name in lines.items()}
    if not values:
        raise ValueError("lines must hold one line or more; received none")
    for name, of_name in values.items():
        if len(of_name) != len(x):
            raise ValueError(f"line {name!r} must have {len(x)} values, as many as x; received {len(of_name)}")
    _check_alt(alt)
    figure = Figure(figsize=(6.4, 3.4), dpi=DPI, layout="constrained")
    axes = figure.subplots()
    for (name, of_name), color, dash in zip(values.items(), itertools.cycle(STRONG.values()), itertools.cycle(DASHES)):
        axes.plot(x, of_name, color=color, linestyle=dash, marker="o", markersize=4)
        axes.annotate(
            f" {in_line(name, NAME_LETTERS // 2)}",
            (x[-1], of_name[-1]),
            color=color,
            va="center",
            annotation_clip=False,
            parse_math=False,
        )
    axes.set_xlabel(in_line(x_label, NAME_LETTERS), parse_math=False)
    axes.set_ylabel(in_line(y_label, NAME_LETTERS // 2), parse_math=False)
    axes.spines[["top", "right"]].set_visible(False)
    return Picture(draw_png(figure, _in_full_color), seen(alt))


def _check_row(images, titles, ranges, alt, inches):
    if not images:
        raise ValueError("images must hold one image or more; received none")
    for image in images:
        if image.ndim == 3 and image.shape[0] != 3:
            raise ValueError(f"a colour image must be (3, H, W); received shape {image.shape}")
    for name, values in (("titles", titles), ("value_range", ranges)):
        if len(values) != len(images):
            raise ValueError(f"{name} must be as many as the images, {len(images)}; received {len(values)}")
    _check_alt(alt)
    if not 0.5 <= inches <= 10:
        raise ValueError(f"inches must be from 0.5 to 10; received {inches}")


def _check_alt(alt):
    if not isinstance(alt, str):
        raise TypeError(f"alt must be a text; received {type(alt).__name__}")


def draw_png(figure, to_image):
    """The figure as a PNG; `to_image` makes a Pillow image of its pixels (H, W, 3)."""
    canvas = FigureCanvasAgg(figure)
    with warnings.catch_warnings():
        # Matplotlib draws a box in the place of a letter that its font lacks; the alternative text has the letter.
        warnings.filterwarnings("ignore", "Glyph .* missing from font", UserWarning)
        canvas.draw()
    png = io.BytesIO()
    to_image(np.ascontiguousarray(np.asarray(canvas.buffer_rgba())[..., :3])).save(png, format="png", optimize=True)
    return png.getvalue()


def _in_full_color(pixels):
    return Image.fromarray(pixels)


def _in_grey(pixels):
    return Image.fromarray(pixels).convert("L")

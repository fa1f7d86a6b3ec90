"""With this module one can draw still pictures: a step of a trace, and images side by side.

Each drawing function returns a `Picture`: a PNG with the text that stands in for it. The colours are those of the live
view in its light theme: input blue, weights red, products violet, output green.
"""

import base64
import functools
import io
import textwrap
from dataclasses import dataclass

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from PIL import Image

from convhelpers.operands import real_array
from convhelpers.panels import SHADED_SIZE, grey_levels, marks, panels
from convhelpers.wording import number, sentence

INK, QUIET, EDGE, PLAIN = "#16202c", "#566270", "#b9c3ce", "#ffffff"
STRONG = {"left": "#0b5fa5", "right": "#b23c0a", "products": "#5f22c8", "output": "#00694a"}
SOFT = {"left": "#e6f1fc", "right": "#fff3ea", "products": "#f3eefe", "output": "#e6f9f0"}
FULL = {"left": "#cfe6fd", "right": "#ffd0a6", "products": "#d9c9fd", "output": "#a5ecca"}
CELL_INCHES = 0.42
SIGN_WIDTH = 1.1
DPI = 110


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


def step_picture(trace, step, by="product", names=None):
    """Draw the panels of a trace after `step` steps, with the step's sentence below: the stepper, standing still.

    >>> from convhelpers.pairing import sum_of_products
    >>> from convhelpers.trace import record
    >>> step_picture(record(sum_of_products((1, 2)), [[1, 2]], [[3, 4]]), 2)
    A, 1 × 2; B, 1 × 2; products, 1 × 2; sum of products, 1 × 1. Product 2 of 2: ... the sum becomes 11. Output = 11.
    """
    shown = panels(trace, names)
    spoken = sentence(trace, step, by, names)
    heads = "; ".join(", ".join(filter(None, (panel.title, panel.size, panel.detail))) for panel in shown)
    return Picture(_png(_step_figure(trace, step, shown, spoken), _in_own_colors), f"{heads}. {spoken}")


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
    figure = Figure(figsize=(inches * len(images), inches * tallest + 0.3), dpi=DPI, layout="constrained")
    all_axes = figure.subplots(1, len(images), squeeze=False)[0]
    for axes, image, title, (black, white) in zip(all_axes, images, titles, ranges, strict=True):
        axes.imshow(np.moveaxis(image, 0, -1) if image.ndim == 3 else image, cmap="gray", vmin=black, vmax=white)
        axes.set_title(title, fontsize=10, color=INK)
        axes.set_axis_off()
    return Picture(_png(figure, _in_grey if all(image.ndim == 2 for image in images) else _in_full_color), alt)


def _check_row(images, titles, ranges, alt, inches):
    if not images:
        raise ValueError("images must hold one image or more; received none")
    for image in images:
        if image.ndim == 3 and image.shape[0] != 3:
            raise ValueError(f"a colour image must be (3, H, W); received shape {image.shape}")
    for name, values in (("titles", titles), ("value_range", ranges)):
        if len(values) != len(images):
            raise ValueError(f"{name} must be as many as the images, {len(images)}; received {len(values)}")
    if not isinstance(alt, str):
        raise TypeError(f"alt must be a text; received {type(alt).__name__}")
    if not 0.5 <= inches <= 10:
        raise ValueError(f"inches must be from 0.5 to 10; received {inches}")


def _step_figure(trace, step, shown, spoken):
    """One axes in units of a cell, row 0 at the top, with the panels from left to right."""
    figure = Figure(dpi=DPI)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    heads = [_head(panel) for panel in shown]
    heights = [panel.stacked * (panel.slot_rows + _label_room(panel)) for panel in shown]
    head_lines = max(len(note) for _, note in heads)
    top, height = 1.0 + 0.5 * head_lines, max(heights)
    lit = marks(trace, step)
    texts = _texts(trace, step)
    x = 0.3
    for panel, (width, note), own_height in zip(shown, heads, heights, strict=True):
        if panel.sign:
            axes.text(
                x + SIGN_WIDTH / 2,
                top + height / 2,
                panel.sign,
                color=QUIET,
                fontsize=15 if len(panel.sign) < 3 else 10,
                ha="center",
                va="center",
            )
            x += SIGN_WIDTH
        axes.text(x, 0.5, panel.title, color=STRONG[panel.role], fontsize=11, weight="bold", va="center")
        axes.text(x, 0.85, "\n".join(note), color=QUIET, fontsize=8, va="top", linespacing=1.25)
        _draw_grids(axes, panel, x, top + (height - own_height) / 2, lit, texts)
        x += width
    lines = textwrap.wrap(spoken, max(24, int(x * 5.6)))
    axes.text(0.3, top + height + 0.4, "\n".join(lines), color=INK, fontsize=9.5, va="top", linespacing=1.3)
    bottom = top + height + 0.6 + 0.52 * len(lines)
    axes.set(xlim=(0, x + 0.3), ylim=(bottom, 0))
    figure.set_size_inches((x + 0.3) * CELL_INCHES, bottom * CELL_INCHES)
    return figure


def _head(panel):
    """The width of a panel in cells, and its note cut into lines of that width."""
    width = panel.columns * (panel.grids[0].drawn_size[1] + 0.5) - 0.5
    width = max(width, 0.29 * len(panel.title))
    notes = filter(None, (panel.size, panel.detail, panel.footnote))
    return width, [line for note in notes for line in textwrap.wrap(note, max(12, int(width * 5)))]


def _label_room(panel):
    return 0.6 if panel.grids[0].label else 0.0


def _draw_grids(axes, panel, x, y, lit, texts):
    for place, grid in enumerate(panel.grids):
        row, column = divmod(place, panel.columns)
        rows, columns = grid.drawn_size
        left = x + column * (columns + 0.5)
        top = y + row * (panel.slot_rows + _label_room(panel)) + (panel.slot_rows - rows) / 2
        if grid.label:
            axes.text(left, top + 0.3, grid.label, color=QUIET, fontsize=7.5, va="center")
        ids = grid.ids
        if panel.follows:
            ids = np.where(ids < 0, -1, lit.terms[ids])
        if grid.shaded:
            _draw_shades(axes, panel, ids, left, top + _label_room(panel), lit, texts)
            continue
        for i, j in np.argwhere(ids >= 0):
            _draw_cell(axes, panel, int(ids[i, j]), left + j, top + _label_room(panel) + i, lit, texts)


def _draw_shades(axes, panel, ids, x, y, lit, texts):
    """A grid too large for numbers: grey levels, the window outlined. What is not computed yet stays white."""
    rows, columns = ids.shape
    size = SHADED_SIZE / max(rows, columns)
    coming = panel.role in ("products", "output")
    known = np.isin(ids, list(lit.window.get(panel.role, ()))) if coming else np.ones(ids.shape, bool)
    levels = np.where(known & (ids >= 0), texts["shades"][panel.role][ids], 255)
    extent = (x, x + size * columns, y + size * rows, y)
    axes.imshow(levels, cmap="gray", vmin=0, vmax=255, extent=extent, aspect="auto", interpolation="nearest")
    axes.add_patch(Rectangle((x, y), size * columns, size * rows, facecolor="none", edgecolor=EDGE, linewidth=0.8))
    window = lit.window if panel.role == "left" else lit.current
    for i, j in np.argwhere(np.isin(ids, list(window.get(panel.role, ())))):
        corner = (x + j * size, y + i * size)
        axes.add_patch(Rectangle(corner, size, size, facecolor="none", edgecolor=STRONG[panel.role], linewidth=1.2))


def _draw_cell(axes, panel, element, x, y, lit, texts):
    role = panel.role
    current = element in lit.current.get(role, ())
    inside = element in lit.window.get(role, ())
    text = texts[role].get(element, "") if role in ("left", "right") or inside else ""
    always = role == "right"
    face = FULL[role] if current else SOFT[role] if inside or always else PLAIN
    edge = STRONG[role] if inside or always else EDGE
    dashed = text == "" or (role == "left" and element in texts["padding"])
    hatch = "////" if element in panel.unused and role == "left" else None
    axes.add_patch(
        Rectangle(
            (x + 0.04, y + 0.04),
            0.92,
            0.92,
            facecolor=face,
            edgecolor=edge,
            hatch=hatch,
            linewidth=2.2 if current else 1.2 if inside else 0.8,
            linestyle=(0, (3, 2)) if dashed else "solid",
        )
    )
    corner = lit.corners.get(element) if role == "left" else None
    shift = 0.08 if corner is not None else 0.0
    color = STRONG["right"] if role == "right" and not current else INK
    size = min(11, 36 / max(len(text), 1))
    weight = "bold" if current else "normal"
    axes.text(
        x + 0.5 - shift, y + 0.52 - shift, text, color=color, fontsize=size, weight=weight, ha="center", va="center"
    )
    if corner is not None:
        axes.text(
            x + 0.93,
            y + 0.92,
            f"×{texts['right'][corner]}",
            color=STRONG["right"],
            fontsize=6.5,
            ha="right",
            va="bottom",
        )


def _texts(trace, step):
    """What each element of each role reads after `step` steps; `padding` holds the ids of the padding cells."""
    pairing = trace.pairing
    padding = range(trace.left.size, trace.left.size + pairing.n_padding)
    output, _ = trace.locate(max(step, 1))
    sums = trace.running_sums.ravel()
    levels = grey_levels(trace)
    last = [min(step, (o + 1) * trace.steps_per_output) - 1 for o in range(output + 1)]
    return {
        "left": dict(enumerate(map(number, trace.left.ravel()))) | dict.fromkeys(padding, number(0)),
        "right": dict(enumerate(map(number, trace.right.ravel()))),
        "products": dict(enumerate(map(number, trace.products[output]))),
        "output": {o: number(sums[at]) for o, at in enumerate(last)},
        "padding": padding,
        "shades": levels | {"products": levels["products"].reshape(trace.products.shape)[output]},
    }


def _png(figure, to_image):
    """The figure as a PNG; `to_image` makes a Pillow image of its pixels (H, W, 3)."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    png = io.BytesIO()
    to_image(np.ascontiguousarray(np.asarray(canvas.buffer_rgba())[..., :3])).save(png, format="png", optimize=True)
    return png.getvalue()


def _in_full_color(pixels):
    return Image.fromarray(pixels)


def _in_grey(pixels):
    return Image.fromarray(pixels).convert("L")


def _in_own_colors(pixels):
    """The pixels, each in the nearest colour of `_palette`: a third of the size, and the eye does not see it.

    A palette that Pillow chooses by itself saves colours where hues are close, and gives the blue cells a violet tint.
    """
    red, green, blue = np.moveaxis(pixels.astype(np.int32) >> 2, -1, 0)  # six bits each are enough to look up
    codes = (red << 12) | (green << 6) | blue
    seen = np.flatnonzero(np.bincount(codes.ravel()))
    colors = np.stack([seen >> 12, (seen >> 6) & 63, seen & 63], axis=-1) * 4 + 2
    palette = _palette()
    nearest = np.zeros(seen[-1] + 1, np.uint8)
    nearest[seen] = ((colors[:, np.newaxis] - palette) ** 2).sum(axis=-1).argmin(axis=1)
    image = Image.fromarray(nearest[codes], mode="P")
    image.putpalette(palette.ravel().tolist())
    return image


@functools.cache
def _palette():
    """The colours of a step's picture, at most 256: each with each that it stands on, and the steps between the two."""
    on_white = [*STRONG.values(), *SOFT.values(), *FULL.values(), QUIET, EDGE, INK]
    pairs = [(PLAIN, color) for color in on_white]
    pairs += [(ground, INK) for ground in (*SOFT.values(), *FULL.values())]
    pairs += [(SOFT[role], STRONG[role]) for role in SOFT] + [(FULL[role], STRONG[role]) for role in FULL]
    pairs += [(ground["left"], STRONG["right"]) for ground in (SOFT, FULL)]
    colors = {(level, level, level) for level in range(0, 256, 5)}
    for start, end in pairs:
        between = np.linspace(_rgb(start), _rgb(end), 6).round().astype(int)
        colors |= set(map(tuple, between.tolist()))
    return np.array(sorted(colors))


def _rgb(color):
    return [int(color[at : at + 2], 16) for at in (1, 3, 5)]

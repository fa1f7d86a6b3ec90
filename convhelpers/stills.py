"""With this module one can draw a step of a trace standing still, with the step's sentence below.

It is the picture that stands for the stepper wherever nothing runs, in the same colours.
"""

import functools
import textwrap

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from PIL import Image

from convhelpers.layouts import panels
from convhelpers.panels import ZERO, grey_levels, lit_cells, marks
from convhelpers.pictures import DPI, INK, STRONG, Picture, draw_png
from convhelpers.wording import checked_names, number, sentence, subtotals

QUIET, EDGE, PLAIN = "#566270", "#b9c3ce", "#ffffff"
SOFT = {"left": "#e6f1fc", "right": "#fff3ea", "products": "#f3eefe", "output": "#e6f9f0"}
FULL = {"left": "#cfe6fd", "right": "#ffd0a6", "products": "#d9c9fd", "output": "#a5ecca"}
# A bias is a weight, and a subtotal a sum of products.
HUES = {role: role for role in STRONG} | {"bias": "right", "subtotals": "products"}
CELL_INCHES = 0.42
SIGN_WIDTH = 1.1
LETTER_WIDTH, TITLE_LETTERS = 0.29, 24  # of a title: a letter in cells, and what always stands in one line
NAME_LETTERS = 60  # of a name that is drawn; the alternative text has all of it


def step_picture(trace, step, by="product", names=None, layout="window"):
    """Draw the panels of a trace after `step` steps, with the step's sentence below: the stepper, standing still.

    `layout` is one of those of `layouts`.

    >>> from convhelpers.pairing import sum_of_products
    >>> from convhelpers.trace import record
    >>> step_picture(record(sum_of_products((1, 2)), [[1, 2]], [[3, 4]]), 2)
    A, 1 × 2; B, 1 × 2; products, 1 × 2; sum of products, 1 × 1. Product 2 of 2: ... the sum becomes 11. Output = 11.
    """
    parts = [(panel.title, panel.size, panel.detail) for panel in panels(trace, names, layout)]
    heads = "; ".join(", ".join(filter(None, part)) for part in parts)
    drawn = checked_names(names, NAME_LETTERS)
    figure = _step_figure(trace, step, panels(trace, drawn, layout), sentence(trace, step, by, drawn))
    return Picture(draw_png(figure, _in_own_colors), f"{heads}. {sentence(trace, step, by, names)}")


def _step_figure(trace, step, shown, spoken):
    """One axes in units of a cell, row 0 at the top, with the panels in their lines and slots."""
    figure = Figure(dpi=DPI)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    lit, texts = marks(trace, step), _texts(trace, step)
    starts, right = _slots(shown)
    top = 0.0
    for line in sorted({panel.line for panel in shown}):
        of_line = [panel for panel in shown if panel.line == line]
        grids_top = top + 1.0 + max(0.5 * len(note) + _title_room(title) for _, title, note in map(_head, of_line))
        height = max(map(_height, of_line))
        for panel in of_line:
            x, own_top = starts[panel.slot], grids_top + (height - _height(panel)) / 2
            if panel.slot == 0 and len(starts) < len(shown):  # close to what it is multiplied with
                x = starts[1] - SIGN_WIDTH - _head(panel)[0]
            _draw_sign(axes, panel.sign, x - SIGN_WIDTH / 2, grids_top + height / 2)
            _draw_head(axes, panel, x, top)
            _draw_grids(axes, panel, x, own_top, lit, texts)
        top = grids_top + height + 0.2
    lines = textwrap.wrap(spoken, max(24, int(right * 5.6)))
    _write(axes, 0.3, top + 0.2, "\n".join(lines), color=INK, fontsize=9.5, va="top", linespacing=1.3)
    bottom = top + 0.4 + 0.52 * len(lines)
    axes.set(xlim=(0, right + 0.3), ylim=(bottom, 0))
    figure.set_size_inches((right + 0.3) * CELL_INCHES, bottom * CELL_INCHES)
    return figure


def _slots(shown):
    """Where each slot starts, and where the last one ends."""
    starts, x = [], 0.3
    for slot in range(max(panel.slot for panel in shown) + 1):
        x += SIGN_WIDTH if slot else 0
        starts.append(x)
        x += max(_head(panel)[0] for panel in shown if panel.slot == slot)
    return starts, x


def _height(panel):
    return panel.stacked * (panel.slot_rows + _label_room(panel))


def _draw_sign(axes, sign, x, y):
    size = 15 if len(sign) < 3 else 10
    _write(axes, x, y, sign, color=QUIET, fontsize=size, ha="center", va="center")


def _draw_head(axes, panel, x, top):
    color, (_, title, note) = STRONG[HUES[panel.role]], _head(panel)
    room = _title_room(title)
    _write(axes, x, top + 0.5 + room / 2, "\n".join(title), color=color, fontsize=11, weight="bold", va="center")
    _write(axes, x, top + 0.85 + room, "\n".join(note), color=QUIET, fontsize=8, va="top", linespacing=1.25)


def _head(panel):
    """The width of a panel in cells, and its title and its note in lines of that width."""
    width = panel.columns * (panel.grids[0].drawn_size[1] + 0.5) - 0.5
    title = textwrap.wrap(panel.title, max(TITLE_LETTERS, int(width / LETTER_WIDTH)))
    width = max(width, *(LETTER_WIDTH * len(line) for line in title), 0)
    notes = filter(None, (panel.size, panel.detail, panel.footnote))
    return width, title, [line for note in notes for line in textwrap.wrap(note, max(12, int(width * 5)))]


def _title_room(title):
    """The room of the lines of a title after the first, in cells."""
    return 0.5 * max(len(title) - 1, 0)


def _label_room(panel):
    return 0.6 if panel.grids[0].label else 0.0


def _draw_grids(axes, panel, x, y, lit, texts):
    for place, grid in enumerate(panel.grids):
        row, column = divmod(place, panel.columns)
        rows, columns = grid.drawn_size
        left = x + column * (columns + 0.5)
        top = y + row * (panel.slot_rows + _label_room(panel)) + (panel.slot_rows - rows) / 2
        if grid.label:
            _write(axes, left, top + 0.3, grid.label, color=QUIET, fontsize=7.5, va="center")
        top += _label_room(panel)
        ids, inside, current = lit_cells(panel, grid, lit)
        if grid.shaded:
            outlined = inside if panel.role == "left" or grid.pairs is not None else current
            known = inside if panel.role in ("products", "output") else np.ones(ids.shape, bool)
            levels = np.where(known & (ids >= 0), texts["shades"][panel.role][np.maximum(ids, 0)], 255)
            _draw_shades(axes, levels, outlined, STRONG[HUES[panel.role]], left, top, grid.cell_size)
            continue
        for i, j in np.argwhere(ids == ZERO):
            _write(axes, left + j + 0.5, top + i + 0.5, number(0), color=QUIET, fontsize=8, ha="center", va="center")
        for i, j in np.argwhere(ids >= 0):
            look = _look(panel, grid, int(ids[i, j]), inside[i, j], current[i, j], lit, texts)
            _draw_cell(axes, left + j, top + i, **look)


def _write(axes, x, y, text, **style):
    """Write a text as it is: a dollar sign begins no formula."""
    axes.text(x, y, text, parse_math=False, **style)


def _draw_shades(axes, levels, outlined, color, x, y, size):
    """A grid too large for numbers: grey levels, the window outlined. What is not computed yet stays white."""
    rows, columns = levels.shape
    extent = (x, x + size * columns, y + size * rows, y)
    axes.imshow(levels, cmap="gray", vmin=0, vmax=255, extent=extent, aspect="auto", interpolation="nearest")
    axes.add_patch(Rectangle((x, y), size * columns, size * rows, facecolor="none", edgecolor=EDGE, linewidth=0.8))
    for i, j in np.argwhere(outlined):
        corner = (x + j * size, y + i * size)
        axes.add_patch(Rectangle(corner, size, size, facecolor="none", edgecolor=color, linewidth=1.2))


def _look(panel, grid, element, inside, current, lit, texts):
    """How a cell looks: its text, the weight in its corner, its colours and lines."""
    role, hue = panel.role, HUES[panel.role]
    is_weight = hue == "right"
    text = texts[role].get(element, "") if role in ("left", "right", "bias") or inside else ""
    meets = lit.corners.get(element) if role == "left" and grid.pairs is None else None
    idle = is_weight and len(lit.pairs) > 0 and not inside
    face = FULL[hue] if current else SOFT[hue] if inside or (is_weight and not idle) else PLAIN
    if is_weight and grid.pairs is not None and not current:
        face = _tint(element, len(texts["right"]))
    return {
        "text": text,
        "corner": "" if meets is None else f"×{texts['right'][meets]}",
        "face": face,
        "edge": STRONG[hue] if inside or (is_weight and not idle) else EDGE,
        "ink": STRONG["right"] if is_weight and not current and grid.pairs is None else INK,
        "width": 2.2 if current else 1.2 if inside else 0.8,
        "dashed": text == "" or (role == "left" and element in texts["padding"]),
        "hatch": "////" if role == "left" and element in panel.unused else None,
        "bold": current,
    }


def _tint(element, n_elements):
    """The shade of a weight that stands in many places, so that equal weights are seen to be equal."""
    share = element / max(n_elements - 1, 1)
    soft, full = np.array(_rgb(SOFT["right"])), np.array(_rgb(FULL["right"]))
    return tuple((soft + share * (full - soft)) / 255)


def _draw_cell(axes, x, y, *, text, corner, face, edge, ink, width, dashed, hatch, bold):
    style = {"hatch": hatch, "linewidth": width, "linestyle": (0, (3, 2)) if dashed else "solid"}
    axes.add_patch(Rectangle((x + 0.04, y + 0.04), 0.92, 0.92, facecolor=face, edgecolor=edge, **style))
    shift = 0.08 if corner else 0.0
    size, weight = min(11, 36 / max(len(text), 1)), "bold" if bold else "normal"
    place = (x + 0.5 - shift, y + 0.52 - shift)
    _write(axes, *place, text, color=ink, fontsize=size, weight=weight, ha="center", va="center")
    _write(axes, x + 0.93, y + 0.92, corner, color=STRONG["right"], fontsize=6.5, ha="right", va="bottom")


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
        "bias": {} if trace.bias is None else dict(enumerate(map(number, trace.bias))),
        "products": dict(enumerate(map(number, trace.products[output]))),
        "subtotals": dict(enumerate(map(number, subtotals(trace)[output]))),
        "output": {o: number(sums[at]) for o, at in enumerate(last)},
        "padding": padding,
        "shades": levels | {"products": levels["products"].reshape(trace.products.shape)[output]},
    }


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
    pairs += [(SOFT["right"], FULL["right"])]
    pairs += [(SOFT[role], STRONG[role]) for role in SOFT] + [(FULL[role], STRONG[role]) for role in FULL]
    pairs += [(ground["left"], STRONG["right"]) for ground in (SOFT, FULL)]
    colors = {(level, level, level) for level in range(0, 256, 5)}
    for start, end in pairs:
        between = np.linspace(_rgb(start), _rgb(end), 6).round().astype(int)
        colors |= set(map(tuple, between.tolist()))
    return np.array(sorted(colors))


def _rgb(color):
    return [int(color[at : at + 2], 16) for at in (1, 3, 5)]

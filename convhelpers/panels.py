"""With this module one can say what a picture shows of a trace: which grids stand where, with which labels and cells.

A panel is a row of grids; a grid is a rectangle of element ids: flat indices into the left operand (padding cells are
numbered after its last element), the right operand, the products of the current output, or the outputs. `pictures`
draws the panels once, `stepper` draws them live, so the two cannot disagree.
"""

import math
from dataclasses import dataclass, field, replace

import numpy as np

from convhelpers.wording import checked_names

ROLES = ("left", "right", "products", "output")
TITLES = {
    "element-wise product": ("A", "B", "{} * {}"),
    "sum of products": ("A", "B", "sum of products"),
    "matrix product": ("A", "B", "{} @ {}"),
    "cross-correlation": ("input x", "kernel k", "output"),
    "convolution": ("input x", "kernel k", "output"),
    "convolution layer": ("input x", "filters w", "output"),
    "1×1 convolution": ("input x", "filters w", "output"),
    "fully connected layer": ("input x", "weights w", "output"),
}


LARGEST_WITH_NUMBERS = 16
SHADED_SIZE = 6  # the longer side of a grid of shades, in ordinary cells, as in stepper.css
MAX_CELLS = 20_000


@dataclass(frozen=True, eq=False)
class Grid:
    """A rectangle of element ids, (rows, columns), and its label ("channel 0"), empty where there is one grid only."""

    ids: np.ndarray
    label: str = ""

    @property
    def shaded(self):
        """Whether the cells are too many to hold numbers, and are drawn as shades of grey."""
        return max(self.ids.shape) > LARGEST_WITH_NUMBERS

    @property
    def drawn_size(self):
        """(rows, columns) of ordinary cells that the drawn grid takes."""
        rows, columns = self.ids.shape
        scale = SHADED_SIZE / max(rows, columns) if self.shaded else 1
        return rows * scale, columns * scale


@dataclass(frozen=True, eq=False)
class Panel:
    """One operand, the products or the output: a title, its size, a detail, the sign before it, and its grids.

    `columns` is how many grids stand side by side; `slot_rows` how many rows are kept for one of them, so that panels
    with as many grids stand channel beside channel; `unused` are ids that no window reaches, told by `footnote`.
    With `follows`, the ids are numbers of terms, and the cells show the left elements of the current output's terms.
    """

    role: str
    title: str
    size: str
    sign: str
    grids: tuple[Grid, ...]
    detail: str = ""
    columns: int = 1
    unused: tuple[int, ...] = ()
    footnote: str = ""
    slot_rows: float = 1
    follows: bool = False

    @property
    def stacked(self):
        """How many grids stand one below the other."""
        return len(self.grids) // self.columns


@dataclass(frozen=True)
class Marks:
    """What is lit in one step: the ids of each role that are current, in the window (or done), and the corner weights.

    `terms` are the left ids of the current output, term by term, for panels that follow it.
    """

    terms: np.ndarray
    current: dict = field(default_factory=dict)
    window: dict = field(default_factory=dict)
    corners: dict = field(default_factory=dict)


def panels(trace, names=None):
    """Return the panels of a trace, from left to right; `names` (left, right) replace the two operands' titles.

    Operations with one product an output have no panel of products, since the output is that product. Where the left
    operand is drawn as shades, the window's numbers get a panel of their own beside it.

    Raises `ValueError` for more than `MAX_CELLS` cells.
    """
    pairing = trace.pairing
    *titles, output_title = TITLES[pairing.operation]
    left_title, right_title = checked_names(names) or titles
    output_title = output_title.format(left_title, right_title)
    unused, footnote = _left_over(pairing)
    left = {"detail": _padding_text(pairing), "unused": unused, "footnote": footnote}
    right = {"detail": _turn_text(pairing), "columns": _right_columns(pairing)}
    right_size = _size_text(pairing.right_shape[-2:] if pairing.window else pairing.right_shape)
    shown = [
        Panel("left", left_title, _size_text(pairing.left_shape), "", _left_grids(pairing), **left),
        Panel("right", right_title, right_size, _sign(pairing), _right_grids(pairing), **right),
    ]
    grids = _product_grids(pairing)
    size = _size_text(pairing.term_shape if len(grids) > 1 else grids[0].ids.shape)
    if shown[0].grids[0].shaded:
        shown.insert(1, Panel("left", "window", size, "→", grids, follows=True))
    if pairing.n_terms > 1:
        shown.append(Panel("products", "products", size, "=", grids))
    sign = "=" if pairing.n_terms == 1 else "Σ→" if trace.bias is None else "Σ+b→"
    shown.append(Panel("output", output_title, _size_text(pairing.output_shape), sign, _output_grids(pairing)))
    _check_number_of_cells(shown)
    return tuple(replace(panel, slot_rows=_slot_rows(panel, shown)) for panel in shown)


def marks(trace, step):
    """Return what is lit after `step` steps: the current pair, the window around it, and the weight each cell meets.

    >>> from convhelpers.pairing import cross_correlation
    >>> from convhelpers.trace import record
    >>> lit = marks(record(cross_correlation((3, 3), (2, 2)), np.ones((3, 3)), np.ones((2, 2))), 2)
    >>> lit.current["left"], lit.window["left"]
    ([1], [0, 1, 3, 4])
    """
    pairing = trace.pairing
    if step == 0:
        return Marks(pairing.places[0])
    output, term = trace.locate(step)
    left, right = pairing.places[output].tolist(), pairing.right[output].tolist()
    pair = slice(term, term + 1)  # empty at the bias, which is no pair
    return Marks(
        pairing.places[output],
        current={
            "left": left[pair],
            "right": right[pair],
            "products": list(range(pairing.n_terms))[pair],
            "output": [output],
        },
        window={
            "left": left,
            "right": right,
            "products": list(range(min(term + 1, pairing.n_terms))),
            "output": list(range(output + 1)),
        },
        corners=dict(zip(left, right, strict=True)),
    )


def grey_levels(trace):
    """For each role, the grey level of every element: 0 (black, the smallest) to 255 (white, the largest)."""
    left = np.append(trace.left, np.zeros(trace.pairing.n_padding))
    values = {"left": left, "right": trace.right, "products": trace.products, "output": trace.output}
    return {role: shades(of_role) for role, of_role in values.items()}


def shades(values):
    """Grey levels of values, flat: 0 (black, the smallest) to 255 (white, the largest).

    NaN is mid-grey, and so are values that are all equal.

    >>> shades([0, 5, 10]).tolist()
    [0, 128, 255]
    """
    values = np.asarray(values, dtype=float).ravel()
    finite = values[np.isfinite(values)]
    lowest, highest = (finite.min(), finite.max()) if finite.size else (0.0, 0.0)
    if lowest == highest:
        return np.full(values.size, 128)
    # Halved, since between the largest floats the difference would be infinite.
    spread = np.nan_to_num((values / 2 - lowest / 2) / (highest / 2 - lowest / 2), nan=0.5, posinf=1.0, neginf=0.0)
    return np.round(255 * np.clip(spread, 0, 1)).astype(int)


def _check_number_of_cells(shown):
    n_cells = sum(grid.ids.size for panel in shown for grid in panel.grids)
    if n_cells > MAX_CELLS:
        raise ValueError(f"a picture holds at most {MAX_CELLS:,} cells; received {n_cells:,}: crop or shrink the input")


def _slot_rows(panel, shown):
    in_line = [other for other in shown if other.stacked == panel.stacked] if panel.stacked > 1 else [panel]
    return max(other.grids[0].drawn_size[0] for other in in_line)


def _sign(pairing):
    return "@" if pairing.operation == "matrix product" else "⊙"


def _padding_text(pairing):
    if pairing.n_padding == 0:
        return ""
    (top, bottom), (left, right) = pairing.window.padding
    if top == bottom == left == right:
        return f"padding {top} on each side"
    sides = {"above": top, "below": bottom, "left": left, "right": right}
    return "padding: " + ", ".join(f"{count} {side}" for side, count in sides.items() if count)


def _turn_text(pairing):
    if pairing.operation == "cross-correlation":
        return "not turned"
    return "turned by 180°" if pairing.flipped else ""


def _left_over(pairing):
    """Ids of the cells that the stride does not reach, and the line that names them in the input's own coordinates."""
    window = pairing.window
    if window is None or window.leftover == (0, 0):
        return (), ""
    grid = pairing.left_grid.reshape(-1, *window.padded_size)
    reached = tuple(padded - left for padded, left in zip(window.padded_size, window.leftover, strict=True))
    beyond = np.ones(window.padded_size, bool)
    beyond[: reached[0], : reached[1]] = False
    parts = [_left_over_span(window, axis, reached[axis]) for axis in (0, 1) if window.leftover[axis]]
    stride = window.stride[0] if window.stride[0] == window.stride[1] else window.stride
    return tuple(grid[:, beyond].ravel().tolist()), f"Stride {stride} leaves over {' and '.join(parts)}."


def _left_over_span(window, axis, start):
    """Rows (or columns) from `start` of the padded input on: "row 4", "rows 3–4", and whether padding is among them."""
    noun, count = ("row", "column")[axis], window.leftover[axis]
    first = start - window.padding[axis][0]
    last = first + count - 1
    span = f"{noun} {first}" if count == 1 else f"{noun}s {first}–{last}"
    return f"{span} (padding)" if first >= window.input_size[axis] else span


def _left_grids(pairing):
    return _stack(pairing.left_grid, "channel")


def _right_grids(pairing):
    ids = pairing.right_grid
    if ids.ndim < 4:
        return _stack(ids, "row")
    filters, depth = ids.shape[:2]
    part = "channel" if depth == pairing.left_shape[0] else "slice"
    return tuple(
        Grid(ids[k, c], ", ".join([f"filter {k}"] * (filters > 1) + [f"{part} {c}"] * (depth > 1)))
        for c in range(depth)
        for k in range(filters)
    )


def _right_columns(pairing):
    """Filters stand side by side, their channels one below the other, in line with the channels of the input."""
    return pairing.right_shape[0] if len(pairing.right_shape) == 4 else 1


def _product_grids(pairing):
    ids = np.arange(pairing.n_terms).reshape(pairing.term_shape or (1,))
    if pairing.operation == "matrix product" and ids.size <= LARGEST_WITH_NUMBERS:
        ids = ids.reshape(1, -1)
    return _stack(ids, "channel" if pairing.left_shape[0] == ids.shape[0] else "slice")


def _output_grids(pairing):
    return _stack(np.arange(pairing.n_outputs).reshape(pairing.output_shape), "filter")


def _stack(ids, noun):
    """A grid for each slice of a volume; a vector is one column, or rows of equal length where it is long.

    The last row is filled up with -1, which is no element.
    """
    if ids.ndim == 1 and ids.size <= LARGEST_WITH_NUMBERS:
        return (Grid(ids.reshape(-1, 1)),)
    if ids.ndim == 1:
        columns = math.isqrt(ids.size - 1) + 1
        return (Grid(np.pad(ids, (0, -ids.size % columns), constant_values=-1).reshape(-1, columns)),)
    if ids.ndim == 2:
        return (Grid(ids),)
    return tuple(Grid(part, f"{noun} {n}" if len(ids) > 1 else "") for n, part in enumerate(ids))


def _size_text(shape):
    return " × ".join(map(str, shape)) if shape else "1"

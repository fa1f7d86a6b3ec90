"""With this module one can lay a trace out as panels, in one of three layouts.

- "window": the operands as they are, the products of one output, and the output. Any trace.
- "im2col": the image, and beside it `W_row @ X_col`, which does the same as the layer: the left half of the table of
  pairs, written down as a matrix.
- "matrix": the image, and beside it the fully connected matrix that does the same: the right half of the table, each
  weight written where its input stands, 0 everywhere else.

All three show one trace, with the same steps and the same sentences.
"""

import math
from dataclasses import replace

import numpy as np

from convhelpers.panels import LARGEST_WITH_NUMBERS, NOBODY, ZERO, Grid, Panel
from convhelpers.wording import checked_names, term_groups

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
MAX_CELLS = 20_000


def panels(trace, names=None, layout="window"):
    """Return the panels of a trace, each with its line and slot; `names` (left, right) replace the operands' titles.

    Operations with one product an output have no panel of products, since the output is that product. Where an operand
    is drawn as shades, the numbers that are in use get a panel of their own beside it.

    Raises `ValueError` for another `layout`, for one that the trace does not have, and for more than `MAX_CELLS` cells.
    """
    check_layout(layout, trace)
    shown = LAYOUTS[layout](trace, checked_names(names) or TITLES[trace.pairing.operation][:2])
    _check_number_of_cells(sum(grid.ids.size for panel in shown for grid in panel.grids))
    return tuple(replace(panel, slot_rows=_slot_rows(panel, shown)) for panel in shown)


def _side_by_side(shown):
    """Put panels side by side, from left to right."""
    return [replace(panel, slot=slot) for slot, panel in enumerate(shown)]


def check_layout(layout, trace):
    """Refuse a layout that there is not, or that the trace does not have."""
    if not isinstance(layout, str) or layout not in LAYOUTS:
        raise ValueError(f"layout must be one of {', '.join(LAYOUTS)}; received {layout!r}")
    pairing = trace.pairing
    if layout != "window" and pairing.window is None:
        raise ValueError(f'layout "{layout}" needs a window that moves over an image; the {pairing.operation} has none')
    if layout == "im2col" and len(pairing.right_shape) == 4 and pairing.right_shape[1] != pairing.left_shape[0]:
        raise ValueError(
            'layout "im2col" needs filters that see every channel (groups=1): with groups, W_row is several'
        )


def _window(trace, titles):
    pairing = trace.pairing
    left = _left_panel(pairing, titles[0])
    columns = _right_columns(pairing)
    shown = [
        left,
        Panel(
            "right",
            titles[1],
            _size_text(pairing.right_shape),
            _sign(pairing),
            _right_grids(pairing),
            _turn_text(pairing),
            columns,
        ),
    ]
    grids = _term_grids(pairing)
    size = _size_text(pairing.term_shape if len(grids) > 1 else grids[0].ids.shape)
    in_use = pairing.n_terms < math.prod(pairing.right_shape) and pairing.window is None
    if in_use and shown[1].grids[0].shaded:
        title = "column in use" if pairing.operation == "matrix product" else "weights in use"
        shown.insert(2, Panel("right", title, size, "→", grids, follows=True))
    if _is_depth_vector(pairing):
        shown.insert(1, Panel("left", "pixel in depth", size, "→", grids, follows=True))
    elif left.grids[0].shaded and (pairing.window or 1 < pairing.n_terms < math.prod(pairing.left_shape)):
        title = "window" if pairing.window else "row in use"
        shown.insert(1, Panel("left", title, size, "→", grids, follows=True))
    if pairing.n_terms > 1:
        shown.append(Panel("products", "products", size, "=", grids))
    if 1 < len(grids) == len(term_groups(pairing)):
        shown.append(Panel("subtotals", "subtotals", str(len(grids)), "Σ→", _subtotal_grids(grids)))
    sign = "Σ→" if pairing.n_terms > 1 else "="
    title = TITLES[pairing.operation][2].format(*titles)
    output = Panel("output", title, _size_text(pairing.output_shape), sign, _output_grids(pairing))
    return _side_by_side([*shown, *_bias_and_output(trace, output)])


def _im2col(trace, titles):
    """X_col above the output, W_row before it: each output stands where its row meets its column."""
    pairing = trace.pairing
    n_stations = math.prod(pairing.window.output_size)
    n_filters = pairing.n_outputs // n_stations
    pairs = np.arange(n_stations * pairing.n_terms).reshape(n_stations, -1).T
    longest = max(n_stations, n_filters, pairing.n_terms)
    rows = Grid(pairing.right[::n_stations], longest=longest)
    columns = Grid(pairing.places[:n_stations].T, pairs=pairs, period=pairs.size, longest=longest)
    outputs = Grid(np.arange(pairing.n_outputs).reshape(n_filters, n_stations), longest=longest)
    each_row = "turned by 180°" if pairing.flipped else "a row for each filter"
    W_row = Panel("right", "W_row", _size_of(rows), "", (rows,), each_row, line=1)
    X_col = Panel("left", "X_col", _size_of(columns), "→", (columns,), "a column for each window", slot=1)
    title = "W_row @ X_col" if trace.bias is None else "W_row @ X_col + b"
    output = Panel("output", title, _size_of(outputs), " ", (outputs,))
    *biases, output = _bias_and_output(trace, output, longest)
    shown = [_left_panel(pairing, titles[0]), X_col, W_row, replace(output, sign=" ", line=1, slot=1)]
    return [*shown, *(replace(bias, sign=" ", detail="added to its row", line=1, slot=2) for bias in biases)]


def _matrix(trace, titles):
    """The flattened input above the matrix: each input stands above its weights."""
    pairing = trace.pairing
    inputs = np.arange(math.prod(pairing.left_shape))
    _check_number_of_cells(pairing.n_outputs * inputs.size)  # before the matrix takes the memory
    weights = np.full((pairing.n_outputs, inputs.size), ZERO)
    pairs = np.full_like(weights, -1)
    rows, terms, columns = pairing.meetings()
    weights[rows, columns] = pairing.right[rows, terms]
    pairs[rows, columns] = rows * pairing.n_terms + terms
    longest = max(weights.shape)
    flattened = Grid(inputs.reshape(1, -1), longest=longest)
    outputs = Grid(np.arange(pairing.n_outputs).reshape(-1, 1), longest=longest)
    matrix = Grid(weights, pairs=pairs, period=pairing.places.size, longest=longest)
    each_row = "a row for each output" + (", kernel turned" if pairing.flipped else "")
    shown = [
        replace(_left_panel(pairing, titles[0]), line=1),
        Panel("left", "flattened", str(inputs.size), " ", (flattened,), "each number above its weights", slot=1),
        Panel("right", "matrix", _size_of(matrix), " ", (matrix,), each_row, line=1, slot=1),
    ]
    last = _bias_and_output(trace, Panel("output", "output", str(pairing.n_outputs), "=", (outputs,)))
    return [*shown, *(replace(each, line=1, slot=2 + place) for place, each in enumerate(last))]


LAYOUTS = {"window": _window, "im2col": _im2col, "matrix": _matrix}


def _left_panel(pairing, title):
    unused, footnote = _left_over(pairing)
    detail = _padding_text(pairing)
    return Panel("left", title, _size_text(pairing.left_shape), "", _left_grids(pairing), detail, 1, unused, footnote)


def _bias_and_output(trace, output, longest=0):
    """The last panels: the output, and before it the biases where there are any, in line with `longest` or alone."""
    if trace.bias is None:
        return [output]
    ids = np.arange(trace.bias.size)
    biases = (Grid(ids.reshape(-1, 1), longest=longest) if longest else _vector(ids),)
    plus = "Σ +" if output.sign == "Σ→" else "+"
    return [Panel("bias", "bias b", str(trace.bias.size), plus, biases), replace(output, sign="=")]


def _check_number_of_cells(n_cells):
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
    if _is_depth_vector(pairing):
        return tuple(replace(_vector(ids[k].ravel()), label=f"filter {k}" * (filters > 1)) for k in range(filters))
    if depth == 1 or filters == 1:
        noun = "filter" if depth == 1 else "channel"
        return _stack(ids.reshape(-1, *ids.shape[2:]), noun)
    part = "channel" if depth == pairing.left_shape[0] else "slice"
    return tuple(
        Grid(ids[k, c], f"filter {k}", name=f"filter {k}, {part} {c}") for c in range(depth) for k in range(filters)
    )


def _right_columns(pairing):
    """Filters stand side by side, their channels one below the other, in line with the channels of the input.

    Where each filter has a channel of its own, the filters themselves stand in line with the channels.
    """
    if len(pairing.right_shape) < 4 or pairing.right_shape[:2] == (pairing.left_shape[0], 1):
        return 1
    return pairing.right_shape[0]


def _is_depth_vector(pairing):
    """Whether an output looks at one pixel through several channels: a vector, and is drawn as one."""
    return pairing.operation == "1×1 convolution" and pairing.n_terms > 1


def _term_grids(pairing):
    """The terms of one output in the form in which they are read."""
    ids = np.arange(pairing.n_terms).reshape(pairing.term_shape or (1,))
    if pairing.operation == "matrix product" and ids.size <= LARGEST_WITH_NUMBERS:
        ids = ids.reshape(1, -1)
    if _is_depth_vector(pairing):
        ids = ids.ravel()
    return _stack(ids, "channel" if pairing.left_shape[0] == ids.shape[0] else "slice")


def _output_grids(pairing):
    return _stack(np.arange(pairing.n_outputs).reshape(pairing.output_shape), "filter")


def _stack(ids, noun):
    """A grid for each slice of a volume; a vector by itself."""
    if ids.ndim == 1:
        return (_vector(ids),)
    if ids.ndim == 2:
        return (Grid(ids),)
    return tuple(Grid(part, f"{noun} {n}" if len(ids) > 1 else "") for n, part in enumerate(ids))


def _vector(ids):
    """A vector is one column, or rows of equal length where it is long; the last row is filled up with nobody."""
    if ids.size <= LARGEST_WITH_NUMBERS:
        return Grid(ids.reshape(-1, 1))
    columns = math.isqrt(ids.size - 1) + 1
    return Grid(np.pad(ids, (0, -ids.size % columns), constant_values=NOBODY).reshape(-1, columns))


def _subtotal_grids(grids):
    return tuple(Grid(np.array([[n]]), grid.label) for n, grid in enumerate(grids))


def _size_of(grid):
    return _size_text(grid.ids.shape)


def _size_text(shape):
    return " × ".join(map(str, shape)) if shape else "1"

"""With this module one can say what a picture is made of: panels of grids, and which cells a step lights.

A panel is a row of grids; a grid is a rectangle of element ids: flat indices into the left operand (padding cells are
numbered after its last element), the right operand, the biases, the products of the current output, their subtotals,
or the outputs. `layouts` says which panels a trace has; `pictures` draws them once, `stepper` draws them live, so the
two cannot disagree.
"""

from dataclasses import dataclass, field

import numpy as np

from convhelpers.wording import term_groups

ROLES = ("left", "right", "bias", "products", "subtotals", "output")
LARGEST_WITH_NUMBERS = 16
SHADED_SIZE, ALIGNED_SHADED_SIZE = 6, 14  # the longest side of grids of shades, alone and in line, in ordinary cells
LIGHTEST_WEIGHT = 220
NOBODY, ZERO = -1, -2  # instead of an id: no cell at all; a cell that no element stands behind, always 0


@dataclass(frozen=True, eq=False)
class Grid:
    """A rectangle of element ids, (rows, columns), and its label ("channel 0"), empty where there is one grid only.


    `pairs`, where it is given, holds for each cell its flat index in the table of pairs. Such a grid shows an element
    as often as it is used, and only the use that a step is about is lit. It may repeat: `X_col` serves every filter, so
    its pairs are those of the first one, and those of the others are counted round after `period` pairs.

    `name` is what a screen reader says where the label alone is not enough, since it cannot see what stands in line.
    `longest` is the longest side of all grids that stand in line with this one, and are drawn to its scale.
    """

    ids: np.ndarray
    label: str = ""
    pairs: np.ndarray | None = None
    period: int = 0
    name: str = ""
    longest: int = 0

    @property
    def shaded(self):
        """Whether the cells are too many to hold numbers, and are drawn as shades of grey."""
        return max(*self.ids.shape, self.longest) > LARGEST_WITH_NUMBERS

    @property
    def cell_size(self):
        """The side of a cell, in ordinary cells: 1 with a number in it, less for a shade."""
        room = ALIGNED_SHADED_SIZE if self.longest else SHADED_SIZE
        return room / max(*self.ids.shape, self.longest) if self.shaded else 1

    @property
    def drawn_size(self):
        """(rows, columns) of ordinary cells that the drawn grid takes."""
        rows, columns = self.ids.shape
        return rows * self.cell_size, columns * self.cell_size


@dataclass(frozen=True, eq=False)
class Panel:
    """One operand, the biases, the products, or the output: a title, its size, a detail, the sign before it, its grids.

    `columns` is how many grids stand side by side; `slot_rows` how many rows are kept for one of them, so that panels
    with as many grids stand channel beside channel; `unused` are ids that no window reaches, told by `footnote`.
    With `follows`, the ids are numbers of terms, and the cells show the elements of the current output's terms.
    `line` and `slot` say where it stands: panels of one slot begin in one column, whatever their line.
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
    line: int = 0
    slot: int = 0

    @property
    def stacked(self):
        """How many grids stand one below the other."""
        return len(self.grids) // self.columns


@dataclass(frozen=True)
class Marks:
    """What is lit in one step: the ids of each role that are current, in the window (or done), and the corner weights.

    `terms` are the left and the right ids of the current output, term by term, for panels that follow it. `pairs` are
    its pairs in the table, `pair` the current one; before the first step none, and at the bias no current one.
    """

    terms: dict
    current: dict = field(default_factory=dict)
    window: dict = field(default_factory=dict)
    corners: dict = field(default_factory=dict)
    pairs: range = range(0)
    pair: int | None = None


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
        return Marks({"left": pairing.places[0], "right": pairing.right[0]})
    output, term = trace.locate(step)
    n_terms, at_bias = pairing.n_terms, term == pairing.n_terms
    left, right = pairing.places[output].tolist(), pairing.right[output].tolist()
    bias = [] if trace.bias is None else [int(pairing.bias_index[output])]
    pair = slice(term, term + 1)  # empty at the bias, which is no pair
    ends = [stop for _, stop, _ in term_groups(pairing)]
    return Marks(
        {"left": pairing.places[output], "right": pairing.right[output]},
        current={
            "left": left[pair],
            "right": right[pair],
            "bias": bias if at_bias else [],
            "products": list(range(n_terms))[pair],
            "subtotals": [] if at_bias else [sum(stop <= term for stop in ends)],
            "output": [output],
        },
        window={
            "left": left,
            "right": right,
            "bias": bias,
            "products": list(range(min(term + 1, n_terms))),
            "subtotals": list(range(sum(stop <= term + 1 for stop in ends))),
            "output": list(range(output + 1)),
        },
        corners=dict(zip(left, right, strict=True)),
        pairs=range(output * n_terms, (output + 1) * n_terms),
        pair=None if at_bias else output * n_terms + term,
    )


def lit_cells(panel, grid, lit):
    """Return the ids that a grid shows in a step, and which of its cells are in the window (or done) and current.

    All three are arrays of the grid's shape.
    """
    ids = grid.ids
    if panel.follows:
        ids = np.where(ids < 0, ids, lit.terms[panel.role][ids])
    if grid.pairs is None:
        of_role = (lit.window.get(panel.role, ()), lit.current.get(panel.role, ()))
        inside, current = (np.isin(ids, list(chosen)) for chosen in of_role)
        return ids, inside, current
    inside = np.isin(grid.pairs, [pair % grid.period for pair in lit.pairs])
    current = grid.pairs == (-1 if lit.pair is None else lit.pair % grid.period)
    return ids, inside & (ids >= 0), current & (ids >= 0)


def grey_levels(trace):
    """For each role, the grey level of every element: 0 (black, the smallest) to 255 (white, the largest).

    Weights end at a light grey: in a fully connected matrix, white is where there is no weight.
    """
    left = np.append(trace.left, np.zeros(trace.pairing.n_padding))
    values = {"left": left, "right": trace.right, "products": trace.products, "output": trace.output}
    if trace.bias is not None:
        values["bias"] = trace.bias
    levels = {role: shades(of_role) for role, of_role in values.items()}
    return levels | {"right": levels["right"] * LIGHTEST_WEIGHT // 255}


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

"""With this module one can write a trace down for the browser: what to draw, which pairs meet, every number as a text.

`scene_of` is what stays while a trace is stepped and while its numbers change; `numbers_of` is the numbers. Both are
plain dicts, with tables of indices as bytes (little-endian), for `stepper` to send: int16 for elements, of which a
picture holds less than 2**15, and for up to so many texts, else int32. With `predict=True` they hold besides what is
asked of a learner who predicts, and the known mistakes.
"""

import numpy as np

from convhelpers.layouts import panels
from convhelpers.panels import grey_levels
from convhelpers.predictions import RUNNING_SUMS, mistakes, questions
from convhelpers.wording import CHANGES, TEMPLATES, changes, number, subtotals, term_groups, words

FEW_GROUPS = 6  # up to here, a long sum shows every group's subtotal
FEW_TEXTS = 2**15  # up to here, an index of a text is sent in two bytes
MAX_STEPS = 200_000  # beyond, the tables are megabytes and a step is no longer instant
TITLE_CELLS = 0.3  # the width of a title's letter, in cells


def scene_of(trace, names=None, layout="window", predict=False):
    """What stays while a trace is stepped: panels, the table of pairs, groups of terms, words. Made for the browser.

    Raises `ValueError` for a trace of more than `MAX_STEPS` steps or, by `layouts`, with too many cells.
    """
    pairing = trace.pairing
    if trace.n_steps > MAX_STEPS:
        raise ValueError(
            f"a stepper holds at most {MAX_STEPS:,} steps; received {trace.n_steps:,}: crop or shrink the input"
        )
    shown = panels(trace, names, layout)
    constant = words(trace, names)
    groups = term_groups(pairing)
    few = len(groups) <= FEW_GROUPS
    scene = {
        "operation": pairing.operation,
        "panels": [_panel(panel) for panel in shown],
        "columns": _room(shown, "slot", _width),
        "rows": _room(shown, "line", lambda panel: panel.slot_rows * panel.stacked),
        "outputs": pairing.n_outputs,
        "terms": pairing.n_terms,
        "steps_per_output": trace.steps_per_output,
        "left_size": trace.left.size,
        "right_size": trace.right.size,
        "biases": 0 if trace.bias is None else trace.bias.size,
        "shapes": {"left": pairing.left_shape, "right": pairing.right_shape, "output": pairing.output_shape},
        "places": _binary(pairing.places),
        "weights": _binary(pairing.right),
        "groups": groups,
        "few_groups": few,
        "words": {"nouns": constant.nouns, "where": constant.where, "start": constant.start, "added": constant.added},
        "templates": TEMPLATES,
        "changes": CHANGES,
    }
    if predict:
        scene["predictions"] = {asked: _asked(trace, asked, question) for asked, question in questions(trace).items()}
    return scene


@np.errstate(over="ignore")  # a longdouble beyond float64 reads as infinite
def numbers_of(trace, layout="window", predict=False):
    """Every number of a trace as a text, each text once, and where it stands as indices into the texts."""
    pairing = trace.pairing
    texts = {}

    def indices(values):
        # -0 and 0 are equal and read differently, so values are told apart by their bytes, not by np.unique's rule.
        values = np.ravel(values)
        values = np.ascontiguousarray(values.astype(float) if values.itemsize > 8 else values)
        _, first, places = np.unique(values.view(f"u{values.itemsize}"), return_index=True, return_inverse=True)
        known = [texts.setdefault(number(value), len(texts)) for value in values[first].tolist()]
        return np.array(known)[places]

    numbers = {
        "left": indices(np.append(trace.left, np.zeros(pairing.n_padding, trace.left.dtype))),
        "right": indices(trace.right),
        "products": indices(trace.products),
        "sums": indices(trace.running_sums),
        "subtotals": indices(subtotals(trace)),
        "changes": changes(trace),
    }
    if trace.bias is not None:
        numbers["bias"] = indices(trace.bias[pairing.bias_index])
    if predict:
        numbers |= {f"mistakes_{asked}": _mistaken(trace, asked, indices) for asked in questions(trace)}
    shaded = {panel.role for panel in panels(trace, layout=layout) for grid in panel.grids if grid.shaded}
    if shaded:
        levels = grey_levels(trace)
        numbers |= {f"{role}_shades": levels[role] for role in shaded}
    dtype = "<i2" if len(texts) <= FEW_TEXTS else "<i4"
    return {name: _binary(table, dtype) for name, table in numbers.items()} | {"texts": list(texts)}


def _asked(trace, asked, question):
    named = [mistake.sentence for mistake in mistakes(trace, asked)]
    return {"question": question, "mistakes": named, "sum": RUNNING_SUMS[asked]}


def _mistaken(trace, asked, indices):
    """The known mistakes of each thing that is asked for, as texts; -1 for one that reads as the right number."""
    right = indices(trace.products if asked == "product" else trace.running_sums[:, -1])
    given = [indices(mistake.values) for mistake in mistakes(trace, asked)]
    return np.array([np.where(mistaken == right, -1, mistaken) for mistaken in given]).T


def _room(shown, way, size):
    """The cells that panels need in one direction: in each of their lines (or slots) as much as the largest."""
    places = {getattr(panel, way) for panel in shown}
    return sum(max(size(panel) for panel in shown if getattr(panel, way) == place) for place in places)


def _width(panel):
    """The room of a panel, in cells."""
    return max(panel.columns * panel.grids[0].drawn_size[1], TITLE_CELLS * min(len(panel.title), 12))


def _panel(panel):
    return {
        "role": panel.role,
        "title": panel.title,
        "size": panel.size,
        "detail": panel.detail,
        "sign": panel.sign,
        "columns": panel.columns,
        "slot_rows": panel.slot_rows,
        "grids": list(map(_grid, panel.grids)),
        "unused": panel.unused,
        "footnote": panel.footnote,
        "follows": panel.follows,
        "line": panel.line,
        "slot": panel.slot,
    }


def _grid(grid):
    drawn = {"label": grid.label, "columns": grid.ids.shape[1], "shaded": grid.shaded, "ids": grid.ids.ravel().tolist()}
    if grid.shaded:
        drawn["cell_size"] = grid.cell_size
    if grid.name:
        drawn["name"] = grid.name
    return drawn if grid.pairs is None else drawn | {"pairs": grid.pairs.ravel().tolist(), "period": grid.period}


def _binary(indices, dtype="<i2"):
    return np.ascontiguousarray(indices, dtype=dtype).tobytes()

"""A grid says how large it is drawn, and the marks say of each step which of its cells are lit."""

import dataclasses

import numpy as np
import pytest

from convhelpers import signals
from convhelpers.layouts import panels
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
from convhelpers.panels import (
    ALIGNED_SHADED_SIZE,
    LARGEST_WITH_NUMBERS,
    NOBODY,
    ROLES,
    SHADED_SIZE,
    ZERO,
    Grid,
    Marks,
    Panel,
    grey_levels,
    lit_cells,
    marks,
    shades,
)
from convhelpers.trace import record


def ones(pairing, bias=None):
    return record(pairing, np.ones(pairing.left_shape, int), np.ones(pairing.right_shape, int), bias)


TRACES = {
    "elementwise": ones(elementwise((2, 3))),
    "sum of products": ones(sum_of_products((2, 3))),
    "matrix product": ones(matrix_product((2, 3), (3, 4))),
    "cross-correlation": ones(cross_correlation((4, 6), (2, 3), padding=1)),
    "convolution": ones(convolution((4, 6), (2, 3), padding="same")),
    "layer": ones(conv_layer((3, 4, 5), (2, 3, 3, 3), padding=1), [1, 2]),
    "layer in groups": ones(conv_layer((4, 4, 5), (6, 2, 3, 3), groups=2)),
    "depthwise layer": ones(conv_layer((3, 4, 5), (3, 1, 2, 2), groups=3)),
    "one by one": ones(one_by_one_convolution((3, 4, 5), 2), [1, 2]),
    "one by one, deep": ones(one_by_one_convolution((20, 2, 2), 2)),
    "fully connected": ones(fully_connected(6, 4), [1, 2, 3, 4]),
    "large": ones(cross_correlation((20, 18), (3, 3), padding=1)),
    "long vectors": ones(fully_connected(25, 17)),
}
WINDOWED = {
    "question": ones(cross_correlation((5, 5), (3, 3))),
    "padding": ones(cross_correlation((3, 4), (2, 2), padding=((0, 1), (2, 0)))),
    "stride": ones(cross_correlation((4, 6), (3, 3), stride=(1, 2))),
    "turned": ones(convolution((4, 5), (2, 3), padding="same", dilation=(1, 2))),
    "one cell": ones(cross_correlation((3, 3), (1, 1))),
    "layer": ones(conv_layer((2, 3, 4), (3, 2, 2, 2), padding=1), [10, -20, 30]),
    "one by one": ones(one_by_one_convolution((3, 2, 4), 2), [1, 2]),
}
GROUPED = {
    "groups": ones(conv_layer((4, 3, 3), (4, 2, 2, 2), groups=2, padding=1), [1, 2, 3, 4]),
    "depthwise": ones(conv_layer((3, 3, 3), (3, 1, 2, 2), groups=3)),
}


def steps_of(trace):
    """Every step of a small trace, a few of a large one."""
    return range(trace.n_steps + 1) if trace.n_steps <= 1000 else (0, 1, trace.steps_per_output, trace.n_steps)


# Grids and panels


@pytest.mark.parametrize(("side", "shaded"), [(LARGEST_WITH_NUMBERS, False), (LARGEST_WITH_NUMBERS + 1, True)])
def test_a_side_decides_whether_numbers_fit(side, shaded):
    for shape in ((side, 2), (2, side)):
        grid = Grid(np.arange(2 * side).reshape(shape))
        assert grid.shaded is shaded
        assert (grid.drawn_size == shape) is not shaded


def test_a_shaded_grid_keeps_its_proportions():
    assert Grid(np.zeros((40, 20), int)).drawn_size == (SHADED_SIZE, SHADED_SIZE / 2)
    assert Grid(np.zeros((20, 40), int)).drawn_size == (SHADED_SIZE / 2, SHADED_SIZE)


@pytest.mark.parametrize(("longest", "shaded"), [(0, False), (LARGEST_WITH_NUMBERS, False), (20, True)])
def test_grids_in_line_are_drawn_to_one_scale(longest, shaded):
    """The longest of them decides for all whether numbers fit, and how large a cell is."""
    grids = [Grid(np.zeros(shape, int), longest=longest) for shape in ((1, 4), (3, 4), (16, 2))]
    assert [grid.shaded for grid in grids] == [shaded] * 3
    assert [grid.cell_size for grid in grids] == [ALIGNED_SHADED_SIZE / 20 if shaded else 1] * 3
    for grid in grids:
        assert grid.drawn_size == tuple(side * grid.cell_size for side in grid.ids.shape)


@pytest.mark.parametrize("field", [field.name for field in dataclasses.fields(Grid)])
def test_grids_are_frozen(field):
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(Grid(np.zeros((1, 1), int)), field, None)


# Marks


def test_marks_before_the_first_step_light_nothing():
    trace = TRACES["cross-correlation"]
    lit = marks(trace, 0)
    assert isinstance(lit, Marks)
    assert (lit.current, lit.window, lit.corners, lit.pair) == ({}, {}, {}, None)
    assert list(lit.pairs) == []
    np.testing.assert_array_equal(lit.terms["left"], trace.pairing.places[0])
    np.testing.assert_array_equal(lit.terms["right"], trace.pairing.right[0])


def test_marks_in_the_middle_of_a_window():
    x, k = signals.question_image(), signals.question_kernel()
    lit = marks(record(cross_correlation(x.shape, k.shape), x, k), 42)
    window = [6, 7, 8, 11, 12, 13, 16, 17, 18]
    assert lit.current == {
        "left": [13],
        "right": [5],
        "bias": [],
        "products": [5],
        "subtotals": [0],
        "output": [4],
    }
    assert lit.window == {
        "left": window,
        "right": list(range(9)),
        "bias": [],
        "products": list(range(6)),
        "subtotals": [],
        "output": list(range(5)),
    }
    assert lit.corners == dict(zip(window, range(9), strict=True))
    assert {role: ids.tolist() for role, ids in lit.terms.items()} == {"left": window, "right": list(range(9))}
    assert (lit.pairs, lit.pair) == (range(36, 45), 41)


def test_marks_of_a_turned_kernel_pair_the_cells_with_the_weights_in_reverse():
    lit = marks(ones(convolution((3, 3), (2, 2))), 1)
    assert (lit.current["left"], lit.current["right"]) == ([0], [3])
    assert lit.corners == {0: 3, 1: 2, 3: 1, 4: 0}
    assert lit.terms["right"].tolist() == [3, 2, 1, 0]


def test_marks_of_a_second_filter_follow_its_weights():
    """Two filters of 12 weights on one window: the second one starts at weight 12, product 1 of output 1."""
    lit = marks(ones(conv_layer((3, 2, 2), (2, 3, 2, 2))), 13)
    assert lit.terms["right"].tolist() == lit.window["right"] == list(range(12, 24))
    assert lit.terms["left"].tolist() == lit.window["left"] == list(range(12))
    assert (lit.pairs, lit.pair) == (range(12, 24), 12)


def test_at_the_bias_no_pair_is_current_and_every_product_is_done():
    lit = marks(ones(fully_connected(3, 2), [5, 6]), 8)
    assert lit.current == {"left": [], "right": [], "bias": [1], "products": [], "subtotals": [], "output": [1]}
    assert lit.window["products"] == [0, 1, 2]
    assert lit.window["output"] == [0, 1]
    assert (lit.pairs, lit.pair) == (range(3, 6), None)


@pytest.mark.parametrize("name", ["layer", "one by one", "fully connected"])
def test_the_bias_of_the_filter_is_current_in_the_last_step_of_each_output_alone(name):
    trace = TRACES[name]
    outputs_a_bias = trace.pairing.n_outputs // trace.bias.size
    for step in range(1, trace.n_steps + 1):
        lit, output = marks(trace, step), (step - 1) // trace.steps_per_output
        own = [output // outputs_a_bias]
        assert lit.window["bias"] == own
        assert lit.current["bias"] == (own if step % trace.steps_per_output == 0 else []), step


@pytest.mark.parametrize("name", ["cross-correlation", "layer in groups", "sum of products"])
def test_without_a_bias_none_is_marked(name):
    for step in steps_of(TRACES[name])[1:]:
        lit = marks(TRACES[name], step)
        assert lit.current["bias"] == lit.window["bias"] == []


@pytest.mark.parametrize(("name", "group"), [("layer", 9), ("layer in groups", 9)])
def test_a_subtotal_is_done_with_the_last_product_of_its_channel(name, group):
    trace = TRACES[name]
    n_terms = trace.pairing.n_terms
    for step in range(1, trace.n_steps + 1):
        lit, term = marks(trace, step), (step - 1) % trace.steps_per_output
        assert lit.window["subtotals"] == list(range(min(term + 1, n_terms) // group)), step
        assert lit.current["subtotals"] == ([term // group] if term < n_terms else []), step


def test_padding_cells_are_lit_under_their_own_ids():
    trace = ones(cross_correlation((2, 2), (2, 2), padding=1))
    assert marks(trace, 1).window["left"] == trace.pairing.places[0].tolist() == [4, 5, 8, 0]


@pytest.mark.parametrize("step", [-1, 10])
def test_marks_of_no_step_outside_the_trace(step):
    with pytest.raises(ValueError, match="step must be from 1 to 9"):
        marks(ones(sum_of_products((3, 3))), step)


@pytest.mark.parametrize("trace", TRACES.values(), ids=TRACES)
def test_marks_are_ids_that_the_panels_hold(trace):
    held = {}
    for panel in panels(trace):
        ids = {element for grid in panel.grids for element in grid.ids.ravel().tolist()} - {NOBODY}
        held[panel.role] = held.get(panel.role, set()) | ids
    for step in (1, trace.steps_per_output, trace.n_steps):
        lit = marks(trace, step)
        assert set(lit.current) == set(lit.window) == set(ROLES)
        for role, ids in held.items():
            assert set(lit.current[role]) | set(lit.window[role]) <= ids


# Lit cells


def ids_at(panel, trace, step):
    """Ids, lit and current cells of a panel of one grid."""
    (grid,) = panel.grids
    return lit_cells(panel, grid, marks(trace, step))


def of_title(trace, title, layout):
    (panel,) = (panel for panel in panels(trace, layout=layout) if panel.title == title)
    return panel


@pytest.mark.parametrize("trace", TRACES.values(), ids=TRACES)
def test_a_grid_of_elements_lights_those_that_are_marked(trace):
    for step in (0, 1, trace.steps_per_output, trace.n_steps):
        lit = marks(trace, step)
        for panel in panels(trace):
            for grid in panel.grids:
                ids, inside, current = lit_cells(panel, grid, lit)
                assert ids.shape == inside.shape == current.shape == grid.ids.shape
                assert set(ids[inside].tolist()) == set(ids.ravel().tolist()) & set(lit.window.get(panel.role, []))
                assert set(ids[current].tolist()) == set(ids.ravel().tolist()) & set(lit.current.get(panel.role, []))


@pytest.mark.parametrize("name", ["one by one", "one by one, deep", "large", "long vectors"])
def test_a_panel_that_follows_shows_the_current_output_s_elements(name):
    trace = TRACES[name]
    table = {"left": trace.pairing.places, "right": trace.pairing.right}
    (panel,) = (panel for panel in panels(trace) if panel.follows)
    (grid,) = panel.grids
    for step in (0, 1, trace.steps_per_output, trace.steps_per_output + 1, trace.n_steps):
        output, term = divmod(max(step - 1, 0), trace.steps_per_output)
        ids, inside, current = ids_at(panel, trace, step)
        np.testing.assert_array_equal(ids[grid.ids >= 0], table[panel.role][output])
        np.testing.assert_array_equal(ids[grid.ids < 0], NOBODY)
        np.testing.assert_array_equal(inside, (grid.ids >= 0) & (step > 0))
        np.testing.assert_array_equal(current, (grid.ids == term) & (step > 0))


@pytest.mark.parametrize("trace", WINDOWED.values(), ids=WINDOWED)
def test_one_column_of_x_col_is_lit_for_every_filter(trace):
    """At the bias none of its cells is current, and before the first step none is lit."""
    panel = of_title(trace, "X_col", "im2col")
    n_terms, n_windows = panel.grids[0].ids.shape
    for step in range(1, trace.n_steps + 1):
        output, term = trace.locate(step)
        ids, inside, current = ids_at(panel, trace, step)
        assert np.argwhere(inside).tolist() == [[row, output % n_windows] for row in range(n_terms)], step
        assert np.argwhere(current).tolist() == ([[term, output % n_windows]] if term < n_terms else []), step
        np.testing.assert_array_equal(ids[inside], trace.pairing.places[output])
    _, inside, current = ids_at(panel, trace, 0)
    assert not (inside | current).any()


@pytest.mark.parametrize("trace", WINDOWED.values(), ids=WINDOWED)
def test_one_row_of_w_row_is_in_use_and_the_other_filters_idle(trace):
    panel = of_title(trace, "W_row", "im2col")
    n_windows = trace.pairing.n_outputs // panel.grids[0].ids.shape[0]
    for step in range(1, trace.n_steps + 1):
        output, term = trace.locate(step)
        _, inside, current = ids_at(panel, trace, step)
        of_filter = np.arange(len(inside)) == output // n_windows
        np.testing.assert_array_equal(inside, np.broadcast_to(of_filter[:, np.newaxis], inside.shape))
        assert np.argwhere(current).tolist() == (
            [[output // n_windows, term]] if term < trace.pairing.n_terms else []
        ), step


@pytest.mark.parametrize("trace", (WINDOWED | GROUPED).values(), ids=WINDOWED | GROUPED)
def test_one_row_of_the_matrix_is_lit_and_one_cell_is_current(trace):
    """What falls on the padding has no column, so nothing is current in the step that adds its 0."""
    panel = of_title(trace, "matrix", "matrix")
    for step in range(1, trace.n_steps + 1):
        output, term = trace.locate(step)
        columns = trace.pairing.left[output]
        ids, inside, current = ids_at(panel, trace, step)
        assert np.argwhere(inside).tolist() == [[output, column] for column in sorted(columns[columns >= 0])], step
        on_input = term < trace.pairing.n_terms and columns[term] >= 0
        assert np.argwhere(current).tolist() == ([[output, columns[term]]] if on_input else []), step
        if on_input:
            assert ids[current].tolist() == [trace.pairing.right[output, term]]
    _, inside, current = ids_at(panel, trace, 0)
    assert not (inside | current).any()


def test_without_padding_as_many_cells_of_the_matrix_are_lit_as_there_are_terms():
    trace = WINDOWED["question"]
    for step in range(1, trace.n_steps + 1):
        ids, inside, current = ids_at(of_title(trace, "matrix", "matrix"), trace, step)
        assert (inside.sum(), current.sum()) == (9, 1)
        assert (ids == ZERO).sum() == 9 * 25 - 81


def test_weights_of_other_filters_are_not_in_use():
    trace = TRACES["layer"]
    (right,) = (panel for panel in panels(trace) if panel.role == "right")
    for step in range(1, trace.n_steps + 1):
        current_filter = (step - 1) // (trace.n_steps // 2)
        for place, grid in enumerate(right.grids):
            _, inside, _ = lit_cells(right, grid, marks(trace, step))
            assert inside.all() == inside.any() == (place % 2 == current_filter), step


def test_zero_and_nobody_are_never_lit():
    grid = Grid(np.array([[0, NOBODY, ZERO]]), pairs=np.array([[0, -1, -1]]), period=1)
    panel = Panel("right", "", "", "", (grid,))
    trace = ones(fully_connected(1, 1), [1])
    for step in (0, 1, 2):
        ids, inside, current = lit_cells(panel, grid, marks(trace, step))
        assert ids.tolist() == [[0, NOBODY, ZERO]]
        assert (inside.tolist(), current.tolist()) == ([[step > 0, False, False]], [[step == 1, False, False]])


# Shades


@pytest.mark.parametrize(
    ("values", "levels"),
    [
        ([0, 5, 10], [0, 128, 255]),
        ([[-1, 0], [1, 0]], [0, 128, 255, 128]),
        ([3, 3, 3], [128, 128, 128]),
        ([7], [128]),
        ([0.0, np.nan, 1.0], [0, 128, 255]),
        ([-np.inf, 0.0, 1.0, np.inf], [0, 0, 255, 255]),
        ([np.nan, np.inf, -np.inf], [128, 128, 128]),
        ([-1.7e308, 0.0, 1.7e308], [0, 128, 255]),
        (np.array([0, 60000], np.float16), [0, 255]),
        (np.array([True, False]), [255, 0]),
    ],
)
def test_shades(values, levels):
    result = shades(values)
    assert result.shape == (np.size(values),)
    assert result.dtype.kind == "i"
    assert result.tolist() == levels


def test_grey_levels_have_one_for_each_element_of_each_role():
    trace = TRACES["layer"]
    levels = grey_levels(trace)
    sizes = {role: of_role.size for role, of_role in levels.items()}
    assert sizes == {
        "left": trace.left.size + trace.pairing.n_padding,
        "right": trace.right.size,
        "bias": 2,
        "products": trace.products.size,
        "output": trace.output.size,
    }
    assert levels["bias"].tolist() == [0, 255]
    assert "bias" not in grey_levels(TRACES["cross-correlation"])

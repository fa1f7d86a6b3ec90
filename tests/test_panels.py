"""The panels hold every element once, and say of each step which cells are lit."""

import dataclasses

import numpy as np
import pytest

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
from convhelpers.panels import LARGEST_WITH_NUMBERS, MAX_CELLS, ROLES, SHADED_SIZE, Grid, Marks, marks, panels, shades
from convhelpers.trace import record


def ones(pairing, bias=None):
    return record(pairing, np.ones(pairing.left_shape, int), np.ones(pairing.right_shape, int), bias)


def by_role(trace, **options):
    """The panels, each by its role; the one that follows the window apart."""
    return {"window" if panel.follows else panel.role: panel for panel in panels(trace, **options)}


TRACES = {
    "elementwise": ones(elementwise((2, 3))),
    "elementwise vectors": ones(elementwise((4,))),
    "sum of products": ones(sum_of_products((2, 3))),
    "matrix product": ones(matrix_product((2, 3), (3, 4))),
    "cross-correlation": ones(cross_correlation((4, 6), (2, 3), padding=1)),
    "convolution": ones(convolution((4, 6), (2, 3), padding="same")),
    "layer": ones(conv_layer((3, 4, 5), (2, 3, 3, 3), padding=1), [1, 2]),
    "layer in groups": ones(conv_layer((4, 4, 5), (6, 2, 3, 3), groups=2)),
    "depthwise layer": ones(conv_layer((3, 4, 5), (3, 1, 2, 2), groups=3)),
    "one by one": ones(one_by_one_convolution((3, 4, 5), 2)),
    "fully connected": ones(fully_connected(6, 4), [1, 2, 3, 4]),
    "large": ones(cross_correlation((20, 18), (3, 3), padding=1)),
    "large kernel": ones(cross_correlation((20, 20), (17, 5), padding=1)),
    "long vectors": ones(fully_connected(25, 17)),
}


# Every element once


@pytest.mark.parametrize("trace", TRACES.values(), ids=TRACES)
def test_grids_cover_every_element_of_every_role_once(trace):
    pairing, shown = trace.pairing, by_role(trace)
    sizes = {
        "left": trace.left.size + pairing.n_padding,
        "right": trace.right.size,
        "products": pairing.n_terms,
        "output": trace.output.size,
        "window": pairing.n_terms,
    }
    assert set(shown) <= set(sizes)
    for role, panel in shown.items():
        ids = np.concatenate([grid.ids.ravel() for grid in panel.grids])
        np.testing.assert_array_equal(np.sort(ids[ids >= 0]), np.arange(sizes[role]))
        assert ids.min() >= -1  # fills the last row of a long vector up, and is no element
        assert len(panel.grids) == panel.columns * panel.stacked
        assert panel.role in ROLES


@pytest.mark.parametrize("name", TRACES)
def test_panels_stand_in_the_order_of_the_sum(name):
    roles = list(by_role(TRACES[name]))
    large = ["window"] if name in ("large", "large kernel") else []
    products = [] if name.startswith("elementwise") else ["products"]
    assert roles == ["left", *large, "right", *products, "output"]


@pytest.mark.parametrize(
    ("name", "signs"),
    [
        ("elementwise", ["", "⊙", "="]),
        ("sum of products", ["", "⊙", "=", "Σ→"]),
        ("matrix product", ["", "@", "=", "Σ→"]),
        ("cross-correlation", ["", "⊙", "=", "Σ→"]),
        ("fully connected", ["", "⊙", "=", "Σ+b→"]),
        ("large", ["", "→", "⊙", "=", "Σ→"]),
    ],
)
def test_signs_between_the_panels(name, signs):
    assert [panel.sign for panel in panels(TRACES[name])] == signs


@pytest.mark.parametrize(
    ("name", "titles", "sizes"),
    [
        ("elementwise", ["A", "B", "A * B"], ["2 × 3", "2 × 3", "2 × 3"]),
        (
            "sum of products",
            ["A", "B", "products", "sum of products"],
            ["2 × 3", "2 × 3", "2 × 3", "1 × 1"],
        ),
        ("matrix product", ["A", "B", "products", "A @ B"], ["2 × 3", "3 × 4", "1 × 3", "2 × 4"]),
        (
            "cross-correlation",
            ["input x", "kernel k", "products", "output"],
            ["4 × 6", "2 × 3", "2 × 3", "5 × 6"],
        ),
        ("layer", ["input x", "filters w", "products", "output"], ["3 × 4 × 5", "3 × 3", "3 × 3 × 3", "2 × 4 × 5"]),
        ("fully connected", ["input x", "weights w", "products", "output"], ["6", "4 × 6", "6 × 1", "4"]),
    ],
)
def test_titles_and_sizes(name, titles, sizes):
    shown = panels(TRACES[name])
    assert [panel.title for panel in shown] == titles
    assert [panel.size for panel in shown] == sizes


def test_names_replace_the_titles():
    shown = by_role(TRACES["matrix product"], names=("W", "window {0}"))
    assert [panel.title for panel in shown.values()] == ["W", "window {0}", "products", "W @ window {0}"]


# Kernels, padding, what is left over


def test_a_turned_kernel_is_drawn_turned_and_says_so():
    x, k = signals.oblong_image(), np.arange(6).reshape(2, 3)
    straight = by_role(record(cross_correlation(x.shape, k.shape), x, k))["right"]
    turned = by_role(record(convolution(x.shape, k.shape), x, k))["right"]
    assert straight.grids[0].ids.tolist() == [[0, 1, 2], [3, 4, 5]]
    assert turned.grids[0].ids.tolist() == [[5, 4, 3], [2, 1, 0]]
    assert (straight.detail, turned.detail) == ("not turned", "turned by 180°")


def test_padding_is_drawn_around_the_input_with_ids_after_its_last():
    panel = by_role(ones(cross_correlation((2, 2), (2, 2), padding=((1, 0), (0, 1)))))["left"]
    assert panel.grids[0].ids.tolist() == [[4, 5, 6], [0, 1, 7], [2, 3, 8]]


@pytest.mark.parametrize(
    ("padding", "detail"),
    [
        (0, ""),
        ("valid", ""),
        (2, "padding 2 on each side"),
        ("same", "padding 1 on each side"),
        ("full", "padding 2 on each side"),
        ((1, 0), "padding: 1 above, 1 below"),
        (((1, 2), (3, 4)), "padding: 1 above, 2 below, 3 left, 4 right"),
    ],
)
def test_padding_is_named(padding, detail):
    assert by_role(ones(cross_correlation((5, 5), (3, 3), padding=padding)))["left"].detail == detail


@pytest.mark.parametrize(
    ("size", "options", "unused", "footnote"),
    [
        ((3, 3), {}, [], ""),
        ((5, 5), {"stride": 2}, [], ""),
        ((4, 3), {"stride": 2}, [9, 10, 11], "Stride 2 leaves over row 3."),
        ((3, 4), {"stride": 2}, [3, 7, 11], "Stride 2 leaves over column 3."),
        ((4, 4), {"stride": 2}, [3, 7, 11, 12, 13, 14, 15], "Stride 2 leaves over row 3 and column 3."),
        ((5, 3), {"stride": (3, 1)}, [9, 10, 11, 12, 13, 14], "Stride (3, 1) leaves over rows 3–4."),
        # One row of padding above: the rows are counted from the input's own first one.
        ((3, 3), {"stride": 2, "padding": ((1, 0), (0, 0))}, [6, 7, 8], "Stride 2 leaves over row 2."),
        ((3, 3), {"stride": 2, "padding": ((0, 0), (0, 1))}, [9, 10, 11], "Stride 2 leaves over column 3 (padding)."),
    ],
)
def test_what_a_stride_leaves_over_is_marked_and_named(size, options, unused, footnote):
    panel = by_role(ones(cross_correlation(size, (3, 3), **options)))["left"]
    assert sorted(panel.unused) == unused
    assert panel.footnote == footnote


@pytest.mark.parametrize("padding", [0, ((1, 0), (0, 2))])
@pytest.mark.parametrize("stride", [1, 2, 3, (1, 3)])
def test_no_window_reaches_what_is_left_over(stride, padding):
    trace = ones(conv_layer((2, 6, 7), (1, 2, 3, 3), stride=stride, padding=padding))
    panel = by_role(trace)["left"]
    assert not set(panel.unused) & set(trace.pairing.places.ravel().tolist())
    rows, columns = trace.pairing.window.leftover
    height, width = trace.pairing.window.padded_size
    assert len(panel.unused) == 2 * (rows * width + columns * height - rows * columns)


# Channels and filters


def test_filters_stand_side_by_side_and_their_channels_beside_those_of_the_input():
    shown = by_role(TRACES["layer"])
    left, right, products, output = (shown[role] for role in ROLES)
    assert [grid.label for grid in left.grids] == ["channel 0", "channel 1", "channel 2"]
    assert [grid.label for grid in right.grids] == [f"filter {k}, channel {c}" for c in range(3) for k in range(2)]
    assert [grid.label for grid in products.grids] == ["channel 0", "channel 1", "channel 2"]
    assert [grid.label for grid in output.grids] == ["filter 0", "filter 1"]
    assert (right.columns, right.stacked) == (2, 3)
    np.testing.assert_array_equal(right.grids[3].ids, np.arange(36, 45).reshape(3, 3))  # filter 1, channel 1
    assert left.slot_rows == right.slot_rows == products.slot_rows == 6  # the padded input is the highest
    assert output.slot_rows == 4


@pytest.mark.parametrize(
    ("name", "role", "labels"),
    [
        ("elementwise", "left", [""]),
        ("one by one", "right", [f"filter {k}, channel {c}" for c in range(3) for k in range(2)]),
        ("layer in groups", "right", [f"filter {k}, slice {c}" for c in range(2) for k in range(6)]),
        ("layer in groups", "products", ["slice 0", "slice 1"]),
        ("depthwise layer", "right", ["filter 0", "filter 1", "filter 2"]),
        ("depthwise layer", "products", [""]),
        ("fully connected", "right", [""]),
    ],
)
def test_labels_tell_slices_apart_where_there_are_several(name, role, labels):
    assert [grid.label for grid in by_role(TRACES[name])[role].grids] == labels


def test_vectors_are_columns_and_a_matrix_product_multiplies_along_a_row():
    assert by_role(TRACES["elementwise vectors"])["right"].grids[0].ids.tolist() == [[0], [1], [2], [3]]
    assert by_role(TRACES["fully connected"])["left"].grids[0].ids.shape == (6, 1)
    assert by_role(TRACES["fully connected"])["output"].grids[0].ids.shape == (4, 1)
    assert by_role(TRACES["matrix product"])["products"].grids[0].ids.shape == (1, 3)


@pytest.mark.parametrize(
    ("size", "shape", "n_fillers"), [(16, (16, 1), 0), (17, (4, 5), 3), (25, (5, 5), 0), (26, (5, 6), 4)]
)
def test_long_vectors_are_cut_into_rows(size, shape, n_fillers):
    ids = by_role(ones(sum_of_products((size,))))["left"].grids[0].ids
    assert ids.shape == shape
    np.testing.assert_array_equal(ids.ravel(), [*range(size), *[-1] * n_fillers])


# Too large for numbers


@pytest.mark.parametrize(("side", "shaded"), [(LARGEST_WITH_NUMBERS, False), (LARGEST_WITH_NUMBERS + 1, True)])
def test_a_side_decides_whether_numbers_fit(side, shaded):
    for shape in ((side, 2), (2, side)):
        grid = Grid(np.arange(2 * side).reshape(shape))
        assert grid.shaded is shaded
        assert (grid.drawn_size == shape) is not shaded


def test_a_shaded_grid_keeps_its_proportions():
    assert Grid(np.zeros((40, 20), int)).drawn_size == (SHADED_SIZE, SHADED_SIZE / 2)
    assert Grid(np.zeros((20, 40), int)).drawn_size == (SHADED_SIZE / 2, SHADED_SIZE)


def test_the_window_of_a_shaded_input_is_shown_beside_it():
    shown = by_role(TRACES["large"])
    window = shown["window"]
    assert shown["left"].grids[0].shaded
    assert not window.grids[0].shaded
    assert (window.role, window.title, window.size, window.follows) == ("left", "window", "3 × 3", True)
    assert window.grids[0].ids.tolist() == [[0, 1, 2], [3, 4, 5], [6, 7, 8]]
    assert not any(panel.follows for panel in panels(TRACES["cross-correlation"]))


def test_refuses_more_cells_than_a_picture_holds():
    trace = ones(cross_correlation((100, 100), (1, 1)))
    with pytest.raises(ValueError, match=r"a picture holds at most 20,000 cells; received 20,002: crop or shrink"):
        panels(trace)
    assert sum(
        grid.ids.size for panel in panels(ones(cross_correlation((99, 100), (2, 2)))) for grid in panel.grids
    ) < (MAX_CELLS)


# What is lit


def test_marks_before_the_first_step_light_nothing():
    lit = marks(TRACES["cross-correlation"], 0)
    assert isinstance(lit, Marks)
    assert (lit.current, lit.window, lit.corners) == ({}, {}, {})
    np.testing.assert_array_equal(lit.terms, TRACES["cross-correlation"].pairing.places[0])


def test_marks_in_the_middle_of_a_window():
    x, k = signals.question_image(), signals.question_kernel()
    lit = marks(record(cross_correlation(x.shape, k.shape), x, k), 42)
    window = [6, 7, 8, 11, 12, 13, 16, 17, 18]
    assert lit.current == {"left": [13], "right": [5], "products": [5], "output": [4]}
    assert lit.window == {
        "left": window,
        "right": list(range(9)),
        "products": list(range(6)),
        "output": list(range(5)),
    }
    assert lit.corners == dict(zip(window, range(9), strict=True))
    assert lit.terms.tolist() == window


def test_marks_of_a_turned_kernel_pair_the_cells_with_the_weights_in_reverse():
    lit = marks(ones(convolution((3, 3), (2, 2))), 1)
    assert lit.current == {"left": [0], "right": [3], "products": [0], "output": [0]}
    assert lit.corners == {0: 3, 1: 2, 3: 1, 4: 0}


def test_at_the_bias_no_pair_is_current_and_every_product_is_done():
    lit = marks(ones(fully_connected(3, 2), [5, 6]), 8)
    assert lit.current == {"left": [], "right": [], "products": [], "output": [1]}
    assert lit.window["products"] == [0, 1, 2]
    assert lit.window["output"] == [0, 1]


def test_padding_cells_are_lit_under_their_own_ids():
    trace = ones(cross_correlation((2, 2), (2, 2), padding=1))
    assert marks(trace, 1).window["left"] == trace.pairing.places[0].tolist() == [4, 5, 8, 0]


@pytest.mark.parametrize("step", [-1, 10])
def test_marks_of_no_step_outside_the_trace(step):
    with pytest.raises(ValueError, match="step must be from 1 to 9"):
        marks(ones(sum_of_products((3, 3))), step)


@pytest.mark.parametrize("trace", TRACES.values(), ids=TRACES)
def test_marks_are_ids_that_the_panels_hold(trace):
    held = {role: set() for role in ROLES}
    for panel in panels(trace):
        held[panel.role] |= {element for grid in panel.grids for element in grid.ids.ravel().tolist()}
    held["products"] |= set(range(trace.pairing.n_terms))
    for step in (1, trace.steps_per_output, trace.n_steps):
        lit = marks(trace, step)
        for role in ROLES:
            assert set(lit.current[role]) <= set(lit.window[role]) <= held[role] - {-1}


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


# Nothing drawn can be changed by accident


@pytest.mark.parametrize("field", [field.name for field in dataclasses.fields(Grid)])
def test_grids_are_frozen(field):
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(Grid(np.zeros((1, 1), int)), field, None)

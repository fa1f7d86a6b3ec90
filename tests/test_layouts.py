"""The layouts show every element in its place, and each is the operation that it says it is.

Read the ids of `X_col` as the input's numbers, and it is im2col; read those of the matrix as weights, with 0 where no
element stands, and it is the fully connected matrix. Both multiply to the operation's output.
"""

import math
import re
import tracemalloc

import numpy as np
import peers
import pytest
import scipy.signal
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.lib.stride_tricks import sliding_window_view

from convhelpers import signals
from convhelpers.arithmetic import conv2d
from convhelpers.im2col import im2col
from convhelpers.layouts import LAYOUTS, MAX_CELLS, check_layout, panels
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
from convhelpers.panels import LARGEST_WITH_NUMBERS, NOBODY, ROLES, ZERO
from convhelpers.trace import record
from convhelpers.wording import term_groups

torch = peers.torch

modest = settings(deadline=None, derandomize=True, max_examples=40)


def ones(pairing, bias=None):
    return record(pairing, np.ones(pairing.left_shape, int), np.ones(pairing.right_shape, int), bias)


def random(pairing, bias=None, seed=0):
    draw = np.random.default_rng(seed)
    return record(pairing, draw.integers(-9, 10, pairing.left_shape), draw.integers(-9, 10, pairing.right_shape), bias)


def by_role(trace, **options):
    """The panels of the window layout, each by its role; those that follow the current output under their own names."""
    following = {"left": "window", "right": "weights in use"}
    return {following[panel.role] if panel.follows else panel.role: panel for panel in panels(trace, **options)}


def titled(trace, title, layout):
    """The panel of that title; a product with a bias says so behind it."""
    (panel,) = (panel for panel in panels(trace, layout=layout) if panel.title.removesuffix(" + b") == title)
    return panel


TRACES = {
    "elementwise": ones(elementwise((2, 3))),
    "elementwise vectors": ones(elementwise((4,))),
    "sum of products": ones(sum_of_products((2, 3))),
    "matrix product": ones(matrix_product((2, 3), (3, 4))),
    "cross-correlation": ones(cross_correlation((4, 6), (2, 3), padding=1)),
    "convolution": ones(convolution((4, 6), (2, 3), padding="same")),
    "layer": ones(conv_layer((3, 4, 5), (2, 3, 3, 3), padding=1), [1, 2]),
    "one filter": ones(conv_layer((3, 4, 5), (1, 3, 2, 2))),
    "layer of long channels": ones(conv_layer((2, 5, 5), (2, 2, 4, 4))),
    "layer in groups": ones(conv_layer((4, 4, 5), (6, 2, 3, 3), groups=2)),
    "depthwise layer": ones(conv_layer((3, 4, 5), (3, 1, 2, 2), groups=3)),
    "one by one": ones(one_by_one_convolution((3, 4, 5), 2), [1, 2]),
    "one by one, deep": ones(one_by_one_convolution((20, 2, 2), 2)),
    "one by one, one channel": ones(one_by_one_convolution((1, 2, 2), 2)),
    "fully connected": ones(fully_connected(6, 4), [1, 2, 3, 4]),
    "one input": ones(fully_connected(1, 2), [1, 2]),
    "large": ones(cross_correlation((20, 18), (3, 3), padding=1)),
    "large kernel": ones(cross_correlation((20, 20), (17, 5), padding=1)),
    "long vectors": ones(fully_connected(25, 17)),
}
# Whose windows see every channel: these have X_col and the matrix.
WINDOWED = {
    "question": random(cross_correlation((5, 5), (3, 3))),
    "padding": random(cross_correlation((3, 4), (2, 2), padding=((0, 1), (2, 0)))),
    "stride that leaves over": random(cross_correlation((4, 6), (3, 3), stride=(1, 2))),
    "dilation": random(cross_correlation((5, 6), (2, 3), dilation=2, padding="same")),
    "turned": random(convolution((4, 5), (2, 3), padding="same")),
    "turned, with all": random(convolution((5, 5), (2, 2), stride=2, padding=1, dilation=(2, 3))),
    "one cell": random(cross_correlation((3, 3), (1, 1))),
    "layer": random(conv_layer((3, 4, 5), (2, 3, 3, 3), padding=1), [10, -20]),
    "layer with all": random(
        conv_layer((2, 6, 7), (3, 2, 2, 3), stride=(1, 2), padding=((1, 0), (0, 2)), dilation=(2, 1))
    ),
    "one by one": random(one_by_one_convolution((3, 2, 4), 2), [1, 2]),
}
# Whose windows see some channels only: these have the matrix alone.
GROUPED = {
    "groups": random(conv_layer((4, 3, 3), (4, 2, 2, 2), groups=2, padding=1), [1, 2, 3, 4]),
    "depthwise": random(conv_layer((3, 4, 5), (3, 1, 2, 2), groups=3, stride=2)),
}


# Every element once


@pytest.mark.parametrize("trace", TRACES.values(), ids=TRACES)
def test_grids_cover_every_element_of_every_role_once(trace):
    pairing, shown = trace.pairing, by_role(trace)
    sizes = {
        "left": trace.left.size + pairing.n_padding,
        "right": trace.right.size,
        "bias": 0 if trace.bias is None else trace.bias.size,
        "products": pairing.n_terms,
        "subtotals": len(term_groups(pairing)),
        "output": trace.output.size,
        "window": pairing.n_terms,
        "weights in use": pairing.n_terms,
    }
    assert set(shown) <= set(sizes)
    for role, panel in shown.items():
        ids = np.concatenate([grid.ids.ravel() for grid in panel.grids])
        np.testing.assert_array_equal(np.sort(ids[ids >= 0]), np.arange(sizes[role]))
        assert set(ids[ids < 0].tolist()) <= {NOBODY}  # fills the last row of a long vector up, and is no element
        assert len(panel.grids) == panel.columns * panel.stacked
        assert panel.role in ROLES
        assert all(grid.pairs is None for grid in panel.grids)


@pytest.mark.parametrize(
    ("name", "roles"),
    [
        ("elementwise", ["left", "right", "output"]),
        ("elementwise vectors", ["left", "right", "output"]),
        ("sum of products", ["left", "right", "products", "output"]),
        ("matrix product", ["left", "right", "products", "output"]),
        ("cross-correlation", ["left", "right", "products", "output"]),
        ("convolution", ["left", "right", "products", "output"]),
        ("layer", ["left", "right", "products", "subtotals", "bias", "output"]),
        ("one filter", ["left", "right", "products", "subtotals", "output"]),
        ("layer of long channels", ["left", "right", "products", "output"]),  # eight groups in two channels
        ("layer in groups", ["left", "right", "products", "subtotals", "output"]),
        ("depthwise layer", ["left", "right", "products", "output"]),
        ("one by one", ["left", "window", "right", "products", "bias", "output"]),
        ("one by one, deep", ["left", "window", "right", "products", "output"]),
        ("one by one, one channel", ["left", "right", "output"]),
        ("fully connected", ["left", "right", "products", "bias", "output"]),
        ("one input", ["left", "right", "bias", "output"]),
        ("large", ["left", "window", "right", "products", "output"]),
        ("large kernel", ["left", "window", "right", "products", "output"]),
        ("long vectors", ["left", "right", "weights in use", "products", "output"]),
    ],
)
def test_panels_stand_in_the_order_of_the_sum(name, roles):
    assert list(by_role(TRACES[name])) == roles


@pytest.mark.parametrize(
    ("name", "signs"),
    [
        ("elementwise", ["", "⊙", "="]),
        ("sum of products", ["", "⊙", "=", "Σ→"]),
        ("matrix product", ["", "@", "=", "Σ→"]),
        ("cross-correlation", ["", "⊙", "=", "Σ→"]),
        ("layer", ["", "⊙", "=", "Σ→", "Σ +", "="]),
        ("layer in groups", ["", "⊙", "=", "Σ→", "Σ→"]),
        ("one by one", ["", "→", "⊙", "=", "Σ +", "="]),
        ("fully connected", ["", "⊙", "=", "Σ +", "="]),
        ("one input", ["", "⊙", "+", "="]),
        ("large", ["", "→", "⊙", "=", "Σ→"]),
        ("long vectors", ["", "⊙", "→", "=", "Σ→"]),
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
        (
            "layer",
            ["input x", "filters w", "products", "subtotals", "bias b", "output"],
            ["3 × 4 × 5", "2 × 3 × 3 × 3", "3 × 3 × 3", "3", "2", "2 × 4 × 5"],
        ),
        (
            "one by one",
            ["input x", "pixel in depth", "filters w", "products", "bias b", "output"],
            ["3 × 4 × 5", "3 × 1", "2 × 3 × 1 × 1", "3 × 1", "2", "2 × 4 × 5"],
        ),
        (
            "fully connected",
            ["input x", "weights w", "products", "bias b", "output"],
            ["6", "4 × 6", "6 × 1", "4", "4"],
        ),
        (
            "long vectors",
            ["input x", "weights w", "weights in use", "products", "output"],
            ["25", "17 × 25", "5 × 5", "5 × 5", "17"],
        ),
    ],
)
def test_titles_and_sizes(name, titles, sizes):
    shown = panels(TRACES[name])
    assert [panel.title for panel in shown] == titles
    assert [panel.size for panel in shown] == sizes


def test_names_replace_the_titles():
    shown = by_role(TRACES["matrix product"], names=("W", "window {0}"))
    assert [panel.title for panel in shown.values()] == ["W", "window {0}", "products", "W @ window {0}"]


@pytest.mark.parametrize("layout", ["im2col", "matrix"])
def test_a_name_replaces_the_title_of_the_image_in_every_layout(layout):
    assert panels(WINDOWED["question"], ("image", "weights"), layout)[0].title == "image"


# Kernels, padding, what is left over


def test_a_turned_kernel_is_drawn_turned_and_says_so():
    x, k = signals.oblong_image(), np.arange(6).reshape(2, 3)
    straight = by_role(record(cross_correlation(x.shape, k.shape), x, k))["right"]
    turned = by_role(record(convolution(x.shape, k.shape), x, k))["right"]
    assert straight.grids[0].ids.tolist() == [[0, 1, 2], [3, 4, 5]]
    assert turned.grids[0].ids.tolist() == [[5, 4, 3], [2, 1, 0]]
    assert (straight.detail, turned.detail) == ("not turned", "turned by 180°")


@pytest.mark.parametrize("layout", LAYOUTS)
def test_padding_is_drawn_around_the_input_with_ids_after_its_last(layout):
    trace = ones(cross_correlation((2, 2), (2, 2), padding=((1, 0), (0, 1))))
    image = panels(trace, layout=layout)[0]
    assert image.grids[0].ids.tolist() == [[4, 5, 6], [0, 1, 7], [2, 3, 8]]
    assert image.detail == "padding: 1 above, 1 right"


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
@pytest.mark.parametrize("layout", LAYOUTS)
def test_what_a_stride_leaves_over_is_marked_and_named(size, options, unused, footnote, layout):
    image = panels(ones(cross_correlation(size, (3, 3), **options)), layout=layout)[0]
    assert sorted(image.unused) == unused
    assert image.footnote == footnote


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
    left, right, products, subtotals, output = (
        shown[role] for role in ("left", "right", "products", "subtotals", "output")
    )
    assert [grid.label for grid in left.grids] == ["channel 0", "channel 1", "channel 2"]
    assert [grid.label for grid in right.grids] == ["filter 0", "filter 1"] * 3
    assert [grid.name for grid in right.grids] == [f"filter {k}, channel {c}" for c in range(3) for k in range(2)]
    assert [grid.label for grid in products.grids] == ["channel 0", "channel 1", "channel 2"]
    assert [grid.label for grid in subtotals.grids] == ["channel 0", "channel 1", "channel 2"]
    assert [grid.label for grid in output.grids] == ["filter 0", "filter 1"]
    assert (right.columns, right.stacked) == (2, 3)
    np.testing.assert_array_equal(right.grids[3].ids, np.arange(36, 45).reshape(3, 3))  # filter 1, channel 1
    # The padded input is the highest, and what is stacked as high keeps as much room for each channel.
    assert left.slot_rows == right.slot_rows == products.slot_rows == subtotals.slot_rows == 6
    assert (output.slot_rows, shown["bias"].slot_rows) == (4, 2)


@pytest.mark.parametrize(
    ("name", "role", "labels"),
    [
        ("elementwise", "left", [""]),
        ("one by one", "left", ["channel 0", "channel 1", "channel 2"]),
        ("one by one", "window", [""]),
        ("one by one", "right", ["filter 0", "filter 1"]),
        ("one by one", "products", [""]),
        ("layer in groups", "right", [f"filter {k}" for _ in range(2) for k in range(6)]),
        ("layer in groups", "products", ["slice 0", "slice 1"]),
        ("layer in groups", "subtotals", ["slice 0", "slice 1"]),
        ("depthwise layer", "right", ["filter 0", "filter 1", "filter 2"]),
        ("one filter", "right", ["channel 0", "channel 1", "channel 2"]),
        ("one filter", "output", [""]),
        ("depthwise layer", "products", [""]),
        ("fully connected", "right", [""]),
        ("fully connected", "bias", [""]),
    ],
)
def test_labels_tell_slices_apart_where_there_are_several(name, role, labels):
    assert [grid.label for grid in by_role(TRACES[name])[role].grids] == labels


@pytest.mark.parametrize(
    ("name", "names"),
    [
        ("layer in groups", [f"filter {k}, slice {c}" for c in range(2) for k in range(6)]),
        ("depthwise layer", [""] * 3),
        ("one filter", [""] * 3),
        ("one by one", [""] * 2),
        ("cross-correlation", [""]),
    ],
)
def test_a_slice_has_a_name_of_its_own_where_its_label_does_not_tell_it_apart(name, names):
    """The label leaves out what stands in line with it; a screen reader cannot see that."""
    assert [grid.name for grid in by_role(TRACES[name])["right"].grids] == names


def test_a_subtotal_is_one_cell_a_channel_in_line_with_its_products():
    shown = by_role(TRACES["layer"])
    assert [grid.ids.tolist() for grid in shown["subtotals"].grids] == [[[0]], [[1]], [[2]]]
    assert [grid.ids.ravel().tolist() for grid in shown["products"].grids] == [
        list(range(start, stop)) for start, stop, _ in term_groups(TRACES["layer"].pairing)
    ]


def test_there_is_a_bias_for_each_filter_below_one_another():
    assert by_role(TRACES["layer"])["bias"].grids[0].ids.tolist() == [[0], [1]]
    assert by_role(TRACES["fully connected"])["bias"].grids[0].ids.tolist() == [[0], [1], [2], [3]]


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("name", WINDOWED)
def test_a_bias_is_shown_where_one_is_added(name, layout):
    trace = WINDOWED[name]
    roles = [panel.role for panel in panels(trace, layout=layout)]
    assert roles[-2:].count("bias") == roles.count("bias") == (trace.bias is not None)


# Vectors


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
    np.testing.assert_array_equal(ids.ravel(), [*range(size), *[NOBODY] * n_fillers])


@pytest.mark.parametrize(
    ("n_channels", "ids"), [(3, [[0], [1], [2]]), (17, [[0, 1, 2, 3, 4], [5, 6, 7, 8, 9], [10, 11, 12, 13, 14]])]
)
def test_the_depth_of_a_pixel_is_a_vector_on_both_sides(n_channels, ids):
    """A 1×1 filter has a weight for each channel: it is drawn beside the pixel as a vector of the same form."""
    shown = by_role(ones(one_by_one_convolution((n_channels, 2, 2), 2)))
    assert [panel.follows for panel in shown.values()] == [False, True, False, False, False]
    assert shown["window"].grids[0].ids[: len(ids)].tolist() == ids
    first, second = (grid.ids for grid in shown["right"].grids)
    np.testing.assert_array_equal(first, shown["window"].grids[0].ids)
    np.testing.assert_array_equal(second, np.where(first < 0, NOBODY, first + n_channels))
    np.testing.assert_array_equal(first, shown["products"].grids[0].ids)
    assert (shown["right"].columns, shown["right"].stacked) == (2, 1)


def test_a_pixel_of_one_channel_has_no_depth_to_draw():
    assert by_role(TRACES["one by one, one channel"])["right"].grids[0].ids.tolist() == [[0]]


@pytest.mark.parametrize(("n_inputs", "in_use"), [(16, False), (17, True)])
def test_weights_too_many_for_numbers_show_those_in_use_beside_them(n_inputs, in_use):
    shown = by_role(ones(fully_connected(n_inputs, 3)))
    assert ("weights in use" in shown) is in_use is shown["right"].grids[0].shaded
    if in_use:
        panel = shown["weights in use"]
        assert (panel.role, panel.follows, panel.grids[0].shaded) == ("right", True, False)
        np.testing.assert_array_equal(panel.grids[0].ids, shown["left"].grids[0].ids)


# Too large for numbers


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


def test_refuses_an_x_col_of_more_cells_than_a_picture_holds():
    trace = ones(cross_correlation((50, 50), (3, 3)))
    n_cells = 2500 + 9 + 9 * 2304 + 2304
    with pytest.raises(ValueError, match=f"a picture holds at most 20,000 cells; received {n_cells:,}: crop or shrink"):
        panels(trace, layout="im2col")
    assert len(panels(trace)) == 5


def test_refuses_a_matrix_too_large_before_it_takes_the_memory():
    trace = ones(cross_correlation((60, 60), (3, 3)))
    tracemalloc.start()
    with pytest.raises(ValueError, match="a picture holds at most 20,000 cells; received 12,110,400: crop or shrink"):
        panels(trace, layout="matrix")
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 10_000_000  # the matrix would take 97 million


# Layouts: what is refused


def test_there_are_three_layouts():
    assert list(LAYOUTS) == ["window", "im2col", "matrix"]


@pytest.mark.parametrize("layout", ["row", "", "Window", None, 5, ["im2col"], {"window"}])
@pytest.mark.parametrize("refuse", [check_layout, lambda layout, trace: panels(trace, None, layout)])
def test_refuses_a_layout_that_there_is_not(layout, refuse):
    message = f"layout must be one of window, im2col, matrix; received {layout!r}"
    with pytest.raises(ValueError, match=re.escape(message)):
        refuse(layout, WINDOWED["question"])


@pytest.mark.parametrize("layout", ["im2col", "matrix"])
@pytest.mark.parametrize("name", ["elementwise", "sum of products", "matrix product", "fully connected"])
def test_refuses_a_layout_of_windows_where_there_is_none(name, layout):
    operation = TRACES[name].pairing.operation
    message = f'layout "{layout}" needs a window that moves over an image; the {operation} has none'
    with pytest.raises(ValueError, match=message):
        panels(TRACES[name], layout=layout)


@pytest.mark.parametrize("trace", GROUPED.values(), ids=GROUPED)
def test_refuses_to_multiply_groups_as_one_matrix(trace):
    message = 'layout "im2col" needs filters that see every channel (groups=1): with groups, W_row is several'
    with pytest.raises(ValueError, match=re.escape(message)):
        panels(trace, layout="im2col")
    assert titled(trace, "matrix", "matrix").size == f"{trace.pairing.n_outputs} × {trace.left.size}"


def test_one_group_of_one_channel_is_no_group():
    assert titled(ones(conv_layer((1, 3, 3), (2, 1, 2, 2), groups=1)), "X_col", "im2col").size == "4 × 4"


# Layouts: what stands where


@pytest.mark.parametrize("trace", TRACES.values(), ids=TRACES)
def test_in_the_window_layout_all_stand_side_by_side(trace):
    shown = panels(trace)
    assert [(panel.line, panel.slot) for panel in shown] == [(0, slot) for slot in range(len(shown))]


@pytest.mark.parametrize(
    ("name", "layout", "places"),
    [
        ("question", "im2col", {"input x": (0, 0), "X_col": (0, 1), "W_row": (1, 0), "W_row @ X_col": (1, 1)}),
        (
            "layer",
            "im2col",
            {"input x": (0, 0), "X_col": (0, 1), "W_row": (1, 0), "W_row @ X_col + b": (1, 1), "bias b": (1, 2)},
        ),
        ("question", "matrix", {"flattened": (0, 1), "input x": (1, 0), "matrix": (1, 1), "output": (1, 2)}),
        (
            "layer",
            "matrix",
            {"flattened": (0, 1), "input x": (1, 0), "matrix": (1, 1), "bias b": (1, 2), "output": (1, 3)},
        ),
    ],
)
def test_what_is_multiplied_stands_in_its_row_or_its_column(name, layout, places):
    """An output of `W_row @ X_col` stands in its filter's row, below its window; an input above its weights."""
    assert {panel.title: (panel.line, panel.slot) for panel in panels(WINDOWED[name], layout=layout)} == places


@pytest.mark.parametrize("trace", (WINDOWED | GROUPED).values(), ids=WINDOWED | GROUPED)
def test_each_number_stands_above_its_weights_and_each_output_in_its_row(trace):
    """However small they are drawn."""
    flattened, matrix, output = (titled(trace, title, "matrix").grids[0] for title in ("flattened", "matrix", "output"))
    assert flattened.drawn_size[1] == matrix.drawn_size[1]
    assert matrix.drawn_size[0] == output.drawn_size[0]
    assert flattened.shaded is matrix.shaded is output.shaded


@pytest.mark.parametrize("trace", WINDOWED.values(), ids=WINDOWED)
def test_each_output_stands_in_the_row_of_its_filter_and_the_column_of_its_window(trace):
    titles = ("X_col", "W_row", "W_row @ X_col")
    X_col, W_row, output = (titled(trace, title, "im2col").grids[0] for title in titles)
    assert X_col.drawn_size[1] == output.drawn_size[1]
    assert W_row.drawn_size[0] == output.drawn_size[0]
    assert X_col.drawn_size[0] == W_row.drawn_size[1]
    assert X_col.shaded is W_row.shaded is output.shaded


@pytest.mark.parametrize("n_filters", [2, 16, 17])
def test_im2col_s_biases_stand_each_in_the_row_of_its_filter(n_filters):
    trace = ones(conv_layer((1, 2, 2), (n_filters, 1, 2, 2)), np.arange(n_filters))
    bias, W_row = (titled(trace, title, "im2col").grids[0] for title in ("bias b", "W_row"))
    assert bias.ids.tolist() == [[k] for k in range(n_filters)]
    assert bias.drawn_size[0] == W_row.drawn_size[0]


# X_col and W_row


@st.composite
def window_traces(draw, build):
    """A trace of small random numbers: image or volume, padded, strided and dilated so that the kernel fits."""
    pair = st.tuples(st.integers(1, 3), st.integers(1, 3))
    kernel, stride, dilation = draw(pair), draw(pair), draw(pair)
    padding = tuple(draw(st.tuples(st.integers(0, 2), st.integers(0, 2))) for _ in range(2))
    extents = [d * (k - 1) + 1 for d, k in zip(dilation, kernel, strict=True)]
    needed = [max(1, extent - sum(both)) for extent, both in zip(extents, padding, strict=True)]
    size = tuple(smallest + draw(st.integers(0, 3)) for smallest in needed)
    places = {"padding": padding, "stride": stride, "dilation": dilation}
    if build is not conv_layer:
        return random(build(size, kernel, **places), seed=draw(st.integers(0, 99)))
    depth, n_filters, groups = (draw(st.integers(1, 3)) for _ in range(3))
    shapes = (groups * depth, *size), (groups * n_filters, depth, *kernel)
    return random(conv_layer(*shapes, **places, groups=groups), seed=draw(st.integers(0, 99)))


def values_of(trace, panel):
    """The numbers that a panel shows: 0 on the padding, and where no element stands."""
    (grid,) = panel.grids
    values = {"left": trace.left, "right": trace.right, "output": trace.output}[panel.role].ravel()
    padded = np.append(values, np.zeros(trace.pairing.n_padding, values.dtype))
    return np.where(grid.ids >= 0, padded[np.maximum(grid.ids, 0)], 0)


def columns_by_numpy(trace):
    """Im2col by NumPy's sliding windows: a column a window, in the order channel, row, column."""
    window = trace.pairing.window
    volume = trace.left.reshape(-1, *window.input_size)
    padded = np.pad(volume, ((0, 0), *window.padding))
    (down, across), (row_gap, column_gap) = window.stride, window.dilation
    windows = sliding_window_view(padded, window.extent, axis=(1, 2))
    windows = windows[:, ::down, ::across, ::row_gap, ::column_gap]
    return windows.transpose(0, 3, 4, 1, 2).reshape(-1, math.prod(window.output_size))


def filters_of(trace):
    """The weights as filters (K, C, kh, kw), turned where the operation turns its kernel."""
    right = trace.right[::-1, ::-1] if trace.pairing.flipped else trace.right
    return right.reshape(-1, *right.shape[-3:]) if right.ndim == 4 else right[np.newaxis, np.newaxis]


def without_bias(trace):
    """The flat output before its bias."""
    return trace.running_sums[:, trace.pairing.n_terms - 1]


def placed(trace):
    """How `arithmetic` and `im2col` are told where the window stands."""
    window = trace.pairing.window
    return {"stride": window.stride, "padding": window.padding, "dilation": window.dilation}


@pytest.mark.parametrize("trace", WINDOWED.values(), ids=WINDOWED)
def test_x_col_is_im2col(trace):
    X_col = values_of(trace, titled(trace, "X_col", "im2col"))
    volume = trace.left.reshape(-1, *trace.pairing.window.input_size)
    np.testing.assert_array_equal(X_col, columns_by_numpy(trace))
    np.testing.assert_array_equal(X_col, im2col(volume, trace.pairing.window.kernel_size, **placed(trace)))


@given(st.one_of(window_traces(cross_correlation), window_traces(convolution)))
@modest
def test_x_col_of_any_image_is_im2col(trace):
    np.testing.assert_array_equal(values_of(trace, titled(trace, "X_col", "im2col")), columns_by_numpy(trace))


@pytest.mark.parametrize("trace", WINDOWED.values(), ids=WINDOWED)
def test_x_col_is_torch_s_unfold(torch, trace):
    window = trace.pairing.window
    padded = np.pad(trace.left.reshape(-1, *window.input_size), ((0, 0), *window.padding)).astype(float)
    columns = torch.nn.functional.unfold(
        torch.from_numpy(padded)[None], window.kernel_size, dilation=window.dilation, stride=window.stride
    )
    np.testing.assert_array_equal(values_of(trace, titled(trace, "X_col", "im2col")), columns[0].numpy())


@pytest.mark.parametrize("trace", WINDOWED.values(), ids=WINDOWED)
def test_w_row_times_x_col_is_the_layer(trace):
    W_row, X_col = (values_of(trace, titled(trace, title, "im2col")) for title in ("W_row", "X_col"))
    weights = filters_of(trace)
    np.testing.assert_array_equal(W_row, weights.reshape(len(weights), -1))
    volume = trace.left.reshape(-1, *trace.pairing.window.input_size)
    np.testing.assert_array_equal(W_row @ X_col, conv2d(volume, weights, **placed(trace)).reshape(len(weights), -1))
    np.testing.assert_array_equal((W_row @ X_col).ravel(), without_bias(trace))


@given(st.one_of(map(window_traces, (cross_correlation, convolution))))
@modest
def test_w_row_times_x_col_is_the_output(trace):
    W_row, X_col, output = (
        values_of(trace, titled(trace, title, "im2col")) for title in ("W_row", "X_col", "W_row @ X_col")
    )
    np.testing.assert_array_equal(W_row @ X_col, output)


@pytest.mark.parametrize("trace", WINDOWED.values(), ids=WINDOWED)
def test_im2col_s_output_has_a_row_for_each_filter_and_a_column_for_each_window(trace):
    W_row, X_col, output = (titled(trace, title, "im2col") for title in ("W_row", "X_col", "W_row @ X_col"))
    n_filters, n_windows = output.grids[0].ids.shape
    assert n_filters == len(W_row.grids[0].ids) == len(filters_of(trace))
    assert n_windows == X_col.grids[0].ids.shape[1] == math.prod(trace.pairing.window.output_size)
    np.testing.assert_array_equal(values_of(trace, output).ravel(), trace.output.ravel())


def test_x_col_by_hand():
    trace = record(convolution((2, 3), (2, 2)), [[1, 2, 3], [4, 5, 6]], [[10, 20], [30, 40]])
    image, X_col, W_row, output = panels(trace, layout="im2col")
    assert image.grids[0].ids.tolist() == [[0, 1, 2], [3, 4, 5]]
    assert W_row.grids[0].ids.tolist() == [[3, 2, 1, 0]]  # turned
    assert X_col.grids[0].ids.tolist() == [[0, 1], [1, 2], [3, 4], [4, 5]]
    assert X_col.grids[0].pairs.tolist() == [[0, 4], [1, 5], [2, 6], [3, 7]]
    assert output.grids[0].ids.tolist() == [[0, 1]]
    assert [panel.size for panel in (X_col, W_row, output)] == ["4 × 2", "1 × 4", "1 × 2"]
    assert [panel.role for panel in (image, X_col, W_row, output)] == ["left", "left", "right", "output"]


@pytest.mark.parametrize("trace", WINDOWED.values(), ids=WINDOWED)
def test_x_col_s_pairs_are_those_of_the_first_filter_and_go_round_for_the_others(trace):
    (grid,) = titled(trace, "X_col", "im2col").grids
    np.testing.assert_array_equal(np.sort(grid.pairs, axis=None), np.arange(grid.period))
    for filter_number in range(len(filters_of(trace))):
        of_filter = grid.pairs + filter_number * grid.period
        np.testing.assert_array_equal(trace.pairing.places.ravel()[of_filter], grid.ids)


# The fully connected matrix


@pytest.mark.parametrize("trace", (WINDOWED | GROUPED).values(), ids=WINDOWED | GROUPED)
def test_the_matrix_holds_what_the_operation_does_to_one_pixel_alone(trace):
    """A column of a linear map's matrix is its answer to a 1 at one place and 0 everywhere else."""
    matrix = values_of(trace, titled(trace, "matrix", "matrix"))
    pixels = np.eye(trace.left.size, dtype=int).reshape(-1, *trace.left.shape)
    answers = [record(trace.pairing, pixel, trace.right).output.ravel() for pixel in pixels]
    np.testing.assert_array_equal(matrix.T, answers)
    np.testing.assert_array_equal(matrix, trace.fully_connected_matrix())


@given(st.one_of(map(window_traces, (cross_correlation, convolution, conv_layer))))
@modest
def test_matrix_times_flattened_input_is_the_output(trace):
    ids = titled(trace, "matrix", "matrix").grids[0].ids
    assert set(ids[ids < 0].tolist()) <= {ZERO}
    matrix, flattened, output = (
        values_of(trace, titled(trace, title, "matrix")) for title in ("matrix", "flattened", "output")
    )
    np.testing.assert_array_equal(matrix, trace.fully_connected_matrix())
    np.testing.assert_array_equal(flattened.ravel(), trace.left.ravel())
    np.testing.assert_array_equal(output.ravel(), trace.output.ravel())
    np.testing.assert_array_equal(matrix @ flattened.ravel(), output.ravel())


@given(window_traces(conv_layer))
@modest
def test_matrix_times_flattened_volume_is_the_layer(trace):
    matrix = values_of(trace, titled(trace, "matrix", "matrix"))
    groups = trace.left.shape[0] // trace.right.shape[1]
    expected = conv2d(trace.left, trace.right, **placed(trace), groups=groups)
    np.testing.assert_array_equal(matrix @ trace.left.ravel(), expected.ravel())


@pytest.mark.parametrize("mode", ["valid", "same", "full"])
@pytest.mark.parametrize("kernel", [(1, 1), (2, 2), (2, 3), (3, 3)])
@pytest.mark.parametrize(
    ("build", "scipys"),
    [(cross_correlation, scipy.signal.correlate2d), (convolution, scipy.signal.convolve2d)],
    ids=["correlate", "convolve"],
)
def test_both_layouts_multiply_to_scipy_s_numbers(build, scipys, kernel, mode):
    trace = random(build((4, 5), kernel, padding=mode))
    theirs = scipys(trace.left, trace.right, mode)
    matrix, W_row, X_col = (
        values_of(trace, titled(trace, title, layout))
        for title, layout in (("matrix", "matrix"), ("W_row", "im2col"), ("X_col", "im2col"))
    )
    np.testing.assert_array_equal((matrix @ trace.left.ravel()).reshape(theirs.shape), theirs)
    np.testing.assert_array_equal((W_row @ X_col).reshape(theirs.shape), theirs)


def test_the_matrix_by_hand():
    trace = record(cross_correlation((1, 3), (1, 2), padding=((0, 0), (1, 0))), [[5, 6, 7]], [[1, 2]])
    image, flattened, matrix, output = panels(trace, layout="matrix")
    assert image.grids[0].ids.tolist() == [[3, 0, 1, 2]]
    assert flattened.grids[0].ids.tolist() == [[0, 1, 2]]
    assert matrix.grids[0].ids.tolist() == [[1, ZERO, ZERO], [0, 1, ZERO], [ZERO, 0, 1]]
    assert matrix.grids[0].pairs.tolist() == [[1, -1, -1], [2, 3, -1], [-1, 4, 5]]
    assert output.grids[0].ids.tolist() == [[0], [1], [2]]
    assert [panel.size for panel in (flattened, matrix, output)] == ["3", "3 × 3", "3"]
    assert [panel.role for panel in (image, flattened, matrix, output)] == ["left", "left", "right", "output"]


@pytest.mark.parametrize("trace", (WINDOWED | GROUPED).values(), ids=WINDOWED | GROUPED)
def test_the_matrix_s_pairs_say_where_an_input_meets_its_weight(trace):
    (grid,) = titled(trace, "matrix", "matrix").grids
    met = grid.ids >= 0
    rows, columns = np.nonzero(met)
    np.testing.assert_array_equal(grid.pairs[~met], -1)
    np.testing.assert_array_equal(grid.pairs[met] // trace.pairing.n_terms, rows)
    np.testing.assert_array_equal(trace.pairing.left.ravel()[grid.pairs[met]], columns)
    np.testing.assert_array_equal(trace.pairing.right.ravel()[grid.pairs[met]], grid.ids[met])
    assert met.sum() == (trace.pairing.left >= 0).sum()  # no pair is missing, but those with the padding


def test_a_matrix_that_no_number_fits_into_is_shaded():
    sizes = {side: titled(ones(cross_correlation((1, side), (1, 2))), "matrix", "matrix") for side in (16, 17)}
    assert [panel.grids[0].shaded for panel in sizes.values()] == [False, True]
    assert LARGEST_WITH_NUMBERS == 16


# What a title says


def test_a_product_with_a_bias_says_so():
    layer = conv_layer((1, 3, 3), (1, 1, 2, 2))
    assert [panel.title for panel in panels(ones(layer), layout="im2col")][-1] == "W_row @ X_col"
    assert "W_row @ X_col + b" in [panel.title for panel in panels(ones(layer, [10]), layout="im2col")]


@pytest.mark.parametrize(("layout", "title"), [("im2col", "W_row"), ("matrix", "matrix")])
def test_a_turned_kernel_says_so_in_every_layout(layout, title):
    for build, turned in ((convolution, True), (cross_correlation, False)):
        assert ("turned" in titled(ones(build((3, 3), (2, 2))), title, layout).detail) is turned


@pytest.mark.parametrize(
    ("pairing", "following"),
    [
        (sum_of_products((20, 20)), []),
        (elementwise((20,)), []),
        (matrix_product((2, 17), (17, 4)), ["row in use", "column in use"]),
        (fully_connected(20, 3), ["weights in use"]),
        (fully_connected(20, 1), []),
        (cross_correlation((20, 20), (1, 1)), ["window"]),
    ],
)
def test_what_is_in_use_is_shown_where_it_is_a_part(pairing, following):
    assert [panel.title for panel in panels(ones(pairing)) if panel.follows] == following

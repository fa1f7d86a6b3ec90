"""The table of pairs is what it says: the formula, im2col's columns, the matrix of the same operation, the libraries.

Two identities hold the table together. Gather `left` through L, and the rows are the columns of im2col's `X_col`.
Scatter `right` through L, and the rows are those of the fully connected matrix that does the same.
"""

import itertools
import math
import re

import numpy as np
import peers
import pytest
import scipy.signal
from hypothesis import given, settings
from hypothesis import strategies as st

from convhelpers import signals
from convhelpers.arithmetic import conv2d, convolve2d, correlate2d, linear
from convhelpers.geometry import place_window
from convhelpers.pairing import (
    MAX_PAIRS,
    Pairing,
    check_size,
    conv_layer,
    convolution,
    cross_correlation,
    elementwise,
    fully_connected,
    matrix_product,
    one_by_one_convolution,
    sum_of_products,
)
from convhelpers.trace import record

torch = peers.torch

modest = settings(deadline=None, derandomize=True, max_examples=40)
side_pairs = st.tuples(st.tuples(st.integers(0, 2), st.integers(0, 2)), st.tuples(st.integers(0, 2), st.integers(0, 2)))
steps = st.tuples(st.integers(1, 3), st.integers(1, 3))


def assert_same(actual, expected):
    """Compare shape, then dtype, then values."""
    expected = np.asarray(expected)
    assert actual.shape == expected.shape
    assert actual.dtype == expected.dtype
    np.testing.assert_array_equal(actual, expected)


def distinct(shape, start=1):
    """Whole numbers that are all different, so that no element passes for another."""
    return np.arange(start, start + math.prod(shape)).reshape(shape)


@st.composite
def placements(draw):
    """A size of input, a size of kernel, and how to place it so that it fits."""
    kernel, padding, stride, dilation = draw(st.tuples(steps, side_pairs, steps, steps))
    extents = [d * (k - 1) + 1 for d, k in zip(dilation, kernel, strict=True)]
    needed = [max(1, extent - sum(sides)) for extent, sides in zip(extents, padding, strict=True)]
    size = tuple(smallest + draw(st.integers(0, 4)) for smallest in needed)
    return size, kernel, {"padding": padding, "stride": stride, "dilation": dilation}


@st.composite
def layers(draw):
    """Shapes of input and filters, and the options of a layer, groups included."""
    size, kernel, places = draw(placements())
    groups, depth, share = (draw(st.integers(1, 3)) for _ in range(3))
    return (groups * depth, *size), (groups * share, depth, *kernel), places | {"groups": groups}


def gathered(pairing, left):
    """Left, through L: (n_outputs, n_terms), with 0 on the padding."""
    return np.append(left.ravel(), 0)[pairing.left]


def scattered(pairing, right):
    """Right, through L: the matrix (n_outputs, size of left) that does the same as the operation."""
    matrix = np.zeros((pairing.n_outputs, math.prod(pairing.left_shape)), right.dtype)
    for output, (places, weights) in enumerate(zip(pairing.left, pairing.right, strict=True)):
        for place, weight in zip(places, weights, strict=True):
            if place >= 0:
                matrix[output, place] += right.flat[weight]
    return matrix


def columns_by_loops(x, window):
    """Im2col on a volume (C, H, W), cell by cell: a row a window, its terms in the order channel, row, column."""
    padded = np.pad(x, ((0, 0), *window.padding))
    (down, across), (row_gap, column_gap) = window.stride, window.dilation
    return np.array(
        [
            [
                padded[c, i * down + u * row_gap, j * across + v * column_gap]
                for c, u, v in np.ndindex(len(x), *window.kernel_size)
            ]
            for i, j in np.ndindex(window.output_size)
        ]
    )


def output_of(pairing, left, right, bias=None):
    return record(pairing, left, right, bias).output


# The form of the table


PAIRINGS = {
    "elementwise": (elementwise((2, 3)), 6, 1, 6),
    "elementwise vectors": (elementwise((4,)), 4, 1, 4),
    "sum of products": (sum_of_products((2, 3)), 1, 6, 6),
    "sum of products of vectors": (sum_of_products((4,)), 1, 4, 4),
    "matrix product": (matrix_product((2, 3), (3, 4)), 8, 3, 12),
    "cross-correlation": (cross_correlation((4, 6), (2, 3)), 12, 6, 6),
    "convolution": (convolution((4, 6), (2, 3), padding="same"), 24, 6, 6),
    "layer": (conv_layer((3, 4, 5), (2, 3, 3, 3)), 12, 27, 54),
    "layer in groups": (conv_layer((4, 4, 5), (6, 2, 3, 3), groups=2), 36, 18, 108),
    "depthwise layer": (conv_layer((3, 4, 5), (3, 1, 2, 2), groups=3), 36, 4, 12),
    "one by one": (one_by_one_convolution((3, 4, 5), 2), 40, 3, 6),
    "fully connected": (fully_connected(6, 4), 4, 6, 24),
}


@pytest.mark.parametrize(("pairing", "n_outputs", "n_terms", "n_parameters"), PAIRINGS.values(), ids=PAIRINGS)
def test_rows_are_outputs_columns_are_terms_and_distinct_weights_are_parameters(
    pairing, n_outputs, n_terms, n_parameters
):
    assert isinstance(pairing, Pairing)
    assert (pairing.n_outputs, pairing.n_terms) == (n_outputs, n_terms)
    assert pairing.left.shape == pairing.right.shape == pairing.places.shape == (n_outputs, n_terms)
    assert math.prod(pairing.output_shape) == n_outputs
    assert math.prod(pairing.term_shape) == n_terms
    assert pairing.left.dtype.kind == pairing.right.dtype.kind == "i"
    assert len(np.unique(pairing.right)) == n_parameters == math.prod(pairing.right_shape)
    assert pairing.right.min() == 0
    assert pairing.left.max() < math.prod(pairing.left_shape)


@pytest.mark.parametrize("pairing", [case[0] for case in PAIRINGS.values()], ids=PAIRINGS)
def test_grids_hold_every_element_once(pairing):
    for grid, shape, n_padding in (
        (pairing.left_grid, pairing.left_shape, pairing.n_padding),
        (pairing.right_grid, pairing.right_shape, 0),
    ):
        np.testing.assert_array_equal(np.sort(grid, axis=None), np.arange(math.prod(shape) + n_padding))


@pytest.mark.parametrize("pairing", [case[0] for case in PAIRINGS.values()], ids=PAIRINGS)
def test_tables_and_grids_are_read_only(pairing):
    """Of `elementwise`, one array is both places and right."""
    for array in (pairing.places, pairing.right, pairing.left_grid, pairing.right_grid, pairing.bias_index):
        if array is not None:
            with pytest.raises(ValueError, match="read-only"):
                array[(0,) * array.ndim] = 7


def test_padding_is_minus_one_in_left_and_a_number_of_its_own_in_places():
    pairing = cross_correlation((2, 2), (2, 2), padding=((1, 0), (0, 1)))
    assert pairing.n_padding == 5
    assert pairing.left_grid.tolist() == [[4, 5, 6], [0, 1, 7], [2, 3, 8]]
    assert pairing.places.tolist() == [[4, 5, 0, 1], [5, 6, 1, 7], [0, 1, 2, 3], [1, 7, 3, 8]]
    assert pairing.left.tolist() == [[-1, -1, 0, 1], [-1, -1, 1, -1], [0, 1, 2, 3], [1, -1, 3, -1]]


def test_only_the_convolution_turns_its_kernel():
    turned = {name for name, (pairing, *_) in PAIRINGS.items() if pairing.flipped}
    assert turned == {"convolution"}
    assert convolution((3, 3), (2, 3)).right_grid.tolist() == [[5, 4, 3], [2, 1, 0]]
    assert convolution((3, 3), (2, 3)).right.tolist() == [[5, 4, 3, 2, 1, 0]] * 2
    assert cross_correlation((3, 3), (2, 3)).right.tolist() == [[0, 1, 2, 3, 4, 5]] * 2


@pytest.mark.parametrize("name", PAIRINGS)
def test_biases_are_for_filters_and_neurons(name):
    pairing = PAIRINGS[name][0]
    expected = {
        "layer": [0] * 6 + [1] * 6,
        "layer in groups": [k for k in range(6) for _ in range(6)],
        "depthwise layer": [0] * 12 + [1] * 12 + [2] * 12,
        "one by one": [0] * 20 + [1] * 20,
        "fully connected": [0, 1, 2, 3],
    }
    assert (None if pairing.bias_index is None else pairing.bias_index.tolist()) == expected.get(name)


# First identity: gather left through L


@given(layers())
@modest
def test_gathering_gives_the_columns_of_im2col(layer):
    input_shape, weight_shape, options = layer
    groups = options["groups"]
    pairing, x = conv_layer(input_shape, weight_shape, **options), distinct(input_shape)
    places = {name: value for name, value in options.items() if name != "groups"}
    window = place_window(input_shape[1:], weight_shape[2:], **places)
    parts = [columns_by_loops(part, window) for part in np.split(x, groups)]
    filters_a_part = weight_shape[0] // groups
    assert_same(gathered(pairing, x), np.concatenate([part for part in parts for _ in range(filters_a_part)]))


@given(layers())
@modest
def test_torch_unfolds_into_the_same_columns(torch, layer):
    (*_, height, width), weight_shape, options = layer
    x = distinct((weight_shape[1], height, width))
    padding = options["padding"]
    pairing = conv_layer(x.shape, (1, *weight_shape[1:]), **options | {"groups": 1})
    padded = np.pad(x, ((0, 0), *padding)).astype(float)
    columns = torch.nn.functional.unfold(
        torch.from_numpy(padded)[None], weight_shape[2:], dilation=options["dilation"], stride=options["stride"]
    )
    assert_same(gathered(pairing, x), columns[0].numpy().T.astype(int))


@given(placements())
@modest
def test_one_channel_is_a_layer_of_one_filter(placement):
    size, kernel, places = placement
    image, layer = cross_correlation(size, kernel, **places), conv_layer((1, *size), (1, 1, *kernel), **places)
    assert_same(image.places, layer.places)
    assert_same(image.right, layer.right)


@given(placements())
@modest
def test_convolution_is_cross_correlation_with_the_weights_in_reverse(placement):
    size, kernel, places = placement
    turned, straight = convolution(size, kernel, **places), cross_correlation(size, kernel, **places)
    assert_same(turned.places, straight.places)
    assert_same(turned.right, straight.right[:, ::-1])


# Second identity: scatter right through L


@given(layers(), st.integers(0, 99))
@modest
def test_scattering_gives_the_fully_connected_matrix(layer, seed):
    input_shape, weight_shape, options = layer
    draw = np.random.default_rng(seed)
    x, weight = draw.integers(-9, 10, input_shape), draw.integers(-9, 10, weight_shape)
    matrix = scattered(conv_layer(input_shape, weight_shape, **options), weight)
    assert_same(matrix @ x.ravel(), conv2d(x, weight, **options).ravel())


@given(placements(), st.sampled_from([(cross_correlation, correlate2d), (convolution, convolve2d)]))
@modest
def test_scattering_a_kernel_gives_its_matrix(placement, operation):
    size, kernel, places = placement
    build, compute = operation
    x, k = distinct(size, start=-3), distinct(kernel, start=-2)
    assert_same(scattered(build(size, kernel, **places), k) @ x.ravel(), compute(x, k, **places).ravel())


def test_the_matrix_of_a_fully_connected_layer_is_its_weights():
    weight = distinct((4, 6))
    assert_same(scattered(fully_connected(6, 4), weight), weight)


def test_most_of_a_convolutions_matrix_is_zero_and_the_rest_is_shared():
    matrix = scattered(cross_correlation((3, 3), (2, 2)), np.array([[1, 2], [3, 4]]))
    expected = [
        [1, 2, 0, 3, 4, 0, 0, 0, 0],
        [0, 1, 2, 0, 3, 4, 0, 0, 0],
        [0, 0, 0, 1, 2, 0, 3, 4, 0],
        [0, 0, 0, 0, 1, 2, 0, 3, 4],
    ]
    assert_same(matrix, expected)


# The sums agree with the libraries


@pytest.mark.parametrize("shape", [(2, 3), (3, 2), (1, 1), (4,)])
def test_elementwise_is_the_star(shape):
    A, B = distinct(shape), distinct(shape, start=-2)
    assert_same(output_of(elementwise(shape), A, B), A * B)


@pytest.mark.parametrize("shape", [(2, 3), (3, 2), (1, 1), (4,)])
def test_sum_of_products_is_vdot(shape):
    A, B = distinct(shape), distinct(shape, start=-2)
    assert_same(output_of(sum_of_products(shape), A, B), np.vdot(A, B).reshape(1, 1))


@pytest.mark.parametrize(("left", "right"), [((2, 3), (3, 4)), ((3, 2), (2, 3)), ((1, 4), (4, 1)), ((3, 1), (1, 2))])
def test_matrix_product_is_the_at_sign(left, right):
    A, B = distinct(left), distinct(right, start=-2)
    assert_same(output_of(matrix_product(left, right), A, B), A @ B)


@given(placements(), st.sampled_from([(cross_correlation, correlate2d), (convolution, convolve2d)]))
@modest
def test_window_operations_are_those_of_arithmetic(placement, operation):
    size, kernel, places = placement
    build, compute = operation
    x, k = distinct(size, start=-3), distinct(kernel, start=-2)
    assert_same(output_of(build(size, kernel, **places), x, k), compute(x, k, **places))


@given(layers(), st.integers(0, 99))
@modest
def test_layer_is_that_of_arithmetic(layer, seed):
    input_shape, weight_shape, options = layer
    draw = np.random.default_rng(seed)
    x, weight = draw.integers(-9, 10, input_shape), draw.integers(-9, 10, weight_shape)
    bias = draw.integers(-9, 10, weight_shape[0])
    pairing = conv_layer(input_shape, weight_shape, **options)
    assert_same(output_of(pairing, x, weight, bias), conv2d(x, weight, bias, **options))


@given(layers(), st.integers(0, 99))
@modest
def test_layer_is_that_of_torch(torch, layer, seed):
    input_shape, weight_shape, options = layer
    draw = np.random.default_rng(seed)
    x, weight = draw.integers(-9, 10, input_shape), draw.integers(-9, 10, weight_shape)
    bias = draw.integers(-9, 10, weight_shape[0])
    padded = np.pad(x, ((0, 0), *options["padding"]))
    arrays = [torch.from_numpy(array.astype(float)) for array in (padded, weight, bias)]
    names = ("stride", "dilation", "groups")
    theirs = torch.nn.functional.conv2d(*arrays, **{name: options[name] for name in names})
    pairing = conv_layer(input_shape, weight_shape, **options)
    assert_same(output_of(pairing, x, weight, bias), theirs.numpy().astype(int))


@pytest.mark.parametrize("mode", ["valid", "same", "full"])
@pytest.mark.parametrize("kernel", [(1, 1), (2, 2), (2, 3), (3, 2), (3, 3), (4, 4)])
@pytest.mark.parametrize(
    ("build", "scipys"),
    [(cross_correlation, scipy.signal.correlate2d), (convolution, scipy.signal.convolve2d)],
    ids=["correlate", "convolve"],
)
def test_window_operations_are_those_of_scipy(build, scipys, kernel, mode):
    x, k = distinct((5, 6)) ** 2 % 17, distinct(kernel, start=-2)
    assert_same(output_of(build(x.shape, kernel, padding=mode), x, k), scipys(x, k, mode))


@pytest.mark.parametrize(
    ("build", "padding"),
    [(cross_correlation, ((0, 1), (1, 1))), (convolution, ((1, 0), (1, 1))), (conv_layer, ((0, 1), (1, 1)))],
)
def test_both_camps_of_same_with_an_even_kernel(build, padding):
    layer = build is conv_layer
    shapes = ((1, 4, 5), (1, 1, 2, 3)) if layer else ((4, 5), (2, 3))
    pairing = build(*shapes, padding="same")
    assert pairing.window.padding == padding
    assert pairing.output_shape[-2:] == (4, 5)


def test_a_step_too_large_for_64_bits_is_not_taken():
    pairing = cross_correlation((3, 4), (1, 1), stride=10**30, dilation=10**30)
    assert pairing.output_shape == (1, 1)
    assert pairing.left.tolist() == [[0]]


def test_one_by_one_is_a_matrix_product_on_pixels():
    x, weight = distinct((3, 2, 4)), distinct((5, 3, 1, 1), start=-4)
    pairing = one_by_one_convolution(x.shape, 5)
    assert pairing.operation == "1×1 convolution"
    assert pairing.output_shape == (5, 2, 4)
    assert_same(output_of(pairing, x, weight), (weight[:, :, 0, 0] @ x.reshape(3, 8)).reshape(5, 2, 4))


def test_fully_connected_is_linear():
    x, weight, bias = distinct((6,)), distinct((4, 6), start=-9), np.array([1, -2, 3, -4])
    assert_same(output_of(fully_connected(6, 4), x, weight, bias), linear(x, weight, bias))


def test_fully_connected_is_a_layer_with_a_kernel_as_large_as_its_input():
    x, weight = distinct((2, 3, 4)), distinct((5, 2, 3, 4), start=-9)
    full, layer = fully_connected(24, 5), conv_layer(x.shape, weight.shape)
    assert_same(full.left, layer.left)
    assert_same(full.right, layer.right)
    assert_same(output_of(layer, x, weight).ravel(), output_of(full, x.ravel(), weight.reshape(5, 24)))


# The numbers of the question


def test_the_questions_outputs():
    x, k = signals.question_image(), signals.question_kernel()
    assert_same(output_of(cross_correlation(x.shape, k.shape), x, k), [[4, 3, 4], [2, 4, 3], [2, 3, 4]])


def test_the_questions_first_window_three_ways():
    window, k = signals.question_image()[:3, :3], signals.question_kernel()
    assert output_of(elementwise((3, 3)), window, k).sum() == 4
    assert output_of(sum_of_products((3, 3)), window, k) == [[4]]
    assert output_of(matrix_product((3, 3), (3, 3)), k, window).sum() == 10  # W @ B, as in LESSONS.md
    assert output_of(matrix_product((3, 3), (3, 3)), window, k).sum() == 10


def test_counting_numbers_tell_the_answers_apart():
    x, k = signals.counting_image(), signals.counting_kernel()
    assert_same(output_of(cross_correlation((3, 3), (2, 2)), x, k), [[19, 25], [37, 43]])
    assert_same(output_of(convolution((3, 3), (2, 2)), x, k), [[5, 11], [23, 29]])
    assert output_of(matrix_product((2, 2), (2, 2)), x[:2, :2], k).sum() == 28


# What is refused


@pytest.mark.parametrize(
    ("build", "shape", "message"),
    [
        (elementwise, (2, 3, 4), r"shape must be 1-D or 2-D; received (2, 3, 4)"),
        (elementwise, (), r"shape must be 1-D or 2-D; received ()"),
        (elementwise, (2, 0), r"shape must have 1 or more in every direction; received (2, 0)"),
        (elementwise, (-1,), r"shape must have 1 or more in every direction; received (-1,)"),
        (sum_of_products, (2, 3, 4), r"shape must be 1-D or 2-D; received (2, 3, 4)"),
        (sum_of_products, (0,), r"shape must have 1 or more in every direction; received (0,)"),
    ],
)
def test_refuses_a_shape_of_two_arrays(build, shape, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        build(shape)


@pytest.mark.parametrize(
    ("build", "shapes", "message"),
    [
        (matrix_product, ((3,), (3, 2)), "left shape must be 2-D; received (3,)"),
        (matrix_product, ((2, 3), (3,)), "right shape must be 2-D; received (3,)"),
        (matrix_product, ((2, 0), (0, 3)), "left shape must have 1 or more in every direction; received (2, 0)"),
        (
            matrix_product,
            ((2, 3), (2, 3)),
            "the columns of the left matrix must equal the rows of the right one; received (2, 3) and (2, 3)",
        ),
        (cross_correlation, ((5,), (3, 3)), "input shape must be 2-D; received (5,)"),
        (cross_correlation, ((5, 5), (3,)), "kernel shape must be 2-D; received (3,)"),
        (cross_correlation, ((5, 5), (0, 3)), "kernel shape must have 1 or more in every direction; received (0, 3)"),
        (cross_correlation, ((4, 6), (5, 3)), "kernel (5, 3) does not fit the padded input (4, 6): 5 rows > 4"),
        (convolution, ((4, 6), (3, 7)), "kernel (3, 7) does not fit the padded input (4, 6): 7 columns > 6"),
        (convolution, ((1, 5, 5), (3, 3)), "input shape must be 2-D; received (1, 5, 5)"),
        (conv_layer, ((5, 5), (1, 1, 3, 3)), "input shape must be 3-D; received (5, 5)"),
        (conv_layer, ((1, 5, 5), (3, 3)), "weight shape must be 4-D; received (3, 3)"),
        (
            conv_layer,
            ((3, 5, 5), (2, 1, 3, 3)),
            "each filter of weight must have C/groups = 3/1 = 3 channels; received 1",
        ),
        (fully_connected, (0, 3), "n_inputs must be 1 or more; received 0"),
        (fully_connected, (3, 0), "n_outputs must be 1 or more; received 0"),
        (one_by_one_convolution, ((2, 2), 1), "input shape must be 3-D; received (2, 2)"),
        (one_by_one_convolution, ((3, 2, 2), 0), "n_filters must be 1 or more; received 0"),
    ],
)
def test_refuses_two_shapes(build, shapes, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        build(*shapes)


@pytest.mark.parametrize(
    ("build", "arguments", "message"),
    [
        (elementwise, [(2.0, 3)], "shape must be a tuple of whole numbers; received (2.0, 3)"),
        (elementwise, [5], "shape must be a tuple of whole numbers; received 5"),
        (sum_of_products, [None], "shape must be a tuple of whole numbers; received None"),
        (matrix_product, ["ab", (2, 2)], "left shape must be a tuple of whole numbers; received 'ab'"),
        (cross_correlation, [(5, 5), (3, 1.5)], "kernel shape must be a tuple of whole numbers; received (3, 1.5)"),
        (conv_layer, [(1, 5, 5), 3], "weight shape must be a tuple of whole numbers; received 3"),
        (elementwise, [(True, 2)], "shape must be a tuple of whole numbers; received (True, 2)"),
        (elementwise, [{1, 2}], "shape must be a tuple of whole numbers; received {1, 2}"),
        (elementwise, [b"x"], "shape must be a tuple of whole numbers; received b'x'"),
        (one_by_one_convolution, [(3, 2, 2), True], "n_filters must be a whole number; received True"),
        (fully_connected, [2.5, 3], "n_inputs must be a whole number; received 2.5"),
        (fully_connected, [2, "3"], "n_outputs must be a whole number; received '3'"),
    ],
)
def test_refuses_what_is_no_shape(build, arguments, message):
    with pytest.raises(TypeError, match=re.escape(message)):
        build(*arguments)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"stride": 0}, "stride must be 1 or more in both directions; received 0"),
        ({"dilation": 0}, "dilation must be 1 or more in both directions; received 0"),
        ({"padding": -1}, "padding must be 0 or more on every side; received -1"),
        ({"padding": "circular"}, 'padding must be "valid", "same", "full" or numbers; received \'circular\''),
        ({"padding": "same", "stride": 2}, 'padding "same" needs stride 1'),
        ({"dilation": 3}, "kernel (3, 3) with dilation (3, 3) does not fit the padded input (5, 5): 7 rows > 5"),
    ],
)
@pytest.mark.parametrize("build", [cross_correlation, convolution, conv_layer])
def test_refuses_a_place_for_the_window(build, options, message):
    shapes = ((1, 5, 5), (1, 1, 3, 3)) if build is conv_layer else ((5, 5), (3, 3))
    with pytest.raises(ValueError, match=re.escape(message)):
        build(*shapes, **options)


@pytest.mark.parametrize(
    ("shapes", "groups", "error", "message"),
    [
        (((4, 5, 5), (4, 1, 3, 3)), 0, ValueError, "groups must be 1 or more; received 0"),
        (((4, 5, 5), (4, 1, 3, 3)), 3, ValueError, "and the 4 filters; received 3"),
        (((4, 5, 5), (3, 2, 3, 3)), 2, ValueError, "groups must divide the 4 channels of the input and the 3 filters"),
        (((3, 5, 5), (4, 1, 3, 3)), 2, ValueError, "groups must divide the 3 channels of the input and the 4 filters"),
        (((4, 5, 5), (4, 4, 3, 3)), 2, ValueError, "each filter of weight must have C/groups = 4/2 = 2 channels"),
        (((4, 5, 5), (4, 2, 3, 3)), 2.0, TypeError, "groups must be a whole number; received 2.0"),
        (((4, 5, 5), (4, 4, 3, 3)), True, TypeError, "groups must be a whole number; received True"),
        (((4, 5, 5), (4, 2, 3, 3)), "2", TypeError, "groups must be a whole number; received '2'"),
    ],
)
def test_refuses_groups(shapes, groups, error, message):
    with pytest.raises(error, match=re.escape(message)):
        conv_layer(*shapes, groups=groups)


ARITHMETIC = "convhelpers.arithmetic computes inputs of this size"


@pytest.mark.parametrize(
    ("build", "arguments", "message"),
    [
        (elementwise, [(1415, 1414)], "shape (1415, 1414) is larger than 2,000,000 elements"),
        (sum_of_products, [(2_000_001,)], "shape (2000001,) is larger than 2,000,000 elements"),
        (cross_correlation, [(5000, 5000), (3, 3)], "input shape (5000, 5000) is larger than 2,000,000 elements"),
        (
            cross_correlation,
            [(500, 500), (3, 3)],
            "a table of 248,004 outputs × 9 terms is larger than 2,000,000 pairs",
        ),
        (convolution, [(500, 500), (3, 3)], "a table of 248,004 outputs × 9 terms is larger than 2,000,000 pairs"),
        (conv_layer, [(3, 227, 227), (96, 3, 11, 11)], "a table of 4,520,544 outputs × 363 terms"),
        (matrix_product, [(200, 200), (200, 200)], "a table of 40,000 outputs × 200 terms"),
        (fully_connected, [25_088, 4096], "a table of 4,096 outputs × 25,088 terms"),
        (one_by_one_convolution, [(64, 224, 224), 64], "input shape (64, 224, 224) is larger than 2,000,000 elements"),
    ],
)
def test_a_table_too_large_to_look_at_is_refused_and_the_way_named(build, arguments, message):
    with pytest.raises(ValueError, match=f"{re.escape(message)}.*{re.escape(ARITHMETIC)}"):
        build(*arguments)


def test_padding_too_large_to_look_at_is_refused_before_it_is_made():
    message = "a padded input of 40,001,200,009 cells is larger than 2,000,000 cells"
    with pytest.raises(ValueError, match=f"{re.escape(message)}.*{re.escape(ARITHMETIC)}"):
        cross_correlation((3, 3), (3, 3), padding=100_000, stride=100_000)


def test_a_table_of_exactly_the_largest_size_is_built():
    assert fully_connected(2000, 1000).places.size == MAX_PAIRS
    with pytest.raises(ValueError, match="larger than 2,000,000 pairs"):
        fully_connected(2000, 1001)


@pytest.mark.parametrize("shape", [(2_000_000,), (2000, 1000), (1, 1)])
def test_an_array_of_the_largest_size_may_be_looked_at(shape):
    assert check_size(shape, "matrix") is None


@pytest.mark.parametrize("shape", [(2_000_001,), (2000, 1001), (10**12, 10**12)])
def test_an_array_too_large_is_refused_under_its_name(shape):
    message = f"matrix {shape} is larger than 2,000,000 elements, too large to look at; {ARITHMETIC}"
    with pytest.raises(ValueError, match=re.escape(message)):
        check_size(shape, "matrix")


def test_a_28_by_28_image_is_well_below_the_limit():
    for padding, stride in itertools.product(("valid", "full"), (1, 2)):
        assert cross_correlation((28, 28), (3, 3), padding=padding, stride=stride).n_terms == 9

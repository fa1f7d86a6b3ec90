"""A trace holds every product and every running sum, in the learner's own kind of number, and nobody can change it."""

import re

import numpy as np
import peers
import pytest
import scipy.linalg
from hypothesis import given, settings
from hypothesis import strategies as st

from convhelpers import signals
from convhelpers.arithmetic import conv2d, convolve2d, correlate2d
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
from convhelpers.trace import Trace, record

torch = peers.torch

modest = settings(deadline=None, derandomize=True, max_examples=40)


def assert_same(actual, expected):
    """Compare shape, then dtype, then values; NaN equals NaN."""
    expected = np.asarray(expected)
    assert actual.shape == expected.shape
    assert actual.dtype == expected.dtype
    np.testing.assert_array_equal(actual, expected)


def question():
    x, k = signals.question_image(), signals.question_kernel()
    return record(cross_correlation(x.shape, k.shape), x, k)


def depth(bias=True):
    x, w = signals.depth_volume(), signals.depth_filters()
    return record(conv_layer(x.shape, w.shape), x, w, signals.depth_bias() if bias else None)


# What is recorded


def test_products_and_running_sums_of_the_questions_first_window():
    trace = question()
    assert isinstance(trace, Trace)
    assert_same(trace.products[0], [1, 0, 1, 0, 1, 0, 0, 0, 1])
    assert_same(trace.running_sums[0], [1, 1, 2, 2, 3, 3, 3, 3, 4])
    assert_same(trace.output, [[4, 3, 4], [2, 4, 3], [2, 3, 4]])


@given(st.integers(0, 999), st.sampled_from([0, 1, "same", "full"]), st.booleans())
@modest
def test_running_sums_are_the_cumulative_sums_of_the_products(seed, padding, turned):
    draw = np.random.default_rng(seed)
    x, k = draw.integers(-9, 10, (4, 5)), draw.integers(-9, 10, (2, 3))
    build, compute = (convolution, convolve2d) if turned else (cross_correlation, correlate2d)
    pairing = build(x.shape, k.shape, padding=padding)
    trace = record(pairing, x, k)
    by_hand = [
        [0 if place < 0 else x.flat[place] * k.flat[weight] for place, weight in zip(places, weights, strict=True)]
        for places, weights in zip(pairing.left, pairing.right, strict=True)
    ]
    assert_same(trace.products, by_hand)
    assert_same(trace.running_sums, np.cumsum(by_hand, axis=1))
    assert_same(trace.output.ravel(), trace.running_sums[:, -1])
    assert_same(trace.output, compute(x, k, padding=padding))


def test_bias_is_the_last_term_of_every_output():
    trace, without = depth(), depth(bias=False)
    assert trace.steps_per_output == without.steps_per_output + 1 == 28
    assert_same(trace.products, without.products)
    assert_same(trace.running_sums[:, :-1], without.running_sums)
    assert_same(trace.running_sums[:, -1] - trace.running_sums[:, -2], np.repeat(signals.depth_bias(), 6))
    assert_same(trace.output, conv2d(signals.depth_volume(), signals.depth_filters(), signals.depth_bias()))


def test_a_trace_can_be_recorded_again_from_its_operands():
    for trace in (depth(), depth(bias=False), question()):
        again = record(trace.pairing, *trace.operands)
        assert len(trace.operands) == 3
        assert_same(again.running_sums, trace.running_sums)


def test_a_bias_of_zero_is_still_a_step():
    assert record(fully_connected(3, 2), [1, 2, 3], np.ones((2, 3), int), [0, 0]).steps_per_output == 4


# Steps


@pytest.mark.parametrize(
    ("trace", "n_steps", "per_output"),
    [
        (question(), 81, 9),
        (depth(), 336, 28),
        (record(elementwise((2, 3)), np.ones((2, 3)), np.ones((2, 3))), 6, 1),
        (record(sum_of_products((2, 3)), np.ones((2, 3)), np.ones((2, 3))), 6, 6),
        (record(matrix_product((2, 3), (3, 4)), np.ones((2, 3)), np.ones((3, 4))), 24, 3),
    ],
    ids=["question", "depth", "elementwise", "sum of products", "matrix product"],
)
def test_steps_walk_through_the_outputs_one_term_at_a_time(trace, n_steps, per_output):
    assert (trace.n_steps, trace.steps_per_output) == (n_steps, per_output)
    located = [trace.locate(step) for step in range(1, n_steps + 1)]
    assert located == list(np.ndindex(n_steps // per_output, per_output))


@pytest.mark.parametrize(("step", "place"), [(1, (0, 0)), (9, (0, 8)), (10, (1, 0)), (42, (4, 5)), (81, (8, 8))])
def test_locates_a_step_of_the_question(step, place):
    assert question().locate(step) == place


def test_locates_the_bias_after_the_last_product():
    assert depth().locate(28) == (0, 27)
    assert depth().locate(29) == (1, 0)


@pytest.mark.parametrize("step", [-1, 0, 82])
def test_locates_no_step_outside_the_trace(step):
    with pytest.raises(ValueError, match=f"step must be from 1 to 81; received {step}"):
        question().locate(step)


# The fully connected matrix


def random(pairing, bias=None, dtype=int):
    draw = np.random.default_rng(0)
    left, right = (draw.integers(-9, 10, shape).astype(dtype) for shape in (pairing.left_shape, pairing.right_shape))
    return record(pairing, left, right, bias)


MATRICES = {
    "elementwise": random(elementwise((2, 3))),
    "sum of products": random(sum_of_products((2, 3))),
    "matrix product": random(matrix_product((2, 3), (3, 4))),
    "cross-correlation": random(cross_correlation((4, 5), (2, 3), padding=((0, 1), (2, 0)), stride=(1, 2))),
    "convolution": random(convolution((4, 5), (2, 3), padding="same", dilation=(1, 2))),
    "layer": random(conv_layer((2, 4, 5), (3, 2, 2, 2), padding=1, stride=2), [1, 2, 3]),
    "layer in groups": random(conv_layer((4, 3, 3), (4, 2, 2, 2), groups=2), [1, 2, 3, 4]),
    "one by one": random(one_by_one_convolution((3, 2, 2), 2), [1, 2]),
    "fully connected": random(fully_connected(6, 4), [1, 2, 3, 4]),
}


@pytest.mark.parametrize("trace", MATRICES.values(), ids=MATRICES)
def test_the_matrix_does_what_the_operation_does_before_its_bias(trace):
    matrix = trace.fully_connected_matrix()
    assert matrix.shape == (trace.pairing.n_outputs, trace.left.size)
    assert_same(matrix @ trace.left.ravel(), trace.running_sums[:, trace.pairing.n_terms - 1])
    for pixel in range(trace.left.size):  # a column is the answer to a 1 at one place and 0 everywhere else
        alone = np.zeros(trace.left.size, int)
        alone[pixel] = 1
        assert_same(
            matrix[:, pixel], record(trace.pairing, alone.reshape(trace.left.shape), trace.right).output.ravel()
        )


def test_the_matrices_of_what_is_no_convolution():
    trace = MATRICES["elementwise"]
    assert_same(trace.fully_connected_matrix(), np.diag(trace.right.ravel()))
    trace = MATRICES["sum of products"]
    assert_same(trace.fully_connected_matrix(), trace.right.reshape(1, -1))
    trace = MATRICES["fully connected"]
    assert_same(trace.fully_connected_matrix(), trace.right)
    trace = MATRICES["matrix product"]
    assert_same(trace.fully_connected_matrix(), np.kron(np.eye(2, dtype=int), trace.right.T))


@pytest.mark.parametrize("mode", ["valid", "same", "full"])
def test_the_matrix_of_a_convolution_is_scipy_s(mode):
    trace = random(convolution((1, 6), (1, 3), padding=mode))
    theirs = scipy.linalg.convolution_matrix(trace.right[0], 6, mode)
    assert_same(trace.fully_connected_matrix(), theirs)


def test_the_matrix_of_a_layer_is_torch_s_jacobian(torch):
    trace = MATRICES["layer"]
    weight, bias = (torch.from_numpy(array.astype(float)) for array in (trace.right, trace.bias))
    theirs = torch.autograd.functional.jacobian(
        lambda x: torch.nn.functional.conv2d(x, weight, bias, stride=2, padding=1).ravel(),
        torch.from_numpy(trace.left.astype(float)),
    )
    assert_same(trace.fully_connected_matrix(), theirs.numpy().reshape(-1, trace.left.size).astype(int))


def test_most_of_a_convolution_s_matrix_is_zero_and_the_rest_is_shared():
    trace = record(convolution((3, 3), (2, 2)), np.arange(9).reshape(3, 3), [[1, 2], [3, 4]])
    expected = [
        [4, 3, 0, 2, 1, 0, 0, 0, 0],
        [0, 4, 3, 0, 2, 1, 0, 0, 0],
        [0, 0, 0, 4, 3, 0, 2, 1, 0],
        [0, 0, 0, 0, 4, 3, 0, 2, 1],
    ]
    assert_same(trace.fully_connected_matrix(), expected)


def test_terms_on_the_padding_have_no_column():
    trace = record(cross_correlation((1, 1), (1, 3), padding=((0, 0), (2, 3))), [[5]], [[1, 2, 3]])
    assert_same(trace.fully_connected_matrix(), [[3], [2], [1], [0]])  # the last window sees padding alone


@pytest.mark.parametrize("dtype", ["int64", "float16", "float32", "float64"])
def test_the_matrix_keeps_the_kind_of_the_weights(dtype):
    assert random(cross_correlation((2, 3), (1, 2)), dtype=dtype).fully_connected_matrix().dtype == np.dtype(dtype)


def test_the_matrix_is_the_learner_s_own():
    trace = question()
    matrix = trace.fully_connected_matrix()
    matrix[:] = 9
    assert_same(trace.right, signals.question_kernel())
    assert trace.fully_connected_matrix().sum() == 9 * signals.question_kernel().sum()


def test_a_matrix_too_large_to_look_at_is_refused():
    trace = record(cross_correlation((60, 60), (3, 3)), np.ones((60, 60)), np.ones((3, 3)))
    message = "fully connected matrix (3364, 3600) is larger than 2,000,000 elements, too large to look at"
    with pytest.raises(ValueError, match=re.escape(message)):
        trace.fully_connected_matrix()


# Kinds of numbers


@pytest.mark.parametrize(
    ("left", "right", "product"),
    [
        (np.array([[200]], np.uint8), np.array([[2]], np.uint8), 400),
        (np.array([[100]], np.int8), np.array([[-100]], np.int8), -10_000),
        (np.array([[True]]), np.array([[True]]), 1),
        (np.array([[2**31]]), np.array([[2**31]]), 2**62),
        ([[3]], [[-4]], -12),
    ],
    ids=["uint8", "int8", "bool", "2**62", "list"],
)
def test_integers_are_exact(left, right, product):
    trace = record(sum_of_products((1, 1)), left, right)
    for recorded in (trace.products, trace.running_sums, trace.output):
        assert_same(recorded, np.array([[product]], np.int64))


def test_uint8_sums_do_not_wrap_round():
    trace = record(sum_of_products((1, 3)), np.full((1, 3), 255, np.uint8), np.ones((1, 3), np.uint8))
    assert_same(trace.running_sums, [[255, 510, 765]])


@pytest.mark.parametrize(
    ("left", "right", "bias", "expected"),
    [
        ("float32", "float32", "float32", "float32"),
        ("float16", "float16", "float16", "float16"),
        ("float32", "int64", "int64", "float64"),
        ("float32", "float64", "float32", "float64"),
        ("int64", "int64", "float32", "float64"),
        ("int32", "uint8", "bool", "int64"),
    ],
)
def test_floats_keep_their_width(left, right, bias, expected):
    operands = np.array([1, 2], left), np.array([[1, 1]], right), np.array([1], bias)
    trace = record(fully_connected(2, 1), *operands)
    assert_same(trace.running_sums, np.array([[1, 3, 4]], expected))
    assert_same(trace.output, np.array([4], expected))


def test_nan_and_infinity_are_answers_and_no_warning_is_given():
    left = [[np.inf, 1.0, np.nan, -np.inf, 1e300]]
    trace = record(sum_of_products((1, 5)), left, [[0.0, 2.0, 1.0, 1.0, 1e300]])
    assert_same(trace.products, [[np.nan, 2.0, np.nan, -np.inf, np.inf]])
    assert_same(trace.running_sums, [[np.nan] * 5])
    overflow = record(sum_of_products((1, 2)), [[1e308, 1e308]], [[1.0, 1.0]])
    assert_same(overflow.running_sums, [[1e308, np.inf]])


def test_padding_is_a_zero_that_meets_its_weight():
    trace = record(cross_correlation((1, 1), (1, 2), padding=((0, 0), (0, 1))), [[3.0]], [[2.0, np.inf]])
    assert_same(trace.products, [[6.0, np.nan]])


def test_minus_zero_stays():
    trace = record(elementwise((1, 2)), [[0.0, -0.0]], [[-1.0, 1.0]])
    assert np.signbit(trace.output).tolist() == [[True, True]]


# Nobody else's array is touched, and nobody else touches the record


def test_inputs_are_not_modified_and_stay_the_learners():
    x, w, b = signals.depth_volume(), signals.depth_filters(), signals.depth_bias()
    record(conv_layer(x.shape, w.shape, padding=1), x, w, b)
    assert_same(x, signals.depth_volume())
    assert_same(w, signals.depth_filters())
    assert_same(b, signals.depth_bias())
    assert x.flags.writeable
    assert w.flags.writeable
    assert b.flags.writeable


@pytest.mark.parametrize("dtype", ["int64", "float64", "float32", "uint8"])
def test_later_changes_do_not_reach_the_record(dtype):
    x, w, b = np.array([1, 2], dtype), np.array([[3, 4]], dtype), np.array([5], dtype)
    trace = record(fully_connected(2, 1), x, w, b)
    x[:], w[:], b[:] = 9, 9, 9
    assert trace.left.tolist() == [1, 2]
    assert trace.right.tolist() == [[3, 4]]
    assert trace.bias.tolist() == [5]
    assert trace.running_sums.tolist() == [[3, 11, 16]]


@pytest.mark.parametrize("name", ["left", "right", "bias"])
def test_operands_are_read_only(name):
    with pytest.raises(ValueError, match="read-only"):
        getattr(depth(), name).flat[0] = 9


# What is refused


@pytest.mark.parametrize(
    ("left", "right", "bias", "message"),
    [
        ([1, 2], [[1, 1, 1]], None, "left must have the shape (3,) of the pairing; received (2,)"),
        ([[1, 2, 3]], [[1, 1, 1]], None, "left must have the shape (3,) of the pairing; received (1, 3)"),
        ([1, 2, 3], [1, 1, 1], None, "right must have the shape (1, 3) of the pairing; received (3,)"),
        ([1, 2, 3], [[1, 1, 1]], [1, 2], "bias must hold 1 numbers, one a filter or neuron; received shape (2,)"),
        ([1, 2, 3], [[1, 1, 1]], 1, "bias must be 1-D; received shape ()"),
        ([1, 2, 3], [[1, 1, 1]], [], "bias must not be empty; received shape (0,)"),
        ([], [[1, 1, 1]], None, "left must not be empty; received shape (0,)"),
        ([1, [2, 3]], [[1, 1, 1]], None, "left must be a rectangular array of real numbers"),
        ([2**40] * 3, [[2**40] * 3], None, "integer sums might not fit 64 bits"),
        ([1, 2, 3], [[1, 1, 1]], [2**63 - 1], "integer sums might not fit 64 bits"),
    ],
)
def test_refuses_values(left, right, bias, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        record(fully_connected(3, 1), left, right, bias)


@pytest.mark.parametrize(
    ("left", "right", "bias", "message"),
    [
        (None, [[1, 1, 1]], None, "left must be an array of real numbers; received None"),
        (["a", "b", "c"], [[1, 1, 1]], None, "left must hold real numbers; received dtype <U1"),
        ([1j, 2, 3], [[1, 1, 1]], None, "left must hold real numbers; received dtype complex128"),
        ([1, 2, 3], [[1, None, 1]], None, "right must hold real numbers; received dtype object"),
        ([1, 2, 3], [[1, 1, 1]], ["x"], "bias must hold real numbers; received dtype <U1"),
        (np.ma.masked_array([1, 2, 3]), [[1, 1, 1]], None, "left must be a plain array; received a masked array"),
    ],
)
def test_refuses_kinds(left, right, bias, message):
    with pytest.raises(TypeError, match=re.escape(message)):
        record(fully_connected(3, 1), left, right, bias)


@pytest.mark.parametrize(
    ("pairing", "left", "right"),
    [
        (elementwise((1, 1)), [[1]], [[1]]),
        (sum_of_products((1, 1)), [[1]], [[1]]),
        (matrix_product((1, 1), (1, 1)), [[1]], [[1]]),
        (cross_correlation((1, 1), (1, 1)), [[1]], [[1]]),
        (convolution((1, 1), (1, 1)), [[1]], [[1]]),
    ],
    ids=lambda value: getattr(value, "operation", ""),
)
def test_only_layers_take_a_bias(pairing, left, right):
    with pytest.raises(ValueError, match=f"bias belongs to the layers; the {pairing.operation} takes none"):
        record(pairing, left, right, [1])


def test_float16_is_added_up_as_arithmetic_does():
    """Its own running sum would stop at 256: there 0.1 is less than half the distance to the next float16."""
    ones = np.full((1, 3000), 0.1, dtype=np.float16)
    trace = record(sum_of_products((1, 3000)), ones, np.ones_like(ones))
    assert trace.output.dtype == np.float16
    np.testing.assert_array_equal(trace.output, correlate2d(ones, np.ones_like(ones)))


def test_nothing_that_is_recorded_can_be_changed():
    trace = record(sum_of_products((1, 2)), [[1, 2]], [[3, 4]])
    for recorded in (trace.products, trace.running_sums, trace.output):
        with pytest.raises(ValueError, match="read-only"):
            recorded[0, 0] = 99


@pytest.mark.parametrize("step", [1.5, "2", None, 2.0])
def test_a_step_is_a_whole_number(step):
    trace = record(sum_of_products((1, 2)), [[1, 2]], [[3, 4]])
    with pytest.raises(TypeError, match="step must be a whole number; received"):
        trace.locate(step)


def test_only_a_pairing_can_be_recorded():
    with pytest.raises(TypeError, match="pairing must be a Pairing, .*; received tuple"):
        record((2, 2), [[1]], [[1]])

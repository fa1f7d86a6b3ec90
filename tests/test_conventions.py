"""What the page `conventions` says, made to run: our side, and that of NumPy, SciPy and PyTorch.

TensorFlow and MATLAB are not here to be run. Their rules are written down below as their documentation has them, tried
on the numbers printed there, and compared with ours.
"""

import ast
import math
import re
from pathlib import Path

import numpy as np
import peers
import pytest
import scipy.signal
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from convhelpers import conventions, signals
from convhelpers.arithmetic import conv2d, convolve2d, correlate2d, linear, output_size
from convhelpers.geometry import place_window
from convhelpers.im2col import im2col
from convhelpers.pairing import cross_correlation

torch = peers.torch

modest = settings(deadline=None, derandomize=True, max_examples=60)
small = st.integers(1, 5)


def numbers(*shape):
    return np.random.default_rng(shape).integers(-9, 10, shape)


def torch_conv2d(torch, x, weight, **places):
    """`torch.nn.functional.conv2d` of whole numbers; an image and a kernel pass for one of each kind."""
    x, weight = (torch.from_numpy(np.asarray(array)).double() for array in (x, weight))
    if x.ndim == 2:
        return torch.nn.functional.conv2d(x[None, None], weight[None, None], **places)[0, 0].numpy()
    return torch.nn.functional.conv2d(x, weight, **places).numpy()


# The page


def test_the_page_is_a_page_and_fits_a_terminal_of_100_columns():
    (docstring,) = ast.parse(Path(conventions.__file__).read_text(encoding="utf-8")).body
    assert isinstance(docstring, ast.Expr)
    assert max(map(len, conventions.__doc__.splitlines())) + len("    ") <= 100  # `help` indents by four


def test_every_source_is_cited_and_every_citation_has_its_source():
    text, sources = conventions.__doc__.split("Sources\n-------\n")
    cited = re.findall(r" \[(\d)\]", text)
    assert sorted(set(cited)) == re.findall(r"^\[(\d)\]", sources, flags=re.MULTILINE)


# Axes


def test_axes_of_a_layer():
    x, weight, bias = numbers(2, 4, 5, 6), numbers(8, 2, 3, 2), numbers(8)
    assert conv2d(x, weight, bias, groups=2).shape == (2, 8, 3, 5)
    assert conv2d(x[0], weight, bias, groups=2).shape == (8, 3, 5)
    assert linear(numbers(4), numbers(3, 4), numbers(3)).shape == (3,)


def test_torch_has_the_same_axes(torch):
    x, weight = numbers(2, 4, 5, 6), numbers(8, 2, 3, 2)
    np.testing.assert_array_equal(conv2d(x, weight, groups=2), torch_conv2d(torch, x, weight, groups=2))
    assert torch.nn.Linear(4, 3).weight.shape == (3, 4)


PAIRS = [({"padding": (1, 0)}, (5, 5)), ({"stride": (2, 1)}, (2, 5)), ({"dilation": (3, 1)}, (1, 5))]
INTS = [({"padding": 1}, (5, 7)), ({"stride": 2}, (2, 3)), ({"dilation": 3}, (1, 3))]


@pytest.mark.parametrize(("places", "size"), PAIRS + INTS)
def test_a_pair_is_row_and_column_and_an_int_is_both(places, size):
    assert correlate2d(np.ones((4, 6)), np.ones((2, 2)), **places).shape == size


@pytest.mark.parametrize(("places", "size"), PAIRS + INTS)
def test_torch_has_the_same_pairs(torch, places, size):
    assert torch_conv2d(torch, np.ones((4, 6)), np.ones((2, 2)), **places).shape == size


def test_the_bias_is_added_once_to_each_output_of_its_filter():
    x, weight = numbers(3, 4, 5), numbers(2, 3, 2, 2)
    difference = conv2d(x, weight, [10, 20]) - conv2d(x, weight)
    assert (difference[0] == 10).all()
    assert (difference[1] == 20).all()


# Which way the kernel lies

NOT_TURNED = {
    "ours": correlate2d,
    "our layer": lambda x, k: conv2d(x[None], k[None, None])[0],
    "SciPy": lambda x, k: scipy.signal.correlate2d(x, k, "valid"),
    "NumPy": lambda x, k: np.stack([np.correlate(row, k[0], "valid") for row in x]),
}
TURNED = {
    "ours": convolve2d,
    "SciPy": lambda x, k: scipy.signal.convolve2d(x, k, "valid"),
    "NumPy": lambda x, k: np.stack([np.convolve(row, k[0], "valid") for row in x]),
}


def windows_times(x, kernel):
    windows = np.lib.stride_tricks.sliding_window_view(x, kernel.shape)
    return np.tensordot(windows, kernel, axes=2)


@pytest.mark.parametrize("operation", NOT_TURNED.values(), ids=NOT_TURNED)
def test_not_turned(operation):
    x, kernel = signals.oblong_image(), np.array([[1, 10, 100]])
    np.testing.assert_array_equal(operation(x, kernel), windows_times(x, kernel))


@pytest.mark.parametrize("operation", TURNED.values(), ids=TURNED)
def test_turned(operation):
    x, kernel = signals.oblong_image(), np.array([[1, 10, 100]])
    np.testing.assert_array_equal(operation(x, kernel), windows_times(x, kernel[::-1, ::-1]))


def test_torch_does_not_turn(torch):
    x, kernel = signals.oblong_image(), signals.kernels()["one to nine"]
    np.testing.assert_array_equal(torch_conv2d(torch, x, kernel), windows_times(x, kernel))


# Padding


@modest
@given(st.integers(1, 9), small, st.integers(1, 3))
def test_the_words(n, k, dilation):
    covered = dilation * (k - 1) + 1
    for word, zeros, outputs in (
        ("valid", 0, n - covered + 1),
        ("same", covered - 1, n),
        ("full", 2 * (covered - 1), n + covered - 1),
    ):
        if word == "valid" and covered > n:
            continue
        window = place_window((n, 1), (k, 1), padding=word, dilation=(dilation, 1))
        before, after = window.padding[0]
        assert before + after == zeros
        assert window.output_size == (outputs, 1)
        assert abs(before - after) <= 1


@modest
@given(st.integers(1, 9), small)
def test_which_windows_the_words_mean(n, k):
    """No window of "valid" reaches a zero; "full" has every window that touches the image, and no other."""
    left = cross_correlation((n, 1), (k, 1), padding="full").left
    assert (left >= 0).any(axis=1).all()
    wider = cross_correlation((n, 1), (k, 1), padding=((k, k), (0, 0))).left
    assert np.flatnonzero((wider >= 0).any(axis=1)).tolist() == list(range(1, n + k))
    if k <= n:
        assert (cross_correlation((n, 1), (k, 1), padding="valid").left >= 0).all()
        assert (left >= 0).all(axis=1).sum() == n - k + 1


def test_padding_is_counted_on_each_side():
    x, kernel = np.ones((4, 6)), np.ones((3, 3))
    assert correlate2d(x, kernel).shape == (2, 4)
    assert correlate2d(x, kernel, padding=1).shape == (4, 6)
    assert correlate2d(x, kernel, padding=(0, 2)).shape == (2, 8)
    assert correlate2d(x, kernel, padding=((1, 0), (0, 2))).shape == (3, 6)


def test_torch_counts_so_too_but_does_not_take_the_sides_apart(torch):
    x, kernel = np.ones((4, 6)), np.ones((3, 3))
    assert torch_conv2d(torch, x, kernel).shape == (2, 4)
    assert torch_conv2d(torch, x, kernel, padding=1).shape == (4, 6)
    assert torch_conv2d(torch, x, kernel, padding=(0, 2)).shape == (2, 8)
    with pytest.raises(TypeError):
        torch_conv2d(torch, x, kernel, padding=((1, 0), (0, 2)))


# For each: the operation on one row, whether it turns the kernel, and where it puts the odd zero.
CAMPS = {
    "our correlate2d": (lambda x, k: correlate2d([x], [k], padding="same")[0], False, "after"),
    "our conv2d": (lambda x, k: conv2d([[x]], [[[k]]], padding="same")[0, 0], False, "after"),
    "our convolve2d": (lambda x, k: convolve2d([x], [k], padding="same")[0], True, "before"),
    "scipy correlate2d": (lambda x, k: scipy.signal.correlate2d([x], [k], "same")[0], False, "after"),
    "scipy convolve2d": (lambda x, k: scipy.signal.convolve2d([x], [k], "same")[0], True, "before"),
    "np.correlate": (lambda x, k: np.correlate(x, k, "same"), False, "before"),
    "np.convolve": (lambda x, k: np.convolve(x, k, "same"), True, "before"),
}


def same_by_hand(x, k, turned, odd_zero):
    smaller, larger = (len(k) - 1) // 2, len(k) // 2
    padded = np.pad(x, (smaller, larger) if odd_zero == "after" else (larger, smaller))
    k = k[::-1] if turned else k
    return [np.vdot(padded[i : i + len(k)], k) for i in range(len(x))]


@pytest.mark.parametrize("size", [2, 3, 4, 6])
@pytest.mark.parametrize(("operation", "turned", "odd_zero"), CAMPS.values(), ids=CAMPS)
def test_the_odd_zero_of_same(operation, turned, odd_zero, size):
    x, k = np.arange(1, 8), 10 ** np.arange(size)
    np.testing.assert_array_equal(operation(x, k), same_by_hand(x, k, turned, odd_zero))


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths")
@pytest.mark.parametrize("size", [2, 3, 4, 6])
def test_the_odd_zero_of_same_in_torch(torch, size):
    x, k = np.arange(1, 8), 10 ** np.arange(size)
    found = torch_conv2d(torch, x[None], k[None], padding="same")[0]
    np.testing.assert_array_equal(found, same_by_hand(x, k, turned=False, odd_zero="after"))


def test_same_refuses_a_stride():
    with pytest.raises(ValueError, match='^padding "same" needs stride 1'):
        correlate2d(np.ones((5, 5)), np.ones((3, 3)), padding="same", stride=2)


def test_same_refuses_a_stride_in_torch(torch):
    with pytest.raises(RuntimeError, match="not supported for strided convolutions"):
        torch_conv2d(torch, np.ones((5, 5)), np.ones((3, 3)), padding="same", stride=2)


def test_zeros_take_part_in_the_sum():
    assert np.isnan(correlate2d([[1.0]], [[np.nan, 1, 1]], padding="same")).all()


def test_padding_that_is_not_given():
    x, k = np.arange(1, 6), np.array([1, 10, 100])
    for default, word in (
        (correlate2d([x], [k]), correlate2d([x], [k], padding="valid")),
        (convolve2d([x], [k]), convolve2d([x], [k], padding="valid")),
        (conv2d([[x]], [[[k]]]), conv2d([[x]], [[[k]]], padding="valid")),
        (scipy.signal.correlate2d([x], [k]), scipy.signal.correlate2d([x], [k], "full")),
        (scipy.signal.convolve2d([x], [k]), scipy.signal.convolve2d([x], [k], "full")),
        (np.convolve(x, k), np.convolve(x, k, "full")),
        (np.correlate(x, k), np.correlate(x, k, "valid")),
    ):
        np.testing.assert_array_equal(default, word)


def test_a_kernel_larger_than_the_image():
    x, kernel = np.arange(1, 5).reshape(2, 2), np.arange(9).reshape(3, 3)
    with pytest.raises(ValueError, match="does not fit"):
        correlate2d(x, kernel)

    np.testing.assert_array_equal(scipy.signal.correlate2d(x, kernel, "valid"), correlate2d(kernel, x)[::-1, ::-1])
    np.testing.assert_array_equal(scipy.signal.convolve2d(x, kernel, "valid"), convolve2d(kernel, x))
    np.testing.assert_array_equal(np.correlate(x[0], kernel[1], "valid"), correlate2d(kernel[1:2], x[:1])[0, ::-1])
    np.testing.assert_array_equal(np.convolve(x[0], kernel[1], "valid"), convolve2d(kernel[1:2], x[:1])[0])

    assert scipy.signal.correlate2d(x, kernel, "same").shape == x.shape
    assert len(np.convolve(x[0], kernel[0], "same")) == len(np.correlate(x[0], kernel[0], "same")) == 3


def test_a_kernel_larger_than_the_image_in_torch(torch):
    with pytest.raises(RuntimeError, match="can't be greater than actual input size"):
        torch_conv2d(torch, np.ones((2, 2)), np.ones((3, 3)))


# Sizes

lengths = {"n": st.integers(1, 20), "k": small, "stride": st.integers(1, 4), "dilation": st.integers(1, 3)}


def outputs_by_the_formula(n, k, stride, dilation, padding):
    return math.floor((n + 2 * padding - dilation * (k - 1) - 1) / stride) + 1


@modest
@given(**lengths, padding=st.integers(0, 3))
def test_rounded_down(n, k, stride, dilation, padding):
    assume(dilation * (k - 1) < n + 2 * padding)
    outputs = outputs_by_the_formula(n, k, stride, dilation, padding)
    window = place_window((n, 1), (k, 1), stride=(stride, 1), dilation=(dilation, 1), padding=(padding, 0))
    assert window.output_size == (outputs, 1)
    last_reached = (outputs - 1) * stride + dilation * (k - 1) + 1
    assert window.leftover == (n + 2 * padding - last_reached, 0)


@modest
@given(**lengths, padding=st.integers(0, 3))
def test_rounded_down_in_torch(torch, n, k, stride, dilation, padding):
    assume(dilation * (k - 1) < n + 2 * padding)
    places = {"stride": (stride, 1), "dilation": (dilation, 1), "padding": (padding, 0)}
    outputs = outputs_by_the_formula(n, k, stride, dilation, padding)
    assert torch_conv2d(torch, np.ones((n, 1)), np.ones((k, 1)), **places).shape == (outputs, 1)


# Order of flattening


@pytest.mark.parametrize("stride", [1, 2])
def test_x_col_and_w_row(stride):
    x, weight = numbers(2, 4, 6), numbers(3, 2, 3, 2)
    X_col, W_row = im2col(x, (3, 2), stride=stride), weight.reshape(3, -1)
    windows = [x[:, i : i + 3, j : j + 2] for i in range(0, 2, stride) for j in range(0, 5, stride)]
    np.testing.assert_array_equal(X_col.T, [window.ravel() for window in windows])
    layer = conv2d(x, weight, stride=stride)
    np.testing.assert_array_equal((W_row @ X_col).reshape(layer.shape), layer)


@pytest.mark.parametrize("stride", [1, 2])
def test_torch_unfolds_so_too(torch, stride):
    x = numbers(2, 4, 6)
    unfolded = torch.nn.functional.unfold(torch.from_numpy(x).double()[None], (3, 2), stride=stride)
    np.testing.assert_array_equal(im2col(x, (3, 2), stride=stride), unfolded[0].numpy())


def test_torch_flattens_so_too(torch):
    x = numbers(2, 4, 6)
    np.testing.assert_array_equal(torch.nn.Flatten()(torch.from_numpy(x)[None])[0].numpy(), x.ravel())


def test_another_order_of_flattening_gives_wrong_numbers_without_an_error():
    x, weight = np.arange(12).reshape(3, 2, 2), np.arange(12)[None]
    right = linear(x.ravel(), weight)
    channels_last = np.moveaxis(x, 0, -1)
    assert linear(channels_last.ravel(), weight).shape == right.shape
    assert linear(channels_last.ravel(), weight) != right
    reordered = np.moveaxis(weight.reshape(1, 3, 2, 2), 1, -1).reshape(1, -1)
    assert linear(channels_last.ravel(), reordered) == right


# Numbers


def test_whole_numbers_are_exact_and_floats_keep_their_width():
    image, kernel = np.full((20, 20), 255, np.uint8), np.full((20, 20), 255, np.uint8)
    assert correlate2d(image, kernel).tolist() == [[20 * 20 * 255 * 255]]
    assert correlate2d(image, kernel).dtype == np.int64
    for width in (np.float16, np.float32, np.float64):
        assert correlate2d(np.ones((2, 2), width), np.ones((2, 2), width)).dtype == width
    assert correlate2d(np.ones((2, 2), np.float32), np.ones((2, 2), int)).dtype == np.float64
    halves = np.ones((1, 6000), np.float16), np.ones((1, 3000), np.float16)  # float16's own sum of ones stops at 2048
    assert (correlate2d(*halves) == 3000).all()
    with pytest.raises(ValueError, match="might not fit 64 bits"):
        correlate2d([[2**40]], [[2**30]])


def test_what_is_passed_in_stays():
    x, weight, bias = numbers(2, 4, 5), numbers(3, 2, 2, 2), numbers(3)
    copies = [array.copy() for array in (x, weight, bias)]
    conv2d(x, weight, bias, padding=1)
    convolve2d(x[0], weight[0, 0], padding="same")
    for array, copy in zip((x, weight, bias), copies, strict=True):
        np.testing.assert_array_equal(array, copy)


# TensorFlow, by its documentation: www.tensorflow.org/api_docs/python/tf/nn, "Notes on padding"


def tensorflow_same(size, kernel, stride):
    """The zeros before and after, as the notes work them out."""
    remainder = size % stride
    total = max(kernel - (stride if remainder == 0 else remainder), 0)
    return total // 2, total - total // 2


def test_tensorflow_same_on_the_numbers_of_its_notes():
    assert output_size(5, 3, stride=2, padding=tensorflow_same(5, 3, 2)) == 3
    assert output_size(2, 2, stride=1, padding=tensorflow_same(2, 2, 1)) == 2
    assert tensorflow_same(9, 6, 1) == (2, 3)  # "when pad_along_height is 5, we pad 2 pixels at the top and 3 …"


@modest
@given(st.integers(1, 30), st.integers(1, 7), st.integers(1, 5))
def test_tensorflow_same(size, kernel, stride):
    before, after = tensorflow_same(size, kernel, stride)
    assert before + after == max((math.ceil(size / stride) - 1) * stride + kernel - size, 0)
    assert before <= after <= before + 1
    assert output_size(size, kernel, stride=stride, padding=(before, after)) == math.ceil(size / stride)
    if stride == 1:
        assert place_window((size, 1), (kernel, 1), padding="same").padding[0] == (before, after)


def test_tensorflow_same_depends_on_the_size():
    assert tensorflow_same(6, 3, 2) == (0, 1)
    assert tensorflow_same(7, 3, 2) == (1, 1)


@modest
@given(st.integers(1, 30), st.integers(1, 7), st.integers(1, 5))
def test_tensorflow_valid_is_our_size_written_with_ceil(size, kernel, stride):
    assume(kernel <= size)
    assert output_size(size, kernel, stride=stride) == math.ceil((size - kernel + 1) / stride)


def test_tensorflow_conv2d_is_our_layer_with_other_axes():
    """Source: www.tensorflow.org/api_docs/python/tf/nn/conv2d, the formula and the three steps."""
    x, filters, stride = numbers(2, 5, 6, 3), numbers(3, 2, 3, 4), 2
    expected = np.zeros((2, 2, 3, 4), int)
    for b, i, j, k in np.ndindex(expected.shape):
        for di, dj, q in np.ndindex(filters.shape[:3]):
            expected[b, i, j, k] += x[b, stride * i + di, stride * j + dj, q] * filters[di, dj, q, k]
    found = conv2d(x.transpose(0, 3, 1, 2), filters.transpose(3, 2, 0, 1), stride=stride)
    np.testing.assert_array_equal(found.transpose(0, 2, 3, 1), expected)

    rows = np.stack([x[0, i : i + 3, j : j + 2].ravel() for i in range(0, 3, stride) for j in range(0, 5, stride)])
    np.testing.assert_array_equal(rows @ filters.reshape(-1, 4), expected[0].reshape(-1, 4))


# MATLAB, by its documentation: www.mathworks.com/help/matlab/ref/conv2.html, filter2.html, /help/images/ref/im2col.html


def matlab_conv2_same(x, kernel):
    """The central part of the full convolution.

    The page's example, a 3×3 matrix under a 4×4 one, says where that begins: "Csame is equal to Cfull(3:5,3:5)".
    """
    first = [size // 2 for size in kernel.shape]
    return convolve2d(x, kernel, padding="full")[first[0] :, first[1] :][: x.shape[0], : x.shape[1]]


def test_matlab_conv2_same_on_its_example():
    x, kernel = numbers(3, 3), numbers(4, 4)
    full = convolve2d(x, kernel, padding="full")
    np.testing.assert_array_equal(matlab_conv2_same(x, kernel), full[2:5, 2:5])
    np.testing.assert_array_equal(matlab_conv2_same(x, kernel), convolve2d(x, kernel, padding=((1, 2), (1, 2))))


@modest
@given(small, small)
def test_matlab_conv2_turns_the_kernel_and_puts_the_odd_zero_after(kh, kw):
    x, kernel = numbers(6, 7), numbers(kh, kw) * 2 + 1
    found = matlab_conv2_same(x, kernel)
    sides = ((kh - 1) // 2, kh // 2), ((kw - 1) // 2, kw // 2)
    np.testing.assert_array_equal(found, convolve2d(x, kernel, padding=sides))

    scipy_same = scipy.signal.convolve2d(x, kernel, "same")
    even = kh % 2 == 0 or kw % 2 == 0
    assert np.array_equal(found, scipy_same) != even
    turned_round = scipy.signal.convolve2d(x[::-1, ::-1], kernel[::-1, ::-1], "same")[::-1, ::-1]
    np.testing.assert_array_equal(found, turned_round)


@modest
@given(small, small)
def test_matlab_filter2_is_our_correlation(kh, kw):
    """Its page: `filter2(H, X, shape)` is `conv2(X, rot90(H, 2), shape)`."""
    x, kernel = numbers(6, 7), numbers(kh, kw)
    np.testing.assert_array_equal(matlab_conv2_same(x, np.rot90(kernel, 2)), correlate2d(x, kernel, padding="same"))


def test_matlab_im2col_lets_the_row_run_fastest():
    """The page's example, `im2col(A, [2 2])` of the 4×4 matrix of 0/15 to 15/15, row by row; in fifteenths."""
    printed = [
        [0, 4, 8, 1, 5, 9, 2, 6, 10],
        [4, 8, 12, 5, 9, 13, 6, 10, 14],
        [1, 5, 9, 2, 6, 10, 3, 7, 11],
        [5, 9, 13, 6, 10, 14, 7, 11, 15],
    ]
    image = np.arange(16).reshape(4, 4)
    np.testing.assert_array_equal(im2col(image.T[None], (2, 2)), printed)
    assert not np.array_equal(im2col(image[None], (2, 2)), printed)

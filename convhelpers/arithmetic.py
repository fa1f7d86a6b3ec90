"""With this module one can correlate, convolve and run layers on arrays of any size, fast, in NumPy alone.

Every function takes the same sum over different pairs, `out[o] = Σ left · right (+ bias)`. Which element
meets which is written down pair by pair in `pairing`, for inputs small enough to look at; here is the same
for large ones. Which way the kernel lies, what sizes and padding mean, and which numbers come out stand in
`conventions`.
"""

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from convhelpers.geometry import Window, check_groups, place_window, whole_number
from convhelpers.im2col import view_patches, zeros
from convhelpers.operands import SILENT, check_integer_sums, real_array, real_bias, type_to_add_in

BAND_BYTES = 2**20  # of X_col at once; a quarter and the double of it measure alike, the whole of a large one slower


def output_size(size, kernel, *, stride=1, padding=0, dilation=1):
    """Return how many places a kernel of `kernel` cells finds along one axis of `size` cells.

        floor((size + before + after - dilation·(kernel - 1) - 1) / stride) + 1

    `padding` is the number of zeros on **each** side, or a pair (before, after). A stride that does not fit
    is rounded down: the cells left over at the end are not used.

    Raises `ValueError` for a value out of range and for a kernel larger than the padded input, `TypeError`
    for what is not a whole number.

    Source: Dumoulin & Visin, "A guide to convolution arithmetic for deep learning" (2016), chapters 2 and 5;
    the same formula stands in the documentation of `torch.nn.Conv2d`.

    >>> output_size(5, 3), output_size(5, 3, padding=1), output_size(6, 3, stride=2)
    (3, 5, 2)
    >>> output_size(227, 11, stride=4)
    55
    """
    size, kernel = whole_number(size, "size", minimum=1), whole_number(kernel, "kernel", minimum=1)
    stride = whole_number(stride, "stride", minimum=1)
    dilation = whole_number(dilation, "dilation", minimum=1)
    sides = padding if isinstance(padding, (tuple, list)) and len(padding) == 2 else (padding, padding)
    before, after = (whole_number(side, "padding on each side", minimum=0) for side in sides)
    places = {"stride": (stride, 1), "padding": ((before, after), (0, 0)), "dilation": (dilation, 1)}
    return place_window((size, 1), (kernel, 1), **places).output_size[0]  # the axis as an image one column wide


def correlate2d(x, kernel, *, padding=0, stride=1, dilation=1):
    """Return the cross-correlation of an image with a kernel, **not** turned: (H, W), (kh, kw) → (oh, ow).

        out[i, j] = Σ_u Σ_v x[i·stride + u·dilation, j·stride + v·dilation] · kernel[u, v]

    x is counted from its padded corner. Each output is the sum of the element-wise products of the kernel and
    the window under it; oh and ow are given by `output_size`. Equals `scipy.signal.correlate2d` for "valid",
    "same" and "full" when the kernel is no larger than the image. A larger one SciPy swaps with the image for
    "valid", without a word; here it is an error.

    Raises `ValueError` for arrays that are empty or not 2-D, a kernel that does not fit, a stride, padding or
    dilation that `geometry.place_window` refuses, and integers whose sums might not fit 64 bits; `TypeError`
    for what is not real numbers; `MemoryError` for more padding than the memory holds.

    Source: Goodfellow, Bengio, Courville, "Deep Learning" (2016), section 9.1, where it is told apart from
    convolution. The numbers of the example: Zhang, Lipton, Li, Smola, "Dive into Deep Learning", section
    "Convolutions for Images".

    >>> correlate2d([[0, 1, 2], [3, 4, 5], [6, 7, 8]], [[0, 1], [2, 3]])
    array([[19, 25],
           [37, 43]])
    """
    x, kernel = _image_and_kernel(x, kernel)
    window = place_window(x.shape, kernel.shape, stride=stride, padding=padding, dilation=dilation)
    return _slide(x, kernel, window)


def convolve2d(x, kernel, *, padding=0, stride=1, dilation=1):
    """Return the convolution of mathematics, the kernel turned by 180°: (H, W), (kh, kw) → (oh, ow).

        out[i, j] = Σ_u Σ_v x[i·stride + u·dilation, j·stride + v·dilation] · kernel[kh - 1 - u, kw - 1 - v]

    With numbers for padding it is `correlate2d(x, kernel[::-1, ::-1])`. With `padding="same"` and an even
    kernel the larger half of the zeros comes first, so that it equals `scipy.signal.convolve2d` for "valid",
    "same" and "full" when the kernel is no larger than the image. What deep learning calls convolution is
    `correlate2d`.

    Raises as `correlate2d` does.

    Source: Goodfellow, Bengio, Courville, "Deep Learning" (2016), section 9.1.

    >>> convolve2d([[0, 1, 2], [3, 4, 5], [6, 7, 8]], [[0, 1], [2, 3]])
    array([[ 5, 11],
           [23, 29]])
    """
    x, kernel = _image_and_kernel(x, kernel)
    places = {"stride": stride, "padding": padding, "dilation": dilation}
    window = place_window(x.shape, kernel.shape, **places, same_before="larger")
    return _slide(x, kernel[::-1, ::-1], window)


def conv2d(x, weight, bias=None, *, stride=1, padding=0, dilation=1, groups=1):
    """Return deep learning's convolutional layer: cross-correlation through all channels, plus one bias each.

        out[n, k, i, j] = bias[k] + Σ_c Σ_u Σ_v x[n, c, i·stride + u·dilation, j·stride + v·dilation]
                                                · weight[k, c, u, v]

    x (N, C, H, W) → (N, K, oh, ow), or x (C, H, W) → (K, oh, ow); weight (K, C/groups, kh, kw); bias (K,).
    The filters are **not** turned. With groups, a filter sees the C/groups channels of its own group only;
    groups = C is the depthwise layer. Equals `torch.nn.functional.conv2d`; `padding="same"` with an even
    kernel puts the smaller half before, as PyTorch does.

    One image after the other is spread out into X_col, one column a window, and multiplied: `W_row @ X_col`,
    every entry of which is the dot product of one filter with one window (`im2col.im2col`; CS231n notes on
    convolutional networks, "Implementation as Matrix Multiplication"). A large image is spread out a few output
    rows at a time. For a 1×1 kernel of stride 1 the image is X_col already.

    Raises `ValueError` for a wrong number of axes, channels that do not match, groups that do not divide C
    and K, and a bias that is not K long; otherwise as `correlate2d` does.

    >>> x = np.arange(12).reshape(3, 2, 2)  # 3 channels; down the depth of the top left pixel stand 0, 4, 8
    >>> conv2d(x, np.ones((1, 3, 1, 1), int), [100])
    array([[[112, 115],
            [118, 121]]])
    """
    x = real_array(x, "x", ndim=(3, 4), axes=("(C, H, W)", "(N, C, H, W)"))
    weight = real_array(weight, "weight", ndim=4, axes="(K, C/groups, kh, kw)")
    bias = real_bias(bias, len(weight))
    layer = _layer(x.shape, weight.shape, stride, padding, dilation, groups)
    dtype, working = _dtypes(x, weight, bias, layer.n_terms)

    W_row = weight.astype(working, copy=False).reshape(layer.W_row_shape)
    images = x if x.ndim == 4 else x[np.newaxis]
    out = zeros((len(images), *layer.product_shape), dtype, layer.window)
    with np.errstate(**SILENT):
        for patches, place in _bands(images, layer.window, working):
            X_col = patches.reshape(layer.groups, layer.n_terms, -1)  # the copy; none for 1×1
            np.matmul(W_row, X_col, out=out[place], casting="unsafe")
            del X_col  # before the next band makes its own
        if bias is not None:
            out += bias.reshape(layer.groups, -1, 1)
    return out.reshape(x.shape[:-3] + layer.output_shape)


def linear(x, weight, bias=None):
    """Return a fully connected layer, a weight for every pair of input and output: `x @ weight.T + bias`.

        out[..., o] = bias[o] + Σ_i x[..., i] · weight[o, i]

    x (…, n_in), weight (n_out, n_in), bias (n_out,) → (…, n_out): one dot product an output. Equals
    `torch.nn.functional.linear`. It is also `conv2d` with a kernel as large as the image, when the image is
    flattened channel by channel, row by row.

    Raises `ValueError` for a wrong number of axes, lengths that do not match, an empty array, and integers
    whose sums might not fit 64 bits; `TypeError` for what is not real numbers.

    Source: y = f(x·w + b) in Buduma & Locascio, "Fundamentals of Deep Learning" (2017), page 8, for every
    neuron at once and before f; the weight is stored as PyTorch stores it.

    >>> linear([1, 2, 3], [[1, 1, 1], [0, 10, 0]], [0, 5])
    array([ 6, 25])
    """
    x, weight = real_array(x, "x"), real_array(weight, "weight", ndim=2, axes="(n_out, n_in)")
    if x.ndim == 0:
        raise ValueError("x must have one axis or more (…, n_in); received shape ()")
    n_out, n_in = weight.shape
    if x.shape[-1] != n_in:
        raise ValueError(
            f"weight must be (n_out, n_in) with n_in = {x.shape[-1]}, the last axis of x {x.shape}; "
            f"received shape {weight.shape}"
        )
    bias = real_bias(bias, n_out)
    dtype, working = _dtypes(x, weight, bias, n_in)
    rows = x.reshape(-1, n_in).astype(working, copy=False)
    with np.errstate(**SILENT):
        out = (rows @ weight.astype(working, copy=False).T).astype(dtype, copy=False)
        if bias is not None:
            out += bias
    return out.reshape(*x.shape[:-1], n_out)


def _image_and_kernel(x, kernel):
    return real_array(x, "x", ndim=2, axes="(H, W)"), real_array(kernel, "kernel", ndim=2, axes="(kh, kw)")


class _Layer(NamedTuple):
    """What shapes alone say of a layer."""

    window: Window
    groups: int
    n_terms: int
    W_row_shape: tuple[int, ...]
    product_shape: tuple[int, ...]
    output_shape: tuple[int, ...]


def _layer(x_shape, weight_shape, stride, padding, dilation, groups):
    """Check the shapes against each other, or look up what was found the last time: a layer asks at every call.

    Only plain ints are looked up. A pair could hold a True or a 1.0, which a look-up cannot tell from 1.
    """
    are_plain = type(stride) is type(padding) is type(dilation) is type(groups) is int
    return (_known_layer if are_plain else _make_layer)(x_shape, weight_shape, stride, padding, dilation, groups)


def _make_layer(x_shape, weight_shape, stride, padding, dilation, groups):
    n_filters, depth, *kernel_size = weight_shape
    groups = check_groups(groups, channels=x_shape[-3], filters=n_filters, depth=depth)
    window = place_window(x_shape[-2:], kernel_size, stride=stride, padding=padding, dilation=dilation)
    n_terms, each = depth * math.prod(kernel_size), n_filters // groups
    product = groups, each, math.prod(window.output_size)
    return _Layer(window, groups, n_terms, (groups, each, n_terms), product, (n_filters, *window.output_size))


_known_layer = lru_cache(maxsize=256)(_make_layer)


def _dtypes(left, right, bias, n_terms):
    """Return the type of the result and the type to add up in.

    NumPy multiplies float64 matrices 30 to 70 times faster than int64 ones, and float64 holds every whole
    number below 2**53: where no sum can reach that, the way through float64 is exact.
    """
    dtype = np.result_type(left, right) if bias is None else np.result_type(left, right, bias)
    if dtype.kind == "f":
        return dtype, type_to_add_in(dtype)
    bound = check_integer_sums(left, right, n_terms, bias)
    return dtype, np.dtype(np.float64 if bound < 2**53 else np.int64)


def _bands(images, window, dtype):
    """Yield the patches of each image, a large one's in bands of output rows, and their place in out (N, …, oh·ow).

    X_col of a small band is still in the processor's cache when it is multiplied, and its memory serves the next one.
    """
    n_rows, row_length = window.output_size
    for n in range(len(images)):
        patches = view_patches(images[n], window, dtype)
        if patches.nbytes <= BAND_BYTES:
            yield patches, n
            continue
        rows_at_once = max(1, BAND_BYTES * n_rows // patches.nbytes)
        for top in range(0, n_rows, rows_at_once):
            end = top + rows_at_once
            yield patches[..., top:end, :], (n, ..., slice(top * row_length, end * row_length))


def _slide(x, kernel, window):
    """Add up kernel · window at every place, in a loop over kernel cells or over outputs."""
    dtype, working = _dtypes(x, kernel, None, kernel.size)
    kernel, patches = kernel.astype(working, copy=False), view_patches(x, window, working)
    out = np.zeros(window.output_size, working)
    with np.errstate(**SILENT):
        if kernel.size <= out.size:  # the shorter loop; the other sum stands inside NumPy
            for (u, v), weight in np.ndenumerate(kernel):
                out += weight * patches[u, v]
        else:
            for i, j in np.ndindex(out.shape):
                out[i, j] = np.vdot(kernel, patches[:, :, i, j])
        return out.astype(dtype, copy=False)

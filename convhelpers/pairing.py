"""With this module one can say, for any operation of the course, which element meets which.

Every operation here is the same sum taken over different pairs:

    out[o] = Σ_t left[L[o, t]] · right[R[o, t]]   (+ bias[o])

A `Pairing` is the table of these pairs. It knows shapes and no values; `trace` adds the numbers. Axes, padding and the
order of flat indices are those of `conventions`. The builders, one an operation, are `elementwise`, `sum_of_products`,
`matrix_product`, `cross_correlation`, `convolution`, `conv_layer`, `one_by_one_convolution` and `fully_connected`.

The table is for pictures that a person reads: it has outputs x terms pairs, at most `MAX_PAIRS`. `arithmetic` computes
the same numbers for inputs of any size.
"""

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from convhelpers.geometry import Window, check_groups, place_window, whole_number, whole_shape

MAX_PAIRS = 2_000_000


@dataclass(frozen=True, eq=False)
class Pairing:
    """Which element of the left operand meets which element of the right one, for every output.

    `left` and `right` are integer tables of shape (n_outputs, n_terms) that hold flat indices into the two operands;
    -1 in `left` is a term that falls on the zero padding. `places` is `left` with every padding cell numbered from the
    operand's size on, so that a picture can tell one padding cell from another; `left_grid` and `right_grid` are the
    operands as they are drawn: with their padding, and turned where the operation turns the kernel.

    `operation` is its name in pictures and sentences. `term_shape` is the form in which one output's terms are read:
    () for a single product, (k,) along a row, (kh, kw) or (C/groups, kh, kw) over a window. `window` says where the
    window stands, or is None where there is none. `flipped` says whether the kernel is turned by 180°. `bias_index`
    (n_outputs,) says which bias each output takes, or is None for an operation that takes none.

    A table may be shared and drawn more than once, so all arrays are made read-only.
    """

    operation: str
    left_shape: tuple[int, ...]
    right_shape: tuple[int, ...]
    output_shape: tuple[int, ...]
    term_shape: tuple[int, ...]
    places: np.ndarray = field(repr=False)
    right: np.ndarray = field(repr=False)
    left_grid: np.ndarray = field(repr=False)
    right_grid: np.ndarray = field(repr=False)
    window: Window | None = None
    flipped: bool = False
    bias_index: np.ndarray | None = field(default=None, repr=False)

    def __post_init__(self):
        for array in (self.places, self.right, self.left_grid, self.right_grid, self.bias_index):
            if array is not None:
                array.flags.writeable = False

    @property
    def left(self):
        """The table of left indices, (n_outputs, n_terms), with -1 on the padding."""
        return np.where(self.places < math.prod(self.left_shape), self.places, -1)

    def meetings(self):
        """Return (outputs, terms, inputs), one entry for each term that meets an input and not the padding.

        >>> [indices.tolist() for indices in cross_correlation((1, 2), (1, 2), padding=((0, 0), (1, 0))).meetings()]
        [[0, 1, 1], [1, 0, 1], [0, 0, 1]]
        """
        left = self.left
        outputs, terms = np.nonzero(left >= 0)
        return outputs, terms, left[outputs, terms]

    @property
    def n_outputs(self):
        """Sums that are taken, one for each output."""
        return self.places.shape[0]

    @property
    def n_terms(self):
        """Products that are added for one output."""
        return self.places.shape[1]

    @property
    def n_padding(self):
        """Padding cells around the left operand."""
        return self.left_grid.size - math.prod(self.left_shape)


def elementwise(shape):
    """Same place with same place, one product an output: `A * B`, the Hadamard product.

        out[i, j] = A[i, j] · B[i, j]

    `shape` is the shape of both arrays and of the output, 1-D or 2-D. There is no kernel, so nothing is turned.

    Raises `TypeError` for a shape that is no tuple of whole numbers, `ValueError` for one with another number of axes,
    with a size below 1, or too large to look at.

    Source: Goodfellow, Bengio, Courville, "Deep Learning" (2016), section 2.2.

    >>> pairing = elementwise((2, 2))
    >>> pairing.left.tolist(), pairing.right.tolist()
    ([[0], [1], [2], [3]], [[0], [1], [2], [3]])
    """
    shape = _shape(shape, "shape", (1, 2))
    ids = _ids(shape)
    pairs = ids.reshape(-1, 1)
    return Pairing("element-wise product", shape, shape, shape, (), pairs, pairs, ids, ids)


def sum_of_products(shape):
    """Same place with same place, all products added: the dot product of the flattened arrays.

        out = Σ_i Σ_j A[i, j] · B[i, j]

    `shape` is the shape of both arrays, 1-D or 2-D; the one output has the shape (1, 1). It is what a window and a
    kernel give at one place, the kernel **not** turned. For real arrays it is also called the Frobenius inner product.

    Raises as `elementwise` does.

    Source: the documentation of `numpy.vdot`, which flattens both arrays first.

    >>> sum_of_products((2, 2)).left.tolist()
    [[0, 1, 2, 3]]
    """
    shape = _shape(shape, "shape", (1, 2))
    ids = _ids(shape)
    pairs = ids.reshape(1, -1)
    return Pairing("sum of products", shape, shape, (1, 1), shape, pairs, pairs, ids, ids)


def matrix_product(left_shape, right_shape):
    """Row of the left matrix with column of the right one: `A @ B`, and `np.dot` of 2-D arrays.

        out[i, j] = Σ_k A[i, k] · B[k, j]

    Shapes (m, k) and (k, n) give (m, n). Nothing is turned.

    Raises `TypeError` for shapes that are no tuples of whole numbers; `ValueError` for shapes that are not 2-D, have a
    size below 1 or do not fit together, and for a table too large to look at.

    Source: Goodfellow, Bengio, Courville, "Deep Learning" (2016), section 2.2.

    >>> pairing = matrix_product((2, 2), (2, 2))
    >>> pairing.left.tolist(), pairing.right.tolist()
    ([[0, 1], [0, 1], [2, 3], [2, 3]], [[0, 2], [1, 3], [0, 2], [1, 3]])
    """
    left_shape = _shape(left_shape, "left shape", (2,))
    right_shape = _shape(right_shape, "right shape", (2,))
    (rows, inner), (right_rows, columns) = left_shape, right_shape
    if inner != right_rows:
        raise ValueError(
            "the columns of the left matrix must equal the rows of the right one; "
            f"received {left_shape} and {right_shape}"
        )
    _check_number_of_pairs(rows * columns, inner)
    left, right = _ids(left_shape), _ids(right_shape)
    places = np.repeat(left, columns, axis=0)
    others = np.tile(right.T, (rows, 1))
    return Pairing("matrix product", left_shape, right_shape, (rows, columns), (inner,), places, others, left, right)


def cross_correlation(input_shape, kernel_shape, *, stride=1, padding=0, dilation=1):
    """Window with kernel, place by place: what deep learning calls convolution. The kernel is **not** turned.

        out[i, j] = Σ_u Σ_v x[i·stride + u·dilation, j·stride + v·dilation] · k[u, v]

    Input (H, W) and kernel (kh, kw) give (oh, ow); see `arithmetic.output_size`. x is counted from its padded corner.

    Raises as `geometry.place_window` does; `TypeError` for shapes that are no tuples of whole numbers; `ValueError` for
    shapes that are not 2-D, and for a table too large to look at.

    Source: Goodfellow, Bengio, Courville, "Deep Learning" (2016), section 9.1; `scipy.signal.correlate2d`.

    >>> cross_correlation((3, 3), (2, 2)).left.tolist()
    [[0, 1, 3, 4], [1, 2, 4, 5], [3, 4, 6, 7], [4, 5, 7, 8]]
    """
    return _one_channel("cross-correlation", input_shape, kernel_shape, stride, padding, dilation, turned=False)


def convolution(input_shape, kernel_shape, *, stride=1, padding=0, dilation=1):
    """Window with the kernel **turned** by 180°: convolution as mathematics and `scipy.signal.convolve2d` have it.

        out[i, j] = Σ_u Σ_v x[i·stride + u·dilation, j·stride + v·dilation] · k[kh - 1 - u, kw - 1 - v]

    Input (H, W) and kernel (kh, kw) give (oh, ow), as for `cross_correlation`, but `padding="same"` puts the larger
    half before.

    Raises as `cross_correlation` does.

    Source: Goodfellow, Bengio, Courville, "Deep Learning" (2016), section 9.1; `scipy.signal.convolve2d`.

    >>> convolution((3, 3), (2, 2)).right[0].tolist()
    [3, 2, 1, 0]
    """
    return _one_channel("convolution", input_shape, kernel_shape, stride, padding, dilation, turned=True)


def conv_layer(input_shape, weight_shape, *, stride=1, padding=0, dilation=1, groups=1):
    """Window through all channels with one filter: the convolution layer. The filters are **not** turned.

        out[k, i, j] = bias[k] + Σ_c Σ_u Σ_v x[c, i·stride + u·dilation, j·stride + v·dilation] · w[k, c, u, v]

    Input (C, H, W) and filters (K, C/groups, kh, kw) give (K, oh, ow). With groups, the K filters are shared out over
    `groups` equal parts of the channels, and a filter sees the channels of its own part only.

    Raises as `geometry.place_window` and `geometry.check_groups` do; `TypeError` for shapes that are no tuples of whole
    numbers; `ValueError` for a wrong number of axes, and for a table too large to look at.

    Source: Goodfellow, Bengio, Courville, "Deep Learning" (2016), section 9.5; `torch.nn.functional.conv2d`.

    >>> conv_layer((3, 4, 4), (2, 3, 3, 3)).places.shape
    (8, 27)
    """
    input_shape = _shape(input_shape, "input shape", (3,))
    weight_shape = _shape(weight_shape, "weight shape", (4,))
    (channels, *size), (filters, depth, *kernel_size) = input_shape, weight_shape
    groups = check_groups(groups, channels, filters, depth)
    window = place_window(tuple(size), tuple(kernel_size), stride=stride, padding=padding, dilation=dilation)
    n_stations, n_terms = math.prod(window.output_size), depth * math.prod(kernel_size)
    _check_number_of_pairs(filters * n_stations, n_terms)

    left_grid = _padded_ids(input_shape, window)
    parts = left_grid.reshape(groups, depth, *window.padded_size)
    places = np.stack([_gather_windows(part, window) for part in parts])
    places = np.repeat(places, filters // groups, axis=0).reshape(-1, n_terms)
    weights = np.repeat(_ids(weight_shape).reshape(filters, 1, n_terms), n_stations, axis=1).reshape(-1, n_terms)
    return Pairing(
        "1×1 convolution" if tuple(kernel_size) == (1, 1) else "convolution layer",
        input_shape,
        weight_shape,
        (filters, *window.output_size),
        (depth, *kernel_size),
        places,
        weights,
        left_grid,
        _ids(weight_shape),
        window=window,
        bias_index=np.repeat(np.arange(filters), n_stations),
    )


def one_by_one_convolution(input_shape, n_filters):
    """One pixel's depth with one filter: a dot product down the channels of every pixel.

        out[k, i, j] = bias[k] + Σ_c x[c, i, j] · w[k, c, 0, 0]

    Input (C, H, W) and filters (K, C, 1, 1) give (K, H, W), where K is `n_filters`. Turning a filter of one cell would
    change nothing.

    Raises `TypeError` for what is no whole number, `ValueError` for an input that is not 3-D, a size or number below 1,
    and a table too large to look at.

    Source: Lin, Chen, Yan, "Network In Network" (2014).

    >>> one_by_one_convolution((2, 2, 2), 1).left.tolist()
    [[0, 4], [1, 5], [2, 6], [3, 7]]
    """
    input_shape = _shape(input_shape, "input shape", (3,))
    n_filters = whole_number(n_filters, "n_filters", minimum=1)
    return conv_layer(input_shape, (n_filters, input_shape[0], 1, 1))


def fully_connected(n_inputs, n_outputs):
    """Every input with its own weight: the fully connected layer.

        out[o] = bias[o] + Σ_i x[i] · w[o, i]

    Input (n_inputs,) and weights (n_outputs, n_inputs) give (n_outputs,). There is no kernel, so nothing is turned.

    Raises `TypeError` for what is no whole number, `ValueError` for a number below 1 and a table too large to look at.

    Source: Buduma & Locascio, "Fundamentals of Deep Learning" (2017), page 8, without f; `torch.nn.functional.linear`.

    >>> fully_connected(2, 3).right.tolist()
    [[0, 1], [2, 3], [4, 5]]
    """
    n_inputs = whole_number(n_inputs, "n_inputs", minimum=1)
    n_outputs = whole_number(n_outputs, "n_outputs", minimum=1)
    _check_number_of_pairs(n_outputs, n_inputs)
    inputs, weights = _ids((n_inputs,)), _ids((n_outputs, n_inputs))
    places = np.tile(inputs, (n_outputs, 1))
    return Pairing(
        "fully connected layer",
        (n_inputs,),
        (n_outputs, n_inputs),
        (n_outputs,),
        (n_inputs,),
        places,
        weights,
        inputs,
        weights,
        bias_index=np.arange(n_outputs),
    )


def _one_channel(operation, input_shape, kernel_shape, stride, padding, dilation, *, turned):
    input_shape = _shape(input_shape, "input shape", (2,))
    kernel_shape = _shape(kernel_shape, "kernel shape", (2,))
    same_before = "larger" if turned else "smaller"
    window = place_window(
        input_shape, kernel_shape, stride=stride, padding=padding, dilation=dilation, same_before=same_before
    )
    n_outputs = math.prod(window.output_size)
    _check_number_of_pairs(n_outputs, math.prod(kernel_shape))

    left_grid = _padded_ids((1, *input_shape), window)
    kernel_grid = _ids(kernel_shape)[::-1, ::-1] if turned else _ids(kernel_shape)
    return Pairing(
        operation,
        input_shape,
        kernel_shape,
        window.output_size,
        kernel_shape,
        _gather_windows(left_grid, window),
        np.tile(kernel_grid.reshape(1, -1), (n_outputs, 1)),
        left_grid[0],
        kernel_grid,
        window=window,
        flipped=turned,
    )


def _gather_windows(grid, window):
    """For a grid of ids (C, H, W) with its padding: every window's ids, (oh*ow, C*kh*kw), channel, row, column."""
    windows = sliding_window_view(grid, window.extent, axis=(1, 2))
    (down, across), (row_gap, column_gap) = window.stride, window.dilation
    windows = windows[:, ::down, ::across, ::row_gap, ::column_gap]
    return windows.transpose(1, 2, 0, 3, 4).reshape(math.prod(window.output_size), -1)


def _padded_ids(shape, window):
    """Ids 0, 1, 2, … of a volume (C, H, W), with its padding cells numbered after the last of them."""
    n_cells = shape[0] * math.prod(window.padded_size)
    if n_cells > MAX_PAIRS:
        raise ValueError(_too_large(f"a padded input of {n_cells:,} cells", "cells"))
    ids = np.pad(_ids(shape), ((0, 0), *window.padding), constant_values=-1)
    padding = ids < 0
    ids[padding] = math.prod(shape) + np.arange(padding.sum())
    return ids


def check_size(shape, name):
    """Refuse an array too large to look at. Errors call it `name`."""
    if math.prod(shape) > MAX_PAIRS:
        raise ValueError(_too_large(f"{name} {shape}", "elements"))


def _ids(shape):
    return np.arange(math.prod(shape)).reshape(shape)


def _shape(value, name, ndim):
    """Return a shape as a tuple of whole numbers, if an array of it is small enough to look at."""
    shape = whole_shape(value, name, ndim)
    check_size(shape, name)
    return shape


def _check_number_of_pairs(n_outputs, n_terms):
    if n_outputs * n_terms > MAX_PAIRS:
        raise ValueError(_too_large(f"a table of {n_outputs:,} outputs × {n_terms:,} terms", "pairs"))


def _too_large(what, unit):
    advice = "too large to look at; convhelpers.arithmetic computes inputs of this size"
    return f"{what} is larger than {MAX_PAIRS:,} {unit}, {advice}"

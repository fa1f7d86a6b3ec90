"""With this module one can spread images out into columns, one column a window, and add columns back into images.

    X_col = im2col(x, (kh, kw))          # column j holds what the j-th window sees
    W_row @ X_col                        # every filter times every window: the convolution layer

Nothing is turned: `im2col` copies numbers, and what multiplies them decides whether the kernel is turned. The order of
rows and columns, here and in other libraries, stands in `conventions`, under "Order of flattening".
"""

import math

import numpy as np

from convhelpers.geometry import place_window, whole_pair
from convhelpers.operands import SILENT, check_integer_sums, real_array, type_to_add_in


def im2col(x, kernel_size, *, stride=1, padding=0, dilation=1):
    """Copy every window of an image into a column of its own: (C, H, W) → (C·kh·kw, L), L = oh·ow.

        X_col[(c·kh + u)·kw + v, i·ow + j] = x[c, i·stride + u·dilation, j·stride + v·dilation]

    x is counted from its padded corner. A batch (N, C, H, W) gives (N, C·kh·kw, L). Nothing is turned. A cell that
    several windows see is copied several times. Equals `torch.nn.functional.unfold`; with the filters (K, C, kh, kw)
    as rows, `weight.reshape(K, -1) @ im2col(x, (kh, kw))` is `arithmetic.conv2d` before it is folded to (K, oh, ow).

    Raises `ValueError` for a wrong number of axes (an image (H, W) is `x[None]` with one channel), an empty array, a
    kernel that does not fit, and a stride, padding or dilation out of range; `TypeError` for what is not real numbers,
    or not whole ones where these are wanted; `MemoryError` for more padding than the memory holds.

    Source: CS231n notes on convolutional networks, "Implementation as Matrix Multiplication"; the order of rows and
    columns is that of `torch.nn.Unfold`.

    >>> x = np.arange(9).reshape(1, 3, 3)  # rows 0 1 2, 3 4 5, 6 7 8; its first window holds 0 1 3 4
    >>> im2col(x, (2, 2))
    array([[0, 1, 3, 4],
           [1, 2, 4, 5],
           [3, 4, 6, 7],
           [4, 5, 7, 8]])
    """
    x = real_array(x, "x", ndim=(3, 4), axes=("(C, H, W)", "(N, C, H, W)"))
    window = place_window(x.shape[-2:], kernel_size, stride=stride, padding=padding, dilation=dilation)
    patches = view_patches(x, window, x.dtype).copy()
    n_rows = x.shape[-3] * math.prod(window.kernel_size)
    return patches.reshape(*x.shape[:-3], n_rows, math.prod(window.output_size))


def col2im(columns, image_size, kernel_size, *, stride=1, padding=0, dilation=1):
    """Add every column back into the window that it belongs to: (C·kh·kw, L) → (C, H, W).

        out[c, p, q] = Σ columns[(c·kh + u)·kw + v, i·ow + j]
                       over all u, v, i, j with i·stride + u·dilation = p + top, j·stride + v·dilation = q + left

    `image_size` is (H, W), `top` and `left` are the padding before it. A batch (N, C·kh·kw, L) gives (N, C, H, W).
    Nothing is turned. Overlaps are **added**, so this is the adjoint of `im2col` and not its inverse:
    `col2im(im2col(x))` is x times the number of windows that see each cell. What fell on the padding is dropped.
    Equals `torch.nn.functional.fold`. The sum is the gradient that flows back to x through a convolution.

    Raises `ValueError` for a wrong number of axes, of rows or of columns, an empty array, a kernel that does not fit,
    a stride, padding or dilation out of range, and integers whose sums might not fit 64 bits; `TypeError` for what
    is not real numbers, or not whole ones where these are wanted; `MemoryError` for more padding than the memory holds.

    Source: the documentation of `torch.nn.Fold`, which sums overlapping values; the Caffe library calls it col2im.

    >>> col2im(np.ones((4, 4), int), (3, 3), (2, 2))  # the middle cell lies in all four windows
    array([[[1, 2, 1],
            [2, 4, 2],
            [1, 2, 1]]])
    """
    columns = real_array(columns, "columns", ndim=(2, 3), axes=("(C·kh·kw, L)", "(N, C·kh·kw, L)"))
    height, width = image_size = whole_pair(image_size, "image size", minimum=1)
    window = place_window(image_size, kernel_size, stride=stride, padding=padding, dilation=dilation)
    outer = (*columns.shape[:-2], _count_channels(columns.shape, window))
    check_integer_sums(columns, np.ones(1, int), n_terms=_most_windows_on_a_cell(window))

    padded = zeros((*outer, *window.padded_size), type_to_add_in(columns.dtype), window)
    patches = _windows_of(padded, window)
    columns = columns.reshape(patches.shape)
    with np.errstate(**SILENT):
        for u, v in np.ndindex(window.kernel_size):  # one cell of the kernel meets no cell of the image twice
            patches[..., u, v, :, :] += columns[..., u, v, :, :]
        (top, _), (left, _) = window.padding
        return np.ascontiguousarray(padded[..., top : top + height, left : left + width], columns.dtype)


def view_patches(images, window, dtype):
    """Return every window of zero-padded images (…, H, W) as a view (…, kh, kw, oh, ow); no window is copied.

        patches[..., u, v, i, j] = x[..., i·stride + u·dilation, j·stride + v·dilation]

    x is counted from its padded corner; nothing is turned. `patches[..., u, v, :, :]` are all the cells that the
    kernel's cell (u, v) meets on its way. The images come from `real_array` and the window from `place_window`; both
    are trusted. Read only: without padding the view may look at `images` themselves.

    >>> x = np.arange(9).reshape(3, 3)
    >>> view_patches(x, place_window((3, 3), (2, 2)), x.dtype)[0, 1]  # what the kernel's upper right cell meets
    array([[1, 2],
           [4, 5]])
    """
    if window.padded_size == window.input_size:
        return _windows_of(np.ascontiguousarray(images, dtype), window)
    (top, _), (left, _) = window.padding
    height, width = window.input_size
    padded = zeros(images.shape[:-2] + window.padded_size, dtype, window)
    padded[..., top : top + height, left : left + width] = images
    return _windows_of(padded, window)


def zeros(shape, dtype, window):
    """Return `np.zeros(shape, dtype)` for images under a window, or raise a `MemoryError` that names the padding.

    >>> zeros((2**40, 2**40), float, place_window((3, 3), (3, 3), padding=9))
    Traceback (most recent call last):
        ...
    MemoryError: images with padding ((9, 9), (9, 9)) need an array of shape (1099511627776, ...), more than ...
    """
    try:
        return np.zeros(shape, dtype)
    except (MemoryError, ValueError, OverflowError) as error:  # the last two where no index could reach all the cells
        need = f"need an array of shape {shape}, more than the memory holds"
        raise MemoryError(f"images with padding {window.padding} {need}") from error


def _windows_of(padded, window):
    """Return every window of contiguous images that have their padding already, as a view (…, kh, kw, oh, ow)."""
    # Does what as_strided does, and checks that no window reaches out of the buffer; 0 is the offset.
    shape, strides = padded.shape[:-2] + window.dense_shape, padded.strides + padded.strides[-2:]
    everywhere = np.ndarray(shape, padded.dtype, padded, 0, strides)
    if window.is_dense:
        return everywhere
    (down, across), (row_gap, column_gap) = window.stride, window.dilation
    return everywhere[..., ::row_gap, ::column_gap, ::down, ::across]


def _count_channels(shape, window):
    """Return C of columns (…, C·kh·kw, L), if rows and columns fit the window."""
    *_, n_rows, n_columns = shape
    n_cells, n_places = math.prod(window.kernel_size), math.prod(window.output_size)
    if n_rows % n_cells:
        raise ValueError(
            f"columns must have C·kh·kw rows, a multiple of {n_cells} for kernel {window.kernel_size}; "
            f"received {n_rows} rows in shape {shape}"
        )
    if n_columns != n_places:
        raise ValueError(
            f"columns must have {n_places} columns, one for each place of kernel {window.kernel_size} "
            f"on image {window.input_size}; received {n_columns} columns in shape {shape}"
        )
    return n_rows // n_cells


def _most_windows_on_a_cell(window):
    """Return how many windows see the cell of the padded image that most windows see.

    Along an axis, place i and kernel cell u meet the cell i·stride + u·dilation. The next two to meet there stand
    dilation/common places on and stride/common kernel cells back, where `common` is the greatest common divisor.
    """
    most = 1
    for kernel, places, stride, dilation in zip(
        window.kernel_size, window.output_size, window.stride, window.dilation, strict=True
    ):
        common = math.gcd(stride, dilation)
        most *= min(_divide_up(kernel, stride // common), _divide_up(places, dilation // common))
    return most


def _divide_up(number, step):
    return -(-number // step)

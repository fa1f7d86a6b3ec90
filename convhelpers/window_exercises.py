"""With this module one can do the exercises of lesson 2: how often a window fits, and what it sums where it stands."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from convhelpers import exercise
from convhelpers.arithmetic import convolve2d, correlate2d, output_size
from convhelpers.exercise import Exercise, with_fractions_cut_off
from convhelpers.geometry import place_window

# How many rows


def output_rows_right(n, m, p, s):
    """As many as the package's own layer has."""
    return output_size(n, m, padding=p, stride=s)


def output_rows_not_rounded(n, m, p, s):
    """You left a fraction. A window fits or it does not: round down."""
    return (n + 2 * p - m) / s + 1


def output_rows_rounded_up(n, m, p, s):
    """You rounded up. The last window would hang over the edge: round down."""
    return -((m - n - 2 * p) // s) + 1


def output_rows_rounded_to_the_nearest(n, m, p, s):
    """You rounded to the nearest whole number. A window that fits for the most part does not fit: round down."""
    return round((n + 2 * p - m) / s + 1)


def output_rows_padded_once(n, m, p, s):
    """You counted the padding once. There are `p` rows of zeros above the image, and `p` more below."""
    return (n + p - m) // s + 1


def output_rows_without_padding(n, m, p, s):
    """You left out the padding. The window slides over the zeros, too."""
    return (n - m) // s + 1


def output_rows_divided_by_stride_plus_one(n, m, p, s):
    """You divided by `s + 1`. The window moves on by `s` rows each time, so divide by `s`."""
    return (n + 2 * p - m) // (s + 1) + 1


def output_rows_divided_by_stride_plus_one_and_not_rounded(n, m, p, s):
    """You divided by `s + 1`, and left a fraction. The window moves on by `s` rows each time. Then round down."""
    return (n + 2 * p - m) / (s + 1) + 1


def output_rows_of_all_cells(n, m, p, s):
    """You took the number of all cells, `n * n`. The window moves down along one side: take `n`."""
    return (n * n + 2 * p - m) // s + 1


def output_rows_without_stride(n, m, p, s):
    """You left out the stride. So many windows fit if the window moves on by one row each time."""
    return n + 2 * p - m + 1


def output_rows_with_stride_twice(n, m, p, s):
    """You applied the stride twice. Divide by it once."""
    return (n + 2 * p - m) // s**2 + 1


def output_rows_without_the_first(n, m, p, s):
    """You counted how often the window moves. It also counts where it stands before its first move: add 1."""
    return (n + 2 * p - m) // s


def output_rows_plus_one_too_early(n, m, p, s):
    """You added the 1 before you divided. Divide first: the 1 is a whole window, the first one."""
    return (n + 2 * p - m + 1) // s


def output_rows_without_brackets(n, m, p, s):
    """Only `m` was divided, since Python divides before it subtracts. Put brackets around what is divided."""
    return n + 2 * p - m // s + 1


def output_rows_without_kernel(n, m, p, s):
    """You left out the kernel. The window has `m` rows, so it cannot begin on the last ones."""
    return (n + 2 * p) // s


output_rows = Exercise(
    "How many rows",
    task="Write `output_rows(n, m, p, s)`: how many rows the output has, for an image of `n` rows, a kernel of `m` "
    "rows, padding `p` and stride `s`. All four are whole numbers, and so is the result.",
    right=output_rows_right,
    mistakes=[
        output_rows_not_rounded,
        output_rows_rounded_up,
        output_rows_rounded_to_the_nearest,
        output_rows_padded_once,
        output_rows_without_padding,
        output_rows_divided_by_stride_plus_one,
        output_rows_divided_by_stride_plus_one_and_not_rounded,
        output_rows_of_all_cells,
        output_rows_without_stride,
        output_rows_with_stride_twice,
        output_rows_without_the_first,
        output_rows_plus_one_too_early,
        output_rows_without_brackets,
        output_rows_without_kernel,
    ],
    cases=[
        (6, 4, 0, 1),
        (9, 3, 0, 2),
        (8, 3, 0, 2),
        (6, 3, 1, 3),
        (6, 2, 1, 3),
        (7, 2, 1, 3),
        (4, 7, 3, 2),
        (10, 4, 3, 5),
        (227, 11, 0, 4),
    ],
    hint="How many rows are there with the zeros? How far down can the window move on them? How many moves is that?",
    solution="""
def output_rows(n, m, p, s):
    way = n + 2 * p - m  # so far down can the window move
    return way // s + 1  # whole moves only, and the place where it began
""",
    because="Whole moves only: what the stride leaves over does not count.",
)


# Slide the window

IMAGES = (
    np.array([[2, 7, 1, 8], [3, 5, 9, 4], [6, 1, 4, 7]]),
    np.array([[4, 1, 7, 2, 9], [8, 3, 5, 6, 1], [2, 9, 4, 1, 7], [5, 6, 2, 8, 3]]),
    np.array([[7, 2, 5, 1], [3, 8, 6, 4], [9, 1, 2, 7], [5, 4, 8, 3], [1, 6, 3, 9]]),
    np.array(
        [
            [3, 8, 1, 5, 9, 2, 6],
            [7, 4, 6, 2, 1, 8, 3],
            [1, 9, 5, 7, 4, 3, 8],
            [6, 2, 3, 8, 5, 9, 1],
            [4, 7, 9, 1, 6, 2, 5],
        ]
    ),
)
KERNELS = (
    np.array([[1, 2], [3, -1]]),
    np.array([[2, 1, -3], [-4, 1, 2]]),
    np.array([[1, 3], [-2, 2], [4, 1]]),
    np.array([[1, 2, -1], [3, 1, 2], [-2, 1, 4]]),
)
# The only odd number meets the half only if the right pairs meet. So with other pairs, an output of whole numbers loses
# nothing, and the mistake is still told by its name.
WITH_A_HALF = np.array([[2, 8, 4, 7], [6, 2, 8, 4], [4, 6, 2, 8]]), np.array([[2, 0.5], [-1, 3]])


def correlate_right(x, kernel):
    """Lesson 2's sum, at every place."""
    return correlate2d(x, kernel)


def correlate_turned(x, kernel):
    """You turned the kernel by 180°. So does `convolve2d`. Here it is laid on as it is."""
    return convolve2d(x, kernel)


def correlate_swapped(x, kernel):
    """These are the right numbers, turned by 180°. That happens if `correlate2d` gets the kernel first."""
    return correlate2d(x, kernel)[::-1, ::-1]


def correlate_transposed_kernel(x, kernel):
    """You exchanged the rows and the columns of the kernel. `kernel[u, v]` lies on `x[i + u, j + v]`."""
    if kernel.shape[0] != kernel.shape[1]:
        raise ValueError("the transposed kernel has another shape than the window")
    return correlate2d(x, kernel.T)


def correlate_transposed_result(x, kernel):
    """You exchanged the rows and the columns of the result. Moving down gives the next row, moving right the next
    column."""
    return correlate2d(x, kernel).T


def correlate_by_matrix_product(x, kernel):
    """You added the entries of `window @ kernel`. That is the matrix product, where other pairs meet. Use `*`."""
    return (sliding_window_view(x, kernel.shape) @ kernel).sum(axis=(2, 3))


def correlate_not_added(x, kernel):
    """You kept all the products. Add those of each window up to one number."""
    return sliding_window_view(x, kernel.shape) * kernel


def correlate_last_product(x, kernel):
    """Only the last product of each window is left. Add each to those before it: `+=` instead of `=`."""
    rows, columns = kernel.shape
    return x[rows - 1 :, columns - 1 :] * kernel[-1, -1]


def correlate_never_back_to_zero(x, kernel):
    """Your total goes on from one place to the next. Set it back to 0 for each place."""
    sums = correlate2d(x, kernel)
    return np.cumsum(sums).reshape(sums.shape)


def correlate_first_place_alone(x, kernel):
    """Only the first place is done, the others are still 0. Does `return` stand inside a loop?"""
    out = np.zeros_like(correlate2d(x, kernel))
    out[0, 0] = correlate2d(x, kernel)[0, 0]
    return out


def correlate_flat(x, kernel):
    """Right numbers, all in one row. Give them the shape of the output: as many rows and columns as there are
    places."""
    return correlate2d(x, kernel).ravel()


def correlate_without_the_last_places(x, kernel):
    """The last row and the last column are missing. With n rows and a kernel of m, there are n − m + 1 places."""
    return correlate2d(x, kernel)[:-1, :-1]


def correlate_without_filling_the_last_places(x, kernel):
    """The last row and the last column are still 0. The window can stand there, too. `range` ends before its end."""
    out = correlate2d(x, kernel)
    out[-1], out[:, -1] = 0, 0
    return out


def correlate_on_a_larger_grid(x, kernel):
    """Right, as far as the window fits. But your output is as large as the image, and the rest of it is still 0."""
    out, sums = np.zeros(x.shape), correlate2d(x, kernel)
    out[: sums.shape[0], : sums.shape[1]] = sums
    return out


def correlate_in_zeros_like_the_image(x, kernel):
    """`zeros_like(x)` is like the image: too large, so the rest of it is still 0, and of whole numbers, so fractions
    are cut off. Use `zeros`, with the shape of the output."""
    return correlate_on_a_larger_grid(x, kernel).astype(x.dtype)


def correlate_same(x, kernel):
    """That is "same", with zeros around the image. Here the window stays inside."""
    return correlate2d(x, kernel, padding="same")


def correlate_full(x, kernel):
    """That is "full", with zeros around the image. (SciPy does this if you do not say mode="valid".)"""
    return correlate2d(x, kernel, padding="full")


def correlate_side_by_side(x, kernel):
    """Your window moves on by its own size. It moves by one cell, so the windows overlap."""
    return correlate2d(x, kernel, stride=kernel.shape)


def correlate_three_by_three(x, kernel):
    """These are the 3s of the lesson's example. Take the size of the kernel and of the output from the arguments."""
    return np.array([[(x[i : i + 3, j : j + 3] * kernel).sum() for j in range(3)] for i in range(3)])


def correlate_array_in_a_cell(x, kernel):
    """A cell of the output holds one number, and you gave it an array. With `*`, you forgot to add the products. With
    `@` or `np.dot`, you made a matrix product: take `*`, and add."""
    rows, columns = kernel.shape
    out = np.zeros(correlate2d(x, kernel).shape)
    for i, j in np.ndindex(out.shape):
        out[i, j] = x[i : i + rows, j : j + columns] * kernel
    return out


correlate_truncated = with_fractions_cut_off(correlate_right)


correlate = Exercise(
    "Slide the window",
    task="Write `correlate(x, kernel)`: the cross-correlation of an image of shape (H, W) with a kernel of any shape "
    "(kh, kw), without padding, with stride 1. Write the loops yourself.",
    right=correlate_right,
    mistakes=[
        correlate_turned,
        correlate_swapped,
        correlate_transposed_kernel,
        correlate_transposed_result,
        correlate_by_matrix_product,
        correlate_not_added,
        correlate_array_in_a_cell,
        correlate_last_product,
        correlate_never_back_to_zero,
        correlate_first_place_alone,
        correlate_flat,
        correlate_without_the_last_places,
        correlate_without_filling_the_last_places,
        correlate_in_zeros_like_the_image,
        correlate_on_a_larger_grid,
        correlate_same,
        correlate_full,
        correlate_side_by_side,
        correlate_three_by_three,
        correlate_truncated,
    ],
    cases=[*zip(IMAGES, KERNELS, strict=True), WITH_A_HALF],
    hint="Begin with `kh, kw = kernel.shape`. How many rows and columns has the output? Which slice of `x` is the "
    "window of the output (i, j)?",
    solution="""
def correlate(x, kernel):
    kh, kw = kernel.shape
    out = np.zeros((x.shape[0] - kh + 1, x.shape[1] - kw + 1))
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            window = x[i : i + kh, j : j + kw]
            out[i, j] = (window * kernel).sum()
    return out
""",
    because="At each place one window, and one sum of products. The kernel is not turned.",
)


# With a stride


def correlate_with_stride_right(x, kernel, stride):
    """Lesson 2's sum, at every s-th place."""
    return correlate2d(x, kernel, stride=stride)


def correlate_with_stride_forgotten(x, kernel, stride):
    """You forgot the stride: your window moves on by one cell."""
    return correlate2d(x, kernel)


def correlate_with_stride_in_the_size_alone(x, kernel, stride):
    """The size is right, but your windows lie too close together. You forgot the stride in the slice: the window of
    the output (i, j) begins at row `i * stride`."""
    rows, columns = correlate2d(x, kernel, stride=stride).shape
    return correlate2d(x, kernel)[:rows, :columns]


def correlate_with_stride_in_the_slice_alone(x, kernel, stride):
    """Your windows run off the image. You forgot the stride in the size: fewer places are left, as in exercise 1."""
    out = np.zeros(correlate2d(x, kernel).shape)
    for i, j in np.ndindex(out.shape):
        top, left = i * stride, j * stride
        out[i, j] = (x[top : top + kernel.shape[0], left : left + kernel.shape[1]] * kernel).sum()
    return out


def correlate_with_stride_at_the_window_s_place(x, kernel, stride):
    """`i` is where the window begins, and so is `j`. Its output is in row `i // stride`, column `j // stride`."""
    sums = correlate2d(x, kernel)
    out = np.zeros(correlate2d(x, kernel, stride=stride).shape)
    for i in range(0, sums.shape[0], stride):
        for j in range(0, sums.shape[1], stride):
            out[i, j] = sums[i, j]
    return out


def correlate_with_stride_twice(x, kernel, stride):
    """You applied the stride twice: once when the window moved, and once more on the result."""
    return correlate2d(x, kernel, stride=stride)[::stride, ::stride]


def correlate_with_stride_on_the_image(x, kernel, stride):
    """You skipped rows and columns of the image. The stride skips places of the window. Inside it, no cell is left
    out."""
    return correlate2d(x[::stride, ::stride], kernel)


def correlate_with_stride_down_alone(x, kernel, stride):
    """You skipped rows, but no columns. The window jumps to the right as it jumps down."""
    return correlate2d(x, kernel, stride=(stride, 1))


def correlate_with_stride_plus_one(x, kernel, stride):
    """Your window moves on by one cell too many. Stride 2 means: move by 2, not skip 2."""
    return correlate2d(x, kernel, stride=stride + 1)


def correlate_with_stride_inside_the_window(x, kernel, stride):
    """You left out cells inside the window. That is dilation. The stride says where the window begins."""
    rows, columns = correlate2d(x, kernel, stride=stride).shape
    windows = _windows(x, rows, columns, stride, [size * stride for size in kernel.shape])
    return np.array([(window[::stride, ::stride] * kernel).sum() for window in windows]).reshape(rows, columns)


def correlate_with_stride_with_gaps(x, kernel, stride):
    """You left the skipped places in the output, as zeros. They take no room there: the next sum stands next to it."""
    out = np.zeros_like(correlate2d(x, kernel))
    out[::stride, ::stride] = correlate2d(x, kernel, stride=stride)
    return out


def correlate_with_stride_rounded_up(x, kernel, stride):
    """You rounded the size up: a last window hangs over the edge. What the stride leaves over is dropped."""
    rows, columns = (-((m - n) // stride) + 1 for n, m in zip(x.shape, kernel.shape, strict=True))
    windows = _windows(x, rows, columns, stride, kernel.shape)
    return np.array([(window * kernel).sum() for window in windows]).reshape(rows, columns)


def _windows(x, rows, columns, stride, size):
    """What slices find at each place. NumPy cuts them off at the edge; what is left may be too small to multiply."""
    places = [(i * stride, j * stride) for i, j in np.ndindex(rows, columns)]
    return [x[top : top + size[0], left : left + size[1]] for top, left in places]


def correlate_with_stride_without_the_last_places(x, kernel, stride):
    """The last row and the last column are missing. Divide, round down, and then add 1."""
    return correlate2d(x, kernel, stride=stride)[:-1, :-1]


def correlate_with_stride_turned(x, kernel, stride):
    """You turned the kernel by 180°, as `convolve2d` does. Lay it on as it is."""
    return convolve2d(x, kernel, stride=stride)


def correlate_with_stride_transposed_result(x, kernel, stride):
    """You exchanged the rows and the columns of the result."""
    return correlate2d(x, kernel, stride=stride).T


correlate_with_stride_truncated = with_fractions_cut_off(correlate_with_stride_right)


correlate_with_stride = Exercise(
    "Let the window jump",
    task="Write `correlate_with_stride(x, kernel, stride)`: as in exercise 2, but the window moves on by `stride` "
    "cells, down and to the right. `stride` is a whole number. What does not fit at the end is left over.",
    right=correlate_with_stride_right,
    mistakes=[
        correlate_with_stride_forgotten,
        correlate_with_stride_in_the_size_alone,
        correlate_with_stride_in_the_slice_alone,
        correlate_with_stride_at_the_window_s_place,
        correlate_with_stride_twice,
        correlate_with_stride_on_the_image,
        correlate_with_stride_down_alone,
        correlate_with_stride_plus_one,
        correlate_with_stride_inside_the_window,
        correlate_with_stride_with_gaps,
        correlate_with_stride_rounded_up,
        correlate_with_stride_without_the_last_places,
        correlate_with_stride_turned,
        correlate_with_stride_transposed_result,
        correlate_with_stride_truncated,
    ],
    cases=[
        (IMAGES[0], KERNELS[0], 1),
        (IMAGES[1], KERNELS[0], 2),
        (IMAGES[3].T, KERNELS[2], 2),
        (IMAGES[3], KERNELS[1], 3),
        (*WITH_A_HALF, 1),
    ],
    hint="Where does the window of the output (i, j) begin? Exercise 1 says how many places there are.",
    solution="""
def correlate_with_stride(x, kernel, stride):
    kh, kw = kernel.shape
    down, across = x.shape[0] - kh, x.shape[1] - kw
    out = np.zeros((down // stride + 1, across // stride + 1))
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            top, left = i * stride, j * stride
            window = x[top : top + kh, left : left + kw]
            out[i, j] = (window * kernel).sum()
    return out  # in short, with exercise 2: correlate(x, kernel)[::stride, ::stride]
""",
    because="The stride stands where the window begins, and in the size. Each time once.",
)


# Zeros for "same"


def pad_same_right(x, kernel_size):
    """As much as the package's own layer puts there."""
    return np.pad(x, place_window(x.shape, kernel_size, padding="same").padding)


def pad_same_symmetric_and_large(x, kernel_size):
    """You put as many zeros before as after. With an even kernel, that is one too many, and the output grows."""
    rows, columns = kernel_size
    return np.pad(x, ((rows // 2, rows // 2), (columns // 2, columns // 2)))


def pad_same_symmetric_and_small(x, kernel_size):
    """You put as many zeros before as after. With an even kernel, that is one too few, and the output shrinks."""
    rows, columns = kernel_size
    return np.pad(x, (((rows - 1) // 2,) * 2, ((columns - 1) // 2,) * 2))


def pad_same_other_camp(x, kernel_size):
    """You belong to the other camp. With an even kernel, `convolve2d` has more zeros above and to the left,
    `correlate2d` below and to the right."""
    return np.pad(x, place_window(x.shape, kernel_size, padding="same", same_before="larger").padding)


def pad_same_full(x, kernel_size):
    """You put all the zeros on each side: that is "full". `kh - 1` rows are needed in total, above and below
    together."""
    return np.pad(x, place_window(x.shape, kernel_size, padding="full").padding)


def pad_same_by_the_kernel(x, kernel_size):
    """You put as many zeros on each side as the kernel is long. To keep the size, one less is enough, above and
    below together."""
    rows, columns = kernel_size
    return np.pad(x, ((rows, rows), (columns, columns)))


def pad_same_all_after(x, kernel_size):
    """The size is right, but all your zeros are below and to the right. Half of them belong above and to the left."""
    rows, columns = kernel_size
    return np.pad(x, ((0, rows - 1), (0, columns - 1)))


def pad_same_all_before(x, kernel_size):
    """The size is right, but all your zeros are above and to the left. Half of them belong below and to the right."""
    rows, columns = kernel_size
    return np.pad(x, ((rows - 1, 0), (columns - 1, 0)))


def pad_same_before_alone(x, kernel_size):
    """You put zeros above and to the left, and none below and to the right. Padding 1 means one on each side."""
    rows, columns = kernel_size
    return np.pad(x, (((rows - 1) // 2, 0), ((columns - 1) // 2, 0)))


def pad_same_swapped(x, kernel_size):
    """You exchanged rows and columns. The rows of the kernel say how many rows of zeros there are."""
    return pad_same_right(x, kernel_size[::-1])


def pad_same_rows_for_both(x, kernel_size):
    """You put as many zeros at the sides as above and below. The kernel may have more columns than rows, or fewer."""
    return pad_same_right(x, (kernel_size[0], kernel_size[0]))


def pad_same_on_all_sides_alike(x, kernel_size):
    """You put the same number of zeros on all four sides. Rows and columns need their own, and an even kernel needs
    one less before than after."""
    return np.pad(x, kernel_size[0] // 2)


def pad_same_by_one(x, kernel_size):
    """You put one row of zeros on every side, whatever the kernel. How many are needed, its size says."""
    return np.pad(x, 1)


def pad_same_by_a_pair(x, kernel_size):
    """`np.pad` reads a pair as (before, after), and does so for rows and for columns. Write ((above, below), (left,
    right))."""
    rows, columns = kernel_size
    return np.pad(x, (rows // 2, columns // 2))


def pad_same_by_repeating(x, kernel_size):
    """You repeated the edge of the image. Put zeros there."""
    return np.pad(x, place_window(x.shape, kernel_size, padding="same").padding, mode="edge")


pad_same_truncated = with_fractions_cut_off(pad_same_right)


pad_same = Exercise(
    'Zeros for "same"',
    task="Write `pad_same(x, kernel_size)`: the image with zeros around it, so that the output is as large as the "
    "image was, with stride 1. `kernel_size` is a pair (kh, kw). If the zeros cannot be shared evenly, the larger half "
    "goes below and to the right, as PyTorch and `correlate2d` do.",
    right=pad_same_right,
    mistakes=[
        pad_same_symmetric_and_large,
        pad_same_symmetric_and_small,
        pad_same_other_camp,
        pad_same_full,
        pad_same_by_the_kernel,
        pad_same_all_after,
        pad_same_all_before,
        pad_same_before_alone,
        pad_same_swapped,
        pad_same_rows_for_both,
        pad_same_on_all_sides_alike,
        pad_same_by_one,
        pad_same_by_a_pair,
        pad_same_by_repeating,
        pad_same_truncated,
    ],
    cases=[
        (np.array([[4, 7, 2], [9, 1, 5]]), (3, 3)),
        (np.array([[4, 7, 2], [9, 1, 5]]), (2, 2)),
        (np.array([[3, 8], [6, 1], [2, 7]]), (2, 3)),
        (np.array([[3, 8], [6, 1], [2, 7]]), (1, 4)),
        (np.array([[5, 2, 9, 4], [1, 6, 3, 8]]), (5, 2)),
        (np.array([[4, 7.5, 2], [9, 1, 5.5]]), (3, 3)),
    ],
    hint="A kernel of kh rows costs kh − 1 rows of output. So many rows of zeros are needed in total. Which half goes "
    "above? `np.pad(x, ((1, 4), (0, 7)))` puts 1 row of zeros above and 4 below, 0 columns to the left and 7 to the "
    "right.",
    solution="""
def pad_same(x, kernel_size):
    kh, kw = kernel_size
    above, left = (kh - 1) // 2, (kw - 1) // 2
    below, right = kh - 1 - above, kw - 1 - left
    return np.pad(x, ((above, below), (left, right)))
""",
    because="`kh - 1` rows and `kw - 1` columns of zeros in total, the smaller half first.",
)


# Which kernel can tell

LONE_CELL = np.array([[1]])


def can_tell_right(kernel):
    """On a single 1, with full padding, the output shows how the kernel was laid on."""
    correlated = correlate2d(LONE_CELL, kernel, padding="full")
    return not np.array_equal(correlated, convolve2d(LONE_CELL, kernel, padding="full"))


def can_tell_always(kernel):
    """Not every kernel can tell. With one that looks the same after half a turn, both give the same."""
    return True


def can_tell_by_transpose(kernel):
    """You compared the kernel with its transpose. Convolution turns it by 180°, and that is something else."""
    return not np.array_equal(kernel, kernel.T)


def can_tell_upside_down(kernel):
    """You compared the kernel with itself upside down. Half a turn also exchanges left and right."""
    return not np.array_equal(kernel, kernel[::-1])


def can_tell_left_and_right(kernel):
    """You exchanged left and right only. Half a turn also exchanges top and bottom."""
    return not np.array_equal(kernel, kernel[:, ::-1])


def can_tell_by_both_mirrors(kernel):
    """You looked at top and bottom, and at left and right, each alone. A kernel may change both times, and still look
    the same if you do both at once."""
    return can_tell_upside_down(kernel) or can_tell_left_and_right(kernel)


def can_tell_by_a_quarter_turn(kernel):
    """You turned the kernel by 90°. Convolution turns it by 180°."""
    return not np.array_equal(kernel, np.rot90(kernel))


def can_tell_if_all_change(kernel):
    """You asked whether all weights change. A single one is enough, and the middle of an odd kernel never does."""
    return bool((kernel != kernel[::-1, ::-1]).all())


def can_tell_by_if(kernel):
    """`==` and `!=` compare weight by weight, and `if` cannot decide on so many answers. `np.array_equal` gives
    one."""
    return bool(kernel != kernel[::-1, ::-1])


def can_tell_reversed(kernel):
    """It is the other way round. If nothing changes when the kernel is turned, a test with it cannot tell."""
    return not can_tell_right(kernel)


can_tell = Exercise(
    "Which kernel can tell",
    task="You want to know whether a library computes cross-correlation or convolution. Write `can_tell(kernel)`: True "
    "if a test with this kernel can show it, False if both give the same with it, on every image.",
    right=can_tell_right,
    mistakes=[
        can_tell_always,
        can_tell_by_transpose,
        can_tell_upside_down,
        can_tell_left_and_right,
        can_tell_by_both_mirrors,
        can_tell_by_a_quarter_turn,
        can_tell_if_all_change,
        can_tell_by_if,
        can_tell_reversed,
    ],
    cases=[
        (np.array([[1, 2, 1]]),),
        (np.array([[1], [2], [3]]),),
        (np.array([[1, 2], [2, 3]]),),
        (np.array([[1, 2], [2, 1]]),),
        (np.array([[3, 5], [3, 5]]),),
        (np.array([[3, 3], [5, 5]]),),
        (np.array([[1, 2, 3], [3, 2, 1]]),),
        (np.array([[1, 2, 3], [1, 2, 3]]),),
        (np.array([[4, 2, 4], [2, 6, 2]]),),  # the sums of its rows and of its columns do not change
        (np.array([[1, 0, 1], [0, 1, 0], [1, 0, 1]]),),
        (np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]),),
        (np.array([[1, 2, 3], [4, 5, 4], [3, 2, 7]]),),
        (np.array([[1, 2, 2, 1], [3, 4, 5, 3], [1, 2, 2, 1]]),),  # only the middle changes
    ],
    hint="What does convolution do to the kernel before it lays it on? When does that change nothing?",
    solution="""
def can_tell(kernel):
    turned = kernel[::-1, ::-1]
    return not np.array_equal(kernel, turned)
""",
    because="Only the half turn counts: whether the kernel looks different after it.",
)


EXERCISES = (output_rows, correlate, correlate_with_stride, pad_same, can_tell)


def progress():
    """Say which exercises of this lesson are right in this kernel."""
    return exercise.progress(EXERCISES)

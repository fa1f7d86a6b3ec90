"""With this module one can do the exercises of lesson 4: windows as columns, one matrix product, and the way back."""

import math

import numpy as np

from convhelpers import exercise
from convhelpers.arithmetic import conv2d, output_size
from convhelpers.exercise import Exercise, with_fractions_cut_off
from convhelpers.im2col import col2im, im2col

# The shape of X_col

INPUT_SHAPE, FILTERS_SHAPE, STRIDE = (3, 9, 13), (8, 3, 2, 5), 2


def columns_shape_right():
    """As many rows as a window has numbers, as many columns as it finds places."""
    return im2col(np.zeros(INPUT_SHAPE), FILTERS_SHAPE[2:], stride=STRIDE).shape


def columns_shape_transposed():
    """You wrote the windows as rows. In `X_col` each window is a column."""
    return columns_shape_right()[::-1]


def columns_shape_of_one_channel():
    """You counted the window in one channel. It goes through all of them."""
    return im2col(np.zeros(INPUT_SHAPE)[:1], FILTERS_SHAPE[2:], stride=STRIDE).shape


def columns_shape_channels_apart():
    """You gave each channel columns of its own. One column goes through all channels."""
    n_rows, n_columns = columns_shape_of_one_channel()
    return n_rows, INPUT_SHAPE[0] * n_columns


def columns_shape_channels_twice():
    """You counted the channels twice. They make each column longer. They do not make more columns."""
    n_rows, n_columns = columns_shape_right()
    return n_rows, INPUT_SHAPE[0] * n_columns


def columns_shape_without_stride():
    """You forgot the stride. The window moves on by two pixels, so it finds fewer places."""
    return im2col(np.zeros(INPUT_SHAPE), FILTERS_SHAPE[2:]).shape


def columns_shape_with_window(kernel_size):
    """As many numbers as the right window has, at the places of another one."""
    return columns_shape_right()[0], im2col(np.zeros(INPUT_SHAPE), kernel_size, stride=STRIDE).shape[1]


def columns_shape_channels_last():
    """You took the last number of the filters' shape for the channels, as TensorFlow has them. Here they come first."""
    return columns_shape_with_window(FILTERS_SHAPE[1:3])


def columns_shape_size_swapped():
    """You swapped the rows and columns of the window. The shape of a filter is (channels, rows, columns)."""
    return columns_shape_with_window(FILTERS_SHAPE[:1:-1])


def columns_shape_rounded_up():
    """You rounded up. A window that would reach beyond the image has no place, so round down."""
    rows, columns = (
        math.ceil((size - kernel) / STRIDE) + 1 for size, kernel in zip(INPUT_SHAPE[1:], FILTERS_SHAPE[2:], strict=True)
    )
    return columns_shape_right()[0], rows * columns


def columns_shape_without_first_place():
    """You counted how often the window moves. It also stands somewhere before it moves: add 1 in each direction."""
    rows, columns = (
        output_size(size, kernel, stride=STRIDE) - 1
        for size, kernel in zip(INPUT_SHAPE[1:], FILTERS_SHAPE[2:], strict=True)
    )
    return columns_shape_right()[0], rows * columns


def columns_shape_for_each_filter():
    """You made the columns anew for each filter. A window is copied once, and every filter uses it."""
    n_rows, n_columns = columns_shape_right()
    return n_rows, FILTERS_SHAPE[0] * n_columns


def columns_shape_of_the_product():
    """That is the shape of the product. `X_col` is what the filters are multiplied with."""
    return FILTERS_SHAPE[0], columns_shape_right()[1]


def columns_shape_of_the_filters():
    """That is the shape of `W_row`: a row for each filter."""
    return FILTERS_SHAPE[0], columns_shape_right()[0]


columns_shape = Exercise(
    "The shape of X_col",
    task="A layer has 8 filters of shape (3, 2, 5) and stride 2. Its input has shape (3, 9, 13). What shape has "
    "`X_col`? Give a pair, such as (4, 6).",
    right=columns_shape_right,
    mistakes=[
        columns_shape_transposed,
        columns_shape_of_one_channel,
        columns_shape_channels_apart,
        columns_shape_channels_twice,
        columns_shape_without_stride,
        columns_shape_channels_last,
        columns_shape_size_swapped,
        columns_shape_rounded_up,
        columns_shape_without_first_place,
        columns_shape_for_each_filter,
        columns_shape_of_the_product,
        columns_shape_of_the_filters,
    ],
    hint="How many numbers does one window hold, through all channels? How many places does it find?",
    solution="""
# A window holds 3 · 2 · 5 numbers.
# It starts at rows 0, 2, 4, 6 and at columns 0, 2, 4, 6, 8: at 4 · 5 places.
columns_shape = (3 * 2 * 5, 4 * 5)
""",
    because="A window holds 3 · 2 · 5 numbers and finds 4 · 5 places. The last row of the input is left over, and "
    "the number of filters does not count.",
)


# im2col of one channel


def numbered_by_place(rows, columns):
    """An image whose numbers tell their place: 12 stands at row 1, column 2."""
    return 10 * np.arange(rows)[:, np.newaxis] + np.arange(columns)


def windows_of(x, kernel_size):
    """All windows as grids, (oh·ow, kh, kw)."""
    return im2col(x[np.newaxis], kernel_size).T.reshape(-1, *kernel_size)


def im2col_one_channel_right(x, kernel_size):
    """The windows from left to right, row by row of places, each read row by row."""
    return im2col(x[np.newaxis], kernel_size)


def im2col_one_channel_as_rows(x, kernel_size):
    """You wrote the windows as rows. Each window is a column of the result."""
    return im2col(x[np.newaxis], kernel_size).T


def im2col_one_channel_reshaped(x, kernel_size):
    """You wrote the windows as rows and called `reshape`. It only breaks the rows elsewhere. Transpose instead."""
    columns = im2col(x[np.newaxis], kernel_size)
    return columns.T.reshape(columns.shape)


def im2col_one_channel_like_matlab(x, kernel_size):
    """That is MATLAB's order: down the columns, in each window and from place to place. Go row by row in both."""
    return im2col(x.T[np.newaxis], kernel_size[::-1])


def im2col_one_channel_read_down(x, kernel_size):
    """You read each window down its columns, as MATLAB does. Read it row by row, as the filter will be read."""
    return np.stack([window.ravel(order="F") for window in windows_of(x, kernel_size)], axis=1)


def im2col_one_channel_moved_down(x, kernel_size):
    """You moved the window down first, as MATLAB does. Move it to the right first, then on to the next row."""
    places = np.arange(len(windows_of(x, kernel_size))).reshape(-1, x.shape[1] - kernel_size[1] + 1)
    return im2col(x[np.newaxis], kernel_size)[:, places.ravel(order="F")]


def im2col_one_channel_turned(x, kernel_size):
    """You wrote each window backwards, which turns it by 180°. Nothing is turned here, neither window nor kernel."""
    return im2col(x[np.newaxis], kernel_size)[::-1]


def im2col_one_channel_off_by_one(x, kernel_size):
    """You left out the last places. The window may stand at the very end: there are H - kh + 1 places down."""
    return im2col(x[np.newaxis, :-1, :-1], kernel_size)


def im2col_one_channel_in_blocks(x, kernel_size):
    """You cut the image into blocks that do not overlap. With stride 1 the window moves on by one pixel."""
    return im2col(x[np.newaxis], kernel_size, stride=kernel_size)


def im2col_one_channel_size_swapped(x, kernel_size):
    """You swapped the rows and columns of the window. The rows come first: `kh, kw = kernel_size`."""
    return im2col(x[np.newaxis], kernel_size[::-1])


def im2col_one_channel_as_grids(x, kernel_size):
    """You kept the windows as grids. Write each one down as a column."""
    return windows_of(x, kernel_size)


def windows_by_loops(x, places, kernel_size):
    """The lesson's first loops, for any numbers of places and any window."""
    (rows, columns), (kh, kw) = places, kernel_size
    return np.stack([x[i : i + kh, j : j + kw].ravel() for i in range(rows) for j in range(columns)], axis=1)


def im2col_one_channel_of_the_lesson(x, kernel_size):
    """You kept the lesson's numbers, 2 and 3 places and a window of 2 × 2. Take them from `x` and `kernel_size`."""
    return windows_by_loops(x, (2, 3), (2, 2))


def im2col_one_channel_lessons_places(x, kernel_size):
    """You kept the lesson's `range(2)` and `range(3)`. How many places there are depends on `x` and `kernel_size`."""
    return windows_by_loops(x, (2, 3), kernel_size)


def im2col_one_channel_lessons_window(x, kernel_size):
    """Your window has 2 × 2 numbers, as in the lesson. Its rows and columns are `kernel_size`."""
    places = [size - kernel + 1 for size, kernel in zip(x.shape, kernel_size, strict=True)]
    return windows_by_loops(x, places, (2, 2))


im2col_one_channel_truncated = with_fractions_cut_off(im2col_one_channel_right)


im2col_one_channel = Exercise(
    "im2col of one channel",
    task="Write `im2col_one_channel(x, kernel_size)` for one image of shape (H, W), with stride 1 and no padding. "
    "`kernel_size` is a pair (kh, kw), and the two may differ. The result has shape (kh·kw, oh·ow): a column for each "
    "window, in the order of the lesson.",
    right=im2col_one_channel_right,
    mistakes=[
        im2col_one_channel_as_rows,
        im2col_one_channel_reshaped,
        im2col_one_channel_like_matlab,
        im2col_one_channel_read_down,
        im2col_one_channel_moved_down,
        im2col_one_channel_turned,
        im2col_one_channel_off_by_one,
        im2col_one_channel_in_blocks,
        im2col_one_channel_size_swapped,
        im2col_one_channel_as_grids,
        im2col_one_channel_of_the_lesson,
        im2col_one_channel_lessons_places,
        im2col_one_channel_lessons_window,
        im2col_one_channel_truncated,
    ],
    cases=[
        (numbered_by_place(2, 3), (1, 2)),
        (numbered_by_place(3, 4), (2, 2)),
        (numbered_by_place(4, 5), (2, 3)),
        (numbered_by_place(5, 4), (3, 2)),
        (numbered_by_place(2, 3) + 0.5, (1, 2)),
    ],
    hint="Two loops over the places, as at the beginning of the lesson. How many places are there in each direction?",
    solution="""
def im2col_one_channel(x, kernel_size):
    height, width = x.shape
    kh, kw = kernel_size
    columns = []
    for i in range(height - kh + 1):
        for j in range(width - kw + 1):
            window = x[i : i + kh, j : j + kw]
            columns.append(window.ravel())
    return np.stack(columns, axis=1)
""",
    because="Row by row twice: from place to place, and in each window.",
)


# The layer by one matrix product


def layer_case(x_shape, n_filters, kernel_size, unit=1):
    """X_col of a small volume, filters for it in whole units, and the shape of a map."""
    x = np.arange(math.prod(x_shape)).reshape(x_shape) * 7 % 10
    filters = np.arange(n_filters * x_shape[0] * math.prod(kernel_size)) * 5 % 9 - 3
    filters = filters.reshape(n_filters, x_shape[0], *kernel_size) * unit
    return im2col(x, kernel_size), filters, conv2d(x, filters).shape[1:]


def flattened(filters):
    """A row for each filter."""
    return filters.reshape(len(filters), -1)


def layer_from_columns_right(X_col, filters, map_shape):
    """Filters as rows, times windows as columns; each row of the product is a map."""
    return (flattened(filters) @ X_col).reshape(len(filters), *map_shape)


def layer_from_columns_turned(X_col, filters, map_shape):
    """You turned the filters by 180°. A layer lays them on as they are, and so does the matrix product."""
    return layer_from_columns_right(X_col, filters[:, :, ::-1, ::-1], map_shape)


def layer_from_columns_backwards(X_col, filters, map_shape):
    """You read the filters backwards: slices turned, and their order too. Read them as they are."""
    return (flattened(filters)[:, ::-1] @ X_col).reshape(len(filters), *map_shape)


def layer_from_columns_channel_last(X_col, filters, map_shape):
    """You read the filters row, column, channel. The windows are read channel, row, column: use the same order."""
    return layer_from_columns_right(X_col, filters.transpose(0, 2, 3, 1), map_shape)


def layer_from_columns_read_down(X_col, filters, map_shape):
    """You read the filters down their columns, as MATLAB does. The windows are read row by row: do the same."""
    return layer_from_columns_right(X_col, filters.transpose(0, 1, 3, 2), map_shape)


def layer_from_columns_filters_reshaped(X_col, filters, map_shape):
    """You gave the filters a column each, by `reshape`. That mixes their numbers: give each filter a row."""
    by_column = filters.reshape(-1, len(filters))
    return (by_column.T @ X_col).reshape(len(filters), *map_shape)


def layer_from_columns_not_transposed(X_col, filters, map_shape):
    """Your product has a row for each window. Transpose it before `reshape`: each map needs a row."""
    return (X_col.T @ flattened(filters).T).reshape(len(filters), *map_shape)


def layer_from_columns_by_window(X_col, filters, map_shape):
    """You put the filters on the last axis. The maps come first: (K, oh, ow)."""
    return np.moveaxis(layer_from_columns_right(X_col, filters, map_shape), 0, -1)


def layer_from_columns_reshaped_last(X_col, filters, map_shape):
    """You put the filters last, and `reshape` tore the maps apart. They come first: (K, oh, ow)."""
    return (flattened(filters) @ X_col).reshape(*map_shape, len(filters))


def layer_from_columns_flat(X_col, filters, map_shape):
    """The product is right. Give each of its rows the shape of a map."""
    return flattened(filters) @ X_col


def layer_from_columns_filled_down(X_col, filters, map_shape):
    """You filled in the maps down their columns, as MATLAB does. The places go row by row."""
    return np.swapaxes(layer_from_columns_right(X_col, filters, map_shape[::-1]), 1, 2)


def layer_from_columns_size_swapped(X_col, filters, map_shape):
    """You swapped the rows and columns of the maps. `map_shape` is (oh, ow), rows first."""
    return layer_from_columns_right(X_col, filters, map_shape[::-1])


def layer_from_columns_filters_added(X_col, filters, map_shape):
    """You added the maps of all filters. Each filter keeps its own: only the channels are added."""
    return layer_from_columns_right(X_col, filters, map_shape).sum(axis=0)


def layer_from_columns_not_flattened(X_col, filters, map_shape):
    """Make the filters a matrix first: one row for each."""
    return filters @ X_col


def layer_from_columns_not_flattened_by_dot(X_col, filters, map_shape):
    """Make the filters a matrix first, one row for each. `np.dot` takes filters of four axes for something else."""
    return np.dot(filters, X_col)


def layer_from_columns_lessons_filters(X_col, filters, map_shape):
    """`reshape(2, 4)` fits the lesson's two small filters. Take the numbers from `filters.shape`."""
    return (filters.reshape(2, 4) @ X_col).reshape(2, *map_shape)


def layer_from_columns_lessons_deep_filters(X_col, filters, map_shape):
    """`reshape(2, 27)` fits the lesson's filters with three channels. Take the numbers from `filters.shape`."""
    return (filters.reshape(2, 27) @ X_col).reshape(2, *map_shape)


def layer_from_columns_lessons_maps(X_col, filters, map_shape):
    """`reshape(2, 2, 3)` fits the lesson's output. Take the number of filters, and `map_shape`."""
    return (flattened(filters) @ X_col).reshape(2, 2, 3)


layer_from_columns_truncated = with_fractions_cut_off(layer_from_columns_right)


layer_from_columns = Exercise(
    "The layer by one matrix product",
    task="Write `layer_from_columns(X_col, filters, map_shape)`: the output of the layer, by one matrix product. "
    "`X_col` is the lesson's, of shape (C·kh·kw, oh·ow). The filters have shape (K, C, kh, kw), and `map_shape` is the "
    "pair (oh, ow). The output has shape (K, oh, ow).",
    right=layer_from_columns_right,
    mistakes=[
        layer_from_columns_turned,
        layer_from_columns_backwards,
        layer_from_columns_channel_last,
        layer_from_columns_read_down,
        layer_from_columns_filters_reshaped,
        layer_from_columns_not_transposed,
        layer_from_columns_by_window,
        layer_from_columns_reshaped_last,
        layer_from_columns_flat,
        layer_from_columns_filled_down,
        layer_from_columns_size_swapped,
        layer_from_columns_filters_added,
        layer_from_columns_not_flattened,
        layer_from_columns_not_flattened_by_dot,
        layer_from_columns_lessons_filters,
        layer_from_columns_lessons_deep_filters,
        layer_from_columns_lessons_maps,
        layer_from_columns_truncated,
    ],
    # The number of filters is no other size of theirs: NumPy's errors, too, tell which axis met which.
    cases=[
        layer_case((2, 2, 4), 3, (1, 2)),
        layer_case((1, 3, 5), 4, (2, 3)),
        layer_case((2, 4, 2), 3, (2, 2)),
        layer_case((3, 2, 4), 4, (1, 2)),
        layer_case((2, 2, 4), 3, (1, 2), unit=0.5),
    ],
    hint="What is a row of `W_row`? What is a row of the product?",
    solution="""
def layer_from_columns(X_col, filters, map_shape):
    n_filters, n_channels, kh, kw = filters.shape
    W_row = filters.reshape(n_filters, n_channels * kh * kw)
    product = W_row @ X_col
    return product.reshape(n_filters, *map_shape)
""",
    because="`reshape` reads a filter channel, row, column, as the windows were read. So the right numbers meet.",
)


# There and back

ROW = np.array([5, 3, 8, 2, 6, 9, 4])
IMAGE = np.stack([ROW, ROW + 1, ROW + 2, ROW + 3])
KERNEL_SIZE, BACK_STRIDE = (3, 4), 2


def there_and_back(image, kernel_size=KERNEL_SIZE, stride=BACK_STRIDE):
    """The first row of the image after im2col and col2im."""
    columns = im2col(image[np.newaxis], kernel_size, stride=stride)
    return col2im(columns, image.shape, kernel_size, stride=stride)[0, 0]


def row_back_right():
    """Each number as often as there are windows that see it."""
    return there_and_back(IMAGE)


def row_back_as_inverse():
    """You took `col2im` for the inverse of `im2col`. It adds what comes back. What no window saw is lost."""
    return ROW


def row_back_not_added():
    """You put back each number once. Where several copies come back to one pixel, `col2im` adds them."""
    return ROW * (there_and_back(np.ones_like(IMAGE)) > 0)


def row_back_without_the_lost():
    """You kept a pixel that no window sees. With this stride it stands in no column, so nothing comes back for it."""
    return np.where(there_and_back(IMAGE) > 0, there_and_back(IMAGE), ROW)


def row_back_without_stride():
    """You forgot the stride. The window moves on by two pixels."""
    return there_and_back(IMAGE, stride=1)


def row_back_size_swapped():
    """You swapped the rows and columns of the window. The rows are named first."""
    return there_and_back(IMAGE, KERNEL_SIZE[::-1])


def row_back_times_the_window():
    """You took each pixel as often as the window has cells. Count the windows that see it instead."""
    return ROW * math.prod(KERNEL_SIZE)


def row_back_as_counts():
    """You gave the number of copies. What comes back is the sum of the copies."""
    return there_and_back(np.ones_like(IMAGE))


row_back = Exercise(
    "There and back",
    task="An image of 4 rows and 7 columns goes through `im2col` with a window of 3 rows and 4 columns and stride 2. "
    "Then it goes back through `col2im`. Its row 0 was 5, 3, 8, 2, 6, 9, 4. What is row 0 now? Give a list of seven "
    "numbers.",
    right=row_back_right,
    mistakes=[
        row_back_as_inverse,
        row_back_not_added,
        row_back_without_the_lost,
        row_back_without_stride,
        row_back_size_swapped,
        row_back_times_the_window,
        row_back_as_counts,
    ],
    hint="Where does the window stand? Count for each pixel of row 0 how many windows see it.",
    solution="""
# The window stands on columns 0, 1, 2, 3 and on columns 2, 3, 4, 5.
# So the 8 and the 2 come back twice, and the 4 never.
row_back = [5, 3, 8 + 8, 2 + 2, 6, 9, 0]
""",
    because="Two windows share the 8 and the 2, and none sees the 4. Dividing by the counts brings back all but the 4.",
)


EXERCISES = (columns_shape, im2col_one_channel, layer_from_columns, row_back)


def progress():
    """Say which exercises of this lesson are right in this kernel."""
    return exercise.progress(EXERCISES)

"""With this module one can do the exercises of lesson 5: neurons, and each kind of layer as the other."""

import math

import numpy as np

from convhelpers import exercise
from convhelpers.arithmetic import linear
from convhelpers.exercise import Exercise, with_fractions_cut_off
from convhelpers.pairing import convolution, cross_correlation
from convhelpers.trace import record

VOLUME_SHAPE, N_NEURONS = (8, 5, 6), 10  # (C, H, W), flattened for a fully connected layer


# Weights and biases


def counts_right():
    """A weight for each pair of an input and a neuron, and a bias for each neuron."""
    weights = np.zeros((N_NEURONS, math.prod(VOLUME_SHAPE)))
    return weights.size, linear(np.zeros(VOLUME_SHAPE).ravel(), weights).size


def counts_swapped():
    """Right numbers, wrong order: first the weights."""
    return counts_right()[::-1]


def counts_with_a_bias_a_weight():
    """You gave each weight a bias. A neuron adds its bias once, to the finished sum."""
    n_weights, _ = counts_right()
    return n_weights, n_weights


def counts_with_a_bias_an_input():
    """You gave each input a bias. The bias belongs to the neuron, which adds it once."""
    return counts_right()[0], math.prod(VOLUME_SHAPE)


def counts_with_a_bias_a_channel():
    """You gave each channel a bias. A fully connected layer knows no channels: each neuron has one bias."""
    return counts_right()[0], VOLUME_SHAPE[0]


def counts_with_one_bias():
    """You gave the whole layer one bias. Each neuron has its own."""
    return counts_right()[0], 1


def counts_of_one_neuron():
    """You counted one neuron. Each of them has weights of its own, and a bias."""
    return math.prod(VOLUME_SHAPE), 1


def counts_with_shared_weights():
    """You let the neurons share their weights. Each of them has its own for every input."""
    return math.prod(VOLUME_SHAPE), N_NEURONS


def counts_of_one_channel():
    """You counted one channel. The neurons see all of them."""
    return N_NEURONS * math.prod(VOLUME_SHAPE[1:]), N_NEURONS


def counts_of_one_pixel():
    """You counted a weight for each channel, as in a 1 × 1 convolution. Here each pixel of a channel has its own."""
    return N_NEURONS * VOLUME_SHAPE[0], N_NEURONS


counts = Exercise(
    "Weights and biases",
    task="A volume of shape (8, 5, 6) is flattened. A fully connected layer takes it to 10 neurons, with biases. How "
    "many weights has the layer, and how many biases? Give a pair, such as (12, 3).",
    right=counts_right,
    mistakes=[
        counts_swapped,
        counts_with_a_bias_a_weight,
        counts_with_a_bias_an_input,
        counts_with_a_bias_a_channel,
        counts_with_one_bias,
        counts_of_one_neuron,
        counts_with_shared_weights,
        counts_of_one_channel,
        counts_of_one_pixel,
    ],
    hint="How many numbers does the flattened volume hold? Every neuron meets all of them.",
    solution="""
n_inputs = 8 * 5 * 6
counts = (10 * n_inputs, 10)
""",
    because="Each neuron has a weight for each of the 8 · 5 · 6 inputs, and one bias.",
)


# One neuron


def neuron_right(x, weights, bias):
    """The dot product, plus the bias, and nothing below 0."""
    return max(0, x @ weights + bias)


def neuron_without_f(x, weights, bias):
    """You left out f. It makes 0 of a negative sum."""
    return x @ weights + bias


def neuron_f_before_the_bias(x, weights, bias):
    """You added the bias after f. The sum is finished only with its bias: f comes last."""
    return max(0, x @ weights) + bias


def neuron_f_of_each_product(x, weights, bias):
    """You applied f to each product. It gets one number, the finished sum."""
    return np.maximum(0, x * weights).sum() + bias


def neuron_f_of_each_product_and_the_sum(x, weights, bias):
    """You applied f to each product, and to the sum again. It gets one number, the finished sum."""
    return max(0, np.maximum(0, x * weights).sum() + bias)


def neuron_f_of_each_input(x, weights, bias):
    """You applied f to the inputs. It gets one number, the finished sum."""
    return np.maximum(0, x) @ weights + bias


def neuron_not_added(x, weights, bias):
    """You did not add the products. A neuron gives one number."""
    return np.maximum(0, x * weights + bias)


def neuron_bias_for_each_product(x, weights, bias):
    """You added the bias to each product. It is added once, to the sum."""
    return max(0, (x * weights + bias).sum())


def neuron_bias_for_each_product_without_f(x, weights, bias):
    """You added the bias to each product, and left out f. Add the bias once, to the sum. Then apply f."""
    return (x * weights + bias).sum()


def neuron_bias_for_each_input(x, weights, bias):
    """You added the bias to the inputs, so that the weights multiply it. It is added once, to the sum."""
    return max(0, (x + bias) @ weights)


def neuron_without_bias(x, weights, bias):
    """You left out the bias."""
    return max(0, x @ weights)


def neuron_last_product(x, weights, bias):
    """You kept the last product only. Add each product to the sum of those before it."""
    return max(0, x[-1] * weights[-1] + bias)


def neuron_step(x, weights, bias):
    """You gave 1 for every positive sum. ReLU keeps the sum itself."""
    return int(x @ weights + bias > 0)


def neuron_absolute(x, weights, bias):
    """You dropped the minus sign of a negative sum. f makes 0 of it."""
    return abs(x @ weights + bias)


def neuron_negative_kept(x, weights, bias):
    """You kept the negative sums and cut off the positive ones. f does the opposite."""
    return min(0, x @ weights + bias)


neuron_truncated = with_fractions_cut_off(neuron_right)


neuron = Exercise(
    "One neuron",
    task="Write `neuron(x, weights, bias)`, which gives one number: f(x·w + b). `x` and `weights` are vectors of the "
    "same length, `bias` is a number, and f is the lesson's ReLU.",
    right=neuron_right,
    mistakes=[
        neuron_without_f,
        neuron_f_before_the_bias,
        neuron_f_of_each_product,
        neuron_f_of_each_product_and_the_sum,
        neuron_f_of_each_input,
        neuron_not_added,
        neuron_bias_for_each_product,
        neuron_bias_for_each_product_without_f,
        neuron_bias_for_each_input,
        neuron_without_bias,
        neuron_last_product,
        neuron_step,
        neuron_absolute,
        neuron_negative_kept,
        neuron_truncated,
    ],
    cases=[
        (np.array([2, -3, 4]), np.array([5, 1, -2]), 6),  # the products add to -1, the bias lifts them above 0
        (np.array([3, 1, -2]), np.array([2, 4, 3]), -12),  # they add to 4, the bias brings them below 0
        (np.array([4, 3, -1, 2]), np.array([2, 5, 6, -3]), 2),
        (np.array([-2, 5, 3, 1, 4]), np.array([3, -1, 2, 4, -3]), -3),
        (np.array([3, -2, 4]), np.array([0.5, 1, 2]), 1),  # the last product with the bias is above 0, too
    ],
    hint="Three steps: one number from all products, then the bias, then f.",
    solution="""
def neuron(x, weights, bias):
    total = bias
    for number, weight in zip(x, weights):
        total = total + number * weight
    return max(0, total)  # in short: np.maximum(0, x @ weights + bias)
""",
    because="One dot product, one bias, and f at the very end.",
)


# A fully connected layer as a convolution


def filters_shape_right():
    """The weights of each neuron, folded up to the shape of the volume."""
    return np.zeros((N_NEURONS, math.prod(VOLUME_SHAPE))).reshape(N_NEURONS, *VOLUME_SHAPE).shape


def filters_shape_one_by_one():
    """That is a 1 × 1 convolution: it gives a map, and each neuron sees one pixel. Here it must see all of them."""
    return N_NEURONS, VOLUME_SHAPE[0], 1, 1


def filters_shape_of_one_pixel():
    """That fits a volume reshaped to one pixel with many channels. This one still has its rows and columns."""
    return N_NEURONS, math.prod(VOLUME_SHAPE), 1, 1


def filters_shape_swapped():
    """You swapped the first two: the filters are counted first, then the channels."""
    n_filters, n_channels, kh, kw = filters_shape_right()
    return n_channels, n_filters, kh, kw


def filters_shape_channel_last():
    """You put the channels last, as TensorFlow keeps its images. In this course they come before rows and columns."""
    n_filters, n_channels, kh, kw = filters_shape_right()
    return n_filters, kh, kw, n_channels


def filters_shape_like_tensorflow():
    """That is TensorFlow's order: the filters stand last. In this course they are counted first."""
    n_filters, n_channels, kh, kw = filters_shape_right()
    return kh, kw, n_channels, n_filters


def filters_shape_columns_first():
    """You swapped rows and columns. The rows come first."""
    n_filters, n_channels, kh, kw = filters_shape_right()
    return n_filters, n_channels, kw, kh


def filters_shape_of_one_filter():
    """You made one filter. There is one for each neuron."""
    return 1, *VOLUME_SHAPE


def filters_shape_without_filters():
    """That is one filter. There is one for each neuron, and they are counted first."""
    return VOLUME_SHAPE


def filters_shape_of_one_channel():
    """You gave the filters one slice. A filter has a slice for each channel."""
    return N_NEURONS, 1, *VOLUME_SHAPE[1:]


def filters_shape_without_channels():
    """You left out the channels. A filter has a slice for each of them."""
    return N_NEURONS, *VOLUME_SHAPE[1:]


def filters_shape_flat():
    """That is how the fully connected layer has them, a row for each neuron. Fold each row up into a filter."""
    return N_NEURONS, math.prod(VOLUME_SHAPE)


filters_shape = Exercise(
    "A fully connected layer as a convolution",
    task="A convolution is to do the same as the layer of exercise 1: it takes the volume of shape (8, 5, 6), not "
    "flattened, to 10 numbers. What shape do its filters have together? Give all four numbers in brackets.",
    right=filters_shape_right,
    mistakes=[
        filters_shape_one_by_one,
        filters_shape_of_one_pixel,
        filters_shape_swapped,
        filters_shape_channel_last,
        filters_shape_like_tensorflow,
        filters_shape_columns_first,
        filters_shape_of_one_filter,
        filters_shape_without_filters,
        filters_shape_of_one_channel,
        filters_shape_without_channels,
        filters_shape_flat,
    ],
    hint="In how many places may the window stand, when only 10 numbers come out? And what must it cover there?",
    solution="""
# 10 filters. Each has 8 slices, as large as the input.
filters_shape = (10, 8, 5, 6)
""",
    because="The window covers the whole volume and finds one place. The weights are as many as in exercise 1.",
)


# A convolution as a fully connected layer


def matrix_of(pairing, kernel):
    """The matrix of a pairing, drawn from a trace on an image of ones."""
    return record(pairing, np.ones(pairing.left_shape), kernel).fully_connected_matrix()


def kernel_as_matrix_right(kernel, image_shape):
    """A row for each window: the kernel in its place, and 0 elsewhere."""
    return matrix_of(cross_correlation(image_shape, kernel.shape), kernel)


def kernel_as_matrix_transposed(kernel, image_shape):
    """That is the matrix, transposed. Each window has a row, and each pixel a column."""
    return kernel_as_matrix_right(kernel, image_shape).T


def kernel_as_matrix_turned(kernel, image_shape):
    """You turned the kernel by 180°. A layer lays it on as it is."""
    return matrix_of(convolution(image_shape, kernel.shape), kernel)


def kernel_as_matrix_kernel_transposed(kernel, image_shape):
    """You swapped the rows and columns of the kernel. Lay it on as it is."""
    return matrix_of(cross_correlation(image_shape, kernel.shape[::-1]), kernel.T)


def kernel_as_matrix_without_gap(kernel, image_shape):
    """You wrote the weights one behind the other. The next row of the kernel lies on the next row of the image."""
    rows = kernel_as_matrix_right(kernel, image_shape)
    for row in rows:
        first = np.flatnonzero(row)[0]
        row[first:] = 0
        row[first : first + kernel.size] = kernel.ravel()
    return rows


def shifted_by_one(first, n_rows):
    """The first row of a matrix, moved on by one weight from row to row."""
    return np.stack([np.roll(first, shift) for shift in range(n_rows)])


def kernel_as_matrix_jump_forgotten(kernel, image_shape):
    """You moved each row on by one. At the end of an image's row the window jumps to the start of the next."""
    rows = kernel_as_matrix_right(kernel, image_shape)
    return shifted_by_one(rows[0], len(rows))


def kernel_as_matrix_flat_and_shifted(kernel, image_shape):
    """You moved the flattened kernel on by one each time. Each of its rows must lie on another row of the image."""
    rows = kernel_as_matrix_without_gap(kernel, image_shape)
    return shifted_by_one(rows[0], len(rows))


def kernel_as_matrix_wrapped(kernel, image_shape):
    """You let the window run over the end of an image's row, into the next one. It has no place there."""
    first = kernel_as_matrix_right(kernel, image_shape)[0]
    return shifted_by_one(first, first.size - np.flatnonzero(first)[-1])


def kernel_as_matrix_over_the_edge(kernel, image_shape):
    """You let the window hang over the edge. Without padding it stands inside the image."""
    kh, kw = kernel.shape
    return matrix_of(cross_correlation(image_shape, kernel.shape, padding=((0, kh - 1), (0, kw - 1))), kernel)


def kernel_as_matrix_off_by_one(kernel, image_shape):
    """You left out the last place in each direction. The window may stand at the very end."""
    height, width = image_shape
    rows = kernel_as_matrix_right(kernel, image_shape)
    grids = rows.reshape(height - len(kernel) + 1, -1, height * width)
    return grids[:-1, :-1].reshape(-1, height * width)


def kernel_as_matrix_as_grids(kernel, image_shape):
    """You kept the weights of each window as a grid. Flatten each of them to a row."""
    return kernel_as_matrix_right(kernel, image_shape).reshape(-1, *image_shape)


def kernel_as_matrix_read_down(kernel, image_shape):
    """You flattened the grids down their columns, as MATLAB does. The image is flattened row by row: do the same."""
    grids = kernel_as_matrix_as_grids(kernel, image_shape)
    return np.stack([grid.ravel(order="F") for grid in grids])


def kernel_as_matrix_moved_down(kernel, image_shape):
    """You moved the window down first. Move it to the right first, then on to the next row."""
    rows = kernel_as_matrix_right(kernel, image_shape)
    places = np.arange(len(rows)).reshape(-1, image_shape[1] - kernel.shape[1] + 1)
    return rows[places.ravel(order="F")]


def kernel_as_matrix_added(kernel, image_shape):
    """You laid all windows into one row. Each window makes an output of its own, so it needs a row of its own."""
    return kernel_as_matrix_right(kernel, image_shape).sum(axis=0)


def kernel_as_matrix_overwritten(kernel, image_shape):
    """The weights of the windows before are still there. Start with new zeros for each window."""
    weights = np.zeros(image_shape)
    rows = []
    for grid in kernel_as_matrix_as_grids(kernel, image_shape):
        weights[grid != 0] = grid[grid != 0]
        rows.append(weights.flatten())
    return np.array(rows)


def kernel_as_matrix_all_the_same(kernel, image_shape):
    """All rows are one and the same grid, which every window has written to. Make new zeros for each window."""
    rows = kernel_as_matrix_overwritten(kernel, image_shape)
    return np.tile(rows[-1], (len(rows), 1))


def rows_by_loops(kernel, image_shape, places, kernel_size):
    """The lesson's loops, for any image, any numbers of places and any window."""
    kh, kw = kernel_size
    rows = []
    for i, j in np.ndindex(*places):
        weights = np.zeros(image_shape)
        weights[i : i + kh, j : j + kw] = kernel
        rows.append(weights.ravel())
    return np.array(rows)


def kernel_as_matrix_of_the_lesson(kernel, image_shape):
    """You kept the lesson's numbers: its image, places and window. Take them from `kernel.shape` and `image_shape`."""
    return rows_by_loops(kernel, (3, 4), (2, 3), (2, 2))


def kernel_as_matrix_lessons_places(kernel, image_shape):
    """You kept the lesson's `range(2)` and `range(3)`. How many places there are depends on image and kernel."""
    return rows_by_loops(kernel, image_shape, (2, 3), kernel.shape)


def kernel_as_matrix_places_swapped(kernel, image_shape):
    """You swapped rows and columns when you counted the places. There are H - kh + 1 down, and W - kw + 1 to the
    right."""
    places = [size - side + 1 for size, side in zip(image_shape, kernel.shape[::-1], strict=True)]
    return rows_by_loops(kernel, image_shape, places, kernel.shape)


def kernel_as_matrix_lessons_window(kernel, image_shape):
    """Your window has 2 × 2 weights, as in the lesson. Its rows and columns are `kernel.shape`."""
    places = [size - side + 1 for size, side in zip(image_shape, kernel.shape, strict=True)]
    return rows_by_loops(kernel, image_shape, places, (2, 2))


kernel_as_matrix_truncated = with_fractions_cut_off(kernel_as_matrix_right)


kernel_as_matrix = Exercise(
    "A convolution as a fully connected layer",
    task="Write `kernel_as_matrix(kernel, image_shape)`: the matrix that does the same as the kernel on an image "
    "of shape (H, W), with stride 1 and no padding. Its shape is (oh·ow, H·W), and `matrix @ image.ravel()` are the "
    "outputs, row by row.",
    right=kernel_as_matrix_right,
    mistakes=[
        kernel_as_matrix_transposed,
        kernel_as_matrix_turned,
        kernel_as_matrix_kernel_transposed,
        kernel_as_matrix_without_gap,
        kernel_as_matrix_jump_forgotten,
        kernel_as_matrix_flat_and_shifted,
        kernel_as_matrix_wrapped,
        kernel_as_matrix_over_the_edge,
        kernel_as_matrix_off_by_one,
        kernel_as_matrix_as_grids,
        kernel_as_matrix_read_down,
        kernel_as_matrix_moved_down,
        kernel_as_matrix_added,
        kernel_as_matrix_overwritten,
        kernel_as_matrix_all_the_same,
        kernel_as_matrix_of_the_lesson,
        kernel_as_matrix_lessons_places,
        kernel_as_matrix_places_swapped,
        kernel_as_matrix_lessons_window,
        kernel_as_matrix_truncated,
    ],
    cases=[
        (np.array([[5, 7]]), (2, 3)),  # NumPy fills the lesson's 2 × 2 window with it, where a swap makes an error
        (np.array([[1, 2], [3, 4]]), (3, 3)),
        (np.array([[5, 7], [2, 9]]), (3, 4)),
        (np.array([[4, 1, 6], [2, 8, 3]]), (4, 5)),
        (np.array([[2, 5], [7, 1], [3, 6]]), (5, 4)),
        (np.array([[1, 2.5], [3, 4]]), (3, 3)),
    ],
    hint="For each place of the window: a grid of zeros as large as the image, the kernel laid into it, flattened.",
    solution="""
def kernel_as_matrix(kernel, image_shape):
    height, width = image_shape
    kh, kw = kernel.shape
    rows = []
    for i in range(height - kh + 1):
        for j in range(width - kw + 1):
            weights = np.zeros(image_shape)
            weights[i : i + kh, j : j + kw] = kernel
            rows.append(weights.ravel())
    return np.array(rows)
""",
    because="Each row is a neuron that sees the whole image, and its weights outside the window are 0.",
)


# Weights for another order of flattening


def reorder_case(image_shape, n_neurons, offset=0):
    """Weights whose numbers tell what they belong to: 213 is neuron 2, and the input number 13 of the old order."""
    n_inputs = math.prod(image_shape)
    return 100 * np.arange(1, n_neurons + 1)[:, np.newaxis] + np.arange(n_inputs) + offset, image_shape


def by_pixel(weights, image_shape):
    """The weights of each neuron as they were learned, (K, H, W, C)."""
    n_channels, height, width = image_shape
    return weights.reshape(len(weights), height, width, n_channels)


def reorder_right(weights, image_shape):
    """Fold up in the old order, move the axis, flatten again."""
    return np.moveaxis(by_pixel(weights, image_shape), -1, 1).reshape(weights.shape)


def reorder_unchanged(weights, image_shape):
    """Nothing has changed its place. `reshape` keeps all numbers in their old order: move the axis of the channels."""
    return weights


def reorder_other_way(weights, image_shape):
    """You went the other way. These weights come from (row, column, channel), so fold them up like that first."""
    return np.moveaxis(weights.reshape(-1, *image_shape), 1, -1).reshape(weights.shape)


def reorder_shape_misread(weights, image_shape):
    """You took apart `image_shape` as rows, columns, channels. It is (C, H, W): the channels come first."""
    height, width, n_channels = image_shape
    return weights.reshape(-1, height, width, n_channels).transpose(0, 3, 1, 2).reshape(weights.shape)


def reorder_columns_first(weights, image_shape):
    """You swapped two axes, and rows and columns have changed places as well. Only the channels move."""
    return by_pixel(weights, image_shape).swapaxes(1, 3).reshape(weights.shape)


def reorder_neurons_mixed(weights, image_shape):
    """You moved the channels before the neurons, and so mixed the weights of different neurons. They stay first."""
    return np.moveaxis(by_pixel(weights, image_shape), -1, 0).reshape(weights.shape)


def reorder_all_axes_turned(weights, image_shape):
    """`.T` turns all axes around, and so mixes the weights of different neurons. Move the channels alone."""
    return by_pixel(weights, image_shape).T.reshape(weights.shape)


def reorder_not_flattened(weights, image_shape):
    """The order is right. Flatten the weights of each neuron again."""
    return reorder_right(weights, image_shape).reshape(-1, *image_shape)


def reorder_folded_by_pixel(weights, image_shape):
    """You folded up the weights, and did no more. Move the channels before rows and columns, then flatten."""
    return by_pixel(weights, image_shape)


def reorder_transposed(weights, image_shape):
    """You wrote the neurons as columns. Each row stays one neuron."""
    return reorder_right(weights, image_shape).T


reorder_truncated = with_fractions_cut_off(reorder_right)


reorder = Exercise(
    "Weights for another order",
    task="Write `reorder(weights, image_shape)`. The weights have shape (K, H·W·C): they were learned from images that "
    "were flattened in the order row, column, channel. Return them for the order channel, row, column, with shape "
    "(K, C·H·W). `image_shape` is (C, H, W).",
    right=reorder_right,
    mistakes=[
        reorder_unchanged,
        reorder_other_way,
        reorder_shape_misread,
        reorder_columns_first,
        reorder_neurons_mixed,
        reorder_all_axes_turned,
        reorder_not_flattened,
        reorder_folded_by_pixel,
        reorder_transposed,
        reorder_truncated,
    ],
    cases=[
        reorder_case((2, 1, 3), 2),
        reorder_case((2, 3, 2), 2),
        reorder_case((3, 2, 4), 1),
        reorder_case((4, 2, 1), 3),
        reorder_case((2, 1, 3), 2, offset=0.5),
    ],
    hint="Fold up each neuron's weights in the order in which they were flattened, move one axis, and flatten.",
    solution="""
def reorder(weights, image_shape):
    n_channels, height, width = image_shape
    by_pixel = weights.reshape(len(weights), height, width, n_channels)
    by_channel = by_pixel.transpose(0, 3, 1, 2)
    return by_channel.reshape(weights.shape)
""",
    because="Each weight now meets the same number as before, since the image is flattened in this order, too.",
)


EXERCISES = (counts, neuron, filters_shape, kernel_as_matrix, reorder)


def progress():
    """Say which exercises of this lesson are right in this kernel."""
    return exercise.progress(EXERCISES)

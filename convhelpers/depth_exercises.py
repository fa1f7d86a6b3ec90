"""With this module one can do the exercises of lesson 3: filters with depth, their biases, and 1 × 1 convolutions."""

from typing import NamedTuple

import numpy as np

from convhelpers import exercise
from convhelpers.arithmetic import conv2d, correlate2d
from convhelpers.exercise import Exercise, with_fractions_cut_off

# The shape of the filters

CHANNELS, ROWS, COLUMNS = 4, 20, 30
N_FILTERS, KERNEL_ROWS, KERNEL_COLUMNS = 6, 5, 2
THE_LAYER = "A layer makes 6 feature maps from images of shape (4, 20, 30), with a kernel of 5 rows and 2 columns."


def filters_shape_right():
    """Filter, channel, row, column."""
    return N_FILTERS, CHANNELS, KERNEL_ROWS, KERNEL_COLUMNS


def filters_shape_without_depth():
    """You forgot the depth. Each filter has a slice for every channel of the image."""
    return N_FILTERS, KERNEL_ROWS, KERNEL_COLUMNS


def filters_shape_with_one_slice():
    """Your filters have one slice each. A filter has as many slices as the image has channels."""
    return N_FILTERS, 1, KERNEL_ROWS, KERNEL_COLUMNS


def filters_shape_of_one():
    """That is a single filter. There is one for each feature map, and they are counted on the first axis."""
    return CHANNELS, KERNEL_ROWS, KERNEL_COLUMNS


def filters_shape_kept_channels():
    """These are filters that keep the channels apart, one for each. A feature map adds all channels."""
    return CHANNELS, 1, KERNEL_ROWS, KERNEL_COLUMNS


def filters_shape_swapped():
    """Right numbers, wrong order: first the filters, then their channels."""
    return CHANNELS, N_FILTERS, KERNEL_ROWS, KERNEL_COLUMNS


def filters_shape_columns_first():
    """You named the columns of the kernel before its rows."""
    return N_FILTERS, CHANNELS, KERNEL_COLUMNS, KERNEL_ROWS


def filters_shape_channels_last():
    """You put the channels last. Here they come before rows and columns, as in the image."""
    return N_FILTERS, KERNEL_ROWS, KERNEL_COLUMNS, CHANNELS


def filters_shape_of_tensorflow():
    """That is TensorFlow's order. Here the filters come first, then their channels."""
    return KERNEL_ROWS, KERNEL_COLUMNS, CHANNELS, N_FILTERS


def filters_shape_of_the_image():
    """You took rows and columns of the image. A filter is as small as its kernel, and slides."""
    return N_FILTERS, CHANNELS, ROWS, COLUMNS


def filters_shape_flattened():
    """You counted every slice as a filter. The slices of a filter have an axis of their own, the second."""
    return N_FILTERS * CHANNELS, KERNEL_ROWS, KERNEL_COLUMNS


filters_shape = Exercise(
    "The shape of the filters",
    task=f"{THE_LAYER} What shape has the array of its filters? Give four numbers in brackets.",
    right=filters_shape_right,
    mistakes=[
        filters_shape_without_depth,
        filters_shape_with_one_slice,
        filters_shape_of_one,
        filters_shape_kept_channels,
        filters_shape_swapped,
        filters_shape_columns_first,
        filters_shape_channels_last,
        filters_shape_of_tensorflow,
        filters_shape_of_the_image,
        filters_shape_flattened,
    ],
    hint="The axes are: filter, channel, row, column. How many filters, of how many slices? How large is a slice?",
    solution="""
# 6 maps need 6 filters, 4 channels 4 slices in each. A slice is as large as the kernel.
filters_shape = (6, 4, 5, 2)
""",
    because="A filter for each map, and in it a slice for each channel.",
)


# Count the parameters

PLACES = (ROWS - KERNEL_ROWS + 1) * (COLUMNS - KERNEL_COLUMNS + 1)


class Sizes(NamedTuple):
    """Of a layer: how many channels go in, how many filters it has, and of how many cells a slice is."""

    channels: int
    n_filters: int
    cells: int

    @property
    def weights(self):
        """The weights of all filters."""
        return self.n_filters * self.channels * self.cells


FIRST = Sizes(CHANNELS, N_FILTERS, KERNEL_ROWS * KERNEL_COLUMNS)
SECOND = Sizes(N_FILTERS, 3, 1)
BOTH = [FIRST, SECOND]


def n_parameters_right():
    """All weights, and a bias for each filter."""
    return sum(each.weights + each.n_filters for each in BOTH)


def n_parameters_of_the_first_layer():
    """These are the parameters of the first layer. The 1 × 1 layer has weights and biases, too."""
    return FIRST.weights + FIRST.n_filters


def n_parameters_with_the_image_s_channels():
    """You gave the 1 × 1 layer the channels of the image. It goes over the 6 feature maps of the first."""
    return n_parameters_of_the_first_layer() + SECOND.n_filters * (CHANNELS + 1)


def n_parameters_with_flat_one_by_one():
    """You gave each 1 × 1 filter one weight. It reaches through all 6 maps, with a weight for each."""
    return n_parameters_of_the_first_layer() + SECOND.n_filters * (1 + 1)


def n_parameters_without_bias():
    """These are the weights. Each filter has a bias as well."""
    return sum(each.weights for each in BOTH)


def n_parameters_with_one_slice():
    """You forgot the depth: each filter has a slice of weights for every channel."""
    return sum(each.n_filters * each.cells + each.n_filters for each in BOTH)


def n_parameters_with_one_slice_without_bias():
    """You forgot the depth, and the biases. Each filter has a slice for every channel, and one bias."""
    return sum(each.n_filters * each.cells for each in BOTH)


def n_parameters_of_one_filter():
    """You counted one filter of each layer. There is one for each feature map."""
    return sum(each.channels * each.cells + 1 for each in BOTH)


def n_parameters_with_one_bias():
    """You counted one bias for a whole layer. Each filter has its own."""
    return sum(each.weights + 1 for each in BOTH)


def n_parameters_with_bias_per_channel():
    """You counted a bias for every channel that goes in. There is one for each filter."""
    return sum(each.weights + each.channels for each in BOTH)


def n_parameters_with_bias_per_slice():
    """You counted a bias for every slice. A filter has one, for all its slices together."""
    return sum(each.weights + each.n_filters * each.channels for each in BOTH)


def n_parameters_with_bias_per_weight():
    """You counted a bias for every weight. A filter has one, which is added after the sum."""
    return sum(2 * each.weights for each in BOTH)


def n_parameters_with_bias_per_pixel():
    """You counted a bias for every pixel of the output. A filter has one, the same wherever it stands."""
    return sum(each.weights + each.n_filters * PLACES for each in BOTH)


def n_parameters_at_every_place():
    """You counted the weights anew at every place of the window. A filter slides, and takes its weights along."""
    return sum(each.weights * PLACES + each.n_filters for each in BOTH)


n_parameters = Exercise(
    "Count the parameters",
    task=f"{THE_LAYER} A 1 × 1 layer makes 3 feature maps of these. How many parameters have the two layers together, "
    "weights and biases?",
    right=n_parameters_right,
    mistakes=[
        n_parameters_of_the_first_layer,
        n_parameters_with_the_image_s_channels,
        n_parameters_with_flat_one_by_one,
        n_parameters_without_bias,
        n_parameters_with_one_slice,
        n_parameters_with_one_slice_without_bias,
        n_parameters_of_one_filter,
        n_parameters_with_one_bias,
        n_parameters_with_bias_per_channel,
        n_parameters_with_bias_per_slice,
        n_parameters_with_bias_per_weight,
        n_parameters_with_bias_per_pixel,
        n_parameters_at_every_place,
    ],
    hint="How many weights has one slice? How many slices has a filter? How many channels go into the second layer? "
    "And for what is there a bias?",
    solution="""
# 6 filters, in each 4 slices of 5 * 2 weights, and 6 biases. Then 3 filters of 6 weights, and 3 biases.
n_parameters = 6 * 4 * 5 * 2 + 6 + 3 * 6 * 1 * 1 + 3
""",
    because="The maps of one layer are the channels of the next. The size of the image does not matter.",
)


# A layer

# In the second and third case, there are as many output columns as filters: biases fit along the wrong axis, too.
LAYERS = [
    (
        np.array([[[3, 1, 4, 2], [5, 9, 2, 6], [1, 7, 8, 3]]]),
        np.array([[[[2, 1], [-1, 3]]], [[[1, -2], [4, 1]]]]),
        np.array([7, -5]),
    ),
    (
        np.array([[[2, 7, 1, 8], [3, 5, 9, 4], [6, 1, 4, 7]], [[5, 3, 8, 1], [7, 2, 6, 9], [4, 8, 2, 3]]]),
        np.array(
            [
                [[[1, 2], [3, -1]], [[2, -3], [1, 4]]],
                [[[-2, 1], [2, 3]], [[3, 1], [-1, 2]]],
                [[[4, -1], [1, 2]], [[1, 3], [2, -2]]],
            ]
        ),
        np.array([6, -4, 9]),
    ),
    (
        np.array(
            [
                [[4, 1, 7, 2], [8, 3, 5, 6], [2, 9, 4, 1]],
                [[3, 6, 2, 9], [1, 8, 4, 5], [7, 2, 6, 3]],
                [[9, 2, 5, 1], [6, 4, 3, 7], [5, 1, 8, 2]],
            ]
        ),
        np.array(
            [
                [[[2, 1, -1], [3, 1, 4]], [[1, -2, 3], [2, 1, 1]], [[-1, 3, 2], [1, 4, -2]]],
                [[[1, 4, 2], [-3, 2, 1]], [[3, 1, -2], [1, 2, 4]], [[2, -1, 1], [4, -2, 3]]],
            ]
        ),
        np.array([8, -3]),
    ),
    (
        np.array(
            [
                [[7, 2, 5, 1], [3, 8, 6, 4], [9, 1, 2, 7], [5, 4, 8, 3], [1, 6, 3, 9]],
                [[2, 5, 9, 3], [6, 1, 4, 8], [3, 7, 5, 2], [8, 2, 1, 6], [4, 9, 7, 5]],
            ]
        ),
        np.array([[[[1, 3], [-2, 2], [4, 1]], [[2, -1], [3, 5], [1, -3]]]]),
        np.array([-6]),
    ),
    # The only odd number meets the half only if the right pairs meet, as in lesson 2.
    (
        np.array([[[2, 8, 4, 7], [6, 2, 8, 4], [4, 6, 2, 8]]]),
        np.array([[[[2, 0.5], [-1, 3]]], [[[1, 4], [3, -2]]]]),
        np.array([5, -3]),
    ),
]


def layer_right(x, filters, bias):
    """The package's layer."""
    return conv2d(x, filters, bias)


def layer_channels_kept(x, filters, bias):
    """You kept the channels apart. The layer adds them: one feature map for each filter."""
    return np.array(
        [
            [correlate2d(channel, part) + number for channel, part in zip(x, filter_, strict=True)]
            for filter_, number in zip(filters, bias, strict=True)
        ]
    )


def layer_channels_kept_without_bias(x, filters, bias):
    """You kept the channels apart, and forgot the bias. Add the channels, and then the bias."""
    return layer_channels_kept(x, filters, np.zeros_like(bias))


def layer_map_for_every_slice(x, filters, bias):
    """You made a feature map of every slice. The slices of a filter are added: one map for each filter."""
    kept = layer_channels_kept(x, filters, bias)
    return kept.reshape(-1, *kept.shape[2:])


def layer_last_channel(x, filters, bias):
    """Only the last channel is left. Add each channel to those before it: `+=` instead of `=`."""
    return conv2d(x[-1:], filters[:, -1:], bias)


def layer_first_channel(x, filters, bias):
    """You used channel 0 alone. The filter reaches through all channels."""
    return conv2d(x[:1], filters[:, :1], bias)


def layer_first_slice(x, filters, bias):
    """You laid slice 0 on all channels. Each channel has a slice of its own."""
    return conv2d(x, np.repeat(filters[:, :1], len(x), axis=1), bias)


def layer_maps_added(x, filters, bias):
    """You added the feature maps. Each filter keeps its own. What is added are the channels of the image."""
    return conv2d(x, filters, bias).sum(axis=0)


def layer_all_filters_at_once(x, filters, bias):
    """You added the products of all filters. Feature map k comes from `filters[k]` alone."""
    return conv2d(x, filters).sum(axis=0) + bias.reshape(-1, 1, 1)


def _through_all_channels(x, i, j, rows, columns):
    return x[:, i : i + rows, j : j + columns]


def _on_the_first_two_axes(x, i, j, rows, columns):
    return x[i : i + rows, j : j + columns]


def _sum_of_products(window, filter_):
    return (window * filter_).sum()


def _by_loops(x, filters, bias, *, number=_sum_of_products, cut=_through_all_channels, first=1):
    """What loops give with another number, with windows cut otherwise, or with the rows taken from another axis."""
    n_filters, _, kh, kw = filters.shape
    out = np.zeros((n_filters, x.shape[first] - kh + 1, x.shape[first + 1] - kw + 1))
    for k, i, j in np.ndindex(out.shape):
        out[k, i, j] = number(cut(x, i, j, kh, kw), filters[k]) + bias[k]
    return out


def layer_array_in_a_cell(x, filters, bias):
    """A cell of the output holds one number, and you gave it an array. With `*`, you did not add all the products. With
    `@` or `np.dot`, other pairs meet: take `*`, and add."""
    return _by_loops(x, filters, bias, number=np.multiply)


def layer_by_matrix_product(x, filters, bias):
    """You used `@`, where other pairs meet: rows with columns. Each number meets the weight that lies on it: `*`."""
    return _by_loops(x, filters, bias, number=lambda window, filter_: (window @ filter_).sum())


def layer_by_dot(x, filters, bias):
    """You used `np.dot`. With three axes, that is not the dot product of window and filter. Use `*` and add."""
    return _by_loops(x, filters, bias, number=lambda window, filter_: np.dot(window, filter_).sum())


def layer_channels_cut(x, filters, bias):
    """You cut the channels as if they were rows. Axis 0 of `x` is the channel: take all of it, `x[:, …]`."""
    return _by_loops(x, filters, bias, cut=_on_the_first_two_axes)


def layer_channels_for_height(x, filters, bias):
    """You took `x.shape[0]` for the height and `x.shape[1]` for the width. Axis 0 of `x` is the channel."""
    return _by_loops(x, filters, bias, first=0)


def layer_channels_for_rows(x, filters, bias):
    """Axis 0 of `x` is the channel. Rows are axis 1 and columns axis 2: in the size of the output, and in the
    window."""
    return _by_loops(x, filters, bias, cut=_on_the_first_two_axes, first=0)


def layer_without_bias(x, filters, bias):
    """You forgot the bias."""
    return conv2d(x, filters)


def layer_bias_per_channel(x, filters, bias):
    """You added the bias for every channel. Add it once, after the channels are added."""
    return conv2d(x, filters, len(x) * bias)


def layer_bias_per_pixel(x, filters, bias):
    """You added the bias for every pixel of the window. Add it once, after the sum."""
    return conv2d(x, filters, filters[0, 0].size * bias)


def layer_bias_per_product(x, filters, bias):
    """You added the bias to every product. Add it once, after the sum."""
    return conv2d(x, filters, filters[0].size * bias)


def layer_bias_inside(x, filters, bias):
    """You added the bias to the image, so the weights have multiplied it. Add it once, after the sum."""
    return conv2d(x, filters, bias * filters.sum(axis=(1, 2, 3)))


def layer_bias_along_columns(x, filters, bias):
    """You gave each column a bias. `out + bias` lays them along the last axis. They belong to the filters, the
    first."""
    return conv2d(x, filters) + bias


def layer_first_bias(x, filters, bias):
    """You gave all filters the same bias. Each has its own."""
    return conv2d(x, filters) + bias[0]


def layer_turned(x, filters, bias):
    """You turned the kernel. A layer lays it on as it is."""
    return conv2d(x, filters[:, :, ::-1, ::-1], bias)


def layer_turned_in_depth(x, filters, bias):
    """You turned the filters, in depth as well. A layer lays them on as they are, slice 0 on channel 0."""
    return conv2d(x, filters[:, ::-1, ::-1, ::-1], bias)


def layer_maps_transposed(x, filters, bias):
    """You exchanged the rows and the columns of the feature maps."""
    return conv2d(x, filters, bias).swapaxes(1, 2)


def layer_maps_last(x, filters, bias):
    """Right numbers, wrong order of axes: the feature maps are counted on the first."""
    return np.moveaxis(conv2d(x, filters, bias), 0, -1)


def layer_without_the_last_places(x, filters, bias):
    """The last row and the last column are missing. With H rows and a kernel of kh, there are H − kh + 1 places."""
    return conv2d(x, filters, bias)[:, :-1, :-1]


layer_truncated = with_fractions_cut_off(layer_right)


layer = Exercise(
    "A layer",
    task="Write `layer(x, filters, bias)`: the feature maps of an image of shape (C, H, W). `filters` has the shape "
    "(K, C, kh, kw), `bias` the shape (K,). No padding, stride 1. Use loops, not `conv2d`.",
    right=layer_right,
    mistakes=[
        layer_channels_kept,
        layer_channels_kept_without_bias,
        layer_map_for_every_slice,
        layer_last_channel,
        layer_first_channel,
        layer_first_slice,
        layer_maps_added,
        layer_all_filters_at_once,
        layer_array_in_a_cell,
        layer_by_matrix_product,
        layer_by_dot,
        layer_channels_cut,
        layer_channels_for_height,
        layer_channels_for_rows,
        layer_without_bias,
        layer_bias_per_channel,
        layer_bias_per_pixel,
        layer_bias_per_product,
        layer_bias_inside,
        layer_bias_along_columns,
        layer_first_bias,
        layer_turned,
        layer_turned_in_depth,
        layer_maps_transposed,
        layer_maps_last,
        layer_without_the_last_places,
        layer_truncated,
    ],
    cases=LAYERS,
    hint="With a kernel of 3 rows, the window of the output (k, i, j) is `x[:, i : i + 3, …]`: all channels, and of "
    "each the same rows and columns. It has the same shape as `filters[k]`. When is the bias added?",
    solution="""
def layer(x, filters, bias):
    n_filters, _, kh, kw = filters.shape
    out = np.zeros((n_filters, x.shape[1] - kh + 1, x.shape[2] - kw + 1))
    for k in range(n_filters):
        for i in range(out.shape[1]):
            for j in range(out.shape[2]):
                window = x[:, i : i + kh, j : j + kw]
                out[k, i, j] = (window * filters[k]).sum() + bias[k]
    return out
""",
    because="One sum over channels, rows and columns, and then one bias, for each filter and each place.",
)


# 1 × 1 as a matrix product


def one_by_one_right(x, filters):
    """The package's layer."""
    return conv2d(x, filters)


def _matrices(x, filters):
    """A row for each filter, and a column for each pixel."""
    return filters.reshape(len(filters), -1), x.reshape(len(x), -1)


def one_by_one_kept(x, filters):
    """You multiplied, and kept all channels. A 1 × 1 convolution adds them, for each filter."""
    return x * filters


def one_by_one_kept_by_one_filter(x, filters):
    """You multiplied by the first filter, and kept all channels. Every filter adds them up to one map."""
    return x * filters[0]


def one_by_one_over_filters(x, filters):
    """You added over the filters. Add over the channels: one map for each filter."""
    return (x * filters).sum(axis=0)


def one_by_one_first_filter_alone(x, filters):
    """You used the first filter alone. Each filter makes a map of its own."""
    return conv2d(x, filters[:1])[0]


def one_by_one_nothing(x, filters):
    """You gave the image back. A 1 × 1 convolution mixes the channels of each pixel."""
    return x


def one_by_one_pixels_reshaped(x, filters):
    """Your pixels are mixed up. `x.reshape(-1, C)` cuts the channels to pieces. Make C rows first, then
    transpose."""
    rows, _ = _matrices(x, filters)
    return (rows @ x.reshape(-1, len(x)).T).reshape(len(filters), *x.shape[1:])


def one_by_one_result_reshaped(x, filters):
    """The numbers are right, but they stand in the wrong places. Your product has a row for each pixel. Transpose it
    before you reshape it."""
    rows, pixels = _matrices(x, filters)
    return (pixels.T @ rows.T).reshape(len(filters), *x.shape[1:])


def one_by_one_both_reshaped(x, filters):
    """`reshape` does not exchange axes. Pixels and result are both mixed up. Make the pixels columns:
    `x.reshape(C, -1)`."""
    rows, _ = _matrices(x, filters)
    return (x.reshape(-1, len(x)) @ rows.T).reshape(len(filters), *x.shape[1:])


def one_by_one_all_axes_exchanged(x, filters):
    """The numbers are right, but they stand in the wrong places. `x.T` also exchanges the rows and the columns of the
    image."""
    return conv2d(x.swapaxes(1, 2), filters).reshape(len(filters), *x.shape[1:])


def one_by_one_filters_reshaped(x, filters):
    """Your filters are mixed up: their weights have been put into columns by `reshape`. Each filter is a row."""
    _, pixels = _matrices(x, filters)
    return (filters.reshape(len(x), -1).T @ pixels).reshape(-1, *x.shape[1:])


def one_by_one_without_matrices(x, filters):
    """`@` needs two matrices here. Reshape first: a row for each filter, and a row of pixels for each channel."""
    return filters @ x


def one_by_one_filters_left(x, filters):
    """Your filters still have four axes. Make them a matrix first: one row for each."""
    _, pixels = _matrices(x, filters)
    return (filters @ pixels).reshape(len(filters), *x.shape[1:])


def one_by_one_pixels_left(x, filters):
    """Your image still has three axes. Make the pixels a matrix, too: one row for each channel."""
    rows, _ = _matrices(x, filters)
    return rows @ x


def one_by_one_with_the_lesson_s_sizes(x, filters):
    """These are the sizes of the lesson's example. Take them from `x.shape` and `filters.shape`."""
    pixels = x.reshape(3, 20)
    return (filters.reshape(2, 3) @ pixels).reshape(2, 4, 5)


def one_by_one_flat(x, filters):
    """The numbers are right. Give them back the rows and columns of the image."""
    rows, pixels = _matrices(x, filters)
    return rows @ pixels


def one_by_one_channels_last(x, filters):
    """Right numbers, wrong order of axes: the channels come first, then rows and columns."""
    return np.moveaxis(conv2d(x, filters), 0, -1)


def one_by_one_columns_first(x, filters):
    """You exchanged rows and columns when you gave the result its shape."""
    return conv2d(x, filters).reshape(len(filters), *x.shape[:0:-1])


one_by_one_truncated = with_fractions_cut_off(one_by_one_right)


one_by_one = Exercise(
    "1 × 1 as a matrix product",
    task="Write `one_by_one(x, filters)`: the 1 × 1 convolution of an image of shape (C, H, W), by one matrix product. "
    "`filters` has the shape (K, C, 1, 1), the result (K, H, W). There is no bias.",
    right=one_by_one_right,
    mistakes=[
        one_by_one_kept,
        one_by_one_kept_by_one_filter,
        one_by_one_over_filters,
        one_by_one_first_filter_alone,
        one_by_one_nothing,
        one_by_one_pixels_reshaped,
        one_by_one_result_reshaped,
        one_by_one_both_reshaped,
        one_by_one_all_axes_exchanged,
        one_by_one_filters_reshaped,
        one_by_one_without_matrices,
        one_by_one_filters_left,
        one_by_one_pixels_left,
        one_by_one_with_the_lesson_s_sizes,
        one_by_one_flat,
        one_by_one_channels_last,
        one_by_one_columns_first,
        one_by_one_truncated,
    ],
    cases=[
        (np.array([[[3, 1, 4], [2, 5, 9]], [[7, 6, 2], [8, 1, 5]]]), np.array([[2, -1], [1, 3]]).reshape(2, 2, 1, 1)),
        (np.array([[[4, 1], [7, 2], [9, 3]]]), np.array([[3], [-2]]).reshape(2, 1, 1, 1)),
        (LAYERS[2][0], np.array([[2, -1, 3]]).reshape(1, 3, 1, 1)),
        (LAYERS[1][0], np.array([[1, 2], [-3, 1], [4, -1]]).reshape(3, 2, 1, 1)),
        (LAYERS[2][0], np.array([[1, -2, 3], [2, 4, -1]]).reshape(2, 3, 1, 1)),
        (np.array([[[2, 6, 4], [8, 2, 6]], [[4, 7, 2], [6, 8, 4]]]), np.array([[2, 0.5], [-1, 3]]).reshape(2, 2, 1, 1)),
    ],
    hint="Make the filters a matrix of K rows, and the pixels a matrix of C rows. Then `@`, then `reshape`.",
    solution="""
def one_by_one(x, filters):
    channels, rows, columns = x.shape
    pixels = x.reshape(channels, rows * columns)
    weights = filters.reshape(len(filters), channels)
    return (weights @ pixels).reshape(len(filters), rows, columns)
""",
    because="Each entry is the dot product of a filter with the depth of a pixel.",
)


EXERCISES = (filters_shape, n_parameters, layer, one_by_one)


def progress():
    """Say which exercises of this lesson are right in this kernel."""
    return exercise.progress(EXERCISES)

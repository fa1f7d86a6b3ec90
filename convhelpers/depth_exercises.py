"""With this module one can do the exercises of lesson 3: filters with depth, their biases, and 1 × 1 convolutions."""

import numpy as np

from convhelpers import exercise
from convhelpers.arithmetic import conv2d, correlate2d
from convhelpers.exercise import Exercise

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


# Count its parameters

SLICE = KERNEL_ROWS * KERNEL_COLUMNS
WEIGHTS = N_FILTERS * CHANNELS * SLICE
PLACES = (ROWS - KERNEL_ROWS + 1) * (COLUMNS - KERNEL_COLUMNS + 1)


def n_parameters_right():
    """All weights, and a bias for each filter."""
    return WEIGHTS + N_FILTERS


def n_parameters_without_bias():
    """These are the weights. Each filter has a bias as well."""
    return WEIGHTS


def n_parameters_with_one_slice():
    """You forgot the depth: each filter has a slice of weights for every channel."""
    return N_FILTERS * SLICE + N_FILTERS


def n_parameters_with_one_slice_without_bias():
    """You forgot the depth, and the biases. Each filter has a slice for every channel, and one bias."""
    return N_FILTERS * SLICE


def n_parameters_of_one_filter():
    """That is one filter with its bias. The layer has a filter for each feature map."""
    return CHANNELS * SLICE + 1


def n_parameters_with_one_bias():
    """You counted one bias for the whole layer. Each filter has its own."""
    return WEIGHTS + 1


def n_parameters_with_bias_per_channel():
    """You counted a bias for every channel of the image. There is one for each filter."""
    return WEIGHTS + CHANNELS


def n_parameters_with_bias_per_slice():
    """You counted a bias for every slice. A filter has one, for all its slices together."""
    return WEIGHTS + N_FILTERS * CHANNELS


def n_parameters_with_bias_per_weight():
    """You counted a bias for every weight. A filter has one, which is added after the sum."""
    return 2 * WEIGHTS


def n_parameters_with_bias_per_pixel():
    """You counted a bias for every pixel of the output. A filter has one, the same wherever it stands."""
    return WEIGHTS + N_FILTERS * PLACES


def n_parameters_with_bias_per_pixel_of_the_image():
    """You counted a bias for every pixel of the image. A filter has one, the same wherever it stands."""
    return WEIGHTS + ROWS * COLUMNS


def n_parameters_at_every_place():
    """You counted the weights anew at every place of the window. A filter slides, and takes its weights along."""
    return WEIGHTS * PLACES + N_FILTERS


n_parameters = Exercise(
    "Count the parameters",
    task=f"{THE_LAYER} How many parameters has it, weights and biases together?",
    right=n_parameters_right,
    mistakes=[
        n_parameters_without_bias,
        n_parameters_with_one_slice,
        n_parameters_with_one_slice_without_bias,
        n_parameters_of_one_filter,
        n_parameters_with_one_bias,
        n_parameters_with_bias_per_channel,
        n_parameters_with_bias_per_slice,
        n_parameters_with_bias_per_weight,
        n_parameters_with_bias_per_pixel,
        n_parameters_with_bias_per_pixel_of_the_image,
        n_parameters_at_every_place,
    ],
    hint="How many weights has one slice? How many slices has a filter? And for what is there a bias?",
    solution="""
# 6 filters, in each 4 slices of 5 * 2 weights. And 6 biases.
n_parameters = 6 * 4 * 5 * 2 + 6
""",
    because="The size of the image does not matter: the filters slide over it.",
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


def layer_by_matrix_product(x, filters, bias):
    """You used `@`, where other pairs meet: rows with columns. Each number meets the weight that lies on it: `*`."""
    return _each_place(np.matmul, x, filters, bias)


def layer_by_dot(x, filters, bias):
    """You used `np.dot`. With three axes, that is not the dot product of window and filter. Use `*` and add."""
    return _each_place(np.dot, x, filters, bias)


def _each_place(product, x, filters, bias):
    """What a layer gives that takes another product."""
    out = np.zeros_like(conv2d(x, filters))
    for k, i, j in np.ndindex(out.shape):
        window = x[:, i : i + filters.shape[2], j : j + filters.shape[3]]
        out[k, i, j] = product(window, filters[k]).sum() + bias[k]
    return out


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
        layer_by_matrix_product,
        layer_by_dot,
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
    ],
    cases=LAYERS,
    hint="The window of the output (k, i, j) is a slice of `x` through all channels. It has the same shape as "
    "`filters[k]`. When is the bias added?",
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
        one_by_one_flat,
        one_by_one_channels_last,
        one_by_one_columns_first,
    ],
    cases=[
        (np.array([[[3, 1, 4], [2, 5, 9]], [[7, 6, 2], [8, 1, 5]]]), np.array([[2, -1], [1, 3]]).reshape(2, 2, 1, 1)),
        (np.array([[[4, 1], [7, 2], [9, 3]]]), np.array([[3], [-2]]).reshape(2, 1, 1, 1)),
        (LAYERS[2][0], np.array([[2, -1, 3]]).reshape(1, 3, 1, 1)),
        (LAYERS[1][0], np.array([[1, 2], [-3, 1], [4, -1]]).reshape(3, 2, 1, 1)),
        (LAYERS[2][0], np.array([[1, -2, 3], [2, 4, -1]]).reshape(2, 3, 1, 1)),
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

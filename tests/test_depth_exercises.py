"""The exercises of lesson 3: their right answers beside PyTorch, SciPy and worked cases, and cases that tell."""

import numpy as np
import peers
import pytest
import scipy.signal
from answering import assert_met, sentence_of, told

from convhelpers import depth_exercises as exercises
from convhelpers import signals
from convhelpers.arithmetic import conv2d, correlate2d
from convhelpers.feedback import Status

torch = peers.torch

# What recognises the mistakes of this lesson.
MET = {
    "keeping one output channel for every input channel": [
        exercises.filters_shape_kept_channels,
        exercises.layer_channels_kept,
        exercises.layer_map_for_every_slice,
    ],
    "a filter with no depth": [
        exercises.filters_shape_without_depth,
        exercises.filters_shape_with_one_slice,
        exercises.n_parameters_with_one_slice,
        exercises.layer_first_slice,
        exercises.layer_first_channel,
    ],
    "a bias for every weight, every channel or every pixel, or inside the sum": [
        exercises.n_parameters_with_bias_per_weight,
        exercises.n_parameters_with_bias_per_channel,
        exercises.n_parameters_with_bias_per_slice,
        exercises.n_parameters_with_bias_per_pixel,
        exercises.layer_bias_per_product,
        exercises.layer_bias_per_channel,
        exercises.layer_bias_per_pixel,
        exercises.layer_bias_inside,
    ],
    "taking a 1 × 1 convolution for doing nothing": [exercises.one_by_one_nothing],
    "multiplying by a 1 × 1 filter and keeping all channels": [
        exercises.one_by_one_kept,
        exercises.one_by_one_kept_by_one_filter,
    ],
}


def by_torch(torch, *operands):
    return torch.nn.functional.conv2d(*(torch.tensor(operand, dtype=torch.float64) for operand in operands)).numpy()


def test_every_mistake_of_the_lesson_is_met():
    assert_met(MET, "03_depth_and_1x1")


# The shape of the filters, and the number of parameters


def test_the_values_are_those_of_torch(torch):
    layers = torch.nn.Conv2d(4, 6, (5, 2)), torch.nn.Conv2d(6, 3, 1)
    assert exercises.filters_shape_right() == tuple(layers[0].weight.shape)
    parameters = torch.nn.Sequential(*layers).parameters()
    assert exercises.n_parameters_right() == sum(parameter.numel() for parameter in parameters)


def test_the_values_by_hand():
    """6 filters of 4 slices, each 5 · 2 = 10 weights: 240, and 6 biases. Then 3 filters of 6 weights, and 3 biases.

    The maps of both layers have 16 · 29 places.
    """
    assert exercises.filters_shape_right() == (6, 4, 5, 2)
    assert exercises.n_parameters_right() == 240 + 6 + 18 + 3
    assert exercises.n_parameters_of_the_first_layer() == 240 + 6
    assert exercises.n_parameters_with_the_image_s_channels() == 240 + 6 + 12 + 3
    assert exercises.n_parameters_with_flat_one_by_one() == 240 + 6 + 3 + 3
    assert exercises.n_parameters_without_bias() == 240 + 18
    assert exercises.n_parameters_with_bias_per_slice() == 240 + 24 + 18 + 18
    assert exercises.n_parameters_with_bias_per_pixel() == 240 + 18 + (6 + 3) * 16 * 29


def test_n_parameters_on_the_sizes_of_cs231n(monkeypatch):
    """CS231n notes, "Convolutional Networks": 96 filters of 11 · 11 · 3 have 34,848 weights, and 96 biases.

    Without sharing, each of the 55 · 55 · 96 neurons would have 363 weights: 105,415,200, biases not counted.
    """
    monkeypatch.setattr(exercises, "BOTH", [exercises.Sizes(channels=3, n_filters=96, cells=11 * 11)])
    monkeypatch.setattr(exercises, "PLACES", 55 * 55)
    assert exercises.n_parameters_without_bias() == 34_848
    assert exercises.n_parameters_right() == 34_944
    assert exercises.n_parameters_at_every_place() == 105_415_200 + 96


def test_filters_of_that_shape_make_the_maps_of_the_task():
    x = np.ones((exercises.CHANNELS, exercises.ROWS, exercises.COLUMNS))
    out = conv2d(x, np.ones(exercises.filters_shape_right()))
    assert out.shape[0] == exercises.N_FILTERS
    assert out[0].size == exercises.PLACES


def test_the_tasks_name_the_layer():
    for exercise in (exercises.filters_shape, exercises.n_parameters):
        for words in (
            f"{exercises.N_FILTERS} feature maps",
            f"shape {(exercises.CHANNELS, exercises.ROWS, exercises.COLUMNS)}",
            f"{exercises.KERNEL_ROWS} rows and {exercises.KERNEL_COLUMNS} columns",
        ):
            assert words in exercise.task
    assert f"A 1 × 1 layer makes {exercises.SECOND.n_filters} feature maps of these" in exercises.n_parameters.task


# A layer


@pytest.mark.parametrize("case", exercises.layer.cases)
def test_layer_equals_torch(torch, case):
    assert np.array_equal(exercises.layer_right(*case), by_torch(torch, *case))


@pytest.mark.parametrize("case", exercises.layer.cases)
def test_layer_turned_equals_scipy(case):
    """SciPy's `correlate` and `convolve` in three dimensions; the second turns the filter in depth, too."""
    x, filters, bias = case
    pairs = list(zip(filters, bias, strict=True))
    laid_on = [scipy.signal.correlate(x, filter_, "valid")[0] + number for filter_, number in pairs]
    turned = [scipy.signal.convolve(x, filter_, "valid")[0] + number for filter_, number in pairs]
    assert np.array_equal(exercises.layer_right(*case), laid_on)
    assert np.array_equal(exercises.layer_turned_in_depth(*case), turned)


def test_layer_and_its_near_misses_on_the_numbers_of_the_lesson():
    """At row 1, column 0 of filter 0: 9 and the bias 1. The lesson prints the wrong ones, too."""
    numbers = signals.depth_volume(), signals.depth_filters()[:1], signals.depth_bias()[:1]
    place = (0, 1, 0)
    assert exercises.layer_right(*numbers)[place] == 10
    assert exercises.layer_without_bias(*numbers)[place] == 9
    assert exercises.layer_bias_per_product(*numbers)[place] == 36
    assert exercises.layer_bias_per_channel(*numbers)[place] == 12
    assert exercises.layer_bias_per_pixel(*numbers)[place] == 18
    assert exercises.layer_first_slice(*numbers)[place] == 8 + 1
    assert exercises.layer_channels_kept(*numbers)[0, :, 1, 0].tolist() == [4 + 1, 2 + 1, 3 + 1]


def test_layers_tell():
    channels, n_filters = [], []
    for x, filters, bias in exercises.layer.cases:
        assert x.shape[1] != x.shape[2]
        assert max(x.size, filters.size) <= 40
        assert not np.array_equal(filters, filters[:, :, ::-1, ::-1])
        assert (bias != 0).all()
        channels.append(len(x))
        n_filters.append(len(filters))
    assert max(channels) == 3
    assert all(few != many for few, many in zip(channels, n_filters, strict=True))
    assert any(filters.shape[2] != filters.shape[3] for _, filters, _ in exercises.layer.cases)
    assert any(size % 2 == 0 for _, filters, _ in exercises.layer.cases for size in filters.shape[2:])
    assert any((exercises.layer_right(*case) < 0).any() for case in exercises.layer.cases)


def test_biases_that_fit_along_the_columns_too_are_among_the_cases():
    widths = [(exercises.layer_right(*case).shape[2], len(case[2])) for case in exercises.layer.cases]
    assert any(width == n_biases > 1 for width, n_biases in widths)


def channel_by_channel(x, filters, bias):
    """A learner's way, with the bias where it is often put."""
    out = np.zeros((len(filters), x.shape[1] - filters.shape[2] + 1, x.shape[2] - filters.shape[3] + 1))
    for k in range(len(filters)):
        for c in range(len(x)):
            out[k] += correlate2d(x[c], filters[k, c]) + bias[k]
    return out


def window_by_window(number):
    """A learner's way, with a number of its own for each window."""

    def layer(x, filters, bias):
        n_filters, _, kh, kw = filters.shape
        out = np.zeros((n_filters, x.shape[1] - kh + 1, x.shape[2] - kw + 1))
        for k, i, j in np.ndindex(out.shape):
            out[k, i, j] = number(x[:, i : i + kh, j : j + kw], filters, bias, k)
        return out

    return layer


def with_lesson_2_s_slice(height, width):
    """A learner's way, with the axes `height` and `width` of x."""

    def layer(x, filters, bias):
        n_filters, _, kh, kw = filters.shape
        out = np.zeros((n_filters, x.shape[height] - kh + 1, x.shape[width] - kw + 1))
        for k in range(n_filters):
            for i in range(x.shape[height] - kh + 1):
                for j in range(x.shape[width] - kw + 1):
                    window = x[i : i + kh, j : j + kw]
                    out[k, i, j] = bias[k] + np.sum(window * filters[k])
        return out

    return layer


def with_lesson_2_s_height(x, filters, bias):
    kh, kw = filters.shape[2:]
    H, W = x.shape[0], x.shape[1]
    sums = [
        [(x[:, i : i + kh, j : j + kw] * filter_).sum() + number for i in range(H - kh + 1) for j in range(W - kw + 1)]
        for filter_, number in zip(filters, bias, strict=True)
    ]
    return np.array(sums).reshape(len(filters), H - kh + 1, W - kw + 1)


@pytest.mark.parametrize(
    ("answer", "mistake"),
    [
        (with_lesson_2_s_slice(1, 2), exercises.layer_channels_cut),
        (with_lesson_2_s_slice(0, 1), exercises.layer_channels_for_rows),
        (with_lesson_2_s_height, exercises.layer_channels_for_height),
        (
            window_by_window(lambda window, filters, bias, k: window * filters[k] + bias[k]),
            exercises.layer_array_in_a_cell,
        ),
        (
            window_by_window(lambda window, filters, bias, k: sum(window * filters[k]) + bias[k]),
            exercises.layer_array_in_a_cell,
        ),
        (
            window_by_window(lambda window, filters, bias, k: window @ filters[k] + bias[k]),
            exercises.layer_array_in_a_cell,
        ),
        (
            window_by_window(lambda window, filters, bias, k: np.dot(window, filters[k]) + bias[k]),
            exercises.layer_array_in_a_cell,
        ),
        (channel_by_channel, exercises.layer_bias_per_channel),
        (
            window_by_window(lambda window, filters, bias, k: (window * filters[k, 0]).sum() + bias[k]),
            exercises.layer_first_slice,
        ),
        (
            window_by_window(lambda window, filters, bias, k: ((window + bias[k]) * filters[k]).sum()),
            exercises.layer_bias_inside,
        ),
        (
            window_by_window(lambda window, filters, bias, k: (window * filters[k] + bias[k]).sum()),
            exercises.layer_bias_per_product,
        ),
        (
            window_by_window(lambda window, filters, bias, k: ((window * filters[k]).sum(axis=0) + bias[k]).sum()),
            exercises.layer_bias_per_pixel,
        ),
        (
            window_by_window(lambda window, filters, bias, k: (window * filters).sum() + bias[k]),
            exercises.layer_all_filters_at_once,
        ),
        (
            window_by_window(lambda window, filters, bias, k: (window * np.flip(filters[k])).sum() + bias[k]),
            exercises.layer_turned_in_depth,
        ),
    ],
)
def test_what_a_learner_writes_is_recognised(answer, mistake):
    assert told(exercises.layer, answer) == sentence_of(mistake)


# 1 × 1 as a matrix product


@pytest.mark.parametrize("case", exercises.one_by_one.cases)
def test_one_by_one_equals_torch(torch, case):
    assert np.array_equal(exercises.one_by_one_right(*case), by_torch(torch, *case))


def test_one_by_one_by_hand():
    """The lesson's filter 2, −1, 3 on the pixel 1, 0, 2 at the top left: 2 · 1 − 1 · 0 + 3 · 2 = 8."""
    x, one = signals.depth_volume(), np.array([2, -1, 3]).reshape(1, 3, 1, 1)
    assert exercises.one_by_one_right(x, one)[0, 0, 0] == 8
    assert exercises.one_by_one_kept_by_one_filter(x, one)[:, 0, 0].tolist() == [2, 0, 6]
    assert exercises.one_by_one_nothing(x, one)[:, 0, 0].tolist() == [1, 0, 2]


def test_pixels_and_filters_tell():
    sizes = [(len(x), len(filters)) for x, filters in exercises.one_by_one.cases]
    assert {few < many for few, many in sizes} == {True, False}
    assert any(channels == n_filters > 1 for channels, n_filters in sizes), "here the result has the shape of x"
    assert max(channels for channels, _ in sizes) == 3
    for x, filters in exercises.one_by_one.cases:
        assert x.shape[1] != x.shape[2]
        assert max(x.size, filters.size) <= 40


def pixels_and_filters(x, filters):
    return x.reshape(len(x), -1), filters.reshape(len(filters), -1)


def with_pixels_as_rows(x, filters):
    pixels, weights = pixels_and_filters(x, filters)
    return (pixels.T @ weights.T).reshape(len(filters), x.shape[1], x.shape[2])


def with_channels_last(x, filters):
    return np.transpose(x, (1, 2, 0)) @ filters[:, :, 0, 0].T


def by_reshape_alone(x, filters):
    return (filters[:, :, 0, 0] @ x.reshape(-1, len(x)).T).reshape(-1, *x.shape[1:])


def without_reshape(x, filters):
    pixels, weights = pixels_and_filters(x, filters)
    return weights.dot(pixels)


def with_the_filters_left(x, filters):
    C, H, W = x.shape
    return (filters @ x.reshape(C, H * W)).reshape(-1, H, W)


def with_the_lesson_s_numbers(x, filters):
    pixels = x.reshape(3, 20)
    two = filters.reshape(2, 3)
    return (two @ pixels).reshape(2, 4, 5)


def with_the_lesson_s_filters(x, filters):
    return (filters.reshape(2, 3) @ x.reshape(3, 20)).reshape(2, 4, 5)


@pytest.mark.parametrize(
    ("answer", "mistake"),
    [
        (lambda x, filters: filters @ x, exercises.one_by_one_without_matrices),
        (with_the_filters_left, exercises.one_by_one_filters_left),
        (lambda x, filters: filters[:, :, 0, 0] @ x, exercises.one_by_one_pixels_left),
        (with_the_lesson_s_numbers, exercises.one_by_one_with_the_lesson_s_sizes),
        (with_the_lesson_s_filters, exercises.one_by_one_with_the_lesson_s_sizes),
        (with_pixels_as_rows, exercises.one_by_one_result_reshaped),
        (with_channels_last, exercises.one_by_one_channels_last),
        (by_reshape_alone, exercises.one_by_one_pixels_reshaped),
        (without_reshape, exercises.one_by_one_flat),
        (np.multiply, exercises.one_by_one_kept),
    ],
)
def test_what_a_learner_writes_by_matrices_is_recognised(answer, mistake):
    assert told(exercises.one_by_one, lambda x, filters: answer(x, filters)) == sentence_of(mistake)


@pytest.mark.parametrize(
    "way",
    [
        lambda x, filters: np.tensordot(filters[:, :, 0, 0], x, axes=1),
        lambda x, filters: np.einsum("kcij,chw->khw", filters, x),
        lambda x, filters: (x * filters).sum(axis=1),
    ],
)
def test_other_ways_to_a_one_by_one_convolution_are_right(way):
    assert exercises.one_by_one.check(way).status is Status.RIGHT


# The exercises of the lesson


def test_progress_counts_the_exercises_of_this_lesson():
    note = exercises.progress()
    assert note.word.endswith(f"of {len(exercises.EXERCISES)} right")
    for (name, _), exercise in zip(note.details, exercises.EXERCISES, strict=True):
        assert name.endswith(exercise.title)

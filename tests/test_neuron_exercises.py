"""The exercises of lesson 5: right answers beside SciPy and PyTorch, cases worked by hand, and cases that tell."""

import math

import numpy as np
import peers
import pytest
import scipy.signal
from answering import assert_met, sentence_of, told

from convhelpers import neuron_exercises as exercises
from convhelpers.arithmetic import conv2d, linear
from convhelpers.feedback import Status

torch = peers.torch

FUNCTIONS = [exercises.neuron, exercises.kernel_as_matrix, exercises.reorder]
# What recognises the mistakes of this lesson.
MET = {
    "making every fully connected layer a 1 × 1 convolution": [exercises.filters_shape_one_by_one],
    "flattening in another order than the weights expect": [
        exercises.reorder_unchanged,
        exercises.reorder_other_way,
        exercises.filters_shape_channel_last,
    ],
}


def test_every_mistake_of_the_lesson_is_met():
    assert_met(MET, "05_fully_connected")


# Weights and biases


def test_counts_by_hand():
    """8 · 5 · 6 = 240 inputs, 10 neurons."""
    assert exercises.counts_right() == (2400, 10)


def test_counts_are_those_of_linear(torch):
    layer = torch.nn.Linear(math.prod(exercises.VOLUME_SHAPE), exercises.N_NEURONS)
    assert exercises.counts_right() == (layer.weight.numel(), layer.bias.numel())


def test_counts_on_the_sizes_of_vgg(monkeypatch):
    """CS231n notes, "VGGNet in detail": FC, 7·7·512·4096 = 102,760,448 weights; 1 × 1 in its place has 2,097,152."""
    monkeypatch.setattr(exercises, "VOLUME_SHAPE", (512, 7, 7))
    monkeypatch.setattr(exercises, "N_NEURONS", 4096)
    n_weights = exercises.N_NEURONS * math.prod(exercises.VOLUME_SHAPE)
    assert n_weights == 102_760_448
    assert exercises.counts_of_one_pixel() == (2_097_152, 4096)
    assert exercises.counts_of_one_channel() == (7 * 7 * 4096, 4096)


def test_the_volume_stands_in_both_tasks_and_has_three_different_sides():
    assert len(set(exercises.VOLUME_SHAPE)) == 3
    for exercise in (exercises.counts, exercises.filters_shape):
        assert f"shape {exercises.VOLUME_SHAPE}" in exercise.task
        assert f"to {exercises.N_NEURONS} n" in exercise.task


# One neuron


def test_neuron_by_hand():
    """The lesson's neuron: 3 − 2 + 0 − 4 = −3, with the bias −2, and f makes 0 of it; with the bias 5 it is 2."""
    x, weights = np.array([3, -1, 0, 2]), np.array([1, 2, 5, -2])
    assert exercises.neuron_right(x, weights, 1) == 0
    assert exercises.neuron_right(x, weights, 5) == 2


def test_neuron_is_relu_of_linear(torch):
    for x, weights, bias in exercises.neuron.cases:
        inputs, row = torch.from_numpy(x).double(), torch.from_numpy(weights).double()[None]
        peer = torch.relu(torch.nn.functional.linear(inputs, row, torch.tensor([bias]).double()))
        assert exercises.neuron_right(x, weights, bias) == peer.item()


def test_neuron_cases_tell():
    """The bias lifts a sum above 0 and brings another below it; two sums stay on their side of 0."""
    signs = {(np.sign(x @ weights), np.sign(x @ weights + bias)) for x, weights, bias in exercises.neuron.cases}
    assert signs == {(-1, 1), (1, -1), (1, 1), (-1, -1)}
    assert {np.sign(bias) for _, _, bias in exercises.neuron.cases} == {-1, 1}


def test_neuron_that_is_always_0_is_not_told_of_its_products():
    assert exercises.neuron.check(lambda x, weights, bias: 0).status is Status.WRONG


def test_neuron_names_a_bias_in_every_product_without_f():
    def answer(x, weights, bias):
        total = 0
        for number, weight in zip(x, weights, strict=True):
            total += number * weight + bias
        return total

    assert told(exercises.neuron, answer) == sentence_of(exercises.neuron_bias_for_each_product_without_f)


# A fully connected layer as a convolution


def test_filters_shape_by_hand():
    """10 neurons that see 8 channels of 5 rows and 6 columns."""
    assert exercises.filters_shape_right() == (10, 8, 5, 6)


def test_filters_shape_makes_the_convolution_do_the_same(torch):
    x = np.arange(math.prod(exercises.VOLUME_SHAPE)).reshape(exercises.VOLUME_SHAPE) % 7
    weight = np.arange(exercises.N_NEURONS * x.size).reshape(exercises.N_NEURONS, -1) % 11 - 5
    filters = weight.reshape(exercises.filters_shape_right())
    volume, kernels = torch.from_numpy(x).double(), torch.from_numpy(filters).double()
    peer = torch.nn.functional.conv2d(volume, kernels).numpy()
    np.testing.assert_array_equal(peer.ravel(), linear(x.ravel(), weight))
    assert peer.shape == (exercises.N_NEURONS, 1, 1)


@pytest.mark.parametrize(
    "wrong",
    [mistake for _, mistake in exercises.filters_shape.mistakes],
    ids=lambda mistake: mistake.__name__,
)
def test_no_other_shape_of_filters_gives_ten_numbers(wrong):
    """A near miss is refused, or gives another shape."""
    x = np.zeros(exercises.VOLUME_SHAPE)
    try:
        shape = conv2d(x, np.zeros(wrong())).shape
    except ValueError:
        return
    assert shape != (exercises.N_NEURONS, 1, 1)


def test_filters_shape_names_the_lessons_mistake():
    assert told(exercises.filters_shape, (10, 8, 1, 1)) == sentence_of(exercises.filters_shape_one_by_one)


# A convolution as a fully connected layer


def test_kernel_as_matrix_by_hand():
    """The kernel 0 … 3 on 3 × 3: four rows, whose products with 0 … 8 stand in Dive into Deep Learning."""
    matrix = exercises.kernel_as_matrix_right(np.arange(4).reshape(2, 2), (3, 3))
    assert matrix.tolist() == [
        [0, 1, 0, 2, 3, 0, 0, 0, 0],
        [0, 0, 1, 0, 2, 3, 0, 0, 0],
        [0, 0, 0, 0, 1, 0, 2, 3, 0],
        [0, 0, 0, 0, 0, 1, 0, 2, 3],
    ]
    assert (matrix @ np.arange(9)).tolist() == [19, 25, 37, 43]


def test_kernel_as_matrix_is_correlate2d():
    for kernel, image_shape in exercises.kernel_as_matrix.cases:
        image = np.random.default_rng(0).integers(-9, 10, image_shape)
        peer = scipy.signal.correlate2d(image, kernel, mode="valid")
        matrix = exercises.kernel_as_matrix_right(kernel, image_shape)
        np.testing.assert_array_equal(matrix @ image.ravel(), peer.ravel())
        assert matrix.shape == (peer.size, image.size)


def test_kernel_as_matrix_turned_is_convolve2d():
    for kernel, image_shape in exercises.kernel_as_matrix.cases:
        image = np.random.default_rng(0).integers(-9, 10, image_shape)
        peer = scipy.signal.convolve2d(image, kernel, mode="valid")
        outputs = exercises.kernel_as_matrix_turned(kernel, image_shape) @ image.ravel()
        np.testing.assert_array_equal(outputs, peer.ravel())


def test_kernel_as_matrix_cases_tell():
    """Kernels without 0 and without equal weights change however they are turned; the transposed one fits as well."""
    cases = exercises.kernel_as_matrix.cases
    for kernel, image_shape in cases:
        assert np.unique(kernel[kernel != 0]).size == kernel.size
        assert max(kernel.shape) <= min(image_shape)
    assert {height != width for _, (height, width) in cases} == {True, False}
    assert {np.sign(np.diff(kernel.shape)[0]) for kernel, _ in cases} == {-1, 0, 1}
    assert {side % 2 for kernel, _ in cases for side in kernel.shape} == {0, 1}


def copied(kernel, image_shape):
    """The lesson's cell, word for word."""
    rows = []
    for i in range(2):
        for j in range(3):
            weights = np.zeros((3, 4), dtype=kernel.dtype)
            weights[i : i + 2, j : j + 2] = kernel
            rows.append(weights.ravel())
    return np.array(rows)


def copied_places(kernel, image_shape):
    kh, kw = kernel.shape
    rows = []
    for i in range(2):
        for j in range(3):
            weights = np.zeros(image_shape, dtype=kernel.dtype)
            weights[i : i + kh, j : j + kw] = kernel
            rows.append(weights.ravel())
    return np.array(rows)


def copied_window(kernel, image_shape):
    (height, width), (kh, kw) = image_shape, kernel.shape
    rows = []
    for i in range(height - kh + 1):
        for j in range(width - kw + 1):
            weights = np.zeros(image_shape, dtype=kernel.dtype)
            weights[i : i + 2, j : j + 2] = kernel
            rows.append(weights.ravel())
    return np.array(rows)


def with_places_swapped(kernel, image_shape):
    (height, width), (kh, kw) = image_shape, kernel.shape
    rows = []
    for i in range(height - kw + 1):
        for j in range(width - kh + 1):
            weights = np.zeros(image_shape)
            weights[i : i + kh, j : j + kw] = kernel
            rows.append(weights.ravel())
    return np.array(rows)


def in_whole_numbers(kernel, image_shape):
    (height, width), (kh, kw) = image_shape, kernel.shape
    places = [(i, j) for i in range(height - kh + 1) for j in range(width - kw + 1)]
    matrix = np.zeros((len(places), height, width), dtype=int)
    for weights, (i, j) in zip(matrix, places, strict=True):
        weights[i : i + kh, j : j + kw] = kernel
    return matrix.reshape(len(places), -1)


@pytest.mark.parametrize(
    ("answer", "mistake"),
    [
        (copied, exercises.kernel_as_matrix_of_the_lesson),
        (copied_places, exercises.kernel_as_matrix_lessons_places),
        (copied_window, exercises.kernel_as_matrix_lessons_window),
        (with_places_swapped, exercises.kernel_as_matrix_places_swapped),
        (in_whole_numbers, exercises.kernel_as_matrix_truncated),
    ],
)
def test_kernel_as_matrix_names_the_lessons_numbers(answer, mistake):
    assert told(exercises.kernel_as_matrix, answer) == sentence_of(mistake)


# Weights for another order


def test_reorder_by_hand():
    """One row, two columns, two channels. By pixel: (0 1) (2 3). By channel: 0 2, then 1 3."""
    assert exercises.reorder_right(np.array([[0, 1, 2, 3]]), (2, 1, 2)).tolist() == [[0, 2, 1, 3]]


def test_reorder_keeps_the_outputs(torch):
    """The weights of a TensorFlow-like layer, carried over to PyTorch, which flattens channel by channel."""
    for weights, image_shape in exercises.reorder.cases:
        image = np.random.default_rng(0).integers(-9, 10, image_shape)
        before = weights @ image.transpose(1, 2, 0).ravel()
        flat = torch.nn.Flatten(start_dim=0)(torch.from_numpy(image).double())
        reordered = torch.from_numpy(exercises.reorder_right(weights, image_shape)).double()
        after = torch.nn.functional.linear(flat, reordered)
        np.testing.assert_array_equal(after.numpy(), before)


def test_reorder_cases_tell():
    cases = exercises.reorder.cases
    for weights, image_shape in cases:
        n_channels, height, width = image_shape
        assert n_channels > 1
        assert height != width
        assert np.unique(weights).size == weights.size
    assert any(len(set(image_shape)) == 3 and 1 not in image_shape for _, image_shape in cases)
    assert {len(weights) > 1 for weights, _ in cases} == {True, False}


def shape_misread(weights, image_shape):
    H, W, C = image_shape
    return np.moveaxis(weights.reshape(len(weights), H, W, C), -1, 1).reshape(weights.shape)


@pytest.mark.parametrize(
    ("answer", "mistake"),
    [
        (shape_misread, exercises.reorder_shape_misread),
        (lambda w, shape: w.copy(), exercises.reorder_unchanged),
        (lambda w, shape: w.reshape(len(w), *shape).reshape(w.shape), exercises.reorder_unchanged),
        (
            lambda w, shape: np.moveaxis(w.reshape(len(w), *shape), 1, -1).reshape(w.shape),
            exercises.reorder_other_way,
        ),
    ],
)
def test_reorder_names_the_lessons_mistake(answer, mistake):
    assert told(exercises.reorder, answer) == sentence_of(mistake)


# All of them


def test_the_notes_can_be_read():
    """At most 40 numbers in an argument, and a first note that fits a screen."""
    for exercise in FUNCTIONS:
        for case in exercise.cases:
            assert max(map(np.size, case)) <= 40
        smallest = min(exercise.cases, key=lambda case: sum(map(np.size, case)))
        assert np.size(exercise.right(*smallest)) <= 40

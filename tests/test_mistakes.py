"""The twenty mistakes that the lessons meet by name: each is computed beside the right answer, and differs from it.

`MISTAKES` is the one list of them, lesson by lesson in the order of meeting. Each entry computes (right, wrong answers)
on numbers of the lesson; a wrong answer with another shape differs too, and so does a refusal.
"""

import numpy as np
import pytest
import scipy.signal

from convhelpers import signals
from convhelpers.arithmetic import conv2d, convolve2d, correlate2d, linear, output_size
from convhelpers.im2col import im2col

REFUSED = "refused"


def refused(function, *operands, **options):
    """What a function gives, or the word that it refuses."""
    try:
        return function(*operands, **options)
    except (ValueError, TypeError):
        return REFUSED


def first_window():
    return signals.question_image()[:3, :3], signals.question_kernel()


def counting():
    return signals.counting_image(), signals.counting_kernel()


def one_to_nine():
    return signals.question_image(), signals.kernels()["one to nine"]


def depth():
    """The volume, filter 0 with its depth, and its bias."""
    return signals.depth_volume(), signals.depth_filters()[:1], signals.depth_bias()[:1]


def pixel_weights():
    return np.array([2, -1, 3]).reshape(1, 3, 1, 1)


# Lesson 1


def unsummed():
    window, kernel = first_window()
    return 4, [window * kernel]


def entries_of_the_matrix_product():
    window, kernel = first_window()
    assert (window @ kernel).sum() == 10
    image, even = counting()
    assert (correlate2d(image, even)[0, 0], (image[:2, :2] @ even).sum()) == (19, 28)
    return (window * kernel).sum(), [window @ kernel, (window @ kernel).sum()]


def dot_of_three_axes():
    window, kernel = np.arange(27).reshape(3, 3, 3), np.arange(27, 0, -1).reshape(3, 3, 3)
    return np.vdot(window, kernel), [np.dot(window, kernel), refused(np.dot, window[..., :2], kernel[..., :2])]


# Lesson 2


def rounded_up():
    return output_size(4, 3, stride=2), [2, (4 - 3) / 2 + 1]


def stride_forgotten_or_twice():
    image, kernel = one_to_nine()
    strided = correlate2d(image, kernel, stride=2)
    return strided, [correlate2d(image, kernel), correlate2d(image, kernel)[:2, :2], strided[::2, ::2]]


def wrong_size_formula():
    return output_size(7, 3, stride=2), [(7 - 3) / (2 + 1) + 1, (7 * 7 - 3) // 2 + 1]


def padding_in_total():
    return output_size(5, 3, padding=1), [output_size(5, 3, padding=(0, 1))]


def convolve2d_for_the_formula():
    return correlate2d(*counting()), [scipy.signal.convolve2d(*counting(), mode="valid")]


def symmetric_kernel():
    image, kernel = signals.question_image(), signals.question_kernel()
    assert np.array_equal(correlate2d(image, kernel), convolve2d(image, kernel))  # so it shows nothing
    return correlate2d(*counting()), [convolve2d(*counting())]


def swapped_arguments():
    image, even = counting()
    swapped = scipy.signal.correlate2d(even, image, mode="full")
    return scipy.signal.correlate2d(image, even, mode="full"), [swapped]


def same_of_an_even_kernel():
    image, even = counting()
    return correlate2d(image, even, padding="same"), [convolve2d(image, even[::-1, ::-1], padding="same")]


# Lesson 3


def channels_kept():
    x, weight, _ = depth()
    return conv2d(x, weight), [
        np.stack([correlate2d(channel, part) for channel, part in zip(x, weight[0], strict=True)])
    ]


def filter_without_depth():
    x, weight, _ = depth()
    flat = [sum(correlate2d(channel, weight[0, 0]) for channel in x)[np.newaxis], refused(conv2d, x, weight[:, :1])]
    return conv2d(x, weight), flat


def bias_more_than_once():
    """Added for every product, for every channel, for every output once more, and before multiplying."""
    x, weight, bias = signals.depth_volume(), signals.depth_filters()[1:], signals.depth_bias()[1:]
    sums = conv2d(x, weight)
    inside = weight.reshape(1, -1) @ (im2col(x, (3, 3)) + bias)
    often = [sums + times * bias for times in (weight[0].size, len(x), sums.size)]
    return conv2d(x, weight, bias), [*often, inside.reshape(sums.shape)]


def pixel_multiplied_and_kept():
    x, weight = signals.depth_volume(), pixel_weights()
    return conv2d(x, weight), [x * weight[0]]


def one_by_one_does_nothing():
    x, weight = signals.depth_volume(), pixel_weights()
    return conv2d(x, weight), [x, x[:1]]


# Lesson 4


def row_of(weight):
    return weight.reshape(len(weight), -1)


def kernel_turned():
    x, weight, _ = depth()
    columns, shape = im2col(x, (3, 3)), conv2d(x, weight).shape
    turned = row_of(weight[:, :, ::-1, ::-1]) @ columns
    return (row_of(weight) @ columns).reshape(shape), [turned.reshape(shape)]


def flattened_differently():
    x, weight = signals.depth_volume(), signals.depth_filters()
    columns, right = im2col(x, (3, 3)), conv2d(x, weight)
    other_order = row_of(np.moveaxis(weight, 1, -1)) @ columns
    reshaped = weight.reshape(-1, len(weight)).T @ columns
    untransposed = (columns.T @ row_of(weight).T).reshape(right.shape)
    return right, [other_order.reshape(right.shape), reshaped.reshape(right.shape), untransposed]


def matlab_order():
    x, weight, _ = depth()
    columns = im2col(x, (3, 3))
    down_first = np.moveaxis(weight, (2, 3), (3, 2))
    return row_of(weight) @ columns, [row_of(down_first) @ columns]


# Lesson 5


def always_one_by_one():
    x = signals.depth_volume()
    weight = np.arange(2 * x.size).reshape(2, -1) % 7 - 3
    same_weights = weight[:, :3].reshape(2, 3, 1, 1)
    return linear(x.ravel(), weight), [conv2d(x, same_weights), refused(conv2d, x, weight.reshape(2, -1, 1, 1))]


def flattened_for_another_library():
    x = signals.depth_volume()
    weight = np.arange(2 * x.size).reshape(2, -1) % 7 - 3
    return linear(x.ravel(), weight), [linear(np.moveaxis(x, 0, -1).ravel(), weight)]


MISTAKES = {
    "01_elementwise_vs_dot": {
        "stopping at the element-wise product": unsummed,
        'taking "dot product" to mean the matrix product': entries_of_the_matrix_product,
        "taking `np.dot` of two 3-D arrays for the dot product of a window and a filter": dot_of_three_axes,
    },
    "02_convolution_2d": {
        "believing that a fractional size is illegal, or that it is rounded up": rounded_up,
        "forgetting the stride in the slice, or applying it twice": stride_forgotten_or_twice,
        "a wrong size formula": wrong_size_formula,
        "counting padding in total": padding_in_total,
        "thinking that `convolve2d` is broken": convolve2d_for_the_formula,
        "letting a symmetric kernel prove the convention": symmetric_kernel,
        "swapping the arguments of `correlate2d`": swapped_arguments,
        'taking "same" to be symmetric': same_of_an_even_kernel,
    },
    "03_depth_and_1x1": {
        "keeping one output channel for every input channel": channels_kept,
        "a filter with no depth": filter_without_depth,
        "a bias for every weight, every channel or every pixel, or inside the sum": bias_more_than_once,
        "taking a 1 × 1 convolution for doing nothing": one_by_one_does_nothing,
        "multiplying by a 1 × 1 filter and keeping all channels": pixel_multiplied_and_kept,
    },
    "04_im2col": {
        "turning the kernel for the matrix product": kernel_turned,
        "flattening filters and windows in different orders": flattened_differently,
        "reading columns in MATLAB's order": matlab_order,
    },
    "05_fully_connected": {
        "making every fully connected layer a 1 × 1 convolution": always_one_by_one,
        "flattening in another order than the weights expect": flattened_for_another_library,
    },
}
CASES = [pytest.param(case, id=f"{lesson[:2]} {name}") for lesson, of in MISTAKES.items() for name, case in of.items()]


@pytest.mark.parametrize("case", CASES)
def test_mistake_gives_another_answer(case):
    right, wrong = case()
    assert len(wrong) > 0
    for answer in wrong:
        assert isinstance(answer, str) or not np.array_equal(right, answer)


def test_all_twenty_are_met():
    """The order of flattening is met twice, in lessons 4 and 5."""
    assert sum(map(len, MISTAKES.values())) == 20 + 1

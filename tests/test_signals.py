"""The lessons' numbers: as cited, fresh each time, and able to tell right answers from wrong ones."""

import re
import subprocess
import sys

import numpy as np
import pytest

from convhelpers import signals
from convhelpers.arithmetic import conv2d, convolve2d, correlate2d

SMALL_ARRAYS = [
    signals.question_image,
    signals.question_kernel,
    signals.counting_image,
    signals.counting_kernel,
    signals.oblong_image,
    signals.depth_volume,
    signals.depth_filters,
    signals.depth_bias,
]


@pytest.mark.parametrize("signal", SMALL_ARRAYS)
def test_small_arrays_are_fresh_whole_numbers(signal):
    first, second = signal(), signal()
    assert first.dtype.kind == "i"
    first.flat[0] += 9
    np.testing.assert_array_equal(second, signal())
    assert first.flat[0] != signal().flat[0]


def test_kernels_are_fresh_and_named():
    first = signals.kernels()
    for kernel in first.values():
        assert kernel.ndim == 2
        kernel[...] = 9
    first.clear()
    again = signals.kernels()
    np.testing.assert_array_equal(again["question"], signals.question_kernel())
    np.testing.assert_array_equal(again["counting"], signals.counting_kernel())
    assert len(again) == len({kernel.tobytes() for kernel in again.values()}) >= 10


def is_own_rotation(kernel):
    return np.array_equal(kernel, kernel[::-1, ::-1])


def test_which_kernels_cannot_tell_correlation_from_convolution():
    alike = {name for name, kernel in signals.kernels().items() if is_own_rotation(kernel)}
    assert alike == {"question", "identity", "sharpen", "box blur", "Gaussian blur"}


def test_what_the_kernels_do():
    kernels = signals.kernels()
    gray = np.full((5, 7), 0.5)
    for name in ("box blur", "Gaussian blur", "sharpen", "emboss", "identity", "shift"):
        np.testing.assert_allclose(correlate2d(gray, kernels[name]), 0.5, err_msg=name)
    for name in ("vertical edges", "horizontal edges"):
        assert not correlate2d(gray, kernels[name]).any()
    dark_left = np.repeat([[0, 0, 0, 1, 1, 1]], 5, axis=0)
    np.testing.assert_array_equal(correlate2d(dark_left, kernels["vertical edges"]), [[0, 4, 4, 0]] * 3)
    assert not correlate2d(dark_left, kernels["horizontal edges"]).any()
    dark_above = dark_left.T
    np.testing.assert_array_equal(correlate2d(dark_above, kernels["horizontal edges"]).T, [[0, 4, 4, 0]] * 3)
    image = signals.oblong_image()
    np.testing.assert_array_equal(correlate2d(image, kernels["shift"], padding="same")[:, :-1], image[:, 1:])
    np.testing.assert_array_equal(convolve2d(image, kernels["shift"], padding="same")[:, 1:], image[:, :-1])


def test_no_two_windows_of_the_oblong_image_are_alike():
    image = signals.oblong_image()
    assert image.shape[0] != image.shape[1]
    windows = np.lib.stride_tricks.sliding_window_view(image, (2, 2)).reshape(-1, 4)
    assert len(np.unique(windows, axis=0)) == len(windows)


def test_the_depth_example_tells_wrong_answers_apart():
    volume, filters, bias = signals.depth_volume(), signals.depth_filters(), signals.depth_bias()
    right = conv2d(volume, filters, bias)
    np.testing.assert_array_equal(right, [[[7, 5, 8], [10, 11, 7]], [[2, 6, 3], [-2, 3, 7]]])
    wrong = {
        "the filter turned": conv2d(volume, filters[:, :, ::-1, ::-1], bias),
        "channels in reverse": conv2d(volume[::-1], filters, bias),
        "filters swapped": conv2d(volume, filters[::-1], bias),
        "first slice for all channels": conv2d(volume, filters[:, :1].repeat(3, axis=1), bias),
        "no bias": conv2d(volume, filters),
        "a bias for every channel": conv2d(volume, filters, 3 * bias),
    }
    for mistake, answer in wrong.items():
        assert (answer != right).any(axis=(1, 2)).all(), mistake


class TestPhotograph:
    def test_shapes_and_range(self):
        gray, colour = signals.photograph(), signals.photograph(gray=False)
        assert gray.shape == (600, 512)
        assert colour.shape == (3, 600, 512)
        for picture in (gray, colour):
            assert picture.dtype == np.float64
            assert 0 <= picture.min() < 0.1
            assert 0.9 < picture.max() <= 1
            assert picture.flags.c_contiguous
            assert picture.flags.writeable

    def test_gray_is_a_1x1_convolution_of_the_colours(self):
        weight = np.array([0.299, 0.587, 0.114]).reshape(1, 3, 1, 1)
        by_layer = conv2d(signals.photograph(gray=False, shrink=8), weight)[0]
        np.testing.assert_allclose(signals.photograph(shrink=8), by_layer)

    def test_shrinking_takes_means_and_drops_what_is_left_over(self):
        picture, smaller = signals.photograph(), signals.photograph(shrink=7)
        assert smaller.shape == (85, 73)
        np.testing.assert_allclose(smaller[3, 5], picture[21:28, 35:42].mean())
        box = np.full((7, 7), 1 / 49)
        np.testing.assert_allclose(smaller, correlate2d(picture, box, stride=7))

    @pytest.mark.parametrize(
        ("shrink", "error", "message"),
        [
            (0, ValueError, "shrink must be 1 or more; received 0"),
            (513, ValueError, "shrink must be 512 or less; received 513"),
            (1.5, TypeError, "shrink must be a whole number; received 1.5"),
            (True, TypeError, "shrink must be a whole number; received True"),
        ],
    )
    def test_refusals(self, shrink, error, message):
        with pytest.raises(error, match=f"^{re.escape(message)}$"):
            signals.photograph(shrink=shrink)


def test_importing_the_numbers_loads_numpy_alone():
    program = (
        "import sys, convhelpers.signals, convhelpers.arithmetic;"
        "print([name for name in ('matplotlib', 'PIL', 'scipy', 'torch', 'IPython') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

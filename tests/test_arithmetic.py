"""Three witnesses for every operation: another library, cases worked by hand, and identities.

Small whole numbers are exact in float64 whatever the order of adding, so most comparisons ask for equality.
"""

import re
import tracemalloc

import numpy as np
import peers
import pytest
import scipy.signal
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from convhelpers import arithmetic, signals
from convhelpers.arithmetic import conv2d, convolve2d, correlate2d, linear, output_size
from convhelpers.geometry import place_window

torch = peers.torch

modest = settings(deadline=None, derandomize=True, max_examples=60)
numbers = st.integers(-9, 9)
small = st.integers(1, 5)
sides = st.tuples(st.tuples(st.integers(0, 3), st.integers(0, 3)), st.tuples(st.integers(0, 3), st.integers(0, 3)))
pairs = st.tuples(st.integers(1, 3), st.integers(1, 3))


def arrays(*shape):
    return hnp.arrays(np.int64, shape, elements=numbers)


def assert_same(actual, expected):
    """Compare shape, then dtype, then values."""
    expected = np.asarray(expected)
    assert isinstance(actual, np.ndarray)
    assert actual.shape == expected.shape
    assert actual.dtype == expected.dtype
    np.testing.assert_array_equal(actual, expected)


def layer_by_the_formula(x, weight, bias, window, groups):
    """`conv2d` on one image, written down term by term."""
    (down, across), (down_inside, across_inside) = window.stride, window.dilation
    padded = np.pad(x, [(0, 0), *window.padding])
    n_filters, channels_per_group, kh, kw = weight.shape
    out = np.empty((n_filters, *window.output_size), x.dtype)
    for k, i, j in np.ndindex(out.shape):
        first_channel = k // (n_filters // groups) * channels_per_group
        out[k, i, j] = bias[k] + sum(
            padded[first_channel + c, i * down + u * down_inside, j * across + v * across_inside] * weight[k, c, u, v]
            for c, u, v in np.ndindex(channels_per_group, kh, kw)
        )
    return out


def with_peak_of_memory(function, *arguments, **keywords):
    """The result of a call, and the most memory in bytes that it held at once."""
    tracemalloc.start()
    result = function(*arguments, **keywords)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return result, peak


@st.composite
def images_and_kernels(draw, *, fits=True):
    """An image and a kernel of whole numbers, the kernel no larger than the image where `fits`."""
    height, width, kh, kw = (draw(st.integers(1, 7)) for _ in range(4))
    if fits:
        kh, kw = min(kh, height), min(kw, width)
    return draw(arrays(height, width)), draw(arrays(kh, kw))


@st.composite
def layers(draw):
    """x, weight, bias, and keyword arguments that fit them."""
    groups, per_group, filters_per_group = (draw(st.integers(1, 3)) for _ in range(3))
    stride, dilation, padding = draw(pairs), draw(pairs), draw(sides)
    sizes = []
    for axis in range(2):
        kernel = draw(st.integers(1, 3))
        smallest = max(1, dilation[axis] * (kernel - 1) + 1 - sum(padding[axis]))
        sizes.append((draw(st.integers(smallest, smallest + 4)), kernel))
    (height, kh), (width, kw) = sizes
    generator = np.random.default_rng(draw(st.integers(0, 2**16)))
    x = generator.integers(-9, 10, (draw(st.integers(1, 3)), groups * per_group, height, width))
    weight = generator.integers(-9, 10, (groups * filters_per_group, per_group, kh, kw))
    bias = generator.integers(-9, 10, len(weight))
    places = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
    return x, weight, bias, places


class TestOutputSize:
    def test_worked_cases(self):
        # CS231n notes on convolutional networks: 7 with 3 and stride 1, 2; 227 with 11 and stride 4; "same" by padding.
        assert output_size(7, 3) == 5
        assert output_size(7, 3, stride=2) == 3
        assert output_size(227, 11, stride=4) == 55
        assert output_size(5, 3, padding=1) == 5
        # Dumoulin & Visin (2016), figures 2.5, 2.6, 2.7 and 5.1.
        assert output_size(5, 3, stride=2) == 2
        assert output_size(5, 3, stride=2, padding=1) == 3
        assert output_size(6, 3, stride=2, padding=1) == 3
        assert output_size(7, 3, dilation=2) == 3

    @modest
    @given(st.integers(1, 12), small, st.integers(1, 4), st.integers(1, 3), st.integers(0, 3), st.integers(0, 3))
    def test_is_the_size_that_the_operations_have(self, size, kernel, stride, dilation, before, after):
        assume(dilation * (kernel - 1) < before + size + after)
        found = output_size(size, kernel, stride=stride, padding=(before, after), dilation=dilation)
        places = {"stride": (stride, 1), "padding": ((before, after), (0, 0)), "dilation": (dilation, 1)}
        assert correlate2d(np.ones((size, 1)), np.ones((kernel, 1)), **places).shape == (found, 1)
        assert place_window((size, 1), (kernel, 1), **places).output_size == (found, 1)
        if before == after:
            assert output_size(size, kernel, stride=stride, padding=before, dilation=dilation) == found

    @pytest.mark.parametrize(
        ("arguments", "error", "message"),
        [
            ({"size": 0}, ValueError, "size must be 1 or more; received 0"),
            ({"size": (5, 5)}, TypeError, "size must be a whole number; received (5, 5)"),
            ({"kernel": 0}, ValueError, "kernel must be 1 or more; received 0"),
            ({"kernel": 2.5}, TypeError, "kernel must be a whole number; received 2.5"),
            ({"stride": 0}, ValueError, "stride must be 1 or more; received 0"),
            ({"stride": -1}, ValueError, "stride must be 1 or more; received -1"),
            ({"dilation": 0}, ValueError, "dilation must be 1 or more; received 0"),
            ({"padding": -1}, ValueError, "padding on each side must be 0 or more; received -1"),
            ({"padding": (0, -1)}, ValueError, "padding on each side must be 0 or more; received -1"),
            ({"padding": "same"}, TypeError, "padding on each side must be a whole number; received 'same'"),
            ({"padding": (1, 2, 3)}, TypeError, "padding on each side must be a whole number; received (1, 2, 3)"),
            ({"kernel": 6}, ValueError, "kernel (6, 1) does not fit the padded input (5, 1): 6 rows > 5"),
            (
                {"padding": 1, "dilation": 4},
                ValueError,
                "kernel (3, 1) with dilation (4, 1) does not fit the padded input (7, 1): 9 rows > 7",
            ),
        ],
    )
    def test_refusals(self, arguments, error, message):
        with pytest.raises(error, match=f"^{re.escape(message)}$"):
            output_size(**({"size": 5, "kernel": 3} | arguments))


class TestCorrelateAndConvolve:
    """`correlate2d` and `convolve2d`."""

    def test_the_question(self):
        """Source: the 5×5 and 3×3 picture of the question; the output as the lecture shows it."""
        expected = [[4, 3, 4], [2, 4, 3], [2, 3, 4]]
        assert_same(correlate2d(signals.question_image(), signals.question_kernel()), expected)
        assert_same(convolve2d(signals.question_image(), signals.question_kernel()), expected)

    def test_counting(self):
        """Source of the first: "Dive into Deep Learning", section "Convolutions for Images"; of the second: by hand."""
        assert_same(correlate2d(signals.counting_image(), signals.counting_kernel()), [[19, 25], [37, 43]])
        assert_same(convolve2d(signals.counting_image(), signals.counting_kernel()), [[5, 11], [23, 29]])

    def test_stride_dilation_and_padding_by_hand(self):
        """The kernel writes the four cells of its window side by side, the last one first."""
        x = np.arange(12).reshape(3, 4)
        kernel = np.array([[1, 10], [100, 1000]])
        assert_same(correlate2d(x, kernel, stride=(1, 2)), [[5410, 7632], [9854, 12076]])
        assert_same(correlate2d(x, kernel, dilation=2), [[10820, 11931]])
        padded = [[0, 1000, 2100], [4000, 5410, 6521]]
        assert_same(correlate2d(x, kernel, padding=((1, 0), (1, 0)))[:2, :3], padded)

    @modest
    @given(images_and_kernels(), st.sampled_from(["valid", "same", "full"]))
    def test_scipy(self, operands, word):
        x, kernel = operands
        assert_same(correlate2d(x, kernel, padding=word), scipy.signal.correlate2d(x, kernel, word))
        assert_same(convolve2d(x, kernel, padding=word), scipy.signal.convolve2d(x, kernel, word))

    @modest
    @given(images_and_kernels(fits=False))
    def test_scipy_agrees_on_larger_kernels_where_padding_makes_room(self, operands):
        x, kernel = operands
        assert_same(correlate2d(x, kernel, padding="full"), scipy.signal.correlate2d(x, kernel, "full"))
        assert_same(convolve2d(x, kernel, padding="full"), scipy.signal.convolve2d(x, kernel, "full"))

    @pytest.mark.parametrize("kernel_shape", [(3, 3), (60, 50), (64, 80)])
    def test_scipy_on_large_inputs(self, kernel_shape):
        generator = np.random.default_rng(0)
        x, kernel = generator.standard_normal((64, 80)), generator.standard_normal(kernel_shape)
        for ours, theirs in ((correlate2d, scipy.signal.correlate2d), (convolve2d, scipy.signal.convolve2d)):
            np.testing.assert_allclose(ours(x, kernel), theirs(x, kernel, "valid"), rtol=1e-9, atol=1e-9)

    @modest
    @given(layers())
    def test_torch(self, torch, layer):
        x, weight, _, places = layer
        image, kernel = x[0, 0], weight[0, 0]
        (vertical, horizontal) = places["padding"]
        padded = torch.nn.functional.pad(torch.from_numpy(image)[None, None].double(), (*horizontal, *vertical))
        peer = torch.nn.functional.conv2d(
            padded,
            torch.from_numpy(kernel)[None, None].double(),
            stride=places["stride"],
            dilation=places["dilation"],
        )
        del places["groups"]
        assert_same(correlate2d(image, kernel, **places), peer[0, 0].numpy().astype(int))
        assert_same(convolve2d(image, kernel[::-1, ::-1], **places), peer[0, 0].numpy().astype(int))

    @modest
    @given(images_and_kernels())
    def test_an_impulse_returns_the_kernel(self, operands):
        x, kernel = operands
        impulse = np.zeros_like(x)
        impulse[-1, -1] = 1
        place = (slice(x.shape[0] - 1, None), slice(x.shape[1] - 1, None))
        assert_same(convolve2d(impulse, kernel, padding="full")[place], kernel)
        assert_same(correlate2d(impulse, kernel, padding="full")[place], kernel[::-1, ::-1])
        assert_same(correlate2d(x, [[1]]), x)
        assert_same(correlate2d(x, signals.kernels()["identity"], padding="same"), x)

    @modest
    @given(images_and_kernels(), st.data())
    def test_linearity(self, operands, data):
        x, kernel = operands
        other = data.draw(arrays(*x.shape))
        combined = correlate2d(2 * x - 3 * other, kernel)
        assert_same(combined, 2 * correlate2d(x, kernel) - 3 * correlate2d(other, kernel))
        assert_same(correlate2d(x, -5 * kernel), -5 * correlate2d(x, kernel))

    @modest
    @given(images_and_kernels(), st.integers(0, 3), st.integers(0, 3))
    def test_a_shifted_image_gives_a_shifted_output(self, operands, rows, columns):
        x, kernel = operands
        shifted = np.pad(x, ((rows, 0), (columns, 0)))
        out = correlate2d(shifted, kernel, padding="full")
        assert_same(out[rows:, columns:], correlate2d(x, kernel, padding="full"))
        assert not out[:rows].any()
        assert not out[:, :columns].any()

    @modest
    @given(images_and_kernels(), sides, pairs, pairs)
    def test_convolution_is_correlation_with_the_kernel_turned(self, operands, padding, stride, dilation):
        x, kernel = operands
        padding = tuple((before + 8, after) for before, after in padding)  # room for any dilated kernel
        places = {"padding": padding, "stride": stride, "dilation": dilation}
        assert_same(convolve2d(x, kernel, **places), correlate2d(x, kernel[::-1, ::-1], **places))
        assert_same(convolve2d(x, kernel, padding="full"), correlate2d(x, kernel[::-1, ::-1], padding="full"))

    @modest
    @given(images_and_kernels(fits=False))
    def test_swapping_the_arguments_of_full(self, operands):
        x, kernel = operands
        swapped = correlate2d(kernel, x, padding="full")
        assert_same(convolve2d(x, kernel, padding="full"), convolve2d(kernel, x, padding="full"))
        assert_same(correlate2d(x, kernel, padding="full"), swapped[::-1, ::-1])

    @modest
    @given(images_and_kernels(), st.data())
    def test_adjoint(self, operands, data):
        """⟨correlate(x), y⟩ = ⟨x, full convolution of y⟩."""
        x, kernel = operands
        out = correlate2d(x, kernel)
        y = data.draw(arrays(*out.shape))
        assert np.vdot(out, y) == np.vdot(x, convolve2d(y, kernel, padding="full"))

    @modest
    @given(images_and_kernels(), pairs)
    def test_stride_keeps_every_so_many_th_output(self, operands, stride):
        x, kernel = operands
        down, across = stride
        assert_same(correlate2d(x, kernel, stride=stride), correlate2d(x, kernel)[::down, ::across])

    @modest
    @given(images_and_kernels(), pairs)
    def test_dilation_spreads_the_kernel(self, operands, dilation):
        x, kernel = operands
        (down, across), (kh, kw) = dilation, kernel.shape
        spread = np.zeros((down * (kh - 1) + 1, across * (kw - 1) + 1), int)
        spread[::down, ::across] = kernel
        assert_same(correlate2d(x, kernel, padding=9, dilation=dilation), correlate2d(x, spread, padding=9))

    def test_the_camps_of_same_with_an_even_kernel(self):
        x, kernel = signals.counting_image(), signals.counting_kernel()
        assert_same(correlate2d(x, kernel, padding="same"), correlate2d(x, kernel, padding=((0, 1), (0, 1))))
        assert_same(convolve2d(x, kernel, padding="same"), convolve2d(x, kernel, padding=((1, 0), (1, 0))))

    def test_arithmetic_tells_the_wrong_answers_apart(self):
        x, kernel = signals.oblong_image(), signals.kernels()["one to nine"]
        right = correlate2d(x, kernel)
        assert not np.array_equal(right, convolve2d(x, kernel))
        assert not np.array_equal(right, correlate2d(x.T, kernel.T))
        assert not np.array_equal(correlate2d(x, kernel, padding="full"), correlate2d(kernel, x, padding="full"))

    @pytest.mark.parametrize("operation", [correlate2d, convolve2d])
    @pytest.mark.parametrize(
        ("x", "kernel", "error", "message"),
        [
            (np.ones((3, 5, 5)), np.ones((3, 3)), ValueError, "x must be 2-D (H, W); received shape (3, 5, 5)"),
            ([1, 2], [[1]], ValueError, "x must be 2-D (H, W); received shape (2,)"),
            ([[1]], [1], ValueError, "kernel must be 2-D (kh, kw); received shape (1,)"),
            ([[1]], 3, ValueError, "kernel must be 2-D (kh, kw); received shape ()"),
            ([[]], [[1]], ValueError, "x must not be empty; received shape (1, 0)"),
            ([[1]], [[]], ValueError, "kernel must not be empty; received shape (1, 0)"),
            (None, [[1]], TypeError, "x must be an array of real numbers; received None"),
            ([[1]], None, TypeError, "kernel must be an array of real numbers; received None"),
            ([[1j]], [[1]], TypeError, "x must hold real numbers; received dtype complex128"),
            ([[1]], [["a"]], TypeError, "kernel must hold real numbers; received dtype <U1"),
            ([[1, 2], [3]], [[1]], ValueError, "x must be a rectangular array of real numbers"),
            (
                np.ones((2, 2)),
                np.ones((3, 1)),
                ValueError,
                "kernel (3, 1) does not fit the padded input (2, 2): 3 rows > 2",
            ),
            (
                [[2**40]],
                [[2**30]],
                ValueError,
                f"integer sums might not fit 64 bits: {2**40} · {2**30} · 1 terms >= 2**63; pass floats",
            ),
        ],
    )
    def test_refuses_bad_operands(self, operation, x, kernel, error, message):
        with pytest.raises(error, match=f"^{re.escape(message)}"):
            operation(x, kernel)

    @pytest.mark.parametrize("operation", [correlate2d, convolve2d])
    @pytest.mark.parametrize(
        ("places", "error", "message"),
        [
            ({"stride": 0}, ValueError, "stride must be 1 or more"),
            ({"dilation": -1}, ValueError, "dilation must be 1 or more"),
            ({"padding": -1}, ValueError, "padding must be 0 or more on every side"),
            ({"padding": "mirror"}, ValueError, 'padding must be "valid", "same", "full" or numbers'),
            ({"padding": "same", "stride": 2}, ValueError, 'padding "same" needs stride 1'),
            ({"stride": "1"}, TypeError, "stride must be a whole number or a pair"),
        ],
    )
    def test_refuses_bad_places(self, operation, places, error, message):
        with pytest.raises(error, match=f"^{re.escape(message)}"):
            operation(np.ones((5, 5)), np.ones((3, 3)), **places)

    @pytest.mark.parametrize("places", [{"stride": 10**30}, {"stride": (10**30, 1)}, {"dilation": (1, 10**30)}])
    def test_a_step_too_large_for_64_bits_is_not_taken(self, places):
        """Where there is one place along an axis, no step is taken, so that its size is no reason to refuse."""
        x, kernel = np.arange(6).reshape(2, 3), np.array([[1], [10]])
        expected = correlate2d(x, kernel)[:, : 1 if places.get("stride") == 10**30 else None]
        assert_same(correlate2d(x, kernel, **places), expected)
        assert_same(convolve2d(x, kernel[::-1], **places), expected)
        assert_same(conv2d(x[None], kernel[None, None], **places)[0], expected)


class TestConv2d:
    def test_worked_case(self):
        """By hand: two channels, one filter that is not its own rotation, one bias.

        Channel 0: 1·1 + 2·0 + 4·2 + 5·0 = 9, then 2 + 10 = 12. Channel 1: 1·1 + 0·3 = 1, then 0 + 3 = 3. Bias 100.
        """
        x = np.array([[[1, 2, 3], [4, 5, 6]], [[1, 0, 3], [0, 1, 2]]])
        weight = np.array([[[[1, 0], [2, 0]], [[1, 3], [0, 0]]]])
        assert_same(conv2d(x, weight, [100]), [[[9 + 1 + 100, 12 + 9 + 100]]])

    def test_sizes_of_cs231n(self):
        """Source: CS231n notes on convolutional networks: 227×227×3 under 96 filters 11×11×3, stride 4 → 55×55×96."""
        out = conv2d(np.ones((3, 227, 227), np.float32), np.ones((96, 3, 11, 11), np.float32), stride=4)
        assert_same(out, np.full((96, 55, 55), 363, np.float32))

    @modest
    @given(layers())
    def test_the_formula(self, layer):
        x, weight, bias, places = layer
        groups = places.pop("groups")
        window = place_window(x.shape[2:], weight.shape[2:], **places)
        expected = [layer_by_the_formula(image, weight, bias, window, groups) for image in x]
        assert_same(conv2d(x, weight, bias, **places, groups=groups), expected)

    @modest
    @given(layers(), st.booleans())
    def test_torch(self, torch, layer, has_bias):
        x, weight, bias, places = layer
        bias = bias if has_bias else None
        vertical, horizontal = places.pop("padding")
        tensors = [None if array is None else torch.from_numpy(array).double() for array in (x, weight, bias)]
        padded = torch.nn.functional.pad(tensors[0], (*horizontal, *vertical))
        peer = torch.nn.functional.conv2d(padded, *tensors[1:], **places).numpy()
        places["padding"] = (vertical, horizontal)
        for dtype in (np.float32, np.float64):
            floats = [None if array is None else array.astype(dtype) for array in (x, weight, bias)]
            assert_same(conv2d(*floats, **places), peer.astype(dtype))
        assert_same(conv2d(x, weight, bias, **places), peer.astype(int))
        assert_same(conv2d(x[0], weight, bias, **places), peer[0].astype(int))

    @pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths")
    @pytest.mark.parametrize("kernel_size", [(3, 3), (2, 2), (4, 3), (1, 1)])
    def test_torch_on_words_and_floats(self, torch, kernel_size):
        generator = np.random.default_rng(0)
        x = generator.standard_normal((2, 4, 9, 7), dtype=np.float32)
        weight = generator.standard_normal((6, 2, *kernel_size), dtype=np.float32)
        for word in ("valid", "same"):
            peer = torch.nn.functional.conv2d(torch.from_numpy(x), torch.from_numpy(weight), padding=word, groups=2)
            out = conv2d(x, weight, padding=word, groups=2)
            assert out.shape == tuple(peer.shape)
            assert out.dtype == np.float32
            np.testing.assert_allclose(out, peer.numpy(), rtol=1e-5, atol=1e-5)

    @modest
    @given(small, small, small, small)
    def test_scipy_channel_by_channel(self, n_channels, n_filters, kh, kw):
        generator = np.random.default_rng([n_channels, n_filters, kh, kw])
        x = generator.integers(-9, 10, (n_channels, 6, 7))
        weight = generator.integers(-9, 10, (n_filters, n_channels, kh, kw))
        expected = [
            sum(scipy.signal.correlate2d(image, kernel, "same") for image, kernel in zip(x, kernels, strict=True))
            for kernels in weight
        ]
        assert_same(conv2d(x, weight, padding="same"), expected)

    @modest
    @given(arrays(3, 4, 5), arrays(2, 3, 1, 1))
    def test_1x1_is_a_dot_product_down_the_depth(self, x, weight):
        assert_same(conv2d(x, weight), np.tensordot(weight[:, :, 0, 0], x, axes=1))
        assert_same(conv2d(x, weight, stride=2), np.tensordot(weight[:, :, 0, 0], x[:, ::2, ::2], axes=1))
        padded = np.pad(x, [(0, 0), (1, 1), (1, 1)])
        assert_same(conv2d(x, weight, padding=1), np.tensordot(weight[:, :, 0, 0], padded, axes=1))

    @modest
    @given(arrays(2, 3, 4, 5), arrays(2, 3, 4, 5), arrays(2))
    def test_a_kernel_as_large_as_the_image_is_fully_connected(self, x, weight, bias):
        out = conv2d(x, weight, bias)
        assert out.shape == (2, 2, 1, 1)
        assert_same(out[:, :, 0, 0], linear(x.reshape(2, -1), weight.reshape(2, -1), bias))

    @modest
    @given(layers(), st.sampled_from([1, 1000, 3000]))
    def test_spreading_out_little_at_a_time_changes_nothing(self, layer, band_bytes):
        """A single output row, some, or all of them at a time; by itself, an image of this size goes all at once."""
        x, weight, bias, places = layer
        expected = conv2d(x, weight, bias, **places)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(arithmetic, "BAND_BYTES", band_bytes)
            assert_same(conv2d(x, weight, bias, **places), expected)

    def test_torch_on_large_images(self, torch):
        """These are large enough to be spread out some rows at a time."""
        generator = np.random.default_rng(0)
        x, weight = generator.integers(-9, 10, (2, 8, 101, 97)), generator.integers(-9, 10, (6, 4, 3, 5))
        tensors = [torch.from_numpy(array).double() for array in (x, weight)]
        peer = torch.nn.functional.conv2d(*tensors, padding=(2, 1), groups=2).numpy()
        assert_same(conv2d(x, weight, padding=(2, 1), groups=2), peer.astype(int))
        assert_same(conv2d(x.astype(float), weight.astype(float), padding=(2, 1), groups=2), peer)

    def test_memory_holds_one_image_spread_out_at_a_time(self):
        x, weight = np.ones((4, 8, 40, 40), np.float32), np.ones((8, 8, 3, 3), np.float32)
        one_image_spread_out = 4 * (8 * 3 * 3) * (40 * 40)
        padded = 4 * (4 * 8 * 42 * 42)
        out, peak = with_peak_of_memory(conv2d, x, weight, padding=1)
        assert peak <= 1.3 * (one_image_spread_out + padded + out.nbytes)

    def test_memory_holds_part_of_a_large_image_spread_out(self):
        x, weight = np.ones((8, 200, 200), np.float32), np.ones((8, 8, 3, 3), np.float32)
        spread_out, padded = 4 * (8 * 3 * 3) * (200 * 200), 4 * (8 * 202 * 202)
        out, peak = with_peak_of_memory(conv2d, x, weight, padding=1)
        assert peak <= spread_out / 4 + padded + out.nbytes

    def test_1x1_of_stride_1_copies_no_image(self):
        x, weight = np.ones((3, 8, 200, 200), np.float32), np.ones((2, 8, 1, 1), np.float32)
        out, peak = with_peak_of_memory(conv2d, x, weight)
        assert peak <= 1.02 * out.nbytes

    def test_groups_are_layers_side_by_side(self):
        generator = np.random.default_rng(0)
        x, weight = generator.integers(-9, 10, (2, 6, 5, 4)), generator.integers(-9, 10, (4, 3, 2, 3))
        halves = conv2d(x[:, :3], weight[:2]), conv2d(x[:, 3:], weight[2:])
        assert_same(conv2d(x, weight, groups=2), np.concatenate(halves, axis=1))
        depthwise = generator.integers(-9, 10, (6, 1, 2, 3))
        expected = [correlate2d(image, kernel[0]) for image, kernel in zip(x[0], depthwise, strict=True)]
        assert_same(conv2d(x[0], depthwise, groups=6), expected)

    def test_one_channel_and_one_filter_is_correlate2d(self):
        x, kernel = signals.counting_image(), signals.counting_kernel()
        for padding in ("valid", "same", "full", 1, ((2, 0), (1, 3))):
            assert_same(
                conv2d(x[None], kernel[None, None], padding=padding)[0], correlate2d(x, kernel, padding=padding)
            )

    def test_the_bias_is_added_once_a_filter(self):
        x, weight = signals.depth_volume(), signals.depth_filters()
        without = conv2d(x, weight)
        assert_same(conv2d(x, weight, signals.depth_bias()), without + np.array([1, -2]).reshape(2, 1, 1))
        assert_same(conv2d(x, weight, [0.5, 0.25]), without + np.array([0.5, 0.25]).reshape(2, 1, 1))

    @pytest.mark.parametrize(
        ("changes", "error", "message"),
        [
            (
                {"x": np.ones((5, 5))},
                ValueError,
                "x must be 3-D (C, H, W) or 4-D (N, C, H, W); received shape (5, 5)",
            ),
            ({"x": np.ones((1, 1, 4, 5, 5))}, ValueError, "x must be 3-D (C, H, W) or 4-D (N, C, H, W); received"),
            ({"x": np.ones((0, 4, 5, 5))}, ValueError, "x must not be empty; received shape (0, 4, 5, 5)"),
            ({"x": None}, TypeError, "x must be an array of real numbers; received None"),
            ({"x": np.ones((4, 5, 0))}, ValueError, "x must not be empty; received shape (4, 5, 0)"),
            ({"x": np.ones((4, 5, 5), complex)}, TypeError, "x must hold real numbers; received dtype complex128"),
            ({"x": np.ones((4, 5, 5), object)}, TypeError, "x must hold real numbers; received dtype object"),
            ({"x": np.ones((4, 5, 5), str)}, TypeError, "x must hold real numbers; received dtype <U1"),
            (
                {"weight": np.ones((3, 3))},
                ValueError,
                "weight must be 4-D (K, C/groups, kh, kw); received shape (3, 3)",
            ),
            ({"weight": np.ones((0, 4, 3, 3))}, ValueError, "weight must not be empty; received shape (0, 4, 3, 3)"),
            ({"weight": np.ones((6, 4, 0, 3))}, ValueError, "weight must not be empty; received shape (6, 4, 0, 3)"),
            ({"weight": np.ones((6, 4, 3, 3), str)}, TypeError, "weight must hold real numbers; received dtype <U1"),
            (
                {"weight": np.ones((6, 4, 3, 3), object)},
                TypeError,
                "weight must hold real numbers; received dtype object",
            ),
            (
                {"weight": np.ones((6, 3, 3, 3))},
                ValueError,
                "each filter of weight must have C/groups = 4/1 = 4 channels; received 3",
            ),
            (
                {"groups": 2},
                ValueError,
                "each filter of weight must have C/groups = 4/2 = 2 channels; received 4",
            ),
            ({"groups": 3}, ValueError, "groups must divide the 4 channels of the input and the 6 filters; received 3"),
            ({"groups": 4}, ValueError, "groups must divide the 4 channels of the input and the 6 filters; received 4"),
            ({"groups": 0}, ValueError, "groups must be 1 or more; received 0"),
            ({"groups": -1}, ValueError, "groups must be 1 or more; received -1"),
            ({"groups": 1.0}, TypeError, "groups must be a whole number; received 1.0"),
            ({"bias": [1, 2]}, ValueError, "bias must hold 6 numbers, one a filter or neuron; received shape (2,)"),
            ({"bias": np.ones((6, 1))}, ValueError, "bias must be 1-D; received shape (6, 1)"),
            ({"bias": 1}, ValueError, "bias must be 1-D; received shape ()"),
            ({"bias": []}, ValueError, "bias must not be empty; received shape (0,)"),
            ({"bias": ["a"] * 6}, TypeError, "bias must hold real numbers; received dtype <U1"),
            ({"bias": [None] * 6}, TypeError, "bias must hold real numbers; received dtype object"),
            ({"stride": 0}, ValueError, "stride must be 1 or more"),
            ({"stride": -1}, ValueError, "stride must be 1 or more"),
            ({"stride": True}, TypeError, "stride must be a whole number or a pair of them"),
            ({"dilation": 0}, ValueError, "dilation must be 1 or more"),
            ({"dilation": (1, -1)}, ValueError, "dilation must be 1 or more"),
            ({"dilation": 1.0}, TypeError, "dilation must be a whole number or a pair of them"),
            (
                {"weight": np.ones((6, 4, 3, 8)), "padding": 1},
                ValueError,
                "kernel (3, 8) does not fit the padded input (7, 7): 8 columns > 7",
            ),
            (
                {"dilation": 3},
                ValueError,
                "kernel (3, 3) with dilation (3, 3) does not fit the padded input (5, 5): 7 rows > 5",
            ),
            ({"padding": -1}, ValueError, "padding must be 0 or more"),
            ({"padding": "same", "stride": 2}, ValueError, 'padding "same" needs stride 1'),
            (
                {"weight": np.full((6, 4, 3, 3), 2**62)},
                ValueError,
                f"integer sums might not fit 64 bits: 1 · {2**62} · 36 terms >= 2**63; pass floats",
            ),
        ],
    )
    def test_refusals(self, changes, error, message):
        arguments = {"x": np.ones((4, 5, 5), int), "weight": np.ones((6, 4, 3, 3), int)} | changes
        with pytest.raises(error, match=f"^{re.escape(message)}"):
            conv2d(**arguments)


class TestLinear:
    def test_worked_case(self):
        """By hand: 1·4 + 2·5 + 3·6 + 1 and 1·0 + 2·(-1) + 3·2 + 10."""
        assert_same(linear([1, 2, 3], [[4, 5, 6], [0, -1, 2]], [1, 10]), [33, 14])

    @modest
    @given(hnp.array_shapes(min_dims=1, max_dims=3, max_side=4), small, st.booleans())
    def test_torch(self, torch, shape, n_out, has_bias):
        generator = np.random.default_rng([*shape, n_out])
        x, weight = generator.integers(-9, 10, shape), generator.integers(-9, 10, (n_out, shape[-1]))
        bias = generator.integers(-9, 10, n_out) if has_bias else None
        tensors = [None if array is None else torch.from_numpy(array).double() for array in (x, weight, bias)]
        peer = torch.nn.functional.linear(*tensors).numpy()
        assert_same(linear(x, weight, bias), peer.astype(int))
        floats = [None if array is None else array.astype(float) for array in (x, weight, bias)]
        assert_same(linear(*floats), peer)

    @modest
    @given(arrays(4, 3), arrays(2, 3), arrays(2))
    def test_every_output_is_one_dot_product(self, x, weight, bias):
        expected = [[np.vdot(row, weights) + b for weights, b in zip(weight, bias, strict=True)] for row in x]
        assert_same(linear(x, weight, bias), expected)
        assert_same(linear(x[0], weight, bias), expected[0])

    def test_the_identity_and_linearity(self):
        x, other = signals.oblong_image(), signals.oblong_image()[::-1]
        weight = np.arange(12).reshape(2, 6)
        assert_same(linear(x, np.eye(6, dtype=int)), x)
        assert_same(linear(2 * x - other, weight), 2 * linear(x, weight) - linear(other, weight))

    @pytest.mark.parametrize(
        ("x", "weight", "bias", "error", "message"),
        [
            (3, [[1]], None, ValueError, "x must have one axis or more (…, n_in); received shape ()"),
            ([1, 2], [1, 2], None, ValueError, "weight must be 2-D (n_out, n_in); received shape (2,)"),
            (
                [[1, 2]],
                [[1], [2]],
                None,
                ValueError,
                "weight must be (n_out, n_in) with n_in = 2, the last axis of x (1, 2); received shape (2, 1)",
            ),
            ([], [[1]], None, ValueError, "x must not be empty; received shape (0,)"),
            ([1], [[1]], [1, 2], ValueError, "bias must hold 1 numbers, one a filter or neuron; received shape (2,)"),
            ([1], [[1]], [[1]], ValueError, "bias must be 1-D; received shape (1, 1)"),
            (None, [[1]], None, TypeError, "x must be an array of real numbers; received None"),
            ([1], None, None, TypeError, "weight must be an array of real numbers; received None"),
            ([1j], [[1]], None, TypeError, "x must hold real numbers; received dtype complex128"),
            (
                [2**32],
                [[2**31]],
                [1],
                ValueError,
                f"integer sums might not fit 64 bits: {2**32} · {2**31} · 1 terms + bias 1 >= 2**63; pass floats",
            ),
        ],
    )
    def test_refusals(self, x, weight, bias, error, message):
        with pytest.raises(error, match=f"^{re.escape(message)}"):
            linear(x, weight, bias)


def as_layer(x, kernel):
    return conv2d(x[None], kernel[None, None])[0]


def as_dot_product(x, kernel):
    """`linear` on the one window that a kernel as large as the image has."""
    return linear(x.reshape(1, -1), kernel.reshape(1, -1))


def with_one_window(operation):
    """The same operation where the loop runs over outputs, since the kernel is as large as the image."""

    def on_one_window(x, kernel):
        large = np.zeros(x.shape, kernel.dtype)
        large[: kernel.shape[0], : kernel.shape[1]] = kernel
        return operation(x, large)

    return on_one_window


# Each on an image x and a kernel no larger than it; the first entry of each is x[0, 0] · kernel[0, 0] + …
OPERATIONS = {
    "correlate2d": correlate2d,
    "correlate2d, one window": with_one_window(correlate2d),
    "convolve2d": lambda x, kernel: convolve2d(x, kernel[::-1, ::-1]),
    "conv2d": as_layer,
    "conv2d, one window": with_one_window(as_layer),
    "linear": with_one_window(as_dot_product),
}
each_operation = pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)


class TestKindsOfNumbers:
    @each_operation
    @pytest.mark.parametrize(
        ("of_x", "of_kernel", "of_output"),
        [
            ("bool", "bool", "int64"),
            ("uint8", "uint8", "int64"),
            ("uint8", "int8", "int64"),
            ("int32", "uint64", "int64"),
            ("float16", "float16", "float16"),
            ("float32", "float32", "float32"),
            (">f4", "<f4", "float32"),
            ("float64", "float64", "float64"),
            ("float16", "float32", "float32"),
            ("float32", "float64", "float64"),
            ("float32", "int64", "float64"),
            ("uint8", "float32", "float64"),
        ],
    )
    def test_type_of_the_output(self, operation, of_x, of_kernel, of_output):
        x, kernel = np.ones((4, 5)).astype(of_x), np.ones((2, 3)).astype(of_kernel)
        out = operation(x, kernel)
        assert_same(out, np.full(out.shape, 6, of_output))

    @each_operation
    def test_a_byte_does_not_wrap(self, operation):
        x, kernel = np.full((4, 5), 255, np.uint8), np.full((2, 3), -128, np.int8)
        out = operation(x, kernel)
        assert_same(out, np.full(out.shape, 255 * -128 * 6))

    @each_operation
    def test_whole_numbers_beyond_float64_are_exact(self, operation):
        x, kernel = np.full((2, 3), 2**53 + 1), np.ones((1, 1), int)
        assert operation(x, kernel).flat[0] == 2**53 + 1
        # A product of 2**53 - 1 is still below the bound, and goes through float64.
        assert operation(x - 2, kernel[:1])[0, 0] == 2**53 - 1

    @each_operation
    def test_float16_is_added_up_in_float32(self, operation):
        """In float16, 2048 + 1 is 2048, so that adding up ones stops there."""
        x, kernel = np.ones((92, 92), np.float16), np.ones((46, 46), np.float16)
        out = operation(x, kernel)
        assert_same(out, np.full(out.shape, 46 * 46, np.float16))

    @each_operation
    def test_nan_is_kept_even_under_a_zero(self, operation):
        x, kernel = np.ones((4, 5)), np.ones((2, 3))
        x[0, 0], kernel[0, 0] = np.nan, 0
        out = operation(x, kernel)
        assert np.isnan(out[0, 0])
        assert np.isfinite(out.flat[1:]).all()

    @each_operation
    def test_infinity_is_kept(self, operation):
        x = np.ones((4, 5))
        x[0, 0] = np.inf
        out = operation(x, np.ones((2, 3)))
        assert out[0, 0] == np.inf
        assert np.isfinite(out.flat[1:]).all()

    @pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")  # of np.matrix itself
    def test_matrices_and_lists_count_as_arrays(self):
        x, kernel = signals.counting_image(), signals.counting_kernel()
        for kind in (np.matrix, np.ndarray.tolist):
            assert_same(correlate2d(kind(x), kind(kernel)), correlate2d(x, kernel))
            assert_same(convolve2d(kind(x), kind(kernel)), convolve2d(x, kernel))
            assert_same(linear(kind(x), kind(x)), x @ x.T)
        volume, filters, bias = signals.depth_volume(), signals.depth_filters(), signals.depth_bias()
        assert_same(conv2d(volume.tolist(), filters.tolist(), bias.tolist()), conv2d(volume, filters, bias))


LAYOUTS = {
    "C order": np.ascontiguousarray,
    "Fortran order": np.asfortranarray,
    "negative strides": lambda array: np.flip(np.ascontiguousarray(np.flip(array))),
    "every second": lambda array: np.repeat(array, 2, axis=-1)[..., ::2],
    "broadcast": lambda array: np.broadcast_to(array[..., :1], array.shape),
    "other byte order": lambda array: array.astype(array.dtype.newbyteorder()),
}


class TestNoWarning:
    """NaN and infinity are answers, and come without a warning, as in `trace.record`; here a warning is an error."""

    @each_operation
    @pytest.mark.parametrize(
        ("of_x", "of_kernel", "dtype", "answer"),
        [
            (np.inf, 0, "float64", np.nan),
            (np.inf, 0, "float16", np.nan),
            (1e308, 10, "float64", np.inf),
            (1e38, 10, "float32", np.inf),
            (60000, 2, "float16", np.inf),
        ],
    )
    def test_of_a_product(self, operation, of_x, of_kernel, dtype, answer):
        x, kernel = np.full((4, 5), of_x, dtype), np.full((2, 3), of_kernel, dtype)
        out = operation(x, kernel)
        np.testing.assert_array_equal(out.flat[0], np.array(answer, dtype))

    @pytest.mark.parametrize(("x", "bias", "answer"), [(1e308, 1.7e308, np.inf), (np.inf, -np.inf, np.nan)])
    def test_of_a_bias(self, x, bias, answer):
        np.testing.assert_array_equal(linear([x], [[1.0]], [bias]), [answer])
        np.testing.assert_array_equal(conv2d([[[x]]], [[[[1.0]]]], [bias]), [[[answer]]])


class TestNothingIsModified:
    @pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
    @pytest.mark.parametrize("dtype", ["int64", "uint8", "float32", "float64"])
    @pytest.mark.parametrize("read_only", [False, True])
    def test_any_layout(self, layout, dtype, read_only):
        generator = np.random.default_rng(0)
        calls = [
            (correlate2d, (5, 6), (2, 3), None, {}),
            (correlate2d, (5, 6), (2, 3), None, {"padding": 1}),
            (correlate2d, (5, 6), (4, 5), None, {}),
            (convolve2d, (5, 6), (2, 3), None, {"stride": 2}),
            (conv2d, (2, 3, 5, 6), (4, 3, 2, 3), 4, {"dilation": 2}),
            (conv2d, (3, 5, 6), (4, 3, 2, 3), None, {"padding": ((0, 1), (2, 0))}),
            (conv2d, (3, 5, 6), (3, 3, 1, 1), 3, {}),
            (conv2d, (1, 1, 5, 6), (1, 1, 1, 1), None, {}),
            (linear, (2, 3, 4), (5, 4), 5, {}),
            (linear, (4,), (1, 4), None, {}),
        ]
        for operation, x_shape, weight_shape, n_bias, places in calls:
            shapes = [x_shape, weight_shape] + ([n_bias] if n_bias else [])
            operands = [layout(generator.integers(0, 9, shape).astype(dtype)) for shape in shapes]
            copies = [operand.copy(order="C").astype(dtype) for operand in operands]
            if read_only:
                for operand in operands:
                    operand.flags.writeable = False
            out = operation(*operands, **places)
            for operand, copy in zip(operands, copies, strict=True):
                np.testing.assert_array_equal(operand, copy)
                assert not np.shares_memory(out, operand)
            assert out.flags.writeable
            assert_same(out, operation(*copies, **places))


@pytest.mark.parametrize("name", ["stride", "padding", "dilation", "groups"])
@pytest.mark.parametrize("value", [True, np.True_, 1.0, np.float64(1), (True, 1), (1, 1.0)])
def test_conv2d_refuses_what_only_looks_like_1_after_a_layer_with_1(name, value):
    """Shapes that were found to fit are looked up again, and a look-up cannot tell True or 1.0 from 1."""
    x, weight = np.ones((2, 5, 5)), np.ones((2, 2, 3, 3))
    conv2d(x, weight, **{name: 1})
    with pytest.raises(TypeError, match=name):
        conv2d(x, weight, **{name: value})

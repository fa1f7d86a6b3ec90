"""Three witnesses for `im2col` and `col2im`: PyTorch, cases worked by hand, and identities with the other rooms.

Small whole numbers are exact in float64 whatever the order of adding, so most comparisons ask for equality.
"""

import math
import re

import numpy as np
import peers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_arithmetic import LAYOUTS

from convhelpers import pairing, signals
from convhelpers.arithmetic import conv2d
from convhelpers.geometry import place_window
from convhelpers.im2col import col2im, im2col

torch = peers.torch

modest = settings(deadline=None, derandomize=True, max_examples=60)
pairs = st.tuples(st.integers(1, 3), st.integers(1, 3))
sides = st.tuples(*[st.tuples(st.integers(0, 3), st.integers(0, 3))] * 2)


def assert_same(actual, expected):
    """Compare shape, then dtype, then values; and the array is a plain one that its owner may write to."""
    expected = np.asarray(expected)
    assert type(actual) is np.ndarray
    assert actual.shape == expected.shape
    assert actual.dtype == expected.dtype
    assert actual.flags.c_contiguous
    assert actual.flags.writeable
    np.testing.assert_array_equal(actual, expected)


@st.composite
def batches(draw):
    """A batch (N, C, H, W) of whole numbers, a kernel size, and keyword arguments that fit them."""
    stride, dilation, padding = draw(pairs), draw(pairs), draw(sides)
    size, kernel_size = [], []
    for axis in range(2):
        kernel = draw(st.integers(1, 3))
        smallest = max(1, dilation[axis] * (kernel - 1) + 1 - sum(padding[axis]))
        size.append(draw(st.integers(smallest, smallest + 4)))
        kernel_size.append(kernel)
    generator = np.random.default_rng(draw(st.integers(0, 2**16)))
    x = generator.integers(-9, 10, (draw(st.integers(1, 3)), draw(st.integers(1, 3)), *size))
    return x, tuple(kernel_size), {"stride": stride, "padding": padding, "dilation": dilation}


def columns_for(x, kernel_size, places):
    """Whole numbers in the shape that `im2col` gives for a batch."""
    window = place_window(x.shape[2:], kernel_size, **places)
    shape = len(x), x.shape[1] * math.prod(kernel_size), math.prod(window.output_size)
    return np.random.default_rng(1).integers(-9, 10, shape)


def windows_on_each_cell(size, kernel_size, places):
    """How many windows see each cell of an image: counted window by window."""
    window = place_window(size, kernel_size, **places)
    (down, across), (down_inside, across_inside), ((top, _), (left, _)) = window.stride, window.dilation, window.padding
    counts = np.zeros(window.padded_size, int)
    for (i, j), (u, v) in (
        (place, cell) for place in np.ndindex(window.output_size) for cell in np.ndindex(kernel_size)
    ):
        counts[i * down + u * down_inside, j * across + v * across_inside] += 1
    return counts[top : top + size[0], left : left + size[1]]


class TestIm2col:
    def test_the_first_picture(self):
        """By eye: the windows of 0…8 under a 2×2 kernel are 0 1 3 4, 1 2 4 5, 3 4 6 7 and 4 5 7 8; each is a column."""
        expected = np.array([[0, 1, 3, 4], [1, 2, 4, 5], [3, 4, 6, 7], [4, 5, 7, 8]]).T
        assert_same(im2col(np.arange(9).reshape(1, 3, 3), (2, 2)), expected)

    def test_the_order_of_rows_and_columns(self):
        """By eye, on a volume where no two sizes agree: 2 channels of 3×4 under a 1×2 kernel, so 3·3 windows.

        Rows: channel 0 with kernel column 0, then 1; then channel 1. Columns: along the first row of windows first.
        """
        expected = [
            [0, 1, 2, 4, 5, 6, 8, 9, 10],
            [1, 2, 3, 5, 6, 7, 9, 10, 11],
            [12, 13, 14, 16, 17, 18, 20, 21, 22],
            [13, 14, 15, 17, 18, 19, 21, 22, 23],
        ]
        assert_same(im2col(np.arange(24).reshape(2, 3, 4), (1, 2)), expected)

    def test_stride_dilation_and_padding_by_hand(self):
        x = np.arange(1, 13).reshape(1, 3, 4)  # rows 1 2 3 4, 5 6 7 8, 9 10 11 12
        assert_same(im2col(x, 2, stride=(1, 2)), [[1, 3, 5, 7], [2, 4, 6, 8], [5, 7, 9, 11], [6, 8, 10, 12]])
        assert_same(im2col(x, 2, dilation=2), [[1, 2], [3, 4], [9, 10], [11, 12]])
        down = [[0, 0, 0, 0], [1, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11, 12]]
        assert_same(im2col(x, (4, 1), padding=((1, 0), (0, 0))), down)

    def test_sizes_of_cs231n(self):
        """Source: CS231n notes, "Implementation as Matrix Multiplication": 227×227×3, 11×11 at stride 4 → 363×3025."""
        x = np.arange(3 * 227 * 227, dtype=np.float32).reshape(3, 227, 227)
        X_col = im2col(x, (11, 11), stride=4)
        assert X_col.shape == (363, 3025)
        assert X_col.dtype == np.float32
        np.testing.assert_array_equal(X_col[:, 0], x[:, :11, :11].ravel())
        np.testing.assert_array_equal(X_col[:, 56], x[:, 4:15, 4:15].ravel())  # 55 windows a row: 56 stands at (1, 1)
        np.testing.assert_array_equal(X_col[:, -1], x[:, 216:, 216:].ravel())

    def test_matlab_goes_down_the_columns(self):
        """Source: its documentation: the columns of `im2col(A, [m n])` are ordered as MATLAB's `reshape` has them."""
        x = signals.oblong_image()
        windows = [x[i : i + 2, j : j + 3] for j in range(x.shape[1] - 2) for i in range(x.shape[0] - 1)]
        of_matlab = np.column_stack([window.ravel(order="F") for window in windows])
        oh, ow = x.shape[0] - 1, x.shape[1] - 2
        ours = im2col(x[np.newaxis], (2, 3))
        assert not np.array_equal(ours, of_matlab)
        np.testing.assert_array_equal(ours.reshape(2, 3, oh, ow).transpose(1, 0, 3, 2).reshape(6, -1), of_matlab)

    @modest
    @given(batches())
    def test_torch(self, torch, batch):
        x, kernel_size, places = batch
        vertical, horizontal = places["padding"]
        padded = torch.nn.functional.pad(torch.from_numpy(x).double(), (*horizontal, *vertical))
        steps = {"stride": places["stride"], "dilation": places["dilation"]}
        peer = torch.nn.functional.unfold(padded, kernel_size, **steps).numpy()
        assert_same(im2col(x, kernel_size, **places), peer.astype(int))
        assert_same(im2col(x[0], kernel_size, **places), peer[0].astype(int))
        for dtype in (np.float32, np.float64):
            assert_same(im2col(x.astype(dtype), kernel_size, **places), peer.astype(dtype))

    @modest
    @given(batches())
    def test_times_the_filters_is_conv2d(self, batch):
        x, kernel_size, places = batch
        weight = np.random.default_rng(2).integers(-9, 10, (4, x.shape[1], *kernel_size))
        folded = (weight.reshape(4, -1) @ im2col(x, kernel_size, **places)).reshape(conv2d(x, weight, **places).shape)
        np.testing.assert_array_equal(folded, conv2d(x, weight, **places))

    @modest
    @given(batches())
    def test_is_the_left_half_of_the_table_of_pairs(self, batch):
        """Every filter meets the same windows, so that the outputs of the first filter are the columns."""
        x, kernel_size, places = batch
        table = pairing.conv_layer(x.shape[1:], (2, x.shape[1], *kernel_size), **places)
        of_first_filter = table.left[: math.prod(table.window.output_size)]
        gathered = np.append(x[0].ravel(), 0)[of_first_filter]  # -1, the padding, finds the 0 at the end
        assert_same(im2col(x[0], kernel_size, **places), np.ascontiguousarray(gathered.T))

    @pytest.mark.parametrize("word", ["valid", "same", "full"])
    def test_words_for_padding(self, word):
        x = signals.depth_volume()
        numbers = place_window(x.shape[1:], (2, 3), padding=word).padding
        assert_same(im2col(x, (2, 3), padding=word), im2col(x, (2, 3), padding=numbers))

    def test_a_1x1_kernel_gives_the_pixels_and_a_whole_window_the_flattened_image(self):
        x = signals.depth_volume()
        assert_same(im2col(x, 1), x.reshape(len(x), -1))
        assert_same(im2col(x, x.shape[1:]), x.reshape(-1, 1))


class TestCol2im:
    def test_overlaps_are_added(self):
        """By eye: of the four 2×2 windows of a 3×3 image, a corner lies in one, an edge in two, the middle in all."""
        assert_same(col2im(np.ones((4, 4), int), (3, 3), (2, 2)), [[[1, 2, 1], [2, 4, 2], [1, 2, 1]]])
        # Windows 1 2 3 4 and 5 6 7 8 side by side meet in the middle column: 2 + 5 and 4 + 7.
        assert_same(col2im([[1, 5], [2, 6], [3, 7], [4, 8]], (2, 3), 2), [[[1, 7, 6], [3, 11, 8]]])

    def test_padding_is_dropped_and_what_no_window_sees_is_zero(self):
        assert_same(col2im([[1, 2, 3, 4]], (2, 2), 1, padding=((1, 1), (0, 0)), stride=(2, 1))[0], [[0, 0], [3, 4]])

    @modest
    @given(batches())
    def test_torch(self, torch, batch):
        """PyTorch folds without padding here, into the padded image; what fell on the padding is then cut off."""
        x, kernel_size, places = batch
        size, columns = x.shape[2:], columns_for(*batch)
        (top, _), (left, _) = places["padding"]
        padded_size = place_window(size, kernel_size, **places).padded_size
        steps = {"stride": places["stride"], "dilation": places["dilation"]}
        peer = torch.nn.functional.fold(torch.from_numpy(columns).double(), padded_size, kernel_size, **steps)
        peer = np.ascontiguousarray(peer[..., top : top + size[0], left : left + size[1]].numpy())
        assert_same(col2im(columns, size, kernel_size, **places), peer.astype(int))
        assert_same(col2im(columns[0], size, kernel_size, **places), peer[0].astype(int))
        for dtype in (np.float32, np.float64):
            assert_same(col2im(columns.astype(dtype), size, kernel_size, **places), peer.astype(dtype))

    def test_torch_with_its_own_padding(self, torch):
        columns = np.random.default_rng(0).integers(-9, 10, (2, 18, 20)).astype(float)
        peer = torch.nn.functional.fold(torch.from_numpy(columns), (7, 9), 3, padding=1, stride=2)
        assert_same(col2im(columns, (7, 9), 3, padding=1, stride=2), peer.numpy())

    @modest
    @given(batches())
    def test_is_the_adjoint(self, batch):
        """⟨im2col(x), c⟩ = ⟨x, col2im(c)⟩ for every x and c, exactly."""
        x, kernel_size, places = batch
        columns = columns_for(*batch)
        spread_out = np.vdot(im2col(x, kernel_size, **places), columns)
        assert spread_out == np.vdot(x, col2im(columns, x.shape[2:], kernel_size, **places))

    @modest
    @given(batches())
    def test_there_and_back_counts_the_windows(self, batch):
        x, kernel_size, places = batch
        back = col2im(im2col(x, kernel_size, **places), x.shape[2:], kernel_size, **places)
        assert_same(back, x * windows_on_each_cell(x.shape[2:], kernel_size, places))

    def test_windows_side_by_side_are_put_back_as_they_were(self):
        x = np.arange(2 * 6 * 8).reshape(2, 6, 8)
        assert_same(col2im(im2col(x, (3, 2), stride=(3, 2)), (6, 8), (3, 2), stride=(3, 2)), x)

    @modest
    @given(st.integers(1, 6), st.integers(1, 6), st.integers(1, 6), st.integers(1, 6))
    def test_whole_numbers_are_refused_from_2_to_the_63_exactly(self, kernel, places, stride, dilation):
        """As many times the largest number as windows see one cell: just fits, and one more does not."""
        size = (dilation * (kernel - 1) + 1 + stride * (places - 1), 1)
        steps = {"stride": (stride, 1), "dilation": (dilation, 1)}
        most = windows_on_each_cell(size, (kernel, 1), {**steps, "padding": 0}).max()
        largest = (2**63 - 1) // int(most)
        columns = np.full((kernel, places), largest)
        assert col2im(columns, size, (kernel, 1), **steps).max() == largest * int(most)
        if most > 1:
            message = f"integer sums might not fit 64 bits: {largest + 1} · 1 · {most} terms >= 2**63; pass floats"
            with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
                col2im(columns + 1, size, (kernel, 1), **steps)


class TestKindsOfNumbers:
    @pytest.mark.parametrize(
        ("given_dtype", "kept_dtype"),
        [
            ("bool", "int64"),
            ("uint8", "int64"),
            ("int32", "int64"),
            ("uint64", "int64"),
            ("int64", "int64"),
            ("float16", "float16"),
            ("float32", "float32"),
            ("float64", "float64"),
            (">f4", "float32"),
            (">i8", "int64"),
        ],
    )
    def test_type_of_the_result(self, given_dtype, kept_dtype):
        x, columns = np.ones((1, 2, 2)).astype(given_dtype), np.ones((4, 4)).astype(given_dtype)
        for padding in (0, 1):
            X_col = im2col(x, 2, padding=padding)
            assert X_col.dtype == np.dtype(kept_dtype)
            assert X_col.sum() == 4 * (1 if padding == 0 else 4)
        out = col2im(columns, (3, 3), 2)
        assert_same(out, np.array([[[1, 2, 1], [2, 4, 2], [1, 2, 1]]], kept_dtype))

    def test_whole_numbers_beyond_float64_are_exact(self):
        x = np.array([[[2**63 - 1, -(2**63), 2**53 + 1]]])
        assert_same(im2col(x, 1), x.reshape(1, 3))
        assert_same(col2im(x[0][:, 2:], (1, 1), 1), [[[2**53 + 1]]])

    def test_a_byte_does_not_wrap(self):
        assert col2im(np.full((4, 4), 255, np.uint8), (3, 3), 2).max() == 4 * 255

    def test_float16_is_added_up_in_float32(self):
        """In float16, 2048 + 1 is 2048, so that adding up ones stops there; 46·46 windows see the middle cell."""
        out = col2im(np.ones((46 * 46, 46 * 46), np.float16), (91, 91), 46)
        assert out.dtype == np.float16
        assert out[0, 45, 45] == 46 * 46

    def test_nan_and_infinity_are_copied(self):
        x = np.array([[[np.nan, np.inf], [-np.inf, 1]]])
        assert_same(im2col(x, 1), x.reshape(1, 4))
        assert_same(im2col(x, 2), x.reshape(4, 1))

    @pytest.mark.parametrize(
        ("first", "second", "dtype", "answer"),
        [
            (np.nan, 1, "float64", np.nan),
            (np.inf, 1, "float32", np.inf),
            (np.inf, -np.inf, "float64", np.nan),
            (1e308, 1e308, "float64", np.inf),
            (60000, 60000, "float16", np.inf),
        ],
    )
    def test_nan_and_infinity_are_answers_without_a_warning(self, first, second, dtype, answer):
        """Two windows of two cells meet in the middle one; here a warning is an error."""
        columns = np.array([[1, second], [first, 2]], dtype)
        assert_same(col2im(columns, (1, 3), (1, 2)), np.array([[[1, answer, 2]]], dtype))


KINDS = LAYOUTS | {"list": np.ndarray.tolist}


class TestNothingIsModified:
    @pytest.mark.parametrize("layout", KINDS.values(), ids=KINDS)
    @pytest.mark.parametrize("dtype", ["int64", "float64"])
    @pytest.mark.parametrize("read_only", [False, True])
    @pytest.mark.parametrize(
        ("operation", "shape", "arguments", "places"),
        [
            (im2col, (2, 5, 6), (2,), {}),
            (im2col, (2, 5, 6), (1,), {}),
            (im2col, (2, 5, 6), ((5, 6),), {}),
            (im2col, (3, 2, 5, 6), ((2, 3),), {"stride": 2, "padding": ((0, 1), (2, 0)), "dilation": (1, 2)}),
            (col2im, (8, 20), ((5, 6), 2), {}),
            (col2im, (3, 30), ((5, 6), 1), {}),
            (col2im, (2, 60, 1), ((5, 6), (5, 6)), {}),
            (col2im, (2, 12, 6), ((5, 6), (2, 3)), {"stride": (2, 3), "padding": ((0, 1), (2, 0))}),
        ],
    )
    def test_any_layout(self, operation, shape, arguments, places, layout, dtype, read_only):
        array = layout(np.random.default_rng(0).integers(0, 9, shape).astype(dtype))
        copy = np.array(array, dtype, order="C")
        if read_only and isinstance(array, np.ndarray):
            array.flags.writeable = False
        out = operation(array, *arguments, **places)
        np.testing.assert_array_equal(array, copy)
        assert not np.shares_memory(out, array)
        assert_same(out, operation(copy, *arguments, **places))

    def test_the_result_is_not_kept_for_the_next_call(self):
        x = signals.depth_volume()
        first = im2col(x, 2)
        kept = first.copy()
        im2col(x + 1, 2)
        np.testing.assert_array_equal(first, kept)


X, COLUMNS = np.ones((2, 5, 5)), np.ones((18, 9))


class TestRefusals:
    @pytest.mark.parametrize(
        ("changes", "error", "message"),
        [
            ({"stride": 0}, ValueError, "stride must be 1 or more in both directions; received 0"),
            ({"stride": (1, -1)}, ValueError, "stride must be 1 or more in both directions; received (1, -1)"),
            ({"stride": True}, TypeError, "stride must be a whole number or a pair of them"),
            ({"dilation": 0}, ValueError, "dilation must be 1 or more in both directions; received 0"),
            ({"dilation": -2}, ValueError, "dilation must be 1 or more in both directions; received -2"),
            ({"dilation": 1.0}, TypeError, "dilation must be a whole number or a pair of them"),
            ({"padding": -1}, ValueError, "padding must be 0 or more on every side; received -1"),
            ({"padding": "mirror"}, ValueError, 'padding must be "valid", "same", "full" or numbers'),
            ({"padding": "same", "stride": 2}, ValueError, 'padding "same" needs stride 1'),
            ({"padding": None}, TypeError, "padding must be a whole number"),
            ({"kernel_size": 0}, ValueError, "kernel size must be 1 or more in both directions; received 0"),
            ({"kernel_size": (3, 3, 3)}, TypeError, "kernel size must be a whole number or a pair of them"),
            (
                {"kernel_size": (6, 3)},
                ValueError,
                "kernel (6, 3) does not fit the padded input (5, 5): 6 rows > 5",
            ),
            (
                {"kernel_size": (4, 4), "padding": 1, "dilation": 3},
                ValueError,
                "kernel (4, 4) with dilation (3, 3) does not fit the padded input (7, 7): 10 rows > 7",
            ),
        ],
    )
    def test_bad_places(self, changes, error, message):
        arguments = {"kernel_size": 3} | changes
        with pytest.raises(error, match=f"^{re.escape(message)}"):
            im2col(X, **arguments)
        with pytest.raises(error, match=f"^{re.escape(message)}"):
            col2im(COLUMNS, (5, 5), **arguments)

    @pytest.mark.parametrize(
        ("x", "error", "message"),
        [
            (np.ones((5, 5)), ValueError, "x must be 3-D (C, H, W) or 4-D (N, C, H, W); received shape (5, 5)"),
            (np.ones((1, 1, 1, 5, 5)), ValueError, "x must be 3-D (C, H, W) or 4-D (N, C, H, W); received shape (1, "),
            (np.ones((0, 5, 5)), ValueError, "x must not be empty; received shape (0, 5, 5)"),
            ([[[1, 2], [3]]], ValueError, "x must be a rectangular array of real numbers"),
            (None, TypeError, "x must be an array of real numbers; received None"),
            (X.astype(object), TypeError, "x must hold real numbers; received dtype object"),
            (X.astype(str), TypeError, "x must hold real numbers; received dtype <U32"),
            (X.astype(complex), TypeError, "x must hold real numbers; received dtype complex128"),
            (np.ma.masked_equal(X, 2), TypeError, "x must be a plain array; received a masked array"),
        ],
    )
    def test_bad_images(self, x, error, message):
        with pytest.raises(error, match=f"^{re.escape(message)}"):
            im2col(x, 3)

    @pytest.mark.parametrize(
        ("columns", "error", "message"),
        [
            (
                np.ones(18),
                ValueError,
                "columns must be 2-D (C·kh·kw, L) or 3-D (N, C·kh·kw, L); received shape (18,)",
            ),
            (np.ones((1, 1, 18, 9)), ValueError, "columns must be 2-D (C·kh·kw, L) or 3-D (N, C·kh·kw, L); received"),
            (np.ones((18, 0)), ValueError, "columns must not be empty; received shape (18, 0)"),
            (
                np.ones((2, 20, 9)),
                ValueError,
                "columns must have C·kh·kw rows, a multiple of 9 for kernel (3, 3); "
                "received 20 rows in shape (2, 20, 9)",
            ),
            (
                np.ones((18, 8)),
                ValueError,
                "columns must have 9 columns, one for each place of kernel (3, 3) on image (5, 5); "
                "received 8 columns in shape (18, 8)",
            ),
            (None, TypeError, "columns must be an array of real numbers; received None"),
            (COLUMNS.astype(object), TypeError, "columns must hold real numbers; received dtype object"),
            (COLUMNS.astype(str), TypeError, "columns must hold real numbers; received dtype <U32"),
            (COLUMNS * 1j, TypeError, "columns must hold real numbers; received dtype complex128"),
        ],
    )
    def test_bad_columns(self, columns, error, message):
        with pytest.raises(error, match=f"^{re.escape(message)}"):
            col2im(columns, (5, 5), 3)

    @pytest.mark.parametrize(
        ("image_size", "error", "message"),
        [
            ((0, 5), ValueError, "image size must be 1 or more in both directions; received (0, 5)"),
            ((2, 5, 5), TypeError, "image size must be a whole number or a pair of them (rows, columns)"),
            ((5.0, 5), TypeError, "image size must be a whole number or a pair of them (rows, columns)"),
            (None, TypeError, "image size must be a whole number or a pair of them (rows, columns)"),
        ],
    )
    def test_bad_image_sizes(self, image_size, error, message):
        with pytest.raises(error, match=f"^{re.escape(message)}"):
            col2im(COLUMNS, image_size, 3)

    def test_two_sizes_that_share_their_columns_are_told_apart_by_the_image_size(self):
        """With stride 2 a 5×5 and a 6×6 image have the same windows; the last row and column of 6×6 stay zero."""
        columns = np.ones((9, 4), int)
        smaller, larger = (col2im(columns, size, 3, stride=2)[0] for size in ((5, 5), (6, 6)))
        assert_same(larger, np.pad(smaller, ((0, 1), (0, 1))))

"""What counts as numbers, what is refused in which words, and when integer sums are known to be safe."""

import re

import numpy as np
import pytest

from convhelpers.operands import check_integer_sums, real_array, type_to_add_in

WHOLE_NUMBERS = "x must hold whole numbers from -2**63 to 2**63 - 1"


@pytest.mark.parametrize(
    ("given_dtype", "kept_dtype"),
    [
        ("bool", "int64"),
        ("int8", "int64"),
        ("uint8", "int64"),
        ("int32", "int64"),
        ("int64", "int64"),
        ("uint64", "int64"),
        (">i4", "int64"),
        ("float16", "float16"),
        ("float32", "float32"),
        ("float64", "float64"),
        (">f4", "float32"),
    ],
)
def test_kinds_of_numbers(given_dtype, kept_dtype):
    array = real_array(np.array([[0, 1, 1]]).astype(given_dtype), "x")
    assert array.shape == (1, 3)
    assert array.dtype == np.dtype(kept_dtype)
    assert array.dtype.isnative
    np.testing.assert_array_equal(array, [[0, 1, 1]])


def test_takes_lists_scalars_and_matrices_as_plain_arrays():
    assert real_array([[1, 2], [3, 4]], "x").dtype == np.int64
    assert real_array(3, "x").shape == ()
    with pytest.warns(PendingDeprecationWarning):
        matrix = np.matrix([[1, 2], [3, 4]])
    array = real_array(matrix, "x")
    assert type(array) is np.ndarray
    np.testing.assert_array_equal(array * array, [[1, 4], [9, 16]])


def test_whole_numbers_of_mixed_kinds_stay_exact():
    taken = real_array([np.uint64(2**62 + 1), -1], "x")  # NumPy makes floats of them
    assert taken.tolist() == [2**62 + 1, -1]
    assert real_array([[2**62 + 1, -1.0]], "x").dtype == np.float64


def test_a_list_that_holds_itself_is_refused():
    itself = [1]
    itself += [itself, itself]
    with pytest.raises(ValueError, match="^x must be a rectangular array"):
        real_array(itself, "x")


def test_nan_and_infinity_are_numbers():
    np.testing.assert_array_equal(real_array([np.nan, np.inf, -np.inf], "x"), [np.nan, np.inf, -np.inf])


def test_does_not_copy_what_needs_no_change_and_never_modifies():
    x = np.arange(6.0).reshape(2, 3)[:, ::-1]
    x.flags.writeable = False
    assert real_array(x, "x") is x
    bools = np.array([True, False])
    real_array(bools, "x")[0] = 7
    np.testing.assert_array_equal(bools, [True, False])


@pytest.mark.parametrize(
    ("value", "error", "message"),
    [
        (None, TypeError, "x must be an array of real numbers; received None"),
        ([[1, 2], [3]], ValueError, "x must be a rectangular array of real numbers; "),
        (
            [1 + 2j],
            TypeError,
            "x must hold real numbers; received dtype complex128 "
            "(libraries differ on conjugating, so pass .real and .imag apart)",
        ),
        ("text", TypeError, "x must hold real numbers; received dtype <U4"),
        ([b"bytes"], TypeError, "x must hold real numbers; received dtype |S5"),
        ([None, 1], TypeError, "x must hold real numbers; received dtype object"),
        ({1, 2}, TypeError, "x must hold real numbers; received dtype object"),
        (np.array([1, 2], object), TypeError, "x must hold real numbers; received dtype object"),
        ([[2**70]], ValueError, f"{WHOLE_NUMBERS}; received {2**70}"),
        ([[1, 2], [3, -(2**70)]], ValueError, f"{WHOLE_NUMBERS}; received {-(2**70)}"),
        ([2**64, None], TypeError, "x must hold real numbers; received dtype object"),
        (np.empty(0, object), TypeError, "x must hold real numbers; received dtype object"),
        (
            np.array(["2020-01-01"], "M8[D]"),
            TypeError,
            "x must hold real numbers; received dtype datetime64[D]",
        ),
        (np.array([1], "m8[s]"), TypeError, "x must hold real numbers; received dtype timedelta64[s]"),
        (np.zeros(2, [("a", int)]), TypeError, "x must hold real numbers; received dtype [("),
        (np.ma.masked_equal([1, 2], 2), TypeError, "x must be a plain array; received a masked array"),
        ([np.ma.masked_equal([1, 2], 2)], TypeError, "x must be a plain array; received a masked array"),
        ([1, np.ma.masked], TypeError, "x must be a plain array; received a masked array"),
        # NumPy would round these to floats.
        ([2**63, -1], ValueError, f"{WHOLE_NUMBERS}; received {2**63}"),
        ([[0], [2**64 - 1]], ValueError, f"{WHOLE_NUMBERS}; received {2**64 - 1}"),
        ([10**400, 0.5], TypeError, "x must hold real numbers; received dtype object"),
        ([], ValueError, "x must not be empty; received shape (0,)"),
        (np.ones((3, 0)), ValueError, "x must not be empty; received shape (3, 0)"),
        (
            np.array([2**63], np.uint64),
            ValueError,
            f"{WHOLE_NUMBERS}; received {2**63}",
        ),
    ],
)
def test_refuses_what_is_not_real_numbers(value, error, message):
    with pytest.raises(error, match=re.escape(message)):
        real_array(value, "x")


@pytest.mark.parametrize(
    ("ndim", "axes", "rule"),
    [
        (2, None, "x must be 2-D; received shape (3,)"),
        (2, "(H, W)", "x must be 2-D (H, W); received shape (3,)"),
        ((3, 4), None, "x must be 3-D or 4-D; received shape (3,)"),
        (
            (3, 4),
            ("(C, H, W)", "(N, C, H, W)"),
            "x must be 3-D (C, H, W) or 4-D (N, C, H, W); received shape (3,)",
        ),
    ],
)
def test_number_of_axes(ndim, axes, rule):
    with pytest.raises(ValueError, match=f"^{re.escape(rule)}$"):
        real_array([1, 2, 3], "x", ndim=ndim, axes=axes)
    wanted = ndim if isinstance(ndim, int) else ndim[-1]
    assert real_array(np.ones((1,) * wanted), "x", ndim=ndim, axes=axes).ndim == wanted


def test_an_empty_array_of_the_wrong_rank_is_told_its_rank_first():
    with pytest.raises(ValueError, match=re.escape("x must be 2-D; received shape (0,)")):
        real_array([], "x", ndim=2)


def test_bound_of_integer_sums():
    left, right = np.array([[3, -4]]), np.array([10, -2])
    assert check_integer_sums(left, right, 5) == 4 * 10 * 5
    assert check_integer_sums(left, right, 5, np.array([-7])) == 4 * 10 * 5 + 7
    assert check_integer_sums(left, right * 1.0, 5) is None
    assert check_integer_sums(left * 1.0, right, 5) is None
    assert check_integer_sums(left, right, 5, np.array([1.0])) is None


def test_integer_sums_are_refused_from_2_to_the_63():
    one, largest, smallest = np.array([1]), np.array([2**63 - 1]), np.array([-(2**63)])
    assert check_integer_sums(largest, one, 1) == 2**63 - 1
    with pytest.raises(
        ValueError, match=re.escape(f"integer sums might not fit 64 bits: {2**63} · 1 · 1 terms >= 2**63")
    ):
        check_integer_sums(smallest, one, 1)
    with pytest.raises(ValueError, match=re.escape(f"{2**63 - 1} · 1 · 2 terms >= 2**63; pass floats")):
        check_integer_sums(largest, one, 2)
    with pytest.raises(ValueError, match=re.escape(f"{2**63 - 1} · 1 · 1 terms + bias 1 >= 2**63; pass floats")):
        check_integer_sums(largest, one, 1, one)


@pytest.mark.parametrize(
    ("dtype", "wider"),
    [("float16", "float32"), ("float32", "float32"), ("float64", "float64"), ("int64", "int64")],
)
def test_type_to_add_in(dtype, wider):
    assert type_to_add_in(np.dtype(dtype)) == np.dtype(wider)

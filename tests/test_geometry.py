"""Where a window stands: sizes counted one by one, words for padding, what is left over, every refusal."""

import enum
import re

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from convhelpers.geometry import check_groups, place_window, whole_number, whole_pair, whole_shape

modest = settings(deadline=None, derandomize=True, max_examples=100)
small = st.integers(1, 9)
sides = st.integers(0, 4)


@modest
@given(small, small, st.integers(1, 4), st.integers(1, 3), sides, sides)
def test_output_size_counts_the_places(size, kernel, stride, dilation, before, after):
    """Sets the kernel down at 0, stride, 2·stride, … until its last cell would lie outside."""
    last_cell = dilation * (kernel - 1)
    places = [place for place in range(0, 99, stride) if place + last_cell < before + size + after]
    assume(places)
    rows = place_window(
        (size, 1),
        (kernel, 1),
        stride=(stride, 1),
        padding=((before, after), (0, 0)),
        dilation=(dilation, 1),
    )
    columns = place_window(
        (1, size),
        (1, kernel),
        stride=(1, stride),
        padding=((0, 0), (before, after)),
        dilation=(1, dilation),
    )
    assert rows.output_size == (len(places), 1)
    assert columns.output_size == (1, len(places))
    assert rows.padded_size == (before + size + after, 1)
    reached = places[-1] + last_cell + 1
    assert rows.leftover == (rows.padded_size[0] - reached, 0)
    assert columns.leftover == (0, rows.padded_size[0] - reached)


def test_sizes_of_alexnet():
    """Source: CS231n notes on convolutional networks: 227 with 11 and stride 4 gives 55."""
    assert place_window((227, 227), (11, 11), stride=4).output_size == (55, 55)


def test_a_stride_that_does_not_fit_leaves_rows_and_columns_over():
    window = place_window((6, 8), (3, 3), stride=(2, 3))
    assert window.output_size == (2, 2)
    assert window.leftover == (1, 2)


@modest
@given(st.tuples(small, small), st.tuples(small, small), st.tuples(st.integers(1, 3), st.integers(1, 3)))
def test_words_for_padding(size, kernel, dilation):
    same = place_window(size, kernel, padding="same", dilation=dilation)
    assert same.output_size == size
    larger = place_window(size, kernel, padding="same", dilation=dilation, same_before="larger")
    assert larger.padding == tuple(pair[::-1] for pair in same.padding)
    for before, after in same.padding:
        assert after - before in (0, 1)
    full = place_window(size, kernel, padding="full", dilation=dilation)
    extent = full.extent
    assert full.output_size == tuple(s + e - 1 for s, e in zip(size, extent, strict=True))
    assume(all(e <= s for s, e in zip(size, extent, strict=True)))
    valid = place_window(size, kernel, padding="valid", dilation=dilation)
    assert valid == place_window(size, kernel, dilation=dilation)
    assert valid.output_size == tuple(s - e + 1 for s, e in zip(size, extent, strict=True))


def test_same_with_an_even_kernel_in_both_camps():
    assert place_window((4, 4), (2, 4), padding="same").padding == ((0, 1), (1, 2))
    assert place_window((4, 4), (2, 4), padding="same", same_before="larger").padding == ((1, 0), (2, 1))


@pytest.mark.parametrize(
    ("padding", "expected"),
    [
        (0, ((0, 0), (0, 0))),
        (2, ((2, 2), (2, 2))),
        (np.int64(2), ((2, 2), (2, 2))),
        ((1, 2), ((1, 1), (2, 2))),
        ([1, 2], ((1, 1), (2, 2))),
        (((1, 2), (3, 4)), ((1, 2), (3, 4))),
        ([(1, 2), [3, np.uint8(4)]], ((1, 2), (3, 4))),
    ],
)
def test_ways_of_writing_padding(padding, expected):
    sides_found = place_window((5, 5), (3, 3), padding=padding).padding
    assert sides_found == expected
    assert all(type(side) is int for pair in sides_found for side in pair)


class Number(enum.IntEnum):
    TWO = 2


def test_numbers_become_python_ints():
    window = place_window(np.array([5, 7]).tolist(), (3, 3), stride=np.uint8(2), dilation=(np.int32(1), Number.TWO))
    assert (window.stride, window.dilation) == ((2, 2), (1, 2))
    assert all(type(part) is int for part in window.stride + window.dilation)
    # A size that no other test asks for, since a window that is known already would come with the numbers of then.
    (top, bottom), (left, right) = place_window((41, 43), (3, 3), padding=((np.int8(1), Number.TWO), (3, 4))).padding
    assert [type(side) for side in (top, bottom, left, right)] == [int] * 4


@pytest.mark.parametrize("one", [True, np.True_, 1.0, np.float64(1)])
def test_what_equals_1_is_refused_even_where_1_has_been_asked_for_before(one):
    """True, 1.0 and 1 are one key of a dictionary, so that a memory of earlier answers could mix them up."""
    places = {"stride": 1, "padding": 1, "dilation": 1}
    assert place_window((5, 5), (1, 1), **places) == place_window((5, 5), (1, 1), **places)
    for name in places:
        for value in (one, (1, one), (one, 1)):
            with pytest.raises(TypeError, match=f"^{name} must be "):
                place_window((5, 5), (1, 1), **{**places, name: value})
    with pytest.raises(TypeError, match="^padding must be "):
        place_window((5, 5), (1, 1), padding=((1, 1), (1, one)))
    with pytest.raises(TypeError, match="^input size must be "):
        place_window((5, one), (1, 1))
    with pytest.raises(TypeError, match="^kernel size must be "):
        place_window((5, 5), (one, 1))


PADDING_RULE = (
    "padding must be a whole number, (vertical, horizontal), ((top, bottom), (left, right)), "
    '"valid", "same" or "full"; received '
)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"stride": 0}, ValueError, "stride must be 1 or more in both directions; received 0"),
        ({"stride": (1, -2)}, ValueError, "stride must be 1 or more in both directions; received (1, -2)"),
        ({"stride": (-1, 2)}, ValueError, "stride must be 1 or more in both directions; received (-1, 2)"),
        (
            {"stride": 1.0},
            TypeError,
            "stride must be a whole number or a pair of them (rows, columns); received 1.0",
        ),
        (
            {"stride": True},
            TypeError,
            "stride must be a whole number or a pair of them (rows, columns); received True",
        ),
        ({"stride": (1, 2, 3)}, TypeError, "stride must be a whole number or a pair of them"),
        ({"stride": None}, TypeError, "stride must be a whole number or a pair of them"),
        ({"stride": "2"}, TypeError, "stride must be a whole number or a pair of them"),
        ({"stride": (1, 1.5)}, TypeError, "stride must be a whole number or a pair of them"),
        ({"dilation": 0}, ValueError, "dilation must be 1 or more in both directions; received 0"),
        (
            {"dilation": (1, -1)},
            ValueError,
            "dilation must be 1 or more in both directions; received (1, -1)",
        ),
        ({"dilation": 1.5}, TypeError, "dilation must be a whole number or a pair of them"),
        ({"padding": -1}, ValueError, "padding must be 0 or more on every side; received -1"),
        ({"padding": (0, -1)}, ValueError, "padding must be 0 or more on every side; received (0, -1)"),
        (
            {"padding": ((0, 0), (0, -1))},
            ValueError,
            "padding must be 0 or more on every side; received ((0, 0), (0, -1))",
        ),
        ({"padding": 0.5}, TypeError, PADDING_RULE + "0.5"),
        ({"padding": True}, TypeError, PADDING_RULE + "True"),
        ({"padding": None}, TypeError, PADDING_RULE + "None"),
        ({"padding": (1, 2, 3)}, TypeError, PADDING_RULE + "(1, 2, 3)"),
        ({"padding": (1, (2, 3))}, TypeError, PADDING_RULE + "(1, (2, 3))"),
        ({"padding": ((1, 2), (3, 4.0))}, TypeError, PADDING_RULE + "((1, 2), (3, 4.0))"),
        (
            {"padding": "SAME"},
            ValueError,
            'padding must be "valid", "same", "full" or numbers; received \'SAME\'',
        ),
        (
            {"padding": "same", "stride": (1, 2)},
            ValueError,
            'padding "same" needs stride 1, since a larger stride shrinks the output; received stride (1, 2)',
        ),
    ],
)
def test_refuses_bad_places(arguments, error, message):
    with pytest.raises(error, match=re.escape(message)):
        place_window((5, 5), (3, 3), **arguments)


@pytest.mark.parametrize(
    ("size", "kernel", "arguments", "message"),
    [
        ((4, 6), (5, 3), {}, "kernel (5, 3) does not fit the padded input (4, 6): 5 rows > 4"),
        ((6, 4), (3, 5), {}, "kernel (3, 5) does not fit the padded input (6, 4): 5 columns > 4"),
        ((2, 9), (5, 5), {"padding": 1}, "kernel (5, 5) does not fit the padded input (4, 11): 5 rows > 4"),
        (
            (4, 9),
            (3, 3),
            {"dilation": 2},
            "kernel (3, 3) with dilation (2, 2) does not fit the padded input (4, 9): 5 rows > 4",
        ),
    ],
)
def test_refuses_a_kernel_that_does_not_fit(size, kernel, arguments, message):
    with pytest.raises(ValueError, match=re.escape(message) + "$"):
        place_window(size, kernel, **arguments)


def test_refuses_bad_sizes():
    with pytest.raises(ValueError, match=re.escape("input size must be 1 or more in both directions")):
        place_window((0, 5), (1, 1))
    with pytest.raises(ValueError, match=re.escape("kernel size must be 1 or more in both directions")):
        place_window((5, 5), (0, 1))
    with pytest.raises(TypeError, match="input size must be a whole number or a pair"):
        place_window((1, 5, 5), (1, 1))


def test_whole_pair_and_whole_number():
    assert whole_pair(3, "size", minimum=1) == (3, 3)
    assert whole_pair([np.int8(3), 4], "size", minimum=1) == (3, 4)
    assert whole_number(np.array(3), "groups", minimum=1) == 3
    with pytest.raises(TypeError, match=r"groups must be a whole number; received 2\.0"):
        whole_number(2.0, "groups", minimum=1)
    with pytest.raises(TypeError, match="groups must be a whole number; received True"):
        whole_number(True, "groups", minimum=1)
    with pytest.raises(ValueError, match="groups must be 1 or more; received 0"):
        whole_number(0, "groups", minimum=1)


def test_whole_shape():
    assert whole_shape([np.int8(2), 3], "shape", ndim=(1, 2)) == (2, 3)
    assert all(type(size) is int for size in whole_shape((np.int64(2),), "shape", ndim=(1,)))


@pytest.mark.parametrize(
    "value", [{1, 2}, b"xy", "ab", 5, None, (2.0, 3), (True, 2), (np.True_, 2), range(1, 3), [[1]]]
)
def test_refuses_what_is_no_shape(value):
    with pytest.raises(TypeError, match=re.escape(f"shape must be a tuple of whole numbers; received {value!r}")):
        whole_shape(value, "shape", ndim=(1, 2))


@pytest.mark.parametrize(
    ("value", "rule"),
    [
        ((), "shape must be 1-D or 2-D; received ()"),
        ((1, 2, 3), "shape must be 1-D or 2-D; received (1, 2, 3)"),
        ((2, 0), "shape must have 1 or more in every direction; received (2, 0)"),
        ((-1,), "shape must have 1 or more in every direction; received (-1,)"),
    ],
)
def test_refuses_a_bad_shape(value, rule):
    with pytest.raises(ValueError, match=f"^{re.escape(rule)}$"):
        whole_shape(value, "shape", ndim=(1, 2))


def test_groups_that_go_together():
    assert check_groups(1, channels=3, filters=5, depth=3) == 1
    assert check_groups(np.int8(3), channels=3, filters=6, depth=1) == 3


@pytest.mark.parametrize(
    ("groups", "error", "message"),
    [
        (True, TypeError, "groups must be a whole number; received True"),
        (2.0, TypeError, "groups must be a whole number; received 2.0"),
        ("2", TypeError, "groups must be a whole number; received '2'"),
        (0, ValueError, "groups must be 1 or more; received 0"),
        (3, ValueError, "groups must divide the 4 channels of the input and the 6 filters; received 3"),
        (4, ValueError, "groups must divide the 4 channels of the input and the 6 filters; received 4"),
        (1, ValueError, "each filter of weight must have C/groups = 4/1 = 4 channels; received 3"),
        (2, ValueError, "each filter of weight must have C/groups = 4/2 = 2 channels; received 3"),
    ],
)
def test_refuses_groups(groups, error, message):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        check_groups(groups, channels=4, filters=6, depth=3)


@pytest.mark.parametrize("number", [10**5000, -(10**5000), 2**1000], ids=["large", "small", "least"])
def test_numbers_beyond_every_size_are_refused_in_words_that_can_be_written(number):
    for check, limits in ((whole_number, {"minimum": 1}), (whole_pair, {"minimum": 1}), (whole_shape, {"ndim": (2,)})):
        value = (number, 1) if check is whole_shape else number
        with pytest.raises(ValueError, match=r"^size must (be|have) (1 or more|less than 2\*\*1000).*; received "):
            check(value, "size", **limits)
    with pytest.raises(ValueError, match=r"^padding must be (0 or more|less than 2\*\*1000).*; received "):
        place_window((5, 5), (3, 3), padding=number)

"""What the fuzzing tests draw: numbers of every kind in every layout, parameters in every form, and what is neither.

Every run draws the same examples, as many as a minute takes. To look longer, at others in each run, say how many times
as many: `CONVHELPERS_FUZZING=100 python3 -m convhelpers test tests/test_fuzzing_*.py`.
"""

import contextlib
import copy
import datetime
import decimal
import fractions
import logging
import os

import numpy as np
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from convhelpers import pairing
from convhelpers.trace import record

TIMES = int(os.environ.get("CONVHELPERS_FUZZING", "1"))
WHOLE = ["bool", "int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64"]
FLOATING = ["float16", "float32", "float64", "longdouble"]


def fuzzed(examples, **more):
    """The settings of a test that draws so many examples, and no failure for a slow machine."""
    slow = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]
    return settings(
        max_examples=examples * TIMES,
        derandomize=TIMES == 1,
        database=None,
        phases=set(Phase) - {Phase.explain},  # it takes minutes
        deadline=None,
        suppress_health_check=slow,
        **more,
    )


# Numbers


def dtypes():
    """Every type that counts as real numbers, in both byte orders."""
    kinds = st.sampled_from([*WHOLE, "int64", "int64", *FLOATING]).map(np.dtype)
    return st.tuples(kinds, st.sampled_from("=S")).map(lambda drawn: drawn[0].newbyteorder(drawn[1]))


def elements(dtype):
    """Small whole numbers, which make sums that can be read, or any number of a type, its extremes above all."""
    small = st.integers(0, 1) if dtype.kind == "b" else st.integers(0 if dtype.kind == "u" else -9, 9)
    wild = hnp.from_dtype(dtype.newbyteorder("="))
    if dtype.kind in "iu":
        extremes = [np.iinfo(dtype).min, np.iinfo(dtype).max]
        wild |= st.sampled_from(extremes)
    if dtype.kind == "f":
        limits = np.finfo(dtype)
        wild |= st.sampled_from([np.nan, np.inf, -np.inf, -0.0, limits.max, -limits.max, limits.smallest_subnormal])
        return st.one_of(small, small, small, wild)
    # More than float64 holds exactly, and with small factors still within 64 bits.
    odd = st.sampled_from([2**53 + 1, 2**54 - 1, 2**55 - 1] + [-(2**53) - 1, 3 - 2**55] * (dtype.kind == "i"))
    large = [odd, odd] if dtype.itemsize == 8 else [small]
    return st.sampled_from([small, wild, *large])


@st.composite
def numbers(draw, shape, dtype=None):
    """An array of real numbers, of any type."""
    dtype = draw(dtypes()) if dtype is None else np.dtype(dtype)
    drawn_from = elements(dtype)
    if dtype.kind != "f":
        drawn_from = draw(drawn_from)
    flat = draw(st.lists(drawn_from, min_size=int(np.prod(shape)), max_size=int(np.prod(shape))))
    return np.array(flat, dtype).reshape(shape)


def _between(array):
    """The array as every second cell of a larger one."""
    larger = np.zeros(tuple(2 * length for length in array.shape), array.dtype)
    inner = larger[tuple(slice(1, None, 2) for _ in array.shape)]
    inner[...] = array
    return inner


def _backwards(array):
    """The same numbers with negative strides."""
    turn = (slice(None, None, -1),) * array.ndim
    return np.ascontiguousarray(array[turn])[turn]


def _unaligned(array):
    memory = bytearray(array.nbytes + 1)
    view = np.ndarray(array.shape, array.dtype, memory, offset=1)
    view[...] = array
    return view


def _read_only(array):
    array = array.copy()
    array.flags.writeable = False
    return array


class Subclass(np.ndarray):
    """An array whose own arithmetic is not that of numbers."""

    def __mul__(self, _):
        raise AssertionError("multiplied as a subclass")

    __matmul__ = __rmatmul__ = __rmul__ = __add__ = __radd__ = __mul__


LAYOUTS = {
    "C order": np.copy,
    "Fortran order": np.asfortranarray,
    "negative strides": _backwards,
    "every second cell": _between,
    "read only": _read_only,
    "not aligned": _unaligned,
    "one number everywhere": lambda array: np.broadcast_to(array.flat[0], array.shape),
    "subclass": lambda array: array.copy().view(Subclass),
    "list": np.ndarray.tolist,
    "memoryview": lambda array: array if array.ndim == 0 or not array.dtype.isnative else memoryview(array.copy()),
}


@st.composite
def operands(draw, shape, dtype=None):
    """Numbers as a caller may hold them: (what is passed, the same as a plain array)."""
    array = draw(numbers(shape, dtype))
    way = draw(st.sampled_from(sorted(LAYOUTS)))
    if way == "list" and array.dtype == np.longdouble:
        way = "C order"  # its numbers would not be Python's
    given = LAYOUTS[way](array)
    return given, array if way == "list" else np.array(given)


# Parameters


def counts(least, most):
    """A whole number in any of its forms."""
    forms = [int, np.int8, np.uint16, np.int64, np.array]
    return st.builds(lambda form, number: form(number), st.sampled_from(forms), st.integers(least, most))


def steps():
    """A stride or a dilation, now and then beyond all sizes."""
    one = st.one_of(counts(1, 3), counts(1, 3), st.just(1), st.sampled_from([100, 2**31, 2**63 - 1, 2**63, 2**70]))
    return st.one_of(st.just(1), one, st.tuples(one, one), st.lists(one, min_size=2, max_size=2))


def paddings():
    """Padding in any of its forms."""
    one = counts(0, 3)
    pair = st.tuples(one, one) | st.lists(one, min_size=2, max_size=2)
    sides = st.tuples(pair, pair) | st.lists(pair, min_size=2, max_size=2)
    return st.one_of(st.just(0), one, pair, sides, st.sampled_from(["valid", "same", "full", np.str_("full")]))


def pair_of(value):
    """(rows, columns) of a stride, a dilation or a padding that is one number or two."""
    first, second = value if isinstance(value, (tuple, list)) else (value, value)
    return int(first), int(second)


def sides_of(padding, kernel_size, dilation, *, turned=False):
    """((top, bottom), (left, right)), as `conventions` describes padding."""
    if isinstance(padding, str):
        totals = [gap * (cells - 1) for gap, cells in zip(dilation, kernel_size, strict=True)]
        if padding == "valid":
            return (0, 0), (0, 0)
        if padding == "full":
            return tuple((total, total) for total in totals)
        halves = [(total // 2, total - total // 2) for total in totals]
        return tuple(half[::-1] if turned else half for half in halves)
    first, second = padding if isinstance(padding, (tuple, list)) else (padding, padding)
    if isinstance(first, (tuple, list)):
        return pair_of(first), pair_of(second)
    return (int(first), int(first)), (int(second), int(second))


# What is neither


def no_number():
    """What is no whole number, nor a pair or a shape of any."""
    odd = [True, False, np.True_, 1.0, 0.5, np.float64(2), np.nan, np.inf, "1", "", b"1", None, 1j, ..., (), [], {}]
    odd += [(1,), (1, 2, 3), (1.0, 1), (1, True), (1, None), ("1", "1"), ((1, 1), 1), {1, 2}, {1: 2}, range(2)]
    odd += [np.array([1, 2]), np.array(1.0), np.array(True), np.datetime64("2020"), decimal.Decimal(1), object, len]
    odd += [fractions.Fraction(1), iter([1, 2]), memoryview(b"ab"), "3x", "\ud800", [[1, 2], [3, 4], [5, 6]]]
    return st.sampled_from(odd)


def is_shape(value):
    return isinstance(value, (tuple, list)) and all(type(part) is int for part in value)


def too_small(least):
    """A whole number, or a pair that holds one, below the least that is allowed."""
    one = st.sampled_from([least - 1, -1, -(2**63), -(2**70), -(10**5000), np.int64(-5), np.int8(-128)])
    return one | st.tuples(one, st.just(least)) | st.tuples(st.just(least), one)


def too_large():
    """A whole number, or a pair that holds one, beyond every size."""
    one = st.sampled_from([2**1000, 10**5000])
    return one | st.tuples(one, st.just(1)) | st.tuples(st.just(1), one)


def no_array():
    """What holds no real numbers: (a function that makes it, since some of it can be used up only once)."""
    masked = np.ma.masked_equal([[1, 2], [3, 4]], 2)
    odd = [None, "text", "", b"bytes", [None], [["1", "2"]], [[b"1"]], {1: 2}, {1, 2}, object(), len, int, ..., 1j]
    odd += [[[1 + 2j, 3]], np.ones((2, 2), complex), np.ones((2, 2), object), np.array([[2**70, None]], object)]
    odd += [[[2**63]], [[2**63, -1]], [[2**70]], [[-(2**70), 1]], [[10**400]], [[10**400, 0.5]], 2**64]
    odd += [np.full((2, 2), 2**63, np.uint64), np.full((2, 2), "2020-01-01", "M8[D]"), np.ones((2, 2), "m8[s]")]
    odd += [datetime.date(2020, 1, 1), [[datetime.timedelta(1)]], decimal.Decimal(1), [[decimal.Decimal("0.5")]]]
    odd += [[[fractions.Fraction(1, 3)]], np.zeros((2, 2), [("a", int)]), np.zeros((2, 2), "V4"), np.array([["a"]])]
    odd += [[[1, 2], [3]], [[1, 2], 3], [[[1]], [[2, 3]]], [np.ones((2, 2)), np.ones((2, 3))], masked, np.ma.masked]
    odd += [masked[:1], [[1, np.ma.masked]], [masked], [masked[0]], np.array([["a"]], np.dtypes.StringDType())]
    odd += [[], [[]], [[], []], np.empty((2, 0)), np.empty((0, 10**12)), np.empty((0, 3, 10**6, 10**6)), np.empty(0)]
    generators = [lambda: (number for number in [1, 2]), lambda: iter([[1]]), lambda: map(int, "12")]
    return st.sampled_from([lambda value=value: value for value in odd] + generators)


# What a call may and may not do


def snapshot(value):
    """What a call must leave as it was: the bytes, the type, the shape and the flags of an array, else all of it."""
    if isinstance(value, memoryview):
        return snapshot(np.asarray(value))
    if isinstance(value, np.ma.MaskedArray):
        return snapshot(np.array(value.data)), snapshot(np.array(value.mask))
    if isinstance(value, np.ndarray):
        flags = value.flags.writeable, value.flags.c_contiguous, value.flags.f_contiguous, value.flags.aligned
        return value.tobytes(), str(value.dtype), value.shape, value.strides, flags
    if isinstance(value, (list, tuple)):
        return type(value), [snapshot(part) for part in value]
    return copy.copy(value) if isinstance(value, (dict, set)) else repr(value)[:100] if type(value) is float else value


@contextlib.contextmanager
def left_as_they_were(*values):
    """What is passed is not modified."""
    before = [snapshot(value) for value in values]
    yield
    after = [snapshot(value) for value in values]
    assert after == before


def shares_no_memory(result, *values):
    """Whether nothing that is returned lies in the memory of what was passed."""
    arrays = [np.asarray(value) for value in values if isinstance(value, (np.ndarray, memoryview))]
    return not any(np.may_share_memory(result, array) for array in arrays)


@contextlib.contextmanager
def nothing_swallowed():
    """Ipywidgets logs an error of a handler that the browser has started, and goes on: look for it."""
    swallowed = []
    handler = logging.Handler()
    handler.emit = lambda entry: swallowed.append(entry.getMessage()) if "Exception in" in entry.getMessage() else None
    loggers = [logging.getLogger(), logging.getLogger("traitlets")]
    for logger in loggers:
        logger.addHandler(handler)
    try:
        yield
    finally:
        for logger in loggers:
            logger.removeHandler(handler)
    assert swallowed == []


# Traces


@st.composite
def pairings(draw):
    """A table of pairs of any operation, small."""
    sides = st.integers(1, 4)
    shape = (draw(sides), draw(sides))
    other = (draw(st.integers(1, shape[0])), draw(st.integers(1, shape[1])))
    depth, filters, groups = draw(st.integers(1, 3)), draw(st.integers(1, 2)), draw(st.integers(1, 2))
    places = {"stride": draw(st.integers(1, 3)), "padding": draw(st.integers(0, 2)), "dilation": 1}
    layer = (depth * groups, *shape), (filters * groups, depth, *other)
    builders = [
        lambda: pairing.elementwise(shape),
        lambda: pairing.elementwise(shape[:1]),
        lambda: pairing.sum_of_products(shape),
        lambda: pairing.matrix_product(shape, (shape[1], other[0])),
        lambda: pairing.cross_correlation(shape, other, **places),
        lambda: pairing.convolution(shape, other, **places),
        lambda: pairing.conv_layer(*layer, **places, groups=groups),
        lambda: pairing.one_by_one_convolution((depth, *shape), filters),
        lambda: pairing.fully_connected(shape[0] * shape[1], filters),
        lambda: pairing.fully_connected(20, 1),
        lambda: pairing.cross_correlation((1, 20), (1, 2), **places),
    ]
    return draw(st.sampled_from(builders))()


@st.composite
def traces(draw, dtype=None):
    """A trace of any operation, of numbers of any type whose sums fit 64 bits."""
    table = draw(pairings())
    left, right = (draw(numbers(shape, dtype)) for shape in (table.left_shape, table.right_shape))
    n_biases = 0 if table.bias_index is None else int(table.bias_index.max()) + 1
    bias = draw(numbers((n_biases,), dtype)) if n_biases and draw(st.booleans()) else None
    try:
        return record(table, left, right, bias)
    except ValueError:  # sums or numbers that might not fit 64 bits
        ones = np.ones(table.left_shape, int), np.ones(table.right_shape, int)
        return record(table, *ones, None if bias is None else np.ones(n_biases, int))

"""Sizes and sums over anything that may be passed: the right answer by the definition, or one of our errors.

The definition stands here once more, in plain loops over exact fractions; `strategies` says how to look longer.
"""

import itertools
import math
import re
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import (
    fuzzed,
    is_shape,
    left_as_they_were,
    no_array,
    no_number,
    numbers,
    operands,
    paddings,
    pair_of,
    shares_no_memory,
    sides_of,
    steps,
    too_large,
    too_small,
)

from convhelpers import arithmetic, pairing
from convhelpers.geometry import check_groups, place_window, whole_number, whole_pair, whole_shape
from convhelpers.im2col import col2im, im2col
from convhelpers.operands import real_array
from convhelpers.trace import record

sizes = st.integers(1, 5)


# The definition


def starts(size, kernel, stride, before, after, dilation):
    """Where a kernel can begin along an axis, counted from the first cell that is no padding."""
    last = (kernel - 1) * dilation
    return [start for start in range(-before, size + after, min(stride, 10**6)) if start + last < size + after]


def stations(size, kernel_size, stride, sides, dilation):
    """For every output, row by row, the places (row, column) of its window, row by row."""
    axes = []
    for cells, kernel, step, (before, after), gap in zip(size, kernel_size, stride, sides, dilation, strict=True):
        begins = starts(cells, kernel, step, before, after, gap)
        axes.append([[begin + gap * place for place in range(kernel)] for begin in begins])
    return [list(itertools.product(rows, columns)) for rows in axes[0] for columns in axes[1]]


def layer_terms(x, weight, bias, windows, groups, *, turned=False):
    """For every output of a layer, the pairs of factors that it adds up, and its bias."""
    n_filters, depth, *kernel_size = weight.shape
    cells = list(np.ndindex(*kernel_size))
    if turned:
        cells.reverse()
    terms = []
    for k, window in itertools.product(range(n_filters), windows):
        first = k // (n_filters // groups) * depth
        pairs = [
            (x[first + c, i, j] if 0 <= i < x.shape[1] and 0 <= j < x.shape[2] else 0, weight[k, c, u, v])
            for c in range(depth)
            for (i, j), (u, v) in zip(window, cells, strict=True)
        ]
        terms.append((pairs, 0 if bias is None else bias[k]))
    return terms


def expected_dtype(*arrays):
    """Whole numbers are int64, floats keep their width, and both meet as in `np.result_type`."""
    dtypes = [np.dtype(np.int64) if array.dtype.kind in "biu" else array.dtype for array in arrays if array is not None]
    return np.result_type(*dtypes).newbyteorder("=")


def might_not_fit(arrays, bias, n_terms):
    """Whether whole numbers are so large that their sums are refused, or they themselves."""
    whole = [array for array in (*arrays, bias) if array is not None and array.dtype.kind in "biu"]
    largest = [max(abs(int(value)) for value in array.flat) for array in whole]
    if any(int(array.max()) >= 2**63 for array in whole):
        return True
    if any(array.dtype.kind == "f" for array in (*arrays, bias) if array is not None):
        return False
    return math.prod(largest[: len(arrays)]) * n_terms + sum(largest[len(arrays) :]) >= 2**63


def exact(value):
    return Fraction(*(int(value), 1) if isinstance(value, (int, np.integer, np.bool_)) else value.as_integer_ratio())


def assert_sums(out, terms, dtype):
    """Each output is its sum: exactly for whole numbers, within what rounding may do for floats."""
    assert type(out) is np.ndarray
    assert out.dtype == dtype
    assert out.dtype.isnative
    assert out.flags.writeable
    assert out.size == len(terms)
    for value, (pairs, bias) in zip(out.ravel(), terms, strict=True):
        factors = [factor for pair in pairs for factor in pair]
        if all(np.isfinite(factor) for factor in [*factors, bias]):
            assert_finite_sum(value, [exact(left) * exact(right) for left, right in pairs] + [exact(bias)], dtype)
        else:
            products = [multiplied(left, right) for left, right in pairs]
            assert_same_kind(value, math.nan if np.isnan(bias) else sum_of_signs([*products, signed(bias)]))


def assert_finite_sum(value, terms, dtype):
    total = sum(terms)
    if dtype.kind != "f":
        assert int(value) == total
        return
    limits, size = np.finfo(dtype), sum(map(abs, terms))
    if size * (1 + 2 * len(terms) * Fraction(float(limits.eps))) >= exact(limits.max):
        return  # it may overflow on its way
    rounding = size * len(terms) * 2 * exact(limits.eps) + 2 * len(terms) * exact(limits.smallest_subnormal)
    assert abs(exact(value) - total) <= rounding


def signed(value):
    """A number as its sign where it is infinite, 0 where it is finite, NaN where it is none."""
    return math.nan if np.isnan(value) else math.copysign(math.inf, value) if np.isinf(value) else 0.0


def multiplied(left, right):
    if np.isfinite(left) and np.isfinite(right):
        return 0.0
    if np.isnan(left) or np.isnan(right) or left == 0 or right == 0:
        return math.nan
    return math.inf if (left > 0) == (right > 0) else -math.inf


def sum_of_signs(values):
    if any(math.isnan(value) for value in values) or {math.inf, -math.inf} <= set(values):
        return math.nan
    return sum(values)


def assert_same_kind(value, expected):
    """Infinite or NaN as the terms say; a finite part of the sum may overflow besides."""
    if math.isnan(expected):
        assert np.isnan(value)
    else:
        assert value == expected or not np.isfinite(value)


# Geometry


@fuzzed(150)
@given(st.tuples(sizes, sizes), st.tuples(sizes, sizes), steps(), paddings(), steps(), st.booleans())
def test_a_window_stands_where_the_definition_has_it(size, kernel_size, stride, padding, dilation, turned):
    before = "larger" if turned else "smaller"
    places = {"stride": stride, "padding": padding, "dilation": dilation, "same_before": before}
    strides, gaps = pair_of(stride), pair_of(dilation)
    sides = sides_of(padding, kernel_size, gaps, turned=turned)
    with left_as_they_were(stride, padding, dilation):
        if isinstance(padding, str) and padding == "same" and max(strides) > 1:
            with pytest.raises(ValueError, match='^padding "same" needs stride 1, .*; received stride'):
                place_window(size, kernel_size, **places)
            return
        padded = [cells + sum(both) for cells, both in zip(size, sides, strict=True)]
        fits = all(gap * (k - 1) < n for gap, k, n in zip(gaps, kernel_size, padded, strict=True))
        if not fits:
            with pytest.raises(ValueError, match="^kernel .* does not fit the padded input "):
                place_window(size, kernel_size, **places)
            return
        window = place_window(size, kernel_size, **places)
    assert (window.stride, window.dilation, window.padding) == (strides, gaps, sides)
    assert all(type(part) is int for part in (*window.stride, *window.dilation, *window.padding[0], *window.padding[1]))
    for axis in (0, 1):
        if sides[axis][0] > 10**6:  # a "same" or "full" of a huge dilation: too many places to count
            continue
        begins = starts(size[axis], kernel_size[axis], strides[axis], *sides[axis], gaps[axis])
        assert window.output_size[axis] == len(begins)
        assert window.leftover[axis] == (padded[axis] - sides[axis][0] - window.extent[axis] - begins[-1])
    assert tuple(window.padded_size) == tuple(padded)


@fuzzed(60)
@given(sizes, sizes, steps().filter(lambda step: not isinstance(step, (tuple, list))), st.integers(0, 3), sizes)
def test_an_axis_has_as_many_outputs_as_the_definition(size, kernel, stride, before, after):
    for padding, sides in ((before, (before, before)), ((before, after), (before, after)), ([after, 0], (after, 0))):
        begins = starts(size, kernel, int(stride), *sides, 1)
        if begins:
            found = arithmetic.output_size(size, kernel, stride=stride, padding=padding)
            assert type(found) is int
            assert found == len(begins)
        else:
            with pytest.raises(ValueError, match="^kernel .* does not fit the padded input"):
                arithmetic.output_size(size, kernel, stride=stride, padding=padding)


@fuzzed(150)
@given(
    st.sampled_from(["input_size", "kernel_size", "stride", "dilation", "padding"]),
    st.booleans(),
    st.data(),
)
def test_a_window_refuses_what_is_no_size_by_its_name(name, is_small, data):
    least = 0 if name == "padding" else 1
    bad = data.draw(too_small(least) if is_small else no_number())
    good = {"input_size": (5, 5), "kernel_size": (2, 2), "stride": 1, "padding": 0, "dilation": 1}
    error = (ValueError, TypeError) if isinstance(bad, str) else ValueError if is_small else TypeError
    with left_as_they_were(bad), pytest.raises(error, match=f"^{name.replace('_', ' ')} must be "):
        place_window(**good | {name: bad})


@fuzzed(100)
@given(st.sampled_from([whole_number, whole_pair, whole_shape]), no_number() | too_small(1) | too_large())
def test_numbers_pairs_and_shapes_are_refused_by_their_name(check, bad):
    limits = {"ndim": (4,)} if check is whole_shape else {"minimum": 1}
    with left_as_they_were(bad), pytest.raises((ValueError, TypeError), match="^the name must "):
        check(bad, "the name", **limits)


@fuzzed(60)
@given(st.one_of(st.integers(-2, 6), no_number()), sizes, sizes, sizes)
def test_groups_go_with_channels_and_filters_or_are_refused(groups, channels, filters, depth):
    is_number = type(groups) is int
    if is_number and groups > 0 and channels % groups == filters % groups == 0 and depth * groups == channels:
        assert check_groups(groups, channels, filters, depth) == groups
    else:
        with pytest.raises(ValueError if is_number else TypeError, match="^(groups must|each filter of weight must)"):
            check_groups(groups, channels, filters, depth)


# Numbers


@fuzzed(120)
@given(operands((2, 3)))
def test_numbers_of_any_kind_in_any_layout_are_taken_as_they_are(operand):
    given_, plain = operand
    if plain.dtype.kind == "u" and int(plain.max()) >= 2**63:
        with left_as_they_were(given_), pytest.raises(ValueError, match=r"^x must hold whole numbers from -2\*\*63"):
            real_array(given_, "x")
        return
    with left_as_they_were(given_):
        taken = real_array(given_, "x", ndim=2)
    assert type(taken) is np.ndarray
    assert taken.dtype.isnative
    assert taken.dtype.kind in "if"
    if not isinstance(given_, list):
        assert taken.dtype == expected_dtype(plain)
    np.testing.assert_array_equal(taken, plain)


@fuzzed(200)
@given(no_array(), st.sampled_from(["x", "kernel"]), st.sampled_from(["correlate2d", "convolve2d"]))
def test_what_holds_no_numbers_is_refused_by_its_name(make, name, function):
    good = {"x": np.ones((3, 3)), "kernel": np.ones((2, 2))}
    bad = make()
    with left_as_they_were(bad), pytest.raises((ValueError, TypeError), match=f"^{name} must "):
        getattr(arithmetic, function)(**good | {name: bad})


@fuzzed(200)
@given(no_array(), st.sampled_from(["conv2d", "linear", "im2col", "col2im", "record"]), st.data())
def test_what_holds_no_numbers_is_refused_by_every_layer(make, function, data):
    calls = {
        "conv2d": (arithmetic.conv2d, {"x": np.ones((1, 3, 3)), "weight": np.ones((2, 1, 2, 2)), "bias": np.ones(2)}),
        "linear": (arithmetic.linear, {"x": np.ones((4, 3)), "weight": np.ones((2, 3)), "bias": np.ones(2)}),
        "im2col": (lambda x: im2col(x, (2, 2)), {"x": np.ones((1, 3, 3))}),
        "col2im": (lambda columns: col2im(columns, (3, 3), (2, 2)), {"columns": np.ones((4, 4))}),
        "record": (
            lambda **numbers: record(pairing.fully_connected(3, 2), **numbers),
            {"left": np.ones(3), "right": np.ones((2, 3)), "bias": np.ones(2)},
        ),
    }
    call, good = calls[function]
    name, bad = data.draw(st.sampled_from(sorted(good))), make()
    if name == "bias" and bad is None:
        return
    with left_as_they_were(bad), pytest.raises((ValueError, TypeError), match=f"^{name} must "):
        call(**good | {name: bad})


# Sums


@st.composite
def placed(draw, *, turned=False):
    """Sizes of an image and a kernel that fit, with the parameters that place them, and the windows by definition."""
    size, kernel_size = (draw(sizes), draw(sizes)), (draw(st.integers(1, 3)), draw(st.integers(1, 3)))
    stride, padding, dilation = draw(steps()), draw(paddings()), draw(steps())
    strides, gaps = pair_of(stride), pair_of(dilation)
    if isinstance(padding, str) and padding == "same":
        stride, strides = 1, (1, 1)
    for axis in (0, 1):
        if kernel_size[axis] > 1 and gaps[axis] > 3:
            dilation, gaps = 1, (1, 1)
    sides = sides_of(padding, kernel_size, gaps, turned=turned)
    size = tuple(
        max(cells, gap * (k - 1) + 1 - sum(both))
        for cells, k, gap, both in zip(size, kernel_size, gaps, sides, strict=True)
    )
    windows = stations(size, kernel_size, strides, sides, gaps)
    axes = zip(size, kernel_size, strides, *zip(*sides, strict=True), gaps, strict=True)
    shape = tuple(len(starts(*axis)) for axis in axes)
    return size, kernel_size, {"stride": stride, "padding": padding, "dilation": dilation}, windows, shape


@fuzzed(150)
@given(st.booleans(), st.data())
def test_correlation_and_convolution_are_their_definition(turned, data):
    size, kernel_size, places, windows, shape = data.draw(placed(turned=turned))
    (x, plain_x), (kernel, plain_kernel) = data.draw(operands(size)), data.draw(operands(kernel_size))
    function = arithmetic.convolve2d if turned else arithmetic.correlate2d
    with left_as_they_were(x, kernel, *places.values()):
        if might_not_fit((plain_x, plain_kernel), None, plain_kernel.size):
            with pytest.raises(ValueError, match=r"^(integer sums might not|(x|kernel) must hold whole)"):
                function(x, kernel, **places)
            return
        out = function(x, kernel, **places)
    assert out.shape == shape
    assert shares_no_memory(out, x, kernel)
    terms = layer_terms(plain_x[None], plain_kernel[None, None], None, windows, 1, turned=turned)
    assert_sums(out, terms, out.dtype if list in (type(x), type(kernel)) else expected_dtype(plain_x, plain_kernel))


@fuzzed(150)
@given(st.data())
def test_a_layer_is_its_definition(data):
    size, kernel_size, places, windows, shape = data.draw(placed())
    groups, depth, each, images = (data.draw(st.integers(1, 2)) for _ in range(4))
    batch = (images,) if data.draw(st.booleans()) else ()
    x, plain_x = data.draw(operands((*batch, groups * depth, *size)))
    weight, plain_weight = data.draw(operands((groups * each, depth, *kernel_size)))
    bias, plain_bias = data.draw(st.just((None, None)) | operands((groups * each,)))
    with left_as_they_were(x, weight, bias, *places.values()):
        if might_not_fit((plain_x, plain_weight), plain_bias, plain_weight[0].size):
            with pytest.raises(ValueError, match=r"^(integer sums might not|(x|weight|bias) must hold whole)"):
                arithmetic.conv2d(x, weight, bias, groups=groups, **places)
            return
        out = arithmetic.conv2d(x, weight, bias, groups=groups, **places)
    assert out.shape == (*batch, groups * each, *shape)
    assert shares_no_memory(out, x, weight, bias)
    images = plain_x if batch else plain_x[None]
    terms = [layer_terms(image, plain_weight, plain_bias, windows, groups) for image in images]
    dtype = expected_dtype(plain_x, plain_weight, plain_bias)
    assert_sums(
        out,
        [one for of_image in terms for one in of_image],
        out.dtype if list in map(type, (x, weight, bias)) else dtype,
    )


@fuzzed(100)
@given(st.data())
def test_a_fully_connected_layer_is_its_definition(data):
    n_in, n_out, rows = (data.draw(st.integers(1, 4)) for _ in range(3))
    axes = data.draw(st.sampled_from([(), (rows,), (2, rows)]))
    x, plain_x = data.draw(operands((*axes, n_in)))
    weight, plain_weight = data.draw(operands((n_out, n_in)))
    bias, plain_bias = data.draw(st.just((None, None)) | operands((n_out,)))
    with left_as_they_were(x, weight, bias):
        if might_not_fit((plain_x, plain_weight), plain_bias, n_in):
            with pytest.raises(ValueError, match=r"^(integer sums might not|(x|weight|bias) must hold whole)"):
                arithmetic.linear(x, weight, bias)
            return
        out = arithmetic.linear(x, weight, bias)
    assert out.shape == (*axes, n_out)
    assert shares_no_memory(out, x, weight, bias)
    terms = [
        (list(zip(row, plain_weight[o], strict=True)), 0 if bias is None else plain_bias[o])
        for row in plain_x.reshape(-1, n_in)
        for o in range(n_out)
    ]
    dtype = expected_dtype(plain_x, plain_weight, plain_bias)
    assert_sums(out, terms, out.dtype if list in map(type, (x, weight, bias)) else dtype)


@fuzzed(80)
@given(st.data())
def test_columns_hold_what_their_windows_see_and_go_back(data):
    size, kernel_size, places, windows, _ = data.draw(placed())
    batch, channels = data.draw(st.sampled_from([(), (1,), (2,)])), data.draw(st.integers(1, 2))
    x, plain = data.draw(operands((*batch, channels, *size)))
    if plain.dtype.kind == "u" and int(plain.max()) >= 2**63:
        return
    with left_as_they_were(x, *places.values()):
        columns = im2col(x, kernel_size, **places)
    assert columns.shape == (*batch, channels * math.prod(kernel_size), len(windows))
    assert shares_no_memory(columns, x)
    assert columns.flags.writeable
    for index in np.ndindex(batch):
        for (c, cell), (o, window) in itertools.product(
            itertools.product(range(channels), range(math.prod(kernel_size))), enumerate(windows)
        ):
            i, j = window[cell]
            inside = 0 <= i < size[0] and 0 <= j < size[1]
            seen = columns[(*index, c * math.prod(kernel_size) + cell, o)]
            np.testing.assert_array_equal(seen, plain[(*index, c, i, j)] if inside else 0)


@fuzzed(100)
@given(st.data())
def test_adding_columns_back_is_its_definition(data):
    size, kernel_size, places, windows, _ = data.draw(placed())
    batch, channels = data.draw(st.sampled_from([(), (2,)])), data.draw(st.integers(1, 2))
    columns, plain = data.draw(operands((*batch, channels * math.prod(kernel_size), len(windows))))
    with left_as_they_were(columns, *places.values()):
        try:
            out = col2im(columns, size, kernel_size, **places)
        except ValueError as error:
            most = max(abs(int(value)) for value in plain.flat)
            assert re.match("integer sums might not|columns must hold whole", str(error))  # noqa: PT017
            assert most * len(windows) >= 2**63
            return
    assert out.shape == (*batch, channels, *size)
    assert shares_no_memory(out, columns)
    met = {}
    for o, window in enumerate(windows):
        for cell, place in enumerate(window):
            met.setdefault(place, []).append((cell, o))
    terms = [
        ([(image[c * math.prod(kernel_size) + cell, o], 1) for cell, o in met.get((i, j), [])], 0)
        for image in (plain if batch else plain[None])
        for c, i, j in np.ndindex(channels, *size)
    ]
    assert_sums(out, terms, out.dtype if isinstance(columns, list) else expected_dtype(plain))


@fuzzed(100)
@given(st.data())
def test_columns_and_adding_them_back_are_adjoint(data):
    size, kernel_size, places, windows, _ = data.draw(placed())
    x = data.draw(numbers((2, *size), "int16"))
    columns = data.draw(numbers((2 * math.prod(kernel_size), len(windows)), "int16"))
    forth = np.vdot(im2col(x, kernel_size, **places), columns.astype(int))
    assert forth == np.vdot(x.astype(int), col2im(columns, size, kernel_size, **places))


@fuzzed(150)
@given(
    st.sampled_from(["correlate2d", "convolve2d", "conv2d", "im2col", "col2im"]),
    st.sampled_from(["stride", "padding", "dilation", "groups", "kernel size", "image size"]),
    st.booleans(),
    st.data(),
)
def test_a_bad_parameter_is_refused_by_its_name(function, name, is_small, data):
    has = {"groups": ["conv2d"], "kernel size": ["im2col", "col2im"], "image size": ["col2im"]}
    if function not in has.get(name, [function]):
        return
    bad = data.draw(too_small(0 if name == "padding" else 1) if is_small else no_number())
    sizes_ = {"image size": (3, 3), "kernel size": (2, 2)}
    keywords = {name: bad}
    if name in sizes_:
        sizes_[name], keywords = bad, {}
    x, kernel, columns = np.ones((3, 3)), np.ones((2, 2)), np.ones((4, 4))
    positional = {
        "correlate2d": (x, kernel),
        "convolve2d": (x, kernel),
        "conv2d": (x[None], kernel[None, None]),
        "im2col": (x[None], sizes_["kernel size"]),
        "col2im": (columns, sizes_["image size"], sizes_["kernel size"]),
    }[function]
    call = {"im2col": im2col, "col2im": col2im}.get(function) or getattr(arithmetic, function)
    with left_as_they_were(bad), pytest.raises((ValueError, TypeError), match=f"^{name} must "):
        call(*positional, **keywords)


@fuzzed(60)
@given(
    st.sampled_from(["correlate2d", "convolve2d", "conv2d", "im2col", "col2im"]),
    st.sampled_from([2**40, 2**62, 2**63, 2**70]),
)
def test_padding_beyond_every_memory_is_refused_by_its_name(function, padding):
    x = np.ones((3, 3))
    positional = {
        "correlate2d": (x, x),
        "convolve2d": (x, x),
        "conv2d": (x[None], x[None, None]),
        "im2col": (x[None], 3),
        "col2im": (np.ones((9, 4)), 3, 3),
    }[function]
    call = {"im2col": im2col, "col2im": col2im}.get(function) or getattr(arithmetic, function)
    with pytest.raises((ValueError, MemoryError), match="^(images with padding|columns must have)"):
        call(*positional, padding=padding, **({"stride": 2**80} if function == "col2im" else {}))


# Tables of pairs


@fuzzed(120)
@given(st.booleans(), st.data())
def test_a_table_pairs_what_the_definition_pairs_and_its_record_adds_it_up(turned, data):
    size, kernel_size, places, windows, shape = data.draw(placed(turned=turned))
    build = pairing.convolution if turned else pairing.cross_correlation
    with left_as_they_were(*places.values()):
        table = build(size, kernel_size, **places)
    assert table.output_shape == shape
    cells = [i * size[1] + j if 0 <= i < size[0] and 0 <= j < size[1] else -1 for window in windows for i, j in window]
    assert table.left.ravel().tolist() == cells
    kernel_cells = list(range(math.prod(kernel_size)))
    assert table.right.ravel().tolist() == (kernel_cells[::-1] if turned else kernel_cells) * len(windows)
    x, plain_x = data.draw(operands(size))
    kernel, plain_kernel = data.draw(operands(kernel_size))
    if might_not_fit((plain_x, plain_kernel), None, plain_kernel.size):
        with pytest.raises(ValueError, match=r"^(integer sums might not|(left|right) must hold whole)"):
            record(table, x, kernel)
        return
    with left_as_they_were(x, kernel):
        trace = record(table, x, kernel)
    for recorded in (trace.left, trace.right, trace.products, trace.running_sums, trace.output):
        assert shares_no_memory(recorded, x, kernel)
        assert not recorded.flags.writeable
    terms = layer_terms(plain_x[None], plain_kernel[None, None], None, windows, 1, turned=turned)
    dtype = trace.output.dtype if list in (type(x), type(kernel)) else expected_dtype(plain_x, plain_kernel)
    assert_sums(trace.output.copy(), terms, dtype)
    parts = [(pairs[: n + 1], 0) for pairs, _ in terms for n in range(len(pairs))]
    assert_sums(trace.running_sums.copy(), parts, dtype)
    assert_sums(trace.products.copy(), [([pair], 0) for pairs, _ in terms for pair in pairs], dtype)


@fuzzed(80)
@given(st.data())
def test_the_table_of_a_layer_records_what_the_layer_computes(data):
    size, kernel_size, places, windows, shape = data.draw(placed())
    groups, depth, each = (data.draw(st.integers(1, 2)) for _ in range(3))
    table = pairing.conv_layer((groups * depth, *size), (groups * each, depth, *kernel_size), groups=groups, **places)
    assert table.output_shape == (groups * each, *shape)
    x, plain_x = data.draw(operands(table.left_shape))
    weight, plain_weight = data.draw(operands(table.right_shape))
    bias, plain_bias = data.draw(st.just((None, None)) | operands((groups * each,)))
    if might_not_fit((plain_x, plain_weight), plain_bias, plain_weight[0].size):
        with pytest.raises(ValueError, match=r"^(integer sums might not|(left|right|bias) must hold whole)"):
            record(table, x, weight, bias)
        return
    with left_as_they_were(x, weight, bias):
        trace = record(table, x, weight, bias)
    terms = layer_terms(plain_x, plain_weight, plain_bias, windows, groups)
    assert_sums(trace.output.copy(), terms, trace.output.dtype)


BUILDERS = {
    "elementwise": (pairing.elementwise, {"shape": (2, 2)}),
    "sum of products": (pairing.sum_of_products, {"shape": (2, 2)}),
    "matrix product": (pairing.matrix_product, {"left_shape": (2, 2), "right_shape": (2, 2)}),
    "cross-correlation": (pairing.cross_correlation, {"input_shape": (3, 3), "kernel_shape": (2, 2)}),
    "convolution": (pairing.convolution, {"input_shape": (3, 3), "kernel_shape": (2, 2)}),
    "layer": (pairing.conv_layer, {"input_shape": (2, 3, 3), "weight_shape": (2, 2, 2, 2)}),
    "1x1": (pairing.one_by_one_convolution, {"input_shape": (2, 3, 3), "n_filters": 2}),
    "fully connected": (pairing.fully_connected, {"n_inputs": 2, "n_outputs": 2}),
}


@fuzzed(150)
@given(st.sampled_from(sorted(BUILDERS)), st.booleans(), st.data())
def test_a_table_refuses_a_bad_shape_by_its_name(builder, is_small, data):
    build, good = BUILDERS[builder]
    name = data.draw(st.sampled_from(sorted(good)))
    bad = data.draw(too_small(1) if is_small else no_number().filter(lambda value: not is_shape(value)))
    with pytest.raises((ValueError, TypeError), match=f"^{name.replace('_s', ' s')} must "):
        build(**good | {name: bad})


@fuzzed(60)
@given(st.sampled_from(sorted(BUILDERS)), st.sampled_from([1500, 2**31, 2**63, 2**70, 10**5000]), st.data())
def test_a_table_too_large_to_look_at_is_refused_before_it_takes_memory(builder, huge, data):
    build, good = BUILDERS[builder]
    larger = {name: huge * 1500 if type(value) is int else (huge,) * len(value) for name, value in good.items()}
    with pytest.raises(ValueError, match=r"larger than 2,000,000 |must (equal|have|divide|be less than 2\*\*1000)"):
        build(**larger)


@fuzzed(60)
@given(st.one_of(no_number(), st.integers(-3, 60), st.sampled_from([2**70, -(2**70)])))
def test_a_step_is_located_or_refused_by_its_name(step):
    trace = record(pairing.cross_correlation((3, 3), (2, 2)), np.ones((3, 3)), np.ones((2, 2)))
    if type(step) is int and 1 <= step <= 16:
        output, term = trace.locate(step)
        assert output * 4 + term + 1 == step
    else:
        with pytest.raises((ValueError, TypeError), match="^step must be "):
            trace.locate(step)

"""Every step of every operation reads as a sentence a teacher would say, and every number fits its cell."""

import itertools

import numpy as np
import pytest

from convhelpers import signals
from convhelpers.arithmetic import conv2d
from convhelpers.pairing import (
    conv_layer,
    convolution,
    cross_correlation,
    elementwise,
    fully_connected,
    matrix_product,
    one_by_one_convolution,
    sum_of_products,
)
from convhelpers.trace import record
from convhelpers.wording import LONGEST_GROUP, number, place_text, sentence, subtotals, term_groups, words

A, B = np.array([[1, 2], [3, 4]]), np.array([[5, 6], [7, 8]])


def question(**options):
    x, k = signals.question_image(), signals.question_kernel()
    return record(cross_correlation(x.shape, k.shape, **options), x, k)


def counting(build=cross_correlation, **options):
    x, k = signals.counting_image(), signals.counting_kernel()
    return record(build(x.shape, k.shape, **options), x, k)


def layer(n_filters=2, bias=None, **options):
    x, w = signals.depth_volume(), signals.depth_filters()[:n_filters]
    return record(conv_layer(x.shape, w.shape, **options), x, w, bias)


def pixels(n_filters=2):
    x, w = signals.depth_volume(), np.array([1, 2, 3, 4, 5, 6]).reshape(2, 3, 1, 1)[:n_filters]
    return record(one_by_one_convolution(x.shape, n_filters), x, w)


def neurons(bias=None):
    return record(fully_connected(3, 2), [1, 2, 3], [[1, 0, -1], [2, 2, 2]], bias)


# Sentences


@pytest.mark.parametrize(
    ("trace", "step", "expected"),
    [
        (
            record(elementwise((2, 2)), A, B),
            4,
            "A (1, 1) = 4 times B (1, 1) = 8 gives 32. Nothing is added. Output (1, 1) = 32.",
        ),
        (
            record(elementwise((2,)), A[0], B[0]),
            1,
            "A (0) = 1 times B (0) = 5 gives 5. Nothing is added. Output (0) = 5.",
        ),
        (
            record(sum_of_products((2, 2)), A, B),
            1,
            "Product 1 of 4: A (0, 0) = 1 times B (0, 0) = 5 gives 5; the sum starts at 5.",
        ),
        (
            record(sum_of_products((2, 2)), A, B),
            4,
            "Product 4 of 4: A (1, 1) = 4 times B (1, 1) = 8 gives 32; the sum becomes 70. Output = 70.",
        ),
        (
            record(matrix_product((2, 2), (2, 2)), A, B),
            6,
            "Row 1 of A with column 0 of B. Product 2 of 2: A (1, 1) = 4 times B (1, 0) = 7 gives 28; "
            "the sum becomes 43. Output (1, 0) = 43.",
        ),
        (
            question(),
            42,
            "Window rows 1–3, columns 1–3. Product 6 of 9: input (2, 3) = 1 times weight (1, 2) = 0 gives 0; "
            "the sum stays 3.",
        ),
        (
            question(),
            9,
            "Window rows 0–2, columns 0–2. Product 9 of 9: input (2, 2) = 1 times weight (2, 2) = 1 gives 1; "
            "the sum becomes 4. Output (0, 0) = 4.",
        ),
        (
            counting(convolution),
            1,
            "Window rows 0–1, columns 0–1. Product 1 of 4: input (0, 0) = 0 times weight (1, 1) = 3 gives 0; "
            "the sum starts at 0.",
        ),
        (
            layer(),
            28,
            "Filter 0. Window rows 0–2, columns 1–3. Product 1 of 27: input (0, 0, 1) = 0 times "
            "weight (0, 0, 0, 0) = 1 gives 0; the sum starts at 0.",
        ),
        (
            layer(n_filters=1),
            1,
            "Window rows 0–2, columns 0–2. Product 1 of 27: input (0, 0, 0) = 1 times weight (0, 0, 0, 0) = 1 gives 1; "
            "the sum starts at 1.",
        ),
        (
            pixels(),
            66,
            "Filter 1. Pixel (0, 1). Product 3 of 3: input (2, 0, 1) = 1 times weight (1, 2, 0, 0) = 6 gives 6; "
            "the sum becomes 16. Output (1, 0, 1) = 16.",
        ),
        (
            pixels(n_filters=1),
            1,
            "Pixel (0, 0). Product 1 of 3: input (0, 0, 0) = 1 times weight (0, 0, 0, 0) = 1 gives 1; "
            "the sum starts at 1.",
        ),
        (
            neurons(),
            3,
            "Neuron 0. Product 3 of 3: input (2) = 3 times weight (0, 2) = −1 gives −3; the sum becomes −2. "
            "Output (0) = −2.",
        ),
    ],
)
def test_sentence_of_a_product(trace, step, expected):
    assert sentence(trace, step) == expected


@pytest.mark.parametrize(
    ("bias", "expected"),
    [
        ([10, 20], "Neuron 1. The bias 20 is added last; the sum becomes 32. Output (1) = 32."),
        ([10, 0], "Neuron 1. The bias 0 is added last; the sum stays 12. Output (1) = 12."),
        ([10, -0.5], "Neuron 1. The bias −0.5 is added last; the sum becomes 11.5. Output (1) = 11.5."),
    ],
)
def test_sentence_of_a_bias(bias, expected):
    assert sentence(neurons(bias), 8) == expected


def test_the_product_before_a_bias_does_not_finish_the_output():
    assert sentence(neurons([10, 20]), 7) == (
        "Neuron 1. Product 3 of 3: input (2) = 3 times weight (1, 2) = 2 gives 6; the sum becomes 12."
    )


def test_a_single_product_and_its_bias_are_added():
    trace = record(fully_connected(1, 1), [3], [[4]], [5])
    assert sentence(trace, 1) == "Product 1 of 1: input = 3 times weight = 4 gives 12; the sum starts at 12."
    assert sentence(trace, 2) == "The bias 5 is added last; the sum becomes 17. Output = 17."
    assert sentence(trace, 2, by="output") == "The product and the bias add up to 17. Output = 17."


@pytest.mark.parametrize(
    ("trace", "expected"),
    [
        (record(elementwise((2, 2)), A, B), "Nothing is computed yet: 4 outputs, 1 product each."),
        (record(sum_of_products((2, 2)), A, B), "Nothing is computed yet: 1 output, 4 products."),
        (question(), "Nothing is computed yet: 9 outputs, 9 products each."),
        (neurons(), "Nothing is computed yet: 2 outputs, 3 products each."),
        (neurons([1, 2]), "Nothing is computed yet: 2 outputs, 3 products and the bias each."),
        (record(sum_of_products((1, 1)), [[1]], [[1]]), "Nothing is computed yet: 1 output, 1 product."),
    ],
)
@pytest.mark.parametrize("by", ["product", "output"])
def test_sentence_before_the_first_step(trace, by, expected):
    assert sentence(trace, 0, by) == expected


@pytest.mark.parametrize(
    ("trace", "step", "expected"),
    [
        (question(), 18, "Window rows 0–2, columns 1–3. The 9 products add up to 3. Output (0, 1) = 3."),
        (record(sum_of_products((2, 2)), A, B), 4, "The 4 products add up to 70. Output = 70."),
        (neurons([10, 20]), 4, "Neuron 0. The 3 products and the bias add up to 8. Output (0) = 8."),
        # One product an output says no more by output than by product:
        (
            record(elementwise((2, 2)), A, B),
            1,
            "A (0, 0) = 1 times B (0, 0) = 5 gives 5. Nothing is added. Output (0, 0) = 5.",
        ),
    ],
)
def test_sentence_by_output(trace, step, expected):
    assert sentence(trace, step, "output") == expected


def test_in_the_middle_of_an_output_the_sentence_is_that_of_the_product():
    assert sentence(question(), 5, "output") == sentence(question(), 5, "product")


@pytest.mark.parametrize("trace", [question(), layer(bias=[1, -2]), neurons(), counting(padding="full")])
@pytest.mark.parametrize("by", ["product", "output"])
def test_every_step_has_a_sentence_of_its_own_without_gaps(trace, by):
    spoken = [sentence(trace, step, by) for step in range(trace.n_steps + 1)]
    assert len(set(spoken)) == len(spoken)
    for text in spoken:
        assert text.endswith(".")
        assert "  " not in text
        assert "{" not in text


def test_no_sentence_outside_the_trace():
    with pytest.raises(ValueError, match="step must be from 1 to 81; received 82"):
        sentence(question(), 82)


def test_padding_is_called_padding():
    assert sentence(question(padding=1), 1) == (
        "Window rows −1 to 1, columns −1 to 1. Product 1 of 9: padding = 0 times weight (0, 0) = 1 gives 0; "
        "the sum starts at 0."
    )


@pytest.mark.parametrize(
    ("options", "output", "expected"),
    [
        ({}, 8, "Window rows 2–4, columns 2–4."),
        ({"padding": 1}, 0, "Window rows −1 to 1, columns −1 to 1."),
        ({"padding": 1}, 24, "Window rows 3–5, columns 3–5."),
        ({"padding": "full"}, 0, "Window rows −2 to 0, columns −2 to 0."),
        ({"stride": 2}, 3, "Window rows 2–4, columns 2–4."),
        ({"stride": (1, 2)}, 3, "Window rows 1–3, columns 2–4."),
        ({"dilation": 2}, 0, "Window rows 0, 2, 4, columns 0, 2, 4."),
        ({"dilation": (1, 2), "padding": ((1, 0), (0, 0))}, 0, "Window rows −1 to 1, columns 0, 2, 4."),
    ],
)
def test_where_the_window_stands(options, output, expected):
    assert words(question(**options)).where[output] == expected


def test_a_kernel_of_one_row_or_column_covers_one():
    trace = record(cross_correlation((3, 3), (1, 2)), np.eye(3), [[1, 2]])
    assert words(trace).where[:2] == ("Window row 0, columns 0–1.", "Window row 0, columns 1–2.")


def test_names_replace_the_nouns_everywhere():
    trace = record(matrix_product((2, 2), (2, 2)), A, B)
    assert sentence(trace, 1, names=("W", "the {input}")) == (
        "Row 0 of W with column 0 of the {input}. Product 1 of 2: W (0, 0) = 1 times the {input} (0, 0) = 5 gives 5; "
        "the sum starts at 5."
    )
    assert "foo (0, 0) = 1 times bar (0, 0) = 1" in sentence(question(), 1, names=("foo", "bar"))


def test_a_sum_that_turns_to_nan_changes_and_then_stays():
    trace = record(sum_of_products((1, 3)), [[1.0, np.nan, 1.0]], [[1.0, 1.0, np.inf]])
    assert sentence(trace, 2).endswith("A (0, 1) = NaN times B (0, 1) = 1 gives NaN; the sum becomes NaN.")
    assert sentence(trace, 3).endswith("B (0, 2) = inf gives inf; the sum stays NaN. Output = NaN.")


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_every_width_of_float_reads_the_same(dtype):
    trace = record(sum_of_products((1, 2)), np.array([[0.5, 2]], dtype), np.array([[3, 1]], dtype))
    assert sentence(trace, 2) == (
        "Product 2 of 2: A (0, 1) = 2 times B (0, 1) = 1 gives 2; the sum becomes 3.5. Output = 3.5."
    )


# Numbers


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (-3, "−3"),
        (2.0, "2"),
        (0.0, "0"),
        (-0.0, "−0"),
        (0.5, "0.5"),
        (-0.25, "−0.25"),
        (1 / 9, "0.111"),
        (1 / 16, "0.062"),
        (-0.00123, "−0.0012"),
        (2 / 3, "0.667"),
        (10 / 3, "3.333"),
        (100 / 3, "33.33"),
        (1234.5, "1234"),
        (0.9996, "1"),
        (9999.4, "9999"),
        (9999.6, "10000"),
        (-9999.96, "−10000"),
        (12345.6, "12346"),
        (999999.9, "1000000"),
        (1e-4, "0.0001"),
        (1e-5, "1e−5"),
        (1e-12, "1e−12"),
        (-1.5e-7, "−1.5e−7"),
        (1e12, "1e12"),
        (1.5e300, "1.5e300"),
        (1234567.5, "1.235e6"),
        (1234567, "1234567"),
        (9_999_999, "9999999"),
        (9_999_999.0, "9999999"),
        (10_000_000, "1e7"),
        (12_345_678, "1.235e7"),
        (-12_345_678, "−1.235e7"),
        (2**62, "4.612e18"),
        (float("nan"), "NaN"),
        (-float("nan"), "NaN"),
        (float("inf"), "inf"),
        (float("-inf"), "−inf"),
        (5e-324, "4.941e−324"),
    ],
)
def test_number(value, text):
    assert number(value) == text


@pytest.mark.parametrize("kind", [np.int64, np.int8, np.float16, np.float32, np.float64])
@pytest.mark.parametrize(("value", "text"), [(2, "2"), (-3, "−3"), (0, "0")])
def test_whole_number_of_any_kind(kind, value, text):
    assert number(kind(value)) == text


@pytest.mark.parametrize("kind", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize(
    ("value", "text"), [(0.1, "0.1"), (1 / 3, "0.333"), (-0.0, "−0"), (np.nan, "NaN"), (-np.inf, "−inf")]
)
def test_float_of_any_width_shows_no_rounding_noise(kind, value, text):
    assert number(kind(value)) == text


def test_every_number_fits_a_cell():
    draw = np.random.default_rng(0)
    values = draw.choice([-1, 1], 5000) * 10 ** draw.uniform(-320, 308, 5000)
    values = np.concatenate([values, draw.choice([-1, 1], 5000) * 10 ** draw.uniform(-7, 8, 5000)])
    texts = [number(value) for value in values]
    assert max(map(len, texts)) <= len("−1.234e−300")
    assert not any("+" in text or "-" in text for text in texts)
    read = np.array([float(text.replace("−", "-")) for text in texts])
    sizes = np.abs(values)
    tolerance = np.where((sizes >= 1e-4) & (sizes < 0.1), 0.05, 0.005)  # two significant digits, or three and more
    assert (np.abs(read - values) <= tolerance * sizes + 3e-323).all()


# Places


@pytest.mark.parametrize(
    ("index", "shape", "text"),
    [
        (5, (2, 3), "(1, 2)"),
        (5, (6,), "(5)"),
        (0, (1, 1), ""),
        (0, (1,), ""),
        (0, (), ""),
        (23, (2, 3, 4), "(1, 2, 3)"),
        (0, (2, 3, 4, 5), "(0, 0, 0, 0)"),
        (2, (1, 3), "(0, 2)"),
        (np.int64(4), (5, 1), "(4, 0)"),
    ],
)
def test_place(index, shape, text):
    assert place_text(index, shape) == text


# Groups of terms


GROUPS = {
    "one product": (elementwise((2, 3)), [1], [""]),
    "nine": (cross_correlation((5, 5), (3, 3)), [9], [""]),
    "twelve": (cross_correlation((5, 5), (3, 4)), [12], [""]),
    "twenty-five": (cross_correlation((5, 5), (5, 5)), [5] * 5, [f"row {row}" for row in range(5)]),
    "nine in a layer of one channel": (conv_layer((1, 5, 5), (1, 1, 3, 3)), [9], [""]),
    "a large layer of one channel": (
        conv_layer((1, 5, 5), (1, 1, 5, 5)),
        [5] * 5,
        [f"channel 0, row {row}" for row in range(5)],
    ),
    "twenty-seven": (conv_layer((3, 4, 5), (2, 3, 3, 3)), [9] * 3, [f"channel {c}" for c in range(3)]),
    "few in two channels": (conv_layer((2, 3, 3), (1, 2, 1, 3)), [3] * 2, ["channel 0", "channel 1"]),
    "seventy-five": (
        conv_layer((3, 5, 5), (1, 3, 5, 5)),
        [5] * 15,
        [f"channel {c}, row {row}" for c, row in itertools.product(range(3), range(5))],
    ),
    "three hundred and sixty-three": (
        conv_layer((3, 11, 11), (1, 3, 11, 11)),
        [11] * 33,
        [f"channel {c}, row {row}" for c, row in itertools.product(range(3), range(11))],
    ),
    "a short depth": (one_by_one_convolution((3, 4, 5), 2), [3], [""]),
    "a long depth": (
        one_by_one_convolution((25, 1, 1), 1),
        [10, 10, 5],
        ["terms 1–10", "terms 11–20", "terms 21–25"],
    ),
    "a short vector": (sum_of_products((12,)), [12], [""]),
    "a long vector": (sum_of_products((13,)), [10, 3], ["terms 1–10", "terms 11–13"]),
    "one row": (sum_of_products((1, 13)), [10, 3], ["terms 1–10", "terms 11–13"]),
    "one column": (sum_of_products((13, 1)), [10, 3], ["terms 1–10", "terms 11–13"]),
    "rows too long for a line": (
        sum_of_products((2, 13)),
        [10, 10, 6],
        ["terms 1–10", "terms 11–20", "terms 21–26"],
    ),
    "a matrix product": (matrix_product((2, 21), (21, 2)), [10, 10, 1], ["terms 1–10", "terms 11–20", "term 21"]),
}


@pytest.mark.parametrize(("pairing", "sizes", "labels"), GROUPS.values(), ids=GROUPS)
def test_long_sums_are_cut_into_groups_that_fit_a_line(pairing, sizes, labels):
    groups = term_groups(pairing)
    assert [stop - start for start, stop, _ in groups] == sizes
    assert [label for *_, label in groups] == labels
    assert max(sizes) <= LONGEST_GROUP
    ends = [0, *np.cumsum(sizes).tolist()]
    assert [(start, stop) for start, stop, _ in groups] == list(itertools.pairwise(ends))
    assert ends[-1] == pairing.n_terms


@pytest.mark.parametrize(("pairing", "sizes", "labels"), GROUPS.values(), ids=GROUPS)
def test_subtotals_are_what_the_groups_add_up_to(pairing, sizes, labels):
    draw = np.random.default_rng(0)
    left, right = (draw.integers(-9, 10, shape) for shape in (pairing.left_shape, pairing.right_shape))
    trace = record(pairing, left, right)
    ends = np.cumsum(sizes)
    expected = np.diff(trace.running_sums[:, ends - 1], axis=1, prepend=0)
    np.testing.assert_array_equal(subtotals(trace), expected)
    np.testing.assert_array_equal(subtotals(trace).sum(axis=1), trace.output.ravel())


def test_a_layer_s_subtotals_are_the_layers_of_one_channel_each():
    trace = layer(bias=[10, -20], padding=1, stride=2)
    for channel in range(3):
        alone = conv2d(trace.left[[channel]], trace.right[:, [channel]], padding=1, stride=2)
        np.testing.assert_array_equal(subtotals(trace)[:, channel], alone.ravel())


def test_a_subtotal_of_infinities_is_nan_without_a_warning():
    trace = record(sum_of_products((1, 2)), [[np.inf, -np.inf]], [[1.0, 1.0]])
    np.testing.assert_array_equal(subtotals(trace), [[np.nan]])


def test_values_and_not_their_texts_decide_whether_a_sum_stays():
    trace = record(sum_of_products((1, 3)), [[10_000_000, 1, 0]], [[1, 1, 1]])
    assert sentence(trace, 2).endswith("gives 1; the sum becomes 1e7.")
    assert "the sum stays 1e7." in sentence(trace, 3)


def test_by_is_product_or_output():
    trace = record(sum_of_products((1, 2)), [[1, 2]], [[3, 4]])
    with pytest.raises(ValueError, match='by must be "product" or "output"; received \'row\''):
        sentence(trace, 1, by="row")


@pytest.mark.parametrize("names", ["same", ["one"], [1, 2], 5])
def test_names_are_two_texts(names):
    trace = record(sum_of_products((1, 2)), [[1, 2]], [[3, 4]])
    with pytest.raises(TypeError, match="names must be two texts, for the left and the right operand; received"):
        sentence(trace, 1, names=names)

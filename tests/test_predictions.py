"""The wrong numbers that learners predict: each beside a library, or a worked case, that gives this wrong number."""

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view
from scipy import signal

from convhelpers import signals
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
from convhelpers.predictions import ADDED_FACTORS, RUNNING_SUMS, mistakes, questions
from convhelpers.scene import numbers_of, scene_of
from convhelpers.trace import record
from convhelpers.wording import number

TURNED = "That is with the kernel turned by 180°. Here it is not turned."
NOT_TURNED = "That is with the kernel as it was given. A convolution turns it by 180° first."
ENTRIES = "That is what the entries of the matrix product add to. Here same place meets same place."
BEFORE_BIAS = "That is the sum before the bias. The bias comes last."


def drawn(shape, seed=0):
    return np.random.default_rng(seed).integers(-9, 10, shape)


def traced(pairing, bias=None, dtype=int):
    left, right = drawn(pairing.left_shape).astype(dtype), drawn(pairing.right_shape, 1).astype(dtype)
    return record(pairing, left, right, bias)


LAYER = traced(conv_layer((3, 5, 6), (2, 3, 3, 3)), [10, -20])
TRACES = {
    "cross-correlation": traced(cross_correlation((4, 6), (3, 3), stride=2, padding=1)),
    "oblong kernel": traced(cross_correlation((4, 6), (2, 3), dilation=2)),
    "convolution": traced(convolution((5, 6), (3, 3))),
    "layer": LAYER,
    "layer of fractions": traced(conv_layer((2, 3, 4), (2, 2, 2, 2)), [0.5, -1 / 3], np.float32),
    "layer in groups": traced(conv_layer((4, 4, 5), (2, 2, 2, 2), groups=2)),
    "depthwise": traced(conv_layer((2, 4, 5), (2, 1, 2, 2), groups=2), [1, 2]),
    "one by one": traced(one_by_one_convolution((3, 2, 3), 2), [5, 6]),
    "connected": traced(fully_connected(4, 3), [1, -2, 3]),
    "one input": traced(fully_connected(1, 2), [5, 6]),
    "elementwise": traced(elementwise((3, 3))),
    "elementwise vector": traced(elementwise((4,))),
    "sum": traced(sum_of_products((2, 2))),
    "matrix product": traced(matrix_product((3, 3), (3, 3))),
    "oblong matrix product": traced(matrix_product((2, 3), (3, 4))),
    "strange numbers": record(sum_of_products((2, 2)), [[np.inf, np.nan], [-0.0, 1]], [[1, 1], [1e300, 1e-12]]),
}


def named(trace, asked="output"):
    return dict(mistakes(trace, asked))


# Outputs


def test_the_question_s_first_window_gives_10_as_a_matrix_product():
    x, k = signals.question_image(), signals.question_kernel()
    trace = record(cross_correlation(x.shape, k.shape), x, k)
    assert (trace.output[0, 0], named(trace)[ENTRIES][0]) == (4, 10)
    assert named(trace)[ENTRIES][0] == (x[:3, :3] @ k).sum()


def test_the_kernel_that_tells_the_conventions_apart():
    """19 and 5: [[0, 1], [2, 3]] on the first window of 0…8, not turned and turned; 28 as a matrix product."""
    x, k = np.arange(9).reshape(3, 3), np.arange(4).reshape(2, 2)
    correlated = named(record(cross_correlation((3, 3), (2, 2)), x, k))
    convolved = named(record(convolution((3, 3), (2, 2)), x, k))
    assert correlated[TURNED].tolist() == [5, 11, 23, 29]
    assert convolved[NOT_TURNED].tolist() == [19, 25, 37, 43]
    assert correlated[ENTRIES][0] == 28


@pytest.mark.parametrize("kernel_shape", [(2, 3), (3, 3), (1, 4)])
@pytest.mark.parametrize("padding", [0, 1])
def test_a_turned_kernel_is_scipy_s_other_function(kernel_shape, padding):
    x, k = drawn((5, 7)), drawn(kernel_shape, 1)
    correlated = record(cross_correlation(x.shape, k.shape, padding=padding), x, k)
    convolved = record(convolution(x.shape, k.shape, padding=padding), x, k)
    x = np.pad(x, padding)
    assert named(correlated)[TURNED].tolist() == signal.convolve2d(x, k, "valid").ravel().tolist()
    assert named(convolved)[NOT_TURNED].tolist() == signal.correlate2d(x, k, "valid").ravel().tolist()


def test_a_layer_turns_each_slice_and_keeps_the_channels_in_order():
    expected = [
        sum(signal.convolve2d(x, k, "valid") for x, k in zip(LAYER.left, filters, strict=True)) + bias
        for filters, bias in zip(LAYER.right, LAYER.bias, strict=True)
    ]
    assert named(LAYER)[TURNED].tolist() == np.ravel(expected).tolist()


def test_the_matrix_product_of_each_window_of_a_layer():
    windows = sliding_window_view(LAYER.left, (3, 3), axis=(1, 2)).transpose(1, 2, 0, 3, 4)
    expected = [
        (windows @ filters).sum(axis=(2, 3, 4)) + bias for filters, bias in zip(LAYER.right, LAYER.bias, strict=True)
    ]
    assert named(LAYER)[ENTRIES].tolist() == np.ravel(expected).tolist()


def test_no_matrix_product_where_the_shapes_do_not_allow_it():
    for name in ("oblong kernel", "one by one", "connected", "elementwise"):
        assert ENTRIES not in named(TRACES[name]), name


def test_slice_0_on_every_channel():
    expected = [
        signal.correlate2d(LAYER.left.sum(axis=0), filters[0], "valid") + bias
        for filters, bias in zip(LAYER.right, LAYER.bias, strict=True)
    ]
    values = named(LAYER)["That is channel 0 of the filter on every channel. Each channel meets its own."]
    assert values.tolist() == np.ravel(expected).tolist()


@pytest.mark.parametrize("channel", [0, 1, 2])
def test_one_channel_alone(channel):
    expected = np.array([signal.correlate2d(LAYER.left[channel], filters[channel], "valid") for filters in LAYER.right])
    with_bias = expected + LAYER.bias[:, np.newaxis, np.newaxis]
    known = named(LAYER)
    sentence = "That is channel {} alone{}. The products of all 3 are added."
    assert known[sentence.format(channel, ", before the bias")].tolist() == expected.ravel().tolist()
    assert known[sentence.format(channel, "")].tolist() == with_bias.ravel().tolist()


def test_in_groups_a_filter_has_slices():
    """Filter 1 sees channels 2 and 3; its slice 1 stands on channel 3."""
    trace = TRACES["layer in groups"]
    values = named(trace)["That is slice 1 alone. The products of all 2 are added."]
    expected = [signal.correlate2d(trace.left[2 * k + 1], trace.right[k, 1], "valid") for k in (0, 1)]
    assert values.tolist() == np.ravel(expected).tolist()


def test_the_bias_forgotten_and_added_too_often():
    known, output = named(LAYER), LAYER.output.ravel()
    biases = np.repeat(LAYER.bias, 12)
    assert known[BEFORE_BIAS].tolist() == (output - biases).tolist()
    each_channel = known["That has the bias once for each channel. It is added once, at the end."]
    each_product = known["That has the bias once for each product. It is added once, at the end."]
    assert each_channel.tolist() == (output + 2 * biases).tolist()
    assert each_product.tolist() == (output + 26 * biases).tolist()


def test_a_neuron_s_bias():
    trace = TRACES["connected"]
    x, w, b = trace.operands
    assert named(trace)[BEFORE_BIAS].tolist() == (w @ x).tolist()
    each_product = named(trace)["That has the bias once for each product. It is added once, at the end."]
    assert each_product.tolist() == (w @ x + 4 * b).tolist()
    assert not any("channel" in sentence for sentence in named(trace))


def test_the_three_products_of_two_matrices_are_taken_for_one_another():
    A, B = np.array([[1, 2], [3, 4]]), np.array([[5, 6], [7, 8]])
    in_place = named(record(elementwise((2, 2)), A, B))
    of_matrices = named(record(matrix_product((2, 2), (2, 2)), A, B))
    summed = named(record(sum_of_products((2, 2)), A, B))
    assert [values.tolist() for values in in_place.values()] == [[19, 22, 43, 50], [70] * 4, [6, 8, 10, 12]]
    assert [values.tolist() for values in of_matrices.values()] == [[5, 12, 21, 32], [17, 23, 39, 53]]
    assert [values.tolist() for values in summed.values()] == [[19 + 22 + 43 + 50]]
    np.testing.assert_array_equal(of_matrices[list(of_matrices)[1]].reshape(2, 2), A @ B.T)


def test_matrices_that_do_not_fit_are_not_taken_for_others():
    assert named(TRACES["oblong matrix product"]) == {}
    # Row with row needs a square right matrix; the element-wise product would need equal shapes.
    assert list(named(traced(matrix_product((2, 3), (3, 3))))) == [
        "That is a row with a row. The matrix product takes a row with a column."
    ]


# Products and bias steps


def test_a_product_with_the_turned_kernel_s_weight():
    trace = TRACES["oblong kernel"]
    turned = trace.right[::-1, ::-1].ravel()
    windows = trace.left.ravel()[trace.pairing.left]
    assert named(trace, "product")[TURNED].tolist() == (windows * turned).ravel().tolist()


def test_a_product_with_the_turned_slice_s_weight():
    windows = LAYER.left.ravel()[LAYER.pairing.left].reshape(2, 12, 27)
    turned = LAYER.right[:, :, ::-1, ::-1].reshape(2, 1, 27)
    assert named(LAYER, "product")[TURNED].tolist() == (windows * turned).ravel().tolist()


def test_factors_added_count_the_padding_as_0():
    trace = TRACES["cross-correlation"]
    x = np.append(trace.left, np.zeros(trace.pairing.n_padding, int))[trace.pairing.places]
    expected = x + trace.right.ravel()[trace.pairing.right]
    assert named(trace, "product")[ADDED_FACTORS].tolist() == expected.ravel().tolist()
    elementwise_trace = TRACES["elementwise"]
    expected = elementwise_trace.left + elementwise_trace.right
    assert named(elementwise_trace)[ADDED_FACTORS].tolist() == expected.ravel().tolist()


def test_the_bias_alone():
    assert named(LAYER, "bias") == {
        "That is the bias alone. Add it to the sum.": pytest.approx(np.repeat([10, -20], 12))
    }


# What is asked


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("cross-correlation", ["output", "product"]),
        ("layer", ["output", "product", "bias"]),
        ("one input", ["output", "product", "bias"]),
        ("elementwise", ["output"]),
    ],
)
def test_what_is_asked_of_a_trace(name, kinds):
    assert list(questions(TRACES[name])) == kinds
    with pytest.raises(ValueError, match="asked must be one of .*; received "):
        mistakes(TRACES[name], ["output"])
    with pytest.raises(ValueError, match=f"asked must be one of {', '.join(kinds)}; received 'sum'"):
        mistakes(TRACES[name], "sum")


def test_an_only_output_needs_no_place():
    assert questions(TRACES["sum"])["output"] == "Predict the output. {where}"
    assert questions(TRACES["layer"])["output"] == "Predict output {place}. {where}"


def cases():
    return [
        pytest.param(trace, asked, id=f"{name}-{asked}") for name, trace in TRACES.items() for asked in questions(trace)
    ]


@pytest.mark.parametrize(("trace", "asked"), cases())
def test_a_mistake_has_one_number_for_each_thing_asked(trace, asked):
    size = trace.products.size if asked == "product" else trace.pairing.n_outputs
    for sentence, values in mistakes(trace, asked):
        assert values.shape == (size,), sentence
        assert values.dtype == float
        assert not (np.signbit(values) & (values == 0)).any(), sentence


@pytest.mark.parametrize(("trace", "asked"), cases())
def test_the_sentences_do_not_depend_on_the_numbers(trace, asked):
    other = record(trace.pairing, np.ones_like(trace.left), np.full_like(trace.right, 2), trace.bias)
    sentences = [mistake.sentence for mistake in mistakes(trace, asked)]
    assert [mistake.sentence for mistake in mistakes(other, asked)] == sentences
    assert len(set(sentences)) == len(sentences)


@pytest.mark.parametrize(("trace", "asked"), cases())
def test_a_sentence_fits_the_room_that_the_view_keeps(trace, asked):
    sentences = [mistake.sentence for mistake in mistakes(trace, asked)]
    assert max(map(len, [*sentences, RUNNING_SUMS[asked]])) <= 90


@pytest.mark.parametrize(("trace", "asked"), cases())
def test_what_is_told_is_the_mistake_and_never_the_right_number(trace, asked):
    """The browser's tables, read as the browser reads them: a row for each thing asked, a column for each mistake."""
    numbers = numbers_of(trace, predict=True)
    known = mistakes(trace, asked)
    assert scene_of(trace, predict=True)["predictions"][asked] == {
        "question": questions(trace)[asked],
        "mistakes": [sentence for sentence, _ in known],
        "sum": RUNNING_SUMS[asked],
    }
    told = np.frombuffer(numbers[f"mistakes_{asked}"], "<i2").reshape(-1, max(len(known), 1))
    right = trace.products.ravel() if asked == "product" else trace.running_sums[:, -1]
    for way, (sentence, values) in enumerate(known):
        for index, (value, answer) in enumerate(zip(values.tolist(), right.tolist(), strict=True)):
            place = told[index, way]
            if number(value) == number(answer):
                assert place == -1, (sentence, index)
            else:
                assert numbers["texts"][place] == number(value), (sentence, index)


def test_a_kernel_that_is_its_own_turn_is_no_mistake():
    x, k = signals.question_image(), signals.question_kernel()
    trace = record(cross_correlation(x.shape, k.shape), x, k)
    numbers = numbers_of(trace, predict=True)
    assert np.frombuffer(numbers["mistakes_output"], "<i2").reshape(9, 2)[:, 1].tolist() == [-1] * 9


def test_mistakes_that_only_leave_something_out_come_last():
    order = [sentence.split(".")[0] for sentence in named(LAYER)]
    assert order == [
        "That is what the entries of the matrix product add to",
        "That is with the kernel turned by 180°",
        "That is channel 0 of the filter on every channel",
        "That has the bias once for each channel",
        "That has the bias once for each product",
        "That is the sum before the bias",
        *(f"That is channel {channel} alone" for channel in range(3)),
        *(f"That is channel {channel} alone, before the bias" for channel in range(3)),
    ]


def test_numbers_are_sent_only_where_a_prediction_is_asked_for():
    plain = numbers_of(LAYER)
    assert not any(name.startswith("mistakes") for name in plain)
    assert "predictions" not in scene_of(LAYER)
    with_mistakes = numbers_of(LAYER, predict=True)
    assert {name: with_mistakes[name] for name in plain if name != "texts"} == {
        name: plain[name] for name in plain if name != "texts"
    }
    assert with_mistakes["texts"][: len(plain["texts"])] == plain["texts"]

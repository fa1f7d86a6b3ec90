"""Every control of lessons 3 to 5 through its options and extremes; what cannot work is said in place."""

import itertools

import driving
import numpy as np
import pytest
import traitlets
from driving import assert_output, choose, edit

from convhelpers import explore, signals
from convhelpers.arithmetic import conv2d, correlate2d, linear
from convhelpers.controls import LAST_GOOD
from convhelpers.im2col import im2col
from convhelpers.layer_explorers import ALL, DEPTHWISE, ONE_BY_ONE, SUMMED

no_swallowed_errors, close_widgets = driving.no_swallowed_errors, driving.close_widgets

X, FILTERS, BIAS = signals.depth_volume(), signals.depth_filters(), signals.depth_bias()
INPUTS, WEIGHTS, BIASES = np.array([1, -2, 3]), np.arange(1, 13).reshape(4, 3), np.array([5, -5, 0, 100])
IMAGE, KERNEL = signals.oblong_image(), signals.counting_kernel()


def assert_unmodified(*pairs):
    for array, fresh in pairs:
        np.testing.assert_array_equal(array, fresh)


# depth


def depth(bias=BIAS, **options):
    return explore.depth(X, FILTERS, bias, **options)


def set_all(explorer, choices):
    for name, value in choices.items():
        choose(getattr(explorer, name), value)


def test_the_whole_layer_is_shown_first():
    explorer = depth(step=27, size="large")
    assert [explorer.channels.value, explorer.filters.value, explorer.kernel.value] == [3, 2, "3 × 3"]
    assert [explorer.groups.value, explorer.padding.value, explorer.add_bias.value] == [SUMMED, "valid", True]
    assert list(explorer.channels.options) == [1, 2, 3]
    assert list(explorer.filters.options) == [1, 2]
    assert list(explorer.kernel.options) == ["3 × 3", ONE_BY_ONE]
    assert not explorer.filters.disabled
    assert (explorer.stepper.step, explorer.stepper.size, explorer.stepper.layout) == (27, "large", "window")
    assert_output(explorer, conv2d(X, FILTERS, BIAS))


@pytest.mark.parametrize("add_bias", [True, False])
@pytest.mark.parametrize("kernel", ["3 × 3", ONE_BY_ONE])
@pytest.mark.parametrize("padding", ["valid", "same"])
def test_every_choice_of_a_summed_layer(kernel, padding, add_bias):
    explorer = depth()
    set_all(explorer, {"kernel": kernel, "padding": padding, "add_bias": add_bias})
    for channels, filters in itertools.product([1, 2, 3], [2, 1]):
        set_all(explorer, {"channels": channels, "filters": filters})
        weight = FILTERS[:filters, :channels]
        weight = weight[:, :, 1:2, 1:2] if kernel == ONE_BY_ONE else weight
        bias = BIAS[:filters] if add_bias else None
        assert_output(explorer, conv2d(X[:channels], weight, bias, padding=padding))
        assert not explorer.stepper.edited


@pytest.mark.parametrize("kernel", ["3 × 3", ONE_BY_ONE])
@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("channels", [1, 2, 3])
def test_maps_of_the_depthwise_layer_add_up_to_the_map_of_filter_0(channels, kernel, padding):
    explorer = depth()
    set_all(explorer, {"channels": channels, "kernel": kernel, "padding": padding, "groups": DEPTHWISE})
    maps = explorer.stepper.trace.output
    middle = 1 if kernel == ONE_BY_ONE else slice(None)
    kernels = [np.atleast_2d(FILTERS[0, channel, middle, middle]) for channel in range(channels)]
    assert_output(explorer, np.stack([correlate2d(X[c], kernels[c], padding=padding) for c in range(channels)]))
    assert explorer.stepper.trace.bias is None
    assert explorer.filters.disabled
    assert explorer.add_bias.disabled
    set_all(explorer, {"groups": SUMMED, "filters": 1, "add_bias": False})
    assert_output(explorer, maps.sum(axis=0, keepdims=True))
    assert not explorer.filters.disabled
    assert not explorer.add_bias.disabled


def test_channel_by_channel_the_layer_grows_to_the_whole():
    one, two, three = depth(None), depth(None), depth(None)
    choose(one.channels, 1)
    choose(two.channels, 2)
    last = correlate2d(X[2], FILTERS[1, 2])
    np.testing.assert_array_equal(three.stepper.trace.output[1] - two.stepper.trace.output[1], last)
    np.testing.assert_array_equal(one.stepper.trace.output[1], correlate2d(X[0], FILTERS[1, 0]))


def test_without_biases_there_is_none_to_add():
    explorer = depth(None)
    assert explorer.add_bias not in explorer.children[0].children
    assert_output(explorer, conv2d(X, FILTERS))
    choose(explorer.groups, DEPTHWISE)
    choose(explorer.groups, SUMMED)
    assert_output(explorer, conv2d(X, FILTERS))


def test_biases_may_be_halves():
    explorer = depth([0.5, 1])
    assert_output(explorer, conv2d(X, FILTERS, [0.5, 1]))
    choose(explorer.add_bias, False)
    assert_output(explorer, conv2d(X, FILTERS))


@pytest.mark.parametrize(
    ("shape", "options", "middle"),
    [((1, 1), [ONE_BY_ONE], (0, 0)), ((2, 3), ["2 × 3", ONE_BY_ONE], (1, 1)), ((1, 2), ["1 × 2", ONE_BY_ONE], (0, 1))],
)
def test_the_middle_of_a_kernel_of_any_size(shape, options, middle):
    weight = np.arange(1, 1 + 2 * 3 * shape[0] * shape[1]).reshape(2, 3, *shape)
    explorer = explore.depth(X, weight)
    assert list(explorer.kernel.options) == options
    assert_output(explorer, conv2d(X, weight))
    choose(explorer.kernel, ONE_BY_ONE)
    u, v = middle
    assert_output(explorer, conv2d(X, weight[:, :, u : u + 1, v : v + 1]))


def test_edits_of_every_part_come_together_in_the_whole_layer():
    explorer = depth()
    x, weight = X.copy(), FILTERS.copy()
    choose(explorer.kernel, ONE_BY_ONE)
    edit(explorer, role="right", id=5, text="7")  # filter 1, channel 2
    weight[1, 2, 1, 1] = 7
    set_all(explorer, {"channels": 2, "kernel": "3 × 3"})
    edit(explorer, role="left", id=39, text="9")  # the last cell of channel 1
    x[1, 3, 4] = 9
    choose(explorer.groups, DEPTHWISE)
    edit(explorer, role="right", id=17, text="8")  # the last cell of the slice of channel 1
    weight[0, 1, 2, 2] = 8
    set_all(explorer, {"groups": SUMMED, "channels": 3, "padding": "same", "add_bias": False})
    np.testing.assert_array_equal(explorer.stepper.trace.right, weight)
    assert_output(explorer, conv2d(x, weight, padding="same"))
    assert explorer.stepper.edited
    edit(explorer, reset=True)
    assert_output(explorer, conv2d(X, FILTERS, padding="same"))
    set_all(explorer, {"channels": 1, "kernel": ONE_BY_ONE, "padding": "valid"})
    assert_output(explorer, conv2d(X[:1], FILTERS[:, :1, 1:2, 1:2]))
    assert not explorer.stepper.edited


def test_an_edited_bias_stays_with_its_filter():
    explorer = depth()
    edit(explorer, role="bias", id=1, text="0.5")
    assert_output(explorer, conv2d(X, FILTERS, [1, 0.5]))
    set_all(explorer, {"filters": 1})
    edit(explorer, role="bias", id=0, text="7")
    assert_output(explorer, conv2d(X, FILTERS[:1], [7.0]))
    for choices in ({"add_bias": False}, {"groups": DEPTHWISE}, {"groups": SUMMED, "add_bias": True, "filters": 2}):
        set_all(explorer, choices)
    assert_output(explorer, conv2d(X, FILTERS, [7, 0.5]))
    edit(explorer, reset=True)
    assert_output(explorer, conv2d(X, FILTERS, BIAS))
    assert not explorer.stepper.edited


def test_reset_without_the_bias_leaves_it_as_it_is():
    explorer = depth()
    edit(explorer, role="bias", id=0, text="7")
    choose(explorer.add_bias, False)
    edit(explorer, role="left", id=0, text="9")
    edit(explorer, reset=True)
    choose(explorer.add_bias, True)
    assert_output(explorer, conv2d(X, FILTERS, [7, -2]))


def test_reset_leaves_alone_what_is_not_shown():
    explorer = depth(None)
    edit(explorer, role="right", id=0, text="0.5")  # filter 0, channel 0
    edit(explorer, role="left", id=59, text="30")  # channel 2
    set_all(explorer, {"channels": 1, "filters": 1})
    assert explorer.stepper.edited
    edit(explorer, reset=True)
    assert_output(explorer, conv2d(X[:1], FILTERS[:1, :1]))
    set_all(explorer, {"channels": 3, "filters": 2})
    x = X.copy()
    x[2, 3, 4] = 30
    assert_output(explorer, conv2d(x, FILTERS))
    assert explorer.stepper.edited


@pytest.mark.parametrize("seed", range(5))
def test_any_way_through_controls_and_edits(seed):
    """A random walk beside a model: the whole arrays, and an index into them for what is shown."""
    explorer = depth()
    random = np.random.default_rng(seed)
    wholes = {"left": X.copy(), "right": FILTERS.copy()}
    names = ["channels", "filters", "kernel", "groups", "padding", "add_bias"]
    for _ in range(60):
        control = getattr(explorer, names[random.integers(len(names))])
        options = list(getattr(control, "options", [True, False]))
        choose(control, options[random.integers(len(options))])
        channels, filters = explorer.channels.value, explorer.filters.value
        cells = np.s_[1:2, 1:2] if explorer.kernel.value == ONE_BY_ONE else np.s_[:, :]
        places = {role: np.arange(whole.size).reshape(whole.shape) for role, whole in wholes.items()}
        depthwise = explorer.groups.value == DEPTHWISE
        shown = {
            "left": places["left"][:channels],
            "right": places["right"][0, :channels, None, *cells]
            if depthwise
            else places["right"][:filters, :channels, *cells],
        }
        if random.random() < 0.5:
            role, value = ("left", "right")[random.integers(2)], int(random.integers(100))
            cell = int(random.integers(shown[role].size))
            edit(explorer, role=role, id=cell, text=str(value))
            wholes[role].flat[shown[role].flat[cell]] = value
        elif random.random() < 0.1:
            edit(explorer, reset=True)
            for role, original in (("left", X), ("right", FILTERS)):
                wholes[role].flat[shown[role]] = original.ravel()[shown[role]]
        x, weight = (wholes[role].ravel()[shown[role]] for role in ("left", "right"))
        bias = BIAS[:filters] if explorer.add_bias.value and not depthwise else None
        groups = channels if depthwise else 1
        assert_output(explorer, conv2d(x, weight, bias, padding=explorer.padding.value, groups=groups))


def test_a_later_choice_that_cannot_work_is_answered_in_the_view():
    explorer = depth(None)
    choose(explorer.channels, 2)
    edit(explorer, role="left", id=0, text=str(2**52))
    set_all(explorer, {"channels": 3, "filters": 1})
    edit(explorer, role="right", id=26, text="1000")
    assert explorer.stepper.notice.startswith("integer sums might not fit 64 bits: 4503599627370496 · 1000 · 27 terms")
    edit(explorer, reset=True)
    edit(explorer, role="right", id=26, text="1000")  # filter 0, channel 2
    choose(explorer.channels, 2)
    edit(explorer, role="left", id=0, text=str(2**52))
    trace = explorer.stepper.trace
    choose(explorer.channels, 3)
    assert "integer sums might not fit 64 bits" in explorer.stepper.notice
    assert explorer.stepper.notice.endswith(f". {LAST_GOOD}")
    assert explorer.stepper.trace is trace
    edit(explorer, role="left", id=0, text="5")
    assert "integer sums might not fit 64 bits" in explorer.stepper.notice  # the picture still shows two channels
    assert explorer.stepper.trace.left.shape == (2, 4, 5)
    choose(explorer.padding, "same")
    x, weight = X.copy(), FILTERS[:1].copy()
    x[0, 0, 0], weight[0, 2, 2, 2] = 5, 1000
    assert_output(explorer, conv2d(x, weight, padding="same"))


def test_the_learners_arrays_are_neither_modified_nor_needed_later():
    x, weight, bias = X.copy(), FILTERS.copy(), BIAS.copy()
    explorer = explore.depth(x, weight, bias)
    edit(explorer, role="left", id=0, text="99")
    edit(explorer, role="right", id=0, text="99")
    choose(explorer.channels, 2)
    assert_unmodified((x, X), (weight, FILTERS), (bias, BIAS))
    for array in (x, weight, bias):
        array[:] = 0
    edit(explorer, reset=True)
    choose(explorer.channels, 3)
    assert_output(explorer, conv2d(X, FILTERS, BIAS))


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((X[0], FILTERS), ValueError, r"x must be 3-D \(C, H, W\); received shape \(4, 5\)"),
        ((X[None], FILTERS), ValueError, r"x must be 3-D \(C, H, W\); received shape \(1, 3, 4, 5\)"),
        ((None, FILTERS), TypeError, "x must be an array of real numbers; received None"),
        ((X, FILTERS[0]), ValueError, r"weight must be 4-D \(K, C, kh, kw\); received shape \(3, 3, 3\)"),
        ((X[:2], FILTERS), ValueError, "each filter of weight must have C/groups = 2/1 = 2 channels; received 3"),
        ((X, FILTERS[:, :2]), ValueError, "each filter of weight must have C/groups = 3/1 = 3 channels; received 2"),
        ((X, FILTERS, [1]), ValueError, r"bias must hold 2 numbers, one a filter or neuron; received shape \(1,\)"),
        ((X, FILTERS, [1, 2, 3]), ValueError, r"bias must hold 2 numbers, .*; received shape \(3,\)"),
        ((X, FILTERS, 1), ValueError, r"bias must be 1-D; received shape \(\)"),
        ((X, FILTERS, ["a", "b"]), TypeError, "bias must hold real numbers"),
        ((X[:, :2], FILTERS), ValueError, r"kernel \(3, 3\) does not fit the padded input \(2, 5\): 3 rows > 2"),
        ((np.ones((3, 75, 75)), FILTERS[:1]), ValueError, "a picture holds at most 20,000 cells"),
    ],
)
def test_layers_that_cannot_be_shown_are_refused(arguments, error, message):
    with pytest.raises(error, match=message):
        explore.depth(*arguments)


# im2col and matrix


def spread(**options):
    return explore.im2col(X, FILTERS, **options)


def matrix(**options):
    return explore.matrix(IMAGE, KERNEL, **options)


def cut(weight, rows, columns):
    """Cut, or filled up with zeros: another way to say it than the package's."""
    padded = np.zeros((*weight.shape[:-2], 20, 20), weight.dtype)
    padded[..., : weight.shape[-2], : weight.shape[-1]] = weight
    return padded[..., :rows, :columns]


@pytest.mark.parametrize(
    ("make", "layout", "size"), [(spread, "im2col", (3, 3)), (matrix, "matrix", (2, 2))], ids=["im2col", "matrix"]
)
def test_first_choices_stand_in_the_controls(make, layout, size):
    explorer = make(stride=2, padding=1, step=5, size="large")
    assert (explorer.rows.value, explorer.columns.value) == size
    assert (explorer.stride.value, explorer.padding.value) == (2, 1)
    assert (explorer.stepper.step, explorer.stepper.size, explorer.stepper.layout) == (5, "large", layout)


@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("padding", [0, 1, 2])
def test_spread_out_under_every_size_stride_and_padding(stride, padding):
    explorer = spread()
    set_all(explorer, {"stride": stride, "padding": padding})
    for rows, columns in itertools.product([1, 2, 3, 4], [1, 3, 5]):
        set_all(explorer, {"rows": rows, "columns": columns})
        weight = cut(FILTERS, rows, columns)
        assert_output(explorer, conv2d(X, weight, stride=stride, padding=padding))
        X_col = im2col(X, (rows, columns), stride=stride, padding=padding)
        product = weight.reshape(2, -1) @ X_col
        np.testing.assert_array_equal(explorer.stepper.trace.output.reshape(2, -1), product)
    assert not explorer.stepper.edited


@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("padding", [0, 1, 2])
def test_matrices_of_every_size_stride_and_padding(stride, padding):
    explorer = matrix()
    set_all(explorer, {"stride": stride, "padding": padding})
    for rows, columns in itertools.product([1, 2, 3, 4], [1, 3, 6]):
        set_all(explorer, {"rows": rows, "columns": columns})
        assert_output(explorer, correlate2d(IMAGE, cut(KERNEL, rows, columns), stride=stride, padding=padding))
        trace = explorer.stepper.trace
        np.testing.assert_array_equal(trace.fully_connected_matrix() @ IMAGE.ravel(), trace.output.ravel())
    assert not explorer.stepper.edited


def test_an_image_and_a_kernel_are_one_channel_and_one_filter():
    explorer = explore.im2col(IMAGE, KERNEL)
    assert_output(explorer, correlate2d(IMAGE, KERNEL)[None])
    one_channel = explore.im2col(IMAGE[None], KERNEL[None, None])
    np.testing.assert_array_equal(one_channel.stepper.trace.output, explorer.stepper.trace.output)


IMPOSSIBLE = {
    "stride 0": ("stride", 0, "stride must be 1 or more in both directions; received 0"),
    "stride −3": ("stride", -3, "stride must be 1 or more in both directions; received -3"),
    "padding −1": ("padding", -1, "padding must be 0 or more on every side; received -1"),
    "padding 60": ("padding", 60, "holds at most 20"),
    "padding 10**9": ("padding", 10**9, "too large to look at"),
    "rows 0": ("rows", 0, "a kernel must have 1 or more rows and columns; received (0, "),
    "columns −1": ("columns", -1, "a kernel must have 1 or more rows and columns; received ("),
    "rows 5": ("rows", 5, "does not fit the padded input (4, "),
    "columns 7": ("columns", 7, "7 columns > "),
    "rows 10**12": ("rows", 10**12, "too large to look at"),
}


@pytest.mark.parametrize("make", [spread, matrix], ids=["im2col", "matrix"])
@pytest.mark.parametrize(("control", "value", "sentence"), IMPOSSIBLE.values(), ids=IMPOSSIBLE)
def test_what_cannot_work_is_said_and_the_last_good_picture_stays(make, control, value, sentence):
    explorer = make(step=2)
    trace, scene, output = explorer.stepper.trace, explorer.stepper.scene, explorer.stepper.trace.output
    good = getattr(explorer, control).value
    choose(getattr(explorer, control), value)
    assert sentence in explorer.stepper.notice
    assert explorer.stepper.notice.endswith(f". {LAST_GOOD}")
    assert explorer.stepper.trace is trace
    assert explorer.stepper.scene is scene
    assert explorer.stepper.step == 2
    choose(getattr(explorer, control), good)
    assert_output(explorer, output)


@pytest.mark.parametrize(("make", "weight"), [(spread, FILTERS), (matrix, KERNEL)], ids=["im2col", "matrix"])
def test_edits_are_kept_while_rows_and_columns_are_cut_off(make, weight):
    explorer, own = make(), weight.copy()
    edit(explorer, role="right", id=weight.size - 1, text="77")
    own.flat[-1] = 77
    choose(explorer.rows, 1)
    assert not explorer.stepper.edited
    edit(explorer, role="right", id=0, text="55")
    own.flat[0] = 55
    set_all(explorer, {"stride": 2, "padding": 1})
    np.testing.assert_array_equal(explorer.stepper.trace.right, cut(own, 1, weight.shape[-1]))
    choose(explorer.rows, weight.shape[-2])
    np.testing.assert_array_equal(explorer.stepper.trace.right, own)
    assert explorer.stepper.edited
    edit(explorer, reset=True)
    np.testing.assert_array_equal(explorer.stepper.trace.right, weight)
    choose(explorer.rows, 1)
    np.testing.assert_array_equal(explorer.stepper.trace.right, cut(weight, 1, weight.shape[-1]))
    assert not explorer.stepper.edited


@pytest.mark.parametrize("make", [spread, matrix], ids=["im2col", "matrix"])
def test_an_edited_input_stays_until_it_is_reset(make):
    explorer = make()
    original = explorer.stepper.trace.left
    edit(explorer, role="left", id=0, text="0.5")
    edited = explorer.stepper.trace.left
    assert edited.flat[0] == 0.5
    set_all(explorer, {"columns": 1, "stride": 3})
    np.testing.assert_array_equal(explorer.stepper.trace.left, edited)
    edit(explorer, reset=True)
    choose(explorer.stride, 1)
    np.testing.assert_array_equal(explorer.stepper.trace.left, original)
    assert explorer.stepper.trace.left.dtype == original.dtype


@pytest.mark.parametrize(
    ("make", "arrays"), [(explore.im2col, (X, FILTERS)), (explore.matrix, (IMAGE, KERNEL))], ids=["im2col", "matrix"]
)
def test_the_arrays_spread_out_are_neither_modified_nor_needed_later(make, arrays):
    own = [array.copy() for array in arrays]
    explorer = make(*own)
    output = explorer.stepper.trace.output
    for role in ("left", "right"):
        edit(explorer, role=role, id=0, text="99")
    choose(explorer.rows, 1)
    assert_unmodified(*zip(own, arrays, strict=True))
    for array in own:
        array[:] = 0
    choose(explorer.rows, arrays[1].shape[-2])
    edit(explorer, reset=True)
    assert_output(explorer, output)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"stride": 0}, ValueError, "stride must be 1 or more; received 0"),
        ({"stride": 1.5}, TypeError, "stride must be a whole number; received 1.5"),
        ({"stride": (1, 2)}, TypeError, r"stride must be a whole number; received \(1, 2\)"),
        ({"padding": -1}, ValueError, "padding must be 0 or more; received -1"),
        ({"padding": "same"}, TypeError, "padding must be a whole number; received 'same'"),
        ({"step": 10**6}, ValueError, "step must be from 0 to"),
        ({"size": "huge"}, traitlets.TraitError, "size"),
    ],
)
@pytest.mark.parametrize("make", [spread, matrix], ids=["im2col", "matrix"])
def test_first_choices_that_cannot_work_are_refused(make, options, error, message):
    with pytest.raises(error, match=message):
        make(**options)


@pytest.mark.parametrize(
    ("make", "arrays", "error", "message"),
    [
        (explore.im2col, (X[None], FILTERS), ValueError, r"x must be 2-D \(H, W\) or 3-D \(C, H, W\); received shape"),
        (explore.im2col, (X, FILTERS[0]), ValueError, r"weight must be 2-D \(kh, kw\) or 4-D \(K, C, kh, kw\); rec"),
        (explore.im2col, (X, KERNEL), ValueError, "each filter of weight must have C/groups = 3/1 = 3 channels; rec"),
        (explore.im2col, (IMAGE, FILTERS), ValueError, "each filter of weight must have C/groups = 1/1 = 1 channels"),
        (explore.im2col, (KERNEL, IMAGE), ValueError, r"kernel \(4, 6\) does not fit the padded input \(2, 2\)"),
        (explore.im2col, (None, KERNEL), TypeError, "x must be an array of real numbers; received None"),
        (explore.im2col, (np.ones((60, 60)), KERNEL), ValueError, "a picture holds at most 20,000 cells; received"),
        (explore.matrix, (X, KERNEL), ValueError, r"x must be 2-D \(H, W\); received shape \(3, 4, 5\)"),
        (explore.matrix, (IMAGE, FILTERS), ValueError, r"kernel must be 2-D \(kh, kw\); received shape"),
        (explore.matrix, (IMAGE, [["a"]]), TypeError, "kernel must hold real numbers"),
        (explore.matrix, (KERNEL, IMAGE), ValueError, r"kernel \(4, 6\) does not fit the padded input \(2, 2\)"),
        (explore.matrix, (np.ones((15, 15)), KERNEL), ValueError, "a picture holds at most 20,000 cells; received"),
    ],
)
def test_arrays_that_cannot_be_spread_out_are_refused(make, arrays, error, message):
    with pytest.raises(error, match=message):
        make(*arrays)


# neurons


def neurons(bias=BIASES, **options):
    return explore.neurons(INPUTS, WEIGHTS, bias, **options)


def test_all_neurons_are_shown_first():
    explorer = neurons(step=7, size="large")
    assert explorer.neuron.value == ALL
    assert list(explorer.neuron.options) == ["all", "0", "1", "2", "3"]
    assert (explorer.stepper.step, explorer.stepper.size) == (7, "large")
    assert_output(explorer, linear(INPUTS, WEIGHTS, BIASES))


@pytest.mark.parametrize("bias", [BIASES, None, [0.5, 1, 2, 3]], ids=["whole", "none", "halves"])
def test_every_neuron_alone_is_its_part_of_the_layer(bias):
    explorer = neurons(bias)
    layer = linear(INPUTS, WEIGHTS, bias)
    assert_output(explorer, layer)
    for neuron in range(4):
        choose(explorer.neuron, str(neuron))
        assert_output(explorer, layer[neuron : neuron + 1])
        np.testing.assert_array_equal(explorer.stepper.trace.right, WEIGHTS[neuron : neuron + 1])
        assert not explorer.stepper.edited
    choose(explorer.neuron, ALL)
    assert_output(explorer, layer)


def test_an_edited_weight_survives_the_way_there_and_back():
    explorer, weight = neurons(), WEIGHTS.copy()
    edit(explorer, role="right", id=4, text="40")  # neuron 1, input 1
    weight[1, 1] = 40
    choose(explorer.neuron, "1")
    assert_output(explorer, linear(INPUTS, weight, BIASES)[1:2])
    assert explorer.stepper.edited
    choose(explorer.neuron, "2")
    assert not explorer.stepper.edited
    edit(explorer, role="right", id=0, text="70")
    edit(explorer, role="left", id=2, text="-3")
    weight[2, 0] = 70
    choose(explorer.neuron, ALL)
    assert_output(explorer, linear([1, -2, -3], weight, BIASES))
    edit(explorer, reset=True)
    assert_output(explorer, linear(INPUTS, WEIGHTS, BIASES))


def test_reset_of_one_neuron_leaves_the_others_alone():
    explorer, weight = neurons(), WEIGHTS.copy()
    for cell in (0, 9):  # neurons 0 and 3
        edit(explorer, role="right", id=cell, text="50")
    weight[0, 0] = 50
    choose(explorer.neuron, "3")
    edit(explorer, reset=True)
    choose(explorer.neuron, ALL)
    assert_output(explorer, linear(INPUTS, weight, BIASES))


def test_the_step_stays_where_it_is_while_it_can():
    explorer = neurons(step=7)
    choose(explorer.neuron, "1")
    assert explorer.stepper.step == 4 == explorer.stepper.trace.n_steps


def test_the_neurons_arrays_are_neither_modified_nor_needed_later():
    x, weight, bias = INPUTS.copy(), WEIGHTS.copy(), BIASES.copy()
    explorer = explore.neurons(x, weight, bias)
    choose(explorer.neuron, "0")
    edit(explorer, role="right", id=0, text="99")
    assert_unmodified((x, INPUTS), (weight, WEIGHTS), (bias, BIASES))
    for array in (x, weight, bias):
        array[:] = 0
    edit(explorer, reset=True)
    choose(explorer.neuron, ALL)
    assert_output(explorer, linear(INPUTS, WEIGHTS, BIASES))


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((INPUTS[None], WEIGHTS), ValueError, r"x must be 1-D \(n_in,\); received shape \(1, 3\)"),
        ((INPUTS, WEIGHTS[0]), ValueError, r"weight must be 2-D \(n_out, n_in\); received shape \(3,\)"),
        ((INPUTS, WEIGHTS.T), ValueError, r"weight must be \(n_out, n_in\) with n_in = 3, .*; received shape \(3, 4\)"),
        ((INPUTS, WEIGHTS, BIASES[:3]), ValueError, r"bias must hold 4 numbers, .*; received shape \(3,\)"),
        ((INPUTS, WEIGHTS, [*BIASES, 1]), ValueError, r"bias must hold 4 numbers, .*; received shape \(5,\)"),
        ((INPUTS, None), TypeError, "weight must be an array of real numbers; received None"),
        ((["a"], WEIGHTS), TypeError, "x must hold real numbers"),
        ((np.ones(200), np.ones((200, 200))), ValueError, "a picture holds at most 20,000 cells; received"),
    ],
)
def test_neurons_that_cannot_be_shown_are_refused(arguments, error, message):
    with pytest.raises(error, match=message):
        explore.neurons(*arguments)


def test_a_bias_edited_for_one_neuron_is_the_layer_s():
    explorer = explore.neurons(INPUTS, WEIGHTS, BIASES)
    choose(explorer.neuron, "2")
    edit(explorer, role="bias", id=0, text="9")
    choose(explorer.neuron, ALL)
    assert_output(explorer, linear(INPUTS, WEIGHTS, [5, -5, 9, 100]))
    edit(explorer, role="bias", id=3, text="1")
    choose(explorer.neuron, "3")
    assert_output(explorer, linear(INPUTS, WEIGHTS[3:], [1]))


def test_where_there_is_no_bias_none_can_be_edited():
    explorer = explore.neurons(INPUTS, WEIGHTS)
    edit(explorer, role="bias", id=0, text="9")
    assert explorer.stepper.notice == "no such cell to edit: bias 0"
    assert np.array_equal(explorer.stepper.trace.output, linear(INPUTS, WEIGHTS))

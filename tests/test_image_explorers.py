"""Every control of lessons 1 and 2 through its options and extremes; what cannot work is said in place."""

import base64
import html
import io
import itertools
import re

import driving
import ipywidgets
import numpy as np
import pytest
import traitlets
from driving import assert_output, choose, edit
from PIL import Image

from convhelpers import controls, explore, signals
from convhelpers.arithmetic import convolve2d, correlate2d
from convhelpers.controls import LAST_GOOD
from convhelpers.image_explorers import OWN, PRODUCTS
from convhelpers.trace import record
from convhelpers.wording import number

KERNELS = list(signals.kernels())
no_swallowed_errors, close_widgets = driving.no_swallowed_errors, driving.close_widgets


def oblong(kernel="one to nine", **options):
    return explore.convolution(signals.oblong_image(), kernel, **options)


def assert_shows(explorer, kernel, *, flip=False, **places):
    """The stepper shows what arithmetic computes, and says nothing else."""
    trace = explorer.stepper.trace
    compute = convolve2d if flip else correlate2d
    np.testing.assert_array_equal(trace.right, kernel)
    assert_output(explorer, compute(trace.left, kernel, **places))


def texts_of(stepper, name):
    return [stepper.numbers["texts"][index] for index in np.frombuffer(stepper.numbers[name], "<i2")]


# convolution: each control, then all of them together


def test_first_choices_stand_in_the_controls():
    explorer = oblong("counting", padding=2, stride=3, dilation=2, flip=True, step=4, size="large")
    assert isinstance(explorer, ipywidgets.VBox)
    assert (explorer.kernel.value, explorer.rows.value, explorer.columns.value) == ("counting", 2, 2)
    assert (explorer.padding.value, explorer.padding_number.value) == ("number", 2)
    assert not explorer.padding_number.disabled
    assert (explorer.stride.value, explorer.dilation.value, explorer.flip.value) == (3, 2, True)
    assert (explorer.stepper.step, explorer.stepper.size) == (4, "large")
    assert_shows(explorer, signals.counting_kernel(), padding=2, stride=3, dilation=2, flip=True)


def test_defaults_are_the_questions_kernel_laid_on_plainly():
    explorer = explore.convolution(signals.question_image())
    assert (explorer.kernel.value, explorer.padding.value) == ("question", "valid")
    assert explorer.padding_number.disabled
    assert_shows(explorer, signals.question_kernel())
    assert explorer.stepper.trace.output.tolist() == [[4, 3, 4], [2, 4, 3], [2, 3, 4]]


@pytest.mark.parametrize("name", KERNELS)
def test_every_named_kernel(name):
    explorer = oblong("emboss" if name == "question" else "question")
    choose(explorer.kernel, name)
    assert_shows(explorer, signals.kernels()[name])
    assert (explorer.rows.value, explorer.columns.value) == signals.kernels()[name].shape


@pytest.mark.parametrize("word", ["same", "full", "valid"])
def test_every_padding_word(word):
    explorer = oblong("counting", padding="full" if word == "valid" else "valid")
    choose(explorer.padding, word)
    assert_shows(explorer, signals.counting_kernel(), padding=word)
    assert explorer.padding_number.disabled


def test_padding_in_numbers():
    explorer = oblong()
    choose(explorer.padding, "number")
    assert not explorer.padding_number.disabled
    assert_shows(explorer, signals.kernels()["one to nine"], padding=1)
    choose(explorer.padding_number, 3)
    assert_shows(explorer, signals.kernels()["one to nine"], padding=3)


@pytest.mark.parametrize(("control", "value"), [("stride", 2), ("stride", 50), ("dilation", 2), ("flip", True)])
def test_one_control_alone(control, value):
    explorer = oblong("counting")
    choose(getattr(explorer, control), value)
    assert_shows(explorer, signals.counting_kernel(), **{control: value})


@pytest.mark.parametrize("kernel", ["counting", "one to nine", "box blur"])
def test_controls_together(kernel):
    explorer = oblong(kernel)
    weights = signals.kernels()[kernel]
    options = itertools.product(["valid", "full", 1, 2], [1, 2, 3], [1, 2], [False, True])
    for padding, stride, dilation, flip in options:
        if isinstance(padding, int):
            choose(explorer.padding, "number")
            choose(explorer.padding_number, padding)
        else:
            choose(explorer.padding, padding)
        for control, value in (("stride", stride), ("dilation", dilation), ("flip", flip)):
            choose(getattr(explorer, control), value)
        places = {"padding": padding, "stride": stride, "dilation": dilation, "flip": flip}
        if padding == "valid" and dilation == 2 and kernel != "counting":
            assert "does not fit" in explorer.stepper.notice  # 5 rows on an image of 4
        else:
            assert_shows(explorer, weights, **places)


def test_same_with_an_even_kernel_depends_on_the_turn():
    explorer = oblong("counting", padding="same")
    assert explorer.stepper.trace.pairing.window.padding == ((0, 1), (0, 1))
    choose(explorer.flip, True)
    assert explorer.stepper.trace.pairing.window.padding == ((1, 0), (1, 0))
    assert_shows(explorer, signals.counting_kernel(), padding="same", flip=True)


def test_the_step_stays_where_it_is_while_it_can():
    explorer = oblong(step=30)
    choose(explorer.flip, True)
    assert explorer.stepper.step == 30
    choose(explorer.stride, 3)
    assert explorer.stepper.step == 18 == explorer.stepper.trace.n_steps


# What cannot work


IMPOSSIBLE = {
    "stride 0": ("stride", 0, "stride must be 1 or more in both directions; received 0"),
    "stride −3": ("stride", -3, "stride must be 1 or more in both directions; received -3"),
    "dilation 0": ("dilation", 0, "dilation must be 1 or more in both directions; received 0"),
    "dilation 2": (
        "dilation",
        2,
        "kernel (3, 3) with dilation (2, 2) does not fit the padded input (4, 6): 5 rows > 4",
    ),
    "huge dilation": ("dilation", 10**9, "does not fit the padded input (4, 6): 2000000001 rows > 4"),
    "rows 0": ("rows", 0, "a kernel must have 1 or more rows and columns; received (0, 3)"),
    "columns −1": ("columns", -1, "a kernel must have 1 or more rows and columns; received (3, -1)"),
    "rows 5": ("rows", 5, "kernel (5, 3) does not fit the padded input (4, 6): 5 rows > 4"),
    "columns 7": ("columns", 7, "kernel (3, 7) does not fit the padded input (4, 6): 7 columns > 6"),
    "huge rows": ("rows", 10**12, "kernel (1000000000000, 3) is larger than 2,000,000 elements, too large to look at"),
}


@pytest.mark.parametrize(("control", "value", "sentence"), IMPOSSIBLE.values(), ids=IMPOSSIBLE)
def test_what_cannot_work_is_said_and_the_last_good_picture_stays(control, value, sentence):
    explorer = oblong(step=20)
    trace, scene, numbers = explorer.stepper.trace, explorer.stepper.scene, explorer.stepper.numbers
    good = getattr(explorer, control).value
    choose(getattr(explorer, control), value)
    assert sentence in explorer.stepper.notice
    assert explorer.stepper.notice.endswith(f". {LAST_GOOD}")
    assert explorer.stepper.trace is trace
    assert explorer.stepper.scene is scene
    assert explorer.stepper.numbers is numbers
    assert explorer.stepper.step == 20
    choose(getattr(explorer, control), good)
    assert_shows(explorer, signals.kernels()["one to nine"])


@pytest.mark.parametrize(
    ("first", "control", "value", "sentence"),
    [
        ({"padding": "same"}, "stride", 2, 'padding "same" needs stride 1'),
        ({"stride": 2}, "padding", "same", 'padding "same" needs stride 1'),
        ({"padding": 1}, "padding_number", -1, "padding must be 0 or more on every side; received -1"),
        ({"padding": 1}, "padding_number", 60, "a picture holds at most 20,000 cells; received"),
        ({"padding": 1}, "padding_number", 80, "a stepper holds at most 200,000 steps; received 239,112"),
        ({"padding": 1}, "padding_number", 1000, "outputs × 9 terms is larger than 2,000,000 pairs"),
        ({"padding": 1, "stride": 10**5}, "padding_number", 10**5, "a padded input of 40,002,000,024 cells"),
        ({"padding": "full"}, "rows", 10_000, "terms is larger than 2,000,000 pairs"),
        ({"padding": "full"}, "dilation", 10**6, "is larger than 2,000,000 pairs"),
        ({"padding": "full", "stride": 10**6}, "dilation", 10**6, "is larger than 2,000,000 cells"),
    ],
)
def test_combinations_that_cannot_work(first, control, value, sentence):
    explorer = oblong(**first)
    trace = explorer.stepper.trace
    choose(getattr(explorer, control), value)
    assert sentence in explorer.stepper.notice
    assert explorer.stepper.trace is trace
    assert repr(explorer).startswith("Stepper: ")
    edit(explorer, role="left", id=0, text="50")
    assert explorer.stepper.trace.left[0, 0] == 50


def test_the_next_good_choice_takes_the_notice_away():
    explorer = oblong()
    choose(explorer.stride, 0)
    assert explorer.stepper.notice
    choose(explorer.flip, True)  # still stride 0
    assert explorer.stepper.notice
    choose(explorer.stride, 2)
    assert_shows(explorer, signals.kernels()["one to nine"], stride=2, flip=True)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        (
            {"kernel": "sobel"},
            ValueError,
            "kernel must be one of question, identity, .*, or an array; received 'sobel'",
        ),
        ({"kernel": None}, TypeError, "kernel must be an array of real numbers; received None"),
        ({"kernel": [1, 2, 3]}, ValueError, r"kernel must be 2-D \(kh, kw\); received shape \(3,\)"),
        (
            {"kernel": np.ones((5, 3))},
            ValueError,
            r"kernel \(5, 3\) does not fit the padded input \(4, 6\): 5 rows > 4",
        ),
        ({"stride": 0}, ValueError, "stride must be 1 or more; received 0"),
        ({"stride": 1.5}, TypeError, "stride must be a whole number; received 1.5"),
        ({"stride": (1, 2)}, TypeError, r"stride must be a whole number; received \(1, 2\)"),
        ({"dilation": "2"}, TypeError, "dilation must be a whole number; received '2'"),
        ({"padding": -1}, ValueError, "padding must be 0 or more; received -1"),
        ({"padding": 0.5}, TypeError, "padding must be a whole number; received 0.5"),
        ({"padding": (1, 1)}, TypeError, r"padding must be a whole number; received \(1, 1\)"),
        ({"padding": "number"}, ValueError, 'padding must be "valid", "same", "full" or numbers; received \'number\''),
        ({"padding": "same", "stride": 2}, ValueError, 'padding "same" needs stride 1'),
        ({"step": 10**6}, ValueError, "step must be from 0 to 72; received 1000000"),
        ({"size": "huge"}, traitlets.TraitError, "size"),
    ],
)
def test_first_choices_that_cannot_work_are_refused(options, error, message):
    with pytest.raises(error, match=message):
        oblong(**{"kernel": "one to nine"} | options)


@pytest.mark.parametrize(
    ("x", "error", "message"),
    [
        ([1, 2, 3], ValueError, r"x must be 2-D \(H, W\); received shape \(3,\)"),
        ([[]], ValueError, r"x must not be empty; received shape \(1, 0\)"),
        ([["a"]], TypeError, "x must hold real numbers"),
        (np.ones((200, 200)), ValueError, "a picture holds at most 20,000 cells"),
    ],
)
def test_an_input_that_cannot_be_shown_is_refused(x, error, message):
    with pytest.raises(error, match=message):
        explore.convolution(x, "counting")


# The learner's own kernel and numbers


def test_an_array_is_the_learners_own_kernel():
    own = np.array([[1, -2, 3], [0, 5, 0.5]])
    explorer = oblong(own)
    assert explorer.kernel.value == OWN
    assert (explorer.rows.value, explorer.columns.value) == (2, 3)
    assert_shows(explorer, own)
    own[:] = 0
    assert explorer.stepper.trace.right[0, 0] == 1


@pytest.mark.parametrize(
    ("control", "value", "kernel"),
    [
        ("rows", 2, [[1, 2, 3], [4, 5, 6]]),
        ("columns", 1, [[1], [4], [7]]),
        ("rows", 4, [[1, 2, 3], [4, 5, 6], [7, 8, 9], [0, 0, 0]]),
        ("columns", 4, [[1, 2, 3, 0], [4, 5, 6, 0], [7, 8, 9, 0]]),
    ],
)
def test_another_size_cuts_the_kernel_or_fills_it_with_zeros(control, value, kernel):
    explorer = oblong("one to nine")
    choose(getattr(explorer, control), value)
    assert explorer.kernel.value == OWN
    assert_shows(explorer, kernel)
    assert explorer.stepper.trace.right.dtype == np.int64
    assert not explorer.stepper.edited


def test_a_named_kernel_brings_its_own_size_back():
    explorer = oblong("one to nine")
    choose(explorer.rows, 2)
    choose(explorer.kernel, "counting")
    assert (explorer.rows.value, explorer.columns.value) == (2, 2)
    assert_shows(explorer, signals.counting_kernel())


def test_choosing_your_own_keeps_the_numbers():
    explorer = oblong("one to nine")
    choose(explorer.kernel, OWN)
    assert_shows(explorer, signals.kernels()["one to nine"])


@pytest.mark.parametrize("name", KERNELS)
def test_an_edited_weight_makes_the_kernel_the_learners_own(name):
    explorer = oblong(name)
    edit(explorer, role="right", id=0, text="100")
    own = signals.kernels()[name]
    own = own.astype(np.result_type(own, 100))
    own[0, 0] = 100
    assert explorer.kernel.value == OWN
    assert_shows(explorer, own)
    choose(explorer.flip, True)
    assert_shows(explorer, own, flip=True)
    assert explorer.stepper.edited
    edit(explorer, reset=True)
    assert_shows(explorer, signals.kernels()[name], flip=True)
    assert not explorer.stepper.edited


def test_an_edited_input_stays_while_controls_change_and_goes_back_on_reset():
    explorer = oblong("one to nine")
    edit(explorer, role="left", id=0, text="0.5")
    own = signals.oblong_image().astype(float)
    own[0, 0] = 0.5
    assert explorer.kernel.value == "one to nine"
    for control, value in (("stride", 2), ("padding", "full"), ("kernel", "emboss")):
        choose(getattr(explorer, control), value)
        np.testing.assert_array_equal(explorer.stepper.trace.left, own)
    assert_shows(explorer, signals.kernels()["emboss"], stride=2, padding="full")
    assert explorer.stepper.edited
    edit(explorer, reset=True)
    np.testing.assert_array_equal(explorer.stepper.trace.left, signals.oblong_image())
    assert explorer.stepper.trace.left.dtype == np.int64
    assert_shows(explorer, signals.kernels()["emboss"], stride=2, padding="full")


def test_a_choice_that_failed_does_not_move_what_reset_goes_back_to():
    explorer = oblong("one to nine")
    edit(explorer, role="right", id=0, text="100")
    choose(explorer.rows, 5)  # does not fit
    assert explorer.stepper.notice
    edit(explorer, reset=True)
    np.testing.assert_array_equal(explorer.stepper.trace.right, signals.kernels()["one to nine"])
    choose(explorer.rows, 3)
    edit(explorer, reset=True)
    assert_shows(explorer, signals.kernels()["one to nine"])


def test_an_edit_and_a_reset_of_a_cut_kernel_leave_alone_what_is_cut_off():
    explorer = oblong("one to nine")
    edit(explorer, role="right", id=8, text="5")
    choose(explorer.rows, 2)
    edit(explorer, role="right", id=0, text="0.5")
    choose(explorer.rows, 3)
    assert_shows(explorer, [[0.5, 2, 3], [4, 5, 6], [7, 8, 5]])
    choose(explorer.rows, 2)
    edit(explorer, reset=True)
    assert_shows(explorer, [[1, 2, 3], [4, 5, 6]])
    choose(explorer.rows, 3)
    assert_shows(explorer, np.array([[1.0, 2, 3], [4, 5, 6], [7, 8, 5]]))
    assert explorer.stepper.edited


def test_an_edit_of_an_added_row_comes_back_with_it():
    explorer = oblong("one to nine")
    choose(explorer.rows, 4)
    edit(explorer, role="right", id=11, text="5")
    choose(explorer.rows, 3)
    assert not explorer.stepper.edited
    choose(explorer.rows, 4)
    assert_shows(explorer, [[1, 2, 3], [4, 5, 6], [7, 8, 9], [0, 0, 5]])
    edit(explorer, reset=True)
    assert_shows(explorer, [[1, 2, 3], [4, 5, 6], [7, 8, 9], [0, 0, 0]])


def test_a_kernel_of_another_name_is_shown_whole_and_unedited():
    explorer = oblong("one to nine")
    edit(explorer, role="right", id=0, text="100")
    choose(explorer.kernel, "emboss")
    assert_shows(explorer, signals.kernels()["emboss"])
    assert not explorer.stepper.edited
    choose(explorer.kernel, "one to nine")
    assert_shows(explorer, signals.kernels()["one to nine"])


@pytest.mark.parametrize("content", [{"role": "left", "id": 0, "text": "50"}, {"role": "right", "id": 0, "text": "50"}])
def test_a_refused_kernel_stays_chosen_under_an_edit(content):
    explorer = explore.convolution(signals.counting_image()[:2], "counting")
    choose(explorer.kernel, "emboss")
    assert "does not fit" in explorer.stepper.notice
    edit(explorer, **content)
    assert "does not fit" in explorer.stepper.notice
    assert explorer.kernel.value == "emboss"
    choose(explorer.padding, "full")
    assert_shows(explorer, signals.kernels()["emboss"], padding="full")


def test_a_refused_size_is_shown_as_soon_as_it_fits_even_after_a_reset():
    explorer = oblong("one to nine")
    edit(explorer, role="right", id=0, text="100")
    choose(explorer.rows, 5)
    edit(explorer, reset=True)
    choose(explorer.padding, "full")
    assert explorer.kernel.value == OWN
    assert_shows(explorer, [[1, 2, 3], [4, 5, 6], [7, 8, 9], [0, 0, 0], [0, 0, 0]], padding="full")


@pytest.mark.parametrize("seed", range(5))
def test_controls_without_a_notice_say_what_the_picture_shows(seed):
    explorer = oblong("counting")
    random = np.random.default_rng(seed)
    moves = {
        "kernel": [*KERNELS, OWN],
        "rows": range(6),
        "columns": range(6),
        "padding": ["valid", "same", "full", "number"],
        "padding_number": range(-1, 4),
        "stride": range(4),
        "dilation": range(4),
        "flip": [True, False],
    }
    contents = [{"reset": True}, *({"role": role, "id": 0, "text": "9"} for role in ("left", "right"))]
    shown = 0
    for _ in range(200):
        if random.random() < 0.2:
            edit(explorer, **contents[random.integers(3)])
        else:
            name = list(moves)[random.integers(len(moves))]
            choose(getattr(explorer, name), moves[name][random.integers(len(moves[name]))])
        if not explorer.stepper.notice:
            shown += 1
            assert_controls_say_what_is_shown(explorer)
    assert shown > 20


def assert_controls_say_what_is_shown(explorer):
    kernel = explorer.stepper.trace.right
    assert kernel.shape == (explorer.rows.value, explorer.columns.value)
    if explorer.kernel.value != OWN:
        np.testing.assert_array_equal(kernel, signals.kernels()[explorer.kernel.value])
    padding = explorer.padding_number.value if explorer.padding.value == "number" else explorer.padding.value
    sizes = {"stride": explorer.stride.value, "dilation": explorer.dilation.value, "padding": padding}
    assert_shows(explorer, kernel, flip=explorer.flip.value, **sizes)


def test_reset_goes_back_to_a_kernel_that_was_cut():
    explorer = oblong("one to nine")
    choose(explorer.rows, 2)
    choose(explorer.stride, 2)
    assert not explorer.stepper.edited
    edit(explorer, role="right", id=0, text="100")
    edit(explorer, reset=True)
    assert_shows(explorer, [[1, 2, 3], [4, 5, 6]], stride=2)


def test_an_edit_is_computed_once(monkeypatch):
    explorer = oblong("one to nine")
    recorded = []
    monkeypatch.setattr(controls, "record", lambda *operands: recorded.append(operands) or record(*operands))
    edit(explorer, role="right", id=0, text="100")
    assert recorded == []  # the stepper does it
    assert explorer.kernel.value == OWN
    assert explorer.stepper.trace.right[0, 0] == 100


def test_a_refused_edit_changes_no_control():
    explorer = oblong("one to nine")
    edit(explorer, role="right", id=0, text="many")
    assert explorer.stepper.notice.startswith('"many" is not a number')
    assert explorer.kernel.value == "one to nine"
    choose(explorer.stride, 2)
    assert_shows(explorer, signals.kernels()["one to nine"], stride=2)


def test_the_learners_image_is_not_modified():
    image = signals.oblong_image()
    explorer = explore.convolution(image, "one to nine")
    edit(explorer, role="left", id=0, text="99")
    np.testing.assert_array_equal(image, signals.oblong_image())
    image[:] = 0
    edit(explorer, reset=True)
    np.testing.assert_array_equal(explorer.stepper.trace.left, signals.oblong_image())


# products


A, B = np.array([[1, 2], [3, 4]]), np.array([[5, 6], [7, -8]])
EXPECTED = {
    "element-wise product": A * B,
    "sum of products": np.vdot(A, B).reshape(1, 1),
    "matrix product": A @ B,
}


def test_the_products_to_choose_from():
    assert list(PRODUCTS) == list(EXPECTED)
    assert list(explore.products(A, B).operation.options) == list(EXPECTED)


@pytest.mark.parametrize("first", EXPECTED)
@pytest.mark.parametrize("then", EXPECTED)
def test_products_of_the_same_shape(first, then):
    explorer = explore.products(A, B, first, names=("W", "B"))
    np.testing.assert_array_equal(explorer.stepper.trace.output, EXPECTED[first])
    choose(explorer.operation, then)
    trace = explorer.stepper.trace
    assert trace.pairing.operation == then
    assert trace.output.shape == EXPECTED[then].shape
    assert trace.output.dtype == EXPECTED[then].dtype
    np.testing.assert_array_equal(trace.output, EXPECTED[then])
    np.testing.assert_array_equal(trace.left, A)
    assert explorer.stepper.scene["words"]["nouns"] == ("W", "B")
    assert explorer.stepper.notice == ""


def test_products_take_lists_vectors_of_rows_and_a_step():
    explorer = explore.products([[1, 2, 3]], [[4, 5, 6]], step=3)
    assert explorer.stepper.trace.output.tolist() == [[32]]
    assert texts_of(explorer.stepper, "sums") == ["4", "14", "32"]


def test_matrices_that_fit_in_one_way_only():
    left, right = np.arange(6).reshape(2, 3), np.arange(12).reshape(3, 4)
    explorer = explore.products(left, right, "matrix product")
    trace = explorer.stepper.trace
    np.testing.assert_array_equal(trace.output, left @ right)
    for operation in ("element-wise product", "sum of products"):
        choose(explorer.operation, operation)
        assert explorer.stepper.notice == (
            f"element by element, both arrays must have the same shape; received (2, 3) and (3, 4). {LAST_GOOD}"
        )
        assert explorer.stepper.trace is trace
    choose(explorer.operation, "matrix product")
    assert explorer.stepper.notice == ""
    np.testing.assert_array_equal(explorer.stepper.trace.output, left @ right)


def test_arrays_whose_matrix_product_does_not_exist():
    left = np.arange(6).reshape(2, 3)
    explorer = explore.products(left, left)
    choose(explorer.operation, "matrix product")
    assert "the columns of the left matrix must equal the rows of the right one" in explorer.stepper.notice
    assert explorer.stepper.trace.output.tolist() == [[55]]
    choose(explorer.operation, "element-wise product")
    np.testing.assert_array_equal(explorer.stepper.trace.output, left**2)


def test_edited_products_stay_edited_under_another_operation_until_reset():
    explorer = explore.products(A, B)
    edit(explorer, role="left", id=0, text="10")
    choose(explorer.operation, "matrix product")
    np.testing.assert_array_equal(explorer.stepper.trace.output, np.array([[10, 2], [3, 4]]) @ B)
    assert explorer.stepper.edited
    edit(explorer, reset=True)
    np.testing.assert_array_equal(explorer.stepper.trace.output, A @ B)
    choose(explorer.operation, "element-wise product")
    np.testing.assert_array_equal(explorer.stepper.trace.output, A * B)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (
            (A, B, "dot"),
            ValueError,
            "operation must be one of element-wise product, sum of products, matrix product; re",
        ),
        ((A, [[1, 2, 3]]), ValueError, r"must have the same shape; received \(2, 2\) and \(1, 3\)"),
        ((A, [[1, 2, 3]], "matrix product"), ValueError, "columns of the left matrix must equal the rows"),
        ((A[0], B), ValueError, r"left must be 2-D; received shape \(2,\)"),
        ((A, B[0]), ValueError, r"right must be 2-D; received shape \(2,\)"),
        ((A, None), TypeError, "right must be an array of real numbers; received None"),
    ],
)
def test_products_that_cannot_be_shown_are_refused(arguments, error, message):
    with pytest.raises(error, match=message):
        explore.products(*arguments)


# photograph


@pytest.mark.parametrize("name", KERNELS)
def test_an_image_under_every_kernel(name):
    image = np.random.default_rng(0).random((9, 12))
    explorer = explore.photograph(image, "box blur" if name == "identity" else "identity")
    before = explorer.picture.value
    choose(explorer.kernel, name)
    assert png_of(explorer).startswith(b"\x89PNG")
    assert f'alt="{html.escape(explorer.caption.value)}"' in explorer.picture.value
    assert explorer.picture.value != before
    result = correlate2d(image, signals.kernels()[name])
    is_edge = name in ("vertical edges", "horizontal edges")
    assert explorer.caption.value == (
        f'The photograph, and beside it its cross-correlation with the kernel "{name}": values from '
        f"{number(result.min())} to {number(result.max())}{', mid-grey is 0' if is_edge else ''}."
    )
    assert repr(explorer) == explorer.caption.value


def png_of(explorer):
    return base64.b64decode(re.search(r'src="data:image/png;base64,([^"]+)"', explorer.picture.value).group(1))


def test_the_portrait_is_shown_by_default():
    explorer = explore.photograph()
    assert explorer.kernel.value == "vertical edges"
    assert list(explorer.kernel.options) == KERNELS
    width, height = Image.open(io.BytesIO(png_of(explorer))).size
    assert width > height > 200


def test_a_blank_image_has_no_edges():
    explorer = explore.photograph(np.ones((5, 6)), "vertical edges")
    assert explorer.caption.value.endswith("values from 0 to 0, mid-grey is 0.")


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"kernel": "sobel"}, ValueError, "kernel must be one of question, identity, .*; received 'sobel'"),
        ({"image": np.ones((3, 4, 5))}, ValueError, r"image must be 2-D \(H, W\); received shape \(3, 4, 5\)"),
        ({"image": [["a"]]}, TypeError, "image must hold real numbers"),
        # Even where the first kernel would fit: the others must, too.
        ({"image": np.eye(2), "kernel": "counting"}, ValueError, r"kernel \(3, 3\) does not fit .* \(2, 2\)"),
    ],
)
def test_photographs_that_cannot_be_shown_are_refused(arguments, error, message):
    with pytest.raises(error, match=message):
        explore.photograph(**arguments)


# What a learner's edit and a control make of each other


def test_a_refused_choice_is_still_told_after_an_edit():
    explorer = explore.convolution(signals.question_image())
    explorer.stride.value = 0
    refusal = explorer.stepper.notice
    assert "stride must be 1 or more" in refusal
    edit(explorer, role="left", id=0, text="7")
    assert explorer.stepper.trace.left[0, 0] == 7
    assert explorer.stepper.notice == refusal
    explorer.stride.value = 1
    assert explorer.stepper.notice == ""


def test_the_learner_s_own_kernel_keeps_its_name_until_it_is_reset():
    explorer = explore.convolution(signals.question_image(), "one to nine")
    explorer.kernel.value = OWN
    explorer.flip.value = True
    assert explorer.kernel.value == OWN
    edit(explorer, role="right", id=0, text="5")
    assert explorer.kernel.value == OWN
    edit(explorer, reset=True)
    assert explorer.kernel.value == "one to nine"


def test_a_kernel_that_was_reset_is_the_learners_own_again_when_it_is_edited_again():
    explorer = oblong("one to nine")
    edit(explorer, role="right", id=0, text="100")
    choose(explorer.stride, 2)
    edit(explorer, reset=True)
    assert explorer.kernel.value == "one to nine"
    edit(explorer, role="right", id=0, text="50")
    assert explorer.kernel.value == OWN
    choose(explorer.stride, 1)
    assert_shows(explorer, [[50, 2, 3], [4, 5, 6], [7, 8, 9]])


def test_rows_that_are_cut_off_come_back_and_so_does_the_original():
    explorer = explore.convolution(signals.question_image(), "one to nine")
    edit(explorer, role="right", id=8, text="5")
    explorer.rows.value = 2
    explorer.rows.value = 3
    np.testing.assert_array_equal(explorer.stepper.trace.right, [[1, 2, 3], [4, 5, 6], [7, 8, 5]])
    assert explorer.stepper.edited
    edit(explorer, reset=True)
    np.testing.assert_array_equal(explorer.stepper.trace.right, np.arange(1, 10).reshape(3, 3))


@pytest.mark.parametrize("flip", ["yes", 1, None])
def test_flip_is_true_or_false(flip):
    with pytest.raises(TypeError, match="flip must be True or False; received"):
        explore.convolution(np.eye(3), "identity", flip=flip)


def test_choices_that_are_no_text_are_refused():
    with pytest.raises(ValueError, match="operation must be one of"):
        explore.products(np.eye(2), np.eye(2), ["sum of products"])
    with pytest.raises(ValueError, match="kernel must be one of"):
        explore.photograph(np.eye(4), np.eye(3))

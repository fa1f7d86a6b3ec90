"""The frame of every explorer: operands of which a part is shown, and a stepper that others use too."""

import driving
import numpy as np
import pytest
from driving import assert_output, choose, edit

from convhelpers import controls, explore, signals
from convhelpers.arithmetic import correlate2d
from convhelpers.controls import LAST_GOOD, Operand
from convhelpers.pairing import MAX_PAIRS, cross_correlation
from convhelpers.trace import record

no_swallowed_errors, close_widgets = driving.no_swallowed_errors, driving.close_widgets


def counting(*shape):
    return Operand.unedited(np.arange(np.prod(shape)).reshape(shape))


# Operand


def test_an_unedited_operand_is_a_copy_shown_whole():
    numbers = np.array([[1, 2], [3, 4]])
    operand = Operand.unedited(numbers)
    numbers[:] = 0
    for array in (operand.original, operand.current, operand.shown, operand.original_shown):
        assert array.tolist() == [[1, 2], [3, 4]]


@pytest.mark.parametrize(
    ("at", "shown"),
    [
        (np.s_[:1], [[0, 1, 2]]),
        (np.s_[..., 1:], [[1, 2], [4, 5]]),
        (np.s_[1, :, np.newaxis], [[3], [4], [5]]),
        ((), [[0, 1, 2], [3, 4, 5]]),
    ],
)
def test_a_part_is_shown_edited_and_written_back(at, shown):
    operand = counting(2, 3)
    part = operand.part(at)
    assert part.shown.tolist() == part.original_shown.tolist() == shown
    edited = part.edited(part.shown + 10)
    assert edited.shown.tolist() == (np.array(shown) + 10).tolist()
    assert edited.original_shown.tolist() == shown
    inside = np.isin(operand.current, shown)
    np.testing.assert_array_equal(edited.current, np.where(inside, operand.current + 10, operand.current))
    np.testing.assert_array_equal(operand.current, np.arange(6).reshape(2, 3))  # it is left as it was


def test_an_edit_widens_the_type_and_a_reset_brings_it_back():
    part = counting(2, 3).part(np.s_[0])
    halves = part.edited(np.array([0.5, 1, 2]))
    assert halves.current.tolist() == [[0.5, 1, 2], [3, 4, 5]]
    assert halves.edited(part.original_shown).current.dtype == np.int64


def test_not_a_number_is_as_it_was():
    numbers = np.array([np.nan, 1])
    operand = Operand.unedited(numbers).edited(numbers)
    assert operand.current is operand.original


@pytest.mark.parametrize(
    ("size", "shown"),
    [
        ((1, 2), [[0, 1]]),
        ((2, 3), [[0, 1, 2], [3, 4, 5]]),
        ((3, 2), [[0, 1], [3, 4], [0, 0]]),
        ((1, 4), [[0, 1, 2, 0]]),
    ],
)
@pytest.mark.parametrize("others", [(), (2, 1)])
def test_another_size_cuts_or_fills_with_zeros(size, shown, others):
    numbers = np.broadcast_to(np.arange(6).reshape(2, 3), (*others, 2, 3))
    resized = Operand.unedited(numbers).resized(*size)
    np.testing.assert_array_equal(resized.shown, np.broadcast_to(shown, (*others, *size)))
    np.testing.assert_array_equal(resized.original_shown, resized.shown)
    assert resized.shown.dtype == np.int64
    np.testing.assert_array_equal(resized.resized(2, 3).shown, numbers)


@pytest.mark.parametrize("size", [(0, 1), (1, 0), (-1, 3)])
def test_a_size_below_one_is_refused(size):
    with pytest.raises(ValueError, match=rf"1 or more rows and columns; received \({size[0]}, {size[1]}\)"):
        counting(2, 3).resized(*size)


@pytest.mark.parametrize("size", [(MAX_PAIRS + 1, 1), (10**12, 10**12)])
def test_a_size_beyond_looking_at_is_refused_before_it_takes_memory(size):
    with pytest.raises(ValueError, match="too large to look at"):
        counting(2, 3).resized(*size)


def test_a_size_counts_every_slice():
    side = int((MAX_PAIRS / 4) ** 0.5)
    counting(2, 2, 2, 3).resized(side, side)
    with pytest.raises(ValueError, match="too large to look at"):
        counting(2, 2, 2, 3).resized(side + 1, side + 1)


# The stepper of an explorer


def test_a_swallowed_error_of_a_control_would_be_seen(caplog):
    explorer = explore.convolution(signals.oblong_image())
    explorer.stride.observe(lambda _: 1 / 0, "value")
    choose(explorer.stride, 2)
    assert any("Exception in widget method" in entry.getMessage() for entry in caplog.records)
    caplog.clear()


def test_a_trace_assigned_to_the_stepper_brings_new_numbers_to_the_controls():
    explorer = explore.convolution(signals.question_image())
    image, kernel = signals.oblong_image(), signals.question_kernel()
    explorer.stepper.trace = record(cross_correlation(image.shape, kernel.shape), image, kernel)
    edit(explorer, role="left", id=0, text="50")
    choose(explorer.stride, 2)
    changed = image.copy()
    changed[0, 0] = 50
    assert_output(explorer, correlate2d(changed, kernel, stride=2))
    assert explorer.stepper.edited
    edit(explorer, reset=True)
    assert_output(explorer, correlate2d(image, kernel, stride=2))


def test_every_refusal_says_that_the_picture_stays():
    explorer = explore.products([[1, 2]], [[3, 4]])
    choose(explorer.operation, "matrix product")
    assert explorer.stepper.notice.endswith(f". {LAST_GOOD}")


def test_a_choice_by_name_must_be_one_of_the_names():
    controls.check_choice("b", "letter", ["a", "b"])
    for value in ("c", None, ["a"]):
        with pytest.raises(ValueError, match="letter must be one of a, b; received"):
            controls.check_choice(value, "letter", ["a", "b"])

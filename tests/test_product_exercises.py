"""The exercises of lesson 1: worked by hand, against NumPy's own words for the sum, and met mistake by mistake."""

import numpy as np
import pytest
from answering import assert_met, sentence_of, told

from convhelpers import product_exercises as exercises
from convhelpers.feedback import Status

# What recognises the mistakes of this lesson.
MET = {
    "stopping at the element-wise product": [exercises.one_number_not_added, exercises.add_products_not_added],
    'taking "dot product" to mean the matrix product': [
        exercises.one_number_by_matrix_product,
        exercises.one_number_as_a_matrix,
        exercises.add_products_as_matrix,
        exercises.add_products_of_matrix,
    ],
    "taking `np.dot` of two 3-D arrays for the dot product of a window and a filter": [
        exercises.add_products_by_dot,
        exercises.add_products_of_dot,
    ],
}


def test_every_mistake_of_the_lesson_is_met():
    assert_met(MET, "01_elementwise_vs_dot")


def test_the_values_by_hand():
    assert (exercises.WINDOW.tolist(), exercises.KERNEL.tolist()) == ([[4, 5], [7, 8]], [[2, 1], [3, -2]])
    assert exercises.one_number_right() == 8 + 5 + 21 - 16
    assert exercises.one_number_by_matrix_product() == 23 - 6 + 38 - 9
    assert exercises.one_number_turned() == 4 * -2 + 5 * 3 + 7 * 1 + 8 * 2
    assert exercises.entry_right() == 7 * 2 + 8 * 3
    assert exercises.counts_right() == (8, 3)


@pytest.mark.parametrize(
    "function",
    [
        lambda window, kernel: window.ravel() @ kernel.ravel(),
        np.vdot,
        lambda window, kernel: np.tensordot(window, kernel, axes=window.ndim),
        lambda window, kernel: sum(a * b for a, b in zip(window.flat, kernel.flat, strict=True)),
        lambda window, kernel: float((window * kernel).sum()),
    ],
)
def test_every_way_to_write_the_sum_is_right(function):
    assert exercises.add_products.check(function).status is Status.RIGHT


@pytest.mark.parametrize(
    ("function", "mistake"),
    [
        (np.multiply, exercises.add_products_not_added),
        (np.matmul, exercises.add_products_as_matrix),
        (np.dot, exercises.add_products_by_dot),
        (lambda a, b: np.matmul(a, b).sum(), exercises.add_products_of_matrix),
        (lambda a, b: a.dot(b).sum(), exercises.add_products_of_dot),
        (lambda a, b: sum(row * weights for row, weights in zip(a, b, strict=True)), None),
    ],
)
def test_what_a_learner_writes_is_recognised(function, mistake):
    """The last adds along one axis: for vectors it is right, so it is told by name only because every case agrees."""
    assert told(exercises.add_products, function) == sentence_of(mistake or exercises.add_products_along_one_axis)


def test_inputs_are_telling():
    shapes = [window.shape for window, _ in exercises.add_products.cases]
    assert any(len(shape) == 2 and shape[0] != shape[1] for shape in shapes)
    assert {1, 2, 3} <= {len(shape) for shape in shapes}
    assert (3, 3, 3) in shapes  # where np.dot gives a result, and no warning
    for _, kernel in exercises.add_products.cases:
        assert not np.array_equal(kernel, np.flip(kernel))


def test_what_the_lesson_shows_cannot_be_changed_by_accident():
    with pytest.raises(ValueError, match="read-only"):
        exercises.WINDOW[0, 0] = 9

"""An exercise remembers how it was answered, and tells its answer only when it is asked for it."""

import numpy as np
import pytest

from convhelpers.exercise import Exercise, progress
from convhelpers.feedback import Status


def forgotten():
    """You forgot
    the second half."""
    return 2


def squared(n):
    """You squared it."""
    return n * n


@pytest.fixture
def number():
    return Exercise(
        "Double 2", "Double the number 2.", lambda: 4, [forgotten], "Add.", "\nanswer = 2 + 2\n", "2 + 2 = 4."
    )


@pytest.fixture
def function():
    return Exercise(
        "Double",
        "Write `double(n)`.",
        lambda n: 2 * n,
        [squared],
        "Add it to itself.",
        "def double(n):\n    return n + n",
        "n + n is 2 n.",
        cases=[(np.array([3]),), (2,)],
    )


def test_a_value(number):
    assert repr(number.check(4)) == "✓ right: 2 + 2 = 4."
    assert repr(number.check(2)) == "✗ known mistake: You forgot the second half."
    assert repr(number.check(5)) == "✗ wrong: This is not it."
    assert number.check(...).status is Status.NOT_ATTEMPTED


def test_a_function(function):
    assert function.check(lambda n: n + n).status is Status.RIGHT
    assert function.check(lambda n: n**2).message == "You squared it."
    assert function.check(...).status is Status.NOT_ATTEMPTED
    assert function.check(None).status is Status.WRONG_KIND


def test_the_task_is_shown(number):
    assert repr(number) == "→ Double 2: Double the number 2."
    assert "Double the number 2." in number._repr_html_()


def test_the_answer_is_told_only_on_request(number):
    for shown in (number, number.hint(), number.check(5), number.check(...), number.check(2)):
        assert "2 + 2" not in repr(shown) + shown._repr_html_()
    assert repr(number.hint()) == "→ hint: Add."
    assert repr(number.solution()) == "→ one solution: 2 + 2 = 4.\ncode: answer = 2 + 2"


def test_progress_is_how_it_was_last_but_what_was_right_stays_right(number, function):
    exercises = [number, function]
    assert (
        repr(progress(exercises)) == "○ 0 of 2 right\n1. Double 2: ○ not yet attempted\n2. Double: ○ not yet attempted"
    )
    number.check(4)
    function.check(squared)
    assert repr(progress(exercises)) == "○ 1 of 2 right\n1. Double 2: ✓ right\n2. Double: ✗ known mistake"
    number.check(5)
    function.check(lambda n: n + n)
    assert repr(progress(exercises)) == "✓ 2 of 2 right\n1. Double 2: ✓ right\n2. Double: ✓ right"


def test_a_bug_of_an_exercise_is_raised_and_the_last_outcome_stays(number):
    number.check(4)
    number.right = lambda: 1 / 0
    with pytest.raises(ZeroDivisionError):
        number.check(4)
    assert number.best.status is Status.RIGHT


def test_a_mistake_without_a_name_is_refused():
    def nameless():
        return 2

    with pytest.raises(ValueError, match="mistakes must name themselves in their docstring; received nameless"):
        Exercise("Double 2", "Double the number 2.", lambda: 4, [nameless], "Add.", "answer = 4", "2 + 2 = 4.")

"""Whatever a learner answers, types or asks for: a judgement, and never an error of ours.

The rules of what equals what stand here once more; `strategies` says how to look longer.
"""

import math
import os
import string
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import dtypes, fuzzed, left_as_they_were, no_array, no_number, numbers

from convhelpers import lessons, sizes
from convhelpers.check import check_function, check_value
from convhelpers.exercise import Exercise, progress
from convhelpers.feedback import Feedback, Status
from convhelpers.stepper import parse_number
from convhelpers.wording import number

# Answers that will not be handled


METHODS = [
    "eq",
    "ne",
    "lt",
    "le",
    "gt",
    "len",
    "iter",
    "getitem",
    "bool",
    "repr",
    "str",
    "abs",
    "float",
    "int",
    "index",
]
METHODS += ["array", "array_ufunc", "deepcopy", "reduce_ex", "sub", "rsub", "contains", "format", "hash", "call"]
METHODS += ["getattribute", "class"]
BASES = [object, int, float, str, tuple, list, np.ndarray]


def refuse(*_, **__):
    raise RuntimeError("I will not be handled")


def hostile(base, method):
    """An object of which one method raises."""
    if base is np.ndarray and method == "getattribute":
        base = list
    if method == "class":
        cls = type("Hostile", (base,), {"__class__": property(refuse)})
    else:
        cls = type("Hostile", (base,), {f"__{method}__": refuse})
    if base is object:
        return cls()
    if base is np.ndarray:
        return np.zeros((2, 2)).view(cls)
    return cls({int: 3, float: 3.0, str: "text", tuple: (1, 2), list: [1, 2]}[base])


def liar(base):
    """An object that says that it equals everything."""
    yes = {"__eq__": lambda self, other: True, "__ne__": lambda self, other: False, "__hash__": object.__hash__}
    cls = type("Liar", (base,), yes)
    if base is object:
        return cls()
    if base is np.ndarray:
        return np.full((2, 2), 99).view(cls)
    return cls({int: 99, float: 99.0, str: "liar", tuple: (9, 9), list: [9, 9]}[base])


def odd_answers():
    """Anything at all: nested, hostile, lying, nameless."""
    nested = st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.binary(max_size=3),
        lambda inner: (
            st.lists(inner, max_size=3) | st.tuples(inner, inner) | st.dictionaries(st.text(max_size=2), inner)
        ),
        max_leaves=5,
    )
    enemies = st.builds(hostile, st.sampled_from(BASES), st.sampled_from(METHODS))
    few = st.sampled_from([(), (1,), (2, 2), (1, 2, 3), (0,), (0, 3), (130,)])
    arrays = st.tuples(few, dtypes()).flatmap(lambda drawn: numbers(*drawn))
    nameless = type("", (), {})
    return st.one_of(
        nested,
        enemies,
        st.lists(enemies, min_size=1, max_size=2),
        st.tuples(enemies, enemies),
        st.builds(liar, st.sampled_from(BASES)),
        st.tuples(st.builds(liar, st.just(int)), st.builds(liar, st.just(int))),
        arrays,
        no_number(),
        no_array().map(lambda make: make()),
        st.sampled_from(
            [nameless(), nameless, np.longdouble("1e4000"), [np.longdouble("-1e4000")], 10**5000, -(10**400)]
        ),
    )


RIGHT = [
    3,
    -2,
    0.5,
    1 / 3,
    True,
    np.False_,
    "text",
    (1, 2),
    np.array([[1, 2], [3, 4]]),
    np.array([0.5, 0.25]),
    2**62 + 1,
]
RIGHT += [np.float32(0.1), np.array([[1.5]], np.float16), np.array(7)]


def rights():
    return st.sampled_from(RIGHT)


def near(right):
    """What a learner may write for a right answer, or nearly."""
    forms = [right]
    if isinstance(right, tuple):
        forms += [list(right), np.array(right), right[::-1], (*right, 1), tuple(map(float, right))]
    elif not isinstance(right, (str, bool, np.bool_)):
        array = np.asarray(right)
        forms += [array, array.tolist(), array.astype(float), array.astype(np.float32), array + 1, -array, array.T]
        forms += [array * (1 + 1e-9), array * (1 + 1e-3), array[None], array.astype(object), array.astype(complex)]
    return st.sampled_from(forms)


TOLERANCES = {2: 2e-3, 4: 1e-4}


def equals(answer, right):
    """The rule of `check_value`, written down once more, for answers that are what they look like."""
    if isinstance(right, (bool, np.bool_)):
        return type(answer) in (bool, np.bool_) and bool(answer) == bool(right)
    if isinstance(right, str):
        return issubclass(type(answer), str) and str.__eq__(answer, right)
    if isinstance(right, tuple):
        if issubclass(type(answer), np.ndarray):
            answer = np.asarray(answer).tolist() if answer.ndim == 1 else None
        if not issubclass(type(answer), (tuple, list)):
            return False
        parts = list((tuple if issubclass(type(answer), tuple) else list).__iter__(answer))
        whole = all(issubclass(type(part), (int, np.integer)) and type(part) is not bool for part in parts)
        return whole and [int.__int__(part) if issubclass(type(part), int) else int(part) for part in parts] == list(
            right
        )
    array, right = np.asarray(answer), np.asarray(right)
    if array.dtype.kind not in "iuf" or array.shape != right.shape:
        return False
    if array.dtype.kind != "f" and right.dtype.kind != "f":
        return array.tolist() == right.tolist()
    width = min(part.dtype.itemsize for part in (array, right) if part.dtype.kind == "f")
    tolerance = TOLERANCES.get(width, 1e-7) * max(1.0, float(np.abs(right).max()))
    pairs = zip(array.ravel().tolist(), right.ravel().tolist(), strict=True)
    return all(math.isfinite(a) and abs(float(a) - float(b)) <= tolerance for a, b in pairs)


def assert_feedback(feedback):
    assert isinstance(feedback, Feedback)
    assert feedback.status in Status
    assert repr(feedback)
    assert feedback._repr_html_().startswith("<style>")


@fuzzed(250)
@given(rights(), st.data())
def test_only_what_equals_the_right_answer_is_called_right(right, data):
    answer = data.draw(st.one_of(near(right), odd_answers()))
    with left_as_they_were(right):
        feedback = check_value(answer, right, [("a known mistake", 17)], "because")
    assert_feedback(feedback)
    if feedback.status is Status.RIGHT:
        assert equals(answer, right)


@fuzzed(100)
@given(rights(), st.data())
def test_what_equals_the_right_answer_is_called_right(right, data):
    answer = data.draw(near(right))
    with left_as_they_were(answer, right):
        status = check_value(answer, right).status
    assert (status is Status.RIGHT) == equals(answer, right)


class UntellableError(Exception):
    """An error that cannot even be told."""

    __str__ = __repr__ = refuse


@fuzzed(150)
@given(rights(), st.data())
def test_whatever_a_function_gives_or_raises_is_judged(right, data):
    answer = data.draw(st.one_of(near(right), odd_answers()))
    error = data.draw(
        st.sampled_from([None, ValueError("no"), UntellableError(), SystemExit(3), RecursionError, StopIteration])
    )

    def function(_):
        if error is not None:
            raise error
        return answer

    feedback = check_function(function, lambda size: right, [(2,), (3,)], [("a known mistake", lambda size: 17)])
    assert_feedback(feedback)
    if error is not None:
        assert feedback.status is Status.RAISED
    if feedback.status is Status.RIGHT:
        assert equals(answer, right)


@fuzzed(150)
@given(
    odd_answers()
    | st.sampled_from([len, print, max, int, lambda: 3, lambda *parts: 3, lambda a, b: 3, lambda a: a, dict])
)
def test_whatever_is_given_as_a_function_is_judged(function):
    feedback = check_function(function, lambda size: size * 7, [(2,), (3,)])
    assert_feedback(feedback)
    assert feedback.status is not Status.RIGHT


@fuzzed(100)
@given(odd_answers(), st.booleans())
def test_an_exercise_takes_any_answer(answer, is_function):
    def mistaken(*_):
        """You took another number."""
        return 17

    cases = [(2,), (3,)] if is_function else None
    exercise = Exercise("Title", "Task.", lambda *_: 5, [mistaken], "Hint.", "answer = 5", "Because.", cases)
    assert_feedback(exercise.check(answer))
    assert repr(progress([exercise]))


# What is typed


decimals = st.from_regex(r"\A[-+−]?[0-9]{1,18}(\.[0-9]{0,6})?(e-?[0-9]{1,2})?\Z", fullmatch=True)


@fuzzed(150)
@given(decimals, st.none() | decimals, st.sampled_from(["", " ", "\t", "\n"]))
def test_what_reads_as_a_number_is_that_number(numerator, denominator, space):
    text = f"{space}{numerator}{space}" + ("" if denominator is None else f"/{space}{denominator}")
    exact = [Fraction(part.replace("−", "-")) for part in (numerator, denominator) if part is not None]
    if len(exact) == 2 and float(exact[1]) == 0:
        with pytest.raises(ValueError, match=" is not a number; write something like"):
            parse_number(text)
        return
    expected = exact[0] / (exact[1] if len(exact) == 2 else 1)
    if abs(expected) >= 2**53 * (1 - Fraction(2, 2**52)):
        try:
            assert abs(parse_number(text)) < 2**53
        except ValueError as error:
            assert "is too large for a cell" in str(error)  # noqa: PT017 - either will do at the limit
        return
    value = parse_number(text)
    assert type(value) in (int, float)
    assert abs(Fraction(value) - expected) <= abs(expected) * Fraction(4, 2**53) + Fraction(5e-324) * 2
    assert type(value) is int or not value.is_integer()


@fuzzed(150)
@given(st.text(max_size=60) | st.text(string.digits + "+-−./eE_ ninfa", max_size=12) | st.text("9", min_size=300))
def test_any_text_is_a_number_or_is_refused_in_a_few_words(text):
    try:
        value = parse_number(text)
    except ValueError as error:
        assert str(error).endswith(("; write something like 3, −0.5 or 1/9", "; stay below 2**53"))  # noqa: PT017
        assert len(str(error)) < 120  # noqa: PT017
    else:
        assert type(value) in (int, float)
        assert abs(value) < 2**53


@fuzzed(150)
@given(st.floats() | st.integers(-(2**64), 2**64) | st.booleans() | dtypes().flatmap(lambda dtype: numbers((), dtype)))
def test_a_number_is_written_as_one_that_is_nearly_as_large(value):
    text = number(value[()] if isinstance(value, np.ndarray) else value)
    assert len(text) <= 11
    back = float(text.replace("−", "-"))
    value = float(value)
    if math.isnan(value):
        assert text == "NaN"
    else:
        assert back == value or abs(back - value) <= 0.06 * abs(value) or abs(value) > 1e308
        assert text.startswith("−") == (math.copysign(1, value) < 0)
        assert "-" not in text


# What is asked for


@fuzzed(150)
@given(
    st.text(max_size=30)
    | st.from_regex(r"\A[0-9]{1,6}\Z")
    | st.sampled_from(["9" * 5000, "a" * 5000 + ".ipynb", "\0.ipynb", "."])
)
def test_a_lesson_is_found_or_refused_by_what_it_is_called(word):
    names = {path.stem: path for path in lessons.all_lessons()} | {path.name: path for path in lessons.all_lessons()}
    by_number = {int(path.name[:2]): path for path in lessons.all_lessons()}
    expected = names.get(word)
    if expected is None and word.isascii() and word.isdecimal() and len(word) < 1000:
        expected = by_number.get(int(word))
    if expected:
        assert lessons.find(word) == expected
    elif not word.endswith(".ipynb") or not os.path.isfile(word):
        with pytest.raises(LookupError, match="^a lesson must be named by "):
            lessons.find(word)


@fuzzed(60)
@given(
    st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=10)
    | st.sampled_from(sizes.SIZES)
)
def test_a_size_comes_from_the_environment_or_is_refused_by_its_name(word):
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(os.environ, sizes.VARIABLE, word)
        if word in ("", *sizes.SIZES):
            assert sizes.size_or_default(None) == (word or "normal")
        else:
            with pytest.raises(ValueError, match=f"^the environment variable {sizes.VARIABLE} must be "):
                sizes.size_or_default(None)
        assert sizes.size_or_default("large") == "large"

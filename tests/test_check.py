"""Answers of every kind, right and wrong; functions that give, raise, loop or refuse; and whose fault an error is."""

import signal
import textwrap

import numpy as np
import pytest

from convhelpers.check import MOST_NUMBERS, TOLERANCES, Raised, check_function, check_value, is_blank, judge, written
from convhelpers.feedback import Status

GRID = np.array([[1, 2, 3], [4, 5, 6]])


def status_of(answer, right):
    return judge(answer, right)[0]


# Values


@pytest.mark.parametrize(
    ("answer", "right"),
    [
        (4, 4),
        (4.0, 4),
        (np.int8(4), 4),
        (np.array(4), 4),
        (4, np.int64(4)),
        (0.5, np.float32(0.5)),
        (0.1 + 0.2, 0.3),
        (GRID.tolist(), GRID),
        (GRID.astype(float), GRID),
        (GRID.astype(np.uint8), GRID),
        ((2, 3), (2, 3)),
        ([2, 3], (2, 3)),
        (np.array([2, 3]), (2, 3)),
        ((np.int64(2), 3), (2, 3)),
        (True, True),
        (np.bool_(False), False),
        (False, np.bool_(False)),
        ("valid", "valid"),
    ],
)
def test_right_in_every_kind(answer, right):
    assert status_of(answer, right) is Status.RIGHT


@pytest.mark.parametrize(
    ("answer", "right", "message"),
    [
        ("four", 4, "A text came; one number is asked for."),
        (True, 4, "True came; one number is asked for."),
        (4 + 0j, 4, "A complex came; one number is asked for."),
        (sum, 4, "A function came; one number is asked for."),
        (10**400, 4, "A number that is too large for NumPy came; one number is asked for."),
        (np.array([1j]), 4, "An array of complex128 values came; one number is asked for."),
        ({4}, 4, "A set came; one number is asked for."),
        ([[1, 2], [3]], GRID, "A list came; an array of numbers is asked for."),
        (GRID > 2, GRID, "An array of bool values came; an array of numbers is asked for."),
        (6, (2, 3), "One number came; 2 whole numbers in brackets are asked for."),
        ((2.0, 3), (2, 3), "2.0 is no whole number; 2 whole numbers in brackets are asked for."),
        ((True, 3), (2, 3), "True is no whole number; 2 whole numbers in brackets are asked for."),
        ((), (2, 3), "A tuple came; 2 whole numbers in brackets are asked for."),
        (1, np.bool_(True), "One number came; True or False is asked for."),
        (4, "valid", "One number came; a text in quotes is asked for."),
        (None, 4, "None came. `print` shows a result but gives None, and so does a function without return."),
    ],
)
def test_wrong_kind_names_what_came_and_what_is_asked_for(answer, right, message):
    assert judge(answer, right) == (Status.WRONG_KIND, message)


@pytest.mark.parametrize(
    ("answer", "right", "message"),
    [
        (GRID, 4, "An array of shape (2, 3) came; one number is asked for."),
        ([4], 4, "A list of 1 number came; one number is asked for."),
        (GRID.T, GRID, "An array of shape (3, 2) came; an array of shape (2, 3) is asked for."),
        (GRID.ravel(), GRID, "A list of 6 numbers came; an array of shape (2, 3) is asked for."),
        (4, GRID, "One number came; an array of shape (2, 3) is asked for."),
        ((2, 3, 4), (2, 3), "3 numbers in brackets came; 2 are asked for."),
    ],
)
def test_wrong_shape_comes_before_values(answer, right, message):
    assert judge(answer, right) == (Status.WRONG_SHAPE, message)


@pytest.mark.parametrize(
    ("answer", "right"),
    [
        (5, 4),
        (float("nan"), 4),
        (float("inf"), 4),
        (-GRID, GRID),
        ((3, 2), (2, 3)),
        (False, True),
        ("same", "valid"),
        (2**53 + 1, 2**53),
        (np.uint8(255), -1),
    ],
)
def test_wrong_values(answer, right):
    assert status_of(answer, right) is Status.WRONG


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_the_tolerance_fits_the_type(dtype):
    right = np.array([100.0, 0.0], dtype=dtype)
    within = 100 * TOLERANCES[right.itemsize]
    assert status_of(right.astype(float) + within / 2, right) is Status.RIGHT
    assert status_of(right.astype(float) + within * 2, right) is Status.WRONG


def test_whole_numbers_are_compared_exactly():
    assert status_of(10**15 + 1, 10**15) is Status.WRONG
    assert status_of(float(10**15 + 1), 10**15) is Status.RIGHT  # a float is not that sure of itself


def test_sums_in_any_order_are_right():
    rng = np.random.default_rng(0)
    products = rng.normal(size=(363, 10))
    assert status_of(products[::-1].sum(axis=0), products.sum(axis=0)) is Status.RIGHT
    single = products.astype(np.float32)
    assert status_of(single[::-1].cumsum(axis=0)[-1], single.sum(axis=0)) is Status.RIGHT


def test_three_dots_are_no_attempt_but_what_print_gives_is_one():
    assert check_value(..., 4).status is Status.NOT_ATTEMPTED
    assert check_value(None, 4).status is Status.WRONG_KIND


def test_a_known_mistake_may_have_another_shape_or_kind():
    mistakes = [("unsummed", GRID), ("illegal", 1.5), ("swapped", (3, 2))]
    assert check_value(GRID, 21, mistakes).message == "unsummed"
    assert check_value(1.5, 1, mistakes).message == "illegal"
    assert check_value([3, 2], (2, 3), mistakes).message == "swapped"


def test_the_first_mistake_that_fits_is_told():
    assert check_value(3, 4, [("one", 2), ("two", 3), ("three", 3)]).message == "two"


def test_right_goes_before_every_mistake():
    feedback = check_value(4, 4, [("not this", 4)], "Because.")
    assert (feedback.status, feedback.message) == (Status.RIGHT, "Because.")


def test_a_wrong_value_is_not_told_the_right_one():
    feedback = check_value(5, 4321)
    assert feedback.status is Status.WRONG
    assert "4321" not in repr(feedback) + feedback._repr_html_()


def test_the_answer_is_not_modified():
    answer = GRID.copy()
    answer.flags.writeable = False
    check_value(answer, GRID, [("negative", -GRID)])
    assert np.array_equal(answer, GRID)


class Stubborn:
    """Refuses to be numbers, and to be shown."""

    def __array__(self, *arguments, **options):
        raise RuntimeError("no")

    def __repr__(self):
        raise RuntimeError("no")


def test_an_object_that_refuses_everything_is_the_wrong_kind():
    assert repr(check_value(Stubborn(), 4)) == "✗ wrong kind: A Stubborn came; one number is asked for."
    feedback = check_function(lambda x, n: Stubborn(), times, CASES)
    assert feedback.details[-1] == ("received", "Stubborn, which cannot be shown")
    assert check_function(lambda x, n: [Stubborn()], times, CASES).status is Status.WRONG_KIND


def test_an_error_that_refuses_to_be_shown_is_still_the_learner_s():
    class SilentError(Exception):
        def __str__(self):
            raise RuntimeError("no")

    def answer(x, n):
        raise SilentError

    assert check_function(answer, times, CASES).message == "SilentError: SilentError, which cannot be shown"


def test_a_long_error_is_cut():
    def answer(x, n):
        raise ValueError("x" * 5000)

    assert len(check_function(answer, times, CASES).message) < 500


# Functions

CASES = [(GRID, 2), (np.array([[1, 2]]), 3), (np.arange(12).reshape(3, 4), 5)]


def times(x, n):
    return x * n


def learner(source, name="answer"):
    """A function as a learner writes it in a cell."""
    names = {"np": np}
    exec(compile(textwrap.dedent(source), "<cell>", "exec"), names)
    return names[name]


def checked(source, mistakes=()):
    return check_function(learner(source), times, CASES, mistakes)


def test_a_right_function_says_on_how_much_it_was_tried():
    feedback = check_function(lambda x, n: n * x, times, CASES, because="It commutes.")
    assert (feedback.status, feedback.message) == (Status.RIGHT, "It commutes. (Tried on 3 inputs.)")


@pytest.mark.parametrize(
    "source",
    [
        "def answer(x, n): ...",
        "def answer(x, n):\n    pass",
        'def answer(x, n):\n    "What it does."',
        'def answer(x, n):\n    "What it does."\n    ...',
        "def answer(x, n):\n    return ...",
        "def answer(x, n):\n    # not yet\n    return None",
        "answer = ...",
        "answer = lambda x, n: ...",
    ],
)
def test_a_function_without_a_body_is_no_attempt(source):
    assert checked(source).status is Status.NOT_ATTEMPTED


@pytest.mark.parametrize(
    "source", ["def answer(x, n):\n    return 4", "def answer(x, n):\n    x * n", "def answer(x, n):\n    print"]
)
def test_a_body_is_an_attempt(source):
    assert not is_blank(learner(source))


def test_a_function_without_return_is_asked_for_it():
    feedback = checked("def answer(x, n):\n    y = x * n")
    assert (feedback.status, feedback.message) == (
        Status.WRONG_KIND,
        "None came. `print` shows a result but gives None, and so does a function without return.",
    )


def test_the_smallest_input_that_fails_is_shown():
    feedback = checked("def answer(x, n):\n    return x * n + (x.size > 2)")
    assert feedback.status is Status.WRONG
    assert feedback.details == (
        ("x", "[[1 2 3]\n [4 5 6]]"),
        ("n", "2"),
        ("expected", "[[ 2  4  6]\n [ 8 10 12]]"),
        ("received", "[[ 3  5  7]\n [ 9 11 13]]"),
    )


def test_a_result_is_shown():
    feedback = checked("def answer(x, n):\n    return x.T")
    assert (feedback.status, feedback.details[-1]) == (Status.WRONG_SHAPE, ("received", "[[1]\n [2]]"))


def test_a_value_is_no_function():
    feedback = check_function(times(*CASES[0]), times, CASES)
    assert feedback.status is Status.WRONG_KIND
    assert (
        feedback.message
        == "An array of int64 values came; the function itself is asked for, without brackets behind its name."
    )


@pytest.mark.parametrize(("source", "takes"), [("def answer(x): return x", "(x)"), ("answer = lambda: 4", "()")])
def test_a_function_of_other_arguments_is_not_called(source, takes):
    feedback = checked(source)
    assert feedback.status is Status.WRONG_KIND
    assert feedback.message == f"The function is called with (x, n); yours takes {takes}."


def test_names_of_arguments_are_free_and_more_with_defaults_are_welcome():
    assert checked("def answer(image, by, verbose=False): return image * by").status is Status.RIGHT


def test_options_of_the_right_function_are_not_asked_for():
    def right(x, n, *, dtype=float):
        return x * n

    assert check_function(times, right, CASES).status is Status.RIGHT
    assert "(x, n)" in check_function(lambda: 4, right, CASES).message


def test_functions_of_libraries_can_be_tried():
    assert check_function(np.multiply, times, CASES).status is Status.RIGHT
    assert check_function(max, times, CASES).status is Status.RAISED  # it has no signature to look at


# Known mistakes of functions


def plus(x, n):
    return x + n


def only_first_row(x, n):
    return x[:1] * n


def refuses_grids(x, n):
    if len(x) > 1:
        raise ValueError("one row, please")
    return x + n


MISTAKES = [("added", plus), ("first row", only_first_row), ("refused", refuses_grids)]


def test_a_mistake_is_recognised_when_it_gives_the_same_in_every_case():
    assert checked("def answer(x, n): return n + x", MISTAKES).message == "added"
    assert checked("def answer(x, n): return x[:1] * n", MISTAKES).message == "first row"


def test_a_function_that_agrees_with_a_mistake_in_some_cases_only_is_wrong():
    feedback = checked("def answer(x, n): return x + n if x.size < 12 else x - n", MISTAKES)
    assert feedback.status is Status.WRONG


def test_a_mistake_is_recognised_even_if_fractions_are_cut_off_as_well():
    cases = [*CASES, (np.array([0.5, 1.25]), 2)]
    cut_off = learner("def answer(x, n): return (x + n).astype(int)")
    assert check_function(cut_off, times, cases, MISTAKES).message == "added"
    other = learner("def answer(x, n): return (x - n).astype(int)")
    assert check_function(other, times, cases, MISTAKES).status is Status.WRONG
    rounded = learner("def answer(x, n): return np.round(x + n)")
    assert check_function(rounded, times, cases, MISTAKES).status is Status.WRONG


def test_a_mistake_that_fails_where_the_function_fails_is_recognised():
    feedback = checked("def answer(x, n): return x.reshape(2) + n if x.ndim < 2 else x[[0]] + n", MISTAKES)
    assert feedback.status is Status.WRONG
    feedback = checked("def answer(x, n): return x.reshape(1, 2) + n", MISTAKES)
    assert (feedback.status, feedback.message) == (Status.KNOWN_MISTAKE, "refused")


def test_an_error_alone_shares_no_mistake():
    """Where a mistake gives the right result or refuses, nothing wrong has been recognised."""

    def refuses_long_ones(x, n):
        if x.size > 6:
            raise ValueError("too long")
        return x * n

    feedback = checked("def answer(x, n): return x * n if x.size < 7 else x[9]", [("refused", refuses_long_ones)])
    assert feedback.status is Status.RAISED


def test_a_function_that_always_fails_shares_a_mistake_that_fails_in_the_same_words():
    def multiplies_matrices(x, n):
        return x @ np.full((9, 9), n)

    mistakes = [("refused", refuses_grids), ("matrix product", multiplies_matrices)]
    feedback = checked("def answer(x, n): return x @ np.full((9, 9), n)", mistakes)
    assert (feedback.status, feedback.message) == (Status.KNOWN_MISTAKE, "matrix product")
    received, line = feedback.details[-2:]
    assert received[1].startswith("ValueError: matmul:")
    assert line[0] == "line 1"
    feedback = checked("def answer(x, n): return x @ np.full((8, 8), n)", mistakes)
    assert feedback.status is Status.RAISED


# Errors, and whose they are


def test_an_error_is_shown_as_the_learner_s_with_its_line():
    feedback = checked("""
        def answer(x, n):
            rows = len(x)
            return x[rows] * n
    """)
    assert feedback.status is Status.RAISED
    assert feedback.message.startswith("IndexError: index 1 is out of bounds")
    assert feedback.details[-1][0] == "line 4"


def test_the_line_is_the_learner_s_even_if_numpy_raises(tmp_path):
    source = tmp_path / "cell.py"
    source.write_text("import numpy as np\ndef answer(x, n):\n    return np.stack([x, x[0]]) * n\n")
    names = {}
    exec(compile(source.read_text(), str(source), "exec"), names)
    feedback = check_function(names["answer"], times, CASES)
    assert feedback.details[-1] == ("line 3", "return np.stack([x, x[0]]) * n")


def test_the_line_may_stand_in_another_function_of_the_learner():
    feedback = checked("""
        def row(x):
            return x[7]
        def answer(x, n):
            return row(x) * n
    """)
    assert feedback.details[-1][0] == "line 3"


def test_an_error_after_wrong_results_does_not_hide_them():
    feedback = checked("def answer(x, n):\n    return x + n if len(x) < 3 else x[9]")
    assert feedback.status is Status.WRONG
    assert feedback.details[0] == ("x", "[[1 2]]")


def test_a_bug_of_the_checker_is_raised_and_not_blamed_on_the_learner():
    def broken(x, n):
        return x.no_such_thing

    with pytest.raises(AttributeError, match="no_such_thing"):
        check_function(plus, broken, CASES)
    with pytest.raises(AttributeError, match="no_such_thing"):
        check_function(plus, times, CASES, [("a mistake with a bug", broken)])


def test_an_exit_is_the_learner_s_too():
    feedback = checked("import sys\ndef answer(x, n): sys.exit('bye')")
    assert (feedback.status, feedback.message) == (Status.RAISED, "SystemExit: bye")


def test_none_is_no_function():
    feedback = check_function(None, times, CASES)
    assert feedback.status is Status.WRONG_KIND
    assert feedback.message.startswith("A NoneType came; the function itself is asked for")


def test_what_is_shown_is_what_was_returned_and_not_what_became_of_it():
    buffer = []

    def answer(x, n):
        buffer[:] = [n]
        return buffer

    assert check_function(answer, times, CASES).details[-1] == ("received", "[3]")


def test_the_right_function_gets_copies_too():
    def right(x, n):
        x *= n
        return x

    before = [case[0].copy() for case in CASES]
    assert check_function(times, right, CASES).status is Status.RIGHT
    assert all(np.array_equal(case[0], kept) for case, kept in zip(CASES, before, strict=True))


def test_an_interrupt_is_reported_as_such():
    def endless(x, n):
        while True:
            pass

    before = signal.signal(signal.SIGALRM, signal.default_int_handler)
    signal.setitimer(signal.ITIMER_REAL, 0.2)
    try:
        feedback = check_function(endless, times, CASES)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert feedback.status is Status.RAISED
    assert feedback.message == "You interrupted your function while it ran on:"
    assert feedback.details == (("x", "[[1 2]]"), ("n", "3"))


def test_arguments_are_copies():
    def spoils(x, n):
        result = x * n
        x[...] = 0
        return result

    before = [case[0].copy() for case in CASES]
    assert check_function(spoils, times, CASES, MISTAKES).status is Status.RIGHT
    assert all(np.array_equal(case[0], kept) for case, kept in zip(CASES, before, strict=True))


# Answers of classes of the learner's own


class Liar:
    """Says that it equals everything, and may be asked for nothing else."""

    def __eq__(self, other):
        return True

    def __hash__(self):
        return 0

    def __getattribute__(self, name):
        raise RuntimeError(name)


def of_class(kind, value):
    return type("Own", (Liar, kind), {})(value)


@pytest.mark.parametrize(
    ("answer", "right", "status"),
    [
        (of_class(str, "left"), "right", Status.WRONG),
        (of_class(str, "right"), "right", Status.RIGHT),
        (of_class(int, 4), 3, Status.WRONG),
        (of_class(float, 3.0), 3, Status.RIGHT),
        ((of_class(int, 9), 9), (1, 2), Status.WRONG),
        (of_class(list, [9, 9]), (1, 2), Status.WRONG),
        (of_class(tuple, (1, 2)), (1, 2), Status.RIGHT),
        (Liar(), 3, Status.WRONG_KIND),
        (Liar(), "text", Status.WRONG_KIND),
        (type("", (), {})(), 3, Status.WRONG_KIND),
        (np.longdouble("1e4000"), 3, Status.WRONG),
        ([np.inf, np.nan], np.array([1, 2]), Status.WRONG),
    ],
    ids=range(12),
)
def test_an_answer_is_judged_by_what_it_holds(answer, right, status):
    assert check_value(answer, right).status is status
    assert check_function(lambda x, n: answer, lambda x, n: right, CASES).status is status


def test_what_refuses_to_be_asked_is_no_function():
    assert check_function(Liar(), times, CASES).status is Status.WRONG_KIND


# How results are written


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (3, "3"),
        (np.int64(3), "3"),
        (np.array(2.5), "2.5"),
        ((2, 3), "(2, 3)"),
        (np.array([1, 2]), "[1 2]"),
        (np.zeros((0, 2)), "shape (0, 2):\n[]"),
        (np.ones((1, 1, 2), int), "shape (1, 1, 2):\n[[[1 1]]]"),
        (np.zeros(MOST_NUMBERS + 1), f"an array of shape ({MOST_NUMBERS + 1},)"),
        (Raised(ValueError("no")), "ValueError: no"),
        (Raised(ValueError()), "ValueError"),
        ("x" * 1000, "'" + "x" * 399 + "…"),
        (np.array(["x" * 2000]), "['" + "x" * 1198 + "…"),
    ],
)
def test_written(value, text):
    assert written(value) == text

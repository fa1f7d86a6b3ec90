"""With this module one can compare an answer with the right one and with the wrong ones that are known by name.

The order: attempted, kind, shape, values. What fails one of them is looked up among the known mistakes, which may have
another shape than the right answer. Only what the learner's own function raises is shown as the learner's error;
whatever else goes wrong in here is a bug of ours, and is raised as one.
"""

import copy
import dis
import inspect
import sysconfig
import traceback
import types
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from convhelpers.feedback import Feedback, Status

# Relative to the largest number of the right answer: what a sum of some hundred products may lose in rounding.
TOLERANCES = {2: 2e-3, 4: 1e-4, 8: 1e-7}
MOST_NUMBERS = 120  # a larger array is shown by its shape alone
MOST_LETTERS = 400
LIBRARIES = tuple(sysconfig.get_paths()[name] for name in ("stdlib", "platstdlib", "purelib", "platlib"))
NOT_THE_LEARNERS = (*LIBRARIES, str(Path(__file__).parent), "<frozen ")


@dataclass(frozen=True)
class Raised:
    """In the place of a result: the error that a function raised, or `KeyboardInterrupt`."""

    error: BaseException


def check_value(answer, right, mistakes=(), because=""):
    """Compare a value with the right one; return a `Feedback`, which does not tell the right one.

    `right` is a number, True or False, a text, a tuple of whole numbers, or an array; `mistakes` are pairs of a
    sentence and the wrong value that it names; `because` is what a right answer is told. `...` is no attempt. A list
    does for a tuple or an array. Whole numbers are compared exactly, others within a tolerance that fits their type.
    Nothing is modified.

    >>> check_value(28, 19, [("That is the matrix product.", 28)])
    ✗ known mistake: That is the matrix product.
    >>> check_value(..., 19)
    ○ not yet attempted: Put your answer in the place of the three dots.
    """
    if answer is ...:
        return Feedback(Status.NOT_ATTEMPTED, "Put your answer in the place of the three dots.")
    status, message = judge(answer, right)
    if status is Status.RIGHT:
        return Feedback(status, because)
    for sentence, wrong in mistakes:
        if judge(answer, wrong)[0] is Status.RIGHT:
            return Feedback(Status.KNOWN_MISTAKE, sentence)
    return Feedback(status, message or "This is not it.")


def check_function(function, right, cases, mistakes=(), because=""):
    """Try a function on every case, beside the right one; return a `Feedback` about the smallest case that fails.

    `right` and `function` take the arguments of a case by position; `mistakes` are pairs of a sentence and the wrong
    function that it names: it is recognised when it gives the same as `function` in every case, or fails as it does, be
    it with an `IndexError` or a `ValueError`. Each call gets a copy of the arguments. A function without a body is no
    attempt. An error that `function` raises is part of the answer.

    >>> check_function(lambda a, b: a + b, lambda a, b: a * b, [(2, 2), (2, 3)])
    ✗ wrong: It gives something else for this input.
    a: 2
    b: 3
    expected: 6
    received: 5
    """
    names = list(inspect.signature(right).parameters)[: len(cases[0])]
    if is_blank(function):
        return Feedback(Status.NOT_ATTEMPTED, "Write the body of the function in the place of the three dots.")
    refusal = _cannot_be_called(function, names)
    if refusal:
        return Feedback(Status.WRONG_KIND, refusal)
    cases = sorted(cases, key=lambda case: sum(map(np.size, case)))
    received = _results(function, cases)
    if len(received) < len(cases):
        interrupted = _arguments(names, cases[len(received)])
        return Feedback(Status.RAISED, "You interrupted your function while it ran on:", interrupted)
    expected = [right(*copy.deepcopy(case)) for case in cases]
    verdicts = [judge(*pair) for pair in zip(received, expected, strict=True)]
    failing = next((place for place, (status, _) in enumerate(verdicts) if status is not Status.RIGHT), None)
    if failing is None:
        return Feedback(Status.RIGHT, f"{because} (Tried on {len(cases)} inputs.)".strip())
    known = (name for name, wrong in mistakes if _same_everywhere(received, _wrong_results(wrong, cases), verdicts))
    tried = (*_arguments(names, cases[failing]), ("expected", written(expected[failing])))
    return _failed(verdicts[failing], received[failing], tried, next(known, None))


def judge(answer, right):
    """Say how an answer compares with a right one: its kind, then its shape, then its values; (status, message)."""
    answer = _plain(answer)
    if _is_a(answer, Raised):
        return Status.RAISED, _told(answer.error)
    if answer is None:
        return (
            Status.WRONG_KIND,
            "None came. `print` shows a result but gives None, and so does a function without return.",
        )
    if isinstance(right, (bool, np.bool_)):
        return _judge_exactly(answer, right, (bool, np.bool_), "True or False")
    if isinstance(right, str):
        return _judge_exactly(answer, right, str, "a text in quotes")
    if isinstance(right, tuple):
        return _judge_tuple(answer, right)
    return _judge_numbers(answer, np.asarray(right))


def result_of(function, case):
    """Call a function with a copy of a case's arguments; return a copy of its result, or what it `Raised`."""
    arguments = copy.deepcopy(case)
    try:
        result = _plain(function(*arguments))
        return copy.deepcopy(result) if _is_a(result, (list, np.ndarray)) else result
    except (Exception, KeyboardInterrupt, SystemExit) as error:  # whatever it is, it is the function's own
        return Raised(error)


def _results(function, cases):
    """What a function gives in each case, up to the one in which it is interrupted."""
    results = []
    for case in cases:
        results.append(result_of(function, case))
        if _is_a(results[-1], Raised) and isinstance(results[-1].error, KeyboardInterrupt):
            return results[:-1]
    return results


def _wrong_results(wrong, cases):
    """What a known mistake gives in each case, or how it fails, as it would for the learner.

    Other errors than `IndexError` and `ValueError` are bugs of ours. A bug in a mistake that raises one of these goes
    unseen here: that every mistake is recognised is for the tests.
    """
    results = [result_of(wrong, case) for case in cases]
    for result in results:
        if isinstance(result, Raised) and not isinstance(result.error, (IndexError, ValueError)):
            raise result.error
    return results


def _failed(verdict, received, tried, known):
    """What is to be said of a case that fails: a known mistake by its sentence, else what is wrong with the result."""
    came, line = ("received", written(received)), _own_line(received)
    status, message = verdict
    if known:
        return Feedback(Status.KNOWN_MISTAKE, known, (*tried, came, *line))
    if status is Status.RAISED:
        return Feedback(status, message, (*tried, *line))
    return Feedback(status, message or "It gives something else for this input.", (*tried, came))


def is_blank(function):
    """Whether an answer is no function yet: `...`, or a function without a body.

    >>> def blank(x): ...
    >>> is_blank(blank), is_blank(lambda x: x), is_blank(...)
    (True, False, True)
    """
    if function is ...:
        return True
    if not _is_a(function, types.FunctionType):
        return False
    steps = [step for step in dis.get_instructions(function) if step.opname not in ("RESUME", "NOP")]
    constants = [step.argval for step in steps if step.opname.startswith(("LOAD_CONST", "RETURN_CONST"))]
    only_returns = all(step.opname.startswith(("LOAD_CONST", "RETURN_")) for step in steps)
    return only_returns and all(constant is None or constant is ... for constant in constants)


def written(value):
    """Write a value so that it can be read: arrays with their shape where it is hard to see, long ones by it alone.

    >>> print(written(np.arange(6).reshape(1, 2, 3)))
    shape (1, 2, 3):
    [[[0 1 2]
      [3 4 5]]]
    """
    if _is_a(value, Raised):
        return _told(value.error)
    if _is_a(value, np.ndarray):
        value = np.asarray(value)
    if not _is_a(value, np.ndarray) or value.ndim == 0:
        return _text(repr, value.item() if _is_a(value, (np.generic, np.ndarray)) else value)
    if value.size > MOST_NUMBERS:
        return f"an array of shape {value.shape}"
    shape = "" if value.ndim < 3 and value.size else f"shape {value.shape}:\n"
    return shape + _text(str, value, most=10 * MOST_NUMBERS)


def _judge_exactly(answer, right, kinds, name):
    if not _is_a(answer, kinds):
        return Status.WRONG_KIND, f"{_kind_of(answer)} came; {name} is asked for."
    return _verdict(answer == right)


def _judge_tuple(answer, right):
    if _is_a(answer, np.ndarray) and answer.ndim == 1:
        answer = answer.tolist()
    is_whole = [_is_a(part, (int, np.integer)) and not _is_a(part, bool) for part in _parts(answer)]
    if not is_whole or not all(is_whole):
        odd = [written(part) for part, whole in zip(_parts(answer), is_whole, strict=True) if not whole]
        came = f"{odd[0]} is no whole number" if odd else f"{_kind_of(answer)} came"
        return Status.WRONG_KIND, f"{came}; {len(right)} whole numbers in brackets are asked for."
    if len(is_whole) != len(right):
        return Status.WRONG_SHAPE, f"{_count(len(is_whole))} in brackets came; {len(right)} are asked for."
    return _verdict(tuple(answer) == right)


def _judge_numbers(answer, right):
    array = _numbers(answer)
    if array is None:
        asked = "an array of numbers" if right.ndim else "one number"
        return Status.WRONG_KIND, f"{_kind_of(answer)} came; {asked} is asked for."
    if array.shape != right.shape:
        came, asked = _form(array.shape), _form(right.shape)
        return Status.WRONG_SHAPE, f"{came[0].upper()}{came[1:]} came; {asked} is asked for."
    if "f" not in array.dtype.kind + right.dtype.kind:
        return _verdict(np.array_equal(array, right))
    digits = min(dtype.itemsize for dtype in (array.dtype, right.dtype) if dtype.kind == "f")
    tolerance = TOLERANCES[min(digits, 8)] * max(1.0, np.abs(right).max(initial=0))
    with np.errstate(over="ignore", invalid="ignore"):  # what is infinite, or beyond float64, is wrong and no accident
        return _verdict(bool(np.all(np.abs(array.astype(float) - right) <= tolerance)))


def _verdict(is_right):
    return (Status.RIGHT if is_right else Status.WRONG), ""


def _form(shape):
    """What an array of such a shape is called."""
    if not shape:
        return "one number"
    return f"a list of {_count(shape[0])}" if len(shape) == 1 else f"an array of shape {shape}"


def _count(n):
    return f"{n} number" if n == 1 else f"{n} numbers"


def _plain(answer):
    """An answer of a learner's own class as Python's or NumPy's own kind: its methods may raise, or lie."""
    for kind in (tuple, list):
        if _is_a(answer, kind):
            return kind(map(_plain_part, kind.__iter__(answer)))
    return _plain_part(answer)


def _plain_part(answer):
    if _is_a(answer, np.ndarray):
        return np.asarray(answer)
    if _is_a(answer, (bool, np.generic)):
        return answer
    for kind, plain in ((str, str.__str__), (int, int.__int__), (float, float.__float__)):
        if _is_a(answer, kind):
            return plain(answer)
    return answer


def _is_a(value, kinds):
    """As `isinstance`, which an object may lie to, or raise an error."""
    return issubclass(type(value), kinds)


def _parts(answer):
    return answer if _is_a(answer, (tuple, list)) else []


def _numbers(answer):
    """The answer as an array of real numbers, or None."""
    try:
        array = np.asarray(answer)
    except Exception:  # an object may raise anything when it is asked for its numbers
        return None
    return array if array.dtype.kind in "iuf" else None


def _kind_of(answer):
    answer = _plain(answer)
    if _is_a(answer, (bool, np.bool_)):
        return str(answer)
    if callable(answer):
        return "A function"
    if _is_a(answer, (int, float, np.integer, np.floating)):
        return "One number" if abs(answer) < 2**63 else "A number that is too large for NumPy"
    array = f"array of {answer.dtype} values" if _is_a(answer, np.ndarray) else ""
    name = array or ("text" if _is_a(answer, str) else _class_name(answer))
    return f"{'An' if name[0].lower() in 'aeiou' else 'A'} {name}"


def _cannot_be_called(function, names):
    """Why a function cannot be tried, or an empty text."""
    if not callable(function):
        return f"{_kind_of(function)} came; the function itself is asked for, without brackets behind its name."
    try:
        signature = inspect.signature(function)
    except Exception:  # some functions that are written in C have none, and an object may refuse to be asked
        return ""
    try:
        signature.bind(*names)
    except TypeError:
        return f"The function is called with ({', '.join(names)}); yours takes {_text(str, signature)}."
    return ""


def _same_everywhere(received, wrong, verdicts):
    """Whether a known mistake gives what came in every case, and some case tells it: a wrong result, or its own error.

    Where both fail, they may fail in other words: the same mistake can be written in several ways.
    """
    telling = False
    for came, known, (status, _) in zip(received, wrong, verdicts, strict=True):
        if isinstance(known, Raised):
            if not _is_a(came, Raised):
                return False
            telling |= _told(came.error) == _told(known.error)
        elif judge(came, _cut_off_alike(known, came))[0] is not Status.RIGHT:
            return False
        else:
            telling |= status is not Status.RIGHT
    return telling


def _cut_off_alike(known, came):
    """What a known mistake gives, its fractions cut off if the learner's result has none: that hides no mistake."""
    array, known_array = _numbers(came), _numbers(known)
    if array is None or known_array is None or "f" in array.dtype.kind or known_array.dtype.kind != "f":
        return known
    return known_array.astype(array.dtype)


def _arguments(names, case):
    return tuple((name, written(value)) for name, value in zip(names, case, strict=True))


def _told(error):
    return f"{_class_name(error)}: {_text(str, error)}".rstrip(": ")


def _text(write, value, most=MOST_LETTERS):
    """What `repr` or `str` makes of a learner's object, cut where it is long; an object may refuse to be shown."""
    try:
        text = write(value)
    except (Exception, SystemExit):
        return f"{_class_name(value)}, which cannot be shown"
    # As str does it: what came may be of a class of the learner's, with a length of its own.
    text, is_longer = str.__getitem__(text, slice(most)), str.__len__(text) > most
    return f"{text}…" if is_longer else text


def _class_name(value):
    """What the class of a value is called, cut where it is long; a class of its own kind may refuse to tell it."""
    name = type.__dict__["__name__"].__get__(type(value)) or "nameless"
    return name if len(name) <= MOST_LETTERS else f"{name[:MOST_LETTERS]}…"


def _own_line(result):
    """Where an error came from: the last line that is the learner's, not one of Python, a library or this package."""
    if not _is_a(result, Raised):
        return ()
    frames = traceback.extract_tb(result.error.__traceback__)
    own = [frame for frame in frames if not frame.filename.startswith(NOT_THE_LEARNERS)]
    return ((f"line {own[-1].lineno}", own[-1].line),) if own else ()

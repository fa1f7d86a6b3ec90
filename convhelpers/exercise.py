"""With this module one can set an exercise: a task, the right answer, the known wrong ones, a hint and a solution.

    def stride_forgotten():
        '''You forgot the stride.'''
        return output_size(7, 3)

    rows = Exercise(
        "How many rows",
        task="7 rows, a kernel of 3 rows, stride 2. How many rows has the output?",
        right=lambda: output_size(7, 3, stride=2),
        mistakes=[stride_forgotten],
        hint="How often can the window move down by two rows?",
        solution="rows = (7 - 3) // 2 + 1",
        because="The window stands on rows 0, 2 and 4. Nothing is left over.",
    )

The right answer and the wrong ones are computed, never typed in.
"""

import inspect

import numpy as np

from convhelpers.check import check_function, check_value
from convhelpers.feedback import Feedback, Note, Status


class Exercise:
    """A task, and how to judge an answer to it.

    Without `cases`, the answer is a value: `right` and the `mistakes` are functions without arguments. With `cases`, a
    list of tuples of arguments, the answer is a function, which is tried on all of them beside `right`; the mistakes
    are functions of the same arguments, and may fail as a learner's would, with a `ValueError` or an `IndexError`.
    The docstring of a mistake is the sentence that names it; the first that fits is told. `hint` is a text; `solution`
    is code for the learner's cell, which gives the answer to the name that the cell checks; `because` says why it is
    right, after a right answer and with the solution.

    Raises `ValueError` for a mistake without a docstring.

    >>> def squared(n):
    ...     "You squared it."
    ...     return n * n
    >>> double = Exercise("Double", "Double the number.", lambda n: 2 * n, [squared], "Add it to itself.",
    ...                   "def double(n):\\n    return n + n", "2 n = n + n.", cases=[(2,), (3,)])
    >>> double.check(lambda n: n * n)
    ✗ known mistake: You squared it.
    n: 3
    expected: 6
    received: 9
    """

    def __init__(self, title, task, right, mistakes, hint, solution, because, cases=None):
        self.title = title
        self.task = task
        self.right = right
        self.mistakes = [(_sentence(mistake), mistake) for mistake in mistakes]
        self.cases = cases
        self.solution_code = solution.strip("\n")
        self.because = because
        self._hint = hint
        self.best = Feedback(Status.NOT_ATTEMPTED)  # the last one, until one is right

    def check(self, answer):
        """Judge an answer, and return a `Feedback`; the answer is not modified. What was right once stays so."""
        if self.cases is None:
            mistakes = [(sentence, wrong()) for sentence, wrong in self.mistakes]
            feedback = check_value(answer, self.right(), mistakes, self.because)
        else:
            feedback = check_function(answer, self.right, self.cases, self.mistakes, self.because)
        if self.best.status is not Status.RIGHT:
            self.best = feedback
        return feedback

    def hint(self):
        """Return a note that helps without telling the answer."""
        return Note("→", "hint", self._hint)

    def solution(self):
        """Return a note with a worked solution."""
        return Note("→", "one solution", self.because, (("code", self.solution_code),))

    def __repr__(self):
        return repr(self._note())

    def _repr_html_(self):
        return self._note()._repr_html_()

    def _note(self):
        return Note("→", self.title, self.task)


def _sentence(mistake):
    """What a mistake is called: its docstring, in one line."""
    text = inspect.getdoc(mistake)
    if not text:
        raise ValueError(f"mistakes must name themselves in their docstring; received {mistake.__name__} without one")
    return " ".join(text.split())


def with_fractions_cut_off(right):
    """Make a mistake that any exercise with numbers may list: what `right` gives, as whole numbers.

    >>> half = with_fractions_cut_off(lambda n: n / 2)
    >>> half(4), half(5)
    (array(2), array(2))
    """

    def mistake(*arguments):
        """Your output holds whole numbers only, so fractions are cut off."""
        return np.asarray(right(*arguments)).astype(int)

    mistake.__name__ = f"{right.__name__}_with_fractions_cut_off"
    return mistake


def progress(exercises):
    """Return a note of which exercises have been right in this kernel, or how they were last; nothing leaves it.

    >>> progress([Exercise("Double", "Double 2.", lambda: 4, [], "Add 2 to itself.", "answer = 4", "2 + 2 = 4.")])
    ○ 0 of 1 right
    1. Double: ○ not yet attempted
    """
    n_right = sum(exercise.best.status is Status.RIGHT for exercise in exercises)
    notes = [exercise.best.note for exercise in exercises]
    titles = [f"{place}. {exercise.title}" for place, exercise in enumerate(exercises, start=1)]
    details = tuple((title, f"{note.sign} {note.word}") for title, note in zip(titles, notes, strict=True))
    return Note("✓" if n_right == len(exercises) else "○", f"{n_right} of {len(exercises)} right", "", details)

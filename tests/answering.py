"""With this module one can answer an exercise and hear which known mistake it names: a help for the tests of them."""

from test_mistakes import MISTAKES

from convhelpers.exercises import LESSONS
from convhelpers.feedback import Status


def told(exercise, answer):
    """The sentence of the known mistake that an answer makes."""
    feedback = exercise.check(answer)
    assert feedback.status is Status.KNOWN_MISTAKE, feedback
    return feedback.message


def assert_met(met, lesson):
    """That a lesson's exercises recognise all mistakes that the lesson names: `met` says by which of theirs."""
    assert set(met) == set(MISTAKES[lesson])
    known = [wrong for exercise in LESSONS[lesson].EXERCISES for _, wrong in exercise.mistakes]
    for mistakes in met.values():
        assert set(mistakes) <= set(known)


def sentence_of(mistake):
    return " ".join(mistake.__doc__.split())

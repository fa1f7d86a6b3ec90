"""With this module one can answer an exercise and hear which known mistake it names: a help for the tests of them."""

from convhelpers.feedback import Status


def told(exercise, answer):
    """The sentence of the known mistake that an answer makes."""
    feedback = exercise.check(answer)
    assert feedback.status is Status.KNOWN_MISTAKE, feedback
    return feedback.message


def sentence_of(mistake):
    return " ".join(mistake.__doc__.split())

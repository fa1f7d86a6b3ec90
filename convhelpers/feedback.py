"""With this module one can say how an answer was, in a short coloured note with a sign and a word.

A note is HTML where there is a front end, and plain text elsewhere. What a learner wrote is text in it, never markup.
"""

import enum
from dataclasses import dataclass
from html import escape

from convhelpers.packing import style
from convhelpers.texts import seen


class Status(enum.Enum):
    """How an answer was: one of these seven, and nothing else."""

    RIGHT = "right"
    NOT_ATTEMPTED = "not yet attempted"
    WRONG_KIND = "wrong kind"
    WRONG_SHAPE = "wrong shape"
    KNOWN_MISTAKE = "known mistake"
    WRONG = "wrong"
    RAISED = "raised"


SIGNS = {Status.RIGHT: "✓", Status.NOT_ATTEMPTED: "○"}
TONES = {"✓": "right", "✗": "wrong"}
STYLE = style("feedback")


@dataclass(frozen=True, repr=False)
class Note:
    """A sign, a word, a message, and details below it: pairs of a name and a text of any number of lines.

    >>> Note("○", "hint", "Count the rows.", (("for example", "6 rows, 3 at a time"),))
    ○ hint: Count the rows.
    for example: 6 rows, 3 at a time
    """

    sign: str
    word: str
    message: str = ""
    details: tuple[tuple[str, str], ...] = ()

    def __repr__(self):
        heading = f"{self.sign} {self.word}"
        lines = [f"{heading}: {self.message}" if self.message else heading]
        for name, text in self.details:
            lines.append(f"{name}:\n{text}" if "\n" in text else f"{name}: {text}")
        return seen("\n".join(lines))

    def _repr_html_(self):
        details = "".join(
            f'<div><div class="chs-feedback-name">{escape(name)}</div>'
            f'<div class="chs-feedback-value">{escape(text)}</div></div>'
            for name, text in self.details
        )
        if details:
            details = f'<div class="chs-feedback-details">{details}</div>'
        return seen(
            f"<style>{STYLE}</style>"
            f'<section class="chs chs-feedback is-{TONES.get(self.sign, "open")}" role="status">'
            f"<p><strong>{self.sign} {escape(self.word)}</strong> {escape(self.message)}</p>"
            f"{details}</section>"
        )


@dataclass(frozen=True, repr=False)
class Feedback:
    """What is to be said of an answer: its status, a message, and details as in a `Note`.

    >>> Feedback(Status.RIGHT, "Four windows fit.")
    ✓ right: Four windows fit.
    """

    status: Status
    message: str = ""
    details: tuple[tuple[str, str], ...] = ()

    @property
    def note(self):
        """The note that shows it."""
        return Note(SIGNS.get(self.status, "✗"), self.status.value, self.message, self.details)

    def __repr__(self):
        return repr(self.note)

    def _repr_html_(self):
        return self.note._repr_html_()

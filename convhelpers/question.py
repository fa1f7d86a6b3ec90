"""With this module one can ask a quick question: choices, one of them right, and for each the reason why or why not.

    Question("What is 2 · 3?", [Choice("5", "That is the sum."), Choice("6", "Two threes.", right=True)])

The answer is given in the browser alone, with `static/question.js`, so that it needs no kernel. Where nothing runs,
the same object shows the question with its choices, and the answers folded.
"""

from html import escape
from typing import NamedTuple

import anywidget
import traitlets

from convhelpers.packing import packed
from convhelpers.sizes import SIZES, size_or_default
from convhelpers.texts import seen

MOST = 9  # one digit chooses


class Choice(NamedTuple):
    """What can be chosen: its text, the reason why it is right or why it is not, and whether it is right.

    What stands between backticks is set as code.
    """

    text: str
    reason: str
    right: bool = False


class Question(anywidget.AnyWidget):
    """A live view of a multiple-choice question; nothing tells which choice is right before one is chosen.

    `text` and `choices` stay as they were given, each choice as a dictionary of what `Choice` holds. `chosen` is the
    index of the choice that shows its reason, or -1; `size` is "normal" or "large" (for a projector), by default as
    `sizes` says. Both can be assigned at any time, and `chosen` follows the browser.

    Raises `TypeError` for choices of another kind, and `ValueError` unless there are 2 to 9, each with a text and a
    reason, and exactly one is right.

    >>> Question("What is 2 · 3?", [Choice("5", "That is the sum."), Choice("6", "Two threes.", right=True)])
    Question: What is 2 · 3?
    1. 5
    2. 6
    """

    _esm = traitlets.Unicode(packed("question")).tag(sync=True)
    text = traitlets.Unicode(read_only=True).tag(sync=True)
    choices = traitlets.List(read_only=True).tag(sync=True)
    chosen = traitlets.Int(-1).tag(sync=True)
    size = traitlets.Enum(SIZES, "normal").tag(sync=True)

    def __init__(self, text, choices, *, chosen=-1, size=None):
        # Before the widget is opened, since opening it sends its whole state.
        self.set_trait("text", seen(text))
        self.set_trait("choices", [_as_seen(choice) for choice in _checked(choices)])
        super().__init__(chosen=chosen, size=size_or_default(size))

    @traitlets.validate("chosen")
    def _check_chosen(self, proposal):
        if not -1 <= proposal.value < len(self.choices):
            raise ValueError(f"chosen must be from -1 to {len(self.choices) - 1}; received {proposal.value}")
        return proposal.value

    def __repr__(self):
        lines = [f"{number}. {choice['text']}" for number, choice in enumerate(self.choices, start=1)]
        return "\n".join([f"Question: {self.text}", *lines])

    def _repr_mimebundle_(self, **kwargs):
        """The live view, and beside it, for where none can be shown, the question with its answers folded."""
        data, metadata = super()._repr_mimebundle_(**kwargs)
        return data | {"text/html": _html(self.text, self.choices), "text/plain": repr(self)}, metadata


def _checked(choices):
    choices = list(choices)
    for choice in choices:
        if not isinstance(choice, Choice):
            raise TypeError(f"choices must be made with Choice; received {type(choice).__name__}")
        if not choice.text.strip() or not choice.reason.strip():
            raise ValueError(f"choices must have a text and a reason each; received {choice}")
    if not 2 <= len(choices) <= MOST:
        raise ValueError(f"choices must be 2 to {MOST}; received {len(choices)}")
    n_right = sum(choice.right for choice in choices)
    if n_right != 1:
        raise ValueError(f"choices must hold exactly one that is right; received {n_right}")
    return choices


def _as_seen(choice):
    """A choice as the browser gets it."""
    return {"text": seen(choice.text), "reason": seen(choice.reason), "right": choice.right}


def _html(text, choices):
    """The question, its choices, and the answers folded, as HTML that any page can take in."""
    texts = "".join(f"<li>{_marked_up(choice['text'])}</li>" for choice in choices)
    answers = "".join(
        f"<li>{'✓ <b>right' if choice['right'] else '✗ <b>not this one'}</b> — {_marked_up(choice['reason'])}</li>"
        for choice in choices
    )
    folded = f"<details><summary>Answers</summary><ol>{answers}</ol></details>"
    return f"<div><p><b>{_marked_up(text)}</b></p><ol>{texts}</ol>{folded}</div>"


def _marked_up(text):
    """Escaped, and what stands between backticks as code."""
    parts = [escape(part) for part in text.split("`")]
    return "".join(f"<code>{part}</code>" if index % 2 else part for index, part in enumerate(parts))

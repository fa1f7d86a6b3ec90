"""With this module one can step through a trace in the browser: one product, or one output, at a time.

    Stepper(record(cross_correlation(x.shape, k.shape), x, k))

Python computes the trace once and writes every number as text; stepping, playing and pointing happen in the browser
alone, with `static/stepper.js`, so that a busy or dead kernel makes no difference. Where nothing runs, the same
object shows a still picture of its step, with the step's sentence.
"""

import math

import anywidget
import numpy as np
import traitlets

from convhelpers import stills
from convhelpers.packing import packed
from convhelpers.scene import numbers_of, scene_of
from convhelpers.sizes import SIZES, size_or_default
from convhelpers.trace import Trace, record
from convhelpers.wording import checked_names, sentence

FROM_BROWSER = {"step", "by", "playing", "interval_ms", "size", "predict"}  # all else is Python's to say
IS_ANYBODY_THERE = {"anybody": True}


class Stepper(anywidget.AnyWidget):
    """A live view of a trace: linked panels, running sum, one sentence, and controls.

    `step` counts from 0 (nothing computed yet) to `trace.n_steps`; `by` is "product" or "output"; `interval_ms` is the
    time between two steps while `playing`; `size` is "normal" or "large" (for a projector), by default as `sizes` says;
    `names` (left, right) replace the operands' titles; `layout` is one of those of `layouts`: "window", "im2col" or
    "matrix". `predict` hides what comes, the next product or output as `by` has it, and asks for it: the browser checks
    what the learner types, and names known mistakes. All but `names` and `layout` can be assigned at any time, and
    follow the browser; pause before assigning a step, since one that the browser is just taking may overtake it.

    `stepper.trace = other` swaps the numbers in place and keeps the step where it still exists. Cells of the
    operands and biases can be edited in the browser; "reset numbers" goes back to those of the last assigned trace.

    Raises `TypeError` for what is no trace, and `ValueError` for a step outside it.

    >>> from convhelpers.pairing import sum_of_products
    >>> Stepper(record(sum_of_products((2, 2)), [[1, 2], [3, 4]], [[5, 6], [7, 8]]), step=4)
    Stepper: Product 4 of 4: A (1, 1) = 4 times B (1, 1) = 8 gives 32; the sum becomes 70. Output = 70.
    """

    _esm = traitlets.Unicode(packed("stepper")).tag(sync=True)
    scene = traitlets.Dict().tag(sync=True)
    numbers = traitlets.Dict().tag(sync=True)
    step = traitlets.Int(0).tag(sync=True)
    by = traitlets.Enum(["product", "output"], "product").tag(sync=True)
    playing = traitlets.Bool(False).tag(sync=True)
    interval_ms = traitlets.Int(700, min=20, max=60_000).tag(sync=True)
    size = traitlets.Enum(SIZES, "normal").tag(sync=True)
    predict = traitlets.Bool(False).tag(sync=True)
    edited = traitlets.Bool(False).tag(sync=True)
    notice = traitlets.Unicode("").tag(sync=True)
    n_edits = traitlets.Int(0, help="cells that the learner has edited or reset; for Python alone")

    def __init__(
        self, trace, *, step=0, by="product", interval_ms=700, size=None, names=None, layout="window", predict=False
    ):
        self._names = checked_names(names)
        self._layout = layout
        self._trace = _check_trace(trace)
        self._original = trace.operands
        self._knows_mistakes = predict
        options = {"step": step, "by": by, "interval_ms": interval_ms, "predict": predict}
        scene, numbers = self._drawn(trace)
        super().__init__(scene=scene, numbers=numbers, size=size_or_default(size), **options)
        self.on_msg(self._answer)

    @property
    def trace(self):
        """The trace that is shown; assign another to swap the numbers in place."""
        return self._trace

    @trace.setter
    def trace(self, trace):
        self.show(trace)

    @property
    def original(self):
        """The operands (left, right, bias) that "reset numbers" goes back to."""
        return self._original

    @property
    def names(self):
        """The operands' titles (left, right), or None for the usual ones."""
        return self._names

    @property
    def layout(self):
        """How the trace is laid out: "window", "im2col" or "matrix"."""
        return self._layout

    def show(self, trace, original=None):
        """Swap the trace; `original` (left, right, bias) is what "reset numbers" goes back to, else the trace's."""
        _check_trace(trace)
        self._swap(trace, original or trace.operands)

    @traitlets.validate("step")
    def _check_step(self, proposal):
        if not 0 <= proposal.value <= self._trace.n_steps:
            raise ValueError(f"step must be from 0 to {self._trace.n_steps}; received {proposal.value}")
        return int(proposal.value)

    @traitlets.observe("predict")
    def _send_mistakes(self, change):
        """Send what a prediction is compared with, the first time; a learner who does not predict is spared it."""
        if change.new and not self._knows_mistakes:
            self._knows_mistakes = True
            with self.hold_sync():
                self.scene, self.numbers = self._drawn(self._trace)

    def set_state(self, sync_data):
        """Take what the browser may say; a step that a shorter trace has just overtaken becomes its last one.

        What makes no sense changes nothing and is answered by a notice, since an error here would reach nobody.
        """
        taken = {name: value for name, value in sync_data.items() if name in FROM_BROWSER}
        step = taken.get("step")
        if isinstance(step, (int, float)) and not math.isnan(step):
            taken["step"] = max(0, min(step, self._trace.n_steps))
        try:
            super().set_state(taken)
        except (traitlets.TraitError, ValueError) as error:
            self.notice = _shown(str(error), most=200)
            self.send_state(list(taken))

    def _drawn(self, trace):
        """What the browser draws a trace from: scene and numbers."""
        scene = scene_of(trace, self._names, self._layout, self._knows_mistakes)
        return scene, numbers_of(trace, self._layout, self._knows_mistakes)

    def _swap(self, trace, original):
        """Show a trace in one message, so that the view never sees half of it; or raise, and change nothing."""
        scene, numbers = self._drawn(trace)
        with self.hold_sync():
            self._trace, self._original = trace, original
            self.step = min(self.step, trace.n_steps)
            self.scene, self.numbers = scene, numbers
            self.edited = not all(map(_equal, trace.operands, self._original))
            self.notice = ""

    def _answer(self, _, message, __):
        """Do what the browser asks for, an edited cell or a reset, and say so, or say why not."""
        if message != IS_ANYBODY_THERE:
            self._edit(message)
        self.send({"answered": True})

    def _edit(self, message):
        try:
            operands = self._original if _is_reset(message) else _with_edit(self._trace, *_edit_in(message))
            self._swap(record(self._trace.pairing, *operands), self._original)
            self.n_edits += 1
        except ValueError as error:
            self.notice = str(error)

    def __repr__(self):
        return f"Stepper: {sentence(self._trace, self.step, self.by, self._names)}"

    def _repr_mimebundle_(self, **kwargs):
        """The live view, and beside it, for where none can be shown, a still picture of the step and its sentence."""
        data, metadata = super()._repr_mimebundle_(**kwargs)
        picture = stills.step_picture(self._trace, self.step, self.by, self._names, self._layout)
        still, still_metadata = picture._repr_mimebundle_()
        return data | still | {"text/plain": repr(self)}, metadata | still_metadata


def _is_reset(message):
    return isinstance(message, dict) and bool(message.get("reset"))


def _edit_in(message):
    """(role, id, text) of a message that asks for an edit."""
    edit = tuple(message.get(name) for name in ("role", "id", "text")) if isinstance(message, dict) else ()
    if tuple(map(type, edit)) != (str, int, str):
        raise ValueError(f"an edit must have a role, an id and a text; received {_shown(repr(message))}")
    return edit


def _with_edit(trace, role, element, text):
    """The operands of a trace, with one element replaced by what the learner typed."""
    operands = dict(zip(("left", "right", "bias"), trace.operands, strict=True))
    operand = operands.get(role)
    if operand is None or not 0 <= element < operand.size:
        raise ValueError(f"no such cell to edit: {_shown(role)} {element}")
    value = parse_number(text)
    edited = operand.astype(np.result_type(operand, value))
    with np.errstate(over="ignore"):
        edited.flat[element] = value
    if not np.isfinite(edited.flat[element]):
        raise ValueError(f"{_shown(text)} is too large for a cell of {edited.dtype}")
    return tuple((operands | {role: edited}).values())


def parse_number(text):
    """Read what a learner types into a cell: 3, -0.5, 1e3, 1/9.

    >>> parse_number("−2"), parse_number("0.5"), parse_number("1/4")
    (-2, 0.5, 0.25)
    >>> parse_number("two")
    Traceback (most recent call last):
        ...
    ValueError: "two" is not a number; write something like 3, −0.5 or 1/9
    """
    numerator, *denominator = text.strip().replace("−", "-").split("/", maxsplit=1)
    try:
        # Not with `fractions`, which would write all the digits of 1e999999999 out.
        value = float(numerator) / (float(denominator[0]) if denominator else 1)
        if math.isnan(value):
            raise ValueError
    except (ValueError, ZeroDivisionError):
        raise ValueError(f'"{_shown(text)}" is not a number; write something like 3, −0.5 or 1/9') from None
    if abs(value) >= 2**53:
        raise ValueError(f"{_shown(text)} is too large for a cell; stay below 2**53")
    return int(value) if value.is_integer() else value


def _shown(text, most=40):
    """What was typed as it is shown again: cut where it is long, and with nothing in it that cannot be sent."""
    text = text.strip()
    return (text if len(text) <= most else f"{text[:most]}…").encode("utf-8", "replace").decode("utf-8")


def _equal(first, second):
    return first is second or np.array_equal(first, second, equal_nan=True)


def _check_trace(trace):
    if not isinstance(trace, Trace):
        raise TypeError(f"trace must be a Trace, made by trace.record; received {type(trace).__name__}")
    return trace

"""With this module one can put controls above a picture that choose what it shows: the frame of every explorer.

An explorer holds the learner's numbers whole, each operand an `Operand`, and shows the part that its controls choose.
An edit is written back into the whole. What is not shown stays as it is, under an edit and under "reset numbers".
A choice that cannot work is answered by a sentence, and the last picture that works stays.
"""

import contextlib
from dataclasses import dataclass, replace

import ipywidgets
import numpy as np

from convhelpers import stills
from convhelpers.pairing import check_size
from convhelpers.stepper import Stepper
from convhelpers.trace import record

LAST_GOOD = "The picture still shows the last choice that works."


def dropdown(description, options, value):
    """Make a choice among options, with its description before it."""
    return _fitted(ipywidgets.Dropdown(options=options, value=value, description=description), "auto")


def number_field(description, value):
    """Make a field for any whole number: one that makes no sense is answered by the package's own sentence."""
    field = ipywidgets.IntText(value=value, description=description)
    return _fitted(field, f"{5 + 0.55 * len(description):.1f}em")


def checkbox(description, value):
    """Make a box to tick, with its description behind it."""
    return _fitted(ipywidgets.Checkbox(value, description=description, indent=False), "auto")


def _fitted(control, width):
    control.style.description_width = "auto"
    control.layout.width = width
    return control


def check_choice(value, name, choices, other=""):
    """Refuse a first choice that is none of `choices`; errors call it `name`, and `other` is what is allowed besides.

    >>> check_choice("sobel", "kernel", ["identity", "emboss"], ", or an array")
    Traceback (most recent call last):
        ...
    ValueError: kernel must be one of identity, emboss, or an array; received 'sobel'
    """
    if not isinstance(value, str) or value not in choices:
        raise ValueError(f"{name} must be one of {', '.join(choices)}{other}; received {value!r}")


@dataclass(frozen=True, eq=False)
class Operand:
    """One operand, whole: the numbers it had at first, those it has now, and the index of the part that is shown.

    An index of None shows nothing of it.

    >>> weights = np.arange(6).reshape(2, 3)
    >>> last_row = Operand.unedited(weights).part(np.s_[1:])
    >>> last_row.edited(np.array([[3, 40, 5]])).current
    array([[ 0,  1,  2],
           [ 3, 40,  5]])
    """

    original: np.ndarray
    current: np.ndarray
    at: object = ()

    @classmethod
    def unedited(cls, numbers):
        """Return an operand with a copy of the numbers, all of them shown."""
        numbers = numbers.copy()
        return cls(numbers, numbers)

    @property
    def shown(self):
        """The part that is shown, or None."""
        return None if self.at is None else self.current[self.at]

    @property
    def original_shown(self):
        """What this part was at first, or None."""
        return None if self.at is None else self.original[self.at]

    def part(self, at):
        """Return the operand with another part shown: `at` is an index of slices, numbers and new axes."""
        return replace(self, at=at)

    def resized(self, rows, columns):
        """Return the operand cut, or filled up with zeros, to so many rows and columns: its last two axes.

        Raises `ValueError` for a size below 1, and for one too large to look at.
        """
        if min(rows, columns) < 1:
            raise ValueError(f"a kernel must have 1 or more rows and columns; received ({rows}, {columns})")
        *others, height, width = self.current.shape
        missing = max(0, rows - height), max(0, columns - width)
        check_size((*others, height + missing[0], width + missing[1]), "kernel")
        zeros = [(0, 0)] * len(others) + [(0, count) for count in missing]
        return Operand(np.pad(self.original, zeros), np.pad(self.current, zeros), np.s_[..., :rows, :columns])

    def edited(self, shown):
        """Return the operand with other numbers in the part that is shown; the others stay."""
        current = self.current.astype(np.result_type(self.current, shown))
        current[self.at] = shown
        # A reset brings the type back, too.
        as_before = np.array_equal(current, self.original, equal_nan=True)
        return replace(self, current=self.original if as_before else current)


def _whole(numbers):
    """All the numbers, shown; for None, none."""
    return Operand.unedited(np.empty(0)).part(None) if numbers is None else Operand.unedited(numbers)


class Explorer(ipywidgets.VBox):
    """Controls above a view, which also stands still where no view can be shown.

    A subclass answers a control in `_choose`, and draws the picture that stands still in `_still`.
    """

    def __init__(self, controls, view):
        row = ipywidgets.HBox(controls, layout=ipywidgets.Layout(flex_flow="row wrap", grid_gap="4px 12px"))
        super().__init__([row, view])
        for control in controls:
            control.observe(self._choose, "value")

    @contextlib.contextmanager
    def as_it_was(self):
        """Let the controls be moved for a while; afterwards all is as it was."""
        before = [(control, control.value, control.disabled) for control in self.children[0].children]
        try:
            yield
        finally:
            for control, value, disabled in before:
                control.value, control.disabled = value, disabled

    def _repr_mimebundle_(self, **kwargs):
        still, metadata = self._still()._repr_mimebundle_()
        return super()._repr_mimebundle_(**kwargs) | still | {"text/plain": repr(self)}, metadata


class StepperExplorer(Explorer):
    """A stepper whose controls choose which part of its operands it shows, and under which operation.

    A subclass makes its controls, and then hands them on with the operands, whole, and the stepper's options. It says
    in `_pairing` which operation the controls stand for, and in `_select` which part of the operands. Where there are
    no biases, they are an operand without numbers that is not shown.
    """

    def __init__(self, controls, left, right, bias=None, **options):
        self._quiet = False
        self._refusal = ""
        self._operands = self._select(*map(_whole, (left, right, bias)))
        self.stepper = Stepper(self._trace(self._operands), **options)
        self._shown_original = self.stepper.original
        super().__init__(controls, self.stepper)
        self.stepper.observe(self._after_edit, "n_edits")
        self.add_class("chs-explorer")  # by which the view knows whose controls it listens to
        if self.stepper.size == "large":
            self.add_class("chs-explorer-large")

    def _select(self, left, right, bias):
        """Return the operands with the part shown that the controls stand for."""
        return left, right, bias

    def _prepare(self, change):
        """Bring other controls in line with the one that changed."""

    @contextlib.contextmanager
    def _quietly(self):
        """Set controls without answering them."""
        self._quiet = True
        try:
            yield
        finally:
            self._quiet = False

    @contextlib.contextmanager
    def as_it_was(self):
        """Let the controls be moved for a while; afterwards all is as it was, also numbers that a choice drops."""
        stepper, operands, refusal = self.stepper, self._operands, self._refusal
        trace, original, step, notice = stepper.trace, stepper.original, stepper.step, stepper.notice
        controls = contextlib.ExitStack()
        controls.enter_context(super().as_it_was())
        try:
            yield
        finally:
            with self._quietly():  # one picture is enough
                controls.close()
            stepper.show(trace, original)
            self._operands, self._shown_original, self._refusal = operands, original, refusal
            stepper.step, stepper.notice = step, notice

    def _choose(self, change):
        if self._quiet:
            return
        self._prepare(change)
        self._take_up()
        try:
            operands = self._select(*self._operands)
            self.stepper.show(self._trace(operands), tuple(operand.original_shown for operand in operands))
        except (ValueError, TypeError) as error:
            self._refusal = self.stepper.notice = f"{error}. {LAST_GOOD}"
            return
        self._operands, self._shown_original, self._refusal = operands, self.stepper.original, ""

    def _trace(self, operands):
        left, right, bias = (operand.shown for operand in operands)
        return record(self._pairing(left.shape, right.shape), left, right, bias)

    def _take_up(self):
        """Write the numbers that are shown back into the operands; a trace assigned to the stepper brings new ones."""
        trace, original = self.stepper.trace, self.stepper.original
        if original is not self._shown_original:
            self._operands, self._shown_original = tuple(map(_whole, original)), original
        shown = zip(self._operands, trace.operands, strict=True)
        self._operands = tuple(operand if part is None else operand.edited(part) for operand, part in shown)

    def _after_edit(self, _):
        """Say again what is refused: the controls still stand for it, and the picture with its new number does not."""
        self._take_up()
        self.stepper.notice = self._refusal

    def _still(self):
        stepper = self.stepper
        return stills.step_picture(stepper.trace, stepper.step, stepper.by, stepper.names, stepper.layout)

    def __repr__(self):
        return repr(self.stepper)

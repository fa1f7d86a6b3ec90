"""With this module one can record what an explorer shows under each of a few choices, for a page without a kernel.

A lesson declares the choices in the metadata of the explorer's cell: `recorded_choices`, for each control by its name
the values that are worth recording. `export` lets the lesson's own kernel record them, at its end.
"""

import base64
import io
from itertools import product

from PIL import Image

MIME = "application/vnd.convhelpers.recorded+json"


class Recording(dict):
    """What `record` returns; a cell that ends in it has it as data in its output, which only an export reads."""

    def _repr_mimebundle_(self, **_):
        return {MIME: dict(self)}


def record(explorer, choices):
    """Return what the explorer shows for every combination of choices; it is left as it was.

    `choices` gives, for each control by its name, a list of values. Returned are the `controls` with the texts of
    their choices and the index of the one that was set, in the explorer's order; the different `states`, each with a
    line of all that is set besides; and a `table` of indices into them, one a combination, the last control the
    fastest. A combination that cannot work is a state with the sentence that refuses it.

    Raises `ValueError` for a control that the explorer does not have, for a value that its control does not take, and
    unless the value set at first is recorded; `TypeError` for values that are no list.

    >>> from convhelpers import explore
    >>> recorded = record(explore.convolution([[1, 2, 3]], [[4, 5]]), {"stride": [1, 2], "padding": ["valid"]})
    >>> recorded["controls"]
    [{'name': 'padding', 'options': ['valid'], 'at': 0}, {'name': 'stride', 'options': ['1', '2'], 'at': 0}]
    >>> recorded["table"], recorded["states"][1]["besides"]
    ([0, 1], 'kernel: your own · rows: 1 · columns: 2 · dilation: 1 · turn the kernel (convolution): no')
    """
    values_of = _checked(explorer, choices)
    states, table = [], []
    for values in product(*values_of.values()):
        with explorer.as_it_was():  # each choice begins there, since one may drop numbers that another needs
            _assign(values_of, values)
            state = _state(explorer, values_of)
        if state not in states:
            states.append(state)
        table.append(states.index(state))
    names = {getattr(explorer, name): name for name in choices}
    controls = [
        {
            "name": control.description or names[control],
            "options": [_word(value) for value in values],
            "at": values.index(control.value),
        }
        for control, values in values_of.items()
    ]
    return Recording(controls=controls, states=states, table=table)


def settings(states):
    """Say in one line what controls are set to, by their states; those that are disabled have no say.

    >>> settings([{"description": "stride", "value": 2}, {"description": "flip", "value": True, "disabled": True}])
    'stride: 2'
    """
    return " · ".join(
        f"{state['description']}: {_set_to(state)}" if state["description"] else _set_to(state)
        for state in states
        if not state.get("disabled")
    )


def plain(value):
    """Return a synced state as JSON can hold it: bytes become {"base64": text}.

    >>> plain({"places": b"\\x00\\x01", "terms": 9})
    {'places': {'base64': 'AAE='}, 'terms': 9}
    """
    if isinstance(value, bytes):
        return {"base64": base64.b64encode(value).decode("ascii")}
    if isinstance(value, dict):
        return {name: plain(part) for name, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(part) for part in value]
    return value


def _checked(explorer, choices):
    """The values to record for each control, in the explorer's own order: a notebook keeps no order of its metadata."""
    values_of = {}
    for name, values in choices.items():
        control = getattr(explorer, name, None) if isinstance(name, str) else None
        if control not in _controls(explorer):
            raise ValueError(f"choices must name controls of {type(explorer).__name__}; received {name!r}")
        if not isinstance(values, (list, tuple)):
            raise TypeError(f"choices of {name} must be a list of values; received {values!r}")
        if control.value not in values:
            raise ValueError(f"choices of {name} must hold {control.value!r}, as it is set; received {values}")
        values_of[control] = values
    return {control: values_of[control] for control in _controls(explorer) if control in values_of}


def _controls(explorer):
    return explorer.children[0].children


def _assign(controls, values):
    for control, value in zip(controls, values, strict=True):
        _set(control, value)


def _set(control, value):
    """Set a control to what it takes as it is: a field for whole numbers would make 2 of 2.5 without a word."""
    name = control.description or "a control"
    try:
        control.value = value
    except Exception as error:  # each kind of control refuses in its own way
        raise ValueError(f"choices of {name} must be values that it takes; received {value!r}") from error
    if control.value != value or type(control.value) is not type(value):
        raise ValueError(f"choices of {name} must be values that it takes; received {value!r}")


def _state(explorer, chosen):
    """What the explorer shows now: the stepper's scene and numbers, or its picture; or why it cannot."""
    others = [control.get_state() for control in _controls(explorer) if control not in chosen]
    besides = {"besides": settings(others)}
    stepper = getattr(explorer, "stepper", None)
    if stepper is None:
        bundle, metadata = explorer._repr_mimebundle_()
        return besides | {"picture": _as_webp(bundle["image/png"]), "text": metadata["image/png"]["alt"]}
    if stepper.notice:
        return {"refused": stepper.notice}
    return besides | plain({"scene": stepper.scene, "numbers": stepper.numbers})


def _as_webp(png):
    """A photograph in a quarter of the bytes, since a page holds one for each choice."""
    smaller = io.BytesIO()
    Image.open(io.BytesIO(base64.b64decode(png))).convert("RGB").save(smaller, "WEBP", quality=90, method=6)
    return base64.b64encode(smaller.getvalue()).decode("ascii")


def _set_to(state):
    if "_options_labels" not in state:
        return _word(state["value"])
    index = state["index"]
    chosen = [] if index is None else index if isinstance(index, (list, tuple)) else [index]
    return ", ".join(state["_options_labels"][i] for i in chosen) or "nothing"


def _word(value):
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)

"""With this module a kernel says what the page should show: every text comes from the trace, none from the view.

A browser test lets the kernel of an open lesson import it, and asks for a widget by its model's id. All that is
returned can be written as JSON.
"""

import base64

import numpy as np
from ipywidgets.widgets.widget import _instances

from convhelpers.panels import grey_levels
from convhelpers.wording import number, sentence, subtotals, term_groups

# How the page shows a control, by the class of its model.
KINDS = {"DropdownModel": "select", "IntTextModel": "number", "CheckboxModel": "tick", "ToggleButtonsModel": "toggle"}


def told(model_id, by="product", steps=None):
    """What a stepper shows at these steps, by default at all, -1 being the last; and what its model holds now."""
    stepper = stepper_of(model_id)
    trace, pairing = stepper.trace, stepper.trace.pairing
    unit = trace.steps_per_output if by == "output" else 1
    steps = range(0, trace.n_steps + 1, unit) if steps is None else [step % (trace.n_steps + 1) for step in steps]
    outputs = {trace.locate(max(step, 1))[0] for step in steps}
    added = subtotals(trace)
    shaded = [panel["role"] for panel in stepper.scene["panels"] if any(grid["shaded"] for grid in panel["grids"])]
    return {
        "known": state_of(model_id),
        "terms": pairing.n_terms,
        "per": trace.steps_per_output,
        "outputs": _texts(trace.running_sums[:, -1]),
        "products": {output: _texts(trace.products[output]) for output in outputs},
        "subtotals": {output: _texts(added[output]) for output in outputs},
        "stops": [stop for _, stop, _ in term_groups(pairing)],
        "shades": {role: np.ravel(grey_levels(trace)[role]).tolist() for role in shaded},
        "steps": [_told_at(stepper, by, unit, step) for step in steps],
    }


def _told_at(stepper, by, unit, step):
    trace, pairing = stepper.trace, stepper.trace.pairing
    noun = "output" if unit > 1 or trace.steps_per_output == 1 else "step"
    said = {
        "step": step,
        "position": f"{noun} {step // unit} of {trace.n_steps // unit}",
        "sentence": sentence(trace, step, by, stepper.names),
    }
    if step == 0:
        return said | {"sum": "…", "term": "", "left": "", "right": "", "bias": ""}
    output, term = trace.locate(step)
    said["sum"] = number(trace.running_sums[output, term])
    if term == pairing.n_terms:
        bias = number(trace.bias[pairing.bias_index[output]])
        return said | {"term": f"bias {bias}", "left": "", "right": "", "bias": bias}
    padded = np.append(trace.left, np.zeros(pairing.n_padding, trace.left.dtype))
    left = number(padded[pairing.places[output, term]])
    right = number(trace.right.flat[pairing.right[output, term]])
    return said | {"term": f"{_bracketed(left)}·{_bracketed(right)}", "left": left, "right": right, "bias": ""}


def state_of(model_id):
    """What a stepper's model holds, and what its numbers are: the shapes, and the cells that a learner has edited."""
    stepper = stepper_of(model_id)
    trace = stepper.trace
    roles = zip(("left", "right", "bias"), trace.operands, stepper.original, strict=True)
    return {
        "n_steps": trace.n_steps,
        "per": trace.steps_per_output,
        "shapes": [trace.left.shape, trace.right.shape],
        "has_bias": trace.bias is not None,
        "layout": stepper.layout,
        "notice": stepper.notice,
        "edits": [edit for role, now, before in roles if now is not None for edit in _edits(role, now, before)],
        **{name: getattr(stepper, name) for name in ("step", "by", "interval_ms", "playing", "predict", "edited")},
    }


def _edits(role, now, before):
    changed = np.flatnonzero(now != before)
    return [[role, int(place), float(now.flat[place])] for place in changed]


def answer_to(model_id, step):
    """The texts of the next product and of the next output, counted from a step."""
    trace = stepper_of(model_id).trace
    output, term = divmod(step, trace.steps_per_output)
    return {"product": number(trace.products[output, term]), "output": number(trace.running_sums[output, -1])}


def chosen(model_id):
    """What the controls above a stepper are set to, and its last step."""
    return {"controls": controls_of(model_id), "told": told(model_id, steps=[-1])}


def controls_of(model_id):
    """The controls above a picture, as the page shows them: [kind, value or place among the options, disabled]."""
    states = [control.get_state() for control in _instances[model_id].children[0].children]
    return [
        [KINDS[state["_model_name"]], state.get("index", state.get("value")), state.get("disabled", False)]
        for state in states
    ]


def choices_of(model_id):
    """For each control above a picture, its name and the labels of its options; a field and a box to tick have none."""
    states = [control.get_state() for control in _instances[model_id].children[0].children]
    return [[state["description"], list(state.get("_options_labels", []))] for state in states]


def picture_of(model_id):
    """The PNG and the caption of a picture that is not stepped."""
    picture = _instances[model_id]._still()
    return {"png": base64.b64encode(picture.png).decode("ascii"), "alt": picture.alt}


def question_of(model_id):
    """The choices of a question, and which of them the kernel knows to be chosen."""
    question = _instances[model_id]
    verdicts = ["✓ right" if choice["right"] else "✗ not this one" for choice in question.choices]
    replies = [f"{verdict} — {choice['reason']}" for verdict, choice in zip(verdicts, question.choices, strict=True)]
    return {"replies": [reply.replace("`", "") for reply in replies], "chosen": question.chosen}


def kind_of(model_id):
    """What stands in an output: a "question", a "stepper", an "explorer" of a stepper, or a "picture" with controls."""
    widget = _instances[model_id]
    if hasattr(widget, "choices"):
        return "question"
    if hasattr(widget, "trace"):
        return "stepper"
    return "explorer" if hasattr(widget, "stepper") else "picture"


def stepper_of(model_id):
    """The stepper with this model, or the one below the controls with this model."""
    widget = _instances[model_id]
    return getattr(widget, "stepper", widget)


def _texts(values):
    return [number(value) for value in values.tolist()]


def _bracketed(text):
    return f"({text})" if text.startswith("−") else text

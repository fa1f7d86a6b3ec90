"""With this module one can take the widgets out of a notebook that has run, as data from which a page shows them.

nbclient keeps the state of every widget; a stepper and a question need nothing else, neither kernel nor widget
manager. In each output that shows a widget, a mount point takes the widget's place: what stands still there, and the
index of the view that `static/mounting.js` puts in its place.
"""

import json

import nbformat

from convhelpers import packing, recording
from convhelpers.store import VIEW, code_cells

MOUNT = "application/vnd.convhelpers.mount+json"
STATES = "application/vnd.jupyter.widget-state+json"
SCRIPTS = {"convhelpers.stepper.Stepper": "stepper", "convhelpers.question.Question": "question"}


def take_views(notebook):
    """Put a mount point in the place of each widget of `notebook`; return the views, a dictionary each.

    A view has a `script` and a `state`, and the line `besides` of what the controls around it were set to; where the
    choices of an explorer were recorded, also what `recording.record` returns. Controls with nothing of ours behind
    them are a view without a script. What other widgets hold (texts, HTML, outputs) becomes outputs of the cell.
    """
    states = notebook.metadata.get("widgets", {}).get(STATES, {}).get("state", {})
    views = []
    for cell in code_cells(notebook):
        cell.outputs = [shown for output in cell.outputs for shown in _taken(output, states, views)]
    return views


def packed(views):
    """Return views as text for a page, deflated: what is recorded for a dozen choices is nearly the same each time."""
    return packing.deflated(json.dumps(views))


def scripts(views):
    """Return the names of the scripts that the views need."""
    return sorted({view["script"] for view in views if view["script"]})


def _taken(output, states, views):
    """The outputs that take the place of one; the views behind them are added to `views`."""
    data = output.get("data", {})
    if recording.MIME in data:
        views[-1].update(data[recording.MIME])
        return []
    if VIEW not in data:
        return [output]
    models = [states[id_] for id_ in _with_children(states, data[VIEW]["model_id"])]
    still = _standing_still(output)
    mounts = []
    for view in _views(models):
        # Only the first of several has what stands still there.
        shown = dict.fromkeys(still, "") if mounts else still
        mounts.append(_display({MOUNT: {"index": len(views), **shown, "besides": view["besides"]}}))
        views.append(view)
    return mounts + (_held_by_others(models) if not still["picture"] else [])


def _views(models):
    """The steppers and questions among widgets, the first with a line of what the controls are set to."""
    line = recording.settings([model["state"] for model in models if _is_control(model["state"])])
    ours = [model for model in models if model["state"].get("_anywidget_id") in SCRIPTS]
    views = [
        {"script": SCRIPTS[model["state"]["_anywidget_id"]], "state": _synced(model), "besides": line if first else ""}
        for first, model in zip([True] + [False] * len(ours), ours, strict=False)
    ]
    return views or [{"script": None, "state": {}, "besides": line}]


def _is_control(state):
    """Whether a widget is one to choose with: it has a value, and a description or options."""
    return "_options_labels" in state or bool(state.get("description") and "value" in state)


def _held_by_others(models):
    """What widgets of other makers hold, as outputs."""
    outputs = []
    for model in models:
        state = model["state"]
        if model["model_name"] == "OutputModel":
            outputs += map(nbformat.from_dict, state["outputs"])
        elif model["model_name"] in ("HTMLModel", "HTMLMathModel"):
            outputs.append(_display({"text/html": state["value"]}))
        elif model["model_name"] == "LabelModel":
            outputs.append(_display({"text/plain": state["value"]}))
    return outputs


def _display(data):
    return nbformat.v4.new_output("display_data", data)


def _with_children(states, model_id):
    """The ids of a widget and of all that it is made of, from the outside in."""
    children = states[model_id]["state"].get("children", [])
    return [model_id, *(id_ for child in children for id_ in _with_children(states, child.removeprefix("IPY_MODEL_")))]


def _synced(model):
    """The traits of a widget of ours, with its binary parts where they belong."""
    state = json.loads(json.dumps(model["state"]))
    for buffer in model.get("buffers", []):
        *path, name = buffer["path"]
        parent = state
        for part in path:
            parent = parent[part]
        parent[name] = {"base64": buffer["data"]}
    foreign = ("layout", "tabbable", "tooltip")
    return {name: value for name, value in state.items() if not name.startswith("_") and name not in foreign}


def _standing_still(output):
    """What an output shows without a view: picture, text that stands in for it, HTML."""
    picture = output.data.get("image/png", "")
    text = output.metadata.get("image/png", {}).get("alt", "") if picture else output.data.get("text/plain", "")
    return {"picture": picture.replace("\n", ""), "text": text, "html": output.data.get("text/html", "")}

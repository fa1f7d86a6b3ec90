"""With this module one can take the widgets out of a notebook that has run, as data from which a page shows them.

nbclient keeps the state of every widget; a stepper and a question need nothing else, neither kernel nor widget
manager. In each output that shows a widget, a mount point takes the widget's place: what stands still there, and the
index of the view that `static/mounting.js` puts in its place.
"""

import json

from convhelpers import packing, recording
from convhelpers.store import VIEW, code_cells

MOUNT = "application/vnd.convhelpers.mount+json"
STATES = "application/vnd.jupyter.widget-state+json"
SCRIPTS = {"convhelpers.stepper.Stepper": "stepper", "convhelpers.question.Question": "question"}


def take_views(notebook):
    """Put a mount point in the place of each widget of `notebook`; return the views, a dictionary each.

    A view has a `script` and a `state`, and for an explorer the line `besides` of what its controls were set to; where
    its choices were recorded, also what `recording.record` returns.
    """
    states = notebook.metadata.get("widgets", {}).get(STATES, {}).get("state", {})
    views = []
    for cell in code_cells(notebook):
        for output in cell.outputs:
            if VIEW in output.get("data", {}):
                view = _view(states, output.data.pop(VIEW)["model_id"])
                output.data[MOUNT] = {"index": len(views), **_standing_still(output), "besides": view["besides"]}
                views.append(view)
            elif recording.MIME in output.get("data", {}):
                views[-1].update(output.data[recording.MIME])
        cell.outputs = [output for output in cell.outputs if recording.MIME not in output.get("data", {})]
    return views


def packed(views):
    """Return views as text for a page, deflated: what is recorded for a dozen choices is nearly the same each time."""
    return packing.deflated(json.dumps(views))


def scripts(views):
    """Return the names of the scripts that the views need."""
    return sorted({view["script"] for view in views if view["script"]})


def _view(states, model_id):
    """The stepper or question behind a widget, and in a line what the controls around it are set to."""
    inner = [states[id_] for id_ in _with_children(states, model_id)]
    script, state = None, {}
    for model in inner:
        if model["state"].get("_anywidget_id") in SCRIPTS:
            script, state = SCRIPTS[model["state"]["_anywidget_id"]], _synced(model)
    controls = [model["state"] for model in inner if _is_control(model["state"])]
    return {"script": script, "state": state, "besides": recording.settings(controls)}


def _is_control(state):
    """Whether a widget is one to choose with; a text or a picture has no description, and no options."""
    return bool(state.get("description")) or "_options_labels" in state


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

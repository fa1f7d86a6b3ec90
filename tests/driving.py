"""Controls driven as the browser drives them: a help for the tests of the explorers.

Ipywidgets logs an error of a handler that the browser has started, and goes on, and the learner sees nothing. With
the fixture `no_swallowed_errors` such an error fails its test.
"""

import ipywidgets
import numpy as np
import pytest


@pytest.fixture(autouse=True)
def no_swallowed_errors(caplog):
    yield
    swallowed = [entry.getMessage() for entry in caplog.get_records("call") if "Exception in" in entry.getMessage()]
    assert swallowed == []


@pytest.fixture(autouse=True)
def close_widgets():
    """Ipywidgets keeps every widget that is not closed, and complains when Python ends before it."""
    yield
    ipywidgets.Widget.close_all()


def choose(control, value):
    """Set a control as the browser does: choices by their index, all else by value."""
    if hasattr(control, "options"):
        _message(control, {"method": "update", "state": {"index": list(control.options).index(value)}})
    else:
        _message(control, {"method": "update", "state": {"value": value}})
    assert control.value == value


def edit(explorer, **content):
    """Edit a cell (role, id, text) or reset the numbers, as the view does."""
    _message(explorer.stepper, {"method": "custom", "content": content})


def _message(widget, content):
    widget._handle_msg({"content": {"data": content}, "buffers": []})


def assert_output(explorer, expected):
    """The stepper shows this output, and says nothing else."""
    trace = explorer.stepper.trace
    assert explorer.stepper.notice == ""
    assert trace.output.shape == expected.shape
    assert trace.output.dtype == expected.dtype
    np.testing.assert_allclose(trace.output, expected, rtol=1e-13, atol=1e-13)

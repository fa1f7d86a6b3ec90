"""What one view holds, and forty of them in one notebook, beside as many `interact` sliders with their pictures."""

import json
import time

from in_lab import INTERACT, INTERACT_NAME, INTERACT_SETUP, SETUP, STEPPER, lab, notebook_of
from measuring import Row, Summary
from nbclient import NotebookClient

N_VIEWS, N_TRACED = 40, 10
CELLS = {"ours": STEPPER, "theirs": INTERACT}
SHOWN = {"ours": ".chs-stepper", "theirs": ".widget-interact img"}
# One view first, so that what all share is paid; what is traced after it is what further ones hold.
TRACE = "import gc, tracemalloc\n_ = gc.collect()\ntracemalloc.start()"
TRACED = "_ = gc.collect()\nprint(tracemalloc.get_traced_memory()[0])"


def rows():
    """Measure one view by its memory and by what a notebook stores, and forty by their time and memory in the page."""
    kernel = {who: in_the_kernel(cell) for who, cell in CELLS.items()}
    with lab() as (opened, _):
        page = {who: in_the_page(opened, who) for who in CELLS}
    yield row("one more view, memory in the kernel", kernel, 0, "kB")
    yield row("one more view, stored in the notebook", kernel, 1, "kB")
    yield row("forty views, run until all show", page, 0, "s")
    yield row("forty views, JavaScript's memory", page, 1, "MB")


def row(what, measured, column, unit):
    ours, theirs = (Summary.of([measured[who][column]]) for who in ("ours", "theirs"))
    return Row(what, ours, INTERACT_NAME, theirs, unit)


def in_the_kernel(cell):
    """Return the kilobytes that a further view holds, and those of its output and state, as a notebook stores them."""
    notebook = notebook_of([SETUP, INTERACT_SETUP, cell, TRACE, *[cell] * N_TRACED, TRACED])
    NotebookClient(notebook, coalesce_streams=True).execute()
    outputs = [cell.outputs for cell in notebook.cells[-1 - N_TRACED : -1]]
    states = notebook.metadata.widgets["application/vnd.jupyter.widget-state+json"]["state"]
    stored = len(json.dumps(outputs)) / N_TRACED + len(json.dumps(states)) / (N_TRACED + 1)
    return int(notebook.cells[-1].outputs[0].text) / N_TRACED / 1e3, stored / 1e3


def in_the_page(opened, who):
    """Return the seconds from "run all" until all views show, and the megabytes that JavaScript then holds for them."""
    notebook = opened(SETUP, INTERACT_SETUP, *[CELLS[who]] * N_VIEWS)
    notebook.run_cell(0)
    notebook.run_cell(1)
    before = heap(notebook.page)
    start = time.perf_counter()
    notebook.command("notebook:run-all-cells")
    count = "([selector, n]) => document.querySelectorAll(selector).length === n"
    notebook.page.wait_for_function(count, arg=[SHOWN[who], N_VIEWS], timeout=300_000)
    seconds = time.perf_counter() - start
    notebook.wait_until_idle()
    megabytes = heap(notebook.page) - before
    notebook.page.close()
    return seconds, megabytes


def heap(page):
    """Return the megabytes of JavaScript's heap; pictures and what the browser draws are not in it."""
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    return session.send("Runtime.getHeapUsage")["usedSize"] / 1e6

"""Each lesson's run in a fresh kernel, and its memory after the last cell, beside an empty notebook.

The empty notebook imports NumPy, Matplotlib's Agg and ipywidgets, and no more: what any lesson of this kind must pay.
The slowest lesson and the one with the most memory are named; the others need less.
"""

import time

import nbformat
from measuring import Row, Summary
from nbclient import NotebookClient

from convhelpers.lessons import NOTEBOOKS, all_lessons

BARE = "import numpy, ipywidgets, matplotlib.backends.backend_agg"
# The largest memory that the kernel ever held: kilobytes on Linux, bytes on macOS.
MEMORY = "import resource, sys\nprint(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, sys.platform)"
N_ROUNDS = 3
IN_PLACE = {"metadata": {"path": NOTEBOOKS}}


def rows():
    """Run all lessons and the empty notebook in turns; measure the slowest lesson, and that with the most memory."""
    runs = {path.stem: [] for path in all_lessons()} | {"empty": []}
    for _ in range(N_ROUNDS):
        for name, of_name in runs.items():
            of_name.append(run(name))
    for column, what, unit in ((0, "slowest lesson, its run", "s"), (1, "lesson with the most memory", "MB")):
        summed = {name: Summary.of([each[column] for each in of_name]) for name, of_name in runs.items()}
        empty = summed.pop("empty")
        most = max(summed, key=lambda name: summed[name].median)
        yield Row(f"{what} ({most})", summed[most], "empty notebook", empty, unit)


def run(name):
    """Return (seconds, megabytes) of a run in a fresh kernel, the kernel's start included."""
    if name == "empty":
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(BARE)])
    else:
        notebook = nbformat.read(NOTEBOOKS / f"{name}.ipynb", 4)
    notebook.cells.append(nbformat.v4.new_code_cell(MEMORY))
    start = time.perf_counter()
    NotebookClient(notebook, kernel_name="python3", coalesce_streams=True, resources=IN_PLACE).execute()
    seconds = time.perf_counter() - start
    most, platform = notebook.cells[-1].outputs[0].text.split()
    return seconds, int(most) / (1e6 if platform == "darwin" else 1e3)

"""With this module one can run the notebooks afresh and store them in one form, so that a diff shows only what changed.

`python3 -m convhelpers store` calls it inside .venv. The form: cells run in order in a new kernel; outputs and stable
cell ids; no times, no widget state, no details of the machine's Python. A live view is stored as what stands beside it
in the same output (picture, text): a reopened or rendered notebook has no model behind the view, and would show
"model not found" in its place. Of an error that a cell is meant to raise, the last line is stored: the frames above it
name folders of this machine. nbval compares neither views nor tracebacks, so the stored notebook still passes it.
"""

import argparse
import json
import os
import sys

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from convhelpers import lessons

VIEW = "application/vnd.jupyter.widget-view+json"
KERNELSPEC = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
LANGUAGE = {"name": "python"}
# What front ends note about one person's sitting with a cell, not about the lesson.
PASSING_METADATA = ("ExecuteTime", "collapsed", "execution", "scrolled", "trusted")


class StoreError(Exception):
    """Names the notebook that was not stored, and why."""


def main(arguments=None):
    """Store the lessons that `arguments` name, or all; return the exit code."""
    parser = argparse.ArgumentParser(prog="python3 -m convhelpers store", description=main.__doc__)
    lessons.take_lessons(parser)
    paths = parser.parse_args(arguments).lessons
    failures = 0
    for path in paths:
        try:
            store(path)
            print(f"stored {path.name}", flush=True)
        except StoreError as error:
            failures += 1
            print(f"convhelpers: {error}", file=sys.stderr, flush=True)
    if not paths:
        print(f"convhelpers: there is no notebook in {lessons.NOTEBOOKS}", file=sys.stderr)
    return 1 if failures or not paths else 0


def store(path):
    """Run the notebook at `path` in a new kernel and write it back; where a cell fails, leave the file as it is."""
    notebook = read(path)
    forget_last_run(notebook)
    run(notebook, path)
    normalise(notebook)
    write(notebook, path)


def read(path):
    """Return the notebook at `path`; raise `StoreError` for a file that is not one in format 4."""
    try:
        text = path.read_text(encoding="utf-8")
        raw = json.loads(text)
        if not isinstance(raw, dict) or not isinstance(raw.get("cells"), list):
            raise ValueError("it has no list of cells, as nbformat 4 has it")
        notebook = nbformat.reads(text, as_version=4)
        nbformat.validate(notebook)
    except (OSError, ValueError, nbformat.ValidationError) as error:
        reason = (str(error).splitlines() or [repr(error)])[0]
        raise StoreError(f"{path} is not a notebook that can be read: {reason}") from None
    return notebook


def forget_last_run(notebook):
    """Remove outputs and counts, and put the cells into format 4.5, in which each has an id."""
    nbformat.v4.upgrade(notebook, notebook.nbformat, notebook.nbformat_minor)
    for cell in code_cells(notebook):
        cell.outputs, cell.execution_count = [], None


def run(notebook, path, after_cell=None):
    """Run all cells in the notebook's own folder; raise `StoreError` naming the first cell that fails.

    `after_cell` is called after each code cell, with what nbclient tells its hook `on_cell_executed`.
    """
    client = NotebookClient(
        notebook,
        kernel_name="python3",
        resources={"metadata": {"path": str(path.resolve().parent)}},
        timeout=600,
        coalesce_streams=True,  # or one print would be stored as two, depending on when the kernel sent it
        extra_arguments=["--log-level=ERROR"],  # or every kernel warns about its local connection
        on_cell_executed=after_cell,
    )
    try:
        execute(client)
    except CellExecutionError as error:
        raise StoreError(f"{path} stopped at {failed_cell(notebook)}: {error.ename}: {error.evalue}") from None
    except (CellTimeoutError, DeadKernelError) as error:
        reason = str(error).splitlines()[0]
        raise StoreError(f"{path} stopped at {failed_cell(notebook)}: {reason}") from None


def execute(client):
    """Run all cells; raise `KeyboardInterrupt` at Ctrl+C."""
    try:
        client.execute()
    except Exception:
        # At Ctrl+C nbclient takes the kernel away, and what fails then is one of several things.
        if getattr(client, "_async_cleanup_kernel_future", None):
            raise KeyboardInterrupt from None
        raise


def failed_cell(notebook):
    """Name the cell that stopped the run: the last one that began."""
    begun = [i for i, cell in enumerate(notebook.cells) if cell.get("execution_count") or cell.get("outputs")]
    number = begun[-1] if begun else 0
    cell = notebook.cells[number]
    return f"cell {number + 1} (id {cell.id}), which begins {(cell.source.splitlines() or [''])[0]!r}"


def normalise(notebook):
    """Bring a notebook that has run into the form to be stored."""
    notebook.metadata.pop("widgets", None)
    notebook.metadata.update(kernelspec=KERNELSPEC, language_info=LANGUAGE)
    for cell in notebook.cells:
        for name in PASSING_METADATA:
            cell.metadata.pop(name, None)
    for cell in code_cells(notebook):
        cell.outputs = [output for output in cell.outputs if made_storable(output)]


def made_storable(output):
    """Take out of `output` what would not hold elsewhere; say whether something is left that can be shown."""
    if output.output_type == "error":
        output.traceback = output.traceback[-1:]
    if "data" not in output:
        return True
    output.data.pop(VIEW, None)
    output.metadata.pop(VIEW, None)
    return bool(output.data)


def code_cells(notebook):
    """Return the notebook's code cells."""
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def write(notebook, path):
    """Write the notebook with a newline at its end."""
    write_whole(path, nbformat.writes(notebook).rstrip("\n") + "\n")


def write_whole(path, text):
    """Write a file whole or not at all, with the same line ends on every system."""
    temporary = path.with_name(path.name + ".new")
    temporary.write_text(text, encoding="utf-8", newline="\n")
    os.replace(temporary, path)


if __name__ == "__main__":
    sys.exit(main())

"""Print how long each lesson runs in a fresh kernel, and its memory after the last cell, beside an empty notebook.

    python tests/benchmarks/lessons.py

The empty notebook imports NumPy, Matplotlib's Agg and ipywidgets, and no more: what any lesson of this kind must pay.
Nothing here fails on a time.
"""

import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient

ROOT = Path(__file__).parents[2]
BARE = "import numpy, ipywidgets, matplotlib.backends.backend_agg"
# The largest memory that the kernel ever held: kilobytes on Linux, bytes on macOS.
MEMORY = "import resource, sys\nprint(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, sys.platform)"


def run(notebook):
    """Return (seconds, megabytes) of a run in a fresh kernel, the kernel's start included."""
    notebook.cells.append(nbformat.v4.new_code_cell(MEMORY))
    start = time.perf_counter()
    NotebookClient(notebook, kernel_name="python3", resources={"metadata": {"path": ROOT / "notebooks"}}).execute()
    seconds = time.perf_counter() - start
    most, platform = notebook.cells[-1].outputs[0].text.split()
    return seconds, int(most) / (1e6 if platform == "darwin" else 1e3)


def main():
    rows = {"empty": run(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(BARE)]))}
    rows |= {path.stem: run(nbformat.read(path, 4)) for path in sorted((ROOT / "notebooks").glob("*.ipynb"))}
    bare_seconds, bare_megabytes = rows["empty"]
    print(f"{'':24} seconds  × empty   megabytes  × empty")
    for name, (seconds, megabytes) in rows.items():
        ratios = seconds / bare_seconds, megabytes / bare_megabytes
        print(f"{name:24} {seconds:7.2f} {ratios[0]:8.1f} {megabytes:11.0f} {ratios[1]:8.1f}")
    print(f"all lessons: {sum(seconds for name, (seconds, _) in rows.items() if name != 'empty'):.1f} s")


if __name__ == "__main__":
    main()

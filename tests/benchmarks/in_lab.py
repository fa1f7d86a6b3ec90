"""With this module one can open notebooks in real JupyterLab for a measurement, over a link that may be slow."""

import contextlib
import sys
import tempfile
from pathlib import Path

import nbformat
from playwright.sync_api import sync_playwright

from convhelpers.store import KERNELSPEC

sys.path.insert(0, str(Path(__file__).parents[1] / "browser"))
from lab import BROWSER_ARGUMENTS, Notebook, find_browser, running_lab
from slow_link import slow_link

SETUP = """
import numpy as np
from convhelpers import signals
from convhelpers.pairing import cross_correlation
from convhelpers.stepper import Stepper
from convhelpers.trace import record

x, k = signals.question_image(), signals.question_kernel()
"""
STEPPER = "Stepper(record(cross_correlation(x.shape, k.shape), x, k))"
# What one writes without our package: a slider, and a figure that is drawn anew for each of its values.
INTERACT_SETUP = """
%matplotlib inline
import matplotlib.pyplot as plt
from ipywidgets import IntSlider, interact
from convhelpers.arithmetic import correlate2d

output = correlate2d(x, k)

def draw(step):
    row, column = divmod(step, 3)
    figure, axes = plt.subplots(1, 3, figsize=(9, 3))
    for ax, values in zip(axes, (x, k, output)):
        ax.imshow(values, cmap="Blues")
        for (i, j), value in np.ndenumerate(values):
            ax.text(j, i, value, ha="center", va="center")
    axes[0].add_patch(plt.Rectangle((column - 0.5, row - 0.5), 3, 3, fill=False, edgecolor="red"))
    plt.show()
"""
INTERACT = """
slider = IntSlider(min=0, max=8)
slider.add_class("plain")
interact(draw, step=slider);
"""
INTERACT_NAME = "interact + subplots"


@contextlib.contextmanager
def browser():
    """Run a browser until the end of the block."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=find_browser(), args=BROWSER_ARGUMENTS)
        yield started
        started.close()


def browser_version():
    """Return the version of the browser that measures."""
    with browser() as started:
        return started.version


def notebook_of(cells):
    """Return a notebook of these cells."""
    code = [nbformat.v4.new_code_cell(cell) for cell in cells]
    return nbformat.v4.new_notebook(cells=code, metadata={"kernelspec": KERNELSPEC})


@contextlib.contextmanager
def lab():
    """Run JupyterLab and a browser until the end of the block.

    Yields a function that opens a notebook of the given cells in a page of its own, and the link to the server, which
    delays nothing unless it is told so.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        root = folder / "root"
        root.mkdir()
        with running_lab(folder, root) as address, slow_link(address, 0) as link, browser() as started:

            def opened(*cells):
                path = f"measured-{len(list(root.iterdir()))}.ipynb"
                nbformat.write(notebook_of(cells), root / path)
                return Notebook(started.new_page(viewport={"width": 1280, "height": 2000}), link.address, path)

            yield opened, link

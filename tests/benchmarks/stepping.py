"""Measure the stepper in real JupyterLab, beside a plain `interact` + `plt.subplots` stepper in the same run.

    .venv/bin/python tests/benchmarks/stepping.py

Prints medians and 95th percentiles: key press to changed page for both, painted states of 60 keys at 20 a second, the
size of a view's messages and what a first view adds to its cell, and the run of each lesson in a fresh kernel. No test
fails on any of them.
"""

import io
import json
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

import nbformat
from ipywidgets.widgets.widget import _remove_buffers
from nbclient import NotebookClient

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests" / "browser"))

SETUP = """
import numpy as np
from convhelpers import signals
from convhelpers.pairing import cross_correlation
from convhelpers.stepper import Stepper
from convhelpers.trace import record

x, k = signals.question_image(), signals.question_kernel()
"""
STEPPER = "Stepper(record(cross_correlation(x.shape, k.shape), x, k))"
INTERACT = """
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

slider = IntSlider(min=0, max=8)
slider.add_class("plain")
interact(draw, step=slider);
"""
# From the key event to the first mutation after which the page shows something else: another text, another picture.
KEYS = """async ([selector, target, keys, gap]) => {
    const node = document.querySelector(selector);
    const shown = () => node.querySelector('img')?.src ?? node.textContent;
    const times = [];
    for (let index = 0; index < keys; index++) {
        times.push(await new Promise((resolve) => {
            const before = shown();
            const start = performance.now();
            const observer = new MutationObserver(() => {
                if (shown() === before || shown() === '') return;
                observer.disconnect();
                resolve(performance.now() - start);
            });
            observer.observe(node, { subtree: true, childList: true, characterData: true, attributes: true });
            const key = index % 16 < 8 ? 'ArrowRight' : 'ArrowLeft';
            const keyCode = key === 'ArrowRight' ? 39 : 37;
            document.querySelector(target).dispatchEvent(
                new KeyboardEvent('keydown', { key, keyCode, bubbles: true, cancelable: true }));
        }));
        await new Promise((resolve) => setTimeout(resolve, gap));
    }
    return times;
}"""
PAINTS = """async () => {
    const root = document.querySelector('.chs-stepper');
    const seen = [];
    let running = true;
    const look = () => {
        const text = root.querySelector('.chs-position').textContent;
        if (seen.at(-1) !== text) seen.push(text);
        if (running) requestAnimationFrame(look);
    };
    root.dispatchEvent(new KeyboardEvent('keydown', { key: 'Home', bubbles: true }));
    await new Promise(requestAnimationFrame);
    requestAnimationFrame(look);
    for (let index = 0; index < 60; index++) {
        root.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowRight', bubbles: true }));
        await new Promise((resolve) => setTimeout(resolve, 50));
    }
    running = false;
    return seen.filter((text) => !text.startsWith('step 0')).length;
}"""


def line(name, times):
    cuts = statistics.quantiles(times, n=20)
    print(f"{name:46} median {statistics.median(times):7.1f} ms   95th percentile {cuts[18]:7.1f} ms")
    return statistics.median(times)


def in_the_browser():
    from lab import BROWSER_ARGUMENTS, Notebook, find_browser, running_lab
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "root"
        root.mkdir()
        notebook = nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_code_cell(cell) for cell in (SETUP, STEPPER, INTERACT)]
        )
        notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
        nbformat.write(notebook, root / "stepping.ipynb")
        with running_lab(Path(folder), root) as address, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=find_browser(), args=BROWSER_ARGUMENTS)
            page = browser.new_page(viewport={"width": 1280, "height": 2000})
            opened = Notebook(page, address, "stepping.ipynb")
            opened.run_all()
            page.wait_for_selector(".plain .noUi-handle")
            page.wait_for_timeout(1000)
            ours = line("stepper, key to changed page", page.evaluate(KEYS, [".chs-stepper", ".chs-stepper", 200, 20]))
            area = ".widget-interact .jp-OutputArea"
            theirs = line(
                "interact + subplots, key to changed picture",
                page.evaluate(KEYS, [area, ".plain .noUi-handle", 32, 300]),
            )
            print(f"{'ratio of the medians':46} {theirs / ours:7.1f}")
            print(f"{'60 keys at 20 a second, states painted':46} {page.evaluate(PAINTS):7}")
            browser.close()


def view():
    """What a first view costs its cell, and how large its messages are. The imports are paid by an earlier cell."""
    names = {}
    exec(SETUP, names)
    import matplotlib.pyplot as plt

    start = time.perf_counter()
    stepper = eval(STEPPER, names)
    data, _ = stepper._repr_mimebundle_()
    ours = time.perf_counter() - start
    start = time.perf_counter()
    figure, axes = plt.subplots(1, 3, figsize=(9, 3))
    for ax, values in zip(axes, (names["x"], names["k"], names["x"][:3, :3]), strict=True):
        ax.imshow(values, cmap="Blues")
    figure.savefig(io.BytesIO(), format="png")
    print(f"{'first view, in its cell':46} {1000 * ours:7.1f} ms")
    print(f"{'first figure of three grids, beside it':46} {1000 * (time.perf_counter() - start):7.1f} ms")
    state, _, buffers = _remove_buffers(stepper.get_state())
    message = len(json.dumps(state).encode()) + sum(map(len, buffers))
    print(f"{'message that opens the view':46} {message / 1000:7.1f} kB")
    print(f"{'still picture beside it, as text':46} {len(data['image/png']) / 1000:7.1f} kB")


def lessons():
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        times = []
        for _ in range(3):
            start = time.perf_counter()
            NotebookClient(nbformat.read(path, 4), resources={"metadata": {"path": str(path.parent)}}).execute()
            times.append(time.perf_counter() - start)
        print(f"{path.name:46} {statistics.median(times):7.1f} s in a fresh kernel, the start of the kernel included")


if __name__ == "__main__":
    view()
    if shutil.which("chromium"):
        in_the_browser()
    lessons()

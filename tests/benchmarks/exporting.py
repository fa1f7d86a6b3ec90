"""Measure the export: time and size of each lesson, and how soon and how fast its steppers answer in a browser.

    .venv/bin/python tests/benchmarks/exporting.py

Beside each size stands a plain `nbconvert --to html` of the stored notebook in the same run, which runs no cell and in
which nothing steps. Beside the key press stands that of `stepping.py`: the same stepper in real JupyterLab. No test
fails on any of them.
"""

import io
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import redirect_stdout
from pathlib import Path

import nbformat
from stepping import KEYS, SETUP, STEPPER, line

from convhelpers import export
from convhelpers.lessons import all_lessons

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests" / "browser"))
# From the key event to the frame that shows what it has changed: the next one, and what stands in it is painted then.
PAINTED = """async ([selector, keys]) => {
    const root = document.querySelector(selector);
    const times = [];
    for (let index = 0; index < keys; index++) {
        const key = index % 16 < 8 ? 'ArrowRight' : 'ArrowLeft';
        const before = root.textContent;
        const start = performance.now();
        root.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
        do await new Promise(requestAnimationFrame); while (root.textContent === before);
        await new Promise((painted) => setTimeout(painted));
        times.push(performance.now() - start);
    }
    return times;
}"""
READY = "() => [...document.querySelectorAll('.chs-stepper')].some((root) => root.checkVisibility())"
# The address of the slide with the first stepper, the first view with a still picture.
SLIDE = """() => {
    const place = (section) => [...section.parentElement.children].indexOf(section);
    const slide = document.querySelector('.mount .still img').closest('section');
    return `${location.href.split('#')[0]}#/${place(slide.parentElement)}/${place(slide)}`;
}"""


def sizes(folder):
    """Export all lessons, and convert the stored ones beside them; print times and sizes."""
    start = time.perf_counter()
    with redirect_stdout(io.StringIO()):
        export.main(["--slides", "--to", str(folder)])
    print(f"{'all pages and decks, the lessons run':46} {time.perf_counter() - start:7.1f} s")
    plain = folder / "plain"
    start = time.perf_counter()
    command = [sys.executable, "-m", "nbconvert", "--to", "html", "--output-dir", str(plain), *map(str, all_lessons())]
    subprocess.run(command, check=True, capture_output=True)
    print(f"{'nbconvert --to html, nothing run, beside it':46} {time.perf_counter() - start:7.1f} s")
    print(f"{'':46} {'page':>10} {'deck':>10} {'nbconvert':>10}")
    for path in all_lessons():
        files = folder / f"{path.stem}.html", folder / f"{path.stem}.slides.html", plain / f"{path.stem}.html"
        print(f"{path.stem:46}" + "".join(f"{file.stat().st_size / 1e6:8.2f} MB" for file in files))


def opening(browser, file):
    """Return the milliseconds, five times, from opening a file to its first stepper; a deck is opened on its slide."""
    address, times = file.as_uri(), []
    if file.stem.endswith(".slides"):
        page = browser.new_page()
        page.goto(address)
        page.wait_for_selector("html[data-mounted]", state="attached")
        address = page.evaluate(SLIDE)
        page.close()
    for _ in range(5):
        context = browser.new_context(offline=True, viewport={"width": 1280, "height": 720})
        page = context.new_page()
        start = time.perf_counter()
        page.goto(address, wait_until="commit")
        page.wait_for_function(READY)
        times.append(1000 * (time.perf_counter() - start))
        context.close()
    return times


def keys(page, name):
    """Print how long a key press takes to what it changes, and to the painted frame."""
    page.wait_for_selector(".chs-stepper")
    page.wait_for_timeout(1000)
    page.locator(".chs-stepper").first.press("Home")
    line(f"{name}, key to changed page", page.evaluate(KEYS, [".chs-stepper", ".chs-stepper", 200, 20]))
    line(f"{name}, key to painted frame", page.evaluate(PAINTED, [".chs-stepper", 200]))


def in_the_browser(folder):
    """Open each file five times; press keys in the first lesson's first stepper, in a page and in JupyterLab."""
    from lab import BROWSER_ARGUMENTS, Notebook, find_browser, running_lab
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=BROWSER_ARGUMENTS)
        for path in all_lessons():
            for kind in ("", ".slides"):
                times = opening(browser, folder / f"{path.stem}{kind}.html")
                what = f"{path.stem[:22]} {'deck' if kind else 'page'}, opened to a stepper"
                print(f"{what:46} median {statistics.median(times):7.1f} ms")
        page = browser.new_page(viewport={"width": 1280, "height": 720})
        page.goto((folder / f"{all_lessons()[0].stem}.html").as_uri())
        keys(page, "exported page")
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in (SETUP, STEPPER)])
        notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
        (folder / "root").mkdir()
        nbformat.write(notebook, folder / "root" / "stepping.ipynb")
        with running_lab(folder, folder / "root") as address:
            page = browser.new_page(viewport={"width": 1280, "height": 2000})
            Notebook(page, address, "stepping.ipynb").run_all()
            keys(page, "JupyterLab, beside it")
        browser.close()


if __name__ == "__main__":
    from lab import find_browser

    with tempfile.TemporaryDirectory() as folder:
        sizes(Path(folder))
        if find_browser():
            in_the_browser(Path(folder))

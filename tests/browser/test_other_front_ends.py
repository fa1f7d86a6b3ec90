"""Each lesson in Notebook 7 and in Voila: all its steppers and questions are shown, and answer to the keyboard."""

import contextlib
import functools
import os
import re
import shutil

import nbformat
import pytest
from lab import IDLE, ROOT, Notebook, free_port, private_settings, serving
from playwright.sync_api import expect
from test_in_lab import LESSONS, LIVE

from convhelpers.store import KERNELSPEC

# Those that Notebook 7 holds, drawn or not; Voila has none that a key could delete.
N_CELLS = "() => window.jupyterapp?.shell.currentWidget?.content?.widgets.length"


@contextlib.contextmanager
def running(folder, root, module, options):
    """Run `module`, a server of Jupyter's, on `root`, with private settings under `folder`; yields its address."""
    port = free_port()
    arguments = ["-m", module, "--no-browser", f"--port={port}", *options, str(root)]
    with serving(folder, arguments, os.environ | private_settings(folder), f"http://127.0.0.1:{port}/"):
        yield f"http://127.0.0.1:{port}"


class Opened(Notebook):
    """A notebook that is open in a page, which keeps what the page complains of and what it asks other machines for."""

    def __init__(self, page):
        self.page = page
        self.errors, self.elsewhere = [], set()
        page.on("pageerror", lambda error: self._complain(str(error)))
        page.on("console", lambda said: self._complain(said.text) if said.type == "error" else None)
        page.route(re.compile(r"^https?://(?!127\.0\.0\.1)"), self._answer_nothing)

    def _complain(self, text):
        self.errors.append(text.splitlines()[0])

    def _answer_nothing(self, route):
        self.elsewhere.add(route.request.url)
        route.fulfill(body="")

    def questions(self):
        return self.page.locator(".chs-multiple-choice")

    def wait_for_widgets(self, lesson):
        self.page.wait_for_function(
            "([steppers, questions]) => document.querySelectorAll('.chs-stepper').length === steppers"
            " && document.querySelectorAll('.chs-multiple-choice').length === questions",
            arg=[LIVE[lesson], stored_questions(lesson)],
            timeout=60_000,
        )


def stored_questions(lesson):
    """Count the questions whose text the lesson holds."""
    cells = nbformat.read(ROOT / "notebooks" / lesson, as_version=4).cells
    texts = [out.get("data", {}).get("text/plain", "") for cell in cells for out in cell.get("outputs", [])]
    return sum(text.startswith("Question:") for text in texts)


EXPOSED = "--JupyterNotebookApp.expose_app_in_browser=True"


def in_notebook_7(page, address, name):
    opened = Opened(page)
    page.goto(f"{address}/notebooks/{name}")
    page.wait_for_function("() => window.jupyterapp")
    page.wait_for_selector(".jp-NotebookPanel .jp-Cell", timeout=60_000)
    page.wait_for_function(IDLE, timeout=60_000)
    opened.run_all()
    return opened


def in_voila(page, address, name):
    opened = Opened(page)
    page.goto(f"{address}/voila/render/{name}", timeout=60_000)
    page.wait_for_selector("#rendered_cells", timeout=60_000)
    return opened


FRONT_ENDS = {
    "notebook": (in_notebook_7, ["--allow-root", "--ServerApp.token=", EXPOSED]),
    "voila": (in_voila, ["--show_tracebacks=True"]),
}


@pytest.fixture(scope="module", params=FRONT_ENDS)
def front_end(request, browser, tmp_path_factory):
    """A function that opens and runs a notebook in the front end, and how a notebook without widgets is seen there."""
    show, options = FRONT_ENDS[request.param]
    folder = tmp_path_factory.mktemp(request.param)
    root = shutil.copytree(ROOT / "notebooks", folder / "root")
    cells = [nbformat.v4.new_code_cell("print('no widget')")]
    plain = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": KERNELSPEC})
    nbformat.write(plain, root / "plain.ipynb")
    with running(folder, root, request.param, options) as address:
        page = browser.new_page()
        opened = show(page, address, "plain.ipynb")
        page.get_by_text("no widget", exact=True).wait_for()
        page.wait_for_timeout(1000)
        page.close()
        yield functools.partial(show, address=address), opened


def press(page, keys, locator):
    """Press keys in a view; to Notebook 7, "dd" would say to delete the cell, and "x" to cut it."""
    locator.focus()
    for key in keys:
        page.keyboard.press(key)


@pytest.mark.parametrize("lesson", LESSONS)
def test_lesson_is_shown_whole_and_steps(page, front_end, lesson):
    show, plain = front_end
    opened = show(page, name=lesson)
    opened.wait_for_widgets(lesson)
    n_cells = page.evaluate(N_CELLS)
    for index, root in enumerate(opened.steppers().all()):
        if index == 0:
            opened.focus(root)  # after that, no run is left that could take the focus away
        root.press("Home")
        root.press("ArrowRight")
        expect(root.locator(".chs-position")).to_have_text(re.compile(r"^\w+ 1 of "))
        press(page, "ddx", root.locator("select").first)
    for root in opened.questions().all():
        press(page, "1ddx", root.get_by_role("button").last)
        assert root.locator("[aria-live]").text_content()
    assert page.evaluate(N_CELLS) == n_cells
    # What each front end complains of, and loads from elsewhere, without any widget is its own affair.
    assert set(opened.failures()) <= set(plain.errors)
    assert opened.elsewhere <= plain.elsewhere

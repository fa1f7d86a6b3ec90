"""Fixtures of the browser tests: one server and one browser a run, one page a test."""

import os
import shutil

import nbformat
import pytest
from lab import BROWSER_ARGUMENTS, ROOT, find_browser, running_lab
from playwright.sync_api import sync_playwright

from convhelpers.store import KERNELSPEC

HOW = "no Chromium found: `apt install chromium`, or `playwright install chromium` in .venv, gets one"


def pytest_terminal_summary(terminalreporter):
    """One line for all the skipped tests, where pytest would write one a test."""
    skipped = [report for report in terminalreporter.stats.get("skipped", []) if HOW in str(report.longrepr)]
    if skipped:
        terminalreporter.write_line(f"{len(skipped)} browser tests skipped: {HOW}", yellow=True)


@pytest.fixture(scope="session")
def browser():
    path = find_browser()
    if path is None:
        if os.environ.get("CONVHELPERS_REQUIRE_BROWSER"):
            pytest.fail(HOW)
        pytest.skip(HOW)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=BROWSER_ARGUMENTS)
        yield started
        started.close()


@pytest.fixture(scope="session")
def lab_root(tmp_path_factory):
    """The folder that the server shows: a copy of the lessons, since JupyterLab saves what it runs."""
    root = tmp_path_factory.mktemp("lab") / "root"
    shutil.copytree(ROOT / "notebooks", root / "notebooks")
    return root


@pytest.fixture(scope="session")
def lab_address(browser, lab_root):
    """A server on that folder; it needs a browser to be of use."""
    with running_lab(lab_root.parent, lab_root) as address:
        yield address


@pytest.fixture
def scratch(lab_address, lab_root):
    """Write a notebook of the given cells beside the lessons; return its path for the server."""

    def write(*cells):
        notebook = nbformat.v4.new_notebook(metadata={"kernelspec": KERNELSPEC})
        notebook.cells = [nbformat.v4.new_code_cell(cell) for cell in cells]
        name = f"scratch-{len(list(lab_root.iterdir()))}.ipynb"
        nbformat.write(notebook, lab_root / name)
        return name

    return write


@pytest.fixture(scope="module")
def shared_page(browser):
    """One page for all the tests of a file that mount views alone; `mounted.blank` makes it new for each of them."""
    opened = browser.new_page()
    yield opened
    opened.close()


@pytest.fixture
def page(browser):
    opened = browser.new_page(viewport={"width": 1280, "height": 720})
    yield opened
    opened.close()

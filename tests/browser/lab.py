"""With this module one can drive real JupyterLab in Chromium: start it, open a notebook, run it, read what it shows."""

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from playwright.sync_api import sync_playwright

from convhelpers import launcher

ROOT = Path(__file__).parents[2]
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
# Debian's Chromium as root, without the background requests that a closed network refuses many at a time.
BROWSER_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
IDLE = """() => jupyterapp.shell.currentWidget.sessionContext.session?.kernel?.status === 'idle'
    && ![...document.querySelectorAll('.jp-InputPrompt')].some((prompt) => prompt.textContent.includes('*'))"""
# Anywidget gives up on a view that is not ready within two seconds; on a busy machine that says nothing about the view.
# A page that shows one notebook after another is given the script each time: what was patient already is left alone.
PATIENCE = """if (!window.patient) {
    window.patient = true;
    const { timeout } = AbortSignal;
    AbortSignal.timeout = (ms) => timeout.call(AbortSignal, 30 * ms);
}"""
# An error of a handler that the browser has started stands nowhere but in the log, and the status bar counts the log.
FAILURES = """() => {
    const broken = "//*[not(self::script)]/text()"
        + "[contains(., 'Error displaying widget') or contains(., 'Loading widget')]";
    const found = document.evaluate(broken, document.body, null, XPathResult.ORDERED_NODE_SNAPSHOT_TYPE);
    const texts = (selector) => [...document.querySelectorAll(selector)].map((node) => node.textContent);
    return [
        ...['error', 'stderr'].flatMap((kind) => texts(`[data-mime-type$="jupyter.${kind}"]`)),
        ...Array.from({ length: found.snapshotLength }, (_, index) => found.snapshotItem(index).textContent),
        ...texts('.jupyter-widgets-error-widget').map((text) => `widget: ${text}`),
        ...texts('.jp-Dialog').map((text) => `dialog: ${text}`),
        ...texts('.jp-LogConsoleStatusItem:not(.lm-mod-hidden)').map((text) => `log: ${text}`),
    ];
}"""


def find_browser():
    """The path of a Chromium on this machine, or None: the system's own first, then one that Playwright has fetched."""
    on_path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if on_path:
        return on_path
    with sync_playwright() as playwright:
        fetched = playwright.chromium.executable_path
    return fetched if Path(fetched).exists() else None


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def private_settings(folder):
    """Let a server of Jupyter's keep all its settings under `folder`, and its kernels find the package and `truth`."""
    return {
        "JUPYTER_CONFIG_DIR": str(folder / "config"),
        "JUPYTER_DATA_DIR": str(folder / "data"),
        "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
        "JUPYTERLAB_SETTINGS_DIR": str(folder / "labconfig"),
        "JUPYTERLAB_WORKSPACES_DIR": str(folder / "workspaces"),
        "IPYTHONDIR": str(folder / "ipython"),
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(Path(__file__).parent)]),
    }


@contextlib.contextmanager
def serving(folder, arguments, environment, answers):
    """Run a server of Jupyter's until the end of the block; begin when it answers at `answers`."""
    with (folder / "server.log").open("wb") as log:
        server = subprocess.Popen([sys.executable, *arguments], env=environment, stdout=log, stderr=log)
        try:
            _wait_until_answers(answers, server)
            yield
        finally:
            server.terminate()
            server.wait(20)


@contextlib.contextmanager
def running_lab(folder, root, *, present=False, port=None):
    """Run the launcher's JupyterLab server on `root`, with private settings under `folder`; yields its address."""
    port = port or free_port()
    prepared = launcher.present_environment if present else launcher.lab_environment
    options = ["--no-browser", "--allow-root", f"--ServerApp.port={port}", "--ServerApp.token="]
    options += ["--LabApp.expose_app_in_browser=True"]
    arguments, environment = launcher.lab_command(root, options), prepared(os.environ, ROOT) | private_settings(folder)
    with serving(folder, arguments, environment, f"http://127.0.0.1:{port}/api"):
        yield f"http://127.0.0.1:{port}"


def _wait_until_answers(address, server, seconds=60):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if server.poll() is not None:
            raise RuntimeError(f"the server ended with exit code {server.returncode}")
        with contextlib.suppress(OSError), urllib.request.urlopen(address, timeout=2):
            return
        time.sleep(0.1)
    raise RuntimeError(f"the server did not answer within {seconds} s")


class Notebook:
    """A notebook that is open in a page."""

    def __init__(self, page, address, path=None, *, dark=False):
        """Open the notebook at `path`, or the one that the server opens by itself."""
        self.page = page
        self.errors = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", self._hear)
        page.add_init_script(PATIENCE)
        page.goto(f"{address}/lab/tree/{path}?reset" if path else address)
        page.wait_for_function("() => window.jupyterapp")
        page.wait_for_selector(".jp-NotebookPanel .jp-Cell", timeout=60_000)
        page.wait_for_function(IDLE, timeout=60_000)
        if dark:
            self.command("apputils:change-theme", {"theme": "JupyterLab Dark"})
            page.wait_for_selector('body[data-jp-theme-light="false"]', state="attached")

    def _hear(self, message):
        if message.type == "error":
            self.errors.append(f"console: {message.text}")

    def command(self, name, arguments=None):
        self.page.evaluate(
            f"() => {{ jupyterapp.commands.execute({json.dumps(name)}, {json.dumps(arguments or {})}) }}"
        )

    def run_all(self):
        self.command("notebook:run-all-cells")
        self.wait_until_idle()

    def run_cell(self, index):
        self.page.evaluate("(index) => { jupyterapp.shell.currentWidget.content.activeCellIndex = index; }", index)
        self.command("notebook:run-cell")
        self.wait_until_idle()

    def wait_until_idle(self):
        # Status alone can read idle between two cells.
        time.sleep(0.5)
        self.page.wait_for_function(IDLE, timeout=120_000)

    def steppers(self):
        return self.page.locator(".chs-stepper")

    def focus(self, root):
        """Focus a stepper for good: after a run, JupyterLab may be late in taking the focus to the last cell."""
        for _ in range(30):
            root.focus()
            self.page.wait_for_timeout(250)
            if root.evaluate("(root) => root.contains(document.activeElement)"):
                return
        raise RuntimeError("the stepper does not keep the focus")

    def shutdown_kernel(self):
        self.page.evaluate("() => jupyterapp.shell.currentWidget.sessionContext.shutdown()")

    def failures(self):
        """What is broken: errors in outputs, page, console and log, widgets that did not load, and dialogs."""
        return self.page.evaluate(FAILURES) + self.errors

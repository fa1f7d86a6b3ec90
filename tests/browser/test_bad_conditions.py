"""Bad conditions in real JupyterLab: far, busy, killed and restarted kernels, a lost server, many views, a reload.

Nothing that a learner has done is lost, and each test says what is seen. Where a condition ends, the notebook is whole.
"""

import ast
import contextlib
import json
import os
import signal
import time

import nbformat
import pytest
from lab import IDLE, Notebook, free_port, running_lab
from playwright.sync_api import expect
from slow_link import slow_link
from test_in_lab import OUTPUTS, QUESTION, outputs, position, settled

from convhelpers.store import KERNELSPEC

expect.set_options(timeout=60_000)  # a busy machine is slow, and no test may fail on that
EXPLORER = "explorer = explore.convolution(x, k)\nexplorer"
NO_KERNEL = "No kernel answers"
# What an expression is worth in the kernel, asked beside the cells; nothing is written into the notebook.
ASK = """async (expression) => {
    const { kernel } = jupyterapp.shell.currentWidget.sessionContext.session;
    const question = { code: '', silent: true, user_expressions: { value: expression } };
    return (await kernel.requestExecute(question).done).content.user_expressions.value.data['text/plain'];
}"""
RUN_ALL = "() => jupyterapp.commands.execute('notebook:run-all-cells')"
# A notebook is opened in the place of another, whose kernel nobody needs then.
END_KERNELS = "async () => { await window.jupyterapp?.serviceManager.sessions.shutdownAll(); }"
SHUT_DOWN = "() => jupyterapp.shell.currentWidget.sessionContext.shutdown()"
# Where there is none: JupyterLab's "Select kernel".
SELECT_KERNEL = "async () => { await jupyterapp.shell.currentWidget.sessionContext.changeKernel({ name: 'python3' }); }"
SAVE = "() => jupyterapp.commands.execute('docmanager:save')"
CLEAR_OUTPUT = """async (index) => {
    jupyterapp.shell.currentWidget.content.activeCellIndex = index;
    await jupyterapp.commands.execute('notebook:clear-cell-output');
}"""
# A key many times, `gap` milliseconds apart, to the stepper of that index; what its position reads right after each.
PRESS = """async ([index, key, times, gap]) => {
    const root = document.querySelectorAll('.chs-stepper')[index];
    const seen = [];
    for (let n = 0; n < times; n += 1) {
        root.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
        seen.push(root.querySelector('.chs-position').textContent);
        if (gap) await new Promise((resolve) => setTimeout(resolve, gap));
    }
    return seen;
}"""
# Every position that the first stepper ever writes, also between two frames.
RECORD = """() => {
    window.written = [];
    new MutationObserver((changes) => {
        for (const { addedNodes } of changes) for (const { textContent } of addedNodes) written.push(textContent);
    }).observe(document.querySelector('.chs-position'), { childList: true });
}"""
# Which timers of `delay` milliseconds were set, and which of them have come to their end.
WATCH_TIMERS = """(delay) => {
    const setTimer = window.setTimeout;
    window.timers = { set: 0, ended: 0 };
    window.setTimeout = (action, ms, ...rest) => {
        if (ms !== delay) return setTimer(action, ms, ...rest);
        timers.set += 1;
        return setTimer(() => { timers.ended += 1; action(); }, ms);
    };
}"""


class Lab:
    """A server on a folder of its own, which can be stopped, and started again on the same port."""

    def __init__(self, folder):
        self.folder, self.port = folder, free_port()
        (folder / "root").mkdir()
        (folder / "config").mkdir()
        # A killed kernel is missed after half a second, not after three.
        config = {"KernelRestarter": {"time_to_dead": 0.5}}
        (folder / "config" / "jupyter_server_config.json").write_text(json.dumps(config))
        self.start()

    def start(self):
        self.stack = contextlib.ExitStack()
        self.address = self.stack.enter_context(running_lab(self.folder, self.folder / "root", port=self.port))

    def stop(self):
        self.stack.close()

    def write(self, *cells):
        """Write a notebook of these cells; return its path for the server."""
        notebook = nbformat.v4.new_notebook(metadata={"kernelspec": KERNELSPEC})
        notebook.cells = [nbformat.v4.new_code_cell(cell) for cell in cells]
        name = f"notebook-{len(list(self.folder.joinpath('root').iterdir()))}.ipynb"
        nbformat.write(notebook, self.folder / "root" / name)
        return name

    @contextlib.contextmanager
    def without_subshells(self):
        """Set JupyterLab so, for the pages that are opened in the block: a busy kernel then answers no widget."""
        file = self.folder / "labconfig" / "@jupyterlab" / "apputils-extension" / "kernels-settings.jupyterlab-settings"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps({"commsOverSubshells": "disabled"}))
        yield
        file.unlink()


@pytest.fixture(scope="module")
def lab(browser, tmp_path_factory):
    lab = Lab(tmp_path_factory.mktemp("conditions"))
    yield lab
    lab.stop()


@pytest.fixture(scope="module")
def page(browser):
    """One page for all, so that JupyterLab's own code is fetched once."""
    page = browser.new_page(viewport={"width": 1280, "height": 1400})
    page.set_default_timeout(60_000)
    yield page
    page.close()


class Opened(Notebook):
    """A notebook of the given cells, open and run, with a way to ask its kernel."""

    def __init__(self, page, address, path, n_steppers=1):
        page.evaluate(END_KERNELS)
        super().__init__(page, address, path)
        self.n_steppers = n_steppers

    @property
    def root(self):
        return self.steppers().first

    def run(self):
        """Run all cells, and wait for their views."""
        self.page.evaluate(RUN_ALL)
        expect(self.steppers()).to_have_count(self.n_steppers)
        return self

    def select_kernel(self):
        self.page.evaluate(SELECT_KERNEL)
        self.wait_for_next_kernel()

    def wait_for_next_kernel(self):
        """Wait until a kernel answers that has run nothing: JupyterLab drops cells that are run before."""
        self.page.wait_for_function(IDLE)
        self.until("get_ipython().execution_count", 1)

    def reload(self):
        """Load the page again, and wait for the views, of which no cell has run again."""
        self.page.reload()
        # The page that went away could not send its last word.
        self.errors = [error for error in self.errors if "Could not send widget sync message" not in error]
        self.page.wait_for_function("() => window.jupyterapp")
        expect(self.steppers()).to_have_count(self.n_steppers)
        self.page.wait_for_function(IDLE)

    def ask(self, expression):
        return ast.literal_eval(self.page.evaluate(ASK, expression))

    def until(self, expression, expected):
        """Wait until the kernel says so: what the browser tells it is under way."""
        end = time.monotonic() + 60
        while (found := self.ask(expression)) != expected and time.monotonic() < end:
            self.page.wait_for_timeout(50)
        assert found == expected

    def press(self, key, times=1, *, index=0, gap=0):
        return self.page.evaluate(PRESS, [index, key, times, gap])

    def type_into(self, cell, text):
        """Open the field of a cell of the first stepper, and type."""
        self.root.locator(cell).dblclick()
        expect(self.root.locator(".chs-edit")).to_be_focused()
        self.page.keyboard.type(text)

    def edit(self, text):
        self.type_into(".chs-left .chs-cell >> nth=0", text)
        self.page.keyboard.press("Enter")

    def plays_to(self, step):
        """Wait until the first stepper has come so far, or farther."""
        self.page.wait_for_function(
            "(step) => Number(document.querySelector('.chs-position').textContent.split(' ')[1]) >= step", arg=step
        )

    def notice(self):
        return expect(self.root.locator(".chs-notice"))

    def first_number(self):
        return expect(self.root.locator(".chs-left .chs-value").first)

    def is_alive(self):
        """The notebook is as if nothing had happened: it steps, Python hears of it, an edit is computed and reset."""
        self.press("Home")
        self.press("PageDown", 9)
        settled(self.page, self.root, " ".join(OUTPUTS))
        self.until("stepper.step", 81)
        self.edit("11")
        settled(self.page, self.root, " ".join(["14", *OUTPUTS[1:]]))
        self.root.get_by_text("reset numbers").click()
        settled(self.page, self.root, " ".join(OUTPUTS))
        self.notice().to_have_text("")
        assert self.failures() == []


# A link of 200 ms


@pytest.fixture(scope="module")
def far(page, lab):
    """A notebook whose kernel is 200 ms away, there and back."""
    with slow_link(lab.address, 0.1) as link:
        link.delay_s = 0  # JupyterLab itself comes at once
        notebook = Opened(page, link.address, lab.write(QUESTION, EXPLORER), n_steppers=2)
        link.delay_s = 0.1
        notebook.run()
        start = time.monotonic()
        notebook.ask("0")
        assert time.monotonic() - start >= 0.2
        yield notebook


def test_far_kernel_steps_at_once_and_never_back(far):
    """Each key has changed the picture before anything else runs; the kernel's late answers change nothing."""
    far.press("Home")
    far.until("stepper.step", 0)
    far.page.evaluate(RECORD)
    expected = [f"step {step} of 81" for step in range(1, 41)]
    assert far.press("ArrowRight", 40, gap=25) == expected
    far.until("stepper.step", 40)
    assert far.page.evaluate("written") == expected
    assert far.failures() == []


def test_far_kernel_computes_an_edit_while_steps_go_on(far):
    """The new number is there a moment later; neither a step nor the edit is lost, and the step does not go back."""
    far.press("Home")
    far.edit("11")
    assert far.press("PageDown", 9)[-1] == "step 81 of 81"
    settled(far.page, far.root, " ".join(["14", *OUTPUTS[1:]]))
    far.until("stepper.step, int(stepper.trace.left[0, 0])", (81, 11))
    assert position(far.root) == "step 81 of 81"
    far.root.get_by_text("reset numbers").click()
    far.is_alive()


def test_far_kernel_draws_the_choice_that_was_made_last(far):
    """Controls that are changed faster than the kernel answers stand where they were left, and so does the picture."""
    padding, stride = far.page.get_by_label("padding", exact=True), far.page.get_by_label("stride", exact=True)
    for word in ("same", "full", "valid", "full"):
        padding.select_option(label=word)
    for number in ("2", "3", "2"):
        stride.fill(number)
        stride.press("Enter")
    far.until("explorer.padding.value, explorer.stride.value", ("full", 2))
    expect(far.steppers().nth(1).locator(".chs-output .chs-cell")).to_have_count(16)
    far.until("explorer.stepper.trace.output.shape", (4, 4))
    assert [padding.locator("option:checked").text_content(), stride.input_value()] == ["full", "2"]
    assert far.failures() == []


# A kernel that is busy, and answers no widget


def test_busy_kernel_takes_an_edit_up_later(page, lab, tmp_path):
    """Stepping, playing, pointing, predicting and questions go on; an edit waits, says so, and is done."""
    busy = f"import pathlib\nwhile not pathlib.Path({str(tmp_path / 'go')!r}).exists():\n    pass"
    source = QUESTION.replace("x, k))", "x, k), predict=True)")
    with lab.without_subshells():
        cells = [source, EXPLORER, "from convhelpers import questions\nquestions.turned_filters()", busy]
        notebook = Opened(page, lab.address, lab.write(*cells), n_steppers=2)
    notebook.command("notebook:run-all-cells")
    question = page.locator(".chs-multiple-choice")
    question.wait_for()
    root = notebook.root
    assert notebook.press("PageDown", 9)[-1] == "step 81 of 81"
    assert outputs(root) == OUTPUTS

    notebook.press("Home")
    root.get_by_role("button", name="Play").click()
    notebook.plays_to(2)
    root.get_by_role("button", name="Pause").click()
    notebook.press("Home")
    root.locator(".chs-right .chs-cell").first.hover()
    expect(root.locator(".chs-pointer")).to_contain_text("meets 9 cells")
    root.locator(".chs-field").fill("1")
    root.locator(".chs-field").press("Enter")
    expect(root.locator(".chs-verdict")).to_contain_text("is right")
    question.locator(".chs-choice").first.click()
    expect(question.locator(".chs-reply")).not_to_be_empty()

    notebook.edit("11")
    page.get_by_label("stride", exact=True).fill("2")
    page.get_by_label("stride", exact=True).press("Enter")
    notebook.notice().to_contain_text(f"{NO_KERNEL}. If it is busy, this is recomputed when it is free")
    notebook.first_number().to_have_text("1")
    assert notebook.press("PageDown", 4)[-1] == "step 36 of 81"
    assert "[*]" in page.locator(".jp-InputPrompt").last.text_content()

    (tmp_path / "go").touch()
    notebook.first_number().to_have_text("11")
    notebook.notice().to_have_text("")
    notebook.until("stepper.step, int(stepper.trace.left[0, 0]), explorer.stepper.trace.output.shape", (36, 11, (2, 2)))
    expect(notebook.steppers().nth(1).locator(".chs-output .chs-cell")).to_have_count(4)
    assert (position(root), outputs(root)[0]) == ("step 36 of 81", "14")
    assert notebook.failures() == []


# A kernel that is killed, or shut down


@pytest.fixture(scope="module")
def mortal(page, lab):
    return Opened(page, lab.address, lab.write(QUESTION, EXPLORER, "import os"), n_steppers=2)


def kill_kernel(notebook):
    """Kill the kernel's process, and wait for what JupyterLab says and for the next kernel, which has run nothing."""
    os.kill(notebook.ask("os.getpid()"), signal.SIGKILL)
    dialog = notebook.page.locator(".jp-Dialog")
    expect(dialog).to_contain_text("appears to have died")
    dialog.get_by_role("button").last.click()
    notebook.wait_for_next_kernel()


def test_killed_before_the_first_step_it_steps_to_the_end(mortal):
    """JupyterLab says that the kernel died; the picture steps as before. Once the cells have run again it is whole."""
    mortal.run()
    kill_kernel(mortal)
    assert mortal.press("PageDown", 9)[-1] == "step 81 of 81"
    assert outputs(mortal.root) == OUTPUTS
    assert mortal.failures() == []
    mortal.run()
    mortal.is_alive()


def test_killed_during_a_play_it_plays_on(mortal):
    """It plays behind JupyterLab's message that the kernel died, and can be paused; run again, it is whole."""
    mortal.run()
    mortal.press(" ")
    kill_kernel(mortal)
    mortal.plays_to(int(position(mortal.root).split()[1]) + 2)
    mortal.root.get_by_role("button", name="Pause").click()
    assert mortal.press("End")[-1] == "step 81 of 81"
    assert mortal.failures() == []
    mortal.run()
    mortal.is_alive()


def test_killed_during_an_edit_it_says_that_the_number_is_not_taken(mortal):
    """The picture stays true, with the numbers that it had; the notice says what to do."""
    mortal.run()
    mortal.press("End")
    mortal.type_into(".chs-left .chs-cell >> nth=0", "11")
    kill_kernel(mortal)
    mortal.notice().to_contain_text(NO_KERNEL)
    mortal.notice().to_contain_text("if it is gone, run the notebook again")
    mortal.first_number().to_have_text("1")
    assert outputs(mortal.root) == OUTPUTS
    assert mortal.press("PageUp")[-1] == "step 72 of 81"
    assert mortal.failures() == []
    mortal.run()
    mortal.is_alive()


def test_shut_down_an_edit_is_answered(mortal):
    """Without any kernel the notice comes at once; the cells run again in a new one."""
    mortal.run()
    mortal.press("End")
    mortal.page.evaluate(SHUT_DOWN)
    mortal.edit("11")
    mortal.notice().to_contain_text(NO_KERNEL)
    mortal.first_number().to_have_text("1")
    assert mortal.press("PageUp")[-1] == "step 72 of 81"
    assert all("Could not send widget sync message" in text for text in mortal.failures())  # ipywidgets says so
    mortal.errors.clear()
    mortal.select_kernel()
    mortal.run()
    mortal.is_alive()


def test_killed_after_a_choice_it_keeps_what_was_chosen(mortal):
    """The picture of the last choice stays and is stepped on, and another choice is answered by a notice.

    Run again, the controls work as at first.
    """
    mortal.run()
    stride, second = mortal.page.get_by_label("stride", exact=True), mortal.steppers().nth(1)
    stride.fill("2")
    stride.press("Enter")
    expect(second.locator(".chs-output .chs-cell")).to_have_count(4)
    kill_kernel(mortal)
    assert mortal.press("End", index=1) == ["step 36 of 36"]
    assert outputs(second) == ["4", "4", "2", "4"]
    assert stride.input_value() == "2"
    stride.fill("3")
    stride.press("Enter")
    expect(second.locator(".chs-notice")).to_contain_text(NO_KERNEL)
    assert outputs(second) == ["4", "4", "2", "4"]
    assert mortal.failures() == []
    mortal.run()
    mortal.press("End", index=1)
    settled(mortal.page, second, " ".join(OUTPUTS))
    stride.fill("2")
    stride.press("Enter")
    settled(mortal.page, second, "4 4 2 4")
    mortal.is_alive()


def test_server_stopped_and_back(page, lab):
    """JupyterLab says that it has no connection; the picture steps on. With the server back, the cells run again."""
    notebook = Opened(page, lab.address, lab.write(QUESTION)).run()
    lab.stop()
    try:
        dialog = page.locator(".jp-Dialog")
        expect(dialog).to_contain_text("Server Connection Error")
        dialog.get_by_role("checkbox").check()
        dialog.get_by_role("button", name="Close").click()
        assert notebook.press("PageDown", 9)[-1] == "step 81 of 81"
        assert outputs(notebook.root) == OUTPUTS
        notebook.edit("11")
        notebook.notice().to_contain_text(NO_KERNEL)
        notebook.first_number().to_have_text("1")
    finally:
        lab.start()
    # JupyterLab finds the server, and there no kernel of this notebook any more.
    page.wait_for_function("() => !jupyterapp.shell.currentWidget.sessionContext.session?.kernel", timeout=120_000)
    assert notebook.press("PageUp")[-1] == "step 72 of 81"
    notebook.errors.clear()  # of the connections that were refused
    notebook.select_kernel()
    notebook.run()
    notebook.is_alive()


# More than one view


def test_two_views_of_a_stepper_go_together(page, lab):
    """What is done in one view is seen in the other; both play as one; the output of one can be cleared meanwhile."""
    notebook = Opened(page, lab.address, lab.write(QUESTION, "stepper"), n_steppers=2).run()
    first, second = notebook.steppers().all()
    notebook.press("PageDown", 9, index=1)
    assert (position(first), outputs(first)) == ("step 81 of 81", OUTPUTS)
    notebook.edit("11")
    settled(page, second, " ".join(["14", *OUTPUTS[1:]]))
    second.get_by_text("reset numbers").click()
    settled(page, first, " ".join(OUTPUTS))

    notebook.ask("setattr(stepper, 'interval_ms', 73)")
    notebook.press("PageUp")
    page.evaluate(WATCH_TIMERS, 73)
    notebook.press(" ", index=1)
    for root in (first, second):
        expect(root.locator(".chs-position")).to_have_text("step 81 of 81")
    # At each of nine steps both views set a timer; the one that ends first calls the other off.
    assert page.evaluate("timers") == {"set": 18, "ended": 9}
    notebook.until("stepper.playing", False)

    notebook.ask("setattr(stepper, 'interval_ms', 91)")
    notebook.press("Home")
    notebook.press(" ", index=1)
    page.evaluate(CLEAR_OUTPUT, 1)
    expect(notebook.steppers()).to_have_count(1)
    notebook.plays_to(int(position(first).split()[1]) + 2)
    notebook.press(" ")
    notebook.is_alive()


def test_forty_steppers_are_forty(page, lab):
    """They share one module, and nothing else: each stands where it was stepped to, and Python hears it of each."""
    forty = "steppers = [Stepper(stepper.trace) for _ in range(39)]\nfor each in steppers:\n    display(each)"
    notebook = Opened(page, lab.address, lab.write(QUESTION, forty), n_steppers=40).run()
    steps = [1 + index % 7 for index in range(40)]
    for index, step in enumerate(steps):
        notebook.press("ArrowRight", step, index=index)
    assert page.locator(".chs-position").all_text_contents() == [f"step {step} of 81" for step in steps]
    notebook.until("[each.step for each in (stepper, *steppers)]", steps)
    assert page.evaluate("chsModules.size") == 1
    assert notebook.failures() == []


def counted(page):
    """Listeners and nodes that the page still holds when what nobody needs has been swept away."""
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    counters = session.send("Memory.getDOMCounters")
    session.detach()
    return counters["jsEventListeners"], counters["nodes"]


def test_fifty_runs_of_a_cell_leave_no_view_in_the_page(page, lab):
    """One view is there after each run. What the page holds does not grow by even one view in forty runs.

    JupyterLab keeps some four listeners a run of any cell; ipywidgets keeps the models, and Python the steppers.
    """
    notebook = Opened(page, lab.address, lab.write(QUESTION)).run()
    for _ in range(9):
        notebook.run()
    listeners, nodes = counted(page)
    for _ in range(40):
        notebook.run()
        notebook.press(" ")
    more_listeners, more_nodes = counted(page)
    assert more_nodes - nodes < page.locator(".chs-stepper *").count()
    assert more_listeners - listeners < 40 * 10
    assert notebook.failures() == []


# A reload, and a cleared output


def test_reloaded_it_stands_where_it_was(page, lab):
    """The kernel lives on, and so do the numbers as they were edited, and the step; what played is paused."""
    notebook = Opened(page, lab.address, lab.write(QUESTION)).run()
    page.evaluate(SAVE)

    notebook.press("PageDown", 3)
    notebook.until("stepper.step", 27)
    notebook.reload()
    assert position(notebook.root) == "step 27 of 81"

    notebook.edit("11")
    notebook.first_number().to_have_text("11")
    notebook.type_into(".chs-left .chs-cell >> nth=1", "5")
    notebook.reload()
    notebook.first_number().to_have_text("11")
    # A field that was open is taken while there is time for it: whole, or not at all.
    second = notebook.root.locator(".chs-left .chs-value").nth(1).text_content()
    assert outputs(notebook.root)[:3] == ["14", {"1": "3", "5": "7"}[second], "4"]
    assert position(notebook.root) == "step 27 of 81"

    notebook.press(" ")
    notebook.plays_to(29)
    notebook.until("stepper.step >= 29", True)
    notebook.reload()
    at = position(notebook.root)
    expect(notebook.root.get_by_role("button", name="Play")).to_be_visible()
    notebook.until("stepper.step", int(at.split()[1]))
    notebook.root.get_by_text("reset numbers").click()
    notebook.is_alive()
    notebook.until("stepper.playing", False)


def test_output_cleared_during_a_play(page, lab):
    """The play ends with its view: no timer is left, and Python's stepper stays where it was; the cell runs again."""
    notebook = Opened(page, lab.address, lab.write(QUESTION)).run()
    notebook.ask("setattr(stepper, 'interval_ms', 91)")
    page.evaluate(WATCH_TIMERS, 91)
    notebook.press(" ")
    notebook.plays_to(4)
    page.evaluate(CLEAR_OUTPUT, 0)
    expect(notebook.steppers()).to_have_count(0)
    ended = page.evaluate("timers.ended")
    notebook.until("stepper.step", ended)
    page.wait_for_function("() => new Promise((resolve) => setTimeout(resolve, 300, true))")
    assert page.evaluate("timers") == {"set": ended + 1, "ended": ended}
    assert notebook.ask("stepper.step") == ended
    notebook.run()
    notebook.is_alive()

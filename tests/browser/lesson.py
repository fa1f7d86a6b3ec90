"""With this module one can drive a whole lesson in JupyterLab, and compare what it shows with what its kernel says.

`lesson.js` reads and moves the page; `truth.py` speaks for the kernel.
"""

import copy
from pathlib import Path

import nbformat
from lab import FAILURES, ROOT, Notebook

from convhelpers.exercises import LESSONS
from convhelpers.solve import CHECK, fill_in

SCRIPT = (Path(__file__).parent / "lesson.js").read_text(encoding="utf-8")


class Lesson(Notebook):
    """A lesson that is open in a page, with the eyes and hands of `lesson.js`."""

    def __init__(self, page, address, name):
        super().__init__(page, address, f"controls/{name}")
        self.name = name
        exercises = LESSONS[Path(name).stem]
        notebook = nbformat.read(ROOT / "notebooks" / name, as_version=4)
        self.cells = copy.deepcopy(notebook.cells)
        fill_in(notebook, exercises)
        self.solved = notebook.cells
        self.exercises = list(exercises_in(self.cells, exercises))
        page.evaluate(f"window.failures = {FAILURES}")
        page.evaluate(SCRIPT)
        self.do("watch")
        self.execute("notebook:run-all-cells")
        self.find_widgets()

    def do(self, name, *arguments):
        """Call a function of `lesson.js`; nothing may be broken afterwards."""
        call = "async ([name, given]) => [await lesson[name](...given), failures()]"
        answer, broken = self.page.evaluate(call, [name, arguments])
        found = broken + self.errors
        assert found == [], (self.name, name, arguments, found)
        return answer

    def ask(self, call):
        """Call a function of `truth.py` in the kernel."""
        return self.page.evaluate("(call) => lesson.ask(call)", call)

    def execute(self, command):
        """Run a command of JupyterLab's to its end."""
        self.page.evaluate("async (name) => { await jupyterapp.commands.execute(name); }", command)
        self.page.wait_for_function("() => !document.querySelector('.jp-Dialog')")

    def run(self, at):
        self.page.evaluate("(index) => { jupyterapp.shell.currentWidget.content.activeCellIndex = index; }", at)
        self.execute("notebook:run-cell")

    def find_widgets(self):
        """Wait until all widgets are drawn, keep which stands in which cell, and let no stepper ask for predictions."""
        self.widgets = self.do("widgets")
        for at, model in self.all_steppers():
            if self.state(model)["predict"]:
                self.do("push", at, "predict")

    def of(self, *kinds):
        """The cells and model ids of the widgets of these kinds."""
        return [(widget["at"], widget["id"]) for widget in self.widgets if widget["kind"] in kinds]

    def all_steppers(self):
        """The cells and model ids of all steppers, with controls above them or without."""
        return self.of("stepper", "explorer")

    def state(self, model):
        return self.ask(f"state_of({model!r})")

    def assert_at(self, at, model, by, step):
        """That the page shows a step as the trace says, and that the kernel knows it."""
        differences = self.do("isAt", at, model, by, step)
        assert differences == [], (self.name, at, by, step, differences)

    def use_theme(self, name):
        theme = f"JupyterLab {name}"
        self.page.evaluate("(theme) => jupyterapp.commands.execute('apputils:change-theme', { theme })", theme)
        self.page.wait_for_selector(f'body[data-jp-theme-name="{theme}"]', state="attached")


def exercises_in(cells, module):
    """For each cell that checks an exercise: its index, the exercise, and its name there."""
    for at, cell in enumerate(cells):
        found = CHECK.fullmatch(cell.source.splitlines()[-1]) if cell.cell_type == "code" else None
        if found:
            yield at, getattr(module, found.group(1)), f"exercises.{found.group(1)}"

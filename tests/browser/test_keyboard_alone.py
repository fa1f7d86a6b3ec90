"""A lesson in JupyterLab by keyboard alone: after each key the focus is on something, and it can be seen where."""

from lab import IDLE, Notebook
from playwright.sync_api import expect

# JupyterLab's own elements are taken as they are, but they too must be in sight.
FAULT = """() => {
    const node = document.activeElement;
    if (!node || node === document.body) return 'nothing has the focus';
    const { left, right, top, bottom } = node.getBoundingClientRect();
    const [x, x2] = [Math.max(left, 0), Math.min(right, innerWidth)];
    const [y, y2] = [Math.max(top, 0), Math.min(bottom, innerHeight)];
    if (x2 - x < 1 || y2 - y < 1) return `out of sight: ${node.outerHTML.slice(0, 200)}`;
    const on_top = document.elementFromPoint((x + x2) / 2, (y + y2) / 2);
    if (!node.contains(on_top) && !on_top.contains(node)) return `covered by ${on_top.outerHTML.slice(0, 200)}`;
    const style = getComputedStyle(node);
    const ringed = (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 1) || style.boxShadow !== 'none';
    if (!ringed && !node.localName.startsWith('jp-')) return `cannot be told: ${node.outerHTML.slice(0, 200)}`;
    return '';
}"""
INSIDE = "(selector) => document.activeElement.closest(selector) !== null"
ON_CELL = "() => document.activeElement.matches('.jp-Cell')"
ACTIVE = "() => jupyterapp.shell.currentWidget.content.activeCellIndex"


class Reader:
    """Someone without a mouse."""

    def __init__(self, page):
        self.page = page

    def press(self, *keys):
        for key in keys:
            self.page.keyboard.press(key)
            assert self.page.evaluate(FAULT) == "", key

    def until(self, key, reached, at_most):
        """Press the key until the focus is there; how many times it took."""
        for n_times in range(1, at_most + 1):
            self.press(key)
            if reached():
                return n_times
        raise AssertionError(f"{key} does not get there in {at_most} presses")

    def inside(self, selector):
        return self.page.evaluate(INSIDE, selector)

    def to(self, selector):
        """Press Tab until the focus is in what the selector names."""
        self.until("Tab", lambda: self.inside(selector), 20)

    def run_to(self, cell):
        """Run cells with Shift+Enter until the one of that number is active."""
        for at in range(self.page.evaluate(ACTIVE), cell):
            self.page.keyboard.press("Shift+Enter")
            self.page.wait_for_function(f"({ACTIVE})() === {at + 1}")
        self.page.wait_for_function(IDLE)

    def enter(self, cell):
        """From a cell below, or from inside, into the first view of a cell; returns a selector of its output."""
        above = f".jp-Cell[data-windowed-list-index='{cell}']"
        if not self.page.evaluate(ON_CELL):
            self.until("Shift+Tab", lambda: self.page.evaluate(ON_CELL), 20)
        if self.page.evaluate(ACTIVE) != cell:
            self.until("ArrowUp", lambda: self.page.evaluate(ACTIVE) == cell, 60)
        self.page.locator(f"{above} .chs").first.wait_for()
        self.page.wait_for_function(INSIDE, arg=above)
        output = f"{above} .jp-OutputArea-output"
        self.to(output)  # past JupyterLab's own buttons
        return output

    def leave(self, output, key):
        """No trap: press Tab, or Shift+Tab, until the focus is elsewhere; how many times it took."""
        return self.until(key, lambda: not self.inside(output), 30)

    def shown(self, selector):
        return expect(self.page.locator(selector))


def cells_with(page, *sources):
    """The numbers of the cells whose sources hold these texts."""
    read = "() => jupyterapp.shell.currentWidget.content.widgets.map((cell) => cell.model.sharedModel.getSource())"
    cells = page.evaluate(read)
    return [next(index for index, cell in enumerate(cells) if source in cell) for source in sources]


def test_a_lesson_is_done_without_a_mouse(page, lab_address):
    notebook = Notebook(page, lab_address, "notebooks/01_elementwise_vs_dot.ipynb")
    reader = Reader(page)
    sources = ("slide = ", "questions.place_of_four()", "rows_with_columns = ", "explore.products(")
    stepper, question, predicting, explorer = cells_with(page, *sources)
    # Step, point, change a number, and have it back.
    reader.run_to(stepper + 1)
    output = reader.enter(stepper)
    reader.press("Home", "ArrowRight", "PageDown", "ArrowLeft")
    reader.shown(f"{output} .chs-position").to_have_text("step 8 of 81")
    reader.to(f"{output} .chs-left")
    reader.press("Shift+ArrowRight", "Shift+ArrowDown")
    reader.shown(f"{output} .chs-pointer").to_have_text("Input (1, 1) = 1 feeds 4 outputs.")
    reader.press("7", "Enter")
    reader.shown(f"{output} .chs-left .chs-value >> nth=6").to_have_text("7")
    reader.shown(f"{output} .chs-controls >> text=reset numbers").to_be_visible()
    reader.to(f"{output} .chs-controls button:last-child")
    reader.press("Enter")
    reader.shown(f"{output} .chs-left .chs-value >> nth=6").to_have_text("1")
    reader.press("Space", "Space", "Escape", "Shift+Enter")
    # Choose among answers.
    reader.run_to(question + 1)
    output = reader.enter(question)
    reader.press("ArrowDown", "Enter")
    reader.shown(f"{output} [aria-pressed=true]").to_have_count(1)
    reader.press("1", "Escape")
    reader.shown(f"{output} button >> nth=0").to_have_attribute("aria-pressed", "true")
    reader.press("Shift+Enter")
    # Predict.
    reader.run_to(predicting + 1)
    output = reader.enter(predicting)
    for typed in ("99", "1"):
        reader.press(*typed, "Enter")
    reader.shown(f"{output} .chs-score").to_contain_text("in 2 tries")
    reader.press("Escape", "Shift+Enter")
    # Change a control above a stepper.
    reader.run_to(explorer + 1)
    output = reader.enter(explorer)
    reader.to(f"{output} .chs-stepper")
    before = page.locator(f"{output} .chs-stepper").get_attribute("aria-label")
    reader.until("Shift+Tab", lambda: not reader.inside(".chs"), 3)
    reader.press("Shift+Tab", "Space")
    reader.shown(f"{output} .chs-stepper").not_to_have_attribute("aria-label", before)
    # Everything lets go again, at both ends.
    for cell in (explorer, predicting, question, stepper):
        output = reader.enter(cell)
        forwards = reader.leave(output, "Tab")
        reader.enter(cell)
        for _ in range(forwards - 1):
            reader.press("Tab")
        assert reader.leave(output, "Shift+Tab") == forwards
    assert notebook.failures() == []

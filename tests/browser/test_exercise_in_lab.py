"""Exercises where they are done: in JupyterLab, answered wrong, right and not at all, and interrupted."""

import pytest
from lab import Notebook
from mounted import too_pale

from convhelpers.product_exercises import one_number_by_matrix_product, one_number_right

IMPORT = "from convhelpers import product_exercises as exercises\n"
ADD = "def add_products(window, kernel):\n    {}\n\n\nexercises.add_products.check(add_products)"
ANSWERS = {
    IMPORT + "number = ...\nexercises.one_number.check(number)": "○ not yet attempted",
    f"exercises.one_number.check({one_number_by_matrix_product()})": "✗ known mistake These are the entries",
    "exercises.one_number.check('<b>59</b>')": "✗ wrong kind A text came; one number is asked for.",
    f"exercises.one_number.check({one_number_right()})": "✓ right Four products, one sum.",
    ADD.format("return (window * kernel).sum()"): "✓ right",
    ADD.format("return window[7]"): "✗ raised IndexError: index 7 is out of bounds",
    "exercises.add_products.hint()": "→ hint",
    "exercises.add_products.solution()": "→ one solution",
    "exercises.progress()": "○ 2 of 4 right",  # what was right once stays right
}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_answers_are_told_how_they_are(page, lab_address, scratch, theme):
    page.set_viewport_size({"width": 1280, "height": 4000})
    notebook = Notebook(page, lab_address, scratch(*ANSWERS), dark=theme == "dark")
    notebook.run_all()
    notes = page.locator(".jp-OutputArea-output [role=status]")
    assert notes.count() == len(ANSWERS)
    for note, expected in zip(notes.all_inner_texts(), ANSWERS.values(), strict=True):
        assert " ".join(note.split()).startswith(expected)
    assert "return window[7]" in notes.nth(5).inner_text()
    assert too_pale(page, theme) == []
    assert notebook.failures() == []


def test_an_endless_function_can_be_interrupted(page, lab_address, scratch):
    endless = IMPORT + ADD.format("while True: pass")
    notebook = Notebook(page, lab_address, scratch(endless, "print('and on')"))
    notebook.command("notebook:run-cell")
    page.wait_for_timeout(1500)
    notebook.command("notebook:interrupt-kernel")
    notebook.wait_until_idle()
    assert "You interrupted your function while it ran on" in page.locator("[role=status]").inner_text()
    notebook.run_cell(1)
    assert page.locator(".jp-OutputArea-output").last.text_content().strip() == "and on"
    assert notebook.failures() == []

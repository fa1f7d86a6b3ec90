"""`convhelpers.store`: what a stored notebook holds, what it does not, and that strict nbval passes it."""

import subprocess
import sys

import nbformat
import pytest

from convhelpers import lessons, store

WIDGET = """
import anywidget

PICTURE = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


class View(anywidget.AnyWidget):
    _esm = "export default { render() {} }"

    def __repr__(self):
        return "Step 1."

    def _repr_mimebundle_(self, **kwargs):
        data, metadata = super()._repr_mimebundle_(**kwargs)
        return {**data, "image/png": PICTURE}, {**metadata, "image/png": {"alt": "step 1"}}


View()
"""
OLD = '{"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "cells": []}'
NOT_VALID = '{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": 3}'
PRINTS = "import ipywidgets\nfor i in range(3):\n    print(i, flush=True)\nipywidgets.IntSlider(3)"


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    """One notebook with all that must not be stored, stored; its path."""
    v4 = nbformat.v4
    cells = [
        v4.new_markdown_cell("# Title"),
        v4.new_code_cell(WIDGET, execution_count=9),
        v4.new_code_cell(PRINTS),
        v4.new_code_cell("import json\njson.loads('')"),
    ]
    cells[1].metadata.execution = {"iopub.execute_input": "2026-01-01T00:00:00Z"}
    cells[3].metadata.tags = ["raises-exception"]
    notebook = v4.new_notebook(cells=cells)
    notebook.metadata.widgets = {"state": {}}
    notebook.metadata.language_info = {"name": "python", "version": "3.8.1"}
    path = tmp_path_factory.mktemp("stored") / "lesson.ipynb"
    nbformat.write(notebook, path)
    store.store(path)
    return path


@pytest.fixture
def notebook(stored):
    return nbformat.read(stored, as_version=nbformat.NO_CONVERT)


def test_counts_run_from_one(notebook):
    assert [cell.execution_count for cell in notebook.cells[1:]] == [1, 2, 3]


def test_picture_and_sentence_stand_in_for_the_view(notebook):
    (output,) = notebook.cells[1].outputs
    assert sorted(output.data) == ["image/png", "text/plain"]
    assert output.data["text/plain"] == "Step 1."
    assert output.metadata == {"image/png": {"alt": "step 1"}}


def test_stream_is_one_output_and_a_slider_is_its_text(notebook):
    stream, slider = notebook.cells[2].outputs
    assert stream.text == "0\n1\n2\n"
    assert slider.data == {"text/plain": "IntSlider(value=3)"}


def test_meant_error_keeps_its_last_line_only(notebook):
    (error,) = notebook.cells[3].outputs
    assert len(error.traceback) == 1
    assert "JSONDecodeError" in error.traceback[0]


def test_nothing_of_the_machine_or_the_sitting_is_kept(notebook):
    assert notebook.metadata == {"kernelspec": store.KERNELSPEC, "language_info": {"name": "python"}}
    assert all("execution" not in cell.metadata for cell in notebook.cells)


def test_storing_again_changes_nothing(stored):
    before = stored.read_bytes()
    store.store(stored)
    assert stored.read_bytes() == before
    assert before.endswith(b"}\n")


def test_strict_nbval_passes_what_was_stored(stored):
    command = [sys.executable, "-m", "pytest", "--nbval", "--nbval-current-env", "-p", "no:cacheprovider", "-q"]
    done = subprocess.run([*command, stored], cwd=stored.parent, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    assert "3 passed" in done.stdout


def test_view_alone_is_no_output():
    output = nbformat.v4.new_output("display_data", {store.VIEW: {"model_id": "1"}})
    assert not store.made_storable(output)


def test_old_format_gets_ids_once(tmp_path):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1 + 1")])
    del notebook.cells[0]["id"]
    notebook.nbformat_minor = 4
    path = tmp_path / "old.ipynb"
    path.write_text(nbformat.writes(notebook, version=nbformat.NO_CONVERT))
    store.store(path)
    once = nbformat.read(path, as_version=nbformat.NO_CONVERT)
    assert once.nbformat_minor == 5
    assert once.cells[0].id
    assert "orig_nbformat_minor" not in once.metadata


def test_failing_cell_is_named_and_the_others_are_still_stored(tmp_path, capsys):
    v4 = nbformat.v4
    bad, good = tmp_path / "bad.ipynb", tmp_path / "good.ipynb"
    failing = v4.new_code_cell("x = 1\nx / 0", id="the-cell")
    nbformat.write(v4.new_notebook(cells=[v4.new_markdown_cell("# T"), failing, v4.new_code_cell("2")]), bad)
    nbformat.write(v4.new_notebook(cells=[v4.new_code_cell("1 + 1")]), good)
    before = bad.read_bytes()

    assert store.main([str(bad), str(good)]) == 1

    printed = capsys.readouterr()
    assert "bad.ipynb stopped at cell 2 (id the-cell), which begins 'x = 1': ZeroDivisionError" in printed.err
    assert len(printed.err.strip().splitlines()) == 1
    assert printed.out == "stored good.ipynb\n"
    assert bad.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bad.ipynb", "good.ipynb"]
    assert nbformat.read(good, as_version=4).cells[0].outputs[0].data["text/plain"] == "2"


@pytest.mark.parametrize("contents", ["not json", "[1]", '{"cells": 3}', OLD, NOT_VALID])
def test_what_is_no_notebook_is_named(tmp_path, capsys, contents):
    path = tmp_path / "none.ipynb"
    path.write_text(contents)
    assert store.main([str(path)]) == 1
    error = capsys.readouterr().err.strip()
    assert "none.ipynb is not a notebook that can be read" in error
    assert len(error.splitlines()) == 1


def test_no_notebook_at_all_is_an_error(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(lessons, "NOTEBOOKS", tmp_path)
    assert store.main([]) == 1
    assert "there is no notebook in" in capsys.readouterr().err

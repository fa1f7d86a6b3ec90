"""The command runs lessons, writes each as whole files or not at all, and says which cell stopped one."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup

from convhelpers import export, live
from convhelpers.store import read

EXPLORER = """\
from convhelpers import explore
explore.convolution([[1, 2, 3]], [[4, 5]])"""


@pytest.fixture
def lesson(tmp_path):
    """Write a small lesson; return its path."""

    def write(name, *cells, choices=None):
        heading = nbformat.v4.new_markdown_cell(f"# Lesson {name}", metadata={"slideshow": {"slide_type": "slide"}})
        notebook = nbformat.v4.new_notebook(cells=[heading, *map(nbformat.v4.new_code_cell, cells)])
        if choices:
            notebook.cells[-1].metadata.recorded_choices = choices
        path = tmp_path / f"{name}.ipynb"
        nbformat.write(notebook, path)
        return path

    return write


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "made" / "by the command"


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def links(folder):
    page = BeautifulSoup((folder / "index.html").read_text(encoding="utf-8"), "html.parser")
    return [link["href"] for link in page.select("li a")]


def test_writes_a_page_and_the_index(lesson, folder, capsys):
    assert export.main([str(lesson("one", "print(6 * 7)")), "--to", str(folder)]) == 0
    assert names(folder) == ["index.html", "one.html"]
    assert links(folder) == ["one.html"]
    page = BeautifulSoup((folder / "one.html").read_text(encoding="utf-8"), "html.parser")
    assert page.select_one("pre.output").text == "42\n"
    assert capsys.readouterr().out == f"wrote {folder / 'one.html'}\nwrote {folder / 'index.html'}\n"


def test_writes_slides_beside_the_page(lesson, folder):
    assert export.main([str(lesson("one", "1")), "--slides", "--to", str(folder)]) == 0
    assert names(folder) == ["index.html", "one.html", "one.slides.html"]
    assert links(folder) == ["one.html", "one.slides.html"]


def test_the_notebook_stays_as_it_is(lesson, folder):
    path = lesson("one", "1")
    before = path.read_bytes()
    export.main([str(path), "--to", str(folder)])
    assert path.read_bytes() == before


def test_an_error_names_the_cell_and_leaves_that_lesson_out(lesson, folder, capsys):
    bad = lesson("bad", "x = 1", EXPLORER, "x = 1 / 0", "x = 2")
    good = lesson("good", "print(1)")
    assert export.main([str(bad), str(good), "--slides", "--to", str(folder)]) == 1
    assert names(folder) == ["good.html", "good.slides.html", "index.html"]
    assert links(folder) == ["good.html", "good.slides.html"]
    told = capsys.readouterr().err.splitlines()[-1]
    number = re.fullmatch(
        r"convhelpers: .*bad\.ipynb stopped at cell (\d+) \(id \w+\), which begins 'x = 1 / 0': ZeroDivisionError: .*",
        told,
    )
    assert read(bad).cells[int(number[1]) - 1].source == "x = 1 / 0"


def test_a_file_that_is_no_notebook_is_named(tmp_path, folder, capsys):
    path = tmp_path / "empty.ipynb"
    path.write_text("{}", encoding="utf-8")
    assert export.main([str(path), "--to", str(folder)]) == 1
    assert "empty.ipynb is not a notebook that can be read" in capsys.readouterr().err
    assert names(folder) == []


def test_a_lesson_that_is_not_there_is_refused(folder, capsys):
    with pytest.raises(SystemExit) as stop:
        export.main(["7", "--to", str(folder)])
    assert stop.value.code == 2
    assert "received '7'; there are 01_elementwise_vs_dot" in capsys.readouterr().err


def test_a_folder_that_cannot_be_made_is_named(lesson, tmp_path, capsys):
    (tmp_path / "file").touch()
    with pytest.raises(SystemExit) as stop:
        export.main([str(lesson("one", "1")), "--to", str(tmp_path / "file")])
    assert stop.value.code == 2
    assert re.search(r"file cannot be made a folder: File exists", capsys.readouterr().err)


@pytest.mark.parametrize("name", ["index", "one"])
def test_two_files_of_one_name_are_refused(lesson, folder, capsys, name):
    with pytest.raises(SystemExit) as stop:
        export.main([str(lesson("one", "1")), str(lesson(name, "1")), "--to", str(folder)])
    assert stop.value.code == 2
    assert f'names that differ, none of them "index"; received one, {name}' in capsys.readouterr().err


def test_a_lesson_that_cannot_be_written_is_left_out_as_a_whole(lesson, folder, tmp_path, capsys):
    bad = tmp_path / "bad.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("![a](nowhere.png)")]), bad)
    empty = tmp_path / "empty.ipynb"
    nbformat.write(nbformat.v4.new_notebook(), empty)
    good = lesson("good", "1")
    assert export.main([str(bad), str(empty), str(good), "--slides", "--to", str(folder)]) == 1
    assert names(folder) == ["good.html", "good.slides.html", "index.html"]
    told = capsys.readouterr().err
    assert "bad.ipynb cannot be written: a picture must be a file beside the lesson; received 'nowhere.png'" in told
    assert "empty.ipynb cannot be written: All cells are hidden" in told


def test_what_is_declared_is_recorded_after_the_lesson_has_run(lesson):
    path = lesson("one", "print(1)", "# nothing", "", EXPLORER, choices={"stride": [1, 2]})
    notebook = read(path)
    n_cells = len(notebook.cells)
    export.run_recorded(notebook, path)
    assert len(notebook.cells) == n_cells
    (view,) = live.take_views(notebook)
    assert view["controls"] == [{"name": "stride", "options": ["1", "2"], "at": 0}]
    assert len(view["states"]) == 2


def test_a_choice_that_cannot_be_recorded_stops_the_lesson(lesson, folder, capsys):
    path = lesson("one", EXPLORER, choices={"colour": [1]})
    assert export.main([str(path), "--to", str(folder)]) == 1
    told = capsys.readouterr().err
    assert "which begins '# recorded_choices of In [1]'" in told
    assert "choices must name controls of ConvolutionExplorer; received 'colour'" in told


def test_an_index_lists_what_an_earlier_export_has_left(lesson, folder):
    assert export.main([str(lesson("one", "1")), "--to", str(folder)]) == 0
    (folder / "02_convolution_2d.html").touch()
    assert export.main([str(lesson("one", "1")), "--to", str(folder)]) == 0
    assert links(folder) == ["02_convolution_2d.html", "one.html"]
    page = BeautifulSoup((folder / "one.html").read_text(encoding="utf-8"), "html.parser")
    assert [link["href"] for link in page.select("header nav a")] == ["02_convolution_2d.html", "one.html"]


@pytest.mark.skipif(os.name != "posix", reason="nbclient answers signals on POSIX systems only")
def test_ctrl_c_stops_all_of_it(lesson, folder, tmp_path):
    started = tmp_path / "started"
    slow = lesson("slow", f"import pathlib, time\npathlib.Path({str(started)!r}).touch()\ntime.sleep(60)")
    command = [sys.executable, "-m", "convhelpers.export", str(slow), str(lesson("next", "1")), "--to", str(folder)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=Path(__file__).parents[1])
    while not started.exists():
        assert process.poll() is None
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=60)
    assert process.returncode == 130
    assert told.splitlines()[-1] == "convhelpers: stopped; every file is whole, an old one or a new one"
    assert names(folder) == []


def test_progress_is_shown_on_a_terminal(lesson, folder):
    termios = pytest.importorskip("termios", reason="a terminal is made as POSIX makes one")
    leader, follower = os.openpty()
    termios.tcsetwinsize(follower, (24, 100))
    command = [sys.executable, "-m", "convhelpers.export", str(lesson("one", "1", "2")), "--to", str(folder)]
    process = subprocess.Popen(command, stderr=follower, stdout=subprocess.DEVNULL, cwd=Path(__file__).parents[1])
    os.close(follower)
    shown = b""
    with contextlib.suppress(OSError):  # the end, on Linux
        while piece := os.read(leader, 4096):
            shown += piece
    os.close(leader)
    assert process.wait() == 0
    assert "one: 100%" in shown.decode()
    assert "2/2" in shown.decode()


def test_no_progress_is_shown_elsewhere(lesson, folder, capfd):
    assert export.main([str(lesson("one", "1")), "--to", str(folder)]) == 0
    assert capfd.readouterr().err == ""

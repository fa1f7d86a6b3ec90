"""`convhelpers.lessons`: a lesson by its number, its name or its path, and one sentence where there is none."""

import argparse

import pytest

from convhelpers import lessons

SECOND = lessons.NOTEBOOKS / "02_convolution_2d.ipynb"


def test_all_lessons_in_their_order():
    found = lessons.all_lessons()
    assert [path.name[:3] for path in found] == [f"{number:02}_" for number in range(1, len(found) + 1)]
    assert SECOND in found


@pytest.mark.parametrize("word", ["2", "02", "002", "02_convolution_2d", "02_convolution_2d.ipynb", str(SECOND)])
def test_a_lesson_is_found(word):
    assert lessons.find(word) == SECOND


def test_every_lesson_is_found_by_its_number_and_its_name():
    for number, path in enumerate(lessons.all_lessons(), start=1):
        assert lessons.find(str(number)) == lessons.find(path.stem) == path


def test_any_notebook_is_found_by_its_path(tmp_path, monkeypatch):
    (tmp_path / "mine.ipynb").touch()
    monkeypatch.chdir(tmp_path)
    for word in ("mine.ipynb", "./mine.ipynb", str(tmp_path / "mine.ipynb")):
        assert lessons.find(word).samefile(tmp_path / "mine.ipynb")


@pytest.mark.parametrize(
    "word", ["0", "6", "-2", "2.0", "²", "٢", "", " ", ".", "02_convolution", "convolution_2d", "notebooks", "03.ipynb"]
)
def test_what_is_no_lesson_is_said_in_one_line(word):
    with pytest.raises(LookupError) as caught:
        lessons.find(word)
    (line,) = caught.value.args[0].splitlines()
    assert line.startswith("a lesson must be named by its number, its name or the path of a notebook; received ")
    assert f"received {word!r}; there are 01_elementwise_vs_dot, 02_convolution_2d, " in line


def test_a_file_of_another_kind_or_a_folder_is_no_lesson(tmp_path):
    (tmp_path / "lesson.txt").touch()
    (tmp_path / "folder.ipynb").mkdir()
    for name in ("lesson.txt", "folder.ipynb"):
        with pytest.raises(LookupError, match="a lesson must be named"):
            lessons.find(str(tmp_path / name))


def test_where_there_are_no_lessons_the_folder_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(lessons, "NOTEBOOKS", tmp_path)
    assert lessons.all_lessons() == []
    with pytest.raises(LookupError) as caught:
        lessons.find("1")
    assert caught.value.args[0].endswith(f"received '1'; there are none in {tmp_path}")


def parsed(*words):
    parser = argparse.ArgumentParser(prog="command")
    lessons.take_lessons(parser)
    return parser.parse_args(words).lessons


def test_a_command_takes_the_lessons_named_or_all():
    assert parsed() == lessons.all_lessons()
    assert parsed("2", str(SECOND)) == [SECOND, SECOND]


def test_a_command_says_what_is_no_lesson(capsys):
    with pytest.raises(SystemExit) as stop:
        parsed("2", "7")
    said = capsys.readouterr().err.splitlines()
    assert stop.value.code == 2
    assert said[-1].startswith("command: error: argument LESSON: a lesson must be named by its number")
    assert "received '7'; there are 01_elementwise_vs_dot," in said[-1]

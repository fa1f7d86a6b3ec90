"""The lessons, blank and solved: the shipped ones ask everything, and solved copies run clean with all of it right."""

import ast
import itertools
import re
import subprocess
import sys

import nbformat
import pytest

from convhelpers import solve
from convhelpers.exercises import LESSONS
from convhelpers.lessons import NOTEBOOKS

lessons = pytest.mark.parametrize("lesson", LESSONS)


def code_cells(path):
    return [cell for cell in nbformat.read(path, 4).cells if cell.cell_type == "code"]


def exercise_of(cell):
    """The name of the exercise that a cell checks, or None."""
    found = solve.CHECK.fullmatch(cell.source.rstrip().splitlines()[-1])
    return found and found.group(1)


def texts(cell):
    """What a cell shows, as texts; a picture counts by the text beside it."""
    return [output.get("text") or output["data"]["text/plain"] for output in cell.outputs]


def one_line(text):
    return " ".join(text.split())


# As shipped


@lessons
def test_a_lesson_asks_all_its_exercises_in_order(lesson):
    asked = [name for name in map(exercise_of, code_cells(NOTEBOOKS / f"{lesson}.ipynb")) if name]
    exercises = [getattr(LESSONS[lesson], name) for name in asked]
    assert exercises == list(LESSONS[lesson].EXERCISES)
    assert 3 <= len(exercises) <= 5


@lessons
def test_every_exercise_is_shipped_blank(lesson):
    for cell in code_cells(NOTEBOOKS / f"{lesson}.ipynb"):
        if exercise_of(cell):
            (text,) = texts(cell)
            assert text.startswith("○ not yet attempted")


@lessons
def test_the_lesson_says_title_and_task_as_the_exercise_does(lesson):
    cells = nbformat.read(NOTEBOOKS / f"{lesson}.ipynb", 4).cells
    numbers = []
    for text, code in itertools.pairwise(cells):
        name = code.cell_type == "code" and exercise_of(code)
        if name:
            exercise = getattr(LESSONS[lesson], name)
            heading = re.search(r"^### Exercise (\d): (.+)$", text.source, flags=re.MULTILINE)
            assert heading.group(2) == exercise.title
            assert one_line(exercise.task) in one_line(text.source)
            numbers.append(int(heading.group(1)))
    assert numbers == list(range(1, len(numbers) + 1))


@lessons
def test_a_lesson_ends_its_exercises_with_progress(lesson):
    (cell,) = (cell for cell in code_cells(NOTEBOOKS / f"{lesson}.ipynb") if cell.source == "exercises.progress()")
    n = len(LESSONS[lesson].EXERCISES)
    assert texts(cell)[0].startswith(f"○ 0 of {n} right")


@lessons
def test_no_other_cell_depends_on_an_answer(lesson):
    """An answer's name is read by its own check alone, so that a blank or wrong one breaks nothing further down."""
    cells = code_cells(NOTEBOOKS / f"{lesson}.ipynb")
    for own in filter(exercise_of, cells):
        tree = ast.parse(own.source)
        (answer,) = (node.id for node in tree.body[-1].value.args)
        for other in cells:
            if other is not own:
                names = [node for node in ast.walk(ast.parse(other.source)) if isinstance(node, ast.Name)]
                uses = [node for node in names if node.id == answer]
                first = min(uses, key=lambda node: (node.lineno, node.col_offset), default=None)
                assert first is None or isinstance(first.ctx, ast.Store), (answer, other.source)


# Solved


@pytest.fixture(scope="module")
def solved(tmp_path_factory):
    """All lessons, solved by the command."""
    folder = tmp_path_factory.mktemp("solved") / "lessons"
    assert solve.main(["--to", str(folder)]) == 0
    return folder


@lessons
def test_solved_all_exercises_are_right_and_all_else_is_as_shipped(solved, lesson):
    n = len(LESSONS[lesson].EXERCISES)
    n_right = 0
    shipped = code_cells(NOTEBOOKS / f"{lesson}.ipynb")
    for before, after in zip(shipped, code_cells(solved / f"{lesson}.ipynb"), strict=True):
        if exercise_of(before):
            assert after.source.startswith(getattr(LESSONS[lesson], exercise_of(before)).solution_code)
            (text,) = texts(after)
            assert text.startswith("✓ right")
            n_right += 1
        elif before.source == "exercises.progress()":
            assert texts(after)[0].startswith(f"✓ {n} of {n} right")
        elif "nbval-ignore-output" not in before.metadata.get("tags", []):
            assert texts(after) == texts(before)
    assert n_right == n


def test_solved_lessons_pass_strict_nbval(solved):
    command = [sys.executable, "-m", "pytest", "--nbval", "--nbval-current-env", "-q", "-p", "no:cacheprovider"]
    run = subprocess.run([*command, "-c", "/dev/null", str(solved)], capture_output=True, text=True)
    assert run.returncode == 0, run.stdout[-2000:]
    assert " passed" in run.stdout


def test_a_solution_never_overwrites_its_lesson(capsys):
    lesson = next(iter(LESSONS))
    before = (NOTEBOOKS / f"{lesson}.ipynb").read_bytes()
    assert solve.main([str(NOTEBOOKS / f"{lesson}.ipynb"), "--to", str(NOTEBOOKS)]) == 1
    assert "would be overwritten by its own solution" in capsys.readouterr().err
    assert (NOTEBOOKS / f"{lesson}.ipynb").read_bytes() == before


def test_what_is_no_lesson_is_named(tmp_path, capsys):
    (tmp_path / "other.ipynb").touch()
    assert solve.main([str(tmp_path / "other.ipynb"), "--to", str(tmp_path / "solved")]) == 1
    assert "other.ipynb is no lesson with exercises; there are 01_elementwise_vs_dot," in capsys.readouterr().err
    assert not (tmp_path / "solved").exists()


def test_a_file_in_the_place_of_the_folder_is_named(tmp_path, capsys):
    (tmp_path / "file").write_text("mine")
    lesson = NOTEBOOKS / f"{next(iter(LESSONS))}.ipynb"
    assert solve.main([str(lesson), "--to", str(tmp_path / "file")]) == 1
    assert "file cannot be made a folder: " in capsys.readouterr().err
    assert (tmp_path / "file").read_text() == "mine"

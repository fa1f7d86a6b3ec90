"""With this module one can write copies of the lessons in which every exercise is solved, for the teacher.

`python3 -m convhelpers solve --to FOLDER` calls it inside .venv. The copies are run and stored in the lessons' one
form. The solutions themselves stand in the modules of exercises, beside the right answers.
"""

import argparse
import re
import sys
from pathlib import Path

from convhelpers.exercises import LESSONS
from convhelpers.lessons import take_lessons
from convhelpers.store import StoreError, code_cells, forget_last_run, normalise, read, run, write

CHECK = re.compile(r"exercises\.(\w+)\.check\(\w+\)")


def main(arguments=None):
    """Write solved copies of the lessons that `arguments` name, or of all; return the exit code."""
    parser = argparse.ArgumentParser(prog="python3 -m convhelpers solve", description=main.__doc__)
    take_lessons(parser)
    parser.add_argument("--to", type=Path, required=True, metavar="FOLDER", help="where the copies go")
    options = parser.parse_args(arguments)
    failures = 0
    for path in options.lessons:
        try:
            print(f"wrote {solve(path, options.to)}", flush=True)
        except StoreError as error:
            failures += 1
            print(f"convhelpers: {error}", file=sys.stderr, flush=True)
    return 1 if failures else 0


def solve(path, folder):
    """Write a copy of the lesson at `path` into a folder, solved and run; return the copy's path."""
    if path.stem not in LESSONS:
        raise StoreError(f"{path} is no lesson with exercises; there are {', '.join(LESSONS)}")
    copy = folder / path.name
    if copy.resolve() == path.resolve():
        raise StoreError(f"{path} would be overwritten by its own solution; choose another folder")
    notebook = read(path)
    fill_in(notebook, LESSONS[path.stem])
    forget_last_run(notebook)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"{folder} cannot be made a folder: {error.strerror}") from None
    run(notebook, copy)
    normalise(notebook)
    write(notebook, copy)
    return copy


def fill_in(notebook, exercises):
    """Put the solution into every cell that ends in checking an exercise: all that stands before the check goes."""
    for cell in code_cells(notebook):
        check = cell.source.rstrip().splitlines()[-1:]
        found = CHECK.fullmatch(check[0]) if check else None
        if found:
            code = getattr(exercises, found.group(1)).solution_code
            after_function = code.splitlines()[-1].startswith(" ")
            cell.source = code + ("\n\n\n" if after_function else "\n") + check[0]


if __name__ == "__main__":
    sys.exit(main())

"""With this module one can find a lesson by what people call it: its number, its name, or its path.

It needs the standard library alone, since the launcher asks it before anything is installed.
"""

import argparse
import os
from pathlib import Path

NOTEBOOKS = Path(__file__).resolve().parent.parent / "notebooks"


def all_lessons():
    """Return the paths of all lessons, in their order."""
    return sorted(NOTEBOOKS.glob("*.ipynb"))


def find(word):
    """Return the path of the lesson that `word` names: "2" or "02", "02_convolution_2d", or the path of any notebook.

    Raises `LookupError` where there is no such lesson.

    >>> find("2").name
    '02_convolution_2d.ipynb'
    """
    if word.endswith(".ipynb") and os.path.isfile(word):  # a Path would raise for a name too long for a file
        return Path(word)
    for lesson in all_lessons():
        if word in (lesson.stem, lesson.name) or _number(word) == _number(lesson.stem.partition("_")[0]) is not None:
            return lesson
    there_are = ", ".join(lesson.stem for lesson in all_lessons()) or f"none in {NOTEBOOKS}"
    raise LookupError(
        f"a lesson must be named by its number, its name or the path of a notebook; received {word!r}; "
        f"there are {there_are}"
    )


def take_lessons(parser):
    """Let a command take any number of lessons, all of them where none is named: `options.lessons`, as paths."""
    text = "number, name or path, such as 2; default: all"
    parser.add_argument("lessons", nargs="*", type=_argument, default=all_lessons(), metavar="LESSON", help=text)


def _argument(word):
    """As `find`, in the words of argparse, which would hide a `LookupError` behind a traceback."""
    try:
        return find(word)
    except LookupError as error:
        raise argparse.ArgumentTypeError(error.args[0]) from None


def _number(word):
    return word.lstrip("0") if word.isascii() and word.isdecimal() else None

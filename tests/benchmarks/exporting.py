"""The lessons' export beside `nbconvert --to html --execute`, which runs the same cells; in its pages nothing steps."""

import functools
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from measuring import Row, Summary

from convhelpers.lessons import all_lessons


def rows():
    """Measure how long a lesson takes, and how large all are together."""
    folder, seconds = exported()
    nbconvert = "nbconvert's page"
    yield Row("a lesson run and written, page and deck", seconds["ours"], nbconvert, seconds["theirs"], "s")
    plain = Summary.of([megabytes(folder / "plain", ".html")])
    for what, ending in (("pages of all lessons", ".html"), ("decks of all lessons", ".slides.html")):
        yield Row(what, Summary.of([megabytes(folder, ending)]), nbconvert, plain, "MB")


def megabytes(folder, ending):
    return sum((folder / f"{path.stem}{ending}").stat().st_size for path in all_lessons()) / 1e6


@functools.cache
def exported():
    """Write all lessons as pages and decks, and those of nbconvert into "plain", in turns.

    Returns the folder, which lasts as long as the process, and the seconds a lesson of either.
    """
    folder = Path(_temporary().name)
    seconds = {"ours": [], "theirs": []}
    for path in all_lessons():
        seconds["ours"].append(_run("convhelpers.export", path, "--slides", "--to", folder))
        arguments = ["--to", "html", "--execute", "--output-dir", folder / "plain"]
        seconds["theirs"].append(_run("nbconvert", path, *arguments))
    return folder, {who: Summary.of(values) for who, values in seconds.items()}


@functools.cache
def _temporary():
    return tempfile.TemporaryDirectory()


def _run(module, *arguments):
    start = time.perf_counter()
    subprocess.run([sys.executable, "-m", module, *map(str, arguments)], check=True, capture_output=True)
    return time.perf_counter() - start

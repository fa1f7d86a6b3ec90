"""With this module one can write lessons as pages and slide decks that need nothing but a browser.

`python3 -m convhelpers export` calls it inside .venv. The lessons are run, and each becomes one file of HTML in which
the pictures step and the questions answer, without a kernel and without a network; `index.html` lists them.
"""

import argparse
import sys
from pathlib import Path

import nbformat
from tqdm import tqdm

from convhelpers import pages
from convhelpers.lessons import all_lessons, take_lessons
from convhelpers.store import StoreError, code_cells, forget_last_run, read, run, write_whole


def main(arguments=None):
    """Write lessons as pages that need nothing but a browser; return the exit code."""
    options = parsed(arguments)
    kinds = ("page", "deck") if options.slides else ("page",)
    try:
        finished, failures = run_all(options.lessons)
        failures += write_all(finished, options.to, kinds)
    except KeyboardInterrupt:
        print("convhelpers: stopped; every file is whole, an old one or a new one", file=sys.stderr)
        return 130
    except OSError as error:
        failures = [f"{error.filename} cannot be written: {error.strerror}"]
    for failure in failures:
        print(f"convhelpers: {failure}", file=sys.stderr)
    return 1 if failures else 0


def parsed(arguments):
    """Return what `arguments` say, with the folder made; or stop with a usage message."""
    parser = argparse.ArgumentParser(prog="python3 -m convhelpers export", description=main.__doc__)
    take_lessons(parser)
    parser.add_argument("--slides", action="store_true", help="write a slide deck of each lesson, too")
    parser.add_argument("--to", type=Path, default=Path("export"), metavar="FOLDER", help="default: export")
    options = parser.parse_args(arguments)
    names = [path.stem for path in options.lessons]
    if len({*names, "index"}) <= len(names):
        parser.error(f'lessons must have names that differ, none of them "index"; received {", ".join(names)}')
    try:
        options.to.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        parser.error(f"{options.to} cannot be made a folder: {error.strerror}")
    return options


def run_all(paths):
    """Run the lessons at `paths`; return those that ran to their end, by their paths, and why the others did not."""
    finished, failures = {}, []
    notebooks = {}
    for path in paths:
        try:
            notebooks[path] = read(path)
        except StoreError as error:
            failures.append(str(error))
    n_cells = sum(len(code_cells(notebook)) for notebook in notebooks.values())
    with tqdm(total=n_cells, unit="cell", disable=None) as bar:
        for path, notebook in notebooks.items():
            bar.set_description(path.stem)
            try:
                run_recorded(notebook, path, after_cell=lambda **_: bar.update())
                finished[path] = notebook
            except StoreError as error:
                failures.append(str(error))
    return finished, failures


def run_recorded(notebook, path, after_cell=None):
    """Run a lesson, and record what its explorers show under the choices that their cells declare."""
    forget_last_run(notebook)
    cells = code_cells(notebook)
    declared = [cell for cell in cells if "recorded_choices" in cell.metadata]
    run_cells = [cell for cell in cells if cell.source.strip()]
    recorders = [recorder(run_cells.index(cell) + 1, cell.metadata.recorded_choices) for cell in declared]
    # At the end, so that the lesson's own cells keep their numbers.
    notebook.cells += recorders
    run(notebook, path, after_cell)
    del notebook.cells[len(notebook.cells) - len(recorders) :]
    for cell, recording in zip(declared, recorders, strict=True):
        cell.outputs += recording.outputs


def recorder(number, choices):
    """Return a cell that records what cell In [number] has shown."""
    source = f"# recorded_choices of In [{number}]\nfrom convhelpers import recording\n\n"
    return nbformat.v4.new_code_cell(f"{source}recording.record(Out[{number}], {dict(choices)!r})")


def write_all(finished, folder, kinds):
    """Write lessons that have run, and the index of all that are in the folder; return why others were left out."""
    titles = {path.stem: pages.title_of(finished.get(path) or read(path), path) for path in [*all_lessons(), *finished]}
    names = {path.stem for path in finished}
    there = {
        kind: {name: titles[name] for name in titles if name in names | pages.names_in(folder, kind)} for kind in kinds
    }
    failures = []
    for path, notebook in finished.items():
        try:
            # All kinds before the first is written: a lesson is left out as a whole.
            texts = {kind: pages.written(notebook, path, kind, there[kind]) for kind in kinds}
        except ValueError as error:
            failures.append(f"{path} cannot be written: {error}")
        else:
            for kind, text in texts.items():
                write(folder / pages.KINDS[kind].format(path.stem), text)
    if len(failures) < len(finished):
        write(folder / "index.html", pages.index(titles, folder))
    return failures


def write(file, text):
    """Write a file whole or not at all, and say so."""
    write_whole(file, text)
    print(f"wrote {file}", flush=True)


if __name__ == "__main__":
    sys.exit(main())

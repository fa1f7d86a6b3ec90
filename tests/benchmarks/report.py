"""With this module one can run the benchmarks, and store them as the report that the README shows.

`python3 -m convhelpers bench` calls it inside .venv. Each module that is a group yields its rows; here is all that
prints, draws and stores them. No test fails on any figure.
"""

import argparse
import dataclasses
import json
import sys
from pathlib import Path

import arithmetic
import exporting
import in_lab
import lessons
import opening
import stepping
import views
from conditions import conditions, load
from measuring import Row, Summary
from plot import plot
from table import ratio, table

from convhelpers.store import write_whole

GROUPS = {
    "stepping": stepping.rows,
    "opening": opening.rows,
    "lessons": lessons.rows,
    "views": views.rows,
    "arithmetic": arithmetic.rows,
    "exporting": exporting.rows,
}
IN_A_BROWSER = {"stepping", "opening", "views"}
RESULTS = Path(__file__).with_name("results.json")
PLOT = RESULTS.with_suffix(".svg")
README = Path(__file__).parents[2] / "README.md"
BEGIN, END = "<!-- what `bench` writes -->\n", "<!-- end of what `bench` writes -->\n"


def main(arguments):
    """Run the benchmarks, all or the groups that are named; store the report of a full run. Return the exit code."""
    names = parsed(arguments)
    left_out = [name for name in names if name in IN_A_BROWSER] if in_lab.find_browser() is None else []
    if left_out:
        print(f"convhelpers: without a Chromium these are left out: {', '.join(left_out)}", file=sys.stderr)
    before = load()
    try:
        groups = {name: measured(name) for name in names if name not in left_out}
    except KeyboardInterrupt:
        print("convhelpers: stopped; the stored report is as it was", file=sys.stderr)
        return 130
    print(table(groups))
    if list(groups) == list(GROUPS):
        store({"conditions": conditions(in_lab.browser_version()) | {"load": [before, load()]}, "groups": groups})
    else:
        print("convhelpers: not all groups were run, so the stored report is as it was", file=sys.stderr)
    return 0


def parsed(arguments):
    """Return the groups that `arguments` name, in the report's order; all of them where none is named."""
    parser = argparse.ArgumentParser(prog="python3 -m convhelpers bench", description=main.__doc__)
    parser.add_argument("groups", nargs="*", metavar="GROUP", help=f"{', '.join(GROUPS)}; default: all, stored")
    asked = parser.parse_args(arguments).groups
    unknown = [name for name in asked if name not in GROUPS]
    if unknown:
        parser.error(f"a group must be one of {', '.join(GROUPS)}; received {', '.join(unknown)}")
    return [name for name in GROUPS if name in asked or not asked]


def measured(name):
    """Run a group, and say so before: it may take a minute."""
    print(f"convhelpers: measuring {name}", file=sys.stderr, flush=True)
    return list(GROUPS[name]())


def store(results):
    """Store the results, their plot, and the part of the README that shows both."""
    texts = {
        RESULTS: json.dumps(results, indent=1, ensure_ascii=False, default=dataclasses.asdict) + "\n",
        PLOT: plot(results["groups"]),
        README: with_section(README.read_text(encoding="utf-8"), section(results)),
    }
    for path, text in texts.items():
        write_whole(path, text)
        print(f"wrote {path}")


def stored():
    """Return the stored results, as `store` took them."""
    results = json.loads(RESULTS.read_text(encoding="utf-8"))
    results["groups"] = {name: list(map(row, rows)) for name, rows in results["groups"].items()}
    return results


def row(fields):
    return Row(**fields | {who: Summary(**fields[who]) for who in ("ours", "theirs")})


def with_section(text, between):
    """Return the README with `between` in the place of what stood between its two comments."""
    head, _, rest = text.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not end:
        raise ValueError(f"{README.name} must have the two lines {BEGIN.strip()} and {END.strip()}")
    return head + BEGIN + between + END + tail


def section(results):
    """Write what the README shows: the plot, the conditions, the table."""
    image = f"![{alternative(results['groups'])}]({PLOT.relative_to(README.parent).as_posix()})"
    return f"\n{image}\n\n{in_words(results['conditions'])}\n\n{table(results['groups'])}\n\n"


def alternative(groups):
    """Say what the plot shows."""
    rows = sorted((row for rows in groups.values() for row in rows), key=lambda row: row.ratio)
    least, most = rows[0], rows[-1]
    n_less = sum(row.ratio <= 1 for row in rows)
    ends = [f"{ratio(row.ratio)} ({row.what}, beside {row.beside})" for row in (least, most)]
    return f"Ratios on a logarithmic axis, {n_less} of {len(rows)} at 1 or below: from {' to '.join(ends)}"


def in_words(conditions):
    """Write the conditions as two sentences."""
    versions = ", ".join(f"{name} {version}" for name, version in conditions["versions"].items())
    before, after = conditions["load"]
    return (
        f"Measured on {conditions['date']}: {conditions['processor']}, {conditions['cores']} cores, "
        f"{conditions['system']}, Chromium {conditions['browser']}, {versions}, one BLAS thread. Load average, which "
        f"counts the benchmark too: {before} before, {after} after."
    )

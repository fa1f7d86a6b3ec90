"""The report of the benchmarks: the README shows what is stored, and nothing but a whole run is stored.

No test looks at a time. Groups are stand-ins here, but for the arithmetic, which needs no browser.
"""

import contextlib
import json
import re
import sys
from functools import partial
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).with_name("benchmarks")))
import arithmetic as benchmarked
import report
from measuring import Row, Summary, take_turns

from convhelpers.arithmetic import conv2d


def rows_of(name, ours=(1, 2, 3, 4, 50), theirs=(10, 20, 30, 40, 500)):
    yield Row(f"{name} of <ours>", Summary.of(ours), "a plain one", Summary.of(theirs), "ms")


@pytest.fixture
def stand_ins(monkeypatch, tmp_path):
    """Groups that take no time, and a place of their own for what is stored; returns that folder."""
    readme = f"# Course\n\n{report.BEGIN}old\n{report.END}\nmore\n"
    (tmp_path / "README.md").write_text(readme, encoding="utf-8")
    (tmp_path / "results.json").write_text("old")
    (tmp_path / "results.svg").write_text("old")
    for name, file in {"RESULTS": "results.json", "PLOT": "results.svg", "README": "README.md"}.items():
        monkeypatch.setattr(report, name, tmp_path / file)
    monkeypatch.setattr(report, "GROUPS", {name: partial(rows_of, name) for name in report.GROUPS})
    monkeypatch.setattr(report.in_lab, "find_browser", lambda: "chromium")
    monkeypatch.setattr(report.in_lab, "browser_version", lambda: "9.8.7")
    return tmp_path


def files(folder):
    return {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}


def texts(svg):
    return [node.text for node in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]


def of_row(shown, row):
    """The three texts of a row: what, beside what, and the ratio."""
    starts = [at for at in range(len(shown)) if shown[at : at + 2] == [row.what, f"beside {row.beside}"]]
    return shown[starts[0] : starts[0] + 3]


# What is stored


def test_the_readme_shows_the_stored_results():
    shown = report.README.read_text(encoding="utf-8")
    assert report.with_section(shown, report.section(report.stored())) == shown


def test_the_picture_shows_the_stored_results():
    groups = report.stored()["groups"]
    svg = report.PLOT.read_text(encoding="utf-8")
    shown = texts(svg)
    for group, rows in groups.items():
        assert group in shown
        for row in rows:
            assert of_row(shown, row) == [row.what, f"beside {row.beside}", report.ratio(row.ratio)]
    assert len(svg) < 120_000


def test_the_stored_report_is_of_all_groups_and_short_enough_to_read():
    groups = report.stored()["groups"]
    assert list(groups) == list(report.GROUPS)
    assert all(groups.values())
    assert sum(map(len, groups.values())) <= 28


# What a run stores


def test_a_full_run_stores_figures_picture_and_readme_together(stand_ins, capsys):
    assert report.main([]) == 0
    results, readme = report.stored(), report.README.read_text(encoding="utf-8")
    assert results["groups"] == {name: list(rows_of(name)) for name in report.GROUPS}
    assert results["conditions"]["browser"] == "9.8.7"
    assert readme == f"# Course\n\n{report.BEGIN}{report.section(results)}{report.END}\nmore\n"
    assert report.plot(results["groups"]) == report.PLOT.read_text(encoding="utf-8")
    assert report.table(results["groups"]) in capsys.readouterr().out
    (row,) = results["groups"]["views"]
    assert [row.what, "beside a plain one", "1/10"] == of_row(texts(report.PLOT.read_text(encoding="utf-8")), row)


def test_the_conditions_say_machine_versions_and_what_else_it_did(stand_ins, monkeypatch):
    loads = iter([0.5, 2.5])
    monkeypatch.setattr(report, "load", lambda: next(loads))
    report.main([])
    said = report.in_words(report.stored()["conditions"])
    assert f"numpy {np.__version__}" in said
    assert "Chromium 9.8.7" in said
    assert re.search(r"Measured on \d{4}-\d\d-\d\d: .+, \d+ cores, ", said)
    assert said.endswith("0.5 before, 2.5 after.")


def test_named_groups_are_printed_and_nothing_is_stored(stand_ins, capsys):
    before = files(stand_ins)
    assert report.main(["arithmetic", "stepping"]) == 0
    printed = capsys.readouterr()
    assert re.findall(r"^\| (\w+): ", printed.out, re.MULTILINE) == ["stepping", "arithmetic"]
    assert "the stored report is as it was" in printed.err
    assert files(stand_ins) == before


def test_without_a_browser_it_says_what_is_left_out_and_stores_nothing(stand_ins, monkeypatch, capsys):
    monkeypatch.setattr(report.in_lab, "find_browser", lambda: None)
    before = files(stand_ins)
    assert report.main([]) == 0
    printed = capsys.readouterr()
    assert "without a Chromium these are left out: stepping, opening, views" in printed.err
    assert re.findall(r"^\| (\w+): ", printed.out, re.MULTILINE) == ["lessons", "arithmetic", "exporting"]
    assert files(stand_ins) == before


@pytest.mark.parametrize("reason", [KeyboardInterrupt, RuntimeError])
def test_a_run_that_is_stopped_or_fails_leaves_the_old_report_whole(stand_ins, monkeypatch, reason):
    def stopped():
        yield from rows_of("half")
        raise reason

    before = files(stand_ins)
    monkeypatch.setitem(report.GROUPS, "exporting", stopped)
    with contextlib.suppress(reason):
        report.main([])
    assert files(stand_ins) == before


def test_ctrl_c_is_answered_in_one_line(stand_ins, monkeypatch, capsys):
    def stopped():
        raise KeyboardInterrupt

    monkeypatch.setitem(report.GROUPS, "lessons", stopped)
    try:
        code = report.main([])
    except KeyboardInterrupt:  # which would stop all tests
        code = None
    assert code == 130
    assert capsys.readouterr().err.endswith("\nconvhelpers: stopped; the stored report is as it was\n")


def test_a_readme_without_its_two_lines_is_refused_before_anything_is_stored(stand_ins):
    report.README.write_text(f"# Course\n{report.BEGIN}", encoding="utf-8")
    before = files(stand_ins)
    with pytest.raises(ValueError, match="must have the two lines <!-- what `bench` writes -->"):
        report.main([])
    assert files(stand_ins) == before


def test_an_unknown_group_is_named_and_so_are_those_that_there_are(stand_ins, capsys):
    with pytest.raises(SystemExit, match="2"):
        report.main(["steping"])
    assert f"a group must be one of {', '.join(report.GROUPS)}; received steping" in capsys.readouterr().err


def test_the_table_and_the_picture_s_text_say_the_extremes(stand_ins):
    row = Row("loops", Summary.of([1]), "a plain one", Summary.of([200]), "s")
    groups = {"few": [row, *rows_of("few", ours=[3], theirs=[2])]}
    assert "| few: loops | 1 s | a plain one | 200 s | 1/200 |" in report.table(groups).splitlines()
    said = report.alternative(groups)
    assert "1 of 2 at 1 or below: from 1/200 (loops, beside a plain one) to 1.5 (few of <ours>, beside" in said


# How it is measured


def test_candidates_take_turns_and_warm_up_is_forgotten():
    calls = []
    values = iter(range(100))

    def call(name):
        calls.append(name)
        return next(values)

    measured = take_turns({name: partial(call, name) for name in "ab"}, 3, n_warm_up=1)
    assert "".join(calls) == "abababab"
    assert measured == {"a": Summary.of([2, 4, 6]), "b": Summary.of([3, 5, 7])}


def test_ratio_is_that_of_the_medians_and_its_spread_that_of_the_quartiles():
    row = Row("", Summary.of([1, 2, 3, 4, 50]), "", Summary.of([10, 20, 30, 40, 500]), "ms")
    assert row.ratio == 0.1
    assert row.ratio_spread == (2 / 40, 4 / 20)


def test_results_are_read_back_as_they_were_written():
    written = list(rows_of("a"))
    text = json.dumps(written, default=report.dataclasses.asdict)
    assert list(map(report.row, json.loads(text))) == written


# What stands beside the arithmetic does the same work


@pytest.fixture
def small(monkeypatch):
    layers = {"small": ((2, 3, 8, 9), (4, 3, 3, 3), 1, 1, 3)}
    monkeypatch.setattr(benchmarked, "LAYERS", layers)


def test_arithmetic_is_measured_beside_all_that_is_installed(small):
    rows = list(benchmarked.rows())
    beside = ["nested loops in Python", benchmarked.GEMM, "PyTorch's conv2d", *2 * ["SciPy's correlate2d"]]
    if benchmarked.pytorch() is None:
        beside.remove("PyTorch's conv2d")
    assert [row.beside for row in rows] == beside
    assert all(row.ours.median > 0 < row.theirs.median for row in rows)


def test_the_nested_loops_are_the_same_layer():
    x, weight = benchmarked.operands((2, 3, 8, 9), (4, 3, 3, 3))
    np.testing.assert_allclose(benchmarked.nested_loops(x[0], weight), conv2d(x[0], weight), rtol=1e-4)


def test_the_matrix_product_has_the_layer_s_multiplications(monkeypatch):
    x, weight = benchmarked.operands((2, 3, 8, 9), (4, 3, 3, 3))
    seen, n_positions = [], conv2d(x, weight)[0, 0].size
    monkeypatch.setattr(benchmarked.np, "matmul", lambda a, b, out: seen.append((a.shape, b.shape, out.shape)))
    benchmarked.gemm(x, weight, n_positions)()
    assert seen == 2 * [((4, 27), (27, n_positions), (4, n_positions))]

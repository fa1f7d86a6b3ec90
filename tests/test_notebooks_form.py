"""Every committed notebook is in the form that `python3 -m convhelpers store` writes, and can be read without eyes."""

import copy
import itertools
import re
import warnings
from pathlib import Path

import nbformat
import pytest

from convhelpers.store import VIEW

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))


def outputs(notebook):
    return [out for cell in notebook.cells if cell.cell_type == "code" for out in cell.outputs]


def headings(notebook):
    """List the levels of all headings, in order; a # inside a fenced block of code is not one."""
    prose = "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    prose = re.sub(r"^(```|~~~).*?^\1", "", prose, flags=re.MULTILINE | re.DOTALL)
    return [len(marks) for marks in re.findall(r"^(#{1,6}) ", prose, flags=re.MULTILINE)]


def is_valid(notebook):
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # a doubled or missing id is only a warning to nbformat
            nbformat.validate(copy.deepcopy(notebook))
    except (nbformat.ValidationError, Warning):
        return False
    return True


def is_in_format_4_5(notebook):
    return notebook.nbformat == 4 and notebook.nbformat_minor == 5


def has_no_widget_state(notebook):
    return "widgets" not in notebook.metadata


def has_the_kernel_and_no_machine(notebook):
    return notebook.metadata.kernelspec.name == "python3" and notebook.metadata.language_info == {"name": "python"}


def has_ids_of_its_own(notebook):
    ids = [cell.get("id") for cell in notebook.cells]
    return all(ids) and len(set(ids)) == len(ids)


def has_no_error_but_those_meant(notebook):
    cells = [cell for cell in notebook.cells if "raises-exception" not in cell.metadata.get("tags", [])]
    return all(out.output_type != "error" for out in outputs(nbformat.from_dict({"cells": cells})))


def was_run_in_order(notebook):
    counts = [cell.execution_count for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]
    return bool(counts) and counts == list(range(1, len(counts) + 1))


def has_no_live_view(notebook):
    return all(VIEW not in out.get("data", {}) for out in outputs(notebook))


def has_no_times(notebook):
    return all("execution" not in cell.metadata for cell in notebook.cells)


def says_what_its_widgets_pictures_show(notebook):
    """A plain matplotlib figure cannot carry alt text; what a widget or a picture of ours shows can."""
    pictures = [out for out in outputs(notebook) if "image/png" in out.get("data", {})]
    ours = [out for out in pictures if not out.data.get("text/plain", "").startswith("<Figure size")]
    return all(out.metadata.get("image/png", {}).get("alt", "").strip() for out in ours)


def says_what_its_prose_pictures_show(notebook):
    prose = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    return not re.search(r"!\[\s*\]\(|<img(?![^>]*\balt=\"[^\"]+\")", prose)


def has_one_title_first(notebook):
    levels = headings(notebook)
    return levels[:1] == [1] and levels.count(1) == 1


def skips_no_heading_level(notebook):
    levels = headings(notebook)
    return all(below <= above + 1 for above, below in itertools.pairwise(levels))


RULES = [
    is_valid,
    is_in_format_4_5,
    has_no_widget_state,
    has_the_kernel_and_no_machine,
    has_ids_of_its_own,
    has_no_error_but_those_meant,
    was_run_in_order,
    has_no_live_view,
    has_no_times,
    says_what_its_widgets_pictures_show,
    says_what_its_prose_pictures_show,
    has_one_title_first,
    skips_no_heading_level,
]


def test_there_are_notebooks():
    assert NOTEBOOKS, "no notebook was found, so nothing was looked at"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_notebook(path, rule):
    assert rule(nbformat.reads(path.read_text(encoding="utf-8"), as_version=nbformat.NO_CONVERT))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_file_ends_as_written_by_store(path):
    text = path.read_bytes()
    assert text.endswith(b"}\n")
    assert b"\r" not in text


# The rules themselves: each lets a good notebook pass, and stops the one that breaks it.


def good_notebook():
    v4 = nbformat.v4
    picture = v4.new_output(
        "execute_result",
        {"image/png": "aGk=", "text/plain": "A window."},
        execution_count=1,
        metadata={"image/png": {"alt": "a window"}},
    )
    figure = v4.new_output("display_data", {"image/png": "aGk=", "text/plain": "<Figure size 640x480 with 1 Axes>"})
    cells = [
        v4.new_markdown_cell("# Title\n\n![a cat](cat.png)\n\n```\n# no heading\n```"),
        v4.new_code_cell("stepper", execution_count=1, outputs=[picture, figure]),
        v4.new_markdown_cell("## Part\n\n### Detail\n\n## Part"),
        v4.new_code_cell("1 / 0", execution_count=2, outputs=[v4.new_output("error", ename="E", evalue="e")]),
    ]
    cells[3].metadata.tags = ["raises-exception"]
    notebook = v4.new_notebook(cells=cells)
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook.metadata.language_info = {"name": "python"}
    return nbformat.from_dict(notebook)


def break_format(notebook):
    notebook.nbformat_minor = 4


def break_schema(notebook):
    del notebook.cells[1]["outputs"]


def break_widget_state(notebook):
    notebook.metadata.widgets = {}


def break_kernel(notebook):
    notebook.metadata.kernelspec.name = "conda-env-mine-py"


def break_machine(notebook):
    notebook.metadata.language_info.version = "3.11.2"


def break_ids(notebook):
    notebook.cells[0].id = notebook.cells[1].id


def break_errors(notebook):
    notebook.cells[3].metadata.tags = []


def break_order(notebook):
    notebook.cells[3].execution_count = 7


def break_run(notebook):
    notebook.cells[1].execution_count = None


def break_view(notebook):
    notebook.cells[1].outputs[0].data[VIEW] = {"model_id": "1"}


def break_times(notebook):
    notebook.cells[1].metadata.execution = {}


def break_alt_text(notebook):
    notebook.cells[1].outputs[0].metadata["image/png"].alt = " "


def break_prose_alt_text(notebook):
    notebook.cells[0].source += "\n![](dog.png)"


def break_prose_img(notebook):
    notebook.cells[0].source += '\n<img src="dog.png" width="3">'


def break_title(notebook):
    notebook.cells[2].source = "# A second title"


def break_first(notebook):
    notebook.cells[0].source = "## Not the title"


def break_levels(notebook):
    notebook.cells[2].source = "### A detail of nothing"


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_rule_accepts_a_good_notebook(rule):
    assert rule(good_notebook())


@pytest.mark.parametrize(
    ("breakage", "rule"),
    [
        (break_schema, is_valid),
        (break_ids, is_valid),
        (break_format, is_in_format_4_5),
        (break_widget_state, has_no_widget_state),
        (break_kernel, has_the_kernel_and_no_machine),
        (break_machine, has_the_kernel_and_no_machine),
        (break_ids, has_ids_of_its_own),
        (break_errors, has_no_error_but_those_meant),
        (break_order, was_run_in_order),
        (break_run, was_run_in_order),
        (break_view, has_no_live_view),
        (break_times, has_no_times),
        (break_alt_text, says_what_its_widgets_pictures_show),
        (break_prose_alt_text, says_what_its_prose_pictures_show),
        (break_prose_img, says_what_its_prose_pictures_show),
        (break_title, has_one_title_first),
        (break_first, has_one_title_first),
        (break_levels, skips_no_heading_level),
    ],
)
def test_rule_stops_a_bad_notebook(breakage, rule):
    notebook = good_notebook()
    breakage(notebook)
    assert not rule(notebook)

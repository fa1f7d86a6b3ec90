"""Every committed notebook is in the form that `python3 -m convhelpers store` writes, and can be read without eyes.

It is also a whole lesson where nothing runs, as on GitHub, which shows what is stored and cleans its HTML.
"""

import copy
import itertools
import re
import warnings
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pytest

from convhelpers.feedback import Note
from convhelpers.question import Choice, Question
from convhelpers.store import VIEW

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))
SHOWS_A_WIDGET = re.compile(r"^(Stepper|explore\.\w+|questions\.\w+)\(", re.MULTILINE)
# What our outputs use of that which GitHub keeps of HTML. It does not say what its view of notebooks keeps; this is of
# the list for its Markdown (github.com/gjtorikian/html-pipeline). Other elements go and leave their contents, but for
# those of styles and scripts, and no attribute is counted on.
KEPT = {"b", "code", "details", "div", "li", "ol", "p", "strong", "summary"}
FOLDED_QUESTION = re.compile(
    r"<div><p><b>.+?</b></p><ol>(?P<choices>.+?)</ol>"
    r"<details><summary>Answers</summary><ol>(?P<answers>.+?)</ol></details></div>"
)


def outputs(notebook):
    return [out for cell in notebook.cells if cell.cell_type == "code" for out in cell.outputs]


def headings(notebook):
    """List the levels of all headings, in order; a # inside a fenced block of code is not one."""
    prose = "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    prose = re.sub(r"^(```|~~~).*?^\1", "", prose, flags=re.MULTILINE | re.DOTALL)
    return [len(marks) for marks in re.findall(r"^(#{1,6}) ", prose, flags=re.MULTILINE)]


class Sanitizer(HTMLParser):
    """Reads HTML, and keeps of it what GitHub does."""

    def __init__(self):
        super().__init__()
        self.kept, self.skipped = [], None

    def handle_starttag(self, tag, attrs):
        if tag in ("style", "script"):
            self.skipped = tag
        elif tag in KEPT:
            self.kept.append(f"<{tag}>")

    def handle_endtag(self, tag):
        if tag == self.skipped:
            self.skipped = None
        elif tag in KEPT:
            self.kept.append(f"</{tag}>")

    def handle_data(self, data):
        if not self.skipped:
            self.kept.append(data)


def sanitized(html):
    sanitizer = Sanitizer()
    sanitizer.feed(html)
    sanitizer.close()
    return "".join(sanitizer.kept)


def words(text):
    return re.findall(r"\w+", text)


def is_picture_with_a_sentence(out):
    """Whether an output is a picture with a text that says what it shows, for those who see it and those who do not."""
    sentence = out.get("data", {}).get("text/plain", "").strip()
    alt = out.get("metadata", {}).get("image/png", {}).get("alt", "").strip()
    return bool(out.get("data", {}).get("image/png")) and sentence.endswith(".") and alt.endswith(".")


def is_folded_question(out):
    """Whether an output is a question that GitHub shows with its choices, and with as many answers folded below."""
    data = out.get("data", {})
    shown = FOLDED_QUESTION.fullmatch(sanitized(data.get("text/html", "")))
    n_choices = len(data.get("text/plain", "").splitlines()) - 1
    if not shown or not data["text/plain"].startswith("Question:"):
        return False
    return shown["choices"].count("<li>") == shown["answers"].count("<li>") == n_choices >= 2


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


def says_what_each_picture_shows(notebook):
    """Every picture has a text of its own, in sentences: no file's name, no word alone, nothing that stands twice."""
    pictures = [out for out in outputs(notebook) if any(kind.startswith("image/") for kind in out.get("data", {}))]
    shown = [text for out in pictures for text in alternative_texts(out)]
    return all(is_a_sentence(text) for text in shown) and len(set(shown)) == len(shown) == len(pictures)


def alternative_texts(out):
    return [out.metadata.get(kind, {}).get("alt", "") for kind in out.data if kind.startswith("image/")]


def is_a_sentence(text):
    return len(words(text)) >= 5 and text.endswith(".")


def shows_each_widget_by_a_picture_or_a_folded_question(notebook):
    for cell in notebook.cells:
        if cell.cell_type == "code" and (n_widgets := len(SHOWS_A_WIDGET.findall(cell.source))):
            shown = [out for out in cell.outputs if is_picture_with_a_sentence(out) or is_folded_question(out)]
            if len(shown) != n_widgets:
                return False
    return True


def has_no_empty_output(notebook):
    """Each output says or shows something, and none only that it is an object of Python's."""
    for out in outputs(notebook):
        shown = [out.get("text", ""), *out.get("traceback", []), *map(str, out.get("data", {}).values())]
        bare = set(out.get("data", {})) == {"text/plain"} and re.match(r"<|[A-Z]\w*\(", out.data["text/plain"])
        if bare or not "".join(shown).strip():
            return False
    return True


def can_be_read_without_its_styles(notebook):
    """What is HTML says, in what GitHub leaves of it, every word of its plain text but the name of its kind."""
    for out in outputs(notebook):
        if "text/html" in out.get("data", {}):
            left = words(sanitized(out.data["text/html"]))
            plain = out.data.get("text/plain", "").removeprefix("Question: ")
            if not plain or any(word not in left for word in words(re.sub(r"^\d+\. ", "", plain, flags=re.MULTILINE))):
                return False
    return True


def says_what_its_prose_pictures_show(notebook):
    prose = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    images = re.findall(r"<img\b[^>]*>", prose)
    texts = [re.search(r'\balt="([^"]*)"', image) for image in images]
    shown = re.findall(r"!\[([^]]*)\]", prose) + [text[1] if text else "" for text in texts]
    return all(is_a_sentence(text) for text in shown) and len(set(shown)) == len(shown)


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
    says_what_each_picture_shows,
    shows_each_widget_by_a_picture_or_a_folded_question,
    has_no_empty_output,
    can_be_read_without_its_styles,
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


NOTE = Note("○", "not yet attempted", "Put your answer here.", (("for example", "3 < 4"),))


def threes():
    choices = [Choice("`5`", "That is their sum."), Choice("6", "Two threes.", right=True)]
    return Question("What is `2 * 3`, so to say?", choices)


def good_notebook():
    v4 = nbformat.v4
    picture = v4.new_output(
        "execute_result",
        {"image/png": "aGk=", "text/plain": "A window."},
        execution_count=1,
        metadata={"image/png": {"alt": "A grid, and a window on it."}},
    )
    plain = {"image/png": "aGk=", "text/plain": "<Figure size 640x480 with 1 Axes>"}
    figure = v4.new_output("display_data", plain, metadata={"image/png": {"alt": "A curve that bends upwards."}})
    question = v4.new_output("display_data", threes()._repr_mimebundle_()[0])
    del question.data[VIEW]
    note = v4.new_output("display_data", {"text/html": NOTE._repr_html_(), "text/plain": repr(NOTE)})
    cells = [
        v4.new_markdown_cell("# Title\n\n![A cat lies on a keyboard.](cat.png)\n\n```\n# no heading\n```"),
        v4.new_code_cell("Stepper(trace)", execution_count=1, outputs=[picture, figure]),
        v4.new_markdown_cell("## Part\n\n### Detail\n\n## Part"),
        v4.new_code_cell("1 / 0", execution_count=2, outputs=[v4.new_output("error", traceback=["E: e"])]),
        v4.new_code_cell("questions.threes()", execution_count=3, outputs=[question]),
        v4.new_code_cell("exercise.check(...)", execution_count=4, outputs=[note]),
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


def break_figure(notebook):
    notebook.cells[1].outputs[1].metadata = {}


def break_alt_text_by_a_name(notebook):
    notebook.cells[1].outputs[1].metadata["image/png"].alt = "a_curve-that_bends up wards.png"


def break_alt_text_by_a_word(notebook):
    notebook.cells[1].outputs[1].metadata["image/png"].alt = "Picture."


def break_alt_text_by_another_s(notebook):
    first, second, *_ = notebook.cells[1].outputs
    second.metadata = copy.deepcopy(first.metadata)


def break_prose_by_a_name(notebook):
    notebook.cells[0].source += "\n![dog.png](dog.png)"


def break_prose_by_another_s(notebook):
    notebook.cells[0].source += '\n<img src="dog.png" alt="A cat lies on a keyboard.">'


def break_picture(notebook):
    del notebook.cells[1].outputs[0].data["image/png"]


def break_sentence(notebook):
    notebook.cells[1].outputs[0].data["text/plain"] = "Stepper"


def break_number_of_pictures(notebook):
    notebook.cells[1].source += "\nexplore.convolution(x)"


def break_question(notebook):
    del notebook.cells[4].outputs[0].data["text/html"]


def break_answers(notebook):
    data = notebook.cells[4].outputs[0].data
    data["text/html"] = re.sub("<details>.*</details>", "", data["text/html"])


def break_fold(notebook):
    data = notebook.cells[4].outputs[0].data
    data["text/html"] = data["text/html"].replace("details", "section")


def break_choice(notebook):
    data = notebook.cells[4].outputs[0].data
    data["text/html"] = data["text/html"].replace("<li>6</li>", "", 1)


def break_stream(notebook):
    notebook.cells[1].outputs.append(nbformat.v4.new_output("stream", text="\n"))


def break_data(notebook):
    notebook.cells[1].outputs.append(nbformat.v4.new_output("display_data", {}))


def break_repr(notebook):
    notebook.cells[1].outputs.append(nbformat.v4.new_output("display_data", {"text/plain": "VBox(children=())"}))


def break_words(notebook):
    data = notebook.cells[5].outputs[0].data
    data["text/html"] = f"<style>.note::after {{ content: '{data['text/plain']}'; }}</style><p class='note'></p>"


def break_plain_text(notebook):
    del notebook.cells[5].outputs[0].data["text/plain"]


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
        (break_alt_text, says_what_each_picture_shows),
        (break_figure, says_what_each_picture_shows),
        (break_alt_text_by_a_name, says_what_each_picture_shows),
        (break_alt_text_by_a_word, says_what_each_picture_shows),
        (break_alt_text_by_another_s, says_what_each_picture_shows),
        (break_picture, shows_each_widget_by_a_picture_or_a_folded_question),
        (break_sentence, shows_each_widget_by_a_picture_or_a_folded_question),
        (break_alt_text, shows_each_widget_by_a_picture_or_a_folded_question),
        (break_number_of_pictures, shows_each_widget_by_a_picture_or_a_folded_question),
        (break_question, shows_each_widget_by_a_picture_or_a_folded_question),
        (break_answers, shows_each_widget_by_a_picture_or_a_folded_question),
        (break_fold, shows_each_widget_by_a_picture_or_a_folded_question),
        (break_choice, shows_each_widget_by_a_picture_or_a_folded_question),
        (break_stream, has_no_empty_output),
        (break_data, has_no_empty_output),
        (break_repr, has_no_empty_output),
        (break_words, can_be_read_without_its_styles),
        (break_plain_text, can_be_read_without_its_styles),
        (break_prose_alt_text, says_what_its_prose_pictures_show),
        (break_prose_img, says_what_its_prose_pictures_show),
        (break_prose_by_a_name, says_what_its_prose_pictures_show),
        (break_prose_by_another_s, says_what_its_prose_pictures_show),
        (break_title, has_one_title_first),
        (break_first, has_one_title_first),
        (break_levels, skips_no_heading_level),
    ],
)
def test_rule_stops_a_bad_notebook(breakage, rule):
    notebook = good_notebook()
    breakage(notebook)
    assert not rule(notebook)

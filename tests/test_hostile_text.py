"""Texts that came from anywhere stay texts: in sentences, pictures, notes, questions and exported files.

Each of `HOSTILE` would be more than a text somewhere: markup, a formula, a place for another text, a turn of the
reading direction, half a character. What a browser makes of them is in `browser/test_hostile_text_shown.py`.

Not ours, and not held here: that a notebook's own HTML outputs and the HTML in its prose are HTML in an exported page
(so nbconvert does it), and that Matplotlib draws a box for a letter that its font lacks.
"""

import io
import re
import unicodedata
from urllib.parse import quote

import ipywidgets
import nbformat
import numpy as np
import pytest
from bs4 import BeautifulSoup
from hostile import HOSTILE, SCRIPT
from PIL import Image

from convhelpers import export, pages
from convhelpers.check import MOST_LETTERS, check_function, check_value
from convhelpers.exercise import Exercise
from convhelpers.feedback import Note
from convhelpers.layouts import panels
from convhelpers.pairing import cross_correlation, matrix_product
from convhelpers.pictures import curves, image_row
from convhelpers.question import Choice, Question
from convhelpers.scene import scene_of
from convhelpers.stepper import Stepper
from convhelpers.stills import step_picture
from convhelpers.texts import in_line, seen
from convhelpers.trace import record
from convhelpers.wording import sentence

every = pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
NUMBERS = "(1, 0) = 3 times"


@pytest.fixture(autouse=True)
def close_widgets():
    yield
    ipywidgets.Widget.close_all()


def trace():
    return record(cross_correlation((3, 3), (2, 2)), np.arange(9).reshape(3, 3), [[0, 1], [2, 3]])


def rows_and_columns():
    return record(matrix_product((2, 2), (2, 2)), [[1, 2], [3, 4]], [[5, 6], [7, 8]])


def can_be_sent(text):
    """Whether a text can be sent and turns nothing around it: no half characters, no controls, no open direction."""
    text.encode("utf-8")
    unseen = [character for character in text if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp")]
    depth = 0
    for character in text:
        depth += {"\u2068": 1, "\u2069": -1}.get(character, 0)
        assert depth in (0, 1)
    return depth == 0 and set(unseen) <= set("\n\t\u200c\u200d\u2068\u2069")


def size(picture):
    return Image.open(io.BytesIO(picture.png)).size


# A text alone


@every
def test_a_text_can_be_sent_and_given_back(text):
    assert can_be_sent(seen(text))
    assert can_be_sent(in_line(text))
    assert seen(seen(text)) == seen(text)
    assert in_line(in_line(text)) == in_line(text)
    assert "\n" not in in_line(text)


@pytest.mark.parametrize("name", ["markup", "formulas", "Markdown", "templates", "a long word", "emoji"])
def test_what_can_be_seen_stays_as_it_is(name):
    assert seen(HOSTILE[name]) == in_line(HOSTILE[name]) == HOSTILE[name]


def test_what_cannot_be_seen_is_written_out_and_nothing_is_lost():
    assert in_line(HOSTILE["turned around"]) == r"a\u202eb\u2067c\u2069\u2069d"
    assert in_line(HOSTILE["zero width"]) == r"a\u200bb\ufeffc\u2060d"
    assert seen(HOSTILE["controls"]) == r"a\x00b\x1b[2Jc\x7fd\x85e"
    assert in_line(HOSTILE["half a character"]) == r"a\ud800b\udc80c"
    assert in_line(HOSTILE["lines and tabs"]) == "a b c d"


def test_only_a_right_to_left_text_is_isolated_and_cannot_leave_its_isolate():
    assert in_line("קלט") == "\u2068קלט\u2069"
    assert in_line("\u2068קלט\u2069\u202e\u2069") == "\u2068\\u2068קלט\\u2069\\u202e\\u2069\u2069"


# Sentences, panels and the widget


@every
def test_a_sentence_holds_names_as_they_are_and_numbers_as_they_stand(text):
    said = sentence(trace(), 3, names=(text, text))
    usual = sentence(trace(), 3)
    assert can_be_sent(said)
    shown = in_line(text)
    assert said == " ".join(usual.replace("input", shown).replace("weight", shown).split())


@every
def test_a_sentence_of_rows_and_columns_does_too(text):
    said = sentence(rows_and_columns(), 3, names=(text, text))
    assert said.startswith(" ".join(f"Row 0 of {in_line(text)} with column 1 of {in_line(text)}.".split()))
    assert said.endswith("= 6 gives 6; the sum starts at 6.")


@every
def test_titles_of_panels_are_the_names(text):
    left, right, *_, output = panels(rows_and_columns(), (text, text))
    assert left.title == right.title == in_line(text)
    assert output.title == f"{in_line(text)} @ {in_line(text)}"


@every
def test_what_the_browser_gets_and_what_stands_still_can_be_sent(text):
    stepper = Stepper(trace(), names=(text, text), step=3)
    words = stepper.scene["words"]
    titles = [panel["title"] for panel in stepper.scene["panels"]]
    data, metadata = stepper._repr_mimebundle_()
    for shown in [*words["nouns"], *titles, data["text/plain"], metadata["image/png"]["alt"]]:
        assert can_be_sent(shown)
    assert NUMBERS in data["text/plain"]
    assert scene_of(trace(), (text, text))["templates"] == scene_of(trace())["templates"]


# Pictures


@every
@pytest.mark.parametrize("draw", [trace, rows_and_columns])
def test_a_step_is_drawn_within_a_page_and_its_alternative_text_has_all(draw, text):
    picture = step_picture(draw(), 3, names=(text, text))
    assert max(size(picture)) < 1_500
    assert can_be_sent(picture.alt)
    assert picture.alt.count(in_line(text)) >= 4


@every
def test_images_and_curves_are_drawn_in_their_size(text):
    row = image_row([np.eye(4), np.eye(4)], [text, "plain"], alt=text)
    lines = curves([1, 2, 3], {text: [1, 2, 3], "plain": [2, 3, 4]}, x_label=text, y_label=text, alt=text)
    for picture in (row, lines):
        assert max(size(picture)) < 1_000
        assert picture.alt == seen(text)


def test_a_long_name_is_cut_in_a_picture_and_the_picture_says_so(monkeypatch):
    written = []
    monkeypatch.setattr("convhelpers.stills._write", lambda axes, x, y, text, **style: written.append(text))
    step_picture(trace(), 3, names=("a" * 10_000, "b"))
    assert any("(9,940 more letters)" in text.replace("\n", " ") for text in written)


def test_another_name_of_usual_length_is_another_picture():
    """So the pictures above are not without names."""
    assert step_picture(trace(), 3, names=("$x$", "k")).png != step_picture(trace(), 3, names=("x", "k")).png


# Notes


class Refuses:
    def __repr__(self):
        raise RuntimeError("no")

    __str__ = __repr__


class Leaves:
    def __repr__(self):
        raise SystemExit


class Endless:
    def __repr__(self):
        return "y" * 10_000_000


class ShortText(str):
    def __len__(self):
        return 0


class LiesAboutItsLength:
    def __repr__(self):
        return ShortText("y" * 100_000)


class Html:
    def __repr__(self):
        return SCRIPT

    def __html__(self):
        return SCRIPT

    _repr_html_ = __html__


class LiesAboutItsClass:
    @property
    def __class__(self):
        return float


class HidesItsName(type):
    def __getattribute__(cls, name):
        raise RuntimeError("no")


class OwnError(Exception):
    def __str__(self):
        return f"{SCRIPT}\ud800"


OBJECTS = {
    "refuses": Refuses(),
    "leaves": Leaves(),
    "endless": Endless(),
    "lies about its length": LiesAboutItsLength(),
    "HTML": Html(),
    "lies about its class": LiesAboutItsClass(),
    "hides its name": HidesItsName("Hidden", (), {})(),
    "a class named by markup": type("<script>hacked=1</script>", (), {})(),
    "a class without a name": type("", (), {})(),
    "a class with a long name": type("L" * 10_000, (), {})(),
    "a class that turns around": type("a\u202eb", (), {})(),
    "half a character": "a\ud800",
    "an array of objects": np.array([Refuses(), Html()], dtype=object),
    "an array of texts": np.array([SCRIPT, "\u202e"]),
    "one long text": np.array(["a" * 100_000]),
}


def assert_is_a_note(feedback):
    assert can_be_sent(repr(feedback))
    html = feedback._repr_html_()
    assert can_be_sent(html)
    page = BeautifulSoup(html, "html.parser")
    assert {node.name for node in page.find_all()} <= {"style", "section", "p", "strong", "div"}
    assert {name for node in page.find_all() for name in node.attrs} <= {"class", "role"}
    assert len(page.select("style")) == 1
    assert len(page.section.text) < 20 * MOST_LETTERS
    # The text that is shown is the text that is printed, but for its colons and ends of lines.
    assert re.sub(r"[\s:]", "", page.section.text) == re.sub(r"[\s:]", "", repr(feedback))


@pytest.mark.parametrize("name", OBJECTS)
@pytest.mark.parametrize(
    "right", [3, True, "text", (1, 2), np.arange(3.0)], ids=["number", "bool", "text", "tuple", "array"]
)
def test_whatever_a_learner_hands_in_is_answered_by_a_note(name, right):
    answer = OBJECTS[name]
    assert_is_a_note(check_value(answer, right, [("Known.", right)]))
    assert_is_a_note(check_value((answer, 2), right))
    assert_is_a_note(check_function(lambda n: answer, lambda n: right, [(1,)], [("Known.", lambda n: 7)]))


@every
def test_a_note_shows_its_texts(text):
    note = Note("→", text, text, ((text, text),))
    assert can_be_sent(repr(note))
    page = BeautifulSoup(note._repr_html_(), "html.parser")
    for part in (page.strong, page.select_one(".chs-feedback-name"), page.select_one(".chs-feedback-value")):
        assert part.text.removeprefix("→ ").strip() == seen(text).strip()


def test_what_a_learners_function_raises_and_its_defaults_are_texts():
    def raises(n):
        raise OwnError

    def many(n, m, more=Html(), last=Refuses()):  # noqa: B008
        return n

    assert_is_a_note(check_function(raises, lambda n: n, [(1,)]))
    assert_is_a_note(check_function(many, lambda n: n, [(1,)]))
    assert_is_a_note(check_function(OBJECTS["HTML"], lambda n: n, [(1,)]))


@every
def test_an_exercise_shows_its_texts(text):
    if not text:
        return
    exercise = Exercise(text, text, lambda: 3, [], text, text, text)
    for note in (exercise.check(3), exercise.hint(), exercise.solution(), exercise._note()):
        assert can_be_sent(repr(note))
        assert "<script>" not in note._repr_html_()


# Questions


@every
def test_a_question_shows_its_texts(text):
    if not text:
        return
    question = Question(text, [Choice(text, text), Choice(f"{text}.", text, right=True)])
    data, _ = question._repr_mimebundle_()
    for shown in (
        question.text,
        *(choice["text"] for choice in question.choices),
        data["text/plain"],
        data["text/html"],
    ):
        assert can_be_sent(shown)
    page = BeautifulSoup(data["text/html"], "html.parser")
    allowed = {"div", "p", "b", "ol", "li", "details", "summary", "code"}
    assert {node.name for node in page.find_all()} <= allowed
    assert all(not node.attrs for node in page.find_all())
    assert page.p.text == seen(text).replace("`", "")


# Exported files


def lesson(folder, name, heading="# Title"):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(heading)])
    notebook.cells[0].metadata["slideshow"] = {"slide_type": "slide"}
    path = folder / f"{name}.ipynb"
    nbformat.write(notebook, path)
    return path


NAMES = ["<b>", 'a" onfocus="hacked=1', "javascript:hacked=1,x", "a#b?c%20d", "קלט", "{0} $1 %s", "a" * 200]


@pytest.mark.parametrize("name", NAMES)
def test_a_files_name_is_an_address_and_nothing_else(tmp_path, name):
    path = lesson(tmp_path, name)
    other = lesson(tmp_path, "other", heading=f"[there]({quote(path.name)})")
    finished = {path: nbformat.read(path, 4), other: nbformat.read(other, 4)}
    assert export.write_all(finished, tmp_path, ("page", "deck")) == []
    addresses = {quote(file.format(name)) for file in pages.KINDS.values()}
    for file in ("index.html", f"{name}.html", f"{name}.slides.html", "other.html"):
        page = BeautifulSoup((tmp_path / file).read_text(encoding="utf-8"), "html.parser")
        found = {link["href"] for link in page.select("a[href]")}
        assert found & addresses or file.startswith(name)
        assert not [href for href in found if re.match(r"[a-z]+:", href) and not href.startswith("https:")]
        assert not [key for node in page.find_all() for key in node.attrs if key.startswith("on")]


@pytest.mark.parametrize("kind", ["page", "deck"])
@pytest.mark.parametrize("name", [name for name in HOSTILE if name not in ("nothing", "half a character")])
def test_titles_and_alternative_texts_are_whole_in_a_page(kind, name):
    text = HOSTILE[name].replace("\0", "").replace("\r\n", "\n")  # as HTML takes them
    picture = {"image/png": "AAAA", "text/plain": "a picture"}
    output = nbformat.v4.new_output("display_data", picture, metadata={"image/png": {"alt": text}})
    cells = [nbformat.v4.new_code_cell("1", outputs=[output], metadata={"slideshow": {"slide_type": "slide"}})]
    html = pages.written(
        nbformat.v4.new_notebook(cells=cells), export.Path("one.ipynb"), kind, {"one": text, "two": text}
    )
    page = BeautifulSoup(html, "html.parser")
    assert page.select_one("figure img")["alt"] == text
    assert set(page.select_one("figure img").attrs) == {"alt", "src"}
    assert page.title.text.strip() == text.strip()
    for link in page.select("nav a[title]"):
        assert link["title"] == text
        assert set(link.attrs) <= {"href", "title", "aria-current"}


def test_a_policy_leaves_a_strangers_html_nothing_to_send_with():
    """A page's own scripts stand in it, so the policy cannot forbid a stranger's; but nothing gets out."""
    rules = dict(rule.split(maxsplit=1) for rule in pages.POLICY.split("; "))
    assert rules["default-src"] == rules["base-uri"] == rules["form-action"] == "'none'"

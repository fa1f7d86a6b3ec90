"""A page and a deck hold all of a lesson, fetch nothing, and leave out what only the notebook can do."""

import re
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup

from convhelpers import pages
from convhelpers.store import read

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
TITLES = {"01_one": "One & only", "02_two": "Two", "03_three": "Three"}


def markdown(text, kind="-"):
    return nbformat.v4.new_markdown_cell(text, metadata={"slideshow": {"slide_type": kind}})


def code(source, *outputs, **metadata):
    return nbformat.v4.new_code_cell(source, outputs=list(outputs), metadata=metadata)


def written(*cells, kind="page", titles=TITLES, folder=ROOT):
    notebook = nbformat.v4.new_notebook(cells=[markdown("# Two", "slide"), *cells])
    html = pages.written(notebook, folder / "02_two.ipynb", kind, titles)
    return BeautifulSoup(html, "html.parser")


def printed(text, name="stdout"):
    return nbformat.v4.new_output("stream", name=name, text=text)


KINDS = pytest.mark.parametrize("kind", ["page", "deck"])


# Nothing is fetched


@KINDS
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_lesson_names_no_address_but_those_of_links(path, kind):
    titles = {other.stem: pages.title_of(read(other), other) for other in NOTEBOOKS}
    page = BeautifulSoup(pages.written(read(path), path, kind, titles), "html.parser")
    sources = [node[name] for name in ("src", "srcset", "data", "poster") for node in page.select(f"[{name}]")]
    assert all(source.startswith("data:") for source in sources)
    assert [node["href"] for node in page.select("link")] == ["data:,"]
    styles = " ".join(style.text for style in page.select("style"))
    assert set(re.findall(r"url\(\s*[\"']?(?!data:)[^)]*", styles)) == set()
    assert "@import" not in styles


@KINDS
def test_a_policy_forbids_to_fetch(kind):
    policy = written(kind=kind).select_one("meta[http-equiv=Content-Security-Policy]")["content"]
    rules = dict(rule.split(maxsplit=1) for rule in policy.split("; "))
    assert rules["default-src"] == "'none'"
    assert rules["img-src"] == rules["font-src"] == "data:"
    assert rules["script-src"] == rules["style-src"] == "'unsafe-inline'"


def test_a_picture_of_the_prose_travels_along(tmp_path):
    (tmp_path / "dot.png").write_bytes((ROOT / "notebooks" / "stepper.png").read_bytes())
    page = written(markdown("![a dot](dot.png)"), folder=tmp_path)
    assert page.select_one("main img")["src"].startswith("data:image/png;base64,iVBOR")


@KINDS
@pytest.mark.parametrize("source", ["nowhere.png", "https://example.org/a.png"])
def test_a_picture_that_is_no_file_beside_the_lesson_is_refused(kind, source):
    with pytest.raises(ValueError, match=f"a picture must be a file beside the lesson; received '{source}'"):
        written(markdown(f"![a dot]({source})"), kind=kind)


# The prose


@KINDS
def test_formulas_are_mathml(kind):
    page = written(markdown("Call it $x$.\n\n$$\\sum_u \\frac{a}{b}$$"), kind=kind)
    inline, block = page.select(".slides math, main math")
    assert inline.text == "x"
    assert block["display"] == "block"
    assert block.select_one("munder")
    assert block.select_one("mfrac")
    assert "$" not in page.select_one("main").text


@pytest.mark.parametrize(
    "formula", ["\\text{</mtext><script>alert(1)</script>}", "\\text{<img src=x onerror=alert(1)>}", "\\frac{"]
)
def test_a_formula_that_is_more_than_one_stands_as_it_was_typed(formula):
    page = written(markdown(f"Call it ${formula}$."))
    assert not page.select("main :is(script, img, math)")
    assert page.select_one("main .prose:last-child code").text == formula


@pytest.mark.parametrize(("kind", "file"), [("page", "03_three.html"), ("deck", "03_three.slides.html")])
def test_a_link_to_a_lesson_leads_to_its_page(kind, file):
    page = written(markdown("See [three](03_three.ipynb) and [NumPy](https://numpy.org)."), kind=kind)
    addresses = {link.text: link["href"] for link in page.select("main p a")}
    assert addresses == {"three": file, "NumPy": "https://numpy.org"}


def test_a_link_to_a_lesson_that_is_not_there_is_text():
    page = written(markdown("See [four](04_four.ipynb)."))
    assert not page.select("main p a")
    assert "See four." in page.select_one("main").text


def test_the_lecturers_notes_are_folded_on_a_page_and_spoken_in_a_deck():
    notes = markdown("<details><summary>For the lecturer</summary>\n\nAsk *first*.\n\n</details>", "notes")
    folded = written(notes).select_one("main details")
    assert "open" not in folded.attrs
    assert folded.select_one("p").text == "Ask first."
    aside = written(notes, kind="deck").select_one("section aside.notes")
    assert "Ask first." in aside.text


@KINDS
def test_what_is_said_of_the_menu_is_left_out(kind):
    said = [cell.source for path in NOTEBOOKS for cell in read(path).cells[:1]]
    assert all("Run All Cells" in text for text in said)
    text = written(*map(markdown, said), kind=kind).select_one("main").text
    assert "Run All" not in text
    assert "Shift+Enter" not in text
    assert text.count("It takes") == len(said)


# Code and outputs


def test_code_is_shown_or_folded_as_the_lesson_marks_it():
    page = written(code("a = 1"), code("b = 2", tags=["hide-input"]))
    assert ["open" in details.attrs for details in page.select("details.code")] == [True, False]
    deck = written(code("a = 1"), code("b = 2", tags=["hide-input"]), kind="deck")
    assert [node.text.strip() for node in deck.select(".code")] == ["a = 1"]


@KINDS
def test_texts_of_outputs_are_text(kind):
    page = written(code("f()", printed("<b>1</b> & 2"), printed("careful", "stderr")), kind=kind)
    assert [node.text for node in page.select("pre.output")] == ["<b>1</b> & 2", "careful"]


SVG = '<svg xmlns="http://www.w3.org/2000/svg"/>'


@KINDS
@pytest.mark.parametrize(
    ("mime", "data", "selector"),
    [
        ("image/png", "iVBORw0KGgo=", "img[src='data:image/png;base64,iVBORw0KGgo=']"),
        ("image/jpeg", "/9j/4AAQ", "img[src='data:image/jpeg;base64,/9j/4AAQ']"),
        ("image/svg+xml", SVG, "img[src^='data:image/svg+xml;base64,PHN2Zy']"),
        ("text/latex", "$x^2$", "math msup"),
        ("text/markdown", "**bold**", "strong"),
        ("text/html", "<table><tr><td>1</td></tr></table>", "td"),
    ],
)
def test_each_kind_of_output_is_shown(kind, mime, data, selector):
    output = nbformat.v4.new_output("display_data", {mime: data, "text/plain": "<object>"})
    assert written(code("show()", output), kind=kind).select_one(f"main .output {selector}")


def test_a_raw_cell_is_text():
    page = written(nbformat.v4.new_raw_cell("<script>1</script>"))
    assert page.select_one("main pre.output").text == "<script>1</script>"


def test_a_deck_without_scripts_leads_to_the_page():
    assert written(kind="deck").select_one("noscript a")["href"] == "02_two.html"


@KINDS
def test_an_exercise_is_text_and_says_where_it_can_be_done(kind):
    blank = code("value = ...\nexercises.entry.check(value)", printed("○ not yet attempted"))
    progress = code("exercises.progress()", printed("0 of 4"))
    main = written(blank, progress, kind=kind).select_one("main")
    assert "value = ..." in main.text
    assert main.select_one(".in-notebook").text == pages.IN_NOTEBOOK
    assert "not yet attempted" not in main.text
    assert "progress" not in main.text


# Around the lesson


def test_contents_lead_to_every_heading():
    page = written(markdown("## One `a`"), markdown("### Inner"), markdown("#### Too deep"), markdown("## Two & three"))
    links = page.select(".contents a")
    assert [link.text for link in links] == ["One a", "Inner", "Two & three"]
    assert all(page.find(id=link["href"].removeprefix("#")).name in ("h2", "h3") for link in links)


def test_lessons_lead_to_one_another():
    page = written()
    links = page.select("header nav a")
    assert [link["href"] for link in links] == ["01_one.html", "02_two.html", "03_three.html"]
    assert [link.get("aria-current") for link in links] == [None, "page", None]
    assert [(link["class"], link["href"]) for link in page.select("footer a")] == [
        (["back"], "01_one.html"),
        (["on"], "03_three.html"),
    ]
    assert page.select_one("footer .back").text == "One & only"


def test_slides_are_those_that_the_cells_declare():
    cells = [markdown("a"), markdown("b", "slide"), markdown("c", "subslide"), markdown("d", "fragment")]
    deck = written(*cells, markdown("e", "skip"), kind="deck")
    slides = [[part.text.split() for part in slide.find_all("section")] for slide in deck.select(".slides > section")]
    assert slides == [[["Two", "a"]], [["b"], ["c", "d"]]]
    assert deck.select_one(".fragment").text.strip() == "d"


def test_a_title_is_text():
    page = BeautifulSoup(
        pages.written(
            nbformat.v4.new_notebook(cells=[markdown("# a")]), ROOT / "x.ipynb", "page", {"x": "<script>1</script>"}
        ),
        "html.parser",
    )
    assert page.title.text == "<script>1</script>"


def test_index_lists_what_is_in_the_folder(tmp_path):
    for name in ("01_one.html", "01_one.slides.html", "03_three.html"):
        (tmp_path / name).touch()
    page = BeautifulSoup(pages.index(TITLES, tmp_path), "html.parser")
    assert [(link.text, link["href"]) for link in page.select("li a")] == [
        ("One & only", "01_one.html"),
        ("slides", "01_one.slides.html"),
        ("Three", "03_three.html"),
    ]


# What a lesson is called


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_title_is_the_first_heading(path):
    assert read(path).cells[0].source.startswith(f"# {pages.title_of(read(path), path)}\n")


def test_a_notebook_without_a_heading_is_called_by_its_file(tmp_path):
    notebook = nbformat.v4.new_notebook(cells=[code("# no heading"), markdown("## second")])
    assert pages.title_of(notebook, tmp_path / "my_notes.ipynb") == "my_notes"

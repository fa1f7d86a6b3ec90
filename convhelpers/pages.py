"""With this module one can write a lesson that has run as one file of HTML: a page to read, or a deck of slides.

The file holds all that it needs, and a Content-Security-Policy forbids it to fetch anything. nbconvert converts, with
the templates in `templates/`; latex2mathml turns formulas into MathML, which browsers draw by themselves; the deck is
run by reveal.js, as the package sphinx-revealjs brings it.
"""

import base64
import copy
import re
from html import escape
from importlib.metadata import distribution
from pathlib import Path
from urllib.parse import quote, unquote
from xml.etree import ElementTree

import nbformat
from jinja2 import Environment, FileSystemLoader, pass_context
from latex2mathml.converter import convert
from nbconvert.exporters import HTMLExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from traitlets.config import Config

from convhelpers import live, packing

TEMPLATES = Path(__file__).parent / "templates"
# Nothing may be fetched. The speaker's window of a deck shows the deck itself twice, in frames.
POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; font-src data:; "
    "frame-src 'self' file:; base-uri 'none'; form-action 'none'"
)
KINDS = {"page": "{}.html", "deck": "{}.slides.html"}
MATH = "{http://www.w3.org/1998/Math/MathML}m"  # what the names of MathML's elements begin with
COURSE = "Is a convolution an element-wise product or a dot product?"
# What a lesson says of JupyterLab's menu.
ONLY_IN_NOTEBOOK = re.compile(r" (Run a cell with [^.]*\. )?If the pictures stand still, [^.]*\.")
CHECK = re.compile(r"^exercises\.\w+\.check\(", flags=re.MULTILINE)
IN_NOTEBOOK = (
    "This exercise runs in the notebook: there you put your answer in the place of the dots, and it is checked."
)


def title_of(notebook, path):
    """Return the text of a lesson's first heading, or the name of its file."""
    prose = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    heading = re.search(r"^# (.+)$", prose, flags=re.MULTILINE)
    return heading.group(1).strip() if heading else path.stem


def written(notebook, path, kind, lessons):
    """Return the HTML of the lesson at `path`, which has run, as a "page" or as a "deck".

    `lessons` is a dictionary of all lessons that are exported together, with the title of each by its name.

    Raises `ValueError` for a lesson that needs more than its own file, and for one with nothing to show.
    """
    notebook = copy.deepcopy(notebook)
    views = live.take_views(notebook)
    _leave_to_the_notebook(notebook)
    name = path.stem
    lesson = {
        "kind": kind,
        "page": address(name, "page"),
        "title": lessons[name],
        "policy": POLICY,
        "mount": live.MOUNT,
        "views": live.packed(views),
        "headings": [],
        "others": _others(name, kind, lessons),
        "styles": _styles(kind),
        "scripts": _scripts(kind, views),
    }
    resources = {"lesson": lesson, "metadata": {"name": name, "path": str(path.parent)}}
    html, _ = LessonExporter(template_name=kind).from_notebook_node(notebook, resources)
    shown = html.partition('<script id="recorded-views"')[0]
    missing = re.search(r'<img[^>]* src="(?!data:)([^"]*)"', shown)
    if missing:
        raise ValueError(f"a picture must be a file beside the lesson; received {missing.group(1)!r}")
    return html


def index(titles, folder):
    """Return the HTML of the list of lessons that are in the folder, with the title of each by its name."""
    there = {kind: names_in(folder, kind) for kind in KINDS}
    entries = [
        {"title": title, **{kind: address(name, kind) for kind in KINDS if name in there[kind]}}
        for name, title in titles.items()
        if name in there["page"]
    ]
    template = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True).get_template("index.html.j2")
    lesson = {"title": COURSE, "policy": POLICY, "styles": _styles("index")}
    return template.render(lesson=lesson, entries=entries)


def address(name, kind):
    """Return the address of a lesson's file, relative to the others; whatever its name, it is no more than that."""
    return quote(KINDS[kind].format(name))


def names_in(folder, kind):
    """Return the names of the lessons of which there is a file of that kind in the folder."""
    _, end = KINDS[kind].split("{}")
    return {path.name.removesuffix(end) for path in folder.glob(f"*{end}")}


class LessonExporter(HTMLExporter):
    """nbconvert's HTML, in a template of ours, with formulas as MathML and links among the exported lessons."""

    @property
    def default_config(self):
        """nbconvert's settings, with templates of ours, and a mount point preferred to all that an output holds."""
        config = super().default_config
        known = config.NbConvertBase.display_data_priority
        return Config(
            config,
            NbConvertBase={"display_data_priority": [live.MOUNT, *known]},
            TemplateExporter={"extra_template_basedirs": [str(TEMPLATES)]},
        )

    def default_filters(self):
        """nbconvert's filters, and one that it lacks."""
        yield from super().default_filters()
        yield "in_base64", lambda text: base64.b64encode(text.encode()).decode("ascii")

    @pass_context
    def markdown2html(self, context, source):
        """Markdown to HTML, by the renderer below."""
        resources = context["resources"]  # a copy of what was passed
        renderer = _Renderer(resources["lesson"], resources["metadata"]["path"], context["cell"].get("attachments", {}))
        return MarkdownWithMath(renderer=renderer).render(source)


class _Renderer(IPythonRenderer):
    def __init__(self, lesson, path, attachments):
        super().__init__(escape=False, embed_images=True, path=path, attachments=attachments, exclude_anchor_links=True)
        self._headings = lesson["headings"]
        self._files = {f"{other['name']}.ipynb": other["file"] for other in lesson["others"]}

    def inline_math(self, body):
        return _mathml(body, "inline")

    def block_math(self, body):
        return _mathml(body, "block")

    def latex_environment(self, name, body):
        return _mathml(f"\\begin{{{name}}}{body}\\end{{{name}}}", "block")

    def block_html(self, html):
        # To embed pictures, nbconvert parses the block, and so closes a <details> whose text comes in later blocks.
        return super().block_html(html) if "<img" in html else html

    def heading(self, text, level, **attributes):
        # nbconvert gives ids only along with its own links to them, which nobody needs beside a list of contents.
        id_ = f"part-{len(self._headings) + 1}"
        self._headings.append({"level": level, "text": text, "id": id_})
        return f'<h{level} id="{id_}">{text}</h{level}>\n'

    def link(self, text, url, title=None):
        if not url.endswith(".ipynb"):
            return super().link(text, url, title)
        file = self._files.get(unquote(url))
        return super().link(text, file, title) if file else text


def _mathml(formula, display):
    """A formula as MathML; as it was typed where that is more than formulas, since latex2mathml escapes no text."""
    try:
        mathml = convert(formula, display=display)
        elements = list(ElementTree.fromstring(mathml).iter())
    except Exception:
        elements = []
    if elements and all(element.tag.startswith(MATH) for element in elements):
        return mathml
    return f"<code>{escape(formula)}</code>"


def _leave_to_the_notebook(notebook):
    """Keep the text of each exercise, and say where it can be done; take out what is about the notebook alone."""
    for cell in live.code_cells(notebook):
        if CHECK.search(cell.source):
            cell.outputs = [_note(IN_NOTEBOOK)]
    notebook.cells = [cell for cell in notebook.cells if cell.source.strip() != "exercises.progress()"]
    for cell in notebook.cells:
        cell.source = ONLY_IN_NOTEBOOK.sub("", cell.source)


def _others(name, kind, lessons):
    names = list(lessons)
    at = names.index(name)
    turns = {at - 1: "back", at + 1: "on"}
    return [
        {
            "name": other,
            "file": address(other, kind),
            "title": title,
            "here": other == name,
            "turn": turns.get(index),
        }
        for index, (other, title) in enumerate(lessons.items())
    ]


def _note(text):
    return nbformat.v4.new_output("display_data", {"text/html": f'<p class="in-notebook">{text}</p>'})


def _styles(kind):
    ours = packing.sheet("exported"), packing.sheet(kind)
    return [_reveal("dist/reveal.css"), *ours] if kind == "deck" else ours


def _scripts(kind, views):
    """The scripts in the order in which they run: what shows views, what mounts them, what the page does besides."""
    scripts = [packing.inline(name) for name in live.scripts(views)]
    if kind == "deck":
        scripts += map(_reveal, ("dist/reveal.js", "plugin/notes/notes.js", "plugin/zoom/zoom.js"))
    return [*scripts, packing.script("mounting") + packing.script(kind)]


def _reveal(name):
    """A file of reveal.js, from the package that brings it; found without importing that package, which is Sphinx's."""
    [path] = [path for path in distribution("sphinx-revealjs").files if path.match(f"_static/revealjs/{name}")]
    return path.read_text(encoding="utf-8")

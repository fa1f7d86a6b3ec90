"""With this module one can write a lesson that has run as one file of HTML: a page to read, or a deck of slides.

The file holds all that it needs, and a Content-Security-Policy forbids it to fetch anything. nbconvert converts, with
the templates in `templates/`; latex2mathml turns formulas into MathML, which browsers draw by themselves; the deck is
run by reveal.js, as the package sphinx-revealjs brings it.
"""

import copy
import re
from importlib.metadata import distribution
from pathlib import Path

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
    "frame-src 'self' file:"
)
KINDS = {"page": "{}.html", "deck": "{}.slides.html"}
COURSE = "Is a convolution an element-wise product or a dot product?"
# What a lesson says of JupyterLab's menu.
ONLY_IN_NOTEBOOK = re.compile(r" (Run a cell with [^.]*\. )?If the pictures stand still, [^.]*\.")
CHECK = re.compile(r"^exercises\.\w+\.check\(", flags=re.MULTILINE)
IN_NOTEBOOK = (
    "This exercise runs in the notebook: there you put your answer in the place of the dots, and it is checked."
)


def title_of(notebook):
    """Return the text of a lesson's first heading."""
    return re.search(r"^# (.+)$", notebook.cells[0].source, flags=re.MULTILINE).group(1).strip()


def written(notebook, path, kind, lessons):
    """Return the HTML of the lesson at `path`, which has run, as a "page" or as a "deck".

    `lessons` is a dictionary of all lessons that are exported together, with the title of each by its name.
    """
    notebook = copy.deepcopy(notebook)
    views = live.take_views(notebook)
    _leave_to_the_notebook(notebook)
    exporter = LessonExporter(kind)
    name = path.stem
    lesson = {
        "kind": kind,
        "title": lessons[name],
        "policy": POLICY,
        "mount": live.MOUNT,
        "views": live.packed(views),
        "headings": [],
        "others": _others(name, kind, lessons),
        "styles": _styles(kind),
        "scripts": _scripts(kind, views),
    }
    html, _ = exporter.from_notebook_node(
        notebook, {"lesson": lesson, "metadata": {"name": name, "path": str(path.parent)}}
    )
    return html


def index(titles, folder):
    """Return the HTML of the list of lessons that are in the folder, with the title of each by its name."""
    entries = [
        {"title": title}
        | {kind: file.format(name) for kind, file in KINDS.items() if (folder / file.format(name)).exists()}
        for name, title in titles.items()
    ]
    template = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True).get_template("index.html.j2")
    lesson = {"title": COURSE, "policy": POLICY, "styles": _styles("index")}
    return template.render(lesson=lesson, entries=[entry for entry in entries if "page" in entry])


class LessonExporter(HTMLExporter):
    """nbconvert's HTML, in a template of ours, with formulas as MathML and links among the exported lessons."""

    def __init__(self, kind):
        self._kind = kind
        super().__init__(
            template_name=kind,
            extra_template_basedirs=[str(TEMPLATES)],
            embed_images=True,
            exclude_input_prompt=True,
            exclude_output_prompt=True,
        )

    @property
    def default_config(self):
        """nbconvert's settings, with a mount point preferred to all else that an output holds."""
        config = super().default_config
        known = config.NbConvertBase.display_data_priority
        return Config(config, NbConvertBase={"display_data_priority": [live.MOUNT, *known]})

    @pass_context
    def markdown2html(self, context, source):
        """Markdown to HTML, by the renderer below."""
        resources = context["resources"]  # a copy of what was passed
        renderer = _Renderer(self._kind, resources["lesson"]["headings"], resources["metadata"]["path"])
        return MarkdownWithMath(renderer=renderer).render(source)


class _Renderer(IPythonRenderer):
    def __init__(self, kind, headings, path):
        super().__init__(escape=False, embed_images=True, path=path, anchor_link_text="#")
        self._kind = kind
        self._headings = headings

    def inline_math(self, body):
        return convert(body)

    def block_math(self, body):
        return convert(body, display="block")

    def block_html(self, html):
        # To embed pictures, nbconvert parses the block, and so closes a <details> whose text comes in later blocks.
        return super().block_html(html) if "<img" in html else html

    def heading(self, text, level, **attributes):
        html = super().heading(text, level, **attributes)
        self._headings.append({"level": level, "text": text, "id": re.search(r'id="([^"]*)"', html).group(1)})
        return html

    def link(self, text, url, title=None):
        stem, suffix, _ = url.partition(".ipynb")
        return super().link(text, KINDS[self._kind].format(stem) if suffix else url, title)


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
            "file": KINDS[kind].format(other),
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
        scripts += [_reveal("dist/reveal.js"), _reveal("plugin/notes/notes.js")]
    return [*scripts, packing.script("mounting") + packing.script(kind)]


def _reveal(name):
    """A file of reveal.js, from the package that brings it; found without importing that package, which is Sphinx's."""
    [path] = [path for path in distribution("sphinx-revealjs").files if path.match(f"_static/revealjs/{name}")]
    return path.read_text(encoding="utf-8")

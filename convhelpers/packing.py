"""With this module one can put a script of `static/` and its style sheets together into what a browser runs.

A view is one hand-written script and one style sheet of the same name; `base.js` and `base.css` are what they share.
"""

import base64
import json
import re
import zlib
from pathlib import Path

STATIC = Path(__file__).parent / "static"
# Every view carries its own code, over a slow line too, so script and style travel deflated: a third of the size.
# All views of a page share one unpacked module: anywidget gives up on a view that is not ready within two seconds.
LOADER = """
const packed = "{}";
const unpack = async () => {{
  const bytes = Uint8Array.from(atob(packed), (character) => character.charCodeAt(0));
  const unpacked = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  const source = new Blob([await new Response(unpacked).text()], {{ type: "text/javascript" }});
  const address = URL.createObjectURL(source);
  const module = await import(address);
  URL.revokeObjectURL(address);
  return module.default;
}};
const modules = (globalThis.chsModules ??= new Map());
if (!modules.has(packed)) modules.set(packed, unpack());
export default await modules.get(packed);
"""


def packed(name):
    """The module of `static/<name>.js` without comments and indentation, deflated, in a loader that unpacks it."""
    return LOADER.format(deflated(with_style(_without_comments(_view(name)), style(name))))


def inline(name):
    """The same for a script that stands in a page: it enters what it would export in `chsViews`, under its name."""
    script = with_style(_without_comments(_view(name)), style(name))
    return script.replace("export default", f"(globalThis.chsViews ??= {{}}).{name} =")


def script(name):
    """The script `static/<name>.js` without comments and indentation."""
    return _without_comments(_read(f"{name}.js"))


def deflated(text):
    """A text as base64, deflated, for `DecompressionStream("deflate-raw")`."""
    deflate = zlib.compressobj(9, wbits=-15)
    return base64.b64encode(deflate.compress(text.encode()) + deflate.flush()).decode("ascii")


def module(name):
    """The same module as it is written, for a page that is to be read."""
    return with_style(_view(name), style(name))


def style(name):
    """The style sheet of `static/<name>.css`, after the one that all share; without comments and line ends."""
    return f"{sheet('base')} {sheet(name)}"


def sheet(name):
    """The style sheet `static/<name>.css` alone, without comments and line ends."""
    return re.sub(r"\s+", " ", re.sub(r"/\*.*?\*/", "", _read(f"{name}.css"), flags=re.DOTALL)).strip()


def with_style(script, sheet):
    """A script with a style sheet before it as the text STYLE; whatever is in the sheet, it stays a text."""
    return f"const STYLE = {json.dumps(sheet)};\n{script}"


def _without_comments(script):
    return re.sub(r"^\s*(//.*\n)?", "", script, flags=re.MULTILINE)


def _view(name):
    return _read("base.js") + _read(f"{name}.js")


def _read(name):
    return (STATIC / name).read_text(encoding="utf-8")

"""With this module one can put a script of `static/` and its style sheets together into what a browser runs.

A view is one hand-written script and one style sheet of the same name; `base.js` and `base.css` are what they share.
"""

import base64
import json
import re
import zlib
from pathlib import Path

STATIC = Path(__file__).parent / "static"
# Every view carries its own code, over a slow line too, so script and style travel deflated, a third of the size. Four
# bytes are written as five letters, those from # on without < and \, which mean something in HTML and in a text.
# All views of a page share one unpacked module: anywidget gives up on a view that is not ready within two seconds.
LETTERS = [chr(code) for code in range(35, 122) if chr(code) not in "<\\"]
LOADER = """
const packed = "{letters}";
const unpack = async () => {{
  const bytes = new DataView(new ArrayBuffer((packed.length / 5) * 4));
  let number = 0;
  for (let at = 0; at < packed.length; at++) {{
    const code = packed.charCodeAt(at);
    number = number * 85 + code - 35 - (code > 60) - (code > 92);
    if (at % 5 < 4) continue;
    bytes.setUint32(((at - 4) / 5) * 4, number);
    number = 0;
  }}
  const deflated = new Blob([bytes]).slice(0, {size}).stream();
  const unpacked = deflated.pipeThrough(new DecompressionStream("deflate-raw"));
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
    data = _deflate(with_style(_without_comments(_view(name)), style(name)))
    return LOADER.format(letters=_in_letters(data), size=len(data))


def inline(name):
    """The same for a script that stands in a page: it enters what it would export in `chsViews`, under its name."""
    script = with_style(_without_comments(_view(name)), style(name))
    return script.replace("export default", f"(globalThis.chsViews ??= {{}}).{name} =")


def script(name):
    """The script `static/<name>.js` without comments and indentation."""
    return _without_comments(_read(f"{name}.js"))


def deflated(text):
    """A text as base64, deflated, for `DecompressionStream("deflate-raw")`."""
    return base64.b64encode(_deflate(text)).decode("ascii")


def module(name):
    """The same module as it is written, for a page that is to be read."""
    return with_style(_view(name), style(name))


def style(name):
    """The style sheet of `static/<name>.css`, after the one that all share; without comments and needless spaces."""
    return sheet("base") + sheet(name)


def sheet(name):
    """The style sheet `static/<name>.css` alone, without comments, line ends, and the spaces that say nothing."""
    sheet = re.sub(r"\s+", " ", re.sub(r"/\*.*?\*/", "", _read(f"{name}.css"), flags=re.DOTALL))
    # One before a colon says something: it makes `:is(...)` speak of what is inside.
    return re.sub(r" ?([{};,]) ?|(:) ", r"\1\2", sheet).replace(";}", "}").strip()


def with_style(script, sheet):
    """A script with a style sheet before it as the text STYLE; whatever is in the sheet, it stays a text."""
    return f"const STYLE = {json.dumps(sheet)};\n{script}"


def _deflate(text):
    deflate = zlib.compressobj(9, wbits=-15)
    return deflate.compress(text.encode()) + deflate.flush()


def _in_letters(data):
    """Each four bytes as five of `LETTERS`, the highest first; the last four filled up with zeros."""
    padded = data + bytes(-len(data) % 4)
    numbers = (int.from_bytes(padded[at : at + 4], "big") for at in range(0, len(padded), 4))
    return "".join(LETTERS[number // 85**power % 85] for number in numbers for power in (4, 3, 2, 1, 0))


def _without_comments(script):
    return re.sub(r"^\s*(//.*\n)?", "", script, flags=re.MULTILINE)


def _view(name):
    return _read("base.js") + _read(f"{name}.js")


def _read(name):
    return (STATIC / name).read_text(encoding="utf-8")

"""What travels to the browser is what was written, no more and no less."""

import json
import re
import zlib

import pytest

from convhelpers.packing import LETTERS, LOADER, STATIC, module, packed, with_style

VIEWS = ["question", "stepper"]


@pytest.fixture(params=VIEWS)
def name(request):
    return request.param


def unpacked(name):
    """What a browser makes of the letters: five are a number of 85 digits, which is four bytes."""
    letters, size = re.search(r'packed = "(.*)";.*slice\(0, (\d+)\)', packed(name), re.DOTALL).groups()
    digits = [LETTERS.index(letter) for letter in letters]
    numbers = [
        sum(d * 85**p for d, p in zip(digits[at : at + 5], (4, 3, 2, 1, 0), strict=True))
        for at in range(0, len(digits), 5)
    ]
    data = b"".join(number.to_bytes(4, "big") for number in numbers)
    inflate = zlib.decompressobj(wbits=-15)
    script = inflate.decompress(data[: int(size)])
    assert inflate.eof
    assert inflate.unused_data == b""
    return script.decode()


def sheet_of(source):
    return json.loads(source.split("\n", 1)[0].removeprefix("const STYLE = ").removesuffix(";"))


def script_of(name):
    return "".join((STATIC / script).read_text(encoding="utf-8") for script in ("base.js", f"{name}.js"))


def test_the_packed_module_is_the_style_sheet_and_the_file(name):
    lines = [line.strip() for line in script_of(name).splitlines()]
    # No text goes over several lines, where indentation would be part of it.
    assert all(line.replace('"`"', "").count("`") % 2 == 0 for line in lines)
    script = unpacked(name).split("\n", 1)[1]
    assert script.splitlines() == [line for line in lines if line and not line.startswith("//")]
    assert len(packed(name)) - len(LOADER) < len(unpacked(name)) / 2


def test_the_style_sheets_travel_without_their_comments(name):
    sent = sheet_of(unpacked(name))
    source = "".join((STATIC / sheet).read_text(encoding="utf-8") for sheet in ("base.css", f"{name}.css"))
    assert "/*" not in sent
    assert "\n" not in sent
    without_comments = "".join(part.split("*/")[-1] for part in source.split("/*"))
    assert re.sub(r"\s|;(?=})", "", sent) == re.sub(r"\s|;(?=\s*})", "", without_comments)


def test_no_letter_of_the_packed_module_means_something_around_it():
    """Neither in a text of a script or of JSON, nor in HTML."""
    assert len(set(LETTERS)) == 85
    assert not set(LETTERS) & set('"\\<\n')


def test_the_module_to_read_is_the_file_as_it_is_written(name):
    assert module(name).split("\n", 1)[1] == script_of(name)
    assert sheet_of(module(name)) == sheet_of(unpacked(name))


def test_a_style_sheet_of_any_text_is_one_text_of_the_module():
    style = 'a::before { content: "</style> ` ${x} \\\\n"; }\n'
    first, rest = with_style("export default 1;", style).split("\n", 1)
    assert json.loads(first.removeprefix("const STYLE = ").removesuffix(";")) == style
    assert rest == "export default 1;"

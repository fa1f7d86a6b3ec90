"""The rooms of the package: who may import whom, in which order they are read, and that each says what it is for."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "convhelpers"
MODULES = {path.stem: ast.parse(path.read_text(encoding="utf-8")) for path in PACKAGE.glob("*.py")}

# What each module may import of the package. A new edge is a decision: enter it here.
EDGES = {
    "__init__": set(),
    "geometry": set(),
    "signals": {"geometry"},
    "operands": set(),
    "im2col": {"geometry", "operands"},
    "arithmetic": {"geometry", "im2col", "operands"},
    "conventions": set(),
    "pairing": {"geometry"},
    "trace": {"operands", "pairing"},
    "texts": set(),
    "wording": {"operands", "texts"},
    "predictions": {"operands"},
    "panels": {"wording"},
    "layouts": {"panels", "wording"},
    "pictures": {"operands", "texts"},
    "stills": {"layouts", "panels", "pictures", "wording"},
    "scene": {"layouts", "panels", "predictions", "wording"},
    "sizes": set(),
    "packing": set(),
    "stepper": {"packing", "scene", "sizes", "stills", "trace", "wording"},
    "controls": {"pairing", "stepper", "stills", "trace"},
    "image_explorers": {
        "arithmetic",
        "controls",
        "geometry",
        "operands",
        "pairing",
        "pictures",
        "signals",
        "wording",
    },
    "layer_explorers": {"controls", "geometry", "operands", "pairing"},
    "explore": {"image_explorers", "layer_explorers"},
    "question": {"packing", "sizes", "texts"},
    "questions": {"question"},
    "lessons": set(),
    "store": {"lessons"},
    "recording": set(),
    "live": {"packing", "recording", "store"},
    "pages": {"live", "packing"},
    "export": {"lessons", "pages", "store"},
    "environment": set(),
    "launcher": {"environment", "lessons", "sizes"},
    "__main__": {"launcher"},
    # The checking branch: it may use the core, and must not meet the drawing branch.
    "feedback": {"packing", "texts"},
    "check": {"feedback"},
    "exercise": {"check", "feedback"},
    "product_exercises": {"exercise"},
    "window_exercises": {"arithmetic", "exercise", "geometry"},
    "depth_exercises": {"arithmetic", "exercise"},
    "im2col_exercises": {"arithmetic", "exercise", "im2col"},
    "neuron_exercises": {"arithmetic", "exercise", "pairing", "trace"},
    "exercises": {"depth_exercises", "im2col_exercises", "neuron_exercises", "product_exercises", "window_exercises"},
    "solve": {"exercises", "lessons", "store"},
}
# What each module may import from outside the standard library.
PACKAGES = {
    "pictures": {"matplotlib", "numpy", "PIL"},
    "stills": {"matplotlib", "numpy", "PIL"},
    "texts": set(),
    "sizes": set(),
    "packing": set(),
    "stepper": {"anywidget", "numpy", "traitlets"},
    "controls": {"ipywidgets", "numpy"},
    "image_explorers": {"ipywidgets", "numpy"},
    "explore": set(),
    "question": {"anywidget", "traitlets"},
    "questions": set(),
    "conventions": set(),
    "signals": {"matplotlib", "numpy"},
    "lessons": set(),
    "store": {"nbclient", "nbformat"},
    "recording": {"PIL"},
    "live": {"nbformat"},
    "pages": {"jinja2", "latex2mathml", "nbconvert", "nbformat", "traitlets"},
    "export": {"nbformat", "tqdm"},
    "solve": set(),
    "feedback": set(),
    "exercises": set(),
    "geometry": set(),
    "environment": set(),
    "launcher": set(),
    "__main__": set(),
    "__init__": set(),
}
SHEETS = sorted((PACKAGE / "static").glob("*.css"))
PAGES = {"exported", "page", "deck", "index"}
EXPLORERS = {"controls", "image_explorers", "layer_explorers", "explore"}
DRAWING = {"wording", "predictions", "panels", "layouts", "pictures", "stills", "scene", "stepper"} | EXPLORERS
CHECKING = {
    "feedback",
    "check",
    "exercise",
    "product_exercises",
    "window_exercises",
    "depth_exercises",
    "im2col_exercises",
    "neuron_exercises",
    "exercises",
}
NUMPY_ALONE = [
    "geometry",
    "operands",
    "im2col",
    "arithmetic",
    "pairing",
    "trace",
    "signals",
    "panels",
    "layouts",
    "texts",
    "wording",
    "predictions",
]


def imported(tree):
    """The modules that a source imports, wherever in it, as dotted names."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are written out in full"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def edges(tree):
    """The modules of the package that a source imports."""
    own = {name.split(".")[1] for name in imported(tree) if name.startswith("convhelpers.")}
    assert own <= set(MODULES)
    return own


def reading_order():
    listed = re.findall(r"^    (\w+)  ", ast.get_docstring(MODULES["__init__"], clean=False), flags=re.MULTILINE)
    assert len(listed) == len(set(listed))
    return listed


# Who imports whom


@pytest.mark.parametrize("name", MODULES)
def test_imports_run_along_the_allowed_edges(name):
    assert edges(MODULES[name]) <= EDGES[name]


@pytest.mark.parametrize("name", MODULES)
def test_every_allowed_edge_of_a_module_is_used(name):
    assert EDGES[name] <= edges(MODULES[name]) | (set(EDGES) - set(MODULES))


@pytest.mark.parametrize("name", MODULES)
def test_packages_that_a_module_may_need(name):
    outside = {path.split(".")[0] for path in imported(MODULES[name])} - set(sys.stdlib_module_names) - {"convhelpers"}
    assert outside <= PACKAGES.get(name, {"numpy"})


def test_drawing_and_checking_never_meet():
    for name, allowed in EDGES.items():
        if name in DRAWING:
            assert not allowed & CHECKING
        if name in CHECKING:
            assert not allowed & DRAWING


@pytest.mark.parametrize("name", MODULES)
def test_nothing_imports_a_notebook_or_a_test(name):
    assert not {path.split(".")[0] for path in imported(MODULES[name])} & {"notebooks", "tests", "pytest"}


def test_the_core_loads_numpy_and_no_more():
    present = [name for name in NUMPY_ALONE if name in MODULES]
    heavy = ["matplotlib", "scipy", "PIL", "ipywidgets", "anywidget", "traitlets", "IPython", "torch"]
    script = (
        "import importlib, sys\n"
        f"for name in {present}: importlib.import_module('convhelpers.' + name)\n"
        f"print([name for name in {heavy} if name in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


# Reading order


def test_the_package_lists_its_modules():
    assert sorted(reading_order()) == sorted(set(MODULES) - {"__init__"})


@pytest.mark.parametrize("name", sorted(set(MODULES) - {"__init__"}))
def test_a_module_imports_only_what_is_read_before_it(name):
    order = reading_order()
    assert edges(MODULES[name]) <= set(order[: order.index(name)])


def test_the_package_imports_nothing():
    (docstring,) = MODULES["__init__"].body
    assert isinstance(docstring, ast.Expr)


# What each says about itself


@pytest.mark.parametrize("name", sorted(set(MODULES) - {"__init__", "__main__"}))
def test_a_module_opens_with_what_one_can_do_with_it(name):
    assert ast.get_docstring(MODULES[name]).startswith("With this module one can ")


def public_definitions(tree):
    """Every public class, function and method, but not the setter of a property, which speaks for both."""
    for node in tree.body:
        if not isinstance(node, (ast.FunctionDef, ast.ClassDef)) or node.name.startswith("_"):
            continue
        if not any(isinstance(way, ast.Attribute) and way.attr == "setter" for way in node.decorator_list):
            yield node
        if isinstance(node, ast.ClassDef):
            yield from public_definitions(node)


@pytest.mark.parametrize(
    "node",
    [
        pytest.param(node, id=f"{module}.{node.name}")
        for module, tree in MODULES.items()
        for node in public_definitions(tree)
    ],
)
def test_what_is_public_has_a_docstring(node):
    assert ast.get_docstring(node)


# JavaScript


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.js")), ids=lambda path: path.name)
def test_javascript_is_whole_in_one_file(path):
    source = path.read_text(encoding="utf-8")
    code = re.sub(r"(?<!:)//[^\n]*|/\*.*?\*/", "", source, flags=re.DOTALL)
    assert not re.search(r"\bimport\b|\brequire\s*\(|\bfetch\s*\(|XMLHttpRequest|\beval\s*\(|\bnew Function\b", code)
    assert "http" not in code.replace("http://www.w3.org/2000/svg", "")
    assert not re.search(r"(inner|outer|insertAdjacent)HTML|document\.write|createContextualFragment|DOMParser", code)


def test_no_two_style_sheets_use_one_name():
    """They meet in one page: only what `base.css` names may be named again."""
    names = {}
    for path in (PACKAGE / "static").glob("*.css"):
        source = re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        for rule in re.findall(r"([^{}]+)\{", source):
            # Inside a rule's own root, names are free.
            for alternative in re.split(r",(?![^(]*\))", rule):
                for name in re.findall(r"\.(chs-[\w-]+)", alternative)[:1]:
                    names.setdefault(name, set()).add(path.name)
    shared = {name: sheets for name, sheets in names.items() if len(sheets - {"base.css"}) > 1}
    assert shared == {}


@pytest.mark.parametrize("path", SHEETS, ids=lambda path: path.name)
def test_a_style_sheet_loads_nothing(path):
    assert not re.search(r"@import|url\(", path.read_text(encoding="utf-8"))


# Those of exported pages have the page to themselves.
@pytest.mark.parametrize("path", [path for path in SHEETS if path.stem not in PAGES], ids=lambda path: path.name)
def test_a_style_sheet_stays_in_its_own_corner(path):
    source = re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    flat = re.sub(r"@(?:media|container|supports)[^{]*\{((?:[^{}]*\{[^{}]*\})*[^{}]*)\}", r"\1", source)
    selectors = [text.strip() for text in re.findall(r"([^{}]+)\{", flat)]
    assert len(selectors) >= 8
    for selector in selectors:
        for alternative in re.split(r",(?![^(]*\))", selector):
            assert ".chs" in alternative, f"{alternative!r} would reach what is not ours"

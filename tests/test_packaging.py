"""What is declared is true: pyproject.toml names what is imported, and the wheel holds all that the package needs."""

import ast
import os
import re
import runpy
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
EXPORT = PYPROJECT["project"]["optional-dependencies"]["export"]
EXPORTING = ("pages", "export")  # what alone needs the extra `export`


# Dependencies


def imported_packages(source):
    """Return the packages that `source` imports, wherever in it, without the standard library and our own."""
    nodes = [node for node in ast.walk(ast.parse(source)) if isinstance(node, (ast.Import, ast.ImportFrom))]
    paths = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    paths += [node.module for node in nodes if isinstance(node, ast.ImportFrom)]
    return {path.split(".")[0] for path in paths} - set(sys.stdlib_module_names) - {"convhelpers"}


def imported_by(paths):
    sources = [path.read_text(encoding="utf-8") for path in paths]
    return {{"PIL": "pillow"}.get(name, name) for source in sources for name in imported_packages(source)}


def declared(requirements):
    return sorted(re.match("[a-z0-9_-]+", requirement)[0] for requirement in requirements)


def test_dependencies_are_what_the_package_imports_and_what_the_lessons_need():
    paths = [path for path in (ROOT / "convhelpers").glob("*.py") if path.stem not in EXPORTING]
    assert declared(PYPROJECT["project"]["dependencies"]) == sorted(imported_by(paths) | {"jupyterlab", "scipy"})


def test_the_export_needs_what_it_imports_and_the_package_that_brings_reveal():
    needed = imported_by(ROOT / "convhelpers" / f"{name}.py" for name in EXPORTING) | {"sphinx-revealjs"}
    assert set(declared(EXPORT)) == needed - set(declared(PYPROJECT["project"]["dependencies"]))


@pytest.mark.parametrize("requirement", PYPROJECT["project"]["dependencies"] + EXPORT)
def test_dependency_has_a_lower_bound_and_no_upper_one(requirement):
    assert re.fullmatch(r"[a-z0-9_-]+>=[0-9.]+", requirement)


def test_tests_can_build_the_wheel_without_a_network():
    assert set(PYPROJECT["build-system"]["requires"]) <= set(PYPROJECT["project"]["optional-dependencies"]["test"])


@pytest.mark.parametrize("name", ["postBuild", ".ci/run"])
def test_script_can_be_run_and_stops_at_the_first_failure(name):
    script = (ROOT / name).read_bytes()
    assert script.startswith(b"#!/usr/bin/env bash\n")
    assert b"\nset -euo pipefail\n" in script
    assert b"\r" not in script
    assert os.name != "posix" or os.access(ROOT / name, os.X_OK)


@pytest.mark.skipif(os.name != "posix", reason="postBuild runs on POSIX systems only")
def test_postbuild_gives_jupyterlab_the_settings_and_the_extension_that_the_launcher_gives_it(tmp_path):
    python = tmp_path / "bin" / "python"
    python.parent.mkdir()
    python.write_text(f'#!/bin/sh\n[ "$1" = -m ] || echo "{tmp_path}"\n')  # pip does nothing; the prefix is here
    python.chmod(0o755)
    path = os.pathsep.join([str(python.parent), os.environ["PATH"]])
    for _ in range(2):  # a second time, too
        subprocess.run([ROOT / "postBuild"], cwd=ROOT, env={**os.environ, "PATH": path}, check=True)
    for ours, theirs in [("labconfig", "etc/jupyter/labconfig"), ("labextensions", "share/jupyter/labextensions")]:
        assert files_under(tmp_path / theirs) == files_under(ROOT / "convhelpers" / ours) != {}


def files_under(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


# The wheel


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The project's wheel, built without a network."""
    folder = tmp_path_factory.mktemp("wheel")
    pip("wheel", "--no-build-isolation", "--wheel-dir", folder, ROOT)
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """An empty folder with nothing but the installed wheel in it."""
    folder = tmp_path_factory.mktemp("installed")
    pip("install", "--target", folder, wheel)
    return folder


def pip(command, *arguments):
    common = [sys.executable, "-m", "pip", command, "--no-deps", "--no-index", "--quiet"]
    done = subprocess.run([*map(str, [*common, *arguments])], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def run_installed(installed, code):
    """Run `code` far from the clone, with the installed package; return what it printed."""
    first = f"import sys; sys.path.insert(0, {str(installed)!r})\n"
    command = [sys.executable, "-I", "-c", first + code]
    done = subprocess.run(command, cwd=installed, capture_output=True, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_wheel_holds_every_file_of_the_package_and_no_other(wheel):
    files = [path for path in (ROOT / "convhelpers").rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    with zipfile.ZipFile(wheel) as archive:
        held = [name for name in archive.namelist() if ".dist-info/" not in name]
    assert sorted(held) == sorted(path.relative_to(ROOT).as_posix() for path in files)
    assert "convhelpers/static/stepper.js" in held


def test_wheel_names_its_licence(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        (metadata,) = [name for name in names if name.endswith(".dist-info/METADATA")]
        text = archive.read(metadata).decode()
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in names)
    assert "\nLicense-Expression: BSD-3-Clause\n" in text


def test_installed_stepper_shows_itself(installed):
    code = """
import convhelpers
from convhelpers.pairing import cross_correlation
from convhelpers.stepper import Stepper
from convhelpers.trace import record

x, kernel = [[1, 2], [3, 4]], [[1, 0]]
stepper = Stepper(record(cross_correlation((2, 2), (1, 2)), x, kernel))
assert "export default" in stepper._esm and len(stepper._esm) > 10_000
data, metadata = stepper._repr_mimebundle_()
assert "application/vnd.jupyter.widget-view+json" in data
assert data["image/png"] and metadata["image/png"]["alt"] and data["text/plain"]
print(convhelpers.__file__)
"""
    assert Path(run_installed(installed, code).strip()).is_relative_to(installed)


def test_installed_package_says_that_it_came_without_lessons(installed):
    code = "from convhelpers import launcher; print(launcher.main([]))"
    assert run_installed(installed, code) == "1\n"


def test_package_itself_imports_nothing(installed):
    code = "before = set(sys.modules)\nimport convhelpers\nprint(set(sys.modules) - before)"
    assert run_installed(installed, code) == "{'convhelpers'}\n"


# The oldest versions


def test_every_lower_bound_is_tried_as_it_stands():
    """The script of `.ci` reads them here, and leaves out only tools that are asked what today's version does."""
    script = runpy.run_path(str(ROOT / ".ci" / "oldest.py"))
    extras = PYPROJECT["project"]["optional-dependencies"]
    bounds = [*PYPROJECT["project"]["dependencies"], *EXPORT, *extras["test"]]
    assert set(script["pins"]()) == {bound.replace(">=", "==") for bound in bounds if ">=" in bound}
    assert {*declared(PYPROJECT["project"]["dependencies"]), *declared(EXPORT)} <= set(script["needed"]())
    assert script["NOT_HERE"] <= set(declared(extras["test"]))

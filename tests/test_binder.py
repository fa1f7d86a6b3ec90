"""Binder can build the project, as far as that shows without a container engine, a network and conda itself.

repo2docker says what it would build, rattler reads the specs as conda does, and postBuild runs in an empty environment.
"""

import os
import re
import shutil
import subprocess
import sys
import tomllib
import venv
from pathlib import Path

import flit_core
import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from rattler import MatchSpec

ROOT = Path(__file__).parents[1]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
CONDA = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
FROM_OUR_FILES = re.compile(
    r"^COPY \S+ (?P<copied>src/\S*) |^.*env update .*--file (?P<updated>\S+) |^RUN (?P<run>\./\S+)$", re.MULTILINE
)
CACHEABLE = ["src/environment.yml", '"environment.yml"', "src/", "./postBuild"]


def copy_of_the_project(folder):
    """Copy what Binder would have of the project: the files, without what only this machine made."""
    return shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(".*", "__pycache__"))


# environment.yml


def test_environment_has_the_dependencies_of_pyproject_and_what_postbuild_needs():
    declared = map(Requirement, [*PYPROJECT["project"]["dependencies"], *PYPROJECT["build-system"]["requires"]])
    wanted = {requirement.name.replace("_", "-"): str(requirement.specifier) for requirement in declared}
    read = [MatchSpec(spec, strict=True) for spec in CONDA["dependencies"]]
    versions = {spec.name.normalized: str(spec.version) for spec in read if spec.version is not None}
    assert versions == {"python": "3.12.*"} | wanted
    assert sorted(spec.name.normalized for spec in read) == sorted(["pip", *versions])


def test_python_is_one_that_the_project_takes():
    assert "3.12" in SpecifierSet(PYPROJECT["project"]["requires-python"])


def test_environment_comes_from_conda_forge_alone():
    assert (CONDA["name"], CONDA["channels"]) == ("convhelpers", ["conda-forge"])


def test_nothing_hides_the_environment_from_binder():
    hiding = ["binder", ".binder", "Dockerfile", "requirements.txt", "runtime.txt", "setup.py"]
    assert [name for name in hiding if (ROOT / name).exists()] == []


# The image


def dockerfile(folder):
    """Return the Dockerfile that repo2docker makes for Binder's user; no engine and no network is asked."""
    command = [sys.executable, "-m", "repo2docker", "--no-build", "--debug"]
    command += ["--user-name", "jovyan", "--user-id", "1000", str(folder)]
    nowhere = {"DOCKER_HOST": "unix:///nowhere", "https_proxy": "http://127.0.0.1:9"}
    done = subprocess.run(command, capture_output=True, encoding="utf-8", env=os.environ | nowhere)
    assert done.returncode == 0, done.stderr
    return done.stdout


def steps(text):
    """Return what a Dockerfile does with files of ours, in order."""
    return [match[match.lastgroup] for match in FROM_OUR_FILES.finditer(text)]


def test_image_starts_from_conda_with_our_python():
    assert re.findall(r"conda-2fenvironment-2epy-2d(\d+)-2e(\d+)-2d", dockerfile(ROOT)) == [("3", "12")]


def test_packages_are_installed_before_the_lessons_are_copied():
    """So Binder takes them from its store when only the lessons, or the package, have changed."""
    assert steps(dockerfile(ROOT)) == CACHEABLE


def test_packages_would_be_installed_last_with_the_project_among_them(tmp_path):
    """This is why postBuild installs the project, and why the test above can fail."""
    project = copy_of_the_project(tmp_path / "project")
    with (project / "environment.yml").open("a", encoding="utf-8") as file:
        file.write("  - pip:\n    - -e .\n")
    assert steps(dockerfile(project)) == ["src/", '"environment.yml"', "./postBuild"]


# postBuild


@pytest.fixture(scope="module")
def after_postbuild(tmp_path_factory):
    """A copy of the project, and an environment in which its postBuild has run: pip, flit-core and four commands."""
    folder = tmp_path_factory.mktemp("binder")
    project = copy_of_the_project(folder / "project")
    venv.create(folder / "env", with_pip=True)
    (packages,) = (folder / "env").glob("lib/python*/site-packages")
    shutil.copytree(Path(flit_core.__file__).parent, packages / "flit_core")
    (folder / "commands").mkdir()
    for command in ["bash", "env", "mkdir", "cp"]:
        (folder / "commands" / command).symlink_to(shutil.which(command))
    alone = {"PATH": f"{folder / 'env' / 'bin'}:{folder / 'commands'}", "HOME": str(folder), "PIP_NO_INDEX": "1"}
    done = subprocess.run(["./postBuild"], cwd=project, env=alone, capture_output=True, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    return project, folder / "env"


posix = pytest.mark.skipif(os.name != "posix", reason="a script for bash")


@posix
def test_postbuild_installs_the_copy_that_the_learner_sees(after_postbuild):
    project, environment = after_postbuild
    command = [environment / "bin" / "python", "-c", "import convhelpers; print(convhelpers.__file__)"]
    shown = subprocess.run(command, cwd=environment, capture_output=True, encoding="utf-8", check=True).stdout
    assert Path(shown.strip()) == project / "convhelpers" / "__init__.py"


@posix
@pytest.mark.parametrize(("ours", "jupyter_s"), [("labconfig", "etc/jupyter"), ("labextensions", "share/jupyter")])
def test_postbuild_gives_jupyterlab_what_our_command_gives_it(after_postbuild, ours, jupyter_s):
    project, environment = after_postbuild
    files = [path for path in (project / "convhelpers" / ours).rglob("*") if path.is_file()]
    assert files
    for path in files:
        installed = environment / jupyter_s / path.relative_to(project / "convhelpers")
        assert installed.read_bytes() == path.read_bytes()

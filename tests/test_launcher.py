"""The launcher and its environment, run as a learner runs it: in a small copy of the project, without a network.

The copy's build backend needs nothing from outside. In place of JupyterLab, ruff and pytest it installs stand-ins that
print how they were called, so a whole first start is real: venv, pip, marker and all.
"""

import ast
import contextlib
import io
import json
import os
import re
import runpy
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from convhelpers import environment as in_venv
from convhelpers import launcher

PACKAGE = Path(launcher.__file__).parent
posix_only = pytest.mark.skipif(os.name != "posix", reason="the process is handed over on POSIX systems only")

PYPROJECT = """\
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]

[project]
name = "convhelpers"
version = "0"
dependencies = []
optional-dependencies.test = []
optional-dependencies.export = []
"""

BACKEND = '''\
import pathlib, time, tomllib, zipfile

STAND_IN = """
import json, os, sys
names = ("JUPYTER_CONFIG_PATH", "JUPYTER_PATH", "CONVHELPERS_SIZE", "VIRTUAL_ENV", "PATH")
names += ("JUPYTERLAB_WORKSPACES_DIR",)
call = {"module": __spec__.parent, "arguments": sys.argv[1:], "pid": os.getpid(), "python": sys.prefix,
    "folder": os.getcwd()}
print(json.dumps({**call, **{name: os.environ.get(name) for name in names}}))
sys.exit(int(os.environ.get("EXIT_" + __spec__.parent, 0)))
"""

def build_editable(wheel_directory, config_settings=None, metadata_directory=None):
    here = pathlib.Path.cwd()
    with open(here / "builds", "a") as builds:
        builds.write("x")
    while (here / "slow").exists():
        time.sleep(0.02)
    project = tomllib.loads((here / "pyproject.toml").read_text())["project"]
    metadata = "Metadata-Version: 2.1\\nName: convhelpers\\nVersion: 0\\n"
    metadata += "Provides-Extra: test\\nProvides-Extra: export\\n"
    metadata += "".join(f"Requires-Dist: {name}\\n" for name in project["dependencies"])
    files = {
        "convhelpers.pth": str(here) + "\\n",
        "convhelpers-0.dist-info/METADATA": metadata,
        "convhelpers-0.dist-info/WHEEL": "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
    }
    for module in ("jupyterlab", "ruff", "pytest"):
        files[module + "/__init__.py"] = ""
        files[module + "/__main__.py"] = STAND_IN
    files["convhelpers-0.dist-info/RECORD"] = "".join(f"{name},,\\n" for name in files)
    name = "convhelpers-0-py3-none-any.whl"
    with zipfile.ZipFile(pathlib.Path(wheel_directory) / name, "w") as wheel:
        for path, text in files.items():
            wheel.writestr(path, text)
    return name
'''


def make_project(folder):
    """Make a small project at `folder`, with the real launcher."""
    shutil.copytree(PACKAGE, folder / "convhelpers", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "notebooks").mkdir()
    for lesson in ("01_elementwise_vs_dot", "02_two – zwei"):
        (folder / "notebooks" / f"{lesson}.ipynb").touch()
    (folder / "pyproject.toml").write_text(PYPROJECT)
    (folder / "backend.py").write_text(BACKEND)
    return folder


@pytest.fixture
def project(tmp_path):
    """A project that was never started; its name has what paths may have."""
    return make_project(tmp_path / "Kurs [1] – Ü")


@pytest.fixture(scope="module")
def started(tmp_path_factory):
    """A project that was started once, and what that start printed."""
    folder = make_project(tmp_path_factory.mktemp("started") / "a course")
    return folder, start(folder)


@pytest.fixture
def ready(started):
    """A started project, as its first start left it: marker and pyproject.toml are put back afterwards."""
    folder, _ = started
    kept = {path: path.read_text() for path in (folder / "pyproject.toml", marker(folder))}
    yield folder
    for path, text in kept.items():
        path.write_text(text)


def environment(**more):
    """Return an environment without a network for pip, and without the tester's own settings."""
    ours = ("PIP_", "PYTHON", "JUPYTER", "CONVHELPERS")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return {**kept, "PIP_NO_INDEX": "1", "PIP_CONFIG_FILE": os.devnull, "PYTHONUTF8": "1", **more}


def start(project, *arguments, python=(sys.executable, "-m", "convhelpers"), folder=None, timeout=120, **more):
    """Run the launcher in `project`, or with a Python that knows it in `folder`; return the finished process."""
    command = [*python, *arguments]
    settings = {"cwd": folder or project, "env": environment(**more), "timeout": timeout}
    return subprocess.run(command, capture_output=True, encoding="utf-8", **settings)


def calls(done):
    """List the calls that the stand-ins printed."""
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def marker(project):
    return project / ".venv" / in_venv.MARKER


def builds(project):
    """Count how often the project was built."""
    return len((project / "builds").read_text()) if (project / "builds").exists() else 0


def one_line(done, code):
    """Check that a start ended with `code` and one line on stderr; return the line."""
    lines = done.stderr.strip().splitlines()
    assert (done.returncode, len(lines)) == (code, 1), done.stderr
    assert lines[0].startswith("convhelpers: ")
    return lines[0]


# Before anything is installed


@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_help_names_every_command_and_makes_nothing(project, flag):
    done = start(project, flag)
    assert done.returncode == 0
    assert all(f"\n  {command} " in done.stdout for command in launcher.COMMANDS)
    assert not (project / ".venv").exists()


def test_unknown_command(project):
    said = "unknown command 'labb'; there are lab, present, export, solve, store, test, bench (see --help)"
    assert said in one_line(start(project, "labb"), 2)
    assert not (project / ".venv").exists()


def test_old_python_is_told_so_in_one_line(project):
    pretend = (
        "import sys, runpy; sys.version_info = (3, 8, 10, 'final', 0); "
        "runpy.run_module('convhelpers', run_name='__main__')"
    )
    line = one_line(start(project, python=(sys.executable, "-c", pretend)), 1)
    assert "Python 3.11 or newer is needed; this is 3.8" in line
    assert not (project / ".venv").exists()


@pytest.mark.parametrize("name", ["__init__.py", "__main__.py"])
def test_first_files_can_be_read_by_an_old_python(name):
    source = (PACKAGE / name).read_bytes()
    assert source.isascii()  # Python 2 refuses anything else without a line that declares it
    ast.parse(source, feature_version=(3, 4))  # no f-string, no annotated variable, no walrus


def test_oldest_python_is_the_one_of_pyproject():
    oldest = runpy.run_path(str(PACKAGE / "__main__.py"))["OLDEST"]
    text = (PACKAGE.parent / "pyproject.toml").read_text(encoding="utf-8")
    assert 'requires-python = ">={}.{}"'.format(*oldest) in text


def test_launcher_needs_the_standard_library_alone(project):
    done = start(project, "--help", python=(sys.executable, "-S", "-s", "-m", "convhelpers"))  # -S: no site-packages
    assert done.returncode == 0, done.stderr


def test_package_without_the_lessons_says_to_clone(tmp_path):
    shutil.copytree(PACKAGE, tmp_path / "convhelpers")
    assert "clone the whole project" in one_line(start(tmp_path), 1)
    assert not (tmp_path / ".venv").exists()


@pytest.mark.parametrize("module", ["venv", "ensurepip"])
def test_missing_venv_names_the_debian_package(project, tmp_path, module):
    (tmp_path / f"{module}.py").write_text("raise ImportError('not here')")
    line = one_line(start(project, PYTHONPATH=str(tmp_path)), 1)
    assert "came without venv or ensurepip (not here)" in line
    assert "apt install python3-venv" in line
    assert not (project / ".venv").exists()


@pytest.mark.parametrize(
    ("rest", "said"),
    [("sys.exit('no\\nroom')", "python -m venv failed.*: no room"), ("", "cannot be made: .*No such file")],
)
def test_venv_that_stops_half_way_leaves_nothing(project, tmp_path, rest, said):
    (tmp_path / "venv").mkdir()
    (tmp_path / "venv" / "__init__.py").touch()
    (tmp_path / "venv" / "__main__.py").write_text(f"import os, sys\nos.mkdir(sys.argv[1] + '/lib')\n{rest}")
    assert re.search(said, one_line(start(project, PYTHONPATH=str(tmp_path)), 1))
    assert not (project / ".venv").exists()


# The first start, and how it can fail


def test_first_start_installs_and_opens_lesson_1(started):
    project, done = started
    (call,) = calls(done)
    assert call["module"] == "jupyterlab"
    assert call["arguments"] == [
        f"--ServerApp.root_dir={project}",
        "--LabApp.default_url=/lab/tree/notebooks/01_elementwise_vs_dot.ipynb",
    ]
    assert call["python"] == call["VIRTUAL_ENV"] == str(project / ".venv")
    assert call["PATH"].split(os.pathsep)[0] == str(launcher.venv_python(project / ".venv").parent)
    assert call["JUPYTER_CONFIG_PATH"] == call["JUPYTER_PATH"] == str(project / "convhelpers")
    assert call["CONVHELPERS_SIZE"] is call["JUPYTERLAB_WORKSPACES_DIR"] is None
    assert json.loads(marker(project).read_text())["state"] == "complete"


def test_first_start_says_what_it_does(started):
    _, done = started
    said = [line for line in done.stdout.splitlines() if not line.startswith("{")]
    assert said[0] == "convhelpers: first start: making .venv and installing JupyterLab into it, about a minute"
    assert said[1] == "  installing 1 packages"
    assert said[2].startswith("convhelpers: ready after ")


def test_lesson_1_is_there():
    assert (PACKAGE.parent / launcher.FIRST_LESSON).is_file()


def test_failed_install_leaves_nothing_and_the_next_start_starts_over(project):
    pyproject = project / "pyproject.toml"
    pyproject.write_text(PYPROJECT.replace("dependencies = []", 'dependencies = ["not-to-be-had"]', 1))
    line = one_line(start(project), 1)
    assert "not-to-be-had" in line
    assert "is there a network?" in line
    assert not (project / ".venv").exists()

    pyproject.write_text(PYPROJECT)
    done = start(project)
    assert done.returncode == 0, done.stderr
    assert len(calls(done)) == 1


def stop(project, while_it_installs=lambda: None):
    """Start, press Ctrl+C while the project is built, and return the exit code and what was said on stderr."""
    before = builds(project)
    (project / "slow").touch()
    # Where the tests run in the background, Ctrl+C is ignored; a learner's terminal does not do that.
    as_in_a_terminal = (
        "import signal, runpy; signal.signal(signal.SIGINT, signal.default_int_handler); "
        "runpy.run_module('convhelpers', run_name='__main__')"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", as_in_a_terminal],
        cwd=project,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        start_new_session=True,
    )
    try:
        wait_for(lambda: builds(project) > before)
        while_it_installs()
        os.killpg(process.pid, signal.SIGINT)
        _, errors = process.communicate(timeout=30)
    finally:
        (project / "slow").unlink()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    return process.returncode, errors


@posix_only
def test_ctrl_c_leaves_nothing_and_a_second_start_meanwhile_is_refused(project):
    def start_again():
        assert "another start is at work" in one_line(start(project, timeout=20), 1)

    assert stop(project, start_again) == (130, "convhelpers: stopped; nothing half-made is kept\n")
    assert not (project / ".venv").exists()


@posix_only
def test_ctrl_c_in_an_update_claims_nothing_about_what_is_kept(ready):
    before = marker(ready).read_text()
    (ready / "pyproject.toml").write_text(PYPROJECT + "urls.home = 'away'\n")
    assert stop(ready) == (130, "convhelpers: stopped\n")
    assert marker(ready).read_text() == before
    assert len(calls(start(ready))) == 1


def wait_for(condition, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_venv_of_somebody_else_is_left_alone(project):
    (project / ".venv").mkdir()
    (project / ".venv" / "mine").write_text("precious")
    assert "was not made by this command" in one_line(start(project), 1)
    assert [path.name for path in (project / ".venv").iterdir()] == ["mine"]


def test_file_in_the_place_of_venv_is_left_alone(project):
    (project / ".venv").write_text("precious")
    assert "was not made by this command" in one_line(start(project), 1)
    assert (project / ".venv").read_text() == "precious"


@posix_only
def test_folder_that_cannot_be_written(project):
    nowhere = project / "nowhere"
    (project / ".venv").symlink_to(nowhere)  # root may write anywhere, but not through a link to nothing
    assert ".venv was not made by this command" in one_line(start(project), 1)
    assert (project / ".venv").is_symlink()


# Later starts


def test_second_start_does_not_call_pip(ready):
    before = builds(ready)
    done = start(ready)
    assert [call["module"] for call in calls(done)] == ["jupyterlab"]
    assert len(done.stdout.splitlines()) == 1
    assert builds(ready) == before


@posix_only
def test_process_is_handed_over(ready):
    process = subprocess.Popen(
        [sys.executable, "-m", "convhelpers"],
        cwd=ready,
        env=environment(EXIT_jupyterlab="7"),
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )
    printed, _ = process.communicate()
    assert json.loads(printed)["pid"] == process.pid
    assert process.returncode == 7


@pytest.mark.parametrize("command", [(), ("lab",)])
def test_arguments_go_to_jupyterlab(ready, command):
    (call,) = calls(start(ready, *command, "--no-browser", "--port", "9999"))
    assert call["arguments"][-3:] == ["--no-browser", "--port", "9999"]


SECOND = "02_two – zwei"
OPENS_SECOND = "--LabApp.default_url=/lab/tree/notebooks/02_two%20%E2%80%93%20zwei.ipynb"


@pytest.mark.parametrize("lesson", ["2", SECOND, f"notebooks/{SECOND}.ipynb"])
@pytest.mark.parametrize("command", [(), ("lab",)])
def test_named_lesson_is_opened_instead_of_lesson_1(ready, command, lesson):
    (call,) = calls(start(ready, *command, lesson, "--port", "9999"))
    assert call["arguments"] == [f"--ServerApp.root_dir={ready}", OPENS_SECOND, "--port", "9999"]


def test_notebook_may_stand_behind_options_and_a_number_there_belongs_to_them(ready):
    (call,) = calls(start(ready, "--port", "2", f"notebooks/{SECOND}.ipynb"))
    assert call["arguments"] == [f"--ServerApp.root_dir={ready}", OPENS_SECOND, "--port", "2"]
    (call,) = calls(start(ready, "--port", "2"))
    assert call["arguments"][1].endswith("/01_elementwise_vs_dot.ipynb")


@pytest.mark.parametrize("command", ["lab", "present"])
@pytest.mark.parametrize(("lesson", "said"), [("7", "received '7'; there are 01_elem"), ("away.ipynb", "'away.ipynb'")])
def test_lesson_that_is_not_there_is_said_in_one_line_before_anything_is_made(project, command, lesson, said):
    assert said in one_line(start(project, command, lesson), 1)
    assert not (project / ".venv").exists()


def test_notebook_outside_the_project_is_refused(project, tmp_path):
    (tmp_path / "mine.ipynb").touch()
    line = one_line(start(project, str(tmp_path / "mine.ipynb")), 1)
    assert f"mine.ipynb is not in {project}, and JupyterLab shows nothing else" in line


def test_lessons_that_help_names_are_there():
    named = re.findall(r"notebooks/\w+\.ipynb", launcher.USAGE)
    assert len(named) == 1
    assert (PACKAGE.parent / named[0]).is_file()
    assert f"2, {Path(named[0]).stem},\n{named[0]}." in launcher.USAGE


def test_jupyter_paths_of_the_user_are_kept(ready):
    ours = ready / "convhelpers"
    theirs = {"JUPYTER_CONFIG_PATH": "/theirs", "JUPYTER_PATH": "/also theirs"}
    (call,) = calls(start(ready, **theirs))
    assert {name: call[name] for name in theirs} == {
        name: os.pathsep.join([str(ours), path]) for name, path in theirs.items()
    }
    (call,) = calls(start(ready, "present", **theirs))
    assert {name: call[name] for name in theirs} == {
        name: os.pathsep.join([str(ours / "presenting"), str(ours), path]) for name, path in theirs.items()
    }


@pytest.mark.parametrize("folder", [PACKAGE, PACKAGE / "presenting"])
def test_settings_and_extension_stand_where_jupyterlab_looks(folder):
    settings = json.loads((folder / "labconfig" / "default_setting_overrides.json").read_text(encoding="utf-8"))
    assert all(name.startswith("@jupyter") for name in settings)
    (package,) = (folder / "labextensions").glob("*/package.json")
    described = json.loads(package.read_text(encoding="utf-8"))
    assert described["name"] == package.parent.name
    assert (package.parent / described["jupyterlab"]["_build"]["load"]).is_file()


def test_present_opens_a_lesson_large_and_with_nothing_else_open(ready):
    (call,) = calls(start(ready, "present", "2", "--no-browser"))
    assert call["arguments"] == [f"--ServerApp.root_dir={ready}", OPENS_SECOND, "--no-browser"]
    assert call["CONVHELPERS_SIZE"] == "large"
    workspaces = Path(call["JUPYTERLAB_WORKSPACES_DIR"])
    assert workspaces.is_relative_to(ready / ".venv")
    workspaces.mkdir()
    (workspaces / "left-open").touch()
    (call,) = calls(start(ready, "present"))
    assert call["arguments"][1].endswith("/lab/tree/notebooks/01_elementwise_vs_dot.ipynb")
    assert not workspaces.exists()


def test_defaults_stand_where_jupyterlab_looks():
    text = (PACKAGE / "labconfig" / "default_setting_overrides.json").read_text(encoding="utf-8")
    defaults = json.loads(text)
    assert defaults["@jupyter-widgets/jupyterlab-manager:plugin"] == {"saveState": True}
    assert defaults["@jupyterlab/apputils-extension:notification"]["fetchNews"] == "false"


def test_changed_dependencies_are_installed_in_place(ready):
    canary = ready / ".venv" / "canary"
    canary.touch()
    before = builds(ready)
    (ready / "pyproject.toml").write_text(PYPROJECT + "urls.home = 'here'\n")
    assert len(calls(start(ready))) == 1
    assert builds(ready) == before + 1
    assert canary.exists()
    start(ready)
    assert builds(ready) == before + 1


def test_changed_style_settings_are_no_reason_to_install(ready):
    before = builds(ready)
    (ready / "pyproject.toml").write_text(PYPROJECT + "[tool.ruff]\nline-length = 9\n")
    start(ready)
    assert builds(ready) == before


def test_failed_update_keeps_what_was_there_and_is_tried_again(ready):
    changed = PYPROJECT.replace("dependencies = []", 'dependencies = ["not-to-be-had"]', 1)
    before = marker(ready).read_text()
    (ready / "pyproject.toml").write_text(changed)
    for _ in range(2):
        assert "not-to-be-had" in one_line(start(ready), 1)
        assert marker(ready).read_text() == before
    (ready / "pyproject.toml").write_text(PYPROJECT)
    assert len(calls(start(ready))) == 1


def test_packages_elsewhere_do_not_count_as_installed(ready, tmp_path):
    (tmp_path / "not_to_be_had-1.dist-info").mkdir()
    (tmp_path / "not_to_be_had-1.dist-info" / "METADATA").write_text("Name: not-to-be-had\nVersion: 1\n")
    changed = PYPROJECT.replace("dependencies = []", 'dependencies = ["not-to-be-had"]', 1)
    (ready / "pyproject.toml").write_text(changed)
    assert "not-to-be-had" in one_line(start(ready, PYTHONPATH=str(tmp_path)), 1)


def test_pip_set_to_install_for_the_user_still_installs_here(ready):
    (ready / "pyproject.toml").write_text(PYPROJECT + "urls.home = 'there'\n")
    assert len(calls(start(ready, PIP_USER="1"))) == 1


def test_cut_off_start_is_begun_again_even_by_the_python_that_is_replaced(ready):
    (ready / ".venv" / "half").touch()
    marker(ready).write_text(json.dumps({"state": "being made", "project": str(ready)}))
    done = start(ready, python=(launcher.venv_python(ready / ".venv"), "-m", "convhelpers"))
    assert done.returncode == 0, done.stderr
    assert "making it again" in done.stdout
    assert len(calls(done)) == 1
    assert not (ready / ".venv" / "half").exists()


WHOLE = {"state": "complete", "project": "p", "dependencies": "d", "extras": []}
DAMAGED = {
    "cut off": '{"stat',
    "empty": "",
    "no text": b"\xff",
    "no entries": "{}",
    "list": "[]",
    "word": '"x"',
    "null": "null",
    "extras of a wrong kind": json.dumps({**WHOLE, "extras": [1]}),
    "extras no list": json.dumps({**WHOLE, "extras": "test"}),
    **{f"without {name}": json.dumps({key: WHOLE[key] for key in WHOLE if key != name}) for name in WHOLE},
}


@pytest.mark.parametrize("text", DAMAGED.values(), ids=DAMAGED)
def test_damaged_marker_is_still_ours_and_stands_for_what_is_not_complete(tmp_path, text):
    (tmp_path / in_venv.MARKER).write_bytes(text if isinstance(text, bytes) else text.encode())
    assert in_venv.read_marker(tmp_path) == {"state": "damaged"}
    assert not in_venv.usable(in_venv.read_marker(tmp_path), tmp_path, tmp_path)


def test_start_with_a_damaged_marker_begins_again(ready):
    marker(ready).write_text("{}")
    done = start(ready)
    assert done.returncode == 0, done.stderr
    assert "making it again" in done.stdout
    assert len(calls(done)) == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<<<<<<< HEAD\n" + PYPROJECT, r"cannot be read: .*\(at line 1, column 1\); is a merge unfinished\?"),
        ("[project]\nname = 'convhelpers'\n", r"must have a table \[build-system\]"),
    ],
)
def test_broken_pyproject_is_said_in_one_line(project, text, said):
    (project / "pyproject.toml").write_text(text)
    assert re.search(f"pyproject.toml {said}", one_line(start(project), 1))
    assert not (project / ".venv").exists()


@pytest.mark.parametrize("venv", ["absent", "empty"])
def test_no_environment_yet(tmp_path, venv):
    (tmp_path / "empty").mkdir()
    assert in_venv.read_marker(tmp_path / venv) is None


def test_environment_is_usable_only_where_it_was_made_and_while_its_python_finds_jupyterlab(ready, tmp_path):
    found = in_venv.read_marker(ready / ".venv")
    assert in_venv.usable(found, ready / ".venv", ready)
    assert not in_venv.usable({**found, "state": "being made"}, ready / ".venv", ready)
    assert not in_venv.usable({**found, "project": "/elsewhere"}, ready / ".venv", ready)
    assert not in_venv.usable(found, tmp_path, ready)  # no Python there

    (jupyterlab,) = (ready / ".venv").rglob("jupyterlab")
    jupyterlab.rename(ready / "away")
    try:
        assert not in_venv.usable(found, ready / ".venv", ready)
    finally:
        (ready / "away").rename(jupyterlab)


def test_removal_that_is_cut_off_leaves_the_marker(tmp_path, monkeypatch):
    venv = tmp_path / ".venv"
    (venv / "a").mkdir(parents=True)
    (venv / in_venv.MARKER).touch()

    def locked(_):
        raise PermissionError("in use")

    with monkeypatch.context() as patch:
        patch.setattr(shutil, "rmtree", locked)
        patch.setattr(Path, "iterdir", lambda folder: iter([folder / in_venv.MARKER, folder / "a"]))
        with pytest.raises(in_venv.LauncherError, match="in use.*by hand"):
            in_venv.remove(venv)
    assert (venv / in_venv.MARKER).exists()
    in_venv.remove(venv)
    assert not venv.exists()


# The other commands


def test_test_installs_its_extra_once_and_runs_every_part(ready):
    before = builds(ready)
    done = start(ready, "test")
    assert done.returncode == 0, done.stdout + done.stderr
    assert [(call["module"], call["arguments"]) for call in calls(done)] == [
        ("ruff", ["check", "."]),
        ("ruff", ["format", "--check", "."]),
        ("pytest", launcher.IN_PARALLEL),
    ]
    assert done.stdout.splitlines()[-1] == "convhelpers: all passed: ruff check, ruff format, pytest"
    assert builds(ready) == before + 1
    start(ready, "test")
    assert builds(ready) == before + 1
    (ready / "pyproject.toml").write_text(PYPROJECT + "urls.home = 'yonder'\n")
    start(ready, "lab")  # installs, and does not lose the extra
    assert builds(ready) == before + 2
    assert json.loads(marker(ready).read_text())["extras"] == ["test"]


def test_export_installs_its_extra(ready):
    (ready / "convhelpers" / "export.py").write_text("import sys; print(sys.argv[1:], sys.prefix)")
    done = start(ready, "export", "2", "--slides")
    assert done.stdout.splitlines()[-1] == f"['2', '--slides'] {ready / '.venv'}"
    assert json.loads(marker(ready).read_text())["extras"] == ["export"]


@pytest.mark.parametrize(
    ("failing", "summary"), [("ruff", "failed: ruff check, ruff format"), ("pytest", "failed: pytest")]
)
def test_all_parts_run_even_if_one_fails(ready, failing, summary):
    done = start(ready, "test", **{f"EXIT_{failing}": "3"})
    assert done.returncode == 1
    assert [call["module"] for call in calls(done)] == ["ruff", "ruff", "pytest"]
    assert done.stdout.splitlines()[-1] == f"convhelpers: {summary}"


def test_arguments_of_test_go_to_pytest_alone(ready):
    done = start(ready, "test", "-k", "arithmetic", EXIT_pytest="5")
    assert [(call["module"], call["arguments"]) for call in calls(done)] == [("pytest", ["-k", "arithmetic"])]
    assert done.returncode == 5


def test_arguments_of_test_are_paths_in_the_project_from_wherever_it_is_called(ready, tmp_path):
    python = (launcher.venv_python(ready / ".venv"), "-m", "convhelpers")
    (call,) = calls(start(ready, "test", "tests/test_trace.py", python=python, folder=tmp_path))
    assert (call["module"], call["arguments"], call["folder"]) == ("pytest", ["tests/test_trace.py"], str(ready))


@pytest.mark.parametrize("command", ["store", "solve"])
def test_store_and_solve_run_inside_the_environment(ready, command):
    show = "import sys; print(sys.argv[1:], sys.prefix)"
    (ready / "convhelpers" / f"{command}.py").write_text(show)
    done = start(ready, command, "a.ipynb")
    assert done.stdout == f"['a.ipynb'] {ready / '.venv'}\n"


def test_bench_runs_the_benchmarks_with_what_the_tests_need_from_wherever_it_is_called(ready, tmp_path):
    benchmarks = ready / "tests" / "benchmarks"
    benchmarks.mkdir(parents=True)
    (benchmarks / "__main__.py").write_text("import os, sys; print(sys.argv[1:], sys.prefix, os.getcwd())")
    python = (launcher.venv_python(ready / ".venv"), "-m", "convhelpers")
    done = start(ready, "bench", "stepping", python=python, folder=tmp_path)
    assert done.stdout.splitlines()[-1] == f"['stepping'] {ready / '.venv'} {ready}"
    assert json.loads(marker(ready).read_text())["extras"] == ["test"]


# Windows, as far as it can be seen from elsewhere


@pytest.mark.parametrize(("system", "python"), [("nt", "Scripts/python.exe"), ("posix", "bin/python")])
def test_python_of_an_environment(system, python):
    assert launcher.venv_python(Path("v"), os_name=system) == Path("v", python)


def test_where_no_process_can_be_handed_over_folder_and_exit_code_are_right(tmp_path):
    (tmp_path / "code").write_text("7")
    command = [sys.executable, "-c", "import sys; sys.exit(int(open('code').read()))"]
    assert launcher.hand_over(command, dict(os.environ), folder=tmp_path, os_name="nt") == 7


def test_ctrl_c_is_left_to_the_child_where_no_process_can_be_handed_over(monkeypatch):
    class Process:
        waits = iter([KeyboardInterrupt, KeyboardInterrupt, 0])

        def __init__(self, command, cwd, env):
            pass

        def wait(self):
            outcome = next(self.waits)
            if outcome is KeyboardInterrupt:
                raise outcome
            return outcome

    monkeypatch.setattr(subprocess, "Popen", Process)
    assert launcher.hand_over(["python"], {}, os_name="nt") == 0


def test_without_file_locks_the_launcher_still_runs(project, monkeypatch):
    monkeypatch.setitem(sys.modules, "fcntl", None)  # as on Windows: importing it fails
    with in_venv.alone(project), in_venv.alone(project):
        pass


# Progress


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_progress_is_one_line_on_a_terminal():
    stream = Terminal()
    with in_venv.Progress(stream) as progress:
        for words in ("looking for numpy", None, "downloading numpy"):
            progress.show(words)
    assert "\n" not in stream.getvalue()
    shown = [line.strip() for line in stream.getvalue().split("\r")]
    assert shown == ["", "looking for numpy", "downloading numpy", "", ""]


def test_progress_is_a_plain_line_a_package_elsewhere():
    stream = io.StringIO()
    with in_venv.Progress(stream) as progress:
        for words in ("looking for numpy", None, "downloading numpy"):
            progress.show(words)
    assert stream.getvalue() == "  downloading numpy\n"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("Collecting numpy>=2.0 (from convhelpers==0.1.0)\n", "looking for numpy>=2.0"),
        ("  Downloading https://host/a/scipy-1.17.1-cp311.whl (35.3 MB)\n", "downloading scipy 1.17.1 (35.3 MB)"),
        ("  Downloading numpy-2.4.6-cp311.whl.metadata (6 kB)\n", None),
        ("Requirement already satisfied: six in somewhere\n", None),
        ("\n", None),
    ],
)
def test_words_for_a_line_of_pip(line, words):
    assert in_venv.in_few_words(line) == words

"""With this module one can get from a fresh clone to a running JupyterLab, or to all tests, in one command.

It needs the standard library alone, since it runs before anything is installed. `environment` makes `.venv` and looks
after it; here is what is then started in it.
"""

import contextlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

from convhelpers.environment import LauncherError, ready_python, venv_python
from convhelpers.lessons import find
from convhelpers.sizes import VARIABLE

USAGE = """\
usage: python3 -m convhelpers [lab | present | export | solve | store | test | bench] [arguments]
       python3 -m convhelpers 2

  lab      open a lesson in JupyterLab, lesson 1 if none is named (what happens without a command); other arguments
           go to JupyterLab: --no-browser, --port 9999, --ip 0.0.0.0
  present  the same, for a lecture hall: large, code folded, nothing around it, PageDown goes to the next slide
  export   write lessons as pages that need nothing but a browser; with --slides, as slide decks too: --to FOLDER
  solve    write copies of the lessons with every exercise solved: solve --to FOLDER
  store    run the lessons afresh and store them with their outputs
  test     run lint, unit tests, doctests, notebooks and browser tests; with arguments, only pytest, with them,
           in the project's folder: -k arithmetic, tests/test_trace.py
  bench    run the benchmarks and store the report that the README shows; with names of groups, only these, and nothing
           is stored: bench arithmetic stepping

A lesson is named by its number, its name, or the path of its notebook: 2, 02_convolution_2d,
notebooks/02_convolution_2d.ipynb. Where lessons can be named and none is, it is all of them.

The first start makes .venv beside the project and installs everything into it: about a minute.
"""

PROJECT = Path(__file__).resolve().parent.parent
FIRST_LESSON = "notebooks/01_elementwise_vs_dot.ipynb"
# Two processes take whole files, those of the browser first: they are the slowest, and none of them should come last.
IN_PARALLEL = ["--numprocesses=2", "--dist=loadfile", "--no-loadscope-reorder"]


def main(arguments):
    """Run the sub-command that `arguments` begin with; return the exit code."""
    if arguments and arguments[0] in ("-h", "--help"):
        print(USAGE, end="")
        return 0
    command, rest = (arguments[0], arguments[1:]) if arguments and is_command(arguments[0]) else ("lab", arguments)
    if command not in COMMANDS:
        names = ", ".join(COMMANDS)
        print(f"convhelpers: unknown command {command!r}; there are {names} (see --help)", file=sys.stderr)
        return 2
    try:
        return COMMANDS[command](PROJECT, rest)
    except LauncherError as error:
        print(f"convhelpers: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt as stop:
        print("convhelpers:", "; ".join(["stopped", *stop.args]), file=sys.stderr)
        return 130


def is_command(word):
    """Say whether a first word is to be a command, and not a lesson or an option for JupyterLab."""
    return not (word.startswith("-") or word.endswith(".ipynb") or word[:1].isdecimal())


# The sub-commands


def open_lab(project, arguments):
    """Open JupyterLab on the project; does not return where a process can be handed over (POSIX)."""
    command = lab_command(project, arguments)
    python = ready_python(project, extras=())
    return hand_over([python, *command], lab_environment(os.environ, project))


def present(project, arguments):
    """Open JupyterLab for a lecture hall."""
    command = lab_command(project, arguments)
    python = ready_python(project, extras=())
    environment = present_environment(os.environ, project)
    # A lecture begins with its lesson alone, whatever was open the last time.
    shutil.rmtree(environment["JUPYTERLAB_WORKSPACES_DIR"], ignore_errors=True)
    return hand_over([python, *command], environment)


def run_tests(project, arguments):
    """Run everything, each part even if one before it failed; with arguments, pytest alone."""
    python = ready_python(project, extras=("test",))
    environment = venv_environment(os.environ, project)
    if arguments:
        return hand_over([python, "-m", "pytest", *arguments], environment, folder=project)
    parts = {
        "ruff check": [python, "-m", "ruff", "check", "."],
        "ruff format": [python, "-m", "ruff", "format", "--check", "."],
        "pytest": [python, "-m", "pytest", *IN_PARALLEL],
    }
    failed = [name for name, command in parts.items() if run_part(name, command, project, environment) != 0]
    print(f"convhelpers: {'failed: ' + ', '.join(failed) if failed else 'all passed: ' + ', '.join(parts)}")
    return 1 if failed else 0


def store_notebooks(project, arguments):
    """Run the notebooks afresh and store them: `convhelpers.store`, inside .venv."""
    return hand_over_module("convhelpers.store", project, arguments)


def solve_lessons(project, arguments):
    """Write solved copies of the lessons: `convhelpers.solve`, inside .venv."""
    return hand_over_module("convhelpers.solve", project, arguments)


def export_lessons(project, arguments):
    """Write the lessons as pages: `convhelpers.export`, inside .venv."""
    return hand_over_module("convhelpers.export", project, arguments, extras=("export",))


def run_benchmarks(project, arguments):
    """Run the benchmarks under tests/benchmarks, inside a .venv that has what the tests need."""
    python = ready_python(project, extras=("test",))
    command = [python, project / "tests" / "benchmarks", *arguments]
    return hand_over(command, venv_environment(os.environ, project), folder=project)


COMMANDS = {
    "lab": open_lab,
    "present": present,
    "export": export_lessons,
    "solve": solve_lessons,
    "store": store_notebooks,
    "test": run_tests,
    "bench": run_benchmarks,
}


def hand_over_module(name, project, arguments, *, extras=()):
    """Become a module of this package, inside a .venv that has `extras`."""
    python = ready_python(project, extras=extras)
    return hand_over([python, "-m", name, *arguments], venv_environment(os.environ, project))


def run_part(name, command, project, environment):
    """Run one part of the tests under its own headline; return its exit code."""
    print(f"--- {name}", flush=True)
    return subprocess.call([str(word) for word in command], cwd=project, env=environment)


def lab_command(project, arguments):
    """Build what Python is called with to open JupyterLab: the project's root, a lesson, and the other arguments."""
    lesson, others = take_lesson(project, arguments)
    # As the default address, the lesson also stands in what --no-browser prints; as a file argument it would not.
    address = f"--LabApp.default_url=/lab/tree/{quote(lesson)}"
    return ["-m", "jupyterlab", f"--ServerApp.root_dir={project}", address, *others]


def take_lesson(project, arguments):
    """Return the lesson that `arguments` name, as a path in the project with "/", and the other arguments.

    It is a notebook wherever it stands, or a number or name as the first word; lesson 1 where there is neither.
    """
    words = [word for word in arguments if word.endswith(".ipynb") and not word.startswith("-")]
    words = words or [word for word in arguments[:1] if not word.startswith("-")]
    if not words:
        return FIRST_LESSON, arguments
    try:
        path = find(words[0]).resolve().relative_to(project)
    except LookupError as error:
        raise LauncherError(error.args[0]) from None
    except ValueError:
        raise LauncherError(f"{words[0]} is not in {project}, and JupyterLab shows nothing else") from None
    others = list(arguments)
    others.remove(words[0])
    return path.as_posix(), others


def lab_environment(environment, project):
    """Return `environment` with the project's defaults and extension for JupyterLab before the user's own."""
    return with_jupyter_paths(venv_environment(environment, project), project / "convhelpers")


def present_environment(environment, project):
    """Return `environment` with what makes JupyterLab and every view fit for a lecture hall, besides the defaults."""
    environment = with_jupyter_paths(lab_environment(environment, project), project / "convhelpers" / "presenting")
    return {**environment, VARIABLE: "large", "JUPYTERLAB_WORKSPACES_DIR": str(project / ".venv" / "present")}


def with_jupyter_paths(environment, folder):
    """Return `environment` so that JupyterLab looks into `folder` first, for "labconfig" and "labextensions" there."""
    names = ("JUPYTER_CONFIG_PATH", "JUPYTER_PATH")
    paths = {name: os.pathsep.join(filter(None, [str(folder), environment.get(name)])) for name in names}
    return {**environment, **paths}


def venv_environment(environment, project):
    """Return `environment` with .venv active, so that `!pip` in a notebook means the same Python."""
    scripts = str(venv_python(project / ".venv").parent)
    path = os.pathsep.join(filter(None, [scripts, environment.get("PATH")]))
    return {**environment, "VIRTUAL_ENV": str(project / ".venv"), "PATH": path}


def hand_over(command, environment, *, folder=os.curdir, os_name=os.name):
    """Become `command` in `folder`, so that signals reach it; where that cannot be (Windows), wait for it."""
    command = [str(word) for word in command]
    sys.stdout.flush()
    sys.stderr.flush()
    if os_name == "posix":
        os.chdir(folder)
        os.execve(command[0], command, environment)
    process = subprocess.Popen(command, cwd=folder, env=environment)
    while True:
        # Ctrl+C reaches the child too, and it is the child that decides what to do about it.
        with contextlib.suppress(KeyboardInterrupt):
            return process.wait()

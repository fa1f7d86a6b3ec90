"""With this module one can get from a fresh clone to a running JupyterLab, or to all tests, in one command.

It needs the standard library alone, since it runs before anything is installed. `environment` makes `.venv` and looks
after it; here is what is then started in it.
"""

import contextlib
import os
import subprocess
import sys
from pathlib import Path

from convhelpers.environment import LauncherError, ready_python, venv_python

USAGE = """\
usage: python3 -m convhelpers [lab | test | store | solve] [arguments]
       python3 -m convhelpers notebooks/02_convolution_2d.ipynb

  lab    open lesson 1 in JupyterLab (what happens without a command); arguments go to JupyterLab:
         --no-browser, --port 9999, --ip 0.0.0.0, or a notebook to open instead
  test   run lint, unit tests, doctests, notebooks and browser tests; with arguments, only pytest, with them,
         in the project's folder: -k arithmetic, tests/test_trace.py
  store  run the notebooks (all, or those named) afresh and store them with their outputs
  solve  write copies of the lessons (all, or those named) with every exercise solved: solve --to FOLDER

The first start makes .venv beside the project and installs everything into it: about a minute.
"""

PROJECT = Path(__file__).resolve().parent.parent
FIRST_LESSON = "notebooks/01_elementwise_vs_dot.ipynb"


def main(arguments):
    """Run the sub-command that `arguments` begin with; return the exit code."""
    if arguments and arguments[0] in ("-h", "--help"):
        print(USAGE, end="")
        return 0
    for_lab = not arguments or arguments[0].startswith("-") or arguments[0].endswith(".ipynb")
    command, rest = ("lab", arguments) if for_lab else (arguments[0], arguments[1:])
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


# The sub-commands


def open_lab(project, arguments):
    """Open JupyterLab on the project; does not return where a process can be handed over (POSIX)."""
    python = ready_python(project, extras=())
    return hand_over(lab_command(python, project, arguments), lab_environment(os.environ, project))


def run_tests(project, arguments):
    """Run everything, each part even if one before it failed; with arguments, pytest alone."""
    python = ready_python(project, extras=("test",))
    environment = venv_environment(os.environ, project)
    if arguments:
        return hand_over([python, "-m", "pytest", *arguments], environment, folder=project)
    parts = {
        "ruff check": [python, "-m", "ruff", "check", "."],
        "ruff format": [python, "-m", "ruff", "format", "--check", "."],
        "pytest": [python, "-m", "pytest"],
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


COMMANDS = {"lab": open_lab, "test": run_tests, "store": store_notebooks, "solve": solve_lessons}


def hand_over_module(name, project, arguments):
    """Become a module of this package, inside .venv."""
    python = ready_python(project, extras=())
    return hand_over([python, "-m", name, *arguments], venv_environment(os.environ, project))


def run_part(name, command, project, environment):
    """Run one part of the tests under its own headline; return its exit code."""
    print(f"--- {name}", flush=True)
    return subprocess.call([str(word) for word in command], cwd=project, env=environment)


def lab_command(python, project, arguments):
    """Build JupyterLab's command line: the project's root, and lesson 1 unless `arguments` name a notebook."""
    named = any(word.endswith(".ipynb") for word in arguments)
    # As the default address, lesson 1 also stands in what --no-browser prints; as a file argument it would not.
    first = [] if named else [f"--LabApp.default_url=/lab/tree/{FIRST_LESSON}"]
    return [python, "-m", "jupyterlab", f"--ServerApp.root_dir={project}", *first, *arguments]


def lab_environment(environment, project):
    """Return `environment` with the project's defaults for JupyterLab before the user's own paths."""
    ours = str(project / "convhelpers")  # JupyterLab looks for the folder "labconfig" in each of these paths
    theirs = environment.get("JUPYTER_CONFIG_PATH")
    paths = os.pathsep.join([ours, theirs] if theirs else [ours])
    return {**venv_environment(environment, project), "JUPYTER_CONFIG_PATH": paths}


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

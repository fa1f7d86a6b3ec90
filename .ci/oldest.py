"""Runs the unit tests, doctests and notebooks with the lowest versions that pyproject.toml admits.

The pins are made of its lower bounds, each `name>=X` a constraint `name==X`; what has no bound is as new as it may be.
They are installed into an environment of their own, which is removed in the end. Needs the lowest Python, too: for a
newer one, the old versions have no wheels.
"""

import os
import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
# Tools that are asked only what their version of today does, in tests that do not run here: a browser and what is
# looked at in it, other front ends, the builder of Binder's image, conda's reader of environment.yml, lint.
NOT_HERE = {"axe-playwright-python", "jupyter-repo2docker", "notebook", "playwright", "py-rattler", "ruff", "voila"}
WITHOUT = ["tests/browser", "tests/benchmarks", "tests/test_benchmarks.py", "tests/test_binder.py"]
# In place of pyproject.toml's own options: outputs of other versions read differently, so they are not compared.
OPTIONS = ["--override-ini=addopts=", "--strict-markers", "--strict-config", "-p", "no:cacheprovider"]
OPTIONS += ["--doctest-modules", "--doctest-glob=README.md"]
OPTIONS += ["--nbval-lax", "--nbval-current-env", "--nbval-cell-timeout=120", "--numprocesses=2", "--dist=loadfile"]


def main():
    """Make the environment, run the tests in it, and return their exit code."""
    lowest = re.fullmatch(r">=(\d+)\.(\d+)", PROJECT["requires-python"])
    if sys.version_info[:2] != tuple(map(int, lowest.groups())):
        print(
            f"oldest versions: need Python {lowest[1]}.{lowest[2]}; this is {sys.version.split()[0]}", file=sys.stderr
        )
        return 1
    with tempfile.TemporaryDirectory() as folder:
        constraints = Path(folder, "constraints.txt")
        constraints.write_text("".join(f"{pin}\n" for pin in pins()), encoding="utf-8")
        python = Path(folder, "venv", "bin", "python")
        subprocess.run([sys.executable, "-m", "venv", Path(folder, "venv")], check=True)
        pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--constraint", constraints]
        subprocess.run([*pip, "--editable", ".", *needed()], cwd=ROOT, check=True)
        command = [python, "-m", "pytest", *OPTIONS, *(f"--ignore={path}" for path in WITHOUT)]
        # PyTorch is not installed here.
        return subprocess.call(command, cwd=ROOT, env={**os.environ, "CONVHELPERS_REQUIRE_PEERS": "0"})


def requirements():
    """Return what pyproject.toml names besides itself, but for the extra `peers`."""
    extras = PROJECT["optional-dependencies"]
    named = [*PROJECT["dependencies"], *extras["export"], *extras["test"]]
    return [requirement for requirement in named if not requirement.startswith(PROJECT["name"])]


def pins():
    """Return the lower bounds as constraints."""
    return [requirement.replace(">=", "==") for requirement in requirements() if ">=" in requirement]


def needed():
    """Return the names of what is installed."""
    return [name for name in (re.match("[a-z0-9_-]+", each)[0] for each in requirements()) if name not in NOT_HERE]


if __name__ == "__main__":
    sys.exit(main())

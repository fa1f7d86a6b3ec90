"""With this module one can have an environment in `.venv` beside the project, made once and then only looked at.

It needs the standard library alone, since it runs before anything is installed. `made-by-convhelpers.json` inside
`.venv` says whether it is complete, and for which dependencies. A `.venv` without that file is somebody else's, and is
never touched.
"""

import contextlib
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
import tomllib

MARKER = "made-by-convhelpers.json"


class LauncherError(Exception):
    """Is shown to the learner as one line, without a traceback."""


def ready_python(project, *, extras):
    """Return the Python of a complete .venv that has `extras`; make, repair or extend .venv where needed."""
    if not (project / "pyproject.toml").is_file() or not (project / "notebooks").is_dir():
        raise LauncherError(
            f"the lessons are not beside the package in {project}: clone the whole project, "
            "go into its folder and start there"
        )
    with alone(project):
        return look_after(project, project / ".venv", extras)


@contextlib.contextmanager
def alone(project):
    """Hold the project's folder against a second start that would remove what this one is making."""
    folder = None
    try:
        import fcntl

        folder = os.open(project, os.O_RDONLY)
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(folder)
        raise LauncherError("another start is at work in this folder: wait until it is ready") from None
    except (ImportError, OSError):
        pass  # Windows and some network drives have no such lock; two starts at once are rare
    try:
        yield
    finally:
        if folder is not None:
            os.close(folder)


def look_after(project, venv, extras):
    """Bring .venv to the state that `ready_python` promises; return its Python."""
    wanted = fingerprint(project)
    found = read_marker(venv)
    if found and not usable(found, venv, project):
        print("convhelpers: .venv is not complete or was moved; making it again", flush=True)
        remove(venv)
        found = None
    if found is None:
        make(project, venv, {"dependencies": wanted, "extras": sorted(extras)})
    elif found["dependencies"] != wanted or not set(extras) <= set(found["extras"]):
        update(project, venv, {"dependencies": wanted, "extras": sorted({*extras, *found["extras"]})})
    return venv_python(venv)


def venv_python(venv, os_name=os.name):
    """Return where the environment `venv` keeps its Python on the system `os_name` ("nt" is Windows)."""
    return venv / "Scripts" / "python.exe" if os_name == "nt" else venv / "bin" / "python"


def fingerprint(project):
    """Return a hash of what pyproject.toml asks to be installed; what it says on tests or style does not count."""
    try:
        settings = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))
        installed = [settings["project"], settings["build-system"]]
    except (OSError, ValueError) as error:
        raise LauncherError(f"pyproject.toml cannot be read: {error}; is a merge unfinished?") from None
    except KeyError as error:
        raise LauncherError(f"pyproject.toml must have a table [{error.args[0]}], and has none") from None
    return hashlib.sha256(json.dumps(installed, sort_keys=True).encode()).hexdigest()


def read_marker(venv):
    """Return what the marker says, or None where there is no environment yet; refuse one that is not ours."""
    if not os.path.lexists(venv) or (venv.is_dir() and not any(venv.iterdir())):
        return None
    try:
        marker = json.loads((venv / MARKER).read_text(encoding="utf-8"))
    except ValueError:
        marker = None
    except OSError:
        raise LauncherError(
            f"{venv} was not made by this command, so it is left as it is: move it away and start again, or use "
            f'it: activate it, then pip install -e ".[test]" and jupyter lab notebooks/'
        ) from None
    return marker if is_whole(marker) else {"state": "damaged"}


def is_whole(marker):
    """Say whether what was read as a marker has all that `write_marker` writes."""
    if not isinstance(marker, dict) or not isinstance(marker.get("extras"), list):
        return False
    words = [*(marker.get(name) for name in ("state", "project", "dependencies")), *marker["extras"]]
    return all(isinstance(word, str) for word in words)


def write_marker(venv, state, project, contents):
    """Write the marker whole or not at all: a half-written one would claim nothing true."""
    marker = {"state": state, "project": str(project), **contents}
    temporary = venv / (MARKER + ".new")
    temporary.write_text(json.dumps(marker, indent=1) + "\n", encoding="utf-8")
    os.replace(temporary, venv / MARKER)


def usable(marker, venv, project):
    """Say whether the environment is complete, stands where it was made, and has a Python that finds JupyterLab."""
    if marker["state"] != "complete" or marker["project"] != str(project):
        return False
    probe = "import importlib.util as u, sys; sys.exit(u.find_spec('jupyterlab') is None)"
    try:
        return subprocess.call([venv_python(venv), "-I", "-c", probe], stderr=subprocess.DEVNULL) == 0
    except OSError:
        return False


def make(project, venv, contents):
    """Make .venv with the project in it; leave nothing behind if that fails or is stopped."""
    require_venv_module()
    print("convhelpers: first start: making .venv and installing JupyterLab into it, about a minute", flush=True)
    started = time.monotonic()
    try:
        venv.mkdir(exist_ok=True)
        write_marker(venv, "being made", project, contents)
        create_venv(venv)
        install(project, venv, contents["extras"])
        write_marker(venv, "complete", project, contents)
    except OSError as error:
        remove(venv)
        raise LauncherError(f"{venv} cannot be made: {error}") from None
    except KeyboardInterrupt:
        remove(venv)
        raise KeyboardInterrupt("nothing half-made is kept") from None
    except BaseException:
        remove(venv)
        raise
    print(f"convhelpers: ready after {time.monotonic() - started:.0f} s", flush=True)


def update(project, venv, contents):
    """Install what is new into a complete .venv; if that fails, the marker stays old and the next start tries again."""
    print("convhelpers: the packages in .venv are not those that are needed now; installing", flush=True)
    install(project, venv, contents["extras"])
    write_marker(venv, "complete", project, contents)


def require_venv_module():
    """Refuse early where Python came without what makes environments, as Debian's does."""
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError as error:
        version = f"{sys.version_info[0]}.{sys.version_info[1]}"
        raise LauncherError(
            f"this Python {version} came without venv or ensurepip ({error}); on Debian and Ubuntu: "
            "apt install python3-venv"
        ) from None


def create_venv(venv):
    """Make the empty environment, with pip."""
    # From inside an environment the base Python is asked: the one running may be the one being replaced.
    base = sys.executable if sys.prefix == sys.base_prefix else sys._base_executable
    done = subprocess.run([base, "-m", "venv", venv], capture_output=True, text=True, errors="replace")
    if done.returncode != 0:
        reason = " ".join((done.stderr + done.stdout).split())
        raise LauncherError(
            f"python -m venv failed, nothing was left behind; on Debian and Ubuntu, apt install python3-venv "
            f"may help: {reason[-300:]}"
        )


def install(project, venv, extras):
    """Install the project, editable, with `extras`; show pip's progress in few words, and its reason if it fails."""
    target = f".[{','.join(extras)}]" if extras else "."  # a full path could hold a "[" of its own
    # -I: packages on the user's PYTHONPATH or in the user's site must not count as installed.
    command = [venv_python(venv), "-I", "-u", "-X", "utf8", "-m", "pip", "install", "--no-input"]
    command += ["--disable-pip-version-check", "--progress-bar", "off", "--editable", target]
    with (
        Progress() as progress,
        subprocess.Popen(
            [str(word) for word in command],
            cwd=project,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            env={**os.environ, "PIP_USER": "0"},  # "user = true" in a pip.conf cannot work in an environment
        ) as pip,
    ):
        errors = []
        try:
            for line in pip.stdout:
                progress.show(in_few_words(line))
                errors += [line.split("ERROR:")[1].strip()] if "ERROR:" in line else []
        except BaseException:
            pip.terminate()
            pip.wait()  # or it would go on writing into what is about to be removed
            raise
    if pip.returncode != 0:
        reason = errors[0] if errors else f"exit code {pip.returncode}"
        raise LauncherError(
            f"pip could not install everything ({reason}); is there a network? The next start tries again"
        )


def in_few_words(line):
    """Return what a line of pip's output means for someone who waits, or None.

    >>> in_few_words("  Downloading numpy-2.4.6-cp311-cp311-manylinux_2_28_x86_64.whl (16.2 MB)")
    'downloading numpy 2.4.6 (16.2 MB)'
    >>> in_few_words("Installing collected packages: wcwidth, numpy, convhelpers")
    'installing 3 packages'
    """
    verb, _, rest = line.strip().partition(" ")
    if verb == "Installing" and rest.startswith("collected packages:"):
        return f"installing {rest.count(',') + 1} packages"
    if verb == "Downloading" and ".whl.metadata" not in rest:
        file, _, size = rest.partition(" ")
        return f"downloading {' '.join(file.rpartition('/')[2].split('-')[:2])} {size}".strip()
    if verb == "Collecting":
        return f"looking for {rest.split()[0]}"
    return None


class Progress:
    """Shows one line that changes in place on a terminal, and plain lines elsewhere."""

    def __init__(self, stream=None):
        self.stream = stream or sys.stdout
        self.in_place = self.stream.isatty()
        self.width = shutil.get_terminal_size().columns - 1

    def __enter__(self):
        return self

    def show(self, words):
        """Show `words`; None, and on paper also what is only being looked for, is passed over."""
        if words is None or (words.startswith("looking for") and not self.in_place):
            return
        self.stream.write(f"\r{words[: self.width]:<{self.width}}" if self.in_place else f"  {words}\n")
        self.stream.flush()

    def __exit__(self, *_):
        if self.in_place:
            self.stream.write(f"\r{'':<{self.width}}\r")
            self.stream.flush()


def remove(venv):
    """Remove an environment that we made, its marker last: cut off half-way, it is still known as ours."""
    try:
        for entry in venv.iterdir():
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            elif entry.name != MARKER:
                entry.unlink()
        (venv / MARKER).unlink(missing_ok=True)
        venv.rmdir()
    except OSError as error:
        raise LauncherError(f"{venv} cannot be removed ({error}): remove it by hand and start again") from None

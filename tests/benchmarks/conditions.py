"""With this module one can say under which conditions something was measured."""

import datetime
import importlib.metadata
import os
import platform
from pathlib import Path

PACKAGES = ("numpy", "scipy", "torch", "matplotlib", "ipywidgets", "anywidget", "jupyterlab", "nbconvert")


def conditions(browser_version):
    """Return what a reader must know of the machine, by name; PyTorch is left out where it is not installed."""
    return {
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "processor": processor(),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "browser": browser_version,
        "versions": {"python": platform.python_version()} | dict(installed(PACKAGES)),
    }


def installed(packages):
    """Yield (name, version) of those packages that are installed."""
    for name in packages:
        try:
            yield name, importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue


def processor():
    """Return the processor's name, as Linux tells it, or what Python knows of it."""
    information = Path("/proc/cpuinfo")
    lines = information.read_text(encoding="utf-8").splitlines() if information.exists() else []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.processor() or platform.machine())


def load():
    """Return the load average of the last minute: how many processes wanted to run; None where no system tells it."""
    return round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None

"""Another implementation that the arithmetic is compared with: a fixture for several test files."""

import importlib
import os

import pytest


@pytest.fixture(scope="session")
def torch():
    """PyTorch; without it the test is skipped, unless the run demands its peers."""
    if os.environ.get("CONVHELPERS_REQUIRE_PEERS") == "1":
        return importlib.import_module("torch")
    return pytest.importorskip("torch")

"""What many tests share: the demo data, written once for all workers, and an engine over it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from filelock import FileLock

from analytics.cli import write_demo
from analytics.engine import Engine, open_engine


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo data: written once, read by every worker."""
    root = tmp_path_factory.getbasetemp()
    shared = root.parent if os.environ.get("PYTEST_XDIST_WORKER") else root
    data = shared / "demo data"
    with FileLock(shared / "demo.lock"):
        if not (shared / "demo.done").exists():
            write_demo(data)
            (shared / "demo.done").touch()
    return data


@pytest.fixture(scope="session")
def demo_engine(demo: Path) -> Engine:
    """An engine over the demo data, for tests that only read."""
    return open_engine(demo)

"""What many tests share, made once for all workers: demo data, an engine over it, its briefs."""

from __future__ import annotations

import os
import pickle
import shutil
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TypeVar

import pytest
from filelock import FileLock
from hypothesis import settings

from analytics.briefs.brief import Brief
from analytics.briefs.compose import brief
from analytics.cli import write_demo
from analytics.engine import Engine, open_engine
from analytics.model import Selection
from tests.bureau import period

# No test is about how long an example takes: these machines are busy.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")

MEMORY = Path("/dev/shm")
ROOM = 4 << 30  # bytes: several times what a run needs

Made = TypeVar("Made")


def pytest_configure() -> None:
    """Temporary files stand in memory, if there is room: half of a test's time was waiting for the disk."""
    if "TMPDIR" not in os.environ and MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM:
        os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)


class Shared:
    """Things that are dear to make: the first worker that asks makes one, the others read it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def once(self, name: str, make: Callable[[], Made]) -> Made:
        """What `make` gives, by a name that is its own in the whole suite."""
        file = self.folder / f"{name}.pickle"
        with FileLock(self.folder / f"{name}.lock"):
            if not file.exists():
                file.write_bytes(pickle.dumps(make()))
        found: Made = pickle.loads(file.read_bytes())
        return found


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Shared:
    """What the workers of one run share."""
    root = tmp_path_factory.getbasetemp()
    return Shared(root.parent if os.environ.get("PYTEST_XDIST_WORKER") else root)


@pytest.fixture(scope="session")
def demo(shared: Shared) -> Path:
    """The demo data: written once, read by every worker."""
    data = shared.folder / "demo data"
    shared.once("demo", lambda: write_demo(data))
    return data


@pytest.fixture(scope="session")
def demo_of_two(shared: Shared) -> Path:
    """The demo of two counties and the bureau over them: written once, read by every worker."""
    data = shared.folder / "demo of two"
    shared.once("demo of two", lambda: write_demo(data, 2))
    return data


@pytest.fixture(scope="session")
def demo_engine(demo: Path) -> Engine:
    """An engine over the demo data, for tests that only read."""
    return open_engine(demo)


@pytest.fixture(scope="session")
def demo_brief(shared: Shared, demo_engine: Engine) -> Callable[[str], Brief]:
    """The brief of a month of the demo (2021-11), for tests that only read."""
    return cache(
        lambda month: shared.once(f"brief {month}", lambda: brief(demo_engine, Selection(period(month))))
    )

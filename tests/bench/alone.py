"""What a process of its own takes: nothing that anybody else holds or computes is counted."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import ParamSpec, TypeVar

_P, _T = ParamSpec("_P"), TypeVar("_T")


def alone(work: Callable[_P, _T], *args: _P.args, **more: _P.kwargs) -> _T:
    """What the work gives in a fresh process."""
    with ProcessPoolExecutor(1, get_context("spawn")) as process:
        return process.submit(work, *args, **more).result()


def most_resident() -> int:
    """MiB that this process has held at most; what getrusage tells may be its parent's."""
    status = Path("/proc/self/status").read_text("ascii")
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))) // 1024


@dataclass(frozen=True)
class Cost:
    """Seconds of computing, of all cores together, and seconds until it was done."""

    computing: float
    waiting: float


def cost(work: Callable[[], object]) -> Cost:
    """Of this process while it works."""
    computing, waiting = time.process_time(), time.perf_counter()
    work()
    return Cost(time.process_time() - computing, time.perf_counter() - waiting)

"""Statements that run now: each ends when its time is up or whoever asked has gone. What they may use."""

from __future__ import annotations

import atexit
import os
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

from filelock import FileLock, Timeout

from analytics.site import Refusal

STATEMENT_SECONDS = 60.0
LOOK_SECONDS = 0.25
MEMORY, SPILLED = "50%", "4GB"
"""Of this machine's memory for all of a database's statements together, and of its disk."""

Here = Callable[[], bool]
"""Whether whoever asked still waits for the answer."""
Asker = Callable[[], Here]
"""Called where a statement is asked."""


def command() -> Here:
    """A command waits until it is answered."""
    return lambda: True


class Running:
    """The statements of this process that run now. Safe to share between threads.

    DuckDB's own `max_execution_time` does not fire in the middle of an operator (2.0.1), its interrupt does.
    """

    def __init__(self, seconds: float = STATEMENT_SECONDS) -> None:
        self.seconds = seconds
        self._running: dict[object, tuple[float, Here, Callable[[], None]]] = {}
        self._lock = threading.Lock()
        self._watched = False

    @contextmanager
    def while_here(self, here: Here, interrupt: Callable[[], None]) -> Iterator[None]:
        """Runs a statement; `interrupt` is called, from another thread, until it has ended."""
        mine = object()
        with self._lock:
            self._running[mine] = (time.monotonic() + self.seconds, here, interrupt)
            if not self._watched:
                self._watched = True
                threading.Thread(target=self._watch, name="running", daemon=True).start()
        try:
            yield
        finally:
            with self._lock:
                del self._running[mine]

    def __len__(self) -> int:
        with self._lock:
            return len(self._running)

    def _watch(self) -> None:
        while True:
            time.sleep(LOOK_SECONDS)
            with self._lock:
                running = [(mine, *one) for mine, one in self._running.items()]
            for mine, end, here, interrupt in running:
                if time.monotonic() > end or not _is_here(here):
                    self._end(mine, interrupt)

    def _end(self, mine: object, interrupt: Callable[[], None]) -> None:
        """Interrupts it, if it has not ended meanwhile: no other statement may be hit."""
        with self._lock, suppress(Exception):
            if mine in self._running:
                interrupt()


def _is_here(here: Here) -> bool:
    """Who cannot be asked has gone; the watch itself must not end by it."""
    try:
        return here()
    except Exception:
        return False


RUNNING = Running()


# --- temporary files --------------------------------------------------------------------------------------

_PREFIX, _HELD = "petition-", ".held"


@cache
def scratch() -> Path:
    """This process's own folder for what is temporary: mode 700, gone when the process ends.

    What a killed process left is removed by the next one: its folder is no longer held. Raises Refusal.
    """
    try:
        return _made()
    except OSError as fault:
        raise Refusal(f"没有可用的临时目录（{fault}）：请清理磁盘，或用环境变量 TMPDIR 另指一个") from None


def _made() -> Path:
    place = Path(tempfile.gettempdir())
    for left in place.glob(f"{_PREFIX}*"):
        _clear(left)
    while True:
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=place))
        held = FileLock(folder / _HELD)
        try:
            held.acquire()
        except FileNotFoundError:  # who started in the same instant took it for left over: not held yet
            continue
        folder.chmod(0o700)  # cleared just before, it was made anew with the lock
        _at_exit(folder, held, os.getpid())
        return folder


def _at_exit(folder: Path, held: FileLock, process: int) -> None:
    def end() -> None:
        if os.getpid() == process:  # a fork holds nothing of its own
            held.release()
            shutil.rmtree(folder, ignore_errors=True)

    atexit.register(end)


def _clear(left: Path) -> None:
    """Removes a folder of ours that nobody holds; anything else stays."""
    held = left / _HELD
    if left.is_symlink() or not held.is_file():
        return
    try:
        with FileLock(held, timeout=0):
            shutil.rmtree(left, ignore_errors=True)
    except (Timeout, OSError):
        return
    if sys.platform == "win32":  # an open file is not removed there
        shutil.rmtree(left, ignore_errors=True)

"""`petition` commands in processes of their own that are killed after so many seconds.

A process that has loaded everything and started nothing makes them by fork: each is there at once, so that
the instants at which it is killed lie within its work and not within its start.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Run:
    """How a command ended: `code` None where it was killed. `seconds`: how long it ran."""

    code: int | None
    seconds: float
    told: str


@dataclass(frozen=True)
class Nursery:
    """Runs commands, one at a time."""

    process: subprocess.Popen[str]

    def run(self, *words: object, kill_after: float | None = None) -> Run:
        """One command, killed by SIGKILL after so many seconds where it has not ended by then."""
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(json.dumps([[*map(str, words)], kill_after]) + "\n")
        self.process.stdin.flush()
        return Run(*json.loads(self.process.stdout.readline()))


@contextmanager
def nursery() -> Iterator[Nursery]:
    process = subprocess.Popen(
        [sys.executable, __file__], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        yield Nursery(process)
    finally:
        assert process.stdin
        process.stdin.close()
        process.wait(60)


# --- in the process itself -------------------------------------------------------------------------------


def _serve() -> None:
    import tempfile
    from importlib import import_module

    from analytics.cli import main
    from analytics.cli.params import MODULES

    for name in {*MODULES.values()} - {"serve"}:
        import_module(f"analytics.cli.{name}")
    for line in sys.stdin:
        words, kill_after = json.loads(line)
        with tempfile.TemporaryFile("w+") as told:
            began = time.monotonic()
            if not (child := os.fork()):
                null = os.open(os.devnull, os.O_RDWR)
                for number, target in ((0, null), (1, null), (2, told.fileno())):
                    os.dup2(target, number)
                sys.argv = ["petition", *words]
                try:
                    main()
                except SystemExit as done:
                    os._exit(int(done.code or 0))
                os._exit(0)
            code = _ended(child, began, kill_after)
            seconds = time.monotonic() - began
            told.seek(0)
            print(json.dumps([code, seconds, told.read()]), flush=True)


def _ended(child: int, began: float, kill_after: float | None) -> int | None:
    if kill_after is not None:
        time.sleep(max(0.0, began + kill_after - time.monotonic()))
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    return os.WEXITSTATUS(status) if os.WIFEXITED(status) else None


if __name__ == "__main__":
    _serve()

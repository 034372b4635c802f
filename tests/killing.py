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

    def run(self, *words: object, kill_after: float | None = None, room: int | None = None) -> Run:
        """One command, killed by SIGKILL after so many seconds where it has not ended by then.

        `room`: no file may grow beyond so many bytes, as on a full disk.
        """
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(json.dumps([[*map(str, words)], kill_after, room]) + "\n")
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
    from importlib import import_module

    from analytics.cli.params import MODULES

    for name in {*MODULES.values()} - {"serve"}:
        import_module(f"analytics.cli.{name}")
    for line in sys.stdin:
        words, kill_after, room = json.loads(line)
        told, telling = os.pipe()
        began = time.monotonic()
        if not (child := os.fork()):
            os._exit(_child(words, telling, room))
        os.close(telling)
        code = _ended(child, began, kill_after)
        seconds = time.monotonic() - began
        with os.fdopen(told, encoding="utf-8") as text:
            print(json.dumps([code, seconds, text.read()]), flush=True)


def _child(words: list[str], telling: int, room: int | None) -> int:
    import resource
    import traceback

    from analytics.cli import main

    null = os.open(os.devnull, os.O_RDWR)
    for number, target in ((0, null), (1, null), (2, telling)):
        os.dup2(target, number)
    sys.stdout, sys.stderr = (os.fdopen(number, "w", encoding="utf-8") for number in (1, 2))
    if room is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
    try:
        if words[0] == "journal":  # no command writes to it
            _note(Path(words[1]))
        else:
            sys.argv = ["petition", *words]
            main()
    except SystemExit as done:
        return int(done.code or 0)
    except BaseException:
        traceback.print_exc()
        return 99
    finally:
        sys.stderr.flush()
    return 0


def _note(store: Path) -> None:
    from analytics.journal import Journal
    from analytics.site import Refusal

    try:
        Journal(store, "store").add("mark", "verified", [("1", {})], "字" * 400)
    except Refusal as fault:
        print(fault, file=sys.stderr)
        sys.exit(1)


def _ended(child: int, began: float, kill_after: float | None) -> int | None:
    if kill_after is not None:
        time.sleep(max(0.0, began + kill_after - time.monotonic()))
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    return os.WEXITSTATUS(status) if os.WIFEXITED(status) else None


if __name__ == "__main__":
    _serve()

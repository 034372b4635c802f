"""The real dashboard as a process of its own, for as long as a test asks it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

PATIENCE = 60  # seconds: a bound for a slow machine, not an expectation


@dataclass(frozen=True)
class Server:
    """Where it listens, which process it is, and what it logs."""

    address: str
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def logged(self) -> str:
        """All that it wrote until now."""
        return self.log.read_text("utf-8", "replace")

    @property
    def mebibytes(self) -> float:
        """Memory that the process holds now (Linux)."""
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 2**20

    @property
    def cpu_seconds(self) -> float:
        """Of a processor that the process used until now (Linux)."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def petition(*arguments: str) -> list[str]:
    """The `petition` command of the environment that runs the tests."""
    command = shutil.which("petition", path=str(Path(sys.executable).parent))
    if not command:
        pytest.fail("the environment lacks the petition command: run make test")
    return [command, *arguments]


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


@contextmanager
def serving(
    data: Path,
    log: Path,
    command: list[str] | None = None,
    port: int | None = None,
    environment: Mapping[str, str] | None = None,
) -> Iterator[Server]:
    """Runs the dashboard over `data`, by `petition serve` on a free port unless told otherwise."""
    port = port or free_port()
    command = command or petition("serve", "--port", str(port), "--data", str(data))
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env={**os.environ, **(environment or {})},
        )
    server = Server(f"http://127.0.0.1:{port}", process, log)
    try:
        deadline = time.monotonic() + PATIENCE
        while not _answers(f"{server.address}/_stcore/health"):
            if process.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"the dashboard did not start:\n{server.logged}")
            time.sleep(0.02)
        yield server
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

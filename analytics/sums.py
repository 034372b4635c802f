"""SHA-256 of files: of one, of many as `sha256sum` writes and reads them; and files written to stay."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO

NAME = "SHA256SUMS"
_CHUNK = 1 << 20
_LINE = re.compile(r"([0-9a-f]{64})  (.+)\n")
_SEAL = "# "


def of(content: bytes) -> str:
    """Of bytes."""
    return hashlib.sha256(content).hexdigest()


def copied(source: IO[bytes], target: IO[bytes] | None = None) -> str:
    """Copies, where there is a target, and gives the sum of what was read."""
    digest = hashlib.sha256()
    while chunk := source.read(_CHUNK):
        digest.update(chunk)
        if target:
            target.write(chunk)
    return digest.hexdigest()


def of_file(path: Path) -> str:
    """Of a file. Raises OSError."""
    with path.open("rb") as file:
        return copied(file)


class Remembered:
    """Sums of files that are read again only where their size or time has changed."""

    def __init__(self) -> None:
        self._known: dict[Path, tuple[tuple[int, ...], str]] = {}

    def of_file(self, path: Path) -> str:
        """Of a file. Raises OSError."""
        found = path.stat()
        state = found.st_mtime_ns, found.st_size, found.st_ino
        if self._known.get(path, ((), ""))[0] != state:
            self._known[path] = state, of_file(path)
        return self._known[path][1]


def of_content(content: object) -> str:
    """Of what JSON can hold, whatever the order of its names."""
    return of(json.dumps(content, ensure_ascii=False, sort_keys=True).encode())


# --- many ------------------------------------------------------------------------------------------------


def written(sums: Mapping[str, str]) -> str:
    """Name → sum, a line each."""
    return "".join(f"{found}  {name}\n" for name, found in sorted(sums.items()))


def read(text: str) -> dict[str, str]:
    """The reverse. Raises ValueError."""
    lines = [_LINE.fullmatch(line) for line in text.splitlines(keepends=True)]
    if not all(lines):
        raise ValueError(NAME)
    return {line[2]: line[1] for line in lines if line}


def sealed(sums: Mapping[str, str]) -> str:
    """The same with a last line over the lines themselves, which `sha256sum -c` skips: none can be lost."""
    text = written(sums)
    return f"{text}{_SEAL}{of(text.encode())}\n"


def unsealed(text: str) -> dict[str, str]:
    """The reverse. Raises ValueError where a line was changed or is gone."""
    lines, _, seal = text.rpartition(_SEAL)
    if seal != f"{of(lines.encode())}\n":
        raise ValueError(NAME)
    return read(lines)


# --- written to stay -------------------------------------------------------------------------------------


def put(path: Path, content: bytes) -> None:
    """Replaces a file whole, after its content has reached the disk, or leaves it. Raises OSError."""
    beside = path.with_name(f"{path.name}.tmp")
    try:
        with beside.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    settle(path.parent)


def sync(path: Path) -> None:
    """The file's content reaches the disk. Raises OSError."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def settle(folder: Path) -> None:
    """The folder's entries reach the disk, where the system knows how to."""
    with suppress(OSError):
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)

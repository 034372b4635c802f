"""Uploads on disk for as long as they are read: their owner's only, gone at the next start at the latest."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from analytics.masking import shown

_NAME = "petition-upload-"
_NEVER_IN_A_NAME = re.compile(r'[\\/:*?"<>|]')


@contextmanager
def on_disk(files: Sequence[Any], mapping: Any | None) -> Iterator[tuple[list[Path], Path | None]]:
    """The uploads under their own names, as far as these can be a file's; then nothing of them is left."""
    with tempfile.TemporaryDirectory(prefix=f"{_NAME}{os.getpid()}-") as folder:  # mode 700
        paths = [_written(Path(folder) / str(number), file) for number, file in enumerate(files)]
        yield paths, _written(Path(folder) / "mapping", mapping) if mapping else None


def clear_left_over() -> None:
    """Removes what uploads a killed process left behind."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_NAME}*"):
        process = folder.name.removeprefix(_NAME).partition("-")[0]
        if process.isdigit() and not _alive(int(process)) and not folder.is_symlink():
            shutil.rmtree(folder, ignore_errors=True)


def _written(place: Path, file: Any) -> Path:
    place.mkdir(mode=0o700)
    path = place / _usable(file.name)
    path.write_bytes(file.getbuffer())
    return path


def _usable(name: str) -> str:
    """A name that every file system takes: short, without parts that lead elsewhere."""
    last = shown(re.split(r"[\\/]", name)[-1])
    stem, dot, suffix = _NEVER_IN_A_NAME.sub("_", last).rpartition(".")
    return f"{stem.strip(' .') or '文件'}.{suffix}" if dot else last or "文件"


def _alive(process: int) -> bool:
    if process == os.getpid():
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:  # somebody else's, or not to be told here
        return True
    return True

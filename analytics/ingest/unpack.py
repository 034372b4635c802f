"""A workbook or a Parquet file into columns of text, in a process of its own.

Run by path, isolated, with nothing of the project imported: it starts in a quarter of a second, and what a
crafted file does to a parser (an abort, a panic, 17 billion cells) ends this process and no other. Standard
output gets one line of JSON, what was found or what is wrong, then the cells as an Arrow stream of columns
"0", "1", … of text.
"""

from __future__ import annotations

import itertools
import json
import os
import signal
import sys
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

COLUMNS = 2_000
SHEETS = 255
PARTS = 5_000
CELL = 32_767
"""Characters in one cell: as many as Excel holds."""
_ROWS_AT_A_TIME = 50_000
_CELLS_AT_A_TIME = 400_000
_MIB = 1 << 20
_NAMES_TOLD = 5
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


class Fault(Exception):
    """What is wrong with the file, as the one who asked will word it."""

    def __init__(self, kind: str, **facts: object) -> None:
        super().__init__(kind)
        self.facts = {"fault": kind, **facts}


def memory(size: int) -> int:
    """Bytes that may be used for a file of the size: legitimate workbooks need 25 to 50 a byte."""
    return min(130 * _MIB + 60 * size, 3072 * _MIB + size)


def seconds(size: int) -> float:
    """Seconds of computing for a file of the size: legitimate workbooks need about 0.3 a MiB."""
    return 1.5 + 2.0 * size / _MIB


def unpacked(size: int) -> int:
    """Bytes to which a file of the size may unpack: legitimate ones unpack to 10 or 20 times theirs."""
    return 16 * _MIB + 60 * size


def main(path: Path, kind: str, sheet: str | None) -> None:
    """Writes the file's cells to standard output."""
    size = path.stat().st_size
    _confine(size)
    out = sys.stdout.buffer
    try:
        facts, batches = _parquet(path) if kind == "parquet" else _workbook(path, kind, sheet)
        first = next(batches, None)
    except Fault as fault:
        return _say(fault.facts)
    except MemoryError:
        return _say({"fault": "memory"})
    except BaseException:  # a parser's panic is no Exception; what it says may quote a cell
        return _say({"fault": "damaged"})
    _say({"fault": None, **facts, "columns": [] if first is None else first.schema.names})
    if first is None:
        return None
    with pa.ipc.new_stream(out, first.schema) as stream:
        for batch in itertools.chain([first], batches):
            stream.write_batch(batch)
    return None


def _say(facts: dict[str, Any]) -> None:
    sys.stdout.buffer.write(json.dumps(facts).encode() + b"\n")
    sys.stdout.buffer.flush()


def _confine(size: int) -> None:
    """Memory beyond what is used already, computing time, no core file with the cells in it."""
    try:
        import resource
    except ImportError:  # Windows has neither; the one who asked still ends what takes too long
        return
    with suppress(OSError):
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        limit = pages * os.sysconf("SC_PAGE_SIZE") + memory(size)
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.setitimer(signal.ITIMER_PROF, seconds(size))


# --- workbooks ------------------------------------------------------------------------------------


def _workbook(path: Path, kind: str, name: str | None) -> tuple[dict[str, Any], Iterator[pa.RecordBatch]]:
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError

    _admit(path, kind)
    try:
        with path.open("rb") as file:
            sheet = _sheet(CalamineWorkbook.from_filelike(file), name)
    except PasswordError:
        raise Fault("password") from None
    except (CalamineError, OSError, ValueError):
        raise Fault("damaged") from None
    if sheet.total_width > COLUMNS:
        raise Fault("columns", count=sheet.total_width)
    at_a_time = max(1, min(_ROWS_AT_A_TIME, _CELLS_AT_A_TIME // max(1, sheet.total_width)))
    return {"rows": sheet.total_height}, _batches(sheet.iter_rows(), at_a_time)


def _admit(path: Path, kind: str) -> None:
    """A look at what the file says of itself, before any of it is unpacked."""
    with path.open("rb") as file:
        start = file.read(4)
        if start[:2] != b"PK":
            file.seek(0)
            if kind != "xls" and start != b"\xd0\xcf\x11\xe0":
                raise Fault("damaged")
            if _ENCRYPTED in file.read():
                raise Fault("password")
            return
    try:
        with zipfile.ZipFile(path) as parts:
            entries = parts.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, UnicodeDecodeError):
        raise Fault("damaged") from None
    if any(entry.flag_bits & 1 for entry in entries):
        raise Fault("password")
    if len(entries) > PARTS:
        raise Fault("parts", count=len(entries))
    if len({entry.filename.casefold() for entry in entries}) < len(entries):
        raise Fault("twice")
    size = path.stat().st_size
    total = sum(entry.file_size for entry in entries)
    if total > unpacked(size):
        raise Fault("bomb", size=size, unpacked=total)


def _sheet(book: Any, name: str | None) -> Any:
    names = book.sheet_names
    if len(names) > SHEETS:
        raise Fault("sheets", count=len(names))
    if name is not None and name not in names:
        raise Fault("no_sheet", asked=name, names=names[:_NAMES_TOLD], count=len(names))
    found, filled = None, []
    for each in names if name is None else [name]:
        sheet = book.get_sheet_by_name(each)
        if sheet.height:
            found = found or sheet
            filled.append(each)
    if len(filled) > 1:
        raise Fault("many_sheets", names=filled[:_NAMES_TOLD], count=len(filled))
    if found is None:
        raise Fault("blank")
    return found


def _batches(rows: Iterable[Sequence[object]], at_a_time: int) -> Iterator[pa.RecordBatch]:
    rows = iter(rows)
    while chunk := list(itertools.islice(rows, at_a_time)):
        columns = [_column(cells) for cells in zip(*chunk, strict=True)]
        yield pa.record_batch(columns, names=[str(place) for place in range(len(columns))])


def _column(cells: Sequence[object]) -> pa.Array:
    try:
        return pa.array(cells, pa.string())  # as most columns are: far quicker than cell by cell
    except (pa.ArrowTypeError, pa.ArrowInvalid):
        return pa.array(map(_text, cells), pa.string())


def _text(cell: object) -> str:
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        if not abs(cell) < 1e15:  # Excel keeps 15 digits: what stands here is no longer what was exported
            return f"{cell:.14E}"
        return str(int(cell)) if cell.is_integer() else repr(cell)
    return cell.isoformat(" ") if isinstance(cell, datetime) else str(cell)


# --- Parquet --------------------------------------------------------------------------------------


def _parquet(path: Path) -> tuple[dict[str, Any], Iterator[pa.RecordBatch]]:
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(path, thrift_string_size_limit=64 * _MIB, thrift_container_size_limit=1_000_000)
        fields = file.schema_arrow
        if len(fields) > COLUMNS:
            raise Fault("columns", count=len(fields))
        flat = [field.name for field in fields if not pa.types.is_nested(field.type)]
        if not flat:
            raise Fault("blank")
        if len(set(fields.names)) < len(fields.names):
            raise Fault("damaged")
        size, room = path.stat().st_size, unpacked(path.stat().st_size)
        for batch in _texts(file, flat):  # a short look: what is packed so well is told by no header
            room -= batch.nbytes
            if room < 0:
                raise Fault("bomb", size=size)
        return {"rows": file.metadata.num_rows, "headers": flat}, _texts(file, flat)
    except (pa.ArrowException, OSError, ValueError):
        raise Fault("damaged") from None


def _texts(file: Any, names: Sequence[str]) -> Iterator[pa.RecordBatch]:
    at_a_time = max(1, min(_ROWS_AT_A_TIME, _CELLS_AT_A_TIME // len(names)))
    places = [str(place) for place in range(len(names))]
    for batch in file.iter_batches(at_a_time, columns=list(names), use_threads=False):
        columns = [batch.column(batch.schema.get_field_index(name)).cast(pa.string()) for name in names]
        yield pa.record_batch(columns, names=places)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3] if len(sys.argv) > 3 else None)

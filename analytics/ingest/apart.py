"""Files that are programs' insides, not text, are taken apart by a process that may die of them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Timer
from typing import Any

import pyarrow as pa

from analytics.ingest import unpack
from analytics.masking import shown
from analytics.site import Refusal

_FRUGAL = {
    "ARROW_DEFAULT_MEMORY_POOL": "system",  # the others reserve address space by the gigabyte
    "ARROW_IO_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "1",
}
_WALL = 20  # waiting beside computing: a busy machine
_AGAIN = "请用 Excel 打开后另存为 .xlsx 再导入"
_MANY = "请只导出需要的列和行，分成几个文件"


@dataclass(frozen=True)
class Unpacked:
    """A file's cells as text, in columns "0", "1", …, of about so many `rows`.

    `headers` where the file names them (Parquet). `batches` can be gone through once.
    """

    rows: int
    headers: Sequence[str] | None
    batches: Iterator[pa.RecordBatch]


def unpacked(path: Path, file: str, kind: str, sheet: str | None) -> Unpacked:
    """The cells of a workbook's one sheet with data (or of `sheet`), or of a Parquet file.

    `kind` is "xlsx", "xls" or "parquet", `file` the name to use in messages. Raises Refusal for what cannot
    be read, and for what would take more memory or time than a file of its size may: some of it only once
    the batches come to it.
    """
    told = _told(path, file, kind, sheet)
    facts = next(told)
    return Unpacked(facts["rows"], facts.get("headers"), told)


def _told(path: Path, file: str, kind: str, sheet: str | None) -> Iterator[Any]:
    """What the process says: first what it found, then the batches."""
    size = path.stat().st_size
    with _running(path, kind, sheet, size) as process:
        facts = _facts(process, file, kind)
        yield facts
        room = unpack.unpacked(size)
        for batch in _batches(process, facts):
            room -= batch.nbytes
            if room < 0:
                raise _refused(file, kind, "bomb")
            yield batch
        if process.wait() != 0:
            raise _refused(file, kind, "died")


@contextmanager
def _running(path: Path, kind: str, sheet: str | None, size: int) -> Iterator[subprocess.Popen[bytes]]:
    named = [] if sheet is None else [sheet]
    command = [sys.executable, "-I", "-X", "utf8", str(Path(unpack.__file__)), str(path.absolute()), kind]
    process = subprocess.Popen(
        [*command, *named],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # a parser that dies may quote cells there
        env=os.environ | _FRUGAL,
    )
    end = Timer(_WALL + 4 * unpack.seconds(size), process.kill)
    end.daemon = True
    end.start()
    try:
        yield process
    finally:
        end.cancel()
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()


def _facts(process: subprocess.Popen[bytes], file: str, kind: str) -> dict[str, Any]:
    """What the process says first. Raises Refusal where it found a fault, or died before it spoke."""
    assert process.stdout is not None
    try:
        facts: dict[str, Any] = json.loads(process.stdout.readline())
    except ValueError:
        raise _refused(file, kind, "died") from None
    if facts["fault"]:
        raise _refused(file, kind, facts.pop("fault"), **facts)
    return facts


def _batches(process: subprocess.Popen[bytes], facts: dict[str, Any]) -> Iterator[pa.RecordBatch]:
    if not facts["columns"]:
        return
    try:
        with pa.ipc.open_stream(process.stdout) as stream:
            for batch in stream:
                batch.validate(full=True)  # Parquet may call bytes text that are none
                yield batch
    except (pa.ArrowException, OSError, EOFError):
        process.kill()  # cut off or no text: the caller sees how it ended


def _refused(file: str, kind: str, fault: str, **facts: Any) -> Refusal:
    what = "Parquet 文件" if kind == "parquet" else "Excel 工作簿"
    asked = shown(facts.get("asked", ""))
    names, count = "、".join(map(shown, facts.get("names", ()))), facts.get("count", 0)
    listed = f"{names} 等" if count > len(facts.get("names", ())) else names
    damaged = (
        f"{file} 不是完好的 Parquet 文件：请重新导出"
        if kind == "parquet"
        else f"{file} 不是完好的 Excel 工作簿（可能是网页或文本改了扩展名，或没有下载完整）：{_AGAIN}"
    )
    told = {
        "damaged": damaged,
        "password": f"{file} 有密码保护，读不出来：请在 Excel 中取消密码后另存再导入",
        "blank": f"{file} 的{'列都不能导入' if kind == 'parquet' else '工作表是空的'}：请重新导出",
        "twice": f"{file} 里有重名的部件，不是 Excel 写出的工作簿：{_AGAIN}",
        "parts": f"{file} 由 {count} 个部件组成，不像导出的{what}：{_AGAIN}",
        "sheets": f"{file} 有 {count} 个工作表，超过 {unpack.SHEETS} 个：请只留要导入的一个",
        "columns": f"{file} 有 {count} 列，超过 {unpack.COLUMNS} 列：请只导出需要的列",
        "no_sheet": f"{file} 里没有工作表“{asked}”，现有：{listed}；请改正映射文件的 sheet",
        "many_sheets": (
            f'{file} 有 {count} 个工作表有数据（{listed}）：请只留一个，或在映射文件中用 sheet = "表名" 指定'
        ),
        "bomb": f"{file} 展开后比文件大得太多，不像导出的{what}：{_MANY}",
        "memory": f"{file} 读起来占用的内存太多，不像导出的{what}：{_MANY}",
    }
    died = f"{file} 读不下去（内容损坏，或占用的内存、时间太多）：请重新导出；仍然如此，{_MANY}"
    return Refusal(told.get(fault, died))

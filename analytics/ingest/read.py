"""A file into pieces of text cells, with its headers and the row numbers that Excel shows."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from analytics.ingest.apart import Unpacked, unpacked
from analytics.ingest.csv_text import CsvText
from analytics.ingest.unpack import CELL, COLUMNS
from analytics.masking import UNSEEN, shown, visible
from analytics.site import Refusal

Progress = Callable[[str, int, int], None]
Known = Callable[[str], bool]
Grid = tuple[pa.Table, npt.NDArray[np.int64]]
"""Columns of text, and the rows' numbers."""

ROWS = 122_880
"""Rows that are worked on at a time."""

_WORKBOOKS = {".xlsx": "xlsx", ".xlsm": "xlsx", ".xls": "xls"}
_TEXTS = (".csv", ".txt", ".tsv")
_PARQUET = (".parquet",)
_HEADER_WITHIN = 20
_SIGNATURES = {b"PK\x03\x04": "XLSX 工作簿", b"\xd0\xcf\x11\xe0": "XLS 工作簿", b"PAR1": "Parquet 文件"}
_UNSEEN = f"[{UNSEEN}]"


@dataclass(frozen=True)
class Piece:
    """Some rows of a file: cells as trimmed text (null where blank), each text of a column once.

    `numbers` are those that Excel shows; blank rows are left out, and what is not seen of every cell.
    """

    cells: pa.Table
    numbers: npt.NDArray[np.int64]


@dataclass(frozen=True)
class Exported:
    """What a file holds under its `headers`, which are as written and in its order.

    `file` is its name as it may be told: masked, on one line. `pieces` can be gone through once.
    """

    file: str
    headers: Sequence[str]
    pieces: Iterator[Piece]


def read(path: Path, known: Known, sheet: str | None = None, progress: Progress | None = None) -> Exported:
    """Reads CSV, XLSX, XLS or Parquet; `known` tells a header from anything else.

    Raises Refusal for a file that is not there, empty, not what its name says, protected, cut off, without
    a header row, without data, too wide, with data in several sheets and no `sheet` named, or crafted to take
    more memory or time than its size justifies: here, or once its pieces come to it.
    """
    file, suffix = shown(path.name), path.suffix.lower()
    _expect_file(path, file)
    _expect_kind(path, file)
    tell = partial(progress or _quietly, f"读取 {file}")
    if suffix in _TEXTS:
        text = CsvText(file, path, lambda rows: header_row(file, rows, known))
        headers, grids = list(text.headers), _counted(text, tell)
    elif suffix in _PARQUET:
        found = unpacked(path, file, "parquet", None)
        headers, grids = list(found.headers or ()), _numbered(found, found.batches, 1, tell)
    else:
        found = unpacked(path, file, _WORKBOOKS[suffix], sheet)
        first = next(found.batches, pa.record_batch([], names=[]))
        head = list(zip(*(column.to_pylist() for column in first[:_HEADER_WITHIN]), strict=True))
        at = header_row(file, head, known)
        headers = list(head[at])
        grids = _numbered(found, itertools.chain([first[at + 1 :]], found.batches), at + 2, tell)
    return _exported(file, headers, grids)


def header_row(file: str, rows: Sequence[Sequence[str]], known: Known) -> int:
    """Which of the first rows holds the headers: the one with most known names.

    Raises Refusal for none, which quotes no cell: where headers are missing, what stands there is people's.
    """
    if (width := max(map(len, rows), default=0)) > COLUMNS:
        raise Refusal(f"{file} 有 {width} 列，超过 {COLUMNS} 列：请只导出需要的列")
    counts = [sum(known(visible(cell)) for cell in row) for row in rows]
    if not counts:
        raise Refusal(f"{file} 是空的，没有表头也没有数据：请重新导出")
    if not max(counts):
        raise Refusal(
            f"{file} 里找不到表头：前 {len(counts)} 行中没有一个认识的列名（例如 信访件编号、登记日期）；"
            "请在第一行写上列名，或用映射文件的 [columns] 指定"
        )
    return counts.index(max(counts))


def _expect_file(path: Path, file: str) -> None:
    where = shown(path)
    try:
        if path.is_dir():
            raise Refusal(f"{where} 是文件夹：请给出其中的文件")
        if path.exists() and not path.is_file():
            raise Refusal(f"{where} 不是普通文件：请给出导出的文件")
        size = path.stat().st_size
    except FileNotFoundError:
        raise Refusal(f"找不到文件 {where}：请核对路径；若刚被移动或删除，请放回后重试") from None
    except (OSError, ValueError) as fault:
        raise Refusal(_shut(where, fault)) from None
    if not size:
        raise Refusal(f"{file} 是空文件：请重新导出")


def _expect_kind(path: Path, file: str) -> None:
    suffix = path.suffix.lower()
    if suffix not in (*_WORKBOOKS, *_TEXTS, *_PARQUET):
        raise Refusal(f"{file} 的格式不支持：请用 CSV、XLSX、XLS 或 Parquet 文件")
    try:
        with path.open("rb") as content:
            start = content.read(4)
    except OSError as fault:
        raise Refusal(_shut(shown(path), fault)) from None
    for signature, really in _SIGNATURES.items() if suffix in _TEXTS else ():
        if start == signature:
            raise Refusal(f"{file} 其实是 {really}，不是文本：请改回正确的扩展名")


def _shut(where: str, fault: Exception) -> str:
    reason = shown(getattr(fault, "strerror", None) or type(fault).__name__)
    return f"打不开文件 {where}：{reason}；若正在 Excel 中打开，请关闭后重试"


def _quietly(step: str, done: int, total: int) -> None:
    """Tells nobody."""


def _counted(text: CsvText, tell: Callable[[int, int], None]) -> Iterator[Grid]:
    """How many rows a text has is known at its end."""
    done = 0
    for grid, numbers, share in _ahead(text.pieces()):
        done += grid.num_rows
        tell(done, max(done, int(done / share)))
        yield grid, numbers
    tell(done, done)


def _ahead(pieces: Iterator[Any]) -> Iterator[Any]:
    """The next piece is read while this one is worked on."""
    with ThreadPoolExecutor(1) as other:
        coming = other.submit(next, pieces, None)
        while (piece := coming.result()) is not None:
            coming = other.submit(next, pieces, None)
            yield piece


def _numbered(
    found: Unpacked, batches: Iterable[pa.RecordBatch], first: int, tell: Callable[[int, int], None]
) -> Iterator[Grid]:
    done, total = 0, found.rows - first + 1
    for batch in batches:
        yield pa.Table.from_batches([batch]), np.arange(batch.num_rows) + done + first
        done += batch.num_rows
        tell(done, max(done, total))
    tell(done, done)


# --- common ---------------------------------------------------------------------------------------


def _distinct(headers: Sequence[str]) -> list[str]:
    seen: dict[str, int] = {}
    names = []
    for header in headers:
        count = seen[header] = seen.get(header, 0) + 1
        names.append(header if count == 1 else f"{header}（第 {count} 列）")
    return names


def _exported(file: str, headers: Sequence[str], grids: Iterator[Grid]) -> Exported:
    seen = _seen(pa.array(headers, pa.string())).to_pylist()
    named = [place for place, name in enumerate(seen) if name.strip()]
    names = _distinct([seen[place].strip() for place in named])
    return Exported(file, names, _pieces(file, dict(zip(names, named, strict=True)), grids))


def _pieces(file: str, places: Mapping[str, int], grids: Iterator[Grid]) -> Iterator[Piece]:
    """Raises Refusal where no row holds anything."""
    empty = True
    for whole, all_numbers in grids:
        for start in range(0, whole.num_rows, ROWS):
            grid, numbers = whole.slice(start, ROWS), all_numbers[start : start + ROWS]
            columns = [_cleaned(file, name, grid.column(at), numbers) for name, at in places.items()]
            filled = np.zeros(grid.num_rows, dtype=bool)
            for column in columns:
                filled |= column.indices.is_valid().to_numpy(zero_copy_only=False)
            if filled.any():
                empty = False
                cells = pa.table(columns, list(places))
                yield Piece(cells if filled.all() else cells.filter(pa.array(filled)), numbers[filled])
    if empty:
        raise Refusal(f"{file} 只有表头，没有数据行：请重新导出")


def _cleaned(
    file: str, header: str, column: pa.ChunkedArray, numbers: npt.NDArray[np.int64]
) -> pa.DictionaryArray:
    """Trimmed, without what is not seen, null where nothing is left.

    Raises Refusal for a cell longer than any that an office program writes.
    """
    coded = column.combine_chunks()
    if not pa.types.is_dictionary(coded.type):
        coded = coded.dictionary_encode()
    elif len(coded.dictionary) > len(coded):  # of the whole block
        coded = coded.dictionary_decode().dictionary_encode()
    codes, texts = coded.indices, coded.dictionary
    longest = pc.max(pc.binary_length(texts)).as_py() or 0
    if longest > CELL:
        lengths = pc.utf8_length(texts)
        if (most := pc.max(lengths).as_py()) > CELL:
            row = numbers[pc.index(codes, pc.index(lengths, most).cast(codes.type)).as_py()]
            raise Refusal(
                f"{file} 第 {row} 行“{shown(header)}”有 {most} 个字，超过一个单元格能有的 {CELL} 个："
                "可能引号有误或文件已损坏；请重新导出"
            )
    texts = pc.utf8_trim_whitespace(_seen(texts))
    blank = pc.equal(texts, "")
    if pc.any(blank).as_py():
        codes = pc.if_else(blank.take(codes), None, codes)
    return pa.DictionaryArray.from_arrays(codes, texts)


def _seen(column: pa.Array) -> pa.Array:
    if not pc.any(pc.match_substring_regex(column, _UNSEEN)).as_py():
        return column
    return pc.replace_substring_regex(column, _UNSEEN, "")

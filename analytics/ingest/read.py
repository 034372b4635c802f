"""A file into a table of text cells, with its headers and the row numbers that Excel shows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from analytics.ingest.apart import unpacked
from analytics.ingest.csv_text import read_csv
from analytics.ingest.unpack import CELL, COLUMNS
from analytics.masking import UNSEEN, shown, visible
from analytics.site import Refusal

Progress = Callable[[str, int, int], None]
Known = Callable[[str], bool]

_WORKBOOKS = {".xlsx": "xlsx", ".xlsm": "xlsx", ".xls": "xls"}
_TEXTS = (".csv", ".txt", ".tsv")
_PARQUET = (".parquet",)
_HEADER_WITHIN = 20
_SIGNATURES = {b"PK\x03\x04": "XLSX 工作簿", b"\xd0\xcf\x11\xe0": "XLS 工作簿", b"PAR1": "Parquet 文件"}
_UNSEEN = f"[{UNSEEN}]"


@dataclass(frozen=True)
class Exported:
    """What a file holds: cells as trimmed text (NaN where blank) under their headers, blank rows left out.

    `file` is its name as it may be told: masked, on one line. What is not seen is left out of every cell.
    """

    file: str
    cells: pd.DataFrame
    numbers: npt.NDArray[np.int64]

    @property
    def headers(self) -> list[str]:
        """As written, in the file's order."""
        return list(self.cells.columns)


def read(path: Path, known: Known, sheet: str | None = None, progress: Progress | None = None) -> Exported:
    """Reads CSV, XLSX, XLS or Parquet; `known` tells a header from anything else.

    Raises Refusal for a file that is not there, empty, not what its name says, protected, cut off, without
    a header row, without data, too wide, with data in several sheets and no `sheet` named, or crafted to take
    more memory or time than its size justifies.
    """
    file, suffix = shown(path.name), path.suffix.lower()
    _expect_file(path, file)
    _expect_kind(path, file)

    def tell(done: int, total: int) -> None:
        if progress:
            progress(f"读取 {file}", done, total)

    if suffix in _WORKBOOKS:
        grid = unpacked(path, file, _WORKBOOKS[suffix], sheet, tell).cells
        grid, first = _below_headers(file, grid, known)
        numbers = np.arange(grid.num_rows) + first
    elif suffix in _PARQUET:
        found = unpacked(path, file, "parquet", None, tell)
        grid = found.cells.rename_columns(list(found.headers or ()))
        numbers = np.arange(grid.num_rows) + 1
    else:
        grid, numbers = read_csv(file, _content(path), lambda rows: header_row(file, rows, known))
    tell(grid.num_rows, grid.num_rows)
    return _exported(file, grid, numbers)


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


def _content(path: Path) -> bytes:
    try:
        content = path.read_bytes()
    except OSError as fault:
        raise Refusal(_shut(shown(path), fault)) from None
    if not content[:_HEADER_WITHIN].strip() and not content.strip():
        raise Refusal(f"{shown(path.name)} 是空文件：请重新导出")
    return content


def _below_headers(file: str, grid: pa.Table, known: Known) -> tuple[pa.Table, int]:
    head = [column.to_pylist() for column in grid.slice(0, _HEADER_WITHIN).columns]
    rows = list(zip(*head, strict=True))
    first = header_row(file, rows, known)
    return grid.slice(first + 1).rename_columns(list(rows[first])), first + 2


# --- common ---------------------------------------------------------------------------------------


def _distinct(headers: Sequence[str]) -> list[str]:
    seen: dict[str, int] = {}
    names = []
    for header in headers:
        count = seen[header] = seen.get(header, 0) + 1
        names.append(header if count == 1 else f"{header}（第 {count} 列）")
    return names


def _exported(file: str, grid: pa.Table, numbers: npt.NDArray[np.int64]) -> Exported:
    headers = _seen(pa.chunked_array([grid.column_names], pa.string())).to_pylist()
    named = [place for place, name in enumerate(headers) if name.strip()]
    names = _distinct([headers[place].strip() for place in named])
    columns = [_cleaned(file, name, grid.column(at), numbers) for name, at in zip(names, named, strict=True)]
    filled = np.zeros(grid.num_rows, dtype=bool)
    for column in columns:
        filled |= column.is_valid().to_numpy()
    if not filled.any():
        raise Refusal(f"{file} 只有表头，没有数据行：请重新导出")
    kept = pa.table(columns, names).filter(pa.array(filled))  # before pandas, where blanks cost most
    cells = kept.to_pandas(types_mapper={pa.string(): pd.StringDtype(na_value=float("nan"))}.get)
    return Exported(file, cells, numbers[filled])


def _cleaned(
    file: str, header: str, column: pa.ChunkedArray, numbers: npt.NDArray[np.int64]
) -> pa.ChunkedArray:
    """Trimmed, without what is not seen, null where nothing is left.

    Raises Refusal for a cell longer than any that an office program writes.
    """
    longest = pc.max(pc.binary_length(column)).as_py() or 0
    if longest > CELL:
        lengths = pc.utf8_length(column)
        if (most := pc.max(lengths).as_py()) > CELL:
            row = numbers[pc.index(lengths, most).as_py()]
            raise Refusal(
                f"{file} 第 {row} 行“{shown(header)}”有 {most} 个字，超过一个单元格能有的 {CELL} 个："
                "可能引号有误或文件已损坏；请重新导出"
            )
    trimmed = pc.utf8_trim_whitespace(_seen(column))
    blank = pc.equal(trimmed, "")
    return pc.if_else(blank, pa.scalar(None, pa.string()), trimmed) if pc.any(blank).as_py() else trimmed


def _seen(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if not pc.any(pc.match_substring_regex(column, _UNSEEN)).as_py():
        return column
    return pc.replace_substring_regex(column, _UNSEEN, "")

"""A file into a table of text cells, with its headers and the row numbers that Excel shows."""

from __future__ import annotations

import io
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError

from analytics.ingest.csv_text import read_csv
from analytics.site import Refusal

Progress = Callable[[str, int, int], None]
Known = Callable[[str], bool]

_WORKBOOKS = (".xlsx", ".xlsm", ".xls")
_TEXTS = (".csv", ".txt", ".tsv")
_PARQUET = (".parquet",)
_HEADER_WITHIN = 20
_CHUNK = 50_000
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_SIGNATURES = {b"PK\x03\x04": "XLSX 工作簿", b"\xd0\xcf\x11\xe0": "XLS 工作簿", b"PAR1": "Parquet 文件"}


@dataclass(frozen=True)
class Exported:
    """What a file holds: cells as trimmed text (NaN where blank) under their headers, blank rows left out."""

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
    a header row, without data, or with data in several sheets and no `sheet` named.
    """
    content = _content(path)
    suffix = path.suffix.lower()
    if suffix in _WORKBOOKS:
        grid, first = _workbook(path.name, content, known, sheet, progress)
    elif suffix in _TEXTS:
        _expect_text(path.name, content)
        grid, first = read_csv(path.name, content, lambda rows: header_row(path.name, rows, known))
    elif suffix in _PARQUET:
        grid, first = _parquet(path.name, content), 1
    else:
        raise Refusal(f"{path.name} 的格式不支持：请用 CSV、XLSX、XLS 或 Parquet 文件")
    if progress:
        progress(f"读取 {path.name}", grid.num_rows, grid.num_rows)
    return _exported(path.name, grid, first)


def header_row(file: str, rows: Sequence[Sequence[str]], known: Known) -> int:
    """Which of the first rows holds the headers: the one with most known names. Raises Refusal for none."""
    counts = [sum(known(cell) for cell in row) for row in rows]
    if not counts:
        raise Refusal(f"{file} 是空的，没有表头也没有数据：请重新导出")
    if not max(counts):
        seen = next((row for row in rows if any(cell.strip() for cell in row)), [])
        raise Refusal(
            f"{file} 里找不到表头：第一行是“{'、'.join(seen)[:60]}”，没有一个认识的列名；"
            "请在第一行写上列名，或用映射文件的 [columns] 指定"
        )
    return counts.index(max(counts))


def _content(path: Path) -> bytes:
    try:
        if path.exists() and not (path.is_file() or path.is_dir()):
            raise Refusal(f"{path} 不是普通文件：请给出导出的文件")
        content = path.read_bytes()
    except FileNotFoundError:
        raise Refusal(f"找不到文件 {path}：请核对路径；若刚被移动或删除，请放回后重试") from None
    except IsADirectoryError:
        raise Refusal(f"{path} 是文件夹：请给出其中的文件") from None
    except OSError as fault:
        raise Refusal(
            f"打不开文件 {path}：{fault.strerror or fault}；若正在 Excel 中打开，请关闭后重试"
        ) from None
    if not content.strip():
        raise Refusal(f"{path.name} 是空文件：请重新导出")
    return content


def _expect_text(file: str, content: bytes) -> None:
    for signature, really in _SIGNATURES.items():
        if content.startswith(signature):
            raise Refusal(f"{file} 其实是 {really}，不是文本：请改回正确的扩展名")


# --- workbooks ------------------------------------------------------------------------------------


def _workbook(
    file: str, content: bytes, known: Known, name: str | None, progress: Progress | None
) -> tuple[pa.Table, int]:
    sheet = _sheet(file, _open_workbook(file, content), name)
    rows = sheet.iter_rows()
    head = list(itertools.islice(rows, _HEADER_WITHIN))
    first = header_row(file, [[_text(cell) for cell in row] for row in head], known)
    headers = [_text(cell) for cell in head[first]]
    below = itertools.chain(head[first + 1 :], rows)
    chunks = []
    while chunk := list(itertools.islice(below, _CHUNK)):
        chunks.append(_columns(chunk, headers))
        if progress:
            progress(f"读取 {file}", sum(map(len, chunks)), sheet.total_height)
    return pa.concat_tables(chunks or [_columns([], headers)]), first + 2


def _open_workbook(file: str, content: bytes) -> CalamineWorkbook:
    if _ENCRYPTED in content:
        raise Refusal(f"{file} 有密码保护，读不出来：请在 Excel 中取消密码后另存再导入")
    try:
        return CalamineWorkbook.from_filelike(io.BytesIO(content))
    except PasswordError:
        raise Refusal(f"{file} 有密码保护，读不出来：请在 Excel 中取消密码后另存再导入") from None
    except (CalamineError, OSError):
        raise Refusal(
            f"{file} 不是完好的 Excel 工作簿（可能是网页或文本改了扩展名，或没有下载完整）："
            "请用 Excel 打开后另存为 .xlsx 再导入"
        ) from None


def _sheet(file: str, workbook: CalamineWorkbook, name: str | None) -> CalamineSheet:
    names = workbook.sheet_names
    if name is not None and name not in names:
        raise Refusal(f"{file} 里没有工作表“{name}”，现有：{'、'.join(names)}；请改正映射文件的 sheet")
    try:
        filled = [each for each in names if workbook.get_sheet_by_name(each).height]
        if name is None and len(filled) > 1:
            raise Refusal(
                f"{file} 有 {len(filled)} 个工作表有数据（{'、'.join(filled)}）："
                '请只留一个，或在映射文件中用 sheet = "表名" 指定'
            )
        if not filled or (name is not None and name not in filled):
            raise Refusal(f"{file} 的工作表是空的：请重新导出")
        return workbook.get_sheet_by_name(name or filled[0])
    except CalamineError as fault:
        raise Refusal(f"{file} 的工作表读不出来（{fault}）：请用 Excel 打开后另存为 .xlsx 再导入") from None


def _columns(rows: Sequence[Sequence[object]], headers: Sequence[str]) -> pa.Table:
    columns = zip(*rows, strict=True) if rows else ((),) * len(headers)
    return pa.table([pa.array(map(_text, column), pa.string()) for column in columns], names=list(headers))


def _text(cell: object) -> str:
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        if abs(cell) >= 1e15:  # Excel keeps 15 digits: what stands here is no longer what was exported
            return f"{cell:.14E}"
        return str(int(cell)) if cell.is_integer() else repr(cell)
    return cell.isoformat(" ") if isinstance(cell, datetime) else str(cell)


# --- Parquet --------------------------------------------------------------------------------------


def _parquet(file: str, content: bytes) -> pa.Table:
    try:
        table = pq.read_table(io.BytesIO(content))
        flat = [field.name for field in table.schema if not pa.types.is_nested(field.type)]
        return pa.table([table.column(name).cast(pa.string()) for name in flat], names=flat)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, OSError):
        raise Refusal(f"{file} 不是完好的 Parquet 文件：请重新导出") from None


# --- common ---------------------------------------------------------------------------------------


def _distinct(headers: Sequence[str]) -> list[str]:
    seen: dict[str, int] = {}
    names = []
    for header in headers:
        count = seen[header] = seen.get(header, 0) + 1
        names.append(header if count == 1 else f"{header}（第 {count} 列）")
    return names


def _exported(file: str, grid: pa.Table, first: int) -> Exported:
    named = [place for place, name in enumerate(grid.column_names) if name.strip()]
    grid = grid.select(named)
    grid = grid.rename_columns(_distinct([name.strip() for name in grid.column_names]))
    cells = grid.to_pandas(types_mapper={pa.string(): pd.StringDtype(na_value=float("nan"))}.get)
    cells = cells.apply(lambda column: column.str.strip()).replace("", float("nan"))
    filled = cells.notna().any(axis=1).to_numpy()
    if not filled.any():
        raise Refusal(f"{file} 只有表头，没有数据行：请重新导出")
    return Exported(file, cells[filled].reset_index(drop=True), np.flatnonzero(filled) + first)

"""The rejected rows as a workbook for whoever exported them."""

from __future__ import annotations

import io
from pathlib import Path

import xlsxwriter

from analytics import sums
from analytics.ingest.report import Report
from analytics.site import Refusal
from analytics.store import enclosing_store

_HEADINGS = ("文件", "行号", "列", "值", "问题", "怎么办", "同一行的其他问题")
_WIDTH = 18


def write_rejected(report: Report, path: Path) -> None:
    """Writes an .xlsx: what is wrong with each row, and the row as exported with personal columns hidden.

    Raises Refusal where the path lies inside a store or cannot be written.
    """
    check_target(path)
    made = io.BytesIO()
    try:
        with xlsxwriter.Workbook(
            made, {"strings_to_formulas": False, "strings_to_urls": False, "constant_memory": True}
        ) as book:
            _fill(book, report)
        sums.put(path, made.getvalue())
    except (OSError, xlsxwriter.exceptions.FileCreateError) as fault:
        raise Refusal(
            f"被拒绝的行没有写出：{path} 写不了（{fault}）；请检查目录、权限与磁盘空间，"
            "若正在 Excel 中打开请先关闭；接受的行不受影响"
        ) from None


def check_target(path: Path) -> None:
    """Raises Refusal where the workbook could not be written: to be asked before anything is imported."""
    if store := enclosing_store(path):
        raise Refusal(f"被拒绝的行不能写在数据目录 {store} 里：请换一个位置")
    if path.suffix.lower() != ".xlsx":
        raise Refusal(f"被拒绝的行写成 Excel 工作簿：请把 {path.name} 改为以 .xlsx 结尾的名称")
    if not path.absolute().parent.is_dir():
        raise Refusal(f"没有文件夹 {path.absolute().parent}：请先建好它，或换一个位置")


def _fill(book: xlsxwriter.Workbook, report: Report) -> None:
    sheet = book.add_worksheet("被拒绝的行")
    headers = list(report.excerpt.columns)
    sheet.set_column(0, len(_HEADINGS) + len(headers), _WIDTH)
    sheet.freeze_panes(1, 2)
    sheet.write_row(0, 0, [*_HEADINGS, *headers], book.add_format({"bold": True}))
    rows = report.excerpt.itertuples(index=False)
    for at, (entry, cells) in enumerate(zip(report.rejected, rows, strict=True), 1):
        also = "；".join(entry.also)
        what = (entry.file, entry.row, entry.header, entry.value, entry.rule, entry.remedy, also)
        sheet.write_row(at, 0, [*what, *cells])

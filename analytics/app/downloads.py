"""A table as files: two buttons, the files made when one is clicked, for who may have them at that moment."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from analytics.app.access import FILES
from analytics.app.desk import View
from analytics.app.noting import note
from analytics.model import Right
from analytics.render import workbook
from analytics.render.table import Value, csv_bytes, xlsx_bytes

CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

Table = tuple[Sequence[str], Sequence[Sequence[Value]], Mapping[str, str]]
"""Headers, rows, and the notes that stand below them."""


def download(
    view: View,
    label: str,
    name: str,
    kind: str,
    work: Callable[[], tuple[bytes, int | None]],
    key: str,
    right: Right = "counts",
    filters: str = "",
) -> None:
    """A button for a file: made when it is clicked, for who may have it then, given to nobody else, noted.

    `work` gives the file and how many rows it holds, where it is a table; `filters`: in words, where they are
    not those of the page.
    """

    def made() -> bytes:
        view.permit(right)
        content, rows = work()
        note(view.looker, "导出", name, view.selection, view.versions, rows, filters=filters)
        FILES.keep(content, kind, name, view.looker)
        return content

    st.download_button(label, made, name, kind, key=key, on_click="ignore")


def downloads(
    view: View,
    name: str,
    table: Callable[[], Table],
    key: str,
    typed: Callable[[], workbook.Table] | None = None,
    right: Right = "counts",
    filters: str = "",
) -> None:
    """CSV (for Excel) and a workbook of the table; `typed`: the same in Excel's formats."""

    def text() -> tuple[bytes, int]:
        headers, rows, notes = table()
        return csv_bytes(headers, rows, notes), len(rows)

    def book() -> tuple[bytes, int]:
        headers, rows, notes = table()
        return xlsx_bytes(typed() if typed else workbook.Table(headers, rows), notes), len(rows)

    with st.container(horizontal=True):
        download(view, "CSV", f"{name}.csv", CSV, text, f"csv-{key}", right, filters)
        download(view, "Excel", f"{name}.xlsx", XLSX, book, f"xlsx-{key}", right, filters)

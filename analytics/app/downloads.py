"""A table as files: two buttons, the files made when one is clicked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from analytics.render import workbook
from analytics.render.table import Value, csv_bytes, xlsx_bytes

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

Table = tuple[Sequence[str], Sequence[Sequence[Value]], Mapping[str, str]]
"""Headers, rows, and the notes that stand below them."""


def downloads(
    name: str, table: Callable[[], Table], key: str, typed: Callable[[], workbook.Table] | None = None
) -> None:
    """CSV (for Excel) and a workbook of the table; `typed`: the same in Excel's formats."""

    def book() -> bytes:
        headers, rows, notes = table()
        return xlsx_bytes(typed() if typed else workbook.Table(headers, rows), notes)

    with st.container(horizontal=True):
        st.download_button(
            "CSV",
            lambda: csv_bytes(*table()),
            f"{name}.csv",
            "text/csv",
            key=f"csv-{key}",
            on_click="ignore",
        )
        st.download_button(
            "Excel",
            book,
            f"{name}.xlsx",
            XLSX,
            key=f"xlsx-{key}",
            on_click="ignore",
        )

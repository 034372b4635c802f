"""A table as files: two buttons, the files made when one is clicked, for who may have them at that moment."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from analytics.app.desk import View
from analytics.model import Right
from analytics.render import workbook
from analytics.render.table import Value, csv_bytes, xlsx_bytes

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

Table = tuple[Sequence[str], Sequence[Sequence[Value]], Mapping[str, str]]
"""Headers, rows, and the notes that stand below them."""


def handed(view: View, work: Callable[[], bytes], right: Right = "counts") -> Callable[[], bytes]:
    """What a download button calls: the file, made for who may have it when it is clicked."""

    def made() -> bytes:
        view.permit(right)
        return work()

    return made


def downloads(
    view: View,
    name: str,
    table: Callable[[], Table],
    key: str,
    typed: Callable[[], workbook.Table] | None = None,
    right: Right = "counts",
) -> None:
    """CSV (for Excel) and a workbook of the table; `typed`: the same in Excel's formats."""

    def book() -> bytes:
        headers, rows, notes = table()
        return xlsx_bytes(typed() if typed else workbook.Table(headers, rows), notes)

    files = {"csv": ("CSV", "text/csv", lambda: csv_bytes(*table())), "xlsx": ("Excel", XLSX, book)}
    with st.container(horizontal=True):
        for form, (label, kind, work) in files.items():
            st.download_button(
                label,
                handed(view, work, right),
                f"{name}.{form}",
                kind,
                key=f"{form}-{key}",
                on_click="ignore",
            )

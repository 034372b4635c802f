"""Sheets of a workbook: real numbers in their formats, headers that stay in sight, text that stays text."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import xlsxwriter
from wcwidth import wcswidth

from analytics.render.marks.look import wrapped

Value = str | int | float | bool | date | None
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What text must not begin with where a program might take it for a formula."""
AS_TEXT = {"strings_to_formulas": False, "strings_to_urls": False}
"""Settings of a workbook in which text stays text."""
DAY = "yyyy-mm-dd"
NARROWEST, WIDEST = 9, 46
"""Columns of a cell; longer text is wrapped in its cell."""
LINE = 16
"""Points of a line."""
_FORBIDDEN = re.compile(r"[\[\]:*?/\\]")


@dataclass(frozen=True)
class Table:
    """Headers, rows, and Excel's number format of each column; without one, that of its kind."""

    headers: Sequence[str]
    rows: Sequence[Sequence[Value]]
    formats: Sequence[str] = ()

    def format_of(self, at: int) -> str:
        """The number format of a column; empty where it has none."""
        return self.formats[at] if at < len(self.formats) else ""


@dataclass
class Book:
    """A workbook being written, with each look made once."""

    workbook: Any
    _looks: dict[tuple[tuple[str, object], ...], Any] = field(default_factory=dict)
    _names: set[str] = field(default_factory=set)

    def look(self, **properties: object) -> Any:
        """The format with these properties."""
        key = tuple(sorted(properties.items()))
        if key not in self._looks:
            self._looks[key] = self.workbook.add_format(properties)
        return self._looks[key]

    def sheet(self, name: str) -> Any:
        """A new sheet, named as Excel allows it and as no other is; printed as wide as A4 lies."""
        sheet = self.workbook.add_worksheet(self._named(name))
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        return sheet

    def _named(self, name: str) -> str:
        base = (_FORBIDDEN.sub(" ", name).strip().strip("'") or "表")[:31]
        free = (f"{base[: 30 - len(str(n))]}_{n}" for n in range(2, 10_000))
        found = (
            base if base.lower() not in self._names else next(n for n in free if n.lower() not in self._names)
        )
        self._names.add(found.lower())
        return found


@contextmanager
def written(target: io.BytesIO) -> Iterator[Book]:
    """A workbook that is in `target` afterwards; no text in it becomes a formula or a link by itself."""
    options = {"in_memory": True, **AS_TEXT}
    with xlsxwriter.Workbook(target, options) as workbook:
        yield Book(workbook)


def put(book: Book, sheet: Any, row: int, column: int, value: Value, **look: object) -> None:
    """One cell. Text that could be a formula is marked as text, so that editing it leaves it one."""
    if isinstance(value, date):
        sheet.write_datetime(row, column, value, book.look(**{"num_format": DAY, **look}))
    elif isinstance(value, str):
        look.pop("num_format", None)
        quoted = {"quote_prefix": True} if value.startswith(FORMULA) else {}
        sheet.write_string(row, column, value, book.look(**look, **quoted) if look or quoted else None)
    elif value is None:
        sheet.write_blank(row, column, None)
    else:
        sheet.write(row, column, value, book.look(**look) if look else None)


def put_table(
    book: Book, sheet: Any, table: Table, top: int = 0, widths: Mapping[int, float] | None = None
) -> int:
    """A table, its header frozen where it begins the sheet, and filtered; the row after its last.

    `widths`: of columns whose text is wrapped in so many; the others are as wide as what they hold.
    """
    columns = _widths(table) | dict(widths or {})
    for at, width in columns.items():
        sheet.set_column(at, at, width)
    for at, name in enumerate(table.headers):
        side = "right" if table.format_of(at) else "left"
        put(book, sheet, top, at, name, bold=True, valign="vcenter", bottom=1, align=side)
    for below, row in enumerate(table.rows, start=top + 1):
        for at, value in enumerate(row):
            put(book, sheet, below, at, value, **_look(value, table.format_of(at), columns[at]))
        tall = max((_lines(value, columns[at]) for at, value in enumerate(row)), default=1)
        if tall > 1:
            sheet.set_row(below, LINE * tall)
    last = top + len(table.rows)
    if not top:
        sheet.freeze_panes(1, 0)
        sheet.repeat_rows(0)
    if table.rows and table.headers:
        sheet.autofilter(top, 0, last, len(table.headers) - 1)
    return last + 1


def put_notes(book: Book, sheet: Any, notes: Mapping[str, str], top: int) -> int:
    """Names and texts (来源, 截至, 筛选…), a line each; the row after the last."""
    for at, (name, text) in enumerate(notes.items(), start=top):
        put(book, sheet, at, 0, name)
        put(book, sheet, at, 1, text)
    return top + len(notes)


def _widths(table: Table) -> dict[int, float]:
    """Columns as wide as what they hold, within bounds; beside a header stands the arrow of its filter."""
    held = [[_width(row[at]) for row in table.rows] for at in range(len(table.headers))]
    widest = [max([_width(name) + 3, *found]) for name, found in zip(table.headers, held, strict=True)]
    return {at: min(max(width + 1, NARROWEST), WIDEST) for at, width in enumerate(widest)}


def _look(value: Value, form: str, width: float) -> dict[str, object]:
    look: dict[str, object] = {"valign": "top"}
    if _lines(value, width) > 1:
        look["text_wrap"] = True
    if form and not isinstance(value, str):
        look["num_format"] = form
    return look


def _lines(value: Value, width: float) -> int:
    """How many lines a text takes in a column."""
    return len(wrapped(value, int(width) - 3)) if isinstance(value, str) and _width(value) > width else 1


def _width(value: Value) -> int:
    """Columns of a value as it is shown."""
    if isinstance(value, str):
        return max(wcswidth(value), 0)
    return 10 if isinstance(value, date) else len(f"{value:,.1f}") + 1 if isinstance(value, float) else 7

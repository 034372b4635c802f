"""Native charts on the sheets of a workbook, each over the cells that it draws."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from analytics.render.marks.look import INK, MUTED, PALE
from analytics.render.native import Native
from analytics.render.office import on
from analytics.render.workbook import Book, Value, put

CHART_ROWS, ASIDE = 24, 11
"""Rows that a chart beside a table takes, and columns between its left edge and the cells that it draws."""
_ROW, _WIDE = 20, 640
"""Pixels: of a row of a sheet, and of a chart across."""
_SMALL = {"size": 9, "color": MUTED}


def put_chart(book: Book, sheet: Any, drawn: Native, column: int, told: str) -> None:
    """A chart at the sheet's top, and right of it the cells that it draws. `told`: its text alternative."""
    at = column + ASIDE
    _put_cells(book, sheet, drawn, at)
    chart = book.workbook.add_chart(_kind(drawn))
    last = len(drawn.categories)
    for number, _ in enumerate(drawn.series):
        cells = {
            "name": [sheet.name, 0, at + 1 + number],
            "categories": [sheet.name, 1, at, last, at],
            "values": [sheet.name, 1, at + 1 + number, last, at + 1 + number],
        }
        chart.add_series(cells | _look(drawn, number))
    _axes(chart, drawn)
    chart.set_legend({"position": "top", "font": {"size": 9}} if len(drawn.series) > 1 else {"none": True})
    chart.set_title({"none": True})
    chart.set_chartarea({"border": {"color": PALE}})
    chart.show_hidden_data()
    tall = max(CHART_ROWS - 2, len(drawn.categories) + 3) * _ROW if drawn.kind == "bars" else 400
    chart.set_size({"width": _WIDE, "height": min(tall, 560)})
    sheet.insert_chart(0, column, chart, {"object_position": 3, "description": told, "y_offset": 4})


def _kind(drawn: Native) -> dict[str, str]:
    if drawn.kind == "line":
        return {"type": "line"}
    return {"type": "bar", "subtype": "stacked"} if drawn.kind == "stack" else {"type": "bar"}


def _put_cells(book: Book, sheet: Any, drawn: Native, at: int) -> None:
    put(book, sheet, 0, at, "图表数据", bold=True, bottom=1)
    names: Sequence[Value] = drawn.days or drawn.categories
    for row, name in enumerate(names, start=1):
        put(book, sheet, row, at, name, num_format="yyyy-mm")
    for number, series in enumerate(drawn.series, start=at + 1):
        put(book, sheet, 0, number, series.name, bold=True, bottom=1, align="right")
        for row, value in enumerate(series.values, start=1):
            put(book, sheet, row, number, value, num_format=drawn.form)
    sheet.set_column(at, at + len(drawn.series), 14)


def _look(drawn: Native, number: int) -> dict[str, object]:
    series = drawn.series[number]
    if drawn.kind == "line":
        shown = {point for at, point in drawn.ends() if at == number}
        labels = {
            "value": True,
            "position": "above",
            "font": {"size": 9, "color": series.colour},
            "custom": [None if at in shown else {"delete": True} for at in range(len(series.values))],
        }
        line: dict[str, object] = {"line": {"color": series.colour, "width": 2.25}}
        return line | ({"data_labels": labels} if shown else {})
    colour = on(series.colour) if drawn.kind == "stack" else INK
    look: dict[str, object] = {"fill": {"color": series.colour}, "gap": 45}
    if drawn.kind == "stack":
        look["overlap"] = 100
    if series.points:
        look["points"] = [{"fill": {"color": point}} for point in series.points]
    if series.said:
        look["data_labels"] = {"value": True, "num_format": drawn.said, "font": {"size": 9, "color": colour}}
    return look


def _axes(chart: Any, drawn: Native) -> None:
    low = {} if drawn.low is None else {"min": drawn.low}
    lines = {"visible": drawn.kind == "line", "line": {"color": PALE}}
    form = {"num_format": drawn.form.replace(".0", ""), "num_font": _SMALL, "line": {"none": True}}
    values: dict[str, object] = {**low, **form, "major_gridlines": lines}
    names: dict[str, object] = {"num_font": {"size": 9}, "line": {"color": PALE}, "label_position": "low"}
    if drawn.kind == "line":
        values |= {"max": 1} if drawn.low else {}
        names |= {"date_axis": True, "num_format": "yyyy-mm"} if drawn.days else {"name": drawn.axis}
        names |= {"major_unit": 4, "major_unit_type": "months"} if drawn.days else {}
        chart.set_x_axis(names)
        chart.set_y_axis(values)
    else:
        chart.set_y_axis(
            {**names, "reverse": True, "interval_unit": 1, "major_gridlines": {"visible": False}}
        )
        chart.set_x_axis({**values, "visible": False})

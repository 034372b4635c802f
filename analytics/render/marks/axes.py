"""Axes: days that follow one another, values from 0, names of rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import plotly.graph_objects as go

from analytics.insight.windows import first_day, window_in_words
from analytics.model import Period
from analytics.render.marks.look import PALE, Members, x_axis, y_axis

EACH, MONTHLY = 6, 12
"""So few windows have each a label; so many months have one each."""
QUARTERS, HALVES = ("01", "04", "07", "10"), ("01", "07")
"""Months that have a label where there is no room for all."""


def time_axis(figure: go.Figure, windows: Members, labelled: Members = QUARTERS) -> None:
    """Labels where months begin, of many months the `labelled` ones; the year under January and the first.

    Windows shorter than a month have each its own label where they are few.
    """
    ticks = _ticks(list(windows), labelled)
    x_axis(
        figure,
        type="category",
        tickmode="array",
        tickvals=list(ticks),
        ticktext=list(ticks.values()),
        tickangle=0,
        tickfont={"size": 11 if len(ticks) > 8 else 12},
    )


def date_axis(figure: go.Figure, first: date, last: date) -> None:
    """Days from one to another, labelled where quarters or, of many years, halves begin."""
    months = [f"{month.start:%Y-%m}" for month in Period(first.replace(day=1), last).by_month()]
    ticks = _ticks(months, QUARTERS if len(months) <= 2 * MONTHLY else HALVES)
    x_axis(
        figure,
        type="date",
        range=[f"{first.replace(day=1)}", f"{last + timedelta(days=1)}"],
        tickmode="array",
        tickvals=[f"{month}-01" for month in ticks],
        ticktext=list(ticks.values()),
        tickangle=0,
        tickfont={"size": 11},
        gridcolor=PALE,
    )


def _ticks(windows: list[str], labelled: Members) -> dict[str, str]:
    """The window that a label stands under, and the label."""
    begins: dict[str, str] = {}
    for window in windows:
        begins.setdefault(f"{first_day(window):%Y-%m}", window)
    months = list(begins)
    if months != windows and len(windows) <= EACH:
        return {window: _in_two_lines(window) for window in windows}
    if len(months) > (EACH if months == windows else MONTHLY):
        months = _some(months, labelled)
    if len(months) > 1 and windows.index(begins[months[1]]) * MONTHLY < len(windows):
        months = months[1:]  # the first ends as soon as it begins: its label would lie under the next
    return {begins[month]: _month_label(month, month == months[0]) for month in months}


def _some(months: Members, labelled: Members) -> list[str]:
    """The first, and of those with a label all that do not stand directly beside it."""
    return [m for i, m in enumerate(months) if i == 0 or (i > 1 and m[5:] in labelled)]


def _month_label(month: str, first: bool) -> str:
    text = f"{int(month[5:])}月"
    return f"{text}<br>{month[:4]}年" if first or month[5:] == "01" else text


def _in_two_lines(window: str) -> str:
    """11月<br>上半月 · 11月<br>15日 · 2021年<br>第45周."""
    year, _, rest = window_in_words(window).partition("年")
    month, cut, day = rest.partition("月")
    return f"{month}{cut}<br>{day}" if cut else f"{year}年<br>{rest}"


def value_axis(figure: go.Figure, rate: bool, values: Sequence[float]) -> None:
    """Values upwards from 0."""
    y_axis(figure, rangemode="tozero", gridcolor=PALE, tickformat=".0%" if rate else ",d", nticks=5)
    if not rate and max(values, default=0) <= 5:
        y_axis(figure, dtick=1)  # no fractions of a case


def bars_axis(figure: go.Figure, rate: bool, bars: int, longest: float, least: float = 0) -> None:
    """Rows from the top down; values from `least` (0, or the greatest fall) to the longest bar."""
    y_axis(figure, range=[max(bars, 1) - 0.5, -0.5], ticksuffix="  ", type="category", dtick=1)
    form = ".0%" if rate else ",d"
    end = longest if longest > least else least + 1
    x_axis(figure, range=[least, end], gridcolor=PALE, tickformat=form, nticks=5, showline=False)
    if not rate and end - least <= 5:
        x_axis(figure, dtick=1)  # no fractions of a case

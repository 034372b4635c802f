"""The windows in which something is due, as texts: 2021-11, 2021-11上, 2021-W45, 2021-11-15."""

from __future__ import annotations

from datetime import date

from analytics.insight.wording import day_in_words, period_in_words
from analytics.model import MONTH, Period

TIMES = (MONTH.name, "window")
"""Dimensions whose members follow one another in time."""

_HALVES = {"上": 1, "下": 16}


def first_day(window: str) -> date:
    """The day on which a month, half-month, ISO week or day begins. Raises ValueError."""
    year, _, rest = window.partition("-")
    if rest.startswith("W"):
        return date.fromisocalendar(int(year), int(rest[1:]), 1)
    if rest[-1:] in _HALVES:
        return date(int(year), int(rest[:-1]), _HALVES[rest[-1]])
    return date.fromisoformat(window if len(window) == 10 else f"{window}-01")


def window_in_words(window: str) -> str:
    """2021年11月 · 2021年11月上半月 · 2021年第45周 · 2021年11月15日."""
    day = first_day(window)
    if "W" in window:
        return f"{window[:4]}年第{int(window[6:])}周"
    if len(window) == 10:
        return day_in_words(day)
    half = f"{window[-1]}半月" if window[-1] in _HALVES else ""
    return period_in_words(Period.month(window[:7])) + half

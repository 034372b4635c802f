"""Numbers, periods and changes in words, the same on screen, in the command and in every export."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from functools import cache

from holidays import country_holidays

from analytics.model import Comparison, Metric, Period, month_end
from analytics.result import Cell, Result

NOTHING = "—"
MATURES = "随后仍会变化"
"""Said of a cohort metric: what it waits for may still come."""
COMPARED: dict[Comparison, str] = {"year_ago": "同比", "previous": "环比", "none": ""}
BASES: dict[Comparison, str] = {"year_ago": "上年同期", "previous": "上期", "none": ""}


def number(metric: Metric, value: float | int | None) -> str:
    """171 · 1,237 · 1.2万 · 93.4% · 12.5; a dash where there is no value."""
    if value is None:
        return NOTHING
    if metric.is_rate:
        return f"{value * 100:.{metric.digits}f}%"
    if metric.is_count:
        return count(int(value))
    return f"{value:,.{metric.digits}f}"


def count(value: int) -> str:
    """Thousands separators below 1万, one decimal of 万 from there on."""
    return f"{value / 10_000:,.1f}万" if abs(value) >= 10_000 else f"{value:,}"


def amount(metric: Metric, value: float | int | None) -> str:
    """The number with its unit: 171件, 93.4%."""
    text = number(metric, value)
    return text if metric.is_rate or value is None else f"{text}{metric.unit}"


def change_in_words(
    metric: Metric, now: Cell, base: Cell | None, compare: Comparison, small_base: int, covered: bool = True
) -> str:
    """同比下降8.1% · 环比上升2.1个百分点 · 同比持平 · 上年同期3件 · 上年同期为0，本期3件.

    No percentage on a base under `small_base`: only the count then. `covered` False: there are no data for
    the days compared with.
    """
    before = BASES[compare]
    if base is None or now.value is None:
        return ""
    if not covered:
        return f"无{before}数据"
    if base.value is None:
        return f"{before}无可比数"
    if metric.is_count and base.value < small_base and (base.value or now.value):
        return _small(metric, now, base, before)
    difference = now.value - base.value
    shown = _difference(metric, difference, base.value)
    return f"{COMPARED[compare]}{_direction(difference)}{shown}" if shown else f"{COMPARED[compare]}持平"


def _small(metric: Metric, now: Cell, base: Cell, before: str) -> str:
    if not base.value:
        return f"{before}为0，本期{amount(metric, now.value)}"
    return f"{before}{amount(metric, base.value)}"


def _direction(difference: float) -> str:
    return "上升" if difference > 0 else "下降"


def _difference(metric: Metric, difference: float, base: float) -> str:
    """The size of a change; empty where nothing would be seen of it after rounding."""
    if metric.is_count:
        size, unit = f"{abs(difference) / (base or 1) * 100:.1f}", "%"
    else:
        scale, unit = (100, "个百分点") if metric.is_rate else (1, metric.unit)
        size = f"{abs(difference) * scale:.{metric.digits}f}"
    return f"{size}{unit}" if float(size) else ""


def signed_change(metric: Metric, change: float | None) -> str:
    """+8.1% for counts, -2.1个百分点 for rates, +1.5天 for days; a dash where undefined."""
    if change is None:
        return NOTHING
    if metric.is_count:
        return f"{change * 100:+z.1f}%"
    scale, unit = (100, "个百分点") if metric.is_rate else (1, metric.unit)
    return f"{change * scale:+z.{metric.digits}f}{unit}"


def maturing(metrics: Iterable[Metric]) -> str:
    """督办化解率随后仍会变化; empty where nothing asked is a cohort's."""
    labels = "、".join(m.label for m in metrics if m.cohort)
    return f"{labels}{MATURES}" if labels else ""


def arrow(metric: Metric, now: Cell, base: Cell | None) -> str:
    """▲ up, ▼ down, — level; empty where nothing can be compared."""
    if base is None or now.value is None or base.value is None:
        return ""
    difference = now.value - base.value
    if not _difference(metric, difference, base.value):
        return NOTHING
    return "▲" if difference > 0 else "▼"


def numeral(number: int) -> str:
    """一, 十, 十一: of a heading, from 1 to 19."""
    digits = "一二三四五六七八九十"
    return digits[number - 1] if number <= 10 else f"十{digits[number - 11]}"


def day_in_words(day: date) -> str:
    """2021年11月5日."""
    return f"{day.year}年{day.month}月{day.day}日"


def period_in_words(period: Period) -> str:
    """2021年11月 · 2021年1—11月 · 2021年 · 2021年12月（截至13日） · 2021年3月5日—4月2日."""
    start, end = period.start, period.end
    if start.day == 1 and end == month_end(end):
        text = _months_in_words(start, end)
        if period.unfinished and not period.empty:
            text += f"（截至{_cut_in_words(period)}）"
        return text
    if period.unfinished and not period.empty:
        end = period.last
    if start == end:
        return day_in_words(start)
    tail = f"{end.month}月{end.day}日" if end.year == start.year else day_in_words(end)
    return f"{day_in_words(start)}—{tail}"


def _cut_in_words(period: Period) -> str:
    """The last day that counts, with what the months before it do not say already."""
    start, end, last = period.start, period.end, period.last
    if last.year != end.year:
        return day_in_words(last)
    return (
        f"{last.day}日"
        if (start.year, start.month) == (end.year, end.month)
        else f"{last.month}月{last.day}日"
    )


def _months_in_words(start: date, end: date) -> str:
    if start.year != end.year:
        return f"{start.year}年{start.month}月—{end.year}年{end.month}月"
    if (start.month, end.month) == (1, 12):
        return f"{start.year}年"
    if start.month == end.month:
        return f"{start.year}年{start.month}月"
    return f"{start.year}年{start.month}—{end.month}月"


@cache
def spring_festival(year: int) -> date | None:
    """Chinese New Year's day; None for years that the calendar does not hold."""
    named = country_holidays("CN", years=year, language="zh_CN").get_named("春节", lookup="exact")
    return min(named, default=None)


def festival_note(period: Period, base: Period | None) -> str:
    """A warning where Spring Festival lies in only one of two periods compared; else empty."""
    if base is None or _holds_festival(period) == _holds_festival(base):
        return ""
    where = "本期" if _holds_festival(period) else "对比期"
    return f"春节只落在{where}内，比较时请留意"


def _holds_festival(period: Period) -> bool:
    """Whether the week from New Year's Eve, when offices close, touches the period."""
    for year in range(period.start.year, period.last.year + 1):
        day = spring_festival(year)
        if day and day - timedelta(days=1) <= period.last and day + timedelta(days=6) >= period.start:
            return True
    return False


def compared_with(result: Result) -> str:
    """同比为与2020年11月相比, with the festival warning where it applies."""
    if result.base_period is None:
        return ""
    if not result.base_covered():
        return f"无{BASES[result.query.compare]}数据"
    text = f"{COMPARED[result.query.compare]}对比{period_in_words(result.base_period)}"
    note = festival_note(result.period, result.base_period)
    return f"{text}；{note}" if note else text

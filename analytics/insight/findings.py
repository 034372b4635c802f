"""What a result shows, in one sentence with its number: the titles of charts and the month in words."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import quantiles

from analytics.catalogue import DIMENSIONS, METRICS
from analytics.insight.wording import (
    amount,
    change_in_words,
    count,
    day_in_words,
    number,
    period_in_words,
)
from analytics.model import Metric, Period
from analytics.result import NOBODY, Key, Result

NO_DATA = "所选范围内没有数据"


def _label(dimension: str, member: str) -> str:
    return DIMENSIONS[dimension].label_of(member)


def month_in_words(text: str) -> str:
    """2021-11 as 2021年11月."""
    return period_in_words(Period.month(text))


def with_changes(metric: Metric, results: Sequence[Result], small_base: int, key: Key = ()) -> str:
    """信访总量171件，同比下降8.1%，环比上升3.0%: one result a comparison."""
    parts = [f"{metric.label}{amount(metric, results[0].value(metric.name, key))}"]
    for result in results:
        cell, base = result.cell(metric.name, key), result.base_cell(metric.name, key)
        words = change_in_words(
            metric, cell, base, result.query.compare, small_base, result.base_covered(key, metric.name)
        )
        parts += [words] if words else []
    return "，".join(parts)


def trend(result: Result, small_base: int) -> str:
    """The last month, with its change."""
    metric = result.metrics[0]
    if not result.coverage or all(result.value(metric.name, key) is None for key in result.keys):
        return NO_DATA
    last = result.keys[-1]
    words = with_changes(metric, [result], small_base, last)
    days = period_in_words(result.period.by_month()[-1])
    return f"{days}{words}"


def leader(result: Result) -> str:
    """Who stands first; members that are not a place (未填) do not lead."""
    metric, dimension = result.metrics[0], result.query.by[0]
    named = [r for r in result.ranking(metric.name) if r.member not in NOBODY]
    named = [r for r in named if r.cell.value]
    if not named:
        return _nobody(result)
    first = [r for r in named if r.rank == named[0].rank]
    names = "、".join(_label(dimension, r.member) for r in first[:3])
    if len(first) > 3:
        names += f"等{len(first)}个"
    verb = "最高" if metric.is_rate else "最多"
    tie = "并列" if len(first) > 1 else ""
    top = first[0].cell
    return f"{names}{tie}{verb}：{amount(metric, top.value)}{_share(result, metric, top.numerator)}"


def _nobody(result: Result) -> str:
    """Nothing at all, or nothing that names a member: 420件都没有填镇街."""
    metric, dimension = result.metrics[0], DIMENSIONS[result.query.by[0]]
    total = sum(result.cell(metric.name, key).numerator for key in result.keys)
    return f"{count(total)}{metric.unit}都没有填{dimension.label}" if total and metric.is_count else NO_DATA


def _share(result: Result, metric: Metric, of: int) -> str:
    if not metric.is_count:
        return ""
    total = sum(result.cell(metric.name, key).numerator for key in result.keys)
    return f"，占{of / total * 100:.1f}%" if total else ""


def peak(result: Result) -> str:
    """The highest cell of two dimensions."""
    metric = result.metrics[0]
    known = [key for key in result.keys if result.value(metric.name, key)]
    named = [key for key in known if not set(NOBODY) & set(key)]
    if not named:
        return NO_DATA
    values = {key: result.value(metric.name, key) or 0 for key in named}
    top = max(values, key=lambda key: values[key])
    tied = sum(value == values[top] for value in values.values())
    names = [
        month_in_words(m) if d == "month" else _label(d, m) for d, m in zip(result.query.by, top, strict=True)
    ]
    tie = f"等{tied}处并列" if tied > 1 else ""
    return f"{' '.join(names)}{tie}最集中：{amount(metric, values[top])}"


def split(result: Result) -> str:
    """The whole, its greatest row, and the greatest part of it over the second dimension."""
    metric = result.metrics[0]
    rows, parts = _totals(result, 0), _totals(result, 1)
    whole = sum(rows.values())
    named = {name: total for name, total in rows.items() if name not in NOBODY}
    if not whole or not named:
        return NO_DATA
    row, part = max(named, key=lambda name: named[name]), max(parts, key=lambda name: parts[name])
    first, second = (_label(d, m) for d, m in zip(result.query.by, (row, part), strict=True))
    tie = "等" if list(named.values()).count(named[row]) > 1 else ""
    most = f"{first}{tie}最多（{count(named[row])}{metric.unit}）"
    text = f"共{count(whole)}{metric.unit}，{most}"
    if result.query.by[1] == "channel":
        return text  # 来信 as a heading leaves superiors' items out: its share of all would be another number
    return f"{text}；{second}占{parts[part] / whole * 100:.1f}%"


def _totals(result: Result, at: int) -> dict[str, int]:
    """The first metric's sums over one of the dimensions."""
    totals: dict[str, int] = {}
    for key in result.keys:
        totals[key[at]] = totals.get(key[at], 0) + result.cell(result.query.metrics[0], key).numerator
    return totals


def batches(result: Result) -> str:
    """Each batch: how many of those assigned are closed, how many remain; the open ones are named."""
    lines = []
    for (batch,) in result.keys:
        assigned = result.cell("backlog_assigned", (batch,)).numerator
        closed = result.cell("backlog_closed", (batch,)).numerator
        if assigned and closed == assigned:
            lines.append(f"{batch}{assigned}宗全部办结")
        elif assigned:
            lines.append(
                f"{batch}办结{closed}宗（{closed / assigned * 100:.1f}%），剩余{assigned - closed}宗"
            )
    return "；".join(lines) or NO_DATA


def remaining(result: Result) -> str:
    """What remains of each batch at the end."""
    metric = result.metrics[0]
    last = max((key[1] for key in result.keys), default="")
    parts = [
        f"{batch}剩余{amount(metric, result.value(metric.name, (batch, month)))}"
        for batch, month in result.keys
        if month == last
    ]
    return f"{day_in_words(result.period.last)}：{'，'.join(parts)}" if parts else NO_DATA


def middle_half(values: Sequence[float]) -> tuple[float, float]:
    """The lower and upper quartile: the middle half lies between them."""
    if len(values) < 2:
        return (values[0], values[0]) if values else (0.0, 0.0)
    low, _, high = quantiles(values, n=4, method="inclusive")
    return low, high


def against_others(result: Result, chosen: str, others: Sequence[str]) -> str:
    """One member's last month against the middle half of the others."""
    metric = result.metrics[0]
    months = sorted({key[1] for key in result.keys})
    if not months:
        return NO_DATA
    value = result.value(metric.name, (chosen, months[-1])) or 0
    stands = f"{chosen}{period_in_words(result.period.by_month()[-1])}{amount(metric, value)}"
    if not others:
        return stands
    low, high = middle_half([result.value(metric.name, (o, months[-1])) or 0 for o in others])
    where = "高于" if value > high else "低于" if value < low else "处于"
    span = f"{low:g}–{high:g}{metric.unit}"
    return f"{stands}，{where}多数镇街（中间一半{span}）"


def headline(period: Period, facts: Sequence[str]) -> str:
    """The month in a sentence: the facts joined."""
    return f"{period_in_words(period)}：" + "；".join(fact for fact in facts if fact) + "。"


def standing(result: Result, name: str) -> str:
    """A stock as it stands, with where most of it is: 超期未办结12件，叶塘镇最多（3件）; empty at 0."""
    metric = METRICS[name]
    total = sum(result.cell(name, key).numerator for key in result.keys)
    if not total:
        return ""
    text = f"{metric.label}{amount(metric, total)}"
    first = next((r for r in result.ranking(name) if r.member not in NOBODY), None)
    if first is None or (first.cell.value or 0) < 2 or len(result.keys) < 2:  # one is not the most
        return text
    tie = "等" if first.tied else ""
    return f"{text}，{first.member}{tie}最多（{number(metric, first.cell.value)}{metric.unit}）"

"""What a result shows, in one sentence with its number: the titles of charts and the month in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from statistics import quantiles

from analytics.catalogue import DIMENSIONS, METRICS
from analytics.contract import DUTIES
from analytics.insight.windows import TIMES, window_in_words
from analytics.insight.wording import (
    COMPARED,
    amount,
    change_in_words,
    compared_with,
    count,
    day_in_words,
    number,
    period_in_words,
    signed_change,
)
from analytics.model import Metric, Period
from analytics.result import NOBODY, Cell, Key, Result

NO_DATA = "所选范围内没有数据"


def _label(dimension: str, member: str) -> str:
    return window_in_words(member) if dimension in TIMES else DIMENSIONS[dimension].label_of(member)


def _names(result: Result, members: Sequence[str]) -> str:
    """Members of the first dimension: at most three by name."""
    names = "、".join(_label(result.query.by[0], member) for member in members[:3])
    return names if len(members) <= 3 else f"{names}等{len(members)}个"


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
    """The last month: the greatest of the metrics with its change, then the next two."""
    if not result.coverage or all(result.value(*place) is None for place in _places(result)):
        return NO_DATA
    days = period_in_words(result.period.by_month()[-1])
    now = {metric: result.value(metric.name, result.keys[-1]) for metric in result.metrics}
    known = sorted((m for m in now if now[m] is not None), key=lambda m: -(now[m] or 0))
    if not known:
        return f"{days}{'、'.join(metric.label for metric in now)}尚无数据"
    if len(known) > 1 and known[0].is_rate and len({now[metric] for metric in known}) == 1:
        labels = "、".join(metric.label for metric in known)
        return f"{days}{labels}都是{amount(known[0], now[known[0]])}"
    first = with_changes(known[0], [result], small_base, result.keys[-1])
    others = "、".join(f"{metric.label}{amount(metric, now[metric])}" for metric in known[1:3])
    return f"{days}{first}；{others}" if others else f"{days}{first}"


def _places(result: Result) -> Iterable[tuple[str, Key]]:
    return ((metric, key) for metric in result.query.metrics for key in result.keys)


def leader(result: Result) -> str:
    """Who stands first; members that are not a place (未填) do not lead."""
    metric = result.metrics[0]
    named = [r for r in result.ranking(metric.name) if r.member not in NOBODY]
    named = [r for r in named if r.cell.value]
    if not named:
        return _nobody(result)
    first = [r for r in named if r.rank == named[0].rank]
    names = _names(result, [r.member for r in first])
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


def leading_branch(result: Result) -> str:
    """Who stands first among the members of the first of several nested dimensions."""
    query = replace(result.query, metrics=result.query.metrics[:1], by=result.query.by[:1], compare="none")
    totals = _totals(result, 0).items()
    cells: dict[Key, tuple[Cell, ...]] = {(name,): (Cell(total, None, total),) for name, total in totals}
    return leader(replace(result, query=query, cells=cells, base=None, base_period=None))


# --- growth and decline ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Change:
    """A member's number in the days compared with and now."""

    member: str
    base: float | int
    now: float | int

    @property
    def by(self) -> float | int:
        """How much it grew; negative where it fell."""
        return self.now - self.base


def changes(result: Result) -> list[Change]:
    """Members that changed, the greatest rise first; none where there are no data to compare with."""
    metric = result.metrics[0].name
    if not result.base_covered(metric=metric):
        return []
    found = []
    for (member,) in result.keys:
        now, base = result.value(metric, (member,)), result.base_cell(metric, (member,))
        if member not in NOBODY and now is not None and base is not None and base.value is not None:
            found.append(Change(member, base.value, now))
    return sorted((change for change in found if change.by), key=lambda change: -change.by)


def change_in_numbers(metric: Metric, change: Change) -> str:
    """+12（23→35）; the difference of a rate in 百分点."""
    by = f"{'+' if change.by > 0 else '-'}{number(metric, abs(change.by))}"
    if not metric.is_count:
        by = signed_change(metric, change.by)
    return f"{by}（{number(metric, change.base)}→{number(metric, change.now)}）"


def growth(result: Result, small_base: int) -> str:
    """Who rose most and who fell most, from what to what."""
    if not any(_moving(result, member) for (member,) in result.keys):
        return _nobody(result)
    if not result.base_covered(metric=result.metrics[0].name):
        return f"{compared_with(result)}，不能比较增减"
    moved = changes(result)
    if not moved:
        return f"{COMPARED[result.query.compare]}没有增减"
    rise = [change for change in moved if change.by == moved[0].by > 0]
    fall = [change for change in moved if change.by == moved[-1].by < 0]
    said = [
        _furthest(result, ends, word, small_base) for ends, word in ((rise, "上升"), (fall, "下降")) if ends
    ]
    return f"{COMPARED[result.query.compare]}{'；'.join(said)}"


def _moving(result: Result, member: str) -> bool:
    """Whether a member that is somebody has anything, now or before."""
    metric = result.query.metrics[0]
    base = result.base_cell(metric, (member,))
    return member not in NOBODY and bool(result.value(metric, (member,)) or (base and base.value))


def _furthest(result: Result, ends: Sequence[Change], word: str, small_base: int) -> str:
    """宁中镇上升最多（23→35件，+52.2%）; no percentage on a small base."""
    metric, first = result.metrics[0], ends[0]
    names = _names(result, [change.member for change in ends])
    if len(ends) > 1:
        return f"{names}{word}最多（各{amount(metric, abs(first.by))}）"
    parts = [f"{number(metric, first.base)}→{amount(metric, first.now)}"]
    if not metric.is_count:
        parts.append(signed_change(metric, first.by))
    elif first.base >= small_base:
        parts.append(signed_change(metric, first.by / first.base))
    return f"{names}{word}最多（{'，'.join(parts)}）"


# --- two dimensions -------------------------------------------------------------------------------


def is_duty(metric: Metric) -> bool:
    """Whether the metric is the share done of what was due."""
    return metric.is_rate and metric.dataset == DUTIES.name


def standout(result: Result) -> str:
    """What stands out among the cells: what was missed, the worst rate, the greatest number."""
    metric = result.metrics[0]
    if is_duty(metric):
        return missed(result)
    return worst(result) if metric.is_rate else peak(result)


def missed(result: Result) -> str:
    """Of what was due how much was missed, and by whom most: 应做40次，缺3次：宁中镇缺2次最多."""
    metric = result.query.metrics[0]
    due, gaps = 0, dict.fromkeys((key[0] for key in result.keys), 0)
    for key in result.keys:
        cell = result.cell(metric, key)
        due += cell.denominator or 0
        gaps[key[0]] += (cell.denominator or 0) - cell.numerator
    if not due:
        return NO_DATA
    most, total = max(gaps.values()), sum(gaps.values())
    if not total:
        return f"应做{count(due)}次，全部落实"
    first = [member for member, gap in gaps.items() if gap == most]
    text = f"应做{count(due)}次，缺{count(total)}次：{_names(result, first)}"
    if len(gaps) == 1:
        return text.partition("：")[0]
    if most == total:
        return text
    return f"{text}各缺{count(most)}次" if len(first) > 1 else f"{text}缺{count(most)}次最多"


def worst(result: Result) -> str:
    """The cell with the worst rate, and what it was divided from; the highest where neither is better."""
    metric = result.metrics[0]
    cells = {key: result.cell(metric.name, key) for key in result.keys if not set(NOBODY) & set(key)}
    values = {key: cell.value for key, cell in cells.items() if cell.value is not None}
    if not values:
        return NO_DATA
    low, high = min(values.values()), max(values.values())
    if low == high and len(values) > 1:
        return f"{metric.label}各处都是{amount(metric, low)}"
    end, word = (low, "最低") if metric.better == "more" else (high, "最高")
    at = [key for key, value in values.items() if value == end]
    sums = (
        f"（{count(cells[at[0]].numerator)}/{count(cells[at[0]].denominator or 0)}）" if len(at) == 1 else ""
    )
    return f"{_place(result, at)}{word}：{amount(metric, end)}{sums}"


def peak(result: Result) -> str:
    """The highest cell of two dimensions."""
    metric = result.metrics[0]
    named = [key for key in result.keys if not set(NOBODY) & set(key)]
    values = {key: value for key in named if (value := result.value(metric.name, key))}
    if not values:
        return NO_DATA
    top = max(values.values())
    verb = "最集中" if metric.is_count else "最高"
    at = [key for key, value in values.items() if value == top]
    return f"{_place(result, at)}{verb}：{amount(metric, top)}"


def _place(result: Result, keys: Sequence[Key]) -> str:
    """The first of the cells in words: 宁中镇 2021年11月等2处并列."""
    names = " ".join(_label(d, m) for d, m in zip(result.query.by, keys[0], strict=True))
    return f"{names}等{len(keys)}处并列" if len(keys) > 1 else names


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
    return f"{stands}，{where}多数{DIMENSIONS[result.query.by[0]].label}（中间一半{span}）"


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

"""Where a difference lies: what each group adds to it. The parts sum to the difference, exactly.

Shown is where a number moved, not why it did.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from analytics.catalogue import DIMENSIONS, METRICS, dimensions_of
from analytics.contract import DATASETS
from analytics.insight.windows import TIMES
from analytics.insight.wording import compared_with, period_in_words
from analytics.model import Metric
from analytics.places import TOWNSHIP
from analytics.result import Cell, Key, Result
from analytics.site import Refusal

USUAL = (
    TOWNSHIP,
    "topic_1",
    "channel",
    "batch",
    "ordered_by",
    "supervisor",
    "level",
    "unit",
    "official",
    "reception_day",
    "form",
    "place",
    "kind",
)
"""Where people look first, of all datasets: a metric is divided by the first three of these that it has."""
AT_MOST = 3
"""So many dimensions make a group."""


@dataclass(frozen=True)
class Part:
    """What a group adds to the difference.

    Of a rate or mean also in two: `rate_effect` (the group's own rate moved) and `mix_effect` (its share
    of the denominator did).
    """

    key: Key
    now: Cell
    base: Cell
    amount: Fraction
    rate_effect: Fraction | None = None
    mix_effect: Fraction | None = None


@dataclass(frozen=True)
class Explanation:
    """A compared result's first metric as a whole, now and before, and every group's part, greatest first.

    `now` and `base` in the metric's own unit, a rate as a fraction.
    """

    result: Result
    now: Fraction
    base: Fraction
    parts: tuple[Part, ...]

    @property
    def metric(self) -> Metric:
        """The metric divided."""
        return self.result.metrics[0]

    @property
    def difference(self) -> Fraction:
        """Now − base: what the parts sum to."""
        return self.now - self.base

    @property
    def gross(self) -> Fraction:
        """All that moved, up and down alike."""
        return sum((abs(part.amount) for part in self.parts), Fraction())


def usual_dimensions(metric: Metric, place: str = TOWNSHIP) -> tuple[str, ...]:
    """The dimensions by which a metric is divided unless others are asked for; `place`: that of places."""
    known = dimensions_of([metric])
    usual = (place if name == TOWNSHIP else name for name in USUAL)
    return tuple(name for name in usual if name in known)[:AT_MOST]


def possible_dimensions(metric: Metric, place: str = TOWNSHIP) -> tuple[str, ...]:
    """Every dimension by which a metric may be divided, the usual ones first."""
    return tuple(dict.fromkeys([*usual_dimensions(metric, place), *_timeless(dimensions_of([metric]))]))


def _timeless(names: Iterable[str]) -> list[str]:
    return [name for name in names if name not in TIMES]


def dividing(result: Result) -> tuple[str, ...]:
    """Of a result's dimensions those with more than one member; the first where none has."""
    by = result.query.by
    found = tuple(name for at, name in enumerate(by) if len({key[at] for key in result.keys}) > 1)
    return found or by[:1]


# --- the parts ------------------------------------------------------------------------------------


def explain(result: Result) -> Explanation:
    """The first metric's difference between the two periods, by the result's groups.

    A count or stock: now − base of each group. A rate or mean (numerator ÷ denominator): rate effect and
    mix effect at the midpoint of both periods, Kitagawa, "Components of a difference between two rates",
    JASA 50 (1955): of a group with rate r and share of the denominator w, of whole rates R,
    (r1 − r0)·(w0 + w1)/2 and (w1 − w0)·((r0 + r1)/2 − (R0 + R1)/2); a group without denominator in one
    period takes the other's rate. Raises Refusal where the difference cannot be divided.
    """
    _require(result)
    metric = result.metrics[0]
    keys = dict.fromkeys([*result.keys, *(result.base or ())])
    groups = [(key, result.cell(metric.name, key), _base(result, key)) for key in keys]
    parts = _shares(result, groups) if metric.denominator else [_count(*group) for group in groups]
    now, base = _whole(metric, [g[1] for g in groups]), _whole(metric, [g[2] for g in groups])
    return Explanation(result, now, base, tuple(sorted(parts, key=lambda part: -abs(part.amount))))


Group = tuple[Key, Cell, Cell]
"""Its members, its cell now, its cell before."""


def _base(result: Result, key: Key) -> Cell:
    cell = result.base_cell(result.query.metrics[0], key)
    if cell is None:
        raise ValueError("only a compared result has a difference to explain")
    return cell


def _require(result: Result) -> None:
    """Raises Refusal: what cannot be divided, or what there is no number for."""
    metric, by = result.metrics[0], result.query.by
    if metric.quantile is not None:
        means = (m for m in METRICS.values() if m.dataset == metric.dataset and _is_mean(m))
        instead = "、".join(f"“{m.label}”（{m.name}）" for m in means)
        raise Refusal(
            f"“{metric.label}”（{metric.name}）不能分解：分位数不是各部分之和；"
            f"请改用{instead}，或分组查询后逐组比较"
        )
    if not 1 <= len(by) <= AT_MOST:
        raise Refusal(f"“{metric.label}”的变化按1至{AT_MOST}个维度分解，现在是{len(by)}个：请增减维度")
    if times := [DIMENSIONS[name].label for name in by if name in TIMES]:
        raise Refusal(f"“{'、'.join(times)}”是时间，不能用来分解两个期间之差：请改用镇街、内容等维度")
    if metric.imported not in result.coverage:
        label = DATASETS[metric.imported].label
        raise Refusal(f"{label}没有数据，“{metric.label}”无从分解：请先导入")
    if result.period.empty:
        raise Refusal(f"{period_in_words(result.period)}在数据截止日{result.query.as_of}之后：请改选期间")
    if not result.base_covered():
        first = result.coverage[metric.imported].first
        raise Refusal(
            f"{compared_with(result)}（数据从{first}开始），“{metric.label}”的变化无从分解：请改选期间或对比"
        )


def _is_mean(metric: Metric) -> bool:
    return metric.denominator is not None and not metric.is_rate


def _count(key: Key, now: Cell, base: Cell) -> Part:
    return Part(key, now, base, Fraction(now.numerator - base.numerator))


def _whole(metric: Metric, cells: Sequence[Cell]) -> Fraction:
    total = sum(cell.numerator for cell in cells)
    return Fraction(total, _of(cells) if metric.denominator else 1)


def _of(cells: Iterable[Cell]) -> int:
    return sum(cell.denominator or 0 for cell in cells)


def _shares(result: Result, groups: Sequence[Group]) -> list[Part]:
    """Each group's part of the difference of a rate or mean. Raises Refusal."""
    metric, after, before = result.metrics[0], [g[1] for g in groups], [g[2] for g in groups]
    for cells, period in ((after, result.period), (before, result.base_period)):
        if not _of(cells) and period is not None:
            raise Refusal(
                f"“{metric.label}”在{period_in_words(period)}没有分母（没有可计算的{DATASETS[metric.dataset].label}），"
                f"变化无从分解：请改选期间或放宽筛选"
            )
    middle = (_whole(metric, after) + _whole(metric, before)) / 2
    return [_share(group, _of(after), _of(before), middle) for group in groups]


def _share(group: Group, all_now: int, all_base: int, middle: Fraction) -> Part:
    """Rate and mix effect of one group; `middle`: the whole rate, halfway between the two periods.

    What a numerator adds where nothing stands in the denominator is nobody's rate: it is mix.
    """
    key, now, base = group
    rates = [Fraction(c.numerator, c.denominator) if c.denominator else None for c in (now, base)]
    known = [rate for rate in rates if rate is not None] or [Fraction()]
    rate_now, rate_base = (known[0] if rate is None else rate for rate in rates)
    share_now, share_base = Fraction(now.denominator or 0, all_now), Fraction(base.denominator or 0, all_base)
    rate_effect = (rate_now - rate_base) * (share_now + share_base) / 2
    mix_effect = (share_now - share_base) * ((rate_now + rate_base) / 2 - middle)
    mix_effect += _undivided(now, all_now) - _undivided(base, all_base)
    return Part(key, now, base, rate_effect + mix_effect, rate_effect, mix_effect)


def _undivided(cell: Cell, whole: int) -> Fraction:
    return Fraction() if cell.denominator else Fraction(cell.numerator, whole)

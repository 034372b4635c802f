"""A difference told: the steps of its waterfall, and where it lies in words. What is printed adds up."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import floor

from analytics.catalogue import DIMENSIONS
from analytics.insight.explain import Explanation, Part, explain
from analytics.insight.findings import NO_DATA, with_changes
from analytics.insight.wording import COMPARED, count, number
from analytics.model import Metric
from analytics.result import Cell, Key, Result
from analytics.site import Refusal

SHOWN = 8
"""So many groups are shown by name; all others together are one line."""
NAMED = 3
"""So many are named in a sentence, one fewer where a name has several parts."""
REST = "其余"
RATE_EFFECT, MIX_EFFECT = "各组自身变化", "构成变化"


@dataclass(frozen=True)
class Step:
    """A line of the waterfall: a group, or all others together (`part` None), as a number and in print."""

    label: str
    amount: Fraction
    rate_effect: Fraction | None
    mix_effect: Fraction | None
    printed: int
    part: Part | None = None


def steps(explained: Explanation, most: int = SHOWN) -> tuple[Step, ...]:
    """The greatest parts, rises before falls, then the rest as one; `printed` sums as the amounts do.

    `printed` counts the last digit shown: tenths of a percentage point where a rate has one digit.
    """
    shown = _greatest(explained.parts, most)
    rest = [part for part in explained.parts if part not in shown and part.amount]
    lines: list[tuple[str, list[Part]]] = [(_name(explained, part), [part]) for part in shown]
    lines += [(f"{REST}{len(rest)}处", rest)] if rest else []
    amounts = [_sum(part.amount for part in group) for _, group in lines]
    printed = adding_up([x * last_digits(explained.metric) for x in amounts], printed_difference(explained))
    return tuple(
        Step(
            label,
            whole,
            _sum_of_known(part.rate_effect for part in group),
            _sum_of_known(part.mix_effect for part in group),
            text,
            group[0] if group is not rest else None,
        )
        for (label, group), whole, text in zip(lines, amounts, printed, strict=True)
    )


def _greatest(parts: Sequence[Part], most: int) -> list[Part]:
    """The greatest by size, the greatest of each direction always among them; a single one is no rest."""
    moved = [part for part in parts if part.amount]
    ends = [next((p for p in moved if (p.amount > 0) == up), None) for up in (True, False)]
    first = [part for part in ends if part is not None]
    room = most if len(moved) != most + 1 else most + 1
    kept = (first + [part for part in moved if part not in first])[:room]
    return sorted(kept, key=lambda part: (part.amount < 0, -abs(part.amount)))


def _sum(amounts: Iterable[Fraction]) -> Fraction:
    return sum(amounts, Fraction())


def _sum_of_known(effects: Iterable[Fraction | None]) -> Fraction | None:
    found = [effect for effect in effects if effect is not None]
    return _sum(found) if found else None


def adding_up(amounts: Sequence[Fraction], whole: int) -> list[int]:
    """The amounts as whole numbers that sum to `whole`: rounded down, those cut by most up again.

    The method of largest remainders (Hamilton); `whole` is their sum, rounded.
    """
    down = [floor(x) for x in amounts]
    by_rest = sorted(range(len(amounts)), key=lambda i: down[i] - amounts[i])
    raised = set(by_rest[: whole - sum(down)])
    return [n + (i in raised) for i, n in enumerate(down)]


def last_digits(metric: Metric) -> int:
    """How many of the last digit shown make one: of a rate, of 1 = 100 percentage points."""
    return int(f"1{'0' * metric.digits}") * (100 if metric.is_rate else 1)


def printed_difference(explained: Explanation) -> int:
    """The difference in the last digit shown, rounded as everywhere it is printed."""
    metric = explained.metric
    change = (float(explained.now) - float(explained.base)) * (100 if metric.is_rate else 1)
    return int(f"{change:.{metric.digits}f}".replace(".", ""))


def signed(metric: Metric, printed: int, unit: bool = True) -> str:
    """+8件, -0.4个百分点, +1.5天; 0 without a sign."""
    text = f"{abs(printed) / 10**metric.digits:,.{metric.digits}f}"
    if metric.is_count:
        text = number(metric, abs(printed))
    sign = "+" if printed > 0 else "-" if printed < 0 else ""
    return f"{sign}{text}{unit_of(metric) if unit else ''}"


def unit_of(metric: Metric) -> str:
    """The unit of a difference."""
    return "个百分点" if metric.is_rate else metric.unit


def _name(explained: Explanation, part: Part) -> str:
    return "·".join(labels(explained.result, part.key))


def labels(result: Result, key: Key) -> list[str]:
    """A group's members as shown to people."""
    return [DIMENSIONS[d].label_of(member) for d, member in zip(result.query.by, key, strict=True)]


def covered(explained: Explanation, most: int = SHOWN) -> str:
    """列出的8处占全部增减的87%: how much of all ups and downs the shown groups hold; empty where all."""
    shown = _greatest(explained.parts, most)
    share = _held(explained, shown)
    return "" if share == 1 else f"列出的{len(shown)}处占全部增减的{float(share):.0%}"


def _held(explained: Explanation, parts: Iterable[Part]) -> Fraction:
    """The share of all that moved that these parts hold; 1 where nothing moved."""
    return _sum(abs(part.amount) for part in parts) / explained.gross if explained.gross else Fraction(1)


def method(result: Result) -> str:
    """What the bars of the waterfall are: 单位, how much of the movement the named ones hold."""
    metric = result.metrics[0]
    unit = f"单位：{unit_of(metric).removeprefix('个')}"
    try:
        return "，".join(part for part in (unit, covered(explain(result))) if part)
    except Refusal:
        return unit


# --- in words -------------------------------------------------------------------------------------


def finding(result: Result) -> str:
    """同比增加12件：宁中镇+8、叶塘镇+5，其余-1; or why it cannot be said."""
    if not result.coverage or result.period.empty:
        return NO_DATA
    try:
        explained = explain(result)
    except Refusal as refusal:
        return str(refusal)
    said, where = f"{COMPARED[result.query.compare]}{_change(explained)}", _where(explained, unit=False)
    return f"{said}：{where}" if where else said


def _change(explained: Explanation) -> str:
    metric, change = explained.metric, printed_difference(explained)
    if not change:
        return "持平"
    verb = ("增加" if change > 0 else "减少") if metric.is_count else ("上升" if change > 0 else "下降")
    return f"{verb}{_size(metric, change)}"


def _where(explained: Explanation, unit: bool) -> str:
    """宁中镇+8、叶塘镇+5，其余-1: what is printed sums to the printed difference."""
    metric, lines = explained.metric, steps(explained)
    named = _named(explained, lines)
    if not named:
        return ""
    words = "、".join(f"{s.label}{signed(metric, s.printed, unit)}" for s in named)
    others = [s for s in lines if s not in named]
    if not any(s.printed for s in others):
        return words
    return f"{words}，{REST}{signed(metric, sum(s.printed for s in others), unit)}"


def _named(explained: Explanation, lines: Sequence[Step]) -> list[Step]:
    """The groups that words name: the greatest of those of which something is seen in print."""
    by_size = sorted((s for s in lines if s.part and s.printed), key=lambda s: -abs(s.printed))
    return by_size[: NAMED if len(explained.result.query.by) == 1 else NAMED - 1]


def sentences(result: Result, small_base: int) -> tuple[str, ...]:
    """At most two: the number with its change, and where the change lies. Raises Refusal.

    `result` as `explain` takes it; no percentage on a base under `small_base`.
    """
    explained = explain(result)
    first = [
        with_changes(explained.metric, [_as_whole(explained)], small_base),
        _further(explained),
        _smallness(explained, small_base),
    ]
    said = f"{'，'.join(part for part in first if part)}。"
    where = _where(explained, unit=True)
    if not where:
        return (said,)
    return said, f"{_offsetting(explained) or _concentration(explained)}{where}。"


def _as_whole(explained: Explanation) -> Result:
    """The result without its groups, so that it is told as every other number."""
    result, metric = explained.result, explained.metric
    query = replace(result.query, metrics=(metric.name,), by=())
    now = _added(metric, [part.now for part in explained.parts], explained.now)
    base = _added(metric, [part.base for part in explained.parts], explained.base)
    return replace(result, query=query, cells={(): (now,)}, base={(): (base,)})


def _added(metric: Metric, cells: Sequence[Cell], whole: Fraction) -> Cell:
    """The cells as one: its value is `whole`, as the engine would have divided it."""
    of = sum(cell.denominator or 0 for cell in cells) if metric.denominator else None
    value = int(whole) if metric.is_count else float(whole)
    return Cell(sum(cell.numerator for cell in cells), of, value)


def _further(explained: Explanation) -> str:
    """减少15件; of a rate or mean how much of it is the groups' own change, how much their shares'."""
    metric, change = explained.metric, printed_difference(explained)
    if metric.is_count:
        return _change(explained) if change else ""
    effects = [_sum(getattr(part, at) for part in explained.parts) for at in ("rate_effect", "mix_effect")]
    rate, mix = adding_up([x * last_digits(metric) for x in effects], change)
    if not rate and not mix:
        return ""
    return f"其中{RATE_EFFECT}{signed(metric, rate, unit=False)}、{MIX_EFFECT}{signed(metric, mix)}"


def _smallness(explained: Explanation, small_base: int) -> str:
    """分母8→40，样本小: a rate or mean of few rows, in either period."""
    if not explained.metric.denominator:
        return ""
    base, now = (sum(getattr(p, at).denominator or 0 for p in explained.parts) for at in ("base", "now"))
    return f"分母{count(base)}→{count(now)}，样本小" if min(base, now) < small_base else ""


def _concentration(explained: Explanation) -> str:
    """Whether the groups that are named hold most of what moved."""
    named = [step.part for step in _named(explained, steps(explained)) if step.part]
    return "变化主要在" if 2 * _held(explained, named) >= 1 else "变化较分散，最多的是"


def _offsetting(explained: Explanation) -> str:
    """增减相抵（增加合计20件，减少合计12件）: where the smaller is half of the greater or more."""
    up = _sum(part.amount for part in explained.parts if part.amount > 0)
    down = up - explained.difference
    if not down or not up or 2 * min(up, down) < max(up, down):
        return ""
    metric = explained.metric
    rise, fall = adding_up(
        [up * last_digits(metric), -down * last_digits(metric)], printed_difference(explained)
    )
    more, less = ("增加", "减少") if metric.is_count else ("上升", "下降")
    return f"增减相抵（{more}合计{_size(metric, rise)}，{less}合计{_size(metric, fall)}）："


def _size(metric: Metric, printed: int) -> str:
    return signed(metric, abs(printed)).removeprefix("+")

"""At most two sentences for the brief: a number with its comparison and judgement, then rows that stand out.

By rule, and without any cause.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from analytics.catalogue import DIMENSIONS
from analytics.insight.findings import with_changes
from analytics.insight.verdict import VERDICTS, Judgement, Verdict
from analytics.insight.wording import amount, period_in_words
from analytics.model import Metric, Period
from analytics.result import NOBODY, Key, Result

NAMED = 3
"""Rows that a sentence names of each kind; the rest are counted."""
_LOUDEST: tuple[Verdict, ...] = ("up", "high", "down", "low")


def sentences(
    period: Period,
    compared: Sequence[Result],
    alone: Judgement,
    rows: Mapping[Key, Judgement] | None = None,
    dimension: str = "township",
    small_base: int = 10,
) -> tuple[str, ...]:
    """2021年11月信访总量171件，同比下降8.1%，处于正常波动范围（70–310）。20个镇街中…

    `compared`: the number without dimensions, a result a comparison. `alone`: its judgement. `rows`: those of
    a table by `dimension`, where there is one.
    """
    (metric,) = compared[0].metrics
    first = f"{period_in_words(period)}{with_changes(metric, compared, small_base)}{_judged(metric, alone)}。"
    return (first, among(metric, rows, dimension)) if rows else (first,)


def _judged(metric: Metric, alone: Judgement) -> str:
    span = alone.range_in_words(metric)
    if alone.verdict == "small":
        return f"，{alone.word}" if alone.rule != "size" else "，样本小，不作判断"
    limits = f"正常范围{span}" + (f"，{alone.told}" if alone.told else "")
    return f"，{'处于正常波动' if alone.verdict == 'normal' else alone.word}（{limits}）"


def among(metric: Metric, rows: Mapping[Key, Judgement], dimension: str) -> str:
    """20个镇街中，水口镇显著上升（27件，正常范围5–26）；其余19个未见异常（其中样本小8个）。"""
    label = DIMENSIONS[dimension].label
    named = {key: one for key, one in rows.items() if key[0] not in NOBODY}
    parts = [_of_kind(metric, named, dimension, kind) for kind in _LOUDEST]
    said = [part for part in parts if part]
    quiet = [one for one in named.values() if not one.is_signal]
    unjudged = sum(one.verdict == "small" for one in quiet)
    note = f"（其中{unjudged}个样本小或历史不足，不作判断）" if unjudged else ""
    rest = f"其余{len(quiet)}个未见异常" if said else "都未见异常"
    return f"{label}共{len(named)}个，{'；'.join([*said, rest] if quiet else said)}{note}。"


def _of_kind(metric: Metric, rows: Mapping[Key, Judgement], dimension: str, kind: Verdict) -> str:
    found = [(key, one) for key, one in rows.items() if one.verdict == kind]
    found.sort(key=lambda pair: -abs((pair[1].value or 0) - (pair[1].expected or 0)))
    if not found:
        return ""
    told = [
        f"{DIMENSIONS[dimension].label_of(key[0])}（{_numbers(metric, one)}）" for key, one in found[:NAMED]
    ]
    more = f"等{len(found)}个" if len(found) > NAMED else ""
    return f"{'、'.join(told)}{more}{VERDICTS[kind]}"


def _numbers(metric: Metric, one: Judgement) -> str:
    numbers = f"{amount(metric, one.value)}，正常范围{one.range_in_words(metric)}"
    return f"{numbers}，{one.told}" if one.verdict in ("high", "low") else numbers

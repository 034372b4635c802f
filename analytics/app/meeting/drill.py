"""One level down: one member of a figure alone, its number among the others' and its 24 months."""

from __future__ import annotations

from dataclasses import replace

from analytics.answers import Answer, Figure
from analytics.app.meeting.screens import Screen
from analytics.briefs.asking import COMPARISONS, Asking
from analytics.briefs.brief import KeyNumber
from analytics.briefs.phrases import judged_in_words, key_number, source_of
from analytics.catalogue import DIMENSIONS, METRICS
from analytics.citing import Piece
from analytics.insight.wording import count, period_in_words
from analytics.model import MONTH
from analytics.result import NOBODY


def members(found: Answer | None) -> tuple[str, ...]:
    """What the figure can be asked about alone, the greatest first; nothing where marks are no members."""
    if found is None or found.figure.click is None or found.figure.by[0] != found.figure.click:
        return ()
    totals = _totals(found)
    return tuple(sorted(totals, key=lambda name: (name in NOBODY, -totals[name])))


def _totals(found: Answer) -> dict[str, int]:
    totals: dict[str, int] = {}
    for key in found.result.keys:
        totals[key[0]] = totals.get(key[0], 0) + found.result.cell(found.figure.metric.name, key).numerator
    return totals


def alone(asking: Asking, screen: Screen, found: Answer, member: str) -> Screen:
    """The member by month, with its month against the year and the month before."""
    figure, dimension = found.figure, found.figure.by[0]
    name, where = figure.metric.name, (*figure.where, (dimension, (member,)))
    months = Figure(
        f"{figure.name}-{member}",
        *("", "line", (name,), (MONTH.name,), "two_years", "year_ago"),
        where=where,
    )
    line = asking.answered(months)
    label = DIMENSIONS[dimension].label_of(member)
    numbers = (*_among(found, member, label), _month(asking, name, where))
    return replace(screen, title=f"{label}：{line.title}", numbers=numbers, figure=line, told=())


def _month(asking: Asking, name: str, where: tuple[tuple[str, tuple[str, ...]], ...]) -> KeyNumber:
    results = [asking.ask(name, compare=compare, where=where) for compare in COMPARISONS]
    told = "" if METRICS[name].stock else judged_in_words(asking.judged(name, where))
    made = key_number(name, results, asking.small_base, told)
    return replace(made, label=f"本月{made.label}")


def _among(found: Answer, member: str, label: str) -> tuple[KeyNumber, ...]:
    """Its number over the days that the figure shows, its share and its place; of counts only."""
    metric, totals = found.figure.metric, _totals(found)
    whole, own = sum(totals.values()), totals.get(member, 0)
    if not metric.is_count or not whole:
        return ()
    named = [total for name, total in totals.items() if name not in NOBODY and total]
    place = 1 + sum(total > own for total in named)
    source = source_of(found.result)
    said = [Piece(f"占全部{own / whole * 100:.1f}%", source)]
    said += [Piece(f"{len(named)}个中第{place}位", source)] if own and member not in NOBODY else []
    days = f"{found.result.period.shown_end}止" if metric.stock else period_in_words(found.result.period)
    return (KeyNumber(f"{label} {days}", count(own), metric.unit, tuple(said)),)

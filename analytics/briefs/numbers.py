"""The numbers of a brief, each with what it is of: told in sentences, drawn in figures, or compared with.

Two numbers are of the same thing where metric, members, days and scope are the same. A part of a month is
not the month; a filter and a group of the same member are one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from analytics.briefs.brief import Brief
from analytics.engine import Engine
from analytics.model import MONTH, Metric, Period, Query, Scope
from analytics.result import Cell, Key, Result, compared

Members = tuple[tuple[str, tuple[str, ...]], ...]
Days = tuple[date | None, date]
"""First and last day that counts; a stock has no first."""


@dataclass(frozen=True)
class Subject:
    """What a number is of."""

    metric: str
    days: Days
    members: Members
    scope: Scope

    def narrowed(self, by: tuple[str, ...], key: Key) -> Subject:
        """One group of it."""
        members = dict(self.members) | {name: (member,) for name, member in zip(by, key, strict=True)}
        return replace(self, members=tuple(sorted(members.items())))

    @property
    def period(self) -> Period:
        """Its days; of a stock its last."""
        first, last = self.days
        return Period(first or last, last)


@dataclass(frozen=True)
class Block:
    """The numbers of one metric for the same days, by group: the whole has the empty group alone.

    Groups stand in the order of their names, the database gives them in any. `source`: the number, from 1, of
    the brief's source that cites it; 0 where a figure alone shows it.
    """

    of: Subject
    by: tuple[str, ...]
    cells: Mapping[Key, Cell]
    source: int = 0

    @property
    def shape(self) -> tuple[Subject, tuple[str, ...]]:
        """Of what it is, whatever the numbers."""
        return self.of, self.by


def blocks(engine: Engine, brief: Brief) -> tuple[Block, ...]:
    """Every number that the brief's chapters tell, draw or compare with, each shape once, in that order."""
    found: dict[object, Block] = {}
    for query, source in asked(brief).items():
        for block in _blocks(engine.answer(query), source):
            found.setdefault(block.shape, block)
    return tuple(found.values())


def asked(brief: Brief) -> dict[Query, int]:
    """The queries behind the chapters, each with the number of its source: 0 for a figure's own."""
    told = replace(brief, corrections=(), decisions=()).sources
    cited = {source.query: brief.sources.index(source) + 1 for source in told if source.query}
    drawn = {answer.result.query: 0 for chapter in brief.chapters for answer in chapter.figures}
    return {**cited, **{query: at for query, at in drawn.items() if query not in cited}}


def versions(brief: Brief) -> dict[str, int]:
    """Of every dataset that the brief's numbers were read from."""
    return dict(brief.versions) | {name: v for query in asked(brief) for name, v in query.versions if v}


def _blocks(result: Result, source: int) -> Iterator[Block]:
    """The present days' numbers, then those compared with under their own days."""
    for metric in result.metrics:
        for now, before in _stretches(result):
            if _known(result, metric, now):
                yield _block(result, metric, now, now, result.cells, source)
            if before and result.base is not None and _known(result, metric, before):
                yield _block(result, metric, now, before, result.base, source)


def _stretches(result: Result) -> list[tuple[Period, Period | None]]:
    """The days of each number with those it is compared with: the period, or each of its months."""
    monthly = MONTH.name in result.query.by

    def parts(period: Period) -> tuple[Period, ...]:
        return period.by_month() if monthly else (period,)

    against = compared(result.period, result.query.compare, monthly)
    pairs = [pair for s in against for pair in zip(parts(s.present), parts(s.base), strict=True)]
    return [*pairs] or [(period, None) for period in parts(result.period)]


def _known(result: Result, metric: Metric, period: Period) -> bool:
    """The days lie within the data: before them a zero means nothing."""
    coverage = result.coverage.get(metric.imported)
    first = period.last if metric.stock else period.start
    return coverage is not None and not period.empty and coverage.first.replace(day=1) <= first


def _block(
    result: Result,
    metric: Metric,
    now: Period,
    days: Period,
    cells: Mapping[Key, tuple[Cell, ...]],
    source: int,
) -> Block:
    query = result.query
    at, column = query.metrics.index(metric.name), _month(query)
    kept = cells if column is None else {k: c for k, c in cells.items() if k[column] == f"{now.start:%Y-%m}"}
    groups = {_without(key, column): kept[key][at] for key in sorted(kept)}
    of = Subject(
        metric.name,
        (None if metric.stock else days.start, days.last),
        tuple(sorted(query.selection.members)),
        query.selection.scope.rows,
    )
    by = tuple(name for name in query.by if name != MONTH.name)
    return Block(of, by, {key: cell for key, cell in groups.items() if cell.value is not None}, source)


def _month(query: Query) -> int | None:
    return query.by.index(MONTH.name) if MONTH.name in query.by else None


def _without(key: Key, column: int | None) -> Key:
    return key if column is None else (*key[:column], *key[column + 1 :])

"""Where a question about one dataset can be answered from: each source says at what cost, all say the same.

Rows answer everything. A small dataset is listed row by row in memory. A stored cube answers what its
dimensions allow, and what is held in memory answers whole months without a statement; the days at the ends of
a period that make no whole month are then counted from rows.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cached_property
from typing import Protocol

import pyarrow as pa
import pyarrow.compute as pc

from analytics import sql
from analytics.catalogue import DIMENSIONS, METRICS, dataset_has
from analytics.catalogue.cubes import Cube
from analytics.contract import DATASETS, Dataset
from analytics.listing import Listing
from analytics.members import Group, Kept
from analytics.memory import Memory
from analytics.model import AREA, EVER, LEVELS, MONTH, OPENING, Measure, Period, Selection, counted, month_end
from analytics.monthly import LIMIT, Arrays, Monthly, Span, split
from analytics.sql import Asked, Statement

EVERY_MONTH = Span(0, 999_912)
Value = str | int | float | bool | date | None
Sums = dict[Asked, dict[Group, int]]
"""What was asked by group: members in the order of the question's dimensions, a month as YYYYMM."""


class Database(Protocol):
    """What runs statements."""

    def rows(self, statement: Statement) -> list[tuple[Value, ...]]:
        """Runs one statement."""

    def table(self, statement: Statement) -> pa.Table:
        """The same as columns."""


@dataclass(frozen=True)
class Question:
    """Measures of one dataset to be summed, by dimensions (columns, levels, `month`), under a selection."""

    asked: tuple[Asked, ...]
    by: tuple[str, ...]
    selection: Selection

    @cached_property
    def dataset(self) -> Dataset:
        """The dataset that the measures are of."""
        return DATASETS[self.asked[0].measure.dataset]

    @cached_property
    def measures(self) -> tuple[Measure, ...]:
        """Each measure once."""
        return tuple(dict.fromkeys(a.measure for a in self.asked))

    @cached_property
    def kept(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """The members kept, those that the scope leaves among them; places above the township by code."""
        return (*self.selection.members, *self.selection.scope.kept)

    @cached_property
    def dimensions(self) -> tuple[str, ...]:
        """All that must be told apart, in one order whoever asks."""
        names = {*self.by, *(name for name, _ in self.kept)} - {MONTH.name}
        return tuple(sorted(names))


class Source(Protocol):
    """One place that answers questions about one version of a dataset."""

    def cost(self, question: Question) -> float | None:
        """About how many numbers are read for it; None where it cannot be answered from here."""

    def sums(self, question: Question) -> Sums:
        """The answer."""


@dataclass(frozen=True)
class Rows:
    """The rows themselves. `size`: how many; `latest`: of some date columns the last day that a row has."""

    database: Database
    relation: str
    size: int
    latest: Mapping[str, date] = field(default_factory=dict)

    def cost(self, question: Question) -> float:
        """Every row may have to be looked at."""
        return float(self.size)

    def sums(self, question: Question) -> Sums:
        """One statement."""
        found: Sums = {a: {} for a in question.asked}
        parts, width = sql.blocks(question.asked), 1 + len(question.by)
        statement = sql.select(self.relation, question.asked, question.by, question.selection)
        for at, *row in self.database.rows(statement):
            group = tuple(row[: width - 1])
            for a, value in zip(parts[int(str(at))], row[width - 1 :], strict=False):
                if isinstance(value, int):
                    found[a][group] = value
        return found

    def reach(self, column: str, day: date) -> date:
        """The end of the day's month where no row lies between: then the month is as good as whole."""
        return month_end(day) if self.latest.get(column, date.max) <= day else day

    def tells(self, question: Question) -> bool:
        """Whether every dimension is a column."""
        has = question.dataset.by_name
        return all(name in has or (name in LEVELS and AREA in has) for name in question.dimensions)

    def groups(self, question: Question) -> int:
        """How many combinations of the question's members occur."""
        return _groups(self.database, self.relation, question.dataset, question.dimensions)

    def listing(self, dataset: Dataset) -> Listing:
        """Every row with all that may be asked of the dataset, in one statement."""
        dimensions = tuple(name for name in DIMENSIONS if name != MONTH.name and dataset_has(dataset, name))
        mine = [m for m in METRICS.values() if m.dataset == dataset.name]
        days = dict.fromkeys(m.quantile.by for m in mine if m.quantile)
        measures = tuple(dict.fromkeys(measure for m in mine for measure in m.measures))
        dates = tuple(dict.fromkeys(measure.date for measure in measures))
        told = tuple(dict.fromkeys((*dimensions, *days)))
        rows = self.database.table(sql.listing(self.relation, dataset, told, dates, measures))
        return Listing(told, dates, measures, rows)

    def monthly(self, dimensions: Sequence[str], measures: Sequence[Measure]) -> Monthly:
        """All months by the dimensions, in one statement."""
        asked = [Asked(measure, stock=False) for measure in measures]
        table = self.database.table(
            sql.select(self.relation, asked, (MONTH.name, *dimensions), Selection(EVER))
        )
        parts = []
        for at, block in enumerate(sql.blocks(asked)):
            rows = table.filter(pc.equal(table.column(0), at))
            parts.append(
                ([a.measure for a in block], rows.select(range(1, 2 + len(dimensions) + len(block))))
            )
        return Monthly(dimensions, parts)


Found = Iterable[tuple[Measure, Mapping[Group, int]]]
Months = Callable[[Sequence[Measure], Sequence[str], Span], Found]
"""What a source of whole months gives for measures, by dimensions, over a span."""


def by_months(question: Question, rows: Rows, months: Months) -> Sums:
    """Adds what whole months give and what the rows of the days at the ends give."""
    found: Sums = {a: {} for a in question.asked}
    for stock in (False, True):
        mine = [a for a in question.asked if a.stock is stock]
        for stretch, opening in _stretches(question, stock) if mine else ():
            by = tuple(d for d in question.by if not (opening and d == MONTH.name))
            for measure, part in _counted(question, mine, by, stretch, rows, months):
                sums = found[Asked(measure, stock)]
                for group, value in part.items():
                    key = _opened(group, question.by) if opening else group
                    sums[key] = sums.get(key, 0) + value
    return found


def _stretches(question: Question, stock: bool) -> Iterable[tuple[Period, bool]]:
    """Days to be summed, and whether they are what a stock by month stood at before the period."""
    period = question.selection.period
    if stock and MONTH.name in question.by and period.start > date.min:
        yield Period(date.min, period.start - timedelta(days=1)), True
    yield Period(date.min if stock and MONTH.name not in question.by else period.start, period.last), False


def _counted(
    question: Question, asked: Sequence[Asked], by: Sequence[str], days: Period, rows: Rows, months: Months
) -> Found:
    reached: dict[date, list[Measure]] = {}
    for a in asked:
        reached.setdefault(rows.reach(a.measure.date, days.end), []).append(a.measure)
    for last, measures in reached.items():
        parts = split(days.start, last)
        if parts.whole:
            yield from months(measures, by, parts.whole)
        for edge in parts.edges:
            flows = tuple(Asked(measure, stock=False) for measure in measures)
            only = Question(flows, tuple(by), replace(question.selection, period=edge))
            for one, sums in rows.sums(only).items():
                yield one.measure, sums


def _opened(group: Group, by: Sequence[str]) -> Group:
    place = list(by).index(MONTH.name)
    return (*group[:place], OPENING, *group[place:])


def has_edges(question: Question, rows: Rows) -> bool:
    """Whether days at the ends must be counted from rows."""
    placed = {(a.stock, a.measure.date) for a in question.asked}
    return any(
        split(days.start, rows.reach(column, days.end)).edges
        for stock, column in placed
        for days, _ in _stretches(question, stock)
    )


EDGE = 20
"""Of how many rows about one is looked at for days that make no whole month."""


@dataclass(frozen=True)
class Cells:
    """A stored cube, and the rows that it was made of. `size`: how many cells it holds."""

    database: Database
    cube: Cube
    relation: str
    size: int
    rows: Rows

    def tells(self, question: Question) -> bool:
        """Whether it can be answered from here."""
        return self.cube.tells(question.dimensions, question.measures)

    def cost(self, question: Question) -> float | None:
        """Every cell may have to be looked at, and some rows for the days at the ends."""
        if not self.tells(question):
            return None
        return self.size + (self.rows.size / EDGE if has_edges(question, self.rows) else 0)

    def sums(self, question: Question) -> Sums:
        """A statement for the whole months of flows, one for those of stocks."""

        def months(measures: Sequence[Measure], by: Sequence[str], span: Span) -> Found:
            statement, width = self._statement(measures, by, question.selection, span), len(by)
            found = self.database.rows(statement)
            for at, measure in enumerate(measures, width):
                yield measure, {row[:width]: value for row in found if isinstance(value := row[at], int)}

        return by_months(question, self.rows, months)

    def groups(self, question: Question) -> int:
        """How many combinations of the question's members occur."""
        return _groups(self.database, self.relation, self.cube.cells, question.dimensions)

    def monthly(self, dimensions: Sequence[str], measures: Sequence[Measure]) -> Monthly:
        """All months by the dimensions, in one statement."""
        by = (MONTH.name, *dimensions)
        table = self.database.table(self._statement(measures, by, Selection(EVER), EVERY_MONTH))
        return Monthly(dimensions, [(measures, table)])

    def _statement(
        self, measures: Sequence[Measure], by: Sequence[str], selection: Selection, span: Span
    ) -> Statement:
        named = self.cube.columns
        columns = [(named[measure], named[counted(measure)]) for measure in measures]
        apart = self.cube.tells_cells_apart(by)
        return sql.select_months(
            self.relation, columns, self.cube.cells, by, selection, span.first, span.last, apart
        )


@dataclass(frozen=True)
class Listed:
    """A small dataset's rows in memory as arrays. `place`: which version of what."""

    listings: Memory
    place: Hashable
    rows: Rows

    def cost(self, question: Question) -> float | None:
        """Next to nothing."""
        tells = self._listing(question).tells(question.dimensions, question.measures)
        return 0 if tells else None

    def sums(self, question: Question) -> Sums:
        """Rows counted one by one."""
        listing, period = self._listing(question), question.selection.period
        kept = listing.kept(_kept(question))
        return {a: listing.sums(a.measure, a.stock, question.by, kept, period) for a in question.asked}

    def _listing(self, question: Question) -> Listing:
        return self.listings.once(self.place, lambda: self.rows.listing(question.dataset))


class Origin(Protocol):
    """What whole months can be loaded from."""

    @property
    def size(self) -> int:
        """How much there is to read."""

    def tells(self, question: Question) -> bool:
        """Whether what is asked can be loaded from here."""

    def groups(self, question: Question) -> int:
        """How many combinations of the question's members occur."""

    def monthly(self, dimensions: Sequence[str], measures: Sequence[Measure]) -> Monthly:
        """All months by the dimensions."""


OFTEN = 1_000
"""How often what is held is taken to be asked again, which shares the cost of loading it."""
MONTHS = 120
"""How many months a dataset is taken to have where only the size of what will be held is guessed."""


@dataclass(frozen=True)
class Held:
    """Whole months in memory, loaded where they are first asked for. `place`: which version of what."""

    arrays: Arrays
    place: Hashable
    origin: Origin
    rows: Rows

    def cost(self, question: Question) -> float | None:
        """Nothing is read but days at the ends."""
        if not self.origin.tells(question):
            return None
        if not (missing := self._missing(question.dimensions, question.measures)):
            return 0
        dimensions = question.dimensions
        groups = self.arrays.groups(self.place, dimensions, lambda: self.origin.groups(question))
        fits = groups * MONTHS * len(_with_counts(missing)) <= LIMIT
        return self.origin.size / OFTEN if fits else None

    def sums(self, question: Question) -> Sums:
        """Differences of what is held."""
        self.load(question.dimensions, question.measures)
        held = {measure: self._with(question.dimensions, measure) for measure in question.measures}
        kept = _kept(question)

        def months(measures: Sequence[Measure], by: Sequence[str], span: Span) -> Found:
            for measure in measures:
                yield measure, held[measure].sums(measure, by, kept, span)

        return by_months(question, self.rows, months)

    def load(self, dimensions: tuple[str, ...], measures: Sequence[Measure]) -> None:
        """Makes sure that the measures can be told apart by the dimensions; in one statement."""
        if not self._missing(dimensions, measures):
            return
        with self.arrays.loading:
            if missing := self._missing(dimensions, measures):
                self.arrays.hold(self.place, self.origin.monthly(dimensions, _with_counts(missing)))
                pa.default_memory_pool().release_unused()  # of what was read to load it

    def _with(self, dimensions: tuple[str, ...], measure: Measure) -> Monthly:
        while (found := self.arrays.find(self.place, dimensions, measure)) is None:  # let go in between
            self.load(dimensions, (measure,))
        return found

    def _missing(self, dimensions: tuple[str, ...], measures: Iterable[Measure]) -> list[Measure]:
        return [m for m in measures if self.arrays.find(self.place, dimensions, m) is None]


def _kept(question: Question) -> Kept:
    """Members as statements give them: the codes of places are numbers."""
    return [
        (name, [int(member) for member in members] if name in LEVELS else members)
        for name, members in question.kept
    ]


def _with_counts(measures: Iterable[Measure]) -> tuple[Measure, ...]:
    return tuple(dict.fromkeys(m for measure in measures for m in (measure, counted(measure))))


def _groups(database: Database, relation: str, dataset: Dataset, dimensions: Sequence[str]) -> int:
    return int(str(database.rows(sql.count_groups(relation, dataset, dimensions))[0][0]))

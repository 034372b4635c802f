"""Whole months of a dataset, added up and held as arrays: a question is the difference of two of their rows.

A dashboard asks the same few things of other months and of other members again and again. What adds up
(model.Measure) is summed once by month and by the dimensions asked about, and cumulated over the months; any
stretch of whole months, any stock at a month's end, any members kept and any coarser grouping then follow
without a statement.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import count

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from analytics.members import Group, Kept, Members, Runs
from analytics.model import MONTH, Measure, Period, counted, month_end

COARSE = 50_000
"""Cells up to which a finer division serves a coarser question: adding them up costs no more than asking."""
BUDGET = 256 * 1024 * 1024
"""Bytes of arrays kept; the least lately asked are let go."""
LIMIT = BUDGET // 8
"""Numbers (months × groups × measures) loaded at once; what would be more is asked of where it lies."""

Part = tuple[Sequence[Measure], pa.Table]


@dataclass(frozen=True)
class Span:
    """Whole months from the first to the last, as numbers YYYYMM; `first` 0: from the beginning."""

    first: int
    last: int


@dataclass(frozen=True)
class Split:
    """Days as whole months and the days at either end that make none."""

    whole: Span | None
    edges: tuple[Period, ...]


def split(start: date, last: date) -> Split:
    """The days from `start` (date.min: from the beginning) to `last`, both included."""
    begun, ended = start.day == 1, last == month_end(last)
    first = number(start) if begun else _next(number(start))
    final = number(last) if ended else _before(number(last))
    if first > final:
        return Split(None, (Period(start, last),))
    head = () if begun else (Period(start, month_end(start)),)
    tail = () if ended else (Period(last.replace(day=1), last),)
    return Split(Span(0 if start == date.min else first, final), head + tail)


def number(day: date) -> int:
    """The day's month as YYYYMM."""
    return day.year * 100 + day.month


def _next(month: int) -> int:
    return month + 1 if month % 100 < 12 else month + 89


def _before(month: int) -> int:
    return month - 1 if month % 100 > 1 else month - 89


class Monthly:
    """Sums of measures of one dataset by month and by the combinations of members that occur.

    Made of parts: the measures, each one's `counted` among them, and a table with the columns `month`
    (YYYYMM), the dimensions, then one a measure. A cell is one combination of members.
    """

    def __init__(self, dimensions: Sequence[str], parts: Sequence[Part]) -> None:
        self.asked = 0
        """When it was last asked: a number that grows."""
        at, where = self._grouped(dimensions, [table for _, table in parts])
        self._sums: dict[Measure, np.ndarray] = {}
        start = 0
        for measures, table in parts:
            rows = slice(start, start + table.num_rows)
            for measure, column in zip(measures, table.columns[1 + len(dimensions) :], strict=True):
                self._sums[measure] = self._cumulated(column, at[rows], where[rows])
            start += table.num_rows

    def _grouped(
        self, dimensions: Sequence[str], tables: Sequence[pa.Table]
    ) -> tuple[np.ndarray, np.ndarray]:
        """Of each line the place of its month and of its members."""
        keys = pa.concat_tables([table.select(range(1 + len(dimensions))) for table in tables])
        months = pc.dictionary_encode(keys.column(0)).combine_chunks()
        self._months, order = np.unique(months.dictionary.to_numpy(), return_inverse=True)
        self._members, where = Members.of(dimensions, keys.columns[1:], keys.num_rows).distinct()
        return order.astype(np.int32)[months.indices.to_numpy()], where

    @property
    def dimensions(self) -> tuple[str, ...]:
        """What it tells apart."""
        return self._members.dimensions

    @property
    def cells(self) -> int:
        """How many combinations of members there are."""
        return len(self._members)

    def _cumulated(self, column: pa.ChunkedArray, at: np.ndarray, where: np.ndarray) -> np.ndarray:
        """Row i: the sum of the months before the i-th; as narrow as what is added and taken away allows."""
        values = pc.fill_null(column, 0).to_numpy()
        most = np.bincount(where, np.abs(values)).max(initial=0)
        sums = np.zeros((len(self._months) + 1, self.cells), np.min_scalar_type(-1 - int(most)))
        sums[at + 1, where] = values
        return np.cumsum(sums, axis=0, dtype=sums.dtype, out=sums)

    @property
    def weight(self) -> int:
        """Bytes held, without what they are grouped by."""
        return sum(a.nbytes for a in self._sums.values()) + self._members.weight

    def has(self, measure: Measure) -> bool:
        """Whether it can be asked."""
        return measure in self._sums

    def sums(self, measure: Measure, by: Sequence[str], kept: Kept, span: Span) -> dict[Group, int]:
        """The measure's sums over the months of a span, by group: those in which a row counted.

        `by`: dimensions, and `month` where each month is wanted apart (as its number).
        """
        rows = self._rows(span, MONTH.name in by)
        names = tuple(name for name in by if name != MONTH.name)
        groups = self._members.groups(names)
        runs = groups.runs.only(self._members.mask(kept)) if kept else groups.runs
        if not len(runs.things):
            return {}
        there = self._added(counted(measure), rows, runs)
        values = there if measure.value is None else self._added(measure, rows, runs)
        at = np.nonzero(there)
        found = zip(at[0].tolist(), runs.groups[at[1]].tolist(), values[at].tolist(), strict=True)
        if MONTH.name not in by:
            return {groups.members[group]: value for _, group, value in found}
        place, months = by.index(MONTH.name), self._months[rows[0] : rows[1]].tolist()
        split = ((groups.members[group], months[month], value) for month, group, value in found)
        return {(*group[:place], month, *group[place:]): value for group, month, value in split}

    def _rows(self, span: Span, apart: bool) -> tuple[int, int, bool]:
        first = int(np.searchsorted(self._months, span.first, "left"))
        last = int(np.searchsorted(self._months, span.last, "right"))
        return first, max(first, last), apart

    def _added(self, measure: Measure, rows: tuple[int, int, bool], runs: Runs) -> np.ndarray:
        first, last, apart = rows
        bounds = self._sums[measure][first : last + 1 : 1 if apart else max(1, last - first)]
        block = np.diff(bounds[:, runs.things], axis=0)
        added: np.ndarray = np.add.reduceat(block, runs.starts, axis=1, dtype=np.int64)
        return added


@dataclass(frozen=True)
class _Shelf:
    """What is held of one place, and what was found there for which dimensions and measure."""

    held: tuple[Monthly, ...]
    found: dict[tuple[tuple[str, ...], Measure], Monthly | None] = field(default_factory=dict)

    def find(self, dimensions: tuple[str, ...], measure: Measure) -> Monthly | None:
        """The smallest that serves."""
        wanted = dimensions, measure
        if wanted not in self.found:
            fits = [one for one in self.held if one.has(measure) and _serves(one, frozenset(dimensions))]
            self.found[wanted] = min(fits, key=lambda one: one.cells, default=None)
        return self.found[wanted]


class Arrays:
    """What is held of every dataset and version, within a budget. Safe to share between threads.

    Whoever looks waits for nobody: a lock here would be the one for which everybody waits.
    """

    def __init__(self, budget: int = BUDGET) -> None:
        self._budget = budget
        self._held: dict[Hashable, _Shelf] = {}
        self._groups: dict[Hashable, dict[tuple[str, ...], int]] = {}
        self._clock = count()
        self._turn = threading.Lock()
        self.loading = threading.Lock()
        """Held while something is made: what many want at once is made by the first of them."""

    def find(self, place: Hashable, dimensions: tuple[str, ...], measure: Measure) -> Monthly | None:
        """What holds the measure of a place and tells these dimensions apart: the smallest there is."""
        if (shelf := self._held.get(place)) is None or (found := shelf.find(dimensions, measure)) is None:
            return None
        found.asked = next(self._clock)
        return found

    def hold(self, place: Hashable, made: Monthly) -> None:
        """Keeps one more; what was asked least lately goes where the budget is spent."""
        made.asked = next(self._clock)
        with self._turn:
            before = self._held.get(place)
            self._held[place] = _Shelf((*(before.held if before else ()), made))
            ordered = sorted(
                ((one.asked, place, one) for place, shelf in self._held.items() for one in shelf.held),
                key=lambda found: found[0],
            )
            over = sum(one.weight for *_, one in ordered) - self._budget
            for _, where, one in ordered[:-1]:
                if over <= 0:
                    break
                self._let_go(where, one)
                over -= one.weight

    def _let_go(self, place: Hashable, one: Monthly) -> None:
        """Of a place of which nothing is left nothing is known."""
        if left := tuple(held for held in self._held[place].held if held is not one):
            self._held[place] = _Shelf(left)
        else:
            del self._held[place]
            self._groups.pop(place, None)

    def groups(self, place: Hashable, dimensions: tuple[str, ...], count: Callable[[], int]) -> int:
        """How many combinations of members a place has, counted once."""
        known = self._groups.setdefault(place, {})
        if dimensions not in known:
            known[dimensions] = count()
        return known[dimensions]

    def forget(self) -> None:
        """Lets go of everything."""
        with self._turn:
            self._held.clear()
            self._groups.clear()


def _serves(held: Monthly, dimensions: frozenset[str]) -> bool:
    """Tells just these dimensions apart, or finer ones at little cost."""
    mine = frozenset(held.dimensions)
    return mine == dimensions or (dimensions < mine and held.cells <= COARSE)

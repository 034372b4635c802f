"""A Result holds sums and the query they answer; dividing, comparing and ranking happen here, last."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from typing import NamedTuple

from analytics.catalogue import DIMENSIONS, METRICS
from analytics.contract import UNFILLED, UNKNOWN_TOWNSHIP
from analytics.memory import Weighed
from analytics.model import MONTH, OPENING, Comparison, Measure, Metric, Period, Query, Sum

NOBODY = (UNFILLED, UNKNOWN_TOWNSHIP)
"""Members that name nobody: counted, shown last, never ranked."""

Key = tuple[str, ...]
Sums = Mapping[Key, int]
"""One signed sum by group."""
Counts = Mapping[Key, Mapping[int, int]]
"""How many rows by group and number of days."""


class Cell(NamedTuple):
    """One number: a sum, or a numerator and a denominator; items counted where it is a quantile.

    `value` None: nothing to divide by, or after the last day with data (not even 0 can be said).
    """

    numerator: int = 0
    denominator: int | None = None
    value: float | int | None = None


UNKNOWN = Cell()


def _cell(metric: Metric, numerator: int, denominator: int | None) -> Cell:
    if denominator is None:
        return Cell(numerator, None, numerator)
    return Cell(numerator, denominator, numerator / denominator if denominator else None)


def quantile(counts: Mapping[int, int], of_ten: int) -> int | None:
    """The fewest days by which `of_ten` tenths of the items were closed; None without items."""
    total = sum(counts.values())
    reached = 0
    for days in sorted(counts):
        reached += counts[days]
        if reached * 10 >= of_ten * total:
            return days
    return None


@dataclass(frozen=True)
class Ranked:
    """One line of a ranking; ties share their rank, 0 is not ranked: no value, or nobody's (未填, 未识别).

    `rank_change` > 0: moved up since the base period.
    """

    rank: int
    member: str
    cell: Cell
    base: Cell | None
    change: float | None
    rank_change: int | None
    tied: bool


def change(metric: Metric, now: Cell, base: Cell) -> float | None:
    """Relative for counts, difference otherwise; None where there is no base or it is 0 (counts)."""
    if now.value is None or base.value is None:
        return None
    if metric.is_count:
        return (now.value - base.value) / base.value if base.value else None
    return now.value - base.value


@dataclass(frozen=True)
class Coverage:
    """From which day to which a dataset has data."""

    first: date
    last: date


_ANY, _LINE, _CELL = 3_000, 200, 60
"""Bytes of a result with its query, of each group beside that, and of each of its numbers."""


@dataclass(frozen=True)
class Result(Weighed):
    """The answer to a query: for each group (key) one cell a metric.

    `cells` and `base` map key → cells in the order of `query.metrics`; `base` is the comparison period's,
    under the keys of the present (a month a year ago stands under this year's month). `coverage`: of each
    dataset used.
    """

    query: Query
    cells: Mapping[Key, tuple[Cell, ...]]
    base: Mapping[Key, tuple[Cell, ...]] | None
    base_period: Period | None
    coverage: Mapping[str, Coverage]

    @property
    def metrics(self) -> tuple[Metric, ...]:
        """The metrics asked."""
        return tuple(METRICS[name] for name in self.query.metrics)

    @property
    def period(self) -> Period:
        """The days that counted: cut at as_of."""
        return self.query.selection.period

    @property
    def weight(self) -> int:
        """To walk through it would take longer than to work it out."""
        lines = len(self.cells) + (0 if self.base is None else len(self.base))
        return _ANY + lines * (_LINE + _CELL * len(self.query.metrics))

    @cached_property
    def keys(self) -> tuple[Key, ...]:
        """Groups in reading order: months by time, members as declared, missing ones last."""
        return tuple(sorted(self.cells, key=self._position))

    def _position(self, key: Key) -> tuple[tuple[int, int, str], ...]:
        return tuple(_member_position(d, m) for d, m in zip(self.query.by, key, strict=True))

    def cell(self, metric: str, key: Key = ()) -> Cell:
        """One number; a group that is not there counts nothing."""
        return self._at(self.cells, metric, key)

    def base_cell(self, metric: str, key: Key = ()) -> Cell | None:
        """Its base; None where nothing was compared."""
        return None if self.base is None else self._at(self.base, metric, key)

    def _at(self, cells: Mapping[Key, tuple[Cell, ...]], metric: str, key: Key) -> Cell:
        index = self.query.metrics.index(metric)
        return cells[key][index] if key in cells else absent(METRICS[metric])

    def value(self, metric: str, key: Key = ()) -> float | int | None:
        """The number itself; None where it has no meaning (nothing to divide by, no data yet)."""
        return self.cell(metric, key).value

    def change(self, metric: str, key: Key = ()) -> float | None:
        """Change against the base period; None where undefined or not compared."""
        base = self.base_cell(metric, key)
        return None if base is None else change(METRICS[metric], self.cell(metric, key), base)

    def base_covered(self, key: Key = (), metric: str | None = None) -> bool:
        """Whether the days compared with lie within the data: otherwise their zeros mean nothing.

        Of one metric, or of all asked; a stock is compared with its base's last day.
        """
        names = self.query.metrics if metric is None else (metric,)
        return all(self._covers(METRICS[name], key) for name in names)

    def _covers(self, metric: Metric, key: Key) -> bool:
        if self.base_period is None:
            return False
        start = self.base_period.last if metric.stock else self.base_period.start
        if key and MONTH.name in self.query.by:
            months = -1 if self.query.compare == "previous" else -12
            start = Period.month(key[self.query.by.index(MONTH.name)]).shift(months).start
        # A dataset's first month may lack its first days without being a gap.
        coverage = self.coverage.get(metric.imported)
        return coverage is not None and coverage.first.replace(day=1) <= start

    @property
    def lagging(self) -> dict[str, date]:
        """Datasets whose data end before the others': dataset → last day."""
        newest = max((c.last for c in self.coverage.values()), default=date.min)
        return {d: c.last for d, c in self.coverage.items() if c.last < newest}

    def ranking(self, metric: str, members: Iterable[str] = ()) -> list[Ranked]:
        """The single dimension's members by value, greatest first, complete with `members`.

        Members without a value (nothing to divide by) come after them, those that name nobody last.
        """
        names = dict.fromkeys([*(key[0] for key in self.keys), *members])
        named = [name for name in names if name not in NOBODY]
        ranks = _ranks({name: self.value(metric, (name,)) for name in named})
        before = {}
        if self.base is not None:
            before = _ranks({name: _value(self.base_cell(metric, (name,))) for name in named})
        held = Counter(ranks.values())
        lines = [
            Ranked(
                ranks.get(name, 0),
                name,
                self.cell(metric, (name,)),
                self.base_cell(metric, (name,)),
                self.change(metric, (name,)),
                before[name] - ranks[name] if name in before and name in ranks else None,
                name in ranks and held[ranks[name]] > 1,
            )
            for name in names
        ]
        return sorted(lines, key=lambda line: (line.member in NOBODY, line.rank == 0, line.rank))

    def rows(self) -> list[dict[str, object]]:
        """Plain rows as the command and exports give them: dimensions, then values (and bases, changes)."""
        rows = []
        for key in self.keys:
            row: dict[str, object] = dict(zip(self.query.by, key, strict=True))
            for name in self.query.metrics:
                row[name] = self.value(name, key)
                if self.base is not None:
                    row[f"{name}_base"] = _value(self.base_cell(name, key))
                    row[f"{name}_change"] = self.change(name, key)
            rows.append(row)
        return rows


def absent(metric: Metric) -> Cell:
    """The cell of a group without rows: a count is 0, a rate and a quantile have no value."""
    return Cell(0, None, 0) if metric.is_count else Cell(0, 0, None)


def _value(cell: Cell | None) -> float | int | None:
    return None if cell is None else cell.value


def _ranks(values: Mapping[str, float | int | None]) -> dict[str, int]:
    known = sorted((v for v in values.values() if v is not None), reverse=True)
    first = {v: i + 1 for i, v in reversed(list(enumerate(known)))}
    return {name: first[v] for name, v in values.items() if v is not None}


def _member_position(dimension: str, member: str) -> tuple[int, int, str]:
    if member in NOBODY:
        return (1, 0, member)
    declared = [value for value, _ in DIMENSIONS[dimension].members]
    return (0, declared.index(member) if member in declared else len(declared), member)


# --- from sums to cells ---------------------------------------------------------------------------


def month_text(number: int) -> str:
    """YYYYMM as YYYY-MM."""
    return f"{number // 100:04d}-{number % 100:02d}"


@dataclass(frozen=True)
class Parts:
    """What the sources gave: each measure's sums (flow or stock), each quantile's counts by days."""

    sums: Mapping[tuple[Measure, bool], Sums]
    counts: Mapping[Measure, Counts]


def cells(query: Query, period: Period, parts: Parts) -> dict[Key, tuple[Cell, ...]]:
    """Divides the sums of one period into cells by group.

    A group is there where any metric counted a row in it; by month every month of the period is there,
    stocks carried forward from their opening.
    """
    metrics = [METRICS[name] for name in query.metrics]
    if period.empty:
        return {} if query.by else {(): tuple(UNKNOWN for _ in metrics)}
    at = query.by.index(MONTH.name) if MONTH.name in query.by else None
    by_metric = [_metric_cells(metric, parts, period, at) for metric in metrics]
    keys = {key for found in by_metric for key in found}
    if at is not None:
        keys = _dense(keys, period, at, len(query.by))
    if not query.by:
        keys = {()}
    columns = [(found, absent(metric)) for metric, found in zip(metrics, by_metric, strict=True)]
    return {key: tuple(found.get(key, nothing) for found, nothing in columns) for key in keys}


@lru_cache(maxsize=256)
def _months(period: Period) -> tuple[str, ...]:
    return tuple(f"{p.start:%Y-%m}" for p in period.by_month())


def _dense(keys: set[Key], period: Period, at: int, width: int) -> set[Key]:
    rests = {(*key[:at], *key[at + 1 :]) for key in keys} or ({()} if width == 1 else set())
    return {(*rest[:at], month, *rest[at:]) for rest in rests for month in _months(period)}


def _metric_cells(metric: Metric, parts: Parts, period: Period, at: int | None) -> dict[Key, Cell]:
    if metric.quantile is not None:
        counts = parts.counts[metric.numerator[0][1]]
        return {
            key: Cell(sum(days.values()), sum(days.values()), quantile(days, metric.quantile.of_ten))
            for key, days in counts.items()
        }
    numerator = _total(metric.numerator, metric.stock, parts, period, at)
    if metric.denominator is None:
        return {key: _cell(metric, n, None) for key, n in numerator.items()}
    denominator = _total(metric.denominator, metric.stock, parts, period, at)
    return {
        key: _cell(metric, numerator.get(key, 0), denominator.get(key, 0))
        for key in numerator.keys() | denominator.keys()
    }


def _total(terms: Sum, stock: bool, parts: Parts, period: Period, at: int | None) -> dict[Key, int]:
    total: dict[Key, int] = {}
    for sign, measure in terms:
        for key, value in parts.sums[measure, stock].items():
            total[key] = total.get(key, 0) + sign * value
    return _carried(total, period, at) if stock and at is not None else total


def _carried(total: Mapping[Key, int], period: Period, at: int) -> dict[Key, int]:
    """A stock at each month's end: what stood before the period plus the movements since."""
    opening = month_text(OPENING)
    carried: dict[Key, int] = {}
    for rest in {(*key[:at], *key[at + 1 :]) for key in total}:
        standing = total.get((*rest[:at], opening, *rest[at:]), 0)
        for month in _months(period):
            key = (*rest[:at], month, *rest[at:])
            standing += total.get(key, 0)
            carried[key] = standing
    return carried


@dataclass(frozen=True)
class Compared:
    """A stretch of the present and the days it is compared with, month for month where grouped by month."""

    present: Period
    base: Period


def compared(period: Period, compare: Comparison, monthly: bool) -> tuple[Compared, ...]:
    """What the period is compared with; by month each month with its own 环比 or 同比.

    A first month that begins late is a stretch of its own: the same days of the month it is compared with
    may end before that month does.
    """
    if compare == "none" or period.empty:
        return ()
    if not monthly:
        return (Compared(period, period.previous() if compare == "previous" else period.year_ago()),)
    months = period.by_month()
    late = 1 if period.start.day > 1 else 0
    shift = -1 if compare == "previous" else -12
    stretches = [s for s in (months[:late], months[late:]) if s]
    return tuple(Compared(_joined(s), _joined([m.shift(shift) for m in s])) for s in stretches)


def _joined(months: Sequence[Period]) -> Period:
    return Period(months[0].start, months[-1].end, months[-1].cut)


def realigned(
    cells: Mapping[Key, tuple[Cell, ...]], stretch: Compared, at: int | None
) -> dict[Key, tuple[Cell, ...]]:
    """The comparison period's cells under the months of the present."""
    if at is None:
        return dict(cells)
    names = dict(zip(_months(stretch.base), _months(stretch.present), strict=True))
    return {(*key[:at], names[key[at]], *key[at + 1 :]): value for key, value in cells.items()}

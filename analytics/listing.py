"""A small dataset row by row in memory: one statement, and whatever is asked of it is counting in arrays."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from analytics.members import Group, Kept, Members
from analytics.model import MONTH, OPENING, Measure, Period

MANY = 2**22
"""Groups for each of which a place is held while rows are counted; of more only those that occur."""
_EPOCH = date(1970, 1, 1).toordinal()


@dataclass(frozen=True)
class _Days:
    """One date column. `order`: the rows that it places in time, the earliest first; `ordered`: their days.

    `months`: of each row which of `names` (YYYYMM) its month is; the last name is OPENING.
    """

    order: np.ndarray
    ordered: np.ndarray
    months: np.ndarray
    names: list[int]


class Listing:
    """Every row of a dataset: its members, its days, what it adds to each measure."""

    def __init__(
        self, dimensions: Sequence[str], dates: Sequence[str], measures: Sequence[Measure], rows: pa.Table
    ) -> None:
        """`rows`: the columns of sql.listing."""
        columns = iter(rows.columns)
        self._members = Members.of(dimensions, [next(columns) for _ in dimensions], rows.num_rows)
        self._days = {name: _placed(next(columns)) for name in dates}
        self._there: dict[Measure, np.ndarray] = {}
        self._values: dict[Measure, np.ndarray] = {}
        for measure in measures:
            column = next(columns)
            self._there[measure] = pc.is_valid(column).to_numpy()
            if measure.value is not None:
                self._values[measure] = pc.fill_null(column, 0).to_numpy().astype(np.int64)

    def tells(self, dimensions: Iterable[str], measures: Iterable[Measure]) -> bool:
        """Whether these are listed."""
        return set(dimensions) <= set(self._members.dimensions) and set(measures) <= self._there.keys()

    def kept(self, kept: Kept) -> np.ndarray | None:
        """Which rows are kept; None for all."""
        return self._members.mask(kept) if kept else None

    def sums(
        self, measure: Measure, stock: bool, by: Sequence[str], kept: np.ndarray | None, period: Period
    ) -> dict[Group, int]:
        """The measure's sums over the days of a period, by group: those in which a row counted.

        Of a stock all days to the period's last; by month what came before it stands under OPENING.
        """
        days = self._days[measure.date]
        first, last = np.searchsorted(days.ordered, (_number(period.start), _number(period.last) + 1))
        rows = days.order[0 if stock else first : last]
        counts = self._there[measure][rows]
        if kept is not None:
            counts &= kept[rows]
        groups = self._members.groups(tuple(name for name in by if name != MONTH.name))
        ids, width = groups.ids[rows], len(groups.members)
        if MONTH.name in by:
            months = days.months[rows].astype(np.int64)
            months[: first if stock else 0] = len(days.names) - 1
            ids = months * width + ids
        ids, rows = ids[counts], rows[counts]
        names, ids = np.unique(ids, return_inverse=True) if width * len(days.names) > MANY else (None, ids)
        sums = np.bincount(ids)
        found = np.flatnonzero(sums)
        if measure.value is not None:  # as floats, exact to 2**53
            sums = np.bincount(ids, self._values[measure][rows])
        told = found if names is None else names[found]
        values = zip(told.tolist(), sums[found].astype(np.int64).tolist(), strict=True)
        if MONTH.name not in by:
            return {groups.members[at]: value for at, value in values}
        place = list(by).index(MONTH.name)
        split = ((groups.members[at % width], days.names[at // width], value) for at, value in values)
        return {(*group[:place], month, *group[place:]): value for group, month, value in split}


def _number(day: date) -> int:
    return day.toordinal() - _EPOCH


def _placed(column: pa.ChunkedArray) -> _Days:
    dated = pc.is_valid(column).to_numpy()
    days = pc.fill_null(column.cast(pa.int32()), 0).to_numpy()
    order = np.flatnonzero(dated)
    order = order[np.argsort(days[order], kind="stable")].astype(np.int32)
    months = pc.add(pc.multiply(pc.year(column), 100), pc.month(column))
    names, at = np.unique(pc.fill_null(months, OPENING).to_numpy(), return_inverse=True)
    return _Days(order, days[order], at.astype(np.int32), [*names.tolist(), OPENING])

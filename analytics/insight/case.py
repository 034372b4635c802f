"""What is judged: one metric over some days, group by group, each with its months before."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from analytics.contract import LINKS
from analytics.insight.verdict import Judgement
from analytics.model import Metric, add_months, month_end
from analytics.result import Cell, Key, Result, absent

LEAST_MONTHS = 12
LEAST_EXPECTED = 5
"""Below it chance moves a number by more than anything short of a multiple would."""
MATURES_IN = timedelta(days=90)
"""After its period a cohort's number is not judged for so long."""
LATE = 7
"""A first month whose data begin after this day is no whole month."""


@dataclass(frozen=True)
class Group:
    """One row: its months before, oldest first, and the present."""

    months: tuple[str, ...]
    past: tuple[Cell, ...]
    now: Cell

    @property
    def known(self) -> list[float]:
        """The past values that there are."""
        return [cell.value for cell in self.past if cell.value is not None]

    def total(self, cells: Sequence[Cell]) -> tuple[int, int]:
        """Their numerators and denominators summed."""
        return sum(c.numerator for c in cells), sum(c.denominator or 0 for c in cells)


def rarer(group: Group) -> float:
    """How many of the present rows are expected on the rarer side of a share: met, or not met."""
    met, of = group.total(group.past)
    return min(met, of - met) / of * (group.now.denominator or 0) if of else 0.0


@dataclass(frozen=True)
class Case:
    """The metric and the present days that are judged."""

    metric: Metric
    result: Result
    small_base: int
    repeat_days: int

    @property
    def whole_month(self) -> bool:
        """One calendar month that is over."""
        period = self.result.period
        return period.start.day == 1 and period.end == month_end(period.start) and not period.unfinished

    @property
    def ahead(self) -> float:
        """Its length in months of the past: by days where it is not one month."""
        period = self.result.period
        return 1.0 if self.whole_month else period.days / (365.25 / 12)

    @property
    def adds(self) -> bool:
        """A count of what happened: may be put together over months."""
        return self.metric.is_count and not self.metric.stock

    @property
    def shares(self) -> bool:
        """A share of rows that happened."""
        return self.metric.is_rate and not self.metric.stock

    def unjudged(self, group: Group) -> str:
        """The rule by which nothing is said, or empty."""
        period = self.result.period
        if period.empty:
            return "empty"
        matures_in = max(MATURES_IN, sight(self.metric, self.repeat_days))
        if self.metric.cohort and self.result.query.as_of - period.last < matures_in:
            return "maturing"
        if group.now.value is None:
            return "nothing"
        if len(group.past) < LEAST_MONTHS or not (
            self.adds or len(group.known) >= LEAST_MONTHS or self.shares
        ):
            return "history"
        if not (self.adds or self.shares or self.whole_month):
            return "period"
        if not self.metric.is_count and (group.now.denominator or 0) < self.small_base:
            return "size"
        return "" if not self.shares or group.total(group.past)[1] else "history"

    def too_small(self, group: Group, expected: float) -> bool:
        """So few are expected, and of a stock there are, that only a multiple would tell anything."""
        there = round(max(expected, float(group.now.value or 0)) if self.metric.stock else expected, 1)
        return self.metric.is_count and there < LEAST_EXPECTED


def sight(metric: Metric, repeat_days: int) -> timedelta:
    """How far back a row of the metric looks for an earlier one, and how long it waits for a later."""
    return timedelta(days=repeat_days if metric.dataset == LINKS.name else 0)


def first_whole_month(begun: date) -> date:
    """The first day of the first whole month of data that begin on a day; late in a month, of the next."""
    return add_months(begun.replace(day=1), int(begun.day > LATE))


def groups_of(
    metric: Metric, now: Result, history: Result, members: Iterable[str] = (), repeat_days: int = 365
) -> dict[Key, Group]:
    """Every group with its whole months that have data, and all that these must be seen with."""
    months: list[str] = []
    if coverage := history.coverage.get(metric.imported):
        first = first_whole_month(coverage.first + sight(metric, repeat_days))
        months = [f"{p.start:%Y-%m}" for p in history.period.by_month() if p.start >= first]
    keys = dict.fromkeys([*now.keys, *(key[:-1] for key in history.keys), *((m,) for m in members)])
    if not now.query.by:
        keys = {(): None}
    none = absent(metric)
    return {
        key: Group(
            tuple(months),
            tuple(history.cell(metric.name, (*key, month)) if months else none for month in months),
            now.cell(metric.name, key),
        )
        for key in keys
    }


def unsaid(group: Group, rule: str) -> Judgement:
    """No judgement, and why."""
    return Judgement("small", group.now.value, rule)

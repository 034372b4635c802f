"""Which days are worked in China: weekends, holidays, and the 调休 that moves one onto the other."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, cached_property
from importlib.metadata import version

from chinese_calendar import constants
from holidays import HolidayBase, country_holidays

DAYS_OFF: frozenset[date] = frozenset(constants.holidays)
MADE_UP: frozenset[date] = frozenset(constants.workdays)
FIRST_PUBLISHED, LAST_PUBLISHED = min(DAYS_OFF).year, max(DAYS_OFF).year
"""The years whose arrangement by the State Council is known; asking the library beyond them raises."""

LIBRARIES = {name: version(name) for name in ("chinesecalendar", "holidays")}
"""The versions in use; to ask is to read a library's whole description."""

_DAY = timedelta(days=1)
_NEW_YEAR = timedelta(days=3)
"""How far a year's notice reaches back: the holiday of 1 January has moved days from 29 December on."""


@dataclass(frozen=True)
class Workdays:
    """The calendar of one site, for any date from 1950 to 2100; nothing here raises within them.

    `holidays` and `workdays` are the site's own days off and days worked; they stand over the
    published calendar, and a day in both is worked. Later years have their statutory holidays and
    no make-up days yet; years before the first published one are past and count as settled.
    """

    holidays: frozenset[date] = frozenset()
    workdays: frozenset[date] = frozenset()

    def is_workday(self, day: date) -> bool:
        """Whether the day is worked: a make-up Sunday is, a holiday is not."""
        return day in self.workdays or (day not in self.holidays and _worked(day))

    def on_or_after(self, day: date) -> date:
        """The first working day not before `day`."""
        while not self.is_workday(day):
            day += _DAY
        return day

    def after(self, day: date, count: int) -> date:
        """The count-th working day after `day`, which is itself not counted; `count` is at least 1."""
        for _ in range(count):
            day = self.on_or_after(day + _DAY)
        return day

    def is_provisional(self, day: date) -> bool:
        """暂定: rests on a year that is not published yet and of which the site names no day."""
        year = (day + _NEW_YEAR).year
        return year > LAST_PUBLISHED and year not in self._own_years

    @property
    def fingerprint(self) -> str:
        """Changes when another answer is possible: another table of the site, other libraries."""
        known = repr([[*LIBRARIES.values()], sorted(self.holidays), sorted(self.workdays)])
        return hashlib.sha256(known.encode()).hexdigest()[:16]

    @cached_property
    def _own_years(self) -> frozenset[int]:
        return frozenset(day.year for day in self.holidays | self.workdays)


def _worked(day: date) -> bool:
    if FIRST_PUBLISHED <= day.year <= LAST_PUBLISHED:
        return day in MADE_UP or (day.weekday() < 5 and day not in DAYS_OFF)
    return _statutory(day.year).is_working_day(day)


@cache
def _statutory(year: int) -> HolidayBase:
    return country_holidays("CN", years=year)

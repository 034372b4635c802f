"""Which days are busy: the demo's span, its working days, and how many petitions each day draws."""

from __future__ import annotations

from datetime import date
from functools import cache

import holidays
import numpy as np
from numpy.typing import NDArray

from analytics.ingest import duties
from analytics.ingest.demo.dice import Dice, Flags, Floats, Points, Values, spread

Days = NDArray[np.datetime64]

DEMO_END = date(2021, 12, 13)
"""The bureau published its figures on this day; nothing happens after it, only due dates lie there."""

DEMO_START = date(2019, 1, 1)
FIRST = np.datetime64(DEMO_START)
LAST = np.datetime64(DEMO_END)
MISSING = np.datetime64("NaT")

ALL = np.arange(FIRST, LAST + 1)
HOLIDAYS = np.array(sorted(holidays.country_holidays("CN", years=(2019, 2020, 2021))), dtype="datetime64[D]")
WORKING = np.busdaycalendar(holidays=HOLIDAYS)
SPRING_FESTIVALS = (date(2019, 2, 5), date(2020, 1, 25), date(2021, 2, 12))

MONTHS = (0.92, 0.85, 1.22, 1.1, 1.05, 1.03, 1.02, 0.98, 1.02, 0.98, 1.08, 1.08)
"""January to December."""
WEEKDAYS = {
    "visit": (1.3, 1.1, 1.05, 1.0, 0.85, 0.01, 0.0),
    "letter": (1.25, 1.1, 1.0, 1.0, 0.95, 0.01, 0.0),
    "phone": (1.2, 1.05, 1.0, 1.0, 0.95, 0.05, 0.02),
    "online": (1.15, 1.05, 1.0, 1.0, 0.95, 0.25, 0.2),
}
"""Monday to Sunday."""
ONLINE_HOLIDAY = 0.15
RECEPTION_DAYS = (15, 28)
RECEPTION_BOOST = 2.0
"""More people come on the days on which a leader receives them."""
EPIDEMIC = {
    "visit": {(2020, 2): 0.04, (2020, 3): 0.3, (2020, 4): 0.65, (2020, 5): 1.25, (2020, 6): 1.2},
    "letter": {(2020, 2): 0.35, (2020, 3): 0.8},
    "phone": {(2020, 2): 1.6, (2020, 3): 1.3},
    "online": {(2020, 2): 1.2, (2020, 3): 1.2},
}
CALMER = {(2021, month): 0.85 for month in range(7, 13)}
"""The second half of 2021 brought less."""


@cache
def weights(channel: str, year: int) -> tuple[Days, Floats]:
    """The days of the year within the span, and how much of the channel's volume each draws."""
    days = ALL[ALL.astype("datetime64[Y]") == np.datetime64(str(year))]
    return days, np.array([_weight(channel, day) for day in days.tolist()])


def _weight(channel: str, day: date) -> float:
    month = (day.year, day.month)
    usual = MONTHS[day.month - 1] * WEEKDAYS[channel][day.weekday()] * _holiday(channel, day)
    reception = RECEPTION_BOOST if channel == "visit" and day.day in RECEPTION_DAYS else 1.0
    return usual * reception * _festival(day) * EPIDEMIC[channel].get(month, 1.0) * CALMER.get(month, 1.0)


def _holiday(channel: str, day: date) -> float:
    if np.datetime64(day) not in HOLIDAYS:
        return 1.0
    return ONLINE_HOLIDAY if channel == "online" else 0.0


def _festival(day: date) -> float:
    """Quiet in the two weeks before Spring Festival, busy in the three weeks after its holidays."""
    after = min(((day - festival).days for festival in SPRING_FESTIVALS), key=abs)
    if -14 <= after < 0:
        return 0.6
    return 1.25 if 7 <= after <= 28 else 1.0


def working(on: Values, floor: Values | np.datetime64, limit: Values | np.datetime64 = MISSING) -> Values:
    """Days off moved to the nearest working day, but never past `limit` nor before `floor`.

    A missing day stays missing, a missing limit does not bind.
    """
    back = np.busday_offset(on, 0, roll="backward", busdaycal=WORKING)
    ahead = np.busday_offset(on, 0, roll="forward", busdaycal=WORKING)
    closer = (ahead - on).astype(np.int64) < (on - back).astype(np.int64)
    nearest = np.where(closer & ~(ahead > limit), ahead, back)
    return np.maximum(nearest, floor)


def until_last(days: Values) -> Values:
    """What would happen after the last day has not happened."""
    return np.where(days > LAST, MISSING, days)


def windows(cadence: str, first: date) -> tuple[Days, Days]:
    """First and last days of the cadence's windows that begin from `first` to the last day."""
    begun = [window[:2] for window in duties.windows(cadence, first, DEMO_END)]
    starts, ends = np.array(begun, dtype="datetime64[D]").T
    return starts, ends


def within(dice: Dice, begin: Values, end: Values) -> Values:
    """For each pair of days a day between them, both counted, moved to a working day among them."""
    length = (end - begin).astype(np.int64) + 1
    return working(begin + np.floor(dice.uniform(len(begin)) * length).astype(np.int64), begin, end)


def between(on: Values, start: date | str, end: date | str) -> Flags:
    """Which days lie between two days, both counted."""
    return (on >= np.datetime64(start)) & (on <= np.datetime64(end))


def by_age(points: Points, on: Values) -> Floats:
    """The value that the points (days, value) give for the days passed since."""
    return spread(points, (LAST - on).astype(np.float64))


def year_of(days: Values) -> NDArray[np.int64]:
    """Calendar years."""
    return days.astype("datetime64[Y]").astype(np.int64) + 1970

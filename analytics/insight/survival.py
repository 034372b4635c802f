"""How long cases stay open: the Kaplan–Meier curve of a batch, and who is behind it.

Kaplan and Meier (1958); limits by Greenwood's formula on the log-log scale, which stay within 0 and 1.
"""

from __future__ import annotations

import warnings
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np
from scipy.stats import CensoredData, ecdf

from analytics.engine import Spell
from analytics.insight.closing import overdue, pace

Holder = Literal["lead_official", "township", "responsible_unit"]
HOLDERS: tuple[Holder, ...] = ("lead_official", "township", "responsible_unit")
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Curve:
    """The share still open after so many days, with its limits; each holds until the next day listed.

    Limits are NaN where Greenwood's variance is not defined: before the first closing, after the last case.
    """

    days: tuple[int, ...]
    open: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]

    def at(self, days: int) -> float:
        """The share still open after so many days."""
        before = bisect_right(self.days, days)
        return self.open[before - 1] if before else 1.0


def curve(spells: Sequence[Spell], day: date, method: Literal["linear", "log-log"] = "log-log") -> Curve:
    """The closing curve of cases as they stood on a day; those still open are censored then."""
    closed = [(s.closed - s.assigned).days for s in spells if s.closed]
    open_ = [(day - s.assigned).days for s in spells if not s.closed]
    if not closed:
        return Curve((), (), (), ())
    found = ecdf(CensoredData(uncensored=closed, right=open_)).sf
    with np.errstate(divide="ignore", invalid="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # limits that are not defined are NaN, as said
        limits = found.confidence_interval(confidence_level=CONFIDENCE, method=method)
    columns = (found.probabilities, limits.low.probabilities, limits.high.probabilities)
    return Curve(tuple(map(int, found.quantiles)), *(tuple(map(float, c)) for c in columns))


@dataclass(frozen=True)
class Behind:
    """One holder's cases of a batch beside what the batch's curve lets expect of cases of their age."""

    batch: str
    holder: str
    assigned: int
    closed: int
    overdue: int
    pace: float
    expected: float

    @property
    def remaining(self) -> int:
        """Cases not closed."""
        return self.assigned - self.closed

    @property
    def by(self) -> float:
        """Cases fewer closed than at the batch's pace; negative: more."""
        return self.expected - self.closed


def behind(spells: Sequence[Spell], day: date, holder: Holder) -> list[Behind]:
    """The holders of one batch, the furthest behind its pace first.

    Of cases assigned on one day the expected closings sum to the real ones.
    """
    whole = curve(spells, day)
    held: dict[str, list[Spell]] = {}
    for spell in spells:
        held.setdefault(getattr(spell, holder), []).append(spell)
    lines = [
        Behind(
            mine[0].batch,
            name,
            len(mine),
            sum(s.closed is not None for s in mine),
            overdue(mine, day),
            pace(mine, day),
            sum(1 - whole.at((day - s.assigned).days) for s in mine),
        )
        for name, mine in held.items()
    ]
    return sorted(lines, key=lambda line: (-line.by, -line.remaining, line.holder))

"""When a batch of backlog cases will be finished: a range, the pace it takes, and how past ranges held.

The cases that remain are taken to close at the rate (hazard) at which the last ones closed. Counted back
from the day looked at to the last KEPT closings there were so many closings in so many case-days; under a
constant rate the closings in an exposure are Poisson, so the rate's posterior under Jeffreys' prior is
gamma(closings + ½, case-days) (Gelman et al., Bayesian Data Analysis, 3rd ed., 2.6 and 2.8). The finish is
the greatest of the remaining cases' times, each exponential at a rate drawn from it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from itertools import accumulate
from math import ceil

import numpy as np
from scipy.special import gammaincinv

from analytics.engine import Engine, Spell
from analytics.model import Selection, add_months, month_end

LEVEL = 0.8
"""Share of batches whose finish should fall into the range."""
KEPT = 8
"""Closings looked back upon: few enough to follow a change of pace, enough to know the rate."""
DRAWS, SEED = 4_000, 20211213
PACE_WEEKS = 8
FEWEST = 5
"""Closings before which a past projection is not judged, nor a weekday of recording looked for."""
FURTHEST = 36_500
"""Days ahead beyond which no date is told."""

Days = np.ndarray[tuple[int], np.dtype[np.float64]]


@dataclass(frozen=True)
class Rate:
    """So many closings in so many case-days up to the day `until`; recorded every `step` days.

    `borrowed`: from the other batches, the batch itself having none.
    """

    closings: int
    exposure: int
    until: date
    step: int = 1
    borrowed: bool = False


@dataclass(frozen=True)
class Finish:
    """The day of the last closing: a tenth of the drawn ones before `low`, half, nine tenths by `high`."""

    low: date
    median: date
    high: date


@dataclass(frozen=True)
class Past:
    """What would have been projected on an earlier day from what was closed by then, and what came."""

    day: date
    remaining: int
    finish: Finish
    real: date

    @property
    def held(self) -> bool:
        """Whether the real finish fell into the range."""
        return self.finish.low <= self.real <= self.finish.high


@dataclass(frozen=True)
class Projection:
    """A batch on a day. Paces are cases a week.

    `finish` None: nothing closed yet, here or elsewhere. `on_time`: the probability that all are closed by
    `due`, the last time limit among the cases; `left`: how many are then expected to be open. `past`:
    earlier projections whose outcome is known.
    """

    batch: str
    day: date
    spells: tuple[Spell, ...]
    finish: Finish | None
    rate: Rate | None
    on_time: float | None
    left: float | None = None
    past: tuple[Past, ...] = ()

    @property
    def assigned(self) -> int:
        """Cases assigned by the day."""
        return len(self.spells)

    @property
    def closed(self) -> int:
        """Cases closed by the day."""
        return sum(s.closed is not None for s in self.spells)

    @property
    def remaining(self) -> int:
        """Cases open at the end of the day."""
        return self.assigned - self.closed

    @property
    def due(self) -> date | None:
        """The last time limit among the cases."""
        return max((s.due for s in self.spells if s.due), default=None)

    @property
    def earliest_due(self) -> date | None:
        """The first time limit among the open cases."""
        return min((s.due for s in self.spells if s.due and s.closed is None), default=None)

    @property
    def undated(self) -> int:
        """Cases without a time limit."""
        return sum(s.due is None for s in self.spells)

    @property
    def overdue(self) -> int:
        """Open cases past their own time limit."""
        return overdue(self.spells, self.day)

    @property
    def pace(self) -> float:
        """Closings a week over the last eight weeks, or since the assignment where that is later."""
        return pace(self.spells, self.day)

    @property
    def pace_needed(self) -> float | None:
        """Closings a week that would just meet the time limit; None where there is none, or it has passed."""
        if self.due is None or self.due <= self.day or not self.remaining:
            return None
        return self.remaining * 7 / (self.due - self.day).days

    @property
    def status(self) -> str:
        """finished, overdue, undated, unknown, or how likely it is in time: likely, uncertain, unlikely."""
        if not self.remaining:
            return "finished"
        if self.due and self.due < self.day:
            return "overdue"
        if self.finish is None:
            return "unknown"
        if self.on_time is None:
            return "undated"
        return "likely" if self.on_time >= 0.8 else "uncertain" if self.on_time >= 0.2 else "unlikely"


def outlook(
    engine: Engine, selection: Selection, versions: Mapping[str, int], day: date
) -> tuple[Projection, ...]:
    """Each batch on a day, under the selection's members and scope; the earliest assigned first."""
    place = ("outlook", selection.members, selection.scope, versions.get("backlog", 0), day)
    return engine.remember(place, lambda: projections(engine.spells(selection, versions), day))


def projections(spells: Sequence[Spell], day: date) -> tuple[Projection, ...]:
    """Each batch as it stood on a day, with its range and how its earlier ranges held."""
    batches = by_batch(known(spells, day))
    return tuple(
        replace(
            projected(mine, [s for other in batches if other is not mine for s in other], day),
            past=backtest(mine, day),
        )
        for mine in batches
    )


def known(spells: Iterable[Spell], day: date) -> tuple[Spell, ...]:
    """The cases assigned by the end of a day, those closed later still open."""
    return tuple(
        s if s.closed is None or s.closed <= day else replace(s, closed=None)
        for s in spells
        if s.assigned <= day
    )


def by_batch(spells: Iterable[Spell]) -> tuple[tuple[Spell, ...], ...]:
    """The cases of each batch, batches in the order of their first assignment."""
    found: dict[str, list[Spell]] = {}
    for spell in sorted(spells, key=lambda s: (s.assigned, s.batch)):
        found.setdefault(spell.batch, []).append(spell)
    return tuple(tuple(batch) for batch in found.values())


def projected(batch: Sequence[Spell], others: Sequence[Spell], day: date) -> Projection:
    """One batch as it stood on a day; `others` lend their rate where nothing of it is closed."""
    found = Projection(batch[0].batch, day, tuple(batch), None, None, None)
    if not found.remaining:
        end = max(s.closed for s in batch if s.closed)
        timely = None if found.due is None else float(end <= found.due)
        return replace(found, finish=Finish(end, end, end), on_time=timely)
    rate = rate_of(batch, day) if found.closed else borrowed(batch, others, day)
    if not rate.closings:
        return replace(found, on_time=0.0 if found.due and found.due < day else None)
    ends = drawn_ends(rate, found.remaining, day)
    found = replace(found, finish=_finish(ends, day), rate=rate)
    if found.due is None:
        return found
    days = (found.due - day).days
    left = found.remaining * float(np.mean(np.exp(-_hazards(rate) * max(days, 0))))
    return replace(found, on_time=float(np.mean(ends <= days)), left=left)


# --- the rate -------------------------------------------------------------------------------------


def rate_of(batch: Sequence[Spell], day: date) -> Rate:
    """The rate at which the last KEPT cases were closed, of fewer the whole life of the batch.

    The look back ends at the closing before those: each closing counts with all the time that led to it.
    Closings that share their day stay together.
    """
    closings = sorted(s.closed for s in batch if s.closed)
    step = recording_step(closings)
    until = day - timedelta((day - closings[-1]).days % step) if closings else day
    since = max((c for c in closings if c < closings[-KEPT]), default=None) if len(closings) > KEPT else None
    recent = sum(since is None or c > since for c in closings)
    return Rate(recent, max(_exposure(batch, since, until), 1), until, step)


def borrowed(batch: Sequence[Spell], others: Sequence[Spell], day: date) -> Rate:
    """The rate of the other batches over their lives, the batch's own days without a closing added."""
    everything = [*others, *batch]
    closings = sum(s.closed is not None for s in everything)
    return Rate(closings, max(_exposure(everything, None, day), 1), day, borrowed=True)


def recording_step(closings: Sequence[date]) -> int:
    """7 where closings are recorded on one weekday only, else 1 day."""
    return 7 if len(closings) >= FEWEST and len({c.weekday() for c in closings}) == 1 else 1


def _exposure(spells: Iterable[Spell], since: date | None, until: date) -> int:
    """Days that cases were open after `since` and up to `until`, summed over the cases."""
    return sum(
        max(0, (min(s.closed or until, until) - (max(s.assigned, since) if since else s.assigned)).days)
        for s in spells
    )


# --- the finish -----------------------------------------------------------------------------------


@cache
def _dice() -> tuple[Days, Days]:
    """The same even numbers for every projection, so that it can be repeated and more cases end later."""
    dice = np.random.default_rng(SEED)
    return dice.random(DRAWS), dice.random(DRAWS)


@cache
def _gamma(closings: int) -> Days:
    """Draws of a gamma variable with the shape that so many closings give under Jeffreys' prior."""
    drawn: Days = gammaincinv(closings + 0.5, _dice()[0])
    return drawn


def _hazards(rate: Rate) -> Days:
    """Closings a case and day, one a draw."""
    return _gamma(rate.closings) / rate.exposure


def drawn_ends(rate: Rate, remaining: int, day: date) -> Days:
    """Days after `day` on which the last of the remaining cases is closed, one a draw, on a recording day."""
    longest = -np.log1p(-(_dice()[1] ** (1 / remaining))) / _hazards(rate)
    steps = np.ceil(np.minimum(longest, FURTHEST) / rate.step)
    ends: Days = steps * rate.step - (day - rate.until).days
    return ends


def _finish(ends: Days, day: date) -> Finish:
    tail = (1 - LEVEL) / 2
    at = np.quantile(ends, (tail, 0.5, 1 - tail), method="inverted_cdf")
    return Finish(*(day + timedelta(int(days)) for days in at))


@dataclass(frozen=True)
class Open:
    """How many cases will be open on a day: a tenth of the draws below `low`, half, nine tenths by `high`."""

    day: date
    low: int
    median: int
    high: int


def fan(found: Projection, points: int = 40) -> tuple[Open, ...]:
    """What will remain from the day looked at until the range ends; nothing where nothing is projected."""
    if found.finish is None or found.rate is None:
        return ()
    dice = np.random.default_rng(SEED)
    span, tail = (found.finish.high - found.day).days, (1 - LEVEL) / 2
    lines = []
    for days in sorted({round(span * n / points) for n in range(points + 1)}):
        still = dice.binomial(found.remaining, np.exp(-_hazards(found.rate) * days))
        at = np.quantile(still, (tail, 0.5, 1 - tail), method="inverted_cdf")
        lines.append(Open(found.day + timedelta(days), *map(int, at)))
    return tuple(lines)


def burned(spells: Sequence[Spell]) -> list[tuple[date, int]]:
    """The open cases at the end of each day on which their number changed."""
    steps: dict[date, int] = {}
    for spell in spells:
        steps[spell.assigned] = steps.get(spell.assigned, 0) + 1
        if spell.closed:
            steps[spell.closed] = steps.get(spell.closed, 0) - 1
    days = sorted(steps)
    return list(zip(days, accumulate(steps[day] for day in days), strict=True))


# --- how past ranges held -------------------------------------------------------------------------


def backtest(batch: Sequence[Spell], day: date) -> tuple[Past, ...]:
    """At each past month's end with FEWEST closings: the range from what was closed then, and the finish.

    Only where all cases known then are closed by now. A case closed and later returned is open from the
    beginning, for that is all that is stored.
    """
    found = []
    for end in month_ends(batch[0].assigned, day):
        then = known(batch, end)
        real = [s.closed for s in batch if s.assigned <= end]
        done = sum(s.closed is not None for s in then)
        if FEWEST <= done < len(then) and None not in real:
            finish = projected(then, (), end).finish
            if finish:
                found.append(Past(end, len(then) - done, finish, max(c for c in real if c)))
    return tuple(found)


def month_ends(first: date, last: date) -> list[date]:
    """The last days of months from `first` to before `last`."""
    found, end = [], month_end(first)
    while end < last:
        found.append(end)
        end = month_end(add_months(end.replace(day=1), 1))
    return found


# --- the pace -------------------------------------------------------------------------------------


def pace(spells: Sequence[Spell], day: date) -> float:
    """Closings a week over the last PACE_WEEKS weeks, or since the first assignment, a week at least."""
    start = day - timedelta(weeks=PACE_WEEKS)
    since = max(start, min(s.assigned for s in spells))
    recent = sum(s.closed is not None and s.closed > start for s in spells)
    return recent * 7 / max((day - since).days, 7)


def overdue(spells: Iterable[Spell], day: date) -> int:
    """Open cases past their own time limit."""
    return sum(s.closed is None and s.due is not None and s.due < day for s in spells)


def precedents(found: Projection, batches: Iterable[Projection]) -> list[tuple[str, int]]:
    """Of each finished batch: the days from where as great a share was closed to its last closing."""
    told = []
    for other in batches:
        if other.remaining or not found.closed or not found.remaining:
            continue
        closings = sorted(s.closed for s in other.spells if s.closed)
        reached = closings[ceil(found.closed * len(closings) / found.assigned) - 1]
        told.append((other.batch, (closings[-1] - reached).days))
    return told

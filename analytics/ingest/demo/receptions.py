"""The demo's receptions: city leaders at the bureau and out in the townships, and the townships' own."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analytics.contract import UNFILLED
from analytics.ingest.demo import days, places
from analytics.ingest.demo.days import DEMO_START, LAST, by_age, windows, within
from analytics.ingest.demo.dice import Counts, Dice, Flags, Floats, Rows, Values, apportioned
from analytics.ingest.demo.entries import entered, together
from analytics.ingest.demo.officials import leader_of, officials
from analytics.site import Site

RECEIVED = {2019: (226, 463), 2020: (171, 327), 2021: (241, 470)}
"""Batches and persons that city leaders received: of 2021 as published, before plausible."""

MISSED_DAYS = {2019: 0.07, 2020: 0.05}
MISSED_VISITS = {2019: 0.06, 2020: 0.04}
"""What leaders left out; nothing in 2021."""
EPIDEMIC = {(2020, 2): 0.9, (2020, 3): 0.4}
"""What was left out in those months, whoever owed it."""
UNPLANNED = {2019: 13, 2020: 10, 2021: 17}
"""随机接访 of city leaders in each year."""

VISITS = {"下访": 70, "约访": 30}
BUSY = {"定点接访": 3.0, "随机接访": 0.7, "下访": 0.15, "约访": 0.1}
"""How many come to a session beyond the first."""
BUSIER = ((0, 0.3), (0.5, 0.9), (1, 2.2))
FAMILIES = ((0, 0), (0.55, 0.4), (0.9, 2), (1, 7))
"""How many come along with a batch, relative to others."""

TOWNSHIP_SESSIONS = 2.4
"""Each month in each township."""
TOWNSHIP_FORMS = {"定点接访": 58, "随机接访": 22, "下访": 12, "约访": 8}
TOWNSHIP_BATCHES, TOWNSHIP_PERSONS = 0.12, 0.7

PROMISED = 0.6
"""Of the batches, those of which a matter is handed to a unit."""
RESOLVED_BY_AGE = ((0, 0.1), (30, 0.42), (90, 0.74), (240, 0.88), (720, 0.94), (1100, 0.95))
"""Of these the share that is resolved so many days later."""


def receptions(site: Site, dice: Dice, code: str) -> pd.DataFrame:
    """All receptions of one county by day."""
    levels = (_received(dice, _sessions(site, dice)), _townships(site, dice))
    return entered([_promised(dice, level) for level in levels], "reception_id", f"{code}JF")


# --- city leaders ---------------------------------------------------------------------------------


def _sessions(site: Site, dice: Dice) -> Rows:
    rows = together([_at_the_bureau(site, dice), _visits(site, dice), _unplanned(site, dice)])
    return rows | {"official_level": np.full(len(rows["held_on"]), "city", dtype=object)}


def _at_the_bureau(site: Site, dice: Dice) -> Rows:
    """One leader on each reception day, in turn."""
    on = _reception_days(site)
    held = ~_left_out(dice, on, MISSED_DAYS)
    leaders = np.resize(_names(site), len(on))
    return _at_bureau(site, on[held], leaders[held], "定点接访")


def _reception_days(site: Site) -> Values:
    starts, ends = windows("month", DEMO_START)
    on = starts[:, None] + np.array(site.reception_days, dtype=np.int64) - 1
    on = np.unique(np.minimum(on, ends[:, None]))
    if site.receptions_moved:
        on = np.array([site.calendar.on_or_after(day) for day in on.tolist()], dtype="datetime64[D]")
    return on[on <= LAST]


def _left_out(dice: Dice, on: Values, shares: dict[int, float]) -> Flags:
    share = [EPIDEMIC.get((day.year, day.month), shares.get(day.year, 0.0)) for day in on.tolist()]
    return dice.chance(np.array(share), len(on))


def _names(site: Site) -> Values:
    return np.array([leader.name for leader in officials(site)], dtype=object)


def _at_bureau(site: Site, on: Values, leaders: Values, form: str) -> Rows:
    n = len(on)
    return {
        "held_on": on,
        "official": leaders,
        "form": np.full(n, form, dtype=object),
        "place": np.full(n, site.bureau, dtype=object),
    }


def _visits(site: Site, dice: Dice) -> Rows:
    """Each leader each month to one of the contacts, in turn; the last month has only begun."""
    starts, ends = windows("month", DEMO_START)
    leaders = officials(site)
    turns = [np.resize(leader.contacts or (UNFILLED,), len(starts)) for leader in leaders]
    begin, end = np.tile(starts, len(leaders)), np.tile(ends, len(leaders))
    on = within(dice, begin, end)
    held = (on <= LAST) & ~_left_out(dice, begin, MISSED_VISITS)
    rows = {
        "held_on": on,
        "official": np.repeat(_names(site), len(starts)),
        "form": dice.pick(VISITS, len(on)),
        "place": np.concatenate(turns).astype(object),
    }
    return {name: column[held] for name, column in rows.items()}


def _unplanned(site: Site, dice: Dice) -> Rows:
    """On days on which people come."""
    drawn = [_busy_days(dice, year, count) for year, count in UNPLANNED.items()]
    on = np.concatenate(drawn)
    return _at_bureau(site, on, dice.shuffled(np.resize(_names(site), len(on))), "随机接访")


def _busy_days(dice: Dice, year: int, count: int) -> Values:
    on, weights = days.weights("visit", year)
    return on[dice.index(weights, count)]


def _received(dice: Dice, rows: Rows) -> Rows:
    """Batches and persons of each session, each year exactly as many as it had."""
    n = len(rows["held_on"])
    busy = np.array([BUSY[form] for form in rows["form"].tolist()]) * dice.spread(BUSIER, n)
    families = dice.spread(FAMILIES, n)
    batches, persons = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64)
    for year, (all_batches, all_persons) in RECEIVED.items():
        at = days.year_of(rows["held_on"]) == year
        batches[at] = _one_each(all_batches, busy[at])
        persons[at] = batches[at] + apportioned(all_persons - all_batches, (batches * families)[at])
    return rows | {"batches": batches, "persons": persons}


def _one_each(total: int, weights: Floats) -> Counts:
    """At least one for each, as far as the total goes."""
    base = int(total >= len(weights))
    return base + apportioned(total - base * len(weights), weights)


# --- townships ------------------------------------------------------------------------------------


def _townships(site: Site, dice: Dice) -> Rows:
    """Township leaders, a few times each month."""
    starts, ends = windows("month", DEMO_START)
    names = np.array([township.name for township in site.townships], dtype=object)
    sessions = dice.counts(np.full(len(names) * len(starts), TOWNSHIP_SESSIONS))
    month = np.repeat(np.tile(np.arange(len(starts)), len(names)), sessions)
    township = np.repeat(np.repeat(names, len(starts)), sessions)
    on = within(dice, starts[month], ends[month])
    held = (on <= LAST) & ~_left_out(dice, on, {})
    return _township_rows(site, dice, on[held], township[held])


def _township_rows(site: Site, dice: Dice, on: Values, township: Values) -> Rows:
    n = len(on)
    weight = np.array([places.weight(name) for name in township.tolist()])
    batches: Values = 1 + dice.counts(TOWNSHIP_BATCHES * weight)
    form = dice.pick(TOWNSHIP_FORMS, n)
    villages = {"": {UNFILLED: 1.0}} | {
        t.name: dict.fromkeys(t.villages or (t.name,), 1.0) for t in site.townships
    }
    return {
        "held_on": on,
        "official": np.array([leader_of(name) for name in township.tolist()], dtype=object),
        "form": form,
        "place": np.where(form == "下访", dice.pick_for(township, villages), township),
        "official_level": np.full(n, "township", dtype=object),
        "batches": batches,
        "persons": batches + dice.counts(TOWNSHIP_PERSONS * batches),
    }


# --- what became of it ----------------------------------------------------------------------------


def _promised(dice: Dice, rows: Rows) -> Rows:
    promised = dice.of_each(rows["batches"], PROMISED)
    resolved = dice.of_each(promised, by_age(RESOLVED_BY_AGE, rows["held_on"]))
    return rows | {"promised": promised, "resolved": resolved}

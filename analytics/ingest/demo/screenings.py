"""The demo's screenings for disputes: who looked in which window, what was found, what is still open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from analytics.contract import UNFILLED
from analytics.ingest.demo import places
from analytics.ingest.demo.days import LAST, MONTHS, WORKING, between, by_age, windows, within
from analytics.ingest.demo.dice import Dice, Floats, Rows, Values
from analytics.ingest.demo.entries import entered
from analytics.ingest.demo.officials import leader_of, officials
from analytics.ingest.demo.topics import CITY_MANAGEMENT, EPISODES
from analytics.site import Site

BEGUN = date(2020, 1, 1)
"""Nobody wrote the rounds down before."""

FOUND = {"city": 4.5, "township": 0.26, "department": 0.7, "village": 0.024}
"""Disputes found in a round of each level; in townships and villages per unit of the township's weight."""
EPISODE_BOOST, AHEAD = 2.2, timedelta(days=21)
"""Disputes show in the villages some weeks before they are carried to the bureau."""

MISSED = ((0, 0.0), (0.6, 0.015), (0.9, 0.05), (1, 0.11))
"""The share of rounds that a unit leaves out: most are diligent; the city itself leaves none out."""
IDLE, SHORT = 0.5, 0.14
"""Left out as well where a window has no working day, or at most three."""
EPIDEMIC, EPIDEMIC_MISSED = ("2020-01-24", "2020-02-29"), 0.25
TWICE = 0.035

RESOLVED_BY_AGE = ((0, 0.52), (15, 0.8), (30, 0.89), (60, 0.94), (120, 0.972), (360, 0.985), (720, 0.988))
"""Of the disputes found, the share that is resolved so many days later."""
SLACK_UNRESOLVED = 0.2
"""Who misses rounds resolves less, too: by so much of the share missed."""


@dataclass(frozen=True)
class Slack:
    """Between two days a township with its villages, or a department, left out a share more of its rounds."""

    name: str
    start: str
    end: str
    share: float


SLACK = (
    Slack("黄槐镇", "2020-01-01", "2021-12-31", 0.26),
    Slack("径南镇", "2020-01-01", "2021-12-31", 0.19),
    Slack("罗浮镇", "2021-07-01", "2021-12-31", 0.4),
    Slack("石马镇", "2020-01-01", "2020-12-31", 0.17),
    Slack(CITY_MANAGEMENT, "2021-01-01", "2021-12-31", 0.22),
)
"""What a reader of the heatmap should find."""


def screenings(site: Site, dice: Dice, code: str) -> pd.DataFrame:
    """All rounds of one county by day; a round that was left out has no row."""
    parts = [_found(site, dice, _rounds(site, dice, level, cadence)) for level, cadence in site.cadences]
    return entered(parts, "screening_id", f"{code}PC")


# --- who looked, and when -------------------------------------------------------------------------


def _rounds(site: Site, dice: Dice, level: str, cadence: str) -> Rows:
    """The level's rounds up to the last day, some windows with two, some with none."""
    due = _due(site, dice, level, cadence)
    n = len(due["start"])
    held = ~dice.chance(due["missed"], n)
    twice = held & dice.chance(TWICE, n)
    chosen = np.concatenate([np.flatnonzero(held), np.flatnonzero(twice)])
    rows = {name: column[chosen] for name, column in due.items()}
    rows |= {"held_on": within(dice, rows["start"], rows["end"])}
    return {name: column[rows["held_on"] <= LAST] for name, column in rows.items()}


def _due(site: Site, dice: Dice, level: str, cadence: str) -> Rows:
    """Every window of every unit of the level, with the chance that it was missed."""
    pairs = _units(site)[level]
    starts, ends = windows(cadence, BEGUN)
    names = np.array(pairs, dtype=object).reshape(len(pairs), 2)
    usual = dice.spread(MISSED, len(pairs)) * (level != "city")
    rows: Rows = {
        "level": np.full(len(pairs) * len(starts), level, dtype=object),
        "unit": np.repeat(names[:, 0], len(starts)),
        "township": np.repeat(names[:, 1], len(starts)),
        "start": np.tile(starts, len(pairs)),
        "end": np.tile(ends, len(pairs)),
    }
    slack = np.repeat(usual, len(starts)) + _slack(site, rows)
    return rows | {"slack": slack, "missed": slack + np.tile(_idle(starts, ends), len(pairs))}


def _units(site: Site) -> dict[str, list[tuple[str, str]]]:
    """Of each level, who owes rounds, and in which township it lies."""
    return {
        "city": [(site.county, UNFILLED)],
        "township": [(township.name, township.name) for township in site.townships],
        "department": [(department.name, UNFILLED) for department in site.departments],
        "village": [(village, township.name) for township in site.townships for village in township.villages],
    }


def _slack(site: Site, rows: Rows) -> Floats:
    share = np.zeros(len(rows["start"]))
    for slack in SLACK:
        name = slack.name.format(**places.words(site))
        when = between(rows["start"], slack.start, slack.end)
        share += slack.share * (when & ((rows["township"] == name) | (rows["unit"] == name)))
    return share


def _idle(starts: Values, ends: Values) -> Floats:
    """What is left out of windows with few working days, and of those of the epidemic."""
    working_days = np.busday_count(starts, ends + 1, busdaycal=WORKING)
    first, last = (np.datetime64(day) for day in EPIDEMIC)
    few: Floats = np.select([working_days == 0, working_days <= 3], [IDLE, SHORT], 0.0)
    return few + EPIDEMIC_MISSED * ((starts <= last) & (ends >= first))


# --- what was found -------------------------------------------------------------------------------


def _found(site: Site, dice: Dice, rows: Rows) -> Rows:
    """Disputes of each round, and how many of them are resolved by the last day."""
    on = rows["held_on"]
    found = dice.counts(_disputes(rows))
    share = by_age(RESOLVED_BY_AGE, on) - SLACK_UNRESOLVED * rows["slack"]
    return {
        "held_on": on,
        "level": rows["level"],
        "unit": rows["unit"],
        "township": rows["township"],
        "found": found,
        "resolved": dice.of_each(found, share),
        "lead_official": np.where(found > 0, _leaders(site, dice, rows), UNFILLED),
    }


def _disputes(rows: Rows) -> Floats:
    """How many a round finds on average: by level, township and season, more where an episode is near."""
    months = rows["held_on"].astype("datetime64[M]").astype(np.int64) % 12
    means: Floats = np.array(MONTHS)[months] * [FOUND[level] for level in rows["level"].tolist()]
    means *= [1.0 if name == UNFILLED else places.weight(name) for name in rows["township"].tolist()]
    for episode in EPISODES:
        near = between(rows["held_on"], episode.start - AHEAD, episode.end)
        means[near & (rows["township"] == episode.township)] *= EPISODE_BOOST
    return means


def _leaders(site: Site, dice: Dice, rows: Rows) -> Values:
    """Who takes the disputes in hand: a city leader, or whoever leads the township or the department."""
    city = dice.pick({leader.name: 1.0 for leader in officials(site)}, len(rows["unit"]))
    place = np.where(rows["township"] == UNFILLED, rows["unit"], rows["township"])
    own = np.array([leader_of(name) for name in place.tolist()], dtype=object)
    return np.where(rows["level"] == "city", city, own)

"""The demo's backlog cases: matters that came back again and again, assigned in batches."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analytics.contract import UNFILLED
from analytics.ingest.demo.days import FIRST, LAST, MISSING, until_last, working
from analytics.ingest.demo.dice import Dice, Flags, Floats, Quantiles, Rows, Values, spread
from analytics.ingest.demo.officials import officials
from analytics.ingest.demo.tables import STAFF
from analytics.site import Site


@dataclass(frozen=True)
class Batch:
    """A batch assigned on one day: how many cases, how many of them were reported closed by the last day.

    `pace` gives the days from assignment to the report of each case by its ease (0 first, 1 last);
    `due_on` the time limit of each grade.
    """

    name: str
    number: int
    assigned_on: str
    cases: int
    reported: int
    pace: Quantiles
    due_on: dict[str, str]


BATCHES = (
    Batch(
        "第一批",
        1,
        "2020-05-20",
        cases=110,
        reported=110,
        pace=((0, 20), (0.1, 80), (0.3, 165), (0.6, 245), (0.85, 335), (0.95, 402), (1, 530)),
        due_on={"A类": "2020-12-31", "B类": "2021-04-30", "C类": "2021-06-30"},
    ),
    Batch(
        "第二批",
        2,
        "2021-05-18",
        cases=38,
        reported=15,
        pace=((0, 35), (0.08, 85), (0.24, 150), (0.4, 205)),
        due_on={"A类": "2021-10-31", "B类": "2021-12-31", "C类": "2022-06-30"},
    ),
)
GRADES = ((0.45, "A类"), (0.8, "B类"), (2.0, "C类"))
"""Up to which ease a case is of the grade; people misjudge it a little."""
MISJUDGED = 0.1

PLACE = ("township", "responsible_unit", "category_1", "category_2")

RETURNED = 0.1
RETURNED_BEFORE = ((0, 20), (1, 55))
VERIFIED_DAYS = ((0, 8), (0.5, 20), (1, 45))
RESOLVED = 0.72
RESOLVED_DAYS = ((0, 0), (0.6, 5), (1, 40))


def backlog(site: Site, dice: Dice, petitions: pd.DataFrame, code: str) -> pd.DataFrame:
    """All backlog cases of one county, each made of a matter's petitions before its assignment."""
    cases: list[pd.DataFrame] = []
    named = petitions["petitioner_key"] != UNFILLED
    free = petitions.loc[named, ["petition_id", "registered_on", "petitioner_key", *PLACE]]
    for batch in BATCHES:
        matters = _matters(dice, free, batch)
        free = free[~free["petitioner_key"].isin(matters["petitioner_key"])]
        cases.append(_batch(site, dice, batch, matters, code))
    return pd.concat(cases, ignore_index=True)


def _matters(dice: Dice, petitions: pd.DataFrame, batch: Batch) -> pd.DataFrame:
    """As many matters as the batch has cases, of several petitions each, all before the assignment."""
    earlier = petitions[petitions["registered_on"] < batch.assigned_on]
    items = earlier.groupby("petitioner_key", sort=False).size()
    chosen = dice.shuffled(items.index[items > 1].to_numpy(dtype=object))[: batch.cases]
    matters = earlier[earlier["petitioner_key"].isin(chosen)].groupby("petitioner_key", sort=False)
    first = matters[[*PLACE]].first()
    return first.assign(petition_ids=matters["petition_id"].agg(";".join)).reset_index()


def _batch(site: Site, dice: Dice, batch: Batch, matters: pd.DataFrame, code: str) -> pd.DataFrame:
    n = batch.cases
    leaders = [official.name for official in officials(site)]
    ease = dice.even(n)
    grade = _grades(ease + MISJUDGED * (2 * dice.uniform(n) - 1))
    reported = _reported(batch, ease)
    rows: Rows = {name: matters[name].to_numpy() for name in ("petition_ids", *PLACE)}
    rows |= {
        "case_id": np.array([f"{code}JA{batch.number}{number:03d}" for number in range(1, n + 1)]),
        "batch": np.full(n, batch.name),
        "assigned_on": np.full(n, np.datetime64(batch.assigned_on)),
        "due_on": np.array([batch.due_on[name] for name in grade.tolist()], dtype="datetime64[D]"),
        "grade": grade,
        "lead_official": dice.shuffled(np.resize(leaders, n)),
        "caseworker": dice.shuffled(np.resize(STAFF, n)),
        "reported_on": reported,
        "verified_on": until_last(working(reported + dice.days(VERIFIED_DAYS, n), reported)),
        "returned_on": _returned(dice, batch, ease, reported),
        "resolved_on": _resolved(dice, reported),
    }
    return pd.DataFrame(rows)


def _grades(ease: Floats) -> Values:
    limits = [limit for limit, _ in GRADES]
    return np.array([name for _, name in GRADES], dtype=object)[np.searchsorted(limits, ease)]


def _reported(batch: Batch, ease: Floats) -> Values:
    """The easiest cases first, exactly as many as were reported."""
    assigned = np.datetime64(batch.assigned_on)
    after = np.rint(spread(batch.pace, ease)).astype(np.int64)
    done: Flags = ease < batch.reported / batch.cases
    return np.where(done, working(assigned + after, assigned), MISSING)


def _returned(dice: Dice, batch: Batch, ease: Floats, reported: Values) -> Values:
    """Some were sent back before the report that stands; the next in line has not reported again."""
    n = batch.cases
    before = working(reported - dice.days(RETURNED_BEFORE, n), np.datetime64(batch.assigned_on))
    late_enough = reported > np.datetime64(batch.assigned_on) + 90
    returned = np.where(late_enough & dice.chance(RETURNED, n), before, MISSING)
    next_in_line = (ease * n).astype(np.int64) == batch.reported
    return np.where(next_in_line, working(np.full(n, LAST - 24), FIRST), returned)


def _resolved(dice: Dice, reported: Values) -> Values:
    n = len(reported)
    rested = until_last(reported + dice.days(RESOLVED_DAYS, n))
    return np.where(dice.chance(RESOLVED, n), rested, MISSING)

"""What stands against a decision: units that object to an item, petitioners who ask for a review."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analytics.contract import UNFILLED, UNRATED
from analytics.ingest.demo import places
from analytics.ingest.demo.days import MISSING, WORKING, until_last, working, year_of
from analytics.ingest.demo.dice import Dice, Floats, Rows, Values
from analytics.site import Site

OBJECTED = 0.015
"""Of the items passed on, those that the unit held to be another's."""
OBJECT_WORKDAYS = ((0, 0.6), (0.5, 2), (1, 4.4))
RETURNED, RETURN_DAYS = 0.8, ((0, 0), (0.5, 1), (1, 3))
"""Where the objection holds; otherwise the unit keeps the item."""

REVIEWABLE = ("转送", "交办", "督办", "受理告知")
ASKED = {"不满意": 0.5, UNRATED: 0.1}
"""Petitioners who ask for a review, by what they say of the reply; not those whose matter rests."""
ASKED_AGAIN = 1 / 3
ASK_DAYS = ((0, 1), (0.5, 14), (1, 29))
OPINION_DAYS = ((0, 8), (0.5, 25), (0.9, 29), (1, 30))
OPINION_WITHIN = 30
LATE, LATE_DAYS = {2019: 0.12, 2020: 0.07}, ((0, 1), (1, 15))
"""By the year of the deadline; no opinion is late from 2021 on."""


def objections(dice: Dice, petitions: pd.DataFrame) -> Rows:
    """When units objected and, mostly, gave the item back; all before somebody accepted it."""
    transferred, accepted = _days(petitions, "transferred_on"), _days(petitions, "accepted_on")
    n = len(transferred)
    sent = ~np.isnat(transferred)
    workdays = dice.days(OBJECT_WORKDAYS, n)
    objected = np.busday_offset(transferred, workdays, roll="forward", busdaycal=WORKING)
    returned = working(objected + dice.days(RETURN_DAYS, n), objected)
    fit = np.flatnonzero(sent & ~(accepted <= returned))
    chosen = np.isin(np.arange(n), dice.shuffled(fit)[: round(OBJECTED * sent.sum())])
    return {
        "objected_on": until_last(np.where(chosen, objected, MISSING)),
        "returned_on": until_last(np.where(chosen & dice.chance(RETURNED, n), returned, MISSING)),
    }


def reviews(site: Site, dice: Dice, petitions: pd.DataFrame) -> Rows:
    """复查, and of some of them 复核: asked for within 30 days, answered within 30 days."""
    organ = _organs(site, petitions["responsible_unit"].to_numpy(dtype=object))
    share = np.array([ASKED.get(rating, 0.0) for rating in petitions["unit_rating"].tolist()])
    open_to = petitions["handling"].isin(REVIEWABLE) & ~petitions["resolved"] & ~petitions["is_litigation"]
    share *= open_to.to_numpy(dtype=bool) & (petitions["route"] == "信访程序") & (organ != UNFILLED)
    requested, reviewed = _stage(dice, _days(petitions, "replied_on"), share)
    again, answered = _stage(dice, reviewed, np.full(len(share), ASKED_AGAIN))
    higher = f"{places.words(site)['prefecture']}人民政府"
    return {
        "review_requested_on": requested,
        "reviewed_on": reviewed,
        "review_unit": np.where(np.isnat(requested), UNFILLED, organ),
        "rereview_requested_on": again,
        "rereviewed_on": answered,
        "rereview_unit": np.where(np.isnat(again), UNFILLED, higher),
    }


def _days(petitions: pd.DataFrame, name: str) -> Values:
    return petitions[name].to_numpy().astype("datetime64[D]")


def _organs(site: Site, units: Values) -> Values:
    """Who reviews what each unit replied: the county for its townships, the bureau above for its own."""
    words = places.words(site)
    organs = {unit: _organ(unit, words["county"], words["prefecture"]) for unit in set(units.tolist())}
    return np.array([organs[unit] for unit in units.tolist()], dtype=object)


def _organ(unit: str, county: str, prefecture: str) -> str:
    if unit.endswith(("镇人民政府", "乡人民政府", "街道办事处")):
        return f"{county}人民政府"
    if unit.startswith(county) and unit.endswith("局"):
        return prefecture + unit.removeprefix(county)
    return UNFILLED


def _stage(dice: Dice, opinion: Values, share: Floats) -> tuple[Values, Values]:
    """Requests against an opinion, and the answers to them; what lies after the last day has not happened."""
    n = len(opinion)
    asked = dice.chance(share, n)
    requested = np.where(asked, working(opinion + dice.days(ASK_DAYS, n), opinion), MISSING)
    requested = until_last(requested)
    due = requested + OPINION_WITHIN
    late = dice.chance(np.array([LATE.get(year, 0.0) for year in year_of(due).tolist()]), n)
    in_time = working(requested + dice.days(OPINION_DAYS, n), requested, due)
    overdue = working(due + dice.days(LATE_DAYS, n), due + 1)
    return requested, until_last(np.where(late, overdue, in_time))

"""The demo's activities for the order of petitioning: publicity, and measures against violations."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analytics.contract import UNFILLED
from analytics.ingest.demo import days, places
from analytics.ingest.demo.dice import Dice, Rows, Values
from analytics.ingest.demo.entries import entered
from analytics.site import Site


@dataclass(frozen=True)
class Activity:
    """How often it took place in each year, the county's own share, the share that counts for two.

    `months` in which it is held more often, with the factor.
    """

    kind: str
    years: dict[int, int]
    county: float
    twofold: float = 0.0
    months: tuple[tuple[int, float], ...] = ()


ACTIVITIES = (
    Activity("普法宣传", {2019: 45, 2020: 39, 2021: 52}, county=0.3, months=((5, 3.0), (12, 4.0))),
    Activity("训诫", {2019: 15, 2020: 9, 2021: 12}, county=0.35, twofold=0.15),
    Activity("行政处罚", {2019: 5, 2020: 2, 2021: 4}, county=0.2),
    Activity("批评教育", {2019: 26, 2020: 17, 2021: 21}, county=0.15, twofold=0.2),
)
"""Publicity fills May, the month of the petition regulations, and December, that of the constitution."""


def activities(site: Site, dice: Dice, code: str) -> pd.DataFrame:
    """All activities of one county by day."""
    return entered([_held(site, dice, activity) for activity in ACTIVITIES], "activity_id", f"{code}HD")


def _held(site: Site, dice: Dice, activity: Activity) -> Rows:
    on = np.concatenate([_days(dice, activity, year, count) for year, count in activity.years.items()])
    n = len(on)
    weights = {township.name: places.weight(township.name) for township in site.townships}
    township = dice.pick(weights or {UNFILLED: 1.0}, n)
    return {
        "held_on": on,
        "kind": np.full(n, activity.kind, dtype=object),
        "township": np.where(dice.chance(activity.county, n), UNFILLED, township),
        "count": 1 + dice.chance(activity.twofold, n).astype(np.int64),
    }


def _days(dice: Dice, activity: Activity, year: int, count: int) -> Values:
    """Days on which people come to the bureau, in the months of the activity more of them."""
    on, weights = days.weights("visit", year)
    month = on.astype("datetime64[M]").astype(np.int64) % 12 + 1
    factors = np.ones(13)
    for busy, factor in activity.months:
        factors[busy] = factor
    return on[dice.index(weights * factors[month], count)]

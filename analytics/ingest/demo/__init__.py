"""Demo data: record-level rows that add up to what the bureau published for 2021, and two years before."""

from __future__ import annotations

import pandas as pd

from analytics.contract import DATASETS
from analytics.ingest.demo.activities import activities
from analytics.ingest.demo.backlog import backlog
from analytics.ingest.demo.counties import counties
from analytics.ingest.demo.days import DEMO_END
from analytics.ingest.demo.dice import Dice
from analytics.ingest.demo.petitions import petitions
from analytics.ingest.demo.receptions import receptions
from analytics.ingest.demo.recourse import objections, reviews
from analytics.ingest.demo.screenings import screenings
from analytics.ingest.demo.supervisions import dispositions, supervisions
from analytics.site import Site

__all__ = ["DEMO_END", "demo_rows"]

SEED = 2021


def demo_rows(site: Site, scale: int = 1) -> dict[str, pd.DataFrame]:
    """Input rows of each dataset, the same on every call.

    `scale` counties of the same volume, each with the published totals and its own county code at the head
    of its keys; of several every row has the code, since their townships share their names.
    """
    sites = counties(site, scale)
    made = [_county(one, number, coded=scale > 1) for number, one in enumerate(sites)]
    return {
        name: pd.concat([county[name] for county in made], ignore_index=True)[_columns(name, first)]
        for name, first in made[0].items()
    }


def _columns(dataset: str, rows: pd.DataFrame) -> list[str]:
    """Of the columns that the rows have, those that a file may bring."""
    return [field.name for field in DATASETS[dataset].inputs if field.name in rows]


def _county(site: Site, number: int, coded: bool) -> dict[str, pd.DataFrame]:
    dice = Dice(SEED, number)
    code = site.code or f"{number:06d}"
    items = petitions(site, dice, code)
    cases = backlog(site, dice, items, code)
    orders = supervisions(dice, items, cases, code)

    # each from a stream of its own (0 would be the first one again): a change in one moves no other
    objected, ended, received, screened, reviewed, acted = (Dice(SEED, number, part) for part in range(1, 7))
    made = {
        "petitions": items.assign(**objections(objected, items), **reviews(site, reviewed, items)),
        "backlog": cases,
        "supervisions": orders.assign(disposition=dispositions(ended, orders)),
        "receptions": receptions(site, received, code),
        "screenings": screenings(site, screened, code),
        "activities": activities(site, acted, code),
    }
    return {name: rows.assign(region_code=code) for name, rows in made.items()} if coded else made

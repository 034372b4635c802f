"""The demo's petitions, drawn in the order in which an item lives: who came, what for, what was done."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analytics.contract import UNFILLED
from analytics.ingest.demo import days, places, tables
from analytics.ingest.demo.days import FIRST, between, year_of
from analytics.ingest.demo.dice import Dice, Flags, Rows, Values
from analytics.ingest.demo.handling import handled
from analytics.ingest.demo.topics import EPISODES, LOCAL, TOPICS
from analytics.site import Site


def petitions(site: Site, dice: Dice, code: str) -> pd.DataFrame:
    """All petitions of one county in the order of registration; `code` heads every key."""
    rows = _registered(dice)
    rows |= _people(dice, rows)
    rows |= _matters(site, dice, rows)
    rows |= _way_in(dice, rows)
    rows |= handled(dice, rows)
    return _frame(rows, code)


# --- who came, and how ----------------------------------------------------------------------------


def _registered(dice: Dice) -> Rows:
    """One row for each item of the volumes, on days that draw its channel."""
    cells = [(volume, year, items) for volume in tables.VOLUMES for year, items in volume.items.items()]
    counts = [items for _, _, items in cells]
    rows = {
        "registered_on": np.concatenate([_days(dice, v.channel, year, n) for v, year, n in cells]),
        "source": np.repeat(np.array([v.source for v, _, _ in cells], dtype=object), counts),
        "channel": np.repeat(np.array([v.channel for v, _, _ in cells], dtype=object), counts),
        "repeat_share": np.repeat(np.array([v.repeat for v, _, _ in cells]), counts),
    }
    order = np.argsort(rows["registered_on"], kind="stable")
    return {name: column[order] for name, column in rows.items()}


def _days(dice: Dice, channel: str, year: int, items: int) -> Values:
    on, weights = days.weights(channel, year)
    return on[dice.index(weights, items)]


def _people(dice: Dice, rows: Rows) -> Rows:
    """Persons of each item, whether its petitioner came before, and by which earlier item (`first`)."""
    n = len(rows["registered_on"])
    anonymous = (rows["channel"] == "letter") & dice.chance(tables.ANONYMOUS, n)
    repeat = ~anonymous & dice.chance(rows["repeat_share"], n)
    first = _first_items(dice, rows["registered_on"], repeat, anonymous)
    keys = dice.hexes(n)[first]
    return {
        "persons": _persons(dice, rows),
        "anonymous": anonymous,
        "repeat": repeat,
        "first": first,
        "petitioner_key": np.where(anonymous, UNFILLED, keys),
    }


def _persons(dice: Dice, rows: Rows) -> Values:
    persons = dice.pick_for(rows["channel"], tables.PERSONS).astype(np.int64)
    published = (
        (rows["source"] == "local") & (rows["channel"] == "visit") & (year_of(rows["registered_on"]) == 2021)
    )
    sizes = tables.VISITORS_2021
    persons[published] = dice.shuffled(np.repeat(list(sizes), list(sizes.values())))
    return persons


def _first_items(dice: Dice, registered: Values, repeat: Flags, anonymous: Flags) -> Values:
    """Position of the matter's first item, rather a recent one; an item's own where it is the first."""
    first = np.arange(len(registered))
    returning = np.flatnonzero(~repeat & ~anonymous & dice.chance(tables.RETURNING, len(registered)))
    earlier = np.searchsorted(registered[returning], registered[repeat], side="left")
    matters = tables.EARLIER_MATTERS + earlier
    drawn = np.floor(matters * np.sqrt(dice.uniform(len(earlier)))).astype(np.int64) - tables.EARLIER_MATTERS
    first[repeat] = np.where(drawn >= 0, returning[drawn], first[repeat])
    return first


# --- what for -------------------------------------------------------------------------------------


def _matters(site: Site, dice: Dice, rows: Rows) -> Rows:
    """Place, content and legal route; a repeat item has those of the matter's first item."""
    township, topic = _places_and_topics(site, dice, rows["registered_on"])
    category = _topic_column("category_1")[topic]
    category_3 = _topic_column("category_3")[topic]
    route = dice.pick_for(category, tables.ROUTES)
    matter = {
        "township": township,
        "village": dice.pick_for(township, _village_shares(site)),
        "responsible_unit": _units(site, township, topic),
        "purpose": dice.pick_for(category, tables.PURPOSES),
        "category_1": category,
        "category_2": _topic_column("category_2")[topic],
        "category_3": np.where(dice.chance(tables.CATEGORY_3_UNFILLED, len(topic)), UNFILLED, category_3),
        "route": route,
        "is_litigation": (category == "政法") & (route == "诉讼"),
    }
    return {name: column[rows["first"]] for name, column in matter.items()}


def _places_and_topics(site: Site, dice: Dice, registered: Values) -> tuple[Values, Values]:
    """Township and position of the topic, as in any year except where an episode struck."""
    township = dice.pick(_township_shares(site), len(registered))
    topic = _topics(dice, registered)
    names = {township.name for township in site.townships}
    for episode in EPISODES:
        struck = between(registered, episode.start, episode.end)
        struck &= dice.chance(episode.share * (episode.township in names), len(registered))
        inside = np.array([t.share * (t.category_2 == episode.category_2) for t in TOPICS])
        township[struck] = episode.township
        topic[struck] = dice.index(inside, int(struck.sum()))
    return township, topic


def _topic_column(name: str) -> Values:
    return np.array([getattr(topic, name) for topic in TOPICS], dtype=object)


def _topics(dice: Dice, registered: Values) -> Values:
    """A topic for each item by the shares of its month."""
    months = registered.astype("datetime64[M]").astype(np.int64) % 12 + 1
    topics = np.zeros(len(registered), dtype=np.int64)
    for month in range(1, 13):
        weights = np.array([t.share * (2 if month in t.peak else 1) for t in TOPICS])
        topics[months == month] = dice.index(weights, int((months == month).sum()))
    return topics


def _township_shares(site: Site) -> dict[str, float]:
    weights = {township.name: places.weight(township.name) for township in site.townships}
    unfilled = tables.TOWNSHIP_UNFILLED * sum(weights.values()) if weights else 1.0
    return weights | {UNFILLED: unfilled}


def _village_shares(site: Site) -> dict[str, dict[str, float]]:
    """For each township its villages, the first ones busier."""
    shares: dict[str, dict[str, float]] = {"": {UNFILLED: 1.0}}
    for township in site.townships:
        weights = {name: 1 / (rank + 2) for rank, name in enumerate(township.villages)}
        shares[township.name] = weights | {UNFILLED: tables.VILLAGE_UNFILLED * sum(weights.values()) or 1.0}
    return shares


def _units(site: Site, township: Values, topic: Values) -> Values:
    """The unit that answers: the topic's, or the government of the place."""
    governments = {UNFILLED: UNFILLED} | {t.name: _government(site, t.name) for t in site.townships}
    local = np.array([governments[name] for name in township.tolist()], dtype=object)
    words = places.words(site)
    units = np.array([t.unit.format(**words) for t in TOPICS], dtype=object)[topic]
    return np.where(units == LOCAL, local, units)


def _government(site: Site, township: str) -> str:
    if township.endswith("街道"):
        return f"{site.county}人民政府{township}办事处"
    return f"{site.county}{township}人民政府"


# --- which way in ---------------------------------------------------------------------------------


def _way_in(dice: Dice, rows: Rows) -> Rows:
    """Level from which it was sent down, where people went, where they were received, how it is handled."""
    local, visit = rows["source"] == "local", rows["channel"] == "visit"
    level = np.where(local, tables.OWN_LEVEL, dice.pick_for(rows["channel"], tables.SOURCE_LEVELS))
    gone = np.array([tables.ESCALATIONS.get(name, "none") for name in level.tolist()], dtype=object)
    received = local & visit & (rows["registered_on"] >= np.datetime64(tables.SERVICE_POINTS_OPEN))
    group = np.select(
        [rows["anonymous"], ~local, rows["repeat"]], ["anonymous", "superior", "repeat"], rows["channel"]
    )
    return {
        "petitioned_on": _petitioned(dice, rows, local),
        "source_level": level,
        "escalation": np.where(visit & ~local, gone, "none"),
        "service_point": np.where(received, dice.pick(tables.SERVICE_POINTS, len(local)), UNFILLED),
        "handling": dice.pick_for(group, tables.HANDLINGS),
    }


def _petitioned(dice: Dice, rows: Rows, local: Flags) -> Values:
    n = len(local)
    before = dice.days(tables.SENT_DOWN_BEFORE, n)
    for channel, quantiles in tables.WRITTEN_BEFORE.items():
        before = np.where(local & (rows["channel"] == channel), dice.days(quantiles, n), before)
    return np.maximum(rows["registered_on"] - before, FIRST)


# --- the frame ------------------------------------------------------------------------------------


def _frame(rows: Rows, code: str) -> pd.DataFrame:
    """The columns of the contract; whether an anonymous item repeats another is not known."""
    dated = [f"{day:%Y%m%d}" for day in rows["registered_on"].tolist()]
    keys = [f"{code}{day}{number:05d}" for number, day in enumerate(dated, start=1)]
    repeat = pd.arrays.BooleanArray(rows["repeat"], rows["anonymous"])
    return pd.DataFrame({**rows, "petition_id": keys, "is_repeat": repeat})

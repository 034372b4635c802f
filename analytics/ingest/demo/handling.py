"""What is done with an item and when: transfer, acceptance, reply, closure, evaluation."""

from __future__ import annotations

import numpy as np

from analytics.contract import UNFILLED, UNRATED
from analytics.ingest.demo import tables
from analytics.ingest.demo.days import LAST, MISSING, until_last, working, year_of
from analytics.ingest.demo.dice import Dice, Flags, Floats, Rows, Values

ACCEPT_WITHIN = 15
REPLY_WITHIN = 60
"""Days, by articles 22 and 34 of the regulations of 2022."""


def handled(dice: Dice, rows: Rows) -> Rows:
    """Every date after registration, none after the demo's last day, and what petitioners said of it."""
    rows = rows | {
        # these are late only in the years for which the tables allow it
        "strict": (rows["source"] == "superior") | ~(rows["repeat"] | rows["anonymous"]),
        "direct": rows["handling"] == "直接回复",
        "unaccepted": _one_of(rows["handling"], tables.UNACCEPTED),
    }
    transferred = _transferred(dice, rows)
    accepted = _accepted(dice, rows, transferred)
    extension = _extension(dice, rows)
    replied, closed = _answered(dice, rows, accepted, extension)
    happened = {
        "transferred_on": until_last(transferred),
        "accepted_on": until_last(accepted),
        "replied_on": until_last(replied),
        "closed_on": until_last(closed),
    }
    begun = ~np.all([np.isnat(dates) for dates in happened.values()], axis=0)
    return {
        **happened,
        "handling": np.where(begun, rows["handling"], UNFILLED),
        "extension_days": np.where(np.isnat(happened["accepted_on"]), 0, extension),
        **_evaluated(dice, rows, happened["closed_on"]),
    }


def _one_of(values: Values, members: tuple[str, ...]) -> Flags:
    return np.isin(values.astype(str), members)


def _transferred(dice: Dice, rows: Rows) -> Values:
    registered = rows["registered_on"]
    sent = working(registered + dice.days(tables.TRANSFER_DAYS, len(registered)), registered)
    return np.where(_one_of(rows["handling"], tables.TRANSFERRED), sent, MISSING)


def _accepted(dice: Dice, rows: Rows, transferred: Values) -> Values:
    """Within 15 days of registration; the late ones later than 15 days after the transfer too."""
    registered, direct = rows["registered_on"], rows["direct"]
    n = len(registered)
    start = np.where(np.isnat(transferred), registered, transferred)
    due = registered + ACCEPT_WITHIN
    wait = np.where(direct, dice.days(tables.DIRECT_DAYS, n), dice.days(tables.ACCEPT_DAYS, n))
    in_time = working(np.minimum(start + wait, due), start, due)
    limit = start + ACCEPT_WITHIN
    late = working(limit + dice.days(tables.LATE_ACCEPT_DAYS, n), limit + 1)
    is_late = _late(dice, rows, limit, tables.LATE_ACCEPTING) & ~direct
    return np.where(rows["unaccepted"], MISSING, np.where(is_late, late, in_time))


def _late(dice: Dice, rows: Rows, limit: Values, shares: dict[int, float]) -> Flags:
    """Which items miss the limit: by the year of the limit where it is strict."""
    by_year = np.array([shares.get(year, 0.0) for year in year_of(limit).tolist()])
    share: Floats = np.where(rows["strict"], by_year, tables.LATE_REPEATS)
    return dice.chance(share, len(limit))


def _extension(dice: Dice, rows: Rows) -> Values:
    days = dice.pick(tables.EXTENSIONS, len(rows["route"])).astype(np.int64)
    return np.where(_has_limit(rows), days, 0)


def _has_limit(rows: Rows) -> Flags:
    """Handled by the petition procedure: reply and closure have a limit."""
    procedure = _one_of(rows["route"], ("信访程序", UNFILLED)) & ~rows["is_litigation"]
    return procedure & ~rows["direct"] & ~rows["unaccepted"]


def _answered(dice: Dice, rows: Rows, accepted: Values, extension: Values) -> tuple[Values, Values]:
    """Reply and closure."""
    n = len(accepted)
    has_limit = _has_limit(rows)
    limit = np.where(has_limit, accepted + REPLY_WITHIN + extension, MISSING)
    replied = working(accepted + _wait(dice, rows, extension), accepted, limit)
    closed = np.fmin(replied + dice.days(tables.CLOSE_DAYS, n), limit)
    closed = working(closed, replied, limit)

    late = has_limit & _late(dice, rows, limit, tables.LATE_CLOSING)
    late_closed = working(limit + dice.days(tables.LATE_CLOSE_DAYS, n), limit + 1)
    late_replied = working(late_closed - dice.days(tables.CLOSE_DAYS, n), accepted)
    return _filed(dice, rows, np.where(late, late_replied, replied), np.where(late, late_closed, closed))


def _wait(dice: Dice, rows: Rows, extension: Values) -> Values:
    """Days from acceptance to reply; an item was extended because it took most of the time."""
    n = len(extension)
    share = dice.spread(tables.REPLY_SHARE, n)
    share = np.where(extension > 0, 0.7 + 0.3 * share, share)
    limited = np.rint(share * (REPLY_WITHIN + extension)).astype(np.int64)
    unlimited = np.where(
        rows["direct"], dice.days(tables.DIRECT_REPLY_DAYS, n), dice.days(tables.LEGAL_DAYS, n)
    )
    return np.where(_has_limit(rows), limited, unlimited)


def _filed(dice: Dice, rows: Rows, replied: Values, closed: Values) -> tuple[Values, Values]:
    """Items that are not accepted end soon: kept on file without a reply, or refused in writing."""
    registered, filed = rows["registered_on"], rows["unaccepted"]
    ended = working(registered + dice.days(tables.FILE_DAYS, len(registered)), registered)
    refused = np.where(rows["handling"] == "存", MISSING, ended)
    return np.where(filed, refused, replied), np.where(filed, ended, closed)


def _evaluated(dice: Dice, rows: Rows, closed: Values) -> Rows:
    """Ratings within weeks of closure, and whether the petitioner has let the matter rest."""
    n = len(closed)
    rated_on = closed + dice.days(tables.RATED_DAYS, n)
    could = (rated_on <= LAST) & ~rows["anonymous"] & (rows["handling"] != "存")
    rated = could & dice.chance(tables.RATED, n)
    unit_rated = rated & ~rows["direct"] & dice.chance(tables.UNIT_RATED, n)
    content = np.where(rows["repeat"], tables.RESOLVED["repeat"], tables.RESOLVED["first"])
    return {
        "office_rating": np.where(rated, dice.pick(tables.OFFICE_RATINGS, n), UNRATED),
        "unit_rating": np.where(unit_rated, dice.pick(tables.UNIT_RATINGS, n), UNRATED),
        "rated_on": np.where(rated, rated_on, MISSING),
        "resolved": ~np.isnat(closed) & dice.chance(content, n),
    }

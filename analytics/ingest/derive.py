"""Derived columns: one pure function of a row and the site, run on the merged row at every import."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

import pandas as pd

from analytics.contract import (
    DUTIES,
    HANDLING_BANDS,
    KEPT,
    LINKS,
    PASSED_ON,
    PERSONS_BANDS,
    UNFILLED,
    UNKNOWN_TOWNSHIP,
    UNRATED,
    Dataset,
    Member,
)
from analytics.ingest import classes, frames
from analytics.model import NOWHERE
from analytics.places import REGION_DIGITS
from analytics.site import Site
from analytics.store import schema
from analytics.workdays import Workdays

_RULES = "3"  # raise it when a rule below changes, so that stored rows follow

ACCEPT_DAYS = 15  # 《信访工作条例》第22、23条
HANDLE_DAYS = 60  # 《信访工作条例》第34条
SOON_DAYS = 7
OBJECTION_WORKDAYS = 5  # 《信访工作条例》第23条
REVIEW_DAYS = 30  # 《信访工作条例》第35、36条
_LAST = pd.Timestamp("9999-12-31")
_ENDED_BY_REPLY = ("存", "直接回复", "不予受理", "不再受理")
_PASSED_ON = ("转送", "交办", "督办")
_IN_PROCEDURE = ("信访程序", UNFILLED)

Dates = pd.Series  # datetime64[s], NaT where missing


def derivation(dataset: Dataset, site: Site) -> str:
    """Names everything that derived columns depend on; a stored table with another name is derived again."""
    settings = {DUTIES.name: site.roster_hash, LINKS.name: site.link_rule}
    text = f"{_RULES} {settings.get(dataset.name, site.derivation_hash)} {schema(dataset)}"
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def derive(rows: pd.DataFrame, dataset: Dataset, site: Site) -> pd.DataFrame:
    """The rows with defaults filled in and every derived column worked out anew.

    A field that may be given or derived is read from its `…_given` column, and where the rows have none
    from the column itself. Dates are datetime64[s], NaT where missing; other members are never missing.
    """
    given = {f.stored_given: rows[f.name] for f in dataset.fields if f.given and f.name in rows}
    rows = frames.coded(rows.assign(**{k: v for k, v in given.items() if k not in rows}), dataset)
    for field in dataset.fields:
        if field.given:
            rows[field.name] = rows[field.stored_given]
        if field.default is not None:
            rows[field.name] = frames.filled(rows[field.name], field.default)
    for step in (_place, _topics, _OWN.get(dataset.name, _nothing)):
        step(rows, dataset, site)
    return frames.typed(rows, dataset)


def later(one: Dates, other: Dates) -> Dates:
    """The later of two days, missing where the first is."""
    return one.where(one.isna() | ~(one < other), other)


def earlier(one: Dates, other: Dates) -> Dates:
    """The earlier of two days, either alone where the other is missing."""
    return one.where(other.isna() | (one <= other), other)


def plus(day: Dates, days: int | pd.Series[int]) -> Dates:
    """So many days later, missing where no calendar has that day: what is due on the last is never late."""
    moved = day + pd.to_timedelta(days, unit="D")
    return moved.where(moved <= _LAST)


def _nothing(rows: pd.DataFrame, dataset: Dataset, site: Site) -> None:
    """A dataset without rules of its own."""


def _place(rows: pd.DataFrame, dataset: Dataset, site: Site) -> None:
    if "township" not in dataset.by_name:
        return
    written = rows["township"]
    numbers, distinct = frames.pairs(written, rows["region_code"])
    found = pd.DataFrame([_placed(name, code, site) for name, code in distinct], columns=list(_PLACED))
    found = found.astype({"township": frames.CODED, "region_code": frames.CODED})
    rows["township_raw"] = written
    for name in _PLACED:
        rows[name] = found[name].take(numbers).set_axis(rows.index)


_PLACED = ("township", "area", "region_code")


def _placed(written: str, code: str, site: Site) -> tuple[str, int, str]:
    """The township, area and region code that a name and a code mean; the name as written without a list."""
    found = site.places.locate("" if written == UNFILLED else written, code)
    name = found.township.name if found.township else UNKNOWN_TOWNSHIP if found.lost else UNFILLED
    whole = code if code.startswith(found.code) else found.code
    region = UNFILLED if found.code == NOWHERE else whole.ljust(REGION_DIGITS, "0")
    return name if site.townships else written, found.area, region


def township_of(written: str, site: Site) -> str:
    """The township's name by the site's list; 未识别 where it knows none such, as written without a list."""
    return _placed(written, UNFILLED, site)[0]


def _topics(rows: pd.DataFrame, dataset: Dataset, site: Site) -> None:
    if "topic_1" not in dataset.by_name:
        return
    rows["topic_1"], rows["topic_2"] = classes.topics(rows["category_1"], rows["category_2"])
    if "topic_3" in dataset.by_name:
        rows["topic_3"] = rows["category_3"]


def _petitions(rows: pd.DataFrame, dataset: Dataset, site: Site) -> None:
    registered = rows["registered_on"]
    in_procedure = rows["route"].isin(_IN_PROCEDURE) & ~rows["is_litigation"]
    period = plus(rows["accepted_on"], HANDLE_DAYS + rows["extension_days"].astype("int64"))
    due = rows["due_on"] = rows["due_on"].fillna(period.where(in_procedure))
    replied = rows["replied_on"].where(rows["handling"].isin(_ENDED_BY_REPLY))
    closed = rows["closed_on"] = rows["closed_on"].fillna(replied)
    rated = (rows["office_rating"] != UNRATED) | (rows["unit_rating"] != UNRATED)
    rows["rated_on"] = rows["rated_on"].fillna(closed.where(rated))
    rows["accept_due_on"] = plus(registered, ACCEPT_DAYS)
    rows["unit_accept_due_on"] = plus(rows["transferred_on"], ACCEPT_DAYS)
    rows["accept_settled_on"] = earlier(rows["accepted_on"], closed)
    rows["accept_overdue_from"] = plus(rows["accept_due_on"], 1)
    rows["overdue_from"] = later(plus(due, 1), registered)
    rows["soon_from"] = later(plus(due, -SOON_DAYS), registered).where(due >= registered)
    rows["handling_days"] = (closed - registered).dt.days.astype("Int32")
    rows["handling_band"] = _band(rows["handling_days"], HANDLING_BANDS)
    rows["persons_band"] = _band(rows["persons"], PERSONS_BANDS)
    sent_back = rows["returned_on"] >= rows["transferred_on"]
    rows["passed_on"] = rows["transferred_on"].mask(sent_back)
    rows["sent_back_on"] = rows["returned_on"].where(sent_back)
    rows["objection_due_on"] = _workdays_after(rows["transferred_on"], OBJECTION_WORKDAYS, site.calendar)
    rows["review_due_on"] = plus(rows["review_requested_on"], REVIEW_DAYS)
    rows["rereview_due_on"] = plus(rows["rereview_requested_on"], REVIEW_DAYS)
    rows["first_receiver"] = _first_receiver(rows)


def _band(numbers: pd.Series[int], bands: Sequence[Member]) -> pd.Series[str]:
    """The band in which each number lies; 未填 where it is missing."""
    least = [int(band.value.rstrip("+").partition("-")[0]) for band in bands]
    labels = [band.value for band in bands]
    ends = [*least, float("inf")]
    banded = pd.cut(numbers.astype("float64"), ends, right=False, labels=labels, ordered=False)
    return frames.filled(banded, UNFILLED)


def _workdays_after(day: Dates, count: int, calendar: Workdays) -> Dates:
    codes, days = day.factorize()
    due = pd.Series([*(calendar.after(each.date(), count) for each in days), None], dtype="datetime64[s]")
    return due.take(codes).set_axis(day.index)


def _first_receiver(rows: pd.DataFrame) -> pd.Series:
    passed_on = rows["handling"].isin(_PASSED_ON) | rows["transferred_on"].notna()
    told = passed_on | (rows["handling"] != UNFILLED)
    states = pd.Index([UNFILLED, KEPT, PASSED_ON])
    given = rows["first_receiver"].cat.set_categories(states)
    worked_out = pd.Categorical.from_codes(told * 1 + passed_on, states)
    return given.mask(given == UNFILLED, pd.Series(worked_out, rows.index))


def _backlog(rows: pd.DataFrame, dataset: Dataset, site: Site) -> None:
    ended = rows["verified_on" if site.backlog_closed_by == "verified" else "reported_on"]
    rows["closed_on"] = ended.mask(rows["returned_on"] >= ended)
    rows["overdue_from"] = later(plus(rows["due_on"], 1), rows["assigned_on"])


def _supervisions(rows: pd.DataFrame, dataset: Dataset, site: Site) -> None:
    rows["overdue_from"] = later(plus(rows["due_on"], 1), rows["issued_on"])


_OWN: dict[str, Callable[[pd.DataFrame, Dataset, Site], None]] = {
    "petitions": _petitions,
    "backlog": _backlog,
    "supervisions": _supervisions,
}

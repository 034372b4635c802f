"""The questions in pandas: columns loaded once, text as categories, dates as days in 32 bits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as pa_dataset

from analytics.contract import UNFILLED, UNRATED
from analytics.model import AREA, LEVELS, Level
from analytics.places import Places
from tests.bench.answering import ByHand, Numbers, Part, name_of
from tests.bench.questions import Where

NEVER = np.int32(2**31 - 1)
DATES = ("registered_on", "accepted_on", "due_on", "closed_on", "rated_on")
WORDS = ("channel", "topic_1", "office_rating")

Rows = pd.DataFrame
Test = pd.Series  # of bool


class InPandas(ByHand):
    """One frame in memory."""

    def __init__(self, files: Sequence[str], dimensions: Sequence[str], places: Places) -> None:
        """`dimensions`: those of places that are grouped or filtered by."""
        source = pa_dataset.dataset(list(files))
        columns = {name: _column(source, name) for name in (*DATES, *WORDS, "is_repeat")}
        for name in dimensions:
            columns[name] = _places(source, LEVELS[name], places) if name in LEVELS else _column(source, name)
        self.rows = pd.DataFrame(columns, copy=False)

    def numbers(self, parts: Sequence[Part], where: Where) -> list[Numbers]:
        rows = self.rows
        for name, members in where.items():
            rows = rows[rows[name].isin(members)]
        return [_numbers(rows, part) for part in parts]


def _column(source: pa_dataset.Dataset, name: str) -> pd.Series:
    column = source.to_table(columns=[name]).column(0)
    if name in DATES:
        return pd.Series(column.cast(pa.int32()).fill_null(NEVER).to_numpy())
    if pa.types.is_boolean(column.type):
        column = pc.if_else(column, "true", "false").fill_null(UNFILLED)
    return column.dictionary_encode().combine_chunks().to_pandas()


def _places(source: pa_dataset.Dataset, level: Level, places: Places) -> pd.Series:
    """The level's places by name, as categories."""
    codes = source.to_table(columns=[AREA]).column(0).to_numpy() // level.width
    at, distinct = pd.factorize(codes)
    return pd.Series(pd.Categorical.from_codes(at, [name_of(places, code) for code in distinct]))


def _days(day: date) -> int:
    return (day - date(1970, 1, 1)).days


def _numbers(rows: Rows, part: Part) -> Numbers:
    first, last = _days(part.period.start), _days(part.period.last)

    def within(days: pd.Series) -> Test:
        return (days >= first) & (days <= last)

    match part.metric:
        case "petitions":
            return _counts(rows[within(rows["registered_on"])], part.by, "registered_on")
        case "repeat_rate":
            known = rows[within(rows["registered_on"]) & (rows["is_repeat"] != UNFILLED)]
            return _rates(known, known["is_repeat"] == "true", part.by, "registered_on")
        case "on_time_closure_rate":
            due = rows[within(rows["due_on"]) & (rows["is_repeat"] == "false")]
            return _rates(due, due["closed_on"] <= due["due_on"], part.by, "due_on")
        case "timely_acceptance_rate":
            due = rows[within(rows["registered_on"] + 15) & (rows["is_repeat"] == "false")]
            return _rates(due, due["accepted_on"] <= due["registered_on"] + 15, part.by, "registered_on")
        case "office_satisfaction":
            rated = rows[within(rows["rated_on"]) & (rows["office_rating"] != UNRATED)]
            return _rates(rated, rated["office_rating"] != "不满意", part.by, "rated_on")
        case "open" | "overdue" | "due_soon":
            standing = rows[(rows["registered_on"] <= last) & (rows["closed_on"] > last)]
            due = standing["due_on"]
            if part.metric == "overdue":
                standing = standing[due < last]
            if part.metric == "due_soon":
                standing = standing[(due >= last) & (due <= last + 7)]
            return _counts(standing, part.by, "")
    closed = rows[within(rows["closed_on"])]
    days = closed["closed_on"] - closed["registered_on"]
    if part.metric == "mean_days":
        found = days.groupby(closed[part.by], observed=True).agg(["sum", "size"])
        return {str(member): int(total) / int(items) for member, total, items in found.itertuples()}
    return {"": _quantile(days, {"median_days": 5, "p90_days": 9}[part.metric])}


def _counts(rows: Rows, by: str, day: str) -> Numbers:
    if not by:
        return {"": len(rows)}
    groups = _months(rows[day]) if by == "month" else rows[by]
    return {str(member): int(items) for member, items in groups.value_counts(sort=False).items()}


def _rates(rows: Rows, met: Test, by: str, day: str) -> Numbers:
    all_, those = _counts(rows, by, day), _counts(rows[met], by, day)
    return {member: those.get(member, 0) / items for member, items in all_.items() if items}


def _months(days: pd.Series) -> pd.Series:
    """The month of each day, looked up in a table of all days."""
    every = pd.date_range("2016-12-01", "2022-12-31")
    names = every.strftime("%Y-%m").to_numpy()
    codes, months = pd.factorize(names)
    at = codes[days.to_numpy() - _days(every[0].date())]
    return pd.Series(pd.Categorical.from_codes(at, months))


def _quantile(days: pd.Series, of_ten: int) -> int | None:
    counts = days.value_counts().sort_index()
    reached = counts.cumsum() * 10 >= of_ten * len(days)
    return int(counts.index[reached.to_numpy().argmax()]) if len(days) else None

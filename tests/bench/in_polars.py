"""The questions in Polars: lazily over the Parquet files, or over a frame that was loaded."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import polars as pl

from analytics.contract import UNFILLED, UNRATED
from analytics.model import AREA, LEVELS, MONTH, reach
from analytics.places import Places
from tests.bench.answering import ByHand, Number, Numbers, Part, name_of
from tests.bench.questions import Where

DATES = ("registered_on", "accepted_on", "due_on", "closed_on", "rated_on")
WORDS = ("channel", "topic_1", "office_rating", "township")

Frame = pl.LazyFrame


def scanned(files: Sequence[str]) -> Frame:
    """The rows where they lie."""
    return pl.scan_parquet(list(files), hive_partitioning=False)


def loaded(files: Sequence[str]) -> Frame:
    """The needed columns in memory, text as categories."""
    words = [pl.col(name).cast(pl.Categorical) for name in WORDS]
    return scanned(files).select(*DATES, *words, AREA, "is_repeat").collect().lazy()


class InPolars(ByHand):
    """One frame; all parts of what is asked are collected together."""

    def __init__(self, rows: Frame, places: Places) -> None:
        self.rows, self.places = rows, places

    def numbers(self, parts: Sequence[Part], where: Where) -> list[Numbers]:
        kept = [pl.any_horizontal(self._is(name, one) for one in members) for name, members in where.items()]
        rows = self.rows.filter(*kept) if kept else self.rows
        frames = pl.collect_all([_frame(rows, part) for part in parts])
        return [self._told(_numbers(frame, part), part.by) for frame, part in zip(frames, parts, strict=True)]

    def _is(self, name: str, member: str) -> pl.Expr:
        if name in LEVELS:
            return pl.col(AREA).is_between(*reach(self.places.code_of(name, member)))
        return pl.col(name).eq_missing(_FLAG[member]) if name == "is_repeat" else pl.col(name) == member

    def _told(self, numbers: dict[Any, Number], by: str) -> Numbers:
        """With the members as people know them."""
        if by in LEVELS:
            return {name_of(self.places, code): number for code, number in numbers.items()}
        if by == "is_repeat":
            return {text: numbers[flag] for text, flag in _FLAG.items() if flag in numbers}
        return numbers


def _frame(rows: Frame, part: Part) -> Frame:
    """One row a group: the member, the numerator, the denominator; of a quantile one a number of days."""
    first, last = pl.lit(part.period.start), pl.lit(part.period.last)
    registered, closed, due = pl.col("registered_on"), pl.col("closed_on"), pl.col("due_on")
    fifteen, items = timedelta(days=15), pl.len()
    initial = ~pl.col("is_repeat")
    day, met = registered, items
    match part.metric:
        case "petitions":
            kept = registered.is_between(first, last)
        case "repeat_rate":
            kept = registered.is_between(first, last) & pl.col("is_repeat").is_not_null()
            met = pl.col("is_repeat").sum()
        case "on_time_closure_rate":
            kept, met, day = due.is_between(first, last) & initial, (closed <= due).sum(), due
        case "timely_acceptance_rate":
            kept = registered.is_between(first - fifteen, last - fifteen) & initial
            met = (pl.col("accepted_on") <= registered + fifteen).sum()
        case "office_satisfaction":
            day, rating = pl.col("rated_on"), pl.col("office_rating")
            kept = day.is_between(first, last) & (rating != UNRATED)
            met = (rating != "不满意").sum()
        case "open" | "overdue" | "due_soon":
            kept = (registered <= last) & (closed.is_null() | (closed > last))
            if part.metric == "overdue":
                kept &= due < last
            if part.metric == "due_soon":
                kept &= due.is_between(last, last + timedelta(days=7))
        case "mean_days" | "median_days" | "p90_days":
            kept, day = closed.is_between(first, last), closed
            met = (closed - registered).dt.total_days().sum()
    rows = rows.filter(kept)
    if part.metric in _OF_TEN:
        return (
            rows.group_by((closed - registered).dt.total_days().alias("days"))
            .agg(items.alias("items"))
            .sort("days")
        )
    numbers = met.alias("met"), items.alias("items")
    if not part.by:
        return rows.select(pl.lit("").alias("member"), *numbers)
    return rows.group_by(_member(part.by, day).alias("member")).agg(*numbers)


def _member(by: str, day: pl.Expr) -> pl.Expr:
    if level := LEVELS.get(by):
        return pl.col(AREA) // level.width
    return day.dt.strftime("%Y-%m") if by == MONTH.name else pl.col(by)


_OF_TEN = {"median_days": 5, "p90_days": 9}
_COUNTS = ("petitions", "open", "overdue", "due_soon")
_FLAG = {"true": True, "false": False, UNFILLED: None}


def _numbers(frame: pl.DataFrame, part: Part) -> dict[Any, Number]:
    """By the member as the frame has it."""
    if part.metric in _OF_TEN:
        reached = frame.filter(pl.col("items").cum_sum() * 10 >= _OF_TEN[part.metric] * pl.col("items").sum())
        return {"": reached["days"].first()}
    if part.metric in _COUNTS:
        return {member: items for member, _, items in frame.iter_rows()}
    return {member: met / items for member, met, items in frame.iter_rows() if items}

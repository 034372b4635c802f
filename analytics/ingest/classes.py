"""Content classes: the national list in force, and what the list before it became."""

from __future__ import annotations

import csv
from functools import cache

import pandas as pd

from analytics.contract import UNFILLED
from analytics.ingest import frames
from analytics.ingest.coded import Coded
from analytics.site import ROOT

_REFERENCE = ROOT / "data" / "reference"

Pair = tuple[str, str]


def topics(first: pd.Series[str], second: pd.Series[str]) -> tuple[pd.Series[str], pd.Series[str]]:
    """First- and second-level class in the list in force; as exported where none answers for it alone.

    Columns of categories, none of them missing.
    """
    codes, distinct = frames.pairs(first, second)
    now = [_successor(pair) for pair in distinct]
    one, two = (Coded(codes, pd.Series([pair[at] for pair in now], dtype="str")).column() for at in (0, 1))
    return one.set_axis(first.index), two.set_axis(first.index)


def is_known(pair: Pair) -> bool:
    """Stands in the list in force or in the one before, or is not filled in."""
    first, second = pair
    return first == UNFILLED or (first, "" if second == UNFILLED else second) in _current() | _former().keys()


def _successor(pair: Pair) -> Pair:
    first, second = pair
    became = _former().get((first, "" if second == UNFILLED else second))
    return (became[0], became[1] or second) if became and became[0] else pair


@cache
def _current() -> frozenset[Pair]:
    rows = _rows("content_classes.csv")
    return frozenset((one, two) for one, two in rows) | {(one, "") for one, _ in rows}


@cache
def _former() -> dict[Pair, Pair]:
    return {
        (one, two): (now_one, now_two) for one, two, now_one, now_two in _rows("content_classes_former.csv")
    }


def _rows(name: str) -> list[list[str]]:
    with (_REFERENCE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))[1:]

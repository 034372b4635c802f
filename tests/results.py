"""Results made by hand: what the engine would give, without a store."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from analytics.model import Comparison, Period, Query, Selection
from analytics.result import Cell, Coverage, Key, Result
from tests.bureau import period

Number = int | tuple[int, int] | None
"""A count, a numerator with its denominator, or nothing known."""

LONG = Coverage(date(2019, 1, 1), date(2021, 12, 31))


def cell(number: Number) -> Cell:
    match number:
        case None:
            return Cell()
        case int():
            return Cell(number, None, number)
        case numerator, denominator:
            return Cell(numerator, denominator, numerator / denominator if denominator else None)


def cells(numbers: Mapping[str, Number]) -> dict[Key, tuple[Cell, ...]]:
    """Cells of one metric; a key of two members is written with a space between them."""
    return {tuple(key.split()): (cell(number),) for key, number in numbers.items()}


def result(
    metric: str,
    by: str,
    numbers: Mapping[str, Number],
    base: Mapping[str, Number] | None = None,
    days: str = "2021-11",
    compare: Comparison = "none",
    as_of: date = LONG.last,
    coverage: Coverage = LONG,
) -> Result:
    """One metric by its members; with `base` compared with the year before unless said otherwise."""
    if base is not None and compare == "none":
        compare = "year_ago"
    asked: Period = period(days).until(as_of)
    before = None
    if compare != "none":
        before = asked.previous() if compare == "previous" else asked.year_ago()
    query = Query((metric,), tuple(by.split()), Selection(asked), (("petitions", 1),), compare, as_of)
    return Result(
        query, cells(numbers), None if base is None else cells(base), before, {"petitions": coverage}
    )

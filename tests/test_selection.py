"""The periods that people choose from, the one shown first, and the neighbours of a month."""

from __future__ import annotations

from datetime import date

import pytest

from analytics.app.selection import CUSTOM, default_period, has_data, neighbour, period_names
from analytics.model import Period
from analytics.result import Coverage
from tests.bureau import period


def coverage(first: str, last: str) -> Coverage:
    return Coverage(date.fromisoformat(first), date.fromisoformat(last))


def test_periods_to_choose_from() -> None:
    assert period_names(coverage("2020-11-15", "2021-02-03")) == [
        *("2021-02", "2021-01", "2020-12", "2020-11"),
        *("2021", "2020"),
        *("2021-Q1", "2020-Q4"),
        CUSTOM,
    ]
    assert period_names(coverage("2021-05-31", "2021-05-31")) == ["2021-05", "2021", "2021-Q2", CUSTOM]


def test_every_period_to_choose_is_one() -> None:
    covered = coverage("2019-01-01", "2021-12-13")
    names = period_names(covered)[:-1]
    assert len(names) == 36 + 3 + 12
    for name in names:
        found = Period.named(name)
        assert found.start <= covered.last
        assert found.end >= covered.first


@pytest.mark.parametrize(
    ("first", "last", "shown"),
    [
        ("2019-01-01", "2021-12-13", "2021-11"),
        ("2019-01-01", "2021-12-31", "2021-12"),
        ("2019-01-01", "2021-12-30", "2021-11"),
        ("2019-01-01", "2021-01-05", "2020-12"),
        ("2019-01-01", "2020-02-29", "2020-02"),
        ("2019-01-01", "2020-02-28", "2020-01"),
        ("2021-12-03", "2021-12-13", "2021-12"),
    ],
)
def test_the_last_complete_month_is_shown_first(first: str, last: str, shown: str) -> None:
    covered = coverage(first, last)
    assert default_period(covered) == shown
    assert shown in period_names(covered)


@pytest.mark.parametrize(
    ("days", "back", "on"),
    [
        ("2019-01", False, True),
        ("2019-02", True, True),
        ("2021-11", True, True),
        ("2021-12", True, False),
        ("2019-01-01 2019-12-31", True, True),
        ("2021-01-01 2021-12-31", True, False),
        ("2018-05", False, False),
        ("2018-12", False, True),
        ("2022-01", True, False),
    ],
)
def test_stepping_stays_within_the_data(days: str, back: bool, on: bool) -> None:
    covered = coverage("2019-01-15", "2021-12-13")
    found = [has_data(covered, neighbour(period(days), months)) for months in (-1, 1)]
    assert found == [back, on]

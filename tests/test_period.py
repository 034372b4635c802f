"""Periods against plain calendar arithmetic: what is compared with what."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from analytics.model import Period
from tests import oracle

DAYS = st.dates(date(2015, 1, 1), date(2029, 12, 31))


def turning_points() -> st.SearchStrategy[date]:
    """Any day, but mostly days around the end of a month, where periods go wrong."""
    ends = st.builds(
        lambda year, month: date(year, month, 1),
        st.sampled_from([2019, 2020, 2021, 2024]),
        st.integers(1, 12),
    )
    near = st.builds(lambda first, days: first + timedelta(days), ends, st.integers(-4, 2))
    return near | DAYS


@st.composite
def asked(draw: st.DrawFn) -> tuple[date, date, date]:
    """First day, last day, and a day of the data's end that is never before the first day."""
    start, end = sorted((draw(turning_points()), draw(turning_points())))
    as_of = draw(turning_points() | st.just(date.max))
    return start, end, max(as_of, start)


def days_of(period: Period) -> tuple[date, date]:
    return period.start, period.last


@given(asked())
@example((date(2021, 2, 1), date(2021, 2, 28), date.max))
@example((date(2020, 2, 29), date(2020, 2, 29), date.max))
@example((date(2020, 2, 1), date(2020, 2, 29), date(2020, 2, 28)))
def test_year_ago_is_the_same_days_or_the_same_months(days: tuple[date, date, date]) -> None:
    start, end, as_of = days
    assert days_of(Period(start, end).until(as_of).year_ago()) == oracle.year_ago(start, end, as_of)


@given(asked())
@example((date(2021, 3, 1), date(2021, 3, 31), date(2021, 3, 30)))
@example((date(2021, 3, 2), date(2021, 3, 31), date.max))
@example((date(2021, 1, 1), date(2021, 3, 31), date(2021, 2, 28)))
def test_previous_is_as_many_months_or_as_many_days(days: tuple[date, date, date]) -> None:
    start, end, as_of = days
    assert days_of(Period(start, end).until(as_of).previous()) == oracle.previous(start, end, as_of)


@given(asked())
def test_months_cover_every_counted_day_once(days: tuple[date, date, date]) -> None:
    start, end, as_of = days
    expected = [(first, last) for _, first, last in oracle.months(start, min(end, as_of))]
    assert [days_of(month) for month in Period(start, end).until(as_of).by_month()] == expected


@given(asked())
def test_year_to_date_begins_on_new_years_day(days: tuple[date, date, date]) -> None:
    start, end, as_of = days
    period = Period(start, end).until(as_of).year_to_date()
    assert days_of(period) == (date(end.year, 1, 1), min(end, as_of))


@pytest.mark.parametrize(
    ("period", "year_ago", "previous"),
    [
        ("2021-02-01 2021-02-28", "2020-02-01 2020-02-29", "2021-01-01 2021-01-31"),
        ("2020-02-01 2020-02-29", "2019-02-01 2019-02-28", "2020-01-01 2020-01-31"),
        ("2020-02-01 2020-02-28", "2019-02-01 2019-02-28", "2020-01-04 2020-01-31"),
        ("2020-02-29 2020-02-29", "2019-02-28 2019-02-28", "2020-02-28 2020-02-28"),
        ("2021-01-01 2021-03-31", "2020-01-01 2020-03-31", "2020-10-01 2020-12-31"),
        ("2021-03-08 2021-03-14", "2020-03-08 2020-03-14", "2021-03-01 2021-03-07"),
        ("2021-01-01 2021-12-31", "2020-01-01 2020-12-31", "2020-01-01 2020-12-31"),
    ],
)
def test_comparison_known_by_hand(period: str, year_ago: str, previous: str) -> None:
    """The days written out by a person, against both the product and the oracle."""

    def read(text: str) -> tuple[date, date]:
        first, last = map(date.fromisoformat, text.split())
        return first, last

    start, end = read(period)
    assert days_of(Period(start, end).year_ago()) == oracle.year_ago(start, end) == read(year_ago)
    assert days_of(Period(start, end).previous()) == oracle.previous(start, end) == read(previous)


@pytest.mark.parametrize(
    ("as_of", "previous"),
    [
        (date(2021, 12, 13), (date(2021, 11, 1), date(2021, 11, 13))),
        (date(2021, 12, 31), (date(2021, 11, 1), date(2021, 11, 30))),
    ],
)
def test_unfinished_month_compares_with_the_same_days(as_of: date, previous: tuple[date, date]) -> None:
    december = Period.month("2021-12").until(as_of)
    assert days_of(december.previous()) == previous


def test_period_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(ValueError, match="止日"):
        Period(date(2021, 2, 1), date(2021, 1, 31))


@pytest.mark.parametrize(
    "text", ["2021-13", "2021-00", "2021-1", "21-01", "2021/01", "2021-01-01", "", "２０２１-０１x"]
)
def test_month_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        Period.month(text)

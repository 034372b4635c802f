"""Working days against the notices of the State Council, and past the last of them."""

from __future__ import annotations

from datetime import date, timedelta

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics import workdays
from analytics.workdays import LAST_PUBLISHED, Workdays

CHINA = Workdays()
UNPUBLISHED = LAST_PUBLISHED + 1
DAY = timedelta(days=1)

days = st.dates(date(1950, 1, 1), date(2100, 12, 31))
tables = st.frozensets(st.dates(date(2020, 1, 1), date(2020, 3, 31)), max_size=20)


def between(first: date, last: date) -> list[date]:
    return [first + n * DAY for n in range((last - first).days + 1)]


# --- published years ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "day",
    ["2021-02-07", "2021-02-20", "2021-04-25", "2021-05-08", "2021-09-18", "2021-09-26", "2021-10-09"],
)
def test_make_up_weekends_are_worked(day):
    assert date.fromisoformat(day).weekday() >= 5
    assert CHINA.is_workday(date.fromisoformat(day))


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("2021-01-01", "2021-01-03"),
        ("2021-02-11", "2021-02-17"),
        ("2021-04-03", "2021-04-05"),
        ("2021-05-01", "2021-05-05"),
        ("2021-06-12", "2021-06-14"),
        ("2021-09-19", "2021-09-21"),
        ("2021-10-01", "2021-10-07"),
    ],
)
def test_holidays_are_off_from_first_to_last_day_and_not_beyond(first, last):
    first, last = date.fromisoformat(first), date.fromisoformat(last)
    assert not any(map(CHINA.is_workday, between(first, last)))
    assert CHINA.on_or_after(first) == CHINA.after(first, 1) > last


def test_2021_has_250_working_days():
    assert sum(map(CHINA.is_workday, between(date(2021, 1, 1), date(2021, 12, 31)))) == 250


@given(st.dates(date(workdays.FIRST_PUBLISHED, 1, 1), date(LAST_PUBLISHED, 12, 31)))
def test_published_years_are_as_the_library_says(day):
    assert CHINA.is_workday(day) == chinese_calendar.is_workday(day)


@pytest.mark.parametrize(
    ("start", "due"),
    [
        ("2021-02-05", "2021-02-18"),  # Friday: the worked Sunday, Monday to Wednesday, the 18th
        ("2021-02-06", "2021-02-18"),  # Saturday counts no more than the Friday before it
        ("2021-02-10", "2021-02-23"),  # the 18th and 19th, the worked Saturday, Monday and Tuesday
        ("2021-03-06", "2021-03-12"),  # an ordinary Saturday: Monday to Friday
        ("2021-03-08", "2021-03-15"),
    ],
)
def test_five_working_days(start, due):
    assert CHINA.after(date.fromisoformat(start), 5) == date.fromisoformat(due)


def test_a_day_that_is_worked_is_its_own_next_one():
    assert CHINA.on_or_after(date(2021, 2, 7)) == date(2021, 2, 7)
    assert CHINA.on_or_after(date(2021, 2, 6)) == date(2021, 2, 7)


# --- beyond them ----------------------------------------------------------------------------------


def test_a_clock_across_new_year_into_an_unpublished_year_runs_and_is_provisional():
    start = date(LAST_PUBLISHED, 12, 28)
    due = CHINA.after(start, 5)
    assert due.year == UNPUBLISHED
    assert CHINA.is_provisional(due)
    assert not CHINA.is_provisional(start)


def test_an_unpublished_year_keeps_its_statutory_holidays():
    assert not CHINA.is_workday(date(UNPUBLISHED, 1, 1))
    assert not any(map(CHINA.is_workday, (date(2035, 2, day) for day in (8, 9, 10))))  # Spring Festival
    assert CHINA.is_workday(date(2035, 2, 14))


def test_the_notice_of_a_year_reaches_into_the_december_before():
    assert CHINA.is_workday(date(2018, 12, 29)) and not CHINA.is_workday(date(2018, 12, 31))
    assert CHINA.is_provisional(date(LAST_PUBLISHED, 12, 29))


@pytest.mark.parametrize("day", [date(1998, 1, 1), date(2003, 12, 31), date(2021, 12, 31)])
def test_the_past_is_settled(day):
    assert not CHINA.is_provisional(day)


@given(days)
def test_no_date_fails(day):
    assert CHINA.on_or_after(day) >= day
    assert CHINA.is_provisional(day) in (True, False)


# --- the site's own table -------------------------------------------------------------------------


@pytest.mark.parametrize("year", [2021, 2035])
def test_the_sites_days_stand_over_every_calendar(year):
    spring = {2021: date(2021, 2, 12), 2035: date(2035, 2, 8)}[year]
    ordinary = date(year, 3, 14)
    while ordinary.weekday() != 2:
        ordinary += DAY
    site = Workdays(holidays=frozenset({ordinary}), workdays=frozenset({spring}))
    assert (CHINA.is_workday(spring), CHINA.is_workday(ordinary)) == (False, True)
    assert (site.is_workday(spring), site.is_workday(ordinary)) == (True, False)


def test_a_day_in_both_lists_of_the_site_is_worked():
    sunday = frozenset({date(2021, 3, 14)})
    assert Workdays(holidays=sunday, workdays=sunday).is_workday(date(2021, 3, 14))


def test_a_year_that_the_site_names_days_of_is_not_provisional():
    site = Workdays(holidays=frozenset({date(UNPUBLISHED, 1, 2)}))
    assert not site.is_provisional(date(UNPUBLISHED, 6, 1))
    assert not site.is_provisional(date(LAST_PUBLISHED, 12, 31))
    assert site.is_provisional(date(UNPUBLISHED + 1, 6, 1))


@given(day=days, count=st.integers(1, 30))
def test_the_nth_working_day_is_worked_and_n_lie_up_to_it(day, count):
    due = CHINA.after(day, count)
    assert CHINA.is_workday(due)
    assert sum(map(CHINA.is_workday, between(day + DAY, due))) == count


@given(st.dates(date(2020, 1, 1), date(2020, 3, 31)), st.integers(1, 20), tables, tables)
def test_the_nth_working_day_holds_for_any_table_of_a_site(day, count, off, worked):
    site = Workdays(off, worked)
    due = site.after(day, count)
    assert site.is_workday(due)
    assert sum(map(site.is_workday, between(day + DAY, due))) == count


# --- what stored dates depend on ------------------------------------------------------------------


def test_the_fingerprint_follows_the_sites_table():
    day = frozenset({date(2027, 2, 5)})
    assert Workdays().fingerprint == Workdays().fingerprint
    assert (
        len({Workdays().fingerprint, Workdays(day).fingerprint, Workdays(frozenset(), day).fingerprint}) == 3
    )


@pytest.mark.parametrize("library", ["chinesecalendar", "holidays"])
def test_the_fingerprint_follows_the_libraries(library, monkeypatch):
    before = Workdays().fingerprint
    monkeypatch.setitem(workdays.LIBRARIES, library, "next")
    assert Workdays().fingerprint != before

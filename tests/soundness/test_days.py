"""Wrong numbers that come from days: edges, months, time zones, leap years, data that end early."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from analytics.contract import PETITIONS
from analytics.ingest import Rule
from analytics.model import Period
from analytics.workdays import LAST_PUBLISHED
from tests.bureau import Bureau, case, item, order

AS_OF = date(2021, 12, 31)


def test_last_day_of_the_period_left_out(bureau: Bureau) -> None:
    """Both ends belong to the period."""
    bureau.bring("petitions", *[item(day, f"2021-03-{day:02}") for day in (1, 15, 31)])
    assert bureau.number("petitions", "2021-03", as_of=AS_OF) == 3
    assert bureau.number("petitions", "2021-03-15 2021-03-15", as_of=AS_OF) == 1


def test_neighbouring_days_let_in(bureau: Bureau) -> None:
    """The day before and the day after do not belong to it."""
    bureau.bring("petitions", item(1, "2021-02-28"), item(2, "2021-03-01"), item(3, "2021-04-01"))
    assert bureau.number("petitions", "2021-03", as_of=AS_OF) == 1


def test_whole_months_shown_for_a_period_that_cuts_them(bureau: Bureau) -> None:
    """By month, a month cut by the period counts only the days asked for."""
    bureau.bring(
        "petitions",
        *[item(n, day) for n, day in enumerate(["2021-03-09", "2021-03-10", "2021-04-05", "2021-04-06"])],
    )
    by_month = bureau.table("petitions", "2021-03-10 2021-04-05", "month", as_of=AS_OF)
    assert by_month == {"2021-03": 1, "2021-04": 1}


def test_quiet_month_missing_from_the_line(bureau: Bureau) -> None:
    """A month without items is a 0, not a gap that the line jumps over."""
    bureau.bring("petitions", item(1, "2020-11-05"), item(2, "2021-02-05"))
    by_month = bureau.table("petitions", "2020-11-01 2021-02-28", "month", as_of=AS_OF)
    assert by_month == {"2020-11": 1, "2020-12": 0, "2021-01": 0, "2021-02": 1}


def test_month_after_the_data_shown_as_zero(bureau: Bureau) -> None:
    """After the last covered day nothing is known: no zero, neither as a month nor as a total."""
    bureau.bring("petitions", item(1, "2021-02-05"), item(2, "2021-03-20"))
    assert list(bureau.table("petitions", "2021-02-01 2021-06-30", "month")) == ["2021-02", "2021-03"]
    assert bureau.number("petitions", "2021-05") is None
    assert bureau.number("open", "2021-05") is None


def test_as_of_before_the_period_counts_backwards(bureau: Bureau) -> None:
    """A period that has not begun has no value; it neither raises nor counts the days in between."""
    bureau.bring("petitions", item(1, "2021-02-05"), item(2, "2021-03-20"))
    result = bureau.ask("petitions open repeat_rate", "2021-03", as_of=date(2021, 2, 10))
    assert [result.value(name) for name in ("petitions", "open", "repeat_rate")] == [None, None, None]


def test_day_shifted_by_utc(bureau: Bureau) -> None:
    """A time with an offset belongs to its day in Beijing, a time without one to the day it names."""
    bureau.bring_file(
        "petitions",
        item(1, "2021-02-28T16:30:00Z"),
        item(2, "2021-03-01T00:10:00+08:00"),
        item(3, "2021-03-01 00:00:00"),
        item(4, "2021-03-31 23:59:59"),
        item(5, "2021-03-31T16:00:00Z"),
    )
    assert bureau.number("petitions", "2021-03", as_of=AS_OF) == 4
    assert bureau.number("petitions", "2021-04-01 2021-04-01", as_of=AS_OF) == 1


def test_time_in_a_workbook_moves_to_the_next_day(bureau: Bureau) -> None:
    """A date cell with a time is the day it shows, up to the last second."""
    bureau.bring_file(
        "petitions",
        item(1, datetime(2021, 3, 31, 23, 59, 59)),
        item(2, datetime(2021, 3, 1)),
        item(3, datetime(2021, 2, 28, 23, 59, 59)),
        name="导出.xlsx",
    )
    assert bureau.number("petitions", "2021-03", as_of=AS_OF) == 2


def test_leap_day_lost(bureau: Bureau) -> None:
    """29 February belongs to February and to the year."""
    bureau.bring("petitions", item(1, "2020-02-28"), item(2, "2020-02-29"), item(3, "2020-03-01"))
    assert bureau.number("petitions", "2020-02", as_of=AS_OF) == 2
    assert bureau.table("petitions", "2020-02-01 2020-03-31", "month", as_of=AS_OF) == {
        "2020-02": 2,
        "2020-03": 1,
    }


def test_deadline_across_a_leap_day_off_by_one(bureau: Bureau) -> None:
    """60 days from 1 January 2020 end on 1 March, in 2021 on 2 March."""
    bureau.bring(
        "petitions",
        item(1, "2020-01-01", accepted_on="2020-01-01"),
        item(2, "2021-01-01", accepted_on="2021-01-01"),
    )
    assert bureau.number("overdue", "2020-03-01 2020-03-01", as_of=AS_OF) == 0
    assert bureau.number("overdue", "2020-03-02 2020-03-02", as_of=AS_OF) == 1
    assert bureau.number("overdue", "2021-03-02 2021-03-02", as_of=AS_OF) == 1
    assert bureau.number("overdue", "2021-03-03 2021-03-03", as_of=AS_OF) == 2


def test_item_closed_in_a_later_year_lost(bureau: Bureau) -> None:
    """Rows are filed by the year of registration, yet counted by whichever date the metric has."""
    bureau.bring("petitions", item(1, "2020-12-20", closed_on="2021-01-05"))
    assert bureau.number("closed", "2021-01", as_of=AS_OF) == 1
    assert bureau.number("closed", "2020-12", as_of=AS_OF) == 0


def test_deadline_counted_in_the_month_of_registration(bureau: Bureau) -> None:
    """A rate with a deadline belongs to the month of the deadline."""
    bureau.bring("petitions", item(1, "2021-03-20", is_repeat=False, accepted_on="2021-03-25"))
    assert bureau.number("timely_acceptance_rate", "2021-03", as_of=AS_OF) is None
    assert bureau.number("timely_acceptance_rate", "2021-04", as_of=AS_OF) == 1.0


def test_deadline_judged_before_it_falls(bureau: Bureau) -> None:
    """An item not yet accepted is no failure while its deadline is still to come."""
    bureau.bring(
        "petitions",
        item(1, "2021-03-01", is_repeat=False, accepted_on="2021-03-05"),
        item(2, "2021-03-12", is_repeat=False),
    )
    assert bureau.number("timely_acceptance_rate", "2021-03", as_of=date(2021, 3, 26)) == 1.0
    assert bureau.number("timely_acceptance_rate", "2021-03", as_of=date(2021, 3, 27)) == 0.5


def test_due_date_taken_for_the_end_of_the_data(bureau: Bureau) -> None:
    """Coverage ends with the last event, never with a deadline that lies ahead."""
    bureau.bring("petitions", item(1, "2021-03-20", due_on="2021-08-01"))
    coverage = bureau.engine.coverage("petitions")
    assert coverage is not None
    assert coverage.last == date(2021, 3, 20)


def test_newer_dataset_dated_ahead_of_an_older_one(bureau: Bureau) -> None:
    """Asked together, two datasets end where the less recent one ends, and it is named."""
    bureau.bring("petitions", item(1, "2021-03-20"))
    bureau.bring("backlog", case(1, "2021-02-10"))
    result = bureau.ask("petitions backlog_assigned", "2021-03")
    assert result.query.as_of == date(2021, 2, 10)
    assert result.value("petitions") is None
    assert result.lagging == {"backlog": date(2021, 2, 10)}


def test_no_period_leaves_out_the_first_or_the_last_day(bureau: Bureau) -> None:
    """Without a period every covered day counts."""
    bureau.bring("petitions", item(1, "2019-01-01"), item(2, "2021-03-20"))
    assert bureau.number("petitions") == 2


@pytest.mark.parametrize(
    "written", ["2021-1-5", "2021/01/05", "2021年1月5日", "20210105", "2021-01-05 08:30"]
)
def test_day_and_month_swapped(bureau: Bureau, written: str) -> None:
    """Every accepted way to write 5 January means 5 January, never 1 May."""
    bureau.bring_file("petitions", item(1, written))
    assert bureau.number("petitions", "2021-01-05 2021-01-05", as_of=AS_OF) == 1


def test_weekend_or_holiday_counted_as_a_working_day(bureau: Bureau) -> None:
    """Five working days from 5 February 2021 end on the 18th: one Sunday worked, seven days off."""
    bureau.bring("petitions", item(1, "2021-02-01", transferred_on="2021-02-05"))
    (row,) = bureau.store.read("petitions").to_pylist()
    assert row["objection_due_on"] == date(2021, 2, 18)


def test_deadline_in_a_year_not_published_lost_or_taken_for_settled(bureau: Bureau) -> None:
    """The import goes through, the deadline is there, and it is known to be provisional."""
    last = date(LAST_PUBLISHED, 12, 30)
    outcome = bureau.bring("petitions", item(1, "2021-02-01", transferred_on=last))
    assert not outcome.rejected
    (row,) = bureau.store.read("petitions").to_pylist()
    assert date(LAST_PUBLISHED + 1, 1, 4) <= row["objection_due_on"] <= date(LAST_PUBLISHED + 1, 1, 12)
    assert bureau.site.calendar.is_provisional(row["objection_due_on"])
    assert not bureau.site.calendar.is_provisional(date(2021, 2, 18))


@pytest.mark.parametrize("column", PETITIONS.not_before)
def test_step_before_the_registration_counted(bureau: Bureau, column: str) -> None:
    """Accepted, closed, objected to or reviewed before it was registered, the row is refused."""
    good = [item(n, "2021-03-01", **{column: "2021-03-01"}) for n in range(40)]
    outcome = bureau.bring("petitions", *good, item("x", "2021-03-02", **{column: "2021-03-01"}))
    assert [(r.column, r.rule) for r in outcome.rejected] == [(column, Rule.DATE_ORDER.text)]
    assert bureau.number("petitions", "2021-03", as_of=AS_OF) == 40


def test_review_not_yet_asked_for_already_answered(bureau: Bureau) -> None:
    """Asked for, answered, asked for again: each counts on its own day."""
    bureau.bring(
        "petitions",
        item(
            1,
            "2021-01-05",
            review_requested_on="2021-03-01",
            reviewed_on="2021-03-30",
            rereview_requested_on="2021-04-15",
            rereviewed_on="2021-05-20",
        ),
    )
    names = "review_requests reviewed rereview_requests rereviewed"
    found = {
        month: bureau.ask(names, month, as_of=AS_OF).rows()[0] for month in ("2021-03", "2021-04", "2021-05")
    }
    assert {month: list(row.values()) for month, row in found.items()} == {
        "2021-03": [1, 1, 0, 0],
        "2021-04": [0, 0, 1, 0],
        "2021-05": [0, 0, 0, 1],
    }


def test_due_on_the_last_day_there_is(bureau: Bureau) -> None:
    """Written for “no deadline”: it is open and never late."""
    end = date(9999, 12, 31)
    assert not bureau.bring("petitions", item(1, "2021-03-01", due_on=end)).rejected
    assert not bureau.bring("backlog", case(1, "2021-03-01", due_on=end)).rejected
    assert not bureau.bring("supervisions", order(1, "2021-03-01", due_on=end)).rejected
    for open_, late in (("open", "overdue"), ("backlog_remaining", "backlog_overdue")):
        assert bureau.number(open_, "2021-03", as_of=AS_OF) == 1
        assert bureau.number(late, "2021-03", as_of=AS_OF) == 0
    by_month = bureau.table("open", "2021-03-01 9999-12-31", "month", as_of=date(2021, 4, 30))
    assert by_month == {"2021-03": 1, "2021-04": 1}
    assert [p.last for p in Period(date(9999, 11, 30), end).by_month()] == [date(9999, 11, 30), end]

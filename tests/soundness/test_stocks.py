"""Wrong numbers that come from stocks: what is open, late, remaining at the end of a day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from tests.bureau import SITE, Bureau, case, item, order, period, screening

AS_OF = date(2021, 12, 31)


def day(text: str) -> str:
    """A period of one day."""
    return f"{text} {text}"


def test_stock_summed_from_the_first_day_asked(bureau: Bureau) -> None:
    """What was opened before the period is still open in it."""
    bureau.bring("petitions", item(1, "2019-05-01"), item(2, "2021-03-05"))
    assert bureau.number("open", "2021-03", as_of=AS_OF) == 2
    assert bureau.table("open", "2021-03", "month", as_of=AS_OF) == {"2021-03": 2}


def test_member_with_stock_but_no_movement_lost(bureau: Bureau) -> None:
    """A township where nothing moved this month keeps its old open items."""
    bureau.bring(
        "petitions", item(1, "2020-05-01", township="宁中镇"), item(2, "2021-03-05", township="新陂镇")
    )
    assert bureau.table("open", "2021-03", "township", as_of=AS_OF) == {"宁中镇": 1, "新陂镇": 1}


def test_stock_drops_to_zero_in_a_quiet_month(bureau: Bureau) -> None:
    """The stock of a month is that of its last day, carried over months without movement."""
    bureau.bring("petitions", item(1, "2020-12-05"), item(2, "2021-01-10", closed_on="2021-04-02"))
    by_month = bureau.table("open", "2021-01-01 2021-05-31", "month", as_of=AS_OF)
    assert by_month == {"2021-01": 2, "2021-02": 2, "2021-03": 2, "2021-04": 1, "2021-05": 1}


def test_stock_of_two_dimensions_not_carried(bureau: Bureau) -> None:
    """By month and township each township carries its own stock."""
    bureau.bring(
        "petitions",
        item(1, "2020-12-05", township="宁中镇"),
        item(2, "2021-02-10", township="新陂镇"),
    )
    result = bureau.ask("open", "2021-01-01 2021-02-28", "month township", as_of=AS_OF)
    assert {key: result.value("open", key) for key in result.keys} == {
        ("2021-01", "宁中镇"): 1,
        ("2021-01", "新陂镇"): 0,
        ("2021-02", "宁中镇"): 1,
        ("2021-02", "新陂镇"): 1,
    }


def test_stock_taken_at_the_month_end_instead_of_the_last_day(bureau: Bureau) -> None:
    """The last month's stock is that of the day asked, or of the last day with data."""
    bureau.bring("petitions", item(1, "2021-03-05", closed_on="2021-03-20"), item(2, "2021-03-25"))
    assert bureau.table("open", "2021-03-01 2021-03-10", "month", as_of=AS_OF) == {"2021-03": 1}
    assert bureau.table("open", "2021-03", "month", as_of=date(2021, 3, 21)) == {"2021-03": 0}


def test_item_closed_on_its_first_day_open(bureau: Bureau) -> None:
    """Registered and closed the same day, it was not open at the end of that day."""
    bureau.bring("petitions", item(1, "2021-03-05", closed_on="2021-03-05"))
    assert bureau.number("open", day("2021-03-05"), as_of=AS_OF) == 0


def test_item_closed_later_not_open_then(bureau: Bureau) -> None:
    """A closing that came later does not change what was open on the day."""
    bureau.bring("petitions", item(1, "2021-03-05", closed_on="2021-06-01"))
    assert bureau.number("open", day("2021-05-31"), as_of=AS_OF) == 1
    assert bureau.number("open", day("2021-06-01"), as_of=AS_OF) == 0


def test_item_overdue_on_the_day_it_falls_due(bureau: Bureau) -> None:
    """It is late from the day after its deadline, until it is closed."""
    bureau.bring("petitions", item(1, "2021-03-01", due_on="2021-03-10", closed_on="2021-03-20"))
    found = {d: bureau.number("overdue", day(f"2021-03-{d:02}"), as_of=AS_OF) for d in (10, 11, 19, 20)}
    assert found == {10: 0, 11: 1, 19: 1, 20: 0}


def test_item_closed_in_time_taken_from_the_overdue(bureau: Bureau) -> None:
    """What was closed within its deadline never counts, neither as late nor against the late ones."""
    late = item(1, "2021-03-01", due_on="2021-03-10")
    in_time = [
        item(n, "2021-03-01", due_on="2021-03-10", closed_on=f"2021-03-{d:02}") for n, d in ((2, 9), (3, 10))
    ]
    bureau.bring("petitions", late, *in_time)
    assert bureau.number("overdue", day("2021-03-15"), as_of=AS_OF) == 1


def test_item_due_before_it_was_registered_never_overdue(bureau: Bureau) -> None:
    """A deadline in the past makes it late from its first day, and never due soon."""
    bureau.bring("petitions", item(1, "2021-03-10", due_on="2021-03-01"))
    assert bureau.number("overdue", day("2021-03-09"), as_of=AS_OF) == 0
    assert bureau.number("overdue", day("2021-03-10"), as_of=AS_OF) == 1
    assert bureau.number("due_soon", day("2021-03-10"), as_of=AS_OF) == 0


def test_week_before_the_deadline_off_by_one(bureau: Bureau) -> None:
    """Due soon from seven days before the deadline to the deadline itself; then it is overdue."""
    bureau.bring("petitions", item(1, "2021-03-01", due_on="2021-03-20"))
    found = {d: bureau.number("due_soon", day(f"2021-03-{d:02}"), as_of=AS_OF) for d in (12, 13, 20, 21)}
    assert found == {12: 0, 13: 1, 20: 1, 21: 0}


def test_closed_item_still_due_soon(bureau: Bureau) -> None:
    """Closed before, on the first day of, or during the week, it is due no more."""
    rows = [item(d, "2021-03-01", due_on="2021-03-20", closed_on=f"2021-03-{d:02}") for d in (5, 13, 16)]
    bureau.bring("petitions", *rows)
    found = {
        d: bureau.number("due_soon", day(f"2021-03-{d:02}"), as_of=AS_OF) for d in (12, 13, 15, 16, 20, 21)
    }
    assert found == {12: 0, 13: 1, 15: 1, 16: 0, 20: 0, 21: 0}


def test_item_closed_without_acceptance_unaccepted_for_ever(bureau: Bureau) -> None:
    """Acceptance is overdue from day 16 until the item is accepted or closed."""
    bureau.bring(
        "petitions",
        item(1, "2021-03-01", closed_on="2021-03-25"),
        item(2, "2021-03-01", accepted_on="2021-03-20"),
    )
    found = {
        d: bureau.number("acceptance_overdue", day(f"2021-03-{d:02}"), as_of=AS_OF)
        for d in (16, 17, 19, 20, 24, 25)
    }
    assert found == {16: 0, 17: 2, 19: 2, 20: 1, 24: 1, 25: 0}


def test_litigation_given_a_deadline_of_its_own(bureau: Bureau) -> None:
    """Sixty days run only in the petition procedure and outside lawsuits."""
    bureau.bring(
        "petitions",
        item(1, "2021-01-01", accepted_on="2021-01-01", route="诉讼"),
        item(2, "2021-01-01", accepted_on="2021-01-01", is_litigation=True),
        item(3, "2021-01-01", accepted_on="2021-01-01", route="信访程序"),
        item(4, "2021-01-01", accepted_on="2021-01-01", extension_days=30),
    )
    assert bureau.number("overdue", day("2021-03-03"), as_of=AS_OF) == 1
    assert bureau.number("overdue", day("2021-04-02"), as_of=AS_OF) == 2


def test_item_answered_directly_open_for_ever(bureau: Bureau) -> None:
    """直接回复 and 存 are closed by their reply; a transferred item is not."""
    rows = [
        item(n, "2021-03-01", handling=handling, replied_on="2021-03-05")
        for n, handling in enumerate(["直接回复", "存", "不予受理", "不再受理", "转送"])
    ]
    bureau.bring("petitions", *rows)
    assert bureau.number("open", day("2021-03-04"), as_of=AS_OF) == 5
    assert bureau.number("open", day("2021-03-05"), as_of=AS_OF) == 1


@pytest.mark.parametrize(("closed_by", "closed"), [("verified", 1), ("reported", 2)])
def test_case_closed_by_the_wrong_date(tmp_path: Path, closed_by: str, closed: int) -> None:
    """Whether a case is closed when reported or when verified is the site's setting."""
    bureau = Bureau(tmp_path / "store", replace(SITE, backlog_closed_by=closed_by))
    bureau.bring(
        "backlog",
        case(1, "2021-01-01", reported_on="2021-02-01", verified_on="2021-03-01"),
        case(2, "2021-01-01", reported_on="2021-02-01"),
        case(3, "2021-01-01"),
    )
    assert bureau.number("backlog_closed", "2021-04", as_of=AS_OF) == closed
    assert bureau.number("backlog_reported", "2021-04", as_of=AS_OF) == 2
    assert bureau.number("backlog_remaining", "2021-04", as_of=AS_OF) == 3 - closed


def test_returned_case_counted_as_closed(bureau: Bureau) -> None:
    """A case sent back on or after its closing is remaining; closed again after the return, it is closed."""
    bureau.bring(
        "backlog",
        case(1, "2021-01-01", reported_on="2021-02-01", verified_on="2021-02-10", returned_on="2021-02-10"),
        case(2, "2021-01-01", reported_on="2021-02-01", verified_on="2021-02-10", returned_on="2021-02-20"),
        case(3, "2021-01-01", reported_on="2021-02-01", verified_on="2021-02-10", returned_on="2021-02-05"),
    )
    assert bureau.number("backlog_closed", "2021-04", as_of=AS_OF) == 1
    assert bureau.number("backlog_remaining", "2021-04", as_of=AS_OF) == 2


def test_case_late_before_it_was_assigned(bureau: Bureau) -> None:
    """A case assigned after its time limit is late from its assignment."""
    bureau.bring(
        "backlog", case(1, "2021-03-10", due_on="2021-03-01"), case(2, "2021-03-10", due_on="2021-03-31")
    )
    found = {
        d: bureau.number("backlog_overdue", day(d), as_of=AS_OF)
        for d in ("2021-03-09", "2021-03-10", "2021-04-01")
    }
    assert found == {"2021-03-09": 0, "2021-03-10": 1, "2021-04-01": 2}


def test_closure_rate_of_the_period_instead_of_the_batch(bureau: Bureau) -> None:
    """The rate divides all closed so far by all assigned so far."""
    bureau.bring(
        "backlog",
        *[case(n, "2020-01-01", reported_on="2020-02-01", verified_on="2020-02-02") for n in range(3)],
        case("x", "2020-01-01"),
    )
    assert bureau.number("backlog_closure_rate", "2021-03", as_of=AS_OF) == 0.75
    assert bureau.number("backlog_closed_in_period", "2021-03", as_of=AS_OF) == 0


def test_order_without_a_time_limit_late(bureau: Bureau) -> None:
    """Outstanding until the feedback; late only where there was a time limit, from the day after it."""
    bureau.bring(
        "supervisions",
        order(1, "2021-03-01"),
        order(2, "2021-03-01", due_on="2021-03-10"),
        order(3, "2021-03-01", due_on="2021-03-10", feedback_on="2021-03-12"),
        order(4, "2021-03-01", due_on="2021-03-10", feedback_on="2021-03-10"),
    )
    late = {
        d: bureau.number("supervision_overdue", day(f"2021-03-{d:02}"), as_of=AS_OF) for d in (10, 11, 12)
    }
    outstanding = {
        d: bureau.number("supervision_outstanding", day(f"2021-03-{d:02}"), as_of=AS_OF) for d in (9, 10, 12)
    }
    assert late == {10: 0, 11: 2, 12: 1}
    assert outstanding == {9: 4, 10: 3, 12: 2}


def test_later_events_hidden_by_as_of(bureau: Bureau) -> None:
    """`as_of` ends the period; what was done later in time for a deadline that has fallen stays known."""
    bureau.bring(
        "petitions", item(1, "2021-03-01", is_repeat=False, due_on="2021-03-10", closed_on="2021-03-20")
    )
    assert bureau.number("on_time_closure_rate", "2021-03", as_of=date(2021, 3, 15)) == 0.0
    assert bureau.number("overdue", "2021-03", as_of=date(2021, 3, 15)) == 1
    assert bureau.number("overdue", "2021-03", as_of=date(2021, 3, 25)) == 0


def test_dispute_open_only_in_the_month_it_was_found(bureau: Bureau) -> None:
    """What was found and not resolved stays until the round says that it was."""
    bureau.bring(
        "screenings",
        screening(1, "2020-12-03", found=5, resolved=2),
        screening(2, "2021-02-03", found=1, resolved=1),
        screening(3, "2021-03-03", found=2),
    )
    by_month = bureau.table("disputes_outstanding", "2021-01-01 2021-03-31", "month", as_of=AS_OF)
    assert by_month == {"2021-01": 3, "2021-02": 3, "2021-03": 5}


def test_open_disputes_without_the_rounds_behind_them(bureau: Bureau) -> None:
    """Found less resolved: the rounds with something left are its records, the settled ones are not."""
    bureau.bring(
        "screenings",
        screening(1, "2021-03-03", found=5, resolved=2),
        screening(2, "2021-03-04", found=1, resolved=1),
        screening(3, "2021-03-05"),
    )
    query = bureau.engine.query(["disputes_outstanding"], period=period("2021-03"), as_of=AS_OF)
    found = bureau.engine.records("disputes_outstanding", query.selection, dict(query.versions), 10)
    assert [row[0] for row in found.rows] == ["1"]

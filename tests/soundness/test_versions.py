"""Wrong numbers that come from change: imports, updates, caches, earlier versions."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from analytics.engine import Engine
from analytics.model import Period
from tests.bureau import Bureau, case, item

AS_OF = date(2021, 12, 31)
MARCH = "2021-03"


def test_old_file_read_after_a_new_import(bureau: Bureau) -> None:
    """The next question after an import sees it, whatever was asked and cached before."""
    assert bureau.number("petitions", MARCH, as_of=AS_OF) == 0
    bureau.bring("petitions", item(1, "2021-03-01"))
    assert bureau.number("petitions", MARCH, as_of=AS_OF) == 1
    bureau.bring("petitions", item(2, "2021-03-01"))
    assert bureau.number("petitions", MARCH, as_of=AS_OF) == 2


def test_coverage_remembered_from_before_the_import(bureau: Bureau) -> None:
    """The default last day moves with the data."""
    bureau.bring("petitions", item(1, "2021-03-01"))
    assert bureau.number("petitions") == 1
    bureau.bring("petitions", item(2, "2021-03-09"))
    assert bureau.number("petitions") == 2


def test_declared_end_outlives_its_import(bureau: Bureau) -> None:
    """Without a declaration of its own, a later import's events move the end of the data."""
    bureau.bring("petitions", item(1, "2021-03-01"), covers_to=date(2021, 3, 31))
    assert bureau.ask("petitions").query.as_of == date(2021, 3, 31)
    bureau.bring("petitions", item(2, "2021-04-09"))
    assert bureau.ask("petitions").query.as_of == date(2021, 4, 9)
    assert bureau.number("petitions") == 2


def test_correction_counted_as_a_second_item(bureau: Bureau) -> None:
    """The same key again replaces the row, also when its date moves to another year."""
    bureau.bring("petitions", item(1, "2020-12-31"), item(2, "2021-03-02"))
    bureau.bring("petitions", item(1, "2021-03-01"))
    assert bureau.number("petitions", MARCH, as_of=AS_OF) == 2
    assert bureau.number("petitions", "2019-01-01 2021-12-31", as_of=AS_OF) == 2


def test_same_file_twice_doubles_the_numbers(bureau: Bureau) -> None:
    """Importing again what is there changes nothing, not even the version."""
    rows = [item(n, "2021-03-01") for n in range(5)]
    bureau.bring("petitions", *rows)
    before = bureau.engine.versions()
    bureau.bring("petitions", *rows)
    assert bureau.number("petitions", MARCH, as_of=AS_OF) == 5
    assert bureau.engine.versions() == before


def test_update_blanks_columns_it_does_not_carry(bureau: Bureau) -> None:
    """An update with only the key and what changed leaves everything else as it was."""
    bureau.bring(
        "petitions", item(1, "2021-03-01", channel="visit", persons=8, township="宁中", is_repeat=True)
    )
    bureau.bring("petitions", {"petition_id": "1", "closed_on": "2021-03-20"})
    result = bureau.ask("group_visit_persons repeat_petitions closed", MARCH, "township", as_of=AS_OF)
    assert result.rows() == [
        {"township": "宁中镇", "group_visit_persons": 8, "repeat_petitions": 1, "closed": 1}
    ]


def test_derived_date_left_behind_by_an_update(bureau: Bureau) -> None:
    """A deadline that was worked out follows the acceptance; one that was given does not."""
    bureau.bring(
        "petitions",
        item(1, "2021-01-01"),
        item(2, "2021-01-01", accepted_on="2021-01-01", due_on="2021-01-20"),
    )
    bureau.bring("petitions", {"petition_id": "1", "accepted_on": "2021-01-05"})
    bureau.bring("petitions", {"petition_id": "2", "accepted_on": "2021-01-10"})
    assert bureau.number("overdue", "2021-01-21 2021-01-21", as_of=AS_OF) == 1
    assert bureau.number("overdue", "2021-03-06 2021-03-06", as_of=AS_OF) == 1
    assert bureau.number("overdue", "2021-03-07 2021-03-07", as_of=AS_OF) == 2
    bureau.bring("petitions", {"petition_id": "1", "accepted_on": "2021-01-12"})
    assert bureau.number("overdue", "2021-03-07 2021-03-07", as_of=AS_OF) == 1


def test_closing_outlives_its_reason(bureau: Bureau) -> None:
    """A closing that was worked out goes with its reason; one that was given goes when it is blanked."""
    bureau.bring(
        "petitions",
        item(1, "2021-03-01", handling="直接回复", replied_on="2021-03-05"),
        item(2, "2021-03-01", closed_on="2021-03-05"),
    )
    assert bureau.number("open", MARCH, as_of=AS_OF) == 0
    bureau.bring("petitions", {"petition_id": "1", "handling": "转送"})
    bureau.bring("petitions", {"petition_id": "2", "closed_on": None})
    assert bureau.number("open", MARCH, as_of=AS_OF) == 2


def test_new_column_leaves_old_rows_without_a_member(bureau: Bureau) -> None:
    """Rows stored before a column was first given count as 未填, in tables and filters."""
    bureau.bring("petitions", item(1, "2020-03-01"), item(2, "2021-03-01"))
    bureau.bring("petitions", item(3, "2021-03-02", purpose="求决"))
    assert bureau.table("petitions", "2020-01-01 2021-12-31", "purpose", as_of=AS_OF) == {
        "求决": 1,
        "未填": 2,
    }
    assert bureau.number("petitions", "2020-01-01 2021-12-31", where={"purpose": ["未填"]}, as_of=AS_OF) == 2


def test_withdrawn_item_counted_for_ever(bureau: Bureau) -> None:
    """A file said to be complete for March removes what it no longer has, of March only."""
    bureau.bring(
        "petitions",
        item(1, "2021-02-28"),
        item(2, "2021-03-01"),
        item(3, "2021-03-31"),
        item(4, "2021-04-01"),
    )
    bureau.bring_file("petitions", item(2, "2021-03-01"), replace=Period.month(MARCH))
    by_month = bureau.table("petitions", "2021-02-01 2021-04-30", "month", as_of=AS_OF)
    assert by_month == {"2021-02": 1, "2021-03": 1, "2021-04": 1}


def test_report_of_march_changed_by_april(bureau: Bureau) -> None:
    """An earlier version gives what was reported then, beside the present, in any order of asking."""
    bureau.bring("petitions", *[item(n, "2021-03-01", is_repeat=False) for n in range(4)])
    reported = bureau.engine.versions()
    bureau.bring("petitions", item(0, "2021-03-01", is_repeat=True), item(9, "2021-03-05", is_repeat=True))
    for _ in range(2):
        assert bureau.number("repeat_rate", MARCH, as_of=AS_OF, versions=reported) == 0.0
        assert bureau.number("petitions", MARCH, as_of=AS_OF, versions=reported) == 4
        assert bureau.number("repeat_rate", MARCH, as_of=AS_OF) == 0.4


def test_earlier_version_read_to_the_present_end(bureau: Bureau) -> None:
    """Asked again, an earlier version ends where its data ended; the other dataset stays the present one."""
    bureau.bring("petitions", item(1, "2021-03-05"))
    bureau.bring("backlog", case(1, "2021-03-06"))
    reported = {"petitions": bureau.engine.versions()["petitions"]}
    bureau.bring("petitions", item(2, "2021-04-05"))
    assert bureau.ask("petitions", versions=reported).query.as_of == date(2021, 3, 5)
    result = bureau.ask("petitions backlog_assigned", "2021-01-01 2021-12-31", versions=reported, as_of=AS_OF)
    assert result.rows() == [{"petitions": 1, "backlog_assigned": 1}]


def test_version_of_one_dataset_taken_for_another(bureau: Bureau) -> None:
    """Each dataset counts its own versions."""
    bureau.bring("petitions", item(1, "2021-03-01"))
    bureau.bring("petitions", item(2, "2021-03-01"))
    bureau.bring("backlog", case(1, "2021-03-01"))
    result = bureau.ask("petitions backlog_assigned", MARCH, as_of=AS_OF)
    assert result.rows() == [{"petitions": 2, "backlog_assigned": 1}]


def test_many_imports_lose_or_repeat_rows(bureau: Bureau) -> None:
    """Files are put together now and then; the sums stay."""
    for n in range(12):
        bureau.bring("petitions", item(n, "2021-03-01", persons=n + 1))
    assert bureau.number("petitions", MARCH, as_of=AS_OF) == 12
    assert bureau.number("persons", MARCH, as_of=AS_OF) == 78


def test_rows_read_from_files_differ_from_those_in_memory(
    bureau: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A dataset too large for memory gives the same numbers from its files."""
    bureau.bring("petitions", item(1, "2020-03-01", township="宁中"), item(2, "2021-03-01", persons=3))
    bureau.bring("petitions", item(3, "2021-03-02", township="宁中", is_repeat=True))
    asked = ("petitions persons open repeat_rate median_days", "2020-01-01 2021-12-31", "township")
    in_memory = bureau.ask(*asked, as_of=AS_OF).rows()
    monkeypatch.setattr("analytics.engine.IN_MEMORY_ROWS", 0)
    bureau.engine = Engine(bureau.store, bureau.site)
    assert bureau.ask(*asked, as_of=AS_OF).rows() == in_memory != []


def test_renamed_township_split_into_old_and_new(bureau: Bureau) -> None:
    """When the site learns another spelling, rows stored before are known by it after the next import."""
    bureau.bring("petitions", item(1, "2021-03-01", township="老宁中"))
    assert bureau.table("petitions", MARCH, "township", as_of=AS_OF) == {"未识别": 1}
    known = tuple(replace(t, aliases=("老宁中",)) if t.name == "宁中镇" else t for t in bureau.site.townships)
    bureau.site = replace(bureau.site, townships=known)
    bureau.bring("petitions", item(2, "2021-03-01", township="宁中镇"))
    assert bureau.table("petitions", MARCH, "township", as_of=AS_OF) == {"宁中镇": 2}

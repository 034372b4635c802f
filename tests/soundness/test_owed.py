"""Wrong numbers that come from what was owed: windows without a row, misread, judged too early, lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from analytics.answers import applicable
from analytics.app.desk import View
from analytics.model import Period, Scope, Selection
from tests.bureau import SITE, Bureau, item, period, reception, screening

VILLAGE = {"level": "village", "unit": "乙村", "township": "兴田街道"}


def at(tmp_path: Path, **settings: object) -> Bureau:
    """A bureau whose site says otherwise."""
    return Bureau(tmp_path / "store", replace(SITE, **settings))  # type: ignore[arg-type]


# --- screenings -----------------------------------------------------------------------------------


def test_missed_window_without_a_row(bureau: Bureau) -> None:
    """One round of one township, and it is seen that seven of the eight due were missed."""
    bureau.bring("screenings", screening(1, "2021-03-03"), covers_to=date(2021, 3, 31))
    of_townships = {"level": ["township"]}
    assert bureau.number("screening_compliance", "2021-03", where=of_townships) == 1 / 8
    assert bureau.number("screenings_missed", "2021-03", where=of_townships) == 7
    missed = bureau.table("screenings_missed", "2021-03", "township", where=of_townships)
    assert missed == {"兴田街道": 2, "宁中镇": 1, "新陂镇": 2, "坭陂镇": 2}


def test_unit_that_never_screened_absent_from_the_ranking(bureau: Bureau) -> None:
    """A unit with no row of its own stands there with nothing done, not missing."""
    bureau.bring("screenings", screening(1, "2021-03-03"), covers_to=date(2021, 3, 31))
    by_unit = bureau.table("screening_compliance", "2021-03", "unit", where={"level": ["department"]})
    assert by_unit == {"示例市教育局": 0.0, "示例市民政局": 0.0}


def test_two_rounds_in_one_window_counted_twice(bureau: Bureau) -> None:
    """A busy first half does not make up for the second."""
    bureau.bring(
        "screenings", *[screening(n, f"2021-03-0{n}") for n in (1, 2, 3)], covers_to=date(2021, 3, 31)
    )
    there = {"level": ["township"], "township": ["宁中镇"]}
    assert bureau.number("screening_compliance", "2021-03", where=there) == 0.5
    assert bureau.number("screenings", "2021-03") == 3


@pytest.mark.parametrize(
    ("held_on", "windows"),
    [
        ("2020-02-15", {"2020-02上": 1.0, "2020-02下": 0.0}),
        ("2020-02-16", {"2020-02上": 0.0, "2020-02下": 1.0}),
        ("2020-02-29", {"2020-02上": 0.0, "2020-02下": 1.0}),
        ("2021-02-28", {"2021-02上": 0.0, "2021-02下": 1.0}),
    ],
)
def test_half_of_february_cut_in_the_wrong_place(
    bureau: Bureau, held_on: str, windows: dict[str, float]
) -> None:
    """The second half is from the 16th to the month's last day, be it the 28th or the 29th."""
    bureau.bring("screenings", screening(1, held_on), covers_to=date(2021, 6, 30))
    there = {"level": ["township"], "township": ["宁中镇"]}
    assert bureau.table("screening_compliance", held_on[:7], "window", where=there) == windows


def test_week_across_new_year_cut_in_two_or_lost(bureau: Bureau) -> None:
    """1 January 2021 lies in the last week of 2020, which is due by Sunday 3 January, in January."""
    bureau.bring("screenings", screening(1, "2021-01-01", **VILLAGE), covers_to=date(2021, 1, 31))
    there = {"level": ["village"], "unit": ["乙村"]}
    assert bureau.table("screening_compliance", "2021-01", "window", where=there) == {
        "2020-W53": 1.0,
        **dict.fromkeys(("2021-W01", "2021-W02", "2021-W03", "2021-W04"), 0.0),
    }
    assert bureau.number("screening_compliance", "2020-12", where=there) == 0.0
    assert bureau.number("screenings_missed", "2020-12", where=there) == 4


def test_first_week_of_the_year_named_after_the_year_before(bureau: Bureau) -> None:
    """30 December 2019 begins the first week of 2020."""
    bureau.bring("screenings", screening(1, "2020-01-06", **VILLAGE), covers_to=date(2020, 1, 19))
    there = {"level": ["village"], "unit": ["乙村"]}
    windows = bureau.table("screening_compliance", "2020-01", "window", where=there)
    assert windows == {"2020-W02": 1.0, "2020-W03": 0.0}  # the first week began before the roster did


def test_round_of_one_level_counted_for_another(bureau: Bureau) -> None:
    """The township's round is neither its villages' nor the city's."""
    bureau.bring("screenings", screening(1, "2021-03-03"), covers_to=date(2021, 3, 31))
    by_level = bureau.table("screening_compliance", "2021-03", "level")
    assert by_level == {"city": 0.0, "township": 1 / 8, "department": 0.0, "village": 0.0}


def test_round_of_the_village_of_the_same_name(bureau: Bureau) -> None:
    """甲村 of 兴田街道 did it; 甲村 of 宁中镇 did not."""
    village = {"level": "village", "unit": "甲村"}
    bureau.bring(
        "screenings", screening(1, "2021-03-03", **village | {"township": "兴田"}), covers_to=date(2021, 3, 7)
    )
    week = {"window": ["2021-W09"], "unit": ["甲村"]}
    assert bureau.table("screening_compliance", "2021-03", "township", where=week) == {
        "兴田街道": 1.0,
        "宁中镇": 0.0,
    }


def test_unit_split_by_its_spellings(bureau: Bureau) -> None:
    """市教育局 is 示例市教育局: its round counts, and there is no second unit."""
    bureau.bring(
        "screenings",
        screening(1, "2021-03-03", level="department", unit="市教育局", township=None),
        covers_to=date(2021, 3, 15),
    )
    by_unit = bureau.table("screening_compliance", "2021-03", "unit", where={"level": ["department"]})
    assert by_unit == {"示例市教育局": 1.0, "示例市民政局": 0.0}


def test_round_without_a_level_counted_somewhere(bureau: Bureau) -> None:
    """Whose round it was is not guessed; what it found counts all the same."""
    bureau.bring("screenings", screening(1, "2021-03-03", level=None, found=4), covers_to=date(2021, 3, 31))
    assert bureau.number("screening_compliance", "2021-03") == 0.0
    assert bureau.number("disputes_found", "2021-03") == 4


def test_round_withdrawn_still_done(bureau: Bureau) -> None:
    """A row that a complete file no longer has leaves its window missed."""
    rows = [screening(1, "2021-03-03"), screening(2, "2021-03-20")]
    bureau.bring_file("screenings", *rows, covers_to=date(2021, 3, 31))
    there = {"level": ["township"], "township": ["宁中镇"]}
    assert bureau.number("screening_compliance", "2021-03", where=there) == 1.0
    march = Period(date(2021, 3, 1), date(2021, 3, 31))
    bureau.bring_file("screenings", rows[1], covers_to=date(2021, 3, 31), replace=march)
    assert bureau.number("screening_compliance", "2021-03", where=there) == 0.5


# --- how far the data reach ------------------------------------------------------------------------


def test_open_window_counted_as_missed(bureau: Bureau) -> None:
    """On the 20th nothing can be said of the second half, nor of the month."""
    bureau.bring("screenings", screening(1, "2021-03-03"), covers_to=date(2021, 3, 20))
    assert bureau.number("screening_compliance", "2021-03", where={"level": ["township"]}) == 1 / 4
    assert bureau.number("screening_compliance", "2021-03", where={"level": ["city"]}) is None
    assert bureau.number("screenings_missed", "2021-03", where={"level": ["city"]}) == 0


def test_window_that_ends_with_the_data_not_judged(bureau: Bureau) -> None:
    """Told up to and including the 15th, the first half is over."""
    there = {"level": ["township"], "township": ["新陂镇"]}
    bureau.bring("screenings", screening(1, "2021-03-03"), covers_to=date(2021, 3, 14))
    assert bureau.number("screening_compliance", "2021-03", where=there) is None
    bureau.bring("screenings", screening(1, "2021-03-03"), covers_to=date(2021, 3, 15))
    assert bureau.number("screening_compliance", "2021-03", where=there) == 0.0


def test_lagging_file_read_as_nothing_done(bureau: Bureau) -> None:
    """Receptions told to May make nobody late with the screenings that are told to March only."""
    bureau.bring("screenings", screening(1, "2021-03-03"), covers_to=date(2021, 3, 31))
    bureau.bring("receptions", reception(1, "2021-05-15"), covers_to=date(2021, 5, 31))
    assert bureau.number("screenings_missed", "2021-04-01 2021-05-31") is None
    assert bureau.number("screening_compliance", "2021-04-01 2021-05-31") is None
    assert bureau.number("reception_day_compliance", "2021-05") == 0.5


@pytest.mark.parametrize(
    ("brought", "told", "untold"),
    [
        ("receptions", ["reception_day_compliance", "visit_compliance"], ["screening_compliance"]),
        ("screenings", ["screening_compliance"], ["reception_day_compliance", "visit_compliance"]),
        ("petitions", [], ["reception_day_compliance", "visit_compliance", "screening_compliance"]),
    ],
)
def test_file_that_never_came_read_as_all_or_nothing_done(
    bureau: Bureau, brought: str, told: list[str], untold: list[str]
) -> None:
    """Without the file there is no rate: neither 0 % nor 100 %."""
    row = {"receptions": reception, "screenings": screening, "petitions": item}[brought](1, "2021-03-31")
    bureau.bring(brought, row)
    assert {name: bureau.number(name, "2021-03") for name in untold} == dict.fromkeys(untold)
    assert [name for name in told if bureau.number(name, "2021-03") is None] == []


def test_windows_before_the_first_record_counted_as_missed(tmp_path: Path) -> None:
    """Where the site names no first day, it is owed from the month of the first row."""
    bureau = at(tmp_path, receptions_since=None, screenings_since=None)
    bureau.bring("screenings", screening(1, "2021-03-20"), covers_to=date(2021, 3, 31))
    bureau.bring("receptions", reception(1, "2021-03-15"), covers_to=date(2021, 3, 31))
    assert bureau.number("screenings_missed", "2020-01-01 2021-02-28") == 0
    assert bureau.number("screening_compliance", "2020-01-01 2021-02-28") is None
    assert bureau.number("reception_day_compliance", "2020-01-01 2021-03-31") == 0.5


def test_month_of_the_beginning_taken_for_the_month_of_the_end(bureau: Bureau) -> None:
    """A week from 29 March to 4 April belongs to April."""
    bureau.bring("screenings", screening(1, "2021-03-30", **VILLAGE), covers_to=date(2021, 4, 4))
    there = {"level": ["village"], "unit": ["乙村"]}
    by_month = bureau.table("screening_compliance", "2021-03-01 2021-04-30", "month", where=there)
    assert by_month == {"2021-03": 0.0, "2021-04": 1.0}


# --- receptions -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "held"),
    [
        ({}, 0.5),
        ({"form": "约访"}, 0.5),
        ({"form": "随机接访", "official": "不在名单的市领导"}, 0.5),
        ({"form": "下访"}, 0.0),
        ({"official_level": "township"}, 0.0),
        ({"official_level": None}, 0.0),
        ({"held_on": "2021-03-14"}, 0.0),
        ({"held_on": "2021-03-16"}, 0.0),
    ],
)
def test_reception_day_held_by_what_is_none(bureau: Bureau, more: dict[str, str], held: float) -> None:
    """On the 15th a city leader receives, and not by being out; a township's leader does not stand in."""
    bureau.bring("receptions", reception(1, "2021-03-15") | more, covers_to=date(2021, 3, 31))
    assert bureau.number("reception_day_compliance", "2021-03") == held


def test_reception_day_in_a_holiday_held_on_the_day_after(tmp_path: Path) -> None:
    """15 February 2021 is in Spring Festival: moved it is due by the 18th, kept on the 15th itself."""
    for moved, held in ((True, 1.0), (False, 0.0)):
        bureau = at(tmp_path / str(moved), receptions_moved=moved)
        bureau.bring("receptions", reception(1, "2021-02-18"), covers_to=date(2021, 2, 28))
        there = {"reception_day": ["15日"]}
        assert bureau.number("reception_day_compliance", "2021-02", where=there) == held


@pytest.mark.parametrize(
    ("more", "visited"),
    [
        ({"form": "下访", "place": None}, 1),
        ({"form": "约访", "place": "新陂镇"}, 1),
        ({"form": "约访", "place": "示例市教育局"}, 1),
        ({"form": "约访"}, 0),
        ({"form": "约访", "place": "示例市民政局"}, 0),
        ({"form": "定点接访", "place": "新陂镇"}, 0),
        ({"form": "下访", "official_level": "township"}, 0),
        ({"form": "下访", "held_on": "2021-04-01"}, 0),
    ],
)
def test_visit_that_was_none(bureau: Bureau, more: dict[str, str], visited: int) -> None:
    """Out there: 下访 anywhere, 约访 in a township or at a unit this leader keeps contact with."""
    bureau.bring("receptions", reception(1, "2021-03-10") | more, covers_to=date(2021, 3, 31))
    march = bureau.table("visit_compliance", "2021-03", "official", where={"rule": ["visit"]})
    assert march == {"市领导一": visited, "市领导二": 0.0}


@pytest.mark.parametrize(
    ("leader", "first", "last"),
    [
        ("市领导一", "2020-01", "2021-03"),
        ("市领导二", "2020-02", "2021-03"),  # in office since 1 February 2020
        ("市领导三", "2020-01", "2021-01"),  # until 27 February 2021
    ],
)
def test_leader_of_another_month_called_late(bureau: Bureau, leader: str, first: str, last: str) -> None:
    """Only who was in office on all days of the month owes its visit."""
    bureau.bring("receptions", reception(1, "2021-03-15"), covers_to=date(2021, 3, 31))
    there = {"rule": ["visit"], "official": [leader]}
    by_month = bureau.table("visits_missed", "2020-01-01 2021-03-31", "month", where=there)
    late = [month for month, count in by_month.items() if count]
    assert (late[0], late[-1]) == (first, last)
    assert set(by_month.values()) <= {0, 1}


def test_rules_mixed_into_one_rate(bureau: Bureau) -> None:
    """Each rate has the duties of its own rule, together they are all that was owed."""
    bureau.bring("screenings", screening(1, "2021-03-03"), covers_to=date(2021, 3, 31))
    bureau.bring("receptions", reception(1, "2021-03-15"), covers_to=date(2021, 3, 31))
    result = bureau.ask("reception_day_compliance visit_compliance screening_compliance", "2021-03")
    owed = {name: result.cell(name).denominator for name in result.query.metrics}
    weeks, villages = 4, 4
    assert owed == {
        "reception_day_compliance": 2,
        "visit_compliance": 2,
        "screening_compliance": 1 + 4 * 2 + 2 * 2 + weeks * villages,
    }


# --- who looks ------------------------------------------------------------------------------------


def test_township_shown_the_duties_of_others(bureau: Bureau) -> None:
    """Its own and its villages' rounds; the city's and the leaders' are nobody's township."""
    bureau.bring("screenings", screening(1, "2021-03-03"), covers_to=date(2021, 3, 31))
    bureau.bring("receptions", reception(1, "2021-03-15"), covers_to=date(2021, 3, 31))
    seen = bureau.table("screenings_missed", "2021-03", "level", scope=Scope("宁中镇"))
    assert seen == {"township": 1, "village": 8}
    assert bureau.number("reception_day_compliance", "2021-03", scope=Scope("宁中镇")) is None


def test_roster_changed_and_what_was_owed_left_as_it_was(tmp_path: Path) -> None:
    """Whoever is put on the roster owed its rounds since the roster began; whoever is taken off owes none."""
    before = at(tmp_path, departments=SITE.departments[:1])
    before.bring("screenings", screening(1, "2021-03-03"), covers_to=date(2021, 3, 31))
    departments = {"level": ["department"]}
    assert before.table("screenings_missed", "2021-03", "unit", where=departments) == {"示例市教育局": 2}
    after = at(tmp_path, departments=SITE.departments[1:])
    after.bring("screenings", screening(1, "2021-03-03"), covers_to=date(2021, 3, 31))
    assert after.table("screenings_missed", "2021-03", "unit", where=departments) == {"示例市民政局": 2}
    assert after.number("screenings_missed", "2020-01", where=departments) == 0
    assert (
        after.number("screenings_missed", "2020-02", where=departments) == 1
    )  # on the roster since the 16th


def test_missed_rounds_of_months_that_no_file_covers(tmp_path: Path) -> None:
    """The receptions' file is months ahead of the screenings': nothing is known of their rounds since."""
    bureau = Bureau(tmp_path / "store")
    bureau.bring("receptions", reception(1, "2021-03-15"), covers_to=date(2021, 3, 31))
    bureau.bring("screenings", screening(1, "2021-01-04"), covers_to=date(2021, 1, 31))
    result = bureau.ask("screenings_missed", "2021-03")
    assert result.period.empty
    assert {name: c.last for name, c in result.coverage.items()} == {"screenings": date(2021, 1, 31)}
    assert not bureau.ask("visits_missed", "2021-03").period.empty


def test_missed_rounds_where_no_screening_was_ever_imported(tmp_path: Path) -> None:
    bureau = Bureau(tmp_path / "store")
    bureau.bring("receptions", reception(1, "2021-03-15"))
    view = View(bureau.engine, Selection(period("2021-03")))
    assert [d.name for d in view.lacking(("screenings_missed", "visits_missed"))] == ["screenings"]
    assert bureau.ask("screenings_missed", "2021-03").coverage == {}


def test_visit_by_another_word(bureau: Bureau) -> None:
    """带案下访 is a visit; a form that nobody knows is none, and whoever imports it is told."""
    who = {"official": SITE.officials[0].name}
    told = bureau.bring("receptions", reception(1, "2021-03-10", form="下乡走访", **who))
    assert [warning.column for warning in told.warnings] == ["form"]
    file = {
        "reception_id": "2",
        "held_on": "2021-03-11",
        "official_level": "市领导",
        "form": "带案下访",
    } | who
    bureau.bring_file("receptions", file, covers_to=date(2021, 3, 31))
    done = bureau.table("visit_compliance", "2021-03", "official")
    assert done[SITE.officials[0].name] == 1


def test_filter_by_township_on_what_no_township_owes() -> None:
    """Reception days and leaders' visits lie in no township: the filter is named, not answered."""
    one = Selection(period("2021-03")).keep("township", "宁中镇")
    for name in ("reception_day_compliance", "visit_compliance", "visits_missed"):
        assert applicable((name,), one) == (Selection(period("2021-03")), ("镇街",)), name
    assert applicable(("screening_compliance",), one) == (one, ())

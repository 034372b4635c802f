"""应做之事 against its definition, written anew day by day, and at each of its edges."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from bureau import Bureau
from exports import csv_file

from analytics.contract import DATASETS
from analytics.ingest import derive, import_files, import_rows, outdated, preview_files, rederive
from analytics.ingest.duties import Source, Units, duties, window_of, windows
from analytics.model import Period
from analytics.places import Township
from analytics.site import Official, Refusal, Site, Unit
from analytics.store import MANIFEST, Store
from analytics.workdays import Workdays

DAY = timedelta(days=1)
SITE = Site(
    bureau="示例信访局",
    county="示例县",
    townships=(
        Township("东岭镇", villages=("东一村", "东街社区", "同名村")),
        Township("西河乡", aliases=("西河管委会",), villages=("西一村", "同名村")),
        Township("宁中镇"),
    ),
    officials=(
        Official("县领导一", ("东岭镇", "示例县水务局")),
        Official("县领导二", since=date(2021, 3, 1), until=date(2021, 5, 20)),
    ),
    departments=(Unit("示例县水务局", ("县水务局",)), Unit("示例县民政局", until=date(2021, 4, 15))),
    receptions_since=date(2021, 1, 1),
    screenings_since=date(2021, 1, 1),
)

Row = dict[str, Any]


def reception(held_on: date, **more: Any) -> Row:
    """A city leader's reception at the bureau unless said otherwise."""
    usual = {"official": "县领导一", "official_level": "city", "form": "定点接访", "place": "县信访局"}
    return {"reception_id": f"r{held_on}{more}", "held_on": held_on} | usual | more


def screening(held_on: date, level: str, unit: str, township: str | None = None, **more: Any) -> Row:
    """One round."""
    row = {"screening_id": f"s{held_on}{level}{unit}{township}{more}", "held_on": held_on, "level": level}
    return row | {"unit": unit, "township": township} | more


def source(dataset: str, rows: Iterable[Row], declared: date | None = None, site: Site = SITE) -> Source:
    """The rows as they would be stored."""
    contract = DATASETS[dataset]
    frame = pd.DataFrame(list(rows), columns=[f.name for f in contract.inputs], dtype=object)
    return Source(derive(frame, contract, site), declared)


def built(
    receptions: Iterable[Row] | None = None,
    screenings: Iterable[Row] | None = None,
    site: Site = SITE,
    held: date | None = None,
    screened: date | None = None,
) -> list[Row]:
    """The duties; `held` and `screened` are the coverage declared for the two sources."""
    sources = {}
    if receptions is not None:
        sources["receptions"] = source("receptions", receptions, held, site)
    if screenings is not None:
        sources["screenings"] = source("screenings", screenings, screened, site)
    rows = duties(sources, site).to_dict("records")
    return [
        row
        | {name: row[name].date() for name in ("window_start", "window_end")}
        | {"done": bool(row["done"])}
        for row in rows
    ]


def of(rows: Iterable[Row], rule: str, **wanted: str) -> list[Row]:
    """Those of one rule (and level, unit, …), in time."""
    kept = [r for r in rows if r["rule"] == rule and all(r[name] == value for name, value in wanted.items())]
    return sorted(kept, key=lambda row: row["window_start"])


def done(rows: Iterable[Row], rule: str, **wanted: str) -> list[str]:
    """Their windows in which it was done."""
    return [row["window"] for row in of(rows, rule, **wanted) if row["done"]]


# --- the second opinion -----------------------------------------------------------------------------


def label(day: date, cadence: str) -> str:
    year, week, _ = day.isocalendar()
    half = "上" if day.day < 16 else "下"
    return {
        "month": f"{day:%Y-%m}",
        "half_month": f"{day:%Y-%m}{half}",
        "week": f"{year}-W{week:02}",
        "day": f"{day}",
    }[cadence]


def days_between(first: date, last: date) -> list[date]:
    return [first + n * DAY for n in range((last - first).days + 1)]


def expected(rows: dict[str, list[Row]], last: dict[str, date], site: Site) -> set[tuple[Any, ...]]:
    """Rule, level, unit or official, township, window, its days, done: by walking through the days."""
    found = set()
    whole = days_between(date(2020, 1, 1), date(2022, 12, 31))

    def add(
        name: str, since: date | None, cadence: str, who: tuple[str, ...], days: list[date], is_done: Any
    ):
        first = max(filter(None, (since, start[name])))
        judged = days[-1] <= last[name] or (days[0] <= last[name] and days[-1] > max(last.values()))
        if days[0] >= first and judged:
            found.add((*who, label(days[0], cadence), days[0], days[-1], any(map(is_done, rows[name]))))

    def groups(cadence: str) -> Iterable[list[date]]:
        by_label: dict[str, list[date]] = {}
        for day in whole:
            by_label.setdefault(label(day, cadence), []).append(day)
        return [days for days in by_label.values() if days[0] > whole[0] and days[-1] < whole[-1]]

    def earliest(name: str) -> date:
        return min(row["held_on"] for row in rows[name]).replace(day=1)

    start = {}
    if "receptions" in rows:
        start["receptions"] = site.receptions_since or earliest("receptions")
        for month in groups("month"):
            for day in {min(number, month[-1].day) for number in site.reception_days}:
                nominal = month[day - 1]
                end = nominal
                while site.receptions_moved and not site.calendar.is_workday(end):
                    end += DAY
                window = days_between(nominal, end)
                add(
                    *("receptions", None, "day", ("reception_day", "", "", ""), window),
                    lambda row, window=window: (
                        row["official_level"] == "city" and row["form"] != "下访" and row["held_on"] in window
                    ),
                )
            for official in site.officials:
                if official.until is None or month[-1] <= official.until:
                    add(
                        *("receptions", official.since, "month", ("visit", "", official.name, ""), month),
                        lambda row, official=official, month=month: (
                            row["official"] == official.name
                            and row["official_level"] == "city"
                            and row["held_on"] in month
                            and (
                                row["form"] == "下访"
                                or (
                                    row["form"] == "约访"
                                    and any(
                                        known in row["place"]
                                        for known in (*(t.name for t in site.townships), *official.contacts)
                                    )
                                )
                            )
                        ),
                    )
    if "screenings" in rows:
        start["screenings"] = site.screenings_since or earliest("screenings")
        owing = [("city", site.county, "", None, None)]
        owing += [("township", t.name, t.name, None, None) for t in site.townships]
        owing += [("department", d.name, "", d.since, d.until) for d in site.departments]
        owing += [("village", v, t.name, None, None) for t in site.townships for v in t.villages]
        for level, unit, township, since, until in owing:
            cadence = dict(site.cadences)[level]
            for days in groups(cadence):
                if until is None or days[-1] <= until:
                    add(
                        *("screenings", since, cadence, ("screening", level, unit, township), days),
                        lambda row, level=level, unit=unit, township=township, days=days: (
                            row["level"] == level
                            and row["held_on"] in days
                            and (level == "city" or row["unit"] == unit)
                            and (not township or row["township"] == township)
                        ),
                    )
    return found


def told(rows: Iterable[Row]) -> set[tuple[Any, ...]]:
    """The same of what was built."""
    who = ("level", "unit", "official", "township", "window")
    found = set()
    for row in rows:
        level, unit, official, township, window = ("" if row[n] == "未填" else row[n] for n in who)
        days = row["window_start"], row["window_end"]
        found.add((row["rule"], level, unit + official, township, window, *days, row["done"]))
    return found


@pytest.mark.parametrize("seed", range(12))
def test_the_definition_read_day_by_day_gives_the_same(seed: int) -> None:
    dice = random.Random(seed)
    site = replace(
        SITE,
        receptions_since=dice.choice([None, date(2021, 1, 1), date(2021, 2, 10)]),
        screenings_since=dice.choice([None, date(2021, 1, 4), date(2021, 2, 16)]),
        receptions_moved=dice.random() < 0.5,
        reception_days=dice.choice([(15, 28), (1, 31), (30, 31), (5,)]),
        cadences=tuple((level, dice.choice(["month", "half_month", "week"])) for level, _ in SITE.cadences),
    )
    days = days_between(date(2021, 1, 11), date(2021, dice.randint(5, 7), dice.randint(1, 28)))
    leaders = ["县领导一", "县领导二", "别处的领导"]
    forms = ["定点接访", "下访", "约访", "随机接访"]
    places = ["县信访局", "东岭镇政府", "西河乡", "示例县水务局", "未填"]
    receptions = [
        reception(
            dice.choice(days),
            official=dice.choice(leaders),
            official_level=dice.choice(["city", "city", "township"]),
            form=dice.choice(forms),
            place=dice.choice(places),
            reception_id=f"{n}",
        )
        for n in range(60)
    ]
    units = [("village", v, t.name) for t in SITE.townships for v in t.villages]
    units += [("township", t.name, t.name) for t in SITE.townships]
    units += [("department", "示例县水务局", "未填"), ("department", "示例县民政局", "未填")]
    units += [("city", "示例县", "未填")]
    screenings = [screening(dice.choice(days), *dice.choice(units), screening_id=f"{n}") for n in range(150)]
    lag = dice.choice([0, 0, 3, 20])
    given = {"receptions": receptions, "screenings": screenings}
    last = {name: max(row["held_on"] for row in rows) for name, rows in given.items()}
    last["screenings"] -= lag * DAY
    rows = built(receptions, screenings, site, screened=last["screenings"])
    assert told(rows) == expected(given, last, site)
    assert len({row["duty_id"] for row in rows}) == len(rows)


# --- windows ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "cadence", "first", "last", "name"),
    [
        ("2021-02-15", "half_month", "2021-02-01", "2021-02-15", "2021-02上"),
        ("2021-02-16", "half_month", "2021-02-16", "2021-02-28", "2021-02下"),
        ("2020-02-29", "half_month", "2020-02-16", "2020-02-29", "2020-02下"),
        ("2020-02-29", "month", "2020-02-01", "2020-02-29", "2020-02"),
        ("2021-01-03", "week", "2020-12-28", "2021-01-03", "2020-W53"),
        ("2021-01-04", "week", "2021-01-04", "2021-01-10", "2021-W01"),
        ("2018-12-31", "week", "2018-12-31", "2019-01-06", "2019-W01"),
        ("2021-11-14", "week", "2021-11-08", "2021-11-14", "2021-W45"),
    ],
)
def test_the_window_of_a_day(day: str, cadence: str, first: str, last: str, name: str) -> None:
    window = window_of(date.fromisoformat(day), cadence)
    assert window == (date.fromisoformat(first), date.fromisoformat(last), name)


@pytest.mark.parametrize("cadence", ["month", "half_month", "week"])
def test_windows_follow_one_another_without_gaps(cadence: str) -> None:
    found = list(windows(cadence, date(2019, 1, 1), date(2022, 1, 1)))
    assert all(one.window_end + DAY == next_.window_start for one, next_ in pairwise(found))
    assert found[0].window_start >= date(2019, 1, 1)
    assert found[-1].window_start <= date(2022, 1, 1)
    assert len({window.window for window in found}) == len(found)


def test_a_week_begun_before_the_roster_is_left_out() -> None:
    rows = built(None, [], replace(SITE, screenings_since=date(2021, 1, 1)), screened=date(2021, 1, 17))
    villages = of(rows, "screening", unit="东一村")
    assert [row["window"] for row in villages] == ["2021-W01", "2021-W02"]


def test_without_a_since_it_is_owed_from_the_month_of_the_first_row() -> None:
    site = replace(SITE, screenings_since=None)
    rows = built(None, [screening(date(2021, 3, 20), "city", "示例县")], site, screened=date(2021, 4, 30))
    assert [row["window"] for row in of(rows, "screening", level="city")] == ["2021-03", "2021-04"]
    assert of(rows, "screening", level="township")[0]["window"] == "2021-03上"
    assert of(rows, "screening", unit="东一村")[0]["window"] == "2021-W09", "1 March 2021 is a Monday"
    assert built(None, [], site, screened=date(2021, 4, 30)) == [], "no row, no month to begin with"


# --- which windows are listed -----------------------------------------------------------------------


def test_a_source_never_imported_owes_nothing() -> None:
    assert {row["rule"] for row in built([], None, held=date(2021, 1, 31))} == {"reception_day", "visit"}
    assert {row["rule"] for row in built(None, [], screened=date(2021, 1, 31))} == {"screening"}
    assert built(None, None) == []


@pytest.mark.parametrize(
    ("covered", "listed"),
    [
        ("2021-01-30", ["2021-01"]),
        ("2021-01-31", ["2021-01"]),
        ("2021-02-01", ["2021-01", "2021-02"]),
    ],
)
def test_the_window_open_at_the_end_is_listed(covered: str, listed: list[str]) -> None:
    rows = built(None, [], screened=date.fromisoformat(covered))
    assert [row["window"] for row in of(rows, "screening", level="city")] == listed


def test_an_open_window_of_a_lagging_source_is_not_yet_listed() -> None:
    def city(receptions_to: date) -> list[str]:
        rows = built([], [], held=receptions_to, screened=date(2021, 2, 10))
        return [row["window"] for row in of(rows, "screening", level="city")]

    assert city(date(2021, 2, 27)) == ["2021-01", "2021-02"]
    assert city(date(2021, 2, 28)) == ["2021-01"], "February would count as missed"


def test_the_latest_row_is_the_coverage_where_none_is_declared() -> None:
    rows = built([reception(date(2021, 1, 15))], None)
    assert [row["window"] for row in of(rows, "reception_day")] == ["2021-01-15"]
    rows = built([reception(date(2021, 1, 15))], None, held=date(2021, 1, 28))
    assert [row["done"] for row in of(rows, "reception_day")] == [True, False]


# --- reception days ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "held"),
    [
        ({}, True),
        ({"form": "约访"}, True),
        ({"form": "未填"}, True),
        ({"official": "未填"}, True),
        ({"form": "下访"}, False),
        ({"official_level": "township"}, False),
        ({"official_level": "未填"}, False),
        ({"held_on": date(2021, 1, 14)}, False),
    ],
)
def test_what_holds_a_reception_day(more: Row, held: bool) -> None:
    rows = built([reception(**{"held_on": date(2021, 1, 15)} | more)], None, held=date(2021, 1, 15))
    (row,) = of(rows, "reception_day")
    assert row["done"] == held
    assert (row["reception_day"], row["window"], row["duty_id"]) == (
        "15日",
        "2021-01-15",
        "reception_day|2021-01-15",
    )


def test_a_day_beyond_the_month_is_its_last_and_one_day_is_one_duty() -> None:
    site = replace(SITE, reception_days=(31, 28, 15, 15))
    rows = built([], None, site, held=date(2021, 3, 31))
    assert [(row["window"], row["reception_day"]) for row in of(rows, "reception_day")] == [
        *(("2021-01-15", "15日"), ("2021-01-28", "28日"), ("2021-01-31", "31日")),
        *(("2021-02-15", "15日"), ("2021-02-28", "28日")),
        *(("2021-03-15", "15日"), ("2021-03-28", "28日"), ("2021-03-31", "31日")),
    ]


@pytest.mark.parametrize(("day", "held"), [(14, False), (15, True), (16, True), (17, False)])
def test_a_day_off_moves_to_the_next_working_day(day: int, held: bool) -> None:
    site = replace(SITE, receptions_moved=True, receptions_since=date(2021, 8, 1))  # 15 August is a Sunday
    rows = built([reception(date(2021, 8, day))], None, site, held=date(2021, 8, 20))
    (row,) = of(rows, "reception_day")
    assert (row["window"], row["window_start"], row["window_end"]) == (
        "2021-08-15",
        date(2021, 8, 15),
        date(2021, 8, 16),
    )
    assert row["done"] == held


def test_the_site_s_own_holiday_moves_it_further() -> None:
    calendar = Workdays(holidays=frozenset([date(2021, 8, 16)]))
    site = replace(SITE, receptions_moved=True, receptions_since=date(2021, 8, 1), calendar=calendar)
    (row,) = of(built([], None, site, held=date(2021, 8, 15)), "reception_day")
    assert row["window_end"] == date(2021, 8, 17), "still open on the 15th"
    assert of(
        built([], None, replace(site, receptions_moved=False), held=date(2021, 8, 15)), "reception_day"
    )[0]["window_end"] == date(2021, 8, 15)


# --- visits -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "visited"),
    [
        ({"form": "下访", "place": "未填"}, True),
        ({"form": "约访", "place": "东岭镇"}, True),
        ({"form": "约访", "place": "西河"}, True),
        ({"form": "约访", "place": "示例县西河乡"}, True),
        ({"form": "约访", "place": "西河管委会"}, True),
        ({"form": "约访", "place": "西河乡人民政府会议室"}, True),
        ({"form": "约访", "place": "示例县 水务局三楼"}, True),
        ({"form": "约访", "place": "县水务局"}, True),
        ({"form": "约访", "place": "示例县民政局"}, False),
        ({"form": "约访", "place": "兴宁中学"}, False),
        ({"form": "约访", "place": "未填"}, False),
        ({"form": "定点接访", "place": "东岭镇"}, False),
        ({"form": "下访", "official": "县 领导一"}, True),
        ({"form": "下访", "official": "县领导二、县领导一"}, True),
        ({"form": "下访", "official": "县领导十一"}, False),
        ({"form": "下访", "official_level": "township"}, False),
    ],
)
def test_what_is_a_visit(more: Row, visited: bool) -> None:
    rows = built([reception(date(2021, 1, 31), **more)], None, held=date(2021, 2, 1))
    assert done(rows, "visit", official="县领导一") == (["2021-01"] if visited else [])


def test_a_visit_to_another_s_contact_is_none() -> None:
    rows = built([reception(date(2021, 3, 5), official="县领导二", form="约访", place="示例县水务局")], None)
    assert done(rows, "visit") == []


def test_a_month_is_due_to_whom_is_in_office_on_all_its_days() -> None:
    def due(since: date | None, until: date | None) -> list[str]:
        site = replace(SITE, officials=(Official("县领导一", (), since, until),))
        return [row["window"] for row in of(built([], None, site, held=date(2021, 4, 30)), "visit")]

    assert due(None, None) == ["2021-01", "2021-02", "2021-03", "2021-04"]
    assert due(date(2021, 2, 1), date(2021, 3, 31)) == ["2021-02", "2021-03"]
    assert due(date(2021, 2, 2), date(2021, 3, 30)) == []
    assert due(date(2020, 2, 1), None)[0] == "2021-01", "not before the site's own since"


def test_two_terms_of_office_are_one_person() -> None:
    terms = (
        Official("县领导一", ("示例县水务局",), until=date(2021, 1, 31)),
        Official("县领导一", since=date(2021, 3, 1)),
    )
    visit = reception(date(2021, 3, 9), form="约访", place="示例县水务局")
    rows = built([visit], None, replace(SITE, officials=terms), held=date(2021, 3, 31))
    assert [(row["window"], row["done"]) for row in of(rows, "visit")] == [
        ("2021-01", False),
        ("2021-03", True),
    ]


# --- screenings -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("level", "unit", "township", "meant"),
    [
        ("city", "某办公室", None, "示例县"),
        ("township", "东岭镇", "东岭镇", "东岭镇"),
        ("township", "综治办", "东岭", "东岭镇"),
        ("township", "示例县东岭镇", None, "东岭镇"),
        ("township", "西河管委会", "外地镇", "西河乡"),
        ("township", "综治办", None, None),
        ("department", "示例县水务局", None, "示例县水务局"),
        ("department", "县 水务局", "东岭镇", "示例县水务局"),
        ("department", "水务局", None, None),
        ("village", "东一村", "东岭", "东一村"),
        ("village", "东一村村委会", "东岭镇", "东一村"),
        ("village", "东一村委会", "东岭镇", "东一村"),
        ("village", "东一村民委员会", "东岭镇", "东一村"),
        ("village", "东街社区居委会", "东岭镇", "东街社区"),
        ("village", "东街居民委员会", "东岭镇", "东街社区"),
        ("village", "东岭镇东一村", "东岭镇", "东一村"),
        ("village", "东岭镇 东一村", None, "东一村"),
        ("village", "示例县东岭镇东一村村委会", None, "东一村"),
        ("village", "东一村", None, "东一村"),
        ("village", "东一村", "西河乡", None),
        ("village", "东岭镇东一村", "西河乡", None),
        ("village", "同名村", None, None),
        ("village", "东一", "东岭镇", None),
        ("未填", "东一村", "东岭镇", None),
    ],
)
def test_which_unit_a_row_means(level: str, unit: str, township: str | None, meant: str | None) -> None:
    rows = built(None, [screening(date(2021, 1, 5), level, unit, township)], screened=date(2021, 1, 31))
    assert {row["unit"] for row in rows if row["done"]} == ({meant} if meant else set())


@pytest.mark.parametrize(("township", "meant"), [("东岭镇", "东岭镇"), ("西河", "西河乡")])
def test_villages_of_one_name_are_told_apart_by_their_township(township: str, meant: str) -> None:
    round_ = screening(date(2021, 1, 5), "village", "同名村", township)
    rows = built(None, [round_], screened=date(2021, 1, 10))
    (row,) = [row for row in of(rows, "screening", unit="同名村") if row["done"]]
    assert (row["township"], row["duty_id"]) == (meant, f"screening|village|{meant}|同名村|2021-01-04")


def test_villages_named_alike_in_one_township_stay_two() -> None:
    site = replace(SITE, townships=(Township("东岭镇", villages=("新陂社区", "新陂村")),))
    rows = built(None, [screening(date(2021, 1, 5), "village", "新陂村委会", "东岭镇")], site)
    assert {row["unit"] for row in rows if row["done"]} == {"新陂村"}


def test_two_rounds_in_one_window_are_one() -> None:
    rounds = [screening(date(2021, 1, day), "township", "东岭镇", "东岭镇") for day in (1, 15, 15)]
    rows = built(None, rounds, screened=date(2021, 1, 31))
    township = of(rows, "screening", level="township", unit="东岭镇")
    assert [(row["window"], row["done"]) for row in township] == [("2021-01上", True), ("2021-01下", False)]


def test_a_round_after_the_coverage_still_counts_in_its_open_window() -> None:
    rounds = [screening(date(2021, 1, 20), "township", "东岭镇", "东岭镇")]
    rows = built(None, rounds, screened=date(2021, 1, 18))
    assert done(rows, "screening", level="township", unit="东岭镇") == ["2021-01下"]


def test_a_department_owes_no_window_that_it_does_not_see_to_its_end() -> None:
    rows = built(None, [], screened=date(2021, 5, 31))
    assert of(rows, "screening", unit="示例县民政局")[-1]["window"] == "2021-04上"
    assert of(rows, "screening", unit="示例县水务局")[-1]["window"] == "2021-05下"


def test_units_that_the_roster_lacks_are_told_where_it_has_any_of_the_kind() -> None:
    rounds = [
        screening(date(2021, 1, 5), *unit)
        for unit in (
            ("department", "水务局"),
            ("village", "无此村"),
            ("village", "东一村"),
            ("township", "某镇"),
        )
    ]
    rows = source("screenings", rounds).rows
    assert Units(SITE).unknown(rows).tolist() == [True, True, False, False]
    assert not Units(replace(SITE, departments=(), townships=())).unknown(rows).any()


def test_a_roster_that_names_somebody_twice_owes_once() -> None:
    twice = (*SITE.officials, SITE.officials[0])
    site = replace(SITE, officials=twice, departments=SITE.departments * 2)
    assert built([], [], site, date(2021, 2, 28), date(2021, 2, 28)) == built(
        [], [], SITE, date(2021, 2, 28), date(2021, 2, 28)
    )


# --- at import --------------------------------------------------------------------------------------


@pytest.fixture
def bureau(tmp_path: Path) -> Bureau:
    return Bureau(tmp_path / "store", SITE)


def served(bureau: Bureau) -> dict[str, Row]:
    return {row["duty_id"]: row for row in bureau.store.read("duties").to_pylist()}


CITY = "screening|city|示例县|2021-01-01"


def test_an_import_brings_the_duties_with_it_at_one_instant(
    bureau: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    published: list[dict[str, int]] = []
    publish = Store.publish

    def noted(self: Store, versions: dict[str, int], *more: Any, **options: Any) -> None:
        published.append(versions)
        publish(self, versions, *more, **options)

    monkeypatch.setattr(Store, "publish", noted)
    bureau.bring("screenings", screening(date(2021, 1, 31), "city", "示例县"))
    assert [sorted(versions) for versions in published] == [["duties", "screenings"]]
    assert served(bureau)[CITY]["done"] is True
    assert bureau.number("screening_compliance", "2021-01", where={"level": ["city"]}) == 1
    assert [record.dataset for record in bureau.store.imports()] == ["screenings"]


def test_what_is_built_by_imports_is_what_the_definition_gives(bureau: Bureau) -> None:
    rows = [
        screening(date(2021, 1, 5), "village", "东一村", "东岭镇"),
        screening(date(2021, 1, 20), "township", "东岭镇", "东岭镇"),
        screening(date(2021, 2, 3), "city", "示例县"),
    ]
    for row in rows:
        bureau.bring("screenings", row)
    met = [reception(date(2021, 1, 15)), reception(date(2021, 2, 9), form="下访")]
    bureau.bring("receptions", *met)
    kept = [{k: v for k, v in row.items() if k != "year"} for row in served(bureau).values()]
    assert sorted(kept, key=str) == sorted(built(met, rows), key=str)
    assert bureau.store.declared_coverage("duties", bureau.store.versions()["duties"]) == date(2021, 2, 9)


def test_nothing_is_committed_where_nothing_differs(bureau: Bureau) -> None:
    rows = [screening(date(2021, 1, 31), "city", "示例县")]
    bureau.bring("screenings", *rows)
    before = bureau.store.versions()
    bureau.bring("screenings", *rows)
    assert bureau.store.versions() == before
    bureau.bring("screenings", rows[0] | {"found": 3})
    assert bureau.store.versions() == before | {"screenings": before["screenings"] + 1}
    bureau.bring("petitions", {"petition_id": "a", "registered_on": date(2021, 1, 5), "channel": "letter"})
    assert bureau.store.versions()["duties"] == before["duties"]


def test_declaring_a_later_coverage_alone_brings_the_duties_on(bureau: Bureau) -> None:
    rows = [screening(date(2021, 1, 31), "city", "示例县")]
    bureau.bring("screenings", *rows)
    assert [row["window"] for row in of(served(bureau).values(), "screening", level="city")] == ["2021-01"]
    report = bureau.bring("screenings", *rows, covers_to=date(2021, 3, 5))
    assert report.unchanged == 1
    assert bureau.engine.coverage("duties").last == date(2021, 3, 5)  # type: ignore[union-attr]
    assert bureau.number("screenings_missed", "2021-02", where={"level": ["city"]}) == 1
    assert bureau.engine.ask(["screenings_missed"]).query.as_of == date(2021, 3, 5)


def test_a_coverage_that_brings_no_new_window_is_still_noted(bureau: Bureau) -> None:
    row = screening(date(2021, 1, 31), "city", "示例县")
    for day in (date(2021, 2, 2), date(2021, 2, 3)):
        bureau.bring("screenings", row, covers_to=day)
        assert bureau.store.declared_coverage("duties", bureau.store.versions()["duties"]) == day
    assert bureau.store.read("duties", version=1).num_rows == len(served(bureau))


def test_a_round_withdrawn_is_a_duty_not_done(bureau: Bureau) -> None:
    rows = [screening(date(2021, 1, 20), "city", "示例县"), screening(date(2021, 2, 3), "city", "示例县")]
    bureau.bring_file("screenings", *rows)
    assert served(bureau)[CITY]["done"] is True
    other = screening(date(2021, 1, 20), "township", "东岭镇", "东岭镇")
    report = bureau.bring_file("screenings", other, replace=Period.month("2021-01"))
    assert len(report.removed) == 1
    assert served(bureau)[CITY]["done"] is False


def test_duties_that_are_no_longer_owed_go(bureau: Bureau) -> None:
    bureau.bring("screenings", screening(date(2021, 1, 31), "city", "示例县"), covers_to=date(2021, 3, 31))
    assert "screening|city|示例县|2021-03-01" in served(bureau)
    bureau.bring("screenings", screening(date(2021, 2, 1), "city", "示例县"))  # covers less, and says so
    assert "screening|city|示例县|2021-03-01" not in served(bureau)


def test_a_changed_roster_judges_anew(bureau: Bureau) -> None:
    bureau.bring("screenings", screening(date(2021, 1, 31), "department", "市场局"))
    before = bureau.store.versions()
    site = replace(SITE, departments=(Unit("示例县市场监管局", ("市场局",)),))
    assert outdated(bureau.store, SITE) == []
    assert outdated(bureau.store, site) == ["duties"]
    rederive(bureau.store, site)
    assert bureau.store.versions() == before | {"duties": before["duties"] + 1}
    assert outdated(bureau.store, site) == []
    rows = list(served(bureau).values())
    assert {row["unit"] for row in of(rows, "screening", level="department")} == {"示例县市场监管局"}
    assert done(rows, "screening", level="department") == ["2021-01下"]


def test_a_township_renamed_is_seen_in_the_same_instant(bureau: Bureau) -> None:
    bureau.bring("screenings", screening(date(2021, 1, 5), "township", "综治办", "南坪"))
    rows = list(served(bureau).values())
    assert done(rows, "screening", level="township") == []
    site = replace(SITE, townships=(Township("南坪镇"),))
    assert outdated(bureau.store, site) == ["screenings", "duties"]
    rederive(bureau.store, site)
    rows = list(served(bureau).values())
    assert done(rows, "screening", level="township", unit="南坪镇") == ["2021-01上"]


def test_a_store_from_before_there_were_duties_gets_them(bureau: Bureau) -> None:
    bureau.bring("screenings", screening(date(2021, 1, 31), "city", "示例县"), demo=True)
    manifest = bureau.store.path / MANIFEST
    forgotten = json.loads(manifest.read_text("utf-8"))
    del forgotten["versions"]["duties"]
    bureau.store.adopt(forgotten)
    assert "duties" not in bureau.store.versions()
    assert outdated(bureau.store, SITE) == ["duties"]
    rederive(bureau.store, SITE)
    assert served(bureau)[CITY]["done"] is True
    assert bureau.store.is_demo


@pytest.mark.parametrize("dies_at", ["duties", "publish"])
def test_a_crash_before_the_end_leaves_all_as_it_was(
    bureau: Bureau, monkeypatch: pytest.MonkeyPatch, dies_at: str
) -> None:
    bureau.bring("screenings", screening(date(2021, 1, 20), "township", "东岭镇", "东岭镇"))
    before, rows = bureau.store.versions(), served(bureau)

    class Crash(BaseException):
        pass

    commit = Store.commit

    def dying(self: Store, dataset: str, *rest: Any) -> int:
        if dataset == dies_at:
            raise Crash
        return commit(self, dataset, *rest)

    def dead(*_: Any, **__: Any) -> None:
        raise Crash

    city = screening(date(2021, 1, 31), "city", "示例县")
    with monkeypatch.context() as patch, pytest.raises(Crash):
        patch.setattr(Store, "commit", dying)
        if dies_at == "publish":
            patch.setattr(Store, "publish", dead)
        bureau.bring("screenings", city)
    assert (bureau.store.versions(), served(bureau)) == (before, rows)
    bureau.bring("screenings", city)
    assert served(bureau)[CITY]["done"] is True


def test_a_preview_tells_and_leaves_the_duties_alone(bureau: Bureau, tmp_path: Path) -> None:
    bureau.bring("screenings", screening(date(2021, 1, 20), "township", "东岭镇", "东岭镇"))
    before = bureau.store.versions(), served(bureau)
    row = screening(date(2021, 1, 31), "city", "示例县")
    file = csv_file(tmp_path / "排查.csv", list(row), [list(row.values())])
    other = replace(SITE, departments=())
    assert preview_files(bureau.store, other, [file], covers_to=date(2021, 2, 28)).inserted == 1
    assert (bureau.store.versions(), served(bureau)) == before


def test_the_derived_dataset_is_never_imported(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    for headers in (("编号", "职责", "窗口止日"), ("duty_id", "level", "window_end")):
        file = csv_file(tmp_path / "duties.csv", headers, [("a", "矛盾排查", "2021-01-31")])
        with pytest.raises(Refusal, match="应做之事，由领导接访、矛盾排查推算，不能导入"):
            import_files(store, SITE, [file])
        with pytest.raises(Refusal, match="不能导入"):
            import_files(store, SITE, [file], "duties")
    with pytest.raises(KeyError):
        import_rows(store, SITE, "duties", pd.DataFrame({"duty_id": ["a"]}))
    assert not store.versions()


def test_rows_that_no_duty_can_count_are_told(bureau: Bureau) -> None:
    report = bureau.bring(
        "screenings",
        screening(date(2021, 1, 5), "village", "无此村", "东岭镇", found=1, resolved=2),
        screening(date(2021, 1, 5), "未填", "东一村", "东岭镇", found=2, resolved=2),
    )
    assert [(w.row, w.column, w.value) for w in report.warnings] == [
        (2, "level", "未填"),
        (1, "unit", "无此村"),
        (1, "resolved", "2"),
    ]
    assert "site.toml" in str(report.warnings[1])
    report = bureau.bring(
        "receptions",
        reception(date(2021, 1, 5), official="县领导三", promised=0, resolved=1),
        reception(date(2021, 1, 5), official="镇领导", official_level="township"),
        reception(date(2021, 1, 5), official="未填", form="约访"),
    )
    assert [(w.row, w.column, w.value) for w in report.warnings] == [
        (1, "official", "县领导三"),
        (1, "resolved", "1"),
    ]
    assert "site.toml" in str(report.warnings[0])
    assert report.inserted == 3

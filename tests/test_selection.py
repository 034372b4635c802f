"""The periods and members that people choose from, the ones shown first, and the neighbours of a month."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from analytics.app.selection import (
    CUSTOM,
    default_period,
    has_data,
    main_coverage,
    members_of,
    neighbour,
    period_names,
    whole_coverage,
)
from analytics.model import Period
from analytics.result import Coverage
from tests import screens
from tests.bureau import Bureau, case, item, period


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


def test_the_days_to_choose_from_are_those_of_all_files_the_first_shown_those_of_petitions(
    tmp_path: Path,
) -> None:
    bureau = Bureau(tmp_path / "store")
    bureau.bring("backlog", case(1, "2020-05-06"))
    assert main_coverage(bureau.engine) == coverage("2020-05-06", "2020-05-06")
    bureau.bring("petitions", item(1, "2021-03-05"), item(2, "2021-03-09"))
    assert main_coverage(bureau.engine) == coverage("2021-03-05", "2021-03-09")
    assert whole_coverage(bureau.engine) == coverage("2020-05-06", "2021-03-09")


def test_a_level_offers_what_lies_below_the_one_above(tmp_path: Path) -> None:
    bureau = Bureau(tmp_path / "store")
    topics = (("甲类", "甲一", "甲一一"), ("甲类", "甲二", "甲二一"), ("乙类", "乙一", "乙一一"))
    bureau.bring(
        "petitions",
        *(
            item(n, "2021-03-05", category_1=one, category_2=two, category_3=three)
            for n, (one, two, three) in enumerate(topics)
        ),
    )
    engine = bureau.engine
    assert members_of(engine, "topic_1") == ["乙类", "甲类"]
    assert members_of(engine, "topic_2", {"topic_1": ("甲类",)}) == ["甲一", "甲二"]
    assert members_of(engine, "topic_2", {"topic_1": ()}) == []
    assert members_of(engine, "topic_3", {"topic_1": ("甲类",), "topic_2": ("甲二",)}) == ["甲二一"]


def test_without_the_level_above_a_level_no_longer_filters(
    demo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PETITION_DATA", str(demo))
    app = screens.opened()
    first, second, third = (app.sidebar.multiselect(key=f"topic_{level}") for level in (1, 2, 3))
    assert (first.disabled, second.disabled, third.disabled) == (False, True, True)
    first.set_value(["城乡建设"]).run()
    app.sidebar.multiselect(key="topic_2").set_value(["村镇建设"]).run()
    assert "内容一级=城乡建设，内容二级=村镇建设" in screens.said(app)
    app.sidebar.multiselect(key="topic_1").set_value([]).run()
    assert app.sidebar.multiselect(key="topic_2").value == []
    assert "筛选：" not in screens.said(app)

"""Wrong words about published numbers: corrections that are none, some that are missed, reasons not so."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from analytics.briefs.archive import archive
from analytics.briefs.brief import Brief
from analytics.briefs.published import MOST_SENTENCES, corrections, differences
from analytics.citing import Told, plain_text
from analytics.figures import TREND
from analytics.model import Measure, Period
from analytics.site import Unit
from tests.bureau import SITE, Bureau, item, screening
from tests.issued import brief_of

END = date(2021, 11, 30)
OCTOBER = "2021-10"


def bring(bureau: Bureau, *rows: dict[str, Any], **more: Any) -> None:
    bureau.bring("petitions", *rows, **{"covers_to": END} | more)


@pytest.fixture
def issued(bureau: Bureau) -> Bureau:
    """Twelve items of October by township, told in October's brief; archived."""
    places = ["宁中镇"] * 6 + ["新陂镇"] * 4 + ["坭陂镇"] * 2
    bring(bureau, *(item(n, "2021-10-05", township=place) for n, place in enumerate(places)))
    archive(bureau.engine, october(bureau), {})
    return bureau


def october(bureau: Bureau, **more: Any) -> Brief:
    return brief_of(bureau.engine, OCTOBER, "petitions", "letters", "visits", by=("township",), **more)


def november(bureau: Bureau) -> Brief:
    """Compares with October."""
    return brief_of(bureau.engine, "2021-11", "petitions", by=("township",), compare="previous")


def words(bureau: Bureau, brief: Brief) -> list[str]:
    return [plain_text(told) for told in corrections(bureau.engine, brief)]


# --- what is said ----------------------------------------------------------------------------------------


def test_late_rows_are_told_at_the_next_meeting(issued: Bureau) -> None:
    """October stands in November's brief only as what it is compared with."""
    bring(issued, *(item(f"late{n}", "2021-10-30", township="宁中镇") for n in range(2)))
    bring(issued, item("november", "2021-11-02"))
    assert words(issued, november(issued)) == [
        "2021年10月信访总量已通报12件，现为14件：迟报2件（其中宁中镇6件→8件）。"
    ]


def test_both_numbers_carry_the_query_that_gives_them(issued: Bureau) -> None:
    bring(issued, item("late", "2021-10-30", township="宁中镇"))
    told: Told = corrections(issued.engine, november(issued))[0]
    numbers = {"已通报12件": 12, "现为13件": 13, "宁中镇6件": 6, "→7件": 7}
    for piece in told:
        for text, number in numbers.items():
            if piece.text.endswith(text):
                assert piece.source is not None
                assert piece.source.query is not None
                assert issued.engine.answer(piece.source.query).value("petitions") == number
    assert sum(piece.source is not None for piece in told) == len(numbers)


def test_a_corrected_channel_changes_two_numbers(issued: Bureau) -> None:
    bring(issued, item(0, "2021-10-05", channel="visit", township="宁中镇"))
    assert words(issued, october(issued)) == [
        "2021年10月来信已通报12件，现为11件：更正1件（其中宁中镇6件→5件）。",
        "2021年10月来访批次已通报0批，现为1批：更正1件（其中宁中镇0批→1批）。",
    ]


def test_a_moved_item_leaves_the_whole_as_it_is(issued: Bureau) -> None:
    """Also where a township falls to nothing, or rises from it."""
    bring(issued, item(0, "2021-10-05", township="坭陂镇"))
    assert words(issued, brief_of(issued.engine, OCTOBER, "petitions", by=("township",))) == [
        "2021年10月坭陂镇信访总量已通报2件，现为3件（同期此指标共2处有变化）：更正1件。"
    ]
    bring(issued, *(item(n, "2021-10-05", township="兴田街道") for n in (10, 11)), item(0, "2021-10-05"))
    groups = {one.group: one.words for one in differences(issued.engine, october(issued)) if one.group}
    assert groups["坭陂镇"] == ("2件", "0件")
    assert groups["兴田街道"] == ("0件", "2件")


def test_removed_rows(issued: Bureau) -> None:
    left = [item(n, "2021-10-05", township="宁中镇" if n < 6 else "新陂镇") for n in range(10)]
    issued.bring_file("petitions", *left, replace=Period.month(OCTOBER), covers_to=END)
    assert words(issued, november(issued)) == [
        "2021年10月信访总量已通报12件，现为10件：移除2件（其中坭陂镇2件→0件）。"
    ]


def test_everything_at_once_is_counted_apart(issued: Bureau) -> None:
    """One came late, two were dated into another month."""
    bring(issued, item("late", "2021-10-09"), *(item(n, "2021-09-30") for n in (0, 1)))
    assert "：迟报1件，更正2件" in words(issued, november(issued))[0]


def test_a_rate_says_which_of_its_rows_changed(bureau: Bureau) -> None:
    bring(bureau, *(item(n, "2021-10-05", is_repeat=n < 3) for n in range(12)))
    archive(bureau.engine, brief_of(bureau.engine, OCTOBER, "repeat_rate"), {})
    bring(bureau, item(11, "2021-10-05", is_repeat=True), item("late", "2021-10-06", is_repeat=False))
    assert words(bureau, brief_of(bureau.engine, OCTOBER, "repeat_rate")) == [
        "2021年10月重复信访率已通报25.0%，现为30.8%：迟报1件，更正1件。"
    ]


def test_persons_changed_on_a_row_that_stays(bureau: Bureau) -> None:
    bring(bureau, *(item(n, "2021-10-05", channel="visit", persons=2) for n in range(6)))
    archive(bureau.engine, brief_of(bureau.engine, OCTOBER, "visit_persons", "visits"), {})
    bring(bureau, item(0, "2021-10-05", channel="visit", persons=9))
    assert words(bureau, brief_of(bureau.engine, OCTOBER, "visit_persons", "visits")) == [
        "2021年10月来访人次已通报12人次，现为19人次：更正1件。"
    ]


def test_a_stock_is_of_its_last_day(bureau: Bureau) -> None:
    bring(bureau, *(item(n, "2021-10-05") for n in range(4)))
    archive(bureau.engine, brief_of(bureau.engine, OCTOBER, "open"), {})
    bring(bureau, item(0, "2021-10-05", handling="转送", replied_on="2021-10-20", closed_on="2021-10-25"))
    assert words(bureau, brief_of(bureau.engine, "2021-11", "open", compare="previous")) == [
        "截至2021年10月31日在办已通报4件，现为3件：更正1件。"
    ]


# --- what is not said ------------------------------------------------------------------------------------


def test_nothing_archived_nothing_said(bureau: Bureau) -> None:
    bring(bureau, item(1, "2021-10-05"))
    assert corrections(bureau.engine, november(bureau)) == ()


def test_an_import_for_other_days_corrects_nothing(issued: Bureau) -> None:
    bring(issued, *(item(f"n{n}", "2021-11-02", township="宁中镇") for n in range(9)))
    assert words(issued, november(issued)) == words(issued, october(issued)) == []


def test_a_change_that_no_number_shows_corrects_nothing(issued: Bureau) -> None:
    bring(issued, item(0, "2021-10-05", township="宁中镇", village="甲村"))
    assert words(issued, november(issued)) == words(issued, october(issued)) == []


def test_a_part_of_the_month_is_another_number(bureau: Bureau) -> None:
    bring(bureau, item(1, "2021-10-05"), covers_to=date(2021, 10, 10))
    archive(bureau.engine, brief_of(bureau.engine, OCTOBER, "petitions"), {})
    bring(bureau, item(2, "2021-10-20"))
    assert words(bureau, brief_of(bureau.engine, OCTOBER, "petitions")) == []
    bring(bureau, item(3, "2021-10-06"), item(4, "2021-10-07"), covers_to=date(2021, 10, 10))
    (told,) = words(bureau, brief_of(bureau.engine, OCTOBER, "petitions"))
    assert told == "2021年10月1日—10月10日信访总量已通报1件，现为3件：迟报2件。"


def test_another_filter_is_another_number_and_a_group_of_it_the_same(issued: Bureau) -> None:
    bring(issued, item("late", "2021-10-30", township="宁中镇"))
    chosen = (("channel", ("visit",)),)
    assert words(issued, brief_of(issued.engine, OCTOBER, "petitions", members=chosen)) == []
    chosen = (("township", ("宁中镇",)),)
    assert words(issued, brief_of(issued.engine, OCTOBER, "petitions", members=chosen)) == [
        "2021年10月信访总量已通报6件，现为7件：迟报1件。"
    ]


def test_a_brief_made_again_says_the_same_after_it_was_archived(issued: Bureau) -> None:
    """It is not compared with itself, nor with one of later data."""
    bring(issued, item("late", "2021-10-30", township="宁中镇"))
    brief = november(issued)
    said = corrections(issued.engine, brief)
    archive(issued.engine, replace(brief, corrections=said), {})
    assert corrections(issued.engine, november(issued)) == said != ()
    frozen = issued.engine.frozen({"petitions": 1, "links": 1})
    assert corrections(frozen, brief_of(frozen, "2021-11", "petitions", compare="previous")) == ()


def test_what_was_corrected_once_is_not_told_again(issued: Bureau) -> None:
    """The newest published number counts, also where it was only compared with."""
    bring(issued, item("late", "2021-10-30", township="宁中镇"))
    first = november(issued)
    archive(issued.engine, replace(first, corrections=corrections(issued.engine, first)), {})
    bring(issued, item("november", "2021-11-20"))
    assert [told for told in words(issued, november(issued)) if "10月" in told] == []
    bring(issued, item("later", "2021-10-31", township="宁中镇"))
    assert [told for told in words(issued, november(issued)) if "10月" in told] == [
        "2021年10月信访总量已通报13件，现为14件：迟报1件（其中宁中镇7件→8件）。"
    ]


# --- why, where rows do not say it -----------------------------------------------------------------------


def test_another_definition_is_no_correction_of_rows(issued: Bureau, monkeypatch: pytest.MonkeyPatch) -> None:
    from analytics.catalogue import METRICS

    wider = replace(METRICS["visits"], numerator=+Measure("petitions", "registered_on"))
    monkeypatch.setitem(METRICS, "visits", wider)
    bring(issued, item("november", "2021-11-02"))
    issued.engine.forget()
    told = corrections(issued.engine, brief_of(issued.engine, OCTOBER, "visits"))
    assert [plain_text(one) for one in told] == ["2021年10月来访批次已通报0批，现为12批：指标口径已调整。"]
    assert told[0][0].source is None, "no query gives the published number any more"


def test_a_version_that_cannot_be_opened(issued: Bureau) -> None:
    files = set(issued.store.files("petitions", 1))
    bring(issued, item(0, "2021-10-06", township="宁中镇"), item("late", "2021-10-30"))
    for file in files - set(issued.store.files("petitions", 2)):
        Path(file).unlink()
    fresh = Bureau(issued.store.path)
    assert words(fresh, november(fresh)) == [
        "2021年10月信访总量已通报12件，现为13件：原数据版本已不可查（其中未填0件→1件）。"
    ]


def test_a_changed_roster_is_told_as_one(bureau: Bureau) -> None:
    rows = [screening(n, f"2021-10-0{n}", level="department", unit="示例市教育局") for n in (1, 2)]
    bureau.bring("screenings", *rows, covers_to=END)
    archive(bureau.engine, brief_of(bureau.engine, OCTOBER, "screenings_missed"), {})
    more = replace(SITE, departments=(*SITE.departments, Unit("示例市水务局")))
    other = Bureau(bureau.store.path, more)
    other.bring("screenings", screening(9, "2021-11-02"), covers_to=END)
    (told,) = words(other, brief_of(other.engine, OCTOBER, "screenings_missed"))
    assert "口径或名册调整，涉及2项" in told


def test_what_follows_from_late_rows_says_from_which(bureau: Bureau) -> None:
    bureau.bring("screenings", screening(1, "2021-10-03"), covers_to=END)
    archive(bureau.engine, brief_of(bureau.engine, OCTOBER, "screenings_missed"), {})
    bureau.bring("screenings", screening(2, "2021-10-20"), covers_to=END)
    (told,) = words(bureau, brief_of(bureau.engine, OCTOBER, "screenings_missed"))
    assert told.endswith("：按更新后的矛盾排查数据重算，涉及1项。")


# --- how much --------------------------------------------------------------------------------------------


def test_a_large_late_import_prints_few_sentences(bureau: Bureau) -> None:
    days = [f"{year}-{month:02}-05" for year in (2020, 2021) for month in range(1, 11)]
    bring(bureau, *(item(day, day) for day in days))
    archive(bureau.engine, brief_of(bureau.engine, OCTOBER, "petitions", figures=[TREND]), {})
    bring(bureau, *(item(f"late {day}", day) for day in days))
    brief = brief_of(bureau.engine, OCTOBER, "petitions", figures=[TREND])
    said = words(bureau, brief)
    assert len(said) == MOST_SENTENCES + 1
    assert said[0].startswith("2021年10月信访总量已通报1件，现为2件：迟报1件")
    assert said[-1] == f"另有{len(days) - MOST_SENTENCES}项已通报的数字有变化，未逐项列出。"
    assert len(differences(bureau.engine, brief)) == len(days)

"""已通报X、现为Y: said where a published number is another now, with the rows that say why, else not."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from analytics.briefs import published
from analytics.briefs.archive import archive, archived
from analytics.briefs.compose import brief
from analytics.briefs.decisions import decide
from analytics.briefs.published import MOST_SENTENCES, corrections
from analytics.citing import plain_text
from analytics.engine import Engine
from analytics.model import Scope, Selection
from analytics.result import Cell
from tests.briefs import asking
from tests.bureau import Bureau, item, period, reception

TOTAL: dict[str, Any] = {"names": "petitions"}
BY_TOWNSHIP: dict[str, Any] = {"names": "petitions", "by": ("township",)}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """October: two items of 宁中镇 and one of 新陂镇, complete to its end."""
    folder = tmp_path_factory.mktemp("made") / "store"
    rows = [item(n, f"2021-10-0{n}", township="宁中镇" if n < 3 else "新陂镇") for n in (1, 2, 3)]
    Bureau(folder).bring("petitions", *rows, covers_to=date(2021, 10, 31))
    return folder


@pytest.fixture
def bureau(made: Path, tmp_path: Path) -> Bureau:
    """The same for each test."""
    return Bureau(Path(shutil.copytree(made, tmp_path / "store")))


def late(bureau: Bureau, *rows: dict[str, Any]) -> None:
    """Imported after October's end."""
    bureau.bring("petitions", *rows, covers_to=date(2021, 10, 31))


def issue(bureau: Bureau, month: str = "2021-10", *asks: dict[str, Any], scope: Scope | None = None) -> None:
    archive(bureau.engine, asking(bureau.engine, month, *asks, scope=scope), {})


def said(
    bureau: Bureau, month: str = "2021-10", *asks: dict[str, Any], scope: Scope | None = None
) -> list[str]:
    found = corrections(bureau.engine, asking(bureau.engine, month, *asks, scope=scope))
    return [plain_text(told) for told in found]


# --- why a number is another ---------------------------------------------------------------------------


def test_late_rows(bureau: Bureau) -> None:
    issue(bureau)
    bureau.bring("petitions", item(4, "2021-10-30"), item(5, "2021-11-02"), covers_to=date(2021, 11, 30))
    assert said(bureau) == ["2021年10月信访总量已通报3件，现为4件：迟报1件。"]


def test_each_number_is_given_by_its_source(bureau: Bureau) -> None:
    issue(bureau)
    late(bureau, item(4, "2021-10-30"))
    (told,) = corrections(bureau.engine, asking(bureau.engine, "2021-10"))
    given = {p.text: bureau.engine.answer(p.source.query) for p in told if p.source and p.source.query}
    assert {text: result.value("petitions") for text, result in given.items()} == {
        "2021年10月信访总量已通报3件": 3,
        "现为4件": 4,
    }


def test_a_corrected_field_changes_the_part_and_not_the_whole(bureau: Bureau) -> None:
    issue(bureau, "2021-10", {"names": "petitions letters visits"})
    late(bureau, item(2, "2021-10-02", township="宁中镇", channel="visit"))
    assert said(bureau, "2021-10", {"names": "petitions letters visits"}) == [
        "2021年10月来信已通报3件，现为2件：更正1件。",
        "2021年10月来访批次已通报0批，现为1批：更正1件。",
    ]


def test_an_item_that_another_month_has_now_was_corrected(bureau: Bureau) -> None:
    issue(bureau)
    late(bureau, item(2, "2021-11-02", township="宁中镇"))
    assert said(bureau) == ["2021年10月信访总量已通报3件，现为2件：更正1件。"]


def test_removed_rows(bureau: Bureau) -> None:
    issue(bureau)
    rows = item(1, "2021-10-01", township="宁中镇"), item(9, "2021-10-09", township="宁中镇")
    bureau.bring_file("petitions", *rows, replace=period("2021-10"), covers_to=date(2021, 10, 31))
    assert said(bureau) == ["2021年10月信访总量已通报3件，现为2件：迟报1件，移除2件。"]


def test_what_follows_from_other_data_was_worked_out_anew(bureau: Bureau) -> None:
    owed = {"names": "visits_missed"}
    bureau.bring("receptions", reception(1, "2021-10-08"), covers_to=date(2021, 10, 31))
    before = bureau.number("visits_missed", "2021-10")
    issue(bureau, "2021-10", owed)
    bureau.bring(
        "receptions",
        reception(2, "2021-10-09", official="市领导二", form="下访"),
        covers_to=date(2021, 10, 31),
    )
    assert bureau.number("visits_missed", "2021-10") != before
    (told,) = said(bureau, "2021-10", owed)
    assert told.endswith("：按更新后的领导接访数据重算，涉及1项。")


def test_a_changed_definition_is_not_taken_for_changed_rows(
    bureau: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    issue(bureau)
    (one,) = archived(bureau.engine)
    block = replace(one.blocks[0], cells={(): Cell(5, None, 5)})
    monkeypatch.setattr(published, "archived", lambda *_: [replace(one, blocks=(block,))])
    assert said(bureau) == ["2021年10月信访总量已通报5件，现为3件：指标口径已调整。"]


# --- no false alarm --------------------------------------------------------------------------------------


def test_a_later_month_alone_says_nothing(bureau: Bureau) -> None:
    asks = TOTAL | {"compare": "previous"}, BY_TOWNSHIP
    issue(bureau, "2021-10", *asks)
    bureau.bring("petitions", item(5, "2021-11-02", township="宁中镇"), covers_to=date(2021, 11, 30))
    assert said(bureau, "2021-10", *asks) == said(bureau, "2021-11", *asks) == []


def test_a_month_that_was_not_over_is_not_the_month(bureau: Bureau) -> None:
    bureau.bring("petitions", item(5, "2021-11-02"), covers_to=date(2021, 11, 10))
    issue(bureau, "2021-11", TOTAL, {"names": "open"})
    bureau.bring("petitions", item(6, "2021-11-20"), covers_to=date(2021, 11, 30))
    assert said(bureau, "2021-11", TOTAL, {"names": "open"}) == []


def test_months_before_the_data_began_were_not_published_as_nothing(bureau: Bureau) -> None:
    series = TOTAL | {"by": ("month",), "days": "2021-09-01 2021-10-31"}
    issue(bureau, "2021-10", series, TOTAL | {"compare": "previous"})
    late(bureau, item(4, "2021-09-05"))
    assert said(bureau, "2021-10", series, TOTAL | {"compare": "previous"}) == []


def test_another_filter_is_another_number(bureau: Bureau) -> None:
    issue(bureau, "2021-10", TOTAL | {"where": {"township": ["新陂镇"]}})
    late(bureau, item(4, "2021-10-30", township="宁中镇"))
    assert said(bureau) == said(bureau, "2021-10", TOTAL | {"where": {"township": ["宁中镇"]}}) == []
    late(bureau, item(5, "2021-10-30", township="新陂镇"))
    assert said(bureau, "2021-10", BY_TOWNSHIP) == [
        "2021年10月新陂镇信访总量已通报1件，现为2件：迟报1件。"
    ], "a filter and a group of the same member are one number"


def test_nothing_is_compared_with_what_was_published_of_later_data(bureau: Bureau) -> None:
    then = bureau.engine.frozen(bureau.engine.versions())
    late(bureau, item(4, "2021-10-30"))
    issue(bureau)
    assert corrections(then, asking(then, "2021-10")) == ()


def test_a_looker_of_one_township_hears_of_its_own_briefs_only(bureau: Bureau) -> None:
    own = Scope("宁中镇")
    issue(bureau)
    late(bureau, item(4, "2021-10-30", township="宁中镇"))
    assert said(bureau, scope=own) == []
    issue(bureau, scope=own)
    late(bureau, item(5, "2021-10-30", township="宁中镇"))
    assert said(bureau, scope=own) == ["2021年10月信访总量已通报3件，现为4件：迟报1件。"]


def test_what_left_the_lookers_township_is_gone_for_them(bureau: Bureau) -> None:
    """That it stands under another is none of their business."""
    own = Scope("宁中镇")
    issue(bureau, scope=own)
    late(bureau, item(1, "2021-10-01", township="新陂镇"))
    assert said(bureau, scope=own) == ["2021年10月信访总量已通报2件，现为1件：移除1件。"]


# --- with which publication, and of what -----------------------------------------------------------------


def test_the_newest_publication_counts(bureau: Bureau) -> None:
    issue(bureau)
    late(bureau, item(4, "2021-10-30"))
    issue(bureau)
    late(bureau, item(5, "2021-10-30"))
    assert said(bureau) == ["2021年10月信访总量已通报4件，现为5件：迟报1件。"]


def test_a_comparison_s_base_is_compared_too(bureau: Bureau) -> None:
    issue(bureau)
    bureau.bring("petitions", item(4, "2021-10-30"), item(5, "2021-11-02"), covers_to=date(2021, 11, 30))
    asked = TOTAL | {"compare": "previous"}
    assert said(bureau, "2021-11", asked) == ["2021年10月信访总量已通报3件，现为4件：迟报1件。"]
    assert said(bureau, "2021-11") == []


def test_a_month_of_a_series_is_the_month(bureau: Bureau) -> None:
    issue(bureau)
    bureau.bring("petitions", item(4, "2021-10-30"), item(5, "2021-11-02"), covers_to=date(2021, 11, 30))
    series = TOTAL | {"by": ("month",), "days": "2021-09-01 2021-11-30"}
    assert said(bureau, "2021-11", series) == ["2021年10月信访总量已通报3件，现为4件：迟报1件。"]


# --- summed up -------------------------------------------------------------------------------------------


def test_members_stand_in_brackets_behind_the_whole(bureau: Bureau) -> None:
    issue(bureau, "2021-10", TOTAL, BY_TOWNSHIP)
    rows = [item(n, "2021-10-30", township="宁中镇") for n in (4, 5)]
    late(bureau, *rows, item(6, "2021-10-30", township="新陂镇"))
    assert said(bureau, "2021-10", TOTAL, BY_TOWNSHIP) == [
        "2021年10月信访总量已通报3件，现为6件：迟报3件（其中宁中镇2件→4件等2处）。"
    ]


def test_an_item_given_to_another_township_leaves_the_whole(bureau: Bureau) -> None:
    issue(bureau, "2021-10", TOTAL, BY_TOWNSHIP)
    late(bureau, item(2, "2021-10-02", township="坭陂镇"))
    assert said(bureau, "2021-10", TOTAL, BY_TOWNSHIP) == [
        "2021年10月宁中镇信访总量已通报2件，现为1件（同期此指标共2处有变化）：更正1件。"
    ]


def test_not_more_than_a_page(bureau: Bureau) -> None:
    days = [{"names": "petitions persons", "days": f"2021-10-01 2021-10-{end}"} for end in range(20, 28)]
    issue(bureau, "2021-10", *days)
    late(bureau, item(4, "2021-10-15"))
    found = said(bureau, "2021-10", *days)
    assert len(found) == MOST_SENTENCES + 1
    assert found[-1] == f"另有{16 - MOST_SENTENCES}项已通报的数字有变化，未逐项列出。"


# --- in the brief ----------------------------------------------------------------------------------------


def test_a_brief_says_what_was_published_and_what_was_decided_though_it_was_made_before(
    bureau: Bureau,
) -> None:
    engine = bureau.engine
    bureau.bring("petitions", item(5, "2021-11-02"), covers_to=date(2021, 11, 30))
    october, november = (of(engine, month) for month in ("2021-10", "2021-11"))
    assert november.corrections == november.decisions == ()
    archive(engine, october, {})
    decide(engine, "2021-10", "volume", "摸清底数", "宁中镇")
    assert "摸清底数" in plain_text(of(engine, "2021-11").decisions[0])
    assert of(engine, "2021-10").decisions == of(engine, "2021-10").corrections == ()
    bureau.bring("petitions", item(4, "2021-10-30"), covers_to=date(2021, 11, 30))
    for month in ("2021-10", "2021-11"):
        first = plain_text(of(engine, month).corrections[0])
        assert first.startswith("2021年10月信访总量已通报3件，现为4件：迟报1件")
    assert {p.source for told in of(engine, "2021-10").corrections for p in told if p.source} <= set(
        of(engine, "2021-10").sources
    )


def of(engine: Engine, month: str) -> published.Brief:
    return brief(engine, Selection(period(month)))


def test_a_brief_made_again_after_it_was_archived_says_the_same(bureau: Bureau) -> None:
    """It is not compared with itself, and so not archived a second time either."""
    issue(bureau)
    late(bureau, item(4, "2021-10-30"))
    brief = asking(bureau.engine, "2021-10")
    told = corrections(bureau.engine, brief)
    first = archive(bureau.engine, replace(brief, corrections=told), {})
    assert corrections(bureau.engine, asking(bureau.engine, "2021-10")) == told != ()
    assert archive(bureau.engine, replace(brief, corrections=told), {}) == first
    bureau.bring("petitions", item(6, "2021-11-02"), covers_to=date(2021, 11, 30))
    assert said(bureau, "2021-10") == [], "told once"


def test_what_lies_outside_the_filter_is_no_part_of_it(bureau: Bureau) -> None:
    """A brief of one township that also ranks all of them."""
    asks = BY_TOWNSHIP, TOTAL | {"where": {"township": ["宁中镇"]}}
    issue(bureau, "2021-10", *asks)
    late(bureau, item(4, "2021-10-30", township="宁中镇"), item(5, "2021-10-30", township="新陂镇"))
    assert said(bureau, "2021-10", *asks) == [
        "2021年10月信访总量已通报2件，现为3件：迟报1件。",
        "2021年10月新陂镇信访总量已通报1件，现为2件：迟报1件。",
    ]

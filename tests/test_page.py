"""What pages are made of: places and keys, narrower parts, profiles, what was never imported."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from openpyxl import load_workbook
from streamlit.testing.v1 import AppTest

from analytics.app.desk import View
from analytics.app.missing import template
from analytics.app.navigation import PAGES
from analytics.contract import IMPORTED
from analytics.engine import Engine
from analytics.ingest.mapping import MappingFile, match
from analytics.model import Period, Selection
from tests import screens
from tests.bureau import Bureau, Row, case, item, order

MARCH = Period.month("2021-03")
ALONE: dict[str, Row] = {
    "petitions": item(1, "2021-03-05", township="宁中镇"),
    "backlog": case(1, "2021-03-05", lead_official="市领导一"),
    "supervisions": order(1, "2021-03-05", supervisor="工作人员甲"),
    "receptions": {"reception_id": "1", "held_on": "2021-03-15", "official": "市领导一"},
    "screenings": {"screening_id": "1", "held_on": "2021-03-05", "unit": "市水务局"},
    "activities": {"activity_id": "1", "held_on": "2021-03-05", "kind": "训诫"},
}


def view(engine: Engine, *members: tuple[str, tuple[str, ...]]) -> View:
    return View(engine, Selection(MARCH, members))


@pytest.fixture
def bureau(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bureau:
    """An empty store, which the app then shows."""
    monkeypatch.setenv("PETITION_DATA", str(tmp_path / "store"))
    return Bureau(tmp_path / "store")


def drawn(blocks: str) -> str:
    """What a page of these blocks says in March 2021, over the data that PETITION_DATA names."""

    def script(blocks: str) -> None:
        from analytics.app import blocks as made
        from analytics.app import desk, heading, page, profile, standings, tiles
        from analytics.model import Period, Selection

        engine = desk.engine()
        march = Selection(Period.month("2021-03"))
        desk.VIEW.set(desk.View(engine, march))
        names = vars(made) | vars(heading) | vars(profile) | vars(standings) | vars(tiles)
        page.page(*eval(f"({blocks},)", names))

    app = AppTest.from_function(script, kwargs={"blocks": blocks}, default_timeout=60).run()
    assert [fault.message for fault in app.exception] == []
    return screens.said(app)


# --- the view ----------------------------------------------------------------------------------------------


def test_every_place_has_keys_of_its_own(demo_engine: Engine) -> None:
    page = view(demo_engine)
    places = [page.at(0), page.at(1), page.at(1).at(0), page.at(1).at(1), page.at(11)]
    assert len({place.key("tiles") for place in places}) == len(places)


@pytest.mark.parametrize(
    ("kept", "asked", "left"),
    [
        ((), ("来信",), ("来信",)),
        (("来信", "来访"), ("来访", "来电"), ("来访",)),
        (("来信",), ("来访",), None),
    ],
)
def test_narrowing_keeps_what_both_keep(
    demo_engine: Engine, kept: tuple[str, ...], asked: tuple[str, ...], left: tuple[str, ...] | None
) -> None:
    township = ("township", ("宁中镇",))
    members = (township, ("channel", kept)) if kept else (township,)
    narrow = view(demo_engine, *members).narrowed("channel", asked)
    assert (dict(narrow.selection.members) if narrow else None) == (
        {"township": ("宁中镇",), "channel": left} if left else None
    )


# --- narrower parts ----------------------------------------------------------------------------------------


def test_a_part_about_some_members_counts_and_names_these(bureau: Bureau) -> None:
    bureau.bring(
        "supervisions",
        *(order(n, "2021-03-05", ordered_by="全员包案" if n < 3 else "领导批示") for n in range(5)),
    )
    told = drawn(
        "within(Heading('包案', ('supervised',)), Ledger('supervised', '台账', ()), "
        "where=(('ordered_by', ('全员包案',)),)), Ledger('supervised', '全部', ())"
    )
    assert "督办件3件" in told
    assert "**台账** · 3 件" in told
    assert "**全部** · 5 件" in told
    assert told.count("督办来源=全员包案") == 2


def test_a_part_that_the_filters_leave_nothing_of_says_so(bureau: Bureau) -> None:
    bureau.bring("petitions", item(1, "2021-03-05"))
    told = drawn(
        "within(within(Ledger('petitions', '台账', ()), where=(('channel', ('visit',)),)), "
        "where=(('channel', ('letter',)),))"
    )
    assert "信访形式=来访，与所选筛选没有交集" in told
    assert "台账" not in told


def test_a_block_may_stand_on_a_page_twice(bureau: Bureau) -> None:
    bureau.bring("petitions", item(1, "2021-03-05", township="宁中镇"))
    once = (
        "Heading('形势', ('petitions',)), tiles('petitions'), Ledger('petitions', '台账', ()), "
        "RankingTable(('petitions',)), Notable(('open',)), row(Figure('f', '？', 'ranking', ('petitions',), "
        "('township',)))"
    )
    assert drawn(f"{once}, {once}").count("**台账** · 1 件") == 2


# --- tables ------------------------------------------------------------------------------------------------


def test_a_ledger_knows_how_many_records_there_are_beyond_those_shown(bureau: Bureau) -> None:
    bureau.bring("petitions", *(item(n, "2021-03-05", persons=2) for n in range(501)))
    told = drawn("Ledger('petitions', '件', ()), Ledger('persons', '人', ())")
    assert "**件** · 501 件" in told
    assert "**人** · 超过 500 件" in told


def test_a_long_ranking_shows_its_head_and_says_so(bureau: Bureau) -> None:
    bureau.bring("petitions", *(item(n, "2021-03-05", responsible_unit=f"单位{n}") for n in range(32)))
    told = drawn("RankingTable(('petitions',), 'responsible_unit')")
    assert "只列出前 30 个，另有 2 个在下载的表里" in told
    assert "只列出前" not in drawn("RankingTable(('petitions',))")


# --- profiles ----------------------------------------------------------------------------------------------


def test_a_profile_offers_every_township_and_nobody(bureau: Bureau, monkeypatch: pytest.MonkeyPatch) -> None:
    bureau.bring(
        "petitions",
        item(1, "2021-03-05", township="宁中镇"),
        item(2, "2021-03-05"),
        item(3, "2021-03-05", township="不知何处"),
    )
    app = screens.opened()
    screens.shown(app, "township")
    (box,) = app.main.selectbox
    assert box.value == box.options[0] == "宁中镇"
    assert len(box.options) == 20
    assert not {"未填", "未识别"} & set(box.options)


def test_a_profile_follows_the_sidebar_and_leads_it(demo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PETITION_DATA", str(demo))
    app = screens.opened()
    app.sidebar.multiselect(key="township").set_value(["叶塘镇", "水口镇"])
    assert "叶塘镇 镇街画像" in screens.shown(app, "township")
    app.main.selectbox[0].set_value("新陂镇").run()
    assert app.sidebar.multiselect(key="township").value == ["新陂镇"]
    assert "新陂镇 镇街画像" in screens.said(app)


def test_a_leader_is_looked_for_under_every_name_of_the_office(bureau: Bureau) -> None:
    bureau.bring("backlog", case(1, "2021-03-05", lead_official="市领导一"))
    bureau.bring("supervisions", order(1, "2021-03-05", supervisor="工作人员甲"))
    told = drawn(
        "Profile('领导画像', (('supervised', 'supervisor'), ('backlog_assigned', 'lead_official'), "
        "('receptions', 'official')), (('lead_official', (Ledger('backlog_assigned', '积案', ()),)), "
        "('supervisor', (Ledger('supervised', '督办', ()),)), "
        "('official', (Ledger('receptions', '接访', ()),))))"
    )
    assert "工作人员甲 领导画像" in told
    assert "没有以“工作人员甲”为包案领导的记录" in told
    assert "**督办** · 1 件" in told
    assert "尚未导入领导接访" in told


# --- what was never imported -------------------------------------------------------------------------------


RARELY = pytest.mark.long  # these say nothing that the others do not


@pytest.mark.parametrize(
    "dataset",
    [
        *("petitions", "receptions"),
        *(pytest.param(name, marks=RARELY) for name in ALONE if name not in ("petitions", "receptions")),
    ],
)
def test_every_page_opens_whichever_dataset_is_the_only_one(bureau: Bureau, dataset: str) -> None:
    bureau.bring(dataset, ALONE[dataset])
    app = screens.opened()
    told = {name: screens.shown(app, name) for _, name, _ in PAGES}
    assert "2021年3月 信访形势" in told["overview"]
    for needed, name in (("receptions", "receptions"), ("screenings", "screening")):
        missing = needed != dataset
        assert (f"--dataset {needed}" in told[name]) == missing, name
        assert ("2021年3月" in told[name]) != missing, name


def test_every_page_opens_without_any_data(bureau: Bureau) -> None:
    app = screens.opened()
    assert all(screens.shown(app, name) for _, name, _ in PAGES)


def test_a_block_without_its_data_is_one_quiet_line(bureau: Bureau) -> None:
    bureau.bring("petitions", item(1, "2021-03-05"))
    told = drawn(
        "Ledger('screenings', '台账', ()), RankingTable(('disputes_found',)), Notable(('backlog_overdue',)), "
        "tiles('screenings'), row(Figure('f', '？', 'ranking', ('screenings',), ('township',)))"
    )
    assert told.count("尚未导入矛盾排查") == 4
    assert told.count("尚未导入信访积案") == 1
    assert "没有" not in told


@pytest.mark.parametrize("name", IMPORTED)
def test_a_template_is_recognised_with_every_column(name: str) -> None:
    dataset = IMPORTED[name]
    headers, *rows = load_workbook(io.BytesIO(template(dataset))).active.values
    found = match("模板.xlsx", headers, MappingFile())
    assert (found.dataset, rows) == (dataset, [])
    assert dict(found.headers) == {field.name: field.label for field in dataset.inputs}

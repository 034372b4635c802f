"""The places below: in a prefecture counties, in a county townships, for whatever is told apart by places."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from analytics.answers import answer
from analytics.app.navigation import PAGES
from analytics.briefs.compose import brief
from analytics.catalogue import DIMENSIONS
from analytics.citing import plain_text
from analytics.figures import CHANNELS, FIGURES, ONE_TOWNSHIP, REPEAT_FUNNEL, TOPICS, TOWNSHIPS
from analytics.insight.below import dimensions_shown, levels_of, members_of, place_below
from analytics.insight.warning.provincial import changes
from analytics.model import LEVELS, Period, Scope, Selection
from analytics.places import Area
from analytics.publishing import RELEASES, released
from tests import screens
from tests.bureau import PREFECTURE, SITE, Bureau, item

MARCH = Selection(Period.month("2021-03"))
IN_DABU = MARCH.keep("county", "大埔县")
PROVINCE = replace(
    PREFECTURE,
    county="广东省",
    code="44",
    areas=(Area("4452", "揭阳市"),),
    townships=(*PREFECTURE.townships, replace(PREFECTURE.townships[-1], name="里湖镇", code="445281103")),
)


@pytest.fixture(scope="module")
def bureau(tmp_path_factory: pytest.TempPathFactory) -> Bureau:
    """March of 2021 and the year before in two of three counties."""
    bureau = Bureau(tmp_path_factory.mktemp("below") / "store", PREFECTURE)
    places = ["宁中镇"] * 5 + ["新陂镇"] * 2 + ["大埔县城关镇"] * 3 + ["高陂镇"] * 6 + [None]
    rows = [
        item(f"{year}-{n}", date(year, 3, 1 + n), township=name, is_repeat=n % 3 == 0)
        for year in (2020, 2021)
        for n, name in enumerate(places)
    ]
    bureau.bring("petitions", *rows, covers_to=date(2021, 3, 31))
    return bureau


# --- which level -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kept", "below"),
    [
        ((), "prefecture"),
        ((("channel", ("letter",)),), "prefecture"),
        ((("prefecture", ("梅州市",)),), "county"),
        ((("prefecture", ("梅州市",)), ("county", ("大埔县",))), "township"),
        ((("county", ("大埔县",)),), "township"),
        ((("township", ("高陂镇",)),), "township"),
    ],
)
def test_below_the_lowest_place_chosen(kept: tuple[tuple[str, tuple[str, ...]], ...], below: str) -> None:
    assert place_below(PROVINCE, Selection(MARCH.period, kept)) == below


def test_a_county_has_townships_alone() -> None:
    for site in (SITE, replace(SITE, code="441481")):
        assert levels_of(site, Scope()) == ("township",)
        assert place_below(site, MARCH) == "township"
        assert not set(dimensions_shown(site, DIMENSIONS)) & set(LEVELS)
    assert [name for name in dimensions_shown(PREFECTURE, DIMENSIONS) if name in LEVELS] == ["county"]
    country = replace(PROVINCE, county="全国", code="0")
    assert levels_of(country, Scope()) == ("province", "prefecture", "county", "township")


def test_who_is_confined_looks_from_their_own_place() -> None:
    assert levels_of(PROVINCE, Scope(area="4414")) == ("county", "township")
    assert levels_of(PROVINCE, Scope(area="441481")) == ("township",)
    assert levels_of(PROVINCE, Scope("宁中镇")) == ("township",)
    confined = replace(MARCH, scope=Scope(area="4414"))
    assert members_of(PROVINCE, confined, ("county",)) == ("兴宁市", "大埔县", "丰顺县")
    assert members_of(PROVINCE, confined, ("prefecture",)) == ("梅州市",)


def test_the_places_that_filters_leave() -> None:
    assert members_of(PROVINCE, MARCH, ("prefecture",)) == ("梅州市", "揭阳市")
    assert members_of(PREFECTURE, IN_DABU, ("township",)) == ("大埔县城关镇", "高陂镇")
    assert members_of(PREFECTURE, IN_DABU, ("county",)) == ("大埔县",)
    assert members_of(PREFECTURE, IN_DABU, ("channel",)) == ()


def test_people_are_counted_where_all_townships_say_how_many() -> None:
    towns = [replace(t, population=1_000) for t in PREFECTURE.townships]
    towns[0] = replace(towns[0], population=0)
    found = replace(PREFECTURE, townships=tuple(towns)).places.inhabitants("county")
    assert found == {"大埔县": 2_000, "丰顺县": 1_000}
    assert replace(PREFECTURE, townships=tuple(towns)).places.inhabitants("township")["宁中镇"] == 1_000


# --- figures, rankings, briefs -----------------------------------------------------------------------------


def test_figures_of_townships_tell_counties_apart_in_a_prefecture(bureau: Bureau) -> None:
    found = answer(bureau.engine, TOWNSHIPS, MARCH)
    assert found.figure.by == found.result.query.by == ("county",)
    assert found.figure.question == "哪些县区最多？比上年同期呢？"
    assert found.figure.click == "county"
    assert found.members == ("兴宁市", "大埔县", "丰顺县")
    assert {key[0]: found.result.value("petitions", key) for key in found.result.keys} == {
        "大埔县": 9,
        "兴宁市": 7,
        "未填": 1,
    }
    assert found.title.startswith("大埔县最多：9件")


def test_within_a_county_they_tell_its_townships_apart(bureau: Bureau) -> None:
    found = answer(bureau.engine, TOWNSHIPS, IN_DABU)
    assert found.figure == TOWNSHIPS
    assert found.members == ("大埔县城关镇", "高陂镇")
    assert {key[0]: found.result.value("petitions", key) for key in found.result.keys} == {
        "高陂镇": 6,
        "大埔县城关镇": 3,
    }
    assert answer(bureau.engine, CHANNELS, IN_DABU).figure.by == ("township", "channel")
    chosen = answer(bureau.engine, TOWNSHIPS, IN_DABU.keep("township", "高陂镇"))
    assert chosen.chosen == ("高陂镇",)
    assert len(chosen.result.keys) == 2  # a ranking shows all, and the one chosen among them


@pytest.mark.parametrize("figure", FIGURES.values(), ids=lambda f: f.name)
def test_no_figure_asks_by_township_above_a_county(bureau: Bureau, figure: object) -> None:
    found = answer(bureau.engine, figure, MARCH)  # type: ignore[arg-type]
    assert "township" not in found.result.query.by
    assert "镇街" not in found.figure.question.replace("镇街站", "") or found.figure == figure


def test_the_others_are_called_by_their_level(bureau: Bureau) -> None:
    assert "多数县区" in answer(bureau.engine, ONE_TOWNSHIP, MARCH).title
    assert "多数镇街" in answer(bureau.engine, ONE_TOWNSHIP, IN_DABU).title
    assert answer(bureau.engine, REPEAT_FUNNEL, MARCH).figure.by == ("county",)
    assert answer(bureau.engine, TOPICS, MARCH).figure == TOPICS


def test_warnings_and_briefs_look_at_the_places_below(bureau: Bureau) -> None:
    versions = bureau.engine.versions()
    looked = {name for c in changes(bureau.engine, MARCH, versions) for name, _ in c.members}
    assert "county" in looked and "township" not in looked
    told = brief(bureau.engine, MARCH)
    said = "".join(plain_text(part) for chapter in told.chapters for part in chapter.told())
    assert "大埔县9件" in said
    assert "高陂镇6件" not in said


def test_what_is_published_is_by_the_places_below(bureau: Bureau) -> None:
    found = released(bureau.engine, RELEASES[0], Period.named("2021"), bureau.engine.versions())
    assert found.title == "2021年（截至3月31日）各县区信访件批（按信访形式）"
    assert found.rows[:2] == ("兴宁市", "大埔县")


# --- on the page -----------------------------------------------------------------------------------------


@pytest.fixture
def drilled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A prefecture's store with its site.toml beside it."""
    bureau = Bureau(tmp_path, PREFECTURE)
    bureau.bring(
        "petitions",
        *(item(n, "2021-03-05", township=t) for n, t in enumerate(["宁中镇", "高陂镇", "高陂镇"])),
    )
    towns = "\n".join(f"{t.name},{t.code}" for t in PREFECTURE.townships)
    (tmp_path / "镇街.csv").write_text(f"名称,代码\n{towns}\n", "utf-8")
    (tmp_path / "site.toml").write_text(
        'bureau = "某局"\ncounty = "梅州市"\ncode = "4414"\ntownship_file = "镇街.csv"\n', "utf-8"
    )
    monkeypatch.setenv("PETITION_DATA", str(tmp_path))
    return tmp_path


@pytest.mark.usefixtures("drilled")
def test_a_box_for_each_level_and_a_way_back_up() -> None:
    app = screens.opened()
    county, township = (app.sidebar.multiselect(key=name) for name in ("county", "township"))
    assert (county.label, county.options) == ("县区", ["兴宁市", "大埔县", "丰顺县"])
    assert (township.disabled, township.placeholder) == (True, "先选县区")
    county.set_value(["大埔县"]).run()
    assert app.sidebar.multiselect(key="township").options == ["大埔县城关镇", "高陂镇"]
    assert "县区=大埔县" in screens.said(app)
    next(button for button in app.button if button.label == "梅州市 ›").click().run()
    assert app.sidebar.multiselect(key="county").value == []
    assert "筛选：" not in screens.said(app)


@pytest.mark.usefixtures("drilled")
def test_a_profile_chooses_the_county_of_its_township_too() -> None:
    app = screens.opened()
    assert "镇街画像" in screens.shown(app, "township")
    next(box for box in app.main.selectbox if box.label == "镇街").set_value("宁中镇").run()
    assert app.sidebar.multiselect(key="county").value == ["兴宁市"]
    assert app.sidebar.multiselect(key="township").value == ["宁中镇"]


@pytest.mark.usefixtures("drilled")
def test_every_page_opens_at_every_level() -> None:
    app = screens.opened()
    for kept in ([], ["大埔县"]):
        app.sidebar.multiselect(key="county").set_value(kept).run()
        for _, name, _ in PAGES:
            if name not in ("audit", "lookup"):
                screens.shown(app, name)

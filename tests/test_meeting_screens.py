"""Meeting mode without a browser: its screens, its steps, its versions, one member alone, what is drawn."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import plotly.graph_objects as go
import pytest
from streamlit.testing.v1 import AppTest

from analytics.answers import Answer
from analytics.app.meeting.drill import alone, members
from analytics.app.meeting.layout import FOOT_TOP, WIDTH, Told, pages, prose, title
from analytics.app.meeting.screens import Screen, screens
from analytics.app.meeting.steps import Move, Place, after
from analytics.app.meeting.versions import frozen, written
from analytics.briefs.asking import Asking
from analytics.briefs.brief import Brief
from analytics.citing import Piece, plain_text
from analytics.engine import Engine
from analytics.model import Period, Selection
from analytics.render.projected import MIDDLE, PITCH, darkened, luminance, project
from analytics.result import UNFILLED
from analytics.site import Refusal
from tests import screens as pages_said
from tests.answers import contrast, made
from tests.bureau import Bureau, item
from tests.results import result

NOVEMBER = Selection(Period.month("2021-11"))


@pytest.fixture(scope="module")
def november(demo_brief: Callable[[str], Brief]) -> Brief:
    return demo_brief("2021-11")


# --- screens ------------------------------------------------------------------------------------------------


def test_every_chapter_and_every_figure_has_its_screen(november: Brief) -> None:
    shown = screens(november)
    assert len({screen.name for screen in shown}) == len(shown)
    assert [screen.figure for screen in shown if screen.figure] == [
        figure for chapter in november.chapters for figure in chapter.figures
    ]
    first = {screen.chapter: screen for screen in reversed(shown)}
    for chapter in november.chapters:
        assert first[chapter.name].title == plain_text(chapter.finding).removesuffix("。")
        assert first[chapter.name].numbers == chapter.numbers


def test_a_chapter_without_figures_is_told_whole(november: Brief) -> None:
    told = {screen.chapter: "" for screen in screens(november)}
    for screen in screens(november):
        told[screen.chapter] += "".join(part.text for part in screen.told)
    for chapter in november.chapters:
        if not chapter.figures:
            assert told[chapter.name] == "".join(
                plain_text(p) for s in chapter.sections for p in s.paragraphs
            )


def test_what_was_said_and_decided_before_comes_last(november: Brief) -> None:
    before = replace(
        november, corrections=((Piece("已通报3件，现为4件。"),),), decisions=((Piece("已办结。"),),)
    )
    shown = screens(before)[-2:]
    assert [(screen.name, screen.told[0].text) for screen in shown] == [
        ("corrections", "已通报3件，现为4件。"),
        ("decisions", "已办结。"),
    ]


@pytest.mark.parametrize("long", [1, 9, 60])
def test_text_that_is_too_long_goes_on_on_another_screen(long: int) -> None:
    told = [
        Told("分布", "按镇街，居前的为宁中镇5件、叶塘镇4件、大坪镇3件、兴田街道2件。" * long),
        Told("", "完。"),
    ]
    shown = list(pages(told, "存在问题", False))
    assert "".join(part.text for page in shown for part in page) == "".join(part.text for part in told)
    for page in shown:
        lines = sum(len(prose(part, WIDTH - 64)) for part in page)
        assert title("存在问题").bottom + lines * 42 <= FOOT_TOP
    assert (len(shown) > 1) == (long == 60)


def test_a_title_is_the_smaller_the_longer_it_is() -> None:
    sizes = [title("信访总量217件，" * times).size for times in (1, 9, 16)]
    assert sizes == sorted(sizes, reverse=True)
    assert len(set(sizes)) == 3


# --- steps --------------------------------------------------------------------------------------------------

NAMES, TOWNS = ("opening", "overall", "places", "advice"), ("宁中镇", "叶塘镇")


@pytest.mark.parametrize(
    ("here", "move", "there"),
    [
        (Place("overall"), "next", Place("places")),
        (Place("advice"), "next", Place("advice")),
        (Place("overall"), "previous", Place("opening")),
        (Place("opening"), "previous", Place("opening")),
        (Place("places"), "first", Place("opening")),
        (Place("places"), "last", Place("advice")),
        (Place("places"), "back", None),
        (Place("places"), "down", Place("places", "宁中镇")),
        (Place("places", "宁中镇"), "down", Place("places", "叶塘镇")),
        (Place("places", "叶塘镇"), "down", Place("places", "宁中镇")),
        (Place("places", "叶塘镇"), "up", Place("places")),
        (Place("places", "叶塘镇"), "back", Place("places")),
        (Place("places", "叶塘镇"), "previous", Place("places")),
        (Place("places", "叶塘镇"), "next", Place("advice")),
        (Place("places"), "up", Place("places")),
        (Place("places", "叶塘镇"), "list", Place("places", listing=True)),
        (Place("places", listing=True), "list", Place("places")),
        (Place("places", listing=True), "back", Place("places")),
        (Place("places", listing=True), "down", Place("places", listing=True)),
    ],
)
def test_where_a_key_leads(here: Place, move: Move, there: Place | None) -> None:
    assert after(here, move, NAMES, TOWNS) == there


def test_nothing_lies_below_a_screen_without_members() -> None:
    assert after(Place("overall"), "down", NAMES, ()) == Place("overall")


# --- versions -----------------------------------------------------------------------------------------------


def test_an_import_changes_nothing_for_an_address(tmp_path: Path) -> None:
    bureau = Bureau(tmp_path / "store")
    bureau.bring("petitions", item(1, "2021-03-05"))
    address = written(bureau.engine.versions(), bureau.store.identity)
    bureau.bring("petitions", item(2, "2021-03-31"))
    still = frozen(bureau.engine, address)
    assert [e.ask(("petitions",)).value("petitions") for e in (still, bureau.engine)] == [1, 2]
    coverage = still.coverage("petitions")
    assert coverage
    assert coverage.last == date(2021, 3, 5)


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("petitions", "读不懂"),
        ("petitions-x", "读不懂"),
        ("letters-1", "读不懂"),
        ("petitions-1..backlog-1", "读不懂"),
        ("store-1f0c22ab", "读不懂"),
        ("petitions-99", "信访事项第99版”不存在"),
        ("petitions-1.store-00000000", "另一套数据"),
    ],
)
def test_versions_that_are_none_are_refused(demo_engine: Engine, address: str, said: str) -> None:
    with pytest.raises(Refusal, match=said):
        frozen(demo_engine, address)


# --- one member alone ---------------------------------------------------------------------------------------


def screen_of(found: Brief, name: str) -> tuple[Screen, Answer]:
    screen = next(screen for screen in screens(found) if screen.name == name)
    assert screen.figure
    return screen, screen.figure


def test_members_are_the_groups_of_a_figure_the_greatest_first(november: Brief) -> None:
    named = members(screen_of(november, "places")[1])
    assert named[:2] == ("兴田街道", "叶塘镇")
    assert named[-1] == UNFILLED
    assert len(named) == 21
    assert members(screen_of(november, "overall")[1]) == ()
    assert members(None) == ()


@pytest.mark.parametrize(
    ("name", "member", "metric", "where"),
    [
        ("places", "叶塘镇", "petitions", {"township": ["叶塘镇"]}),
        ("backlog", "第二批", "backlog_closed", {"batch": ["第二批"]}),
        ("supervision.supervisors", "工作人员甲", "supervised", {"supervisor": ["工作人员甲"]}),
        ("handling.handling_days", "31-60", "closed", {"handling_band": ["31-60"]}),
        ("screening.screening_levels", "village", "screening_compliance", {"level": ["village"]}),
    ],
)
def test_one_member_alone_is_counted_as_the_command_counts_it(
    demo_engine: Engine, november: Brief, name: str, member: str, metric: str, where: dict[str, list[str]]
) -> None:
    screen, figure = screen_of(november, name)
    assert member in members(figure)
    shown = alone(Asking(demo_engine, NOVEMBER), screen, figure, member)
    month = demo_engine.ask((metric,), period=NOVEMBER.period, where=where, compare="year_ago")
    told = shown.numbers[-1]
    value = month.value(metric)
    assert told.number in (f"{value}", f"{(value or 0) * 100:.1f}%")
    assert shown.figure
    assert len(shown.figure.result.keys) <= 24
    assert shown.figure.result.value(metric, ("2021-11",)) == value
    assert shown.figure.title in shown.title


def test_a_members_share_and_place_are_among_all_of_the_figure(demo_engine: Engine, november: Brief) -> None:
    screen, figure = screen_of(november, "supervision.supervisors")
    first, _ = alone(Asking(demo_engine, NOVEMBER), screen, figure, "工作人员甲").numbers
    assert (first.label, first.number) == ("工作人员甲 2021年1—11月", "17")
    assert [piece.text for piece in first.changes] == ["占全部13.7%", "9个中第1位"]


# --- drawing ------------------------------------------------------------------------------------------------


def ranking(names: list[str], least: int = 1) -> Answer:
    return made(
        "ranking", result("petitions", "township", {n: at + least for at, n in enumerate(names)}), most=99
    )


def listed(drawing: go.Figure) -> int:
    axes = drawing.select_yaxes()
    return sum(round(axis.range[0] - axis.range[1]) for axis in axes)


@pytest.mark.parametrize(("many", "columns", "unlisted"), [(8, 1, 0), (21, 2, 0), (60, 2, 36)])
def test_rows_go_on_in_a_second_column_and_what_has_no_room_is_counted(
    many: int, columns: int, unlisted: int
) -> None:
    found = project(ranking([f"镇{at}" for at in range(many)]), 1216, 430)
    assert len(list(found.drawing.select_yaxes())) == columns
    assert found.unlisted == unlisted
    assert listed(found.drawing) >= many - unlisted
    inside = found.drawing.layout.height - found.drawing.layout.margin.t - found.drawing.layout.margin.b
    assert inside / (listed(found.drawing) / columns) >= PITCH


def test_long_names_are_cut_rather_than_townships_left_out() -> None:
    names = [f"兴田高新技术产业开发区管理委员会街道{at}" for at in range(20)]
    found = project(ranking(names), 1216, 500)
    assert found.unlisted == 0
    assert all(text.strip().endswith("…") for text in found.drawing.layout.yaxis.ticktext)
    assert found.drawing.layout.xaxis2.domain[1] - found.drawing.layout.xaxis2.domain[0] > 0.1


@pytest.mark.parametrize(
    "colour", ["#1f5fa8", "#e08a1e", "#4d9078", "#8e6bb0", "#6b7683", "#c9a227", "#7fb0d9"]
)
def test_numbers_in_bars_and_names_beside_lines_stand_out(colour: str) -> None:
    chosen = "#000000" if luminance(colour) > MIDDLE else "#ffffff"
    assert contrast(chosen, colour) >= 4.5
    assert contrast(darkened(colour), "#ffffff") >= 4.5


# --- in and out ---------------------------------------------------------------------------------------------


@pytest.fixture
def bureau(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bureau:
    """A store with one letter, which the app then shows."""
    monkeypatch.setenv("PETITION_DATA", str(tmp_path / "store"))
    bureau = Bureau(tmp_path / "store")
    bureau.bring("petitions", item(1, "2021-03-05", township="宁中镇"), covers_to=date(2021, 3, 31))
    return bureau


def press(app: AppTest, key: str) -> str:
    app.button(f"key-{key}").click().run()
    return pages_said.said(app)


def test_into_the_meeting_and_out_of_it_with_the_same_filters(bureau: Bureau) -> None:
    app = pages_said.opened()
    app.multiselect("township").select("宁中镇").run()
    app.button("meeting").click().run()
    told = pages_said.said(app)
    assert "2021年3月信访形势分析研判材料" in told
    assert "筛选：镇街=宁中镇" in told
    assert "2021年3月信访总量1件" in press(app, "Right")
    assert app.query_params["item"] == "overall"
    bureau.bring("petitions", item(2, "2021-03-06", township="宁中镇"), covers_to=date(2021, 3, 31))
    assert "2021年3月信访总量1件" in pages_said.said(app.run())
    assert "2021年3月信访总量2件" in press(app, "Esc")
    assert app.multiselect("township").value == ["宁中镇"]
    assert not any(app.query_params.get(name) for name in ("mode", "versions", "item"))


def test_an_address_without_versions_gets_those_of_now(bureau: Bureau) -> None:
    app = pages_said.opened()
    app.query_params["mode"] = "meeting"
    app.query_params["item"] = "overall"
    assert "2021年3月信访总量1件" in pages_said.said(app.run())
    assert re.match(r"petitions-\d+\..*store-", app.query_params["versions"])


def test_versions_that_are_none_are_refused_aloud_with_a_way_out(bureau: Bureau) -> None:
    app = pages_said.opened()
    app.query_params["mode"] = "meeting"
    app.query_params["versions"] = "petitions-7"
    app.run()
    assert "信访事项第7版”不存在" in app.error[0].value.replace("\\", "")
    [again] = [button for button in app.button if button.label == "用现在的数据重新进入"]
    again.click().run()
    assert not app.error
    assert "2021年3月信访形势分析研判材料" in pages_said.said(app)

"""方法说明: every method has its text, its picture and pages that use it; its numbers are the code's."""

from __future__ import annotations

from pathlib import Path

import pytest

from analytics.app.methods import FOLDER, METHODS
from analytics.insight.case import LEAST_EXPECTED, LEAST_MONTHS, MATURES_IN
from analytics.insight.chance import FALSE_FINDS, ONE_IN, Counted
from analytics.insight.control import LIMIT, RUN
from analytics.insight.judgement import MONTHS
from analytics.insight.rows import A_YEAR, MOSTLY, RECENT
from analytics.render import plotly
from analytics.render.examples import ITEMS, PICTURES
from tests import screens
from tests.simulate import TARGET

PARTS = ("**回答什么问题**", "**怎样做**", "**不能说明什么**", "**出处**")


def test_every_method_has_its_text_and_its_picture() -> None:
    names = [method.name for method in METHODS]
    assert sorted(names) == sorted(path.stem for path in FOLDER.glob("*.md")) == sorted(PICTURES)
    assert len({method.title for method in METHODS}) == len(METHODS)
    assert all(method.pages for method in METHODS)


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
def test_a_text_has_its_parts_and_its_length(method: object) -> None:
    text = method.text  # type: ignore[attr-defined]
    places = [text.index(part) for part in PARTS]
    assert places == sorted(places)
    assert 250 <= len(text) <= 900, "about a page"


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_has_marks_and_says_that_it_is_invented(name: str) -> None:
    example = PICTURES[name]()
    for size in (plotly.PAGE, plotly.SLIDE):
        drawn = example.drawn(size)
        assert drawn.data
        assert example.told.title in drawn.layout.title.text.replace("<br>", "")
        assert any("虚构" in note.text for note in drawn.layout.annotations)
        assert (drawn.layout.width, size.height) in ((None, None), (960, drawn.layout.height))


def text(name: str) -> str:
    return next(method for method in METHODS if method.name == name).text


def test_the_numbers_in_the_texts_are_those_of_the_code() -> None:
    control, ranking, power = text("control"), text("ranking"), text("power")
    for said in (
        f"{MONTHS} 个月",
        f"{LIMIT} 倍",
        f"连续 {RUN} 个月",
        f"不足 {LEAST_MONTHS} 个月",
        f"不到 {LEAST_EXPECTED} 件",
    ):
        assert said in control, said
    assert f"{ITEMS[-1]} 件，上个月 {ITEMS[-2]} 件" in control
    assert f"期末之后 {MATURES_IN.days} 天内" in text("proportions")
    assert f"近 {RECENT} 个月合计" in ranking
    assert f"至少 {MOSTLY} 个月" in ranking
    assert f"平均最多 {FALSE_FINDS:.0%} 是冤枉的" in ranking
    assert f"a false-discovery rate of {FALSE_FINDS * 100:.0f} %" in TARGET.read_text("utf-8")
    assert f"近 {A_YEAR} 个月" in text("funnel")
    found = {
        (size, by): Counted(size * MONTHS, MONTHS).found(by, ONE_IN)
        for size in (5, 15, 190)
        for by in (1.5, 2)
    }
    assert found[5, 2] < 0.5
    assert round(found[15, 1.5] * 10) == 1
    assert round(found[15, 2] * 10) == 6
    assert found[190, 1.5] > 0.95
    assert "增加一半，十次里发现一次；增加一倍，十次里发现六次" in power


def test_the_picture_of_the_ranking_points_out_the_one_that_its_title_names() -> None:
    drawn = PICTURES["ranking"]().drawn(plotly.PAGE)
    pointed = [
        name
        for name, words in zip(drawn.data[0].customdata, drawn.data[-1].text, strict=True)
        if "显著" in words or "持续" in words
    ]
    assert pointed == ["丙镇"]
    assert "丙镇" in PICTURES["funnel"]().told.title


def test_each_is_opened_by_its_address(demo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PETITION_DATA", str(demo))
    app = screens.opened()
    assert "24 个月自己是怎样起落的" in screens.shown(app, "methods")
    app.session_state["method"] = "漏斗图"
    assert "像个漏斗" in screens.shown(app, "methods")

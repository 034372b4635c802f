"""The frame of every chart: title, subtitle, source, words in Chinese, nothing fetched."""

from __future__ import annotations

import ast
from dataclasses import replace
from datetime import date

import pytest
from wcwidth import wcswidth

from analytics.answers import Mark, answer
from analytics.engine import Engine
from analytics.figures import FIGURES
from analytics.model import Period, Selection
from analytics.render import plotly
from analytics.render.marks import MARKS, look
from analytics.site import ROOT
from tests.answers import TOWNSHIPS, made, several
from tests.results import Number, result

# --- the frame ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("宁中镇最多：40件", ["宁中镇最多：40件"]),
        ("一二三四五六七八九十一二三四五六七1,237人次", ["一二三四五六七八九十一二三四五六七", "1,237人次"]),
        (
            "一二三四五六七八九十一二三四五六七八（39.5%），剩余",
            ["一二三四五六七八九十一二三四五六七八", "（39.5%），剩余"],
        ),
        ("一二三四五六七八九十一二三四五六七。", ["一二三四五六七八九十一二三四五六七。"]),
    ],
)
def test_titles_break_between_words_and_never_within_a_number(text: str, lines: list[str]) -> None:
    drawn = plotly.draw(made("ranking", result("petitions", "township", {"宁中镇": 3}), title=text))
    shown = drawn.layout.title.text.split("</b>")[0].removeprefix("<b>").split("<br>")
    assert shown == lines
    assert all(wcswidth(line) <= plotly.TITLE_COLUMNS for line in shown)


@pytest.mark.parametrize("name", FIGURES)
def test_titles_subtitles_and_sources_fit_a_phone(demo_engine: Engine, name: str) -> None:
    found = answer(
        demo_engine, FIGURES[name], Selection(Period.month("2021-11")).keep("township", *TOWNSHIPS[:9])
    )
    drawn = plotly.draw(found)
    title, small = drawn.layout.title.text.split("</b><br>")
    assert max(map(wcswidth, title.removeprefix("<b>").split("<br>"))) <= plotly.TITLE_COLUMNS + 2
    subtitle = small.split(">", 1)[1].removesuffix("</span>").split("<br>")
    assert max(map(wcswidth, subtitle)) <= plotly.SUBTITLE_COLUMNS + 2
    (source,) = [note for note in drawn.layout.annotations if "来源" in note.text]
    assert source.text.replace("<br>", "").replace(" ", "") == found.source.replace(" ", "")
    assert max(map(wcswidth, source.text.split("<br>"))) <= plotly.SOURCE_COLUMNS + 2


def test_a_higher_title_makes_the_picture_higher_not_the_chart_smaller() -> None:
    found = result("petitions", "township", {"宁中镇": 3})
    short, long = (plotly.draw(made("ranking", found, title="一" * n)).layout for n in (9, 60))
    assert long.margin.t > short.margin.t
    assert long.height - long.margin.t - long.margin.b == short.height - short.margin.t - short.margin.b


def test_a_title_has_no_last_line_of_a_character_or_two() -> None:
    lines = look.wrapped("应做7,280次，缺216次：石马镇缺24次最多", plotly.TITLE_COLUMNS)
    assert "".join(lines) == "应做7,280次，缺216次：石马镇缺24次最多"
    assert len(lines) == 2
    assert wcswidth(lines[-1]) >= look.WIDOW
    assert look.wrapped("一" * 17 + "，二", 36) == ["一" * 16, "一，二"]
    assert look.wrapped("短", 4) == ["短"]


@pytest.mark.parametrize("text", ["（23→35件，", "+52.2%）", "2021年", "11月", "1,237人次", "98.5%"])
def test_a_number_is_not_broken(text: str) -> None:
    for before in range(12):
        assert text in "".join(f"|{line}|" for line in look.wrapped("一" * before + text + "二" * 20, 22))


BY = {
    "line": "month",
    "ranking": "township",
    "bars": "township",
    "change": "township",
    "treemap": "topic_1 topic_2",
    "stack": "township channel",
    "progress": "batch",
    "waterfall": "township",
}


@pytest.mark.parametrize("mark", MARKS)
def test_nothing_is_drawn_of_nothing(mark: Mark) -> None:
    base: dict[str, Number] | None = {} if mark in ("change", "waterfall") else None
    drawn = plotly.draw(made(mark, result("petitions", BY.get(mark, "township month"), {}, base)))
    assert not drawn.data
    assert not drawn.layout.xaxis.visible
    assert not drawn.layout.yaxis.visible
    assert "宁中镇最多" in drawn.layout.title.text


def test_the_picture_says_what_it_is() -> None:
    settings = plotly.config(
        made("ranking", result("petitions", "township", {}, days="2021-12", as_of=date(2021, 12, 13)))
    )
    assert settings["toImageButtonOptions"]["filename"] == "信访总量_2021-12-01_2021-12-13"
    lines = several("month", {"letters": {"2021-11": 1}, "visits": {"2021-11": 2}})
    named = plotly.config(made("line", lines))["toImageButtonOptions"]["filename"]
    assert named == "来信、来访批次_2021-11-01_2021-11-30"
    assert settings["locale"] in settings["locales"]
    assert settings["modeBarButtons"] == [["toImage"]]


def test_hues_are_few_and_red_is_kept() -> None:
    used = {*look.HUES, *look.OUTCOMES.values(), *look.CHANNELS.values(), look.RISE, look.FALL}
    assert used == set(look.HUES)
    assert len(used) == len(look.HUES) <= 7
    assert look.LATE not in used


# --- how it is made -------------------------------------------------------------------------------


def test_the_slow_half_of_plotly_is_not_imported() -> None:
    imported = {
        name
        for path in (ROOT / "analytics").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in (*(alias.name for alias in node.names), getattr(node, "module", None))
    }
    assert "plotly.graph_objects" in imported
    assert {"plotly.express", "express", "px"} & imported == set()


@pytest.mark.parametrize("name", FIGURES)
def test_nothing_is_fetched(demo_engine: Engine, name: str) -> None:
    drawn = plotly.draw(answer(demo_engine, FIGURES[name], Selection(Period.month("2021-11"))))
    assert "http" not in drawn.to_json()
    assert not any(trace.type.startswith(("choropleth", "scattergeo", "scattermap")) for trace in drawn.data)


def test_an_answer_is_drawn_the_same_twice() -> None:
    found = made("ranking", result("petitions", "township", {"宁中镇": 3}))
    assert plotly.draw(found).to_json() == plotly.draw(replace(found)).to_json()

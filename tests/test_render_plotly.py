"""The frame of every chart: title, subtitle, source, words in Chinese, nothing fetched."""

from __future__ import annotations

import ast
from dataclasses import replace
from datetime import date
from html import unescape

import pytest
from wcwidth import wcswidth

from analytics.answers import Mark, answer
from analytics.engine import Engine
from analytics.figures import FIGURES
from analytics.model import Period, Selection
from analytics.render import plotly
from analytics.render.marks import MARKS, look
from analytics.render.marks.rows import PITCH
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
    assert all(wcswidth(line) <= plotly.PAGE.title.columns for line in shown)


@pytest.mark.parametrize("name", FIGURES)
def test_titles_subtitles_and_sources_fit_a_phone(demo_engine: Engine, name: str) -> None:
    found = answer(
        demo_engine, FIGURES[name], Selection(Period.month("2021-11")).keep("township", *TOWNSHIPS[:9])
    )
    drawn = plotly.draw(found)
    title, small = drawn.layout.title.text.split("</b><br>")
    assert max(map(wcswidth, title.removeprefix("<b>").split("<br>"))) <= plotly.PAGE.title.columns + 2
    subtitle = small.split(">", 1)[1].removesuffix("</span>").split("<br>")
    assert max(map(wcswidth, subtitle)) <= plotly.PAGE.subtitle.columns + 2
    (source,) = [note for note in drawn.layout.annotations if "来源" in note.text]
    assert source.text.replace("<br>", "").replace(" ", "") == found.source.replace(" ", "")
    assert max(map(wcswidth, source.text.split("<br>"))) <= plotly.PAGE.source.columns + 2


def test_a_higher_title_makes_the_picture_higher_not_the_chart_smaller() -> None:
    found = result("petitions", "township", {"宁中镇": 3})
    short, long = (plotly.draw(made("ranking", found, title="一" * n)).layout for n in (9, 60))
    assert long.margin.t > short.margin.t
    assert long.height - long.margin.t - long.margin.b == short.height - short.margin.t - short.margin.b


def test_a_title_has_no_last_line_of_a_character_or_two() -> None:
    lines = look.wrapped("应做7,280次，缺216次：石马镇缺24次最多", plotly.PAGE.title.columns)
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


def test_the_files_say_what_they_are() -> None:
    part = result("petitions", "township", {}, days="2021-12", as_of=date(2021, 12, 13))
    assert plotly.file_name(made("ranking", part)) == "信访总量_2021-12-01_2021-12-13"
    lines = several("month", {"letters": {"2021-11": 1}, "visits": {"2021-11": 2}})
    assert plotly.file_name(made("line", lines)) == "来信、来访批次_2021-11-01_2021-11-30"


# --- on a slide -----------------------------------------------------------------------------------

EACH_MARK = {figure.mark: name for name, figure in reversed(FIGURES.items())}
LEAST = 14 * 960 / 1280
"""Pixels of a slide's drawing that are 14 where it is 1280 wide."""


def sizes(layout: object) -> list[float]:
    """The size of every font in what Plotly is given."""
    if isinstance(layout, list):
        return [size for part in layout for size in sizes(part)]
    if not isinstance(layout, dict):
        return []
    named = [v["size"] for k, v in layout.items() if k.endswith("font") and "size" in v]
    return named + [size for part in layout.values() for size in sizes(part)]


@pytest.mark.parametrize("name", EACH_MARK.values(), ids=EACH_MARK)
def test_a_slide_holds_its_chart_and_can_be_read(demo_engine: Engine, name: str) -> None:
    chosen = Selection(Period.named("2021")).keep("township", *TOWNSHIPS[:9])
    found = answer(demo_engine, FIGURES[name], chosen)
    drawn = plotly.draw(found, plotly.SLIDE)
    layout = drawn.layout
    assert (layout.width, layout.height) == (960, 540)
    title, small = layout.title.text.split("</b><br>")
    across = {22: title.removeprefix("<b>"), 14: small.split(">", 1)[1].removesuffix("</span>")}
    (source,) = [note for note in layout.annotations if "来源" in note.text]
    across[11] = source.text
    for size, text in across.items():
        assert max(look.width(line, size) for line in text.split("<br>")) <= 960 - 2 * plotly.SLIDE.edge
    assert min(sizes(drawn.to_plotly_json())) >= LEAST
    assert f"font-size:{plotly.SLIDE.subtitle.size}px" in small
    assert source.text.replace("<br>", "").replace(" ", "") == found.source.replace(" ", "")
    rows = max((len(trace.y) for trace in drawn.data if getattr(trace, "orientation", "") == "h"), default=1)
    assert (layout.height - layout.margin.t - layout.margin.b) / rows >= LEAST * 1.2
    texts = [trace.text for trace in drawn.select_traces({"type": "scatter"}) if trace.mode == "text"]
    beyond = [text for named in texts for text in named]
    assert layout.margin.r >= max(map(look.width, beyond), default=0)


@pytest.mark.parametrize("rows", [1, 3, 21])
def test_what_a_slide_shows_is_what_the_page_shows(rows: int) -> None:
    found = made("ranking", result("petitions", "township", {f"第{n}镇": n + 1 for n in range(rows)}))
    page, slide = (plotly.draw(found, size) for size in (plotly.PAGE, plotly.SLIDE))
    assert [trace.to_plotly_json() for trace in page.data] == [t.to_plotly_json() for t in slide.data]
    high = slide.layout.height - slide.layout.margin.t - slide.layout.margin.b
    assert high <= plotly.STRETCH * (page.layout.height - page.layout.margin.t - page.layout.margin.b)


@pytest.mark.parametrize("rows", [3, 21, 40, 90])
def test_rows_of_a_slide_are_named_within_its_edges_and_go_on_beside_or_are_counted(rows: int) -> None:
    numbers = {f"某某某某<镇{n}": 100 - n for n in range(rows)}
    found = made("ranking", result("petitions", "township", numbers), most=rows)
    drawn = plotly.draw(found, plotly.SLIDE)
    layout = drawn.layout
    names = [unescape(text).strip() for text in layout.yaxis.ticktext]
    assert names == list(numbers)
    assert max(map(look.width, names)) <= layout.margin.l - plotly.SLIDE.edge
    inside = layout.height - layout.margin.t - layout.margin.b
    ends = [axis.range[0] + 0.5 for axis in drawn.select_yaxes()]
    assert inside / ends[0] >= PITCH
    assert (rows > 21) == (len(ends) == 2)
    left_out = rows - max(ends)
    assert (f"另有{left_out:.0f}个未列出" in layout.title.text) == (left_out > 0) == (rows == 90)


def test_numbers_in_bars_that_half_a_slide_is_too_narrow_for_are_left_out() -> None:
    numbers = {f"镇{n} {channel}": 90 for n in range(40) for channel in ("letter", "visit")}
    numbers |= {f"镇{n} phone": 3 for n in range(40)}
    drawn = plotly.draw(made("stack", result("petitions", "township channel", numbers)), plotly.SLIDE)
    shown = {trace.name: set(trace.text) for trace in drawn.data}
    assert shown == {"来信": {"90"}, "来访": {"90"}, "来电": {""}}


def test_every_row_of_a_waterfall_is_named_on_a_slide() -> None:
    found = result("petitions", "township", {"甲": 5, "乙": 9}, {"甲": 9, "乙": 2})
    drawn = plotly.draw(made("waterfall", found), plotly.SLIDE)
    named = [text.strip() for text in drawn.layout.yaxis.ticktext]
    assert (named[0], named[-1]) == ("2020年11月", "2021年11月")
    assert len(named) == 4


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

"""How an answer looks: names whole, numbers beside their marks, words in Chinese, nothing fetched."""

from __future__ import annotations

import ast
from dataclasses import replace
from datetime import date

import plotly.graph_objects as go
import pytest
from wcwidth import wcswidth

from analytics.engine import Engine
from analytics.figures import FIGURES, Answer, Figure, Mark, answer
from analytics.model import Period, Selection
from analytics.render import plotly
from analytics.result import Coverage, Result
from analytics.site import ROOT, load_site
from tests.results import LONG, Number, result

TOWNSHIPS = tuple(t.name for t in load_site(ROOT / "site.toml").townships)
TWENTY = {name: 40 - 2 * n for n, name in enumerate(TOWNSHIPS)}


def made(
    mark: Mark, found: Result, chosen: tuple[str, ...] = (), members: tuple[str, ...] = (), **words: str
) -> Answer:
    """An answer without an engine."""
    figure = Figure("made", "？", mark, found.query.metrics, found.query.by, complete=bool(members))
    title = words.get("title", "宁中镇最多：40件")
    return Answer(
        figure, found, title, "信访总量 · 2021年11月 · 单位：件", "来源：示例信访局", chosen, members, 10
    )


def ranking(numbers: dict[str, Number], base: dict[str, Number] | None = None, **more: object) -> go.Figure:
    metric = str(more.pop("metric", "petitions"))
    return plotly.draw(made("ranking", result(metric, "township", numbers, base), **more))  # type: ignore[arg-type]


def annotations(drawn: go.Figure) -> str:
    return " ".join(note.text for note in drawn.layout.annotations)


# --- rankings -------------------------------------------------------------------------------------


def test_twenty_townships_have_all_their_names_and_room() -> None:
    drawn = ranking(TWENTY, members=TOWNSHIPS)
    bars = drawn.data[0]
    assert list(bars.y) == list(TOWNSHIPS) == sorted(TOWNSHIPS, key=lambda name: -TWENTY[name])
    assert list(bars.x) == list(TWENTY.values())
    assert list(bars.text) == [str(n) for n in TWENTY.values()]
    assert drawn.layout.yaxis.type == "category"
    assert (drawn.layout.yaxis.tickvals, drawn.layout.yaxis.nticks) == (None, None)
    assert drawn.layout.yaxis.automargin
    inside = drawn.layout.height - drawn.layout.margin.t - drawn.layout.margin.b
    assert inside / len(bars.y) >= 20
    assert drawn.layout.yaxis.range == (19.5, -0.5)


def test_bars_begin_at_zero_and_stand_horizontally() -> None:
    drawn = ranking(TWENTY)
    assert drawn.layout.xaxis.rangemode == "tozero"
    assert drawn.data[0].orientation == "h"


def test_a_long_ranking_shows_its_head_and_a_complete_one_all() -> None:
    many: dict[str, Number] = {f"单位{n:02}": 99 - n for n in range(30)}
    assert list(ranking(many).data[0].y) == list(many)[:20]
    everyone: dict[str, Number] = dict.fromkeys(TOWNSHIPS, 1) | {"未填": 3, "未识别": 2}
    names = list(ranking(everyone, members=TOWNSHIPS).data[0].y)
    assert set(names[:20]) == set(TOWNSHIPS)
    assert set(names[20:]) == {"未填", "未识别"}


def test_members_without_a_number_are_shown_only_where_the_list_is_complete() -> None:
    numbers: dict[str, Number] = {"宁中镇": 3, "新陂镇": 0}
    assert list(ranking(numbers).data[0].y) == ["宁中镇"]
    assert list(ranking(numbers, members=("宁中镇", "新陂镇", "坭陂镇")).data[0].text) == ["3", "0", "0"]


def test_nobody_is_pale() -> None:
    colours = ranking({"宁中镇": 3, "未填": 9}).data[0].marker.color
    assert list(colours) == [plotly.ACCENT, plotly.PALE]


def test_the_base_is_a_tick_where_there_is_one() -> None:
    bars, ticks = ranking({"宁中镇": 30, "新陂镇": 20}, {"宁中镇": 12, "新陂镇": 25}).data
    assert dict(zip(ticks.y, ticks.x, strict=True)) == {"宁中镇": 12, "新陂镇": 25}
    assert list(bars.hovertext) == ["宁中镇 30件，同比上升150.0%", "新陂镇 20件，同比下降20.0%"]


def test_no_tick_for_a_base_before_the_data() -> None:
    young = Coverage(date(2021, 5, 1), LONG.last)
    found = result("petitions", "township", {"宁中镇": 30}, {"宁中镇": 0}, coverage=young)
    (bars,) = plotly.draw(made("ranking", found)).data
    assert list(bars.hovertext) == ["宁中镇 30件，无上年同期数据"]


def test_a_rate_is_drawn_as_a_percentage() -> None:
    drawn = ranking({"宁中镇": (1, 4), "新陂镇": (0, 0)}, metric="repeat_rate", members=("宁中镇", "新陂镇"))
    assert list(drawn.data[0].text) == ["25.0%", "—"]
    assert drawn.layout.xaxis.tickformat == ".0%"


@pytest.mark.parametrize(("most", "step"), [(5, 1), (6, None)])
def test_small_counts_have_no_fractions_on_their_axis(most: int, step: int | None) -> None:
    assert ranking({"宁中镇": most}).layout.xaxis.dtick == step


# --- lines, stacks, heatmaps ----------------------------------------------------------------------


def test_a_line_is_labelled_at_its_ends() -> None:
    months: dict[str, Number] = {"2021-09": 11, "2021-10": 99, "2021-11": 171}
    drawn = plotly.draw(made("line", result("petitions", "month", months)))
    ends = [(note.x, note.text) for note in drawn.layout.annotations if note.xref != "paper"]
    assert ends == [("2021-09", "<b>11</b>"), ("2021-11", "<b>171</b>")]
    assert drawn.layout.yaxis.rangemode == "tozero"


def test_a_line_has_gaps_where_nothing_is_known() -> None:
    months: dict[str, Number] = {"2021-09": (1, 2), "2021-10": (0, 0), "2021-11": (1, 4)}
    (line,) = plotly.draw(made("line", result("repeat_rate", "month", months))).data
    assert list(line.y) == [0.5, None, 0.25]
    assert not line.connectgaps


def test_two_years_have_a_label_each_quarter_and_each_year() -> None:
    months: dict[str, Number] = {f"{y}-{m:02}": m for y in (2020, 2021) for m in range(1, 13)}
    axis = plotly.draw(made("line", result("petitions", "month", months))).layout.xaxis
    assert list(axis.tickvals) == [f"{y}-{m}" for y in (2020, 2021) for m in ("01", "04", "07", "10")]
    assert list(axis.ticktext) == [
        "1月<br>2020年",
        "4月",
        "7月",
        "10月",
        "1月<br>2021年",
        "4月",
        "7月",
        "10月",
    ]


def test_a_stack_names_its_parts_and_keeps_their_colours() -> None:
    numbers: dict[str, Number] = {"宁中镇 visit": 2, "宁中镇 letter": 6, "新陂镇 phone": 9, "宁中镇 未填": 1}
    drawn = plotly.draw(made("stack", result("petitions", "township channel", numbers)))
    assert {trace.name: trace.marker.color for trace in drawn.data} == {
        "来信": plotly.CHANNELS["letter"],
        "来访": plotly.CHANNELS["visit"],
        "来电": plotly.CHANNELS["phone"],
        "未填": plotly.PALE,
    }
    assert all(list(trace.y) == ["宁中镇", "新陂镇"] for trace in drawn.data)
    assert [list(trace.x) for trace in drawn.data if trace.name == "来信"] == [[6, 0]]
    assert all(name in annotations(drawn) for name in ("来信", "来访", "来电"))
    assert drawn.layout.barmode == "stack"


def test_a_heatmap_has_a_row_for_each_and_the_greatest_first() -> None:
    numbers: dict[str, Number] = {
        "宁中镇 2021-10": 1,
        "新陂镇 2021-10": 5,
        "新陂镇 2021-11": 0,
        "未填 2021-11": 9,
    }
    found = result("petitions", "township month", numbers)
    (heat,) = plotly.draw(made("heatmap", found, members=("坭陂镇", "宁中镇", "新陂镇"))).data
    assert list(heat.y) == ["新陂镇", "宁中镇", "坭陂镇", "未填"]
    assert [list(row) for row in heat.z] == [[5, 0], [1, 0], [0, 0], [0, 9]]
    assert heat.hovertext[0][0] == "新陂镇 2021-10 5件"


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


def test_nothing_is_drawn_of_nothing() -> None:
    for mark in ("line", "ranking", "heatmap", "band", "progress", "burndown", "stack"):
        by = {"line": "month", "ranking": "township", "stack": "township channel", "progress": "batch"}
        drawn = plotly.draw(made(mark, result("petitions", by.get(mark, "township month"), {})))
        assert not drawn.layout.xaxis.visible


def test_the_picture_says_what_it_is() -> None:
    settings = plotly.config(
        made("ranking", result("petitions", "township", {}, days="2021-12", as_of=date(2021, 12, 13)))
    )
    assert settings["toImageButtonOptions"]["filename"] == "信访总量_2021-12-01_2021-12-13"
    assert settings["locale"] in settings["locales"]
    assert settings["modeBarButtons"] == [["toImage"]]


def test_hues_are_few_and_red_is_kept() -> None:
    used = {*plotly.HUES, *plotly.OUTCOMES.values(), *plotly.CHANNELS.values()}
    assert used == set(plotly.HUES)
    assert len(used) == len(plotly.HUES) <= 7
    assert plotly.LATE not in used


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

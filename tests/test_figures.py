"""Every figure answers and draws: over the demo, over nothing, under filters, with the engine's numbers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import plotly.graph_objects as go
import pytest

from analytics.catalogue import METRICS
from analytics.engine import Engine
from analytics.figures import FIGURES, Figure, answer, applicable, compared_members, filters_in_words
from analytics.insight.findings import NO_DATA
from analytics.insight.wording import count
from analytics.model import Period, Scope, Selection
from analytics.render import plotly
from analytics.store import Store
from tests.bureau import SITE, Bureau, item, period
from tests.results import result

Value = float | int | None
NOVEMBER = Selection(Period.month("2021-11"))
SPANS = {
    "period": "2021-11-01 2021-11-30",
    "year": "2021-01-01 2021-11-30",
    "two_years": "2019-12-01 2021-11-30",
    "all": "2020-05-01 2021-11-30",  # of the backlog
}
"""The days that a figure shows for November 2021, by its span."""

every_figure = pytest.mark.parametrize("figure", FIGURES.values(), ids=list(FIGURES))


@pytest.fixture(scope="module")
def nothing(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """An engine over a store that was never written to."""
    return Engine(Store(tmp_path_factory.mktemp("nothing")), SITE)


def title_of(drawn: go.Figure) -> str:
    return str(drawn.layout.title.text).replace("<br>", "")


# --- always an answer -----------------------------------------------------------------------------


@every_figure
def test_over_the_demo(demo_engine: Engine, figure: Figure) -> None:
    found = answer(demo_engine, figure, NOVEMBER)
    drawn = plotly.draw(found)
    assert found.result.keys
    assert found.title not in ("", NO_DATA)
    assert "—" not in found.title
    assert found.title.replace(" ", "") in title_of(drawn).replace(" ", "")
    assert figure.metric.label in found.subtitle
    assert any(len(trace.x if trace.x is not None else trace.z) for trace in drawn.data)
    for part in ("来源：兴宁市信访局", "截至2021-12-13", "第1版", "演示数据"):
        assert part in found.source


@every_figure
def test_over_an_empty_store(nothing: Engine, figure: Figure) -> None:
    for selection in (NOVEMBER, NOVEMBER.keep("township", "宁中镇").keep("channel", "letter")):
        found = answer(nothing, figure, selection)
        assert found.title == NO_DATA
        assert NO_DATA in title_of(plotly.draw(found))
        assert "演示数据" not in found.source


@every_figure
def test_under_a_filter_that_leaves_nothing(demo_engine: Engine, figure: Figure) -> None:
    filters = {"responsible_unit": "没有的单位", "category_1": "没有的分类"}
    selection = NOVEMBER
    for name, member in filters.items():
        if name not in figure.by:
            selection = selection.keep(name, member)
    found = answer(demo_engine, figure, selection)
    assert found.title in (NO_DATA, "2021年11月信访总量0件，同比持平")
    assert NO_DATA in title_of(plotly.draw(found)) or figure.mark == "line"
    assert "没有的单位" in found.source


@every_figure
@pytest.mark.parametrize(
    "days", ["2018-01-01 2018-03-31", "2019-01", "2021-12", "2022-05", "2021-11-15 2021-11-15"]
)
def test_in_any_period(demo_engine: Engine, figure: Figure, days: str) -> None:
    found = answer(demo_engine, figure, Selection(period(days)))
    assert title_of(plotly.draw(found))


@every_figure
def test_for_a_township_that_sees_itself_only(demo_engine: Engine, figure: Figure) -> None:
    found = answer(demo_engine, figure, replace(NOVEMBER, scope=Scope("宁中镇")))
    plotly.draw(found)
    if figure.by[0] == "township":
        assert {key[0] for key in found.result.keys} <= {"宁中镇"}
        assert "多数镇街" not in found.title


# --- the numbers drawn ----------------------------------------------------------------------------


def drawn_numbers(figure: Figure, drawn: go.Figure) -> dict[tuple[str, ...], Value]:
    """What a person could read off the marks: value by member, or by row and part, or by member and month."""
    traces = list(drawn.data)
    match figure.mark:
        case "line":
            return {(x,): y for x, y in zip(traces[0].x, traces[0].y, strict=True)}
        case "ranking":
            return {(name,): x for name, x in zip(traces[0].customdata, traces[0].x, strict=True)}
        case "heatmap":
            (heat,) = traces
            return {
                (row, month): z
                for row, line in zip(heat.y, heat.z, strict=True)
                for month, z in zip(heat.x, line, strict=True)
            }
    return {
        (name, trace.name): x for trace in traces for name, x in zip(trace.customdata, trace.x, strict=True)
    }


def asked(engine: Engine, figure: Figure) -> dict[tuple[str, ...], Value]:
    """The same from the engine, members by label in the second place."""
    found = engine.ask(figure.metrics, figure.by, period(SPANS[figure.span]))
    name = figure.metric.name
    second = plotly.DIMENSIONS[figure.by[-1]].label_of
    return {(*key[:1], *map(second, key[1:])): found.value(name, key) for key in found.keys}


@pytest.mark.parametrize(
    "name", [n for n, f in FIGURES.items() if f.mark in ("line", "ranking", "heatmap", "stack")]
)
def test_the_marks_show_what_the_engine_says(demo_engine: Engine, name: str) -> None:
    figure = FIGURES[name]
    drawn = drawn_numbers(figure, plotly.draw(answer(demo_engine, figure, NOVEMBER)))
    said = asked(demo_engine, figure)
    assert sum(v or 0 for v in said.values()) > 0
    if figure.mark == "ranking":
        assert len(drawn) >= min(figure.most, len([v for v in said.values() if v]))
        said = {key: said.get(key, 0) for key in drawn}
    if figure.mark == "stack":
        assert {key: v for key, v in drawn.items() if v} == {key: v for key, v in said.items() if v}
    else:
        assert drawn == said


def test_progress_shows_closed_late_and_not_yet_due(demo_engine: Engine) -> None:
    figure = FIGURES["batches"]
    year = Selection(Period.named("2021"))
    drawn = drawn_numbers(figure, plotly.draw(answer(demo_engine, figure, year)))
    batches = {part: {key[0]: v for key, v in drawn.items() if key[1] == part} for _, part in drawn}
    assert batches["办结"] == {"第一批": 110, "第二批": 15}
    rest = {b: batches["超期"][b] + batches["未到期"][b] for b in ("第一批", "第二批")}
    assert rest == {"第一批": 0, "第二批": 23}
    overdue = demo_engine.ask(("backlog_overdue",), ("batch",), year.period)
    assert batches["超期"]["第二批"] == overdue.value("backlog_overdue", ("第二批",))


def test_burn_down_begins_with_the_assignment_and_ends_with_what_remains(demo_engine: Engine) -> None:
    drawn = plotly.draw(answer(demo_engine, FIGURES["burn_down"], Selection(Period.named("2021"))))
    first, second = (list(trace.y) for trace in drawn.data)
    assert (max(first), first[-1]) == (110, 0)
    assert (max(second), second[-1]) == (38, 23)
    assert first == sorted(first, reverse=True)
    assert all(trace.x[0] == 0 for trace in drawn.data)


def test_band_shows_one_township_before_the_others(demo_engine: Engine) -> None:
    drawn = plotly.draw(answer(demo_engine, FIGURES["one_township"], NOVEMBER.keep("township", "宁中镇")))
    low, high, own = drawn.data
    months = demo_engine.ask(("petitions",), ("month",), period(SPANS["two_years"]), {"township": ["宁中镇"]})
    assert dict(zip(own.x, own.y, strict=True)) == {k[0]: months.value("petitions", k) for k in months.keys}
    assert all(a <= b for a, b in zip(low.y, high.y, strict=True))
    assert "宁中镇" in drawn.layout.annotations[0].text


# --- titles ---------------------------------------------------------------------------------------


def title(engine: Engine, name: str, selection: Selection = NOVEMBER) -> str:
    return answer(engine, FIGURES[name], selection).title


def number(engine: Engine, metric: str, days: str = "2021-11", **where: str) -> Value:
    return engine.ask((metric,), (), period(days), {k: [v] for k, v in where.items()}).value(metric)


def test_titles_carry_the_engine_s_numbers(demo_engine: Engine) -> None:
    total = number(demo_engine, "petitions")
    assert title(demo_engine, "trend").startswith(f"2021年11月信访总量{total}件，同比")
    assert title(demo_engine, "channels").startswith(f"共{total}件，")
    first = title(demo_engine, "townships").split("最多：")
    top = number(demo_engine, "petitions", township=first[0])
    assert first[1] == f"{top}件，占{top / total * 100:.1f}%"
    feedback = number(demo_engine, "feedback_on_time_rate")
    assert title(demo_engine, "feedback").startswith(f"2021年11月按期反馈率{feedback * 100:.1f}%")
    supervised = number(demo_engine, "supervised", SPANS["year"])
    assert title(demo_engine, "supervisors").startswith(f"共{supervised}件，工作人员")


def test_title_of_the_heatmap_is_its_greatest_cell(demo_engine: Engine) -> None:
    found = asked(demo_engine, FIGURES["township_months"])
    named = {key: v for key, v in found.items() if key[0] not in ("未填", "未识别")}
    (town, month), top = max(named.items(), key=lambda pair: pair[1])
    assert (
        title(demo_engine, "township_months")
        == f"{town} {month[:4]}年{int(month[5:])}月最集中：{count(top)}件"
    )


def test_title_of_the_backlog_is_what_was_published(demo_engine: Engine) -> None:
    year = Selection(Period.named("2021"))
    said = "第一批110宗全部办结；第二批办结15宗（39.5%），剩余23宗"
    assert title(demo_engine, "batches", year) == said
    assert title(demo_engine, "burn_down", year) == "2021年12月13日：第一批剩余0宗，第二批剩余23宗"


def test_title_of_one_township_is_its_last_month(demo_engine: Engine) -> None:
    own = number(demo_engine, "petitions", township="黄槐镇")
    chosen = NOVEMBER.keep("township", "黄槐镇")
    assert title(demo_engine, "one_township", chosen).startswith(f"黄槐镇2021年11月{own}件，")


def test_titles_follow_the_filters(demo_engine: Engine) -> None:
    letters = NOVEMBER.keep("channel", "letter")
    inside = number(demo_engine, "petitions", channel="letter")
    assert inside < number(demo_engine, "petitions")
    assert title(demo_engine, "trend", letters).startswith(f"2021年11月信访总量{inside}件")


# --- what a selection does to a figure ------------------------------------------------------------


def bars(drawn: go.Figure) -> dict[str, Any]:
    return dict(zip(drawn.data[0].customdata, drawn.data[0].marker.color, strict=True))


def test_chosen_members_are_in_front_and_the_others_stay(demo_engine: Engine) -> None:
    found = answer(demo_engine, FIGURES["townships"], NOVEMBER.keep("township", "黄槐镇", "宁中镇"))
    colours = bars(plotly.draw(found))
    assert {name for name, colour in colours.items() if colour == plotly.ACCENT} == {"黄槐镇", "宁中镇"}
    assert len(colours) >= 20
    assert found.result.cells == answer(demo_engine, FIGURES["townships"], NOVEMBER).result.cells


def test_the_first_is_in_front_where_none_is_chosen(demo_engine: Engine) -> None:
    colours = bars(plotly.draw(answer(demo_engine, FIGURES["townships"], NOVEMBER)))
    assert [name for name, colour in colours.items() if colour == plotly.ACCENT] == [next(iter(colours))]


def test_what_is_late_is_red_and_nothing_else_is(demo_engine: Engine) -> None:
    late = bars(plotly.draw(answer(demo_engine, FIGURES["overdue_by_township"], NOVEMBER)))
    assert {colour for name, colour in late.items() if name != "未填"} == {plotly.LATE}
    for name in ("townships", "topics", "backlog_by_township", "outstanding"):
        assert plotly.LATE not in bars(plotly.draw(answer(demo_engine, FIGURES[name], NOVEMBER))).values()


def test_complete_figures_list_every_township(demo_engine: Engine) -> None:
    places = {t.name for t in demo_engine.site.townships}
    complete = [f for f in FIGURES.values() if f.complete]
    assert len(places) == 20
    assert {f.mark for f in complete} == {"ranking", "heatmap"}
    # The 5th of a month of the first year: most townships have nothing that day.
    for selection in (NOVEMBER, Selection(period("2019-01-05 2019-01-05"))):
        for figure in complete:
            (trace, *_) = plotly.draw(answer(demo_engine, figure, selection)).data
            assert places <= set(trace.y), figure.name


def test_a_chosen_township_with_nothing_is_still_the_one_shown(tmp_path: Path) -> None:
    bureau = Bureau(tmp_path / "store")
    bureau.bring("petitions", *[item(n, "2021-11-05", township="宁中镇") for n in range(3)])
    found = answer(bureau.engine, FIGURES["one_township"], NOVEMBER.keep("township", "坭陂镇"))
    assert found.title.startswith("坭陂镇2021年11月")
    assert "0件" in found.title
    assert set(plotly.draw(found).data[2].y) == {0}


def test_the_one_in_front() -> None:
    numbers = {"宁中镇 2021-10": 1, "宁中镇 2021-11": 3, "新陂镇 2021-11": 2, "未填 2021-11": 9}
    found = result("petitions", "township month", numbers, days="2021-10-01 2021-11-30")
    assert compared_members(found, ()) == ("宁中镇", ["新陂镇"])
    assert compared_members(found, ("新陂镇", "宁中镇")) == ("新陂镇", ["宁中镇"])
    assert compared_members(found, ("未填",)) == ("宁中镇", ["新陂镇"])
    assert compared_members(result("petitions", "township month", {}), ("新陂镇",)) == ("", [])


def test_filters_that_a_figure_lacks_are_left_out_and_named(demo_engine: Engine) -> None:
    selection = NOVEMBER.keep("channel", "letter").keep("township", "宁中镇")
    kept, lacking = applicable(("backlog_remaining",), selection)
    assert (kept.members, lacking) == ((("township", ("宁中镇",)),), ("信访形式",))
    everything = applicable(("letters",), selection)
    assert everything == (selection, ())
    found = answer(demo_engine, FIGURES["backlog_by_official"], selection)
    assert dict(found.result.query.selection.members) == {"township": ("宁中镇",)}
    assert "镇街=宁中镇" in found.source
    assert "信访形式" not in found.source


def test_filters_in_words() -> None:
    selection = NOVEMBER.keep("township", "宁中镇", "叶塘镇").keep("channel", "letter")
    assert filters_in_words(selection) == "镇街=宁中镇、叶塘镇，信访形式=来信"
    assert filters_in_words(NOVEMBER) == ""


def test_a_figure_s_own_filter_holds_whatever_is_selected(demo_engine: Engine) -> None:
    figure = Figure("x", "全员包案由谁督办？", "ranking", ("supervised",), ("supervisor",), "year")
    nine = answer(
        demo_engine, replace(figure, where=(("ordered_by", ("全员包案",)),)), Selection(Period.named("2021"))
    )
    assert sum(nine.result.value("supervised", key) for key in nine.result.keys) == 90


def test_subtitles_say_measure_days_and_unit(demo_engine: Engine) -> None:
    def subtitle(name: str, days: str = "2021-11") -> str:
        return answer(demo_engine, FIGURES[name], Selection(period(days))).subtitle

    assert subtitle("trend") == "信访总量 · 2019年12月—2021年11月 · 单位：件"
    assert subtitle("townships") == "信访总量 · 2021年11月 · 单位：件 · 同比对比2020年11月"
    assert subtitle("overdue_by_township") == "超期未办结 · 2021-11-30止 · 单位：件"
    assert subtitle("overdue_by_township", "2021-12") == "超期未办结 · 2021-12-13止 · 单位：件"
    assert subtitle("feedback").endswith("单位：%")


def test_names_and_questions_are_apart() -> None:
    assert [name for name, figure in FIGURES.items() if figure.name != name] == []
    assert len({figure.question for figure in FIGURES.values()}) == len(FIGURES)
    assert all(set(figure.metrics) <= set(METRICS) for figure in FIGURES.values())


def test_an_older_version_is_drawn_as_it_was(tmp_path: Path) -> None:
    bureau = Bureau(tmp_path / "store")
    for n in (1, 2):
        bureau.bring("petitions", item(n, "2021-11-05", township="宁中镇"))
    selection = Selection(Period.month("2021-11"))
    shown = [answer(bureau.engine, FIGURES["trend"], selection, {"petitions": v}) for v in (1, 2)]
    assert [found.result.value("petitions", ("2021-11",)) for found in shown] == [1, 2]
    assert ["第1版" in found.source for found in shown] == [True, False]

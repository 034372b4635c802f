"""Every figure answers and draws: over the demo, over nothing, under filters, with the engine's numbers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import plotly.graph_objects as go
import pytest

from analytics.answers import Figure, Mark, answer, applicable, compared_members
from analytics.catalogue import DIMENSIONS, METRICS, dimensions_of
from analytics.citing import filters_in_words
from analytics.engine import Engine
from analytics.figures import FIGURES
from analytics.insight.findings import NO_DATA
from analytics.insight.windows import TIMES
from analytics.insight.wording import count
from analytics.model import LEVELS, Comparison, Period, Scope, Selection
from analytics.render import plotly
from analytics.render.marks import look
from analytics.result import NOBODY
from analytics.store import Store
from tests.bureau import SITE, Bureau, item, period
from tests.results import result

Value = float | int | None
NOVEMBER = Selection(Period.month("2021-11"))
SPANS = {
    "period": "2021-11-01 2021-11-30",
    "half_year": "2021-06-01 2021-11-30",
    "year": "2021-01-01 2021-11-30",
    "twelve_months": "2020-12-01 2021-11-30",
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
    assert drawn.data
    for part in ("来源：兴宁市信访局", "截至2021-12-13", "版", "演示数据"):
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
    taken = {"township", *LEVELS, *TIMES, *figure.by, *dict(figure.where)}
    known = dimensions_of(METRICS[name] for name in figure.metrics)
    free = [name for name in known if name not in taken and not DIMENSIONS[name].members]
    if not free:
        pytest.skip("every dimension is a closed list")
    found = answer(demo_engine, figure, NOVEMBER.keep(free[0], "没有的"))
    if figure.mark == "line":
        assert "0" in found.title or "尚无数据" in found.title or found.title == NO_DATA
    else:
        assert found.title == NO_DATA
    assert found.title.replace(" ", "") in title_of(plotly.draw(found)).replace(" ", "")
    assert "没有的" in found.source


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
    """What a person could read off the marks: value by member, by row and part, by row and column."""
    traces = list(drawn.data)
    match figure.mark:
        case "line":
            lines = [t for t in traces if t.name]  # the band of normal variation has no name
            return {(x, t.name): y for t in lines for x, y in zip(t.x, t.y, strict=True)}
        case "ranking" | "bars" | "change":
            return {(name,): x for name, x in zip(traces[0].customdata, traces[0].x, strict=True)}
        case "funnel":
            dots = traces[-1]
            return {(name,): y / 100 for name, y in zip(dots.customdata, dots.y, strict=True)}
        case "heatmap":
            (heat,) = traces
            return {
                (row, column): z
                for row, line in zip(heat.y, heat.z, strict=True)
                for column, z in zip(heat.x, line, strict=True)
            }
        case "treemap":
            (tree,) = traces
            shown = zip(tree.parents, tree.labels, tree.values, strict=True)
            return {(label.rpartition(" ")[0],): v for parent, label, v in shown if parent == tree.ids[0]}
    return {
        (name, trace.name): x for trace in traces for name, x in zip(trace.customdata, trace.x, strict=True)
    }


def asked(engine: Engine, figure: Figure) -> dict[tuple[str, ...], Value]:
    """The same from the engine."""
    where, days = dict(figure.where), period(SPANS[figure.span])
    name, by = figure.metric.name, figure.by
    level = by[:1] if figure.mark == "treemap" else by
    found = engine.ask(figure.metrics, level, days, where, figure.compare)
    match figure.mark:
        case "line":
            return {(key[0], m.label): found.value(m.name, key) for m in figure.drawn for key in found.keys}
        case "change":
            pairs = {key: (found.value(name, key), found.base_cell(name, key)) for key in found.keys}
            return {key: (now or 0) - (base.value or 0) for key, (now, base) in pairs.items() if base}
        case "stack":
            label = DIMENSIONS[by[1]].label_of
            return {(row, label(part)): found.value(name, (row, part)) for row, part in found.keys}
        case "heatmap":
            label = DIMENSIONS[by[0]].label_of
            return {(label(row), column): found.value(name, (row, column)) for row, column in found.keys}
    return {key: found.value(name, key) for key in found.keys}


NUMBERS = [f.name for f in FIGURES.values() if f.mark not in ("band", "progress", "burndown")]


@pytest.mark.parametrize("name", NUMBERS)
def test_the_marks_show_what_the_engine_says(demo_engine: Engine, name: str) -> None:
    figure = FIGURES[name]
    drawn = drawn_numbers(figure, plotly.draw(answer(demo_engine, figure, NOVEMBER)))
    said = asked(demo_engine, figure)
    assert any(said.values())
    if figure.mark == "funnel":
        assert drawn == pytest.approx({key: value for key, value in said.items() if key in drawn})
        assert {key[0] for key in said.keys() - drawn.keys()} <= set(NOBODY), "all have rows enough"
        return
    if figure.mark in ("ranking", "change", "heatmap"):  # these may be cut
        rows = {key[0] for key in drawn}
        assert len(rows) >= min(figure.most, len({key[0] for key, value in said.items() if value}) - 1)
        said = {key: value for key, value in said.items() if key[0] in rows}
    without = (None,) if figure.metric.is_rate and figure.mark == "heatmap" else (None, 0)
    assert {key: v for key, v in drawn.items() if v not in without} == {
        key: v for key, v in said.items() if v not in without
    }


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
    assert {name for name, colour in colours.items() if colour == look.ACCENT} == {"黄槐镇", "宁中镇"}
    assert len(colours) >= 20
    assert found.result.cells == answer(demo_engine, FIGURES["townships"], NOVEMBER).result.cells


def test_the_first_is_in_front_where_none_is_chosen(demo_engine: Engine) -> None:
    colours = bars(plotly.draw(answer(demo_engine, FIGURES["townships"], NOVEMBER)))
    assert [name for name, colour in colours.items() if colour == look.ACCENT] == [next(iter(colours))]


def test_what_is_late_is_red_and_nothing_else_is(demo_engine: Engine) -> None:
    late = bars(plotly.draw(answer(demo_engine, FIGURES["overdue_by_township"], NOVEMBER)))
    assert {colour for name, colour in late.items() if name != "未填"} == {look.LATE}
    for name in ("townships", "topics", "backlog_by_township", "outstanding"):
        assert look.LATE not in bars(plotly.draw(answer(demo_engine, FIGURES[name], NOVEMBER))).values()


def test_complete_figures_list_every_township(demo_engine: Engine) -> None:
    places = {t.name for t in demo_engine.site.townships}
    complete = [f for f in FIGURES.values() if f.complete]
    assert len(places) == 20
    assert {f.mark for f in complete} <= {"ranking", "heatmap"}
    # The 5th of a month of the first year: most townships have nothing that day.
    for selection in (NOVEMBER, Selection(period("2019-01-05 2019-01-05"))):
        drawn = {figure: plotly.draw(answer(demo_engine, figure, selection)).data for figure in complete}
        assert any(drawn.values())
        for figure, traces in drawn.items():  # no duty ends on that day
            assert not traces or places <= set(traces[0].y), figure.name


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

    assert subtitle("trend") == (
        "信访总量 · 2019年12月—2021年11月 · 单位：件 · 灰带为正常波动 70–310.1，均值 190"
    )
    assert subtitle("townships") == "信访总量 · 2021年11月 · 单位：件 · 同比对比2020年11月"
    assert subtitle("overdue_by_township") == "超期未办结 · 2021-11-30止 · 单位：件"
    assert subtitle("overdue_by_township", "2021-12") == "超期未办结 · 2021-12-13止 · 单位：件"
    assert subtitle("feedback").endswith("单位：%")
    assert subtitle("ways_in").endswith(
        "来信、来访批次、网上信访、来电、上级交办 · 2019年12月—2021年11月 · 单位：件、批"
    )
    assert subtitle("group_sizes") == "集体访批次 · 2021年11月 · 单位：批 · 同比对比2020年11月"
    assert subtitle("township_rounds") == "应排尽排率 · 2021年6—11月 · 橙色有缺，空白没有应做的"


@pytest.mark.parametrize(
    ("mark", "by", "compare"),
    [
        ("ranking", ("category_2",), "none"),
        ("change", ("category_2",), "year_ago"),
        ("heatmap", ("category_2", "month"), "none"),
    ],
)
def test_what_is_not_shown_is_counted(
    demo_engine: Engine, mark: Mark, by: tuple[str, ...], compare: Comparison
) -> None:
    figure = Figure("x", "？", mark, ("petitions",), by, compare=compare, most=6)
    found = answer(demo_engine, figure, NOVEMBER)
    shown = [name for name in plotly.draw(found).data[0].y if name not in NOBODY]
    everyone = answer(demo_engine, replace(figure, most=999), NOVEMBER)
    names = [name for name in plotly.draw(everyone).data[0].y if name not in NOBODY]
    assert len(shown) == 6 < len(names)
    left_out = int(found.subtitle.partition("另有")[2].removesuffix("个未列出"))
    assert left_out - (len(names) - 6) in (0, 1)  # 未填 may be one of them
    assert "另有" not in everyone.subtitle


def test_growth_needs_something_to_compare_with() -> None:
    with pytest.raises(ValueError, match="compare"):
        Figure("x", "？", "change", ("petitions",), ("topic_1",))


def test_a_click_selects_what_is_not_time() -> None:
    for by, click in {
        ("month",): None,
        ("unit", "window"): "unit",
        ("month", "township"): "township",
    }.items():
        assert Figure("x", "？", "heatmap", ("petitions",), by).click == click
    assert Figure("x", "？", "treemap", ("petitions",), ("topic_1",)).click is None  # a click goes down


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


def test_a_figure_by_topic_leaves_out_the_filters_on_the_levels_below(demo_engine: Engine) -> None:
    november = Selection(Period.month("2021-11"))
    narrow = november.keep("topic_1", "城乡建设").keep("topic_2", "城乡规划")
    first = answer(demo_engine, FIGURES["topics"], narrow).result
    assert first.cells == answer(demo_engine, FIGURES["topics"], november).result.cells
    second = answer(demo_engine, FIGURES["topics_2"], narrow).result
    assert dict(second.query.selection.members) == {"topic_1": ("城乡建设",)}
    assert len(second.keys) > 1

"""Charts of Office: the numbers of the answer and none other, in the colours and order of the screen."""

from __future__ import annotations

import io
from typing import get_args

import pytest
from openpyxl import load_workbook
from pptx.package import Package
from pptx.parts.chart import ChartPart

from analytics.answers import Answer, Figure, Mark, answer
from analytics.catalogue import METRICS
from analytics.engine import Engine
from analytics.figures import FIGURES, changes
from analytics.insight.explain import explain
from analytics.model import Selection
from analytics.render.marks.look import ACCENT, CHANNELS, FALL, GREY, LATE, PALE, RISE
from analytics.render.native import Grid, Native, native
from analytics.render.office import chart_data, chart_type, styled
from tests.answers import made
from tests.bureau import period
from tests.results import result

SHOWN = {f.mark: f for f in reversed(FIGURES.values())} | {
    "waterfall": changes("petitions", ("township",), "year_ago")
}


@pytest.fixture(scope="module")
def answers(demo_engine: Engine) -> dict[str, Answer]:
    """One of every mark."""
    month = Selection(period("2021-11"))
    return {mark: answer(demo_engine, figure, month) for mark, figure in SHOWN.items()}


def ask(engine: Engine, figure: Figure, month: str = "2021-11") -> Native | Grid | None:
    return native(answer(engine, figure, Selection(period(month))))


def test_every_mark_is_drawn(answers: dict[str, Answer]) -> None:
    assert set(answers) == set(get_args(Mark))
    drawn = {mark: native(one) for mark, one in answers.items()}
    assert {mark for mark, one in drawn.items() if not isinstance(one, Native)} == {"heatmap"}


@pytest.mark.parametrize("mark", ["line", "ranking", "bars", "stack", "funnel"])
def test_numbers_are_the_results(mark: str, answers: dict[str, Answer]) -> None:
    found, drawn = answers[mark], native(answers[mark])
    assert isinstance(drawn, Native)
    kept = set()
    for key, cells in found.result.cells.items():
        kept |= {c.value for c in (*cells, *((found.result.base or {}).get(key) or ()))}
    assert {v for series in drawn.series for v in series.values} <= kept | {0, None}
    whole = [sum(v or 0 for v in series.values) for series in drawn.series]
    if mark == "stack":
        assert sum(whole) == sum(c.numerator for (c, *_) in found.result.cells.values())
    if mark == "ranking":
        assert whole[0] == sum(c.value or 0 for (c, *_) in found.result.cells.values())


def test_a_ranking_is_complete_and_begins_with_the_greatest(demo_engine: Engine) -> None:
    drawn = ask(demo_engine, FIGURES["townships"])
    assert isinstance(drawn, Native)
    values = [v or 0 for v in drawn.series[0].values[:-1]]
    assert values == sorted(values, reverse=True) and len(values) >= 20
    assert drawn.categories[-1] == "未填" and drawn.series[0].points[-1] == PALE
    assert drawn.series[0].points[0] == ACCENT and GREY in drawn.series[0].points
    assert [s.name for s in drawn.series] == ["2021年11月", "2020年11月"]


def test_only_what_is_late_is_red(demo_engine: Engine, answers: dict[str, Answer]) -> None:
    late = ask(demo_engine, FIGURES["overdue_by_township"])
    assert isinstance(late, Native) and LATE in late.series[0].points
    progress = native(answers["progress"])
    assert isinstance(progress, Native)
    assert [s.name for s in progress.series if s.colour == LATE] == ["超期"]
    for mark in set(answers) - {"progress", "heatmap"}:
        drawn = native(answers[mark])
        assert isinstance(drawn, Native)
        late_metric = answers[mark].figure.metric.name.endswith("overdue")
        assert late_metric or LATE not in {c for s in drawn.series for c in (s.colour, *s.points)}, mark


def test_a_category_has_the_colour_of_the_screen(demo_engine: Engine) -> None:
    drawn = ask(demo_engine, FIGURES["channels"])
    assert isinstance(drawn, Native)
    named = dict(zip(("来信", "来访", "网上信访", "来电"), CHANNELS.values(), strict=True))
    assert {s.name: s.colour for s in drawn.series if s.name in named} == named


def test_steps_of_a_waterfall_add_up(answers: dict[str, Answer]) -> None:
    drawn, explained = native(answers["waterfall"]), explain(answers["waterfall"].result)
    assert isinstance(drawn, Native)
    (steps,) = drawn.series
    assert sum(v or 0 for v in steps.values) == explained.now - explained.base
    expected = tuple(RISE if (v or 0) > 0 else FALL for v in steps.values)
    assert steps.points == expected and {RISE, FALL} == set(expected)


def test_what_was_due_is_a_table_of_signs(demo_engine: Engine) -> None:
    found = answer(demo_engine, FIGURES["township_rounds"], Selection(period("2021-12")))
    drawn = native(found)
    assert isinstance(drawn, Grid)
    signs = [text for row in drawn.rows for text in row[1:]]
    cells = [c for (c, *_) in found.result.cells.values() if c.denominator]
    assert signs.count("缺") == sum(not c.numerator for c in cells) > 0
    assert signs.count("✓") == sum(bool(c.numerator) for c in cells)
    shades = {
        text: fill
        for row, line in zip(drawn.rows, drawn.fills, strict=True)
        for text, fill in zip(row[1:], line[1:], strict=True)
    }
    assert shades["缺"] == RISE and shades["✓"] not in ("", RISE)


def test_the_greatest_cell_is_the_darkest() -> None:
    counts = result("petitions", "township month", {"甲镇 2021-11": 8, "乙镇 2021-11": 4})
    drawn = native(made("heatmap", counts))
    assert isinstance(drawn, Grid)
    assert [row[1] for row in drawn.fills] == [ACCENT, "#8aabd1"]


def test_nothing_to_draw_is_none() -> None:
    assert native(made("ranking", result("petitions", "township", {}))) is None


def test_names_are_readable_and_stay_text() -> None:
    odd = "=1+1<b>&\u202e\x07"
    drawn = native(made("ranking", result("petitions", "township", {odd: 3, "甲镇": 0})))
    assert isinstance(drawn, Native) and drawn.categories == ("=1+1<b>&",)
    part = ChartPart.new(chart_type(drawn), chart_data(drawn), Package(None))
    styled(part.chart, drawn, "黑体", 9)
    assert b"=1+1&lt;b&gt;&amp;" in part.blob
    sheet = load_workbook(io.BytesIO(part.chart_workbook.xlsx_part.blob)).active
    assert (sheet["A2"].value, sheet["A2"].data_type, sheet["B2"].value) == ("=1+1<b>&", "s", 3)


def test_the_workbooks_numbers_have_their_format(demo_engine: Engine) -> None:
    drawn = ask(demo_engine, FIGURES["feedback"])
    assert isinstance(drawn, Native) and drawn.form == "0.0%"
    sheet = load_workbook(io.BytesIO(chart_data(drawn).xlsx_blob)).active
    assert sheet["B2"].number_format == "0.0%" and sheet["A2"].number_format == "yyyy-mm"
    assert METRICS["feedback_on_time_rate"].label == sheet["B1"].value

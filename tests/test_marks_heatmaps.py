"""Two dimensions as a field of cells."""

from __future__ import annotations

from datetime import date, timedelta

import plotly.graph_objects as go
import pytest
from wcwidth import wcswidth

from analytics.model import Comparison
from analytics.render import plotly
from analytics.render.marks import heatmaps, look
from tests.answers import TOWNSHIPS, contrast, made
from tests.results import Number, result

HALVES = [f"2021-{month:02}{half}" for month in range(1, 13) for half in "上下"]
NONE: Comparison = "none"


def heat(metric: str, by: str, numbers: dict[str, Number], **more: object) -> go.Figure:
    return plotly.draw(made("heatmap", result(metric, by, numbers), **more))  # type: ignore[arg-type]


def duties(numbers: dict[str, Number], by: str = "township window", **more: object) -> go.Figure:
    return heat("screening_compliance", by, numbers, **more)


def columns(windows: list[str]) -> go.layout.XAxis:
    return duties({f"宁中镇 {window}": (1, 1) for window in windows}).layout.xaxis


def written(drawn: go.Figure) -> list[list[str]] | None:
    (trace,) = drawn.data
    return [list(line) for line in trace.text] if trace.texttemplate else None


# --- rows and columns -----------------------------------------------------------------------------


def test_a_heatmap_has_a_row_for_each_and_the_greatest_first() -> None:
    numbers: dict[str, Number] = {
        "宁中镇 2021-10": 1,
        "新陂镇 2021-10": 5,
        "新陂镇 2021-11": 0,
        "未填 2021-11": 9,
    }
    (trace,) = heat("petitions", "township month", numbers, members=("坭陂镇", "宁中镇", "新陂镇")).data
    assert list(trace.y) == ["新陂镇", "宁中镇", "坭陂镇", "未填"]
    assert [list(row) for row in trace.z] == [[5, 0], [1, 0], [0, 0], [0, 9]]
    assert trace.hovertext[0][0] == "新陂镇 2021年10月 5件"


def test_of_rates_the_worst_comes_first() -> None:
    numbers: dict[str, Number] = {
        "宁中镇 2021-10": (1, 1),
        "宁中镇 2021-11": (1, 1),
        "新陂镇 2021-10": (1, 2),
        "坭陂镇 2021-10": (8, 9),
        "罗岗镇 2021-10": (0, 0),
        "未填 2021-10": (0, 5),
    }
    by_rate = heat("on_time_closure_rate", "township month", numbers).data[0]
    assert list(by_rate.y) == ["新陂镇", "坭陂镇", "宁中镇", "罗岗镇", "未填"]
    better_less = heat("repeat_rate", "township month", numbers).data[0]
    assert list(better_less.y) == ["宁中镇", "坭陂镇", "新陂镇", "罗岗镇", "未填"]


def test_a_row_is_judged_by_its_sums_not_by_its_months() -> None:
    numbers: dict[str, Number] = {
        "甲 2021-10": (1, 1),
        "甲 2021-11": (0, 9),
        "乙 2021-10": (0, 1),
        "乙 2021-11": (9, 9),
    }
    assert list(heat("on_time_closure_rate", "township month", numbers).data[0].y) == ["甲", "乙"]


def test_more_rows_than_fit_are_cut_unless_the_list_is_complete() -> None:
    many: dict[str, Number] = {f"单位{n:02} 2021-11": 99 - n for n in range(30)}
    assert len(heat("petitions", "responsible_unit month", many).data[0].y) == 20
    assert len(heat("petitions", "responsible_unit month", many, most=25).data[0].y) == 25
    everyone: dict[str, Number] = {f"{name} 2021-11": 1 for name in (*TOWNSHIPS, "未填", "未识别")}
    assert len(heat("petitions", "township month", everyone, members=TOWNSHIPS, most=5).data[0].y) == 22


def test_windows_stand_in_the_order_of_their_days() -> None:
    windows = ["2021-12上", "2021-11-15", "2021-11下", "2021-W45", "2021-11上"]
    drawn = duties({f"宁中镇 {window}": (1, 1) for window in windows})
    assert list(drawn.data[0].x) == ["2021-11上", "2021-W45", "2021-11-15", "2021-11下", "2021-12上"]


def test_categories_stand_as_declared_or_from_the_greatest_down() -> None:
    channels: dict[str, Number] = {"甲 phone": 9, "甲 letter": 1, "甲 visit": 3}
    assert list(heat("petitions", "township channel", channels).data[0].x) == ["letter", "visit", "phone"]
    topics: dict[str, Number] = {"甲 教育": 2, "甲 未填": 9, "乙 政法": 3, "乙 教育": 2}
    assert list(heat("petitions", "township topic_1", topics).data[0].x) == ["教育", "政法", "未填"]


# --- the axis -------------------------------------------------------------------------------------


def test_half_months_have_a_label_a_month() -> None:
    axis = columns(HALVES[2:])
    assert list(axis.tickvals) == [f"2021-{month:02}上" for month in range(2, 13)]
    assert list(axis.ticktext) == ["2月<br>2021年", *(f"{month}月" for month in range(3, 13))]
    assert axis.type == "category"


def test_weeks_have_a_label_where_a_month_begins() -> None:
    weeks = [f"2021-W{week:02}" for week in range(22, 48)]
    axis = columns(weeks)
    places = [weeks.index(tick) for tick in axis.tickvals]
    assert list(axis.ticktext) == ["6月<br>2021年", "7月", "8月", "9月", "10月", "11月"]
    # W22 begins on 31 May: a label of its own would lie under that of June.
    assert places == [1, 5, 9, 14, 18, 22]


def test_two_years_of_windows_have_a_label_a_quarter() -> None:
    windows = [f"{year}{window[4:]}" for year in (2020, 2021) for window in HALVES]
    assert [text.split("<")[0] for text in columns(windows).ticktext] == ["1月", "4月", "7月", "10月"] * 2


def test_few_windows_have_each_a_label() -> None:
    assert list(columns(["2021-11上", "2021-11下"]).ticktext) == ["11月<br>上半月", "11月<br>下半月"]
    assert list(columns(["2021-W44", "2021-W45"]).ticktext) == ["2021年<br>第44周", "2021年<br>第45周"]
    assert list(columns(["2021-11-15", "2021-11-28"]).ticktext) == ["11月<br>15日", "11月<br>28日"]


def test_months_have_each_a_label_where_they_are_few_else_a_quarter_one() -> None:
    months = [f"2021-{month:02}" for month in range(2, 9)]
    assert list(columns(months[:6]).ticktext) == ["2月<br>2021年", "3月", "4月", "5月", "6月", "7月"]
    assert list(columns(months).ticktext) == ["2月<br>2021年", "4月", "7月"]


@pytest.mark.parametrize("count", [2, 4, 8, 19])
def test_every_category_is_named_within_its_column(count: int) -> None:
    names = [f"劳动和社会保障{chr(0x4E00 + n)}" for n in range(count)]
    drawn = heat("petitions", "township topic_1", {f"甲 {name}": 9 for name in names})
    axis = drawn.layout.xaxis
    assert sorted(text.replace("<br>", "") for text in axis.ticktext) == sorted(names)
    lines = [text.split("<br>") for text in axis.ticktext]
    across = max(wcswidth(part) for line in lines for part in line) * 6
    assert across <= max(12, look.PHONE / count)
    assert drawn.layout.margin.b >= 15 * max(map(len, lines))


# --- colour ---------------------------------------------------------------------------------------


def test_a_duty_not_done_is_orange_and_what_was_not_due_stays_blank() -> None:
    drawn = duties(
        {"甲 2021-11上": (0, 1), "甲 2021-11下": (1, 1), "乙 2021-11下": (1, 1), "丙 2021-11上": (0, 0)}
    )
    (trace,) = drawn.data
    assert list(trace.y) == ["甲", "乙", "丙"]
    assert [list(row) for row in trace.z] == [[0, 1], [None, 1], [None, None]]
    assert (trace.zmin, trace.zmax) == (0, 1)
    assert trace.colorscale[0] == (0, look.HUES[1])
    assert contrast(trace.colorscale[-1][1], "#ffffff") > 1.15  # done is apart from blank
    assert trace.hovertext[0][0] == "甲 2021年11月上半月 0.0%（0/1）"
    assert trace.hovertext[1][0] == "乙 2021年11月上半月 没有应做的"


def test_what_is_nearly_all_done_does_not_look_all_done() -> None:
    scale = dict(duties({"甲 2021-11上": (13, 14)}).data[0].colorscale)
    assert scale[0.9999] == heatmaps.NEARLY
    assert scale[1] == heatmaps.DONE


def test_counts_and_rates_better_low_grow_from_pale_to_the_accent() -> None:
    for metric, number, top in (("petitions", 8, 8), ("repeat_rate", (1, 4), 0.25)):
        (trace,) = heat(metric, "township month", {"甲 2021-11": number, "乙 2021-11": (0, 1)}).data
        assert (trace.zmin, trace.zmax) == (0, top)
        assert trace.colorscale[-1] == (1, look.ACCENT)


def test_a_field_of_nothing_is_pale() -> None:
    (trace,) = heat("petitions", "township month", {"甲 2021-11": 0}).data
    assert (trace.zmin, trace.zmax) == (0, 1)


# --- what stands in the cells ---------------------------------------------------------------------


def test_duties_are_marked_done_or_missed() -> None:
    drawn = duties({"甲 2021-11上": (0, 1), "甲 2021-11下": (1, 1), "乙 2021-11下": (1, 1)})
    assert written(drawn) == [["缺", "✓"], ["", "✓"]]


@pytest.mark.parametrize(
    ("weeks", "signs"), [(26, {"✓", "缺"}), (27, {"", "缺"}), (60, {"", "缺"}), (61, None)]
)
def test_in_many_columns_only_gaps_are_marked_and_then_nothing(weeks: int, signs: set[str] | None) -> None:
    first = date(2020, 1, 6)
    names = [f"{first + timedelta(weeks=n):%G-W%V}" for n in range(weeks)]
    drawn = duties({f"甲 {name}": (n % 2, 1) for n, name in enumerate(names)})
    shown = written(drawn)
    assert (shown and set(shown[0])) == signs
    if shown:
        assert drawn.data[0].textfont.size >= 9


def test_several_duties_in_a_cell_are_a_percentage() -> None:
    drawn = duties({"甲 2021-11上": (13, 14), "乙 2021-11上": (14, 14)})
    assert written(drawn) == [["93%"], ["100%"]]


def test_other_rates_are_never_said_to_be_missed() -> None:
    rate = heat("on_time_closure_rate", "township month", {"甲 2021-11": (0, 1), "乙 2021-11": (1, 1)})
    assert written(rate) == [["0%"], ["100%"]]


def test_all_and_nothing_are_said_only_where_exact() -> None:
    numbers: dict[str, Number] = {"甲 2021-09": (1, 999), "甲 2021-10": (998, 999), "甲 2021-11": (0, 0)}
    assert written(heat("repeat_rate", "township month", numbers)) == [["1%", "99%", ""]]


@pytest.mark.parametrize(("count", "shown"), [(14, True), (15, False)])
def test_percentages_stand_in_few_columns(count: int, shown: bool) -> None:
    months = [f"{2020 + n // 12}-{n % 12 + 1:02}" for n in range(count)]
    drawn = heat("on_time_closure_rate", "township month", {f"甲 {month}": (1, 1) for month in months})
    assert (written(drawn) is not None) == shown


@pytest.mark.parametrize(
    ("count", "value", "shown"), [(24, 99, True), (26, 9, True), (27, 9, False), (24, 1234, False)]
)
def test_counts_stand_in_cells_where_they_fit(count: int, value: int, shown: bool) -> None:
    months = [f"{2020 + n // 12}-{n % 12 + 1:02}" for n in range(count)]
    drawn = heat("petitions", "township month", {f"甲 {month}": value for month in months})
    assert (written(drawn) is not None) == shown
    if shown:
        size = drawn.data[0].textfont.size
        assert size >= heatmaps.WRITTEN
        assert size * 0.56 * len(str(value)) < look.PHONE / count


def test_nought_items_are_left_out() -> None:
    assert written(heat("petitions", "township month", {"甲 2021-11": 0, "乙 2021-11": 2})) == [["2"], [""]]


# --- names ----------------------------------------------------------------------------------------


def test_names_are_text_not_markup() -> None:
    drawn = heat("petitions", "township topic_1", {"<b>甲</b> <i>乙&丙</i>": 3})
    (trace,) = drawn.data
    assert list(trace.y) == ["&lt;b&gt;甲&lt;/b&gt;"]
    assert trace.hovertext[0][0] == "&lt;b&gt;甲&lt;/b&gt; &lt;i&gt;乙&amp;丙&lt;/i&gt; 3件"
    assert drawn.layout.xaxis.ticktext[0].replace("<br>", "") == "&lt;i&gt;乙&amp;丙&lt;/i&gt;"

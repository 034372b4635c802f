"""Horizontal bars: rankings, members in order, growth and decline, stacks."""

from __future__ import annotations

from datetime import date

import plotly.graph_objects as go
import pytest

from analytics.catalogue import METRICS
from analytics.render import plotly
from analytics.render.marks import look
from analytics.result import Coverage
from tests.answers import TOWNSHIPS, annotations, made, room, several, texts
from tests.results import LONG, Number, result

TWENTY = {name: 40 - 2 * n for n, name in enumerate(TOWNSHIPS)}


def ranking(numbers: dict[str, Number], base: dict[str, Number] | None = None, **more: object) -> go.Figure:
    metric = str(more.pop("metric", "petitions"))
    return plotly.draw(made("ranking", result(metric, "township", numbers, base), **more))  # type: ignore[arg-type]


def bars(
    numbers: dict[str, Number],
    base: dict[str, Number] | None = None,
    by: str = "persons_band",
    **more: object,
) -> go.Figure:
    metric = str(more.pop("metric", "group_visits"))
    return plotly.draw(made("bars", result(metric, by, numbers, base), **more))  # type: ignore[arg-type]


def change(
    numbers: dict[str, Number], base: dict[str, Number], metric: str = "petitions", **more: object
) -> go.Figure:
    return plotly.draw(made("change", result(metric, "topic_1", numbers, base), **more))  # type: ignore[arg-type]


# --- rankings -------------------------------------------------------------------------------------


def test_twenty_townships_have_all_their_names_and_room() -> None:
    drawn = ranking(TWENTY, members=TOWNSHIPS)
    shown = drawn.data[0]
    assert list(shown.y) == list(TOWNSHIPS) == sorted(TOWNSHIPS, key=lambda name: -TWENTY[name])
    assert list(shown.x) == list(TWENTY.values())
    assert texts(drawn) == [str(n) for n in TWENTY.values()]
    assert drawn.layout.yaxis.type == "category"
    assert (drawn.layout.yaxis.tickvals, drawn.layout.yaxis.nticks) == (None, None)
    assert drawn.layout.yaxis.automargin
    assert room(drawn) / len(shown.y) >= 20
    assert drawn.layout.yaxis.range == (19.5, -0.5)


def test_bars_begin_at_zero_and_stand_horizontally() -> None:
    drawn = ranking(TWENTY)
    assert drawn.layout.xaxis.range == (0, 40)
    assert drawn.data[0].orientation == "h"


def test_the_longest_text_has_room_right_of_the_longest_bar() -> None:
    assert ranking({"宁中镇": 1_234_567}).layout.margin.r >= 8 * 7  # 123.5万
    assert bars({"5-10": 1234, "11-20": 1}).layout.margin.r >= len("1,234（100.0%）") * 7


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
    assert texts(ranking(numbers, members=("宁中镇", "新陂镇", "坭陂镇"))) == ["3", "0", "0"]


def test_nobody_is_pale() -> None:
    colours = ranking({"宁中镇": 3, "未填": 9}).data[0].marker.color
    assert list(colours) == [look.ACCENT, look.PALE]


def test_the_base_is_a_tick_where_there_is_one() -> None:
    shown, ticks, _ = ranking({"宁中镇": 30, "新陂镇": 20}, {"宁中镇": 12, "新陂镇": 25}).data
    assert dict(zip(ticks.y, ticks.x, strict=True)) == {"宁中镇": 12, "新陂镇": 25}
    assert list(shown.hovertext) == ["宁中镇 30件，同比上升150.0%", "新陂镇 20件，同比下降20.0%"]


def test_a_tick_lies_within_the_axis_and_never_on_a_number() -> None:
    drawn = ranking({"宁中镇": 100, "新陂镇": 90, "坭陂镇": 20}, {"宁中镇": 10, "新陂镇": 91, "坭陂镇": 200})
    assert drawn.layout.xaxis.range == (0, 200)
    begins = dict(zip(drawn.data[2].y, drawn.data[2].x, strict=True))
    assert begins == {"宁中镇": 100, "新陂镇": 91, "坭陂镇": 20}
    long = "兴宁市人力资源和社会保障局"  # leaves bars so little room that a tick comes nearer to them
    for name, begin in (("短", 10), (long, 13)):
        assert ranking({"甲": 30, name: 10}, {"甲": 30, name: 13}).data[2].x == (30, begin)


def test_no_tick_for_a_base_before_the_data() -> None:
    young = Coverage(date(2021, 5, 1), LONG.last)
    found = result("petitions", "township", {"宁中镇": 30}, {"宁中镇": 0}, coverage=young)
    shown, _ = plotly.draw(made("ranking", found)).data
    assert list(shown.hovertext) == ["宁中镇 30件，无上年同期数据"]


def test_no_tick_for_a_rate_that_was_none() -> None:
    drawn = ranking(
        {"宁中镇": (1, 2), "新陂镇": (1, 4)}, {"宁中镇": (0, 0), "新陂镇": (1, 2)}, metric="repeat_rate"
    )
    assert list(drawn.data[1].x) == [None, 0.5]
    assert drawn.layout.xaxis.range == (0, 0.5)


def test_a_rate_is_drawn_as_a_percentage() -> None:
    drawn = ranking({"宁中镇": (1, 4), "新陂镇": (0, 0)}, metric="repeat_rate", members=("宁中镇", "新陂镇"))
    assert texts(drawn) == ["25.0%", "—"]
    assert drawn.layout.xaxis.tickformat == ".0%"


@pytest.mark.parametrize(("most", "step"), [(5, 1), (6, None)])
def test_small_counts_have_no_fractions_on_their_axis(most: int, step: int | None) -> None:
    assert ranking({"宁中镇": most}).layout.xaxis.dtick == step


def test_red_is_kept_for_what_is_overdue() -> None:
    late = {"overdue", "acceptance_overdue", "backlog_overdue", "supervision_overdue"}
    assert {name for name, metric in METRICS.items() if look.tells_lateness(metric)} == late
    shown = ranking({"宁中镇": 3, "新陂镇": 1, "未填": 2}, metric="overdue").data[0]
    assert list(shown.marker.color) == [look.LATE, look.LATE, look.PALE]


# --- members in order -----------------------------------------------------------------------------


def test_declared_members_stand_in_their_order_with_nothing_too() -> None:
    drawn = bars({"11-20": 3, "5-10": 1, "未填": 4})
    names = ["1 人", "2–4 人", "5–10 人", "11–20 人", "21–50 人", "51–100 人", "超过 100 人", "未填"]
    assert list(drawn.data[0].y) == names
    assert list(drawn.data[0].x) == [0, 0, 1, 3, 0, 0, 0, 4]


def test_the_figure_s_own_filter_limits_the_members() -> None:
    where = (("persons_band", ("5-10", "51-100")),)
    assert list(bars({"5-10": 1}, where=where).data[0].customdata) == ["5-10", "51-100"]


def test_members_of_an_open_list_stand_by_name() -> None:
    drawn = bars({"C单位": 1, "未填": 9, "A单位": 2, "B单位": 5}, by="responsible_unit")
    assert list(drawn.data[0].y) == ["A单位", "B单位", "C单位", "未填"]


def test_each_says_its_number_and_its_share() -> None:
    drawn = bars({"5-10": 3, "11-20": 1}, where=(("persons_band", ("5-10", "11-20", "21-50")),))
    assert texts(drawn) == ["3（75.0%）", "1（25.0%）", "0（0.0%）"]


def test_a_rate_has_no_share() -> None:
    drawn = bars({"city": (1, 2), "township": (0, 0)}, by="level", metric="screening_compliance")
    assert dict(zip(drawn.data[0].customdata, texts(drawn), strict=True)) == {
        "city": "50.0%",
        "township": "—",
        "department": "—",
        "village": "—",
    }


def test_the_greatest_is_in_front_or_the_chosen() -> None:
    def front(drawn: go.Figure) -> list[str]:
        shown = drawn.data[0]
        pairs = zip(shown.customdata, shown.marker.color, strict=True)
        return [name for name, colour in pairs if colour == look.ACCENT]

    numbers: dict[str, Number] = {"5-10": 3, "11-20": 7, "未填": 9}
    assert front(bars(numbers)) == ["11-20"]
    assert front(bars(numbers, chosen=("5-10",))) == ["5-10"]
    assert front(bars(numbers | {"5-10": 7})) == ["5-10", "11-20"]
    assert front(bars({"5-10": 0})) == []


def test_bars_compared_have_ticks() -> None:
    drawn = bars({"5-10": 3}, {"5-10": 5, "21-50": 2}, where=(("persons_band", ("5-10", "21-50")),))
    assert list(drawn.data[1].x) == [5, 2]


# --- growth and decline ---------------------------------------------------------------------------

NOW: dict[str, Number] = {"甲": 35, "乙": 22, "丙": 9, "丁": 4, "未填": 90}
BEFORE: dict[str, Number] = {"甲": 23, "乙": 30, "丙": 9, "丁": 3, "未填": 1}


def test_growth_and_decline_diverge_from_zero() -> None:
    drawn = change(NOW, BEFORE)
    shown = drawn.data[0]
    assert dict(zip(shown.y, shown.x, strict=True)) == {"甲": 12, "丁": 1, "乙": -8}
    assert list(shown.y) == ["甲", "丁", "乙"]
    assert list(shown.marker.color) == [look.RISE, look.RISE, look.FALL]
    assert drawn.layout.xaxis.range == (-8, 12)
    assert drawn.layout.xaxis.zeroline
    assert drawn.layout.yaxis.range == (2.5, -0.5)


def test_a_change_is_said_with_its_sign_and_both_numbers() -> None:
    drawn = change(NOW, BEFORE)
    assert texts(drawn) == ["+12（23→35）", "+1（3→4）", "-8（30→22）"]
    assert drawn.data[0].hovertext[0] == "甲 35件，同比上升52.2%"
    assert drawn.data[0].hovertext[1] == "丁 4件，上年同期3件"
    assert set(drawn.data[1].x) == {12}  # a column right of all bars
    assert drawn.layout.margin.r >= len("+12（23→35）") * 7


def test_a_rate_changes_in_points() -> None:
    drawn = change({"甲": (93, 100)}, {"甲": (91, 100)}, metric="repeat_rate")
    assert texts(drawn) == ["+2.0个百分点（91.0%→93.0%）"]


@pytest.mark.parametrize(
    ("rises", "falls", "most", "shown"),
    [
        (5, 5, 4, (2, 2)),
        (5, 5, 5, (2, 3)),
        (5, 1, 4, (3, 1)),
        (1, 5, 4, (1, 3)),
        (1, 1, 4, (1, 1)),
        (5, 0, 4, (4, 0)),
        (0, 5, 4, (0, 4)),
    ],
)
def test_both_ends_are_shown(rises: int, falls: int, most: int, shown: tuple[int, int]) -> None:
    grew: dict[str, Number] = {f"升{n}": 9 + n for n in range(1, rises + 1)}
    fell: dict[str, Number] = {f"降{n}": 9 - n for n in range(1, falls + 1)}
    sizes = list(change(grew | fell, dict.fromkeys(grew | fell, 9), most=most).data[0].x)
    assert (sum(n > 0 for n in sizes), sum(n < 0 for n in sizes)) == shown
    assert sizes == sorted(sizes, reverse=True)
    assert max(sizes) == (rises or -(falls - shown[1] + 1))
    assert min(sizes) == (-falls or rises - shown[0] + 1)


def test_what_went_is_drawn_too() -> None:
    drawn = change({"甲": 0}, {"甲": 7})
    assert texts(drawn) == ["-7（7→0）"]


def test_nothing_is_drawn_without_anything_to_compare_with() -> None:
    young = Coverage(date(2021, 5, 1), LONG.last)
    found = result("petitions", "topic_1", {"甲": 3}, {"甲": 0}, coverage=young)
    for drawn in (plotly.draw(made("change", found)), change({"甲": 3}, {"甲": 3})):
        assert not drawn.data
        assert not drawn.layout.xaxis.visible


# --- stacks ---------------------------------------------------------------------------------------


def test_a_stack_names_its_parts_and_keeps_their_colours() -> None:
    numbers: dict[str, Number] = {"宁中镇 visit": 2, "宁中镇 letter": 6, "新陂镇 phone": 9, "宁中镇 未填": 1}
    drawn = plotly.draw(made("stack", result("petitions", "township channel", numbers)))
    assert {trace.name: trace.marker.color for trace in drawn.data} == {
        "来信": look.CHANNELS["letter"],
        "来访": look.CHANNELS["visit"],
        "来电": look.CHANNELS["phone"],
        "未填": look.PALE,
    }
    assert all(list(trace.y) == ["宁中镇", "新陂镇"] for trace in drawn.data)
    assert [list(trace.x) for trace in drawn.data if trace.name == "来信"] == [[6, 0]]
    assert all(name in annotations(drawn) for name in ("来信", "来访", "来电"))
    assert drawn.layout.barmode == "stack"
    assert drawn.layout.xaxis.range == (0, 9)


# --- names ----------------------------------------------------------------------------------------


def test_names_are_text_not_markup() -> None:
    evil: dict[str, Number] = {"<b>甲</b>": 3}
    both: dict[str, Number] = {"<b>甲</b> <b>甲</b>": 3}
    batches = {f"backlog_{part}": evil for part in ("closed", "assigned", "reported", "resolved", "overdue")}
    for drawn in (
        ranking(evil),
        bars(evil, by="responsible_unit"),
        change(evil, {"<b>甲</b>": 1}),
        plotly.draw(made("stack", result("petitions", "township responsible_unit", both))),
        plotly.draw(made("progress", several("batch", batches))),
    ):
        shown = [text for trace in drawn.data for text in (*trace.y, *(trace.hovertext or ()))]
        assert "&lt;b&gt;甲&lt;/b&gt;" in shown
        assert not [text for text in (*shown, annotations(drawn)) if "<b>" in text]

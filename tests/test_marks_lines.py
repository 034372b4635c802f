"""Marks over time."""

from __future__ import annotations

from itertools import pairwise

import plotly.graph_objects as go
import pytest
from wcwidth import wcswidth

from analytics.render import plotly
from analytics.render.marks.lines import spread
from analytics.render.marks.look import HUES
from tests.answers import annotations, made, room, several
from tests.results import Number, result

TWO_YEARS = [f"{y}-{m:02}" for y in (2020, 2021) for m in range(1, 13)]


def lines(numbers: dict[str, list[Number]]) -> go.Figure:
    """Metrics by month, the last of 2021 being the last."""
    width = len(next(iter(numbers.values())))
    months = TWO_YEARS[-width:]
    columns = {m: dict(zip(months, values, strict=True)) for m, values in numbers.items()}
    return plotly.draw(made("line", several("month", columns, days=f"{months[0]}-01 2021-12-31")))


def end_labels(drawn: go.Figure) -> list[go.layout.Annotation]:
    return [note for note in drawn.layout.annotations if "●" in note.text]


# --- one line -------------------------------------------------------------------------------------


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
    months: dict[str, Number] = dict.fromkeys(TWO_YEARS, 1)
    axis = plotly.draw(made("line", result("petitions", "month", months))).layout.xaxis
    assert list(axis.tickvals) == [f"{y}-{m}" for y in (2020, 2021) for m in ("01", "04", "07", "10")]
    year = ["4月", "7月", "10月"]
    assert list(axis.ticktext) == ["1月<br>2020年", *year, "1月<br>2021年", *year]


# --- several --------------------------------------------------------------------------------------


def test_rates_that_are_all_the_same_whole_tens_have_an_axis() -> None:
    drawn = lines({"timely_acceptance_rate": [(1, 2)], "on_time_reply_rate": [(2, 4)]})
    assert list(drawn.layout.yaxis.range) == [0.5, 0.6]


def test_several_metrics_are_a_line_each_in_the_order_of_hues() -> None:
    drawn = lines({"letters": [5, 6], "online": [3, 9], "phone": [1, 0]})
    assert [(line.name, line.line.color) for line in drawn.data] == [
        ("来信", HUES[0]),
        ("网上信访", HUES[1]),
        ("来电", HUES[2]),
    ]
    assert [list(line.y) for line in drawn.data] == [[5, 6], [3, 9], [1, 0]]


def test_each_line_is_named_with_its_last_value_in_its_colour() -> None:
    drawn = lines({"letters": [5, 6], "online": [3, 1234]})
    said = [(note.text, note.y, note.x, note.xref) for note in end_labels(drawn)]
    assert said == [
        (f"<span style='color:{HUES[0]}'>●</span> 来信 6", 6, 1, "paper"),
        (f"<span style='color:{HUES[1]}'>●</span> 网上信访 1,234", 1234, 1, "paper"),
    ]


def test_names_carry_their_units_where_units_differ() -> None:
    text = annotations(lines({"letters": [5, 6], "visits": [3, 4]}))
    assert "来信 6件" in text
    assert "来访批次 4批" in text


@pytest.mark.parametrize(
    "last", [[50, 50, 50, 50, 50], [0, 0, 1, 0, 90], [90, 89, 88, 87, 86], [10, 30, 50, 70, 90]]
)
def test_names_never_lie_on_one_another(last: list[int]) -> None:
    names = ("letters", "visits", "online", "phone", "superior_assigned")
    drawn = lines({name: [90, value] for name, value in zip(names, last, strict=True)})
    low, top = drawn.layout.yaxis.range
    height = room(drawn)
    notes = end_labels(drawn)
    centres = sorted((note.y - low) / (top - low) * height + note.yshift for note in notes)
    assert len(notes) == 5
    assert all(after - before >= 14 for before, after in pairwise(centres))
    assert centres[0] >= -8
    assert centres[-1] <= height + 8


def test_names_have_room_in_the_margin_and_long_ones_the_number_under_them() -> None:
    drawn = lines({"unit_timely_acceptance_rate": [(1, 1), (1, 1)], "on_time_reply_rate": [(1, 1), (1, 2)]})
    longest = max(
        wcswidth(line) for note in end_labels(drawn) for line in note.text.split("</span> ")[1].split("<br>")
    )
    assert longest * 6 + 20 <= drawn.layout.margin.r <= 130  # a phone keeps more than half for the lines
    said = [note.text.split("</span> ")[1].replace("\u2003", "") for note in end_labels(drawn)]
    assert said == ["责任单位按期<br>受理率<br>100.0%", "按期答复率<br>50.0%"]


def test_the_margin_of_one_line_is_as_of_any_chart() -> None:
    months: dict[str, Number] = {"2021-11": 1}
    assert plotly.draw(made("line", result("petitions", "month", months))).layout.margin.r == 12


def test_high_rates_are_not_pressed_against_the_top() -> None:
    rates: dict[str, list[Number]] = {"on_time_reply_rate": [(95, 100), (1, 1)]}
    rates["on_time_closure_rate"] = [(97, 100), (99, 100)]
    assert lines(rates).layout.yaxis.range[0] == 0.9
    assert lines(rates | {"timely_acceptance_rate": [(1, 4), (1, 1)]}).layout.yaxis.range[0] == 0
    all_done: list[Number] = [(1, 1), (1, 1)]
    low, top = lines({"on_time_reply_rate": all_done, "on_time_closure_rate": all_done}).layout.yaxis.range
    assert low < 1 < top


def test_counts_begin_at_zero() -> None:
    assert lines({"letters": [95, 99], "online": [97, 98]}).layout.yaxis.range[0] == 0


def test_a_line_that_ends_early_is_named_where_it_ended() -> None:
    drawn = lines({"on_time_reply_rate": [(1, 4), (0, 0)], "on_time_closure_rate": [(1, 2), (1, 2)]})
    note = end_labels(drawn)[0]
    assert note.y == 0.25
    assert "按期答复率 —" in note.text.replace("<br>\u2003", " ")


def test_the_axis_of_several_has_half_the_labels() -> None:
    drawn = lines({"letters": list(range(24)), "online": list(range(24))})
    assert list(drawn.layout.xaxis.ticktext) == ["1月<br>2020年", "7月", "1月<br>2021年", "7月"]


@pytest.mark.parametrize(
    ("wanted", "placed"),
    [
        ([10, 50, 90], [10, 50, 90]),
        ([50, 50], [70, 50]),
        ([50, 55], [50, 70]),
        ([100, 100], [100, 80]),
        ([0, 0, 100], [20, 0, 100]),
    ],
)
def test_spread(wanted: list[float], placed: list[float]) -> None:
    assert spread(wanted, [20] * len(wanted), 100) == placed


def test_spread_gives_higher_labels_more_room() -> None:
    assert spread([50, 50], [20, 40], 100) == [80, 50]


# --- one among others, batches --------------------------------------------------------------------


def test_names_are_text_not_markup() -> None:
    numbers: dict[str, Number] = {"<b>甲</b> 2021-11": 3, "乙 2021-11": 1}
    band = plotly.draw(made("band", result("petitions", "township month", numbers)))
    burndown = plotly.draw(made("burndown", result("backlog_remaining", "batch month", numbers)))
    for drawn in (band, burndown):
        assert "&lt;b&gt;甲" in annotations(drawn)
        assert "<b>甲" not in annotations(drawn)

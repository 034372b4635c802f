"""From the base to the present: steps that meet, both directions, two effects, names and room."""

from __future__ import annotations

import plotly.graph_objects as go
import pytest

from analytics.insight.explained import MIX_EFFECT, RATE_EFFECT
from analytics.render import plotly
from analytics.render.marks import look
from analytics.render.marks.waterfalls import FALL_PALE, RISE_PALE
from tests.answers import annotations, made, room, texts
from tests.results import Number, result

NOW: dict[str, Number] = {"宁中镇": 20, "叶塘镇": 15, "新陂镇": 3, "坭陂镇": 8}
BASE: dict[str, Number] = {"宁中镇": 12, "叶塘镇": 10, "新陂镇": 6, "坭陂镇": 8}
RATES: dict[str, Number] = {"宁中镇": (18, 20), "叶塘镇": (3, 10)}
RATES_BASE: dict[str, Number] = {"宁中镇": (8, 10), "叶塘镇": (8, 20)}


def waterfall(
    now: dict[str, Number],
    base: dict[str, Number],
    metric: str = "petitions",
    by: str = "township",
    most: int = 8,
) -> go.Figure:
    return plotly.draw(made("waterfall", result(metric, by, now, base), most=most))


def bars(drawn: go.Figure) -> list[go.Bar]:
    return [trace for trace in drawn.data if isinstance(trace, go.Bar)]


def test_steps_meet_from_the_base_to_the_present() -> None:
    drawn = waterfall(NOW, BASE)
    (steps,) = bars(drawn)
    assert list(steps.y) == ["宁中镇", "叶塘镇", "新陂镇"]
    assert list(steps.x) == [8, 5, -3]
    ends = [base + by for base, by in zip(steps.base, steps.x, strict=True)]
    assert list(steps.base) == [36, *ends[:-1]]
    assert ends[-1] == 46
    totals = next(trace for trace in drawn.data if getattr(trace, "mode", "") == "markers")
    assert (list(totals.x), list(totals.y)) == ([36, 46], ["2020年11月", "2021年11月"])
    assert texts(drawn) == ["36件", "+8（12→20）", "+5（10→15）", "-3（6→3）", "46件"]


def test_up_is_orange_down_is_blue_and_nothing_is_red() -> None:
    (steps,) = bars(waterfall(NOW, BASE))
    assert list(steps.marker.color) == [look.RISE, look.RISE, look.FALL]
    assert look.LATE not in str(waterfall(NOW, BASE, "overdue"))


def test_all_others_are_the_last_step() -> None:
    drawn = waterfall({f"第{n}镇": 20 - n for n in range(12)}, {}, most=4)
    assert list(bars(drawn)[0].y)[-1] == "其余8处"
    assert texts(drawn)[-2:] == ["+100", "174件"]


def test_a_step_of_a_rate_is_two_bars_that_meet() -> None:
    drawn = waterfall(RATES, RATES_BASE, "repeat_rate")
    own, share = bars(drawn)
    for start, by, begins in zip(own.base, own.x, share.base, strict=True):
        assert start + by == pytest.approx(begins)
    ends = [base + by for base, by in zip(share.base, share.x, strict=True)]
    assert list(own.base)[1:] == pytest.approx(ends[:-1])
    assert (own.base[0], ends[-1]) == pytest.approx((16 / 30, 21 / 30))
    assert own.offset + own.width <= share.offset
    assert set(own.marker.color) <= {look.RISE, look.FALL}
    assert set(share.marker.color) <= {RISE_PALE, FALL_PALE}
    assert RATE_EFFECT in annotations(drawn)
    assert MIX_EFFECT in annotations(drawn)
    assert "百分点" in own.hovertext[0]


def test_the_axis_holds_every_bar_with_room_beside() -> None:
    for drawn in (waterfall(NOW, BASE), waterfall(RATES, RATES_BASE, "repeat_rate"), waterfall(NOW, NOW)):
        low, high = drawn.layout.xaxis.range
        for bar in bars(drawn):
            reach = [*bar.base, *(b + x for b, x in zip(bar.base, bar.x, strict=True))]
            assert low <= min(reach)
            assert max(reach) <= high
        assert low < high


def test_names_of_a_combination_stand_in_two_lines() -> None:
    now: dict[str, Number] = {"宁中镇 letter": 5, "<b> visit": 4}
    drawn = waterfall(now, {}, by="township channel")
    (steps,) = bars(drawn)
    assert list(steps.y) == ["宁中镇<br>来信", "&lt;b&gt;<br>来访"]
    assert room(drawn) / 4 >= 36


def test_what_cannot_be_divided_draws_nothing_and_says_why() -> None:
    answer = made("waterfall", result("median_days", "township", NOW, BASE), title="“办理天数中位数”不能分解")
    drawn = plotly.draw(answer)
    assert drawn.data == ()
    assert "不能分解" in drawn.layout.title.text


def test_a_phone_has_room_for_names_bars_and_numbers() -> None:
    now: dict[str, Number] = {"兴田街道 劳动和社会保障 online": 120, "罗岗镇 农村农业 letter": 3}
    drawn = waterfall(now, {}, by="township topic_1 channel")
    longest = max(look.width(part) for name in bars(drawn)[0].y for part in name.split("<br>"))
    assert look.SCREEN - longest - drawn.layout.margin.r >= 60

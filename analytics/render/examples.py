"""The pictures of the page 方法说明: each method on a small fixed example, drawn as the pages draw."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import plotly.graph_objects as go
from scipy import stats

from analytics.answers import Answer, Figure
from analytics.catalogue import METRICS
from analytics.insight.case import Group
from analytics.insight.chance import ONE_IN, Counted
from analytics.insight.funnel import funnel_of, in_the_funnel
from analytics.insight.judgement import judge
from analytics.insight.overtime import control_chart
from analytics.insight.verdict import verdict_in_title
from analytics.model import Period, Query, Selection
from analytics.render import plotly
from analytics.render.marks.axes import time_axis
from analytics.render.marks.look import ACCENT, FALL, GREY, HUES, PALE, RISE, Room, shade
from analytics.render.plotly import Size
from analytics.result import Cell, Coverage, Key, Result

INVENTED = "虚构的例子，只说明方法"
YEARS, MONTH = Period(date(2020, 1, 1), date(2022, 1, 31)), Period.month("2022-01")
LAST = date(2022, 1, 31)

ITEMS = (15, 12, 18, 14, 16, 13, 17, 15, 11, 16, 19, 14, 15, 13, 17, 12, 16, 14, 18, 15, 13, 16, 14, 17, 29)
REPEATED = (
    31,
    28,
    36,
    30,
    34,
    29,
    37,
    33,
    27,
    35,
    38,
    30,
    32,
    29,
    35,
    28,
    34,
    31,
    37,
    33,
    29,
    35,
    31,
    36,
    58,
)
ROWS: tuple[int, ...] = (
    150,
    140,
    165,
    148,
    155,
    142,
    168,
    152,
    138,
    160,
    172,
    146,
    150,
    141,
    163,
    139,
    157,
    149,
    170,
    151,
)
ROWS += (140, 161, 147, 166, 158)
TOWNS = ("甲镇", "乙镇", "丙镇", "丁镇", "戊镇", "己镇", "庚镇", "辛镇")
MEANS = (20, 18, 15, 13, 10, 9, 7, 6)
PRESENT = (22, 15, 33, 14, 8, 12, 9, 5)
SHARES = {"甲镇": (62, 240), "乙镇": (45, 190), "丙镇": (78, 160), "丁镇": (29, 120), "戊镇": (24, 95)}
SHARES |= {"己镇": (17, 80), "庚镇": (11, 52), "辛镇": (14, 40), "壬镇": (4, 26)}
SHARES |= {"癸镇": (26, 102), "子镇": (38, 135), "丑镇": (16, 66)}


@dataclass(frozen=True)
class Told:
    """What stands around a picture."""

    title: str
    subtitle: str
    source: str = INVENTED


@dataclass(frozen=True)
class Example:
    """A picture of any size, with what is said around it."""

    told: plotly.Told
    drawn: Callable[[Size], go.Figure]


def _answered(found: Answer) -> Example:
    return Example(found, lambda size: plotly.draw(found, size))


def _framed(figure: go.Figure, told: Told, room: Room) -> Example:
    def drawn(size: Size) -> go.Figure:
        return plotly.framed(go.Figure(figure).update_layout(width=size.width), told, room, size)

    return Example(told, drawn)


def _result(metric: str, by: tuple[str, ...], cells: dict[Key, Cell], period: Period) -> Result:
    query = Query((metric,), by, Selection(period), (("petitions", 1),), "none", LAST)
    known = {"petitions": Coverage(date(2018, 1, 1), LAST)}
    return Result(query, {key: (cell,) for key, cell in cells.items()}, None, None, known)


def _cell(k: int, n: int | None = None) -> Cell:
    return Cell(k, n, k if n is None else k / n)


def _over_time(metric: str, cells: Sequence[Cell]) -> Example:
    """A line with its control chart, as pages draw it."""
    months = tuple(f"{p.start:%Y-%m}" for p in YEARS.by_month())
    named = METRICS[metric]
    chart = control_chart(named, Group(months[:-1], tuple(cells[:-1]), cells[-1]), months[-1])
    figure = Figure("example", "", "line", (metric,), ("month",))
    found = _result(metric, ("month",), dict(zip(((m,) for m in months), cells, strict=True)), YEARS)
    last = chart.last if chart else None
    title = f"2022年1月{named.label}{verdict_in_title(last) if last else ''}"
    subtitle = f"{named.label} · 灰带为正常波动{f' {last.range_in_words(named)}' if last else ''}"
    return _answered(Answer(figure, found, title, subtitle, INVENTED, (), (), 10, chart=chart))


def control() -> Example:
    """A count over 25 months, the last outside its limits."""
    return _over_time("petitions", [_cell(n) for n in ITEMS])


def proportions() -> Example:
    """A share over 25 months, the last outside its limits."""
    return _over_time("repeat_rate", [_cell(k, n) for k, n in zip(REPEATED, ROWS, strict=True)])


def ranking() -> Example:
    """Eight townships judged together; one is more than chance explains."""
    past = Period(date(2020, 1, 1), date(2021, 12, 31))
    names = [f"{p.start:%Y-%m}" for p in past.by_month()]
    wave = (0, 2, -1, 1, -2, 1, 0, -1)
    history: dict[Key, Cell] = {
        (town, month): _cell(mean + wave[(at + place) % len(wave)])
        for place, (town, mean) in enumerate(zip(TOWNS, MEANS, strict=True))
        for at, month in enumerate(names)
    }
    now = _result(
        "petitions", ("township",), {(t,): _cell(n) for t, n in zip(TOWNS, PRESENT, strict=True)}, MONTH
    )
    found = judge(now, _result("petitions", ("township", "month"), history, past))
    verdicts = {key: one for (_, key), one in found.items()}
    ranges = "；".join(
        f"{key[0]}正常范围{one.range_in_words(METRICS['petitions'])}"
        for key, one in verdicts.items()
        if one.is_signal
    )
    figure = Figure("example", "", "ranking", ("petitions",), ("township",))
    return _answered(
        Answer(figure, now, "丙镇33件：超出它自己的正常范围", ranges, INVENTED, (), (), 10, verdicts)
    )


def funnel() -> Example:
    """Nine townships by size, one outside."""
    cells: dict[Key, Cell] = {(town,): _cell(*pair) for town, pair in SHARES.items()}
    found = _result("repeat_rate", ("township",), cells, Period(date(2021, 2, 1), LAST))
    made = funnel_of(found, 10)
    figure = Figure("example", "", "funnel", ("repeat_rate",), ("township",), "twelve_months")
    subtitle = "点线内是偶然波动的95%，实线内是99.8%"
    return _answered(Answer(figure, found, in_the_funnel(made), subtitle, INVENTED, (), (), 10, funnel=made))


PARTS = (
    ("上年<br>同期", 40),
    ("乙镇<br>土地", 14),
    ("丙镇<br>劳动", 9),
    ("其余<br>增加", 6),
    ("甲镇<br>环保", -8),
)


def waterfall() -> Example:
    """From last year's number to this year's by what each group adds."""
    total = sum(change for _, change in PARTS)
    names = [name for name, _ in PARTS] + ["本期"]
    figure = plotly.blank()
    figure.add_waterfall(
        x=names,
        y=[*(change for _, change in PARTS), total],
        measure=["absolute", *["relative"] * (len(PARTS) - 1), "total"],
        text=[str(PARTS[0][1]), *(f"{change:+d}" for _, change in PARTS[1:]), str(total)],
        textposition="outside",
        increasing={"marker": {"color": RISE}},
        decreasing={"marker": {"color": FALL}},
        totals={"marker": {"color": GREY}},
        connector={"line": {"color": PALE}},
        hoverinfo="skip",
    )
    figure.update_xaxes(tickangle=0)
    figure.update_yaxes(range=[0, 78], gridcolor=PALE)
    told = Told(
        f"{PARTS[0][1]}件到{total}件，增加{total - PARTS[0][1]}件",
        "各组的增减加起来正好等于总的增减",
    )
    return _framed(figure, told, Room(below=26))


CLOSED_AFTER = (20, 34, 41, 55, 60, 78, 90, 96, 120, 133, 150, 171)
STILL_OPEN = (40, 66, 85, 110, 140, 160, 175, 180)


def survival() -> Example:
    """How many cases remain after so many days, those still open counted as far as they have come."""
    data = stats.CensoredData(uncensored=CLOSED_AFTER, right=STILL_OPEN)
    curve = stats.ecdf(data).sf
    limits = curve.confidence_interval(0.95, method="log-log")
    days = [0, *curve.quantiles]
    figure = plotly.blank()
    low, high = ([1, *np.nan_to_num(e.probabilities, nan=1.0)] for e in (limits.low, limits.high))
    shade(figure, days, low, high, shape="hv")
    left = [1, *curve.probabilities]
    line = {"shape": "hv", "color": ACCENT, "width": 2.5}
    figure.add_scatter(x=days, y=left, mode="lines", line=line, hoverinfo="skip")
    figure.update_yaxes(range=[0, 1.02], tickformat=".0%", gridcolor=PALE)
    figure.update_xaxes(title={"text": "交办后的天数", "font": {"size": 12}})
    half = next(day for day, share in zip(days, left, strict=True) if share <= 0.5)
    told = Told(
        f"约{half:.0f}天办结一半", f"{len(CLOSED_AFTER)}宗已办结、{len(STILL_OPEN)}宗未办结；灰带为95%界限"
    )
    return _framed(figure, told, Room(below=26))


SEASONS = (150, 110, 165, 172, 168, 160, 158, 155, 163, 150, 148, 145)
GROWTH = (0, 8, 12)


def expected() -> Example:
    """Three years of months and the range expected of the next three."""
    past = [
        mean + GROWTH[year] + (7 * month + 5 * year) % 11 - 5
        for year in range(3)
        for month, mean in enumerate(SEASONS)
    ]
    months = [f"{p.start:%Y-%m}" for p in Period(date(2019, 1, 1), date(2021, 12, 31)).by_month()]
    ahead = [f"2022-{month:02d}" for month in (1, 2, 3)]
    left = [value - SEASONS[at % 12] for at, value in enumerate(past)]
    level, deviation = float(np.mean(left[-12:])), float(np.std(left[-24:], ddof=1))
    reach = float(stats.norm.isf(0.1)) * (deviation**2 + float(np.mean(past))) ** 0.5
    middle = [SEASONS[at] + level for at in range(3)]
    figure = plotly.blank()
    line = {"color": ACCENT, "width": 2.5}
    figure.add_scatter(x=months, y=past, mode="lines", line=line, hoverinfo="skip")
    shade(figure, ahead, [value - reach for value in middle], [value + reach for value in middle])
    figure.add_scatter(x=ahead, y=middle, mode="lines", line={**line, "dash": "dot"}, hoverinfo="skip")
    time_axis(figure, [*months, *ahead])
    figure.update_yaxes(rangemode="tozero", gridcolor=PALE)
    span = f"{middle[1] - reach:.0f}—{middle[1] + reach:.0f}"
    return _framed(
        figure, Told(f"2022年2月预计{span}件", "蓝线为已发生，点线为预计，灰带为80%区间"), Room(below=16)
    )


WEEKS = (2, 3, 1, 2, 2, 4, 1, 3, 2, 2, 1, 3, 2, 1, 2, 3, 2, 2, 1, 2, 6, 5, 7, 4)
RECENT_WEEKS = 4


def cluster() -> Example:
    """Weeks of one topic in one township; the last four hold more than those before lead one to expect."""
    base, recent = sum(WEEKS[:-RECENT_WEEKS]), sum(WEEKS[-RECENT_WEEKS:])
    test = Counted(base, len(WEEKS) - RECENT_WEEKS, RECENT_WEEKS)
    figure = plotly.blank()
    colours = [GREY] * (len(WEEKS) - RECENT_WEEKS) + [RISE] * RECENT_WEEKS
    figure.add_bar(
        x=list(range(1, len(WEEKS) + 1)), y=list(WEEKS), marker={"color": colours}, hoverinfo="skip"
    )
    figure.update_xaxes(title={"text": "第几周", "font": {"size": 12}}, nticks=8)
    figure.update_yaxes(gridcolor=PALE, dtick=2)
    told = Told(
        f"近4周{recent}件，按此前应有{test.expected:.0f}件",
        f"单看这一格，偶然出现的机会约万分之{test.p(recent) * 10_000:.1f}；各格一起看时还要再从严",
    )
    return _framed(figure, told, Room(below=26))


CHAINS = (
    ("某事项一", (0, 40, 75, 210)),
    ("某事项二", (10, 95)),
    ("某事项三", (60, 250)),
    ("某事项四", (120,)),
)
WITHIN = 180


def chains() -> Example:
    """Matters as lines, their items as dots; two items too far apart are two matters."""
    figure = plotly.blank()
    for at, (_, days) in enumerate(CHAINS):
        joined = [[days[0]]]
        for day in days[1:]:
            if day - joined[-1][-1] <= WITHIN:
                joined[-1].append(day)
            else:
                joined.append([day])
        for number, chain in enumerate(joined):
            figure.add_scatter(
                x=chain,
                y=[at] * len(chain),
                mode="lines+markers",
                line={"color": HUES[number], "width": 3},
                marker={"size": 10},
                hoverinfo="skip",
            )
    figure.update_yaxes(
        tickvals=list(range(len(CHAINS))), ticktext=[name for name, _ in CHAINS], ticksuffix="  "
    )
    figure.update_yaxes(range=[len(CHAINS) - 0.5, -0.5])
    figure.update_xaxes(title={"text": "天", "font": {"size": 12}}, gridcolor=PALE)
    told = Told("相隔不超过180天的连成一件事", "每个点是一次登记；颜色换了，就是另起的一件事")
    return _framed(figure, told, Room(200, below=26))


SIZES = {5: 0.45, 15: 0.5, 50: 0.6, 190: 0.97}
"""Usual numbers a month, and how high on its curve each is named, so that no name lies on another."""


def power() -> Example:
    """How often one month at so many times its usual number is found, by what is usual."""
    times = np.linspace(1.05, 3, 40)
    figure = plotly.blank()
    for (size, height), colour in zip(SIZES.items(), HUES, strict=False):
        made = Counted(size * 24, 24)
        found = [made.found(float(by), ONE_IN) for by in times]
        figure.add_scatter(
            x=times, y=found, mode="lines", line={"color": colour, "width": 2.5}, hoverinfo="skip"
        )
        at = next((i for i, share in enumerate(found) if share > height), len(found) - 1)
        figure.add_annotation(
            x=float(times[at]),
            y=found[at],
            text=f"每月{size}件",
            showarrow=False,
            xanchor="left",
            xshift=6,
            font={"color": colour},
        )
    figure.update_yaxes(range=[0, 1.02], tickformat=".0%", gridcolor=PALE)
    ticks = {1.5: "增加一半", 2.0: "增加一倍", 3.0: "增加两倍"}
    figure.update_xaxes(tickvals=list(ticks), ticktext=list(ticks.values()))
    told = Told("件数越少，越要变得多才看得出", "一个月的数变成平常的几倍时，被发现的机会")
    return _framed(figure, told, Room(below=16, right=40))


PICTURES: dict[str, Callable[[], Example]] = {
    "control": control,
    "proportions": proportions,
    "ranking": ranking,
    "funnel": funnel,
    "waterfall": waterfall,
    "survival": survival,
    "expected": expected,
    "cluster": cluster,
    "chains": chains,
    "power": power,
}
"""By the name of the text that each stands in."""

"""What comes next, drawn: what remains with the range of its finish, closing curves, the next months."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import plotly.graph_objects as go

from analytics.insight.closing import Projection, burned, fan
from analytics.insight.survival import Curve
from analytics.insight.volumes import Expected, Volumes
from analytics.insight.wording import count
from analytics.model import Metric
from analytics.render.marks.axes import HALVES, time_axis, value_axis
from analytics.render.marks.look import ACCENT, GREY, HUES, LATE, Room, dot, legend_above, markup, shade
from analytics.render.plotly import PAGE, Said, Size, blank, framed

YEARS = 5
"""A range that ends later than so many years ahead is cut by the chart's edge."""
SHOWN = 36


def burn_down(batches: Sequence[Projection], said: Said, size: Size = PAGE) -> go.Figure:
    """Each batch's open cases day by day, then the range of what will remain; time limits as lines.

    A name stands where its batch is now, or where one that is finished began.
    """
    figure = blank(size)
    for at, found in enumerate(batches):
        colour = HUES[at % len(HUES)]
        _add_real(figure, found, colour)
        _add_fan(figure, found, colour)
        _add_due(figure, found)
    first = min(s.assigned for b in batches for s in b.spells)
    figure.update_xaxes(type="date", range=[first, _right(batches)], tickformat="%Y-%m", nticks=5)
    figure.update_xaxes(tickangle=0, tickfont={"size": 12})
    value_axis(figure, False, [found.assigned for found in batches])
    figure.update_yaxes(range=[0, max(found.assigned for found in batches) * 1.12])
    above = legend_above(figure, [f"{dot(GREY, '━')} 实际剩余 ", f"{dot(GREY)} 预计剩余的80%区间"])
    return framed(figure, said, Room(above=above), size)


def _right(batches: Sequence[Projection]) -> date:
    day = batches[0].day
    ends = [found.finish.high for found in batches if found.finish]
    dues = [found.due for found in batches if found.due and found.remaining]
    return min(max([day, *ends, *dues]), day + timedelta(365 * YEARS)) + timedelta(30)


def _add_real(figure: go.Figure, found: Projection, colour: str) -> None:
    steps = burned(found.spells)
    days, values = [day for day, _ in steps], [value for _, value in steps]
    if found.remaining:
        days, values = [*days, found.day], [*values, values[-1]]
    name = markup(found.batch)
    figure.add_scatter(
        x=days,
        y=values,
        mode="lines",
        line={"color": colour, "width": 2.5, "shape": "hv"},
        hovertext=[f"{name} {day} 剩余{value}宗" for day, value in zip(days, values, strict=True)],
        hoverinfo="text",
    )
    at = -1 if found.remaining else 0
    figure.add_annotation(
        x=days[at],
        y=values[at],
        text=f"<b>{name} {values[at]}</b>",
        showarrow=False,
        xshift=3,
        yshift=8,
        xanchor="left",
        font={"color": colour},
    )


def _add_fan(figure: go.Figure, found: Projection, colour: str) -> None:
    points = fan(found)
    days = [p.day for p in points]
    shade(figure, days, [p.low for p in points], [p.high for p in points], colour)
    figure.add_scatter(
        x=days,
        y=[p.median for p in points],
        mode="lines",
        line={"color": colour, "width": 1.5, "dash": "dot"},
        hovertext=[f"{markup(found.batch)} {p.day} 预计剩余{p.low}—{p.high}宗" for p in points],
        hoverinfo="text",
    )


def _add_due(figure: go.Figure, found: Projection) -> None:
    """The time limit of a batch that is not finished; red once it has passed."""
    if not found.due or not found.remaining:
        return
    colour = LATE if found.due < found.day else GREY
    figure.add_vline(x=found.due, line={"color": colour, "dash": "dash", "width": 1.5})
    figure.add_annotation(
        x=found.due,
        y=1,
        yref="paper",
        text=f"{markup(found.batch)}时限",
        xanchor="left",
        yanchor="top",
        xshift=3,
        showarrow=False,
        font={"size": 12, "color": colour},
    )


def closing_curves(curves: Sequence[tuple[str, Curve]], said: Said, size: Size = PAGE) -> go.Figure:
    """The share still open by days since the assignment, a line a batch in its Greenwood limits."""
    figure = blank(size)
    for at, (batch, found) in enumerate(curves):
        colour = HUES[at % len(HUES)]
        known = [i for i, low in enumerate(found.low) if low == low]
        days = [found.days[i] for i in known]
        low, high = ([edge[i] for i in known] for edge in (found.low, found.high))
        shade(figure, days, low, high, colour, "hv")
        _add_curve(figure, markup(batch), found, colour)
    figure.update_xaxes(title={"text": "交办后的天数", "font": {"size": 12}}, tickformat="d", nticks=8)
    value_axis(figure, True, [1.0])
    figure.update_yaxes(range=[0, 1.06])
    entries = [f"{dot(HUES[at % len(HUES)], '━')} {markup(name)} " for at, (name, _) in enumerate(curves)]
    above = legend_above(figure, [*entries, f"{dot(GREY)} 95%置信限"])
    return framed(figure, said, Room(above=above, below=26), size)


def _add_curve(figure: go.Figure, name: str, found: Curve, colour: str) -> None:
    figure.add_scatter(
        x=[0, *found.days],
        y=[1.0, *found.open],
        mode="lines",
        line={"color": colour, "width": 2.5, "shape": "hv"},
        hovertext=[
            f"{name} 交办后{day}天 未办结{share:.1%}"
            for day, share in zip((0, *found.days), (1.0, *found.open), strict=True)
        ],
        hoverinfo="text",
    )


def next_months(metric: Metric, found: Volumes, said: Said, size: Size = PAGE) -> go.Figure:
    """The last months of the count, the ranges that stood for them a month before, and the next months'."""
    figure = blank(size)
    past = [e for e in found.past if e.ahead == 1][-SHOWN:]
    shown = dict(list(zip(found.months, found.counts, strict=True))[-SHOWN:])
    _add_ranges(figure, [e for e in past if e.month in shown], GREY)
    _add_ranges(figure, _joined(found, shown), HUES[1])
    _add_months(figure, [f"{m:%Y-%m}" for m in shown], list(shown.values()), metric)
    months = [f"{m:%Y-%m}" for m in (*shown, *(e.month for e in found.ahead))]
    time_axis(figure, months, HALVES)
    figure.update_xaxes(categoryorder="array", categoryarray=months)
    top = max([*shown.values(), *(e.high for e in (*past, *found.ahead))])
    value_axis(figure, False, [top])
    figure.update_yaxes(range=[0, top * 1.06 or 1])
    entries = [f"{dot(ACCENT, '━')} 实际 ", f"{dot(GREY)} 当时提前一月的80%区间 ", f"{dot(HUES[1])} 今后的"]
    return framed(figure, said, Room(above=legend_above(figure, entries), below=16), size)


def _joined(found: Volumes, shown: dict[date, int]) -> list[Expected]:
    """The coming ranges, opening from the last month that is known."""
    if not found.ahead:
        return []
    last = list(shown)[-1]
    value = shown[last]
    return [Expected(last, 0, value, value, value, value), *found.ahead]


def _add_ranges(figure: go.Figure, ranges: Sequence[Expected], colour: str) -> None:
    months = [f"{e.month:%Y-%m}" for e in ranges]
    shade(figure, months, [e.low for e in ranges], [e.high for e in ranges], colour)


def _add_months(figure: go.Figure, months: list[str], values: list[int], metric: Metric) -> None:
    figure.add_scatter(
        x=months,
        y=values,
        mode="lines+markers",
        line={"color": ACCENT, "width": 2.5},
        marker={"size": 4},
        hovertext=[
            f"{metric.label} {m} {count(v)}{metric.unit}" for m, v in zip(months, values, strict=True)
        ],
        hoverinfo="text",
    )

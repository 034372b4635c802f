"""Marks over time: one line or several, one before the others, what remains of each batch."""

from __future__ import annotations

from collections.abc import Sequence
from math import floor

import plotly.graph_objects as go

from analytics.answers import Answer, compared_members
from analytics.catalogue import DIMENSIONS
from analytics.insight.findings import middle_half
from analytics.insight.overtime import Chart, told
from analytics.insight.wording import amount, number
from analytics.model import Metric
from analytics.render.marks.axes import HALVES, QUARTERS, time_axis, value_axis
from analytics.render.marks.look import (
    ACCENT,
    FALL,
    GREY,
    HUES,
    MUTED,
    RISE,
    Room,
    dot,
    label,
    legend_above,
    markup,
    shade,
    width,
    wrapped,
    x_axis,
    y_axis,
)

BELOW = 16
INDENT = "<br>\u2003"
"""The year under its months."""
LABEL_COLUMNS, LABEL_SIZE, LABEL_LINE = 14, 12, 15


def line(figure: go.Figure, answer: Answer) -> Room:
    """One metric with its ends labelled, or several with their names at the right end."""
    metrics, result = answer.figure.drawn, answer.result
    months = [key[0] for key in result.keys]
    values = [[result.value(metric.name, key) for key in result.keys] for metric in metrics]
    time_axis(figure, months, QUARTERS if len(metrics) == 1 else HALVES)
    tops = answer.chart.limits.upper.tolist() if answer.chart else []
    value_axis(figure, metrics[0].is_rate, [v for row in [*values, tops] for v in row if v is not None])
    if len(metrics) > 1:
        return _several(figure, metrics, months, values)
    if answer.chart:
        _add_limits(figure, answer.chart, months)
    _add_line(figure, metrics[0], months, values[0], ACCENT)
    if answer.chart:
        _add_signals(figure, metrics[0], answer.chart, months)
    _label_ends(figure, metrics[0], months, values[0])
    return Room(below=BELOW)


def _add_limits(figure: go.Figure, chart: Chart, months: list[str]) -> None:
    """The band of normal variation and its centre, over the months that the chart knows."""
    known = [at for at, month in enumerate(chart.months) if month in months]
    named = [chart.months[at] for at in known]
    lower, upper = ([edge[at] for at in known] for edge in (chart.limits.lower, chart.limits.upper))
    shade(figure, named, lower, upper)
    figure.add_scatter(
        x=named,
        y=[chart.limits.centre] * len(named),
        mode="lines",
        line={"width": 1, "dash": "dot", "color": MUTED},
        hoverinfo="skip",
    )


def _add_signals(figure: go.Figure, metric: Metric, chart: Chart, months: list[str]) -> None:
    """Points that are more than chance explains: a triangle, orange upwards or blue downwards."""
    found = [
        (month, value, broken)
        for month, value, broken in zip(chart.months, chart.values, chart.found, strict=True)
        if broken and month in months
    ]
    figure.add_scatter(
        x=[month for month, _, _ in found],
        y=[value for _, value, _ in found],
        mode="markers",
        marker={
            "size": 11,
            "color": [RISE if side > 0 else FALL for _, _, (_, side) in found],
            "symbol": ["triangle-up" if side > 0 else "triangle-down" for _, _, (_, side) in found],
            "line": {"width": 1, "color": "white"},
        },
        hovertext=[f"{month} {amount(metric, value)}，{told(*broken)}" for month, value, broken in found],
        hoverinfo="text",
    )


def _add_line(
    figure: go.Figure, metric: Metric, months: list[str], values: list[float | int | None], colour: str
) -> None:
    figure.add_scatter(
        x=months,
        y=values,
        name=metric.label,
        mode="lines+markers",
        line={"color": colour, "width": 2.5},
        marker={"size": 5},
        hovertext=[f"{metric.label} {m} {amount(metric, v)}" for m, v in zip(months, values, strict=True)],
        hoverinfo="text",
    )


def _label_ends(
    figure: go.Figure, metric: Metric, months: list[str], values: list[float | int | None]
) -> None:
    known = [i for i, v in enumerate(values) if v is not None]
    for i in dict.fromkeys([known[0], known[-1]] if known else []):
        figure.add_annotation(
            x=months[i],
            y=values[i],
            text=f"<b>{number(metric, values[i])}</b>",
            showarrow=False,
            yshift=12,
            font={"color": ACCENT},
        )


def _several(
    figure: go.Figure, metrics: Sequence[Metric], months: list[str], values: list[list[float | int | None]]
) -> Room:
    """A line each, named with its last value in the right margin, names apart from one another."""
    room = Room(below=BELOW)
    low, top = range_of(metrics[0].is_rate, [v for row in values for v in row if v is not None])
    y_axis(figure, range=[low, top])
    for metric, row, colour in zip(metrics, values, HUES, strict=False):
        _add_line(figure, metric, months, row, colour)
    names = _end_labels(metrics, values)
    ends = [next((v for v in reversed(row) if v is not None), low) for row in values]
    wanted = [(end - low) / (top - low) * room.height for end in ends]
    placed = spread(wanted, [LABEL_LINE * len(lines) for lines in names], room.height)
    for lines, end, at, place, colour in zip(names, ends, wanted, placed, HUES, strict=False):
        figure.add_annotation(
            text=f"{dot(colour, '●')} {INDENT.join(lines)}",
            x=1,
            xref="paper",
            y=end,
            yshift=round(place - at),
            xanchor="left",
            align="left",
            showarrow=False,
            font={"size": LABEL_SIZE},
        )
    longest = max(width(text, LABEL_SIZE) for lines in names for text in lines)
    return Room(room.height, below=BELOW, right=longest + 24)


def _end_labels(metrics: Sequence[Metric], values: list[list[float | int | None]]) -> list[list[str]]:
    """来信 52, with the unit where units differ; the number under a name that leaves it no room."""
    said = amount if len({metric.unit for metric in metrics}) > 1 else number
    labels = []
    for metric, row in zip(metrics, values, strict=True):
        whole = wrapped(f"{metric.label} {said(metric, row[-1])}", LABEL_COLUMNS)
        under = [*wrapped(metric.label, LABEL_COLUMNS), said(metric, row[-1])]
        labels.append(whole if len(whole) == 1 else under)
    return labels


def range_of(rate: bool, values: Sequence[float | int]) -> tuple[float, float]:
    """From 0; rates that are all high from the tens below them, or their lines would lie on one another."""
    low, high = min(values, default=0), max(values, default=0)
    if rate and low >= 0.5:
        low = min(floor(low * 10) / 10, 0.9)
        return low, high + (high - low) * 0.06 if high > low else low + 0.1
    return 0, high * 1.06 or 1


def spread(wanted: Sequence[float], sizes: Sequence[float], height: float) -> list[float]:
    """Centres as near the wanted ones as their sizes allow, none over another, in pixels from the bottom.

    Half a label may stand below 0 or above the height.
    """
    order = sorted(range(len(wanted)), key=lambda i: (wanted[i], -i))
    placed, floor = list(wanted), -sizes[order[0]] / 2
    for i in order:
        placed[i] = max(wanted[i], floor + sizes[i] / 2)
        floor = placed[i] + sizes[i] / 2
    ceiling = height + sizes[order[-1]] / 2
    for i in reversed(order):
        placed[i] = min(placed[i], ceiling - sizes[i] / 2)
        ceiling = placed[i] - sizes[i] / 2
    return placed


def band(figure: go.Figure, answer: Answer) -> Room:
    """One member's months before the middle half of the others."""
    metric, result = answer.figure.metric, answer.result
    one, others = compared_members(result, answer.chosen)
    months = sorted({key[1] for key in result.keys})
    halves = [middle_half([result.value(metric.name, (o, m)) or 0 for o in others]) for m in months]
    shade(figure, months, [low for low, _ in halves], [high for _, high in halves])
    own = [result.value(metric.name, (one, m)) for m in months]
    figure.add_scatter(
        x=months,
        y=own,
        mode="lines",
        line={"color": ACCENT, "width": 2.5},
        hovertext=[f"{markup(one)} {m} {amount(metric, v)}" for m, v in zip(months, own, strict=True)],
        hoverinfo="text",
    )
    label = DIMENSIONS[answer.figure.by[0]].label
    entries = [f"{dot(ACCENT, '━')} {markup(one)} ", f"{dot(GREY)} 其他{label}的中间一半"]
    above = legend_above(figure, entries)
    time_axis(figure, months)
    value_axis(figure, metric.is_rate, [v for v in own if v is not None] + [high for _, high in halves])
    return Room(above=above, below=BELOW)


def burndown(figure: go.Figure, answer: Answer) -> Room:
    """Each batch from the month of its assignment on, so that batches can be compared."""
    metric, result = answer.figure.metric, answer.result
    for at, (batch, values) in enumerate(since_assigned(answer).items()):
        _add_batch(figure, label("batch", batch), values, HUES[at % len(HUES)])
    x_axis(figure, title={"text": "交办后的月数", "font": {"size": 12}}, nticks=8, tickformat="d")
    value_axis(figure, False, [result.cell(metric.name, key).numerator for key in result.keys])
    return Room(below=26)


def since_assigned(answer: Answer) -> dict[str, list[int]]:
    """What remained of each batch, month by month from that of its assignment on."""
    found: dict[str, list[int]] = {}
    for key in answer.result.keys:
        remaining = answer.result.cell(answer.figure.metric.name, key).numerator
        if key[0] in found or remaining:
            found.setdefault(key[0], []).append(remaining)
    return found


def _add_batch(figure: go.Figure, batch: str, values: list[int], colour: str) -> None:
    figure.add_scatter(
        x=list(range(len(values))),
        y=values,
        mode="lines",
        line={"color": colour, "width": 2.5},
        hovertext=[f"{batch} 交办后第{i}个月 剩余{v}宗" for i, v in enumerate(values)],
        hoverinfo="text",
    )
    if values:
        figure.add_annotation(
            x=len(values) - 1,
            y=values[-1],
            text=f"<b>{batch} {values[-1]}</b>",
            showarrow=False,
            yshift=12,
            font={"color": colour},
        )

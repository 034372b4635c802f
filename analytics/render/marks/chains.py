"""Matters over time: one line each, a dot for each coming, a stroke where an item was closed."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go
from wcwidth import wcswidth

from analytics.insight.repeats import Chains, Item, Matter
from analytics.render.marks.axes import date_axis
from analytics.render.marks.look import (
    CHANNELS,
    GREY,
    INK,
    MUTED,
    PALE,
    Room,
    dot,
    label,
    legend_above,
    wrapped,
    y_axis,
)

ROW, LABEL_SIZE, LABEL_COLUMNS = 46, 12, 46
"""Pixels a matter takes, its name above its line; columns of the name that a phone has room for."""


def chains(figure: go.Figure, found: Chains) -> Room:
    """The longest matter at the top; coloured by channel, a diamond after 复核终结."""
    first = min(matter.items[0].day for matter in found.matters)
    date_axis(figure, first, found.last)
    many = len(found.matters)
    y_axis(
        figure, range=[many - 0.45, -0.75], tickvals=list(range(many)), showticklabels=False, gridcolor=PALE
    )
    _lines(figure, found.matters)
    _closings(figure, found.matters)
    for channel, colour in CHANNELS.items():
        _comings(figure, found.matters, channel, colour)
    _names(figure, found.matters)
    entries = [f"{dot(colour, '●')} {label('channel', name)} " for name, colour in CHANNELS.items()]
    above = legend_above(figure, [*entries, f"{dot(MUTED, '┃')} 办结 ", f"{dot(MUTED, '◆')} 终结后再访"])
    return Room(ROW * many, above=above, below=16)


def _lines(figure: go.Figure, matters: Sequence[Matter]) -> None:
    """From the first coming to the last; an empty point parts one matter from the next."""
    days: list[object] = []
    rows: list[float | None] = []
    for row, matter in enumerate(matters):
        days += [matter.items[0].day, matter.items[-1].day, None]
        rows += [row, row, None]
    figure.add_scatter(x=days, y=rows, mode="lines", line={"color": GREY, "width": 1.5}, hoverinfo="skip")


def _closings(figure: go.Figure, matters: Sequence[Matter]) -> None:
    closed = [
        (row, item.closed) for row, matter in enumerate(matters) for item in matter.items if item.closed
    ]
    figure.add_scatter(
        x=[day for _, day in closed],
        y=[row for row, _ in closed],
        mode="markers",
        cliponaxis=False,
        marker={"symbol": "line-ns-open", "size": 13, "color": MUTED, "line": {"width": 2}},
        hovertext=[f"{day} 办结" for _, day in closed],
        hoverinfo="text",
    )


def _comings(figure: go.Figure, matters: Sequence[Matter], channel: str, colour: str) -> None:
    found = [
        (row, number, item)
        for row, matter in enumerate(matters)
        for number, item in enumerate(matter.items, 1)
        if item.channel == channel
    ]
    figure.add_scatter(
        x=[item.day for _, _, item in found],
        y=[row for row, _, _ in found],
        mode="markers",
        cliponaxis=False,
        marker={
            "size": 10,
            "color": colour,
            "symbol": ["diamond" if item.terminated else "circle" for _, _, item in found],
            "line": {"color": "white", "width": 1},
        },
        hovertext=[_told(number, item) for _, number, item in found],
        hoverinfo="text",
    )


def _told(number: int, item: Item) -> str:
    """第2次 2021-03-05 来信，2021-05-02办结."""
    ended = f"，{item.closed}办结" if item.closed else "，未办结"
    after = "，终结后再访" if item.terminated else ""
    return f"第{number}次 {item.day} {label('channel', item.channel)}{ended}{after}"


def _names(figure: go.Figure, matters: Sequence[Matter]) -> None:
    """Where and about what, with how often, above each line; on a slide, which is wide, before it.

    All at once, since one by one is slow.
    """
    if figure.layout.width:
        y_axis(
            figure,
            showticklabels=True,
            ticktext=[_name(matter) for matter in matters],
            tickfont={"size": LABEL_SIZE},
            ticksuffix="  ",
        )
        return
    figure.update_layout(
        annotations=[
            {
                "text": _name(matter),
                "x": 0,
                "xref": "paper",
                "y": row,
                "yshift": 18,
                "xanchor": "left",
                "showarrow": False,
                "font": {"size": LABEL_SIZE, "color": INK},
                "bgcolor": "white",
            }
            for row, matter in enumerate(matters)
        ]
    )


def _name(matter: Matter) -> str:
    times = f"{len(matter.items)}次"
    lines = wrapped(matter.label, LABEL_COLUMNS - wcswidth(times))
    return f"{lines[0]}{'…' if len(lines) > 1 else ''} <b>{times}</b>"

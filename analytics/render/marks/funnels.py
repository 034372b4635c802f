"""A funnel: groups by size and rate, between lines that chance alone keeps them within."""

from __future__ import annotations

import plotly.graph_objects as go

from analytics.answers import Answer
from analytics.insight.funnel import INNER, OUTER, PER, Funnel, Place
from analytics.render.marks.look import (
    FALL,
    GREY,
    INK,
    MUTED,
    NOTHING_DRAWN,
    PALE,
    RISE,
    Room,
    label,
    x_axis,
    y_axis,
)

STEPS = 60
"""Points of a limit: it is a curve."""
LINES = {INNER: "dot", OUTER: "solid"}


def funnel(figure: go.Figure, answer: Answer) -> Room:
    """A dot a group, those outside named; the limits of 95 % dotted, of 99.8 % drawn through."""
    found, dimension = answer.funnel, answer.figure.by[0]
    if found is None:
        return NOTHING_DRAWN
    _add_limits(figure, found)
    _add_places(figure, found, dimension, answer.chosen)
    unit = f"每万人{found.metric.unit}数" if found.by_head else "%"
    size = "常住人口" if found.by_head else "分母（件）"
    x_axis(figure, title={"text": size, "font": {"size": 12}}, tickformat=",d", nticks=6, rangemode="tozero")
    y_axis(figure, gridcolor=PALE, rangemode="tozero", nticks=5, ticksuffix="" if found.by_head else unit)
    return Room(300, below=26)


def _scale(found: Funnel) -> int:
    return PER if found.by_head else 100


def _add_limits(figure: go.Figure, found: Funnel) -> None:
    sizes = [place.size for place in found.places]
    least, most = min(sizes) * 0.8, max(sizes) * 1.06
    # Even steps on a root scale: the curve bends where groups are small.
    at = [(least**0.5 + (most**0.5 - least**0.5) * step / STEPS) ** 2 for step in range(STEPS + 1)]
    for deviations, dash in LINES.items():
        edges = [found.limits(size, deviations) for size in at]
        for side in (0, 1):
            line = {"width": 1, "dash": dash, "color": GREY}
            values = [edge[side] * _scale(found) for edge in edges]
            figure.add_scatter(x=at, y=values, mode="lines", line=line, hoverinfo="skip")
    level = [found.common * _scale(found)] * 2
    figure.add_scatter(
        x=[at[0], at[-1]], y=level, mode="lines", line={"width": 1, "color": MUTED}, hoverinfo="skip"
    )


def _add_places(figure: go.Figure, found: Funnel, dimension: str, chosen: tuple[str, ...]) -> None:
    sides = [found.side(place) for place in found.places]
    figure.add_scatter(
        x=[place.size for place in found.places],
        y=[place.value * _scale(found) for place in found.places],
        customdata=[place.member for place in found.places],
        mode="markers",
        marker={
            "size": [
                12 if side or p.member in chosen else 8 for p, side in zip(found.places, sides, strict=True)
            ],
            "color": [{1: RISE, -1: FALL, 0: GREY}[side] for side in sides],
            "symbol": [{1: "triangle-up", -1: "triangle-down", 0: "circle"}[side] for side in sides],
        },
        hovertext=[_told(found, dimension, place) for place in found.places],
        hoverinfo="text",
    )
    for place, side in zip(found.places, sides, strict=True):
        if side or place.member in chosen:
            _name(figure, found, dimension, place, side)


def _name(figure: go.Figure, found: Funnel, dimension: str, place: Place, side: int) -> None:
    right = place.size > max(p.size for p in found.places) * 0.75
    figure.add_annotation(
        x=place.size,
        y=place.value * _scale(found),
        text=label(dimension, place.member),
        showarrow=False,
        xanchor="right" if right else "left",
        xshift=-8 if right else 8,
        font={"size": 12, "color": INK if side else MUTED},
    )


def _told(found: Funnel, dimension: str, place: Place) -> str:
    low, high = (found.shown(edge) for edge in found.limits(place.size, OUTER))
    counted = f"{place.count:,}/{place.size:,}"
    return f"{label(dimension, place.member)} {found.shown(place.value)}（{counted}），99.8%界限 {low}–{high}"

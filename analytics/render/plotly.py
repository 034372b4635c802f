"""Draws an answer with Plotly: its mark in one frame, one look for all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import plotly.graph_objects as go

from analytics.answers import Answer
from analytics.insight.repeats import Chains
from analytics.render.marks import MARKS
from analytics.render.marks.chains import chains
from analytics.render.marks.look import FONT, INK, MUTED, NOTHING_DRAWN, PALE, Room, width, wrapped
from analytics.render.marks.rows import PITCH, each_of, in_columns, named_rows, rows_of, with_unlisted


@dataclass(frozen=True)
class Type:
    """How a text is set: columns a line (half a Chinese character each), pixels of a letter and a line."""

    columns: int
    size: int
    line: int


@dataclass(frozen=True)
class Size:
    """For what a figure is drawn: how its texts are set, and in pixels its edge, its width and height.

    Without a width it is as wide as its place, and as high as its marks need.
    """

    title: Type
    subtitle: Type
    source: Type
    top: int
    edge: int
    width: int | None = None
    height: int | None = None


PAGE = Size(Type(36, 16, 21), Type(54, 12, 16), Type(64, 10, 13), top=24, edge=8)
"""On a page, down to a phone's width."""
SLIDE = Size(Type(72, 22, 27), Type(114, 14, 20), Type(144, 11, 15), 38, 24, width=960, height=540)
"""A slide of 16:9, a pixel for each of its points: no text is under 10.5, 14 pixels at 1280 × 720."""
STRETCH = 1.6
"""How much higher marks may be on a slide than on a page: rows would else be slabs."""

_AXIS = {"automargin": True, "zeroline": False, "fixedrange": True}
_LOOK = {
    "template": go.layout.Template(),
    "font": {"family": FONT, "size": 13, "color": INK},
    "paper_bgcolor": "white",
    "plot_bgcolor": "white",
    "hoverlabel": {"font": {"family": FONT, "size": 13}},
    "showlegend": False,
    "separators": ".,",
    "dragmode": False,
    "bargap": 0.28,
    "xaxis": {**_AXIS, "linecolor": PALE},
    "yaxis": _AXIS,
}


@dataclass(frozen=True)
class Said:
    """What is said around marks that are no answer's."""

    title: str
    subtitle: str
    source: str


class Told(Protocol):
    """What is said around the marks."""

    @property
    def title(self) -> str:
        """The finding."""

    @property
    def subtitle(self) -> str:
        """Measure, days, unit."""

    @property
    def source(self) -> str:
        """Where it comes from."""


def blank(size: Size = PAGE) -> go.Figure:
    """A figure in the one look, without marks; as wide as its place where the size has no width."""
    return go.Figure(layout={**_LOOK, "width": size.width})


def draw(answer: Answer, size: Size = PAGE) -> go.Figure:
    """The answer as a figure of its own: title, subtitle, marks, source."""
    figure = blank(size)
    room = MARKS[answer.figure.mark](figure, answer) if answer.result.keys else NOTHING_DRAWN
    return framed(figure, answer, room, size)


def draw_chains(found: Chains, said: Told, size: Size = PAGE) -> go.Figure:
    """Matters as lines with their items, in the same frame."""
    figure = blank(size)
    return framed(figure, said, chains(figure, found) if found.matters else NOTHING_DRAWN, size)


class Drawing(go.Figure):  # type: ignore[misc]
    """A figure that is finished, to be kept: all it holds is what goes to the browser."""

    def __init__(self, figure: go.Figure) -> None:
        self._made: dict[str, Any] = figure.to_dict()

    def to_dict(self) -> dict[str, Any]:
        """As Plotly's own; not to be changed."""
        return self._made


def file_name(answer: Answer) -> str:
    """标签_起_止: how the files of the answer's chart are called."""
    labels = "、".join(metric.label for metric in answer.figure.drawn)
    return f"{labels}_{answer.result.period.start}_{answer.result.period.shown_end}"


CONFIG: Mapping[str, Any] = {
    "displaylogo": False,
    "displayModeBar": False,
    "scrollZoom": False,
    "doubleClick": False,
}
"""Plotly's settings: no buttons of its own, no zooming while a page is scrolled."""


def framed(figure: go.Figure, told: Told, room: Room, size: Size = PAGE) -> go.Figure:
    """The figure with what is said around its marks; without marks it has no axes."""
    if not figure.data:
        figure.update_xaxes(visible=False)
        figure.update_yaxes(visible=False)
    title = wrapped(told.title, size.title.columns)
    subtitle = wrapped(told.subtitle, size.subtitle.columns)
    source = wrapped(told.source, size.source.columns)
    left, right = size.edge, room.right + size.edge - 8
    above = 6 + size.top + size.title.line * len(title) + size.subtitle.line * len(subtitle) + room.above
    below = 30 + size.edge + size.source.line * len(source) + room.below
    height = size.height or above + room.height + below
    # A slide's marks end where they are high enough; what is left over stays free above the source.
    below = max(below, height - above - round(STRETCH * room.height))
    if size.width and (rows := rows_of(figure)):
        left, more = _fitted(figure, rows, height - above - below, size, right)
        subtitle = wrapped(with_unlisted(told.subtitle, more), size.subtitle.columns)
    small = f"<span style='font-size:{size.subtitle.size}px;color:{MUTED}'>{'<br>'.join(subtitle)}</span>"
    figure.update_layout(
        title={
            "text": f"<b>{'<br>'.join(title)}</b><br>{small}",
            "font": {"size": size.title.size, "color": INK},
            "x": 0,
            "xref": "container",
            "y": 1,
            "yref": "container",
            "yanchor": "top",
            "pad": {"t": size.top, "l": size.edge - 4},
        },
        height=height,
        margin={"t": above, "b": below, "l": left, "r": right},
    )
    figure.add_annotation(
        text="<br>".join(source),
        xref="paper",
        yref="paper",
        x=1,
        y=0,
        xanchor="right",
        yanchor="bottom",
        xshift=right - size.edge - 4,
        yshift=size.edge - 4 - below,
        align="right",
        showarrow=False,
        font={"size": size.source.size, "color": MUTED},
    )
    return figure


def _fitted(figure: go.Figure, rows: Sequence[str], inside: int, size: Size, right: int) -> tuple[int, int]:
    """A slide's rows, in two columns where one has no room; the left margin, how many are left out."""
    many = len(rows) * PITCH > inside
    left = size.edge + named_rows(figure, rows, short=many)
    across = (size.width or 0) - left - right
    columns = in_columns(figure, rows, inside, across, left + right)
    if many:
        _within(figure, (across - left - right) / 2 / (figure.layout.xaxis.range or (0, 1))[1])
    return left, max(0, len(rows) - columns * each_of(rows, inside, columns))


def _within(figure: go.Figure, each: float) -> None:
    """No number where half the width, `each` pixels a unit, leaves it no room."""
    for trace in figure.data:
        if trace.type == "heatmap":
            trace.texttemplate = None
        elif trace.type == "bar" and trace.text is not None:
            pairs = zip(trace.text, trace.x, strict=True)
            trace.text = [
                text if width(text, trace.insidetextfont.size) < value * each else "" for text, value in pairs
            ]

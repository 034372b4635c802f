"""Draws an answer with Plotly: its mark in one frame, one look for all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import plotly.graph_objects as go

from analytics.answers import Answer
from analytics.insight.repeats import Chains
from analytics.render.marks import MARKS
from analytics.render.marks.chains import chains
from analytics.render.marks.look import FONT, INK, MUTED, NOTHING_DRAWN, PALE, Room, wrapped

TITLE_COLUMNS, SUBTITLE_COLUMNS, SOURCE_COLUMNS = 36, 54, 64
"""Columns (half a Chinese character) that fit a phone's width at their sizes."""

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


def blank() -> go.Figure:
    """A figure in the one look, without marks."""
    return go.Figure(layout=_LOOK)


def draw(answer: Answer) -> go.Figure:
    """The answer as a figure of its own: title, subtitle, marks, source."""
    figure = blank()
    room = MARKS[answer.figure.mark](figure, answer) if answer.result.keys else NOTHING_DRAWN
    return framed(figure, answer, room)


def draw_chains(found: Chains, said: Told) -> go.Figure:
    """Matters as lines with their items, in the same frame."""
    figure = blank()
    return framed(figure, said, chains(figure, found) if found.matters else NOTHING_DRAWN)


def config(answer: Answer) -> dict[str, Any]:
    """Plotly's settings: the picture button only, its words in Chinese, a file name that says what it is."""
    labels = "、".join(metric.label for metric in answer.figure.drawn)
    return picture(f"{labels}_{answer.result.period.start}_{answer.result.period.shown_end}")


def picture(name: str) -> dict[str, Any]:
    """The settings of a chart whose picture has that file name."""
    words = {"Download plot as a PNG": "下载图片（PNG）", "Download plot as a png": "下载图片（PNG）"}
    return {
        "displaylogo": False,
        "displayModeBar": True,
        "modeBarButtons": [["toImage"]],
        "locale": "zh-CN",
        "locales": {"zh-CN": {"dictionary": words, "format": {}}},
        "toImageButtonOptions": {"format": "png", "filename": name, "scale": 2},
        "scrollZoom": False,
        "doubleClick": False,
    }


def framed(figure: go.Figure, told: Told, room: Room) -> go.Figure:
    """The figure with what is said around its marks; without marks it has no axes."""
    if not figure.data:
        figure.update_xaxes(visible=False)
        figure.update_yaxes(visible=False)
    title, subtitle = wrapped(told.title, TITLE_COLUMNS), wrapped(told.subtitle, SUBTITLE_COLUMNS)
    source = wrapped(told.source, SOURCE_COLUMNS)
    above = 30 + 21 * len(title) + 16 * len(subtitle) + room.above
    below = 38 + 13 * len(source) + room.below
    small = f"<span style='font-size:12px;color:{MUTED}'>{'<br>'.join(subtitle)}</span>"
    figure.update_layout(
        title={
            "text": f"<b>{'<br>'.join(title)}</b><br>{small}",
            "font": {"size": 16, "color": INK},
            "x": 0,
            "xref": "container",
            "y": 1,
            "yref": "container",
            "yanchor": "top",
            "pad": {"t": 24, "l": 4},
        },
        height=above + room.height + below,
        margin={"t": above, "b": below, "l": 8, "r": room.right},
    )
    figure.add_annotation(
        text="<br>".join(source),
        xref="paper",
        yref="paper",
        x=1,
        y=0,
        xanchor="right",
        yanchor="bottom",
        xshift=room.right - 12,
        yshift=4 - below,
        align="right",
        showarrow=False,
        font={"size": 10, "color": MUTED},
    )
    return figure

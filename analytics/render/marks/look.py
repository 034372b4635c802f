"""What all marks share: colours, labels, the width of text, the room that a mark asks for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from math import ceil

import plotly.graph_objects as go
from wcwidth import wcswidth

from analytics.catalogue import DIMENSIONS
from analytics.model import Metric

ACCENT, GREY, PALE, INK, MUTED = "#1f5fa8", "#9aa5b1", "#dfe4ea", "#1d2733", "#5f6b7a"
LATE = "#c0392b"
HUES = ("#1f5fa8", "#e08a1e", "#4d9078", "#8e6bb0", "#6b7683", "#c9a227", "#7fb0d9")
"""At most seven, told apart by the colour-blind; red is kept for 超期."""
OUTCOMES = {"已化解": HUES[0], "已办结": HUES[6], "整改中": HUES[1], "退回重办": HUES[3]}
CHANNELS = {"letter": HUES[0], "visit": HUES[1], "online": HUES[6], "phone": HUES[2]}
RISE, FALL = HUES[1], ACCENT
SHADE = 0.25
FONT = "'Noto Sans CJK SC','Noto Sans SC','Microsoft YaHei','PingFang SC','WenQuanYi Micro Hei',sans-serif"
SCREEN, PHONE, NAMES = 360, 290, 170
"""Pixels of a phone across, those it leaves beside row names of three or four characters; what the edges and
the names of units take elsewhere."""

Members = Sequence[str]


@dataclass(frozen=True)
class Room:
    """What a mark needs in pixels: its own height, and what stands above, below and right of it."""

    height: int = 290
    above: int = 0
    below: int = 0
    right: int = 12


NOTHING_DRAWN = Room(50)


def tells_lateness(metric: Metric) -> bool:
    """Whether the metric counts what is over its time limit: the one thing that is red."""
    return metric.name.endswith("overdue")


def label(dimension: str, member: str) -> str:
    """The member as Plotly may show it: its labels are markup, names in the data are not."""
    return markup(DIMENSIONS[dimension].label_of(member))


def markup(text: str) -> str:
    """Plain text for a place where Plotly reads markup."""
    return escape(text, quote=False)


def width(text: str, size: int = 13) -> int:
    """Pixels that a text takes at most in the font; a Chinese character is two columns wide."""
    return ceil(max(wcswidth(text), 0) * size * 0.56)


def beside_names(figure: go.Figure) -> int:
    """Pixels beside row names: a phone's, or of a figure that has a width what that leaves."""
    return figure.layout.width - NAMES if figure.layout.width else PHONE


def dot(colour: str, sign: str = "■") -> str:
    """A sign in a colour, to stand before the name that it explains."""
    return f"<span style='color:{colour}'>{sign}</span>"


def shade(
    figure: go.Figure,
    x: Sequence[object],
    lower: Sequence[float],
    upper: Sequence[float],
    colour: str = GREY,
    shape: str = "linear",
) -> None:
    """A pale band between two edges, behind what is drawn after it."""
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    for edge, fill in ((lower, None), (upper, "tonexty")):
        figure.add_scatter(
            x=x,
            y=edge,
            mode="lines",
            line={"width": 0, "shape": shape},
            fill=fill,
            fillcolor=f"rgba({red},{green},{blue},{SHADE})",
            hoverinfo="skip",
        )


_UNBROKEN = re.compile(
    r"[（“]?[\w.,%/→+–-]*[0-9A-Za-z%][0-9A-Za-z.,%/→+–-]*[件批宗次天人年月日)）”，。；、]*|.[）”，。；：、]*",
    re.ASCII,
)


WIDOW = 6
"""Columns under which a last line is too short."""


def wrapped(text: str, columns: int) -> list[str]:
    """Lines of at most so many columns; a Chinese character is two wide, a number is not broken.

    The last of several is no single character or two: the lines above give it some.
    """
    lines = [""]
    for piece in _UNBROKEN.findall(text):
        if lines[-1] and wcswidth(lines[-1] + piece) > columns:
            lines.append("")
        lines[-1] += piece
    if len(lines) > 1 and columns > 2 * WIDOW and wcswidth(lines[-1].strip()) < WIDOW:
        return wrapped(text, columns - 2)
    return [markup(line.strip()) for line in lines]


def legend_above(figure: go.Figure, entries: Sequence[str]) -> int:
    """Names of the parts with their colours, four a line above the marks; the pixels they take."""
    lines = [" ".join(entries[at : at + 4]) for at in range(0, len(entries), 4)]
    figure.add_annotation(
        text="<br>".join(lines),
        xref="paper",
        yref="paper",
        x=0,
        y=1,
        xanchor="left",
        yanchor="bottom",
        align="left",
        showarrow=False,
    )
    return 20 * len(lines) + 2


def x_axis(figure: go.Figure, **settings: object) -> None:
    """Sets these of the axis, leaving others; Plotly's own update takes eight times as long."""
    figure.layout.xaxis = {**figure.layout.xaxis.to_plotly_json(), **settings}


def y_axis(figure: go.Figure, **settings: object) -> None:
    """The same of the other axis."""
    figure.layout.yaxis = {**figure.layout.yaxis.to_plotly_json(), **settings}

"""Draws an answer for a projector: the marks of the screen, enlarged as a whole on a stage of fixed size."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from html import unescape

import plotly.graph_objects as go

from analytics.answers import Answer
from analytics.render.marks import MARKS
from analytics.render.marks.lines import spread
from analytics.render.marks.look import INK, NOTHING_DRAWN, wrapped
from analytics.render.marks.look import width as width_of
from analytics.render.plotly import blank

TEXT = 13
"""The size of the marks' text before it is enlarged; smaller text is raised to it."""
SCALE = 1.9
"""What the whole drawing is enlarged by: its text is then 24.7 pixels of the stage."""
PITCH = 16.5
"""Pixels, before enlarging, under which rows of text would touch."""
EDGE, AXIS = 6, 20
"""Pixels above and beside the marks, and of the labels below them."""
TALLEST = 38
"""Pixels that a row takes at most, where its mark asks for no more."""
LONGEST = 26
"""Columns (half a Chinese character) of a name in two columns."""
SHORTEST = 40
"""Pixels that bars need at least in each of two columns."""


@dataclass(frozen=True)
class Projected:
    """A drawing, to be enlarged by SCALE; `height`: pixels of the stage that it takes; `unlisted`: so many
    rows had no room."""

    drawing: go.Figure
    height: int
    unlisted: int = 0


def project(answer: Answer, width: int, height: int) -> Projected:
    """The answer's marks alone, for so many pixels of the stage; rows in two columns where they are many."""
    drawing = blank()
    room = MARKS[answer.figure.mark](drawing, answer) if answer.result.keys else NOTHING_DRAWN
    across, down = round(width / SCALE), round(height / SCALE)
    named, rows = _end_names(drawing), _rows(drawing)
    above = room.above + (PITCH if named else EDGE)
    below = room.below + (AXIS if drawing.layout.xaxis.showticklabels is not False else EDGE)
    inside = min(down - above - below, max(room.height, TALLEST * len(rows)) if rows else down)
    left = _named_rows(drawing, rows, short=len(rows) * PITCH > inside)
    margin = {"t": above, "b": below, "l": left, "r": room.right + EDGE}
    columns = _columns(drawing, rows, inside, across - left - margin["r"], left + margin["r"])
    each = (across - left - margin["r"] - (columns - 1) * (left + margin["r"])) / columns
    _legible(drawing, each)
    _beyond_ticks(drawing, each)
    _spread(drawing, named, inside)
    down = round(inside + above + below)
    drawing.update_layout(width=across, height=down, margin=margin)
    if not drawing.data:
        drawing.update_xaxes(visible=False)
        drawing.update_yaxes(visible=False)
    listed = columns * _each(rows, inside, columns)
    return Projected(drawing, round(down * SCALE), max(0, len(rows) - listed))


# --- rows -----------------------------------------------------------------------------------------------


def _columns(drawing: go.Figure, rows: Sequence[str], inside: float, across: float, around: float) -> int:
    """Rows that do not fit below one another go on in a second column, unless its names and texts, `around`,
    would leave no bars; how many columns there are."""
    if len(rows) * PITCH <= inside:
        return 1
    columns = 2 if across - around >= 2 * SHORTEST else 1
    each = _each(rows, inside, columns)
    drawing.update_yaxes(range=[each - 0.5, -0.5], autorange=False)
    if columns == 2:
        _second_column(drawing, around / across)
        drawing.layout.yaxis2.range = [2 * each - 0.5, each - 0.5]
    return columns


def _each(rows: Sequence[str], inside: float, columns: int) -> int:
    """Rows of a column."""
    return min(int(inside // PITCH), -(-len(rows) // columns))


def _rows(drawing: go.Figure) -> list[str]:
    """The names of horizontal bars or of a heatmap's rows, from the top down; none of other marks."""
    if not any(trace.type == "heatmap" or trace.orientation == "h" for trace in _rowed(drawing)):
        return []
    return list(dict.fromkeys(name for trace in _rowed(drawing) for name in trace.y or ()))


def _named_rows(drawing: go.Figure, rows: Sequence[str], short: bool) -> int:
    """Names the rows, cut where there are to be two columns; the pixels that the names take."""
    if not rows:
        return 2
    names = [_cut(name) if short else name for name in rows]
    drawing.update_yaxes(tickmode="array", tickvals=list(rows), ticktext=[f"{name}  " for name in names])
    return max(width_of(unescape(name)) for name in names) + 2 * EDGE


def _cut(name: str) -> str:
    """兴田高新技术产业开发区管理…; what points at the bar says the whole name."""
    lines = wrapped(unescape(name), LONGEST)
    return lines[0] if len(lines) == 1 else f"{lines[0]}…"


def _rowed(drawing: go.Figure) -> list[go.Bar | go.Heatmap]:
    return [trace for trace in drawing.data if trace.type in ("bar", "heatmap")]


def _second_column(drawing: go.Figure, gap: float) -> None:
    """The same marks once more on axes at the right; the ranges tell which rows stand where."""
    for trace in list(drawing.data):
        other = copy.deepcopy(trace)
        other.update(xaxis="x2", yaxis="y2")
        drawing.add_trace(other)
    drawing.update_xaxes(nticks=4, tickangle=0)
    layout = drawing.layout
    layout.xaxis2 = {**layout.xaxis.to_plotly_json(), "anchor": "y2", "domain": [(1 + gap) / 2, 1]}
    layout.yaxis2 = {**layout.yaxis.to_plotly_json(), "anchor": "x2"}
    layout.xaxis.domain = [0, (1 - gap) / 2]


# --- text -----------------------------------------------------------------------------------------------


def _legible(drawing: go.Figure, across: float) -> None:
    """No text under the size that can be read from the last row; none where it would not fit its mark."""
    drawing.update_xaxes(tickfont={"size": TEXT})
    drawing.update_yaxes(tickfont={"size": TEXT})
    for axis in (drawing.layout.xaxis, drawing.layout.yaxis):
        if axis.title.text:
            axis.title.font.size = TEXT
    for note in drawing.layout.annotations:
        note.font.update(size=TEXT, color=darkened(note.font.color or INK))
        if note.xref != "paper":
            note.bgcolor = "rgba(255,255,255,0.75)"  # a line that crosses it is seen through
    for trace in drawing.data:
        if trace.type == "bar" and trace.text is not None:
            _inside_bars(trace, across / (drawing.layout.xaxis.range[1] or 1))
        elif trace.type == "heatmap" and (trace.textfont.size or 0) < TEXT:
            trace.texttemplate = None


def _inside_bars(trace: go.Bar, each: float) -> None:
    """Numbers in bars that are long enough, `each` pixels a unit, in black or white."""
    trace.text = [
        text if value * each > width_of(text, TEXT) + 4 else ""
        for text, value in zip(trace.text, trace.x, strict=True)
    ]
    colour = "#000000" if luminance(trace.marker.color) > MIDDLE else "#ffffff"
    trace.update(constraintext="none", insidetextfont={"size": TEXT, "color": colour})


def _beyond_ticks(drawing: go.Figure, across: float) -> None:
    """Texts beside bars begin beyond the tick of what was before, where it would stand in them."""
    scattered = [trace for trace in drawing.data if trace.type == "scatter"]
    ticks = next((trace.x for trace in scattered if trace.marker.symbol == "line-ns"), None)
    if ticks is None:
        return
    low, high = drawing.layout.xaxis.range
    for trace in scattered:
        if trace.mode == "text":
            near = [(width_of(text, TEXT) + EDGE) * (high - low) / across for text in trace.text]
            trace.x = [
                tick if tick is not None and end <= tick < end + close else end
                for end, tick, close in zip(trace.x, ticks, near, strict=True)
            ]


MIDDLE = 0.179
"""The luminance on which black and white stand out alike, at 4.6 to 1."""


def darkened(colour: str) -> str:
    """The colour, so dark that text in it stands out on white."""
    parts = [int(colour[at : at + 2], 16) for at in (1, 3, 5)]
    while luminance(colour) > MIDDLE:
        parts = [part * 95 // 100 for part in parts]
        colour = "#" + "".join(f"{part:02x}" for part in parts)
    return colour


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2 defines it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _end_names(drawing: go.Figure) -> list[go.layout.Annotation]:
    """The names at the right end of lines."""
    return [note for note in drawing.layout.annotations if (note.xref, note.x) == ("paper", 1)]


def _spread(drawing: go.Figure, named: Sequence[go.layout.Annotation], inside: float) -> None:
    """Sets them apart anew: their places were meant for another height."""
    if not named:
        return
    low, top = drawing.layout.yaxis.range
    wanted = [(note.y - low) / (top - low) * inside for note in named]
    sizes = [PITCH * (1 + note.text.count("<br>")) for note in named]
    for note, at, place in zip(named, wanted, spread(wanted, sizes, inside), strict=True):
        note.yshift = round(place - at)

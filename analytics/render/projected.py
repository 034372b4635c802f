"""Draws an answer for a projector: the marks of the screen, enlarged as a whole on a stage of fixed size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from analytics.answers import Answer
from analytics.render.marks import MARKS
from analytics.render.marks.lines import spread
from analytics.render.marks.look import INK, NOTHING_DRAWN
from analytics.render.marks.look import width as width_of
from analytics.render.marks.rows import PITCH, each_of, in_columns, named_rows, rows_of
from analytics.render.plotly import blank

TEXT = 13
"""The size of the marks' text before it is enlarged; smaller text is raised to it."""
SCALE = 1.9
"""What the whole drawing is enlarged by: its text is then 24.7 pixels of the stage."""
EDGE, AXIS = 6, 20
"""Pixels above and beside the marks, and of the labels below them."""
TALLEST = 38
"""Pixels that a row takes at most, where its mark asks for no more."""


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
    named, rows = _end_names(drawing), rows_of(drawing)
    above = room.above + (PITCH if named else EDGE)
    below = room.below + (AXIS if drawing.layout.xaxis.showticklabels is not False else EDGE)
    inside = min(down - above - below, max(room.height, TALLEST * len(rows)) if rows else down)
    left = named_rows(drawing, rows, short=len(rows) * PITCH > inside) if rows else 2
    margin = {"t": above, "b": below, "l": left, "r": room.right + EDGE}
    columns = in_columns(drawing, rows, inside, across - left - margin["r"], left + margin["r"])
    each = (across - left - margin["r"] - (columns - 1) * (left + margin["r"])) / columns
    _legible(drawing, each)
    _beyond_ticks(drawing, each)
    _spread(drawing, named, inside)
    down = round(inside + above + below)
    drawing.update_layout(width=across, height=down, margin=margin)
    if not drawing.data:
        drawing.update_xaxes(visible=False)
        drawing.update_yaxes(visible=False)
    listed = columns * each_of(rows, inside, columns)
    return Projected(drawing, round(down * SCALE), max(0, len(rows) - listed))


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

"""Draws an answer for a projector: the marks of the screen, enlarged as a whole on a stage of fixed size."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from analytics.answers import Answer
from analytics.render.marks import MARKS
from analytics.render.marks.lines import spread
from analytics.render.marks.look import NOTHING_DRAWN
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
SHORTEST = 40
"""Pixels that bars need at least in each of two columns."""


@dataclass(frozen=True)
class Projected:
    """A drawing, to be enlarged by SCALE; `unlisted`: so many rows had no room."""

    drawing: go.Figure
    unlisted: int = 0


def project(answer: Answer, width: int, height: int) -> Projected:
    """The answer's marks alone, for so many pixels of the stage; rows in two columns where they are many."""
    drawing = blank()
    room = MARKS[answer.figure.mark](drawing, answer) if answer.result.keys else NOTHING_DRAWN
    across, down = round(width / SCALE), round(height / SCALE)
    named, rows = _end_names(drawing), _rows(drawing)
    left = max((width_of(name) for name in rows), default=0) + 2 * EDGE if rows else 2
    margin = {"t": room.above + (PITCH if named else EDGE), "b": AXIS + room.below}
    margin |= {"l": left, "r": room.right + EDGE}
    inside = down - margin["t"] - margin["b"]
    unlisted = _fitted(drawing, rows, inside, across - left - margin["r"], left + margin["r"])
    _legible(drawing)
    _spread(drawing, named, inside)
    drawing.update_layout(width=across, height=down, margin=margin)
    if not drawing.data:
        drawing.update_xaxes(visible=False)
        drawing.update_yaxes(visible=False)
    return Projected(drawing, unlisted)


# --- rows -----------------------------------------------------------------------------------------------


def _fitted(drawing: go.Figure, rows: Sequence[str], inside: float, across: float, around: float) -> int:
    """Rows that do not fit below one another go on in a second column; how many are left out at last.

    `around`: pixels of the names and texts of a column. Where they leave a second one no bars, there is none.
    """
    fit = int(inside // PITCH)
    if len(rows) <= fit:
        return 0
    columns = 2 if across - around >= 2 * SHORTEST else 1
    each = min(fit, -(-len(rows) // columns))
    drawing.update_yaxes(range=[each - 0.5, -0.5], autorange=False)
    if columns == 2:
        _second_column(drawing, around / across)
        drawing.layout.yaxis2.range = [2 * each - 0.5, each - 0.5]
    return max(0, len(rows) - columns * each)


def _rows(drawing: go.Figure) -> list[str]:
    """The names of horizontal bars or of a heatmap's rows, from the top down; none of other marks."""
    if not any(trace.type == "heatmap" or trace.orientation == "h" for trace in _rowed(drawing)):
        return []
    return list(dict.fromkeys(name for trace in _rowed(drawing) for name in trace.y or ()))


def _rowed(drawing: go.Figure) -> list[go.Bar | go.Heatmap]:
    return [trace for trace in drawing.data if trace.type in ("bar", "heatmap")]


def _second_column(drawing: go.Figure, gap: float) -> None:
    """The same marks once more on axes at the right; the ranges tell which rows stand where."""
    for trace in list(drawing.data):
        other = copy.deepcopy(trace)
        other.update(xaxis="x2", yaxis="y2")
        drawing.add_trace(other)
    layout = drawing.layout
    layout.xaxis2 = {**layout.xaxis.to_plotly_json(), "anchor": "y2", "domain": [(1 + gap) / 2, 1]}
    layout.yaxis2 = {**layout.yaxis.to_plotly_json(), "anchor": "x2"}
    layout.xaxis.domain = [0, (1 - gap) / 2]


# --- text -----------------------------------------------------------------------------------------------


def _legible(drawing: go.Figure) -> None:
    """No text under the size that can be read from the last row; none where it would not fit its cell."""
    drawing.update_xaxes(tickfont={"size": TEXT})
    drawing.update_yaxes(tickfont={"size": TEXT})
    for axis in (drawing.layout.xaxis, drawing.layout.yaxis):
        if axis.title.text:
            axis.title.font.size = TEXT
    for note in drawing.layout.annotations:
        note.font.size = TEXT
    for trace in drawing.data:
        if trace.type == "bar":
            trace.insidetextfont.size = TEXT
        elif trace.type == "heatmap" and (trace.textfont.size or 0) < TEXT:
            trace.texttemplate = None
    drawing.update_layout(uniformtext={"minsize": TEXT, "mode": "hide"})


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

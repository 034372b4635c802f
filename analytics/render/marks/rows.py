"""Rows of a drawing whose height is given: those that do not fit go on in a second column."""

from __future__ import annotations

import copy
import re
from collections.abc import Sequence
from html import unescape

import plotly.graph_objects as go

from analytics.render.marks.look import width, wrapped

PITCH = 16.5
"""Pixels under which rows of text would touch."""
LONGEST = 26
"""Columns (half a Chinese character) of a name in two columns."""
SHORTEST = 40
"""Pixels that bars need at least in each of two columns."""
BESIDE = 12
"""Pixels beside a name."""


def in_columns(drawing: go.Figure, rows: Sequence[str], inside: float, across: float, around: float) -> int:
    """Rows that do not fit below one another go on in a second column, unless its names and texts, `around`,
    would leave no bars; how many columns there are."""
    if len(rows) * PITCH <= inside:
        return 1
    columns = 2 if across - around >= 2 * SHORTEST else 1
    each = each_of(rows, inside, columns)
    drawing.update_yaxes(range=[each - 0.5, -0.5], autorange=False)
    if columns == 2:
        _second_column(drawing, around / across)
        drawing.layout.yaxis2.range = [2 * each - 0.5, each - 0.5]
    return columns


def each_of(rows: Sequence[str], inside: float, columns: int) -> int:
    """Rows of a column."""
    return min(int(inside // PITCH), -(-len(rows) // columns))


def rows_of(drawing: go.Figure) -> list[str]:
    """The names of horizontal bars, with what stands between them, or of a heatmap's rows, from the top down;
    none of other marks."""
    if not any(trace.type == "heatmap" or trace.orientation == "h" for trace in _rowed(drawing)):
        return []
    return list(dict.fromkeys(name for trace in drawing.data for name in trace.y or () if name is not None))


def named_rows(drawing: go.Figure, rows: Sequence[str], short: bool) -> int:
    """Names the rows, cut where there are to be two columns; the pixels that the names take."""
    names = [_cut(name) if short and "<br>" not in name else name for name in rows]
    shown = [
        name if "<br>" in name else f"{name}  " for name in names
    ]  # spaces would move the last line alone
    drawing.update_yaxes(tickmode="array", tickvals=list(rows), ticktext=shown)
    return max(width(unescape(line)) for name in names for line in name.split("<br>")) + BESIDE


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


def with_unlisted(subtitle: str, more: int) -> str:
    """另有38个未列出, with those that there was no room for."""
    if not more:
        return subtitle
    said = re.search(r"另有(\d+)个未列出", subtitle)
    words = f"另有{more + int(said[1] if said else 0)}个未列出"
    return subtitle.replace(said[0], words) if said else f"{subtitle} · {words}"

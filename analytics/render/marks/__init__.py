"""One function a mark: it adds the marks of an answer to a figure and says what room they need."""

from __future__ import annotations

from collections.abc import Callable

import plotly.graph_objects as go

from analytics.answers import Answer, Mark
from analytics.render.marks.bars import bars, change, ranking
from analytics.render.marks.funnels import funnel
from analytics.render.marks.heatmaps import heatmap
from analytics.render.marks.lines import band, burndown, line
from analytics.render.marks.look import Room
from analytics.render.marks.stacks import progress, stack
from analytics.render.marks.treemaps import treemap
from analytics.render.marks.waterfalls import waterfall

MARKS: dict[Mark, Callable[[go.Figure, Answer], Room]] = {
    "line": line,
    "ranking": ranking,
    "bars": bars,
    "change": change,
    "heatmap": heatmap,
    "treemap": treemap,
    "band": band,
    "progress": progress,
    "burndown": burndown,
    "stack": stack,
    "waterfall": waterfall,
    "funnel": funnel,
}

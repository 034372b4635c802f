"""Two dimensions as a field of cells: by month, by window, by another category."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import ceil
from typing import Any

import plotly.graph_objects as go

from analytics.answers import Answer
from analytics.catalogue import DIMENSIONS
from analytics.insight.findings import is_duty
from analytics.insight.windows import TIMES, first_day, window_in_words
from analytics.insight.wording import amount, count, number
from analytics.model import Metric
from analytics.render.marks.axes import time_axis
from analytics.render.marks.look import (
    ACCENT,
    HUES,
    PHONE,
    Members,
    Room,
    beside_names,
    label,
    markup,
    width,
    x_axis,
    y_axis,
)
from analytics.result import NOBODY, Cell

ROW = 25
LOWEST, DONE, NEARLY = "#f4f7fa", "#e3ebf3", "#fae6cc"
"""The palest count; a rate of 100% and one just under it."""
WRITTEN, READ = 8, 11
"""The least size of a number in a cell, where it can be brought nearer and on a slide."""
BOTH_SIGNS, GAPS_ONLY, PERCENT, COUNTS = 26, 60, 14, 26
"""At most so many columns for what is written into cells."""


def heatmap(figure: go.Figure, answer: Answer) -> Room:
    """A row each: of rates the worst on top, else the greatest; blank where nothing was to be done."""
    metric, result = answer.figure.metric, answer.result
    first, second = answer.figure.by
    rows, columns = rows_of(answer), columns_of(answer)
    cells = [[result.cell(metric.name, (row, column)) for column in columns] for row in rows]
    texts, size = _written(metric, cells, len(columns), beside_names(figure))
    figure.add_heatmap(
        x=columns,
        y=[label(first, row) for row in rows],
        z=[[cell.value for cell in line] for line in cells],
        text=texts,
        texttemplate="%{text}" if texts else None,
        textfont={"size": size},
        hovertext=_hover(answer, rows, columns, cells),
        hoverinfo="text",
        xgap=1,
        ygap=1,
        showscale=False,
        **_scale(metric, cells),
    )
    y_axis(figure, autorange="reversed", type="category", dtick=1, ticks="", ticksuffix=" ")
    x_axis(figure, showgrid=False, showline=False)
    y_axis(figure, showgrid=False)
    if second in TIMES:
        time_axis(figure, columns)
        return Room(max(50, ROW * len(rows)), below=16)
    return Room(max(50, ROW * len(rows)), below=_category_axis(figure, second, columns))


def _hover(
    answer: Answer, rows: Members, columns: Members, cells: Sequence[Sequence[Cell]]
) -> list[list[str]]:
    metric, (first, second) = answer.figure.metric, answer.figure.by
    names = [in_words(second, column) for column in columns]
    return [
        [f"{label(first, row)} {name} {_said(metric, cell)}" for name, cell in zip(names, line, strict=True)]
        for row, line in zip(rows, cells, strict=True)
    ]


def in_words(dimension: str, member: str) -> str:
    """A column's name as it may be shown."""
    return window_in_words(member) if dimension in TIMES else label(dimension, member)


def _said(metric: Metric, cell: Cell) -> str:
    """50.0%（1/2）; what a blank means where something may be due."""
    if cell.denominator is None:
        return amount(metric, cell.value)
    if not cell.denominator and is_duty(metric):
        return "没有应做的"
    parts = f"（{count(cell.numerator)}/{count(cell.denominator)}）" if metric.is_rate else ""
    return f"{amount(metric, cell.value)}{parts}"


# --- rows and columns -----------------------------------------------------------------------------


def rows_of(answer: Answer) -> list[str]:
    """Of rates the worst first, else the greatest; those that name nobody last."""
    metric, result = answer.figure.metric, answer.result
    sums = dict.fromkeys(answer.members, (0, 0))
    for key in result.keys:
        cell, (above, below) = result.cell(metric.name, key), sums.get(key[0], (0, 0))
        sums[key[0]] = (above + cell.numerator, below + (cell.denominator or 0))

    def place(name: str) -> tuple[bool, bool, float]:
        above, below = sums[name]
        if not metric.is_rate:
            return (name in NOBODY, False, -above)
        rate = above / below if below else 0
        return (name in NOBODY, not below, rate if metric.better == "more" else -rate)

    return sorted(sums, key=place)[: answer.listed]


def columns_of(answer: Answer) -> list[str]:
    """By time, as declared, or from the greatest down."""
    result, dimension = answer.result, answer.figure.by[1]
    totals: dict[str, int] = {}
    for key in result.keys:
        totals[key[1]] = totals.get(key[1], 0) + result.cell(answer.figure.metric.name, key).numerator
    if dimension in TIMES:
        return sorted(totals, key=lambda window: (first_day(window), window))
    declared = [member for member, _ in DIMENSIONS[dimension].members]
    if declared:
        return sorted(totals, key=lambda name: declared.index(name) if name in declared else len(declared))
    return sorted(totals, key=lambda name: (name in NOBODY, -totals[name]))


def _category_axis(figure: go.Figure, dimension: str, columns: Members) -> int:
    """Every name, as many characters a line as there is room for; the pixels that they take."""
    across = max(1, beside_names(figure) // 12 // max(len(columns), 1))
    lines = [_cut(DIMENSIONS[dimension].label_of(name), across) for name in columns]
    x_axis(
        figure,
        type="category",
        tickmode="array",
        tickvals=list(columns),
        ticktext=["<br>".join(line) for line in lines],
        tickangle=0,
        tickfont={"size": 12},
    )
    return 15 * max(map(len, lines), default=1)


def _cut(name: str, across: int) -> list[str]:
    """Lines of about the same length."""
    each = ceil(len(name) / ceil(len(name) / across)) if name else 1
    return [markup(name[at : at + each]) for at in range(0, len(name), each)]


# --- what a cell shows ----------------------------------------------------------------------------


def _scale(metric: Metric, cells: Sequence[Sequence[Cell]]) -> dict[str, Any]:
    """From 0; a rate that should be high is the stronger the lower it is."""
    if metric.is_rate and metric.better == "more":
        return {"colorscale": [[0, HUES[1]], [0.9999, NEARLY], [1, DONE]], "zmin": 0, "zmax": 1}
    greatest = max((cell.value or 0 for line in cells for cell in line), default=0)
    return {"colorscale": [[0, LOWEST], [1, ACCENT]], "zmin": 0, "zmax": greatest or 1}


def _written(
    metric: Metric, cells: Sequence[Sequence[Cell]], columns: int, across: int
) -> tuple[list[list[str]] | None, int]:
    """What stands in the cells and its size; nothing where it could not be read."""
    least = WRITTEN if across == PHONE else READ
    if once_each(metric, cells):
        return _signs(cells, columns, least)
    if columns > (PERCENT if metric.is_rate else COUNTS):
        return None, least
    texts = [[short(metric, cell.value) for cell in line] for line in cells]
    longest = max((width(text, 100) for line in texts for text in line), default=0)
    size = min(12, (across // columns - 2) * 100 // longest) if longest else 12
    return (texts, size) if size >= least else (None, least)


def _signs(cells: Sequence[Sequence[Cell]], columns: int, least: int) -> tuple[list[list[str]] | None, int]:
    """✓ done, 缺 missed; only the gaps where columns are many."""
    if columns > GAPS_ONLY:
        return None, least
    done = "✓" if columns <= BOTH_SIGNS else ""
    signs = [[sign(cell, done) for cell in line] for line in cells]
    return signs, 11 if columns <= BOTH_SIGNS else max(9, least)


def once_each(metric: Metric, cells: Sequence[Sequence[Cell]]) -> bool:
    """Whether each cell is one thing at most that was due."""
    return is_duty(metric) and all((cell.denominator or 0) <= 1 for line in cells for cell in line)


def sign(cell: Cell, done: str = "✓") -> str:
    """✓ done, 缺 missed; nothing where nothing was due."""
    return "" if not cell.denominator else done if cell.numerator else "缺"


def fills(metric: Metric, cells: Sequence[Sequence[Cell]]) -> list[list[str]]:
    """The colours of the cells where no Plotly mixes them; empty for cells without a value."""
    scale = _scale(metric, cells)
    return [["" if c.value is None else _between(scale, float(c.value)) for c in line] for line in cells]


def _between(scale: dict[str, Any], value: float) -> str:
    share = min(1.0, value / scale["zmax"])
    (low, first), (high, second) = next(pair for pair in pairwise(scale["colorscale"]) if share <= pair[1][0])
    at = (share - low) / (high - low)
    ends = [bytes.fromhex(colour.lstrip("#")) for colour in (first, second)]
    return "#" + "".join(f"{round(a + (b - a) * at):02x}" for a, b in zip(*ends, strict=True))


def short(metric: Metric, value: float | int | None) -> str:
    """A rate in whole per cent, 100% and 0% only where exact; nothing for no value and for 0 items."""
    if value is None or (metric.is_count and not value):
        return ""
    if not metric.is_rate:
        return number(metric, value)
    return f"{value if value in (0, 1) else min(0.99, max(0.01, value)):.0%}"

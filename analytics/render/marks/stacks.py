"""Bars of parts: what rows consist of, how far batches have come."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import plotly.graph_objects as go

from analytics.answers import Answer
from analytics.catalogue import DIMENSIONS
from analytics.contract import UNFILLED
from analytics.render.marks.axes import bars_axis
from analytics.render.marks.look import (
    ACCENT,
    CHANNELS,
    HUES,
    LATE,
    OUTCOMES,
    PALE,
    Members,
    Room,
    beside_names,
    dot,
    label,
    legend_above,
    markup,
    width,
)
from analytics.result import NOBODY, Key

ROW, BATCH, SIZE = 25, 62, 12
GAP = 0.55
"""Of a batch's height, what its bar leaves free for the words above it."""


def stack(figure: go.Figure, answer: Answer) -> Room:
    """Rows from the greatest down, each of the parts of the second dimension."""
    metric, (rows, parts) = answer.figure.metric, answer.figure.by
    totals = totals_of(answer)
    names = list(totals)
    labels, entries = [label(rows, row) for row in names], []
    longest = max(totals.values(), default=0)
    for name, members, colour in parts_of(answer, parts):
        values, shown = values_of(answer, names, members), markup(name)
        _add_part(
            figure,
            shown,
            colour,
            longest,
            x=values,
            y=labels,
            customdata=names,
            text=[f"{v}" if v else "" for v in values],
            hovertext=[f"{row} {shown} {v}{metric.unit}" for row, v in zip(labels, values, strict=True)],
        )
        entries.append(f"{dot(colour)} {shown}")
    figure.update_layout(barmode="stack")
    bars_axis(figure, False, len(names), longest)
    return Room(max(50, ROW * len(names)), above=legend_above(figure, entries))


def totals_of(answer: Answer) -> dict[str, int]:
    """Rows of a stack with their sums, the greatest first, those that name nobody last."""
    totals: dict[str, int] = {}
    for key in answer.result.keys:
        number = answer.result.cell(answer.figure.metric.name, key).numerator
        totals[key[0]] = totals.get(key[0], 0) + number
    return dict(sorted(totals.items(), key=lambda row: (row[0] in NOBODY, -row[1])))


def values_of(answer: Answer, rows: Members, parts: Members) -> list[int]:
    """How much of the parts each row has."""
    name = answer.figure.metric.name
    return [sum(answer.result.cell(name, (row, part)).numerator for part in parts) for row in rows]


def _add_part(
    figure: go.Figure,
    name: str,
    colour: str,
    longest: int,
    x: Sequence[int],
    text: Sequence[str],
    **rows: Sequence[str],
) -> None:
    """A part of every row. A text that its bar is too short for shrinks, on a slide it is left out."""
    if figure.layout.width:
        room = [value / max(longest, 1) * beside_names(figure) for value in x]
        text = [said if width(said, SIZE) <= free else "" for said, free in zip(text, room, strict=True)]
    figure.add_bar(
        orientation="h",
        name=name,
        marker={"color": colour},
        textposition="inside",
        insidetextanchor="middle",
        insidetextfont={"size": SIZE},
        constraintext="none" if figure.layout.width else "both",
        textangle=0,
        hoverinfo="text",
        x=x,
        text=text,
        **rows,
    )


def parts_of(answer: Answer, dimension: str) -> list[tuple[str, tuple[str, ...], str]]:
    """Label, members and colour of each part; beyond seven colours the smallest are one part, 其他."""
    result, colours, named = answer.result, OUTCOMES | CHANNELS, DIMENSIONS[dimension]
    members = list(dict.fromkeys(key[1] for key in sorted(result.keys, key=_part_order(answer))))
    totals = dict.fromkeys(members, 0)
    for key in result.keys:
        totals[key[1]] += result.cell(answer.figure.metric.name, key).numerator
    greatest = sorted(members, key=lambda member: -totals[member])
    shown = set(greatest if len(members) <= len(HUES) + 1 else greatest[: len(HUES)])
    kept = [member for member in members if member in shown]
    parts = [
        (named.label_of(m), (m,), colours.get(m, PALE if m == UNFILLED else HUES[at % len(HUES)]))
        for at, m in enumerate(kept)
    ]
    rest = tuple(member for member in members if member not in shown)
    return parts + ([(f"其余{len(rest)}项", rest, PALE)] if rest else [])


def _part_order(answer: Answer) -> Callable[[Key], int]:
    order = {key[1]: i for i, key in reversed(list(enumerate(answer.result.keys)))}
    declared = [value for value, _ in DIMENSIONS[answer.figure.by[1]].members]
    return lambda key: declared.index(key[1]) if key[1] in declared else len(declared) + order[key[1]]


def progress(figure: go.Figure, answer: Answer) -> Room:
    """A bar a batch: closed, overdue, not yet due."""
    batches = [key[0] for key in answer.result.keys]
    labels = [label("batch", batch) for batch in batches]
    (_, done, _), (_, late, _), (_, rest, _) = parts = batch_parts(answer)
    longest = max(map(sum, zip(done, late, rest, strict=True)), default=0)
    for name, values, colour in parts:
        _add_part(
            figure,
            name,
            colour,
            longest,
            x=values,
            y=labels,
            customdata=batches,
            text=[f"{name} {v}" if v else "" for v in values],
            hovertext=[f"{b} {name} {v}宗" for b, v in zip(labels, values, strict=True)],
        )
    for at, (closed, overdue, due) in enumerate(zip(done, late, rest, strict=True)):
        total = closed + overdue + due
        text = f" 剩余{overdue + due}宗 · 办结率{closed / total * 100:.1f}%" if total else ""
        text += f" · 超期{overdue}宗" if overdue else ""
        above = at - (1 - GAP) / 2
        figure.add_annotation(x=0, y=above, text=text, xanchor="left", yanchor="bottom", showarrow=False)
    figure.update_layout(barmode="stack", bargap=GAP)
    bars_axis(figure, False, len(batches), longest)
    return Room(BATCH * len(batches))


def batch_parts(answer: Answer) -> tuple[tuple[str, list[int], str], ...]:
    """What of each batch is closed, overdue and not yet due: name, cases by batch, colour."""
    keys = answer.result.keys
    done, late, assigned = (
        [answer.result.cell(f"backlog_{name}", key).numerator for key in keys]
        for name in ("closed", "overdue", "assigned")
    )
    rest = [a - d - o for a, d, o in zip(assigned, done, late, strict=True)]
    return (("办结", done, ACCENT), ("超期", late, LATE), ("未到期", rest, PALE))

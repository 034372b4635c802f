"""Horizontal bars of one dimension: from the greatest down, in declared order, by growth and decline."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from analytics.answers import Answer
from analytics.catalogue import DIMENSIONS
from analytics.insight.findings import Change, change_in_numbers, changes
from analytics.insight.wording import amount, change_in_words, number
from analytics.model import Metric
from analytics.render.marks.axes import bars_axis
from analytics.render.marks.look import (
    ACCENT,
    FALL,
    GREY,
    INK,
    LATE,
    NOTHING_DRAWN,
    PALE,
    RISE,
    SCREEN,
    Members,
    Room,
    label,
    tells_lateness,
    width,
    x_axis,
)
from analytics.result import NOBODY

ROW = 25


def ranking(figure: go.Figure, answer: Answer) -> Room:
    """Members from the greatest down, the first or the chosen ones in front."""
    metric, result = answer.figure.metric, answer.result
    names = ranked(answer)
    texts = [number(metric, result.value(metric.name, (name,))) + _signal(answer, name) for name in names]
    named = [name for name in names if name not in NOBODY]
    return _rows(figure, answer, names, texts, named[:1])


def _signal(answer: Answer, name: str) -> str:
    """▲显著上升 beside a number that is more than chance explains; empty beside any other."""
    judgement = answer.verdicts.get((name,))
    if judgement is None or not judgement.is_signal:
        return ""
    return f" {'▲' if judgement.verdict in ('up', 'high') else '▼'}{judgement.word}"


def ranked(answer: Answer) -> list[str]:
    """Members without a number only where the list is complete."""
    ranked = answer.result.ranking(answer.figure.metrics[0], answer.members)
    names = [line.member for line in ranked if line.cell.value or line.member in answer.members]
    return names[: answer.listed]


def bars(figure: go.Figure, answer: Answer) -> Room:
    """Members in their own order, each with its share of the whole; the greatest or the chosen in front."""
    metric, result = answer.figure.metric, answer.result
    names = in_order(answer)
    values = [result.value(metric.name, (name,)) for name in names]
    return _rows(figure, answer, names, _with_shares(metric, values), greatest(answer, names))


def greatest(answer: Answer, names: Members) -> list[str]:
    """The members that have most; none where nobody has anything."""
    values = {n: answer.result.value(answer.figure.metric.name, (n,)) or 0 for n in names if n not in NOBODY}
    most = max(values.values(), default=0)
    return [name for name, value in values.items() if most and value == most]


def in_order(answer: Answer) -> list[str]:
    """Every declared member that the figure keeps, with something or not; others by name, nobody last."""
    dimension = DIMENSIONS[answer.figure.by[0]]
    kept = dict(answer.figure.where).get(dimension.name)
    declared = [member for member, _ in dimension.members if kept is None or member in kept]
    present = [key[0] for key in answer.result.keys]
    return [*declared, *(name for name in present if name not in declared)]


def _with_shares(metric: Metric, values: Sequence[float | int | None]) -> list[str]:
    whole = sum(value or 0 for value in values)
    texts = [number(metric, value) for value in values]
    if not metric.is_count or not whole:
        return texts
    return [f"{text}（{(v or 0) / whole * 100:.1f}%）" for text, v in zip(texts, values, strict=True)]


def _rows(figure: go.Figure, answer: Answer, names: Members, texts: Sequence[str], first: Members) -> Room:
    """A bar each, its base as a tick, its text beyond both."""
    metric, result = answer.figure.metric, answer.result
    if not names:
        return NOTHING_DRAWN
    values = [result.value(metric.name, (name,)) or 0 for name in names]
    labels = [label(answer.figure.by[0], name) for name in names]
    figure.add_bar(
        x=values,
        y=labels,
        customdata=names,
        orientation="h",
        marker={"color": colours(answer, names, first)},
        hovertext=_hover(answer, names),
        hoverinfo="text",
    )
    bases = bases_of(answer, names)
    if bases:
        figure.add_scatter(
            x=bases,
            y=labels,
            mode="markers",
            marker={"symbol": "line-ns", "size": 13, "line": {"width": 2, "color": INK}},
            hoverinfo="skip",
        )
    bars_axis(figure, metric.is_rate, len(names), max([*values, *(base or 0 for base in bases)]))
    return texts_beside(figure, labels, _free(labels, values, bases or values, texts), texts)


def _free(
    labels: Members, values: Sequence[float], bases: Sequence[float | None], texts: Sequence[str]
) -> list[float]:
    """Where texts may begin: where their bars end, or beyond a tick that would cross them on a phone."""
    longest, widest = max([*values, *(base or 0 for base in bases)]), max(map(width, texts))
    across = max(100, SCREEN - max(map(width, labels)) - widest)
    near = [longest * (width(text) + 10) / across for text in texts]
    return [
        base if base is not None and value <= base <= value + close else value
        for value, base, close in zip(values, bases, near, strict=True)
    ]


def bases_of(answer: Answer, names: Members) -> list[float | int | None]:
    """What the members had in the days compared with; empty where nothing can be compared."""
    metric, result = answer.figure.metric, answer.result
    if result.base is None or not result.base_covered(metric=metric.name):
        return []
    cells = (result.base_cell(metric.name, (name,)) for name in names)
    return [cell.value if cell else None for cell in cells]


def texts_beside(
    figure: go.Figure, labels: Members, ends: Sequence[float | int], texts: Sequence[str]
) -> Room:
    """Texts that begin where the rows end; the room right of the longest."""
    figure.add_scatter(
        x=ends,
        y=labels,
        mode="text",
        text=[f"\u2002{text}" for text in texts],
        textposition="middle right",
        cliponaxis=False,
        hoverinfo="skip",
    )
    return Room(max(50, ROW * len(labels)), right=16 + max(width(text) for text in texts))


def colours(answer: Answer, names: Members, first: Members) -> list[str]:
    """The accent on the chosen ones, or where none is on the first; grey context; what is late is red."""
    front = set(answer.chosen) or set(first)
    late = tells_lateness(answer.figure.metric)
    named = [LATE if late else ACCENT if name in front else GREY for name in names]
    return [PALE if name in NOBODY else colour for name, colour in zip(names, named, strict=True)]


def _hover(answer: Answer, names: Members) -> list[str]:
    metric, result = answer.figure.metric, answer.result
    covered = result.base_covered(metric=metric.name)
    found = []
    for name in names:
        cell, base = result.cell(metric.name, (name,)), result.base_cell(metric.name, (name,))
        words = change_in_words(metric, cell, base, result.query.compare, answer.small_base, covered)
        said = [f"{label(answer.figure.by[0], name)} {amount(metric, cell.value)}", words]
        if judgement := answer.verdicts.get((name,)):
            said.append(judgement.in_words(metric))
        found.append("，".join(part for part in said if part))
    return found


def change(figure: go.Figure, answer: Answer) -> Room:
    """Growth to the right and decline to the left; what changed into what as a column beside them."""
    metric, dimension = answer.figure.metric, answer.figure.by[0]
    shown = both_ends(changes(answer.result), answer.figure.most)
    if not shown:
        return NOTHING_DRAWN
    names, by = [line.member for line in shown], [line.by for line in shown]
    labels = [label(dimension, name) for name in names]
    figure.add_bar(
        x=by,
        y=labels,
        customdata=names,
        orientation="h",
        marker={"color": [RISE if size > 0 else FALL for size in by]},
        hovertext=_hover(answer, names),
        hoverinfo="text",
    )
    bars_axis(figure, metric.is_rate, len(names), max(0, *by), min(0, *by))
    x_axis(figure, showticklabels=False, showgrid=False, zeroline=True, zerolinecolor=INK)
    texts = [change_in_numbers(metric, line) for line in shown]
    return texts_beside(figure, labels, [max(0, *by)] * len(names), texts)


def both_ends(lines: Sequence[Change], most: int) -> list[Change]:
    """Half of them risers and half fallers, the unused room of the one given to the other."""
    rises, falls = [line for line in lines if line.by > 0], [line for line in lines if line.by < 0]
    up = max(most - len(falls), most // 2)
    down = most - min(up, len(rises))
    return rises[:up] + falls[max(0, len(falls) - down) :]

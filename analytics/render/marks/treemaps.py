"""Nested dimensions as areas; a click goes a level down, the path above leads back."""

from __future__ import annotations

import plotly.graph_objects as go

from analytics.answers import Answer
from analytics.catalogue import DIMENSIONS
from analytics.contract import UNFILLED
from analytics.insight.wording import amount
from analytics.render.marks.look import GREY, HUES, INK, NOTHING_DRAWN, PALE, Room, markup, wrapped
from analytics.result import NOBODY, Key

WHOLE = "全部"
HEIGHT, PATH, TEXT, NAME_COLUMNS = 380, 24, 13, 10
TINT = 0.5
"""How much of a hue stands in its areas: dark text on them keeps a contrast above 4.5."""


def treemap(figure: go.Figure, answer: Answer) -> Room:
    """Areas as large as their numbers, each with its share of the level above."""
    metric = answer.figure.metric
    nodes = _nodes(answer)
    if not nodes.get(()):
        return NOTHING_DRAWN
    colours = _colours(nodes)
    names = {path: _name(answer, path) for path in nodes}
    said = {path: amount(metric, nodes[path]) for path in nodes}
    shares = {path: f"{nodes[path] / nodes[path[:-1]] * 100:.1f}%" for path in nodes if path}
    figure.add_treemap(
        ids=[_id(path) for path in nodes],
        parents=[_id(path[:-1]) if path else "" for path in nodes],
        labels=[markup(f"{names[p]} {said[p]}") for p in nodes],
        values=list(nodes.values()),
        branchvalues="total",
        maxdepth=2,
        text=["<br>".join([*wrapped(names[p], NAME_COLUMNS), said[p], shares.get(p, "")]) for p in nodes],
        textinfo="text",
        textfont={"size": TEXT, "color": INK},
        hovertext=[_hover(names, said, shares, path) for path in nodes],
        hoverinfo="text",
        marker={
            "colors": [colours[path[:1]] for path in nodes],
            "pad": {"t": 2 * TEXT, "l": 0, "r": 0, "b": 0},
        },
        pathbar={"textfont": {"size": TEXT, "color": INK}, "thickness": PATH},
    )
    figure.update_layout(uniformtext={"minsize": TEXT - 2, "mode": "hide"})
    return Room(HEIGHT, above=PATH - 10)


def _nodes(answer: Answer) -> dict[Key, int]:
    """The sum under every path from the whole, (), down; a branch with nothing but 未填 ends above it."""
    sums: dict[Key, int] = {}
    for key in answer.result.keys:
        value = answer.result.cell(answer.figure.metric.name, key).numerator
        for depth in range(len(key) + 1 if value else 0):
            sums[key[:depth]] = sums.get(key[:depth], 0) + value
    return {path: value for path, value in sums.items() if not _says_nothing(path, sums)}


def _says_nothing(path: Key, sums: dict[Key, int]) -> bool:
    """Below the first level 未填 and no sibling, or below such a one."""
    return any(
        path[depth - 1] == UNFILLED and sums[path[:depth]] == sums[path[: depth - 1]]
        for depth in range(2, len(path) + 1)
    )


def _colours(nodes: dict[Key, int]) -> dict[Key, str]:
    """The greatest members of the first level have each a hue, the others grey; nobody is pale."""
    first = sorted((path for path in nodes if len(path) == 1), key=lambda path: -nodes[path])
    named = [path for path in first if path[0] not in NOBODY]
    colours = dict.fromkeys(first, PALE) | dict.fromkeys(named, tint(GREY))
    return colours | {path: tint(hue) for path, hue in zip(named, HUES, strict=False)} | {(): "white"}


def tint(colour: str) -> str:
    """The colour mixed with white."""
    parts = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return "#" + "".join(f"{round(255 - (255 - part) * TINT):02x}" for part in parts)


def _id(path: Key) -> str:
    return "\x1f".join((WHOLE, *path))


def _name(answer: Answer, path: Key) -> str:
    return DIMENSIONS[answer.figure.by[len(path) - 1]].label_of(path[-1]) if path else WHOLE


def _hover(names: dict[Key, str], said: dict[Key, str], shares: dict[Key, str], path: Key) -> str:
    """城乡建设 › 房屋征收 12件，占城乡建设25.0%."""
    way = " › ".join(names[path[:depth]] for depth in range(1, len(path) + 1)) or WHOLE
    share = f"，占{names[path[:-1]]}的{shares[path]}" if path else ""
    return markup(f"{way} {said[path]}{share}")

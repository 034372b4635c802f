"""Answers made by hand: a mark and a result, without an engine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import plotly.graph_objects as go

from analytics.answers import Answer, Figure, Mark, Where
from analytics.model import Comparison
from analytics.result import Result
from analytics.settings import load_site
from analytics.site import ROOT
from tests.results import Number, cells, result

TOWNSHIPS = tuple(t.name for t in load_site(ROOT / "site.toml").townships)


def made(
    mark: Mark,
    found: Result,
    chosen: tuple[str, ...] = (),
    members: tuple[str, ...] = (),
    title: str = "宁中镇最多：40件",
    where: Where = (),
    most: int = 20,
) -> Answer:
    """An answer without an engine."""
    query = found.query
    figure = Figure(
        "made", "？", mark, query.metrics, query.by, "period", query.compare, where, bool(members), most
    )
    subtitle, source = "信访总量 · 2021年11月 · 单位：件", "来源：示例信访局"
    return Answer(figure, found, title, subtitle, source, chosen, members, 10)


def several(
    by: str,
    numbers: Mapping[str, Mapping[str, Number]],
    base: Mapping[str, Mapping[str, Number]] | None = None,
    days: str = "2021-11",
    compare: Comparison = "none",
) -> Result:
    """Several metrics by their members: metric → member → number."""
    first = next(iter(numbers))
    found = result(first, by, numbers[first], base and base[first], days, compare)
    joined = {m: cells(column) for m, column in numbers.items()}
    both = {key: tuple(cell for m in numbers for cell in joined[m][key]) for key in found.cells}
    before = None
    if base is not None:
        joined = {m: cells(column) for m, column in base.items()}
        before = {key: tuple(cell for m in base for cell in joined[m][key]) for key in found.cells}
    query = replace(found.query, metrics=tuple(numbers))
    return replace(found, query=query, cells=both, base=before)


def annotations(drawn: go.Figure) -> str:
    """All that stands beside the marks."""
    return " ".join(note.text for note in drawn.layout.annotations)


def texts(drawn: go.Figure) -> list[str]:
    """What stands at the end of each bar."""
    return [text.strip() for text in drawn.data[-1].text]


def room(drawn: go.Figure) -> int:
    """Pixels of height that the marks themselves have."""
    return int(drawn.layout.height - drawn.layout.margin.t - drawn.layout.margin.b)


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2 defines it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio as WCAG 2 defines it, 1 to 21."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)

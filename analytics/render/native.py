"""An answer as a chart of Office or as a table, before any file: what Word, slides and workbooks draw."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import Literal

from analytics.answers import Answer, Mark, compared_members
from analytics.catalogue import DIMENSIONS
from analytics.insight.explain import explain
from analytics.insight.explained import steps
from analytics.insight.findings import changes, middle_half
from analytics.insight.funnel import PER
from analytics.insight.windows import TIMES
from analytics.insight.wording import COMPARED, number, period_in_words
from analytics.model import Period
from analytics.render.marks.bars import bases_of, both_ends, colours, greatest, in_order, ranked
from analytics.render.marks.heatmaps import columns_of, fills, once_each, rows_of, short, sign
from analytics.render.marks.lines import range_of, since_assigned
from analytics.render.marks.look import ACCENT, FALL, GREY, HUES, PALE, RISE
from analytics.render.marks.stacks import batch_parts, parts_of, totals_of, values_of
from analytics.render.readable import readable
from analytics.render.table import columns, number_format, shown_rows
from analytics.result import NOBODY
from analytics.site import Refusal

Kind = Literal["line", "bars", "stack"]
Number = float | int | None
_MONTH = re.compile(r"\d{4}-\d\d")
NEAR = 0.12
"""Share of the axis within which two numbers would lie on one another."""
THIN = 0.03
"""Share of the longest bar that a part needs for its number."""
LONG_NAME = 13
"""Characters of a name that a chart has room for; the tables have the whole name."""


@dataclass(frozen=True)
class Series:
    """One line, or one part of every bar. `points`: colours of its bars where they differ.

    `said`: whether its numbers stand beside it: of a line the last one only.
    """

    name: str
    values: tuple[Number, ...]
    colour: str
    points: tuple[str, ...] = ()
    said: bool = True


@dataclass(frozen=True)
class Native:
    """A chart: bars lie, the first category on top.

    `form`: the number format; `low`: where the axis begins; `axis`: what its categories are, where they do
    not say so.
    """

    kind: Kind
    categories: tuple[str, ...]
    series: tuple[Series, ...]
    form: str
    low: float | None = 0
    axis: str = ""

    @property
    def days(self) -> tuple[date, ...]:
        """The first days of the months that its categories are; empty where they are none."""
        if not all(_MONTH.fullmatch(name) for name in self.categories):
            return ()
        return tuple(Period.month(name).start for name in self.categories)

    @property
    def said(self) -> str:
        """The number format of what is written at bars: nothing for parts too thin to write on."""
        if self.kind != "stack":
            return self.form
        whole = max(sum(filter(None, row)) for row in zip(*(s.values for s in self.series), strict=True))
        return f"[>={max(1, round(whole * THIN))}]{self.form};;"

    def ends(self) -> list[tuple[int, int]]:
        """The points of a line chart whose numbers are written: series and point, none over another.

        The newest of each series that is told; of a single one the oldest too.
        """
        values = [v for each in self.series for v in each.values if v is not None]
        least = (max(values, default=0) - (self.low or 0)) * NEAR
        kept: list[tuple[int, int]] = []
        for at, each in enumerate(self.series):
            known = [i for i, value in enumerate(each.values) if value is not None]
            if not each.said or not known:
                continue
            if len(self.series) == 1:
                kept.append((at, known[0]))
            shown = [self.series[s].values[i] or 0 for s, i in kept if i == known[-1]]
            if all(abs((each.values[known[-1]] or 0) - value) > least for value in shown):
                kept.append((at, known[-1]))
        return list(dict.fromkeys(kept))


@dataclass(frozen=True)
class Grid:
    """A table: headers, rows as people read them, and the colours of its cells where they have any."""

    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    fills: tuple[tuple[str, ...], ...] = ()


def native(answer: Answer) -> Native | Grid | None:
    """What Office draws of an answer; None where there is nothing to draw."""
    if not answer.result.keys:
        return None
    found = _readable(_DRAWN.get(answer.figure.mark, _table)(answer))
    held = found.categories if isinstance(found, Native) else found.rows
    return found if held else None


def _readable(found: Native | Grid) -> Native | Grid:
    """With names as a file may hold them."""
    if isinstance(found, Grid):
        rows = tuple(tuple(map(readable, row)) for row in found.rows)
        return replace(found, headers=tuple(map(readable, found.headers)), rows=rows)
    series = tuple(replace(each, name=readable(each.name)) for each in found.series)
    return replace(found, categories=tuple(map(readable, found.categories)), series=series)


# --- lines ----------------------------------------------------------------------------------------------


def _line(answer: Answer) -> Native:
    metrics, result = answer.figure.drawn, answer.result
    series = tuple(
        Series(metric.label, tuple(result.value(metric.name, key) for key in result.keys), colour)
        for metric, colour in zip(metrics, HUES, strict=False)
    )
    known = [v for each in series for v in each.values if v is not None]
    low, _ = range_of(metrics[0].is_rate, known)
    months = tuple(key[0] for key in result.keys)
    return Native("line", months, series, number_format(metrics[0]), low)


def _band(answer: Answer) -> Native:
    metric, result = answer.figure.metric, answer.result
    one, others = compared_members(result, answer.chosen)
    months = tuple(sorted({key[1] for key in result.keys}))
    halves = [middle_half([result.value(metric.name, (o, m)) or 0 for o in others]) for m in months]
    label = DIMENSIONS[answer.figure.by[0]].label
    series = (
        Series(one, tuple(result.value(metric.name, (one, m)) for m in months), ACCENT),
        Series(f"其他{label}的上四分位", tuple(high for _, high in halves), GREY, said=False),
        Series(f"其他{label}的下四分位", tuple(low for low, _ in halves), GREY, said=False),
    )
    return Native("line", months, series, number_format(metric))


def _burndown(answer: Answer) -> Native:
    batches = since_assigned(answer)
    longest = max(map(len, batches.values()), default=0)
    series = tuple(
        Series(DIMENSIONS["batch"].label_of(batch), (*values, *[None] * (longest - len(values))), colour)
        for (batch, values), colour in zip(batches.items(), HUES, strict=False)
    )
    categories = tuple(f"{at}" for at in range(longest))
    return Native("line", categories, series, number_format(answer.figure.metric), axis="交办后的月数")


# --- bars -----------------------------------------------------------------------------------------------


def _bars_of(answer: Answer, names: Sequence[str], first: Sequence[str]) -> Native:
    """A bar each, with what it was compared with below it."""
    metric, result = answer.figure.metric, answer.result
    values = tuple(result.value(metric.name, (name,)) for name in names)
    now = period_in_words(result.period)
    series = [Series(now, values, ACCENT, tuple(colours(answer, names, list(first))))]
    if bases := bases_of(answer, names):
        before = period_in_words(result.base_period or result.period)
        series.append(Series(before, tuple(bases), PALE, said=False))
    return Native("bars", _labels(answer, names), tuple(series), number_format(metric))


def _labels(answer: Answer, names: Sequence[str]) -> tuple[str, ...]:
    whole = [DIMENSIONS[answer.figure.by[0]].label_of(name) for name in names]
    cut = [name if len(name) <= LONG_NAME else f"{name[: LONG_NAME - 4]}…{name[-3:]}" for name in whole]
    return tuple(cut if len(set(cut)) == len(cut) else whole)


def _ranking(answer: Answer) -> Native:
    names = ranked(answer)
    return _bars_of(answer, names, [name for name in names if name not in NOBODY][:1])


def _bars(answer: Answer) -> Native:
    names = in_order(answer)
    return _bars_of(answer, names, greatest(answer, names))


def _change(answer: Answer) -> Native:
    shown = both_ends(changes(answer.result), answer.figure.most)
    values, names = tuple(line.by for line in shown), [line.member for line in shown]
    points = tuple(RISE if value > 0 else FALL for value in values)
    metric = answer.figure.metric
    plain = number_format(metric)
    series = Series(f"{COMPARED[answer.result.query.compare]}增减", values, RISE, points)
    return Native("bars", _labels(answer, names), (series,), f"+{plain};-{plain};{plain}", low=None)


def _treemap(answer: Answer) -> Native:
    totals = totals_of(answer)
    values = tuple(totals.values())
    series = Series(answer.figure.metric.label, values, ACCENT)
    return Native("bars", _labels(answer, list(totals)), (series,), number_format(answer.figure.metric))


def _waterfall(answer: Answer) -> Native | Grid:
    """What each group adds, as bars from 0: the two totals stand in the finding."""
    try:
        explained = explain(answer.result)
    except Refusal:
        return _table(answer)
    metric, lines = answer.figure.metric, steps(explained, answer.figure.most)
    values = tuple(_plain(line.amount * (100 if metric.is_rate else 1)) for line in lines)
    points = tuple(RISE if value > 0 else FALL for value in values)
    digits = number_format(metric).removesuffix("%")
    plain = f'{digits}"百分点"' if metric.is_rate else digits
    series = Series(f"{COMPARED[answer.result.query.compare]}增减", values, RISE, points)
    names = tuple(line.label for line in lines)
    return Native("bars", names, (series,), f"+{plain};-{plain};{plain}", low=None)


def _plain(value: Fraction) -> int | float:
    return int(value) if value.denominator == 1 else float(value)


def _funnel(answer: Answer) -> Native | Grid:
    """The groups from the highest down, those outside the limits in the colour of their direction."""
    found = answer.funnel
    if found is None:
        return _table(answer)
    places = sorted(found.places, key=lambda place: -place.value)
    values = tuple(place.value * (PER if found.by_head else 1) for place in places)
    points = tuple({1: RISE, -1: FALL, 0: GREY}[found.side(place)] for place in places)
    unit = f"每万人{found.metric.unit}数" if found.by_head else found.metric.label
    form = "#,##0.0" if found.by_head else number_format(found.metric)
    names = _labels(answer, [place.member for place in places])
    return Native("bars", names, (Series(unit, values, GREY, points),), form)


# --- parts ----------------------------------------------------------------------------------------------


def _stack(answer: Answer) -> Native:
    names = list(totals_of(answer))
    series = tuple(
        Series(name, tuple(values_of(answer, names, members)), colour)
        for name, members, colour in parts_of(answer, answer.figure.by[1])
    )
    return Native("stack", _labels(answer, names), series, number_format(answer.figure.metric))


def _progress(answer: Answer) -> Native:
    batches = [key[0] for key in answer.result.keys]
    series = tuple(Series(name, tuple(values), colour) for name, values, colour in batch_parts(answer))
    return Native("stack", _labels(answer, batches), series, "#,##0")


# --- tables ---------------------------------------------------------------------------------------------


def _heatmap(answer: Answer) -> Grid:
    metric, result, (first, second) = answer.figure.metric, answer.result, answer.figure.by
    windows = columns_of(answer)
    names = [w[2:] if second in TIMES else DIMENSIONS[second].label_of(w) for w in windows]
    members = rows_of(answer)
    cells = [[result.cell(metric.name, (row, window)) for window in windows] for row in members]
    once = once_each(metric, cells)
    rows = tuple(
        (
            DIMENSIONS[first].label_of(row),
            *(sign(cell) if once else short(metric, cell.value) for cell in line),
        )
        for row, line in zip(members, cells, strict=True)
    )
    shades = tuple(("", *line) for line in fills(metric, cells))
    return Grid((DIMENSIONS[first].label, *names), rows, shades)


def _table(answer: Answer) -> Grid:
    headers = tuple(columns(answer.result).values())
    return Grid(headers, tuple(map(tuple, shown_rows(answer.result))))


_DRAWN: dict[Mark, Callable[[Answer], Native | Grid]] = {
    "line": _line,
    "band": _band,
    "burndown": _burndown,
    "ranking": _ranking,
    "bars": _bars,
    "change": _change,
    "treemap": _treemap,
    "stack": _stack,
    "progress": _progress,
    "heatmap": _heatmap,
    "waterfall": _waterfall,
    "funnel": _funnel,
}


def in_words(answer: Answer) -> Iterator[str]:
    """What a chart is for those who cannot see it: its finding, its measure, its greatest numbers."""
    yield f"{answer.finding}。"
    yield f"{answer.measure}。"
    drawn = native(answer)
    if isinstance(drawn, Native) and drawn.kind != "line":
        metric = answer.figure.metric
        top = list(zip(drawn.categories, drawn.series[0].values, strict=True))[:5]
        if len(drawn.series) <= 2 and answer.figure.mark not in ("change", "waterfall", "funnel"):
            yield "、".join(f"{name} {number(metric, value)}" for name, value in top) + "。"

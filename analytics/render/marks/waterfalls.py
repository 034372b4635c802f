"""From the number compared with to the present one: a step for each group, all others as the last."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from analytics.answers import Answer
from analytics.insight.explain import Explanation, Part, explain
from analytics.insight.explained import MIX_EFFECT, RATE_EFFECT, Step, labels, signed, steps, unit_of
from analytics.insight.wording import amount, number, period_in_words
from analytics.model import Metric
from analytics.render.marks.axes import bars_axis
from analytics.render.marks.bars import texts_beside
from analytics.render.marks.look import (
    FALL,
    GREY,
    INK,
    NOTHING_DRAWN,
    RISE,
    Room,
    dot,
    legend_above,
    markup,
)
from analytics.site import Refusal

RISE_PALE, FALL_PALE = "#f3cf9f", "#a9c5e4"
"""A share's part of a step, where the full colour is the group's own."""
ROW, TALL = 27, 38
"""Pixels of a row whose name has one line, or two."""
MARGIN = 0.04
"""Of the width, left and right of the marks."""


def waterfall(figure: go.Figure, answer: Answer) -> Room:
    """Rows from the base down to the present; steps as long as what they add, the two totals as strokes.

    Only steps have a length: the axis need not begin at 0. Of a rate or mean a step is two bars, its own
    change above and its share's below.
    """
    try:
        explained = explain(answer.result)
    except Refusal:
        return NOTHING_DRAWN
    lines = steps(explained, answer.figure.most)
    names = [_days(explained, before=True), *(_name(explained, line) for line in lines), _days(explained)]
    tops = _running(explained, lines)
    _connect(figure, names, tops)
    _bars(figure, explained, names[1:-1], lines, tops)
    _totals(figure, names, tops)
    low, high = _extent(lines, tops)
    bars_axis(figure, explained.metric.is_rate, len(names), high, low)
    figure.update_xaxes(showticklabels=False, showgrid=False)
    figure.update_yaxes(ticksuffix="", ticklabelstandoff=8)  # a suffix would stand in the last line alone
    return _room(figure, explained, names, lines, tops)


def _days(explained: Explanation, before: bool = False) -> str:
    period = explained.result.base_period if before else explained.result.period
    return period_in_words(period or explained.result.period)


def _name(explained: Explanation, line: Step) -> str:
    """The group's members, all but the first in a second line."""
    if line.part is None:
        return line.label
    first, *others = (markup(text) for text in labels(explained.result, line.part.key))
    return f"{first}<br>{'·'.join(others)}" if others else first


def _running(explained: Explanation, lines: Sequence[Step]) -> list[float]:
    """Where each row ends: the base, then after every step, then the present number."""
    reached, tops = explained.base, [float(explained.base)]
    for line in lines:
        reached += line.amount
        tops.append(float(reached))
    return [*tops, float(explained.now)]


def _halves(line: Step, start: float) -> list[tuple[float, float]]:
    """Start and length of the bars of a step: one, or of a rate the own change and the share's."""
    if line.rate_effect is None or line.mix_effect is None:
        return [(start, float(line.amount))]
    own = float(line.rate_effect)
    return [(start, own), (start + own, float(line.mix_effect))]


def _extent(lines: Sequence[Step], tops: Sequence[float]) -> tuple[float, float]:
    ends = [*tops]
    for line, start in zip(lines, tops, strict=False):
        ends += [at + length for at, length in _halves(line, start)]
    margin = MARGIN * (max(ends) - min(ends))
    return min(ends) - margin, max(ends) + margin


def _bars(
    figure: go.Figure,
    explained: Explanation,
    names: Sequence[str],
    lines: Sequence[Step],
    tops: Sequence[float],
) -> None:
    halves = [_halves(line, start) for line, start in zip(lines, tops, strict=False)]
    several = bool(lines) and len(halves[0]) > 1
    for at, (rise, fall) in enumerate(
        ((RISE, FALL), (RISE_PALE, FALL_PALE))[: len(halves[0]) if lines else 0]
    ):
        parts = [half[at] for half in halves]
        figure.add_bar(
            x=[length for _, length in parts],
            base=[start for start, _ in parts],
            y=list(names),
            orientation="h",
            marker={"color": [rise if length > 0 else fall for _, length in parts]},
            hovertext=[_told(explained, line) for line in lines],
            hoverinfo="text",
            **({"width": 0.36, "offset": 0.02 - 0.38 * (1 - at)} if several else {"width": 0.72}),
        )


def _connect(figure: go.Figure, names: Sequence[str], tops: Sequence[float]) -> None:
    """A thin line from where a row ends down to the next."""
    x: list[float | None] = []
    y: list[str | None] = []
    for top, name, below in zip(tops, names, names[1:], strict=False):
        x += [top, top, None]
        y += [name, below, None]
    line = {"color": GREY, "width": 1}
    figure.add_scatter(x=x, y=y, mode="lines", line=line, hoverinfo="skip")


def _totals(figure: go.Figure, names: Sequence[str], tops: Sequence[float]) -> None:
    figure.add_scatter(
        x=[tops[0], tops[-1]],
        y=[names[0], names[-1]],
        mode="markers",
        marker={"symbol": "line-ns", "size": 16, "line": {"width": 3, "color": INK}},
        hoverinfo="skip",
    )


def _room(
    figure: go.Figure,
    explained: Explanation,
    names: Sequence[str],
    lines: Sequence[Step],
    tops: Sequence[float],
) -> Room:
    metric = explained.metric
    texts = [_said(metric, line) for line in lines]
    whole = [amount(metric, _value(metric, end)) for end in (tops[0], tops[-1])]
    ends = [tops[0]]
    for line, start in zip(lines, tops, strict=False):
        halves = _halves(line, start)
        ends.append(max(start, *(at + length for at, length in halves)))
    room = texts_beside(figure, names, [*ends, tops[-1]], [whole[0], *texts, whole[1]])
    above = 0
    if lines and lines[0].rate_effect is not None:
        above = legend_above(
            figure, [f"{dot(RISE)}{dot(FALL)}{RATE_EFFECT}", f"{dot(RISE_PALE)}{dot(FALL_PALE)}{MIX_EFFECT}"]
        )
    tall = any("<br>" in name for name in names)
    return Room((TALL if tall else ROW) * len(names), above=above, right=room.right)


def _value(metric: Metric, value: float) -> float | int:
    return round(value) if metric.is_count else value


def _said(metric: Metric, line: Step) -> str:
    """+8（12→20）; of a rate or mean only what it adds."""
    added = signed(metric, line.printed, unit=False)
    if line.part is None or not metric.is_count:
        return added
    return f"{added}（{_from_to(metric, line.part)}）"


def _from_to(metric: Metric, part: Part) -> str:
    return f"{number(metric, part.base.value)}→{number(metric, part.now.value)}"


def _told(explained: Explanation, line: Step) -> str:
    """Everything about a step, for whoever points at it."""
    metric = explained.metric
    said = [f"{markup(line.label)} {signed(metric, line.printed)}"]
    if line.part is not None:
        said.append(f"{metric.label}{_from_to(metric, line.part)}")
    if line.rate_effect is not None and line.mix_effect is not None:
        scale, unit = (100, "个百分点") if metric.is_rate else (1, unit_of(metric))
        for words, effect in ((RATE_EFFECT, line.rate_effect), (MIX_EFFECT, line.mix_effect)):
            said.append(f"{words}{float(effect) * scale:+.{metric.digits + 1}f}{unit}")
    return "<br>".join(said)

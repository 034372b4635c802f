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
    x_axis,
    y_axis,
)
from analytics.site import Refusal

RISE_PALE, FALL_PALE = "#f3cf9f", "#a9c5e4"
COLOURS = ((RISE, FALL), (RISE_PALE, FALL_PALE))
"""Up and down: the group's own change, then its share's."""
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
    spans = [_spans(line, start) for line, start in zip(lines, tops, strict=False)]
    _connect(figure, names, tops)
    _bars(figure, names[1:-1], spans, [_told(explained, line) for line in lines])
    _totals(figure, names, tops)
    low, high = _extent(tops, spans)
    bars_axis(figure, explained.metric.is_rate, len(names), high, low)
    x_axis(figure, showticklabels=False, showgrid=False)
    y_axis(figure, ticksuffix="", ticklabelstandoff=8)  # a suffix would stand in the last line alone
    room = texts_beside(figure, names, _ends(tops, spans), _texts(explained, lines, tops))
    tall = any("<br>" in name for name in names)
    return Room((TALL if tall else ROW) * len(names), above=_legend(figure, spans), right=room.right)


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


Span = tuple[float, float]
"""Where a bar begins, and how far it goes."""


def _spans(line: Step, start: float) -> list[Span]:
    """The bars of a step: one, or of a rate the group's own change and then its share's."""
    if line.rate_effect is None or line.mix_effect is None:
        return [(start, float(line.amount))]
    own = float(line.rate_effect)
    return [(start, own), (start + own, float(line.mix_effect))]


def _reached(spans: Sequence[Span]) -> list[float]:
    return [end for start, length in spans for end in (start, start + length)]


def _extent(tops: Sequence[float], spans: Sequence[Sequence[Span]]) -> tuple[float, float]:
    ends = [*tops, *(end for step in spans for end in _reached(step))]
    margin = MARGIN * (max(ends) - min(ends))
    return min(ends) - margin, max(ends) + margin


def _ends(tops: Sequence[float], spans: Sequence[Sequence[Span]]) -> list[float]:
    """The right end of each row."""
    return [tops[0], *(max(_reached(step)) for step in spans), tops[-1]]


def _bars(
    figure: go.Figure, names: Sequence[str], spans: Sequence[Sequence[Span]], told: Sequence[str]
) -> None:
    """One trace a kind of bar; where there are two, one above the other within a row."""
    layers = list(zip(*spans, strict=True))
    for at, (layer, (rise, fall)) in enumerate(zip(layers, COLOURS, strict=False)):
        figure.add_bar(
            x=[length for _, length in layer],
            base=[start for start, _ in layer],
            y=list(names),
            orientation="h",
            marker={"color": [rise if length > 0 else fall for _, length in layer]},
            hovertext=list(told),
            hoverinfo="text",
            **({"width": 0.72} if len(layers) == 1 else {"width": 0.36, "offset": 0.38 * at - 0.36}),
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


def _legend(figure: go.Figure, spans: Sequence[Sequence[Span]]) -> int:
    """What the two bars of a step are; the pixels it takes."""
    if not spans or len(spans[0]) == 1:
        return 0
    words = zip(COLOURS, (RATE_EFFECT, MIX_EFFECT), strict=True)
    return legend_above(figure, [f"{dot(rise)}{dot(fall)}{text}" for (rise, fall), text in words])


def _texts(explained: Explanation, lines: Sequence[Step], tops: Sequence[float]) -> list[str]:
    metric = explained.metric
    first, last = (amount(metric, _value(metric, end)) for end in (tops[0], tops[-1]))
    return [first, *(_said(metric, line) for line in lines), last]


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

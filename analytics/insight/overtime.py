"""One number over time: its control chart, and what the present says on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from analytics.insight.case import Group
from analytics.insight.control import Limits, laney, signals, xmr
from analytics.insight.verdict import Judgement, Verdict
from analytics.model import Metric


@dataclass(frozen=True)
class Chart:
    """A control chart of months: values, limits, and what each point breaks; the last is the present."""

    months: tuple[str, ...]
    values: tuple[float, ...]
    limits: Limits
    found: tuple[tuple[str, int] | None, ...]
    rule: str
    last: Judgement


def control_chart(metric: Metric, group: Group, month: str = "") -> Chart | None:
    """The chart of a metric without dimensions; None where the past never varied enough to have limits.

    A count or a mean by XmR, a rate by p′, a stock by the XmR of its changes from month to month, of which
    there is the last alone. `month`: the name of the present.
    """
    dated = zip((*group.months, month), (*group.past, group.now), strict=True)
    known = [(name, cell, float(cell.value)) for name, cell in dated if cell.value is not None]
    months, cells, values = zip(*known, strict=True)
    rule = "laney" if metric.is_rate and not metric.stock else "xmr"
    if rule == "laney":
        k, n = [c.numerator for c in cells], [c.denominator or 0 for c in cells]
        limits = laney(k[:-1], n[:-1], n)
    elif metric.stock:
        return _chart_of_changes(metric, month, values, least_step(metric, group))
    else:
        limits = xmr(values[:-1], len(values), 0.0)
    if not limits.reach[-1]:
        return None
    found = signals(values, limits)
    return Chart(months, values, limits, tuple(found), rule, _last(metric, values, limits, found[-1], rule))


def least_step(metric: Metric, group: Group) -> float:
    """One row: a stock moves by less than that, in deviations, only because nothing happened lately."""
    return 1.0 if metric.is_count else 1 / (group.now.denominator or 1)


def _chart_of_changes(metric: Metric, month: str, values: Sequence[float], least: float) -> Chart | None:
    """A stock hangs together from month to month: what is judged is its change."""
    moved = xmr(np.diff(values[:-1]).tolist(), 1)
    reach = np.maximum(moved.reach, 3 * least)
    before = Limits(values[-2] + moved.centre, reach, 0.0, 1.0 if metric.is_rate else np.inf)
    if not before.reach[0]:
        return None
    outside = [found if found and found[0] == "limits" else None for found in signals(values[-1:], before)]
    return Chart(
        (month,),
        (values[-1],),
        before,
        tuple(outside),
        "xmr",
        _last(metric, values[-1:], before, outside[0], "xmr"),
    )


def told(rule: str, side: int) -> str:
    """What broke a rule, on which side."""
    return _TOLD[rule][side > 0]


_LASTING = ("run", "near")
_TOLD = {
    "limits": ("低于控制下限", "超出控制上限"),
    "run": ("已连续 7 个月低于均值", "已连续 7 个月高于均值"),
    "near": ("近 3 个月有 2 个月接近下限", "近 3 个月有 2 个月接近上限"),
    "trend": ("已连续 7 个月逐月下降", "已连续 7 个月逐月上升"),
}
"""What decided, below and above."""


def _last(
    metric: Metric, values: Sequence[float], limits: Limits, found: tuple[str, int] | None, rule: str
) -> Judgement:
    verdict: Verdict = "normal"
    if found:
        up, down = ("high", "low") if found[0] in _LASTING else ("up", "down")
        verdict = up if found[1] > 0 else down  # type: ignore[assignment]
    lower, upper = float(limits.lower[-1]), float(limits.upper[-1])
    return Judgement(
        verdict,
        int(values[-1]) if metric.is_count else values[-1],
        f"{rule}.{found[0]}" if found else rule,
        limits.centre,
        lower,
        upper,
        told(*found) if found else "",
        None
        if metric.stock
        else _Charted(limits.centre, lower, upper, float(limits.reach[-1]) / 3, metric.is_rate),
    )


@dataclass(frozen=True)
class _Charted:
    """A control chart as a prediction: what its limits find."""

    expected: float
    lower: float
    upper: float
    deviation: float
    share: bool

    def p(self, value: float) -> float:
        """Two tails of the normal distribution."""
        return float(2 * ndtr(-abs(value - self.expected) / self.deviation))

    def limits(self, level: float) -> tuple[float, float]:
        """The chart's own."""
        return self.lower, self.upper

    def found(self, change: float, level: float) -> float:
        """One month outside the limits: mean and variance × change, or a share moved by it."""
        if self.share:
            moved, deviation = self.expected + change, self.deviation
        else:
            moved, deviation = self.expected * change, self.deviation * change**0.5
        beyond = moved - self.upper if moved > self.expected else self.lower - moved
        return float(ndtr(beyond / deviation))

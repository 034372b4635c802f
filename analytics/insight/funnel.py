"""A funnel: groups of different sizes around what they have in common, and which of them lie outside.

Spiegelhalter (2005), “Funnel plots for comparing institutional performance”, Statistics in Medicine 24: the
smaller a group, the further chance alone carries it; groups that differ more than that (over-dispersion)
widen the funnel, their extremes drawn in first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from math import inf, sqrt

from analytics.insight import chance
from analytics.insight.wording import number
from analytics.model import Metric
from analytics.result import NOBODY, Result

PER = 10_000
"""Inhabitants that items are counted by."""
INNER, OUTER = 1.959964, 3.090232
"""Standard deviations within which 95 % and 99.8 % of groups lie by chance."""
LEAST_GROUPS, NAMED = 3, 3
"""Groups without which there is no funnel; those outside that its title names."""


@dataclass(frozen=True)
class Place:
    """One group: `count` rows of `size` (rows that count for a rate, or inhabitants)."""

    member: str
    count: int
    size: int

    @property
    def value(self) -> float:
        """Its rate, 0–1, or items an inhabitant."""
        return self.count / self.size


@dataclass(frozen=True)
class Funnel:
    """Groups around their common rate. `by_head`: items an inhabitant, not a share of rows."""

    metric: Metric
    places: tuple[Place, ...]
    by_head: bool = False

    @cached_property
    def common(self) -> float:
        """The rate of all together."""
        return sum(p.count for p in self.places) / sum(p.size for p in self.places)

    @property
    def _variance(self) -> float:
        """Of one row or inhabitant: Poisson by head, else binomial."""
        return self.common if self.by_head else self.common * (1 - self.common)

    @cached_property
    def spread(self) -> float:
        """By how much groups differ more than chance alone: a factor on the variance, at least 1."""
        return chance.drawn_in([self._score(place) for place in self.places])

    def _score(self, place: Place) -> float:
        deviation = sqrt(self._variance / place.size)
        return (place.value - self.common) / deviation if deviation else 0.0  # all 0 % or all 100 %

    def limits(self, size: float, deviations: float) -> tuple[float, float]:
        """Between which rates a group of that size lies, so many standard deviations either way."""
        reach = deviations * sqrt(self.spread * self._variance / size)
        most = inf if self.by_head else 1.0
        return max(0.0, self.common - reach), min(most, self.common + reach)

    def side(self, place: Place, deviations: float = OUTER) -> int:
        """+1 above the limits, −1 below, 0 within."""
        low, high = self.limits(place.size, deviations)
        return (place.value > high) - (place.value < low)

    def shown(self, rate: float) -> str:
        """23.1%, or 16.5件/万人."""
        if self.by_head:
            return f"{rate * PER:.1f}{self.metric.unit}/万人"
        return number(self.metric, rate)


def funnel_of(result: Result, small_base: int, inhabitants: Mapping[str, int] | None = None) -> Funnel | None:
    """The groups of a result of one dimension; None where they are too few, or do not differ at all.

    A share by its rows, those under `small_base` left out; a count by `inhabitants` of its members.
    """
    metric, heads = result.metrics[0], inhabitants or {}
    if metric.is_count != bool(heads) or not (metric.is_count or metric.is_rate):
        return None
    places = []
    for key in result.keys:
        cell = result.cell(metric.name, key)
        size = heads.get(key[0], 0) if heads else cell.denominator or 0
        if key[0] not in NOBODY and size >= max(small_base, 1):
            places.append(Place(key[0], cell.numerator, size))
    if len(places) < LEAST_GROUPS:
        return None
    made = Funnel(metric, tuple(places), bool(heads))
    return made if made.common > 0 and (made.by_head or made.common < 1) else None


def in_the_funnel(funnel: Funnel | None) -> str:
    """重复信访率合计24.1%；叶塘镇偏高（31.2%），超出99.8%界限: those that lie outside, the furthest first."""
    if funnel is None:
        return f"可比的不足{LEAST_GROUPS}个，或彼此没有差别，画不出漏斗"
    whole = f"{funnel.metric.label}合计{funnel.shown(funnel.common)}"
    outside = [(place, side) for place in funnel.places if (side := funnel.side(place))]
    if not outside:
        return f"{whole}，相互差别都在偶然波动之内"
    outside.sort(key=lambda pair: -abs(pair[0].value - funnel.common))
    named = [
        f"{p.member}偏{'高' if side > 0 else '低'}（{funnel.shown(p.value)}）" for p, side in outside[:NAMED]
    ]
    more = f"等{len(outside)}个" if len(outside) > NAMED else ""
    return f"{whole}；{'、'.join(named)}{more}，超出99.8%界限"

"""Control charts: the centre of a series over time, the limits of its normal variation, what breaks them.

Rules and constants are those of the NHS programme “Making Data Count” (NHSRplotthedots), the limits of a
series of proportions those of Laney (2002), “Improved control charts for attributes”, Quality Engineering
14(4). A baseline gives centre and limits, frozen; the points judged against them may lie outside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

LIMIT = 2.66
"""Mean moving ranges between the centre and a limit: three standard deviations, 3 ÷ 1.128."""
SCREEN = 3.267
"""Moving ranges from so many of their means on are exceptional, and are left out once."""
D2 = 1.128
"""Mean moving range of a normal series, in standard deviations."""
RUN = 7
"""So many points on one side of the centre, or so many each above the one before, are no chance."""

Rule = Literal["limits", "run", "near", "trend"]
"""Outside the limits; a run on one side; two of three near a limit; points that rise or fall on and on."""


@dataclass(frozen=True)
class Limits:
    """The centre of a baseline, and how far from it a limit lies: a point each where these differ."""

    centre: float
    reach: Numbers
    low: float = -np.inf
    high: float = np.inf

    @property
    def lower(self) -> Numbers:
        """The lower limit at each point; never below what is possible."""
        return np.maximum(self.centre - self.reach, self.low)

    @property
    def upper(self) -> Numbers:
        """The upper limit at each point; never above what is possible."""
        return np.minimum(self.centre + self.reach, self.high)


def moving_range(values: Numbers, screened: bool = True) -> float:
    """The mean moving range; the exceptional ones are left out once. Raises ValueError under two values."""
    ranges = np.abs(np.diff(values))
    if not len(ranges):
        raise ValueError("a moving range needs two values")
    mean = float(ranges.mean())
    kept = ranges[ranges < SCREEN * mean] if screened and mean else ranges
    return float(kept.mean())


def xmr(baseline: Sequence[float], points: int, low: float = -np.inf) -> Limits:
    """Limits of individual values (XmR chart) for so many points: mean ± 2.66 × mean moving range.

    `low`: the least that is possible (0 for counts). Raises ValueError under two baseline values.
    """
    values = np.asarray(baseline, float)
    return Limits(float(values.mean()), np.full(points, LIMIT * moving_range(values)), low)


def laney(counts: Sequence[int], sizes: Sequence[int], judged: Sequence[int]) -> Limits:
    """Limits of proportions (p′ chart) at points of the sizes `judged`, from a baseline of counts by sizes.

    p̄ ± 3 σ_z √(p̄(1−p̄)/n); σ_z, from the moving ranges of the standardised baseline, widens them where the
    proportions vary more than binomially, and narrows them where less. Where p̄ is 0 or 1 the reach is 0.
    """
    k, n, m = (np.asarray(part, float) for part in (counts, sizes, judged))
    centre = float(k.sum() / n.sum())
    spread = np.sqrt(centre * (1 - centre))
    if not spread:
        return Limits(centre, np.zeros(len(m)), 0.0, 1.0)
    sigma = moving_range((k / n - centre) / (spread / np.sqrt(n)), screened=False) / D2
    return Limits(centre, 3 * sigma * spread / np.sqrt(m), 0.0, 1.0)


def signals(
    values: Sequence[float], limits: Limits, run: int = RUN, trend: int = RUN
) -> list[tuple[Rule, int] | None]:
    """For each point the first rule that it breaks, and the side: +1 high or rising, −1 low or falling.

    A point belongs to a run or a trend (of so many points) that ends with it; to two-of-three where it
    lies near the limit.
    """
    points = np.asarray(values, float)
    upper, lower, centre = limits.centre + limits.reach, limits.centre - limits.reach, limits.centre
    side = np.sign(points - centre)
    outside = np.where(points > upper, 1, np.where(points < lower, -1, 0))
    near = (np.abs(points - centre) > limits.reach * 2 / 3) & (outside == 0)
    found: list[tuple[Rule, int] | None] = []
    for at in range(len(points)):
        sides = side[max(0, at - run + 1) : at + 1]
        steps = np.sign(np.diff(points[max(0, at - trend + 1) : at + 1]))
        if outside[at]:
            found.append(("limits", int(outside[at])))
        elif len(sides) == run and abs(sides.sum()) == run:
            found.append(("run", int(sides[0])))
        elif near[at] and _two_of_three(near, side, at):
            found.append(("near", int(side[at])))
        elif len(steps) == trend - 1 and abs(steps.sum()) == trend - 1:
            found.append(("trend", int(steps[0])))
        else:
            found.append(None)
    return found


def _two_of_three(near: NDArray[np.bool_], side: Numbers, at: int) -> bool:
    """Whether, of the point and the two before it, two lie near a limit and all on one side."""
    if at < 2:
        return False
    three = slice(at - 2, at + 1)
    return bool(near[three].sum() >= 2 and abs(side[three].sum()) == 3)

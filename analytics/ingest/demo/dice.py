"""Random numbers that every version of numpy draws alike.

Only the raw stream of PCG64 and its uniform doubles are used; numpy promises nothing for the rest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Values = NDArray[Any]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Counts = NDArray[np.int64]
Rows = dict[str, Values]
"""Columns of equal length."""
Points = Sequence[tuple[float, float]]
"""(place, value)… by place."""
Quantiles = Points
"""(probability, value)… from 0 to 1: a distribution, straight between its points."""

MOST = 30
"""Nothing happens more often by chance in one row."""


class Dice:
    """The random numbers of one county, or of one part of it: another seed, another stream."""

    def __init__(self, *seed: int) -> None:
        self._bits = np.random.PCG64(seed)
        self._stream = np.random.Generator(self._bits)

    def uniform(self, n: int) -> Floats:
        """Numbers in [0, 1)."""
        return self._stream.random(n)

    def chance(self, share: float | Floats, n: int) -> Flags:
        """True for about `share` of the n, one share for all or one for each."""
        return self.uniform(n) < share

    def index(self, weights: Floats, n: int) -> Counts:
        """Positions drawn in proportion to the weights."""
        upto = np.cumsum(weights)
        return np.searchsorted(upto / upto[-1], self.uniform(n), side="right")

    def pick(self, shares: Mapping[Any, float], n: int) -> Values:
        """Members drawn in proportion to their shares."""
        weights = np.fromiter(shares.values(), float)
        return np.array(list(shares), dtype=object)[self.index(weights, n)]

    def pick_for(self, groups: Values, shares: Mapping[str, Mapping[Any, float]]) -> Values:
        """For each row a member by the shares of the row's group; `""` holds for all other groups."""
        picked = self.pick(shares[""], len(groups))
        for group in shares:
            if group:
                rows = groups == group
                picked[rows] = self.pick(shares[group], int(rows.sum()))
        return picked

    def spread(self, quantiles: Quantiles, n: int) -> Floats:
        """Numbers of the distribution."""
        return spread(quantiles, self.uniform(n))

    def days(self, quantiles: Quantiles, n: int) -> Counts:
        """Whole days of the distribution."""
        return np.rint(self.spread(quantiles, n)).astype(np.int64)

    def counts(self, means: Floats) -> Counts:
        """Numbers of things that happen by chance, each about its mean (Poisson), `MOST` at most."""
        drawn = self.uniform(len(means))
        chance = np.exp(-means)
        upto, counts = chance.copy(), np.zeros(len(means), dtype=np.int64)
        for number in range(1, MOST + 1):
            counts += drawn >= upto
            chance = chance * means / number
            upto += chance
        return counts

    def of_each(self, counts: Counts, share: float | Floats) -> Counts:
        """Of so many things in each row about the row's share."""
        owner = np.repeat(np.arange(len(counts)), counts)
        hit = self.chance(np.broadcast_to(share, len(counts))[owner], len(owner))
        hits: Counts = np.bincount(owner[hit], minlength=len(counts))
        return hits

    def even(self, n: int) -> Floats:
        """Numbers in [0, 1), one in each n-th part, in no order."""
        parts: Floats = (np.arange(n) + self.uniform(n)) / n
        order = np.argsort(self.uniform(n), kind="stable")
        return parts[order]

    def shuffled(self, values: Values) -> Values:
        """The same values in another order."""
        return values[np.argsort(self.uniform(len(values)), kind="stable")]

    def hexes(self, n: int) -> Values:
        """Codes of 32 hexadecimal digits, no two alike."""
        raw = self._bits.random_raw(2 * n).reshape(n, 2)
        return np.array([f"{high:016x}{low:016x}" for high, low in raw.tolist()], dtype=object)


def spread(points: Points, at: Floats) -> Floats:
    """Values at the given places, straight between the points; of quantiles, at the given probabilities."""
    places, values = zip(*points, strict=True)
    drawn: Floats = np.interp(at, places, values)
    return drawn


def apportioned(total: int, weights: Floats) -> Counts:
    """Whole numbers that sum to the total, by largest remainder in proportion to the weights."""
    quotas = total * weights / weights.sum()
    counts: Counts = np.floor(quotas).astype(np.int64)
    left = total - int(counts.sum())
    counts[np.argsort(counts - quotas, kind="stable")[:left]] += 1
    return counts

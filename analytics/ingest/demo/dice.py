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
Rows = dict[str, Values]
"""Columns of equal length."""
Quantiles = Sequence[tuple[float, float]]
"""(probability, value)… from 0 to 1: a distribution, straight between its points."""


class Dice:
    """The random numbers of one county."""

    def __init__(self, seed: int, county: int) -> None:
        self._bits = np.random.PCG64([seed, county])
        self._stream = np.random.Generator(self._bits)

    def uniform(self, n: int) -> Floats:
        """Numbers in [0, 1)."""
        return self._stream.random(n)

    def chance(self, share: float | Floats, n: int) -> Flags:
        """True for about `share` of the n, one share for all or one for each."""
        return self.uniform(n) < share

    def index(self, weights: Floats, n: int) -> NDArray[np.int64]:
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

    def days(self, quantiles: Quantiles, n: int) -> NDArray[np.int64]:
        """Whole days of the distribution."""
        return np.rint(self.spread(quantiles, n)).astype(np.int64)

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


def spread(quantiles: Quantiles, at: Floats) -> Floats:
    """The distribution's values at the given probabilities."""
    probabilities, values = zip(*quantiles, strict=True)
    drawn: Floats = np.interp(at, probabilities, values)
    return drawn

"""What chance alone would give next, from what came before: one prediction a kind of number.

Each answers the same three questions: what is expected, how unusual a value is (exact where it counts),
and between which values nothing is unusual. Units: months for exposure, rows for counts, 0–1 for shares.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import inf
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.special import bdtr, bdtrc, betainc, betaln, chdtrc, gammaln, ndtr, pdtrc, stdtr, stdtrit

Numbers = NDArray[np.float64]

FALSE_FINDS = 0.05
"""Of the rows of a table that are pointed out, at most so many by chance alone."""
ONE_IN = 0.0027
"""How often one number alone is beyond three standard deviations by chance."""
_NEARLY_ONE = 1 + 1e-6
"""A dispersion up to here is that of chance alone: what is beyond 1 may be rounding."""


class Prediction(Protocol):
    """What the present is measured against."""

    @property
    def expected(self) -> float:
        """The value to expect."""

    def p(self, value: float) -> float:
        """How often chance alone gives a value at least as far out, on either side (two tails)."""

    def limits(self, level: float) -> tuple[float, float]:
        """The least and the greatest value whose `p` is above the level."""

    def found(self, change: float, level: float) -> float:
        """How often a change shows: of a count or a mean × `change`, of a share by so much."""


# --- dispersion -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Dispersion:
    """Variance ÷ what chance alone would give, pooled over groups; `p`: how often chance gives as much."""

    ratio: float
    p: float

    @property
    def factor(self) -> float:
        """By how much limits allow for it; less than chance is not believed."""
        return self.ratio if self.ratio > _NEARLY_ONE else 1.0


def _pooled(squares: float, freedom: int) -> Dispersion:
    if not freedom:
        return Dispersion(1.0, 1.0)
    return Dispersion(squares / freedom, float(chdtrc(freedom, squares)))


def dispersion_of_counts(groups: Sequence[Sequence[int]]) -> Dispersion:
    """Pearson's Σ(x−x̄)²/x̄ over each group's months (Fisher's index of dispersion)."""
    squares, freedom = 0.0, 0
    for counts in groups:
        values = np.asarray(counts, float)
        if len(values) > 1 and values.sum():
            squares += float(((values - values.mean()) ** 2).sum() / values.mean())
            freedom += len(values) - 1
    return _pooled(squares, freedom)


def dispersion_of_shares(groups: Sequence[Sequence[tuple[int, int]]]) -> Dispersion:
    """The same for shares: Σ(k−np̂)²/(np̂(1−p̂)) over each group's months (k of n)."""
    squares, freedom = 0.0, 0
    for pairs in groups:
        k, n = np.asarray([pair for pair in pairs if pair[1]], float).reshape(-1, 2).T
        share = k.sum() / n.sum() if len(n) else 0.0
        if len(n) > 1 and 0 < share < 1:
            squares += float(((k - n * share) ** 2 / (n * share * (1 - share))).sum())
            freedom += len(n) - 1
    return _pooled(squares, freedom)


# --- predictions ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Counted:
    """A count of `ahead` months, after `base` in `months` of them.

    Given the total of both, the present count is binomial with share ahead ÷ (ahead + months) where
    counts are Poisson (Przyborowski and Wilenski 1940), beta-binomial where they are negative binomial
    with variance `factor` × mean. The binomial is free of the unknown mean, so exact at any size; the
    beta-binomial takes the base's mean for it. A base of less than one such burst says too little of the
    mean: it is then taken for one.
    """

    base: int
    months: float
    ahead: float = 1.0
    factor: float = 1.0

    @property
    def expected(self) -> float:
        """The base's mean × ahead."""
        return self.base / self.months * self.ahead

    def p(self, value: float) -> float:
        """Twice the smaller tail."""
        x = int(value)
        return min(1.0, 2 * min(self._at_most(x), self._at_least(x)))

    def above(self, value: int) -> float:
        """How often chance alone gives at least so many: the upper tail alone."""
        return self._at_least(value)

    def limits(self, level: float) -> tuple[float, float]:
        """Whole numbers."""
        least = _least(lambda x: 2 * self._at_most(x) > level)
        most = _least(lambda x: 2 * self._at_least(x) <= level) - 1
        return float(least), float(max(most, least))

    def found(self, change: float, level: float) -> float:
        """With the mean × `change`."""
        low, high = self.limits(level)
        mean = max(self.expected, 0.5 * self.ahead / self.months) * change
        if change > 1:
            return self._more_than(high, mean)
        return 1 - self._more_than(low - 1, mean) if low else 0.0

    def _more_than(self, value: float, mean: float) -> float:
        """How often a count of that mean is beyond the value."""
        if self._bursts:
            return float(betainc(value + 1, mean / (self.factor - 1), 1 - 1 / self.factor))
        return float(pdtrc(value, mean))

    @property
    def _bursts(self) -> bool:
        """Whether counts vary more than Poisson."""
        return self.factor > _NEARLY_ONE

    @property
    def _share(self) -> float:
        return self.ahead / (self.ahead + self.months)

    @property
    def _shapes(self) -> tuple[float, float]:
        mean = max(self.base, 0.5, self.factor - 1) / self.months
        return mean * self.ahead / (self.factor - 1), mean * self.months / (self.factor - 1)

    def _at_least(self, x: int) -> float:
        if x <= 0:
            return 1.0
        if self._bursts:
            return _beta_binomial_tail(x, self.base + x, *self._shapes)
        return float(betainc(x, self.base + 1, self._share))

    def _at_most(self, x: int) -> float:
        if not self.base:
            return 1.0
        if self._bursts:
            return _beta_binomial_tail(self.base, self.base + x, *reversed(self._shapes))
        return float(1 - betainc(x + 1, self.base, self._share))


@dataclass(frozen=True)
class Shared:
    """A share among `size` rows, after `base` of `of` rows: beta-binomial.

    Its variance is that of two samples drawn from one share, p̂(1−p̂)(1/size + 1/of), times `factor`;
    p̂ = (base + ½) ÷ (of + 1), so that a share that never failed may fail.
    """

    base: int
    of: int
    size: int
    factor: float = 1.0

    @property
    def expected(self) -> float:
        """The base's share."""
        return self.base / self.of

    def p(self, value: float) -> float:
        """Twice the smaller tail."""
        k = round(value * self.size)
        return min(1.0, 2 * min(self._at_most(k), self._at_least(k)))

    def limits(self, level: float) -> tuple[float, float]:
        """Shares of whole rows."""
        least = _least(lambda k: k >= self.size or 2 * self._at_most(k) > level)
        most = _least(lambda k: k > self.size or 2 * self._at_least(k) <= level) - 1
        return least / self.size, max(most, least) / self.size

    def found(self, change: float, level: float) -> float:
        """With the share moved by `change`."""
        low, high = (round(limit * self.size) for limit in self.limits(level))
        share = min(1.0, max(0.0, self.expected + change))
        if change > 0:
            return float(bdtrc(high, self.size, share)) if high < self.size else 0.0
        return float(bdtr(low - 1, self.size, share)) if low else 0.0

    @cached_property
    def _shapes(self) -> tuple[float, float]:
        share = (self.base + 0.5) / (self.of + 1)
        inflated = self.factor * (1 + self.size / self.of) - 1
        total = max((self.size - 1) / inflated - 1, 0.5) if self.size > 1 else float(self.of)
        return share * total, (1 - share) * total

    def _at_least(self, k: int) -> float:
        return _beta_binomial_tail(k, self.size, *self._shapes)

    def _at_most(self, k: int) -> float:
        return _beta_binomial_tail(self.size - k, self.size, *reversed(self._shapes))


@dataclass(frozen=True)
class Measured:
    """A number that is neither count nor share, after others like it: Student's prediction limits.

    `sizes`, `size`: over how many rows each of the others and this one was taken, where they are means; the
    variance of a mean is that of a row ÷ its rows. `low`: the least that is possible. `least`: the deviation
    is not taken for less, so that what stood still may move a little.
    """

    values: tuple[float, ...]
    low: float = -inf
    least: float = 0.0
    sizes: tuple[int, ...] = ()
    size: int = 1

    @property
    def _weights(self) -> Numbers:
        return np.asarray(self.sizes or np.ones(len(self.values)), float)

    @property
    def expected(self) -> float:
        """The mean, of all rows together."""
        return float(np.average(self.values, weights=self._weights))

    @property
    def _freedom(self) -> int:
        return len(self.values) - 1

    @property
    def _spread(self) -> float:
        weights = self._weights
        squares = float((weights * (np.asarray(self.values) - self.expected) ** 2).sum()) / self._freedom
        deviation = max(squares**0.5, self.least)
        return float(deviation * (1 / self.size + 1 / float(weights.sum())) ** 0.5)

    def p(self, value: float) -> float:
        """Two tails of t with as many degrees of freedom as values less one."""
        if not self._spread:
            return 1.0 if value == self.expected else 0.0
        return float(2 * stdtr(self._freedom, -abs(value - self.expected) / self._spread))

    def limits(self, level: float) -> tuple[float, float]:
        """Mean ± t × spread."""
        reach = -float(stdtrit(self._freedom, level / 2)) * self._spread
        return max(self.expected - reach, self.low), self.expected + reach

    def found(self, change: float, level: float) -> float:
        """With the mean × `change`."""
        (_, high), moved = self.limits(level), self.expected * change
        return float(ndtr((moved - high) / self._spread)) if self._spread else 1.0


def _beta_binomial_tail(k: int, n: int, a: float, b: float) -> float:
    """P(X ≥ k) of the beta-binomial(n, a, b), summed as far as it matters."""
    if k <= 0:
        return 1.0
    if k > n:
        return 0.0
    mean = n * a / (a + b)
    deviation = np.sqrt(mean * b / (a + b) * (a + b + n) / (a + b + 1))
    reach = int(40 * deviation) + 40
    at = np.arange(max(k, int(mean) - reach), min(n, max(k, int(mean)) + reach) + 1)
    chosen = gammaln(n + 1) - gammaln(at + 1) - gammaln(n - at + 1)
    return float(min(1.0, np.exp(chosen + betaln(at + a, n - at + b) - betaln(a, b)).sum()))


def _least(holds: Callable[[int], bool]) -> int:
    """The least whole number from 0 from which the condition holds: doubled, then halved."""
    if holds(0):
        return 0
    beyond = 1
    while not holds(beyond):
        beyond *= 2
    within = beyond // 2
    while beyond - within > 1:
        middle = (within + beyond) // 2
        within, beyond = (within, middle) if holds(middle) else (middle, beyond)
    return beyond


# --- many at once -----------------------------------------------------------------------------------


def adjusted(p_values: Sequence[float]) -> list[float]:
    """What `threshold` compares with its rate, for each p: Benjamini and Hochberg's adjusted p values.

    Of its own, since scipy.stats takes longer to load than a first page may.
    """
    order = np.argsort(p_values)[::-1]
    ranks = np.arange(len(order), 0, -1)
    found = np.empty(len(order))
    found[order] = np.minimum.accumulate(np.asarray(p_values)[order] * len(order) / ranks)
    return [float(p) for p in found]


def threshold(p_values: Sequence[float], rate: float) -> float:
    """At or below which p a value counts as found, so that false finds are at most `rate` of all finds.

    Benjamini and Hochberg (1995): the greatest p that they reject at `rate`; what a first one would need
    where they reject none.
    """
    if not len(p_values):
        return rate
    rejected = sum(p <= rate for p in adjusted(p_values))
    return rate * max(rejected, 1) / len(p_values)


def drawn_in(scores: Sequence[float], share: float = 0.1) -> float:
    """Over-dispersion that standardised scores show: the mean of their squares, at least 1.

    Spiegelhalter (2005), “Funnel plots for comparing institutional performance”, Statistics in Medicine 24:
    the outer tenths of the scores are first set to the nearest inner one.
    """
    ordered = np.sort(scores)
    outer = int(share * len(ordered))
    inner = np.clip(ordered, ordered[outer], ordered[-1 - outer])
    return max(1.0, float((inner**2).mean()))

"""How often clusters are reported in a county made up by dice: where nothing happens, where something does.

`python -m tests.simulate_warnings` prints the table of docs/warnings.md (some minutes).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from tabulate import tabulate

from analytics.insight.warning.clusters import Stretches, clusters, levels_of
from analytics.result import Key

SPREADS = (1.0, 1.5)
"""Variance ÷ mean: Poisson, and more than chance."""
TOWNSHIPS, TOPICS, PER_WINDOW, STRETCHES = 20, 60, 160, 13
"""A county: about 160 items in four weeks, over 20 townships and 60 topics of the second level."""


def county(rng: np.random.Generator) -> NDArray[np.float64]:
    """Mean counts of a window by township and topic, as unequal as they are."""
    townships, topics = rng.dirichlet(np.full(TOWNSHIPS, 3.0)), rng.dirichlet(np.full(TOPICS, 0.6))
    return np.outer(townships, topics) * PER_WINDOW


def drawn(rng: np.random.Generator, means: NDArray[np.float64], spread: float) -> NDArray[np.int64]:
    """Counts with these means and with variance spread × mean."""
    if spread == 1.0:
        return rng.poisson(means)
    return rng.negative_binomial(np.maximum(means / (spread - 1), 1e-9), 1 / spread)


def cells(counts: NDArray[np.int64]) -> dict[Key, Stretches]:
    """The cells with anything; six topics of the second level to one of the first."""
    return {
        (f"{place}镇", f"{topic // 6}类", f"{topic}细类"): tuple(counts[:, place, topic].tolist())
        for place in range(TOWNSHIPS)
        for topic in range(TOPICS)
        if counts[:, place, topic].any()
    }


def false_alarms(rng: np.random.Generator, spread: float, windows: int) -> int:
    """In how many windows any cluster is reported although nothing happens."""
    return sum(
        bool(clusters(levels_of(cells(drawn(rng, np.stack([county(rng)] * (STRETCHES + 1)), spread))))[1])
        for _ in range(windows)
    )


def found(rng: np.random.Generator, spread: float, expected: float, observed: float, windows: int) -> int:
    """In how many windows a cell that had a mean of `expected` is reported once it has `observed`."""
    hits = 0
    for _ in range(windows):
        means = np.stack([county(rng)] * (STRETCHES + 1))
        means[:, 0, 0] = expected
        means[-1, 0, 0] = observed
        _, said = clusters(levels_of(cells(drawn(rng, means, spread))))
        hits += any(cluster.key == ("0镇", "0类", "0细类") for cluster in said)
    return hits


def main(windows: int = 200, planted: int = 50) -> None:
    """Prints both tables."""
    rng = np.random.default_rng(2021)
    alarms = [[spread, f"{false_alarms(rng, spread, windows) / windows:.1%}"] for spread in SPREADS]
    print(tabulate(alarms, ["variance ÷ mean", "windows with any cluster"], tablefmt="pipe"))
    rows = []
    for expected, values in ((0.2, (4, 6, 10)), (1.0, (6, 10, 15)), (3.0, (9, 15, 20)), (8.0, (16, 24, 32))):
        for observed in values:
            power = [f"{found(rng, s, expected, observed, planted) / planted:.0%}" for s in SPREADS]
            rows.append([expected, observed, *power])
    print(tabulate(rows, ["usual mean", "mean now", *(f"found at {s}" for s in SPREADS)], tablefmt="pipe"))


if __name__ == "__main__":
    main()

"""Clusters that are none: in a county where nothing happens, none may be reported in most windows.

`python -m tests.simulate_warnings` counts the same over more windows, and what a planted cluster needs.
"""

from __future__ import annotations

import numpy as np
import pytest

from analytics.insight.chance import Counted
from analytics.insight.warning.clusters import clusters
from tests.simulate_warnings import SPREADS, false_alarms, found


@pytest.mark.parametrize(
    ("spread", "windows"),
    [
        *((spread, 30) for spread in SPREADS),
        *(pytest.param(spread, 400, marks=pytest.mark.long) for spread in SPREADS),
    ],
)
def test_pure_noise_shows_a_cluster_in_at_most_one_window_in_ten(spread: float, windows: int) -> None:
    assert false_alarms(np.random.default_rng(3), spread, windows) <= windows * 0.1


@pytest.mark.parametrize("spread", SPREADS)
def test_a_planted_cluster_is_found(spread: float) -> None:
    assert found(np.random.default_rng(4), spread, expected=1.0, observed=20.0, windows=10) >= 8


def test_what_is_told_as_chance_is_of_all_cells_together() -> None:
    """Of a hundred cells one is likelier to stand out than of one: the probability told says so."""
    calm = {("宁中镇", f"内容{n}"): (2, 3, 1, 2, 2, 3, 2, 1, 3, 2, 2, 2, 2, 2) for n in range(99)}
    tested, found = clusters([calm | {("宁中镇", "土地征收"): (2,) * 13 + (20,)}])
    (one,) = found
    assert tested == 100
    assert one.p == pytest.approx(100 * Counted(26, 13).above(20))


def test_cells_with_one_item_each_and_one_with_two_are_no_clusters() -> None:
    """Their dispersion is 1 but for rounding: that made one or two items one in 10²⁶."""
    cells = {
        ("宁中镇", f"内容{n}"): (*(int(at == n) for at in range(13)), 2 if n < 1 else 1) for n in range(10)
    }
    assert clusters([cells])[1] == []

"""Clusters that are none: in a county where nothing happens, none may be reported in most windows.

`python -m tests.simulate_warnings` counts the same over more windows, and what a planted cluster needs.
"""

from __future__ import annotations

import numpy as np
import pytest

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

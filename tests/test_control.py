"""Control charts: published examples to the printed digits, each rule by hand, another opinion on all."""

from __future__ import annotations

from itertools import pairwise
from math import sqrt
from statistics import mean

import numpy as np
import pandas as pd
import pytest
from abspc import calculate_control_limits, detect_special_causes
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.insight.control import Limits, laney, moving_range, signals, xmr

# Montgomery, Introduction to Statistical Quality Control: viscosity of an aircraft primer paint, 15 batches.
VISCOSITY = [33.75, 33.05, 34.00, 33.81, 33.46, 34.02, 33.68, 33.27]
VISCOSITY += [33.49, 33.20, 33.62, 33.00, 33.54, 33.12, 33.84]
# NIST/SEMATECH e-Handbook of Statistical Methods, 6.3.2.2: flow rates.
FLOW = [49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1]
# Montgomery, the same: nonconforming cans of orange juice, 30 samples of 50.
CANS = [12, 15, 8, 10, 4, 7, 16, 9, 14, 10, 5, 6, 17, 12, 22]
CANS += [8, 10, 5, 13, 11, 20, 18, 24, 15, 9, 12, 7, 13, 9, 6]
# Montgomery, the same: purchase orders with an error, of so many in each week.
WRONG = [12, 8, 6, 9, 10, 12, 11, 16, 10, 6, 20, 15, 9, 8, 6, 8, 10, 7, 5, 8, 5, 8, 10, 6, 9]
ORDERS = [100, 80, 80, 100, 110, 110, 100, 100, 90, 90, 110, 120, 120]
ORDERS += [120, 110, 80, 80, 80, 90, 100, 100, 100, 100, 90, 90]


def test_individuals_of_montgomery() -> None:
    found = xmr(VISCOSITY, 1)
    assert f"{found.centre:.2f}" == "33.52"
    assert f"{moving_range(np.array(VISCOSITY)):.2f}" == "0.48"
    assert [f"{edge[0]:.2f}" for edge in (found.upper, found.lower)] == ["34.80", "32.24"]


def test_individuals_of_nist() -> None:
    found = xmr(FLOW, 1)
    assert f"{found.centre:.2f}" == "50.81"
    assert f"{moving_range(np.array(FLOW)):.4f}" == "1.8778"
    assert [f"{edge[0]:.1f}" for edge in (found.upper, found.lower)] == ["55.8", "45.8"]


def sigma_z(counts: list[int], sizes: list[int]) -> float:
    """Laney's σ_z in plain Python."""
    common = sum(counts) / sum(sizes)
    z = [(k / n - common) / sqrt(common * (1 - common) / n) for k, n in zip(counts, sizes, strict=True)]
    return mean(abs(b - a) for a, b in pairwise(z)) / 1.128


def test_proportions_of_montgomery_widened_as_laney_says() -> None:
    found, z = laney(CANS, [50] * 30, [50]), sigma_z(CANS, [50] * 30)
    assert f"{found.centre:.4f}" == "0.2313"
    binomial = found.reach[0] / z
    assert [f"{found.centre + side * binomial:.4f}" for side in (1, -1)] == ["0.4102", "0.0524"]
    assert found.upper[0] == pytest.approx(0.2313 + 3 * z * sqrt(0.2313 * 0.7687 / 50), abs=1e-4)
    assert z > 1.1, "the days vary more than binomially"


def test_proportions_of_montgomery_with_sizes_that_differ() -> None:
    found, z = laney(WRONG, ORDERS, [100, 80, 110]), sigma_z(WRONG, ORDERS)
    assert f"{found.centre:.4f}" == "0.0955"
    binomial = found.reach / z
    assert [f"{edge:.3f}" for edge in found.centre + binomial] == ["0.184", "0.194", "0.180"]
    assert [f"{max(edge, 0):.3f}" for edge in found.centre - binomial] == ["0.007", "0.000", "0.011"]


def test_a_share_that_never_varied_has_no_reach_and_none_leaves_what_is_possible() -> None:
    assert laney([0, 0, 0], [10, 20, 30], [10]).reach == [0]
    assert laney([10, 20, 30], [10, 20, 30], [10]).reach == [0]
    wide = laney([1, 9, 1, 9], [10] * 4, [1])
    assert (wide.lower[0], wide.upper[0]) == (0, 1)
    assert xmr([0, 5, 0, 5], 1, low=0).lower == [0]


def test_exceptional_moving_ranges_are_left_out_once() -> None:
    """Ranges 1 ×12 and one of 40: mean 4, 40 ≥ 3.267 × 4; of the rest none is left out again."""
    values = np.array([*[10, 11] * 6, 10, 50], float)
    assert moving_range(values, screened=False) == 4
    assert moving_range(values) == 1
    # 2 is 3.5 × the mean that remains: a second screening would leave it out.
    again = np.array([0, 0.1, 0, 0.1, 0, 0.1, 0, 0.1, 0, 0.1, 2.1, 42.1])
    ranges = np.abs(np.diff(again))
    assert moving_range(again) == pytest.approx(ranges[:-1].mean())
    assert moving_range(np.array([3.0, 3.0, 3.0])) == 0


def test_a_range_at_the_screen_itself_is_left_out() -> None:
    """Of n ranges of 1 and one of x the mean is (n + x) ÷ (n + 1): x at 3.267 × it."""
    n = 9
    x = 3.267 * n / (n + 1 - 3.267)
    ones = [float(at % 2) for at in range(n + 1)]
    assert moving_range(np.array([*ones, ones[-1] + x * 1.0001])) == pytest.approx(1)
    assert moving_range(np.array([*ones, ones[-1] + x * 0.999])) > 1.3


# --- rules ------------------------------------------------------------------------------------------

FLAT = Limits(10.0, np.array([6.0]))


def broken(*values: float, limits: Limits = FLAT) -> list[tuple[str, int] | None]:
    return signals(values, Limits(limits.centre, np.full(len(values), limits.reach[0])))


def test_outside_the_limits_not_on_them() -> None:
    assert broken(16, 16.01, 4, 3.99) == [None, ("limits", 1), None, ("limits", -1)]


def test_the_limit_that_is_possible_bounds_what_is_shown_not_what_is_judged() -> None:
    """A limit drawn at 0 because counts end there does not make 0 a signal."""
    limits = Limits(5.0, np.array([6.0]), low=0.0)
    assert limits.lower == [0]
    assert signals([0], limits) == [None]


@pytest.mark.parametrize("side", [1, -1])
def test_seven_on_one_side(side: int) -> None:
    run = [10 + side * step for step in (1, 2, 1, 2, 1, 2, 1)]
    assert broken(*run[:6]) == [None] * 6
    assert broken(*run, 10 + side)[5:] == [None, ("run", side), ("run", side)]


def test_a_tie_with_the_mean_breaks_a_run() -> None:
    assert broken(11, 12, 11, 10, 12, 11, 12, 11) == [None] * 8
    assert broken(11, 12, 11, 10, 12, 11, 12, 11, 12, 11, 12)[-1] == ("run", 1)


@pytest.mark.parametrize("side", [1, -1])
def test_seven_points_rising_or_falling(side: int) -> None:
    trend = [10 + side * at for at in (-3, -2, -1, 0, 1, 2, 3)]
    assert broken(*trend) == [*[None] * 6, ("trend", side)]
    level = [10 + side * at for at in (-3, -2, -1, -1, 0, 1, 2, 3)]
    assert broken(*level) == [None] * 8


@pytest.mark.parametrize("side", [1, -1])
def test_two_of_three_near_a_limit_all_on_one_side(side: int) -> None:
    near, within, over = 10 + side * 5, 10 + side * 1, 10 - side * 1
    assert broken(near, within, near)[-1] == ("near", side)
    assert broken(within, near, near)[-1] == ("near", side)
    assert broken(near, near, within)[-1] is None, "the point itself lies where nothing is unusual"
    assert broken(near, over, near)[-1] is None
    assert broken(near, near) == [None, None], "three points are needed"
    assert broken(near, within, 10 + side * 7)[-1] == ("limits", side)


def test_two_thirds_of_the_way_itself_is_not_near() -> None:
    assert broken(14, 11, 14)[-1] is None
    assert broken(14.01, 11, 14.01)[-1] == ("near", 1)


def test_limits_may_differ_from_point_to_point() -> None:
    limits = Limits(0.5, np.array([0.1, 0.3]))
    assert signals([0.7, 0.7], limits) == [("limits", 1), None]


RULES = {"limits": "rule1", "run": "rule2", "near": "rule4", "trend": "rule3"}


def another_opinion(frame: pd.DataFrame) -> list[str | None]:
    """What abspc finds in each point while it is the newest: its marks reach back over a whole pattern."""
    found = []
    for end in range(1, len(frame) + 1):
        newest = detect_special_causes(frame.iloc[:end]).iloc[-1]
        found.append(next((ours for ours, theirs in RULES.items() if newest[theirs]), None))
    return found


@pytest.mark.parametrize("seed", range(12))
def test_agrees_with_abspc_on_its_lengths(seed: int) -> None:
    """Noise, a drifting and a stepping series; 8 on a side, 6 in a trend."""
    dice = np.random.default_rng(seed)
    drift = [0.0, 0.4, 0.8][seed % 3] * np.arange(40)
    values = dice.poisson(20 + drift).astype(float) + (seed % 2) * (np.arange(40) > 25) * 6
    frame = calculate_control_limits(pd.DataFrame({"value": values}), "XmR")
    theirs = frame.iloc[0]
    assert theirs["mean"] == pytest.approx(xmr(values.tolist(), 1).centre)
    reach = np.full(40, theirs["ucl"] - theirs["mean"])
    assert reach[0] == pytest.approx(2.66 * moving_range(values, screened=False), rel=3e-4)
    ours = signals(values.tolist(), Limits(theirs["mean"], reach), run=8, trend=6)
    assert [one and one[0] for one in ours] == another_opinion(frame)


@settings(deadline=None)
@given(st.lists(st.integers(0, 40), min_size=2, max_size=40), st.integers(-3, 3).filter(bool))
def test_scale_and_sign_change_nothing_but_the_side(values: list[int], factor: int) -> None:
    here, there = xmr(values, len(values)), xmr([v * factor for v in values], len(values))
    assert there.centre == pytest.approx(here.centre * factor)
    assert there.reach == pytest.approx(here.reach * abs(factor))
    scaled = Limits(here.centre * factor, here.reach * abs(factor))
    found = signals([v * factor for v in values], scaled)
    sign = 1 if factor > 0 else -1
    expected = [one and (one[0], one[1] * sign) for one in signals(values, here)]
    near = [abs(abs(v - here.centre) - here.reach[0] * part) for v in values for part in (1, 2 / 3)]
    if min(near) > 1e-9:
        assert found == expected


def test_one_value_is_no_baseline() -> None:
    with pytest.raises(ValueError, match="two"):
        xmr([3.0], 1)

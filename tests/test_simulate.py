"""The simulation in short, and what its table in the document says; in full by make test-long."""

from __future__ import annotations

import re

import numpy as np
import pytest

from tests import simulate
from tests.simulate import (
    FACTORS,
    MIX,
    TARGET,
    alarms,
    counts,
    drawn,
    judged,
    parts,
    planted,
    ranking_of_noise,
)


@pytest.mark.parametrize("factor", FACTORS.values())
def test_draws_have_the_mean_and_the_variance_that_they_claim(factor: float) -> None:
    made = drawn(np.random.default_rng(1), np.full((1, 100_000), 15.0), factor)
    assert made.mean() == pytest.approx(15, rel=0.01)
    assert made.var() == pytest.approx(15 * factor, rel=0.03)
    sizes = np.full((1, 100_000), 15)
    shares = parts(np.random.default_rng(2), sizes, np.full(sizes.shape, 0.2), factor)
    assert shares.mean() == pytest.approx(3, rel=0.01)
    assert shares.var() == pytest.approx(15 * 0.2 * 0.8 * factor, rel=0.03)


def test_noise_seldom_points_anyone_out() -> None:
    """A few months of each kind: far from one in three, whatever the draw."""
    for county, law, found in ranking_of_noise(25):
        assert found.any <= 8, (county, law)


def test_a_multiple_is_found() -> None:
    dice = np.random.default_rng(3)
    found = alarms(
        (judged("petitions", planted(dice, MIX, 1.0, 4.0, 1)) for _ in range(12)), simulate.PLANTED
    )
    assert found.planted >= 10
    assert counts(dice, MIX, 1.0).shape == (20, 25)


def cells(name: str) -> list[list[str]]:
    """The table of that name as the document holds it, without its header."""
    table = re.search(rf"<!-- simulated: {name} -->(.*?)<!-- end -->", TARGET.read_text("utf-8"), re.DOTALL)
    assert table
    lines = [line for line in table[1].splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def test_the_document_keeps_its_promise() -> None:
    assert len(cells("rankings")) == 4
    for line in cells("rankings"):
        assert float(line[2].removesuffix(" %")) <= 10, line
    assert [len(cells(name)) for name in ("power", "one number", "rates", "projections")] == [4, 6, 2, 4]


@pytest.mark.long
def test_at_most_one_month_in_ten_points_anyone_out() -> None:
    for county, law, found in ranking_of_noise(1_000):
        assert found.any <= 100, (county, law)

"""What the next months may bring: the regression, its ranges, and what past ranges were worth."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from analytics.catalogue import METRICS
from analytics.engine import Engine
from analytics.insight import volumes
from analytics.insight.volumes import AHEAD, FEWEST, design, expected, festival_days, history, sentences
from analytics.model import Period, Scope, Selection, add_months, month_end
from tests.bureau import Bureau, item

FIRST = date(2015, 1, 1)
PETITIONS = METRICS["petitions"]


def months(count: int, first: date = FIRST) -> list[date]:
    return [add_months(first, n) for n in range(count)]


def made(count: int, mean: float, dispersion: float, seed: int) -> dict[date, int]:
    """Counts with a season, fewer in the festival week, and that variance over the mean."""
    dice = np.random.default_rng(seed)
    found = {}
    for month in months(count):
        season = 0.2 * np.sin(2 * np.pi * month.month / 12) - 0.4 * festival_days(month) / 7
        level = mean * month_end(month).day / 30 * np.exp(season)
        if dispersion > 1:
            level = dice.gamma(level / (dispersion - 1), dispersion - 1)
        found[month] = int(dice.poisson(level))
    return found


# --- the regression --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("month", "days"),
    [("2021-02", 7), ("2021-01", 0), ("2020-01", 7), ("2022-01", 1), ("2022-02", 6), ("2021-07", 0)],
)
def test_days_of_the_spring_festival_week(month: str, days: int) -> None:
    assert festival_days(Period.month(month).start) == days


def test_columns_grow_with_the_history() -> None:
    widths = {count: design(months(count), [9] * count, []).shape[1] for count in (FEWEST, 36, 48)}
    assert widths == {FEWEST: 1 + 1 + 2, 36: 1 + 1 + 2 + 1, 48: 1 + 1 + 4 + 1}


def test_what_cannot_be_told_from_chance_is_left_out() -> None:
    every = months(36)
    closed = [0 if festival_days(month) else 9 for month in every]
    assert design(every, [4] * 36, []).shape[1] == 1
    assert design(every, closed, []).shape[1] == 1 + 2 + 1


def test_the_trend_is_damped_ahead() -> None:
    trend = design(months(36), [9] * 36, months(12, date(2018, 1, 1)))[:, -1]
    steps = np.diff(trend)
    assert steps[:35] == pytest.approx(1 / 12)
    assert (np.diff(steps[34:]) < 0).all()
    assert trend[35] == 0


def test_a_known_season_is_found_without_noise() -> None:
    """Counts that follow the model exactly are projected exactly, but for the Poisson's own chance."""
    every = months(51)
    level = [
        2_000 * month_end(m).day / 30 * np.exp(0.3 * np.cos(2 * np.pi * (m.month - 1) / 12)) for m in every
    ]
    ranges, dispersion = expected(every[:48], [round(x) for x in level[:48]], every[48:])
    assert dispersion == 1
    for e, mean in zip(ranges, level[48:], strict=True):
        assert e.median == pytest.approx(mean, rel=0.01)
        assert (e.high - e.low) / 2 == pytest.approx(1.2816 * mean**0.5, rel=0.25)


def test_dispersion_is_that_of_the_counts() -> None:
    counts = (made(96, 150, 3, seed) for seed in range(5))
    found = [expected(list(c), list(c.values()), [add_months(FIRST, 96)])[1] for c in counts]
    assert np.mean(found) == pytest.approx(3, rel=0.3)


def test_ranges_hold_as_often_as_they_say() -> None:
    for dispersion in (1.0, 1.5):
        held = total = 0
        for seed in range(60):
            counts = made(48, 170, dispersion, seed)
            every, values = list(counts), list(counts.values())
            ranges, _ = expected(every[:-AHEAD], values[:-AHEAD], every[-AHEAD:])
            held += sum(e.low <= v <= e.high for e, v in zip(ranges, values[-AHEAD:], strict=True))
            total += AHEAD
        assert 0.75 - 3 * (0.16 / total) ** 0.5 < held / total < 0.85 + 3 * (0.16 / total) ** 0.5


def test_the_same_counts_give_the_same_ranges_in_order() -> None:
    counts = made(40, 12, 1, 3)
    found = volumes.volumes(counts)
    assert found.ahead == volumes.volumes(counts).ahead
    assert [e.month for e in found.ahead] == [add_months(FIRST, 40 + n) for n in range(AHEAD)]
    assert all(0 <= e.low <= e.median <= e.high for e in found.ahead)
    assert found.ahead[0].naive == counts[add_months(FIRST, 28)]


# --- too little to say anything from ---------------------------------------------------------------


@pytest.mark.parametrize("counts", [{}, made(FEWEST - 1, 50, 1, 1), dict.fromkeys(months(30), 0)])
def test_nothing_is_projected_from_too_little(counts: Mapping[date, int]) -> None:
    found = volumes.volumes(counts)
    assert (found.ahead, found.past, found.error) == ((), (), 0)
    assert "不作预计" in sentences(PETITIONS, found, 10)[0]


@pytest.mark.parametrize("lonely", [0, 12, 23])
def test_nearly_nothing_does_not_break_it(lonely: int) -> None:
    counts = dict.fromkeys(months(FEWEST), 0) | {months(FEWEST)[lonely]: 1}
    found = volumes.volumes(counts)
    assert all(0 <= e.low <= e.high <= 2 for e in found.ahead)


# --- past ranges -----------------------------------------------------------------------------------


def test_past_ranges_rest_on_what_was_known_then() -> None:
    counts = made(30, 80, 1, 5)
    past = volumes.volumes(counts).past
    changed = volumes.volumes(counts | {add_months(FIRST, 29): 5_000}).past
    assert len(past) == 3 * 4 + 2 + 1  # origins 24 to 27 see three months, 28 two, 29 one
    assert [(e.low, e.high) for e in past] == [(e.low, e.high) for e in changed]
    assert {e.real for e in changed if e.month == add_months(FIRST, 29)} == {5_000}


def test_the_error_stands_beside_that_of_the_year_before() -> None:
    found = volumes.volumes(made(60, 200, 1, 2))
    assert found.error == np.mean([abs(e.median - (e.real or 0)) for e in found.past])
    assert found.naive_error == np.mean([abs(e.naive - (e.real or 0)) for e in found.past])
    assert found.error < found.naive_error
    told = sentences(PETITIONS, found, 10)
    assert len(told) == 2
    assert f"过去{len(found.past)}次预计，{found.held}次落在区间内" in told[1]


# --- from the store --------------------------------------------------------------------------------


def test_only_whole_months_with_data_count(tmp_path: Path) -> None:
    bureau = Bureau(tmp_path / "data")
    days = ("2021-01-20", "2021-02-03", "2021-02-28", "2021-04-30", "2021-05-10")
    bureau.bring("petitions", *(item(n, day, township="宁中镇") for n, day in enumerate(days)))

    def found(until: str, **more: object) -> dict[date, int]:
        selection = Selection(Period(date(2021, 1, 1), date.fromisoformat(until)), **more)  # type: ignore[arg-type]
        return history(bureau.engine, PETITIONS, selection, bureau.engine.versions())

    assert found("2021-12-31") == {date(2021, 2, 1): 2, date(2021, 3, 1): 0, date(2021, 4, 1): 1}
    assert found("2021-03-31") == {date(2021, 2, 1): 2, date(2021, 3, 1): 0}
    assert found("2021-01-31") == {}
    assert sum(found("2021-12-31", scope=Scope("新陂镇")).values()) == 0


def test_the_demo_has_an_outlook(demo_engine: Engine) -> None:
    selection = Selection(Period.month("2021-11"))
    counts = history(demo_engine, PETITIONS, selection, demo_engine.versions())
    assert len(counts) == 35
    assert volumes.volumes(counts).ahead[0].month == date(2021, 12, 1)

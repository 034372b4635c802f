"""How many to expect in the next months: a range with season and Spring Festival, beside what it is worth.

A Poisson regression of the month's count on its season (pairs of sine and cosine), on the days of the
Spring Festival week that fall into it and, damped, on time; the days of the month are its exposure. The
dispersion is Pearson's (quasi-Poisson: McCullagh and Nelder, Generalized Linear Models, 2nd ed., 6.2). A
range holds what the coefficients' uncertainty and the month's own chance let expect: coefficients drawn
from their normal distribution, a count from the Poisson, or, over-dispersed, from the gamma-Poisson with
that variance.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property

import numpy as np

from analytics.engine import Engine
from analytics.insight.case import first_whole_month
from analytics.insight.wording import count, spring_festival
from analytics.model import MONTH, Metric, Period, Selection, add_months, month_end

LEVEL = 0.8
AHEAD, FEWEST = 3, 24
"""Months projected, and those of history without which nothing is."""
LONGEST, JUDGED = 120, 36
"""Months of history that are used, and past months from which ranges are looked back upon, at most."""
HARMONICS = ((48, 2), (FEWEST, 1))
"""From so many months of history on, so many pairs of sine and cosine."""
DAMPING = 12.0
"""Months after which a trend has lost all but 1/e of its pace."""
TREND_FROM = 36
FAINT = 5
"""Items a month, on the average, under which no season is looked for."""
DRAWS, SEED = 4_000, 2021

Numbers = np.ndarray[tuple[int, ...], np.dtype[np.float64]]


@dataclass(frozen=True)
class Expected:
    """A month's range, so many months `ahead` of the history it rests on.

    `naive`: the same month of the year before; `real`: what came, where it is known.
    """

    month: date
    ahead: int
    low: int
    median: int
    high: int
    naive: int
    real: int | None = None

    @property
    def held(self) -> bool:
        """Whether what came lies in the range."""
        return self.real is not None and self.low <= self.real <= self.high


@dataclass(frozen=True)
class Volumes:
    """Whole months of a count, what the next may bring, and what earlier ranges were worth.

    `months` are first days. `ahead` is empty where the history is too short. `dispersion`: the variance of
    a month over its mean, once season and festival are taken out; 1 is pure chance.
    """

    months: tuple[date, ...]
    counts: tuple[int, ...]
    ahead: tuple[Expected, ...] = ()
    past: tuple[Expected, ...] = ()
    dispersion: float | None = None

    @property
    def held(self) -> int:
        """How many past ranges held."""
        return sum(e.held for e in self.past)

    @cached_property
    def error(self) -> float:
        """Mean absolute error of the medians."""
        return _mean([abs(e.median - (e.real or 0)) for e in self.past])

    @cached_property
    def naive_error(self) -> float:
        """Mean absolute error of taking the same month of the year before."""
        return _mean([abs(e.naive - (e.real or 0)) for e in self.past])


def foreseen(engine: Engine, metric: Metric, selection: Selection, versions: Mapping[str, int]) -> Volumes:
    """The outlook on a metric after the last whole month of the selection's period."""
    place = ("volumes", metric.name, selection, tuple(sorted(versions.items())))
    return engine.remember(place, lambda: volumes(history(engine, metric, selection, versions)))


def volumes(counts: Mapping[date, int]) -> Volumes:
    """The outlook on whole months that follow one another, given by their first days."""
    months = tuple(sorted(counts))[-LONGEST:]
    values = tuple(counts[m] for m in months)
    if len(months) < FEWEST or not any(values[-FEWEST:]):
        return Volumes(months, values)
    coming = [add_months(months[-1], n) for n in range(1, AHEAD + 1)]
    ahead, dispersion = expected(months, values, coming)
    return Volumes(months, values, tuple(ahead), tuple(backtest(months, values)), dispersion)


def backtest(months: Sequence[date], values: Sequence[int]) -> list[Expected]:
    """The range of every month up to AHEAD after each earlier month with enough history before it."""
    found = []
    for origin in range(max(FEWEST, len(months) - JUDGED), len(months)):
        coming = months[origin : origin + AHEAD]
        if any(values[origin - FEWEST : origin]):
            ranges, _ = expected(months[:origin], values[:origin], coming)
            found += [
                replace(e, real=real)
                for e, real in zip(ranges, values[origin : origin + AHEAD], strict=False)
            ]
    return found


def expected(
    months: Sequence[date], values: Sequence[int], coming: Sequence[date]
) -> tuple[list[Expected], float]:
    """The ranges of the coming months from the history before them, and its dispersion."""
    from statsmodels.genmod.families import Poisson  # takes a second to load, and only this needs it
    from statsmodels.genmod.generalized_linear_model import GLM

    columns = design(months, values, coming)
    past, future = columns[: len(months)], columns[len(months) :]
    days = np.log([month_end(m).day for m in (*months, *coming)])
    fit = GLM(np.array(values, float), past, Poisson(), offset=days[: len(months)]).fit(scale="X2")
    dispersion = max(float(fit.scale), 1.0)
    drawn = _drawn(
        fit.params, fit.normalized_cov_params * dispersion, future, days[len(months) :], dispersion
    )
    tail = (1 - LEVEL) / 2
    ranges = np.quantile(drawn, (tail, 0.5, 1 - tail), axis=0, method="inverted_cdf").astype(int).T
    year_before = dict(zip(months, values, strict=True))
    return [
        Expected(month, ahead, int(low), int(median), int(high), year_before[add_months(month, -12)])
        for ahead, (month, (low, median, high)) in enumerate(zip(coming, ranges, strict=True), start=1)
    ], dispersion


def _drawn(params: Numbers, cov: Numbers, future: Numbers, days: Numbers, dispersion: float) -> Numbers:
    """Counts of the coming months, one row a draw."""
    dice = np.random.default_rng(SEED)
    coefficients = dice.multivariate_normal(params, cov, DRAWS, method="eigh")
    mean = np.exp(np.minimum(coefficients @ future.T + days, 30))
    if dispersion > 1.001:
        mean = dice.gamma(np.maximum(mean / (dispersion - 1), 1e-9), dispersion - 1)
    drawn: Numbers = dice.poisson(np.minimum(mean, 1e12)).astype(float)
    return drawn


def design(months: Sequence[date], values: Sequence[int], coming: Sequence[date]) -> Numbers:
    """The regression's columns: one, festival, season and, with enough history, time; a row a month.

    Of a count that is small on the average only the one: no season could be told from chance. The festival
    is left out where nothing ever came in it, or it never fell into the history: its effect has no bound.
    """
    every = [*months, *coming]
    columns: list[Numbers] = [np.ones(len(every))]
    if sum(values) < FAINT * len(values):
        return np.column_stack(columns)
    festival: Numbers = np.array([festival_days(month) for month in every]) / 7
    if festival[: len(months)] @ np.array(values):
        columns.append(festival)
    angle = 2 * np.pi * (np.array([month.month for month in every]) - 1) / 12
    pairs = next(pairs for least, pairs in HARMONICS if len(months) >= least)
    columns += [wave(angle * n) for n in range(1, pairs + 1) for wave in (np.sin, np.cos)]
    if len(months) >= TREND_FROM:
        columns.append(_damped(len(months), len(coming)))
    return np.column_stack(columns)


def _damped(history: int, ahead: int) -> Numbers:
    """Years before the last month of the history; after it each month adds less."""
    steps = np.arange(1, ahead + 1)
    past = np.arange(1 - history, 1)
    future = DAMPING * (1 - np.exp(-steps / DAMPING))
    return np.concatenate([past, future]) / 12


def festival_days(month: date) -> int:
    """Days of the week from New Year's Eve, when offices close, that fall into the month."""
    day = spring_festival(month.year)
    if day is None:
        return 0
    eve = day - timedelta(days=1)
    week = (eve + timedelta(days=n) for n in range(7))
    return sum((d.year, d.month) == (month.year, month.month) for d in week) if month.month < 4 else 0


def history(
    engine: Engine, metric: Metric, selection: Selection, versions: Mapping[str, int]
) -> dict[date, int]:
    """The counts of the whole months with data up to the end of the selection's period, by first day.

    A first month that begins within its first week counts as whole.
    """
    coverage = engine.coverage(metric.imported, versions.get(metric.imported, 0))
    if coverage is None:
        return {}
    first = first_whole_month(coverage.first)
    last = min(selection.period.last, coverage.last)
    end = last if last == month_end(last) else last.replace(day=1) - timedelta(days=1)
    if end < first:
        return {}
    result = engine.ask(
        (metric.name,),
        (MONTH.name,),
        Period(first, end),
        dict(selection.members),
        versions=versions,
        scope=selection.scope,
    )
    return {Period.month(key[0]).start: int(result.value(metric.name, key) or 0) for key in result.keys}


def sentences(metric: Metric, found: Volumes, small_base: int) -> list[str]:
    """What may be said of the next months: the range of the first, and how often ranges held; at most two."""
    if not found.ahead:
        return [f"{metric.label}历史不足{FEWEST}个整月，不作预计。"]
    said = "，".join(f"{e.month.year}年{e.month.month}月{range_in_words(metric, e)}" for e in found.ahead)
    small = "；数量少，区间只供参考" if found.ahead[0].median < small_base else ""
    told = [f"{metric.label}预计{said}（80%区间{small}）。"]
    if found.past:
        told.append(f"{backtest_in_words(found)}。")
    return told


def range_in_words(metric: Metric, expected: Expected) -> str:
    """150—190件."""
    return f"{count(expected.low)}—{count(expected.high)}{metric.unit}"


def backtest_in_words(found: Volumes) -> str:
    """过去33次预计，22次落在区间内；平均误差15.9，照搬上年同月为16.4."""
    errors = f"平均误差{found.error:.1f}，照搬上年同月为{found.naive_error:.1f}"
    return f"过去{len(found.past)}次预计，{found.held}次落在区间内；{errors}"


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0

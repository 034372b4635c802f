"""How often judgement cries wolf and how often it misses one: `make simulate` writes docs/judgement.md.

Months without any change, and months with a planted one, go through `judge` as the engine's results would.
Fixed seeds; every table says how many months it rests on.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from analytics.insight.judgement import MONTHS, judge
from analytics.insight.verdict import Judgement
from analytics.model import Period, Query, Selection, add_months
from analytics.result import Cell, Coverage, Key, Result
from analytics.site import ROOT
from tests import simulate_projection
from tests.documents import grid, placed

TARGET = ROOT / "docs" / "judgement.md"
NOW = Period.month("2021-12")
BEFORE = Period(add_months(NOW.start, -MONTHS), date(2021, 11, 30))
NAMES = tuple(f"{p.start:%Y-%m}" for p in BEFORE.by_month())
COVERED = {"petitions": Coverage(date(2019, 1, 1), NOW.end)}

# A county of 20 townships: items a month of each as in the demo, and all alike.
MIX = (
    20.1,
    18.8,
    16.6,
    16.4,
    14.8,
    13.5,
    9.9,
    9.6,
    9.3,
    9.1,
    8.5,
    7.6,
    7.0,
    6.0,
    5.9,
    5.4,
    5.3,
    4.2,
    3.9,
    2.5,
)
FIFTEEN = (15.0,) * 20
COUNTIES = {"as the demo's, 2.5–20": MIX, "15 each": FIFTEEN}
FACTORS = {"Poisson": 1.0, "variance 1.5 × mean": 1.5}
PLANTED, LASTING = 10, 6
"""Which township is changed (8.5 a month in the demo's mix); months of a lasting change."""


# --- drawing ----------------------------------------------------------------------------------------

Table = NDArray[np.int64]
"""Counts: a row a township, a column a month, the last being the present."""


def counts(dice: Generator, means: Sequence[float], factor: float) -> Table:
    """25 months of each mean: Poisson, or negative binomial with variance factor × mean."""
    return drawn(dice, np.repeat(np.asarray(means)[:, None], MONTHS + 1, axis=1), factor)


def drawn(dice: Generator, means: NDArray[np.float64], factor: float) -> Table:
    if factor == 1:
        return dice.poisson(means)
    return dice.negative_binomial(means / (factor - 1), 1 / factor)


def parts(dice: Generator, sizes: Table, share: NDArray[np.float64], factor: float) -> Table:
    """So many of each size: binomial, or beta-binomial with variance factor × as much (of 15)."""
    if factor == 1:
        return dice.binomial(sizes, share)
    total = (15 - 1) / (factor - 1) - 1
    return dice.binomial(sizes, dice.beta(share * total, (1 - share) * total, sizes.shape))


# --- judging ----------------------------------------------------------------------------------------


def result(metric: str, by: tuple[str, ...], cells: dict[Key, Cell], period: Period) -> Result:
    query = Query((metric,), by, Selection(period), (("petitions", 1),), "none", NOW.end)
    return Result(query, {key: (cell,) for key, cell in cells.items()}, None, None, COVERED)


def cell(k: int, n: int | None) -> Cell:
    return Cell(k, n, k if n is None else k / n if n else None)


def judged(metric: str, k: Table, n: Table | None = None, dimension: str = "township") -> list[Judgement]:
    """What `judge` says of each row of the present month; one row without a dimension: of the number."""
    by = (dimension,) if dimension else ()
    keys: list[Key] = [(f"镇街{at:02d}",) for at in range(len(k))] if by else [()]
    of = [[None] * k.shape[1]] * len(k) if n is None else n.tolist()
    table = [[cell(x, m) for x, m in zip(*row, strict=True)] for row in zip(k.tolist(), of, strict=True)]
    months = {
        (*key, month): one
        for key, row in zip(keys, table, strict=True)
        for month, one in zip(NAMES, row[:-1], strict=True)
    }
    now = result(metric, by, {key: row[-1] for key, row in zip(keys, table, strict=True)}, NOW)
    found = judge(now, result(metric, (*by, "month"), months, BEFORE))
    return [found[metric, key] for key in keys]


@dataclass(frozen=True)
class Alarms:
    """Of so many months: how many had any signal, by what decided, and how many rows were signals."""

    months: int
    rows: int
    any: int
    signals: int
    rules: Counter[str]
    planted: int

    def of_months(self, number: int) -> str:
        return f"{100 * number / self.months:.1f} %"


def alarms(months: Iterator[list[Judgement]], planted: int = 0) -> Alarms:
    """Counts signals; `planted`: the row that was changed."""
    made, rows, some, signals, found = 0, 0, 0, 0, 0
    rules: Counter[str] = Counter()
    for judgements in months:
        flagged = [one.rule.partition(".")[2] for one in judgements if one.is_signal]
        made, rows = made + 1, rows + len(judgements)
        some, signals = some + bool(flagged), signals + len(flagged)
        rules.update(set(flagged))
        one = judgements[planted]
        found += one.verdict in ("up", "high")
    return Alarms(made, rows, some, signals, rules, found)


# --- the tables -------------------------------------------------------------------------------------


def ranking_of_noise(months: int) -> list[tuple[str, str, Alarms]]:
    """Nothing happens: what the ranking of a month says."""
    made = []
    for at, (county, means) in enumerate(COUNTIES.items()):
        for law, factor in FACTORS.items():
            dice = np.random.default_rng((1, at, round(factor * 10)))
            drawn_months = (judged("petitions", counts(dice, means, factor)) for _ in range(months))
            made.append((county, law, alarms(drawn_months)))
    return made


def false_alarms_in_rankings(months: int) -> str:
    rows = [
        [
            county,
            law,
            one.of_months(one.any),
            one.of_months(one.rules["limits"]),
            one.of_months(one.rules["sustained"]),
            f"{100 * one.signals / one.rows:.2f} %",
        ]
        for county, law, one in ranking_of_noise(months)
    ]
    headers = ["townships", "items", "any signal", "by the month", "by what lasts", "per row"]
    return f"No change at all, {months:,} months a line.\n\n{grid(headers, rows)}"


def planted(dice: Generator, means: Sequence[float], factor: float, times: float, lasting: int) -> Table:
    """One township's mean × `times` in the last months."""
    table = np.repeat(np.asarray(means, float)[:, None], MONTHS + 1, axis=1)
    table[PLANTED, -lasting:] *= times
    return drawn(dice, table, factor)


def power_in_rankings(months: int) -> str:
    rows = []
    for at, (county, means) in enumerate(COUNTIES.items()):
        for law, factor in FACTORS.items():
            line = [county, f"{means[PLANTED]:g}", law]
            for lasting in (1, LASTING):
                for times in (1.5, 2.0):
                    dice = np.random.default_rng((2, at, round(factor * 10), lasting, round(times * 10)))
                    tables = (planted(dice, means, factor, times, lasting) for _ in range(months))
                    found = alarms((judged("petitions", table) for table in tables), PLANTED)
                    line.append(found.of_months(found.planted))
            rows.append(line)
    headers = ["townships", "its mean", "items", "+50 %, one month", "+100 %, one month"]
    headers += [f"+50 %, month {LASTING} of it", f"+100 %, month {LASTING} of it"]
    told = f"One township changed, {months:,} months a cell: how often it is pointed out."
    return f"{told}\n\n{grid(headers, rows)}"


RULES = {"limits": "outside", "run": "7 on a side", "near": "2 of 3", "trend": "7 rising or falling"}


def one_number(months: int) -> str:
    """XmR of a number without a table around it."""
    rows = []
    for at, mean in enumerate((15.0, 50.0, 190.0)):
        for law, factor in FACTORS.items():
            dice = np.random.default_rng((3, at, round(factor * 10)))
            noise = alarms(
                judged("petitions", counts(dice, [mean], factor), dimension="") for _ in range(months)
            )
            line = [f"{mean:g}", law, noise.of_months(noise.any)]
            line += [noise.of_months(noise.rules[rule]) for rule in RULES]
            for times in (1.5, 2.0):
                means = np.full((1, MONTHS + 1), mean)
                means[0, -1] *= times
                months_made = (
                    judged("petitions", drawn(dice, means, factor), dimension="") for _ in range(months)
                )
                found = alarms(months_made)
                line.append(found.of_months(found.planted))
            rows.append(line)
    headers = ["a month", "items", "any false signal", *RULES.values(), "+50 % found", "+100 % found"]
    return f"{months:,} months a cell.\n\n{grid(headers, rows)}"


def rates(months: int) -> str:
    """A share of 20 % of 15 items a month and township."""
    rows = []
    for law, factor in {"binomial": 1.0, "variance 1.5 × binomial": 1.5}.items():
        line = [law]
        for added in (0.0, 0.2, 0.4):
            dice = np.random.default_rng((4, round(factor * 10), round(added * 10)))

            def month(
                dice: Generator = dice, added: float = added, factor: float = factor
            ) -> list[Judgement]:
                sizes = counts(dice, FIFTEEN, 1.0)
                share = np.full(sizes.shape, 0.2)
                share[PLANTED, -1] += added
                return judged("repeat_rate", parts(dice, sizes, share, factor), sizes)

            found = alarms((month() for _ in range(months)), PLANTED)
            line += (
                [found.of_months(found.planted)]
                if added
                else [found.of_months(n) for n in (found.any, *(found.rules[r] for r in RATE_RULES))]
            )
        rows.append(line)
    headers = ["shares", "any false signal", "by the month", "by what lasts", "by the funnel"]
    headers += ["+20 points found", "+40 points found"]
    return f"{months:,} months a cell; 20 townships, 20 % of 15 items each.\n\n{grid(headers, rows)}"


RATE_RULES = ("limits", "sustained", "funnel")


def projections(months: int) -> str:
    """Batches take longer to project than months to judge: a fifth as many a cell."""
    times = max(months // 5, 1)
    cells = len(simulate_projection.SIZES) * len(simulate_projection.MEANS) * len(simulate_projection.SHARES)
    return f"{times * cells:,} batches a line, looked at on some day.\n\n{simulate_projection.table(times)}"


TABLES: dict[str, Callable[[int], str]] = {
    "rankings": false_alarms_in_rankings,
    "power": power_in_rankings,
    "one number": one_number,
    "rates": rates,
    "projections": projections,
}
"""By the name of its place in the document: what writes a table, from so many months a cell."""


def filled(text: str, months: int) -> str:
    """The document with each table written anew between its markers."""
    for name, table in TABLES.items():
        text = placed(text, f"simulated: {name}", table(months))
    return text


def main(months: int = 1_000) -> None:
    """Rewrites the document's tables."""
    TARGET.write_text(filled(TARGET.read_text("utf-8"), months), "utf-8")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))

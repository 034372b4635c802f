"""How often the projected 80 % range holds on batches made up by a known law, as a table.

`make simulate` writes it into docs/judgement.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import product

import numpy as np

from analytics.engine import Spell
from analytics.insight.closing import known, projected

ASSIGNED = date(2021, 3, 1)
SIZES, MEANS, SHARES = (20, 40, 80, 150), (30, 90, 240), (0.3, 0.55, 0.8)
"""Cases of a batch, days that a case stays open on the average, share closed when it is looked at."""
MIDWEEK = 2


@dataclass(frozen=True)
class Law:
    """How closings come: Weibull's shape (1: constant rate, under 1: falling), daily or on Wednesdays."""

    name: str
    shape: float = 1
    weekly: bool = False


LAWS = (
    Law("constant rate"),
    Law("constant rate, recorded on Wednesdays", weekly=True),
    Law("falling rate (Weibull 0.8)", 0.8),
    Law("rising rate (Weibull 1.25)", 1.25),
)


def made(law: Law, size: int, mean: float, dice: np.random.Generator) -> tuple[Spell, ...]:
    """A batch whose cases are all closed in the end."""
    days = np.ceil(dice.weibull(law.shape, size) * mean).astype(int)
    closings = (ASSIGNED + timedelta(int(n)) for n in days)
    if law.weekly:
        closings = (c + timedelta((MIDWEEK - c.weekday()) % 7) for c in closings)
    return tuple(Spell(str(n), "第一批", ASSIGNED, c, None) for n, c in enumerate(closings))


def looked_at(batch: tuple[Spell, ...], share: float, dice: np.random.Generator) -> date:
    """A day some days after the closing of that share, before the next where that comes sooner."""
    closings = sorted(s.closed for s in batch if s.closed)
    return closings[round(share * len(batch)) - 1] + timedelta(int(dice.integers(0, 30)))


def outcomes(law: Law, size: int, mean: float, share: float, times: int, seed: int) -> Iterator[int]:
    """Of so many batches: −1 finished before the range, 0 within it, 1 after it."""
    dice = np.random.default_rng([seed, size, int(mean), int(share * 100)])
    for _ in range(times):
        batch = made(law, size, mean, dice)
        day = looked_at(batch, share, dice)
        finish, real = projected(known(batch, day), (), day).finish, max(s.closed for s in batch if s.closed)
        if finish and real > day:
            yield (real > finish.high) - (real < finish.low)


def coverage(law: Law, times: int, seed: int = 1) -> dict[tuple[int, float, float], tuple[int, int, int]]:
    """By size, mean and share: how many finished before, within and after the range."""
    found = {}
    for place in product(SIZES, MEANS, SHARES):
        came = list(outcomes(law, *place, times, seed))
        found[place] = (came.count(-1), came.count(0), came.count(1))
    return found


def table(times: int = 200) -> str:
    """The share of ranges that held, in Markdown: by law and size, with what fell before and after."""
    lines = [
        "| closings | " + " | ".join(f"{size} cases" for size in SIZES) + " | all | before it | after it |",
        "|---" + "|--:" * (len(SIZES) + 3) + "|",
    ]
    for law in LAWS:
        found = coverage(law, times)
        of_size = [_summed(c for place, c in found.items() if place[0] == size) for size in SIZES]
        whole = _summed(found.values())
        shares = [c[1] / sum(c) for c in (*of_size, whole)] + [whole[0] / sum(whole), whole[2] / sum(whole)]
        lines.append(f"| {law.name} | " + " | ".join(f"{share:.1%}" for share in shares) + " |")
    return "\n".join(lines)


def _summed(counts: object) -> tuple[int, ...]:
    return tuple(map(sum, zip(*counts, strict=True)))  # type: ignore[call-overload]

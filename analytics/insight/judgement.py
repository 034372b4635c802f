"""Whether a number may be judged at all: the place where every judgement hangs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from analytics.catalogue import METRICS
from analytics.model import Metric
from analytics.result import Cell, Key, Result

Verdict = Literal["样本小", ""]


@dataclass(frozen=True)
class Judgement:
    """What may be said of one number: 样本小 where too few rows stand behind it, else nothing yet."""

    verdict: Verdict


def judge(result: Result, small_base: int) -> dict[tuple[str, Key], Judgement]:
    """A judgement for each number of the result, by metric name and group."""
    return {
        (name, key): Judgement("样本小" if _small(METRICS[name], result, key, small_base) else "")
        for name in result.query.metrics
        for key in result.keys
    }


def _small(metric: Metric, result: Result, key: Key, small_base: int) -> bool:
    if result.value(metric.name, key) is None:
        return False
    cells = [result.cell(metric.name, key)]
    base = result.base_cell(metric.name, key)
    # a base of nothing is told as such, and says nothing of how many stand behind the present number
    if base and _rows_behind(base) and result.base_covered(key, metric.name):
        cells.append(base)
    return min(_rows_behind(cell) for cell in cells) < small_base


def _rows_behind(cell: Cell) -> int:
    return cell.numerator if cell.denominator is None else cell.denominator

"""What was measured, in words: the tables of docs/benchmarks.md, and which bars are met."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import duckdb
import pandas as pd
import polars as pl

from analytics.site import ROOT
from tests.bench.contestants import DUCKDB, PANDAS, PRODUCT
from tests.bench.measuring import LINKED, ONE, PAGE, Measured, Work
from tests.documents import grid, placed

TARGET = ROOT / "docs" / "benchmarks.md"


def filled(text: str, found: Sequence[Measured]) -> str:
    """The document with the tables of these scales written anew; those of others stay."""
    by_scale = {one.scale.name: one for one in found}
    for name, one in by_scale.items():
        text = placed(text, f"measured: {name}", table(one))
    for name in by_scale:
        if bars := [bar for bar in BARS if bar.scale == name]:
            text = placed(text, f"measured: bars at {name}", _bars(bars, by_scale))
    return text


# --- the tables of a scale ------------------------------------------------------------------------


def table(one: Measured) -> str:
    """All tables of one scale."""
    return "\n\n".join((_told(one), _times(one), _memory(one), _work(one)))


def _told(one: Measured) -> str:
    scale = one.scale
    return (
        f"{scale.rows:,} rows of {scale.townships:,} townships, {one.stored / 2**20:,.0f} MiB of Parquet, "
        f"{one.cubes / 2**20:,.1f} MiB of cubes; "
        f"{one.rounds} rounds, {os.cpu_count()} cores, Python {platform.python_version()}, "
        f"DuckDB {duckdb.__version__}, pandas {pd.__version__}, Polars {pl.__version__}; {date.today()}."
    )


def _times(one: Measured) -> str:
    names = list(one.memory)
    rows = []
    for what, by_name in one.times.items():
        rows.append([what, *(_time(by_name, name) for name in names)])
    return grid(["median", *names], rows)


def _time(by_name: Mapping[str, float], name: str) -> str:
    """The time, and how many times the product's it is."""
    if (found := by_name.get(name)) is None:
        return ""
    text = f"{found:,.2f} ms" if found < 10 else f"{found:,.0f} ms"
    mine = by_name.get(PRODUCT)
    return text if mine is None or name == PRODUCT else f"{text} ({found / mine:,.1f} ×)"


def _memory(one: Measured) -> str:
    rows = [[name, f"{m.most:,} MiB", f"{m.data:,} MiB"] for name, m in one.memory.items()]
    return grid(["alone in a process", "at most resident", "beyond its imports"], rows)


def _work(one: Measured) -> str:
    rows = [
        [what, who, f"{w.statements:,}", f"{w.row_groups:,}", f"{w.rows:,}", f"{w.read / 2**20:,.1f} MiB"]
        for what, by_name in one.work.items()
        for who, w in by_name.items()
    ]
    return grid(["work", "", "statements", "row groups scanned", "rows that passed", "read"], rows)


# --- bars -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Bar:
    """A bar, measured at a scale: how many times, and what that must be at least (or at most)."""

    scale: str
    text: str
    limit: float
    value: Callable[[dict[str, Measured]], float]
    at_least: bool = False

    def met(self, value: float) -> bool:
        """Whether a value is good enough."""
        return value >= self.limit if self.at_least else value <= self.limit


def _ratio(scale: str, what: str, slow: str, quick: str = PRODUCT) -> Callable[[dict[str, Measured]], float]:
    return lambda found: found[scale].times[what][slow] / found[scale].times[what][quick]


def _worst_filter(scale: str) -> Callable[[dict[str, Measured]], float]:
    """Of the filtered pages the one that takes the greatest part of the same page scanned."""

    def worst(found: dict[str, Measured]) -> float:
        one = found[scale]
        return max(one.times[name][PRODUCT] / one.times[name][DUCKDB] for name in one.filters)

    return worst


def _scanned(scale: str) -> Callable[[dict[str, Measured]], float]:
    """Of the filtered pages the one that scans the greatest part of the row groups that DuckDB scans."""

    def worst(found: dict[str, Measured]) -> float:
        by_name: list[dict[str, Work]] = [dict(found[scale].work[name]) for name in found[scale].filters]
        return max(work[PRODUCT].row_groups / work[DUCKDB].row_groups for work in by_name)

    return worst


def _linked(scale: str) -> Callable[[dict[str, Measured]], float]:
    return lambda found: found[scale].times[LINKED][PRODUCT] / found[scale].times[ONE][DUCKDB]


BARS = (
    Bar("10k", "page: times as fast as DuckDB on the same Parquet", 4, _ratio("10k", PAGE, DUCKDB), True),
    Bar("10M", "page: times as fast as pandas, loaded", 200, _ratio("10M", PAGE, PANDAS), True),
    Bar(
        "10M",
        "memory beyond imports, as a part of that of pandas",
        1 / 5,
        lambda found: found["10M"].memory[PRODUCT].data / found["10M"].memory[PANDAS].data,
    ),
    Bar("100M", "page: times as fast as DuckDB on the same Parquet", 150, _ratio("100M", PAGE, DUCKDB), True),
    Bar(
        "100M",
        "page: times what it takes at 10 k rows",
        4,
        lambda found: found["100M"].times[PAGE][PRODUCT] / found["10k"].times[PAGE][PRODUCT],
    ),
    Bar("100M", "filtered page, as a part of the same page scanned by DuckDB", 0.10, _worst_filter("100M")),
    Bar("100M", "row groups scanned for it, as a part of DuckDB's", 0.99, _scanned("100M")),
    Bar(
        "100M",
        "bytes of cubes, as a part of those of rows",
        0.06,
        lambda f: f["100M"].cubes / f["100M"].stored,
    ),
    Bar("100M", "5 linked views: times `SELECT 1`", 5, _linked("100M")),
)


def _bars(bars: Sequence[Bar], found: dict[str, Measured]) -> str:
    rows = []
    for bar in bars:
        value = bar.value(found)
        limit = f"{'≥' if bar.at_least else '≤'} {bar.limit:,.4g}"
        rows.append([bar.text, limit, f"{value:,.3g}", "met" if bar.met(value) else "**not met**"])
    return grid(["bar", "asked", "measured", ""], rows)

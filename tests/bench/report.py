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
from tests.bench.building import Building
from tests.bench.contestants import DUCKDB, PANDAS, PRODUCT
from tests.bench.measuring import LINKED, ONE, PAGE, Measured
from tests.documents import grid, placed

TARGET = ROOT / "docs" / "benchmarks.md"


def filled(text: str, found: Sequence[Measured]) -> str:
    """The document with the tables of these scales written anew; those of others stay."""
    by_scale = {one.scale.name: one for one in found}
    for name, one in by_scale.items():
        text = placed(text, f"measured: {name}", table(one))
        if name in BARS:
            text = placed(text, f"measured: bars at {name}", bars_table(BARS[name](by_scale)))
    return text


# --- the tables of a scale ------------------------------------------------------------------------


def table(one: Measured) -> str:
    """All tables of one scale."""
    parts = [_told(one), _times(one), _memory(one), _work(one)]
    return "\n\n".join([*parts, _building(one.building)] if one.building else parts)


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


def _building(one: Building) -> str:
    """What the cubes cost, and how many times a plain scan."""
    before, scan = one.before, one.before.scan
    works = {
        f"plain scan of the {before.columns} columns that cubes use, {before.rows:,} rows": scan,
        f"all cubes of these rows, with at most {before.resident:,} MiB": before.full,
        f"a month's {one.month:,} rows come to them": one.refresh,
    }
    rows = [
        [
            what,
            f"{cost.computing:,.1f} s",
            f"{cost.computing / scan.computing:,.2f} ×",
            f"{cost.waiting:,.1f} s",
        ]
        for what, cost in works.items()
    ]
    return grid(["cubes", "computing", "times the scan's", "until it was done"], rows)


# --- bars -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Bar:
    """What was asked for: a value, and what it must be at most, or at least."""

    text: str
    value: float
    limit: float
    at_least: bool = False

    @property
    def met(self) -> bool:
        """Whether the value is good enough."""
        return self.value >= self.limit if self.at_least else self.value <= self.limit


def bars_table(bars: Sequence[Bar]) -> str:
    """A line a bar."""
    rows = []
    for bar in bars:
        limit = f"{'≥' if bar.at_least else '≤'} {bar.limit:,.4g}"
        rows.append([bar.text, limit, f"{bar.value:,.3g}", "met" if bar.met else "**not met**"])
    return grid(["bar", "asked", "measured", ""], rows)


def _faster(one: Measured, than: str) -> float:
    """How many times as fast the product's page is."""
    return one.times[PAGE][than] / one.times[PAGE][PRODUCT]


def _at_10k(found: Mapping[str, Measured]) -> list[Bar]:
    return [Bar("page: times as fast as DuckDB on the same Parquet", _faster(found["10k"], DUCKDB), 4, True)]


def _at_10m(found: Mapping[str, Measured]) -> list[Bar]:
    one = found["10M"]
    part = one.memory[PRODUCT].data / one.memory[PANDAS].data
    return [
        Bar("page: times as fast as pandas, loaded", _faster(one, PANDAS), 200, True),
        Bar("memory beyond imports, as a part of that of pandas", part, 1 / 5),
        *_of_cubes(one),
    ]


def _at_100m(found: Mapping[str, Measured]) -> list[Bar]:
    one, least = found["100M"], found["10k"]
    filtered = [one.times[name] for name in one.filters]
    worked = [one.work[name] for name in one.filters]
    scanned = max(work[PRODUCT].row_groups / work[DUCKDB].row_groups for work in worked)
    return [
        Bar("page: times as fast as DuckDB on the same Parquet", _faster(one, DUCKDB), 150, True),
        Bar(
            "page: times what it takes at 10 k rows", one.times[PAGE][PRODUCT] / least.times[PAGE][PRODUCT], 4
        ),
        Bar(
            "filtered page, as a part of the same page scanned by DuckDB; the worst of three",
            max(times[PRODUCT] / times[DUCKDB] for times in filtered),
            0.10,
        ),
        Bar("row groups scanned for it, as a part of those that DuckDB scans", scanned, 0.10),
        Bar("5 linked views: times `SELECT 1`", one.times[LINKED][PRODUCT] / one.times[ONE][DUCKDB], 5),
        *_of_cubes(one),
    ]


def _of_cubes(one: Measured) -> list[Bar]:
    bars = [Bar("bytes of cubes, as a part of those of rows", one.cubes / one.stored, 0.06)]
    if built := one.building:
        scan = built.before.scan.computing
        bars += [
            Bar("computing of all cubes, in plain scans", built.before.full.computing / scan, 45),
            Bar(
                "computing when a month comes, as a part of a plain scan",
                built.refresh.computing / scan,
                0.35,
            ),
        ]
    return bars


BARS: dict[str, Callable[[Mapping[str, Measured]], list[Bar]]] = {
    "10k": _at_10k,
    "10M": _at_10m,
    "100M": _at_100m,
}

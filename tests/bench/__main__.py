"""`make bench`: writes the rows, measures, writes the tables of docs/benchmarks.md anew."""

from __future__ import annotations

import sys
from collections.abc import Callable

from tests.bench import dashboard, imports
from tests.bench.measuring import measured
from tests.bench.places import SCALES
from tests.bench.report import TARGET, filled, table
from tests.bench.stored import stored
from tests.documents import placed

USUAL = ("10k", "1M", "10M")
PARTS = {"dashboard": dashboard.measured, "imports": imports.measured}


def main(*more: str) -> None:
    """`more`: names of scales beside the usual ones."""
    found = []
    for name in (*USUAL, *more):
        scale = SCALES[name]
        print(f"\n{name}: writing, or reading again, {scale.rows:,} rows", flush=True)
        found.append(measured(scale, stored(scale)))
        print(table(found[-1]), flush=True)
        _write(lambda text: filled(text, found))
    for name, measure in PARTS.items():
        bars, told = measure()
        print(f"\n{name}\n\n{bars}\n\n{told}", flush=True)
        _write(lambda text, name=name, bars=bars, told=told: with_part(text, name, bars, told))


def with_part(text: str, name: str, bars: str, told: str) -> str:
    """The document with one of the parts written anew."""
    return placed(placed(text, f"measured: bars of the {name}", bars), f"measured: {name}", told)


def _write(change: Callable[[str], str]) -> None:
    TARGET.write_text(change(TARGET.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])

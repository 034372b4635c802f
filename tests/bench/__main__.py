"""`make bench`: writes the rows, measures, writes the tables of docs/benchmarks.md anew."""

from __future__ import annotations

import sys

from tests.bench.measuring import measured
from tests.bench.places import SCALES
from tests.bench.report import TARGET, filled, table
from tests.bench.stored import stored

USUAL = ("10k", "1M", "10M")


def main(*more: str) -> None:
    """`more`: names of scales beside the usual ones."""
    found = []
    for name in (*USUAL, *more):
        scale = SCALES[name]
        print(f"{name}: writing, or reading again, {scale.rows:,} rows", flush=True)
        found.append(measured(scale, stored(scale)))
        print(table(found[-1]), flush=True)
    TARGET.write_text(filled(TARGET.read_text("utf-8"), found), "utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])

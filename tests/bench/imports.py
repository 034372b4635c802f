"""How fast files come in, and with how much memory."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests import intake
from tests.bench.report import Bar, bars_table
from tests.documents import grid

ROWS = 1_000_000
"""Of the files that are imported."""
_MEBIBYTE = 2**20


@dataclass(frozen=True)
class Imported:
    """One file: its size in MiB, rows a second when only read and when imported, MiB that the import held."""

    name: str
    size: float
    scanned: float
    rate: float
    held: float


def measured() -> tuple[str, str]:
    """The bars of imports, then a table of the files."""
    with tempfile.TemporaryDirectory() as folder:
        files = [_imported(encoding, Path(folder)) for encoding in ("utf-8", "gb18030")]
    plain, chinese = files
    bars = [
        Bar(
            "UTF-8 CSV, as a part of the rate at which DuckDB only reads it",
            plain.rate / plain.scanned,
            0.24,
            True,
        ),
        Bar("GB18030 CSV, as a part of the rate of UTF-8", chinese.rate / plain.rate, 0.50, True),
        Bar("memory beyond the file's size, MiB; the worst", max(one.held - one.size for one in files), 300),
    ]
    rows = [
        [
            one.name,
            f"{one.size:,.0f} MiB",
            f"{one.rate:,.0f} rows/s",
            f"{one.scanned:,.0f} rows/s",
            f"{one.held:,.0f} MiB",
        ]
        for one in files
    ]
    headers = [f"{ROWS:,} rows", "size", "imported", "read by DuckDB", "at most resident"]
    return bars_table(bars), grid(headers, rows)


def _imported(encoding: str, folder: Path) -> Imported:
    file = intake.csv(ROWS, encoding, folder / f"{encoding}.csv")
    plain = file if encoding == "utf-8" else folder / "utf-8.csv"
    rate, held = intake.import_rate(file, ROWS)
    return Imported(f"CSV, {encoding}", file.stat().st_size / _MEBIBYTE, intake.scan_rate(plain), rate, held)

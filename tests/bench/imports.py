"""How fast files come in, and with how much memory."""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path

from tests import intake
from tests.bench.report import Bar, bars_table
from tests.documents import grid

ROWS, WORKBOOK_ROWS = 1_000_000, 100_000
ROUNDS = 3


def measured() -> tuple[str, str]:
    """The bars, then a table of the files: medians of rounds in which each is imported once."""
    with tempfile.TemporaryDirectory() as folder:
        files = [intake.csv(ROWS, code, Path(folder) / f"{code}.csv") for code in ("utf-8", "gb18030")]
        sizes = [file.stat().st_size / 2**20 for file in files]
        scans: list[float] = []
        taken: list[list[intake.Taken]] = [[] for _ in files]
        for _ in range(ROUNDS):
            scans.append(intake.scan_rate(files[0]))
            for file, runs in zip(files, taken, strict=True):
                runs.append(intake.import_rate(file, ROWS))
    scan = statistics.median(scans)
    plain, chinese = (intake.Taken(*map(statistics.median, zip(*runs, strict=True))) for runs in taken)
    over = max(one.megabytes - size for one, size in zip((plain, chinese), sizes, strict=True))
    bars = [
        Bar("UTF-8 CSV, as a part of the rate at which DuckDB only reads it", plain.rate / scan, 0.24, True),
        Bar("GB18030 CSV, as a part of the rate of UTF-8", chinese.rate / plain.rate, 0.50, True),
        Bar("XLSX: times as fast as openpyxl, read-only", intake.xlsx_ratio(WORKBOOK_ROWS), 12, True),
        Bar("memory beyond the file's size, MiB; the worse of two", over, 300),
    ]
    rows = [["DuckDB, reading UTF-8 only", f"{sizes[0]:,.0f} MiB", f"{scan:,.0f}", "", ""]]
    for name, size, one in zip(("CSV, UTF-8", "CSV, GB18030"), sizes, (plain, chinese), strict=True):
        told = f"{one.rate:,.0f}", f"{one.computing:.1f} s", f"{one.megabytes:,.0f} MiB"
        rows.append([name, f"{size:,.0f} MiB", *told])
    headers = [f"{ROWS:,} rows", "size", "rows a second", "computing", "at most resident"]
    return bars_table(bars), grid(headers, rows)

"""What the dashboard of the demo county costs its server and its viewers, and how fast files come in."""

from __future__ import annotations

import statistics
import tempfile
from dataclasses import dataclass
from pathlib import Path

from analytics.app.navigation import PAGES
from analytics.cli import write_demo
from tests import intake, wire
from tests.bench.report import Bar, bars_table
from tests.documents import grid

STARTS = 3
"""How often a first page is waited for."""
ROWS = 1_000_000
"""Of the files that are imported."""
_MEBIBYTE = 2**20


def served() -> tuple[str, str]:
    """Of the demo county: the bars, then a table of its pages."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "demo"
        write_demo(data)
        first = statistics.median(wire.first_page(data) for _ in range(STARTS))
        costs = wire.rerun_costs(data, [name for _, name, _ in PAGES])
        clicks = wire.filter_clicks(data)
    heaviest = max(costs.values(), key=lambda cost: cost.cpu_ms)
    slope, half = clicks.growth
    bars = [
        Bar("first page of a fresh process, seconds", first, 3),
        Bar(
            "rerun of the heaviest page beyond an empty one's, ms of the server's CPU",
            heaviest.cpu_ms - costs[wire.EMPTY].cpu_ms,
            15,
        ),
        Bar(
            "a page's data, gzipped, in KB; the largest",
            max(cost.gzipped for cost in costs.values()) / 1000,
            300,
        ),
        Bar("p95 of a filter click, 100 sessions that think 2 s, ms", clicks.p95 * 1000, 150),
        Bar("growth after warm-up, MiB a minute, the least within its 95 % interval", slope - half, 0),
    ]
    told = (
        f"{len(clicks.seconds):,} clicks, median {clicks.median * 1000:,.0f} ms, "
        f"{clicks.cpu:.2f} of one core; growth {slope:+.2f} ± {half:.2f} MiB a minute."
    )
    rows = [
        [
            name or "first page",
            f"{cost.cpu_ms:.1f} ms",
            f"{cost.messages}",
            f"{cost.raw / 1000:,.0f} KB",
            f"{cost.gzipped / 1000:,.0f} KB",
        ]
        for name, cost in costs.items()
    ]
    return bars_table(bars), f"{told}\n\n{grid(['rerun', 'server CPU', 'messages', 'sent', 'gzipped'], rows)}"


@dataclass(frozen=True)
class Imported:
    """One file: its size in MiB, rows a second when only read and when imported, MiB that the import held."""

    name: str
    size: float
    scanned: float
    rate: float
    held: float


def imported() -> tuple[str, str]:
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

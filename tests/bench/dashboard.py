"""What the dashboard of the demo county costs its server and its viewers."""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path

from analytics.app.navigation import ADDRESSES, FIRST
from analytics.cli import write_demo
from tests import wire
from tests.bench.report import Bar, bars_table
from tests.documents import grid

STARTS = 3
"""How often a first page is waited for."""


def measured() -> tuple[str, str]:
    """Of the demo county: the bars, then a table of its pages."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "demo"
        write_demo(data)
        first = statistics.median(wire.first_page(data) for _ in range(STARTS))
        costs = wire.rerun_costs(data, sorted(ADDRESSES - {FIRST}))
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

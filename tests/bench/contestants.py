"""Who takes part, by name; some only hold what fits in memory."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from analytics.engine import open_engine
from analytics.places import Places
from analytics.settings import load_site
from analytics.store import Store
from tests.bench.answering import Asking, Contestant, Scanning
from tests.bench.in_pandas import InPandas
from tests.bench.in_polars import InPolars, loaded, scanned
from tests.bench.places import Scale

PRODUCT, ANEW, DUCKDB, PANDAS = "petition", "petition, anew", "DuckDB", "pandas"
MOST_LOADED = 10_000_000
"""Rows beyond which what loads everything takes no part."""

CONTESTANTS: dict[str, Callable[[Path, Scale], Contestant]] = {
    PRODUCT: lambda folder, scale: Asking(open_engine(folder)),
    ANEW: lambda folder, scale: Asking(open_engine(folder), wholly=True),
    DUCKDB: lambda folder, scale: Asking(Scanning(Store(folder), load_site(folder / "site.toml"))),
    PANDAS: lambda folder, scale: InPandas(_files(folder), _of_places(scale), _places(folder)),
    "Polars, loaded": lambda folder, scale: InPolars(loaded(_files(folder)), _places(folder)),
    "Polars, scanning": lambda folder, scale: InPolars(scanned(_files(folder)), _places(folder)),
}
_LOADS = (PANDAS, "Polars, loaded")


def names(scale: Scale) -> list[str]:
    """Those who take part at that scale, the product first."""
    return [name for name in CONTESTANTS if scale.rows <= MOST_LOADED or name not in _LOADS]


def _files(folder: Path) -> list[str]:
    store = Store(folder)
    return store.files("petitions", store.versions()["petitions"])


def _of_places(scale: Scale) -> list[str]:
    return sorted({scale.below, scale.narrow})


def _places(folder: Path) -> Places:
    return load_site(folder / "site.toml").places

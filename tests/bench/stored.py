"""A store of generated petitions, opened by the dashboard as any other: written once, then kept."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import duckdb
import pyarrow as pa
from deltalake import Field, Schema, convert_to_deltalake
from deltalake.schema import PrimitiveType

from analytics.cubes import Cubes
from analytics.ingest.derive import OBJECTION_WORKDAYS, derivation
from analytics.model import NOWHERE
from analytics.places import Area, Township
from analytics.settings import load_site
from analytics.site import ROOT
from analytics.store import Note, Store, configuration
from analytics.yearly import ROW_GROUP, YEAR
from tests.bench import rows
from tests.bench.places import Scale, Spread, spread
from tests.bench.rows import LAST, PETITIONS, Day

AT_ONCE = 2
"""Parts written at a time, each on one core."""
_WHOLE_YEAR = 1_000_000
"""Up to so many rows a year is one file, else one a quarter."""
_MARK = "written-by"


def stored(scale: Scale) -> Path:
    """The data directory of that scale, with its cubes: the one kept in BENCH_DATA, else written now."""
    cache = Path(os.environ.get("BENCH_DATA", ROOT / "build" / "bench"))
    folder = cache / scale.name
    mark, wanted = folder / _MARK, _wanted(scale)
    if not mark.exists() or mark.read_text("utf-8") != wanted:
        shutil.rmtree(folder, ignore_errors=True)
        write(scale, folder)
        mark.write_text(wanted, "utf-8")
    Cubes(Store(folder)).refresh(PETITIONS.name, 0)  # nothing where they are there as they are declared now
    return folder


def write(scale: Scale, folder: Path) -> None:
    """Writes a data directory: the site, the table of petitions, the manifest that serves it.

    The files are DuckDB's; what is kept of linked items (links) is left out.
    """
    table = folder / PETITIONS.name
    table.mkdir(parents=True)
    for name, text in _site(spread(scale)).items():
        (folder / name).write_text(text, "utf-8")
    site = load_site(folder / "site.toml")
    joined = {
        "places": rows.place_table(spread(scale)),
        "classes": rows.class_table(),
        "workdays": rows.workday_table(site.calendar, OBJECTION_WORKDAYS),
    }
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for done in [
            pool.submit(_write, file, part, joined, scale.rows) for file, part in _parts(table, scale)
        ]:
            done.result()
    register(folder, Note("import", derivation(PETITIONS, site), LAST, inserted=scale.rows))


def _site(places: Spread) -> dict[str, str]:
    """site.toml and its lists of places, by the name of the file."""
    home = places.home
    told = {
        "bureau": f"{home.name}信访局",
        "county": home.name,
        "code": home.code or NOWHERE,
        "area_file": "areas.csv",
        "township_file": "townships.csv",
    }
    return {
        "site.toml": "".join(f'{name} = "{text}"\n' for name, text in told.items()),
        "areas.csv": _listed(places.areas),
        "townships.csv": _listed(places.townships),
    }


def _listed(places: Sequence[Area | Township]) -> str:
    return "\n".join(["代码,名称", *(f"{place.code},{place.name}" for place in places), ""])


def register(folder: Path, note: Note) -> None:
    """Makes the files a table of the store, as one commit, and serves it."""
    table = folder / PETITIONS.name
    convert_to_deltalake(
        table,
        partition_by=Schema([Field(YEAR, PrimitiveType("integer"))]),
        partition_strategy="hive",
        configuration=configuration(PETITIONS.name),
        commit_properties=note.as_commit(),
    )
    log = table / "_delta_log" / f"{0:020}.json"
    # DuckDB marks what it knows to be never missing as required; the store's columns are not
    log.write_text(log.read_text("utf-8").replace(r"\"nullable\":false", r"\"nullable\":true"), "utf-8")
    Store(folder).adopt({"id": uuid4().hex, "demo": False, "versions": {PETITIONS.name: 0}})


def _parts(table: Path, scale: Scale) -> list[tuple[Path, list[Day]]]:
    """The files of a table, and the days that each holds."""
    parts: dict[Path, list[Day]] = {}
    for day in rows.days(scale.rows):
        number = 1 if scale.rows <= _WHOLE_YEAR else (day.day.month + 2) // 3
        parts.setdefault(table / f"{YEAR}={day.day.year}" / f"part-{number}.parquet", []).append(day)
    return list(parts.items())


def _write(file: Path, part: Sequence[Day], joined: dict[str, pa.Table], count: int) -> None:
    file.parent.mkdir(exist_ok=True)
    with duckdb.connect() as database:
        # one thread, and no join turned round: the rows stay in order, and pass by instead of being gathered
        database.execute("SET threads = 1")
        database.execute("SET disabled_optimizers = 'join_order,build_side_probe_side'")
        for name, lines in joined.items():
            database.register("arriving", lines)
            database.execute(f"CREATE TABLE {name} AS SELECT * FROM arriving")
            database.unregister("arriving")
        selected = rows.select(part, joined["places"].num_rows, joined["classes"].num_rows, count)
        database.execute(
            f"COPY ({selected}) TO '{file}' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {ROW_GROUP})"
        )


def _wanted(scale: Scale) -> str:
    """Names all that the rows of a scale depend on."""
    selected = rows.select(rows.days(scale.rows), 1, 1, scale.rows)
    files = [file.name for file, _ in _parts(Path(), scale)]
    text = f"{selected} {files} {_site(spread(scale))} {duckdb.__version__}"
    return hashlib.sha256(text.encode()).hexdigest()

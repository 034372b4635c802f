"""What stored cubes cost: built from all rows, and kept up as a month comes in, beside one plain scan."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from analytics import aside, sql
from analytics.catalogue.cubes import cubes_of
from analytics.contract import Kind
from analytics.cubes import Cubes
from analytics.store import Change, Note, Store
from analytics.yearly import ROW_GROUP, YEAR
from tests.bench.alone import Cost, alone, cost, most_resident
from tests.bench.rows import LAST, PETITIONS
from tests.bench.stored import register

SCANS = 3
MONTH = LAST.replace(day=1)


@dataclass(frozen=True)
class Built:
    """All cubes of the `rows` before the month, built with at most `resident` MiB, beside one `scan`.

    `columns`: how many the cubes use, and so the scan reads.
    """

    rows: int
    columns: int
    scan: Cost
    full: Cost
    resident: int


@dataclass(frozen=True)
class Building:
    """What the cubes of one scale cost: `month` rows come to those before, and the cubes follow."""

    before: Built
    month: int
    refresh: Cost


def building(folder: Path) -> Building:
    """Of a data directory of the benchmark, whose last month comes once more; each in a fresh process."""
    with tempfile.TemporaryDirectory(prefix="building-", dir=folder.parent) as made:
        path, month = Path(made) / "store", Path(made) / "month.parquet"
        apart(folder, path, month)
        before = alone(_built, path)
        version = alone(come, path, month)
        return Building(before, _rows([str(month)]), alone(refreshed, path, version))


def apart(folder: Path, path: Path, month: Path) -> None:
    """Makes a store of the rows before the month, and a file of the month's."""
    *before, last = _files(folder)
    for file in before:
        linked = path / Path(file).relative_to(folder)
        linked.parent.mkdir(parents=True, exist_ok=True)
        os.link(file, linked)
    left = path / Path(last).relative_to(folder)
    left.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as database:
        for sign, target in (("<", left), (">=", month)):
            database.execute(
                f"COPY (FROM {sql.files([last])} WHERE registered_on {sign} DATE '{MONTH}') TO '{target}' "
                f"(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {ROW_GROUP})"
            )
    register(path, Note("import"))


def _built(path: Path) -> Built:
    files, used = _files(path), sorted({name for cube in cubes_of(PETITIONS.name) for name in cube.needs})
    scans = [cost(lambda: _scan(files, used)) for _ in range(SCANS)]
    least = min(scans, key=lambda one: one.computing)
    return Built(_rows(files), len(used), least, refreshed(path, 0), most_resident())


def _scan(files: Sequence[str], columns: Sequence[str]) -> None:
    """The greatest value of each column: all are decoded, nothing is grouped."""
    greatest = ", ".join(f"MAX({sql.quoted(name)})" for name in columns)
    with aside.over(files) as database:
        database.execute(f"SELECT {greatest} FROM {sql.files(files)}").fetchall()


def come(path: Path, month: Path) -> int:
    """The version with the month, which comes as an import brings it."""
    texts = [field.name for field in PETITIONS.fields if field.kind is Kind.TEXT]
    rows = pq.read_table(month, read_dictionary=texts)
    rows = rows.append_column(YEAR, pa.repeat(pa.scalar(MONTH.year, pa.int32()), rows.num_rows))
    store = Store(path)
    with store.lock():
        return store.commit(PETITIONS.name, Change(rows, fresh=True), Note("import"))


def refreshed(path: Path, version: int) -> Cost:
    """What the cubes of a version cost, which follow those that there are. Raises AssertionError."""
    store, done = Store(path), []
    with store.lock():
        taken = cost(lambda: done.append(Cubes(store).refresh(PETITIONS.name, version)))
    assert done == [True]
    return taken


def _files(folder: Path) -> list[str]:
    return Store(folder).files(PETITIONS.name, 0)


def _rows(files: Sequence[str]) -> int:
    return sum(pq.read_metadata(file).num_rows for file in files)

"""Rows as Parquet files: one for each year, sorted by day, in row groups that a query can pass by."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

YEAR = "year"
ROW_GROUP = 122_880

Places = npt.NDArray[np.intp]
Extent = tuple[Any, Any, int]
"""Least and greatest value, and how many are missing."""


@dataclass(frozen=True)
class Written:
    """A file: its path below the table's folder, how many rows it has; `told`: the extent of some columns."""

    path: str
    year: int
    size: int
    rows: int
    told: dict[str, Extent]


def write(root: Path, rows: pa.Table, date: str, telling: Sequence[str]) -> list[Written]:
    """Writes the rows, whose `date` says their year; of the columns `telling` the extent is noted.

    They are taken from where they lie a row group at a time: no second copy of them is made. Raises OSError.
    """
    batches = [batch for batch in rows.drop_columns([YEAR]).to_batches() if batch.num_rows]
    days = rows.column(date).to_numpy().astype("datetime64[D]")
    order = np.argsort(days, kind="stable")
    years = days[order].astype("datetime64[Y]")
    starts = np.append(np.flatnonzero(np.diff(years, prepend=years[:1] - 1)), len(years)).tolist()

    def one(start: int, end: int) -> Written:
        year = int(years[start].astype(int)) + 1970
        path = root / f"{YEAR}={year}" / f"part-{uuid4()}.zstd.parquet"
        path.parent.mkdir(exist_ok=True)
        groups = (_some(batches, order[at : min(at + ROW_GROUP, end)]) for at in range(start, end, ROW_GROUP))
        told = _written(path, groups, telling)
        return Written(path.relative_to(root).as_posix(), year, path.stat().st_size, end - start, told)

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(one, starts[:-1], starts[1:]))


def _written(path: Path, groups: Iterator[pa.Table], telling: Sequence[str]) -> dict[str, Extent]:
    found: dict[str, list[Extent]] = {}
    writer: pq.ParquetWriter | None = None
    try:
        for group in groups:
            writer = writer or pq.ParquetWriter(path, group.schema, compression="zstd", store_schema=False)
            writer.write_table(group, ROW_GROUP)
            for name in {*telling} & {*group.column_names}:
                found.setdefault(name, []).append(
                    (*pc.min_max(group[name]).as_py().values(), group[name].null_count)
                )
    finally:
        if writer:
            writer.close()
    return {name: _together(extents) for name, extents in found.items()}


def _together(extents: Sequence[Extent]) -> Extent:
    least, most = ([extent[at] for extent in extents if extent[at] is not None] for at in (0, 1))
    return min(least, default=None), max(most, default=None), sum(extent[2] for extent in extents)


def _some(batches: Sequence[pa.RecordBatch], places: Places) -> pa.Table:
    """The rows at these places, in their order: column by column, as copies of all at once take much room."""
    starts = np.cumsum([0, *(batch.num_rows for batch in batches)])
    owner = np.searchsorted(starts, places, "right") - 1
    owners = np.unique(owner).tolist()
    wanted = [pa.array(places[owner == at] - starts[at]) for at in owners]
    back = pa.array(np.argsort(np.argsort(owner, kind="stable"), kind="stable"))

    def column(name: str) -> pa.Array:
        parts = [_wide(batches[at][name].take(rows)) for at, rows in zip(owners, wanted, strict=True)]
        return pa.concat_arrays(parts).take(back)

    names = batches[0].schema.names
    return pa.table([column(name) for name in names], names)


def _wide(column: pa.Array) -> pa.Array:
    """With codes that have room for the texts of any other."""
    if not pa.types.is_dictionary(column.type):
        return column
    return pa.DictionaryArray.from_arrays(column.indices.cast(pa.int32()), column.dictionary)

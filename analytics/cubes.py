"""Stored cubes: a great dataset's sums by month, Parquet files beside its rows that follow every import.

What adds up can be added and taken away: the files of rows that came since the cubes were written are summed
and added, those that went are summed and taken away, and the months that this touches are written anew. A
full build is the same with every file come and none gone. Each file is of one month and of one cube and names
the definition and the version it was made by; a list, replaced last, says which files belong to a version,
with the checksum of each. Where the list or a file is not as it was written there is no cube, and what is
asked is counted from the rows.
"""

from __future__ import annotations

import json
import math
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any, Protocol
from uuid import uuid4

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from deltalake.exceptions import DeltaError

from analytics import aside, sql, sums
from analytics.catalogue.cubes import Cube, cubes_of
from analytics.contract import DATASETS, Dataset, Kind
from analytics.members import Members
from analytics.model import AREA, EVER, MONTH, Period, Selection, counted
from analytics.site import Refusal
from analytics.sql import Asked, Statement
from analytics.store import Store
from analytics.yearly import YEAR

FOLDER = "cubes"
LAYOUT = 3
"""Raise it when what is written changes, though what is summed does not."""
FROM_ROWS = 1_000_000
"""A dataset above this many rows has cubes; a smaller one is answered from memory."""
CHUNK_ROWS = 4_000_000
"""About so many rows are summed at once, so that what is held of them stays small."""

_BUILDING = "building-"

_FAULTS = (OSError, duckdb.Error, pa.ArrowException, DeltaError)

Sum = Callable[[Statement], pa.Table]
"""Runs a statement over rows, which are called as `rows_of` says."""
_ROWS = "rows"
_TYPES = {Kind.TEXT: pa.string(), Kind.INTEGER: pa.int32()}


class NotBuilt(Refusal):
    """The cubes could not be written; everything is answered from the rows meanwhile."""


class Adder(Protocol):
    """What adds rows up, on one machine or on many: one class for each engine."""

    def over(
        self, dataset: Dataset, files: Sequence[str], days: Period, cubes: Sequence[Cube]
    ) -> AbstractContextManager[Sum]:
        """Makes a dataset's rows of some days, out of Parquet files, ready to be summed.

        There is a relation for each cube (`rows_of`), whose places are told apart down to the cube's level.
        """


class Here:
    """DuckDB in this process: what the cubes look at is decoded once, texts as codes."""

    @contextmanager
    def over(
        self, dataset: Dataset, files: Sequence[str], days: Period, cubes: Sequence[Cube]
    ) -> Iterator[Sum]:
        """The rows as a table in memory, and a view of it for each cube."""
        needed = {name for cube in cubes for name in cube.needs}
        with aside.over(files) as connection:
            columns = needed & aside.columns(connection, files)
            for statement in sql.define_coded(_ROWS, dataset, sql.files(files), columns, days):
                connection.execute(statement.text)
            for cube in cubes:
                defined = sql.define(rows_of(cube), dataset, _ROWS, columns, False, cube.level)
                connection.execute(defined.text)
            yield lambda asked: connection.sql(asked.text, params=asked.parameters).to_arrow_table()


def rows_of(cube: Cube) -> str:
    """What the rows that a cube is summed from are called in its statements."""
    return f"{_ROWS}_{cube.name}"


@dataclass(frozen=True)
class Stored:
    """A cube's files of one version; `size`: how many cells they hold."""

    cube: Cube
    version: int
    files: tuple[str, ...]
    size: int


def definition(cube: Cube) -> str:
    """A hash of all that a cube's numbers depend on but the rows: an edited metric never meets old sums."""
    return sums.of(repr((LAYOUT, cube, _summed(cube, _asked(cube)))).encode())


def _asked(cube: Cube) -> list[Asked]:
    return [Asked(measure, stock=False) for measure in cube.measures]


def _summed(cube: Cube, asked: Sequence[Asked]) -> Statement:
    return sql.select(rows_of(cube), asked, (MONTH.name, *cube.by), Selection(EVER))


class Cubes:
    """The cubes beside a store's rows."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._folder = store.path / FOLDER
        self._found: dict[tuple[str, int], tuple[object, tuple[Stored, ...]]] = {}

    def stored(self, dataset: str, version: int) -> tuple[Stored, ...]:
        """The whole cubes of a version as they are declared now; none where there is no such version."""
        if not cubes_of(dataset) or not (path := self._path(dataset)).exists():
            return ()
        found = path.stat()
        stamp = found.st_mtime_ns, found.st_ino
        if self._found.get((dataset, version), (None, ()))[0] != stamp:
            self._found[dataset, version] = stamp, self._whole(dataset, version)
        return self._found[dataset, version][1]

    def _whole(self, dataset: str, version: int) -> tuple[Stored, ...]:
        """Each file of them is read through."""
        entry = self._list(dataset).get(str(version))
        try:
            rows = self._inside(self._store.files_committed(dataset, version))
        except DeltaError:  # the rows were put back to before it
            return ()
        if entry is None or entry["rows"] != rows:  # of another store that stood here
            return ()
        found = []
        for cube in cubes_of(dataset):
            made = entry["cubes"].get(cube.name)
            if made and made["definition"] == definition(cube) and self._are(made["months"].values()):
                files = tuple(str(self._folder / name) for name, *_ in made["months"].values())
                size = sum(cells for *_, cells in made["months"].values())
                found.append(Stored(cube, version, files, size))
        return tuple(found)

    def _are(self, months: Iterable[tuple[str, str, int]]) -> bool:
        try:
            return all(sums.of_file(self._folder / name) == listed for name, listed, _ in months)
        except OSError:
            return False

    def forget(self) -> None:
        """Looks at everything anew when it is asked for next."""
        self._found.clear()

    def lacking(self, dataset: str, version: int) -> bool:
        """Whether a great dataset's version is without a cube that is declared for it."""
        declared = len(cubes_of(dataset))
        if not declared or len(self.stored(dataset, version)) == declared:
            return False
        return _rows_of(self._store.files_committed(dataset, version)) > FROM_ROWS

    # --- building ---------------------------------------------------------------------------------

    def refresh(self, dataset: str, version: int, adder: Adder | None = None) -> bool:
        """Brings the cubes in line with a version, served or about to be; whether there was anything to do.

        Call it under the store's lock. Raises NotBuilt: then the list is as before.
        """
        try:
            if not self.lacking(dataset, version):
                return False
            self._build(dataset, version, adder or Here())
        except _FAULTS as fault:
            reason = str(fault).splitlines()[0] if str(fault) else type(fault).__name__
            raise NotBuilt(
                f"{DATASETS[dataset].label}的汇总没有写成（{reason}）：数字不受影响，只是慢一些；"
                "请检查磁盘空间与权限后运行 petition cubes"
            ) from fault
        finally:
            self._sweep()
        return True

    def _build(self, dataset: str, version: int, adder: Adder) -> None:
        listed, files = self._list(dataset), self._store.files_committed(dataset, version)
        size = _rows_of(files)
        before = {cube: self._before(cube, files, size, listed) for cube in cubes_of(dataset)}
        self._folder.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=_BUILDING, dir=self._folder) as folder:
            partial = {cube: _Partial(cube, Path(folder)) for cube in before}
            for come, gone in {(one.come, one.gone) for one in before.values()}:
                mine = [partial[cube] for cube, one in before.items() if (one.come, one.gone) == (come, gone)]
                _sum(DATASETS[dataset], come, 1, mine, adder)
                _sum(DATASETS[dataset], gone, -1, mine, adder)
            made = {cube.name: self._made(partial[cube], one.months, version) for cube, one in before.items()}
        # those of the version that readers have now stay, whatever becomes of the new one
        served = {at: entry for at, entry in listed.items() if at == str(self._store.versions().get(dataset))}
        self._put(dataset, served | {str(version): {"rows": self._inside(files), "cubes": made}})

    def _made(self, partial: _Partial, before: _Months, version: int) -> dict[str, Any]:
        """The cube's entry in the list; its files are in the folder when it returns."""
        cube, months = partial.cube, dict(before)
        made_by = definition(cube)
        for month in partial.months():
            old, *_ = months.pop(str(month), ("",))
            cells = partial.merged(month, [self._folder / old] if old else [])
            if cells.num_rows:
                name = f"{cube.dataset}-{cube.name}-{month}-{uuid4().hex}.parquet"
                _write(cells, cube, made_by, version, self._folder / name)
                months[str(month)] = name, sums.of_file(self._folder / name), cells.num_rows
        return {"definition": made_by, "months": dict(sorted(months.items()))}

    def _before(self, cube: Cube, files: Sequence[str], size: int, listed: Mapping[str, Any]) -> _Before:
        """The newest whole cube to go on from; nothing where building from all rows is less work."""
        for version, entry in reversed(list(listed.items())):
            if cube not in {one.cube for one in self.stored(cube.dataset, int(version))}:
                continue
            then = {str(self._store.path / name) for name in entry["rows"]}
            come, gone = sorted({*files} - then), sorted(then - {*files})
            there = all(Path(path).exists() for path in gone)
            if there and _rows_of([*gone, *come]) < size:
                return _Before(tuple(come), tuple(gone), entry["cubes"][cube.name]["months"])
        return _Before(tuple(files), (), {})

    def _inside(self, paths: Iterable[str]) -> list[str]:
        return sorted(Path(path).relative_to(self._store.path).as_posix() for path in paths)

    # --- the list ---------------------------------------------------------------------------------

    def _list(self, dataset: str) -> dict[str, Any]:
        """By version, the oldest first: the files of rows it was made of, and its cubes' files."""
        try:
            content = json.loads(self._path(dataset).read_text("utf-8"))
            return dict(content["versions"]) if content["sum"] == sums.of_content(content["versions"]) else {}
        except (OSError, ValueError, KeyError, TypeError):
            return {}

    def _put(self, dataset: str, versions: Mapping[str, Any]) -> None:
        content = {"versions": versions, "sum": sums.of_content(versions)}
        sums.put(self._path(dataset), json.dumps(content).encode())

    def _path(self, dataset: str) -> Path:
        return self._folder / f"{dataset}.json"

    def _sweep(self) -> None:
        """Removes what no list names."""
        named = {
            name
            for path in self._folder.glob("*.json")
            for entry in self._list(path.stem).values()
            for cube in entry["cubes"].values()
            for name, *_ in cube["months"].values()
        }
        for path in self._folder.glob("*.parquet"):
            if path.name not in named:
                path.unlink(missing_ok=True)
        for path in self._folder.glob(f"{_BUILDING}*"):
            shutil.rmtree(path, ignore_errors=True)


_Months = Mapping[str, tuple[str, str, int]]
"""By month: a file's name, its checksum, how many cells it holds."""


@dataclass(frozen=True)
class _Before:
    """The files of rows to add and to take away, and the months that there are already."""

    come: tuple[str, ...]
    gone: tuple[str, ...]
    months: _Months


class _Partial:
    """What came and went, summed by a cube's dimensions: files each of one date column and some rows."""

    def __init__(self, cube: Cube, folder: Path) -> None:
        self.cube, self._folder = cube, folder
        self._parts: list[tuple[Path, dict[int, int]]] = []
        """Each file, and in which of its row groups each month is."""

    def add(self, ask: Sum, sign: int) -> None:
        """Sums rows, to be added (1) or taken away (-1)."""
        for block in sql.blocks(_asked(self.cube)):
            found = ask(_summed(self.cube, block)).drop_columns("block")
            if found.num_rows:
                self._keep(self._cells(found, block, sign))

    def _cells(self, found: pa.Table, block: Sequence[Asked], sign: int) -> pa.Table:
        month, *keys = found.columns[: -len(block)]
        columns = {MONTH.name: month.cast(pa.int32())}
        for name, column in zip(self.cube.by, keys, strict=True):
            columns[name] = column.cast(_TYPES[self.cube.cells[name].kind])
        for a, values in zip(block, found.columns[-len(block) :], strict=True):
            columns[self.cube.columns[a.measure]] = pc.multiply(values, sign)
        return pa.table(columns).sort_by(MONTH.name)

    def _keep(self, cells: pa.Table) -> None:
        months, starts = np.unique(cells.column(0).to_numpy(), return_index=True)
        path = self._folder / f"{self.cube.name}-{len(self._parts)}.parquet"
        with pq.ParquetWriter(path, cells.schema, compression="lz4", write_statistics=False) as writer:
            for start, end in pairwise([*starts.tolist(), cells.num_rows]):
                writer.write_table(cells.slice(start, end - start), end - start)
        self._parts.append((path, {month: at for at, month in enumerate(months.tolist())}))

    def months(self) -> list[int]:
        """The months that anything was added to or taken from."""
        return sorted({month for _, months in self._parts for month in months})

    def merged(self, month: int, old: Sequence[Path]) -> pa.Table:
        """A month's cells: those there were and what was summed, without those now empty."""
        parts = [pq.ParquetFile(path).read_row_group(at[month]) for path, at in self._parts if month in at]
        parts += [pq.ParquetFile(path).read() for path in old]
        keys = pa.concat_tables([part.select(self.cube.by) for part in parts])
        first, at = Members.of(self.cube.by, keys.columns, keys.num_rows).combinations()
        sums = {name: np.zeros(len(first), np.int64) for name in self.cube.columns.values()}
        start = 0
        for part in parts:
            here = at[start : start + part.num_rows]
            start += part.num_rows
            for name in sums.keys() & {*part.column_names}:  # a part has no cell twice
                sums[name][here] += pc.fill_null(part[name], 0).to_numpy()
        return self._table(month, keys, first, sums)

    def _table(
        self, month: int, keys: pa.Table, first: np.ndarray, sums: Mapping[str, np.ndarray]
    ) -> pa.Table:
        """In the order of the keys, of each cell the `first`; a cell of no rows is left out.

        A sum of none is 0, as its count is.
        """
        counts = dict.fromkeys(self.cube.columns[counted(measure)] for measure in self.cube.measures)
        some = np.flatnonzero(np.logical_or.reduce([sums[name] != 0 for name in counts]))
        keys = keys.take(first[some])
        order = pc.sort_indices(keys, [(name, "ascending") for name in self.cube.by]).to_numpy()
        columns = {MONTH.name: pa.repeat(pa.scalar(month, pa.int32()), len(order))}
        columns |= dict(zip(keys.column_names, keys.take(order).columns, strict=True))
        mine = some[order]
        for name, values in sums.items():
            columns[name] = pa.array(_narrow(values[mine]))
        return pa.table(columns)


def _narrow(values: np.ndarray) -> np.ndarray:
    return values.astype(np.int32) if np.abs(values).max(initial=0) < 2**31 else values


def _sum(
    dataset: Dataset, files: Sequence[str], sign: int, partial: Sequence[_Partial], adder: Adder
) -> None:
    """Adds the files' rows (1), or takes them away (-1)."""
    for some, days in _chunks(files):
        with adder.over(dataset, some, days, [one.cube for one in partial]) as ask:
            for one in partial:
                one.add(ask, sign)


def _chunks(files: Sequence[str]) -> Iterator[tuple[Sequence[str], Period]]:
    """Files, and the days whose rows are meant: all at once, or stretches of each year."""
    if _rows_of(files) <= CHUNK_ROWS:
        yield from [(files, EVER)] if files else []
        return
    for name, group in groupby(files, lambda file: Path(file).parent.name):
        year, mine = int(name.removeprefix(f"{YEAR}=")), list(group)
        many = min(math.ceil(_rows_of(mine) / CHUNK_ROWS), 365)
        firsts = [date(year, 1, 1) + timedelta(365 * at // many) for at in range(many)]
        lasts = [*(first - timedelta(1) for first in firsts[1:]), date(year, 12, 31)]
        yield from ((mine, Period(first, last)) for first, last in zip(firsts, lasts, strict=True))


def _rows_of(files: Sequence[str]) -> int:
    return sum(pq.read_metadata(file).num_rows for file in files)


def _write(cells: pa.Table, cube: Cube, made_by: str, version: int, path: Path) -> None:
    said = {"petition.cube": cube.name, "petition.definition": made_by, "petition.version": f"{version}"}
    keys = [MONTH.name, *cube.by]
    numbers = [field.name for field in cells.schema if pa.types.is_integer(field.type)]
    # small numbers, whose high bytes are all alike; places follow one another in their order
    encoded = dict.fromkeys(numbers, "BYTE_STREAM_SPLIT") | {AREA: "DELTA_BINARY_PACKED"}
    with pq.ParquetWriter(
        path,
        cells.schema,
        compression="zstd",
        compression_level=6,
        use_dictionary=[name for name in keys if name not in numbers],
        column_encoding=encoded,
        write_statistics=keys,
        store_schema=False,
    ) as writer:
        writer.write_table(cells, cells.num_rows)
        writer.add_key_value_metadata(said)
    sums.sync(path)

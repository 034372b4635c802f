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
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Any, Protocol
from uuid import uuid4

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from deltalake.exceptions import DeltaError

from analytics import aside, sql, sums
from analytics.catalogue.cubes import Cube, cubes_of
from analytics.contract import DATASETS, Dataset
from analytics.model import EVER, MONTH, Level, Period, Selection, counted
from analytics.site import Refusal
from analytics.sql import Asked, Statement
from analytics.store import Store
from analytics.yearly import ROW_GROUP, YEAR

FOLDER = "cubes"
LAYOUT = 1
"""Raise it when what is written changes, though what is summed does not."""
FROM_ROWS = 1_000_000
"""A dataset above this many rows has cubes; a smaller one is answered from memory."""
CHUNK_ROWS = 4_000_000
"""More rows than this are summed year by year, so that what is grouped at once stays small."""

_BUILDING = "building-"
_TIGHT = 9
"""Cells are written once and read often."""

_FAULTS = (OSError, duckdb.Error, pa.ArrowException, DeltaError)

Sum = Callable[[Statement], pa.Table]
"""Runs a statement over the rows, which are called ROWS."""
ROWS = "rows"


class NotBuilt(Refusal):
    """The cubes could not be written; everything is answered from the rows meanwhile."""


class Adder(Protocol):
    """What adds rows up, on one machine or on many: one class for each engine."""

    def over(
        self, dataset: Dataset, files: Sequence[str], level: Level | None
    ) -> AbstractContextManager[Sum]:
        """Makes Parquet files of a dataset's rows ready to be summed, places told apart down to a level."""


class Here:
    """DuckDB in this process."""

    @contextmanager
    def over(self, dataset: Dataset, files: Sequence[str], level: Level | None) -> Iterator[Sum]:
        """The files as a view."""
        with aside.over(files) as connection:
            aside.view(connection, ROWS, dataset, files, level)
            yield _asking(connection)


@dataclass(frozen=True)
class Stored:
    """A cube's files of one version; `size`: how many cells they hold."""

    cube: Cube
    version: int
    files: tuple[str, ...]
    size: int


def definition(cube: Cube) -> str:
    """A hash of all that a cube's numbers depend on but the rows: an edited metric never meets old sums."""
    asked = [Asked(measure, stock=False) for measure in cube.measures]
    summed = sql.select(ROWS, asked, (MONTH.name, *cube.by), Selection(EVER))
    return sums.of(repr((LAYOUT, cube, summed)).encode())


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
        self._folder.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=_BUILDING, dir=self._folder) as folder:
            work = _Work(Path(folder), DATASETS[dataset], version, adder)
            made = {cube.name: self._made(cube, work, files, listed) for cube in cubes_of(dataset)}
        # those of the version that readers have now stay, whatever becomes of the new one
        served = {at: entry for at, entry in listed.items() if at == str(self._store.versions().get(dataset))}
        self._put(dataset, served | {str(version): {"rows": self._inside(files), "cubes": made}})

    def _made(
        self, cube: Cube, work: _Work, files: Sequence[str], listed: Mapping[str, Any]
    ) -> dict[str, Any]:
        """The cube's entry in the list; its files are in the folder when it returns."""
        before = self._before(cube, files, listed)
        months, partial, made_by = dict(before.months), _Partial(cube, work), definition(cube)
        partial.add(before.come, 1)
        partial.add(before.gone, -1)
        for year in _by_year(partial.months()):
            old = [months.pop(str(month)) for month in year if str(month) in months]
            for month, cells in partial.merged(year, [str(self._folder / name) for name, *_ in old]):
                name = f"{cube.dataset}-{cube.name}-{month}-{uuid4().hex}.parquet"
                _write(cells, cube.name, made_by, work.version, self._folder / name)
                months[str(month)] = name, sums.of_file(self._folder / name), cells.num_rows
        return {"definition": made_by, "months": dict(sorted(months.items()))}

    def _before(self, cube: Cube, files: Sequence[str], listed: Mapping[str, Any]) -> _Before:
        """The newest whole cube to go on from; nothing where building from all rows is less work."""
        for version, entry in reversed(list(listed.items())):
            if cube not in {one.cube for one in self.stored(cube.dataset, int(version))}:
                continue
            then = {str(self._store.path / name) for name in entry["rows"]}
            come, gone = sorted({*files} - then), sorted(then - {*files})
            there = all(Path(path).exists() for path in gone)
            if there and _rows_of([*gone, *come]) < _rows_of(files):
                return _Before(come, gone, entry["cubes"][cube.name]["months"])
        return _Before(list(files), [], {})

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


@dataclass(frozen=True)
class _Before:
    """The files of rows to add and to take away, and the months' files that there are already."""

    come: list[str]
    gone: list[str]
    months: Mapping[str, tuple[str, str, int]]


@dataclass(frozen=True)
class _Work:
    folder: Path
    dataset: Dataset
    version: int
    adder: Adder


class _Partial:
    """What came and went, summed by the cube's dimensions: one file a date column and stretch of days."""

    def __init__(self, cube: Cube, work: _Work) -> None:
        self._cube, self._work = cube, work
        self._parts: list[tuple[Path, frozenset[int]]] = []

    def add(self, files: Sequence[str], sign: int) -> None:
        """Sums rows, to be added (1) or taken away (-1)."""
        if not files:
            return
        asked = [Asked(measure, stock=False) for measure in self._cube.measures]
        with self._work.adder.over(self._work.dataset, files, self._cube.level) as ask:
            for block in sql.blocks(asked):
                for days in _chunks(files):
                    by = (MONTH.name, *self._cube.by)
                    found = ask(sql.select(ROWS, block, by, Selection(days)))
                    self._keep(found.drop_columns("block"), block, sign)

    def _keep(self, found: pa.Table, block: Sequence[Asked], sign: int) -> None:
        if not found.num_rows:
            return
        width = found.num_columns - len(block)
        columns = {MONTH.name: found.column(0).cast(pa.int32())}
        columns |= dict(zip(self._cube.by, found.columns[1:width], strict=True))
        for a, values in zip(block, found.columns[width:], strict=True):
            columns[self._cube.columns[a.measure]] = pc.multiply(values, sign)
        path = self._work.folder / f"{self._cube.name}-{len(self._parts)}.parquet"
        pq.write_table(pa.table(columns).sort_by(MONTH.name), path, compression="zstd")
        self._parts.append((path, frozenset(pc.unique(columns[MONTH.name]).to_pylist())))

    def months(self) -> list[int]:
        """The months that anything was added to or taken from."""
        return sorted({month for _, months in self._parts for month in months})

    def merged(self, months: Sequence[int], old: Sequence[str]) -> Iterator[tuple[int, pa.Table]]:
        """Each month's cells: those there were and what was summed, without those now empty."""
        parts = [str(path) for path, told in self._parts if told & {*months}]
        empty = self._work.folder / "empty.parquet"
        pq.write_table(_schema(self._cube, parts[0]).empty_table(), empty)
        columns = self._cube.columns
        counts = {columns[measure]: columns[counted(measure)] for measure in columns}
        files = [*old, *parts, str(empty)]
        statement = sql.merge_cells(sql.files(files), self._cube.by, counts, months[0], months[-1])
        with aside.over(files) as connection:
            cells = _asking(connection)(statement)
        for month in months:
            if (mine := cells.filter(pc.equal(cells.column(0), month))).num_rows:
                yield month, mine


def _by_year(months: Iterable[int]) -> list[list[int]]:
    return [list(group) for _, group in groupby(months, lambda month: month // 100)]


def _schema(cube: Cube, like: str) -> pa.Schema:
    """Of the cube's cells, its dimensions as in a file that holds some of them."""
    given = pq.read_schema(like)
    keys = [given.field(name) for name in (MONTH.name, *cube.by)]
    return pa.schema([*keys, *(pa.field(name, pa.int64()) for name in cube.columns.values())])


def _chunks(files: Sequence[str]) -> list[Period]:
    """All days, at once or year by year."""
    years = sorted({int(Path(file).parent.name.removeprefix(f"{YEAR}=")) for file in files})
    if _rows_of(files) <= CHUNK_ROWS:
        return [EVER]
    firsts = [
        date.min,
        *(date(year, 1, 1) for year in range(years[0] + 1, min(years[-1] + 2, date.max.year))),
    ]
    lasts = [*(date(day.year - 1, 12, 31) for day in firsts[1:]), date.max]
    return [Period(first, last) for first, last in zip(firsts, lasts, strict=True)]


def _rows_of(files: Sequence[str]) -> int:
    return sum(pq.read_metadata(file).num_rows for file in files)


def _write(cells: pa.Table, cube: str, made_by: str, version: int, path: Path) -> None:
    said = {"petition.cube": cube, "petition.definition": made_by, "petition.version": f"{version}"}
    pq.write_table(
        cells.replace_schema_metadata(said),
        path,
        compression="zstd",
        compression_level=_TIGHT,
        row_group_size=ROW_GROUP,
    )
    sums.sync(path)


def _asking(connection: duckdb.DuckDBPyConnection) -> Sum:
    return lambda asked: connection.sql(asked.text, params=asked.parameters).to_arrow_table()

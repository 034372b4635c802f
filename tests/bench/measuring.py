"""Everything that is measured at one scale: times side by side, memory alone, work counted."""

from __future__ import annotations

import gc
import json
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from analytics.cubes import FOLDER, FROM_ROWS
from analytics.engine import Database, Engine, Value
from analytics.sql import Statement
from tests.bench.alone import alone, most_resident
from tests.bench.answering import Asking, Contestant
from tests.bench.building import Building, building
from tests.bench.contestants import ANEW, CONTESTANTS, DUCKDB, PRODUCT, names
from tests.bench.places import Scale
from tests.bench.questions import THIS_MONTH, Asked, Where, linked, page

PAGE, LINKED, ONE = "the page: 12 questions", "5 linked views", "`SELECT 1`"
ROUNDS = range(3, 22)
"""At least and at most so many rounds, as many as fit into the seconds."""
SECONDS = 90.0

_CHANNELS, _TOPICS = ("visit", "online", "letter"), ("城乡建设", "农村农业", "政法")


@dataclass(frozen=True)
class Work:
    """What DuckDB did for one page: it does not depend on the machine."""

    statements: int
    row_groups: int
    rows: int
    read: int


@dataclass(frozen=True)
class Memory:
    """MiB at most resident: once everything is imported, then all in all."""

    imported: int
    most: int

    @property
    def data(self) -> int:
        """What is there for the data, and for answering."""
        return self.most - self.imported


@dataclass(frozen=True)
class Measured:
    """All of one scale. `times`: medians in ms, by what was asked, then by who answered.

    `memory`: of each alone in a process. `work`: by what was asked, then by who. `stored`, `cubes`: bytes.
    `building`: of the cubes, where the scale has any.
    """

    scale: Scale
    stored: int
    cubes: int
    rounds: int
    times: Mapping[str, Mapping[str, float]]
    memory: Mapping[str, Memory]
    work: Mapping[str, Mapping[str, Work]]
    building: Building | None

    @property
    def filters(self) -> list[str]:
        """Names of the filtered pages."""
        return [name for name in self.times if name not in (PAGE, LINKED, ONE)]


def measured(scale: Scale, folder: Path) -> Measured:
    """Raises AssertionError where two do not give the same numbers."""
    taking_part = {name: CONTESTANTS[name](folder, scale) for name in names(scale)}
    engine = _engine(taking_part[PRODUCT])
    asked = everything(scale, engine)
    for name, parts in asked.items():
        agree(name, parts, taking_part)
    times, rounds = interleaved(asked, taking_part)
    work = {
        what: {name: work_of(taking_part[name], parts) for name in (PRODUCT, ANEW, DUCKDB)}
        for what, parts in asked.items()
    }
    stored, cubes = (_bytes(folder / name) for name in ("petitions", FOLDER))
    del taking_part, engine
    gc.collect()
    resident = {name: memory(folder, scale, name, asked) for name in names(scale)}
    built = building(folder) if scale.rows > FROM_ROWS else None
    return Measured(scale, stored, cubes, rounds, times, resident, work, built)


def _bytes(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*.parquet"))


def _engine(contestant: Contestant) -> Engine:
    assert isinstance(contestant, Asking)
    return contestant.engine


# --- what is asked --------------------------------------------------------------------------------


def everything(scale: Scale, engine: Engine) -> dict[str, tuple[Asked, ...]]:
    """The page, the page under three filters, the linked views, by name."""
    below, narrow = _busiest(engine, scale.below), _busiest(engine, scale.narrow)
    pages: dict[str, tuple[Asked, ...]] = {PAGE: (page(scale.below),)}
    for at, (channel, topic) in enumerate(zip(_CHANNELS, _TOPICS, strict=True)):
        place = narrow[at * 2 % len(narrow)]
        where = {"channel": (channel,), "topic_1": (topic,), scale.narrow: (place,)}
        pages[f"filtered: {channel} × {topic} × {place}"] = (page(scale.below, where),)
    chosen: Where = {
        scale.below: (below[0],),
        "channel": ("visit",),
        "topic_1": ("政法",),
        "is_repeat": ("false",),
    }
    return pages | {LINKED: linked(scale.below, chosen)}


def _busiest(engine: Engine, dimension: str) -> list[str]:
    """Members by their items of the month, the most first."""
    ranking = engine.ask(("petitions",), (dimension,), THIS_MONTH).ranking("petitions")
    return [line.member for line in ranking]


def agree(name: str, parts: Sequence[Asked], taking_part: Mapping[str, Contestant]) -> None:
    """Raises AssertionError where any two do not give the same numbers."""
    for asked in parts:
        first, *others = [(who, contestant.answers(asked)) for who, contestant in taking_part.items()]
        for who, answers in others:
            for question, mine, theirs in zip(asked.questions, first[1], answers, strict=True):
                assert mine == theirs, (name, question, first[0], who)


# --- times ----------------------------------------------------------------------------------------


def interleaved(
    asked: Mapping[str, Sequence[Asked]], taking_part: Mapping[str, Contestant]
) -> tuple[dict[str, dict[str, float]], int]:
    """Medians, and of how many rounds: in each everybody answers everything once, as noise meets all."""
    works: dict[tuple[str, str], Callable[[], object]] = {
        (what, who): lambda parts=parts, one=one: one.draw(parts)
        for what, parts in asked.items()
        for who, one in taking_part.items()
    }
    plain = duckdb.connect()
    works[ONE, DUCKDB] = lambda: plain.execute("SELECT 1").fetchall()
    found: dict[tuple[str, str], list[float]] = {place: [] for place in works}
    start, rounds = time.perf_counter(), 0
    gc.collect()
    gc.freeze()  # as the server does after its start
    while rounds < ROUNDS.start or (rounds < ROUNDS.stop and time.perf_counter() - start < SECONDS):
        for place, work in works.items():
            found[place].append(_milliseconds(work))
        rounds += 1
    gc.unfreeze()
    times: dict[str, dict[str, float]] = {}
    for (what, who), several in found.items():
        times.setdefault(what, {})[who] = statistics.median(several)
    return times, rounds


def _milliseconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1000


# --- memory ---------------------------------------------------------------------------------------


def memory(folder: Path, scale: Scale, name: str, asked: Mapping[str, Sequence[Asked]]) -> Memory:
    """Of a process in which one contestant alone opens, loads and answers everything."""
    return alone(_answering, folder, scale, name, asked)


def _answering(folder: Path, scale: Scale, name: str, asked: Mapping[str, Sequence[Asked]]) -> Memory:
    before = most_resident()
    contestant = CONTESTANTS[name](folder, scale)
    for parts in asked.values():
        contestant.draw(parts)
    return Memory(before, most_resident())


# --- work -----------------------------------------------------------------------------------------


def work_of(contestant: Contestant, parts: Sequence[Asked]) -> Work:
    """What DuckDB does when one of the engines is asked, told by itself."""
    engine = _engine(contestant)
    usual = engine.database
    engine.database = noting = _Noting(usual)
    try:
        contestant.draw(parts)
    finally:
        engine.database = usual
    told = [_told(usual, statement) for statement in noting.statements]
    return Work(
        len(told),
        sum(query["total_row_groups_scanned"] for query, _ in told),
        sum(query["total_rows_scanned"] for query, _ in told),
        sum(io["total_bytes_read"] for _, io in told),
    )


def _told(database: Database, statement: Statement) -> tuple[Mapping[str, int], Mapping[str, int]]:
    explained = Statement(f"EXPLAIN (ANALYZE, FORMAT json) {statement.text}", statement.parameters)
    report = json.loads(str(database.rows(explained)[0][1]))
    return report["query"], report["io"]


class _Noting:
    """A database that notes the statements it runs."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.statements: list[Statement] = []

    def rows(self, statement: Statement) -> list[tuple[Value, ...]]:
        self.statements.append(statement)
        return self._database.rows(statement)

    def table(self, statement: Statement) -> pa.Table:
        self.statements.append(statement)
        return self._database.table(statement)

    def __getattr__(self, name: str) -> object:
        return getattr(self._database, name)

"""Answers queries: resolves names, finds the version's rows, asks each dataset once, caches the result."""

from __future__ import annotations

import copy
import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, partial
from pathlib import Path
from typing import Protocol, TypeVar

import duckdb
import pyarrow as pa

from analytics import cubes, kept, sources, sql
from analytics.access import forbidden
from analytics.catalogue import UnknownName, member, metric, nearest, require
from analytics.catalogue.clocks import Clock
from analytics.contract import DATASETS, LINKS, UNFILLED, Dataset, Field
from analytics.cubes import Cubes, Stored
from analytics.members import Group
from analytics.memory import Memory
from analytics.model import (
    EVER,
    EVERYTHING,
    LEVELS,
    MONTH,
    NOWHERE,
    Comparison,
    Measure,
    Metric,
    Period,
    Query,
    Right,
    Scope,
    Selection,
)
from analytics.monthly import Arrays
from analytics.result import (
    NOBODY,
    UNKNOWN,
    Cell,
    Counts,
    Coverage,
    Key,
    Parts,
    Result,
    absent,
    cells,
    compared,
    month_text,
    realigned,
)
from analytics.running import RUNNING, Asker, Here, command, scratch
from analytics.settings import load_site
from analytics.site import ROOT, Refusal, Site, site_file, today
from analytics.sources import Cells, Held, Listed, Question, Rows, Source, Sums, Value
from analytics.sql import Asked
from analytics.store import Served, Store

IN_MEMORY_ROWS = 50_000
"""A dataset up to this size is loaded whole and listed: whatever is counted of it is then counted without a
statement. A larger one is read from its files, and months of it are held."""
REMEMBERED = 48 * 1024 * 1024
"""Bytes of results, and of what was worked out from them, that stay in memory: each weighs 7 KiB to 1 MiB."""
KEPT_VERSIONS = 3
"""Versions of one dataset that stay loaded, and listed: the present one and what was lately asked again."""

_ASKED_AT_ONCE = 1_000
_OF_ALL_DAYS = Selection(EVER)
T = TypeVar("T")
Files = Callable[[], Sequence[str]]
"""Gives a version's Parquet files; asked only where they are not loaded yet."""


class Database(sources.Database, Protocol):
    """What runs statements and knows the datasets' rows: one class for each engine."""

    def relation(self, dataset: Dataset, version: int | None, files: Files) -> Table:
        """The dataset's rows at that version; None: never imported, no rows."""

    def cells(self, stored: Stored) -> str:
        """A stored cube as a name to select from."""


class Unreadable(Refusal):
    """Files of data that cannot be read. `reason`: what DuckDB says of them."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"数据文件缺失或读不了（{reason}）：请运行 petition check，从备份恢复")
        self.reason = reason


_UNREADABLE = (Unreadable, duckdb.InvalidInputException)
"""What is said of a Parquet file that is cut, damaged or none."""


@dataclass(frozen=True)
class Table:
    """A dataset's rows at one version: a name to select from, how many; `listed`: few enough for that."""

    name: str
    size: int
    listed: bool


class DuckDB:
    """DuckDB in the process, closed to everything but the store's files; one cursor a statement."""

    def __init__(self, folder: str, asker: Asker = command) -> None:
        """`asker`: tells for whom a statement runs, so that it ends when they are gone."""
        self._connection = duckdb.connect(":memory:")
        self._asker = asker
        self._loaded: OrderedDict[str, Table] = OrderedDict()
        self._views: dict[str, sql.Statement] = {}
        """Of each table in memory how it is read from its files instead."""
        self._cubes: dict[str, tuple[str, ...]] = {}
        self._lock = threading.RLock()
        setup = self._connection.cursor()
        for setting in sql.locked_down(_readable(folder), str(scratch())):
            setup.execute(setting)

    def rows(self, statement: sql.Statement) -> list[tuple[Value, ...]]:
        """Runs one statement. Raises Refusal where it takes too long or too much, or nobody waits for it."""
        return self._run(lambda cursor: cursor.execute(statement.text, statement.parameters).fetchall())

    def table(self, statement: sql.Statement) -> pa.Table:
        """The same as columns. Raises Refusal."""
        return self._run(
            lambda cursor: cursor.sql(statement.text, params=statement.parameters).to_arrow_table()
        )

    def _run(self, ask: Callable[[duckdb.DuckDBPyConnection], T], here: Here | None = None) -> T:
        """On a cursor of its own: a shared one mixes threads' answers. `here`: for whom, if not the asker."""
        cursor = self._connection.cursor()
        try:
            with RUNNING.while_here(here or self._asker(), cursor.interrupt):
                return ask(cursor)
        except duckdb.InterruptException:
            raise Refusal(
                f"查询超过 {RUNNING.seconds:.0f} 秒没有算完，已停止：请缩小期间或筛选后重试"
            ) from None
        except (duckdb.IOException, duckdb.SerializationException) as fault:  # of files read where they lie
            raise Unreadable(str(fault).splitlines()[0]) from None
        except duckdb.OutOfMemoryException:
            raise Refusal("查询要用的内存或临时空间超过上限，已停止：请缩小期间或筛选后重试") from None
        finally:
            cursor.close()

    def relation(self, dataset: Dataset, version: int | None, files: Files) -> Table:
        """Loads a version once: into memory where it is small, else as a view over its files."""
        name = f"{dataset.name}@{version}"
        with self._lock:
            if name not in self._loaded:
                self._loaded[name] = self._load(name, dataset, files())
                self._set_down(dataset)
            self._loaded.move_to_end(name)
            return self._loaded[name]

    def cells(self, stored: Stored) -> str:
        """A view over its files."""
        name = f"{stored.cube.dataset}.{stored.cube.name}@{stored.version}"
        with self._lock:
            if self._cubes.get(name) != stored.files:
                self.rows(sql.define_cube(name, sql.files(stored.files)))
                self._cubes[name] = stored.files
        return sql.quoted(name)

    def _load(self, name: str, dataset: Dataset, files: Sequence[str]) -> Table:
        if not files:
            self.rows(sql.define_empty(name, dataset))
            return Table(sql.quoted(name), 0, listed=True)
        try:
            return self._define(name, dataset, sql.files(files))
        except _UNREADABLE as fault:
            reason = fault.reason if isinstance(fault, Unreadable) else str(fault).splitlines()[0]
            raise Refusal(f"{dataset.label}的数据文件缺失或读不了（{reason}）：请从备份恢复") from None

    def _define(self, name: str, dataset: Dataset, source: str) -> Table:
        size = int(str(self.rows(sql.count(source))[0][0]))
        present = {str(row[0]) for row in self.rows(sql.describe(source))}
        held = size <= IN_MEMORY_ROWS
        self.rows(sql.define(name, dataset, source, present, held))
        if held:
            self._views[name] = sql.define(name, dataset, source, present, in_memory=False)
        return Table(sql.quoted(name), size, held)

    def _set_down(self, dataset: Dataset) -> None:
        """Of versions asked for less lately the files are read: whoever still looks at one goes on.

        One whose files are gone is no more, and says so to whoever asks for it.
        """
        held = [name for name in self._loaded if name in self._views and name.startswith(f"{dataset.name}@")]
        for name in held[:-KEPT_VERSIONS]:
            try:
                self._run(partial(_executed, sql.instead(name, self._views[name])), command())
            except _UNREADABLE:
                self.rows(sql.drop(name))
                del self._loaded[name]
            del self._views[name]


def _executed(statements: Sequence[sql.Statement], cursor: duckdb.DuckDBPyConnection) -> None:
    for statement in statements:
        cursor.execute(statement.text, statement.parameters)


def _readable(folder: str) -> list[str]:
    """Of a data directory the datasets, as folders or single files: not the secrets beside them."""
    rows = [f"{folder}/{name}{ending}" for name in DATASETS for ending in ("", ".parquet")]
    return [*rows, f"{folder}/{cubes.FOLDER}"]


@dataclass(frozen=True)
class Records:
    """The rows behind a number: fields of the contract, and each row's values in their order.

    `met`: whether the row counts in the numerator. `more`: there are rows beyond the limit.
    """

    fields: tuple[Field, ...]
    rows: tuple[tuple[Value, ...], ...]
    met: tuple[bool, ...]
    more: bool


@dataclass(frozen=True)
class Waiting:
    """What waits on one clock with one holder.

    `counts`: rows past their day, due on the day, in 1–3 days, in 4–7. `earliest`: the first due date.
    """

    holder: str
    counts: tuple[int, ...]
    earliest: date


@dataclass(frozen=True)
class Spell:
    """One backlog case's time: from its assignment to its closing (None: not closed), and who holds it."""

    case_id: str
    batch: str
    assigned: date
    closed: date | None
    due: date | None
    lead_official: str = ""
    township: str = ""
    responsible_unit: str = ""


class Forbidden(Refusal):
    """Whoever looks may not do this."""


class Engine:
    """Answers queries over one store. Safe to share between threads."""

    def __init__(self, store: Store, site: Site, database: Database | None = None) -> None:
        self.store = store
        self.site = site
        self.database = database or DuckDB(str(store.path.resolve()))
        self._memory = Memory(REMEMBERED)
        self._coverage: dict[tuple[str, int], Coverage | None] = {}
        self._extents: dict[tuple[str, int], tuple[Value, ...]] = {}
        self._frozen: Served | None = None
        self._sources: dict[tuple[str, int], tuple[Source, ...]] | None = None
        """Of a frozen engine, which lives as long as a page is drawn: they are found once."""
        # by number, not by weight: a county's version weighs little, and a prefecture's must fit
        self._listings = {name: Memory(KEPT_VERSIONS + 1, lambda _: 1) for name in DATASETS}
        self._arrays, self._cubes = Arrays(), Cubes(store)
        self.scope = EVERYTHING

    # --- for whom ---

    def seen_by(self, scope: Scope) -> Engine:
        """The same engine for whoever may see no more than this: every answer is within it."""
        other = copy.copy(self)
        other.scope = self.scope.within(scope)
        return other

    def allow(self, right: Right) -> None:
        """Raises Forbidden where whoever looks may not."""
        if right not in self.scope.rights:
            raise Forbidden(forbidden(right))

    def _mine(self, selection: Selection, right: Right = "counts") -> Selection:
        """The selection within what may be seen. Raises Forbidden."""
        scope = self.scope.within(selection.scope)
        if right not in scope.rights:
            raise Forbidden(forbidden(right))
        return selection if scope == selection.scope else replace(selection, scope=scope)

    def _asked(self, selection: Selection, right: Right = "counts") -> Selection:
        """The same as statements take it: places by code."""
        return self._coded(self._mine(selection, right))

    # --- what there is ---

    def frozen(self, versions: Mapping[str, int]) -> Engine:
        """The same engine, with its cache, for which these versions are served whatever is imported."""
        other = copy.copy(self)
        other._frozen = replace(self._served, versions=dict(versions))
        other._sources = {}
        return other

    @property
    def _served(self) -> Served:
        return self._frozen or self.store.served()

    def versions(self) -> dict[str, int]:
        """The versions that the site serves now; of a frozen engine the ones it was given."""
        return dict(self._served.versions)

    @property
    def warning(self) -> str:
        """That what is shown is not the newest, since that is damaged, and what to do; else empty."""
        return self._served.warning

    @property
    def mark(self) -> str:
        """The same for a line of sources."""
        return self._served.mark

    def coverage(self, dataset: str, version: int | None = None) -> Coverage | None:
        """First and last day with data; None where the dataset holds no row.

        The last day is what the last import declared (`--covers-to`), else the latest event date.
        """
        version = self.versions().get(dataset, 0) if version is None else version
        place = (dataset, version)
        if place not in self._coverage:
            days = [day for day in self._extent(dataset, version) if isinstance(day, date)]
            declared = self.store.declared_coverage(dataset, version) if days else None
            self._coverage[place] = Coverage(days[0], declared or max(days)) if days else None
        return self._coverage[place]

    def _extent(self, dataset: str, version: int) -> tuple[Value, ...]:
        """The first day, then the last of each event date."""
        place = (dataset, version)
        if place not in self._extents:
            found = self.database.rows(sql.extent(self._relation(dataset, version), DATASETS[dataset]))
            self._extents[place] = found[0]
        return self._extents[place]

    def _latest(self, dataset: str, version: int) -> dict[str, date]:
        """Of each event date the last day that a row has; of one that no row has the beginning of time."""
        days = zip(DATASETS[dataset].event_dates, self._extent(dataset, version)[1:], strict=True)
        return {name: day if isinstance(day, date) else date.min for name, day in days}

    def _relation(self, dataset: str, version: int) -> str:
        return self._table(dataset, version).name

    def _table(self, dataset: str, version: int) -> Table:
        if not version and dataset not in self.versions():
            return self.database.relation(DATASETS[dataset], None, list)
        return self.database.relation(DATASETS[dataset], version, lambda: self.store.files(dataset, version))

    # --- questions ---

    def query(
        self,
        metrics: Sequence[str],
        by: Sequence[str] = (),
        period: Period | None = None,
        where: Mapping[str, Iterable[str]] | None = None,
        compare: Comparison = "none",
        as_of: date | None = None,
        versions: Mapping[str, int] | None = None,
        scope: Scope = EVERYTHING,
    ) -> Query:
        """A query with every name looked up and every default filled in.

        No period: all covered days. No `as_of`: the least recent coverage among the datasets used.
        Raises Refusal (UnknownName for a name that the catalogue lacks).
        """
        chosen = [metric(name) for name in dict.fromkeys(metrics)]
        if not chosen:
            raise Refusal("没有给出指标：请至少选一个，全部指标见 petition catalogue")
        where = where or {}
        if MONTH.name in where:
            raise Refusal("月份不能作为筛选条件：请用期间（--month 或 --from/--to）")
        require(chosen, [*by, *where])
        used = dict.fromkeys(name for m in chosen for name in (m.dataset, m.imported))
        at = self._versions_of(used, versions or {})
        period, as_of = self._days(self._known(chosen, at), period, as_of)
        members = tuple(
            (name, tuple(sorted({self._member(name, text) for text in texts})))
            for name, texts in sorted(where.items())
        )
        selection = self._mine(Selection(period.until(as_of), members, scope))
        names = tuple(m.name for m in chosen)
        return Query(names, tuple(dict.fromkeys(by)), selection, at, compare, as_of)

    def _member(self, name: str, text: str) -> str:
        """The member: a township by any spelling that the site knows, a place above it by name or code."""
        if name in LEVELS and text != UNFILLED:
            return self.site.places.name_of(self._code(name, text))
        if name != "township" or not self.site.townships or text in NOBODY:
            return member(name, text)
        if text not in self.site.township_names:
            near = nearest(text, self.site.township_names)
            raise UnknownName(f"镇街名单里没有“{text}”{near}；名单在 site.toml")
        return self.site.township_names[text].name

    def _code(self, level: str, text: str) -> str:
        """The code of a level's place by its name or code. Raises UnknownName."""
        if text == UNFILLED:
            return NOWHERE
        places = self.site.places
        if not (code := places.code_of(level, text)):
            near, label = nearest(text, places.names(level, {})), LEVELS[level].label
            raise UnknownName(f"没有名称或代码是“{text}”的{label}{near}；名称与代码写在 site.toml")
        return code

    def _coded(self, selection: Selection) -> Selection:
        """The selection with the codes of places for their names."""
        if not any(name in LEVELS for name, _ in selection.members):
            return selection
        members = (
            (name, tuple(self._code(name, text) for text in texts) if name in LEVELS else texts)
            for name, texts in selection.members
        )
        return replace(selection, members=tuple(members))

    def _teller(self, by: Sequence[str]) -> Callable[[Group], Key]:
        """Of members as statements give them what people know: months written out, places by name."""
        tellers = [self._telling(name) for name in by]
        return cache(lambda group: tuple(tell(m) for tell, m in zip(tellers, group, strict=True)))

    def _telling(self, name: str) -> Callable[[object], str]:
        if name in LEVELS:
            places = self.site.places
            return lambda code: UNFILLED if str(code) == NOWHERE else places.name_of(str(code))
        return _month if name == MONTH.name else str

    def _versions_of(self, used: Iterable[str], wanted: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
        served = self.versions()
        return tuple((dataset, wanted.get(dataset, served.get(dataset, 0))) for dataset in used)

    def _known(self, metrics: Iterable[Metric], versions: tuple[tuple[str, int], ...]) -> dict[str, Coverage]:
        """What bounds the metrics: each imported dataset that they rest on, with its coverage."""
        at = dict(versions)
        found: dict[str, Coverage] = {}
        for m in metrics:
            own, bound = (self.coverage(name, at[name]) for name in (m.dataset, m.imported))
            if own and bound:
                found[m.imported] = Coverage(own.first, min(own.last, bound.last))
        return found

    def _days(
        self, known: Mapping[str, Coverage], period: Period | None, as_of: date | None
    ) -> tuple[Period, date]:
        covered = list(known.values())
        as_of = as_of or min((c.last for c in covered), default=today())
        if period is None:
            first = min((c.first for c in covered), default=as_of)
            period = Period(min(first, as_of), as_of)
        return period, as_of

    def ask(self, *args: object, **kwargs: object) -> Result:
        """`answer(query(…))`."""
        return self.answer(self.query(*args, **kwargs))  # type: ignore[arg-type]

    def answer(self, query: Query) -> Result:
        """The query's result within what may be seen, from the cache where it was asked before."""
        selection = self._mine(query.selection)
        mine = query if selection is query.selection else replace(query, selection=selection)
        return self.remember(mine, lambda: self._compute(mine))

    def remember(self, key: Hashable, work: Callable[[], T]) -> T:
        """What the work gives, from the cache where it was done before under the same key.

        The key must name all that the work depends on besides this engine: a Query does, with its versions.
        Nobody is given what was done for one who may see something else.
        """
        return self._memory.once((self.scope, key), work)

    def forget(self) -> None:
        """Empties the cache."""
        self._memory.forget()
        for listings in self._listings.values():
            listings.forget()
        self._arrays.forget()

    def sources(self, dataset: str, version: int) -> tuple[Source, ...]:
        """Wherever questions about a dataset at a version may be answered from."""
        if self._sources is None:
            return self._found(dataset, version)
        if (dataset, version) not in self._sources:
            self._sources[dataset, version] = self._found(dataset, version)
        return self._sources[dataset, version]

    def _found(self, dataset: str, version: int) -> tuple[Source, ...]:
        table = self._table(dataset, version)
        if table.listed:
            rows = Rows(self.database, table.name, table.size)
            return Listed(self._listings[dataset], table, rows), rows
        rows = Rows(self.database, table.name, table.size, self._latest(dataset, version))
        cells = [
            Cells(self.database, one.cube, self.database.cells(one), one.size, rows)
            for one in self._cubes.stored(dataset, version)
            if one.files
        ]
        origins = cells if table.size > cubes.FROM_ROWS else [rows]
        return *(Held(self._arrays, table, one, rows) for one in origins), *cells, rows

    def _compute(self, query: Query) -> Result:
        period = query.selection.period
        at = query.by.index(MONTH.name) if MONTH.name in query.by else None
        now = self._cells(query, period)
        stretches = compared(period, query.compare, at is not None)
        base: dict[Key, tuple[Cell, ...]] | None = None
        base_period = None
        if stretches:
            base_period = Period(stretches[0].base.start, stretches[-1].base.end, stretches[-1].base.cut)
            base = {}
            for stretch in stretches:
                base |= realigned(self._cells(query, stretch.base), stretch, at)
            # A member with a base but nothing now still has its line: it fell to 0.
            nothing = tuple(absent(metric(name)) for name in query.metrics)
            now = {**dict.fromkeys(base, nothing), **now}
        elif query.compare != "none":
            base = dict.fromkeys(now, tuple(UNKNOWN for _ in query.metrics))
        coverage = self._known([metric(name) for name in query.metrics], query.versions)
        return Result(query, now, base, base_period, coverage)

    def _cells(self, query: Query, period: Period) -> dict[Key, tuple[Cell, ...]]:
        asked = replace(query, selection=self._coded(replace(query.selection, period=period)))
        return cells(asked, period, self._parts(asked))

    def _parts(self, query: Query) -> Parts:
        """What adds up, of each dataset at once; each quantile's counts by days."""
        chosen = [metric(name) for name in query.metrics]
        told = self._teller(query.by)  # the groups of one measure recur in the next
        sums: dict[tuple[Measure, bool], dict[Key, int]] = {}
        counts: dict[Measure, Counts] = {}
        for dataset, version in query.versions:
            mine = [m for m in chosen if m.dataset == dataset]
            asked = dict.fromkeys(Asked(x, m.stock) for m in mine if m.quantile is None for x in m.measures)
            if asked:
                question = Question(tuple(asked), query.by, query.selection)
                for one, found in self._sums(question, version).items():
                    sums[one.measure, one.stock] = {told(group): n for group, n in found.items()}
            for m in mine:
                if m.quantile is not None and (measure := m.measures[0]) not in counts:
                    counts[measure] = self._counts(measure, m.quantile.by, query, version)
        return Parts(sums, counts)

    def _sums(self, question: Question, version: int) -> Sums:
        """From the source to which it costs least; from the rows where that cannot be read."""
        if question.selection.period.empty:
            return {asked: {} for asked in question.asked}
        *_, rows = sources = self.sources(question.dataset.name, version)
        try:
            return _cheapest(sources, question).sums(question)
        except _UNREADABLE:  # a cube lost or damaged since it was found whole
            self._cubes.forget()
            if self._sources is not None:
                self._sources.clear()
            return rows.sums(question)

    def _counts(self, measure: Measure, column: str, query: Query, version: int) -> Counts:
        asked = Asked(measure, stock=False)
        found: dict[Key, dict[int, int]] = {}
        question, told = Question((asked,), (*query.by, column), query.selection), self._teller(query.by)
        for (*members, days), n in self._sums(question, version)[asked].items():
            if isinstance(days, int):
                found.setdefault(told(tuple(members)), {})[days] = n
        return found

    def stretches(
        self,
        name: str,
        by: Sequence[str],
        days: Sequence[Period],
        selection: Selection,
        versions: Mapping[str, int],
    ) -> dict[Key, tuple[int, ...]]:
        """How many rows a metric counts in each of the days' stretches, by group, in one statement.

        `days` follow one another without a gap, the oldest first; the selection's own period does not count.
        The metric is one measure that counts rows. Groups without any row are left out.
        """
        whole, where = Period(days[0].start, days[-1].end), dict(selection.members)
        query = self.query((name,), by, whole, where, versions=versions, scope=selection.scope)
        ((dataset, version),), (measure,) = query.versions, metric(name).measures
        ends = [stretch.end for stretch in days[:-1]]
        asked = sql.select_stretches(
            self._relation(dataset, version), measure, ends, by, self._coded(query.selection)
        )
        found: dict[Key, list[int]] = {}
        told = self._teller(by)
        for *members, at, value in self.database.rows(asked):
            found.setdefault(told(tuple(members)), [0] * len(days))[int(str(at))] = int(str(value))
        return {key: tuple(counts) for key, counts in found.items()}

    # --- records ---

    def records(self, name: str, selection: Selection, versions: Mapping[str, int], limit: int) -> Records:
        """The rows that a metric counts under a selection, newest first, at most `limit`.

        Raises Forbidden.
        """
        selection, m = self._asked(selection, "records"), metric(name)
        dataset = DATASETS[m.dataset]
        columns = [f.name for f in dataset.fields]
        relation = self._relation(dataset.name, versions.get(dataset.name, 0))
        found = self.database.rows(sql.records(relation, m, columns, selection, limit + 1))
        kept = found[:limit]
        rows = tuple(row[2:] for row in kept)
        return Records(dataset.fields, rows, tuple(row[1] != 0 for row in kept), len(found) > limit)

    def adding(
        self, name: str, selection: Selection, versions: Mapping[str, int], limit: int
    ) -> dict[str, tuple[Value, ...]] | None:
        """What each row adds to a metric under a selection, by the row's key; None for more than the limit.

        To the denominator, where there is one, then to the numerator; of a quantile also the row's days.
        """
        selection, m = self._asked(selection), metric(name)
        dataset = DATASETS[m.dataset]
        columns = [dataset.key, dataset.date, *([m.quantile.by] if m.quantile else [])]
        relation = self._relation(dataset.name, versions.get(dataset.name, 0))
        found = self.database.rows(sql.records(relation, m, columns, selection, limit + 1))
        return {str(row[2]): (*row[:2], *row[4:]) for row in found} if len(found) <= limit else None

    def of_person(self, code: str, limit: int) -> Records:
        """One petitioner's items by their code, the newest first, of all days; at most `limit`.

        Raises Forbidden.
        """
        dataset = DATASETS["petitions"]
        selection = self._asked(_OF_ALL_DAYS, "people")
        relation = self._relation(dataset.name, self.versions().get(dataset.name, 0))
        asked = sql.of_person(relation, [f.name for f in dataset.fields], code, selection, limit + 1)
        found = self.database.rows(asked)
        kept = tuple(found[:limit])
        return Records(dataset.fields, kept, (True,) * len(kept), len(found) > limit)

    def having(self, dataset: str, keys: Sequence[str], version: int, scope: Scope) -> set[str]:
        """Those of the keys that had a row in the scope at that version, whatever counted."""
        selection = self._mine(replace(_OF_ALL_DAYS, scope=scope))
        relation, found = self._relation(dataset, version), set()
        for at in range(0, len(keys), _ASKED_AT_ONCE):
            statement = sql.having(relation, DATASETS[dataset], keys[at : at + _ASKED_AT_ONCE], selection)
            found |= {str(key) for (key,) in self.database.rows(statement)}
        return found

    def chains(self, selection: Selection, versions: Mapping[str, int], most: int) -> Records:
        """The items of the longest matters that have one in the period, matter by matter, as they came.

        Raises Forbidden.
        """
        selection = self._asked(selection, "records")
        relation = self._relation(LINKS.name, versions.get(LINKS.name, 0))
        columns = [f.name for f in LINKS.fields]
        rows = tuple(self.database.rows(sql.chains(relation, columns, selection, most)))
        return Records(LINKS.fields, rows, (True,) * len(rows), more=False)

    # --- what waits ---

    def waiting(
        self, clock: Clock, day: date, selection: Selection, versions: Mapping[str, int]
    ) -> tuple[Waiting, ...]:
        """What waits on a clock at the end of a day, by holder, the most overdue first.

        Of the selection the members and the scope count, its period does not.
        """
        selection, found = self._asked(selection), []
        relation = self._relation(clock.dataset, versions.get(clock.dataset, 0))
        for row in self.database.rows(sql.waiting(relation, clock, day, selection)):
            holder, *counts, earliest = row if clock.holder else (self.site.bureau, *row)
            found.append(Waiting(str(holder), tuple(counts), earliest))  # type: ignore[arg-type]
        return tuple(sorted(found, key=lambda w: (*(-n for n in w.counts), w.holder)))

    def queue(
        self, clock: Clock, day: date, selection: Selection, versions: Mapping[str, int], limit: int
    ) -> Records:
        """The rows that `waiting` counts, in the clock's columns: the longest overdue first.

        Raises Forbidden.
        """
        selection = self._asked(selection, "records")
        dataset = DATASETS[clock.dataset]
        relation = self._relation(dataset.name, versions.get(dataset.name, 0))
        found = self.database.rows(sql.queue(relation, clock, day, selection, limit + 1))
        fields, kept = tuple(dataset[name] for name in clock.columns), tuple(found[:limit])
        return Records(fields, kept, (True,) * len(kept), len(found) > limit)

    # --- how long cases stay open ---

    def spells(self, selection: Selection, versions: Mapping[str, int]) -> tuple[Spell, ...]:
        """Every backlog case under the selection's members and scope, the earliest assigned first."""
        selection, relation = self._asked(selection), self._relation("backlog", versions.get("backlog", 0))
        found = self.database.rows(sql.spells(relation, selection))
        return tuple(Spell(*row) for row in found)  # type: ignore[arg-type]


def _month(number: object) -> str:
    return month_text(int(str(number)))


def _cheapest(sources: Iterable[Source], question: Question) -> Source:
    """The first that costs nothing, else the one that costs least; the last can answer anything."""
    costs: list[tuple[float, Source]] = []
    for source in sources:
        if (cost := source.cost(question)) == 0:
            return source
        costs += [] if cost is None else [(cost, source)]
    return min(costs, key=lambda one: one[0])[1]


# --- which data ------------------------------------------------------------------------------------

STORE, DEMO = ROOT / "data" / "store", ROOT / "data" / "demo"


def data_folder(named: str | Path | None = None, importing: bool = False) -> Path:
    """The data directory: as named, else PETITION_DATA, else the store if it holds rows, else the demo.

    An import goes to the store: the first real one is what makes the site switch to it.
    """
    if named or (named := os.environ.get("PETITION_DATA")):
        inside = Path(named) / kept.FOLDER  # an archived brief is asked by its own folder
        return inside if kept.is_kept(inside) else Path(named)
    return STORE if importing or Store(STORE).versions() else DEMO


def open_engine(folder: Path, asker: Asker = command) -> Engine:
    """An engine over the data directory, with the site that describes it; of an archive as it was then.

    `asker`: for whom each statement runs.
    """
    if kept.is_kept(folder):
        return Engine(kept.Kept(folder), load_site(folder / "site.toml"))
    store = Store(folder)
    return Engine(store, load_site(site_file(folder)), DuckDB(str(store.path.resolve()), asker))

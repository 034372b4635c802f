"""重复关联: which petitions are of one petitioner and one matter, worked out in DuckDB by one statement."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from analytics import aside, sql
from analytics.contract import LINKS, PETITIONS
from analytics.site import Refusal, Site
from analytics.store import schema
from analytics.yearly import ROW_GROUP, YEAR

_KEYS = (LINKS.key, "matter_id")
_CODED = pa.schema(
    field.with_type(pa.dictionary(pa.int32(), pa.string()))
    if field.type == pa.string() and field.name not in _KEYS
    else field
    for field in schema(LINKS)
)
_MEMORY = "256MB"  # an import stays small; millions of petitions are spilled to disk
_BEFORE, _AFTER, _CHANGED = "before", "after", "changed"


@dataclass(frozen=True)
class Petitions:
    """The Parquet files of the petitions as they will be served.

    `before`, `changed`: those served until now, and the keys of the petitions that differ, where only what
    these touch is wanted.
    """

    files: Sequence[str]
    before: Sequence[str] = ()
    changed: Sequence[str] | None = None


@dataclass(frozen=True)
class Linked:
    """Rows of the dataset links, and the last day on which anything happened to any petition."""

    rows: pa.Table
    last: date | None


def link(petitions: Petitions, site: Site) -> Linked:
    """Links every petition, or those of the petitioners touched by what changed."""
    with _opened(petitions) as connection:
        rows = sql.quoted(_AFTER)
        days = _run(connection, sql.extent(rows, PETITIONS)).fetchall()[0][1:]
        if petitions.changed is not None:
            connection.register(_CHANGED, pa.table({PETITIONS.key: pa.array(petitions.changed, pa.string())}))
            rows = sql.touched(sql.quoted(_BEFORE), rows, sql.quoted(_CHANGED))
        wanted = sql.link(rows, site.repeat_days, site.link_rule)
        found = connection.sql(wanted.text, params=wanted.parameters).to_arrow_reader(ROW_GROUP)
        linked = pa.Table.from_batches(map(_coded, found), _CODED)
    last = max((day for day in days if day is not None), default=None)
    return Linked(linked, last)


def _coded(batch: pa.RecordBatch) -> pa.RecordBatch:
    """As the store takes them, in few bytes a row."""
    columns = {YEAR: pc.year(batch[LINKS.date])} | dict(zip(batch.schema.names, batch.columns, strict=True))
    return pa.record_batch([columns[field.name].cast(field.type) for field in _CODED], schema=_CODED)


@contextmanager
def _opened(petitions: Petitions) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database of its own in which the petitions stand under two names. Raises Refusal for a lost file."""
    with aside.over((*petitions.before, *petitions.files), _MEMORY) as connection:
        try:
            for name, files in ((_BEFORE, petitions.before), (_AFTER, petitions.files)):
                aside.view(connection, name, PETITIONS, files)
            yield connection
        except duckdb.IOException as fault:
            reason = str(fault).splitlines()[0]
            raise Refusal(f"{PETITIONS.label}的数据文件缺失或读不了（{reason}）：请从备份恢复") from None


def _run(connection: duckdb.DuckDBPyConnection, statement: sql.Statement) -> duckdb.DuckDBPyConnection:
    return connection.execute(statement.text, statement.parameters)

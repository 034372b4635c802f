"""A DuckDB of its own over some files of rows, for what an import works out; closed to everything else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb

from analytics import sql
from analytics.contract import Dataset
from analytics.running import scratch


@contextmanager
def over(files: Iterable[str], memory: str = "") -> Iterator[duckdb.DuckDBPyConnection]:
    """It reads the folders of the files. `memory`: what is more is spilled to disk."""
    with duckdb.connect(":memory:") as connection:
        folders = {str(Path(file).parent) for file in files}
        for setting in sql.locked_down(sorted(folders), str(scratch()), memory):
            connection.execute(setting)
        yield connection


def columns(connection: duckdb.DuckDBPyConnection, files: Sequence[str]) -> set[str]:
    """Names of all columns that any of the files has."""
    described = connection.execute(sql.describe(sql.files(files)).text).fetchall()
    return {str(row[0]) for row in described}


def view(connection: duckdb.DuckDBPyConnection, name: str, dataset: Dataset, files: Sequence[str]) -> None:
    """Makes `name` the dataset's rows in the files, empty where there are none."""
    if not files:
        connection.execute(sql.define_empty(name, dataset).text)
        return
    defined = sql.define(name, dataset, sql.files(files), columns(connection, files), False)
    connection.execute(defined.text)

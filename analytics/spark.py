"""Cubes summed by a Spark cluster, where one machine would take too long; everything else stays as it is.

The rows are read where they lie and summed by the statements that DuckDB runs here; what comes back is small.
`pyspark` is an optional extra (`pip install petition-statistics[spark]`, Java 17).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from analytics import sql
from analytics.catalogue.cubes import Cube
from analytics.contract import Dataset, Kind
from analytics.cubes import Sum, rows_of
from analytics.model import Period
from analytics.site import Refusal
from analytics.sql import Statement

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

FILES = "files"
_SPEAKS = {
    "spark.sql.ansi.enabled": "true",
    "spark.sql.ansi.doubleQuotedIdentifiers": "true",
    "spark.sql.session.timeZone": "Asia/Shanghai",
    "spark.sql.sources.partitionColumnTypeInference.enabled": "false",
    "spark.sql.execution.arrow.maxRecordsPerBatch": "100000",
    "spark.ui.enabled": "false",
}
"""The statements are standard SQL: names in double quotes, arithmetic that fails rather than wraps."""
_TYPES = {Kind.TEXT: "STRING", Kind.DATE: "DATE", Kind.INTEGER: "INT", Kind.FLAG: "BOOLEAN"}


class Spark:
    """A cluster. `here`, `there`: the data directory as this machine and as the cluster know it."""

    def __init__(self, session: SparkSession, here: str = "", there: str = "") -> None:
        self._session, self._here, self._there = session, here, there

    @contextmanager
    def over(
        self, dataset: Dataset, files: Sequence[str], days: Period, cubes: Sequence[Cube]
    ) -> Iterator[Sum]:
        """The files, and for each cube their rows, as views of the session."""
        read = self._session.read.schema(_schema(dataset)).parquet(*map(self._known_there, files))
        meant = read[dataset.date].between(str(days.start), str(days.end))  # as text, as below
        read.where(meant).createOrReplaceTempView(FILES)
        present = {name for file in files for name in pq.read_schema(file).names}
        for cube in cubes:
            rows = sql.taken(FILES, dataset, present, cube.level)
            self._session.sql(rows.text).createOrReplaceTempView(rows_of(cube))
        try:
            yield self._ask
        finally:
            for view in (*map(rows_of, cubes), FILES):
                self._session.catalog.dropTempView(view)

    def _ask(self, asked: Statement) -> pa.Table:
        # a day as text, which the statement casts: Spark writes the year 1 as 1 and does not read it again
        values = [str(value) if isinstance(value, date) else value for value in asked.parameters]
        return self._session.sql(asked.text, args=values).toArrow()

    def _known_there(self, file: str) -> str:
        if not self._there:
            return f"file://{file}"
        return f"{self._there.rstrip('/')}/{PurePosixPath(file).relative_to(self._here)}"


def _schema(dataset: Dataset) -> str:
    return ", ".join(f"`{field.name}` {_TYPES[field.kind]}" for field in dataset.fields)


@contextmanager
def cluster(
    master: str, here: str, there: str = "", settings: Mapping[str, str] = MappingProxyType({})
) -> Iterator[Spark]:
    """The cluster at an address (spark://host:7077), with more settings of Spark's. Raises Refusal."""
    try:
        from pyspark.sql import SparkSession
    except ImportError:
        raise Refusal(
            "没有安装 Spark 组件：请运行 pip install 'petition-statistics[spark]'，并安装 Java 17"
        ) from None
    builder = SparkSession.builder.master(master).appName("petition-statistics")
    try:
        session = builder.config(map={**_SPEAKS, **settings}).getOrCreate()
    except Exception as fault:  # pyspark tells a missing Java and a lost master by many kinds
        raise Refusal(
            f"连不上 Spark 集群 {master}（{type(fault).__name__}）：请检查地址与 Java 17"
        ) from fault
    try:
        yield Spark(session, here, there)
    finally:
        session.stop()

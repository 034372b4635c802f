"""The product against the second opinion, over generated rows and questions, from every source."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics.catalogue import METRICS
from analytics.contract import DATASETS
from analytics.engine import Engine
from analytics.model import Period, Scope
from analytics.result import Result
from tests import oracle, strategies
from tests.bureau import SITE, Bureau
from tests.oracle import Asked, Key, Rows, Value
from tests.strategies import Question

EXAMPLES = int(os.environ.get("ORACLE_EXAMPLES", "0"))
"""More than the usual few, and other ones every time: ORACLE_EXAMPLES=500."""
QUESTIONS = 12
thorough = settings(
    max_examples=EXAMPLES or 8,
    derandomize=not EXAMPLES,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)

SOURCES = {"memory": 1_000_000, "files": 0}
"""What the engine answers from: rows held in memory up to this many, beyond it the Parquet files."""

BY_DATASET: dict[str, list[str]] = {}
for _name, _opinion in oracle.ORACLE.items():
    BY_DATASET.setdefault(_opinion.dataset, []).append(_name)


@contextmanager
def bureau_with(given_rows: Mapping[str, Rows], closed_by: str) -> Iterator[Bureau]:
    """A bureau that has imported the rows, all of them accepted."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        bureau = Bureau(Path(folder) / "数据 100%", replace(SITE, backlog_closed_by=closed_by))
        for dataset, rows in given_rows.items():
            outcome = bureau.bring(dataset, *rows)
            assert not outcome.rejected
        yield bureau


def engines(bureau: Bureau) -> dict[str, Engine]:
    return {source: Engine(bureau.store, bureau.site) for source in SOURCES}


def ask(engine: Engine, source: str, question: Question) -> Result:
    with patch("analytics.engine.IN_MEMORY_ROWS", SOURCES[source]):
        return engine.ask(
            question.metrics,
            question.by,
            Period(question.start, question.end),
            where=dict(question.where),
            compare=question.compare,
            as_of=question.as_of,
            scope=Scope(question.scope),
        )


def telling(table: Mapping[Key, Mapping[str, Value]]) -> dict[Key, dict[str, Value]]:
    """Without the rows that have nothing but zeros and gaps."""
    return {key: dict(cells) for key, cells in table.items() if oracle.says_something(cells)}


def assert_agrees(result: Result, question: Question, rows: Mapping[str, Rows]) -> None:
    """Every number, and that no row is missing or invented."""
    names = question.metrics
    now = {key: {name: result.value(name, key) for name in names} for key in result.keys}
    if question.as_of < question.start:
        assert now == ({} if question.by else {(): dict.fromkeys(names)})
        return
    asked = Asked(
        names, question.by, question.start, question.end, question.as_of, dict(question.where), question.scope
    )
    expected = oracle.table(asked, rows)
    assert telling(now) == telling(expected)
    if set(question.by) <= {"month"}:
        assert now == expected
    if question.compare != "none":
        assert_compared(result, now, oracle.base_table(asked, rows, question.compare))


def assert_compared(
    result: Result, now: Mapping[Key, Mapping[str, Value]], expected: Mapping[Key, Mapping[str, Value]]
) -> None:
    """Every base and every change."""
    base = {key: {name: result.base_cell(name, key).value for name in cells} for key, cells in now.items()}  # type: ignore[union-attr]
    assert telling(base) == telling(expected)
    for key, cells in now.items():
        for name, value in cells.items():
            counts = METRICS[name].is_count
            assert result.change(name, key) == oracle.change(counts, value, base[key][name])


def assert_records_add_up(engine: Engine, result: Result) -> None:
    """The rows behind each number are as many as it says, and their values sum up to it."""
    for metric in result.metrics:
        found = engine.records(metric.name, result.query.selection, dict(result.query.versions), 1_000)
        cell = result.cell(metric.name)
        value = metric.numerator[0][1].value
        columns = [field.name for field in found.fields]
        met = [row for row, counts in zip(found.rows, found.met, strict=True) if counts]
        assert sum(row[columns.index(value)] if value else 1 for row in met) == cell.numerator  # type: ignore[misc]
        if cell.denominator is not None or not value:
            assert len(found.rows) == (cell.numerator if cell.denominator is None else cell.denominator)


def test_every_metric_has_a_second_opinion() -> None:
    assert {name: metric.dataset for name, metric in METRICS.items()} == {
        name: opinion.dataset for name, opinion in oracle.ORACLE.items()
    }


@pytest.mark.parametrize("closed_by", ["reported", "verified"])
@thorough
@given(data=st.data())
def test_numbers_agree(closed_by: str, data: st.DataObject) -> None:
    given_rows = {name: data.draw(strategies.rows(name), name) for name in strategies.ROWS}
    with bureau_with(given_rows, closed_by) as bureau:
        rows = {name: completed(name, given_rows[name], bureau) for name in given_rows}
        turns = turning_days(rows)
        sources = engines(bureau)
        for _ in range(QUESTIONS):
            question = data.draw(strategies.question(BY_DATASET, turns))
            for source, engine in sources.items():
                result = ask(engine, source, question)
                assert_agrees(result, question, rows)
                if not question.by and source == "memory" and not result.period.empty:
                    assert_records_add_up(engine, result)


@thorough
@given(data=st.data())
def test_every_metric_agrees_on_every_day_that_matters(data: st.DataObject) -> None:
    """All metrics of a dataset at once, day after day around everything that happens to a few rows."""
    dataset = data.draw(st.sampled_from(sorted(BY_DATASET)))
    given_rows = {dataset: data.draw(strategies.rows(dataset, (1, 5)))}
    with bureau_with(given_rows, "verified") as bureau:
        rows = {dataset: completed(dataset, given_rows[dataset], bureau)}
        for day in turning_days(rows):
            question = Question(tuple(BY_DATASET[dataset]), (), day, day, day, (), "none", None)
            assert_agrees(ask(bureau.engine, "memory", question), question, rows)


def completed(dataset: str, rows: Rows, bureau: Bureau) -> list[dict[str, Any]]:
    columns = [field.name for field in DATASETS[dataset].inputs]
    return oracle.derived(dataset, rows, columns, bureau.site)


def turning_days(rows: Mapping[str, Rows]) -> Sequence[date]:
    """The days on which anything in the rows happens or falls due, with the day before and after."""
    days = {
        value for found in rows.values() for row in found for value in row.values() if isinstance(value, date)
    }
    return sorted({day + timedelta(shift) for day in days for shift in (-1, 0, 1)})

"""The product against the second opinion, over generated rows and questions, from every source."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics.catalogue import METRICS
from analytics.contract import DATASETS, IMPORTED
from analytics.engine import Engine
from analytics.model import Period, Scope, Sum
from analytics.result import Result
from analytics.site import Site
from tests import oracle, strategies
from tests.bureau import PREFECTURE, SITE, Bureau
from tests.oracle import Asked, Key, Rows, Value
from tests.strategies import Question
from tests.unanimous import Unanimous

EXAMPLES = int(os.environ.get("ORACLE_EXAMPLES", "0"))
"""More than the usual few, and other ones every time: ORACLE_EXAMPLES=500."""
QUESTIONS = 8
thorough = settings(
    max_examples=EXAMPLES or 2,
    derandomize=not EXAMPLES,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)

SOURCES = {"memory": 1_000_000, "files": 0}
"""What the engine answers from: rows held in memory up to this many, beyond it the Parquet files."""

BY_DATASET: dict[str, list[str]] = {}
for _name, _opinion in oracle.ORACLE.items():
    BY_DATASET.setdefault(_opinion.dataset, []).append(_name)


@dataclass(frozen=True)
class World:
    """What files bring, to which day they are declared complete, and the site's rosters."""

    given: Mapping[str, Rows]
    covered: Mapping[str, date | None]
    site: Site

    def rows(self) -> dict[str, list[dict[str, Any]]]:
        """Every dataset's rows by the second opinion."""
        found = {}
        for name, given_rows in self.given.items():
            columns = [field.name for field in DATASETS[name].inputs]
            found[name] = oracle.derived(name, given_rows, columns, self.site)
        found["duties"] = oracle.duties(found, self.told(), self.site)
        found["links"] = oracle.links(found.get("petitions", []), self.site.repeat_days)
        return found

    def told(self) -> dict[str, date]:
        """The last day that the sources of duties tell everything of."""
        return {
            name: self.covered.get(name) or max(row["held_on"] for row in self.given[name])
            for name in DATASETS["duties"].sources
            if self.given.get(name)
        }

    def last_judged(self) -> date:
        """After this day no duty can be called missed."""
        return max(self.told().values(), default=date.max)


def world(draw: st.DataObject, datasets: Iterable[str], closed_by: str, sizes: Sequence[int]) -> World:
    given_rows = {name: draw.draw(strategies.rows(name, sizes), name) for name in datasets}
    covered = {
        name: draw.draw(strategies.covering(given_rows[name]), f"{name} complete to")
        for name in DATASETS["duties"].sources
        if name in given_rows
    }
    rosters = draw.draw(strategies.rosters(), "rosters")
    site = draw.draw(st.sampled_from([SITE, PREFECTURE]), "site")
    return World(given_rows, covered, replace(site, backlog_closed_by=closed_by, **rosters))


@contextmanager
def bureau_of(world: World) -> Iterator[Bureau]:
    """A bureau that has imported the rows, all of them accepted."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        bureau = Bureau(Path(folder) / "数据 100%", world.site)
        for dataset, rows in world.given.items():
            outcome = bureau.bring(dataset, *rows, covers_to=world.covered.get(dataset))
            assert not outcome.rejected
        yield bureau


def engines(bureau: Bureau) -> dict[str, Engine]:
    return {source: Unanimous(bureau.store, bureau.site) for source in SOURCES}


def ask(engine: Engine, source: str, question: Question) -> Result:
    with patch("analytics.engine.IN_MEMORY_ROWS", SOURCES[source]):
        return engine.ask(
            question.metrics,
            question.by,
            Period(question.start, question.end),
            where=dict(question.where),
            compare=question.compare,
            as_of=question.as_of,
            scope=scope_of(question),
        )


def scope_of(question: Question) -> Scope:
    """A township by its name, a place above it by its code."""
    code = question.scope if question.scope and question.scope.isdecimal() else ""
    return Scope(area=code) if code else Scope(question.scope)


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
    """The rows behind each number, each with what it adds, add up to it; none is there that adds nothing."""
    for metric in result.metrics:
        found = engine.records(metric.name, result.query.selection, dict(result.query.versions), 2_000)
        names = [field.name for field in found.fields]
        rows = [dict(zip(names, row, strict=True)) for row in found.rows]
        met = [row for row, counts in zip(rows, found.met, strict=True) if counts]
        cell = result.cell(metric.name)
        assert sum(adds(metric.numerator, row) for row in met) == cell.numerator
        if metric.denominator:
            assert sum(adds(metric.denominator, row) for row in rows) == cell.denominator
        assert [row for row in rows if row not in met and not adds(metric.denominator or (), row)] == []


def adds(terms: Sum, row: Mapping[str, Any]) -> int:
    """What a row that counts adds: itself, or the signed values of its columns."""
    values = [(sign, measure.value) for sign, measure in terms if measure.value]
    return sum(sign * row[value] for sign, value in values) if values else len(terms[:1])


def test_every_metric_has_a_second_opinion() -> None:
    assert {name: metric.dataset for name, metric in METRICS.items()} == {
        name: opinion.dataset for name, opinion in oracle.ORACLE.items()
    }


@thorough
@given(data=st.data())
def test_numbers_agree(data: st.DataObject) -> None:
    made = world(data, IMPORTED, data.draw(st.sampled_from(["reported", "verified"])), (1, 12, 30))
    rows = made.rows()
    turns = turning_days(rows)
    with bureau_of(made) as bureau:
        sources = engines(bureau)
        for _ in range(QUESTIONS):
            question = judged(data.draw(strategies.question(BY_DATASET, turns)), made)
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
    made = world(data, DATASETS[dataset].sources or (dataset,), "verified", (1, 5))
    rows = made.rows()
    with bureau_of(made) as bureau:
        for day in turning_days({name: rows[name] for name in (dataset, *made.given)}):
            question = judged(Question(tuple(BY_DATASET[dataset]), (), day, day, day, (), "none", None), made)
            assert_agrees(ask(bureau.engine, "memory", question), question, rows)


@thorough
@given(data=st.data())
def test_worked_out_columns_agree(data: st.DataObject) -> None:
    """Every column that the second opinion works out, also those that no metric counts by."""
    dataset = data.draw(st.sampled_from(["petitions", "backlog"]))
    made = world(data, (dataset,), data.draw(st.sampled_from(["reported", "verified"])), (1, 12))
    with bureau_of(made) as bureau:
        key = DATASETS[dataset].key
        stored = {row[key]: row for row in bureau.store.read(dataset).to_pylist()}
    for row in made.rows()[dataset]:
        assert {name: stored[row[key]][name] for name in row} == row


@settings(thorough, max_examples=EXAMPLES or 6)
@given(data=st.data())
def test_duties_agree(data: st.DataObject) -> None:
    """Each window that could be judged is there once, with what became of it; none else has ended."""
    both = DATASETS["duties"].sources
    sources = data.draw(st.sampled_from([both, both, *((each,) for each in both)]))
    made = world(data, sources, "verified", (12, 30))
    expected = made.rows()["duties"]
    with bureau_of(made) as bureau:
        stored = bureau.store.read("duties").to_pylist()
    ended = [row for row in stored if row["window_end"] <= made.last_judged()]
    columns = sorted({name for row in expected for name in row})
    assert len({row["duty_id"] for row in stored}) == len(stored)
    assert sorted(str([row[name] for name in columns]) for row in ended) == sorted(
        str([row[name] for name in columns]) for row in expected
    )


def judged(question: Question, made: World) -> Question:
    """As of a day for which it can be told what was missed, where duties are asked about."""
    if not any(METRICS[name].dataset == "duties" for name in question.metrics):
        return question
    return replace(question, as_of=min(question.as_of, made.last_judged()))


def turning_days(rows: Mapping[str, Rows]) -> Sequence[date]:
    """The days on which anything in the rows happens or falls due, with the day before and after."""
    days = {
        value for found in rows.values() for row in found for value in row.values() if isinstance(value, date)
    }
    return sorted({day + timedelta(shift) for day in days for shift in (-1, 0, 1)})

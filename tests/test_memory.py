"""What is remembered has a weight, and no more than a weight is remembered."""

from __future__ import annotations

import gc
import re
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from types import MappingProxyType

import pyarrow as pa
import pytest

from analytics.answers import answer
from analytics.app import desk
from analytics.app.navigation import PAGES
from analytics.engine import IN_MEMORY_ROWS, REMEMBERED, DuckDB, Engine, open_engine
from analytics.figures import FIGURES
from analytics.memory import Memory, weight
from analytics.model import Period, Selection
from analytics.render import plotly
from analytics.sources import Rows
from analytics.sql import Statement
from tests import screens

KIB = 1024


def test_a_value_weighs_what_it_refers_to_each_thing_once() -> None:
    long = "x" * KIB
    assert KIB < weight(long) < 2 * KIB
    assert weight([long, long, MappingProxyType({"a": long})]) < 2 * KIB
    assert weight([f"{long}{n}" for n in range(10)]) > 10 * KIB


def test_code_weighs_nothing() -> None:
    assert weight((open_engine, Memory, gc)) == weight((None, None, None)) - weight(None)


def test_what_weighs_too_much_goes_and_what_was_wanted_last_stays() -> None:
    memory, worked = Memory(10 * KIB), []

    def work(n: int) -> str:
        worked.append(n)
        return str(n) * 2 * KIB

    for n in (0, 1, 2, 3, 0, 4, 0, 5, 0):
        assert memory.once(n, lambda n=n: work(n)) == str(n) * 2 * KIB
    assert worked == [0, 1, 2, 3, 4, 5]
    assert 0 < weight(memory._held) < 11 * KIB
    memory.forget()
    assert len(memory) == 0


def in_time(work: Callable[[], object]) -> object:
    """What the work gives; fails where it waits for somebody."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(work).result(timeout=60)


def test_whoever_finds_it_waits_for_nobody() -> None:
    """A lock taken for each look is one for which all viewers wait: each holder may lose the interpreter."""
    memory = Memory(KIB)
    memory.once("key", lambda: 7)
    with memory._lock:
        assert in_time(lambda: memory.once("key", lambda: 8)) == 7


listed_or_months = pytest.mark.parametrize("rows", [IN_MEMORY_ROWS, 0], ids=["listed", "months"])


@listed_or_months
def test_what_is_held_of_rows_is_found_without_waiting(
    demo: Path, monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    monkeypatch.setattr("analytics.engine.IN_MEMORY_ROWS", rows)
    engine, asked = open_engine(demo), ("petitions", Period.month("2021-03"))
    first = engine.ask((asked[0],), period=asked[1])
    engine._memory.forget()
    with engine._arrays._turn, engine._listings["petitions"]._lock:
        assert in_time(lambda: engine.ask((asked[0],), period=asked[1])) == first


def test_one_value_is_kept_however_heavy() -> None:
    memory = Memory(KIB)
    for n in range(3):
        memory.once(n, lambda: "x" * 4 * KIB)
    assert len(memory) == 1


def test_heavy_questions_take_no_more_memory_than_light_ones(demo: Path) -> None:
    engine = open_engine(demo)
    engine._memory.most = most = 4 * KIB * KIB
    for month in range(1, 12):
        for metric in ("petitions", "letters", "visits"):
            engine.ask((metric,), ("topic_3", "month"), Period(date(2019, 1, 1), date(2021, month, 28)))
    assert most / 2 < weight(engine._memory._held) < most * 1.1
    assert REMEMBERED < 64 * KIB * KIB


@pytest.mark.parametrize("name", ["trend", "townships", "township_months"])
def test_a_finished_drawing_weighs_less_and_is_drawn_the_same(demo_engine: Engine, name: str) -> None:
    figure = plotly.draw(answer(demo_engine, FIGURES[name], Selection(Period.month("2021-11"))))
    finished = plotly.Drawing(figure)
    assert finished.to_json() == figure.to_json() == finished.to_json()
    assert weight(finished) < weight(figure) * 0.9


def test_very_many_groups_are_counted_the_same(demo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fifty thousand villages by fifty thousand months would be a place for each in memory."""
    asked = (
        ("petitions", "persons", "open"),
        ("topic_3", "month"),
        Period(date(2020, 1, 1), date(2021, 11, 9)),
    )
    usual = open_engine(demo).ask(*asked)
    monkeypatch.setattr("analytics.listing.MANY", 0)
    assert open_engine(demo).ask(*asked) == usual


def test_a_page_asks_each_dataset_once_and_seen_again_nothing(
    demo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever stands on it: but for records and queues, whose rows are asked for as such."""
    monkeypatch.setenv("PETITION_DATA", str(demo))
    asked: list[tuple[str, str]] = []
    again: list[str] = []
    table, run = DuckDB.table, DuckDB._run

    def noted(database: DuckDB, statement: Statement) -> pa.Table:
        asked.append((name, re.findall(r'FROM "(\w+)@', statement.text)[0]))
        return table(database, statement)

    app = screens.opened()
    monkeypatch.setattr(DuckDB, "table", noted)
    counted: list[str] = []
    sums = Rows.sums
    monkeypatch.setattr(Rows, "sums", lambda *args: counted.append(name) or sums(*args))
    for _, name, _ in PAGES:
        desk.engine().forget()
        screens.shown(app, name)
        with monkeypatch.context() as watched:
            watched.setattr(DuckDB, "_run", lambda *args, n=name: again.append(n) or run(*args))
            app.run()
    assert {dataset for _, dataset in asked} >= {"petitions", "backlog", "supervisions"}
    assert Counter(asked).most_common(1)[0][1] == 1
    assert counted == []
    assert again == [], "a second viewer costs what the screen costs, on every page"


@pytest.mark.parametrize("by", [("township",), ("month", "township"), ("topic_2", "township")])
def test_a_result_knows_about_what_it_weighs(demo_engine: Engine, by: tuple[str, ...]) -> None:
    result = demo_engine.ask(("petitions", "persons"), by, Period.named("2021"), compare="year_ago")
    walked = weight((result.cells, result.base))
    assert walked / 2 < result.weight < 2 * walked

"""The benchmark in short: its rows are what an import would have stored, and all contestants agree."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import pandas as pd
import pyarrow.compute as pc
import pytest
from click.testing import CliRunner

from analytics.cli import petition
from analytics.contract import PETITIONS
from analytics.engine import open_engine
from analytics.ingest import derive, frames
from analytics.store import Store, schema
from tests.bench import measuring, report, stored
from tests.bench.__main__ import PARTS, with_part
from tests.bench.alone import Cost
from tests.bench.answering import Asking
from tests.bench.building import MONTH, Building, Built, apart, come, refreshed
from tests.bench.contestants import CONTESTANTS, DUCKDB, PRODUCT
from tests.bench.measuring import LINKED, ONE, PAGE, Measured, Memory, Work, agree, everything
from tests.bench.places import SCALES, Scale, spread
from tests.bench.questions import THIS_MONTH, Question
from tests.unanimous import Unanimous

SMALL = Scale("small", 2_000, 1, 2, 5, 20, below="prefecture", narrow="county")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bench") / "small"
    stored.write(SMALL, folder)
    return folder


def test_rows_are_stored_as_an_import_would(data: Path) -> None:
    table = Store(data).read("petitions")
    assert table.schema.equals(schema(PETITIONS))
    assert table.num_rows == pc.count_distinct(table["petition_id"]).as_py() == SMALL.rows
    rows = frames.from_table(table, PETITIONS)
    again = derive(rows, PETITIONS, open_engine(data).site).astype(rows.dtypes)
    assert [name for name in rows if not rows[name].equals(again[name])] == []


def test_files_are_in_the_order_of_registration(data: Path) -> None:
    store = Store(data)
    for file in store.files("petitions", 0):
        days = pd.read_parquet(file, columns=["registered_on"])["registered_on"]
        assert days.is_monotonic_increasing


def test_places_are_nested_and_named_once() -> None:
    for scale in SCALES.values():
        found = spread(scale)
        levels = {2: scale.provinces, 4: scale.prefectures, 6: scale.counties, 9: scale.townships}
        codes = [township.code for township in found.townships]
        assert {digits: len({code[:digits] for code in codes}) for digits in levels} == levels
        for places in (found.areas, found.townships):
            assert len({place.name for place in places}) == len(places)


def test_the_command_answers(data: Path) -> None:
    asked = ["query", "petitions", "--by", "channel", "--data", str(data), "--format", "json"]
    rows = json.loads(CliRunner().invoke(petition, asked).stdout)["rows"]
    assert sum(row["petitions"] for row in rows) == SMALL.rows


def test_all_contestants_give_the_same_numbers(data: Path) -> None:
    taking_part = {name: make(data, SMALL) for name, make in CONTESTANTS.items()}
    mine = taking_part[PRODUCT]
    assert isinstance(mine, Asking)
    told = {}
    for name, parts in everything(SMALL, mine.engine).items():
        agree(name, parts, taking_part)
        told[name] = any(answer for asked in parts for answer in mine.answers(asked))
    assert told.pop(PAGE) and told.pop(LINKED) and any(told.values())


def test_another_number_is_not_agreed_to(data: Path) -> None:
    class Lying(Asking):
        def answers(self, asked: measuring.Asked) -> list[dict[str, tuple[tuple[int, None], ...]]]:
            return [{"": ((1, None),)}]

    engine = open_engine(data)
    asked = measuring.Asked((Question(("petitions",), period=THIS_MONTH),), {})
    with pytest.raises(AssertionError, match="other"):
        agree("page", [asked], {"one": Asking(engine), "other": Lying(engine)})


def test_rows_are_kept_until_others_would_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BENCH_DATA", str(tmp_path))
    folder = stored.stored(SMALL)
    first = Store(folder).identity
    assert Store(stored.stored(SMALL)).identity == first
    assert Store(stored.stored(replace(SMALL, townships=21))).identity != first


def test_the_last_month_comes_once_more_and_the_cubes_follow(data: Path, tmp_path: Path) -> None:
    path, month = tmp_path / "store", tmp_path / "month.parquet"
    with patch("analytics.cubes.FROM_ROWS", 0), patch("analytics.engine.IN_MEMORY_ROWS", 0):
        apart(data, path, month)
        refreshed(path, 0)
        before = {file.name for file in (path / "cubes").glob("*-places-*.parquet")}
        store, version = Store(path), come(path, month)
        refreshed(path, version)
        store.publish({"petitions": version})
        there = Unanimous(store, open_engine(data).site).ask(("petitions", "closed"))
        assert there.value("petitions") == SMALL.rows
        assert there.value("closed") == open_engine(data).ask(("closed",)).value("closed")
    after = {file.name for file in (path / "cubes").glob("*-places-*.parquet")}
    assert before < after
    assert min(name.split("-")[2] for name in after - before) == f"{MONTH:%Y%m}"


def a_measure(scale: str, product: float, others: float) -> Measured:
    times = {
        what: {name: product if name == PRODUCT else others for name in CONTESTANTS}
        for what in (PAGE, "filtered: visit", LINKED)
    }
    work = {what: {PRODUCT: Work(1, 1, 10, 0), DUCKDB: Work(12, 8, 80, 2**20)} for what in times}
    memory = {name: Memory(100, 110 if name == PRODUCT else 200) for name in CONTESTANTS}
    building = Building(Built(900, 9, Cost(1, 1), Cost(44, 30), 500), 15, Cost(0.5, 0.5))
    every = times | {ONE: {DUCKDB: 1.0}}
    return Measured(SCALES[scale], 2**20, 2**10, 5, every, memory, work, None if scale == "10k" else building)


def test_the_document_holds_what_was_measured_and_which_bars_are_met() -> None:
    text = report.TARGET.read_text("utf-8")
    found = report.filled(text, [a_measure("10k", 5, 10), a_measure("10M", 1, 300)])
    assert "| page: times as fast as DuckDB on the same Parquet | ≥ 4 | 2 | **not met** |" in found
    assert "| page: times as fast as pandas, loaded | ≥ 200 | 300 | met |" in found
    assert "| computing of all cubes, in plain scans | ≤ 45 | 44 | met |" in found
    assert "| computing when a month comes, as a part of a plain scan | ≤ 0.35 | 0.5 | **not met** |" in found
    assert f"| {PAGE} | 5.00 ms | 10 ms (2.0 ×) |" in found
    assert found.partition("## 100 M")[2] == text.partition("## 100 M")[2]
    for scale in SCALES:
        found = report.filled(found, [a_measure("10k", 5, 10), a_measure(scale, 5, 10)])
    assert "| 5 linked views: times `SELECT 1` | ≤ 5 | 5 | met |" in found


def test_the_document_has_a_place_for_all_that_is_measured_beside() -> None:
    text = report.TARGET.read_text("utf-8")
    for name in PARTS:
        assert "\nwhat was told\n" in with_part(text, name, "its bars", "what was told")

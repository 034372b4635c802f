"""Wrong numbers that come from the statement itself: NULL, precedence, overflow, text that becomes SQL."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from analytics import sql
from analytics.catalogue import METRICS
from analytics.model import Column, Condition, Measure, Metric, Period, Selection
from tests.bureau import Bureau, item

AS_OF = date(2021, 12, 31)
MARCH = "2021-03"
REPEAT, CHANNEL, PERSONS = Column("is_repeat"), Column("channel"), Column("persons")
ACCEPTED, DUE = Column("accepted_on"), Column("accept_due_on")


@pytest.mark.parametrize(
    ("where", "counted"),
    [
        (REPEAT.eq(True), 1),
        (~REPEAT.eq(True), 1),
        (REPEAT.ne(True), 1),
        (REPEAT.is_null(), 1),
        (~REPEAT.is_null(), 2),
        (REPEAT.eq(True) | ~REPEAT.eq(True), 2),
        (ACCEPTED <= DUE, 1),
        (~(ACCEPTED <= DUE), 1),
        (ACCEPTED > DUE, 1),
        (ACCEPTED.is_null() | (ACCEPTED > DUE), 2),
        ((CHANNEL.eq("visit") | CHANNEL.eq("phone")) & (PERSONS >= 5), 1),
        (CHANNEL.eq("visit") | CHANNEL.eq("phone") & (PERSONS >= 5), 2),
        (~(CHANNEL.within("visit", "phone") & (PERSONS >= 5)), 2),
        (CHANNEL.within(), 0),
        (~CHANNEL.within(), 3),
    ],
)
def test_unknown_answered_yes_or_precedence_lost(
    bureau: Bureau, monkeypatch: pytest.MonkeyPatch, where: Condition, counted: int
) -> None:
    """A comparison with a missing value is not met, nor is its negation; AND and OR keep their brackets."""
    bureau.bring(
        "petitions",
        item(1, "2021-03-01", channel="visit", persons=4, is_repeat=True, accepted_on=date(2021, 3, 16)),
        item(2, "2021-03-01", channel="phone", persons=5, is_repeat=False, accepted_on=date(2021, 3, 17)),
        item(3, "2021-03-01", channel="letter", persons=9),
    )
    metric = Metric("tried", "试", "件", +Measure("petitions", "registered_on", where))
    monkeypatch.setitem(METRICS, "tried", metric)
    assert bureau.number("tried", MARCH, as_of=AS_OF) == counted


def test_great_sum_overflows_or_becomes_a_float(bureau: Bureau) -> None:
    """Three billion persons are more than 32 bits hold, and a whole number all the same."""
    database = bureau.engine.database
    day, many = "DATE '2021-03-01' AS registered_on", "CAST(9999 AS INTEGER) AS persons"
    database.rows(sql.Statement(f"CREATE TABLE crowd AS SELECT {day}, {many} FROM range(300000)"))
    asked = [sql.Asked(METRICS["persons"].measures[0], stock=False)]
    statement = sql.select("crowd", asked, (), Selection(Period.month(MARCH)))
    ((_, value),) = database.rows(statement)
    assert value == 2_999_700_000
    assert type(value) is int


@pytest.mark.parametrize("unit", ["甲' OR '1'='1", '甲"; DROP TABLE x; --', "甲%", "甲?", "$1", "甲\\'"])
def test_name_of_a_unit_read_as_sql(bureau: Bureau, unit: str) -> None:
    """What stands in a cell or a filter is compared letter by letter, whatever it looks like."""
    bureau.bring(
        "petitions",
        item(1, "2021-03-01", responsible_unit=unit),
        item(2, "2021-03-01", responsible_unit="甲"),
    )
    where = {"responsible_unit": [unit]}
    assert bureau.number("petitions", MARCH, where=where, as_of=AS_OF) == 1
    assert bureau.table("petitions", MARCH, "responsible_unit", as_of=AS_OF) == {unit: 1, "甲": 1}


@pytest.mark.parametrize("folder", ["数据 100%", "it's", "year=2020"])
def test_files_of_a_folder_with_an_odd_name_skipped(tmp_path: Path, folder: str) -> None:
    """Every file of the version is read, whatever the folder is called."""
    bureau = Bureau(tmp_path / folder)
    bureau.bring("petitions", item(1, "2020-03-01"), item(2, "2021-03-01"))
    bureau.bring("petitions", item(3, "2021-03-02"))
    assert bureau.number("petitions", "2020-01-01 2021-12-31", as_of=AS_OF) == 3


def test_flow_and_stock_of_one_measure_mixed_up(bureau: Bureau) -> None:
    """The same measure serves a flow and a stock in one question, and neither takes the other's days."""
    bureau.bring(
        "petitions",
        item(1, "2020-03-01"),
        item(2, "2021-03-01"),
        item(3, "2021-03-02", closed_on="2021-03-05"),
    )
    result = bureau.ask("petitions open closed first_petitions", MARCH, as_of=AS_OF)
    assert [result.value(m.name) for m in result.metrics] == [2, 2, 1, 0]
    by_month = bureau.ask("petitions open", "2021-02-01 2021-03-31", "month", as_of=AS_OF)
    assert [tuple(row.values()) for row in by_month.rows()] == [("2021-02", 0, 1), ("2021-03", 2, 2)]


def test_order_of_metrics_or_dimensions_swaps_numbers(bureau: Bureau) -> None:
    """Each number stands under its own name, in whatever order it was asked."""
    bureau.bring(
        "petitions",
        *[item(n, "2021-03-01", channel="visit", persons=n + 1, township="宁中") for n in range(4)],
    )
    names = ["persons", "repeat_rate", "petitions", "median_days", "open", "visits"]
    forth = bureau.ask(names, MARCH, "township channel", as_of=AS_OF)
    back = bureau.ask(names[::-1], MARCH, "channel township", as_of=AS_OF)
    key = ("宁中镇", "visit")
    expected = {
        "persons": 10,
        "repeat_rate": None,
        "petitions": 4,
        "median_days": None,
        "open": 4,
        "visits": 4,
    }
    assert {name: forth.value(name, key) for name in names} == expected
    assert {name: back.value(name, key[::-1]) for name in names} == expected


def test_young_cohort_shown_as_final() -> None:
    """Rates that wait for what comes later say so: evaluation, satisfaction, resolution."""
    assert {name for name, metric in METRICS.items() if metric.cohort} >= {
        "evaluation_rate",
        "supervision_resolution_rate",
    }
    assert not METRICS["on_time_closure_rate"].cohort

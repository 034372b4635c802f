"""What waits on each clock: against a second opinion, against the metrics, and in words."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import chinese_calendar
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics import sql
from analytics.app.queue import overview_html
from analytics.catalogue.clocks import CLOCKS, PETITION_CLOCKS, Clock
from analytics.contract import DATASETS, UNFILLED, Kind
from analytics.engine import DuckDB, Engine, Table, Waiting
from analytics.insight import queue
from analytics.insight.queue import LATE, Standing
from analytics.model import Period, Scope, Selection
from analytics.store import Store
from analytics.workdays import LAST_PUBLISHED, Workdays
from tests import oracle, strategies
from tests.bureau import SITE, Bureau, case, item, order

Row = dict[str, Any]

CLOCK = {clock.name: clock for clock in CLOCKS}
DAY = date(2021, 3, 10)
ALL = Selection(Period(DAY, DAY))


def after(days: int) -> date:
    return DAY + timedelta(days)


@pytest.fixture
def bureau(tmp_path: Path) -> Bureau:
    return Bureau(tmp_path / "data")


def standing(bureau: Bureau, clock: str, day: date = DAY, selection: Selection = ALL) -> Standing:
    return queue.standing(bureau.engine, CLOCK[clock], day, selection, bureau.engine.versions())


def counts(found: Standing) -> tuple[int, ...]:
    return found.total.counts if found.total else (0, 0, 0, 0)


def listed(
    bureau: Bureau, clock: str, day: date = DAY, selection: Selection = ALL, limit: int = 99
) -> list[str]:
    """The keys of the rows, in their order."""
    records = bureau.engine.queue(CLOCK[clock], day, selection, bureau.engine.versions(), limit)
    return [str(row[0]) for row in records.rows]


# --- what is declared -----------------------------------------------------------------------------


@pytest.mark.parametrize("clock", CLOCKS, ids=lambda clock: clock.name)
def test_a_clock_stands_on_columns_of_the_contract(clock: Clock) -> None:
    fields = DATASETS[clock.dataset].by_name
    assert {fields[name].kind for name in (clock.start, clock.due, *clock.ended_by)} == {Kind.DATE}
    assert {fields[name].kind for name in (clock.holder, *clock.told) if name} <= {Kind.TEXT}
    assert clock.imported in DATASETS
    assert not DATASETS[clock.imported].sources, "what is never imported cannot be asked for"
    assert clock.limit
    assert clock.basis


def test_labels_are_addresses_and_stand_for_one_clock() -> None:
    assert len({clock.label for clock in CLOCKS}) == len({clock.name for clock in CLOCKS}) == len(CLOCKS)


# --- the second opinion ---------------------------------------------------------------------------

Running = tuple[date | None, date | None, list[date | None], str]
"""From which day, until which day, what ends it, with whom."""


def days_later(day: date | None, days: int) -> date | None:
    return day and day + timedelta(days)


def fifth_workday(day: date | None) -> date | None:
    worked = 0
    while day is not None and worked < 5:
        day += timedelta(1)
        worked += chinese_calendar.is_workday(day)
    return day


def _petition(name: str, row: Row) -> Running:
    unit, given_on, closed = row["responsible_unit"], row["transferred_on"], row["closed_on"]
    accepted, returned = row["accepted_on"], row["returned_on"]
    if not (given_on and returned and returned >= given_on):
        returned = None  # of an earlier transfer
    asked, asked_again = row["review_requested_on"], row["rereview_requested_on"]
    running: dict[str, Running] = {
        "transfer": (
            row["registered_on"],
            days_later(row["registered_on"], 15),
            [None if returned else given_on, accepted, closed],
            SITE.bureau,
        ),
        "acceptance": (given_on, days_later(given_on, 15), [accepted, returned, closed], unit),
        "objection": (
            given_on,
            fifth_workday(given_on),
            [row["objected_on"], accepted, returned, closed],
            unit,
        ),
        "closure": (row["registered_on"], row["due_on"], [closed], unit),
        "review": (asked, days_later(asked, 30), [row["reviewed_on"]], row["review_unit"]),
        "rereview": (asked_again, days_later(asked_again, 30), [row["rereviewed_on"]], row["rereview_unit"]),
    }
    return running[name]


OPINIONS: dict[str, tuple[str, Callable[[Row], Running]]] = {
    **{
        clock.name: ("petitions", lambda row, name=clock.name: _petition(name, row))
        for clock in PETITION_CLOCKS
    },
    "backlog": (
        "backlog",
        lambda row: (row["assigned_on"], row["due_on"], [row["closed_on"]], row["lead_official"]),
    ),
    "feedback": (
        "supervisions",
        lambda row: (row["issued_on"], row["due_on"], [row["feedback_on"]], row["supervisor"]),
    ),
}


def opinion(name: str, rows: Iterable[Row], day: date) -> dict[str, tuple[str, date]]:
    """What waits, by key: with whom and until when."""
    dataset, running = OPINIONS[name]
    waits = {}
    for row in rows:
        start, due, ends, holder = running(row)
        if start is None or start > day or due is None or (due - day).days > 7:
            continue
        if any(end is not None and end <= day for end in ends) or (name == "objection" and due < day):
            continue
        waits[row[strategies.KEYS[dataset]]] = (holder, due)
    return waits


def bucket(due: date, day: date) -> int:
    left = (due - day).days
    return 0 if left < 0 else 1 if left == 0 else 2 if left <= 3 else 3


def waiting(waits: Mapping[str, tuple[str, date]], day: date) -> dict[str, Waiting]:
    tally = Counter((holder, bucket(due, day)) for holder, due in waits.values())
    return {
        holder: Waiting(
            holder,
            tuple(tally[holder, i] for i in range(4)),
            min(due for other, due in waits.values() if other == holder),
        )
        for holder, _ in waits.values()
    }


@st.composite
def petitions(draw: st.DrawFn) -> list[Row]:
    """Generated items with what can befall them after the transfer and after the reply."""
    rows = draw(strategies.rows("petitions"))
    for row in rows:
        registered, given_on = row["registered_on"], row["transferred_on"]
        soon = st.none() | st.sampled_from([days_later(given_on, n) for n in (0, 5, 7, 9, 15)])
        row["objected_on"], row["returned_on"] = draw(soon), draw(soon)
        for asked, answered, unit in (
            ("review_requested_on", "reviewed_on", "review_unit"),
            ("rereview_requested_on", "rereviewed_on", "rereview_unit"),
        ):
            row[asked] = draw(st.sampled_from([None, registered, days_later(registered, 9)]))
            row[answered] = row[asked] and draw(
                st.sampled_from([None, *(days_later(row[asked], n) for n in (0, 29, 30, 31))])
            )
            row[unit] = draw(st.sampled_from([None, "甲机关", "乙机关"]))
    return rows


@contextmanager
def bureau_with(rows: Mapping[str, list[Row]]) -> Iterator[Bureau]:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        found = Bureau(Path(folder) / "data")
        for dataset, brought in rows.items():
            assert not found.bring(dataset, *brought).rejected
        yield found


def turns(waits: Iterable[date | None]) -> st.SearchStrategy[date]:
    """Days on which a due date passes from one bucket to the next."""
    return st.sampled_from(
        sorted({day + timedelta(n) for day in waits if day for n in (-8, -7, -4, -3, -1, 0, 1)})
    )


@settings(max_examples=3, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_every_clock_agrees_with_the_second_opinion_and_the_metrics(data: st.DataObject) -> None:
    given_rows = {"petitions": data.draw(petitions())} | {
        name: data.draw(strategies.rows(name)) for name in ("backlog", "supervisions")
    }
    with bureau_with(given_rows) as bureau:
        rows = {
            name: oracle.derived(name, found, [f.name for f in DATASETS[name].inputs], SITE)
            for name, found in given_rows.items()
        }
        dues = [running(row)[1] for name, running in OPINIONS.values() for row in rows[name]]
        for _ in range(8):
            day = data.draw(turns(dues))
            scope = data.draw(st.sampled_from([None, None, "宁中镇"]))
            units = data.draw(st.sampled_from([(), ("甲单位",), ("甲单位", UNFILLED)]))
            members = (("responsible_unit", units),) if units else ()
            kept = {name: oracle.visible(found, dict(members), scope) for name, found in rows.items()}
            assert_agrees(bureau, kept, day, Selection(ALL.period, members, Scope(scope)))
            assert_metrics_agree(bureau, day)


def assert_agrees(bureau: Bureau, rows: Mapping[str, list[Row]], day: date, selection: Selection) -> None:
    for name, (dataset, _) in OPINIONS.items():
        waits = opinion(name, rows[dataset], day)
        found = standing(bureau, name, day, selection)
        assert {one.holder: one for one in found.waiting} == waiting(waits, day), name
        nearest = sorted(waits, key=lambda key: (waits[key][1], key))
        assert listed(bureau, name, day, selection) == nearest, name


def assert_metrics_agree(bureau: Bureau, day: date) -> None:
    """Without filters, what the pages count as stocks is what waits."""
    late, *near = counts(standing(bureau, "closure", day))
    days = f"{day} {day}"
    assert late == bureau.number("overdue", days, as_of=day)
    assert sum(near) == bureau.number("due_soon", days, as_of=day)
    for clock, metric in (("backlog", "backlog_overdue"), ("feedback", "supervision_overdue")):
        assert counts(standing(bureau, clock, day))[0] == bureau.number(metric, days, as_of=day)


# --- days -----------------------------------------------------------------------------------------


def test_the_days_of_each_bucket(bureau: Bureau) -> None:
    due = (-30, -1, 0, 1, 3, 4, 7, 8)
    bureau.bring("petitions", *[item(n, after(-40), due_on=after(n)) for n in due])
    assert counts(standing(bureau, "closure")) == (2, 1, 2, 2)
    assert listed(bureau, "closure") == ["-30", "-1", "0", "1", "3", "4", "7"]
    assert queue.numbers(standing(bureau, "closure").total, DAY)[:2] == [2, 30]


def test_what_happens_later_has_not_happened_yet(bureau: Bureau) -> None:
    bureau.bring(
        "petitions",
        item("closed today", after(-70), due_on=after(-1), closed_on=DAY),
        item("closed tomorrow", after(-70), due_on=after(-1), closed_on=after(1)),
        item("not there yet", after(1), due_on=after(2)),
    )
    assert listed(bureau, "closure") == ["closed tomorrow"]
    assert listed(bureau, "closure", after(1)) == ["not there yet"]


def test_an_objection_lapses_and_is_never_overdue(bureau: Bureau) -> None:
    """Worked are 30 April, 6 and 7 May, the make-up Saturday and Monday the 10th."""
    bureau.bring("petitions", item(1, "2021-04-28", transferred_on="2021-04-29"))
    assert counts(standing(bureau, "objection", date(2021, 5, 10))) == (0, 1, 0, 0)
    assert listed(bureau, "objection", date(2021, 5, 10)) == ["1"]
    assert counts(standing(bureau, "objection", date(2021, 5, 11))) == (0, 0, 0, 0)
    assert listed(bureau, "objection", date(2021, 5, 11)) == []
    assert counts(standing(bureau, "acceptance", date(2021, 5, 15))) == (1, 0, 0, 0)


def test_the_day_is_where_the_period_has_data(bureau: Bureau) -> None:
    bureau.bring("petitions", item(1, "2021-01-05"), item(2, "2021-03-20"))
    for month, last in (("2021-02", date(2021, 2, 28)), ("2021-03", date(2021, 3, 20))):
        selection = Selection(Period.month(month))
        assert queue.last_day(bureau.engine, CLOCKS, selection, bureau.engine.versions()) == last
    nothing: dict[str, int] = {}
    assert queue.last_day(bureau.engine, CLOCKS, Selection(Period.month("2021-03")), nothing) == date(
        2021, 3, 31
    )


# --- with whom ------------------------------------------------------------------------------------


def test_holders_with_most_overdue_stand_first(bureau: Bureau) -> None:
    bureau.bring(
        "supervisions",
        order(1, after(-9), due_on=after(-2), supervisor="督办员甲"),
        order(2, after(-9), due_on=DAY, supervisor="督办员乙"),
        order(3, after(-9), due_on=after(-1), supervisor="督办员丙"),
        order(4, after(-9), due_on=after(-5), supervisor="督办员丙"),
        order(5, after(-9), due_on=after(3)),
    )
    assert standing(bureau, "feedback").waiting == (
        Waiting("督办员丙", (2, 0, 0, 0), after(-5)),
        Waiting("督办员甲", (1, 0, 0, 0), after(-2)),
        Waiting("督办员乙", (0, 1, 0, 0), DAY),
        Waiting(UNFILLED, (0, 0, 1, 0), after(3)),
    )
    one = ALL.keep("supervisor", "督办员丙")
    assert listed(bureau, "feedback", selection=one) == ["4", "3"]


def test_what_was_not_passed_on_lies_with_the_bureau(bureau: Bureau) -> None:
    bureau.bring("petitions", item(1, after(-20), responsible_unit="甲单位"), item(2, after(-12)))
    assert standing(bureau, "transfer").waiting == (Waiting(SITE.bureau, (1, 0, 1, 0), after(-5)),)


def test_what_was_sent_back_lies_with_the_bureau_until_it_is_passed_on_again(bureau: Bureau) -> None:
    sent_back = item(
        1, after(-20), transferred_on=after(-18), returned_on=after(-14), responsible_unit="甲单位"
    )
    bureau.bring("petitions", sent_back)
    assert standing(bureau, "transfer").waiting == (Waiting(SITE.bureau, (1, 0, 0, 0), after(-5)),)
    assert standing(bureau, "acceptance").waiting == ()
    bureau.bring(
        "petitions", {"petition_id": "1", "transferred_on": after(-13), "responsible_unit": "乙单位"}
    )
    assert standing(bureau, "transfer").waiting == ()
    assert standing(bureau, "acceptance").waiting == (Waiting("乙单位", (0, 0, 1, 0), after(2)),)


def test_rows_beyond_the_limit_are_told(bureau: Bureau) -> None:
    bureau.bring("petitions", *[item(n, after(-20)) for n in range(3)])
    versions = bureau.engine.versions()
    assert bureau.engine.queue(CLOCK["transfer"], DAY, ALL, versions, 2).more
    assert not bureau.engine.queue(CLOCK["transfer"], DAY, ALL, versions, 3).more


def test_a_filter_holds_where_the_dataset_has_it_and_is_named_where_not(bureau: Bureau) -> None:
    bureau.bring("petitions", item(1, after(-20)), item(2, after(-20)) | {"channel": "visit"})
    bureau.bring("backlog", case(1, after(-20), due_on=DAY))
    letters = ALL.keep("channel", "letter")
    found = [standing(bureau, name, selection=letters) for name in ("transfer", "backlog", "feedback")]
    assert [counts(one) for one in found] == [(1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 0, 0)]
    assert queue.unreached(found) == ["积案办结不受“信访形式”筛选"]


def test_a_township_sees_its_own(bureau: Bureau) -> None:
    bureau.bring("petitions", item(1, after(-20), township="宁中镇"), item(2, after(-20), township="新陂镇"))
    own = Selection(ALL.period, scope=Scope("宁中镇"))
    assert counts(standing(bureau, "transfer", selection=own)) == (1, 0, 0, 0)
    assert listed(bureau, "transfer", selection=own) == ["1"]


@pytest.mark.parametrize("clock", CLOCKS, ids=lambda clock: clock.name)
def test_every_value_is_bound(clock: Clock) -> None:
    selection = Selection(ALL.period, (("township", ("'; x",)),), Scope("宁中镇"))
    for statement in (
        sql.waiting("t", clock, DAY, selection),
        sql.queue("t", clock, DAY, selection, 5),
    ):
        assert statement.text.count("?") == len(statement.parameters)
        assert "2021" not in statement.text
        assert "; x" not in statement.text


# --- duties ---------------------------------------------------------------------------------------


class ByHand(DuckDB):
    """A database whose duties were written by hand."""

    def __init__(self, folder: str, *duties: Row) -> None:
        super().__init__(folder)
        dataset = DATASETS["duties"]
        self.rows(sql.define_empty("duties", dataset))
        for duty in duties:
            row = {f.name: f.default for f in dataset.fields} | duty
            marks = ", ".join("?" * len(row))
            self.rows(sql.Statement(f"INSERT INTO duties VALUES ({marks})", tuple(row.values())))

    def relation(self, *_: object) -> Table:
        return Table("duties", 0, listed=True)


def duty(rule: str, end: date, done: bool = False, **more: Any) -> Row:
    return {"rule": rule, "window_start": after(-9), "window_end": end, "done": done} | more


def test_a_duty_waits_until_done_and_its_window_closes(tmp_path: Path) -> None:
    database = ByHand(
        str(tmp_path),
        duty("screening", DAY, unit="甲单位"),
        duty("screening", after(2), unit="乙单位", done=True),
        duty("screening", after(-1), unit="丙单位"),
        duty("visit", after(5), official="某副市长"),
        duty("reception_day", after(5), reception_day="15日") | {"window_start": after(5)},
    )
    engine = Engine(Store(tmp_path), SITE, database)
    versions = {"duties": 1, "screenings": 1, "receptions": 1}
    found = {
        name: queue.standing(engine, CLOCK[name], DAY, ALL, versions)
        for name in ("screening", "visit", "reception_day")
    }
    assert found["screening"].waiting == (Waiting("甲单位", (0, 1, 0, 0), DAY),)
    assert found["visit"].waiting == (Waiting("某副市长", (0, 0, 0, 1), after(5)),)
    assert found["reception_day"].waiting == ()


# --- words ----------------------------------------------------------------------------------------


def test_a_day_in_words() -> None:
    words = {n: queue.left_in_words(after(n), DAY) for n in (-12, 0, 3)}
    assert words == {-12: "超期12天", 0: "今日到期", 3: "还有3天"}


def test_a_working_day_of_a_year_not_published_is_provisional() -> None:
    due = date(LAST_PUBLISHED + 1, 5, 6)
    day = due - timedelta(2)
    assert queue.state_in_words(CLOCK["objection"], due, day, Workdays()) == "还有2天（暂定）"
    assert queue.state_in_words(CLOCK["review"], due, day, Workdays()) == "还有2天"
    known = Workdays(holidays=frozenset({date(due.year, 5, 1)}))
    assert queue.state_in_words(CLOCK["objection"], due, day, known) == "还有2天"


def test_the_rows_in_words(bureau: Bureau) -> None:
    bureau.bring(
        "supervisions",
        order(
            7, after(-9), due_on=after(-2), supervisor="督办员甲", township="宁中", responsible_unit="甲单位"
        ),
    )
    records = bureau.engine.queue(CLOCK["feedback"], DAY, ALL, bureau.engine.versions(), 9)
    assert queue.ledger(CLOCK["feedback"], DAY, records, SITE.calendar) == (
        ["超期或剩余", "督办编号", "督办人", "镇街", "责任单位", "督办日期", "反馈时限"],
        [["超期2天", "7", "督办员甲", "宁中镇", "甲单位", after(-9), after(-2)]],
    )
    headers, rows = queue.by_holder(standing(bureau, "feedback"))
    assert headers[:2] == ["督办人", LATE]
    assert rows == [["督办员甲", 1, 2, None, None, None]]


def test_data_that_end_before_the_day_are_named(bureau: Bureau) -> None:
    bureau.bring("petitions", item(1, after(-20)))
    bureau.bring("backlog", case(1, after(-20)))
    bureau.bring("supervisions", order(1, DAY))
    found = [standing(bureau, name) for name in CLOCK]
    told = queue.ending_early(bureau.engine, found, bureau.engine.versions())
    assert told == [f"信访事项、信访积案数据只到 {after(-20)}，此后的未计"]


def test_the_overview_says_what_was_never_imported(bureau: Bureau) -> None:
    bureau.bring("petitions", item(1, after(-20)))
    html = overview_html([standing(bureau, name) for name in ("transfer", "review", "feedback", "visit")])
    first, second, third, fourth = html.split("<tr>")[2:]
    assert "<td class='late'>1</td><td class='late'>5</td><td>—</td>" in first
    assert second.count("<td>—</td>") == 5
    assert "尚未导入督查督办，请到“数据”页导入" in third
    assert "尚未导入领导接访" in fourth

"""Clusters, matters and deadlines: what the last weeks hold, each number from its definition."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from analytics import sql
from analytics.engine import DuckDB, Engine
from analytics.insight.chance import Counted
from analytics.insight.closing import outlook
from analytics.insight.warning.alert import narrowed, weeks_until
from analytics.insight.warning.clusters import by_chance, clusters, levels_of, scan
from analytics.insight.warning.deadlines import batches
from analytics.insight.warning.matters import matters, reasons
from analytics.model import Period, Scope, Selection
from analytics.site import Thresholds
from analytics.sources import Value
from tests.bureau import SITE, Bureau, Row, case, item

LAST = date(2021, 6, 30)
JUNE = Selection(Period.month("2021-06"))


@pytest.fixture
def bureau(tmp_path: Path) -> Bureau:
    return Bureau(tmp_path / "store", replace(SITE, officials=(), departments=()))


# --- clusters ------------------------------------------------------------------------------------------


@settings(deadline=None)
@given(st.integers(0, 60), st.integers(0, 40), st.integers(1, 60))
def test_the_test_is_the_exact_conditional_one(base: int, observed: int, stretches: int) -> None:
    """Given the total, the window's part of it is binomial with share 1 ÷ (stretches + 1)."""
    expected = stats.binom.sf(observed - 1, base + observed, 1 / (stretches + 1))
    assert Counted(base, stretches).above(observed) == pytest.approx(expected, rel=1e-9, abs=1e-12)


def test_weeks_end_with_the_day() -> None:
    weeks = weeks_until(LAST, 4)
    assert (weeks.start, weeks.end, weeks.days) == (date(2021, 6, 3), LAST, 28)


@pytest.mark.parametrize(
    ("p", "words"),
    [
        (1.0, "1/3以上"),
        (0.51, "1/3以上"),
        (0.5, "约1/2"),
        (0.41, "约1/2"),
        (0.05, "约1/20"),
        (0.0021, "约1/480"),
        (1.14e-4, "约1/8,800"),
        (9e-5, "不到1/10,000"),
    ],
)
def test_a_probability_in_words(p: float, words: str) -> None:
    assert by_chance(p) == words


def test_a_wide_cell_told_by_a_narrow_one_is_left_out() -> None:
    quiet = {("甲镇", "一类", f"细类{n}"): (2,) * 13 + (2,) for n in range(10)}
    struck = {("甲镇", "一类", "细类0"): (2,) * 13 + (25,)}
    _, found = clusters(levels_of(quiet | struck))
    assert [c.key for c in found] == [("甲镇", "一类", "细类0")]
    assert (found[0].observed, found[0].expected) == (25, 2.0)
    spread = {key: (*counts[:-1], 4) for key, counts in quiet.items()}
    _, found = clusters(levels_of(spread))
    assert found[0].key == ("甲镇", "一类")


def test_a_cell_that_fell_is_no_cluster() -> None:
    assert clusters([{("甲镇", "一类"): (30,) * 13 + (0,)}]) == (1, [])
    assert len(clusters([{("甲镇", "一类"): (30,) * 13 + (60,)}])[1]) == 1


def test_nobody_s_place_and_topic_are_not_tested() -> None:
    counts = (1,) * 13 + (30,)
    keys = [("未填", "一类", "细类"), ("未识别", "一类", "细类"), ("甲镇", "未填", "未填")]
    assert clusters(levels_of(dict.fromkeys(keys, counts))) == (0, [])
    tested, found = clusters(levels_of({("甲镇", "一类", "未填"): counts}))
    assert (tested, [c.key for c in found]) == (1, [("甲镇", "一类")])


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(st.integers(0, 9), min_size=6, max_size=6), min_size=1, max_size=12))
def test_more_in_the_window_never_makes_a_cluster_less(rows: list[list[int]]) -> None:
    level = {("甲镇", f"{n}类"): tuple(row) for n, row in enumerate(rows)}
    before = {c.key for c in clusters([level])[1]}
    more = {
        key: (*counts[:-1], counts[-1] + 30) if key == ("甲镇", "0类") else counts
        for key, counts in level.items()
    }
    after = {c.key for c in clusters([more])[1]}
    assert ("甲镇", "0类") in after
    assert before <= after


def weekly(topic: str, weeks: int, each: int, last: date = LAST, township: str = "宁中镇") -> list[Row]:
    """So many items a week, in the weeks up to the day."""
    place = {"township": township, "category_1": "自然资源", "category_2": topic}
    return [
        item(f"{township}{topic}{last}{week}-{n}", f"{last - timedelta(days=7 * week + n % 7)}", **place)
        for week in range(weeks)
        for n in range(each)
    ]


def test_a_cluster_is_found_with_its_records_and_stays_the_same(bureau: Bureau) -> None:
    steady = [row for n in range(8) for row in weekly(f"细类{n}", 56, 1)]
    bureau.bring("petitions", *steady, *weekly("土地征收", 4, 5), covers_to=LAST)
    found = scan(bureau.engine, JUNE, bureau.engine.versions(), date(2020, 1, 1), LAST)
    (cluster,) = found.found
    assert (found.window, found.baseline) == (
        Period(date(2021, 6, 3), LAST),
        Period(date(2020, 6, 4), date(2021, 6, 2)),
    )
    assert dict(cluster.members)["topic_2"] == "土地征收"
    assert (cluster.observed, cluster.expected) == (20, 0)
    seen = narrowed(JUNE, cluster.members, found.window)
    records = bureau.engine.records("petitions", seen, bureau.engine.versions(), 100)
    assert len(records.rows) == cluster.observed
    bureau.bring("petitions", item("另一件", "2019-01-01"), covers_to=LAST)
    again = scan(bureau.engine, JUNE, bureau.engine.versions(), date(2020, 1, 1), LAST)
    assert [again.alert(c, ()).identity for c in again.found] == [found.alert(cluster, ()).identity]


class Counting(DuckDB):
    """Keeps what it was asked."""

    asked: tuple[str, ...] = ()

    def rows(self, statement: sql.Statement) -> list[tuple[Value, ...]]:
        """Runs it."""
        self.asked += (statement.text,)
        return super().rows(statement)


def test_however_many_the_stretches_one_statement_counts_them(bureau: Bureau) -> None:
    """And gives what each stretch asked by itself would."""
    rows = [row for n in range(3) for row in weekly(f"细类{n}", 30, n + 1)]
    bureau.bring("petitions", *rows, *weekly("别处", 9, 2, township="新陂镇"), covers_to=LAST)
    weekly_site = replace(bureau.site, warnings=Thresholds(cluster_weeks=1, baseline_weeks=260))
    database = Counting(str(bureau.store.path.resolve()))
    engine = Engine(bureau.store, weekly_site, database)
    versions, first = engine.versions(), date(2020, 1, 1)
    engine.ask(("petitions",), versions=versions)
    before = len(database.asked)
    found = scan(engine, JUNE, versions, first, LAST)
    assert found.baseline and found.baseline.days > 70 * 7
    assert len(database.asked) - before == 1
    days = [Period(LAST - timedelta(days=7 * n + 6), LAST - timedelta(days=7 * n)) for n in range(40, -1, -1)]
    by = ("township", "topic_2")
    for seen in (JUNE, JUNE.keep("topic_2", "细类1", "别处"), replace(JUNE, scope=Scope("新陂镇"))):
        alone = [
            engine.ask(("petitions",), by, one, dict(seen.members), versions=versions, scope=seen.scope)
            for one in days
        ]
        keys = {key for result in alone for key in result.keys}
        together = engine.stretches("petitions", by, days, seen, versions)
        assert keys and together == {
            key: tuple(result.cell("petitions", key).numerator for result in alone) for key in keys
        }


def test_too_few_weeks_before_are_no_baseline(bureau: Bureau) -> None:
    bureau.bring("petitions", *weekly("土地征收", 15, 3), covers_to=LAST)
    first = LAST - timedelta(weeks=15) + timedelta(days=1)
    found = scan(bureau.engine, JUNE, bureau.engine.versions(), first, LAST)
    assert (found.baseline, found.cells, found.found) == (None, 0, ())
    found = scan(bureau.engine, JUNE, bureau.engine.versions(), first - timedelta(weeks=1), LAST)
    assert found.baseline
    assert found.baseline.days == 12 * 7


# --- matters -------------------------------------------------------------------------------------------


PLACE = {
    "township": "宁中镇",
    "category_1": "自然资源",
    "category_2": "土地征收",
    "responsible_unit": "示例市自然资源局",
}


def test_a_matter_counts_what_its_records_hold(bureau: Bureau) -> None:
    visit = PLACE | {"channel": "visit"}
    bureau.bring(
        "petitions",
        item(1, "2021-06-01", persons=12, is_repeat=True, **visit),
        item(2, "2021-06-02", persons=5, escalation="beijing", **visit),
        item(3, "2021-06-03", persons=4, **visit),
        item(4, "2021-06-04", escalation="city", closed_on="2021-06-20", **PLACE),
        item(5, "2021-04-07", persons=50, **visit),  # a day before the twelve weeks
        item(6, "2021-06-05", channel="visit", persons=6, township="新陂镇"),
        item(7, "2021-06-06", **PLACE | {"township": "坭陂镇"}),
        covers_to=LAST,
    )
    found = matters(bureau.engine, JUNE, bureau.engine.versions(), LAST)
    assert found.window == Period(date(2021, 4, 8), LAST)
    first, second = found.found
    assert first.counts == {
        "group_visits": 2,
        "group_visit_persons": 17,
        "escalated_city": 1,
        "escalated_province": 0,
        "escalated_beijing": 1,
        "repeat_petitions": 1,
        "open": 4,
        "petitions": 4,
    }
    assert first.reasons == ("集体访2批（≥2）", "到市赴省进京2批（≥2）")
    assert (second.key[0], second.reasons) == ("新陂镇", ())
    assert found.flagged == (first,)
    records = bureau.engine.records(
        "petitions", narrowed(JUNE, first.members, found.window), bureau.engine.versions(), 99
    )
    assert {row[0] for row in records.rows} == {"1", "2", "3", "4"}
    assert first.words.endswith("集体访2批17人次、到市访1批、进京访1批")


def test_the_thresholds_of_a_matter_are_met_at_their_own_number() -> None:
    counts = {"group_visits": 2, "group_visit_persons": 29, "escalated_city": 1}
    counts |= {"escalated_province": 0, "escalated_beijing": 0}
    assert reasons(counts, Thresholds()) == ("集体访2批（≥2）",)
    assert reasons(counts | {"group_visit_persons": 30}, Thresholds(group_visits=3)) == (
        "集体访30人次（≥30）",
    )
    assert reasons(counts, Thresholds(group_visits=3, escalations=1)) == ("到市赴省进京1批（≥1）",)


# --- deadlines -----------------------------------------------------------------------------------------


def test_batches_near_their_time_limit_as_at_the_day(bureau: Bureau) -> None:
    bureau.bring(
        "backlog",
        case(1, "2021-01-05", due_on="2021-07-30", township="宁中镇"),
        case(2, "2021-01-05", due_on="2021-07-31"),
        case(3, "2021-01-05", due_on="2021-06-25", verified_on="2021-06-20", reported_on="2021-06-20"),
        case(4, "2021-01-05", due_on="2021-06-25", batch="第二批"),
        case(5, "2021-01-05", due_on="2021-07-01", batch="第二批"),
        case(6, "2021-01-05", batch="第三批"),
        covers_to=LAST,
    )
    versions = bureau.engine.versions()
    found = batches(bureau.engine, LAST, JUNE, versions)
    assert [(b.name, b.remaining, b.due, b.late) for b in found] == [
        ("第二批", 2, date(2021, 6, 25), True),
        ("第一批", 2, date(2021, 7, 30), False),  # of which one is due a day beyond the thirty
    ]
    assert found[0].words == "第二批有2宗未办结，最早的时限2021-06-25（超期5天）"
    assert [b.name for b in batches(bureau.engine, LAST, JUNE.keep("township", "宁中镇"), versions)] == [
        "第一批"
    ]
    earlier = batches(bureau.engine, date(2021, 6, 10), JUNE, versions)  # one of them not closed yet
    assert {b.name: b.remaining for b in earlier} == {"第一批": 3, "第二批": 2}
    earliest = {one.batch: one.earliest_due for one in outlook(bureau.engine, JUNE, versions, LAST)}
    assert earliest == {"第一批": date(2021, 7, 30), "第二批": date(2021, 6, 25), "第三批": None}


def test_what_the_finish_already_knows_is_not_asked_again(
    bureau: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    bureau.bring("backlog", case(1, "2021-01-05", due_on="2021-06-30"), covers_to=LAST)
    versions = bureau.engine.versions()
    outlook(bureau.engine, JUNE, versions, LAST)
    monkeypatch.setattr(bureau.engine, "database", None)
    assert [b.remaining for b in batches(bureau.engine, LAST, JUNE, versions)] == [1]

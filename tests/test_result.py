"""What a result makes of its sums: order, ranks, quantiles, months without rows, plain rows."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.catalogue import METRICS
from analytics.model import Period, Query, Selection
from analytics.result import UNKNOWN, Cell, Coverage, Key, Parts, Result, cells, change, compared, quantile
from tests.bureau import period
from tests.results import LONG, Number, cell, result

PLACES = ("兴田街道", "宁中镇", "新陂镇", "坭陂镇")


def ranks(found: Result, *members: str) -> list[tuple[int, str, bool]]:
    return [(r.rank, r.member, r.tied) for r in found.ranking(found.query.metrics[0], members)]


# --- ranking --------------------------------------------------------------------------------------


def test_ties_share_their_rank_and_the_next_is_skipped() -> None:
    found = result("letters", "township", {"兴田街道": 3, "宁中镇": 5, "新陂镇": 5, "坭陂镇": 1})
    assert ranks(found) == [
        (1, "宁中镇", True),
        (1, "新陂镇", True),
        (3, "兴田街道", False),
        (4, "坭陂镇", False),
    ]


def test_a_complete_ranking_has_those_with_nothing() -> None:
    found = result("letters", "township", {"宁中镇": 5})
    lines = found.ranking("letters", PLACES)
    assert [(r.rank, r.member, r.cell.value, r.tied) for r in lines] == [
        (1, "宁中镇", 5, False),
        (2, "兴田街道", 0, True),
        (2, "新陂镇", 0, True),
        (2, "坭陂镇", 0, True),
    ]


def test_what_names_nobody_stands_last_without_a_rank() -> None:
    found = result("letters", "township", {"未填": 50, "未识别": 60, "宁中镇": 1, "新陂镇": 0})
    assert ranks(found) == [
        (1, "宁中镇", False),
        (2, "新陂镇", False),
        (0, "未填", False),
        (0, "未识别", False),
    ]


def test_a_rate_of_nothing_comes_after_a_rate_of_zero() -> None:
    found = result("repeat_rate", "township", {"宁中镇": (0, 0), "新陂镇": (0, 4), "坭陂镇": (1, 4)})
    assert ranks(found) == [(1, "坭陂镇", False), (2, "新陂镇", False), (0, "宁中镇", False)]


def test_rank_change_is_positive_upwards() -> None:
    now = {"兴田街道": 9, "宁中镇": 5, "新陂镇": 4, "未填": 7}
    before = {"兴田街道": 1, "宁中镇": 5, "新陂镇": 4, "未填": 99}
    lines = result("letters", "township", now, before).ranking("letters", PLACES)
    assert {r.member: r.rank_change for r in lines} == {
        "兴田街道": 2,
        "宁中镇": -1,
        "新陂镇": -1,
        "坭陂镇": 0,
        "未填": None,
    }


def test_each_line_carries_its_base_and_change() -> None:
    now, before = {"宁中镇": 6, "新陂镇": 2}, {"宁中镇": 4, "新陂镇": 0}
    lines = result("letters", "township", now, before).ranking("letters", ("坭陂镇",))
    assert [(r.member, r.base.value if r.base else None, r.change) for r in lines] == [
        ("宁中镇", 4, 0.5),
        ("新陂镇", 0, None),
        ("坭陂镇", 0, None),
    ]


def test_no_rank_change_without_a_comparison() -> None:
    (line,) = result("letters", "township", {"宁中镇": 6}).ranking("letters")
    assert (line.base, line.change, line.rank_change) == (None, None, None)


@given(st.dictionaries(st.sampled_from(PLACES), st.integers(0, 3), min_size=1))
def test_rank_is_one_more_than_those_above(numbers: dict[str, int]) -> None:
    lines = result("letters", "township", numbers).ranking("letters", PLACES)
    values = {place: numbers.get(place, 0) for place in PLACES}
    for line in lines:
        assert line.rank == 1 + sum(v > values[line.member] for v in values.values())
        assert line.tied == (Counter(values.values())[values[line.member]] > 1)
    assert [line.rank for line in lines] == sorted(line.rank for line in lines)


# --- change ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "now", "base", "expected"),
    [
        ("letters", 6, 4, 0.5),
        ("letters", 0, 4, -1.0),
        ("letters", 4, 0, None),
        ("letters", 4, None, None),
        ("letters", None, 4, None),
        ("repeat_rate", (1, 2), (1, 4), 0.25),
        ("repeat_rate", (1, 2), (0, 4), 0.5),
        ("repeat_rate", (1, 2), (0, 0), None),
        ("mean_days", (30, 10), (10, 10), 2.0),
    ],
)
def test_change(name: str, now: Number, base: Number, expected: float | None) -> None:
    assert change(METRICS[name], cell(now), cell(base)) == expected


def test_quantiles_change_by_days() -> None:
    assert change(METRICS["median_days"], Cell(9, 9, 20), Cell(9, 9, 25)) == -5


# --- quantiles ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "of_ten", "expected"),
    [
        ([], 5, None),
        ([7], 5, 7),
        ([1, 2], 5, 1),
        ([1, 2, 3], 5, 2),
        ([1] * 9 + [20], 9, 1),
        ([1] * 8 + [20, 30], 9, 20),
        ([0, 0, 0], 9, 0),
    ],
)
def test_quantile(days: list[int], of_ten: int, expected: int | None) -> None:
    assert quantile(Counter(days), of_ten) == expected


@given(st.lists(st.integers(0, 90), min_size=1), st.sampled_from([5, 9]))
def test_quantile_is_the_fewest_days_that_suffice(days: list[int], of_ten: int) -> None:
    found = quantile(Counter(days), of_ten)
    enough = [d for d in range(91) if sum(x <= d for x in days) * 10 >= of_ten * len(days)]
    assert found == enough[0]


# --- groups and their order -----------------------------------------------------------------------


def test_members_stand_as_declared_and_nobody_last() -> None:
    found = result("petitions", "channel", {"未填": 1, "phone": 2, "letter": 3, "visit": 4})
    assert [key[0] for key in found.keys] == ["letter", "visit", "phone", "未填"]
    months = result("petitions", "month", {"2021-02": 1, "2020-12": 2, "2021-01": 3})
    assert [key[0] for key in months.keys] == ["2020-12", "2021-01", "2021-02"]


def test_a_group_that_is_not_there_counts_nothing() -> None:
    assert result("letters", "township", {"宁中镇": 5}).value("letters", ("新陂镇",)) == 0
    rates = result("repeat_rate", "township", {"宁中镇": (1, 2)})
    assert rates.value("repeat_rate", ("新陂镇",)) is None


def made(name: str, by: str, days: str, numbers: dict[str, int], as_of: str = "2021-12-31") -> list[object]:
    """The values of a metric of one measure, in the order of their keys; from sums of that measure."""
    metric = METRICS[name]
    asked: Period = period(days).until(date.fromisoformat(as_of))
    sums: dict[Key, int] = {tuple(key.split()): n for key, n in numbers.items()}
    by_measure = {(m, metric.stock): sums if i == 0 else {} for i, m in enumerate(metric.measures)}
    query = Query((name,), tuple(by.split()), Selection(asked), (("petitions", 1),))
    found = Result(query, cells(query, asked, Parts(by_measure, {})), None, None, {})
    return [(*key, found.value(name, key)) for key in found.keys]


def test_months_without_rows_are_there() -> None:
    assert made("letters", "month", "2021-01-01 2021-04-30", {"2021-02": 3}) == [
        ("2021-01", 0),
        ("2021-02", 3),
        ("2021-03", 0),
        ("2021-04", 0),
    ]
    assert made("letters", "month", "2021-01-01 2021-02-28", {}) == [("2021-01", 0), ("2021-02", 0)]


def test_months_end_with_the_data() -> None:
    assert made("letters", "month", "2021-11-01 2022-02-28", {"2021-12": 3}, "2021-12-13") == [
        ("2021-11", 0),
        ("2021-12", 3),
    ]


def test_every_member_has_every_month() -> None:
    found = made(
        "letters", "township month", "2021-01-01 2021-02-28", {"宁中镇 2021-01": 1, "新陂镇 2021-02": 2}
    )
    assert found == [
        ("宁中镇", "2021-01", 1),
        ("宁中镇", "2021-02", 0),
        ("新陂镇", "2021-01", 0),
        ("新陂镇", "2021-02", 2),
    ]


def test_a_stock_is_carried_from_before_the_period() -> None:
    assert made("open", "month", "2021-01-01 2021-03-31", {"0000-00": 10, "2021-02": -3}) == [
        ("2021-01", 10),
        ("2021-02", 7),
        ("2021-03", 7),
    ]


def test_without_dimensions_there_is_one_row_always() -> None:
    assert made("letters", "", "2021-01", {}) == [(0,)]
    assert made("letters", "", "2021-01", {"": 4}) == [(4,)]


def test_nothing_is_known_of_a_period_to_come() -> None:
    query = Query(("letters",), (), Selection(period("2022-03").until(date(2021, 12, 13))), ())
    assert cells(query, query.selection.period, Parts({}, {})) == {(): (UNKNOWN,)}
    assert made("letters", "township", "2022-03", {}, "2021-12-13") == []


def test_sums_are_divided_last() -> None:
    """A member may have a denominator only."""
    metric = METRICS["repeat_rate"]
    repeat, both = metric.measures
    parts = {(repeat, False): {("宁中镇",): 1}, (both, False): {("宁中镇",): 3, ("新陂镇",): 2}}
    query = Query((metric.name,), ("township",), Selection(period("2021-01")), ())
    assert cells(query, query.selection.period, Parts(parts, {})) == {
        ("宁中镇",): (Cell(1, 3, 1 / 3),),
        ("新陂镇",): (Cell(0, 2, 0.0),),
    }


# --- what is compared -----------------------------------------------------------------------------


def test_by_month_each_month_has_its_own_base() -> None:
    (stretch,) = compared(period("2021-01-01 2021-03-31"), "previous", monthly=True)
    assert (stretch.base.start, stretch.base.end) == (date(2020, 12, 1), date(2021, 2, 28))
    first, rest = compared(period("2021-02-10 2021-03-31"), "year_ago", monthly=True)
    assert (first.base.start, first.base.end) == (date(2020, 2, 10), date(2020, 2, 28))
    assert (rest.base.start, rest.base.end) == (date(2020, 3, 1), date(2020, 3, 31))


def test_nothing_is_compared_where_nothing_was_asked_or_has_come() -> None:
    assert compared(period("2021-01"), "none", monthly=False) == ()
    assert compared(period("2022-01").until(date(2021, 12, 13)), "previous", monthly=False) == ()


@pytest.mark.parametrize(
    ("first", "covered"),
    [("2020-10-31", True), ("2020-11-01", True), ("2020-11-09", True), ("2020-12-01", False)],
)
def test_a_base_is_covered_from_the_first_month_of_the_data(first: str, covered: bool) -> None:
    reach = Coverage(date.fromisoformat(first), LONG.last)
    assert result("letters", "", {"": 5}, {"": 4}, coverage=reach).base_covered() == covered


def test_no_base_is_covered_by_no_data() -> None:
    found = result("letters", "", {"": 0}, {"": 0})
    assert not Result(found.query, found.cells, found.base, found.base_period, {}).base_covered()


def test_a_dataset_that_ends_earlier_is_named() -> None:
    found = result("letters", "", {"": 5})
    early = Coverage(LONG.first, date(2021, 11, 30))
    both = Result(found.query, found.cells, None, None, {"petitions": LONG, "backlog": early})
    assert both.lagging == {"backlog": date(2021, 11, 30)}
    assert found.lagging == {}


# --- rows -----------------------------------------------------------------------------------------


def test_plain_rows() -> None:
    found = result("repeat_rate", "township", {"宁中镇": (1, 4), "新陂镇": (0, 0)}, {"宁中镇": (1, 2)})
    assert found.rows() == [
        {"township": "宁中镇", "repeat_rate": 0.25, "repeat_rate_base": 0.5, "repeat_rate_change": -0.25},
        {"township": "新陂镇", "repeat_rate": None, "repeat_rate_base": None, "repeat_rate_change": None},
    ]
    assert result("letters", "", {"": 5}).rows() == [{"letters": 5}]

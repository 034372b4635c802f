"""Wrong numbers that come from comparing: with other days, with nothing, by the wrong measure of change."""

from __future__ import annotations

from datetime import date

import pytest

from tests.bureau import Bureau, item

AS_OF = date(2021, 12, 31)


def daily(first: str, count: int) -> list[dict[str, object]]:
    """One item a day."""
    start = date.fromisoformat(first).toordinal()
    return [item(f"{first}-{n}", date.fromordinal(start + n)) for n in range(count)]


def test_unfinished_month_compared_with_a_full_one(bureau: Bureau) -> None:
    """Data that end on the 13th compare with 13 days: no fall by half in the middle of a month."""
    bureau.bring("petitions", *daily("2020-12-01", 31), *daily("2021-11-01", 43))
    for compare in ("previous", "year_ago"):
        result = bureau.ask("petitions", "2021-12", compare=compare, as_of=date(2021, 12, 13))
        base = result.base_cell("petitions")
        assert base is not None
        assert (result.value("petitions"), base.value, result.change("petitions")) == (13, 13, 0.0)


def test_last_month_of_a_line_compared_with_a_full_one(bureau: Bureau) -> None:
    """By month too, the month that is not finished has the same days as its base."""
    bureau.bring("petitions", *daily("2020-11-01", 61), *daily("2021-11-01", 43))
    result = bureau.ask(
        "petitions", "2021-11-01 2021-12-31", "month", compare="year_ago", as_of=date(2021, 12, 13)
    )
    assert [(row["petitions"], row["petitions_base"]) for row in result.rows()] == [(30, 30), (13, 13)]


def test_february_compared_with_28_days_of_a_leap_one(bureau: Bureau) -> None:
    """A whole month compares with the whole month: 29 days of 2020."""
    bureau.bring("petitions", *daily("2020-01-31", 31), *daily("2021-02-01", 28))
    result = bureau.ask("petitions", "2021-02", compare="year_ago", as_of=AS_OF)
    assert result.rows() == [{"petitions": 28, "petitions_base": 29, "petitions_change": -1 / 29}]


def test_leap_day_without_a_year_ago(bureau: Bureau) -> None:
    """29 February compares with 28 February, not with 1 March and not with nothing."""
    bureau.bring("petitions", *daily("2019-02-27", 4), *daily("2020-02-29", 1))
    result = bureau.ask("petitions", "2020-02-29 2020-02-29", compare="year_ago", as_of=AS_OF)
    assert result.base_cell("petitions").value == 1  # type: ignore[union-attr]
    assert result.base_period is not None
    assert result.base_period.start == date(2019, 2, 28)


def test_january_compared_with_january(bureau: Bureau) -> None:
    """The month before January is December of the year before."""
    bureau.bring("petitions", *daily("2020-12-01", 5), *daily("2021-01-01", 10))
    result = bureau.ask("petitions", "2021-01", compare="previous", as_of=AS_OF)
    assert result.change("petitions") == 1.0


def test_week_compared_with_the_month_before(bureau: Bureau) -> None:
    """Seven days compare with the seven days before."""
    bureau.bring("petitions", *daily("2021-03-01", 14))
    result = bureau.ask("petitions", "2021-03-08 2021-03-14", compare="previous", as_of=AS_OF)
    assert result.rows() == [{"petitions": 7, "petitions_base": 7, "petitions_change": 0.0}]


def test_months_of_a_line_compared_with_one_base(bureau: Bureau) -> None:
    """By month, each month has its own month before."""
    bureau.bring("petitions", *daily("2021-01-01", 3), *daily("2021-02-01", 5), *daily("2021-03-01", 8))
    result = bureau.ask("petitions", "2021-02-01 2021-03-31", "month", compare="previous", as_of=AS_OF)
    assert [(row["petitions"], row["petitions_base"]) for row in result.rows()] == [(5, 3), (8, 5)]


@pytest.mark.parametrize("compare", ["previous", "year_ago"])
def test_cut_month_of_a_line_compared_with_more_days(bureau: Bureau, compare: str) -> None:
    """By month, a month cut by the period compares with the same days: 10–28 February with 10–28."""
    bureau.bring("petitions", *daily("2020-01-01", 120), *daily("2021-01-01", 120))
    result = bureau.ask("petitions", "2021-02-10 2021-03-31", "month", compare=compare, as_of=AS_OF)
    first = result.rows()[0]
    assert (first["petitions"], first["petitions_base"]) == (19, 19)


def test_member_that_fell_to_zero_lost(bureau: Bureau) -> None:
    """A township with items last month and none now keeps its line."""
    bureau.bring(
        "petitions", item(1, "2021-02-05", township="宁中镇"), item(2, "2021-03-05", township="新陂镇")
    )
    result = bureau.ask("petitions", "2021-03", "township", compare="previous", as_of=AS_OF)
    assert {row["township"]: (row["petitions"], row["petitions_base"]) for row in result.rows()} == {
        "宁中镇": (0, 1),
        "新陂镇": (1, 0),
    }


def test_growth_from_nothing_given_a_percentage(bureau: Bureau) -> None:
    """From a base of 0 there is no percentage; to 0 it is minus one."""
    bureau.bring("petitions", *daily("2021-03-01", 4))
    assert bureau.ask("petitions", "2021-03", compare="previous", as_of=AS_OF).change("petitions") is None
    assert bureau.ask("petitions", "2021-04", compare="previous", as_of=AS_OF).change("petitions") == -1.0


def test_rate_changed_in_percent_of_itself(bureau: Bureau) -> None:
    """50 % after 25 % is 25 points more, not a doubling."""
    february = [item(f"2-{n}", "2021-02-05", is_repeat=n == 0) for n in range(4)]
    march = [item(f"3-{n}", "2021-03-05", is_repeat=n == 0) for n in range(2)]
    bureau.bring("petitions", *february, *march)
    assert bureau.ask("repeat_rate", "2021-03", compare="previous", as_of=AS_OF).change("repeat_rate") == 0.25


def test_rate_without_a_base_compared_with_zero(bureau: Bureau) -> None:
    """No rate last month, no change this month."""
    bureau.bring("petitions", item(1, "2021-03-05", is_repeat=True))
    result = bureau.ask("repeat_rate", "2021-03", compare="previous", as_of=AS_OF)
    assert result.rows() == [{"repeat_rate": 1.0, "repeat_rate_base": None, "repeat_rate_change": None}]


def test_stock_compared_with_a_flow(bureau: Bureau) -> None:
    """The base of a stock is the stock at the end of the base period."""
    bureau.bring("petitions", *daily("2021-01-01", 10), *daily("2021-03-01", 5))
    result = bureau.ask("open", "2021-03", compare="previous", as_of=AS_OF)
    assert result.rows() == [{"open": 15, "open_base": 10, "open_change": 0.5}]


def test_year_before_the_data_compared_as_zero(bureau: Bureau) -> None:
    """A base outside the data says so, also for the first months of a line."""
    bureau.bring("petitions", *daily("2021-02-01", 40))
    assert not bureau.ask("petitions", "2021-03", compare="year_ago", as_of=AS_OF).base_covered()
    assert bureau.ask("petitions", "2021-03", compare="previous", as_of=AS_OF).base_covered()
    line = bureau.ask("petitions", "2021-02-01 2021-03-31", "month", compare="previous", as_of=AS_OF)
    assert [line.base_covered(key) for key in line.keys] == [False, True]


def test_filter_dropped_from_the_base(bureau: Bureau) -> None:
    """Filters hold for the base as well."""
    bureau.bring(
        "petitions",
        item(1, "2021-02-05", channel="visit"),
        item(2, "2021-02-05"),
        item(3, "2021-03-05", channel="visit"),
    )
    where = {"channel": ["visit"]}
    assert (
        bureau.ask("petitions", "2021-03", compare="previous", where=where, as_of=AS_OF).change("petitions")
        == 0.0
    )


def test_rank_invented_for_ties(bureau: Bureau) -> None:
    """Equal townships share a rank, and the complete list has those with nothing."""
    rows = [
        item(f"{place}-{n}", "2021-03-05", township=place) for place in ("宁中镇", "新陂镇") for n in range(2)
    ]
    bureau.bring("petitions", *rows, item("x", "2021-03-05", township="兴田街道"))
    result = bureau.ask("petitions", "2021-03", "township", as_of=AS_OF)
    places = [township.name for township in bureau.site.townships]
    ranks = {line.member: (line.rank, line.tied) for line in result.ranking("petitions", places)}
    assert ranks == {"宁中镇": (1, True), "新陂镇": (1, True), "兴田街道": (3, False), "坭陂镇": (4, False)}

"""Numbers, periods and changes in words."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from analytics.catalogue import METRICS
from analytics.insight.wording import (
    amount,
    arrow,
    change_in_words,
    compared_with,
    festival_note,
    number,
    period_in_words,
    signed_change,
    spring_festival,
)
from analytics.model import Comparison, Period
from analytics.result import Cell, Coverage
from tests.bureau import period
from tests.results import Number, cell, result

COUNT, VISITS, RATE = METRICS["letters"], METRICS["visits"], METRICS["repeat_rate"]
MEAN, MEDIAN = METRICS["mean_days"], METRICS["median_days"]


@pytest.mark.parametrize(
    ("metric", "value", "shown"),
    [
        ("letters", 0, "0件"),
        ("letters", 171, "171件"),
        ("visit_persons", 1237, "1,237人次"),
        ("letters", 9_999, "9,999件"),
        ("letters", 10_000, "1.0万件"),
        ("letters", 12_345, "1.2万件"),
        ("letters", 12_345_678, "1,234.6万件"),
        ("repeat_rate", 0.934, "93.4%"),
        ("repeat_rate", 1.0, "100.0%"),
        ("repeat_rate", 0.0, "0.0%"),
        ("mean_days", 12.54, "12.5天"),
        ("mean_days", 1234.5, "1,234.5天"),
        ("median_days", 21, "21天"),
        ("letters", None, "—"),
        ("repeat_rate", None, "—"),
    ],
)
def test_numbers(metric: str, value: float | None, shown: str) -> None:
    assert amount(METRICS[metric], value) == shown
    assert shown.startswith(number(METRICS[metric], value))


# --- changes --------------------------------------------------------------------------------------


def change(name: str, now: Number, base: Number, compare: Comparison = "year_ago") -> str:
    return change_in_words(METRICS[name], cell(now), cell(base), compare, small_base=10)


@pytest.mark.parametrize(
    ("name", "now", "base", "words"),
    [
        ("letters", 171, 186, "同比下降8.1%"),
        ("letters", 20, 10, "同比上升100.0%"),
        ("letters", 0, 40, "同比下降100.0%"),
        ("letters", 40, 40, "同比持平"),
        ("letters", 0, 0, "同比持平"),
        ("letters", 100_001, 100_000, "同比持平"),
        ("letters", 20, 9, "上年同期9件"),
        ("letters", 9, 9, "上年同期9件"),
        ("visits", 3, 0, "上年同期为0，本期3批"),
        ("letters", None, 40, ""),
        ("letters", 40, None, "上年同期无可比数"),
        ("repeat_rate", (30, 100), (25, 100), "同比上升5.0个百分点"),
        ("repeat_rate", (25, 100), (271, 1000), "同比下降2.1个百分点"),
        ("repeat_rate", (1, 2), (1, 4), "同比上升25.0个百分点"),
        ("repeat_rate", (0, 100), (5, 100), "同比下降5.0个百分点"),
        ("repeat_rate", (2501, 10_000), (2500, 10_000), "同比持平"),
        ("repeat_rate", (25, 100), (0, 0), "上年同期无可比数"),
        ("mean_days", (120, 10), (90, 10), "同比上升3.0天"),
    ],
)
def test_changes(name: str, now: Number, base: Number, words: str) -> None:
    assert change(name, now, base) == words


def test_changes_against_the_period_before() -> None:
    assert change("letters", 171, 186, "previous") == "环比下降8.1%"
    assert change("letters", 3, 0, "previous") == "上期为0，本期3件"
    assert change("letters", 3, 4, "previous") == "上期4件"


def test_small_is_what_the_site_says() -> None:
    assert change_in_words(COUNT, cell(4), cell(5), "year_ago", small_base=5) == "同比下降20.0%"
    assert change_in_words(COUNT, cell(4), cell(5), "year_ago", small_base=6) == "上年同期5件"


def test_no_change_without_a_base() -> None:
    assert change_in_words(COUNT, cell(171), None, "none", 10) == ""
    assert change_in_words(COUNT, cell(171), cell(0), "year_ago", 10, covered=False) == "无上年同期数据"
    assert change_in_words(COUNT, cell(171), cell(0), "previous", 10, covered=False) == "无上期数据"


@pytest.mark.parametrize(
    ("metric", "value", "shown"),
    [
        (COUNT, -0.0806, "-8.1%"),
        (COUNT, 1.0, "+100.0%"),
        (COUNT, -0.0004, "+0.0%"),
        (RATE, -0.021, "-2.1个百分点"),
        (RATE, -0.0004, "+0.0个百分点"),
        (MEAN, 1.5, "+1.5天"),
        (MEDIAN, -2, "-2天"),
        (replace(MEAN, unit="次"), 1.5, "+1.5次"),
        (COUNT, None, "—"),
    ],
)
def test_changes_in_tables(metric, value, shown) -> None:
    assert signed_change(metric, value) == shown


@pytest.mark.parametrize(
    ("metric", "now", "base", "shown"),
    [
        (COUNT, 2, 1, "▲"),
        (COUNT, 1, 2, "▼"),
        (COUNT, 1, 0, "▲"),
        (COUNT, 2, 2, "—"),
        (COUNT, 0, 0, "—"),
        (COUNT, 100_001, 100_000, "—"),
        (RATE, (1, 2), (1, 3), "▲"),
        (RATE, (1, 3), (1, 2), "▼"),
        (RATE, (2501, 10_000), (2500, 10_000), "—"),
        (MEAN, (120, 10), (90, 10), "▲"),
        (COUNT, None, 2, ""),
        (RATE, (1, 2), (0, 0), ""),
    ],
)
def test_arrows(metric, now: Number, base: Number, shown: str) -> None:
    assert arrow(metric, cell(now), cell(base)) == shown


def test_no_arrow_without_a_base() -> None:
    assert arrow(COUNT, Cell(1, None, 1), None) == ""


# --- periods --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "as_of", "words"),
    [
        ("2021-11", "2021-12-13", "2021年11月"),
        ("2021-12", "2021-12-13", "2021年12月（截至13日）"),
        ("2021-12", "2021-11-30", "2021年12月"),
        ("2021-01-01 2021-12-31", "2021-12-31", "2021年"),
        ("2021-01-01 2021-12-31", "2021-12-13", "2021年（截至12月13日）"),
        ("2021-01-01 2021-11-30", "2021-12-13", "2021年1—11月"),
        ("2020-12-01 2021-11-30", "2021-12-13", "2020年12月—2021年11月"),
        ("2020-12-01 2021-12-31", "2021-12-13", "2020年12月—2021年12月（截至12月13日）"),
        ("2020-06-01 2022-05-31", "2021-12-13", "2020年6月—2022年5月（截至2021年12月13日）"),
        ("2021-03-05 2021-03-05", "2021-12-13", "2021年3月5日"),
        ("2021-03-05 2021-04-02", "2021-12-13", "2021年3月5日—4月2日"),
        ("2020-12-28 2021-01-03", "2021-12-13", "2020年12月28日—2021年1月3日"),
        ("2021-12-06 2021-12-19", "2021-12-13", "2021年12月6日—12月13日"),
    ],
)
def test_periods(days: str, as_of: str, words: str) -> None:
    assert period_in_words(period(days).until(date.fromisoformat(as_of))) == words


@pytest.mark.parametrize(
    ("year", "day"), [(2019, (2, 5)), (2020, (1, 25)), (2021, (2, 12)), (2023, (1, 22)), (2026, (2, 17))]
)
def test_spring_festival(year: int, day: tuple[int, int]) -> None:
    assert spring_festival(year) == date(year, *day)


@pytest.mark.parametrize(
    ("days", "note"),
    [
        ("2021-02", "春节只落在本期内，比较时请留意"),  # 2021-02-12 against 2020-01-25
        ("2021-01", "春节只落在对比期内，比较时请留意"),
        ("2021-01-01 2021-02-28", ""),
        ("2021-11", ""),
        ("2019-02", ""),  # 2019-02-05 against 2018-02-16
        ("2021-02-11 2021-02-11", "春节只落在本期内，比较时请留意"),  # the eve, when offices close
        ("2021-02-10 2021-02-10", ""),
        ("2021-02-18 2021-02-18", "春节只落在本期内，比较时请留意"),  # the last day of the holiday
        ("2021-02-19 2021-02-19", ""),
    ],
)
def test_spring_festival_in_one_of_two_periods(days: str, note: str) -> None:
    assert festival_note(period(days), period(days).year_ago()) == note


def test_a_month_cut_before_the_festival_does_not_hold_it() -> None:
    cut = period("2021-02").until(date(2021, 2, 9))
    assert festival_note(cut, cut.previous()) == ""


def test_what_is_compared_with_what() -> None:
    november = result("letters", "", {"": 5}, base={"": 6})
    assert compared_with(november) == "同比对比2020年11月"
    december = result("letters", "", {"": 5}, {"": 6}, "2021-12", "previous", as_of=date(2021, 12, 13))
    assert compared_with(december) == "环比对比2021年11月（截至13日）"
    february = result("letters", "", {"": 5}, {"": 6}, "2021-02")
    assert compared_with(february) == "同比对比2020年2月；春节只落在本期内，比较时请留意"


def test_nothing_is_compared_with_days_before_the_data() -> None:
    assert compared_with(result("letters", "", {"": 5})) == ""
    young = Coverage(date(2021, 1, 5), date(2021, 12, 31))
    assert compared_with(result("letters", "", {"": 5}, {"": 0}, coverage=young)) == "无上年同期数据"
    sooner = result("letters", "", {"": 5}, {"": 0}, "2021-02", "previous", coverage=young)
    assert compared_with(sooner).startswith("环比对比2021年1月")


def test_years_that_the_calendar_does_not_hold_have_no_festival() -> None:
    """Whoever asks for 1890 to 2199 is answered."""
    long = Period(date(1890, 1, 1), date(2199, 12, 31))
    assert festival_note(long, long.year_ago()) == ""
    assert spring_festival(1700) is None

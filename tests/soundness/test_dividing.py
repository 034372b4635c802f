"""Wrong numbers that come from dividing: too early, by the wrong base, by nothing."""

from __future__ import annotations

from datetime import date

import pytest

from analytics.catalogue import METRICS
from tests.bureau import Bureau, case, item, order

AS_OF = date(2021, 12, 31)
YEAR = "2021-01-01 2021-12-31"


def test_rates_of_parts_averaged(bureau: Bureau) -> None:
    """The rate of a whole divides the sums of its parts: 1 of 10, not the mean of 100 % and 0 %."""
    rows = [item(n, "2021-03-01", is_repeat=False, township="宁中镇") for n in range(9)]
    bureau.bring("petitions", item("x", "2021-02-01", is_repeat=True, township="新陂镇"), *rows)
    assert bureau.number("repeat_rate", YEAR, as_of=AS_OF) == 0.1
    assert bureau.table("repeat_rate", YEAR, "township", as_of=AS_OF) == {"新陂镇": 1.0, "宁中镇": 0.0}


def test_mean_of_monthly_means(bureau: Bureau) -> None:
    """Mean days of a quarter weigh every item the same: (10 + 3 × 2) ÷ 4."""
    short = [item(n, "2021-02-01", closed_on="2021-02-03") for n in range(3)]
    bureau.bring("petitions", item("x", "2021-01-01", closed_on="2021-01-11"), *short)
    assert bureau.number("mean_days", "2021-01-01 2021-03-31", as_of=AS_OF) == 4.0


def test_medians_of_parts_averaged(bureau: Bureau) -> None:
    """The median of the whole comes from all its items."""
    short = [item(n, "2021-01-01", closed_on="2021-01-03") for n in range(3)]
    bureau.bring("petitions", item("x", "2021-02-01", closed_on="2021-02-28"), *short)
    assert bureau.number("median_days", "2021-01-01 2021-02-28", as_of=AS_OF) == 2


@pytest.mark.parametrize(
    ("days", "median", "p90"),
    [([1, 2], 1, 2), ([1, 2, 3], 2, 3), ([1] * 9 + [20], 1, 1), ([1] * 8 + [20] * 2, 1, 20)],
)
def test_days_in_between_invented(bureau: Bureau, days: list[int], median: int, p90: int) -> None:
    """The fewest whole days by which half, or nine tenths, were closed; nothing interpolated."""
    bureau.bring(
        "petitions", *[item(n, "2021-03-01", closed_on=date(2021, 3, 1 + d)) for n, d in enumerate(days)]
    )
    assert bureau.number("median_days", "2021-03", as_of=AS_OF) == median
    assert bureau.number("p90_days", "2021-03", as_of=AS_OF) == p90


def test_nothing_to_divide_by_shown_as_zero(bureau: Bureau) -> None:
    """A rate without a base has no value; 0 % would blame somebody."""
    bureau.bring("petitions", item(1, "2021-03-01"))
    bureau.bring("backlog", case(1, "2021-03-01"))
    bureau.bring("supervisions", order(1, "2021-03-01"))
    rates = [name for name, metric in METRICS.items() if not metric.is_count and not metric.stock]
    result = bureau.ask(rates, "2021-01", as_of=AS_OF)
    assert {name: result.value(name) for name in rates} == dict.fromkeys(rates)
    assert bureau.number("backlog_closure_rate", "2021-01", as_of=AS_OF) is None


def test_whole_number_division(bureau: Bureau) -> None:
    """2 of 3 is two thirds, as a fraction and not as a percentage."""
    bureau.bring(
        "petitions", *[item(n, "2021-03-01", channel=c) for n, c in enumerate(["online", "online", "letter"])]
    )
    assert bureau.number("online_share", "2021-03", as_of=AS_OF) == 2 / 3


def test_unknown_repeat_counted_as_first(bureau: Bureau) -> None:
    """An item that nobody marked is neither 初件 nor 重件, in counts and in both bases."""
    bureau.bring(
        "petitions",
        item(1, "2021-03-01", is_repeat=True),
        item(2, "2021-03-01", is_repeat=False, accepted_on="2021-03-02"),
        item(3, "2021-03-01"),
    )
    assert bureau.number("first_petitions", "2021-03", as_of=AS_OF) == 1
    assert bureau.number("repeat_rate", "2021-03", as_of=AS_OF) == 0.5
    assert bureau.number("timely_acceptance_rate", "2021-03", as_of=AS_OF) == 1.0


def test_items_and_persons_mixed_in_one_ratio(bureau: Bureau) -> None:
    """A group of 50 is one item in every rate: 件次 with 件次."""
    bureau.bring(
        "petitions",
        item(1, "2021-03-01", channel="visit", persons=50, is_repeat=True),
        item(2, "2021-03-01", channel="online", is_repeat=False),
    )
    assert bureau.number("repeat_rate", "2021-03", as_of=AS_OF) == 0.5
    assert bureau.number("online_share", "2021-03", as_of=AS_OF) == 0.5
    assert bureau.number("visits", "2021-03", as_of=AS_OF) == 1
    assert bureau.number("visit_persons", "2021-03", as_of=AS_OF) == 50


def test_unrated_counted_as_dissatisfied(bureau: Bureau) -> None:
    """Satisfaction divides by those who rated, participation by those who could."""
    closed = {"closed_on": "2021-03-05"}
    bureau.bring(
        "petitions",
        item(1, "2021-03-01", office_rating="满意", **closed),
        item(2, "2021-03-01", office_rating="基本满意", **closed),
        item(3, "2021-03-01", office_rating="不满意", **closed),
        item(4, "2021-03-01", office_rating="未评价", **closed),
        item(5, "2021-03-01", **closed),
    )
    assert bureau.number("office_satisfaction", "2021-03", as_of=AS_OF) == 2 / 3
    assert bureau.number("evaluation_rate", "2021-03", as_of=AS_OF) == 3 / 5
    assert bureau.number("unit_satisfaction", "2021-03", as_of=AS_OF) is None


def test_missed_deadline_dropped_from_the_base(bureau: Bureau) -> None:
    """What was never replied to counts against the rate; what had no deadline does not."""
    first = {"is_repeat": False, "accepted_on": "2021-03-01", "due_on": "2021-03-20"}
    bureau.bring(
        "petitions",
        item(1, "2021-03-01", replied_on="2021-03-20", **first),
        item(2, "2021-03-01", replied_on="2021-03-21", **first),
        item(3, "2021-03-01", **first),
        item(4, "2021-03-01", is_repeat=False, replied_on="2021-03-05"),
    )
    assert bureau.number("on_time_reply_rate", "2021-03", as_of=AS_OF) == 1 / 3


def test_repeat_items_let_into_a_rate_of_first_items(bureau: Bureau) -> None:
    """The deadline rates of the bureau are about 初件; that of superior items takes both."""
    late = {"due_on": "2021-03-10", "closed_on": "2021-03-11", "source": "superior"}
    good = {"due_on": "2021-03-10", "closed_on": "2021-03-10", "source": "superior"}
    bureau.bring(
        "petitions",
        item(1, "2021-03-01", is_repeat=True, **late),
        item(2, "2021-03-01", is_repeat=False, **good),
        item(3, "2021-03-01", **good),
    )
    assert bureau.number("on_time_closure_rate", "2021-03", as_of=AS_OF) == 1.0
    assert bureau.number("superior_on_time_closure_rate", "2021-03", as_of=AS_OF) == 2 / 3


def test_sums_drift_or_overflow(bureau: Bureau) -> None:
    """Sums are whole numbers of any size."""
    bureau.bring("petitions", *[item(n, "2021-03-01", channel="visit", persons=9999) for n in range(40)])
    value = bureau.number("visit_persons", "2021-03", as_of=AS_OF)
    assert value == 399_960
    assert type(value) is int

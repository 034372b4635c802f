"""What is said of a number: every word from its numbers, none where nothing can be told."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.catalogue import METRICS
from analytics.insight.judgement import judge
from analytics.insight.verdict import RULES, VERDICTS, Judgement, power_in_words, verdict_in_title
from analytics.model import Period, add_months
from analytics.result import Coverage, Key, Result
from tests.results import LONG, Number, cells, result

MONTHS = 24
CALM = [15, 14, 16, 13, 17, 15, 16, 14, 12, 18, 15, 14] * 2
"""Two years that average 14.9 and never leave 12–18."""
NOBODY_KNOWS = Coverage(date(2018, 1, 1), date(2021, 12, 31))


def months(number: int = MONTHS, last: str = "2021-10") -> list[str]:
    first = add_months(Period.month(last).start, 1 - number)
    return [f"{p.start:%Y-%m}" for p in Period(first, Period.month(last).end).by_month()]


def history(
    metric: str, rows: Mapping[str, Sequence[Number]], by: str = "", coverage: Coverage = LONG
) -> Result:
    """The months before November 2021; a row without a name is the one number."""
    names = months(len(next(iter(rows.values()))))
    numbers = {
        f"{row} {m}".strip(): n for row, line in rows.items() for m, n in zip(names, line, strict=True)
    }
    days = f"{names[0]}-01 2021-10-31"
    return result(metric, f"{by} month".strip(), numbers, days=days, coverage=coverage)


def now(metric: str, number: Number, days: str = "2021-11", as_of: date = LONG.last) -> Result:
    made = result(metric, "", {}, days=days, as_of=as_of, coverage=NOBODY_KNOWS)
    return replace(made, cells={(): cells({"x": number})[("x",)]})


def alone(metric: str, number: Number, past: Sequence[Number], **more: object) -> Judgement:
    found = judge(now(metric, number, **more), history(metric, {"": past}, coverage=NOBODY_KNOWS))  # type: ignore[arg-type]
    return found[metric, ()]


def table(
    rows: Mapping[str, tuple[Number, Sequence[Number]]], metric: str = "petitions", **more: object
) -> dict[str, Judgement]:
    present = result(
        metric, "township", {name: number for name, (number, _) in rows.items()}, coverage=NOBODY_KNOWS
    )
    past = history(metric, {name: line for name, (_, line) in rows.items()}, "township", NOBODY_KNOWS)
    return {key[0]: one for (_, key), one in judge(present, past, **more).items()}  # type: ignore[arg-type]


# --- one number -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "past", "verdict", "rule"),
    [
        (15, CALM, "normal", "xmr"),
        (40, CALM, "up", "xmr.limits"),
        (2, CALM, "down", "xmr.limits"),
        (16, [*CALM[:-6], 16, 17, 16, 17, 16, 17], "high", "xmr.run"),
        (13, [*CALM[:-6], 14, 13, 14, 13, 14, 13], "low", "xmr.run"),
        (21, [*CALM[:-2], 21, 16], "high", "xmr.near"),
        (17, [*CALM[:-6], 11, 12, 13, 14, 15, 16], "up", "xmr.trend"),
        (12, [*CALM[:-6], 18, 17, 16, 15, 14, 13], "down", "xmr.trend"),
    ],
)
def test_each_word_is_reached(number: int, past: list[Number], verdict: str, rule: str) -> None:
    found = alone("petitions", number, past)
    assert (found.verdict, found.rule) == (verdict, rule)
    assert found.word == VERDICTS[found.verdict]
    assert bool(found.told) == found.is_signal
    assert f"{number}件，预期" in found.in_words(METRICS["petitions"])


def test_the_limits_are_those_of_the_chart_and_the_words_name_them() -> None:
    found = alone("petitions", 15, CALM)
    ranges = [abs(b - a) for a, b in pairwise(CALM)]
    centre, reach = sum(CALM) / 24, 2.66 * sum(ranges) / 23
    assert found.expected == pytest.approx(centre)
    assert (found.lower, found.upper) == (pytest.approx(centre - reach), pytest.approx(centre + reach))
    words = found.in_words(METRICS["petitions"])
    assert words == f"正常波动：15件，预期{centre:.1f}，正常范围{centre - reach:.1f}–{centre + reach:.1f}"
    assert verdict_in_title(found) == "，处于正常波动范围"
    assert "增加一半" in power_in_words(METRICS["petitions"], found)


def test_a_rate_by_its_own_chart_and_by_exact_limits_where_it_never_varied() -> None:
    varied = [(30, 200), (50, 220), (40, 190), (20, 210)] * 6
    found = alone("repeat_rate", (190, 220), varied)
    assert (found.verdict, found.rule) == ("up", "laney.limits")
    always = [(20, 20)] * 24
    assert alone("on_time_closure_rate", (20, 20), always).verdict == "normal"
    assert alone("on_time_closure_rate", (12, 20), always).rule == "exact.limits"
    assert alone("on_time_closure_rate", (12, 20), always).verdict == "down"
    assert alone("on_time_closure_rate", (8, 9), always).word == "样本小"


def test_a_stock_is_judged_by_its_change() -> None:
    """It stands higher than ever by steps as usual: no signal; by a leap: one."""
    rising = [100 + 3 * at + at % 2 for at in range(24)]
    step, leap = alone("open", rising[-1] + 3, rising), alone("open", rising[-1] + 30, rising)
    assert (step.verdict, leap.verdict) == ("normal", "up")
    assert leap.lower is not None
    assert leap.lower > 150, "limits are of the stock itself"


@pytest.mark.parametrize(
    ("metric", "number", "past", "more", "rule"),
    [
        ("petitions", 2, [2, 1, 3] * 8, {}, "size"),
        ("petitions", 15, CALM[:11], {}, "history"),
        ("petitions", 0, CALM, {"days": "2022-02"}, "empty"),
        ("evaluation_rate", (9, 20), [(9, 20), (11, 20)] * 12, {}, "maturing"),
        ("repeat_rate", (0, 0), [(3, 20), (4, 20)] * 12, {}, "nothing"),
        ("median_days", (20, 20), [(20, 20), (24, 20)] * 12, {"days": "2021-10-01 2021-12-31"}, "period"),
    ],
)
def test_what_cannot_be_told_says_why(
    metric: str, number: Number, past: list[Number], more: dict[str, object], rule: str
) -> None:
    found = alone(metric, number, past, **more)
    assert (found.verdict, found.rule) == ("small", rule)
    assert found.word == ("样本小" if rule == "size" else RULES[rule])
    assert verdict_in_title(found) == ""


def test_a_cohort_is_judged_once_it_has_matured() -> None:
    past: list[Number] = [(9, 20), (11, 20)] * 12
    early = alone("evaluation_rate", (0, 20), past)
    later = alone("evaluation_rate", (0, 20), past, as_of=date(2022, 3, 1))
    assert (early.rule, later.verdict) == ("maturing", "down")


def test_a_month_not_over_is_compared_with_as_many_days() -> None:
    """Half a month at half the pace is normal; at the pace of two it is not."""
    half = date(2021, 11, 15)
    calm = alone("petitions", 8, CALM, as_of=half)
    assert (calm.verdict, calm.rule) == ("normal", "exact")
    assert calm.expected == pytest.approx(sum(CALM) / 24 * 15 / (365.25 / 12))
    assert alone("petitions", 24, CALM, as_of=half).verdict == "up"


@pytest.mark.parametrize(("days", "length"), [("2021-10-01 2021-12-31", 3), ("2021-01-01 2021-12-31", 12)])
def test_a_quarter_and_a_year_are_judged_by_the_months_before(days: str, length: int) -> None:
    mean = sum(CALM) / 24
    calm = alone("petitions", round(mean * length), CALM, days=days)
    assert (calm.verdict, calm.expected) == ("normal", pytest.approx(mean * length, rel=0.02))
    assert alone("petitions", round(mean * length * 2), CALM, days=days).verdict == "up"


def test_months_before_the_data_begin_are_no_months_with_nothing() -> None:
    begun = Coverage(date(2020, 11, 3), date(2021, 12, 31))
    past = history("petitions", {"": [0] * 12 + CALM[:12]}, coverage=begun)
    found = judge(now("petitions", 15), past)["petitions", ()]
    assert found.expected == pytest.approx(sum(CALM[:12]) / 12)
    late = Coverage(date(2021, 3, 1), date(2021, 12, 31))
    assert (
        judge(now("petitions", 15), replace(past, coverage={"petitions": late}))["petitions", ()].rule
        == "history"
    )


# --- rows -------------------------------------------------------------------------------------------

EVEN: dict[str, tuple[Number, Sequence[Number]]] = {f"{at}镇": (15, CALM) for at in "甲乙丙丁戊己庚辛"}


def test_rows_outside_their_limits_are_pointed_out_and_no_others() -> None:
    found = table({**EVEN, "甲镇": (40, CALM), "乙镇": (1, CALM)})
    assert {name: one.verdict for name, one in found.items() if one.is_signal} == {
        "甲镇": "up",
        "乙镇": "down",
    }
    assert found["甲镇"].rule == "exact.limits"
    for one in found.values():
        assert one.lower is not None
        assert one.upper is not None
        assert one.value is not None
        assert (one.lower <= one.value <= one.upper) == (one.verdict not in ("up", "down"))


def test_what_lasts_is_told_in_numbers() -> None:
    raised = [*CALM[:-5], 22, 23, 21, 24, 22]
    one = table({**EVEN, "甲镇": (23, raised)})["甲镇"]
    assert (one.verdict, one.rule) == ("high", "exact.sustained")
    assert one.told.startswith("近 6 个月合计 135，此前折算为")
    back = table({**EVEN, "甲镇": (12, raised)})["甲镇"]
    assert not back.is_signal, "the present month is no longer on that side"
    fallen = table({**EVEN, "甲镇": (7, [*CALM[:-5], 7, 8, 6, 7, 8])})["甲镇"]
    assert (fallen.verdict, fallen.rule) == ("low", "exact.sustained")


def test_a_rate_far_from_the_others_over_a_year_is_pointed_out() -> None:
    common = [(4, 20), (3, 18), (5, 22), (4, 21)] * 6
    rows = {f"{at}镇": ((4, 20), common) for at in "甲乙丙丁戊己庚辛壬癸"}
    found = table({**rows, "甲镇": ((12, 20), [(11, 20), (12, 20)] * 12)}, "repeat_rate")
    assert (found["甲镇"].verdict, found["甲镇"].rule) == ("high", "exact.funnel")
    assert "其余合计" in found["甲镇"].told
    assert not any(one.is_signal for name, one in found.items() if name != "甲镇")


def test_a_small_row_is_no_signal_unless_it_multiplies() -> None:
    tiny = [1, 0, 2, 1] * 6
    found = table({**EVEN, "甲镇": (3, tiny), "乙镇": (14, tiny)})
    assert (found["甲镇"].word, found["乙镇"].word) == ("样本小", "显著上升")


def test_members_without_any_row_are_judged_too() -> None:
    found = table(EVEN, members=("甲镇", "空镇"))
    assert found["空镇"].verdict == "small"
    assert (found["空镇"].value, found["空镇"].expected) == (0, 0)


def test_a_row_that_had_many_and_has_none_is_seen() -> None:
    present = result("petitions", "township", dict.fromkeys(EVEN, 15), coverage=NOBODY_KNOWS)
    rows = dict.fromkeys([*EVEN, "没镇"], CALM)
    found = judge(present, history("petitions", rows, "township", NOBODY_KNOWS))
    assert found["petitions", ("没镇",)].verdict == "down"


def test_many_rows_raise_no_more_alarms_than_one() -> None:
    """25 of a mean of 14.9 is one month in a hundred and fifty: alone a row of many says nothing."""
    one = table({"甲镇": (27, CALM)})["甲镇"]
    many = table({**{f"{at}镇": (15, CALM) for at in range(60)}, "甲镇": (27, CALM)})["甲镇"]
    assert (one.verdict, many.verdict) == ("up", "normal")
    assert many.upper is not None
    assert one.upper is not None
    assert many.upper > one.upper


# --- what always holds ------------------------------------------------------------------------------

NUMBERS: st.SearchStrategy[Number] = st.one_of(st.integers(0, 60), st.integers(0, 3))
SHARES: st.SearchStrategy[Number] = st.integers(0, 40).flatmap(
    lambda of: st.tuples(st.integers(0, of), st.just(of))
)
KINDS = {"petitions": NUMBERS, "open": NUMBERS, "repeat_rate": SHARES, "mean_days": SHARES}


@st.composite
def questions(draw: st.DrawFn) -> tuple[Result, Result]:
    metric = draw(st.sampled_from(list(KINDS)))
    length = draw(st.sampled_from([0, 1, 5, 12, 24]))
    names = draw(st.lists(st.sampled_from("甲乙丙丁戊己庚"), min_size=1, max_size=6, unique=True))
    days = draw(st.sampled_from(["2021-11", "2021-11-01 2021-11-20", "2021-10-01 2021-12-31"]))
    present = {name: draw(KINDS[metric]) for name in names}
    past = {name: draw(st.lists(KINDS[metric], min_size=length, max_size=length)) for name in names}
    asked = result(metric, "township", present, days=days, coverage=NOBODY_KNOWS)
    before = history(metric, past or {"甲": []}, "township", NOBODY_KNOWS) if length else asked_without(asked)
    return asked, before


def asked_without(asked: Result) -> Result:
    """A history of which nothing is known: one month, before the data begin."""
    past = history(asked.query.metrics[0], {"甲": [0]}, "township", NOBODY_KNOWS)
    return replace(past, cells={}, coverage={"petitions": Coverage(date(2021, 11, 1), date(2021, 12, 31))})


@settings(deadline=None, max_examples=60)
@given(questions(), st.randoms())
def test_judging_never_fails_and_the_order_of_rows_changes_nothing(
    asked: tuple[Result, Result], dice: random.Random
) -> None:
    present, past = asked
    found = judge(present, past)
    shuffled = list(present.cells.items())
    dice.shuffle(shuffled)
    again = judge(replace(present, cells=dict(shuffled)), past)
    assert {key: (one.verdict, one.rule) for key, one in found.items()} == {
        key: (one.verdict, one.rule) for key, one in again.items()
    }
    for (name, key), one in found.items():
        says(one, present, name, key)


def says(one: Judgement, present: Result, name: str, key: Key) -> None:
    """The word, the value and the numbers agree."""
    metric = present.metrics[0]
    assert one.value == present.value(name, key)
    assert one.word in {*VERDICTS.values(), *RULES.values()}
    assert one.in_words(metric)
    assert one.rule.partition(".")[0] in RULES
    if one.rule.endswith(".limits"):
        assert one.value is not None
        assert one.lower is not None
        assert one.upper is not None
        assert one.value < one.lower or one.value > one.upper
    elif one.verdict == "normal":
        assert one.value is not None
        assert one.lower is not None
        assert one.upper is not None
        assert one.lower - 1e-9 <= one.value <= one.upper + 1e-9

"""A difference divided: the parts sum to it exactly, and agree with what was published."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.catalogue import DIMENSIONS, METRICS, dimensions_of
from analytics.engine import Engine
from analytics.insight.explain import (
    AT_MOST,
    Explanation,
    dividing,
    explain,
    possible_dimensions,
    usual_dimensions,
)
from analytics.insight.windows import TIMES
from analytics.model import Period
from analytics.result import Coverage, Result
from analytics.site import Refusal
from tests.bureau import Bureau, item
from tests.results import Number, result

ADDITIVE = [m.name for m in METRICS.values() if m.quantile is None]
NAMES = ("甲镇", "乙镇", "丙镇", "丁镇", "戊镇")

counts = st.dictionaries(st.sampled_from(NAMES), st.integers(-50, 500), max_size=5)
pairs = st.tuples(st.integers(0, 60), st.integers(0, 60))  # the numerator need not lie within the denominator
rates = st.dictionaries(st.sampled_from(NAMES), pairs, min_size=1, max_size=5).filter(
    lambda groups: sum(of for _, of in groups.values()) > 0
)


def divided(metric: str, now: dict[str, Number], base: dict[str, Number]) -> Explanation:
    return explain(result(metric, "township", now, base))


def value(groups: dict[str, tuple[int, int]]) -> Fraction:
    return Fraction(sum(n for n, _ in groups.values()), sum(of for _, of in groups.values()))


# --- the sum --------------------------------------------------------------------------------------


@given(counts, counts)
def test_counts_and_stocks_sum(now: dict[str, Number], base: dict[str, Number]) -> None:
    for metric in ("petitions", "open"):
        found = divided(metric, now, base)
        whole = sum(now.values()) - sum(base.values())  # type: ignore[arg-type]
        assert found.difference == sum(part.amount for part in found.parts) == whole
        for part in found.parts:
            (name,) = part.key
            assert part.amount == now.get(name, 0) - base.get(name, 0)  # type: ignore[operator]
            assert part.rate_effect is None is part.mix_effect


@given(rates, rates)
def test_rates_and_means_sum(now: dict[str, tuple[int, int]], base: dict[str, tuple[int, int]]) -> None:
    for metric in ("on_time_closure_rate", "mean_days"):
        found = divided(metric, {**now}, {**base})
        assert (found.now, found.base) == (value(now), value(base))
        assert sum(part.amount for part in found.parts) == value(now) - value(base)
        assert all(part.amount == part.rate_effect + part.mix_effect for part in found.parts)  # type: ignore[operator]
        floats = sum(float(part.amount) for part in found.parts)
        assert abs(floats - float(found.difference)) < 1e-12
        for part in found.parts:
            if not part.now.denominator or not part.base.denominator:
                assert part.rate_effect == 0


@given(rates, rates)
def test_the_way_back_is_the_same_with_the_other_sign(
    now: dict[str, tuple[int, int]], base: dict[str, tuple[int, int]]
) -> None:
    there, back = (divided("repeat_rate", {**a}, {**b}).parts for a, b in ((now, base), (base, now)))
    returned = {part.key: part for part in back}
    for part in there:
        other = returned[part.key]
        assert (part.rate_effect, part.mix_effect) == (-other.rate_effect, -other.mix_effect)  # type: ignore[operator]


@given(rates, st.integers(2, 9))
def test_where_only_rates_move_nothing_is_mix(groups: dict[str, tuple[int, int]], times: int) -> None:
    whole = {name: (n, of) for name, (n, of) in groups.items() if of}
    found = divided("repeat_rate", {k: (n * times, of) for k, (n, of) in whole.items()}, {**whole})
    assert all(part.mix_effect == 0 for part in found.parts)


@given(rates, st.lists(st.integers(1, 9), min_size=5, max_size=5))
def test_where_only_shares_move_nothing_is_rate(groups: dict[str, tuple[int, int]], times: list[int]) -> None:
    whole = {name: (n, of) for name, (n, of) in groups.items() if of}
    now = {name: (n * by, of * by) for (name, (n, of)), by in zip(whole.items(), times, strict=False)}
    found = divided("repeat_rate", {**now}, {**whole})
    assert all(part.rate_effect == 0 for part in found.parts)
    assert sum(part.mix_effect or 0 for part in found.parts) == found.difference


def test_the_greatest_part_stands_first() -> None:
    found = divided("petitions", {"甲镇": 5, "乙镇": 1, "丙镇": 9}, {"甲镇": 4, "乙镇": 9, "丁镇": 2})
    assert [(part.key[0], part.amount) for part in found.parts] == [
        ("丙镇", 9),
        ("乙镇", -8),
        ("丁镇", -2),
        ("甲镇", 1),
    ]
    assert (found.now, found.base, found.difference, found.gross) == (15, 15, 0, 20)


# --- known answers --------------------------------------------------------------------------------

# Das Gupta, "Standardization and Decomposition of Rates: A User's Manual", U.S. Bureau of the Census,
# Current Population Reports P23-186 (1993). Example 5.1: percent of the population by thirteen age groups
# in tenths, and household headship rates per 100 in tenths, United States.
SIZES_1970 = (129, 109, 95, 80, 78, 84, 86, 78, 70, 59, 47, 36, 49)
SIZES_1985 = (101, 112, 116, 109, 94, 77, 63, 60, 63, 59, 51, 40, 55)
HEADS_1970 = (19, 258, 457, 496, 512, 516, 518, 549, 587, 604, 628, 666, 668)
HEADS_1985 = (22, 243, 458, 525, 561, 556, 560, 574, 572, 612, 639, 686, 722)

# Example 5.3: thousands of people and deaths per million of them, by race and age, United States.
PEOPLE_1985 = (
    *(3041, 11577, 27450, 32711, 35480, 27411, 19555, 19795, 15254, 8022, 2472),
    *(707, 2692, 6473, 6841, 6547, 4352, 3034, 2540, 1749, 804, 236),
)
PEOPLE_1970 = (
    *(2968, 11484, 34614, 30992, 21983, 20314, 20928, 16897, 11339, 5720, 1315),
    *(535, 2162, 6120, 4781, 3096, 2718, 2363, 1767, 1149, 448, 117),
)
DEATHS_1985 = (
    *(9163, 462, 248, 929, 1084, 1810, 4715, 12187, 27728, 64068, 157570),
    *(17208, 738, 328, 1103, 2045, 3724, 8052, 17812, 34128, 68276, 125161),
)
DEATHS_1970 = (
    *(18469, 751, 391, 1146, 1287, 2672, 6636, 15691, 34723, 79763, 176837),
    *(36993, 1352, 541, 2040, 3523, 6746, 12967, 24471, 45091, 74902, 123205),
)


@pytest.mark.parametrize(
    ("now", "base", "scale", "published"),
    [
        ((SIZES_1985, HEADS_1985), (SIZES_1970, HEADS_1970), 10, ("44.7268", "47.6940", "1.7403", "1.2269")),
        (
            (PEOPLE_1985, DEATHS_1985),
            (PEOPLE_1970, DEATHS_1970),
            1000,
            ("9.421833", "8.735618", "-2.2277254", "1.5415096"),
        ),
    ],
)
def test_published_decompositions_to_the_printed_digits(
    now: tuple[tuple[int, ...], ...],
    base: tuple[tuple[int, ...], ...],
    scale: int,
    published: tuple[str, ...],
) -> None:
    groups = [
        {f"第{i}组": (size * rate, size * scale) for i, (size, rate) in enumerate(zip(*both, strict=True))}
        for both in (now, base)
    ]
    found = divided("mean_days", *groups)  # type: ignore[arg-type]
    rate = sum(part.rate_effect or 0 for part in found.parts)
    mix = sum(part.mix_effect or 0 for part in found.parts)
    for printed, ours in zip(published, (found.base, found.now, rate, mix), strict=True):
        assert f"{float(ours):.{len(printed.partition('.')[2])}f}" == printed


def test_every_group_rises_and_the_whole_falls_all_of_it_by_the_mix() -> None:
    """Simpson: 甲镇 90 % → 91 %, 乙镇 10 % → 11 %; but most items now come from 乙镇."""
    found = divided(
        "on_time_closure_rate",
        {"甲镇": (91, 100), "乙镇": (99, 900)},
        {"甲镇": (810, 900), "乙镇": (10, 100)},
    )
    assert found.difference == Fraction(19, 100) - Fraction(82, 100)
    assert all(part.rate_effect > 0 for part in found.parts if part.rate_effect is not None)
    assert sum(part.rate_effect or 0 for part in found.parts) == Fraction(1, 100)
    assert sum(part.mix_effect or 0 for part in found.parts) == Fraction(-64, 100)


def test_a_numerator_without_denominator_is_mix() -> None:
    """Resolved where nothing was promised, say: it counts in the whole and belongs to no rate."""
    found = divided("repeat_rate", {"甲镇": (5, 10), "乙镇": (2, 0)}, {"甲镇": (5, 10)})
    lone = next(part for part in found.parts if part.key == ("乙镇",))
    assert (lone.rate_effect, lone.mix_effect, lone.now.value) == (0, Fraction(2, 10), None)
    assert found.difference == Fraction(2, 10)


# --- through the engine ---------------------------------------------------------------------------


@pytest.mark.parametrize("metric", ADDITIVE)
def test_over_the_demo_the_parts_sum_to_what_is_answered_without_them(
    demo_engine: Engine, metric: str
) -> None:
    by = usual_dimensions(METRICS[metric])
    for compare in ("year_ago", "previous"):
        asked = demo_engine.query([metric], by, Period.month("2021-09"), compare=compare)  # type: ignore[arg-type]
        try:
            found = explain(demo_engine.answer(asked))
        except Refusal as refusal:
            assert "没有分母" in str(refusal)
            continue
        whole = demo_engine.answer(replace(asked, by=()))
        cell, base = whole.cell(metric), whole.base_cell(metric)
        assert base is not None
        assert found.now == Fraction(cell.numerator, cell.denominator or 1)
        assert found.base == Fraction(base.numerator, base.denominator or 1)
        assert sum(part.amount for part in found.parts) == found.difference


@settings(deadline=None)
@given(data=st.data())
def test_any_question_over_the_demo_sums(demo_engine: Engine, data: st.DataObject) -> None:
    metric = METRICS[data.draw(st.sampled_from(ADDITIVE))]
    possible = possible_dimensions(metric)
    by = data.draw(st.lists(st.sampled_from(possible), min_size=1, max_size=AT_MOST, unique=True))
    month = f"{data.draw(st.integers(2020, 2021))}-{data.draw(st.integers(1, 11)):02d}"
    compare = data.draw(st.sampled_from(["previous", "year_ago"]))
    where = {"township": ["宁中镇", "叶塘镇"]} if "township" in possible and data.draw(st.booleans()) else {}
    asked = demo_engine.query([metric.name], by, Period.month(month), where, compare)
    try:
        found = explain(demo_engine.answer(asked))
    except Refusal:
        return
    whole = demo_engine.answer(replace(asked, by=()))
    assert float(found.now) == whole.value(metric.name)
    assert sum(part.amount for part in found.parts) == found.difference == found.now - found.base


def test_counts_stocks_rates_and_means_of_a_small_bureau(tmp_path: Path) -> None:
    bureau = Bureau(tmp_path / "store")
    bureau.bring(
        "petitions",
        item(
            1, "2020-03-02", township="宁中镇", closed_on="2020-03-12", due_on="2020-03-20", is_repeat=False
        ),
        item(
            2, "2020-03-03", township="新陂镇", closed_on="2020-03-23", due_on="2020-03-20", is_repeat=False
        ),
        item(
            3, "2021-03-02", township="宁中镇", closed_on="2021-03-06", due_on="2021-03-20", is_repeat=False
        ),
        item(4, "2021-03-03", township="宁中镇", is_repeat=True),
        item(
            5, "2021-03-04", township="坭陂镇", closed_on="2021-03-25", due_on="2021-03-20", is_repeat=False
        ),
    )

    def parts(metric: str) -> dict[str, tuple[Fraction, ...]]:
        found = explain(bureau.ask(metric, "2021-03", "township", compare="year_ago"))
        numbers = ((part.amount, part.rate_effect, part.mix_effect) for part in found.parts)
        return {
            part.key[0]: tuple(n for n in line if n is not None)
            for part, line in zip(found.parts, numbers, strict=True)
        }

    half, quarter = Fraction(1, 2), Fraction(1, 4)
    assert parts("petitions") == {"宁中镇": (1,), "坭陂镇": (1,), "新陂镇": (-1,)}
    assert parts("open") == {"宁中镇": (1,), "坭陂镇": (0,), "新陂镇": (0,)}
    # on time 1/2 → 1/2: 宁中镇 1/1 → 1/1, 新陂镇 0/1 → none, 坭陂镇 none → 0/1
    assert parts("on_time_closure_rate") == {
        "宁中镇": (0, 0, 0),
        "坭陂镇": (-quarter, 0, -quarter),
        "新陂镇": (quarter, 0, quarter),
    }
    # 15 days → 12.5: 宁中镇 10 → 4 at half of the items; 新陂镇 20 gone, 坭陂镇 21 new; midpoint 13.75
    assert parts("mean_days") == {
        "坭陂镇": (half * (21 - Fraction("13.75")), 0, half * (21 - Fraction("13.75"))),
        "新陂镇": (-half * (20 - Fraction("13.75")), 0, -half * (20 - Fraction("13.75"))),
        "宁中镇": (-3, -3, 0),
    }


# --- dimensions -----------------------------------------------------------------------------------


def test_usual_dimensions_are_declared_for_every_metric() -> None:
    usual = {m.name: usual_dimensions(m) for m in METRICS.values()}
    assert usual["petitions"] == usual["on_time_closure_rate"] == ("township", "topic_1", "channel")
    assert usual["backlog_remaining"] == ("township", "topic_1", "batch")
    assert usual["supervised"] == ("township", "ordered_by", "supervisor")
    assert usual["receptions"] == ("official", "form", "place")
    assert usual["disputes_found"] == usual["screening_compliance"] == ("township", "level", "unit")
    assert usual["visit_compliance"] == ("official",)
    assert usual["reception_day_compliance"] == ("reception_day",)
    for name, by in usual.items():
        assert 1 <= len(by) <= AT_MOST
        assert set(by) <= set(dimensions_of([METRICS[name]]))
        possible = possible_dimensions(METRICS[name])
        assert possible[: len(by)] == by
        assert not set(possible) & set(TIMES)
        assert set(possible) <= set(DIMENSIONS)


def test_only_what_has_several_members_divides() -> None:
    both = result("petitions", "township channel", {"甲镇 letter": 3, "乙镇 letter": 1}, {})
    assert dividing(both) == ("township",)
    assert dividing(result("petitions", "township channel", {"甲镇 letter": 3}, {})) == ("township",)


# --- refusals -------------------------------------------------------------------------------------

SOME: dict[str, Number] = {"甲镇": (1, 2)}
NONE_DIVIDED: dict[str, Number] = {"甲镇": (0, 0)}
LATE = Coverage(date(2021, 3, 1), date(2021, 12, 31))


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (result("median_days", "township", {"甲镇": 3}, {"甲镇": 2}), "请改用“平均办理天数”（mean_days）"),
        (result("petitions", "month", {"2021-11": 3}, {"2021-11": 2}), "“月份”是时间"),
        (result("petitions", "", {}, {}), "现在是0个"),
        (result("petitions", "township topic_1 channel purpose", {}, {}), "现在是4个"),
        (result("petitions", "township", {"甲镇": 3}, {}, coverage=LATE), "无上年同期数据"),
        (result("petitions", "township", {}, {}, as_of=date(2021, 10, 31)), "数据截止日2021-10-31之后"),
        (replace(result("petitions", "township", {}, {}), coverage={}), "信访事项没有数据"),
        (result("repeat_rate", "township", SOME, NONE_DIVIDED), "在2020年11月没有分母"),
        (result("repeat_rate", "township", NONE_DIVIDED, SOME), "在2021年11月没有分母"),
        (result("repeat_rate", "township", {}, SOME), "在2021年11月没有分母"),
    ],
)
def test_what_cannot_be_divided_is_refused_with_a_way_out(asked: Result, told: str) -> None:
    with pytest.raises(Refusal) as refusal:
        explain(asked)
    assert told in str(refusal.value)
    assert "请" in str(refusal.value)


def test_a_result_that_compares_nothing_is_a_mistake() -> None:
    with pytest.raises((ValueError, Refusal)):
        explain(result("petitions", "township", {"甲镇": 3}))

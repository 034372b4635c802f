"""When batches will be finished: the rate, the range, the pace, past ranges, who is behind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from math import comb, exp, log
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import gamma
from statsmodels.duration.survfunc import SurvfuncRight

from analytics.engine import Engine, Spell
from analytics.insight import closing
from analytics.insight.closing import (
    DRAWS,
    FEWEST,
    KEPT,
    Finish,
    Past,
    Projection,
    Rate,
    drawn_ends,
    fan,
    known,
    outlook,
    projected,
    projections,
    rate_of,
)
from analytics.insight.finishing import backtest_in_words, precedents_in_words, sentences
from analytics.insight.survival import behind, curve
from analytics.model import Period, Scope, Selection
from tests import simulate_projection as simulation
from tests.bureau import Bureau, case

START = date(2021, 3, 1)
ALL = Selection(Period(START, date(2022, 12, 31)))


def day(number: int) -> date:
    return START + timedelta(number)


def spell(closed: int | None = None, due: int | None = None, **more: object) -> Spell:
    """A case of the first batch: day 0 it was assigned, closed and due so many days later."""
    found = Spell(
        "1", "第一批", START, None if closed is None else day(closed), None if due is None else day(due)
    )
    return replace(found, **more)  # type: ignore[arg-type]


def batch(closed: Sequence[int | None], **more: object) -> tuple[Spell, ...]:
    return tuple(spell(c, case_id=str(n), **more) for n, c in enumerate(closed))


def alone(spells: Sequence[Spell], at: int) -> Projection:
    (found,) = projections(spells, day(at))
    return found


# --- what is known on a day ------------------------------------------------------------------------


def test_on_a_day_later_closings_and_assignments_are_not_known() -> None:
    spells = (*batch([5, 10, None]), spell(assigned=day(8)))
    assert [s.closed for s in known(spells, day(7))] == [day(5), None, None]
    assert [s.closed for s in known(spells, day(10))] == [day(5), day(10), None, None]


def test_batches_follow_one_another_by_their_assignment() -> None:
    spells = [spell(batch="第一批", assigned=day(9)), spell(batch="第二批"), spell(batch="第三批")]
    assert [p.batch for p in projections(spells, day(20))] == ["第三批", "第二批", "第一批"]


# --- the rate --------------------------------------------------------------------------------------


def test_few_closings_are_counted_over_the_whole_life() -> None:
    spells = batch([10, 20, None])
    assert rate_of(spells, day(30)) == Rate(2, 10 + 20 + 30, day(30))


def test_of_many_closings_only_the_last_count_with_all_the_time_that_led_to_them() -> None:
    spells = batch([*range(1, KEPT + 4), None])
    last = KEPT + 3
    assert rate_of(spells, day(last + 1)) == Rate(KEPT, sum(range(1, KEPT + 1)) + KEPT + 1, day(last + 1))


def test_closings_of_one_day_stay_together() -> None:
    spells = batch([4, *[10] * (KEPT + 2), None])
    found = rate_of(spells, day(20))
    assert (found.closings, found.exposure) == (KEPT + 2, 6 * (KEPT + 2) + 16)


def test_closings_recorded_on_one_weekday_are_counted_by_whole_weeks() -> None:
    spells = batch([7 * n for n in range(1, FEWEST + 1)] + [None])
    at = 7 * FEWEST + 4
    found = rate_of(spells, day(at))
    assert (found.step, found.until) == (7, day(at - 4))
    ends = drawn_ends(found, 3, day(at))
    assert set((ends + 4) % 7) == {0}
    assert rate_of(batch([7, 14, 22, 28, 35, None]), day(at)).step == 1


def test_the_draws_follow_the_law_they_claim() -> None:
    """P(all closed by t) under a gamma rate, by the binomial expansion of (1 − e^{−λt})^N."""
    rate, left = Rate(8, 2_000, day(0)), 5
    ends = drawn_ends(rate, left, day(0))
    for days in (200, 500, 1_000):
        exact = sum((-1) ** k * comb(left, k) * (1 + k * days / 2_000) ** -8.5 for k in range(left + 1))
        assert np.mean(ends <= days) == pytest.approx(exact, abs=3 * 0.5 / DRAWS**0.5)


# --- the range -------------------------------------------------------------------------------------

LIVES = st.lists(st.none() | st.integers(0, 400), min_size=1, max_size=40)


@settings(deadline=None)
@given(LIVES, st.integers(0, 500), st.none() | st.integers(0, 600))
def test_a_range_is_in_order_and_ahead(closed: list[int | None], at: int, due: int | None) -> None:
    spells = batch(closed, due=due)
    found = alone(spells, at)
    assert found.assigned == len(closed)
    assert found.closed == sum(c is not None and c <= at for c in closed)
    assert (found.finish is None) == (found.closed == 0)
    if found.finish is None:
        return
    assert found.finish.low <= found.finish.median <= found.finish.high
    if found.remaining:
        assert found.finish.low > found.day
    else:
        assert found.finish.low == found.finish.high == max(s.closed for s in spells if s.closed)
    assert found.on_time is None or 0 <= found.on_time <= 1


@settings(deadline=None)
@given(st.lists(st.integers(0, 300), min_size=1, max_size=30), st.integers(1, 30), st.integers(1, 20))
def test_more_remaining_do_not_end_earlier(closed: list[int], left: int, more: int) -> None:
    rate = rate_of(batch([*closed, *[None] * left]), day(400))
    few, many = drawn_ends(rate, left, day(400)), drawn_ends(rate, left + more, day(400))
    assert (few <= many).all()


def test_all_closed_is_told_exactly() -> None:
    found = alone(batch([5, 40, 17], due=39), 100)
    assert found.finish
    assert {found.finish.low, found.finish.median, found.finish.high} == {day(40)}
    assert (found.status, found.on_time, found.pace_needed) == ("finished", 0.0, None)
    assert sentences(found) == ["第一批积案3宗已全部办结。"]


def test_a_batch_without_closings_borrows_and_without_any_nothing_is_projected() -> None:
    fresh = batch([None] * 4, batch="第二批")
    (_, lent) = projections([*batch([10, 20, 30]), *fresh], day(50))
    assert lent.rate == Rate(3, 60 + 4 * 50, day(50), borrowed=True)
    assert lent.finish
    assert "借用其他批次" in sentences(lent)[0]
    none = alone(fresh, 50)
    assert (none.finish, none.status) == (None, "unknown")
    assert "尚无办结，不作预计" in sentences(none)[0]
    late = alone(batch([None] * 4, due=40), 50)
    assert (late.finish, late.on_time, late.status) == (None, 0.0, "overdue")


def test_the_fan_ends_where_the_range_does() -> None:
    found = alone(batch([*range(5, 65, 5), *[None] * 12]), 70)
    points = fan(found)
    assert found.finish
    assert (points[0].day, points[0].low, points[0].high) == (day(70), 12, 12)
    assert points[-1].day == found.finish.high
    gone = next(p.day for p in points if p.low == 0)
    assert abs((gone - found.finish.low).days) <= (points[-1].day - points[0].day).days / 20
    assert fan(alone(batch([1, 2]), 5)) == ()


# --- pace and time limit ---------------------------------------------------------------------------


def test_paces_are_cases_a_week() -> None:
    found = alone(batch([44, 50, 60, 100, None, None, None], due=121), 100)
    assert found.pace == 3 / 8  # days 45 to 100
    assert found.pace_needed == 1.0
    young = alone(batch([1, 2, None]), 14)
    assert young.pace == 1.0
    assert (young.due, young.pace_needed, young.on_time, young.status) == (None, None, None, "undated")


def test_a_passed_time_limit_is_told_with_its_days() -> None:
    found = alone(batch([10, None, None], due=88), 100)
    assert (found.on_time, found.status, found.overdue, found.pace_needed) == (0.0, "overdue", 2, None)
    assert sentences(found)[1] == f"时限{day(88)}已过12天，仍有2宗未办结。"


def test_on_its_time_limit_a_case_is_not_overdue_yet() -> None:
    spells = batch([10, None], due=30)
    assert [(alone(spells, at).overdue, alone(spells, at).status) for at in (30, 31)] == [
        (0, "unlikely"),
        (1, "overdue"),
    ]


def test_the_last_time_limit_counts_and_those_past_their_own_are_named() -> None:
    spells = [spell(10, due=50), spell(None, due=50), spell(None, due=200), spell(None)]
    found = alone(spells, 100)
    assert (found.due, found.undated, found.overdue) == (day(200), 1, 1)
    assert sentences(found)[1].endswith("；现有1宗已过各自时限。")


def test_what_is_left_at_the_time_limit_is_the_expected_number() -> None:
    found = alone(batch([10, 20, *[None] * 6], due=130), 30)
    exposure, shape = 10 + 20 + 6 * 30, 2.5
    assert found.left == pytest.approx(6 * (1 + 100 / exposure) ** -shape, rel=0.03)


def test_at_most_two_sentences_and_no_cause() -> None:
    for spells in (batch([1]), batch([None]), batch([1, None], due=90), batch([1, None])):
        told = sentences(alone(spells, 30))
        assert 1 <= len(told) <= 2
        assert not any(word in "".join(told) for word in ("因为", "由于", "导致", "原因"))


# --- past ranges -----------------------------------------------------------------------------------


def test_past_ranges_are_looked_back_upon_where_the_end_is_known() -> None:
    spells = batch(list(range(6, 121, 6)))
    found = alone(spells, 200)
    assert [p.day for p in found.past] == [date(2021, 3, 31), date(2021, 4, 30), date(2021, 5, 31)]
    assert {p.real for p in found.past} == {day(120)}
    assert found.past[0].remaining == 15
    first = projected(known(spells, date(2021, 3, 31)), (), date(2021, 3, 31))
    assert found.past[0].finish == first.finish
    open_ = alone((*spells, spell(None)), 200)
    assert open_.past == ()
    assert "还没有可回测的预计" in backtest_in_words(open_.past)


@pytest.mark.parametrize(
    ("ends", "said"),
    [
        ((15, 25, 26, 30), "过去4次预计，1次落在区间内（3次晚于区间），实际多比预计晚"),
        ((1, 2, 15, 25), "过去4次预计，1次落在区间内（2次早于区间，1次晚于区间），实际多比预计早"),
        ((10, 12, 15, 20), "过去4次预计，4次落在区间内"),
        ((12, 12, 15, 25), "过去4次预计，3次落在区间内（1次晚于区间）"),
    ],
)
def test_past_ranges_that_mostly_miss_on_one_side_say_so(ends: tuple[int, ...], said: str) -> None:
    finish = Finish(day(10), day(15), day(20))
    assert backtest_in_words([Past(day(0), 1, finish, day(end)) for end in ends]) == said


def test_a_finished_batch_tells_how_long_the_rest_took() -> None:
    done = batch([10, 20, 30, 100])
    started = batch([5, None, None], batch="第二批")
    found = projections([*done, *started], day(120))
    assert closing.precedents(found[1], found) == [("第一批", 80)]
    assert precedents_in_words(found[1], found) == "参照：第一批办结到同样比例后，又用80天全部办结"
    assert precedents_in_words(found[0], found) == ""
    assert precedents_in_words(found[1], found[1:]) == ""


# --- how often ranges hold -------------------------------------------------------------------------


def test_ranges_hold_as_often_as_they_say() -> None:
    """Of 720 made-up batches; the bounds are 3 binomial standard errors beyond 75 and 85 %."""
    for law in simulation.LAWS[:2]:
        counts = list(simulation.coverage(law, 10).values())
        held, total = sum(c[1] for c in counts), sum(map(sum, counts))
        error = 3 * (0.8 * 0.2 / total) ** 0.5
        assert 0.75 - error < held / total < 0.85 + error, (law, held, total)


@pytest.mark.long
def test_ranges_hold_on_the_long_run() -> None:
    for law in simulation.LAWS[:2]:
        found = simulation.coverage(law, 200)
        for size in simulation.SIZES:
            counts = [c for place, c in found.items() if place[0] == size]
            assert 0.75 <= sum(c[1] for c in counts) / sum(map(sum, counts)) <= 0.85, (law, size)


def test_the_table_has_a_line_a_law() -> None:
    lines = simulation.table(times=1).splitlines()
    assert len(lines) == 2 + len(simulation.LAWS)
    assert len({line.count("|") for line in lines}) == 1


# --- Kaplan–Meier ----------------------------------------------------------------------------------

REMISSION = (6, 6, 6, 7, 10, 13, 16, 22, 23)
CENSORED = (6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35)
"""Weeks of remission on 6-MP, relapsed and still in remission: Freireich et al. (1963), Gehan (1965)."""
PRINTED = {  # Kleinbaum and Klein, Survival Analysis, ch. 2; Collett, ch. 2: share and Greenwood's error
    6: ("0.857", "0.0764"),
    7: ("0.807", "0.0869"),
    10: ("0.753", "0.0963"),
    13: ("0.690", "0.1068"),
    16: ("0.627", "0.1141"),
    22: ("0.538", "0.1282"),
    23: ("0.448", "0.1346"),
}
NINETY_FIVE = 1.959963985


def leukaemia() -> tuple[tuple[Spell, ...], date]:
    at = day(400)
    relapsed = batch(REMISSION)
    censored = (spell(None, assigned=at - timedelta(weeks)) for weeks in CENSORED)
    return (*relapsed, *censored), at


def test_the_curve_of_the_published_example_to_the_printed_digits() -> None:
    found = curve(*leukaemia(), method="linear")
    for week, (share, error) in PRINTED.items():
        place = found.days.index(week)
        assert f"{found.open[place]:.3f}" == share
        assert f"{(found.open[place] - found.low[place]) / NINETY_FIVE:.4f}" == error


def test_a_second_opinion_on_curve_and_limits() -> None:
    spells, at = leukaemia()
    found = curve(spells, at)
    time = [((s.closed or at) - s.assigned).days for s in spells]
    other = SurvfuncRight(np.array(time), np.array([s.closed is not None for s in spells]))
    for week, share, error in zip(other.surv_times, other.surv_prob, other.surv_prob_se, strict=True):
        place = found.days.index(int(week))
        assert found.open[place] == pytest.approx(share)
        if 0 < share < 1:
            spread = NINETY_FIVE * error / abs(log(share)) / share
            assert found.low[place] == pytest.approx(exp(log(share) * exp(spread)))
            assert found.high[place] == pytest.approx(exp(log(share) * exp(-spread)))


def test_without_closings_there_is_no_curve() -> None:
    found = curve(batch([None, None]), day(9))
    assert found.days == ()
    assert found.at(5) == 1.0


# --- who is behind ---------------------------------------------------------------------------------


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.none() | st.integers(0, 90), st.sampled_from("甲乙丙")), min_size=1, max_size=30)
)
def test_of_one_assignment_those_behind_and_ahead_balance(cases: list[tuple[int | None, str]]) -> None:
    spells = known([spell(closed, lead_official=name) for closed, name in cases], day(60))
    lines = behind(spells, day(60), "lead_official")
    assert sum(line.by for line in lines) == pytest.approx(0, abs=1e-9)
    assert sum(line.assigned for line in lines) == len(cases)
    assert [line.by for line in lines] == sorted((line.by for line in lines), reverse=True)


def test_who_is_behind_is_told_with_what_is_overdue() -> None:
    spells = [spell(10, township="甲镇"), spell(20, township="甲镇")]
    spells += [spell(None, due=50, township="乙镇"), spell(None, due=90, township="乙镇")]
    first, second = behind(spells, day(60), "township")
    assert (first.holder, first.remaining, first.overdue, first.expected, first.by) == (
        "乙镇",
        2,
        1,
        1.0,
        1.0,
    )
    assert (second.holder, second.closed, second.by) == ("甲镇", 2, -1.0)


# --- from the store --------------------------------------------------------------------------------


@pytest.fixture
def bureau(tmp_path: Path) -> Bureau:
    found = Bureau(tmp_path / "data")
    found.bring(
        "backlog",
        case(1, "2021-03-01", verified_on="2021-03-20", township="宁中镇", lead_official="市领导一"),
        case(2, "2021-03-01", verified_on="2021-04-20", returned_on="2021-05-10", township="宁中镇"),
        case(3, "2021-03-01", township="新陂镇", due_on="2021-12-31"),
        case(4, "2021-05-01", batch="第二批", township="新陂镇"),
    )
    return found


def told(engine: Engine, selection: Selection = ALL) -> dict[str, tuple[int, int]]:
    found = outlook(engine, selection, engine.versions(), date(2021, 6, 30))
    return {p.batch: (p.assigned, p.closed) for p in found}


def test_a_case_returned_after_its_closing_is_open_again(bureau: Bureau) -> None:
    assert told(bureau.engine) == {"第一批": (3, 1), "第二批": (1, 0)}


def test_filters_and_scope_narrow_the_batches(bureau: Bureau) -> None:
    assert told(bureau.engine, ALL.keep("township", "宁中镇")) == {"第一批": (2, 1)}
    assert told(bureau.engine, replace(ALL, scope=Scope("新陂镇"))) == {"第一批": (1, 0), "第二批": (1, 0)}
    assert told(bureau.engine, ALL.keep("batch", "第二批")) == {"第二批": (1, 0)}
    assert told(bureau.engine, ALL.keep("batch", "第三批")) == {}


def test_it_agrees_with_the_metrics(demo_engine: Engine) -> None:
    at = date(2021, 9, 30)
    result = demo_engine.ask(
        ("backlog_assigned", "backlog_closed", "backlog_remaining", "backlog_overdue"),
        ("batch",),
        Period(at, at),
    )
    for found in outlook(demo_engine, ALL, demo_engine.versions(), at):
        numbers = (found.assigned, found.closed, found.remaining, found.overdue)
        assert numbers == tuple(result.value(name, (found.batch,)) for name in result.query.metrics)


def test_one_statement_whatever_the_batches(bureau: Bureau, monkeypatch: pytest.MonkeyPatch) -> None:
    told(bureau.engine)
    bureau.engine.forget()
    asked: list[object] = []
    rows = bureau.engine.database.rows
    monkeypatch.setattr(
        bureau.engine.database, "rows", lambda statement: asked.append(statement) or rows(statement)
    )
    told(bureau.engine)
    assert len(asked) == 1


def test_jeffreys_shape_is_the_closings_and_a_half() -> None:
    draws = closing._gamma(8)
    assert np.mean(draws) == pytest.approx(gamma(8.5).mean(), rel=0.03)
    assert np.quantile(draws, 0.1) == pytest.approx(gamma(8.5).ppf(0.1), rel=0.03)

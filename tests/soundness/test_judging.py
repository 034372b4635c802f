"""Wrong judgements: signals made of rounding, of months that could not be seen, of nothing happening."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from scipy import stats

from analytics.catalogue import METRICS
from analytics.insight.below import members_of
from analytics.insight.chance import Counted, dispersion_of_counts
from analytics.insight.judgement import judge, judged
from analytics.insight.verdict import Judgement, power_in_words
from analytics.model import Period, Scope, Selection, add_months
from analytics.result import Coverage
from tests.bureau import SITE, Bureau, item
from tests.results import Number, result

CALM = [15, 14, 16, 13, 17, 15, 16, 14, 12, 18, 15, 14] * 2
FIRST, NOW = date(2019, 11, 1), "2021-11"
LONG_KNOWN = Coverage(date(2016, 1, 1), date(2021, 12, 31))


def judged_by_hand(
    metric: str,
    rows: Mapping[str, tuple[Number, Sequence[Number]]],
    coverage: Coverage = LONG_KNOWN,
    as_of: date = date(2021, 12, 31),
) -> dict[str, Judgement]:
    """Rows of townships, or the one number under the empty name: present and months before, oldest first."""
    by = "" if "" in rows else "township"
    names = [f"{add_months(FIRST, at):%Y-%m}" for at in range(24)]
    present = {name: number for name, (number, _) in rows.items()}
    past = {
        f"{name} {month}".strip(): number
        for name, (_, line) in rows.items()
        for month, number in zip(names, line, strict=True)
    }
    now = result(metric, by, present, days=NOW, coverage=coverage, as_of=as_of)
    before = result(
        metric, f"{by} month".strip(), past, days="2019-11-01 2021-10-31", coverage=coverage, as_of=as_of
    )
    before = replace(before, coverage={METRICS[metric].imported: coverage})
    return {"".join(key): one for (_, key), one in judge(now, before).items()}


@pytest.mark.parametrize("decimals", range(2, 17))
def test_a_dispersion_that_is_one_but_for_rounding(decimals: int) -> None:
    """1 + 2e-16 made tails of nothing: two items where one was usual were 'impossible'."""
    factor = 1 + 10**-decimals
    usual = Counted(360, 24).p(25)
    assert Counted(360, 24, 1, factor).p(25) == pytest.approx(usual, rel=0.05)
    assert Counted(1, 13, 1, factor).above(1) == pytest.approx(stats.binom.sf(0, 2, 1 / 14), rel=0.05)


def test_every_group_with_one_item_varies_as_chance_does() -> None:
    groups = [[0] * at + [1] + [0] * (12 - at) for at in range(13)]
    assert dispersion_of_counts(groups).factor == 1.0


@pytest.mark.parametrize("past", [[12] * 24, [14] * 8 + [13] * 8 + [12] * 8])
def test_a_stock_that_stood_still_may_move_by_one(past: list[Number]) -> None:
    for rows in ({"": (11, past)}, {"宁中镇": (11, past), "新陂镇": (30, [30] * 24)}):
        found = next(iter(judged_by_hand("open", rows).values()))
        assert found.verdict == "normal"
        assert found.lower is not None and found.lower < 11


def test_a_stock_that_stood_still_and_doubles_is_a_signal() -> None:
    assert judged_by_hand("open", {"": (24, [12] * 24)})[""].verdict == "up"


def test_of_a_stock_no_power_is_told() -> None:
    """A stock is judged by its change: half as much again of what changes is not half as many open."""
    found = judged_by_hand("open", {"": (50, [48, 52] * 12)})[""]
    assert power_in_words(METRICS["open"], found) == ""


def test_a_small_number_is_judged_alike_alone_and_in_a_table() -> None:
    """One a month, now fourteen: a signal on a tile as in a ranking."""
    small = [1, 0, 2, 1, 1, 1] * 4
    alone = judged_by_hand("escalated_beijing", {"": (14, small)})[""]
    in_a_table = judged_by_hand("escalated_beijing", {"宁中镇": (14, small), "新陂镇": (1, small)})["宁中镇"]
    assert alone.verdict == in_a_table.verdict == "up"
    assert judged_by_hand("escalated_beijing", {"": (3, small)})[""].verdict == "small"


def test_a_month_in_which_data_begin_late_is_no_whole_month() -> None:
    begun = Coverage(date(2020, 10, 28), date(2021, 12, 31))
    past = [0] * 11 + [1] + CALM[:12]
    found = judged_by_hand("petitions", {"": (15, past)}, begun)[""]
    assert found.expected == pytest.approx(sum(CALM[:12]) / 12)


def test_links_are_not_judged_by_months_that_could_not_look_back() -> None:
    """In the first year of data a repeat is taken for a first: such months say nothing of the usual."""
    begun = Coverage(date(2019, 1, 1), date(2021, 12, 31))
    rates: list[Number] = [(2, 100)] * 3 + [(20, 100), (25, 100), (15, 100)] * 7
    found = judged_by_hand("linked_repeat_rate", {"": ((21, 100), rates)}, begun)[""]
    assert found.verdict == "normal"
    assert found.expected == pytest.approx(0.2, abs=0.01)


def test_what_waits_a_year_is_not_judged_after_three_months() -> None:
    past: list[Number] = [(80, 100)] * 24
    soon, late = date(2022, 4, 1), date(2022, 12, 1)
    found = [
        judged_by_hand("one_time_resolution_rate", {"": ((97, 100), past)}, LONG_KNOWN, day)[""]
        for day in (soon, late)
    ]
    assert [one.rule for one in found] == ["maturing", found[1].rule]
    assert found[1].expected == pytest.approx(0.8)


NINGZHONG = Scope("宁中镇")


@pytest.mark.parametrize(
    ("selection", "members"),
    [
        (Selection(Period.month(NOW)), ("兴田街道", "宁中镇", "新陂镇", "坭陂镇")),
        (Selection(Period.month(NOW), scope=NINGZHONG), ("宁中镇",)),
        (Selection(Period.month(NOW), (("township", ("新陂镇",)),)), ("新陂镇",)),
        (Selection(Period.month(NOW), (("township", ("新陂镇",)),), NINGZHONG), ()),
    ],
)
def test_a_table_lists_the_townships_that_filter_and_scope_leave(
    selection: Selection, members: tuple[str, ...]
) -> None:
    assert members_of(SITE, selection, ("township",)) == members
    assert members_of(SITE, selection, ("topic_1",)) == ()


def test_a_township_user_is_told_of_no_other_township(bureau: Bureau) -> None:
    rows = [
        item(f"{month}-{at}-{name}", f"{add_months(date(2019, 1, 1), month):%Y-%m}-05", township=name)
        for month in range(30)
        for at in range(6)
        for name in ("宁中镇", "新陂镇")
    ]
    bureau.bring("petitions", *rows, covers_to=date(2021, 6, 30))
    asked = bureau.engine.ask(["petitions"], ["township"], Period.month("2021-06"), scope=NINGZHONG)
    assert {key for _, key in judged(bureau.engine, asked)} == {("宁中镇",)}
    everybody = bureau.engine.ask(["petitions"], ["township"], Period.month("2021-06"))
    assert len(judged(bureau.engine, everybody)) == 4


def test_a_rate_of_few_months_has_no_control_chart() -> None:
    """Two months with anything to divide by have one moving range, or none: no limits come of that."""
    past: list[Number] = [(0, 0)] * 22 + [(9, 10), (8, 10)]
    for months in (past, [(0, 0)] * 23 + [(8, 10)]):
        found = judged_by_hand("repeat_rate", {"": ((9, 10), months)})[""]
        assert (found.verdict, found.rule) == ("normal", "exact")


def test_the_mean_of_a_few_is_not_held_to_the_limits_of_the_mean_of_many() -> None:
    """Forty closings a month, now twelve, as slow as ever: eleven months of twelve were flagged."""
    dice = np.random.default_rng(1)

    def closings(many: int) -> tuple[int, int]:
        return int(dice.gamma(4, 10, many).sum()), many

    flagged = 0
    for _ in range(100):
        rows: dict[str, tuple[Number, Sequence[Number]]] = {
            f"{n}镇": (closings(12), [closings(40) for _ in range(24)]) for n in range(20)
        }
        flagged += any(one.is_signal for one in judged_by_hand("mean_days", rows).values())
    assert flagged <= 15


@pytest.mark.parametrize(("share", "rows"), [(0.98, 10), (0.98, 15), (0.99, 20), (0.97, 12), (0.95, 15)])
def test_a_rate_near_all_is_no_signal_because_nothing_failed(share: float, rows: int) -> None:
    """Where most months have no failure, seven in a row without one are no run: a third were flagged."""
    dice = np.random.default_rng(2)
    flagged = 0
    for _ in range(300):
        drawn: list[Number] = [(int(k), rows) for k in dice.binomial(rows, share, 25)]
        flagged += judged_by_hand("on_time_closure_rate", {"": (drawn[-1], drawn[:-1])})[""].is_signal
    assert flagged <= 12


def test_a_stock_rate_that_stood_still_may_move_by_one_row() -> None:
    past: list[Number] = [(0, 20)] * 24
    for rows in ({"": ((1, 20), past)}, {"第一批": ((1, 20), past), "第二批": ((5, 30), [(5, 30)] * 24)}):
        found = next(iter(judged_by_hand("backlog_closure_rate", rows).values()))
        assert found.verdict == "normal"
        assert found.upper is not None and found.upper >= 0.05


def test_the_word_follows_from_the_number_as_printed() -> None:
    """4.96 is printed 5.0, and 5 is not under 5."""
    past: list[Number] = [5] * 23 + [4]
    found = judged_by_hand("petitions", {"宁中镇": (6, past), "新陂镇": (20, CALM)})
    assert found["宁中镇"].verdict == "normal"

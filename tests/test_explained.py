"""A difference told: what is printed adds up, and the words say what the numbers do."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.catalogue import METRICS
from analytics.insight.explain import explain
from analytics.insight.explained import (
    SHOWN,
    adding_up,
    covered,
    finding,
    printed_difference,
    sentences,
    signed,
    steps,
)
from analytics.insight.findings import NO_DATA
from analytics.model import Comparison
from analytics.result import Result
from analytics.site import Refusal
from tests.results import Number, result
from tests.test_explain import counts, rates

MANY = {f"第{n}镇": 40 - n for n in range(20)}


def told(
    now: dict[str, Number], base: dict[str, Number], metric: str = "petitions", **more: object
) -> Result:
    return result(metric, str(more.pop("by", "township")), now, base, **more)  # type: ignore[arg-type]


# --- what is printed ------------------------------------------------------------------------------


@given(st.lists(st.fractions(-50, 50), max_size=9))
def test_rounded_parts_sum_to_the_rounded_whole(amounts: list[Fraction]) -> None:
    whole = round(sum(amounts))
    printed = adding_up(amounts, whole)
    assert sum(printed) == whole
    assert all(abs(p - x) < 1 for p, x in zip(printed, amounts, strict=True))


@given(counts, counts, st.integers(2, 6))
def test_steps_lead_from_the_base_to_the_present(
    now: dict[str, Number], base: dict[str, Number], most: int
) -> None:
    found = explain(told(now, base))
    lines = steps(found, most)
    assert sum(line.amount for line in lines) == found.difference
    assert sum(line.printed for line in lines) == printed_difference(found) == found.difference
    named = [line for line in lines if line.part]
    moved = [part for part in found.parts if part.amount]
    assert len(named) == min(len(moved), most + (len(moved) == most + 1))
    for up in (True, False):
        if any((part.amount > 0) == up for part in moved):
            assert any((line.amount > 0) == up for line in named)


@given(rates, rates)
def test_steps_of_a_rate_print_the_difference_that_is_printed(
    now: dict[str, tuple[int, int]], base: dict[str, tuple[int, int]]
) -> None:
    found = explain(told({**now}, {**base}, "repeat_rate"))
    lines = steps(found, 2)
    assert sum(line.amount for line in lines) == found.difference
    if lines:
        assert sum(line.printed for line in lines) == printed_difference(found)
    for line in lines:
        assert line.amount == line.rate_effect + line.mix_effect  # type: ignore[operator]


def test_rises_stand_before_falls_and_the_rest_is_one_line() -> None:
    added = (9, -8, 7, -6, 5, -4, 3, -2, 1, -1, 1)
    now = {f"第{n}镇": 10 + by for n, by in enumerate(added)}
    lines = steps(explain(told({**now}, dict.fromkeys(now, 10))))
    assert [line.amount for line in lines] == [9, 7, 5, 3, -8, -6, -4, -2, 1]
    assert (lines[-1].label, lines[-1].part) == ("其余3处", None)


def test_one_that_is_left_over_is_named() -> None:
    lines = steps(explain(told({"甲": 4, "乙": 3, "丙": 2}, {"甲": 1, "乙": 1, "丙": 1})), 2)
    assert [line.label for line in lines] == ["甲", "乙", "丙"]


@pytest.mark.parametrize(
    ("metric", "printed", "text"),
    [
        ("petitions", 8, "+8件"),
        ("petitions", -1200, "-1,200件"),
        ("petitions", 0, "0件"),
        ("petitions", 12000, "+1.2万件"),
        ("repeat_rate", 17, "+1.7个百分点"),
        ("repeat_rate", -4, "-0.4个百分点"),
    ],
)
def test_a_part_in_print(metric: str, printed: int, text: str) -> None:
    assert signed(METRICS[metric], printed) == text


def test_how_much_the_shown_ones_hold() -> None:
    found = explain(told({name: n + 1 for name, n in MANY.items()}, {**MANY}))
    assert covered(found) == f"列出的{SHOWN}处占全部增减的40%"
    assert covered(explain(told({"甲": 2}, {"甲": 1}))) == ""
    assert covered(explain(told({"甲": 1}, {"甲": 1}))) == ""


# --- the title ------------------------------------------------------------------------------------

TWO: dict[str, Number] = {"宁中镇": 20, "叶塘镇": 15, "新陂镇": 3, "坭陂镇": 8, "水口镇": 7}
BEFORE: dict[str, Number] = {"宁中镇": 12, "叶塘镇": 10, "新陂镇": 6, "坭陂镇": 7, "水口镇": 6}


@pytest.mark.parametrize(
    ("asked", "title"),
    [
        (told(TWO, BEFORE), "同比增加12件：宁中镇+8、叶塘镇+5、新陂镇-3，其余+2"),
        (told(BEFORE, TWO, compare="previous"), "环比减少12件：宁中镇-8、叶塘镇-5、新陂镇+3，其余-2"),
        (told({"甲": 3, "乙": 1}, {"甲": 1, "乙": 3}), "同比持平：甲+2、乙-2"),
        (told({"甲": 3}, {"甲": 3}), "同比持平"),
        (told({}, {}), "同比持平"),
        (
            told({"甲 letter": 5, "甲 visit": 4, "乙 visit": 2}, {}, by="township channel"),
            "同比增加11件：甲·来信+5、甲·来访+4，其余+2",
        ),
        (
            told({"甲": (3, 4), "乙": (2, 4)}, {"甲": (2, 4), "乙": (2, 4)}, "repeat_rate"),
            "同比上升12.5个百分点：甲+12.5",
        ),
        (told({"甲": 3}, {"甲": 2}, "median_days"), "“办理天数中位数”（median_days）不能分解"),
        (told({}, {}, as_of=date(2021, 10, 31)), NO_DATA),
    ],
)
def test_the_title_states_the_difference_and_where_it_lies(asked: Result, title: str) -> None:
    assert finding(asked).startswith(title)
    if "不能" not in title:
        assert finding(asked) == title


# --- sentences ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (
            told(TWO, BEFORE),
            (
                "信访总量53件，同比上升29.3%，增加12件。",
                "变化主要在宁中镇+8件、叶塘镇+5件、新陂镇-3件，其余+2件。",
            ),
        ),
        (
            told({"甲": 7}, {"甲": 3}, compare="previous"),
            ("信访总量7件，上期3件，增加4件。", "变化主要在甲+4件。"),
        ),
        (
            told({"甲": 20, "乙": 10}, {"甲": 10, "乙": 18}),
            (
                "信访总量30件，同比上升7.1%，增加2件。",
                "增减相抵（增加合计10件，减少合计8件）：甲+10件、乙-8件。",
            ),
        ),
        (
            told({"甲": 20, "乙": 10}, {"甲": 10, "乙": 20}),
            ("信访总量30件，同比持平。", "增减相抵（增加合计10件，减少合计10件）：甲+10件、乙-10件。"),
        ),
        (told({"甲": 20}, {"甲": 20}), ("信访总量20件，同比持平。",)),
        (
            told({name: n + 1 for name, n in MANY.items()}, {**MANY}),
            (
                "信访总量630件，同比上升3.3%，增加20件。",
                "变化较分散，最多的是第0镇+1件、第10镇+1件、第11镇+1件，其余+17件。",
            ),
        ),
        (
            told({"甲": (30, 40), "乙": (20, 40)}, {"甲": (20, 40), "乙": (20, 40)}, "on_time_closure_rate"),
            (
                "按期办结率62.5%，同比上升12.5个百分点，其中各组自身变化+12.5、构成变化0.0个百分点。",
                "变化主要在甲+12.5个百分点。",
            ),
        ),
        (
            told({"甲": (3, 4)}, {"甲": (20, 40)}, "on_time_closure_rate"),
            (
                "按期办结率75.0%，同比上升25.0个百分点，其中各组自身变化+25.0、构成变化0.0个百分点，"
                "分母40→4，样本小。",
                "变化主要在甲+25.0个百分点。",
            ),
        ),
    ],
)
def test_at_most_two_sentences_by_rule(asked: Result, words: tuple[str, ...]) -> None:
    assert sentences(asked, 10) == words


@given(counts, counts, st.sampled_from(["year_ago", "previous"]))
def test_sentences_claim_no_cause_and_no_percentage_of_few(
    now: dict[str, Number], base: dict[str, Number], compare: Comparison
) -> None:
    words = sentences(told(now, base, compare=compare), 10)
    assert 1 <= len(words) <= 2
    assert not any(word in "".join(words) for word in ("因为", "由于", "导致", "原因", "None"))
    if sum(base.values()) < 10:  # type: ignore[arg-type]
        assert "%" not in "".join(words)


def test_sentences_about_nothing_are_refused() -> None:
    with pytest.raises(Refusal):
        sentences(told({}, {"甲": (1, 2)}, "repeat_rate"), 10)

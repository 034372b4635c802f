"""What a result shows, in one sentence with its number."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from analytics.catalogue import METRICS
from analytics.insight import findings
from analytics.insight.findings import NO_DATA
from analytics.result import Coverage, Result
from tests.answers import several
from tests.bureau import period
from tests.results import LONG, Number, cells, result

CHANNELS = {"宁中镇 letter": 6, "宁中镇 visit": 2, "新陂镇 letter": 2}


# --- a line ---------------------------------------------------------------------------------------


def trend(days: str, numbers: dict[str, Number], base: dict[str, Number], as_of: date = LONG.last) -> str:
    return findings.trend(result("petitions", "month", numbers, base, days=days, as_of=as_of), 10)


def test_trend_tells_the_last_month() -> None:
    now, before = {"2021-10": 99, "2021-11": 171}, {"2021-10": 99, "2021-11": 186}
    assert trend("2021-10-01 2021-11-30", now, before) == "2021年11月信访总量171件，同比下降8.1%"


def test_trend_says_that_a_month_is_not_finished() -> None:
    numbers = {"2021-11": 60, "2021-12": 20}
    said = trend("2021-11-01 2021-12-31", numbers, numbers, as_of=date(2021, 12, 13))
    assert said == "2021年12月（截至13日）信访总量20件，同比持平"


def test_trend_gives_no_percentage_on_a_small_base() -> None:
    assert trend("2021-11", {"2021-11": 20}, {"2021-11": 4}) == "2021年11月信访总量20件，上年同期4件"
    assert trend("2021-11", {"2021-11": 3}, {"2021-11": 0}) == "2021年11月信访总量3件，上年同期为0，本期3件"


def test_trend_of_the_first_year_has_nothing_to_compare_with() -> None:
    assert trend("2019-05", {"2019-05": 30}, {"2019-05": 0}) == "2019年5月信访总量30件，无上年同期数据"


def test_trend_of_nothing() -> None:
    rates = result(
        "repeat_rate", "month", {"2021-10": (0, 0), "2021-11": (0, 0)}, days="2021-10-01 2021-11-30"
    )
    assert findings.trend(rates, 10) == NO_DATA
    none = result("petitions", "month", {"2021-11": 0})
    assert findings.trend(none, 10) == "2021年11月信访总量0件"
    assert findings.trend(replace(none, coverage={}), 10) == NO_DATA
    assert findings.trend(result("petitions", "month", {}), 10) == NO_DATA


def test_trend_of_a_last_month_without_a_value() -> None:
    rates = result(
        "repeat_rate", "month", {"2021-10": (1, 2), "2021-11": (0, 0)}, days="2021-10-01 2021-11-30"
    )
    assert findings.trend(rates, 10) == "2021年11月重复信访率尚无数据"


def test_trend_of_several_tells_the_greatest_with_its_change_and_two_more() -> None:
    now = {"letters": 20, "visits": 30, "online": 40, "phone": 10}
    before = {"letters": 1, "visits": 1, "online": 50, "phone": 1}
    columns = [{m: {"2021-11": n} for m, n in numbers.items()} for numbers in (now, before)]
    said = findings.trend(several("month", *columns), 10)
    assert said == "2021年11月网上信访40件，同比下降20.0%；来访批次30批、来信20件"
    alone = findings.trend(several("month", {"letters": {"2021-11": 2}, "online": {"2021-11": 0}}), 10)
    assert alone == "2021年11月来信2件；网上信访0件"


def test_trend_of_several_leaves_out_what_has_no_value() -> None:
    rates = {"on_time_reply_rate": {"2021-11": (0, 0)}, "on_time_closure_rate": {"2021-11": (1, 2)}}
    assert findings.trend(several("month", rates), 10) == "2021年11月按期办结率50.0%"
    equal = {metric: {"2021-11": (7, 7)} for metric in rates}
    assert findings.trend(several("month", equal), 10) == "2021年11月按期答复率、按期办结率都是100.0%"
    nothing = {metric: {"2021-11": (0, 0)} for metric in rates}
    assert findings.trend(several("month", nothing), 10) == NO_DATA


def test_both_comparisons_in_one_sentence() -> None:
    pair = [
        result("letters", "", {"": 30}, {"": 40}),
        result("letters", "", {"": 30}, {"": 20}, compare="previous"),
    ]
    said = findings.with_changes(METRICS["letters"], pair, 10)
    assert said == "来信30件，同比下降25.0%，环比上升50.0%"
    assert findings.with_changes(METRICS["letters"], [result("letters", "", {"": 30})], 10) == "来信30件"


# --- a ranking ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("metric", "numbers", "said"),
    [
        ("petitions", {"宁中镇": 6, "新陂镇": 2, "未填": 2}, "宁中镇最多：6件，占60.0%"),
        ("petitions", {"宁中镇": 1, "未填": 9}, "宁中镇最多：1件，占10.0%"),
        ("petitions", {"宁中镇": 4, "新陂镇": 4}, "宁中镇、新陂镇并列最多：4件，占50.0%"),
        ("petitions", dict.fromkeys("甲乙丙丁", 1), "丁、丙、乙等4个并列最多：1件，占25.0%"),
        ("visits", {"宁中镇": 3}, "宁中镇最多：3批，占100.0%"),
        ("repeat_rate", {"宁中镇": (1, 4), "新陂镇": (1, 8)}, "宁中镇最高：25.0%"),
        ("petitions", {"宁中镇": 0}, NO_DATA),
        ("petitions", {"未填": 5, "未识别": 5}, "10件都没有填镇街"),
        ("repeat_rate", {"宁中镇": (0, 0)}, NO_DATA),
        ("petitions", {}, NO_DATA),
    ],
)
def test_leader(metric: str, numbers: dict[str, Number], said: str) -> None:
    assert findings.leader(result(metric, "township", numbers)) == said


def test_leader_by_label() -> None:
    assert (
        findings.leader(result("petitions", "channel", {"letter": 3, "visit": 1})) == "来信最多：3件，占75.0%"
    )


def test_leading_branch_sums_what_lies_below() -> None:
    topics = {"甲 一": 3, "甲 二": 3, "乙 一": 5, "未填 未填": 9}
    assert findings.leading_branch(result("petitions", "topic_1 topic_2", topics)) == "甲最多：6件，占30.0%"
    assert findings.leading_branch(result("petitions", "topic_1", {"甲": 3})) == "甲最多：3件，占100.0%"
    assert findings.leading_branch(result("petitions", "topic_1 topic_2", {})) == NO_DATA


# --- growth and decline ---------------------------------------------------------------------------


def growth(now: dict[str, Number], base: dict[str, Number], metric: str = "petitions") -> str:
    return findings.growth(result(metric, "topic_1", now, base), 10)


def test_growth_names_who_rose_and_who_fell_most() -> None:
    said = growth({"甲": 35, "乙": 22, "丙": 9, "未填": 99}, {"甲": 23, "乙": 30, "丙": 8, "未填": 1})
    assert said == "同比甲上升最多（23→35件，+52.2%）；乙下降最多（30→22件，-26.7%）"


def test_growth_names_only_the_ends() -> None:
    assert growth({"甲": 1, "乙": 5, "丙": 7}, {"甲": 9, "乙": 8, "丙": 8}) == "同比甲下降最多（9→1件）"
    assert growth({"甲": 9, "乙": 8}, {"甲": 1, "乙": 5}) == "同比甲上升最多（1→9件）"


def test_growth_gives_no_percentage_on_a_small_base() -> None:
    assert growth({"甲": 35}, {"甲": 9}) == "同比甲上升最多（9→35件）"
    assert growth({"甲": 0}, {"甲": 9}) == "同比甲下降最多（9→0件）"
    assert growth({"甲": 3}, {"甲": 0}) == "同比甲上升最多（0→3件）"


def test_growth_of_a_rate_is_in_points() -> None:
    said = growth({"甲": (93, 100)}, {"甲": (91, 100)}, "repeat_rate")
    assert said == "同比甲上升最多（91.0%→93.0%，+2.0个百分点）"


def test_growth_that_several_share() -> None:
    now = dict.fromkeys("甲乙丙丁", 5)
    assert growth(now, dict.fromkeys("甲乙丙丁", 3)) == "同比丁、丙、乙等4个上升最多（各2件）"
    assert growth({"甲": 5, "乙": 5}, {"甲": 7, "乙": 7}) == "同比乙、甲下降最多（各2件）"


def test_growth_without_any() -> None:
    assert growth({"甲": 5, "未填": 9}, {"甲": 5, "未填": 1}) == "同比没有增减"
    assert growth({}, {}) == NO_DATA
    assert growth({"未填": 9}, {"未填": 1}) == "9件都没有填内容一级"


def test_growth_without_anything_to_compare_with() -> None:
    young = Coverage(date(2021, 5, 1), LONG.last)
    found = result("petitions", "topic_1", {"甲": 9}, {"甲": 0}, coverage=young)
    assert findings.growth(found, 10) == "无上年同期数据，不能比较增减"
    assert findings.changes(found) == []


def test_changes_leave_out_nobody_and_what_has_no_value() -> None:
    found = result(
        "repeat_rate",
        "topic_1",
        {"甲": (1, 2), "乙": (0, 0), "丙": (1, 4), "丁": (1, 4), "未填": (1, 2)},
        {"甲": (1, 4), "乙": (1, 2), "丙": (0, 0), "丁": (1, 4), "未填": (0, 2)},
    )
    assert findings.changes(found) == [findings.Change("甲", 0.25, 0.5)]


# --- a heatmap and a stack ------------------------------------------------------------------------


def duties(numbers: dict[str, Number]) -> str:
    return findings.standout(result("screening_compliance", "township window", numbers))


def test_missed_duties_are_counted_and_the_one_who_missed_most_is_named() -> None:
    windows = {"宁中镇 2021-11上": (0, 1), "宁中镇 2021-11下": (0, 1), "新陂镇 2021-11上": (13, 14)}
    assert duties(windows) == "应做16次，缺3次：宁中镇缺2次最多"
    assert duties({"宁中镇 2021-11上": (0, 1), "新陂镇 2021-11上": (1, 1)}) == "应做2次，缺1次：宁中镇"
    each: dict[str, Number] = {f"{name} 2021-11上": (0, 1) for name in "甲乙丙丁"}
    assert duties(each) == "应做4次，缺4次：丁、丙、乙等4个各缺1次"
    assert duties({"宁中镇 2021-11上": (1_200, 1_234)}) == "应做1,234次，缺34次"


def test_the_only_one_who_has_a_duty_is_not_named() -> None:
    assert duties({"宁中镇 2021-11上": (0, 1), "宁中镇 2021-11下": (1, 1)}) == "应做2次，缺1次"


def test_duties_all_done_and_none_due() -> None:
    assert duties({"宁中镇 2021-11上": (1, 1), "新陂镇 2021-11上": (2, 2)}) == "应做3次，全部落实"
    assert duties({"宁中镇 2021-11上": (0, 0)}) == NO_DATA
    assert duties({}) == NO_DATA


@pytest.mark.parametrize(
    ("metric", "numbers", "said"),
    [
        (
            "on_time_closure_rate",
            {"宁中镇 2021-10": (3, 4), "宁中镇 2021-11": (1, 2), "未填 2021-11": (0, 9)},
            "宁中镇 2021年11月最低：50.0%（1/2）",
        ),
        (
            "on_time_closure_rate",
            {"宁中镇 2021-10": (0, 4), "新陂镇 2021-11": (0, 2), "新陂镇 2021-10": (1, 1)},
            "宁中镇 2021年10月等2处并列最低：0.0%",
        ),
        (
            "repeat_rate",
            {"宁中镇 2021-10": (3, 4), "宁中镇 2021-11": (1, 2)},
            "宁中镇 2021年10月最高：75.0%（3/4）",
        ),
        ("on_time_closure_rate", {"甲 2021-10": (1, 1), "乙 2021-10": (5, 5)}, "按期办结率各处都是100.0%"),
        ("on_time_closure_rate", {"宁中镇 2021-10": (0, 0)}, NO_DATA),
        ("petitions", {"宁中镇 2021-10": 3}, "宁中镇 2021年10月最集中：3件"),
    ],
)
def test_standout(metric: str, numbers: dict[str, Number], said: str) -> None:
    assert findings.standout(result(metric, "township month", numbers)) == said


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        ({"宁中镇 2021-03": 6, "新陂镇 2021-04": 9, "未填 2021-04": 50}, "新陂镇 2021年4月最集中：9件"),
        ({"宁中镇 2021-03": 6, "宁中镇 2021-04": 6}, "宁中镇 2021年3月等2处并列最集中：6件"),
        ({"宁中镇 2021-03": 0}, NO_DATA),
        ({"未填 2021-03": 5}, NO_DATA),
        ({}, NO_DATA),
    ],
)
def test_peak(numbers: dict[str, Number], said: str) -> None:
    assert findings.peak(result("petitions", "township month", numbers)) == said


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        (CHANNELS, "共10件，宁中镇最多（8件）"),
        (CHANNELS | {"未填 phone": 90}, "共100件，宁中镇最多（8件）"),
        (
            {"宁中镇 letter": 2, "新陂镇 visit": 1, "新陂镇 letter": 1},
            "共4件，宁中镇等最多（2件）",
        ),
        ({"宁中镇 letter": 0}, NO_DATA),
        ({"未填 letter": 3}, NO_DATA),
        ({}, NO_DATA),
    ],
)
def test_split(numbers: dict[str, Number], said: str) -> None:
    assert findings.split(result("petitions", "township channel", numbers)) == said


def test_split_names_the_greatest_part_but_not_of_channels() -> None:
    """The heading 来信 leaves superiors' items out, so a share of 来信 in all would be a second number."""
    orders = result("supervised", "supervisor outcome", {"甲 已化解": 3, "乙 整改中": 1})
    assert findings.split(orders) == "共4件，甲最多（3件）；已化解占75.0%"


# --- the backlog ----------------------------------------------------------------------------------


def progress(**batches: tuple[int, int]) -> Result:
    """Batches with what was assigned and what is closed of it."""
    found = result("backlog_assigned", "batch", {name: assigned for name, (assigned, _) in batches.items()})
    closed = cells({name: done for name, (_, done) in batches.items()})
    both = {key: found.cells[key] + closed[key] for key in found.cells}
    return replace(
        found, query=replace(found.query, metrics=("backlog_assigned", "backlog_closed")), cells=both
    )


def test_batches() -> None:
    said = findings.batches(progress(第一批=(110, 110), 第二批=(38, 15)))
    assert said == "第一批110宗全部办结；第二批办结15宗（39.5%），剩余23宗"
    assert findings.batches(progress(第一批=(0, 0))) == NO_DATA
    assert findings.batches(progress()) == NO_DATA


def test_remaining() -> None:
    numbers: dict[str, Number] = {"第一批 2021-10": 3, "第一批 2021-11": 0, "第二批 2021-11": 23}
    found = result("backlog_remaining", "batch month", numbers, days="2021-10-01 2021-11-30")
    assert findings.remaining(found) == "2021年11月30日：第一批剩余0宗，第二批剩余23宗"
    cut = result(
        "backlog_remaining", "batch month", {"第二批 2021-12": 23}, days="2021-12", as_of=date(2021, 12, 13)
    )
    assert findings.remaining(cut) == "2021年12月13日：第二批剩余23宗"
    assert findings.remaining(result("backlog_remaining", "batch month", {})) == NO_DATA


# --- one among others -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "half"),
    [
        ([1, 2, 3, 4, 5], (2, 4)),
        ([5, 1, 4, 2, 3], (2, 4)),
        ([1, 2, 3, 4], (1.75, 3.25)),
        ([7, 7], (7, 7)),
        ([7], (7, 7)),
        ([], (0, 0)),
    ],
)
def test_middle_half(values: list[float], half: tuple[float, float]) -> None:
    assert findings.middle_half(values) == half


@pytest.mark.parametrize(
    ("own", "where"), [(5, "高于"), (4, "处于"), (3, "处于"), (2, "处于"), (1, "低于"), (0, "低于")]
)
def test_against_others(own: int, where: str) -> None:
    others: dict[str, Number] = {f"{name} 2021-11": n for n, name in enumerate("甲乙丙丁戊", 1)}
    found = result("petitions", "township month", {"宁中镇 2021-11": own, **others})
    said = findings.against_others(found, "宁中镇", list("甲乙丙丁戊"))
    assert said == f"宁中镇2021年11月{own}件，{where}多数镇街（中间一半2–4件）"


def test_against_others_when_alone_or_not_there() -> None:
    alone = result("petitions", "township month", {"宁中镇 2021-11": 4})
    assert findings.against_others(alone, "宁中镇", []) == "宁中镇2021年11月4件"
    assert (
        findings.against_others(alone, "新陂镇", ["宁中镇"])
        == "新陂镇2021年11月0件，低于多数镇街（中间一半4–4件）"
    )
    assert findings.against_others(result("petitions", "township month", {}), "宁中镇", []) == NO_DATA


def test_against_others_in_a_month_not_finished() -> None:
    cut = result(
        "petitions", "township month", {"宁中镇 2021-12": 4}, days="2021-12", as_of=date(2021, 12, 13)
    )
    assert findings.against_others(cut, "宁中镇", []) == "宁中镇2021年12月（截至13日）4件"


# --- the month in a sentence ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        ({"宁中镇": 3, "新陂镇": 2}, "超期未办结5件，宁中镇最多（3件）"),
        ({"宁中镇": 2, "新陂镇": 2, "坭陂镇": 1}, "超期未办结5件，宁中镇等最多（2件）"),
        ({"宁中镇": 1, "未填": 4}, "超期未办结5件"),
        ({"宁中镇": 5}, "超期未办结5件"),
        ({"未填": 3, "未识别": 2}, "超期未办结5件"),
        ({"宁中镇": 0, "新陂镇": 0}, ""),
        ({}, ""),
    ],
)
def test_standing(numbers: dict[str, Number], said: str) -> None:
    assert findings.standing(result("overdue", "township", numbers), "overdue") == said


def test_headline_joins_what_there_is() -> None:
    november = period("2021-11").until(LONG.last)
    assert findings.headline(november, ["来信60件", "", "来访37批"]) == "2021年11月：来信60件；来访37批。"

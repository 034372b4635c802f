"""The annual report: what was published stands in it, and each number is what its query gives."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from analytics import cli
from analytics.annual import SECTIONS, Line, Report, report
from analytics.app.annual import table
from analytics.catalogue import dimension, metric, require
from analytics.citing import command
from analytics.cli import query as querying
from analytics.engine import Engine
from analytics.model import Period, Scope, Selection
from tests.bureau import Bureau, case, item, order

YEAR = Selection(Period.named("2021"))
NUMBERS, FIRST = "一、信访事项的数据统计", "四、其他：初信初访"
BACKLOG, RECEPTIONS = "四、其他：信访积案", "四、其他：领导接访下访"
TOPICS, UNITS = "一、信访事项涉及领域", "一、被投诉较多的机关、单位"
HANDLING = "二、转送、交办、督办情况"

# 兴宁市信访局2021年法治政府建设年度报告, number by number.
PUBLISHED = [
    (NUMBERS, "来信", 605),
    (NUMBERS, "来访批次", 432),
    (NUMBERS, "来访人次", 1237),
    (NUMBERS, "上级交办", 899),
    (HANDLING, "上级交办件按时办结率", 1),
    (FIRST, "按期受理率", 1),
    (FIRST, "按期答复率", 1),
    (FIRST, "按期办结率", 1),
    (FIRST, "全员包案件", 90),
    (FIRST, "包案督办工作人员", 9),
    (BACKLOG, "第一批积案交办", 110),
    (BACKLOG, "第一批申报办结", 110),
    (BACKLOG, "第一批积案剩余", 0),
    (BACKLOG, "第二批积案交办", 38),
    (BACKLOG, "第二批申报办结", 15),
    (BACKLOG, "第二批积案剩余", 23),
    (RECEPTIONS, "市领导接访批次", 241),
    (RECEPTIONS, "市领导接访人次", 470),
    (RECEPTIONS, "接访日落实率", 1),
    (RECEPTIONS, "下访落实率", 1),
]


@pytest.fixture
def bureau(tmp_path: Path) -> Bureau:
    return Bureau(tmp_path / "store")


@pytest.fixture(scope="module")
def published(demo_engine: Engine) -> Report:
    return report(demo_engine, YEAR)


def of(found: Report, title: str) -> dict[str, Line]:
    """The lines of a section by label."""
    (chapter,) = [c for c in found.chapters if c.title == title]
    labelled = {line.label: line for line in chapter.lines}
    assert len(labelled) == len(chapter.lines)
    return labelled


def every(found: Report) -> Iterator[Line]:
    for chapter in found.chapters:
        yield from chapter.lines


def asked(engine: Engine, query: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The JSON answer to a query as it is typed."""
    monkeypatch.setattr(querying, "opened", lambda data: engine)
    program, *words = shlex.split(query)
    assert program == "petition"
    ran = CliRunner().invoke(cli.petition, [*words, "--format", "json"], catch_exceptions=False)
    assert ran.exit_code == 0, ran.output
    return json.loads(ran.stdout)


def same_as_its_query(engine: Engine, line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    """Value, base and change, where there are data to say them from."""
    answer, name = asked(engine, line.query, monkeypatch), line.metric.name
    if line.counted:
        named = [row for row in answer["rows"] if row[line.counted] != "未填"]
        assert line.value == sum(bool(row[name]) for row in named), line.query
        assert line.base in (None, sum(bool(row[f"{name}_base"]) for row in named)), line.query
        return
    (row,) = answer["rows"]
    if line.value is not None:
        assert line.value == row[name], line.query
    if line.base is not None:
        assert (line.base, line.change) == (row[f"{name}_base"], row[f"{name}_change"]), line.query


# --- what it says ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("title", "label", "value"), PUBLISHED)
def test_what_was_published_stands_in_it(published: Report, title: str, label: str, value: int) -> None:
    assert of(published, title)[label].value == value


@pytest.mark.parametrize("one_in", [4, pytest.param(1, marks=pytest.mark.long)])
def test_each_number_is_what_its_query_gives(
    published: Report, demo_engine: Engine, monkeypatch: pytest.MonkeyPatch, one_in: int
) -> None:
    lines = list(every(published))
    assert len(lines) > 100
    assert [line.label for line in lines if not line.remark and line.value is None] == []
    for line in lines[::one_in]:
        same_as_its_query(demo_engine, line, monkeypatch)


def test_every_part_that_article_41_asks_for_is_there_in_its_order(published: Report) -> None:
    asked_for = ("数据统计", "涉及领域", "被投诉较多", "转送、交办、督办", "建议及采纳", "其他")
    titles = [chapter.title for chapter in published.chapters]
    assert [next(i for i, t in enumerate(titles) if part in t) for part in asked_for] == [0, 1, 2, 3, 4, 5]
    assert all(chapter.lines for chapter in published.chapters)


def test_it_asks_for_what_the_catalogue_has() -> None:
    for section in SECTIONS:
        for asked_for in section.items:
            metrics = [metric(name) for name in asked_for.metrics]
            require(metrics, [d for d in (asked_for.by, *dict(asked_for.where)) if d])
            assert len({m.dataset for m in metrics}) == 1
            declared = dict(dimension(asked_for.by).members) if asked_for.by else {}
            assert set(asked_for.members) <= set(declared)


def test_a_rate_that_matures_says_so(published: Report) -> None:
    matured = {line.metric.name for line in every(published) if "随后仍会变化" in line.remark}
    assert {"evaluation_rate", "supervision_resolution_rate", "proposal_adoption_rate"} <= matured
    assert "on_time_closure_rate" not in matured


# --- the year and the year before -----------------------------------------------------------------


def test_an_unfinished_year_is_compared_with_the_same_days(published: Report, demo_engine: Engine) -> None:
    assert published.period.unfinished
    assert published.as_of == date(2021, 12, 13)
    same_days = Period(date(2020, 1, 1), date(2020, 12, 13))
    before = demo_engine.ask(("letters",), period=same_days).value("letters")
    assert of(published, NUMBERS)["来信"].base == before
    assert before < demo_engine.ask(("letters",), period=Period.named("2020")).value("letters")


def test_a_finished_year_is_compared_with_the_whole_year_before(demo_engine: Engine) -> None:
    found = report(demo_engine, Selection(Period.named("2020")))
    assert not found.period.unfinished
    before = demo_engine.ask(("letters",), period=Period.named("2019")).value("letters")
    assert of(found, NUMBERS)["来信"].base == before


def test_stocks_stand_as_at_the_end_of_the_year(demo_engine: Engine) -> None:
    found = of(report(demo_engine, Selection(Period.named("2020"))), BACKLOG)
    (remaining,) = [line for line in found.values() if line.metric.name == "backlog_remaining"]
    end = Period(date(2020, 12, 31), date(2020, 12, 31))
    assert remaining.value == demo_engine.ask(("backlog_remaining",), period=end).value("backlog_remaining")
    assert (remaining.label, remaining.value) != ("第一批积案剩余", 0)


def test_nothing_is_compared_with_days_before_the_data(demo_engine: Engine) -> None:
    letters = of(report(demo_engine, Selection(Period.named("2019"))), NUMBERS)["来信"]
    assert letters.value
    assert (letters.base, letters.change, letters.change_words) == (None, None, "无上年同期数据")


@pytest.mark.parametrize(
    ("year", "remark"), [("2018", "数据从2019-01-01开始"), ("2023", "数据只到2021-12-13")]
)
def test_of_a_year_without_data_not_even_nought_is_said(demo_engine: Engine, year: str, remark: str) -> None:
    found = report(demo_engine, Selection(Period.named(year)))
    assert {(line.value, line.base, line.change) for line in every(found)} == {(None, None, None)}
    assert of(found, NUMBERS)["来信"].remark == remark


def test_the_version_that_was_reported_then_can_be_asked_for_again(
    bureau: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    bureau.bring("petitions", item(1, date(2021, 3, 5)))
    bureau.bring("petitions", item(2, date(2021, 3, 6)))
    now, then = (of(report(bureau.engine, YEAR, v), NUMBERS)["来信"] for v in (None, {"petitions": 1}))
    assert (now.value, then.value) == (2, 1)
    same_as_its_query(bureau.engine, then, monkeypatch)
    bureau.bring("petitions", item(3, date(2021, 3, 7)))
    same_as_its_query(bureau.engine, now, monkeypatch)


def test_it_can_be_cut_at_an_earlier_day(demo_engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    found = report(demo_engine, YEAR, as_of=date(2021, 6, 30))
    letters = of(found, NUMBERS)["来信"]
    half = Period(date(2021, 1, 1), date(2021, 6, 30))
    assert letters.value == demo_engine.ask(("letters",), period=half).value("letters")
    assert found.period.last == date(2021, 6, 30)
    same_as_its_query(demo_engine, letters, monkeypatch)


# --- whole and parts ------------------------------------------------------------------------------


def test_the_ten_greatest_come_first_and_what_names_nobody_last(published: Report) -> None:
    for title, by in ((TOPICS, "topic_1"), (UNITS, "responsible_unit")):
        lines = list(of(published, title).values())
        named = [line.value for line in lines if line.label != "未填"]
        assert len(named) == 10
        assert named == sorted(named, reverse=True)
        assert {dict(line.selection.members)[by] for line in lines} == {(line.label,) for line in lines}
    assert [*of(published, UNITS)][-1] == "未填"


def test_whoever_ties_with_the_tenth_is_there_too(bureau: Bureau) -> None:
    units = [f"单位{n}" for n in range(12)]
    rows = [item(f"{unit}-{n}", date(2021, 3, 5), responsible_unit=unit) for unit in units for n in range(2)]
    more = [item(f"多{n}", date(2021, 3, 5), responsible_unit="单位0") for n in range(5)]
    few = item("少", date(2021, 3, 5), responsible_unit="单位少")
    bureau.bring("petitions", *rows, *more, few)
    assert set(of(report(bureau.engine, YEAR), UNITS)) == set(units)


def test_the_parts_of_the_handling_add_up(published: Report) -> None:
    parts = [x.value for label, x in of(published, HANDLING).items() if label.startswith("办理方式")]
    assert sum(parts) == of(published, NUMBERS)["信访总量"].value


def test_parts_that_the_law_names_are_there_even_with_nothing(bureau: Bureau) -> None:
    bureau.bring("petitions", item(1, date(2021, 3, 5), handling="转送"))
    found = of(report(bureau.engine, YEAR), HANDLING)
    assert [found[f"办理方式：{name}"].value for name in ("转送", "交办", "督办")] == [1, 0, 0]


def test_staff_are_counted_by_name(bureau: Bureau) -> None:
    who = ("工作人员甲", "工作人员甲", "工作人员乙", None)
    more = {"ordered_by": "全员包案"}
    orders = [order(n, date(2021, 3, 5), supervisor=name, **more) for n, name in enumerate(who)]
    orders += [order(9, date(2021, 3, 5), supervisor="工作人员丙", ordered_by="领导批示")]
    orders += [order(10, date(2020, 1, 5), supervisor="工作人员丁", **more)]
    bureau.bring("supervisions", *orders)
    staff = of(report(bureau.engine, YEAR), FIRST)["包案督办工作人员"]
    assert (staff.value, staff.base, staff.metric.unit) == (2, 1, "人")


# --- what is not there ----------------------------------------------------------------------------


def test_what_was_never_imported_is_said_and_is_no_error(bureau: Bureau) -> None:
    bureau.bring("petitions", item(1, date(2021, 3, 5)))
    found = report(bureau.engine, YEAR)
    assert of(found, NUMBERS)["来信"].value == 1
    missing = [line for line in every(found) if line.metric.dataset != "petitions"]
    assert {line.value for line in missing} == {None}
    assert all(line.remark.startswith("尚未导入") for line in missing)
    assert of(found, BACKLOG)["积案交办"].remark == "尚未导入信访积案"
    assert [*of(found, RECEPTIONS)].count("市领导接访场次") == 1


def test_a_rate_with_nothing_to_divide_by_says_why_it_is_blank(bureau: Bureau) -> None:
    bureau.bring("petitions", item(1, date(2021, 1, 5)))
    rate = of(report(bureau.engine, YEAR), HANDLING)["上级交办件按时办结率"]
    assert (rate.value, rate.remark) == (None, "没有应计的事项")


def test_what_was_due_is_said_of_the_files_that_are_there(bureau: Bureau) -> None:
    held = {"reception_id": "1", "held_on": date(2021, 1, 15), "official_level": "city"}
    bureau.bring("receptions", held, covers_to=date(2021, 1, 20))
    found = report(bureau.engine, YEAR)
    assert of(found, RECEPTIONS)["接访日落实率"].value == 1
    rate = of(found, "四、其他：矛盾排查")["应排尽排率"]
    assert (rate.value, rate.remark) == (None, "尚未导入矛盾排查")


def test_an_empty_store_has_a_report_without_numbers(bureau: Bureau) -> None:
    assert {line.value for line in every(report(bureau.engine, YEAR))} == {None}


def test_data_that_end_before_the_others_are_flagged(bureau: Bureau) -> None:
    bureau.bring("petitions", item(1, date(2021, 6, 30)))
    bureau.bring("backlog", case(1, date(2021, 3, 5)))
    found = report(bureau.engine, YEAR)
    assert of(found, BACKLOG)["第一批积案交办"].remark.startswith("数据只到2021-03-05")
    assert "只到" not in of(found, NUMBERS)["来信"].remark


# --- filters and scope ----------------------------------------------------------------------------


def test_filters_apply_where_they_can_and_are_named_where_not(
    demo_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = report(demo_engine, YEAR.keep("township", "宁中镇").keep("topic_1", "城乡建设"))
    assert [*of(found, TOPICS)] == ["城乡建设"]
    assert "不受“内容一级”筛选" in of(found, HANDLING)["督办件"].remark
    assert "不受" not in of(found, NUMBERS)["来信"].remark
    assert of(found, NUMBERS)["来信"].value < of(report(demo_engine, YEAR), NUMBERS)["来信"].value
    for line in list(every(found))[::5]:
        same_as_its_query(demo_engine, line, monkeypatch)


def test_a_number_keeps_its_own_condition_whatever_is_selected(demo_engine: Engine) -> None:
    found = of(report(demo_engine, YEAR.keep("ordered_by", "领导批示")), FIRST)
    assert found["全员包案件"].value == 90
    assert found["全员包案件"].remark == "不受“督办来源”筛选"


def test_a_part_that_is_filtered_away_has_no_line(demo_engine: Engine) -> None:
    found = of(report(demo_engine, YEAR.keep("handling", "转送")), HANDLING)
    assert [label for label in found if label.startswith("办理方式")] == ["办理方式：转送"]


def test_one_township_sees_its_own_only(demo_engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    scoped = replace(YEAR, scope=Scope("宁中镇"))
    found = report(demo_engine, scoped)
    letters = of(found, NUMBERS)["来信"]
    same_as_its_query(demo_engine, letters, monkeypatch)
    assert letters.value < 605
    receptions = of(found, RECEPTIONS)["市领导接访批次"]
    assert receptions.value is None
    assert "领导接访不分镇街" in receptions.remark


# --- the query as text, the files -----------------------------------------------------------------


@pytest.mark.parametrize("word", ["township=宁中镇", "a b", "x;y", "it's", "--by", "单位（一）、二", "$HOME"])
def test_a_command_is_read_back_as_it_was_meant(word: str) -> None:
    assert shlex.split(command("petition", word)) == ["petition", word]


def test_chinese_stays_bare_in_a_command() -> None:
    assert command("--where", "township=宁中镇") == "--where township=宁中镇"


def test_a_file_holds_numbers_that_their_units_make_true(published: Report) -> None:
    headers, rows, _ = table(published, "来源")
    by_label = {row[1]: dict(zip(headers, row, strict=True)) for row in rows}
    assert (by_label["来信"]["本年"], by_label["来信"]["单位"]) == (605, "件")
    assert (by_label["按期办结率"]["本年"], by_label["按期办结率"]["单位"]) == (100, "%")
    assert by_label["来信"]["查询语句"].startswith("petition query letters")
    assert len(rows) == len([*every(published)])

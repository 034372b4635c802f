"""The `petition` command as other programs call it: numbers, shapes, exit codes, messages."""

from __future__ import annotations

import csv
import getpass
import io
import json
import os
import re
import shlex
import shutil
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from exports import HEADERS, csv_file

from analytics import audit
from analytics.audit import Audit
from analytics.catalogue import DIMENSIONS, METRICS
from analytics.cli import brief as cli_brief
from analytics.cli import main
from analytics.contract import DATASETS
from analytics.ingest.identity import code_of, petitioner_secret
from analytics.site import ROOT
from analytics.store import MANIFEST

YEAR = ("--from", "2021-01-01", "--to", "2021-12-31")
NOVEMBER = ("--month", "2021-11")


@dataclass(frozen=True)
class Ran:
    """What a command gave: exit code, and what it wrote."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        assert self.code == 0, self.err
        return json.loads(self.out)

    @property
    def rows(self) -> Any:
        return self.json["rows"]


Petition = Callable[..., Ran]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Petition:
    """Runs the command in this process, with the data directory that the environment names."""
    monkeypatch.delenv("PETITION_SITE", raising=False)

    def run_(*arguments: object) -> Ran:
        monkeypatch.setattr(sys, "argv", ["petition", *map(str, arguments)])
        capsys.readouterr()
        try:
            main()
            code = 0
        except SystemExit as end:
            code = int(str(end.code or 0))
        written = capsys.readouterr()
        return Ran(code, written.out, written.err)

    return run_


@pytest.fixture
def petition(run: Petition, demo: Path, monkeypatch: pytest.MonkeyPatch) -> Petition:
    """The command over the demo data."""
    monkeypatch.setenv("PETITION_DATA", str(demo))
    return run


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data directory of one's own, named as people name them, not there yet."""
    data = tmp_path / "信访 数据 100%"
    monkeypatch.setenv("PETITION_DATA", str(data))
    return data


def export(folder: Path, *rows: tuple[str, ...], headers: tuple[str, ...] = HEADERS) -> Path:
    return csv_file(folder / "导出.csv", headers, rows)


def query(petition: Petition, *arguments: str) -> Any:
    """The rows of the JSON answer."""
    return petition("query", *arguments, "--format", "json").rows


# --- where a difference lies ----------------------------------------------------------------------


@pytest.mark.parametrize("compare", ["previous", "year_ago"])
@pytest.mark.parametrize(
    "metric", ["petitions", "open", "on_time_reply_rate", "mean_days", "backlog_remaining"]
)
def test_an_explanation_sums_to_the_difference_that_a_query_gives(
    petition: Petition, metric: str, compare: str
) -> None:
    selected = (metric, "--month", "2021-09", "--where", "township=宁中镇", "--where", "township=叶塘镇")
    found = petition("explain", *selected, "--compare", compare, "--format", "json").json
    asked = petition("query", *selected, "--compare", compare, "--format", "json").json
    (whole,) = asked["rows"]
    assert (found["now"], found["base"]) == (whole[metric], whole[f"{metric}_base"])
    assert abs(found["difference"] - (whole[metric] - whole[f"{metric}_base"])) < 1e-12
    assert abs(sum(row["contribution"] for row in found["contributions"]) - found["difference"]) < 1e-12
    assert found["rows"] == found["contributions"]
    for key in ("from", "to", "as_of", "versions", "compared_with"):
        assert found[key] == asked[key], key


def test_an_explanation_gives_every_group_and_both_effects_of_a_rate(petition: Petition) -> None:
    found = petition("explain", "on_time_reply_rate", *NOVEMBER, "--by", "township", "--format", "json").json
    groups = query(petition, "on_time_reply_rate", *NOVEMBER, "--by", "township", "--compare", "year_ago")
    assert (found["by"], found["unit"]) == (["township"], "")
    assert {row["township"] for row in found["rows"]} == {row["township"] for row in groups}
    values = {row["township"]: (row["now"], row["base"]) for row in found["rows"]}
    for row in groups:
        rates = (row["on_time_reply_rate"], row["on_time_reply_rate_base"])
        assert values[row["township"]] == rates
    for row in found["rows"]:
        assert abs(row["rate_effect"] + row["mix_effect"] - row["contribution"]) < 1e-12
    weights = sum(row["now_denominator"] for row in found["rows"])
    assert sum((row["now"] or 0) * row["now_denominator"] for row in found["rows"]) / weights == found["now"]


def test_an_explanation_is_by_township_topic_and_channel_against_the_year_before(petition: Petition) -> None:
    found = petition("explain", "petitions", *NOVEMBER, "--format", "json").json
    assert found["by"] == ["township", "topic_1", "channel"]
    assert found["compared_with"] == {"from": "2020-11-01", "to": "2020-11-30", "covered": True}
    assert all(isinstance(row["contribution"], int) for row in found["rows"])
    assert len({tuple(row[d] for d in found["by"]) for row in found["rows"]}) == len(found["rows"])
    sizes = [abs(row["contribution"]) for row in found["rows"]]
    assert sizes == sorted(sizes, reverse=True)


def test_an_explanation_as_a_table_begins_with_its_sentences(petition: Petition) -> None:
    told = petition("explain", "petitions", *NOVEMBER, "--by", "township").out
    assert told.startswith("信访总量217件，同比上升3.8%，增加8件。增减相抵")
    assert "新陂镇" in told
    assert "+9" in told
    assert "2021-11-01 至 2021-11-30；数据截至 2021-12-13；信访事项第 1 版" in told


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("median_days", *NOVEMBER), 1, "分位数不是各部分之和；请改用“平均办理天数”（mean_days）"),
        (("petitions", "--month", "2019-05"), 1, "无上年同期数据（数据从2019-01-01开始）"),
        (("petitions",), 1, "无上年同期数据"),
        (("petitions", "--month", "2022-05"), 1, "数据截止日2021-12-13之后"),
        (("petitions", *NOVEMBER, "--by", "month"), 1, "“月份”是时间"),
        (("petitions", *NOVEMBER, "--by", "batch"), 1, "没有维度“批次”"),
        (
            ("petitions", *NOVEMBER, *(f"--by={d}" for d in ("township", "channel", "source", "purpose"))),
            1,
            "按1至3个维度分解，现在是4个",
        ),
        (("repeat_rate", *NOVEMBER, "--where", "township=未识别"), 1, "没有分母"),
        (("petitoins", *NOVEMBER), 2, "您要的可能是“petitions”"),
        (("petitions", *NOVEMBER, "--by", "townshp"), 2, "您要的可能是“township”"),
        (("petitions", *NOVEMBER, "--where", "township=宁中县"), 2, "镇街名单里没有“宁中县”"),
        (("petitions", *NOVEMBER, "--compare", "none"), 2, "只能是 previous、year_ago"),
        ((), 2, "缺少 指标"),
    ],
)
def test_what_cannot_be_explained_is_refused_in_one_line(
    petition: Petition, arguments: tuple[str, ...], code: int, told: str
) -> None:
    ran = petition("explain", *arguments, "--format", "json")
    assert (ran.code, ran.out) == (code, "")
    assert told in ran.err
    assert ran.err.count("\n") == 1


# --- what was published ---------------------------------------------------------------------------

PUBLISHED = {"letters": 605, "visits": 432, "visit_persons": 1237, "superior_assigned": 899}
RATES = (
    "timely_acceptance_rate",
    "unit_timely_acceptance_rate",
    "on_time_reply_rate",
    "on_time_closure_rate",
    "superior_on_time_closure_rate",
)


def test_petitions_of_2021(petition: Petition) -> None:
    assert query(petition, *PUBLISHED, *RATES, *YEAR) == [PUBLISHED | dict.fromkeys(RATES, 1.0)]


def test_backlog_batches(petition: Petition) -> None:
    names = ("backlog_assigned", "backlog_reported", "backlog_closed", "backlog_remaining")
    assert query(petition, *names, "--by", "batch") == [
        {"batch": "第一批", **dict(zip(names, (110, 110, 110, 0), strict=True))},
        {"batch": "第二批", **dict(zip(names, (38, 15, 15, 23), strict=True))},
    ]


def test_nine_supervise_ninety_cases(petition: Petition) -> None:
    rows = query(petition, "supervised", *YEAR, "--by", "supervisor", "--where", "ordered_by=全员包案")
    assert len(rows) == 9
    assert sum(row["supervised"] for row in rows) == 90


# --- JSON -----------------------------------------------------------------------------------------


def test_json_has_exactly_the_agreed_shape(petition: Petition) -> None:
    content = petition("query", "letters", "supervised", "--month", "2021-12", "--format", "json").json
    assert content == {
        "rows": [{"letters": content["rows"][0]["letters"], "supervised": content["rows"][0]["supervised"]}],
        "from": "2021-12-01",
        "to": "2021-12-31",
        "as_of": "2021-12-13",
        "versions": {"petitions": 1, "supervisions": 1},
    }
    assert isinstance(content["rows"][0]["letters"], int)


def test_json_compares(petition: Petition) -> None:
    now, before = (query(petition, "letters", "repeat_rate", "--month", m)[0] for m in ("2021-11", "2020-11"))
    content = petition(
        "query", "letters", "repeat_rate", *NOVEMBER, "--compare", "year_ago", "--format", "json"
    ).json
    assert content["rows"] == [
        {
            "letters": now["letters"],
            "letters_base": before["letters"],
            "letters_change": (now["letters"] - before["letters"]) / before["letters"],
            "repeat_rate": now["repeat_rate"],
            "repeat_rate_base": before["repeat_rate"],
            "repeat_rate_change": now["repeat_rate"] - before["repeat_rate"],
        }
    ]
    assert (content["to"], content["as_of"]) == ("2021-11-30", "2021-12-13")
    assert content["compared_with"] == {"from": "2020-11-01", "to": "2020-11-30", "covered": True}
    assert 0 < now["repeat_rate"] < 1


def test_json_null_is_what_has_no_meaning(petition: Petition) -> None:
    """A rate of nothing, a change from nothing; a count of nothing is 0."""
    names = ("escalated_beijing", "online_share", "repeat_rate")
    day = ("--from", "2019-01-01", "--to", "2019-01-01", "--where", "township=黄槐镇")
    assert query(petition, *names, *day) == [
        {"escalated_beijing": 0, "online_share": None, "repeat_rate": None}
    ]
    first = query(petition, "letters", "--month", "2019-02", "--compare", "year_ago")[0]
    assert (first["letters_base"], first["letters_change"]) == (0, None)
    assert query(petition, "letters", "--month", "2022-03") == [{"letters": None}]


def test_json_by_two_dimensions(petition: Petition) -> None:
    rows = query(
        petition,
        "petitions",
        "--by",
        "month",
        "--by",
        "channel",
        "--from",
        "2021-10-01",
        "--to",
        "2021-12-31",
    )
    assert {row["month"] for row in rows} == {"2021-10", "2021-11", "2021-12"}
    assert {row["channel"] for row in rows} == {"letter", "visit", "online", "phone"}
    assert list(rows[0]) == ["month", "channel", "petitions"]
    whole = query(petition, "petitions", "--from", "2021-10-01", "--to", "2021-12-31")
    assert [{"petitions": sum(row["petitions"] for row in rows)}] == whole


# --- which days, which rows -----------------------------------------------------------------------


def test_days_are_inclusive_and_a_month_is_its_days(petition: Petition) -> None:
    month = query(petition, "letters", *NOVEMBER)
    assert month == query(petition, "letters", "--from", "2021-11-01", "--to", "2021-11-30")
    days = [f"2021-11-{day:02}" for day in range(1, 31)]
    singles = [query(petition, "letters", "--from", d, "--to", d)[0]["letters"] for d in days[:3] + days[-3:]]
    middle = query(petition, "letters", "--from", days[3], "--to", days[-4])[0]["letters"]
    assert sum(singles) + middle == month[0]["letters"]


def test_no_period_is_all_covered_days(petition: Petition) -> None:
    content = petition("query", "letters", "--format", "json").json
    assert (content["from"], content["to"]) == ("2019-01-01", "2021-12-13")
    open_ended = petition("query", "letters", "--from", "2021-01-01", "--format", "json").json
    assert (open_ended["from"], open_ended["to"]) == ("2021-01-01", "2021-12-13")
    until = petition("query", "letters", "--to", "2020-12-31", "--format", "json").json
    assert (until["from"], until["to"]) == ("2019-01-01", "2020-12-31")
    parts = (open_ended, until)
    assert sum(p["rows"][0]["letters"] for p in parts) == content["rows"][0]["letters"]


def test_as_of_ends_the_period(petition: Petition) -> None:
    content = petition("query", "letters", *NOVEMBER, "--as-of", "2021-11-10", "--format", "json").json
    assert (content["to"], content["as_of"]) == ("2021-11-30", "2021-11-10")
    assert content["rows"] == query(petition, "letters", "--from", "2021-11-01", "--to", "2021-11-10")


def test_where_is_or_within_a_dimension_and_and_across(petition: Petition) -> None:
    def letters(*where: str) -> int:
        options = [part for text in where for part in ("--where", text)]
        return int(query(petition, "petitions", *NOVEMBER, *options)[0]["petitions"])

    one, two = letters("township=宁中镇"), letters("township=叶塘镇")
    assert one > 0 < two
    assert letters("township=宁中镇", "township=叶塘镇") == one + two
    both = letters("township=宁中镇", "channel=letter") + letters("township=叶塘镇", "channel=letter")
    assert letters("township=宁中镇", "township=叶塘镇", "channel=letter") == both < one + two


def test_where_takes_labels_and_other_spellings(petition: Petition) -> None:
    by_value = query(petition, "petitions", *NOVEMBER, "--where", "channel=letter")
    assert by_value == query(petition, "petitions", *NOVEMBER, "--where", "channel=来信")
    town = query(petition, "petitions", *NOVEMBER, "--where", "township=宁中镇")
    assert town == query(petition, "petitions", *NOVEMBER, "--where", "township=宁中")


# --- table and CSV --------------------------------------------------------------------------------


def test_csv_is_the_json_in_columns(petition: Petition) -> None:
    asked = ("letters", "repeat_rate", "--by", "channel", *NOVEMBER, "--compare", "previous")
    ran = petition("query", *asked, "--format", "csv")
    lines = list(csv.DictReader(io.StringIO(ran.out)))
    rows = query(petition, *asked)
    assert list(lines[0]) == list(rows[0])
    assert lines == [{k: "" if v is None else str(v) for k, v in row.items()} for row in rows]


def test_table_is_for_people(petition: Petition) -> None:
    letters = query(petition, "letters", "--month", "2021-12")[0]["letters"]
    ran = petition("query", "letters", "repeat_rate", "--month", "2021-12", "--by", "channel")
    header, _, first, *_ = ran.out.splitlines()
    assert header.split() == ["信访形式", "来信（件）", "重复信访率"]
    assert first.split()[:2] == ["来信", str(letters)]
    assert first.split()[2].endswith("%")
    assert ran.out.splitlines()[-1] == "2021-12-01 至 2021-12-13；数据截至 2021-12-13；信访事项第 1 版"
    assert ran.err == ""


def test_table_separates_thousands(petition: Petition) -> None:
    assert "1,237" in petition("query", "visit_persons", *YEAR).out


@pytest.mark.parametrize(
    ("asked", "caution"),
    [
        (("--month", "2022-03"), "所选期间在数据截止日 2021-12-13 之后，尚无数据"),
        (("--month", "2019-02", "--compare", "year_ago"), "对比期 2018-02-01 起早于数据起始日"),
    ],
)
def test_a_number_that_misleads_comes_with_a_caution(
    petition: Petition, asked: tuple[str, ...], caution: str
) -> None:
    ran = petition("query", "letters", *asked, "--format", "json")
    assert ran.code == 0
    assert caution in ran.err
    assert "提醒" not in ran.out


def test_an_empty_store_says_that_it_is_empty(run: Petition, own: Path) -> None:
    ran = run("query", "letters")
    assert ran.code == 0
    assert "信访事项没有数据：请先用 petition import 导入" in ran.err


# --- refusals -------------------------------------------------------------------------------------

REFUSED = [
    (("letters", "--by", "batch"), "指标“来信”（letters）没有维度“批次”（batch）"),
    (("letters", "supervised", "--by", "channel"), "指标“督办件”（supervised）没有维度“信访形式”（channel）"),
    (("supervised", "--where", "channel=letter"), "指标“督办件”（supervised）没有维度“信访形式”（channel）"),
    (("letters", "--version", "9"), "数据集 petitions 没有第 9 版（现有第 0 至 1 版）"),
    (("letters", "--version", "petitions=9"), "数据集 petitions 没有第 9 版"),
    (("letters", "--where", "month=2021-11"), "月份不能作为筛选条件"),
]

MISUSED = [
    (("leters",), "没有名为“leters”的指标，您要的可能是“letters”"),
    (("letters", "--by", "chanel"), "没有名为“chanel”的维度，您要的可能是“channel”"),
    (("letters", "--where", "chanel=来信"), "没有名为“chanel”的维度，您要的可能是“channel”"),
    (("letters", "--where", "channel=传真"), "维度“信访形式”没有“传真”；可用：来信、来访、网上信访、来电"),
    (("letters", "--where", "township=宁忠镇"), "镇街名单里没有“宁忠镇”，您要的可能是“宁中镇”"),
    (("letters", "--where", "channel"), "--where “channel”应写成 维度=成员"),
    (("letters", "--where", "=来信"), "--where “=来信”应写成 维度=成员"),
    (("letters", "--from", "2021-02-30"), "--from：“2021-02-30”不是日期，请写成 YYYY-MM-DD"),
    (("letters", "--to", "2021年"), "--to：“2021年”不是日期"),
    (("letters", "--as-of", "昨天"), "--as-of：“昨天”不是日期"),
    (("letters", "--month", "2021-13"), "月份“2021-13”不是 YYYY-MM"),
    (("letters", "--month", "2021"), "月份“2021”不是 YYYY-MM"),
    (("letters", "--month", "2021-11", "--from", "2021-11-01"), "--month 与 --from/--to 只能用一种"),
    (("letters", "--month", "2021-11", "--to", "2021-11-30"), "--month 与 --from/--to 只能用一种"),
    (("letters", "--from", "2021-03-01", "--to", "2021-02-28"), "止日 2021-02-28 早于起日 2021-03-01"),
    (("letters", "--version", "新的"), "--version “新的”应写成 N 或 数据集=N"),
    (("letters", "--version", "letters=1"), "--version “letters=1”应写成 N 或 数据集=N"),
    (("letters", "supervised", "--version", "1"), "来自多个数据集（petitions、supervisions）"),
    (("letters", "--compare", "last_year"), "--compare：只能是 none、previous、year_ago"),
    (("letters", "--format", "xml"), "--format：只能是 table、json、csv"),
    (("letters", "--form", "json"), "没有选项 --form，您要的可能是 --format"),
    ((), "缺少 指标…"),
]


@pytest.mark.parametrize(
    ("asked", "code", "message"), [(a, 1, m) for a, m in REFUSED] + [(a, 2, m) for a, m in MISUSED]
)
def test_a_query_that_cannot_be_answered(
    petition: Petition, asked: tuple[str, ...], code: int, message: str
) -> None:
    ran = petition("query", *asked)
    assert ran.code == code
    assert message in ran.err
    assert ran.out == ""
    assert len(ran.err.splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "没有给出命令；用法见 petition --help"),
        (("qeury", "letters"), "没有命令 qeury，您要的可能是 query"),
        (("§§",), "没有命令 §§；"),
        (("import",), "缺少 文件…"),
        (("import", "a.csv", "--replace", "2021"), "--replace：“2021”不是期间，请写成 起..止"),
        (("import", "a.csv", "--covers-to", "2021-02-30"), "--covers-to：“2021-02-30”不是日期"),
        (("import", "a.csv", "--dataset", "letters"), "--dataset：只能是 petitions、backlog"),
        (("serve", "--port", "70000"), "--port："),
        (("serve", "--port", "abc"), "--port："),
        (("demo", "--scale", "0"), "--scale："),
    ],
)
def test_a_command_misused(petition: Petition, arguments: tuple[str, ...], message: str) -> None:
    ran = petition(*arguments)
    assert (ran.code, ran.out) == (2, "")
    assert message in ran.err
    assert len(ran.err.splitlines()) == 1


def test_the_command_itself_speaks_utf_8_whatever_the_terminal() -> None:
    command = shutil.which("petition", path=str(Path(sys.executable).parent))
    assert command
    environment = {**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "gbk"}
    ran = subprocess.run(
        [command, "query", "letters", "--by", "chanel"],
        env=environment | {"PETITION_DATA": str(ROOT / "tests")},
        stdin=subprocess.DEVNULL,
        capture_output=True,
    )
    assert (ran.returncode, ran.stdout) == (2, b"")
    assert "没有名为“chanel”的维度，您要的可能是“channel”" in ran.stderr.decode("utf-8")


# --- import and versions --------------------------------------------------------------------------


def test_import_says_what_it_did(run: Petition, own: Path, tmp_path: Path) -> None:
    good = [(f"件{n}", "2021-03-05", "来信") for n in range(30)]
    file = export(tmp_path, *good, ("件31", "2021-02-30", "来信"))
    ran = run("import", file, "--json")
    (rejected,) = ran.json.pop("rejected")
    assert {k: v for k, v in ran.json.items() if k not in ("rejected", "warnings")} == {
        "dataset": "petitions",
        "inserted": 30,
        "updated": 0,
        "unchanged": 0,
        "version": 1,
    }
    assert {"file", "row", "column", "value", "rule", "remedy"} <= set(rejected)
    assert (rejected["file"], rejected["row"], rejected["column"]) == ("导出.csv", 32, "registered_on")
    assert rejected["value"] == "2021-02-30"
    assert query(run, "letters") == [{"letters": 30}]


def test_import_tells_people_too(run: Petition, own: Path, tmp_path: Path) -> None:
    ran = run("import", export(tmp_path, ("a", "2021-03-05", "来信")))
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == "信访事项：新增 1，更新 0，未变 0，移除 0，拒绝 0；版本 1\n"


def test_an_import_of_bad_rows_is_refused_whole(run: Petition, own: Path, tmp_path: Path) -> None:
    file = export(tmp_path, ("a", "2021-03-05", "来信"), ("b", "无", "来信"))
    workbook = tmp_path / "拒绝.xlsx"
    ran = run("import", file, "--rejected", workbook)
    assert ran.code == 1
    assert "导出.csv 第 3 行" in ran.err
    assert workbook.exists()
    assert run("check").out.count("没有数据") == 1


def test_a_file_that_is_not_there_is_refused_by_name(run: Petition, own: Path, tmp_path: Path) -> None:
    ran = run("import", tmp_path / "没有.csv")
    assert (ran.code, ran.out) == (1, "")
    assert "没有.csv" in ran.err
    assert len(ran.err.splitlines()) == 1


def test_what_was_reported_before_can_be_asked_again(run: Petition, own: Path, tmp_path: Path) -> None:
    rows = [("a", "2021-03-05", "来信"), ("b", "2021-03-06", "来信"), ("c", "2021-03-07", "来访")]
    first = run("import", export(tmp_path, *rows[:1]), "--json").json["version"]
    second = run("import", export(tmp_path, *rows), "--json").json["version"]
    assert second > first
    found = run("query", "letters", "--format", "json").json
    assert (found["rows"], found["versions"]) == ([{"letters": 2}], {"petitions": second})
    for text in (f"{first}", f"petitions={first}"):
        before = run("query", "letters", "--version", text, "--format", "json").json
        assert (before["rows"], before["versions"]) == ([{"letters": 1}], {"petitions": first})


def test_data_names_a_directory_before_the_environment(
    run: Petition, own: Path, demo: Path, tmp_path: Path
) -> None:
    run("import", export(tmp_path, ("a", "2021-03-05", "来信")))
    assert query(run, "letters", "--month", "2021-03") == [{"letters": 1}]
    there = query(run, "letters", "--month", "2021-03", "--data", str(demo))
    assert there[0]["letters"] > 1


# --- demo, check, serve, catalogue ----------------------------------------------------------------


def test_demo_does_not_mix_with_real_rows(run: Petition, own: Path, tmp_path: Path) -> None:
    run("import", export(tmp_path, ("a", "2021-03-05", "来信")))
    ran = run("demo", "--data", own)
    assert (ran.code, ran.out) == (1, "")
    assert f"{own} 里是真实数据，不能写入演示数据" in ran.err
    assert query(run, "letters") == [{"letters": 1}]


def test_check_lists_what_is_served(petition: Petition, demo: Path) -> None:
    ran = petition("check")
    assert (ran.code, ran.err) == (0, "")
    *lines, log = ran.out.splitlines()
    assert re.fullmatch(r"审计日志共 [\d,]+ 条，完好；末条校验码 ([0-9a-f]{16})（抄下 \d+:\1）", log)
    assert lines == [
        f"数据目录 {demo}（演示数据）；单位 兴宁市信访局",
        "信访事项：第 1 版，2019-01-01 至 2021-12-13",
        "重复关联：第 1 版，2019-01-01 至 2021-12-13",
        "信访积案：第 1 版，2020-05-20 至 2021-12-13",
        "督查督办：第 1 版，2019-03-04 至 2021-12-13",
        "领导接访：第 1 版，2019-01-01 至 2021-12-13",
        "应做之事：第 2 版，2019-01-15 至 2021-12-13",
        "矛盾排查：第 1 版，2020-01-01 至 2021-12-13",
        "信访秩序：第 1 版，2019-01-11 至 2021-12-13",
    ]


def test_check_of_an_empty_directory_says_what_to_do(run: Petition, own: Path) -> None:
    ran = run("check")
    assert ran.code == 0
    assert "没有数据：请用 petition import 导入，或用 petition demo 写入演示数据" in ran.out
    assert not own.exists()


def test_check_sees_settings_that_changed(
    petition: Petition, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (ROOT / "site.toml").read_text("utf-8")
    changed = tmp_path / "site.toml"
    changed.write_text(
        text.replace('backlog_closed_by = "reported"', 'backlog_closed_by = "verified"'), "utf-8"
    )
    monkeypatch.setenv("PETITION_SITE", str(changed))
    assert "站点设置已改动" in petition("check").err


def test_check_of_a_broken_store_is_refused(run: Petition, own: Path, tmp_path: Path) -> None:
    run("import", export(tmp_path, ("a", "2021-03-05", "来信")))
    (own / MANIFEST).write_text("{", "utf-8")
    ran = run("check")
    assert ran.code == 1
    assert f"{own / MANIFEST} 已损坏" in ran.err
    assert len(ran.err.splitlines()) == 1


def test_serve_refuses_a_port_in_use(petition: Petition) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ran = petition("serve", "--port", port)
    assert ran.code == 1
    assert f"端口 {port} 已被占用：请用 --port 换一个" in ran.err
    assert "看板地址" not in ran.out


def test_catalogue_for_programs(run: Petition) -> None:
    content = run("catalogue", "--format", "json").json
    assert list(content) == ["metrics", "dimensions"]
    metrics = {m.pop("name"): m for m in content["metrics"]}
    assert list(metrics) == list(METRICS)
    assert metrics["repeat_rate"]["kind"] == "rate"
    assert {metrics[name]["kind"] for name in ("mean_days", "median_days", "letters")} == {
        *("mean", "quantile", "count")
    }
    assert (metrics["open"]["accumulates"], metrics["letters"]["accumulates"]) == ("stock", "flow")
    assert metrics["office_satisfaction"]["matures"]
    assert "channel" in metrics["letters"]["dimensions"]
    assert "channel" not in metrics["backlog_closed"]["dimensions"]
    dimensions = {d["name"]: d for d in content["dimensions"]}
    assert list(dimensions) == list(DIMENSIONS)
    assert {"value": "letter", "label": "来信"} in dimensions["channel"]["members"]


def test_catalogue_for_people(run: Petition) -> None:
    lines = run("catalogue").out.splitlines()
    for m in METRICS.values():
        (line,) = [line for line in lines if line.split()[:1] == [m.name]]
        assert m.label in line
        assert DATASETS[m.dataset].label in line
    assert [
        d.name for d in DIMENSIONS.values() if not any(line.split()[:1] == [d.name] for line in lines)
    ] == []


def test_help_is_not_an_error(run: Petition) -> None:
    ran = run("--help")
    assert ran.code == 0
    assert all(name in ran.out for name in ("demo", "import", "query", "catalogue", "check", "serve"))


# --- report ---------------------------------------------------------------------------------------

REPORT_2021 = ("report", "--year", "2021")


def test_report_for_programs(petition: Petition) -> None:
    content = petition(*REPORT_2021, "--format", "json").json
    assert list(content) == ["year", "from", "to", "as_of", "versions", "sections"]
    assert (content["year"], content["from"], content["to"]) == (2021, "2021-01-01", "2021-12-31")
    assert (content["as_of"], content["versions"]["petitions"]) == ("2021-12-13", 1)
    letters = content["sections"][0]["lines"][0]
    before = query(petition, "letters", "--from", "2020-01-01", "--to", "2020-12-13")[0]["letters"]
    assert letters | {"note": "", "basis": ""} == {
        "label": "来信",
        "metric": "letters",
        "where": {},
        "members_of": None,
        "value": 605,
        "base": before,
        "change": (605 - before) / before,
        "unit": "件",
        "kind": "count",
        "remark": "",
        "note": "",
        "basis": "",
        "query": "petition query letters --from 2021-01-01 --to 2021-12-31 --compare year_ago --version 1",
    }
    lines = [line for section in content["sections"] for line in section["lines"]]
    (staff,) = [line for line in lines if line["members_of"]]
    assert (staff["members_of"], staff["where"], staff["value"]) == (
        "supervisor",
        {"ordered_by": ["全员包案"]},
        9,
    )


def test_report_for_people_says_what_it_covers_and_how_each_number_is_had(petition: Petition) -> None:
    ran = petition(*REPORT_2021)
    lines = ran.out.splitlines()
    assert lines[0] == "年度报告：2021年（截至12月13日）"
    assert "上年同期" in lines[4]
    (visits,) = [line for line in lines if line.startswith("来访人次")]
    assert visits.split()[1] == "1,237人次"
    assert "同比" in visits
    assert "petition query visit_persons" in visits
    assert lines[-1].startswith("数据截至 2021-12-13；信访事项第 1 版")
    titles = [line for line in lines if line[:2] in ("一、", "二、", "三、", "四、")]
    assert len(titles) == len(set(titles)) == len(petition(*REPORT_2021, "--format", "json").json["sections"])


def test_report_as_csv_holds_the_same_lines(petition: Petition) -> None:
    rows = list(csv.DictReader(io.StringIO(petition(*REPORT_2021, "--format", "csv").out)))
    sections = petition(*REPORT_2021, "--format", "json").json["sections"]
    assert [(row["section"], row["label"], row["query"]) for row in rows] == [
        (section["title"], line["label"], line["query"]) for section in sections for line in section["lines"]
    ]
    assert rows[0]["value"] == "605"


def test_a_query_of_the_report_asks_the_data_that_were_reported(run: Petition, demo: Path) -> None:
    content = run(*REPORT_2021, "--format", "json", "--data", demo).json
    line = content["sections"][0]["lines"][0]
    program, *words = shlex.split(line["query"])
    assert program == "petition"
    assert words[-2:] == ["--data", f"{demo}"]
    (row,) = run(*words, "--format", "json").rows
    assert row["letters"] == 605


@pytest.mark.parametrize("year", ["21", "2021-01", "0021", "二〇二一", "2021年"])
def test_a_year_is_four_digits(petition: Petition, year: str) -> None:
    ran = petition("report", "--year", year)
    assert (ran.code, ran.out) == (2, "")
    assert f"年份“{year}”不是四位数字，例如 2021" in ran.err


def test_report_needs_its_year(petition: Petition) -> None:
    ran = petition("report")
    assert ran.code == 2
    assert "缺少 年份" in ran.err


@pytest.mark.parametrize(
    ("year", "warning"), [("2018", "数据从 2019-01-01 开始"), ("2023", "在数据截止日 2021-12-13 之后")]
)
def test_a_year_without_data_warns(petition: Petition, year: str, warning: str) -> None:
    ran = petition("report", "--year", year, "--format", "json")
    assert {line["value"] for section in ran.json["sections"] for line in section["lines"]} == {None}
    assert warning in ran.err


def test_report_names_the_files_that_were_never_imported(run: Petition, own: Path, tmp_path: Path) -> None:
    run("import", export(tmp_path, ("a", "2021-03-05", "来信")))
    ran = run(*REPORT_2021)
    assert ran.code == 0
    assert "尚未导入矛盾排查" in ran.out
    assert "矛盾排查没有数据：请先用 petition import 导入" in ran.err
    assert "领导接访没有数据：请先用 petition import 导入" in ran.err
    assert ran.err.count("对比期 2020-01-01 起早于数据起始日") == 1


# --- the brief as files ---------------------------------------------------------------------------


def test_a_brief_is_written_as_files_that_are_named_for_people(petition: Petition, tmp_path: Path) -> None:
    out = tmp_path / "材料" / "十一月"
    ran = petition("brief", "--month", "2021-11", "--out", out, "--formats", "xlsx, PPTX")
    assert ran.code == 0, ran.err
    paths = [out / f"2021年11月信访形势分析研判材料{ending}" for ending in ("附表.xlsx", ".pptx")]
    assert ran.out.splitlines() == [f"{path}" for path in paths]
    assert sorted(out.iterdir()) == sorted(paths)
    assert all(path.read_bytes()[:2] == b"PK" for path in paths)


def test_a_brief_that_cannot_be_written_is_refused(petition: Petition, tmp_path: Path) -> None:
    (tmp_path / "文件").write_text("不是目录")
    ran = petition("brief", "--month", "2018-05", "--out", tmp_path / "文件", "--formats", "xlsx")
    assert (ran.code, ran.out) == (1, "") and ran.err.startswith(f"写不了 {tmp_path / '文件'}：请检查")
    for arguments, said in (
        (("--month", "2021-11", "--out", tmp_path, "--formats", "odt"), "可用 docx、pptx、xlsx"),
        (("--month", "2021-13", "--out", tmp_path), "不是 YYYY-MM"),
        (("--month", "1899-12", "--out", tmp_path), "应在 1900 至 2199 之间"),
        (("--month", "2021-11"), "缺少"),
    ):
        ran = petition("brief", *arguments)
        assert ran.code == 2 and said in ran.err


# --- the audit log -----------------------------------------------------------------------------------------


def test_what_commands_do_is_noted_by_whoever_runs_them(
    run: Petition, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A backup takes the log along."""
    monkeypatch.setattr(getpass, "getuser", lambda: "op")
    kept = SimpleNamespace(title="三月材料", number=1, folder="", document=lambda _: b"")
    monkeypatch.setattr(cli_brief, "issued", lambda *_: kept)
    headers = [*HEADERS, "身份证号"]
    file = csv_file(tmp_path / "三月.csv", headers, [["Q1", "2021-03-05", "来信", "11010519491231002X"]])
    store, other, saved = tmp_path / "store", tmp_path / "other", tmp_path / "saved.zip"
    assert run("import", file, "--data", store).code == 0
    code = code_of("11010519491231002X", petitioner_secret(store))
    for words in (
        ("erase", "--code", code, "--yes", "--data", store),
        ("rotate", "--yes", "--data", store),
        ("brief", "--month", "2021-03", "--out", tmp_path / "out", "--data", store),
        ("backup", saved, "--data", store),
        ("backup", tmp_path / "again.zip", "--data", store),
        ("restore", tmp_path / "again.zip", "--data", other),
    ):
        assert run(*words).code == 0, words
    found = [one.deed for one in reversed(Audit(other).newest(99))]
    assert [(deed.action, deed.what.partition(" ")[0]) for deed in found] == [
        ("导入", "三月.csv：新增"),
        ("删除个人信息", "信访人标记"),
        ("更换密钥", ""),
        ("印发材料", "三月材料"),
        ("备份", f"{saved}"),
        ("恢复", f"{tmp_path / 'again.zip'}"),
    ]
    assert {deed.who for deed in found} == {"命令行 op"}
    assert code not in f"{found}"


def test_check_follows_the_log_and_holds_it_against_a_note(run: Petition, tmp_path: Path) -> None:
    file = csv_file(tmp_path / "三月.csv", HEADERS, [["Q1", "2021-03-05", "来信"]])
    for _ in range(3):
        run("import", file, "--data", tmp_path / "store")
    log = Audit(tmp_path / "store")
    noted = log.chain().noted
    told = run("check", "--data", log.folder)
    assert told.code == 0 and f"审计日志共 3 条，完好；末条校验码 {noted[2:]}（抄下 {noted}）" in told.out
    assert run("check", "--audit", noted, "--data", log.folder).code == 0
    for wrong in (noted[:-1], noted.replace("3:", "三:"), f"{noted}g", "3:", ":"):
        assert run("check", "--audit", wrong, "--data", log.folder).code == 2
    other = noted[:-1] + ("0" if noted[-1] != "0" else "1")
    for wrong, at in ((other, 3), (noted.replace("3:", "4:"), 4), (noted.replace("3:", "2:"), 2)):
        told = run("check", "--audit", wrong, "--data", log.folder)
        assert told.code == 1 and f"审计日志第 {at} 条起与校验码不符" in told.err
    audit._WRITERS.close(log.ledger)
    with closing(sqlite3.connect(log.ledger.path)) as connection, connection:
        connection.execute("DROP TRIGGER no_delete")
        connection.execute("DELETE FROM deeds WHERE number = 3")
    assert run("check", "--data", log.folder).code == 0
    told = run("check", "--audit", noted, "--data", log.folder)
    assert told.code == 1 and "第 3 条起" in told.err

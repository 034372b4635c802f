"""`petition signals` and the page 是否异常: one answer, reproducible from the numbers that it gives."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from analytics.catalogue import METRICS
from analytics.cli import main
from analytics.engine import Engine
from analytics.insight.judgement import judged
from analytics.insight.sentences import among, sentences
from analytics.insight.verdict import RULES, VERDICTS, Judgement
from analytics.model import Period
from analytics.settings import load_site
from analytics.site import Refusal
from tests import screens
from tests.results import result

NOVEMBER = Period.month("2021-11")


@dataclass(frozen=True)
class Command:
    """`petition signals` in this process, over the demo data."""

    monkeypatch: pytest.MonkeyPatch
    capsys: pytest.CaptureFixture[str]

    def run(self, *words: str) -> tuple[int, str, str]:
        """Exit code, what was printed, what was told beside it."""
        self.monkeypatch.setattr(sys, "argv", ["petition", "signals", *words])
        self.capsys.readouterr()
        try:
            main()
            code = 0
        except SystemExit as end:
            code = int(str(end.code or 0))
        return code, *self.capsys.readouterr()

    def answer(self, *words: str) -> dict[str, Any]:
        code, printed, told = self.run(*words, "--format", "json")
        assert code == 0, told
        return json.loads(printed)  # type: ignore[no-any-return]

    def refused(self, *words: str) -> tuple[int, str]:
        code, _, told = self.run(*words)
        return code, told


@pytest.fixture
def signals(demo: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    monkeypatch.delenv("PETITION_SITE", raising=False)
    monkeypatch.setenv("PETITION_DATA", str(demo))
    return Command(monkeypatch, capsys)


def test_the_answer_has_its_shape(signals: Command) -> None:
    found = signals.answer("petitions", "--by", "township", "--month", "2021-11")
    assert (found["metric"], found["from"], found["to"], found["history"]) == (
        "petitions",
        "2021-11-01",
        "2021-11-30",
        24,
    )
    assert found["versions"]["petitions"] >= 1
    assert len(found["rows"]) >= 20
    wanted = {"township", "value", "expected", "lower", "upper", "judgement", "word", "rule", "told"}
    assert all(set(row) == wanted for row in found["rows"])
    assert {row["judgement"] for row in found["rows"]} <= set(VERDICTS)


@pytest.mark.parametrize("metric", ["petitions", "repeat_rate", "open", "median_days"])
def test_every_word_follows_from_its_own_row(signals: Command, metric: str) -> None:
    for words in ((), ("--by", "township"), ("--by", "channel")):
        for row in signals.answer(metric, *words, "--month", "2021-03")["rows"]:
            instrument, _, decided = row["rule"].partition(".")
            assert instrument in RULES
            if row["expected"] is None:
                assert (row["judgement"], row["lower"], row["upper"]) == ("small", None, None)
                continue
            side = (row["value"] > row["upper"]) - (row["value"] < row["lower"])
            assert (decided == "limits") == bool(side) or instrument == "size", row
            if decided == "limits":
                assert row["judgement"] == ("up" if side > 0 else "down")
            if row["judgement"] == "normal":
                assert not decided
            if decided:
                assert row["word"] in row["told"]


def test_what_cannot_be_asked(signals: Command) -> None:
    code, told = signals.refused("petition", "--month", "2021-11")
    assert (code, "petitions" in told) == (2, True)
    code, told = signals.refused("petitions", "--by", "batch", "--month", "2021-11")
    assert (code, "信访总量" in told) == (1, True)
    assert signals.refused("petitions", "--by", "month", "--month", "2021-11")[0] == 1
    assert signals.refused("petitions", "--by", "nothing", "--month", "2021-11")[0] == 2
    assert signals.refused("petitions", "--month", "2021-13")[0] == 2
    assert signals.refused("petitions")[0] == 2


@pytest.mark.parametrize(("months", "code"), [("11", 2), ("12", 0), ("120", 0), ("121", 2)])
def test_history_has_its_bounds(signals: Command, months: str, code: int) -> None:
    assert signals.refused("petitions", "--month", "2021-11", "--history", months)[0] == code


def test_a_shorter_history_rests_on_fewer_months(signals: Command) -> None:
    year, two = (
        signals.answer("petitions", "--month", "2021-11", "--history", months)["rows"][0]["expected"]
        for months in ("12", "24")
    )
    assert year == pytest.approx(2354 / 12, abs=2)
    assert year != two


@pytest.mark.parametrize("month", ["2018-05", "2022-06"])
def test_a_month_without_data_is_not_judged(signals: Command, month: str) -> None:
    (row,) = signals.answer("petitions", "--month", month)["rows"]
    assert (row["judgement"], row["expected"]) == ("small", None)
    assert row["word"] in (RULES["empty"], RULES["history"])


def test_the_table_says_the_same_in_words(signals: Command) -> None:
    (row,) = signals.answer("petitions", "--month", "2021-11")["rows"]
    _, shown, _ = signals.run("petitions", "--month", "2021-11")
    assert row["word"] in shown
    assert str(row["value"]) in shown
    assert "一个月增加一半" in shown


def test_months_are_not_judged_together(demo_engine: Engine) -> None:
    with pytest.raises(Refusal, match="月份"):
        judged(demo_engine, demo_engine.ask(("petitions",), ("month",), NOVEMBER))


# --- the page ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("metric", ["信访总量", "重复信访率", "在办"])
def test_the_page_says_what_the_command_says(signals: Command, metric: str) -> None:
    app = screens.opened()
    app.query_params["period"] = "2021-11"
    app.session_state["of"] = metric
    text = screens.shown(app, "signals")
    name = next(m.name for m in METRICS.values() if m.label == metric)
    (one,) = signals.answer(name, "--month", "2021-11")["rows"]
    assert one["word"] in text
    rows = signals.answer(name, "--by", "township", "--month", "2021-11")["rows"]
    named = [row for row in rows if row["township"] not in ("未填", "未识别")]
    assert f"镇街共{len(named)}个" in text
    for row in named:
        if row["judgement"] not in ("normal", "small"):
            assert row["township"] in text


def test_a_dimension_that_a_metric_lacks_is_refused_on_the_page(signals: Command) -> None:
    app = screens.opened()
    app.session_state["across"] = "批次"
    assert "批次" in screens.shown(app, "signals")
    assert [box.value for box in app.warning]


# --- sentences --------------------------------------------------------------------------------------

ITEMS = METRICS["petitions"]


def said(verdict: str, value: int, told: str = "", rule: str = "exact.limits") -> Judgement:
    return Judgement(verdict, value, rule, 15.0, 5.0, 26.0, told)  # type: ignore[arg-type]


def test_a_number_with_its_comparison_and_its_judgement() -> None:
    found = result("petitions", "", {"x": 171}, {"x": 186})
    assert found.base
    found = replace(found, cells={(): found.cells[("x",)]}, base={(): found.base[("x",)]})
    normal = Judgement("normal", 171, "xmr", 190.0, 70.0, 310.1)
    (first,) = sentences(NOVEMBER, [found], normal)
    assert first == "2021年11月信访总量171件，同比下降8.1%，处于正常波动（正常范围70–310.1）。"
    high = Judgement("high", 171, "xmr.run", 150.0, 70.0, 230.0, "已连续 7 个月高于均值")
    assert sentences(NOVEMBER, [found], high)[0].endswith(
        "持续偏高（正常范围70–230，已连续 7 个月高于均值）。"
    )
    assert sentences(NOVEMBER, [found], Judgement("small", 3, "history"))[0].endswith(
        "，可比的历史不足 12 个月。"
    )
    assert sentences(NOVEMBER, [found], Judgement("small", 3, "size"))[0].endswith("，样本小，不作判断。")


def test_rows_that_stand_out_are_named_and_the_others_counted() -> None:
    rows = {("水口镇",): said("up", 30), ("未填",): said("up", 99), ("叶塘镇",): said("normal", 15)}
    rows |= {("甲镇",): said("small", 1, rule="size"), ("乙镇",): said("low", 4, "近 6 个月合计 20")}
    assert among(ITEMS, rows, "township") == (
        "镇街共4个，水口镇（30件，正常范围5–26）显著上升；"
        "乙镇（4件，正常范围5–26，近 6 个月合计 20）持续偏低；"
        "其余2个未见异常（其中1个样本小或历史不足，不作判断）。"
    )
    many = {(f"{at}镇",): said("up", 30 + at) for at in range(5)}
    assert among(ITEMS, many, "township") == (
        "镇街共5个，4镇（34件，正常范围5–26）、3镇（33件，正常范围5–26）、2镇（32件，正常范围5–26）"
        "等5个显著上升。"
    )
    assert among(ITEMS, {("甲镇",): said("normal", 9)}, "township") == "镇街共1个，都未见异常。"


def test_at_most_two_and_no_cause(demo_engine: Engine) -> None:
    site = load_site(Path("site.toml"))
    assert len(site.townships) == 20
    asked = demo_engine.ask(("petitions",), ("township",), NOVEMBER)
    rows = {key: one for (_, key), one in judged(demo_engine, asked).items()}
    whole = demo_engine.ask(("petitions",), (), NOVEMBER, compare="year_ago")
    made = sentences(NOVEMBER, [whole], judged(demo_engine, whole)["petitions", ()], rows)
    assert len(made) == 2
    assert not any(word in text for text in made for word in ("因为", "由于", "导致", "原因"))

"""The page 预警 without a browser: what it says of what there is, and what a person says of a warning."""

from __future__ import annotations

import shutil
from dataclasses import asdict
from datetime import date, timedelta
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from analytics.app.marking import mark_in_words
from analytics.engine import Engine, open_engine
from analytics.insight.warning.alert import RULES, Alert
from analytics.insight.warning.board import board, sentences
from analytics.insight.warning.marks import (
    HEADERS,
    KIND,
    MORE,
    Precision,
    journal_of,
    lines,
    precision,
    said,
    say,
)
from analytics.journal import NAME, Entry, Journal
from analytics.model import Period, Selection
from analytics.site import Refusal
from tests import screens
from tests.bureau import Bureau, item

APRIL = Selection(Period.month("2021-04"))
LONG = "很长很长很长很长很长很长的名字的经济技术开发区管理委员会"


@pytest.fixture
def bureau(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bureau:
    """An empty store, which the app then shows."""
    monkeypatch.setenv("PETITION_DATA", str(tmp_path / "store"))
    return Bureau(tmp_path / "store")


@pytest.fixture
def own_demo(demo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the demo that may be marked, which the app then shows."""
    data = Path(shutil.copytree(demo, tmp_path / "own demo"))
    monkeypatch.setenv("PETITION_DATA", str(data))
    return data


def warned(engine: Engine, selection: Selection = APRIL) -> tuple[Alert, ...]:
    made = board(engine, selection, engine.versions())
    assert made
    return made.alerts


# --- what it says ------------------------------------------------------------------------------------------


def test_the_demo_s_april_says_what_both_rules_say_and_where_it_gathers(
    demo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PETITION_DATA", str(demo))
    app = screens.opened()
    app.sidebar.selectbox(key="period").set_value("2021-04").run()
    told = screens.shown(app, "warnings")
    assert "2021年4月 预警" in told
    assert "其中统计上也显著" in told
    assert "最近4周水口镇“土地征收”" in told
    assert "两者都报 2 · 方向相反 0 · 只有统计 0" in told
    assert "同比或环比超过 10% 为异常，超过 20% 为告警" in told.replace("\\\\", "")
    assert "到“待办”看是哪些" in told
    assert "还没有人标记过" in told
    assert not (demo / NAME).exists()


def test_every_warning_of_the_demo_has_an_identity_of_its_own(demo_engine: Engine) -> None:
    alerts = warned(demo_engine)
    assert len({alert.identity for alert in alerts}) == len(alerts) > 40
    assert {alert.rule for alert in alerts} == set(RULES)


@pytest.mark.parametrize("month", ["2019-01", "2020-06", "2021-04", "2021-10", "2021-12"])
def test_at_most_two_sentences_that_claim_no_cause(demo_engine: Engine, month: str) -> None:
    made = board(demo_engine, Selection(Period.month(month)), demo_engine.versions())
    assert made
    told = sentences(made)
    assert 1 <= len(told) <= 2
    assert not any(word in text for text in told for word in ("因为", "由于", "导致", "原因"))
    assert all(text.endswith("。") for text in told)


def test_without_data_it_says_which_file_is_missing(bureau: Bureau) -> None:
    assert "尚未导入信访事项" in screens.shown(screens.opened(), "warnings")
    bureau.bring("activities", {"activity_id": "1", "held_on": "2021-03-05", "kind": "训诫"})
    told = screens.shown(screens.opened(), "warnings")
    assert "尚未导入信访事项" in told
    assert "两种办法对照" not in told


def test_a_tiny_store_judges_nothing_and_says_so(bureau: Bureau) -> None:
    bureau.bring("petitions", item(1, "2021-03-05", township="宁中镇"))
    told = screens.shown(screens.opened(), "warnings")
    assert "省里的办法报0项，统计上都没有超出正常波动（样本小的判断不了）" in told
    assert "此前的数据不足 12 周" in told
    assert "没有集体访" in told


def test_a_month_without_data_says_so(bureau: Bureau) -> None:
    bureau.bring("petitions", item(1, "2021-03-05"))
    bureau.bring("backlog", {"case_id": "1", "batch": "第一批", "assigned_on": "2021-06-05"})
    app = screens.opened()
    app.sidebar.selectbox(key="period").set_value("2021-06").run()
    assert "所选期间没有数据" in screens.shown(app, "warnings")


def test_long_names_with_marks_in_them_are_shown_as_they_are(bureau: Bureau) -> None:
    places = [f"{LONG}{n}*_[x]" for n in range(3)]
    days = [date(2021, 3, 31) - timedelta(days=9 * n) for n in range(60)]
    bureau.bring(
        "petitions",
        *(
            item(f"{n}", f"{day}", category_1=LONG, category_2=places[n % 3], township="宁中镇")
            for n, day in enumerate(days)
        ),
        *(
            item(
                f"x{n}",
                "2021-03-30",
                category_1=LONG,
                category_2="新*冒_出",
                township="宁中镇",
                channel="visit",
                persons=9,
                responsible_unit=LONG,
            )
            for n in range(12)
        ),
    )
    app = screens.opened()
    told = screens.shown(app, "warnings")
    assert "宁中镇“新*冒_出”12件，此前折算为0.0件（此前没有）" in told
    assert "集体访与越级走访" in told
    assert "新\\\\*冒\\\\_出" in screens.shown(app, "overview")


def test_the_overview_links_to_at_most_two_warnings(demo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PETITION_DATA", str(demo))
    app = screens.opened()
    app.sidebar.selectbox(key="period").set_value("2021-04").run()
    told = screens.said(app)
    assert "近4周水口镇“土地征收”" in told
    assert told.count('page: "warnings"') == 2


# --- what a person says of it -------------------------------------------------------------------------------


def acting(mark: str, note: str = "") -> AppTest:
    """A page with the first warning of April chosen; the note written, the button clicked."""

    def script() -> None:
        from analytics.app import desk, marking
        from analytics.app.alertlog import AlertLog
        from analytics.insight.warning.board import board
        from analytics.model import Period, Selection

        engine = desk.engine()
        view = desk.View(engine, Selection(Period.month("2021-04")))
        made = board(engine, view.selection, view.versions)
        one = made.changes[0]
        marking.act(view, "change", one.metric.name, one.period, one.members, one.told, one.alerts(made.kept))
        AlertLog().draw(view)

    app = AppTest.from_function(script, default_timeout=120).run()
    app.text_input[0].set_value(note)
    next(button for button in app.button if button.label == mark).click().run()
    assert not app.exception
    return app


def test_a_mark_is_kept_with_what_it_was_made_on(own_demo: Path) -> None:
    app = acting("已核实", "已到场，电话13800000000")
    assert app.text_input[0].value == ""
    told = screens.said(app)
    assert "省里的办法：已标记1条，已核实1条（不足10条，不算比例）" in told
    engine = open_engine(own_demo)
    entries = journal_of(engine).entries(KIND)
    assert [(e.said, e.note, e.facts["rule"]) for e in entries] == [
        ("confirmed", "已到场，电话［电话］", "provincial"),
        ("confirmed", "已到场，电话［电话］", "statistical"),
    ]
    facts = entries[0].facts
    assert (facts["from"], facts["to"]) == ("2021-04-01", "2021-04-30")
    assert facts["numbers"]["本期"] == 32  # type: ignore[index]
    assert facts["thresholds"] == asdict(engine.site.warnings) | {"small_base": 10}
    assert facts["versions"] == engine.versions()
    acting("撤回标记")
    assert said(journal_of(engine).entries(KIND)) == {}
    assert len(journal_of(engine).entries(KIND)) == 4


@pytest.mark.parametrize("broken", [False, True])
def test_the_journal_is_read_once_a_run(
    own_demo: Path, monkeypatch: pytest.MonkeyPatch, broken: bool
) -> None:
    engine = open_engine(own_demo)
    say(engine, engine.versions(), warned(engine)[:3], "confirmed")
    read: list[str] = []
    entries = Journal.entries

    def counted(journal: Journal, kind: str) -> list[Entry]:
        read.append(kind)
        if broken:
            raise Refusal("标记记录读不了")
        return entries(journal, kind)

    monkeypatch.setattr(Journal, "entries", counted)
    app = screens.opened()
    app.sidebar.selectbox(key="period").set_value("2021-04").run()
    read.clear()
    told = screens.shown(app, "warnings")
    assert ("标记记录读不了" in told) == broken
    assert ("已标记" in told) != broken
    assert read == [KIND]
    app.run()
    assert read == [KIND, KIND]


def test_a_journal_that_cannot_be_written_is_told_and_the_page_works(own_demo: Path) -> None:
    (own_demo / NAME).mkdir()
    told = screens.said(acting("误报"))
    assert "没有保存" in told or "读不了" in told
    app = screens.opened()
    told = screens.shown(app, "warnings")
    assert f"{NAME}" in told.replace("\\\\", "")
    assert "两种办法对照" in told


def test_precision_is_of_what_holds(own_demo: Path) -> None:
    engine = open_engine(own_demo)
    versions, alerts = engine.versions(), warned(engine)
    provincial = [a for a in alerts if a.rule == "provincial"][:12]
    matters = [a for a in alerts if a.rule == "matter"][:1]
    say(engine, versions, provincial, "false_alarm")
    say(engine, versions, [*provincial[:3], *matters], "confirmed", "=1+1")
    say(engine, versions, provincial[11:], "withdrawn")
    entries = journal_of(engine).entries(KIND)
    assert precision(entries) == [Precision("provincial", 3, 11), Precision("matter", 1, 1)]
    assert precision(entries)[0].words(10) == "省里的办法：已标记11条，已核实3条，占27.3%"
    held = said(entries)
    assert mark_in_words(held, provincial[2:4]) == "已核实、误报"
    assert mark_in_words(held, provincial[11:]) == ""
    table = lines(entries)
    assert {len(line) for line in table} == {len(HEADERS) + len(MORE)}
    assert table[0][3] == "撤回标记"
    assert table[1][4] == "=1+1"
    assert "告警=0.2" in str(table[0][8])
    assert "信访事项=" in str(table[0][9])

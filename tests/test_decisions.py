"""交办事项: nothing that two clerks type at once is lost, and each meeting hears what became of the last."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from analytics.briefs.decisions import (
    LONGEST_WHAT,
    Decision,
    carried,
    change,
    decide,
    decisions,
    history,
    months,
    state_in_words,
    told,
)
from analytics.citing import plain_text
from analytics.engine import Engine
from analytics.model import Scope
from analytics.site import ROOT, Refusal, today
from analytics.store import MANIFEST
from tests.bureau import SITE, Bureau, item

DUE = date(2021, 12, 5)


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    bureau = Bureau(tmp_path / "store")
    bureau.bring("petitions", item(1, "2021-11-01"))
    return bureau.engine


def decided(engine: Engine, what: str = "摸清欠薪底数", month: str = "2021-11", **more: object) -> Decision:
    usual: dict[str, object] = {"chapter": "topics", "who": "市人社局", "due": DUE}
    return decide(engine, month, what=what, **usual | more)  # type: ignore[arg-type]


def again(engine: Engine) -> Engine:
    """After a restart."""
    return Engine(type(engine.store)(engine.store.path), SITE)


# --- what is decided stays -------------------------------------------------------------------------------


def test_a_decision_is_read_back_after_a_restart(engine: Engine) -> None:
    made = decided(engine)
    assert (made.state, made.edits, made.due, made.who) == ("open", 0, DUE, "市人社局")
    assert decisions(again(engine)) == (made,)
    assert decisions(engine, "2021-10") == ()
    assert months(engine) == ("2021-11",)


def test_each_change_is_kept(engine: Engine) -> None:
    made = decided(engine)
    later = change(engine, replace(made, due=date(2021, 12, 31))).decision
    done = change(engine, replace(later, state="done", done_on=date(2021, 12, 10))).decision
    assert [(d.state, d.due, d.edits) for d in history(engine, made.identity)] == [
        ("open", DUE, 0),
        ("open", date(2021, 12, 31), 1),
        ("done", date(2021, 12, 31), 2),
    ]
    assert decisions(again(engine)) == (done,)
    reopened = change(engine, replace(done, state="open")).decision
    assert (reopened.state, reopened.done_on) == ("open", None)


def test_finished_without_a_day_is_finished_today(engine: Engine) -> None:
    assert change(engine, replace(decided(engine), state="done")).decision.done_on == today()


def test_decisions_of_another_store_do_not_come_back(engine: Engine) -> None:
    decided(engine)
    engine.store.adopt(json.loads((engine.store.path / MANIFEST).read_text()) | {"id": "another"})
    assert decisions(again(engine)) == ()
    mine = decided(again(engine), "另一件")
    assert decisions(again(engine)) == (mine,)


def test_a_looker_of_one_township_sees_none(engine: Engine) -> None:
    decided(engine)
    scope = Scope("宁中镇")
    own = engine.seen_by(scope)
    assert decisions(own) == months(own) == carried(own, "2021-12") == ()


# --- what is typed ---------------------------------------------------------------------------------------


def test_texts_hold_no_personal_data_and_no_control_characters(engine: Engine) -> None:
    made = decided(engine, "联系张某某\x07 13800000000，\n住人民路12号\u202e", who="王某 0753-3333333")
    assert made.what == "联系张某某 ［电话］， ［地址］"
    assert made.who == "王某 ［电话］"
    changed = change(engine, replace(made, note="证件441481199001011234")).decision
    assert changed.note == "证件［证件号］"
    stored = b"".join(file.read_bytes() for file in engine.store.path.glob("journal*"))
    for digits in (b"13800000000", b"3333333", b"441481199001011234"):
        assert digits not in stored


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"what": " \n\u200b "}, "事项没有填写"),
        ({"who": ""}, "责任单位或责任人没有填写"),
        ({"what": "长" * (LONGEST_WHAT + 1)}, "最多500个字"),
        ({"who": "长" * 101}, "最多100个字"),
        ({"due": date(2021, 10, 31)}, "早于会议所在月份"),
        ({"month": "2021-13"}, "不是 YYYY-MM"),
        ({"chapter": ""}, "议题没有填写"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_stored(
    engine: Engine, more: dict[str, object], words: str
) -> None:
    with pytest.raises(Refusal, match=words):
        decided(engine, **more)  # type: ignore[arg-type]
    assert decisions(engine) == ()


@pytest.mark.parametrize("day", [date(2021, 10, 31), today() + timedelta(days=1)])
def test_finished_before_the_meeting_or_in_the_future_is_refused(engine: Engine, day: date) -> None:
    made = decided(engine)
    with pytest.raises(Refusal, match="完成日期"):
        change(engine, replace(made, state="done", done_on=day))
    assert decisions(engine) == (made,)


def test_a_decision_that_is_not_there_cannot_be_changed(engine: Engine) -> None:
    made = decided(engine)
    for unknown in (replace(made, identity="0000"), replace(made, edits=5)):
        with pytest.raises(Refusal, match="找不到这条交办事项"):
            change(engine, unknown)
    assert decisions(engine) == (made,)


# --- two clerks at once ----------------------------------------------------------------------------------


def test_two_who_change_different_fields_keep_both(engine: Engine) -> None:
    seen = decided(engine)
    change(engine, replace(seen, due=date(2021, 12, 31)))
    second = change(engine, replace(seen, state="done", done_on=date(2021, 12, 10)))
    assert (second.decision.due, second.decision.state) == (date(2021, 12, 31), "done")
    assert "他人已改期限“2021-12-31”，与您的修改一并保留" in second.notice
    assert decisions(engine) == (second.decision,)


def test_who_writes_over_what_they_had_not_seen_is_told(engine: Engine) -> None:
    seen = decided(engine)
    first = change(engine, replace(seen, who="市住建局", note="已部署"))
    second = change(engine, replace(seen, who="市信访局"))
    assert first.notice == ""
    assert second.decision.who == "市信访局"
    assert "他人已改为责任“市住建局”，现以您的为准" in second.notice
    assert "办理情况“已部署”" in second.notice
    assert [d.who for d in history(engine, seen.identity)] == ["市人社局", "市住建局", "市信访局"]
    assert change(engine, replace(second.decision, who="市教育局")).notice == ""


def test_the_same_change_by_both_is_no_conflict(engine: Engine) -> None:
    seen = decided(engine)
    change(engine, replace(seen, state="done", done_on=DUE))
    assert change(engine, replace(seen, state="done", done_on=DUE)).notice == ""


def test_reopened_by_one_while_another_mends_its_day(engine: Engine) -> None:
    done = change(engine, replace(decided(engine), state="done", done_on=DUE)).decision
    change(engine, replace(done, state="open"))
    mended = change(engine, replace(done, done_on=date(2021, 12, 6))).decision
    assert (mended.state, mended.done_on) == ("open", None)


WRITE = """
import sys
from pathlib import Path
from dataclasses import replace
from analytics.briefs.decisions import change, decide, decisions
from analytics.engine import Engine
from analytics.store import Store
from tests.bureau import SITE
engine = Engine(Store(Path(sys.argv[1])), SITE)
shared = decisions(engine)[0]
for number in range(15):
    decide(engine, "2021-11", "topics", f"{sys.argv[2]}{number}", "市人社局")
    if number % 10 == 0:
        change(engine, replace(shared, note=f"{sys.argv[2]}{number}"))
"""


def test_two_processes_at_once_lose_nothing(engine: Engine) -> None:
    shared = decided(engine)
    commands = [[sys.executable, "-c", WRITE, str(engine.store.path), name] for name in "甲乙"]
    writers = [subprocess.Popen(command, cwd=ROOT) for command in commands]
    assert [writer.wait(120) for writer in writers] == [0, 0]
    found = {d.what for d in decisions(engine)} - {shared.what}
    assert found == {f"{name}{number}" for name in "甲乙" for number in range(15)}
    notes = {d.note for d in history(engine, shared.identity)} - {""}
    assert notes == {f"{name}{number}" for name in "甲乙" for number in range(0, 15, 10)}


# --- at the next meeting ---------------------------------------------------------------------------------


def stands() -> Iterator[tuple[dict[str, object], str, bool]]:
    """A decision of November with what became of it; how it stands on 10 December; heard again then."""
    yield {}, "未完成，已超期5天", True
    yield {"due": date(2021, 12, 10)}, "未完成，未到期限", True
    yield {"due": None}, "未完成，未定期限", True
    yield {"state": "done", "done_on": date(2021, 12, 1)}, "已完成（2021年12月1日）", True
    yield {"state": "done", "done_on": date(2021, 12, 6)}, "已完成（2021年12月6日，超过期限）", True
    yield {"state": "done", "done_on": date(2021, 11, 30)}, "已完成（2021年11月30日）", False
    yield {"state": "withdrawn"}, "已撤销", False


@pytest.mark.parametrize(("became", "words", "heard"), list(stands()))
def test_how_it_stands_and_whether_it_is_heard_again(
    engine: Engine, became: dict[str, object], words: str, heard: bool
) -> None:
    one = change(engine, replace(decided(engine), **became)).decision  # type: ignore[arg-type]
    assert state_in_words(one, date(2021, 12, 10)) == words
    assert carried(engine, "2021-12") == ((one,) if heard else ())
    assert carried(engine, "2021-11") == ()


def test_a_decision_as_a_paragraph(engine: Engine) -> None:
    made = decided(engine, "摸清欠薪底数。")
    assert plain_text(told(made, date(2021, 12, 10))) == (
        "〔2021年11月会议〕摸清欠薪底数；责任：市人社局；期限：2021年12月5日；状态：未完成，已超期5天。"
    )

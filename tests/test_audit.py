"""The audit log: added to by many at once, never changed unseen, and nothing in it that it must not hold."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from analytics import audit
from analytics.audit import LONGEST, NAME, START, Audit, Deed
from analytics.ingest.identity import mark_of
from analytics.ledger import WAIT_SECONDS
from analytics.masking import masked
from analytics.site import ROOT, Refusal
from tests.test_full_disk import read_only

MANY = 6


@pytest.fixture
def log(tmp_path: Path) -> Audit:
    """Six entries."""
    made = Audit(tmp_path / "data")
    for number in range(MANY):
        made.note(Deed(f"某甲{number % 2}", "导出" if number % 3 else "导入", f"表{number}", rows=number))
    return made


def rewritten(log: Audit, *statements: str) -> None:
    """As somebody who may write to the file changes it: the triggers do not stop who takes them away."""
    audit._WRITERS.close(log.ledger)
    with closing(sqlite3.connect(log.ledger.path)) as connection, connection:
        for statement in ("DROP TRIGGER no_update", "DROP TRIGGER no_delete", *statements):
            connection.execute(statement)


# --- the chain ---------------------------------------------------------------------------------------------


def test_what_was_noted_is_read_back_newest_first(log: Audit) -> None:
    found = log.newest(99)
    assert [one.number for one in found] == list(range(MANY, 0, -1))
    assert found[0].deed == Deed("某甲1", "导出", "表5", rows=5)
    assert [one.deed.what for one in log.newest(2, who="某甲0")] == ["表4", "表2"]
    assert [one.deed.what for one in log.newest(9, action="导入")] == ["表3", "表0"]
    today = found[0].when.date()
    assert len(log.newest(99, first=today, last=today)) == MANY
    assert log.newest(99, last=date(2020, 1, 1)) == []
    assert log.people() == ["某甲0", "某甲1"]


def test_a_long_log_is_turned_page_by_page(log: Audit) -> None:
    pages = [log.newest(2), log.newest(2, before=5), log.newest(2, before=3), log.newest(2, before=1)]
    assert [[one.number for one in page] for page in pages] == [[6, 5], [4, 3], [2, 1], []]
    assert [one.number for one in log.newest(9, who="某甲1", before=5)] == [4, 2]


def test_an_untouched_log_is_whole(log: Audit) -> None:
    chain = log.chain()
    assert (chain.number, chain.broken, (chain.number, chain.code)) == (MANY, None, log.last())
    assert log.chain(log.last()).broken is None
    assert audit.broken(chain) == []
    assert Audit(log.folder / "none").chain().code == START


def test_the_database_itself_refuses_to_change_or_delete(log: Audit) -> None:
    with closing(sqlite3.connect(log.ledger.path)) as connection:
        for statement in (
            "UPDATE deeds SET text = '{}'",
            "DELETE FROM deeds WHERE number = 1",
            "INSERT OR REPLACE INTO deeds VALUES (3, '{}', 'a')",
            "REPLACE INTO deeds VALUES (6, '{}', 'a')",
            "INSERT INTO deeds VALUES (9, '{}', 'a')",
            "INSERT INTO deeds (text, code) VALUES ('{}', 'a')",
        ):
            with pytest.raises(sqlite3.IntegrityError, match="append only"):
                connection.execute(statement)


SWAP = ((2, 99), (5, 2), (99, 5))
FORGED = '\'{"action": "导出", "when": "2026-01-01T00:00:00", "who": "某乙"}\''


@pytest.mark.parametrize(
    ("statement", "broken"),
    [
        (f"UPDATE deeds SET text = {FORGED} WHERE number = 3", 3),
        ("UPDATE deeds SET text = replace(text, '某甲0', '某乙') WHERE number = 1", 1),
        ("UPDATE deeds SET code = replace(code, substr(code, 1, 1), 'g') WHERE number = 6", 6),
        ("DELETE FROM deeds WHERE number = 2", 2),
        ("DELETE FROM deeds WHERE number = 1", 1),
        ("UPDATE deeds SET number = 7 WHERE number = 4", 4),
        (f"INSERT INTO deeds VALUES (7, {FORGED}, '{'a' * 64}')", 7),
        ("; ".join(f"UPDATE deeds SET number = {to} WHERE number = {of}" for of, to in SWAP), 2),
    ],
)
def test_every_change_breaks_the_chain_where_it_was_made(log: Audit, statement: str, broken: int) -> None:
    rewritten(log, *statement.split("; "))
    chain = log.chain()
    assert chain.broken == broken
    (told,) = audit.broken(chain)
    assert f"第 {broken} 条" in told


def test_cut_short_or_written_anew_shows_against_what_was_noted_down(log: Audit) -> None:
    """The chain alone is whole in both cases: that is what the note is for."""
    number, code = log.last()
    rewritten(log, "DELETE FROM deeds WHERE number > 4")
    assert log.chain().broken is None
    assert log.chain((number, code)).broken == 5
    audit._WRITERS.close(log.ledger)
    log.ledger.path.unlink()
    for count in range(MANY):
        log.note(Deed("某乙", "导出", f"{count}"))
    assert log.chain().broken is None
    assert log.chain((number, code[:16])).broken == number


NOT_READABLE = (
    "'not json'",
    "'{}'",
    "'[1]'",
    "x'ff00'",
    "CAST(x'fffe' AS TEXT)",
    "'" + "[" * 100_000 + "'",
    """'{"action": "导出", "when": "昨天", "who": "某乙"}'""",
    """'{"action": "导出", "when": "2026-01-01T00:00:00", "who": "某乙", "more": 1}'""",
    """'{"action": "导出", "when": "2026-01-01T00:00:00", "who": ["某乙"]}'""",
)


@pytest.mark.parametrize("text", NOT_READABLE)
def test_an_entry_made_unreadable_hides_no_other(log: Audit, text: str) -> None:
    """The auditor's page must open just then."""
    rewritten(log, f"UPDATE deeds SET text = {text} WHERE number = 3")
    assert log.chain().broken == 3
    lines = [audit.line(one) for one in log.newest(9)]
    assert [line[0] for line in lines] == [6, 5, 4, 3, 2, 1]
    assert "读不出" in str(lines[3][4]) and len(str(lines[3][4])) < LONGEST + 20
    assert {"某甲0", "某甲1"} <= set(log.people())
    assert len(log.newest(9, who="某甲0", action="导出")) >= 1
    log.note(Deed("某甲0", "导出"))
    assert log.chain().broken == 3


def test_a_number_beyond_all_stops_the_log_not_the_program(log: Audit) -> None:
    rewritten(log, f"UPDATE deeds SET number = {2**63 - 1} WHERE number = 6")
    assert log.chain().broken == 6
    with pytest.raises(Refusal, match=NAME):
        log.note(Deed("某甲", "导出"))


WRITE = """
import sys
from pathlib import Path
from analytics.audit import Audit, Deed
log = Audit(Path(sys.argv[1]))
for number in range(int(sys.argv[3])):
    log.note(Deed(sys.argv[2], "导出", str(number)))
"""


def test_many_processes_some_of_them_killed_leave_one_whole_chain(tmp_path: Path) -> None:
    """From the first entry on, which makes the file."""
    commands = [[sys.executable, "-c", WRITE, str(tmp_path), name, "400"] for name in "甲乙丙丁"]
    writers = [subprocess.Popen(command, cwd=ROOT) for command in commands]
    deadline = time.monotonic() + 60
    while Audit(tmp_path).last()[0] < 100 and time.monotonic() < deadline:
        time.sleep(0.02)
    for writer in writers[:2]:
        time.sleep(random.random() / 10)
        os.kill(writer.pid, signal.SIGKILL)
    assert [writer.wait(120) for writer in writers[2:]] == [0, 0]
    log = Audit(tmp_path)
    log.note(Deed("戊", "查看页面"))
    chain = log.chain()
    assert chain.broken is None
    found = log.newest(chain.number)
    for name in "丙丁":
        assert sum(one.deed.who == name for one in found) == 400


def test_another_file_in_its_place_is_written_to(log: Audit, tmp_path: Path) -> None:
    """As after a restore, while the server runs."""
    other = Audit(tmp_path / "other")
    other.note(Deed("某丙", "恢复"))
    audit._WRITERS.close(other.ledger)
    for ending in ("-wal", "-shm"):
        Path(f"{log.ledger.path}{ending}").unlink(missing_ok=True)
    other.ledger.path.replace(log.ledger.path)
    log.note(Deed("某丁", "登录"))
    assert [one.deed.who for one in log.newest(9)] == ["某丁", "某丙"]
    assert log.chain().broken is None


# --- what it holds -----------------------------------------------------------------------------------------


def test_an_entry_is_one_line_without_what_steers_a_terminal(log: Audit) -> None:
    """Nor can it feign another entry."""
    hostile = "a\n2026-01-01 管理员 导出\r\x1b[2J\x1b]0;x\x07\u202e倒\u200b\x00\u2028b" + "长" * 10_000_000
    log.note(Deed(hostile, "导出", hostile, hostile, hostile, 1, hostile, hostile))
    with closing(sqlite3.connect(log.ledger.path)) as connection:
        content = "".join(text for (text,) in connection.execute("SELECT text FROM deeds"))
    kept = log.newest(1)[0].deed
    for text in (kept.who, kept.what, kept.filters, kept.versions, kept.why, kept.place):
        assert text.isprintable() and len(text) <= LONGEST
    assert content.isprintable()
    assert log.chain().broken is None


def test_a_mark_is_never_taken_for_somebody_s_number() -> None:
    marks = {mark_of(f"{number}") for number in range(5_000)}
    assert len(marks) == 5_000
    assert [mark for mark in marks if masked(f"信访人标记 {mark}") != f"信访人标记 {mark}"] == []


def test_nothing_of_a_petitioner_but_a_mark(log: Audit) -> None:
    why = "核实 11010519491231002X 的来访，电话 13800138000，邮箱 a@b.example"
    log.note(Deed("某甲", "按证件查件", "信访人标记 " + "ab" * 8, why=why))
    kept = log.newest(1)[0].deed
    assert kept.what.endswith("ab" * 8)
    for personal in ("11010519491231002X", "13800138000", "a@b.example"):
        assert personal not in kept.why


@pytest.mark.parametrize("account", ["fenxi@xinning.example", "13800138000", "440524198001010013"])
def test_who_it_was_is_told_whole(log: Audit, account: str) -> None:
    """Accounts are e-mail addresses and numbers: masked, everybody would be the same person."""
    log.note(Deed(f"{account}（分析人员）", "导出", place="10.0.0.1 会话 ab"))
    assert log.newest(1, who=f"{account}（分析人员）")[0].deed.place == "10.0.0.1 会话 ab"


# --- where it cannot be ------------------------------------------------------------------------------------


def test_the_file_is_its_owner_s(log: Audit) -> None:
    assert log.ledger.path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    "spoil",
    [
        lambda path: path.write_bytes(b"not a database" * 100),
        lambda path: (path.unlink(), path.mkdir()),
    ],
)
def test_a_log_that_cannot_be_written_is_told(log: Audit, spoil: Callable[[Path], object]) -> None:
    audit._WRITERS.close(log.ledger)
    for ending in ("-wal", "-shm"):
        Path(f"{log.ledger.path}{ending}").unlink(missing_ok=True)
    spoil(log.ledger.path)
    with pytest.raises(Refusal, match=NAME):
        log.note(Deed("某甲", "导出"))


def test_who_waits_for_the_log_waits_no_longer_than_told(log: Audit) -> None:
    """As where somebody has the file open in another program and has not finished."""
    with closing(sqlite3.connect(log.ledger.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        with pytest.raises(Refusal, match="locked"):
            log.note(Deed("某甲", "查看页面"), wait=0.2)
        with audit._WRITERS.turn(1), pytest.raises(Refusal, match="另一处"):
            log.note(Deed("某甲", "查看页面"), wait=0.2)
        assert time.monotonic() - began < WAIT_SECONDS / 2
        other.execute("ROLLBACK")
    log.note(Deed("某甲", "查看页面"), wait=0.2)
    assert log.chain(log.last()).broken is None


def test_a_log_that_may_only_be_read_is_read(log: Audit) -> None:
    audit._WRITERS.close(log.ledger)
    with read_only(log.folder):
        assert (len(log.newest(9)), log.chain().broken) == (MANY, None)
        with pytest.raises(Refusal, match=NAME):
            log.note(Deed("某甲", "导出"))
    log.note(Deed("某甲", "导出"))
    assert log.chain().number == MANY + 1

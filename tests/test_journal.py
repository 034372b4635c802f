"""The journal: what people said is kept whole, by whoever wrote at once, and never with a person's data."""

from __future__ import annotations

import errno
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from analytics.cli import write_demo
from analytics.journal import LONGEST_NOTE, NAME, Journal, latest
from analytics.site import ROOT, Refusal
from tests.bureau import Bureau, item

FACTS = {"told": "宁中镇信访总量32件", "numbers": {"本期": 32}}


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "store", "一库")


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """A directory that may be read and not written, also where the tests run as root."""
    root, nobody = os.geteuid() == 0, 65534
    for part in folder.parents[:4] if root else ():  # pytest keeps its folders to their owner
        part.chmod(part.stat().st_mode | 0o055)
    folder.chmod(0o555)
    if root:
        os.seteuid(nobody)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)
        folder.chmod(0o755)


# --- what is said stays --------------------------------------------------------------------------------


def test_nothing_said_is_no_file(journal: Journal) -> None:
    assert journal.entries("warning") == []
    assert not journal.folder.exists()


def test_what_was_said_is_read_back_in_order(journal: Journal) -> None:
    journal.add("warning", "confirmed", [("a", FACTS), ("b", {})], " 已到场 ")
    journal.add("warning", "withdrawn", [("a", FACTS)])
    said = [(e.subject, e.said, e.note, dict(e.facts)) for e in journal.entries("warning")]
    assert said == [
        ("a", "confirmed", "已到场", FACTS),
        ("b", "confirmed", "已到场", {}),
        ("a", "withdrawn", "", FACTS),
    ]
    assert {subject: e.said for subject, e in latest(journal.entries("warning")).items()} == {
        "a": "withdrawn",
        "b": "confirmed",
    }


def test_kinds_and_stores_are_kept_apart(journal: Journal) -> None:
    journal.add("warning", "confirmed", [("a", FACTS)])
    journal.add("decision", "办", [("a", FACTS)])
    Journal(journal.folder, "另一库").add("warning", "false_alarm", [("a", FACTS)])
    assert [e.said for e in journal.entries("warning")] == ["confirmed"]


def test_a_note_holds_no_personal_data_and_has_an_end(journal: Journal) -> None:
    note = "张某某电话13800000000，证件441481199001011234，住人民路12号。"
    journal.add("warning", "confirmed", [("a", FACTS)], note + "长" * LONGEST_NOTE)
    (entry,) = journal.entries("warning")
    assert "［电话］" in entry.note
    assert "［证件号］" in entry.note
    assert "［地址］" in entry.note
    assert len(entry.note) == LONGEST_NOTE
    for digits in (b"13800000000", b"441481199001011234"):
        assert digits not in b"".join(file.read_bytes() for file in journal.folder.iterdir())


# --- at once ---------------------------------------------------------------------------------------------


WRITE = """
import sys
from pathlib import Path
from analytics.journal import Journal
for number in range(int(sys.argv[3])):
    Journal(Path(sys.argv[1]), "一库").add("warning", "confirmed", [(f"{sys.argv[2]}-{number}", {})])
"""


def test_two_who_write_at_once_lose_nothing(journal: Journal) -> None:
    """From the first entry on, which makes the file."""
    many = 15
    commands = [[sys.executable, "-c", WRITE, str(journal.folder), name, str(many)] for name in "甲乙"]
    writers = [subprocess.Popen(command, cwd=ROOT) for command in commands]
    assert [writer.wait(60) for writer in writers] == [0, 0]
    subjects = [e.subject for e in journal.entries("warning")]
    assert sorted(subjects) == sorted(f"{name}-{number}" for name in "甲乙" for number in range(many))
    assert [f.name for f in journal.folder.iterdir() if "-" not in f.name] == [NAME]


def test_the_file_is_never_put_over_another_s(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    link = os.link

    def late(source: Path, target: Path) -> None:
        monkeypatch.setattr("os.link", link)
        journal.add("warning", "confirmed", [("the other's", FACTS)])
        link(source, target)

    monkeypatch.setattr("os.link", late)
    journal.add("warning", "confirmed", [("mine", FACTS)])
    assert [e.subject for e in journal.entries("warning")] == ["the other's", "mine"]
    assert len([f for f in journal.folder.iterdir() if "-" not in f.name]) == 1


def no_links(source: Path, target: Path) -> None:
    """As on a share that knows no hard links."""
    raise OSError(errno.EOPNOTSUPP, "Operation not supported")


def test_a_share_without_hard_links_keeps_marks_too(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.link", no_links)
    journal.add("warning", "confirmed", [("a", FACTS)])
    journal.add("warning", "withdrawn", [("a", FACTS)])
    assert [e.said for e in journal.entries("warning")] == ["confirmed", "withdrawn"]
    assert [f.name for f in journal.folder.iterdir() if "-" not in f.name] == [NAME]


def test_without_hard_links_another_s_file_is_not_written_over(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = os.link

    def late(source: Path, target: Path) -> None:
        monkeypatch.setattr("os.link", link)
        journal.add("warning", "confirmed", [("the other's", FACTS)])
        no_links(source, target)

    monkeypatch.setattr("os.link", late)
    journal.add("warning", "confirmed", [("mine", FACTS)])
    assert [e.subject for e in journal.entries("warning")] == ["the other's", "mine"]


def test_an_entry_about_several_is_all_or_none(journal: Journal) -> None:
    journal.add("warning", "confirmed", [("a", FACTS)])
    with pytest.raises(TypeError):
        journal.add("warning", "confirmed", [("b", FACTS), ("c", {"不能存": object()})])
    assert [e.subject for e in journal.entries("warning")] == ["a"]


def test_a_writer_waits_for_another(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    journal.add("warning", "confirmed", [("a", FACTS)])
    monkeypatch.setattr("analytics.ledger.WAIT_SECONDS", 0.1)
    with closing(sqlite3.connect(journal.ledger.path)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Refusal, match="没有保存"):
            journal.add("warning", "confirmed", [("b", FACTS)])
        assert len(journal.entries("warning")) == 1  # who reads does not wait
        other.rollback()
    journal.add("warning", "confirmed", [("b", FACTS)])
    assert len(journal.entries("warning")) == 2


# --- where it cannot be ------------------------------------------------------------------------------------


def test_a_directory_that_may_not_be_written_to(journal: Journal) -> None:
    journal.folder.mkdir()
    with read_only(journal.folder), pytest.raises(Refusal, match=r"没有保存.*权限"):
        journal.add("warning", "confirmed", [("a", FACTS)])
    journal.add("warning", "confirmed", [("a", FACTS)])
    journal.ledger.path.chmod(0o644)  # whoever reads here may be somebody else than who wrote
    with read_only(journal.folder):
        assert len(journal.entries("warning")) == 1
        with pytest.raises(Refusal, match="没有保存"):
            journal.add("warning", "confirmed", [("b", FACTS)])


@pytest.mark.parametrize("content", [b"", b"not a database" * 100])
def test_a_file_that_is_no_journal_is_told(journal: Journal, content: bytes) -> None:
    journal.folder.mkdir()
    journal.ledger.path.write_bytes(content)
    with pytest.raises(Refusal, match=f"{NAME}.*(备份|升级)"):
        journal.entries("warning")
    with pytest.raises(Refusal, match=NAME):
        journal.add("warning", "confirmed", [("a", FACTS)])


# --- what does not touch it --------------------------------------------------------------------------------


def test_imports_and_another_demo_leave_it_as_it_is(tmp_path: Path) -> None:
    bureau = Bureau(tmp_path / "store")
    bureau.bring("petitions", item(1, "2021-03-01"))
    said = Journal(bureau.store.path, bureau.store.identity)
    said.add("warning", "confirmed", [("a", FACTS)])
    bureau.bring("petitions", item(1, "2021-03-02"), item(2, "2021-03-02"))
    assert [e.subject for e in Journal(bureau.store.path, bureau.store.identity).entries("warning")] == ["a"]


@pytest.mark.long
def test_a_demo_written_again_leaves_it_as_it_is(tmp_path: Path) -> None:
    write_demo(tmp_path)
    store = Bureau(tmp_path).store
    Journal(tmp_path, store.identity).add("warning", "confirmed", [("a", FACTS)])
    write_demo(tmp_path)
    assert len(Journal(tmp_path, Bureau(tmp_path).store.identity).entries("warning")) == 1

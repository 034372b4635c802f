"""Backup and restore: all of it comes back and answers alike; what is damaged or would do harm is refused."""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
import threading
import zipfile
from collections.abc import Callable, Mapping
from contextlib import ExitStack, closing
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from analytics import store as store_module
from analytics.backup import SUMS, backup, restore, verified
from analytics.briefs.again import differing
from analytics.briefs.archive import archive, archived, damaged
from analytics.briefs.decisions import decide, decisions
from analytics.cli import petition
from analytics.engine import open_engine
from analytics.ingest.identity import SECRET, petitioner_secret
from analytics.journal import Journal
from analytics.settings import load_site
from analytics.site import ROOT, Refusal, site_file
from analytics.store import MANIFEST, Store
from tests.briefs import asking
from tests.bureau import Bureau, item

SETTINGS = 'township_file = "名单.csv"\nbureau = "某信访局"\ncounty = "某县"\n'
TOWNSHIPS = "名称\n宁中镇\n新陂镇\n"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two versions, a secret, a decision, an archived brief, and settings beside them with a list."""
    folder = tmp_path_factory.mktemp("made") / "数据 store"
    bureau = Bureau(folder)
    for n in (1, 2):
        bureau.bring("petitions", item(n, "2021-10-03", township="宁中镇"), covers_to=date(2021, 10, 31))
    petitioner_secret(folder)
    decide(bureau.engine, "2021-10", "volume", "摸清底数", "宁中镇")
    archive(bureau.engine, asking(bureau.engine, "2021-10"), {"材料.docx": b"words"})
    (folder / "site.toml").write_text(SETTINGS, "utf-8")
    (folder / "名单.csv").write_text(TOWNSHIPS, "utf-8")
    return folder


@pytest.fixture
def bureau(made: Path, tmp_path: Path) -> Bureau:
    return Bureau(Path(shutil.copytree(made, tmp_path / "数据 store")))


@pytest.fixture
def saved(bureau: Bureau, tmp_path: Path) -> Path:
    return backup(bureau.store, site_file(bureau.store.path), tmp_path / "备份.zip").path


def contents(folder: Path) -> dict[str, bytes]:
    paths = (path for path in folder.rglob("*") if path.is_file() and path.name != ".lock")
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


# --- there and back --------------------------------------------------------------------------------------


def test_everything_comes_back_and_answers_alike(bureau: Bureau, saved: Path, tmp_path: Path) -> None:
    target = tmp_path / "new place" / "store"
    restore(saved, target)
    before, after = contents(bureau.store.path), contents(target)
    journal = {"journal.sqlite", "journal.sqlite-wal", "journal.sqlite-shm"}
    assert {n: c for n, c in after.items() if n not in journal} == {
        n: c for n, c in before.items() if n not in journal
    }
    engine = open_engine(target)
    assert (engine.site.bureau, [t.name for t in engine.site.townships]) == ("某信访局", ["宁中镇", "新陂镇"])
    for version, count in ((1, 1), (2, 2), (None, 2)):
        asked = {"versions": {"petitions": version}} if version else {}
        assert engine.ask(["petitions"], **asked).value("petitions") == count
    assert decisions(engine) == decisions(bureau.engine) != ()
    assert [one.digest for one in archived(engine)] == [one.digest for one in archived(bureau.engine)]
    assert petitioner_secret(target) == petitioner_secret(bureau.store.path)
    assert (target / SECRET).stat().st_mode & 0o077 == 0


def test_the_template_comes_along_and_is_missed_where_it_is_gone(bureau: Bureau, tmp_path: Path) -> None:
    folder = bureau.store.path
    (folder / "site.toml").write_text(f'{SETTINGS}[brief]\ntemplate = "模板.pptx"\n', "utf-8")
    with pytest.raises(Refusal, match=r"模板.*找不到"):
        backup(bureau.store, site_file(folder), tmp_path / "一.zip")
    (folder / "模板.pptx").write_bytes(b"slides")
    restore(backup(bureau.store, site_file(folder), tmp_path / "二.zip").path, tmp_path / "back")
    assert (tmp_path / "back" / "模板.pptx").read_bytes() == b"slides"


def test_a_restored_store_takes_imports(saved: Path, tmp_path: Path) -> None:
    restore(saved, tmp_path / "store")
    later = Bureau(tmp_path / "store")
    later.bring("petitions", item(3, "2021-10-05"), covers_to=date(2021, 10, 31))
    assert [later.number("petitions", versions={"petitions": v}) for v in (1, 2, 3)] == [1, 2, 3]


def test_a_backup_is_its_owner_s_only_and_nothing_is_written_over(bureau: Bureau, saved: Path) -> None:
    assert saved.stat().st_mode & 0o077 == 0
    before = saved.read_bytes()
    with pytest.raises(Refusal, match="已经存在"):
        backup(bureau.store, site_file(bureau.store.path), saved)
    with pytest.raises(Refusal, match="数据目录里"):
        backup(bureau.store, site_file(bureau.store.path), bureau.store.path / "b.zip")
    assert saved.read_bytes() == before
    assert sorted(path.name for path in saved.parent.iterdir()) == ["备份.zip", "数据 store"]


def test_settings_of_the_project_come_along_where_none_stand_beside_the_data(
    bureau: Bureau, tmp_path: Path
) -> None:
    (bureau.store.path / "site.toml").unlink()
    backup(bureau.store, site_file(bureau.store.path), tmp_path / "b.zip")
    restore(tmp_path / "b.zip", tmp_path / "store")
    assert load_site(tmp_path / "store" / "site.toml") == load_site(ROOT / "site.toml")


def test_a_store_that_is_not_whole_is_not_backed_up(bureau: Bureau, tmp_path: Path) -> None:
    Path(bureau.store.files("petitions", 2)[0]).unlink()
    with pytest.raises(Refusal, match="缺失"):
        backup(bureau.store, site_file(bureau.store.path), tmp_path / "b.zip")
    with pytest.raises(Refusal, match="没有数据"):
        backup(Bureau(tmp_path / "empty").store, ROOT / "site.toml", tmp_path / "b.zip")
    assert not list(tmp_path.glob("b.zip*"))


def test_it_waits_for_an_import(bureau: Bureau, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_module, "LOCK_SECONDS", 0)
    with Store(bureau.store.path).lock(), pytest.raises(Refusal, match="正在写入"):
        backup(Store(bureau.store.path), site_file(bureau.store.path), tmp_path / "b.zip")
    assert not list(tmp_path.glob("b.zip*"))


def test_what_the_journal_has_not_yet_moved_into_its_file_comes_along(bureau: Bureau, tmp_path: Path) -> None:
    journal = Journal(bureau.store.path, bureau.store.identity)
    with closing(sqlite3.connect(journal.ledger.path)) as open_elsewhere:
        open_elsewhere.execute("SELECT COUNT(*) FROM sqlite_master").fetchall()
        journal.add("mark", "verified", [("1", {})])
        backup(bureau.store, site_file(bureau.store.path), tmp_path / "b.zip")
    restore(tmp_path / "b.zip", tmp_path / "store")
    assert len(replace(journal, folder=tmp_path / "store").entries("mark")) == 1


def test_while_others_type_and_import(bureau: Bureau, tmp_path: Path) -> None:
    """Each backup holds a moment: what was said before it, and one version's rows."""
    stop, failed = threading.Event(), []
    store, journal = bureau.store, Journal(bureau.store.path, bureau.store.identity)
    count = 0

    def keep(work: Callable[[int], object]) -> threading.Thread:
        def loop() -> None:
            at = 10
            try:
                while not stop.is_set():
                    work(at := at + 1)
            except Exception as fault:  # told below
                failed.append(fault)

        thread = threading.Thread(target=loop)
        thread.start()
        return thread

    def type_(at: int) -> None:
        nonlocal count
        journal.add("mark", "verified", [(f"{at}", {})])
        count += 1

    def bring(at: int) -> None:
        Bureau(store.path).bring("petitions", item(at, "2021-10-05"), covers_to=date(2021, 10, 31))

    threads = [keep(type_), keep(bring)]
    try:
        for at in range(3):
            said = count
            done = backup(store, site_file(store.path), tmp_path / f"{at}.zip")
            restore(done.path, tmp_path / f"{at}")
            engine = open_engine(tmp_path / f"{at}")
            assert len(Journal(engine.store.path, engine.store.identity).entries("mark")) >= said
            assert engine.ask(["petitions"]).value("petitions") == engine.versions()["petitions"]
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert not failed


# --- as commands -----------------------------------------------------------------------------------------


def test_who_waits_for_an_import_is_told(bureau: Bureau, tmp_path: Path) -> None:
    importing, told = ExitStack(), []
    importing.enter_context(Store(bureau.store.path).lock())

    def waiting() -> None:
        told.append("waiting")
        importing.close()

    for name in "甲乙":
        backup(bureau.store, site_file(bureau.store.path), tmp_path / name, waiting)
    assert told == ["waiting"]


def test_the_commands(bureau: Bureau, tmp_path: Path) -> None:
    def run(*words: object) -> Result:
        return CliRunner().invoke(petition, [*map(str, words)])

    file, target = tmp_path / "b.zip", tmp_path / "restored"
    done = run("backup", file, "--data", bureau.store.path)
    assert (done.exit_code, "已逐个校验" in done.stdout, "未加密" in done.stderr) == (0, True, True)
    assert run("restore", file, "--data", target).exit_code == 0
    assert run("check", "--data", target).exit_code == 0
    next(target.glob("archive/*/材料.docx")).write_bytes(b"other words")
    checked = run("check", "--data", target)
    assert isinstance(checked.exception, Refusal)
    assert "材料.docx 缺失或被改动" in f"{checked.exception}"


# --- what is refused -------------------------------------------------------------------------------------


def test_a_backup_that_points_before_its_beginning_is_refused(saved: Path) -> None:
    content = bytearray(saved.read_bytes())
    content[content.rindex(b"PK\5\6") + 18] ^= 0x10  # where its list of files begins
    saved.write_bytes(content)
    with pytest.raises(Refusal, match="已损坏"):
        verified(saved)


def test_no_flipped_byte_changes_what_comes_back(saved: Path, tmp_path: Path) -> None:
    whole, target = verified(saved).sums, tmp_path / "store"
    content, refused = saved.read_bytes(), 0
    for at in range(7, len(content), len(content) // 60):
        saved.write_bytes(content[:at] + bytes([content[at] ^ 0x10]) + content[at + 1 :])
        try:
            assert verified(saved).sums == whole, "a byte that stands for no content"
        except Refusal as fault:
            refused += 1
            with pytest.raises(Refusal, match="备份文件"):
                restore(saved, target)
            assert "没有恢复任何数据" in f"{fault}"
    assert refused > 40
    assert not target.exists()


def test_a_cut_or_foreign_file_is_refused(saved: Path, tmp_path: Path) -> None:
    content = saved.read_bytes()
    for cut in (0, 1, len(content) // 2, len(content) - 1):
        saved.write_bytes(content[:cut])
        with pytest.raises(Refusal, match="已损坏或不完整"):
            restore(saved, tmp_path / "store")
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as other:
        other.writestr("a.txt", "a")
    with pytest.raises(Refusal, match="不是 petition backup 写的"):
        restore(tmp_path / "other.zip", tmp_path / "store")
    with pytest.raises(Refusal, match="找不到"):
        restore(tmp_path / "none.zip", tmp_path / "store")
    assert not (tmp_path / "store").exists()


def packed(path: Path, files: Mapping[str, bytes], **sums: str) -> Path:
    """As a backup is packed, with right sums."""
    right = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()} | sums
    with zipfile.ZipFile(path, "w") as made:
        for name, content in files.items():
            made.writestr(name, content)
        made.writestr(SUMS, "".join(f"{found}  {name}\n" for name, found in right.items()))
    return path


BAD_PATHS = ("../out", "/out", "a/../../out", "a\\..\\out", "C:/out", "a//b", "./a", "a/.. /b", "a. ", "a:b")


@pytest.mark.parametrize("name", BAD_PATHS)
def test_paths_that_leave_the_folder_are_refused(tmp_path: Path, name: str) -> None:
    made = packed(tmp_path / "b.zip", {MANIFEST: b"{}", name: b"?"})
    with pytest.raises(Refusal, match="会写到目录之外"):
        restore(made, tmp_path / "in" / "store")
    assert [path.name for path in tmp_path.iterdir()] == ["b.zip"]


def test_the_list_and_the_files_must_agree(tmp_path: Path) -> None:
    cases: dict[str, dict[str, Any]] = {"与清单不符": {"more": "0" * 64}, "被改动": {"a": "0" * 64}}
    for told, sums in cases.items():
        made = packed(tmp_path / "b.zip", {MANIFEST: b"{}", "a": b"?"}, **sums)
        with pytest.raises(Refusal, match=told):
            restore(made, tmp_path / "store")


def test_who_rewrote_the_sums_too_is_found_by_the_digest(saved: Path, tmp_path: Path) -> None:
    """Nothing in the file itself can tell: the digest that was written down elsewhere does."""
    digest = verified(saved).digest
    with zipfile.ZipFile(saved) as held:
        files = {name: held.read(name) for name in held.namelist() if name != SUMS}
    name = next(name for name in files if name.endswith("brief.json"))
    other = packed(tmp_path / "other.zip", {**files, name: files[name].replace(b"1", b"2")})
    assert verified(other).digest != digest
    with pytest.raises(Refusal, match="不是当时写的那一份"):
        restore(other, tmp_path / "store", digest)
    assert not (tmp_path / "store").exists()
    same = packed(tmp_path / "same.zip", files)
    restore(same, tmp_path / "store", digest)
    assert (tmp_path / "store" / MANIFEST).exists()


def test_what_a_killed_one_left_beside_is_cleared_by_the_next(bureau: Bureau, tmp_path: Path) -> None:
    left = [tmp_path / "b.zip.new-00000000", tmp_path / ".back.new-00000000", tmp_path / "b.zip.new-11111111"]
    left[0].write_bytes(b"half")
    left[1].mkdir()
    left[2].write_bytes(b"another's, who writes now")
    for path in left[:2]:
        os.utime(path, (0, 0))
    backup(bureau.store, site_file(bureau.store.path), tmp_path / "b.zip")
    restore(tmp_path / "b.zip", tmp_path / "back")
    assert [path.exists() for path in left] == [False, False, True]


def test_the_rows_of_an_archive_come_along(bureau: Bureau, saved: Path, tmp_path: Path) -> None:
    restore(saved, tmp_path / "store")
    assert damaged(tmp_path / "store") == differing(tmp_path / "store") == []
    assert list((tmp_path / "store").glob("archive/*/data/petitions.parquet"))


def test_a_link_is_refused(tmp_path: Path) -> None:
    made = packed(tmp_path / "b.zip", {MANIFEST: b"{}"})
    link = zipfile.ZipInfo("link")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(made, "a") as held:
        held.writestr(link, "/etc/passwd")
    with pytest.raises(Refusal, match="链接"):
        restore(made, tmp_path / "store")


def test_nothing_is_written_over(saved: Path, bureau: Bureau, tmp_path: Path) -> None:
    before = contents(bureau.store.path)
    with pytest.raises(Refusal, match="已有内容"):
        restore(saved, bureau.store.path)
    assert contents(bureau.store.path) == before
    (tmp_path / "empty").mkdir()
    restore(saved, tmp_path / "empty")
    assert (tmp_path / "empty" / MANIFEST).exists()

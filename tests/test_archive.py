"""归档: a brief is put away whole or not at all, found again as it was, and what is damaged is told."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from analytics.briefs.archive import CONTENT, FOLDER, SUMS, archive, archived, damaged
from analytics.briefs.brief import KeyNumber
from analytics.citing import Piece, plain_text, source_of_query
from analytics.engine import Engine
from analytics.model import Scope
from analytics.site import Refusal
from analytics.store import MANIFEST, Store
from tests.briefs import asking
from tests.bureau import SITE, Bureau, item

DOCUMENTS = {"2021年10月研判材料.docx": b"words", "附表.xlsx": b"tables"}
ASKS = {"names": "petitions letters", "compare": "previous"}, {"names": "petitions", "by": ("township",)}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An item a month, August to October."""
    folder = tmp_path_factory.mktemp("made") / "store"
    rows = [item(n, f"2021-{n + 7:02d}-03", township="宁中镇") for n in (1, 2, 3)]
    Bureau(folder).bring("petitions", *rows, covers_to=date(2021, 10, 31))
    return folder


@pytest.fixture
def bureau(made: Path, tmp_path: Path) -> Bureau:
    """The same for each test."""
    return Bureau(Path(shutil.copytree(made, tmp_path / "store")))


def again(bureau: Bureau) -> Engine:
    """Another process."""
    return Engine(Store(bureau.store.path), SITE)


def test_all_that_was_said_is_kept_with_its_numbers_and_their_sources(bureau: Bureau) -> None:
    brief = asking(bureau.engine, "2021-10", *ASKS)
    one = archive(bureau.engine, brief, DOCUMENTS)
    assert one.folder.parent == bureau.store.path / FOLDER
    assert one.folder.name == f"2021-10-1-{one.digest[:8]}"
    content = json.loads((one.folder / CONTENT).read_text("utf-8"))
    assert (content["title"], content["versions"]) == (brief.title, {"petitions": 1, "links": 1})
    assert content["chapters"][0]["told"] == [plain_text(told) for told in brief.chapters[0].told()]
    assert [s["command"] for s in content["sources"]] == [s.command for s in brief.sources]
    assert [(n["metric"], n["from"], n["by"], n["rows"], n["source"]) for n in content["numbers"]] == [
        ("petitions", "2021-10-01", [], [[[], 1, None, 1]], 1),
        ("petitions", "2021-09-01", [], [[[], 1, None, 1]], 1),
        ("letters", "2021-10-01", [], [[[], 1, None, 1]], 1),
        ("letters", "2021-09-01", [], [[[], 1, None, 1]], 1),
        ("petitions", "2021-10-01", ["township"], [[["宁中镇"], 1, None, 1]], 2),
    ]


def test_sources_are_numbered_as_they_are_listed_and_groups_stand_in_order(bureau: Bureau) -> None:
    """Also where corrections come before them, and whatever order the database gives."""
    names = ("新陂镇", "兴田街道", "坭陂镇")
    rows = [item(f"more {n}", "2021-10-04", township=name) for n, name in enumerate(names)]
    bureau.bring("petitions", *rows, covers_to=date(2021, 10, 31))
    brief = asking(bureau.engine, "2021-10", *ASKS)
    (word,) = brief.chapters[0].told()
    number = KeyNumber("信访总量", "1", "件", (word[-1],))
    chapter = replace(brief.chapters[0], finding=word[:-1], numbers=(number,))
    told = (Piece("已通报", source_of_query(replace(word[0].source.query, by=("channel",)))),)  # type: ignore[union-attr]
    one = archive(bureau.engine, replace(brief, chapters=(chapter,), corrections=(told,)), {})
    content = json.loads((one.folder / CONTENT).read_text("utf-8"))
    (ranked,) = (n for n in content["numbers"] if n["by"])
    assert "--by township" in content["sources"][ranked["source"] - 1]["command"]
    assert [row[0][0] for row in ranked["rows"]] == sorted(("宁中镇", *names))


def test_checksums_stand_over_every_file_as_sha256sum_writes_them(bureau: Bureau) -> None:
    folder = archive(bureau.engine, asking(bureau.engine, "2021-10"), DOCUMENTS).folder
    lines = [line.split("  ", 1) for line in (folder / SUMS).read_text("utf-8").splitlines()]
    kept = {f"data/{name}" for name in (MANIFEST, "site.toml", "petitions.parquet", "links.parquet")}
    assert {name for _, name in lines} == {CONTENT, *DOCUMENTS} | kept
    assert all(hashlib.sha256((folder / name).read_bytes()).hexdigest() == found for found, name in lines)


def test_what_was_put_away_is_found_by_another_process(bureau: Bureau) -> None:
    one = archive(bureau.engine, asking(bureau.engine, "2021-10", *ASKS), DOCUMENTS)
    (found,) = archived(again(bureau))
    assert found == one
    assert {name: found.document(name) for name in found.documents} == DOCUMENTS
    assert (found.month, found.as_of, found.filters) == ("2021-10", date(2021, 10, 31), "")


def test_the_same_brief_is_given_back(bureau: Bureau) -> None:
    brief = asking(bureau.engine, "2021-10")
    one = archive(bureau.engine, brief, DOCUMENTS)
    assert archive(bureau.engine, brief, DOCUMENTS) == archive(again(bureau), brief, {}) == one
    with_slides = archive(bureau.engine, brief, {"幻灯片.pptx": b"slides"})
    assert (with_slides.number, with_slides.documents) == (2, ("幻灯片.pptx",))


def test_documents_that_were_made_otherwise_are_issued_anew(bureau: Bureau) -> None:
    brief = asking(bureau.engine, "2021-10", *ASKS)
    archive(bureau.engine, brief, DOCUMENTS)
    other = archive(bureau.engine, brief, DOCUMENTS | {"附表.xlsx": b"another template"})
    assert (other.number, other.document("附表.xlsx")) == (2, b"another template")
    (other.folder / "附表.xlsx").write_bytes(b"touched")
    assert archive(bureau.engine, brief, {"附表.xlsx": b"another template"}).number == 3


def test_the_newest_stands_first_and_each_month_counts_its_own(bureau: Bureau) -> None:
    for month in ("2021-09", "2021-10"):
        archive(bureau.engine, asking(bureau.engine, month), {})
    bureau.bring("petitions", item(4, "2021-10-30"), covers_to=date(2021, 10, 31))
    archive(bureau.engine, asking(bureau.engine, "2021-10"), {})
    found = archived(bureau.engine)
    assert [(one.month, one.number) for one in found] == [("2021-10", 2), ("2021-10", 1), ("2021-09", 1)]
    assert [one.versions["petitions"] for one in found] == [2, 1, 1]


def test_those_of_another_store_at_the_same_place_are_not_its_own(bureau: Bureau) -> None:
    archive(bureau.engine, asking(bureau.engine, "2021-10"), {})
    bureau.store.adopt(json.loads((bureau.store.path / MANIFEST).read_text("utf-8")) | {"id": "other"})
    assert archived(again(bureau)) == archived(bureau.engine) == []
    assert damaged(bureau.store.path) == []


def test_a_looker_of_one_township_finds_those_made_for_it(bureau: Bureau) -> None:
    scope = Scope("宁中镇")
    archive(bureau.engine, asking(bureau.engine, "2021-10"), {})
    own = archive(bureau.engine, asking(bureau.engine, "2021-10", scope=scope), {})
    assert archived(bureau.engine.seen_by(scope)) == [own]
    assert archived(bureau.engine.seen_by(Scope("新陂镇"))) == []
    assert len(archived(bureau.engine)) == 2


def test_several_at_once_lose_nothing(bureau: Bureau) -> None:
    names = ("petitions", "letters", "visits", "online", "phone", "persons")

    def put(metric: str) -> str:
        engine = again(bureau)
        return archive(engine, asking(engine, "2021-10", {"names": metric}), DOCUMENTS).folder.name

    with ThreadPoolExecutor(len(names)) as pool:
        folders = set(pool.map(put, names))
    assert {one.folder.name for one in archived(bureau.engine)} == folders
    assert {one.number for one in archived(bureau.engine)} == set(range(1, len(names) + 1))
    assert damaged(bureau.store.path) == []


def test_nothing_is_left_of_what_could_not_be_written(
    bureau: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    brief = asking(bureau.engine, "2021-10")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(Refusal, match=r"没有归档.*磁盘空间"):
            archive(bureau.engine, brief, DOCUMENTS)
    root = bureau.store.path / FOLDER
    assert [path.name for path in root.iterdir() if path.is_dir()] == []
    (root / ".new-of-a-crash").mkdir()
    assert archive(bureau.engine, brief, DOCUMENTS).number == 1
    assert not (root / ".new-of-a-crash").exists()


def test_a_name_that_leaves_the_folder_or_hides_is_refused(bureau: Bureau) -> None:
    brief = asking(bureau.engine, "2021-10")
    for name in ("", "../外.docx", "a/b.docx", ".lock", CONTENT, SUMS, "a\n.docx"):
        with pytest.raises(Refusal, match="不能用"):
            archive(bureau.engine, brief, {name: b""})


def flipped(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def cut(path: Path) -> None:
    """Within the last file's name."""
    path.write_bytes(path.read_bytes()[:-5])


DAMAGES: dict[str, tuple[Callable[[Path], object], bool]] = {
    "a document changed": (lambda folder: flipped(folder / "附表.xlsx"), True),
    "a document lost": (lambda folder: (folder / "附表.xlsx").unlink(), True),
    "a file more": (lambda folder: (folder / "别的.txt").write_text("?"), True),
    "its content changed": (lambda folder: flipped(folder / CONTENT), False),
    "its content lost": (lambda folder: (folder / CONTENT).unlink(), False),
    "no checksums": (lambda folder: (folder / SUMS).unlink(), False),
    "cut checksums": (lambda folder: cut(folder / SUMS), False),
    "broken checksums": (lambda folder: (folder / SUMS).write_bytes(b"\xff\xfe"), False),
    "another's name": (lambda folder: folder.rename(folder.with_name("2021-10-1-00000000")), False),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_what_is_damaged_is_told_and_hides_no_other(bureau: Bureau, damage: str) -> None:
    engine = bureau.engine
    sound = archive(engine, asking(engine, "2021-09"), {})
    one = archive(engine, asking(engine, "2021-10"), DOCUMENTS)
    break_it, readable = DAMAGES[damage]
    break_it(one.folder)
    (told,) = damaged(engine.store.path)
    assert "请从备份恢复" in told
    assert sound in archived(again(bureau))
    assert (one.digest in {found.digest for found in archived(again(bureau))}) is readable
    if damage.startswith("a document"):
        with pytest.raises(Refusal, match="缺失或被改动"):
            one.document("附表.xlsx")

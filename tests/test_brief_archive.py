"""归档: what was issued is kept whole, once, by whoever archives at the same time, and damage is seen."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from analytics.briefs.archive import CONTENT, FOLDER, SUMS, archive, archived, damaged
from analytics.briefs.brief import Brief
from analytics.briefs.numbers import blocks
from analytics.citing import Piece, plain_text
from analytics.cli import petition
from analytics.engine import Engine
from analytics.figures import TREND
from analytics.model import Period, Scope
from analytics.result import Cell
from analytics.site import ROOT, Refusal
from analytics.store import MANIFEST
from tests.bureau import SITE, Bureau, item
from tests.issued import brief_of

DOCUMENTS = {"研判材料.docx": b"word", "附表.xlsx": b"excel"}


@pytest.fixture
def bureau(tmp_path: Path) -> Bureau:
    bureau = Bureau(tmp_path / "store")
    rows = [
        item(n, f"2021-{10 + n % 2}-0{1 + n}", township="宁中镇" if n % 3 else "新陂镇") for n in range(8)
    ]
    bureau.bring("petitions", *rows, covers_to=date(2021, 11, 30))
    return bureau


def november(bureau: Bureau) -> Brief:
    return brief_of(bureau.engine, "2021-11", "petitions", by=("township",), compare="previous")


# --- what is put away ------------------------------------------------------------------------------------


def test_what_was_archived_is_read_back(bureau: Bureau) -> None:
    brief = replace(november(bureau), decisions=((Piece("〔2021年10月会议〕摸清底数。"),),))
    made = archive(bureau.engine, brief, DOCUMENTS)
    (found,) = archived(Engine(bureau.store, SITE))
    assert found == made
    assert (found.month, found.number, found.title) == ("2021-11", 1, brief.title)
    assert (found.as_of, found.versions) == (brief.as_of, dict(brief.versions))
    assert found.selection == brief.selection
    assert set(found.documents) == set(DOCUMENTS)
    assert {name: found.document(name) for name in found.documents} == DOCUMENTS
    assert found.blocks == blocks(bureau.engine, brief)
    content = json.loads((found.folder / CONTENT).read_text("utf-8"))
    assert content["chapters"][0]["told"] == [plain_text(told) for told in brief.chapters[0].told()]
    assert content["decisions"] == ["〔2021年10月会议〕摸清底数。"]
    assert content["sources"][0]["command"].startswith("petition query petitions --from 2021-11-01")
    assert damaged(bureau.store.path) == []


def test_every_number_stands_under_its_own_days(bureau: Bureau) -> None:
    """Values and what they are compared with; a month of a line is that month."""
    figures = [TREND]
    brief = brief_of(
        bureau.engine, "2021-11", "petitions", "open", by=("township",), compare="previous", figures=figures
    )
    held = {
        (block.of.narrowed(block.by, key), cell.value)
        for block in blocks(bureau.engine, brief)
        for key, cell in block.cells.items()
    }
    said = {(of.metric, *of.days, *(m for _, ms in of.members for m in ms)): value for of, value in held}
    month = (date(2021, 11, 1), date(2021, 11, 30))
    before = (date(2021, 10, 1), date(2021, 10, 31))
    assert said["petitions", *month] == 4
    assert said["petitions", *before] == 4
    for township in ("宁中镇", "新陂镇"):
        for days in (month, before):
            expected = bureau.table("petitions", f"{days[0]} {days[1]}", "township")[township]
            assert said["petitions", *days, township] == expected
    assert said["open", None, date(2021, 11, 30)] == 8
    assert len(held) == len({of for of, _ in held}), "one number for one subject"


def test_days_without_data_hold_no_number(bureau: Bureau) -> None:
    """The year before lies before the data begin: its zero was never published."""
    found = blocks(bureau.engine, brief_of(bureau.engine, "2021-11", "petitions", compare="year_ago"))
    assert [block.of.days for block in found] == [(date(2021, 11, 1), date(2021, 11, 30))]


def test_the_same_brief_is_archived_once(bureau: Bureau) -> None:
    first = archive(bureau.engine, november(bureau), DOCUMENTS)
    assert archive(bureau.engine, november(bureau), {}) == first
    other = replace(november(bureau), decisions=((Piece("摸清底数。"),),))
    assert archive(bureau.engine, other, DOCUMENTS).number == 2
    bureau.bring("petitions", item(9, "2021-11-20"), covers_to=date(2021, 11, 30))
    assert archive(bureau.engine, november(bureau), DOCUMENTS).number == 3
    october = brief_of(bureau.engine, "2021-10", "petitions")
    assert archive(bureau.engine, october, DOCUMENTS).number == 1
    assert len(archived(bureau.engine)) == 4


def test_of_another_store_or_for_another_looker_it_is_not_shown(bureau: Bureau) -> None:
    archive(bureau.engine, november(bureau), DOCUMENTS)
    mine = brief_of(bureau.engine, "2021-11", "petitions", scope=Scope("宁中镇"))
    kept = archive(bureau.engine, mine, {})
    assert archived(bureau.engine, Scope("宁中镇")) == [kept]
    assert archived(bureau.engine, Scope("新陂镇")) == []
    manifest = bureau.store.path / MANIFEST
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"id": "another"}))
    assert archived(bureau.engine) == []


@pytest.mark.parametrize("name", ["", "../x", "a/b", "a\\b", ".x", CONTENT, SUMS, "a\nb"])
def test_a_name_that_is_none_is_refused(bureau: Bureau, name: str) -> None:
    with pytest.raises(Refusal, match="文件名"):
        archive(bureau.engine, november(bureau), {name: b""})
    assert archived(bureau.engine) == []


# --- at once, and cut off --------------------------------------------------------------------------------


WRITE = """
import sys
from dataclasses import replace
from pathlib import Path
from analytics.briefs.archive import archive
from analytics.citing import Piece
from analytics.engine import Engine
from analytics.store import Store
from tests.bureau import SITE
from tests.issued import brief_of
engine = Engine(Store(Path(sys.argv[1])), SITE)
brief = brief_of(engine, "2021-11", "petitions")
for number in range(5):
    archive(engine, brief, {"a.docx": b"x"})
    archive(engine, replace(brief, decisions=((Piece(f"{sys.argv[2]}{number}"),),)), {"a.docx": b"x"})
"""


def test_several_at_once_lose_nothing_and_share_no_number(bureau: Bureau) -> None:
    commands = [[sys.executable, "-c", WRITE, str(bureau.store.path), name] for name in "甲乙"]
    writers = [subprocess.Popen(command, cwd=ROOT) for command in commands]
    assert [writer.wait(120) for writer in writers] == [0, 0]
    assert sorted(one.number for one in archived(bureau.engine)) == list(range(1, 12))
    assert damaged(bureau.store.path) == []


def test_cut_off_while_writing_leaves_nothing(bureau: Bureau, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", full)
        patch.setattr("shutil.rmtree", lambda *_, **__: None)  # as where the process died
        with pytest.raises(Refusal, match=r"没有归档.*磁盘空间"):
            archive(bureau.engine, november(bureau), DOCUMENTS)
    assert archived(bureau.engine) == []
    archive(bureau.engine, november(bureau), DOCUMENTS)
    assert len([p for p in (bureau.store.path / FOLDER).iterdir() if p.is_dir()]) == 1


# --- damage ----------------------------------------------------------------------------------------------


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-9])


def _other_layout(path: Path) -> None:
    path.write_text(path.read_text("utf-8").replace('"layout":1', '"layout":9'), "utf-8")


@pytest.mark.parametrize(
    ("name", "harm"),
    [(CONTENT, _cut), (CONTENT, Path.unlink), (CONTENT, _other_layout), (SUMS, _cut), (SUMS, Path.unlink)],
)
def test_an_archive_that_cannot_be_read_is_told_and_the_others_are_shown(
    bureau: Bureau, name: str, harm: Callable[[Path], None]
) -> None:
    hurt = archive(bureau.engine, november(bureau), DOCUMENTS)
    whole = archive(bureau.engine, brief_of(bureau.engine, "2021-10", "petitions"), DOCUMENTS)
    harm(hurt.folder / name)
    assert archived(Engine(bureau.store, SITE)) == [whole]
    (told,) = damaged(bureau.store.path)
    assert hurt.folder.name in told
    assert "从备份恢复" in told
    again = archive(Engine(bureau.store, SITE), november(bureau), DOCUMENTS)
    assert again.number == 2, "a damaged one is not written over"


def test_a_changed_document_is_found(bureau: Bureau) -> None:
    made = archive(bureau.engine, november(bureau), DOCUMENTS)
    (made.folder / "附表.xlsx").write_bytes(b"other")
    (made.folder / "多余.txt").write_bytes(b"")
    (told,) = damaged(bureau.store.path)
    assert "附表.xlsx 缺失或被改动" in told
    assert "多出 多余.txt" in told
    with pytest.raises(Refusal, match=r"附表\.xlsx"):
        made.document("附表.xlsx")
    assert made.document("研判材料.docx") == b"word"
    run = CliRunner().invoke(petition, ["check", "--data", str(bureau.store.path)])
    assert isinstance(run.exception, Refusal)
    assert "附表.xlsx" in str(run.exception)


def test_a_number_survives_as_it_was(bureau: Bureau) -> None:
    """A rate keeps numerator, denominator and every digit."""
    bureau.bring(
        "petitions",
        *(item(f"r{n}", "2021-11-02", is_repeat=n == 0) for n in range(3)),
        covers_to=date(2021, 11, 30),
    )
    brief = brief_of(bureau.engine, "2021-11", "repeat_rate")
    (block,) = archive(bureau.engine, brief, {}).blocks
    assert dict(block.cells) == {(): Cell(1, 3, 1 / 3)}
    assert block.of.period == Period.month("2021-11")

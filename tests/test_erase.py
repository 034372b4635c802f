"""One person taken out: no byte tells of them any more, no count changes, what was told before stays told."""

from __future__ import annotations

import shutil
import sqlite3
import zipfile
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from analytics.briefs.again import differing
from analytics.briefs.archive import archive, damaged
from analytics.briefs.decisions import decide, decisions
from analytics.cli import petition
from analytics.engine import KEPT_VERSIONS, DuckDB, Engine
from analytics.ingest.erase import code_typed, erase
from analytics.masking import valid_id
from analytics.model import Period, Selection
from analytics.site import Refusal
from analytics.store import Store
from tests.briefs import asking
from tests.bureau import SITE, Bureau, item

ID, OTHER_ID = "11010519491231002X", "440524198001010013"
MATTER = {"category_2": "土地征收", "responsible_unit": "某局", "township": "宁中镇"}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three imports: of the person's items two, then another's and a change, then a third."""
    assert valid_id(ID) and valid_id(OTHER_ID)
    bureau = Bureau(tmp_path_factory.mktemp("made") / "store")
    turns = [[(1, ID), (2, OTHER_ID)], [(1, ID), (3, "")], [(4, ID)]]
    for n, turn in enumerate(turns):
        rows = [item(k, f"{2020 + k % 2}-10-0{k}", 身份证号=who, persons=1 + n, **MATTER) for k, who in turn]
        bureau.bring_file("petitions", *rows, covers_to=date(2021, 10, 31))
    decide(bureau.engine, "2021-10", "volume", "摸清底数", "宁中镇")
    archive(bureau.engine, asking(bureau.engine, "2021-10", {"names": "petitions linked_repeats"}), {})
    return bureau.store.path


@pytest.fixture
def bureau(made: Path, tmp_path: Path) -> Bureau:
    return Bureau(Path(shutil.copytree(made, tmp_path / "store")))


def contents(path: Path) -> Iterator[bytes]:
    """All that a file says, unpacked."""
    yield path.read_bytes()
    if path.suffix == ".parquet":
        yield f"{pq.read_table(path).to_pylist()}{pq.ParquetFile(path).metadata.to_dict()}".encode()
    elif zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as file:
            yield from (file.read(name) for name in file.namelist())
    elif path.suffix == ".sqlite":
        with closing(sqlite3.connect(path)) as connection:
            yield "\n".join(connection.iterdump()).encode()


def holding(folder: Path, text: str) -> list[str]:
    """Which files hold the text."""
    paths = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return [
        str(path.relative_to(folder)) for path in paths if any(text.encode() in c for c in contents(path))
    ]


def run(*words: object, typed: str | None = None) -> Result:
    return CliRunner().invoke(petition, [*map(str, words)], input=typed)


def test_no_byte_under_the_data_directory_holds_the_code(bureau: Bureau) -> None:
    store = bureau.store
    code, other = code_typed(store, ID), code_typed(store, OTHER_ID)
    held = holding(store.path, code)
    assert not any("_delta_log" in name for name in held)  # the log keeps no statistics of texts
    assert any(name.endswith(".parquet") for name in held)
    done = erase(store, SITE, code)
    assert done.items == 2
    assert holding(store.path, code) == []
    assert holding(store.path, other) != []


def test_no_count_changes_and_the_links_follow(bureau: Bureau) -> None:
    names = "petitions persons letters linked_firsts linked_repeats unlinked"
    before = bureau.ask(names)
    erase(bureau.store, SITE, code_typed(bureau.store, ID))
    after = Bureau(bureau.store.path).ask(names)
    for name in ("petitions", "persons", "letters"):
        assert after.value(name) == before.value(name)
    assert (before.value("linked_repeats"), after.value("linked_repeats")) == (1, 0)
    assert after.value("unlinked") == 2 + int(before.value("unlinked") or 0)
    assert after.coverage == before.coverage


def test_versions_before_are_refused_with_the_reason_and_later_ones_are_there(bureau: Bureau) -> None:
    done = erase(bureau.store, SITE, code_typed(bureau.store, ID))
    for dataset in ("petitions", "links"):
        with pytest.raises(Refusal, match="因删除个人信息已清除"):
            bureau.store.files(dataset, 1)
    asked = run("query", "petitions", "--version", 1, "--data", bureau.store.path)
    assert "因删除个人信息已清除" in f"{asked.exception}"
    later = Bureau(bureau.store.path)
    later.bring("petitions", item(9, "2021-10-09"))
    assert later.number("petitions", versions={"petitions": done.version}) == 4
    assert later.number("petitions") == 5
    assert len(later.store.imports()) == 4, "what was imported when is still told"
    assert run("check", "--data", bureau.store.path).exit_code == 0


def test_archives_and_the_journal_stay(bureau: Bureau) -> None:
    before = decisions(bureau.engine)
    erase(bureau.store, SITE, code_typed(bureau.store, ID))
    assert damaged(bureau.store.path) == differing(bureau.store.path) == []
    assert decisions(Engine(Store(bureau.store.path), SITE)) == before != ()


def test_who_has_the_old_version_in_memory_keeps_it_until_the_next(bureau: Bureau) -> None:
    engine = bureau.engine.frozen(bureau.engine.versions())
    assert engine.ask(["petitions"], by=["channel"]).value("petitions", ("letter",)) == 4
    erase(Store(bureau.store.path), SITE, code_typed(bureau.store, ID))
    assert engine.ask(["petitions"], by=["township"]).value("petitions", ("宁中镇",)) == 4
    assert bureau.engine.ask(["petitions"]).value("petitions") == 4


def test_what_was_loaded_before_is_in_nobodys_way(bureau: Bureau) -> None:
    """The files of earlier versions went; what an engine had loaded of them goes when it is their turn."""
    engine, month = bureau.engine, Selection(Period.month("2021-10"))
    first = engine.versions()["petitions"] - KEPT_VERSIONS + 1
    for version in range(first, first + KEPT_VERSIONS):
        engine.records("petitions", month, {"petitions": version}, 9)
    erase(bureau.store, SITE, code_typed(bureau.store, ID))
    assert engine.ask(["petitions"]).value("petitions") == 4
    database = engine.database
    assert isinstance(database, DuckDB)
    assert f"petitions@{first}" not in database._loaded
    with pytest.raises(Refusal, match="因删除个人信息已清除"):
        engine.records("petitions", month, {"petitions": first}, 9)


def test_a_later_import_brings_them_back_and_another_erasing_takes_them_out(bureau: Bureau) -> None:
    code = code_typed(bureau.store, ID)
    erase(bureau.store, SITE, code)
    later = Bureau(bureau.store.path)
    later.bring_file("petitions", item(1, "2021-10-01", 身份证号=ID, **MATTER))
    assert holding(bureau.store.path, code) != []
    assert erase(Store(bureau.store.path), SITE, code).items == 1
    assert holding(bureau.store.path, code) == []


def test_one_who_stands_only_in_earlier_versions_is_taken_out_too(bureau: Bureau) -> None:
    code, other = code_typed(bureau.store, ID), code_typed(bureau.store, OTHER_ID)
    bureau.bring("petitions", *(item(k, f"{2020 + k % 2}-10-0{k}", petitioner_key=other) for k in (1, 4)))
    assert erase(Store(bureau.store.path), SITE, code).items == 0
    assert holding(bureau.store.path, code) == []


def test_nobody_by_that_number_changes_nothing(bureau: Bureau) -> None:
    before = Store(bureau.store.path).versions()
    with pytest.raises(Refusal, match="没有找到"):
        erase(bureau.store, SITE, code_typed(bureau.store, "532301197001010076"))
    with pytest.raises(Refusal, match="不是有效的身份证号"):
        code_typed(bureau.store, "123")
    assert Store(bureau.store.path).versions() == before
    bureau.store.files("petitions", 1)


def test_by_name_and_telephone(bureau: Bureau) -> None:
    bureau.bring_file("petitions", item(7, "2021-10-07", 姓名="张某某", 电话="13900000000"))
    code = code_typed(bureau.store, "张某某 139-0000-0000")
    assert erase(bureau.store, SITE, code).items == 1


def test_the_command_reads_the_number_from_its_prompt_and_says_what_is_left_to_do(bureau: Bureau) -> None:
    words = ("erase", "--data", bureau.store.path)
    no = run(*words, typed=f"{ID}\nn\n")
    assert no.exit_code != 0
    bureau.store.files("petitions", 1)
    done = run(*words, "--yes", typed=f"{ID}\n")
    assert done.exit_code == 0, done.output
    assert "2 件" in done.stdout
    for told in ("新备份", "销毁以前的备份", "再次写入", "重新启动看板"):
        assert told in done.stderr
    assert ID not in done.output
    assert holding(bureau.store.path, code_typed(bureau.store, ID)) == [], "nor does the log of what was done"


def test_after_many_commits_the_checkpoint_holds_nothing_either(bureau: Bureau) -> None:
    from deltalake import DeltaTable

    code = code_typed(bureau.store, ID)
    DeltaTable(bureau.store.path / "petitions").create_checkpoint()
    assert list((bureau.store.path / "petitions" / "_delta_log").glob("*.checkpoint.parquet"))
    bureau.bring("petitions", item(8, "2021-10-08"))
    erase(Store(bureau.store.path), SITE, code)
    assert holding(bureau.store.path, code) == []
    assert Bureau(bureau.store.path).number("petitions") == 5

"""What a meeting used: every number comes out again from the archive alone; who petitioned is not in it."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from analytics import sums
from analytics.briefs.again import differing, engine_then, same
from analytics.briefs.archive import CONTENT, FOLDER, SUMS, archive, archived, damaged, readable
from analytics.briefs.compose import brief
from analytics.briefs.published import corrections
from analytics.citing import plain_text
from analytics.cli import petition
from analytics.contract import DATASETS
from analytics.engine import Engine, open_engine
from analytics.kept import Kept
from analytics.model import Selection
from analytics.settings import load_site
from analytics.site import Refusal, site_file
from analytics.store import Store
from tests.briefs import asking
from tests.bureau import SITE, Bureau, item, period, reception

CODE = f"{7:032x}"
ASKS = {"names": "petitions letters", "compare": "previous"}, {"names": "petitions", "by": ("township",)}
MATTER = {"petitioner_key": CODE, "category_2": "土地征收", "responsible_unit": "某局"}


@pytest.fixture(scope="module")
def meeting(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo after the whole brief of a month was put away."""
    data = tmp_path_factory.mktemp("meeting") / "demo"
    shutil.copytree(demo, data, ignore=shutil.ignore_patterns(FOLDER))
    engine = open_engine(data)
    archive(engine, brief(engine, Selection(period("2021-11"))), {"材料.docx": b"words"})
    return data


@pytest.fixture
def bureau(tmp_path: Path) -> Bureau:
    bureau = Bureau(tmp_path / "store")
    rows = [item(n, f"2021-{n + 7:02d}-03", township="宁中镇", **MATTER) for n in (1, 2, 3)]
    bureau.bring("petitions", *rows, covers_to=date(2021, 10, 31))
    return bureau


def run(*words: object) -> Result:
    return CliRunner().invoke(petition, [*map(str, words)])


# --- years later -----------------------------------------------------------------------------------------


def test_every_number_of_a_brief_comes_out_again_without_the_store(meeting: Path, tmp_path: Path) -> None:
    alone = tmp_path / "years later"
    shutil.copytree(meeting / FOLDER, alone / FOLDER)
    (one,) = readable(alone)
    assert len(one.blocks) > 300
    assert differing(alone) == damaged(alone) == []
    engine = engine_then(one)
    assert engine is not None
    assert all(same(engine, block) for block in one.blocks)


def test_the_cited_commands_give_the_archived_numbers(meeting: Path, tmp_path: Path) -> None:
    """As a reader of the brief types them, with `--data` of the archive's folder."""
    (one,) = readable(meeting)
    folder = Path(shutil.copytree(one.folder, tmp_path / one.folder.name))
    content = json.loads((folder / CONTENT).read_text("utf-8"))
    tried = 0
    for number, source in enumerate(content["sources"], 1):
        blocks = [b for b in content["numbers"] if b["source"] == number and not b["by"]]
        words = shlex.split(source["command"])
        if words[:2] != ["petition", "query"] or "--by" in words or not blocks or tried == 25:
            continue
        tried += 1
        done = run(*words[1:], "--format", "json", "--data", folder)
        assert done.exit_code == 0, done.output
        found = json.loads(done.stdout)
        assert found["versions"] == {name: content["versions"][name] for name in found["versions"]}
        now = {b["metric"]: b["rows"][0][3] for b in blocks if b["to"] == found["to"] and b["rows"]}
        assert {name: found["rows"][0][name] for name in now} == now
    assert tried == 25


def test_a_changed_number_is_told(meeting: Path, tmp_path: Path) -> None:
    """The recomputing sees what the sums do not: both are written anew here."""
    alone = tmp_path / "changed"
    shutil.copytree(meeting / FOLDER, alone / FOLDER)
    (one,) = readable(alone)
    path = one.folder / "data" / "petitions.parquet"
    rows = pq.read_table(path)
    pq.write_table(rows.slice(0, rows.num_rows * 3 // 4), path)
    listed = sums.read((one.folder / SUMS).read_text("utf-8"))
    listed["data/petitions.parquet"] = sums.of_file(path)
    (one.folder / SUMS).write_text(sums.written(listed), "utf-8")
    assert damaged(alone) == []
    (told,) = differing(alone)
    assert "重算后与当时不同" in told


def test_damaged_rows_are_told_and_not_read(meeting: Path, tmp_path: Path) -> None:
    alone = tmp_path / "damaged"
    shutil.copytree(meeting / FOLDER, alone / FOLDER)
    (one,) = readable(alone)
    path = one.folder / "data" / "petitions.parquet"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    assert "data/petitions.parquet 缺失或被改动" in damaged(alone)[0]
    asked = run("query", "petitions", "--data", one.folder)
    assert isinstance(asked.exception, Refusal)
    assert "从备份恢复" in f"{asked.exception}"


def test_check_recomputes_where_asked(meeting: Path) -> None:
    assert run("check", "--recompute", "--data", meeting).exit_code == 0


def test_settings_are_those_of_then(bureau: Bureau, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (bureau.store.path / "site.toml").write_text(
        'township_file = "名单.csv"\nbureau = "当时的信访局"\ncounty = "某县"\n', "utf-8"
    )
    (bureau.store.path / "名单.csv").write_text("名称\n宁中镇\n", "utf-8")
    one = archive(bureau.engine, asking(bureau.engine, "2021-10"), {})
    (bureau.store.path / "site.toml").write_text('bureau = "后来的"\ncounty = "某县"\n', "utf-8")
    monkeypatch.setenv("PETITION_SITE", str(bureau.store.path / "site.toml"))
    assert load_site(site_file(bureau.store.path)).bureau == "后来的"
    engine = engine_then(one)
    assert engine is not None
    assert (engine.site.bureau, [t.name for t in engine.site.townships]) == ("当时的信访局", ["宁中镇"])


# --- what it holds ---------------------------------------------------------------------------------------


def test_no_code_of_a_petitioner_is_in_an_archive(meeting: Path, bureau: Bureau) -> None:
    one = archive(bureau.engine, asking(bureau.engine, "2021-10"), {})
    kept = pq.read_table(one.folder / "data" / "petitions.parquet")
    assert set(kept.column("petitioner_key").to_pylist()) == {"未填"}
    assert CODE in bureau.store.read("petitions", ["petitioner_key"])["petitioner_key"].to_pylist()
    code = re.compile(rb"(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])")
    (of_demo,) = readable(meeting)
    for path in (of_demo.folder / "data").glob("*.parquet"):
        for name, column in zip((t := pq.read_table(path)).column_names, t.columns, strict=True):
            if pa.types.is_string(column.type):
                assert not any(code.fullmatch(f"{v}".encode()) for v in column.unique().to_pylist()), name


def test_the_rows_are_those_of_the_version_used(bureau: Bureau) -> None:
    then = bureau.engine.frozen(bureau.engine.versions())
    bureau.bring("petitions", item(4, "2021-10-09"))
    one = archive(then, asking(then, "2021-10"), {})
    kept = Kept(one.folder / "data")
    assert kept.versions() == {"petitions": 1, "links": 1}
    columns = [f.name for f in DATASETS["petitions"].fields if f.name != "petitioner_key"]
    before = bureau.store.read("petitions", columns, version=1).sort_by("petition_id")
    assert kept.read("petitions", columns).cast(before.schema).sort_by("petition_id") == before
    assert kept.declared_coverage("petitions", 1) == date(2021, 10, 31)


def test_it_is_read_only(bureau: Bureau, tmp_path: Path) -> None:
    one = archive(bureau.engine, asking(bureau.engine, "2021-10"), {})
    before = {path: path.read_bytes() for path in one.folder.rglob("*") if path.is_file()}
    with pytest.raises(Refusal, match="只供查询"):
        Bureau(one.folder / "data").bring("petitions", item(9, "2021-10-09"))
    engine = engine_then(one)
    assert engine is not None
    with pytest.raises(Refusal, match="不再归档"):
        archive(engine, asking(engine, "2021-10"), {})
    for words in (("serve", "--port", 8539), ("demo",), ("erase", "--code", CODE, "--yes")):
        assert isinstance(run(*words, "--data", one.folder).exception, Refusal), words
    with pytest.raises(Refusal, match="只有第 1 版"):
        engine.store.files("petitions", 2)
    assert {path: path.read_bytes() for path in one.folder.rglob("*") if path.is_file()} == before


def test_one_of_before_rows_were_kept_is_read_and_issued_anew_with_them(bureau: Bureau) -> None:
    made = asking(bureau.engine, "2021-10", *ASKS)
    old = archive(bureau.engine, made, {"材料.docx": b"words"})
    shutil.rmtree(old.folder / "data")
    listed = sums.read((old.folder / SUMS).read_text("utf-8"))
    kept = {name: found for name, found in listed.items() if "/" not in name}
    (old.folder / SUMS).write_text(sums.written(kept), "utf-8")
    (found,) = archived(Engine(Store(bureau.store.path), SITE))
    assert (found.digest, found.data, found.document("材料.docx")) == (old.digest, None, b"words")
    assert damaged(bureau.store.path) == differing(bureau.store.path) == []
    new = archive(bureau.engine, made, {"材料.docx": b"words"})
    assert (new.number, new.data is not None) == (2, True)
    assert archive(bureau.engine, made, {"材料.docx": b"words"}) == new


# --- where the store has lost them -----------------------------------------------------------------------


def test_why_a_number_is_another_is_worked_out_from_the_archive(bureau: Bureau) -> None:
    archive(bureau.engine, asking(bureau.engine, "2021-10"), {})
    bureau.bring("petitions", item(4, "2021-10-30"), covers_to=date(2021, 10, 31))
    words = "2021年10月信访总量已通报1件，现为2件：迟报1件。"
    ((first, *_),) = corrections(bureau.engine, asking(bureau.engine, "2021-10"))
    assert first.source and first.source.query
    bureau.store.publish({}, forgetting=("petitions", "links"))
    engine = Engine(Store(bureau.store.path), SITE)
    (told,) = corrections(engine, asking(engine, "2021-10"))
    assert plain_text(told) == words
    assert told[0].source and told[0].source.query is None
    assert str(readable(bureau.store.path)[0].folder) in told[0].source.command


def test_receptions_and_duties_are_kept_where_they_are_told(bureau: Bureau) -> None:
    bureau.bring("receptions", reception(1, "2021-10-08"), covers_to=date(2021, 10, 31))
    one = archive(bureau.engine, asking(bureau.engine, "2021-10", {"names": "visits_missed"}), {})
    assert {path.stem for path in (one.folder / "data").glob("*.parquet")} >= {"receptions", "duties"}
    assert differing(bureau.store.path) == []

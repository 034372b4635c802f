"""What the store promises: whole versions, nothing half-written, every old version still there."""

import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable
from exports import SITE

from analytics import sums
from analytics.contract import IMPORTED, PETITIONS
from analytics.ingest import Report, import_rows
from analytics.site import ROOT, Refusal
from analytics.store import FILES_PER_YEAR, MANIFEST, Store, schema

DAY = date(2021, 3, 1)
PARQUET = {
    pa.string(): ("BYTE_ARRAY", "STRING"),
    pa.date32(): ("INT32", "DATE"),
    pa.int32(): ("INT32", "NONE"),
    pa.bool_(): ("BOOLEAN", "NONE"),
}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


def petitions(*keys: str, day: date = DAY, **more: object) -> pd.DataFrame:
    return pd.DataFrame({"petition_id": list(keys), "registered_on": day, "channel": "letter", **more})


def bring(store: Store, *keys: str, day: date = DAY, covers_to: date | None = None, **more: object) -> Report:
    return import_rows(store, SITE, "petitions", petitions(*keys, day=day, **more), covers_to=covers_to)


def keys(store: Store, version: int | None = None) -> list[str]:
    return sorted(store.read("petitions", ["petition_id"], version=version)["petition_id"].to_pylist())


def test_an_empty_store_serves_nothing(store: Store) -> None:
    assert store.versions() == {}
    assert not store.is_demo
    assert store.imports() == []
    assert store.read("petitions").num_rows == 0
    with pytest.raises(Refusal, match="尚未导入过"):
        store.files("petitions", 0)


def test_files_are_plain_paths_that_duckdb_opens(tmp_path: Path) -> None:
    store = Store(tmp_path / "数据 100% 目录")
    bring(store, "a", "b")
    bring(store, "b", "c", persons=5)
    files = store.files("petitions", store.versions()["petitions"])
    assert all(Path(file).is_absolute() and Path(file).is_file() for file in files)
    rows = duckdb.sql(
        f"SELECT petition_id, persons FROM read_parquet({files}, union_by_name=true) ORDER BY 1"
    )
    assert rows.fetchall() == [("a", 1), ("b", 5), ("c", 5)]


def test_the_stored_schema_is_the_contract(store: Store) -> None:
    bring(store, "a")
    bring(store, "a", "b", persons=9)
    for file in store.files("petitions", store.versions()["petitions"]):
        columns = pq.ParquetFile(file).schema
        stored = {
            c.name: (c.physical_type, c.logical_type.type) for c in map(columns.column, range(len(columns)))
        }
        wanted = {field.name: PARQUET[field.type] for field in schema(PETITIONS) if field.name != "year"}
        assert stored == wanted


def test_an_old_version_stays_as_it_was(store: Store) -> None:
    first = bring(store, "a").version
    second = bring(store, "a", "b", persons=7).version
    third = bring(store, "c").version
    assert keys(store, first) == ["a"]
    assert keys(store, second) == ["a", "b"]
    assert keys(store) == keys(store, third) == ["a", "b", "c"]
    assert store.read("petitions", ["persons"], version=first)["persons"].to_pylist() == [1]


def test_a_row_that_changes_its_year_is_there_once(store: Store) -> None:
    bring(store, "a", day=date(2020, 12, 31))
    bring(store, "a", day=date(2021, 1, 1))
    assert store.read("petitions", ["registered_on"])["registered_on"].to_pylist() == [date(2021, 1, 1)]


@pytest.mark.parametrize("version", [-1, 5])
def test_a_version_that_does_not_exist_is_refused(store: Store, version: int) -> None:
    served = bring(store, "a").version
    with pytest.raises(Refusal, match=rf"没有第 {version} 版.*第 0 至 {served} 版"):
        store.files("petitions", version)


@pytest.mark.long
def test_many_imports_leave_few_files(store: Store) -> None:
    for number in range(2 * FILES_PER_YEAR + 2):
        bring(store, f"k{number:02}")
        assert len(store.files("petitions", store.versions()["petitions"])) <= FILES_PER_YEAR
    assert len(keys(store)) == 2 * FILES_PER_YEAR + 2
    assert [record.inserted for record in store.imports()] == [1] * (2 * FILES_PER_YEAR + 2)
    assert keys(store, 1) == ["k00"]


def test_coverage_is_what_the_last_import_declared(store: Store) -> None:
    first = bring(store, "a", covers_to=date(2021, 3, 31)).version
    second = bring(store, "b").version
    assert store.declared_coverage("petitions", first) == date(2021, 3, 31)
    assert store.declared_coverage("petitions", second) is None
    assert store.latest_event("petitions", second) == DAY


def test_a_new_coverage_alone_makes_a_version_and_the_same_again_does_not(store: Store) -> None:
    versions = [bring(store, "a", covers_to=day).version for day in (None, DAY, DAY, None)]
    assert versions[0] < versions[1] == versions[2] == versions[3]
    assert store.declared_coverage("petitions", versions[-1]) == DAY
    assert keys(store) == ["a"]


def test_what_each_import_did_newest_first(store: Store) -> None:
    bring(store, "a", "b")
    bring(store, "b", "c", persons=3, covers_to=DAY)
    newest, oldest = store.imports()
    assert (newest.inserted, newest.updated, newest.covers_to) == (1, 1, DAY)
    assert (oldest.inserted, oldest.updated, oldest.covers_to) == (2, 0, None)
    assert newest.version == store.versions()["petitions"] > oldest.version
    assert str(newest.when.utcoffset()) == "8:00:00"


# --- crashes and conflicts ------------------------------------------------------------------------


def crash_before_publishing(store: Store, monkeypatch: pytest.MonkeyPatch, *new: str) -> None:
    def crash(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Store, "publish", crash)
        with pytest.raises(KeyboardInterrupt):
            bring(store, *new)


def test_a_crash_before_the_manifest_serves_the_old_and_the_next_import_works(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    served = bring(store, "a", covers_to=DAY).version
    before = store.versions()
    crash_before_publishing(store, monkeypatch, "ghost")
    assert DeltaTable(store.path / "petitions").version() > served
    reopened = Store(store.path)
    assert reopened.versions() == before
    assert keys(reopened) == ["a"]
    after = bring(reopened, "b").version
    assert keys(reopened) == ["a", "b"], "rows of the crashed import must not slip in with the next"
    assert [record.version for record in reopened.imports()] == [after, served]
    assert reopened.declared_coverage("petitions", served) == DAY


def test_a_crash_of_the_very_first_import_leaves_an_empty_store(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    crash_before_publishing(store, monkeypatch, "ghost")
    assert Store(store.path).versions() == {}
    bring(store, "a")
    assert keys(store) == ["a"]


def test_a_manifest_half_written_is_never_read(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    bring(store, "a")
    before = (store.path / MANIFEST).read_bytes()

    def out_of_space(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", out_of_space)
    with pytest.raises(Refusal, match="磁盘已满"):
        bring(store, "b")
    assert (store.path / MANIFEST).read_bytes() == before
    assert keys(store) == ["a"]


@pytest.mark.skipif(sys.platform == "win32", reason="file size limits are a POSIX thing")
def test_a_full_disk_is_told_and_changes_nothing(store: Store) -> None:
    bring(store, "a")
    before = store.versions()
    script = f"""
import resource, sys
sys.path[:0] = [{str(ROOT / "tests")!r}]
from pathlib import Path
from analytics.site import Refusal
from analytics.store import Store
from test_store import bring
resource.setrlimit(resource.RLIMIT_FSIZE, (4000, 4000))
try:
    bring(Store(Path({str(store.path)!r})), *map(str, range(50_000)))
except Refusal as refusal:
    print(refusal)
"""
    run = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, encoding="utf-8", cwd=ROOT
    )
    assert "失败" in run.stdout, run.stderr
    assert "原有数据未变" in run.stdout
    assert store.versions() == before
    assert keys(store) == ["a"]
    bring(store, "b")
    assert keys(store) == ["a", "b"]


def bring_in_turn(path: str, *names: str) -> None:
    for name in names:
        bring(Store(Path(path)), name)


def test_two_concurrent_imports_both_arrive(store: Store) -> None:
    names = [[f"{who}{n}" for n in range(4)] for who in "xy"]
    script = (
        "import sys; sys.path[:0] = ['tests']; import test_store; test_store.bring_in_turn(*sys.argv[1:])"
    )
    workers = [
        subprocess.Popen([sys.executable, "-c", script, str(store.path), *each], cwd=ROOT) for each in names
    ]
    assert [worker.wait(120) for worker in workers] == [0, 0]
    assert keys(store) == sorted([*names[0], *names[1]])
    assert len(store.imports()) == 8


def test_a_commit_that_slips_past_the_lock_makes_the_import_plan_again(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring(store, "a")
    head = Store._head
    slipped: list[int] = []

    def slip(self: Store, *args: object) -> DeltaTable:
        table = head(self, *args)  # type: ignore[arg-type]
        if not slipped:
            slipped.append(1)
            bring(Store(store.path), "b")
        return table

    # a file system on which locks do nothing
    monkeypatch.setattr("filelock.FileLock.acquire", lambda self, *_, **__: None)
    monkeypatch.setattr("filelock.FileLock.release", lambda self, *_, **__: None)
    monkeypatch.setattr(Store, "_head", slip)
    bring(store, "c")
    assert keys(store) == ["a", "b", "c"]


def test_a_second_import_waits_and_is_then_told(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("analytics.store.LOCK_SECONDS", 0.05)
    with store.lock(), pytest.raises(Refusal, match="另一个导入正在写入"):
        bring(Store(store.path), "a")


# --- what cannot be served ------------------------------------------------------------------------


@pytest.mark.parametrize("content", ["", "{", "[]", '{"versions": {"petitions": "一"}}', '{"demo": true}'])
def test_a_broken_manifest_is_refused(store: Store, content: str) -> None:
    bring(store, "a")
    (store.path / MANIFEST).write_text(content, "utf-8")
    with pytest.raises(Refusal, match=r"已损坏.*备份"):
        store.versions()


def test_a_lost_manifest_is_refused_and_no_import_covers_it_up(store: Store) -> None:
    bring(store, "a")
    (store.path / MANIFEST).unlink()
    with pytest.raises(Refusal, match="不见了"):
        store.versions()
    with pytest.raises(Refusal, match="不见了"):
        bring(store, "b")


def rewrite_log(store: Store, **protocol: object) -> None:
    log = store.path / "petitions" / "_delta_log" / f"{0:020}.json"
    lines = [json.loads(line) for line in log.read_text("utf-8").splitlines()]
    for line in lines:
        if "protocol" in line and "protocol" in protocol:
            line["protocol"] = protocol["protocol"]
        if "metaData" in line and "configuration" in protocol:
            line["metaData"]["configuration"].update(protocol["configuration"])
    log.write_text("\n".join(map(json.dumps, lines)), "utf-8")
    (store.path / "petitions" / sums.NAME).unlink()  # as in a store of before there were sums
    store.adopt(json.loads((store.path / MANIFEST).read_text("utf-8")) | {"listed": []})


def test_tables_rewritten_with_deletion_vectors_are_refused(store: Store) -> None:
    served = bring(store, "a").version
    features = ["deletionVectors"]
    protocol = {
        "minReaderVersion": 3,
        "minWriterVersion": 7,
        "readerFeatures": features,
        "writerFeatures": features,
    }
    rewrite_log(store, protocol=protocol)
    with pytest.raises(Refusal, match="删除向量"):
        store.files("petitions", served)


def test_tables_rewritten_with_column_mapping_are_refused(store: Store) -> None:
    served = bring(store, "a").version
    rewrite_log(store, configuration={"delta.columnMapping.mode": "name"})
    with pytest.raises(Refusal):
        store.files("petitions", served)


def test_a_lost_data_directory_is_refused(store: Store) -> None:
    served = bring(store, "a").version
    for log in (store.path / "petitions" / "_delta_log").iterdir():
        log.unlink()
    with pytest.raises(Refusal, match="打不开"):
        store.files("petitions", served)


# --- demo and real --------------------------------------------------------------------------------


def test_demo_and_real_rows_never_share_a_store(tmp_path: Path) -> None:
    demo, real = Store(tmp_path / "demo"), Store(tmp_path / "real")
    import_rows(demo, SITE, "petitions", petitions("a"), demo=True)
    bring(real, "a")
    assert demo.is_demo
    assert not real.is_demo
    with pytest.raises(Refusal, match="演示数据"):
        bring(demo, "b")
    with pytest.raises(Refusal, match="真实数据"):
        import_rows(real, SITE, "petitions", petitions("b"), demo=True)
    assert keys(demo) == keys(real) == ["a"]


@pytest.mark.parametrize("dataset", list(IMPORTED))
def test_every_dataset_is_stored_and_read_back(store: Store, dataset: str) -> None:
    contract = IMPORTED[dataset]
    row = {field.name: "一" for field in contract.required} | {contract.date: DAY}
    if contract is PETITIONS:
        row["channel"] = "letter"
    report = import_rows(store, SITE, dataset, pd.DataFrame([row]))
    assert report.inserted == 1
    stored = store.read(dataset).to_pylist()[0]
    assert stored[contract.key] == "一"
    assert stored["year"] == 2021
    holes = [f.name for f in contract.fields if stored[f.name] is None and f.default is not None]
    assert holes == []

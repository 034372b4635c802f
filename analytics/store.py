"""The store: one Delta Lake table per dataset, and the manifest that says which versions are served.

A dataset's rows change by one Delta commit; readers open what the manifest names, and the manifest is
replaced only after the commit. What a crash leaves behind in between is undone by the next commit.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from uuid import uuid4

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as pa_dataset
from deltalake import CommitProperties, DeltaTable, WriterProperties, write_deltalake
from deltalake.exceptions import CommitFailedError, DeltaError
from filelock import FileLock, Timeout

from analytics.contract import DATASETS, Dataset, Kind
from analytics.site import BEIJING, Refusal

MANIFEST = "manifest.json"
FILES_PER_YEAR = 8
LOCK_SECONDS = 60
YEAR = "year"

_NOTE = "petition"  # our note within Delta's commit metadata
_REMOVE = "remove_this_row"
_ARROW = {Kind.TEXT: pa.string(), Kind.DATE: pa.date32(), Kind.INTEGER: pa.int32(), Kind.FLAG: pa.bool_()}
_WRITER = WriterProperties(compression="ZSTD", max_row_group_size=122_880)
_UNUSABLE = re.compile(r"[\[\]#]|%[0-9A-Fa-f]{2}")  # delta-rs takes them for parts of an address
_UNREADABLE = frozenset({"deletionVectors", "columnMapping"})


class Conflict(Exception):
    """Another import committed first; plan again on the newer rows."""


@dataclass(frozen=True)
class Note:
    """What a commit says about itself; `derivation` and `covers_to` are carried from commit to commit."""

    kind: str
    derivation: str = ""
    covers_to: date | None = None
    when: datetime | None = None
    files: tuple[str, ...] = ()
    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    removed: int = 0
    rejected: int = 0
    warnings: int = 0
    restored: int | None = None

    def as_commit(self) -> CommitProperties:
        """As Delta commit metadata. No silent retry: a conflict means that the plan is out of date."""
        content = {f.name: v for f in fields(self) if (v := getattr(self, f.name)) != f.default}
        text = json.dumps(content, ensure_ascii=False, default=lambda day: day.isoformat())
        return CommitProperties(custom_metadata={_NOTE: text}, max_commit_retries=0)

    @classmethod
    def read(cls, text: str) -> Note:
        """The reverse of `as_commit`."""
        content = json.loads(text)
        for name, kind in (("covers_to", date), ("when", datetime)):
            if name in content:
                content[name] = kind.fromisoformat(content[name])
        return cls(**content | {"files": tuple(content.get("files", ()))})


@dataclass(frozen=True)
class ImportRecord:
    """What one import did; `when` is Beijing time, `version` the version it made."""

    when: datetime
    dataset: str
    files: tuple[str, ...]
    inserted: int
    updated: int
    unchanged: int
    removed: int
    rejected: int
    warnings: int
    version: int
    covers_to: date | None


@dataclass(frozen=True)
class Change:
    """Rows to write (whole, of the dataset's schema) and keys to remove; `fresh`: no row replaces another."""

    rows: pa.Table
    removed: tuple[str, ...] = ()
    fresh: bool = field(default=False, kw_only=True)


def schema(dataset: Dataset) -> pa.Schema:
    """The columns of the stored table: the contract's fields, the values as given, and the year."""
    fields = [(f.name, _ARROW[f.kind]) for f in dataset.fields]
    given = [(f.stored_given, _ARROW[f.kind]) for f in dataset.fields if f.given]
    return pa.schema([*fields, *given, (YEAR, pa.int32())])


def enclosing_store(path: Path) -> Path | None:
    """The store in which the path lies, if any."""
    return next((parent for parent in path.absolute().parents if (parent / MANIFEST).exists()), None)


class Store:
    """The tables under one data directory."""

    def __init__(self, path: Path) -> None:
        self.path = Path(path).absolute()
        if _UNUSABLE.search(str(self.path)):
            raise Refusal(
                f"数据目录 {self.path} 的名称里有 [、]、# 或 %20 这样的编码，存储不能用：请换一个名称"
            )
        self._lock = FileLock(self.path / ".lock", timeout=LOCK_SECONDS)

    # --- what is served ---------------------------------------------------------------------------

    @property
    def is_demo(self) -> bool:
        """Holds the demo's invented rows."""
        return bool(self._manifest().get("demo", False))

    @property
    def identity(self) -> str:
        """Another one for another store at the same place: its versions mean other rows."""
        return str(self._manifest().get("id", ""))

    def versions(self) -> dict[str, int]:
        """The served version of each dataset; empty for an empty store."""
        return dict(self._manifest()["versions"])

    def files(self, dataset: str, version: int) -> list[str]:
        """Parquet files of that version as plain absolute paths. Raises Refusal where there are none."""
        return _paths(self.path / dataset, self._open(dataset, version))

    def files_committed(self, dataset: str, version: int) -> list[str]:
        """The same of a version not served yet, for what follows from it. Call it under `lock`."""
        return _paths(self.path / dataset, DeltaTable(self.path / dataset, version=version))

    def read(
        self,
        dataset: str,
        columns: Sequence[str] | None = None,
        keys: Sequence[str] | None = None,
        version: int | None = None,
    ) -> pa.Table:
        """Rows of the served (or given) version, all of them or those with the keys."""
        contract = DATASETS[dataset]
        version = self.versions().get(dataset) if version is None else version
        if version is None:
            empty = schema(contract).empty_table()
            return empty.select(list(columns)) if columns else empty
        rows = self._open(dataset, version).to_pyarrow_dataset()
        there = [name for name in columns or schema(contract).names if name in rows.schema.names]
        if keys is None:
            return rows.to_table(columns=there)
        wanted = pa.array(keys, pa.string())
        return pa.concat_tables(
            [
                rows.schema.empty_table().select(there),
                *(_having(part, rows.schema, there, contract.key, wanted) for part in rows.get_fragments()),
            ]
        )

    def declared_coverage(self, dataset: str, version: int) -> date | None:
        """To which day the last import at or before the version said its data is complete."""
        return self._notes(dataset).get(version, Note("")).covers_to

    def latest_event(self, dataset: str, version: int) -> date | None:
        """The last day on which anything happened in the version's rows."""
        rows = self.read(dataset, DATASETS[dataset].event_dates, version=version)
        days = [pc.max(column).as_py() for column in rows.columns]
        return max((day for day in days if day is not None), default=None)

    def derivation(self, dataset: str, version: int | None = None) -> str:
        """By which settings the rows of the served (or given) version were derived."""
        return self._notes(dataset)[self.versions()[dataset] if version is None else version].derivation

    def imports(self) -> list[ImportRecord]:
        """What each import did, newest first."""
        records = []
        for dataset, served in self.versions().items():
            notes = self._notes(dataset)
            undone = _undone(notes)
            records += [
                _record(dataset, version, note)
                for version, note in notes.items()
                if note.kind == "import" and version <= served and version not in undone
            ]
        return sorted(records, key=lambda record: (record.when, record.version), reverse=True)

    # --- changing it ------------------------------------------------------------------------------

    @contextmanager
    def lock(self, waiting: Callable[[], None] = lambda: None) -> Iterator[None]:
        """One import at a time; the lock ends with its process. Raises Refusal after a minute's wait.

        `waiting` is called once where another one has it.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            try:
                self._lock.acquire(timeout=0)
            except Timeout:
                waiting()
                self._lock.acquire()
        except Timeout:
            raise Refusal(f"另一个导入正在写入 {self.path}：请等它结束后再试") from None
        except OSError as fault:
            raise Refusal(f"不能写入数据目录 {self.path}：{_reason(fault)}；请检查权限与磁盘") from None
        try:
            yield
        finally:
            self._lock.release()

    def commit(self, dataset: str, change: Change, note: Note) -> int:
        """Writes the change as one Delta commit on top of what is served; gives the new version.

        Readers see it after `publish`. Call it under `lock`. Raises Conflict when another commit came
        first, Refusal when it cannot be written; what is served stays as it was.
        """
        try:
            if not (self.path / MANIFEST).exists():
                self._replace_manifest({"id": uuid4().hex, "demo": False, "versions": {}})
            table = self._head(dataset, note)
            self._compact(dataset, table)
            _write(table, DATASETS[dataset], change, note)
            _sync(self.path / dataset, table)
        except CommitFailedError:
            raise Conflict from None
        except (DeltaError, OSError) as fault:
            raise Refusal(
                f"写入 {self.path / dataset} 失败：{_reason(fault)}；"
                "原有数据未变，请检查磁盘空间与权限后重新导入"
            ) from fault
        return table.version()

    def publish(self, versions: Mapping[str, int], demo: bool = False) -> None:
        """Serves these versions from now on, all at the same instant."""
        try:
            present = self._manifest()
            served = {"demo": demo, "versions": present["versions"] | dict(versions)}
            self._replace_manifest({"id": uuid4().hex} | present | served)
        except OSError as fault:
            raise Refusal(
                f"写入 {self.path / MANIFEST} 失败：{_reason(fault)}；原有数据未变，请检查磁盘后重新导入"
            ) from fault

    # --- inside -----------------------------------------------------------------------------------

    def _manifest(self) -> dict[str, Any]:
        path = self.path / MANIFEST
        try:
            content = json.loads(path.read_text("utf-8"))
            served = content["versions"].items()
            if not all(name in DATASETS and type(v) is int and v >= 0 for name, v in served):
                raise ValueError("versions")
        except FileNotFoundError:
            if any((self.path / name / "_delta_log").exists() for name in DATASETS):
                raise Refusal(f"{path} 不见了，不知道该用哪一版数据：请从备份恢复它") from None
            return {"demo": False, "versions": {}}
        except (ValueError, KeyError, TypeError, AttributeError, OSError):
            raise Refusal(f"{path} 已损坏，不知道该用哪一版数据：请从备份恢复它") from None
        return dict(content)

    def _replace_manifest(self, content: Mapping[str, Any]) -> None:
        path = self.path / MANIFEST
        beside = path.with_suffix(".tmp")
        with beside.open("w", encoding="utf-8") as file:
            json.dump(content, file, ensure_ascii=False, indent=1)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)

    def _open(self, dataset: str, version: int) -> DeltaTable:
        served = self.versions().get(dataset)
        known = served is not None and 0 <= version <= served
        # A version that a crash kept from being served was never reported by anyone.
        if not known or (version != served and version in _undone(self._notes(dataset))):
            there = f"现有第 0 至 {served} 版" if served is not None else "尚未导入过"
            raise Refusal(f"数据集 {dataset} 没有第 {version} 版（{there}）：请改用现有的版本号")
        try:
            table = DeltaTable(self.path / dataset, version=version)
        except (DeltaError, OSError) as fault:
            raise Refusal(
                f"{self.path / dataset} 的第 {version} 版打不开：{_reason(fault)}；请从备份恢复"
            ) from fault
        return _readable(table, self.path / dataset)

    def _notes(self, dataset: str) -> dict[int, Note]:
        # numbered rightly only when the newest version is the one loaded
        try:
            history = DeltaTable(self.path / dataset).history()
        except (DeltaError, OSError) as fault:
            raise Refusal(f"{self.path / dataset} 打不开：{_reason(fault)}；请从备份恢复") from None
        return {entry["version"]: Note.read(entry[_NOTE]) for entry in history if _NOTE in entry}

    def _head(self, dataset: str, note: Note) -> DeltaTable:
        path = self.path / dataset
        if not DeltaTable.is_deltatable(str(path)):
            path.mkdir(parents=True, exist_ok=True)
            return DeltaTable.create(
                path,
                schema(DATASETS[dataset]),
                partition_by=YEAR,
                configuration={"delta.enableExpiredLogCleanup": "false"},
                commit_properties=Note("create", note.derivation).as_commit(),
            )
        table = _readable(DeltaTable(path), path)
        served = self.versions().get(dataset, 0)
        if table.version() != served:
            before = self._notes(dataset)[served]
            undo = Note("restore", before.derivation, before.covers_to, restored=served)
            table.restore(served, commit_properties=undo.as_commit())
            table.update_incremental()
        return table

    def _compact(self, dataset: str, table: DeltaTable) -> None:
        files = pc.value_counts(pa.table(table.get_add_actions(flatten=True)).column(f"partition.{YEAR}"))
        crowded = [each["values"] for each in files.to_pylist() if each["counts"] >= FILES_PER_YEAR]
        if not crowded:
            return
        before = self._notes(dataset)[table.version()]
        for year in crowded:
            table.optimize.compact(
                partition_filters=[(YEAR, "=", str(year))],
                writer_properties=_WRITER,
                commit_properties=Note("compact", before.derivation, before.covers_to).as_commit(),
            )


def _paths(root: Path, table: DeltaTable) -> list[str]:
    paths = pa.table(table.get_add_actions(flatten=True)).column("path").to_pylist()
    return sorted(str(root / unquote(path)) for path in paths)


def _having(
    fragment: pa_dataset.Fragment, types: pa.Schema, columns: list[str], key: str, wanted: pa.Array
) -> pa.Table:
    # not as a filter of the scan: it stumbles over the text type that delta-rs notes in merged files
    found = pc.is_in(fragment.to_table(types, columns=[key])[key], value_set=wanted)
    if not pc.any(found).as_py():
        return types.empty_table().select(columns)
    return fragment.to_table(types, columns=columns).filter(found)


def _undone(notes: Mapping[int, Note]) -> set[int]:
    """Versions that were committed but never served: a crash came between, the next import undid them."""
    return {v for at, n in notes.items() if n.restored is not None for v in range(n.restored + 1, at)}


def _write(table: DeltaTable, dataset: Dataset, change: Change, note: Note) -> None:
    rows = change.rows.select(schema(dataset).names).cast(schema(dataset)).sort_by(dataset.date)
    if not rows.num_rows and not change.removed:
        table.create_write_transaction([], "append", table.schema(), commit_properties=note.as_commit())
        table.update_incremental()
    elif change.fresh and not change.removed:
        write_deltalake(
            table,
            rows,
            mode="append",
            schema_mode="merge",
            writer_properties=_WRITER,
            commit_properties=note.as_commit(),
        )
    else:
        _merge(table, dataset, rows, change.removed, note)


def _merge(table: DeltaTable, dataset: Dataset, rows: pa.Table, removed: Sequence[str], note: Note) -> None:
    gone = pa.table({dataset.key: pa.array(removed, pa.string())})
    source = pa.concat_tables(
        [
            rows.append_column(_REMOVE, pa.repeat(False, rows.num_rows)),
            gone.append_column(_REMOVE, pa.repeat(True, gone.num_rows)),
        ],
        promote_options="default",
    )
    every = {name: f"source.{name}" for name in rows.schema.names}
    (
        table.merge(
            source,
            f"target.{dataset.key} = source.{dataset.key}",
            source_alias="source",
            target_alias="target",
            merge_schema=True,  # without it a new column is dropped without a word
            streamed_exec=False,
            writer_properties=_WRITER,
            commit_properties=note.as_commit(),
        )
        .when_matched_delete(f"source.{_REMOVE}")
        .when_matched_update(every)
        .when_not_matched_insert(every, predicate=f"not source.{_REMOVE}")
        .execute()
    )


def _sync(root: Path, table: DeltaTable) -> None:
    # delta-rs does not wait for the disk, the manifest may only name what has reached it
    log = root / "_delta_log" / f"{table.version():020}.json"
    actions = [json.loads(line) for line in log.read_text("utf-8").splitlines()]
    added = [root / unquote(action["add"]["path"]) for action in actions if "add" in action]
    for path in (*added, log):
        with path.open("rb+") as file:
            os.fsync(file.fileno())


def _readable(table: DeltaTable, path: Path) -> DeltaTable:
    features = set(table.protocol().reader_features or ())
    mapped = table.metadata().configuration.get("delta.columnMapping.mode", "none") != "none"
    if mapped or features & _UNREADABLE:
        raise Refusal(
            f"{path} 用了本程序不能正确读取的 Delta 功能（删除向量或列映射）：请用未经其他工具改写的备份恢复"
        )
    return table


def _record(dataset: str, version: int, note: Note) -> ImportRecord:
    when = note.when or datetime.min.replace(tzinfo=BEIJING)
    counts = (note.inserted, note.updated, note.unchanged, note.removed, note.rejected, note.warnings)
    return ImportRecord(when, dataset, note.files, *counts, version, note.covers_to)


def _reason(fault: Exception) -> str:
    text = str(fault)
    if "No space left" in text or "os error 28" in text:
        return "磁盘已满"
    return (
        "没有写入权限"
        if "Permission denied" in text
        else text.splitlines()[0]
        if text
        else type(fault).__name__
    )

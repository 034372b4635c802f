"""The store: one Delta Lake table per dataset, and the manifest that says which versions are served.

A dataset's rows change by one Delta commit; readers open what the manifest names, and the manifest is
replaced only after the commit. What a crash leaves behind in between is undone by the next commit, which also
clears away files that no commit names.

Of every file that a commit wrote the SHA-256 is listed beside it (`SHA256SUMS`). A version is read only
where its files, and the log that names them, are as they were written; else what is served is the last set of
versions that was published together and is whole, and nothing is written on top until that is mended. Files
of before there were sums are listed by the next commit, and until then served as they are.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from uuid import uuid4

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as pa_dataset
from deltalake import CommitProperties, DeltaTable, WriterProperties
from deltalake import Schema as DeltaSchema
from deltalake.exceptions import CommitFailedError, DeltaError
from deltalake.transaction import AddAction, RemoveAction
from filelock import FileLock, Timeout

from analytics import sums, yearly
from analytics.contract import DATASETS, Dataset, Kind
from analytics.site import BEIJING, Refusal
from analytics.yearly import ROW_GROUP, YEAR

MANIFEST = "manifest.json"
FILES_PER_YEAR = 8
LOCK_SECONDS = 60
KEPT_SETS = 10
"""Sets of versions, published before the present one, that are served where that one is damaged."""
LOOK_SECONDS = 5
"""How long what was found damaged is not looked at again."""
ORPHAN_SECONDS = 3600
"""From when on a file that no commit names is a crash's, and no longer another writer's."""

_NOTE = "petition"  # our note within Delta's commit metadata
_REMOVE = "remove_this_row"
_ARROW = {Kind.TEXT: pa.string(), Kind.DATE: pa.date32(), Kind.INTEGER: pa.int32(), Kind.FLAG: pa.bool_()}
_WRITER = WriterProperties(compression="ZSTD", max_row_group_size=ROW_GROUP)
_UNUSABLE = re.compile(r"[\[\]#]|%[0-9A-Fa-f]{2}")  # delta-rs takes them for parts of an address
_LOG = "_delta_log"
_STATISTICS = "delta.dataSkippingStatsColumns"
_COMMIT = re.compile(r"\d{20}\.json")
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
        return CommitProperties(custom_metadata={_NOTE: self.text()}, max_commit_retries=0)

    def text(self) -> str:
        """As JSON."""
        content = {f.name: v for f in fields(self) if (v := getattr(self, f.name)) != f.default}
        return json.dumps(content, ensure_ascii=False, default=lambda day: day.isoformat())

    @classmethod
    def read(cls, text: str) -> Note:
        """The reverse of `text`."""
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
class Damage:
    """A version that is not as it was written; `what`: the file and what is wrong with it, in Chinese."""

    dataset: str
    version: int
    what: str

    @property
    def named(self) -> str:
        """信访事项第3版."""
        return f"{DATASETS[self.dataset].label}第{self.version}版"


@dataclass(frozen=True)
class Served:
    """The versions that readers open, and what is damaged of those published last: then they are earlier."""

    versions: Mapping[str, int]
    damage: tuple[Damage, ...] = ()

    @property
    def warning(self) -> str:
        """What is damaged, what is shown instead, what to do; empty where all is well."""
        if not self.damage:
            return ""
        shown = "、".join(
            f"{DATASETS[name].label}{f'第{self.versions[name]}版' if name in self.versions else '没有数据'}"
            for name in dict.fromkeys(d.dataset for d in self.damage)
        )
        return f"{self.mark}。现在显示的是此前一次导入后的整套数据（{shown}），不是最新；{MEND}"

    @property
    def mark(self) -> str:
        """The same for a line of sources; empty where all is well."""
        return f"{'、'.join(d.named for d in self.damage)}数据已损坏" if self.damage else ""


MEND = "修复前不能导入。请用 petition restore 把最近的备份恢复到新目录，再补导备份之后的文件"


@dataclass(frozen=True)
class Change:
    """Rows to write and keys to remove; `fresh`: no row replaces another.

    The rows are whole: a column of the dataset's that they lack is missing in all. Texts may be dictionaries.
    """

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
        self._sums = sums.Remembered()
        self._whole: set[tuple[tuple[str, int], ...]] = set()
        self._fallen: tuple[Mapping[str, int], int, Served] = ({}, -1, Served({}))

    # --- what is served ---------------------------------------------------------------------------

    @property
    def is_demo(self) -> bool:
        """Holds the demo's invented rows."""
        return bool(self._manifest().get("demo", False))

    @property
    def is_kept(self) -> bool:
        """Was put away with what was told of it, and is read only."""
        return "kept" in self._manifest()

    @property
    def identity(self) -> str:
        """Another one for another store at the same place: its versions mean other rows."""
        return str(self._manifest().get("id", ""))

    def versions(self) -> dict[str, int]:
        """The version of each dataset that was published last; empty for an empty store."""
        return dict(self._manifest()["versions"])

    def served(self) -> Served:
        """What readers open: the versions published last, or the newest set before them that is whole.

        Each set is read through once. Raises Refusal where none is whole.
        """
        manifest = self._manifest()
        newest, earlier = manifest["versions"], manifest.get("before", ())
        if self._fallen[:2] == (newest, int(time.monotonic() / LOOK_SECONDS)):
            return self._fallen[2]
        if not (damage := self._damages(newest)):
            return Served(newest)
        for versions in earlier:
            if not self._damages(versions):
                found = Served(versions, damage)
                self._fallen = newest, int(time.monotonic() / LOOK_SECONDS), found
                return found
        told = "；".join(f"{d.named}打不开：{d.what}" for d in damage)
        raise Refusal(f"{told}；此前也没有完好的版本可用。请用 petition restore 把最近的备份恢复到新目录")

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
        rows = self._rows(dataset, version)
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
        return self.note(dataset, version).covers_to

    def note(self, dataset: str, version: int) -> Note:
        """What the commit of that version said of itself."""
        return self._notes(dataset).get(version, Note(""))

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

    def unlisted(self) -> list[str]:
        """Datasets none of whose files have a sum yet: they were written before there were sums."""
        return [] if self.is_kept else [name for name in self.versions() if not self._listed(name)]

    # --- changing it ------------------------------------------------------------------------------

    def in_use(self) -> None:
        """Raises Refusal for rows that were put away: nothing is added beside them."""
        if self.is_kept:
            raise Refusal(f"{self.path} 是归档的数据，只供查询：请用 --data 指定在用的数据目录")

    def admit_writing(self) -> None:
        """Raises Refusal where nothing may be added: rows put away, or what was published last is damaged."""
        self.in_use()
        if damage := self._damages(self.versions()):
            told = "、".join(d.named for d in damage)
            raise Refusal(f"{told}的数据已损坏（{damage[0].what}），没有写入任何内容：{MEND}")

    @contextmanager
    def lock(self, waiting: Callable[[], None] = lambda: None) -> Iterator[None]:
        """One import at a time; the lock ends with its process. Raises Refusal after a minute's wait.

        `waiting` is called once where another one has it.
        """
        self.in_use()
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
            self.admit_writing()
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
                self.adopt({"id": uuid4().hex, "demo": False, "versions": {}})
            table = self._head(dataset, note)
            self._compact(dataset, table)
            self._sweep(dataset)
            _write(self.path / dataset, table, DATASETS[dataset], change, note)
            _sync(self.path / dataset, table)
            self._record(dataset)
        except CommitFailedError:
            raise Conflict from None
        except (DeltaError, OSError) as fault:
            raise Refusal(
                f"写入 {self.path / dataset} 失败：{_reason(fault)}；"
                "原有数据未变，请检查磁盘空间与权限后重新导入"
            ) from fault
        return table.version()

    def publish(
        self, versions: Mapping[str, int], demo: bool = False, forgetting: Collection[str] = ()
    ) -> None:
        """Serves these versions from now on, all at the same instant; those before stay to fall back on.

        `forgetting`: a person was taken out of these datasets, earlier versions are refused from now on.
        """
        try:
            present = self._manifest()
            served = {"demo": demo, "versions": present["versions"] | dict(versions)}
            earlier = [present["versions"], *present.get("before", ())]
            before = [one for one in earlier if one and one != served["versions"]][:KEPT_SETS]
            since = present.get("since", {})
            if forgetting:
                before, since = [], since | {n: v for n, v in served["versions"].items() if n in forgetting}
            # From now on a dataset without its list of sums is damaged, and not one of before there were any.
            listed = sorted({*present.get("listed", ()), *versions})
            kept = {"before": before, "listed": listed, **({"since": since} if since else {})}
            self.adopt({"id": uuid4().hex} | present | served | kept)
        except OSError as fault:
            raise Refusal(
                f"写入 {self.path / MANIFEST} 失败：{_reason(fault)}；原有数据未变，请检查磁盘后重新导入"
            ) from fault

    def purge(self, dataset: str, text: str) -> None:
        """Removes every file that the served version does not need, and the text from the log of commits.

        Call it under `lock`, after publishing. Whatever instant it is stopped at, the store stays whole, and
        the next call goes on. Raises Refusal.
        """
        root, served = self.path / dataset, self.versions()[dataset]
        try:
            live = {*self.files(dataset, served)}
            for path in root.rglob("*.parquet"):
                if f"{path}" not in live:
                    path.unlink()
            (root / _LOG / "_last_checkpoint").unlink(missing_ok=True)
            told = [path for path in self._commits(dataset) if text.encode() in path.read_bytes()]
            self._record(dataset, but={path.relative_to(root).as_posix() for path in told})
            for path in told:
                sums.put(path, path.read_bytes().replace(text.encode(), b"0" * len(text)))
            self._record(dataset)
        except OSError as fault:
            raise Refusal(f"没有清除完 {root}：{_reason(fault)}；请检查权限与磁盘后再运行一次") from None

    # --- inside -----------------------------------------------------------------------------------

    def _manifest(self) -> dict[str, Any]:
        path = self.path / MANIFEST
        try:
            content = _manifest_of(path.read_text("utf-8"))
        except FileNotFoundError:
            if any((self.path / name / "_delta_log").exists() for name in DATASETS):
                raise Refusal(f"{path} 不见了，不知道该用哪一版数据：请从备份恢复它") from None
            return {"demo": False, "versions": {}}
        except (ValueError, KeyError, TypeError, AttributeError, OSError):
            raise Refusal(f"{path} 已损坏，不知道该用哪一版数据：请从备份恢复它") from None
        return dict(content)

    def adopt(self, content: Mapping[str, Any]) -> None:
        """Replaces the manifest. Raises OSError."""
        told = {name: value for name, value in content.items() if name != "sum"}
        text = json.dumps({**told, "sum": sums.of_content(told)}, ensure_ascii=False, indent=1)
        sums.put(self.path / MANIFEST, text.encode())

    def _open(self, dataset: str, version: int) -> DeltaTable:
        manifest = self._manifest()
        served = manifest["versions"].get(dataset)
        known = served is not None and 0 <= version <= served
        # A version that a crash kept from being served was never reported by anyone.
        if not known or (version != served and version in _undone(self._notes(dataset))):
            there = f"现有第 0 至 {served} 版" if served is not None else "尚未导入过"
            raise Refusal(f"数据集 {dataset} 没有第 {version} 版（{there}）：请改用现有的版本号")
        if version < (since := manifest.get("since", {}).get(dataset, 0)):
            raise Refusal(
                f"数据集 {dataset} 的第 {version} 版因删除个人信息已清除（现有第 {since} 至 {served} 版）："
                "当时的数字请查归档，petition query 可用 --data 归档目录"
            )
        if what := self._wrong(dataset, version):
            raise Refusal(f"{self.path / dataset} 的第 {version} 版打不开：{what}；请从备份恢复")
        return _readable(DeltaTable(self.path / dataset, version=version), self.path / dataset)

    def _rows(self, dataset: str, version: int) -> pa_dataset.Dataset:
        return self._open(dataset, version).to_pyarrow_dataset()

    def _notes(self, dataset: str) -> dict[int, Note]:
        """What each commit says of itself; nothing of one that cannot be read."""
        found = ((int(path.stem), _noted(path)) for path in self._commits(dataset))
        return {version: note for version, note in found if note is not None}

    def _commits(self, dataset: str) -> list[Path]:
        folder = self.path / dataset / _LOG
        return sorted(path for path in folder.glob("*.json") if _COMMIT.fullmatch(path.name))

    # --- whether it is whole ----------------------------------------------------------------------

    def _damages(self, versions: Mapping[str, int]) -> tuple[Damage, ...]:
        found = tuple(versions.items())
        if found in self._whole:
            return ()
        told = ((dataset, version, self._wrong(dataset, version)) for dataset, version in found)
        damage = tuple(Damage(*one) for one in told if one[2])
        if not damage:
            self._whole = {*self._whole, found}
        return damage

    def _wrong(self, dataset: str, version: int) -> str:
        """What is wrong with a version's files, or with the log up to it; empty where nothing is."""
        what = self._fault(dataset, version)
        if what:  # found whole before, it may have been rotting since
            self._whole = {one for one in self._whole if (dataset, version) not in one}
        return what

    def _fault(self, dataset: str, version: int) -> str:
        root = self.path / dataset
        try:
            listed = self._listed(dataset)
            log = [root / _LOG / f"{at:020}.json" for at in range(version + 1)]
            more = [path for path in (root / _LOG).glob("*.checkpoint*") if int(path.name[:20]) <= version]
            if what := self._differing(root, listed, (*log, *more)):
                return what
            rows = [Path(path) for path in _paths(root, DeltaTable(root, version=version))]
            if dataset in self._manifest().get("listed", ()):
                unlisted = [path for path in rows if path.relative_to(root).as_posix() not in listed]
                if unlisted:
                    return f"文件 {unlisted[0].relative_to(self.path).as_posix()} 的校验记录不见了"
            return self._differing(root, listed, rows)
        except (DeltaError, OSError, ValueError) as fault:
            return _reason(fault)

    def _differing(self, root: Path, listed: Mapping[str, str], paths: Iterable[Path]) -> str:
        for path in paths:
            named = path.relative_to(self.path).as_posix()
            try:
                found = self._sums.of_file(path)
            except FileNotFoundError:
                return f"文件 {named} 缺失"
            except OSError as fault:
                return f"文件 {named} 读不了：{_reason(fault)}"
            if listed.get(path.relative_to(root).as_posix(), found) != found:
                return f"文件 {named} 与写入时的校验和不符"
        return ""

    def _listed(self, dataset: str) -> dict[str, str]:
        """The sum of each file by its path; nothing in a store of before there were sums."""
        path = self.path / dataset / sums.NAME
        try:
            return sums.unsealed(path.read_text("utf-8"))
        except FileNotFoundError:
            return {}
        except ValueError:
            raise ValueError(f"校验和清单 {dataset}/{path.name} 已损坏") from None

    def _record(self, dataset: str, but: Collection[str] = ()) -> None:
        """Lists the sums of what commits brought that are not listed yet, forgets those of files now gone."""
        root, listed = self.path / dataset, self._listed(dataset)
        log = {path.relative_to(root).as_posix(): path for path in self._commits(dataset)}
        new = {name for at, path in log.items() if at not in {*listed, *but} for name in _added(path)}
        points = {path.relative_to(root).as_posix() for path in (root / _LOG).glob("*.parquet")}
        names = {name for name in {*listed, *log, *new, *points} - {*but} if (root / name).exists()}
        kept = {name: listed.get(name) or sums.of_file(root / name) for name in names}
        if kept != listed:
            sums.put(root / sums.NAME, sums.sealed(kept).encode())

    def _sweep(self, dataset: str) -> None:
        """Clears away what crashes left: files of rows that no commit names, half-written log entries."""
        root, listed = self.path / dataset, self._listed(dataset)
        rows = {path for path in root.rglob("*.parquet") if path.parent.name != _LOG}
        unknown = {path for path in rows if path.relative_to(root).as_posix() not in listed}
        if unknown:
            unknown -= {root / name for path in self._commits(dataset) for name in _added(path)}
        half = [path for path in root.rglob("*") if "#" in path.name or path.suffix == ".tmp"]
        for path in (*unknown, *half):
            with suppress(FileNotFoundError):
                if time.time() - path.stat().st_mtime > ORPHAN_SECONDS:
                    path.unlink()

    def _head(self, dataset: str, note: Note) -> DeltaTable:
        path = self.path / dataset
        if not DeltaTable.is_deltatable(str(path)):
            path.mkdir(parents=True, exist_ok=True)
            return DeltaTable.create(
                path,
                schema(DATASETS[dataset]),
                partition_by=YEAR,
                configuration=configuration(dataset),
                commit_properties=Note("create", note.derivation).as_commit(),
            )
        table = _readable(DeltaTable(path), path)
        served = self.versions().get(dataset, 0)
        if table.version() != served:
            before = self._notes(dataset)[served]
            undo = Note("restore", before.derivation, before.covers_to, restored=served)
            table.restore(served, commit_properties=undo.as_commit())
            table.update_incremental()
        if _STATISTICS not in table.metadata().configuration:
            before = self._notes(dataset)[table.version()]
            table.alter.set_table_properties(
                {_STATISTICS: configuration(dataset)[_STATISTICS]},
                commit_properties=Note("properties", before.derivation, before.covers_to).as_commit(),
            )
            table.update_incremental()
        there = {field.name for field in table.schema().fields}
        if new := [field for field in schema(DATASETS[dataset]) if field.name not in there]:
            before = self._notes(dataset)[table.version()]
            table.alter.add_columns(
                DeltaSchema.from_arrow(pa.schema(new)).fields,
                commit_properties=Note("columns", before.derivation, before.covers_to).as_commit(),
            )
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


def configuration(dataset: str) -> dict[str, str]:
    """What Delta is told of a dataset's table when it is made: old versions stay, the log tells no words."""
    return {"delta.enableExpiredLogCleanup": "false", _STATISTICS: ",".join(_plain(DATASETS[dataset]))}


def _plain(dataset: Dataset) -> list[str]:
    """Columns whose least and greatest value the log may tell: no words, which somebody may be known by."""
    return [f.name for f in dataset.fields if f.kind in (Kind.DATE, Kind.INTEGER)]


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


def _write(root: Path, table: DeltaTable, dataset: Dataset, change: Change, note: Note) -> None:
    rows = change.rows
    if change.fresh and not change.removed:
        written = yearly.write(root, rows, dataset.date, _plain(dataset))
        files: list[AddAction | RemoveAction] = [_action(file) for file in written]
        table.create_write_transaction(
            files, "append", table.schema(), partition_by=[YEAR], commit_properties=note.as_commit()
        )
        table.update_incremental()
    else:
        empty = schema(dataset).empty_table()
        rows = pa.concat_tables([empty, _plainly(rows, dataset)], promote_options="default")
        _merge(table, dataset, rows.sort_by(dataset.date), change.removed, note)


def _plainly(rows: pa.Table, dataset: Dataset) -> pa.Table:
    """Dictionaries as the texts that they stand for."""
    return rows.cast(pa.schema([schema(dataset).field(name) for name in rows.column_names]))


def _action(file: yearly.Written) -> AddAction:
    told = {name: extent for name, extent in file.told.items() if extent[0] is not None}
    statistics = {
        "numRecords": file.rows,
        "minValues": {name: least for name, (least, _, _) in told.items()},
        "maxValues": {name: most for name, (_, most, _) in told.items()},
        "nullCount": {name: missing for name, (_, _, missing) in file.told.items()},
    }
    text = json.dumps(statistics, default=lambda day: day.isoformat())
    now = int(time.time() * 1000)
    return AddAction(file.path, file.size, {YEAR: str(file.year)}, now, data_change=True, stats=text)


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
    log = root / _LOG / f"{table.version():020}.json"
    for path in (*(root / name for name in _added(log)), log):
        sums.sync(path)


def _added(commit: Path) -> list[str]:
    """Paths of the files that a commit brought."""
    actions = [json.loads(line) for line in commit.read_text("utf-8").splitlines()]
    return [unquote(action["add"]["path"]) for action in actions if "add" in action]


def _noted(commit: Path) -> Note | None:
    """What a commit says of itself; None where it says nothing, or is damaged."""
    try:
        with commit.open(encoding="utf-8") as lines:
            about = next((line for line in lines if line.startswith('{"commitInfo"')), "{}")
        text = json.loads(about).get("commitInfo", {}).get(_NOTE)
        return Note.read(text) if text else None
    except (OSError, ValueError, TypeError):
        return None


@lru_cache(maxsize=8)
def _manifest_of(text: str) -> Mapping[str, Any]:
    """What a manifest says; not to be changed: every run of every page asks. Raises ValueError and others."""
    content: dict[str, Any] = json.loads(text)
    served = content["versions"].items()
    if not all(name in DATASETS and type(v) is int and v >= 0 for name, v in served):
        raise ValueError("versions")
    if content.pop("sum", None) not in (None, sums.of_content(content)):
        raise ValueError("sum")
    return content


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


_REASONS = {
    "No space left": "磁盘已满",
    "os error 28": "磁盘已满",
    "File too large": "磁盘已满或文件大小受限",
    "quota": "磁盘配额已满",
    "Permission denied": "没有权限",
    "Read-only file system": "目录是只读的",
}


def _reason(fault: Exception) -> str:
    text = str(fault)
    known = (words for part, words in _REASONS.items() if part in text)
    return next(known, "") or (text.splitlines()[0] if text else type(fault).__name__)

"""Rows put away for good beside what was told of them: a folder read like a store, and never written to.

One Parquet file a dataset, of the one version that was used, with the settings it was read by. It needs
nothing of the store that it was taken from, and does not hold who petitioned: no number needs
`petitioner_key`, what links one item to another is the dataset links.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.dataset as pa_dataset
import pyarrow.parquet as pq

from analytics import sums
from analytics.contract import DATASETS, UNFILLED
from analytics.site import Refusal
from analytics.store import MANIFEST, Note, Served, Store
from analytics.yearly import ROW_GROUP

FOLDER = "data"
"""Within the folder of what was told."""
_WHO = "petitioner_key"


class Kept(Store):
    """What `keep` wrote. Its files are checked by the sums of the folder around it."""

    def served(self) -> Served:
        """The versions put away; whether they are whole is seen when they are read."""
        return Served(self.versions())

    def files(self, dataset: str, version: int) -> list[str]:
        """The one file of the dataset. Raises Refusal for another version, and for a damaged file."""
        there = self.versions().get(dataset)
        if version != there:
            told = f"只有第 {there} 版" if there is not None else "没有这个数据集"
            raise Refusal(f"归档 {self.path.parent} 里没有数据集 {dataset} 的第 {version} 版（{told}）")
        return [str(self._whole_file(_file(dataset)))]

    def _whole_file(self, name: str) -> Path:
        path = self.path / name
        try:
            listed = sums.read((self.path.parent / sums.NAME).read_text("utf-8"))
            whole = listed[f"{self.path.name}/{name}"] == self._sums.of_file(path)
        except (OSError, ValueError, KeyError):
            whole = False
        if not whole:
            raise Refusal(f"归档的数据文件 {path} 缺失或被改动：请从备份恢复这个归档文件夹")
        return path

    def _rows(self, dataset: str, version: int) -> pa_dataset.Dataset:
        return pa_dataset.dataset(self.files(dataset, version))

    def _notes(self, dataset: str) -> dict[int, Note]:
        manifest = self._manifest()
        return {manifest["versions"][dataset]: Note.read(manifest["kept"][dataset])}


def is_kept(folder: Path) -> bool:
    """Whether it is a folder that `keep` wrote."""
    path = folder / MANIFEST
    try:
        return folder.name == FOLDER and "kept" in json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return False


def keep(store: Store, versions: Mapping[str, int], settings: Iterable[Path], folder: Path) -> None:
    """Writes the versions and the settings (site.toml first) into a new folder. Raises Refusal, OSError."""
    folder.mkdir()
    for dataset, version in versions.items():
        _write(store, dataset, version, folder / _file(dataset))
    first, *lists = settings
    for name, path in {"site.toml": first, **{path.name: path for path in lists}}.items():
        (folder / name).write_bytes(path.read_bytes())
    notes = {name: store.note(name, version).text() for name, version in versions.items()}
    Store(folder).adopt(
        {"id": store.identity, "demo": store.is_demo, "versions": dict(versions), "kept": notes}
    )


def _file(dataset: str) -> str:
    return f"{dataset}.parquet"


def _write(store: Store, dataset: str, version: int, path: Path) -> None:
    rows = store._rows(dataset, version)
    names = [field.name for field in DATASETS[dataset].fields if field.name in rows.schema.names]
    columns = {name: pa_dataset.field(name) for name in names}
    if _WHO in columns:
        columns[_WHO] = pa.compute.scalar(UNFILLED)
    scanned = rows.scanner(columns=columns)
    with pq.ParquetWriter(path, scanned.projected_schema, compression="zstd") as file:
        for batch in scanned.to_batches():
            file.write_batch(batch, ROW_GROUP)

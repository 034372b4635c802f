"""The files of one import, each read, matched with the contract and checked cell by cell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analytics.contract import Dataset
from analytics.ingest.batch import Batch
from analytics.ingest.coded import Seen
from analytics.ingest.mapping import Columns, MappingFile, load_mapping, match
from analytics.ingest.read import Exported, Progress, read
from analytics.ingest.validate import Secret, check
from analytics.site import Refusal

FILES, TOGETHER = 100, 1 << 30
"""How many files one import takes, and how many bytes they may have together."""


@dataclass(frozen=True)
class Incoming:
    """One file: `unclaimed` are the headers of no column; `batches` can be gone through once."""

    file: str
    dataset: Dataset
    unclaimed: Sequence[str]
    batches: Iterable[Batch]


def gather(
    files: Sequence[Path],
    dataset: str | None,
    mapping: Path | Mapping[str, Any] | None,
    secret: Secret,
    progress: Progress | None = None,
) -> Iterator[Incoming]:
    """Each file as it is opened. Raises Refusal, for files of two datasets too."""
    if not files:
        raise Refusal("没有给出文件：请给出要导入的文件")
    _admit(files)
    rules = load_mapping(mapping)
    found: dict[str, Dataset] = {}
    for file in map(Path, files):
        exported = read(file, rules.knows, rules.sheet, progress)
        columns = match(exported.file, exported.headers, rules, dataset)
        found[exported.file] = columns.dataset
        if len(set(found.values())) > 1:
            told = "，".join(f"{name} 是{each.label}" for name, each in found.items())
            raise Refusal(f"一次只能导入一个数据集的文件，而 {told}：请分次导入，或用 --dataset 指定")
        batches = _checked(exported, columns, rules, secret, progress)
        yield Incoming(exported.file, columns.dataset, columns.ignored, batches)


def _checked(
    exported: Exported, columns: Columns, rules: MappingFile, secret: Secret, progress: Progress | None
) -> Iterator[Batch]:
    seen, done = Seen(), 0
    for piece in exported.pieces:
        yield check(exported.file, piece, columns, rules, secret, seen)
        done += len(piece.numbers)
    if progress:
        progress(f"校验 {exported.file}", done, done)


def _admit(files: Sequence[Path]) -> None:
    """So many files and no more, so large and no larger: what a province exports in a year."""
    if len(files) > FILES:
        raise Refusal(f"一次给出了 {len(files)} 个文件，超过 {FILES} 个：请分几次导入")
    size = sum(file.stat().st_size for file in map(Path, files) if file.is_file())
    if size > TOGETHER:
        raise Refusal(f"这些文件共 {size >> 20} MB，超过 {TOGETHER >> 20} MB：请分几次导入")

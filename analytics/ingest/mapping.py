"""Which column of a file is which column of the contract: by known names, or by a mapping file."""

from __future__ import annotations

import difflib
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from functools import cache
from pathlib import Path
from typing import Any

from analytics.contract import DATASETS, IMPORTED, PERSONAL, Dataset, Field, Personal
from analytics.masking import shown, visible
from analytics.site import Refusal

_LONGEST, _LONGEST_LINE = 256 * 1024, 1_000  # bytes, characters
_PARTS = {"dataset": str, "sheet": str, "columns": dict, "constants": dict, "values": dict}


@dataclass(frozen=True)
class MappingFile:
    """What a mapping file says; everything may be absent.

    `columns`: contract column → source header; `constants`: contract column → value; `values`: contract
    column → {source value: contract value}.
    """

    dataset: str | None = None
    sheet: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def knows(self, header: str) -> bool:
        """The header is named here, or a known name of some column."""
        name = plain(header)
        return bool(name) and (name in _all_names() or name in map(plain, self.columns.values()))


@dataclass(frozen=True)
class Columns:
    """Contract (and personal) columns → headers of one file; `ignored` are the headers nobody claims."""

    dataset: Dataset
    headers: Mapping[str, str]
    ignored: Sequence[str]


def plain(text: str) -> str:
    """A name without the differences that do not matter: width, case, blanks, a “required” mark."""
    return (
        "".join(unicodedata.normalize("NFKC", visible(text)).split())
        .casefold()
        .rstrip("*")
        .removesuffix("(必填)")
    )


def load_mapping(source: Path | Mapping[str, Any] | None) -> MappingFile:
    """Reads a mapping file. Raises Refusal, naming the entry, where it is not as it must be."""
    if source is None:
        return MappingFile()
    name = "映射" if isinstance(source, Mapping) else shown(source.name)
    content = dict(source) if isinstance(source, Mapping) else _toml(source)
    for part, value in content.items():
        if part not in _PARTS:
            raise Refusal(f"{name} 里没有“{shown(part)}”这一项；可用：{'、'.join(_PARTS)}")
        if not isinstance(value, _PARTS[part]):
            raise Refusal(f"{name} 的 {part} 类型不对：请参照说明改正")
    values = content.get("values", {})
    if not all(isinstance(pairs, Mapping) for pairs in values.values()):
        raise Refusal(f'{name} 的 [values] 应按列写成 [values.列名]，其下为 "原值" = "新值"：请改正')
    return MappingFile(
        content.get("dataset"),
        content.get("sheet"),
        {column: _single(name, column, header) for column, header in content.get("columns", {}).items()},
        {column: _single(name, column, value) for column, value in content.get("constants", {}).items()},
        {c: {plain(k): _single(name, k, v) for k, v in pairs.items()} for c, pairs in values.items()},
    )


def match(file: str, headers: Sequence[str], mapping: MappingFile, dataset: str | None = None) -> Columns:
    """Finds the dataset where none is named, and each of its columns in the file.

    Raises Refusal for a dataset or column that does not exist, a mapped header that the file lacks, a
    dataset that cannot be told, and a file without the key column.
    """
    chosen = _dataset(file, headers, mapping, dataset)
    _check_names(mapping, chosen)
    named = {
        column: _named_header(file, column, header, headers) for column, header in mapping.columns.items()
    }
    free = [header for header in headers if header not in named.values()]
    found = dict(named)
    for column, names in _names(chosen.name).items():
        if column in found or column in mapping.constants:
            continue
        header = _first(names, free)
        if header is not None:
            found[column] = header
            free.remove(header)
    if chosen.key not in found:
        raise Refusal(missing_columns(file, [chosen[chosen.key]], free))
    return Columns(chosen, found, free)


def missing_columns(file: str, absent: Sequence[Field], unclaimed: Sequence[str]) -> str:
    """What to say to a file without these required columns, with the nearest of its unclaimed headers."""
    names = "、".join(f"{each.name}（{each.label}）" for each in absent)
    near = [shown(header) for each in absent if (header := _nearest(each, unclaimed))]
    hint = f"，最接近的列名是“{'”“'.join(near)}”" if near else ""
    return (
        f"{file} 缺少必填列 {names}{hint}：请在文件中加上这一列，或用映射文件的 [columns] 指定它的列名；"
        "若只想更新已有的行，请先导入含这些列的文件"
    )


def _toml(path: Path) -> dict[str, Any]:
    where = shown(path)
    try:
        if path.exists() and not path.is_file():
            raise Refusal(f"映射文件 {where} 不是普通文件：请给出 TOML 文件")
        if path.stat().st_size > _LONGEST:
            raise Refusal(f"映射文件 {where} 超过 {_LONGEST // 1024} KB，不像映射文件：请核对路径")
        text = path.read_text("utf-8-sig")
        if max(map(len, text.splitlines()), default=0) > _LONGEST_LINE:  # a.a.a.a… takes ever longer
            raise Refusal(f"映射文件 {where} 有一行超过 {_LONGEST_LINE} 个字，不像映射文件：请参照说明改正")
        return tomllib.loads(text)
    except FileNotFoundError:
        raise Refusal(f"找不到映射文件 {where}：请核对路径") from None
    except RecursionError:
        raise Refusal(f"映射文件 {where} 嵌套太深：请参照说明改正") from None
    except (ValueError, OSError) as fault:
        raise Refusal(f"映射文件 {where} 不是正确的 TOML：{shown(fault)}；请改正后重试") from None


def _single(name: str, entry: str, value: Any) -> str:
    """Text, or a number, date or 是否 as text: what a cell could hold."""
    if isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, str | int | float | date | time):
        raise Refusal(f"{name} 的“{shown(entry)}”应是一个值，不是列表或表：请参照说明改正")
    return visible(str(value))


def _dataset(file: str, headers: Sequence[str], mapping: MappingFile, dataset: str | None) -> Dataset:
    name = dataset or mapping.dataset
    if dataset and mapping.dataset and dataset != mapping.dataset:
        raise Refusal(f"映射文件说是 {shown(mapping.dataset)}，命令说是 {dataset}：请改成一致")
    if derived := _derived(name, headers):
        sources = "、".join(DATASETS[source].label for source in derived.sources)
        raise Refusal(f"{file} 是{derived.label}，由{sources}推算，不能导入：请导入{sources}的文件")
    if name is None:
        return _guess(file, headers, mapping)
    if name not in IMPORTED:
        raise Refusal(f"没有数据集“{shown(name)}”；可用：{'、'.join(IMPORTED)}")
    return IMPORTED[name]


def _derived(name: str | None, headers: Sequence[str]) -> Dataset | None:
    """The dataset that is never imported, as named, or else as two columns tell that no file brings."""
    inputs = [field for dataset in IMPORTED.values() for field in dataset.inputs]
    brought = {plain(name) for f in inputs for name in (f.name, f.label, *f.aliases)}
    telling = {plain(header) for header in headers} - brought
    for dataset in DATASETS.values():
        told = sum(not telling.isdisjoint(map(plain, (f.name, f.label))) for f in dataset.fields) > 1
        if dataset.sources and (dataset.name == name or (name is None and told)):
            return dataset
    return None


def _guess(file: str, headers: Sequence[str], mapping: MappingFile) -> Dataset:
    there = {plain(header) for header in headers}
    mapped = mapping.columns.keys() | mapping.constants.keys()

    def score(dataset: Dataset) -> tuple[bool, int]:
        names = _names(dataset.name)
        found = {column for column in names if column in mapped or there.intersection(names[column])}
        return dataset.key in found, len(found)

    ranked = sorted(IMPORTED.values(), key=score, reverse=True)
    if score(ranked[0]) == score(ranked[1]):
        alike = [f"{each.name}（{each.label}）" for each in ranked if score(each) == score(ranked[0])]
        raise Refusal(f"看不出 {file} 是哪个数据集（{'、'.join(alike)}）：请用 --dataset 指定")
    return ranked[0]


def _check_names(mapping: MappingFile, dataset: Dataset) -> None:
    known = _names(dataset.name)
    for part in ("columns", "constants", "values"):
        for column in getattr(mapping, part):
            if column not in known:
                near = difflib.get_close_matches(column, known, 1, 0)
                raise Refusal(
                    f"映射文件 [{part}] 的“{shown(column)}”不是 {dataset.name} 的列；最接近的是 {near[0]}"
                )
    if both := mapping.columns.keys() & mapping.constants.keys():
        raise Refusal(f"映射文件的 {'、'.join(sorted(both))} 在 [columns] 和 [constants] 里都有：请只留一处")


def _named_header(file: str, column: str, header: str, headers: Sequence[str]) -> str:
    found = _first([plain(header)], headers)
    if found is None:
        near = difflib.get_close_matches(header, headers, 1, 0.3)
        hint = f"，最接近的是“{shown(near[0])}”" if near else ""
        raise Refusal(f"{file} 里没有映射文件为 {column} 指定的列“{shown(header)}”{hint}：请改正映射文件")
    return found


def _first(names: Iterable[str], headers: Iterable[str]) -> str | None:
    there = {plain(header): header for header in reversed(list(headers))}
    return next((there[name] for name in names if name in there), None)


def _nearest(wanted: Field, headers: Sequence[str]) -> str | None:
    def likeness(header: str) -> float:
        names = (wanted.name, wanted.label, *wanted.aliases)
        return max(difflib.SequenceMatcher(None, plain(header), plain(name)).ratio() for name in names)

    best = max(headers, key=likeness, default=None)
    return best if best is not None and likeness(best) >= 0.5 else None


@cache
def _names(dataset: str) -> dict[str, tuple[str, ...]]:
    """Every name under which each column of the dataset, personal ones too, is known."""
    columns: tuple[Field | Personal, ...] = (*IMPORTED[dataset].inputs, *PERSONAL)
    return {c.name: tuple(map(plain, (c.name, c.label, *c.aliases))) for c in columns}


@cache
def _all_names() -> frozenset[str]:
    return frozenset(name for dataset in IMPORTED for names in _names(dataset).values() for name in names)

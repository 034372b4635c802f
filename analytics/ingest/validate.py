"""Cells into values: types, lists, dates and ranges, and the fault of every cell that is none."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import pandas as pd

from analytics.contract import DATASETS, PERSONAL, UNFILLED, Dataset, Field, Kind
from analytics.ingest import frames
from analytics.ingest.batch import Batch
from analytics.ingest.dates import parse_dates
from analytics.ingest.identity import petitioner_keys
from analytics.ingest.mapping import Columns, MappingFile, plain
from analytics.ingest.people import People
from analytics.ingest.read import Exported, Progress
from analytics.ingest.report import Rule
from analytics.masking import masked_key, masked_name
from analytics.site import today

_BLANK = ("NULL", "null", "None", "none", "NaN", "nan", "N/A", "n/a", "#N/A", "-", "--", "—", "——", "/")
_YES = ("是", "true", "1", "y", "yes", "有", "√")
_NO = ("否", "false", "0", "n", "no", "无", "×")
_KEYS = frozenset(dataset.key for dataset in DATASETS.values()) | {"region_code"}
_LISTS_OF_KEYS = ("petition_ids",)
LENGTH, FREE_LENGTH = 200, 5_000
"""Characters that a text may have, and a free one."""
_SCIENTIFIC = r"^[0-9](?:\.[0-9]+)?[Ee]\+[0-9]+$"
_WHOLE = r"^[+-]?[0-9]+(?:\.0+)?$"  # not \d: other scripts have digits too

Text = pd.Series  # str, NaN where blank
Secret = Callable[[], bytes]


def check(
    exported: Exported,
    columns: Columns,
    mapping: MappingFile,
    secret: Secret,
    progress: Progress | None = None,
) -> Batch:
    """The file's rows in their types, with every fault that shows in a cell by itself."""
    dataset = columns.dataset
    cells = exported.cells
    batch = Batch(
        file=exported.file,
        rows=pd.DataFrame(index=cells.index),
        numbers=exported.numbers,
        headers=columns.headers,
        unclaimed=tuple(columns.ignored),
        written=cells[list(columns.headers.values())],
        personal=tuple(columns.headers[p.name] for p in PERSONAL if p.name in columns.headers),
    )
    texts = dict(_texts(cells, columns, mapping))
    batch.people = People(texts)
    fields = [f for f in dataset.inputs if f.name in texts and f.name != "petitioner_key"]
    for done, field in enumerate(fields, 1):
        batch.rows[field.name] = _values(field, texts[field.name], batch, dataset)
        if progress:
            progress(f"校验 {exported.file}", len(cells) * done // len(fields), len(cells))
    if "petitioner_key" in dataset.by_name and (people := _people(texts)):
        keys = petitioner_keys(pd.DataFrame(people), secret())
        batch.rows["petitioner_key"] = keys.mask(keys == UNFILLED)
    batch.rows = frames.as_given(batch.rows, dataset)
    return batch


def check_keys(batch: Batch, dataset: Dataset) -> None:
    """A key must be there, and once in a file."""
    keys = batch.rows[dataset.key]
    batch.reject(keys.isna(), dataset.key, Rule.KEY_MISSING)
    batch.reject(keys.notna() & keys.duplicated(), dataset.key, Rule.KEY_REPEATED, keys)


def _texts(cells: pd.DataFrame, columns: Columns, mapping: MappingFile) -> Iterator[tuple[str, Text]]:
    for name, header in columns.headers.items():
        text = cells[header]
        if name in mapping.values:
            text = _translated(text, mapping.values[name])
        yield name, text.mask(text.isin(_BLANK))
    for name, value in mapping.constants.items():
        text = pd.Series(value, cells.index, dtype="str")
        yield name, text.mask(text.isin(_BLANK))


def _translated(text: Text, pairs: Mapping[str, str]) -> Text:
    names = {value: pairs[plain(value)] for value in text.dropna().unique() if plain(value) in pairs}
    return text.map(names).fillna(text).astype("str")


def _people(texts: Mapping[str, Text]) -> dict[str, Text]:
    names = ("petitioner_key", "id_number", "person_name", "phone")
    return {name: texts[name] for name in names if name in texts}


def _values(field: Field, text: Text, batch: Batch, dataset: Dataset) -> pd.Series:
    if field.name == dataset.key:
        return _key(field, text, batch, dataset)
    if field.required:
        batch.reject(text.isna(), field.name, Rule.REQUIRED)
    if field.kind is Kind.DATE:
        return _dates(field, text, batch)
    if field.kind is Kind.INTEGER:
        return _integers(field, text, batch)
    if field.kind is Kind.FLAG:
        return _flags(field, text, batch)
    return _members(field, text, batch) if field.members else _words(field, text, batch)


def _key(field: Field, text: Text, batch: Batch, dataset: Dataset) -> Text:
    keys = _key_text(text)
    batch.rows[field.name] = keys
    told = keys.notna() & (batch.people.covered(keys, masked_key) != keys)
    batch.reject(told, field.name, Rule.KEY_PERSONAL, keys)
    _reject_long(field, keys, batch)
    check_keys(batch, dataset)
    lost = keys.str.fullmatch(_SCIENTIFIC).fillna(False).astype(bool) & ~keys.duplicated()
    batch.reject(lost, field.name, Rule.KEY_SCIENTIFIC, text)
    return keys


def _key_text(text: Text) -> Text:
    keys = text.str.normalize("NFKC").str.replace(r"\s+", "", regex=True)
    return keys.str.replace(r"^([0-9]+)\.0+$", r"\1", regex=True)


def _dates(field: Field, text: Text, batch: Batch) -> pd.Series:
    days = parse_dates(text)
    batch.reject(text.notna() & days.isna(), field.name, Rule.DATE, text)
    if not field.event:
        return days
    future = days > pd.Timestamp(today())
    batch.reject(future, field.name, Rule.DATE_FUTURE, text)
    return days.mask(future)


def _integers(field: Field, text: Text, batch: Batch) -> pd.Series:
    plain_text = text.str.normalize("NFKC")
    whole = plain_text.str.fullmatch(_WHOLE).fillna(False).astype(bool)
    numbers = pd.to_numeric(plain_text.where(whole), errors="coerce").astype("float64")
    beyond = (numbers < field.low) | (numbers > field.high)
    batch.reject(text.notna() & numbers.isna(), field.name, Rule.NUMBER, text)
    batch.reject(beyond, field.name, Rule.NUMBER_RANGE, text, hint=f"（{field.low}–{field.high}）")
    return numbers.mask(beyond).astype("Int32")


def _flags(field: Field, text: Text, batch: Batch) -> pd.Series:
    names = dict.fromkeys(_YES, "true") | dict.fromkeys(_NO, "false") | _spellings(field)
    known = _looked_up(text, names)
    batch.reject(text.notna() & known.isna(), field.name, Rule.FLAG, text)
    return known.map({"true": True, "false": False}).astype("boolean")


def _members(field: Field, text: Text, batch: Batch) -> Text:
    known = _looked_up(text, _spellings(field))
    if not field.closed:
        return known.fillna(_words(field, text.where(known.isna()), batch))
    allowed = "、".join(member.shown for member in field.members)
    batch.reject(text.notna() & known.isna(), field.name, Rule.MEMBER, text, hint=f"（{allowed}）")
    return known


def _words(field: Field, text: Text, batch: Batch) -> Text:
    """Text as it is stored: what identifies anybody is masked, in names of units and places too."""
    _reject_long(field, text, batch)
    if field.name in _KEYS:
        return batch.people.covered(_key_text(text), masked_key)
    if field.free:
        return batch.people.covered(text)
    hide = masked_key if field.name in _LISTS_OF_KEYS else masked_name
    return batch.people.covered(text.str.replace(r"\s+", " ", regex=True), hide)


def _reject_long(field: Field, text: Text, batch: Batch) -> None:
    most = FREE_LENGTH if field.free else LENGTH
    batch.reject(
        text.str.len() > most, field.name, Rule.LONG, text.str.slice(0, most), hint=f"（最多 {most} 字）"
    )


def _looked_up(text: Text, names: Mapping[str, str]) -> Text:
    known = {value: names.get(plain(value)) for value in text.dropna().unique()}
    return text.map(known).astype("str")


def _spellings(field: Field) -> dict[str, str]:
    names = {UNFILLED: field.default} if field.default == UNFILLED else {}
    for member in field.members:
        names |= dict.fromkeys(map(plain, (member.value, member.shown, *member.aliases)), member.value)
    return names

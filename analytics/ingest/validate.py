"""Cells into values: types, lists, dates and ranges, and the fault of every cell that is none."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache, partial

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from analytics.contract import DATASETS, PERSONAL, UNFILLED, Dataset, Field, Kind
from analytics.ingest import frames
from analytics.ingest.batch import Batch
from analytics.ingest.coded import Coded, Mask, Seen, Text, without_blanks
from analytics.ingest.dates import parse_dates
from analytics.ingest.identity import petitioner_keys
from analytics.ingest.mapping import Columns, MappingFile, plain
from analytics.ingest.people import People
from analytics.ingest.read import Piece
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

Secret = Callable[[], bytes]


def check(
    file: str, piece: Piece, columns: Columns, mapping: MappingFile, secret: Secret, seen: Seen
) -> Batch:
    """Some of the file's rows in their types, with every fault that shows in a cell by itself.

    `seen`: the keys of the file's rows before them.
    """
    dataset = columns.dataset
    written = {h: Coded.of(piece.cells.column(h).combine_chunks()) for h in columns.headers.values()}
    texts = dict(_texts(written, len(piece.numbers), columns, mapping))
    fields = [f for f in dataset.inputs if f.name in texts and f.name != "petitioner_key"]
    batch = Batch(
        file=file,
        rows=pd.DataFrame(index=range(len(piece.numbers))),
        numbers=piece.numbers,
        headers=columns.headers,
        unclaimed=tuple(columns.ignored),
        written=written,
        personal=tuple(columns.headers[p.name] for p in PERSONAL if p.name in columns.headers),
        people=People(texts, [texts[f.name] for f in fields if f.kind is Kind.TEXT and not f.closed]),
    )
    found = {field.name: _values(field, texts[field.name], batch, dataset, seen) for field in fields}
    if "petitioner_key" in dataset.by_name and (people := _people(texts)):
        found["petitioner_key"] = petitioner_keys(people, secret()).to_pandas(types_mapper=frames.PANDAS.get)
    batch.rows = frames.as_given(pd.DataFrame(found, index=batch.rows.index), dataset)
    return batch


def check_keys(batch: Batch, dataset: Dataset, seen: Seen) -> Mask:
    """A key must be there, and once in a file: gives the rows whose key was seen before."""
    keys = batch.rows[dataset.key]
    batch.reject(keys.isna().to_numpy(), dataset.key, Rule.KEY_MISSING)
    again = seen.again(keys)
    batch.reject(again, dataset.key, Rule.KEY_REPEATED, Coded.each(keys))
    return again


def _texts(
    written: Mapping[str, Coded], length: int, columns: Columns, mapping: MappingFile
) -> Iterator[tuple[str, Coded]]:
    for name, header in columns.headers.items():
        yield name, written[header].map(partial(_translated, mapping.values.get(name, {}))).map(_blanked)
    for name, value in mapping.constants.items():
        yield name, Coded.constant(value, length).map(_blanked)


def _blanked(text: Text) -> Text:
    blank = text.isin(_BLANK)
    return text.mask(blank) if blank.any() else text


def _translated(pairs: Mapping[str, str], text: Text) -> Text:
    if not pairs:
        return text
    return text.map(lambda value: pairs.get(plain(value), value), na_action="ignore").astype("str")


def _people(texts: Mapping[str, Coded]) -> dict[str, Coded]:
    names = ("petitioner_key", "id_number", "person_name", "phone")
    return {name: texts[name] for name in names if name in texts}


def _values(field: Field, cells: Coded, batch: Batch, dataset: Dataset, seen: Seen) -> pd.Series:
    if field.name == dataset.key:
        return _key(field, cells, batch, dataset, seen)
    if field.required:
        batch.reject(cells.where(cells.texts.isna()), field.name, Rule.REQUIRED)
    if field.kind is Kind.DATE:
        return _dates(field, cells, batch)
    if field.kind is Kind.INTEGER:
        return _integers(field, cells, batch)
    if field.kind is Kind.FLAG:
        return _flags(field, cells, batch)
    return _members(field, cells, batch) if field.members else _words(field, cells, batch).column()


def _key(field: Field, cells: Coded, batch: Batch, dataset: Dataset, seen: Seen) -> Text:
    keys = cells.map(_key_text)
    rows = batch.rows[field.name] = keys.take(keys.texts)
    covered = batch.people.covered(keys, masked_key)
    batch.reject(covered.differs(keys), field.name, Rule.KEY_PERSONAL, keys)
    _reject_long(field, keys, batch)
    again = check_keys(batch, dataset, seen)
    lost = keys.where(keys.texts.str.fullmatch(_SCIENTIFIC).fillna(False))
    batch.reject(lost & ~again, field.name, Rule.KEY_SCIENTIFIC, cells)
    return rows


def _key_text(text: Text) -> Text:
    keys = without_blanks(pc.utf8_normalize(pa.array(text, pa.string()), "NFKC"))
    whole = pc.replace_substring_regex(keys, r"^([0-9]+)\.0+$", r"\1")
    return pd.Series(whole.to_pandas(types_mapper=frames.PANDAS.get))


def _dates(field: Field, cells: Coded, batch: Batch) -> pd.Series:
    text, days = cells.texts, parse_dates(cells.texts)
    batch.reject(cells.where(text.notna() & days.isna()), field.name, Rule.DATE, cells)
    if field.event:
        future = days > pd.Timestamp(today())
        batch.reject(cells.where(future), field.name, Rule.DATE_FUTURE, cells)
        days = days.mask(future)
    return cells.take(days)


def _integers(field: Field, cells: Coded, batch: Batch) -> pd.Series:
    text = cells.texts
    plain_text = text.str.normalize("NFKC")
    whole = plain_text.str.fullmatch(_WHOLE).fillna(False).astype(bool)
    numbers = pd.to_numeric(plain_text.where(whole), errors="coerce").astype("float64")
    beyond = (numbers < field.low) | (numbers > field.high)
    batch.reject(cells.where(text.notna() & numbers.isna()), field.name, Rule.NUMBER, cells)
    hint = f"（{field.low}–{field.high}）"
    batch.reject(cells.where(beyond), field.name, Rule.NUMBER_RANGE, cells, hint)
    return cells.take(numbers.mask(beyond).astype("Int32"))


def _flags(field: Field, cells: Coded, batch: Batch) -> pd.Series:
    names = dict.fromkeys(_YES, "true") | dict.fromkeys(_NO, "false") | _spellings(field)
    known = _looked_up(cells.texts, names)
    batch.reject(cells.where(cells.texts.notna() & known.isna()), field.name, Rule.FLAG, cells)
    return cells.take(known.map({"true": True, "false": False}).astype("boolean"))


def _members(field: Field, cells: Coded, batch: Batch) -> pd.Series:
    text, known = cells.texts, _looked_up(cells.texts, _spellings(field))
    if not field.closed:
        words = _words(field, cells.map(lambda text: text.where(known.isna())), batch)
        return words.map(lambda texts: known.reindex(texts.index).fillna(texts)).column()
    allowed = "、".join(member.shown for member in field.members)
    unknown = cells.where(text.notna() & known.isna())
    batch.reject(unknown, field.name, Rule.MEMBER, cells, f"（{allowed}）")
    return cells.map(lambda _: known).column()


def _words(field: Field, cells: Coded, batch: Batch) -> Coded:
    """Text as it is stored: what identifies anybody is masked, in names of units and places too."""
    _reject_long(field, cells, batch)
    if field.name in _KEYS:
        return batch.people.covered(cells.map(_key_text), masked_key)
    if field.free:
        return batch.people.covered(cells)
    hide = masked_key if field.name in _LISTS_OF_KEYS else masked_name
    return batch.people.covered(cells.map(lambda text: text.str.replace(r"\s+", " ", regex=True)), hide)


def _reject_long(field: Field, cells: Coded, batch: Batch) -> None:
    most = FREE_LENGTH if field.free else LENGTH
    long = cells.where(cells.texts.str.len() > most)
    if long.any():
        shortened = cells.map(lambda text: text.str.slice(0, most))
        batch.reject(long, field.name, Rule.LONG, shortened, f"（最多 {most} 字）")


def _looked_up(text: Text, names: Mapping[str, str]) -> Text:
    known = [names.get(plain(value)) if isinstance(value, str) else None for value in text]
    return pd.Series(known, text.index, dtype="str")


@cache
def _spellings(field: Field) -> dict[str, str]:
    names = {UNFILLED: field.default} if field.default == UNFILLED else {}
    for member in field.members:
        names |= dict.fromkeys(map(plain, (member.value, member.shown, *member.aliases)), member.value)
    return names

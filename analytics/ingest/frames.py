"""Rows on their way into the store, as frames of the stored columns with one type per kind."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from analytics.contract import Dataset, Kind
from analytics.store import schema
from analytics.yearly import YEAR

Type = np.dtype[Any] | pd.api.extensions.ExtensionDtype

CODED = pd.CategoricalDtype()
PANDAS = {
    pa.string(): pd.StringDtype(na_value=float("nan")),
    pa.int32(): pd.Int32Dtype(),
    pa.bool_(): pd.BooleanDtype(),
}
_TYPES: dict[Kind, Type] = {
    Kind.TEXT: PANDAS[pa.string()],
    Kind.DATE: np.dtype("datetime64[s]"),
    Kind.INTEGER: PANDAS[pa.int32()],
    Kind.FLAG: PANDAS[pa.bool_()],
}


def types(dataset: Dataset) -> dict[str, Type]:
    """The pandas type of each stored column except the year."""
    plain = {f.name: _TYPES[f.kind] for f in dataset.fields}
    return plain | {f.stored_given: _TYPES[f.kind] for f in dataset.fields if f.given}


def as_given(rows: pd.DataFrame, dataset: Dataset) -> pd.DataFrame:
    """Contract columns as a file brings them: what may be given or derived goes under its given name."""
    names = {f.name: f.stored_given for f in dataset.fields if f.given}
    known = [f.name for f in dataset.inputs if f.name in rows.columns]
    return typed(rows[known].rename(columns=names), dataset)


def typed(rows: pd.DataFrame, dataset: Dataset) -> pd.DataFrame:
    """The same rows with each stored column in its type; texts that are categories stay so."""
    wanted, present = types(dataset), rows.dtypes
    differ = {name for name in wanted.keys() & present.keys() if present[name] != wanted[name]}
    coded = {name for name in differ if wanted[name] == _TYPES[Kind.TEXT] and is_coded(rows[name])}
    return rows.astype({name: wanted[name] for name in differ - coded})


def complete(rows: pd.DataFrame, dataset: Dataset) -> pd.DataFrame:
    """Every stored column present, in the store's order, those that are new empty."""
    return typed(rows.reindex(columns=list(types(dataset))), dataset)


def coded(rows: pd.DataFrame, dataset: Dataset) -> pd.DataFrame:
    """The same with texts as categories, but for keys, of which there are as many as rows."""
    kinds = types(dataset)
    for field in dataset.fields:
        if field.kind is Kind.TEXT and (field.group or field.derived):
            kinds |= dict.fromkeys({field.name, field.stored_given} & kinds.keys(), CODED)
    blank = {kind: pd.Series(None, rows.index, kind) for kind in {*kinds.values()}}
    columns = {name: rows.get(name, blank[kind]).astype(kind) for name, kind in kinds.items()}
    return pd.DataFrame(columns, rows.index)


def is_coded(column: pd.Series) -> bool:
    """Its texts are categories."""
    return isinstance(column.dtype, pd.CategoricalDtype)


def plain(column: pd.Series) -> pd.Series:
    """Categories as the texts that they stand for."""
    return column.astype("str") if is_coded(column) else column


def filled(column: pd.Series, value: str | int | bool) -> pd.Series:
    """The value where the column has none."""
    if is_coded(column) and value not in column.cat.categories:
        column = column.cat.add_categories([value])
    return column.fillna(value)


def translated(column: pd.Series, into: Callable[[str], str | None]) -> pd.Series:
    """Categories that became others, asked for each once."""
    found: pd.Series = pd.Series([*map(into, column.cat.categories), None], dtype="str")
    codes, distinct = found.factorize()
    return pd.Series(pd.Categorical.from_codes(codes[column.cat.codes], pd.Index(distinct)), column.index)


def pairs(first: pd.Series, second: pd.Series) -> tuple[npt.NDArray[np.intp], list[tuple[str, str]]]:
    """The distinct pairs of two columns of categories, none of them missing, and each row's place there."""
    ones, others = first.cat.categories, second.cat.categories
    codes, distinct = pd.factorize(first.cat.codes.to_numpy(np.int64) * len(others) + second.cat.codes)
    return codes, [(ones[int(each) // len(others)], others[int(each) % len(others)]) for each in distinct]


def to_table(rows: pd.DataFrame, dataset: Dataset) -> pa.Table:
    """As the store takes them, in few bytes a row: texts as dictionaries, no column that is all missing."""
    year = rows[dataset.date].dt.year.astype("int32")
    stored = {field.name: year if field.name == YEAR else rows[field.name] for field in schema(dataset)}
    always = (dataset.key, dataset.date, YEAR)
    there = {name: c for name, c in stored.items() if name in always or c.notna().any()}
    columns = [_array(column, schema(dataset).field(name).type) for name, column in there.items()]
    return pa.table(columns, list(there))


def _array(column: pd.Series, kind: pa.DataType) -> pa.Array:
    if not is_coded(column):
        return pa.Array.from_pandas(column).cast(kind)
    found = pa.array(column.array)
    return pa.DictionaryArray.from_arrays(found.indices, found.dictionary.cast(kind))


def together(tables: Sequence[pa.Table], dataset: Dataset) -> pa.Table:
    """Such tables as one; a column is copied only where another has more texts in it."""
    columns = {}
    for field in schema(dataset):
        found = [table[field.name] if field.name in table.column_names else len(table) for table in tables]
        if any(not isinstance(column, int) for column in found):
            columns[field.name] = _chunks(found)
    return pa.table(columns)


def _chunks(columns: Sequence[pa.ChunkedArray | int]) -> pa.ChunkedArray:
    """The columns one after the other; a number stands for so many missing values."""
    kinds = [column.type for column in columns if not isinstance(column, int)]
    kind = max(kinds, key=lambda kind: kind.index_type.bit_width if pa.types.is_dictionary(kind) else 0)
    every = (pa.chunked_array([pa.nulls(c, kind)]) if isinstance(c, int) else c for c in columns)
    alike = (column if column.type == kind else column.cast(kind) for column in every)
    return pa.chunked_array([chunk for column in alike for chunk in column.chunks], kind)


def from_table(table: pa.Table, dataset: Dataset) -> pd.DataFrame:
    """As the store gives them."""
    plain = pa.schema([schema(dataset).field(name) for name in table.column_names])
    rows = table.cast(plain).to_pandas(types_mapper=PANDAS.get, date_as_object=False)
    return complete(rows, dataset)


def within(keys: pd.Index[str], known: pd.Index[str]) -> npt.NDArray[np.bool_]:
    """Which keys are among the known ones (each known once); far quicker than isin on text."""
    return known.get_indexer(keys) >= 0

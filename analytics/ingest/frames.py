"""Rows on their way into the store, as frames of the stored columns with one type per kind."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from analytics.contract import Dataset, Kind
from analytics.store import YEAR, schema

Type = np.dtype[Any] | pd.api.extensions.ExtensionDtype

_TYPES: dict[Kind, Type] = {
    Kind.TEXT: pd.StringDtype(na_value=float("nan")),
    Kind.DATE: np.dtype("datetime64[s]"),
    Kind.INTEGER: pd.Int32Dtype(),
    Kind.FLAG: pd.BooleanDtype(),
}
_PANDAS = {pa.string(): _TYPES[Kind.TEXT], pa.int32(): _TYPES[Kind.INTEGER], pa.bool_(): _TYPES[Kind.FLAG]}


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
    """The same rows with each stored column in its type."""
    wanted, present = types(dataset), rows.dtypes
    return rows.astype(
        {name: wanted[name] for name in wanted.keys() & present.keys() if present[name] != wanted[name]}
    )


def complete(rows: pd.DataFrame, dataset: Dataset) -> pd.DataFrame:
    """Every stored column present, in the store's order, those that are new empty."""
    return typed(rows.reindex(columns=list(types(dataset))), dataset)


def to_table(rows: pd.DataFrame, dataset: Dataset) -> pa.Table:
    """As the store writes them."""
    year = rows[dataset.date].dt.year.astype("int32")
    return pa.Table.from_pandas(rows.assign(**{YEAR: year}), schema(dataset), preserve_index=False)


def from_table(table: pa.Table, dataset: Dataset) -> pd.DataFrame:
    """As the store gives them."""
    rows = table.to_pandas(types_mapper=_PANDAS.get, date_as_object=False)
    return complete(rows, dataset)


def within(keys: pd.Index[str], known: pd.Index[str]) -> npt.NDArray[np.bool_]:
    """Which keys are among the known ones (each known once); far quicker than isin on text."""
    return known.get_indexer(keys) >= 0

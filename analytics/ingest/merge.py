"""A file's rows laid over those stored: what the file does not bring keeps its stored value."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analytics.contract import UNFILLED, UNKNOWN_TOWNSHIP, Dataset, Field
from analytics.ingest import classes
from analytics.ingest.batch import Batch, Mask, Places
from analytics.ingest.derive import derive
from analytics.ingest.duties import Units, unknown_officials
from analytics.ingest.frames import within
from analytics.ingest.mapping import missing_columns
from analytics.ingest.report import Rule, Warning
from analytics.site import Refusal, Site

_KEY_RULES = (Rule.KEY_MISSING, Rule.KEY_SCIENTIFIC, Rule.KEY_REPEATED)


@dataclass
class Merged:
    """The batch's sound rows, merged and derived, indexed by key; `positions` in the batch."""

    rows: pd.DataFrame
    positions: Places


def merge(stored: pd.DataFrame, batch: Batch, dataset: Dataset, site: Site) -> Merged:
    """Lays the batch over the stored rows (indexed by key), derives, and notes the faults that now show."""
    keyed = np.ones(len(batch), dtype=bool)
    keyed[[fault.position for fault in batch.faults if fault.rule in _KEY_RULES]] = False
    positions = np.flatnonzero(keyed)
    brought = batch.rows.iloc[positions].set_index(dataset.key)
    new = ~within(brought.index, stored.index)
    _require(batch, positions[new], bool(new.all()), dataset)
    merged = stored.reindex(brought.index)
    if "petitioner_key" in brought:  # a code that cannot be worked out is not a person who went away
        brought["petitioner_key"] = brought["petitioner_key"].fillna(merged["petitioner_key"])
    merged = merged.assign(**{name: brought[name] for name in brought.columns})
    rows = derive(merged.reset_index(), dataset, site)
    _check_order(rows, positions, batch, dataset)
    sound = batch.sound[positions]
    return Merged(rows[sound].set_index(dataset.key), positions[sound])


def changed(now: pd.DataFrame, before: pd.DataFrame) -> Mask:
    """Which rows differ in any column from the rows of the same index."""
    differs = np.zeros(len(now), dtype=bool)
    for name in now.columns:
        if now[name].equals(before[name]):
            continue
        same = now[name].eq(before[name]).fillna(False).to_numpy(dtype=bool)
        differs |= ~same & ~(now[name].isna() & before[name].isna()).to_numpy(dtype=bool)
    return differs


def difference(now: pd.DataFrame, stored: pd.DataFrame) -> tuple[Mask, Mask]:
    """Which rows (indexed by key) are new, and which of the others differ from what is stored."""
    new = ~within(now.index, stored.index)
    differs, known = np.zeros(len(now), dtype=bool), now[~new]
    differs[~new] = changed(known, stored.reindex(known.index))
    return new, differs


def remarks(
    merged: Merged, batch: Batch, dataset: Dataset, site: Site
) -> Iterator[tuple[Iterator[Warning], int]]:
    """What is odd in the merged rows, as warnings with their count."""
    rows = merged.rows
    for column, rule, odd in _oddities(rows, dataset, site):
        at = np.flatnonzero(odd.to_numpy(dtype=bool))
        yield _warnings(at, column, rule, merged, batch), len(at)


_AS_GIVEN = {"township": "township_raw", "region_code": "region_code_given"}


def _warnings(at: Places, column: str, rule: Rule, merged: Merged, batch: Batch) -> Iterator[Warning]:
    shown = _AS_GIVEN.get(column, column)
    for where in at:
        value = merged.rows[shown].iloc[where]
        text = value.date().isoformat() if isinstance(value, pd.Timestamp) else str(value)
        number = int(batch.numbers[merged.positions[where]])
        yield Warning(batch.file, number, column, text, rule.text, rule.remedy)


def _require(batch: Batch, new: Places, all_new: bool, dataset: Dataset) -> None:
    absent = [f for f in dataset.required if f.name != dataset.key and not batch.has(f.name, dataset)]
    if not absent or not len(new):
        return
    if all_new:
        raise Refusal(missing_columns(batch.file, absent, batch.unclaimed))
    at = np.zeros(len(batch), dtype=bool)
    at[new] = True
    for field in absent:
        batch.reject(at, field.name, Rule.REQUIRED_NEW)


def _check_order(rows: pd.DataFrame, positions: Places, batch: Batch, dataset: Dataset) -> None:
    start = rows[dataset.date]
    for name in dataset.not_before:
        early = (rows[name] < start).to_numpy(dtype=bool)
        at = np.zeros(len(batch), dtype=bool)
        at[positions[early]] = True
        values = pd.Series("", index=range(len(batch)), dtype="str")
        values.iloc[positions[early]] = rows[name][early].dt.strftime("%Y-%m-%d")
        batch.reject(at, name, Rule.DATE_ORDER, values)


def _oddities(
    rows: pd.DataFrame, dataset: Dataset, site: Site
) -> Iterator[tuple[str, Rule, pd.Series[bool]]]:
    fields = dataset.by_name
    if "due_on" in fields:
        yield "due_on", Rule.DUE_EARLY, rows["due_on"] < rows[dataset.date]
    if "township" in fields:
        yield "township", Rule.TOWNSHIP, rows["township"] == UNKNOWN_TOWNSHIP
        yield "region_code", Rule.REGION, _contradicted(rows) & bool(site.townships)
    if "category_1" in fields:
        pairs = pd.MultiIndex.from_frame(rows[["category_1", "category_2"]])
        codes, distinct = pairs.factorize()
        odd = np.array([not classes.is_known(pair) for pair in distinct], dtype=bool)
        yield "category_1", Rule.CLASS, pd.Series(odd[codes], rows.index)
    if dataset.name == "petitions":
        yield "replied_on", Rule.REPLY_EARLY, rows["replied_on"] < rows["accepted_on"]
        yield "rated_on", Rule.RATED, rows["rated_on_given"].isna() & rows["rated_on"].notna()
    if dataset.name == "receptions":
        yield "official_level", Rule.LEVEL, rows["official_level"] == UNFILLED
        yield "official", Rule.OFFICIAL, unknown_officials(rows, site)
        yield "form", Rule.UNUSUAL, _unusual(rows, dataset["form"])
        yield "resolved", Rule.RESOLVED_MORE, rows["resolved"] > rows["promised"]
    if dataset.name == "screenings":
        yield "level", Rule.LEVEL, rows["level"] == UNFILLED
        yield "unit", Rule.UNIT, Units(site).unknown(rows)
        yield "resolved", Rule.RESOLVED_MORE, rows["resolved"] > rows["found"]
    if dataset.name == "activities":
        yield "kind", Rule.UNUSUAL, _unusual(rows, dataset["kind"])


def _contradicted(rows: pd.DataFrame) -> pd.Series[bool]:
    """A code was given, and the place that was found does not lie in it."""
    told = zip(rows["region_code"], rows["region_code_given"], strict=True)
    odd = [isinstance(given, str) and not code.startswith(given.rstrip("0")) for code, given in told]
    return pd.Series(odd, rows.index, dtype=bool)


def _unusual(rows: pd.DataFrame, field: Field) -> pd.Series[bool]:
    """Neither one of the usual members nor 未填."""
    return ~rows[field.name].isin([UNFILLED, *(member.value for member in field.members)])

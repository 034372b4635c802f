"""A file's rows laid over those stored: what the file does not bring keeps its stored value."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analytics.contract import UNFILLED, UNKNOWN_TOWNSHIP, Dataset, Field
from analytics.ingest import classes, frames
from analytics.ingest.batch import Batch
from analytics.ingest.coded import Coded, Mask, Places
from analytics.ingest.derive import derive
from analytics.ingest.duties import Units, unknown_officials
from analytics.ingest.frames import within
from analytics.ingest.report import Rule, Warning
from analytics.site import Site

_KEY_RULES = (Rule.KEY_MISSING, Rule.KEY_SCIENTIFIC, Rule.KEY_REPEATED)


@dataclass
class Merged:
    """The batch's sound rows, merged and derived, indexed by key; `positions` in the batch.

    `new`, `known`: how many rows, sound or not, were not there before, and how many were; `absent`: the
    required columns that the file lacks.
    """

    rows: pd.DataFrame
    positions: Places
    new: int
    known: int
    absent: Sequence[Field]


def merge(stored: pd.DataFrame, batch: Batch, dataset: Dataset, site: Site) -> Merged:
    """Lays the batch over the stored rows (indexed by key), derives, and notes the faults that now show."""
    keyed = np.ones(len(batch), dtype=bool)
    keyed[[fault.position for fault in batch.faults if fault.rule in _KEY_RULES]] = False
    positions = np.flatnonzero(keyed)
    brought = batch.rows.iloc[positions]
    if stored.empty:
        new = np.ones(len(brought), dtype=bool)
    else:
        brought, new = _laid(stored, brought.set_index(dataset.key))
    absent = _require(batch, positions[new], dataset)
    rows = derive(brought, dataset, site)
    _check_order(rows, positions, batch, dataset)
    sound = batch.sound[positions]
    kept = rows if sound.all() else rows[sound]
    return Merged(kept.set_index(dataset.key), positions[sound], int(new.sum()), int((~new).sum()), absent)


def _laid(stored: pd.DataFrame, brought: pd.DataFrame) -> tuple[pd.DataFrame, Mask]:
    """Whole rows, and which of them are new."""
    merged = stored.reindex(brought.index)
    if "petitioner_key" in brought:  # a code that cannot be worked out is not a person who went away
        brought["petitioner_key"] = brought["petitioner_key"].fillna(merged["petitioner_key"])
    merged = merged.assign(**{name: brought[name] for name in brought.columns})
    return merged.reset_index(), ~within(brought.index, stored.index)


def changed(now: pd.DataFrame, before: pd.DataFrame) -> Mask:
    """Which rows differ in any column from the rows of the same index."""
    differs = np.zeros(len(now), dtype=bool)
    for name in now.columns:
        if now[name].equals(before[name]):
            continue
        one, other = (frames.plain(rows[name]) for rows in (now, before))
        same = one.eq(other).fillna(False).to_numpy(dtype=bool)
        differs |= ~same & ~(one.isna() & other.isna()).to_numpy(dtype=bool)
    return differs


def difference(now: pd.DataFrame, stored: pd.DataFrame) -> tuple[Mask, Mask]:
    """Which rows (indexed by key) are new, and which of the others differ from what is stored."""
    if stored.empty:
        return np.ones(len(now), dtype=bool), np.zeros(len(now), dtype=bool)
    new = ~within(now.index, stored.index)
    differs, known = np.zeros(len(now), dtype=bool), now[~new]
    differs[~new] = changed(known, stored.reindex(known.index))
    return new, differs


def remarks(
    merged: Merged, batch: Batch, dataset: Dataset, site: Site
) -> Iterator[tuple[str, Rule, Iterator[Warning], int]]:
    """What is odd in the merged rows: by column and rule, the warnings with their count."""
    for column, rule, odd in _oddities(merged.rows, dataset, site):
        at = np.flatnonzero(odd.to_numpy(dtype=bool))
        yield column, rule, _warnings(at, column, rule, merged, batch), len(at)


_AS_GIVEN = {"township": "township_raw", "region_code": "region_code_given"}


def _warnings(at: Places, column: str, rule: Rule, merged: Merged, batch: Batch) -> Iterator[Warning]:
    values = merged.rows[_AS_GIVEN.get(column, column)].iloc[at]
    for value, number in zip(values, batch.numbers[merged.positions[at]].tolist(), strict=True):
        text = value.date().isoformat() if isinstance(value, pd.Timestamp) else str(value)
        yield Warning(batch.file, number, column, text, rule.text, rule.remedy)


def _require(batch: Batch, new: Places, dataset: Dataset) -> Sequence[Field]:
    """The required columns that the file lacks, which new rows need."""
    absent = [f for f in dataset.required if f.name != dataset.key and not batch.has(f.name, dataset)]
    at = np.zeros(len(batch), dtype=bool)
    at[new] = True
    for field in absent:
        batch.reject(at, field.name, Rule.REQUIRED_NEW)
    return absent


def _check_order(rows: pd.DataFrame, positions: Places, batch: Batch, dataset: Dataset) -> None:
    start = rows[dataset.date]
    for name in dataset.not_before:
        early = (rows[name] < start).to_numpy(dtype=bool)
        if not early.any():
            continue
        at = np.zeros(len(batch), dtype=bool)
        at[positions[early]] = True
        values = pd.Series("", index=range(len(batch)), dtype="str")
        values.iloc[positions[early]] = rows[name][early].dt.strftime("%Y-%m-%d")
        batch.reject(at, name, Rule.DATE_ORDER, Coded.each(values))


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
        codes, distinct = frames.pairs(rows["category_1"], rows["category_2"])
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
    given = frames.filled(rows["region_code_given"], UNFILLED)
    codes, distinct = frames.pairs(rows["region_code"], given)
    odd = [each != UNFILLED and not code.startswith(each.rstrip("0")) for code, each in distinct]
    return pd.Series(np.array(odd, dtype=bool)[codes], rows.index)


def _unusual(rows: pd.DataFrame, field: Field) -> pd.Series[bool]:
    """Neither one of the usual members nor 未填."""
    return ~rows[field.name].isin([UNFILLED, *(member.value for member in field.members)])

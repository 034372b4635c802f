"""The rows of some files, laid over those stored and over one another: what becomes of each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from analytics.contract import Dataset
from analytics.ingest import frames
from analytics.ingest.batch import Batch
from analytics.ingest.coded import Mask
from analytics.ingest.derive import derive
from analytics.ingest.mapping import missing_columns
from analytics.ingest.merge import Merged, difference, merge, remarks
from analytics.ingest.pending import is_stale
from analytics.ingest.report import Remarks, Report
from analytics.model import Period
from analytics.site import Refusal, Site
from analytics.store import Store


@dataclass
class _Part:
    """Accepted rows of one piece: whole where they will be written, `new` or not, else their keys alone."""

    rows: pa.Table
    new: Mask
    unchanged: pa.Array

    def among(self, keys: pa.Array, key: str) -> pa.Table:
        """Its rows that have one of the keys."""
        return self.rows.filter(pc.is_in(self.rows.column(key), keys))

    def leave(self, keys: pa.Array, key: str) -> None:
        """Forgets what has one of the keys: a later file said it anew."""
        stays = pc.invert(pc.is_in(self.rows.column(key), keys))
        self.rows, self.new = self.rows.filter(stays), self.new[stays.to_numpy()]
        self.unchanged = self.unchanged.filter(pc.invert(pc.is_in(self.unchanged, keys)))


class Laid:
    """What some files of one dataset bring, piece by piece; `replace`: they are complete for that period."""

    def __init__(self, store: Store, site: Site, dataset: Dataset, replace: Period | None) -> None:
        self._store, self._site, self._dataset = store, site, dataset
        self._stale = is_stale(store, site, dataset)  # a preview: an import derives everything anew first
        self._absent = _keys_within(store, dataset, replace)
        self._earlier: list[_Part] = []
        self._parts: list[_Part] = []
        self._excerpts: list[pd.DataFrame] = []
        self._total, self._last = 0, pd.NaT

    def lay(self, batches: Iterable[Batch], report: Report) -> None:
        """One more file, over those before; what is wrong or odd in it goes into the report.

        Raises Refusal for a file of new rows without a required column.
        """
        self._earlier, self._parts = [*self._earlier, *self._parts], []
        odd, new, known = Remarks(), 0, 0
        for batch in batches:
            merged = self._merge(batch)
            report.rejected += batch.rejections(self._dataset)
            self._excerpts.append(batch.excerpt(self._dataset))
            for column, rule, warnings, count in remarks(merged, batch, self._dataset, self._site):
                odd.add(column, rule, warnings, count)
            self._total += len(batch)
            new, known = new + merged.new, known + merged.known
        if merged.absent and new and not known:
            raise Refusal(missing_columns(batch.file, merged.absent, batch.unclaimed))
        odd.tell(report)

    def _merge(self, batch: Batch) -> Merged:
        dataset = self._dataset
        brought = pa.array(batch.rows[dataset.key], pa.string()).drop_null()
        stored = self._stored(brought)
        merged = merge(self._laid(stored, brought), batch, dataset, self._site)
        keys = pa.array(merged.rows.index, pa.string())
        for part in self._earlier:
            part.leave(keys, dataset.key)
        new, differs = difference(merged.rows, stored)
        written = merged.rows if (new | differs).all() else merged.rows[new | differs]
        table = frames.to_table(written.reset_index(), dataset)
        self._parts.append(_Part(table, new[new | differs], keys.filter(pa.array(~(new | differs)))))
        self._absent = self._absent.filter(pc.invert(pc.is_in(self._absent, brought)))
        self._last = pd.Series([self._last, *(merged.rows[name].max() for name in dataset.event_dates)]).max()
        return merged

    def _stored(self, keys: pa.Array) -> pd.DataFrame:
        found = self._store.read(self._dataset.name, keys=keys)
        if not found.num_rows:
            return pd.DataFrame()
        rows = frames.from_table(found, self._dataset)
        if self._stale:
            rows = derive(rows, self._dataset, self._site)
        return rows.set_index(self._dataset.key)

    def _laid(self, stored: pd.DataFrame, keys: pa.Array) -> pd.DataFrame:
        """The stored rows with those of earlier files over them."""
        found = [part.among(keys, self._dataset.key) for part in self._earlier]
        newer = [frames.from_table(rows, self._dataset) for rows in found if rows.num_rows]
        if not newer:
            return stored
        over = pd.concat(newer).set_index(self._dataset.key)
        kept = stored[~frames.within(stored.index, over.index)]
        return pd.concat([kept, over]) if len(kept) else over

    # --- what came of it --------------------------------------------------------------------------

    def tell(self, report: Report) -> None:
        """The counts, when all files are laid."""
        parts = [*self._earlier, *self._parts]
        report.total = self._total
        report.inserted = sum(int(part.new.sum()) for part in parts)
        report.updated = sum(len(part.new) for part in parts) - report.inserted
        report.unchanged = sum(len(part.unchanged) for part in parts)
        report.removed = tuple(sorted(self._absent.to_pylist()))
        report.excerpt = pd.concat(self._excerpts, ignore_index=True)

    @property
    def last(self) -> date | None:
        """The latest of the event dates that came."""
        return None if pd.isna(self._last) else self._last.date()

    def rows(self) -> pa.Table:
        """Those that are new or differ, whole."""
        return frames.together([part.rows for part in (*self._earlier, *self._parts)], self._dataset)


def _keys_within(store: Store, dataset: Dataset, period: Period | None) -> pa.Array:
    """Of the stored rows that a file which is complete for the period must have."""
    if period is None:
        return pa.array([], pa.string())
    rows = store.read(dataset.name, columns=[dataset.key, dataset.date])
    days = rows.column(dataset.date)
    start, end = (pa.scalar(day, pa.date32()) for day in (period.start, period.end))
    inside = rows.filter(pc.and_(pc.greater_equal(days, start), pc.less_equal(days, end)))
    return inside.column(dataset.key).combine_chunks().cast(pa.string())

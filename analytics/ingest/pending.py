"""What one import commits, kept back until all of it, and what follows from it, can be served at once."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime

import pandas as pd
import pyarrow as pa

from analytics.contract import DATASETS, DUTIES, LINKS, PETITIONS, Dataset
from analytics.cubes import Cubes, NotBuilt
from analytics.ingest import frames
from analytics.ingest.derive import derivation
from analytics.ingest.duties import Source, complete_to, duties
from analytics.ingest.links import Petitions, link
from analytics.ingest.merge import difference
from analytics.site import BEIJING, Site
from analytics.store import Change, Note, Store


def is_stale(store: Store, site: Site, dataset: Dataset) -> bool:
    """Its rows, or those that follow from what is served, were not worked out by site.toml as it is now."""
    versions = store.versions()
    if dataset.name in versions:
        return store.derivation(dataset.name) != derivation(dataset, site)
    return not versions.keys().isdisjoint(dataset.sources)


@dataclass(frozen=True)
class _Following:
    """Rows worked out anew and those stored in their place, by key, and to which day they tell everything."""

    now: pa.Table
    stored: pa.Table
    covers_to: date | None


class Pending:
    """Commits of several datasets, to be served together. Use it under the store's lock."""

    def __init__(self, store: Store, site: Site) -> None:
        self._store, self._site = store, site
        self._versions: dict[str, int] = {}
        self._notes: dict[str, Note] = {}
        self._changes: dict[str, Change] = {}
        """Of what something follows from row by row."""
        self.told: list[str] = []
        """What was not done, though all rows are served."""

    def commit(self, dataset: Dataset, change: Change, note: Note) -> int:
        """Commits the change, which nobody sees yet. Raises Conflict and Refusal as the store does."""
        note = replace(note, when=datetime.now(BEIJING).replace(microsecond=0))
        version = self._store.commit(dataset.name, change, note)
        self._versions[dataset.name] = version
        self._notes[dataset.name] = note
        if dataset.name in DUTIES.sources or LINKS.name in self._store.versions():
            self._changes[dataset.name] = change
        return version

    def publish(self, demo: bool, forgetting: Collection[str] = ()) -> None:
        """Brings what follows in line with what was committed, then serves everything at the same instant.

        `forgetting`: datasets whose earlier versions are refused from then on.
        """
        for dataset, work_out in ((DUTIES, self._duties), (LINKS, self._links)):
            moved = not self._versions.keys().isdisjoint(dataset.sources)
            if moved or is_stale(self._store, self._site, dataset):
                self._follow(dataset, work_out())
        for name, version in self._versions.items():
            try:
                Cubes(self._store).refresh(name, version)
            except NotBuilt as fault:
                self.told.append(str(fault))
        self._store.publish(self._versions, demo, forgetting)

    def _follow(self, dataset: Dataset, found: _Following) -> None:
        change = _change(dataset, found) if found.stored.num_rows else Change(found.now, fresh=True)
        note = Note("derive", derivation(dataset, self._site), found.covers_to)
        if change.rows.num_rows or change.removed or not self._says(dataset, note):
            self.commit(dataset, change, note)

    def _says(self, dataset: Dataset, note: Note) -> bool:
        """The served rows are noted so already."""
        served = self._store.versions().get(dataset.name)
        if served is None:
            return False
        noted = self._store.derivation(dataset.name), self._store.declared_coverage(dataset.name, served)
        return noted == (note.derivation, note.covers_to)

    # --- duties -----------------------------------------------------------------------------------

    def _duties(self) -> _Following:
        present = self._store.versions() | self._versions
        sources = {name: self._source(DATASETS[name]) for name in DUTIES.sources if name in present}
        now = frames.to_table(duties(sources, self._site), DUTIES)
        return _Following(now, self._store.read(DUTIES.name), complete_to(sources))

    def _source(self, dataset: Dataset) -> Source:
        """As it will be served."""
        stored = frames.from_table(self._store.read(dataset.name), dataset)
        if dataset.name not in self._changes:
            return Source(stored, self._declared(dataset.name))
        change = self._changes[dataset.name]
        newer = frames.from_table(change.rows, dataset)
        gone = pd.Index([*change.removed, *newer[dataset.key]], dtype="str")
        kept = stored[~frames.within(pd.Index(stored[dataset.key]), gone)]
        return Source(pd.concat([kept, newer]) if len(kept) else newer, self._notes[dataset.name].covers_to)

    # --- links ------------------------------------------------------------------------------------

    def _links(self) -> _Following:
        """Of the petitioners whom the change touches; of all where nothing was linked by this rule yet."""
        before, after = self._petition_files()
        served = LINKS.name in self._store.versions() and not is_stale(self._store, self._site, LINKS)
        changed = self._changed(PETITIONS) if served else None
        found = link(Petitions(after, before, changed), self._site)
        linked = found.rows.column(LINKS.key).to_pylist() if served else []
        keys = None if changed is None else [*dict.fromkeys([*linked, *changed])]
        noted = self._notes.get(PETITIONS.name)
        declared = noted.covers_to if noted else self._declared(PETITIONS.name)
        return _Following(found.rows, self._store.read(LINKS.name, keys=keys), declared or found.last)

    def _petition_files(self) -> tuple[list[str], list[str]]:
        """Of the petitions served, and of those that will be."""
        name, served = PETITIONS.name, self._store.versions()
        before = self._store.files(name, served[name]) if name in served else []
        if name not in self._versions:
            return before, before
        return before, self._store.files_committed(name, self._versions[name])

    def _changed(self, dataset: Dataset) -> list[str]:
        """Keys of the rows committed or removed."""
        change = self._changes[dataset.name]
        return [*change.removed, *change.rows.column(dataset.key).to_pylist()]

    def _declared(self, name: str) -> date | None:
        return self._store.declared_coverage(name, self._store.versions()[name])


def _change(dataset: Dataset, found: _Following) -> Change:
    """What of it is new or differs, and which of what is stored is no more."""
    both = (frames.from_table(rows, dataset) for rows in (found.now, found.stored))
    now, stored = (rows.set_index(dataset.key) for rows in both)
    new, differs = difference(now, stored)
    gone = stored.index[~frames.within(stored.index, now.index)]
    rows = frames.to_table(now[new | differs].reset_index(), dataset)
    return Change(rows, tuple(gone), fresh=not differs.any())

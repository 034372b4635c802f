"""What one import commits, kept back until all of it, and what follows from it, can be served at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import pandas as pd

from analytics.contract import DATASETS, DUTIES, Dataset
from analytics.ingest import frames
from analytics.ingest.derive import derivation
from analytics.ingest.duties import Source, complete_to, duties
from analytics.ingest.merge import difference
from analytics.site import BEIJING, Site
from analytics.store import Change, Note, Store


def is_stale(store: Store, site: Site, dataset: Dataset) -> bool:
    """Its rows, or those that follow from what is served, were not worked out by site.toml as it is now."""
    versions = store.versions()
    if dataset.name in versions:
        return store.derivation(dataset.name) != derivation(dataset, site)
    return not versions.keys().isdisjoint(dataset.sources)


class Pending:
    """Commits of several datasets, to be served together. Use it under the store's lock."""

    def __init__(self, store: Store, site: Site) -> None:
        self._store, self._site = store, site
        self._versions: dict[str, int] = {}
        self._changes: dict[str, tuple[Change, Note]] = {}

    def commit(self, dataset: Dataset, change: Change, note: Note) -> int:
        """Commits the change, which nobody sees yet. Raises Conflict and Refusal as the store does."""
        note = replace(note, when=datetime.now(BEIJING).replace(microsecond=0))
        version = self._store.commit(dataset.name, change, note)
        self._versions[dataset.name] = version
        self._changes[dataset.name] = change, note
        return version

    def publish(self, demo: bool) -> None:
        """Brings duties in line with what was committed, then serves everything at the same instant."""
        if not self._versions.keys().isdisjoint(DUTIES.sources) or is_stale(self._store, self._site, DUTIES):
            self._commit_duties()
        self._store.publish(self._versions, demo)

    def _commit_duties(self) -> None:
        present = self._store.versions() | self._versions
        sources = {name: self._source(DATASETS[name]) for name in DUTIES.sources if name in present}
        now = duties(sources, self._site).set_index(DUTIES.key)
        stored = frames.from_table(self._store.read(DUTIES.name), DUTIES).set_index(DUTIES.key)
        new, differs = difference(now, stored)
        gone = stored.index[~frames.within(stored.index, now.index)]
        rows = frames.to_table(now[new | differs].reset_index(), DUTIES)
        change = Change(rows, tuple(gone), fresh=not differs.any())
        note = Note("derive", derivation(DUTIES, self._site), complete_to(sources))
        if len(rows) or len(gone) or not self._says(note):
            self.commit(DUTIES, change, note)

    def _says(self, note: Note) -> bool:
        """The served duties are noted so already."""
        served = self._store.versions().get(DUTIES.name)
        if served is None:
            return False
        noted = self._store.derivation(DUTIES.name), self._store.declared_coverage(DUTIES.name, served)
        return noted == (note.derivation, note.covers_to)

    def _source(self, dataset: Dataset) -> Source:
        """As it will be served."""
        stored = frames.from_table(self._store.read(dataset.name), dataset)
        if dataset.name not in self._changes:
            return Source(stored, self._declared(dataset.name))
        change, note = self._changes[dataset.name]
        newer = frames.from_table(change.rows, dataset)
        gone = pd.Index([*change.removed, *newer[dataset.key]], dtype="str")
        kept = stored[~frames.within(pd.Index(stored[dataset.key]), gone)]
        return Source(pd.concat([kept, newer]) if len(kept) else newer, note.covers_to)

    def _declared(self, name: str) -> date | None:
        return self._store.declared_coverage(name, self._store.versions()[name])

"""What people said about what the dashboard showed: an SQLite file beside the store, added to, never changed.

Each entry says of a subject (a warning by its identity, a meeting's decision) what a person decided, with a
note and the facts as they stood. The latest entry of a subject is what holds. Imports, re-derivation and
`petition demo` never touch the file; entries belong to the store they were made over (its identity), so that
those about other rows at the same place do not come back with it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from analytics import sql
from analytics.ledger import Ledger, run
from analytics.masking import masked
from analytics.site import BEIJING

NAME = "journal.sqlite"
LONGEST_NOTE = 500

Facts = Mapping[str, object]


@dataclass(frozen=True)
class Entry:
    """One thing said of one subject, in Beijing time. `facts`: as they stood when it was said."""

    when: datetime
    subject: str
    said: str
    note: str
    facts: Facts


@dataclass(frozen=True)
class Journal:
    """The entries about one store. `folder`: the data directory, `store`: the store's identity."""

    folder: Path
    store: str

    @property
    def ledger(self) -> Ledger:
        """The file, made at the first entry."""
        return Ledger(self.folder / NAME, "标记与交办记录", sql.journal, sql.JOURNAL_LAYOUT)

    def entries(self, kind: str) -> list[Entry]:
        """Every entry of a kind, the oldest first; none where nothing was ever said. Raises Refusal."""
        if not self.ledger.path.exists():
            return []
        with self.ledger.opened(writing=False) as connection:
            return [_entry(row) for row in run(connection, sql.entries(self.store, kind))]

    def add(self, kind: str, said: str, about: Iterable[tuple[str, Facts]], note: str = "") -> None:
        """Says the same of each subject (with its facts), all or none; the note without personal data.

        Raises Refusal where it cannot be written.
        """
        added = [self._said(kind, subject, said, note, facts) for subject, facts in about]
        self.ledger.made()
        with self.ledger.opened(writing=True) as connection, connection:
            for statement in added:
                run(connection, statement)

    def follow(
        self, kind: str, subject: str, work_out: Callable[[list[Entry]], tuple[str, Facts]]
    ) -> list[Entry]:
        """Says of a subject what is worked out from its entries so far, with facts; gives all its entries.

        Nobody writes in between. Raises Refusal where it cannot be written, and what `work_out` raises.
        """
        asked = sql.entries(self.store, kind, subject)
        self.ledger.made()
        with self.ledger.opened(writing=True) as connection, connection:
            run(connection, sql.begin_writing())
            said, facts = work_out([_entry(row) for row in run(connection, asked)])
            run(connection, self._said(kind, subject, said, "", facts))
            return [_entry(row) for row in run(connection, asked)]

    def _said(self, kind: str, subject: str, said: str, note: str, facts: Facts) -> sql.Statement:
        when, words = f"{datetime.now(BEIJING):%Y-%m-%dT%H:%M:%S}", masked(note.strip())[:LONGEST_NOTE]
        return sql.add_entry(
            when, self.store, kind, subject, said, words, json.dumps(facts, ensure_ascii=False)
        )


def latest(entries: Sequence[Entry]) -> dict[str, Entry]:
    """What holds of each subject: its last entry."""
    return {entry.subject: entry for entry in entries}


def _entry(row: Sequence[str]) -> Entry:
    when, subject, said, note, facts = row
    return Entry(datetime.fromisoformat(when).replace(tzinfo=BEIJING), subject, said, note, json.loads(facts))

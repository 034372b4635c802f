"""What people said about what the dashboard showed: an SQLite file beside the store, added to, never changed.

Each entry says of a subject (a warning by its identity, a meeting's decision) what a person decided, with a
note and the facts as they stood. The latest entry of a subject is what holds. Several processes may write at
once: each entry is one transaction of its own, and a writer waits for another. Imports, re-derivation and
`petition demo` never touch the file; entries belong to the store they were made over (its identity), so that
those about other rows at the same place do not come back with it.
"""

from __future__ import annotations

import json
import os
import secrets
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from analytics import sql
from analytics.masking import masked
from analytics.site import BEIJING, Refusal

NAME = "journal.sqlite"
WAIT_SECONDS = 20
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
    def path(self) -> Path:
        """The file, made at the first entry."""
        return self.folder / NAME

    def entries(self, kind: str) -> list[Entry]:
        """Every entry of a kind, the oldest first; none where nothing was ever said. Raises Refusal."""
        if not self.path.exists():
            return []
        with self._open(writing=False) as connection:
            return [_entry(row) for row in _run(connection, sql.entries(self.store, kind))]

    def add(self, kind: str, said: str, about: Iterable[tuple[str, Facts]], note: str = "") -> None:
        """Says the same of each subject (with its facts), all or none; the note without personal data.

        Raises Refusal where it cannot be written.
        """
        added = [self._said(kind, subject, said, note, facts) for subject, facts in about]
        self._made()
        with self._open(writing=True) as connection, connection:
            for statement in added:
                _run(connection, statement)

    def follow(
        self, kind: str, subject: str, work_out: Callable[[list[Entry]], tuple[str, Facts]]
    ) -> list[Entry]:
        """Says of a subject what is worked out from its entries so far, with facts; gives all its entries.

        Nobody writes in between. Raises Refusal where it cannot be written, and what `work_out` raises.
        """
        asked = sql.entries(self.store, kind, subject)
        self._made()
        with self._open(writing=True) as connection, connection:
            _run(connection, sql.begin_writing())
            said, facts = work_out([_entry(row) for row in _run(connection, asked)])
            _run(connection, self._said(kind, subject, said, "", facts))
            return [_entry(row) for row in _run(connection, asked)]

    def copy_to(self, target: Path) -> None:
        """The file whole, as of one instant, whoever writes meanwhile; nothing where there is none.

        Raises Refusal.
        """
        if not self.path.exists():
            return
        with self._open(writing=False) as connection, closing(sqlite3.connect(target)) as copied:
            connection.backup(copied)

    def _said(self, kind: str, subject: str, said: str, note: str, facts: Facts) -> sql.Statement:
        when, words = f"{datetime.now(BEIJING):%Y-%m-%dT%H:%M:%S}", masked(note.strip())[:LONGEST_NOTE]
        return sql.add_entry(
            when, self.store, kind, subject, said, words, json.dumps(facts, ensure_ascii=False)
        )

    def _made(self) -> None:
        """Whole or not at all, and never over another's: two first entries may come at once."""
        if self.path.exists():
            return
        beside = self.path.with_name(f"{NAME}.{secrets.token_hex(4)}")
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(beside)) as connection:
                for statement in sql.journal():
                    _run(connection, statement)
            with suppress(FileExistsError):
                self._put(beside)
        except (OSError, sqlite3.Error) as fault:
            raise self._unwritable(fault) from None
        finally:
            with suppress(OSError):
                beside.unlink(missing_ok=True)

    def _put(self, beside: Path) -> None:
        """In place in one step; on a share without hard links as a new file. Raises FileExistsError."""
        try:
            os.link(beside, self.path)
        except FileExistsError:
            raise
        except OSError:
            content = beside.read_bytes()
            with self.path.open("xb") as made:
                try:
                    made.write(content)
                    made.flush()
                except OSError:
                    self.path.unlink()
                    raise

    @contextmanager
    def _open(self, writing: bool) -> Iterator[sqlite3.Connection]:
        try:
            with closing(self._connected(writing)) as connection:
                yield connection
        except sqlite3.Error as fault:
            if writing:
                raise self._unwritable(fault) from None
            raise Refusal(f"标记与交办记录 {self.path} 读不了：{fault}；请检查权限，或从备份恢复它") from None

    def _connected(self, writing: bool) -> sqlite3.Connection:
        if writing:
            return self._checked("rw")
        try:
            return self._checked("ro")
        except sqlite3.OperationalError:  # a directory that may not be written to has no room for the log
            return self._checked("ro&immutable=1")

    def _checked(self, mode: str) -> sqlite3.Connection:
        where = f"{self.path.absolute().as_uri()}?mode={mode}"
        connection = sqlite3.connect(where, uri=True, timeout=WAIT_SECONDS)
        try:
            ((layout,),) = _run(connection, sql.journal_layout())
        except sqlite3.Error:
            connection.close()
            raise
        if layout != sql.JOURNAL_LAYOUT:
            connection.close()
            raise Refusal(f"标记与交办记录 {self.path} 是别的版本写的：请升级本软件，或从备份恢复它")
        return connection

    def _unwritable(self, fault: Exception) -> Refusal:
        return Refusal(f"没有保存：{self.path} 写不了（{fault}）；请检查数据目录的权限与磁盘空间后再试")


def latest(entries: Sequence[Entry]) -> dict[str, Entry]:
    """What holds of each subject: its last entry."""
    return {entry.subject: entry for entry in entries}


def _run(connection: sqlite3.Connection, statement: sql.Statement) -> list[tuple[Any, ...]]:
    return connection.execute(statement.text, statement.parameters).fetchall()


def _entry(row: Sequence[str]) -> Entry:
    when, subject, said, note, facts = row
    return Entry(datetime.fromisoformat(when).replace(tzinfo=BEIJING), subject, said, note, json.loads(facts))

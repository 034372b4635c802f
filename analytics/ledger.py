"""An SQLite file beside the store that is added to and never changed: what was said, what was done.

Several processes may write at once: each addition is one transaction of its own, and a writer waits for
another. The file is made whole or not at all, and never over another's.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analytics import sql
from analytics.site import Refusal

WAIT_SECONDS = 20
_OWNER_ONLY = 0o600


@dataclass(frozen=True)
class Ledger:
    """One such file. `label`: what it holds, in messages; `tables` make it, `layout` is their number."""

    path: Path
    label: str
    tables: Callable[[], tuple[sql.Statement, ...]]
    layout: int

    @contextmanager
    def opened(self, writing: bool) -> Iterator[sqlite3.Connection]:
        """A connection for as long as it is needed. Raises Refusal."""
        try:
            with closing(self.connected(writing)) as connection:
                yield connection
        except sqlite3.Error as fault:
            raise self.unwritable(fault) if writing else self.unreadable(fault) from None

    def connected(self, writing: bool) -> sqlite3.Connection:
        """A connection to close oneself, usable in any thread. Raises sqlite3.Error, Refusal."""
        if writing:
            return self._checked("rw")
        try:
            return self._checked("ro")
        except sqlite3.OperationalError:  # a directory that may not be written to has no room for the log
            return self._checked("ro&immutable=1")

    def made(self) -> None:
        """Makes the file where there is none: two may come first at once. Raises Refusal."""
        if self.path.exists():
            return
        beside = self.path.with_name(f"{self.path.name}.{secrets.token_hex(4)}")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            beside.touch(_OWNER_ONLY)
            with closing(sqlite3.connect(beside)) as connection:
                for statement in self.tables():
                    run(connection, statement)
            with suppress(FileExistsError):
                self._put(beside)
        except (OSError, sqlite3.Error) as fault:
            raise self.unwritable(fault) from None
        finally:
            with suppress(OSError):
                beside.unlink(missing_ok=True)

    def copy_to(self, target: Path) -> None:
        """The file whole, as of one instant, whoever writes meanwhile; nothing where there is none.

        Raises Refusal.
        """
        if not self.path.exists():
            return
        with self.opened(writing=False) as connection, closing(sqlite3.connect(target)) as copied:
            connection.backup(copied)

    def unwritable(self, fault: Exception) -> Refusal:
        """Why nothing was added."""
        return Refusal(f"没有保存：{self.path} 写不了（{fault}）；请检查数据目录的权限与磁盘空间后再试")

    def unreadable(self, fault: Exception) -> Refusal:
        """Why nothing can be read."""
        return Refusal(f"{self.label} {self.path} 读不了：{fault}；请检查权限，或从备份恢复它")

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

    def _checked(self, mode: str) -> sqlite3.Connection:
        where = f"{self.path.absolute().as_uri()}?mode={mode}"
        connection = sqlite3.connect(where, uri=True, timeout=WAIT_SECONDS, check_same_thread=False)
        try:
            ((layout,),) = run(connection, sql.ledger_layout())
        except sqlite3.Error:
            connection.close()
            raise
        if layout != self.layout:
            connection.close()
            raise Refusal(f"{self.label} {self.path} 是别的版本写的：请升级本软件，或从备份恢复它")
        return connection


def run(connection: sqlite3.Connection, statement: sql.Statement) -> list[tuple[Any, ...]]:
    """Runs one statement."""
    return connection.execute(statement.text, statement.parameters).fetchall()

"""审计日志: who saw, exported, imported, looked up, when and from where; added to and never changed.

网络安全法 第21条 (kept for six months at least; this program never deletes any), PIPL 第51条、第54条.

The code of each entry is the SHA-256 of the code before it and of the entry itself: whoever changes, takes
out or puts in an entry breaks the chain from there on. Cutting the end off, or writing all of it anew, shows
against a number and code noted down before (`Chain.noted`), which is why these are printed. There is no key
in it: whoever may write to the file may read one beside it; what they cannot reach is the note elsewhere.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal, get_args

from analytics import sql
from analytics.ledger import WAIT_SECONDS, Ledger, run
from analytics.masking import masked, visible
from analytics.site import BEIJING

NAME = "audit.sqlite"
LONGEST = 500
"""Characters of a field that are kept."""
START = "0" * 64
"""The code before the first entry."""
SHOWN_CODE = 16
"""Characters of a code that are shown, and that a note of it must have at least."""

Action = Literal[
    "登录",
    "退出",
    "不予进入",
    "不予办理",
    "查看页面",
    "查看明细",
    "按证件查件",
    "打开导出",
    "导出",
    "印发材料",
    "预检导入",
    "导入",
    "记交办事项",
    "标记预警",
    "备份",
    "恢复",
    "删除个人信息",
    "更换密钥",
]
ACTIONS: tuple[Action, ...] = get_args(Action)


@dataclass(frozen=True)
class Deed:
    """What somebody did. `who`: account, as it is written in site.toml, and roles.

    `place`: from which address, in which session; `what`: the page, metric, file or a mark of the person;
    `filters` in words; `versions` of the data; `rows`: how many records left or were seen; `why`: the reason
    given. Of a petitioner it holds that mark.
    """

    who: str
    action: Action | Literal[""]
    what: str = ""
    filters: str = ""
    versions: str = ""
    rows: int | None = None
    why: str = ""
    place: str = ""


@dataclass(frozen=True)
class Noted:
    """A deed as it stands in the log. `when`: Beijing time; None where somebody made the entry unreadable."""

    number: int
    when: datetime | None
    deed: Deed
    code: str


@dataclass(frozen=True)
class Chain:
    """The state of the log: its last number and code; from which number on it is broken, None: whole."""

    number: int
    code: str
    broken: int | None = None

    @property
    def noted(self) -> str:
        """What to note down elsewhere, as `petition check --audit` takes it: 120:884a1c13cb424f2b."""
        return f"{self.number}:{self.code[:SHOWN_CODE]}"

    @property
    def words(self) -> str:
        """审计日志共 120 条，完好；末条校验码 884a1c13cb424f2b（抄下 120:884a1c13cb424f2b）."""
        whole = self.broken is None
        state = "完好" if whole else f"第 {self.broken:,} 条起被改动过"
        last = f"末条校验码 {self.code[:SHOWN_CODE]}{f'（抄下 {self.noted}）' if whole else ''}"
        return f"审计日志共 {self.number:,} 条，{state}；{last}"


@dataclass(frozen=True)
class Audit:
    """The log of one data directory."""

    folder: Path

    @property
    def ledger(self) -> Ledger:
        """The file, made at the first entry."""
        return Ledger(self.folder / NAME, "审计日志", sql.audit, sql.AUDIT_LAYOUT)

    def note(self, deed: Deed, wait: float = WAIT_SECONDS) -> None:
        """Adds an entry, on the disk when this returns; waits so many seconds for others who write.

        Raises Refusal where it cannot be written.
        """
        when = f"{datetime.now(BEIJING):%Y-%m-%dT%H:%M:%S}"
        text = json.dumps({"when": when} | _clean(deed), ensure_ascii=False, sort_keys=True)
        try:
            with _WRITERS.turn(wait):
                self._add(text, wait)
        except (sqlite3.Error, OSError, OverflowError) as fault:
            raise self.ledger.unwritable(fault) from None

    def _add(self, text: str, wait: float) -> None:
        try:
            connection = _WRITERS.of(self.ledger)
            run(connection, sql.patience(wait))
            with connection:
                run(connection, sql.begin_writing())
                number, code = _last(connection)
                run(connection, sql.add_deed(number + 1, text, _code(code, text)))
        except BaseException:
            _WRITERS.close(self.ledger)
            raise

    def newest(
        self,
        limit: int,
        who: str = "",
        action: str = "",
        first: date | None = None,
        last: date | None = None,
        before: int | None = None,
    ) -> list[Noted]:
        """The newest entries, at most `limit`, of an account, an action and days if given.

        `before`: only those with a lower number. Raises Refusal.
        """
        kept = [("who", "=", who)] if who else []
        kept += [("action", "=", action)] if action else []
        kept += [("when", ">=", f"{first}")] if first else []
        kept += [("when", "<=", f"{last}T24")] if last else []
        return [_noted(*row) for row in self._read(sql.deeds(kept, limit, before))]

    def people(self) -> list[str]:
        """Everybody who ever did anything. Raises Refusal."""
        return [str(who) for (who,) in self._read(sql.deed_words("who"))]

    def last(self) -> tuple[int, str]:
        """Number and code of the last entry; 0 where there is none. Raises Refusal."""
        return next(((int(n), str(code)) for n, code in [*self._read(sql.last_deed())]), (0, START))

    def chain(self, noted: tuple[int, str] | None = None) -> Chain:
        """Follows the chain from its beginning.

        `noted`: a number and the beginning of its code as they were noted down: a log that does not hold them
        any more is broken there. Raises Refusal where it cannot be read.
        """
        code, number, broken = START, 0, None
        wanted, start = noted or (0, "")
        for found, text, given in self._read(sql.every_deed()):
            number, code = number + 1, _code(code, str(text))
            whole = found == number and given == code and (found != wanted or code.startswith(start))
            if not whole and broken is None:
                broken = number
            code = str(given)
        if broken is None and wanted > number:
            broken = number + 1
        return Chain(number, code, broken)

    def _read(self, statement: sql.Statement) -> Iterator[tuple[Any, ...]]:
        """Row by row: a log may be larger than the memory. What is no text is read as far as it is."""
        if not self.ledger.path.exists():
            return
        with self.ledger.opened(writing=False) as connection:
            connection.text_factory = _decoded
            yield from connection.execute(statement.text, statement.parameters)


def _last(connection: sqlite3.Connection) -> tuple[int, str]:
    return next(iter(run(connection, sql.last_deed())), (0, START))


def _code(before: str, text: str) -> str:
    return hashlib.sha256(f"{before}{text}".encode()).hexdigest()


def _decoded(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")


_TYPED = frozenset({"what", "filters", "why"})
"""What may quote data or what somebody typed. Who it was is told whole: accounts are e-mail addresses."""


def _clean(deed: Deed) -> dict[str, object]:
    """The fields that say something, each one line without personal data or codes that steer a terminal."""
    told = {name: value for name, value in asdict(deed).items() if value not in ("", None)}
    lines = {name: _line(value) for name, value in told.items() if isinstance(value, str)}
    return told | {name: _cut(masked(text) if name in _TYPED else text) for name, text in lines.items()}


def _line(text: str) -> str:
    return " ".join(visible(text[: 2 * LONGEST]).split())


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _noted(number: int, text: object, code: object) -> Noted:
    try:
        found = json.loads(str(text))
        when = datetime.fromisoformat(found.pop("when")).replace(tzinfo=BEIJING)
        deed = Deed(**found)
        if not all(isinstance(value, str) for name, value in found.items() if name != "rows"):
            raise TypeError
        return Noted(number, when, deed, str(code))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return Noted(number, None, Deed("", "", f"被改动过，读不出：{_cut(_line(str(text)))}"), str(code))


class _Writers:
    """A connection a file that stays open: each opening anew would make the disk wait."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: dict[Path, tuple[int, sqlite3.Connection]] = {}

    @contextmanager
    def turn(self, wait: float) -> Iterator[None]:
        """Nobody else in this process writes meanwhile. Raises OSError after so many seconds."""
        if not self._lock.acquire(timeout=wait):
            raise OSError("另一处正在写")
        try:
            yield
        finally:
            self._lock.release()

    def of(self, ledger: Ledger) -> sqlite3.Connection:
        """The file's connection; another where another file was put in its place.

        Raises sqlite3.Error, OSError, Refusal.
        """
        ledger.made()
        there = ledger.path.stat().st_ino
        held = self._open.get(ledger.path)
        if held is None or held[0] != there:
            self.close(ledger)
            self._open[ledger.path] = (there, ledger.connected(writing=True))
        return self._open[ledger.path][1]

    def close(self, ledger: Ledger) -> None:
        """Closes it, if it is open."""
        with suppress(KeyError, sqlite3.Error):
            self._open.pop(ledger.path)[1].close()


_WRITERS = _Writers()


def in_words(versions: Mapping[str, int], labels: Mapping[str, str]) -> str:
    """信访事项 3、信访积案 2."""
    return "、".join(f"{labels.get(name, name)} {version}" for name, version in versions.items())


def headers() -> Sequence[str]:
    """Of `line`."""
    return ("序号", "时间", "账号", "动作", "对象", "筛选", "行数", "事由", "来处", "版本", "校验码")


def line(one: Noted) -> list[str | int | None]:
    """An entry as a line of a table."""
    deed = one.deed
    told = (deed.what, deed.filters, deed.rows, deed.why, deed.place, deed.versions)
    when = f"{one.when:%Y-%m-%d %H:%M:%S}" if one.when else ""
    return [one.number, when, deed.who, deed.action, *told, one.code[:SHOWN_CODE]]


def broken(found: Chain) -> list[str]:
    """What to do where the log was tampered with; nothing where it is whole."""
    if found.broken is None:
        return []
    return [
        f"审计日志第 {found.broken:,} 条起与校验码不符：有人改动过或截去了一段；"
        f"请保全 {NAME} 原件，与备份里的对照，并报告负责人"
    ]

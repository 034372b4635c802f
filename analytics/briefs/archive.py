"""归档: a brief as it was issued, with its data versions, its numbers and its documents, kept for good.

One folder each beside the store, put there whole or not at all:
`archive/2021-11-1-3f2a9c01/` holds `brief.json`, the documents, `data/` with the rows and the settings that
the numbers were read from (`petition query … --data` of the folder gives them again, whatever became of the
store), and `SHA256SUMS` over all of them. Archives of before there was `data/` hold the rest.
"""

from __future__ import annotations

import json
import re
import secrets
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from analytics import kept, sums
from analytics.briefs.brief import Brief, Chapter
from analytics.briefs.numbers import Block, Subject, blocks, versions
from analytics.citing import filters_in_words, plain_text
from analytics.engine import Engine
from analytics.model import Period, Scope, Selection
from analytics.result import Cell
from analytics.settings import lists_of
from analytics.site import BEIJING, Refusal, site_file

FOLDER = "archive"
CONTENT, SUMS = "brief.json", sums.NAME
LAYOUT = 1
WAIT_SECONDS = 60
_NAME = re.compile(r"(\d{4}-\d{2})-(\d+)-([0-9a-f]{8})")
_UNFIT = re.compile(r'[\\/:*?"<>|\x00-\x1f]|^\.')
_NEW = ".new-"


@dataclass(frozen=True)
class Archived:
    """A brief as it was issued.

    `number`: counted within its month, from 1. `when`: Beijing time. `versions`: of every dataset that its
    numbers were read from. `documents`: the names of its files. `blocks`: its numbers.
    """

    folder: Path
    number: int
    title: str
    when: datetime
    as_of: date
    versions: Mapping[str, int]
    selection: Selection
    digest: str
    documents: tuple[str, ...]
    blocks: tuple[Block, ...] = field(repr=False)

    @property
    def month(self) -> str:
        """YYYY-MM."""
        return f"{self.selection.period.start:%Y-%m}"

    @property
    def filters(self) -> str:
        """镇街=宁中镇; empty without filters."""
        return filters_in_words(self.selection)

    @property
    def data(self) -> Path | None:
        """The rows its numbers were read from, as a data directory; None in one of before they were kept."""
        path = self.folder / kept.FOLDER
        return path if kept.is_kept(path) else None

    def document(self, name: str) -> bytes:
        """One of its files. Raises Refusal where it is not as it was archived."""
        try:
            content = (self.folder / name).read_bytes()
            whole = name in self.documents and _sums(self.folder)[name] == sums.of(content)
        except (OSError, ValueError, KeyError):
            whole = False
        if not whole:
            raise Refusal(f"归档 {self.folder.name} 的文件 {name} 缺失或被改动：请从备份恢复它")
        return content


# --- putting away ----------------------------------------------------------------------------------------


def archive(engine: Engine, brief: Brief, documents: Mapping[str, bytes]) -> Archived:
    """Puts the brief away with its documents (file name → content) as the next one of its month.

    The same brief (the same words, numbers and versions) with the same documents, or without any, is not put
    away again but given back. Several processes may do it at once. Raises Refusal where it cannot be
    written, and then nothing is left of it, or where whoever looks may not issue briefs.
    """
    engine.allow("decide")
    for name in documents:
        if _UNFIT.search(name) or name in ("", CONTENT, SUMS):
            raise Refusal(f"归档的文件名“{name}”不能用：请换一个不含 / \\ : * ? 等符号的名称")
    content = _content(engine, brief)
    digest = sums.of(_text(content))
    if engine.store.is_kept:
        raise Refusal(f"{engine.store.path} 是归档的数据，不再归档：请用 --draft，或另指在用的数据目录")
    root = engine.store.path / FOLDER
    with _alone(root):
        for one in archived(engine):
            same = one.digest == digest and one.data is not None
            if same and all(_same(one, name, made) for name, made in documents.items()):
                return one
        number = 1 + max(
            (n for month, n, _ in map(_named, _folders(root)) if month == brief.month), default=0
        )
        about = {"archived": f"{datetime.now(BEIJING):%Y-%m-%dT%H:%M:%S}", "digest": digest}
        files = {**documents, CONTENT: _text(about | content)}
        target = root / f"{brief.month}-{number}-{digest[:8]}"
        read = versions(brief)
        settings = lists_of(site_file(engine.store.path))
        _put(target, files, lambda folder: kept.keep(engine.store, read, settings, folder))
        return _read(target)


def _same(one: Archived, name: str, made: bytes) -> bool:
    """Whether the archive holds the document, undamaged, byte for byte."""
    return name in one.documents and _is(one.folder / name, sums.of(made))


@contextmanager
def _alone(root: Path) -> Iterator[None]:
    """One at a time; what an earlier one left unfinished is cleared away. Raises Refusal."""
    try:
        root.mkdir(parents=True, exist_ok=True)
        with FileLock(root / ".lock", timeout=WAIT_SECONDS):
            for left in root.glob(f"{_NEW}*"):
                shutil.rmtree(left)
            yield
    except Timeout:
        raise Refusal(f"另一个程序正在写入归档 {root}：请稍后再试") from None
    except OSError as fault:
        raise Refusal(f"没有归档：{root} 写不了（{fault}）；请检查数据目录的权限与磁盘空间后再试") from None


def _put(target: Path, files: Mapping[str, bytes], keep: Callable[[Path], None]) -> None:
    beside = target.with_name(f"{_NEW}{secrets.token_hex(4)}")
    try:
        beside.mkdir()
        keep(beside / kept.FOLDER)
        for name, content in files.items():
            (beside / name).write_bytes(content)
        there = {path.relative_to(beside).as_posix(): path for path in _files(beside)}
        listed = {name: sums.of_file(path) for name, path in there.items()}
        (beside / SUMS).write_text(sums.written(listed), "utf-8", newline="\n")
        for path in (*there.values(), beside / SUMS):
            sums.sync(path)
        for folder in (beside / kept.FOLDER, beside):
            sums.settle(folder)
        beside.rename(target)
        sums.settle(target.parent)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _content(engine: Engine, brief: Brief) -> dict[str, Any]:
    """All that is said, and every number, as JSON keeps it."""
    period = brief.selection.period
    return {
        "layout": LAYOUT,
        "store": engine.store.identity,
        "demo": brief.demo,
        "bureau": brief.bureau,
        "title": brief.title,
        "origin": brief.origin,
        "from": f"{period.start}",
        "to": f"{period.end}",
        "as_of": f"{brief.as_of}",
        "members": [[name, list(members)] for name, members in brief.selection.members],
        **_scope_as_json(brief.selection.scope),
        "versions": versions(brief),
        "chapters": [_chapter(chapter) for chapter in brief.chapters],
        "corrections": [plain_text(told) for told in brief.corrections],
        "decisions": [plain_text(told) for told in brief.decisions],
        "sources": [{"command": s.command, "words": s.words} for s in brief.sources],
        "numbers": [_as_json(block) for block in blocks(engine, brief)],
    }


def _chapter(chapter: Chapter) -> dict[str, Any]:
    numbers = [
        {
            "label": n.label,
            "number": f"{n.number}{n.unit}",
            "told": [*(plain_text((piece,)) for piece in n.changes), n.verdict],
        }
        for n in chapter.numbers
    ]
    return {
        "name": chapter.name,
        "title": chapter.title,
        "told": [plain_text(told) for told in chapter.told()],
        "numbers": numbers,
        "figures": [[a.figure.name, a.title, a.measure] for a in chapter.figures],
    }


def _as_json(block: Block) -> dict[str, Any]:
    first, last = block.of.days
    return {
        "source": block.source,
        "metric": block.of.metric,
        "from": f"{first}" if first else None,
        "to": f"{last}",
        "members": [[name, list(members)] for name, members in block.of.members],
        **_scope_as_json(block.of.scope),
        "by": list(block.by),
        "rows": [[list(key), c.numerator, c.denominator, c.value] for key, c in block.cells.items()],
    }


def _text(content: Mapping[str, Any]) -> bytes:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


# --- looking up ------------------------------------------------------------------------------------------


def archived(engine: Engine) -> list[Archived]:
    """Every readable brief that was put away over these rows, the newest first.

    A looker confined to a place has those made for no more than that. `damaged` says which cannot be read.
    """
    found = []
    for folder in _folders(engine.store.path / FOLDER):
        with suppress(_Damaged):
            one = _kept(engine, folder)
            if one is not None and engine.scope.covers(one.selection.scope):
                found.append(one)
    return sorted(found, key=lambda one: (one.when, one.month, one.number), reverse=True)


def readable(data: Path) -> list[Archived]:
    """Every brief under a data directory that can be read, of whichever rows, by folder."""
    found = []
    for folder in _folders(data / FOLDER):
        with suppress(_Damaged):
            found.append(_read(folder))
    return found


def damaged(data: Path) -> list[str]:
    """What is wrong with which archive, every file read anew; nothing where all are as they were put away."""
    told = []
    for folder in _folders(data / FOLDER):
        try:
            _verify(folder)
            _read(folder)
        except _Damaged as fault:
            told.append(f"归档 {folder} {fault}：请从备份恢复这个文件夹")
    return told


class _Damaged(Exception):
    """What is wrong with an archive, in Chinese."""


def _folders(root: Path) -> list[Path]:
    try:
        return sorted(folder for folder in root.iterdir() if _NAME.fullmatch(folder.name))
    except OSError:
        return []


def _named(folder: Path) -> tuple[str, int, str]:
    month, number, digest = _NAME.fullmatch(folder.name).groups()  # type: ignore[union-attr]
    return month, int(number), digest


def _kept(engine: Engine, folder: Path) -> Archived | None:
    """Read once as long as the file stays the same; None where it is of another store."""
    try:
        state = (folder / CONTENT).stat()
    except OSError:
        raise _Damaged(f"缺少 {CONTENT}") from None
    key = ("archive", str(folder), state.st_mtime_ns, state.st_size)
    store, one = engine.remember(key, lambda: _opened(folder))
    return one if store == engine.store.identity else None


def _read(folder: Path) -> Archived:
    return _opened(folder)[1]


def _opened(folder: Path) -> tuple[str, Archived]:
    """The store's identity and the brief. Raises _Damaged."""
    _, number, digest = _named(folder)
    try:
        text = (folder / CONTENT).read_bytes()
        listed = _sums(folder)
        if listed[CONTENT] != sums.of(text):
            raise _Damaged(f"的 {CONTENT} 与校验和不符")
        content = json.loads(text)
        if content["layout"] != LAYOUT:
            raise _Damaged("是别的版本的软件写的")
        if not content["digest"].startswith(digest):
            raise _Damaged("的文件夹名称与内容不符")
        return str(content["store"]), _archived(folder, number, content, listed)
    except OSError as fault:
        raise _Damaged(f"读不了（{fault}）") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise _Damaged(f"的 {CONTENT} 或 {SUMS} 不完整") from None


def _archived(folder: Path, number: int, content: Mapping[str, Any], listed: Mapping[str, str]) -> Archived:
    days = [date.fromisoformat(content[name]) for name in ("from", "to", "as_of")]
    period, as_of = Period(days[0], days[1]), days[2]
    return Archived(
        folder=folder,
        number=number,
        title=str(content["title"]),
        when=datetime.fromisoformat(content["archived"]).replace(tzinfo=BEIJING),
        as_of=as_of,
        versions={str(name): int(version) for name, version in content["versions"].items()},
        selection=Selection(period.until(as_of), _members(content), _scope(content)),
        digest=str(content["digest"]),
        documents=tuple(name for name in listed if name != CONTENT and "/" not in name),
        blocks=tuple(_block(one) for one in content["numbers"]),
    )


def _block(content: Mapping[str, Any]) -> Block:
    first = date.fromisoformat(content["from"]) if content["from"] else None
    days = first, date.fromisoformat(content["to"])
    of = Subject(str(content["metric"]), days, _members(content), _scope(content))
    cells = {tuple(key): Cell(*cell) for key, *cell in content["rows"]}
    return Block(of, tuple(content["by"]), cells, int(content["source"]))


def _scope_as_json(scope: Scope) -> dict[str, str | None]:
    return {"township": scope.township, "area": scope.area}


def _scope(content: Mapping[str, Any]) -> Scope:
    return Scope(content["township"], area=str(content.get("area", "")))  # none in what was put away before


def _members(content: Mapping[str, Any]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple((str(name), tuple(map(str, members))) for name, members in content["members"])


def _sums(folder: Path) -> dict[str, str]:
    """File name → checksum. Raises OSError, ValueError."""
    return sums.read((folder / SUMS).read_text("utf-8"))


def _verify(folder: Path) -> None:
    """Every file is there, as it was, and none besides. Raises _Damaged."""
    try:
        listed = _sums(folder)
        there = {path.relative_to(folder).as_posix() for path in _files(folder)} - {SUMS}
    except (OSError, ValueError):
        raise _Damaged(f"的 {SUMS} 缺失或损坏") from None
    wrong = [name for name in listed if not _is(folder / name, listed[name])]
    parts = [f"的 {'、'.join(wrong)} 缺失或被改动"] if wrong else []
    parts += [f"里多出 {'、'.join(extra)}"] if (extra := sorted(there - listed.keys())) else []
    if parts:
        raise _Damaged("，".join(parts))


def _is(path: Path, wanted: str) -> bool:
    try:
        return sums.of_file(path) == wanted
    except OSError:
        return False

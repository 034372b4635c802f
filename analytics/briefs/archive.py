"""归档: a brief as it was issued, with its data versions, its numbers and its documents, kept for good.

One folder each beside the store, put there whole or not at all:
`archive/2021-11-1-3f2a9c01/` holds `brief.json`, the documents, and `SHA256SUMS` over all of them.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from analytics.briefs.brief import Brief, Chapter
from analytics.briefs.numbers import Block, Subject, blocks, versions
from analytics.citing import filters_in_words, plain_text
from analytics.engine import Engine
from analytics.model import Period, Scope, Selection
from analytics.result import Cell
from analytics.site import BEIJING, Refusal

FOLDER = "archive"
CONTENT, SUMS = "brief.json", "SHA256SUMS"
LAYOUT = 1
WAIT_SECONDS = 60
_NAME = re.compile(r"(\d{4}-\d{2})-(\d+)-([0-9a-f]{8})")
_UNFIT = re.compile(r'[\\/:*?"<>|\x00-\x1f]|^\.')
_LINE = re.compile(r"([0-9a-f]{64})  (.+)\n")
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

    def document(self, name: str) -> bytes:
        """One of its files. Raises Refusal where it is not as it was archived."""
        try:
            content = (self.folder / name).read_bytes()
            whole = name in self.documents and _sums(self.folder)[name] == _sum(content)
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
    digest = _sum(_text(content))
    root = engine.store.path / FOLDER
    with _alone(root):
        for one in archived(engine):
            if one.digest == digest and all(_same(one, name, made) for name, made in documents.items()):
                return one
        number = 1 + max(
            (n for month, n, _ in map(_named, _folders(root)) if month == brief.month), default=0
        )
        about = {"archived": f"{datetime.now(BEIJING):%Y-%m-%dT%H:%M:%S}", "digest": digest}
        files = {**documents, CONTENT: _text(about | content)}
        target = root / f"{brief.month}-{number}-{digest[:8]}"
        _put(root, target, files)
        return _read(target)


def _same(one: Archived, name: str, made: bytes) -> bool:
    """Whether the archive holds the document, undamaged, byte for byte."""
    return name in one.documents and _is(one.folder / name, _sum(made))


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


def _put(root: Path, target: Path, files: Mapping[str, bytes]) -> None:
    beside = root / f"{_NEW}{secrets.token_hex(4)}"
    try:
        beside.mkdir()
        lines = [f"{_sum(content)}  {name}\n" for name, content in sorted(files.items())]
        for name, content in {**files, SUMS: "".join(lines).encode()}.items():
            with (beside / name).open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        _settle(beside)
        beside.rename(target)
        _settle(root)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _settle(folder: Path) -> None:
    """Its entries reach the disk, where the system knows how to."""
    with suppress(OSError):
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)


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
        "township": brief.selection.scope.township,
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
        "township": block.of.scope.township,
        "by": list(block.by),
        "rows": [[list(key), c.numerator, c.denominator, c.value] for key, c in block.cells.items()],
    }


def _text(content: Mapping[str, Any]) -> bytes:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def _sum(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


# --- looking up ------------------------------------------------------------------------------------------


def archived(engine: Engine) -> list[Archived]:
    """Every readable brief that was put away over these rows, the newest first.

    A looker confined to a township has those made under the same scope. `damaged` says which cannot be read.
    """
    found = []
    for folder in _folders(engine.store.path / FOLDER):
        with suppress(_Damaged):
            one = _kept(engine, folder)
            if one is not None and engine.scope.township in (None, one.selection.scope.township):
                found.append(one)
    return sorted(found, key=lambda one: (one.when, one.month, one.number), reverse=True)


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
        sums = _sums(folder)
        if sums[CONTENT] != _sum(text):
            raise _Damaged(f"的 {CONTENT} 与校验和不符")
        content = json.loads(text)
        if content["layout"] != LAYOUT:
            raise _Damaged("是别的版本的软件写的")
        if not content["digest"].startswith(digest):
            raise _Damaged("的文件夹名称与内容不符")
        return str(content["store"]), _archived(folder, number, content, sums)
    except OSError as fault:
        raise _Damaged(f"读不了（{fault}）") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise _Damaged(f"的 {CONTENT} 或 {SUMS} 不完整") from None


def _archived(folder: Path, number: int, content: Mapping[str, Any], sums: Mapping[str, str]) -> Archived:
    days = [date.fromisoformat(content[name]) for name in ("from", "to", "as_of")]
    period, as_of = Period(days[0], days[1]), days[2]
    return Archived(
        folder=folder,
        number=number,
        title=str(content["title"]),
        when=datetime.fromisoformat(content["archived"]).replace(tzinfo=BEIJING),
        as_of=as_of,
        versions={str(name): int(version) for name, version in content["versions"].items()},
        selection=Selection(period.until(as_of), _members(content), Scope(content["township"])),
        digest=str(content["digest"]),
        documents=tuple(name for name in sums if name != CONTENT),
        blocks=tuple(_block(one) for one in content["numbers"]),
    )


def _block(content: Mapping[str, Any]) -> Block:
    first = date.fromisoformat(content["from"]) if content["from"] else None
    days = first, date.fromisoformat(content["to"])
    of = Subject(str(content["metric"]), days, _members(content), Scope(content["township"]))
    cells = {tuple(key): Cell(*cell) for key, *cell in content["rows"]}
    return Block(of, tuple(content["by"]), cells, int(content["source"]))


def _members(content: Mapping[str, Any]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple((str(name), tuple(map(str, members))) for name, members in content["members"])


def _sums(folder: Path) -> dict[str, str]:
    """File name → checksum. Raises OSError, ValueError."""
    lines = [_LINE.fullmatch(line) for line in (folder / SUMS).read_text("utf-8").splitlines(keepends=True)]
    if not all(lines):
        raise ValueError(SUMS)
    return {line[2]: line[1] for line in lines if line}


def _verify(folder: Path) -> None:
    """Every file is there, as it was, and none besides. Raises _Damaged."""
    try:
        sums: Mapping[str, str] = _sums(folder)
        there = {path.name for path in folder.iterdir()} - {SUMS}
    except (OSError, ValueError):
        raise _Damaged(f"的 {SUMS} 缺失或损坏") from None
    wrong = [name for name in sums if not _is(folder / name, sums[name])]
    parts = [f"的 {'、'.join(wrong)} 缺失或被改动"] if wrong else []
    parts += [f"里多出 {'、'.join(extra)}"] if (extra := sorted(there - sums.keys())) else []
    if parts:
        raise _Damaged("，".join(parts))


def _is(path: Path, wanted: str) -> bool:
    try:
        return _sum(path.read_bytes()) == wanted
    except OSError:
        return False

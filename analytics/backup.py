"""Everything that a site cannot make again, in one file: the store with all its versions, the journal, the
archived briefs, the site's settings, and the secret without which later imports no longer know a petitioner.

A zip with `SHA256SUMS` over all of its files. The sums find damage: a changed byte, a file lost or added.
They are no proof against whoever writes file and sums anew, and nothing within the zip could be: the site's
secret, with which it might be signed, lies in it. What proves that it is the one that was written is its
digest, which `petition backup` prints, to be kept elsewhere; `petition restore --digest` compares it before
anything is written.
"""

from __future__ import annotations

import errno
import os
import secrets
import shutil
import stat
import tempfile
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from analytics import sums
from analytics.audit import Audit
from analytics.briefs.archive import FOLDER as ARCHIVE
from analytics.contract import DATASETS
from analytics.ingest.identity import SECRET
from analytics.journal import Journal
from analytics.settings import files_of
from analytics.site import Refusal
from analytics.store import MANIFEST, ORPHAN_SECONDS, Store, enclosing_store

SUMS, SITE = sums.NAME, "site.toml"
_OWNER_ONLY = 0o600
_NEW = ".new-"
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError)


@dataclass(frozen=True)
class Backup:
    """A backup that was read from end to end. `sums`: the SHA-256 of each file in it, by its path."""

    path: Path
    sums: dict[str, str]

    @property
    def digest(self) -> str:
        """Of its list of sums: the same for the same files, however they are packed."""
        return sums.of(sums.written(self.sums).encode())


# --- taking one ------------------------------------------------------------------------------------------


def backup(store: Store, site: Path, target: Path, waiting: Callable[[], None] = lambda: None) -> Backup:
    """Writes the store and the settings that `site` (site.toml) names to a new file, then reads it again.

    No import comes in between (`waiting` is called where one is under way); the journal is taken as of one
    instant while others may write to it. The file is its owner's only. Raises Refusal, and then there is no
    file.
    """
    target = target.absolute()
    if target.exists():
        raise Refusal(f"{target} 已经存在：备份不覆盖已有文件，请换一个文件名")
    if enclosing_store(target):
        raise Refusal(f"{target} 在数据目录里：备份请放到另一个目录，最好是另一块磁盘")
    _clear(target.parent, f"{target.name}{_NEW}")
    beside = target.with_name(f"{target.name}{_NEW}{secrets.token_hex(4)}")
    try:
        with _written(beside) as file:
            _fill(file, store, site, waiting)
        found = verified(beside)
        beside.replace(target)
    except OSError as fault:
        raise Refusal(f"没有备份：{target} 写不了（{fault}）；请检查目录、权限与磁盘空间后再试") from None
    finally:
        beside.unlink(missing_ok=True)
    return Backup(target, found.sums)


def _clear(folder: Path, beginning: str) -> None:
    """Removes what an earlier one, killed in the midst of its work, left beside the same target."""
    if not folder.is_dir():
        return
    for path in folder.iterdir():
        with suppress(OSError):
            if path.name.startswith(beginning) and time.time() - path.stat().st_mtime > ORPHAN_SECONDS:
                shutil.rmtree(path) if path.is_dir() else path.unlink()


@contextmanager
def _written(path: Path) -> Iterator[IO[bytes]]:
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, _OWNER_ONLY), "w+b") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())


def _fill(file: IO[bytes], store: Store, site: Path, waiting: Callable[[], None]) -> None:
    with (
        store.lock(waiting),
        tempfile.TemporaryDirectory() as folder,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1, strict_timestamps=False) as made,
    ):
        ledgers: dict[str, Path] = {}
        for ledger in (Journal(store.path, store.identity).ledger, Audit(store.path).ledger):
            ledger.copy_to(Path(folder) / ledger.path.name)
            ledgers |= {path.name: path for path in [Path(folder) / ledger.path.name] if path.exists()}
        kept = {**_kept(store), **ledgers, **_settings(site)}
        listed = {name: _add(made, name, path) for name, path in sorted(kept.items())}
        made.writestr(SUMS, sums.written(listed))


def _kept(store: Store) -> dict[str, Path]:
    """Files of the data directory by their path in it. Raises Refusal where what is served is not whole."""
    root, served = store.path, store.versions()
    if not served:
        raise Refusal(f"{root} 里没有数据，不用备份：请用 --data 指定数据目录")
    folders = [path for name in DATASETS for path in (root / name).rglob("*")]
    archives = [path for path in (root / ARCHIVE).rglob("*") if not _passing(path.relative_to(root))]
    alone = [path for name in (MANIFEST, SECRET) if (path := root / name).exists()]
    kept = {
        path.relative_to(root).as_posix(): path for path in (*folders, *archives, *alone) if path.is_file()
    }
    for dataset, version in served.items():
        lost = [path for path in store.files(dataset, version) if not Path(path).is_file()]
        if lost:
            raise Refusal(
                f"没有备份：{DATASETS[dataset].label}的数据文件 {lost[0]} 缺失；请先从以前的备份恢复"
            )
    return kept


def _passing(path: Path) -> bool:
    """A lock, or an archive that is being written."""
    return any(part.startswith(".") for part in path.parts)


def _settings(site: Path) -> dict[str, Path]:
    """site.toml, whatever it is called in use, and the list that it names."""
    first, *lists = files_of(site)
    return {SITE: first, **{path.name: path for path in lists}}


def _add(made: zipfile.ZipFile, name: str, path: Path) -> str:
    with path.open("rb") as file, made.open(name, "w", force_zip64=True) as member:
        return sums.copied(file, member)


# --- reading it ------------------------------------------------------------------------------------------


def verified(path: Path) -> Backup:
    """A backup of which every file was read and is as its sum says.

    Raises Refusal for one that was damaged or cut, that lacks a file or has one besides, or has paths out of
    its folder.
    """
    with _opened(path) as held:
        return Backup(path, _checked(held, path))


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    """Raises Refusal, also for what turns out to be broken while it is read."""
    try:
        with path.open("rb") as file, zipfile.ZipFile(file) as held:
            yield held
    except (*_BROKEN, OSError) as fault:
        if isinstance(fault, OSError) and fault.errno != errno.EINVAL:  # a place before its beginning
            raise
        raise _broken(path, "已损坏或不完整") from None


def _checked(held: zipfile.ZipFile, path: Path) -> dict[str, str]:
    entries = held.infolist()
    names = [entry.filename for entry in entries]
    if outside := [name for name in names if not _inside(name)]:
        raise _broken(path, f"里的路径 {outside[0]!r} 会写到目录之外")
    if any(stat.S_ISLNK(entry.external_attr >> 16) for entry in entries) or len({*names}) < len(names):
        raise _broken(path, "里有链接或重复的文件")
    if not {SUMS, MANIFEST} <= {*names}:
        raise _broken(path, "不是 petition backup 写的")
    listed = _sums(held, path)
    if differing := listed.keys() ^ ({*names} - {SUMS}):
        raise _broken(path, f"里的文件与清单不符（{min(differing)}）")
    for name, wanted in listed.items():
        with held.open(name) as member:
            if sums.copied(member) != wanted:
                raise _broken(path, f"里的 {name} 被改动")
    return listed


def _inside(name: str) -> bool:
    """Stays within the folder on every system: no drive, no way up, nothing hidden at the end of a name."""
    parts = PurePosixPath(name).parts
    plain = name == "/".join(parts) and not any(c in name for c in '\\:\0<>|"?*')
    return plain and bool(parts) and not any(p in ("/", "..") or p[-1] in ". " for p in parts)


def _sums(held: zipfile.ZipFile, path: Path) -> dict[str, str]:
    try:
        return sums.read(held.read(SUMS).decode())
    except ValueError:
        raise _broken(path, f"的 {SUMS} 已损坏") from None


def _broken(path: Path, what: str) -> Refusal:
    return Refusal(f"备份文件 {path} {what}，没有恢复任何数据：请换一份备份")


# --- bringing it back ------------------------------------------------------------------------------------


def restore(path: Path, target: Path, digest: str = "") -> Backup:
    """Brings a backup back into a directory that is not there yet, or empty; whole or not at all.

    Everything is verified before anything is written. `digest`: of the backup that it must be. Raises
    Refusal.
    """
    target = Store(target).path
    if not path.is_file():
        raise Refusal(f"找不到备份文件 {path}：请检查文件名")
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise Refusal(f"{target} 里已有内容，没有恢复：请用 --data 另指一个空目录，或先把它改名留存")
    _clear(target.parent, f".{target.name}{_NEW}")
    beside = target.with_name(f".{target.name}{_NEW}{secrets.token_hex(4)}")
    try:
        with _opened(path) as held:
            found = Backup(path, _checked(held, path))
            if digest and found.digest != digest.strip().lower():
                raise Refusal(
                    f"{path} 的校验码是 {found.digest}，与给出的不符：它不是当时写的那一份，没有恢复任何数据"
                )
            beside.mkdir(parents=True, mode=0o700)
            for name, wanted in found.sums.items():
                _extract(held, name, beside / name, wanted)
        if target.exists():
            target.rmdir()
        beside.rename(target)
    except OSError as fault:
        raise Refusal(f"没有恢复到 {target}：读写失败（{fault}）；请检查权限与磁盘空间后再试") from None
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return found


def _extract(held: zipfile.ZipFile, name: str, path: Path, wanted: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with held.open(name) as member, _written(path) as file:
        if sums.copied(member, file) != wanted:
            raise OSError(name)

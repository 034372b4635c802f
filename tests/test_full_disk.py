"""On a full disk, and over a store that is read-only: data untouched, a clear refusal, readers unharmed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from killing import Nursery, nursery

from analytics.engine import Engine, open_engine
from analytics.journal import Journal
from analytics.settings import load_site
from analytics.store import MANIFEST, Store
from tests.bureau import Bureau, item

pytestmark = pytest.mark.skipif(os.name != "posix", reason="mounts and limits are POSIX things")


@pytest.fixture(scope="module")
def cradle() -> Iterator[Nursery]:
    with nursery() as made:
        yield made


@dataclass(frozen=True)
class Place:
    """A store, exports to import, a backup of it; `out`: where else files are written to."""

    store: Path
    export: Path
    saved: Path
    out: Path


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, cradle: Nursery) -> Place:
    folder = tmp_path_factory.mktemp("made")
    store, export, saved = folder / "store", folder / "导出.csv", folder / "saved.zip"
    store.mkdir()
    (store / "site.toml").write_text('bureau = "某信访局"\ncounty = "某县"\n', "utf-8")
    bureau = Bureau(store, load_site(store / "site.toml"))
    bureau.bring("petitions", *(item(n, "2021-10-03") for n in range(300)), covers_to=date(2021, 10, 31))
    rows = [item(n, "2021-10-05", persons=n % 7 + 1, responsible_unit=f"单位{n}") for n in range(250, 2000)]
    pd.DataFrame([*rows, item("", "2021-10-05")]).to_csv(export, index=False)
    assert cradle.run("backup", saved, "--data", store).code == 0
    assert cradle.run("journal", store).code == 0
    return Place(store, export, saved, folder / "out")


def writers(place: Place) -> dict[str, tuple[object, ...]]:
    """Everything that writes, as commands; the store's own writers first."""
    data, out = ("--data", place.store), place.out
    brief = ("brief", "--month", "2021-10", "--formats", "xlsx")
    return {
        "import": ("import", place.export, *data),
        "journal": ("journal", place.store),
        "archive": (*brief, "--out", place.store.parent / "elsewhere", *data),
        "erase": ("erase", "--code", f"{7:032x}", "--yes", *data),
        "backup": ("backup", out / "b.zip", *data),
        "restore": ("restore", place.saved, "--data", out / "back"),
        "demo": ("demo", "--data", out / "demo"),
        "brief": (*brief, "--draft", "--out", out / "brief", *data),
    }


IN_STORE = ("import", "journal", "archive", "erase")


def contents(folder: Path) -> dict[str, bytes]:
    passing = (".lock", *(f"{name}.sqlite-{end}" for name in ("journal", "audit") for end in ("wal", "shm")))
    paths = (p for p in folder.rglob("*") if p.is_file() and p.name not in passing)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def refused(cradle: Nursery, words: tuple[object, ...], room: int | None = None) -> str:
    done = cradle.run(*words, room=room)
    assert done.code == 1, f"{words[0]}: {done.told}"
    assert "程序出错" not in done.told, done.told
    assert "Traceback" not in done.told, done.told
    assert any("一" <= c <= "鿿" for c in done.told), done.told
    return done.told


@contextmanager
def mounted(kind: str, *options: str, at: Path) -> Iterator[None]:
    """Skips, saying so, where this machine does not let one mount."""
    done = subprocess.run(["mount", *options, kind, str(at)], capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"mount is not permitted here: {done.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(at)], check=True)


# --- a full disk -----------------------------------------------------------------------------------------


def test_a_file_that_may_not_grow(cradle: Nursery, made: Place, tmp_path: Path) -> None:
    """Used everywhere: a limit on the size of files (RLIMIT_FSIZE) of the process that writes."""
    place = Place(tmp_path / "store", made.export, made.saved, tmp_path / "out")
    shutil.copytree(made.store, place.store)
    place.out.mkdir()
    before = contents(place.store)
    for name, words in writers(place).items():
        if name == "erase":
            continue  # nobody by that code
        for room in (0, 3000):
            refused(cradle, words, room)
        now = contents(place.store)
        assert {n: now.get(n) for n in before} == before, name
    assert numbers(place.store) == 300
    assert cradle.run(*writers(place)["import"]).code == 0
    assert numbers(place.store) == 2000


@pytest.mark.skipif(sys.platform != "linux", reason="tmpfs is of Linux")
def test_a_disk_that_is_full(cradle: Nursery, made: Place, tmp_path: Path) -> None:
    """Used: a small tmpfs, filled to its last byte."""
    disk = tmp_path / "disk"
    disk.mkdir()
    with mounted("tmpfs", "-t", "tmpfs", "-o", "size=6m", at=disk):
        place = Place(disk / "store", made.export, made.saved, disk / "out")
        shutil.copytree(made.store, place.store)
        place.out.mkdir()
        before = contents(place.store)
        fill(disk / "filler")
        for name, words in writers(place).items():
            if name == "erase":
                continue
            refused(cradle, words)
            now = contents(place.store)
            assert {n: now.get(n) for n in before} == before, name
            assert numbers(place.store) == 300, "readers are unharmed"
            assert not [p.name for p in place.out.rglob("*.zip")], name
        (disk / "filler").unlink()
        assert numbers(place.store) == 300
        assert cradle.run(*writers(place)["import"]).code == 0
        assert numbers(place.store) == 2000
        assert len(Journal(place.store, "store").entries("mark")) == 1


def test_a_full_disk_for_the_rejected_rows_alone(cradle: Nursery, made: Place, tmp_path: Path) -> None:
    """What was accepted is imported and told; an older workbook of that name stays."""
    store, target = tmp_path / "store", tmp_path / "full" / "被拒绝的行.xlsx"
    shutil.copytree(made.store, store)
    target.parent.mkdir()
    with mounted("tmpfs", "-t", "tmpfs", "-o", "size=64k", at=target.parent):
        target.write_bytes(b"older")
        fill(target.parent / "filler")
        told = refused(cradle, ("import", made.export, "--rejected", target, "--data", store))
        assert "接受的行不受影响" in told
        assert [path.name for path in target.parent.iterdir() if path.name != "filler"] == [target.name]
        assert target.read_bytes() == b"older"
    assert numbers(store) == 2000


def fill(path: Path) -> None:
    with path.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"\0" * 4096)
        except OSError:
            pass


def numbers(store: Path) -> object:
    engine = Engine(Store(store), load_site(store / "site.toml"))
    return engine.ask(["petitions"]).value("petitions")


# --- a store that may only be read -----------------------------------------------------------------------


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Root may write whatever the modes say: for it a read-only bind mount, else modes."""
    if os.getuid() == 0:
        with mounted(str(folder), "--bind", at=folder):
            subprocess.run(["mount", "-o", "remount,ro,bind", str(folder)], check=True)
            yield
        return
    paths = [folder, *folder.rglob("*")]
    for path in paths:
        path.chmod(path.stat().st_mode & 0o555)
    try:
        yield
    finally:
        for path in paths:
            path.chmod(path.stat().st_mode | 0o200)


def test_a_store_that_may_only_be_read(cradle: Nursery, made: Place, tmp_path: Path) -> None:
    place = Place(tmp_path / "store", made.export, made.saved, tmp_path / "out")
    shutil.copytree(made.store, place.store)
    place.out.mkdir()
    before = contents(place.store)
    with read_only(place.store):
        for name, words in writers(place).items():
            if name in IN_STORE or name == "backup":
                refused(cradle, words)
        for words in (("query", "petitions"), ("check",), ("report", "--year", 2021)):
            assert cradle.run(*words, "--data", place.store).code == 0
        assert cradle.run(*writers(place)["brief"]).code == 0
        engine = open_engine(place.store)
        assert engine.ask(["petitions"]).value("petitions") == 300
        assert len(Journal(place.store, "store").entries("mark")) == 1
    assert contents(place.store) == before
    assert (place.store / MANIFEST).exists()

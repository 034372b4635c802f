"""Killed at any instant, nothing is lost: the old or the new is there whole, and the next one works."""

from __future__ import annotations

import os
import random
import shutil
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from killing import Nursery, nursery

from analytics.backup import verified
from analytics.briefs.archive import FOLDER, archived, damaged
from analytics.engine import Engine, open_engine
from analytics.ingest.erase import erase
from analytics.journal import Journal
from analytics.settings import load_site
from analytics.site import Refusal
from analytics.store import MANIFEST, ORPHAN_SECONDS, Store
from tests.bureau import SITE, Bureau, item, reception

pytestmark = pytest.mark.skipif(os.name != "posix", reason="SIGKILL is a POSIX thing")

SHORT, FULL = 6, 200
CODE, OTHER = f"{7:032x}", f"{8:032x}"
MATTER = {"category_2": "土地征收", "responsible_unit": "某局", "township": "宁中镇"}
METRICS = ("petitions", "persons", "linked_firsts", "linked_repeats", "unlinked")
Numbers = tuple[int | float | None, ...]


@pytest.fixture(scope="module")
def cradle() -> Iterator[Nursery]:
    with nursery() as made:
        yield made


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of 400 items by forty petitioners, receptions, and what follows from both; settings beside."""
    folder = tmp_path_factory.mktemp("made") / "store"
    folder.mkdir()
    (folder / "site.toml").write_text('bureau = "某信访局"\ncounty = "某县"\n', "utf-8")
    bureau = Bureau(folder, load_site(folder / "site.toml"))
    rows = [item(n, f"2021-{n % 9 + 1:02d}-03", petitioner_key=_code(n), **MATTER) for n in range(400)]
    bureau.bring("petitions", *rows, covers_to=date(2021, 10, 31))
    bureau.bring("receptions", reception(1, "2021-10-08"), covers_to=date(2021, 10, 31))
    return folder


def _code(n: int) -> str:
    return CODE if n % 40 == 0 else f"{n % 40 + 100:032x}"


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Next month's: items that are new, and some of the old ones with other persons."""
    path = tmp_path_factory.mktemp("export") / "导出.csv"
    rows = [item(n, "2021-10-05", persons=3, petitioner_key=_code(n), **MATTER) for n in range(380, 700)]
    pd.DataFrame(rows).to_csv(path, index=False)
    return path


def instants(count: int, seconds: float, dense: tuple[float, float]) -> list[float]:
    """Half of them anywhere within the run, the others where it commits; the same at every run."""
    dice = random.Random(20211213)
    spread = [(k + dice.random()) / (count // 2) * seconds * 1.05 for k in range(count // 2)]
    first, last = (share * seconds for share in dense)
    return [*spread, *(dice.uniform(first, last) for _ in range(count - len(spread)))]


def numbers(store: Path) -> Numbers:
    """Across the datasets, those that follow from others among them; read by a process that comes anew."""
    engine = Engine(Store(store), SITE)
    result = engine.ask(METRICS)
    return tuple(result.value(name) for name in METRICS)


def reset(made: Path, store: Path) -> None:
    shutil.rmtree(store, ignore_errors=True)
    shutil.copytree(made, store)


def leavings(store: Path) -> list[str]:
    """Files that belong to no version: neither listed nor named by any commit."""
    named = set()
    for dataset in ("petitions", "links", "receptions", "duties"):
        root = store / dataset
        listed = Store(store)._listed(dataset)
        named |= {root / name for name in listed}
    kept = {path for path in store.rglob("*") if path.is_file() and "_delta_log" in path.parts}
    loose = [path for path in store.rglob("*.parquet") if path not in named and path not in kept]
    half = [path for path in store.rglob("*") if path.suffix == ".tmp" or "#" in path.name]
    return sorted(str(path.relative_to(store)) for path in (*loose, *half))


def committed(store: Path) -> bool:
    """Something was committed that is not served."""
    opened = Store(store)
    return any(len(opened._commits(dataset)) - 1 > served for dataset, served in opened.versions().items())


# --- an import -------------------------------------------------------------------------------------------


def killed_imports(cradle: Nursery, made: Path, export: Path, store: Path, count: int) -> Mapping[str, int]:
    """Kills as many imports; after each the store is checked and the import brought to its end."""
    words = ("import", export, "--covers-to", "2021-10-31", "--data", store)
    reset(made, store)
    old = Store(store).versions(), numbers(store)
    whole = cradle.run(*words)
    assert whole.code == 0, whole.told
    new = Store(store).versions(), numbers(store)
    assert old != new
    seen = {"old": 0, "new": 0, "within": 0}
    for at in instants(count, whole.seconds, (0.45, 1.0)):
        reset(made, store)
        cradle.run(*words, kill_after=at)
        found = Store(store).versions(), numbers(store)
        assert found in (old, new), f"between, after {at:.3f} s"
        seen["old" if found == old else "new"] += 1
        seen["within"] += bool(leavings(store)) or committed(store)
        done = cradle.run(*words)
        assert done.code == 0, f"after {at:.3f} s: {done.told}"
        assert numbers(store) == new[1], f"not finished after {at:.3f} s"
    return seen


def test_an_import_killed_at_some_instants(cradle: Nursery, made: Path, export: Path, tmp_path: Path) -> None:
    seen = killed_imports(cradle, made, export, tmp_path / "store", SHORT)
    assert seen["old"], seen


@pytest.mark.long
def test_an_import_killed_at_200_instants(cradle: Nursery, made: Path, export: Path, tmp_path: Path) -> None:
    seen = killed_imports(cradle, made, export, tmp_path / "store", FULL)
    assert seen["old"], seen
    assert seen["new"], seen
    assert seen["within"], "no instant fell between the first commit and the last word"


def test_what_killed_imports_leave_is_cleared_away(
    cradle: Nursery, made: Path, export: Path, tmp_path: Path
) -> None:
    """Over the same store, one after the other: by the first import an hour after."""
    store = tmp_path / "store"
    reset(made, store)
    words = ("import", export, "--data", store)
    for n in range(3):  # what a crash leaves before its commit
        (store / "petitions" / "year=2021" / f"part-{n}.zstd.parquet").write_bytes(b"half")
        (store / "petitions" / "_delta_log" / f"_commit_{n}.json.tmp").write_bytes(b"{")
    assert cradle.run(*words).code == 0
    assert len(leavings(store)) == 6, "they may be another writer's"
    long_ago = time.time() - 2 * ORPHAN_SECONDS
    for name in leavings(store):
        os.utime(store / name, (long_ago, long_ago))
    export_2 = tmp_path / "另一份.csv"
    pd.DataFrame([item("x", "2021-10-06", **MATTER)]).to_csv(export_2, index=False)
    assert cradle.run("import", export_2, "--data", store).code == 0
    assert leavings(store) == []


# --- whatever else writes --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Work:
    """A command over a store, and what must hold after it was killed."""

    words: Callable[[Path, Path], tuple[object, ...]]
    holds: Callable[[Path, Path], None]


def _no_half_backup(store: Path, out: Path) -> None:
    for path in out.glob("*.zip"):
        assert zipfile.is_zipfile(verified(path).path)


def _no_half_store(store: Path, out: Path) -> None:
    if (out / "back").exists():
        assert numbers(out / "back") == numbers(store)


def _no_half_archive(store: Path, out: Path) -> None:
    assert damaged(store) == []
    for path in out.glob("*.xlsx"):
        with zipfile.ZipFile(path) as file:
            assert file.testzip() is None


def _one_or_none(store: Path, out: Path) -> None:
    left = Store(store).read("petitions", ["petitioner_key"])["petitioner_key"].to_pylist().count(CODE)
    assert left in (0, 10)
    assert numbers(store)[:2] == (400, 400)


def _brief(store: Path, out: Path) -> tuple[object, ...]:
    return ("brief", "--month", "2021-09", "--out", out, "--formats", "xlsx", "--data", store)


WORKS = {
    "backup": Work(lambda s, o: ("backup", o / "b.zip", "--data", s), _no_half_backup),
    "restore": Work(lambda s, o: ("restore", o.parent / "saved.zip", "--data", o / "back"), _no_half_store),
    "brief": Work(_brief, _no_half_archive),
    "erase": Work(lambda s, o: ("erase", "--code", CODE, "--yes", "--data", s), _one_or_none),
}


def killed(cradle: Nursery, made: Path, folder: Path, name: str, count: int) -> None:
    store, out, work = folder / "store", folder / "out", WORKS[name]
    reset(made, store)
    if name == "restore":
        assert cradle.run("backup", folder / "saved.zip", "--data", store).code == 0
    out.mkdir()
    whole = cradle.run(*work.words(store, out))
    assert whole.code == 0, whole.told
    for at in instants(count, whole.seconds, (0.3, 1.0)):
        reset(made, store)
        shutil.rmtree(out)
        out.mkdir()
        cradle.run(*work.words(store, out), kill_after=at)
        work.holds(store, out)
        again = cradle.run(*work.words(store, out))
        finished = again.code == 0 or any(told in again.told for told in ("已经存在", "已有内容", "没有找到"))
        assert finished, f"{name} after {at:.3f} s: {again.told}"
        work.holds(store, out)
        assert list(out.glob("*.zip")) or name != "backup"
        assert archived(open_engine(store)) or name != "brief"


@pytest.mark.parametrize("name", WORKS)
def test_killed_at_some_instants(cradle: Nursery, made: Path, tmp_path: Path, name: str) -> None:
    killed(cradle, made, tmp_path, name, 2)


@pytest.mark.long
@pytest.mark.parametrize("name", WORKS)
def test_killed_at_many_instants(cradle: Nursery, made: Path, tmp_path: Path, name: str) -> None:
    killed(cradle, made, tmp_path, name, 20)


def test_an_erasing_that_was_killed_is_finished_by_the_next(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = tmp_path / "store"
    reset(made, store)

    def stopped(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Store, "purge", stopped)
        with pytest.raises(KeyboardInterrupt):
            erase(Store(store), SITE, CODE)
    assert erase(Store(store), SITE, CODE).items == 0
    with pytest.raises(Refusal, match="没有找到"):
        erase(Store(store), SITE, CODE)


# --- the journal -----------------------------------------------------------------------------------------

WRITING = """
import sys
from pathlib import Path
from analytics.journal import Journal
journal = Journal(Path(sys.argv[1]), "store")
for n in range(10_000):
    journal.add("mark", "verified", [(f"{n}-a", {}), (f"{n}-b", {})])
    print(n, flush=True)
"""


def test_a_journal_killed_while_it_is_written_to_keeps_whole_entries(tmp_path: Path) -> None:
    import subprocess
    import sys

    for turn in range(3):
        folder = tmp_path / f"{turn}"
        writer = subprocess.Popen([sys.executable, "-c", WRITING, folder], stdout=subprocess.PIPE, text=True)
        assert writer.stdout
        said = -1
        for line in writer.stdout:
            if (said := int(line)) >= 5 + 3 * turn:
                writer.kill()
                break
        writer.communicate(timeout=60)
        entries = [entry.subject for entry in Journal(folder, "store").entries("mark")]
        assert len(entries) % 2 == 0
        assert len(entries) // 2 > said
        Journal(folder, "store").add("mark", "verified", [("after", {})])
        left = [path.name for path in folder.iterdir() if not path.name.startswith("journal.sqlite")]
        assert left == []


def test_the_manifest_is_there(made: Path) -> None:
    assert (made / MANIFEST).exists()
    assert not (made / FOLDER).exists()

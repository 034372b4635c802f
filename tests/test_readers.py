"""While others import: every reader sees one published set of versions, whole, across datasets."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest
from filelock import FileLock

from analytics import store as store_module
from analytics.engine import Engine
from analytics.site import ROOT, Refusal
from analytics.store import Store
from tests.bureau import SITE, Bureau, item, reception

FIRST, EACH = 60, 10
NAMES = ("petitions", "persons", "linked_firsts", "linked_repeats", "unlinked")
MATTER = {"category_2": "土地征收", "responsible_unit": "某局", "persons": 3}


def turn(store: Path, n: int) -> None:
    """The nth import: so many items more."""
    rows = [
        item(f"{n}-{k}", f"2021-10-{k % 28 + 1:02d}", petitioner_key=f"{k % 7:032x}", **MATTER)
        for k in range(EACH if n else FIRST)
    ]
    Bureau(store).bring("petitions", *rows, covers_to=date(2021, 10, 31))


@pytest.fixture
def store(tmp_path: Path) -> Path:
    turn(tmp_path / "store", 0)
    return tmp_path / "store"


def look(engine: Engine) -> int:
    """Asks the datasets one by one and together; how many items there are. Fails where they disagree."""
    still = engine.frozen(engine.versions())
    apart = [still.ask([name]).value(name) or 0 for name in NAMES]
    items, persons, *linked = map(int, apart)
    assert persons == 3 * items
    assert sum(linked) == items
    assert (items - FIRST) % EACH == 0
    together = engine.ask(NAMES)
    items, persons, *linked = (int(together.value(name) or 0) for name in NAMES)
    assert (persons, sum(linked)) == (3 * items, items)
    return items


def looking(store: Path, until: Callable[[], bool], fresh: bool, pause: float) -> list[int]:
    """Looks again and again, with an engine of its own, or a new one at every look as commands do."""
    engine, seen = Engine(Store(store), SITE), []
    while not until():
        seen.append(look(Engine(Store(store), SITE) if fresh else engine))
        time.sleep(pause)
    return seen


PROCESS = """
import sys
sys.path.insert(0, "tests")
from pathlib import Path
from concurrent.futures import ThreadPoolExecutor
import json
from tests.test_readers import looking
store, stop, threads, pause = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
print("ready", flush=True)
with ThreadPoolExecutor(threads) as pool:
    seen = list(pool.map(lambda n: looking(store, stop.exists, n % 2 == 0, pause), range(threads)))
print(json.dumps(seen))
"""


def readers(store: Path, threads: int, processes: int, imports: int, pause: float) -> None:
    stop = store.parent / "stop"
    words = [sys.executable, "-c", PROCESS, str(store), str(stop), str(threads), str(pause)]
    others = [
        subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(processes)
    ]
    for other in others:
        assert other.stdout and other.stdout.readline() == "ready\n"
    with ThreadPoolExecutor(threads) as pool:
        looked = [pool.submit(looking, store, stop.exists, n % 2 == 0, pause) for n in range(threads)]
        try:
            for n in range(1, imports + 1):
                turn(store, n)
        finally:
            stop.touch()
        seen = [one.result(120) for one in looked]
    for other in others:
        out, err = other.communicate(timeout=120)
        assert other.returncode == 0, err
        seen += json.loads(out)
    assert len(seen) == threads * (processes + 1)
    for one in seen:
        assert one == sorted(one), "never back to an older version"
    assert len({count for one in seen for count in one}) > 1, "nobody saw an import"
    assert look(Engine(Store(store), SITE)) == FIRST + imports * EACH


def test_readers_see_whole_versions_while_others_import(store: Path) -> None:
    readers(store, threads=2, processes=1, imports=2, pause=0.1)


@pytest.mark.long
def test_fifty_readers_see_whole_versions_while_others_import(store: Path) -> None:
    readers(store, threads=10, processes=4, imports=6, pause=1.0)


def test_two_imports_at_once_both_land_with_what_follows_from_them(store: Path) -> None:
    faults = []

    def bring(dataset: str) -> None:
        try:
            for n in range(1, 4):
                if dataset == "petitions":
                    turn(store, n)
                else:
                    Bureau(store).bring("receptions", reception(n, f"2021-10-{7 + n:02d}"))
        except Exception as fault:  # told below
            faults.append(fault)

    threads = [threading.Thread(target=bring, args=(name,)) for name in ("petitions", "receptions")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert look(Engine(Store(store), SITE)) == FIRST + 3 * EACH
    assert Store(store).read("receptions").num_rows == 3
    assert sorted(r.dataset for r in Store(store).imports()) == ["petitions"] * 4 + ["receptions"] * 3


def test_one_that_waits_too_long_is_refused_and_has_changed_nothing(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_module, "LOCK_SECONDS", 0.1)
    before = Store(store).versions()
    with FileLock(store / ".lock"), pytest.raises(Refusal, match="另一个导入正在写入"):
        turn(store, 1)
    assert Store(store).versions() == before
    turn(store, 1)
    assert look(Engine(Store(store), SITE)) == FIRST + EACH

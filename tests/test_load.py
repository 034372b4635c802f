"""Under load: no wrong number, no error, no growth. Short here; in full with `make test-long`."""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier, Event
from typing import Any

import pytest

from analytics.catalogue import METRICS, dimensions_of
from analytics.engine import KEPT_VERSIONS, DuckDB, open_engine
from analytics.model import LEVELS, MONTH, Period, Selection
from analytics.result import Result
from analytics.site import ROOT, Refusal
from analytics.sql import Statement
from analytics.store import Store
from tests.bureau import Bureau, item
from tests.crowd import HURRIED, USUAL, clicking
from tests.load import Viewer
from tests.serving import Server, serving
from tests.strategies import MEMBERS

THREADS = 8
TOWNSHIPS = ("兴田街道", "宁中镇", "坭陂镇", "水口镇")
PAGES = ("", "channels", "townships", "timeliness", "backlog", "supervision", "content", "order")


@pytest.fixture(scope="module")
def own(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of a bureau's own, to which rows may be brought."""
    data = Path(shutil.copytree(demo, tmp_path_factory.mktemp("load") / "own"))
    shutil.copy(ROOT / "site.toml", data)
    store = Store(data)
    store.adopt({**store._manifest(), "demo": False})
    return data


@pytest.fixture(scope="module")
def server(own: Path) -> Iterator[Server]:
    with serving(own, own.parent / "log") as found:
        yield found


def question(chance: random.Random) -> dict[str, Any]:
    """Any metrics of one dataset, by any dimensions they have, of any month or stretch, compared or not."""
    dataset = chance.choice(sorted(MEMBERS))
    names = [name for name, m in METRICS.items() if m.dataset == dataset]
    metrics = chance.sample(names, min(len(names), chance.randint(1, 4)))
    known = [name for name in dimensions_of([METRICS[m] for m in metrics]) if name in MEMBERS[dataset]]
    by = chance.sample([MONTH.name, *known], min(len(known) + 1, chance.randint(0, 2)))
    year, month = chance.choice((2020, 2021)), chance.randint(1, 12)
    period = Period.month(f"{year}-{month:02d}")
    if chance.random() < 0.5:
        period = Period(period.start.replace(month=1), period.end)
    kept = [
        name for name in known if name not in LEVELS and chance.random() < 0.15
    ]  # the demo is of one county
    where = {name: chance.sample(list(MEMBERS[dataset][name]), 1) for name in kept}
    compare = chance.choice(("none", "previous", "year_ago"))
    return {"metrics": metrics, "by": by, "period": period, "where": where, "compare": compare}


def told(result: Result) -> tuple[object, ...]:
    """All numbers of an answer."""
    return dict(result.cells), None if result.base is None else dict(result.base), result.base_period


def wrong_values(demo: Path, threads: int, each: int) -> list[dict[str, Any]]:
    """Questions that an engine answers otherwise under load than one that is asked alone."""
    chance = random.Random(threads * each)
    asked = [question(chance) for _ in range(threads * each)]
    alone = open_engine(demo)
    expected = [told(alone.ask(**q)) for q in asked]
    shared = open_engine(demo)

    def answers(part: int) -> list[bool]:
        mine = range(part, len(asked), threads)
        return [told(shared.ask(**asked[at])) == expected[at] for at in mine]

    with ThreadPoolExecutor(threads) as pool:
        right = list(pool.map(answers, range(threads)))
    flat = {at: right[at % threads][at // threads] for at in range(len(asked))}
    return [asked[at] for at, is_right in flat.items() if not is_right]


def test_eight_threads_get_the_values_that_one_gets(demo: Path) -> None:
    assert wrong_values(demo, THREADS, 60) == []


@pytest.mark.long
def test_eight_threads_with_five_hundred_questions_each_get_no_wrong_value(demo: Path) -> None:
    assert wrong_values(demo, THREADS, 500) == []


def wrong_screens(server: Server, data: Path, each: int) -> list[str]:
    """Addresses that eight viewers at once, the first to ask, see otherwise than one that looks alone."""
    chance = random.Random(each)
    addresses = [
        (chance.choice(PAGES), f"period=2021-{chance.randint(1, 11):02d}&township={chance.choice(TOWNSHIPS)}")
        for _ in range(each)
    ]

    def seen(address: str, order: list[int]) -> dict[int, list[str]]:
        with Viewer(address) as viewer:
            found = {at: viewer.open(*addresses[at]).screen for at in order}
            assert viewer.errors == []
            return found

    orders = [random.Random(n).sample(range(each), each) for n in range(THREADS)]
    with ThreadPoolExecutor(THREADS) as pool:
        crowd = list(pool.map(lambda order: seen(server.address, order), orders))
    os.utime(data / "site.toml")  # a new engine, which remembers nothing
    alone = seen(server.address, list(range(each)))
    assert all(len(screen) > 3 for screen in alone.values())
    return [str(addresses[at]) for found in crowd for at, screen in found.items() if screen != alone[at]]


def test_eight_viewers_see_what_one_sees(server: Server, own: Path) -> None:
    assert wrong_screens(server, own, 2) == []


@pytest.mark.long
def test_eight_viewers_see_what_one_sees_five_hundred_times(server: Server, own: Path) -> None:
    assert wrong_screens(server, own, 64) == []


def test_a_few_click_while_rows_are_imported(server: Server, own: Path) -> None:
    met = clicking(server, own, viewers=6, seconds=8, import_every=3, pause=HURRIED)
    assert "fault" not in server.logged
    assert "Traceback" not in server.logged
    assert met.faults == []
    assert met.imports
    assert len(met.seconds) > 6


WARM_SECONDS = 180.0


IMPORT_SECONDS = 60.0


@pytest.mark.long
def test_fifty_click_for_ten_minutes_without_an_error_or_growth(server: Server, own: Path) -> None:
    """CROWD_SECONDS, CROWD_VIEWERS: for how long, how many. Prints what it measured (pytest -s)."""
    seconds, viewers = float(os.environ.get("CROWD_SECONDS", 600)), int(os.environ.get("CROWD_VIEWERS", 50))
    met = clicking(server, own, viewers, seconds, IMPORT_SECONDS, USUAL)
    logged = server.logged
    print(f"\n{met.words(WARM_SECONDS)}")
    assert met.faults == []
    assert "Traceback" not in logged
    assert "fault" not in logged
    slope, half = met.growth(WARM_SECONDS)
    assert slope - half < 2.0  # MiB a minute: a day of it would still fit


COLLECTIONS = """
import gc, sys
say = lambda _, told: print("collected all" if told["generation"] == 2 else "", file=sys.stderr)
gc.callbacks.append(say)
"""


def test_a_rerun_does_not_walk_over_all_that_is_remembered(demo: Path, tmp_path: Path) -> None:
    """A collection of everything costs what everybody's numbers weigh, and stops everybody."""
    (tmp_path / "sitecustomize.py").write_text(COLLECTIONS, "utf-8")
    environment = {"PYTHONPATH": str(tmp_path), "PYTHONUNBUFFERED": "1"}
    with serving(demo, tmp_path / "log", environment=environment) as watched, Viewer(watched.address) as one:
        one.open("", "period=2021-11")
        before, runs = watched.logged.count("collected all"), 20
        assert before
        for _ in range(runs):
            one.rerun()
        assert watched.logged.count("collected all") - before < runs / 2


WIDGETS = """
import gc, signal, sys

def count(*_):
    gc.collect()
    known = sum(type(one).__name__ == "WidgetMetadata" for one in gc.get_objects())
    print(f"{known} widgets", file=sys.stderr)

signal.signal(signal.SIGUSR1, count)
"""


def test_nothing_is_left_of_what_was_on_the_page_before(own: Path, tmp_path: Path) -> None:
    """Streamlit keeps the callbacks of all widgets there ever were, and the views they were made for."""
    (tmp_path / "sitecustomize.py").write_text(WIDGETS, "utf-8")
    environment = {"PYTHONPATH": str(tmp_path), "PYTHONUNBUFFERED": "1"}
    with serving(own, tmp_path / "log", environment=environment) as watched, Viewer(watched.address) as one:
        drawn = []
        for page in PAGES:
            one.open(page, "period=2021-11")
            drawn.append(sum(bool(getattr(d.message, "id", "")) for d in one.drawn))
        watched.process.send_signal(signal.SIGUSR1)
        while not (told := re.search(r"(\d+) widgets", watched.logged)):
            time.sleep(0.05)
        # those of the page before, too: a click on one may have been on its way
        assert int(told[1]) <= 3 * max(drawn) < sum(drawn)


def test_versions_that_are_no_longer_served_do_not_pile_up(tmp_path: Path) -> None:
    """Whoever still looks at one goes on, from its files."""
    bureau = Bureau(tmp_path / "store")
    for n in range(KEPT_VERSIONS + 3):
        bureau.bring("petitions", item(n, f"2021-03-{n + 1:02d}"))
        assert bureau.number("petitions") == n + 1
    database, march = bureau.engine.database, Selection(Period.month("2021-03"))
    assert isinstance(database, DuckDB)
    found = database.rows(
        Statement("SELECT count(*) FROM duckdb_tables() WHERE table_name LIKE 'petitions@%'")
    )
    assert found == [(KEPT_VERSIONS,)]
    assert 0 < len(bureau.engine._listings["petitions"]) <= KEPT_VERSIONS + 1
    last = bureau.engine.versions()["petitions"]
    for n in range(KEPT_VERSIONS + 3):
        at = {"petitions": last - n}
        assert len(bureau.engine.records("petitions", march, at, 9).rows) == KEPT_VERSIONS + 3 - n


def test_a_statement_over_a_version_that_is_set_down_ends_well(tmp_path: Path) -> None:
    bureau, done = Bureau(tmp_path / "store"), Event()
    database = bureau.engine.database
    assert isinstance(database, DuckDB)

    def looking() -> set[tuple[str, object]]:
        """Past what would count as having been asked for."""
        seen = set()
        while not done.wait(0.001):  # or the imports would have no turn
            for name, table in list(database._loaded.items()):
                seen.add((name, database.rows(Statement(f"SELECT count(*) FROM {table.name}"))[0][0]))
        return seen

    with ThreadPoolExecutor(4) as pool:
        found = [pool.submit(looking) for _ in range(4)]
        for n in range(KEPT_VERSIONS + 4):
            bureau.bring("petitions", item(n, f"2021-03-{n + 1:02d}"))
            assert bureau.number("petitions") == n + 1
        done.set()
        for one in found:
            rows = dict(one.result())
            assert len(one.result()) == len(rows)  # of a version always the same
    assert len(database._views) == KEPT_VERSIONS


def test_what_many_want_at_once_is_worked_out_once(tmp_path: Path) -> None:
    engine, started, done = Bureau(tmp_path / "store").engine, Barrier(THREADS), []

    def work() -> int:
        time.sleep(0.1)
        done.append(1)
        if len(done) == 1:
            raise Refusal("whoever asked first has left")
        return 7

    def ask(_: int) -> int:
        started.wait()
        try:
            return engine.remember("key", work)
        except Refusal:
            return 0

    with ThreadPoolExecutor(THREADS) as pool:
        answers = sorted(pool.map(ask, range(THREADS)))
    assert answers == [0, *[7] * (THREADS - 1)]
    assert len(done) == 2
    assert not engine._memory._turns

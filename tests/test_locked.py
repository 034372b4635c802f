"""DuckDB reads the datasets and nothing else, in bounded time, memory and disk."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import duckdb
import pytest
from filelock import FileLock

from analytics import engine as engines
from analytics import running, sql
from analytics.engine import DuckDB, Engine
from analytics.running import Running
from analytics.site import Refusal
from analytics.sql import Statement

ENDLESS = Statement("SELECT count(*) FROM range(9999999) a, range(9999999) b WHERE a.range * b.range % 7 = 3")


@pytest.fixture
def database(demo: Path) -> DuckDB:
    return DuckDB(str(demo))


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM sniff_csv('/etc/passwd')",
        "SELECT content FROM read_text('{store}/manifest.json')",
        "SELECT content FROM read_blob('{store}/petitions/../secret.key')",
        "SELECT * FROM glob('/etc/*')",
        "SELECT * FROM glob('{store}/*')",
        "COPY (SELECT 1) TO '{store}/x.csv'",
        "COPY (SELECT 1) TO '{store}/../x.csv'",
        "EXPORT DATABASE '{store}/../x'",
        "IMPORT DATABASE '{store}/../x'",
        "ATTACH '{store}/../x.db'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "LOAD '{store}/../x.duckdb_extension'",
        "SELECT * FROM read_parquet('http://127.0.0.1/x.parquet')",
        "CREATE SECRET (TYPE s3)",
        "SET threads = 1",
        "SET enable_external_access = true",
        "RESET memory_limit",
        "PRAGMA threads = 1",
        "SET profiling_output = '{store}/../x'",
        "CALL enable_logging('QueryLog', storage_path = '{store}/../x')",
        "SELECT getenv('HOME')",
        "SELECT * FROM variable_of_python",
    ],
)
def test_nothing_leads_out_of_the_store(database: DuckDB, demo: Path, statement: str) -> None:
    variable_of_python = [1]
    with pytest.raises(duckdb.Error):
        database.rows(Statement(statement.format(store=demo)))
    assert variable_of_python


def test_the_store_itself_is_read(demo: Path, database: DuckDB) -> None:
    assert Engine(engines.Store(demo), engines.load_site(engines.site_file(demo)), database).coverage(
        "petitions"
    )


def test_a_statement_that_takes_too_long_is_refused(
    monkeypatch: pytest.MonkeyPatch, database: DuckDB
) -> None:
    monkeypatch.setattr(engines, "RUNNING", Running(seconds=0.3))
    with pytest.raises(Refusal, match="没有算完，已停止：请缩小"):
        database.rows(ENDLESS)
    assert database.rows(Statement("SELECT 1")) == [(1,)]


def test_a_statement_that_nobody_waits_for_ends_and_no_other_does(demo: Path) -> None:
    left = threading.Event()
    database = DuckDB(str(demo), lambda: lambda: not left.is_set())
    threading.Timer(0.3, left.set).start()
    other = DuckDB(str(demo))
    with pytest.raises(Refusal):
        database.rows(ENDLESS)
    assert other.rows(Statement("SELECT count(*) FROM range(1000000)")) == [(1_000_000,)]


def test_what_needs_too_much_memory_and_disk_is_refused(monkeypatch: pytest.MonkeyPatch, demo: Path) -> None:
    monkeypatch.setattr(sql, "MEMORY", "64MB")
    monkeypatch.setattr(sql, "SPILLED", "32MB")
    large = "SELECT count(*) FROM (SELECT repeat('x', 100) || range s FROM range(9999999)) GROUP BY s"
    with pytest.raises(Refusal, match="超过上限"):
        DuckDB(str(demo)).rows(Statement(large))


SCRATCH = "import sys, time; from analytics.running import scratch; print(scratch(), flush=True); {then}"


def test_temporary_files_are_private_and_never_outlive_their_process(tmp_path: Path) -> None:
    def run(then: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", SCRATCH.format(then=then)]
        return subprocess.Popen(command, env={"TMPDIR": str(tmp_path)}, stdout=subprocess.PIPE, text=True)

    ended = run("")
    folder = Path(ended.communicate()[0].strip())
    assert folder.parent == tmp_path
    assert not folder.exists()
    killed = run("time.sleep(99)")
    assert killed.stdout
    left = Path(killed.stdout.readline().strip())
    assert left.stat().st_mode & 0o777 == 0o700
    (left / "upload.csv").write_text("x")
    run("").communicate()
    assert left.exists()  # still held
    killed.kill()
    killed.wait()
    (tmp_path / "petition-somebody-elses").mkdir()
    run("").communicate()
    assert not left.exists()
    assert (tmp_path / "petition-somebody-elses").exists()


def test_the_watch_costs_a_thread_only_once() -> None:
    for _ in range(3):
        DuckDB("/nowhere").rows(Statement("SELECT 1"))
    assert [t.name for t in threading.enumerate()].count("running") <= 2
    assert len(running.RUNNING) == 0


@pytest.mark.parametrize("gone", [False, True])
def test_a_folder_cleared_before_it_is_held_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, gone: bool
) -> None:
    """Whoever starts in the same instant clears what nobody holds yet."""
    cleared = []

    class Unlucky(FileLock):
        def acquire(self, *args: Any, **more: Any) -> Any:
            if not cleared:
                cleared.append(folder := Path(self.lock_file).parent)
                Path(self.lock_file).touch()
                running._clear(folder)
                if gone:
                    raise FileNotFoundError
            return super().acquire(*args, **more)

    monkeypatch.setattr(running, "FileLock", Unlucky)
    monkeypatch.setattr(running.tempfile, "tempdir", str(tmp_path))
    made = running._made()
    assert [*tmp_path.iterdir()] == [made]
    assert made.stat().st_mode & 0o777 == 0o700

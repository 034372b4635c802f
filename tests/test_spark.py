"""A standalone Spark cluster on this machine sums the same cells as DuckDB, row for row."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch
from urllib.request import urlopen

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from analytics import cubes
from analytics.catalogue.cubes import CUBES
from analytics.cli.params import petition
from analytics.cubes import Cubes
from analytics.engine import open_engine
from tests.bench.places import SCALES
from tests.bench.stored import write
from tests.unanimous import Unanimous

pytestmark = pytest.mark.long
pyspark = pytest.importorskip("pyspark", reason="pyspark is an extra: make test-long installs it")
READY_SECONDS = 120


@pytest.fixture(scope="module")
def master(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a master with two workers, each of one core."""
    folder = tmp_path_factory.mktemp("spark")
    port, looked_at = _free(), _free()
    address = f"spark://127.0.0.1:{port}"
    worker = ("worker.Worker", "--host", "127.0.0.1", "--cores", "1", "--memory", "1g", "--webui-port", "0")
    started = [
        _started(
            folder,
            "master.Master",
            *("--host", "127.0.0.1", "--port", f"{port}"),
            *("--webui-port", f"{looked_at}"),
        ),
        *(_started(folder, *worker, "--work-dir", f"{folder / name}", address) for name in ("one", "two")),
    ]
    try:
        _wait_for_two(f"http://127.0.0.1:{looked_at}/json/")
        yield address
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait(30)


def _started(folder: Path, name: str, *arguments: str) -> subprocess.Popen[bytes]:
    home = Path(pyspark.__file__).parent
    environment = os.environ | {
        "SPARK_HOME": str(home),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_NO_DAEMONIZE": "1",
    }
    log = (folder / f"{name}.log").open("ab")
    command = [str(home / "bin" / "spark-class"), f"org.apache.spark.deploy.{name}", *arguments]
    return subprocess.Popen(command, env=environment, stdout=log, stderr=log)


def _free() -> int:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        return int(server.getsockname()[1])


def _wait_for_two(address: str) -> None:
    for _ in range(READY_SECONDS):
        try:
            with urlopen(address) as answer:
                workers = json.load(answer)["workers"]
        except (OSError, ValueError):  # not there yet, or not as JSON
            workers = []
        if sum(worker["state"] == "ALIVE" for worker in workers) == 2:
            return
        time.sleep(1)
    pytest.fail("the two workers did not come up")


def test_a_cluster_sums_what_duckdb_sums(master: str, tmp_path: Path) -> None:
    """Every cell of every month of every cube, built by the command on the cluster and here."""
    folder = tmp_path / "数据"
    write(SCALES["10k"], folder)
    built = {}
    with patch("analytics.cubes.FROM_ROWS", 0), patch("analytics.engine.IN_MEMORY_ROWS", 0):
        for name, options in {"cluster": ["--spark", master], "here": []}.items():
            shutil.rmtree(folder / cubes.FOLDER, ignore_errors=True)
            result = CliRunner().invoke(
                petition, ["cubes", "--data", str(folder), *options], catch_exceptions=False
            )
            assert "已建好汇总：petitions" in result.output
            built[name] = _cells(folder)
        assert built["cluster"] == built["here"]
        assert built["here"].keys() == {cube.name for cube in CUBES}
        engine = open_engine(folder)
        asked = Unanimous(engine.store, engine.site).ask(("petitions", "open", "median_days"), ("channel",))
        assert sum(asked.value("petitions", key) or 0 for key in asked.keys) == 10_000


def _cells(folder: Path) -> dict[str, dict[str, list[dict[str, object]]]]:
    kept = Cubes(open_engine(folder).store)
    return {
        one.cube.name: {file.split("-")[-2]: pq.read_table(file).to_pylist() for file in one.files}
        for one in kept.stored("petitions", 0)
    }

"""Stored cubes: every answer equal to that of the rows, whatever comes and goes; by today's definitions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from unittest.mock import patch

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from analytics import cubes
from analytics.catalogue import DIMENSIONS, METRICS
from analytics.catalogue.cubes import CUBES
from analytics.cubes import Cubes
from analytics.model import Measure, Period
from tests import strategies
from tests.bureau import SITE, Bureau, item
from tests.unanimous import Unanimous

NAMES = [name for name, metric in METRICS.items() if metric.dataset == "petitions"]


@pytest.fixture(autouse=True)
def _every_dataset_is_great() -> Iterator[None]:
    with (
        patch("analytics.cubes.FROM_ROWS", 0),
        patch("analytics.engine.IN_MEMORY_ROWS", 0),
        patch("analytics.cubes.CHUNK_ROWS", 3),
    ):
        yield


def asked_of_all(bureau: Bureau, data: st.DataObject, questions: int) -> None:
    """Questions that each cube may answer, asked of every source."""
    engine = Unanimous(bureau.store, bureau.site)
    for _ in range(questions):
        cube = data.draw(st.sampled_from(CUBES))
        names = data.draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=4, unique=True))
        dims = [name for name in DIMENSIONS if name != "month" and cube.tells([name], [])]
        by = data.draw(st.lists(st.sampled_from([*dims, "month"]), max_size=2, unique=True))
        filtered = data.draw(st.lists(st.sampled_from(dims), max_size=1))
        members = [key[0] for key in engine.ask(NAMES[:1], filtered[:1]).keys] if filtered else []
        where = {filtered[0]: data.draw(st.lists(st.sampled_from(members), min_size=1))} if members else {}
        start, end = sorted((data.draw(strategies.days()), data.draw(strategies.days())))
        whole = data.draw(st.booleans())
        period = Period(start.replace(day=1), end.replace(day=28)) if whole else Period(start, end)
        engine.ask(names, by, period if period.end >= period.start else None, where, "year_ago")


@settings(
    max_examples=2,
    derandomize=True,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],  # an import takes too long to be made smaller a hundred times
)
@given(data=st.data())
def test_every_source_says_the_same_after_every_import(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Items come and change; the cubes follow by what came and went, and agree with the rows."""
    Unanimous.asked.clear()
    bureau = Bureau(tmp_path_factory.mktemp("store") / "数据", SITE)
    rows = data.draw(strategies.rows("petitions", (12,)))
    bureau.bring("petitions", *rows)
    asked_of_all(bureau, data, 4)
    changed = [row | {"closed_on": row["registered_on"], "township": "新陂镇"} for row in rows[:3]]
    bureau.bring("petitions", *changed, *data.draw(strategies.rows("petitions", (5,)).map(renamed)))
    asked_of_all(bureau, data, 4)
    assert all(Unanimous.asked[source] for source in ("Held", "Cells", "Rows"))


def renamed(rows: list[dict[str, object]]) -> list[dict[str, object]]:
    return [row | {"petition_id": f"新{at}"} for at, row in enumerate(rows)]


# --- what is written ----------------------------------------------------------------------------------------


@pytest.fixture
def bureau(tmp_path: Path) -> Bureau:
    bureau = Bureau(tmp_path / "数据", SITE)
    bureau.bring("petitions", *(item(n, f"2020-0{1 + n % 6}-03", township="宁中镇") for n in range(12)))
    return bureau


def cells(bureau: Bureau) -> dict[str, dict[str, list[dict[str, object]]]]:
    """Each cube's cells by month, as they stand in the files of the version served."""
    stored = Cubes(bureau.store).stored("petitions", bureau.store.versions()["petitions"])
    return {
        one.cube.name: {file.split("-")[-2]: pq.read_table(file).to_pylist() for file in one.files}
        for one in stored
    }


def test_a_refresh_writes_what_a_full_build_writes(bureau: Bureau) -> None:
    bureau.bring("petitions", item(3, "2020-04-03", township="新陂镇", closed_on=date(2020, 5, 1)))
    bureau.bring("petitions", item(99, "2020-07-03"), item(98, "2019-12-03", persons=6))
    refreshed = cells(bureau)
    assert refreshed["places"].keys() >= {"201912", "202007"}
    path = bureau.store.path / cubes.FOLDER / "petitions.json"
    path.unlink()
    with bureau.store.lock():
        assert Cubes(bureau.store).refresh("petitions", bureau.store.versions()["petitions"])
    assert cells(bureau) == refreshed


def test_a_refresh_writes_only_the_months_touched(bureau: Bureau) -> None:
    before = {file.name for file in (bureau.store.path / cubes.FOLDER).glob("*-places-*.parquet")}
    bureau.bring("petitions", item(99, "2021-07-03"))
    after = {file.name for file in (bureau.store.path / cubes.FOLDER).glob("*-places-*.parquet")}
    assert before < after
    months = {name.split("-")[2] for name in after - before}
    assert months == {"202107"}


def test_files_say_by_what_they_were_made(bureau: Bureau) -> None:
    for one in Cubes(bureau.store).stored("petitions", bureau.store.versions()["petitions"]):
        for file in one.files:
            said = pq.read_schema(file).metadata
            assert said[b"petition.definition"].decode() == one.cube.definition
            assert int(said[b"petition.version"]) == one.version


def test_an_edited_definition_meets_no_old_sums(bureau: Bureau, monkeypatch: pytest.MonkeyPatch) -> None:
    """A metric that now counts something else is counted from the rows until its cubes are written anew."""
    version = bureau.store.versions()["petitions"]
    stored = Cubes(bureau.store).stored("petitions", version)
    assert len(stored) == len(CUBES)
    letters = METRICS["letters"]
    edited = replace(letters, numerator=+Measure("petitions", "registered_on", value="persons"))
    monkeypatch.setitem(METRICS, "letters", edited)
    again = tuple(replace(cube) for cube in CUBES)  # as a restart declares them
    monkeypatch.setattr(cubes, "cubes_of", lambda dataset: again)
    left = {one.cube.name for one in Cubes(bureau.store).stored("petitions", version)}
    assert left == {cube.name for cube in CUBES if cube.counting}
    assert Unanimous(bureau.store, bureau.site).ask(["letters"]).value("letters") == 12


@pytest.mark.parametrize("spoil", ["list", "bit", "lost"])
def test_a_damaged_cube_is_none(bureau: Bureau, spoil: str) -> None:
    folder = bureau.store.path / cubes.FOLDER
    version = bureau.store.versions()["petitions"]
    if spoil == "list":
        path = folder / "petitions.json"
        path.write_text(path.read_text("utf-8").replace('"202001"', '"202002"', 1), "utf-8")
        hurt = {cube.name for cube in CUBES}
    else:
        path = next(folder.glob("*-places-202001-*.parquet"))
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 1
        path.write_bytes(content) if spoil == "bit" else path.unlink()
        hurt = {"places"}
    left = {one.cube.name for one in Cubes(bureau.store).stored("petitions", version)}
    assert left == {cube.name for cube in CUBES} - hurt
    assert Unanimous(bureau.store, bureau.site).ask(["petitions"]).value("petitions") == 12


def test_cubes_of_another_store_are_none(bureau: Bureau, tmp_path: Path) -> None:
    other = Bureau(tmp_path / "另一个", SITE)
    other.bring("petitions", item(1, "2020-01-03"))
    (other.store.path / cubes.FOLDER).rename(tmp_path / "aside")
    (bureau.store.path / cubes.FOLDER).rename(other.store.path / cubes.FOLDER)
    assert Cubes(other.store).stored("petitions", other.store.versions()["petitions"]) == ()


def test_a_small_dataset_has_none(tmp_path: Path) -> None:
    with patch("analytics.cubes.FROM_ROWS", 1_000_000):
        bureau = Bureau(tmp_path / "数据", SITE)
        bureau.bring("petitions", item(1, "2020-01-03"))
        assert not (bureau.store.path / cubes.FOLDER).exists()

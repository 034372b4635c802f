"""Stored cubes: every answer equal to that of the rows, whatever comes and goes; by today's definitions."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from unittest.mock import patch

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from analytics import cubes, sums
from analytics.catalogue import DIMENSIONS, METRICS
from analytics.catalogue.cubes import CUBES
from analytics.cubes import Cubes
from analytics.model import Measure, Period, Scope, month_end
from analytics.monthly import Monthly, Span, number, split
from tests import strategies
from tests.bureau import SITE, Bureau, item
from tests.unanimous import Unanimous

NAMES = [name for name, metric in METRICS.items() if metric.dataset == "petitions"]


@contextmanager
def every_dataset_is_great() -> Iterator[None]:
    with (
        patch("analytics.cubes.FROM_ROWS", 0),
        patch("analytics.engine.IN_MEMORY_ROWS", 0),
        patch("analytics.cubes.CHUNK_ROWS", 3),
    ):
        yield


@pytest.fixture(autouse=True)
def _everywhere() -> Iterator[None]:
    with every_dataset_is_great():
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
        period = Period(start.replace(day=1), month_end(end)) if whole else Period(start, end)
        as_of = data.draw(st.none() | strategies.days())
        scope = data.draw(
            st.sampled_from([Scope(), Scope("宁中镇"), Scope(area="4414"), Scope(area="441481")])
        )
        engine.ask(names, by, period, where, "year_ago", as_of, scope=scope)


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
    whole = Period(strategies.FIRST_DAY, strategies.LAST_DAY)
    left = [{name: row[name] for name in ("petition_id", "registered_on", "channel")} for row in rows[:2]]
    assert bureau.bring_file("petitions", *left, replace=whole).removed
    asked_of_all(bureau, data, 2)
    assert all(Unanimous.asked[source] for source in ("Held", "Cells", "Rows"))


def renamed(rows: list[dict[str, object]]) -> list[dict[str, object]]:
    return [row | {"petition_id": f"新{at}"} for at, row in enumerate(rows)]


# --- what is written ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two items in each of six months, with their cubes."""
    folder = tmp_path_factory.mktemp("made") / "数据"
    with every_dataset_is_great():
        rows = (item(n, f"2020-0{1 + n % 6}-03", township="宁中镇") for n in range(12))
        Bureau(folder, SITE).bring("petitions", *rows)
    return folder


@pytest.fixture
def bureau(made: Path, tmp_path: Path) -> Bureau:
    return Bureau(Path(shutil.copytree(made, tmp_path / "数据")), SITE)


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
            assert said[b"petition.definition"].decode() == cubes.definition(one.cube)
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


def test_an_import_is_served_though_its_cubes_cannot_be_written(
    bureau: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    files = set((bureau.store.path / cubes.FOLDER).glob("*.parquet"))
    with monkeypatch.context() as patched:
        patched.setattr(cubes, "_write", full)
        report = bureau.bring("petitions", item(99, "2020-03-03"))
    assert report.inserted == 1
    assert any("petition cubes" in note for note in report.notes)
    assert set((bureau.store.path / cubes.FOLDER).glob("*.parquet")) == files
    assert Unanimous(bureau.store, bureau.site).ask(["petitions"]).value("petitions") == 13
    with bureau.store.lock():
        assert Cubes(bureau.store).refresh("petitions", bureau.store.versions()["petitions"])
    assert Unanimous(bureau.store, bureau.site).ask(["petitions"]).value("petitions") == 13


def test_cubes_of_what_is_served_stay_when_what_follows_never_is(
    bureau: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An import that dies between its cubes and being served leaves the served version's cubes."""
    served = bureau.store.versions()["petitions"]

    def die(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    for key in (98, 99):
        with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
            patched.setattr(type(bureau.store), "publish", die)
            bureau.bring("petitions", item(key, "2020-03-03"))
    assert bureau.store.versions()["petitions"] == served
    assert len(Cubes(bureau.store).stored("petitions", served)) == len(CUBES)


def test_a_cube_lost_while_the_dashboard_runs_is_done_without(bureau: Bureau) -> None:
    engine = bureau.engine
    assert engine.ask(["petitions"], by=["channel"]).keys
    for file in (bureau.store.path / cubes.FOLDER).glob("*.parquet"):
        file.unlink()
    assert engine.ask(["persons"], by=["township"]).value("persons", ("宁中镇",)) == 12


def test_a_list_of_versions_that_the_rows_no_longer_have_is_none(bureau: Bureau) -> None:
    """The rows were put back to an earlier day, the cubes were not."""
    path = bureau.store.path / cubes.FOLDER / "petitions.json"
    listed = json.loads(path.read_text("utf-8"))["versions"]
    later = {"99": next(iter(listed.values()))}
    path.write_text(json.dumps({"versions": later, "sum": sums.of_content(later)}), "utf-8")
    assert bureau.bring("petitions", item(99, "2020-03-03")).inserted == 1
    assert Unanimous(bureau.store, bureau.site).ask(["petitions"]).value("petitions") == 13


# --- whole months -----------------------------------------------------------------------------------------


@given(start=st.dates() | st.just(date.min), days=st.integers(0, 800))
def test_days_are_whole_months_and_the_days_at_their_ends(start: date, days: int) -> None:
    """Every day is in just one part, and no whole month is left at the ends."""
    last = date.fromordinal(min(start.toordinal() + days, date.max.toordinal()))
    parts = split(start, last)
    edges = [day for edge in parts.edges for day in (edge.start, edge.end)]
    if parts.whole is None:
        assert edges == [start, last]
        assert not any(whole_month(day, start, last) for day in (start, last))
        return
    first = parts.whole.first or 101
    begins = date(first // 100, first % 100, 1)
    ends = month_end(date(parts.whole.last // 100, parts.whole.last % 100, 1))
    head = [] if start == begins else [start, date.fromordinal(begins.toordinal() - 1)]
    tail = [] if last == ends else [date.fromordinal(ends.toordinal() + 1), last]
    assert edges == head + tail
    assert parts.whole == Span(0 if start == date.min else number(begins), number(ends))
    assert all(not whole_month(day, start, last) for day in edges)


def whole_month(day: date, start: date, last: date) -> bool:
    return start <= day.replace(day=1) and month_end(day) <= last


def test_stock_by_month_from_the_first_day_there_is(bureau: Bureau) -> None:
    """Nothing stands before it, and nothing overflows."""
    engine = Unanimous(bureau.store, bureau.site)
    period = Period(date.min, date(1, 3, 15))
    assert engine.ask(["open"], ["month"], period, as_of=date(1, 3, 15)).value("open", ("0001-03",)) == 0


def test_a_small_dataset_has_none(tmp_path: Path) -> None:
    with patch("analytics.cubes.FROM_ROWS", 1_000_000):
        bureau = Bureau(tmp_path / "数据", SITE)
        bureau.bring("petitions", item(1, "2020-01-03"))
        assert not (bureau.store.path / cubes.FOLDER).exists()


@pytest.mark.parametrize("most", [126, 127, 128, 2**15 - 1, 2**15, 2**31 - 1, 2**31, 2**40])
@given(data=st.data())
def test_sums_held_are_as_wide_as_what_they_add_up_to(most: int, data: st.DataObject) -> None:
    """Of a stretch of months what is added, of each group, whatever is taken away in between."""
    count = Measure("petitions", "registered_on")
    days = replace(count, value="persons")
    lines = data.draw(
        st.lists(st.tuples(st.sampled_from([202101, 202102, 202112]), st.sampled_from("甲乙")), unique=True)
    )
    values = [data.draw(st.sampled_from([most, -most, 1, 0])) for _ in lines]
    table = pa.table(
        {
            "month": pa.array([month for month, _ in lines], pa.int32()),
            "channel": pa.array([member for _, member in lines], pa.string()),
            "rows": pa.array([1] * len(lines), pa.int64()),
            "days": pa.array(values, pa.int64()),
        }
    )
    held = Monthly(("channel",), [((count, days), table)])
    for first, last in ((0, 202112), (202101, 202101), (202102, 202112), (202112, 202112)):
        told: dict[tuple[object, ...], int] = {}
        for (month, member), value in zip(lines, values, strict=True):
            if first <= month <= last:
                told[(member,)] = told.get((member,), 0) + value
        assert held.sums(days, ("channel",), (), Span(first, last)) == told

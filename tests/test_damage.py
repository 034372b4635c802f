"""Bits that flipped, files that are gone or cut: found by their sums, the last whole versions served."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from analytics import store as store_module
from analytics import sums
from analytics.answers import source
from analytics.cli import petition
from analytics.engine import Engine
from analytics.ingest import outdated, rederive
from analytics.site import Refusal
from analytics.store import KEPT_SETS, MANIFEST, Store
from tests import screens
from tests.bureau import SITE, Bureau, item

LATEST = 3
CODE = f"{7:032x}"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three imports, each of two items more, of one matter with the first; all by one petitioner."""
    folder = tmp_path_factory.mktemp("made") / "数据 store"
    bureau = Bureau(folder)
    for n in range(LATEST):
        rows = [item(2 * n + k, f"2021-1{n % 3}-0{k + 1}", **MATTER) for k in range(2)]
        bureau.bring("petitions", *rows, covers_to=date(2021, 12, 31))
    return folder


MATTER = {"petitioner_key": CODE, "category_2": "土地征收", "responsible_unit": "某局", "township": "宁中镇"}


@pytest.fixture
def bureau(made: Path, tmp_path: Path) -> Bureau:
    return Bureau(Path(shutil.copytree(made, tmp_path / "数据 store")))


def numbers(engine: Engine) -> tuple[object, ...]:
    """Items counted in the petitions and in what follows from them: they must be of one moment."""
    names = "linked_firsts", "linked_repeats", "unlinked"
    result = engine.ask(["petitions", *names])
    return result.value("petitions"), sum(int(result.value(name) or 0) for name in names)


def again(bureau: Bureau) -> Engine:
    """Another process."""
    return Engine(Store(bureau.store.path), SITE)


def newest(bureau: Bureau, dataset: str, version: int = LATEST) -> Path:
    """The Parquet file that the version brought."""
    path = bureau.store.path / dataset
    log = path / "_delta_log" / f"{version:020}.json"
    (name,) = store_module._added(log)
    return path / name


def log_of(bureau: Bureau, dataset: str, version: int = LATEST) -> Path:
    return bureau.store.path / dataset / "_delta_log" / f"{version:020}.json"


def flip(path: Path, at: int | None = None) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2 if at is None else at] ^= 4
    path.write_bytes(content)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


DAMAGES: dict[str, Callable[[Bureau], object]] = {
    "a bit of the rows": lambda b: flip(newest(b, "petitions")),
    "a bit of what follows from them": lambda b: flip(newest(b, "links")),
    "the first bit": lambda b: flip(newest(b, "petitions"), 0),
    "cut rows": lambda b: cut(newest(b, "petitions")),
    "no bytes": lambda b: newest(b, "petitions").write_bytes(b""),
    "no file": lambda b: newest(b, "links").unlink(),
    "a directory in its place": lambda b: (newest(b, "petitions").unlink(), newest(b, "petitions").mkdir()),
    "a bit of the log": lambda b: flip(log_of(b, "petitions")),
    "a cut log": lambda b: cut(log_of(b, "petitions")),
    "an empty log": lambda b: log_of(b, "links").write_bytes(b""),
    "no log": lambda b: log_of(b, "petitions").unlink(),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_the_last_whole_set_is_served_and_everything_says_so(bureau: Bureau, damage: str) -> None:
    assert numbers(again(bureau)) == (6, 6)
    DAMAGES[damage](bureau)
    engine = again(bureau)
    assert numbers(engine) == (4, 4), "both of the import before"
    assert engine.versions() == {"petitions": LATEST - 1, "links": LATEST - 1}
    assert f"第{LATEST}版" in engine.warning
    assert f"第{LATEST - 1}版" in engine.warning
    assert "petition restore" in engine.warning
    assert "已损坏，此为此前的数据" in source(engine, engine.ask(["petitions"])), "every export"
    assert outdated(engine.store, SITE) == [], "it cannot be derived anew"
    with pytest.raises(Refusal, match=r"已损坏.*没有写入"):
        bureau.bring("petitions", item(9, "2021-12-09"))
    assert numbers(again(bureau)) == (4, 4)


def test_a_bit_anywhere_in_any_file_never_gives_another_number(bureau: Bureau) -> None:
    paths = [p for p in sorted(bureau.store.path.rglob("*")) if p.is_file() and p.name != ".lock"]
    for path in paths:
        whole = path.read_bytes()
        for part in (0.02, 0.35, 0.99):
            flip(path, int(part * len(whole)))
            try:
                engine = again(bureau)
                assert (found := numbers(engine)) in {(2, 2), (4, 4), (6, 6)}, "one whole set or another"
                assert bool(engine.warning) == (found != (6, 6))
            except Refusal as fault:
                assert "损坏" in f"{fault}" or "打不开" in f"{fault}"
        path.write_bytes(whole)
    assert numbers(again(bureau)) == (6, 6)


def test_a_damaged_old_version_is_refused_and_harms_no_other(bureau: Bureau) -> None:
    bureau.bring("petitions", item(0, "2021-10-01", persons=9))  # the file of the first import is replaced
    flip(newest(bureau, "petitions", 1))
    assert again(bureau).warning == ""
    with pytest.raises(Refusal, match="校验和不符"):
        Store(bureau.store.path).files("petitions", 1)


def test_where_none_is_whole_it_is_refused_with_what_to_do(bureau: Bureau) -> None:
    for version in range(1, LATEST + 1):
        flip(newest(bureau, "links", version))
    with pytest.raises(Refusal, match=r"打不开.*没有完好的版本.*petition restore"):
        again(bureau).ask(["petitions"])


def test_what_rots_before_it_is_loaded_is_found_though_it_was_whole(bureau: Bureau) -> None:
    engine = again(bureau)
    assert engine.ask(["petitions"]).value("petitions") == 6
    flip(newest(bureau, "links"))
    with pytest.raises(Refusal, match="校验和不符"):
        engine.ask(["linked_firsts"])
    assert numbers(engine) == (4, 4), "from the next look on"


def test_a_mended_file_is_served_again(bureau: Bureau, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_module, "LOOK_SECONDS", 1e-6)
    path = newest(bureau, "petitions")
    whole, engine = path.read_bytes(), again(bureau)
    flip(path)
    assert numbers(engine) == (4, 4)
    path.write_bytes(whole)
    assert numbers(engine) == (6, 6)
    assert engine.warning == ""


def test_a_store_of_before_there_were_sums_is_served_and_listed_by_the_next_import(bureau: Bureau) -> None:
    for path in bureau.store.path.rglob(sums.NAME):
        path.unlink()
    content = json.loads((bureau.store.path / MANIFEST).read_text("utf-8"))
    old = {name: content[name] for name in ("id", "demo", "versions")}
    (bureau.store.path / MANIFEST).write_text(json.dumps(old), "utf-8")
    assert numbers(again(bureau)) == (6, 6)
    assert Store(bureau.store.path).unlisted() == ["petitions", "links"]
    Bureau(bureau.store.path).bring("petitions", item(9, "2021-12-09", **MATTER))
    assert Store(bureau.store.path).unlisted() == []
    flip(newest(bureau, "petitions", 1))
    with pytest.raises(Refusal, match="没有完好的版本"):  # rows of before the sums are listed too
        numbers(again(bureau))


def test_compacting_and_deriving_anew_are_listed(bureau: Bureau, monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    monkeypatch.setattr(store_module, "FILES_PER_YEAR", 2)
    later = Bureau(bureau.store.path)
    later.bring("petitions", item(9, "2021-12-09", **MATTER))
    rederive(later.store, replace(SITE, townships=SITE.townships[:2]))
    for dataset, version in later.store.versions().items():
        listed = later.store._listed(dataset)
        root, paths = later.store.path / dataset, later.store.files(dataset, version)
        assert {Path(path).relative_to(root).as_posix() for path in paths} <= listed.keys()
    assert later.store.unlisted() == []


def test_only_so_many_sets_are_remembered(bureau: Bureau) -> None:
    content = json.loads((bureau.store.path / MANIFEST).read_text("utf-8"))
    assert content["before"] == [{"petitions": n, "links": n} for n in (2, 1)]
    for n in range(KEPT_SETS + 5):
        bureau.store.publish({"petitions": n})
    content = json.loads((bureau.store.path / MANIFEST).read_text("utf-8"))
    assert len(content["before"]) == KEPT_SETS


# --- as people see it ------------------------------------------------------------------------------------


def run(*words: object) -> Result:
    return CliRunner().invoke(petition, [*map(str, words)])


def test_every_command_says_so_and_check_fails(bureau: Bureau, tmp_path: Path) -> None:
    data = bureau.store.path
    assert run("check", "--data", data).exit_code == 0
    flip(newest(bureau, "petitions"))
    asked = run("query", "petitions", "--data", data)
    assert asked.exit_code == 0
    assert f"信访事项第{LATEST}版数据已损坏" in asked.stderr
    assert "信访事项第 2 版" in asked.stdout
    for words in (
        ("report", "--year", 2021),
        ("signals", "petitions", "--month", "2021-12"),
        ("explain", "petitions", "--month", "2021-12"),
        ("project",),
        ("brief", "--month", "2021-12", "--out", tmp_path / "out", "--draft", "--formats", "xlsx"),
    ):
        assert "数据已损坏" in run(*words, "--data", data).stderr, words
    checked = run("check", "--data", data)
    assert isinstance(checked.exception, Refusal)
    assert "petition restore" in f"{checked.exception}"
    assert newest(bureau, "petitions").name in f"{checked.exception}"
    backed = run("backup", tmp_path / "b.zip", "--data", data)
    assert isinstance(backed.exception, Refusal)
    assert not (tmp_path / "b.zip").exists()


def test_every_page_and_the_meeting_say_so(bureau: Bureau, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PETITION_DATA", str(bureau.store.path))
    flip(newest(bureau, "petitions"))
    app = screens.opened()
    for name in ("overview", "data", "townships"):
        assert f"信访事项第{LATEST}版数据已损坏" in screens.shown(app, name), name
    app.query_params["mode"] = "meeting"
    app.run()
    assert [fault.message for fault in app.exception] == []
    assert f"信访事项第{LATEST}版数据已损坏" in screens.said(app)


def test_a_store_that_may_only_be_read_is_shown_as_it_was_set(
    bureau: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PETITION_DATA", str(bureau.store.path))
    monkeypatch.setattr(os, "access", lambda *_: False)
    before = Store(bureau.store.path).versions()
    (bureau.store.path / "site.toml").write_text('bureau = "另一个"\ncounty = "另一县"\n', "utf-8")
    told = screens.shown(screens.opened(), "data")
    assert "信访事项" in told
    assert "数据目录是只读的" in told
    assert Store(bureau.store.path).versions() == before


def test_sums_are_read_by_sha256sum_s_own_rules(bureau: Bureau) -> None:
    root = bureau.store.path / "petitions"
    lines = (root / sums.NAME).read_text("utf-8").splitlines()
    assert lines[-1].startswith("# ")
    for line in lines[:-1]:
        found, name = line.split("  ", 1)
        assert sums.of_file(root / name) == found


def test_without_its_list_of_sums_a_dataset_is_damaged(bureau: Bureau) -> None:
    """Whoever loses the list, or takes it away, does not turn checking off."""
    bureau.bring("petitions", item(1, "2021-03-01"))
    (bureau.store.path / "petitions" / "SHA256SUMS").unlink()
    with pytest.raises(Refusal, match="校验记录不见了"):
        Store(bureau.store.path).served()

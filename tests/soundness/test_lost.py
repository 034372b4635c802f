"""What an update, a crash or another store must not take away or bring back."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path

import pytest

from analytics.engine import Engine
from analytics.ingest import import_files
from analytics.ingest.identity import SECRET
from analytics.site import Refusal
from analytics.store import MANIFEST, Store
from tests.bureau import Bureau, item

AS_OF = date(2021, 4, 1)
HEAD = "信访件编号,登记日期,信访形式,姓名,手机号"


def file(folder: Path, *lines: str) -> Path:
    path = folder / "导出.csv"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def keys(bureau: Bureau) -> list[str]:
    return list(bureau.store.read("petitions").column("petitioner_key").to_pylist())


def test_petitioner_forgotten_by_an_update_with_the_name_alone(bureau: Bureau, tmp_path: Path) -> None:
    """A file that cannot say who it was does not unsay who it was."""
    first = file(tmp_path, HEAD, "A1,2021-03-01,来信,张某某,13800000000")
    import_files(bureau.store, bureau.site, [first])
    before = keys(bureau)
    update = file(tmp_path, "信访件编号,姓名,办结日期", "A1,张某某,2021-03-20")
    assert import_files(bureau.store, bureau.site, [update]).updated == 1
    assert keys(bureau) == before != ["未填"]


@pytest.mark.parametrize("content", ["", "00"])
def test_codes_made_with_a_broken_secret(bureau: Bureau, tmp_path: Path, content: str) -> None:
    """An empty or cut secret would let anyone compute the codes."""
    bureau.store.path.mkdir(parents=True)
    (bureau.store.path / SECRET).write_text(content, "ascii")
    rows = file(tmp_path, HEAD, "A1,2021-03-01,来信,张某某,13800000000")
    with pytest.raises(Refusal, match="密钥"):
        import_files(bureau.store, bureau.site, [rows])
    assert bureau.store.versions() == {}


def test_another_store_at_the_same_place_has_another_identity(bureau: Bureau) -> None:
    """Version 1 of a restored store is not version 1 of the store that stood there before."""
    bureau.bring("petitions", item(1, "2021-03-01"), item(2, "2021-03-02"))
    before = bureau.store.identity
    bureau.bring("petitions", item(3, "2021-03-03"))
    assert bureau.store.identity == before != ""
    shutil.rmtree(bureau.store.path)
    bureau.bring("petitions", item(1, "2021-03-01"))
    assert bureau.store.identity != before


def test_version_that_a_crash_kept_from_being_served(bureau: Bureau) -> None:
    """What was never served can neither be asked for nor stands in the list of imports."""
    bureau.bring("petitions", item(1, "2021-03-01"))
    manifest = bureau.store.path / MANIFEST
    served = manifest.read_text("utf-8")
    bureau.bring("petitions", item(2, "2021-03-02"))
    manifest.write_text(served, "utf-8")
    bureau.bring("petitions", item(3, "2021-03-03"))
    assert [record.version for record in bureau.store.imports()] == [4, 1]
    with pytest.raises(Refusal, match="没有第 2 版"):
        bureau.number("petitions", "2021-03", versions={"petitions": 2}, as_of=AS_OF)


def test_missing_file_is_told_not_counted_as_nothing(bureau: Bureau) -> None:
    """A Parquet file that is gone is a refusal, not a smaller number."""
    bureau.bring("petitions", item(1, "2021-03-01"))
    next((bureau.store.path / "petitions").rglob("*.parquet")).unlink()
    fresh = Engine(Store(bureau.store.path), bureau.site)
    with pytest.raises(Refusal, match="备份"):
        fresh.ask(["petitions"])


@pytest.mark.parametrize("versions", [{"petitions": True}, {"petitions": -1}, {"别的": 1}])
def test_manifest_that_cannot_be_right(bureau: Bureau, versions: dict[str, object]) -> None:
    """A manifest that names what cannot be is broken, not empty."""
    bureau.bring("petitions", item(1, "2021-03-01"))
    (bureau.store.path / MANIFEST).write_text(json.dumps({"versions": versions}), "utf-8")
    with pytest.raises(Refusal, match="损坏"):
        bureau.store.versions()


@pytest.mark.parametrize("member", ["也许", "maybe"])
def test_slip_of_the_pen_in_a_flag_answered_with_zero(bureau: Bureau, member: str) -> None:
    """A flag has its members: anything else is refused."""
    bureau.bring("petitions", item(1, "2021-03-01", is_repeat=True))
    with pytest.raises(Refusal, match="初件"):
        bureau.number("petitions", where={"is_repeat": [member]})
    assert bureau.number("petitions", where={"is_repeat": ["是"]}) == 1

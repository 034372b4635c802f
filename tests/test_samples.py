"""Real letters to a city government: dates of every kind, broken lines, keys that Excel made numbers."""

from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pytest

from analytics.ingest import Report, import_files
from analytics.ingest.classes import is_known
from analytics.site import ROOT, Refusal, Site
from analytics.store import Store

SAMPLES = ROOT.parent / "shared" / "data" / "samples"
pytestmark = pytest.mark.skipif(not SAMPLES.exists(), reason=f"the sample files are not at {SAMPLES}")

SITE = Site(bureau="示例信访局", county="示例市")
LETTERS = """
dataset = "petitions"
[columns]
petition_id = "留言编号"
registered_on = "留言时间"
petitioner_key = "留言用户"
[constants]
channel = "online"
"""
REPLIES = LETTERS.replace("[constants]", 'replied_on = "答复时间"\n[constants]\nhandling = "直接回复"')
OUTCOMES = """
dataset = "petitions"
[columns]
petition_id = "留言编号"
resolved = "f_complete"
[values.resolved]
"已解决" = "是"
"未解决" = "否"
"""


class Bureau:
    def __init__(self, folder: Path) -> None:
        self.folder, self.store = folder, Store(folder / "store")

    def bring(self, file: str, mapping: str) -> Report:
        rules = self.folder / "mapping.toml"
        rules.write_text(mapping, "utf-8")
        return import_files(self.store, SITE, [SAMPLES / file], mapping=rules)

    def column(self, name: str) -> Any:
        return self.store.read("petitions", [name])[name]


@pytest.fixture
def bureau(tmp_path: Path) -> Bureau:
    return Bureau(tmp_path)


def test_letters_with_dates_of_every_kind(bureau: Bureau) -> None:
    report = bureau.bring("hotline_letters_mixed_dates.xlsx", LETTERS)
    assert (report.inserted, report.rejected, report.refused) == (4326, [], "")
    ids = bureau.column("petition_id").to_pylist()
    assert all(key.isdecimal() for key in ids)
    days = pc.min_max(bureau.column("registered_on")).as_py()
    assert date(2010, 1, 1) < days["min"] < days["max"] <= date(2020, 12, 31)
    first = dict(zip(ids, bureau.column("registered_on").to_pylist(), strict=True))
    assert first["188006"] == date(2019, 2, 28)
    again = bureau.bring("hotline_letters_mixed_dates.xlsx", LETTERS)
    assert (again.unchanged, again.version) == (4326, report.version)


def test_replies_close_the_letters(bureau: Bureau) -> None:
    report = bureau.bring("hotline_letters_with_replies.xlsx", REPLIES)
    assert (report.inserted, report.rejected) == (2816, [])
    rows = {row["petition_id"]: row for row in bureau.store.read("petitions").to_pylist()}
    assert rows["2549"]["registered_on"] == date(2019, 4, 25)
    assert rows["2549"]["closed_on"] == date(2019, 5, 10)
    assert rows["2549"]["handling_days"] == 15
    users = set(bureau.column("petitioner_key").to_pylist())
    assert not [user for user in users if user.startswith(("A00", "UU"))]
    assert len(users) > 1000


def test_a_file_without_dates_is_refused_alone_and_updates_what_is_there(bureau: Bureau) -> None:
    with pytest.raises(Refusal, match="registered_on"):
        bureau.bring("hotline_letters_gb18030.csv", OUTCOMES)
    assert bureau.store.versions() == {}
    bureau.bring("hotline_letters_with_replies.xlsx", REPLIES)
    before = {row["petition_id"]: row for row in bureau.store.read("petitions").to_pylist()}
    report = bureau.bring("hotline_letters_gb18030.csv", OUTCOMES)
    assert report.inserted == 0
    assert report.updated + report.unchanged == 2816
    assert report.rejected == []
    after = {row["petition_id"]: row for row in bureau.store.read("petitions").to_pylist()}
    changed = {name for key in after for name in after[key] if after[key][name] != before[key][name]}
    assert changed == {"resolved"}
    assert sum(row["resolved"] for row in after.values()) == report.updated


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("content_classes.csv", "national_content_taxonomy_gdxf_2020.tsv"),
        ("content_classes_former.csv", "national_content_taxonomy_hbxf_old.tsv"),
    ],
)
def test_content_classes_are_those_of_the_national_lists(ours: str, theirs: str) -> None:
    listed = (SAMPLES.parent / "reference" / theirs).read_text("utf-8").splitlines()[1:]
    pairs = {tuple(line.split("\t")[:2]) for line in listed}
    rows = (ROOT / "data" / "reference" / ours).read_text("utf-8").splitlines()[1:]
    written = {tuple(row.split(",")[:2]) for row in rows}
    assert {pair for pair in written if pair[1]} <= pairs
    assert all(is_known((one, two)) for one, two in pairs)

"""The same code serves another county: its site.toml alone says whose dashboard it is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from analytics.app.navigation import PAGES
from analytics.cli import write_demo
from analytics.engine import open_engine
from analytics.settings import load_site
from tests import screens

SITE = """
bureau = "示例县信访局"
county = "示例县"
code = "990101"
township_file = "镇街.csv"

[settings]
backlog_closed_by = "verified"
small_base = 5

[receptions]
days = [5, 20]
day_off = "moved"

[screenings]
since = 2021-01-01
township = "month"
village = "half_month"

[[officials]]
name = "县领导一"
contacts = ["东岭镇"]

[[departments]]
name = "示例县水务局"
"""
TOWNSHIPS = """名称,代码,别名,村居
东岭镇,990101101,东岭,东一村、东二村
西河乡,990101201,,西一村
北湖街道,990101001,北湖办,北湖社区
"""
ELSEWHERE = re.compile("兴宁|梅州|叶塘|宁中|市领导一|每月15日")


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo of an invented county."""
    data = tmp_path_factory.mktemp("another county")
    (data / "site.toml").write_text(SITE, "utf-8")
    (data / "镇街.csv").write_text(TOWNSHIPS, "utf-8-sig")
    write_demo(data)
    return data


def test_every_page_speaks_of_the_county_at_hand(county: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PETITION_DATA", str(county))
    app = screens.opened()
    told = {name: screens.shown(app, name) for _, name, _ in PAGES}
    assert {name: ELSEWHERE.findall(text) for name, text in told.items() if ELSEWHERE.search(text)} == {}
    assert all("示例县信访局" in text for text in told.values())
    for name in ("townships", "township", "screening"):
        assert {"东岭镇", "西河乡", "北湖街道"} <= set(re.findall("东岭镇|西河乡|北湖街道", told[name])), name


def test_its_settings_are_the_ones_that_count(county: Path) -> None:
    engine = open_engine(county)
    assert engine.site == load_site(county / "site.toml")
    days = {key[0] for key in engine.ask(("reception_day_compliance",), ("reception_day",)).keys}
    assert days == {"5日", "20日"}
    windows = {
        k for k in engine.ask(("screening_compliance",), ("level", "window")).keys if k[0] == "township"
    }
    assert all(re.fullmatch(r"2021-\d\d", window) for _, window in windows)
    by_verified = engine.ask(("backlog_closed", "backlog_reported"), as_of=None)
    assert by_verified.value("backlog_closed") < by_verified.value("backlog_reported")  # type: ignore[operator]

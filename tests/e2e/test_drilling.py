"""From a prefecture down to a township and up again: by a bar, by the path, by an address."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from conftest import serving
from playwright.sync_api import Page, expect
from test_pages import click_bar, tile, titles

Open = Callable[[Page, str], None]
Settle = Callable[[Page], None]

OWN, OTHER = "兴宁市", "示例县一"


@pytest.fixture(scope="module")
def prefecture(demo_of_two: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The dashboard of a prefecture with two counties; its address."""
    with serving(demo_of_two, tmp_path_factory.mktemp("prefecture") / "log.txt") as address:
        yield address


def test_a_bar_leads_down_and_the_path_up(
    page: Page, prefecture: str, open_page: Open, settle: Settle
) -> None:
    open_page(page, f"{prefecture}/?period=2021-11")
    whole = tile(page, "信访总量")
    assert "哪些县区最多" in page.locator(".stMain").inner_text()
    click_bar(page, OWN)
    settle(page)
    expect(page).to_have_url(re.compile("county="))
    assert "217件" in tile(page, "信访总量")
    assert "哪些镇街最多" in page.locator(".stMain").inner_text()
    click_bar(page, f"{OWN}水口镇")
    settle(page)
    expect(page).to_have_url(re.compile("county=.*township="))
    path = page.locator('[class*="st-key-path"]')
    assert "".join(path.inner_text().split()) == f"梅州市›{OWN}›{OWN}水口镇"
    path.get_by_role("button", name=f"{OWN} ›").click()
    settle(page)
    assert "217件" in tile(page, "信访总量")
    page.get_by_role("button", name="梅州市 ›").click()
    settle(page)
    assert "county" not in page.url
    assert tile(page, "信访总量") == whole
    page.go_back()
    settle(page)
    assert "217件" in tile(page, "信访总量")


def test_numbers_of_the_counties_make_up_the_whole(page: Page, prefecture: str, open_page: Open) -> None:
    numbers = []
    for filters in ("", f"&county={OWN}", f"&county={OTHER}"):
        open_page(page, f"{prefecture}/?period=2021-11{filters}")
        numbers.append(int(re.findall(r"信访总量([\d,]+)件", tile(page, "信访总量"))[0].replace(",", "")))
    assert numbers[0] == numbers[1] + numbers[2]


def test_an_address_may_name_a_place_by_its_code(page: Page, prefecture: str, open_page: Open) -> None:
    open_page(page, f"{prefecture}/townships?period=2021-11&area=441431")
    expect(page).to_have_url(re.compile("county=(?!.*area=)"))
    assert "镇街信访" in page.locator("h3").first.inner_text()
    assert f"县区={OTHER}" in page.locator(".stMain").inner_text()
    page.reload()
    expect(page.locator(".stMain")).to_contain_text(f"县区={OTHER}")
    open_page(page, f"{prefecture}/townships?period=2021-11&area=441481102")
    assert f"县区={OWN}，镇街={OWN}宁中镇" in page.locator(".stMain").inner_text()


def test_a_code_or_name_from_elsewhere_is_refused_aloud(page: Page, prefecture: str, open_page: Open) -> None:
    page.goto(f"{prefecture}/townships?period=2021-11&area=440103")
    expect(page.get_by_test_id("stToast")).to_contain_text("“440103”不在本级之内")
    page.goto(f"{prefecture}/townships?period=2021-11&county=荔湾区")
    expect(page.get_by_test_id("stToast")).to_contain_text("“荔湾区”不存在")


@pytest.mark.parametrize("filters", ["", f"&county={OWN}"])
def test_it_fits_a_phone(page: Page, prefecture: str, open_page: Open, settle: Settle, filters: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    for name in ("", "townships"):
        open_page(page, f"{prefecture}/{name}?period=2021-11{filters}")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        assert "没有数据" not in titles(page)

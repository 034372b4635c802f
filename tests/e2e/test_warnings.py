"""A warning is looked into: its line, its records, and what is said of it, for whoever looks next."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Browser, Page, expect

Open = Callable[[Page, str], None]
Settle = Callable[[Page], None]


def test_a_warning_is_marked_and_the_next_who_looks_sees_it(
    page: Page, own_server: str, open_page: Open, settle: Settle, chromium: Browser
) -> None:
    open_page(page, f"{own_server}/warnings?period=2021-04")
    table = page.get_by_test_id("stDataFrame").first.bounding_box()
    assert table
    page.mouse.click(table["x"] + 16, table["y"] + 35 + 17)
    settle(page)
    page.get_by_role("button", name="明细", exact=True).click()
    settle(page)
    expect(page.get_by_role("dialog")).to_contain_text("共 32 件")
    page.keyboard.press("Escape")
    page.get_by_label("备注").fill("已到场")
    page.get_by_role("button", name="已核实", exact=True).click()
    settle(page)
    expect(page.get_by_text("统计判断：已标记1条，已核实1条")).to_be_visible()
    other = chromium.new_page()
    open_page(other, f"{own_server}/warnings?period=2021-03")
    expect(other.get_by_text("统计判断：已标记1条，已核实1条")).to_be_visible()
    other.close()

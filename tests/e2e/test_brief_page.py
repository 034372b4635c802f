"""The brief on screen: a number is traced, a decision is typed and followed up, files leave."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import docx
from playwright.sync_api import Browser, Page, expect

Open = Callable[[Page, str], None]
Settle = Callable[[Page], None]


def test_a_number_is_traced_and_a_decision_goes_into_minutes_and_next_month(
    page: Page, own_server: str, own_data: Path, open_page: Open, settle: Settle, chromium: Browser
) -> None:
    open_page(page, f"{own_server}/brief?period=2021-11")
    page.get_by_test_id("stButtonGroup").first.get_by_text("[1]", exact=True).click()
    settle(page)
    expect(page.get_by_text("--from 2021-11-01 --to 2021-11-30 --compare year_ago").first).to_be_visible()
    expect(page.get_by_text("共 217 件").first).to_be_visible()

    page.locator("[data-testid=stExpander] summary").first.click()
    page.get_by_label("事项").first.fill("下沉水口镇开展包案化解，张某某 13800138000")
    page.get_by_label("责任单位或责任人").first.fill("市信访局")
    page.get_by_role("button", name="记下").first.click()
    settle(page)
    expect(page.get_by_text("状态：未完成，未定期限").first).to_be_visible()
    expect(page.get_by_text("13800138000")).to_have_count(0)

    with page.expect_download() as minutes:
        page.get_by_role("button", name="会议纪要").click()
    said = "\n".join(p.text for p in docx.Document(io.BytesIO(minutes.value.path().read_bytes())).paragraphs)
    assert "下沉水口镇开展包案化解" in said and "市信访局" in said

    with page.expect_download() as word:
        page.get_by_role("button", name="Word", exact=True).click()
    assert word.value.suggested_filename == "2021年11月信访形势分析研判材料.docx"
    assert len(list((own_data / "archive").glob("2021-11-*"))) == 1

    other = chromium.new_page()
    open_page(other, f"{own_server}/brief?period=2021-12")
    expect(other.get_by_text("以往会议交办事项")).to_be_visible()
    expect(other.get_by_text("〔2021年11月会议〕下沉水口镇开展包案化解")).to_be_visible()
    other.close()

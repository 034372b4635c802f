"""What a person does with the pages: open, read, filter, drill, download, share an address, import."""

from __future__ import annotations

import csv
import io
import re
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from analytics.app.navigation import FIRST, PAGES

Open = Callable[[Page, str], None]
Settle = Callable[[Page], None]

NAMES = ("", *(name for _, name, _ in PAGES if name != FIRST))
RARELY = pytest.mark.long
PUBLISHED = {
    "channels": {"来信": "605件", "来访": "432批/1,237人次", "上级交办": "899件"},
    "timeliness": {"按期受理率": "100.0%", "按期答复率": "100.0%", "按期办结率": "100.0%"},
    "firsthand": {"督办件": "90件"},
    "receptions": {"市领导接访": "241批/470人次", "接访日落实率": "100.0%", "下访落实率": "100.0%"},
    "backlog": {"积案交办": "148宗", "积案剩余": "23宗"},
}
ALIKE = {"content", "service", "order", "supervision", "unit", "leader", "methods", "dictionary"}
"""Made of the same blocks as others, which are opened at every run."""
OPENED = ALIKE | PUBLISHED.keys()
"""Alike, or opened by the test of its published figures."""
WITHOUT_CHARTS = {"worklist", "warnings", "annual", "dictionary", "data", "lookup", "public", "audit"}


def tile(page: Page, label: str) -> str:
    """The text of the tile with that label, white space taken out."""
    found = page.locator(".tile").filter(has=page.get_by_text(label, exact=True)).first
    return "".join(found.inner_text().split())


def titles(page: Page) -> str:
    """The titles of all charts, lines joined."""
    return "".join("".join(page.locator(".gtitle").all_text_contents()).split())


def click_bar(page: Page, label: str) -> None:
    """Clicks the bar with that label, of the first chart that has one."""
    text = page.get_by_text(label, exact=True)
    chart = page.locator(".js-plotly-plot").filter(has=page.locator(".ytick").filter(has=text)).first
    chart.scroll_into_view_if_needed()
    row = chart.locator(".ytick").filter(has=text).bounding_box()
    bars = chart.locator(".trace.bars .point path").first.bounding_box()
    assert row
    assert bars
    page.mouse.click(bars["x"] + 3, row["y"] + row["height"] / 2)


def download(page: Page, name: str) -> bytes:
    with page.expect_download() as waiting:
        page.get_by_role("button", name=name, exact=True).last.click()
    return Path(waiting.value.path()).read_bytes()


@pytest.mark.parametrize("name", [pytest.param(n, marks=RARELY if n in OPENED else ()) for n in NAMES])
def test_page_opens_with_its_charts_on_a_projector_and_on_a_phone(
    page: Page, server: str, open_page: Open, settle: Settle, name: str
) -> None:
    open_page(page, f"{server}/{name}")
    stands(page, name)
    shrinks(page, settle)


MISPLACED = """() => {
  const frames = [...document.querySelectorAll('[class*="st-key-frame"]:has(.js-plotly-plot)')];
  return frames.filter(frame => {
    const box = frame.getBoundingClientRect();
    const chart = frame.querySelector(".js-plotly-plot").getBoundingClientRect();
    const buttons = [...frame.querySelectorAll("button")].map(button => button.getBoundingClientRect());
    return chart.width < 0.8 * box.width
      || !buttons.length
      || buttons.some(one => one.top < chart.bottom || one.bottom > box.bottom || one.right > box.right);
  }).length;
}"""
"""Frames whose chart does not take a line of its own, or whose buttons do not stand below it."""


def stands(page: Page, name: str) -> None:
    """The page that is open has its charts, and says whose data they show."""
    assert page.evaluate(MISPLACED) == 0
    assert (page.locator(".js-plotly-plot").count() == 0) == (name in WITHOUT_CHARTS)
    assert "演示数据" in page.locator(".status").inner_text()
    assert "没有数据" not in titles(page)


def shrinks(page: Page, settle: Settle) -> None:
    """The page that is open fits a phone."""
    page.set_viewport_size({"width": 390, "height": 844})
    settle(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.evaluate(MISPLACED) == 0


def test_the_bar_leads_to_every_page(page: Page, server: str, open_page: Open, settle: Settle) -> None:
    open_page(page, f"{server}/")
    bar = page.get_by_test_id("stTopNav")
    assert page.get_by_test_id("stTopNavLink").all_inner_texts() == [t for g, _, t in PAGES if not g]
    for group in dict.fromkeys(group for group, _, _ in PAGES if group):
        bar.get_by_text(group, exact=True).click()
        links = page.get_by_test_id("stTopNavDropdownLink")
        expect(links).to_have_text([title for g, _, title in PAGES if g == group])
        page.keyboard.press("Escape")
    bar.get_by_text("分析", exact=True).click()
    page.get_by_test_id("stTopNavDropdownLink").filter(has_text="指标口径").click()
    expect(page).to_have_url(re.compile(r"/dictionary\?period="))
    settle(page)


def test_a_table_gives_files_only_by_the_buttons_that_note_it(
    page: Page, server: str, open_page: Open, settle: Settle
) -> None:
    open_page(page, f"{server}/worklist?period=2021-11")
    table = page.get_by_test_id("stDataFrame").last
    table.scroll_into_view_if_needed()
    table.hover()
    tools = page.get_by_test_id("stElementToolbar").last
    expect(tools.get_by_role("button", name="Search")).to_be_visible()
    assert tools.locator('[aria-label="Download as CSV"]').count() == 1  # it is there, under this very name
    expect(tools.locator('[aria-label="Download as CSV"]')).to_be_hidden()
    assert download(page, "CSV")


def test_one_click_on_a_tile_shows_where_its_change_lies(
    page: Page, server: str, open_page: Open, settle: Settle
) -> None:
    open_page(page, f"{server}/?period=2021-11")
    page.locator(".st-key-changes-tile-petitions-1 button").click()
    settle(page)
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("信访总量217件，同比上升3.8%，增加8件。")
    assert "同比增加8件：新陂镇+9、叶塘镇+7、水口镇-7，其余-1" in titles(page)
    dialog.get_by_role("button", name="信访形式").click()
    settle(page)
    expect(dialog).to_contain_text("水口镇·来信-6件")
    dialog.get_by_role("radio", name="环比").click()
    settle(page)
    expect(dialog).to_contain_text("环比上升70.9%，增加90件。")
    dialog.get_by_role("button", name="导出", exact=True).click()
    settle(page)
    rows = list(csv.reader(io.StringIO(download(page, "CSV").decode("utf-8-sig"))))
    assert rows[0] == ["镇街", "信访形式", "信访总量环比基数", "信访总量（件）", "增减（件）"]
    assert sum(int(row[4]) for row in rows[1:] if len(row) == 5) == 90


def test_a_row_of_a_ranking_opens_where_its_change_lies_once(
    page: Page, server: str, open_page: Open, settle: Settle
) -> None:
    open_page(page, f"{server}/townships?period=2021-11")
    page.set_viewport_size({"width": 1280, "height": 4000})  # a table to click on lies under no bar
    settle(page)
    table = page.locator('[class*="st-key-rows-petitions"] canvas').first.bounding_box()
    assert table
    page.mouse.click(table["x"] + 14, table["y"] + 52)
    settle(page)
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("筛选：镇街=兴田街道")
    expect(dialog).to_contain_text("信访总量24件")
    dialog.get_by_role("button", name="Close").click()
    page.get_by_role("button", name="◀ 上月").click()
    settle(page)
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_the_address_of_an_explanation_opens_it_again(page: Page, server: str, open_page: Open) -> None:
    open_page(page, f"{server}/changes?period=2021-11&of=积案剩余&against=环比&within=批次")
    assert "环比减少3宗：第二批-3" in titles(page)


def test_published_figures_of_2021_are_on_the_overview(page: Page, server: str, open_page: Open) -> None:
    open_page(page, f"{server}/?period=2021")
    assert "605件" in tile(page, "来信")
    assert "432批/1,237人次" in tile(page, "来访")
    assert "899件" in tile(page, "上级交办")
    assert "100.0%" in tile(page, "按期办结率")
    assert "23宗" in tile(page, "积案剩余")


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_figures_of_2021_are_on_their_pages(
    page: Page, server: str, open_page: Open, settle: Settle, name: str
) -> None:
    open_page(page, f"{server}/{name}?period=2021")
    stands(page, name)
    for label, number in PUBLISHED[name].items():
        assert number in tile(page, label), label
    if name == "backlog":
        assert "第一批110宗全部办结；第二批办结15宗（39.5%），剩余23宗" in titles(page)
    shrinks(page, settle)


def test_nine_supervisors_and_ninety_cases(page: Page, server: str, open_page: Open) -> None:
    open_page(page, f"{server}/explore?period=2021&metric=督办件&by=督办人&by=督办来源&as=表")
    rows = list(csv.reader(io.StringIO(download(page, "CSV").decode("utf-8-sig"))))
    mine = [row for row in rows[1:] if len(row) == 3 and row[1] == "全员包案"]
    assert len({row[0] for row in mine}) == 9
    assert sum(int(row[2]) for row in mine) == 90


def test_click_on_a_bar_filters_and_back_undoes_it(
    page: Page, server: str, open_page: Open, settle: Settle
) -> None:
    open_page(page, f"{server}/?period=2021-11")
    before = tile(page, "信访总量")
    click_bar(page, "宁新街道")
    settle(page)
    expect(page).to_have_url(re.compile("township="))
    assert tile(page, "信访总量") != before
    page.go_back()
    settle(page)
    assert "township" not in page.url
    assert tile(page, "信访总量") == before


def test_copied_address_opens_the_same_view_elsewhere(
    page: Page, chromium: Browser, server: str, open_page: Open, settle: Settle
) -> None:
    open_page(page, f"{server}/?period=2021-10&township=宁中镇&channel=来访")
    other = chromium.new_context(viewport={"width": 1280, "height": 720})
    copy = other.new_page()
    open_page(copy, page.url)
    assert tile(copy, "信访总量") == tile(page, "信访总量")
    assert copy.get_by_role("heading", level=3).first.inner_text() == "2021年10月 信访形势"
    assert "镇街=宁中镇" in copy.locator("body").inner_text()
    other.close()


def filter_box(page: Page, label: str) -> Locator:
    boxes = page.get_by_test_id("stSidebar").get_by_test_id("stMultiSelect")
    return boxes.filter(has=page.get_by_text(label, exact=True))


def test_a_topic_opens_the_level_below_and_closes_it(
    page: Page, server: str, open_page: Open, settle: Settle
) -> None:
    deep = f"{server}/?period=2021&topic_1=城乡建设&topic_2=村镇建设"
    open_page(page, deep)
    some = tile(page, "信访总量")
    assert "内容一级=城乡建设，内容二级=村镇建设" in page.get_by_test_id("stMain").inner_text()
    page.reload()
    settle(page)
    assert tile(page, "信访总量") == some
    filter_box(page, "内容一级").get_by_role("button", name="Clear all").click()
    settle(page)
    expect(page).to_have_url(f"{server}/?period=2021")
    assert filter_box(page, "内容二级").locator("input").is_disabled()
    assert tile(page, "信访总量") != some


def test_a_click_goes_down_to_the_next_level_and_back(
    page: Page, server: str, open_page: Open, settle: Settle
) -> None:
    open_page(page, f"{server}/content?period=2021")
    for level, label in (("topic_1", "城乡建设"), ("topic_2", "城市建设和管理")):
        click_bar(page, label)
        settle(page)
        expect(page).to_have_url(re.compile(f"{level}="))
    page.go_back()
    settle(page)
    assert "topic_1=" in page.url
    assert "topic_2=" not in page.url


def test_unknown_name_in_the_address_is_told(page: Page, server: str, open_page: Open) -> None:
    open_page(page, f"{server}/?township=不存在镇")
    assert "不存在镇" in page.get_by_test_id("stToast").inner_text()


def test_from_a_number_to_its_records_and_their_file(
    page: Page, server: str, open_page: Open, settle: Settle
) -> None:
    open_page(page, f"{server}/?period=2021-11&township=水口镇")
    shown = int(re.search(r"信访总量(\d+)件", tile(page, "信访总量"))[1])  # type: ignore[index]
    page.locator('[class*="st-key-records-tile-petitions"] button').click()
    settle(page)
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text(f"共 {shown} 件")
    content = download(page, "CSV")
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    records = [row for row in rows if (row["登记日期"] or "").startswith("2021-11")]
    assert len(records) == shown
    assert {row["镇街"] for row in records} == {"水口镇"}


def test_from_a_pair_of_marks_to_its_records(
    page: Page, server: str, open_page: Open, settle: Settle
) -> None:
    open_page(page, f"{server}/repeats?period=2021-11")
    pair = page.get_by_role("button", name=re.compile("首次、重件"))
    shown = int(re.search(r"(\d+)件", pair.inner_text())[1])  # type: ignore[index]
    pair.click()
    settle(page)
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text(f"共 {shown} 件；筛选：初重件=重件，关联结果=首次")


def taken(page: Page, name: str) -> tuple[str, bytes]:
    """The file that a button of a chart's menu gives, with its name."""
    with page.expect_download() as waiting:
        page.get_by_role("button", name=name, exact=True).last.click()
    return waiting.value.suggested_filename, Path(waiting.value.path()).read_bytes()


def test_a_chart_gives_its_slide_its_table_its_address_and_its_sentence(
    page: Page, server: str, open_page: Open, settle: Settle
) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    open_page(page, f"{server}/?period=2021-11&township=水口镇&channel=来访")
    page.get_by_role("button", name="导出", exact=True).first.click()
    settle(page)
    title = titles(page).split("信访总量·")[0]
    name, png = taken(page, "PNG")
    assert name == "信访总量_2019-12-01_2021-11-30.png"
    assert struct.unpack(">II", png[16:24]) == (1920, 1080)
    assert len(set(zlib.decompress(_pixels(png)))) > 50
    name, svg = taken(page, "SVG")
    assert name.endswith(".svg")
    words = "".join("".join(ElementTree.fromstring(svg).itertext()).split())
    source = "来源：兴宁市信访局；截至2021-12-13；信访事项第1版；演示数据；筛选：信访形式=来访，镇街=水口镇"
    assert title in words
    assert source in words
    name, table = taken(page, "CSV")
    assert name == "信访总量_2019-12-01_2021-11-30.csv"
    assert table.startswith(b"\xef\xbb\xbf")
    assert source in table.decode("utf-8-sig")
    assert taken(page, "Excel")[1].startswith(b"PK")
    page.get_by_role("button", name="复制结论", exact=True).click()
    expect(page.get_by_role("button", name="已复制")).to_be_visible()
    measure = "信访总量·2019年12月—2021年11月·单位：件"
    sentence = page.evaluate("navigator.clipboard.readText()").replace(" ", "")
    assert sentence == f"{title}（{measure}；{source}）。"
    page.get_by_role("button", name="复制链接", exact=True).click()
    expect(page.get_by_role("button", name="已复制")).to_have_count(2)
    copy = page.context.new_page()
    open_page(copy, page.evaluate("navigator.clipboard.readText()"))
    assert tile(copy, "信访总量") == tile(page, "信访总量")
    assert titles(copy) == titles(page)


def _pixels(png: bytes) -> bytes:
    """The packed pixels of a PNG, its chunks joined."""
    at, packed = 8, b""
    while at < len(png):
        length, kind = struct.unpack(">I4s", png[at : at + 8])
        packed += png[at + 8 : at + 8 + length] if kind == b"IDAT" else b""
        at += 12 + length
    return packed


def test_filter_that_a_tile_lacks_is_named(page: Page, server: str, open_page: Open) -> None:
    open_page(page, f"{server}/?period=2021-11&channel=来信")
    assert "不受“信访形式”筛选" in tile(page, "积案剩余")
    assert "不受" not in tile(page, "信访总量")


def test_a_profile_on_paper_is_the_profile_alone(
    page: Page, server: str, open_page: Open, settle: Settle
) -> None:
    page.set_viewport_size({"width": 1920, "height": 1080})
    open_page(page, f"{server}/township?period=2021-11&township=宁中镇")
    assert page.get_by_role("heading", level=3).first.inner_text() == "2021年11月 宁中镇 镇街画像"
    widest = "Math.max(...[...document.querySelectorAll('.main-svg')].map(s => s.clientWidth))"
    assert page.evaluate(widest) <= 1040
    page.emulate_media(media="print")
    for hidden in ("stSidebar", "stHeader", "stButton", "stPopover", "stSelectbox"):
        assert [box.is_visible() for box in page.get_by_test_id(hidden).all()].count(True) == 0, hidden
    for shown in (".tile", ".js-plotly-plot", "h3"):
        expect(page.locator(shown).first).to_be_visible()
    page.set_viewport_size({"width": 718, "height": 1040})  # A4 within its margins
    assert page.evaluate("document.documentElement.scrollWidth") <= 718


def test_an_address_asks_whether_a_number_is_unusual_and_leads_to_the_method(
    page: Page, server: str, open_page: Open, settle: Settle
) -> None:
    open_page(page, f"{server}/signals?period=2021-11&of=重复信访率&across=信访形式")
    body = page.locator("body").inner_text()
    assert "2021年11月重复信访率" in body
    assert "信访形式共" in body
    link = page.get_by_role("link", name="怎样判断").get_attribute("href")
    assert link
    open_page(page, f"{server}/{link}")
    assert page.get_by_role("heading", level=4).inner_text() == "正常波动与控制图"
    page.get_by_text("漏斗图", exact=True).first.click()
    settle(page)
    expect(page).to_have_url(re.compile("method="))
    assert "像个漏斗" in page.locator("body").inner_text()
    assert "丙镇偏高" in titles(page)

"""The whole meeting by keyboard on two sizes of screen: nothing scrolls, overlaps or is too small."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import PATIENCE, READY
from playwright.sync_api import Page, expect

from analytics.settings import load_site
from analytics.site import ROOT
from analytics.store import Store
from tests.bureau import Bureau, item

Open = Callable[[Page, str], None]
Settle = Callable[[Page], None]

Size = tuple[int, int]
SMALL, LARGE = (1280, 720), (1920, 1080)
FAULTS = """() => {
  const scale = innerWidth / 1280, faults = [], texts = [], stage = document.querySelector('.st-key-stage')
  const shown = e => { const r = e.getBoundingClientRect(); return r.width > 0 && r.height > 0 }
  const said = (e, what, ...more) => faults.push([e.textContent.trim().slice(0, 30), what, ...more].join(' '))
  const root = document.documentElement
  for (const e of [root, document.querySelector('[data-testid=stMain]')])
    if (e.scrollHeight > innerHeight || e.scrollWidth > innerWidth)
      faults.push('scrolls')
  for (const e of document.querySelectorAll('header, [data-testid=stSidebar], [data-testid=stToolbar]'))
    if (shown(e)) faults.push(`${e.dataset.testid} is shown`)

  const rgb = text => text.match(/[\\d.]+/g).map(Number)
  const luminance = text => {
    const linear = v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4
    const [r, g, b] = rgb(text).slice(0, 3).map(v => linear(v / 255))
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  const behind = e => {
    const bar = e.closest('.bars .point')?.querySelector('path')
    if (bar) return getComputedStyle(bar).fill
    for (; e; e = e.parentElement) {
      const colour = getComputedStyle(e).backgroundColor
      if (!(e instanceof SVGElement) && rgb(colour)[3] !== 0) return colour
    }
    return 'rgb(255, 255, 255)'
  }
  const walker = document.createTreeWalker(stage, NodeFilter.SHOW_TEXT)
  while (walker.nextNode()) {
    const node = walker.currentNode, e = node.parentElement
    if (!node.textContent.trim() || ['STYLE', 'SCRIPT'].includes(e.tagName) || !shown(e)) continue
    const style = getComputedStyle(e), drawing = e.closest('.js-plotly-plot')
    const enlarged = drawing ? drawing.getBoundingClientRect().width / drawing.offsetWidth : 1
    const size = parseFloat(style.fontSize) * enlarged
    const large = e.matches('.value') ? 40 : 24
    if (size < large * scale - 0.1) said(e, 'is too small:', size / scale)
    if (/[■●━]/.test(node.textContent)) continue // a sign in the colour of what it names
    const own = e instanceof SVGElement ? style.fill : style.color
    const [one, other] = [own, behind(e)].map(luminance)
    const contrast = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05)
    if (contrast < 4.5) said(e, 'stands out too little:', contrast)
    const range = document.createRange()
    range.selectNodeContents(node)
    for (const box of range.getClientRects()) {
      const middle = (box.top + box.bottom) / 2, half = size * 0.45 // without the leading
      texts.push({ e, left: box.left + 1, right: box.right - 1, top: middle - half, bottom: middle + half })
    }
  }
  const apart = (a, b) => a.right <= b.left || a.bottom <= b.top
  const over = (a, b) => !apart(a, b) && !apart(b, a)
  for (const box of texts)
    if (box.left < 0 || box.top < 0 || box.right > innerWidth || box.bottom > innerHeight)
      said(box.e, 'is cut off')
  texts.forEach((a, i) => texts.slice(i + 1).forEach(b => {
    if (a.e !== b.e && over(a, b)) said(a.e, 'lies on', b.e.textContent.trim().slice(0, 30))
  }))
  const parts = ['.stage-eyebrow', '.stage-title', '.stage-numbers', '.stage-measure', '.stage-told',
    '.st-key-stage-chart .js-plotly-plot', '.st-key-stage-list-0',
    '.st-key-stage-list-1', '.st-key-stage-foot']
  const box = (part, e) => {
    const { left, top, right, bottom } = e.getBoundingClientRect()
    return { part, left, top, right: right - 1, bottom: bottom - 1 }
  }
  const boxes = parts.flatMap(part => [...stage.querySelectorAll(part)].map(e => box(part, e)))
  boxes.forEach((a, i) => boxes.slice(i + 1).forEach(b => {
    if (over(a, b)) faults.push(`${a.part} lies on ${b.part}`)
  }))
  if (!boxes.some(box => box.part === '.stage-title')) faults.push('no title')
  return faults
}"""


def check(page: Page, *sizes: Size) -> None:
    """The screen at these sizes, as the browser lays it out."""
    for width, height in sizes:
        page.set_viewport_size({"width": width, "height": height})
        page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
        assert page.evaluate(FAULTS) == [], f"{heading(page)} at {width}×{height}"


def heading(page: Page) -> str:
    return "".join(page.locator(".stage-title").inner_text().split())


def press(page: Page, key: str) -> str:
    """Presses a key that leads elsewhere; the title there."""
    before = page.url
    page.keyboard.press(key)
    expect(page).not_to_have_url(before, timeout=PATIENCE * 1000)
    page.wait_for_selector(READY)
    return heading(page)


@pytest.mark.parametrize(
    "sizes", [(SMALL,), pytest.param((SMALL, LARGE), marks=pytest.mark.long)], ids=["small", "both"]
)
def test_the_whole_meeting_by_keyboard(
    page: Page, own_server: str, own_data: Path, open_page: Open, settle: Settle, sizes: tuple[Size, ...]
) -> None:
    open_page(page, f"{own_server}/data?period=2021-11")
    page.get_by_role("button", name="会议模式").click()
    page.wait_for_selector(".stage-title")
    settle(page)
    assert heading(page) == "2021年11月信访形势分析研判材料"
    check(page, *sizes)
    press(page, "m")
    check(page, *sizes)
    screens = page.locator('[class*="st-key-stage-list"] button').count()
    press(page, "Escape")
    seen = [heading(page)]
    for at in range(1, screens):
        seen.append(press(page, ("ArrowRight", "PageDown", "Space")[at % 3]))
        expect(page.locator(".stage-eyebrow")).to_contain_text(f"{at + 1}/{screens}")
        check(page, *sizes)
    assert press(page, "PageUp") == seen[-2]
    assert press(page, "ArrowLeft") == seen[-3]

    # one level down and back, by key and by click
    press(page, "m")
    page.get_by_role("button", name="三、属地分布", exact=True).click()
    expect(page.locator(".stage-title")).to_contain_text("兴田街道最多：24件")
    settle(page)
    assert press(page, "ArrowDown").startswith("兴田街道：2021年11月信访总量24件")
    check(page, *sizes)
    expect(page.locator(".stage-numbers")).to_contain_text("占全部11.1%")
    page.reload()
    settle(page)
    assert heading(page).startswith("兴田街道：")
    assert press(page, "Enter").startswith("叶塘镇：")
    assert press(page, "Escape") == "兴田街道最多：24件，占11.1%"
    settle(page)
    row = page.locator(".ytick").get_by_text("坭陂镇").bounding_box()
    bar = page.locator(".bars .point path").first.bounding_box()
    assert row
    assert bar
    page.mouse.click(bar["x"] + 40, row["y"] + row["height"] / 2)
    expect(page.locator(".stage-title")).to_contain_text("坭陂镇：2021年11月信访总量15件")
    assert press(page, "ArrowUp") == "兴田街道最多：24件，占11.1%"

    # an import in its midst changes nothing, here or elsewhere
    manifest = own_data / "manifest.json"
    Store(own_data).adopt(json.loads(manifest.read_text("utf-8")) | {"demo": False})
    bureau = Bureau(own_data, load_site(ROOT / "site.toml"))
    bureau.bring("petitions", *(item(f"n{n}", "2021-11-06", township="兴田街道") for n in range(40)))
    page.reload()
    settle(page)
    assert heading(page) == "兴田街道最多：24件，占11.1%"
    other = page.context.new_page()
    open_page(other, page.url)
    assert heading(other) == heading(page)
    other.close()

    # back to the page that one came from, of what is served now
    page.keyboard.press("Escape")
    expect(page.locator(".status")).to_contain_text("信访事项 2")
    assert re.search(r"/data\?period=2021-11$", page.url)

"""Uploading an export on the page 数据: a preview first, nothing written before it is confirmed."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from conftest import serving
from playwright.sync_api import Page, expect

from tests.serving import petition

Open = Callable[[Page, str], None]
Settle = Callable[[Page], None]
HEAD = "信访件编号,登记日期,信访形式,人数,问题属地,责任单位,姓名,手机号\n"


def lines(*rows: str) -> str:
    return HEAD + "".join(f"{row}\n" for row in rows)


@pytest.fixture(scope="module")
def real_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory that holds one month of a bureau's own rows."""
    tmp_path = tmp_path_factory.mktemp("real")
    file = tmp_path / "三月.csv"
    file.write_text(
        lines("A1,2021-03-01,来信,1,宁中镇,市水务局,张某某,", "A2,2021-03-02,来访,6,叶塘镇,市公安局,李某某,"),
        "gb18030",
    )
    data = tmp_path / "真实 数据 100%"
    subprocess.run(petition("import", str(file), "--data", str(data)), check=True, stdin=subprocess.DEVNULL)
    return data


@pytest.fixture(scope="module")
def address(real_data: Path) -> Iterator[str]:
    with serving(real_data, real_data.parent / "log.txt") as address:
        yield address


def count(data: Path) -> int:
    command = petition("query", "petitions", "--data", str(data), "--format", "json")
    answer = subprocess.run(command, check=True, capture_output=True, stdin=subprocess.DEVNULL)
    return int(json.loads(answer.stdout)["rows"][0]["petitions"])


def upload(page: Page, name: str, content: bytes) -> None:
    page.locator('input[type="file"]').first.set_input_files(
        {"name": name, "mimeType": "text/csv", "buffer": content}
    )


def test_a_preview_then_the_import(
    page: Page, address: str, real_data: Path, open_page: Open, settle: Settle
) -> None:
    open_page(page, f"{address}/data")
    assert "演示数据" not in page.locator(".status").inner_text()
    april = [f"B{n},2021-04-{n:02d},来信,1,宁中,市水务局,王某某,13800000000" for n in range(1, 26)]
    content = lines("A1,2021-03-01,来信,1,新陂镇,市水务局,张某某,", *april, "B99,2021-02-30,来信,1,宁中,,,")
    upload(page, "四月.csv", content.encode("utf-8-sig"))
    body = page.get_by_test_id("stMain")
    expect(body).to_contain_text("预览（尚未写入）")
    settle(page)
    expect(body).to_contain_text("新增 25，更新 1，未变 0，移除 0，拒绝 1")
    assert count(real_data) == 2
    page.get_by_role("button", name="确认导入").click()
    expect(body).to_contain_text("已导入")
    settle(page)
    assert count(real_data) == 27
    page.goto(f"{address}/?period=2021-04")
    settle(page)
    assert re.search(r"信访总量\s*25\s*件", page.locator(".tile").first.inner_text())


def test_what_was_never_imported_is_not_nought(page: Page, address: str, open_page: Open) -> None:
    open_page(page, f"{address}/backlog")
    text = page.get_by_test_id("stMain").inner_text()
    assert "尚未导入信访积案" in text
    assert not re.search(r"积案剩余\s*0", text)


BAD = [
    ("空.csv", b"", "空"),
    ("假.xlsx", b"not a workbook", "xlsx"),
    ("缺列.csv", "信访件编号,登记曰期,信访形式\nC1,2021-04-01,来信\n".encode(), "登记日期"),
]


def test_a_bad_file_gets_one_message(page: Page, address: str, open_page: Open, settle: Settle) -> None:
    for name, content, told in BAD:
        open_page(page, f"{address}/data")
        upload(page, name, content)
        alert = page.get_by_test_id("stAlert")
        expect(alert).to_contain_text(told)
        settle(page)
        assert alert.count() == 1
        assert page.get_by_role("button", name="确认导入").count() == 0


def test_a_missing_file_is_named_and_once_imported_its_page_speaks(
    page: Page, address: str, open_page: Open, settle: Settle
) -> None:
    open_page(page, f"{address}/receptions?period=2021-03")
    body = page.get_by_test_id("stMain")
    expect(body).to_contain_text("尚未导入领导接访")
    expect(body).to_contain_text("petition import 文件.xlsx --dataset receptions")
    assert page.locator(".js-plotly-plot").count() == 0
    content = "接访编号,接访日期,接访领导,领导级别,接访形式,接访地点,批次,人次,交办事项数,化解数\n" + "".join(
        f"J{day},2021-03-{day},市领导一,市级,定点接访,兴宁市信访局,{batches},{2 * batches},2,1\n"
        for day, batches in ((15, 3), (28, 4))
    )
    open_page(page, f"{address}/data")
    upload(page, "接访.csv", content.encode("utf-8-sig"))
    expect(body).to_contain_text("新增 2，更新 0，未变 0，移除 0，拒绝 0")
    settle(page)
    page.get_by_role("button", name="确认导入").click()
    expect(body).to_contain_text("已导入")
    open_page(page, f"{address}/receptions?period=2021-03")
    assert re.search(r"7\s*批\s*/\s*14\s*人次", body.inner_text())
    assert re.search(r"接访日落实率\s*100\.0%", body.inner_text())

"""The annex: real numbers in their formats, text that stays text, a sheet a table, definitions, sources."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet
from openxml_audit import OpenXmlValidator

from analytics.briefs.brief import Brief
from analytics.briefs.compose import brief
from analytics.model import Selection
from analytics.render.annex import annex_bytes
from analytics.render.table import typed
from analytics.render.workbook import Table, put_table, written
from tests.bureau import Bureau, item, period
from tests.conftest import Shared
from tests.results import result


@pytest.fixture(scope="module")
def found(demo_brief: Callable[[str], Brief]) -> Brief:
    return demo_brief("2021-11")


@pytest.fixture(scope="module")
def content(found: Brief, shared: Shared) -> bytes:
    return shared.once("annex", lambda: annex_bytes(found))


@pytest.fixture(scope="module")
def book(content: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(content))


def cells(sheet: Worksheet) -> list[list[Any]]:
    return [[cell.value for cell in row] for row in sheet.iter_rows()]


def test_it_passes_the_audit_and_is_the_same_every_time(
    found: Brief, content: bytes, demo_brief: Callable[[str], Brief], tmp_path: Path
) -> None:
    assert annex_bytes(found) == content
    for name, data in (
        ("2021-11", content),
        ("2018-05", annex_bytes(demo_brief("2018-05"))),
    ):
        file = tmp_path / f"{name}.xlsx"
        file.write_bytes(data)
        assert [str(e) for e in OpenXmlValidator().validate(str(file)).errors] == []


def test_every_figure_has_its_sheet_with_its_numbers(found: Brief, book: Any) -> None:
    figures = [
        (f"{at}.{n} {chapter.title}", figure)
        for at, chapter in enumerate(found.chapters, 1)
        for n, figure in enumerate(chapter.figures, 1)
    ]
    assert book.sheetnames == ["目录", "正文", *(name for name, _ in figures), "指标口径", "来源与版本"]
    for name, figure in figures:
        sheet, table = book[name], typed(figure.result)
        assert [cell.value for cell in sheet[1]][: len(table.headers)] == table.headers
        for row, expected in zip(sheet.iter_rows(min_row=2), table.rows, strict=False):
            values = [cell.value.date() if isinstance(cell.value, datetime) else cell.value for cell in row]
            assert values[: len(expected)] == pytest.approx(expected, nan_ok=True) or values == expected
        assert (sheet.freeze_panes, sheet.auto_filter.ref is None) == ("A2", False)


def test_every_chart_draws_cells_of_its_own_sheet(found: Brief, content: bytes) -> None:
    with ZipFile(io.BytesIO(content)) as archive:
        charts = [archive.read(n).decode() for n in archive.namelist() if n.startswith("xl/charts/chart")]
    assert len(charts) == sum(len(chapter.figures) for chapter in found.chapters)
    for chart in charts:
        assert len(set(re.findall(r"<c:f>'?([^'!<]+)'?!", chart))) == 1


def test_contents_link_to_every_sheet(book: Any) -> None:
    links = [cell.hyperlink.location for cell in book["目录"]["A"] if cell.hyperlink]
    assert links == [f"'{name}'!A1" for name in book.sheetnames[1:]]


def test_the_text_and_its_sources_are_there(found: Brief, book: Any) -> None:
    text = "\n".join(str(row[2]) for row in cells(book["正文"]))
    assert "信访总量217件，同比上升3.8%[1]" in text
    sources = {row[0]: row[1:3] for row in cells(book["来源与版本"])}
    for at, source in enumerate(found.sources, 1):
        assert sources[at] == [source.words, source.command]
    assert sources["信访事项版本"][0] == "第1版" and sources["数据截至"][0] == f"{found.as_of}"
    notes = cells(book["1.1 总体情况"])
    assert ["结论", found.chapters[0].figures[0].finding] in [row[:2] for row in notes]


def test_definitions_say_what_each_metric_means(book: Any) -> None:
    rows = {row[5]: row for row in cells(book["指标口径"])}
    assert rows["repeat_rate"][:2] == ["重复信访率", "%"]
    assert all(row[2] and row[3] for row in rows.values())


def test_numbers_have_the_formats_of_their_kind() -> None:
    counted = typed(result("petitions", "month", {"2021-11": 217}, {"2021-11": 209}))
    assert counted.formats == ["yyyy-mm", "#,##0", "#,##0", "+0.0%;-0.0%;0.0%"]
    assert counted.rows == [[date(2021, 11, 1), 217, 209, pytest.approx(8 / 209)]]
    rated = typed(result("repeat_rate", "channel", {"letter": (1, 4)}, {"letter": (1, 2)}))
    assert rated.formats[1:] == ["0.0%", "0.0%", '+0.0"个百分点";-0.0"个百分点";0.0"个百分点"']
    assert rated.rows == [["来信", 0.25, 0.5, -25.0]]
    days = typed(result("median_days", "", {"": (3, 1)}, {"": (5, 1)}))
    assert days.formats[0] == "#,##0" and days.formats[2] == '+0"天";-0"天";0"天"'


def test_text_like_a_formula_stays_text_also_when_it_is_edited() -> None:
    target, hostile = io.BytesIO(), ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", '=HYPERLINK("x")']
    with written(target) as new:
        put_table(new, new.sheet("数据"), Table(["单位"], [[text] for text in hostile]))
    sheet = openpyxl.load_workbook(target).active
    assert sheet is not None
    for cell, text in zip(sheet["A"][1:], hostile, strict=True):
        assert (cell.value, cell.data_type, cell.quotePrefix) == (text, "s", True)
    assert not sheet["A1"].quotePrefix


def test_names_like_formulas_stay_text_in_the_annex(tmp_path: Path) -> None:
    bureau = Bureau(tmp_path / "store")
    bureau.bring("petitions", *(item(n, date(2021, 3, 1 + n), category_1="=1+1") for n in range(12)))
    data = annex_bytes(brief(bureau.engine, Selection(period("2021-03"))))
    sheets = openpyxl.load_workbook(io.BytesIO(data))
    kinds = {
        cell.data_type
        for sheet in sheets
        for row in sheet.iter_rows()
        for cell in row
        if cell.value == "=1+1"
    }
    assert kinds == {"s"}


def test_names_of_sheets_are_valid_and_unique() -> None:
    target = io.BytesIO()
    with written(target) as new:
        for name in ("a:b/c[d]*?\\", "某" * 40, "某" * 40, "'x'", "X", "x", ""):
            new.sheet(name)
    names = openpyxl.load_workbook(target).sheetnames
    assert names == ["a b c d", "某" * 31, f"{'某' * 29}_2", "x", "X_2", "x_3", "表"]

"""Tables and the files that people get: the same numbers, real numbers and dates, text that stays text."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from analytics.render.table import columns, csv_bytes, labelled_rows, shown_rows, xlsx_bytes
from analytics.render.workbook import Table
from tests.results import result

HEADERS = ("镇街", "来信（件）", "重复信访率", "登记日期")
ROWS = (("宁中镇", 12345, 0.934, date(2021, 11, 5)), ("未填", 0, None, None))
NOTES = {"来源": "示例信访局", "筛选": "=1+1"}
HOSTILE = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("x")')

COMPARED = result(
    "repeat_rate", "channel", {"letter": (1, 4), "phone": (0, 0)}, {"letter": (1, 2), "phone": (1, 3)}
)


def read_csv(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def read_xlsx(data: bytes) -> Worksheet:
    sheet = openpyxl.load_workbook(io.BytesIO(data)).active
    assert isinstance(sheet, Worksheet)
    return sheet


# --- tables ---------------------------------------------------------------------------------------


def test_columns_are_named_for_people() -> None:
    assert columns(result("visit_persons", "township month", {})) == {
        "township": "镇街",
        "month": "月份",
        "visit_persons": "来访人次（人次）",
    }
    assert columns(COMPARED) == {
        "channel": "信访形式",
        "repeat_rate": "重复信访率",
        "repeat_rate_base": "重复信访率同比基数",
        "repeat_rate_change": "重复信访率同比",
    }
    assert "来信环比" in columns(result("letters", "", {"": 1}, {"": 1}, compare="previous")).values()


def test_lines_are_as_people_read_them() -> None:
    assert shown_rows(COMPARED) == [
        ["来信", "25.0%", "50.0%", "-25.0个百分点"],
        ["来电", "—", "33.3%", "—"],
    ]
    assert shown_rows(result("letters", "", {"": 12345})) == [["1.2万"]]


def test_files_hold_the_numbers_themselves() -> None:
    headers, rows = labelled_rows(COMPARED)
    assert headers == list(columns(COMPARED).values())
    assert rows == [["来信", 0.25, 0.5, -0.25], ["来电", None, 1 / 3, None]]
    assert labelled_rows(result("letters", "", {"": 12345}))[1] == [[12345]]


# --- CSV ------------------------------------------------------------------------------------------


def test_csv_opens_in_excel_with_chinese_intact() -> None:
    data = csv_bytes(HEADERS, ROWS, NOTES)
    assert data.startswith("\ufeff镇街,".encode())
    assert data.count(b"\r\n") == 6


def test_csv_holds_the_table_then_the_notes() -> None:
    assert read_csv(csv_bytes(HEADERS, ROWS, NOTES)) == [
        list(HEADERS),
        ["宁中镇", "12345", "0.934", "2021-11-05"],
        ["未填", "0", "", ""],
        [],
        ["来源", "示例信访局"],
        ["筛选", "'=1+1"],
    ]


@pytest.mark.parametrize("text", HOSTILE)
def test_csv_text_that_could_be_a_formula_stays_text(text: str) -> None:
    assert read_csv(csv_bytes(["单位"], [[text]], {}))[1] == ["'" + text]


def test_csv_numbers_below_zero_stay_numbers() -> None:
    assert read_csv(csv_bytes(["变化"], [[-0.25], [-3]], {}))[1:3] == [["-0.25"], ["-3"]]


# --- XLSX -----------------------------------------------------------------------------------------


def test_xlsx_holds_real_numbers_and_dates() -> None:
    sheet = read_xlsx(xlsx_bytes(Table(HEADERS, ROWS), NOTES))
    assert [cell.value for cell in sheet[1]] == list(HEADERS)
    assert [cell.value for cell in sheet[2]] == ["宁中镇", 12345, 0.934, datetime(2021, 11, 5)]
    assert [cell.data_type for cell in sheet[2]] == ["s", "n", "n", "d"]
    assert sheet["D2"].number_format == "yyyy-mm-dd"
    assert [cell.value for cell in sheet[3]] == ["未填", 0, None, None]


def test_xlsx_keeps_its_header_in_sight_and_its_notes_below() -> None:
    sheet = read_xlsx(xlsx_bytes(Table(HEADERS, ROWS), NOTES))
    assert sheet.freeze_panes == "A2"
    assert [cell.value for cell in sheet["A"]] == ["镇街", "宁中镇", "未填", None, "来源", "筛选"]
    assert sheet["B6"].value == "=1+1"
    assert sheet["B6"].data_type == "s"


@pytest.mark.parametrize("text", [*HOSTILE[:4], HOSTILE[6], "http://127.0.0.1/", "0012", "1e5"])
def test_xlsx_text_stays_text(text: str) -> None:
    cell = read_xlsx(xlsx_bytes(Table(["单位"], [[text]]), {}))["A2"]
    assert (cell.value, cell.data_type, cell.hyperlink) == (text, "s", None)


def test_a_table_without_rows_is_a_header_and_notes() -> None:
    assert read_csv(csv_bytes(HEADERS, [], NOTES))[:2] == [list(HEADERS), []]
    sheet = read_xlsx(xlsx_bytes(Table(HEADERS, []), NOTES))
    assert [cell.value for cell in sheet["A"]] == ["镇街", None, "来源", "筛选"]

"""Files as offices produce them, good and bad: the cells arrive as written, or one sentence says why not."""

import io
from collections.abc import Sequence
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

import msoffcrypto.format.ooxml
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlwt
from exports import HEADERS, SITE, Rows, Whole, csv_file, read, xlsx_file

from analytics.ingest import import_files, preview_files
from analytics.ingest.mapping import MappingFile
from analytics.site import Refusal
from analytics.store import Store

ROWS = [["a", "2021-01-05", "来信"], ["b", "2021-01-06", "来访"]]


def opened(path: Path, sheet: str | None = None) -> Whole:
    return read(path, MappingFile().knows, sheet)


def cells(exported: Whole) -> list[list[object]]:
    return exported.cells.astype(object).where(exported.cells.notna(), None).to_numpy().tolist()


def raw(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


# --- what is read ---------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030"])
def test_csv_in_every_encoding(tmp_path: Path, encoding: str) -> None:
    exported = opened(csv_file(tmp_path / "a.csv", HEADERS, ROWS, encoding))
    assert exported.headers == list(HEADERS)
    assert cells(exported) == ROWS
    assert exported.numbers.tolist() == [2, 3]


@pytest.mark.parametrize("title", ["", "某局登记表\r\n"])
@pytest.mark.parametrize("separator", ["\t", ";"])
def test_other_separators(tmp_path: Path, separator: str, title: str) -> None:
    lines = [separator.join(row) for row in (HEADERS, *ROWS)]
    exported = opened(raw(tmp_path / "a.txt", (title + "\r\n".join(lines)).encode("utf-16")))
    assert cells(exported) == ROWS


def test_row_numbers_are_those_of_excel(tmp_path: Path) -> None:
    text = (
        '某市信访局登记表,,\n信访件编号,登记日期,信访形式\n\na,2021-01-05,"来\n信"\n,,\nb, 2021-01-06 ,来访\n'
    )
    exported = opened(raw(tmp_path / "a.csv", text.encode()))
    assert cells(exported) == [["a", "2021-01-05", "来\n信"], ["b", "2021-01-06", "来访"]]
    assert exported.numbers.tolist() == [4, 6]
    rows: Rows = [
        ["某市信访局登记表"],
        HEADERS,
        [],
        ["a", "2021-01-05", "来\n信"],
        [],
        ["b", "2021-01-06", "来访"],
    ]
    workbook = opened(xlsx_file(tmp_path / "a.xlsx", {"表": rows}))
    assert cells(workbook) == cells(exported)
    assert workbook.numbers.tolist() == [4, 6]


@pytest.mark.parametrize("count", [1, 19, 20, 100])
def test_no_row_of_a_workbook_is_lost(tmp_path: Path, count: int) -> None:
    rows = [[f"k{n}", "2021-01-05", "来信"] for n in range(count)]
    seen: list[tuple[str, int, int]] = []
    path = xlsx_file(tmp_path / "a.xlsx", {"表": [HEADERS, *rows]})
    exported = read(path, MappingFile().knows, progress=lambda *step: seen.append(step))
    assert exported.cells["信访件编号"].tolist() == [f"k{n}" for n in range(count)]
    assert exported.numbers.tolist() == list(range(2, count + 2))
    assert seen[-1] == ("读取 a.xlsx", count, count)


def test_cells_of_a_workbook_become_text(tmp_path: Path) -> None:
    row = [2549.0, datetime(2021, 1, 5, 23, 30), "来信", 441481000000.0, 1.5, True]
    exported = opened(xlsx_file(tmp_path / "a.xlsx", {"表": [[*HEADERS, "大数", "小数", "是否"], row]}))
    assert cells(exported)[0][0] == "2549"
    assert str(cells(exported)[0][1]).startswith("2021-01-05")
    assert cells(exported)[0][2:] == ["来信", "441481000000", "1.5", "true"]


def test_old_workbooks(tmp_path: Path) -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("表")
    style = xlwt.easyxf(num_format_str="YYYY-MM-DD")
    for column, (header, cell) in enumerate(zip(HEADERS, (2549.0, date(2021, 1, 5), "来信"), strict=True)):
        sheet.write(0, column, header)
        sheet.write(1, column, cell, *[style] * isinstance(cell, date))
    book.save(str(tmp_path / "a.xls"))
    assert cells(opened(tmp_path / "a.xls")) == [["2549", "2021-01-05", "来信"]]


def test_parquet_of_any_type(tmp_path: Path) -> None:
    utc = datetime(2021, 1, 4, 23, 30, tzinfo=timezone(timedelta(hours=0)))
    table = pa.table(
        {
            "信访件编号": pa.array([2549.0]),
            "登记日期": pa.array([utc], pa.timestamp("us", "UTC")),
            "信访形式": pa.array(["来信"]).dictionary_encode(),
            "附件": pa.array([["x"]]),
        }
    )
    pq.write_table(table, tmp_path / "a.parquet")
    exported = opened(tmp_path / "a.parquet")
    assert cells(exported) == [["2549", "2021-01-04 23:30:00.000000Z", "来信"]]
    assert exported.numbers.tolist() == [1]


def test_a_header_that_stands_twice_keeps_both_columns(tmp_path: Path) -> None:
    exported = opened(
        csv_file(tmp_path / "a.csv", [*HEADERS, "备注", "备注", ""], [[*ROWS[0], "甲", "乙", "丙"]])
    )
    assert exported.headers == [*HEADERS, "备注", "备注（第 2 列）"]
    assert cells(exported) == [[*ROWS[0], "甲", "乙"]]


def test_the_mapping_picks_a_sheet(tmp_path: Path) -> None:
    path = xlsx_file(tmp_path / "a.xlsx", {"一": [HEADERS, ROWS[0]], "二": [HEADERS, ROWS[1]], "空": []})
    assert cells(opened(path, "二")) == [ROWS[1]]
    with pytest.raises(Refusal, match="没有工作表“三”，现有：一、二、空"):
        opened(path, "三")
    with pytest.raises(Refusal, match="空的"):
        opened(path, "空")


def test_a_sheet_without_data_does_not_count(tmp_path: Path) -> None:
    assert cells(opened(xlsx_file(tmp_path / "a.xlsx", {"空": [], "表": [HEADERS, *ROWS]}))) == ROWS


# --- what is refused ------------------------------------------------------------------------------


def protected(path: Path) -> bytes:
    plain = xlsx_file(path, {"表": [HEADERS, *ROWS]})
    sealed = io.BytesIO()
    with plain.open("rb") as file:
        msoffcrypto.format.ooxml.OOXMLFile(file).encrypt("口令", sealed)
    return sealed.getvalue()


def csv_text(*lines: Sequence[str], end: str = "\n") -> bytes:
    return ("\n".join(",".join(line) for line in lines) + end).encode()


BAD = {
    "empty.csv": (b"", "空文件"),
    "blank.csv": (b"\r\n \r\n", "空文件"),
    "empty.xlsx": (b"", "空文件"),
    "headers_only.csv": (csv_text(HEADERS), "没有数据行"),
    "web_page.xls": (b"<html><table><tr><td>1</td></tr></table></html>", "不是完好的 Excel 工作簿"),
    "renamed.xlsx": (csv_text(HEADERS, *ROWS), "不是完好的 Excel 工作簿"),
    "half.xlsx": (b"PK\x03\x04" + b"\0" * 200, "不是完好的 Excel 工作簿"),
    "really_a_workbook.csv": (b"PK\x03\x04" + b"\0" * 200, "其实是 XLSX"),
    "half.parquet": (b"PAR1" + b"\0" * 200, "不是完好的 Parquet"),
    "cut_in_long_quotes.csv": (
        csv_text(HEADERS, ROWS[0]) + b'b,2021-01-06,"' + b"x,y\n" * 50_000,
        "引号没有结束",
    ),
    "cut_in_quotes.csv": (csv_text(HEADERS, *ROWS) + b'c,2021-01-07,"\xe6\x9d\xa5', "不完整"),
    "cut_in_quotes_early.csv": (
        csv_text(HEADERS, ROWS[0]) + b'b,"2021-01-06,x\nc,2021-01-07,x\n',
        "第 3 行有 2 列",
    ),
    "cut_in_a_line.csv": (csv_text(HEADERS, *ROWS) + b"c,2021", "第 4 行有 2 列，表头有 3 列"),
    "cut_in_a_character.csv": (csv_text(HEADERS, *ROWS, end="")[:-1], "半个汉字"),
    "no_header.csv": (csv_text(*ROWS), "找不到表头.*前 2 行中没有一个认识的列名"),
    "unreadable.csv": (b"\x80\xff\x80\xff" * 50 + b"\n", "编码读不出来"),
    "letter.docx": (b"x", "格式不支持"),
}


@pytest.mark.parametrize("name", list(BAD))
def test_a_bad_file_gets_one_sentence_and_changes_nothing(tmp_path: Path, name: str) -> None:
    content, says = BAD[name]
    path = raw(tmp_path / name, content)
    store = Store(tmp_path / "store")
    import_files(store, SITE, [csv_file(tmp_path / "good.csv", HEADERS, ROWS)])
    before = (store.versions(), store.read("petitions").to_pylist())
    for act in (import_files, preview_files):
        with pytest.raises(Refusal, match=says) as refusal:
            act(store, SITE, [path])
        assert name in str(refusal.value)
        assert "请" in str(refusal.value)
        assert "\n" not in str(refusal.value)
    assert (store.versions(), store.read("petitions").to_pylist()) == before


def test_a_protected_workbook_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="密码"):
        opened(raw(tmp_path / "sealed.xlsx", protected(tmp_path / "open.xlsx")))


def test_two_sheets_with_data_are_listed(tmp_path: Path) -> None:
    path = xlsx_file(tmp_path / "a.xlsx", {"一月": [HEADERS, ROWS[0]], "二月": [HEADERS, ROWS[1]]})
    with pytest.raises(Refusal, match=r"2 个工作表有数据（一月、二月）.*sheet"):
        opened(path)


def test_a_workbook_without_a_header_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="找不到表头"):
        opened(xlsx_file(tmp_path / "a.xlsx", {"表": ROWS}))


def test_a_file_that_vanished_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="找不到文件"):
        opened(tmp_path / "gone.csv")
    with pytest.raises(Refusal, match=r"文件夹|打不开"):
        opened(tmp_path)


def test_a_stray_inch_mark_is_not_taken_for_a_cut(tmp_path: Path) -> None:
    text = '信访件编号,登记日期,信访形式,村居\na,2021-01-05,来信,5" 水管\n'
    assert cells(opened(raw(tmp_path / "a.csv", text.encode())))[0][3] == '5" 水管'

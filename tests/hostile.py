"""Files made to do harm, or broken on their way: each a few lines here, none of them kept."""

from __future__ import annotations

import io
import json
import random
import re
import struct
import sys
import warnings
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import xlwt
from exports import HEADERS, SITE, csv_file, xlsx_file

ROWS = [["a", "2021-01-05", "来信"], ["b", "2021-01-06", "来访"]]
MIB = 1 << 20
Make = Callable[[Path], None]

MADE: dict[str, Make] = {}
"""How each file is made, by its name."""
SHORT: set[str] = set()
"""Those that every run of the tests tries."""


def file(name: str, *, short: bool = True) -> Callable[[Make], Make]:
    def note(make: Make) -> Make:
        MADE[name] = make
        if short:
            SHORT.add(name)
        return make

    return note


# --- workbooks ------------------------------------------------------------------------------------

_FIRST = "xl/worksheets/sheet1.xml"
_SHEET = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{}</worksheet>'


def workbook(path: Path, sheet: str | bytes = "", spaces: int = 0, **parts: str | bytes) -> None:
    """A sound workbook with other parts beside or in place of its own; `spaces` follow the first sheet."""
    good = path.with_name("good.xlsx")
    xlsx_file(good, {"表": [HEADERS, *ROWS]})
    put = {_FIRST: sheet, **parts} if sheet else parts
    with zipfile.ZipFile(good) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            if entry.filename not in put:
                new.writestr(entry.filename, old.read(entry))
        for name, content in put.items():
            with new.open(name, "w", force_zip64=False) as part:
                part.write(content.encode() if isinstance(content, str) else content)
                for _ in range(spaces // MIB if name == _FIRST else 0):
                    part.write(b" " * MIB)
    good.unlink()


def inline(reference: str, text: str) -> str:
    return f'<c r="{reference}" t="inlineStr"><is><t>{text}</t></is></c>'


def rows(*lines: str) -> str:
    return _SHEET.format(f"<sheetData>{''.join(lines)}</sheetData>")


HEAD = f'<row r="1">{"".join(inline(f"{c}1", h) for c, h in zip("ABC", HEADERS, strict=True))}</row>'


@file("a_cell_in_the_last_corner.xlsx")
def _(path: Path) -> None:
    workbook(path, sheet=rows(HEAD, f'<row r="1048576">{inline("XFD1048576", "x")}</row>'))


@file("a_cell_beyond_every_sheet.xlsx", short=False)
def _(path: Path) -> None:
    workbook(path, sheet=rows(HEAD, f'<row r="4294967295">{inline("ZZZZZZ4294967295", "x")}</row>'))


@file("a_million_empty_rows.xlsx")
def _(path: Path) -> None:
    workbook(path, sheet=rows(HEAD, *(f'<row r="{n}"/>' for n in range(2, 1_000_001))))


@file("a_million_blank_cells.xlsx", short=False)
def _(path: Path) -> None:
    workbook(path, sheet=rows(HEAD, *(f'<row r="{n}"><c r="A{n}"/></row>' for n in range(2, 1_000_001))))


@file("bomb.xlsx")
def _(path: Path) -> None:
    workbook(path, sheet=rows(HEAD), spaces=64 * MIB)


@file("bomb_that_lies.xlsx")
def _(path: Path) -> None:
    workbook(path, sheet=rows(HEAD), spaces=64 * MIB)
    content = bytearray(path.read_bytes())
    for at in (m.start() for m in re.finditer(b"PK\x01\x02", content)):
        if b"sheet1.xml" in content[at : at + 80]:
            struct.pack_into("<I", content, at + 24, 1000)
    path.write_bytes(content)


@file("many_cells_in_little.xlsx", short=False)
def _(path: Path) -> None:
    line = "".join("<c><v>1</v></c>" for _ in range(100))
    workbook(path, sheet=rows(HEAD, *(f"<row>{line}</row>" for _ in range(40_000))))


def _shared(path: Path, text: str, cells: int) -> None:
    uses = "".join('<row><c t="s"><v>0</v></c></row>' for _ in range(cells))
    strings = (
        f'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>{text}</t></si></sst>'
    )
    workbook(path, sheet=rows(uses), **{"xl/sharedStrings.xml": strings})


@file("one_long_string_a_million_times.xlsx")
def _(path: Path) -> None:
    _shared(path, "长" * 30_000, 200_000)


@file("billion_laughs.xlsx")
def _(path: Path) -> None:
    pairs = zip("abcdefghi", "bcdefghij", strict=True)
    entities = '<!ENTITY a "哈哈哈哈哈哈哈哈">' + "".join(
        '<!ENTITY {} "{}">'.format(after, f"&{before};" * 10) for before, after in pairs
    )
    row = f'<row r="2">{inline("A2", "&j;")}</row>'
    workbook(path, sheet=f"<!DOCTYPE x [{entities}]>{rows(HEAD, row)}")


@file("a_file_of_the_server.xlsx")
def _(path: Path) -> None:
    entity = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
    row = f'<row r="2">{inline("A2", "&e;")}{inline("B2", "2021-01-05")}{inline("C2", "来信")}</row>'
    workbook(path, sheet=entity + rows(HEAD, row))


@file("two_hundred_sheets.xlsx")
def _(path: Path) -> None:
    xlsx_file(path, {f"表{n}": [HEADERS, ROWS[0]] for n in range(200)})


@file("three_hundred_sheets.xlsx", short=False)
def _(path: Path) -> None:
    xlsx_file(path, {f"表{n}": [] for n in range(300)})


@file("two_parts_of_one_name.xlsx")
def _(path: Path) -> None:
    workbook(path)
    with warnings.catch_warnings(), zipfile.ZipFile(path, "a") as book:
        warnings.simplefilter("ignore")
        book.writestr("xl/workbook.xml", "<x/>")


@file("ten_thousand_parts.xlsx", short=False)
def _(path: Path) -> None:
    workbook(path, **{f"part{n}.xml": b"" for n in range(10_000)})


@file("a_zip_in_a_zip.xlsx", short=False)
def _(path: Path) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as nested:
        nested.writestr("x", "x")
    with zipfile.ZipFile(path, "w") as outer:
        outer.writestr("inner.xlsx", inner.getvalue())


@file("parts_that_lead_elsewhere.xlsx", short=False)
def _(path: Path) -> None:
    workbook(path, **{"../../../tmp/owned": b"x"})


@file("an_encrypted_part.xlsx", short=False)
def _(path: Path) -> None:
    workbook(path)
    content = bytearray(path.read_bytes())
    for at in (m.start() for m in re.finditer(b"PK\x01\x02", content)):
        content[at + 8] |= 1
    path.write_bytes(content)


@file("macros.xlsm")
def _(path: Path) -> None:
    workbook(path, **{"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0" + b"Auto_Open" * 100})


@file("formulas.xlsx")
def _(path: Path) -> None:
    command = "=cmd|' /C calc'!A0"
    xlsx_file(path, {"表": [(*HEADERS, "村居"), [command, "2021-01-05", "来信", "@SUM(1)"]]})


@file("numbers_beyond_all.xlsx")
def _(path: Path) -> None:
    values = ("1e308", "NaN", "inf", "-1e999", "1e9")
    cells = (f'<row r="{n}"><c r="A{n}"><v>{v}</v></c></row>' for n, v in enumerate(values, 2))
    workbook(path, sheet=rows(HEAD, *cells))


@file("dates_beyond_all.xlsx", short=False)
def _(path: Path) -> None:
    dates = ("2958465", "-1", "99999999999", "1e300")
    cells = (
        f'<row r="{n}">{inline(f"A{n}", "k")}<c r="B{n}"><v>{v}</v></c></row>' for n, v in enumerate(dates, 2)
    )
    workbook(path, sheet=rows(HEAD, *cells))


@file("wide.xlsx", short=False)
def _(path: Path) -> None:
    xlsx_file(path, {"表": [[*HEADERS, *(f"列{n}" for n in range(16_000))], ROWS[0]]})


@file("encoding_that_is_none.xlsx", short=False)
def _(path: Path) -> None:
    workbook(path, sheet=('<?xml version="1.0" encoding="UTF-16"?>' + rows(HEAD)).encode())


def _old(path: Path) -> bytes:
    book = xlwt.Workbook()
    sheet = book.add_sheet("表")
    for at, row in enumerate([HEADERS, *ROWS]):
        for column, cell in enumerate(row):
            sheet.write(at, column, cell)
    book.save(str(path))
    return path.read_bytes()


@file("half.xls")
def _(path: Path) -> None:
    content = _old(path)
    path.write_bytes(content[: len(content) // 2])


@file("garbled.xls")
def _(path: Path) -> None:
    content, chance = bytearray(_old(path)), random.Random(1)
    for _ in range(200):
        content[chance.randrange(512, len(content))] = chance.randrange(256)
    path.write_bytes(content)


@file("really_text.xlsx")
def _(path: Path) -> None:
    csv_file(path, HEADERS, ROWS)


@file("really_a_workbook.csv")
def _(path: Path) -> None:
    xlsx_file(path.with_suffix(".xlsx"), {"表": [HEADERS, *ROWS]}).rename(path)


# --- Parquet --------------------------------------------------------------------------------------


def _columns(count: int = 2) -> pa.Table:
    first = {"信访件编号": [f"k{n}" for n in range(count)], "登记日期": ["2021-01-05"] * count}
    return pa.table(first | {"信访形式": ["来信"] * count})


@file("a_value_ten_million_times.parquet")
def _(path: Path) -> None:
    word = pa.DictionaryArray.from_arrays(pa.array([0] * 10_000_000, pa.int32()), ["村" * 300])
    pq.write_table(pa.table({"信访件编号": word}), path)


@file("a_long_value_often.parquet", short=False)
def _(path: Path) -> None:
    word = pa.DictionaryArray.from_arrays(pa.array([0] * 100_000, pa.int32()), ["村" * 100_000])
    pq.write_table(pa.table({"信访件编号": word}), path)


@file("nested.parquet", short=False)
def _(path: Path) -> None:
    pq.write_table(pa.table({"信访件编号": [[["x"]]], "登记日期": [{"a": {"b": 1}}]}), path)


@file("wide.parquet", short=False)
def _(path: Path) -> None:
    pq.write_table(pa.table({f"列{n}": ["x"] for n in range(10_000)}), path)


@file("a_footer_of_nonsense.parquet")
def _(path: Path) -> None:
    pq.write_table(_columns(), path)
    content, chance = bytearray(path.read_bytes()), random.Random(2)
    size = struct.unpack("<I", content[-8:-4])[0]
    for _ in range(60):
        content[-9 - chance.randrange(size)] = chance.randrange(256)
    path.write_bytes(content)


@file("a_footer_larger_than_the_file.parquet")
def _(path: Path) -> None:
    pq.write_table(_columns(), path)
    content = bytearray(path.read_bytes())
    content[-8:-4] = b"\xff\xff\xff\x7f"
    path.write_bytes(content)


@file("two_columns_of_one_name.parquet", short=False)
def _(path: Path) -> None:
    pq.write_table(pa.Table.from_arrays([pa.array(["x"])] * 2, names=["信访件编号"] * 2), path)


# --- text -----------------------------------------------------------------------------------------

_HEAD = ",".join(HEADERS)


def text(name: str, content: str | bytes, short: bool = True) -> None:
    data = content.encode() if isinstance(content, str) else content

    @file(name, short=short)
    def _(path: Path) -> None:
        path.write_bytes(data)


@file("three_million_blank_lines.csv")
def _(path: Path) -> None:
    lines = "\n".join(",".join(row) for row in [HEADERS, *ROWS])
    path.write_text(lines + "\n,," * 3_000_000, "utf-8")


@file("a_cell_of_100_MB.csv")
def _(path: Path) -> None:
    path.write_bytes(f"{_HEAD}\na,2021-01-05,".encode() + b"x" * (100 * MIB) + b"\n")


@file("a_cell_of_10_MB.csv", short=False)
def _(path: Path) -> None:
    path.write_bytes(f"{_HEAD}\na,2021-01-05,".encode() + b"x" * (10 * MIB) + b"\n")


@file("a_quote_never_closed.csv")
def _(path: Path) -> None:
    path.write_bytes(f'{_HEAD}\na,2021-01-05,"'.encode() + b"x,y,z\n" * (5 * MIB))


@file("a_hundred_thousand_columns.csv")
def _(path: Path) -> None:
    path.write_text(",".join([*HEADERS, *(f"c{n}" for n in range(100_000))]) + "\n" + "," * 100_002 + "\n")


@file("ten_million_columns.csv", short=False)
def _(path: Path) -> None:
    path.write_bytes(b"," * 10_000_000)


@file("a_million_blank_lines.csv")
def _(path: Path) -> None:
    path.write_bytes(f"{_HEAD}\n".encode() + b",,\n" * 1_000_000)


text("headers_a_thousand_times.csv", f"{_HEAD}\n" * 1000)
text("nothing_but_NUL.csv", b"\0" * 5_000_000)
text("NUL_within.csv", f"{_HEAD}\na\0b,2021-01-05,来信\n")
text("lone_surrogates.csv", b"\xff\xfe" + f"{_HEAD}\n".encode("utf-16-le") + b"\x00\xd8,\x00" * 9)
text("surrogates_in_UTF-8.csv", f"{_HEAD}\na,2021-01-05,来信\n".encode() + b"\xed\xa0\x80,2021-01-05,x\n")
text("said_to_be_UTF-16.csv", b"\xff\xfe" + f"{_HEAD}\na,2021-01-05,来信\n".encode())
text("UTF-16_unsaid.csv", f"{_HEAD}\na,2021-01-05,来信\n".encode("utf-16-be"), short=False)
text("every_newline.csv", f"{_HEAD}\ra,2021-01-05,来信\r\nb,2021-01-05,来信\n\rc,2021-01-05,来信\n")
text(
    "dates_at_the_end.csv", f"{_HEAD},办理期限\n" + "a,9999-12-31,来信,9999-12-31\nb,0000-00-00,来信,1e308\n"
)
text("numbers.csv", f"{_HEAD},人数\n" + "".join(f"{n},2021-01-05,来信,{v}\n" for n, v in enumerate(
    ("1e308", "NaN", "inf", "-1", "1000000000", "9" * 400, "１", "0x10", "1_000"))))  # fmt: skip
text("looks_alike.csv", f"{_HEAD}\nA1,2021-01-05,来信\nA\u200b1,2021-01-05,来信\n\u202eA1,2021-01-05,来信\n")
text("terminal.csv", f"{_HEAD},\x1b[2J\x1b]0;owned\x07列\n" + "\x1b[31ma,2021-01-05,\x1b[2J\n")
text("formulas.csv", f"{_HEAD},村居\n=cmd|' /C calc'!A0,2021-01-05,来信,@SUM(1)\n+1+1,2021-01-05,来信,-2\n")
text("a_key_of_a_million.csv", f"{_HEAD}\n{'k' * 30_000},2021-01-05,来信\n")
text(f"{'长' * 70}.csv", f"{_HEAD}\na,2021-01-05,x\n")
text("two\nlines\x1b[31m\u202ecod.csv", "x,y\n1,2\n")


@file("no_text_where_text_should_be.parquet")
def _(path: Path) -> None:
    keys = pa.array([b"\xff\xfe\x80", b"b"]).view(pa.string())
    pq.write_table(
        pa.table(dict(zip(HEADERS, [keys, *zip(*(row[1:] for row in ROWS), strict=True)], strict=True))), path
    )


def good(folder: Path) -> list[Path]:
    """A sound file of each format: what fuzzing starts from."""
    table = _columns(3)
    pq.write_table(table, folder / "good.parquet")
    _old(folder / "good.xls")
    cells = [[*row] for row in zip(*table.to_pydict().values(), strict=True)]
    csv_file(folder / "utf16.csv", HEADERS, cells, "utf-16")
    return [
        folder / "good.parquet",
        folder / "good.xls",
        folder / "utf16.csv",
        xlsx_file(folder / "good.xlsx", {"表": [HEADERS, *cells]}),
        csv_file(folder / "good.csv", HEADERS, cells),
        csv_file(folder / "gb.csv", HEADERS, cells, "gb18030"),
    ]


# --- trying them, in a process of their own -------------------------------------------------------


def _memory(field: str) -> int:
    found = re.search(rf"{field}:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return int(found[1]) * 1024 if found else 0


def attempt(path: Path, store: Path, stored: bool) -> dict[str, object]:
    """What came of importing (or previewing) it: words or counts, seconds of computing, bytes at the peak."""
    from analytics.ingest import import_files, preview_files
    from analytics.site import Refusal
    from analytics.store import Store

    act, before = import_files if stored else preview_files, Store(store).versions()
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")  # the peak is measured from here
    resting, start = _memory("VmRSS"), _computed()
    told: dict[str, object] = {}
    try:
        report = act(Store(store), SITE, [path], "petitions")
        told["report"] = report.as_json() | {"refused": report.refused}
    except Refusal as refusal:
        told["refusal"] = str(refusal)
    told |= {"seconds": _computed() - start, "memory": _memory("VmHWM") - resting}
    return told | {"stored": Store(store).versions() != before}


def _computed() -> float:
    import resource

    return sum(
        usage.ru_utime + usage.ru_stime
        for usage in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


def main(folder: Path, stored: bool) -> None:
    """Tries the files in the folder one after the other; one line of JSON each, then the children's peak."""
    import resource

    for path in sorted((folder / "files").iterdir()):
        told = attempt(path, folder / "store", stored)
        print(json.dumps({"name": path.name, "size": path.stat().st_size} | told), flush=True)
    print(json.dumps({"children": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2] == "import")

"""How fast files come in, and with how much memory: `make bench` prints what is measured here.

An export of petitions is made by lot, of any length, with the columns that offices export; nobody is in it.
Every import runs as the command does, in a process of its own, so that its memory is its own too.
"""

from __future__ import annotations

import codecs
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import duckdb
import numpy as np
import numpy.typing as npt
import openpyxl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import xlsxwriter

from analytics.ingest.mapping import MappingFile
from analytics.ingest.read import read
from analytics.settings import load_site

ROOT = Path(__file__).resolve().parents[1]
PETITION = Path(sys.executable).with_name("petition")
PIECE = 200_000
FIRST, DAYS = np.datetime64("2016-01-01"), 10 * 365
TOWNSHIPS = [township.name for township in load_site(ROOT / "site.toml").townships]
UNITS = [
    f"{place}{kind}" for place in ("市", "东区", "西区", "新城区") for kind in ("教育局", "民政局", "住建局")
]
CLASSES = (
    ("城乡建设", "住房保障"),
    ("农村农业", "村务管理"),
    ("农村农业", "土地承包经营"),
    ("农村农业", "农村宅基地"),
    ("农村农业", "扶贫开发"),
)

Whole = npt.NDArray[np.int64]


def csv(rows: int, encoding: str, path: Path, seed: int = 1) -> Path:
    """Writes an export of so many petitions in ten years, in the order in which they were registered."""
    encode = codecs.getincrementalencoder(encoding)()
    with path.open("wb") as file:
        for start in range(0, rows, PIECE):
            text = pa.BufferOutputStream()
            options = pa_csv.WriteOptions(include_header=not start, quoting_style="none")
            pa_csv.write_csv(_petitions(start, min(PIECE, rows - start), rows, seed), text, options)
            file.write(encode.encode(text.getvalue().to_pybytes().decode()))
    return path


def _petitions(start: int, count: int, total: int, seed: int) -> pa.Table:
    chance = np.random.default_rng((seed, start))

    def lot(members: Sequence[str], weights: Sequence[float] | None = None) -> pa.Array:
        if weights is not None:
            weights = np.asarray(weights) / np.sum(weights)
        codes = chance.choice(len(members), count, p=weights)
        return pa.DictionaryArray.from_arrays(codes.astype(np.int32), list(members)).cast(pa.string())

    def text(numbers: Whole, head: str, width: int) -> pa.Array:
        digits = pc.utf8_lpad(pa.array(numbers).cast(pa.string()), width, "0")
        return pc.binary_join_element_wise(head, digits, "")

    def days(after: Whole, least: int, most: int, share: float) -> tuple[Whole, pa.Array]:
        later = after + chance.integers(least, most + 1, count)
        given = pa.array((FIRST + later).astype("datetime64[D]"), mask=chance.random(count) > share)
        return later, given.cast(pa.string())

    def some(texts: pa.Array, share: float) -> pa.Array:
        return pc.if_else(pa.array(chance.random(count) < share), texts, None)

    places = np.arange(start, start + count)
    registered = places * DAYS // total
    classes = chance.integers(0, len(CLASSES), count)
    who = chance.integers(0, max(1, total * 3 // 4), count)
    names = ("张某某", "李某某", "王某某", "刘某某", "陈某某", "黄某", "林某", "何某")
    accepted, accepted_on = days(registered, 1, 20, 0.9)
    replied, replied_on = days(accepted, 5, 70, 0.85)
    closed, closed_on = days(replied, 0, 20, 0.95)
    ratings = ("满意", "基本满意", "不满意", "未评价")
    return pa.table(
        {
            "信访件编号": text(places, "XF", 10),
            "登记日期": days(registered, 0, 0, 1)[1],
            "信访形式": lot(("来信", "来访", "网上信访", "来电"), (3, 2, 4, 1)),
            "来源": lot(("本级受理", "上级交办转送"), (4, 1)),
            "来源级别": some(lot(("国家", "省", "市")), 0.2),
            "信访日期": days(registered, -5, 0, 1)[1],
            "人数": pa.array(chance.geometric(0.6, count).clip(1, 60)).cast(pa.string()),
            "镇街": lot(TOWNSHIPS),
            "村居": text(chance.integers(1, 400, count), "第", 1),
            "受理点": some(lot(("市中心", "镇街站", "村居点")), 0.5),
            "责任单位": lot(UNITS),
            "信访目的": lot(("申诉", "求决", "意见建议", "揭发控告", "其他"), (1, 6, 2, 1, 1)),
            **{
                f"内容{level}级": pa.array([each[at] for each in CLASSES]).take(pa.array(classes))
                for at, level in enumerate("一二")
            },
            "初重件": lot(("初件", "重件"), (7, 3)),
            "姓名": pa.array(names).take(pa.array(who % len(names))),
            "电话": text(who, "1000", 7),
            "越级情形": lot(("无", "到市", "赴省", "进京"), (90, 6, 3, 1)),
            "办理方式": lot(("转送", "交办", "受理告知", "直接回复", "存"), (5, 2, 4, 2, 1)),
            "办理途径": lot(("信访程序", "诉讼", "仲裁", "行政复议"), (9, 1, 1, 1)),
            "涉法涉诉": lot(("否", "是"), (19, 1)),
            "转送日期": days(registered, 0, 10, 0.6)[1],
            "受理日期": accepted_on,
            "答复日期": replied_on,
            "延期天数": lot(("0", "30"), (9, 1)),
            "办结日期": closed_on,
            "对信访部门评价": lot(ratings, (3, 2, 1, 4)),
            "对责任单位评价": lot(ratings, (3, 2, 1, 4)),
            "评价日期": days(closed, 0, 30, 0.5)[1],
            "息诉罢访": lot(("是", "否")),
        }
    )


# --- measured ---------------------------------------------------------------------------------------------


def scan_rate(path: Path) -> float:
    """Rows a second at which DuckDB reads the file and counts each column as text: reading alone."""
    start = time.perf_counter()
    with duckdb.connect() as connection:
        relation = f"read_csv('{path}', all_varchar = true)"
        names = [row[0] for row in connection.execute(f"DESCRIBE FROM {relation}").fetchall()]
        counts = ", ".join(f'COUNT(CAST("{name}" AS VARCHAR))' for name in names)
        rows = connection.execute(f"SELECT COUNT(*), {counts} FROM {relation}").fetchall()[0][0]
    return float(rows / (time.perf_counter() - start))


class Taken(NamedTuple):
    """What a command took: rows a second by the clock, seconds of computing, MB at the peak."""

    rate: float
    computing: float
    megabytes: float


_COUNTED = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(used.ru_utime + used.ru_stime, used.ru_maxrss)
"""
"""Runs a command and tells what it took; it is small, as the peak of who starts one counts as its own."""


def import_rate(path: Path, rows: int) -> Taken:
    """Of `petition import` of so many rows into an empty store, with its start."""
    with tempfile.TemporaryDirectory() as folder:
        command = [PETITION, "import", path, "--data", folder, "--json"]
        start = time.perf_counter()
        told = subprocess.run(
            [sys.executable, "-c", _COUNTED, *command], cwd=ROOT, capture_output=True, text=True
        )
        seconds = time.perf_counter() - start
    if told.returncode:
        raise RuntimeError(f"importing {path} ended with {told.returncode}: {told.stderr}")
    computing, kilobytes = map(float, told.stdout.split())
    return Taken(rows / seconds, computing, kilobytes / 1024)


def xlsx_ratio(rows: int) -> float:
    """How many times as fast as openpyxl's read-only mode a workbook of so many petitions is read."""
    with tempfile.TemporaryDirectory() as folder:
        path = _workbook(Path(folder) / "petitions.xlsx", rows)
        start = time.perf_counter()
        ours = sum(piece.cells.num_rows for piece in read(path, MappingFile().knows).pieces)
        between = time.perf_counter()
        book = openpyxl.load_workbook(path, read_only=True)
        theirs = sum(1 for _ in book.worksheets[0].iter_rows(values_only=True)) - 1
        end = time.perf_counter()
    assert ours == theirs == rows
    return (end - between) / (between - start)


def _workbook(path: Path, rows: int) -> Path:
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        sheet, table = book.add_worksheet(), _petitions(0, rows, rows, 1)
        sheet.write_row(0, 0, table.column_names)
        for at, row in enumerate(zip(*(column.to_pylist() for column in table.columns), strict=True), 1):
            sheet.write_row(at, 0, row)
    return path

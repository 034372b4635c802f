"""However a file is cut into pieces, what comes of it is the same."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from unittest import mock

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from exports import SITE, csv_file
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.ingest import Report, csv_text, import_files
from analytics.ingest import read as reading
from analytics.ingest.identity import SECRET
from analytics.masking import KEY_SUSPECT, masked_key
from analytics.model import Period
from analytics.store import Store

HEADERS = (
    *("信访件编号", "登记日期", "信访形式", "镇街", "村居", "责任单位", "内容一级", "人数", "姓名", "电话"),
    *("受理日期", "答复日期", "办结日期", "办理方式"),
)
WHOLE = (1 << 20, 1_000_000)
DAYS = ["2021-01-05", "2021/2/28", "2021年3月1日", "20210401", "2021-02-30", "2099-01-01", "昨天", ""]

CELLS = (
    st.sampled_from([*"abcdefgh", "1", "1.0", "２", "", "NULL", "1.2E+17", "13800000000"]),
    st.sampled_from([*DAYS[:4], *DAYS]),
    st.sampled_from(["来信", "来访", "电话", "网投", ""]),
    st.sampled_from(["宁中", "宁中镇", "外地某镇", ""]),
    st.sampled_from(["甲村", "甲村张某某家", "乙 村", "", "甲" * 201]),
    st.sampled_from(["教育局", "民政局", "李某某一案专班", ""]),
    st.sampled_from(["城乡建设", "无此分类", ""]),
    st.sampled_from(["1", "5", "０", "两人", ""]),
    st.sampled_from(["张某某", "李某某", "张某某、李某某", ""]),
    st.sampled_from(["10001234567", "+86 100-0123-4567", "123", ""]),
    st.sampled_from(DAYS),
    st.sampled_from(DAYS),
    st.sampled_from(DAYS),
    st.sampled_from(["转送", "直接回复", "不管", ""]),
)
FILES = st.lists(st.lists(st.tuples(*CELLS), min_size=1, max_size=40), min_size=1, max_size=2)
CUTS = st.tuples(st.sampled_from([1024, 1 << 20]), st.sampled_from([1, 2, 3, 7, 1_000_000]))


PERIODS = st.sampled_from([None, Period.month("2021-01")])
Files = list[list[tuple[str, ...]]]


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store that holds two rows, its secret known."""
    folder = tmp_path_factory.mktemp("begun")
    store = Store(folder / "store")
    first = [("a", "2021-01-05", "来信"), ("gone", "2021-01-06", "来信")]
    import_files(store, SITE, [csv_file(folder / "first.csv", HEADERS[:3], first)])
    (store.path / SECRET).touch(0o600)
    (store.path / SECRET).write_text("0" * 64)
    return store.path


@settings(max_examples=8)
@given(FILES, CUTS, PERIODS)
def test_pieces_of_any_size_come_to_the_same(
    begun: Path, files: Files, cut: tuple[int, int], replace: Period | None
) -> None:
    expect_the_same(begun, files, cut, replace)


@pytest.mark.long
@settings(max_examples=200)
@given(FILES, CUTS, PERIODS)
def test_very_many_pieces_come_to_the_same(
    begun: Path, files: Files, cut: tuple[int, int], replace: Period | None
) -> None:
    expect_the_same(begun, files, cut, replace)


def expect_the_same(begun: Path, files: Files, cut: tuple[int, int], replace: Period | None) -> None:
    with tempfile.TemporaryDirectory() as folder:
        paths = [
            csv_file(Path(folder) / f"{at}.csv", HEADERS, [row for row in rows if any(row)] or [("x",) * 14])
            for at, rows in enumerate(files)
        ]
        in_pieces, at_once = (Store(shutil.copytree(begun, Path(folder) / name)) for name in ("a", "b"))
        assert _came_of(in_pieces, paths, cut, replace) == _came_of(at_once, paths, WHOLE, replace)


def _came_of(store: Store, paths: Sequence[Path], cut: tuple[int, int], replace: Period | None) -> object:
    """Of importing the files, then these again."""
    with (
        mock.patch.object(csv_text, "BLOCK", cut[0]),
        mock.patch.object(csv_text, "BLOCKS", 1),
        mock.patch.object(reading, "ROWS", cut[1]),
    ):
        reports = [import_files(store, SITE, paths, replace=replace) for _ in range(2)]
    return [*map(_told, reports), *(_rows(store, name) for name in ("petitions", "links"))]


def _told(report: Report) -> object:
    return report.as_json(), report.excerpt.to_dict("list"), report.warning_count, report.refused


def _rows(store: Store, dataset: str) -> list[object]:
    rows = store.read(dataset)
    return rows.sort_by(rows.column_names[0]).to_pylist()


@given(
    st.text(st.sampled_from("0123456789Xx１２ -.·–()（）+@aA号室单元村路一"), max_size=24)
    | st.from_regex(r"[A-Z]?[1-9]\d{5}(19|20)\d{2}(0\d|1[0-2])[0-3]\d\d{3}[\dX][a-z]?", fullmatch=True)
    | st.from_regex(r"[A-Z ]?(\+?86)?1[3-9]\d[ -]?\d{4}[ -]?\d{4}[a-z ]?", fullmatch=True)
)
def test_no_key_is_masked_that_is_not_suspect(text: str) -> None:
    suspect = pc.match_substring_regex(pa.array([text]), KEY_SUSPECT)[0].as_py()
    assert suspect == bool(re.search(KEY_SUSPECT, text, re.ASCII))
    assert suspect or masked_key(text) == text

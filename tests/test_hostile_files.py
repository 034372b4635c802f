"""Files made to do harm: a sentence or a sound import, in bounded memory, and nobody dies of them."""

from __future__ import annotations

import faulthandler
import json
import os
import random
import re
import subprocess
import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hostile
import pytest
from exports import HEADERS, SITE, csv_file, read, xlsx_file
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics.ingest import apart, preview_files, unpack
from analytics.ingest.mapping import MappingFile, load_mapping
from analytics.site import Refusal
from analytics.store import Store
from tests.conftest import Shared

BEYOND = 200 * hostile.MIB
SECONDS = 2.0
Told = dict[str, Any]
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="memory is bounded by POSIX limits")


def tried(folder: Path, names: set[str], act: str) -> tuple[dict[str, Told], int]:
    """What one process, which must live through all of them, tells of each; and its children's peak."""
    (folder / "files").mkdir()
    for name in sorted(names):
        hostile.MADE[name](folder / "files" / name)
    command = [sys.executable, str(Path(hostile.__file__)), str(folder), act]
    done = subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, env=os.environ | PATHS)
    assert done.returncode == 0, done.stderr.decode()
    *lines, last = map(json.loads, done.stdout.splitlines())
    return {line["name"]: line for line in lines}, last["children"]


PATHS = {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}


@pytest.fixture(scope="module")
def short(shared: Shared, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Told], int]:
    """Of all that take a short time, each tried once for all workers."""
    return shared.once(
        "hostile files", lambda: tried(tmp_path_factory.mktemp("hostile"), hostile.SHORT, "preview")
    )


def holds(told: Told) -> None:
    """The promise for any file: a clear sentence and nothing stored, or a report; memory and time bounded."""
    assert told["memory"] < BEYOND + told["size"], told
    assert told["seconds"] < SECONDS * 2 + told["size"] / (20 * hostile.MIB), told
    if "refusal" in told:
        sentence = told["refusal"]
        assert "请" in sentence and len(sentence) < 400, sentence
        assert not [c for c in sentence if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")], (
            sentence
        )
        assert not told["stored"]
    else:
        assert told["report"]["refused"] == ""


@pytest.mark.parametrize("name", sorted(hostile.SHORT))
def test_a_hostile_file_gets_a_sentence_or_a_sound_import(
    short: tuple[dict[str, Told], int], name: str
) -> None:
    holds(short[0][name])


def test_the_process_that_takes_files_apart_is_bounded(short: tuple[dict[str, Told], int]) -> None:
    assert short[1] < BEYOND + 60 * 5 * hostile.MIB


@pytest.mark.long
def test_every_hostile_file_is_imported_or_refused(tmp_path: Path) -> None:
    csv_file(tmp_path / "first.csv", HEADERS, [["first", "2021-01-01", "来信"]])
    hostile.attempt(tmp_path / "first.csv", tmp_path / "store", True)
    told, _ = tried(tmp_path, set(hostile.MADE), "import")
    assert told.keys() == hostile.MADE.keys()
    for each in told.values():
        holds(each)


REFUSED = {
    "a_cell_in_the_last_corner.xlsx": "读不下去|不是完好",
    "bomb.xlsx": "展开后比文件大得太多",
    "billion_laughs.xlsx": "不是完好",
    "two_hundred_sheets.xlsx": "有 200 个工作表有数据",
    "two_parts_of_one_name.xlsx": "重名的部件",
    "a_value_ten_million_times.parquet": "展开后比文件大得太多",
    "a_cell_of_100_MB.csv": "长得不像导出的数据",
    "a_quote_never_closed.csv": "引号没有结束",
    "a_hundred_thousand_columns.csv": "有 100003 列，超过 2000 列",
    "lone_surrogates.csv": "编码读不出来",
    "surrogates_in_UTF-8.csv": "第 3 行有损坏的字节",
}


@pytest.mark.parametrize("name", list(REFUSED))
def test_a_refusal_says_what_is_wrong(short: tuple[dict[str, Told], int], name: str) -> None:
    assert re.search(REFUSED[name], short[0][name]["refusal"])


def test_cells_that_are_not_seen_as_written(short: tuple[dict[str, Told], int]) -> None:
    told = {name: short[0][name]["report"] for name in ("looks_alike.csv", "formulas.csv", "NUL_within.csv")}
    assert told["formulas.csv"]["inserted"] == 2
    assert told["NUL_within.csv"]["inserted"] == 1
    assert [r["rule"] for r in told["looks_alike.csv"]["rejected"]] == ["编号在同一文件中前面已出现过"] * 2
    assert {r["value"] for r in told["looks_alike.csv"]["rejected"]} == {"A1"}


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "folder.xlsx").mkdir()
    (tmp_path / "device.csv").symlink_to("/dev/zero")
    (tmp_path / "loop.csv").symlink_to("loop.csv")
    os.mkfifo(tmp_path / "pipe.toml")
    for name in ("pipe.csv", "folder.xlsx", "device.csv", "loop.csv", "gone.csv", "n" * 300 + ".csv"):
        with pytest.raises(Refusal, match="请"):
            read(tmp_path / name, MappingFile().knows)
    with pytest.raises(Refusal, match="不是普通文件"):
        load_mapping(tmp_path / "pipe.toml")


def test_a_link_to_a_file_is_read(tmp_path: Path) -> None:
    csv_file(tmp_path / "a.csv", HEADERS, hostile.ROWS)
    (tmp_path / "link.csv").symlink_to("a.csv")
    assert len(read(tmp_path / "link.csv", MappingFile().knows).cells) == 2


def test_so_many_files_and_no_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = csv_file(tmp_path / "a.csv", HEADERS, hostile.ROWS)
    with pytest.raises(Refusal, match="给出了 101 个文件"):
        preview_files(Store(tmp_path / "store"), SITE, [file] * 101)
    monkeypatch.setattr(sys.modules["analytics.ingest.gather"], "TOGETHER", 100)
    with pytest.raises(Refusal, match="请分几次导入"):
        preview_files(Store(tmp_path / "store"), SITE, [file] * 5)


MAPPINGS = {
    "huge": "x = 1\n" * 100_000,
    "deep": "columns = " + "[" * 50_000,
    "nested": "columns.petition_id" + ".a" * 20_000 + " = 1",
    "list": "[columns]\npetition_id = ['a']",
    "table": "[constants]\nchannel = {a = 1}",
    "numbers": "dataset = 1",
    "values": "[values]\nchannel = 'x'",
    "codes": '"\\u001b[2J\\n" = 1',
    "broken": "[columns\n",
}


@pytest.mark.parametrize("name", list(MAPPINGS))
def test_a_hostile_mapping_gets_one_sentence(tmp_path: Path, name: str) -> None:
    (tmp_path / "m.toml").write_text(MAPPINGS[name])
    with pytest.raises(Refusal, match=r"请|可用") as refusal:
        load_mapping(tmp_path / "m.toml")
    assert "\x1b" not in str(refusal.value) and "\n" not in str(refusal.value)


def test_a_parser_that_dies_or_hangs_is_outlived(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = xlsx_file(tmp_path / "a.xlsx", {"表": [HEADERS, *hostile.ROWS]})
    for body in ("import os; os.abort()", "import time; time.sleep(60)", "print('{\"fault\": null')"):
        (tmp_path / "parser.py").write_text(body)
        monkeypatch.setattr(unpack, "__file__", str(tmp_path / "parser.py"))
        monkeypatch.setattr(apart, "_WALL", -5)
        with pytest.raises(Refusal, match="读不下去"):
            read(path, MappingFile().knows)


def test_a_large_workbook_is_no_bomb(tmp_path: Path) -> None:
    rows = [[f"k{n}", "2021-01-05", "来信", *["某单位"] * 20] for n in range(3_000)]
    path = xlsx_file(tmp_path / "a.xlsx", {"表": [[*HEADERS, *(f"列{n}" for n in range(20))], *rows]})
    assert len(read(path, MappingFile().knows).cells) == 3_000


def test_rows_come_in_pieces_and_none_is_lost() -> None:
    pieces = list(unpack._batches(([n, f"{n}"] for n in range(25)), 10))
    assert [piece.num_rows for piece in pieces] == [10, 10, 5]
    assert [v for piece in pieces for v in piece.column(1).to_pylist()] == [f"{n}" for n in range(25)]


# --- by chance ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def seeds(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return hostile.good(tmp_path_factory.mktemp("good"))


def damaged(content: bytes, seed: int) -> bytes:
    """Bytes changed, cut, doubled, moved: as a bad disk, or somebody with time, does it."""
    chance, data = random.Random(seed), bytearray(content)
    for _ in range(chance.choice((1, 1, 2, 5, 30))):
        at = chance.randrange(len(data)) if data else 0
        size = chance.choice((1, 2, 4, 16, 200))
        match chance.randrange(6):
            case 0:
                data[at : at + 1] = bytes([chance.randrange(256)])
            case 1:
                del data[at : at + size]
            case 2:
                data[at:at] = data[at : at + size]
            case 3:
                data[at : at + size] = chance.randbytes(size)
            case 4:
                data[at : at + size] = chance.choice((b"\0", b"\xff", b'"', b",", b"\n")) * size
            case _:
                data[chance.randrange(len(data) or 1) :] = b"" if chance.random() < 0.3 else data[at:]
    return bytes(data)


def survives(path: Path, content: bytes, store: Path) -> None:
    path.write_bytes(content)
    try:
        report = preview_files(Store(store), SITE, [path], "petitions")
    except Refusal as refusal:
        assert "请" in str(refusal), refusal
        return
    assert report.inserted + report.updated + report.unchanged + len(report.rejected) >= 0
    assert Store(store).versions() == {}


@settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck), database=None)
@given(seed=st.integers(0, 2**32))
def test_damaged_text_is_refused_or_read(
    seeds: list[Path], tmp_path_factory: pytest.TempPathFactory, seed: int
) -> None:
    folder = tmp_path_factory.getbasetemp()
    path = random.Random(seed).choice([seed_ for seed_ in seeds if seed_.suffix == ".csv"])
    survives(folder / "damaged.csv", damaged(path.read_bytes(), seed), folder / "none")


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), database=None)
@given(
    cells=st.lists(
        st.lists(
            st.text() | st.sampled_from([*HEADERS, "a", "2021-01-05", "来信", "=1+1", "1e308", "\u202e"])
        ),
        max_size=8,
    ),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "gb18030"]),
)
def test_text_of_any_structure_is_refused_or_read(
    tmp_path_factory: pytest.TempPathFactory, cells: list[list[str]], encoding: str
) -> None:
    folder = tmp_path_factory.getbasetemp()
    lines = "\n".join(",".join(row) for row in [[*HEADERS], *cells])
    survives(folder / "any.csv", lines.encode(encoding, "replace"), folder / "none")


def test_damaged_workbooks_are_refused_or_read(seeds: list[Path], tmp_path: Path) -> None:
    for seed in range(6):
        path = seeds[seed % len(seeds)]
        survives(tmp_path / f"damaged{path.suffix}", damaged(path.read_bytes(), seed), tmp_path / "none")


class Forked:
    """The process that takes a file apart, without the quarter of a second that Python needs to start."""

    def __init__(self, command: list[str], **_: object) -> None:
        out, into = os.pipe()
        self.pid = os.fork()
        if not self.pid:
            faulthandler.disable()  # what kills it is no news
            os.dup2(into, 1)
            os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
            sys.stdout = os.fdopen(1, "w", closefd=False)
            place = command.index(unpack.__file__)
            try:
                unpack.main(Path(command[place + 1]), command[place + 2], None)
                sys.stdout.flush()
                os._exit(0)
            except BaseException:
                os._exit(1)
        os.close(into)
        self.stdout = os.fdopen(out, "rb")
        self._ended: int | None = None

    def kill(self) -> None:
        if self._ended is None:
            os.kill(self.pid, 9)

    def wait(self) -> int:
        if self._ended is None:
            self._ended = os.waitpid(self.pid, 0)[1]
        return self._ended


@pytest.fixture
def forked(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    import python_calamine  # noqa: F401

    monkeypatch.setattr(apart.subprocess, "Popen", Forked)
    yield


@pytest.mark.long
@pytest.mark.usefixtures("forked")
def test_ten_thousand_damaged_files(seeds: list[Path], tmp_path: Path) -> None:
    for seed in range(10_000):
        path = seeds[seed % len(seeds)]
        survives(tmp_path / f"damaged{path.suffix}", damaged(path.read_bytes(), seed), tmp_path / "none")


def test_a_command_line_of_codes_steers_no_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    from analytics import cli

    for arguments in (
        ["--\x1b[2J"],
        ["import", "x\x1b[2J\u202e.csv", "--data", str(tmp_path)],
        ["\x1b]0;x\x07"],
    ):
        monkeypatch.setattr(sys, "argv", ["petition", *arguments])
        with pytest.raises(SystemExit):
            cli.main()
        assert not set("".join(capsys.readouterr())) & set("\x1b\x07\u202e")


def test_a_blank_cell_in_the_last_corner_is_passed_by(tmp_path: Path) -> None:
    good = [
        f'<row r="{n}">{"".join(hostile.inline(f"{c}{n}", v) for c, v in zip("ABC", row, strict=True))}</row>'
        for n, row in enumerate(hostile.ROWS, 2)
    ]
    corner = '<row r="1048576"><c r="XFD1048576" s="0"/></row>'
    hostile.workbook(tmp_path / "a.xlsx", sheet=hostile.rows(hostile.HEAD, *good, corner))
    assert len(read(tmp_path / "a.xlsx", MappingFile().knows).cells) == len(hostile.ROWS)

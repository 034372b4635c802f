"""People planted in every column of every format are in no byte of what is written, said or sent."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest
from click.testing import CliRunner, Result
from deltalake import DeltaTable, write_deltalake
from hypothesis import example, given
from hypothesis import strategies as st
from identities import FORMS, IMPORTED, people, planted, searched, write

from analytics import cli
from analytics.contract import DATASETS, Dataset
from analytics.ingest.identity import SECRET
from analytics.masking import masked, masked_key, masked_name, own, shown, visible
from analytics.store import Change, Note, Store, schema
from tests.serving import serving

Run = Callable[..., Result]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data directory whose site takes any share of rejected rows."""
    from analytics.site import ROOT

    folder = tmp_path / "data"
    folder.mkdir()
    text = (ROOT / "site.toml").read_text("utf-8")
    (folder / "site.toml").write_text(text.replace("reject_limit = 0.05", "reject_limit = 1.0"), "utf-8")
    return folder


@pytest.fixture
def run(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The command; what it says goes into a log that is searched too."""
    (tmp_path / "temp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temp"))

    def call(*arguments: str) -> Result:
        done = CliRunner().invoke(cli.petition, [*arguments, "--data", str(data)])
        with (tmp_path / "said.log").open("a") as log:
            log.write(f"{done.stdout}\n{done.stderr}\n{done.exception}\n")
        return done

    return call


def test_planted_people_are_found_where_they_are(tmp_path: Path) -> None:
    who = people(2)
    for form in FORMS:
        write(tmp_path, "p", planted(DATASETS["petitions"], who, sound=True), form)
    hits = searched(who, tmp_path)
    for form in ("p-csv.csv", "p-gb18030.csv", "p-utf-16.csv", "p.xlsx!", "p.xls ", "p.parquet!"):
        for secret in (*who[0].secrets, *who[1].secrets):
            assert [hit for hit in hits if secret in hit and form in f"{hit} "], (form, secret)


def test_planted_people_are_nowhere(run: Run, data: Path, tmp_path: Path) -> None:
    who = people(20)
    (tmp_path / "in").mkdir()
    for number, dataset in enumerate(IMPORTED):
        form = FORMS[number]
        sound = write(tmp_path / "in", dataset.name, planted(dataset, who, sound=True), form)
        done = run("import", str(sound), "--dataset", dataset.name)
        assert "新增 20" in done.stdout, done.output
        bad = write(tmp_path / "in", f"{dataset.name}-bad", planted(dataset, who, sound=False), form)
        run("import", str(bad), "--dataset", dataset.name)
        run(
            "import",
            str(bad),
            "--dataset",
            dataset.name,
            "--json",
            "--rejected",
            str(tmp_path / f"{number}.xlsx"),
        )
    assert (tmp_path / "0.xlsx").exists()
    run("query", "petitions", "--by", "responsible_unit", "--format", "csv")
    run("backup", str(tmp_path / "backup.zip"))
    (tmp_path / "in").rename(tmp_path.parent / f"{tmp_path.name} in")
    assert sum(Store(data).read(dataset.name).num_rows for dataset in IMPORTED) == 20 * len(IMPORTED)
    assert searched(who, tmp_path) == []


def test_a_fault_of_the_program_tells_of_nobody(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    who = people(1)
    file = write(tmp_path, "p", planted(DATASETS["petitions"], who, sound=True), "csv")

    def fails(*_: object) -> None:
        try:
            raise KeyError(who[0].name)
        except KeyError as fault:
            raise ValueError(f"cannot convert {who[0].told}") from fault

    monkeypatch.setattr(sys.modules["analytics.ingest"], "write", fails)
    monkeypatch.setattr(sys, "argv", ["petition", "import", str(file), "--data", str(tmp_path / "data")])
    with pytest.raises(SystemExit):
        cli.main()
    (trace,) = (tmp_path / "temp").glob("*.log")
    assert "builtins.KeyError" in trace.read_text() and "builtins.ValueError" in trace.read_text()
    (tmp_path / "said.log").write_text("".join(capsys.readouterr()))
    assert "程序出错" in (tmp_path / "said.log").read_text()
    file.unlink()
    assert searched(who, tmp_path) == []


def test_headers_sheets_and_names_of_files_are_told_masked(run: Run, tmp_path: Path) -> None:
    (one,) = people(1)
    table = (
        ["信访件编号", "登记日期", "信访形式", f"电话{one.phone}", one.address],
        [["a", "2021-01-05", "来信", "", ""]],
    )
    file = write(tmp_path, f"{one.number}", table, "csv")
    done = run("import", str(file))
    assert done.exit_code == 0
    assert "［证件号］" in done.output and "［电话］" in done.output and "［地址］" in done.output
    file.unlink()
    assert searched([one], tmp_path) == []


def test_a_file_without_headers_is_refused_without_a_word_of_its_rows(run: Run, tmp_path: Path) -> None:
    (one,) = people(1)
    file = tmp_path / "p.csv"
    file.write_text(",".join(one.secrets) + "\n", "utf-8")
    assert "找不到表头" in str(run("import", str(file)).exception)
    file.unlink()
    assert searched([one], tmp_path) == []


# --- keys -----------------------------------------------------------------------------------------


def test_a_key_that_is_somebodys_number_is_rejected(run: Run, tmp_path: Path) -> None:
    (one,) = people(1)
    rows = [[key, "2021-01-05", "来信"] for key in (one.number, one.phone, f"GD-{one.phone}", "GD1")]
    done = run(
        "import", str(write(tmp_path, "p", (["信访件编号", "登记日期", "信访形式"], rows), "csv")), "--json"
    )
    told = json.loads(done.stdout)
    assert told["inserted"] == 1
    assert [(r["value"], r["rule"]) for r in told["rejected"]] == [
        (shown_, "编号里有证件号、电话等个人信息，不能入库")
        for shown_ in ("［证件号］", "［电话］", "GD-［电话］")
    ]


@given(
    region=st.sampled_from(["441481", "440000", "620102"]),
    day=st.dates(min_value=date(2014, 1, 1), max_value=date(2026, 11, 1)),
    serial=st.integers(0, 9999),
)
def test_numbers_that_offices_give_are_kept(region: str, day: date, serial: int) -> None:
    key = f"{region}{day:%Y%m%d}{serial:04}"
    assert masked_key(key) == key
    assert masked_key(f"GD{key}") == f"GD{key}"


@given(st.integers(10**14, 10**20).map(str).filter(lambda n: len(n) not in (11, 15)))
def test_long_numbers_that_are_nobodys_are_kept_as_keys(number: str) -> None:
    from analytics.masking import valid_id

    if not valid_id(number):
        assert masked_key(number) == number


# --- what must not be masked ----------------------------------------------------------------------

_PLACES = (
    *("中山路派出所", "兴宁市第一小学", "宁中镇", "高兴村", "鸭桥村三组", "第一批", "2021年第二批", "公安局"),
    *("市12345热线", "城南社区", "解放路社区居委会", "2021-01-05", "20210105", "44201.5923611111", "38 宗"),
)


@pytest.mark.parametrize("words", _PLACES)
def test_names_of_places_units_and_batches_are_kept(words: str) -> None:
    assert masked(words) == words
    assert masked_key(words) == words


_KEPT = (
    *("2021-01-05 2021-11-30", "2021-01-05_2021-12-31", "20210105-20211231", "2019 2020 2021 2022"),
    *(
        "150,000,000.00 元",
        "1,380,013,800 元",
        "15.5%，16.3%，17.1%",
        "兴信〔2021〕12号",
        "13，14，15，16，17，18",
    ),
    *("GD2021000000123456789", "1990-2021，183 件", "138 件、145 件、150 件", "165 2021-11-30"),
)


@pytest.mark.parametrize("words", _KEPT)
def test_days_ranges_sums_and_numbers_of_documents_are_kept(words: str) -> None:
    assert masked(words) == words


@pytest.mark.parametrize(
    "words",
    ["宁江一路2号桥工程指挥部", "新村1号煤矿", "南门路12号派出所", "建设路8号小区业委会"],
)
def test_a_unit_that_reads_like_an_address_is_kept(words: str) -> None:
    assert masked_name(words) == words
    assert masked_name(f"{words}138 001 38000") == f"{words}［电话］"


@given(
    seed=st.integers(0, 10**9),
    gaps=st.lists(st.sampled_from(["", " ", "-", "—", "——", "_", "\u3000", "－"]), min_size=18, max_size=18),
    before=st.sampled_from(["", "ID", "NO", "sfz", "证件"]),
    after=st.sampled_from(["", "A", "，等"]),
)
def test_a_resident_number_is_masked_however_it_is_grouped(
    seed: int, gaps: list[str], before: str, after: str
) -> None:
    (one,) = people(1, seed)
    spaced = "".join(digit + gap for digit, gap in zip(one.number, [*gaps[:17], ""], strict=True))
    assert masked(f"{before}{spaced}{after}") == f"{before}［证件号］{after}"


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        *((f"138{gap}0013{gap}8000", "［电话］") for gap in ("—", "/", "，", "_", "　", "－", "- ")),
        *(
            ("138 001 38000", "［电话］"),
            ("1 3 8 0 0 1 3 8 0 0 0", "［电话］"),
            ("0753 332 2111", "［电话］"),
        ),
        *(("(0753) 332-2111", "［电话］"), ("0753—3322111", "［电话］"), ("ningz@qq．com", "［邮箱］")),
        *(("鸭桥村老屋下12号", "［地址］"), ("鸭桥村12組8號", "［地址］")),
        ("2021-11-30，13800138000，13900139000", "2021-11-30，［电话］，［电话］"),
    ],
)
def test_numbers_and_addresses_in_unusual_spellings(written: str, stored: str) -> None:
    assert masked(written) == stored


@pytest.mark.parametrize("name", ["水口镇人民政府", "某某有限公司", "某某村委会", "兴宁市第一小学校办"])
def test_the_name_of_an_organisation_is_no_persons(name: str) -> None:
    assert masked(f"兴宁市{name}", own(name=name)) == f"兴宁市{name}"
    assert masked("王会和欧阳文会", own(name="王会、欧阳文会")) == "［姓名］和［姓名］"


def test_a_name_that_begins_a_places_is_not_taken_for_the_persons() -> None:
    assert masked("高兴村委会和高兴本人", own(name="高兴")) == "高兴村委会和［姓名］本人"


@given(st.integers(0, 10**9), st.text(st.characters(min_codepoint=0x3000, max_codepoint=0x303F), max_size=5))
@example(1, "")
def test_a_number_is_masked_wherever_it_stands(seed: int, words: str) -> None:
    (one,) = people(1, seed)
    for secret in one.secrets[1:]:
        assert secret not in masked(f"{words}{secret}{words}")
        wide = secret.translate({ord(c): ord(c) + 0xFEE0 for c in "0123456789"})
        assert wide not in masked(f"{words}{wide}{words}") or secret == one.address
    assert one.name not in masked(f"{words}{one.name}{words}", own(name=one.name))


@given(st.text())
def test_what_is_shown_steers_nothing_and_masks_once(text: str) -> None:
    assert visible(visible(text)) == visible(text)
    assert not set(shown(text)) & set("\n\r\x1b\u202e\u200b\0")
    assert len(shown(text)) <= 60


# --- the tables' log ------------------------------------------------------------------------------


def told_all(root: Path, table: DeltaTable, dataset: Dataset, change: Change, note: Note) -> None:
    """As rows were written when the log held the least and greatest of every column."""
    rows = change.rows.cast(pa.schema([schema(dataset).field(name) for name in change.rows.column_names]))
    whole = pa.concat_tables([schema(dataset).empty_table(), rows], promote_options="default")
    write_deltalake(table, whole, mode="append", commit_properties=note.as_commit())
    table.update_incremental()


@pytest.mark.parametrize("before", [False, True])
def test_no_words_are_in_the_log_of_a_table(
    run: Run, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: bool
) -> None:
    def bring(key: str, words: str) -> str:
        rows = [[key, "2021-01-05", words]]
        file = write(tmp_path, key, (["督办编号", "督办日期", "问题清单"], rows), "csv")
        return run("import", str(file), "--dataset", "supervisions").stdout

    if before:  # a store of the time when the log told everything
        monkeypatch.setattr("analytics.store._STATISTICS", "delta.appendOnly")
        monkeypatch.setattr("analytics.store._plain", lambda _: ["false"])
        monkeypatch.setattr("analytics.store._write", told_all)
    assert "新增 1" in bring("d0", "从前的话")
    monkeypatch.undo()
    assert "新增 1" in bring("d1", "说过的话")
    assert "更新 1" in bring("d1", "改过的话")
    log = "".join(path.read_text() for path in (data / "supervisions" / "_delta_log").glob("*.json"))
    assert ("从前的话" in log) == before
    assert "说过的话" not in log and "改过的话" not in log and "minValues" in log
    problems = [row["problem"] for row in Store(data).read("supervisions").to_pylist()]
    assert sorted(problems) == ["从前的话", "改过的话"]


# --- the secret -----------------------------------------------------------------------------------


def keys(data: Path) -> dict[str, object]:
    rows = Store(data).read("petitions").to_pylist()
    return {row["petition_id"]: row["petitioner_key"] for row in rows}


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no file modes")
def test_a_secret_that_others_may_read_is_refused(run: Run, data: Path, tmp_path: Path) -> None:
    file = write(tmp_path, "p", planted(DATASETS["petitions"], people(1), sound=True), "csv")
    assert run("import", str(file)).exit_code == 0
    (data / SECRET).chmod(0o640)
    assert "chmod 600" in str(run("import", str(file)).exception)
    (data / SECRET).chmod(0o600)
    assert run("import", str(file)).exit_code == 0


def test_the_secret_is_made_at_the_first_start(tmp_path: Path) -> None:
    with serving(tmp_path / "data", tmp_path / "log"):
        made = tmp_path / "data" / SECRET
        assert made.stat().st_mode & 0o077 == 0 or sys.platform == "win32"
        text = made.read_text("ascii")
    with serving(tmp_path / "data", tmp_path / "log"):
        assert made.read_text("ascii") == text


def test_rotation_ends_linkage_and_changes_nothing_else(run: Run, data: Path, tmp_path: Path) -> None:
    headers = ["信访件编号", "登记日期", "信访形式", "责任单位", "内容一级", "内容二级", "身份证号"]
    (one,) = people(1)

    def bring(*items: tuple[str, str]) -> None:
        rows = [[key, day, "来信", "市水务局", "城乡建设", "村镇建设", one.number] for key, day in items]
        assert run("import", str(write(tmp_path, items[0][0], (headers, rows), "csv"))).exit_code == 0

    bring(("a", "2021-01-05"), ("b", "2021-02-05"))
    linked = {row["petition_id"]: row["linked"] for row in Store(data).read("links").to_pylist()}
    assert linked == {"a": "first", "b": "repeat"}
    before, secret = Store(data).read("petitions").to_pylist(), (data / SECRET).read_bytes()
    assert "已更换" in run("rotate", "--yes").stdout
    assert (data / SECRET).read_bytes() != secret
    assert (data / SECRET).stat().st_mode & 0o077 == 0 or sys.platform == "win32"
    assert Store(data).read("petitions").to_pylist() == before
    bring(("c", "2021-03-05"), ("d", "2021-04-05"))
    linked = {row["petition_id"]: row["linked"] for row in Store(data).read("links").to_pylist()}
    assert linked == {"a": "first", "b": "repeat", "c": "first", "d": "repeat"}
    assert keys(data)["a"] == keys(data)["b"] != keys(data)["c"] == keys(data)["d"]


def test_nothing_is_rotated_where_there_is_no_secret_or_no_consent(
    run: Run, data: Path, tmp_path: Path
) -> None:
    assert "没有站点密钥" in str(run("rotate", "--yes").exception)
    write(tmp_path, "p", planted(DATASETS["petitions"], people(1), sound=True), "csv")
    run("import", str(tmp_path / "p-csv.csv"))
    secret = (data / SECRET).read_bytes()
    assert run("rotate").exit_code != 0
    assert (data / SECRET).read_bytes() == secret


# --- uploads --------------------------------------------------------------------------------------


class Upload:
    def __init__(self, name: str, content: bytes) -> None:
        self.name, self._content = name, content

    def getbuffer(self) -> bytes:
        return self._content


def test_uploads_are_their_owners_and_leave_nothing(run: Run, tmp_path: Path) -> None:
    from analytics.app.uploads import clear_left_over, on_disk

    names = (
        "长" * 300 + ".csv",
        "../../x.csv",
        "..",
        "a\nb\x1b[2J\0.csv",
        "c:\\x\\y.csv",
        "",
        "x.csv",
        "x.csv",
    )
    with on_disk([Upload(name, b"1") for name in names], Upload("m.toml", b"")) as (paths, mapping):
        folder = paths[0].parents[1]
        assert folder.stat().st_mode & 0o077 == 0 or sys.platform == "win32"
        assert all(folder in path.resolve().parents and path.read_bytes() == b"1" for path in paths)
        assert len({*paths, mapping}) == len(names) + 1
        clear_left_over()
        assert folder.exists()
    assert not folder.exists()
    left = tmp_path / "temp" / "petition-upload-999999999-x"
    left.mkdir()
    clear_left_over()
    assert not left.exists()

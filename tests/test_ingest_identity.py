"""Nobody can be recognised from what is stored; the same person is the same code."""

import stat
import sys
from pathlib import Path

import pandas as pd
import pytest
from exports import HEADERS, Desk

from analytics.ingest import people
from analytics.ingest.coded import Coded
from analytics.ingest.identity import SECRET, petitioner_secret, valid_id
from analytics.masking import masked, own

PEOPLE = (*HEADERS, "姓名", "身份证号", "电话", "住址")
GOOD = ("2021-01-05", "来信")


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def keys(desk: Desk, *people: tuple[str, ...]) -> list[object]:
    desk.bring(*((f"k{n}", *GOOD, *who) for n, who in enumerate(people)), headers=PEOPLE)
    rows = desk.rows()
    return [rows[f"k{n}"]["petitioner_key"] for n in range(len(people))]


def checked(number: str) -> str:
    weights = [2 ** (17 - place) % 11 for place in range(17)]
    return number + "10X98765432"[sum(int(d) * w for d, w in zip(number, weights, strict=True)) % 11]


def test_check_digits() -> None:
    number = checked("99010119800101001")
    assert valid_id(number) == number
    assert [valid_id(number[:-1] + last) for last in "0123456789X" if last != number[-1]] == [""] * 10
    assert valid_id(checked("99010119801301001")) == ""
    assert valid_id(checked("99010119800230001")) == ""
    assert valid_id("990101800101001") == checked("99010119800101001")
    ends_in_x = next(
        n for n in map(str, range(99010119800101000, 99010119800101100)) if checked(n)[-1] == "X"
    )
    assert valid_id(f" {checked(ends_in_x).lower()} ") == checked(ends_in_x)


def test_the_same_person_has_the_same_code(desk: Desk) -> None:
    number = checked("99010119800101001")
    by_id, other_name, old_form, full_width = keys(
        desk,
        ("张某某", number, "13800000001", ""),
        ("张某", number, "", "某处"),
        ("", "990101800101001", "", ""),
        ("", f" {number[:9]} {number[9:]}", "", ""),
    )
    assert by_id == other_name == old_form == full_width
    assert len(str(by_id)) == 32


def test_name_and_telephone_where_the_number_is_none(desk: Desk) -> None:
    one, spelled, wrong_id, other, name_only, phone_only, nobody = keys(
        desk,
        ("张某某", "", "13800000001", ""),
        ("张 某某", "", "+86 138-0000-0001", ""),
        ("张某某", "123", "13800000001", ""),
        ("李某某", "", "13800000001", ""),
        ("张某某", "", "", ""),
        ("", "", "13800000001", ""),
        ("", "", "", ""),
    )
    assert one == spelled == wrong_id != other
    assert name_only == phone_only == nobody == "未填"


def test_nothing_personal_reaches_the_disk(desk: Desk) -> None:
    number = checked("99010119800101001")
    words = ["张某某", number, "13800000001", "某路12号3栋"]
    headers = (*PEOPLE, "留言详情", "petitioner_key")
    desk.bring(("a", *GOOD, *words, "本人电话13800000001", "张某某"), headers=headers)
    for file in desk.store.path.rglob("*"):
        content = file.read_bytes() if file.is_file() else b""
        assert not [word for word in words if word.encode() in content], file
    assert not {str(v) for row in desk.rows().values() for v in row.values()} & set(words)


def test_a_code_that_is_mapped_from_a_name_is_hashed_and_one_of_ours_is_kept(desk: Desk) -> None:
    headers = (*HEADERS, "petitioner_key")
    desk.bring(("a", *GOOD, "用户007"), ("b", *GOOD, "0123456789abcdef" * 2), headers=headers)
    assert desk.rows()["a"]["petitioner_key"] not in ("用户007", "未填")
    assert desk.rows()["b"]["petitioner_key"] == "0123456789abcdef" * 2


def test_codes_differ_between_sites_and_stay_within_one(tmp_path: Path) -> None:
    who = ("张某某", "", "13800000001", "")
    here, there = Desk(tmp_path / "a"), Desk(tmp_path / "b")
    here.folder.mkdir()
    there.folder.mkdir()
    first = keys(here, who)
    assert keys(here, who) == first != keys(there, who)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no file modes")
def test_the_secret_is_for_its_owner_only(tmp_path: Path) -> None:
    secret = petitioner_secret(tmp_path)
    assert petitioner_secret(tmp_path) == secret
    assert len(secret) == 32
    assert stat.S_IMODE((tmp_path / SECRET).stat().st_mode) == 0o600


def test_no_secret_is_made_where_nobody_is_named(desk: Desk) -> None:
    desk.bring(("a", *GOOD))
    assert not (desk.store.path / SECRET).exists()


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("联系13800000001核实", "联系［电话］核实"),
        ("电话 138-0000-0001。", "电话 ［电话］。"),
        ("座机0753-3200000", "座机［电话］"),
        (f"证号{checked('99010119800101001')}的人", "证号［证件号］的人"),
        ("证号990101800101001", "证号［证件号］"),
        ("证号990101 19800101 1001，９９０１０１１９８００１０１１００１", "证号［证件号］，［证件号］"),
        ("电话１３８００００００００，138.0000.0001，(0753)3200000", "电话［电话］，［电话］，［电话］"),
        ("卡号6222 0000 0000 0000 001，邮箱a.b@example.com", "卡号［卡号］，邮箱［邮箱］"),
        ("住某某路12号3栋201室", "［地址］"),
        ("编号GD2021000000123456789的案件", "编号GD2021000000123456789的案件"),
        ("2021年1月5日交办38件，共1237人次", "2021年1月5日交办38件，共1237人次"),
    ],
)
def test_free_text_is_masked(written: str, stored: str) -> None:
    assert masked(written) == stored


def test_free_text_is_masked_on_its_way_in(desk: Desk) -> None:
    headers = ("督办编号", "督办日期", "问题清单")
    desk.bring(("d1", "2021-01-05", "联系人13800000001未答复"), headers=headers)
    assert desk.rows("supervisions")["d1"]["problem"] == "联系人［电话］未答复"


@pytest.mark.parametrize(("remembered", "made"), [(3, 3), (2, 6)])
def test_what_a_row_says_of_its_petitioner_is_worked_out_once_for_all_columns(
    monkeypatch: pytest.MonkeyPatch, remembered: int, made: int
) -> None:
    """As far as rows are remembered; beyond it is worked out again, and no row is taken for another."""
    asked: list[str] = []

    def noted(name: str) -> people.Own:
        asked.append(name)
        return own(name)

    monkeypatch.setattr(people, "own", noted)
    monkeypatch.setattr(people, "_REMEMBERED", remembered)
    names = ["张某某", "李某某", "王某某"]
    rows = people.People({"person_name": Coded.each(pd.Series(names, dtype="str"))})
    for _ in range(2):
        told = [rows.cover(at, f"{name}与{names[at - 1]}来访") for at, name in enumerate(names)]
        assert told == [f"［姓名］与{names[at - 1]}来访" for at in range(3)]
    assert len(asked) == made

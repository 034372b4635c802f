"""An import as a whole: what arrives, what stays, what goes, and what is said about it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from exports import HEADERS, SITE, Desk, csv_file

from analytics.ingest import import_files, import_rows, preview_files, rederive, write_rejected
from analytics.model import Period
from analytics.places import Township
from analytics.site import Refusal, today
from analytics.store import MANIFEST

GOOD = ("2021-01-05", "来信")
FULL = (*HEADERS, "镇街", "责任单位", "受理日期", "办结日期", "人数")


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def counts(report: object) -> tuple[int, int, int]:
    return report.inserted, report.updated, report.unchanged  # type: ignore[attr-defined]


# --- rows that are there already ------------------------------------------------------------------


def test_the_same_file_twice_changes_nothing(desk: Desk) -> None:
    rows = [("a", *GOOD, "宁中", "某局", "2021-01-06", "", "3"), ("b", *GOOD, "", "", "", "", "")]
    first, second = (desk.bring(*rows, headers=FULL) for _ in range(2))
    assert counts(first) == (2, 0, 0)
    assert counts(second) == (0, 0, 2)
    assert first.version == second.version == desk.store.versions()["petitions"]
    assert len(desk.store.imports()) == 1


def test_columns_not_in_the_file_keep_their_stored_values(desk: Desk) -> None:
    desk.bring(("a", *GOOD, "宁中", "某局", "2021-01-06", "", "3"), headers=FULL)
    before = desk.rows()["a"]
    report = desk.bring(("a", "2021-02-01"), headers=("信访件编号", "办结日期"))
    assert counts(report) == (0, 1, 0)
    after = desk.rows()["a"]
    assert {name for name in after if after[name] != before[name]} == {
        *("closed_on", "closed_on_given", "handling_days", "handling_band"),
    }


def test_a_blank_cell_of_a_column_in_the_file_empties_it(desk: Desk) -> None:
    desk.bring(("a", *GOOD, "宁中", "某局", "2021-01-06", "2021-02-01", "3"), headers=FULL)
    desk.bring(("a", *GOOD, "", "", "", "", ""), headers=FULL)
    row = desk.rows()["a"]
    assert (row["township"], row["responsible_unit"], row["persons"]) == ("未填", "未填", 1)
    assert (row["accepted_on"], row["closed_on"], row["due_on"]) == (None, None, None)


def test_derived_columns_follow_the_merged_row(desk: Desk) -> None:
    desk.bring(("a", *GOOD, "2021-01-06"), headers=(*HEADERS, "受理日期"))
    assert desk.rows()["a"]["due_on"] == date(2021, 3, 7)
    desk.bring(("a", "30"), headers=("信访件编号", "延期天数"))
    assert desk.rows()["a"]["due_on"] == date(2021, 4, 6)
    desk.bring(("a", "2021-05-01"), headers=("信访件编号", "办理期限"))
    desk.bring(("a", "0"), headers=("信访件编号", "延期天数"))
    assert desk.rows()["a"]["due_on"] == date(2021, 5, 1), "a deadline that was given stays"
    desk.bring(("a", ""), headers=("信访件编号", "办理期限"))
    assert desk.rows()["a"]["due_on"] == date(2021, 3, 7)


def test_date_order_is_judged_on_the_merged_row(desk: Desk) -> None:
    desk.bring(("a", *GOOD), ("b", *GOOD))
    report = desk.bring(("a", "2021-01-04"), ("b", "2021-01-06"), headers=("信访件编号", "办结日期"))
    assert [(entry.row, entry.column) for entry in report.rejected] == [(2, "closed_on")]
    assert [desk.rows()[key]["closed_on"] for key in "ab"] == [None, date(2021, 1, 6)]
    report = desk.bring(("b", "2021-01-07"), headers=("信访件编号", "登记日期"))
    assert [entry.column for entry in report.rejected] == ["closed_on"]


def test_an_update_that_would_empty_a_required_value_is_rejected(desk: Desk) -> None:
    desk.bring(("a", *GOOD))
    report = desk.bring(("a", "", "来访"))
    assert [entry.column for entry in report.rejected] == ["registered_on"]
    assert desk.rows()["a"]["channel"] == "letter"


def test_new_keys_need_every_required_column(desk: Desk) -> None:
    desk.bring(("a", *GOOD))
    report = desk.bring(("a", "5"), ("b", "6"), headers=("信访件编号", "人数"))
    assert counts(report) == (0, 1, 0)
    (entry,) = report.rejected
    assert (entry.row, entry.column, entry.also) == (3, "registered_on", entry.also)
    assert "信访形式" in entry.also[0]


def test_a_file_of_new_keys_without_a_required_column_is_refused_by_its_name(desk: Desk) -> None:
    for _ in range(2):
        with pytest.raises(Refusal, match=r"registered_on（登记日期）.*最接近的列名是“登记日”"):
            desk.bring(("x", "2021-01-05", "来信"), headers=("信访件编号", "登记日", "信访形式"))
        desk.bring(("a", *GOOD))
    assert list(desk.rows()) == ["a"]


def test_constants_and_values_of_a_mapping(desk: Desk) -> None:
    mapping = {
        "columns": {"petition_id": "留言编号", "registered_on": "留言时间"},
        "constants": {"channel": "online", "persons": 2},
        "values": {"purpose": {"投诉": "求决"}},
    }
    headers = ("留言编号", "留言时间", "信访目的")
    desk.bring((7, "2021/1/5 8:00", "投诉"), (8, "2021/1/5", "申诉"), headers=headers, mapping=mapping)
    rows = desk.rows()
    assert [(rows[k]["channel"], rows[k]["persons"], rows[k]["purpose"]) for k in "78"] == [
        ("online", 2, "求决"),
        ("online", 2, "申诉"),
    ]


# --- several files --------------------------------------------------------------------------------


def test_files_of_one_call_are_one_version_and_complete_each_other(desk: Desk) -> None:
    letters = csv_file(desk.folder / "letters.csv", HEADERS, [("a", *GOOD), ("b", *GOOD)])
    replies = csv_file(desk.folder / "replies.csv", ("信访件编号", "办结日期"), [("b", "2021-01-09")])
    report = import_files(desk.store, SITE, [letters, replies])
    assert counts(report) == (2, 0, 0)
    assert [desk.rows()[key]["closed_on"] for key in "ab"] == [None, date(2021, 1, 9)]
    (record,) = desk.store.imports()
    assert record.files == ("letters.csv", "replies.csv")
    assert counts(import_files(desk.store, SITE, [letters, replies])) == (0, 0, 2)


def test_files_of_two_datasets_are_refused(desk: Desk) -> None:
    letters = csv_file(desk.folder / "letters.csv", HEADERS, [("a", *GOOD)])
    cases = csv_file(
        desk.folder / "cases.csv", ("积案编号", "批次", "交办日期"), [("c", "第一批", "2021-01-05")]
    )
    with pytest.raises(Refusal, match=r"letters.csv 是信访事项，cases.csv 是信访积案"):
        import_files(desk.store, SITE, [letters, cases])
    assert desk.store.versions() == {}


# --- replacing and coverage -----------------------------------------------------------------------


def test_replace_removes_what_the_period_no_longer_holds(desk: Desk) -> None:
    days = {
        "dec": "2020-12-31",
        "first": "2021-01-01",
        "gone": "2021-01-15",
        "last": "2021-01-31",
        "feb": "2021-02-01",
    }
    desk.bring(*((key, day, "来信") for key, day in days.items()))
    january = Period.month("2021-01")
    report = desk.bring(
        ("first", "2021-01-01", "来访"), ("last", "昨天", "来信"), replace=january, headers=HEADERS
    )
    assert counts(report) == (0, 1, 0)
    assert report.removed == ("gone",)
    assert report.as_json()["removed"] == ["gone"]
    assert sorted(desk.rows()) == ["dec", "feb", "first", "last"], "a row at fault is not a row withdrawn"
    assert desk.store.imports()[0].removed == 1
    assert counts(
        desk.bring(("first", "2021-01-01", "来访"), ("last", "2021-01-31", "来信"), replace=january)
    ) == (0, 0, 2)


def test_coverage_may_not_lie_ahead(desk: Desk) -> None:
    with pytest.raises(Refusal, match="--covers-to"):
        desk.bring(("a", *GOOD), covers_to=today() + timedelta(days=1))


@pytest.mark.parametrize(("day", "warned"), [("2021-02-19", 0), ("2021-02-20", 1)])
def test_a_jump_of_coverage_warns(desk: Desk, day: str, warned: int) -> None:
    desk.bring(("a", *GOOD))
    report = desk.bring(("b", day, "来信"))
    assert report.warning_count == len(report.warnings) == warned
    assert report.inserted == 1


# --- too much at fault ----------------------------------------------------------------------------


@pytest.mark.parametrize(("bad", "imported"), [(1, True), (2, False), (20, False)])
def test_more_than_the_limit_at_fault_imports_nothing(tmp_path: Path, bad: int, imported: bool) -> None:
    desk = Desk(tmp_path, replace(SITE, reject_limit=0.05))
    rows: list[Sequence[str]] = [(f"k{n}", "昨天" if n < bad else "2021-01-05", "来信") for n in range(20)]
    report = desk.bring(*rows)
    assert bool(report.refused) != imported
    assert len(report.rejected) == bad
    assert counts(report) == ((20 - bad, 0, 0) if imported else (0, 0, 0))
    assert len(desk.rows()) == report.inserted
    if not imported:
        assert f"20 行中有 {bad} 行" in report.refused
        assert "第 2 行“登记日期”：不是正确的日期" in report.refused


def test_rejected_rows_go_back_as_a_workbook(desk: Desk, tmp_path: Path) -> None:
    headers = (*HEADERS, "姓名", "电话", "责任单位", "内部备注")
    report = desk.bring(
        ("a", *GOOD, "张某某", "13800000001", "某局", "私密"),
        ("=1+1", "昨天", "传真", "李某某", "13800000002", "联系13800000002", "私密"),
        headers=headers,
    )
    target = tmp_path / "被拒绝.xlsx"
    write_rejected(report, target)
    sheet = openpyxl.load_workbook(target).active
    assert sheet is not None
    head, row = ([cell.value for cell in line] for line in sheet.iter_rows())
    assert head[:6] == ["文件", "行号", "列", "值", "问题", "怎么办"]
    assert row[:4] == ["export.csv", 3, "登记日期", "昨天"]
    cells = dict(zip(head, row, strict=True))
    assert cells["信访件编号"] == "=1+1"
    assert sheet.cell(2, head.index("信访件编号") + 1).data_type == "s"
    assert "信访形式" in cells["同一行的其他问题"]
    assert (cells["姓名"], cells["电话"], cells["责任单位"]) == ("＊＊＊", "＊＊＊", "联系［电话］")
    assert "内部备注" not in head


def test_rejected_rows_are_never_written_inside_the_store(desk: Desk) -> None:
    report = desk.bring(("a", *GOOD), ("b", "昨天", "来信"))
    with pytest.raises(Refusal, match="数据目录"):
        write_rejected(report, desk.store.path / "petitions" / "被拒绝.xlsx")
    with pytest.raises(Refusal, match="没有文件夹"):
        write_rejected(report, desk.folder / "没有" / "被拒绝.xlsx")
    with pytest.raises(Refusal, match="xlsx"):
        write_rejected(report, desk.folder / "被拒绝.txt")


def test_the_report_for_other_programs(desk: Desk) -> None:
    report = desk.bring(("a", *GOOD, "别县"), ("b", "昨天", "来信", ""), headers=(*HEADERS, "镇街"))
    told = report.as_json()
    assert list(told) == ["dataset", "inserted", "updated", "unchanged", "rejected", "warnings", "version"]
    assert told["version"] == desk.store.versions()["petitions"]
    assert {"file", "row", "column", "value", "rule", "remedy"} <= set(told["rejected"][0])


def test_columns_nobody_knows_are_told(desk: Desk) -> None:
    report = desk.bring(("a", *GOOD, "x"), headers=(*HEADERS, "内部备注"))
    assert report.notes == ["export.csv 的这些列不认识，没有导入：内部备注"]


# --- preview --------------------------------------------------------------------------------------


def test_a_preview_says_what_the_import_then_does_and_writes_nothing(desk: Desk) -> None:
    desk.bring(("a", *GOOD), ("b", *GOOD), ("gone", *GOOD))
    before = sorted((path, path.stat().st_mtime_ns) for path in desk.store.path.rglob("*.*"))
    rows = [("a", "2021-01-05", "来访"), ("b", *GOOD), ("c", *GOOD), ("d", "昨天", "来信")]
    file = csv_file(desk.folder / "export.csv", (*HEADERS, "姓名"), [(*row, "张某某") for row in rows])
    month = Period.month("2021-01")
    seen = preview_files(desk.store, SITE, [file], replace=month)
    assert sorted((path, path.stat().st_mtime_ns) for path in desk.store.path.rglob("*.*")) == before
    done = import_files(desk.store, SITE, [file], replace=month)
    assert counts(seen) == counts(done) == (1, 1, 1)
    assert (seen.rejected, seen.removed) == (done.rejected, done.removed)
    assert seen.removed == ("gone",)


def test_a_preview_of_the_first_import_makes_no_store(desk: Desk) -> None:
    file = csv_file(desk.folder / "export.csv", (*HEADERS, "身份证号"), [("a", *GOOD, "1")])
    assert preview_files(desk.store, SITE, [file]).inserted == 1
    assert not desk.store.path.exists()


# --- a changed site -------------------------------------------------------------------------------


def test_a_changed_site_derives_everything_anew_in_one_commit(desk: Desk) -> None:
    desk.bring(
        ("a", *GOOD, "宁中"), ("b", *GOOD, "别县"), headers=(*HEADERS, "镇街"), covers_to=date(2021, 1, 31)
    )
    served = desk.store.versions()["petitions"]
    rederive(desk.store, SITE)
    assert desk.store.versions()["petitions"] == served, "nothing changed"
    site = replace(SITE, townships=(*SITE.townships, Township("别县镇", "1", ("别县",))))
    rederive(desk.store, site)
    assert [desk.rows()[key]["township"] for key in "ab"] == ["宁中镇", "别县镇"]
    assert desk.store.versions()["petitions"] == served + 1
    assert desk.store.declared_coverage("petitions", served + 1) == date(2021, 1, 31)
    assert len(desk.store.imports()) == 1, "deriving anew is no import"
    rederive(desk.store, site)
    assert desk.store.versions()["petitions"] == served + 1
    assert desk.store.read("petitions", version=served)["township"].to_pylist() == ["宁中镇", "未识别"]


def test_an_import_brings_the_other_rows_in_line_with_the_site(desk: Desk) -> None:
    desk.bring(("a", *GOOD, "别县"), headers=(*HEADERS, "镇街"))
    desk.site = replace(SITE, townships=(Township("别县镇", "1", ("别县",)),))
    file = csv_file(desk.folder / "b.csv", HEADERS, [("a", *GOOD), ("b", *GOOD)])
    assert counts(preview_files(desk.store, desk.site, [file])) == (1, 0, 1)
    assert counts(import_files(desk.store, desk.site, [file])) == (1, 0, 1)
    assert desk.rows()["a"]["township"] == "别县镇"


def test_a_column_that_the_contract_gains_is_filled_in(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    from analytics import contract

    petitions = contract.PETITIONS
    fewer = tuple(field for field in petitions.fields if field.name != "village")
    with monkeypatch.context() as before:
        for datasets in (contract.DATASETS, contract.IMPORTED):
            before.setitem(datasets, "petitions", replace(petitions, fields=fewer))
        old = desk.bring(("a", *GOOD)).version
    desk.bring(("b", *GOOD, "某村"), headers=(*HEADERS, "村居"))
    assert [desk.rows()[key]["village"] for key in "ab"] == ["未填", "某村"]
    assert desk.store.read("petitions", version=old).num_rows == 1


# --- rows from the program itself -----------------------------------------------------------------


def test_rows_of_the_contract_go_the_same_way(desk: Desk) -> None:
    rows = pd.DataFrame(
        {"petition_id": ["a", "a", None], "registered_on": date(2021, 1, 5), "channel": "letter"}
    )
    report = import_rows(desk.store, SITE, "petitions", rows)
    assert report.inserted == 1
    assert [entry.row for entry in report.rejected] == [2, 3]


def test_progress_is_told_to_the_end(desk: Desk) -> None:
    steps: list[tuple[str, int, int]] = []
    desk.bring(("a", *GOOD), ("b", *GOOD), progress=lambda *step: steps.append(step))
    assert {step for step, done, total in steps if done == total == 2} == {
        *("读取 export.csv", "校验 export.csv", "写入"),
    }
    assert (desk.store.path / MANIFEST).exists()

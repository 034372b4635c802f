"""Cells into values, through the real import: what is accepted how, and what is rejected with which words."""

from datetime import timedelta
from pathlib import Path

import pandas as pd
import pytest
from exports import HEADERS, SITE, Desk, xlsx_file
from hypothesis import given
from hypothesis import strategies as st

from analytics.contract import DATASETS, IMPORTED, PETITIONS, Kind
from analytics.ingest import Report, Rule, import_files
from analytics.ingest.dates import parse_dates
from analytics.site import today

GOOD = ("2021-01-05", "来信")


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


# --- dates ----------------------------------------------------------------------------------------

FIFTH = [
    *(
        "2021-1-5",
        "2021/01/05",
        "2021年1月5日",
        "20210105",
        "2021.1.5",
        "２０２１年１月５日",
        "2021-01-05T10:00:00",
    ),
    *(
        "2021-01-05 23:30",
        "2021/1/5 23:30:59",
        "2021年1月5日 8时30分",
        "20210105233000",
        "2021-1-5 上午 9:05:00",
    ),
    *("2021-01-05 00:00:00", "2021年1月5日 星期二", "2021-01-05 10:00:00.123456", "44201", "44201.98"),
    *(
        "2021-01-04T23:30:00Z",
        "2021-01-04 16:00:00+00:00",
        "2021-01-05T23:59:59+08:00",
    ),
    *("2021-01-05 01:00:00+0900", "2021-01-04 11:00:00-05:00", "2021-01-05T15:59:59Z"),
]
NEVER = [
    *(
        "2021-02-30",
        "2021-02-29",
        "2021-13-01",
        "2021-00-10",
        "2021-1-0",
        "20210230",
        "2021-1",
        "1/5/2021",
        "昨天",
    ),
    *("0021-01-05", "1900-01-00", "0", "99999999", "2021-01-05 25:00", "2021-01-05 10:61", "2021-01-05 后"),
]


@pytest.mark.parametrize("text", FIFTH)
def test_the_fifth_of_january(text: str) -> None:
    assert parse_dates(pd.Series([text], dtype="str")).dt.strftime("%Y-%m-%d").tolist() == ["2021-01-05"]


@pytest.mark.parametrize("text", NEVER)
def test_no_date_at_all(text: str) -> None:
    assert parse_dates(pd.Series([text], dtype="str")).isna().tolist() == [True]


def test_leap_days_and_month_ends() -> None:
    real = ["2020-02-29", "2000-02-29", "2021-01-31", "2021-04-30", "2021-12-31"]
    assert parse_dates(pd.Series(real, dtype="str")).dt.strftime("%Y-%m-%d").tolist() == real
    assert parse_dates(pd.Series(["1900-02-29", "2100-02-29", "2021-04-31"], dtype="str")).isna().all()


def test_an_offset_moves_the_day_in_both_directions() -> None:
    text = pd.Series(
        ["2021-01-04T16:00:00Z", "2021-01-04T15:59:59Z", "2021-01-05T00:00:00+14:00"], dtype="str"
    )
    assert parse_dates(text).dt.strftime("%Y-%m-%d").tolist() == ["2021-01-05", "2021-01-04", "2021-01-04"]


# --- accepted -------------------------------------------------------------------------------------


@given(st.lists(st.from_regex(r"\A(0001|1949|1950|2021|2099|2100)-[01][0-9]-[0-3][0-9]\Z"), max_size=4))
def test_dates_mean_the_same_whatever_stands_beside_them(texts: list[str]) -> None:
    alike, mixed = (parse_dates(pd.Series(cells, dtype="str")) for cells in (texts, [*texts, "2021.1.5"]))
    assert alike.equals(mixed.iloc[:-1])


def test_every_member_is_known_by_value_label_and_aliases(desk: Desk) -> None:
    for field in PETITIONS.inputs:
        if not field.members or field.kind is not Kind.TEXT:
            continue
        spellings = [(m.value, s) for m in field.members for s in (m.value, m.shown, *m.aliases)]
        rows = [(f"{field.name}{n}", *GOOD, spelling) for n, (_, spelling) in enumerate(spellings)]
        headers = (
            (*HEADERS, field.label)
            if field.name != "channel"
            else ("信访件编号", "登记日期", "来件形式", "信访形式")
        )
        report = desk.bring(*rows, headers=headers)
        assert report.rejected == [], field.name
        stored = desk.rows()
        assert [stored[row[0]][field.name] for row in rows] == [value for value, _ in spellings], field.name


@pytest.mark.parametrize(
    ("label", "written", "stored"),
    [
        ("初重件", "重件", True),
        ("初重件", "初信初访", False),
        ("初重件", "", None),
        ("重复信访标志", "1", True),
        ("是否重复", "否", False),
        ("涉法涉诉", "是", True),
        ("涉法涉诉", "", False),
        ("人数", "12", 12),
        ("人数", "3.0", 3),
        ("人数", "１２", 12),
        ("人数", "", 1),
        ("延期天数", "", 0),
        ("来源", "", "local"),
        ("来源", "上级交办", "superior"),
        ("越级", "", "none"),
        ("对责任单位评价", "", "未评价"),
        ("对责任单位评价", "0", "满意"),
        ("信访目的", "", "未填"),
        ("办理途径", "行政确认", "行政确认"),
        ("责任单位", " 某某\n 局 ", "某某 局"),
        ("责任单位", "-", "未填"),
        ("责任单位", "宁江一路2号桥工程指挥部", "宁江一路2号桥工程指挥部"),
    ],
)
def test_values_as_they_are_stored(desk: Desk, label: str, written: str, stored: object) -> None:
    report = desk.bring(("a", *GOOD, written), headers=(*HEADERS, label))
    assert report.rejected == []
    name = next(f.name for f in PETITIONS.inputs if label in (f.label, *f.aliases))
    assert desk.rows()["a"][name] == stored


def test_keys_are_text_and_lose_only_what_excel_added(desk: Desk) -> None:
    desk.bring(
        ("2549.0", *GOOD), (" 00123 ", *GOOD), ("ＧＤ１", *GOOD), ("GD 2\n", *GOOD), ("2021E05", *GOOD)
    )
    assert sorted(desk.rows()) == ["00123", "2021E05", "2549", "GD1", "GD2"]


def test_a_key_is_the_same_from_a_number_cell_and_from_text(desk: Desk) -> None:
    desk.bring(("2549.0", *GOOD))
    path = xlsx_file(desk.folder / "a.xlsx", {"表": [HEADERS, [2549, "2021-01-05", "来信"], [12e13, *GOOD]]})
    report = import_files(desk.store, SITE, [path])
    assert (report.unchanged, report.inserted) == (1, 1)
    assert sorted(desk.rows()) == ["120000000000000", "2549"]


def test_a_number_of_more_digits_than_excel_keeps_is_no_key(desk: Desk) -> None:
    path = xlsx_file(desk.folder / "a.xlsx", {"表": [HEADERS, [441481202101000064, "2021-01-05", "来信"]]})
    report = import_files(desk.store, SITE, [path])
    assert [rejection.rule for rejection in report.rejected] == [Rule.KEY_SCIENTIFIC.text]


# --- rejected -------------------------------------------------------------------------------------

TOMORROW = (today() + timedelta(days=1)).isoformat()


def fault(report: Report) -> tuple[int, str, str, str]:
    (rejection,) = report.rejected
    return rejection.row, rejection.column, rejection.value, rejection.rule


@pytest.mark.parametrize(
    ("headers", "row", "column", "value", "rule"),
    [
        (HEADERS, ("", *GOOD), "petition_id", "", Rule.KEY_MISSING),
        (HEADERS, ("good", *GOOD), "petition_id", "good", Rule.KEY_REPEATED),
        (HEADERS, ("1.23E+17", *GOOD), "petition_id", "1.23E+17", Rule.KEY_SCIENTIFIC),
        (HEADERS, ("a", "2021-02-30", "来信"), "registered_on", "2021-02-30", Rule.DATE),
        (HEADERS, ("a", TOMORROW, "来信"), "registered_on", TOMORROW, Rule.DATE_FUTURE),
        (HEADERS, ("a", "", "来信"), "registered_on", "", Rule.REQUIRED),
        (HEADERS, ("a", "2021-01-05", ""), "channel", "", Rule.REQUIRED),
        (HEADERS, ("a", "2021-01-05", "传真"), "channel", "传真", Rule.MEMBER),
        ((*HEADERS, "来源"), ("a", *GOOD, "邻县"), "source", "邻县", Rule.MEMBER),
        ((*HEADERS, "人数"), ("a", *GOOD, "0"), "persons", "0", Rule.NUMBER_RANGE),
        ((*HEADERS, "人数"), ("a", *GOOD, "10000"), "persons", "10000", Rule.NUMBER_RANGE),
        ((*HEADERS, "人数"), ("a", *GOOD, "-3"), "persons", "-3", Rule.NUMBER_RANGE),
        ((*HEADERS, "人数"), ("a", *GOOD, "2.5"), "persons", "2.5", Rule.NUMBER),
        ((*HEADERS, "人数"), ("a", *GOOD, "三人"), "persons", "三人", Rule.NUMBER),
        ((*HEADERS, "人数"), ("a", *GOOD, "٣"), "persons", "٣", Rule.NUMBER),
        ((*HEADERS, "延期天数"), ("a", *GOOD, "31"), "extension_days", "31", Rule.NUMBER_RANGE),
        ((*HEADERS, "初重件"), ("a", *GOOD, "也许"), "is_repeat", "也许", Rule.FLAG),
        ((*HEADERS, "受理日期"), ("a", *GOOD, "2021-01-04"), "accepted_on", "2021-01-04", Rule.DATE_ORDER),
        ((*HEADERS, "办结日期"), ("a", *GOOD, "2021-01-04"), "closed_on", "2021-01-04", Rule.DATE_ORDER),
        ((*HEADERS, "评价日期"), ("a", *GOOD, TOMORROW), "rated_on", TOMORROW, Rule.DATE_FUTURE),
    ],
)
def test_what_is_rejected(
    desk: Desk, headers: tuple[str, ...], row: tuple[str, ...], column: str, value: str, rule: Rule
) -> None:
    good = ("good", *GOOD, *[""] * (len(headers) - len(HEADERS)))
    report = desk.bring(good, row, headers=headers)
    assert fault(report)[:3] == (3, column, value)
    assert fault(report)[3].startswith(rule.text)
    assert report.rejected[0].remedy == rule.remedy
    assert report.rejected[0].file == "export.csv"
    assert list(desk.rows()) == ["good"]


def test_the_last_days_and_numbers_that_are_allowed(desk: Desk) -> None:
    headers = (*HEADERS, "受理日期", "办结日期", "人数", "延期天数", "办理期限")
    rows = [
        ("a", *GOOD, "2021-01-05", "2021-01-05", "1", "0", "2031-01-01"),
        ("b", today().isoformat(), "来信", "", "", "9999", "30", ""),
    ]
    assert desk.bring(*rows, headers=headers).rejected == []


def test_one_entry_per_row_with_the_other_faults_beside(desk: Desk) -> None:
    headers = (*HEADERS, "人数", "受理日期")
    report = desk.bring(
        ("a", "2021-01-05", "传真", "零", "2021-01-01"), ("b", *GOOD, "1", ""), headers=headers
    )
    (entry,) = report.rejected
    assert entry.column == "channel"
    assert entry.header == "信访形式"
    assert [text.split("：")[0] for text in entry.also] == ["人数", "受理日期"]
    assert Rule.DATE_ORDER.text in entry.also[1]


def test_the_second_row_of_a_key_is_rejected_even_where_the_first_was(desk: Desk) -> None:
    report = desk.bring(("a", "昨天", "来信"), ("a", *GOOD))
    assert [(entry.row, entry.column) for entry in report.rejected] == [
        (2, "registered_on"),
        (3, "petition_id"),
    ]


@pytest.mark.parametrize("dataset", [name for name in IMPORTED if name != "petitions"])
def test_other_datasets_reject_in_the_same_way(desk: Desk, dataset: str) -> None:
    contract = DATASETS[dataset]
    headers = [field.label for field in contract.required]
    good = ["2021-01-05" if field.kind is Kind.DATE else "甲" for field in contract.required]
    bad = ["2021-02-30" if field.kind is Kind.DATE else "乙" for field in contract.required]
    report = desk.bring(good, bad, headers=headers, dataset=dataset)
    assert report.inserted == 1
    assert fault(report)[:3] == (3, contract.date, "2021-02-30")


# --- accepted with a warning ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "cells", "column", "rule"),
    [
        (("办理期限",), ("2021-01-04",), "due_on", Rule.DUE_EARLY),
        (("镇街",), ("别县某镇",), "township", Rule.TOWNSHIP),
        (("内容一级",), ("天外来客",), "category_1", Rule.CLASS),
        (("受理日期", "答复日期"), ("2021-01-10", "2021-01-09"), "replied_on", Rule.REPLY_EARLY),
        (("对责任单位评价", "办结日期"), ("满意", "2021-01-09"), "rated_on", Rule.RATED),
    ],
)
def test_what_is_accepted_with_a_warning(
    desk: Desk, more: tuple[str, ...], cells: tuple[str, ...], column: str, rule: Rule
) -> None:
    report = desk.bring(("a", *GOOD, *cells), ("b", *GOOD, *[""] * len(cells)), headers=(*HEADERS, *more))
    assert (report.inserted, report.rejected, report.warning_count) == (2, [], 1)
    (warning,) = report.warnings
    assert (warning.row, warning.column, warning.rule) == (2, column, rule.text)


def test_thousands_of_warnings_are_counted_and_the_first_kept(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("analytics.ingest.report.WARNINGS_KEPT", 3)
    rows = [(f"k{n}", *GOOD, "别县", "天外") for n in range(5)]
    report = desk.bring(*rows, headers=(*HEADERS, "镇街", "内容一级"))
    assert report.warning_count == 10
    assert [warning.row for warning in report.warnings] == [2, 3, 4]

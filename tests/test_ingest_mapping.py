"""Which column is which: known names, a mapping file, and what is said where neither helps."""

from pathlib import Path
from typing import Any

import pytest

from analytics.contract import DATASETS, IMPORTED, PERSONAL
from analytics.ingest.mapping import Columns, load_mapping, match, plain
from analytics.site import Refusal


def matched(*headers: str, dataset: str | None = None, **mapping: Any) -> Columns:
    return match("export.csv", headers, load_mapping(mapping), dataset)


@pytest.mark.parametrize("dataset", list(DATASETS))
def test_every_known_name_leads_to_its_column(dataset: str) -> None:
    contract = DATASETS[dataset]
    for field in contract.inputs:
        for name in (field.name, field.label, *field.aliases):
            found = matched(contract.key, name, dataset=dataset)
            wanted = contract.key if field.name == contract.key else name
            assert found.headers[field.name] == wanted, name


@pytest.mark.parametrize("dataset", list(DATASETS))
def test_no_name_belongs_to_two_columns(dataset: str) -> None:
    owners: dict[str, str] = {}
    for column in (*DATASETS[dataset].inputs, *PERSONAL):
        for name in {plain(each) for each in (column.name, column.label, *column.aliases)}:
            assert owners.setdefault(name, column.name) == column.name, name


@pytest.mark.parametrize("dataset", list(IMPORTED))
def test_the_dataset_is_told_from_the_labels(dataset: str) -> None:
    assert matched(*(field.label for field in DATASETS[dataset].inputs)).dataset.name == dataset


@pytest.mark.parametrize("header", ["登记日期*", " 登记\n日期 ", "登记日期（必填）", "REGISTERED_ON", "djsj"])
def test_spelling_of_headers_does_not_matter(header: str) -> None:
    assert matched("信访件编号", header).headers["registered_on"] == header


def test_the_label_wins_over_other_known_names() -> None:
    found = matched("信访件编号", "登记时间", "登记日期")
    assert found.headers["registered_on"] == "登记日期"
    assert found.ignored == ["登记时间"]


def test_a_mapping_wins_over_known_names() -> None:
    found = matched("信访件编号", "登记日期", "来件日", columns={"registered_on": "来件日"})
    assert found.headers["registered_on"] == "来件日"


def test_a_file_of_no_telling_dataset_is_asked_for_it() -> None:
    with pytest.raises(Refusal, match=r"看不出.*receptions（领导接访）.*--dataset"):
        matched("编号", "日期")


def test_a_missing_key_is_named_with_the_nearest_header() -> None:
    with pytest.raises(Refusal, match=r"缺少必填列 petition_id（信访件编号），最接近的列名是“信访件号”"):
        matched("信访件号", "登记日期", "信访形式")


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "part": ({"column": {}}, "没有“column”这一项"),
    "type": ({"columns": "登记日期"}, "columns 类型不对"),
    "values": ({"values": {"来信": "letter"}}, r"\[values.列名\]"),
    "dataset": ({"dataset": "petition"}, "没有数据集“petition”.*petitions"),
    "column": ({"columns": {"registred_on": "登记日期"}}, "“registred_on”不是.*最接近的是 registered_on"),
    "derived": ({"constants": {"overdue_from": "2021-01-01"}}, "“overdue_from”不是"),
    "header": (
        {"columns": {"registered_on": "登记日"}},
        "没有映射文件为 registered_on 指定的列“登记日”，最接近的是“登记日期”",
    ),
    "both": ({"columns": {"channel": "信访形式"}, "constants": {"channel": "来信"}}, "channel 在.*都有"),
}


@pytest.mark.parametrize("name", list(WRONG))
def test_a_wrong_mapping_is_refused_by_its_entry(name: str) -> None:
    mapping, says = WRONG[name]
    with pytest.raises(Refusal, match=says):
        matched("信访件编号", "登记日期", "信访形式", **mapping)


def test_a_mapping_file_that_is_no_toml_or_not_there(tmp_path: Path) -> None:
    broken = tmp_path / "m.toml"
    broken.write_text("[columns", "utf-8")
    with pytest.raises(Refusal, match="不是正确的 TOML"):
        load_mapping(broken)
    with pytest.raises(Refusal, match="找不到映射文件"):
        load_mapping(tmp_path / "gone.toml")


def test_command_and_mapping_must_agree_on_the_dataset() -> None:
    with pytest.raises(Refusal, match="请改成一致"):
        match("a.csv", ["编号"], load_mapping({"dataset": "petitions"}), "backlog")


def test_classes_under_their_other_names_are_no_derived_dataset() -> None:
    headers = ["信访件编号", "登记日期", "信访形式", "内容一级", "内容二级"]
    assert match("a.csv", headers, load_mapping(None)).dataset.name == "petitions"

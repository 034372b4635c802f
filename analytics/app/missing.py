"""What was never imported: which file is missing, what it must hold, and how to bring it in."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

from analytics.app import bar
from analytics.app.desk import View
from analytics.app.downloads import XLSX
from analytics.contract import DATASETS, Dataset
from analytics.render.table import xlsx_bytes
from analytics.render.workbook import Table


def not_imported(datasets: Iterable[Dataset]) -> str:
    """尚未导入矛盾排查; empty where nothing is missing."""
    labels = "、".join(dataset.label for dataset in datasets)
    return f"尚未导入{labels}" if labels else ""


def said_missing(view: View, metrics: Iterable[str]) -> bool:
    """Says in one quiet line which files these metrics lack; whether any is missing."""
    words = not_imported(view.lacking(metrics))
    if words:
        st.caption(words)
    return bool(words)


def said_files(view: View, needs: Iterable[str]) -> int:
    """Says of each dataset never imported what its file holds and how to import it; how many there are."""
    absent = [DATASETS[name] for name in needs if not view.has(name)]
    for dataset in absent:
        _file(view, dataset)
    return len(absent)


def template(dataset: Dataset) -> bytes:
    """A workbook to fill in: the header of every column that a file may bring."""
    return xlsx_bytes(Table([field.label for field in dataset.inputs], []), {})


def _file(view: View, dataset: Dataset) -> None:
    must = "、".join(field.label for field in dataset.required)
    may = "、".join(field.label for field in dataset.inputs if not field.required)
    with st.container(border=True, key=view.key(f"missing-{dataset.name}")):
        st.markdown(
            f"**{not_imported([dataset])}：缺少{dataset.label}的文件（Excel 或 CSV，一行一{dataset.unit}）**"
        )
        st.markdown(f"必须有的列：{must}  \n可以有的列：{may}")
        st.markdown(f"导入后本页即可查看。也可以用命令：`petition import 文件.xlsx --dataset {dataset.name}`")
        with st.container(horizontal=True, vertical_alignment="center"):
            bar.link("data", "到“数据”页导入")
            st.download_button(
                "下载空白模板（Excel）",
                lambda: template(dataset),
                f"{dataset.label}模板.xlsx",
                XLSX,
                key=view.key(f"template-{dataset.name}"),
                on_click="ignore",
            )

"""Upload: a preview of what would be accepted and refused, then, on a second click, the import itself."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from analytics.app.desk import View
from analytics.app.downloads import XLSX, download
from analytics.app.noting import note, seen
from analytics.app.plain import plain
from analytics.app.uploads import on_disk
from analytics.contract import DATASETS, IMPORTED
from analytics.engine import data_folder
from analytics.ingest import Report, import_files, preview_files, write_rejected
from analytics.model import Period
from analytics.settings import load_site
from analytics.site import Refusal, site_file, today
from analytics.store import Store

SHOWN = 200
_FORMATS = ["csv", "txt", "tsv", "xlsx", "xlsm", "xls", "parquet"]


@dataclass(frozen=True)
class _Asked:
    """What the form asks to import."""

    files: Sequence[Any]
    dataset: str | None
    mapping: Any | None
    covers_to: date | None
    replace: Period | None

    @property
    def names(self) -> str:
        """Of the files."""
        return "、".join(file.name for file in self.files)

    @property
    def identity(self) -> tuple[object, ...]:
        """Changes when another preview is needed."""
        files = tuple(f.file_id for f in self.files)
        mapping = self.mapping.file_id if self.mapping else None
        return files, self.dataset, mapping, self.covers_to, self.replace


@dataclass(frozen=True)
class Importer:
    """The form, the preview and the result."""

    def draw(self, view: View) -> None:
        """Draws them. Nothing is written before 确认导入 is clicked."""
        if not view.may("import"):
            return
        st.markdown("**导入本月数据**")
        if done := st.session_state.pop("imported", None):
            st.success(done)
        asked = _form()
        if not asked.files:
            return
        report = _preview(view, asked)
        if report is None:
            return
        _show(view, report)
        if st.button(
            "确认导入",
            type="primary",
            disabled=bool(report.refused) or not (_changes(report) or asked.covers_to),
        ):
            _import(view, asked)


def _form() -> _Asked:
    turn = st.session_state.setdefault("upload", 0)
    files = st.file_uploader(
        "导出文件",
        type=_FORMATS,
        accept_multiple_files=True,
        key=f"files-{turn}",
        label_visibility="collapsed",
    )
    with st.expander("更多设置：数据集、列名对应、数据截止日、整段替换"):
        first, second = st.columns(2)
        names = ["", *IMPORTED]
        dataset = first.selectbox(
            "数据集", names, format_func=lambda n: DATASETS[n].label if n else "按表头自动判断"
        )
        covers_to = second.date_input(
            "数据完整到哪一天（可不填）", None, max_value=today(), format="YYYY-MM-DD", key=f"covers-{turn}"
        )
        mapping = first.file_uploader("列名对应文件（TOML，可不填）", type=["toml"], key=f"mapping-{turn}")
        span = second.date_input(
            "整段替换：文件包含这些日期的全部记录，库中多出的移除（可不填）",
            [],
            max_value=today(),
            format="YYYY-MM-DD",
            key=f"replace-{turn}",
        )
    replace = Period(*span) if isinstance(span, tuple) and len(span) == 2 else None
    return _Asked(
        files or [], dataset or None, mapping, covers_to if isinstance(covers_to, date) else None, replace
    )


def _run(work: Callable[..., Report], asked: _Asked, words: str) -> Report | None:
    """Previews or imports under a progress bar; None where it was refused, which is then shown."""
    bar = st.progress(0.0, words)
    target = data_folder(importing=True)
    try:
        with on_disk(asked.files, asked.mapping) as (paths, mapping):
            # The settings of the directory that is written to: the demo's may be others.
            site, told = load_site(site_file(target)), _told(bar)
            return work(
                Store(target), site, paths, asked.dataset, mapping, asked.covers_to, asked.replace, told
            )
    except Refusal as refusal:
        st.error(plain(str(refusal)))
        return None
    finally:
        bar.empty()


def _told(bar: Any) -> Any:
    return lambda step, done, total: bar.progress(
        min(done / max(total, 1), 1.0), f"{step} {done:,}/{total:,}"
    )


def _preview(view: View, asked: _Asked) -> Report | None:
    """What the import would do; computed once for the same files and settings over the same data."""
    versions = Store(data_folder(importing=True)).versions()
    identity = (*asked.identity, tuple(versions.items()))
    known = st.session_state.get("preview")
    if known and known[0] == identity:
        return known[1]  # type: ignore[no-any-return]
    report = _run(preview_files, asked, "正在检查文件……")
    if report is not None:
        seen(view.looker, "预检导入", asked.names, rows=report.inserted + report.updated + report.unchanged)
        st.session_state["preview"] = (identity, report)
    return report


def _import(view: View, asked: _Asked) -> None:
    view.permit("import")
    target = data_folder(importing=True)
    note(view.looker, "导入", f"开始：{asked.names}", folder=target)
    report = _run(import_files, asked, "正在导入……")
    if report is None or report.refused:
        with suppress(Refusal):
            note(view.looker, "导入", f"没有导入：{asked.names}", folder=target)
        if report is not None:
            st.error(plain(report.refused))
        return
    done = {report.dataset: report.version or 0}
    with suppress(Refusal):  # it is done: that the end cannot be noted must not look like a refusal
        note(view.looker, "导入", f"完成：{_counts(report)}", versions=done, folder=target)
    st.session_state["imported"] = (
        f"已导入 {_counts(report)}；{DATASETS[report.dataset].label}现为第 {report.version} 版"
    )
    st.session_state["upload"] += 1
    st.session_state.pop("preview", None)
    st.rerun()


def _changes(report: Report) -> int:
    return report.inserted + report.updated + len(report.removed)


def _counts(report: Report) -> str:
    parts = [
        f"新增 {report.inserted:,}",
        f"更新 {report.updated:,}",
        f"未变 {report.unchanged:,}",
        f"移除 {len(report.removed):,}",
        f"拒绝 {len(report.rejected):,}",
    ]
    return "，".join(parts)


def _show(view: View, report: Report) -> None:
    st.markdown(f"**预览（尚未写入）** · {DATASETS[report.dataset].label}：{_counts(report)}")
    if report.refused:
        st.error(plain(report.refused))
    elif not _changes(report):
        st.info("文件里没有新内容：导入不会改变任何数据。")
    for words in report.notes:
        st.caption(plain(words))
    if report.removed:
        shown = "、".join(report.removed[:50])
        st.caption(plain(f"将移除：{shown}{'……' if len(report.removed) > 50 else ''}"))
    if report.rejected:
        st.markdown(f"拒绝 {len(report.rejected):,} 行")
        st.dataframe(_table(report.rejected[:SHOWN]), hide_index=True)
        label, name = "下载被拒绝的行（Excel）", "被拒绝的行.xlsx"
        made = partial(_workbook, report)
        download(view, label, name, XLSX, lambda: (made(), len(report.rejected)), "rejected", "import")
    if report.warning_count:
        st.markdown(f"提醒 {report.warning_count:,} 处（照常导入）")
        st.dataframe(_table(report.warnings[:SHOWN]), hide_index=True)


def _table(entries: Sequence[Any]) -> pd.DataFrame:
    rows = [
        {"文件": e.file, "行": e.row, "列": e.column, "值": e.value, "问题": e.rule, "怎么办": e.remedy}
        for e in entries
    ]
    return pd.DataFrame(rows)


def _workbook(report: Report) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rejected.xlsx"
        write_rejected(report, path)
        return path.read_bytes()

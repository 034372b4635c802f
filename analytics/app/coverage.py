"""数据: what there is, to which day, in which version, and what each import did."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
import streamlit as st

from analytics.app.desk import View
from analytics.contract import DATASETS, Dataset


@dataclass(frozen=True)
class Coverages:
    """A line a dataset: first and last day, version, and whether it ends before the others."""

    def draw(self, view: View) -> None:
        """Draws the table."""
        st.subheader("数据", anchor=False)
        versions = view.engine.versions()
        found = {d: view.engine.coverage(d) for d in DATASETS}
        newest = max((c.last for c in found.values() if c), default=None)
        rows = []
        for name, dataset in DATASETS.items():
            coverage = found[name]
            late = coverage is not None and coverage.last != newest
            rows.append(
                {
                    "数据集": dataset.label,
                    "起": f"{coverage.first}" if coverage else "—",
                    "截至": f"{coverage.last}" if coverage else "—",
                    "版本": f"{versions[name]}" if name in versions else "—",
                    "备注": _note(dataset, there=coverage is not None, late=late),
                }
            )
        st.dataframe(pd.DataFrame(rows), hide_index=True)
        kind = "演示数据：第一次导入真实数据后自动改用真实数据" if view.engine.store.is_demo else "真实数据"
        st.caption(f"{kind}；单位 {view.engine.site.bureau}")


def _note(dataset: Dataset, there: bool, late: bool) -> str:
    if dataset.sources:
        return f"由{'、'.join(DATASETS[source].label for source in dataset.sources)}推算"
    if not there:
        return "尚未导入"
    return "早于其他数据集，请补导" if late else ""


@dataclass(frozen=True)
class Imports:
    """What each import did, the newest first."""

    def draw(self, view: View) -> None:
        """Draws the table."""
        st.markdown("**导入记录**")
        records = view.engine.store.imports()
        if not records:
            st.caption("还没有导入过。")
            return
        rows = [
            {
                "时间": f"{r.when:%Y-%m-%d %H:%M}",
                "数据集": DATASETS[r.dataset].label,
                "文件": "、".join(r.files) or "—",
                "新增": r.inserted,
                "更新": r.updated,
                "未变": r.unchanged,
                "移除": r.removed,
                "拒绝": r.rejected,
                "提醒": r.warnings,
                "版本": r.version,
                "截至": f"{r.covers_to}" if r.covers_to else "—",
            }
            for r in records
        ]
        st.dataframe(pd.DataFrame(rows), hide_index=True)

"""指标口径: the catalogue as a page, nothing written twice."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
import streamlit as st

from analytics.app.desk import View
from analytics.catalogue import DIMENSIONS, METRICS, dataset_has
from analytics.contract import DATASETS
from analytics.insight.below import dimensions_shown
from analytics.insight.wording import MATURES
from analytics.model import Metric

_BETTER = {"more": "越高越好", "less": "越低越好", None: "—"}


@dataclass(frozen=True)
class Dictionary:
    """Every metric by dataset, then every dimension with its members."""

    def draw(self, view: View) -> None:
        """Draws the tables and a search."""
        st.subheader("指标口径", anchor=False)
        wanted = st.text_input(
            "查找", placeholder="名称、代码或说明，例如 按期", key="find", bind="query-params"
        )
        shown = [DIMENSIONS[name] for name in dimensions_shown(view.engine.site, DIMENSIONS)]
        for name, dataset in DATASETS.items():
            rows = [_row(m) for m in METRICS.values() if m.dataset == name and _matches(m, wanted)]
            if rows:
                known = [d.label for d in shown if dataset_has(dataset, d.name)]
                st.markdown(f"**{dataset.label}** · 可按这些维度分组、筛选：{'、'.join(known)}")
                st.table(pd.DataFrame(rows), hide_index=True)
                st.caption("依据　" + "；　".join(_bases(name, wanted)))
        st.markdown("**维度**")
        lines = [
            {
                "名称": d.label,
                "代码": d.name,
                "成员": "、".join(label for _, label in d.members) or "由数据而定",
            }
            for d in shown
        ]
        st.table(pd.DataFrame(lines), hide_index=True)


def _matches(metric: Metric, wanted: str | None) -> bool:
    return not wanted or wanted.strip() in f"{metric.label}{metric.name}{metric.note}{metric.basis}"


def _bases(dataset: str, wanted: str | None) -> list[str]:
    """Each basis once, with the metrics that rest on it."""
    found: dict[str, list[str]] = {}
    for m in METRICS.values():
        if m.dataset == dataset and _matches(m, wanted):
            found.setdefault(m.basis, []).append(m.label)
    return [f"{'、'.join(labels)}：{basis}" for basis, labels in found.items()]


def _row(m: Metric) -> dict[str, str]:
    kind = "期末存量" if m.stock else "本期发生"
    return {
        "名称": m.label,
        "代码": m.name,
        "单位": m.unit,
        "口径": m.note + (f"（{MATURES}）" if m.cohort else ""),
        "累计": kind,
        "方向": _BETTER[m.better],
    }

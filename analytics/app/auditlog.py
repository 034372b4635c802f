"""审计日志: the newest entries, by whom, what and when; whether the chain is whole; the log as files."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pandas as pd
import streamlit as st

from analytics.app.desk import View
from analytics.app.downloads import Table, downloads
from analytics.app.plain import plain
from analytics.audit import ACTIONS, Audit, headers, line
from analytics.engine import data_folder

SHOWN, EXPORTED = 500, 100_000


@dataclass(frozen=True)
class AuditLog:
    """Draws the log for who may read it."""

    def draw(self, view: View) -> None:
        """Draws its state, the filters, the entries and their files."""
        view.engine.allow("audit")
        log = Audit(data_folder())
        st.subheader("审计日志", anchor=False)
        _state(log)
        who, action, days = _chosen(log)
        first, last = days if len(days) == 2 else (None, None)
        found = log.newest(SHOWN + 1, who, action, first, last)
        if not found:
            st.caption("没有符合条件的记录。")
            return
        table = pd.DataFrame([line(one) for one in found[:SHOWN]], columns=list(headers()))
        table["行数"] = pd.to_numeric(table["行数"], errors="coerce").astype("Int64")
        st.dataframe(table, hide_index=True, placeholder="", height=min(560, 40 + 35 * len(table)))
        st.caption(f"只列最近的 {SHOWN} 条，下载的更全。" if len(found) > SHOWN else f"共 {len(found)} 条。")

        def whole() -> Table:
            kept = log.newest(EXPORTED, who, action, first, last)
            return headers(), [line(one) for one in kept], {"说明": log.chain().words}

        downloads(view, f"审计日志_{found[0].when:%Y-%m-%d}", whole, "audit", right="audit")


def _state(log: Audit) -> None:
    """Whether the chain is whole, and what to write down."""
    chain = log.chain()
    (st.caption if chain.broken is None else st.error)(plain(chain.words))
    st.caption(
        "每条记录的校验码由前一条推出，改动、抽去任何一条都会断开。请定期抄下总条数和末条校验码，另处保存："
        "以后用 petition check --audit 条数:校验码 核对，连截去末尾、整本重写也能发现。"
    )


def _chosen(log: Audit) -> tuple[str, str, tuple[date, ...]]:
    people, actions, days = st.columns(3)
    who = people.selectbox("账号", log.people(), index=None, placeholder="全部", key="audit-who")
    action = actions.selectbox("动作", ACTIONS, index=None, placeholder="全部", key="audit-action")
    span = days.date_input("起止日期", [], format="YYYY-MM-DD", key="audit-days")
    return who or "", action or "", span if isinstance(span, tuple) else ()

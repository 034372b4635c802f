"""审计日志: the entries, by whom, what and when, page by page; whether the chain is whole; its files."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import pandas as pd
import streamlit as st

from analytics.app.desk import View
from analytics.app.downloads import Table, downloads
from analytics.app.plain import plain
from analytics.audit import ACTIONS, Audit, Chain, Noted, broken, headers, line
from analytics.engine import data_folder
from analytics.site import BEIJING, today

SHOWN, EXPORTED = 500, 100_000
FOLLOWED_EACH_TIME = 20_000
"""Up to so many entries the chain is followed at every click: a tenth of a second; a million take seven."""
_BEFORE, _CHECKED = "audit-before", "audit-checked"


@dataclass(frozen=True)
class Kept:
    """Which entries are asked for."""

    who: str = ""
    action: str = ""
    first: date | None = None
    last: date | None = None

    def newest(self, log: Audit, limit: int, before: int | None = None) -> list[Noted]:
        """The newest of them. Raises Refusal."""
        return log.newest(limit, self.who, self.action, self.first, self.last, before)

    @property
    def words(self) -> str:
        """账号=某甲（分析人员）；动作=导出；2021-11-01 至 2021-11-30; 全部 where all are asked for."""
        days = f"{self.first} 至 {self.last}" if self.first else ""
        named = [f"{name}={value}" for name, value in (("账号", self.who), ("动作", self.action)) if value]
        return "；".join([*named, *([days] if days else [])]) or "全部"


@dataclass(frozen=True)
class AuditLog:
    """Draws the log for who may read it."""

    def draw(self, view: View) -> None:
        """Draws its state, the filters, the entries and their files."""
        view.engine.allow("audit")
        log = Audit(data_folder())
        st.subheader("审计日志", anchor=False)
        _state(log)
        kept = _chosen(log)
        found = _page(log, kept)
        if not found:
            st.caption("没有符合条件的记录。")
            return

        def whole() -> Table:
            every = kept.newest(log, EXPORTED + 1)
            told = f"只有最近 {EXPORTED:,} 条，更早的请按起止日期分次下载" if len(every) > EXPORTED else "是"
            notes = {"说明": log.chain().words, "筛选": kept.words, "完整": told}
            return headers(), [line(one) for one in every[:EXPORTED]], notes

        downloads(view, f"审计日志_{today()}", whole, "audit", right="audit", filters=kept.words)


def _state(log: Audit) -> None:
    """Whether the chain is whole, and what to write down; or what to do."""
    chain, when = _followed(log)
    with st.container(horizontal=True, vertical_alignment="center"):
        told = "。".join([f"{chain.words}，{when} 核对", *broken(chain)])
        (st.error if chain.broken else st.markdown)(plain(told), width="stretch")
        st.button("重新核对", key="audit-again", on_click=_again, type="tertiary")
    if chain.broken:
        return
    st.caption(
        "每条记录的校验码由前一条推出，改动、抽去任何一条都会断开。请定期抄下条数和末条校验码，另处保存："
        f"以后用 petition check --audit {chain.noted} 核对，连截去末尾、整本重写也能发现。"
    )


def _followed(log: Audit) -> tuple[Chain, str]:
    """The chain's state and when it was found; of a long log as it was at the first look of the session."""
    if _CHECKED not in st.session_state or log.last()[0] <= FOLLOWED_EACH_TIME:
        with st.spinner("正在逐条核对校验码……"):
            st.session_state[_CHECKED] = log.chain(), f"{datetime.now(BEIJING):%H:%M:%S}"
    found: tuple[Chain, str] = st.session_state[_CHECKED]
    return found


def _again() -> None:
    st.session_state.pop(_CHECKED, None)


def _chosen(log: Audit) -> Kept:
    people, actions, days = st.columns(3)
    who = people.selectbox("账号", log.people(), index=None, placeholder="全部", key="audit-who")
    action = actions.selectbox("动作", ACTIONS, index=None, placeholder="全部", key="audit-action")
    span = days.date_input("起止日期", [], format="YYYY-MM-DD", key="audit-days")
    chosen = span if isinstance(span, tuple) and len(span) == 2 else (None, None)
    return Kept(who or "", action or "", *chosen)


def _page(log: Audit, kept: Kept) -> list[Noted]:
    """The entries in view, with the way to newer and to older ones."""
    if st.session_state.setdefault(_BEFORE, (kept, ()))[0] != kept:
        st.session_state[_BEFORE] = (kept, ())
    turned: tuple[int, ...] = st.session_state[_BEFORE][1]
    found = kept.newest(log, SHOWN + 1, turned[-1] if turned else None)
    shown = found[:SHOWN]
    if not shown:
        return []
    table = pd.DataFrame([line(one) for one in shown], columns=list(headers()))
    table["行数"] = pd.to_numeric(table["行数"], errors="coerce").astype("Int64")
    st.dataframe(table, hide_index=True, placeholder="", height=min(560, 40 + 35 * len(table)))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"第 {shown[0].number:,} 至 {shown[-1].number:,} 条", width="content")
        older = len(found) > SHOWN
        if turned or older:
            st.button(
                "◀ 较新", key="audit-newer", on_click=_turn, args=(kept, turned[:-1]), disabled=not turned
            )
            further = (*turned, shown[-1].number)
            st.button("较早 ▶", key="audit-older", on_click=_turn, args=(kept, further), disabled=not older)
    return shown


def _turn(kept: Kept, turned: tuple[int, ...]) -> None:
    st.session_state[_BEFORE] = (kept, turned)

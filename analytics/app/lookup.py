"""按证件查件: an officer types an ID number and why, and finds that person's items by the code of it.

The number goes nowhere but into the code (PIPL 第28条、第51条): not into a message, an address or the log.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
import streamlit as st

from analytics.answers import source_of
from analytics.app.desk import View
from analytics.app.downloads import Table, downloads
from analytics.app.noting import note
from analytics.app.plain import plain
from analytics.app.records import record_lines, written_rows
from analytics.app.selection import main_coverage
from analytics.ingest.identity import code_of, mark_of, passing_secret
from analytics.model import Period, Selection
from analytics.site import Refusal

MOST = 500
SHORTEST_REASON, LONGEST_REASON = 4, 100
_NUMBER, _REASON, _FOUND = "lookup-number", "lookup-reason", "lookup-found"


@dataclass(frozen=True)
class Lookup:
    """The form, then what was found."""

    def draw(self, view: View) -> None:
        """Draws them; what was found stays until the next search or the next page."""
        view.engine.allow("people")
        st.subheader("按证件查件", anchor=False)
        st.caption(
            "输入居民身份证号码，查找其名下全部信访件。号码只用来算出信访人代码，不保存、不显示；"
            "每次查询连同事由记入审计日志。查的是全部日期，不受左侧期间和筛选影响；登记时没有有效证件号码的件查不到。"
        )
        with st.form("lookup", clear_on_submit=True):
            number, reason = st.columns(2)
            number.text_input(
                "居民身份证号码", type="password", max_chars=24, key=_NUMBER, autocomplete="off"
            )
            reason.text_input("查询事由（必填）", max_chars=LONGEST_REASON, key=_REASON, autocomplete="off")
            asked = st.form_submit_button("查询", type="primary")
        code = _searched(view) if asked else st.session_state.get(_FOUND, "")
        if code:
            _show(view, code)


def _searched(view: View) -> str:
    """The code that was asked for; empty where the search is refused, which is then said."""
    st.session_state.pop(_FOUND, None)
    reason = " ".join(str(st.session_state.get(_REASON, "")).split())
    code = code_of(str(st.session_state.get(_NUMBER, "")), passing_secret(view.engine.store.path))
    if len(reason) < SHORTEST_REASON:
        st.error(f"没有查询：请写明事由，至少 {SHORTEST_REASON} 个字。")
        return ""
    if not code:
        st.error("没有查询：不是有效的居民身份证号码，请核对后重新输入。")
        return ""
    try:
        view.permit("people")
        note(view.looker, "按证件查件", f"信访人标记 {mark_of(code)}", versions=view.versions, why=reason)
    except Refusal as fault:
        st.error(plain(str(fault)))
        return ""
    st.session_state[_FOUND] = code
    return code


def _show(view: View, code: str) -> None:
    found = view.engine.of_person(code, MOST)
    if not found.rows:
        st.info("没有找到：现有数据里没有用这个号码登记的信访件。")
        return
    st.markdown(f"**共 {len(found.rows):,} 件{'以上，只列最近的' if found.more else ''}**")
    headers, rows = record_lines(found, ())
    table = pd.DataFrame(written_rows(rows), columns=headers)
    st.dataframe(table, hide_index=True, height=min(420, 40 + 35 * len(rows)))

    def whole() -> Table:
        return headers, rows, {"来源": _source(view)}

    downloads(
        view, "按证件查件", whole, "lookup", right="people", filters=f"全部日期；信访人标记 {mark_of(code)}"
    )


def _source(view: View) -> str:
    days = main_coverage(view.engine)
    used = [("petitions", view.versions["petitions"])]
    return source_of(view.engine, days.last, used, Selection(Period(days.first, days.last)))

"""预警记录: what was said of warnings, how often each rule was right, and the whole as a file."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from analytics.app import marking
from analytics.app.desk import View
from analytics.app.downloads import Table, downloads
from analytics.app.grid import grid
from analytics.app.plain import plain
from analytics.insight.warning.marks import HEADERS, MORE, lines, precision


@dataclass(frozen=True)
class AlertLog:
    """Every mark made over these data that the looker may see, the newest first."""

    def draw(self, view: View) -> None:
        """Draws the precision of each rule, the log and its downloads."""
        entries, small = marking.entries(view), view.engine.site.small_base
        with st.container(border=True):
            st.markdown("**预警记录**")
            marking.said_refusal()
            if not entries:
                st.caption("还没有人标记过。在上面的表里选一行，标为“已核实”或“误报”，就知道哪种办法准。")
                return
            st.markdown(plain("；".join(one.words(small) for one in precision(entries))))
            rows = lines(entries)
            shown = [row[: len(HEADERS)] for row in rows]
            grid(HEADERS, shown, {}, most=290)
            st.caption("准确率 = 已核实 ÷ 已标记，按每条预警最后一次标记算；撤回的不算。数字是标记当时的。")

            def whole() -> Table:
                notes = {one.rule: one.words(small) for one in precision(entries)}
                return [*HEADERS, *MORE], rows, {"准确率": "；".join(notes.values())}

            downloads(view, "预警记录", whole, view.key("alert-log"))

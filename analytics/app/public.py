"""对外公布: tables that may leave the bureau, on screen and as files."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
import streamlit as st

from analytics.app.desk import View
from analytics.app.downloads import Table, downloads
from analytics.app.plain import plain
from analytics.insight.below import worded
from analytics.insight.wording import period_in_words
from analytics.model import Period
from analytics.publishing import MEANING, ONCE, RELEASES, Released, released


@dataclass(frozen=True)
class Publication:
    """The releases of the year in which the selected period ends."""

    def draw(self, view: View) -> None:
        """Draws each with its files."""
        year = Period.named(f"{view.selection.period.end.year}")
        found = [released(view.engine, release, year, view.versions) for release in RELEASES]
        st.subheader(f"{period_in_words(found[0].period)} 对外公布", anchor=False)
        st.caption(
            "政府信息公开、对外回复时用这里的表：已隐去小数目，防止从数字认出具体的人。"
            + worded(f"按年统计，不受左侧镇街、形式、内容筛选。{MEANING}", found[0].release.by[0])
        )
        if found[0].period.unfinished:
            st.warning(ONCE)
        for one in found:
            _draw(view, one)


def _draw(view: View, found: Released) -> None:
    with st.container(border=True):
        st.markdown(f"**{plain(found.title)}**")
        shown = [
            [f"{value:,}" if isinstance(value, int) else value for value in line] for line in found.lines
        ]
        table = pd.DataFrame(shown, columns=found.headers)
        st.dataframe(
            table,
            hide_index=True,
            column_config={
                name: st.column_config.TextColumn(alignment="right") for name in found.headers[1:]
            },
            height=40 + 35 * len(shown),
        )

        def whole() -> Table:
            return found.headers, found.lines, found.notes

        downloads(view, found.title, whole, view.key(found.release.name), right="decide")
        st.caption(plain(found.source))

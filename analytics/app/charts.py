"""A figure on the page: drawn, with its data and downloads; a click on a mark filters."""

from __future__ import annotations

from dataclasses import dataclass, replace
from html import unescape

import plotly.graph_objects as go
import streamlit as st

from analytics.answers import Answer, Figure, answer, applicable
from analytics.app.changes import changes_button
from analytics.app.desk import View
from analytics.app.downloads import downloads
from analytics.app.grid import result_grid
from analytics.app.missing import said_missing
from analytics.app.records import records_button
from analytics.catalogue import DIMENSIONS
from analytics.model import MONTH, Selection
from analytics.render import plotly
from analytics.render.table import labelled_rows


@dataclass(frozen=True)
class Chart:
    """A figure with its data, its downloads and the records behind it; a click on a mark filters."""

    figure: Figure

    def draw(self, view: View) -> None:
        """Draws the figure in a frame."""
        if said_missing(view, self.figure.metrics):
            return
        found = answer(view.engine, self.figure, view.selection, view.versions)
        _, lacking = applicable(self.figure.metrics, view.selection)
        filtered = {d for d, _ in view.selection.members}
        lacking += tuple(DIMENSIONS[d].label for d in self.figure.whole if d in filtered)
        with st.container(border=True, gap="xsmall", height="stretch"):
            st.caption(self.figure.question + (f"　不受“{'、'.join(lacking)}”筛选" if lacking else ""))
            key = view.key(f"{self.figure.name}-{hash(view.selection)}")
            clickable = self.figure.click in st.session_state
            st.plotly_chart(
                _drawn(
                    found,
                    f"{found.figure}{found.result.query}{found.chosen}{found.members}{found.source}{view.identity}",
                ),
                key=key,
                theme=None,
                config=plotly.config(found),
                selection_mode="points",
                on_select=(lambda: _clicked(key, self.figure)) if clickable else "ignore",
                alt=f"{found.title}。{found.subtitle}",
            )
            _menu(view, found)


@st.cache_resource(max_entries=1_000, show_spinner=False)
def _drawn(_found: Answer, identity: str) -> go.Figure:
    """Drawn once for all who look at the same answer."""
    return plotly.draw(_found)


def _clicked(key: str, figure: Figure) -> None:
    """Selects the member that was clicked; a second click on it takes the filter off.

    A box for one member takes the member, one for many a list. A widget no longer shown is left alone.
    """
    points = st.session_state[key].selection.points
    dimension = figure.click
    if not points or dimension is None or dimension not in st.session_state:
        return
    label = unescape(points[0]["y"])
    chosen = st.session_state[dimension]
    if isinstance(chosen, list):
        st.session_state[dimension] = [] if chosen == [label] else [label]
    else:
        st.session_state[dimension] = label


def _menu(view: View, found: Answer) -> None:
    figure, result = found.figure, found.result
    notes = {"标题": found.title, "说明": found.subtitle, "来源": found.source}
    name = f"{figure.metric.label}_{result.period.start}_{result.period.shown_end}"
    with st.container(horizontal=True):
        with st.popover("数据与导出", type="tertiary", key=view.key(f"menu-{figure.name}")):
            result_grid(result, most=215)
            downloads(name, lambda: (*labelled_rows(result), notes), view.key(figure.name))
            st.caption("图片：点图右上角的相机按钮")
        kept, _ = applicable(figure.metrics[:1], view.selection)
        kept = Selection(result.period, kept.members + figure.where, kept.scope)
        records_button(view, figure.metric.name, kept, key=view.key(f"records-{figure.name}"))
        if figure.compare != "none":
            key = view.key(f"changes-{figure.name}")
            names = [metric.name for metric in figure.drawn]
            changes_button(view, names, _compared(found), key, figure.compare, figure.by)


def _compared(found: Answer) -> Selection:
    """What its title compares: by month the last one, else all that it shows."""
    selection = found.result.query.selection
    months = selection.period.by_month() if MONTH.name in found.figure.by else ()
    return replace(selection, period=months[-1]) if months else selection

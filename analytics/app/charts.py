"""A figure on the page: drawn, with its menu and records; a click on a mark filters."""

from __future__ import annotations

from dataclasses import dataclass, replace
from html import unescape

import streamlit as st

from analytics.answers import Answer, Figure, answer, applicable
from analytics.app.changes import changes_button
from analytics.app.desk import View
from analytics.app.grid import result_formats
from analytics.app.menu import Shown, show
from analytics.app.missing import said_missing
from analytics.app.records import records_button
from analytics.catalogue import DIMENSIONS
from analytics.citing import filters_in_words
from analytics.model import MONTH, Selection
from analytics.render import plotly
from analytics.render.table import labelled_rows, typed


@dataclass(frozen=True)
class Chart:
    """A figure with its menu and the records behind it; a click on a mark filters."""

    figure: Figure

    def draw(self, view: View) -> None:
        """Draws the figure in a frame."""
        if said_missing(view, self.figure.metrics):
            return
        found = answer(view.engine, self.figure, view.selection, view.versions)
        figure = found.figure
        _, lacking = applicable(figure.metrics, view.selection)
        filtered = {d for d, _ in view.selection.members}
        lacking += tuple(DIMENSIONS[d].label for d in figure.whole if d in filtered)
        key = view.key(f"{figure.name}-{hash(view.selection)}")
        clickable = figure.click in st.session_state
        show(
            view,
            shown_of(view, found),
            key,
            figure.question + (f"　不受“{'、'.join(lacking)}”筛选" if lacking else ""),
            lambda: _buttons(view, found),
            selection_mode="points",
            on_select=(lambda: _clicked(key, figure)) if clickable else "ignore",
        )


def shown_of(view: View, found: Answer) -> Shown:
    """The answer with all that its menu gives."""
    result = found.result
    known = found.figure, result.query, found.chosen, found.members, found.source
    return Shown(
        plotly.file_name(found),
        found,
        known,
        lambda size: plotly.draw(found, size),
        lambda: labelled_rows(result),
        result_formats(result),
        lambda: typed(result),
        measure=found.measure,
        filters=filters_in_words(result.query.selection),
    )


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


def _buttons(view: View, found: Answer) -> None:
    """The records behind the chart, and where its change lies."""
    figure, result = found.figure, found.result
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

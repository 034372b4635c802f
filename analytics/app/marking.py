"""What a person does with one warning: looks at its records, says 已核实 or 误报, or takes that back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from analytics.app import noting
from analytics.app.desk import View
from analytics.app.grid import grid
from analytics.app.plain import plain
from analytics.app.records import records_button
from analytics.insight.warning.alert import Alert, Members, narrowed
from analytics.insight.warning.marks import KIND, MARKS, Mark, journal_of, said, say, within
from analytics.journal import LONGEST_NOTE, Entry
from analytics.model import Period
from analytics.render.table import Value
from analytics.site import Refusal

_REFUSED = "marking-refused"


def entries(view: View) -> list[Entry]:
    """What was said of warnings that the looker may see, read once a run.

    Nothing where the journal cannot be read, which `said_refusal` tells.
    """
    return view.once("marks", lambda: _entries(view))


def _entries(view: View) -> list[Entry]:
    try:
        known = journal_of(view.engine).entries(KIND)
        return within(known, view.selection.scope, view.engine.site.places)
    except Refusal as fault:
        st.session_state[_REFUSED] = str(fault)
        return []


def held(view: View) -> dict[str, Entry]:
    """What holds of each warning, by its identity."""
    return said(entries(view))


def said_refusal() -> None:
    """Says once why a mark was not saved, or why there are none to see."""
    if words := st.session_state.pop(_REFUSED, ""):
        st.error(plain(words))


def mark_in_words(known: Mapping[str, Entry], alerts: Sequence[Alert]) -> str:
    """已核实 · 误报; empty where nothing was said of them."""
    held = [known[alert.identity].said for alert in alerts if alert.identity in known]
    return "、".join(MARKS[mark] for mark in dict.fromkeys(held))  # type: ignore[index]


def chosen_line(
    view: View,
    name: str,
    headers: Sequence[str],
    rows: Sequence[Sequence[Value]],
    widths: Mapping[str, int] | None = None,
) -> int | None:
    """A table of warnings; the number of the line that is chosen."""
    place: Any = grid(
        headers,
        rows,
        {},
        widths,
        290,
        on_select="rerun",
        selection_mode="single-row",
        key=view.key(f"{name}-{hash(view.selection)}"),
    )
    return next(iter(place.selection.rows), None)


def act(
    view: View, name: str, metric: str, period: Period, members: Members, told: str, alerts: Sequence[Alert]
) -> None:
    """The chosen line in words, its records, and where it is a warning what may be said of it."""
    st.markdown(plain(told))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        kept = narrowed(view.selection, members, period)
        records_button(view, metric, kept, view.key(f"records-{name}"))
        if not (alerts and view.may("decide")):
            return
        note = view.key(f"note-{name}-{hash(alerts[0].identity)}")
        st.text_input(
            "备注（不写姓名、证件、电话、住址）",
            key=note,
            max_chars=LONGEST_NOTE,
            width=260,
        )
        for mark, label in MARKS.items():
            off = mark == "withdrawn" and not mark_in_words(held(view), alerts)
            key = view.key(f"{mark}-{name}")
            st.button(label, key=key, on_click=_say, args=(view, alerts, mark, note), disabled=off)


def _say(view: View, alerts: Sequence[Alert], mark: Mark, note: str) -> None:
    try:
        view.permit("decide")
        noting.note(view.looker, "标记预警", f"{MARKS[mark]} {alerts[0].told}", versions=view.versions)
        say(view.engine, view.versions, alerts, mark, st.session_state.get(note, ""))
        st.session_state[note] = ""
    except Refusal as fault:
        st.session_state[_REFUSED] = str(fault)

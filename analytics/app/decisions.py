"""交办事项 on screen: what the meeting decides of an item is typed there, and how it stands is kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import streamlit as st

from analytics.app.desk import View
from analytics.app.noting import note
from analytics.app.plain import plain
from analytics.briefs.agenda import AGENDA
from analytics.briefs.brief import Brief
from analytics.briefs.decisions import (
    LONGEST_NOTE,
    LONGEST_WHAT,
    LONGEST_WHO,
    STATES,
    Decision,
    carried,
    change,
    decide,
    decisions,
    told,
)
from analytics.citing import plain_text
from analytics.insight.wording import day_in_words
from analytics.site import Refusal

_TOLD = "decisions-told"
TITLES = {item.name: item.title for item in AGENDA}


def every(view: View) -> tuple[Decision, ...]:
    """Every decision that the looker may see, read once a run."""
    return view.once("decisions", lambda: _read(view))


def _read(view: View) -> tuple[Decision, ...]:
    try:
        return decisions(view.engine)
    except Refusal as fault:
        st.session_state[_TOLD] = ("error", str(fault))
        return ()


def said() -> None:
    """Says once what became of the last change: refused, or beside somebody else's."""
    kind, words = st.session_state.pop(_TOLD, ("", ""))
    if words:
        (st.error if kind == "error" else st.info)(plain(words))


@dataclass(frozen=True)
class Decided:
    """What the month's meeting decided of one item, each with its state, and a form for the next.

    The form is drawn when it is opened: a page has eleven of them.
    """

    chapter: str

    def draw(self, view: View, found: Brief) -> None:
        """Draws them below the item."""
        if not view.may("decide"):
            return
        mine = [d for d in every(view) if (d.month, d.chapter) == (found.month, self.chapter)]
        _lines(view, mine, found.as_of)
        with st.expander("记交办事项", key=view.key("decided"), on_change="rerun") as opened:
            if opened.open:
                noting(view, found.month, self.chapter)


def carried_over(view: View, found: Brief) -> None:
    """What earlier meetings decided and was not finished when the month began, each with its state."""
    left = carried(view.engine, found.month)
    if left:
        with st.container(border=True):
            st.markdown("**以往会议交办事项办理情况**")
            _lines(view, left, found.as_of)


def noted(view: View, month: str, chapter: str) -> None:
    """What was written down about an item, so that whoever types sees that it is kept."""
    for decision in every(view):
        if (decision.month, decision.chapter, decision.state) == (month, chapter, "open"):
            st.caption(plain(f"已记：{decision.what}（{decision.who}）"))


def noting(view: View, month: str, chapter: str) -> None:
    """The form: what, who, by when."""
    keys = {name: view.key(f"{name}-{month}-{chapter}") for name in ("what", "who", "due")}
    with st.form(view.key(f"note-{chapter}"), border=False):
        st.text_area(
            "事项（不写姓名、证件、电话、住址）", key=keys["what"], max_chars=LONGEST_WHAT, height=68
        )
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.text_input("责任单位或责任人", key=keys["who"], max_chars=LONGEST_WHO, width=240)
            st.date_input("完成期限", None, key=keys["due"], format="YYYY-MM-DD", width=150)
            st.form_submit_button("记下", on_click=_note, args=(view, month, chapter, keys))


def _note(view: View, month: str, chapter: str, keys: dict[str, str]) -> None:
    typed = {name: st.session_state.get(key) for name, key in keys.items()}
    due = typed["due"] if isinstance(typed["due"], date) else None

    def save() -> str:
        view.permit("decide")
        note(view.looker, "记交办事项", f"{month} {TITLES.get(chapter, chapter)}")
        decide(view.engine, month, chapter, typed["what"] or "", typed["who"] or "", due)
        # Only what was kept is cleared: what is refused can be mended.
        st.session_state.update({keys["what"]: "", keys["who"]: "", keys["due"]: None})
        return ""

    _kept(save)


def _kept(save: Callable[[], str]) -> None:
    try:
        if notice := save():
            st.session_state[_TOLD] = ("info", notice)
    except Refusal as fault:
        st.session_state[_TOLD] = ("error", str(fault))


def _lines(view: View, found: Sequence[Decision], day: date) -> None:
    for decision in found:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(plain(f"{TITLES.get(decision.chapter, '')}　{plain_text(told(decision, day))}"))
            if not view.may("decide"):
                continue
            with st.popover("修改", type="tertiary", key=view.key(f"open-{decision.identity}")):
                _editing(view, decision)


def _editing(view: View, decision: Decision) -> None:
    """Every field as it stands; the version that was seen goes with what is saved."""
    place = view.key(f"{decision.identity}-{decision.edits}")
    names = ("what", "who", "due", "state", "done_on", "note")
    keys = {name: f"{name}-{place}" for name in names}
    with st.form(f"edit-{place}", border=False):
        st.text_area("事项", decision.what, key=keys["what"], max_chars=LONGEST_WHAT, height=68)
        st.text_input("责任单位或责任人", decision.who, key=keys["who"], max_chars=LONGEST_WHO)
        st.date_input("完成期限", decision.due, key=keys["due"], format="YYYY-MM-DD")
        states = list(STATES)
        st.selectbox(
            "状态", states, states.index(decision.state), format_func=lambda s: STATES[s], key=keys["state"]
        )
        st.date_input("完成日期", decision.done_on, key=keys["done_on"], format="YYYY-MM-DD")
        st.text_area("办理情况", decision.note, key=keys["note"], max_chars=LONGEST_NOTE, height=68)
        st.form_submit_button("保存", on_click=_change, args=(view, decision, keys))
        st.caption(f"记于{day_in_words(decision.made.date())}，改过{decision.edits}次")


def _change(view: View, seen: Decision, keys: dict[str, str]) -> None:
    typed: dict[str, Any] = {name: st.session_state.get(key) for name, key in keys.items()}

    def save() -> str:
        view.permit("decide")
        note(view.looker, "记交办事项", f"修改 {seen.month} {TITLES.get(seen.chapter, seen.chapter)}")
        return change(view.engine, replace(seen, **typed)).notice

    _kept(save)

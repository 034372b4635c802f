"""Into the meeting, through it and out of it: what the address says, what a key does, what is drawn."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from html import unescape

import streamlit as st

from analytics.answers import Answer, source_of
from analytics.app import decisions
from analytics.app.brief import month_of
from analytics.app.desk import View
from analytics.app.looker import Looker
from analytics.app.meeting import stage
from analytics.app.meeting.drill import alone, members
from analytics.app.meeting.layout import FOOT_TOP, MARGIN, PROSE_LINE, WIDTH, beside, fitting
from analytics.app.meeting.screens import OPENING, Screen, screens
from analytics.app.meeting.steps import Move, Place, after
from analytics.app.meeting.style import STYLE
from analytics.app.meeting.versions import frozen, written
from analytics.app.noting import seen
from analytics.app.plain import plain
from analytics.app.selection import choose
from analytics.briefs.asking import Asking
from analytics.briefs.brief import Brief
from analytics.briefs.compose import brief
from analytics.catalogue import member
from analytics.citing import filters_in_words
from analytics.engine import Engine
from analytics.model import Selection
from analytics.site import Refusal

MODE, VERSIONS, ITEM, MEMBER, LIST = "mode", "versions", "item", "member", "list"
OWN = (MODE, VERSIONS, ITEM, MEMBER, LIST)
MEETING = "meeting"

KEYS: tuple[tuple[str, Move], ...] = (
    *(("Right", "next"), ("PageDown", "next"), ("Space", "next")),
    *(("Left", "previous"), ("PageUp", "previous")),
    *(("Home", "first"), ("End", "last"), ("M", "list")),
    *(("Down", "down"), ("Enter", "down"), ("Up", "up"), ("Esc", "back")),
)
"""A clicker sends PageDown and PageUp, some of them the arrows."""
STEPS: tuple[tuple[str, Move], ...] = (("◀", "previous"), ("▶", "next"), ("目录", "list"), ("返回", "back"))
"""What can be clicked below."""


@dataclass(frozen=True)
class Meeting:
    """One run of a meeting: over data that stand still, at a place of its screens."""

    view: View

    # Once a run, and not by cached_property: before Python 3.12 its lock makes all meetings wait for one.
    @property
    def brief(self) -> Brief:
        """What the meeting is about."""
        return self.view.once("meeting brief", lambda: brief(self.view.engine, self.view.selection))

    @property
    def screens(self) -> tuple[Screen, ...]:
        """Every screen in order."""
        return self.view.once("meeting screens", lambda: screens(self.brief))

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Of every screen."""
        return tuple(screen.name for screen in self.screens)

    @cached_property
    def place(self) -> Place:
        """Where the address says that it stands; what is not known there is not followed."""
        item, asked = (st.query_params.get(name, "") for name in (ITEM, MEMBER))
        item = item if item in self.names else OPENING
        known = asked in members(self.screen(item).figure)
        return Place(item, asked if known else "", bool(st.query_params.get(LIST)))

    def screen(self, name: str) -> Screen:
        """The screen of that name."""
        return self.screens[self.names.index(name)]

    def step(self, move: Move) -> None:
        """Follows a key."""
        target = after(self.place, move, self.names, members(self.screen(self.place.item).figure))
        if target is None:
            leave()
        else:
            go(target)


# --- the address ----------------------------------------------------------------------------------------


def is_asked() -> bool:
    """Whether the address asks for the meeting."""
    return st.query_params.get(MODE) == MEETING


def enter(engine: Engine) -> None:
    """Begins a meeting on the versions served at this moment."""
    _write({MODE: MEETING, VERSIONS: _served(engine)})


def _served(engine: Engine) -> str:
    return written(engine.versions(), engine.store.identity)


def leave() -> None:
    """Back to the page, with its period and filters."""
    _write({})


def go(place: Place) -> None:
    """Goes to a place of the meeting."""
    kept = {name: st.query_params[name] for name in (MODE, VERSIONS)}
    at = {ITEM: place.item, MEMBER: place.member, LIST: "1" if place.listing else ""}
    _write(kept | {name: text for name, text in at.items() if text})


def _write(address: dict[str, str]) -> None:
    """Everything that the address says of a meeting, in one step of its history; the rest is left alone."""
    st.query_params.update({name: address.get(name, []) for name in OWN})


# --- drawing --------------------------------------------------------------------------------------------


def meet(present: Engine, looker: Looker) -> None:
    """Draws the meeting that the address asks for; what it cannot be held on is refused, with a way out."""
    if not st.query_params.get(VERSIONS):
        st.query_params[VERSIONS] = _served(present)
    try:
        engine = frozen(present, st.query_params[VERSIONS])
    except Refusal as refusal:
        choose(present)  # the boxes keep the filters
        st.error(plain(f"{refusal}。请用现在的数据重新进入会议模式，或返回看板。"))
        st.button("用现在的数据重新进入", on_click=enter, args=(present,), type="primary")
        st.button("返回看板", on_click=leave)
        return
    view = View(engine, month_of(choose(engine)), looker)
    st.html(STYLE)
    with st.container(key="stage"):
        with st.spinner("正在准备会议材料……"):
            meeting = Meeting(view)
            meeting.screens  # noqa: B018  (what takes time, takes it here)
        _draw(meeting)
        screen = meeting.screen(meeting.place.item)
        seen(looker, "查看页面", f"会议模式 {screen.label}", view.selection, view.versions)
        _keys(meeting)


def _draw(meeting: Meeting) -> None:
    place = meeting.place
    screen = meeting.screen(place.item)
    if mark := meeting.view.engine.mark:
        stage.warning(f"{mark}，此为此前的数据")
    if place.listing:
        _listing(meeting)
    elif screen.name == OPENING:
        _opening(meeting)
    elif place.member and screen.figure:
        asking = Asking(meeting.view.engine, meeting.view.selection)
        _screen(meeting, alone(asking, screen, screen.figure, place.member))
    else:
        _screen(meeting, screen)


def _screen(meeting: Meeting, screen: Screen) -> None:
    at = meeting.names.index(screen.name)
    where = f"{screen.eyebrow} · {at + 1}/{len(meeting.names)}"
    kept = screen.figure.result.query.selection if screen.figure else meeting.brief.selection
    words = filters_in_words(kept)
    top = stage.head(f"{where} · 筛选：{words}" if words else where, screen.title)
    left = beside(bool(screen.numbers))
    if screen.numbers:
        stage.numbers(screen.numbers, top)
    told = screen.told
    if screen.figure:
        top = _chart(meeting, screen, screen.figure, top, left)
        told = fitting(told, WIDTH - MARGIN - left, (FOOT_TOP - top) // PROSE_LINE)[:3]
    if told:
        stage.sentences(told, top, left)
    _foot(meeting, screen)


def _chart(meeting: Meeting, screen: Screen, found: Answer, top: int, left: int) -> int:
    """Draws the screen's figure; a click on a member leads to it alone. Where the drawing ends."""
    view, place = meeting.view, meeting.place
    key = f"{screen.name}-{place.member}-{hash(view.selection)}"
    clickable = not place.member and bool(members(found))
    clicked: stage.Clicked = (lambda: _clicked(meeting, key)) if clickable else "ignore"
    return stage.chart(found, key, top, left, clicked, view.engine)


def _clicked(meeting: Meeting, key: str) -> None:
    """One member alone: the one whose mark was clicked."""
    found = meeting.screen(meeting.place.item).figure
    points = st.session_state[key].selection.points
    if points and found:
        asked = member(found.figure.by[0], unescape(points[0]["y"]))
        if asked in members(found):
            go(Place(meeting.place.item, asked))


def _opening(meeting: Meeting) -> None:
    found, chapters = meeting.brief, [s for s in meeting.screens if s.name in _chapters(meeting)]
    told = [found.bureau, f"数据截至{found.as_of}", *(["演示数据"] if found.demo else [])]
    if words := filters_in_words(found.selection):
        told.append(f"筛选：{words}")
    stage.opening(found.title, " · ".join(told), found.origin)
    _entries(meeting, chapters, 232)
    _foot(meeting, meeting.screen(OPENING))


def _chapters(meeting: Meeting) -> set[str]:
    return {chapter.name for chapter in meeting.brief.chapters} | {"corrections", "decisions"}


def _listing(meeting: Meeting) -> None:
    stage.head("目录", "选一屏，直接到那里")
    _entries(meeting, list(meeting.screens), 118)
    _foot(meeting, meeting.screen(OPENING))


def _entries(meeting: Meeting, shown: list[Screen], top: int) -> None:
    """Names of screens in two columns, each a button that leads there; those within a chapter set in."""
    half = -(-len(shown) // 2)
    for at, column in enumerate((shown[:half], shown[half:])):
        with stage.column(at, top):
            for screen in column:
                within = "" if screen.label.startswith(screen.eyebrow) else "　　"
                here = screen.name == meeting.place.item
                st.button(
                    f"{within}{plain(screen.label)}",
                    key=f"to-{screen.name}",
                    on_click=go,
                    args=(Place(screen.name),),
                    type="primary" if here else "tertiary",
                    wrap=False,
                )


def _foot(meeting: Meeting, screen: Screen) -> None:
    """The line below: where the numbers come from, and what can be done at this screen.

    Called once a screen; `screen.chapter` is the item of the agenda, empty around it. What is to be done
    about an item stands here, between the source and the steps.
    """
    with stage.foot():
        stage.source(_source(meeting, screen))
        if screen.chapter and meeting.view.may("decide"):
            with st.popover("记交办", type="tertiary", key="stage-note"):
                decisions.said()
                decisions.noting(meeting.view, meeting.brief.month, screen.chapter)
                decisions.noted(meeting.view, meeting.brief.month, screen.chapter)
        for label, move in STEPS:
            st.button(label, key=f"foot-{move}", on_click=meeting.step, args=(move,), type="tertiary")


def _source(meeting: Meeting, screen: Screen) -> str:
    """Without the filters, which stand above."""
    if screen.figure is None:
        demo = "；演示数据" if meeting.brief.demo else ""
        return f"来源：{meeting.brief.bureau}；截至{meeting.brief.as_of}{demo}；数据版本见首屏"
    query = screen.figure.result.query
    return source_of(meeting.view.engine, query.as_of, query.versions, Selection(query.selection.period))


def _keys(meeting: Meeting) -> None:
    """A button a key, none of them shown."""
    with st.container(key="stage-keys"):
        for name, move in KEYS:
            st.button(name, key=f"key-{name}", shortcut=name, on_click=meeting.step, args=(move,))

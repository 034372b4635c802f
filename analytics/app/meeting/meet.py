"""Into the meeting, through it and out of it: what the address says, what a key does, what is drawn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from html import unescape

import streamlit as st

from analytics.app.brief import month_of
from analytics.app.desk import View
from analytics.app.meeting import stage
from analytics.app.meeting.drill import alone, members
from analytics.app.meeting.layout import beside
from analytics.app.meeting.screens import OPENING, Screen, screens
from analytics.app.meeting.steps import Move, Place, after
from analytics.app.meeting.style import STYLE
from analytics.app.meeting.versions import frozen, written
from analytics.app.plain import plain
from analytics.app.selection import choose
from analytics.briefs.asking import Asking
from analytics.briefs.brief import Brief
from analytics.briefs.compose import brief
from analytics.catalogue import member
from analytics.citing import filters_in_words
from analytics.engine import Engine
from analytics.site import Refusal

MODE, VERSIONS, ITEM, MEMBER, LIST = "mode", "versions", "item", "member", "list"
MEETING = "meeting"

KEYS: tuple[tuple[str, Move], ...] = (
    *(("Right", "next"), ("PageDown", "next"), ("Space", "next")),
    *(("Left", "previous"), ("PageUp", "previous")),
    *(("Home", "first"), ("End", "last"), ("M", "list")),
    *(("Down", "down"), ("Enter", "down"), ("Up", "up"), ("Esc", "back")),
)
"""A clicker sends PageDown and PageUp, some of them the arrows."""


@dataclass(frozen=True)
class Meeting:
    """One run of a meeting: over data that stand still, at a place of its screens."""

    view: View

    @cached_property
    def brief(self) -> Brief:
        """What the meeting is about."""
        return brief(self.view.engine, self.view.selection)

    @cached_property
    def screens(self) -> tuple[Screen, ...]:
        """Every screen in order."""
        return screens(self.brief)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Of every screen."""
        return tuple(screen.name for screen in self.screens)

    @cached_property
    def place(self) -> Place:
        """Where the address says that it stands; what is not known there is not followed."""
        item = st.query_params.get(ITEM, OPENING)
        item = item if item in self.names else OPENING
        asked = st.query_params.get(MEMBER, "")
        return Place(
            item, asked if asked in members(self.screen(item).figure) else "", LIST in st.query_params
        )

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
    kept = {name: st.query_params[name] for name in (MODE, VERSIONS) if name in st.query_params}
    at = {ITEM: place.item, MEMBER: place.member, LIST: "1" if place.listing else ""}
    _write(kept | {name: text for name, text in at.items() if text})


def _write(address: dict[str, str]) -> None:
    """Everything that the address says of a meeting; period and filters are left alone."""
    for name in (MODE, VERSIONS, ITEM, MEMBER, LIST):
        if name not in address:
            st.query_params.pop(name, None)
    st.query_params.update(address)


# --- drawing --------------------------------------------------------------------------------------------


def meet(present: Engine) -> None:
    """Draws the meeting that the address asks for; what it cannot be held on is refused, with a way out."""
    if VERSIONS not in st.query_params:
        st.query_params[VERSIONS] = _served(present)
    try:
        engine = frozen(present, st.query_params[VERSIONS])
    except Refusal as refusal:
        choose(present)  # the boxes keep the filters
        st.error(plain(f"{refusal}。请用现在的数据重新进入会议模式，或返回看板。"))
        st.button("用现在的数据重新进入", on_click=enter, args=(present,), type="primary")
        st.button("返回看板", on_click=leave)
        return
    view = View(engine, month_of(choose(engine)))
    st.html(STYLE)
    with st.container(key="stage"):
        with st.spinner("正在准备会议材料……"):
            meeting = Meeting(view)
            meeting.screens  # noqa: B018  (what takes time, takes it here)
        _draw(meeting)
        _keys(meeting)


def _draw(meeting: Meeting) -> None:
    place = meeting.place
    screen = meeting.screen(place.item)
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
    top = stage.head(screen, f"{at + 1}/{len(meeting.names)}")
    if screen.numbers:
        stage.numbers(screen.numbers, top)
    if screen.told:
        stage.sentences(screen, top)
    if screen.figure:
        _chart(meeting, screen, top)
    _foot(meeting, screen)


def _chart(meeting: Meeting, screen: Screen, top: int) -> None:
    view, place = meeting.view, meeting.place
    key = f"{screen.name}-{place.member}-{hash(view.selection)}"
    asked = meeting.screen(place.item).figure
    clickable = not place.member and bool(members(asked))
    clicked: stage.Clicked = (lambda: _clicked(meeting, key)) if clickable else "ignore"
    if screen.figure:
        stage.chart(screen.figure, key, top, beside(bool(screen.numbers)), clicked, view.identity)


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
    _entries(chapters, 232, lambda screen: screen.label, meeting.place)
    _foot(meeting, meeting.screen(OPENING))


def _chapters(meeting: Meeting) -> set[str]:
    return {chapter.name for chapter in meeting.brief.chapters} | {"corrections", "decisions"}


def _listing(meeting: Meeting) -> None:
    stage.head(Screen("list", "", "目录", "选一屏，直接到那里"), "")
    _entries(list(meeting.screens), 118, lambda screen: screen.label, meeting.place)
    _foot(meeting, meeting.screen(OPENING))


def _entries(shown: list[Screen], top: int, label: Callable[[Screen], str], place: Place) -> None:
    """Names of screens in two columns, each a button that leads there."""
    half = -(-len(shown) // 2)
    for at, column in enumerate((shown[:half], shown[half:])):
        with stage.column(at, top):
            for screen in column:
                st.button(
                    plain(label(screen)),
                    key=f"to-{screen.name}",
                    on_click=go,
                    args=(Place(screen.name),),
                    type="primary" if screen.name == place.item else "tertiary",
                    wrap=False,
                )


def _foot(meeting: Meeting, screen: Screen) -> None:
    """The line below: where the numbers come from, and what can be done at this screen.

    Called once a screen; `screen.chapter` is the item of the agenda, empty around it. What is to be done
    about an item stands here, between the source and the steps.
    """
    with stage.foot():
        stage.source(_source(meeting, screen))
        for name, label, move in (("list", "目录", "list"), ("back", "返回", "back")):
            st.button(label, key=f"foot-{name}", on_click=meeting.step, args=(move,), type="tertiary")


def _source(meeting: Meeting, screen: Screen) -> str:
    if screen.figure:
        return screen.figure.source
    return f"来源：{meeting.brief.bureau}；截至{meeting.brief.as_of}；数据版本见首屏"


def _keys(meeting: Meeting) -> None:
    """A button a key, none of them shown."""
    with st.container(key="stage-keys"):
        for name, move in KEYS:
            st.button(name, key=f"key-{name}", shortcut=name, on_click=meeting.step, args=(move,))

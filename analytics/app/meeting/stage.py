"""Draws one screen of a meeting."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from html import escape
from typing import Literal

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from analytics.answers import Answer
from analytics.app.meeting.layout import (
    FOOT_TOP,
    LINE,
    MARGIN,
    TEXT,
    TITLE_TOP,
    WIDTH,
    Told,
    in_lines,
    prose,
    title,
)
from analytics.app.meeting.style import rem
from analytics.briefs.brief import KeyNumber
from analytics.citing import Piece
from analytics.engine import Engine
from analytics.render import plotly
from analytics.render.marks.rows import with_unlisted
from analytics.render.plotly import Drawing
from analytics.render.projected import Projected, project

Clicked = Callable[[], None] | Literal["ignore"]
_ARROWS = (("上升", "▲", "up"), ("下降", "▼", "down"))


def head(eyebrow: str, heading: str) -> int:
    """Draws what stands above: 一、总体情况 · 2/14, and the finding; where what follows may begin."""
    found = title(heading)
    st.html(
        f"<p class='stage-part stage-eyebrow'>{escape(eyebrow)}</p>"
        f"<h1 class='stage-part stage-title' style='top:{rem(TITLE_TOP)};font-size:{rem(found.size)};"
        f"line-height:{rem(found.line)}'>{'<br>'.join(found.lines)}</h1>"
    )
    return found.bottom


# --- key numbers ----------------------------------------------------------------------------------------


def numbers(shown: Sequence[KeyNumber], top: int) -> None:
    """Draws key numbers one below the other at the left."""
    cells = "".join(_number(number) for number in shown)
    place = f"top:{rem(top)};height:{rem(FOOT_TOP - 8 - top)}"
    st.html(f"<div class='stage-part stage-numbers' style='{place}'>{cells}</div>")


def _number(number: KeyNumber) -> str:
    """Label and verdict above; the number, beside it what it is compared with."""
    unit = f"<small>{escape(number.unit)}</small>" if number.unit else ""
    changes = "".join(f"<div>{_change(piece)}</div>" for piece in number.changes if piece.text)
    signal = "" if number.verdict.startswith("处于") else " signal"
    return (
        f"<div class='stage-number'><div class='name'>{escape(number.label)}"
        f"<span class='verdict{signal}'>{escape(number.verdict)}</span></div>"
        f"<div class='value'>{escape(number.number)}{unit}</div><div>{changes}</div></div>"
    )


def _change(piece: Piece) -> str:
    for word, arrow, name in _ARROWS:
        if word in piece.text:
            return f"<span class='stage-{name}'>{arrow}{escape(piece.text)}</span>"
    return escape(piece.text)


# --- sentences and charts -------------------------------------------------------------------------------


def sentences(told: Sequence[Told], top: int, left: int) -> None:
    """Draws paragraphs, the heading of each in front of its words."""
    paragraphs = "".join(_paragraph(one.heading, prose(one, WIDTH - MARGIN - left)) for one in told)
    st.html(f"<div class='stage-part stage-told' style='left:{rem(left)};top:{rem(top)}'>{paragraphs}</div>")


def _paragraph(heading: str, lines: list[str]) -> str:
    shown = escape(heading, quote=False)
    bold = f"<b>{shown}</b>" if heading else ""
    return f"<p>{bold}{'<br>'.join([lines[0].removeprefix(shown), *lines[1:]])}</p>"


def chart(found: Answer, key: str, top: int, left: int, clicked: Clicked, engine: Engine) -> int:
    """Draws the answer's marks under what they measure; what was clicked is kept under the key.

    Gives where it ends.
    """
    width = WIDTH - MARGIN - left
    measure = in_lines(found.subtitle, width, TEXT)
    below = top + LINE * len(measure) + 4
    made = _projected(engine, found, width, FOOT_TOP - 4 - below)
    measure = in_lines(with_unlisted(found.subtitle, made.unlisted), width, TEXT)
    st.html(
        f"<p class='stage-part stage-measure' style='left:{rem(left)};top:{rem(top)}'>"
        f"{'<br>'.join(measure)}</p>"
        f"<style>.st-key-stage-chart {{ left: {rem(left)}; top: {rem(below)}; }}</style>"
    )
    with st.container(key="stage-chart"):
        st.plotly_chart(
            made.drawing,
            key=key,
            width="content",
            theme=None,
            config={**plotly.CONFIG, "responsive": False},
            selection_mode="points",
            on_select=clicked,
            alt=f"{found.title}。{found.subtitle}",
        )
    return below + made.height


def _projected(engine: Engine, found: Answer, width: int, height: int) -> Projected:
    """Drawn once for all who look at the same."""

    def work() -> Projected:
        made = project(found, width, height)
        return replace(made, drawing=Drawing(made.drawing))

    known = found.figure, found.result.query, found.chosen, found.source
    return engine.remember(("projected", known, width, height), work)


def warning(text: str) -> None:
    """Draws at the top right what everybody in the room must know of the data."""
    st.html(f"<p class='stage-part stage-warning'>{escape(text)}</p>")


# --- around -----------------------------------------------------------------------------------------------


def opening(heading: str, told: str, origin: str) -> None:
    """Draws the first screen's title, of whom and of when it is, and where everything comes from."""
    source = "<br>".join(in_lines(origin, WIDTH - 2 * MARGIN, TEXT))
    st.html(
        f"<h1 class='stage-part stage-title' style='top:{rem(56)};font-size:{rem(56)};line-height:{rem(80)}'>"
        f"{escape(heading)}</h1><p class='stage-part stage-measure' style='left:{rem(MARGIN)};top:{rem(152)};"
        f"font-size:{rem(28)}'>{escape(told)}</p>"
        f"<p class='stage-part stage-measure' style='left:{rem(MARGIN)};top:{rem(578)}'>{source}</p>"
    )


def column(at: int, top: int) -> DeltaGenerator:
    """The first or second column of a list."""
    left = MARGIN - 6 + at * 616
    st.html(f"<style>.st-key-stage-list-{at} {{ left: {rem(left)}; top: {rem(top)}; }}</style>")
    return st.container(key=f"stage-list-{at}")


def foot() -> DeltaGenerator:
    """The line at the bottom."""
    return st.container(key="stage-foot", horizontal=True, vertical_alignment="center")


def source(text: str) -> None:
    """Draws where the numbers come from, in one line."""
    st.html(f"<p class='stage-source' title='{escape(text)}'>{escape(text)}</p>")

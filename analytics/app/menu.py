"""A chart on the page with its menu: the picture, the table, the address and the sentence to take along."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Any
from urllib.parse import unquote, urlencode

import plotly.graph_objects as go
import streamlit as st

from analytics.app.desk import View
from analytics.app.downloads import downloads
from analytics.app.grid import grid
from analytics.app.noting import seen
from analytics.app.server import LIBRARY, SCRIPT
from analytics.app.style import frame
from analytics.model import Right
from analytics.render.plotly import CONFIG, PAGE, SLIDE, Drawing, Size, Told
from analytics.render.table import Numbers
from analytics.render.workbook import Table

SCALE = 2
"""A slide's PNG is so many times as fine: 1920 × 1080."""


@dataclass(frozen=True)
class Shown:
    """A chart: what its files are called, what is said around it, its drawing, the numbers behind it.

    `formats`: of the table's numeric columns on the screen; `typed`: the table in Excel's formats. `words`:
    the sentences about it, where they say more than the title; `measure`: what they measure, where the
    subtitle says more than that. `filters`: in words. `known`: all that the drawing depends on.
    """

    name: str
    told: Told
    known: Hashable
    drawn: Callable[[Size], go.Figure]
    numbers: Callable[[], Numbers] | None = None
    formats: Mapping[str, str] = field(default_factory=dict)
    typed: Callable[[], Table] | None = None
    words: str = ""
    measure: str = ""
    filters: str = ""
    right: Right = "counts"
    """What one must have to see it: what is drawn of records is no number."""

    @property
    def sentence(self) -> str:
        """The finding as a text can take it: in brackets of what it is and where it comes from."""
        words = self.words or self.told.title
        cited = f"（{self.measure or self.told.subtitle}；{self.told.source}）"
        return f"{words}{cited}" if words.endswith("。") else f"{words}{cited}。"

    @property
    def kept(self) -> str:
        """What it shows, of which days, under which filters."""
        return "；".join(part for part in (self.told.subtitle, self.filters) if part)

    @property
    def notes(self) -> dict[str, str]:
        """What stands below the table in files."""
        said = {"标题": self.told.title, "说明": self.told.subtitle, "文字": self.words}
        said |= {"来源": self.told.source, "筛选": self.filters or "无"}
        return {name: text for name, text in said.items() if text}


def show(
    view: View,
    shown: Shown,
    key: str,
    question: str = "",
    beside: Callable[[], None] | None = None,
    border: bool = True,
    **clicks: Any,
) -> None:
    """The chart in a frame, below it 导出 and what stands beside that."""
    told = shown.told
    with frame(key, border):
        if question:
            st.caption(question)
        alt = f"{told.title}。{told.subtitle}"
        st.plotly_chart(
            _drawing(view, shown, PAGE), key=key, theme=None, config=dict(CONFIG), alt=alt, **clicks
        )
        _menu(view, shown, key)
        if beside:
            beside()


def _menu(view: View, shown: Shown, key: str) -> None:
    """导出; what is in it is made when it is opened.

    It is no fragment: being ready for a run of its own would cost every run of the page more than its chart.
    """
    with st.popover("导出", type="tertiary", key=f"menu-{key}", on_change="rerun") as opened:
        if not opened.open or not view.still(shown.right):
            return
        seen(view.looker, "打开导出", shown.name, versions=view.versions, filters=shown.kept)
        table = shown.numbers() if shown.numbers else None
        with st.container(horizontal=True, gap="small"):
            st.html(_pictures(view, shown), width="content", unsafe_allow_javascript=True)
            if table:
                whole = (*table, shown.notes)
                downloads(view, shown.name, lambda: whole, key, shown.typed, shown.right, shown.kept)
        st.html(_copied("复制结论", shown.sentence) + _copied("复制链接", address()))
        if table:
            grid(*table, shown.formats, most=215)


def _drawing(view: View, shown: Shown, size: Size) -> Drawing:
    """Drawn once for all who look at the same."""
    return view.engine.remember(("drawing", shown.known, size), lambda: Drawing(shown.drawn(size)))


def _pictures(view: View, shown: Shown) -> str:
    """Two buttons with the slide that they draw, and the script that does it, which a page loads once."""
    data = {
        "figure": _drawing(view, shown, SLIDE).to_json(),
        "name": shown.name,
        "width": SLIDE.width,
        "height": SLIDE.height,
        "scale": SCALE,
        "library": LIBRARY,
    }
    held = " ".join(f'data-{name}="{escape(str(value))}"' for name, value in data.items())
    buttons = "".join(f'<button data-picture="{form.lower()}">{form}</button>' for form in ("PNG", "SVG"))
    return f'<div class="take" {held}>{buttons}</div><script type="module" src="{SCRIPT}"></script>'


def _copied(label: str, text: str) -> str:
    """A button with what it copies: an address is shown in Chinese, and copied as any program takes it."""
    if not text:
        return ""
    seen = unquote(text) if text.startswith("http") else text
    button = f'<button data-copy="{escape(text)}">{label}</button>'
    return f'<div class="take">{button}<span>{escape(seen)}</span></div>'


def address() -> str:
    """The address of the present view; empty where nobody looks through a browser."""
    url = (st.context.url or "").partition("?")[0]
    asked = [(name, value) for name in st.query_params for value in st.query_params.get_all(name)]
    return f"{url}?{urlencode(asked)}" if url and asked else url

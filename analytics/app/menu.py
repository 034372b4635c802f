"""A chart on the page with its menu: the picture, the table, the address and the sentence to take along."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Any
from urllib.parse import unquote, urlencode

import plotly.graph_objects as go
import streamlit as st

from analytics.app.downloads import downloads
from analytics.app.grid import grid
from analytics.app.server import LIBRARY, SCRIPT
from analytics.render.plotly import CONFIG, PAGE, SLIDE, Size, Told
from analytics.render.table import Numbers

SCALE = 2
"""A slide's PNG is so many times as fine: 1920 × 1080."""


@dataclass(frozen=True)
class Shown:
    """A chart: what its files are called, what is said around it, its drawing, the numbers behind it.

    `formats`: of the table's numeric columns on the screen. `notes`: what the files say besides.
    """

    name: str
    told: Told
    drawn: Callable[[Size], go.Figure]
    numbers: Callable[[], Numbers]
    formats: Mapping[str, str] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)


def show(
    shown: Shown,
    key: str,
    question: str = "",
    beside: Callable[[], None] | None = None,
    border: bool = True,
    **clicks: Any,
) -> None:
    """The chart in a frame, below it 导出 and what stands beside that."""
    told = shown.told
    with st.container(border=border, gap="xsmall", height="stretch"):
        if question:
            st.caption(question)
        alt = f"{told.title}。{told.subtitle}"
        st.plotly_chart(shown.drawn(PAGE), key=key, theme=None, config=dict(CONFIG), alt=alt, **clicks)
        with st.container(horizontal=True):
            _menu(shown, key)
            if beside:
                beside()


@st.fragment
def _menu(shown: Shown, key: str) -> None:
    """导出; what is in it is made when it is opened, without the rest of the page."""
    with st.popover("导出", type="tertiary", key=f"menu-{key}", on_change="rerun") as opened:
        if not opened.open:
            return
        told = shown.told
        headers, rows = shown.numbers()
        notes = {"标题": told.title, "说明": told.subtitle, **shown.notes, "来源": told.source}
        with st.container(horizontal=True, gap="small"):
            st.html(_pictures(shown), width="content", unsafe_allow_javascript=True)
            downloads(shown.name, lambda: (headers, rows, notes), key)
        copied = {"复制结论": f"{told.title}（{told.source}）", "复制链接": address()}
        st.html("".join(_copied(label, text) for label, text in copied.items() if text))
        grid(headers, rows, shown.formats, most=215)


def _pictures(shown: Shown) -> str:
    """Two buttons with the slide that they draw, and the script that does it, which a page loads once."""
    data = {
        "figure": shown.drawn(SLIDE).to_json(),
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
    """A button with what it copies; an address is read in Chinese, and copied so that any program takes it."""
    button = f'<button data-copy="{escape(text)}">{label}</button>'
    return f'<div class="take">{button}<span>{escape(unquote(text))}</span></div>'


def address() -> str:
    """The address of the present view; empty where nobody looks through a browser."""
    url = (st.context.url or "").partition("?")[0]
    asked = [(name, value) for name in st.query_params for value in st.query_params.get_all(name)]
    return f"{url}?{urlencode(asked)}" if url and asked else url

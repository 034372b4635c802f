"""The pages as Streamlit knows them: the groups of the bar above, and a link to one of them."""

from __future__ import annotations

from collections.abc import Sequence
from contextvars import ContextVar
from copy import copy
from functools import lru_cache
from typing import Literal

import streamlit as st

from analytics.app.navigation import PAGES, source

_PRESENT: ContextVar[dict[str, st.Page]] = ContextVar("pages")
"""By name, those of this run."""


def groups(useful: Sequence[str]) -> dict[str, list[st.Page]]:
    """The pages by group, hidden where they are of no use; the first of use is the one shown first.

    Call it in every run: a run marks the one that it shows.
    """
    pages = {name: copy(page) for name, page in _pages(tuple(useful)).items()}
    _PRESENT.set(pages)
    found: dict[str, list[st.Page]] = {}
    for group, name, _ in PAGES:
        found.setdefault(group, []).append(pages[name])
    return found


@lru_cache(maxsize=32)
def _pages(useful: tuple[str, ...]) -> dict[str, st.Page]:
    """Made once: Streamlit looks for each one's file."""
    made = {}
    for _, name, title in PAGES:
        seen: Literal["visible", "hidden"] = "visible" if name in useful else "hidden"
        made[name] = st.Page(
            source(name), title=title, url_path=name, default=name == useful[0], visibility=seen
        )
    return made


def link(name: str, label: str) -> None:
    """A link to a page; what is drawn again by itself, without its run's pages, names it by its file."""
    st.page_link(_PRESENT.get({}).get(name, source(name)), label=label)

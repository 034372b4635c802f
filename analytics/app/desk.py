"""The engine that this process serves, over the data directory in use at this moment."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass

import streamlit as st

from analytics.engine import Engine, data_folder, open_engine
from analytics.model import Selection
from analytics.site import site_file


@dataclass(frozen=True)
class View:
    """What a page draws from: the engine and the shared selection."""

    engine: Engine
    selection: Selection


VIEW: ContextVar[View] = ContextVar("view")
"""What the page of this run draws from; set by the router."""


@st.cache_resource(max_entries=4, show_spinner=False)
def _engine(folder: str, site: str, changed: int) -> Engine:
    return open_engine(data_folder(folder))


def engine() -> Engine:
    """The present engine: a new one when the first real import or a changed site.toml makes it so.

    Raises Refusal where site.toml or the store cannot be read.
    """
    folder = data_folder()
    site = site_file(folder)
    changed = site.stat().st_mtime_ns if site.exists() else 0
    return _engine(str(folder), str(site), changed)

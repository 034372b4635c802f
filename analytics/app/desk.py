"""The engine that this process serves, over the data directory in use at this moment."""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass

import streamlit as st

from analytics.engine import Engine, data_folder, open_engine
from analytics.ingest import rederive
from analytics.model import Selection
from analytics.site import site_file
from analytics.store import Store


@dataclass(frozen=True)
class View:
    """What a page draws from: the engine and the shared selection."""

    engine: Engine
    selection: Selection
    versions: Mapping[str, int]
    """Fixed for the run: an import in its midst must not put two versions side by side."""

    @property
    def identity(self) -> str:
        """Which store this is, and by which settings it is read."""
        return f"{self.engine.store.identity}{self.engine.site.derivation_hash}{self.engine.site.small_base}"


VIEW: ContextVar[View] = ContextVar("view")
"""What the page of this run draws from; set by the router."""


@st.cache_resource(max_entries=4, show_spinner=False)
def _engine(folder: str, site: str, changed: int, store: str) -> Engine:
    opened = open_engine(data_folder(folder))
    if opened.versions():
        rederive(opened.store, opened.site)
    return opened


def engine() -> Engine:
    """The present engine: a new one when the first real import or a changed site.toml makes it so.

    Raises Refusal where site.toml or the store cannot be read.
    """
    folder = data_folder()
    site = site_file(folder)
    changed = site.stat().st_mtime_ns if site.exists() else 0
    return _engine(str(folder), str(site), changed, Store(folder).identity)

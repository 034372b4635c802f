"""The engine that this process serves, over the data directory in use at this moment."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import TypeVar, cast

import streamlit as st
from streamlit.runtime import exists, get_instance
from streamlit.runtime.scriptrunner import get_script_run_ctx

from analytics.app.access import permit
from analytics.app.looker import LOCALLY, Looker
from analytics.app.plain import plain
from analytics.catalogue import METRICS
from analytics.contract import DATASETS, Dataset
from analytics.engine import Engine, Forbidden, data_folder, open_engine
from analytics.ingest import outdated, rederive
from analytics.model import Right, Selection
from analytics.running import Here, command
from analytics.settings import identity, load_site
from analytics.site import Site, site_file
from analytics.store import Store

T = TypeVar("T")


@dataclass(frozen=True)
class View:
    """What a page draws from: the engine and the shared selection.

    The engine is frozen: an import in the midst of a run must not put two versions side by side.
    """

    engine: Engine
    selection: Selection
    looker: Looker = LOCALLY
    place: str = ""
    """Where on the page, so that one block may stand on it twice."""
    read: dict[str, object] = field(default_factory=dict, repr=False, compare=False)
    """What was read `once`, shared by all blocks of the run."""

    def at(self, number: int) -> View:
        """The view of the block with that number within the present one."""
        return replace(self, place=f"{self.place}-{number}")

    def key(self, name: str) -> str:
        """The key of a widget here: no other place gives the same."""
        return f"{name}{self.place}"

    def once(self, name: str, work: Callable[[], T]) -> T:
        """What the work gives, done by the first block of the run that asks for it."""
        if name not in self.read:
            self.read[name] = work()
        return cast(T, self.read[name])

    def remember(self, name: Hashable, work: Callable[[], T]) -> T:
        """What the work gives under this selection, of these versions: done once for all who look alike."""
        return self.engine.remember((name, self.selection, *self.versions.items()), work)

    def narrowed(self, dimension: str, members: Iterable[str]) -> View | None:
        """Of these members only, among those already kept; None where none of them is."""
        kept = dict(self.selection.members)
        both = tuple(m for m in members if m in kept.get(dimension, (m,)))
        kept[dimension] = both
        selection = replace(self.selection, members=tuple(kept.items()))
        return replace(self, selection=selection) if both else None

    @property
    def versions(self) -> dict[str, int]:
        """Of every dataset, the same throughout the run."""
        return self.engine.versions()

    def may(self, right: Right) -> bool:
        """Whether the looker may."""
        return right in self.engine.scope.rights

    def permit(self, right: Right) -> None:
        """Raises Forbidden where the looker may not, by site.toml as it is at this moment."""
        permit(site(), self.looker, right)

    def still(self, right: Right) -> bool:
        """The same, said on the page: for what is drawn again by itself, without the whole run."""
        try:
            self.permit(right)
        except Forbidden as fault:
            st.error(plain(str(fault)))
            return False
        return True

    def has(self, dataset: str) -> bool:
        """Whether the dataset was ever imported."""
        return dataset in self.versions

    def lacking(self, metrics: Iterable[str]) -> tuple[Dataset, ...]:
        """The files never imported that these metrics are computed from."""
        files = dict.fromkeys(METRICS[name].imported for name in metrics)
        return tuple(DATASETS[name] for name in files if not self.has(name))


VIEW: ContextVar[View] = ContextVar("view")
"""What the page of this run draws from; set by the router."""


@lru_cache(maxsize=4)
def _site(file: Path, settings: tuple[tuple[str, int, int], ...]) -> Site:
    return load_site(file)


def site() -> Site:
    """What site.toml says now. Raises Refusal where it cannot be read."""
    file = site_file(data_folder())
    return _site(file, identity(file))


def asker() -> Here:
    """Whether whoever asks from this thread still has the page open: nothing is computed for nobody."""
    context = get_script_run_ctx(suppress_warning=True)
    if context is None or not exists():
        return command()
    runtime, session = get_instance(), context.session_id
    return lambda: runtime.is_active_session(session)


@st.cache_resource(max_entries=2, show_spinner=False)  # each may use half of the memory at most
def _opened(
    folder: str, site: str, settings: tuple[tuple[str, int, int], ...], store: str
) -> tuple[Engine, str]:
    opened = open_engine(data_folder(folder), asker)
    if not opened.versions():
        return opened, ""
    rederive(opened.store, opened.site)
    stale = "、".join(DATASETS[name].label for name in outdated(opened.store, opened.site))
    return opened, f"站点设置已改动，但数据目录是只读的：{stale}仍按原设置" if stale else ""


def engine() -> Engine:
    """The present engine: a new one when the first real import or a changed site.toml makes it so.

    Raises Refusal where site.toml or the store cannot be read.
    """
    return present()[0]


def present() -> tuple[Engine, list[str]]:
    """The same with what everybody who looks must know: the data are not the newest, or as set before.

    A run asks once: Streamlit hashes the names of files each time.
    """
    folder = data_folder()
    file = site_file(folder)
    opened, unsettled = _opened(str(folder), str(file), identity(file), Store(folder).identity)
    return opened, [told for told in (opened.warning, unsettled) if told]

"""What goes into the audit log: what was seen once a session, what left or changed each time.

What leaves or changes and cannot be noted does not happen; a page is shown all the same, without waiting, and
says so to who can mend it.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path

import streamlit as st

from analytics.app.looker import Looker
from analytics.audit import Action, Audit, Deed, in_words
from analytics.citing import filters_in_words
from analytics.contract import DATASETS, IMPORTED
from analytics.engine import data_folder
from analytics.insight.wording import period_in_words
from analytics.ledger import WAIT_SECONDS
from analytics.model import Selection
from analytics.site import Refusal

_SEEN = "noted-seen"
_REMEMBERED = 500
_PATIENCE, _PAUSE = 1.0, 30.0
"""Seconds that a look waits for the log; and before another look tries, where one could not be noted."""


class Trouble:
    """Why looks cannot be noted at present, for all sessions: not each of them should wait for the log."""

    def __init__(self) -> None:
        self.words = ""
        self._since = 0.0

    @property
    def lasting(self) -> bool:
        """Known, and too lately for another try."""
        return bool(self.words) and time.monotonic() - self._since < _PAUSE

    def say(self, words: str) -> None:
        """Notes why; nothing: it is over."""
        self.words, self._since = words, time.monotonic()


TROUBLE = Trouble()


def note(
    looker: Looker,
    action: Action,
    what: str = "",
    selection: Selection | None = None,
    versions: Mapping[str, int] | None = None,
    rows: int | None = None,
    why: str = "",
    folder: Path | None = None,
    filters: str = "",
    wait: float = WAIT_SECONDS,
) -> None:
    """Adds an entry about what the looker does, to the log of the data in use unless another is named.

    `filters`: in words, where the selection is not what says them. Raises Refusal where it cannot be written.
    """
    labels = {name: DATASETS[name].label for name in IMPORTED}
    named = {name: version for name, version in (versions or {}).items() if name in labels}
    kept = filters or (selected(selection) if selection else "")
    deed = Deed(looker.words, action, what, kept, in_words(named, labels), rows, why, looker.place)
    Audit(folder or data_folder()).note(deed, wait)


def selected(selection: Selection) -> str:
    """Period and filters in words."""
    return "；".join(
        part for part in (period_in_words(selection.period), filters_in_words(selection)) if part
    )


def seen(
    looker: Looker,
    action: Action,
    what: str,
    selection: Selection | None = None,
    versions: Mapping[str, int] | None = None,
    rows: int | None = None,
    filters: str = "",
) -> None:
    """The same of what is looked at: once a session for the same thing, and never in its way."""
    key = (looker.words, action, what, selection, tuple((versions or {}).items()), filters)
    before = st.session_state.setdefault(_SEEN, {})
    if key in before or TROUBLE.lasting:
        return
    try:
        note(looker, action, what, selection, versions, rows, filters=filters, wait=_PATIENCE)
        TROUBLE.say("")
    except Refusal as fault:
        TROUBLE.say(str(fault))
        return
    before[key] = True
    while len(before) > _REMEMBERED:
        del before[next(iter(before))]

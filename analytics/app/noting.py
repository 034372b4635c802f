"""What goes into the audit log: what was seen once a session, what left or changed each time.

What leaves or changes and cannot be noted does not happen; a page is shown all the same, and says so to who
can mend it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import streamlit as st

from analytics.app.looker import Looker
from analytics.audit import Action, Audit, Deed, in_words
from analytics.citing import filters_in_words
from analytics.contract import DATASETS, IMPORTED
from analytics.engine import data_folder
from analytics.insight.wording import period_in_words
from analytics.model import Selection
from analytics.site import Refusal

_SEEN, _FAULT = "noted-seen", "noted-fault"
_REMEMBERED = 500


def note(
    looker: Looker,
    action: Action,
    what: str = "",
    selection: Selection | None = None,
    versions: Mapping[str, int] | None = None,
    rows: int | None = None,
    why: str = "",
    folder: Path | None = None,
) -> None:
    """Adds an entry about what the looker does, to the log of the data in use unless another is named.

    Raises Refusal where it cannot be written.
    """
    labels = {name: DATASETS[name].label for name in IMPORTED}
    named = {name: version for name, version in (versions or {}).items() if name in labels}
    kept = _in_words(selection) if selection else ""
    deed = Deed(looker.words, action, what, kept, in_words(named, labels), rows, why, looker.place)
    Audit(folder or data_folder()).note(deed)


def _in_words(selection: Selection) -> str:
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
) -> None:
    """The same of what is looked at: once a session for the same thing, and never in its way."""
    key = (looker.words, action, what, selection, tuple((versions or {}).items()))
    before = st.session_state.setdefault(_SEEN, {})
    if key in before:
        return
    try:
        note(looker, action, what, selection, versions, rows)
        st.session_state.pop(_FAULT, None)
    except Refusal as fault:
        st.session_state[_FAULT] = str(fault)
        return
    before[key] = True
    while len(before) > _REMEMBERED:
        del before[next(iter(before))]


def fault() -> str:
    """Why the last look could not be noted; empty where it was."""
    return str(st.session_state.get(_FAULT, ""))

"""退出: which sign-ins are over, kept beside the store: a copied cookie is no use after a restart either."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from analytics.engine import data_folder
from analytics.journal import Journal

_KIND, _SAID = "sign-in", "over"
_NO_STORE = ""  # whoever signed out did so whatever the data are


def remember(login: str) -> None:
    """The sign-in is over for good. Raises Refusal where that cannot be written."""
    _journal(data_folder()).add(_KIND, _SAID, [(_mark(login), {})])
    _known.cache_clear()


def is_over(login: str) -> bool:
    """Whether somebody signed out of it. Raises Refusal where that cannot be read."""
    return _mark(login) in _known(data_folder())


@cache
def _known(folder: Path) -> frozenset[str]:
    return frozenset(entry.subject for entry in _journal(folder).entries(_KIND))


def _journal(folder: Path) -> Journal:
    return Journal(folder, _NO_STORE)


def _mark(login: str) -> str:
    """Tells sign-ins apart without saying whose they are."""
    return hashlib.sha256(login.encode()).hexdigest()

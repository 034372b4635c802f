"""Who is looking."""

from __future__ import annotations

from dataclasses import dataclass

from analytics.model import EVERYTHING, Scope

LOCAL = "本机"
"""Who looks where no accounts are set up: whoever sits at this machine."""


@dataclass(frozen=True)
class Looker:
    """Who is looking, by which sign-in (it ends, a new one is another), and what they may see and do.

    `words`: account and roles; `place`: from which address, in which session.
    """

    account: str
    login: str = ""
    scope: Scope = EVERYTHING
    words: str = LOCAL
    place: str = ""


LOCALLY = Looker(LOCAL)

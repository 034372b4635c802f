"""Where a meeting stands, and where a key leads from there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

Move = Literal["next", "previous", "first", "last", "list", "down", "up", "back"]


@dataclass(frozen=True)
class Place:
    """The screen shown; of its figure one `member` alone, where one was asked for; or the list of screens."""

    item: str
    member: str = ""
    listing: bool = False


def after(place: Place, move: Move, names: Sequence[str], members: Sequence[str]) -> Place | None:
    """Where a move leads; None out of the meeting.

    `names`: of all screens in order; `members`: what the screen's figure can be asked about, in order.
    """
    at = names.index(place.item)
    if move == "list":
        return Place(place.item, listing=not place.listing)
    if move == "next":
        return Place(names[min(at + 1, len(names) - 1)])
    if move in ("first", "last"):
        return Place(names[0 if move == "first" else -1])
    if move == "down":
        return replace(place, member=_following(place.member, members)) if not place.listing else place
    if place.member or place.listing or move == "up":
        return Place(place.item)  # a step back is to the screen itself
    return Place(names[max(at - 1, 0)]) if move == "previous" else None


def _following(member: str, members: Sequence[str]) -> str:
    """The next member, after the last the first; the same where there are none."""
    if not members:
        return member
    return members[(members.index(member) + 1) % len(members)] if member in members else members[0]

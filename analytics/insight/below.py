"""The places below: by what places are told apart, given what is looked at.

In a province the prefectures, in one of them the counties, in a county the townships.
"""

from __future__ import annotations

from collections.abc import Iterable

from analytics.catalogue import DIMENSIONS
from analytics.model import LEVELS, Scope, Selection
from analytics.places import PLACES, TOWNSHIP
from analytics.site import Site


def levels_of(site: Site, scope: Scope) -> tuple[str, ...]:
    """The dimensions that tell apart what somebody may see, from the highest down."""
    return (TOWNSHIP,) if scope.township is not None else site.places.levels(scope.area)


def place_below(site: Site, selection: Selection) -> str:
    """The dimension below the lowest of which the selection keeps members; at last the townships."""
    levels = levels_of(site, selection.scope)
    chosen = [levels.index(name) for name, _ in selection.members if name in levels]
    return levels[min(max(chosen, default=-1) + 1, len(levels) - 1)]


def placed(by: tuple[str, ...], site: Site, selection: Selection) -> tuple[str, ...]:
    """Dimensions with the places below for townships."""
    return tuple(place_below(site, selection) if name == TOWNSHIP else name for name in by)


def worded(text: str, place: str) -> str:
    """A text that speaks of townships, of the places of a dimension."""
    return text.replace(DIMENSIONS[TOWNSHIP].label, DIMENSIONS[place].label)


def members_of(site: Site, selection: Selection, by: tuple[str, ...]) -> tuple[str, ...]:
    """The places that a table of them lists even with nothing: those that filter and scope leave."""
    if len(by) != 1 or by[0] not in PLACES:
        return ()
    scope = selection.scope
    names = site.places.names(by[0], dict(selection.members), scope.area)
    return tuple(name for name in names if by[0] != TOWNSHIP or scope.township in (None, name))


def dimensions_shown(site: Site, names: Iterable[str]) -> list[str]:
    """Of dimensions those worth choosing: no level of places to which the whole site belongs."""
    levels = site.places.levels()
    return [name for name in names if name not in LEVELS or name in levels]

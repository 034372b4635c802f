"""Small briefs for tests: one chapter whose sentence cites the given questions."""

from __future__ import annotations

from typing import Any

from analytics.briefs.brief import Brief, Chapter
from analytics.citing import Piece, source_of_query
from analytics.engine import Engine
from analytics.model import Scope, Selection
from tests.bureau import period


def asking(engine: Engine, month: str, *asks: dict[str, Any], scope: Scope | None = None) -> Brief:
    """A month's brief that asks the metrics `names` (with by, where, compare, days) of each ask."""
    scope = scope or Scope()
    pieces = []
    for ask in asks or ({"names": "petitions"},):
        more = {"scope": scope} | {k: v for k, v in ask.items() if k not in ("names", "days")}
        query = engine.query(ask["names"].split(), period=period(ask.get("days", month)), **more)
        pieces.append(Piece("数字", source_of_query(query)))
    whole = query.selection
    return Brief(
        bureau=engine.site.bureau,
        selection=Selection(whole.period, whole.members, scope),
        as_of=whole.period.last,
        versions=tuple(engine.versions().items()),
        demo=False,
        origin="来源",
        chapters=(Chapter("volume", "总体情况", tuple(pieces), (), (), ()),),
    )

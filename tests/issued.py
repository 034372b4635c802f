"""Small briefs for tests: of a month, telling what they are asked to tell."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from analytics.answers import Figure, answer
from analytics.briefs.asking import Asking
from analytics.briefs.brief import Brief, Chapter
from analytics.citing import Piece, source_of_query
from analytics.engine import Engine
from analytics.model import Period, Scope, Selection

Asked = tuple[str, dict[str, Any]]


def brief_of(
    engine: Engine,
    month: str,
    *metrics: str,
    by: tuple[str, ...] = (),
    compare: str = "none",
    figures: Sequence[Figure] = (),
    members: tuple[tuple[str, tuple[str, ...]], ...] = (),
    scope: Scope | None = None,
) -> Brief:
    """One chapter that tells each metric of the month, compared, and also by the dimensions given."""
    asking = Asking(
        engine.frozen(engine.versions()), Selection(Period.month(month), members, scope or Scope())
    )
    results = [asking.ask(name, compare=compare) for name in metrics]  # type: ignore[arg-type]
    results += [asking.ask(name, (d,), compare=compare) for d in by for name in metrics]  # type: ignore[arg-type]
    told = tuple(
        Piece(f"{result.metrics[0].label}{result.value(name)}", source_of_query(result.query))
        for result in results
        for name in result.query.metrics
        if not result.query.by
    ) + tuple(Piece("分组", source_of_query(r.query)) for r in results if r.query.by)
    drawn = tuple(answer(asking.engine, figure, asking.selection, asking.versions) for figure in figures)
    as_of = min(result.query.as_of for result in results)
    return Brief(
        bureau="示例信访局",
        selection=Selection(asking.selection.period.until(as_of), members, asking.selection.scope),
        as_of=min(as_of, asking.selection.period.end),
        versions=tuple(asking.versions.items()),
        demo=False,
        origin="来源：示例信访局",
        chapters=(Chapter("overall", "总体情况", told, (), (), drawn),),
    )

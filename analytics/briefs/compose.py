"""A month's brief: every chapter asked over versions that stand still."""

from __future__ import annotations

from dataclasses import replace

from analytics.answers import source_of as origin_of
from analytics.briefs.agenda import AGENDA, chapter
from analytics.briefs.asking import Asking
from analytics.briefs.brief import Brief
from analytics.briefs.decisions import carried_told
from analytics.briefs.phrases import sentence
from analytics.briefs.published import corrections
from analytics.citing import Told
from analytics.contract import DATASETS, IMPORTED
from analytics.engine import Engine
from analytics.model import Selection
from analytics.site import Refusal

MAIN = "petitions"
"""Whose last day with data is the brief's; what ends earlier is named."""


def brief(engine: Engine, selection: Selection) -> Brief:
    """The brief of the selection's month, of what the engine serves at this moment.

    With what was published otherwise and what earlier meetings decided: these change without a new version.
    """
    still = engine.frozen(engine.versions())
    key = ("brief", selection, tuple(sorted(still.versions().items())))
    found = engine.remember(key, lambda: _brief(still, selection))
    published, decided = corrections(still, found), _decided(still, found)
    return replace(found, corrections=published, decisions=decided) if published or decided else found


def _decided(engine: Engine, found: Brief) -> tuple[Told, ...]:
    """What earlier meetings decided; why it cannot be told where the journal cannot be read."""
    try:
        return carried_told(engine, found)
    except Refusal as fault:
        return (sentence(f"以往会议交办事项没有列出：{fault}"),)


def _brief(engine: Engine, selection: Selection) -> Brief:
    asking = Asking(engine, selection)
    versions = tuple((name, v) for name, v in asking.versions.items() if name in IMPORTED)
    ends = {name: c.last for name, _ in versions if (c := engine.coverage(name))}
    as_of = ends.get(MAIN, max(ends.values(), default=selection.period.end))
    late = [f"{DATASETS[name].label}只到{day}" for name, day in ends.items() if day < as_of]
    return Brief(
        bureau=engine.site.bureau,
        selection=Selection(selection.period.until(as_of), selection.members, selection.scope),
        as_of=as_of,
        versions=versions,
        demo=engine.store.is_demo,
        origin="；".join([origin_of(engine, as_of, versions, selection), *late]),
        chapters=tuple(chapter(asking, item) for item in AGENDA),
    )

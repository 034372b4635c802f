"""A month's brief: every chapter asked over versions that stand still."""

from __future__ import annotations

from dataclasses import replace

from analytics.answers import source_of as origin_of
from analytics.briefs.agenda import AGENDA, chapter
from analytics.briefs.asking import Asking
from analytics.briefs.brief import Brief
from analytics.briefs.decisions import carried_told
from analytics.briefs.published import corrections
from analytics.contract import IMPORTED
from analytics.engine import Engine
from analytics.model import Selection


def brief(engine: Engine, selection: Selection) -> Brief:
    """The brief of the selection's month, of what the engine serves at this moment.

    With what was published otherwise and what earlier meetings decided: these change without a new version.
    """
    still = engine.frozen(engine.versions())
    key = ("brief", selection, tuple(sorted(still.versions().items())))
    found = engine.remember(key, lambda: _brief(still, selection))
    published, decided = corrections(still, found), carried_told(still, found)
    return replace(found, corrections=published, decisions=decided) if published or decided else found


def _brief(engine: Engine, selection: Selection) -> Brief:
    asking = Asking(engine, selection)
    known = [c.last for name in asking.versions if name in IMPORTED and (c := engine.coverage(name))]
    as_of = max(known, default=selection.period.end)
    versions = tuple((name, v) for name, v in asking.versions.items() if name in IMPORTED)
    return Brief(
        bureau=engine.site.bureau,
        selection=Selection(selection.period.until(as_of), selection.members, selection.scope),
        as_of=as_of,
        versions=versions,
        demo=engine.store.is_demo,
        origin=origin_of(engine, as_of, versions, selection),
        chapters=tuple(chapter(asking, item) for item in AGENDA),
    )

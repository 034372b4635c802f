"""The brief's files by format; each format is loaded only where it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from analytics.briefs.archive import Archived, archive
from analytics.briefs.brief import Brief
from analytics.briefs.minutes import Decided, Minutes
from analytics.engine import Engine
from analytics.site import Refusal, Site


def _docx(found: Brief, site: Site) -> bytes:
    from analytics.render.docx import docx_bytes

    return docx_bytes(found)


def _pptx(found: Brief, site: Site) -> bytes:
    from analytics.render.pptx import pptx_bytes

    return pptx_bytes(found, site.template)


def _xlsx(found: Brief, site: Site) -> bytes:
    from analytics.render.annex import annex_bytes

    return annex_bytes(found)


_MADE: dict[str, tuple[str, Callable[[Brief, Site], bytes]]] = {
    "docx": (".docx", _docx),
    "pptx": (".pptx", _pptx),
    "xlsx": ("附表.xlsx", _xlsx),
}
"""How a file's name ends and what writes it."""

FORMATS = tuple(_MADE)
DRAFT = "草稿_"
"""With what the name of a file begins that is not issued."""


def file_name(found: Brief, form: str) -> str:
    """2021年11月信访形势分析研判材料.docx; …附表.xlsx."""
    return f"{found.title}{_MADE[form][0]}"


def documents(found: Brief, site: Site, formats: Iterable[str] = FORMATS) -> dict[str, bytes]:
    """The files by name. Raises Refusal where the site's template cannot be used."""
    return {file_name(found, form): _MADE[form][1](found, site) for form in formats}


def unusable(site: Site) -> str:
    """What is wrong with the site's template; empty where nothing is."""
    from analytics.render.deck import opened

    try:
        opened(site.template)
    except Refusal as fault:
        return str(fault)
    return ""


def as_draft(found: Brief) -> Brief:
    """The brief saying that it is not issued."""
    return replace(found, draft=True, origin=f"草稿，未归档；{found.origin}")


def issued(engine: Engine, found: Brief) -> Archived:
    """The brief in every format, put in the archive; the same brief again is the one that is there.

    Raises Refusal where the template cannot be used or the archive cannot be written.
    """
    return archive(engine, found, documents(found, engine.site))


def minutes(found: Brief, decided: Sequence[Decided]) -> bytes:
    """The draft of the meeting's minutes, in Word."""
    from analytics.render.docx import minutes_bytes

    return minutes_bytes(Minutes(found, decided))

"""An archived brief's numbers worked out again, from the rows that were put away with it."""

from __future__ import annotations

from pathlib import Path

from analytics.briefs.archive import Archived, readable
from analytics.briefs.numbers import Block
from analytics.catalogue import METRICS
from analytics.citing import filters_in_words
from analytics.engine import Engine, open_engine
from analytics.model import Query, Selection
from analytics.result import absent
from analytics.site import Refusal


def differing(data: Path) -> list[str]:
    """Which archived numbers are others now, by archive: a definition was changed since, or rows were.

    Nothing of archives of before the rows were put away with them.
    """
    told = []
    for one in readable(data):
        try:
            wrong = _differing(one)
        except Refusal as fault:
            wrong = [f"{fault}"]
        if wrong:
            more = f"等{len(wrong)}处" if len(wrong) > 1 else ""
            told.append(f"归档 {one.folder} 重算后与当时不同：{wrong[0]}{more}")
    return told


def engine_then(one: Archived) -> Engine | None:
    """An engine over an archive's own rows; None where they were not put away with it."""
    return open_engine(one.data) if one.data else None


def _differing(one: Archived) -> list[str]:
    engine = engine_then(one)
    return [] if engine is None else [_named(b) for b in one.blocks if not same(engine, b)]


def same(engine: Engine, block: Block) -> bool:
    """Whether every number of the block comes out as it was, over the engine's versions.

    A group of which nothing was counted has no line of its own, or one that says 0.
    """
    result = engine.answer(asked(engine, block))
    nothing = absent(METRICS[block.of.metric])
    keys = block.cells.keys() | {key for key, (cell,) in result.cells.items() if cell.value is not None}
    return all(block.cells.get(key, nothing) == result.cell(block.of.metric, key) for key in keys)


def asked(engine: Engine, block: Block) -> Query:
    """The block's own question, at the engine's versions."""
    metric, versions = METRICS[block.of.metric], engine.versions()
    used = dict.fromkeys((metric.dataset, metric.imported))
    selection = Selection(block.of.period, block.of.members, block.of.scope)
    at = tuple((name, versions.get(name, 0)) for name in used)
    return Query((metric.name,), block.by, selection, at, "none", block.of.days[1])


def _named(block: Block) -> str:
    words = filters_in_words(Selection(block.of.period, block.of.members, block.of.scope))
    first, last = block.of.days
    days = f"{first} 至 {last}" if first else f"截至 {last}"
    return f"{METRICS[block.of.metric].label}（{'；'.join(filter(None, [days, words]))}）"

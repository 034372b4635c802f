"""对外公布: the tables of a year that a bureau publishes, small numbers left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from analytics.answers import source
from analytics.catalogue import DIMENSIONS, METRICS
from analytics.engine import Engine
from analytics.insight.below import place_below, placed, worded
from analytics.insight.wording import period_in_words
from analytics.model import Period, Query, Selection
from analytics.places import PLACES
from analytics.result import NOBODY, Result
from analytics.site import Site
from analytics.suppression import LEAST, TOTAL, Place, hidden, with_totals

HIDDEN = "＊"
MEANING = f"{HIDDEN} 为不足{LEAST}的数，或为使不足{LEAST}的数不能推算而一并隐去的数；“—”为0。"
ONCE = "本年尚未结束：同一年只公布一次，否则两次之差会显出隐去的数。"


@dataclass(frozen=True)
class Release:
    """A table for the public: one count by two dimensions that no other release has, with totals."""

    name: str
    title: str
    metric: str
    by: tuple[str, ...]


RELEASES = (
    Release("townships", "各镇街信访件批（按信访形式）", "petitions", ("township", "channel")),
    Release("topics", "各类内容信访件批（按初重件）", "petitions", ("topic_1", "is_repeat")),
)


@dataclass(frozen=True)
class Released:
    """A release of a year. `table`: every cell, None where it is hidden. Rows and columns as read."""

    release: Release
    period: Period
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    table: Mapping[Place, int | None]
    source: str

    @property
    def title(self) -> str:
        """2021年1—11月各镇街信访件批（按信访形式）."""
        return f"{period_in_words(self.period)}{self.release.title}"

    @property
    def headers(self) -> list[str]:
        """The first dimension, then the members of the second and the total."""
        unit = METRICS[self.release.metric].unit
        first = DIMENSIONS[self.release.by[0]].label
        return [f"{first}（单位：{unit}）", *(_label(self.release.by[1], name) for name in self.columns)]

    @property
    def lines(self) -> list[list[str | int]]:
        """A line a row: its name and its numbers; 0 as a dash, what is hidden as a star."""
        return [
            [_label(self.release.by[0], row), *(_shown(self.table[row, column]) for column in self.columns)]
            for row in self.rows
        ]

    @property
    def notes(self) -> dict[str, str]:
        """What stands below it."""
        once = {"注意": ONCE} if self.period.unfinished else {}
        return {"标题": self.title, "说明": MEANING, **once, "来源": self.source}


def _label(dimension: str, member: str) -> str:
    return member if member == TOTAL else DIMENSIONS[dimension].label_of(member)


def _shown(count: int | None) -> str | int:
    return HIDDEN if count is None else count or "—"


def released(engine: Engine, release: Release, year: Period, versions: Mapping[str, int]) -> Released:
    """The release of a year up to the last day with data, under no filter: two with filters tell a third."""
    whole = Selection(year, scope=engine.scope)
    title = worded(release.title, place_below(engine.site, whole))
    release = replace(release, by=placed(release.by, engine.site, whole), title=title)
    result = engine.ask((release.metric,), release.by, year, versions=versions)
    return engine.remember(("released", release, result.query), lambda: _released(engine, release, result))


def _released(engine: Engine, release: Release, result: Result) -> Released:
    counts = {(key[0], key[1]): result.cell(release.metric, key).numerator for key in result.keys}
    table = with_totals(counts)
    kept = hidden(table)
    rows, columns = (_in_order(engine.site, result, at) for at in (0, 1))
    shown = {place: None if place in kept else count for place, count in table.items()}
    return Released(release, result.period, rows, columns, shown, source(engine, _whole(result)))


def _in_order(site: Site, result: Result, at: int) -> tuple[str, ...]:
    """Members as declared, places as the site lists them; those that name nobody last, then the total."""
    dimension = result.query.by[at]
    declared = [value for value, _ in DIMENSIONS[dimension].members]
    declared += site.places.names(dimension, {}) if dimension in PLACES else ()
    place = {name: number for number, name in enumerate(declared)}
    there = {key[at] for key in result.keys}
    members = sorted(there, key=lambda m: (m in NOBODY, place.get(m, len(place)), m))
    return (*members, TOTAL)


def _whole(result: Result) -> Result:
    """The same without words about filters: there are none, and a looker's scope is not for the public."""
    query: Query = replace(result.query, selection=Selection(result.period))
    return replace(result, query=query)

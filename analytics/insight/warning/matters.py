"""Group visits and escalations by matter: what people of one place came about together, or took further."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from analytics.catalogue import METRICS
from analytics.engine import Engine
from analytics.insight.warning.alert import Alert, Kept, Members, members_in_words, weeks_until
from analytics.insight.wording import period_in_words
from analytics.model import Period, Selection
from analytics.result import Key
from analytics.site import Thresholds

BY = ("township", "topic_2", "responsible_unit")
ESCALATED = (("escalated_city", "到市访"), ("escalated_province", "赴省访"), ("escalated_beijing", "进京访"))
COUNTED = (
    *("group_visits", "group_visit_persons", *(name for name, _ in ESCALATED)),
    *("repeat_petitions", "open", "petitions"),
)


@dataclass(frozen=True)
class Matter:
    """事项: township × topic × responsible unit, with its counts by metric. `reasons`: why it is flagged."""

    key: Key
    counts: Mapping[str, int]
    reasons: tuple[str, ...]

    @property
    def members(self) -> Members:
        """Township, topic and unit."""
        return tuple(zip(BY, self.key, strict=True))

    @property
    def escalations(self) -> int:
        """到市、赴省、进京 together."""
        return sum(self.counts[name] for name, _ in ESCALATED)

    @property
    def words(self) -> str:
        """新陂镇“土地征收”兴宁市自然资源局：集体访3批45人次、进京访1批."""
        parts = []
        if visits := self.counts["group_visits"]:
            parts.append(f"集体访{visits:,}批{self.counts['group_visit_persons']:,}人次")
        parts += [f"{label}{self.counts[name]:,}批" for name, label in ESCALATED if self.counts[name]]
        return f"{members_in_words(self.members)}：{'、'.join(parts)}"


@dataclass(frozen=True)
class Matters:
    """What there was of them in the window, those flagged first."""

    window: Period
    found: tuple[Matter, ...]

    @property
    def weeks(self) -> int:
        """Of the window."""
        return self.window.days // 7

    @property
    def flagged(self) -> tuple[Matter, ...]:
        """Those at or above a threshold."""
        return tuple(matter for matter in self.found if matter.reasons)

    def alert(self, matter: Matter, kept: Kept) -> Alert:
        """The matter as a warning."""
        numbers = {METRICS[name].label: value for name, value in matter.counts.items()}
        told = f"{period_in_words(self.window)}{matter.words}（{'、'.join(matter.reasons)}）"
        return Alert("matter", "petitions", self.window, matter.members, kept, told, numbers)


def matters(engine: Engine, selection: Selection, versions: Mapping[str, int], last: date) -> Matters:
    """The matters with any group visit or escalation in the weeks up to `last`."""
    thresholds = engine.site.warnings
    window = weeks_until(last, thresholds.matter_weeks)
    where = dict(selection.members)
    result = engine.ask(COUNTED, BY, window, where, versions=versions, scope=selection.scope)
    found = []
    for key, cells in result.cells.items():
        counts = {name: cell.numerator for name, cell in zip(COUNTED, cells, strict=True)}
        if counts["group_visits"] or any(counts[name] for name, _ in ESCALATED):
            found.append(Matter(key, counts, reasons(counts, thresholds)))
    return Matters(window, tuple(sorted(found, key=_urgency)))


def reasons(counts: Mapping[str, int], thresholds: Thresholds) -> tuple[str, ...]:
    """Which thresholds are met: 集体访3批（≥2）."""
    escalations = sum(counts[name] for name, _ in ESCALATED)
    tests = (
        ("集体访", counts["group_visits"], "批", thresholds.group_visits),
        ("集体访", counts["group_visit_persons"], "人次", thresholds.group_persons),
        ("到市赴省进京", escalations, "批", thresholds.escalations),
    )
    return tuple(f"{what}{n:,}{unit}（≥{least}）" for what, n, unit, least in tests if n >= least)


def _urgency(matter: Matter) -> tuple[object, ...]:
    """Those flagged first, then how far they went, then how many people."""
    further = [-matter.counts[name] for name, _ in reversed(ESCALATED)]
    return (not matter.reasons, *further, -matter.counts["group_visit_persons"], matter.key)

"""The provincial rule beside the statistical one: where both speak, where one does, where neither.

省里的办法: a count whose 同比 or 环比 changed by more than 10 % is 异常, by more than 20 % 告警, whatever its
size. Chance alone moves the small numbers of a county by more than that in most months; what is more than
chance is what `judged` says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from analytics.engine import Engine
from analytics.insight.below import members_of, placed
from analytics.insight.judgement import judged
from analytics.insight.verdict import Judgement
from analytics.insight.warning.alert import Alert, Kept, Members, Rule, members_in_words
from analytics.insight.wording import COMPARED, amount, count
from analytics.model import Comparison, Metric, Period, Selection
from analytics.result import NOBODY, Key, Result, change
from analytics.site import Site, Thresholds

COUNTY = (
    *("petitions", "letters", "visits", "visit_persons", "group_visits", "online", "superior_assigned"),
)
"""What the rule looks at for the whole; of the places below and of topics it looks at the items."""
GROUPED = (("township", "petitions"), ("topic_1", "petitions"))

Level = Literal["alarm", "abnormal", "none", "unjudged"]
LEVELS: dict[Level, str] = {"alarm": "告警", "abnormal": "异常", "none": "未触发", "unjudged": "无可比基数"}
Agreement = Literal["both", "opposed", "provincial", "statistical", "neither"]
AGREEMENTS: dict[Agreement, str] = {
    "both": "两者都报",
    "opposed": "方向相反",
    "statistical": "只有统计",
    "provincial": "只有省里的办法",
    "neither": "都没有报",
}
"""In the order in which they are shown."""


@dataclass(frozen=True)
class Against:
    """One comparison of a count. `base` None: no data for those days; `small`: too few for a percentage."""

    compare: Comparison
    now: int
    base: int | None
    change: float | None
    small: bool

    def exceeds(self, threshold: float) -> bool:
        """Whether the change is greater, up or down."""
        return self.change is not None and abs(self.change) > threshold

    @property
    def words(self) -> str:
        """21→32，+52.4%; without percentage on a small base."""
        if self.base is None:
            return "无数据"
        moved = f"{count(self.base)}→{count(self.now)}"
        return moved if self.change is None or self.small else f"{moved}，{self.change * 100:+z.1f}%"


@dataclass(frozen=True)
class Change:
    """One count of the period under both rules. `against`: 同比, then 环比 where that is another one.

    `rises`, `falls`: whether the provincial rule speaks of a rise, of a fall; it may speak of both.
    """

    metric: Metric
    members: Members
    period: Period
    value: int
    against: tuple[Against, ...]
    level: Level
    rises: bool
    falls: bool
    judgement: Judgement

    @property
    def fired(self) -> bool:
        """Whether the provincial rule speaks."""
        return self.level in ("alarm", "abnormal")

    @property
    def agreement(self) -> Agreement:
        """Which of the two speak, and whether of the same direction."""
        if not self.judgement.is_signal:
            return "provincial" if self.fired else "neither"
        if not self.fired:
            return "statistical"
        same = self.rises if self.judgement.verdict in ("up", "high") else self.falls
        return "both" if same else "opposed"

    @property
    def name(self) -> str:
        """新陂镇信访总量."""
        return f"{members_in_words(self.members)}{self.metric.label}"

    @property
    def widest(self) -> Against:
        """The comparison that changed most."""
        return max(self.against, key=lambda one: abs(one.change or 0))

    @property
    def notes(self) -> list[str]:
        """What the rule rests on a small base for, and what it could not judge."""
        small = [COMPARED[a.compare] for a in self.against if a.small and a.change]
        found = [f"{'、'.join(small)}基数小"] if small and self.fired else []
        for one in self.against:
            if one.change is None:
                why = "无数据" if one.base is None else "为 0"
                found.append(f"{'上年同期' if one.compare == 'year_ago' else '上期'}{why}，不判")
        return found

    @property
    def short(self) -> str:
        """新陂镇信访总量32件（同比 21→32，+52.4%），显著上升."""
        widest = self.widest
        compared = f"{COMPARED[widest.compare]} {widest.words}"
        return f"{self.name}{amount(self.metric, self.value)}（{compared}），{self.judgement.word}"

    @property
    def told(self) -> str:
        """The same with what the provincial rule says."""
        return f"{self.short}；省里的办法：{LEVELS[self.level]}"

    def alerts(self, kept: Kept) -> tuple[Alert, ...]:
        """A warning for each of the two that speaks."""
        numbers: dict[str, object] = {"本期": self.value}
        numbers |= {COMPARED[a.compare]: a.words for a in self.against}
        numbers |= {"省里的办法": LEVELS[self.level], "统计判断": self.judgement.in_words(self.metric)}
        speaks: dict[Rule, bool] = {"provincial": self.fired, "statistical": self.judgement.is_signal}
        return tuple(
            Alert(rule, self.metric.name, self.period, self.members, kept, self.told, numbers)
            for rule, does in speaks.items()
            if does
        )


def changes(engine: Engine, selection: Selection, versions: Mapping[str, int]) -> list[Change]:
    """The whole's main counts, then the places below and topics; where both rules speak first."""
    asked: list[tuple[tuple[str, ...], tuple[str, ...]]] = [((), COUNTY)]
    asked += [(placed((d,), engine.site, selection), (metric,)) for d, metric in GROUPED]
    found = [c for by, metrics in asked for c in _changes(engine, selection, versions, by, metrics)]
    order = list(AGREEMENTS)
    return sorted(found, key=lambda c: (order.index(c.agreement), c.level != "alarm"))


def _changes(
    engine: Engine,
    selection: Selection,
    versions: Mapping[str, int],
    by: tuple[str, ...],
    metrics: tuple[str, ...],
) -> list[Change]:
    """The metrics of every group, greatest first."""
    period, where = selection.period, dict(selection.members)
    comparisons: tuple[Comparison, ...] = ("year_ago", "previous")
    results = [
        engine.ask(metrics, by, period, where, compare, None, versions, selection.scope)
        for compare in comparisons
    ]
    if results[0].base_period == results[1].base_period:
        results = results[:1]
    verdicts = judged(engine, results[0])
    keys = [key for key in _groups(engine.site, selection, results) if not set(key) & set(NOBODY)]
    places = [(metric, key) for metric in results[0].metrics for key in keys]
    found = [
        _change(results, metric, key, verdicts[metric.name, key], engine.site)
        for metric, key in places
        if (metric.name, key) in verdicts
    ]
    return sorted(found, key=lambda c: -c.value) if by else found


def _groups(site: Site, selection: Selection, results: list[Result]) -> list[Key]:
    """Every group with anything, and the places that filter and scope leave."""
    found: dict[Key, None] = dict.fromkeys(key for result in results for key in result.keys)
    return list(found | dict.fromkeys((name,) for name in members_of(site, selection, results[0].query.by)))


def _change(results: list[Result], metric: Metric, key: Key, judgement: Judgement, site: Site) -> Change:
    against = tuple(_against(result, metric, key, site.small_base) for result in results)
    members = tuple(zip(results[0].query.by, key, strict=True))
    value, period = results[0].cell(metric.name, key).numerator, results[0].period
    level, (rises, falls) = level_of(against, site.warnings), ways_of(against, site.warnings)
    return Change(metric, members, period, value, against, level, rises, falls, judgement)


def _against(result: Result, metric: Metric, key: Key, small_base: int) -> Against:
    now, base = result.cell(metric.name, key), result.base_cell(metric.name, key)
    compare = result.query.compare
    if base is None or base.value is None or now.value is None or not result.base_covered(key, metric.name):
        return Against(compare, now.numerator, None, None, small=False)
    small = base.numerator < small_base
    return Against(compare, now.numerator, base.numerator, change(metric, now, base), small)


def level_of(against: tuple[Against, ...], thresholds: Thresholds) -> Level:
    """告警, 异常 or neither; unjudged where no comparison has a base other than 0."""
    if all(one.change is None for one in against):
        return "unjudged"
    if any(one.exceeds(thresholds.alarm) for one in against):
        return "alarm"
    return "abnormal" if any(one.exceeds(thresholds.abnormal) for one in against) else "none"


def ways_of(against: tuple[Against, ...], thresholds: Thresholds) -> tuple[bool, bool]:
    """Whether the rule speaks of a rise, and whether of a fall: by the comparisons beyond it alone."""
    beyond = [one.change for one in against if one.change and one.exceeds(thresholds.abnormal)]
    return any(change > 0 for change in beyond), any(change < 0 for change in beyond)

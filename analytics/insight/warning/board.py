"""Every warning of a selection at once, and the two sentences that a leader reads first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from analytics.engine import Engine
from analytics.insight.warning.alert import Alert, Kept, kept_of
from analytics.insight.warning.clusters import Scan, scan
from analytics.insight.warning.matters import Matters, matters
from analytics.insight.warning.provincial import AGREEMENTS, Agreement, Change, changes
from analytics.insight.wording import count
from analytics.model import Selection
from analytics.site import Thresholds


@dataclass(frozen=True)
class Recent:
    """What the weeks up to the period's last day with data hold."""

    scan: Scan
    matters: Matters


@dataclass(frozen=True)
class Board:
    """What both rules say of the period's counts, and what the weeks up to its last day hold."""

    changes: tuple[Change, ...]
    scan: Scan
    matters: Matters
    kept: Kept
    thresholds: Thresholds

    @property
    def agreements(self) -> dict[Agreement, int]:
        """How many counts stand where."""
        found = Counter(change.agreement for change in self.changes)
        return {name: found[name] for name in AGREEMENTS}

    @property
    def alerts(self) -> tuple[Alert, ...]:
        """Every warning shown."""
        return (
            *(alert for change in self.changes for alert in change.alerts(self.kept)),
            *(self.scan.alert(cluster, self.kept) for cluster in self.scan.found),
            *(self.matters.alert(matter, self.kept) for matter in self.matters.flagged),
        )


def board(engine: Engine, selection: Selection, versions: Mapping[str, int]) -> Board | None:
    """The board, worked out once for all who look; None where the period has no petitions to judge."""
    key = ("board", selection, tuple(sorted(versions.items())))
    return engine.remember(key, lambda: _board(engine, selection, versions))


def recent(engine: Engine, selection: Selection, versions: Mapping[str, int]) -> Recent | None:
    """The board's recent weeks alone, worked out once; None where there is no board."""
    key = ("recent", selection, tuple(sorted(versions.items())))
    return engine.remember(key, lambda: _recent_weeks(engine, selection, versions))


def _board(engine: Engine, selection: Selection, versions: Mapping[str, int]) -> Board | None:
    weeks = recent(engine, selection, versions)
    if weeks is None:
        return None
    found = tuple(changes(engine, selection, versions))
    return Board(found, weeks.scan, weeks.matters, kept_of(selection), engine.site.warnings)


def _recent_weeks(engine: Engine, selection: Selection, versions: Mapping[str, int]) -> Recent | None:
    coverage = engine.coverage("petitions", versions["petitions"]) if "petitions" in versions else None
    period = selection.period
    if coverage is None or period.start > coverage.last or period.end < coverage.first:
        return None
    last = min(period.end, coverage.last)
    return Recent(
        scan(engine, selection, versions, coverage.first, last), matters(engine, selection, versions, last)
    )


# --- words ------------------------------------------------------------------------------------------------


def sentences(found: Board) -> tuple[str, ...]:
    """At most two: what the two rules say of the counts; the first cluster, else the first matter.

    Where statistics find nothing among the counts, the recent weeks come first.
    """
    told = (_rules(found), _recent(found))
    quiet = not any(change.judgement.is_signal for change in found.changes)
    return tuple(filter(None, reversed(told) if quiet else told))


def rule_in_words(thresholds: Thresholds) -> str:
    """同比或环比超过 10% 为异常，超过 20% 为告警."""
    return f"同比或环比超过 {thresholds.abnormal:.0%} 为异常，超过 {thresholds.alarm:.0%} 为告警"


def _rules(found: Board) -> str:
    """46项计数中，省里的办法报44项，其中统计上也显著1项：新陂镇信访总量32件（…），显著上升。"""
    if not found.changes:
        return ""
    at = found.agreements
    fired = at["both"] + at["opposed"] + at["provincial"]
    parts = [f"{count(len(found.changes))}项计数中，省里的办法报{count(fired)}项"]
    parts += [f"其中统计上也显著{count(at['both'])}项"] if at["both"] else []
    parts += [f"方向相反{count(at['opposed'])}项"] if at["opposed"] else []
    parts += [f"只有统计上显著{count(at['statistical'])}项"] if at["statistical"] else []
    top = next((change for change in found.changes if change.judgement.is_signal), None)
    if top is None:
        return f"{'，'.join(parts)}，统计上都没有超出正常波动（样本小的判断不了）。"
    first = "首先是" if at["both"] + at["opposed"] + at["statistical"] > 1 else ""
    return f"{'，'.join(parts)}：{first}{top.short}。"


def _recent(found: Board) -> str:
    """The first cluster of the last weeks, else the first matter that is flagged."""
    more = "；另有{}处"
    if clusters := found.scan.found:
        others = more.format(len(clusters) - 1) if len(clusters) > 1 else ""
        return f"最近{found.scan.weeks}周{clusters[0].words}{others}。"
    if flagged := found.matters.flagged:
        others = more.format(len(flagged) - 1) if len(flagged) > 1 else ""
        return f"最近{found.matters.weeks}周{flagged[0].words}{others}。"
    return ""

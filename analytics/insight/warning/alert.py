"""One warning: which rule speaks of what, over which days; the same one after every import."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal

from analytics.catalogue import DIMENSIONS
from analytics.model import AREA, Period, Selection

Rule = Literal["provincial", "statistical", "cluster", "matter"]
RULES: dict[Rule, str] = {
    "provincial": "省里的办法",
    "statistical": "统计判断",
    "cluster": "镇街与内容聚集",
    "matter": "集体访与越级走访",
}

Members = tuple[tuple[str, str], ...]
"""A dimension and a member, for each dimension of a group."""
Kept = tuple[tuple[str, tuple[str, ...]], ...]
"""The filters and the scope that a number was counted under."""


@dataclass(frozen=True)
class Alert:
    """A warning as shown. `told`: in words; `numbers`: by their names on screen, as they are now."""

    rule: Rule
    metric: str
    period: Period
    members: Members
    kept: Kept
    told: str
    numbers: Mapping[str, object] = field(default_factory=dict)

    @property
    def identity(self) -> str:
        """Rule, metric, days and members: nothing that another import of the same days changes."""
        days = [f"{self.period.start}", f"{self.period.end}"]
        return json.dumps([self.rule, self.metric, days, self.members, self.kept], ensure_ascii=False)


def kept_of(selection: Selection) -> Kept:
    """The selection's filters, and its scope where it has one."""
    scope = selection.scope
    area = ((AREA, (scope.area,)),) if scope.area else ()
    township = (("scope", (scope.township,)),) if scope.township else ()
    return (*sorted(selection.members), *area, *township)


def members_in_words(members: Members) -> str:
    """新陂镇“土地征收”兴宁市自然资源局: the last of the topics in quotes, other members as they are."""
    topics = [name for name, _ in members if name.startswith("topic_")]
    words = [
        f"“{member}”" if name.startswith("topic_") else DIMENSIONS[name].label_of(member)
        for name, member in members
        if not topics or name not in topics[:-1]
    ]
    return "".join(words)


def narrowed(selection: Selection, members: Members, period: Period) -> Selection:
    """The rows of the group on those days, among those that the selection keeps."""
    kept = dict(selection.members) | {name: (member,) for name, member in members}
    return Selection(period, tuple(kept.items()), selection.scope)


def weeks_until(last: date, weeks: int) -> Period:
    """So many weeks, the last of which ends on the day."""
    return Period(last - timedelta(weeks=weeks, days=-1), last)

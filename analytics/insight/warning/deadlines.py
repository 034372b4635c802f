"""Which batches of the backlog are near their time limit, as at one day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from analytics.catalogue.clocks import CLOCKS
from analytics.engine import Engine
from analytics.insight.queue import applicable, left_in_words
from analytics.model import Period, Selection

_BACKLOG = next(clock for clock in CLOCKS if clock.name == "backlog")
_ALL = 1_000_000


@dataclass(frozen=True)
class Batch:
    """One batch's remaining cases with a time limit that is near or past. `due`: the earliest."""

    name: str
    remaining: int
    due: date
    day: date

    @property
    def late(self) -> bool:
        """Whether the earliest time limit has passed."""
        return self.due < self.day

    @property
    def words(self) -> str:
        """第二批剩余23宗，最早的时限2021-12-31（还有31天）."""
        left = left_in_words(self.due, self.day)
        return f"{self.name}有{self.remaining:,}宗未办结，最早的时限{self.due}（{left}）"


def batches(engine: Engine, day: date, selection: Selection, versions: Mapping[str, int]) -> list[Batch]:
    """Batches with a remaining case due within the site's `deadline_days`, the earliest first."""
    kept, _ = applicable(_BACKLOG, selection)
    standing = Selection(Period(day, day), kept.members, kept.scope)
    found = engine.records("backlog_remaining", standing, versions, _ALL)
    at = {field.name: i for i, field in enumerate(found.fields)}
    near = day + timedelta(days=engine.site.warnings.deadline_days)
    due: dict[str, list[date]] = {}
    for row in found.rows:
        if isinstance(limit := row[at["due_on"]], date) and limit <= near:
            due.setdefault(str(row[at["batch"]]), []).append(limit)
    made = [Batch(name, len(limits), min(limits), day) for name, limits in due.items()]
    return sorted(made, key=lambda batch: (batch.due, batch.name))

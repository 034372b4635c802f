"""Which batches of the backlog are near their time limit, as at one day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from analytics.catalogue.clocks import CLOCKS
from analytics.engine import Engine
from analytics.insight.closing import outlook
from analytics.insight.queue import applicable, left_in_words
from analytics.model import Selection

_BACKLOG = next(clock for clock in CLOCKS if clock.name == "backlog")


@dataclass(frozen=True)
class Batch:
    """One batch with a time limit that is near or past. `remaining`: all its open cases; `due`: the first."""

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
        """第二批有23宗未办结，最早的时限2021-12-31（还有31天）."""
        left = left_in_words(self.due, self.day)
        return f"{self.name}有{self.remaining:,}宗未办结，最早的时限{self.due}（{left}）"


def batches(engine: Engine, day: date, selection: Selection, versions: Mapping[str, int]) -> list[Batch]:
    """Batches with a remaining case due within the site's `deadline_days`, the earliest first."""
    kept, _ = applicable(_BACKLOG, selection)
    near = day + timedelta(days=engine.site.warnings.deadline_days)
    made = [
        Batch(one.batch, one.remaining, due, day)
        for one in outlook(engine, kept, versions, day)
        if (due := one.earliest_due) and due <= near
    ]
    return sorted(made, key=lambda batch: (batch.due, batch.name))

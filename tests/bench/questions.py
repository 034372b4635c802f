"""What the benchmark asks: a page of twelve questions, the same filtered, five views linked by filters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from analytics.model import MONTH, Comparison, Period

Where = Mapping[str, tuple[str, ...]]

THIS_MONTH = Period.month("2021-11")
TWO_YEARS = Period(Period.month("2019-12").start, THIS_MONTH.end)
EVERY_MONTH = Period(Period.month("2017-01").start, Period.month("2021-12").end)


@dataclass(frozen=True)
class Question:
    """What `Engine.query` is asked, but for the filter."""

    metrics: tuple[str, ...]
    by: str = ""
    period: Period = THIS_MONTH
    compare: Comparison = "none"

    @property
    def base(self) -> Period | None:
        """The days compared with."""
        match self.compare:
            case "previous":
                return self.period.previous()
            case "year_ago":
                return self.period.year_ago()
        return None

    def asked(self, where: Where) -> dict[str, Any]:
        """As keyword arguments of `Engine.query`."""
        by = (self.by,) if self.by else ()
        return {
            "metrics": self.metrics,
            "by": by,
            "period": self.period,
            "where": where,
            "compare": self.compare,
        }


@dataclass(frozen=True)
class Asked:
    """Questions under one filter, asked together."""

    questions: tuple[Question, ...]
    where: Where


def page(place: str, where: Where | None = None) -> Asked:
    """A page of a dashboard; `place`: the level below the one looked at."""
    month = MONTH.name
    questions = (
        Question(("petitions",), compare="year_ago"),
        Question(("petitions",), month, TWO_YEARS),
        Question(("petitions",), place, compare="previous"),
        Question(("petitions",), "channel"),
        Question(("petitions",), "topic_1", compare="year_ago"),
        Question(("repeat_rate",), month, TWO_YEARS),
        Question(("on_time_closure_rate", "timely_acceptance_rate")),
        Question(("open", "overdue", "due_soon")),
        Question(("open",), place),
        Question(("median_days", "p90_days")),
        Question(("mean_days",), "channel"),
        Question(("office_satisfaction",), month, TWO_YEARS),
    )
    return Asked(questions, where or {})


def linked(place: str, chosen: Where) -> tuple[Asked, ...]:
    """Five views of the volume, each filtered by what is chosen in the others; the month is always chosen."""
    views = [Asked((Question(("petitions",), MONTH.name, EVERY_MONTH),), chosen)]
    for dimension in (place, "channel", "topic_1", "is_repeat"):
        others = {name: members for name, members in chosen.items() if name != dimension}
        views.append(Asked((Question(("petitions",), dimension),), others))
    return tuple(views)

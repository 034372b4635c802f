"""What a brief asks: an engine whose versions stand still, under the month's selection."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from analytics.answers import Answer, Figure, Span, Where, answer, applicable, shown_period
from analytics.briefs.phrases import fact, joined, value
from analytics.catalogue import METRICS
from analytics.citing import Piece, Told
from analytics.contract import DATASETS
from analytics.engine import Engine
from analytics.insight.below import place_below
from analytics.insight.judgement import judged
from analytics.insight.verdict import Judgement
from analytics.insight.wording import period_in_words
from analytics.model import AREA, Comparison, Selection
from analytics.result import Key, Result

COMPARISONS: tuple[Comparison, ...] = ("year_ago", "previous")

_VISITS = ("visits", "visit_persons", "group_visits", "group_visit_persons")
_CLOSING = ("backlog_reported", "backlog_closed", "backlog_closed_in_period", "backlog_resolved")
_PROMISED = ("reception_promises", "reception_resolution_rate")
TOGETHER = (
    ("petitions", "persons", "letters", *_VISITS, "online", "phone", "superior_assigned"),
    ("escalated_city", "escalated_province", "escalated_beijing"),
    ("first_petitions", "repeat_petitions", "repeat_rate"),
    ("closed", "open", "overdue", "due_soon", "acceptance_overdue"),
    ("timely_acceptance_rate", "on_time_reply_rate", "on_time_closure_rate", "superior_on_time_closure_rate"),
    ("median_days", "p90_days"),
    ("evaluation_rate", "office_satisfaction", "unit_satisfaction"),
    ("backlog_assigned", *_CLOSING, "backlog_remaining", "backlog_closure_rate", "backlog_overdue"),
    ("supervised", "feedback_on_time_rate", "supervision_outstanding", "supervision_overdue"),
    ("supervision_resolution_rate", "inspection_supervised", "proposals", "proposal_adoption_rate"),
    ("receptions", "reception_batches", "reception_persons", *_PROMISED),
    ("reception_day_compliance", "visit_compliance", "visits_missed"),
    ("screenings", "disputes_found", "disputes_resolved", "dispute_resolution_rate", "disputes_outstanding"),
    ("screening_compliance", "screenings_missed"),
    ("returned_after_closure", "after_termination"),
)
"""Metrics asked in one question each, so that whatever is said of one of them names the same source."""
_GROUP = {name: group for group in TOGETHER for name in group}


@dataclass(frozen=True)
class Asking:
    """The questions of one brief. `engine` is frozen; the selection's period is the month."""

    engine: Engine
    selection: Selection

    @cached_property
    def versions(self) -> dict[str, int]:
        """Of every dataset."""
        return self.engine.versions()

    @property
    def small_base(self) -> int:
        """Below it no percentages."""
        return self.engine.site.small_base

    def ask(
        self,
        metrics: str | Sequence[str],
        by: tuple[str, ...] = (),
        compare: Comparison = "none",
        where: Where = (),
        span: Span = "period",
    ) -> Result:
        """Metrics of one dataset under the filters that they have."""
        names = (metrics,) if isinstance(metrics, str) else tuple(metrics)
        kept, _ = applicable(names, self.selection, without=tuple(d for d, _ in where))
        period = shown_period(self.engine, METRICS[names[0]].imported, span, kept.period)
        members = dict(kept.members) | dict(where)
        return self.engine.ask(names, by, period, members, compare, scope=kept.scope)

    def month(self, name: str) -> tuple[Result, ...]:
        """The month's number, with those asked together with it, against the year and the month before."""
        return tuple(self.ask(_GROUP[name], compare=compare) for compare in COMPARISONS)

    def so_far(self, name: str) -> Result:
        """The same from 1 January to the month's end, against the year before."""
        return self.ask(_GROUP[name], compare="year_ago", span="year")

    @property
    def is_january(self) -> bool:
        """Whether the year so far is the month itself."""
        return self.selection.period.start.month == 1

    def value(self, name: str, label: str | None = None) -> Piece:
        """The month's number in words."""
        return value(self.month(name)[0], name, label=label)

    def told(self, *names: str) -> Told:
        """The month's numbers with their changes, a semicolon between."""
        known = [name for name in names if self.month(name)[0].value(name) is not None]
        return joined([fact(self.month(name), name, self.small_base) for name in known or names[:1]], "；")

    def told_so_far(self, *names: str) -> Told:
        """2021年1—11月累计…: the year's numbers with their changes."""
        told = joined([fact([self.so_far(name)], name, self.small_base) for name in names], "；")
        return (Piece(f"{period_in_words(self.so_far(names[0]).period)}累计"), *told)

    def answered(self, figure: Figure) -> Answer:
        """A figure's answer."""
        return answer(self.engine, figure, self.selection, self.versions)

    def judged(self, name: str, where: Where = ()) -> Judgement:
        """What may be said of the month's number, or of some members' alone."""
        return judged(self.engine, self.ask(name, where=where), (name,))[name, ()]

    def signals(self, name: str, dimension: str) -> dict[Key, Judgement]:
        """The rows of a table that are more than chance explains."""
        found = judged(self.engine, self.ask(name, (dimension,)), (name,))
        return {key: one for (_, key), one in found.items() if one.is_signal}

    def lacking(self, name: str) -> tuple[str, ...]:
        """Labels of the filters that a metric does not have."""
        return applicable((name,), self.selection)[1]

    @property
    def place(self) -> str:
        """The dimension of the places below what is selected."""
        return place_below(self.engine.site, self.selection)

    def absent(self, name: str) -> str:
        """Why there is nothing to say of a metric's month; empty where there is something."""
        imported, period = DATASETS[METRICS[name].imported], self.selection.period
        if imported.name not in self.versions:
            return f"尚未导入{imported.label}数据"
        dataset = DATASETS[METRICS[name].dataset]
        if self.selection.scope.confined and AREA not in dataset.by_name:
            return f"{dataset.label}不分镇街"
        coverage = self.engine.coverage(imported.name)
        if coverage is None or period.start > coverage.last or period.end < coverage.first:
            return f"{period_in_words(period)}没有{imported.label}数据"
        return ""

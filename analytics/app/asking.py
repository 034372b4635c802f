"""What a page asks for several metrics at once, each under the filters that it has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from analytics.answers import Span, applicable, shown_period
from analytics.app.desk import View
from analytics.app.selection import main_coverage
from analytics.catalogue import METRICS
from analytics.insight.judgement import judged
from analytics.insight.verdict import Judgement
from analytics.model import MONTH, Comparison
from analytics.result import Coverage, Result

COMPARISONS: tuple[Comparison, ...] = ("year_ago", "previous")


def ask(
    view: View,
    metrics: Sequence[str],
    compare: Comparison = "none",
    by: tuple[str, ...] = (),
    span: Span = "period",
) -> dict[str, Result]:
    """The metrics of a page by name, one question a dataset, each under the filters that it has."""
    answers: dict[str, Result] = {}
    for dataset in dict.fromkeys(METRICS[name].imported for name in metrics):
        mine = tuple(name for name in metrics if METRICS[name].imported == dataset)
        kept, _ = applicable(mine, view.selection)
        period = shown_period(view.engine, dataset, span, kept.period)
        result = view.engine.ask(
            mine, by, period, dict(kept.members), compare, versions=view.versions, scope=kept.scope
        )
        answers |= dict.fromkeys(mine, result)
    return answers


def compared(view: View, metrics: Sequence[str]) -> list[dict[str, Result]]:
    """The metrics against the year before and, where that is another period, the period before."""
    kept = view.selection.period.until(coverage_of(view, metrics).last)
    same = kept.previous() == kept.year_ago()
    return [ask(view, metrics, compare) for compare in (COMPARISONS[:1] if same else COMPARISONS)]


def judgements(view: View, results: Mapping[str, Result], metrics: Sequence[str]) -> dict[str, Judgement]:
    """What may be said of each of the metrics over the period, by name."""
    found: dict[str, Judgement] = {}
    for result in {id(result): result for result in results.values()}.values():
        if mine := [name for name in metrics if results[name] is result]:
            made = judged(view.engine, result, mine)
            found |= {name: made[name, ()] for name in mine}
    return found


def coverage_of(view: View, metrics: Sequence[str]) -> Coverage:
    """The days with data of what these metrics are about: of the first one's dataset."""
    found = view.engine.coverage(METRICS[metrics[0]].imported) if metrics else None
    return found or main_coverage(view.engine)


def two_years(view: View, metrics: Sequence[str]) -> dict[str, Result]:
    """The metrics by month, over the 24 months that end with the period."""
    return ask(view, metrics, by=(MONTH.name,), span="two_years")

"""The chart library: a Figure is a question and a mark; pages, slides and briefs list figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from analytics.catalogue import DIMENSIONS, METRICS, dimensions_of
from analytics.contract import DATASETS
from analytics.engine import Engine
from analytics.insight import findings
from analytics.insight.wording import compared_with, period_in_words
from analytics.model import Comparison, Metric, Period, Selection, add_months
from analytics.result import NOBODY, Result

Mark = Literal["line", "ranking", "heatmap", "band", "progress", "burndown", "stack"]
Span = Literal["period", "year", "two_years", "all"]

Where = tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True)
class Figure:
    """图: a question and the mark that answers it.

    `span`: the days it shows: the selection's period, the year up to its end, the 24 months that end with
    it, or all since the data begin. `where` is kept whatever is selected. A figure grouped by a
    dimension shows every member of it and highlights the selected ones; `complete` adds the site's
    townships that had nothing. `most`: how many members a ranking shows.
    """

    name: str
    question: str
    mark: Mark
    metrics: tuple[str, ...]
    by: tuple[str, ...]
    span: Span = "period"
    compare: Comparison = "none"
    where: Where = ()
    complete: bool = False
    most: int = 20

    @property
    def metric(self) -> Metric:
        """The first metric: the one that the mark draws."""
        return METRICS[self.metrics[0]]

    @property
    def click(self) -> str | None:
        """The dimension that a click on a mark selects: the first that is not time."""
        return next((d for d in self.by if d != "month"), None)


@dataclass(frozen=True)
class Answer:
    """A figure with its numbers and everything said about them: what every renderer draws."""

    figure: Figure
    result: Result
    title: str
    subtitle: str
    source: str
    chosen: tuple[str, ...]
    members: tuple[str, ...]
    small_base: int


def answer(
    engine: Engine, figure: Figure, selection: Selection, versions: Mapping[str, int] | None = None
) -> Answer:
    """Asks the figure's question under a selection, of the given versions or those served now."""
    applied, _ = applicable(figure.metrics, selection, without=figure.by)
    where = dict(applied.members) | dict(figure.where)
    period = shown_period(engine, figure.metric.dataset, figure.span, selection.period)
    result = engine.ask(
        figure.metrics, figure.by, period, where, figure.compare, versions=versions, scope=selection.scope
    )
    chosen = dict(selection.members).get(figure.by[0], ())
    townships = tuple(t.name for t in engine.site.townships)
    members = townships if figure.complete and figure.by[0] == "township" else ()
    title = _finding(figure, result, chosen, engine.site.small_base)
    subtitle, small_base = _subtitle(figure, result), engine.site.small_base
    return Answer(figure, result, title, subtitle, source(engine, result), chosen, members, small_base)


def applicable(
    metrics: tuple[str, ...], selection: Selection, without: tuple[str, ...] = ()
) -> tuple[Selection, tuple[str, ...]]:
    """The selection's filters that these metrics have, and the labels of those that they lack."""
    known = set(dimensions_of(METRICS[name] for name in metrics))
    lacking = tuple(DIMENSIONS[d].label for d, _ in selection.members if d not in known)
    return selection.only(known - set(without)), lacking


def shown_period(engine: Engine, dataset: str, span: Span, period: Period) -> Period:
    """The days of a span that ends with the period, never from before the data begin."""
    if span == "period":
        return period
    if span == "year":
        return replace(period, start=min(period.start, period.year_to_date().start))
    first = add_months(period.end.replace(day=1), -23)
    coverage = engine.coverage(dataset)
    if coverage and (span == "all" or coverage.first > first):
        first = coverage.first.replace(day=1)
    return replace(period, start=min(first, period.start))


def _finding(figure: Figure, result: Result, chosen: tuple[str, ...], small_base: int) -> str:
    if figure.mark == "line":
        return findings.trend(result, small_base)
    if figure.mark == "band":
        one, others = compared_members(result, chosen)
        return findings.against_others(result, one, others) if one else findings.NO_DATA
    by_mark: dict[Mark, Callable[[Result], str]] = {
        "ranking": findings.leader,
        "heatmap": findings.peak,
        "progress": findings.batches,
        "burndown": findings.remaining,
        "stack": findings.split,
    }
    return by_mark[figure.mark](result)


def compared_members(result: Result, chosen: tuple[str, ...]) -> tuple[str, list[str]]:
    """The one member drawn in front (the chosen one, even with nothing, else the greatest) and the others."""
    totals: dict[str, float] = {}
    for key in result.keys:
        if key[0] not in NOBODY:
            totals[key[0]] = totals.get(key[0], 0) + (result.value(result.query.metrics[0], key) or 0)
    if not totals:
        return "", []
    named = [name for name in chosen if name not in NOBODY]
    one = named[0] if named else max(totals, key=lambda name: totals[name])
    return one, [name for name in totals if name != one]


def _subtitle(figure: Figure, result: Result) -> str:
    metric = figure.metric
    days = f"{result.period.shown_end}止" if metric.stock else period_in_words(result.period)
    unit = "%" if metric.is_rate else metric.unit
    parts = [metric.label, days, f"单位：{unit}"]
    if figure.mark == "ranking" and result.base_period is not None:
        parts.append(compared_with(result))
    held = [key for key in result.keys if result.value(metric.name, key)]
    if figure.mark == "ranking" and not figure.complete and len(held) > figure.most:
        parts.append(f"另有{len(held) - figure.most}个未列出")
    return " · ".join(parts)


def source(engine: Engine, result: Result) -> str:
    """来源、截至、版本、筛选: what stands under every chart and export."""
    versions = "、".join(f"{DATASETS[d].label}第{v}版" for d, v in result.query.versions)
    parts = [f"来源：{engine.site.bureau}", f"截至{result.query.as_of}", versions]
    if engine.store.is_demo:
        parts.append("演示数据")
    if words := filters_in_words(result.query.selection):
        parts.append(f"筛选：{words}")
    return "；".join(parts)


def filters_in_words(selection: Selection) -> str:
    """镇街=宁中镇、叶塘镇，信访形式=来信; empty without filters."""
    parts = []
    for dimension, members in selection.members:
        labels = "、".join(DIMENSIONS[dimension].label_of(m) for m in members)
        parts.append(f"{DIMENSIONS[dimension].label}={labels}")
    return "，".join(parts)


# --- the library --------------------------------------------------------------------------------------

TREND = Figure(
    "trend",
    "信访总量近两年怎样变化？",
    "line",
    ("petitions",),
    ("month",),
    span="two_years",
    compare="year_ago",
)
TOWNSHIPS = Figure(
    "townships",
    "哪些镇街最多？比上年同期呢？",
    "ranking",
    ("petitions",),
    ("township",),
    compare="year_ago",
    complete=True,
)
TOPICS = Figure(
    "topics",
    "群众反映最多的是什么？",
    "ranking",
    ("petitions",),
    ("category_1",),
    compare="year_ago",
)
CHANNELS = Figure("channels", "各镇街的信访形式怎样构成？", "stack", ("petitions",), ("township", "channel"))
SOURCES = Figure(
    "sources", "本级受理与上级交办各有多少，形式怎样构成？", "stack", ("petitions",), ("source", "channel")
)
TOWNSHIP_MONTHS = Figure(
    "township_months",
    "哪个镇街在哪个月集中？",
    "heatmap",
    ("petitions",),
    ("township", "month"),
    span="two_years",
    complete=True,
)
ONE_TOWNSHIP = Figure(
    "one_township",
    "一个镇街与其他镇街相比如何？",
    "band",
    ("petitions",),
    ("township", "month"),
    span="two_years",
)
OVERDUE_BY_TOWNSHIP = Figure(
    "overdue_by_township", "超期未办结的在哪里？", "ranking", ("overdue",), ("township",)
)
BATCHES = Figure(
    "batches",
    "各批次积案办到哪一步？",
    "progress",
    ("backlog_closed", "backlog_assigned", "backlog_reported", "backlog_resolved", "backlog_overdue"),
    ("batch",),
)
BURN_DOWN = Figure(
    "burn_down",
    "各批次交办后剩余怎样下降？",
    "burndown",
    ("backlog_remaining",),
    ("batch", "month"),
    span="all",
)
BACKLOG_BY_TOWNSHIP = Figure(
    "backlog_by_township", "剩余积案在哪些镇街？", "ranking", ("backlog_remaining",), ("township",)
)
BACKLOG_BY_OFFICIAL = Figure(
    "backlog_by_official", "剩余积案由谁包案？", "ranking", ("backlog_remaining",), ("lead_official",)
)
SUPERVISION_SOURCES = Figure(
    "supervision_sources",
    "督办从哪里来，结果怎样？",
    "stack",
    ("supervised",),
    ("ordered_by", "outcome"),
    span="year",
)
SUPERVISORS = Figure(
    "supervisors",
    "每位督办人督办多少，结果怎样？",
    "stack",
    ("supervised",),
    ("supervisor", "outcome"),
    span="year",
)
SUPERVISION_METHODS = Figure(
    "supervision_methods", "用了哪些督办方式？", "stack", ("supervised",), ("method", "outcome"), span="year"
)
FEEDBACK = Figure(
    "feedback", "督办按期反馈得怎样？", "line", ("feedback_on_time_rate",), ("month",), span="two_years"
)
OUTSTANDING = Figure(
    "outstanding", "谁手里还有未反馈的督办？", "ranking", ("supervision_outstanding",), ("supervisor",)
)

FIGURES: dict[str, Figure] = {f.name: f for f in list(vars().values()) if isinstance(f, Figure)}
"""Every figure by name."""

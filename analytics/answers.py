"""A figure is a question and a mark; its answer is the numbers and all that is said about them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal

from analytics.catalogue import DIMENSIONS, METRICS, dimensions_of
from analytics.citing import filters_in_words
from analytics.contract import DATASETS
from analytics.engine import Engine
from analytics.insight import explained, findings
from analytics.insight.below import members_of, place_below, placed, worded
from analytics.insight.funnel import Funnel, funnel_of, in_the_funnel
from analytics.insight.judgement import chart_of, judged
from analytics.insight.overtime import Chart
from analytics.insight.verdict import Judgement, verdict_in_title
from analytics.insight.windows import TIMES
from analytics.insight.wording import MATURES, compared_with, period_in_words
from analytics.model import MONTH, Comparison, Metric, Period, Selection, add_months, month_end
from analytics.places import PLACES
from analytics.result import NOBODY, Key, Result
from analytics.site import Site

Mark = Literal[
    "line",
    "ranking",
    "bars",
    "change",
    "heatmap",
    "treemap",
    "band",
    "progress",
    "burndown",
    "stack",
    "waterfall",
    "funnel",
]
Span = Literal["period", "half_year", "year", "twelve_months", "two_years", "all"]
_BACK: dict[Span, int] = {"half_year": -5, "twelve_months": -11}

Where = tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True)
class Figure:
    """图: a question and the mark that answers it.

    `line`: one metric or several by month. `ranking`: members from the greatest down. `bars`: members in
    declared order with their shares. `change`: growth and decline of members against `compare`.
    `heatmap`: two dimensions, the second being time or a category. `treemap`: one to three nested
    dimensions of a count. `stack`: rows and their parts. `band`: one member before the others.
    `progress`, `burndown`: batches of the backlog. `waterfall`: from the number compared with to the present
    one, by what each group adds. `funnel`: a rate, or items per 10,000 inhabitants, of groups of different
    sizes.

    `span`: the days it shows: the selection's period, the year up to its end, the 6, 12 or 24 months that end
    with it, or all since the data begin. `where` is kept whatever is selected. A figure grouped by a
    dimension shows every member of it and highlights the selected ones; `complete` adds the site's places
    that had nothing. Townships stand for the places below what is selected (`located`). `most`: how many
    members a ranking, a change or a heatmap shows.
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

    def __post_init__(self) -> None:
        if self.mark in ("change", "waterfall") and self.compare == "none":
            raise ValueError(f"{self.name}: growth and decline need something to compare with")

    @property
    def metric(self) -> Metric:
        """The first metric: the one that the mark draws."""
        return METRICS[self.metrics[0]]

    @property
    def drawn(self) -> tuple[Metric, ...]:
        """Every metric that the mark shows: lines show all."""
        return tuple(METRICS[name] for name in self.metrics) if self.mark == "line" else (self.metric,)

    @property
    def whole(self) -> tuple[str, ...]:
        """The dimensions whose filters it does not apply, because it shows all their members.

        None for a waterfall: what it divides is the number as it was filtered.
        """
        return () if self.mark == "waterfall" else shown_whole(self.by)

    @property
    def click(self) -> str | None:
        """The dimension that a click on a mark selects: the first that is not time.

        None for a treemap, where a click goes a level down, and where the marks are no members.
        """
        if self.mark in ("treemap", "waterfall", "funnel"):
            return None
        return next((d for d in self.by if d not in TIMES), None)


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
    verdicts: Mapping[Key, Judgement] = field(default_factory=dict)
    """Of a ranking over the period, by group."""
    chart: Chart | None = None
    """Of one line by month: the limits of its normal variation, up to the last whole month."""
    funnel: Funnel | None = None
    """Of a funnel: its groups and limits."""
    finding: str = ""
    """The title without its judgement's numbers, which no query gives."""
    measure: str = ""
    """The subtitle without the band of normal variation, which only the screen draws."""

    @property
    def listed(self) -> int:
        """How many members are shown at most: a complete list whole, with the two that are nobody."""
        return max(self.figure.most, len(self.members) + len(NOBODY) if self.members else 0)


def answer(
    engine: Engine, figure: Figure, selection: Selection, versions: Mapping[str, int] | None = None
) -> Answer:
    """Asks the figure's question under a selection, of the given versions or those served now."""
    at = engine.versions() if versions is None else versions
    key = ("answer", figure, selection, *at.items(), engine.mark)
    return engine.remember(key, lambda: _answer(engine, figure, selection, at))


def _answer(engine: Engine, figure: Figure, selection: Selection, versions: Mapping[str, int]) -> Answer:
    figure = located(figure, engine.site, selection)
    applied, _ = applicable(figure.metrics, selection, without=figure.whole)
    where = dict(applied.members) | dict(figure.where)
    period = shown_period(engine, figure.metric.imported, figure.span, selection.period)
    result = engine.ask(
        figure.metrics, figure.by, period, where, figure.compare, versions=versions, scope=selection.scope
    )
    chosen = dict(selection.members).get(figure.by[0], ())
    members = members_of(engine.site, applied, figure.by[:1]) if figure.complete else ()
    small_base, chart = engine.site.small_base, _chart(engine, figure, result)
    funnel = _funnel(engine, figure, result)
    finding = _finding(figure, result, chosen, small_base)
    title = finding + (verdict_in_title(chart.last) if chart else "")
    title = in_the_funnel(funnel) if figure.mark == "funnel" and result.keys else title
    measure = _subtitle(figure, result)
    subtitle = measure + (_band(figure.metric, chart) if chart else "")
    verdicts = _verdicts(engine, figure, result)
    return Answer(
        figure,
        result,
        title,
        subtitle,
        source(engine, result),
        chosen,
        members,
        small_base,
        verdicts,
        chart,
        funnel,
        finding,
        measure,
    )


def located(figure: Figure, site: Site, selection: Selection) -> Figure:
    """The figure with the places below for its townships: in a province it tells prefectures apart."""
    by = placed(figure.by, site, selection)
    if by == figure.by:
        return figure
    return replace(figure, by=by, question=worded(figure.question, place_below(site, selection)))


def _funnel(engine: Engine, figure: Figure, result: Result) -> Funnel | None:
    """The funnel of its groups: a count's by the inhabitants that the site gives."""
    if figure.mark != "funnel":
        return None
    heads = engine.site.places.inhabitants(figure.by[0]) if figure.by[0] in PLACES else {}
    inhabitants = heads if figure.metric.is_count and heads else None
    return funnel_of(result, engine.site.small_base, inhabitants)


def _verdicts(engine: Engine, figure: Figure, result: Result) -> dict[Key, Judgement]:
    """What may be said of each row of a ranking over the period."""
    if figure.mark != "ranking" or figure.span != "period" or not result.keys:
        return {}
    return {key: one for (_, key), one in judged(engine, result, (figure.metric.name,)).items()}


def _chart(engine: Engine, figure: Figure, result: Result) -> Chart | None:
    """The control chart of one line by month, as of its last month that is over."""
    if figure.mark != "line" or figure.by != (MONTH.name,) or len(figure.metrics) > 1 or figure.metric.stock:
        return None
    over = [m for m in result.period.by_month() if m.start.day == 1 and m.last == month_end(m.start)]
    if not over or not result.coverage:
        return None
    query = result.query
    selection = replace(query.selection, period=over[-1])
    return chart_of(engine, engine.answer(replace(query, by=(), selection=selection, compare="none")))


def _band(metric: Metric, chart: Chart) -> str:
    """What the grey band is: the mean and the range of normal variation at the last month."""
    last = chart.last
    return f" · 灰带为正常波动 {last.range_in_words(metric)}，均值 {last.expected_in_words(metric)}"


_LEVELS = ("topic_1", "topic_2", "topic_3")


def shown_whole(by: tuple[str, ...]) -> tuple[str, ...]:
    """Dimensions whose filters a figure does not apply: those of its own members, and the levels below."""
    below = [deeper for d in by if d in _LEVELS for deeper in _LEVELS[_LEVELS.index(d) :]]
    return tuple(dict.fromkeys([*by, *below]))


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
    first = add_months(period.end.replace(day=1), _BACK.get(span, -23))
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
    if figure.mark == "change":
        return findings.growth(result, small_base)
    if figure.mark == "waterfall":
        return explained.finding(result)
    if figure.mark == "bars" and figure.metric.is_rate:
        return findings.standout(result)
    by_mark: dict[Mark, Callable[[Result], str]] = {
        "ranking": findings.leader,
        "bars": findings.leader,
        "treemap": findings.leading_branch,
        "heatmap": findings.standout,
        "progress": findings.batches,
        "burndown": findings.remaining,
        "stack": findings.split,
        "funnel": findings.standout,
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
    units = dict.fromkeys("%" if m.is_rate else m.unit for m in figure.drawn)
    duties = figure.mark == "heatmap" and findings.is_duty(metric)
    unit = "橙色有缺，空白没有应做的" if duties else f"单位：{'、'.join(units)}"
    if figure.mark == "waterfall":
        unit = explained.method(result)
    parts = ["、".join(m.label for m in figure.drawn), days, unit]
    if figure.mark in ("ranking", "bars", "change", "waterfall") and result.base_period is not None:
        parts.append(compared_with(result))
    if figure.mark == "funnel":
        parts.append("点线内是偶然波动的95%，实线内是99.8%")
    if any(m.cohort for m in figure.drawn):
        parts.append(MATURES)
    if unlisted := _unlisted(figure, result):
        parts.append(f"另有{unlisted}个未列出")
    return " · ".join(parts)


def _unlisted(figure: Figure, result: Result) -> int:
    """How many members there is no room for."""
    members = 0
    if figure.mark == "ranking":
        members = sum(bool(result.value(figure.metric.name, key)) for key in result.keys)
    elif figure.mark == "change":
        members = len(findings.changes(result))
    elif figure.mark == "heatmap":
        members = len({key[0] for key in result.keys})
    return 0 if figure.complete else max(0, members - figure.most)


def source(engine: Engine, result: Result) -> str:
    """来源、截至、版本、筛选: what stands under every chart and export."""
    query = result.query
    return source_of(engine, query.as_of, query.versions, query.selection)


def source_of(engine: Engine, as_of: date, versions: Iterable[tuple[str, int]], selection: Selection) -> str:
    """The same of several results together."""
    named = "、".join(f"{DATASETS[d].label}第{v}版" for d, v in versions)
    parts = [f"来源：{engine.site.bureau}", f"截至{as_of}", named]
    if engine.store.is_demo:
        parts.append("演示数据")
    if mark := engine.mark:
        parts.append(f"{mark}，此为此前的数据")
    if words := filters_in_words(selection):
        parts.append(f"筛选：{words}")
    return "；".join(parts)

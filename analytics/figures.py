"""The chart library: a Figure is a question and a mark; pages, slides and briefs list figures."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from analytics.catalogue import DIMENSIONS, METRICS, dimensions_of
from analytics.contract import DATASETS, HANDLING_BANDS, RECEPTION_DAY, VISIT
from analytics.engine import Engine
from analytics.insight import findings
from analytics.insight.windows import TIMES
from analytics.insight.wording import MATURES, compared_with, period_in_words
from analytics.model import Comparison, Metric, Period, Selection, add_months
from analytics.result import NOBODY, Result

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
]
Span = Literal["period", "half_year", "year", "two_years", "all"]

Where = tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True)
class Figure:
    """图: a question and the mark that answers it.

    `line`: one metric or several by month. `ranking`: members from the greatest down. `bars`: members in
    declared order with their shares. `change`: growth and decline of members against `compare`.
    `heatmap`: two dimensions, the second being time or a category. `treemap`: one to three nested
    dimensions of a count. `stack`: rows and their parts. `band`: one member before the others.
    `progress`, `burndown`: batches of the backlog.

    `span`: the days it shows: the selection's period, the year up to its end, the 6 or 24 months that end
    with it, or all since the data begin. `where` is kept whatever is selected. A figure grouped by a
    dimension shows every member of it and highlights the selected ones; `complete` adds the site's
    townships that had nothing. `most`: how many members a ranking, a change or a heatmap shows.
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
        if self.mark == "change" and self.compare == "none":
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
    def click(self) -> str | None:
        """The dimension that a click on a mark selects: the first that is not time."""
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

    @property
    def listed(self) -> int:
        """How many members are shown at most: a complete list whole, with the two that are nobody."""
        return max(self.figure.most, len(self.members) + len(NOBODY) if self.members else 0)


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
    first = add_months(period.end.replace(day=1), -5 if span == "half_year" else -23)
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
    by_mark: dict[Mark, Callable[[Result], str]] = {
        "ranking": findings.leader,
        "bars": findings.leader,
        "treemap": findings.leading_branch,
        "heatmap": findings.standout,
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
    units = dict.fromkeys("%" if m.is_rate else m.unit for m in figure.drawn)
    duties = figure.mark == "heatmap" and findings.is_duty(metric)
    unit = "橙色有缺，空白没有应做的" if duties else f"单位：{'、'.join(units)}"
    parts = ["、".join(m.label for m in figure.drawn), days, unit]
    if figure.mark in ("ranking", "bars", "change") and result.base_period is not None:
        parts.append(compared_with(result))
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


def source_of(
    engine: Engine, as_of: date, versions: Iterable[tuple[str, int]], selection: Selection
) -> str:
    """The same of several results together."""
    named = "、".join(f"{DATASETS[d].label}第{v}版" for d, v in versions)
    parts = [f"来源：{engine.site.bureau}", f"截至{as_of}", named]
    if engine.store.is_demo:
        parts.append("演示数据")
    if words := filters_in_words(selection):
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
    ("topic_1",),
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

# 来信来访
WAYS_IN = Figure(
    "ways_in",
    "各种信访形式近两年怎样变化？",
    "line",
    ("letters", "visits", "online", "phone", "superior_assigned"),
    ("month",),
    span="two_years",
    compare="year_ago",
)
VISITS = Figure(
    "visits", "来访批次怎样变化？", "line", ("visits",), ("month",), span="two_years", compare="year_ago"
)
VISIT_PERSONS = Figure(
    "visit_persons",
    "来访人次怎样变化？",
    "line",
    ("visit_persons",),
    ("month",),
    span="two_years",
    compare="year_ago",
)
SUPERIOR_LEVELS = Figure(
    "superior_levels",
    "上级交办来自哪一级？",
    "ranking",
    ("superior_assigned",),
    ("source_level",),
    compare="year_ago",
)
GROUP_SIZES = Figure(
    "group_sizes",
    "集体访的规模怎样？",
    "bars",
    ("group_visits",),
    ("persons_band",),
    compare="year_ago",
    where=(("persons_band", ("5-10", "11-20", "21-50", "51-100", "101+")),),
)
PURPOSES = Figure(
    "purposes", "群众来访来信为的什么？", "ranking", ("petitions",), ("purpose",), compare="year_ago"
)
FIRST_OR_REPEAT = Figure(
    "first_or_repeat", "各种形式里初件、重件各多少？", "stack", ("petitions",), ("channel", "is_repeat")
)
ESCALATIONS = Figure(
    "escalations",
    "到市、赴省、进京访怎样变化？",
    "line",
    ("escalated_city", "escalated_province", "escalated_beijing"),
    ("month",),
    span="two_years",
    compare="year_ago",
)
ESCALATED_FROM = Figure(
    "escalated_from",
    "越级访来自哪些镇街？",
    "stack",
    ("petitions",),
    ("township", "escalation"),
    span="year",
    where=(("escalation", ("city", "province", "beijing")),),
)

# 办理质效
TIMELY = Figure(
    "timely",
    "初信初访的三率近两年怎样？",
    "line",
    ("timely_acceptance_rate", "on_time_reply_rate", "on_time_closure_rate"),
    ("month",),
    span="two_years",
)
SATISFIED = Figure(
    "satisfied",
    "群众对信访部门、责任单位满意吗？",
    "line",
    ("office_satisfaction", "unit_satisfaction"),
    ("month",),
    span="two_years",
)
HANDLING_DAYS = Figure(
    "handling_days",
    "办结件用了多少天？",
    "bars",
    ("closed",),
    ("handling_band",),
    compare="year_ago",
    where=(("handling_band", tuple(band.value for band in HANDLING_BANDS)),),
)
DAYS_TREND = Figure(
    "days_trend",
    "一半、九成的办结件在多少天之内？",
    "line",
    ("median_days", "p90_days"),
    ("month",),
    span="two_years",
)
SLOW_UNITS = Figure(
    "slow_units", "超期未办结的在哪些责任单位？", "ranking", ("overdue",), ("responsible_unit",)
)

# 热点问题
TOPIC_TREE = Figure(
    "topic_tree",
    "都反映些什么？（点进去看下一级）",
    "treemap",
    ("petitions",),
    ("topic_1", "topic_2", "topic_3"),
)
TOPIC_CHANGES = Figure(
    "topic_changes",
    "哪些问题比上年同期多了、少了？",
    "change",
    ("petitions",),
    ("topic_2",),
    compare="year_ago",
    most=14,
)
TOPICS_2 = Figure(
    "topics_2", "具体是什么问题？", "ranking", ("petitions",), ("topic_2",), compare="year_ago", most=15
)
TOPICS_3 = Figure(
    "topics_3", "再具体些呢？", "ranking", ("petitions",), ("topic_3",), compare="year_ago", most=15
)
TOWNSHIP_TOPICS = Figure(
    "township_topics",
    "各类问题集中在哪里？",
    "heatmap",
    ("petitions",),
    ("township", "topic_1"),
    complete=True,
)

# 初信初访包案
FIRST_HAND = (("ordered_by", ("全员包案",)),)
CARRIED = Figure(
    "carried",
    "每人包案多少，结果怎样？",
    "stack",
    ("supervised",),
    ("supervisor", "outcome"),
    span="year",
    where=FIRST_HAND,
)
CARRIED_ONLINE = Figure(
    "carried_online",
    "每人线上督办多少次？",
    "ranking",
    ("online_followups",),
    ("supervisor",),
    span="year",
    where=FIRST_HAND,
)
CARRIED_ONSITE = Figure(
    "carried_onsite",
    "每人实地督办多少次？",
    "ranking",
    ("onsite_followups",),
    ("supervisor",),
    span="year",
    where=FIRST_HAND,
)
CARRIED_WHERE = Figure(
    "carried_where",
    "包案件在哪些镇街？",
    "stack",
    ("supervised",),
    ("township", "outcome"),
    span="year",
    where=FIRST_HAND,
)

# 领导接访下访
RECEPTION_CALENDAR = Figure(
    "reception_calendar",
    "接访日都有领导接访吗？",
    "heatmap",
    ("reception_day_compliance",),
    ("reception_day", "month"),
    span="two_years",
    where=(("rule", (RECEPTION_DAY,)),),
)
VISIT_CALENDAR = Figure(
    "visit_calendar",
    "每位领导每月都下访了吗？",
    "heatmap",
    ("visit_compliance",),
    ("official", "month"),
    span="two_years",
    where=(("rule", (VISIT,)),),
)
LEADER_VISITS = Figure(
    "leader_visits",
    "每月都下访了吗？",
    "heatmap",
    ("visit_compliance",),
    ("rule", "month"),
    span="two_years",
    where=(("rule", (VISIT,)),),
)
RECEIVED_BY = Figure(
    "received_by", "每位领导接待多少批？", "stack", ("reception_batches",), ("official", "form"), span="year"
)
RECEIVED_PERSONS = Figure(
    "received_persons",
    "每位领导接待多少人次？",
    "ranking",
    ("reception_persons",),
    ("official",),
    span="year",
)
RECEIVED_AT = Figure(
    "received_at", "到哪里接访？", "ranking", ("reception_batches",), ("place",), span="year"
)
PROMISES = Figure(
    "promises",
    "接访交办的事项化解了多少？",
    "ranking",
    ("reception_resolution_rate", "reception_promises"),
    ("official",),
    span="year",
)
RECEPTION_TREND = Figure(
    "reception_trend",
    "接访批次怎样变化？",
    "line",
    ("reception_batches",),
    ("month",),
    span="two_years",
    compare="year_ago",
)

# 矛盾排查
SCREENING_LEVELS = Figure(
    "screening_levels",
    "各级都按期排查了吗？",
    "bars",
    ("screening_compliance", "screenings_missed"),
    ("level",),
    span="period",
)


def _rounds(name: str, question: str, level: str, rows: str) -> Figure:
    return Figure(
        name,
        question,
        "heatmap",
        ("screening_compliance",),
        (rows, "window"),
        span="half_year",
        where=(("level", (level,)),),
        complete=rows == "township",
    )


CITY_ROUNDS = _rounds("city_rounds", "市级每月排查了吗？", "city", "unit")
TOWNSHIP_ROUNDS = _rounds("township_rounds", "哪个镇街漏了哪一次？", "township", "township")
DEPARTMENT_ROUNDS = _rounds("department_rounds", "哪个市直单位漏了哪一次？", "department", "unit")
VILLAGE_ROUNDS = _rounds("village_rounds", "各镇街的村居每周都排查了吗？", "village", "township")
DISPUTES = Figure(
    "disputes",
    "排查出多少纠纷，化解多少？",
    "line",
    ("disputes_found", "disputes_resolved"),
    ("month",),
    span="two_years",
    compare="year_ago",
)
DISPUTES_BY_TOWNSHIP = Figure(
    "disputes_by_township",
    "纠纷在哪些镇街排查出来？",
    "ranking",
    ("disputes_found",),
    ("township",),
    compare="year_ago",
    complete=True,
)
DISPUTES_OPEN = Figure(
    "disputes_open", "排查出来至今没有化解的在哪里？", "ranking", ("disputes_outstanding",), ("township",)
)

# 综合服务中心
INTAKE = Figure(
    "intake", "市中心、镇街站、村居点各受理多少？", "line", ("service_intake",), ("month",), span="two_years"
)
INTAKE_POINTS = Figure(
    "intake_points",
    "各级受理点受理的，首接单位自己办了多少？",
    "stack",
    ("service_intake",),
    ("service_point", "first_receiver"),
    span="year",
)
INTAKE_TOWNSHIPS = Figure(
    "intake_townships",
    "各镇街的事在哪一级受理？",
    "stack",
    ("service_intake",),
    ("township", "service_point"),
    span="year",
)
KEPT_WHERE = Figure(
    "kept_where", "哪些镇街首接首办得多？", "ranking", ("first_receiver_rate",), ("township",), span="year"
)

# 依法分类与信访秩序
ROUTES = Figure("routes", "依法分类到哪些途径？", "ranking", ("petitions",), ("route",), compare="year_ago")
LITIGATION = Figure(
    "litigation",
    "涉法涉诉的占多少？",
    "line",
    ("litigation_related",),
    ("month",),
    span="two_years",
    compare="year_ago",
)
ROUTES_BY_TOPIC = Figure(
    "routes_by_topic",
    "哪类问题走哪条途径？",
    "stack",
    ("routed_elsewhere",),
    ("topic_1", "route"),
    span="year",
)
RETURNED_BY = Figure(
    "returned_by", "哪些单位提出异议、退回？", "ranking", ("objections",), ("responsible_unit",), span="year"
)
PUBLICITY = Figure(
    "publicity", "普法宣传做了多少？", "line", ("publicity_sessions",), ("month",), span="two_years"
)
MEASURES = Figure(
    "measures",
    "对违法行为作了哪些处置？",
    "ranking",
    ("order_measures",),
    ("kind",),
    span="year",
    compare="year_ago",
)

# 督查督办，第二眼
INSPECTED = (("ordered_by", ("省委巡视组", "中央生态环保督察组")),)
INSPECTION_OUTCOMES = Figure(
    "inspection_outcomes",
    "巡视、督察交办的办到哪一步？",
    "stack",
    ("inspection_supervised",),
    ("ordered_by", "outcome"),
    span="year",
)
DISPOSITIONS = Figure(
    "dispositions", "三到位一处理落实得怎样？", "ranking", ("supervised",), ("disposition",), span="year"
)
PROPOSALS = Figure(
    "proposals",
    "提了哪些建议，采纳多少？",
    "ranking",
    ("proposals", "proposal_adoption_rate"),
    ("proposal",),
    span="year",
)

FIGURES: dict[str, Figure] = {f.name: f for f in list(vars().values()) if isinstance(f, Figure)}
"""Every figure by name."""

"""Whether a number is beyond what chance explains: the place where every judgement is made.

One number over time is judged by a control chart against its own past (`control`); the rows of a table by
exact limits for all of them at once (`chance`), so that twenty townships raise no more false alarms than
one number does. A judgement names the numbers that it was reached from.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from statistics import mean

from analytics.engine import Engine
from analytics.insight.below import members_of
from analytics.insight.case import (
    LEAST_EXPECTED,
    LEAST_MONTHS,
    Case,
    Group,
    groups_of,
    rarer,
    unsaid,
)
from analytics.insight.chance import ONE_IN
from analytics.insight.overtime import Chart, control_chart
from analytics.insight.rows import by_limits, dispersion, prediction, table
from analytics.insight.verdict import Judgement
from analytics.model import MONTH, Period, add_months
from analytics.result import Key, Result
from analytics.site import Refusal

MONTHS = 24
"""How many months before the present one a judgement rests on."""


def history_of(engine: Engine, now: Result, metrics: Iterable[str] = (), months: int = MONTHS) -> Result:
    """The same question (of some of the metrics) by month, for so many months before the result's first."""
    first, query = now.period.start.replace(day=1), now.query
    period = Period(add_months(first, -months), first - timedelta(days=1))
    selection = replace(query.selection, period=period.until(query.as_of))
    by, names = (*query.by, MONTH.name), tuple(metrics) or query.metrics
    return engine.answer(replace(query, metrics=names, by=by, selection=selection, compare="none"))


def judged(
    engine: Engine, now: Result, metrics: Iterable[str] = (), months: int = MONTHS
) -> Mapping[tuple[str, Key], Judgement]:
    """`judge` with the history that it needs, of some of the metrics or all, worked out once.

    Raises Refusal where the result is by month: each month would be judged by another past.
    """
    if MONTH.name in now.query.by:
        raise Refusal("按月分组的结果不能一起判断：请去掉月份这一维度，一次判断一个月")
    names = tuple(metrics) or now.query.metrics
    site = engine.site
    members = members_of(site, now.query.selection, now.query.by)

    def work() -> dict[tuple[str, Key], Judgement]:
        history = history_of(engine, now, names, months)
        return judge(now, history, site.small_base, members, site.repeat_days)

    return engine.remember(("judged", now.query, names, months), work)


def judge(
    now: Result,
    history: Result,
    small_base: int = 10,
    members: Iterable[str] = (),
    repeat_days: int = 365,
) -> dict[tuple[str, Key], Judgement]:
    """A judgement for each metric of the history and each group, by metric name and group.

    `history`: the question of `now`, or of some of its metrics, by month, for the months before.
    `members`: groups of the one dimension that are judged even where nothing was counted.
    `small_base`: a rate on fewer rows is not judged. `repeat_days`: how far apart linked items may be.
    """
    found: dict[tuple[str, Key], Judgement] = {}
    for metric in history.metrics:
        groups = groups_of(metric, now, history, members, repeat_days)
        case = Case(metric, now, small_base, repeat_days)
        made = table(case, groups) if now.query.by else {(): _alone(case, groups[()])}
        found |= {(metric.name, key): judgement for key, judgement in made.items()}
    return found


def chart_of(engine: Engine, now: Result) -> Chart | None:
    """The control chart that judges the one number of a result without dimensions: a whole month's."""
    (metric,), site = now.metrics, engine.site
    group = groups_of(metric, now, history_of(engine, now), (), site.repeat_days)[()]
    case = Case(metric, now, site.small_base, site.repeat_days)
    return None if case.unjudged(group) else _chart(case, group)


def _chart(case: Case, group: Group) -> Chart | None:
    """Its control chart; none where the days are no whole month, or there is too little for one."""
    if not case.whole_month or len(group.known) < LEAST_MONTHS:
        return None
    if case.adds and mean(group.known) < LEAST_EXPECTED:
        return None
    if case.shares and rarer(group) < LEAST_EXPECTED:
        return None
    return control_chart(case.metric, group, f"{case.result.period.start:%Y-%m}")


def _alone(case: Case, group: Group) -> Judgement:
    """A number without a table around it: its own control chart, or exact limits where it has none."""
    if rule := case.unjudged(group):
        return unsaid(group, rule)
    chart = _chart(case, group)
    if chart is None:
        return by_limits(case, group, prediction(case, group, dispersion(case, [group])), ONE_IN)
    small = case.too_small(group, chart.limits.centre)
    return replace(chart.last, verdict="small", rule="size", told="") if small else chart.last

"""是否异常: one number and its rows, whether they are more than chance, and what decided; all in the URL."""

from __future__ import annotations

from dataclasses import dataclass, replace

import streamlit as st

from analytics.answers import Figure, applicable, source
from analytics.app.asking import compared, judgements
from analytics.app.charts import Chart
from analytics.app.desk import View
from analytics.app.downloads import downloads
from analytics.app.grid import grid, number_format
from analytics.app.methods import method_link
from analytics.app.missing import said_missing
from analytics.app.plain import plain
from analytics.app.selection import refuse_unknown
from analytics.catalogue import DIMENSIONS, METRICS, NAMES
from analytics.insight.below import dimensions_shown, place_below
from analytics.insight.judgement import judged
from analytics.insight.sentences import sentences
from analytics.insight.verdict import Judgement, power_in_words
from analytics.insight.windows import TIMES
from analytics.insight.wording import maturing, period_in_words
from analytics.model import MONTH, Metric
from analytics.places import PLACES
from analytics.render.table import Value
from analytics.result import NOBODY, Key, Result
from analytics.site import Refusal

FIRST = "信访总量"


@dataclass(frozen=True)
class Signals:
    """Widgets bound to the URL, then the sentences, the chart, the rows and their funnel."""

    def draw(self, view: View) -> None:
        """Draws the widgets and what they ask for."""
        st.subheader(f"{period_in_words(view.selection.period)} 是否异常", anchor=False)
        metric, dimension = _choices(view)
        if said_missing(view, (metric.name,)):
            return
        kept, lacking = applicable((metric.name,), view.selection, without=(dimension,))
        if lacking:
            st.caption(plain(f"所选指标不受“{'、'.join(lacking)}”筛选"))
        try:
            result = view.engine.ask(
                (metric.name,),
                (dimension,),
                kept.period,
                dict(kept.members),
                "none",
                None,
                view.versions,
                kept.scope,
            )
            rows = {key: one for (_, key), one in judged(view.engine, result).items()}
        except Refusal as refusal:
            st.warning(plain(str(refusal)))
            return
        alone = _said(view, metric, dimension, rows)
        _charts(view, metric, dimension)
        if words := power_in_words(metric, alone):
            st.caption(plain(f"{words}。"))
        _table(view, result, rows)


def _choices(view: View) -> tuple[Metric, str]:
    site = view.engine.site
    shown = [name for name in dimensions_shown(site, DIMENSIONS) if name not in TIMES]
    dimensions = {DIMENSIONS[name].label: name for name in shown}
    usual = place_below(site, view.selection)
    refuse_unknown("of", list(NAMES), "指标")
    refuse_unknown("across", list(dimensions), "维度")
    first, second, third = st.columns((2, 2, 1), vertical_alignment="bottom")
    metric = first.selectbox(
        "指标", list(NAMES), index=list(NAMES).index(FIRST), key="of", bind="query-params"
    )
    dimension = second.selectbox(
        "各行按", list(dimensions), index=shown.index(usual), key="across", bind="query-params"
    )
    with third:
        method_link("control", "怎样判断")
    return METRICS[NAMES[metric or FIRST]], dimensions[dimension] if dimension else usual


def _said(view: View, metric: Metric, dimension: str, rows: dict[Key, Judgement]) -> Judgement:
    """The sentences; the judgement of the one number."""
    answers = compared(view, (metric.name,))
    alone = judgements(view, answers[0], (metric.name,))[metric.name]
    results = [] if metric.stock else [found[metric.name] for found in answers]
    results = [replace(r, query=replace(r.query, metrics=(metric.name,))) for r in results]
    made = sentences(
        view.selection.period,
        results or [answers[0][metric.name]],
        alone,
        rows,
        dimension,
        view.engine.site.small_base,
    )
    for text in made:
        st.markdown(plain(text))
    if words := maturing((metric,)):
        st.caption(words)
    return alone


def _charts(view: View, metric: Metric, dimension: str) -> None:
    """The control chart, and beside it the funnel of a rate's rows."""
    over_time = Figure(
        f"signal-{metric.name}",
        f"{metric.label}近两年在不在正常波动之内？",
        "line",
        (metric.name,),
        (MONTH.name,),
        span="two_years",
    )
    across = Figure(
        f"funnel-{metric.name}",
        f"各{DIMENSIONS[dimension].label}的{metric.label}近一年有没有与众不同的？",
        "funnel",
        (metric.name,),
        (dimension,),
        span="twelve_months",
    )
    if not metric.stock and (metric.is_rate or _by_head(view, metric, dimension)):
        left, right = st.columns(2)
        with left:
            Chart(over_time).draw(view.at(0))
        with right:
            Chart(across).draw(view.at(1))
    else:
        Chart(over_time).draw(view.at(0))


def _by_head(view: View, metric: Metric, dimension: str) -> bool:
    """Whether the site says how many people live in its places."""
    peopled = dimension in PLACES and bool(view.engine.site.places.inhabitants(dimension))
    return metric.is_count and peopled


def _table(view: View, result: Result, rows: dict[Key, Judgement]) -> None:
    (metric,) = result.metrics
    headers, lines = table(result, rows)
    with st.container(border=True):
        st.markdown(f"**各{DIMENSIONS[result.query.by[0]].label}的判断** · {period_in_words(result.period)}")
        shown = [[*line[:3], one, *line[5:]] for line, one in zip(lines, _ranges(result, rows), strict=True)]
        formats = {headers[1]: number_format(metric), "预期": _expected_format(metric)}
        grid(
            [*headers[:3], "正常范围", *headers[5:]],
            shown,
            formats,
            most=780,
        )
        notes = {
            "说明": f"{metric.label} {period_in_words(result.period)}",
            "来源": source(view.engine, result),
        }
        if words := _typical(result, rows):
            st.caption(plain(words))
        name = f"{metric.label}是否异常_{result.period.start}_{result.period.shown_end}"
        downloads(view, name, lambda: (headers, lines, notes), view.key("signals"))
        st.caption(source(view.engine, result))


def _typical(result: Result, rows: dict[Key, Judgement]) -> str:
    """What the limits of a row of middling size find."""
    (metric,), dimension = result.metrics, DIMENSIONS[result.query.by[0]]
    known = sorted((one.expected, key) for key, one in rows.items() if one.expected and one.prediction)
    if not known:
        return ""
    _, key = known[len(known) // 2]
    words = power_in_words(metric, rows[key])
    middling = f"{dimension.label_of(key[0])}（预期{rows[key].expected_in_words(metric)}）"
    return f"各行一起判断，界限比单看一行时宽。以居中的{middling}为例：{words}。"


def _expected_format(metric: Metric) -> str:
    return number_format(metric) if not metric.is_count else "%.1f"


def _ordered(rows: dict[Key, Judgement]) -> list[tuple[Key, Judgement]]:
    """Signals first, then by value; what names nobody last."""
    return sorted(
        rows.items(),
        key=lambda row: (row[0][0] in NOBODY, not row[1].is_signal, -(row[1].value or 0), row[0]),
    )


def _ranges(result: Result, rows: dict[Key, Judgement]) -> list[Value]:
    (metric,) = result.metrics
    return [one.range_in_words(metric) for _, one in _ordered(rows)]


def table(result: Result, rows: dict[Key, Judgement]) -> tuple[list[str], list[list[Value]]]:
    """Headers and lines with the numbers themselves: member, value, expected, limits, word, what decided."""
    (metric,), dimension = result.metrics, DIMENSIONS[result.query.by[0]]
    unit = "" if metric.is_rate else f"（{metric.unit}）"
    headers = [dimension.label, f"{metric.label}{unit}", "预期", "下限", "上限", "判断", "依据"]
    lines: list[list[Value]] = []
    for key, one in _ordered(rows):
        lines.append(
            [dimension.label_of(key[0]), one.value, one.expected, one.lower, one.upper, one.word, one.basis]
        )
    return headers, lines

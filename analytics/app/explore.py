"""自助分析: any metrics by any dimensions, as charts or a table, down to the records; all in the URL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import streamlit as st

from analytics.answers import Figure, Mark, applicable, source
from analytics.app.charts import Chart
from analytics.app.desk import View
from analytics.app.downloads import downloads
from analytics.app.grid import result_grid
from analytics.app.noting import seen
from analytics.app.plain import plain
from analytics.app.records import ledger
from analytics.app.selection import refuse_unknown
from analytics.catalogue import DIMENSIONS, METRICS, NAMES
from analytics.insight.below import dimensions_shown, place_below
from analytics.insight.wording import compared_with, period_in_words
from analytics.model import MONTH, Comparison, Metric, Period, Selection
from analytics.render.table import labelled_rows
from analytics.result import Key, Result
from analytics.site import Refusal

AS_CHART, AS_TABLE = "图", "表"
# The address holds what the widgets show, so labels are looked up; a test keeps them unique.
_COMPARISONS: dict[str, Comparison] = {"不对比": "none", "同比": "year_ago", "环比": "previous"}


@dataclass(frozen=True)
class Explorer:
    """Widgets bound to the URL, then the answer."""

    def draw(self, view: View) -> None:
        """Draws the widgets and what they ask for."""
        st.subheader("自助分析", anchor=False)
        metrics, by, form, compare = _choices(view)
        if not metrics:
            st.info("请先选择指标。各指标的含义见“指标口径”页。")
            return
        kept, lacking = applicable(metrics, view.selection)
        names = [*(METRICS[m].label for m in metrics), "按", *(DIMENSIONS[d].label for d in by)]
        seen(view.looker, "查看页面", f"自助分析 {'、'.join(names)}", kept, view.versions)
        if lacking:
            st.caption(f"所选指标不受“{'、'.join(lacking)}”筛选")
        try:
            result = view.engine.ask(
                metrics, by, kept.period, dict(kept.members), compare, None, view.versions, kept.scope
            )
        except Refusal as refusal:
            st.warning(plain(str(refusal)))
            return
        if form == AS_TABLE or not by:
            _table(view, result, kept)
            return
        for name in metrics:
            figure = _figure(METRICS[name], by, compare)
            if figure is None:
                st.caption(f"“{METRICS[name].label}”按这两个维度不宜作图，请看表。")
            else:
                Chart(figure).draw(view)


def _choices(view: View) -> tuple[tuple[str, ...], tuple[str, ...], str, Comparison]:
    site = view.engine.site
    dimensions = {DIMENSIONS[name].label: name for name in dimensions_shown(site, DIMENSIONS)}
    refuse_unknown("metric", list(NAMES), "指标")
    refuse_unknown("by", list(dimensions), "维度")
    first, second = st.columns(2)
    metrics = first.multiselect(
        "指标",
        list(NAMES),
        default=["信访总量"],
        key="metric",
        bind="query-params",
        placeholder="选择一个或多个指标",
        max_selections=6,
    )
    by = second.multiselect(
        "分组维度（最多两个）",
        list(dimensions),
        default=[DIMENSIONS[place_below(site, view.selection)].label],
        key="by",
        bind="query-params",
        placeholder="不分组",
        max_selections=2,
    )
    with st.container(horizontal=True):
        form = st.segmented_control(
            "显示", [AS_CHART, AS_TABLE], default=AS_CHART, key="as", bind="query-params"
        )
        compare = st.segmented_control(
            "对比", list(_COMPARISONS), default="不对比", key="compare", bind="query-params"
        )
    return (
        tuple(NAMES[label] for label in metrics),
        tuple(dimensions[label] for label in by),
        form or AS_CHART,
        _COMPARISONS[compare or "不对比"],
    )


def _figure(metric: Metric, by: Sequence[str], compare: Comparison) -> Figure | None:
    """The chart that suits the dimensions; None where none does."""
    dimensions = tuple(sorted(by, key=lambda name: name == MONTH.name))
    mark: Mark
    if dimensions == (MONTH.name,):
        mark = "line"
    elif len(dimensions) == 1:
        mark = "ranking"
    elif dimensions[1] == MONTH.name:
        mark = "heatmap"
    elif metric.is_count:
        mark = "stack"
    else:
        return None
    question = f"{metric.label}按{'、'.join(DIMENSIONS[d].label for d in dimensions)}"
    return Figure(f"explore-{metric.name}", question, mark, (metric.name,), dimensions, compare=compare)


# --- table ------------------------------------------------------------------------------------------------


def _table(view: View, result: Result, kept: Selection) -> None:
    words = [period_in_words(result.period), compared_with(result)]
    st.caption(" · ".join(w for w in words if w))
    place = result_grid(
        result,
        on_select="rerun",
        selection_mode="single-row",
        key=f"table-{hash(result.query)}",
        most=560,
    )
    name = f"自助分析_{result.period.start}_{result.period.shown_end}"
    notes = {"来源": source(view.engine, result)}
    downloads(view, name, lambda: (*labelled_rows(result), notes), key="explore")
    st.caption(source(view.engine, result))
    chosen = place.selection.rows
    if not chosen:
        st.caption("点一行左侧的方框，看这一行背后的记录。")
        return
    metric = st.selectbox(
        "看哪个指标的记录", list(result.query.metrics), format_func=lambda name: METRICS[name].label
    )
    key = result.keys[chosen[0]]
    ledger(view, metric, _narrowed(kept, result.query.by, key), (), key="explore-records")


def _narrowed(kept: Selection, by: Sequence[str], key: Key) -> Selection:
    """The selection of one line of the table."""
    for dimension, member in zip(by, key, strict=True):
        if dimension != MONTH.name:
            kept = kept.only({d for d, _ in kept.members} - {dimension}).keep(dimension, member)
            continue
        month = Period.month(member)
        start, end = max(month.start, kept.period.start), min(month.end, kept.period.end)
        kept = replace(kept, period=Period(start, end))
    return kept

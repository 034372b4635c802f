"""变化分解: where a change lies. A button beside every compared number, its dialog, a page of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from analytics.answers import answer, applicable
from analytics.app.desk import View
from analytics.app.grid import grid, number_format
from analytics.app.menu import Shown, show
from analytics.app.missing import said_missing
from analytics.app.noting import seen
from analytics.app.plain import plain
from analytics.app.selection import refuse_unknown
from analytics.catalogue import DIMENSIONS, METRICS, NAMES
from analytics.citing import filters_in_words
from analytics.figures import changes
from analytics.insight.below import dimensions_shown, place_below
from analytics.insight.explain import (
    AT_MOST,
    Explanation,
    dividing,
    explain,
    possible_dimensions,
    usual_dimensions,
)
from analytics.insight.explained import MIX_EFFECT, RATE_EFFECT, sentences
from analytics.model import Comparison, Metric, Selection
from analytics.render import plotly
from analytics.render.table import contribution_rows
from analytics.site import Refusal

TITLE = "变化分解"
_COMPARISONS: dict[str, Comparison] = {"同比": "year_ago", "环比": "previous"}
_LABELS = {compare: label for label, compare in _COMPARISONS.items()}
_FORGOTTEN = "within-forgotten"


def changes_button(
    view: View,
    metrics: Sequence[str],
    selection: Selection,
    key: str,
    compare: Comparison = "year_ago",
    by: Sequence[str] = (),
) -> None:
    """A small button that opens where the change of a number lies."""
    if st.button(TITLE, key=key, type="tertiary"):
        changes_dialog(view, metrics, selection, compare, by)


@st.dialog("变化来自哪里", width="large")
def changes_dialog(
    view: View,
    metrics: Sequence[str],
    selection: Selection,
    compare: Comparison = "year_ago",
    by: Sequence[str] = (),
) -> None:
    """The difference of the first of the metrics, or of the one then chosen; `by`: what to offer first."""
    if not view.still("counts"):
        return
    key = f"changes-{'-'.join(metrics)}"
    name = _one_of(metrics, f"{key}-of") if len(metrics) > 1 else metrics[0]
    if said_missing(view, (name,)):
        return
    kept, _ = applicable((name,), selection)
    if words := filters_in_words(kept):
        st.caption(plain(f"筛选：{words}"))
    with st.container(horizontal=True):
        label = st.segmented_control(
            "对比",
            list(_COMPARISONS),
            default=_LABELS[compare],
            key=f"{key}-against-{compare}",
            required=True,
        )
        compare = _COMPARISONS[label]
        offered = _offered(view, name, kept, compare, by)
        chosen = st.pills(
            "按什么分（选几个就按它们的组合）",
            offered,
            default=offered[:1],
            format_func=lambda d: DIMENSIONS[d].label,
            selection_mode="multi",
            key=f"{key}-by-{name}-{'-'.join(offered)}",
        )
    _draw(view, name, kept, compare, tuple(chosen) or offered[:1], key)


def _one_of(metrics: Sequence[str], key: str) -> str:
    return st.segmented_control(
        "指标",
        list(metrics),
        default=metrics[0],
        format_func=lambda n: METRICS[n].label,
        key=key,
        required=True,
    )


def _offered(
    view: View, metric: str, selection: Selection, compare: Comparison, first: Sequence[str]
) -> tuple[str, ...]:
    """The usual dimensions that divide the number at all; those asked for before them."""
    place = place_below(view.engine.site, selection)
    possible = possible_dimensions(METRICS[metric], place)
    asked = [name for name in first if name in possible]
    by = tuple(dict.fromkeys([*asked, *usual_dimensions(METRICS[metric], place)]))
    where, scope = dict(selection.members), selection.scope
    result = view.engine.ask(
        (metric,), by, selection.period, where, compare, versions=view.versions, scope=scope
    )
    return dividing(result)[:AT_MOST]


def _draw(
    view: View, metric: str, selection: Selection, compare: Comparison, by: tuple[str, ...], key: str
) -> None:
    """The sentences, the waterfall with its menu, the whole table; or why there is none."""
    found = answer(view.engine, changes(metric, by, compare), selection, view.versions)
    try:
        explained = explain(found.result)
    except Refusal as refusal:
        st.info(plain(str(refusal)))
        return
    what = f"{TITLE} {explained.metric.label}"
    seen(view.looker, "查看页面", what, found.result.query.selection, view.versions)
    told = sentences(found.result, view.engine.site.small_base)
    st.markdown(plain("".join(told)))
    headers, rows = contribution_rows(explained)
    formats = _formats(explained, headers)
    result = found.result
    name = f"{explained.metric.label}{TITLE}_{result.period.start}_{result.period.shown_end}"
    shown = Shown(
        name,
        found,
        (found.figure, result.query, found.source),
        lambda size: plotly.draw(found, size),
        lambda: (headers, rows),
        formats,
        words="".join(told),
        measure=found.measure,
        filters=filters_in_words(result.query.selection),
    )
    show(view, shown, f"{key}-chart-{hash(result.query)}", border=False)
    st.caption(_meaning(explained.metric))
    grid(headers, rows, formats, most=320)


def _meaning(metric: Metric) -> str:
    limits = "这里只说明变化在哪里，不说明为什么。"
    if metric.denominator is None:
        return limits
    return (
        f"{RATE_EFFECT}：这一组自己的{metric.label}变了；{MIX_EFFECT}：这一组在全部中所占的份额变了。"
        f"两部分按两期的中点计算（Kitagawa，1955），各组之和恰是总的变化。{limits}"
    )


def _formats(explained: Explanation, headers: Sequence[str]) -> dict[str, str]:
    """The two numbers as the metric is written, what each group adds with its sign."""
    values = len(explained.result.query.by)
    formats = dict.fromkeys(headers[values : values + 2], number_format(explained.metric))
    extra = 1 if explained.metric.denominator else 0
    return formats | dict.fromkeys(headers[values + 2 :], f"%+.{explained.metric.digits + extra}f")


# --- rows that open it ------------------------------------------------------------------------------------


def row_chosen(key: str) -> None:
    """What a table does when a row is chosen: it is kept until `chosen_row` takes it."""
    st.session_state[f"{key}-chosen"] = st.session_state[key].selection.rows


def chosen_row(key: str) -> int | None:
    """The row chosen a moment ago; given once, so that a closed dialog stays closed."""
    rows = st.session_state.pop(f"{key}-chosen", [])
    return rows[0] if rows else None


# --- the page ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Changes:
    """Any metric's change by any dimensions; the address holds metric, comparison and dimensions."""

    def draw(self, view: View) -> None:
        """Draws the widgets and what they ask for."""
        st.subheader(TITLE, anchor=False)
        metric, compare, by = _choices(view)
        if said_missing(view, (metric,)):
            return
        kept, lacking = applicable((metric,), view.selection)
        if lacking:
            st.caption(f"所选指标不受“{'、'.join(lacking)}”筛选")
        _draw(view, metric, kept, compare, by or _offered(view, metric, kept, compare, ())[:1], "changes")


def _choices(view: View) -> tuple[str, Comparison, tuple[str, ...]]:
    refuse_unknown("of", list(NAMES), "指标")
    first, second, third = st.columns((3, 2, 4))
    label = first.selectbox("指标", list(NAMES), key="of", bind="query-params", on_change=_forget)
    metric = METRICS[NAMES[label]]
    with second:
        against = st.segmented_control(
            "对比", list(_COMPARISONS), default="同比", key="against", bind="query-params", required=True
        )
    site = view.engine.site
    names = dimensions_shown(site, possible_dimensions(metric, place_below(site, view.selection)))
    possible = {DIMENSIONS[name].label: name for name in names}
    if not st.session_state.pop(_FORGOTTEN, False):  # the address still holds what was just forgotten
        refuse_unknown("within", list(possible), "维度")
    by = third.multiselect(
        f"按什么分（最多{AT_MOST}个，选几个就按它们的组合）",
        list(possible),
        key="within",
        bind="query-params",
        placeholder="不选时按最常用的一个",
        max_selections=AT_MOST,
    )
    return metric.name, _COMPARISONS[against], tuple(possible[name] for name in by)


def _forget() -> None:
    """Another metric may lack the dimensions chosen."""
    st.session_state["within"] = []
    st.session_state[_FORGOTTEN] = True

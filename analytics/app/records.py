"""The rows behind a number: a dialog and a ledger, with their downloads."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pandas as pd
import pyarrow as pa
import streamlit as st

from analytics.access import forbidden
from analytics.answers import source_of
from analytics.app.desk import View
from analytics.app.downloads import Table, downloads
from analytics.app.noting import seen, selected
from analytics.app.plain import plain
from analytics.catalogue import DIMENSIONS, METRICS
from analytics.citing import filters_in_words
from analytics.contract import DATASETS, Field, Kind
from analytics.engine import Records
from analytics.insight.wording import period_in_words
from analytics.model import Metric, Selection
from analytics.render.table import Value

SHOWN = 500
EXPORTED = 1_000_000
MET = "计入分子"


def records_button(view: View, metric: str, selection: Selection, key: str, label: str = "明细") -> None:
    """A small button that opens the records a number counts; none for who may not see them."""
    if view.may("records") and st.button(plain(label), key=key, type="tertiary"):
        _dialog(view, metric, selection)


@st.dialog("明细", width="large")
def _dialog(view: View, metric: str, selection: Selection) -> None:
    if not view.still("records"):
        return
    st.markdown(f"**{METRICS[metric].label}** · {period_in_words(_seen(view, metric, selection).period)}")
    st.caption(METRICS[metric].note)
    ledger(view, metric, selection, (), key=f"dialog-{metric}")


def _seen(view: View, metric: str, selection: Selection) -> Selection:
    """The selection as the number used it: cut where the data end."""
    where = dict(selection.members)
    return view.engine.query(
        (metric,), period=selection.period, where=where, versions=view.versions, scope=selection.scope
    ).selection


def ledger(
    view: View, metric: str, selection: Selection, names: Sequence[str], key: str, title: str = ""
) -> None:
    """The records as a table; `names` picks and orders the columns, empty takes all that hold anything.

    The title is given how many records there are. Who may not see records is told so.
    """
    if not view.may("records"):
        if title:
            st.markdown(f"**{title}**")
        st.caption(forbidden("records"))
        return
    chosen = _seen(view, metric, selection)
    known = metric, chosen, *view.versions.items()
    found = view.engine.remember(
        ("records", *known), lambda: view.engine.records(metric, chosen, view.versions, SHOWN)
    )
    unit, many = DATASETS[METRICS[metric].dataset].unit, _how_many(view, METRICS[metric], chosen, found)
    if title:
        st.markdown(f"**{title}** · {many} {unit}")
    if not found.rows:
        st.caption("没有记录。")
        return
    seen(view.looker, "查看明细", METRICS[metric].label, chosen, view.versions, len(found.rows))
    table = view.engine.remember(
        ("ledger", tuple(names), *known), lambda: _table(found, names, METRICS[metric].is_rate)
    )
    st.dataframe(table, hide_index=True, placeholder="", height=min(420, 40 + 35 * table.num_rows))
    more = f"共 {many} {unit}" + (f"，只显示最近 {SHOWN:,} {unit}，下载的更全" if found.more else "")
    words = filters_in_words(chosen)
    st.caption(plain(more + (f"；筛选：{words}" if words else "")))

    dataset = METRICS[metric].dataset
    used = [(dataset, view.versions[dataset])] if view.has(dataset) else []

    def whole() -> Table:
        everything = view.engine.records(metric, chosen, view.versions, EXPORTED)
        notes = {
            "指标": METRICS[metric].label,
            "期间": period_in_words(chosen.period),
            "筛选": words or "无",
            "完整": f"只有最近 {EXPORTED:,} 行" if everything.more else "是",
            "来源": source_of(view.engine, chosen.period.last, used, chosen),
        }
        return (*record_lines(everything, names, METRICS[metric].is_rate), notes)

    name = f"{METRICS[metric].label}明细_{chosen.period.start}_{chosen.period.shown_end}"
    downloads(view, name, whole, key, right="records", filters=selected(chosen))


def _table(found: Records, names: Sequence[str], rate: bool) -> pa.Table:
    """The records as the table on screen shows them, and as they are sent."""
    headers, rows = record_lines(found, names, rate)
    table = pd.DataFrame(written_rows(rows), columns=headers)
    for field in found.fields:
        if field.kind is Kind.INTEGER and field.label in table:
            table[field.label] = pd.to_numeric(table[field.label], errors="coerce").astype("Int64")
    return pa.Table.from_pandas(table, preserve_index=False)


def _how_many(view: View, metric: Metric, seen: Selection, found: Records) -> str:
    """How many records there are; at least how many where some are left out and the metric counts no rows."""
    if not found.more:
        return f"{len(found.rows):,}"
    if not metric.is_count or any(measure.value for measure in metric.measures):
        return f"超过 {SHOWN:,}"
    where = dict(seen.members)
    result = view.engine.ask(
        (metric.name,), period=seen.period, where=where, versions=view.versions, scope=seen.scope
    )
    return f"{result.value(metric.name):,}"


def record_lines(
    found: Records, names: Sequence[str], rate: bool = False
) -> tuple[list[str], list[list[Value]]]:
    """Headers and values as shown; no names: the columns that say something."""
    at = {field.name: i for i, field in enumerate(found.fields)}
    chosen = [at[name] for name in names] if names else _informative(found)
    headers = [found.fields[i].label for i in chosen] + ([MET] if rate else [])
    rows = [
        [_shown(found.fields[i], row[i]) for i in chosen] + (["是" if met else "否"] if rate else [])
        for row, met in zip(found.rows, found.met, strict=True)
    ]
    return headers, rows


def _informative(found: Records) -> list[int]:
    """Columns that say something: helpers of calculation and columns nobody filled are left out.

    Of a dataset that is worked out as a whole none is a helper.
    """
    whole = all(field.derived for field in found.fields)
    return [
        i
        for i, field in enumerate(found.fields)
        if (whole or not field.derived or field.given or field.name in ("handling_days", "closed_on"))
        and field.name not in ("petitioner_key", "region_code")
        and any(row[i] not in (None, field.default) for row in found.rows)
    ]


def written_rows(rows: Sequence[Sequence[Value]]) -> list[list[Value]]:
    """Each value as the table on screen writes it."""
    return [[_written(value) for value in row] for row in rows]


def _written(value: Value) -> Value:
    """A missing date is a blank, not the word None."""
    return "" if value is None else f"{value}" if isinstance(value, date) else value


def _shown(field: Field, value: Value) -> Value:
    if field.kind is Kind.FLAG:
        member = "未填" if value is None else str(value).lower()
        return DIMENSIONS[field.name].label_of(member)
    if field.name in DIMENSIONS and isinstance(value, str):
        return DIMENSIONS[field.name].label_of(value)
    return value

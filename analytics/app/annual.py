"""年度报告: the year in numbers, section by section, each with its query and the records behind it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pyarrow as pa
import streamlit as st

from analytics.annual import Line, Report, report
from analytics.answers import source_of
from analytics.app.desk import View
from analytics.app.downloads import Table, downloads
from analytics.app.plain import plain
from analytics.app.records import ledger
from analytics.insight.wording import amount, period_in_words
from analytics.model import Metric, Period
from analytics.render.table import Value

_NUMBER = st.column_config.TextColumn(alignment="right", width=100)
_LONG = st.column_config.TextColumn(width="large")
_COLUMNS = {
    "指标": st.column_config.TextColumn(width=230),
    "本年": _NUMBER,
    "上年": _NUMBER,
    "上年同期": _NUMBER,
    "变化": st.column_config.TextColumn(width=170),
    "说明": _LONG,
    "查询语句": _LONG,
}


@dataclass(frozen=True)
class Annual:
    """The report of the year in which the selected period ends, beside the year before."""

    def draw(self, view: View) -> None:
        """Draws the sections, the downloads and the records behind the number that is chosen."""
        year = Period.named(f"{view.selection.period.end.year}")
        selection = replace(view.selection, period=year)
        found = view.remember("annual report", lambda: report(view.engine, selection, view.versions))
        origin = source_of(view.engine, found.as_of, found.versions, found.selection)
        st.subheader(f"年度报告：{period_in_words(found.period)}", anchor=False)
        st.caption(plain(origin))
        name = f"年度报告_{found.period.start}_{found.period.shown_end}"
        downloads(view, name, lambda: table(found, origin), key="annual")
        for title, lines in view.remember("annual chapters", lambda: _chapters(found)):
            st.markdown(f"**{title}**")
            st.dataframe(lines, hide_index=True, height="content", column_config=_COLUMNS)
        _records(view, found)


def _before(found: Report) -> str:
    return "上年同期" if found.period.unfinished else "上年"


def _chapters(found: Report) -> list[tuple[str, pa.Table]]:
    """Each chapter's title and lines as they are sent; made anew, they would be half of a run."""
    return [
        (c.title, pa.Table.from_pylist([_told(line, _before(found)) for line in c.lines]))
        for c in found.chapters
    ]


def _told(line: Line, before: str) -> dict[str, str]:
    return {
        "指标": line.label,
        "本年": amount(line.metric, line.value),
        before: amount(line.metric, line.base),
        "变化": line.change_words,
        "说明": "；".join(text for text in (line.remark, line.metric.note) if text),
        "查询语句": line.query,
    }


def table(found: Report, origin: str) -> Table:
    """The whole as numbers, with what a file needs to be understood alone."""
    headers = ["部分", "指标", "本年", _before(found), "单位", "变化", "备注", "口径", "依据", "查询语句"]
    rows = [_row(chapter.title, line) for chapter in found.chapters for line in chapter.lines]
    return headers, rows, {"期间": period_in_words(found.period), "来源": origin}


def _row(title: str, line: Line) -> list[Value]:
    m = line.metric
    values = [title, line.label, _in_unit(m, line.value), _in_unit(m, line.base), m.unit, line.change_words]
    return [*values, line.remark, m.note, m.basis, line.query]


def _in_unit(metric: Metric, value: float | int | None) -> float | int | None:
    """The number that the unit beside it makes true: 100 where it says %."""
    return round(value * 100, 4) if metric.is_rate and value is not None else value


def _records(view: View, found: Report) -> None:
    lines = {f"{c.title} · {line.label}": line for c in found.chapters for line in c.lines}
    st.markdown("**数字背后的记录**")
    chosen = st.selectbox(
        "数字背后的记录",
        list(lines),
        index=None,
        key="annual-records",
        placeholder="选一个数字，看它由哪些记录得来",
        label_visibility="collapsed",
    )
    if chosen:
        line = lines[chosen]
        ledger(view, line.metric.name, line.selection, (), key="annual-ledger")

"""What pages are made of: a heading, tiles, charts, rankings, notable facts, a ledger, rows of these."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from html import escape
from typing import Protocol

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from analytics.app.desk import View
from analytics.app.records import ledger, records_button
from analytics.app.selection import can_step, step
from analytics.app.tile import tile_html
from analytics.catalogue import DIMENSIONS, METRICS
from analytics.figures import Answer, Figure, answer, applicable, filters_in_words, source
from analytics.insight.findings import headline, standing, with_changes
from analytics.insight.judgement import judge
from analytics.insight.wording import NOTHING, amount, arrow, change_in_words, number, period_in_words
from analytics.model import Comparison, Period, Selection, add_months
from analytics.render import plotly
from analytics.render.table import Value, columns, csv_bytes, labelled_rows, shown_rows, xlsx_bytes
from analytics.result import Result

COMPARISONS: tuple[Comparison, ...] = ("year_ago", "previous")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Block(Protocol):
    """Something a page shows."""

    def draw(self, view: View) -> None:
        """Draws it under the view's selection."""


@dataclass(frozen=True)
class Row:
    """Blocks side by side; on a narrow screen one below the other. `widths` in proportion."""

    blocks: tuple[Block, ...]
    widths: tuple[int, ...] = ()

    def draw(self, view: View) -> None:
        """Draws each in its column."""
        for column, block in zip(st.columns(self.widths or len(self.blocks)), self.blocks, strict=True):
            with column:
                block.draw(view)


@dataclass(frozen=True)
class Stack:
    """Blocks one below the other within a row."""

    blocks: tuple[Block, ...]

    def draw(self, view: View) -> None:
        """Draws each."""
        for block in self.blocks:
            block.draw(view)


def row(*blocks: Block | Figure, widths: Sequence[int] = ()) -> Row:
    """Blocks or figures side by side."""
    return Row(_blocks(blocks), tuple(widths))


def stack(*blocks: Block | Figure) -> Stack:
    """Blocks or figures one below the other within a row."""
    return Stack(_blocks(blocks))


def _blocks(blocks: Sequence[Block | Figure]) -> tuple[Block, ...]:
    return tuple(Chart(b) if isinstance(b, Figure) else b for b in blocks)


# --- asking for a page's metrics ------------------------------------------------------------------------


def ask(view: View, metrics: Sequence[str], compare: Comparison = "none") -> dict[str, Result]:
    """The metrics of a page by name, one question a dataset, each under the filters that it has."""
    answers: dict[str, Result] = {}
    for dataset in dict.fromkeys(METRICS[name].dataset for name in metrics):
        mine = tuple(name for name in metrics if METRICS[name].dataset == dataset)
        kept, _ = applicable(mine, view.selection)
        result = view.engine.ask(
            mine, period=kept.period, where=dict(kept.members), compare=compare, scope=kept.scope
        )
        answers |= dict.fromkeys(mine, result)
    return answers


def _compared(view: View, metrics: Sequence[str]) -> list[dict[str, Result]]:
    """The metrics against the year before and, where that is another period, the period before."""
    kept = view.selection.period.until(_last_day(view))
    same = kept.previous() == kept.year_ago()
    return [ask(view, metrics, compare) for compare in (COMPARISONS[:1] if same else COMPARISONS)]


def _last_day(view: View) -> date:
    """The last day with data of what pages are mostly about."""
    coverage = view.engine.coverage("petitions")
    return coverage.last if coverage else view.selection.period.end


# --- heading ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Heading:
    """The page's title with the period and its neighbours, and the period in one or two sentences."""

    title: str
    facts: tuple[str, ...] = ()

    def draw(self, view: View) -> None:
        """Draws title, 上月 and 下月, and the sentence."""
        period, coverage = view.selection.period, view.engine.coverage("petitions")
        with st.container(horizontal=True, vertical_alignment="center"):
            st.subheader(f"{period_in_words(period)} {self.title}", anchor=False)
            if coverage:
                for label, months in (("◀ 上月", -1), ("下月 ▶", 1)):
                    off = not can_step(coverage, period, months)
                    st.button(
                        label, on_click=step, args=(coverage, months), disabled=off, key=f"step{months}"
                    )
        if words := filters_in_words(view.selection):
            st.caption(f"筛选：{words}")
        if self.facts:
            st.html(f"<p class='headline'>{escape(self._sentence(view))}</p>")

    def _sentence(self, view: View) -> str:
        answers = _compared(view, self.facts)
        small = view.engine.site.small_base
        facts = []
        for name in self.facts:
            results = [found[name] for found in answers]
            flows = [] if METRICS[name].stock else results
            words = with_changes(METRICS[name], flows, small) if flows else ""
            facts.append(words or f"{METRICS[name].label}{amount(METRICS[name], results[0].value(name))}")
        return headline(answers[0][self.facts[0]].period, facts)


# --- tiles ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Tiles:
    """Key numbers side by side: value, 同比, 环比, 24 months, and what may be said of it.

    A group of two names shows both numbers in one tile (37批/104人次).
    """

    groups: tuple[tuple[str, ...], ...]

    def draw(self, view: View) -> None:
        """Draws a tile a group."""
        names = [name for group in self.groups for name in group]
        compared = _compared(view, names)
        months = _two_years(view, names)
        with st.container(horizontal=True, key="tiles"):
            for group in self.groups:
                _tile(view, group, compared, months)


def tiles(*groups: str | tuple[str, ...]) -> Tiles:
    """A tile for each metric, or for two metrics that belong together."""
    return Tiles(tuple((g,) if isinstance(g, str) else g for g in groups))


def _two_years(view: View, names: Sequence[str]) -> dict[str, Result]:
    found: dict[str, Result] = {}
    for dataset in dict.fromkeys(METRICS[name].dataset for name in names):
        mine = tuple(name for name in names if METRICS[name].dataset == dataset)
        kept, _ = applicable(mine, view.selection)
        start = add_months(kept.period.end.replace(day=1), -23)
        period = Period(min(start, kept.period.start), kept.period.end)
        result = view.engine.ask(mine, ("month",), period, dict(kept.members), scope=kept.scope)
        found |= dict.fromkeys(mine, result)
    return found


def _tile(
    view: View, group: tuple[str, ...], compared: Sequence[dict[str, Result]], months: dict[str, Result]
) -> None:
    first = METRICS[group[0]]
    results = [found[first.name] for found in compared]
    kept, lacking = applicable(group[:1], view.selection)
    notes: list[str] = [judge(results[0], view.engine.site.small_base)[first.name, ()].verdict]
    notes += [f"不受“{'、'.join(lacking)}”筛选"] if lacking else []
    notes += ["随后仍会变化"] if first.cohort else []
    shown = tile_html(
        first.label.removesuffix("批次"),
        [(number(METRICS[n], results[0].value(n)), _unit(n)) for n in group],
        [_change(view, first.name, result) for result in results],
        [months[first.name].value(first.name, key) for key in months[first.name].keys],
        " · ".join(note for note in notes if note),
        _meaning(group),
    )
    with st.container(border=True, gap=None, height="stretch", key=f"tile-{first.name}"):
        st.html(shown)
        records_button(view, first.name, kept, key=f"records-tile-{first.name}")


def _unit(name: str) -> str:
    return "" if METRICS[name].is_rate else METRICS[name].unit


def _meaning(group: Sequence[str]) -> str:
    return "\n".join(f"{METRICS[n].label}：{METRICS[n].note}。依据：{METRICS[n].basis}" for n in group)


def _change(view: View, name: str, result: Result) -> tuple[str, str]:
    """The arrow and the words of one comparison."""
    metric, cell, base = METRICS[name], result.cell(name), result.base_cell(name)
    words = change_in_words(
        metric, cell, base, result.query.compare, view.engine.site.small_base, result.base_covered()
    )
    return (arrow(metric, cell, base) if result.base_covered() else "", words)


# --- charts -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Chart:
    """A figure with its data, its downloads and the records behind it; a click on a mark filters."""

    figure: Figure

    def draw(self, view: View) -> None:
        """Draws the figure in a frame."""
        found = answer(view.engine, self.figure, view.selection)
        _, lacking = applicable(self.figure.metrics, view.selection)
        with st.container(border=True, gap="xsmall", height="stretch"):
            st.caption(self.figure.question + (f"　不受“{'、'.join(lacking)}”筛选" if lacking else ""))
            key = f"{self.figure.name}-{hash(view.selection)}"
            clickable = self.figure.click in st.session_state
            st.plotly_chart(
                _drawn(found, f"{found.figure}{found.result.query}{found.chosen}{found.source}"),
                key=key,
                theme=None,
                config=plotly.config(found),
                selection_mode="points",
                on_select=(lambda: _clicked(key, self.figure)) if clickable else "ignore",
                alt=f"{found.title}。{found.subtitle}",
            )
            _menu(view, found)


@st.cache_resource(max_entries=1_000, show_spinner=False)
def _drawn(_found: Answer, identity: str) -> go.Figure:
    """Drawn once for all who look at the same answer."""
    return plotly.draw(_found)


def _clicked(key: str, figure: Figure) -> None:
    """Selects the member that was clicked; a second click on it takes the filter off."""
    points = st.session_state[key].selection.points
    dimension = figure.click
    if not points or dimension is None:
        return
    point = points[0]
    label = point["y"]
    st.session_state[dimension] = [] if st.session_state[dimension] == [label] else [label]


def _menu(view: View, found: Answer) -> None:
    figure, result = found.figure, found.result
    headers, rows = labelled_rows(result)
    notes = {"标题": found.title, "说明": found.subtitle, "来源": found.source}
    name = f"{figure.metric.label}_{result.period.start}_{result.period.shown_end}"
    with st.container(horizontal=True):
        with st.popover("数据与导出", type="tertiary", key=f"menu-{figure.name}"):
            table = pd.DataFrame(shown_rows(result), columns=list(columns(result).values()))
            st.dataframe(table, hide_index=True, height=215)
            downloads(name, headers, rows, notes, key=figure.name)
            st.caption("图片：点图右上角的相机按钮")
        kept, _ = applicable(figure.metrics[:1], view.selection)
        kept = Selection(result.period, tuple(dict(figure.where).items()) + kept.members, kept.scope)
        records_button(view, figure.metric.name, kept, key=f"records-{figure.name}")


def downloads(
    name: str, headers: Sequence[str], rows: Sequence[Sequence[Value]], notes: dict[str, str], key: str
) -> None:
    """Two buttons that give the table as CSV (for Excel) and as a workbook, made when clicked."""
    with st.container(horizontal=True):
        st.download_button(
            "CSV",
            lambda: csv_bytes(headers, rows, notes),
            f"{name}.csv",
            "text/csv",
            key=f"csv-{key}",
            on_click="ignore",
        )
        st.download_button(
            "Excel",
            lambda: xlsx_bytes(headers, rows, notes),
            f"{name}.xlsx",
            XLSX,
            key=f"xlsx-{key}",
            on_click="ignore",
        )


# --- facts, rankings, ledgers -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Notable:
    """值得注意: what stands open or late, where most of it is, with the records one click away."""

    metrics: tuple[str, ...]

    def draw(self, view: View) -> None:
        """Draws a line a metric that is not 0."""
        with st.container(border=True):
            st.markdown("**值得注意**")
            lines = [(name, text) for name in self.metrics if (text := self._line(view, name))]
            if not lines:
                st.caption("没有超期、临期或未反馈的事项。")
            for name, text in lines:
                kept, _ = applicable((name,), view.selection)
                records_button(view, name, kept, key=f"notable-{name}", label=f"{text} ›")

    def _line(self, view: View, name: str) -> str:
        kept, _ = applicable((name,), view.selection)
        result = view.engine.ask((name,), ("township",), kept.period, dict(kept.members), scope=kept.scope)
        return standing(result, name)


@dataclass(frozen=True)
class RankingTable:
    """通报: rank, value, change and rank change of every township."""

    metrics: tuple[str, ...]
    dimension: str = "township"

    def draw(self, view: View) -> None:
        """Draws the table; the first metric ranks."""
        first = METRICS[self.metrics[0]]
        kept, _ = applicable(self.metrics, view.selection, without=(self.dimension,))
        where = dict(kept.members)
        result = view.engine.ask(
            self.metrics, (self.dimension,), kept.period, where, "year_ago", scope=kept.scope
        )
        headers, rows = self._lines(view, result)
        with st.container(border=True):
            st.markdown(f"**{first.label}排名** · {period_in_words(result.period)}")
            st.dataframe(
                pd.DataFrame(rows, columns=headers),
                hide_index=True,
                height=38 + 35 * max(1, len(rows)),
                row_height=35,
            )
            notes = {
                "说明": f"{first.label}排名 {period_in_words(result.period)}",
                "来源": source(view.engine, result),
            }
            name = f"{first.label}排名_{result.period.start}_{result.period.shown_end}"
            downloads(name, headers, rows, notes, key=f"ranking-{first.name}")
            st.caption(source(view.engine, result))

    def _lines(self, view: View, result: Result) -> tuple[list[str], list[list[Value]]]:
        first, others = METRICS[self.metrics[0]], [METRICS[n] for n in self.metrics[1:]]
        small, townships = view.engine.site.small_base, [t.name for t in view.engine.site.townships]
        headers = [
            "名次",
            DIMENSIONS[self.dimension].label,
            f"{first.label}（{first.unit}）",
            "同比",
            "名次变化",
        ]
        headers += [m.label for m in others] + ["备注"]
        verdicts = judge(result, small)
        rows: list[list[Value]] = []
        for line in result.ranking(first.name, townships):
            key = (line.member,)
            words = change_in_words(first, line.cell, line.base, "year_ago", small, result.base_covered())
            verdict = verdicts[first.name, key].verdict if (first.name, key) in verdicts else ""
            rows.append(
                [
                    f"{'=' if line.tied else ''}{line.rank or NOTHING}",
                    line.member,
                    number(first, line.cell.value),
                    words,
                    _moved(line.rank_change) if result.base_covered() else "",
                    *(number(m, result.value(m.name, key)) for m in others),
                    verdict,
                ]
            )
        return headers, rows


def _moved(places: int | None) -> str:
    if not places:
        return NOTHING
    return f"▲{places}" if places > 0 else f"▼{-places}"


@dataclass(frozen=True)
class Ledger:
    """台账: the records that a metric counts, as a table with its downloads."""

    metric: str
    title: str
    columns: tuple[str, ...]

    def draw(self, view: View) -> None:
        """Draws the records."""
        kept, _ = applicable((self.metric,), view.selection)
        with st.container(border=True):
            st.markdown(f"**{self.title}**")
            ledger(view, self.metric, kept, self.columns, key=f"ledger-{self.metric}")

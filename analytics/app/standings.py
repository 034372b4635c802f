"""What stands out: open and late things, the ranking of townships, a ledger of records."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from analytics.answers import applicable, source
from analytics.app.blocks import Block
from analytics.app.changes import changes_dialog, chosen_row, row_chosen
from analytics.app.desk import View
from analytics.app.downloads import downloads
from analytics.app.grid import grid, number_format
from analytics.app.methods import method_link
from analytics.app.missing import not_imported, said_missing
from analytics.app.records import ledger, records_button
from analytics.catalogue import DIMENSIONS, METRICS
from analytics.insight.below import members_of, placed
from analytics.insight.findings import standing
from analytics.insight.judgement import judged
from analytics.insight.wording import NOTHING, change_in_words, maturing, period_in_words
from analytics.render.table import Value
from analytics.result import Ranked, Result

SHOWN, WHOLE = 30, 38 + 35 * 30
"""Lines of a ranking on the page; its files hold all."""


@dataclass(frozen=True)
class Notable:
    """值得注意: what stands open or late, where most of it is, with the records one click away.

    `first`: what stands above these lines.
    """

    metrics: tuple[str, ...]
    first: Block | None = None

    def draw(self, view: View) -> None:
        """Draws a line a metric that is not 0."""
        with st.container(border=True):
            st.markdown("**值得注意**")
            if self.first:
                self.first.draw(view)
            lines = view.remember(("standing", self.metrics), lambda: self._lines(view))
            if not lines and not all(view.lacking((name,)) for name in self.metrics):
                st.caption(self._nothing(view))
            for name, text in lines:
                kept, _ = applicable((name,), view.selection)
                records_button(view, name, kept, key=view.key(f"notable-{name}"), label=f"{text} ›")
            if words := not_imported(view.lacking(self.metrics)):
                st.caption(words)

    def _nothing(self, view: View) -> str:
        """All clear may be said only where there are data to say it from."""
        covered = [c for n in self.metrics if (c := view.engine.coverage(METRICS[n].imported))]
        period = view.selection.period
        if not any(c.first <= period.end and period.start <= c.last for c in covered):
            return "所选期间没有数据。"
        return "没有超期、临期或未反馈的事项。"

    def _lines(self, view: View) -> list[tuple[str, str]]:
        """Of each metric that is not 0, how it stands."""
        return [(name, text) for name in self.metrics if (text := self._line(view, name))]

    def _line(self, view: View, name: str) -> str:
        kept, _ = applicable((name,), view.selection)
        by = placed(("township",), view.engine.site, view.selection)
        result = view.engine.ask(
            (name,), by, kept.period, dict(kept.members), versions=view.versions, scope=kept.scope
        )
        return standing(result, name)


@dataclass(frozen=True)
class RankingTable:
    """通报: rank, value, change and rank change of every place below, unit or other member."""

    metrics: tuple[str, ...]
    dimension: str = "township"

    def draw(self, view: View) -> None:
        """Draws the table; the first metric ranks."""
        if said_missing(view, self.metrics):
            return
        first = METRICS[self.metrics[0]]
        (dimension,) = placed((self.dimension,), view.engine.site, view.selection)
        kept, _ = applicable(self.metrics, view.selection, without=(dimension,))
        where = dict(kept.members)
        result = view.engine.ask(
            self.metrics, (dimension,), kept.period, where, "year_ago", None, view.versions, kept.scope
        )
        headers, rows = self._lines(view, result)
        with st.container(border=True):
            st.markdown(f"**{first.label}排名** · {period_in_words(result.period)}")
            if dimension in dict(view.selection.members):
                st.caption(f"不受“{DIMENSIONS[dimension].label}”筛选：排名总是全部")
            formats = {headers[2]: number_format(first)}
            formats |= {METRICS[n].label: number_format(METRICS[n]) for n in self.metrics[1:]}
            shown = rows[:SHOWN]
            key = view.key(f"rows-{first.name}")
            grid(
                headers,
                shown,
                formats,
                most=WHOLE,
                key=key,
                on_select=lambda: row_chosen(key),
                selection_mode="single-row",
            )
            st.caption("点一行左侧的方框，看它的变化来自哪里。")
            if (row := chosen_row(key)) is not None:
                member = self._ranked(view, result)[row].member
                changes_dialog(view, self.metrics, kept.keep(dimension, member))
            if len(rows) > SHOWN:
                st.caption(f"只列出前 {SHOWN} 个，另有 {len(rows) - SHOWN} 个在下载的表里")
            notes = {
                "说明": f"{first.label}排名 {period_in_words(result.period)}",
                "来源": source(view.engine, result),
            }
            if words := maturing(result.metrics):
                st.caption(words)
                notes["注意"] = words
            name = f"{first.label}排名_{result.period.start}_{result.period.shown_end}"
            downloads(view, name, lambda: (headers, rows, notes), view.key(f"ranking-{first.name}"))
            method_link("ranking", "“判断”与“正常范围”怎样得出")
            st.caption(source(view.engine, result))

    def _lines(self, view: View, result: Result) -> tuple[list[str], list[list[Value]]]:
        """The numbers themselves: files hold them, the screen formats them."""
        first, others = METRICS[self.metrics[0]], [METRICS[n] for n in self.metrics[1:]]
        small, dimension = view.engine.site.small_base, DIMENSIONS[result.query.by[0]]
        headers = ["名次", dimension.label, f"{first.label}（{first.unit}）", "同比", "名次变化"]
        headers += ["判断", "正常范围", *(m.label for m in others), "备注"]
        verdicts = judged(view.engine, result, (first.name,))
        covered = result.base_covered(metric=first.name)
        rows: list[list[Value]] = []
        for line in self._ranked(view, result):
            key = (line.member,)
            words = change_in_words(first, line.cell, line.base, "year_ago", small, covered)
            judgement = verdicts[first.name, key]
            notes = [judgement.told] if judgement.told else []
            moved = _moved(line.rank_change) if covered and line.base and line.base.value else ""
            values = [line.cell.value, words, moved, judgement.word, judgement.range_in_words(first)]
            values += [result.value(m.name, key) for m in others]
            label = dimension.label_of(line.member)
            rows.append([line.rank or None, label, *values, "，".join(["并列"] * line.tied + notes)])
        return headers, rows

    def _ranked(self, view: View, result: Result) -> list[Ranked]:
        members = members_of(view.engine.site, result.query.selection, result.query.by)
        return result.ranking(self.metrics[0], members)


def _moved(places: int | None) -> str:
    if places is None:
        return NOTHING
    if not places:
        return "持平"
    return f"▲{places}" if places > 0 else f"▼{-places}"


@dataclass(frozen=True)
class Ledger:
    """台账: the records that a metric counts, how many there are, and their downloads."""

    metric: str
    title: str
    columns: tuple[str, ...]

    def draw(self, view: View) -> None:
        """Draws the records."""
        if said_missing(view, (self.metric,)):
            return
        kept, _ = applicable((self.metric,), view.selection)
        with st.container(border=True):
            ledger(view, self.metric, kept, self.columns, view.key(f"ledger-{self.metric}"), self.title)

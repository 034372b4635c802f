"""What stands out: open and late things, the ranking of townships, a ledger of records."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
import streamlit as st

from analytics.app.charts import downloads
from analytics.app.desk import View
from analytics.app.records import ledger, records_button
from analytics.catalogue import DIMENSIONS, METRICS
from analytics.figures import applicable, source
from analytics.insight.findings import standing
from analytics.insight.judgement import judge
from analytics.insight.wording import NOTHING, change_in_words, number, period_in_words
from analytics.render.table import Value
from analytics.result import Result


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

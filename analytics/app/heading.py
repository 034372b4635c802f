"""The head of a page: its title with the period and its neighbours, and the period in a sentence."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

import streamlit as st

from analytics.app.asking import compared
from analytics.app.desk import View
from analytics.app.selection import can_step, step
from analytics.catalogue import METRICS
from analytics.figures import filters_in_words
from analytics.insight.findings import headline, with_changes
from analytics.insight.wording import amount, period_in_words


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
        answers = compared(view, self.facts)
        small = view.engine.site.small_base
        facts = []
        for name in self.facts:
            results = [found[name] for found in answers]
            flows = [] if METRICS[name].stock else results
            words = with_changes(METRICS[name], flows, small) if flows else ""
            facts.append(words or f"{METRICS[name].label}{amount(METRICS[name], results[0].value(name))}")
        return headline(answers[0][self.facts[0]].period, facts)

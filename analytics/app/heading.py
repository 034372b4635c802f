"""The head of a page: its title with the period and its neighbours, and the period in a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import streamlit as st

from analytics.app.asking import compared, coverage_of, judgements
from analytics.app.changes import changes_button
from analytics.app.desk import View
from analytics.app.missing import not_imported
from analytics.app.plain import plain
from analytics.app.selection import clear, go_to, has_data, neighbour
from analytics.catalogue import METRICS
from analytics.citing import filters_in_words
from analytics.insight.below import levels_of, place_below, worded
from analytics.insight.findings import headline, with_changes
from analytics.insight.verdict import verdict_in_title
from analytics.insight.wording import amount, festival_note, period_in_words
from analytics.result import Result


@dataclass(frozen=True)
class Heading:
    """The page's title with the period and its neighbours, and the period in one or two sentences.

    `placed`: the title speaks of townships, and of the places below where others are looked at.
    """

    title: str
    facts: tuple[str, ...] = ()
    placed: bool = False

    def draw(self, view: View) -> None:
        """Draws the way back up, title, 上月 and 下月, and the sentence."""
        _path(view)
        period, coverage = view.selection.period, coverage_of(view, self.facts)
        with st.container(horizontal=True, vertical_alignment="center"):
            st.subheader(f"{period_in_words(period)} {self._title(view)}", anchor=False)
            for label, months in (("◀ 上月", -1), ("下月 ▶", 1)):
                target, key = neighbour(period, months), view.key(f"step{months}")
                off = not has_data(coverage, target)
                st.button(label, on_click=go_to, args=(target,), disabled=off, key=key)
            if flows := [n for n in self.facts if not METRICS[n].stock and not view.lacking((n,))]:
                changes_button(view, flows, view.selection, key=view.key("changes-heading"))
        if words := filters_in_words(view.selection):
            st.caption(plain(f"筛选：{words}"))
        if self.facts:
            sentence, note = view.remember(("headline", self.facts), lambda: self._told(view))
            st.html(f"<p class='headline'>{escape(sentence)}</p>")
            if note:
                st.caption(note)

    def _title(self, view: View) -> str:
        place = place_below(view.engine.site, view.selection)
        return worded(self.title, place) if self.placed else self.title

    def _told(self, view: View) -> tuple[str, str]:
        """The sentence, and what to know of a festival in it; empty where there is none."""
        answers = compared(view, self.facts)
        notes = [festival_note(r.period, r.base_period) for r in (a[self.facts[0]] for a in answers)]
        return self._sentence(view, answers), next((note for note in notes if note), "")

    def _sentence(self, view: View, answers: Sequence[dict[str, Result]]) -> str:
        small = view.engine.site.small_base
        facts = []
        verdicts = judgements(view, answers[0], self.facts)
        for name in self.facts:
            results = [found[name] for found in answers]
            if absent := view.lacking((name,)):
                facts.append(f"{not_imported(absent)}，请到“数据”页导入")
                continue
            early = verdicts[name].rule == "maturing"  # months that had longer to mature are no comparison
            flows = [] if METRICS[name].stock or early else results
            words = with_changes(METRICS[name], flows, small) if flows else ""
            words = words or f"{METRICS[name].label}{amount(METRICS[name], results[0].value(name))}"
            facts.append(words + verdict_in_title(verdicts[name]))
        return headline(answers[0][self.facts[0]].period, list(dict.fromkeys(facts)))


def _path(view: View) -> None:
    """梅州市 › 兴宁市: the places chosen, all above the last a click away; nothing where none is."""
    engine, kept = view.engine, dict(view.selection.members)
    levels = levels_of(engine.site, engine.scope)
    chosen = [name for name in levels if name in kept]
    if len(levels) == 1 or not chosen:
        return
    own = engine.site.places.name_of(engine.scope.area) if engine.scope.area else engine.site.county
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=view.key("path")):
        for name, below in zip((own, *("、".join(kept[n]) for n in chosen[:-1])), chosen, strict=True):
            key, gone = view.key(f"up-{below}"), levels[levels.index(below) :]
            st.button(plain(f"{name} ›"), on_click=clear, args=(gone,), type="tertiary", key=key)
        st.markdown(plain("、".join(kept[chosen[-1]])), width="content")

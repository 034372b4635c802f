"""What the page 重复信访 has of its own: sentences, the rule, the export's mark, the longest matters."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

import pandas as pd
import streamlit as st

from analytics.answers import applicable, source, source_of
from analytics.app.desk import View
from analytics.app.downloads import downloads
from analytics.app.menu import Shown, show
from analytics.app.missing import said_missing
from analytics.app.noting import seen
from analytics.app.plain import plain
from analytics.app.records import record_lines, records_button
from analytics.catalogue import DIMENSIONS
from analytics.citing import filters_in_words
from analytics.contract import LINKS
from analytics.insight import repeats
from analytics.insight.wording import period_in_words
from analytics.model import Selection
from analytics.render import plotly
from analytics.render.table import Value
from analytics.result import Result


def _kept(view: View, metric: str) -> Selection:
    return applicable((metric,), view.selection)[0]


def _asked(view: View, metric: str, *by: str) -> Result:
    kept = _kept(view, metric)
    return view.engine.ask(
        (metric,), by, kept.period, dict(kept.members), versions=view.versions, scope=kept.scope
    )


@dataclass(frozen=True)
class Sentences:
    """What the brief says of repeats, under the page's filters."""

    def draw(self, view: View) -> None:
        """Draws a paragraph each; the petitions are there, or the page would not be."""
        kept = _kept(view, "linked_repeats")
        told = repeats.sentences(view.engine, kept, view.versions)
        st.html("".join(f"<p class='headline'>{escape(text)}</p>" for text in told))


@dataclass(frozen=True)
class Rule:
    """By which rule items are linked, and what it could not link or see."""

    def draw(self, view: View) -> None:
        """Draws the rule in words; the items that could not be linked are one click away."""
        if said_missing(view, ("unlinked",)):
            return
        result = _asked(view, "unlinked", "linked")
        known = view.engine.coverage("petitions", view.versions["petitions"])
        with st.container(border=True, gap="xsmall"):
            st.markdown(plain(repeats.rule_in_words(view.engine.site)))
            words = repeats.unlinked_in_words(result)
            records_button(view, "unlinked", _kept(view, "unlinked"), view.key("unlinked"), f"{words} ›")
            if known and (unseen := repeats.unseen_in_words(known.first, result.period, view.engine.site)):
                st.caption(plain(unseen))


@dataclass(frozen=True)
class Marked:
    """The export's 初件/重件 against the linkage, each number's records one click away."""

    def draw(self, view: View) -> None:
        """Draws the table of four, its rate of agreement, a button for each of the four."""
        if said_missing(view, ("linkage_agreement",)):
            return
        result = _asked(view, "linkage_agreement", "linked", "is_repeat")
        found = repeats.agreement(result)
        linked, told = DIMENSIONS["linked"], DIMENSIONS["is_repeat"]
        headers = ["", *(f"导出标为{told.label_of(mark)}" for mark in repeats.SAYS.values())]
        rows: list[list[Value]] = [
            [f"关联为{linked.label_of(name)}", *(found.counts[name, mark] for mark in repeats.SAYS.values())]
            for name in repeats.SAYS
        ]
        days = period_in_words(result.period)
        with st.container(border=True, gap="xsmall"):
            st.markdown(f"**导出的初重件标记与关联结果** · {days}")
            st.table(pd.DataFrame(rows, columns=headers), hide_index=True)
            st.caption(plain(found.in_words))
            with st.container(horizontal=True):
                for (name, mark), many in found.counts.items():
                    label = f"{linked.label_of(name)}、{told.label_of(mark)} {many:,}件 ›"
                    kept = _narrowed(view, name, mark)
                    key = view.key(f"pair-{name}-{mark}")
                    records_button(view, "linkage_agreement", kept, key, label)
            notes = {"说明": f"{found.in_words}；{days}", "来源": source(view.engine, result)}
            name = f"初重件标记与关联_{result.period.start}_{result.period.shown_end}"
            downloads(view, name, lambda: (headers, rows, notes), view.key("agreement"))
            st.caption(source(view.engine, result))


def _narrowed(view: View, linked: str, mark: str) -> Selection:
    return _kept(view, "linkage_agreement").keep("linked", linked).keep("is_repeat", mark)


@dataclass(frozen=True)
class Timelines:
    """The longest matters that came again in the period, drawn over time, with their items as a file."""

    most: int = 12

    def draw(self, view: View) -> None:
        """Draws them in a frame."""
        if said_missing(view, ("linked_repeats",)) or not view.may("records"):
            return
        result = _asked(view, "linked_repeats")
        kept, period = result.query.selection, result.period
        records = view.engine.chains(kept, view.versions, self.most)
        found = repeats.chains(records, period.last)
        title, days = repeats.longest(found, period), period_in_words(period)
        subtitle = f"一线一个事项，一点一件，短竖为办结 · {days}来过的事项中最长的{len(found.matters)}个"
        origin = source_of(view.engine, result.query.as_of, result.query.versions, kept)
        name = f"重复事项_{period.start}_{period.shown_end}"
        said = plotly.Said(title, subtitle, origin)
        shown = Shown(
            name,
            said,
            (said, kept, *view.versions.items()),
            lambda size: plotly.draw_chains(found, said, size),
            lambda: record_lines(records, [f.name for f in LINKS.fields]),
            filters=filters_in_words(kept),
            right="records",
        )
        seen(view.looker, "查看明细", "重复事项", kept, view.versions, len(records.rows))
        show(view, shown, view.key(f"chains-{hash(view.selection)}"), "哪些事项来得最多，隔多久来一次？")

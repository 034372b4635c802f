"""研判材料 on screen: the month's brief as it will be read, each number a click from query and records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from html import escape

import streamlit as st

from analytics.app import decisions
from analytics.app.blocks import row
from analytics.app.desk import View
from analytics.app.issuing import files, shelf
from analytics.app.plain import plain
from analytics.app.records import ledger
from analytics.briefs.brief import Brief, Chapter, Section, caption
from analytics.briefs.compose import brief
from analytics.catalogue import METRICS
from analytics.citing import Source, Told, marked, plain_text
from analytics.insight.wording import numeral
from analytics.model import Period, Selection


def month_of(selection: Selection) -> Selection:
    """The month in which the selected period ends: what a brief is of."""
    return replace(selection, period=Period.named(f"{selection.period.end:%Y-%m}"))


@dataclass(frozen=True)
class Storyline:
    """The chapters of the month's brief, with their charts and where each number comes from."""

    def draw(self, view: View) -> None:
        """Draws title, files and chapters."""
        view = replace(view, selection=month_of(view.selection))
        found = brief(view.engine, view.selection)
        st.subheader(found.title, anchor=False)
        st.caption(plain(found.origin))
        files(view, found)
        shelf(view, found)
        _corrections(found)
        decisions.said()
        decisions.carried_over(view, found)
        written = view.remember("written", lambda: _written(found))
        for at, (chapter, words) in enumerate(zip(found.chapters, written, strict=True), 1):
            _chapter(view.at(at), found, chapter, words)


def _corrections(found: Brief) -> None:
    """What was published and is another number now; it goes into the files, too."""
    if found.corrections:
        with st.expander(f"已通报的数字现有不同（{len(found.corrections)}条），材料里会说明", icon="⚠️"):
            for told in found.corrections:
                st.markdown(plain(plain_text(told)))


@dataclass(frozen=True)
class _Written:
    """A chapter's words as one element, and the sources of its numbers by the number that each has."""

    html: str
    cited: dict[int, Source]


def _written(found: Brief) -> tuple[_Written, ...]:
    """Every chapter: the same for all who look, and worth keeping, as each number looks for its source."""
    return tuple(
        _Written(_text(found, chapter, f"{numeral(at)}、{chapter.title}"), _cited(found, chapter))
        for at, chapter in enumerate(found.chapters, 1)
    )


def _text(found: Brief, chapter: Chapter, title: str) -> str:
    blank = "<p class='blank'>这一部分由撰写人填写，以上是有关的事实。</p>" if chapter.blank else ""
    told = "".join(_paragraphs(section, found.sources) for section in chapter.sections)
    return f"<p class='chapter'>{escape(title)}</p>{told}{blank}"


def _paragraphs(section: Section, sources: tuple[Source, ...]) -> str:
    lines = [_html(told, sources) for told in section.paragraphs]
    if lines and section.title:
        lines[0] = f"<b>{escape(section.title)}</b>　{lines[0]}"
    return "".join(f"<p class='told'>{line}</p>" for line in lines)


def _html(told: Told, sources: tuple[Source, ...]) -> str:
    return "".join(
        escape(text) + (f"<sup>[{number}]</sup>" if number else "") for text, number in marked(told, sources)
    )


def _cited(found: Brief, chapter: Chapter) -> dict[int, Source]:
    told = [*chapter.told(), *map(caption, chapter.figures)]
    cited = dict.fromkeys(piece.source for words in told for piece in words if piece.source)
    return {found.sources.index(source) + 1: source for source in cited}


def _chapter(view: View, found: Brief, chapter: Chapter, written: _Written) -> None:
    with st.container(border=True):
        st.html(written.html)
        _sources(view, written.cited)
        decisions.Decided(chapter.name).draw(view, found)
    if chapter.figures:
        row(*(figure.figure for figure in chapter.figures)).draw(view)


def _sources(view: View, cited: dict[int, Source]) -> None:
    """The sources of a chapter's numbers; the one that is chosen with its query and records."""
    if not cited:
        return
    chosen = st.pills(
        "数字出处（点编号看查询、筛选、数据版本和记录）",
        sorted(cited),
        format_func=lambda number: f"[{number}]",
        key=view.key("sources"),
    )
    if chosen:
        _source(view, cited[chosen])


def _source(view: View, source: Source) -> None:
    st.caption(plain(source.words))
    st.code(source.command, language=None, wrap_lines=True)
    if source.query is None:
        return
    name = _one_of(view, source.query.metrics)
    st.caption(plain(f"{METRICS[name].label}：{METRICS[name].note}。依据：{METRICS[name].basis}"))
    ledger(view, name, source.query.selection, (), key=view.key(f"ledger-{name}"))


def _one_of(view: View, names: Sequence[str]) -> str:
    """The metric whose records are shown."""
    if len(names) == 1:
        return names[0]
    chosen = st.selectbox(
        "看哪个数字的记录",
        list(names),
        format_func=lambda name: METRICS[name].label,
        key=view.key(f"metric-{hash(tuple(names))}"),
    )
    return chosen or names[0]

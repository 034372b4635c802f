"""The screens of a meeting: the brief's agenda, a figure or a stretch of text each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from analytics.answers import Answer
from analytics.app.meeting.layout import Told, pages
from analytics.briefs.brief import Brief, Chapter, KeyNumber
from analytics.citing import plain_text
from analytics.insight.wording import numeral

OPENING = "opening"


@dataclass(frozen=True)
class Screen:
    """One screen. `name` stands in the address, `label` in the list of screens.

    `chapter`: the item of the agenda that it belongs to; empty for what is said around the agenda. `told`:
    its text; under a figure what there is room for.
    """

    name: str
    label: str
    eyebrow: str
    title: str
    chapter: str = ""
    numbers: tuple[KeyNumber, ...] = ()
    figure: Answer | None = None
    told: tuple[Told, ...] = ()


def screens(found: Brief) -> tuple[Screen, ...]:
    """The opening, then of each chapter a screen a figure, then what became of what was said before."""
    made = [Screen(OPENING, "首屏", "", found.title)]
    for at, chapter in enumerate(found.chapters, 1):
        made += _chapter(chapter, f"{numeral(at)}、{chapter.title}")
    made += _around("corrections", "与已通报数字的出入", map(plain_text, found.corrections))
    made += _around("decisions", "以往会议交办事项办理情况", map(plain_text, found.decisions))
    return tuple(made)


def _chapter(chapter: Chapter, title: str) -> Iterator[Screen]:
    finding = plain_text(chapter.finding).removesuffix("。")
    first = Screen(chapter.name, title, title, finding, chapter.name, chapter.numbers)
    told = [Told(s.title, plain_text(words)) for s in chapter.sections for words in s.paragraphs]
    if not chapter.figures:
        yield from _paged(first, told)
        return
    more = (*told[1:], *told[:1])  # the first says what the title and the key numbers say
    yield replace(first, figure=chapter.figures[0], told=more)
    for figure in chapter.figures[1:]:
        name = f"{chapter.name}.{figure.figure.name}"
        label = figure.figure.question
        yield Screen(name, label, title, figure.title, chapter.name, figure=figure, told=more)


def _around(name: str, title: str, told: Iterable[str]) -> Iterator[Screen]:
    paragraphs = [Told("", text) for text in told]
    if paragraphs:
        yield from _paged(Screen(name, title, title, title), paragraphs)


def _paged(first: Screen, told: Sequence[Told]) -> Iterator[Screen]:
    """The screen with as much of the text as it has room for, and the rest on further ones."""
    for at, shown in enumerate(pages(told, first.title, bool(first.numbers))):
        here = replace(first, name=f"{first.name}.{at + 1}", label=f"{first.label}（续）") if at else first
        yield replace(here, told=shown)

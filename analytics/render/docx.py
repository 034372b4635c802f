"""月度研判材料 and 会议纪要 in Word: the brief's words with the numbers of their sources, charts to edit."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date

from wcwidth import wcswidth

from analytics.answers import Answer
from analytics.briefs.brief import Brief, Chapter, Section, caption
from analytics.briefs.minutes import Decided, Minutes
from analytics.citing import Source, Told, filters_in_words, marked, plain_text
from analytics.insight.wording import day_in_words, numeral, period_in_words
from analytics.render.native import Grid, Native, in_words, native
from analytics.render.paper import (
    BENEATH,
    CAPTION,
    COMMAND,
    HEAD,
    ITEM,
    NOTE,
    ORIGIN,
    SIGNED,
    SIZE,
    SUBHEAD,
    TEXT,
    TITLE,
    WIDTH,
    Paper,
    Run,
    blank_line,
    fitting,
    paragraph,
    table,
    width,
)

_CLAUSE = re.compile("[^，；。]+")
_SUBJECT = "信访形势"
TO_WRITE = "〔由撰写人填写〕"
AUTHORS = ("研判意见", "工作建议")
"""What the author writes, under the facts that bear on it."""
CORRECTIONS, DECISIONS, ORIGINS = "数据更正说明", "以往会议交办事项办理情况", "数据出处"
MADE_UP = "演示数据"


def docx_bytes(brief: Brief, day: date | None = None) -> bytes:
    """The brief as a document, signed on a day: the last with data where none is given.

    The same brief and day give the same bytes.
    """
    paper = Paper(brief.title, brief.origin, brief.as_of)
    paper.add(*_head(brief.title, _standing(brief)))
    figures = Numbered()
    for at, chapter in enumerate(brief.chapters, 1):
        _chapter(paper, brief.sources, f"{numeral(at)}、{chapter.title}", chapter, figures)
    paper.add(*_signature(brief.bureau, day_in_words(day or brief.as_of)))
    _annexes(paper, brief)
    return paper.package()


def _head(title: str, beneath: str) -> Iterator[str]:
    yield from (paragraph(TITLE, line) for line in _title(title))
    yield paragraph(BENEATH, beneath)
    yield blank_line()


def _title(title: str) -> tuple[str, ...]:
    """One line, or two where it is long: the period stands alone."""
    at = title.find(_SUBJECT)
    return (title,) if width(title, TITLE.size) <= WIDTH or at < 1 else (title[:at], title[at:])


def _standing(brief: Brief) -> str:
    """（兴宁市信访局　数据截至2021年11月30日　演示数据）."""
    words = filters_in_words(brief.selection)
    parts = [brief.bureau, f"数据截至{day_in_words(brief.as_of)}", *([f"筛选：{words}"] if words else [])]
    parts += [*([MADE_UP] if brief.demo else []), *(["草稿"] if brief.draft else [])]
    return f"（{'　'.join(parts)}）"


# --- chapters -------------------------------------------------------------------------------------------


class Numbered:
    """Counts figures and tables of a document, each for itself."""

    def __init__(self) -> None:
        self._last = {"图": 0, "表": 0}

    def next(self, kind: str) -> str:
        """图1, 图2, 表1."""
        self._last[kind] += 1
        return f"{kind}{self._last[kind]}"


def _chapter(
    paper: Paper, sources: tuple[Source, ...], head: str, chapter: Chapter, figures: Numbered
) -> None:
    paper.add(paragraph(HEAD, head))
    if not _opens(chapter):
        paper.add(paragraph(TEXT, *cited(chapter.finding, sources)))
    titles = Headings()
    for section in chapter.sections:
        paper.add(*_section(section, sources, titles))
    for figure in chapter.figures:
        _figure(paper, figure, sources, figures)
    for title in AUTHORS if chapter.blank else ():
        paper.add(paragraph(SUBHEAD, titles.next(title)), paragraph(TEXT, TO_WRITE, keep=True))


def _opens(chapter: Chapter) -> bool:
    """Whether its paragraphs say all of its finding, which then needs none of its own."""
    said = "".join(plain_text(told) for section in chapter.sections for told in section.paragraphs)
    return all(clause in said for clause in _CLAUSE.findall(plain_text(chapter.finding)))


class Headings:
    """Numbers the headings of the second level."""

    def __init__(self) -> None:
        self._last = 0

    def next(self, title: str) -> str:
        """（一）总量."""
        self._last += 1
        return f"（{numeral(self._last)}）{title}"


def _section(section: Section, sources: tuple[Source, ...], titles: Headings) -> Iterator[str]:
    """Its heading and paragraphs; several without a heading are numbered."""
    if section.title:
        yield paragraph(SUBHEAD, titles.next(section.title))
    if section.title or len(section.paragraphs) == 1:
        yield from (paragraph(TEXT, *cited(told, sources)) for told in section.paragraphs)
    else:
        yield from _items(section.paragraphs, sources)


def _items(told: Iterable[Told], sources: tuple[Source, ...] = ()) -> Iterator[str]:
    """1. 2. 3., a paragraph each."""
    for at, words in enumerate(told, 1):
        yield paragraph(ITEM, Run(f"{at}.", bold=True), *cited(words, sources))


def cited(told: Told, sources: tuple[Source, ...]) -> Iterator[Run]:
    """The words, with the number of the source raised where its numbers end."""
    for text, number in marked(told, sources):
        yield Run(text)
        if number:
            yield Run(f"[{number}]", raised=True)


# --- figures --------------------------------------------------------------------------------------------

LINE, LONGEST = 165, 520
"""Points: the height of a chart of lines, and the most that any chart may take."""
ROW, LEGEND, EDGE = 13.5, 16, 12
"""Points of a chart that a row takes, a legend, and the edges."""
NAME_COLUMNS = 28
"""Columns of a row's name that stand in one line."""


def _figure(paper: Paper, figure: Answer, sources: tuple[Source, ...], numbers: Numbered) -> None:
    """A chart above its caption or a table beneath it; nothing where there is nothing to draw."""
    drawn = native(figure)
    if isinstance(drawn, Native):
        said = _caption(numbers.next("图"), figure, sources)
        paper.add_chart(drawn, figure.figure.question, "".join(in_words(figure)), _height(drawn))
        paper.add(said, *_beneath(figure), blank_line(NOTE))
    elif isinstance(drawn, Grid):
        left_out = len(drawn.headers) - len(fitting(drawn)[1])
        paper.add(_caption(numbers.next("表"), figure, sources), table(drawn))
        paper.add(*_beneath(figure, f" · 较早的{left_out}列未列出" if left_out else ""), blank_line(NOTE))


def _caption(number: str, figure: Answer, sources: tuple[Source, ...]) -> str:
    return paragraph(CAPTION, f"{number}　", *cited(caption(figure), sources))


def _beneath(figure: Answer, more: str = "") -> Iterator[str]:
    yield paragraph(NOTE, figure.measure + more, keep=True)
    yield paragraph(NOTE, figure.source)


def _height(drawn: Native) -> float:
    """Points: rows of bars as high as their names ask."""
    if drawn.kind == "line":
        return LINE
    longest = max(map(wcswidth, drawn.categories))
    row = ROW * max(1, -(-longest // NAME_COLUMNS))
    return min(LONGEST, EDGE + LEGEND * (len(drawn.series) > 1) + row * len(drawn.categories))


# --- signature and annexes ------------------------------------------------------------------------------


def _signature(bureau: str, said: str) -> Iterator[str]:
    """Two lines free, then the bureau above the middle of the date, which stands four characters in."""
    over = (width(bureau) - width(said)) / 2
    date_in = max(4 * SIZE, 2 * SIZE + over)
    yield from (blank_line(keep=True), blank_line(keep=True))
    yield paragraph(SIGNED, bureau, keep=True, inset=date_in - over)
    yield paragraph(SIGNED, said, inset=date_in)


def _annexes(paper: Paper, brief: Brief) -> None:
    """What was corrected, what became of earlier decisions, where the numbers come from."""
    fresh = True
    for title, told in ((CORRECTIONS, brief.corrections), (DECISIONS, brief.decisions)):
        if told:
            paper.add(paragraph(HEAD, title, new_page=fresh), *_items(told, brief.sources))
            fresh = False
    if brief.sources:
        paper.add(paragraph(HEAD, ORIGINS, new_page=fresh))
        for at, source in enumerate(brief.sources, 1):
            paper.add(paragraph(ORIGIN, f"[{at}] {source.words}"), paragraph(COMMAND, source.command))


# --- minutes --------------------------------------------------------------------------------------------

TO_FILL = ("时间", "地点", "主持", "参会", "记录")
NO_DAY, NO_DATE = "未定", "　　　　年　　月　　日"


def minutes_bytes(minutes: Minutes, day: date | None = None) -> bytes:
    """会议纪要 as a draft: what the clerk fills in, then each item's finding and what was decided of it."""
    brief = minutes.brief
    paper = Paper(minutes.title, brief.origin, brief.as_of)
    paper.add(*_head(minutes.title, _standing(brief)))
    for label, words in (
        ("单位", brief.bureau),
        ("期间", period_in_words(brief.selection.period)),
        *((label, "〔待填写〕") for label in TO_FILL),
    ):
        paper.add(paragraph(TEXT, Run(f"{label}：", face=HEAD.face), words))
    at = 0
    for at, chapter in enumerate(brief.chapters, 1):
        paper.add(paragraph(HEAD, f"{numeral(at)}、{chapter.title}"))
        paper.add(paragraph(TEXT, plain_text(chapter.finding)), *_decided(minutes.of(chapter.name)))
    if minutes.elsewhere:
        paper.add(paragraph(HEAD, f"{numeral(at + 1)}、其他事项"), *_decided(minutes.elsewhere))
    paper.add(paragraph(TEXT, f"以上数字见《{brief.title}》及其数据出处。"))
    paper.add(*_signature(brief.bureau, day_in_words(day) if day else NO_DATE))
    return paper.package()


def _decided(found: Iterable[Decided]) -> Iterator[str]:
    """会议议定, then 1. 事项；责任单位：…；完成时限：…."""
    told = [_in_a_sentence(one) for one in found]
    if told:
        yield paragraph(TEXT, "会议议定：", keep=True)
    for at, words in enumerate(told, 1):
        yield paragraph(ITEM, Run(f"{at}.", bold=True), words)


def _in_a_sentence(one: Decided) -> str:
    due = day_in_words(one.due) if one.due else NO_DAY
    parts = (one.what.rstrip("。；"), f"责任单位：{one.who or NO_DAY}", f"完成时限：{due}")
    return f"{'；'.join(parts)}。"

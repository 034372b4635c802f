"""The brief as slides: one finding a slide, charts that can be edited, notes with definitions and queries."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time
from pathlib import Path
from typing import Any

from analytics.answers import Answer
from analytics.briefs.brief import Brief, Chapter, KeyNumber, caption
from analytics.catalogue import METRICS
from analytics.citing import Told, filters_in_words, marked_text, plain_text
from analytics.insight.wording import day_in_words, numeral, period_in_words
from analytics.render.archive import stilled
from analytics.render.deck import Deck, opened
from analytics.render.marks.look import ACCENT, FALL, LATE, MUTED, RISE
from analytics.render.native import Grid, Native, in_words, native
from analytics.render.office import chart_data, chart_type, styled
from analytics.render.readable import readable
from analytics.render.slide import (
    PADDING,
    Box,
    Paragraph,
    Run,
    add_card,
    add_grid,
    add_text,
    fitting,
    height,
    paragraph,
    set_text,
)

TITLE_SIZES = (28, 26, 24, 22, 20, 18, 16, 14)
COVER_SIZES = (40, 36, 32, 28, 24, 20)
LIST_SIZES, PAGED = (20, 18, 16, 14), 16
POINT_SIZES = (16, 14)
FOOT_SIZES = (10, 9, 8, 7)
"""Smaller than 10 only for filters that name very many."""
SMALLEST = 14
"""Points of text on a slide."""
LONGEST_PROPERTY = 255
POINTS = 4
"""So many points at most stand beside a chart."""


def pptx_bytes(brief: Brief, template: Path | None = None) -> bytes:
    """The slides of a brief; the same brief and template give the same bytes.

    Raises Refusal where the bureau's template cannot be used.
    """
    deck = opened(template)
    _cover(deck, brief)
    for at, chapter in enumerate(brief.chapters, 1):
        _chapter(deck, brief, f"{numeral(at)}、{chapter.title}", chapter)
    _told(deck, brief, "数据更正", "已通报的数字，现有变化", brief.corrections)
    _told(deck, brief, "交办事项", "以往会议交办事项办理情况", brief.decisions)
    return _saved(deck.presentation, brief)


def _saved(presentation: Any, brief: Brief) -> bytes:
    core, day = presentation.core_properties, datetime.combine(brief.as_of, time())
    core.title, core.author, core.subject = map(_property, (brief.title, brief.bureau, brief.origin))
    core.created = core.modified = day
    core.last_modified_by, core.revision, core.language = _property(brief.bureau), 1, "zh-CN"
    target = io.BytesIO()
    presentation.save(target)
    return stilled(target.getvalue(), brief.as_of)


def _property(text: str) -> str:
    """As a file's properties take it."""
    return readable(text)[:LONGEST_PROPERTY]


# --- slides ---------------------------------------------------------------------------------------------


def _cover(deck: Deck, brief: Brief) -> None:
    slide = deck.presentation.slides.add_slide(deck.cover)
    title, subtitle = slide.shapes.title, slide.placeholders[1]
    size = fitting(brief.title, Box.inside(title), COVER_SIZES)
    set_text(title.text_frame, [paragraph(brief.title, size, bold=True)], deck.face)
    told = [brief.bureau, period_in_words(brief.selection.period), f"数据截至{day_in_words(brief.as_of)}"]
    told += [f"筛选：{words}"] if (words := filters_in_words(brief.selection)) else []
    told += ["演示数据"] if brief.demo else []
    lines = [paragraph(words, 20, colour=MUTED) for words in told]
    box = Box.inside(subtitle)
    lines = (
        lines if height(lines, box.width) <= box.height else [replace(each, size=SMALLEST) for each in lines]
    )
    set_text(subtitle.text_frame, lines, deck.face)
    _foot(deck, slide, brief.origin)
    _note(slide, [("出处", [brief.origin])], deck.face)


def _chapter(deck: Deck, brief: Brief, name: str, chapter: Chapter) -> None:
    """Its finding with numbers, first figure and points; then a slide for each further figure."""
    first, *further = chapter.figures or (None,)
    points = _points(chapter)
    if first is None:
        _listed(deck, brief, name, chapter, points)
    else:
        _shown(deck, brief, name, chapter, first, points)
    for figure in further:
        assert figure is not None
        slide = _titled(deck, name, figure.finding, figure.source)
        _figure(slide, deck, figure, deck.canvas)
        _note(slide, _notes(brief, [caption(figure)], [figure]), deck.face)


def _shown(
    deck: Deck, brief: Brief, name: str, chapter: Chapter, figure: Answer, points: Sequence[Point]
) -> None:
    slide = _titled(deck, name, plain_text(chapter.finding), brief.origin)
    room = _numbers(slide, deck, chapter.numbers, deck.canvas)
    if points:
        room, aside = room.columns(62, 38, gap=20)
        size, said = _beside(points, aside)
        add_text(slide, aside, _bulleted(said, size), deck.face)
    _figure(slide, deck, figure, room)
    _note(slide, _notes(brief, chapter.told(), chapter.figures[:1], chapter.numbers), deck.face)


def _listed(deck: Deck, brief: Brief, name: str, chapter: Chapter, points: Sequence[Point]) -> None:
    """A chapter without a figure: its facts, over several slides where they must; room for the author."""
    finding = plain_text(chapter.finding)
    room = deck.canvas.below(_numbers_height(chapter.numbers, deck.canvas))
    room = room.columns(62, 38, gap=20)[0] if chapter.blank else room
    said = [Said(point.lead, point.whole) for point in points]
    for at, (size, page) in enumerate(_pages(said, room)):
        slide = _titled(deck, name, finding if at == 0 else f"{finding.rstrip('。')}（续）", brief.origin)
        if at == 0:
            _numbers(slide, deck, chapter.numbers, deck.canvas)
        if page:
            add_text(slide, room, _bulleted(page, size), deck.face)
        if chapter.blank:
            _for_the_author(slide, deck, deck.canvas.columns(62, 38, gap=20)[1])
        _note(slide, _notes(brief, chapter.told(), (), chapter.numbers), deck.face)


def _told(deck: Deck, brief: Brief, name: str, title: str, told: Sequence[Told]) -> None:
    """Sentences that belong to no chapter, on as many slides as they take; none where there are none."""
    said = [Said("", plain_text(words)) for words in told]
    for at, (size, page) in enumerate(_pages(said, deck.canvas) if said else ()):
        slide = _titled(deck, name, title if at == 0 else f"{title}（续）", brief.origin)
        add_text(slide, deck.canvas, _bulleted(page, size), deck.face)
        _note(slide, _notes(brief, told, ()), deck.face)


def _for_the_author(slide: Any, deck: Deck, box: Box) -> None:
    half = (box.height - 14) / 2
    for at, words in enumerate(("研判意见", "工作建议")):
        place = replace(box, top=box.top + at * (half + 14), height=half)
        runs = (Run(words, None, True, ACCENT), Run("（由撰写人填写）", None, False, MUTED))
        add_card(slide, place, [Paragraph(runs, 16)], deck.face, dashed=True)


# --- their parts ----------------------------------------------------------------------------------------


def _titled(deck: Deck, name: str, finding: str, source: str) -> Any:
    """A slide with its agenda item, the finding as its title, and its foot."""
    slide = deck.presentation.slides.add_slide(deck.content)
    words = finding.rstrip("。")
    box = Box.inside(slide.shapes.title)
    size = fitting(words, box, TITLE_SIZES)
    set_text(slide.shapes.title.text_frame, [paragraph(words, size, bold=True)], deck.face)
    eyebrow = [paragraph(name, 16, bold=True, colour=ACCENT)]
    for placeholder in list(slide.placeholders):
        index = placeholder.placeholder_format.idx
        if index == deck.eyebrow:
            set_text(placeholder.text_frame, eyebrow, deck.face)
        elif index:
            placeholder._element.getparent().remove(placeholder._element)
    _foot(deck, slide, source if deck.eyebrow is not None else f"{name}　{source}")
    return slide


def _foot(deck: Deck, slide: Any, source: str) -> None:
    """Source and slide number."""
    said, number = deck.foot.columns(94, 6, gap=6)
    size = fitting(source, said, FOOT_SIZES)
    add_text(slide, said, [paragraph(source, size, colour=MUTED)], deck.face, middle=True)
    at = Run(f"{len(deck.presentation.slides)}", None, False, MUTED, numbers=True)
    add_text(slide, number, [Paragraph((at,), 12, right=True)], deck.face, middle=True).name = "页码"


_UP_OR_DOWN = {"上升": ("▲", RISE), "下降": ("▼", FALL)}


def _numbers_height(numbers: Sequence[KeyNumber], canvas: Box) -> float:
    if not numbers:
        return 0
    cards = _cards(numbers, canvas)
    width = cards[0].width - 2 * PADDING
    return max(height(_key_number(n), width) for n in numbers) + 2 * PADDING + 12


def _cards(numbers: Sequence[KeyNumber], canvas: Box) -> list[Box]:
    return canvas.columns(*[1.0] * max(len(numbers), 3))


def _numbers(slide: Any, deck: Deck, numbers: Sequence[KeyNumber], canvas: Box) -> Box:
    """Key numbers in a row; what is left below them."""
    tall = _numbers_height(numbers, canvas)
    for box, number in zip(_cards(numbers, canvas), numbers, strict=False):
        add_card(slide, box.upper(tall - 12), _key_number(number), deck.face)
    return canvas.below(tall)


def _key_number(number: KeyNumber) -> list[Paragraph]:
    late = number.label.startswith(("超期", "逾期")) and number.number not in ("0", "—")
    colour = LATE if late else ACCENT
    large = (Run(number.number, 30, True, colour), Run(number.unit, 16, False, MUTED))
    found = [paragraph(number.label, SMALLEST, colour=MUTED), Paragraph(large, 16)]
    found += [Paragraph(tuple(_change(piece.text)), SMALLEST) for piece in number.changes if piece.text]
    found += [paragraph(number.verdict, SMALLEST, colour=MUTED)] if number.verdict else []
    return found


def _change(words: str) -> Iterator[Run]:
    """The words, with an arrow where they say up or down."""
    for word, (arrow, colour) in _UP_OR_DOWN.items():
        if word in words:
            yield Run(f"{arrow} ", None, False, colour)
    yield Run(words)


def _figure(slide: Any, deck: Deck, figure: Answer, box: Box) -> None:
    """What it measures, then the chart or the table."""
    measure = [paragraph(figure.measure, SMALLEST, colour=MUTED)]
    tall = height(measure, box.width)
    add_text(slide, box.upper(tall), measure, deck.face)
    drawn, place = native(figure), box.below(tall + 4)
    if isinstance(drawn, Native):
        shape = slide.shapes.add_chart(chart_type(drawn), *place.sides, chart_data(drawn))
        styled(shape.chart, drawn, deck.face, _chart_size(drawn, place))
    elif isinstance(drawn, Grid):
        shape = add_grid(slide, place, drawn, deck.face)
    else:
        return
    shape.name = figure.figure.question
    shape._element.nvGraphicFramePr.cNvPr.set("descr", readable("".join(in_words(figure))))


def _chart_size(drawn: Native, box: Box) -> float:
    """Points of a chart's text: smaller where many rows share its height."""
    if drawn.kind == "line":
        return SMALLEST
    return max(8, min(SMALLEST, (box.height - 20) / len(drawn.categories) * 0.68))


# --- points ---------------------------------------------------------------------------------------------

_SENTENCE, _CLAUSE = re.compile(r"[^。]+。?"), re.compile(r"[^；。]+[；。]?")
_NUMBER, _DATE = re.compile(r"\d[\d,.]*"), re.compile(r"\d+年(\d+—)?\d+月(\d+日)?")


@dataclass(frozen=True)
class Point:
    """What a section says that the slide does not say elsewhere: its heading and its clauses."""

    lead: str
    clauses: tuple[str, ...]

    @property
    def whole(self) -> str:
        """All of it."""
        return self.first(len(self.clauses))

    def first(self, clauses: int) -> str:
        """Its first clauses as a sentence of their own."""
        return re.sub("；$", "。", "".join(self.clauses[:clauses]))


@dataclass(frozen=True)
class Said:
    """A point as it stands on a slide."""

    lead: str
    text: str


def _points(chapter: Chapter) -> list[Point]:
    """What its sections say beyond the finding and the key numbers, a point a paragraph."""
    finding = plain_text(chapter.finding)
    large = (f"{n.number} {' '.join(piece.text for piece in n.changes)}" for n in chapter.numbers)
    shown = set(_NUMBER.findall(" ".join([finding, *large]))) if chapter.numbers else set()
    points = []
    for section in chapter.sections:
        lead = section.title
        for told in section.paragraphs:
            sentences = [s for s in _SENTENCE.findall(plain_text(told)) if s != finding]
            if new := [c for s in sentences for c in _CLAUSE.findall(s) if _is_new(c, shown)]:
                points.append(Point(lead, tuple(new)))
                lead = ""
    return points


def _is_new(clause: str, shown: set[str]) -> bool:
    """Whether it says more than the slide's numbers do, or leads into what follows it."""
    numbers = set(_NUMBER.findall(_DATE.sub("", clause)))
    return "：" in clause or not numbers or not numbers <= shown


def _bulleted(said: Iterable[Said], size: float) -> list[Paragraph]:
    return [
        Paragraph(
            (*((Run(f"{each.lead}　", None, True, ACCENT),) if each.lead else ()), Run(each.text)),
            size,
            point=True,
            after=round(size * 0.45),
        )
        for each in said
    ]


def _fits(said: Iterable[Said], size: float, box: Box) -> bool:
    return height(_bulleted(said, size), box.width) <= box.height


def _beside(points: Sequence[Point], box: Box) -> tuple[float, list[Said]]:
    """The points that stand beside a chart: whole where there is room, else as many clauses as fit."""
    whole = [Said(point.lead, point.whole) for point in points[:POINTS]]
    for size in POINT_SIZES:
        if _fits(whole, size, box):
            return size, whole
    kept: list[int] = []
    for _ in points[:POINTS]:
        if _fits(_begun(points, [*kept, 1]), SMALLEST, box):
            kept.append(1)
    for at in range(len(kept)):
        while kept[at] < len(points[at].clauses):
            more = [*kept[:at], kept[at] + 1, *kept[at + 1 :]]
            if not _fits(_begun(points, more), SMALLEST, box):
                break
            kept = more
    return SMALLEST, _begun(points, kept)


def _begun(points: Sequence[Point], clauses: Sequence[int]) -> list[Said]:
    return [Said(p.lead, p.first(n)) for p, n in zip(points, clauses, strict=False)]


def _pages(said: Sequence[Said], box: Box) -> Iterator[tuple[float, list[Said]]]:
    """The points by slide: one at the largest size at which all fit, else several at the smallest."""
    for size in LIST_SIZES:
        if _fits(said, size, box):
            yield size, list(said)
            return
    page: list[Said] = []
    for each in said:
        if page and not _fits([*page, each], PAGED, box):
            yield PAGED, page
            page = []
        page.append(each)
    yield PAGED, page


# --- notes ----------------------------------------------------------------------------------------------

Noted = tuple[str, list[str]]


def _notes(
    brief: Brief, told: Iterable[Told], figures: Sequence[Answer], numbers: Sequence[KeyNumber] = ()
) -> list[Noted]:
    """Sentences with the numbers of their sources; what the metrics mean; the queries."""
    said = [*told, *(words for f in figures if (words := caption(f)))]
    cited = [p.source for words in said for p in words if p.source]
    cited += [p.source for n in numbers for p in n.changes if p.source]
    sources = sorted(dict.fromkeys(cited), key=brief.sources.index)
    names = dict.fromkeys(name for s in sources if s.query for name in s.query.metrics)
    return [
        ("正文", list(dict.fromkeys(marked_text(words, brief.sources) for words in said))),
        ("口径", [defined(name) for name in names]),
        ("出处", [f"[{brief.sources.index(s) + 1}] {s.words}\n{s.command}" for s in sources]),
    ]


def defined(name: str) -> str:
    """What a metric means and what it rests on."""
    metric = METRICS[name]
    basis = f"依据：{metric.basis}" if metric.basis else ""
    return "。".join(part.rstrip("。") for part in (f"{metric.label}：{metric.note}", basis) if part) + "。"


def _note(slide: Any, parts: Iterable[Noted], face: str) -> None:
    paragraphs = []
    for title, lines in parts:
        if lines:
            paragraphs.append(paragraph(f"【{title}】", 12, bold=True))
            paragraphs += [paragraph(text, 12) for line in lines for text in line.split("\n")]
    set_text(slide.notes_slide.notes_text_frame, paragraphs, face)

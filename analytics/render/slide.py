"""What stands on a slide: boxes, text that is measured before it is set, fonts on every run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import ceil
from typing import Any

from pptx.dml.color import RGBColor
from pptx.enum.dml import MSO_LINE
from pptx.enum.shapes import MSO_SHAPE
from pptx.enum.text import MSO_ANCHOR, MSO_AUTO_SIZE
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls, qn
from pptx.util import Pt
from wcwidth import wcswidth

from analytics.render.marks.look import INK, MUTED, PALE, wrapped
from analytics.render.native import Grid
from analytics.render.readable import attribute, content

POINT = 12700
"""A point in the unit of the format."""
PITCH = 1.35
"""Height of a line, in its size: set exactly, so that every program and font breaks a page alike."""
COLUMN = 0.57
"""Width of a column (half a Chinese character) in its size, with a little to spare."""
BULLET = 16
"""Points by which a point's text stands in from its sign."""


_SPACE = nsdecls("a")
_SLIDE_NUMBER = 'id="{5A1F0C3E-7B1D-4E0A-9C55-0D2B6A3F8E21}" type="slidenum"'


@dataclass(frozen=True)
class Box:
    """A rectangle on the slide, in points."""

    left: float
    top: float
    width: float
    height: float

    @classmethod
    def of(cls, shape: Any) -> Box:
        """Where a shape or placeholder stands."""
        return cls(*(side / POINT for side in (shape.left, shape.top, shape.width, shape.height)))

    @classmethod
    def inside(cls, shape: Any) -> Box:
        """Where its text stands."""
        box, frame = cls.of(shape), shape.text_frame
        left, right = frame.margin_left / POINT, frame.margin_right / POINT
        top, bottom = frame.margin_top / POINT, frame.margin_bottom / POINT
        return cls(box.left + left, box.top + top, box.width - left - right, box.height - top - bottom)

    @property
    def bottom(self) -> float:
        """Its lower edge."""
        return self.top + self.height

    def upper(self, height: float) -> Box:
        """Its upper part."""
        return replace(self, height=height)

    def below(self, height: float) -> Box:
        """What is left under its upper part."""
        return replace(self, top=self.top + height, height=self.height - height)

    def columns(self, *shares: float, gap: float = 14) -> list[Box]:
        """Side by side, wide by their shares."""
        room, left, boxes = self.width - gap * (len(shares) - 1), self.left, []
        for share in shares:
            width = room * share / sum(shares)
            boxes.append(replace(self, left=left, width=width))
            left += width + gap
        return boxes

    @property
    def sides(self) -> tuple[int, int, int, int]:
        """In the unit of the format."""
        return tuple(round(side * POINT) for side in (self.left, self.top, self.width, self.height))  # type: ignore[return-value]


@dataclass(frozen=True)
class Run:
    """A stretch of text in one look; `size` None: that of its paragraph.

    `numbers`: the slide's number, which follows when slides are moved.
    """

    text: str
    size: float | None = None
    bold: bool = False
    colour: str = INK
    numbers: bool = False


@dataclass(frozen=True)
class Paragraph:
    """Runs; a point has a sign before it; `after`: what stands free below it, in points."""

    runs: tuple[Run, ...]
    size: float
    point: bool = False
    after: float = 0
    right: bool = False

    @property
    def text(self) -> str:
        """The words."""
        return "".join(run.text for run in self.runs)

    @property
    def tallest(self) -> float:
        """The size of its largest run."""
        return max([self.size, *(run.size or 0 for run in self.runs)])

    def height(self, width: float) -> float:
        """Points that it takes in a box so wide."""
        room = width - (BULLET if self.point else 0)
        return lines(self.text, self.tallest, room) * ceil(self.tallest * PITCH) + self.after


def paragraph(text: str, size: float, bold: bool = False, colour: str = INK, after: float = 0) -> Paragraph:
    """Text in one look."""
    return Paragraph((Run(text, None, bold, colour),), size, after=after)


def lines(text: str, size: float, width: float) -> int:
    """How many lines a text takes."""
    return len(wrapped(text, max(2, int(width / (size * COLUMN)))))


def height(paragraphs: Iterable[Paragraph], width: float) -> float:
    """Points that paragraphs take one under another."""
    return sum(each.height(width) for each in paragraphs)


def fitting(text: str, box: Box, sizes: Sequence[float]) -> float:
    """The first of the sizes, from the largest down, at which the text fits; the last where none does."""
    return next((size for size in sizes if paragraph(text, size).height(box.width) <= box.height), sizes[-1])


# --- setting it -----------------------------------------------------------------------------------------


def set_text(frame: Any, paragraphs: Sequence[Paragraph], face: str, sized: bool = True) -> None:
    """Fills a text frame; Latin and East-Asian font on every run, the line pitch exact.

    `sized`: it is a shape's, which keeps its size; a cell of a table has none of its own.
    """
    if sized:
        frame.word_wrap, frame.auto_size = True, MSO_AUTO_SIZE.NONE
    body = frame._txBody
    for old in body.findall(qn("a:p")):
        body.remove(old)
    for each in paragraphs:
        body.append(parse_xml(_paragraph(each, face)))


def _paragraph(each: Paragraph, face: str) -> str:
    side = ' algn="r"' if each.right else ' algn="l"'
    inset = f' marL="{BULLET * POINT}" indent="{-BULLET * POINT}"' if each.point else ""
    sign = '<a:buFont typeface="Arial"/><a:buChar char="•"/>' if each.point else "<a:buNone/>"
    spaces = (("lnSpc", ceil(each.tallest * PITCH)), ("spcBef", 0), ("spcAft", each.after))
    pitch = "".join(f'<a:{n}><a:spcPts val="{round(v * 100)}"/></a:{n}>' for n, v in spaces)
    runs = "".join(_run(run, each.size, face) for run in each.runs if run.text)
    end = f'<a:endParaRPr lang="zh-CN" sz="{round(each.size * 100)}"/>'  # an empty cell is no taller
    return f"<a:p {_SPACE}><a:pPr{inset}{side}>{pitch}{sign}</a:pPr>{runs}{end}</a:p>"


def _run(run: Run, size: float, face: str) -> str:
    text, colour = content(run.text), run.colour.lstrip("#").upper()
    inside = (
        f'<a:rPr lang="zh-CN" sz="{round((run.size or size) * 100)}" b="{int(run.bold)}"><a:solidFill>'
        f'<a:srgbClr val="{colour}"/></a:solidFill><a:latin typeface={attribute(face)}/>'
        f"<a:ea typeface={attribute(face)}/></a:rPr><a:t>{text}</a:t>"
    )
    return f"<a:fld {_SLIDE_NUMBER}>{inside}</a:fld>" if run.numbers else f"<a:r>{inside}</a:r>"


def rgb(colour: str) -> RGBColor:
    """The colour of the form #1f5fa8."""
    return RGBColor(*bytes.fromhex(colour.lstrip("#")))  # type: ignore[no-untyped-call]


def add_text(slide: Any, box: Box, paragraphs: Sequence[Paragraph], face: str, middle: bool = False) -> Any:
    """A text box without margins of its own."""
    shape = slide.shapes.add_textbox(*box.sides)
    frame = shape.text_frame
    frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
    frame.vertical_anchor = MSO_ANCHOR.MIDDLE if middle else MSO_ANCHOR.TOP
    set_text(frame, paragraphs, face)
    return shape


PADDING = 8
"""Points between a card's edge and its text."""


def add_card(slide: Any, box: Box, paragraphs: Sequence[Paragraph], face: str, dashed: bool = False) -> Any:
    """Text in a frame of thin lines."""
    shape = slide.shapes.add_shape(MSO_SHAPE.RECTANGLE, *box.sides)
    shape._element.remove(shape._element.find(qn("p:style")))  # a theme's shadows
    shape.fill.background()
    shape.line.color.rgb = rgb(PALE)
    shape.line.width = Pt(1)
    if dashed:
        shape.line.dash_style = MSO_LINE.DASH
    frame = shape.text_frame
    frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = Pt(PADDING)
    frame.vertical_anchor = MSO_ANCHOR.TOP
    set_text(frame, paragraphs, face)
    return shape


CELL, LEAST = 3, 8
"""Points beside a cell's text; the least size of a table's text."""


def add_grid(slide: Any, box: Box, grid: Grid, face: str) -> Any:
    """A table of what there is room for: first its text shrinks, then the oldest columns and last rows go."""
    wide = [max(wcswidth(line[at]) for line in (grid.headers, *grid.rows)) for at in range(len(grid.headers))]
    size = max(LEAST, min(14, int(box.height / (len(grid.rows) + 1) / 1.6), _size_across(wide, box.width)))
    kept = [at for at in range(len(wide)) if not at or _across(wide[:1] + wide[at:], size) <= box.width]
    pitch = size * 1.6
    lines = (grid.headers, *grid.rows)[: max(2, int(box.height / pitch))]
    place = replace(box, height=pitch * len(lines))
    shape = slide.shapes.add_table(len(lines), len(kept), *place.sides)
    whole = _across([wide[at] for at in kept], size)
    for column, at in zip(shape.table.columns, kept, strict=True):
        column.width = round(box.width * POINT * _across([wide[at]], size) / whole)
    for row, line in enumerate(lines):
        shape.table.rows[row].height = round(pitch * POINT)
        for column, at in enumerate(kept):
            run = Run(line[at], None, row == 0, INK if row else MUTED)
            _set_cell(shape.table.cell(row, column), Paragraph((run,), size, right=at > 0), face)
    return shape


def _across(columns: Sequence[int], size: float) -> float:
    """Points that cells of so many columns of text take side by side."""
    return sum(column * size * COLUMN + 2 * CELL for column in columns)


def _size_across(columns: Sequence[int], width: float) -> int:
    return int((width - 2 * CELL * len(columns)) / (sum(columns) * COLUMN))


def _set_cell(cell: Any, told: Paragraph, face: str) -> None:
    cell.margin_top = cell.margin_bottom = 0
    cell.margin_left = cell.margin_right = Pt(CELL)
    cell.fill.background()
    set_text(cell.text_frame, [told], face, sized=False)

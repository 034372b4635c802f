"""A Word document laid out as official documents are: its page, its styles, and the package around them.

GB/T 9704—2012 《党政机关公文格式》: A4, margins of 37, 35, 28 and 26 mm, 22 lines of 28 characters of
16 points a page, page numbers — 1 — outside at the foot. An exact pitch of 28.95 points and characters drawn
together by 0.25 points, in twentieths of a point, give the 22 lines and 28 characters.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from pptx.package import Package
from pptx.parts.chart import ChartPart
from wcwidth import wcswidth

from analytics.render.archive import packed, stilled
from analytics.render.marks.look import INK, MUTED, PALE
from analytics.render.masters import theme
from analytics.render.native import Grid, Native
from analytics.render.office import chart_data, chart_type, on, styled
from analytics.render.readable import attribute, content

TITLE_FACE, HEAD_FACE, SUBHEAD_FACE, TEXT_FACE = "方正小标宋简体", "黑体", "楷体_GB2312", "仿宋_GB2312"
NUMBER_FACE, LATIN_FACE, CODE_FACE = "宋体", "Times New Roman", "Consolas"
TOP, BOTTOM, LEFT, RIGHT = 2098, 1984, 1588, 1474
"""Margins: 37, 35, 28, 26 mm."""
PAGE = (11906, 16838)
WIDTH = (PAGE[0] - LEFT - RIGHT) / 20
HEIGHT = (PAGE[1] - TOP - BOTTOM) / 20
"""Points that text has."""
PITCH, DRAWN_TOGETHER = 579, -5
SIZE, SMALL, SMALLEST = 16, 10.5, 9
"""Points: of the text (三号), of what stands beneath figures (五号), of commands and in charts (小五)."""
EMU = 12700
"""A point in the unit of drawings."""


@dataclass(frozen=True)
class Style:
    """How a paragraph looks. `pitch`: its lines' exact height in points, 0 for as high as they need.

    `indent`: characters that its first line stands in; `keep`: on the page of what follows; `level`: of a
    heading, from 1.
    """

    identity: str
    name: str
    face: str
    size: float = SIZE
    latin: str = LATIN_FACE
    side: str = "both"
    indent: int = 2
    pitch: float = PITCH / 20
    bold: bool = False
    keep: bool = False
    level: int = 0
    colour: str = ""


TEXT = Style("Normal", "Normal", TEXT_FACE)
TITLE = Style("Title", "Title", TITLE_FACE, 22, side="center", indent=0, pitch=32, keep=True)
BENEATH = Style("Subtitle", "Subtitle", SUBHEAD_FACE, side="center", indent=0)
HEAD = Style("Heading1", "heading 1", HEAD_FACE, keep=True, level=1)
SUBHEAD = Style("Heading2", "heading 2", SUBHEAD_FACE, keep=True, level=2)
ITEM = Style("Heading3", "heading 3", TEXT_FACE, level=3)
SIGNED = Style("Signature", "Signature", TEXT_FACE, side="right", indent=0)
DRAWING = Style("Drawing", "图表", TEXT_FACE, side="center", indent=0, pitch=0, keep=True)
CAPTION = Style("Caption", "caption", HEAD_FACE, SMALL, side="center", indent=0, pitch=18, keep=True)
NOTE = Style("Note", "图注", TEXT_FACE, SMALL, side="center", indent=0, pitch=15, colour=MUTED)
CELL = Style("Cell", "表内文字", TEXT_FACE, SMALL, side="left", indent=0, pitch=0)
ORIGIN = Style("Origin", "出处", TEXT_FACE, SMALL, side="left", indent=0, pitch=16, keep=True)
COMMAND = Style(
    "Command", "命令", TEXT_FACE, SMALLEST, CODE_FACE, side="left", indent=0, pitch=13, colour=MUTED
)
FOOT = Style("Footer", "footer", NUMBER_FACE, 14, NUMBER_FACE, side="left", indent=0, pitch=0)
STYLES = (
    TEXT,
    TITLE,
    BENEATH,
    HEAD,
    SUBHEAD,
    ITEM,
    SIGNED,
    DRAWING,
    CAPTION,
    NOTE,
    CELL,
    ORIGIN,
    COMMAND,
    FOOT,
)


# --- paragraphs -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Run:
    """A stretch of text; `raised`: the number of its source, small and high; `face`: its own font."""

    text: str
    bold: bool = False
    raised: bool = False
    face: str = ""


def paragraph(
    style: Style, *runs: Run | str, keep: bool | None = None, new_page: bool = False, inset: float = 0
) -> str:
    """Runs in a style. `keep`: otherwise than the style does; `inset`: points free at its right."""
    said = [Run(run) if isinstance(run, str) else run for run in runs]
    parts = "" if keep is None else f'<w:keepNext w:val="{int(keep)}"/>'
    parts += "<w:pageBreakBefore/>" if new_page else ""
    parts += f'<w:ind w:right="{round(inset * 20)}"/>' if inset else ""
    return f'<w:p><w:pPr><w:pStyle w:val="{style.identity}"/>{parts}</w:pPr>{_runs(style, said)}</w:p>'


def _runs(style: Style, runs: Iterable[Run]) -> str:
    return "".join(
        f'<w:r>{_look(style, run)}<w:t xml:space="preserve">{content(run.text)}</w:t></w:r>'
        for run in runs
        if run.text
    )


def _look(style: Style, run: Run | None = None) -> str:
    """Every run says its fonts: no program needs to guess them."""
    face, bold = style.face, style.bold
    if run is not None:
        face, bold = run.face or face, bold or run.bold
    size = round(style.size * 2)
    return (
        f'<w:rPr><w:rFonts w:hint="eastAsia" w:ascii="{style.latin}" w:hAnsi="{style.latin}" '
        f'w:eastAsia="{face}" w:cs="{style.latin}"/>'
        + ("<w:b/>" if bold else "")
        + (f'<w:color w:val="{_colour(style.colour)}"/>' if style.colour else "")
        + (f'<w:spacing w:val="{DRAWN_TOGETHER}"/>' if style.size == SIZE else "")
        + f'<w:sz w:val="{size}"/><w:szCs w:val="{size}"/>'
        + ('<w:vertAlign w:val="superscript"/>' if run is not None and run.raised else "")
        + '<w:lang w:val="en-US" w:eastAsia="zh-CN"/></w:rPr>'
    )


def _colour(colour: str) -> str:
    return colour.lstrip("#").upper()


def blank_line(style: Style = TEXT, keep: bool = False) -> str:
    """A line with nothing in it."""
    return paragraph(style, keep=keep)


def width(text: str, size: float = SIZE) -> float:
    """Points that a line of text takes; a Chinese character is two columns wide."""
    return wcswidth(text) * size / 2


# --- tables ---------------------------------------------------------------------------------------------

PADDING, COLUMN = 1.5, 0.54
"""Points left and right of a cell's text; width of a column (half a Chinese character) in its size."""
LEAST, TOGETHER = 7, 36
"""The smallest text of a table; rows that stand on one page."""


def fitting(grid: Grid) -> tuple[float, list[int]]:
    """The size of a table's text and the columns that it has room for: the first and the newest."""
    wide = [_widest(grid, at) for at in range(len(grid.headers))]
    room = WIDTH - 2 * PADDING * len(wide)
    size = min(SMALL, max(LEAST, int(2 * room / (sum(wide) * COLUMN or 1)) / 2))
    first, kept = min(wide[0] * size * COLUMN, WIDTH / 3) + 2 * PADDING, [0]
    for at in reversed(range(1, len(wide))):
        first += wide[at] * size * COLUMN + 2 * PADDING
        if first > WIDTH:
            break
        kept.insert(1, at)
    return size, kept


def _widest(grid: Grid, at: int) -> int:
    """Columns of the longest text of a column."""
    return max(wcswidth(line[at]) for line in (grid.headers, *grid.rows))


def table(grid: Grid) -> str:
    """Thin lines, its head repeated on every page, its text as small as its columns ask.

    What has no room even so are its oldest columns. A table that fits a page is not parted.
    """
    size, kept = fitting(grid)
    heads, lines = [grid.headers[at] for at in kept], [[row[at] for at in kept] for row in grid.rows]
    fills = [[row[at] for at in kept] for row in grid.fills] or [[""] * len(kept)] * len(lines)
    wanted = [_widest(grid, at) * size * COLUMN + 2 * PADDING for at in kept]
    widths = _shared(wanted)
    columns = "".join(f'<w:gridCol w:w="{round(w * 20)}"/>' for w in widths)
    together = len(lines) < TOGETHER
    rows = _row(heads, widths, size, ["head"] * len(kept), together)
    rows += "".join(_row(row, widths, size, f, together) for row, f in zip(lines, fills, strict=True))
    sides = "".join(f'<w:{s} w:w="{round(PADDING * 20)}" w:type="dxa"/>' for s in ("left", "right"))
    edges = "".join(
        f'<w:{edge} w:val="single" w:sz="4" w:space="0" w:color="{_colour(PALE)}"/>'
        for edge in ("top", "bottom", "insideH")
    )
    return (
        f'<w:tbl><w:tblPr><w:tblW w:w="{round(WIDTH * 20)}" w:type="dxa"/><w:jc w:val="center"/>'
        f'<w:tblBorders>{edges}</w:tblBorders><w:tblLayout w:type="fixed"/>'
        f"<w:tblCellMar>{sides}</w:tblCellMar></w:tblPr><w:tblGrid>{columns}</w:tblGrid>{rows}</w:tbl>"
    )


def _shared(wanted: Sequence[float]) -> list[float]:
    """Widths that fill the page's: what is over or missing is the first column's."""
    return [WIDTH - sum(wanted[1:]), *wanted[1:]]


def _row(
    line: Sequence[str], widths: Sequence[float], size: float, fills: Sequence[str], together: bool
) -> str:
    head = "head" in fills
    cells = ""
    for at, (text, wide, fill) in enumerate(zip(line, widths, fills, strict=True)):
        style = replace(CELL, face=HEAD_FACE if head else CELL.face, size=size, colour=_on(fill))
        side = ("center" if any(fills) else "right") if at else "left"
        keep = "<w:keepNext/>" if together else ""
        shade = f'<w:shd w:val="clear" w:color="auto" w:fill="{_colour(fill)}"/>' if fill[:1] == "#" else ""
        cells += (
            f'<w:tc><w:tcPr><w:tcW w:w="{round(wide * 20)}" w:type="dxa"/>{shade}</w:tcPr><w:p><w:pPr>'
            f'<w:pStyle w:val="{CELL.identity}"/>{keep}<w:jc w:val="{side}"/>{_look(style)}</w:pPr>'
            f"{_runs(style, [Run(text)])}</w:p></w:tc>"
        )
    return f"<w:tr><w:trPr><w:cantSplit/>{'<w:tblHeader/>' if head else ''}</w:trPr>{cells}</w:tr>"


def _on(fill: str) -> str:
    return on(fill) if fill[:1] == "#" else INK


# --- the document ---------------------------------------------------------------------------------------

_SPACES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart"'
)
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "application/vnd.openxmlformats-package"
_TYPES = "application/vnd.openxmlformats-officedocument"
_PARTS = {
    "document": "wordprocessingml.document.main",
    "styles": "wordprocessingml.styles",
    "settings": "wordprocessingml.settings",
    "fontTable": "wordprocessingml.fontTable",
    "footer1": "wordprocessingml.footer",
    "footer2": "wordprocessingml.footer",
    "theme": "theme",
}


_NOWHERE: Any = Package(None)  # type: ignore[arg-type]
"""Charts are made in a package of their own, which is never written."""


@dataclass
class Paper:
    """A document being written: its title, what it is about, the day on which it stands."""

    title: str
    subject: str
    day: date
    _body: list[str] = field(default_factory=list)
    _charts: list[tuple[bytes, bytes]] = field(default_factory=list)

    def add(self, *pieces: str) -> None:
        """Paragraphs and tables, one under another."""
        self._body += pieces

    def add_chart(self, drawn: Native, name: str, said: str, height: float) -> None:
        """A chart with its workbook inside, as wide as the text; `said` to who cannot see it."""
        part: Any = ChartPart.new(chart_type(drawn), chart_data(drawn), _NOWHERE)
        styled(part.chart, drawn, HEAD_FACE, SMALLEST)
        self._charts.append((part.blob, part.chart_workbook.xlsx_part.blob))
        at = len(self._charts)
        inline = (
            f'<wp:inline distT="0" distB="0" distL="0" distR="0"><wp:extent cx="{round(WIDTH * EMU)}" '
            f'cy="{round(height * EMU)}"/><wp:effectExtent l="0" t="0" r="0" b="0"/>'
            f'<wp:docPr id="{at}" name={attribute(f"图{at} {name}")} descr={attribute(said)}/>'
            f'<wp:cNvGraphicFramePr/><a:graphic><a:graphicData uri="{_graphic("chart")}">'
            f'<c:chart r:id="chart{at}"/></a:graphicData></a:graphic></wp:inline>'
        )
        drawing = f"<w:r>{_look(DRAWING)}<w:drawing>{inline}</w:drawing></w:r>"
        self.add(f'<w:p><w:pPr><w:pStyle w:val="{DRAWING.identity}"/></w:pPr>{drawing}</w:p>')

    def package(self) -> bytes:
        """The whole file; the same content on the same day gives the same bytes."""
        return stilled(packed(self._parts()), self.day)

    def _parts(self) -> Iterable[tuple[str, bytes]]:
        texts = {
            "[Content_Types].xml": self._types(),
            "_rels/.rels": _relations(
                ("rId1", f"{_OFFICE}/officeDocument", "word/document.xml"),
                (
                    "rId2",
                    f"{_OFFICE.replace('officeDocument', 'package')}/metadata/core-properties",
                    "docProps/core.xml",
                ),
            ),
            "docProps/core.xml": self._core(),
            "word/document.xml": self._document(),
            "word/_rels/document.xml.rels": self._relations(),
            "word/styles.xml": _styles(),
            "word/settings.xml": _SETTINGS,
            "word/fontTable.xml": _fonts(),
            "word/footer1.xml": _footer("right"),
            "word/footer2.xml": _footer("left"),
            "word/theme.xml": theme(),
        }
        for name, text in texts.items():
            yield name, (_XML + text).encode()
        for at, (chart, workbook) in enumerate(self._charts, 1):
            yield f"word/charts/chart{at}.xml", chart
            target = ("rId1", f"{_OFFICE}/package", f"../embeddings/{at}.xlsx")
            yield f"word/charts/_rels/chart{at}.xml.rels", (_XML + _relations(target)).encode()
            yield f"word/embeddings/{at}.xlsx", workbook

    def _types(self) -> str:
        core = f"{_PACKAGE}.core-properties+xml"
        named = [("docProps/core.xml", core)]
        named += [(f"word/{part}.xml", f"{_TYPES}.{kind}+xml") for part, kind in _PARTS.items()]
        named += [
            (f"word/charts/chart{at}.xml", f"{_TYPES}.drawingml.chart+xml")
            for at in range(1, len(self._charts) + 1)
        ]
        over = "".join(f'<Override PartName="/{name}" ContentType="{kind}"/>' for name, kind in named)
        return (
            '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            f'<Default Extension="rels" ContentType="{_PACKAGE}.relationships+xml"/>'
            '<Default Extension="xml" ContentType="application/xml"/>'
            f'<Default Extension="xlsx" ContentType="{_TYPES}.spreadsheetml.sheet"/>{over}</Types>'
        )

    def _core(self) -> str:
        day = f'xsi:type="dcterms:W3CDTF">{self.day}T00:00:00Z'
        return (
            "<cp:coreProperties"
            ' xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"'
            ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/"'
            ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
            f"<dc:title>{content(self.title)}</dc:title><dc:subject>{content(self.subject)}</dc:subject>"
            f"<dc:creator></dc:creator><dcterms:created {day}</dcterms:created>"
            f"<dcterms:modified {day}</dcterms:modified><dc:language>zh-CN</dc:language></cp:coreProperties>"
        )

    def _relations(self) -> str:
        parts = [p for p in _PARTS if p != "document"]
        named = [(part, f"{_OFFICE}/{part.rstrip('12')}", f"{part}.xml") for part in parts]
        named += [
            (f"chart{at}", f"{_OFFICE}/chart", f"charts/chart{at}.xml")
            for at in range(1, len(self._charts) + 1)
        ]
        return _relations(*named)

    def _document(self) -> str:
        section = (
            '<w:sectPr><w:footerReference w:type="default" r:id="footer1"/>'
            '<w:footerReference w:type="even" r:id="footer2"/>'
            f'<w:pgSz w:w="{PAGE[0]}" w:h="{PAGE[1]}"/><w:pgMar w:top="{TOP}" w:right="{RIGHT}" '
            f'w:bottom="{BOTTOM}" w:left="{LEFT}" w:header="851" w:footer="1304" w:gutter="0"/></w:sectPr>'
        )
        return f"<w:document {_SPACES}><w:body>{''.join(self._body)}{section}</w:body></w:document>"


def _graphic(kind: str) -> str:
    return f"http://schemas.openxmlformats.org/drawingml/2006/{kind}"


def _relations(*named: tuple[str, str, str]) -> str:
    links = "".join(
        f'<Relationship Id="{identity}" Type="{kind}" Target="{target}"/>' for identity, kind, target in named
    )
    space = "http://schemas.openxmlformats.org/package/2006/relationships"
    return f'<Relationships xmlns="{space}">{links}</Relationships>'


# --- styles, fonts, settings, footers -------------------------------------------------------------------


def _styles() -> str:
    defaults = f"<w:docDefaults><w:rPrDefault>{_look(TEXT)}</w:rPrDefault><w:pPrDefault/></w:docDefaults>"
    return f"<w:styles {_SPACES}>{defaults}{''.join(map(_style, STYLES))}</w:styles>"


def _style(style: Style) -> str:
    default = ' w:default="1"' if style is TEXT else ""
    based = "" if style is TEXT else '<w:basedOn w:val="Normal"/>'
    custom = ' w:customStyle="1"' if not style.name.isascii() else ""
    return (
        f'<w:style w:type="paragraph"{default}{custom} w:styleId="{style.identity}">'
        f'<w:name w:val="{style.name}"/>{based}<w:qFormat/>{_layout(style)}{_look(style)}</w:style>'
    )


def _layout(style: Style) -> str:
    """Lines of an exact height, where the style gives one; a drawing would be cut off by it.

    Long words of commands break anywhere; nothing is added between Chinese and digits.
    """
    pitch = f'w:line="{round(style.pitch * 20)}" w:lineRule="exact"'
    pitch = pitch if style.pitch else 'w:line="240" w:lineRule="auto"'
    first = round(style.indent * (style.size * 20 + DRAWN_TOGETHER))
    return (
        "<w:pPr>"
        + f'<w:keepNext w:val="{int(style.keep)}"/><w:keepLines w:val="{int(style.keep)}"/>'
        + '<w:widowControl w:val="0"/>'
        + ('<w:wordWrap w:val="0"/>' if style is COMMAND else "")
        + '<w:autoSpaceDE w:val="0"/><w:autoSpaceDN w:val="0"/>'
        + f'<w:spacing w:before="0" w:after="0" {pitch}/>'
        + f'<w:ind w:firstLineChars="{style.indent * 100}" w:firstLine="{first}"/>'
        + f'<w:jc w:val="{style.side}"/>'
        + (f'<w:outlineLvl w:val="{style.level - 1}"/>' if style.level else "")
        + "</w:pPr>"
    )


_ELSEWHERE = {
    TITLE_FACE: "方正小标宋_GBK",
    HEAD_FACE: "SimHei",
    SUBHEAD_FACE: "楷体",
    TEXT_FACE: "仿宋",
    NUMBER_FACE: "SimSun",
}
"""The name under which a machine may have a font that it lacks under the official one."""


def _fonts() -> str:
    fonts = "".join(
        f'<w:font w:name="{face}"><w:altName w:val="{other}"/><w:charset w:val="86"/></w:font>'
        for face, other in _ELSEWHERE.items()
    )
    return f"<w:fonts {_SPACES}>{fonts}</w:fonts>"


_NO_LINE_BEGINS = (
    "[!%),.:;>?]}¢¨°·ˇˉ―‖’”…‰′″›℃∶、。〃〉》」』】〕〗〞︶︺︾﹀﹄﹚﹜﹞！＂％＇），．：；？］｀｜｝～￠"
)
"""Word's own list for Chinese, and the bracket before the number of a source."""
_SETTINGS = (
    f'<w:settings {_SPACES}><w:zoom w:percent="100"/><w:evenAndOddHeaders/>'
    '<w:characterSpacingControl w:val="doNotCompress"/>'
    f'<w:noLineBreaksBefore w:lang="zh-CN" w:val={attribute(_NO_LINE_BEGINS)}/><w:compat><w:compatSetting '
    'w:name="compatibilityMode" w:uri="http://schemas.microsoft.com/office/word" w:val="15"/></w:compat>'
    '<w:themeFontLang w:val="en-US" w:eastAsia="zh-CN"/></w:settings>'
)


def _footer(side: str) -> str:
    """— 1 —, a character in from its side."""
    number = f'<w:fldSimple w:instr=" PAGE ">{_runs(FOOT, [Run("1")])}</w:fldSimple>'
    before, after = (_runs(FOOT, [Run(text)]) for text in ("— ", " —"))
    inset = f'<w:ind w:{side}="{FOOT.size * 20:.0f}"/><w:jc w:val="{side}"/>'
    body = f'<w:p><w:pPr><w:pStyle w:val="Footer"/>{inset}</w:pPr>{before}{number}{after}</w:p>'
    return f"<w:ftr {_SPACES}>{body}</w:ftr>"

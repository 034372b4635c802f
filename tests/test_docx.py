"""The brief in Word: sound for Office, laid out as official documents, its words and numbers the brief's."""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape
from zipfile import ZipFile

import pytest
from docx import Document
from docx.oxml.ns import qn
from openpyxl import load_workbook
from openxml_audit import OpenXmlValidator

from analytics.answers import answer
from analytics.briefs.brief import Brief, Chapter, Section, caption
from analytics.briefs.compose import brief
from analytics.briefs.minutes import Minutes
from analytics.citing import Piece, marked, plain_text
from analytics.engine import Engine
from analytics.figures import TOWNSHIP_MONTHS
from analytics.model import Selection
from analytics.render.docx import CORRECTIONS, DECISIONS, ORIGINS, TO_WRITE, docx_bytes, minutes_bytes
from analytics.render.native import Grid, Native, native
from analytics.render.paper import HEIGHT, LEFT, RIGHT, WIDTH, fitting
from tests.bureau import Bureau, crowded, period
from tests.conftest import Shared

MONTHS = ("2021-11", "2021-12", "2018-05", "2019-01")
ODD = "=1+1<b>&amp;\"'\u202e\x07某某某某某某某某某某某某某某某某某某某某某某某某管委会"


def odd(path: Path) -> Bureau:
    """A bureau whose townships' names are of 40 characters, markup and marks among them."""
    return crowded(path, [f"{n:02d}{ODD}"[:40] if n % 2 else f"{ODD[:38]}{n:02d}" for n in range(1, 21)])


@dataclass(frozen=True)
class Decision:
    chapter: str
    what: str
    who: str
    due: date | None


DECIDED = (
    Decision("overall", "约谈<责任人>。", "示例市教育局", date(2021, 12, 31)),
    Decision("overall", "复查", "", None),
    Decision("gone", "别的事\x0b", "甲镇", None),
)


@pytest.fixture(scope="module")
def briefs(
    demo_brief: Callable[[str], Brief], demo_engine: Engine, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Brief]:
    """Of all kinds of months, with corrections, decisions and a table, and of a bureau with odd names."""
    found = {month: demo_brief(month) for month in MONTHS}
    told = [(Piece(f"已通报第{n}个数字为{n}件，现为{n + 1}件：有迟报的信访事项。"),) for n in range(3)]
    first, *others = found["2021-12"].chapters
    table = answer(demo_engine, TOWNSHIP_MONTHS, Selection(period("2021-12")))
    with_table = (replace(first, figures=(*first.figures, table)), *others)
    found["2021-12"] = replace(
        found["2021-12"], corrections=tuple(told), decisions=tuple(told[:2]), chapters=with_table
    )
    bureau = odd(tmp_path_factory.mktemp("odd") / "store")
    return found | {"odd": brief(bureau.engine, Selection(period("2021-03")))}


@pytest.fixture(scope="module")
def written(briefs: dict[str, Brief], shared: Shared) -> dict[str, bytes]:
    made = {name: shared.once(f"docx {name}", partial(docx_bytes, one)) for name, one in briefs.items()}
    return made | {"minutes": minutes_bytes(Minutes(briefs["2021-11"], DECIDED))}


@pytest.fixture(scope="module")
def documents(written: dict[str, bytes]) -> dict[str, Any]:
    return {name: Document(io.BytesIO(content)) for name, content in written.items()}


def lines(document: Any) -> list[str]:
    return [each.text for each in document.paragraphs]


# --- sound ------------------------------------------------------------------------------------------------


def test_they_pass_the_audit(written: dict[str, bytes], tmp_path: Path) -> None:
    for name in ("2021-12", "odd"):
        file = tmp_path / f"{name}.docx"
        file.write_bytes(written[name])
        assert [str(e) for e in OpenXmlValidator().validate(str(file)).errors] == [], name


def test_the_same_brief_gives_the_same_bytes(briefs: dict[str, Brief], written: dict[str, bytes]) -> None:
    assert docx_bytes(briefs["2021-12"]) == written["2021-12"]


def test_it_says_its_title_and_no_author(briefs: dict[str, Brief], documents: dict[str, Any]) -> None:
    core, found = documents["2021-11"].core_properties, briefs["2021-11"]
    assert (core.title, core.author) == (found.title, "")
    assert core.created.date() == core.modified.date() == found.as_of


def test_every_run_has_both_fonts(documents: dict[str, Any]) -> None:
    for name, document in documents.items():
        for run in document.element.iter(qn("w:r")):
            fonts = run.find(qn("w:rPr")).find(qn("w:rFonts"))
            assert fonts.get(qn("w:ascii")) and fonts.get(qn("w:eastAsia")), name


# --- words ------------------------------------------------------------------------------------------------


def with_marks(told: Any, found: Brief) -> str:
    return "".join(text + (f"[{n}]" if n else "") for text, n in marked(told, found.sources))


def test_paragraphs_are_the_briefs(briefs: dict[str, Brief], documents: dict[str, Any]) -> None:
    for name, found in briefs.items():
        if name == "odd":
            continue
        written = [re.sub(r"^\d\.", "", line) for line in lines(documents[name])]
        at = 0
        for chapter in found.chapters:
            told = [p for section in chapter.sections for p in section.paragraphs]
            for words in told:
                at = written.index(with_marks(words, found), at) + 1
            text = "".join(map(plain_text, told))
            clauses = re.findall("[^，；。]+", plain_text(chapter.finding))
            assert all(c in text for c in clauses) or with_marks(chapter.finding, found) in written
            for figure in chapter.figures:
                if native(figure):
                    said = [w for w in written if w.endswith(f"　{with_marks(caption(figure), found)}")]
                    assert said and figure.measure in written and figure.source in written


def test_headings_are_numbered_on_three_levels(documents: dict[str, Any]) -> None:
    heads = {style: [] for style in ("Heading 1", "Heading 2", "Heading 3")}
    for each in documents["2021-11"].paragraphs:
        heads.get(each.style.name, []).append(each.text)
    assert heads["Heading 1"][0] == "一、总体情况" and heads["Heading 1"][10] == "十一、研判与建议"
    assert heads["Heading 2"][:3] == ["（一）总量", "（二）初件与重件", "（三）办结与在办"]
    assert [text[:2] for text in heads["Heading 3"]] == [f"{n}." for n in range(1, 8)]


def test_what_the_author_writes_has_its_place(documents: dict[str, Any]) -> None:
    said = lines(documents["2021-11"])
    at = said.index("（五）研判意见")
    assert said[at + 1 : at + 4] == [TO_WRITE, "（六）工作建议", TO_WRITE]
    assert said[at + 6 : at + 8] == ["兴宁市信访局", "2021年12月13日"]


def test_sources_are_listed_with_their_commands(briefs: dict[str, Brief], documents: dict[str, Any]) -> None:
    said, sources = lines(documents["2021-11"]), briefs["2021-11"].sources
    at = said.index(ORIGINS)
    listed = [text for n, s in enumerate(sources, 1) for text in (f"[{n}] {s.words}", s.command)]
    assert said[at + 1 :] == listed


def test_annexes_stand_only_where_they_hold_something(documents: dict[str, Any]) -> None:
    said = lines(documents["2021-12"])
    assert said.index(CORRECTIONS) < said.index(DECISIONS) < said.index(ORIGINS)
    assert "2.已通报第1个数字为1件，现为2件：有迟报的信访事项。" in said
    assert not {CORRECTIONS, DECISIONS} & set(lines(documents["2021-11"]))
    assert ORIGINS not in lines(documents["2018-05"])


def test_the_demo_is_said_to_be_one(documents: dict[str, Any]) -> None:
    assert "（兴宁市信访局　数据截至2021年12月13日　演示数据）" in lines(documents["2021-12"])
    assert not any("演示数据" in line for line in lines(documents["odd"]))


def test_a_day_can_be_given(briefs: dict[str, Brief]) -> None:
    content = docx_bytes(briefs["2018-05"], date(2018, 6, 5))
    assert lines(Document(io.BytesIO(content)))[-1] == "2018年6月5日"


def test_odd_names_stand_as_text(written: dict[str, bytes]) -> None:
    with ZipFile(io.BytesIO(written["odd"])) as package:
        everything = "".join(
            package.read(name).decode() for name in package.namelist() if name.endswith(".xml")
        )
        assert escape(f"02{ODD}"[2:10]) in everything and "\u202e" not in everything
        books = [n for n in package.namelist() if n.endswith(".xlsx")]
        cells = [c for n in books for row in load_workbook(package.open(n)).active for c in row]
    assert all(cell.data_type != "f" for cell in cells)
    assert any(str(cell.value).startswith("=1+1") for cell in cells)


# --- charts and tables ------------------------------------------------------------------------------------


def charts(content: bytes) -> Iterator[list[tuple[Any, ...]]]:
    """Rows of each embedded workbook, in order."""
    with ZipFile(io.BytesIO(content)) as package:
        for at in range(1, sum("charts/chart" in n and "rels" not in n for n in package.namelist()) + 1):
            relations = package.read(f"word/charts/_rels/chart{at}.xml.rels").decode()
            assert f"../embeddings/{at}.xlsx" in relations
            book = load_workbook(package.open(f"word/embeddings/{at}.xlsx"))
            yield list(book.active.iter_rows(values_only=True))


def test_charts_hold_the_numbers(briefs: dict[str, Brief], written: dict[str, bytes]) -> None:
    for name in ("2021-11", "2021-12", "2019-01"):
        figures = [figure for chapter in briefs[name].chapters for figure in chapter.figures]
        drawn = [d for figure in figures if isinstance(d := native(figure), Native)]
        found = list(charts(written[name]))
        assert len(found) == len(drawn)
        for rows, chart in zip(found, drawn, strict=True):
            assert rows[0][1:] == tuple(series.name for series in chart.series)
            values = list(zip(*(row[1:] for row in rows[1:]), strict=True))
            assert values == [series.values for series in chart.series]


def test_a_table_is_a_table(briefs: dict[str, Brief], documents: dict[str, Any]) -> None:
    (found,) = documents["2021-12"].tables
    expected = native(briefs["2021-12"].chapters[0].figures[-1])
    assert isinstance(expected, Grid)
    _, kept = fitting(expected)
    assert len(expected.headers) - 8 <= len(kept) and kept[-1] == len(expected.headers) - 1
    said = [[cell.text for cell in row.cells] for row in found.rows]
    assert said == [[line[at] for at in kept] for line in (expected.headers, *expected.rows)]
    left_out = len(expected.headers) - len(kept)
    assert any(line.endswith(f" · 较早的{left_out}列未列出") for line in lines(documents["2021-12"]))
    wide = sum(int(column.get(qn("w:w"))) for column in found._tbl.tblGrid)
    assert wide / 20 <= WIDTH + 1
    assert any(line.startswith("表1　") for line in lines(documents["2021-12"]))


# --- minutes ----------------------------------------------------------------------------------------------


def test_minutes_say_what_was_decided(documents: dict[str, Any]) -> None:
    said = lines(documents["minutes"])
    assert said[0] == "2021年11月信访形势分析研判会议纪要"
    assert {"时间：〔待填写〕", "地点：〔待填写〕", "主持：〔待填写〕", "参会：〔待填写〕"} <= set(said)
    at = said.index("会议议定：")
    assert said[at + 1] == "1.约谈<责任人>；责任单位：示例市教育局；完成时限：2021年12月31日。"
    assert said[at + 2] == "2.复查；责任单位：未定；完成时限：未定。"
    assert said[said.index("十二、其他事项") + 2] == "1.别的事；责任单位：甲镇；完成时限：未定。"


# --- pages ------------------------------------------------------------------------------------------------

office = pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
FONTS = {
    "仿宋_GB2312": "Serif",
    "楷体_GB2312": "Serif",
    "方正小标宋简体": "Serif",
    "宋体": "Serif",
    "黑体": "Sans",
}


def pdf(folder: Path, content: bytes) -> Path:
    """The document as LibreOffice lays it out, official fonts as those at hand of the same width."""
    maps = "".join(
        f'<match target="pattern"><test name="family"><string>{name}</string></test><edit name="family" '
        f'mode="assign" binding="strong"><string>Noto {kind} CJK SC</string></edit></match>'
        for name, kind in FONTS.items()
    )
    (folder / "fonts.conf").write_text(
        f"<fontconfig><include>/etc/fonts/fonts.conf</include><cachedir>{folder}/cache</cachedir>{maps}"
        "</fontconfig>"
    )
    (folder / "brief.docx").write_bytes(content)
    command = ["soffice", f"-env:UserInstallation=file://{folder}/lo", "--headless", "--convert-to", "pdf"]
    subprocess.run(
        [*command, "--outdir", folder, folder / "brief.docx"],
        check=True,
        capture_output=True,
        env=os.environ | {"FONTCONFIG_FILE": f"{folder}/fonts.conf"},
    )
    return folder / "brief.pdf"


@dataclass(frozen=True)
class Line:
    left: float
    right: float
    bottom: float
    text: str


def pages(file: Path) -> list[list[Line]]:
    """Lines of text on each page from the top down, their places in points."""
    boxes = subprocess.run(
        ["pdftotext", "-bbox-layout", file, "-"], check=True, capture_output=True, text=True
    ).stdout
    found = []
    for page in boxes.split("<page ")[1:]:
        placed = []
        for line in re.findall(r"<line (.*?)</line>", page, re.S):
            left, right, bottom = (
                float(re.search(f'{at}="([^"]*)"', line)[1])  # type: ignore[index]
                for at in ("xMin", "xMax", "yMax")
            )
            text = "".join(re.findall(r"<word [^>]*>(.*?)</word>", line))
            placed.append(Line(left, right, bottom, text))
        found.append(sorted(placed, key=lambda one: one.bottom))
    return found


def body(page: list[Line]) -> list[Line]:
    """Without the page number."""
    return [line for line in page if not re.fullmatch(r"—\d+—", line.text)]


@pytest.mark.long
@office
def test_a_full_page_has_22_lines_of_28_characters(briefs: dict[str, Brief], tmp_path: Path) -> None:
    words = (Piece("信访工作是党的群众工作的重要组成部分" * 100),)
    chapter = Chapter("x", "总体情况", words[:1], (), (Section("", (words,)),), ())
    _, full, *_ = pages(pdf(tmp_path, docx_bytes(replace(briefs["2018-05"], chapters=(chapter,)))))
    assert [len(line.text) for line in body(full)] == [28] * 22
    assert body(full)[-1].bottom - body(full)[0].bottom < HEIGHT


@pytest.mark.long
@office
@pytest.mark.parametrize("name", ["2021-11", "2021-12", "odd"])
def test_pages_are_sound(
    name: str, written: dict[str, bytes], documents: dict[str, Any], tmp_path: Path
) -> None:
    heads = {p.text for p in documents[name].paragraphs if p.style.name in ("Heading 1", "Heading 2")}
    found = pages(pdf(tmp_path, written[name]))
    for at, page in enumerate(found, 1):
        lines_of = body(page)
        assert lines_of and lines_of[-1].text not in heads, (at, lines_of[-1:])
        for line in lines_of:
            assert line.left >= LEFT / 20 - 2 and line.right <= 595.3 - RIGHT / 20 + 17, (at, line)
        (number,) = [line for line in page if line.text == f"—{at}—"]
        assert (number.left > 297) == bool(at % 2)

"""The slides: sound for Office, nothing overflows or overlaps, charts hold the numbers, notes define them."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from itertools import combinations
from math import ceil
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openxml_audit import OpenXmlValidator
from pptx import Presentation
from pptx.oxml.ns import qn
from pptx.util import Inches
from wcwidth import wcwidth

from analytics.answers import answer
from analytics.briefs.brief import Brief
from analytics.briefs.compose import brief
from analytics.catalogue import METRICS
from analytics.citing import Piece, plain_text
from analytics.engine import Engine
from analytics.figures import TOWNSHIP_MONTHS, TOWNSHIP_TOPICS, VILLAGE_ROUNDS
from analytics.model import Selection
from analytics.render.deck import opened
from analytics.render.masters import TARGET, template
from analytics.render.native import Grid, native
from analytics.render.pptx import numeral, pptx_bytes
from analytics.render.slide import Box, add_grid
from analytics.site import Refusal
from tests.bureau import Bureau, crowded, period
from tests.conftest import Shared

POINT = 12700
MONTHS = ("2021-11", "2021-12", "2018-05", "2019-01")
LONG = "某某某某某某某某某某某某某某某某某某某某某某某某某某某某某某某某某某某某高新技术管委会"


def full(path: Path) -> Bureau:
    """A bureau whose townships' names are of 40 characters."""
    return crowded(path, [f"{numeral(n) if n < 20 else '廿'}{LONG}"[:40] for n in range(1, 21)])


@pytest.fixture(scope="module")
def briefs(demo_brief: Callable[[str], Brief], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Brief]:
    """Briefs of all kinds of months, and of a bureau with long names."""
    found = {month: demo_brief(month) for month in MONTHS}
    told = [(Piece(f"已通报第{n}个数字为{n}件，现为{n + 1}件：有迟报的信访事项。"),) for n in range(40)]
    found["2021-12"] = replace(found["2021-12"], corrections=tuple(told), decisions=tuple(told[:2]))
    bureau = full(tmp_path_factory.mktemp("crowded") / "store")
    return found | {"crowded": brief(bureau.engine, Selection(period("2021-03")))}


@pytest.fixture(scope="module")
def written(briefs: dict[str, Brief], shared: Shared) -> dict[str, bytes]:
    return {name: shared.once(f"pptx {name}", partial(pptx_bytes, one)) for name, one in briefs.items()}


@pytest.fixture(scope="module")
def decks(written: dict[str, bytes]) -> dict[str, Any]:
    return {name: Presentation(io.BytesIO(content)) for name, content in written.items()}


def slides(decks: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, deck in decks.items():
        for at, slide in enumerate(deck.slides, 1):
            yield f"{name} 第{at}页", slide


def words(slide: Any) -> str:
    return "\n".join(shape.text_frame.text for shape in slide.shapes if shape.has_text_frame)


# --- sound ------------------------------------------------------------------------------------------------


def test_they_pass_the_audit(written: dict[str, bytes], tmp_path: Path) -> None:
    for name in ("2021-11", "2021-12", "crowded"):
        file = tmp_path / f"{name}.pptx"
        file.write_bytes(written[name])
        assert [str(e) for e in OpenXmlValidator().validate(str(file)).errors] == []


def test_the_same_brief_gives_the_same_bytes(briefs: dict[str, Brief], written: dict[str, bytes]) -> None:
    assert pptx_bytes(briefs["2021-11"]) == written["2021-11"]


def test_they_are_wide(decks: dict[str, Any]) -> None:
    deck = decks["2021-11"]
    assert (round(deck.slide_width / 914400, 3), deck.slide_height / 914400) == (13.333, 7.5)


def test_every_run_has_both_fonts(decks: dict[str, Any]) -> None:
    for where, slide in slides(decks):
        for part in (slide._element, slide.notes_slide._element):
            for run in [*part.iter(qn("a:r")), *part.iter(qn("a:fld"))]:
                properties = run.find(qn("a:rPr"))
                for font in ("a:latin", "a:ea"):
                    assert properties.find(qn(font)).get("typeface") == "微软雅黑", (
                        where,
                        run.xpath(".//a:t"),
                    )


# --- room -------------------------------------------------------------------------------------------------


def tall(frame: Any, width: float) -> float:
    """Points that a text takes by another reckoning: character by character, at the sizes of its runs."""
    total = 0.0
    for each in frame.paragraphs:
        room = width - int(each._p.pPr.get("marL", 0)) / POINT
        runs = [(run.text, run.font.size.pt) for run in each.runs] or [("", 12.0)]
        wide = sum(size * (1 if wcwidth(c) == 2 else 0.58) for text, size in runs for c in text)
        total += max(1, ceil(wide / room)) * each.line_spacing.pt + (each.space_after or 0) / POINT
    return total


def test_no_text_overflows(decks: dict[str, Any]) -> None:
    for where, slide in slides(decks):
        for shape in slide.shapes:
            if shape.has_text_frame and shape.text_frame.text:
                frame = shape.text_frame
                width = (shape.width - frame.margin_left - frame.margin_right) / POINT
                room = (shape.height - frame.margin_top - frame.margin_bottom) / POINT
                assert tall(frame, width) <= room + 1, (where, shape.name, frame.text)


def test_no_two_shapes_overlap_and_all_are_on_the_slide(decks: dict[str, Any]) -> None:
    for where, slide in slides(decks):
        boxes = [(s.left, s.top, s.left + s.width, s.top + s.height, s.name) for s in slide.shapes]
        for left, top, right, bottom, name in boxes:
            assert left >= 0 and top >= 0 and right <= Inches(13.334) and bottom <= Inches(7.5), (where, name)
        for a, b in combinations(boxes, 2):
            apart = (
                a[2] <= b[0] + POINT or b[2] <= a[0] + POINT or a[3] <= b[1] + POINT or b[3] <= a[1] + POINT
            )
            assert apart, (where, a[4], b[4])


def test_text_is_large_enough(decks: dict[str, Any]) -> None:
    for where, slide in slides(decks):
        for shape in slide.shapes:
            least = 10 if shape.top > Inches(6.8) else 14
            for each in shape.text_frame.paragraphs if shape.has_text_frame else ():
                assert all(run.font.size.pt >= least for run in each.runs), (where, shape.name)


def test_tables_keep_within_their_box(demo_engine: Engine) -> None:
    deck, box = opened(), Box(40, 120, 860, 340)
    for figure in (TOWNSHIP_MONTHS, VILLAGE_ROUNDS, TOWNSHIP_TOPICS):
        drawn = native(answer(demo_engine, figure, Selection(period("2021-11"))))
        assert isinstance(drawn, Grid)
        shape = add_grid(deck.presentation.slides.add_slide(deck.content), box, drawn, deck.face)
        table = shape.table
        assert sum(row.height for row in table.rows) / POINT <= box.height
        assert abs(sum(column.width for column in table.columns) / POINT - box.width) < 1
        assert table.cell(0, 0).text_frame.text == drawn.headers[0]
        assert table.cell(1, len(table.columns) - 1).text_frame.text == drawn.rows[0][-1]
        for row in table.rows:
            for cell, column in zip(row.cells, table.columns, strict=True):
                assert tall(cell.text_frame, column.width / POINT - 6) <= row.height / POINT + 1


# --- storyline --------------------------------------------------------------------------------------------


def test_the_title_is_the_finding(briefs: dict[str, Brief], decks: dict[str, Any]) -> None:
    found, deck = briefs["2021-11"], decks["2021-11"]
    expected = [found.title]
    for chapter in found.chapters:
        expected.append(plain_text(chapter.finding).rstrip("。"))
        expected += [figure.finding for figure in chapter.figures[1:]]
    assert [slide.shapes.title.text_frame.text for slide in deck.slides] == expected
    assert "一、总体情况" in words(deck.slides[1]) and "十一、研判与建议" in words(deck.slides[-1])


def test_the_first_slide_says_whose_and_when(decks: dict[str, Any]) -> None:
    first = words(decks["2021-12"].slides[0])
    for said in ("兴宁市信访局", "2021年12月（截至13日）", "数据截至2021年12月13日", "演示数据"):
        assert said in first


def test_arrows_follow_the_words(decks: dict[str, Any]) -> None:
    for _, slide in slides(decks):
        for line in words(slide).split("\n"):
            assert ("▲" in line) <= ("上升" in line) and ("▼" in line) <= ("下降" in line)
    assert "▲ 同比上升3.8%" in words(decks["2021-11"].slides[1])


def test_every_number_of_a_slide_is_in_the_brief(briefs: dict[str, Brief], decks: dict[str, Any]) -> None:
    found = briefs["2021-11"]
    told = [plain_text(t) for chapter in found.chapters for t in chapter.told()]
    told += [f"{f.finding}{f.measure}{f.source}" for chapter in found.chapters for f in chapter.figures]
    told += [f"{n.number}{''.join(p.text for p in n.changes)}" for c in found.chapters for n in c.numbers]
    known = set(re.findall(r"\d[\d,.]*%?", "\n".join([*told, found.origin])))
    for where, slide in list(slides({"2021-11": decks["2021-11"]}))[1:]:
        numbers = re.findall(r"\d[\d,.]*%?", re.sub(r"\n\d+$", "", words(slide)))
        assert [n for n in numbers if n not in known] == [], where


def test_what_does_not_fit_is_in_the_notes(briefs: dict[str, Brief], decks: dict[str, Any]) -> None:
    for name, found in briefs.items():
        notes = "\n".join(slide.notes_slide.notes_text_frame.text for slide in decks[name].slides)
        bare = re.sub(r"\[\d+\]", "", notes)
        for chapter in found.chapters:
            assert [t for told in chapter.told() if (t := plain_text(told)) not in bare] == []


def test_notes_hold_definitions_and_queries(decks: dict[str, Any]) -> None:
    notes = decks["2021-11"].slides[1].notes_slide.notes_text_frame.text
    assert METRICS["repeat_rate"].note.rstrip("。") in notes and METRICS["repeat_rate"].basis in notes
    assert "petition query petitions persons" in notes and "[1]" in notes


def test_points_are_whole_sentences(decks: dict[str, Any]) -> None:
    for where, slide in slides(decks):
        for shape in slide.shapes:
            if shape.name.startswith("TextBox") and shape.top < Inches(6.8) and shape.width < Inches(5):
                for each in shape.text_frame.paragraphs:
                    assert each.text.endswith("。"), (where, each.text)


def columns_in(shape: Any) -> list[list[Any]]:
    """What the workbook embedded in a chart holds."""
    book = openpyxl.load_workbook(io.BytesIO(shape.chart.part.chart_workbook.xlsx_part.blob))
    return [[cell.value for cell in column] for column in book.active.iter_cols()]


def test_charts_hold_the_numbers_of_their_answers(briefs: dict[str, Brief], decks: dict[str, Any]) -> None:
    for name in ("2021-11", "crowded"):
        figures = [figure for chapter in briefs[name].chapters for figure in chapter.figures]
        charts = [shape for slide in decks[name].slides for shape in slide.shapes if shape.has_chart]
        for figure, shape in zip(figures, charts, strict=True):
            assert figure.finding in shape._element.nvGraphicFramePr.cNvPr.get("descr")
            _, *columns = columns_in(shape)
            for series, (title, *values) in zip(shape.chart.plots[0].series, columns, strict=True):
                assert (series.name, [*series.values]) == (title, values[: len(series.values)])
            held = [v for _, *values in columns for v in values if v is not None]
            metric, result = figure.figure.metric, figure.result
            values = {result.value(m.name, key) for m in figure.figure.drawn for key in result.keys}
            bases = {base.value for key in result.keys if (base := result.base_cell(metric.name, key))}
            if figure.figure.mark in ("line", "ranking", "bars"):
                assert set(held) - {0} <= values | bases
            if figure.figure.mark == "line":
                assert values - {None} <= set(held)
            if figure.figure.mark == "stack":
                assert sum(held) == sum(result.cell(metric.name, key).numerator for key in result.keys)


def test_corrections_and_decisions_have_their_slides(decks: dict[str, Any]) -> None:
    titles = [slide.shapes.title.text_frame.text for slide in decks["2021-12"].slides]
    at = titles.index("已通报的数字，现有变化")
    assert titles[at + 1] == "已通报的数字，现有变化（续）"
    assert titles[-1] == "以往会议交办事项办理情况"
    told = "\n".join(words(slide) for slide in decks["2021-12"].slides)
    assert all(f"已通报第{n}个数字" in told for n in range(40))
    assert "以往会议交办事项办理情况" not in {s.shapes.title.text_frame.text for s in decks["2021-11"].slides}


def test_properties_take_any_filter(demo_engine: Engine) -> None:
    many = tuple(f"某某单位{n}\x0b局" for n in range(60))
    found = brief(demo_engine, Selection(period("2021-11"), (("responsible_unit", many),)))
    subject = Presentation(io.BytesIO(pptx_bytes(found))).core_properties.subject
    assert len(subject) == 255 and "\x0b" not in subject


# --- templates --------------------------------------------------------------------------------------------


def test_the_template_in_the_package_is_the_one_that_is_generated() -> None:
    assert TARGET.read_bytes() == template()


def office_template(path: Path, wide: bool = True) -> Path:
    """A template as PowerPoint in Chinese makes it, with a slide of its own."""
    deck = Presentation()
    if wide:
        deck.slide_width, deck.slide_height = Inches(13.333), Inches(7.5)
    for layout, name in zip(deck.slide_layouts, ("标题幻灯片", "标题和内容"), strict=False):
        layout.name = name
        if wide:
            for shape in layout.placeholders:
                left, top, width, height = shape.left, shape.top, shape.width, shape.height
                shape.left, shape.width = round(left * 4 / 3), round(width * 4 / 3)
                shape.top, shape.height = top, height
    deck.slides.add_slide(deck.slide_layouts[0]).shapes.title.text_frame.text = "旧的一页"
    deck.save(str(path))
    return path


def test_a_bureaus_own_template_is_used(briefs: dict[str, Brief], tmp_path: Path) -> None:
    path = office_template(tmp_path / "模板.pptx")
    content = pptx_bytes(briefs["2021-11"], path)
    deck = Presentation(io.BytesIO(content))
    assert {slide.slide_layout.name for slide in deck.slides} == {"标题幻灯片", "标题和内容"}
    assert "旧的一页" not in "".join(words(slide) for slide in deck.slides)
    test_no_two_shapes_overlap_and_all_are_on_the_slide({"own": deck})
    test_no_text_overflows({"own": deck})
    assert not [
        s for slide in deck.slides for s in slide.shapes if s._element.find(qn("p:style")) is not None
    ]
    file = tmp_path / "out.pptx"
    file.write_bytes(content)
    assert [str(e) for e in OpenXmlValidator().validate(str(file)).errors] == []


def refusal(path: Path) -> str:
    with pytest.raises(Refusal) as refused:
        opened(path)
    message = str(refused.value)
    assert f"{path}" in message and "改用自带模板" in message
    return message


def test_a_template_that_cannot_be_used_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "模板.pptx"
    assert "找不到" in refusal(path)
    path.write_bytes(b"PK nothing")
    assert "打不开" in refusal(path) or "找不到或不是" in refusal(path)
    assert "不是 16:9" in refusal(office_template(path, wide=False))
    office_template(path)
    deck = Presentation(str(path))
    deck.slide_layouts[1].name = "内容页"
    deck.save(str(path))
    assert "没有版式“标题与内容”（或“标题和内容”），现有：标题幻灯片、内容页" in refusal(path)
    deck.slide_layouts[1].name = "标题与内容"
    body = deck.slide_layouts[1].placeholders[1]._element
    body.getparent().remove(body)
    deck.save(str(path))
    assert "没有内容占位符" in refusal(path)


@pytest.mark.long
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_libreoffice_shows_every_slide(
    written: dict[str, bytes], decks: dict[str, Any], tmp_path: Path
) -> None:
    for name, content in written.items():
        (tmp_path / f"{name}.pptx").write_bytes(content)
        office = ["soffice", f"-env:UserInstallation=file://{tmp_path}/lo", "--headless", "--convert-to"]
        subprocess.run([*office, "pdf", "--outdir", tmp_path, tmp_path / f"{name}.pptx"], check=True)
        pages = subprocess.run(["pdfinfo", tmp_path / f"{name}.pdf"], capture_output=True, text=True)
        found = re.search(r"Pages:\s+(\d+)", pages.stdout)
        assert found and int(found[1]) == len(decks[name].slides)

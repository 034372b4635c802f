"""附表: a brief's numbers as a workbook: a sheet a table, definitions, sources, the text."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time

from analytics.answers import Answer
from analytics.briefs.brief import Brief, caption
from analytics.catalogue import METRICS
from analytics.citing import filters_in_words, marked_text, query_command
from analytics.contract import DATASETS
from analytics.insight.wording import period_in_words
from analytics.model import Metric
from analytics.render.archive import stilled
from analytics.render.marks.look import ACCENT, MUTED
from analytics.render.native import Native, native
from analytics.render.plots import ASIDE, CHART_ROWS, put_chart
from analytics.render.table import typed
from analytics.render.workbook import Book, Table, put, put_notes, put_table, written

CONTENTS = "目录"


@dataclass(frozen=True)
class Sheet:
    """A figure's sheet: its name, the item of the agenda it belongs to, its answer."""

    name: str
    chapter: str
    answer: Answer


def annex_bytes(brief: Brief) -> bytes:
    """The workbook of a brief; the same brief gives the same bytes."""
    target = io.BytesIO()
    with written(target) as book:
        book.workbook.set_properties(
            {
                "title": f"{brief.title}附表",
                "author": brief.bureau,
                "comments": brief.origin,
                "created": datetime.combine(brief.as_of, time()),
            }
        )
        sheets = list(_sheets(brief))
        _contents(book, brief, sheets)
        _text(book, brief)
        for each in sheets:
            _figure(book, each)
        _definitions(book, brief)
        _sources(book, brief)
    return stilled(target.getvalue(), brief.as_of)


def _sheets(brief: Brief) -> Iterator[Sheet]:
    for at, chapter in enumerate(brief.chapters, 1):
        for number, answer in enumerate(chapter.figures, 1):
            yield Sheet(f"{at}.{number} {chapter.title}", chapter.title, answer)


# --- sheets ---------------------------------------------------------------------------------------------


def _contents(book: Book, brief: Brief, sheets: list[Sheet]) -> None:
    """目录: what the workbook holds, each a click away."""
    sheet = book.sheet(CONTENTS)
    put(book, sheet, 0, 0, f"{brief.title}附表", bold=True, font_size=16)
    put(book, sheet, 1, 0, brief.origin, font_color=MUTED)
    rows = [("正文", "正文", "各章的句子，每个数字注明出处")]
    rows += [(each.name, each.answer.finding, each.answer.measure) for each in sheets]
    rows += [
        ("指标口径", "指标口径", "各指标的单位、定义与依据"),
        ("来源与版本", "来源与版本", "数据版本与查询语句"),
    ]
    put_table(book, sheet, Table(("表", "内容", "统计范围与单位"), rows), 3, {0: 18, 1: 62, 2: 70})
    link = book.look(font_color=ACCENT, underline=1, valign="top")
    for at, (name, *_) in enumerate(rows, start=4):
        sheet.write_url(at, 0, f"internal:'{name}'!A1", link, name)


def _text(book: Book, brief: Brief) -> None:
    """正文: every paragraph with the numbers of its sources."""
    rows: list[tuple[str, str, str]] = []
    for chapter in brief.chapters:
        rows.append((chapter.title, "要点", marked_text(chapter.finding, brief.sources)))
        for section in chapter.sections:
            rows += [
                (chapter.title, section.title, marked_text(told, brief.sources))
                for told in section.paragraphs
            ]
        rows += [
            (chapter.title, "图表", marked_text(caption(figure), brief.sources)) for figure in chapter.figures
        ]
    rows += [("数据更正", "", marked_text(told, brief.sources)) for told in brief.corrections]
    rows += [("交办事项", "", marked_text(told, brief.sources)) for told in brief.decisions]
    sheet = book.sheet("正文")
    table = Table(("章", "节", "正文（方括号内是出处编号，见“来源与版本”）"), rows)
    end = put_table(book, sheet, table, widths={2: 110})
    put_notes(book, sheet, {"来源": brief.origin}, end + 1)


def _figure(book: Book, each: Sheet) -> None:
    """A figure's numbers; below them what they are; beside them its chart."""
    sheet, answer, table = book.sheet(each.name), each.answer, typed(each.answer.result)
    end = put_table(book, sheet, table)
    if isinstance(drawn := native(answer), Native):
        put_chart(book, sheet, drawn, len(table.headers) + 1, answer.finding)
    notes = {
        "结论": answer.finding,
        "统计": answer.measure,
        "来源": answer.source,
        "查询": query_command(answer.result.query),
    }
    end = put_notes(book, sheet, notes, max(end, CHART_ROWS) + 1)
    sheet.print_area(0, 0, end, len(table.headers) + ASIDE - 1)


def _definitions(book: Book, brief: Brief) -> None:
    """指标口径: what each metric that is named means, and what it rests on."""
    asked = [s.query for s in brief.sources if s.query]
    asked += [answer.result.query for chapter in brief.chapters for answer in chapter.figures]
    names = dict.fromkeys(name for query in asked for name in query.metrics)
    rows = [_defined(METRICS[name]) for name in names]
    sheet = book.sheet("指标口径")
    table = Table(("指标", "单位", "定义", "依据", "数据", "查询用名"), rows)
    put_table(book, sheet, table, widths={2: 56, 3: 50})


def _defined(metric: Metric) -> tuple[str, ...]:
    dataset = DATASETS[metric.dataset].label
    return (metric.label, metric.unit, metric.note, metric.basis, dataset, metric.name)


def _sources(book: Book, brief: Brief) -> None:
    """来源与版本: whose data, up to when, which versions; then every source by its number."""
    sheet = book.sheet("来源与版本")
    notes = {
        "材料": brief.title,
        "单位": brief.bureau,
        "期间": period_in_words(brief.selection.period),
        "数据截至": f"{brief.as_of}",
        "筛选": filters_in_words(brief.selection) or "无",
        "数据": "演示数据" if brief.demo else "实际数据",
    }
    notes |= {f"{DATASETS[name].label}版本": f"第{version}版" for name, version in brief.versions}
    top = put_notes(book, sheet, notes, 0) + 1
    rows = [(at, source.words, source.command) for at, source in enumerate(brief.sources, 1)]
    table = Table(("编号", "查的是什么", "查询语句（原样运行可得同样的数字）"), rows)
    put_table(book, sheet, table, top, widths={0: 14, 1: 70, 2: 80})

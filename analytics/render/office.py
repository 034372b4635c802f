"""A native chart as python-pptx makes it, in the one look: for slides, and for Word, which takes its XML."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any

from pptx.chart.data import CategoryChartData
from pptx.chart.xlsx import CategoryWorkbookWriter
from pptx.enum.chart import XL_CHART_TYPE, XL_LABEL_POSITION, XL_LEGEND_POSITION, XL_MARKER_STYLE
from pptx.enum.chart import XL_TICK_LABEL_POSITION as TICKS
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls, qn
from pptx.util import Pt
from xlsxwriter import Workbook

from analytics.render.marks.look import INK, MUTED, PALE
from analytics.render.native import Native, Series
from analytics.render.readable import attribute
from analytics.render.slide import rgb
from analytics.render.workbook import AS_TEXT

_TYPES = {
    "line": XL_CHART_TYPE.LINE_MARKERS,
    "bars": XL_CHART_TYPE.BAR_CLUSTERED,
    "stack": XL_CHART_TYPE.BAR_STACKED,
}
BEYOND = 1.15
"""Where the axis of lying rates ends: 100% has its number to its right."""
MANY = 6
"""From so many months on, not every one is written at the axis."""


def chart_type(drawn: Native) -> Any:
    """The kind of chart."""
    return _TYPES[drawn.kind]


class _Writer(CategoryWorkbookWriter):
    """Writes the embedded workbook; a name that begins with = stays text."""

    @contextmanager
    def _open_worksheet(self, xlsx_file: Any) -> Iterator[tuple[Any, Any]]:
        with Workbook(xlsx_file, {"in_memory": True, **AS_TEXT}) as book:
            yield book, book.add_worksheet()


class _Data(CategoryChartData):
    @cached_property
    def _workbook_writer(self) -> _Writer:
        return _Writer(self)  # type: ignore[no-untyped-call]


def chart_data(drawn: Native) -> Any:
    """What stands in the embedded workbook: the categories, a column a series."""
    data: Any = _Data(number_format=drawn.form)  # type: ignore[no-untyped-call]
    data.categories = drawn.days or drawn.categories
    data.categories.number_format = "yyyy-mm" if drawn.days else "General"
    for series in drawn.series:
        data.add_series(series.name, series.values)
    return data


def styled(chart: Any, drawn: Native, face: str, size: float) -> None:
    """Colours, fonts, axes and labels of the look; XML that passes an audit."""
    chart.has_title = False
    chart.font.size, chart.font.name = Pt(size), face
    chart.font.color.rgb = rgb(INK)
    chart.has_legend = len(drawn.series) > 1
    if chart.has_legend:
        chart.legend.position, chart.legend.include_in_layout = XL_LEGEND_POSITION.TOP, False
    _axes(chart, drawn)
    drawings = list(chart.plots[0].series)
    for series, made in zip(drawn.series, drawings, strict=True):
        _line(made, series) if drawn.kind == "line" else _bar(made, series, drawn)
    for at, point in drawn.ends() if drawn.kind == "line" else ():
        _say(drawings[at], point, drawn, drawn.series[at].colour)
    _sound(chart, face)


def _axes(chart: Any, drawn: Native) -> None:
    names, values = chart.category_axis, chart.value_axis
    names.format.line.color.rgb = rgb(PALE)
    names.has_major_gridlines = False
    names.tick_label_position = TICKS.LOW
    values.has_major_gridlines = drawn.kind == "line"
    if drawn.kind == "line":
        values.major_gridlines.format.line.color.rgb = rgb(PALE)
        if drawn.low:
            values.maximum_scale = 1
    else:
        names.reverse_order = True
        if drawn.form.endswith("%") and drawn.low is not None:
            values.maximum_scale = BEYOND
        values.tick_label_position = TICKS.NONE
        chart.plots[0].gap_width = 45
        chart.plots[0].overlap = 100 if drawn.kind == "stack" else 0
    every = -(-len(drawn.categories) // MANY) if drawn.kind == "line" else 1
    if drawn.days:
        _in_months(names._element, every)
    else:
        for tag in ("tickLblSkip", "tickMarkSkip"):
            _insert(names._element, tag, every)
    names.tick_labels.font.color.rgb = rgb(INK)
    names._element.find(qn("c:txPr")).find(qn("a:bodyPr")).set("rot", "0")
    values.tick_labels.number_format_is_linked = False
    values.tick_labels.number_format = drawn.form.replace(".0", "")
    if drawn.low is not None:
        values.minimum_scale = drawn.low
    values.format.line.fill.background()
    values.tick_labels.font.color.rgb = rgb(MUTED)
    if drawn.axis:
        names.has_title = True
        names.axis_title.text_frame.text = drawn.axis


def _in_months(axis: Any, every: int) -> None:
    """An axis of months, every so many of them written."""
    for tag in ("baseTimeUnit", "majorUnit", "majorTimeUnit"):
        for old in axis.findall(qn(f"c:{tag}")):
            axis.remove(old)
    for tag, value in (("baseTimeUnit", "months"), ("majorUnit", f"{every}"), ("majorTimeUnit", "months")):
        axis.append(parse_xml(f'<c:{tag} {nsdecls("c")} val="{value}"/>'))


def _insert(axis: Any, tag: str, value: int) -> None:
    """The element in its place of the schema: before noMultiLvlLbl."""
    made = parse_xml(f'<c:{tag} {nsdecls("c")} val="{value}"/>')
    last = axis.find(qn("c:noMultiLvlLbl"))
    last.addprevious(made) if last is not None else axis.append(made)


def _line(made: Any, series: Series) -> None:
    made.smooth = False
    made.format.line.color.rgb = rgb(series.colour)
    made.format.line.width = Pt(2.25)
    made.marker.style, made.marker.size = XL_MARKER_STYLE.CIRCLE, 4
    made.marker.format.fill.solid()
    made.marker.format.fill.fore_color.rgb = rgb(series.colour)
    made.marker.format.line.color.rgb = rgb(series.colour)


def _say(made: Any, at: int, drawn: Native, colour: str) -> None:
    """The number of one point of a line."""
    label = made.points[at].data_label
    label.has_text_frame = False
    label.position = XL_LABEL_POSITION.RIGHT if at else XL_LABEL_POSITION.ABOVE
    label.font.bold = True
    label.font.color.rgb = rgb(colour)


def _bar(made: Any, series: Series, drawn: Native) -> None:
    made.invert_if_negative = False
    made.format.fill.solid()
    made.format.fill.fore_color.rgb = rgb(series.colour)
    for at, colour in enumerate(series.points):
        if colour != series.colour:
            fill = made.points[at].format.fill
            fill.solid()
            fill.fore_color.rgb = rgb(colour)
    if not series.said:
        return
    labels, stacked = made.data_labels, drawn.kind == "stack"
    labels.show_value, labels.number_format_is_linked = True, False
    labels.number_format = drawn.said
    labels.font.color.rgb = rgb(on(series.colour) if stacked else INK)
    labels._element.txPr.bodyPr.set("wrap", "none")
    labels.position = XL_LABEL_POSITION.CENTER if stacked else XL_LABEL_POSITION.OUTSIDE_END


def on(colour: str) -> str:
    """The colour of text on a colour: the one of more contrast."""
    red, green, blue = bytes.fromhex(colour.lstrip("#"))
    return "#ffffff" if 0.299 * red + 0.587 * green + 0.114 * blue < 130 else INK


def _sound(chart: Any, face: str) -> None:
    """What Office expects and python-pptx leaves otherwise: axis ids above 0, fonts of both scripts."""
    space = chart._chartSpace
    for element in space.iter(qn("c:axId"), qn("c:crossAx")):
        element.set("val", element.get("val").lstrip("-"))
    for plot in space.iter(qn("c:lineChart")):
        for smooth in plot.findall(qn("c:smooth")):
            plot.remove(smooth)
    for element in space.iter(qn("c:varyColors"), qn("c:invertIfNegative")):
        element.set("val", "0")
    for leader in list(space.iter(qn("c:showLeaderLines"))):
        leader.getparent().remove(leader)
    if space.find(qn("c:roundedCorners")) is None:
        rounded = parse_xml(f'<c:roundedCorners {nsdecls("c")} val="0"/>')
        space.find(qn("c:date1904")).addnext(rounded)
    if space.find(qn("c:spPr")) is None:
        bare = "<a:noFill/><a:ln><a:noFill/></a:ln>"
        space.find(qn("c:chart")).addnext(parse_xml(f"<c:spPr {nsdecls('c', 'a')}>{bare}</c:spPr>"))
    for properties in [*space.iter(qn("a:defRPr")), *space.iter(qn("a:rPr"))]:
        _fonts(properties, face)


def _fonts(properties: Any, face: str) -> None:
    for tag in ("a:latin", "a:ea"):
        for old in properties.findall(qn(tag)):
            properties.remove(old)
    before = properties.find(qn("a:cs"))
    for tag in ("latin", "ea"):
        made = parse_xml(f"<a:{tag} {nsdecls('a')} typeface={attribute(face)}/>")
        before.addprevious(made) if before is not None else properties.append(made)

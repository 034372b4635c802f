"""Draws an answer with Plotly: one function a mark, one look for all."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from html import escape
from typing import Any

import plotly.graph_objects as go
from wcwidth import wcswidth

from analytics.catalogue import DIMENSIONS
from analytics.contract import UNFILLED
from analytics.figures import Answer, Mark, compared_members
from analytics.insight.findings import middle_half
from analytics.insight.wording import amount, change_in_words, number
from analytics.result import NOBODY, Key

ACCENT, GREY, PALE, INK, MUTED = "#1f5fa8", "#9aa5b1", "#dfe4ea", "#1d2733", "#5f6b7a"
LATE = "#c0392b"
HUES = ("#1f5fa8", "#e08a1e", "#4d9078", "#8e6bb0", "#6b7683", "#c9a227", "#7fb0d9")
"""At most seven, told apart by the colour-blind; red is kept for 超期."""
OUTCOMES = {"已化解": HUES[0], "已办结": HUES[6], "整改中": HUES[1], "退回重办": HUES[3]}
CHANNELS = {"letter": HUES[0], "visit": HUES[1], "online": HUES[6], "phone": HUES[2]}
FONT = "'Noto Sans CJK SC','Noto Sans SC','Microsoft YaHei','PingFang SC','WenQuanYi Micro Hei',sans-serif"
TITLE_COLUMNS, SUBTITLE_COLUMNS, SOURCE_COLUMNS = 36, 54, 64
"""Columns (half a Chinese character) that fit a phone's width at their sizes."""

Members = Sequence[str]


def draw(answer: Answer) -> go.Figure:
    """The answer as a figure of its own: title, subtitle, marks, source."""
    figure = go.Figure(layout={"template": go.layout.Template(), "bargap": 0.28})
    _MARKS[answer.figure.mark](figure, answer)
    _frame(figure, answer)
    return figure


def config(answer: Answer) -> dict[str, Any]:
    """Plotly's settings: the picture button only, its words in Chinese, a file name that says what it is."""
    name = f"{answer.figure.metric.label}_{answer.result.period.start}_{answer.result.period.shown_end}"
    words = {"Download plot as a PNG": "下载图片（PNG）", "Download plot as a png": "下载图片（PNG）"}
    return {
        "displaylogo": False,
        "displayModeBar": True,
        "modeBarButtons": [["toImage"]],
        "locale": "zh-CN",
        "locales": {"zh-CN": {"dictionary": words, "format": {}}},
        "toImageButtonOptions": {"format": "png", "filename": name, "scale": 2},
        "scrollZoom": False,
        "doubleClick": False,
    }


# --- the frame of every chart -----------------------------------------------------------------------


_UNBROKEN = re.compile(
    r"[（“]?[\w.,%/–-]*[0-9A-Za-z%][0-9A-Za-z.,%/–-]*[件批宗次天人)）”，。；、]*|.[）”，。；：、]*", re.ASCII
)


def _wrapped(text: str, columns: int) -> list[str]:
    """Lines of at most so many columns; a Chinese character is two wide, a number is not broken."""
    lines = [""]
    for piece in _UNBROKEN.findall(text):
        if lines[-1] and wcswidth(lines[-1] + piece) > columns:
            lines.append("")
        lines[-1] += piece
    return [escape(line.strip(), quote=False) for line in lines]


def _frame(figure: go.Figure, answer: Answer) -> None:
    title, subtitle = _wrapped(answer.title, TITLE_COLUMNS), _wrapped(answer.subtitle, SUBTITLE_COLUMNS)
    source = _wrapped(answer.source, SOURCE_COLUMNS)
    above = 30 + 21 * len(title) + 16 * len(subtitle)
    mark = answer.figure.mark
    names = len(figure.data) if mark == "stack" else 1
    above += 20 * -(-names // 4) + 2 if mark in ("stack", "band") else 0  # the names of the parts
    below = 38 + 13 * len(source) + {"line": 16, "heatmap": 16, "band": 16, "burndown": 26}.get(mark, 0)
    small = f"<span style='font-size:12px;color:{MUTED}'>{'<br>'.join(subtitle)}</span>"
    figure.update_layout(
        title={
            "text": f"<b>{'<br>'.join(title)}</b><br>{small}",
            "font": {"size": 16, "color": INK},
            "x": 0,
            "xref": "container",
            "y": 1,
            "yref": "container",
            "yanchor": "top",
            "pad": {"t": 24, "l": 4},
        },
        font={"family": FONT, "size": 13, "color": INK},
        height=above + _inside_height(answer) + below,
        margin={"t": above, "b": below, "l": 8, "r": 12},
        paper_bgcolor="white",
        plot_bgcolor="white",
        showlegend=False,
        hoverlabel={"font": {"family": FONT, "size": 13}},
        separators=".,",
        dragmode=False,
    )
    figure.add_annotation(
        text="<br>".join(source),
        xref="paper",
        yref="paper",
        x=1,
        y=0,
        xanchor="right",
        yanchor="bottom",
        yshift=4 - below,
        align="right",
        showarrow=False,
        font={"size": 10, "color": MUTED},
    )
    if not answer.result.keys:
        figure.update_xaxes(visible=False)
        figure.update_yaxes(visible=False)
    figure.update_xaxes(automargin=True, zeroline=False, linecolor=PALE, fixedrange=True)
    figure.update_yaxes(automargin=True, zeroline=False, fixedrange=True)


def _inside_height(answer: Answer) -> int:
    mark = answer.figure.mark
    if mark in ("ranking", "stack", "heatmap", "progress"):
        rows = len(_shown(answer)) if mark == "ranking" else len({k[0] for k in answer.result.keys})
        if mark == "heatmap":
            rows = max(rows, len(answer.members))
        return max(50, {"progress": 62}.get(mark, 25) * rows)
    return 290


def _colours(names: Members, chosen: Members) -> list[str]:
    """The accent on the chosen ones, or on the first where none is chosen; grey context."""
    front = set(chosen) or set(names[:1])
    return [ACCENT if name in front else GREY for name in names]


def _label(dimension: str, member: str) -> str:
    """The member as Plotly may show it: its labels are markup, names in the data are not."""
    return escape(DIMENSIONS[dimension].label_of(member), quote=False)


# --- marks ----------------------------------------------------------------------------------------------


def _months_axis(figure: go.Figure, months: Members) -> None:
    """A label each quarter, the year under January and under the first."""
    ticks = [m for i, m in enumerate(months) if m[5:] in ("01", "04", "07", "10") or i == 0]
    ticks = [m for i, m in enumerate(ticks) if i == 0 or months.index(m) - months.index(ticks[0]) > 1]
    text = [
        f"{int(m[5:])}月<br>{m[:4]}年" if m[5:] == "01" or m == ticks[0] else f"{int(m[5:])}月" for m in ticks
    ]
    figure.update_xaxes(type="category", tickmode="array", tickvals=ticks, ticktext=text, tickangle=0)


def _line(figure: go.Figure, answer: Answer) -> None:
    metric, result = answer.figure.metric, answer.result
    months = [key[0] for key in result.keys]
    values = [result.value(metric.name, key) for key in result.keys]
    figure.add_scatter(
        x=months,
        y=values,
        mode="lines+markers",
        line={"color": ACCENT, "width": 2.5},
        marker={"size": 5},
        hovertext=[f"{m} {amount(metric, v)}" for m, v in zip(months, values, strict=True)],
        hoverinfo="text",
    )
    known = [i for i, v in enumerate(values) if v is not None]
    for i in dict.fromkeys([known[0], known[-1]] if known else []):
        figure.add_annotation(
            x=months[i],
            y=values[i],
            text=f"<b>{number(metric, values[i])}</b>",
            showarrow=False,
            yshift=12,
            font={"color": ACCENT},
        )
    _months_axis(figure, months)
    _value_axis(figure, metric.is_rate, [v for v in values if v is not None])


def _value_axis(figure: go.Figure, rate: bool, values: Sequence[float]) -> None:
    figure.update_yaxes(rangemode="tozero", gridcolor=PALE, tickformat=".0%" if rate else ",d", nticks=5)
    if not rate and max(values, default=0) <= 5:
        figure.update_yaxes(dtick=1)  # no fractions of a case


def _shown(answer: Answer) -> list[str]:
    """Members of a ranking from the greatest down; those without a number only where the list is complete."""
    ranked = answer.result.ranking(answer.figure.metrics[0], answer.members)
    names = [line.member for line in ranked if line.cell.value or line.member in answer.members]
    return names[: max(answer.figure.most, len(answer.members) + 2 if answer.members else 0)]


def _ranking(figure: go.Figure, answer: Answer) -> None:
    metric, result, dimension = answer.figure.metric, answer.result, answer.figure.by[0]
    names = _shown(answer)
    cells = [result.cell(metric.name, (name,)) for name in names]
    labels = [_label(dimension, name) for name in names]
    named = [n for n in names if n not in NOBODY]
    colours = _colours(named, answer.chosen)
    by_name = dict(zip(named, colours, strict=True))
    if metric.name.endswith("overdue"):
        by_name = dict.fromkeys(named, LATE)
    figure.add_bar(
        x=[cell.value or 0 for cell in cells],
        y=labels,
        customdata=names,
        orientation="h",
        marker={"color": [by_name.get(name, PALE) for name in names]},
        text=[number(metric, cell.value) for cell in cells],
        textposition="outside",
        cliponaxis=False,
        hovertext=[f"{_label(dimension, n)} {_ranked_hover(answer, (n,))}" for n in names],
        hoverinfo="text",
    )
    if result.base is not None and result.base_covered(metric=metric.name):
        bases = [result.base_cell(metric.name, (name,)) for name in names]
        figure.add_scatter(
            x=[base.value if base else None for base in bases],
            y=labels,
            mode="markers",
            marker={"symbol": "line-ns", "size": 13, "line": {"width": 2, "color": INK}},
            hoverinfo="skip",
        )
    _bars_axis(figure, metric.is_rate, len(names), max((c.value or 0 for c in cells), default=0))


def _ranked_hover(answer: Answer, key: Key) -> str:
    metric, result = answer.figure.metric, answer.result
    cell, base = result.cell(metric.name, key), result.base_cell(metric.name, key)
    words = change_in_words(
        metric, cell, base, result.query.compare, answer.small_base, result.base_covered(metric=metric.name)
    )
    return "，".join(part for part in (amount(metric, cell.value), words) if part)


def _bars_axis(figure: go.Figure, rate: bool, bars: int, longest: float) -> None:
    figure.update_yaxes(range=[max(bars, 1) - 0.5, -0.5], ticksuffix="  ", type="category")
    form = ".0%" if rate else ",d"
    figure.update_xaxes(rangemode="tozero", gridcolor=PALE, tickformat=form, nticks=5, showline=False)
    if not rate and longest <= 5:
        figure.update_xaxes(dtick=1)  # no fractions of a case


def _stack(figure: go.Figure, answer: Answer) -> None:
    metric, result = answer.figure.metric, answer.result
    rows, parts = answer.figure.by
    totals: dict[str, int] = {}
    for row, part in result.keys:
        totals[row] = totals.get(row, 0) + result.cell(metric.name, (row, part)).numerator
    names = sorted(totals, key=lambda name: (name in NOBODY, -totals[name]))
    for label, members, colour in _parts(answer, parts):
        values = [sum(result.cell(metric.name, (name, m)).numerator for m in members) for name in names]
        figure.add_bar(
            x=values,
            y=[_label(rows, name) for name in names],
            customdata=names,
            orientation="h",
            name=label,
            marker={"color": colour},
            text=[f"{v}" if v else "" for v in values],
            textposition="inside",
            insidetextanchor="middle",
            insidetextfont={"size": 12},
            textangle=0,
            hovertext=[
                f"{_label(rows, n)} {label} {v}{metric.unit}" for n, v in zip(names, values, strict=True)
            ],
            hoverinfo="text",
        )
    figure.update_layout(barmode="stack")
    _legend_above(figure)
    _bars_axis(figure, False, len(names), max(totals.values(), default=0))


def _parts(answer: Answer, dimension: str) -> list[tuple[str, tuple[str, ...], str]]:
    """Label, members and colour of each part; beyond seven colours the smallest are one part, 其他."""
    result, colours = answer.result, OUTCOMES | CHANNELS
    members = list(dict.fromkeys(key[1] for key in sorted(result.keys, key=_part_order(answer))))
    totals = dict.fromkeys(members, 0)
    for key in result.keys:
        totals[key[1]] += result.cell(answer.figure.metric.name, key).numerator
    greatest = sorted(members, key=lambda member: -totals[member])
    shown = set(greatest if len(members) <= len(HUES) + 1 else greatest[: len(HUES)])
    kept = [member for member in members if member in shown]
    parts = [
        (_label(dimension, m), (m,), colours.get(m, PALE if m == UNFILLED else HUES[at % len(HUES)]))
        for at, m in enumerate(kept)
    ]
    rest = tuple(member for member in members if member not in shown)
    return parts + ([(f"其余{len(rest)}项", rest, PALE)] if rest else [])


def _part_order(answer: Answer) -> Callable[[Key], int]:
    order = {key[1]: i for i, key in reversed(list(enumerate(answer.result.keys)))}
    declared = [value for value, _ in DIMENSIONS[answer.figure.by[1]].members]
    return lambda key: declared.index(key[1]) if key[1] in declared else len(declared) + order[key[1]]


def _legend_above(figure: go.Figure) -> None:
    """Names of the parts in their own colours, as a line above the bars."""
    entries = [f"<span style='color:{t.marker.color}'>■</span> {t.name}" for t in figure.data]
    names = "<br>".join(" ".join(entries[at : at + 4]) for at in range(0, len(entries), 4))
    figure.add_annotation(
        text=names,
        xref="paper",
        yref="paper",
        x=0,
        y=1,
        xanchor="left",
        yanchor="bottom",
        align="left",
        showarrow=False,
    )


def _heatmap(figure: go.Figure, answer: Answer) -> None:
    metric, result, dimension = answer.figure.metric, answer.result, answer.figure.by[0]
    months = sorted({key[1] for key in result.keys})
    totals = dict.fromkeys(answer.members, 0)
    for key in result.keys:
        totals[key[0]] = totals.get(key[0], 0) + result.cell(metric.name, key).numerator
    names = sorted(totals, key=lambda name: (name in NOBODY, -totals[name]))
    rows = [[result.value(metric.name, (name, month)) for month in months] for name in names]
    figure.add_heatmap(
        x=months,
        y=[_label(dimension, name) for name in names],
        z=rows,
        colorscale=[[0, "#f4f7fa"], [1, ACCENT]],
        xgap=1,
        ygap=1,
        showscale=False,
        hovertext=[
            [f"{_label(dimension, n)} {m} {amount(metric, v)}" for m, v in zip(months, row, strict=True)]
            for n, row in zip(names, rows, strict=True)
        ],
        hoverinfo="text",
    )
    _months_axis(figure, months)
    figure.update_yaxes(autorange="reversed", type="category", showgrid=False)
    figure.update_xaxes(showgrid=False, showline=False)


def _band(figure: go.Figure, answer: Answer) -> None:
    metric, result = answer.figure.metric, answer.result
    one, others = compared_members(result, answer.chosen)
    months = sorted({key[1] for key in result.keys})
    halves = [middle_half([result.value(metric.name, (o, m)) or 0 for o in others]) for m in months]
    for values, fill in (([low for low, _ in halves], None), ([high for _, high in halves], "tonexty")):
        figure.add_scatter(
            x=months,
            y=values,
            mode="lines",
            line={"width": 0},
            fill=fill,
            fillcolor="rgba(154,165,177,0.35)",
            hoverinfo="skip",
        )
    own = [result.value(metric.name, (one, m)) for m in months]
    figure.add_scatter(
        x=months,
        y=own,
        mode="lines",
        line={"color": ACCENT, "width": 2.5},
        hovertext=[f"{one} {m} {amount(metric, v)}" for m, v in zip(months, own, strict=True)],
        hoverinfo="text",
    )
    if months:
        note = {"xref": "paper", "yref": "paper", "x": 0, "y": 1, "xanchor": "left", "yanchor": "bottom"}
        line, band = f"<span style='color:{ACCENT}'>━</span>", f"<span style='color:{GREY}'>■</span>"
        text = f"{line} {one}  {band} 其他镇街的中间一半"
        figure.add_annotation(text=text, showarrow=False, **note)
    _months_axis(figure, months)
    _value_axis(figure, metric.is_rate, [v for v in own if v is not None] + [high for _, high in halves])


def _progress(figure: go.Figure, answer: Answer) -> None:
    result = answer.result
    batches = [key[0] for key in result.keys]
    done = [result.cell("backlog_closed", (b,)).numerator for b in batches]
    late = [result.cell("backlog_overdue", (b,)).numerator for b in batches]
    rest = [
        result.cell("backlog_assigned", (b,)).numerator - d - o
        for b, d, o in zip(batches, done, late, strict=True)
    ]
    for name, values, colour in (("办结", done, ACCENT), ("超期", late, LATE), ("未到期", rest, PALE)):
        figure.add_bar(
            x=values,
            y=batches,
            customdata=batches,
            orientation="h",
            name=name,
            marker={"color": colour},
            text=[f"{name} {v}" if v else "" for v in values],
            textposition="inside",
            insidetextanchor="middle",
            insidetextfont={"size": 12},
            textangle=0,
            hovertext=[f"{b} {name} {v}宗" for b, v in zip(batches, values, strict=True)],
            hoverinfo="text",
        )
    for batch, closed, overdue, due in zip(batches, done, late, rest, strict=True):
        total = closed + overdue + due
        text = f" 剩余{overdue + due}宗 · 办结率{closed / total * 100:.1f}%" if total else ""
        figure.add_annotation(x=0, y=batch, text=text, xanchor="left", yshift=24, showarrow=False)
    figure.update_layout(barmode="stack", bargap=0.55)
    _bars_axis(figure, False, len(batches), max(map(sum, zip(done, late, rest, strict=True)), default=0))


def _burndown(figure: go.Figure, answer: Answer) -> None:
    """Each batch from the month of its assignment on, so that batches can be compared."""
    metric, result = answer.figure.metric, answer.result
    for at, batch in enumerate(dict.fromkeys(key[0] for key in result.keys)):
        values = [result.cell(metric.name, key).numerator for key in result.keys if key[0] == batch]
        started = next((i for i, v in enumerate(values) if v), len(values))
        values = values[started:]
        figure.add_scatter(
            x=list(range(len(values))),
            y=values,
            mode="lines",
            line={"color": HUES[at % len(HUES)], "width": 2.5},
            hovertext=[f"{batch} 交办后第{i}个月 剩余{v}宗" for i, v in enumerate(values)],
            hoverinfo="text",
        )
        if values:
            figure.add_annotation(
                x=len(values) - 1,
                y=values[-1],
                text=f"<b>{batch} {values[-1]}</b>",
                showarrow=False,
                yshift=12,
                font={"color": HUES[at % len(HUES)]},
            )
    figure.update_xaxes(title={"text": "交办后的月数", "font": {"size": 12}}, nticks=8, tickformat="d")
    _value_axis(figure, False, [result.cell(metric.name, key).numerator for key in result.keys])


_MARKS: dict[Mark, Callable[[go.Figure, Answer], None]] = {
    "line": _line,
    "ranking": _ranking,
    "heatmap": _heatmap,
    "band": _band,
    "progress": _progress,
    "burndown": _burndown,
    "stack": _stack,
}

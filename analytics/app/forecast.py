"""What comes next: the backlog's burn-down and closing curves, who is behind, past ranges, next months."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import plotly.graph_objects as go
import streamlit as st

from analytics.answers import applicable, source_of
from analytics.app.desk import View
from analytics.app.downloads import downloads
from analytics.app.finish import Stand, stand
from analytics.app.grid import grid
from analytics.app.menu import Shown, show
from analytics.app.missing import said_missing
from analytics.app.plain import plain
from analytics.catalogue import METRICS
from analytics.citing import filters_in_words
from analytics.contract import BACKLOG
from analytics.insight import closing, finishing, survival, volumes
from analytics.insight.closing import Projection
from analytics.insight.volumes import Expected, Volumes
from analytics.model import Metric, Selection, month_end
from analytics.render import forecast
from analytics.render.plotly import Said, Size
from analytics.render.table import Numbers, Value


def _shown(
    view: View,
    name: str,
    said: Said,
    kept: Selection,
    drawn: Callable[[Size], go.Figure],
    numbers: Callable[[], Numbers],
    words: str = "",
) -> Shown:
    """A chart as it is shown; `kept`: the selection that it was asked under."""
    return Shown(
        name,
        said,
        (name, said, kept, *view.versions.items()),
        drawn,
        numbers,
        words=words,
        filters=filters_in_words(kept),
    )


# --- the backlog ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class BurnDown:
    """What remains of each batch, and the range of what will."""

    def draw(self, view: View) -> None:
        """Draws the chart and the table behind it."""
        if (found := _assigned(view)) is None:
            return
        said = Said(_finding(found.batches), f"剩余积案 · 截至{found.day} · 单位：宗", found.source(view))
        shown = _shown(
            view,
            f"积案剩余与预计_{found.day}",
            said,
            found.selection,
            lambda size: forecast.burn_down(found.batches, said, size),
            lambda: _remaining(found.batches),
        )
        show(view, shown, view.key("积案剩余与预计"), "各批次剩余怎样下降，何时办完？")


def _assigned(view: View) -> Stand | None:
    """The batches; None where there are none, which the page's first block has said."""
    found = stand(view)
    return found if found and found.batches else None


def _finding(batches: Sequence[Projection]) -> str:
    open_ = [found for found in batches if found.remaining]
    if not open_:
        return "各批次积案已全部办结"
    return "；".join(f"{b.batch}{finishing.finish_in_words(b)}，剩余{b.remaining}宗" for b in open_)


def _remaining(batches: Sequence[Projection]) -> Numbers:
    rows: list[list[Value]] = []
    for found in batches:
        rows += [
            [found.batch, day, "实际", value, value, value] for day, value in closing.burned(found.spells)
        ]
        rows += [[found.batch, p.day, "预计", p.low, p.median, p.high] for p in closing.fan(found)]
    return ["批次", "日期", "实际或预计", "下限", "中位", "上限"], rows


@dataclass(frozen=True)
class Curves:
    """The Kaplan–Meier closing curve of each batch."""

    def draw(self, view: View) -> None:
        """Draws the chart and the table behind it; nothing where nothing is closed."""
        if (found := _assigned(view)) is None:
            return
        curves = [(b.batch, survival.curve(b.spells, b.day)) for b in found.batches]
        curves = [(name, curve) for name, curve in curves if curve.days]
        if not curves:
            st.caption("还没有办结的积案，画不出办结曲线。")
            return
        said = Said(_halves(curves), f"未办结的比例 · 截至{found.day} · 单位：%", found.source(view))
        shown = _shown(
            view,
            f"积案办结曲线_{found.day}",
            said,
            found.selection,
            lambda size: forecast.closing_curves(curves, said, size),
            lambda: _curve_table(curves),
        )
        show(view, shown, view.key("积案办结曲线"), "交办多久后还有多少未办结？")


def _halves(curves: Sequence[tuple[str, survival.Curve]]) -> str:
    """第一批交办后236天办结过半；第二批尚未过半."""
    parts = []
    for name, curve in curves:
        day = next((d for d, share in zip(curve.days, curve.open, strict=True) if share <= 0.5), None)
        parts.append(f"{name}尚未办结过半" if day is None else f"{name}交办后{day}天办结过半")
    return "；".join(parts)


def _curve_table(curves: Sequence[tuple[str, survival.Curve]]) -> Numbers:
    rows: list[list[Value]] = []
    for name, curve in curves:
        for day, *shares in zip(curve.days, curve.open, curve.low, curve.high, strict=True):
            rows.append([name, day, *(None if share != share else share for share in shares)])
    return ["批次", "交办后天数", "未办结比例", "下限", "上限"], rows


@dataclass(frozen=True)
class Behind:
    """Who is behind the pace of the batch: leaders, townships, units of the batches not finished."""

    def draw(self, view: View) -> None:
        """Draws the table of the holder chosen."""
        found = _assigned(view)
        open_ = [b for b in found.batches if b.remaining] if found else []
        if found is None or not open_:
            return
        labels = {BACKLOG[name].label: name for name in survival.HOLDERS}
        with st.container(border=True):
            st.markdown(f"**谁落后于批次进度** · 截至 {found.day}")
            label = st.segmented_control(
                "按谁看",
                list(labels),
                default=next(iter(labels)),
                required=True,
                key=view.key("holder"),
                label_visibility="collapsed",
            )
            label = label or next(iter(labels))
            headers, rows = _behind(open_, labels[label], label, view.engine.site.small_base)
            formats = dict.fromkeys(headers[2:6], "%d") | dict.fromkeys(headers[6:9], "%.1f")
            grid(headers, rows, formats)
            note = (
                "应办结：同批次中交办同样久的积案平均办结多少；落后为应办结减已办结，负数为领先。"
                f"经办不足{view.engine.site.small_base}宗的注明样本小，相差一两宗常属偶然，不宜据此问责。"
            )
            st.caption(note)
            notes = {"说明": note, "来源": found.source(view)}
            downloads(
                view,
                f"落后于批次进度_{label}_{found.day}",
                lambda: (headers, rows, notes),
                view.key("behind"),
            )


def _behind(batches: Sequence[Projection], holder: survival.Holder, label: str, small: int) -> Numbers:
    headers = ["批次", label, "交办", "办结", "剩余", "已超期", "近8周每周办结", "按进度应办结", "落后"]
    rows: list[list[Value]] = [
        [
            *(line.batch, line.holder, line.assigned, line.closed, line.remaining, line.overdue),
            *(line.pace, line.expected, line.by),
            "样本小" if line.assigned < small else "",
        ]
        for found in batches
        for line in survival.behind(found.spells, found.day, holder)
    ]
    return [*headers, "备注"], rows


@dataclass(frozen=True)
class PastRanges:
    """How often past ranges held: each month's end of the batches whose end is known."""

    def draw(self, view: View) -> None:
        """Draws the count and, folded, the table."""
        if (found := _assigned(view)) is None:
            return
        past = [p for batch in found.batches for p in batch.past]
        with st.container(border=True):
            st.markdown("**积案预计的回测**")
            said = finishing.backtest_in_words(past)
            st.markdown(plain(f"{said}。"))
            if not past:
                return
            st.caption(
                "在以往每个月末，只用当时已办结的重新预计，再与实际办结日对照；同一批次各月的预计彼此相关，"
                "不是独立的次数。办结后又退回的，按始终未办结计。"
            )
            headers, rows = _past(found.batches)
            with st.expander("逐月对照"):
                grid(headers, rows, {headers[2]: "%d"})
                notes = {"说明": said, "来源": found.source(view)}
                downloads(view, f"积案预计回测_{found.day}", lambda: (headers, rows, notes), view.key("past"))


def _past(batches: Sequence[Projection]) -> Numbers:
    rows: list[list[Value]] = [
        [
            *(found.batch, past.day, past.remaining),
            *(past.finish.low, past.finish.median, past.finish.high, past.real),
            "在区间内" if past.held else "早于区间" if past.real < past.finish.low else "晚于区间",
        ]
        for found in batches
        for past in found.past
    ]
    return ["批次", "预计之日", "当时剩余", "区间起", "中位", "区间止", "实际办结", "结果"], rows


# --- the next months ------------------------------------------------------------------------------


@dataclass(frozen=True)
class NextMonths:
    """The expected range of the next months of one of these counts."""

    metrics: tuple[str, ...]

    def draw(self, view: View) -> None:
        """Draws the chooser, the sentences, the chart and the table behind it."""
        if said_missing(view, self.metrics):
            return
        with st.container(border=True):
            words, chooser = st.columns((3, 1), vertical_alignment="center")
            name = chooser.selectbox(
                "指标",
                self.metrics,
                format_func=lambda n: METRICS[n].label,
                key=view.key("volume"),
                label_visibility="collapsed",
            )
            words.markdown("**今后三个月预计多少**")
            metric = METRICS[name]
            kept, lacking = applicable((name,), view.selection)
            found = volumes.foreseen(view.engine, metric, kept, view.versions)
            told = volumes.sentences(metric, found, view.engine.site.small_base)
            st.markdown(plain("".join(told)))
            if lacking:
                st.caption(plain(f"不受“{'、'.join(lacking)}”筛选"))
            if found.ahead:
                _months(view, metric, kept, found, "".join(told))


def _months(view: View, metric: Metric, kept: Selection, found: Volumes, told: str) -> None:
    first = found.ahead[0]
    title = (
        f"{metric.label}{first.month.year}年{first.month.month}月预计{volumes.range_in_words(metric, first)}"
    )
    subtitle = f"{metric.label} · 80%区间 · 单位：{metric.unit}"
    versions, last = [(metric.dataset, view.versions[metric.dataset])], month_end(found.months[-1])
    said = Said(title, subtitle, source_of(view.engine, last, versions, kept))
    shown = _shown(
        view,
        f"{metric.label}预计_{last:%Y-%m}",
        said,
        kept,
        lambda size: forecast.next_months(metric, found, said, size),
        lambda: _ranges(found),
        told,
    )
    show(
        view, shown, view.key(f"{metric.label}预计"), "按季节、春节和趋势，今后几个月大约多少？", border=False
    )
    st.caption(
        "只按过去的规律推算，不含新政策、突发事件的影响；历史不足三年时不计趋势。"
        f"离散系数{found.dispersion:.1f}（1为纯属偶然，越大区间越宽）。"
    )


def _ranges(found: Volumes) -> Numbers:
    def line(e: Expected) -> list[Value]:
        held = "" if e.real is None else "在区间内" if e.held else "在区间外"
        return [f"{e.month:%Y-%m}", e.ahead, e.low, e.median, e.high, e.real, e.naive, held]

    headers = ["月份", "提前月数", "区间下限", "中位", "区间上限", "实际", "上年同月", "结果"]
    return headers, [line(e) for e in (*found.ahead, *reversed(found.past))]

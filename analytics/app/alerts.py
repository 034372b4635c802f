"""预警: both rules over the period's counts, clusters and matters of the last weeks, near deadlines."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

import streamlit as st

from analytics.app import bar, marking, queue
from analytics.app.desk import View
from analytics.app.missing import said_missing
from analytics.app.plain import plain
from analytics.catalogue.clocks import Clock
from analytics.insight.below import place_below, worded
from analytics.insight.queue import ending_early, last_day, standing, unreached
from analytics.insight.warning.alert import members_in_words
from analytics.insight.warning.board import Board, Recent, board, recent, rule_in_words, sentences
from analytics.insight.warning.clusters import by_chance
from analytics.insight.warning.deadlines import batches
from analytics.insight.warning.matters import ESCALATED
from analytics.insight.warning.provincial import AGREEMENTS, LEVELS, Change
from analytics.insight.wording import NOTHING, period_in_words
from analytics.render.table import Value

AGREEMENT = "agreement"
_NARROW = "<style>.narrow .queue :is(th, td):nth-child(2) { display: none; }</style>"


def _board(view: View) -> Board | None:
    return board(view.engine, view.selection, view.versions)


@dataclass(frozen=True)
class Lead:
    """What matters, in at most two sentences."""

    def draw(self, view: View) -> None:
        """Draws them, and what went wrong with a mark just made."""
        marking.said_refusal()
        found = _board(view)
        if found is None:
            if not said_missing(view, ("petitions",)):
                st.caption("所选期间没有数据。")
            return
        st.html("".join(f"<p class='headline'>{escape(sentence)}</p>" for sentence in sentences(found)))


@dataclass(frozen=True)
class BothRules:
    """省里的办法 beside the statistical judgement: each count of the period, those both speak of first."""

    def draw(self, view: View) -> None:
        """Draws the counts of each kind, a choice among them, and the lines."""
        found = _board(view)
        if found is None:
            return
        with st.container(border=True):
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown("**两种办法对照**", width="content")
                kept = st.pills(
                    "只看",
                    list(AGREEMENTS.values()),
                    key=AGREEMENT,
                    bind="query-params",
                    label_visibility="collapsed",
                )
                many = [f"{label} {found.agreements[name]}" for name, label in AGREEMENTS.items()]
                st.caption(" · ".join(many))
            shown = [c for c in found.changes if kept in (None, AGREEMENTS[c.agreement])]
            if not shown:
                st.caption("没有这一类的。")
                return
            self._lines(view, found, shown, kept or "")
            st.caption(
                plain(
                    f"省里的办法：{rule_in_words(found.thresholds)}（绝对值），不论基数大小；"
                    "统计判断：超出以往正常波动的才报；全部合计的各项各看自己的控制图，"
                    + worded("镇街、内容各行一起判断。", place_below(view.engine.site, view.selection))
                    + "点一行左侧的方框，看记录或作标记。"
                )
            )

    def _lines(self, view: View, found: Board, shown: list[Change], kept: str) -> None:
        known = marking.held(view)
        headers = ["对象", "本期", "同比", "环比", "省里的办法", "统计判断", "正常范围", "标记", "备注"]
        rows: list[list[Value]] = []
        for c in shown:
            against = {a.compare: a.words for a in c.against}
            compared: list[Value] = [against.get("year_ago", NOTHING), against.get("previous", NOTHING)]
            verdicts: list[Value] = [
                LEVELS[c.level],
                c.judgement.word,
                c.judgement.range_in_words(c.metric) or NOTHING,
            ]
            mark = marking.mark_in_words(known, c.alerts(found.kept))
            rows.append([c.name, c.value, *compared, *verdicts, mark, "；".join(c.notes)])
        at = marking.chosen_line(view, f"changes-{kept}", headers, rows)
        if at is not None:
            one = shown[at]
            alerts = one.alerts(found.kept)
            marking.act(view, "change", one.metric.name, one.period, one.members, one.told, alerts)


@dataclass(frozen=True)
class Clusters:
    """Township × topic cells of the last weeks beyond chance."""

    def draw(self, view: View) -> None:
        """Draws them with what they were found among."""
        found = _board(view)
        if found is None:
            return
        scan = found.scan
        with st.container(border=True, height="stretch"):
            st.markdown(f"**镇街与内容的聚集** · {plain(period_in_words(scan.window))}")
            if scan.baseline is None:
                weeks = 3 * found.thresholds.cluster_weeks
                st.caption(f"此前的数据不足 {weeks} 周，比不出聚集。")
                return
            if not scan.found:
                st.caption("没有超出偶然的聚集。")
            else:
                self._lines(view, found)
            weeks = scan.baseline.days // 7
            st.caption(
                f"最近 {scan.weeks} 周与此前 {weeks} 周相比，{scan.cells:,} 个“镇街×内容”一起检验"
                "（泊松条件检验，按此前的波动放宽，控制误报）。"
            )

    def _lines(self, view: View, found: Board) -> None:
        scan, known = found.scan, marking.held(view)
        headers = ["镇街与内容", "本期", "此前折算", "倍数", "偶然的可能", "标记"]
        rows: list[list[Value]] = []
        for cluster in scan.found:
            mark = marking.mark_in_words(known, [scan.alert(cluster, found.kept)])
            numbers: list[Value] = [cluster.observed, f"{cluster.expected:.1f}", cluster.times]
            rows.append([members_in_words(cluster.members), *numbers, by_chance(cluster.p), mark])
        at = marking.chosen_line(view, "clusters", headers, rows)
        if at is not None:
            one = scan.found[at]
            alerts = [scan.alert(one, found.kept)]
            marking.act(view, "cluster", "petitions", scan.window, one.members, f"{one.words}。", alerts)


@dataclass(frozen=True)
class MatterTable:
    """Group visits and escalations by matter, those at a threshold first."""

    def draw(self, view: View) -> None:
        """Draws the matters."""
        found = _board(view)
        if found is None:
            return
        matters, limits = found.matters, found.thresholds
        with st.container(border=True, height="stretch"):
            many = f"{len(matters.found)} 个事项，达到界限 {len(matters.flagged)} 个"
            st.markdown(f"**集体访与越级走访** · {plain(period_in_words(matters.window))} · {many}")
            if not matters.found:
                st.caption("没有集体访，也没有到市、赴省、进京访。")
            else:
                self._lines(view, found)
            st.caption(
                plain(
                    f"最近 {matters.weeks} 周，按镇街、内容二级、责任单位归为事项；界限：集体访 ≥"
                    f" {limits.group_visits} 批或 {limits.group_persons} 人次，到市赴省进京 ≥"
                    f" {limits.escalations} 批。"
                )
            )

    def _lines(self, view: View, found: Board) -> None:
        matters, known = found.matters, marking.held(view)
        further = [label for _, label in ESCALATED]
        headers = ["事项", "达到界限", "标记", "集体访批", "人次", *further, "重件", "在办"]
        rows: list[list[Value]] = []
        for matter in matters.found:
            counts = matter.counts
            numbers = [counts["group_visits"], counts["group_visit_persons"]]
            numbers += [counts[name] for name, _ in ESCALATED]
            numbers += [counts["repeat_petitions"], counts["open"]]
            alerts = [matters.alert(matter, found.kept)]
            told = ["、".join(matter.reasons), marking.mark_in_words(known, alerts)]
            rows.append([members_in_words(matter.members), *told, *(n or None for n in numbers)])
        at = marking.chosen_line(view, "matters", headers, rows, {"达到界限": 160})
        if at is not None:
            one = matters.found[at]
            flagged = [matters.alert(one, found.kept)] if one.reasons else []
            words = "；".join([one.words, *one.reasons])
            marking.act(view, "matter", "petitions", matters.window, one.members, f"{words}。", flagged)


@dataclass(frozen=True)
class Deadlines:
    """临近时限: the clocks with anything late or due within 7 days, and batches near their limit."""

    clocks: tuple[Clock, ...]

    def draw(self, view: View) -> None:
        """Draws what waits, with the way to 待办."""
        engine, selection, versions = view.engine, view.selection, view.versions
        day = last_day(engine, self.clocks, selection, versions)
        found = [standing(engine, clock, day, selection, versions) for clock in self.clocks]
        there = [one for one in found if one.waiting]
        with st.container(border=True, height="stretch"):
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(f"**临近时限** · 以 {day} 为今天", width="content")
                bar.link("worklist", "到“待办”看是哪些 ›")
            if there:
                st.html(f"{queue.STYLE}{_NARROW}<div class='narrow'>{queue.overview_html(there)}</div>")
            elif any(not one.missing for one in found):
                st.caption("没有超期或 7 日内到期的。")
            told = unreached(there) + ending_early(engine, found, versions)
            for batch in batches(engine, day, selection, versions):
                st.markdown(plain(f"积案{batch.words}"))
            if told:
                st.caption(plain("；".join(told)))


@dataclass(frozen=True)
class Early:
    """At most two lines of the page 预警 elsewhere: the first cluster, the first matters at a threshold."""

    def draw(self, view: View) -> None:
        """Draws each as a link to the page."""
        found = recent(view.engine, view.selection, view.versions)
        with st.container(gap="xsmall", key=view.key("early")):
            for line in _early(found) if found else ():
                bar.link("warnings", plain(f"{line} ›"))


def _early(found: Recent) -> list[str]:
    lines = [f"近{found.scan.weeks}周{cluster.words}" for cluster in found.scan.found[:1]]
    return [*lines, *(f"近{found.matters.weeks}周{matter.words}" for matter in found.matters.flagged)][:2]

"""What needs action today: every clock on one line, then with whom it lies, then the rows themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from html import escape

import pandas as pd
import streamlit as st

from analytics.access import forbidden
from analytics.answers import source_of
from analytics.app.desk import View
from analytics.app.downloads import Table, downloads
from analytics.app.grid import grid
from analytics.app.missing import not_imported
from analytics.app.noting import seen, selected
from analytics.app.plain import plain
from analytics.app.records import EXPORTED, SHOWN
from analytics.app.selection import refuse_unknown
from analytics.catalogue.clocks import Clock
from analytics.citing import filters_in_words
from analytics.contract import DATASETS
from analytics.engine import Waiting
from analytics.insight import queue
from analytics.insight.queue import COUNTED, Standing
from analytics.insight.wording import NOTHING

DAY, CLOCK = "day", "clock"

STYLE = """<style>
.queue { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
.queue th, .queue td { padding: 0.2rem 0.6rem; border-bottom: 1px solid #e6e9ed; text-align: right; }
.queue th { font-weight: 400; white-space: nowrap; }
.queue thead th { color: #5f6b7a; font-size: 0.85rem; }
.queue :is(th, td):nth-child(-n+2), .queue .missing { text-align: left; }
.queue td:nth-child(2), .queue .missing { color: #5f6b7a; font-size: 0.85rem; }
.queue .late { color: #b3261e; font-weight: 600; }
@media (max-width: 640px) {
  .queue th, .queue td { padding: 0.2rem 0.25rem; font-size: 0.8rem; }
  .queue thead th { font-size: 0.72rem; }
  .queue :is(th, td):nth-child(2) { display: none; }
}
</style>"""


@dataclass(frozen=True)
class Queue:
    """待办: what each clock has overdue and due on a day; one clock chosen, with whom and which rows."""

    title: str
    clocks: tuple[Clock, ...]

    def draw(self, view: View) -> None:
        """Draws the clocks, then what waits on the chosen one."""
        with st.container(border=True):
            day = self._day(view)
            found = [
                queue.standing(view.engine, clock, day, view.selection, view.versions)
                for clock in self.clocks
            ]
            st.html(STYLE + overview_html(found))
            told = queue.unreached(found) + queue.ending_early(view.engine, found, view.versions)
            if told:
                st.caption(plain("；".join(told)))
            if chosen := _chosen(found):
                _behind(view, chosen)

    def _day(self, view: View) -> date:
        """The day looked at: chosen here, else the last of the period that has data."""
        last = queue.last_day(view.engine, self.clocks, view.selection, view.versions)
        words, chooser = st.columns((3, 1), vertical_alignment="center")
        picked = chooser.date_input(
            "改看另一天",
            None,
            key=DAY,
            bind="query-params",
            format="YYYY-MM-DD",
            min_value=date(1990, 1, 1),
            max_value=date(2099, 12, 31),
        )
        day = picked if isinstance(picked, date) else last
        words.markdown(f"**{self.title}** · 以 {day} 为今天")
        return day


def overview_html(found: Sequence[Standing]) -> str:
    """One line a clock: its length, what is overdue and by how much, what falls due."""
    heads = "".join(f"<th scope='col'>{escape(head)}</th>" for head in ("时限", "期限", *COUNTED))
    lines = "".join(f"<tr>{_line(one)}</tr>" for one in found)
    return f"<table class='queue'><thead><tr>{heads}</tr></thead><tbody>{lines}</tbody></table>"


def _line(found: Standing) -> str:
    head = f"<th scope='row'>{escape(found.clock.label)}</th><td>{escape(found.clock.limit)}</td>"
    if found.missing:
        words = f"{not_imported([DATASETS[found.clock.imported]])}，请到“数据”页导入"
        return f"{head}<td class='missing' colspan='{len(COUNTED)}'>{escape(words)}</td>"
    late, longest, *near = (
        NOTHING if number is None else f"{number:,}" for number in queue.numbers(found.total, found.day)
    )
    style = "" if late == NOTHING else " class='late'"
    return f"{head}<td{style}>{late}</td><td{style}>{longest}</td>" + "".join(f"<td>{n}</td>" for n in near)


def _chosen(found: Sequence[Standing]) -> Standing | None:
    """The clock that is looked into: the one chosen, else the first that has anything."""
    there = {one.clock.label: one for one in found if not one.missing}
    if not there:
        return None
    refuse_unknown(CLOCK, list(there), "时限")
    if st.session_state.get(CLOCK) not in there:  # chosen on a page that has others
        st.session_state.pop(CLOCK, None)
    first = next((label for label, one in there.items() if one.waiting), next(iter(there)))
    label = st.segmented_control(
        "看哪个时限",
        list(there),
        default=first,
        key=CLOCK,
        bind="query-params",
        required=True,
        label_visibility="collapsed",
    )
    return there[label or first]


def _behind(view: View, found: Standing) -> None:
    """With whom it lies, then the rows; a clock of the bureau itself has the rows alone."""
    clock, everybody = found.clock, found.total
    st.caption(plain(f"{clock.label}：{clock.limit}。{clock.basis}"))
    if everybody is None:
        st.caption("没有超期或 7 日内到期的。")
        return
    held = _holder(view, found) if clock.holder else None
    narrow = view.narrowed(clock.holder, [held.holder]) if held else None
    _ledger(narrow or view, found, sum((held or everybody).counts))


def _holder(view: View, found: Standing) -> Waiting | None:
    """With whom it lies; the line that is chosen, if any."""
    headers, rows = queue.by_holder(found)
    place = grid(
        headers,
        rows,
        dict.fromkeys(headers[1:], "%d"),
        on_select="rerun",
        selection_mode="single-row",
        key=view.key(f"holder-{found.clock.name}-{found.day}-{hash(view.selection)}"),
        most=250,
    )
    chosen = place.selection.rows
    st.caption("再点一次，看全部。" if chosen else "点一行左侧的方框，只看其手中的。")
    return found.waiting[chosen[0]] if chosen else None


def _ledger(view: View, found: Standing, total: int) -> None:
    """The rows, `total` in all, with their downloads; for who may see them."""
    if not view.may("records"):
        st.caption(forbidden("records"))
        return
    clock, day, engine = found.clock, found.day, view.engine
    kept, _ = queue.applicable(clock, view.selection)

    def table(limit: int) -> queue.Table:
        records = engine.queue(clock, day, kept, view.versions, limit)
        return queue.ledger(clock, day, records, engine.site.calendar)

    known = "queue", clock.name, day, kept, *view.versions.items()
    headers, rows = engine.remember(known, lambda: table(SHOWN))
    seen(view.looker, "查看明细", clock.label, kept, view.versions, len(rows))
    written = [[f"{v}" if isinstance(v, date) else v for v in row] for row in rows]
    st.dataframe(
        pd.DataFrame(written, columns=headers), hide_index=True, height=min(420, 40 + 35 * len(rows))
    )
    unit = DATASETS[clock.dataset].unit
    more = f"，只显示最紧的 {len(rows):,} {unit}，下载的更全" if total > len(rows) else ""
    words = filters_in_words(kept)
    st.caption(plain(f"共 {total:,} {unit}{more}" + (f"；筛选：{words}" if words else "")))

    def whole() -> Table:
        notes = {
            "时限": f"{clock.label}（{clock.limit}）",
            "完整": f"只有最紧的 {EXPORTED:,} 行" if total > EXPORTED else "是",
            "来源": source_of(engine, day, [(clock.dataset, view.versions[clock.dataset])], kept),
        }
        return (*table(EXPORTED), notes)

    key = view.key(f"queue-{clock.name}")
    downloads(view, f"{clock.label}_{day}", whole, key=key, right="records", filters=selected(kept))

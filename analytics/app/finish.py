"""When each batch of the backlog will be finished, a line a batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from html import escape

import streamlit as st

from analytics.answers import applicable, source_of
from analytics.app.desk import View
from analytics.app.missing import said_missing
from analytics.catalogue import METRICS
from analytics.contract import BACKLOG
from analytics.insight.closing import Projection, outlook
from analytics.insight.finishing import (
    backtest_in_words,
    due_in_words,
    finish_in_words,
    pace_in_words,
    precedents_in_words,
)
from analytics.model import Selection

REMAINING = METRICS["backlog_remaining"].name

STYLE = """<style>
.finishes { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
.finishes th, .finishes td { padding: 0.25rem 0.6rem; text-align: left; vertical-align: top; }
.finishes th { white-space: nowrap; font-weight: 600; }
.finishes tr + tr > * { border-top: 1px solid #e6e9ed; }
.finishes small { color: #5f6b7a; font-size: 0.85rem; }
.finishes .late { color: #b3261e; }
@media (max-width: 640px) {
  .finishes th, .finishes td { display: block; padding: 0.1rem 0.2rem; }
  .finishes tr + tr > td { border-top: 0; }
}
</style>"""


@dataclass(frozen=True)
class Stand:
    """The batches on the day looked at, and the selection that they are under."""

    day: date
    selection: Selection
    lacking: tuple[str, ...]
    batches: tuple[Projection, ...]

    def source(self, view: View) -> str:
        """来源、截至、版本、筛选."""
        versions = [(BACKLOG.name, view.versions[BACKLOG.name])]
        return source_of(view.engine, self.day, versions, self.selection)


def stand(view: View) -> Stand | None:
    """The batches at the end of the period or of the data; None where the backlog was never imported."""
    if not view.has(BACKLOG.name):
        return None
    kept, lacking = applicable((REMAINING,), view.selection)
    coverage = view.engine.coverage(BACKLOG.name, view.versions[BACKLOG.name])
    day = min(kept.period.last, coverage.last) if coverage else kept.period.last
    return Stand(day, kept, lacking, outlook(view.engine, kept, view.versions, day))


@dataclass(frozen=True)
class Finishes:
    """A line a batch: what remains, the pace, the range of the finish, the time limit."""

    def draw(self, view: View) -> None:
        """Draws the lines, and how past ranges held."""
        found = stand(view)
        if said_missing(view, (REMAINING,)) or found is None:
            return
        if not found.batches:
            st.caption(f"到 {found.day} 为止，所选范围内没有交办的积案，不作预计。")
            return
        with st.container(border=True):
            st.markdown(f"**各批次积案何时办结** · 截至 {found.day}")
            st.html(STYLE + finishes_html(found.batches))
            past = [p for batch in found.batches for p in batch.past]
            unfiltered = f"　不受“{'、'.join(found.lacking)}”筛选" if found.lacking else ""
            st.caption(
                f"假定今后每宗未办结积案被办结的机会与近来一样，所以剩得越少办得越慢；{backtest_in_words(past)}。{unfiltered}"
            )


def finishes_html(batches: Sequence[Projection]) -> str:
    """The lines as a table."""
    lines = "".join(_line(found, batches) for found in batches)
    return f"<table class='finishes'><tbody>{lines}</tbody></table>"


def _line(found: Projection, batches: Sequence[Projection]) -> str:
    head = f"<th scope='row'>{escape(found.batch)}</th>"
    share = f"{found.closed / found.assigned:.1%}"
    if not found.remaining:
        return f"<tr>{head}<td>交办{found.assigned}宗，{escape(finish_in_words(found))}</td></tr>"
    said = f"交办{found.assigned}宗，办结{found.closed}宗（{share}），剩余{found.remaining}宗 · "
    said += f"{pace_in_words(found)}，{finish_in_words(found)}"
    late = " class='late'" if found.status == "overdue" else ""
    small = [f"<small{late}>{escape(due_in_words(found))}</small>"]
    if told := precedents_in_words(found, batches):
        small.append(f"<small>{escape(told)}</small>")
    return f"<tr>{head}<td>{'<br>'.join((escape(said), *small))}</td></tr>"

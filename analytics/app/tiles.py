"""Key numbers side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from analytics.answers import applicable
from analytics.app.asking import compared, judgements, two_years
from analytics.app.changes import changes_button
from analytics.app.desk import View
from analytics.app.missing import not_imported
from analytics.app.records import records_button
from analytics.app.style import frame
from analytics.app.tile import tile_html
from analytics.catalogue import METRICS
from analytics.insight.verdict import Judgement
from analytics.insight.wording import MATURES, NOTHING, arrow, change_in_words, number
from analytics.model import Metric
from analytics.result import Result


@dataclass(frozen=True)
class Tiles:
    """Key numbers side by side: value, 同比, 环比, 24 months, and what may be said of it.

    A group of two names shows both numbers in one tile (37批/104人次).
    """

    groups: tuple[tuple[str, ...], ...]

    def draw(self, view: View) -> None:
        """Draws a tile a group."""
        told = view.remember(("tiles", self.groups), lambda: self._told(view))
        with st.container(horizontal=True, key=view.key("tiles")):
            for group, words in zip(self.groups, told, strict=True):
                _tile(view, group, words)

    def _told(self, view: View) -> list[str]:
        """What each tile says."""
        names = [name for group in self.groups for name in group]
        results = compared(view, names)
        months = two_years(view, names)
        verdicts = judgements(view, results[0], [group[0] for group in self.groups])
        return [_words(view, group, results, months, verdicts) for group in self.groups]


def tiles(*groups: str | tuple[str, ...]) -> Tiles:
    """A tile for each metric, or for two metrics that belong together."""
    return Tiles(tuple((g,) if isinstance(g, str) else g for g in groups))


def _tile(view: View, group: tuple[str, ...], words: str) -> None:
    first = group[0]
    with frame(view.key(f"tile-{first}")):
        st.html(words)
        if view.lacking(group):
            return
        kept, _ = applicable((first,), view.selection)
        records_button(view, first, kept, key=view.key(f"records-tile-{first}"))
        changes_button(view, (first,), kept, key=view.key(f"changes-tile-{first}"))


def _words(
    view: View,
    group: tuple[str, ...],
    answers: Sequence[dict[str, Result]],
    months: dict[str, Result],
    verdicts: Mapping[str, Judgement],
) -> str:
    first = group[0]
    if absent := not_imported(view.lacking(group)):
        return tile_html(_label(first), [(NOTHING, "")], [], ("", ""), [], absent, _meaning(group))
    return _numbers(view, group, [found[first] for found in answers], months[first], verdicts[first])


def _numbers(
    view: View, group: Sequence[str], results: Sequence[Result], months: Result, verdict: Judgement
) -> str:
    first = METRICS[group[0]]
    _, lacking = applicable((first.name,), view.selection)
    notes = [f"不受“{'、'.join(lacking)}”筛选"] if lacking else []
    notes += [MATURES] if first.cohort and verdict.expected is not None else []
    coverage = results[0].coverage.get(first.imported)
    there = coverage is not None and coverage.first <= results[0].period.last
    notes += [f"数据从{coverage.first}开始"] if coverage and not there else []
    return tile_html(
        _label(first.name),
        [_shown(n, results[0].value(n) if there else None) for n in group],
        [] if verdict.rule == "maturing" else [_change(view, first.name, result) for result in results],
        _verdict(first, verdict) if there else ("", ""),
        [months.value(first.name, key) for key in months.keys],
        " · ".join(notes),
        f"{verdict.in_words(first)}\n{_meaning(group)}",
    )


def _verdict(metric: Metric, judgement: Judgement) -> tuple[str, str]:
    """Its name, and the word with what it comes from: the range, or what lasted."""
    outside = judgement.rule.endswith(".limits") or not judgement.told
    why = judgement.range_in_words(metric) if outside else judgement.told
    return judgement.verdict, f"{judgement.word} {why}".strip()


def _label(name: str) -> str:
    return METRICS[name].label.removesuffix("批次")


def _shown(name: str, value: float | int | None) -> tuple[str, str]:
    """The number and its unit; what is not known has none."""
    unit = "" if METRICS[name].is_rate or value is None else METRICS[name].unit
    return number(METRICS[name], value), unit


def _meaning(group: Sequence[str]) -> str:
    return "\n".join(f"{METRICS[n].label}：{METRICS[n].note}。依据：{METRICS[n].basis}" for n in group)


def _change(view: View, name: str, result: Result) -> tuple[str, str]:
    """The arrow and the words of one comparison."""
    metric, cell, base = METRICS[name], result.cell(name), result.base_cell(name)
    words = change_in_words(
        metric,
        cell,
        base,
        result.query.compare,
        view.engine.site.small_base,
        result.base_covered(metric=name),
    )
    return (arrow(metric, cell, base) if result.base_covered(metric=name) else "", words)

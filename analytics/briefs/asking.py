"""What a brief asks, and the phrases that its sentences are made of: each number with its source."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from analytics.answers import Answer, Figure, Span, Where, answer, applicable, shown_period
from analytics.briefs.brief import KeyNumber
from analytics.catalogue import METRICS
from analytics.citing import Piece, Source, Told, source_of_query
from analytics.contract import DATASETS
from analytics.engine import Engine
from analytics.insight.judgement import judged
from analytics.insight.verdict import Judgement
from analytics.insight.wording import amount, change_in_words, number, period_in_words
from analytics.model import Comparison, Selection
from analytics.result import Key, Result

COMPARISONS: tuple[Comparison, ...] = ("year_ago", "previous")


@dataclass(frozen=True)
class Asking:
    """The questions of one brief: an engine whose versions stand still, and the month's selection."""

    engine: Engine
    selection: Selection

    @cached_property
    def versions(self) -> dict[str, int]:
        """Of every dataset."""
        return self.engine.versions()

    @property
    def small_base(self) -> int:
        """Below it no percentages."""
        return self.engine.site.small_base

    def ask(
        self,
        metrics: str | Sequence[str],
        by: tuple[str, ...] = (),
        compare: Comparison = "none",
        where: Where = (),
        span: Span = "period",
    ) -> Result:
        """Metrics of one dataset under the filters that they have."""
        names = (metrics,) if isinstance(metrics, str) else tuple(metrics)
        kept, _ = applicable(names, self.selection, without=by)
        period = shown_period(self.engine, METRICS[names[0]].imported, span, kept.period)
        members = dict(kept.members) | dict(where)
        return self.engine.ask(names, by, period, members, compare, scope=kept.scope)

    def compared(self, metrics: str | Sequence[str], by: tuple[str, ...] = ()) -> tuple[Result, ...]:
        """The same against the year before and the month before."""
        return tuple(self.ask(metrics, by, compare) for compare in COMPARISONS)

    def answered(self, figure: Figure) -> Answer:
        """A figure's answer."""
        return answer(self.engine, figure, self.selection, self.versions)

    def judged(self, name: str) -> Judgement:
        """What may be said of the month's number."""
        return judged(self.engine, self.ask(name), (name,))[name, ()]

    def absent(self, name: str) -> str:
        """Why there is nothing to say of a metric's month; empty where there is."""
        metric, period = METRICS[name], self.selection.period
        dataset = DATASETS[metric.imported]
        if metric.imported not in self.versions:
            return f"尚未导入{dataset.label}数据"
        coverage = self.engine.coverage(metric.imported)
        if coverage is None or period.start > coverage.last or period.end < coverage.first:
            return f"{period_in_words(period)}没有{dataset.label}数据"
        return ""


# --- phrases ------------------------------------------------------------------------------------------


def source_of(result: Result) -> Source:
    """The source of a result's numbers."""
    return source_of_query(result.query)


def words(text: str) -> Piece:
    """Text without numbers of its own."""
    return Piece(text)


def sentence(*parts: Piece | Iterable[Piece] | str, end: str = "。") -> Told:
    """Parts one after another, then the full stop."""
    pieces: list[Piece] = []
    for part in parts:
        pieces += [Piece(part)] if isinstance(part, str) else [part] if isinstance(part, Piece) else part
    return (*pieces, Piece(end))


def joined(parts: Iterable[Told | Piece], by: str = "，") -> Told:
    """Phrases with a comma between."""
    pieces: list[Piece] = []
    for part in parts:
        found = [part] if isinstance(part, Piece) else list(part)
        pieces += [Piece(by), *found] if pieces and found else found
    return tuple(pieces)


def value(result: Result, name: str, key: Key = (), label: str | None = None) -> Piece:
    """信访总量171件; `label` in place of the metric's own."""
    metric = METRICS[name]
    before = metric.label if label is None else label
    return Piece(f"{before}{amount(metric, result.value(name, key))}", source_of(result))


def change(result: Result, name: str, small_base: int, key: Key = ()) -> Told:
    """同比下降8.1%; nothing where nothing was compared."""
    metric, covered = METRICS[name], result.base_covered(key, name)
    cell, base = result.cell(name, key), result.base_cell(name, key)
    said = change_in_words(metric, cell, base, result.query.compare, small_base, covered)
    return (Piece(said, source_of(result)),) if said else ()


def with_changes(
    results: Sequence[Result], name: str, small_base: int, key: Key = (), label: str | None = None
) -> Told:
    """信访总量171件，同比下降8.1%，环比上升3.0%."""
    changes = [change(result, name, small_base, key) for result in results]
    return joined([value(results[0], name, key, label), *changes])


def key_number(asking: Asking, name: str, judge: bool = True) -> KeyNumber:
    """A metric of the month as it is shown large."""
    metric, results = METRICS[name], asking.compared(name)
    told = asking.judged(name) if judge and not metric.stock else None
    changes = [
        Piece("".join(piece.text for piece in change(r, name, asking.small_base)), source_of(r))
        for r in results
    ]
    return KeyNumber(
        metric.label,
        number(metric, results[0].value(name)),
        "" if metric.is_rate else metric.unit,
        tuple(changes),
        told.word if told and told.verdict != "small" else "",
    )

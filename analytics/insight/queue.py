"""What waits on each clock on one day, in words and in tables: the queue before it is drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from analytics.catalogue import DIMENSIONS, dataset_has
from analytics.catalogue.clocks import Clock
from analytics.contract import DATASETS
from analytics.engine import Engine, Records, Waiting
from analytics.model import Selection
from analytics.sources import Value
from analytics.workdays import Workdays

LATE, LONGEST, TODAY, NEAR, FAR = "已超期", "最长天数", "今日到期", "1–3日", "4–7日"
COUNTED = (LATE, LONGEST, TODAY, NEAR, FAR)
STATE = "超期或剩余"


@dataclass(frozen=True)
class Standing:
    """One clock on a day: what waits with whom.

    `lacking`: labels of the filters that its dataset does not have. `missing`: it was never imported.
    """

    clock: Clock
    day: date
    waiting: tuple[Waiting, ...] = ()
    lacking: tuple[str, ...] = ()
    missing: bool = False

    @property
    def total(self) -> Waiting | None:
        """What waits with everybody together; None where nothing does."""
        if not self.waiting:
            return None
        counts = zip(*(w.counts for w in self.waiting), strict=True)
        return Waiting("", tuple(map(sum, counts)), min(w.earliest for w in self.waiting))


def last_day(
    engine: Engine, clocks: Sequence[Clock], selection: Selection, versions: Mapping[str, int]
) -> date:
    """The last day of the period with data, of the first dataset imported among the clocks'."""
    names = [c.imported for c in clocks if c.imported in versions]
    coverage = engine.coverage(names[0], versions[names[0]]) if names else None
    return min(selection.period.end, coverage.last) if coverage else selection.period.end


def standing(
    engine: Engine, clock: Clock, day: date, selection: Selection, versions: Mapping[str, int]
) -> Standing:
    """What waits on the clock at the end of the day, under the filters that its dataset has."""
    if clock.imported not in versions:
        return Standing(clock, day, missing=True)
    kept, lacking = applicable(clock, selection)
    return Standing(clock, day, engine.waiting(clock, day, kept, versions), lacking)


def applicable(clock: Clock, selection: Selection) -> tuple[Selection, tuple[str, ...]]:
    """The selection's filters that the clock's dataset has, and the labels of those that it lacks."""
    dataset = DATASETS[clock.dataset]
    lacking = [d for d, _ in selection.members if not dataset_has(dataset, d)]
    kept = selection.only({d for d, _ in selection.members} - set(lacking))
    return kept, tuple(DIMENSIONS[d].label for d in lacking)


# --- words ----------------------------------------------------------------------------------------


def left_in_words(due: date, day: date) -> str:
    """超期12天 · 今日到期 · 还有3天."""
    left = (due - day).days
    if not left:
        return "今日到期"
    return f"还有{left}天" if left > 0 else f"超期{-left}天"


def state_in_words(clock: Clock, due: date, day: date, calendar: Workdays) -> str:
    """The same, 暂定 where the last day rests on working days that are not published yet."""
    provisional = clock.working and calendar.is_provisional(due)
    return left_in_words(due, day) + ("（暂定）" if provisional else "")


def unreached(found: Sequence[Standing]) -> list[str]:
    """积案办结、督办反馈不受“信访形式”筛选: the clocks that a filter does not reach."""
    clocks: dict[tuple[str, ...], list[str]] = {}
    for one in found:
        clocks.setdefault(one.lacking, []).append(one.clock.label)
    return [
        f"{'、'.join(labels)}不受“{'、'.join(lacking)}”筛选" for lacking, labels in clocks.items() if lacking
    ]


def ending_early(engine: Engine, found: Sequence[Standing], versions: Mapping[str, int]) -> list[str]:
    """信访事项、信访积案数据只到 2021-12-13，此后的未计: what has no data up to the day."""
    ends: dict[date, list[str]] = {}
    for name in dict.fromkeys(one.clock.imported for one in found if not one.missing):
        coverage = engine.coverage(name, versions[name])
        if coverage and coverage.last < found[0].day:
            ends.setdefault(coverage.last, []).append(DATASETS[name].label)
    return [f"{'、'.join(labels)}数据只到 {last}，此后的未计" for last, labels in ends.items()]


# --- tables ---------------------------------------------------------------------------------------

Table = tuple[list[str], list[list[Value]]]
"""Headers and rows."""


def numbers(waiting: Waiting | None, day: date) -> list[int | None]:
    """As COUNTED names them; None in place of 0."""
    if waiting is None:
        return [None] * len(COUNTED)
    late, *near = (count or None for count in waiting.counts)
    return [late, (day - waiting.earliest).days if late else None, *near]


def by_holder(found: Standing) -> Table:
    """One line a holder."""
    holder = DATASETS[found.clock.dataset][found.clock.holder].label
    return [holder, *COUNTED], [[w.holder, *numbers(w, found.day)] for w in found.waiting]


def ledger(clock: Clock, day: date, records: Records, calendar: Workdays) -> Table:
    """The rows themselves: how late or how near, what, with whom, since when, until when."""
    rows: list[list[Value]] = []
    for row in records.rows:
        due = row[-1]
        state = state_in_words(clock, due, day, calendar) if isinstance(due, date) else ""
        rows.append([state, *row])
    return [STATE, *(field.label for field in records.fields)], rows

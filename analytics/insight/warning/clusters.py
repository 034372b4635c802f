"""Where items of one township and topic came thicker in recent weeks than in the weeks before.

Every cell (township × topic, two levels of topics) is tested by itself: given what it had in the baseline
and in the window together, the window's part is binomial, beta-binomial where counts vary more than chance
alone would have them (`Counted`); the variation is measured on stretches of the baseline as long as the
window. Of all cells tested at once, Benjamini–Hochberg decides. A wide cell is left out where without the
narrow ones found within it nothing is left to report.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from analytics.engine import Engine
from analytics.insight.chance import Counted, adjusted, dispersion_of_counts
from analytics.insight.warning.alert import Alert, Kept, Members, members_in_words, weeks_until
from analytics.insight.wording import count, period_in_words
from analytics.model import Period, Selection
from analytics.result import NOBODY, Key
from analytics.site import Thresholds

BY = ("township", "topic_1", "topic_2")
FALSE_FINDS = 0.10
"""Of the cells reported, at most so many by chance alone; so few items each can seldom come near it."""
LEAST_STRETCHES = 3
"""Stretches of the baseline without which there is nothing to compare with."""

Stretches = tuple[int, ...]
"""A cell's counts, stretch by stretch, the oldest first, the window last."""


@dataclass(frozen=True)
class Cluster:
    """A cell beyond chance.

    `p`: how often at most chance alone gives as much in any one of all the cells tested (Bonferroni).
    """

    key: Key
    observed: int
    expected: float
    p: float

    @property
    def members(self) -> Members:
        """Township and topics."""
        return tuple(zip(BY, self.key, strict=False))

    @property
    def times(self) -> str:
        """4.3倍; 此前没有 where nothing came before."""
        return f"{self.observed / self.expected:.1f}倍" if self.expected else "此前没有"

    @property
    def words(self) -> str:
        """新陂镇“房屋拆迁”9件，此前折算为2.1件（4.3倍），偶然出现的可能约1/500."""
        where = members_in_words(self.members)
        numbers = f"{count(self.observed)}件，此前折算为{self.expected:.1f}件（{self.times}）"
        return f"{where}{numbers}，偶然出现的可能{by_chance(self.p)}"


@dataclass(frozen=True)
class Scan:
    """What was looked at and found. `baseline` None: too few weeks before; `cells`: how many were tested."""

    window: Period
    baseline: Period | None
    cells: int
    found: tuple[Cluster, ...]

    @property
    def weeks(self) -> int:
        """Of the window."""
        return self.window.days // 7

    def alert(self, cluster: Cluster, kept: Kept) -> Alert:
        """The cluster as a warning."""
        numbers: dict[str, object] = {
            "本期": cluster.observed,
            "预期": round(cluster.expected, 2),
            "偶然出现的可能": cluster.p,
        }
        told = f"{period_in_words(self.window)}{cluster.words}"
        return Alert("cluster", "petitions", self.window, cluster.members, kept, told, numbers)


def by_chance(p: float) -> str:
    """约1/500: how often chance alone gives as much. A bound above ½ says no more than 1 − e^−½ > ⅓."""
    if p > 0.5:
        return "1/3以上"
    return "不到1/10,000" if p < 1e-4 else f"约1/{float(f'{1 / p:.2g}'):,.0f}"


def scan(engine: Engine, selection: Selection, versions: Mapping[str, int], first: date, last: date) -> Scan:
    """The weeks up to `last` against those before, as far back as `first`, the first day with data."""
    thresholds = engine.site.warnings
    window = weeks_until(last, thresholds.cluster_weeks)
    stretches = _stretches(window, thresholds, first)
    if len(stretches) < LEAST_STRETCHES:
        return Scan(window, None, 0, ())
    narrow = engine.stretches("petitions", BY, (*stretches, window), selection, versions)
    cells, found = clusters(levels_of(narrow))
    return Scan(window, Period(stretches[0].start, stretches[-1].end), cells, tuple(found))


def _stretches(window: Period, thresholds: Thresholds, first: date) -> list[Period]:
    """The baseline in stretches as long as the window, as many as there are data for."""
    length = timedelta(weeks=thresholds.cluster_weeks)
    wanted = thresholds.baseline_weeks // thresholds.cluster_weeks
    there = min(wanted, (window.start - first) // length)
    return [Period(window.start - n * length, window.end - n * length) for n in range(there, 0, -1)]


def levels_of(narrow: Mapping[Key, Stretches]) -> tuple[dict[Key, Stretches], dict[Key, Stretches]]:
    """Township × first level, township × second level: of places and topics that are some."""
    wide: dict[Key, Stretches] = {}
    for key, counts in narrow.items():
        if not set(key[:2]) & set(NOBODY):
            before = wide.get(key[:2], (0,) * len(counts))
            wide[key[:2]] = tuple(a + b for a, b in zip(before, counts, strict=True))
    return wide, {key: counts for key, counts in narrow.items() if not set(key) & set(NOBODY)}


def clusters(levels: Sequence[Mapping[Key, Stretches]]) -> tuple[int, list[Cluster]]:
    """How many cells were tested, and those beyond chance, the least likely first."""
    tests = {key: test for level in levels for key, test in _tests(level).items()}
    observed = {key: counts[-1] for level in levels for key, counts in level.items()}
    p_values = [tests[key].above(observed[key]) for key in tests]
    found = {
        key: Cluster(key, observed[key], test.expected, min(1.0, len(tests) * p))  # Bonferroni
        for (key, test), p, q in zip(tests.items(), p_values, adjusted(p_values), strict=True)
        if q <= FALSE_FINDS
    }
    said = [cluster for key, cluster in found.items() if not _told_by_others(key, found, tests)]
    return len(tests), sorted(said, key=lambda c: (c.p, -c.observed, c.key))


def _tests(level: Mapping[Key, Stretches]) -> dict[Key, Counted]:
    """What each cell's baseline leads one to expect of the window."""
    spread = dispersion_of_counts([counts[:-1] for counts in level.values()]).factor
    return {
        key: Counted(sum(counts[:-1]), len(counts) - 1, 1.0, spread)
        for key, counts in level.items()
        if any(counts)
    }


def _told_by_others(key: Key, found: Mapping[Key, Cluster], tests: Mapping[Key, Counted]) -> bool:
    """Whether narrower clusters found within the cell are all that there is to it."""
    within = [other for other in found if other != key and other[: len(key)] == key]
    if not within:
        return False
    test = tests[key]
    rest = Counted(test.base - sum(tests[o].base for o in within), test.months, test.ahead, test.factor)
    return rest.above(found[key].observed - sum(found[o].observed for o in within)) > FALSE_FINDS

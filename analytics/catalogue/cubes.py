"""Which sums are stored beside the rows of a great dataset: each cube's dimensions, and how fine they are.

A lattice of small cubes: one fat cube of all dimensions would hold a cell for almost every row.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

from analytics.catalogue import METRICS
from analytics.contract import DATASETS, Dataset, Kind
from analytics.model import AREA, LEVELS, MONTH, TOWNSHIP_DIGITS, Level, Measure, counted


@dataclass(frozen=True)
class Cube:
    """Sums of a dataset's measures by month and by the columns `by`, in whose order its cells are stored.

    `level`: its `area` tells no place below this one apart. `counting`: only what quantiles are read off,
    which needs the column of days among `by`. `date`: only what this column places in time.
    """

    name: str
    dataset: str
    by: tuple[str, ...]
    level: Level | None = None
    counting: bool = False
    date: str = ""

    @cached_property
    def measures(self) -> tuple[Measure, ...]:
        """What it holds, with how many rows each counts: whether there is anything to sum."""
        mine = [
            m
            for m in METRICS.values()
            if m.dataset == self.dataset and (m.quantile is not None) is self.counting
        ]
        needed = (x for m in mine for measure in m.measures for x in (counted(measure), measure))
        return tuple(dict.fromkeys(x for x in needed if self.date in ("", x.date)))

    @cached_property
    def columns(self) -> dict[Measure, str]:
        """Under which name each measure is stored."""
        return {measure: f"m{at}" for at, measure in enumerate(self.measures)}

    @cached_property
    def needs(self) -> frozenset[str]:
        """The columns of the rows that it is summed from."""
        return frozenset(self.by).union(*(measure.needs for measure in self.measures))

    @cached_property
    def cells(self) -> Dataset:
        """The dataset as its cells hold it: whether or not is told in words, as members are."""
        dataset = DATASETS[self.dataset]
        told = (replace(f, kind=Kind.TEXT) if f.kind is Kind.FLAG else f for f in dataset.fields)
        return replace(dataset, fields=tuple(told))

    def tells(self, dimensions: Iterable[str], measures: Iterable[Measure]) -> bool:
        """Whether it holds the measures and tells the dimensions apart."""
        return set(dimensions) <= self._told and set(measures) <= set(self.columns)

    def tells_cells_apart(self, by: Iterable[str]) -> bool:
        """Whether no two of its cells have the same month and the same members of these dimensions."""
        own = (MONTH.name, *(self.level.name if self.level and name == AREA else name for name in self.by))
        return {*own} <= {*by}

    @cached_property
    def _told(self) -> frozenset[str]:
        least = self.level.digits if self.level else TOWNSHIP_DIGITS
        above = (name for name, level in LEVELS.items() if AREA in self.by and level.digits <= least)
        return frozenset((*self.by, *above))


CUBES = (
    Cube("places", "petitions", (AREA, "township")),
    Cube("kinds", "petitions", ("channel", "topic_1", AREA), LEVELS["county"]),
    Cube(
        "volumes",
        "petitions",
        ("channel", "topic_1", "is_repeat", AREA),
        LEVELS["prefecture"],
        date="registered_on",
    ),
    Cube(
        "days",
        "petitions",
        (AREA, "channel", "topic_1", "handling_days"),
        LEVELS["prefecture"],
        counting=True,
    ),
)


def cubes_of(dataset: str) -> tuple[Cube, ...]:
    """The dataset's cubes."""
    return tuple(cube for cube in CUBES if cube.dataset == dataset)

"""Who answers the questions: each gives the same numbers by other means."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from analytics import engine
from analytics.catalogue import METRICS
from analytics.contract import UNFILLED
from analytics.engine import Engine, Table
from analytics.model import Period
from analytics.places import Places
from analytics.result import Result
from analytics.sources import Source
from tests.bench.questions import Asked, Question, Where

Number = float | int | None
Numbers = dict[str, Number]
"""One number by member; of no dimension under the empty name."""
Answer = dict[str, tuple[tuple[Number, Number], ...]]
"""Each metric's number and the one it is compared with, by member; members with nothing are left out."""


class Contestant(ABC):
    """Answers questions over one store, anew every time."""

    @abstractmethod
    def ask(self, asked: Asked) -> Sequence[object]:
        """Answers, in whatever form they come."""

    def draw(self, parts: Sequence[Asked]) -> Sequence[object]:
        """Answers to all that one run of a page asks."""
        return [self.ask(part) for part in parts]

    @abstractmethod
    def answers(self, asked: Asked) -> list[Answer]:
        """The same in the one form in which they can be compared."""


class Asking(Contestant):
    """The product's own engine, which forgets its results each time; `wholly`: all that it holds."""

    def __init__(self, of: Engine, wholly: bool = False) -> None:
        self.engine, self.wholly = of, wholly

    def ask(self, asked: Asked) -> list[Result]:
        return self.draw([asked])

    def draw(self, parts: Sequence[Asked]) -> list[Result]:
        if self.wholly:
            self.engine.forget()
        self.engine._memory.forget()
        one = self.engine.frozen(self.engine.versions())  # as each run of a page does
        return [one.ask(**question.asked(part.where)) for part in parts for question in part.questions]

    def answers(self, asked: Asked) -> list[Answer]:
        return [_answer(result) for result in self.ask(asked)]


class Scanning(Engine):
    """The same engine, which answers from the rows where they lie, and from nothing else."""

    def _table(self, dataset: str, version: int) -> Table:
        with _none_held():
            return super()._table(dataset, version)

    def sources(self, dataset: str, version: int) -> tuple[Source, ...]:
        return super().sources(dataset, version)[-1:]


@contextmanager
def _none_held() -> Iterator[None]:
    usual = engine.IN_MEMORY_ROWS
    engine.IN_MEMORY_ROWS = 0
    try:
        yield
    finally:
        engine.IN_MEMORY_ROWS = usual


def _answer(result: Result) -> Answer:
    compared = result.base is not None
    return without_nothing(
        {
            "".join(key): tuple(
                (
                    result.value(name, key),
                    base.value if compared and (base := result.base_cell(name, key)) else None,
                )
                for name in result.query.metrics
            )
            for key in result.keys
        }
    )


def without_nothing(answer: Answer) -> Answer:
    """Without members of which there is nothing to tell."""
    return {key: cells for key, cells in answer.items() if any(number for cell in cells for number in cell)}


@dataclass(frozen=True)
class Part:
    """One metric over one period: what a library is asked at a time."""

    metric: str
    by: str
    period: Period


class ByHand(Contestant):
    """A library of frames, asked metric by metric; what it must know of a metric is written out by hand."""

    @abstractmethod
    def numbers(self, parts: Sequence[Part], where: Where) -> list[Numbers]:
        """The numbers of each part under one filter."""

    def ask(self, asked: Asked) -> list[Answer]:
        parts = {part: None for question in asked.questions for part in _parts(question)}
        found = dict(zip(parts, self.numbers(list(parts), asked.where), strict=True))
        return [_joined(question, [found[part] for part in _parts(question)]) for question in asked.questions]

    def answers(self, asked: Asked) -> list[Answer]:
        return [without_nothing(answer) for answer in self.ask(asked)]


def name_of(places: Places, code: int) -> str:
    """A place by its code, as people know it."""
    return places.name_of(str(code)) if code else UNFILLED


def _parts(question: Question) -> list[Part]:
    """Each metric now, then each in the days compared with."""
    periods = [question.period, *([question.base] if question.base else [])]
    return [Part(metric, question.by, period) for period in periods for metric in question.metrics]


def _joined(question: Question, found: Sequence[Numbers]) -> Answer:
    width = len(question.metrics)
    now, base = found[:width], found[width:] or [None] * width
    nothing = [0 if METRICS[metric].is_count else None for metric in question.metrics]
    return {
        member: tuple(
            (n.get(member, zero), None if b is None else b.get(member, zero))
            for n, b, zero in zip(now, base, nothing, strict=True)
        )
        for member in {name for numbers in found for name in numbers}
    }

"""An engine that asks every source that claims a question, and insists that all say the same."""

from __future__ import annotations

from collections import Counter
from typing import ClassVar

from analytics.engine import Engine
from analytics.sources import Question, Sums


class Unanimous(Engine):
    """`asked`: how often each kind of source answered."""

    asked: ClassVar[Counter[str]] = Counter()

    def _sums(self, question: Question, version: int) -> Sums:
        if question.selection.period.empty:
            return super()._sums(question, version)
        claiming = [
            source
            for source in self.sources(question.dataset.name, version)
            if source.cost(question) is not None
        ]
        answers = []
        for source in claiming:
            self._arrays.forget()  # what another one loaded proves nothing of this one
            self._listings[question.dataset.name].forget()
            answers.append(source.sums(question))
        first, *others = answers
        for source, other in zip(claiming[1:], others, strict=True):
            assert other == first, (claiming[0], source, question)
        self.asked.update(type(source).__name__ for source in claiming)
        return first

"""会议纪要: what a meeting is told and decided, item by item of its agenda."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from analytics.briefs.brief import Brief


class Decided(Protocol):
    """交办事项: what is to be done about an item of the agenda, by whom, by when."""

    @property
    def chapter(self) -> str:
        """The name of the item of the agenda."""

    @property
    def what(self) -> str:
        """What is to be done."""

    @property
    def who(self) -> str:
        """The responsible unit; may be empty."""

    @property
    def due(self) -> date | None:
        """The day by which; None where none is set."""


@dataclass(frozen=True)
class Minutes:
    """The minutes of the meeting on a brief."""

    brief: Brief
    decided: Sequence[Decided] = ()

    @property
    def title(self) -> str:
        """2021年11月信访形势分析研判会议纪要."""
        return self.brief.title.removesuffix("材料") + "会议纪要"

    def of(self, chapter: str) -> tuple[Decided, ...]:
        """What was decided about an item, in the order in which it was."""
        return tuple(one for one in self.decided if one.chapter == chapter)

    @property
    def elsewhere(self) -> tuple[Decided, ...]:
        """What was decided about no item of the brief's agenda."""
        names = {chapter.name for chapter in self.brief.chapters}
        return tuple(one for one in self.decided if one.chapter not in names)

"""研判材料: an ordered storyline of findings, sentences and figures, as every renderer takes it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from analytics.answers import Answer
from analytics.citing import Piece, Source, Told, source_of_query
from analytics.insight.wording import period_in_words
from analytics.model import Selection


@dataclass(frozen=True)
class KeyNumber:
    """A number that is shown large: 171 件, its changes in words, and what may be said of it."""

    label: str
    number: str
    unit: str
    changes: tuple[Piece, ...]
    """Each comparison in words, with its source; the first one's gives the number too."""
    verdict: str = ""

    @property
    def source(self) -> Source | None:
        """Where the number itself comes from."""
        return self.changes[0].source if self.changes else None


def caption(figure: Answer) -> Told:
    """What a figure shows, in one sentence with its number's source."""
    return (Piece(figure.finding, source_of_query(figure.result.query)),)


@dataclass(frozen=True)
class Section:
    """A heading of the second level （一）and what stands under it, a paragraph each.

    Without a heading where the chapter has no parts, or where it closes the chapter.
    """

    title: str
    paragraphs: tuple[Told, ...]


@dataclass(frozen=True)
class Chapter:
    """An item of the agenda: one slide, one screen, one part of the document.

    `name` stands in addresses and in what was decided about it; `finding` is its one sentence. `blank`: its
    text is left to the author, under the facts that bear on it.
    """

    name: str
    title: str
    finding: Told
    numbers: tuple[KeyNumber, ...]
    sections: tuple[Section, ...]
    figures: tuple[Answer, ...]
    blank: bool = False

    def told(self) -> Iterator[Told]:
        """Every sentence and paragraph in reading order."""
        yield self.finding
        for section in self.sections:
            yield from section.paragraphs


@dataclass(frozen=True)
class Brief:
    """A month's brief under a selection, of the given versions.

    `as_of`: the last day with petitions' data. `origin`: 来源、截至、版本、筛选 in a line.
    `corrections`: what was published before and is another number now. `decisions`: what earlier meetings
    decided and how it stands, a paragraph each.
    """

    bureau: str
    selection: Selection
    as_of: date
    versions: tuple[tuple[str, int], ...]
    demo: bool
    origin: str
    chapters: tuple[Chapter, ...]
    corrections: tuple[Told, ...] = ()
    decisions: tuple[Told, ...] = ()
    draft: bool = False
    """Not issued: nothing later is compared with it."""

    @property
    def month(self) -> str:
        """YYYY-MM."""
        return f"{self.selection.period.start:%Y-%m}"

    @property
    def title(self) -> str:
        """2021年11月信访形势分析研判材料."""
        return f"{period_in_words(self.selection.period)}信访形势分析研判材料"

    @cached_property
    def sources(self) -> tuple[Source, ...]:
        """Where its numbers come from, each once, in the order in which they are cited."""
        cited = (piece.source for words in self._told() for piece in words if piece.source)
        return tuple(dict.fromkeys(cited))

    def _told(self) -> Iterator[Told]:
        for chapter in self.chapters:
            yield from chapter.told()
            yield from map(caption, chapter.figures)
        yield from self.corrections
        yield from self.decisions
        for chapter in self.chapters:
            yield from (number.changes for number in chapter.numbers)

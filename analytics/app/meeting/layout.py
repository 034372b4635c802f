"""Where things stand on the stage: a sheet of 1280 × 720 that is enlarged to the screen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from analytics.render.marks.look import wrapped

WIDTH, HEIGHT, MARGIN = 1280, 720, 32
TEXT, LINE = 24, 32
"""The least size of text, and the height of its lines."""
PROSE, PROSE_LINE = 27, 42
"""The same of sentences that stand alone."""
BETWEEN = 0.3
"""Of such a line, between paragraphs."""
TITLE_TOP, FOOT_TOP = 54, 664
PANEL, GAP = 452, 24
"""Width of the column of key numbers, and what separates it from the chart."""
_TITLES = ((38, 48, 2), (30, 39, 3), (24, 32, 4))
"""Size, height of a line, and how many lines a title of that size may take."""
_NARROW = 0.93
"""Latin letters are a little wider than half a Chinese character: lines are filled so far."""


@dataclass(frozen=True)
class Told:
    """A paragraph, with the heading that stands before its words where it has one."""

    heading: str
    text: str


@dataclass(frozen=True)
class Title:
    """A title in lines of markup."""

    lines: tuple[str, ...]
    size: int
    line: int

    @property
    def bottom(self) -> int:
        """Where what stands below it may begin."""
        return TITLE_TOP + self.line * len(self.lines) + 10


def title(text: str) -> Title:
    """As large as its length allows."""
    made = [Title(tuple(in_lines(text, WIDTH - 2 * MARGIN, size)), size, line) for size, line, _ in _TITLES]
    fitting = (t for t, (_, _, most) in zip(made, _TITLES, strict=True) if len(t.lines) <= most)
    return next(fitting, made[-1])


def in_lines(text: str, width: int, size: int) -> list[str]:
    """Lines of markup of at most that width."""
    return wrapped(text, int(width * 2 / size * _NARROW))


def beside(numbers: bool) -> int:
    """The left edge of what stands beside the key numbers."""
    return MARGIN + (PANEL + GAP if numbers else 0)


def pages(told: Sequence[Told], heading: str, numbers: bool) -> Iterator[tuple[Told, ...]]:
    """Paragraphs by screen, as many as there is room for below a title; one that is too long is parted."""
    width = WIDTH - MARGIN - beside(numbers)
    room = (FOOT_TOP - title(heading).bottom) // PROSE_LINE
    rest = [part for one in told for part in _parted(one, width, room)]
    while rest:
        shown = fitting(rest, width, room)
        yield shown
        rest = rest[len(shown) :]


def fitting(told: Sequence[Told], width: int, room: int) -> tuple[Told, ...]:
    """The first paragraphs that fit into so many lines together, with what separates them."""
    ends = accumulate(len(prose(one, width)) + BETWEEN * bool(at) for at, one in enumerate(told))
    return tuple(one for one, end in zip(told, ends, strict=True) if end <= room)


def prose(told: Told, width: int) -> list[str]:
    """A paragraph in lines of markup, its heading before it."""
    return in_lines(f"{told.heading}　{told.text}" if told.heading else told.text, width, PROSE)


def _parted(told: Told, width: int, room: int) -> Iterator[Told]:
    """The paragraph, cut after sentences where it is longer than a screen."""
    heading, text = told.heading, ""
    for piece in told.text.replace("。", "。\n").splitlines():
        if text and len(prose(Told(heading, text + piece), width)) > room:
            yield Told(heading, text)
            heading, text = "", ""
        text += piece
    yield Told(heading, text)

"""What a page is made of: blocks, side by side or one below the other; a figure is a block too."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Protocol

import streamlit as st

from analytics.answers import Figure, Where
from analytics.app.charts import Chart
from analytics.app.desk import View
from analytics.app.plain import plain
from analytics.citing import filters_in_words
from analytics.model import Selection

NARROWEST = 280
"""Pixels of a block in a row: where there are fewer, they stand one below the other."""


class Block(Protocol):
    """Something a page shows."""

    def draw(self, view: View) -> None:
        """Draws it under the view's selection."""


def draw_all(blocks: Sequence[Block], view: View) -> None:
    """Draws each, one below the other, each in its own place."""
    for number, block in enumerate(blocks):
        block.draw(view.at(number))


@dataclass(frozen=True)
class Row:
    """Blocks side by side; on a narrow screen one below the other."""

    blocks: tuple[Block, ...]

    def draw(self, view: View) -> None:
        """Draws each; a frame is a cell by itself, what consists of several is put into one."""
        if len(self.blocks) == 1:
            draw_all(self.blocks, view)
            return
        with st.grid(len(self.blocks), min_column_width=NARROWEST) as grid:
            for number, block in enumerate(self.blocks):
                with grid.cell() if isinstance(block, Stack) else nullcontext():
                    block.draw(view.at(number))


@dataclass(frozen=True)
class Stack:
    """Blocks one below the other within a row."""

    blocks: tuple[Block, ...]

    def draw(self, view: View) -> None:
        """Draws each."""
        draw_all(self.blocks, view)


@dataclass(frozen=True)
class Within:
    """Blocks about some members only: their numbers, records, exports and words are of these alone."""

    blocks: tuple[Block, ...]
    where: Where

    def draw(self, view: View) -> None:
        """Draws each under the narrower selection, or says that it has nothing in common with the wider."""
        narrow: View | None = view
        for dimension, members in self.where:
            narrow = narrow and narrow.narrowed(dimension, members)
        if narrow:
            draw_all(self.blocks, narrow)
        else:
            words = filters_in_words(Selection(view.selection.period, self.where))
            st.caption(plain(f"这一部分只看{words}，与所选筛选没有交集。"))


def row(*blocks: Block | Figure) -> Row:
    """Blocks or figures side by side."""
    return Row(_blocks(blocks))


def stack(*blocks: Block | Figure) -> Stack:
    """Blocks or figures one below the other within a row."""
    return Stack(_blocks(blocks))


def within(*blocks: Block | Figure, where: Where) -> Within:
    """Blocks or figures about some members only: where=(("ordered_by", ("全员包案",)),)."""
    return Within(_blocks(blocks), where)


def _blocks(blocks: Sequence[Block | Figure]) -> tuple[Block, ...]:
    return tuple(Chart(b) if isinstance(b, Figure) else b for b in blocks)

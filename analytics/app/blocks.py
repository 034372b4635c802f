"""What a page is made of: blocks, side by side or one below the other; a figure is a block too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import streamlit as st

from analytics.app.charts import Chart
from analytics.app.desk import View
from analytics.figures import Figure


class Block(Protocol):
    """Something a page shows."""

    def draw(self, view: View) -> None:
        """Draws it under the view's selection."""


@dataclass(frozen=True)
class Row:
    """Blocks side by side; on a narrow screen one below the other. `widths` in proportion."""

    blocks: tuple[Block, ...]
    widths: tuple[int, ...] = ()

    def draw(self, view: View) -> None:
        """Draws each in its column."""
        for column, block in zip(st.columns(self.widths or len(self.blocks)), self.blocks, strict=True):
            with column:
                block.draw(view)


@dataclass(frozen=True)
class Stack:
    """Blocks one below the other within a row."""

    blocks: tuple[Block, ...]

    def draw(self, view: View) -> None:
        """Draws each."""
        for block in self.blocks:
            block.draw(view)


def row(*blocks: Block | Figure, widths: Sequence[int] = ()) -> Row:
    """Blocks or figures side by side."""
    return Row(_blocks(blocks), tuple(widths))


def stack(*blocks: Block | Figure) -> Stack:
    """Blocks or figures one below the other within a row."""
    return Stack(_blocks(blocks))


def _blocks(blocks: Sequence[Block | Figure]) -> tuple[Block, ...]:
    return tuple(Chart(b) if isinstance(b, Figure) else b for b in blocks)

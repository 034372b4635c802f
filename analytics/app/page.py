"""A page is a list of blocks."""

from __future__ import annotations

from analytics.app.blocks import Block
from analytics.app.desk import VIEW


def page(*blocks: Block) -> None:
    """Draws the blocks from top to bottom under the shared Selection."""
    view = VIEW.get()
    for block in blocks:
        block.draw(view)

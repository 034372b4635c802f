"""A page is a list of blocks."""

from __future__ import annotations

from collections.abc import Sequence

from analytics.app.blocks import Block, draw_all
from analytics.app.desk import VIEW
from analytics.app.missing import said_files


def page(*blocks: Block, needs: Sequence[str] = ()) -> None:
    """Draws the blocks from top to bottom under the shared Selection.

    `needs`: the datasets that the page is about. Those never imported are named, with what to do; where
    none of them is there, nothing else is drawn.
    """
    view = VIEW.get()
    missing = said_files(view, needs)
    if not missing or missing < len(needs):
        draw_all(blocks, view)

"""Where a fault of the program happened, without what it happened to: a message may quote a cell."""

from __future__ import annotations

import traceback


def trace(fault: BaseException) -> str:
    """The frames and types of the fault and of those that led to it, their messages and values left out."""
    parts, seen = [], set[int]()
    now: BaseException | None = fault
    while now is not None and id(now) not in seen:
        seen.add(id(now))
        frames = "".join(traceback.format_list(traceback.extract_tb(now.__traceback__)))
        parts.append(f"{frames}{type(now).__module__}.{type(now).__qualname__}\n")
        now = now.__cause__ or now.__context__
    return "\n".join(reversed(parts))

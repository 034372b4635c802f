"""Documents whose tables are made by running something: written anew between their markers."""

from __future__ import annotations

import re
from collections.abc import Sequence


def grid(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in Markdown."""
    lines = [headers, ["---"] * len(headers), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def placed(text: str, marker: str, made: str) -> str:
    """The document with what was made in the place of that marker. Raises ValueError where it has none."""
    pattern = re.compile(rf"(<!-- {re.escape(marker)} -->\n).*?(<!-- end -->)", re.DOTALL)
    if not pattern.search(text):
        raise ValueError(f"the document has no place for “{marker}”")
    return pattern.sub(lambda found: f"{found[1]}\n{made}\n\n{found[2]}", text)

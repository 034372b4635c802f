"""One key number as HTML: value, changes, 24 months, and what may be said of it."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from html import escape

WIDTH, HEIGHT = 140, 30
_DIRECTIONS = {"▲": "up", "▼": "down"}


def tile_html(
    label: str,
    values: Sequence[tuple[str, str]],
    changes: Sequence[tuple[str, str]],
    verdict: tuple[str, str],
    series: Sequence[float | int | None],
    note: str,
    meaning: str,
) -> str:
    """`values`: number and unit; `changes`: arrow and words; `verdict`: its name and the word with numbers.

    `series`: the months, None unknown.
    """
    shown = " / ".join(f"<span>{escape(n)}<small>{escape(unit)}</small></span>" for n, unit in values)
    lines = "".join(
        f"<div class='tile-change {_DIRECTIONS.get(sign, '')}'>{escape(f'{sign} {words}')}</div>"
        for sign, words in changes
    )
    return (
        f"<div class='tile' title='{escape(meaning)}'><div class='tile-label'>{escape(label)}</div>"
        f"<div class='tile-value'>{shown}</div>{lines}{sparkline(series)}"
        f"<div class='tile-note verdict {verdict[0]}'>{escape(verdict[1]) or '　'}</div>"
        f"<div class='tile-note'>{escape(note)}</div></div>"
    )


def sparkline(series: Sequence[float | int | None]) -> str:
    """A line over the months from 0 up, its last point marked; nothing where under two are known."""
    known = [(i, value) for i, value in enumerate(series) if value is not None]
    if len(known) < 2:
        return ""
    top = max(value for _, value in known) or 1
    step = WIDTH / max(len(series) - 1, 1)
    points = [(i * step, HEIGHT - 3 - (HEIGHT - 6) * value / top) for i, value in known]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    x, y = points[-1]
    drawing = (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='-3 0 {WIDTH + 6} {HEIGHT}' width='{WIDTH}' "
        f"height='{HEIGHT}'><polyline points='{path}' fill='none' stroke='#9aa5b1' stroke-width='1.5'/>"
        f"<circle cx='{x:.1f}' cy='{y:.1f}' r='2.5' fill='#1f5fa8'/></svg>"
    )
    # An SVG within the page would be taken out by Streamlit's sanitiser; an image is not.
    picture = b64encode(drawing.encode()).decode()
    return f"<img class='tile-line' alt='近24个月走势' src='data:image/svg+xml;base64,{picture}'>"

"""How long the dashboard's questions and its pages take on this machine: `make bench`."""

from __future__ import annotations

import gc
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from analytics.answers import answer
from analytics.app.navigation import PAGES
from analytics.cli import write_demo
from analytics.engine import Engine, open_engine
from analytics.figures import FIGURES
from analytics.model import Period, Selection
from analytics.render import plotly
from tests import screens

ROUNDS = 15


def main() -> None:
    """The questions behind each figure, then each page's rerun as the server runs it."""
    with tempfile.TemporaryDirectory() as folder:
        write_demo(Path(folder))
        figures(open_engine(Path(folder)))
        os.environ["PETITION_DATA"] = folder
        pages()


def figures(engine: Engine) -> None:
    """Prints a line a figure: asked afresh, asked again, drawn."""
    selection = Selection(Period.month("2021-11"))
    print(f"{'figure':24}{'asked':>9}{'again':>9}{'drawn':>9}   ms, median of {ROUNDS}")
    for name, figure in FIGURES.items():
        known = answer(engine, figure, selection)
        fresh = median_ms(lambda f=figure: answer(_forgetful(engine), f, selection))
        again = median_ms(lambda f=figure: answer(engine, f, selection))
        drawn = median_ms(lambda a=known: plotly.draw(a))
        print(f"{name:24}{fresh:9.2f}{again:9.2f}{drawn:9.2f}")


def pages() -> None:
    """Prints a line a page: its first run, then a rerun; interleaved, so that noise meets all alike."""
    app = screens.opened()
    names = [name for _, name, _ in PAGES]
    first = {name: _once(lambda n=name: screens.shown(app, n)) for name in names}
    gc.collect()
    gc.freeze()  # as the server does after its start
    again: dict[str, list[float]] = {name: [] for name in names}
    for _ in range(ROUNDS):
        for name in names:
            screens.shown(app, name)
            again[name].append(_once(app.run))
    print(f"\n{'page':24}{'first':>9}{'rerun':>9}   ms, median of {ROUNDS}")
    for name in names:
        print(f"{name:24}{first[name]:9.0f}{statistics.median(again[name]):9.0f}")


def _once(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1000


def median_ms(work: Callable[[], object]) -> float:
    """Median of several runs in milliseconds."""
    return statistics.median(_once(work) for _ in range(ROUNDS))


def _forgetful(engine: Engine) -> Engine:
    """The same engine with its results forgotten."""
    engine.forget()
    return engine


if __name__ == "__main__":
    main()

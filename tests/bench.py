"""How long the dashboard's questions take on this machine: `make bench`."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from analytics.cli import write_demo
from analytics.engine import Engine, open_engine
from analytics.figures import FIGURES, answer
from analytics.model import Period, Selection
from analytics.render import plotly

ROUNDS = 15


def median_ms(work: Callable[[], object]) -> float:
    """Median of several runs in milliseconds."""
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        work()
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times)


def main() -> None:
    """Prints a line a figure: asked afresh, asked again, drawn."""
    with tempfile.TemporaryDirectory() as folder:
        write_demo(Path(folder))
        engine = open_engine(Path(folder))
        selection = Selection(Period.month("2021-11"))
        print(f"{'figure':24}{'asked':>9}{'again':>9}{'drawn':>9}   ms, median of {ROUNDS}")
        for name, figure in FIGURES.items():
            known = answer(engine, figure, selection)
            fresh = median_ms(lambda f=figure: answer(_forgetful(engine), f, selection))
            again = median_ms(lambda f=figure: answer(engine, f, selection))
            drawn = median_ms(lambda a=known: plotly.draw(a))
            print(f"{name:24}{fresh:9.2f}{again:9.2f}{drawn:9.2f}")


def _forgetful(engine: Engine) -> Engine:
    """The same engine with its results forgotten."""
    engine.forget()
    return engine


if __name__ == "__main__":
    main()

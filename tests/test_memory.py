"""What is remembered has a weight, and no more than a weight is remembered."""

from __future__ import annotations

import gc
from datetime import date
from pathlib import Path
from types import MappingProxyType

import pytest

from analytics.answers import answer
from analytics.engine import REMEMBERED, Engine, open_engine
from analytics.figures import FIGURES
from analytics.memory import Memory, weight
from analytics.model import Period, Selection
from analytics.render import plotly

KIB = 1024


def test_a_value_weighs_what_it_refers_to_each_thing_once() -> None:
    long = "x" * KIB
    assert KIB < weight(long) < 2 * KIB
    assert weight([long, long, MappingProxyType({"a": long})]) < 2 * KIB
    assert weight([f"{long}{n}" for n in range(10)]) > 10 * KIB


def test_code_weighs_nothing() -> None:
    assert weight((open_engine, Memory, gc)) == weight((None, None, None)) - weight(None)


def test_what_weighs_too_much_goes_and_what_was_wanted_last_stays() -> None:
    memory, worked = Memory(10 * KIB, 1), []

    def work(n: int) -> str:
        worked.append(n)
        return str(n) * 2 * KIB

    for n in (0, 1, 2, 3, 0, 4, 0, 5, 0):
        assert memory.once(n, "", lambda n=n: work(n)) == str(n) * 2 * KIB
    assert worked == [0, 1, 2, 3, 4, 5]
    assert 0 < weight(memory._held) < 11 * KIB
    memory.forget()
    assert (len(memory), memory.weight) == (0, 0)


def test_one_value_is_kept_however_heavy() -> None:
    memory = Memory(KIB, 1)
    for n in range(3):
        memory.once(n, "", lambda: "x" * 4 * KIB)
    assert len(memory) == 1


def test_heavy_questions_take_no_more_memory_than_light_ones(demo: Path) -> None:
    engine = open_engine(demo)
    engine._memory.most = most = 4 * KIB * KIB
    for month in range(1, 12):
        for metric in ("petitions", "letters", "visits"):
            engine.ask((metric,), ("topic_3", "month"), Period(date(2019, 1, 1), date(2021, month, 28)))
    assert most / 2 < weight(engine._memory._held) < most * 1.1
    assert REMEMBERED < 64 * KIB * KIB


@pytest.mark.parametrize("name", ["trend", "townships", "township_months"])
def test_a_finished_drawing_weighs_less_and_is_drawn_the_same(demo_engine: Engine, name: str) -> None:
    figure = plotly.draw(answer(demo_engine, FIGURES[name], Selection(Period.month("2021-11"))))
    finished = plotly.Drawing(figure)
    assert finished.to_json() == figure.to_json() == finished.to_json()
    assert weight(finished) < weight(figure) * 0.9

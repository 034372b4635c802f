"""Tables for the public: nobody can tell a small number from what is shown."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import LinearConstraint, milp

from analytics.engine import Engine
from analytics.model import EVERYTHING, Period, Scope
from analytics.publishing import HIDDEN, RELEASES, released
from analytics.suppression import LEAST, TOTAL, hidden, with_totals
from tests.bureau import Bureau, item


@pytest.fixture
def public(tmp_path: Path) -> Engine:
    """Letters and visits of three townships; 宁中镇 had two letters."""
    made = {("宁中镇", "letter"): 2, ("宁中镇", "visit"): 7, ("新陂镇", "letter"): 13}
    made |= {("新陂镇", "visit"): 16, ("坭陂镇", "letter"): 6, ("坭陂镇", "visit"): 20}
    bureau, rows = Bureau(tmp_path / "store"), []
    for (place, channel), count in made.items():
        rows += [
            item(f"{place}{channel}{n}", "2021-03-05", township=place, channel=channel) for n in range(count)
        ]
    bureau.bring("petitions", *rows)
    return bureau.engine


YEAR = Period.named("2021")
TABLES = st.integers(1, 4).flatmap(
    lambda columns: st.lists(
        st.lists(st.one_of(st.integers(0, 8), st.integers(0, 60)), min_size=columns, max_size=columns),
        min_size=1,
        max_size=5,
    )
)


def possible(
    table: dict[tuple[str, str], int], kept: frozenset[tuple[str, str]]
) -> dict[tuple[str, str], set[int]]:
    """By another route: which of 1 to 4 whole numbers could stand at each small hidden place.

    Integer programming over the inner cells alone, a total being what its cells sum to.
    """
    inner = [p for p in table if TOTAL not in p]
    rules, low, high = [], [], []

    def count(place: tuple[str, str]) -> list[int]:
        row, column = place
        return [int(row in (TOTAL, r) and column in (TOTAL, c)) for r, c in inner]

    for place, number in table.items():
        rules.append(count(place))
        low.append(1 if place in kept else number)
        high.append(np.inf if place in kept else number)
    found: dict[tuple[str, str], set[int]] = {}
    for place in kept:
        if table[place] < LEAST:
            found[place] = set()
            for guess in range(1, LEAST):
                told = LinearConstraint([*rules, count(place)], [*low, guess], [*high, guess])
                answer = milp(np.zeros(len(inner)), constraints=told, integrality=np.ones(len(inner)))
                found[place] |= {guess} if answer.success else set()
    return found


@settings(max_examples=40, deadline=None)
@given(TABLES)
def test_every_small_number_stays_possible(rows: list[list[int]]) -> None:
    counts = {(f"r{i}", f"c{j}"): n for i, row in enumerate(rows) for j, n in enumerate(row)}
    table = with_totals(counts)
    kept = hidden(table)
    assert {place for place, n in table.items() if 0 < n < LEAST} <= kept
    assert all(table[place] for place in kept)
    for place, found in possible(table, kept).items():
        least = sum(
            1 for (r, c), n in counts.items() if n and place[0] in (TOTAL, r) and place[1] in (TOTAL, c)
        )
        assert found >= set(range(least, LEAST))
        assert found != {table[place]} or least == LEAST - 1
    if not any(0 < n < LEAST for n in table.values()):
        assert not kept


def test_the_smallest_is_hidden_besides_and_totals_last() -> None:
    """One small cell takes three with it, so that neither its row nor its column gives it away."""
    table = with_totals(
        {("甲", "x"): 1, ("甲", "y"): 10, ("乙", "x"): 30, ("乙", "y"): 20, ("丙", "x"): 9, ("丙", "y"): 99}
    )
    assert hidden(table) == {("甲", "x"), ("甲", "y"), ("丙", "x"), ("丙", "y")}
    assert hidden(with_totals({("甲", "x"): 7, ("乙", "x"): 8})) == frozenset()


def test_what_is_published_of_a_year(public: Engine) -> None:
    """Without the sidebar's filters; hidden on the page as in the file, and nothing else changed."""
    engine = public
    found = released(engine, RELEASES[0], YEAR, engine.versions())
    lines = {str(line[0]): line[1:] for line in found.lines}
    assert list(lines) == ["宁中镇", "新陂镇", "坭陂镇", TOTAL]
    assert lines["宁中镇"] == [HIDDEN, HIDDEN, 9]
    assert lines["坭陂镇"] == [HIDDEN, HIDDEN, 26]
    assert lines["新陂镇"] == [13, 16, 29]
    assert lines[TOTAL] == [21, 43, 64]
    assert "版" in found.notes["来源"]
    township = engine.seen_by(Scope("坭陂镇"))
    own = released(township, RELEASES[0], YEAR, engine.versions())
    assert [line[0] for line in own.lines] == ["坭陂镇", TOTAL]
    assert engine.scope == EVERYTHING

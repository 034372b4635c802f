"""data/README.md is what the contract and the catalogue say."""

from __future__ import annotations

from analytics.catalogue import METRICS
from analytics.contract import DATASETS, PERSONAL
from analytics.render.dictionary import TARGET, markdown


def test_the_committed_dictionary_is_the_generated_one() -> None:
    assert TARGET.read_text("utf-8") == markdown(), "run: make docs"


def test_everything_declared_is_in_it() -> None:
    text = markdown()
    names = [name for d in DATASETS.values() for name in (d.name, *(f.name for f in d.fields))]
    assert [name for name in (*names, *METRICS) if f"`{name}`" not in text] == []
    assert [p.label for p in PERSONAL if f"| {p.label} |" not in text] == []


def test_tables_are_whole() -> None:
    """Every line of a table has as many cells as its header."""
    widths: list[int] = []
    for line in markdown().splitlines():
        if not line.startswith("|"):
            widths = []
            continue
        widths.append(line.count("|"))
        assert widths[-1] == widths[0], line

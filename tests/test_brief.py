"""The brief: every number stands in its query's answer, every case gives sound sentences, no causes."""

from __future__ import annotations

import json
import re
import shlex
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from click.testing import CliRunner

from analytics.briefs.brief import Brief, caption
from analytics.briefs.compose import brief
from analytics.catalogue import METRICS
from analytics.citing import Source, Told, plain_text
from analytics.cli import petition
from analytics.cli import query as querying
from analytics.engine import Engine
from analytics.model import Scope, Selection
from tests.bureau import period

MONTHS = ("2021-11", "2021-12", "2021-01", "2020-02", "2019-01")


def of(
    engine: Engine, month: str, *members: tuple[str, tuple[str, ...]], scope: Scope | None = None
) -> Brief:
    return brief(engine, Selection(period(month), members, scope or Scope()))


def sentences(found: Brief) -> Iterator[Told]:
    for chapter in found.chapters:
        yield from chapter.told()
        yield from map(caption, chapter.figures)
        yield from (number.changes for number in chapter.numbers)


def text(found: Brief) -> str:
    return "\n".join(plain_text(told) for told in sentences(found))


# --- every number stands in the answer to its query -----------------------------------------------------

_DAYS = re.compile(
    r"\d{4}-\d\d(-\d\d)?|\d+年(\d+[—-])?(\d+月)?(\d+日)?|\d+—\d+月|\d+月\d+日|截至\d+日"
    r"|\d+ 日内|\d+[–-]\d+ ?日|\d+ 日以上"
)
_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?(?:万|%|个百分点)?")


def numbers(words: str) -> list[str]:
    """Numbers in a text that are no dates."""
    return _NUMBER.findall(_DAYS.sub("", words))


def forms(name: str, row: dict[str, Any], whole: Iterable[float]) -> Iterator[str]:
    """How a row's number, its base, its change and its share may be written: second opinion on wording."""
    rate = METRICS[name].unit == "%"
    for value in (row[name], row.get(f"{name}_base")):
        if value is None:
            continue
        if rate:
            yield f"{value * 100:.{METRICS[name].digits}f}%"
        elif value >= 10_000:
            yield f"{value / 10_000:,.1f}万"
        else:
            yield f"{value:,}"
        yield from (f"{value / total * 100:.1f}%" for total in whole if total)
    change = row.get(f"{name}_change")
    if change is not None:
        yield f"{abs(change) * 100:.1f}%"
        yield f"{abs(change) * 100:.{METRICS[name].digits}f}个百分点"
        yield f"{abs(change):.{METRICS[name].digits}f}"


def answer_to(engine: Engine, command: str) -> list[dict[str, Any]]:
    """Rows of the JSON answer to a command as it is typed."""
    program, *arguments = shlex.split(command)
    assert program == "petition"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(querying, "open_engine", lambda folder: engine)
        outcome = CliRunner().invoke(petition, [*arguments, "--format", "json"], catch_exceptions=False)
    assert outcome.exit_code == 0, (command, outcome.output)
    return list(json.loads(outcome.stdout)["rows"])


def known_numbers(engine: Engine, source: Source) -> set[str]:
    """Every way in which the answer's numbers may be written: of its rows, and of rows told together."""
    rows = answer_to(engine, source.command)
    names = [name for name in METRICS if rows and name in rows[0]]
    groups = [key for key in (rows[0] if rows else {}) if not key.startswith(tuple(names))]
    counted = [name for name in names if METRICS[name].is_count]
    whole = [sum(row[name] or 0 for row in rows) for name in counted]
    kept = {form for row in rows for name in names for form in forms(name, row, whole)}
    for name in counted:
        for group in groups:
            by: Counter[str] = Counter()
            for row in rows:
                by[row[group]] += row[name] or 0
            kept |= {form for value in by.values() for form in forms(name, {name: value}, whole)}
        kept |= set(forms(name, {name: sum(row[name] or 0 for row in rows)}, ()))
    if {"backlog_closed", "backlog_assigned"} <= set(names):  # 剩余, 办结率 of a batch
        for row in rows:
            kept.add(f"{row['backlog_assigned'] - row['backlog_closed']:,}")
            kept.add(f"{row['backlog_closed'] / (row['backlog_assigned'] or 1) * 100:.1f}%")
    return kept


def unfounded(engine: Engine, found: Brief) -> list[tuple[str, str, str]]:
    """Numbers of a brief that the query they name does not give, or that name none."""
    known: dict[Source, set[str]] = {}
    wrong = []
    for told in sentences(found):
        for piece in told:
            if piece.source is None:
                wrong += [(piece.text, number, "") for number in numbers(piece.text)]
            elif piece.source.query is not None:
                if piece.source not in known:
                    known[piece.source] = known_numbers(engine, piece.source)
                missing = [n for n in numbers(piece.text) if n not in known[piece.source]]
                wrong += [(piece.text, number, piece.source.command) for number in missing]
    return wrong


@pytest.mark.parametrize("month", MONTHS)
def test_every_number_stands_in_the_answer_to_its_query(demo_engine: Engine, month: str) -> None:
    assert unfounded(demo_engine, of(demo_engine, month)) == []


def test_a_number_without_its_query_is_found_out(demo_engine: Engine) -> None:
    assert numbers("2021年11月信访总量217件，同比上升3.8%，1.2万件，2021年9月8日—11月30日，（截至13日）") == [
        "217",
        "3.8%",
        "1.2万",
    ]
    found = of(demo_engine, "2021-11")
    source = found.sources[0]
    assert "218" not in known_numbers(demo_engine, source) and "217" in known_numbers(demo_engine, source)

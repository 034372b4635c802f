"""README tells the truth: its examples are run, its files are there, its commands exist."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

import analytics.catalogue
import analytics.figures
from analytics.answers import Figure, answer
from analytics.catalogue import petitions
from analytics.cli.params import MODULES
from analytics.model import Metric, Period, Selection
from analytics.render import plotly
from analytics.site import ROOT
from tests import oracle
from tests.bureau import Bureau, item

README = (ROOT / "README.md").read_text("utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
METRIC, OPINION, FIGURE, PAGE = BLOCKS


@pytest.fixture
def declined(monkeypatch: pytest.MonkeyPatch) -> Metric:
    """README's metric, declared as README says."""
    names = {**vars(petitions)}
    metric = eval(METRIC, names)
    monkeypatch.setitem(analytics.catalogue.METRICS, metric.name, metric)
    exec(OPINION, vars(oracle))
    monkeypatch.setitem(oracle.ORACLE, metric.name, oracle.ORACLE.pop(metric.name))
    return metric


def test_the_metric_answers_and_its_second_opinion_agrees(declined: Metric, tmp_path: Path) -> None:
    bureau = Bureau(tmp_path / "store")
    rows = [item(n, "2021-03-05", handling="不予受理" if n < 3 else "转送") for n in range(8)]
    bureau.bring("petitions", *rows)
    result = bureau.ask(declined.name, "2021-03", as_of=date(2021, 4, 1))
    opinion = oracle.ORACLE[declined.name].value
    complete = [{**row, "registered_on": date(2021, 3, 5)} for row in rows]
    assert result.value(declined.name) == 3 == opinion(complete, date(2021, 3, 1), date(2021, 3, 31))


def test_the_chart_is_drawn_and_the_page_is_a_list(
    declined: Metric, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = {**vars(analytics.figures)}
    exec(FIGURE, names)
    figure = names["DECLINED"]
    assert isinstance(figure, Figure)
    bureau = Bureau(tmp_path / "store")
    bureau.bring("petitions", item(1, "2021-03-05", handling="不予受理", township="宁中镇"))
    drawn = plotly.draw(answer(bureau.engine, figure, Selection(Period.month("2021-03"))))
    assert "宁中镇" in str(drawn.data[0].y)
    listed: list[object] = []
    monkeypatch.setattr("analytics.app.page.page", lambda *blocks: listed.extend(blocks))
    monkeypatch.setattr(analytics.figures, "DECLINED", figure, raising=False)
    exec(PAGE, {})
    assert len(listed) == 3


def test_the_files_it_names_are_there() -> None:
    for name in re.findall(r"\]\((?!http)([^)]+)\)", README):
        assert (ROOT / name).exists(), name
    for name in re.findall(r"^  (\w+(?:\.py|/)) ", README, re.MULTILINE):
        assert (ROOT / "analytics" / name).exists(), name


def test_the_commands_it_names_exist() -> None:
    named = set(re.findall(r"`petition (\w+)", README))
    assert named == set(MODULES)

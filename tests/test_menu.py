"""A chart's menu: what it takes away says what the screen says; it is made when it is opened."""

from __future__ import annotations

import csv
import io
import json
import re
from html import unescape
from pathlib import Path

import pytest
from openpyxl import load_workbook
from streamlit.testing.v1 import AppTest

from analytics.answers import answer
from analytics.app.charts import shown_of
from analytics.app.desk import View
from analytics.app.menu import Shown
from analytics.engine import Engine
from analytics.figures import FIGURES
from analytics.model import Period, Selection
from analytics.render import plotly
from analytics.render.plotly import PAGE, SLIDE
from analytics.render.table import csv_bytes, xlsx_bytes
from tests import screens
from tests.answers import made
from tests.results import result

TOLD = plotly.Said("宁中镇最多：40件", "信访总量 · 2021年11月", "来源：示例信访局；截至2021-11-30")
VISITS = Selection(Period.month("2021-11")).keep("channel", "visit")


def shown(words: str = "", measure: str = "", filters: str = "") -> Shown:
    return Shown("名", TOLD, (), plotly.blank, words=words, measure=measure, filters=filters)


def of(engine: Engine, name: str) -> Shown:
    """The menu's chart of a figure, of visits alone."""
    return shown_of(View(engine, VISITS), answer(engine, FIGURES[name], VISITS))


# --- what is taken away -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "measure", "sentence"),
    [
        ("", "", "宁中镇最多：40件（信访总量 · 2021年11月；来源：示例信访局；截至2021-11-30）。"),
        ("", "信访总量", "宁中镇最多：40件（信访总量；来源：示例信访局；截至2021-11-30）。"),
        ("共40件。", "", "共40件。（信访总量 · 2021年11月；来源：示例信访局；截至2021-11-30）"),
    ],
)
def test_the_sentence_says_what_was_found_of_what_and_from_where(
    words: str, measure: str, sentence: str
) -> None:
    assert shown(words, measure).sentence == sentence


def test_notes_say_what_stands_around_the_chart(demo_engine: Engine) -> None:
    assert shown("共40件。").notes == {
        "标题": TOLD.title,
        "说明": TOLD.subtitle,
        "文字": "共40件。",
        "来源": TOLD.source,
        "筛选": "无",
    }
    assert of(demo_engine, "townships").notes["筛选"] == "信访形式=来访"


def test_a_sentence_names_no_band_that_it_does_not_show(demo_engine: Engine) -> None:
    trend = of(demo_engine, "trend")
    assert "灰带" in trend.told.subtitle
    assert "灰带" not in trend.sentence
    assert "信访总量" in trend.sentence.split("（")[-1]


def test_numbers_are_the_same_on_screen_on_the_slide_and_in_the_files(demo_engine: Engine) -> None:
    numbers = {"宁中镇": 40, "=叶塘镇": 7, "新陂镇": 12}
    found = shown_of(View(demo_engine, VISITS), made("ranking", result("petitions", "township", numbers)))
    drawn = [f.data[0] for f in map(found.drawn, (PAGE, SLIDE))]
    assert [dict(zip(trace.customdata, trace.x, strict=True)) for trace in drawn] == [numbers, numbers]
    assert found.numbers
    assert found.typed
    text = csv_bytes(*found.numbers(), found.notes).decode("utf-8")
    assert text.startswith("\ufeff镇街,")
    lines = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    assert {name.removeprefix("'"): int(n) for name, n in lines[1:4]} == numbers
    assert dict(lines[5:]) == found.notes
    assert "'=叶塘镇" in text
    cells = list(load_workbook(io.BytesIO(xlsx_bytes(found.typed(), found.notes))).active.values)
    assert {row[0]: row[1] for row in cells[1:4]} == numbers
    assert found.notes.items() <= {row[0]: row[1] for row in cells}.items()


def test_a_rate_in_excel_looks_as_on_the_screen(demo_engine: Engine) -> None:
    found = of(demo_engine, "feedback")
    assert found.typed
    sheet = load_workbook(io.BytesIO(xlsx_bytes(found.typed(), found.notes))).active
    assert (sheet["B2"].number_format, sheet["A2"].number_format) == ("0.0%", "yyyy-mm")


# --- the menu ---------------------------------------------------------------------------------------------


def open_menu(app: AppTest, name: str) -> str:
    """What the page says with this menu open."""
    (key,) = set(re.findall(rf"menu-{name}[-\d]+(?=\")", screens.said(app)))
    app.session_state[key] = True
    app.run()
    return screens.said(app)


def test_a_menu_is_made_when_it_is_opened(demo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PETITION_DATA", str(demo))
    app = screens.opened()
    assert "data-figure" not in screens.said(app)
    assert not app.get("download_button")
    told = open_menu(app, "townships")
    assert told.count("data-figure") == 1
    assert len(app.get("download_button")) == 2
    (html,) = [html.proto.body for html in app.get("html") if "data-figure" in html.proto.body]
    (figure,) = re.findall('data-figure="([^"]*)"', html)
    on_slide = json.loads(unescape(figure))
    on_screen = json.loads(next(c.proto.spec for c in app.get("plotly_chart") if "townships" in c.proto.id))
    assert (on_slide["layout"]["width"], on_slide["layout"]["height"]) == (SLIDE.width, SLIDE.height)
    assert on_slide["data"][0]["customdata"] == on_screen["data"][0]["customdata"]
    assert on_slide["data"][0]["x"] == on_screen["data"][0]["x"]
    assert re.search("兴田街道最多：24件，占11.1%（信访总量 · 2021年11月 · .*；来源：兴宁市信访局；", told)

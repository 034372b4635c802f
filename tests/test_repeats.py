"""重复信访 as it is told: sentences, the export's mark, the matters over time, the page."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import plotly.graph_objects as go
import pytest

from analytics.contract import LINKS
from analytics.engine import Engine
from analytics.insight import repeats
from analytics.model import Period, Scope, Selection
from analytics.render import plotly
from analytics.render.marks.look import CHANNELS
from tests import screens
from tests.answers import annotations
from tests.bureau import SITE, Bureau, Row

NOVEMBER = Selection(Period.month("2021-11"))
MARCH = Selection(Period.month("2021-03"))
FIRST = date(2021, 3, 1)


def item(number: object, days: int = 0, who: str | None = "甲的代码", **more: Any) -> Row:
    """A petition about pensions with the labour office, so many days after 1 March."""
    usual = {
        "registered_on": FIRST + timedelta(days),
        "channel": "letter",
        "petitioner_key": who,
        "township": "宁中镇",
        "category_1": "劳动和社会保障",
        "category_2": "养老保险",
        "responsible_unit": "示例市人社局",
    }
    return {"petition_id": str(number)} | usual | more


@pytest.fixture
def bureau(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bureau:
    """An empty store, which the app then shows."""
    monkeypatch.setenv("PETITION_DATA", str(tmp_path / "store"))
    return Bureau(tmp_path / "store", replace(SITE, repeat_days=30))


def said(bureau: Bureau, selection: Selection = MARCH) -> tuple[str, ...]:
    return repeats.sentences(bureau.engine, selection, bureau.engine.versions())


def found(bureau: Bureau, selection: Selection = MARCH, most: int = 12) -> repeats.Chains:
    engine = bureau.engine
    return repeats.chains(engine.chains(selection, engine.versions(), most), selection.period.last)


# --- sentences --------------------------------------------------------------------------------------


def test_sentences_over_the_demo_carry_the_engine_s_numbers(demo_engine: Engine) -> None:
    told = repeats.sentences(demo_engine, NOVEMBER, demo_engine.versions())
    answer = demo_engine.ask(
        ["linked_repeats", "linked_repeat_rate", "returned_after_closure"], (), NOVEMBER.period
    )
    many, rate, back = (answer.cell(name) for name in answer.query.metrics)
    assert len(told) == 2
    assert f"有{many.numerator}件是同一人为同一事项再来，同比" in told[0]
    assert f"关联重复率{rate.numerator / rate.denominator * 100:.1f}%" in told[0]  # type: ignore[operator]
    assert f"可判断的{rate.denominator}件" in told[0]
    assert (
        f"其中{back.numerator}件（{back.numerator / many.numerator * 100:.1f}%）来时上一件已经办结" in told[1]
    )


def test_nothing_is_compared_with_days_before_which_the_rule_saw_nothing(demo_engine: Engine) -> None:
    early = Selection(Period.month("2020-06"))
    told = repeats.sentences(demo_engine, early, demo_engine.versions())
    assert "，无上年同期数据；" in told[0]
    assert "同比" not in "".join(told)
    later = Selection(Period.month("2021-01"))
    assert "同比" in repeats.sentences(demo_engine, later, demo_engine.versions())[0]


def test_a_small_base_is_told_in_counts(bureau: Bureau) -> None:
    bureau.bring("petitions", item("a"), item("b", 3, closed_on=FIRST + timedelta(4)), item("c", 5))
    assert said(bureau) == (
        "2021年3月（截至6日）有2件是同一人为同一事项再来，无上年同期数据；可判断的共3件。",
        "其中1件来时上一件已经办结，无上年同期数据，这些事项没有随办结而了结。",
    )


def test_the_base_of_a_year_before_is_a_count_where_small(bureau: Bureau) -> None:
    old = [item(f"old{n}", who="乙", registered_on=date(2020, 3, 1 + n)) for n in range(3)]
    oldest = item("oldest", who="丙", registered_on=date(2019, 1, 1))
    bureau.bring("petitions", oldest, *old, item("a"), item("b", 3), covers_to=date(2021, 3, 31))
    assert said(bureau) == ("2021年3月有1件是同一人为同一事项再来，上年同期2件；可判断的共2件。",)


def test_no_repeats_and_nothing_to_judge(bureau: Bureau) -> None:
    assert said(bureau) == ()
    bureau.bring("petitions", item("a"), item("x", who=None), covers_to=date(2021, 4, 30))
    assert said(bureau) == ("2021年3月可判断的1件都是首次，没有人为同一事项再来。",)
    april = Selection(Period.month("2021-04"))
    assert said(bureau, april) == ("2021年4月没有可以判断是否重复的信访件。",)


def test_a_looker_hears_of_their_own_township_alone(bureau: Bureau) -> None:
    bureau.bring("petitions", item("a"), item("b", 1), item("c", 2, township="新陂镇"))
    assert "有2件" in said(bureau)[0]
    assert "有1件" in said(bureau, replace(MARCH, scope=Scope("宁中镇")))[0]
    assert [m.label for m in found(bureau, replace(MARCH, scope=Scope("新陂镇"))).matters] == []


# --- the rule and the export's mark -----------------------------------------------------------------


def test_the_rule_says_its_version_and_its_days() -> None:
    words = repeats.rule_in_words(replace(SITE, repeat_days=180))
    assert "第1版，N＝180天" in words
    assert "[repeats] days" in words


@pytest.mark.parametrize(
    ("month", "whose"),
    [("2021-01", "本期"), ("2021-03", "上年同期"), ("2022-01", "上年同期"), ("2022-02", "")],
)
def test_what_the_data_cannot_show_yet_is_said(month: str, whose: str) -> None:
    site = replace(SITE, repeat_days=31)
    told = repeats.unseen_in_words(date(2021, 1, 1), Period.month(month), site)
    assert told.endswith(f"2021-02-01以前登记的，重复件会少计、首次件会多计，{whose}在内。" if whose else "")
    assert bool(told) == bool(whose)


def test_the_mark_of_the_export_against_the_linkage(bureau: Bureau) -> None:
    bureau.bring(
        "petitions",
        item("a", is_repeat=False),
        item("b", 1, is_repeat=True),
        item("c", 2, is_repeat=False),
        item("d", 3),
        *(item(f"{n}", who=f"{n}", is_repeat=True) for n in range(3)),
        item("x", who=None, is_repeat=True),
    )
    both = bureau.ask("linkage_agreement", "2021-03", "linked is_repeat")
    agreement = repeats.agreement(both)
    assert dict(agreement.counts) == {
        ("first", "false"): 1,
        ("first", "true"): 3,
        ("repeat", "false"): 1,
        ("repeat", "true"): 1,
    }
    assert agreement.in_words.startswith("一致率33.3%（2/6件）")
    assert bureau.number("linkage_agreement", "2021-03") == 2 / 6
    assert repeats.agreement(bureau.ask("linkage_agreement", "2021-02", "linked is_repeat")).in_words == (
        "本期没有可比的信访件"
    )


def test_what_could_not_be_linked_is_told_by_its_reason(bureau: Bureau) -> None:
    bureau.bring("petitions", item("a"), *(item(n, who=None) for n in "xy"), item("z", responsible_unit=None))
    told = repeats.unlinked_in_words(bureau.ask("unlinked", "2021-03", "linked"))
    assert told.endswith("有3件未能关联：没有信访人代码的2件，没有内容二级或责任单位的1件")
    assert (
        repeats.unlinked_in_words(bureau.ask("unlinked", "2021-02", "linked")) == "2021年2月的信访件都能关联"
    )


# --- matters over time ------------------------------------------------------------------------------


def test_the_longest_matters_come_first_and_only_those_that_came_again(bureau: Bureau) -> None:
    bureau.bring(
        "petitions",
        *(item(f"a{n}", n, who="甲") for n in range(3)),
        *(item(f"b{n}", -30 * n, who="乙", township="新陂镇") for n in range(4)),
        *(item(f"c{n}", -40 - n, who="丙") for n in range(5)),
        item("d", who="丁"),
        covers_to=date(2021, 3, 31),
    )
    matters = found(bureau).matters
    assert [(m.label, len(m.items)) for m in matters] == [
        ("新陂镇 · 养老保险 · 示例市人社局", 4),
        ("宁中镇 · 养老保险 · 示例市人社局", 3),
    ]
    assert [i.day for i in matters[0].items] == [FIRST - timedelta(30 * n) for n in (3, 2, 1, 0)]
    assert (
        repeats.longest(found(bureau), MARCH.period) == "2021年3月又来的事项中，最长的自2020-12-01起已来4次"
    )
    assert len(found(bureau, most=1).matters) == 1
    assert [len(m.items) for m in found(bureau, MARCH.keep("township", "宁中镇")).matters] == [3]


def test_what_comes_after_the_period_is_not_shown(bureau: Bureau) -> None:
    bureau.bring(
        "petitions",
        item("a", closed_on=date(2021, 3, 20)),
        item("b", 10, closed_on=date(2021, 4, 2)),
        item("c", 32),
        covers_to=date(2021, 4, 30),
    )
    (matter,) = found(bureau).matters
    assert [i.closed for i in matter.items] == [date(2021, 3, 20), None]
    (matter,) = found(bureau, Selection(Period.month("2021-04"))).matters
    assert [i.closed for i in matter.items] == [date(2021, 3, 20), date(2021, 4, 2), None]


def drawn(bureau: Bureau) -> go.Figure:
    return plotly.draw_chains(found(bureau), plotly.Said("题", "说明", "来源"))


def test_a_matter_is_a_line_with_a_dot_for_each_item(bureau: Bureau) -> None:
    bureau.bring(
        "petitions",
        item("a", closed_on=FIRST + timedelta(2), rereviewed_on=FIRST + timedelta(4)),
        item("b", 3, channel="visit"),
        item("c", 9, channel="visit"),
        covers_to=date(2021, 3, 31),
    )
    figure = drawn(bureau)
    line, closings, *comings = figure.data
    assert list(line.x) == [FIRST, FIRST + timedelta(9), None]
    assert list(closings.x) == [FIRST + timedelta(2)]
    assert {trace.marker.color: list(trace.x) for trace in comings if trace.x} == {
        CHANNELS["letter"]: [FIRST],
        CHANNELS["visit"]: [FIRST + timedelta(3), FIRST + timedelta(9)],
    }
    assert list(comings[1].marker.symbol) == ["circle", "diamond"]
    assert comings[1].hovertext[1] == "第3次 2021-03-10 来访，未办结，终结后再访"
    assert "宁中镇 · 养老保险 · 示例市人社局 <b>3次</b>" in annotations(figure)


def test_names_from_the_data_are_not_markup_and_long_ones_are_cut(bureau: Bureau) -> None:
    unit = {"responsible_unit": "<b>" + "示例市" * 20}
    bureau.bring("petitions", item("a", **unit), item("b", 1, **unit))
    notes = annotations(drawn(bureau))
    assert "&lt;b&gt;示例市" in notes
    assert "… <b>2次</b>" in notes


def test_no_matter_is_an_empty_frame(bureau: Bureau) -> None:
    bureau.bring("petitions", item("a"))
    figure = drawn(bureau)
    assert not figure.data
    assert repeats.longest(found(bureau), MARCH.period) == "2021年3月没有来过两次以上的事项"


def test_matters_never_name_a_person(bureau: Bureau) -> None:
    bureau.bring("petitions", item("a"), item("b", 1))
    assert "甲的代码" not in f"{found(bureau)}{drawn(bureau).to_json()}"


# --- the page ---------------------------------------------------------------------------------------


def test_the_page_over_the_demo(demo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PETITION_DATA", str(demo))
    app = screens.opened()
    app.sidebar.selectbox(key="period").set_value("2021-11")
    told = screens.shown(app, "repeats")
    assert "件是同一人为同一事项再来" in told
    assert "来时上一件已经办结" in told
    assert "第1版，N＝365天" in told
    assert "一致率" in told
    assert "不一致：关联为重复，导出标为初件" in told
    assert "终结后再访台账" in told


def test_each_number_of_the_mark_has_its_records(bureau: Bureau) -> None:
    bureau.bring("petitions", item("一号件", is_repeat=False), item("二号件", 1, is_repeat=False))
    app = screens.opened()
    screens.shown(app, "repeats")
    button = next(b for b in app.button if b.key and b.key.startswith("pair-repeat-false"))
    assert button.label == "重复、初件 1件 ›"
    kept = MARCH.keep("linked", "repeat").keep("is_repeat", "false")
    records = bureau.engine.records("linkage_agreement", kept, bureau.engine.versions(), 10)
    assert [row[0] for row in records.rows] == ["二号件"]


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [item("a")],
        [item("a", who=None, township=None, category_1=None, category_2=None, responsible_unit=None)],
        [item("a"), item("b", 1)],
    ],
    ids=["empty", "one", "nothing known", "two"],
)
def test_the_page_over_little(bureau: Bureau, rows: list[Row]) -> None:
    if rows:
        bureau.bring("petitions", *rows)
    app = screens.opened()
    told = screens.shown(app, "repeats")
    assert ("尚未导入信访事项" in told) == (not rows)
    assert ("未能关联" in told or "都能关联" in told) == bool(rows)
    assert "甲的代码" not in told


def test_records_of_links_show_what_was_worked_out(bureau: Bureau) -> None:
    bureau.bring("petitions", item("a"), item("b", 1))
    records = bureau.engine.records("linked_repeats", MARCH, bureau.engine.versions(), 10)
    assert [f.name for f in records.fields] == [f.name for f in LINKS.fields]
    (row,) = records.rows
    assert row[[f.name for f in records.fields].index("matter_id")] == "a"

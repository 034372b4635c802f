"""The provincial rule as written, beside the statistical one."""

from __future__ import annotations

import gc
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path
from weakref import ref

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.engine import Engine
from analytics.insight.verdict import Verdict
from analytics.insight.warning.alert import Alert
from analytics.insight.warning.board import board, recent, sentences
from analytics.insight.warning.marks import KIND, journal_of, say, within
from analytics.insight.warning.provincial import Against, Change, changes, level_of, ways_of
from analytics.model import Period, Scope, Selection
from analytics.site import Thresholds
from analytics.store import Store
from tests.bureau import SITE, Bureau, Row, item

USUAL = Thresholds()


def against(now: int, base: int | None, small_base: int = 10) -> Against:
    change = (now - base) / base if base else None
    return Against("year_ago", now, base, change, base is not None and base < small_base)


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 500), st.none() | st.integers(0, 500)), min_size=1, max_size=2))
def test_the_level_is_what_the_rule_says_exactly(pairs: list[tuple[int, int | None]]) -> None:
    moved = [abs(Fraction(now - base, base)) for now, base in pairs if base]
    level = level_of(tuple(against(now, base) for now, base in pairs), USUAL)
    if not moved:
        assert level == "unjudged"
    elif max(moved) > Fraction(1, 5):
        assert level == "alarm"
    else:
        assert level == ("abnormal" if max(moved) > Fraction(1, 10) else "none")


@pytest.mark.parametrize(
    ("now", "base", "level"),
    [
        (12, 10, "abnormal"),
        (13, 10, "alarm"),
        (8, 10, "abnormal"),
        (7, 10, "alarm"),
        (11, 10, "none"),
        (2, 1, "alarm"),
        (5, 0, "unjudged"),
        (5, None, "unjudged"),
    ],
)
def test_more_than_a_fifth_and_more_than_a_tenth(now: int, base: int | None, level: str) -> None:
    assert level_of((against(now, base),), USUAL) == level


def test_the_thresholds_are_the_site_s() -> None:
    one = (against(14, 10),)
    assert level_of(one, Thresholds(abnormal=0.4, alarm=0.5)) == "none"
    assert level_of(one, Thresholds(abnormal=0.3, alarm=0.5)) == "abnormal"


def test_a_small_base_shows_numbers_only() -> None:
    assert against(13, 10).words == "10→13，+30.0%"
    assert against(5, 3).words == "3→5"
    assert against(5, 0).words == "0→5"
    assert against(5, None).words == "无数据"


# --- over data ---------------------------------------------------------------------------------------------


def months(first: str, counts: list[int], **more: str) -> list[Row]:
    """So many items in each month from the first on, on its first days."""
    rows, month = [], date.fromisoformat(f"{first}-01")
    for many in counts:
        rows += [item(f"{more}{month}{n}", f"{month + timedelta(days=n % 28)}", **more) for n in range(many)]
        month = (month + timedelta(days=32)).replace(day=1)
    return rows


@pytest.fixture(scope="module")
def bureau(tmp_path_factory: pytest.TempPathFactory) -> Bureau:
    """宁中镇 doubles beyond chance in 2021-03, 新陂镇 trebles on a base of 2, 坭陂镇 stays."""
    made = Bureau(tmp_path_factory.mktemp("rules") / "store", replace(SITE, officials=(), departments=()))
    made.bring(
        "petitions",
        *months("2019-01", [40, 42, 38, 41, 39, 40] * 4 + [40, 41, 90], township="宁中镇"),
        *months("2019-01", [2] * 26 + [6], township="新陂镇"),
        *months("2019-01", [50] * 27, township="坭陂镇"),
        *months("2019-01", [30] * 26 + [90]),
        covers_to=date(2021, 3, 31),
    )
    return made


def found(bureau: Bureau, month: str = "2021-03") -> dict[str, Change]:
    selection = Selection(Period.month(month))
    return {c.name: c for c in changes(bureau.engine, selection, bureau.engine.versions())}


def test_each_count_stands_where_the_two_rules_put_it(bureau: Bureau) -> None:
    said = {name: (c.level, c.judgement.verdict, c.agreement) for name, c in found(bureau).items()}
    assert said["宁中镇信访总量"] == ("alarm", "up", "both")
    assert said["新陂镇信访总量"] == ("alarm", "small", "provincial")
    assert said["坭陂镇信访总量"] == ("none", "normal", "neither")
    assert said["兴田街道信访总量"][0] == "unjudged"
    assert not any("未填" in name for name in said)


def test_a_small_base_fires_and_is_marked(bureau: Bureau) -> None:
    small = found(bureau)["新陂镇信访总量"]
    assert small.notes == ["同比、环比基数小"]
    assert "%" not in small.told
    assert found(bureau)["兴田街道信访总量"].notes == ["上年同期为 0，不判", "上期为 0，不判"]


def test_nothing_to_compare_with_is_said(bureau: Bureau) -> None:
    first = found(bureau, "2019-01")["宁中镇信访总量"]
    assert first.level == "unjudged"
    assert first.notes == ["上年同期无数据，不判", "上期无数据，不判"]


def test_what_both_say_comes_first(bureau: Bureau) -> None:
    order = [c.agreement for c in found(bureau).values()]
    kinds = ["both", "opposed", "statistical", "provincial", "neither"]
    assert order == sorted(order, key=kinds.index)


def test_a_warning_is_the_same_after_another_import(bureau: Bureau) -> None:
    before = {a.identity for c in found(bureau).values() for a in c.alerts(())}
    bureau.bring("petitions", *months("2021-03", [1], township="叶塘镇"), covers_to=date(2021, 3, 31))
    after = {a.identity for c in found(bureau).values() for a in c.alerts(())}
    assert before == after != set()


def alerts_of(bureau: Bureau, selection: Selection) -> list[Alert]:
    made = board(bureau.engine, selection, bureau.engine.versions())
    assert made
    return [alert for change in made.changes for alert in change.alerts(made.kept)]


def test_other_filters_make_other_warnings(bureau: Bureau) -> None:
    march = Selection(Period.month("2021-03"))
    narrow = [march.keep("channel", "letter"), Selection(march.period, scope=Scope("宁中镇"))]
    seen = [{a.identity for a in alerts_of(bureau, one)} for one in (march, *narrow)]
    assert all(seen)
    assert not seen[0] & seen[1] | seen[0] & seen[2] | seen[1] & seen[2]


def test_the_two_sentences(bureau: Bureau) -> None:
    made = board(bureau.engine, Selection(Period.month("2021-03")), bureau.engine.versions())
    assert made
    first, *rest = sentences(made)
    assert len(rest) <= 1
    assert "省里的办法报" in first
    assert "信访总量" in first
    assert "显著上升" in first
    many = sum(made.agreements.values())
    assert many == len(made.changes)
    assert first.startswith(f"{many}项计数中")


def test_no_board_outside_the_data(bureau: Bureau) -> None:
    versions = bureau.engine.versions()
    for month in ("2018-12", "2021-04"):
        assert board(bureau.engine, Selection(Period.month(month)), versions) is None
    assert board(bureau.engine, Selection(Period.month("2021-03")), {}) is None


@pytest.mark.parametrize(
    ("verdict", "base", "agreement"),
    [
        ("up", 10, "both"),
        ("high", 10, "both"),
        ("down", 10, "opposed"),
        ("low", 10, "opposed"),
        ("up", 13, "statistical"),
        ("normal", 10, "provincial"),
    ],
)
def test_both_speak_only_where_they_say_the_same(
    bureau: Bureau, verdict: Verdict, base: int, agreement: str
) -> None:
    """13 after 10 is a rise: statistics that say 持续偏低 do not agree with that."""
    one = found(bureau)["宁中镇信访总量"]
    assert under(one, verdict, against(13, base)).agreement == agreement


def under(one: Change, verdict: Verdict, *compared: Against) -> Change:
    """The count as it would stand with these comparisons and this verdict."""
    level, (rises, falls) = level_of(compared, USUAL), ways_of(compared, USUAL)
    judgement = replace(one.judgement, verdict=verdict)
    return replace(one, against=compared, level=level, rises=rises, falls=falls, judgement=judgement)


def test_a_comparison_within_the_rule_gives_it_no_direction(bureau: Bureau) -> None:
    """同比 +30 % fires, 环比 −1 % does not: the rule speaks of a rise alone."""
    one = found(bureau)["宁中镇信访总量"]
    fired, quiet = against(130, 100), replace(against(130, 131), compare="previous")
    assert under(one, "down", fired, quiet).agreement == "opposed"
    assert under(one, "up", fired, quiet).agreement == "both"
    fell = replace(against(130, 200), compare="previous")
    assert {under(one, verdict, fired, fell).agreement for verdict in ("up", "down")} == {"both"}


def test_the_recent_weeks_ask_nothing_of_the_provincial_rule(
    bureau: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    selection, versions = Selection(Period.month("2021-03")), bureau.engine.versions()
    with monkeypatch.context() as without:
        without.setattr("analytics.insight.warning.board.changes", None)
        weeks = recent(bureau.engine, selection, versions)
    made = board(bureau.engine, selection, versions)
    assert weeks and made
    assert (weeks.scan, weeks.matters) == (made.scan, made.matters)


def test_a_board_goes_with_its_engine() -> None:
    """What is worked out lives in the engine's own cache: emptied with it, and gone with it."""
    engine = Engine(Store(Path("nowhere")), SITE)
    made: list[int] = []
    with pytest.MonkeyPatch.context() as counted:
        counted.setattr("analytics.insight.warning.board._board", lambda *_: made.append(1))
        selection = Selection(Period.month("2021-03"))
        board(engine, selection, {})
        board(engine, selection, {})
        assert len(made) == 1
        engine.forget()
        board(engine, selection, {})
    assert len(made) == 2
    held = ref(engine)
    del engine
    gc.collect()
    assert held() is None


def test_a_township_user_is_warned_of_its_own_only(bureau: Bureau) -> None:
    selection = Selection(Period.month("2021-03"), scope=Scope("宁中镇"))
    told = board(bureau.engine, selection, bureau.engine.versions())
    assert told is not None
    named = {member for c in told.changes for name, member in c.members if name == "township"}
    assert named == {"宁中镇"}
    everything = board(bureau.engine, replace(selection, scope=Scope()), bureau.engine.versions())
    assert everything is not None and everything.agreements != told.agreements


def test_a_filter_lists_the_townships_it_keeps(bureau: Bureau) -> None:
    """兴田街道 has nothing in the month, and is listed where the filter keeps it."""
    kept = Selection(Period.month("2021-03")).keep("township", "宁中镇", "兴田街道")
    told = changes(bureau.engine, kept, bureau.engine.versions())
    assert {m for c in told for name, m in c.members if name == "township"} == {"宁中镇", "兴田街道"}


def test_a_township_user_sees_marks_of_its_own_only(bureau: Bureau) -> None:
    engine = bureau.engine
    for name in ("宁中镇", "新陂镇"):
        say(engine, engine.versions(), found(bureau)[f"{name}信访总量"].alerts(()), "confirmed")
    county = found(bureau)["信访总量"].alerts(())
    say(engine, engine.versions(), county, "confirmed")
    entries = journal_of(engine).entries(KIND)
    places = bureau.site.places
    seen = within(entries, Scope("宁中镇"), places)
    assert seen and {entry.facts["members"]["township"] for entry in seen} == {"宁中镇"}  # type: ignore[index]
    assert within(entries, Scope(), places) == entries
    assert len(entries) > len(seen)
    assert len(within(entries, Scope(area="4414"), places)) == len(entries) - len(county)
    assert within(entries, Scope(area="4415"), places) == []

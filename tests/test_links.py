"""重复关联 against its definition, at each of its edges, and kept in line by imports that touch a part."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics.contract import LINKS
from analytics.ingest import import_files, outdated, rederive
from analytics.ingest import pending as pending_module
from analytics.ingest.links import Petitions
from analytics.model import Period
from analytics.site import Refusal
from analytics.store import MANIFEST, Store
from tests import oracle
from tests.bureau import SITE, Bureau, Row
from tests.exports import csv_file

DAY = timedelta(days=1)
FIRST = date(2021, 1, 10)
WORKED_OUT = ("linked", "matter_id", "position", "previous_on", "previous_closed_on", "followed")
quick = settings(max_examples=6, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


def item(number: object, days: int = 0, **more: Any) -> Row:
    """A petition of 甲 about pensions with the labour office, so many days after the first."""
    usual = {
        "registered_on": FIRST + days * DAY,
        "channel": "letter",
        "petitioner_key": "甲",
        "category_1": "劳动和社会保障",
        "category_2": "养老保险",
        "responsible_unit": "示例市人社局",
    }
    return {"petition_id": str(number)} | usual | more


@pytest.fixture
def bureau(tmp_path: Path) -> Bureau:
    return Bureau(tmp_path / "store", replace(SITE, repeat_days=30))


def stored(bureau: Bureau) -> dict[str, Row]:
    """The links served, by petition, each with what the rule works out."""
    rows = bureau.store.read("links").to_pylist()
    return {row["petition_id"]: {name: row[name] for name in WORKED_OUT} for row in rows}


def told(bureau: Bureau) -> dict[str, str]:
    """Of each petition the matter, its place in it, and what it is: 'a2 repeat'."""
    return {
        key: f"{row['matter_id']}{row['position']} {row['linked']}" for key, row in stored(bureau).items()
    }


def expected(bureau: Bureau) -> dict[str, Row]:
    """The second opinion over the petitions served."""
    rows = oracle.links(bureau.store.read("petitions").to_pylist(), bureau.site.repeat_days)
    return {row["petition_id"]: {name: row[name] for name in WORKED_OUT} for row in rows}


# --- the rule ---------------------------------------------------------------------------------------


def test_items_of_one_person_topic_and_unit_follow_one_another(bureau: Bureau) -> None:
    bureau.bring("petitions", item("a"), item("b", 5), item("c", 20, channel="visit"))
    assert told(bureau) == {"a": "a1 first", "b": "a2 repeat", "c": "a3 repeat"}
    assert [row["followed"] for row in stored(bureau).values()] == [True, True, False]
    assert stored(bureau)["c"]["previous_on"] == FIRST + 5 * DAY


@pytest.mark.parametrize("days", [30, 31])
def test_the_last_day_that_still_belongs(bureau: Bureau, days: int) -> None:
    bureau.bring("petitions", item("a"), item("b", days))
    assert told(bureau)["b"] == ("a2 repeat" if days == 30 else "b1 first")
    assert stored(bureau)["a"]["followed"] == (days == 30)


def test_the_days_count_from_the_item_before_not_from_the_first(bureau: Bureau) -> None:
    bureau.bring("petitions", item("a"), item("b", 30), item("c", 60), item("d", 91), item("e", 92))
    assert told(bureau) == {
        "a": "a1 first",
        "b": "a2 repeat",
        "c": "a3 repeat",
        "d": "d1 first",
        "e": "d2 repeat",
    }


def test_on_one_day_the_key_decides(bureau: Bureau) -> None:
    bureau.bring("petitions", item("２"), item("9"))
    bureau.bring("petitions", item("10"))
    assert told(bureau) == {"10": "101 first", "9": "102 repeat", "２": "103 repeat"}


@pytest.mark.parametrize(
    "other",
    [
        {"petitioner_key": "乙"},
        {"category_2": "工伤"},
        {"responsible_unit": "示例市教育局"},
    ],
)
def test_another_person_topic_or_unit_is_another_matter(bureau: Bureau, other: Row) -> None:
    bureau.bring("petitions", item("a"), item("b", 1, **other), item("c", 2))
    assert told(bureau) == {"a": "a1 first", "b": "b1 first", "c": "a2 repeat"}


@pytest.mark.parametrize(
    ("column", "result"),
    [("petitioner_key", "no_code"), ("category_2", "no_matter"), ("responsible_unit", "no_matter")],
)
def test_what_is_not_known_is_never_linked(bureau: Bureau, column: str, result: str) -> None:
    bureau.bring("petitions", *(item(n, **{column: None}) for n in "ab"), item("c", 1))
    assert told(bureau) == {"a": f"a1 {result}", "b": f"b1 {result}", "c": "c1 first"}
    assert bureau.number("unlinked") == 2
    assert bureau.number("linked_repeats") == 0


def test_topics_are_those_of_the_present_list(bureau: Bureau) -> None:
    former = {"category_1": "环境保护", "category_2": "环境污染"}
    now = {"category_1": "生态环境", "category_2": "环境污染与生态破坏"}
    bureau.bring("petitions", item("a", **former), item("b", 1, **now))
    assert told(bureau)["b"] == "a2 repeat"


@pytest.mark.parametrize(("closed", "after"), [(4, True), (5, True), (6, False), (None, False)])
def test_whether_the_one_before_was_closed(bureau: Bureau, closed: int | None, after: bool) -> None:
    bureau.bring(
        "petitions", item("a", closed_on=closed and FIRST + closed * DAY), item("b", 5), item("c", 6)
    )
    assert stored(bureau)["b"]["previous_closed_on"] == (closed and FIRST + closed * DAY)
    assert bureau.number("returned_after_closure") == after, "the one before c is b, which is open"


@pytest.mark.parametrize(
    ("ended", "result"), [(4, "after_termination"), (5, "after_termination"), (6, "repeat")]
)
def test_what_comes_after_termination_stands_apart(bureau: Bureau, ended: int, result: str) -> None:
    bureau.bring(
        "petitions",
        item("a", closed_on=FIRST + 2 * DAY, rereviewed_on=FIRST + ended * DAY),
        item("b", 5),
        item("c", 7),
    )
    assert [told(bureau)[key] for key in "abc"] == ["a1 first", f"a2 {result}", "a3 after_termination"]
    repeats = int(result == "repeat")
    assert bureau.number("linked_repeats") == repeats
    assert bureau.number("returned_after_closure") == repeats
    assert bureau.number("after_termination") == 2 - repeats
    assert bureau.number("linked_repeat_rate") == repeats / (1 + repeats)
    assert bureau.number("one_time_resolution_rate") == 0, "it came back all the same"


def test_a_matter_begun_anew_is_not_terminated(bureau: Bureau) -> None:
    bureau.bring("petitions", item("a", rereviewed_on=FIRST + DAY), item("b", 31), item("c", 32))
    assert told(bureau) == {"a": "a1 first", "b": "b1 first", "c": "b2 repeat"}


def test_termination_counts_from_any_earlier_item(bureau: Bureau) -> None:
    bureau.bring(
        "petitions", item("a"), item("b", 1, rereviewed_on=FIRST + 3 * DAY), item("c", 2), item("d", 3)
    )
    assert [told(bureau)[key].split()[1] for key in "abcd"] == [
        *("first", "repeat", "repeat", "after_termination")
    ]


def test_once_was_enough_for_the_matters_closed_in_the_period(bureau: Bureau) -> None:
    closed = {"closed_on": date(2021, 2, 1)}
    bureau.bring(
        "petitions",
        item("a", **closed),
        item("b", 5, closed_on=date(2021, 3, 1)),
        item("c", petitioner_key="乙", **closed),
        item("d", petitioner_key=None, **closed),
        item("e", petitioner_key="丙"),
    )
    assert bureau.number("one_time_resolution_rate", "2021-02") == 1 / 2
    assert bureau.number("one_time_resolution_rate", "2021-03") is None, "b is no first item"


# --- against the second opinion ---------------------------------------------------------------------


def petitions(keys: str = "abcdefghijkl") -> st.SearchStrategy[list[Row]]:
    """Items of a few people and matters, about the last day that still belongs, by their keys."""
    one = st.builds(
        lambda days, who, topic, unit, closed, ended: {
            "registered_on": FIRST + days * DAY,
            "petitioner_key": who,
            "category_2": topic,
            "responsible_unit": unit,
            "closed_on": None if closed is None else FIRST + (days + closed) * DAY,
            "rereviewed_on": None if ended is None else FIRST + (days + ended) * DAY,
        },
        st.sampled_from([0, 0, 1, 15, 30, 31, 32, 60, 61, 62, 91]),
        st.sampled_from(["甲", "甲", "甲", "乙", None]),
        st.sampled_from(["养老保险", "养老保险", "工伤", None]),
        st.sampled_from(["示例市人社局", "示例市人社局", "示例市教育局", None]),
        st.sampled_from([None, 0, 1, 15, 30]),
        st.sampled_from([None, None, None, 0, 1, 30]),
    )
    chosen = st.lists(st.sampled_from(keys), min_size=1, max_size=len(keys), unique=True)
    return chosen.flatmap(
        lambda ids: st.tuples(*(one.map(lambda row, i=i: item(i) | row) for i in ids)).map(list)
    )


@quick
@given(rows=petitions("abcdefghijklmnopqrst"), days=st.sampled_from([1, 30, 365]))
def test_the_statement_gives_what_the_rule_says(rows: list[Row], days: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        bureau = Bureau(Path(folder) / "store", replace(SITE, repeat_days=days))
        bureau.bring("petitions", *rows)
        assert stored(bureau) == expected(bureau)


@quick
@given(imports=st.lists(st.tuples(petitions(), st.booleans()), min_size=2, max_size=3))
def test_imports_that_touch_a_part_leave_what_linking_all_would_give(
    imports: Sequence[tuple[list[Row], bool]],
) -> None:
    """New items, items whose person, topic, unit or days became others, and items withdrawn."""
    with tempfile.TemporaryDirectory() as folder:
        bureau = Bureau(Path(folder) / "store", replace(SITE, repeat_days=30, reject_limit=1))
        for rows, whole in imports:
            span = Period(FIRST, FIRST + 40 * DAY) if whole else None
            # what a file leaves blank keeps the code that is stored, so a blank code is not sent
            bureau.bring_file("petitions", *rows, replace=span)
            assert stored(bureau) == expected(bureau)


# --- at import --------------------------------------------------------------------------------------


def test_an_import_links_the_touched_alone(bureau: Bureau, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[Sequence[str] | None, int]] = []
    link = pending_module.link

    def noted(asked: Petitions, site: Any) -> Any:
        found = link(asked, site)
        seen.append((asked.changed, len(found.rows)))
        return found

    monkeypatch.setattr(pending_module, "link", noted)
    bureau.bring("petitions", item("a"), item("b", 1), *(item(n, petitioner_key=f"{n}") for n in range(20)))
    bureau.bring("petitions", item("c", 2), item("x", petitioner_key=None), item("y", petitioner_key=None))
    bureau.bring("petitions", item("z", petitioner_key=None))
    assert [many for _, many in seen] == [22, 5, 1], "a and b are of the person of c"
    assert [changed and set(changed) for changed, _ in seen] == [None, {"c", "x", "y"}, {"z"}]


def test_links_are_served_with_the_petitions_and_told_of_by_none(
    bureau: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    published: list[dict[str, int]] = []
    publish = Store.publish

    def noted(self: Store, versions: dict[str, int], *more: Any, **options: Any) -> None:
        published.append(dict(versions))
        publish(self, versions, *more, **options)

    monkeypatch.setattr(Store, "publish", noted)
    report = bureau.bring("petitions", item("a"), item("b", 1))
    assert [sorted(versions) for versions in published] == [["links", "petitions"]]
    assert report.as_json()["version"] == report.version == bureau.store.versions()["petitions"]
    assert [record.dataset for record in bureau.store.imports()] == ["petitions"]


def test_other_imports_leave_the_links_alone(bureau: Bureau) -> None:
    bureau.bring("petitions", item("a"))
    before = bureau.store.versions()
    bureau.bring("petitions", item("a"))
    bureau.bring("activities", {"activity_id": "1", "held_on": FIRST, "kind": "训诫"})
    bureau.bring("petitions", item("a", village="甲村"))
    after = bureau.store.versions()
    assert (after["links"], after["petitions"]) == (before["links"], before["petitions"] + 1)


def test_an_update_that_splits_a_chain_and_one_that_joins_it(bureau: Bureau) -> None:
    bureau.bring("petitions", item("a"), item("b", 20), item("c", 45))
    assert told(bureau)["c"] == "a3 repeat"
    bureau.bring("petitions", {"petition_id": "b", "responsible_unit": "示例市教育局"})
    assert told(bureau) == {"a": "a1 first", "b": "b1 first", "c": "c1 first"}
    bureau.bring("petitions", {"petition_id": "b", "responsible_unit": "示例市人社局"})
    assert told(bureau) == {"a": "a1 first", "b": "a2 repeat", "c": "a3 repeat"}
    bureau.bring("petitions", {"petition_id": "b", "petitioner_key": "乙"})
    assert told(bureau)["c"] == "c1 first"


def test_an_item_that_moves_in_time_moves_in_its_matter(bureau: Bureau) -> None:
    bureau.bring("petitions", item("a"), item("b", 5))
    bureau.bring("petitions", item("a", 6))
    assert told(bureau) == {"a": "b2 repeat", "b": "b1 first"}


def test_an_item_withdrawn_leaves_its_matter(bureau: Bureau) -> None:
    bureau.bring_file("petitions", item("a"), item("b", 5), item("c", 40))
    bureau.bring_file("petitions", item("b", 5), replace=Period(FIRST, FIRST + 10 * DAY))
    assert told(bureau) == {"b": "b1 first", "c": "c1 first"}
    bureau.bring_file("petitions", item("d", 5), replace=Period(FIRST, FIRST + 10 * DAY))
    assert told(bureau) == {"c": "c1 first", "d": "d1 first"}


def test_earlier_versions_keep_their_links(bureau: Bureau) -> None:
    bureau.bring("petitions", item("a"), item("b", 5))
    then = bureau.store.versions()["links"]
    bureau.bring("petitions", item("c", 6))
    assert bureau.number("linked_repeats") == 2
    assert bureau.number("linked_repeats", versions={"links": then}) == 1


@pytest.mark.parametrize(("days", "linked"), [(30, 1), (29, 0), (400, 1)])
def test_another_number_of_days_links_everything_anew(bureau: Bureau, days: int, linked: int) -> None:
    bureau.bring("petitions", item("a"), item("b", 30), item("c", petitioner_key="乙"))
    before, site = bureau.store.versions(), replace(bureau.site, repeat_days=days)
    again = outdated(bureau.store, site)
    assert again == ([] if days == 30 else ["links"])
    rederive(bureau.store, site)
    assert bureau.store.versions() == before | {"links": before["links"] + len(again)}
    assert outdated(bureau.store, site) == []
    assert {row["link_rule"] for row in bureau.store.read("links").to_pylist()} == {f"第1版 {days}天"}
    assert Bureau(bureau.store.path, site).number("linked_repeats") == linked


def test_another_version_of_the_rule_links_everything_anew(
    bureau: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    bureau.bring("petitions", item("a"))
    monkeypatch.setattr("analytics.site.LINK_RULE", 2)
    assert outdated(bureau.store, bureau.site) == ["links"]
    rederive(bureau.store, bureau.site)
    assert [row["link_rule"] for row in bureau.store.read("links").to_pylist()] == ["第2版 30天"]


def test_the_number_of_days_owes_nobody_anything(bureau: Bureau) -> None:
    bureau.bring("screenings", {"screening_id": "1", "held_on": FIRST, "level": "city", "unit": "兴宁市"})
    assert outdated(bureau.store, replace(bureau.site, repeat_days=5)) == []


def test_a_township_renamed_is_linked_in_the_same_instant(bureau: Bureau) -> None:
    bureau.bring("petitions", item("a", township="宁中"), item("b", township="某镇"))
    site = replace(bureau.site, townships=bureau.site.townships[:1])
    rederive(bureau.store, site)
    assert {row["township"] for row in bureau.store.read("links").to_pylist()} == {"未识别"}


def test_a_store_from_before_there_were_links_gets_them(bureau: Bureau) -> None:
    bureau.bring("petitions", item("a"), item("b", 5), demo=True)
    manifest = bureau.store.path / MANIFEST
    forgotten = json.loads(manifest.read_text("utf-8"))
    del forgotten["versions"]["links"]
    bureau.store.adopt(forgotten)
    assert outdated(bureau.store, bureau.site) == ["links"]
    rederive(bureau.store, bureau.site)
    assert told(bureau)["b"] == "a2 repeat"
    assert bureau.store.is_demo


def test_a_lost_file_is_told(bureau: Bureau) -> None:
    bureau.bring("petitions", item("a"))
    next((bureau.store.path / "petitions").rglob("*.parquet")).unlink()
    with pytest.raises(Refusal, match="petition restore"):
        rederive(bureau.store, replace(bureau.site, repeat_days=5))


def test_links_are_known_as_far_as_the_petitions(bureau: Bureau) -> None:
    bureau.bring("petitions", item("a", closed_on=FIRST + 9 * DAY))
    assert bureau.engine.ask(["linked_firsts"]).query.as_of == FIRST + 9 * DAY
    bureau.bring("petitions", item("a"), covers_to=date(2021, 3, 5))
    assert bureau.engine.ask(["linked_firsts"]).query.as_of == date(2021, 3, 5)
    assert bureau.engine.coverage("links") == bureau.engine.coverage("petitions")


def test_nobody_can_be_told_from_the_links(bureau: Bureau) -> None:
    assert "petitioner_key" not in LINKS.by_name
    bureau.bring("petitions", item("a", petitioner_key="某某的代码"))
    (row,) = bureau.store.read("links").to_pylist()
    assert "某某的代码" not in map(str, row.values())


def test_links_are_never_imported_and_no_export_is_taken_for_them(bureau: Bureau, tmp_path: Path) -> None:
    file = csv_file(
        tmp_path / "a.csv", ("信访件编号", "登记日期", "第几件", "关联结果"), [("a", FIRST, 1, "首次")]
    )
    with pytest.raises(Refusal, match="重复关联，由信访事项推算，不能导入"):
        import_files(bureau.store, SITE, [file])
    other = csv_file(
        tmp_path / "b.csv", ("信访件编号", "登记日期", "信访形式", "办结日期"), [("a", FIRST, "来信", None)]
    )
    assert import_files(bureau.store, SITE, [other]).inserted == 1

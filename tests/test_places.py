"""Places nest: which one a cell means, its code as a number, and every level as a range of these."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from analytics import sql
from analytics.catalogue import DIMENSIONS, METRICS, UnknownName, dataset_has
from analytics.contract import DATASETS
from analytics.ingest import rederive
from analytics.model import LEVELS, MONTH, Period, Selection, reach
from analytics.places import Area, Township, named_apart
from analytics.site import Refusal, Site
from tests import strategies
from tests.bureau import PREFECTURE, SITE, Bureau, case, item, screening

DAYS = Period(date(2021, 1, 1), date(2021, 12, 31))


# --- which place is meant ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "code", "township", "known"),
    [
        ("宁中", "", "宁中镇", "441481102"),
        ("兴宁市宁中镇", "", "宁中镇", "441481102"),
        ("广东省梅州市兴宁市宁中镇", "", "宁中镇", "441481102"),
        ("梅州市兴宁市宁中镇政府", "", "宁中镇", "441481102"),
        (
            "宁中镇",
            "441481110000",
            "宁中镇",
            "441481102",
        ),  # the name counts: codes are swapped here and there
        ("", "441481102000", "宁中镇", "441481102"),
        ("", "441481102203", "宁中镇", "441481102"),
        ("城关镇", "", None, "0"),
        ("城关镇", "441422", "大埔县城关镇", "441422101"),
        ("城关", "441423000000", "丰顺县城关镇", "441423101"),
        ("丰顺县城关", "", "丰顺县城关镇", "441423101"),
        ("城关镇", "441481102", None, "441481"),  # there is none of this name in that county
        ("一个没有的镇", "441481102", "宁中镇", "441481102"),
        ("一个没有的镇", "441481", None, "441481"),
        ("大埔县", "", None, "441422"),
        ("大埔县某村", "", None, "441422"),
        ("梅州市", "", None, "0"),
        ("高陂镇", "不详", "高陂镇", "441422102"),
        ("宁中镇", "440100", None, "0"),
        ("", "", None, "0"),
    ],
)
def test_a_name_and_a_code_tell_the_place(written: str, code: str, township: str | None, known: str) -> None:
    found = PREFECTURE.places.locate(written, code)
    assert (found.township and found.township.name, found.code) == (township, known)
    assert found.area == int(known.ljust(9, "0"))


def test_what_names_no_township_is_not_filled_in_and_what_names_a_strange_one_is_lost() -> None:
    lost = {
        text
        for text in ("", "大埔县", "梅州市大埔县", "大埔县某镇", "某镇")
        if PREFECTURE.places.locate(text).lost
    }
    assert lost == {"大埔县某镇", "某镇"}


def test_a_county_knows_its_townships_by_every_prefix() -> None:
    for text in ("宁中", "兴宁市宁中镇", "广东省梅州市兴宁市宁中镇", "某地兴宁市宁中"):
        assert SITE.places.locate(text).township == SITE.townships[1]
    assert SITE.places.locate("大埔县宁中镇").township is None


def test_townships_of_one_name_are_named_apart_by_their_counties() -> None:
    listed = [
        Township("城关镇", "441422101"),
        Township("城关镇", "441423101"),
        Township("高陂镇", "441422102"),
    ]
    found = named_apart(listed, [Area("441423", "丰县")], Area("4414", "梅州市"))
    assert [t.name for t in found] == ["大埔县城关镇", "丰县城关镇", "高陂镇"]


def test_counties_of_one_name_are_named_apart_by_their_prefectures() -> None:
    areas = (
        Area("3201", "南京市"),
        Area("3203", "徐州市"),
        Area("320106", "鼓楼区"),
        Area("320302", "鼓楼区"),
    )
    places = Site("某局", "江苏省", "32", areas).places
    assert [places.name_of(a.code) for a in areas[2:]] == ["南京市鼓楼区", "徐州市鼓楼区"]
    assert places.code_of("county", "徐州市鼓楼区") == places.code_of("county", "320302") == "320302"
    assert places.code_of("county", "鼓楼区") == ""


# --- levels are dimensions --------------------------------------------------------------------------


def test_codes_nest() -> None:
    assert reach("44") == (440_000_000, 449_999_999)
    assert reach("441481") == (441_481_000, 441_481_999)
    assert reach("441481102") == (441_481_102, 441_481_102)
    assert reach("0") == (0, 0)


def test_what_lies_in_a_township_has_every_level() -> None:
    for dataset in DATASETS.values():
        has = {name for name in LEVELS if dataset_has(dataset, name)}
        assert has == (set(LEVELS) if "township" in dataset.by_name else set())
    assert [DIMENSIONS[name].label for name in LEVELS] == ["省份", "地市", "县区"]


def test_a_level_is_kept_by_a_range_and_grouped_without_a_fraction() -> None:
    asked = [sql.Asked(METRICS["petitions"].measures[0], stock=False)]
    kept = Selection(DAYS, (("county", ("441422", "441481")), ("prefecture", ("0",))))
    statement = sql.select("petitions", asked, ("county",), kept)
    assert '("area" BETWEEN ? AND ? OR "area" BETWEEN ? AND ?) AND ("area" BETWEEN ? AND ?)' in statement.text
    assert [p for p in statement.parameters if isinstance(p, int)] == [
        *(441_422_000, 441_422_999, 441_481_000, 441_481_999),
        *(0, 0),
    ]
    assert 'CAST(("area" - MOD("area", 1000)) / 1000 AS INTEGER)' in statement.text


@pytest.fixture(scope="module")
def bureau(tmp_path_factory: pytest.TempPathFactory) -> Bureau:
    """Items in three counties, of a county alone, and of nobody knows where."""
    bureau = Bureau(tmp_path_factory.mktemp("prefecture"), PREFECTURE)
    day = date(2021, 3, 1)
    places = [
        *(("宁中镇", None), ("新陂镇", None), ("宁中镇", "441481")),
        *(("城关镇", "441422"), ("城关镇", "441423"), ("高陂镇", None)),
        *(("大埔县", None), (None, "441423000000"), ("城关镇", None), (None, None)),
    ]
    bureau.bring(
        "petitions",
        *(item(n, day, township=name, region_code=code) for n, (name, code) in enumerate(places)),
    )
    bureau.bring("backlog", case(1, day, township="大埔县城关镇"), case(2, day, township="某镇"))
    bureau.bring(
        "screenings", screening(1, day, unit="高陂镇", township="高陂镇"), covers_to=date(2021, 3, 31)
    )
    return bureau


def test_every_level_by_name(bureau: Bureau) -> None:
    assert bureau.table("petitions", None, "county") == {"兴宁市": 3, "大埔县": 3, "丰顺县": 2, "未填": 2}
    assert bureau.table("petitions", None, "prefecture") == {"梅州市": 8, "未填": 2}
    assert bureau.table("petitions", None, "province") == {"广东省": 8, "未填": 2}
    assert bureau.table("backlog_assigned", None, "county") == {"大埔县": 1, "未填": 1}
    assert bureau.table("petitions", None, "township", where={"county": ["大埔县"]}) == {
        "大埔县城关镇": 1,
        "高陂镇": 1,
        "未填": 1,
    }


def test_duties_and_links_lie_in_places_too(bureau: Bureau) -> None:
    done = bureau.table("screening_compliance", None, "county", where={"level": ["township"]})
    assert set(done) == {"兴宁市", "大埔县", "丰顺县"}
    assert done["大埔县"] and not done["兴宁市"]
    of = {row["petition_id"]: row["area"] for row in bureau.store.read("petitions").to_pylist()}
    assert {row["petition_id"]: row["area"] for row in bureau.store.read("links").to_pylist()} == of


def test_a_place_is_named_or_given_by_its_code(bureau: Bureau) -> None:
    numbers = {bureau.number("petitions", where={"county": [text]}) for text in ("兴宁市", "441481")}
    assert numbers == {3}
    assert bureau.number("petitions", where={"county": ["未填"]}) == 2
    asked = bureau.engine.query(["petitions"], where={"county": ["441481"], "prefecture": ["4414"]})
    assert asked.selection.members == (("county", ("兴宁市",)), ("prefecture", ("梅州市",)))


@pytest.mark.parametrize("text", ["兴宁", "440103", "4414", "0", "未识别", "1 OR 1=1"])
def test_a_place_that_the_site_does_not_know_is_refused(bureau: Bureau, text: str) -> None:
    with pytest.raises(UnknownName, match=f"没有名称或代码是“{text}”的县区"):
        bureau.engine.query(["petitions"], where={"county": [text]})


def test_receptions_have_no_places(bureau: Bureau) -> None:
    with pytest.raises(Refusal, match="没有维度“县区”"):
        bureau.engine.query(["receptions"], by=["county"])


def test_records_and_what_waits_are_kept_by_a_place_too(bureau: Bureau) -> None:
    kept = Selection(DAYS, (("county", ("大埔县",)),))
    versions = bureau.engine.versions()
    assert {row[0] for row in bureau.engine.records("petitions", kept, versions, 10).rows} == {"3", "5", "6"}
    assert set(bureau.engine.adding("petitions", kept, versions, 10) or {}) == {"3", "5", "6"}
    assert [spell.case_id for spell in bureau.engine.spells(kept, versions)] == ["1"]
    weeks = (Period(date(2021, 3, 1), date(2021, 3, 7)), Period(date(2021, 3, 8), date(2021, 3, 14)))
    found = bureau.engine.stretches("petitions", ("county",), weeks, kept, versions)
    assert found == {("大埔县",): (3, 0)}


def test_a_code_that_says_something_else_is_remarked_on(tmp_path: Path) -> None:
    bureau = Bureau(tmp_path, PREFECTURE)
    day = date(2021, 3, 1)
    report = bureau.bring_file(
        "petitions",
        item(1, day, township="宁中镇", 区划代码="441481102000"),
        item(2, day, township="宁中镇", 区划代码="441481110000.0"),
        item(3, day, township="宁中镇", 区划代码="440103"),
        item(4, day, township="宁中镇", 区划代码="441481"),
        item(5, day, township="宁中镇", 区划代码="无"),
    )
    odd = [(w.row, w.column, w.value) for w in report.warnings if "区划代码" in w.rule]
    assert odd == [(3, "region_code", "441481110000"), (4, "region_code", "440103"), (6, "region_code", "无")]
    rows = {row["petition_id"]: row for row in bureau.store.read("petitions").to_pylist()}
    assert {key: (row["township"], row["area"], row["region_code"]) for key, row in rows.items()} == {
        "1": ("宁中镇", 441_481_102, "441481102000"),
        "2": ("宁中镇", 441_481_102, "441481102000"),
        "3": ("未识别", 0, "未填"),
        "4": ("宁中镇", 441_481_102, "441481102000"),
        "5": ("宁中镇", 441_481_102, "441481102000"),
    }


@settings(max_examples=4, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
@given(rows=strategies.rows("petitions", (30,)))
def test_levels_add_up_and_a_place_is_all_that_lies_in_it(
    tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, object]]
) -> None:
    bureau = Bureau(tmp_path_factory.mktemp("nested"), PREFECTURE)
    bureau.bring("petitions", *rows)
    names = ("petitions", "persons", "overdue")
    whole = bureau.ask(names)
    for level in (*LEVELS, "township", f"county {MONTH.name}"):
        parts = bureau.ask(names, by=level)
        for name in ("petitions", "persons"):
            assert sum(parts.value(name, key) or 0 for key in parts.keys) == whole.value(name)
    by_both = bureau.ask(names, by="county township")
    for county in ("兴宁市", "大埔县", "丰顺县", "未填"):
        inside = [key for key in by_both.keys if key[0] == county]
        kept = bureau.ask(names, where={"county": [county]})
        for name in names:
            assert kept.value(name) == sum(by_both.value(name, key) or 0 for key in inside)
        townships = [key[1] for key in inside]
        if county != "未填":  # of the others the township may be unknown
            listed = [t.name for t in PREFECTURE.townships if PREFECTURE.places.name_of(t.code[:6]) == county]
            assert set(townships) <= {*listed, "未填", "未识别"}
            assert bureau.number("petitions", where={"township": listed}) == sum(
                by_both.value("petitions", key) or 0 for key in inside if key[1] in listed
            )


def test_a_renamed_list_moves_the_rows(tmp_path: Path) -> None:
    bureau = Bureau(tmp_path, PREFECTURE)
    bureau.bring("petitions", item(1, date(2021, 3, 1), township="高陂镇"))
    moved = replace(
        PREFECTURE,
        townships=tuple(
            replace(t, code="441423102") if t.name == "高陂镇" else t for t in PREFECTURE.townships
        ),
    )
    rederive(bureau.store, moved)
    bureau.site = moved
    assert [row["area"] for row in bureau.store.read("petitions").to_pylist()] == [441_423_102]

"""Wrong numbers that come from what is counted: twice, not at all, under another name."""

from __future__ import annotations

from datetime import date

import pytest

from analytics.model import Scope
from analytics.site import Refusal
from tests.bureau import Bureau, case, item, order, reception, screening

AS_OF = date(2021, 12, 31)
MARCH = "2021-03"


def test_superior_items_counted_twice(bureau: Bureau) -> None:
    """An assigned letter stands under 上级交办 alone; the headings add up to the whole."""
    channels = ["letter", "visit", "online", "phone"]
    rows = [
        item(f"{channel}-{source}", "2021-03-01", channel=channel, source=source)
        for channel in channels
        for source in ("local", "superior")
    ]
    bureau.bring("petitions", *rows)
    headings = "letters visits online phone superior_assigned"
    result = bureau.ask(f"{headings} petitions", MARCH, as_of=AS_OF)
    assert [result.value(name) for name in headings.split()] == [1, 1, 1, 1, 4]
    assert result.value("petitions") == 8


def test_superior_visit_counted_as_a_group_visit(bureau: Bureau) -> None:
    """Group visits are local visits; so are their persons."""
    bureau.bring(
        "petitions",
        item(1, "2021-03-01", channel="visit", persons=6, source="superior"),
        item(2, "2021-03-01", channel="visit", persons=7),
        item(3, "2021-03-01", channel="letter", persons=8),
    )
    result = bureau.ask("group_visits group_visit_persons visit_persons persons", MARCH, as_of=AS_OF)
    assert [result.value(m.name) for m in result.metrics] == [1, 7, 7, 21]


def test_group_visit_of_four_or_not_of_five(bureau: Bureau) -> None:
    """Five persons make a group."""
    bureau.bring("petitions", *[item(n, "2021-03-01", channel="visit", persons=n) for n in (4, 5, 6)])
    assert bureau.number("group_visits", MARCH, as_of=AS_OF) == 2


def test_persons_band_off_by_one(bureau: Bureau) -> None:
    """Every size falls into the band that names it."""
    sizes = [1, 2, 4, 5, 10, 11, 20, 21, 50, 51, 100, 101, 9999]
    bureau.bring("petitions", *[item(n, "2021-03-01", channel="visit", persons=n) for n in sizes])
    assert bureau.table("petitions", MARCH, "persons_band", as_of=AS_OF) == {
        "1": 1,
        "2-4": 2,
        "5-10": 2,
        "11-20": 2,
        "21-50": 2,
        "51-100": 2,
        "101+": 2,
    }


def test_item_without_a_number_of_persons_counts_nobody(bureau: Bureau) -> None:
    """Unless told otherwise an item is one person."""
    bureau.bring("petitions", item(1, "2021-03-01"), item(2, "2021-03-01", persons=3))
    assert bureau.number("persons", MARCH, as_of=AS_OF) == 4


@pytest.mark.parametrize("dimension", ["township", "category_1", "responsible_unit", "is_repeat", "handling"])
def test_missing_members_lost(bureau: Bureau, dimension: str) -> None:
    """The members of a dimension add up to the whole: what is not filled in has a line of its own."""
    filled = {
        "township": "宁中镇",
        "category_1": "城乡建设",
        "responsible_unit": "甲单位",
        "is_repeat": True,
        "handling": "转送",
    }
    bureau.bring("petitions", item(1, "2021-03-01", **filled), item(2, "2021-03-01"), item(3, "2021-03-02"))
    members = bureau.table("petitions", MARCH, dimension, as_of=AS_OF)
    assert members["未填"] == 2
    assert sum(members.values()) == bureau.number("petitions", MARCH, as_of=AS_OF) == 3
    assert bureau.number("petitions", MARCH, where={dimension: ["未填"]}, as_of=AS_OF) == 2


def test_township_nobody_knows_lost(bureau: Bureau) -> None:
    """Its volume stays in the whole, as 未识别."""
    bureau.bring(
        "petitions", item(1, "2021-03-01", township="某个别处的镇"), item(2, "2021-03-01", township="宁中镇")
    )
    assert bureau.table("petitions", MARCH, "township", as_of=AS_OF) == {"宁中镇": 1, "未识别": 1}


def test_township_split_by_its_spellings(bureau: Bureau) -> None:
    """宁中 and 宁中镇 are one place."""
    spellings = ["宁中", "宁中镇", "兴宁市宁中镇", " 宁中镇 "]
    bureau.bring("petitions", *[item(n, "2021-03-01", township=s) for n, s in enumerate(spellings)])
    assert bureau.table("petitions", MARCH, "township", as_of=AS_OF) == {"宁中镇": 4}


def test_filter_by_another_spelling_finds_nothing(bureau: Bureau) -> None:
    """A filter by 宁中 means 宁中镇 or is refused: it never shows 0."""
    bureau.bring("petitions", item(1, "2021-03-01", township="宁中镇"))
    try:
        shown = bureau.number("petitions", MARCH, where={"township": ["宁中"]}, as_of=AS_OF)
    except Refusal:
        return
    assert shown == 1


def test_filter_by_a_place_nobody_knows_shown_as_zero(bureau: Bureau) -> None:
    """A township that the site does not list is a slip of the pen too; 未识别 and 未填 are members."""
    bureau.bring("petitions", item(1, "2021-03-01"), item(2, "2021-03-01", township="某个别处的镇"))
    for member in ("未识别", "未填"):
        assert bureau.number("petitions", MARCH, where={"township": [member]}, as_of=AS_OF) == 1
    with pytest.raises(Refusal, match="镇街"):
        bureau.number("petitions", MARCH, where={"township": ["宁钟镇"]}, as_of=AS_OF)


def test_filter_by_a_member_that_cannot_be_shown_as_zero(bureau: Bureau) -> None:
    """A member outside a closed list is a slip of the pen, not an empty answer."""
    bureau.bring("petitions", item(1, "2021-03-01"))
    with pytest.raises(Refusal, match="信访形式"):
        bureau.number("petitions", MARCH, where={"channel": ["leter"]}, as_of=AS_OF)


def test_filter_by_a_label_finds_nothing(bureau: Bureau) -> None:
    """来信 means letter, 重件 means a repeat."""
    bureau.bring("petitions", item(1, "2021-03-01", is_repeat=True), item(2, "2021-03-01", channel="visit"))
    assert bureau.number("petitions", MARCH, where={"channel": ["来信"]}, as_of=AS_OF) == 1
    assert bureau.number("petitions", MARCH, where={"is_repeat": ["重件"]}, as_of=AS_OF) == 1


def test_member_given_twice_counted_twice(bureau: Bureau) -> None:
    """The same filter member, or the same metric, named twice changes nothing."""
    bureau.bring("petitions", item(1, "2021-03-01", channel="visit"))
    twice = bureau.ask(
        "petitions petitions", MARCH, where={"channel": ["visit", "visit", "来访"]}, as_of=AS_OF
    )
    assert twice.value("petitions") == 1


def test_filters_joined_the_wrong_way(bureau: Bureau) -> None:
    """Members of one dimension widen, different dimensions narrow."""
    bureau.bring(
        "petitions",
        item(1, "2021-03-01", township="宁中镇", channel="visit"),
        item(2, "2021-03-01", township="新陂镇", channel="visit"),
        item(3, "2021-03-01", township="坭陂镇", channel="visit"),
        item(4, "2021-03-01", township="宁中镇", channel="letter"),
    )
    where = {"township": ["宁中镇", "新陂镇"], "channel": ["visit"]}
    assert bureau.number("petitions", MARCH, where=where, as_of=AS_OF) == 2


def test_filter_kept_from_the_denominator(bureau: Bureau) -> None:
    """A filter narrows both sides of a rate."""
    bureau.bring(
        "petitions",
        item(1, "2021-03-01", township="宁中镇", is_repeat=True),
        item(2, "2021-03-01", township="宁中镇", is_repeat=False),
        item(3, "2021-03-01", township="新陂镇", is_repeat=False),
    )
    assert bureau.number("repeat_rate", MARCH, where={"township": ["宁中镇"]}, as_of=AS_OF) == 0.5


def test_yes_and_no_mixed_up(bureau: Bureau) -> None:
    """A yes-no dimension has members true, false and 未填, each reachable by a filter."""
    bureau.bring(
        "petitions",
        *[item(n, "2021-03-01", is_repeat=r) for n, r in enumerate([True, False, False, None, None, None])],
    )
    assert bureau.table("petitions", MARCH, "is_repeat", as_of=AS_OF) == {"true": 1, "false": 2, "未填": 3}
    for member, count in (("true", 1), ("false", 2), ("未填", 3)):
        assert bureau.number("petitions", MARCH, where={"is_repeat": [member]}, as_of=AS_OF) == count


@pytest.mark.parametrize(
    ("written", "repeat", "first"),
    [("重件", 1, 0), ("初件", 0, 1), ("是", 1, 0), ("否", 0, 1), ("1", 1, 0), ("0", 0, 1)],
)
def test_written_no_taken_for_yes(bureau: Bureau, written: str, repeat: int, first: int) -> None:
    """A text is read for what it says; that it is not empty does not make it true."""
    bureau.bring_file("petitions", item(1, "2021-03-01", is_repeat=written))
    assert bureau.number("repeat_petitions", MARCH, as_of=AS_OF) == repeat
    assert bureau.number("first_petitions", MARCH, as_of=AS_OF) == first


def test_key_that_looks_like_a_number_merges_items(bureau: Bureau) -> None:
    """007 and 7 are two items; so are two units of these names; long keys keep every digit."""
    bureau.bring_file(
        "petitions",
        item("007", "2021-03-01", responsible_unit="007"),
        item("7", "2021-03-01", responsible_unit="7"),
        item("44148120210300000001", "2021-03-01"),
        item("44148120210300000002", "2021-03-01"),
    )
    assert bureau.number("petitions", MARCH, as_of=AS_OF) == 4
    assert bureau.table("petitions", MARCH, "responsible_unit", as_of=AS_OF) == {"007": 1, "7": 1, "未填": 2}


def test_key_made_a_float_doubles_the_item(bureau: Bureau) -> None:
    """Excel's 2549.0 is 2549: a second import of it adds nothing."""
    bureau.bring_file("petitions", item("2549", "2021-03-01"))
    for key, name in (
        (2549, "整数.xlsx"),
        (2549.0, "小数.xlsx"),
        ("2549.0", "文本.csv"),
        (" 2549 ", "空格.csv"),
    ):
        row = {"petition_id": key, "registered_on": "2021-03-01", "channel": "letter"}
        bureau.bring_file("petitions", row, name=name)
    assert bureau.number("petitions", MARCH, as_of=AS_OF) == 1


def test_same_key_twice_in_a_file_counted_twice(bureau: Bureau) -> None:
    """The second row of a key is refused, the first one counts."""
    rows = [item(n, "2021-03-01") for n in range(40)]
    bureau.bring("petitions", *rows, item(0, "2021-03-02"))
    assert bureau.number("petitions", MARCH, as_of=AS_OF) == 40


def test_item_with_several_orders_counted_several_times(bureau: Bureau) -> None:
    """Two datasets asked side by side never multiply each other's rows."""
    bureau.bring("petitions", *[item(n, "2021-03-01", township="宁中镇", persons=2) for n in range(3)])
    bureau.bring(
        "supervisions", *[order(n, "2021-03-02", township="宁中镇", petition_id="0") for n in range(4)]
    )
    bureau.bring("backlog", *[case(n, "2021-03-03", township="宁中镇", petition_ids="0,1") for n in range(5)])
    result = bureau.ask("petitions persons supervised backlog_assigned", MARCH, "township", as_of=AS_OF)
    assert result.rows() == [
        {"township": "宁中镇", "petitions": 3, "persons": 6, "supervised": 4, "backlog_assigned": 5}
    ]


def test_place_known_to_one_dataset_dropped(bureau: Bureau) -> None:
    """Rows are the union over the metrics: where one has nothing it shows 0, or no rate."""
    bureau.bring("petitions", item(1, "2021-03-01", township="宁中镇"))
    bureau.bring("supervisions", order(1, "2021-03-02", township="新陂镇", outcome="已化解"))
    result = bureau.ask("petitions supervised supervision_resolution_rate", MARCH, "township", as_of=AS_OF)
    assert {row["township"]: tuple(row.values())[1:] for row in result.rows()} == {
        "宁中镇": (1, 0, None),
        "新陂镇": (0, 1, 1.0),
    }


def test_dimension_that_a_metric_lacks_ignored(bureau: Bureau) -> None:
    """A filter that cannot be applied is refused, not skipped."""
    bureau.bring("backlog", case(1, "2021-03-01"))
    with pytest.raises(Refusal, match="channel"):
        bureau.number("backlog_assigned", MARCH, where={"channel": ["visit"]}, as_of=AS_OF)


def test_no_data_gives_no_row(bureau: Bureau) -> None:
    """Without dimensions there is one row, always: counts 0, rates without value."""
    bureau.bring("petitions", item(1, "2021-03-01"))
    result = bureau.ask("petitions repeat_rate", "2021-01", as_of=AS_OF)
    assert result.rows() == [{"petitions": 0, "repeat_rate": None}]


def test_escalated_group_counted_by_persons(bureau: Bureau) -> None:
    """到市、赴省、进京 count 批次."""
    bureau.bring("petitions", item(1, "2021-03-01", channel="visit", persons=30, escalation="beijing"))
    assert bureau.number("escalated_beijing", MARCH, as_of=AS_OF) == 1
    assert bureau.number("escalated_province", MARCH, as_of=AS_OF) == 0


# --- routes, service points, reviews --------------------------------------------------------------


def test_superior_item_counted_as_service_intake(bureau: Bureau) -> None:
    """Taken in at a service point, whoever sent it; an assigned item without one is none."""
    bureau.bring(
        "petitions",
        item(1, "2021-03-01", service_point="town_station"),
        item(2, "2021-03-01", service_point="city_center", source="superior"),
        item(3, "2021-03-01", source="superior"),
        item(4, "2021-03-01"),
    )
    assert bureau.number("service_intake", MARCH, as_of=AS_OF) == 2
    by_point = bureau.table("service_intake", MARCH, "service_point", as_of=AS_OF)
    assert by_point == {"city_center": 1, "town_station": 1}


def test_item_of_which_nothing_is_told_kept_by_its_receiver(bureau: Bureau) -> None:
    """Without a way of handling it is neither kept nor passed on, and outside the rate."""
    bureau.bring(
        "petitions",
        item(1, "2021-03-01", service_point="town_station"),
        item(2, "2021-03-01", service_point="town_station", handling="直接回复"),
        item(3, "2021-03-01", service_point="town_station", handling="转送"),
        item(4, "2021-03-01", handling="直接回复"),
    )
    cell = bureau.ask("first_receiver_rate", MARCH, as_of=AS_OF).cell("first_receiver_rate")
    assert (cell.numerator, cell.denominator) == (1, 2)


def test_item_closed_by_somebody_else_solved_at_the_lowest_level(bureau: Bureau) -> None:
    """Solved there: taken in at a station or village point, kept, and closed."""
    kept = {"handling": "受理告知", "closed_on": "2021-03-09"}
    bureau.bring(
        "petitions",
        item(1, "2021-03-01", service_point="town_station", **kept),
        item(2, "2021-03-01", service_point="village_point", **kept),
        item(3, "2021-03-01", service_point="city_center", **kept),
        item(4, "2021-03-01", service_point="town_station", **kept | {"transferred_on": "2021-03-02"}),
        item(5, "2021-03-01", service_point="town_station", handling="受理告知"),
        item(6, "2021-03-01", **kept),
    )
    cell = bureau.ask("grassroots_solution_rate", MARCH, as_of=AS_OF).cell("grassroots_solution_rate")
    assert (cell.numerator, cell.denominator) == (2, 5)


def test_item_without_a_route_led_to_another(bureau: Bureau) -> None:
    """What is not filled in is not elsewhere."""
    routes = [None, "信访程序", "诉讼", "仲裁", "某种新途径"]
    bureau.bring("petitions", *[item(n, "2021-03-01", route=route) for n, route in enumerate(routes)])
    assert bureau.number("routed_elsewhere", MARCH, as_of=AS_OF) == 3


def test_item_returned_later_kept_from_its_month(bureau: Bureau) -> None:
    """Misrouted belongs to the month of passing on, returned to the month of coming back."""
    bureau.bring(
        "petitions",
        item(1, "2021-03-01", transferred_on="2021-03-02", returned_on="2021-04-06"),
        item(2, "2021-03-01", transferred_on="2021-03-02"),
        item(3, "2021-03-01", returned_on="2021-03-05"),
    )
    assert bureau.number("misrouting_rate", MARCH, as_of=AS_OF) == 0.5
    assert bureau.table("returned", "2021-03-01 2021-04-30", "month", as_of=AS_OF) == {
        "2021-03": 1,
        "2021-04": 1,
    }


def test_rating_of_the_unit_taken_for_one_of_the_office(bureau: Bureau) -> None:
    """Each is asked for on its own, and one suffices to have taken part."""
    bureau.bring(
        "petitions",
        item(1, "2021-03-01", closed_on="2021-03-09", unit_rating="不满意"),
        item(2, "2021-03-01", closed_on="2021-03-09", office_rating="满意", unit_rating="满意"),
        item(3, "2021-03-01", closed_on="2021-03-09"),
        item(4, "2021-03-01", closed_on="2021-03-09"),
    )
    rates = {"evaluation_rate": 0.5, "office_evaluation_rate": 0.25, "unit_evaluation_rate": 0.5}
    assert {name: bureau.number(name, MARCH, as_of=AS_OF) for name in rates} == rates


def test_former_class_beside_its_successor(bureau: Bureau) -> None:
    """环境保护 became 生态环境 and is counted with it; as exported it stays to be seen."""
    bureau.bring(
        "petitions",
        item(1, "2021-03-01", category_1="环境保护", category_2="环境污染"),
        item(2, "2021-03-01", category_1="生态环境", category_2="环境污染与生态破坏"),
    )
    assert bureau.table("petitions", MARCH, "topic_1", as_of=AS_OF) == {"生态环境": 2}
    assert bureau.table("petitions", MARCH, "topic_2", as_of=AS_OF) == {"环境污染与生态破坏": 2}
    assert bureau.table("petitions", MARCH, "category_1", as_of=AS_OF) == {"环境保护": 1, "生态环境": 1}


# --- supervisions, receptions, screenings, activities ---------------------------------------------


def test_no_proposal_counted_as_one(bureau: Bureau) -> None:
    """无 and 未填 propose nothing, though they be dated."""
    bureau.bring(
        "supervisions",
        order(1, "2021-03-01", proposal="改进工作", proposal_adopted_on="2021-05-01"),
        order(2, "2021-03-01", proposal="追究责任"),
        order(3, "2021-03-01", proposal="无", proposal_adopted_on="2021-05-01"),
        order(4, "2021-03-01"),
    )
    assert bureau.number("proposals", MARCH, as_of=AS_OF) == 2
    assert bureau.number("proposal_adoption_rate", MARCH, as_of=AS_OF) == 0.5


def test_township_reception_counted_as_the_citys(bureau: Bureau) -> None:
    """Leaders of the city by themselves; whoever's level is not told stands with the rest."""
    seen = {"batches": 3, "persons": 7, "promised": 2, "resolved": 1}
    bureau.bring(
        "receptions",
        reception(1, "2021-03-15", **seen),
        reception(2, "2021-03-15", official_level="township", **seen | {"batches": 5, "resolved": 2}),
        reception(3, "2021-03-16", official_level=None, **seen),
    )
    parts = "receptions reception_batches reception_persons reception_promises reception_resolution_rate"
    city = bureau.ask(parts, MARCH, as_of=AS_OF)
    assert [city.value(name) for name in parts.split()] == [1, 3, 7, 2, 0.5]
    rest = bureau.ask([f"township_{name}" for name in parts.split()], MARCH, as_of=AS_OF)
    assert [rest.value(m.name) for m in rest.metrics] == [2, 8, 14, 4, 0.75]


def test_reception_without_numbers_counted_as_one_batch(bureau: Bureau) -> None:
    """A session to which nobody came is a session, and no batch."""
    bureau.bring("receptions", reception(1, "2021-03-15"), reception(2, "2021-03-28", batches=2, persons=3))
    result = bureau.ask("receptions reception_batches reception_persons", MARCH, as_of=AS_OF)
    assert result.rows() == [{"receptions": 2, "reception_batches": 2, "reception_persons": 3}]
    assert bureau.number("reception_resolution_rate", MARCH, as_of=AS_OF) is None


def test_reception_known_to_a_township(bureau: Bureau) -> None:
    """A place of meeting is no township of the matter: a township user sees no receptions."""
    bureau.bring("receptions", reception(1, "2021-03-15", form="下访", place="宁中镇"))
    assert bureau.number("receptions", MARCH, as_of=AS_OF, scope=Scope("宁中镇")) == 0
    with pytest.raises(Refusal, match="township"):
        bureau.number("receptions", MARCH, where={"township": ["宁中镇"]}, as_of=AS_OF)


def test_dispute_resolved_later_counted_twice(bureau: Bureau) -> None:
    """The round is brought again with what has become of it: found once, resolved once."""
    bureau.bring("screenings", screening(1, "2021-03-03", found=5, resolved=2))
    bureau.bring("screenings", screening(1, "2021-03-03", found=5, resolved=4))
    numbers = "screenings disputes_found disputes_resolved disputes_outstanding dispute_resolution_rate"
    result = bureau.ask(numbers, MARCH, as_of=AS_OF)
    assert [result.value(name) for name in numbers.split()] == [1, 5, 4, 1, 0.8]


def test_resolved_by_a_leader_counted_as_a_dispute_resolved(bureau: Bureau) -> None:
    """The same word in two files stays two things."""
    bureau.bring("screenings", screening(1, "2021-03-03", found=5, resolved=2))
    bureau.bring("receptions", reception(1, "2021-03-15", promised=4, resolved=3))
    result = bureau.ask("disputes_resolved reception_resolution_rate", MARCH, as_of=AS_OF)
    assert result.rows() == [{"disputes_resolved": 2, "reception_resolution_rate": 0.75}]


def test_activity_of_many_counted_as_one(bureau: Bureau) -> None:
    """One row may tell of several; a kind not told, or not known, is neither publicity nor a measure."""
    rows = [("普法宣传", 3), ("训诫", None), ("行政处罚", 2), ("别的处置", 1), (None, 9), ("普法宣传", 0)]
    bureau.bring(
        "activities",
        *[
            {"activity_id": str(n), "held_on": "2021-03-05", "kind": kind, "count": count}
            for n, (kind, count) in enumerate(rows)
        ],
    )
    assert bureau.number("publicity_sessions", MARCH, as_of=AS_OF) == 3
    assert bureau.number("order_measures", MARCH, as_of=AS_OF) == 3

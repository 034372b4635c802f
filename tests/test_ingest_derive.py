"""Each derived column by hand, at the deadline and one day either side."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pandas as pd
import pytest
from exports import SITE

from analytics.contract import DATASETS, IMPORTED, PETITIONS, UNFILLED, Dataset
from analytics.ingest import derive
from analytics.ingest.classes import is_known
from analytics.places import Township
from analytics.site import Site
from analytics.store import schema
from analytics.workdays import Workdays

DAY = date(2021, 3, 1)
ONE = timedelta(days=1)


def derived(dataset: str = "petitions", site: Site = SITE, **row: Any) -> dict[str, Any]:
    contract = DATASETS[dataset]
    start = {contract.key: "a", contract.date: DAY}
    frame = derive(pd.DataFrame([start | row], dtype=object), contract, site)
    return {name: _plain(value) for name, value in frame.iloc[0].items()}


def _plain(value: Any) -> Any:
    if pd.isna(value):
        return None
    return value.date() if isinstance(value, pd.Timestamp) else value


def test_deadlines_of_acceptance() -> None:
    row = derived(transferred_on=DAY + 2 * ONE)
    assert row["accept_due_on"] == DAY + 15 * ONE
    assert row["accept_overdue_from"] == DAY + 16 * ONE
    assert row["unit_accept_due_on"] == DAY + 17 * ONE


@pytest.mark.parametrize(
    ("more", "due"),
    [
        ({}, DAY + 60 * ONE),
        ({"extension_days": 30}, DAY + 90 * ONE),
        ({"route": "信访程序"}, DAY + 60 * ONE),
        ({"route": "诉讼"}, None),
        ({"is_litigation": True}, None),
        ({"accepted_on": None}, None),
        ({"due_on": DAY}, DAY),
        ({"due_on": DAY, "extension_days": 30}, DAY),
        ({"due_on": DAY, "route": "诉讼"}, DAY),
    ],
)
def test_due_on(more: dict[str, Any], due: date | None) -> None:
    assert derived(**{"accepted_on": DAY} | more)["due_on"] == due


@pytest.mark.parametrize(
    "handling", ["存", "直接回复", "不予受理", "不再受理", "转送", "交办", "受理告知", "督办", "未填"]
)
def test_a_reply_ends_what_needs_no_more(handling: str) -> None:
    ends = handling in ("存", "直接回复", "不予受理", "不再受理")
    row = derived(handling=handling, replied_on=DAY + ONE)
    assert row["closed_on"] == (DAY + ONE if ends else None)
    assert row["handling_days"] == (1 if ends else None)
    assert derived(handling=handling, replied_on=DAY + ONE, closed_on=DAY)["closed_on"] == DAY


@pytest.mark.parametrize(
    ("due", "overdue_from", "soon_from"),
    [
        (DAY - 2 * ONE, DAY, None),
        (DAY - ONE, DAY, None),
        (DAY, DAY + ONE, DAY),
        (DAY + 7 * ONE, DAY + 8 * ONE, DAY),
        (DAY + 8 * ONE, DAY + 9 * ONE, DAY + ONE),
        (None, None, None),
    ],
)
def test_overdue_and_soon(due: date | None, overdue_from: date | None, soon_from: date | None) -> None:
    row = derived(due_on=due)
    assert (row["overdue_from"], row["soon_from"]) == (overdue_from, soon_from)


@pytest.mark.parametrize(
    ("accepted", "closed", "settled"),
    [(None, None, None), (DAY, None, DAY), (None, DAY, DAY), (DAY + ONE, DAY, DAY), (DAY, DAY + ONE, DAY)],
)
def test_acceptance_is_settled_by_the_first_of_both(
    accepted: date | None, closed: date | None, settled: date | None
) -> None:
    assert derived(accepted_on=accepted, closed_on=closed)["accept_settled_on"] == settled


def test_a_rating_without_a_date_counts_at_closure() -> None:
    assert derived(closed_on=DAY)["rated_on"] is None
    assert derived(closed_on=DAY, office_rating="满意")["rated_on"] == DAY
    assert derived(closed_on=DAY, unit_rating="不满意")["rated_on"] == DAY
    assert derived(closed_on=DAY, unit_rating="不满意", rated_on=DAY + ONE)["rated_on"] == DAY + ONE
    assert derived(unit_rating="不满意")["rated_on"] is None


@pytest.mark.parametrize(
    ("persons", "band"),
    [
        *((1, "1"), (2, "2-4"), (4, "2-4"), (5, "5-10"), (10, "5-10"), (11, "11-20"), (20, "11-20")),
        *((21, "21-50"), (50, "21-50"), (51, "51-100"), (100, "51-100"), (101, "101+"), (9999, "101+")),
    ],
)
def test_persons_band(persons: int, band: str) -> None:
    assert derived(persons=persons)["persons_band"] == band


@pytest.mark.parametrize(
    ("days", "band"),
    [
        *((0, "0-7"), (7, "0-7"), (8, "8-15"), (15, "8-15"), (16, "16-30"), (30, "16-30"), (31, "31-60")),
        *((60, "31-60"), (61, "61-90"), (90, "61-90"), (91, "91+"), (4000, "91+")),
    ],
)
def test_handling_band(days: int, band: str) -> None:
    row = derived(registered_on=DAY - days * ONE, closed_on=DAY)
    assert (row["handling_days"], row["handling_band"]) == (days, band)


def test_an_open_item_has_no_handling_band() -> None:
    assert derived()["handling_band"] == UNFILLED
    assert derived(handling="存", replied_on=DAY)["handling_band"] == "0-7"


@pytest.mark.parametrize(
    ("transferred", "due"),
    [
        (date(2021, 3, 1), date(2021, 3, 8)),  # a Monday: Tuesday to Friday, and the next Monday
        (date(2021, 3, 5), date(2021, 3, 12)),
        (date(2021, 3, 6), date(2021, 3, 12)),  # a Saturday counts no more than the Friday before
        (date(2021, 2, 5), date(2021, 2, 18)),  # the worked Sunday, three days, then Spring Festival
        (date(2021, 9, 24), date(2021, 9, 30)),  # the worked Sunday, and Monday to Thursday
        (date(2020, 12, 31), date(2021, 1, 8)),
        (None, None),
    ],
)
def test_five_working_days_to_object(transferred: date | None, due: date | None) -> None:
    row = derived(registered_on=date(2020, 12, 1), transferred_on=transferred)
    assert row["objection_due_on"] == due


def test_the_sites_own_days_off_move_the_deadline() -> None:
    site = replace(SITE, calendar=Workdays(holidays=frozenset({date(2021, 3, 3)})))
    assert derived(site=site, transferred_on=DAY)["objection_due_on"] == date(2021, 3, 9)
    site = replace(SITE, calendar=Workdays(workdays=frozenset({date(2021, 3, 6)})))
    assert derived(site=site, transferred_on=DAY)["objection_due_on"] == date(2021, 3, 6)


def test_thirty_days_for_a_review_and_for_another() -> None:
    row = derived(review_requested_on=DAY, rereview_requested_on=DAY + 100 * ONE)
    assert row["review_due_on"] == date(2021, 3, 31)
    assert row["rereview_due_on"] == DAY + 130 * ONE
    row = derived(reviewed_on=DAY, rereviewed_on=DAY)
    assert (row["review_due_on"], row["rereview_due_on"]) == (None, None)


@pytest.mark.parametrize(
    ("row", "receiver"),
    [
        ({}, UNFILLED),
        ({"closed_on": DAY, "replied_on": DAY}, UNFILLED),
        *(({"handling": handling}, "转出") for handling in ("转送", "交办", "督办")),
        *(
            ({"handling": handling}, "首接首办")
            for handling in ("存", "直接回复", "受理告知", "不予受理", "不再受理")
        ),
        ({"transferred_on": DAY}, "转出"),
        ({"handling": "直接回复", "transferred_on": DAY}, "转出"),
        ({"handling": "转送", "first_receiver": "首接首办"}, "首接首办"),
        ({"handling": "直接回复", "first_receiver": "转出"}, "转出"),
        ({"first_receiver": "首接首办"}, "首接首办"),
    ],
)
def test_first_receiver(row: dict[str, Any], receiver: str) -> None:
    assert derived(**row)["first_receiver"] == receiver


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("宁中镇", "宁中镇"),
        ("宁中", "宁中镇"),
        ("兴宁市宁中镇", "宁中镇"),
        ("广东省梅州市兴宁市宁中镇", "宁中镇"),
        (" 宁中\n镇 ", "宁中镇"),
        ("兴宁市宁中镇某村委会", "宁中镇"),
        ("兴田", "兴田街道"),
        ("兴田街道办事处", "兴田街道"),
        ("别县某镇", "未识别"),
        ("宁中镇与新陂镇交界", "未识别"),
        (None, "未填"),
    ],
)
def test_townships(written: str | None, name: str) -> None:
    row = derived(township=written)
    assert row["township"] == name
    assert row["township_raw"] == (written or UNFILLED)
    assert (row["region_code"] == UNFILLED) == (name in ("未识别", "未填"))
    assert derived("backlog", township=written)["township"] == name


def test_without_a_list_every_township_name_stands() -> None:
    row = derived(site=replace(SITE, townships=()), township="别县某镇")
    assert (row["township"], row["region_code"]) == ("别县某镇", UNFILLED)


def test_region_codes_have_twelve_digits() -> None:
    site = replace(SITE, townships=(Township("甲镇", "441481101"), Township("乙镇")))
    assert derived(site=site, township="甲")["region_code"] == "441481101000"
    assert derived(site=site, township="乙")["region_code"] == UNFILLED


@pytest.mark.parametrize(
    ("exported", "topic"),
    [
        (("环境保护", "环境污染"), ("生态环境", "环境污染与生态破坏")),
        (("环境保护", UNFILLED), ("生态环境", UNFILLED)),
        (("国土资源", "土地征收"), ("自然资源", "土地征收")),
        (("国土资源", UNFILLED), ("国土资源", UNFILLED)),  # went to several classes
        (("经济管理", "金融财税"), ("经济管理", "金融财税")),  # split in two
        (("城乡建设", "城乡规划"), ("城乡建设", "城乡规划")),
        (("天外", "来客"), ("天外", "来客")),
        ((UNFILLED, UNFILLED), (UNFILLED, UNFILLED)),
    ],
)
def test_topics(exported: tuple[str, str], topic: tuple[str, str]) -> None:
    row = derived(category_1=exported[0], category_2=exported[1], category_3="细类")
    assert (row["topic_1"], row["topic_2"], row["topic_3"]) == (*topic, "细类")
    assert is_known(exported) == (exported[0] != "天外")


@pytest.mark.parametrize("closed_by", ["verified", "reported"])
def test_a_backlog_case_is_closed_by_the_step_the_site_names(closed_by: str) -> None:
    site = replace(SITE, backlog_closed_by=closed_by)
    days = {"reported_on": DAY + ONE, "verified_on": DAY + 3 * ONE}
    end = days[f"{closed_by}_on"]
    assert derived("backlog", site, **days)["closed_on"] == end
    assert derived("backlog", site, **days, returned_on=end - ONE)["closed_on"] == end
    assert derived("backlog", site, **days, returned_on=end)["closed_on"] is None
    assert derived("backlog", site, **days, returned_on=end + ONE)["closed_on"] is None
    assert derived("backlog", site, returned_on=end)["closed_on"] is None


@pytest.mark.parametrize("dataset", ["backlog", "supervisions"])
def test_overdue_of_the_other_datasets(dataset: str) -> None:
    assert derived(dataset, due_on=DAY + ONE)["overdue_from"] == DAY + 2 * ONE
    assert derived(dataset, due_on=DAY - 9 * ONE)["overdue_from"] == DAY
    assert derived(dataset)["overdue_from"] is None


@pytest.mark.parametrize("dataset", list(IMPORTED))
def test_no_member_is_missing_and_every_column_is_there(dataset: str) -> None:
    contract: Dataset = DATASETS[dataset]
    row = derived(dataset)
    assert {*row, "year"} == set(schema(contract).names)
    assert [f.name for f in contract.inputs if f.default is not None and row[f.name] != f.default] == []


def test_deriving_twice_is_deriving_once() -> None:
    rows = pd.DataFrame(
        {
            "petition_id": ["a", "b", "c"],
            "registered_on": [DAY, DAY, DAY],
            "accepted_on": [DAY, None, DAY],
            "township": ["宁中", None, "别县"],
            "due_on": [DAY, None, None],
            "unit_rating": ["满意", None, None],
            "closed_on": [None, DAY, DAY],
        }
    )
    once = derive(rows, PETITIONS, SITE)
    pd.testing.assert_frame_equal(derive(once, PETITIONS, SITE), once)
    elsewhere = replace(SITE, townships=(Township("别县镇", aliases=("别县",)),))
    assert derive(derive(once, PETITIONS, elsewhere), PETITIONS, SITE)["township"].tolist() == [
        "宁中镇",
        "未填",
        "未识别",
    ]

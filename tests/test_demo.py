"""The demo: what the bureau published comes out exactly, and every row could be one of a real export."""

import hashlib
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta

import pandas as pd
import pytest

from analytics.contract import DATASETS, UNFILLED, Kind
from analytics.ingest.demo import DEMO_END, demo_rows
from analytics.ingest.demo.dice import Dice
from analytics.site import ROOT, Site, load_site

FIRST, NEW_YEAR = date(2019, 1, 1), date(2021, 1, 1)
PROCEDURE = ("信访程序", UNFILLED)

Row = dict[str, object]
Frames = dict[str, pd.DataFrame]


@pytest.fixture(scope="module")
def site() -> Site:
    return load_site(ROOT / "site.toml")


@pytest.fixture(scope="module")
def frames(site: Site) -> Frames:
    return demo_rows(site)


@pytest.fixture(scope="module")
def rows(frames: Frames) -> dict[str, list[Row]]:
    return {name: plain(frame) for name, frame in frames.items()}


@pytest.fixture
def petitions(rows: dict[str, list[Row]]) -> list[Row]:
    return rows["petitions"]


def plain(frame: pd.DataFrame) -> list[Row]:
    """Rows as dicts of date, str, int, bool and None."""
    columns = {name: column.dt.date if column.dtype.kind == "M" else column for name, column in frame.items()}
    table = pd.DataFrame({name: column.astype(object) for name, column in columns.items()})
    return table.where(table.notna(), None).to_dict("records")


def in_2021(row: Row, column: str = "registered_on") -> bool:
    return row[column] is not None and NEW_YEAR <= row[column] <= DEMO_END


def due_on(row: Row) -> date | None:
    if row["accepted_on"] is None or row["route"] not in PROCEDURE or row["is_litigation"]:
        return None
    return row["accepted_on"] + timedelta(days=60 + row["extension_days"])


def done_by(row: Row, column: str, due: date) -> bool:
    return row[column] is not None and row[column] <= due


def rate(rows: list[Row], due: Callable[[Row], date | None], column: str, start: date, end: date) -> float:
    """Of the rows whose deadline falls between the days, the share that met it."""
    met = [done_by(row, column, due(row)) for row in rows if due(row) and start <= due(row) <= end]
    assert len(met) > 500
    return sum(met) / len(met)


# --- what was published ---------------------------------------------------------------------------


def test_letters_visits_and_items_from_above(petitions):
    year = [row for row in petitions if in_2021(row)]
    local = [row for row in year if row["source"] == "local"]
    visits = [row for row in local if row["channel"] == "visit"]
    assert sum(row["channel"] == "letter" for row in local) == 605
    assert len(visits) == 432
    assert sum(row["persons"] for row in visits) == 1237
    assert sum(row["source"] == "superior" for row in year) == 899
    assert 2000 <= len(year) <= 2300


DEADLINES = {
    "受理": (lambda row: row["registered_on"] + timedelta(days=15), "accepted_on"),
    "责任单位受理": (
        lambda row: row["transferred_on"] and row["transferred_on"] + timedelta(days=15),
        "accepted_on",
    ),
    "答复": (due_on, "replied_on"),
    "办结": (due_on, "closed_on"),
}


@pytest.mark.parametrize("name", DEADLINES)
def test_first_petitions_met_every_deadline_of_2021(petitions, name):
    first = [row for row in petitions if row["is_repeat"] is False]
    due, column = DEADLINES[name]
    assert rate(first, due, column, NEW_YEAR, DEMO_END) == 1
    assert 0.9 < rate(first, due, column, FIRST, NEW_YEAR - timedelta(days=1)) < 1


def test_items_from_above_were_all_closed_on_time_in_2021(petitions):
    superior = [row for row in petitions if row["source"] == "superior"]
    assert rate(superior, due_on, "closed_on", NEW_YEAR, DEMO_END) == 1


def closed_cases(rows: list[Row], batch: str) -> int:
    """Reported closed and not sent back since."""
    return sum(
        row["reported_on"] is not None
        and (row["returned_on"] is None or row["returned_on"] < row["reported_on"])
        for row in rows
        if row["batch"] == batch
    )


def test_backlog_batches(rows):
    cases = rows["backlog"]
    assert Counter(row["batch"] for row in cases) == {"第一批": 110, "第二批": 38}
    assert sum(row["reported_on"] is not None for row in cases) == 110 + 15
    assert closed_cases(cases, "第一批") == 110
    assert closed_cases(cases, "第二批") == 15


def test_nine_supervise_ninety_first_petitions(rows):
    orders = rows["supervisions"]
    shared = [row for row in orders if row["ordered_by"] == "全员包案"]
    by_id = {row["petition_id"]: row for row in rows["petitions"]}
    subjects = [by_id[row["petition_id"]] for row in shared]
    assert len(shared) == 90
    assert all(in_2021(row, "issued_on") for row in shared)
    assert len({row["petition_id"] for row in shared}) == 90
    assert all(row["is_repeat"] is False and row["channel"] in ("letter", "visit") for row in subjects)
    caseload = Counter(row["supervisor"] for row in shared)
    assert len(caseload) == len({row["supervisor"] for row in orders}) == 9
    assert all(7 <= count <= 13 for count in caseload.values())


# --- rows that could be real ----------------------------------------------------------------------


@pytest.mark.parametrize("dataset", ["petitions", "backlog", "supervisions"])
def test_every_value_fits_the_contract(frames, site, dataset):
    frame, contract = frames[dataset], DATASETS[dataset]
    assert set(frame.columns) <= {field.name for field in contract.inputs}
    assert frame[contract.key].is_unique
    for field in (contract[name] for name in frame.columns):
        values = frame[field.name].dropna()
        if field.required:
            assert len(values) == len(frame), field.name
        if field.closed:
            allowed = {member.value for member in field.members} | {field.default}
            assert set(values) <= allowed, field.name
        if field.kind is Kind.INTEGER:
            assert values.between(field.low, field.high).all(), field.name
        if field.kind is Kind.DATE:
            assert values.min().date() >= FIRST, field.name
            assert values.max().date() <= (DEMO_END if field.event else date(2022, 12, 31)), field.name
    assert set(frame["township"]) <= {t.name for t in site.townships} | {UNFILLED}


@pytest.mark.parametrize(
    ("dataset", "order"),
    [
        ("petitions", "petitioned_on registered_on transferred_on accepted_on replied_on closed_on rated_on"),
        ("backlog", "assigned_on returned_on reported_on verified_on"),
        ("backlog", "assigned_on resolved_on"),
        ("backlog", "assigned_on due_on"),
        ("supervisions", "issued_on feedback_on proposal_adopted_on"),
        ("supervisions", "issued_on due_on"),
    ],
)
def test_dates_come_in_their_order(rows, dataset, order):
    for row in rows[dataset]:
        days = [row[name] for name in order.split() if row[name] is not None]
        assert days == sorted(days), row


def test_content_classes_are_national(petitions):
    listed = (ROOT / "data" / "reference" / "content_classes.csv").read_text("utf-8").splitlines()
    used = {f"{row['category_1']},{row['category_2']}" for row in petitions}
    assert used <= set(listed)
    assert len(used) > 40


def test_handling_agrees_with_the_dates(petitions):
    for row in petitions:
        if row["handling"] in ("存", "不予受理", "不再受理"):
            assert row["accepted_on"] is None
        if row["closed_on"] is None:
            assert not row["resolved"]
            assert row["office_rating"] == row["unit_rating"] == "未评价"
        if row["service_point"] != UNFILLED:
            assert row["registered_on"] >= date(2021, 10, 25)
        if row["escalation"] != "none":
            assert (row["source"], row["channel"]) == ("superior", "visit")


def test_repeat_items_follow_an_item_of_the_same_petitioner_and_place(petitions):
    places: dict[object, object] = {}
    known = 0
    for row in petitions:
        if row["petitioner_key"] == UNFILLED:
            continue
        known += bool(row["is_repeat"]) and row["petitioner_key"] in places
        assert places.setdefault(row["petitioner_key"], row["township"]) == row["township"]
    year = [row for row in petitions if in_2021(row) and row["is_repeat"] is not None]
    assert 0.24 < sum(row["is_repeat"] for row in year) / len(year) < 0.32
    assert known > 1500


def test_links_lead_to_rows(rows):
    known = {row["petition_id"]: row for row in rows["petitions"]}
    for case in rows["backlog"]:
        linked = [known[key] for key in case["petition_ids"].split(";")]
        assert len(linked) > 1
        assert {row["township"] for row in linked} == {case["township"]}
        assert all(row["registered_on"] < case["assigned_on"] for row in linked)
    cases = {row["case_id"] for row in rows["backlog"]}
    for order in rows["supervisions"]:
        assert (order["petition_id"] in known) != (order["case_id"] in cases)


def test_the_pages_have_something_to_show(rows):
    """Overdue, due soon, not filled in, late and unanswered: each has some, none has many."""
    still_open = [row for row in rows["petitions"] if row["closed_on"] is None]
    due = [due_on(row) for row in still_open if due_on(row)]
    some = {
        "overdue": sum(day < DEMO_END for day in due),
        "due soon": sum(DEMO_END <= day <= DEMO_END + timedelta(days=7) for day in due),
        "no township": sum(row["township"] == UNFILLED for row in rows["petitions"] if in_2021(row)),
        "neither first nor repeat": sum(row["is_repeat"] is None for row in rows["petitions"]),
        "late backlog": sum(
            row["reported_on"] is None and row["due_on"] < DEMO_END for row in rows["backlog"]
        ),
        "late feedback": sum(
            row["feedback_on"] is not None and row["feedback_on"] > row["due_on"]
            for row in rows["supervisions"]
        ),
        "no feedback": sum(row["feedback_on"] is None for row in rows["supervisions"]),
    }
    assert all(1 <= count <= 120 for count in some.values()), some


def test_seasons(petitions):
    months = Counter((row["registered_on"].year, row["registered_on"].month) for row in petitions)
    visits = Counter(
        (row["registered_on"].year, row["registered_on"].month)
        for row in petitions
        if row["channel"] == "visit"
    )
    weekend = sum(row["registered_on"].isoweekday() > 5 for row in petitions)
    assert all(months[year, 2] < 0.6 * months[year, 3] for year in (2019, 2020, 2021))
    assert visits[2020, 2] + visits[2020, 3] < 0.3 * (visits[2019, 2] + visits[2019, 3])
    assert weekend / len(petitions) < 0.04


# --- how it is made -------------------------------------------------------------------------------


def digest(frames: Frames) -> str:
    return hashlib.sha256("".join(frame.to_csv() for frame in frames.values()).encode()).hexdigest()


def test_the_same_on_every_call(site, frames):
    assert digest(demo_rows(site)) == digest(frames)


def test_the_random_stream_is_the_one_known():
    """Fails where another numpy would draw another demo."""
    assert Dice(2021, 0).uniform(3) == pytest.approx(
        [0.7569478279346672, 0.9413818664611987, 0.5924630350580581], abs=1e-15
    )


def test_two_counties_are_twice_the_volume_under_other_keys(site, frames):
    both = demo_rows(site, scale=2)
    for name, frame in frames.items():
        county = both[name][DATASETS[name].key].str[:6]
        assert both[name][DATASETS[name].key].is_unique
        assert set(county) == {"441481", "441482"}
        assert (county == "441481").sum() == len(frame)
    petitions = both["petitions"]
    second = petitions[petitions["petition_id"].str.startswith("441482")]
    visits = second.query("source == 'local' and channel == 'visit' and registered_on >= '2021-01-01'")
    assert len(second) == len(frames["petitions"])
    assert (len(visits), visits["persons"].sum()) == (432, 1237)
    assert not set(second["petitioner_key"]) & set(frames["petitions"]["petitioner_key"]) - {UNFILLED}


def test_a_site_with_other_townships_gets_its_own(site):
    other = demo_rows(Site(bureau="某县信访局", county="某县"))
    assert set(other["petitions"]["township"]) == {UNFILLED}
    assert len(other["petitions"]) == len(demo_rows(site)["petitions"])

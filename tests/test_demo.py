"""The demo: what the bureau published comes out exactly, and every row could be one of a real export."""

import hashlib
import re
import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from analytics.cli import write_demo
from analytics.contract import DATASETS, IMPORTED, RECEPTION_DAY, UNFILLED, VISIT, Kind
from analytics.engine import open_engine
from analytics.ingest import import_rows
from analytics.ingest.demo import DEMO_END, demo_rows
from analytics.ingest.demo.counties import MOST, counties, files_over
from analytics.ingest.demo.dice import Dice, apportioned
from analytics.ingest.duties import Source, duties
from analytics.model import LEVELS, Period
from analytics.places import Township
from analytics.settings import load_site
from analytics.site import ROOT, Official, Refusal, Site, Unit
from analytics.store import Store

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


@pytest.fixture(scope="module")
def owed(frames: Frames, site: Site) -> pd.DataFrame:
    """The duties that the rows answer for."""
    return duties({name: Source(frames[name], DEMO_END) for name in ("receptions", "screenings")}, site)


@pytest.mark.parametrize("rule", [RECEPTION_DAY, VISIT])
def test_leaders_left_nothing_out_in_2021(owed, rule):
    ended = owed[(owed["rule"] == rule) & (owed["window_end"] <= str(DEMO_END))]
    done = ended.groupby(ended["window_end"].dt.year)["done"].mean()
    assert done[2021] == 1
    assert 0.8 < done[2020] < 1
    assert 0.8 < done[2019] < 1


def city_receptions(rows: dict[str, list[Row]]) -> list[Row]:
    return [row for row in rows["receptions"] if row["official_level"] == "city"]


def test_city_leaders_received_241_batches_of_470_persons(rows):
    year = [row for row in city_receptions(rows) if in_2021(row, "held_on")]
    assert sum(row["batches"] for row in year) == 241
    assert sum(row["persons"] for row in year) == 470
    assert all(1 <= row["batches"] <= row["persons"] for row in year)


def test_leaders_receive_at_the_bureau_in_turn(rows, site):
    at_bureau = [row for row in city_receptions(rows) if row["form"] == "定点接访"]
    held = {row["held_on"] for row in at_bureau}
    assert {day.day for day in held} == {15, 28}
    assert date(2021, 2, 15) in held
    assert date(2020, 2, 15) not in held
    assert {row["place"] for row in at_bureau} == {site.bureau}
    assert {row["official"] for row in at_bureau} == {official.name for official in site.officials}


def test_leaders_visit_their_contacts(rows, site):
    contacts = {official.name: set(official.contacts) for official in site.officials}
    visits = [row for row in city_receptions(rows) if row["form"] in ("下访", "约访")]
    places = {name: {row["place"] for row in visits if row["official"] == name} for name in contacts}
    assert places == contacts
    assert 0 < sum(row["held_on"] >= date(2021, 12, 1) for row in visits) < len(contacts)


# --- rows that could be real ----------------------------------------------------------------------


@pytest.mark.parametrize("dataset", IMPORTED)
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
    if "township" in frame:
        assert set(frame["township"]) <= {t.name for t in site.townships} | {UNFILLED}


def test_every_row_is_imported_without_a_fault_or_a_warning(frames, site, tmp_path):
    store = Store(tmp_path / "store")
    for dataset, frame in frames.items():
        report = import_rows(store, site, dataset, frame, demo=True, covers_to=DEMO_END)
        assert (report.inserted, report.rejected, report.warnings) == (len(frame), [], [])


@pytest.mark.parametrize(
    ("dataset", "order"),
    [
        ("petitions", "petitioned_on registered_on transferred_on accepted_on replied_on closed_on rated_on"),
        ("petitions", "transferred_on objected_on returned_on accepted_on"),
        ("petitions", "replied_on review_requested_on reviewed_on rereview_requested_on rereviewed_on"),
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


def test_some_units_objected_within_five_working_days(petitions, site):
    objected = [row for row in petitions if row["objected_on"]]
    passed_on = sum(row["transferred_on"] is not None for row in petitions)
    assert 0.01 < len(objected) / passed_on < 0.02
    assert 0.6 < sum(row["returned_on"] is not None for row in objected) / len(objected) < 1
    for row in objected:
        first_day = row["transferred_on"] + timedelta(days=1)
        assert first_day <= row["objected_on"] <= site.calendar.after(row["transferred_on"], 5)


STAGES = {
    "review": ("replied_on", "review_requested_on", "reviewed_on", "review_unit"),
    "rereview": ("reviewed_on", "rereview_requested_on", "rereviewed_on", "rereview_unit"),
}


@pytest.mark.parametrize("stage", STAGES)
def test_reviews_are_asked_for_and_given_within_thirty_days(petitions, stage):
    against, requested, answered, organ = STAGES[stage]
    month = timedelta(days=30)
    asked = [row for row in petitions if row[requested]]
    assert all(row[requested] <= row[against] + month for row in asked)
    late = [row for row in asked if row[answered] and row[answered] > row[requested] + month]
    assert len(late) < 0.1 * len(asked)
    assert all((row[requested] + month).year < 2021 for row in late)
    for row in petitions:
        assert (row[organ] == UNFILLED) == (row[requested] is None)
        assert row[answered] is None or row[requested] is not None


def test_few_ask_for_a_review_and_a_third_of_them_again(petitions):
    replied = sum(row["replied_on"] is not None for row in petitions)
    asked = [row for row in petitions if row["review_requested_on"]]
    again = [row for row in asked if row["rereview_requested_on"]]
    assert 0.02 < len(asked) / replied < 0.03
    assert 0.25 < len(again) / len(asked) < 0.45
    assert not any(row["resolved"] or row["unit_rating"] in ("满意", "基本满意") for row in asked)
    assert {row["review_unit"] for row in asked} >= {"兴宁市人民政府", "梅州市自然资源局"}
    assert {row["rereview_unit"] for row in again} == {"梅州市人民政府"}
    assert any(row["reviewed_on"] is None for row in asked)


def test_an_order_that_ended_says_in_which_way(rows):
    ways = Counter((row["outcome"], row["disposition"]) for row in rows["supervisions"])
    for outcome, way in ways:
        assert (outcome in ("已化解", "已办结")) == (way != UNFILLED)
    assert ways["已化解", "解决问题到位"] > 40
    assert 0 < ways["已办结", "依法处理"] < 15


def test_the_leaders_of_the_cases_are_those_of_the_site(rows, site):
    assert {row["lead_official"] for row in rows["backlog"]} == {official.name for official in site.officials}


def test_townships_receive_a_few_times_a_month(rows, site):
    own = [row for row in rows["receptions"] if row["official_level"] == "township"]
    counts = Counter(row["official"] for row in own)
    assert set(counts) == {f"{township.name}领导" for township in site.townships}
    assert all(1.5 < count / 36 < 3.5 for count in counts.values())


@pytest.mark.parametrize(("dataset", "of"), [("receptions", "promised"), ("screenings", "found")])
def test_what_is_resolved_matures(rows, dataset, of):
    def resolved(start: date, end: date) -> float:
        inside = [row for row in rows[dataset] if start <= row["held_on"] <= end]
        assert all(row["resolved"] <= row[of] for row in inside)
        return sum(row["resolved"] for row in inside) / sum(row[of] for row in inside)

    assert resolved(FIRST, date(2021, 6, 30)) > 0.85
    assert resolved(date(2021, 11, 14), DEMO_END) < 0.8


BEGUN = date(2020, 1, 1)


def rounds_held(owed: pd.DataFrame, level: str, start: date = BEGUN, end: date = DEMO_END) -> pd.Series:
    """By township and unit of the level, the share of windows with a round; open windows are left out."""
    ended = owed["window_end"].between(str(start), str(end))
    return owed[ended & (owed["level"] == level)].groupby(["township", "unit"])["done"].mean()


def test_every_unit_of_the_site_screens(rows, owed, site):
    counts = {level: len(rounds_held(owed, level)) for level in ("city", "township", "department", "village")}
    assert counts == {"city": 1, "township": 20, "department": 12, "village": 120}
    assert all((rounds_held(owed, level) > 0.4).all() for level in counts)
    assert min(row["held_on"] for row in rows["screenings"]) >= BEGUN


def test_some_townships_miss_more_rounds_than_others(owed):
    villages = rounds_held(owed, "village")
    assert set(rounds_held(owed, "city")) == {1}
    assert 0.85 < villages.mean() < 0.95
    assert villages["黄槐镇"].mean() < villages["径南镇"].mean() < 0.85
    assert villages["水口镇"].mean() > 0.9
    before, after = (
        rounds_held(owed, "village", *span)["罗浮镇"].mean()
        for span in ((BEGUN, date(2021, 6, 30)), (date(2021, 7, 8), DEMO_END))
    )
    assert after < before - 0.2


def test_fewer_screen_in_the_weeks_of_the_festival_and_the_epidemic(owed):
    weeks = owed[owed["level"] == "village"].groupby("window")["done"].mean()
    assert weeks["2020-W05"] < 0.5
    assert (weeks[["2020-W06", "2020-W07", "2020-W08"]] < 0.85).all()
    assert weeks[["2021-W06", "2021-W07"]].mean() < weeks["2021-W10":"2021-W15"].mean()


def test_disputes_left_open_are_few(rows):
    found, resolved = (sum(row[name] for row in rows["screenings"]) for name in ("found", "resolved"))
    assert 3000 < found < 4000
    assert 0.02 < 1 - resolved / found < 0.06
    assert all((row["lead_official"] == UNFILLED) == (row["found"] == 0) for row in rows["screenings"])


def test_activities_of_each_year(rows):
    years = Counter()
    for row in rows["activities"]:
        years[row["kind"], row["held_on"].year] += row["count"]
    usual = {"普法宣传": (38, 60), "训诫": (9, 20), "行政处罚": (2, 6), "批评教育": (10, 35)}
    for kind, (least, most) in usual.items():
        assert all(least <= years[kind, year] <= most for year in (2019, 2020, 2021)), kind
    months = Counter(row["held_on"].month for row in rows["activities"] if row["kind"] == "普法宣传")
    assert {month for month, _ in months.most_common(2)} == {5, 12}


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
        assert set(county) == {"441481", "441431"}
        assert "township" not in frame or (both[name]["region_code"] == county).all()
        assert (county == "441481").sum() == len(frame)
    petitions = both["petitions"]
    second = petitions[petitions["petition_id"].str.startswith("441431")]
    visits = second.query("source == 'local' and channel == 'visit' and registered_on >= '2021-01-01'")
    assert len(second) == len(frames["petitions"])
    assert (len(visits), visits["persons"].sum()) == (432, 1237)
    assert not set(second["petitioner_key"]) & set(frames["petitions"]["petitioner_key"]) - {UNFILLED}


def test_counties_have_codes_of_their_own(site):
    sites = counties(site, 400)
    codes = [one.code for one in sites]
    assert len(set(codes)) == len({one.county for one in sites}) == 400
    assert all(len(code) == 6 and code.isdecimal() for code in codes)
    assert {code[:4] for code in codes[:31]} == {"4414"}
    assert len({code[:4] for code in codes}) == 1 + 13
    assert {code[:2] for code in codes} == {"44"}
    townships = [t.code for one in sites for t in one.townships]
    assert len(set(townships)) == 400 * len(site.townships)
    assert sites[1].departments[0].name == "示例县一公安局"
    last = counties(site, MOST)[-1]
    assert last.code.isdecimal() and len(last.code) == 6
    with pytest.raises(Refusal, match="6 位的 code"):
        counties(replace(site, code=""), 2)


@pytest.mark.parametrize(
    ("scale", "code", "name"), [(2, "4414", "梅州市"), (40, "44", "广东省"), (1000, "0", "全国")]
)
def test_the_bureau_over_them_is_a_site(site, tmp_path, scale, code, name):
    for file, text in files_over(counties(site, scale)).items():
        (tmp_path / file).write_text(text, "utf-8")
    over = load_site(tmp_path / "site.toml")
    assert (over.code, over.county, over.bureau) == (code, name, f"{name}信访局")
    assert (over.backlog_closed_by, over.receptions_since) == (site.backlog_closed_by, site.receptions_since)
    assert len(over.places.codes(LEVELS["county"])) == scale
    assert "示例县一水口镇" in {t.name for t in over.townships}
    assert over.places.locate("水口镇", "441431").code == "441431112"
    assert over.places.name_of("4414") == "梅州市"


def test_several_counties_can_be_drilled(demo_of_two):
    engine, year = open_engine(demo_of_two), Period.named("2021")
    whole = engine.ask(["visits", "visit_persons"], ["county"], year)
    assert {key: whole.value("visits", key) for key in whole.keys} == {("兴宁市",): 432, ("示例县一",): 432}
    assert {whole.value("visit_persons", key) for key in whole.keys} == {1237}
    within = engine.ask(["visits"], ["township"], year, where={"county": ["示例县一"]})
    assert sum(within.value("visits", key) for key in within.keys) == 432
    assert {key[0] for key in within.keys} <= {t.name for t in engine.site.townships} | {UNFILLED}


def test_the_demo_of_one_county_takes_the_place_of_several(demo_of_two, tmp_path):
    own = shutil.copytree(demo_of_two, tmp_path / "own", ignore=shutil.ignore_patterns("*.sqlite*"))
    assert (own / "site.toml").exists()
    write_demo(own)
    assert not (own / "site.toml").exists()


def test_a_site_s_own_file_is_not_written_over(tmp_path):
    (tmp_path / "site.toml").write_text((ROOT / "site.toml").read_text("utf-8"), "utf-8")
    with pytest.raises(Refusal, match="请用 --data 另指一个目录"):
        write_demo(tmp_path, 2)
    assert Store(tmp_path).versions() == {}


SECOND = Site(
    bureau="某县信访局",
    county="某县",
    code="999901",
    townships=(Township("甲镇", villages=("一村", "二村")), Township("乙乡")),
    reception_days=(1, 31),
    receptions_moved=True,
    officials=(Official("县领导一", ("甲镇", "某县教育局")), Official("县领导二")),
    cadences=(("city", "half_month"), ("township", "week"), ("department", "month"), ("village", "week")),
    departments=(Unit("某县教育局"),),
)


def test_another_county_finds_nothing_of_this_one(frames):
    other = demo_rows(SECOND)
    assert [len(other[name]) for name in ("petitions", "backlog", "supervisions")] == [
        len(frames[name]) for name in ("petitions", "backlog", "supervisions")
    ]
    for name, frame in other.items():
        texts = {text for column in frame.select_dtypes(["object", "str"]) for text in frame[column].unique()}
        assert not [text for text in texts if re.search("兴宁|梅州|市领导", text)], name
    units = set(other["petitions"]["responsible_unit"])
    assert {"某县公安局", "市生态环境局某分局", "某县甲镇人民政府", "某县乙乡人民政府"} <= units
    assert set(other["petitions"]["village"]) == {"一村", "二村", UNFILLED}
    assert set(other["backlog"]["lead_official"]) == {"县领导一", "县领导二"}


def test_another_county_receives_and_screens_as_its_settings_say():
    other = {name: plain(frame) for name, frame in demo_rows(SECOND).items()}
    at_bureau = {row["held_on"] for row in city_receptions(other) if row["form"] == "定点接访"}
    assert {date(2021, 1, 4), date(2021, 2, 1), date(2021, 9, 30)} <= at_bureau  # 1 January is a holiday
    assert all(SECOND.calendar.is_workday(day) for day in at_bureau)
    places = {row["official"]: set() for row in city_receptions(other)}
    for row in city_receptions(other):
        places[row["official"]] |= {row["place"]} - {SECOND.bureau}
    assert places == {"县领导一": {"甲镇", "某县教育局"}, "县领导二": {"甲镇", "乙乡"}}
    rounds = Counter((row["level"], row["unit"]) for row in other["screenings"])
    assert set(rounds) == {
        ("city", "某县"),
        ("township", "甲镇"),
        ("township", "乙乡"),
        ("department", "某县教育局"),
        ("village", "一村"),
        ("village", "二村"),
    }
    assert rounds["city", "某县"] > 40
    assert rounds["township", "甲镇"] > 80
    assert rounds["department", "某县教育局"] < 30


def test_a_site_that_names_nobody_has_a_demo_too(frames):
    other = demo_rows(Site(bureau="某县信访局", county="某县"))
    assert set(other["petitions"]["township"]) == {UNFILLED}
    assert len(other["petitions"]) == len(frames["petitions"])
    assert set(other["screenings"]["level"]) == {"city"}
    assert set(other["receptions"]["official_level"]) == {"city"}
    year = other["receptions"].query("held_on >= '2021-01-01'")
    assert (year["batches"].sum(), year["persons"].sum()) == (241, 470)
    assert set(year["official"]) == set(other["backlog"]["lead_official"])
    assert set(other["activities"]["township"]) == {UNFILLED}


def test_more_sessions_than_batches_leave_some_without(site):
    many = replace(site, officials=tuple(Official(f"市领导{n}") for n in range(40)))
    year = demo_rows(many)["receptions"].query("held_on >= '2021-01-01' and official_level == 'city'")
    assert (year["batches"].sum(), year["persons"].sum()) == (241, 470)
    assert (year["batches"] == 0).any()
    assert (year["persons"] >= year["batches"]).all()


def test_apportioned_by_largest_remainder():
    assert apportioned(7, np.array([1.0, 1.0, 2.0])).tolist() == [2, 2, 3]
    assert apportioned(5, np.array([0.0, 3.0, 1.0])).tolist() == [0, 4, 1]


def test_counts_follow_their_means():
    dice = Dice(1)
    counts = dice.counts(np.full(20_000, 2.5))
    assert counts.mean() == pytest.approx(2.5, abs=0.05)
    assert counts.var() == pytest.approx(2.5, abs=0.12)
    assert not dice.counts(np.zeros(100)).any()
    half = dice.of_each(counts, 0.5)
    assert (half <= counts).all()
    assert half.sum() / counts.sum() == pytest.approx(0.5, abs=0.02)

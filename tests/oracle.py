"""The second opinion: every number of the catalogue again, slowly, from its definition in words.

Nothing here is shared with the product: plain loops over dicts and dates, no SQL, no frames, no flows that
cancel out. A stock is found by looking at every row and asking whether it is in that state at the end of the
day. `derived` adds what the definitions need to rows as a file brings them; `table` answers a question.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

Row = dict[str, Any]
Rows = Sequence[Row]
Value = int | float | None

ONE_DAY = timedelta(days=1)

# --- rows as a file brings them, completed ----------------------------------------------------------

UNFILLED = {
    "petitions": {
        "source": "local",
        "persons": 1,
        "escalation": "none",
        "extension_days": 0,
        "office_rating": "未评价",
        "unit_rating": "未评价",
        "is_litigation": False,
        "resolved": False,
    },
    "backlog": {},
    "supervisions": {"online_times": 0, "onsite_times": 0},
    "receptions": {"batches": 0, "persons": 0, "promised": 0, "resolved": 0},
    "screenings": {"found": 0, "resolved": 0},
    "activities": {"count": 1},
}
BANDS = {1: "1", 2: "2-4", 5: "5-10", 11: "11-20", 21: "21-50", 51: "51-100", 101: "101+"}
DAYS_BANDS = {0: "0-7", 8: "8-15", 16: "16-30", 31: "31-60", 61: "61-90", 91: "91+"}
MAY_BE_MISSING = {"is_repeat"}

NEW_CLASS = {
    ("环境保护", "未填"): ("生态环境", "未填"),
    ("环境保护", "环境污染"): ("生态环境", "环境污染与生态破坏"),
}
"""Of the former classes that the generated rows have, those that became one class of the list in force."""

WEEKDAYS_OFF = {
    *(date(2020, 1, 1), date(2020, 1, 24), *(date(2020, 1, day) for day in range(27, 32))),
    *(date(2020, 4, 6), date(2020, 5, 1), date(2020, 5, 4), date(2020, 5, 5)),
    *(date(2020, 6, 25), date(2020, 6, 26), date(2020, 10, 1), date(2020, 10, 2)),
    *(date(2020, 10, day) for day in range(5, 9)),
    *(date(2021, 1, 1), date(2021, 2, 11), date(2021, 2, 12), date(2021, 4, 5)),
    *(date(2021, 2, day) for day in range(15, 18)),
    *(date(2021, 5, 3), date(2021, 5, 4), date(2021, 5, 5)),
}
WEEKENDS_WORKED = {
    *(date(2020, 1, 19), date(2020, 4, 26), date(2020, 5, 9), date(2020, 6, 28)),
    *(date(2020, 9, 27), date(2020, 10, 10), date(2021, 2, 7), date(2021, 2, 20)),
    *(date(2021, 4, 25), date(2021, 5, 8)),
}
"""The notices of the State Council's General Office for 2020 (with the longer Spring Festival) and 2021."""


def derived(dataset: str, rows: Iterable[Row], columns: Iterable[str], site: Any) -> list[Row]:
    """The rows with every column of the contract present, the defaults filled in and the dates worked out."""
    complete = {"petitions": _petition, "backlog": _backlog}.get(dataset, lambda row, site: None)
    result = []
    for given in rows:
        row = {column: given.get(column) for column in columns}
        for column, value in row.items():
            if value is None and not column.endswith("_on") and column not in MAY_BE_MISSING:
                row[column] = UNFILLED[dataset].get(column, "未填")
        if "township" in row:
            row["township"], row["area"] = place(row["township"], row["region_code"], site)
            row["region_code"] = region(row["region_code"], row["area"])
        if "category_1" in row:
            _topics(row)
        complete(row, site)
        result.append(row)
    return result


PLACES = {
    "44": "广东省",
    "4414": "梅州市",
    "441481": "兴宁市",
    "441422": "大埔县",
    "441423": "丰顺县",
}
"""Those above the townships that the generated rows name; no site of theirs knows others."""
DIGITS = {"province": 2, "prefecture": 4, "county": 6}


def township(written: str, site: Any) -> str:
    """The township that a spelling means; 未识别 where nobody knows it."""
    return place(written, "未填", site)[0]


def place(written: str, code: str, site: Any) -> tuple[str, int]:
    """The township that a spelling and a code mean, and its code; of a county alone the county's."""
    name = "" if written == "未填" else written.strip()
    county = code[:6] if code[:6].isdecimal() and len(code) >= 6 else ""
    for number, called in PLACES.items():
        if len(number) == 6 and name.startswith(called) and county in ("", number):
            county, name = number, name.removeprefix(called)
    meant = [town for town in site.townships if name and is_called(name, town)]
    there = [town for town in meant if town.code.startswith(county)]
    if len(there) != 1 and not meant:
        there = [town for town in site.townships if town.code == code[:9]]
    if len(there) == 1:
        return there[0].name, int(there[0].code)
    return "未识别" if name else "未填", int(county + "000") if county in PLACES else 0


def is_called(name: str, town: Any) -> bool:
    """With the county's name before it or without, short or long."""
    plain = town.name.removeprefix(PLACES.get(town.code[:6], "-"))
    return name in (town.name, plain, *town.aliases) or plain in (name + "镇", name + "街道")


def region(code: str, area: int) -> str:
    """Twelve digits: those of the file where they say more than the area."""
    if not area:
        return "未填"
    known = str(area).removesuffix("000")
    return (code if code.startswith(known) else known).ljust(12, "0")


def _topics(row: Row) -> None:
    former = row["category_1"], row["category_2"]
    row["topic_1"], row["topic_2"] = NEW_CLASS.get(former, former)
    if "category_3" in row:
        row["topic_3"] = row["category_3"]


def is_worked(day: date) -> bool:
    """Monday to Friday but for the holidays, and the weekends that are worked in exchange."""
    return day in WEEKENDS_WORKED or (day.isoweekday() <= 5 and day not in WEEKDAYS_OFF)


def _working_days_later(day: date, count: int) -> date:
    while count:
        day += ONE_DAY
        count -= is_worked(day)
    return day


def _petition(row: Row, site: Any) -> None:
    _deadlines(row)
    _ending(row)
    if row["first_receiver"] == "未填" and (row["handling"] != "未填" or row["transferred_on"]):
        away = row["transferred_on"] is not None or row["handling"] in ("转送", "交办", "督办")
        row["first_receiver"] = "转出" if away else "首接首办"
    for least, band in BANDS.items():
        if row["persons"] >= least:
            row["persons_band"] = band


def _deadlines(row: Row) -> None:
    row["accept_due_on"] = row["registered_on"] + 15 * ONE_DAY
    in_procedure = row["route"] in ("信访程序", "未填") and not row["is_litigation"]
    if row["due_on"] is None and row["accepted_on"] is not None and in_procedure:
        row["due_on"] = row["accepted_on"] + (60 + row["extension_days"]) * ONE_DAY
    sent = row["transferred_on"]
    row["objection_due_on"] = sent and _working_days_later(sent, 5)
    back = bool(sent and row["returned_on"] and row["returned_on"] >= sent)
    row["passed_on"] = None if back else sent
    row["sent_back_on"] = row["returned_on"] if back else None
    for asked, due in (
        ("review_requested_on", "review_due_on"),
        ("rereview_requested_on", "rereview_due_on"),
    ):
        row[due] = row[asked] and row[asked] + 30 * ONE_DAY


def _ending(row: Row) -> None:
    if row["closed_on"] is None and row["handling"] in ("存", "直接回复", "不予受理", "不再受理"):
        row["closed_on"] = row["replied_on"]
    if row["rated_on"] is None and is_rated(row):
        row["rated_on"] = row["closed_on"]
    row["handling_band"] = "未填"
    for least, band in DAYS_BANDS.items():
        if row["closed_on"] and (row["closed_on"] - row["registered_on"]).days >= least:
            row["handling_band"] = band


def _backlog(row: Row, site: Any) -> None:
    closed = row["verified_on"] if site.backlog_closed_by == "verified" else row["reported_on"]
    returned = row["returned_on"]
    if closed is not None and returned is not None and returned >= closed:
        closed = None
    row["closed_on"] = closed


# --- 应做之事 --------------------------------------------------------------------------------------


def duties(rows: Mapping[str, Rows], covered: Mapping[str, date], site: Any) -> list[Row]:
    """What was owed and could be judged: every window that ended by the day to which its source tells all.

    `rows` of receptions and screenings, derived; `covered`: each one's last day told. One of which nobody
    ever brought a row owes nothing.
    """
    owed = []
    if rows.get("receptions"):
        first = site.receptions_since or _month_of_the_first(rows["receptions"])
        city = [row for row in rows["receptions"] if row["official_level"] == "city"]
        owed += _reception_days(city, first, covered["receptions"], site)
        owed += _visits(city, first, covered["receptions"], site)
    if rows.get("screenings"):
        first = site.screenings_since or _month_of_the_first(rows["screenings"])
        owed += _rounds(rows["screenings"], first, covered["screenings"], site)
    blank = dict.fromkeys(("level", "unit", "official", "reception_day", "township"), "未填")
    codes = {town.name: int(town.code) for town in site.townships}
    return [blank | row | {"area": codes.get(row.get("township"), 0)} for row in owed]


def _month_of_the_first(rows: Rows) -> date:
    first: date = min(row["held_on"] for row in rows)
    return first.replace(day=1)


def window_name(day: date, cadence: str) -> str:
    """What the window in which the day lies is called."""
    if cadence == "week":
        year, week, _ = day.isocalendar()
        return f"{year}-W{week:02}"
    half = "" if cadence == "month" else "上" if day.day <= 15 else "下"
    return f"{day:%Y-%m}{half}"


def windows(cadence: str, first: date, last: date) -> dict[str, list[date]]:
    """The days of each window that lies wholly within the two days, by its name."""
    found: dict[str, list[date]] = {}
    for number in range(-31, (last - first).days + 32):
        day = first + number * ONE_DAY
        found.setdefault(window_name(day, cadence), []).append(day)
    return {name: days for name, days in found.items() if first <= days[0] and days[-1] <= last}


def _duty(rule: str, name: str, days: Sequence[date], done: bool, **whose: str) -> Row:
    window = {"window": name, "window_start": days[0], "window_end": days[-1]}
    return {"rule": rule, "done": done} | window | whose


def _reception_days(city: Rows, first: date, last: date, site: Any) -> list[Row]:
    """Each 15th and 28th somebody receives at home; off work it may wait for the next working day."""
    met = {row["held_on"] for row in city if row["form"] != "下访"}
    found = []
    for number in range((last - first).days + 1):
        days = [first + number * ONE_DAY]
        if days[0].day not in site.reception_days:
            continue
        while site.receptions_moved and not is_worked(days[-1]):
            days.append(days[-1] + ONE_DAY)
        if days[-1] <= last:
            name, whose = days[0].isoformat(), f"{days[0].day}日"
            found.append(_duty("reception_day", name, days, bool(met & {*days}), reception_day=whose))
    return found


def _in_office(who: Any, days: Sequence[date]) -> bool:
    """On every day of the window."""
    return (who.since is None or who.since <= days[0]) and (who.until is None or who.until >= days[-1])


def _visits(city: Rows, first: date, last: date, site: Any) -> list[Row]:
    """Each leader each month goes out: down to see people, or meets them by appointment out there."""
    return [
        _duty("visit", name, days, _went_out(official, days, city, site), official=official.name)
        for name, days in windows("month", first, last).items()
        for official in site.officials
        if _in_office(official, days)
    ]


def _went_out(official: Any, days: Sequence[date], city: Rows, site: Any) -> bool:
    mine = [r for r in city if r["held_on"] in days and official.name in r["official"].split("、")]
    return any(
        row["form"] == "下访" or (row["form"] == "约访" and _is_out(row["place"], official, site))
        for row in mine
    )


def _is_out(place: str, official: Any, site: Any) -> bool:
    """In a township, or with a unit that this leader keeps contact with."""
    units = [d for d in site.departments if d.name in official.contacts]
    names = {*official.contacts, *(t.name for t in site.townships), *(a for d in units for a in d.aliases)}
    return township(place, site) not in ("未填", "未识别") or any(name in place for name in names)


def _rounds(rows: Rows, first: date, last: date, site: Any) -> list[Row]:
    """Each unit in each window of its level's cadence."""
    return [
        _duty("screening", name, days, _screened(level, unit, days, rows, site), **unit)
        for level, cadence in site.cadences
        for name, days in windows(cadence, first, last).items()
        for unit in _who_screens(level, days, site)
    ]


def _who_screens(level: str, days: Sequence[date], site: Any) -> list[dict[str, str]]:
    towns = site.townships
    names = {
        "city": [(site.county, "未填")],
        "township": [(town.name, town.name) for town in towns],
        "department": [(unit.name, "未填") for unit in site.departments if _in_office(unit, days)],
        "village": [(village, town.name) for town in towns for village in town.villages],
    }
    return [{"level": level, "unit": unit, "township": where} for unit, where in names[level]]


def _screened(level: str, unit: dict[str, str], days: Sequence[date], rows: Rows, site: Any) -> bool:
    held = [row for row in rows if row["level"] == level and row["held_on"] in days]
    return any(_is_round_of(unit, row, site) for row in held)


def _is_round_of(unit: dict[str, str], row: Row, site: Any) -> bool:
    """The row is a round of this unit, by whatever spelling."""
    name, told = unit["unit"], row["township"] not in ("未填", "未识别")
    if unit["level"] == "city":
        return True
    if unit["level"] == "township":
        return bool(name == (row["township"] if told else township(row["unit"], site)))
    if unit["level"] == "department":
        known = {d.name: d.aliases for d in site.departments}
        return row["unit"] in (name, *known[name])
    if told and row["township"] != unit["township"]:
        return False
    names_of_that_kind = [village for town in site.townships for village in town.villages].count(name)
    spelled_out = row["unit"] in (unit["township"] + name, unit["township"] + name + "委会")
    alone = row["unit"] in (name, name + "委会")
    return spelled_out or (alone and (told or names_of_that_kind == 1))


# --- 重复关联 --------------------------------------------------------------------------------------


def links(petitions: Rows, days: int) -> list[Row]:
    """Each petition with what came before it: found by looking through all of them for each.

    The rule: the same petitioner, level-2 topic and unit, all three known; at most so many days after the
    one before, else a new matter begins. On one day the order is that of the keys.
    """
    found: list[Row] = []
    for row in sorted(petitions, key=lambda row: (row["registered_on"], row["petition_id"])):
        before = [one for one in found if _of_one_kind(one, row)]
        near = bool(before) and (row["registered_on"] - before[-1]["registered_on"]).days <= days
        matter = before[-1]["matter_id"] if near else row["petition_id"]
        earlier = [one for one in before if one["matter_id"] == matter]
        found.append(
            row
            | {
                "matter_id": matter,
                "position": len(earlier) + 1,
                "previous_on": earlier[-1]["registered_on"] if earlier else None,
                "previous_closed_on": earlier[-1]["closed_on"] if earlier else None,
                "followed": False,
                "linked": _linked(row, earlier),
            }
        )
        for one in earlier:
            one["followed"] = True
    return found


def _of_one_kind(one: Row, other: Row) -> bool:
    """Both may be linked, and are of one petitioner, topic and unit."""
    names = ("petitioner_key", "topic_2", "responsible_unit")
    return all(one[name] == other[name] != "未填" for name in names)


def _linked(row: Row, earlier: Rows) -> str:
    if row["petitioner_key"] == "未填":
        return "no_code"
    if "未填" in (row["topic_2"], row["responsible_unit"]):
        return "no_matter"
    if not earlier:
        return "first"
    ended = any(happened(one["rereviewed_on"], row["registered_on"]) for one in earlier)
    return "after_termination" if ended else "repeat"


# --- words that the definitions use -----------------------------------------------------------------


def placed(rows: Rows, column: str, start: date, end: date) -> list[Row]:
    """The rows whose date lies within the days, both ends included."""
    return [row for row in rows if row[column] is not None and start <= row[column] <= end]


def happened(day: date | None, end: date) -> bool:
    """It has happened by the end of the day."""
    return day is not None and day <= end


def in_time(day: date | None, due: date) -> bool:
    """It has happened, and not after the deadline."""
    return day is not None and day <= due


def share(part: int, whole: int) -> float | None:
    """Divided last; nothing where there is no base."""
    return part / whole if whole else None


def total(rows: Rows, column: str) -> int:
    """The sum of a column."""
    result = 0
    for row in rows:
        result += row[column]
    return result


def is_rated(row: Row) -> bool:
    """Somebody was rated."""
    return row["office_rating"] != "未评价" or row["unit_rating"] != "未评价"


def is_first(row: Row) -> bool:
    """Known to be 初件."""
    return row["is_repeat"] is False


def is_repeat(row: Row) -> bool:
    """Known to be 重件."""
    return row["is_repeat"] is True


def is_open(row: Row, end: date) -> bool:
    """Registered, and not yet closed at the end of the day."""
    return happened(row["registered_on"], end) and not happened(row["closed_on"], end)


def local(rows: Rows, channel: str) -> list[Row]:
    """本级受理 of one channel: what superiors assigned has a heading of its own."""
    return [row for row in rows if row["channel"] == channel and row["source"] == "local"]


# --- the definitions --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Opinion:
    """The dataset that a metric reads and its value over (rows, first day, last day)."""

    dataset: str
    value: Callable[[Rows, date, date], Value]


ORACLE: dict[str, Opinion] = {}


def of(dataset: str) -> Callable[[Callable[[Rows, date, date], Value]], Callable[[Rows, date, date], Value]]:
    """Files a definition under its function's name."""

    def file(function: Callable[[Rows, date, date], Value]) -> Callable[[Rows, date, date], Value]:
        ORACLE[function.__name__.rstrip("_")] = Opinion(dataset, function)
        return function

    return file


@of("petitions")
def petitions(rows: Rows, start: date, end: date) -> Value:
    return len(placed(rows, "registered_on", start, end))


@of("petitions")
def persons(rows: Rows, start: date, end: date) -> Value:
    return total(placed(rows, "registered_on", start, end), "persons")


@of("petitions")
def letters(rows: Rows, start: date, end: date) -> Value:
    return len(local(placed(rows, "registered_on", start, end), "letter"))


@of("petitions")
def visits(rows: Rows, start: date, end: date) -> Value:
    return len(local(placed(rows, "registered_on", start, end), "visit"))


@of("petitions")
def online(rows: Rows, start: date, end: date) -> Value:
    return len(local(placed(rows, "registered_on", start, end), "online"))


@of("petitions")
def phone(rows: Rows, start: date, end: date) -> Value:
    return len(local(placed(rows, "registered_on", start, end), "phone"))


@of("petitions")
def visit_persons(rows: Rows, start: date, end: date) -> Value:
    return total(local(placed(rows, "registered_on", start, end), "visit"), "persons")


def _groups(rows: Rows, start: date, end: date) -> list[Row]:
    return [row for row in local(placed(rows, "registered_on", start, end), "visit") if row["persons"] >= 5]


@of("petitions")
def group_visits(rows: Rows, start: date, end: date) -> Value:
    return len(_groups(rows, start, end))


@of("petitions")
def group_visit_persons(rows: Rows, start: date, end: date) -> Value:
    return total(_groups(rows, start, end), "persons")


@of("petitions")
def superior_assigned(rows: Rows, start: date, end: date) -> Value:
    return len([row for row in placed(rows, "registered_on", start, end) if row["source"] == "superior"])


def _escalated(rows: Rows, start: date, end: date, to: str) -> int:
    return len([row for row in placed(rows, "registered_on", start, end) if row["escalation"] == to])


@of("petitions")
def escalated_city(rows: Rows, start: date, end: date) -> Value:
    return _escalated(rows, start, end, "city")


@of("petitions")
def escalated_province(rows: Rows, start: date, end: date) -> Value:
    return _escalated(rows, start, end, "province")


@of("petitions")
def escalated_beijing(rows: Rows, start: date, end: date) -> Value:
    return _escalated(rows, start, end, "beijing")


@of("petitions")
def first_petitions(rows: Rows, start: date, end: date) -> Value:
    return len([row for row in placed(rows, "registered_on", start, end) if is_first(row)])


@of("petitions")
def repeat_petitions(rows: Rows, start: date, end: date) -> Value:
    return len([row for row in placed(rows, "registered_on", start, end) if is_repeat(row)])


@of("petitions")
def repeat_rate(rows: Rows, start: date, end: date) -> Value:
    known = [row for row in placed(rows, "registered_on", start, end) if row["is_repeat"] is not None]
    return share(len([row for row in known if is_repeat(row)]), len(known))


@of("petitions")
def online_share(rows: Rows, start: date, end: date) -> Value:
    registered = placed(rows, "registered_on", start, end)
    return share(len([row for row in registered if row["channel"] == "online"]), len(registered))


def _registered(rows: Rows, start: date, end: date, column: str, *members: Any) -> list[Row]:
    return [row for row in placed(rows, "registered_on", start, end) if row[column] in members]


@of("petitions")
def litigation_related(rows: Rows, start: date, end: date) -> Value:
    return len(_registered(rows, start, end, "is_litigation", True))


@of("petitions")
def litigation_share(rows: Rows, start: date, end: date) -> Value:
    registered = placed(rows, "registered_on", start, end)
    return share(len(_registered(rows, start, end, "is_litigation", True)), len(registered))


@of("petitions")
def routed_elsewhere(rows: Rows, start: date, end: date) -> Value:
    inside = _registered(rows, start, end, "route", "信访程序", "未填")
    return len(placed(rows, "registered_on", start, end)) - len(inside)


@of("petitions")
def objections(rows: Rows, start: date, end: date) -> Value:
    return len(placed(rows, "objected_on", start, end))


@of("petitions")
def returned(rows: Rows, start: date, end: date) -> Value:
    return len(placed(rows, "returned_on", start, end))


@of("petitions")
def misrouting_rate(rows: Rows, start: date, end: date) -> Value:
    sent = placed(rows, "transferred_on", start, end)
    return share(len([row for row in sent if row["returned_on"] is not None]), len(sent))


POINTS = ("city_center", "town_station", "village_point")


def _served(rows: Rows, start: date, end: date, *points: str) -> list[Row]:
    return _registered(rows, start, end, "service_point", *(points or POINTS))


@of("petitions")
def service_intake(rows: Rows, start: date, end: date) -> Value:
    return len(_served(rows, start, end))


@of("petitions")
def first_receiver_rate(rows: Rows, start: date, end: date) -> Value:
    told = [row["first_receiver"] for row in _served(rows, start, end) if row["first_receiver"] != "未填"]
    return share(told.count("首接首办"), len(told))


@of("petitions")
def grassroots_solution_rate(rows: Rows, start: date, end: date) -> Value:
    low = _served(rows, start, end, "town_station", "village_point")
    solved = [row for row in low if row["first_receiver"] == "首接首办" and row["closed_on"] is not None]
    return share(len(solved), len(_served(rows, start, end)))


@of("petitions")
def review_requests(rows: Rows, start: date, end: date) -> Value:
    return len(placed(rows, "review_requested_on", start, end))


@of("petitions")
def reviewed(rows: Rows, start: date, end: date) -> Value:
    return len(placed(rows, "reviewed_on", start, end))


@of("petitions")
def rereview_requests(rows: Rows, start: date, end: date) -> Value:
    return len(placed(rows, "rereview_requested_on", start, end))


@of("petitions")
def rereviewed(rows: Rows, start: date, end: date) -> Value:
    return len(placed(rows, "rereviewed_on", start, end))


@of("petitions")
def timely_acceptance_rate(rows: Rows, start: date, end: date) -> Value:
    due = [row for row in placed(rows, "accept_due_on", start, end) if is_first(row)]
    return share(len([row for row in due if in_time(row["accepted_on"], row["accept_due_on"])]), len(due))


@of("petitions")
def unit_timely_acceptance_rate(rows: Rows, start: date, end: date) -> Value:
    due = in_good_time = 0
    for row in rows:
        if not is_first(row) or row["transferred_on"] is None:
            continue
        deadline = row["transferred_on"] + 15 * ONE_DAY
        if start <= deadline <= end:
            due += 1
            in_good_time += in_time(row["accepted_on"], deadline)
    return share(in_good_time, due)


def _kept_deadline(rows: Rows, column: str, start: date, end: date) -> Value:
    due = placed(rows, "due_on", start, end)
    return share(len([row for row in due if in_time(row[column], row["due_on"])]), len(due))


@of("petitions")
def on_time_reply_rate(rows: Rows, start: date, end: date) -> Value:
    return _kept_deadline([row for row in rows if is_first(row)], "replied_on", start, end)


@of("petitions")
def on_time_closure_rate(rows: Rows, start: date, end: date) -> Value:
    return _kept_deadline([row for row in rows if is_first(row)], "closed_on", start, end)


@of("petitions")
def superior_on_time_closure_rate(rows: Rows, start: date, end: date) -> Value:
    return _kept_deadline([row for row in rows if row["source"] == "superior"], "closed_on", start, end)


@of("petitions")
def closed(rows: Rows, start: date, end: date) -> Value:
    return len(placed(rows, "closed_on", start, end))


@of("petitions")
def evaluation_rate(rows: Rows, start: date, end: date) -> Value:
    done = placed(rows, "closed_on", start, end)
    return share(len([row for row in done if is_rated(row)]), len(done))


def _evaluated(rows: Rows, column: str, start: date, end: date) -> Value:
    ratings = [row[column] for row in placed(rows, "closed_on", start, end)]
    return share(len(ratings) - ratings.count("未评价"), len(ratings))


@of("petitions")
def office_evaluation_rate(rows: Rows, start: date, end: date) -> Value:
    return _evaluated(rows, "office_rating", start, end)


@of("petitions")
def unit_evaluation_rate(rows: Rows, start: date, end: date) -> Value:
    return _evaluated(rows, "unit_rating", start, end)


def _satisfied(rows: Rows, column: str, start: date, end: date) -> Value:
    rated = [row[column] for row in placed(rows, "rated_on", start, end) if row[column] != "未评价"]
    return share(rated.count("满意") + rated.count("基本满意"), len(rated))


@of("petitions")
def office_satisfaction(rows: Rows, start: date, end: date) -> Value:
    return _satisfied(rows, "office_rating", start, end)


@of("petitions")
def unit_satisfaction(rows: Rows, start: date, end: date) -> Value:
    return _satisfied(rows, "unit_rating", start, end)


@of("petitions")
def open_(rows: Rows, start: date, end: date) -> Value:
    return len([row for row in rows if is_open(row, end)])


@of("petitions")
def overdue(rows: Rows, start: date, end: date) -> Value:
    return len([row for row in rows if is_open(row, end) and row["due_on"] and row["due_on"] < end])


@of("petitions")
def due_soon(rows: Rows, start: date, end: date) -> Value:
    week = end + 7 * ONE_DAY
    return len([row for row in rows if is_open(row, end) and row["due_on"] and end <= row["due_on"] <= week])


@of("petitions")
def acceptance_overdue(rows: Rows, start: date, end: date) -> Value:
    late = [row for row in rows if is_open(row, end) and row["accept_due_on"] < end]
    return len([row for row in late if not happened(row["accepted_on"], end)])


def _handling_days(rows: Rows, start: date, end: date) -> list[int]:
    return sorted(
        (row["closed_on"] - row["registered_on"]).days for row in placed(rows, "closed_on", start, end)
    )


def _fewest_days(days: list[int], tenths: int) -> float | None:
    """The fewest days within which that many tenths of the items were closed."""
    for limit in days:
        if 10 * len([taken for taken in days if taken <= limit]) >= tenths * len(days):
            return float(limit)
    return None


@of("petitions")
def mean_days(rows: Rows, start: date, end: date) -> Value:
    days = _handling_days(rows, start, end)
    return share(sum(days), len(days))


@of("petitions")
def median_days(rows: Rows, start: date, end: date) -> Value:
    return _fewest_days(_handling_days(rows, start, end), 5)


@of("petitions")
def p90_days(rows: Rows, start: date, end: date) -> Value:
    return _fewest_days(_handling_days(rows, start, end), 9)


def _so_far(rows: Rows, column: str, end: date) -> int:
    return len([row for row in rows if happened(row[column], end)])


@of("backlog")
def backlog_assigned(rows: Rows, start: date, end: date) -> Value:
    return _so_far(rows, "assigned_on", end)


@of("backlog")
def backlog_reported(rows: Rows, start: date, end: date) -> Value:
    return _so_far(rows, "reported_on", end)


@of("backlog")
def backlog_closed(rows: Rows, start: date, end: date) -> Value:
    return _so_far(rows, "closed_on", end)


@of("backlog")
def backlog_resolved(rows: Rows, start: date, end: date) -> Value:
    return _so_far(rows, "resolved_on", end)


def _remaining(rows: Rows, end: date) -> list[Row]:
    return [row for row in rows if happened(row["assigned_on"], end) and not happened(row["closed_on"], end)]


@of("backlog")
def backlog_remaining(rows: Rows, start: date, end: date) -> Value:
    return len(_remaining(rows, end))


@of("backlog")
def backlog_overdue(rows: Rows, start: date, end: date) -> Value:
    return len([row for row in _remaining(rows, end) if row["due_on"] and row["due_on"] < end])


@of("backlog")
def backlog_closure_rate(rows: Rows, start: date, end: date) -> Value:
    return share(_so_far(rows, "closed_on", end), _so_far(rows, "assigned_on", end))


@of("backlog")
def backlog_closed_in_period(rows: Rows, start: date, end: date) -> Value:
    return len(placed(rows, "closed_on", start, end))


@of("supervisions")
def supervised(rows: Rows, start: date, end: date) -> Value:
    return len(placed(rows, "issued_on", start, end))


@of("supervisions")
def feedback_on_time_rate(rows: Rows, start: date, end: date) -> Value:
    return _kept_deadline(rows, "feedback_on", start, end)


@of("supervisions")
def supervision_resolution_rate(rows: Rows, start: date, end: date) -> Value:
    issued = placed(rows, "issued_on", start, end)
    return share(len([row for row in issued if row["outcome"] == "已化解"]), len(issued))


def _outstanding(rows: Rows, end: date) -> list[Row]:
    return [row for row in rows if happened(row["issued_on"], end) and not happened(row["feedback_on"], end)]


@of("supervisions")
def supervision_outstanding(rows: Rows, start: date, end: date) -> Value:
    return len(_outstanding(rows, end))


@of("supervisions")
def supervision_overdue(rows: Rows, start: date, end: date) -> Value:
    return len([row for row in _outstanding(rows, end) if row["due_on"] and row["due_on"] < end])


@of("supervisions")
def online_followups(rows: Rows, start: date, end: date) -> Value:
    return total(placed(rows, "issued_on", start, end), "online_times")


@of("supervisions")
def onsite_followups(rows: Rows, start: date, end: date) -> Value:
    return total(placed(rows, "issued_on", start, end), "onsite_times")


@of("supervisions")
def inspection_supervised(rows: Rows, start: date, end: date) -> Value:
    sources = [row["ordered_by"] for row in placed(rows, "issued_on", start, end)]
    return sources.count("省委巡视组") + sources.count("中央生态环保督察组")


def _proposed(rows: Rows, start: date, end: date) -> list[Row]:
    """A proposal was made: to work better, to mend a rule, to call somebody to account."""
    issued = placed(rows, "issued_on", start, end)
    return [row for row in issued if row["proposal"] not in ("无", "未填")]


@of("supervisions")
def proposals(rows: Rows, start: date, end: date) -> Value:
    return len(_proposed(rows, start, end))


@of("supervisions")
def proposal_adoption_rate(rows: Rows, start: date, end: date) -> Value:
    made = _proposed(rows, start, end)
    return share(len([row for row in made if row["proposal_adopted_on"] is not None]), len(made))


def _held(rows: Rows, start: date, end: date, by_city: bool) -> list[Row]:
    """Receptions of city leaders, or all the others."""
    return [
        row for row in placed(rows, "held_on", start, end) if (row["official_level"] == "city") == by_city
    ]


@of("receptions")
def receptions(rows: Rows, start: date, end: date) -> Value:
    return len(_held(rows, start, end, by_city=True))


@of("receptions")
def reception_batches(rows: Rows, start: date, end: date) -> Value:
    return total(_held(rows, start, end, by_city=True), "batches")


@of("receptions")
def reception_persons(rows: Rows, start: date, end: date) -> Value:
    return total(_held(rows, start, end, by_city=True), "persons")


@of("receptions")
def reception_promises(rows: Rows, start: date, end: date) -> Value:
    return total(_held(rows, start, end, by_city=True), "promised")


@of("receptions")
def reception_resolution_rate(rows: Rows, start: date, end: date) -> Value:
    held = _held(rows, start, end, by_city=True)
    return share(total(held, "resolved"), total(held, "promised"))


@of("receptions")
def township_receptions(rows: Rows, start: date, end: date) -> Value:
    return len(_held(rows, start, end, by_city=False))


@of("receptions")
def township_reception_batches(rows: Rows, start: date, end: date) -> Value:
    return total(_held(rows, start, end, by_city=False), "batches")


@of("receptions")
def township_reception_persons(rows: Rows, start: date, end: date) -> Value:
    return total(_held(rows, start, end, by_city=False), "persons")


@of("receptions")
def township_reception_promises(rows: Rows, start: date, end: date) -> Value:
    return total(_held(rows, start, end, by_city=False), "promised")


@of("receptions")
def township_reception_resolution_rate(rows: Rows, start: date, end: date) -> Value:
    held = _held(rows, start, end, by_city=False)
    return share(total(held, "resolved"), total(held, "promised"))


@of("screenings")
def screenings(rows: Rows, start: date, end: date) -> Value:
    return len(placed(rows, "held_on", start, end))


@of("screenings")
def disputes_found(rows: Rows, start: date, end: date) -> Value:
    return total(placed(rows, "held_on", start, end), "found")


@of("screenings")
def disputes_resolved(rows: Rows, start: date, end: date) -> Value:
    return total(placed(rows, "held_on", start, end), "resolved")


@of("screenings")
def dispute_resolution_rate(rows: Rows, start: date, end: date) -> Value:
    held = placed(rows, "held_on", start, end)
    return share(total(held, "resolved"), total(held, "found"))


@of("screenings")
def disputes_outstanding(rows: Rows, start: date, end: date) -> Value:
    held = placed(rows, "held_on", date.min, end)
    return total(held, "found") - total(held, "resolved")


@of("activities")
def publicity_sessions(rows: Rows, start: date, end: date) -> Value:
    return total([row for row in placed(rows, "held_on", start, end) if row["kind"] == "普法宣传"], "count")


MEASURES = ("劝阻", "批评教育", "训诫", "警告", "行政处罚", "行政拘留", "刑事处理")


@of("activities")
def order_measures(rows: Rows, start: date, end: date) -> Value:
    held = placed(rows, "held_on", start, end)
    return total([row for row in held if row["kind"] in MEASURES], "count")


def _owed(rows: Rows, start: date, end: date, rule: str) -> list[bool]:
    """Of every duty of the rule whose window ended within the days: whether it was done."""
    return [row["done"] for row in placed(rows, "window_end", start, end) if row["rule"] == rule]


def _compliance(done: list[bool]) -> Value:
    return share(done.count(True), len(done))


@of("duties")
def screening_compliance(rows: Rows, start: date, end: date) -> Value:
    return _compliance(_owed(rows, start, end, "screening"))


@of("duties")
def screenings_due(rows: Rows, start: date, end: date) -> Value:
    return len(_owed(rows, start, end, "screening"))


@of("duties")
def screenings_missed(rows: Rows, start: date, end: date) -> Value:
    return _owed(rows, start, end, "screening").count(False)


@of("duties")
def reception_day_compliance(rows: Rows, start: date, end: date) -> Value:
    return _compliance(_owed(rows, start, end, "reception_day"))


@of("duties")
def visit_compliance(rows: Rows, start: date, end: date) -> Value:
    return _compliance(_owed(rows, start, end, "visit"))


@of("duties")
def visits_missed(rows: Rows, start: date, end: date) -> Value:
    return _owed(rows, start, end, "visit").count(False)


def _linked_as(rows: Rows, start: date, end: date, *results: str) -> list[Row]:
    return [row for row in placed(rows, "registered_on", start, end) if row["linked"] in results]


@of("links")
def linked_firsts(rows: Rows, start: date, end: date) -> Value:
    return len(_linked_as(rows, start, end, "first"))


@of("links")
def linked_repeats(rows: Rows, start: date, end: date) -> Value:
    return len(_linked_as(rows, start, end, "repeat"))


@of("links")
def linked_repeat_rate(rows: Rows, start: date, end: date) -> Value:
    both = _linked_as(rows, start, end, "first", "repeat")
    return share(len([row for row in both if row["linked"] == "repeat"]), len(both))


@of("links")
def returned_after_closure(rows: Rows, start: date, end: date) -> Value:
    again = _linked_as(rows, start, end, "repeat")
    return len([row for row in again if happened(row["previous_closed_on"], row["registered_on"])])


@of("links")
def one_time_resolution_rate(rows: Rows, start: date, end: date) -> Value:
    firsts = [row for row in placed(rows, "closed_on", start, end) if row["linked"] == "first"]
    return share(len([row for row in firsts if not row["followed"]]), len(firsts))


@of("links")
def after_termination(rows: Rows, start: date, end: date) -> Value:
    return len(_linked_as(rows, start, end, "after_termination"))


@of("links")
def linkage_agreement(rows: Rows, start: date, end: date) -> Value:
    told = [r for r in _linked_as(rows, start, end, "first", "repeat") if is_first(r) or is_repeat(r)]
    return share(len([row for row in told if is_repeat(row) == (row["linked"] == "repeat")]), len(told))


@of("links")
def unlinked(rows: Rows, start: date, end: date) -> Value:
    return len(_linked_as(rows, start, end, "no_code", "no_matter"))


# --- comparisons ------------------------------------------------------------------------------------

Days = tuple[date, date]


def is_month_end(day: date) -> bool:
    """The next day is a first."""
    return (day + ONE_DAY).day == 1


def months_before(day: date, count: int) -> date:
    """The same day of an earlier month, the last one where that month is shorter."""
    wanted = day.day
    for _ in range(count):
        day = day.replace(day=1) - ONE_DAY
    return day.replace(day=min(wanted, day.day)) if count else day


def year_ago(start: date, end: date, as_of: date = date.max) -> Days:
    """同比: the days of the year before that the counted days are compared with."""
    return _months_earlier(start, min(end, as_of), 12)


def previous(start: date, end: date, as_of: date = date.max) -> Days:
    """环比: as many months before where whole months are asked for, else as many days before."""
    last = min(end, as_of)
    if start.day == 1 and is_month_end(end):
        return _months_earlier(start, last, len(months(start, end)))
    return start - ((last - start).days + 1) * ONE_DAY, start - ONE_DAY


def _months_earlier(start: date, last: date, count: int) -> Days:
    earlier = months_before(last, count)
    if start.day == 1 and is_month_end(last):
        while not is_month_end(earlier):
            earlier += ONE_DAY
    return months_before(start, count), earlier


def change(metric_is_count: bool, now: Value, base: Value) -> float | None:
    """Relative for a count, the difference for anything else; nothing where it has no meaning."""
    if now is None or base is None or (metric_is_count and base == 0):
        return None
    result = (now - base) / base if metric_is_count else now - base
    assert math.isfinite(result)
    return result


# --- questions --------------------------------------------------------------------------------------

Filters = Mapping[str, Iterable[str]]
Key = tuple[str, ...]


def member(row: Row, dimension: str) -> str:
    """What the row is called in a dimension."""
    if dimension in DIGITS:
        return PLACES[str(row["area"])[: DIGITS[dimension]]] if row["area"] else "未填"
    value = row[dimension]
    if value is None:
        return "未填"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _lies_in(row: Row, scope: str | None) -> bool:
    """In the township of that name, or in the place of that code."""
    if scope is None:
        return True
    if scope.isdecimal():
        return str(row.get("area", 0)).startswith(scope)
    return bool(row.get("township") == scope)


def visible(rows: Rows, keep: Filters, scope: str | None) -> list[Row]:
    """The rows that the filters keep and the person looking may see."""
    return [
        row
        for row in rows
        if _lies_in(row, scope)
        and all(member(row, dimension) in set(members) for dimension, members in keep.items())
    ]


def value(
    metric: str,
    rows: Rows,
    start: date,
    end: date,
    as_of: date = date.max,
    keep: Filters | None = None,
    scope: str | None = None,
) -> Value:
    """One number over derived rows of the metric's dataset."""
    return ORACLE[metric].value(visible(rows, keep or {}, scope), start, min(end, as_of))


def months(start: date, last: date) -> list[tuple[str, date, date]]:
    """Every calendar month touched by the days: its name and the days of it that are meant."""
    found: dict[str, list[date]] = {}
    day = start
    while day <= last:
        found.setdefault(day.strftime("%Y-%m"), []).append(day)
        day += ONE_DAY
    return [(name, days[0], days[-1]) for name, days in found.items()]


@dataclass(frozen=True)
class Asked:
    """What is asked: metrics by dimensions over days, for the members kept and the person looking."""

    metrics: Sequence[str]
    by: Sequence[str]
    start: date
    end: date
    as_of: date = date.max
    keep: Filters = field(default_factory=dict)
    scope: str | None = None


def table(asked: Asked, datasets: Mapping[str, Rows]) -> dict[Key, dict[str, Value]]:
    """Every row that an answer may have, by its members in the order of `by`.

    All members met in the data are crossed with all months: whoever compares leaves out what says nothing.
    """
    return _table(asked, datasets, _spans(asked))


def base_table(asked: Asked, datasets: Mapping[str, Rows], compare: str) -> dict[Key, dict[str, Value]]:
    """The same over the days compared with; by month each month has its own, under the present's name."""
    monthly = "month" in asked.by
    if compare == "year_ago":
        earlier = [(name, *year_ago(first, last)) for name, first, last in _spans(asked)]
    elif monthly:
        earlier = [(name, *_months_earlier(first, last, 1)) for name, first, last in _spans(asked)]
    else:
        earlier = [("", *previous(asked.start, asked.end, asked.as_of))]
    return _table(asked, datasets, earlier)


Spans = list[tuple[str, date, date]]


def _spans(asked: Asked) -> Spans:
    last = min(asked.end, asked.as_of)
    return months(asked.start, last) if "month" in asked.by else [("", asked.start, last)]


def _table(asked: Asked, datasets: Mapping[str, Rows], spans: Spans) -> dict[Key, dict[str, Value]]:
    groups = [dimension for dimension in asked.by if dimension != "month"]
    apart: dict[str, dict[Key, list[Row]]] = {}
    for name in {ORACLE[metric].dataset for metric in asked.metrics}:
        apart[name] = {}
        for row in visible(datasets[name], asked.keep, asked.scope):
            apart[name].setdefault(tuple(member(row, d) for d in groups), []).append(row)
    met = {group for found in apart.values() for group in found}
    result: dict[Key, dict[str, Value]] = {}
    for group, (name, first, last) in itertools.product(met if groups else {()}, spans):
        named = dict(zip(groups, group, strict=True), month=name)
        key = tuple(named[dimension] for dimension in asked.by)
        result[key] = {
            metric: ORACLE[metric].value(apart[ORACLE[metric].dataset].get(group, []), first, last)
            for metric in asked.metrics
        }
    return result


def says_something(cells: Mapping[str, Value]) -> bool:
    """At least one number that is not an absent count."""
    return any(value is not None and (value != 0 or isinstance(value, float)) for value in cells.values())

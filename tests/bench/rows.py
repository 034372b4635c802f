"""Petitions by the million, as one statement: what an import would have stored of them, drawn by hashing.

Every draw is a hash of the row's number, so that the same rows come out whatever part is written first.
The derived columns say again in SQL what `analytics.ingest.derive` says of frames; a test holds them equal.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd
import pyarrow as pa

from analytics.contract import (
    DATASETS,
    HANDLING_BANDS,
    KEPT,
    PASSED_ON,
    PERSONS_BANDS,
    UNFILLED,
    UNRATED,
    Field,
    Member,
)
from analytics.ingest import classes
from analytics.site import ROOT
from analytics.sql import TYPES, _default, literal, quoted
from analytics.store import schema
from analytics.workdays import Workdays
from analytics.yearly import YEAR
from tests.bench.places import Spread

PETITIONS = DATASETS["petitions"]
FIRST, LAST = date(2017, 1, 1), date(2021, 12, 31)

_GROWTH = 1.06  # a year
_SEASON = (0.85, 0.62, 1.15, 1.05, 1.02, 1.08, 1.12, 1.06, 1.04, 0.93, 1.04, 1.06)
_WEEK = (1.35, 1.2, 1.15, 1.1, 1.05, 0.3, 0.25)
_SEED = 20211231
_BUREAUS = (
    *("公安局", "教育局", "民政局", "司法局", "财政局", "人力资源和社会保障局", "自然资源局", "交通运输局"),
    *("住房和城乡建设局", "水务局", "农业农村局", "文化广电旅游体育局", "卫生健康局", "应急管理局"),
    *("市场监督管理局", "退役军人事务局", "城市管理和综合执法局", "医疗保障局", "人民法院", "生态环境分局"),
)
_VILLAGES = tuple(f"{a}{b}村" for a in "上下东西新" for b in "坪塘岭田")


@dataclass(frozen=True)
class Day:
    """So many rows are registered on a day; the number of the first of them."""

    day: date
    first: int
    count: int


def days(rows: int) -> list[Day]:
    """All days of five years with their share of the rows: growth, season, the days of the week."""
    every = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]
    weights = [_GROWTH ** ((d - FIRST).days / 365) * _SEASON[d.month - 1] * _WEEK[d.weekday()] for d in every]
    so_far, total = 0.0, sum(weights)
    found = []
    for day, weight in zip(every, weights, strict=True):
        first = round(rows * so_far / total)
        so_far += weight
        found.append(Day(day, first, round(rows * so_far / total) - first))
    return found


# --- small tables to join -------------------------------------------------------------------------


def place_table(places: Spread) -> pa.Table:
    """`place`: a township stands in as many lines as its share; and the county that it lies in."""
    lines = [township for at, township in enumerate(places.townships) for _ in range(1 + at * 7 % 6)]
    return pa.table(
        {
            "place": pa.array(range(len(lines)), pa.int32()),
            "code": [township.code for township in lines],
            "town": [township.name for township in lines],
            "county": [places.names[township.code[:6]] for township in lines],
        }
    )


def class_table() -> pa.Table:
    """`class`: a content class of the national list stands in as many lines as its share."""
    listed = pd.read_csv(ROOT / "data" / "reference" / "content_classes.csv", dtype="category")
    listed.columns = ["class_1", "class_2"]
    topics = classes.topics(listed["class_1"], listed["class_2"])
    table = listed.assign(**dict(zip(("topic_1", "topic_2"), topics, strict=True))).astype("str")
    shares = [1 + 40 // (1 + at % 31) for at in range(len(table))]
    lines = table.loc[table.index.repeat(shares)].reset_index(drop=True)
    return pa.Table.from_pandas(lines.assign(**{"class": range(len(lines))}), preserve_index=False)


def workday_table(calendar: Workdays, count: int) -> pa.Table:
    """`from_day`: each day, and the `count`-th working day after it."""
    every = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 400)]
    return pa.table({"from_day": every, "workday": [calendar.after(day, count) for day in every]})


# --- the statement --------------------------------------------------------------------------------


def select(part: Iterable[Day], places: int, classes: int, rows: int) -> str:
    """The rows of some days in the order of registration, in the columns of the stored table but its year.

    `places`, `classes`: lines of the tables of that name, which the statement joins; `rows`: of all days.
    """
    listed = ", ".join(f"(DATE '{d.day}', {d.first}, {d.count})" for d in part if d.count)
    text = (
        "SELECT registered_on, unnest(range(first, first + count)) AS i "
        f"FROM (VALUES {listed}) AS days(registered_on, first, count)"
    )
    text = _with(text, {f"d{n}": _draw(n) for n in range(_DRAWS)})
    text = _with(text, _chosen(places, classes, rows))
    text = (
        f"SELECT rows.*, code, town, county, class_1, class_2, topic_1, topic_2 FROM ({text}) AS rows "
        "JOIN places ON rows.place = places.place JOIN classes ON rows.class = classes.class"
    )
    for step in _HISTORY:
        text = _with(text, step)
    text = f"SELECT rows.*, workday FROM ({text}) AS rows LEFT JOIN workdays ON transferred_on = from_day"
    for step in _DERIVED:
        text = _with(text, step)
    return f"SELECT {_columns()} FROM ({text}) AS rows"


def _with(source: str, more: Mapping[str, str]) -> str:
    named = ", ".join(f"{expression} AS {quoted(name)}" for name, expression in more.items())
    return f"SELECT *, {named} FROM ({source}) AS step"


def _columns() -> str:
    """Each stored column in its type: what is drawn or derived above, else the contract's default."""
    fields = {name: field for f in PETITIONS.fields for name, field in _stored(f)}
    return ", ".join(_typed(name, fields[name]) for name in schema(PETITIONS).names if name != YEAR)


def _stored(field: Field) -> list[tuple[str, Field]]:
    return [(field.name, field), *([(field.stored_given, field)] if field.given else [])]


def _typed(name: str, field: Field) -> str:
    missing = "NULL" if name == field.stored_given else _default(field)
    value = quoted(name) if name in _MADE else missing
    return f"CAST({value} AS {TYPES[field.kind]}) AS {quoted(name)}"


# --- draws ----------------------------------------------------------------------------------------

_NOBODY = literal(UNFILLED)
_DRAWS = 32
_MANY = 10_000


def _hash(number: int) -> str:
    """64 bits, others for each row and each number below 64."""
    return f"hash(i * 64 + {_SEED * 64 + number})"


def _draw(number: int) -> str:
    """0–9,999."""
    return f"CAST({_hash(number)} % {_MANY} AS INTEGER)"


def _pick(draw: str, shares: Mapping[str, float]) -> str:
    """One of the members by their shares in percent; the last one takes the rest."""
    reached, cases = 0.0, []
    *firsts, last = shares
    for member in firsts:
        reached += shares[member] * _MANY / 100
        cases.append(f"WHEN {draw} < {round(reached)} THEN {literal(member)}")
    return f"CASE {' '.join(cases)} ELSE {literal(last)} END"


def _one_of(draw: str, members: Sequence[str]) -> str:
    return f"[{', '.join(map(literal, members))}][1 + {draw} % {len(members)}]"


def _chance(draw: str, percent: float) -> str:
    return f"{draw} < {round(percent * _MANY / 100)}"


def _tail(draw: str, mean: int, most: int) -> str:
    """Days with a long tail."""
    return f"CAST(least({most}, -{mean} * ln(1 - {draw} / {_MANY}.0)) AS INTEGER)"


def _by_end(day: str) -> str:
    """What happened by the last day; the rest has not happened yet."""
    return f"CASE WHEN {day} <= DATE '{LAST}' THEN {day} END"


def _chosen(places: int, classes: int, rows: int) -> dict[str, str]:
    """Who came, how, for what; nothing of it depends on anything else of the row but its draws."""
    far = _hash(63)
    return {
        "place": f"CAST({far} % {places} AS INTEGER)",
        "class": f"CAST({far} // {places} % {classes} AS INTEGER)",
        "petition_id": "CAST((year(registered_on) * 100 + month(registered_on)) * 1000000000 + i AS VARCHAR)",
        "channel": _pick("d0", {"online": 48, "letter": 20, "visit": 24, "phone": 8}),
        "source": _pick("d1", {"local": 62, "superior": 38}),
        "level": _pick("d2", {"国家": 25, "省": 45, "市": 30}),
        "petitioned_on": "registered_on - d3 % 3",
        "village": _one_of("d4", _VILLAGES),
        "point": _pick("d5", {"city_center": 40, "town_station": 40, "village_point": 20}),
        "purpose": _pick("d6", {"求决": 70, "申诉": 12, "意见建议": 8, "揭发控告": 7, "其他": 3}),
        "is_repeat": "CASE WHEN d7 < 2900 THEN TRUE WHEN d7 < 9800 THEN FALSE END",
        "petitioner_key": f"CASE WHEN {_chance('d8', 4)} THEN {_NOBODY} WHEN d7 < 2900 "
        f"THEN md5(CAST({far} % {max(1, rows // 3)} AS VARCHAR)) ELSE md5(CAST(i AS VARCHAR)) END",
        "handling": _pick(
            "d9",
            {"转送": 44, "交办": 20, "受理告知": 15, "督办": 2, "存": 6, "直接回复": 8}
            | {"不予受理": 2, "不再受理": 1, UNFILLED: 2},
        ),
        "route": _pick(
            "d10", {"信访程序": 76, UNFILLED: 15, "诉讼": 4, "行政复议": 3, "仲裁": 1, "行政裁决": 1}
        ),
        "is_litigation": _chance("d11", 3),
        "extension_days": "CASE WHEN d12 < 400 THEN 30 WHEN d12 < 600 THEN 15 ELSE 0 END",
    }


_ENDED = "handling IN ('存', '直接回复', '不予受理', '不再受理')"
_PASSED = "handling IN ('转送', '交办', '督办')"
_VISIT = "channel = 'visit'"

_HISTORY: tuple[dict[str, str], ...] = (
    {
        "source_level": f"CASE WHEN source = 'superior' THEN level ELSE {_NOBODY} END",
        "persons": f"CASE WHEN NOT ({_VISIT}) OR d13 < 6500 THEN 1 WHEN d13 < 9000 THEN 2 + d14 % 3 "
        "WHEN d13 < 9700 THEN 5 + d14 % 16 WHEN d13 < 9950 THEN 21 + d14 % 40 ELSE 61 + d14 % 140 END",
        "service_point": f"CASE WHEN {_VISIT} AND source = 'local' THEN point ELSE {_NOBODY} END",
        "escalation": "CASE WHEN NOT (channel = 'visit') OR d15 > 600 THEN 'none' "
        "WHEN d15 > 200 THEN 'city' WHEN d15 > 50 THEN 'province' ELSE 'beijing' END",
        "responsible_unit": f"CASE WHEN {_chance('d16', 1)} THEN {_NOBODY} "
        f"ELSE county || {_one_of('d16', _BUREAUS)} END",
        "category_1": "class_1",
        "category_2": "class_2",
        "township_given": f"CASE WHEN NOT ({_chance('d16', 0.5)}) THEN town END",
        "transferred_on": _by_end(f"CASE WHEN {_PASSED} THEN registered_on + d17 % 6 END"),
    },
    {
        "returned_on": _by_end(f"CASE WHEN {_chance('d18', 3)} THEN transferred_on + d19 % 12 - 2 END"),
        "accepted_on": _by_end(
            f"CASE WHEN NOT ({_ENDED}) AND d20 < 9850 THEN coalesce(transferred_on, registered_on) "
            "+ 1 + d21 % 9 + CASE WHEN d20 < 400 THEN 12 ELSE 0 END END"
        ),
    },
    {
        "objected_on": _by_end(f"CASE WHEN {_chance('d18', 2)} THEN transferred_on + d19 % 5 END"),
        "replied_on": _by_end(
            f"CASE WHEN {_ENDED} THEN registered_on + 2 + d22 % 18 "
            f"WHEN d23 < 9650 THEN accepted_on + 6 + {_tail('d22', 21, 500)} END"
        ),
        "due_on_given": f"CASE WHEN {_chance('d24', 4)} AND NOT ({_ENDED}) THEN registered_on + 75 END",
    },
    {
        "closed_on_given": _by_end(
            f"CASE WHEN {_ENDED} THEN CASE WHEN d25 < 7000 THEN replied_on END ELSE replied_on + d25 % 4 END"
        ),
        "first_receiver_given": f"CASE WHEN {_chance('d26', 3)} THEN {literal(KEPT)} END",
    },
    {"closed_on": f"coalesce(closed_on_given, CASE WHEN {_ENDED} THEN replied_on END)"},
    {
        "rated": f"closed_on + d27 % 12 <= DATE '{LAST}' AND {_chance('d28', 55)}",
        "resolved": f"closed_on IS NOT NULL AND {_chance('d29', 46)}",
        "review_requested_on": _by_end(f"CASE WHEN {_chance('d30', 2)} THEN closed_on + 5 + d27 % 25 END"),
    },
    {
        "office_rating": f"CASE WHEN rated AND d28 % 10 > 0 THEN "
        f"{_pick('d31', {'满意': 70, '基本满意': 18, '不满意': 12})} ELSE '{UNRATED}' END",
        "unit_rating": f"CASE WHEN rated AND d28 % 7 > 0 THEN "
        f"{_pick('d26', {'满意': 62, '基本满意': 21, '不满意': 17})} ELSE '{UNRATED}' END",
        "rated_on_given": "CASE WHEN rated AND d27 % 12 > 2 THEN closed_on + d27 % 12 END",
        "reviewed_on": _by_end("review_requested_on + 12 + d26 % 22"),
        "review_unit": f"CASE WHEN review_requested_on IS NULL THEN {_NOBODY} ELSE county || '人民政府' END",
        "rereview_requested_on": _by_end("CASE WHEN d26 < 2000 THEN review_requested_on + 40 + d25 % 20 END"),
    },
    {
        "rereviewed_on": _by_end("rereview_requested_on + 14 + d24 % 20"),
        "rereview_unit": f"CASE WHEN rereview_requested_on IS NULL THEN {_NOBODY} ELSE '市人民政府' END",
    },
)


def _band(number: str, bands: Sequence[Member]) -> str:
    least = [(int(band.value.rstrip("+").partition("-")[0]), band.value) for band in bands]
    cases = " ".join(f"WHEN {number} >= {low} THEN '{band}'" for low, band in reversed(least))
    return f"CASE {cases} ELSE {_NOBODY} END"


_SENT_BACK = "returned_on >= transferred_on"
_DERIVED: tuple[dict[str, str], ...] = (
    {
        "township": f"coalesce(township_given, {_NOBODY})",
        "township_raw": f"coalesce(township_given, {_NOBODY})",
        "region_code": f"CASE WHEN township_given IS NULL THEN {_NOBODY} ELSE code || '000' END",
        "area": "CASE WHEN township_given IS NULL THEN 0 ELSE CAST(code AS INTEGER) END",
        "due_on": "coalesce(due_on_given, CASE WHEN route IN ('信访程序', '未填') AND NOT is_litigation "
        "THEN accepted_on + 60 + extension_days END)",
        "rated_on": f"coalesce(rated_on_given, CASE WHEN office_rating <> '{UNRATED}' "
        f"OR unit_rating <> '{UNRATED}' THEN closed_on END)",
        "accept_due_on": "registered_on + 15",
        "unit_accept_due_on": "transferred_on + 15",
        "accept_settled_on": "least(accepted_on, closed_on)",
        "accept_overdue_from": "registered_on + 16",
        "handling_days": "closed_on - registered_on",
        "handling_band": _band("(closed_on - registered_on)", HANDLING_BANDS),
        "persons_band": _band("persons", PERSONS_BANDS),
        "passed_on": f"CASE WHEN NOT coalesce({_SENT_BACK}, FALSE) THEN transferred_on END",
        "sent_back_on": f"CASE WHEN {_SENT_BACK} THEN returned_on END",
        "objection_due_on": "workday",
        "review_due_on": "review_requested_on + 30",
        "rereview_due_on": "rereview_requested_on + 30",
        "first_receiver": f"coalesce(first_receiver_given, CASE WHEN {_PASSED} OR transferred_on IS NOT NULL "
        f"THEN '{PASSED_ON}' WHEN handling <> '{UNFILLED}' THEN '{KEPT}' ELSE {_NOBODY} END)",
    },
    {
        "overdue_from": "CASE WHEN due_on IS NOT NULL THEN greatest(due_on + 1, registered_on) END",
        "soon_from": "CASE WHEN due_on >= registered_on THEN greatest(due_on - 7, registered_on) END",
    },
)

_MADE = frozenset(
    {
        "registered_on",
        "topic_1",
        "topic_2",
        *_chosen(1, 1, 1),
        *(name for step in (*_HISTORY, *_DERIVED) for name in step),
    }
)

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
}
BANDS = {1: "1", 2: "2-4", 5: "5-10", 11: "11-20", 21: "21-50", 51: "51-100", 101: "101+"}
MAY_BE_MISSING = {"is_repeat"}


def derived(dataset: str, rows: Iterable[Row], columns: Iterable[str], site: Any) -> list[Row]:
    """The rows with every column of the contract present, the defaults filled in and the dates worked out."""
    complete = {"petitions": _petition, "backlog": _backlog, "supervisions": lambda row, site: None}[dataset]
    result = []
    for given in rows:
        row = {column: given.get(column) for column in columns}
        for column, value in row.items():
            if value is None and not column.endswith("_on") and column not in MAY_BE_MISSING:
                row[column] = UNFILLED[dataset].get(column, "未填")
        row["township"] = township(row["township"], site)
        complete(row, site)
        result.append(row)
    return result


def township(written: str, site: Any) -> str:
    """The township that a spelling means; 未识别 where nobody knows it."""
    if written == "未填":
        return written
    name = written.strip().removeprefix(site.county)
    for known in site.townships:
        if name in (known.name, *known.aliases) or known.name in (name + "镇", name + "街道"):
            return str(known.name)
    return "未识别"


def _petition(row: Row, site: Any) -> None:
    row["accept_due_on"] = row["registered_on"] + 15 * ONE_DAY
    in_procedure = row["route"] in ("信访程序", "未填") and not row["is_litigation"]
    if row["due_on"] is None and row["accepted_on"] is not None and in_procedure:
        row["due_on"] = row["accepted_on"] + (60 + row["extension_days"]) * ONE_DAY
    if row["closed_on"] is None and row["handling"] in ("存", "直接回复", "不予受理", "不再受理"):
        row["closed_on"] = row["replied_on"]
    if row["rated_on"] is None and is_rated(row):
        row["rated_on"] = row["closed_on"]
    for least, band in BANDS.items():
        if row["persons"] >= least:
            row["persons_band"] = band


def _backlog(row: Row, site: Any) -> None:
    closed = row["verified_on"] if site.backlog_closed_by == "verified" else row["reported_on"]
    returned = row["returned_on"]
    if closed is not None and returned is not None and returned >= closed:
        closed = None
    row["closed_on"] = closed


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
    value = row[dimension]
    if value is None:
        return "未填"
    return str(value).lower() if isinstance(value, bool) else str(value)


def visible(rows: Rows, keep: Filters, scope: str | None) -> list[Row]:
    """The rows that the filters keep and the person looking may see."""
    return [
        row
        for row in rows
        if (scope is None or row["township"] == scope)
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
    used = {ORACLE[metric].dataset for metric in asked.metrics}
    kept = {name: visible(datasets[name], asked.keep, asked.scope) for name in used}
    groups = [dimension for dimension in asked.by if dimension != "month"]
    met = {tuple(member(row, d) for d in groups) for rows in kept.values() for row in rows}
    result: dict[Key, dict[str, Value]] = {}
    for group, (name, first, last) in itertools.product(met if groups else {()}, spans):
        named = dict(zip(groups, group, strict=True), month=name)
        key = tuple(named[dimension] for dimension in asked.by)
        result[key] = {metric: _cell(metric, kept, groups, group, first, last) for metric in asked.metrics}
    return result


def _cell(
    metric: str, kept: Mapping[str, Rows], groups: Sequence[str], group: Key, start: date, last: date
) -> Value:
    rows = [row for row in kept[ORACLE[metric].dataset] if tuple(member(row, d) for d in groups) == group]
    return ORACLE[metric].value(rows, start, last)


def says_something(cells: Mapping[str, Value]) -> bool:
    """At least one number that is not an absent count."""
    return any(value is not None and (value != 0 or isinstance(value, float)) for value in cells.values())

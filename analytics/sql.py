"""The one place where statements are written.

Portable on purpose: CASE, SUM, UNION ALL, comparisons and bound parameters, so that the same statement
runs on DuckDB, Spark and Trino. Nothing that a person typed ever becomes SQL text.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from analytics.catalogue.clocks import Clock
from analytics.contract import (
    AFTER_TERMINATION,
    DATASETS,
    FIRST_ITEM,
    LINKS,
    NO_CODE,
    NO_MATTER,
    REPEAT_ITEM,
    UNFILLED,
    Dataset,
    Field,
    Kind,
)
from analytics.model import (
    AREA,
    LEVELS,
    MONTH,
    OPENING,
    All,
    Any,
    Column,
    Compare,
    Condition,
    In,
    IsNull,
    Level,
    Measure,
    Metric,
    Not,
    Operand,
    Period,
    Selection,
    reach,
)
from analytics.running import MEMORY, SPILLED

Parameter = str | int | bool | date

TYPES = {Kind.TEXT: "VARCHAR", Kind.DATE: "DATE", Kind.INTEGER: "INTEGER", Kind.FLAG: "BOOLEAN"}


@dataclass(frozen=True)
class Statement:
    """SQL text and the values bound to its question marks, in order."""

    text: str
    parameters: tuple[Parameter, ...] = ()


@dataclass(frozen=True)
class Asked:
    """A measure to be summed: over the period's days, or as a stock from the beginning to its last day."""

    measure: Measure
    stock: bool


def quoted(name: str) -> str:
    """An identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text literal, for the few statements that take no parameters (file lists)."""
    return "'" + text.replace("'", "''") + "'"


class _Writer:
    """Renders expressions from left to right and collects what they bind on the way."""

    def __init__(self) -> None:
        self.parameters: list[Parameter] = []

    def bind(self, value: Parameter) -> str:
        self.parameters.append(value)
        return "CAST(? AS DATE)" if isinstance(value, date) else "?"

    def operand(self, operand: Operand) -> str:
        return quoted(operand.name) if isinstance(operand, Column) else self.bind(operand)

    def condition(self, condition: Condition) -> str:
        match condition:
            case Compare(left, operator, right):
                return f"{quoted(left.name)} {operator} {self.operand(right)}"
            case In(column, members):
                return self.within(quoted(column.name), members)
            case IsNull(column):
                return f"{quoted(column.name)} IS NULL"
            case All(parts):
                return self._joined(parts, " AND ") if parts else "TRUE"
            case Any(parts):
                return self._joined(parts, " OR ")
            case Not(part):
                return f"NOT ({self.condition(part)})"
        raise TypeError(f"not a condition: {condition!r}")

    def _joined(self, parts: Iterable[Condition], word: str) -> str:
        return "(" + word.join(self.condition(part) for part in parts) + ")"

    def within(self, expression: str, members: Sequence[str]) -> str:
        marks = ", ".join(self.bind(member) for member in members)
        return f"{expression} IN ({marks})" if members else "FALSE"

    def window(self, asked: Asked, selection: Selection) -> str:
        day = quoted(asked.measure.date)
        if asked.stock:
            return f"{day} <= {self.bind(selection.period.last)}"
        start, last = self.bind(selection.period.start), self.bind(selection.period.last)
        return f"{day} BETWEEN {start} AND {last}"

    def filters(self, dataset: Dataset, selection: Selection) -> str:
        """The members kept and the looker's scope; a dataset without places is in nobody's scope."""
        if selection.scope.confined and AREA not in dataset.by_name:
            return " AND FALSE"
        kept = (*selection.members, *selection.scope.kept)
        return "".join(f" AND {self.kept(dataset, dimension, members)}" for dimension, members in kept)

    def inside(self, code: str) -> str:
        """That the row lies in a place."""
        low, high = reach(code)
        return f"{quoted(AREA)} BETWEEN {self.bind(low)} AND {self.bind(high)}"

    def kept(self, dataset: Dataset, dimension: str, members: Sequence[str]) -> str:
        """That the row's member is one of these; of a level of places their codes, each a range."""
        if dimension not in LEVELS or not members:
            return self.within(member_of(dataset, dimension), members)
        return f"({' OR '.join(map(self.inside, members))})"


def member_of(dataset: Dataset, dimension: str) -> str:
    """The expression that gives the member of a dimension, never NULL: a text, of a level its code."""
    if level := LEVELS.get(dimension):
        # what is divided has no remainder: an engine whose integers divide as integers gives the same
        lowest = f"{quoted(AREA)} - MOD({quoted(AREA)}, {level.width})"
        return f"CAST(({lowest}) / {level.width} AS INTEGER)"
    field = dataset[dimension]
    column = quoted(field.name)
    if field.kind is Kind.FLAG:
        return f"CASE WHEN {column} THEN 'true' WHEN NOT {column} THEN 'false' ELSE '{UNFILLED}' END"
    return column


def blocks(asked: Sequence[Asked]) -> tuple[tuple[Asked, ...], ...]:
    """The measures asked, those together that one date column places in time."""
    days = dict.fromkeys(a.measure.date for a in asked)
    return tuple(tuple(a for a in asked if a.measure.date == day) for day in days)


def select(relation: str, asked: Sequence[Asked], by: Sequence[str], selection: Selection) -> Statement:
    """Sums of measures of one dataset, in one statement.

    One row a group of each block (`blocks`), columns: the block's number, the dimensions of `by` in order
    (month as the number YYYYMM, OPENING for what stood before the period), then a BIGINT for each of the
    block's measures, NULL where no row counted; a block of fewer measures than the widest ends in NULLs.
    """
    dataset, parts = DATASETS[asked[0].measure.dataset], blocks(asked)
    writer, width = _Writer(), max(map(len, parts))
    texts = [_block(writer, dataset, relation, i, part, width, by, selection) for i, part in enumerate(parts)]
    return Statement(" UNION ALL ".join(texts), tuple(writer.parameters))


def listing(
    relation: str,
    dataset: Dataset,
    dimensions: Sequence[str],
    dates: Sequence[str],
    measures: Sequence[Measure],
) -> Statement:
    """One row a row, columns: the dimensions' members, the days, then what it adds to each measure.

    Where it does not count that is NULL; of a measure that counts rows it is 1.
    """
    writer = _Writer()
    keys = [f"{member_of(dataset, name)} AS k{i}" for i, name in enumerate(dimensions)]
    days = [f"{quoted(name)} AS d{i}" for i, name in enumerate(dates)]
    added = [
        f"CASE WHEN {writer.condition(m.where)} THEN {quoted(m.value) if m.value else '1'} END AS m{i}"
        for i, m in enumerate(measures)
    ]
    return Statement(f"SELECT {', '.join(keys + days + added)} FROM {relation}", tuple(writer.parameters))


def select_months(
    relation: str,
    columns: Sequence[tuple[str, str]],
    dataset: Dataset,
    by: Sequence[str],
    selection: Selection,
    first: int,
    last: int,
    apart: bool,
) -> Statement:
    """Sums of columns of a cube over whole months, both YYYYMM, by the dimensions of `by`.

    `columns`: each with the one that counts its rows. `apart`: no two cells are of one group, so that there
    is nothing to add. One row a group, columns: the dimensions in order, then one integer for each column
    asked, NULL where no row counted. Of the selection the members and the scope count.
    """
    writer = _Writer()
    names = [MONTH.name if d == MONTH.name else member_of(dataset, d) for d in by]
    keys = [f"{name} AS k{i}" for i, name in enumerate(names)]
    added = "{}" if apart else "CAST(SUM({}) AS BIGINT)"
    pairs = [(added.format(quoted(column)), added.format(quoted(rows))) for column, rows in columns]
    sums = [f"CASE WHEN {rows} > 0 THEN {column} END AS m{i}" for i, (column, rows) in enumerate(pairs)]
    window = f"{MONTH.name} BETWEEN {writer.bind(first)} AND {writer.bind(last)}"
    text = (
        f"SELECT {', '.join(keys + sums)} FROM {relation} WHERE {window}{writer.filters(dataset, selection)}"
    )
    if by and not apart:
        text += f" GROUP BY {', '.join(str(i + 1) for i in range(len(by)))}"
    return Statement(text, tuple(writer.parameters))


def count_groups(relation: str, dataset: Dataset, by: Sequence[str]) -> Statement:
    """How many combinations of members occur."""
    names = ", ".join(f"{member_of(dataset, name)} AS k{i}" for i, name in enumerate(by)) or "1"
    return Statement(f"SELECT COUNT(*) FROM (SELECT DISTINCT {names} FROM {relation}) AS groups")


def select_stretches(
    relation: str, measure: Measure, ends: Sequence[date], by: Sequence[str], selection: Selection
) -> Statement:
    """How many rows the measure counts, by the dimensions of `by` and by stretches of the selection's days.

    `ends`: the last day of each stretch but the last one, ascending; the first begins with the selection's
    days. One row a group and stretch that has any: the dimensions, the stretch's number from 0, the count.
    """
    dataset, day = DATASETS[measure.dataset], quoted(measure.date)
    writer = _Writer()
    keys = [_key(writer, dataset, d, measure.date, selection) for d in by]
    cases = " ".join(f"WHEN {day} <= {writer.bind(end)} THEN {at}" for at, end in enumerate(ends))
    keys.append(f"CASE {cases} ELSE {len(ends)} END" if ends else "0")
    window = writer.window(Asked(measure, stock=False), selection)
    where = f"{window} AND {writer.condition(measure.where)}{writer.filters(dataset, selection)}"
    places = ", ".join(str(i + 1) for i in range(len(keys)))
    text = f"SELECT {', '.join(keys)}, COUNT(*) FROM {relation} WHERE {where} GROUP BY {places}"
    return Statement(text, tuple(writer.parameters))


def _block(
    writer: _Writer,
    dataset: Dataset,
    relation: str,
    at: int,
    asked: Sequence[Asked],
    width: int,
    by: Sequence[str],
    selection: Selection,
) -> str:
    """The measures that one date column places in time."""
    day = asked[0].measure.date
    keys = [f"{_key(writer, dataset, d, day, selection)} AS k{i}" for i, d in enumerate(by)]
    alike = len({a.stock for a in asked}) == 1  # then the window below is that of each
    sums = [f"{_sum(writer, a, selection, windowed=not alike)} AS m{i}" for i, a in enumerate(asked)]
    sums += [f"CAST(NULL AS BIGINT) AS m{i}" for i in range(len(asked), width)]
    reach = next((a for a in asked if a.stock), asked[0])
    where = writer.window(reach, selection) + writer.filters(dataset, selection)
    text = f"SELECT {', '.join([f'{at} AS block', *keys, *sums])} FROM {relation} WHERE {where}"
    return text + (f" GROUP BY {', '.join(str(i + 2) for i in range(len(by)))}" if by else "")


def _key(writer: _Writer, dataset: Dataset, dimension: str, day: str, selection: Selection) -> str:
    if dimension != MONTH.name:
        return member_of(dataset, dimension)
    column = quoted(day)
    before = f"{column} < {writer.bind(selection.period.start)}"
    month = f"EXTRACT(YEAR FROM {column}) * 100 + EXTRACT(MONTH FROM {column})"
    return f"CASE WHEN {before} THEN {OPENING} ELSE {month} END"


def _sum(writer: _Writer, asked: Asked, selection: Selection, windowed: bool) -> str:
    window = f"{writer.window(asked, selection)} AND " if windowed else ""
    condition = writer.condition(asked.measure.where)
    if asked.measure.value is None:  # a third less work than adding up ones
        return f"NULLIF(COUNT(CASE WHEN {window}{condition} THEN 1 END), 0)"
    return f"CAST(SUM(CASE WHEN {window}{condition} THEN {quoted(asked.measure.value)} END) AS BIGINT)"


def records(
    relation: str, metric: Metric, columns: Sequence[str], selection: Selection, limit: int
) -> Statement:
    """The rows behind a number.

    Columns: what the row adds (to the denominator where there is one), what it adds to the numerator,
    then `columns`; newest first, at most `limit` rows.
    """
    dataset = DATASETS[metric.dataset]
    writer = _Writer()
    counted = _contribution(writer, metric, metric.denominator or metric.numerator, selection)
    met = _contribution(writer, metric, metric.numerator, selection)
    names = ", ".join(quoted(c) for c in columns)
    filters = writer.filters(dataset, selection)
    inner = f"SELECT {counted} AS counted, {met} AS met, {names} FROM {relation} WHERE TRUE{filters}"
    order = f"{quoted(dataset.date)} DESC, {quoted(dataset.key)}"
    kept = f"SELECT * FROM ({inner}) AS r WHERE counted <> 0 OR met <> 0"
    text = f"{kept} ORDER BY {order} LIMIT {writer.bind(limit)}"
    return Statement(text, tuple(writer.parameters))


def of_person(
    relation: str, columns: Sequence[str], code: str, selection: Selection, limit: int
) -> Statement:
    """One petitioner's items by their code, the newest first, whatever the period."""
    writer, dataset = _Writer(), DATASETS["petitions"]
    names = ", ".join(quoted(c) for c in columns)
    somebody = f"petitioner_key = {writer.bind(code)} AND petitioner_key <> '{UNFILLED}'"
    filters = writer.filters(dataset, selection)
    order = f"{quoted(dataset.date)} DESC, {quoted(dataset.key)}"
    kept = f"SELECT {names} FROM {relation} WHERE {somebody}{filters}"
    text = f"{kept} ORDER BY {order} LIMIT {writer.bind(limit)}"
    return Statement(text, tuple(writer.parameters))


def having(relation: str, dataset: Dataset, keys: Sequence[str], selection: Selection) -> Statement:
    """Which of the keys have a row, one a row, whatever the period."""
    writer, key = _Writer(), quoted(dataset.key)
    text = (
        f"SELECT {key} FROM {relation} WHERE {writer.within(key, keys)}{writer.filters(dataset, selection)}"
    )
    return Statement(text, tuple(writer.parameters))


def _contribution(
    writer: _Writer, metric: Metric, terms: Sequence[tuple[int, Measure]], selection: Selection
) -> str:
    parts = []
    for sign, measure in terms:
        window = writer.window(Asked(measure, metric.stock), selection)
        condition = writer.condition(measure.where)
        value = quoted(measure.value) if measure.value else "1"
        parts.append(f"CASE WHEN {window} AND {condition} THEN {sign} * {value} ELSE 0 END")
    return " + ".join(parts)


SOON = (timedelta(days=3), timedelta(days=7))
"""How far ahead a queue looks: the next days, then the rest of the week."""


def waiting(relation: str, clock: Clock, day: date, selection: Selection) -> Statement:
    """What a clock runs for at the end of a day, one row a holder that has anything.

    Columns: the holder (none for the bureau itself), then how many rows are past their day, due on it,
    due in 1–3 days, due in 4–7, and the earliest due date among them.
    """
    writer = _Writer()
    keys = [quoted(clock.holder)] if clock.holder else []
    due, one = quoted(clock.due), timedelta(days=1)
    near, far = (day + ahead for ahead in SOON)
    counts = [f"COUNT(CASE WHEN {due} < {writer.bind(day)} THEN 1 END)"]
    for first, last in ((day, day), (day + one, near), (near + one, far)):
        within = f"{due} BETWEEN {writer.bind(first)} AND {writer.bind(last)}"
        counts.append(f"COUNT(CASE WHEN {within} THEN 1 END)")
    columns = ", ".join([*keys, *counts, f"MIN({due})"])
    text = f"SELECT {columns} FROM {relation} WHERE {_running(writer, clock, day, selection)}"
    text += f" GROUP BY {', '.join(keys)}" if keys else ""
    return Statement(f"{text} HAVING COUNT(*) > 0", tuple(writer.parameters))


def queue(relation: str, clock: Clock, day: date, selection: Selection, limit: int) -> Statement:
    """The rows that `waiting` counts, in the clock's columns: those longest past their day first."""
    writer = _Writer()
    names = ", ".join(quoted(c) for c in clock.columns)
    running = _running(writer, clock, day, selection)
    order = f"{quoted(clock.due)}, {quoted(DATASETS[clock.dataset].key)}"
    text = f"SELECT {names} FROM {relation} WHERE {running} ORDER BY {order} LIMIT {writer.bind(limit)}"
    return Statement(text, tuple(writer.parameters))


def _running(writer: _Writer, clock: Clock, day: date, selection: Selection) -> str:
    """The clock has started, nothing has ended it by the day's end, and its own day is near or past."""
    due = quoted(clock.due)
    parts = [f"{quoted(clock.start)} <= {writer.bind(day)}"]
    parts += [f"({quoted(c)} IS NULL OR {quoted(c)} > {writer.bind(day)})" for c in clock.ended_by]
    parts += [writer.condition(clock.where), f"{due} <= {writer.bind(day + SOON[-1])}"]
    parts += [f"{due} >= {writer.bind(day)}"] if clock.lapses else []
    return " AND ".join(parts) + writer.filters(DATASETS[clock.dataset], selection)


# --- which petitions are of one matter ---------------------------------------------------------------

_TAKEN = (
    *("petition_id", "registered_on", "channel", "source", "township", AREA, "responsible_unit"),
    *("topic_1", "topic_2", "topic_3", "is_repeat", "closed_on"),
)


def touched(before: str, after: str, changed: str) -> str:
    """The petitions of `after` whose links may differ from those of `before`, as a relation.

    They are those listed in `changed`, and all of the petitioners whom these are or were of.
    """
    ids = f"SELECT petition_id FROM {changed}"
    somebody = f"petition_id IN ({ids}) AND petitioner_key <> '{UNFILLED}'"
    whose = [f"SELECT petitioner_key FROM {relation} WHERE {somebody}" for relation in (before, after)]
    by_person = f"petitioner_key IN ({' UNION '.join(whose)})"
    return f"(SELECT * FROM {after} WHERE petition_id IN ({ids}) OR {by_person}) AS touched"


def link(petitions: str, days: int, rule: str) -> Statement:
    """Which matter each petition belongs to, and as which item; one row each.

    Items of one petitioner, level-2 topic and responsible unit follow one another by `registered_on`, then
    `petition_id`. One registered at most `days` after the one before it belongs to the same matter. What
    lacks any of the three stands alone, and so does every petition of nobody known. The petitions must hold
    all items of each petitioner among them. `rule` is written beside each row.
    """
    apart = (
        f"CASE WHEN petitioner_key = '{UNFILLED}' THEN '{NO_CODE}' "
        f"WHEN topic_2 = '{UNFILLED}' OR responsible_unit = '{UNFILLED}' THEN '{NO_MATTER}' END"
    )
    shared = ("petitioner_key", "topic_2", "responsible_unit")
    who, same = ", ".join(shared), " AND ".join(f"items.{c} = shared.{c}" for c in shared)
    order = "ORDER BY registered_on, petition_id"
    one, matter = f"(PARTITION BY {who} {order})", f"(PARTITION BY {who}, matter {order})"
    so_far = f"(PARTITION BY {who} {order} ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)"
    earlier = f"(PARTITION BY {who}, matter {order} ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)"
    begins = f"before_on IS NULL OR registered_on > before_on + INTERVAL '{int(days)}' DAY"
    linked = (
        f"CASE WHEN LAG(petition_id) OVER {matter} IS NULL "
        f"THEN '{FIRST_ITEM}' WHEN MIN(rereviewed_on) OVER {earlier} <= registered_on "
        f"THEN '{AFTER_TERMINATION}' ELSE '{REPEAT_ITEM}' END"
    )
    taken, item = ", ".join(_TAKEN), ", ".join(f"items.{c}" for c in _TAKEN)
    items = f"(SELECT {taken}, petitioner_key, rereviewed_on, {apart} AS apart FROM {petitions}) AS items"
    several = f"SELECT {who} FROM {items} WHERE apart IS NULL GROUP BY {who} HAVING COUNT(*) > 1"
    # most stand alone, and few rows are soon sorted
    among = f"SELECT {item}, items.petitioner_key, rereviewed_on FROM {items} JOIN shared ON {same}"
    steps = f"SELECT *, LAG(registered_on) OVER {one} AS before_on FROM ({among}) AS among"
    matters = (
        f"SELECT *, SUM(CASE WHEN {begins} THEN 1 ELSE 0 END) OVER {so_far} AS matter FROM ({steps}) AS steps"
    )
    text = (
        f"WITH shared AS ({several}) "
        f"SELECT {taken}, {linked} AS linked, FIRST_VALUE(petition_id) OVER {matter} AS matter_id, "
        f"ROW_NUMBER() OVER {matter} AS position, LAG(registered_on) OVER {matter} AS previous_on, "
        f"LAG(closed_on) OVER {matter} AS previous_closed_on, "
        f"LEAD(petition_id) OVER {matter} IS NOT NULL AS followed, ? AS link_rule "
        f"FROM ({matters}) AS matters UNION ALL "
        f"SELECT {item}, COALESCE(apart, '{FIRST_ITEM}'), petition_id, 1, NULL, NULL, FALSE, ? "
        f"FROM {items} LEFT JOIN shared ON {same} WHERE shared.petitioner_key IS NULL"
    )
    return Statement(text, (rule, rule))


def chains(relation: str, columns: Sequence[str], selection: Selection, most: int) -> Statement:
    """The items of the longest matters that have one in the period, in the order in which they came.

    Of links: matters of two items and more by the end of the period, at most `most` of them, the one with
    the most items first, then the one with the latest. Only items that the selection keeps are seen.
    """
    writer, names = _Writer(), ", ".join(f"seen.{quoted(c)}" for c in columns)
    day = quoted("registered_on")
    window = f"{day} <= {writer.bind(selection.period.last)}"
    seen = f"SELECT * FROM {relation} WHERE {window}{writer.filters(LINKS, selection)}"
    longest = (
        f"SELECT matter_id, COUNT(*) AS items, MAX({day}) AS latest FROM seen GROUP BY matter_id "
        f"HAVING COUNT(*) > 1 AND MAX({day}) >= {writer.bind(selection.period.start)} "
        f"ORDER BY items DESC, latest DESC, matter_id LIMIT {writer.bind(most)}"
    )
    text = (
        f"WITH seen AS ({seen}), longest AS ({longest}) SELECT {names} FROM seen JOIN longest "
        f"ON seen.matter_id = longest.matter_id ORDER BY items DESC, latest DESC, seen.matter_id, position"
    )
    return Statement(text, tuple(writer.parameters))


SPELL = (
    "case_id",
    "batch",
    "assigned_on",
    "closed_on",
    "due_on",
    "lead_official",
    "township",
    "responsible_unit",
)
"""What a spell of the backlog is made of, in this order."""


def spells(relation: str, selection: Selection) -> Statement:
    """The backlog's cases under a selection, in the columns of SPELL; its period does not count."""
    writer = _Writer()
    filters = writer.filters(DATASETS["backlog"], selection)
    names = ", ".join(quoted(c) for c in SPELL)
    order = ", ".join(quoted(c) for c in ("assigned_on", "batch", "case_id"))
    text = f"SELECT {names} FROM {relation} WHERE {quoted('assigned_on')} IS NOT NULL{filters}"
    return Statement(f"{text} ORDER BY {order}", tuple(writer.parameters))


def extent(relation: str, dataset: Dataset) -> Statement:
    """Earliest primary date, then the latest of each event date."""
    latest = ", ".join(f"MAX({quoted(day)})" for day in dataset.event_dates)
    return Statement(f"SELECT MIN({quoted(dataset.date)}), {latest} FROM {relation}")


def locked_down(folders: Sequence[str], scratch: str, memory: str = "") -> tuple[str, ...]:
    """Settings that close a DuckDB to everything but the folders (or files), then lock: in their order.

    `scratch`: where what `memory` cannot hold is spilled to; none given: as much as every other database.
    """
    allowed = f"[{', '.join(map(literal, folders))}]"
    return (
        "SET TimeZone = 'Asia/Shanghai'",
        "SET preserve_insertion_order = false",
        f"SET memory_limit = {literal(memory or MEMORY)}",
        f"SET temp_directory = {literal(f'{scratch}/spilled')}",
        f"SET max_temp_directory_size = {literal(SPILLED)}",
        "SET enable_progress_bar = false",
        "SET python_enable_replacements = false",
        "SET autoinstall_known_extensions = false",
        "SET autoload_known_extensions = false",
        "SET allow_community_extensions = false",
        "SET allow_persistent_secrets = false",
        f"SET allowed_directories = {allowed}",
        f"SET allowed_paths = {allowed}",
        "SET enable_external_access = false",
        "SET lock_configuration = true",
    )


def files(paths: Sequence[str]) -> str:
    """Parquet files as a relation; what would start a pattern in a name is taken literally."""
    names = ", ".join(literal(re.sub(r"([*?\[])", r"[\1]", path)) for path in paths)
    return f"read_parquet([{names}], union_by_name = true, hive_partitioning = false)"


def describe(relation: str) -> Statement:
    """Column names of a relation, one a row."""
    return Statement(f"DESCRIBE SELECT * FROM {relation}")


def count(relation: str) -> Statement:
    """Number of rows."""
    return Statement(f"SELECT COUNT(*) FROM {relation}")


def taken(relation: str, dataset: Dataset, present: set[str], level: Level | None = None) -> Statement:
    """Each field of the contract, the default where the relation lacks it.

    `level`: no place below it is told apart.
    """
    columns = ", ".join(_taken_as(f, f.name in present, level) for f in dataset.fields)
    return Statement(f"SELECT {columns} FROM {relation}")


def define(
    name: str,
    dataset: Dataset,
    relation: str,
    present: set[str],
    in_memory: bool,
    level: Level | None = None,
) -> Statement:
    """Makes `name` the dataset's table, of `taken`."""
    kind = "TABLE" if in_memory else "VIEW"
    order = f" ORDER BY {quoted(dataset.date)}" if in_memory else ""
    rows = taken(relation, dataset, present, level)
    return Statement(f"CREATE OR REPLACE {kind} {quoted(name)} AS {rows.text}{order}")


def define_empty(name: str, dataset: Dataset) -> Statement:
    """Makes `name` an empty table of the dataset: one that was never imported."""
    columns = ", ".join(f"{quoted(f.name)} {TYPES[f.kind]}" for f in dataset.fields)
    return Statement(f"CREATE OR REPLACE TABLE {quoted(name)} ({columns})")


def define_coded(
    name: str, dataset: Dataset, relation: str, columns: Collection[str], days: Period
) -> tuple[Statement, ...]:
    """Makes `name` a table of some columns of the relation's rows of some days, and of each text a code.

    A code's type has the name of its column.
    """
    first, last = (literal(day.isoformat()) for day in (days.start, days.end))
    rows = f"FROM {relation} WHERE {quoted(dataset.date)} BETWEEN DATE {first} AND DATE {last}"
    fields = [field for field in dataset.fields if field.name in columns]
    texts = [quoted(field.name) for field in fields if field.kind is Kind.TEXT]
    types = [f"CREATE TYPE {n} AS ENUM (SELECT DISTINCT {n} {rows} AND {n} IS NOT NULL)" for n in texts]
    names = (quoted(field.name) for field in fields)
    taken = ", ".join(f"CAST({n} AS {n}) AS {n}" if n in texts else n for n in names)
    return tuple(map(Statement, (*types, f"CREATE TABLE {quoted(name)} AS SELECT {taken} {rows}")))


def define_cube(name: str, relation: str) -> Statement:
    """Makes `name` a stored cube."""
    return Statement(f"CREATE OR REPLACE VIEW {quoted(name)} AS SELECT * FROM {relation}")


def drop(name: str) -> Statement:
    """Forgets a table made by `define`."""
    return Statement(f"DROP TABLE IF EXISTS {quoted(name)}")


def instead(name: str, view: Statement) -> tuple[Statement, ...]:
    """Replaces a table made by `define` by a view, at one instant."""
    return (
        Statement("BEGIN TRANSACTION"),
        Statement(f"DROP TABLE {quoted(name)}"),
        view,
        Statement("COMMIT"),
    )


# --- the journal (SQLite) -----------------------------------------------------------------------------


JOURNAL_LAYOUT = 1
"""Raise it when the journal's table changes."""


def journal() -> tuple[Statement, ...]:
    """Makes the journal's one table: entries are added, never changed."""
    columns = (
        "id INTEGER PRIMARY KEY, made_at TEXT, store TEXT, kind TEXT, subject TEXT, said TEXT, note TEXT"
    )
    return (
        Statement("PRAGMA journal_mode = WAL"),
        Statement(f"CREATE TABLE entries ({columns}, facts TEXT)"),
        Statement("CREATE INDEX entries_by_subject ON entries (store, kind, subject)"),
        Statement(f"PRAGMA user_version = {JOURNAL_LAYOUT}"),
    )


def ledger_layout() -> Statement:
    """By which layout a ledger was made."""
    return Statement("PRAGMA user_version")


def add_entry(
    made_at: str, store: str, kind: str, subject: str, said: str, note: str, facts: str
) -> Statement:
    """Adds one entry to the journal."""
    names = "made_at, store, kind, subject, said, note, facts"
    values = (made_at, store, kind, subject, said, note, facts)
    return Statement(f"INSERT INTO entries ({names}) VALUES ({', '.join('?' * len(values))})", values)


def entries(store: str, kind: str, subject: str | None = None) -> Statement:
    """The entries of a kind (and a subject) made over a store, in the order in which they were made."""
    given = {"store": store, "kind": kind} | ({} if subject is None else {"subject": subject})
    where = " AND ".join(f"{name} = ?" for name in given)
    text = f"SELECT made_at, subject, said, note, facts FROM entries WHERE {where} ORDER BY id"
    return Statement(text, tuple(given.values()))


AUDIT_LAYOUT = 1
"""Raise it when the audit log's table changes."""


def audit() -> tuple[Statement, ...]:
    """Makes the audit log's one table, in which the database itself refuses to change or delete anything."""
    following = "WHEN NEW.number <> (SELECT COALESCE(MAX(number), 0) + 1 FROM deeds) "
    guards = (
        Statement(
            f"CREATE TRIGGER no_{word.lower()} BEFORE {word} ON deeds {when}"
            "BEGIN SELECT RAISE(ABORT, 'append only'); END"
        )
        for word, when in (("UPDATE", ""), ("DELETE", ""), ("INSERT", following))
    )
    indexes = (
        Statement(f"CREATE INDEX deeds_by_{name} ON deeds ({_told(name)})")
        for name in ("who", "action", "when")
    )
    return (
        Statement("PRAGMA journal_mode = WAL"),
        Statement("CREATE TABLE deeds (number INTEGER PRIMARY KEY, text TEXT NOT NULL, code TEXT NOT NULL)"),
        *guards,
        *indexes,
        Statement(f"PRAGMA user_version = {AUDIT_LAYOUT}"),
    )


def add_deed(number: int, text: str, code: str) -> Statement:
    """Adds one entry to the audit log."""
    return Statement("INSERT INTO deeds (number, text, code) VALUES (?, ?, ?)", (number, text, code))


def last_deed() -> Statement:
    """Number and code of the last entry."""
    return Statement("SELECT number, code FROM deeds ORDER BY number DESC LIMIT 1")


def every_deed() -> Statement:
    """The whole audit log, the oldest first."""
    return Statement("SELECT number, text, code FROM deeds ORDER BY number")


def deeds(kept: Sequence[tuple[str, str, str]], limit: int, before: int | None = None) -> Statement:
    """Entries of the audit log whose fields compare so with a value, the newest first, at most `limit`.

    `before`: only those with a lower number.
    """
    tests = [f"{_told(name)} {sign} ?" for name, sign, _ in kept]
    values: list[str | int] = [value for _, _, value in kept]
    if before is not None:
        tests, values = [*tests, "number < ?"], [*values, before]
    where = f" WHERE {' AND '.join(tests)}" if tests else ""
    text = f"SELECT number, text, code FROM deeds{where} ORDER BY number DESC LIMIT ?"
    return Statement(text, (*values, limit))


def deed_words(name: str) -> Statement:
    """Every value that a field of the audit log's entries holds, in order."""
    told = _told(name)
    return Statement(f"SELECT DISTINCT {told} FROM deeds WHERE {told} IS NOT NULL ORDER BY 1")


def _told(name: str) -> str:
    """A field of an entry; NULL where somebody made the entry unreadable."""
    return f"CASE WHEN json_valid(text) THEN json_extract(text, {literal(f'$.{name}')}) END"


def patience(seconds: float) -> Statement:
    """How long a connection to a ledger waits for another that writes."""
    return Statement(f"PRAGMA busy_timeout = {int(seconds * 1000)}")


def begin_writing() -> Statement:
    """Nobody else writes to the ledger until the transaction ends."""
    return Statement("BEGIN IMMEDIATE")


def _taken_as(field: Field, present: bool, level: Level | None) -> str:
    name = quoted(field.name)
    if not present:
        return f"{_default(field)} AS {name}"
    if level and field.name == AREA:
        return f"{name} - MOD({name}, {level.width}) AS {name}"
    return name


def _default(field: Field) -> str:
    if isinstance(field.default, str):
        return literal(field.default)
    value = "NULL" if field.default is None else str(field.default).upper()
    return f"CAST({value} AS {TYPES[field.kind]})"

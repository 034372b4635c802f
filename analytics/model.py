"""The words of the product as types: what adds up, what is asked, for which days and for whom.

Frozen and hashable throughout, so that a Query is its own cache key. Standard library only.
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cache, cached_property, lru_cache
from typing import Literal, get_args

# --- conditions -----------------------------------------------------------------------------------

Operator = Literal["=", "<>", "<", "<=", ">", ">="]


class Condition:
    """A test on one row. A comparison with a missing value (NULL) is not met, nor is its negation."""

    def __and__(self, other: Condition) -> Condition:
        return All((self, other))

    def __or__(self, other: Condition) -> Condition:
        return Any((self, other))

    def __invert__(self) -> Condition:
        return Not(self)


@dataclass(frozen=True)
class Column:
    """A column of the dataset, named in a condition."""

    name: str

    def eq(self, other: Operand) -> Condition:
        """Equal to a value or another column."""
        return Compare(self, "=", other)

    def ne(self, other: Operand) -> Condition:
        """Different from a value or another column."""
        return Compare(self, "<>", other)

    def __lt__(self, other: Operand) -> Condition:
        return Compare(self, "<", other)

    def __le__(self, other: Operand) -> Condition:
        return Compare(self, "<=", other)

    def __gt__(self, other: Operand) -> Condition:
        return Compare(self, ">", other)

    def __ge__(self, other: Operand) -> Condition:
        return Compare(self, ">=", other)

    def within(self, *members: str) -> Condition:
        """One of the members."""
        return In(self, members)

    def is_null(self) -> Condition:
        """Missing."""
        return IsNull(self)


Operand = Column | str | int | bool


@dataclass(frozen=True)
class Compare(Condition):
    """Column against value or column."""

    left: Column
    operator: Operator
    right: Operand


@dataclass(frozen=True)
class In(Condition):
    """Column is one of the members."""

    column: Column
    members: tuple[str, ...]


@dataclass(frozen=True)
class IsNull(Condition):
    """Column is missing."""

    column: Column


@dataclass(frozen=True)
class All(Condition):
    """Every part holds; no parts: always true."""

    parts: tuple[Condition, ...] = ()


@dataclass(frozen=True)
class Any(Condition):
    """At least one part holds."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True)
class Not(Condition):
    """The part does not hold."""

    part: Condition


ALWAYS: Condition = All()


def tested(condition: Condition) -> frozenset[str]:
    """The names of the columns that a condition looks at."""
    match condition:
        case Compare(left, _, right):
            return frozenset(side.name for side in (left, right) if isinstance(side, Column))
        case In(column) | IsNull(column):
            return frozenset({column.name})
        case All(parts) | Any(parts):
            return frozenset().union(*map(tested, parts))
        case Not(part):
            return tested(part)
    raise TypeError(f"not a condition: {condition!r}")


# --- what is counted ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Measure:
    """可加量: what adds up over rows.

    The sum of `value` (an integer column; None counts rows) over the rows where `where` holds, each
    placed in time by the one DATE column `date`; a row whose date is missing is placed nowhere. Where `where`
    holds, `value` is never missing.
    """

    dataset: str
    date: str
    where: Condition = ALWAYS
    value: str | None = None

    def __hash__(self) -> int:
        """Of all its parts, worked out once: every answer looks measures up."""
        return self._hash

    @cached_property
    def _hash(self) -> int:
        return hash((self.dataset, self.date, self.where, self.value))

    def __reduce__(self) -> tuple[type[Measure], tuple[str, str, Condition, str | None]]:
        """Without the hash, which is another one in another process."""
        return Measure, (self.dataset, self.date, self.where, self.value)

    @property
    def needs(self) -> frozenset[str]:
        """The columns that it is worked out from."""
        return tested(self.where) | {self.date} | ({self.value} if self.value else frozenset())

    def __pos__(self) -> Sum:
        return ((1, self),)

    def __neg__(self) -> Sum:
        return ((-1, self),)


@cache
def counted(measure: Measure) -> Measure:
    """How many rows a measure sums: whether there is anything to sum, even where the sum is 0."""
    return replace(measure, value=None)


Sum = tuple[tuple[int, Measure], ...]
"""Signed measures: (+1 or −1, Measure)…"""


@dataclass(frozen=True)
class Quantile:
    """The least value of the column `by` within which `of_ten` tenths of the counted rows lie."""

    by: str
    of_ten: int


Better = Literal["more", "less"] | None


@dataclass(frozen=True)
class Metric:
    """指标: what people meet about.

    `numerator` [÷ `denominator`], each a sum of signed measures. A flow sums the days of the period, a
    stock (`stock=True`) sums from the beginning to the period's last day. With `quantile` the metric is
    read off the counts of `numerator` by days. A rate is a fraction between 0 and 1, shown in percent.
    `cohort`: its value for a past month can still change, because what it waits for comes later.
    `lacks`: dimensions of its dataset that its rows never fill, so that no filter by them applies.
    `fed_by`: the dataset whose import says to which day it is known, where that is another one.
    """

    name: str
    label: str
    unit: str
    numerator: Sum
    denominator: Sum | None = None
    stock: bool = False
    quantile: Quantile | None = None
    digits: int = 0
    better: Better = None
    cohort: bool = False
    basis: str = ""
    note: str = ""
    fed_by: str = ""
    lacks: tuple[str, ...] = ()

    @property
    def is_rate(self) -> bool:
        """A share of a whole: changes in percentage points."""
        return self.unit == "%"

    @property
    def is_count(self) -> bool:
        """A whole number that adds up: changes in percent."""
        return self.denominator is None and self.quantile is None

    @property
    def measures(self) -> tuple[Measure, ...]:
        """Every measure that it needs, each once."""
        terms = self.numerator + (self.denominator or ())
        return tuple(dict.fromkeys(measure for _, measure in terms))

    @property
    def dataset(self) -> str:
        """The one dataset it is computed from."""
        return self.numerator[0][1].dataset

    @property
    def imported(self) -> str:
        """The dataset whose import bounds the days that it is known for."""
        return self.fed_by or self.dataset


@dataclass(frozen=True)
class Dimension:
    """维度: a column to group and filter by. A closed list gives its members in order, with labels."""

    name: str
    label: str
    members: tuple[tuple[str, str], ...] = ()

    def label_of(self, member: str) -> str:
        """The member as shown to people."""
        return dict(self.members).get(member, member)


MONTH = Dimension("month", "月份")
"""Each measure's own date, as YYYY-MM."""

OPENING = 0
"""Month number, where others are YYYYMM, of what a stock stood at before the period."""

# --- places ---------------------------------------------------------------------------------------

TOWNSHIP_DIGITS = 9
NOWHERE = "0"
"""The code of no place, where others have as many digits as their level."""


@dataclass(frozen=True)
class Level(Dimension):
    """区划级别: the places whose codes are the first `digits` of the nine of a township's.

    Codes nest, so that every place is a range of the integer column `area`.
    """

    digits: int = TOWNSHIP_DIGITS

    @property
    def width(self) -> int:
        """How many codes of nine digits one of its places has."""
        return int(10 ** (TOWNSHIP_DIGITS - self.digits))


AREA = "area"
LEVELS: dict[str, Level] = {
    level.name: level
    for level in (
        Level("province", "省份", digits=2),
        Level("prefecture", "地市", digits=4),
        Level("county", "县区", digits=6),
    )
}
"""The levels above the township, from the highest down: dimensions of every dataset that has `area`."""


def reach(code: str) -> tuple[int, int]:
    """The least and the greatest `area` within a place of any level."""
    if code == NOWHERE:
        return 0, 0
    return int(code.ljust(TOWNSHIP_DIGITS, "0")), int(code.ljust(TOWNSHIP_DIGITS, "9"))


# --- days -----------------------------------------------------------------------------------------


@lru_cache(maxsize=4096)
def month_end(day: date) -> date:
    """The last day of the day's month."""
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def add_months(day: date, months: int) -> date:
    """The same day `months` later, the 31st clipped to the month's last day."""
    index = day.year * 12 + day.month - 1 + months
    first = date(index // 12, index % 12 + 1, 1)
    return first.replace(day=min(day.day, month_end(first).day))


@dataclass(frozen=True)
class Period:
    """期间: the days from `start` to `end`, both included.

    `cut` is the last day with data where that falls before `end` (a month not yet finished); the period
    then counts only up to it and compares with the same days only.
    """

    start: date
    end: date
    cut: date | None = None

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise ValueError(f"期间的止日 {self.end} 早于起日 {self.start}，请改正起止日期")

    @classmethod
    def month(cls, text: str) -> Period:
        """The month written YYYY-MM. Raises ValueError."""
        year, _, month = text.partition("-")
        if not (len(year) == 4 and len(month) == 2 and (year + month).isdecimal() and 1 <= int(month) <= 12):
            raise ValueError(f"月份“{text}”不是 YYYY-MM，例如 2021-11")
        first = date(int(year), int(month), 1)
        return cls(first, month_end(first))

    @classmethod
    def named(cls, text: str) -> Period:
        """A month YYYY-MM, a quarter YYYY-Qn or a year YYYY. Raises ValueError."""
        if len(text) == 4 and text.isdecimal() and int(text):
            return cls(date(int(text), 1, 1), date(int(text), 12, 31))
        year, _, quarter = text.partition("-Q")
        if quarter in ("1", "2", "3", "4"):
            first = cls.month(f"{year}-{int(quarter) * 3 - 2:02d}").start
            return cls(first, month_end(add_months(first, 2)))
        return cls.month(text)

    def until(self, as_of: date) -> Period:
        """The same period with nothing counted after `as_of`."""
        return replace(self, cut=as_of) if as_of < self.end else self

    @property
    def last(self) -> date:
        """The last day that counts; before `start` where nothing of the period has come yet."""
        return min(self.end, self.cut) if self.cut else self.end

    @property
    def shown_end(self) -> date:
        """The last day to print: the last that counts, or `end` where none has come yet."""
        return self.end if self.empty else self.last

    @property
    def empty(self) -> bool:
        """No day of it has data yet."""
        return self.last < self.start

    @property
    def days(self) -> int:
        """How many days count."""
        return max(0, (self.last - self.start).days + 1)

    @property
    def unfinished(self) -> bool:
        """Cut before its end."""
        return self.last < self.end

    def _whole_months(self, last: date) -> bool:
        return self.start.day == 1 and last == month_end(last)

    def shift(self, months: int) -> Period:
        """Whole months to whole months, anything else to the same days, clipped to the month's end."""

        def moved(day: date) -> date:
            shifted = add_months(day, months)
            return month_end(shifted) if self._whole_months(day) else shifted

        return Period(add_months(self.start, months), moved(self.end), moved(self.cut) if self.cut else None)

    def year_ago(self) -> Period:
        """同比: the same days a year before; February with all of February."""
        return self.shift(-12)

    def previous(self) -> Period:
        """环比: as many whole months before, or the N days before an N-day range."""
        if self._whole_months(self.end):
            span = (self.end.year - self.start.year) * 12 + self.end.month - self.start.month + 1
            return self.shift(-span)
        before = self.start - timedelta(days=1)
        return Period(before - timedelta(days=max(self.days, 1) - 1), before)

    def year_to_date(self) -> Period:
        """累计: from 1 January of the year in which it ends."""
        return replace(self, start=self.end.replace(month=1, day=1))

    def by_month(self) -> tuple[Period, ...]:
        """Its months up to the last day that counts, the first and the last possibly partial."""
        months = []
        start = self.start
        while start <= self.last:
            end = min(month_end(start), self.end)
            months.append(Period(start, end, self.cut if self.cut and self.cut < end else None))
            if end == date.max:
                break
            start = month_end(start) + timedelta(days=1)
        return tuple(months)


EVER = Period(date.min, date.max)
"""All days."""

# --- what is asked --------------------------------------------------------------------------------

Comparison = Literal["none", "previous", "year_ago"]


Right = Literal["counts", "records", "people", "decide", "data", "import", "audit"]
"""What a person may do: see numbers; see the rows behind them; look a petitioner up; write down decisions,
mark warnings and issue briefs; see what was imported; import; read the audit log."""
RIGHTS: frozenset[Right] = frozenset(get_args(Right))


@dataclass(frozen=True)
class Scope:
    """范围: what the person looking may see and do.

    `township` None sees every township. `area`: the code of the province, prefecture or county that all lies
    in, empty for everything.
    """

    township: str | None = None
    rights: frozenset[Right] = RIGHTS
    area: str = ""

    def within(self, other: Scope) -> Scope:
        """What both allow; nothing where they name two townships, or places that do not nest."""
        apart = None not in (self.township, other.township) and self.township != other.township
        wider, area = sorted((self.area, other.area), key=len)
        apart = apart or not area.startswith(wider)
        rights = frozenset() if apart else self.rights & other.rights
        return Scope(self.township or other.township, rights, area)

    @property
    def rows(self) -> Scope:
        """Which rows are seen, whoever looks: what makes two numbers numbers of the same thing."""
        return Scope(self.township, area=self.area)

    @property
    def kept(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """What is seen as members kept, of a level by code."""
        levels = tuple(name for name, level in LEVELS.items() if level.digits == len(self.area))
        if self.area and not levels:
            raise ValueError(f"{self.area} is no code of a province, prefecture or county")
        township = (("township", (self.township,)),) if self.township is not None else ()
        return (*((name, (self.area,)) for name in levels), *township)

    @property
    def confined(self) -> bool:
        """Less than everything is seen: of what lies nowhere, nothing."""
        return self.township is not None or bool(self.area)

    def covers(self, other: Scope) -> bool:
        """Whoever has this one sees all that whoever has the other sees."""
        return self.township in (None, other.township) and other.area.startswith(self.area)


EVERYTHING = Scope()


@dataclass(frozen=True)
class Selection:
    """筛选: a period, the members kept (same dimension = or, different = and), and the looker's scope."""

    period: Period
    members: tuple[tuple[str, tuple[str, ...]], ...] = ()
    scope: Scope = EVERYTHING

    def keep(self, dimension: str, *members: str) -> Selection:
        """The same selection narrowed to these members of one more dimension."""
        return replace(self, members=(*self.members, (dimension, members)))

    def only(self, dimensions: frozenset[str] | set[str]) -> Selection:
        """Without the filters on other dimensions."""
        return replace(self, members=tuple(m for m in self.members if m[0] in dimensions))


@dataclass(frozen=True)
class Query:
    """Metrics × dimensions × Selection: the cache key.

    `versions`: of every dataset that it reads, or whose import says to which day the metrics are known.
    """

    metrics: tuple[str, ...]
    by: tuple[str, ...]
    selection: Selection
    versions: tuple[tuple[str, int], ...]
    compare: Comparison = "none"
    as_of: date = field(default=date.max)

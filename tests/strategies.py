"""Generated rows and questions: small on purpose, and crowded around the days where numbers go wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

Row = dict[str, Any]

FIRST_DAY, LAST_DAY = date(2019, 11, 20), date(2021, 4, 10)

EDGES = [
    date(2019, 11, 30),
    date(2019, 12, 31),
    date(2020, 1, 1),
    date(2020, 1, 17),
    date(2020, 1, 31),
    date(2020, 2, 1),
    date(2020, 2, 13),
    date(2020, 2, 14),
    date(2020, 2, 28),
    date(2020, 2, 29),
    date(2020, 3, 1),
    date(2020, 3, 31),
    date(2020, 4, 30),
    date(2020, 9, 27),
    date(2020, 12, 31),
    date(2021, 1, 1),
    date(2021, 2, 1),
    date(2021, 2, 6),
    date(2021, 2, 15),
    date(2021, 2, 28),
    date(2021, 3, 1),
]
"""Ends of months, half-months and years, a leap day, days about holidays, days with deadlines on them."""

TOWNSHIPS = [
    *("兴田街道", "宁中", "宁中镇", "兴宁市宁中镇", "新陂镇", "外地某镇", None),
    *("城关镇", "城关镇", "丰顺县城关", "大埔县"),
]
CODES = [None, None, None, "441481102000", "441422", "441423101203", "441481", "不详"]
"""Of districts, as exports bring them beside the township's name."""


def days() -> st.SearchStrategy[date]:
    """A day near an edge; now and then any day."""
    near = st.builds(lambda day, shift: day + timedelta(shift), st.sampled_from(EDGES), st.integers(-1, 1))
    return st.one_of(near, near, near, st.dates(FIRST_DAY, LAST_DAY))


def _after(draw: st.DrawFn, *origins: date | None, least: date) -> date | None:
    """One of the origins −1, 0 or +1 day, never before `least`; or nothing."""
    known = [origin for origin in origins if origin is not None]
    if not known or draw(st.integers(0, 3)) == 0:
        return None
    return max(least, draw(st.sampled_from(known)) + timedelta(draw(st.integers(-1, 1))))


@st.composite
def petition(draw: st.DrawFn) -> Row:
    """One item as a file brings it, its dates around its deadlines."""

    def pick(*members: Any) -> Any:
        return draw(st.sampled_from(members))

    def later(day: date | None, number: int) -> date | None:
        return day + timedelta(number) if day else None

    registered = draw(days())
    transferred = pick(None, registered, later(registered, 2))
    accepted = _after(
        draw, later(registered, 1), later(registered, 15), later(transferred, 15), least=registered
    )
    extension = pick(None, 0, 0, 30)
    own_due = pick(
        None, None, None, registered, later(registered, -3), later(registered, 6), later(registered, 30)
    )
    due = own_due or later(accepted, 60 + (extension or 0))
    replied = _after(draw, due, later(registered, 3), least=registered)
    closed = _after(
        draw,
        *(due, later(registered, 1), later(due, -7)),
        *(later(registered, days) for days in (7, 15, 30, 90)),
        least=registered,
    )
    review, rereview = pick(None, later(replied, 30)), pick(None, registered)
    return {
        "registered_on": registered,
        "channel": pick("letter", "visit", "visit", "online", "phone"),
        "source": pick(None, "local", "local", "superior"),
        "source_level": pick(None, None, "省", "市"),
        "persons": pick(None, 1, 2, 4, 5, 5, 10, 11, 20, 21, 9999),
        "township": pick(*TOWNSHIPS),
        "region_code": pick(*CODES),
        "service_point": pick(None, "city_center", "town_station", "village_point"),
        "responsible_unit": pick(None, "甲单位", "乙单位", "007", "7", "true"),
        "purpose": pick(None, "求决", "意见建议"),
        "category_1": pick(None, "城乡建设", "劳动和社会保障", "环境保护"),
        "category_2": pick(None, "环境污染", "环境污染"),
        "petitioner_key": pick(None, "甲", "甲", "乙"),
        "is_repeat": pick(None, True, False, False),
        "escalation": pick(None, "none", "city", "province", "beijing"),
        "handling": pick(None, "转送", "受理告知", "存", "直接回复"),
        "route": pick(None, "信访程序", "信访程序", "诉讼", "某种新途径"),
        "is_litigation": pick(None, False, False, True),
        "transferred_on": transferred,
        "objected_on": _after(draw, transferred, later(transferred, 7), least=registered),
        "returned_on": _after(draw, transferred, later(transferred, 10), least=registered),
        "accepted_on": accepted,
        "replied_on": replied,
        "extension_days": extension,
        "due_on": own_due,
        "closed_on": closed,
        "review_requested_on": review,
        "reviewed_on": _after(draw, later(review, 30), least=registered),
        "rereview_requested_on": rereview,
        "rereviewed_on": _after(draw, later(rereview, 30), least=registered),
        "office_rating": pick(None, "满意", "基本满意", "不满意", "未评价"),
        "unit_rating": pick(None, "满意", "基本满意", "不满意", "未评价"),
        "rated_on": pick(None, None, later(closed, 3)),
        "resolved": pick(None, True, False),
        "first_receiver": pick(None, None, None, "首接首办", "转出"),
    }


@st.composite
def backlog_case(draw: st.DrawFn) -> Row:
    """One case; some come back after they were reported or verified."""

    def pick(*members: Any) -> Any:
        return draw(st.sampled_from(members))

    assigned = draw(days())
    due = pick(None, assigned, assigned - timedelta(2), assigned + timedelta(30), assigned + timedelta(90))
    reported = _after(draw, assigned, due, least=assigned)
    verified = reported and pick(None, reported, reported + timedelta(1), reported + timedelta(40))
    return {
        "batch": pick("第一批", "第二批"),
        "assigned_on": assigned,
        "due_on": due,
        "township": pick(*TOWNSHIPS),
        "region_code": pick(*CODES),
        "responsible_unit": pick(None, "甲单位", "007"),
        "category_1": pick(None, "城乡建设", "环境保护"),
        "lead_official": pick(None, "某副市长", "某常委"),
        "reported_on": reported,
        "verified_on": verified,
        "returned_on": _after(draw, reported, verified, least=reported) if reported else None,
        "resolved_on": _after(draw, reported, least=assigned),
    }


@st.composite
def supervision(draw: st.DrawFn) -> Row:
    """One order with its feedback around the time limit."""

    def pick(*members: Any) -> Any:
        return draw(st.sampled_from(members))

    issued = draw(days())
    due = pick(None, issued, issued - timedelta(1), issued + timedelta(7), issued + timedelta(30))
    return {
        "issued_on": issued,
        "ordered_by": pick(None, "领导批示", "上级信访部门", "省委巡视组", "中央生态环保督察组"),
        "method": pick(None, "线上督办", "实地督办"),
        "supervisor": pick(None, "督办员甲", "督办员乙"),
        "online_times": pick(None, 0, 1, 7),
        "onsite_times": pick(None, 0, 2),
        "township": pick(*TOWNSHIPS),
        "region_code": pick(*CODES),
        "responsible_unit": pick(None, "甲单位", "007"),
        "due_on": due,
        "feedback_on": _after(draw, issued, due, least=issued),
        "outcome": pick(None, "已化解", "已办结", "整改中"),
        "disposition": pick(None, "解决问题到位", "依法处理"),
        "proposal": pick(None, "改进工作", "完善政策", "追究责任", "无"),
        "proposal_adopted_on": pick(None, issued, issued + timedelta(40)),
    }


OFFICIALS = ["市领导一", "市领导二", "市领导三", "市领导一、市领导二", "某镇领导"]
AT_HOME = ["市综合服务中心", "兴宁中学", "示例市民政局"]
OUT_THERE = ["宁中", "新陂镇便民服务中心", "宁中镇与新陂镇交界", "示例市教育局", "市教育局会议室"]


@st.composite
def reception(draw: st.DrawFn) -> Row:
    """One session of a leader, about a day on which one was due."""

    def pick(*members: Any) -> Any:
        return draw(st.sampled_from(members))

    return {
        "held_on": draw(reception_days() | reception_days() | days()),
        "official": pick(None, *OFFICIALS),
        "official_level": pick(None, "city", "city", "city", "township"),
        "form": pick(None, "定点接访", "约访", "约访", "下访", "下访", "随机接访"),
        "place": pick(None, *AT_HOME, *OUT_THERE),
        "batches": pick(None, 0, 1, 12),
        "persons": pick(None, 0, 2, 30),
        "promised": pick(None, 0, 0, 3),
        "resolved": pick(None, 0, 2, 5),
    }


def reception_days() -> st.SearchStrategy[date]:
    """The 15th or 28th of a month; now and then the day before or a day after."""
    return st.builds(
        lambda day, number, shift: day.replace(day=number) + timedelta(shift),
        *(st.sampled_from(EDGES), st.sampled_from([15, 28]), st.sampled_from([0, 0, 0, -1, 1, 2])),
    )


UNITS = {
    "city": [None, "示例信访局"],
    "township": ["兴田街道", "宁中", "宁中镇", "新陂镇", "外地某镇"],
    "department": ["示例市教育局", "市教育局", "示例市民政局", "无此单位"],
    "village": ["甲村", "乙村", "丙村", "兴田街道甲村", "丙村委会", "宁中镇丙村委会", "丁村"],
}
"""Who screens at each level, in spellings of all kinds."""


@st.composite
def screening(draw: st.DrawFn) -> Row:
    """One round, about the ends of its windows."""

    def pick(*members: Any) -> Any:
        return draw(st.sampled_from(members))

    level = pick(None, *UNITS)
    return {
        "held_on": draw(days()),
        "level": level,
        "unit": pick(*(name for names in UNITS.values() for name in names if name))
        if draw(st.integers(0, 4)) == 0 or level in (None, "city")
        else pick(*UNITS[level]),
        "township": pick(*TOWNSHIPS),
        "region_code": pick(*CODES),
        "found": pick(None, 0, 0, 2, 11),
        "resolved": pick(None, 0, 2, 12),
        "lead_official": pick(None, "市领导一"),
    }


@st.composite
def activity(draw: st.DrawFn) -> Row:
    """Publicity, or what was done about a violation."""

    def pick(*members: Any) -> Any:
        return draw(st.sampled_from(members))

    return {
        "held_on": draw(days()),
        "kind": pick(None, "普法宣传", "训诫", "行政处罚", "别的处置"),
        "township": pick(*TOWNSHIPS),
        "region_code": pick(*CODES),
        "count": pick(None, 0, 1, 40),
    }


ROWS = {
    "petitions": petition(),
    "backlog": backlog_case(),
    "supervisions": supervision(),
    "receptions": reception(),
    "screenings": screening(),
    "activities": activity(),
}
KEYS = {
    "petitions": "petition_id",
    "backlog": "case_id",
    "supervisions": "supervision_id",
    "receptions": "reception_id",
    "screenings": "screening_id",
    "activities": "activity_id",
}


@st.composite
def rows(draw: st.DrawFn, dataset: str, sizes: Sequence[int] = (1, 12, 30)) -> list[Row]:
    """Rows of a dataset, numbered; about as many as one of the sizes."""
    least = draw(st.sampled_from(sizes))
    found = draw(st.lists(ROWS[dataset], min_size=least, max_size=least + 4))
    return [{KEYS[dataset]: str(number)} | row for number, row in enumerate(found, start=1)]


@st.composite
def rosters(draw: st.DrawFn) -> dict[str, Any]:
    """What a site may say otherwise about what is owed, as its settings."""

    def pick(*members: Any) -> Any:
        return draw(st.sampled_from(members))

    return {
        "receptions_since": pick(None, date(2020, 1, 1), date(2020, 2, 14)),
        "screenings_since": pick(None, date(2019, 12, 30), date(2020, 2, 1), date(2020, 2, 15)),
        "receptions_moved": pick(False, True),
        "cadences": (
            ("city", pick("month", "half_month")),
            ("township", pick("half_month", "half_month", "month")),
            ("department", "half_month"),
            ("village", pick("week", "week", "half_month")),
        ),
        "repeat_days": pick(365, 365, 60, 1),
    }


def covering(found: Sequence[Row]) -> st.SearchStrategy[date | None]:
    """To which day the rows may be declared complete, if to any: before, on or after their last."""
    last: date = max(row["held_on"] for row in found)
    return st.sampled_from([None, None, *(last + timedelta(days) for days in (-20, 0, 1, 40))])


# --- questions --------------------------------------------------------------------------------------

PLACES = {
    "township": ["宁中镇", "兴田街道", "新陂镇", "未识别", "未填", "坭陂镇"],
    "county": ["兴宁市", "大埔县", "丰顺县", "未填"],
    "prefecture": ["梅州市", "未填"],
    "province": ["广东省", "未填"],
}
EVERYWHERE = PLACES | {
    "responsible_unit": ["甲单位", "乙单位", "007", "7", "true", "未填"],
}
CATEGORY = {
    "category_1": ["城乡建设", "劳动和社会保障", "环境保护", "未填"],
    "topic_1": ["城乡建设", "生态环境", "未填"],
}
LEVEL = {"level": ["city", "township", "department", "village", "未填"]}
MEMBERS = {
    "petitions": EVERYWHERE
    | CATEGORY
    | {
        "channel": ["letter", "visit", "online", "phone"],
        "source": ["local", "superior"],
        "is_repeat": ["true", "false", "未填"],
        "escalation": ["none", "city", "province", "beijing"],
        "handling": ["转送", "受理告知", "存", "直接回复", "未填"],
        "handling_band": ["0-7", "8-15", "16-30", "31-60", "61-90", "91+", "未填"],
        "service_point": ["city_center", "town_station", "village_point", "未填"],
        "first_receiver": ["首接首办", "转出", "未填"],
        "route": ["信访程序", "诉讼", "某种新途径", "未填"],
        "topic_2": ["环境污染", "环境污染与生态破坏", "未填"],
        "persons_band": ["1", "2-4", "5-10", "11-20", "21-50", "101+"],
        "is_litigation": ["true", "false"],
        "office_rating": ["满意", "基本满意", "不满意", "未评价"],
        "resolved": ["true", "false"],
    },
    "backlog": EVERYWHERE
    | CATEGORY
    | {"batch": ["第一批", "第二批"], "lead_official": ["某副市长", "某常委", "未填"]},
    "supervisions": EVERYWHERE
    | {
        "ordered_by": ["领导批示", "上级信访部门", "省委巡视组", "未填"],
        "method": ["线上督办", "实地督办", "未填"],
        "supervisor": ["督办员甲", "督办员乙", "未填"],
        "outcome": ["已化解", "已办结", "整改中", "未填"],
        "disposition": ["解决问题到位", "依法处理", "未填"],
        "proposal": ["改进工作", "追究责任", "无", "未填"],
    },
    "receptions": {
        "official": ["市领导一", "市领导二", "某镇领导", "未填"],
        "official_level": ["city", "township", "未填"],
        "form": ["定点接访", "约访", "下访", "随机接访", "未填"],
        "place": ["宁中镇", "宁中", "市综合服务中心", "未填"],
    },
    "screenings": PLACES | LEVEL | {"unit": ["兴田街道", "宁中", "甲村", "示例市教育局"]},
    "activities": PLACES | {"kind": ["普法宣传", "训诫", "别的处置", "未填"]},
    "duties": PLACES
    | LEVEL
    | {
        "rule": ["reception_day", "visit", "screening"],
        "unit": ["兴宁市", "宁中镇", "甲村", "示例市教育局", "市教育局", "未填"],
        "official": ["市领导一", "市领导二", "未填"],
        "reception_day": ["15日", "28日", "未填"],
        "window": ["2020-02上", "2020-02", "2020-02-15", "2020-W01", "2020-W53"],
        "done": ["true", "false"],
    },
    "links": EVERYWHERE
    | {
        "topic_1": CATEGORY["topic_1"],
        "channel": ["letter", "visit", "online", "phone"],
        "source": ["local", "superior"],
        "topic_2": ["环境污染", "环境污染与生态破坏", "未填"],
        "is_repeat": ["true", "false", "未填"],
        "linked": ["first", "repeat", "after_termination", "no_code", "no_matter"],
        "followed": ["true", "false"],
    },
}
"""Dimensions by dataset, and members that are filtered by: some of them no row has."""


@dataclass(frozen=True)
class Question:
    """What is asked, in plain words of the command."""

    metrics: tuple[str, ...]
    by: tuple[str, ...]
    start: date
    end: date
    as_of: date
    where: tuple[tuple[str, tuple[str, ...]], ...]
    compare: str
    scope: str | None


@st.composite
def question(draw: st.DrawFn, datasets: Mapping[str, Sequence[str]], turns: Sequence[date]) -> Question:
    """A question over metrics (by dataset) whose days begin and end where something in the rows turns."""
    chosen = draw(st.lists(st.sampled_from(sorted(datasets)), min_size=1, max_size=2, unique=True))
    names = sorted(name for dataset in chosen for name in datasets[dataset])
    metrics = draw(st.lists(st.sampled_from(names), min_size=1, max_size=6, unique=True) | st.just(names))
    used = [dataset for dataset in chosen if set(metrics) & set(datasets[dataset])]
    members = {name: known for name, known in MEMBERS[used[0]].items() if name in MEMBERS[used[-1]]}
    by = draw(st.lists(st.sampled_from(["month", "month", *members]), max_size=2, unique=True))
    kept = st.lists(st.sampled_from(sorted(members)), max_size=2, unique=True) if members else st.just([])
    where = draw(kept)
    turn = st.sampled_from(turns) | days()
    start, end = sorted((draw(turn), draw(turn)))
    if draw(st.booleans()):
        start = start.replace(day=1)
    return Question(
        metrics=tuple(metrics),
        by=tuple(by),
        start=start,
        end=end,
        as_of=draw(turn | st.just(end)),
        where=tuple(
            (name, tuple(draw(st.lists(st.sampled_from(members[name]), min_size=1, max_size=3))))
            for name in where
        ),
        compare=draw(st.sampled_from(["none", "previous", "year_ago"])),
        scope=draw(st.sampled_from([None, None, "宁中镇", "兴田街道", "4414", "441422"])),
    )

"""The clocks that run against a bureau: from which day, to which day, with whom, and what ends each."""

from __future__ import annotations

from dataclasses import dataclass, replace

from analytics.catalogue import basis
from analytics.catalogue.duties import FED_BY
from analytics.contract import DATASETS, RECEPTION_DAY, SCREENING, VISIT
from analytics.model import ALWAYS, Column, Condition


@dataclass(frozen=True)
class Clock:
    """时限: something owed by a last day. `label` is its name on the screen and in the address.

    It runs over the rows where `where` holds, from the date `start`, until one of the dates `ended_by`
    has come; `due` is its last day. `holder`: the column that says with whom it lies, empty for the
    bureau itself. `told`: the columns that say what it is about. `limit`: its length in words.
    `working`: it counts working days. `lapses`: after its day nothing can be done any more, so it is
    never overdue. `fed_by`: the dataset whose import makes it run, where that is another one.
    """

    name: str
    label: str
    dataset: str
    start: str
    due: str
    ended_by: tuple[str, ...]
    holder: str
    told: tuple[str, ...]
    limit: str
    basis: str
    where: Condition = ALWAYS
    working: bool = False
    lapses: bool = False
    fed_by: str = ""

    @property
    def imported(self) -> str:
        """The dataset whose import makes it run."""
        return self.fed_by or self.dataset

    @property
    def columns(self) -> tuple[str, ...]:
        """What a list of its rows shows; a key that the import made up says nothing to anybody."""
        key = DATASETS[self.dataset][DATASETS[self.dataset].key]
        names = ("" if key.derived else key.name, self.holder, *self.told, self.start, self.due)
        return tuple(name for name in names if name)


def _petition(
    name: str,
    label: str,
    start: str,
    due: str,
    ended_by: tuple[str, ...],
    limit: str,
    basis: str,
    holder: str = "responsible_unit",
) -> Clock:
    # Whoever else it lies with, the responsible unit has the file.
    unit = () if holder == "responsible_unit" else ("responsible_unit",)
    told = ("township", *unit, "topic_2")
    return Clock(name, label, "petitions", start, due, ended_by, holder, told, limit, basis)


def _duty(name: str, label: str, holder: str, told: tuple[str, ...], basis: str) -> Clock:
    """What is owed within a window; done has no date, so it is done on whatever day one looks."""
    return Clock(
        *(name, label, "duties", "window_start", "window_end", (), holder, told),
        limit="窗口内（过期即缺）",
        basis=basis,
        where=Column("rule").eq(name) & ~Column("done").eq(True),
        lapses=True,
        fed_by=FED_BY[name],
    )


PETITION_CLOCKS = (
    _petition(
        "transfer",
        "登记转送",
        "registered_on",
        "accept_due_on",
        ("passed_on", "accepted_on", "closed_on"),
        "15日",
        basis.TRANSFER,
        holder="",
    ),
    _petition(
        "acceptance",
        "受理告知",
        "transferred_on",
        "unit_accept_due_on",
        ("accepted_on", "sent_back_on", "closed_on"),
        "15日",
        basis.ACCEPTANCE,
    ),
    replace(
        _petition(
            "objection",
            "提出异议",
            "transferred_on",
            "objection_due_on",
            ("objected_on", "accepted_on", "sent_back_on", "closed_on"),
            "5个工作日（过期失权）",
            basis.OBJECTION,
        ),
        working=True,
        lapses=True,
    ),
    _petition(
        "closure",
        "办结答复",
        "registered_on",
        "due_on",
        ("closed_on",),
        "受理后60日＋批准延期",
        basis.CLOSURE,
    ),
    _petition(
        "review",
        "复查",
        "review_requested_on",
        "review_due_on",
        ("reviewed_on",),
        "30日",
        basis.REVIEW,
        holder="review_unit",
    ),
    _petition(
        "rereview",
        "复核",
        "rereview_requested_on",
        "rereview_due_on",
        ("rereviewed_on",),
        "30日",
        basis.REREVIEW,
        holder="rereview_unit",
    ),
)

CLOCKS = (
    *PETITION_CLOCKS,
    Clock(
        "backlog",
        "积案办结",
        "backlog",
        "assigned_on",
        "due_on",
        ("closed_on",),
        "lead_official",
        ("batch", "township", "responsible_unit"),
        "交办时限",
        basis.EXECUTIVE,
    ),
    Clock(
        "feedback",
        "督办反馈",
        "supervisions",
        "issued_on",
        "due_on",
        ("feedback_on",),
        "supervisor",
        ("township", "responsible_unit"),
        "反馈时限",
        basis.SUPERVISION,
    ),
    _duty(SCREENING, "按期排查", "unit", ("township",), basis.SCREENING),
    _duty(VISIT, "领导下访", "official", (), basis.RECEPTION),
    _duty(RECEPTION_DAY, "接访日", "", ("reception_day",), basis.RECEPTION),
)
"""Every clock, those that the regulations set first."""

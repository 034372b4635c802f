"""Metrics over the backlog of repeat cases, batch by batch."""

from dataclasses import replace

from analytics.catalogue import basis
from analytics.model import Better, Column, Measure, Metric, Sum

_closed, _due = Column("closed_on"), Column("due_on")
_assigned = Measure("backlog", "assigned_on")
_closing = Measure("backlog", "closed_on")


def _stock(name: str, label: str, numerator: Sum, better: Better, note: str) -> Metric:
    return Metric(name, label, "宗", numerator, stock=True, better=better, basis=basis.EXECUTIVE, note=note)


METRICS = (
    _stock("backlog_assigned", "积案交办", +_assigned, None, "期末累计交办"),
    _stock("backlog_reported", "申报办结", +Measure("backlog", "reported_on"), "more", "期末累计申报办结"),
    _stock("backlog_closed", "积案办结", +_closing, "more", "期末累计办结；办结后又被退回的不计"),
    _stock("backlog_resolved", "息诉罢访", +Measure("backlog", "resolved_on"), "more", "期末累计息诉罢访"),
    _stock("backlog_remaining", "积案剩余", +_assigned + -_closing, "less", "期末已交办而未办结"),
    replace(
        _stock("backlog_closure_rate", "积案办结率", +_closing, "more", "期末累计办结 ÷ 累计交办"),
        unit="%",
        digits=1,
        denominator=+_assigned,
    ),
    _stock(
        "backlog_overdue",
        "超期未办结积案",
        +Measure("backlog", "overdue_from", _closed.is_null() | (_closed > _due))
        + -Measure("backlog", "closed_on", _closed > _due),
        "less",
        "期末未办结且已过办结时限",
    ),
    Metric(
        "backlog_closed_in_period",
        "本期办结积案",
        "宗",
        +_closing,
        better="more",
        basis=basis.EXECUTIVE,
        note="本期内办结的积案",
    ),
)

"""Metrics over supervision orders: issued, answered on time, resolved, outstanding."""

from dataclasses import replace

from analytics.catalogue import basis
from analytics.model import Column, Measure, Metric, Sum

_due, _feedback, _outcome = Column("due_on"), Column("feedback_on"), Column("outcome")
_issued = Measure("supervisions", "issued_on")
PROPOSED = Column("proposal").within("改进工作", "完善政策", "追究责任")
INSPECTION = Column("ordered_by").within("省委巡视组", "中央生态环保督察组")
_feedback_given = Measure("supervisions", "feedback_on")


def _followups(name: str, label: str, column: str) -> Metric:
    measure = Measure("supervisions", "issued_on", value=column)
    return Metric(name, label, "次", +measure, basis=basis.SUPERVISION, note="按督办日期归入期间")


def _outstanding(name: str, label: str, numerator: Sum, note: str) -> Metric:
    return Metric(name, label, "件", numerator, stock=True, better="less", basis=basis.SUPERVISION, note=note)


METRICS = (
    Metric("supervised", "督办件", "件", +_issued, basis=basis.SUPERVISION, note="本期发出的督办"),
    Metric(
        "feedback_on_time_rate",
        "按期反馈率",
        "%",
        +Measure("supervisions", "due_on", _feedback <= _due),
        +Measure("supervisions", "due_on"),
        digits=1,
        better="more",
        basis=basis.SUPERVISION,
        note="时限内反馈的 ÷ 有反馈时限的；计入反馈时限所在月份",
    ),
    Metric(
        "supervision_resolution_rate",
        "督办化解率",
        "%",
        +Measure("supervisions", "issued_on", _outcome.eq("已化解")),
        +_issued,
        digits=1,
        better="more",
        cohort=True,
        basis=basis.SUPERVISION,
        note="结果为已化解的 ÷ 督办件；按督办日期归入期间",
    ),
    Metric(
        "inspection_supervised",
        "巡视督察交办督办",
        "件",
        +replace(_issued, where=INSPECTION),
        basis=basis.SUPERVISION,
        note="督办来源为省委巡视组、中央生态环保督察组的督办",
    ),
    Metric(
        "proposals",
        "三项建议",
        "条",
        +replace(_issued, where=PROPOSED),
        basis=basis.SUPERVISION,
        note="提出的改进工作、完善政策、追究责任的建议；按督办日期",
    ),
    Metric(
        "proposal_adoption_rate",
        "建议采纳率",
        "%",
        +replace(_issued, where=PROPOSED & ~Column("proposal_adopted_on").is_null()),
        +replace(_issued, where=PROPOSED),
        digits=1,
        better="more",
        cohort=True,
        basis=basis.SUPERVISION,
        note="已采纳的 ÷ 提出的三项建议；按督办日期归入期间",
    ),
    _outstanding("supervision_outstanding", "未反馈督办", +_issued + -_feedback_given, "期末已发出而未反馈"),
    _outstanding(
        "supervision_overdue",
        "逾期未反馈",
        +Measure("supervisions", "overdue_from", _feedback.is_null() | (_feedback > _due))
        + -Measure("supervisions", "feedback_on", _feedback > _due),
        "期末未反馈且已过反馈时限",
    ),
    _followups("online_followups", "线上督办次数", "online_times"),
    _followups("onsite_followups", "实地督办次数", "onsite_times"),
)

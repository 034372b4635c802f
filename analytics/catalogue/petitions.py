"""Metrics over petitions: volumes, first and repeat, time limits, satisfaction, what is open."""

from dataclasses import replace

from analytics.catalogue import basis
from analytics.contract import KEPT, UNFILLED
from analytics.model import ALWAYS, Column, Condition, Measure, Metric, Quantile

_channel, _source, _persons = Column("channel"), Column("source"), Column("persons")
_repeat, _escalation = Column("is_repeat"), Column("escalation")
_accepted, _replied, _closed = Column("accepted_on"), Column("replied_on"), Column("closed_on")
_due, _soon = Column("due_on"), Column("soon_from")
_accept_due, _unit_accept_due = Column("accept_due_on"), Column("unit_accept_due_on")
_accept_settled = Column("accept_settled_on")
_office, _unit = Column("office_rating"), Column("unit_rating")

LOCAL = _source.eq("local")
SUPERIOR = _source.eq("superior")
VISIT = LOCAL & _channel.eq("visit")
GROUP_VISIT = VISIT & (_persons >= 5)
SERVED = Column("service_point").ne(UNFILLED)
KEPT_THERE = Column("first_receiver").eq(KEPT)
GRASSROOTS = Column("service_point").within("town_station", "village_point")
FIRST = _repeat.eq(False)
REPEAT = _repeat.eq(True)


def _count(date: str, where: Condition = ALWAYS, value: str | None = None) -> Measure:
    return Measure("petitions", date, where, value)


def _volume(name: str, label: str, where: Condition, unit: str = "件", note: str = "") -> Metric:
    measure = _count("registered_on", where, "persons" if unit == "人次" else None)
    return Metric(name, label, unit, +measure, better="less", basis=basis.STATISTICS, note=note)


def _rate(name: str, label: str, met: Measure, all_: Measure, basis_: str, note: str) -> Metric:
    return Metric(name, label, "%", +met, +all_, digits=1, better="more", basis=basis_, note=note)


def _satisfaction(name: str, label: str, rating: Column) -> Metric:
    rated = _count("rated_on", rating.ne("未评价"))
    satisfied = replace(rated, where=rating.within("满意", "基本满意"))
    note = "（满意 + 基本满意）÷ 已评价；按评价日期统计"
    return replace(_rate(name, label, satisfied, rated, basis.STATISTICS, note), cohort=True)


_ESCALATED = tuple(
    _volume(f"escalated_{to}", label, _escalation.eq(to), "批", note="批次；不限来源")
    for to, label in (("city", "到市访"), ("province", "赴省访"), ("beijing", "进京访"))
)

VOLUMES = (
    _volume("petitions", "信访总量", ALWAYS, note="全部登记件，来访按批计；含上级交办"),
    _volume("persons", "信访人次", ALWAYS, "人次", note="各件人数之和"),
    _volume("letters", "来信", LOCAL & _channel.eq("letter"), note="本级受理；上级交办另计"),
    _volume("visits", "来访批次", VISIT, "批", note="本级受理；一次来访为一批"),
    _volume("visit_persons", "来访人次", VISIT, "人次", note="本级受理来访的人数之和"),
    _volume("group_visits", "集体访批次", GROUP_VISIT, "批", note="5 人及以上的来访"),
    _volume("group_visit_persons", "集体访人次", GROUP_VISIT, "人次", note="5 人及以上来访的人数之和"),
    _volume("online", "网上信访", LOCAL & _channel.eq("online"), note="本级受理；上级交办另计"),
    _volume("phone", "来电", LOCAL & _channel.eq("phone"), note="本级受理；上级交办另计"),
    _volume("superior_assigned", "上级交办", SUPERIOR, note="上级交办转送，不论信访形式；不再计入来信、来访"),
    *_ESCALATED,
    _volume("first_petitions", "初件", FIRST, note="初重件未填的不计"),
    _volume("repeat_petitions", "重件", REPEAT, note="初重件未填的不计"),
)

SHARES = (
    Metric(
        "repeat_rate",
        "重复信访率",
        "%",
        +_count("registered_on", REPEAT),
        +_count("registered_on", FIRST | REPEAT),
        digits=1,
        better="less",
        basis=basis.STATISTICS,
        note="重件 ÷（初件 + 重件）；未填的不计",
    ),
    Metric(
        "online_share",
        "网信占比",
        "%",
        +_count("registered_on", _channel.eq("online")),
        +_count("registered_on"),
        digits=1,
        better="more",
        basis=basis.STATISTICS,
        note="网上信访（不限来源）÷ 信访总量",
    ),
)

_litigation, _route = Column("is_litigation").eq(True), Column("route")
_transferred = _count("transferred_on")
_served = _count("registered_on", SERVED)


ROUTES = (
    _volume("litigation_related", "涉法涉诉件", _litigation, note="标为涉法涉诉的信访件（诉访分离）"),
    replace(
        _rate(
            "litigation_share",
            "涉法涉诉占比",
            _count("registered_on", _litigation),
            _count("registered_on"),
            basis.SEPARATION,
            "涉法涉诉件 ÷ 信访总量",
        ),
        better=None,
    ),
    _volume(
        "routed_elsewhere",
        "导入其他途径件",
        ~_route.within("信访程序", UNFILLED),
        note="办理途径不是信访程序的（复议、诉讼、仲裁、行政裁决等）；未填的不计",
    ),
    Metric(
        "objections",
        "提出异议件",
        "件",
        +_count("objected_on"),
        better="less",
        basis=basis.OBJECTION,
        note="责任单位提出异议的；按提出异议日期",
    ),
    Metric(
        "returned",
        "退回件",
        "件",
        +_count("returned_on"),
        better="less",
        basis=basis.OBJECTION,
        note="转送后被退回（交还）的；按退回日期",
    ),
    replace(
        _rate(
            "misrouting_rate",
            "转送退回率",
            replace(_transferred, where=~Column("returned_on").is_null()),
            _transferred,
            basis.OBJECTION,
            "转送、交办件中后来被退回的 ÷ 转送、交办件；按转送日期",
        ),
        better="less",
        cohort=True,
    ),
)

SERVICE = (
    _volume(
        "service_intake", "服务网络受理", SERVED, note="在市中心、镇街站、村居点受理的；受理点未填的不计"
    ),
    _rate(
        "first_receiver_rate",
        "首接首办率",
        replace(_served, where=SERVED & KEPT_THERE),
        replace(_served, where=SERVED & Column("first_receiver").ne(UNFILLED)),
        basis.GRASSROOTS,
        "首接单位自己办理的 ÷ 服务网络受理件（办理方式未填的不计）",
    ),
    replace(
        _rate(
            "grassroots_solution_rate",
            "基层就地解决率",
            replace(_served, where=GRASSROOTS & KEPT_THERE & ~_closed.is_null()),
            _served,
            basis.GRASSROOTS,
            "在镇街站、村居点由首接单位办结的 ÷ 服务网络受理件；按登记日期",
        ),
        cohort=True,
    ),
)

REVIEWS = tuple(
    Metric(name, label, "件", +_count(day), basis=basis_, note=f"按{label[:-1]}日期")
    for name, label, day, basis_ in (
        ("review_requests", "申请复查件", "review_requested_on", basis.REVIEW),
        ("reviewed", "复查答复件", "reviewed_on", basis.REVIEW),
        ("rereview_requests", "申请复核件", "rereview_requested_on", basis.REREVIEW),
        ("rereviewed", "复核答复件", "rereviewed_on", basis.REREVIEW),
    )
)

_first_due = _count("due_on", FIRST)
_superior_due = _count("due_on", SUPERIOR)
_closed_items = _count("closed_on")

TIMELINESS = (
    _rate(
        "timely_acceptance_rate",
        "按期受理率",
        _count("accept_due_on", FIRST & (_accepted <= _accept_due)),
        _count("accept_due_on", FIRST),
        basis.TRANSFER,
        "初件中登记后 15 日内受理的 ÷ 初件；计入受理期限所在月份",
    ),
    _rate(
        "unit_timely_acceptance_rate",
        "责任单位按期受理率",
        _count("unit_accept_due_on", FIRST & (_accepted <= _unit_accept_due)),
        _count("unit_accept_due_on", FIRST),
        basis.ACCEPTANCE,
        "已转送初件中转送后 15 日内受理的 ÷ 已转送初件；计入期限所在月份",
    ),
    _rate(
        "on_time_reply_rate",
        "按期答复率",
        replace(_first_due, where=FIRST & (_replied <= _due)),
        _first_due,
        basis.CLOSURE,
        "初件中期限内答复的 ÷ 有办理期限的初件；计入办理期限所在月份",
    ),
    _rate(
        "on_time_closure_rate",
        "按期办结率",
        replace(_first_due, where=FIRST & (_closed <= _due)),
        _first_due,
        basis.CLOSURE,
        "初件中期限内办结的 ÷ 有办理期限的初件；计入办理期限所在月份",
    ),
    _rate(
        "superior_on_time_closure_rate",
        "上级交办件按时办结率",
        replace(_superior_due, where=SUPERIOR & (_closed <= _due)),
        _superior_due,
        basis.CLOSURE,
        "上级交办件（不论初重）期限内办结的 ÷ 有办理期限的上级交办件",
    ),
)


def _evaluation(name: str, label: str, rated: Condition, whom: str) -> Metric:
    note = f"对{whom}作出评价的 ÷ 办结件；按办结日期统计"
    met = replace(_closed_items, where=rated)
    return replace(_rate(name, label, met, _closed_items, basis.STATISTICS, note), cohort=True)


SATISFACTION = (
    _evaluation("evaluation_rate", "参评率", _office.ne("未评价") | _unit.ne("未评价"), "信访部门或责任单位"),
    _evaluation("office_evaluation_rate", "信访部门参评率", _office.ne("未评价"), "信访部门"),
    _evaluation("unit_evaluation_rate", "责任单位参评率", _unit.ne("未评价"), "责任单位"),
    _satisfaction("office_satisfaction", "信访部门满意率", _office),
    _satisfaction("unit_satisfaction", "责任单位满意率", _unit),
)

_late = _closed.is_null() | (_closed > _due)
_acceptance_late = _accept_settled.is_null() | (_accept_settled > _accept_due)

STOCKS = (
    Metric(
        "open",
        "在办",
        "件",
        +_count("registered_on") + -_closed_items,
        stock=True,
        better="less",
        basis=basis.CLOSURE,
        note="期末已登记而未办结",
    ),
    Metric(
        "overdue",
        "超期未办结",
        "件",
        +_count("overdue_from", _late) + -_count("closed_on", _closed > _due),
        stock=True,
        better="less",
        basis=basis.CLOSURE,
        note="期末在办且已过办理期限",
    ),
    Metric(
        "due_soon",
        "7 日内到期",
        "件",
        +_count("soon_from", _closed.is_null() | (_closed > _soon))
        + -_count("closed_on", (_closed > _soon) & (_closed <= _due))
        + -_count("overdue_from", ~_soon.is_null() & _late),
        stock=True,
        better="less",
        basis=basis.CLOSURE,
        note="期末在办且办理期限在当日起 7 日内",
    ),
    Metric(
        "acceptance_overdue",
        "超期未受理",
        "件",
        +_count("accept_overdue_from", _acceptance_late)
        + -_count("accept_settled_on", _accept_settled > _accept_due),
        stock=True,
        better="less",
        basis=basis.TRANSFER,
        note="期末在办、已过受理期限（登记后 15 日）而未受理",
    ),
)


def _days(name: str, label: str, of_ten: int, note: str) -> Metric:
    quantile = Quantile("handling_days", of_ten)
    return Metric(
        name, label, "天", +_closed_items, quantile=quantile, better="less", basis=basis.CLOSURE, note=note
    )


HANDLING = (
    Metric(
        "closed", "办结", "件", +_closed_items, better="more", basis=basis.CLOSURE, note="本期办结的信访件"
    ),
    Metric(
        "mean_days",
        "平均办理天数",
        "天",
        +replace(_closed_items, value="handling_days"),
        +_closed_items,
        digits=1,
        better="less",
        basis=basis.CLOSURE,
        note="登记至办结的天数之和 ÷ 办结件",
    ),
    _days("median_days", "办理天数中位数", 5, "半数办结件在此天数之内"),
    _days("p90_days", "九成件办理天数", 9, "九成办结件在此天数之内"),
)

METRICS = VOLUMES + SHARES + ROUTES + SERVICE + TIMELINESS + REVIEWS + SATISFACTION + STOCKS + HANDLING

"""The chart library: each figure is a question and a mark; pages, slides and briefs list figures."""

from __future__ import annotations

from analytics.answers import Figure, Where
from analytics.catalogue import METRICS
from analytics.contract import RECEPTION_DAY, VISIT
from analytics.insight.explained import SHOWN
from analytics.model import Comparison

TREND = Figure(
    "trend",
    "信访总量近两年怎样变化？",
    "line",
    ("petitions",),
    ("month",),
    span="two_years",
    compare="year_ago",
)
TOWNSHIPS = Figure(
    "townships",
    "哪些镇街最多？比上年同期呢？",
    "ranking",
    ("petitions",),
    ("township",),
    compare="year_ago",
    complete=True,
)
TOPICS = Figure(
    "topics",
    "群众反映最多的是什么？",
    "ranking",
    ("petitions",),
    ("topic_1",),
    compare="year_ago",
)
CHANNELS = Figure("channels", "各镇街的信访形式怎样构成？", "stack", ("petitions",), ("township", "channel"))
SOURCES = Figure(
    "sources", "本级受理与上级交办各有多少，形式怎样构成？", "stack", ("petitions",), ("source", "channel")
)
TOWNSHIP_MONTHS = Figure(
    "township_months",
    "哪个镇街在哪个月集中？",
    "heatmap",
    ("petitions",),
    ("township", "month"),
    span="two_years",
    complete=True,
)
ONE_TOWNSHIP = Figure(
    "one_township",
    "一个镇街与其他镇街相比如何？",
    "band",
    ("petitions",),
    ("township", "month"),
    span="two_years",
)
OVERDUE_BY_TOWNSHIP = Figure(
    "overdue_by_township", "超期未办结的在哪里？", "ranking", ("overdue",), ("township",)
)
BATCHES = Figure(
    "batches",
    "各批次积案办到哪一步？",
    "progress",
    ("backlog_closed", "backlog_assigned", "backlog_reported", "backlog_resolved", "backlog_overdue"),
    ("batch",),
)
BURN_DOWN = Figure(
    "burn_down",
    "各批次交办后剩余怎样下降？",
    "burndown",
    ("backlog_remaining",),
    ("batch", "month"),
    span="all",
)
BACKLOG_BY_TOWNSHIP = Figure(
    "backlog_by_township", "剩余积案在哪些镇街？", "ranking", ("backlog_remaining",), ("township",)
)
BACKLOG_BY_OFFICIAL = Figure(
    "backlog_by_official", "剩余积案由谁包案？", "ranking", ("backlog_remaining",), ("lead_official",)
)
SUPERVISION_SOURCES = Figure(
    "supervision_sources",
    "督办从哪里来，结果怎样？",
    "stack",
    ("supervised",),
    ("ordered_by", "outcome"),
    span="year",
)
SUPERVISORS = Figure(
    "supervisors",
    "每位督办人督办多少，结果怎样？",
    "stack",
    ("supervised",),
    ("supervisor", "outcome"),
    span="year",
)
SUPERVISION_METHODS = Figure(
    "supervision_methods", "用了哪些督办方式？", "stack", ("supervised",), ("method", "outcome"), span="year"
)
FEEDBACK = Figure(
    "feedback", "督办按期反馈得怎样？", "line", ("feedback_on_time_rate",), ("month",), span="two_years"
)
OUTSTANDING = Figure(
    "outstanding", "谁手里还有未反馈的督办？", "ranking", ("supervision_outstanding",), ("supervisor",)
)
REPEAT_FUNNEL = Figure(
    "repeat_funnel",
    "哪个镇街的重复信访率与众不同？",
    "funnel",
    ("repeat_rate",),
    ("township",),
    span="twelve_months",
)

# 来信来访
WAYS_IN = Figure(
    "ways_in",
    "各种信访形式近两年怎样变化？",
    "line",
    ("letters", "visits", "online", "phone", "superior_assigned"),
    ("month",),
    span="two_years",
    compare="year_ago",
)
VISITS = Figure(
    "visits", "来访批次怎样变化？", "line", ("visits",), ("month",), span="two_years", compare="year_ago"
)
VISIT_PERSONS = Figure(
    "visit_persons",
    "来访人次怎样变化？",
    "line",
    ("visit_persons",),
    ("month",),
    span="two_years",
    compare="year_ago",
)
SUPERIOR_LEVELS = Figure(
    "superior_levels",
    "上级交办来自哪一级？",
    "ranking",
    ("superior_assigned",),
    ("source_level",),
    compare="year_ago",
)
GROUP_SIZES = Figure(
    "group_sizes",
    "集体访的规模怎样？",
    "bars",
    ("group_visits",),
    ("persons_band",),
    compare="year_ago",
    where=(("persons_band", ("5-10", "11-20", "21-50", "51-100", "101+")),),
)
PURPOSES = Figure(
    "purposes", "群众来访来信为的什么？", "ranking", ("petitions",), ("purpose",), compare="year_ago"
)
FIRST_OR_REPEAT = Figure(
    "first_or_repeat", "各种形式里初件、重件各多少？", "stack", ("petitions",), ("channel", "is_repeat")
)
ESCALATIONS = Figure(
    "escalations",
    "到市、赴省、进京访怎样变化？",
    "line",
    ("escalated_city", "escalated_province", "escalated_beijing"),
    ("month",),
    span="two_years",
    compare="year_ago",
)
ESCALATED_FROM = Figure(
    "escalated_from",
    "越级访来自哪些镇街？",
    "stack",
    ("petitions",),
    ("township", "escalation"),
    span="year",
    where=(("escalation", ("city", "province", "beijing")),),
)

# 办理质效
TIMELY = Figure(
    "timely",
    "初信初访的三率近两年怎样？",
    "line",
    ("timely_acceptance_rate", "on_time_reply_rate", "on_time_closure_rate"),
    ("month",),
    span="two_years",
)
SATISFIED = Figure(
    "satisfied",
    "群众对信访部门、责任单位满意吗？",
    "line",
    ("office_satisfaction", "unit_satisfaction"),
    ("month",),
    span="two_years",
)
HANDLING_DAYS = Figure(
    "handling_days",
    "办结件用了多少天？",
    "bars",
    ("closed",),
    ("handling_band",),
    compare="year_ago",
)
DAYS_TREND = Figure(
    "days_trend",
    "一半、九成的办结件在多少天之内？",
    "line",
    ("median_days", "p90_days"),
    ("month",),
    span="two_years",
)
SLOW_UNITS = Figure(
    "slow_units", "超期未办结的在哪些责任单位？", "ranking", ("overdue",), ("responsible_unit",)
)

# 热点问题
TOPIC_TREE = Figure(
    "topic_tree",
    "都反映些什么？（点进去看下一级）",
    "treemap",
    ("petitions",),
    ("topic_1", "topic_2", "topic_3"),
)
TOPIC_CHANGES = Figure(
    "topic_changes",
    "哪些问题比上年同期多了、少了？",
    "change",
    ("petitions",),
    ("topic_2",),
    compare="year_ago",
    most=14,
)
TOPICS_2 = Figure(
    "topics_2", "具体是什么问题？", "ranking", ("petitions",), ("topic_2",), compare="year_ago", most=15
)
TOPICS_3 = Figure(
    "topics_3", "再具体些呢？", "ranking", ("petitions",), ("topic_3",), compare="year_ago", most=15
)
TOWNSHIP_TOPICS = Figure(
    "township_topics",
    "各类问题集中在哪里？",
    "heatmap",
    ("petitions",),
    ("township", "topic_1"),
    complete=True,
)

# 初信初访包案
FIRST_HAND = (("ordered_by", ("全员包案",)),)
CARRIED = Figure(
    "carried",
    "每人包案多少，结果怎样？",
    "stack",
    ("supervised",),
    ("supervisor", "outcome"),
    span="year",
    where=FIRST_HAND,
)
CARRIED_ONLINE = Figure(
    "carried_online",
    "每人线上督办多少次？",
    "ranking",
    ("online_followups",),
    ("supervisor",),
    span="year",
    where=FIRST_HAND,
)
CARRIED_ONSITE = Figure(
    "carried_onsite",
    "每人实地督办多少次？",
    "ranking",
    ("onsite_followups",),
    ("supervisor",),
    span="year",
    where=FIRST_HAND,
)
CARRIED_WHERE = Figure(
    "carried_where",
    "包案件在哪些镇街？",
    "stack",
    ("supervised",),
    ("township", "outcome"),
    span="year",
    where=FIRST_HAND,
)

# 领导接访下访
RECEPTION_CALENDAR = Figure(
    "reception_calendar",
    "接访日都有领导接访吗？",
    "heatmap",
    ("reception_day_compliance",),
    ("reception_day", "month"),
    span="two_years",
    where=(("rule", (RECEPTION_DAY,)),),
)
VISIT_CALENDAR = Figure(
    "visit_calendar",
    "每位领导每月都下访了吗？",
    "heatmap",
    ("visit_compliance",),
    ("official", "month"),
    span="two_years",
    where=(("rule", (VISIT,)),),
)
LEADER_VISITS = Figure(
    "leader_visits",
    "每月都下访了吗？",
    "heatmap",
    ("visit_compliance",),
    ("rule", "month"),
    span="two_years",
    where=(("rule", (VISIT,)),),
)
RECEIVED_BY = Figure(
    "received_by", "每位领导接待多少批？", "stack", ("reception_batches",), ("official", "form"), span="year"
)
RECEIVED_PERSONS = Figure(
    "received_persons",
    "每位领导接待多少人次？",
    "ranking",
    ("reception_persons",),
    ("official",),
    span="year",
)
RECEIVED_AT = Figure(
    "received_at", "到哪里接访？", "ranking", ("reception_batches",), ("place",), span="year"
)
PROMISES = Figure(
    "promises",
    "接访交办的事项化解了多少？",
    "ranking",
    ("reception_resolution_rate", "reception_promises"),
    ("official",),
    span="year",
)
RECEPTION_TREND = Figure(
    "reception_trend",
    "接访批次怎样变化？",
    "line",
    ("reception_batches",),
    ("month",),
    span="two_years",
    compare="year_ago",
)

# 矛盾排查
SCREENING_LEVELS = Figure(
    "screening_levels",
    "各级都按期排查了吗？",
    "bars",
    ("screening_compliance", "screenings_due", "screenings_missed"),
    ("level",),
    span="period",
)


def _rounds(name: str, question: str, level: str, rows: str) -> Figure:
    return Figure(
        name,
        question,
        "heatmap",
        ("screening_compliance",),
        (rows, "window"),
        span="half_year",
        where=(("level", (level,)),),
        complete=rows == "township",
    )


CITY_ROUNDS = _rounds("city_rounds", "市级按期排查了吗？", "city", "unit")
TOWNSHIP_ROUNDS = _rounds("township_rounds", "哪个镇街漏了哪一次？", "township", "township")
DEPARTMENT_ROUNDS = _rounds("department_rounds", "哪个市直单位漏了哪一次？", "department", "unit")
VILLAGE_ROUNDS = _rounds("village_rounds", "各镇街的村居都按期排查了吗？", "village", "township")
DISPUTES = Figure(
    "disputes",
    "排查出多少纠纷，化解多少？",
    "line",
    ("disputes_found", "disputes_resolved"),
    ("month",),
    span="two_years",
    compare="year_ago",
)
DISPUTES_BY_TOWNSHIP = Figure(
    "disputes_by_township",
    "纠纷在哪些镇街排查出来？",
    "ranking",
    ("disputes_found",),
    ("township",),
    compare="year_ago",
    complete=True,
)
DISPUTES_OPEN = Figure(
    "disputes_open", "排查出来至今没有化解的在哪里？", "ranking", ("disputes_outstanding",), ("township",)
)

# 综合服务中心
INTAKE = Figure(
    "intake", "市中心、镇街站、村居点各受理多少？", "line", ("service_intake",), ("month",), span="two_years"
)
INTAKE_POINTS = Figure(
    "intake_points",
    "各级受理点受理的，首接单位自己办了多少？",
    "stack",
    ("service_intake",),
    ("service_point", "first_receiver"),
    span="year",
)
INTAKE_TOWNSHIPS = Figure(
    "intake_townships",
    "各镇街的事在哪一级受理？",
    "stack",
    ("service_intake",),
    ("township", "service_point"),
    span="year",
)
KEPT_WHERE = Figure(
    "kept_where", "哪些镇街首接首办得多？", "ranking", ("first_receiver_rate",), ("township",), span="year"
)

# 依法分类与信访秩序
ROUTES = Figure("routes", "依法分类到哪些途径？", "ranking", ("petitions",), ("route",), compare="year_ago")
LITIGATION = Figure(
    "litigation",
    "涉法涉诉件怎样变化？",
    "line",
    ("litigation_related",),
    ("month",),
    span="two_years",
    compare="year_ago",
)
ROUTES_BY_TOPIC = Figure(
    "routes_by_topic",
    "哪类问题走哪条途径？",
    "stack",
    ("routed_elsewhere",),
    ("topic_1", "route"),
    span="year",
)
RETURNED_BY = Figure(
    "returned_by", "哪些单位提出异议？", "ranking", ("objections",), ("responsible_unit",), span="year"
)
PUBLICITY = Figure(
    "publicity", "普法宣传做了多少？", "line", ("publicity_sessions",), ("month",), span="two_years"
)
MEASURES = Figure(
    "measures",
    "对违法行为作了哪些处置？",
    "ranking",
    ("order_measures",),
    ("kind",),
    span="year",
    compare="year_ago",
)

# 重复信访
LINKED_TREND = Figure(
    "linked_trend",
    "按关联算与按导出标记算，重复率差多少？",
    "line",
    ("linked_repeat_rate", "repeat_rate"),
    ("month",),
    span="two_years",
)
LINKED_TOWNSHIPS = Figure(
    "linked_townships",
    "哪些镇街的关联重复件最多？",
    "ranking",
    ("linked_repeats",),
    ("township",),
    compare="year_ago",
    complete=True,
)
LINKED_TOPICS = Figure(
    "linked_topics",
    "哪些问题重复最多？",
    "ranking",
    ("linked_repeats",),
    ("topic_2",),
    compare="year_ago",
    most=15,
)

# 督查督办，第二眼
INSPECTED = (("ordered_by", ("省委巡视组", "中央生态环保督察组")),)
INSPECTION_OUTCOMES = Figure(
    "inspection_outcomes",
    "巡视、督察交办的办到哪一步？",
    "stack",
    ("inspection_supervised",),
    ("ordered_by", "outcome"),
    span="year",
)
DISPOSITIONS = Figure(
    "dispositions", "三到位一处理落实得怎样？", "ranking", ("supervised",), ("disposition",), span="year"
)
PROPOSALS = Figure(
    "proposals",
    "提了哪些建议，采纳多少？",
    "ranking",
    ("proposals", "proposal_adoption_rate"),
    ("proposal",),
    span="year",
)


def changes(metric: str, by: tuple[str, ...], compare: Comparison, where: Where = ()) -> Figure:
    """Where the difference of any metric lies: its waterfall by one to three dimensions."""
    question = f"{METRICS[metric].label}的变化来自哪里？"
    name = f"changes-{metric}-{'-'.join(by)}-{compare}"
    return Figure(name, question, "waterfall", (metric,), by, compare=compare, where=where, most=SHOWN)


FIGURES: dict[str, Figure] = {f.name: f for f in list(vars().values()) if isinstance(f, Figure)}
"""Every figure by name."""

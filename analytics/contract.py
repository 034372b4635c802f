"""The data contract: every dataset, its columns, what they hold, and how exports name them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from functools import cached_property

from analytics.model import AREA

UNFILLED = "未填"
UNKNOWN_TOWNSHIP = "未识别"
UNRATED = "未评价"


class Kind(Enum):
    """What a column holds."""

    TEXT = "文本"
    DATE = "日期"
    INTEGER = "整数"
    FLAG = "是否"


@dataclass(frozen=True)
class Member:
    """One value of a closed or well-known list: as stored, as shown, and as exports also write it."""

    value: str
    label: str = ""
    aliases: tuple[str, ...] = ()

    @property
    def shown(self) -> str:
        """The label, which is the value itself where the value is Chinese."""
        return self.label or self.value


@dataclass(frozen=True)
class Field:
    """One column of a dataset.

    `members` with `closed` is the whole list (anything else is rejected), without it the usual values.
    `default` is stored where nothing is given. `low`–`high` bound an integer. `event`: a date on which
    something happened (never after today, counts for coverage), not one on which it is due.
    `derived`: computed at import; with `given` a value in the file wins and is kept beside it.
    `group`: people group and filter by it. `free`: free text, masked before it is stored.
    """

    name: str
    label: str
    kind: Kind = Kind.TEXT
    required: bool = False
    members: tuple[Member, ...] = ()
    closed: bool = False
    default: str | int | bool | None = None
    low: int = 0
    high: int = 999_999
    event: bool = True
    derived: bool = False
    given: bool = False
    group: bool = True
    free: bool = False
    aliases: tuple[str, ...] = ()
    note: str = ""

    @property
    def stored_given(self) -> str:
        """Name under which the value as given is kept beside the derived one."""
        return f"{self.name}_given"


@dataclass(frozen=True)
class Dataset:
    """One table of the contract. `key` names a row, `date` (its first event) places it in a year.

    `sources`: the datasets from which its rows are worked out; such a dataset is never imported itself.
    `not_before`: dates that cannot lie before `date`.
    """

    name: str
    label: str
    unit: str
    key: str
    date: str
    fields: tuple[Field, ...]
    sources: tuple[str, ...] = ()
    not_before: tuple[str, ...] = ()

    def __getitem__(self, name: str) -> Field:
        return self.by_name[name]

    @cached_property
    def by_name(self) -> dict[str, Field]:
        """Fields by name."""
        return {field.name: field for field in self.fields}

    @cached_property
    def inputs(self) -> tuple[Field, ...]:
        """What a file may bring."""
        return tuple(f for f in self.fields if not f.derived or f.given)

    @cached_property
    def required(self) -> tuple[Field, ...]:
        """What a row must have when it is first imported."""
        return tuple(f for f in self.fields if f.required)

    @cached_property
    def event_dates(self) -> tuple[str, ...]:
        """Dates that count for coverage and may not lie in the future."""
        dates = tuple(f.name for f in self.inputs if f.kind is Kind.DATE and f.event)
        return dates or (self.date,)

    @cached_property
    def groups(self) -> tuple[Field, ...]:
        """What people group and filter by."""
        return tuple(f for f in self.fields if f.group and f.kind in (Kind.TEXT, Kind.FLAG))

    @cached_property
    def grouped(self) -> frozenset[str]:
        """Their names."""
        return frozenset(f.name for f in self.groups)


_YES_NO = (Member("false", "否"), Member("true", "是"))


def _members(*values: str) -> tuple[Member, ...]:
    return tuple(Member(value) for value in values)


def _date(name: str, label: str, *aliases: str, **more: bool | str) -> Field:
    return Field(name, label, Kind.DATE, aliases=aliases, group=False, **more)  # type: ignore[arg-type]


def _due(name: str, label: str, *aliases: str, **more: bool | str) -> Field:
    return _date(name, label, *aliases, event=False, **more)


def _count(
    name: str, label: str, *aliases: str, default: int = 0, low: int = 0, high: int = 999_999
) -> Field:
    return Field(name, label, Kind.INTEGER, default=default, low=low, high=high, group=False, aliases=aliases)


def _text(name: str, label: str, *aliases: str, **more: bool | str) -> Field:
    return Field(name, label, aliases=aliases, default=UNFILLED, **more)  # type: ignore[arg-type]


def _list(name: str, label: str, members: tuple[Member, ...], *aliases: str, closed: bool = True) -> Field:
    return Field(name, label, members=members, closed=closed, default=UNFILLED, aliases=aliases)


def _derived_text(name: str, label: str, note: str, members: tuple[Member, ...] = ()) -> Field:
    return Field(name, label, derived=True, default=UNFILLED, members=members, note=note)


def _derived_date(name: str, label: str, note: str) -> Field:
    return _due(name, label, derived=True, note=note)


_TOWNSHIP = Field(
    "township",
    "镇街",
    default=UNFILLED,
    derived=True,
    given=True,
    aliases=(
        "问题属地",
        "问题属地名称",
        "属地",
        "所属镇街",
        "镇",
        "乡镇",
        "乡镇街道",
        "镇(街)",
        "镇（街）",
        "属地镇街",
    ),
    note="问题属地；按 site.toml 的镇街名单规范，名单外为“未识别”",
)
_TOWNSHIP_RAW = Field(
    "township_raw", "镇街(原文)", derived=True, default=UNFILLED, group=False, note="导出文件中的写法"
)
_REGION = Field(
    "region_code",
    "区划代码",
    derived=True,
    given=True,
    default=UNFILLED,
    aliases=("行政区划代码", "属地代码", "问题属地代码", "区划编码", "行政区划编码", "属地区划代码"),
    note="文件给出的 6、9 或 12 位代码说明是哪个县区的镇街；未给出时按名单，12 位",
)
_AREA = Field(
    AREA,
    "区划",
    Kind.INTEGER,
    derived=True,
    default=0,
    group=False,
    note="镇街的 9 位代码；前 2、4、6 位是省份、地市、县区；只知道县区的以 000 结尾，不知道的为 0",
)
_UNIT = _text("responsible_unit", "责任单位", "办理单位", "承办单位", "责任部门", "去向机构", "qxjg")
_CATEGORIES = (
    _text("category_1", "原分类一级", "内容一级", "内容分类一级", "内容分类(一级)", "一级分类", "一级标签"),
    _text("category_2", "原分类二级", "内容二级", "内容分类二级", "内容分类(二级)", "二级分类", "二级标签"),
    _text("category_3", "原分类三级", "内容三级", "内容分类三级", "内容分类(三级)", "三级分类", "三级标签"),
)
_TOPICS = tuple(
    _derived_text(f"topic_{n}", f"内容{level}级", "原分类可唯一对应时为全国新分类，否则同原分类")
    for n, level in ((1, "一"), (2, "二"), (3, "三"))
)
_RATINGS = (
    Member("满意", aliases=("0", "很满意", "非常满意")),
    Member("基本满意", aliases=("1", "较满意")),
    Member("不满意", aliases=("3",)),
    Member(UNRATED, aliases=("待评价", "超期未评价", "未填")),
)


def _rating(name: str, label: str, *aliases: str) -> Field:
    return Field(name, label, members=_RATINGS, closed=True, default=UNRATED, aliases=aliases)


PERSONS_BANDS = (
    Member("1", "1 人"),
    Member("2-4", "2–4 人"),
    Member("5-10", "5–10 人"),
    Member("11-20", "11–20 人"),
    Member("21-50", "21–50 人"),
    Member("51-100", "51–100 人"),
    Member("101+", "超过 100 人"),
)

HANDLING_BANDS = (
    Member("0-7", "7 日内"),
    Member("8-15", "8–15 日"),
    Member("16-30", "16–30 日"),
    Member("31-60", "31–60 日"),
    Member("61-90", "61–90 日"),
    Member("91+", "超过 90 日"),
)
PASSED_ON, KEPT = "转出", "首接首办"

PETITIONS = Dataset(
    "petitions",
    "信访事项",
    "件",
    "petition_id",
    "registered_on",
    (
        Field(
            "petition_id",
            "信访件编号",
            required=True,
            group=False,
            aliases=("信访编号", "信访件编码", "登记编号", "xfjbh", "petitionUnicode", "id"),
        ),
        _date("registered_on", "登记日期", "登记时间", "djsj", "受理登记日期", required=True),
        Field(
            "channel",
            "信访形式",
            required=True,
            closed=True,
            members=(
                Member("letter", "来信", ("信件", "群众来信")),
                Member("visit", "来访", ("走访", "群众来访")),
                Member("online", "网上信访", ("网信", "网上投诉", "网上建议", "领导信箱", "网络信访")),
                Member("phone", "来电", ("电话", "电话信访")),
            ),
            aliases=("形式", "xfxs", "来件形式"),
        ),
        Field(
            "source",
            "来源",
            closed=True,
            default="local",
            members=(
                Member("local", "本级受理", ("本级", "本级登记")),
                Member("superior", "上级交办转送", ("上级交办", "上级转送", "上级", "上级系统交办")),
            ),
            aliases=("信访来源", "件源", "来件来源"),
        ),
        _list("source_level", "来源级别", _members("国家", "省", "市", "县", "乡镇"), "来源层级", "交办级别"),
        _date("petitioned_on", "信访日期", "信访时间", "xfrq"),
        _count("persons", "人数", "信访人数", "xfrs", "来访人数", "人次", default=1, low=1, high=9999),
        _TOWNSHIP,
        _text("village", "村居", "村(居)", "村（居）", "村社区", "村居委会"),
        _list(
            "service_point",
            "受理点",
            (
                Member("city_center", "市中心", ("市综合服务中心", "市群众信访诉求综合服务中心")),
                Member("town_station", "镇街站", ("镇街服务站",)),
                Member("village_point", "村居点", ("村居服务点",)),
            ),
            "服务点",
        ),
        _UNIT,
        _list(
            "purpose",
            "信访目的",
            _members("申诉", "求决", "意见建议", "揭发控告", "其他"),
            "目的",
            "信访目的名称",
        ),
        *_CATEGORIES,
        Field(
            "is_repeat",
            "初重件",
            Kind.FLAG,
            members=(
                Member("false", "初件", ("初信初访", "初次", "首次", "否")),
                Member("true", "重件", ("重复", "重复件", "重信重访", "是")),
            ),
            aliases=("重复信访标志", "初重信访", "初件重件", "是否重复", "是否重件", "cfxfbz"),
            note="未填的既不算初件也不算重件",
        ),
        _text("petitioner_key", "信访人代码", group=False),
        Field(
            "escalation",
            "越级情形",
            closed=True,
            default="none",
            members=(
                Member("none", "无"),
                Member("city", "到市", ("到市访", "去市")),
                Member("province", "赴省", ("赴省访", "到省", "去省")),
                Member("beijing", "进京", ("进京访", "赴京", "到京")),
            ),
            aliases=("越级", "越级走访"),
        ),
        _list(
            "handling",
            "办理方式",
            _members("存", "直接回复", "转送", "交办", "受理告知", "督办", "不予受理", "不再受理"),
            "处理方式",
            "blfs",
        ),
        _list(
            "route",
            "办理途径",
            _members("信访程序", "行政复议", "诉讼", "仲裁", "行政裁决"),
            "法定途径",
            "分类途径",
            closed=False,
        ),
        Field(
            "is_litigation",
            "涉法涉诉",
            Kind.FLAG,
            default=False,
            members=(Member("false", "否"), Member("true", "是", ("涉法涉诉",))),
            aliases=("是否涉法涉诉",),
        ),
        _date("transferred_on", "转送日期", "转送时间", "交办日期", "转送交办日期"),
        _date("objected_on", "提出异议日期", "异议日期", "异议时间"),
        _date("returned_on", "退回日期", "交还日期", "退回时间", "退件日期"),
        _date("accepted_on", "受理日期", "受理时间", "受理告知日期"),
        _date("replied_on", "答复日期", "答复时间", "回复日期", "答复意见日期"),
        _count("extension_days", "延期天数", "延长天数", low=0, high=30),
        _due(
            "due_on",
            "办理期限",
            "限办截止时间",
            "xbjzsj",
            "限办日期",
            "到期日期",
            derived=True,
            given=True,
            note="未给出时：受理日期 + 60 日 + 延期天数（信访程序、非涉法涉诉）",
        ),
        _date(
            "closed_on",
            "办结日期",
            "办结时间",
            "结案日期",
            derived=True,
            given=True,
            note="存、直接回复、不予受理、不再受理件未给出时为答复日期",
        ),
        _date("review_requested_on", "申请复查日期", "复查申请日期", "复查受理日期"),
        _date("reviewed_on", "复查答复日期", "复查意见日期", "复查日期"),
        _text("review_unit", "复查机关", "复查单位"),
        _date("rereview_requested_on", "申请复核日期", "复核申请日期", "复核受理日期"),
        _date("rereviewed_on", "复核答复日期", "复核意见日期", "复核日期"),
        _text("rereview_unit", "复核机关", "复核单位"),
        _rating("office_rating", "对信访部门评价", "信访部门满意度", "对信访部门评价满意值", "dxfbmpj"),
        _rating("unit_rating", "对责任单位评价", "责任单位满意度", "对责任单位评价满意值", "dzrdwpj"),
        _date(
            "rated_on",
            "评价日期",
            "评价时间",
            "xfbmpjsj",
            derived=True,
            given=True,
            note="有评价而无日期时为办结日期",
        ),
        Field(
            "resolved",
            "息诉罢访",
            Kind.FLAG,
            default=False,
            members=(Member("false", "否"), Member("true", "是", ("息诉罢访", "已息诉罢访"))),
            aliases=("是否息诉罢访",),
        ),
        Field(
            "first_receiver",
            "首接办理",
            derived=True,
            given=True,
            closed=True,
            default=UNFILLED,
            members=_members(KEPT, PASSED_ON),
            aliases=("首接首办", "首接办理情况"),
            note="未给出时：转送、交办、督办件和有转送日期的为“转出”，其余有办理方式的为“首接首办”",
        ),
        _TOWNSHIP_RAW,
        _REGION,
        _AREA,
        *_TOPICS,
        _derived_text("persons_band", "人数规模", "按人数分段", PERSONS_BANDS),
        _derived_date("accept_due_on", "受理期限", "登记日期 + 15 日"),
        _derived_date("unit_accept_due_on", "责任单位受理期限", "转送日期 + 15 日"),
        _derived_date("passed_on", "转出日期", "转送日期；转送后被退回而没有再转送的没有"),
        _derived_date("sent_back_on", "本次退回日期", "退回日期，不早于转送日期的"),
        _derived_date("objection_due_on", "异议期限", "转送日期后第 5 个工作日"),
        _derived_date("review_due_on", "复查期限", "申请复查日期 + 30 日"),
        _derived_date("rereview_due_on", "复核期限", "申请复核日期 + 30 日"),
        _derived_date("accept_settled_on", "受理了结日期", "受理日期与办结日期中较早的一个"),
        _derived_date("accept_overdue_from", "受理超期起始", "受理期限的次日"),
        _derived_date("overdue_from", "超期起始", "办理期限的次日，不早于登记日期"),
        _derived_date("soon_from", "临期起始", "办理期限前 7 日，不早于登记日期；期限早于登记的没有"),
        Field(
            "handling_days",
            "办理天数",
            Kind.INTEGER,
            derived=True,
            group=False,
            note="登记日期至办结日期的日数",
        ),
        _derived_text("handling_band", "办理时长", "按办理天数分段；未办结的未填", HANDLING_BANDS),
    ),
    not_before=(
        *("accepted_on", "closed_on", "objected_on", "review_requested_on", "reviewed_on"),
        *("rereview_requested_on", "rereviewed_on"),
    ),
)

BACKLOG = Dataset(
    "backlog",
    "信访积案",
    "宗",
    "case_id",
    "assigned_on",
    (
        Field("case_id", "积案编号", required=True, group=False, aliases=("案件编号", "积案件编号", "编号")),
        _text("batch", "批次", "交办批次", "积案批次", required=True),
        _date("assigned_on", "交办日期", "交办时间", required=True),
        _due("due_on", "办结时限", "限办日期", "化解时限", "限办截止时间"),
        _TOWNSHIP,
        _UNIT,
        *_CATEGORIES[:2],
        _text("lead_official", "包案领导", "包案市领导"),
        _text("caseworker", "包案干部", "包案工作人员", "督办人员"),
        _text("grade", "分类等级", "动态管理分类", "动态分类"),
        _date("reported_on", "申报办结日期", "申报办结", "申报日期"),
        _date("verified_on", "审核认定日期", "审核认定办结", "认定办结日期"),
        _date("returned_on", "退回日期", "退回", "退回时间"),
        _date("resolved_on", "息诉罢访日期", "息诉罢访"),
        _text("petition_ids", "关联信访件", "信访件编号", group=False),
        _TOWNSHIP_RAW,
        _REGION,
        _AREA,
        *_TOPICS[:2],
        _date(
            "closed_on",
            "办结日期",
            derived=True,
            note="审核认定（或按站点设置为申报办结）之日；此后被退回的不算办结",
        ),
        _derived_date("overdue_from", "超期起始", "办结时限的次日，不早于交办日期"),
    ),
    not_before=("reported_on", "verified_on"),
)

SUPERVISIONS = Dataset(
    "supervisions",
    "督查督办",
    "件",
    "supervision_id",
    "issued_on",
    (
        Field("supervision_id", "督办编号", required=True, group=False, aliases=("督办件编号", "督办单号")),
        _date("issued_on", "督办日期", "dbrq", "发出日期", "督办时间", required=True),
        _text("petition_id", "信访件编号", "xfjbh", group=False),
        _text("case_id", "积案编号", group=False),
        _list(
            "ordered_by",
            "督办来源",
            _members("省委巡视组", "中央生态环保督察组", "上级信访部门", "领导批示", "全员包案"),
            "督办原因",
            "dbyy",
            closed=False,
        ),
        _list(
            "method",
            "督办方式",
            _members("线上督办", "实地督办", "约谈", "发函", "通报", "挂牌督办"),
            "方式",
        ),
        _text("supervisor", "督办人", "督办责任人"),
        _count("online_times", "线上督办次数", "线上次数"),
        _count("onsite_times", "实地督办次数", "实地次数"),
        _TOWNSHIP,
        _UNIT,
        _due("due_on", "反馈时限", "限办日期", "xbrq", "反馈期限"),
        _date("feedback_on", "反馈日期", "反馈时间"),
        _list("outcome", "办理结果", _members("已化解", "已办结", "整改中", "退回重办"), "结果", "督办结果"),
        _list(
            "disposition",
            "三到位一处理",
            (
                Member("解决问题到位", aliases=("诉求合理的解决问题到位",)),
                Member("思想教育到位", aliases=("诉求无理的思想教育到位",)),
                Member("帮扶救助到位", aliases=("生活困难的帮扶救助到位",)),
                Member("依法处理", aliases=("行为违法的依法处理",)),
            ),
        ),
        _text("problem", "问题清单", "存在问题", group=False, free=True),
        _text("measure", "化解措施", "措施", group=False, free=True),
        _list("proposal", "三项建议", _members("改进工作", "完善政策", "追究责任", "无"), "建议类型"),
        _date("proposal_adopted_on", "建议采纳日期", "采纳日期"),
        _TOWNSHIP_RAW,
        _REGION,
        _AREA,
        _derived_date("overdue_from", "逾期起始", "反馈时限的次日，不早于督办日期"),
    ),
    not_before=("feedback_on",),
)

RECEPTIONS = Dataset(
    "receptions",
    "领导接访",
    "场",
    "reception_id",
    "held_on",
    (
        Field("reception_id", "接访编号", required=True, group=False, aliases=("编号",)),
        _date("held_on", "接访日期", "日期", "接访时间", required=True),
        _text("official", "接访领导", "领导"),
        _list(
            "official_level",
            "领导级别",
            (
                Member(
                    "city",
                    "市级",
                    ("市领导", "市", "县级", "县领导", "县", "区级", "区领导", "市级领导", "县级领导"),
                ),
                Member(
                    "township",
                    "镇街级",
                    ("镇街", "镇领导", "镇级", "乡镇", "乡镇级", "乡镇领导", "镇街领导", "街道"),
                ),
            ),
            "级别",
        ),
        _list(
            "form",
            "接访形式",
            (
                Member("定点接访", aliases=("接访日接访", "坐班接访", "值班接访", "开门接访")),
                Member("约访", aliases=("带案约访", "预约接访", "领导约访")),
                Member("下访", aliases=("带案下访", "主动下访", "领导下访", "下访接访")),
                Member("随机接访", aliases=("随访", "临时接访")),
            ),
            "形式",
            closed=False,
        ),
        _text("place", "接访地点", "地点"),
        _count("batches", "批次", "接访批次"),
        _count("persons", "人次", "接访人次"),
        _count("promised", "交办事项数", "交办数"),
        _count("resolved", "化解数", "已化解"),
    ),
)

LEVEL = _list(
    "level",
    "排查层级",
    (
        Member("city", "市级", ("市", "县级", "县", "区级", "区")),
        Member(
            "township", "镇街", ("镇", "镇级", "乡镇", "乡镇级", "镇街级", "街道", "镇(街)", "乡镇(街道)")
        ),
        Member(
            "department",
            "市直单位",
            ("部门", "单位", "市直部门", "县直单位", "县直部门", "区直单位", "市直", "县直"),
        ),
        Member("village", "村居", ("村", "村级", "社区", "村(居)", "村(社区)", "村居级", "村委会")),
    ),
    "层级",
)

SCREENINGS = Dataset(
    "screenings",
    "矛盾排查",
    "次",
    "screening_id",
    "held_on",
    (
        Field("screening_id", "排查编号", required=True, group=False, aliases=("编号",)),
        _date("held_on", "排查日期", "日期", "排查时间", required=True),
        LEVEL,
        _text("unit", "排查单位", "单位", required=True),
        _TOWNSHIP,
        _count("found", "排查数", "排查出矛盾纠纷数", "发现数"),
        _count("resolved", "化解数", "已化解"),
        _text("lead_official", "包案领导"),
        _TOWNSHIP_RAW,
        _REGION,
        _AREA,
    ),
)

PUBLICITY = "普法宣传"
MEASURES = ("劝阻", "批评教育", "训诫", "警告", "行政处罚", "行政拘留", "刑事处理")
"""《信访工作条例》第四十七条: what may be done about violations, from the mildest on."""

ACTIVITIES = Dataset(
    "activities",
    "信访秩序",
    "条",
    "activity_id",
    "held_on",
    (
        Field("activity_id", "活动编号", required=True, group=False, aliases=("编号",)),
        _date("held_on", "日期", "活动日期", "时间", required=True),
        _list(
            "kind",
            "种类",
            (
                Member(PUBLICITY, aliases=("法治宣传", "政策宣传", "信访宣传", "法规宣传", "普法", "宣传")),
                *_members(*MEASURES),
            ),
            "活动种类",
            "类别",
            closed=False,
        ),
        _TOWNSHIP,
        _count("count", "数量", "次数", default=1),
        _TOWNSHIP_RAW,
        _REGION,
        _AREA,
    ),
)

RECEPTION_DAY, VISIT, SCREENING = "reception_day", "visit", "screening"

DUTIES = Dataset(
    "duties",
    "应做之事",
    "项",
    "duty_id",
    "window_end",
    (
        Field("duty_id", "编号", derived=True, group=False, note="职责、单位或领导、窗口起日"),
        _derived_text(
            "rule",
            "职责",
            "接访日接访、市领导每月下访、按期排查",
            (
                Member(RECEPTION_DAY, "接访日接访"),
                Member(VISIT, "领导下访"),
                Member(SCREENING, "矛盾排查"),
            ),
        ),
        replace(LEVEL, derived=True, aliases=(), note="只有排查有"),
        _derived_text("unit", "排查单位", "按 site.toml 的名单；只有排查有"),
        _derived_text("official", "接访领导", "按 site.toml 的领导名单；只有下访有"),
        _derived_text("reception_day", "接访日", "例如 15日；只有接访日接访有"),
        _derived_text("township", "镇街", "镇街与村居排查所在的镇街"),
        _AREA,
        _derived_text("window", "应做窗口", "月 2021-11，半月 2021-11上，周 2021-W45，日 2021-11-15"),
        _derived_date("window_start", "窗口起日", "应做之事从这一天起可做"),
        _derived_date("window_end", "窗口止日", "到这一天应已做；按此归入期间"),
        Field("done", "落实", Kind.FLAG, derived=True, default=False, members=_YES_NO, note="窗口内做过"),
    ),
    sources=("receptions", "screenings"),
)
"""应做之事: one row a window in which something was due, so that what was missed has a row."""

FIRST_ITEM, REPEAT_ITEM, AFTER_TERMINATION = "first", "repeat", "after_termination"
NO_CODE, NO_MATTER = "no_code", "no_matter"


def _taken(*names: str) -> tuple[Field, ...]:
    """Columns of the petition itself, as it holds them."""
    return tuple(replace(PETITIONS[n], derived=True, given=False, required=False, aliases=()) for n in names)


LINKS = Dataset(
    "links",
    "重复关联",
    "件",
    "petition_id",
    "registered_on",
    (
        *_taken("petition_id", "registered_on"),
        Field(
            "linked",
            "关联结果",
            derived=True,
            closed=True,
            default=NO_CODE,
            members=(
                Member(FIRST_ITEM, "首次"),
                Member(REPEAT_ITEM, "重复"),
                Member(AFTER_TERMINATION, "终结后再访"),
                Member(NO_CODE, "无信访人代码"),
                Member(NO_MATTER, "无内容或责任单位"),
            ),
            note="同一信访人、同一内容二级、同一责任单位，距上一件不超过 N 天的为同一事项；"
            "事项的第一件为首次，其后的为重复，复核答复当日及以后的为终结后再访",
        ),
        *_taken("is_repeat"),
        Field(
            "position", "第几件", Kind.INTEGER, derived=True, default=1, group=False, note="在事项中的次序"
        ),
        _derived_date("previous_on", "上一件登记日期", "同一事项的"),
        _derived_date("previous_closed_on", "上一件办结日期", "同一事项的；不晚于登记日期的，是办结后再访"),
        replace(PETITIONS["closed_on"], derived=True, given=False, aliases=(), note=""),
        Field(
            "followed",
            "其后又有",
            Kind.FLAG,
            derived=True,
            default=False,
            members=_YES_NO,
            note="同一事项后来又有一件",
        ),
        *_taken("channel", "source", "township", AREA, "responsible_unit", "topic_1", "topic_2", "topic_3"),
        Field("matter_id", "事项首件编号", derived=True, group=False, note="同一事项第一件的信访件编号"),
        Field(
            "link_rule", "关联规则", derived=True, default=UNFILLED, group=False, note="规则的版本与天数 N"
        ),
    ),
    sources=("petitions",),
)
"""重复关联: one row a petition, which matter it belongs to by the site's rule and as which item."""

DATASETS: dict[str, Dataset] = {
    d.name: d for d in (PETITIONS, BACKLOG, SUPERVISIONS, RECEPTIONS, SCREENINGS, ACTIVITIES, DUTIES, LINKS)
}
IMPORTED: dict[str, Dataset] = {name: d for name, d in DATASETS.items() if not d.sources}
"""What comes in by file; the others are worked out from these."""


@dataclass(frozen=True)
class Personal:
    """A column that identifies a person: read for the petitioner's code, never stored."""

    name: str
    label: str
    aliases: tuple[str, ...]


PERSONAL: tuple[Personal, ...] = (
    Personal("person_name", "姓名", ("信访人", "信访人姓名", "来访人", "来信人", "投诉人", "xm")),
    Personal("id_number", "身份证号", ("证件号码", "身份证号码", "身份证", "公民身份号码", "zjhm")),
    Personal(
        "phone", "电话", ("手机号", "手机", "联系电话", "手机号码", "固定电话", "联系方式", "sjh", "gddh")
    ),
    Personal("address", "住址", ("地址", "家庭住址", "通讯地址", "户口所在地", "zz", "txdz", "hkszd")),
)

"""Metrics over links: who came again with the same matter, whether it was closed, whether once was enough."""

from dataclasses import replace

from analytics.catalogue import basis
from analytics.contract import AFTER_TERMINATION, FIRST_ITEM, NO_CODE, NO_MATTER, REPEAT_ITEM
from analytics.model import Column, Condition, Measure, Metric

_linked, _repeat = Column("linked"), Column("is_repeat")
_first, _again = _linked.eq(FIRST_ITEM), _linked.eq(REPEAT_ITEM)
_told = ~_repeat.is_null()


def _items(where: Condition, date: str = "registered_on") -> Measure:
    return Measure("links", date, where)


def _count(name: str, label: str, where: Condition, note: str) -> Metric:
    known = {"better": "less", "basis": basis.STATISTICS, "note": note, "fed_by": "petitions"}
    return Metric(name, label, "件", +_items(where), **known)  # type: ignore[arg-type]


def _rate(name: str, label: str, met: Measure, all_: Measure, note: str) -> Metric:
    return Metric(
        name, label, "%", +met, +all_, digits=1, basis=basis.STATISTICS, note=note, fed_by="petitions"
    )


_closed_once = _items(_first, "closed_on")

METRICS = (
    _count(
        "linked_firsts",
        "关联首次件",
        _first,
        "同一信访人、同一内容二级、同一责任单位的事项的第一件；距上一件超过 site.toml 所定天数的另算一事项",
    ),
    _count(
        "linked_repeats",
        "关联重复件",
        _again,
        "同一事项第一件以后的，复核终结前；不看导出的初重件标记",
    ),
    replace(
        _rate(
            "linked_repeat_rate",
            "关联重复率",
            _items(_again),
            _items(_first | _again),
            "关联重复件 ÷（关联首次件 + 关联重复件）；终结后再访和未能关联的不计",
        ),
        better="less",
    ),
    _count(
        "returned_after_closure",
        "办结后再访件",
        _again & (Column("previous_closed_on") <= Column("registered_on")),
        "关联重复件中，登记时同一事项的上一件已经办结的",
    ),
    replace(
        _rate(
            "one_time_resolution_rate",
            "一次性化解率",
            replace(_closed_once, where=_first & Column("followed").eq(False)),
            _closed_once,
            "首次件在本期办结、同一事项此后没有再来的 ÷ 首次件在本期办结的事项；按首次件的办结日期",
        ),
        better="more",
        cohort=True,
    ),
    _count(
        "after_termination",
        "终结后再访件",
        _linked.eq(AFTER_TERMINATION),
        "同一事项已有复核答复（当日及以后）再来的；另计，不算重复",
    ),
    replace(
        _rate(
            "linkage_agreement",
            "初重件标记一致率",
            _items((_first & _repeat.eq(False)) | (_again & _repeat.eq(True))),
            _items((_first | _again) & _told),
            "导出的初重件标记与关联结果相同的 ÷ 两者都有的（首次或重复，标记已填）",
        ),
        better="more",
    ),
    _count(
        "unlinked",
        "未能关联件",
        _linked.within(NO_CODE, NO_MATTER),
        "没有信访人代码，或没有内容二级、责任单位，无从判断是否重复的",
    ),
)

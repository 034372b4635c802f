"""Metrics over duties: of what was due, how much was done."""

from dataclasses import replace

from analytics.catalogue import basis
from analytics.contract import RECEPTION_DAY, SCREENING, VISIT
from analytics.model import Column, Measure, Metric

_done = Column("done").eq(True)


FED_BY = {RECEPTION_DAY: "receptions", VISIT: "receptions", SCREENING: "screenings"}
"""Whose import tells whether what each rule asks for was done."""

_LACKS = {
    RECEPTION_DAY: ("township", "official", "level", "unit"),
    VISIT: ("township", "reception_day", "level", "unit"),
    SCREENING: ("official", "reception_day"),
}


def _of(rule: str) -> Measure:
    return Measure("duties", "window_end", Column("rule").eq(rule))


def _compliance(name: str, label: str, rule: str, basis_: str, note: str) -> Metric:
    due = _of(rule)
    done = replace(due, where=due.where & _done)
    rate = Metric(name, label, "%", +done, +due, digits=1, better="more", basis=basis_, note=note)
    return replace(rate, fed_by=FED_BY[rule], lacks=_LACKS[rule])


def _counted(name: str, label: str, unit: str, counted: Measure, rule: str, basis_: str, note: str) -> Metric:
    count = Metric(name, label, unit, +counted, basis=basis_, note=note)
    return replace(count, fed_by=FED_BY[rule], lacks=_LACKS[rule])


def _missed(name: str, label: str, unit: str, rule: str, basis_: str, note: str) -> Metric:
    due = _of(rule)
    missed = replace(due, where=due.where & ~_done)
    return replace(_counted(name, label, unit, missed, rule, basis_, note), better="less")


METRICS = (
    _compliance(
        "screening_compliance",
        "应排尽排率",
        SCREENING,
        basis.SCREENING,
        "窗口内排查过的 ÷ 应排查的；市每月、镇街和市直单位每半月、村居每周为一个窗口（可在 site.toml 改），"
        "一个窗口排查几次都算一次；计入窗口止日所在月份",
    ),
    _counted(
        "screenings_due", "应排次数", "次", _of(SCREENING), SCREENING, basis.SCREENING, "应排查的窗口数"
    ),
    _missed("screenings_missed", "缺排次数", "次", SCREENING, basis.SCREENING, "应排查而窗口内没有排查的"),
    _compliance(
        "reception_day_compliance",
        "接访日落实率",
        RECEPTION_DAY,
        basis.RECEPTION,
        "当天（按设置顺延的，至顺延那天）有市领导接访（下访除外）的接访日 ÷ 接访日",
    ),
    _compliance(
        "visit_compliance",
        "下访落实率",
        VISIT,
        basis.RECEPTION,
        "当月下访过、或到镇街或挂点联系单位约访过的 ÷ 应下访的领导",
    ),
    _missed("visits_missed", "未下访人次", "人次", VISIT, basis.RECEPTION, "当月应下访而没有下访的领导"),
)

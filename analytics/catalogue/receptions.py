"""Metrics over receptions: leaders who meet petitioners, and what became of what they promised."""

from dataclasses import replace

from analytics.catalogue import basis
from analytics.model import Column, Condition, Measure, Metric

_level = Column("official_level")


def _held(where: Condition, value: str | None = None) -> Measure:
    return Measure("receptions", "held_on", where, value)


def _metrics(prefix: str, who: str, where: Condition, whose: str) -> tuple[Metric, ...]:
    """The five metrics of the receptions of one side."""
    counted = (
        ("receptions", "接访场次", "场", None, "接访（含约访、下访）的场次"),
        ("reception_batches", "接访批次", "批", "batches", "接待的批次之和"),
        ("reception_persons", "接访人次", "人次", "persons", "接待的人次之和"),
        ("reception_promises", "接访交办事项", "件", "promised", "接访时交办的事项之和"),
    )
    rate = Metric(
        f"{prefix}reception_resolution_rate",
        f"{who}接访化解率",
        "%",
        +_held(where, "resolved"),
        +_held(where, "promised"),
        digits=1,
        better="more",
        cohort=True,
        basis=basis.RECEPTION,
        note=f"化解数 ÷ 接访交办事项数；{whose}，按接访日期归入期间",
    )
    counts = [
        Metric(f"{prefix}{name}", who + label, unit, +_held(where, value), note=f"{note}；{whose}")
        for name, label, unit, value, note in counted
    ]
    return (*(replace(count, basis=basis.RECEPTION) for count in counts), rate)


METRICS = (
    *_metrics("", "市领导", _level.eq("city"), "领导级别为市级的"),
    *_metrics("township_", "镇街领导", _level.ne("city"), "领导级别不是市级的"),
)

"""Metrics over activities for the order of petitioning: publicity, and measures against violations."""

from analytics.catalogue import basis
from analytics.contract import MEASURES, PUBLICITY
from analytics.model import Column, Condition, Measure, Metric

_kind = Column("kind")


def _counted(name: str, label: str, where: Condition, note: str) -> Metric:
    measure = Measure("activities", "held_on", where, "count")
    return Metric(name, label, "次", +measure, basis=basis.ORDER, note=f"{note}；数量之和")


METRICS = (
    _counted("publicity_sessions", "普法宣传", _kind.eq(PUBLICITY), "种类为普法宣传的活动"),
    _counted(
        "order_measures",
        "违法行为处置",
        _kind.within(*MEASURES),
        f"对信访活动中违法行为的处置（{'、'.join(MEASURES)}）",
    ),
)

"""Metrics over screenings for disputes: rounds held, disputes found, resolved, and still open."""

from analytics.catalogue import basis
from analytics.model import Measure, Metric

_found, _resolved = (Measure("screenings", "held_on", value=name) for name in ("found", "resolved"))

METRICS = (
    Metric(
        "screenings",
        "排查次数",
        "次",
        +Measure("screenings", "held_on"),
        basis=basis.SCREENING,
        note="开展的排查",
    ),
    Metric("disputes_found", "排查出纠纷", "件", +_found, basis=basis.SCREENING, note="排查数之和"),
    Metric(
        "disputes_resolved",
        "化解纠纷",
        "件",
        +_resolved,
        better="more",
        cohort=True,
        basis=basis.SCREENING,
        note="化解数之和；按排查日期归入期间",
    ),
    Metric(
        "dispute_resolution_rate",
        "纠纷化解率",
        "%",
        +_resolved,
        +_found,
        digits=1,
        better="more",
        cohort=True,
        basis=basis.SCREENING,
        note="化解数 ÷ 排查数；按排查日期归入期间",
    ),
    Metric(
        "disputes_outstanding",
        "未化解纠纷",
        "件",
        +_found + -_resolved,
        stock=True,
        better="less",
        cohort=True,
        basis=basis.SCREENING,
        note="期末累计排查出而至今未化解的",
    ),
)

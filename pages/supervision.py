from analytics.app.blocks import row
from analytics.app.heading import Heading
from analytics.app.page import page
from analytics.app.standings import Ledger
from analytics.app.tiles import tiles
from analytics.figures import FEEDBACK, OUTSTANDING, SUPERVISION_METHODS, SUPERVISION_SOURCES, SUPERVISORS

LEDGER = (
    "supervision_id",
    "issued_on",
    "due_on",
    "supervisor",
    "township",
    "responsible_unit",
    "ordered_by",
    "method",
    "online_times",
    "onsite_times",
    "problem",
    "measure",
)

page(
    Heading("督查督办", facts=("supervised", "feedback_on_time_rate", "supervision_outstanding")),
    tiles(
        "supervised",
        "feedback_on_time_rate",
        "supervision_resolution_rate",
        "supervision_outstanding",
        "supervision_overdue",
        ("online_followups", "onsite_followups"),
    ),
    row(SUPERVISION_SOURCES, SUPERVISION_METHODS),
    row(SUPERVISORS, OUTSTANDING),
    row(FEEDBACK),
    Ledger("supervision_outstanding", "未反馈督办", LEDGER),
)

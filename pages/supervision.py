from analytics.app.blocks import row, within
from analytics.app.heading import Heading
from analytics.app.page import page
from analytics.app.standings import Ledger, RankingTable
from analytics.app.tiles import tiles
from analytics.figures import (
    DISPOSITIONS,
    FEEDBACK,
    INSPECTED,
    INSPECTION_OUTCOMES,
    OUTSTANDING,
    PROPOSALS,
    SUPERVISION_METHODS,
    SUPERVISION_SOURCES,
    SUPERVISORS,
)

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
PROPOSED = ("supervision_id", "issued_on", "responsible_unit", "proposal", "proposal_adopted_on", "outcome")

INSPECTED_LEDGER = (
    *("supervision_id", "ordered_by", "issued_on", "supervisor", "township", "responsible_unit"),
    *("problem", "measure", "due_on", "feedback_on", "outcome", "disposition"),
)

page(
    Heading("督查督办", facts=("supervised", "feedback_on_time_rate", "supervision_outstanding")),
    tiles(
        "supervised",
        "feedback_on_time_rate",
        "supervision_resolution_rate",
        "supervision_outstanding",
        "supervision_overdue",
        "online_followups",
        "onsite_followups",
    ),
    row(SUPERVISION_SOURCES, SUPERVISION_METHODS),
    row(SUPERVISORS, OUTSTANDING),
    row(FEEDBACK, DISPOSITIONS),
    tiles("inspection_supervised", "proposals", "proposal_adoption_rate"),
    row(INSPECTION_OUTCOMES, PROPOSALS),
    within(
        RankingTable(
            (
                "supervised",
                "supervision_resolution_rate",
                "feedback_on_time_rate",
                "online_followups",
                "onsite_followups",
            ),
            dimension="supervisor",
        ),
        Ledger("supervised", "省委巡视组、中央生态环保督察组交办事项（逐案）", INSPECTED_LEDGER),
        where=INSPECTED,
    ),
    Ledger("supervision_outstanding", "问题清单：未反馈督办与时限", LEDGER),
    Ledger("proposals", "三项建议与采纳", PROPOSED),
    needs=("supervisions",),
)

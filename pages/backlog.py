from analytics.app.blocks import row
from analytics.app.finish import Finishes
from analytics.app.heading import Heading
from analytics.app.page import page
from analytics.app.standings import Ledger, Notable
from analytics.app.tiles import tiles
from analytics.figures import BACKLOG_BY_OFFICIAL, BACKLOG_BY_TOWNSHIP, BATCHES, BURN_DOWN

LEDGER = (
    "case_id",
    "batch",
    "township",
    "category_1",
    "lead_official",
    "grade",
    "assigned_on",
    "due_on",
    "reported_on",
    "verified_on",
    "returned_on",
    "closed_on",
    "resolved_on",
)

page(
    Heading("信访积案化解", facts=("backlog_remaining", "backlog_closed_in_period", "backlog_closure_rate")),
    tiles(
        "backlog_assigned",
        "backlog_closed",
        "backlog_remaining",
        "backlog_closure_rate",
        "backlog_resolved",
        "backlog_overdue",
    ),
    Finishes(),
    row(BATCHES, BURN_DOWN),
    row(BACKLOG_BY_TOWNSHIP, BACKLOG_BY_OFFICIAL),
    Notable(("backlog_overdue",)),
    Ledger("backlog_remaining", "未办结积案台账", LEDGER),
    Ledger("backlog_assigned", "全部积案台账", LEDGER),
    needs=("backlog",),
)

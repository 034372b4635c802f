from analytics.app.blocks import row
from analytics.app.heading import Heading
from analytics.app.page import page
from analytics.app.standings import Ledger
from analytics.app.tiles import tiles
from analytics.figures import LITIGATION, MEASURES, PUBLICITY, RETURNED_BY, ROUTES, ROUTES_BY_TOPIC

LITIGATED = ("petition_id", "registered_on", "township", "responsible_unit", "topic_1", "topic_2", "route")
SENT_BACK = (
    "petition_id",
    "transferred_on",
    "responsible_unit",
    "objected_on",
    "objection_due_on",
    "returned_on",
    "accepted_on",
)
HELD = ("held_on", "kind", "township", "count")

page(
    Heading("依法分类与信访秩序", facts=("routed_elsewhere", "litigation_share", "misrouting_rate")),
    tiles(
        "routed_elsewhere",
        "litigation_related",
        "objections",
        "returned",
        "misrouting_rate",
        "publicity_sessions",
        "order_measures",
    ),
    row(ROUTES, ROUTES_BY_TOPIC),
    row(LITIGATION, RETURNED_BY),
    row(PUBLICITY, MEASURES),
    Ledger("litigation_related", "涉法涉诉台账", LITIGATED),
    Ledger("objections", "提出异议台账", SENT_BACK),
    Ledger("returned", "退回件台账", SENT_BACK),
    Ledger("order_measures", "违法行为处置台账", HELD),
    needs=("petitions", "activities"),
)

from analytics.app.blocks import row
from analytics.app.page import page
from analytics.app.profile import Profile
from analytics.app.standings import Ledger
from analytics.app.tiles import tiles
from analytics.figures import LEADER_VISITS, RECEIVED_AT, RECEPTION_TREND

CASES = ("case_id", "batch", "township", "responsible_unit", "grade", "assigned_on", "due_on", "reported_on")
HELD = ("held_on", "form", "place", "batches", "persons", "promised", "resolved")
ORDERS = ("supervision_id", "issued_on", "township", "responsible_unit", "due_on", "feedback_on", "outcome")

CARRIED = (
    tiles("backlog_assigned", "backlog_remaining", "backlog_closure_rate", "backlog_overdue"),
    Ledger("backlog_remaining", "包案中未办结的积案", CASES),
)
RECEIVED = (
    tiles(
        "receptions",
        ("reception_batches", "reception_persons"),
        "visit_compliance",
        "reception_promises",
        "reception_resolution_rate",
    ),
    row(LEADER_VISITS),
    row(RECEPTION_TREND, RECEIVED_AT),
    Ledger("receptions", "接访记录", HELD),
)
SUPERVISED = (
    tiles("supervised", "supervision_resolution_rate", "supervision_outstanding", "supervision_overdue"),
    Ledger("supervised", "督办记录", ORDERS),
)

page(
    Profile(
        "领导画像",
        (("receptions", "official"), ("backlog_assigned", "lead_official"), ("supervised", "supervisor")),
        (("lead_official", CARRIED), ("official", RECEIVED), ("supervisor", SUPERVISED)),
    )
)

from analytics.app.blocks import row, within
from analytics.app.heading import Heading
from analytics.app.page import page
from analytics.app.standings import Ledger, RankingTable
from analytics.app.tiles import tiles
from analytics.figures import CARRIED, CARRIED_ONLINE, CARRIED_ONSITE, CARRIED_WHERE, FIRST_HAND

LEDGER = (
    "supervision_id",
    "petition_id",
    "issued_on",
    "supervisor",
    "township",
    "responsible_unit",
    "online_times",
    "onsite_times",
    "due_on",
    "feedback_on",
    "outcome",
    "disposition",
)

page(
    within(
        Heading("初信初访包案", facts=("supervised", "supervision_resolution_rate")),
        tiles(
            "supervised",
            "supervision_resolution_rate",
            "feedback_on_time_rate",
            "online_followups",
            "onsite_followups",
            "supervision_outstanding",
        ),
        row(CARRIED, CARRIED_WHERE),
        row(CARRIED_ONLINE, CARRIED_ONSITE),
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
        Ledger("supervised", "包案台账", LEDGER),
        where=FIRST_HAND,
    ),
    needs=("supervisions",),
)

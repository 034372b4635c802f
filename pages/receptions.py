from analytics.app.blocks import row
from analytics.app.heading import Heading
from analytics.app.page import page
from analytics.app.standings import Ledger
from analytics.app.tiles import tiles
from analytics.figures import (
    PROMISES,
    RECEIVED_AT,
    RECEIVED_BY,
    RECEIVED_PERSONS,
    RECEPTION_CALENDAR,
    RECEPTION_TREND,
    VISIT_CALENDAR,
)

HELD = ("held_on", "official", "form", "place", "batches", "persons", "promised", "resolved")
MISSED = ("official", "window", "window_start", "window_end")

page(
    Heading("领导接访下访", facts=("reception_batches", "reception_persons", "reception_day_compliance")),
    tiles(
        "receptions",
        ("reception_batches", "reception_persons"),
        "reception_day_compliance",
        "visit_compliance",
        "reception_resolution_rate",
        ("township_reception_batches", "township_reception_persons"),
    ),
    row(RECEPTION_CALENDAR),
    row(VISIT_CALENDAR),
    row(RECEIVED_BY, RECEIVED_PERSONS),
    row(RECEIVED_AT, PROMISES),
    row(RECEPTION_TREND),
    Ledger("visits_missed", "应下访而未下访", MISSED),
    Ledger("receptions", "市领导接访台账", HELD),
    Ledger("township_receptions", "镇街领导接访台账", HELD),
    needs=("receptions",),
)

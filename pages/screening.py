from analytics.app.blocks import row
from analytics.app.heading import Heading
from analytics.app.page import page
from analytics.app.standings import Ledger, RankingTable
from analytics.app.tiles import tiles
from analytics.figures import (
    CITY_ROUNDS,
    DEPARTMENT_ROUNDS,
    DISPUTES,
    DISPUTES_BY_TOWNSHIP,
    DISPUTES_OPEN,
    SCREENING_LEVELS,
    TOWNSHIP_ROUNDS,
    VILLAGE_ROUNDS,
)

MISSED = ("level", "unit", "township", "window", "window_start", "window_end")
FOUND = ("held_on", "level", "unit", "township", "found", "resolved", "lead_official")

page(
    Heading("矛盾排查", facts=("screening_compliance", "disputes_found", "disputes_outstanding")),
    tiles(
        "screening_compliance",
        "screenings_missed",
        "screenings",
        "disputes_found",
        "dispute_resolution_rate",
        "disputes_outstanding",
    ),
    row(SCREENING_LEVELS, CITY_ROUNDS),
    row(TOWNSHIP_ROUNDS),
    row(DEPARTMENT_ROUNDS),
    row(VILLAGE_ROUNDS),
    row(DISPUTES),
    row(DISPUTES_BY_TOWNSHIP, DISPUTES_OPEN),
    RankingTable(
        (
            "disputes_found",
            "disputes_resolved",
            "dispute_resolution_rate",
            "disputes_outstanding",
            "screenings",
        )
    ),
    Ledger("screenings_missed", "缺排台账", MISSED),
    Ledger("screenings", "排查台账", FOUND),
    needs=("screenings",),
)

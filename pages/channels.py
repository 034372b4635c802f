from analytics.app.blocks import row
from analytics.app.heading import Heading
from analytics.app.page import page
from analytics.app.standings import Ledger, RankingTable
from analytics.app.tiles import tiles
from analytics.figures import (
    ESCALATED_FROM,
    ESCALATIONS,
    FIRST_OR_REPEAT,
    GROUP_SIZES,
    PURPOSES,
    SUPERIOR_LEVELS,
    VISIT_PERSONS,
    VISITS,
    WAYS_IN,
)

GROUP_VISITS = (
    "petition_id",
    "registered_on",
    "persons",
    "township",
    "responsible_unit",
    "topic_1",
    "topic_2",
    "closed_on",
    "resolved",
)

page(
    Heading("来信来访", facts=("letters", "visits", "visit_persons", "superior_assigned")),
    tiles(
        "letters",
        ("visits", "visit_persons"),
        "online",
        "phone",
        "superior_assigned",
        ("group_visits", "group_visit_persons"),
    ),
    row(WAYS_IN),
    row(VISITS, VISIT_PERSONS),
    row(SUPERIOR_LEVELS, GROUP_SIZES),
    row(FIRST_OR_REPEAT, PURPOSES),
    tiles("repeat_rate", "escalated_city", "escalated_province", "escalated_beijing"),
    row(ESCALATIONS, ESCALATED_FROM),
    RankingTable(("visits", "visit_persons", "group_visits", "group_visit_persons", "letters", "online")),
    Ledger("group_visits", "集体访台账", GROUP_VISITS),
)

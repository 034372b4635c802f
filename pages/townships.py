from analytics.app.blocks import row
from analytics.app.heading import Heading
from analytics.app.page import page
from analytics.app.standings import Notable, RankingTable
from analytics.figures import (
    CHANNELS,
    ONE_TOWNSHIP,
    OVERDUE_BY_TOWNSHIP,
    REPEAT_FUNNEL,
    TOPICS,
    TOWNSHIP_MONTHS,
)

page(
    Heading("镇街信访", placed=True),
    RankingTable(("petitions", "persons", "repeat_rate", "on_time_closure_rate", "open", "overdue")),
    row(TOWNSHIP_MONTHS),
    row(ONE_TOWNSHIP, TOPICS),
    row(REPEAT_FUNNEL, OVERDUE_BY_TOWNSHIP),
    row(CHANNELS),
    Notable(("open", "overdue", "due_soon", "acceptance_overdue")),
)

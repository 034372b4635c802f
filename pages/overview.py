from analytics.app.alerts import Early
from analytics.app.blocks import row, stack
from analytics.app.heading import Heading
from analytics.app.page import page
from analytics.app.standings import Notable
from analytics.app.tiles import tiles
from analytics.figures import SOURCES, TOPICS, TOWNSHIPS, TREND

STANDING = (
    "overdue",
    "due_soon",
    "acceptance_overdue",
    "backlog_overdue",
    "supervision_overdue",
)

page(
    Heading("信访形势", facts=("petitions", "on_time_closure_rate", "backlog_remaining")),
    tiles(
        "petitions",
        "letters",
        ("visits", "visit_persons"),
        "superior_assigned",
        "on_time_closure_rate",
        "backlog_remaining",
    ),
    row(TREND, stack(Notable(STANDING, Early()), SOURCES)),
    row(TOWNSHIPS, TOPICS),
)

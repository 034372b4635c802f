from analytics.app.blocks import row
from analytics.app.heading import Heading
from analytics.app.page import page
from analytics.app.queue import Queue
from analytics.app.standings import Notable, RankingTable
from analytics.app.tiles import tiles
from analytics.catalogue.clocks import PETITION_CLOCKS
from analytics.figures import DAYS_TREND, HANDLING_DAYS, SATISFIED, SLOW_UNITS, TIMELY

page(
    Heading("办理质效", facts=("timely_acceptance_rate", "on_time_reply_rate", "on_time_closure_rate")),
    tiles(
        "timely_acceptance_rate",
        "on_time_reply_rate",
        "on_time_closure_rate",
        "unit_timely_acceptance_rate",
        "superior_on_time_closure_rate",
    ),
    tiles(
        "office_evaluation_rate",
        "office_satisfaction",
        "unit_evaluation_rate",
        "unit_satisfaction",
        "median_days",
        "p90_days",
    ),
    Queue("法定时限", PETITION_CLOCKS),
    tiles("review_requests", "reviewed", "rereview_requests", "rereviewed", "mean_days", "closed"),
    row(TIMELY, SATISFIED),
    row(HANDLING_DAYS, DAYS_TREND),
    RankingTable(
        (
            "overdue",
            "petitions",
            "unit_timely_acceptance_rate",
            "on_time_reply_rate",
            "on_time_closure_rate",
            "unit_satisfaction",
            "median_days",
        ),
        dimension="responsible_unit",
    ),
    row(SLOW_UNITS),
    Notable(("overdue", "due_soon", "acceptance_overdue")),
)

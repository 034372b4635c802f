from analytics.app.blocks import row
from analytics.app.page import page
from analytics.app.profile import Profile
from analytics.app.standings import Ledger
from analytics.app.tiles import tiles
from analytics.figures import HANDLING_DAYS, TIMELY, TOPICS_2, TREND

OPEN = ("petition_id", "registered_on", "township", "topic_2", "accepted_on", "due_on")
ALL = (
    tiles(
        "petitions",
        "repeat_rate",
        "open",
        "overdue",
        "backlog_remaining",
        "supervision_outstanding",
    ),
    tiles(
        "unit_timely_acceptance_rate",
        "on_time_reply_rate",
        "on_time_closure_rate",
        "unit_satisfaction",
        "median_days",
        "objections",
    ),
    row(TREND, TIMELY),
    row(HANDLING_DAYS, TOPICS_2),
    Ledger("overdue", "超期未办结", OPEN),
    Ledger("due_soon", "7 日内到期", OPEN),
)

page(Profile("单位画像", (("petitions", "responsible_unit"),), (("responsible_unit", ALL),)))

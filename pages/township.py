from analytics.app.blocks import row
from analytics.app.page import page
from analytics.app.profile import Profile
from analytics.app.tiles import tiles
from analytics.figures import FIRST_OR_REPEAT, TOPICS_2, TREND

ALL = (
    tiles(
        "petitions",
        ("visits", "visit_persons"),
        "repeat_rate",
        "group_visits",
        "on_time_closure_rate",
        "unit_satisfaction",
    ),
    tiles(
        "open", "overdue", "due_soon", "backlog_remaining", "backlog_closure_rate", "supervision_outstanding"
    ),
    tiles(
        "screening_compliance",
        "screenings_missed",
        "disputes_found",
        "disputes_outstanding",
        "service_intake",
        "first_receiver_rate",
    ),
    row(TREND, TOPICS_2),
    row(FIRST_OR_REPEAT),
)

page(Profile("镇街画像", (("petitions", "township"),), (("township", ALL),)))

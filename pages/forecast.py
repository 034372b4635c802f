from analytics.app.blocks import row
from analytics.app.finish import Finishes
from analytics.app.forecast import Behind, BurnDown, Curves, NextMonths, PastRanges
from analytics.app.heading import Heading
from analytics.app.page import page

page(
    Heading("预测：接下来会怎样"),
    Finishes(),
    row(BurnDown(), Curves()),
    Behind(),
    PastRanges(),
    NextMonths(
        (
            "petitions",
            "letters",
            "visits",
            "visit_persons",
            "online",
            "phone",
            "superior_assigned",
            "group_visits",
            "repeat_petitions",
        )
    ),
)

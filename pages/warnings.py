from analytics.app.alertlog import AlertLog
from analytics.app.alerts import BothRules, Clusters, Deadlines, Lead, MatterTable
from analytics.app.blocks import row
from analytics.app.heading import Heading
from analytics.app.page import page
from analytics.catalogue.clocks import CLOCKS

page(
    Heading("预警"),
    Lead(),
    BothRules(),
    row(Clusters(), Deadlines(CLOCKS)),
    MatterTable(),
    AlertLog(),
)

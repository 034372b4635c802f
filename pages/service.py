from analytics.app.blocks import row
from analytics.app.heading import Heading
from analytics.app.page import page
from analytics.app.standings import Ledger, RankingTable
from analytics.app.tiles import tiles
from analytics.figures import INTAKE, INTAKE_POINTS, INTAKE_TOWNSHIPS, KEPT_WHERE

LEDGER = (
    "petition_id",
    "registered_on",
    "service_point",
    "township",
    "village",
    "first_receiver",
    "responsible_unit",
    "topic_1",
    "closed_on",
    "resolved",
)

page(
    Heading("综合服务中心", facts=("service_intake", "first_receiver_rate", "grassroots_solution_rate")),
    tiles("service_intake", "first_receiver_rate", "grassroots_solution_rate"),
    row(INTAKE, INTAKE_POINTS),
    row(INTAKE_TOWNSHIPS, KEPT_WHERE),
    RankingTable(("service_intake", "first_receiver_rate", "grassroots_solution_rate")),
    Ledger("service_intake", "服务网络受理台账", LEDGER),
)

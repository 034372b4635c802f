from analytics.app.blocks import row
from analytics.app.heading import Heading
from analytics.app.page import page
from analytics.app.standings import RankingTable
from analytics.figures import TOPIC_CHANGES, TOPIC_TREE, TOPICS, TOPICS_2, TOPICS_3, TOWNSHIP_TOPICS

page(
    Heading("热点问题", facts=("petitions", "repeat_rate")),
    row(TOPICS, TOPIC_CHANGES),
    row(TOPIC_TREE),
    row(TOPICS_2, TOPICS_3),
    row(TOWNSHIP_TOPICS),
    RankingTable(("petitions", "persons", "repeat_rate", "group_visits", "escalated_beijing"), "topic_1"),
)

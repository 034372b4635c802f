from analytics.app.blocks import row, within
from analytics.app.heading import Heading
from analytics.app.page import page
from analytics.app.repeats import Marked, Rule, Sentences, Timelines
from analytics.app.standings import Ledger, RankingTable
from analytics.app.tiles import tiles
from analytics.figures import LINKED_TOPICS, LINKED_TOWNSHIPS, LINKED_TREND

ITEM = ("petition_id", "registered_on", "channel", "township", "topic_2", "responsible_unit")
CHAIN = (*ITEM, "position", "previous_on", "previous_closed_on", "closed_on", "matter_id")
FALSELY_FIRST = (("is_repeat", ("false",)),)
FALSELY_REPEAT = (("is_repeat", ("true",)),)

page(
    Heading("重复信访"),
    Sentences(),
    tiles(
        "linked_repeats",
        "linked_repeat_rate",
        "returned_after_closure",
        "one_time_resolution_rate",
        "after_termination",
    ),
    Rule(),
    Timelines(),
    row(LINKED_TREND),
    row(LINKED_TOWNSHIPS, LINKED_TOPICS),
    Ledger("returned_after_closure", "办结后再访台账", CHAIN),
    Ledger("after_termination", "终结后再访台账（另计，不算重复）", CHAIN),
    Marked(),
    within(Ledger("linked_repeats", "不一致：关联为重复，导出标为初件", CHAIN), where=FALSELY_FIRST),
    within(Ledger("linked_firsts", "不一致：关联为首次，导出标为重件", ITEM), where=FALSELY_REPEAT),
    RankingTable(
        ("linked_repeats", "linked_repeat_rate", "returned_after_closure", "one_time_resolution_rate")
    ),
    needs=("petitions",),
)

"""重复信访 in words: the rule, how far the export's own mark agrees, the longest matters, two sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from analytics.contract import AFTER_TERMINATION, FIRST_ITEM, NO_CODE, NO_MATTER, REPEAT_ITEM, UNFILLED
from analytics.engine import Engine, Records
from analytics.insight.wording import amount, change_in_words, count, period_in_words
from analytics.model import Metric, Period, Selection
from analytics.result import Result
from analytics.site import LINK_RULE, Site

# --- the rule ---------------------------------------------------------------------------------------


def rule_in_words(site: Site) -> str:
    """By which rule items are linked, its version, and where N is changed."""
    return (
        f"关联规则（第{LINK_RULE}版，N＝{site.repeat_days}天）：信访人代码、内容二级、责任单位都相同的信访件，"
        f"按登记日期（同日按编号）排列，距上一件不超过{site.repeat_days}天的为同一事项，超过的另算一个事项。"
        "事项的第一件为首次，其后为重复；事项已有复核答复的，答复当日及以后再来的为终结后再访，另计。"
        "N 在 site.toml 的 [repeats] days 修改，改后全部重算。"
    )


def unlinked_in_words(result: Result) -> str:
    """本期6件未能关联：无信访人代码4件，无内容或责任单位2件; `result`: unlinked by linked."""
    why = {NO_CODE: "没有信访人代码", NO_MATTER: "没有内容二级或责任单位"}
    found = {text: result.cell("unlinked", (name,)).numerator for name, text in why.items()}
    days = period_in_words(result.period)
    if not any(found.values()):
        return f"{days}的信访件都能关联"
    parts = "，".join(f"{text}的{count(many)}件" for text, many in found.items() if many)
    return f"{days}有{count(sum(found.values()))}件未能关联：{parts}"


def unseen_in_words(first: date, period: Period, site: Site) -> str:
    """That what came before the data begin cannot be seen from these days, or from those a year before.

    Empty once the days of the rule have passed.
    """
    if _sees(first, period.year_ago(), site):
        return ""
    until = first + timedelta(days=site.repeat_days)
    whose = "上年同期" if _sees(first, period, site) else "本期"
    return (
        f"数据从{first}开始，此前的信访件看不到：{until}以前登记的，重复件会少计、首次件会多计，{whose}在内。"
    )


def _sees(first: date, period: Period, site: Site) -> bool:
    """The days of the rule before the period lie within the data, which begin on `first`."""
    return period.start >= first + timedelta(days=site.repeat_days)


# --- the export's own mark --------------------------------------------------------------------------


@dataclass(frozen=True)
class Agreement:
    """The linkage against the export's 初件/重件: how many items of each pair, over those that have both."""

    counts: Mapping[tuple[str, str], int]

    @property
    def total(self) -> int:
        """Items that have both."""
        return sum(self.counts.values())

    @property
    def same(self) -> int:
        """Items of which both say the same."""
        return sum(many for (linked, told), many in self.counts.items() if told == SAYS[linked])

    @property
    def in_words(self) -> str:
        """一致率94.3%（197/209件）: the definition beside the number."""
        if not self.total:
            return "本期没有可比的信访件"
        return (
            f"一致率{self.same / self.total * 100:.1f}%（{count(self.same)}/{count(self.total)}件）＝"
            "（首次且标为初件＋重复且标为重件）÷ 关联为首次或重复、标记又已填的"
        )


SAYS = {FIRST_ITEM: "false", REPEAT_ITEM: "true"}
"""What the export's mark should be for what is linked so."""


def agreement(result: Result) -> Agreement:
    """From linkage_agreement by linked and is_repeat: each of the four pairs, also where it has nothing."""
    pairs = [(linked, told) for linked in SAYS for told in SAYS.values()]
    return Agreement({pair: result.cell("linkage_agreement", pair).denominator or 0 for pair in pairs})


# --- matters as chains ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Item:
    """One coming: its day and channel, whether after termination, and the day on which it was closed."""

    day: date
    channel: str
    terminated: bool
    closed: date | None


@dataclass(frozen=True)
class Matter:
    """事项: where and about what with whom, never whose; its items in time."""

    label: str
    items: tuple[Item, ...]


@dataclass(frozen=True)
class Chains:
    """The longest matters, the longest first, and the last day that is told of."""

    matters: tuple[Matter, ...]
    last: date


def chains(records: Records, last: date) -> Chains:
    """The matters of what `Engine.chains` gave."""
    names = [field.name for field in records.fields]
    rows = [dict(zip(names, row, strict=True)) for row in records.rows]
    grouped = (list(items) for _, items in groupby(rows, key=lambda row: row["matter_id"]))
    return Chains(tuple(_matter(items, last) for items in grouped), last)


def _matter(rows: Sequence[Mapping[str, object]], last: date) -> Matter:
    newest = rows[-1]
    known = [f"{newest[name]}" for name in ("township", "topic_2", "responsible_unit")]
    label = " · ".join(name for name in known if name != UNFILLED)
    return Matter(label, tuple(_item(row, last) for row in rows))


def _item(row: Mapping[str, object], last: date) -> Item:
    day, closed = row["registered_on"], row["closed_on"]
    assert isinstance(day, date)
    known = closed if isinstance(closed, date) and closed <= last else None
    return Item(day, f"{row['channel']}", row["linked"] == AFTER_TERMINATION, known)


def longest(found: Chains, period: Period) -> str:
    """The longest matter: how often it came, since when."""
    days = period_in_words(period)
    if not found.matters:
        return f"{days}没有来过两次以上的事项"
    first = found.matters[0]
    return f"{days}又来的事项中，最长的自{first.items[0].day}起已来{len(first.items)}次"


# --- two sentences ----------------------------------------------------------------------------------

ASKED = ("linked_repeats", "linked_repeat_rate", "returned_after_closure")


def sentences(engine: Engine, selection: Selection, versions: Mapping[str, int]) -> tuple[str, ...]:
    """At most two for the brief: how many came again against a year before, and how many after 办结.

    No percentage on a small base; nothing is compared with days before which the rule could not see. Empty
    where no petitions were imported.
    """
    if "petitions" not in versions:
        return ()
    where = dict(selection.members)
    result = engine.ask(ASKED, (), selection.period, where, "year_ago", None, versions, selection.scope)
    return tuple(_said(result, engine.site))


def _said(result: Result, site: Site) -> Iterator[str]:
    days, rate = period_in_words(result.period), result.cell("linked_repeat_rate")
    if not rate.denominator:
        yield f"{days}没有可以判断是否重复的信访件。"
        return
    repeats = result.cell("linked_repeats").numerator
    if not repeats:
        yield f"{days}可判断的{count(rate.denominator)}件都是首次，没有人为同一事项再来。"
        return
    change, share = _change(result, "linked_repeats", site), _share(result, site)
    yield f"{days}有{count(repeats)}件是同一人为同一事项再来{change}{share}。"
    if returned := result.cell("returned_after_closure").numerator:
        share = f"（{returned / repeats * 100:.1f}%）" if repeats >= site.small_base else ""
        change = _change(result, "returned_after_closure", site)
        yield f"其中{count(returned)}件{share}来时上一件已经办结{change}，这些事项没有随办结而了结。"


def _change(result: Result, name: str, site: Site) -> str:
    """，同比上升20.0%; empty where the year before cannot be told."""
    metric, covered = _metric(result, name), _comparable(result, site)
    words = change_in_words(
        metric, result.cell(name), result.base_cell(name), "year_ago", site.small_base, covered
    )
    return f"，{words}" if words else ""


def _comparable(result: Result, site: Site) -> bool:
    """Data begin early enough for the rule to have seen what came before the days compared with."""
    base, known = result.base_period, result.coverage.get("petitions")
    return base is not None and known is not None and _sees(known.first, base, site)


def _share(result: Result, site: Site) -> str:
    """；关联重复率22.9%，即可判断的210件中每百件约23件; the counts alone on a small base."""
    rate = result.cell("linked_repeat_rate")
    whole = rate.denominator or 0
    if whole < site.small_base:
        return f"；可判断的共{whole}件"
    metric = _metric(result, "linked_repeat_rate")
    return (
        f"；关联重复率{amount(metric, rate.value)}{_change(result, metric.name, site)}，"
        f"即可判断的{count(whole)}件里每百件约有{(rate.value or 0) * 100:.0f}件是重复"
    )


def _metric(result: Result, name: str) -> Metric:
    return next(metric for metric in result.metrics if metric.name == name)

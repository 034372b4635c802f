"""总体情况、信访形式、属地分布、热点问题: how much came, by which way, from where, about what."""

from __future__ import annotations

from collections.abc import Iterator

from analytics.briefs.asking import COMPARISONS, Asking
from analytics.briefs.brief import Section
from analytics.briefs.phrases import (
    change,
    fact,
    joined,
    judged_in_words,
    movers,
    named_members,
    names,
    nobody,
    sentence,
    share,
    source_of,
    top,
    value,
)
from analytics.catalogue import DIMENSIONS, METRICS
from analytics.citing import Piece, Told
from analytics.insight.below import members_of
from analytics.insight.findings import leader
from analytics.insight.verdict import VERDICTS
from analytics.insight.wording import COMPARED, festival_note, period_in_words
from analytics.result import NOBODY

WAYS = ("letters", "visits", "online", "phone")
MOST = 5
"""So many townships and topics are named with their shares."""


def total(asking: Asking) -> Told:
    """2021年11月信访总量217件，同比上升3.8%，处于正常波动范围。"""
    result = asking.month("petitions")[0]
    told = fact([result], "petitions", asking.small_base)
    judged = judged_in_words(asking.judged("petitions"))
    return sentence(period_in_words(result.period), joined([told, judged]))


def overall(asking: Asking) -> Iterator[Section]:
    """总量、初件与重件、办结与在办."""
    counted = joined([asking.told("petitions"), judged_in_words(asking.judged("petitions"))])
    days = period_in_words(asking.month("petitions")[0].period)
    told = sentence(days, counted, "；", asking.told("persons"))
    if not asking.is_january:
        told += sentence(asking.told_so_far("petitions", "persons"))
    yield Section("总量", (told + _festival(asking),))
    kinds = ("first_petitions", "repeat_petitions", "repeat_rate")
    yield Section("初件与重件", (sentence(asking.told(*kinds)),))
    yield Section("办结与在办", (sentence(asking.told("closed", "open", "overdue")),))


def _festival(asking: Asking) -> Told:
    """That Spring Festival lies in only one of the periods compared."""
    results = [result for result in asking.month("petitions") if result.base_covered()]
    notes = [festival_note(result.period, result.base_period) for result in results]
    return sentence(next(filter(None, notes), ""))


# --- 信访形式 -----------------------------------------------------------------------------------------


def chief_way(asking: Asking) -> Told:
    """本级受理中来信最多：60件，占信访总量27.6%。"""
    result = asking.month("petitions")[0]
    first = max(WAYS, key=lambda name: result.cell(name).numerator)
    if not result.value(first):
        return total(asking)
    most = value(result, first, label=f"本级受理中{METRICS[first].label.removesuffix('批次')}最多：")
    return sentence(joined([most, share(result, first, "petitions", "信访总量")]))


def ways_in(asking: Asking) -> Iterator[Section]:
    """来信、来访、网上信访、来电, and apart from them 上级交办; group visits; 越级走访."""
    told = sentence("本级受理：", joined([_way(asking, name) for name in WAYS], "；"))
    yield Section("各种形式", (told + sentence(_way(asking, "superior_assigned")),))
    groups = ("visit_persons", "group_visits", "group_visit_persons")
    yield Section("来访与集体访", (sentence(asking.told(*groups)),))
    levels = ("escalated_city", "escalated_province", "escalated_beijing")
    yield Section("越级走访", (sentence(asking.told(*levels)),))


def _way(asking: Asking, name: str) -> Told:
    """来信60件，占信访总量27.6%，同比下降1.6%，环比上升62.2%."""
    results = asking.month(name)
    changes = [change(result, name, asking.small_base) for result in results]
    return joined([value(results[0], name), share(results[0], name, "petitions", "信访总量"), *changes])


# --- 属地分布、热点问题 --------------------------------------------------------------------------------


def chief_place(asking: Asking) -> Told:
    """兴田街道最多：24件，占11.1%。"""
    return _chief(asking, asking.place)


def chief_topic(asking: Asking) -> Told:
    """城乡建设最多：58件，占26.7%。"""
    return _chief(asking, "topic_1")


def _chief(asking: Asking, dimension: str) -> Told:
    result = asking.ask("petitions", (dimension,), "year_ago")
    return sentence(Piece(leader(result), source_of(result)))


def places(asking: Asking) -> Iterator[Section]:
    """Which places had most, which had none, which moved most, which are more than chance explains."""
    result = asking.ask("petitions", (asking.place,), "year_ago")
    most, unknown = top(result, "petitions", MOST, shares=True), nobody(result, "petitions")
    told = sentence("件数居前的为", most) if most else sentence(asking.value("petitions"))
    if most and (silent := _silent(asking)):
        told += sentence(f"{names(silent, MOST)}没有信访件")
    yield Section("分布", (told + (sentence("另有", unknown) if unknown else ()),))
    yield Section("增减", (_moved(asking, asking.place) + _beyond_chance(asking, asking.place),))


def topics(asking: Asking) -> Iterator[Section]:
    """What is complained of most, in general and in particular, and what moved."""
    told: Told = ()
    for level, dimension in (("内容一级", "topic_1"), ("内容二级", "topic_2")):
        result = asking.ask("petitions", (dimension,), "year_ago")
        if most := top(result, "petitions", MOST, shares=True):
            told += sentence(f"{level}居前的为", most)
    yield Section("构成", (told or sentence(asking.value("petitions")),))
    yield Section("增减", (_moved(asking, "topic_2") + _beyond_chance(asking, "topic_1"),))


def _silent(asking: Asking) -> list[str]:
    """The site's places, of those selected, without any item."""
    result = asking.ask("petitions", (asking.place,), "year_ago")
    listed = members_of(asking.engine.site, result.query.selection, (asking.place,))
    with_any = {line.member for line in named_members(result, "petitions")}
    return [name for name in listed if name not in with_any]


def _moved(asking: Asking, dimension: str) -> Told:
    """同比增加较多的为…；减少较多的为…。环比…"""
    told: Told = ()
    for compare in COMPARISONS:
        found = movers(asking.ask("petitions", (dimension,), compare), "petitions")
        told += sentence(COMPARED[compare], found) if found else ()
    return told


def _beyond_chance(asking: Asking, dimension: str) -> Told:
    """经统计判断，水口镇属显著上升。"""
    by_word: dict[str, list[str]] = {}
    for key, one in asking.signals("petitions", dimension).items():
        if not set(key) & set(NOBODY):
            by_word.setdefault(VERDICTS[one.verdict], []).append(DIMENSIONS[dimension].label_of(key[0]))
    said = "，".join(f"{names(members)}属{word}" for word, members in by_word.items())
    return sentence("经统计判断，", said) if said else ()

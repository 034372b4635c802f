"""积案化解、领导接访、矛盾排查: the backlog batch by batch, who received, who screened and who did not."""

from __future__ import annotations

from collections.abc import Iterator

from analytics.briefs.asking import Asking
from analytics.briefs.brief import Section
from analytics.briefs.phrases import (
    joined,
    maturing,
    named_members,
    names,
    sentence,
    source_of,
    top,
    value,
)
from analytics.catalogue import DIMENSIONS
from analytics.citing import Piece, Source, Told, command, filters_in_words, where_options
from analytics.insight.closing import FURTHEST, Projection, outlook
from analytics.insight.findings import batches
from analytics.insight.wording import day_in_words, period_in_words
from analytics.result import Result

STAGES = ("backlog_closed", "backlog_assigned", "backlog_reported", "backlog_resolved", "backlog_overdue")
MOVED = ("backlog_closed_in_period", "backlog_remaining", "backlog_overdue")
RECEIVED = ("receptions", "reception_batches", "reception_persons")
SETTLED = ("disputes_resolved", "dispute_resolution_rate", "disputes_outstanding")
ROUNDS = ("screening_compliance", "screenings_missed")


def by_batch(asking: Asking) -> Told:
    """第一批110宗全部办结；第二批办结15宗（39.5%），剩余23宗。"""
    result = asking.ask(STAGES, ("batch",))
    return sentence(Piece(batches(result), source_of(result)))


def backlog(asking: Asking) -> Iterator[Section]:
    """Each batch, the month, who holds what remains, when it may be finished."""
    yield Section("各批次", (by_batch(asking) + _stages(asking),))
    yield Section("本月进展", (sentence(asking.told(*MOVED)),))
    yield Section("剩余分布", (_held(asking, asking.place) + _held(asking, "lead_official"),))
    yield Section("预计", (finishes(asking),))


def _stages(asking: Asking) -> Told:
    """Of each open batch what was reported, resolved, and is late."""
    result = asking.ask(STAGES, ("batch",))
    told: Told = ()
    for key in result.keys:
        if result.cell("backlog_closed", key).numerator < result.cell("backlog_assigned", key).numerator:
            words = [
                value(result, "backlog_assigned", key, "交办"),
                value(result, "backlog_reported", key),
                value(result, "backlog_resolved", key),
                value(result, "backlog_overdue", key, "超期未办结"),
            ]
            told += sentence(f"其中{key[0]}", joined(words))
    return told


def _held(asking: Asking, dimension: str) -> Told:
    """剩余积案按镇街，居前的为大坪镇5宗、…; nothing where nothing remains."""
    most = top(asking.ask("backlog_remaining", (dimension,)), "backlog_remaining")
    return sentence(f"剩余积案按{DIMENSIONS[dimension].label}，居前的为", most) if most else ()


def finishes(asking: Asking) -> Told:
    """第二批按目前进度预计…全部办结（八成把握）: of each batch that is open and has a pace."""
    query = asking.ask("backlog_remaining").query
    day, version = query.selection.period.last, dict(query.versions)["backlog"]
    found = outlook(asking.engine, query.selection, dict(query.versions), day)
    kept = [word for option in where_options(query.selection) for word in option]
    asked = command("petition", "project", *kept, "--as-of", f"{day}", "--version", f"backlog={version}")
    about = ["积案各批次预计办结", f"截至{day_in_words(day)}", filters_in_words(query.selection)]
    source = Source(asked, "；".join(filter(None, [*about, f"信访积案第{version}版"])))
    told = [Piece(words, source) for one in found if one.remaining and (words := _finish(one))]
    return sentence(joined(told, "；")) if told else ()


def _finish(found: Projection) -> str:
    if found.finish is None or (found.finish.high - found.day).days >= FURTHEST:
        return ""
    low, high = found.finish.low, found.finish.high
    months = f"{low.year}年{low.month}月"
    if (low.year, low.month) != (high.year, high.month):
        months += f"至{high.year}年{high.month}月"
    due = f"，时限为{day_in_words(found.due)}" if found.due else ""
    return f"{found.batch}按目前进度预计{months}全部办结（八成把握）{due}"


# --- 领导接访 -----------------------------------------------------------------------------------------


def received(asking: Asking) -> Told:
    """2021年11月市领导接访13场，接待来访18批，接待来访39人次。"""
    days = period_in_words(asking.month("receptions")[0].period)
    return sentence(days, joined([asking.value(name) for name in RECEIVED]))


def receptions(asking: Asking) -> Iterator[Section]:
    """Sessions, whether each duty was kept and by whom not, what was promised."""
    told = sentence(period_in_words(asking.month("receptions")[0].period), asking.told(*RECEIVED))
    if not asking.is_january:
        told += sentence(asking.told_so_far(*RECEIVED))
    yield Section("接访", (told,))
    if not asking.absent("visit_compliance"):
        kept = asking.told("reception_day_compliance", "visit_compliance")
        yield Section("落实", (sentence(kept) + missed_visits(asking),))
    promises = asking.so_far("reception_promises")
    if promises.value("reception_promises"):
        rate = maturing(promises, ("reception_resolution_rate",))
        made = joined([value(promises, "reception_promises"), rate])
        yield Section("交办事项", (sentence(period_in_words(promises.period), made),))


def missed_visits(asking: Asking) -> Told:
    """未下访的市领导为…; nothing where everyone went."""
    if asking.absent("visits_missed"):
        return ()
    return _missed(asking.ask("visits_missed", ("official",)), "visits_missed", "当月未下访的市领导为")


def _missed(result: Result, name: str, words: str) -> Told:
    label_of = DIMENSIONS[result.query.by[0]].label_of
    labels = [label_of(line.member) for line in named_members(result, name)]
    return sentence(words, Piece(names(labels, 8), source_of(result))) if labels else ()


# --- 矛盾排查 -----------------------------------------------------------------------------------------


def screened(asking: Asking) -> Told:
    """2021年11月排查566次，排查出纠纷172件；应排尽排率93.8%。"""
    told = joined([asking.value("screenings"), asking.value("disputes_found")])
    kept = "" if asking.absent("screening_compliance") else asking.value("screening_compliance")
    days = period_in_words(asking.month("screenings")[0].period)
    return sentence(days, joined([told, kept], "；"))


def screening(asking: Asking) -> Iterator[Section]:
    """Rounds held, disputes found and settled, which rounds were missed."""
    days = period_in_words(asking.month("screenings")[0].period)
    yield Section("排查", (sentence(days, asking.told("screenings", "disputes_found")),))
    yield Section("化解", (sentence(maturing(asking.month(SETTLED[0])[0], SETTLED)),))
    if not asking.absent("screening_compliance"):
        told = sentence(asking.told(*ROUNDS)) + _levels(asking) + missed_rounds(asking)
        yield Section("应排尽排", (told,))


def _levels(asking: Asking) -> Told:
    """市级100.0%，缺0次；镇街97.5%，缺1次。"""
    result = asking.ask(ROUNDS, ("level",))
    told = []
    for key in result.keys:
        level = DIMENSIONS["level"].label_of(key[0])
        rate = value(result, "screening_compliance", key, level)
        told.append(joined([rate, value(result, "screenings_missed", key, "缺")]))
    return sentence(joined(told, "；")) if told else ()


def missed_rounds(asking: Asking) -> Told:
    """缺排的镇街为…。缺排的市直单位为…。"""
    told: Told = ()
    for level, dimension, words in (("township", "township", "镇街"), ("department", "unit", "市直单位")):
        result = asking.ask("screenings_missed", (dimension,), where=(("level", (level,)),))
        told += _missed(result, "screenings_missed", f"缺排的{words}为")
    return told

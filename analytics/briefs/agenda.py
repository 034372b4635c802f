"""The agenda of a month's brief: an item a line of business, in the order of such reports."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from analytics.answers import Answer, Figure
from analytics.briefs import handling, outstanding, resolving, volumes
from analytics.briefs.asking import Asking
from analytics.briefs.brief import Chapter, KeyNumber, Section
from analytics.briefs.phrases import judged_in_words, key_number, sentence
from analytics.catalogue import METRICS
from analytics.citing import Piece, Told
from analytics.figures import (
    BATCHES,
    BURN_DOWN,
    DISPUTES,
    HANDLING_DAYS,
    RECEIVED_BY,
    RECEPTION_TREND,
    SCREENING_LEVELS,
    SOURCES,
    SUPERVISION_SOURCES,
    SUPERVISORS,
    TIMELY,
    TOPIC_CHANGES,
    TOPICS,
    TOWNSHIPS,
    TREND,
    WAYS_IN,
)
from analytics.insight.findings import changes
from analytics.insight.wording import BASES, COMPARED


@dataclass(frozen=True)
class Item:
    """What an item of the agenda says, shows large, and draws.

    `about`: the metric without whose data there is nothing to say. `blank`: the text is the author's.
    """

    name: str
    title: str
    about: str
    finding: Callable[[Asking], Told]
    tell: Callable[[Asking], Iterable[Section]]
    numbers: tuple[str, ...] = ()
    figures: tuple[Figure, ...] = ()
    blank: bool = False


AGENDA = (
    Item(
        *("overall", "总体情况", "petitions", volumes.total, volumes.overall),
        ("petitions", "persons", "repeat_rate", "closed"),
        (TREND,),
    ),
    Item(
        *("channels", "信访形式", "petitions", volumes.chief_way, volumes.ways_in),
        ("letters", "visits", "online", "superior_assigned"),
        (WAYS_IN, SOURCES),
    ),
    Item(
        *("places", "属地分布", "petitions", volumes.chief_place, volumes.places),
        figures=(TOWNSHIPS,),
    ),
    Item(
        *("topics", "热点问题", "petitions", volumes.chief_topic, volumes.topics),
        figures=(TOPICS, TOPIC_CHANGES),
    ),
    Item(
        *("handling", "办理质效", "petitions", handling.timeliness, handling.quality),
        (*handling.TIMELY, "overdue"),
        (TIMELY, HANDLING_DAYS),
    ),
    Item(
        *("backlog", "积案化解", "backlog_remaining", resolving.by_batch, resolving.backlog),
        ("backlog_remaining", "backlog_closed_in_period", "backlog_closure_rate", "backlog_overdue"),
        (BATCHES, BURN_DOWN),
    ),
    Item(
        *("supervision", "督查督办", "supervised", handling.orders, handling.supervision),
        ("supervised", "feedback_on_time_rate", "supervision_outstanding", "supervision_overdue"),
        (SUPERVISION_SOURCES, SUPERVISORS),
    ),
    Item(
        *("receptions", "领导接访", "receptions", resolving.received, resolving.receptions),
        ("receptions", "reception_batches", "reception_persons", "visit_compliance"),
        (RECEPTION_TREND, RECEIVED_BY),
    ),
    Item(
        *("screening", "矛盾排查", "screenings", resolving.screened, resolving.screening),
        ("screenings", "disputes_found", "screening_compliance", "screenings_missed"),
        (DISPUTES, SCREENING_LEVELS),
    ),
    Item("problems", "存在问题", "petitions", outstanding.chief_problem, outstanding.shortfalls),
    Item("advice", "研判与建议", "petitions", outstanding.chief_fact, outstanding.bearing, blank=True),
)


def chapter(asking: Asking, item: Item) -> Chapter:
    """An item of the agenda, asked; where its data are missing, why."""
    if why := asking.absent(item.about):
        return Chapter(item.name, item.title, (Piece(why),), (), (Section("", _why(why)),), (), item.blank)
    figures = [asking.answered(f) for f in item.figures if not asking.absent(f.metric.name)]
    return Chapter(
        item.name,
        item.title,
        item.finding(asking),
        tuple(_number(asking, name) for name in item.numbers if _known(asking, name)),
        _sections(asking, item),
        tuple(figure for figure in figures if _drawable(figure)),
        item.blank,
    )


def _why(why: str) -> tuple[Told, ...]:
    return ((Piece(f"{why}，本部分从略。"),),)


def _sections(asking: Asking, item: Item) -> tuple[Section, ...]:
    """Those that say anything; at the end what could not be compared, and filters that do not apply."""
    found = [Section(s.title, tuple(filter(None, s.paragraphs))) for s in item.tell(asking)]
    notes = (_uncompared(asking, item.about) if item.numbers else (), _unfiltered(asking, item.about))
    found.append(Section("", tuple(filter(None, notes))))
    return tuple(section for section in found if section.paragraphs)


def _uncompared(asking: Asking, about: str) -> Told:
    """上年同期、上期没有数据，不作同比、环比。"""
    missing = [r.query.compare for r in asking.month(about) if not r.base_covered(metric=about)]
    if not missing:
        return ()
    days, words = ("、".join(names[m] for m in missing) for names in (BASES, COMPARED))
    return sentence(f"{days}没有数据，不作{words}")


def _unfiltered(asking: Asking, about: str) -> Told:
    lacking = "、".join(asking.lacking(about))
    return sentence(f"本部分不受“{lacking}”筛选") if lacking else ()


def _drawable(found: Answer) -> bool:
    """Whether there is anything to see: a number other than 0 and unknown, a change that is one."""
    result = found.result
    if found.figure.mark == "change":
        return bool(changes(result))
    return any(result.value(m.name, key) for m in found.figure.drawn for key in result.keys)


# --- key numbers --------------------------------------------------------------------------------------


def _known(asking: Asking, name: str) -> bool:
    """Whether there are data, and something to divide by."""
    return not asking.absent(name) and asking.month(name)[0].value(name) is not None


def _number(asking: Asking, name: str) -> KeyNumber:
    """The month's number; of what comes anew each month also what may be said of it."""
    told = "" if METRICS[name].stock else judged_in_words(asking.judged(name))
    return key_number(name, asking.month(name), asking.small_base, told)

"""存在问题、研判与建议: what is late or was missed, and the facts that bear on what to do. No causes."""

from __future__ import annotations

from collections.abc import Iterator

from analytics.briefs.asking import Asking
from analytics.briefs.brief import Section
from analytics.briefs.phrases import NAMED, joined, movers, names, sentence, source_of, top
from analytics.briefs.resolving import finishes, missed_rounds, missed_visits
from analytics.catalogue import DIMENSIONS, METRICS
from analytics.citing import Piece, Told
from analytics.contract import DATASETS
from analytics.insight.below import placed
from analytics.insight.warning.alert import members_in_words
from analytics.insight.warning.board import Board, board
from analytics.insight.warning.matters import BY, COUNTED
from analytics.insight.warning.provincial import Change
from analytics.insight.wording import period_in_words

LATE = (
    ("overdue", ("responsible_unit", "township")),
    ("acceptance_overdue", ("responsible_unit",)),
    ("backlog_overdue", ("township",)),
    ("supervision_overdue", ("supervisor",)),
)
"""What is over its day, and by whom it is told."""
WHOLE = (
    *("timely_acceptance_rate", "on_time_reply_rate", "on_time_closure_rate"),
    *("superior_on_time_closure_rate", "feedback_on_time_rate", "reception_day_compliance"),
)
"""Rates that the rules want at a hundred per cent."""
RETURNED = ("returned_after_closure", "after_termination")
SHOWN = 5


def problems(asking: Asking) -> tuple[Told, ...]:
    """A paragraph each; one that says so where there are none."""
    told = [*_late(asking), _short(asking), missed_visits(asking), _rounds(asking), *_returned(asking)]
    return (
        *(tuple(filter(None, told)) or (sentence("现有数据中未发现超期、逾期或遗漏"),)),
        *_unjudged(asking),
    )


def _unjudged(asking: Asking) -> Iterator[Told]:
    """What there are no data to say it of."""
    looked = (*(name for name, _ in LATE), "visits_missed", "screenings_missed")
    labels = dict.fromkeys(DATASETS[METRICS[n].imported].label for n in looked if asking.absent(n))
    if labels:
        yield sentence(f"{'、'.join(labels)}当月没有数据，未作判断")


def chief_problem(asking: Asking) -> Told:
    """超期未办结6件，超期未办结积案3宗，逾期未反馈2件，缺排34次。"""
    counted = (*(name for name, _ in LATE), "screenings_missed", "visits_missed")
    found = [asking.value(name) for name in counted if _any(asking, name)]
    return sentence(joined(found)) if found else problems(asking)[0]


def shortfalls(asking: Asking) -> Iterator[Section]:
    """存在问题."""
    yield Section("", problems(asking))


def _any(asking: Asking, name: str) -> bool:
    return not asking.absent(name) and bool(asking.month(name)[0].value(name))


def _late(asking: Asking) -> Iterator[Told]:
    for name, dimensions in LATE:
        if _any(asking, name):
            told = sentence(asking.value(name))
            yield told + tuple(piece for by in dimensions for piece in _most(asking, name, by))


def _most(asking: Asking, name: str, dimension: str) -> Told:
    """按镇街，居前的为水口镇2件、…。"""
    (dimension,) = placed((dimension,), asking.engine.site, asking.selection)
    found = top(asking.ask(name, (dimension,)), name)
    return sentence(f"按{DIMENSIONS[dimension].label}，居前的为", found) if found else ()


def _short(asking: Asking) -> Told:
    """Rates that the rules want whole and are not."""
    below = [name for name in WHOLE if _below(asking, name)]
    return sentence("未达到百分之百的有：", joined([asking.value(name) for name in below])) if below else ()


def _below(asking: Asking, name: str) -> bool:
    rate = None if asking.absent(name) else asking.month(name)[0].value(name)
    return rate is not None and rate < 1


def _rounds(asking: Asking) -> Told:
    if not _any(asking, "screenings_missed"):
        return ()
    return sentence("矛盾排查", asking.value("screenings_missed")) + missed_rounds(asking)


def _returned(asking: Asking) -> Iterator[Told]:
    for name in RETURNED:
        if _any(asking, name):
            yield sentence(asking.value(name)) + _most(asking, name, "township")


# --- 研判与建议 -------------------------------------------------------------------------------------------


def bearing(asking: Asking) -> Iterator[Section]:
    """The facts that bear on judgement and advice, which are the author's."""
    if asking.absent("petitions"):
        return
    found = board(asking.engine, asking.selection, asking.versions)
    if found:
        yield Section("是否超出正常波动", (_signals(asking, found) + _only_the_rule(found),))
    where = _where(asking, asking.place) + _where(asking, "topic_1")
    if where:
        yield Section("变化所在", (where,))
    if found and (recent := _clusters(found) + _matters(asking, found)):
        yield Section("近期聚集、集体访与越级走访", (recent,))
    ahead = sentence(asking.value("due_soon"))
    yield Section("将到期与预计", (ahead + (() if asking.absent("backlog_remaining") else finishes(asking)),))


def chief_fact(asking: Asking) -> Told:
    """What statistics say of the month's counts."""
    found = None if asking.absent("petitions") else board(asking.engine, asking.selection, asking.versions)
    return _signals(asking, found) if found else (Piece("没有可供研判的数据。"),)


def _signals(asking: Asking, found: Board) -> Told:
    """新陂镇信访总量32件（同比 21→32，+52.4%），显著上升: what is more than chance explains."""
    signals = [change for change in found.changes if change.judgement.is_signal]
    if not any(change.judgement.expected is not None for change in found.changes):
        return sentence("可比的历史不足或样本小，不作统计判断")
    if not signals:
        return sentence("经统计判断，各项计数均未超出正常波动（样本小或历史不足的不作判断）")
    told = [_signal(asking, change) for change in signals[:SHOWN]]
    more = "；其余见“是否异常”页" if len(signals) > SHOWN else ""
    return sentence("经统计判断超出正常波动的有：", joined(told, "；"), more)


def _signal(asking: Asking, change: Change) -> Piece:
    by = tuple(dimension for dimension, _ in change.members)
    result = asking.ask(change.metric.name, by, change.widest.compare)
    return Piece(change.short, source_of(result))


def _only_the_rule(found: Board) -> Told:
    """What the provincial rule calls an alarm and chance alone explains: by name."""
    quiet = [c.name for c in found.changes if c.level == "alarm" and c.agreement == "provincial"]
    if not quiet:
        return ()
    return sentence(f"省里的办法报告警、统计上未超出正常波动的有：{names(quiet, SHOWN)}")


def _where(asking: Asking, dimension: str) -> Told:
    """信访总量同比，按镇街增加较多的为…: where the difference lies, no cause."""
    result = asking.ask("petitions", (dimension,), "year_ago")
    moved = movers(result, "petitions")
    return sentence(f"按{DIMENSIONS[dimension].label}同比，", moved) if moved else ()


def _clusters(found: Board) -> Told:
    places = [members_in_words(cluster.members) for cluster in found.scan.found]
    return sentence(f"近期信访件明显聚集的有：{names(places, SHOWN)}") if places else ()


def _matters(asking: Asking, found: Board) -> Told:
    """Matters with several group visits or escalations in the last weeks, with their counts."""
    flagged = found.matters.flagged
    if not flagged:
        return ()
    kept = dict(asking.selection.members)
    result = asking.engine.ask(COUNTED, BY, found.matters.window, kept, scope=asking.selection.scope)
    told = [Piece(matter.words, source_of(result)) for matter in flagged[:NAMED]]
    more = "；其余见“预警”页" if len(flagged) > NAMED else ""
    return sentence(
        period_in_words(found.matters.window), "集体访、越级走访较多的事项：", joined(told, "；"), more
    )

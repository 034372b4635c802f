"""办理质效、督查督办: whether items were handled in time and well, and what supervision achieved."""

from __future__ import annotations

from collections.abc import Iterator

from analytics.briefs.asking import Asking
from analytics.briefs.brief import Section
from analytics.briefs.phrases import joined, maturing, sentence, top, value
from analytics.citing import Told
from analytics.insight.wording import period_in_words

TIMELY = ("timely_acceptance_rate", "on_time_reply_rate", "on_time_closure_rate")
WAITING = ("open", "overdue", "due_soon", "acceptance_overdue")
JUDGED = ("evaluation_rate", "office_satisfaction", "unit_satisfaction")


def timeliness(asking: Asking) -> Told:
    """按期受理率100.0%，按期答复率100.0%，按期办结率100.0%。"""
    result = asking.month(TIMELY[0])[0]
    known = [name for name in TIMELY if result.value(name) is not None]
    return sentence(joined([asking.value(name) for name in known or TIMELY[:1]]))


def quality(asking: Asking) -> Iterator[Section]:
    """The three rates, days, what waits and with whom, and what petitioners say."""
    rates = (*TIMELY, "superior_on_time_closure_rate")
    yield Section("按期受理、答复、办结", (sentence(asking.told(*rates)),))
    yield Section("办理用时", (sentence(asking.told("median_days", "p90_days")),))
    units = top(asking.ask("overdue", ("responsible_unit",)), "overdue")
    late = sentence("超期未办结的责任单位，居前的为", units) if units else ()
    yield Section("在办与超期", (sentence(asking.told(*WAITING)) + late,))
    yield Section("群众评价", (sentence(maturing(asking.month(JUDGED[0])[0], JUDGED)),))


def orders(asking: Asking) -> Told:
    """2021年11月督办15件，上年同期1件；按期反馈率88.9%。"""
    days = period_in_words(asking.month("supervised")[0].period)
    return sentence(days, asking.told("supervised"), "；", asking.value("feedback_on_time_rate"))


def supervision(asking: Asking) -> Iterator[Section]:
    """Orders of the month and the year, feedback, what came of them, proposals."""
    days = period_in_words(asking.month("supervised")[0].period)
    told = sentence(days, asking.told("supervised", "feedback_on_time_rate"))
    if not asking.is_january:
        names = ("supervised", "supervision_resolution_rate", "inspection_supervised")
        told += sentence(asking.told_so_far(*names))
    yield Section("督办", (told,))
    late = top(asking.ask("supervision_overdue", ("supervisor",)), "supervision_overdue")
    waiting = sentence(asking.told("supervision_outstanding", "supervision_overdue"))
    yield Section("反馈", (waiting + (sentence("逾期未反馈的督办人，居前的为", late) if late else ()),))
    year = asking.so_far("proposals")
    if year.value("proposals"):
        made = [value(year, "proposals", label="提出三项建议"), value(year, "proposal_adoption_rate")]
        yield Section("三项建议", (sentence(period_in_words(year.period), joined(made)),))

"""The agenda of a month's brief, chapter by chapter: what each asks, says and shows."""

from __future__ import annotations

from collections.abc import Callable

from analytics.briefs.asking import Asking, joined, key_number, sentence, value, with_changes
from analytics.briefs.brief import Chapter, Section
from analytics.citing import Told
from analytics.figures import TOWNSHIPS, TREND
from analytics.insight.verdict import verdict_in_title
from analytics.insight.wording import period_in_words


def overall(asking: Asking) -> Chapter:
    """总体情况."""
    results = asking.compared(("petitions", "persons"))
    first = sentence(
        period_in_words(asking.selection.period),
        with_changes(results, "petitions", asking.small_base),
        verdict_in_title(asking.judged("petitions")),
    )
    persons = sentence(with_changes(results, "persons", asking.small_base))
    numbers = tuple(key_number(asking, name) for name in ("petitions", "persons", "repeat_rate"))
    return Chapter(
        "overall",
        "总体情况",
        first,
        numbers,
        (Section("", (first + persons,)),),
        (asking.answered(TREND),),
    )


def places(asking: Asking) -> Chapter:
    """属地分布."""
    result = asking.ask("petitions", ("township",), "year_ago")
    ranking = [line for line in result.ranking("petitions") if line.rank]
    first: Told = sentence(
        "件数居前的镇街为",
        joined([value(result, "petitions", (r.member,), r.member) for r in ranking[:3]], "、"),
    )
    return Chapter("places", "属地分布", first, (), (Section("", (first,)),), (asking.answered(TOWNSHIPS),))


CHAPTERS: tuple[Callable[[Asking], Chapter], ...] = (overall, places)
"""In the order of the agenda."""

"""The rows of a table, judged together so that many of them raise no more false alarms than one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from analytics.insight import chance
from analytics.insight.case import LEAST_MONTHS, Case, Group, unsaid
from analytics.insight.chance import Counted, Measured, Prediction, Shared
from analytics.insight.funnel import LEAST_GROUPS, Funnel, Place
from analytics.insight.overtime import least_step
from analytics.insight.verdict import Judgement, Verdict
from analytics.result import Key

RECENT, MOSTLY, A_YEAR = 6, 5, 12
"""Months that a lasting change is judged by; how many of them must lie on its side; months of a funnel."""


def table(case: Case, groups: Mapping[Key, Group]) -> dict[Key, Judgement]:
    """Every row at once: its present, what lasted, and for rates its place among the others."""
    known = {key: group for key, group in groups.items() if not case.unjudged(group)}
    spread = dispersion(case, list(known.values()))
    tests = {key: prediction(case, group, spread) for key, group in known.items()}
    lasting = {key: found for key, group in known.items() if (found := _lasting(case, group, spread))}
    funnel = _funnel(case, known, spread)
    p_values = [tests[key].p(_judged_value(case, known[key])) for key in tests]
    p_values += [one.p for one in (*lasting.values(), *funnel.values())]
    level = chance.threshold(p_values, chance.FALSE_FINDS)
    made = {key: unsaid(group, case.unjudged(group)) for key, group in groups.items() if key not in known}
    for key, group in known.items():
        first = by_limits(case, group, tests[key], level)
        others = (one for one in (lasting.get(key), funnel.get(key)) if one and one.p <= level)
        lasts = None if first.is_signal else next(others, None)
        made[key] = (
            replace(first, verdict=lasts.verdict, rule=lasts.rule, told=lasts.told) if lasts else first
        )
    return made


def by_limits(case: Case, group: Group, prediction: Prediction, level: float) -> Judgement:
    """Outside the limits or not; no word of normality where a row is too small to tell."""
    value, (lower, upper) = _judged_value(case, group), prediction.limits(level)
    expected = prediction.expected
    if case.metric.stock:
        lower, expected, upper = (max(edge + _before(group), 0) for edge in (lower, expected, upper))
    verdict: Verdict = "small" if case.too_small(group, expected) else "normal"
    exact = not isinstance(prediction, Measured)
    if (exact or verdict == "normal") and prediction.p(value) <= level:
        verdict = "up" if value > prediction.expected else "down"
    instrument = "exact" if exact else "student"
    rule = {"normal": instrument, "small": "size"}.get(verdict, f"{instrument}.limits")
    told = {"up": "超出上限", "down": "低于下限"}.get(verdict, "")
    finds = None if case.metric.stock else prediction
    return Judgement(verdict, group.now.value, rule, expected, lower, upper, told, finds, level)


def _before(group: Group) -> float:
    return group.known[-1]


def _judged_value(case: Case, group: Group) -> float:
    """The value itself; of a stock its change."""
    value = float(group.now.value or 0)
    return value - _before(group) if case.metric.stock else value


def dispersion(case: Case, groups: Sequence[Group]) -> float:
    """By how much the metric varies more than chance alone, over all rows together."""
    if case.adds:
        return chance.dispersion_of_counts([[c.numerator for c in g.past] for g in groups]).factor
    if case.shares:
        pairs = [[(c.numerator, c.denominator or 0) for c in g.past] for g in groups]
        return chance.dispersion_of_shares(pairs).factor
    return 1.0


def prediction(case: Case, group: Group, spread: float) -> Prediction:
    """What the row's own past leads one to expect of its present, or of its stock's change."""
    base, of = group.total(group.past)
    if case.adds:
        return Counted(base, len(group.past), case.ahead, spread)
    if case.shares:
        return Shared(base, of, group.now.denominator or 0, spread)
    if case.metric.stock:
        return Measured(tuple(np.diff(group.known).tolist()), least=least_step(case.metric, group))
    sizes = tuple(cell.denominator or 1 for cell in group.past if cell.value is not None)
    return Measured(tuple(group.known), 0.0, sizes=sizes, size=group.now.denominator or 1)


@dataclass(frozen=True)
class _Lasting:
    """A test of more than the present month: its p, and what to say where it is met."""

    p: float
    verdict: Verdict
    rule: str
    told: str


def _lasting(case: Case, group: Group, spread: float) -> _Lasting | None:
    """Whether six months together are beyond those before, nearly all and the present on one side."""
    if not case.whole_month or len(group.past) < LEAST_MONTHS + RECENT - 1:
        return None
    recent, earlier = (*group.past[1 - RECENT :], group.now), group.past[: 1 - RECENT]
    (k, n), (base, of) = group.total(recent), group.total(earlier)
    if case.adds:
        test: Prediction = Counted(base, len(earlier), RECENT, spread)
        value, mean, words = (
            float(k),
            base / len(earlier),
            f"合计 {k:,}，此前折算为 {base * RECENT / len(earlier):,.1f}",
        )
    elif case.shares and n and of:
        test, value, mean = Shared(base, of, n, spread), k / n, base / of
        words = f"为 {value:.1%}，此前为 {mean:.1%}"
    else:
        return None
    above = sum(np.sign(cell.value - mean) for cell in recent if cell.value is not None)
    present = np.sign((group.now.value or 0) - mean)
    lasts = abs(above) >= 2 * MOSTLY - RECENT and np.sign(above) == np.sign(value - test.expected) == present
    verdict: Verdict = "high" if above > 0 else "low"
    return _Lasting(test.p(value) if lasts else 1.0, verdict, "exact.sustained", f"近 {RECENT} 个月{words}")


def _funnel(case: Case, groups: Mapping[Key, Group], spread: float) -> dict[Key, _Lasting]:
    """Each row's share over a year against that of all the others (Spiegelhalter 2005)."""
    if not case.shares or not case.whole_month:
        return {}
    sums = {key: group.total((*group.past[1 - A_YEAR :], group.now)) for key, group in groups.items()}
    places = {key: Place("".join(key), k, n) for key, (k, n) in sums.items() if n >= max(case.small_base, 1)}
    if len(places) < LEAST_GROUPS:
        return {}
    funnel = Funnel(case.metric, tuple(places.values()))
    if not 0 < funnel.common < 1:
        return {}
    k, n = sum(place.count for place in funnel.places), sum(place.size for place in funnel.places)
    made = {}
    for key, place in places.items():
        test = Shared(k - place.count, n - place.size, place.size, max(spread, funnel.spread))
        verdict: Verdict = "high" if place.value > test.expected else "low"
        words = f"近 {A_YEAR} 个月为 {place.value:.1%}，其余合计为 {test.expected:.1%}"
        made[key] = _Lasting(test.p(place.value), verdict, "exact.funnel", words)
    return made

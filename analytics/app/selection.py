"""The shared Selection: sidebar widgets bound to the URL, and the strings of the URL made a Selection."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import streamlit as st

from analytics.catalogue import DIMENSIONS, member
from analytics.contract import IMPORTED
from analytics.engine import Engine
from analytics.insight.below import levels_of
from analytics.insight.below import members_of as places_of
from analytics.model import AREA, EVER, Period, Selection, add_months, month_end
from analytics.places import DIGITS
from analytics.result import Coverage
from analytics.site import today

TOPICS = ("topic_1", "topic_2", "topic_3")
"""Each offers what lies below the members chosen of the one before it."""
CUSTOM = "自定起止"
PERIOD, _FROM, _TO = "period", "from", "to"


def filters_of(engine: Engine) -> tuple[str, ...]:
    """The dimensions that the sidebar filters by: places from the highest level down, then all others."""
    return (*levels_of(engine.site, engine.scope), "channel", *TOPICS)


def choose(engine: Engine) -> Selection:
    """Draws the sidebar and gives what it selects; whoever may see no numbers has nothing to select."""
    if "counts" not in engine.scope.rights:
        return Selection(Period.named(default_period(main_coverage(engine))), scope=engine.scope)
    with st.sidebar:
        period = _period(engine)
        kept = _filters(engine)
        st.button("清除筛选", on_click=clear, args=(filters_of(engine),), disabled=not kept, width="stretch")
    return Selection(period, tuple(kept.items()), engine.scope)


def clear(names: Sequence[str]) -> None:
    """Takes the filters on these dimensions off."""
    for name in names:
        if name in st.session_state:
            st.session_state[name] = []


# --- days with data -----------------------------------------------------------------------------------


def whole_coverage(engine: Engine) -> Coverage:
    """From the first day with data of any imported dataset to the last; today where there are none."""
    found = [c for dataset in engine.versions() if dataset in IMPORTED and (c := engine.coverage(dataset))]
    first, last = [c.first for c in found], [c.last for c in found]
    return Coverage(min(first, default=today()), max(last, default=today()))


def main_coverage(engine: Engine) -> Coverage:
    """The days with data of what most pages are about."""
    return engine.coverage("petitions") or whole_coverage(engine)


# --- period -------------------------------------------------------------------------------------------


def period_names(coverage: Coverage) -> list[str]:
    """Months from the newest, then years, then quarters, then a range of one's own."""
    months, quarters, years = [], [], []
    first = coverage.last.replace(day=1)
    while first >= coverage.first.replace(day=1):
        months.append(f"{first:%Y-%m}")
        quarters.append(f"{first.year}-Q{(first.month + 2) // 3}")
        years.append(f"{first.year}")
        first = add_months(first, -1)
    return [*months, *dict.fromkeys(years), *dict.fromkeys(quarters), CUSTOM]


def default_period(coverage: Coverage) -> str:
    """The last month that is complete: what the meeting looks at."""
    last = coverage.last
    month = last if last == month_end(last) else add_months(last.replace(day=1), -1)
    return f"{max(month, coverage.first):%Y-%m}"


def _period(engine: Engine) -> Period:
    names, usual = period_names(whole_coverage(engine)), default_period(main_coverage(engine))
    refuse_unknown(PERIOD, names, "期间")
    if st.session_state.get(PERIOD, "") is None:
        st.session_state[PERIOD] = usual
    name = st.selectbox("期间", names, index=None, key=PERIOD, bind="query-params", placeholder="选择期间")
    if name == CUSTOM:
        return _custom(Period.named(usual))
    return Period.named(name or usual)


def _custom(month: Period) -> Period:
    start = _day("起日（含）", _FROM, month.start)
    end = _day("止日（含）", _TO, month.end)
    if end < start:
        st.warning("止日早于起日：已按起日当天统计，请改正。")
        end = start
    return Period(start, end)


def _day(label: str, key: str, default: date) -> date:
    if st.session_state.get(key) is None and key not in st.query_params:
        st.session_state[key] = default
    chosen = st.date_input(
        label,
        None,
        key=key,
        bind="query-params",
        format="YYYY-MM-DD",
        min_value=date(1990, 1, 1),
        max_value=date(2099, 12, 31),
    )
    return chosen if isinstance(chosen, date) else default


def neighbour(period: Period, months: int) -> str:
    """上月、下月: the month so many months from the one in which the period ends."""
    return f"{add_months(period.end.replace(day=1), months):%Y-%m}"


def has_data(coverage: Coverage, month: str) -> bool:
    """Whether the month lies within the data."""
    return f"{coverage.first:%Y-%m}" <= month <= f"{coverage.last:%Y-%m}"


def go_to(month: str) -> None:
    """Selects the month."""
    st.session_state[PERIOD] = month


# --- members ------------------------------------------------------------------------------------------


def _filters(engine: Engine) -> dict[str, tuple[str, ...]]:
    """The members chosen, of the dimensions with any."""
    kept: dict[str, tuple[str, ...]] = {}
    levels = levels_of(engine.site, engine.scope)
    _follow_area(engine, levels)
    for name in filters_of(engine):
        above = next((chain[: chain.index(name)] for chain in (levels, TOPICS) if name in chain), ())
        if chosen := _members(engine, name, {level: kept.get(level, ()) for level in above}):
            kept[name] = chosen
    return kept


def _follow_area(engine: Engine, levels: Sequence[str]) -> None:
    """What an address calls by its code (?area=441481) is chosen, with the places in which it lies."""
    if not (code := st.query_params.pop(AREA, "")):
        return
    dimension = DIGITS.get(len(code), "")
    if dimension in levels and (path := engine.site.places.path(dimension, code)):
        chosen = {level: path[level] for level in levels if level in path}
        go_into(levels, chosen)
        st.query_params.update(chosen)  # a box that was not drawn yet does not write what it is given
    else:
        st.toast(f"网址中的区划代码“{code}”不在本级之内，已忽略", icon="⚠️", duration="long")


def go_into(levels: Sequence[str], path: Mapping[str, str]) -> None:
    """Chooses a place by its name, with those of the levels above it, and none below."""
    for level in levels:
        st.session_state[level] = [path[level]] if level in path else []


def _members(engine: Engine, name: str, above: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    # Options are labels: they are what the address holds.
    dimension = DIMENSIONS[name]
    kept = tuple((level, tuple(members)) for level, members in above.items())
    known = "labels", name, kept, *engine.versions().items()
    labels = engine.remember(known, lambda: [dimension.label_of(m) for m in members_of(engine, name, above)])
    refuse_unknown(name, labels, dimension.label)
    # A bound box that came and went would leave its members in the address: it stays, with nothing to choose.
    first = next((level for level, chosen in above.items() if not chosen), "")
    chosen = st.multiselect(
        dimension.label,
        labels,
        key=name,
        bind="query-params",
        placeholder=f"先选{DIMENSIONS[first].label}" if first else "全部",
        disabled=bool(first),
        select_all=False,
    )
    return tuple(member(name, label) for label in chosen)


def members_of(engine: Engine, name: str, above: Mapping[str, Sequence[str]] | None = None) -> list[str]:
    """Members to choose from: the declared ones, the site's places, and what the data hold.

    `above`: members of the levels above; only what lies below these is then to choose from.
    """
    above = above or {}
    keys = engine.ask(("petitions",), (*above, name)).keys
    found = [key[-1] for key in keys if all(m in kept for m, kept in zip(key, above.values(), strict=False))]
    declared = [value for value, _ in DIMENSIONS[name].members]
    kept = tuple((level, tuple(members)) for level, members in above.items())
    own = Selection(EVER, kept, engine.scope)
    return list(dict.fromkeys([*declared, *places_of(engine.site, own, (name,)), *found]))


def refuse_unknown(key: str, options: list[str], label: str) -> None:
    """A name in the URL that is not known is refused aloud, not dropped in silence."""
    unknown = [text for text in st.query_params.get_all(key) if text not in options]
    if unknown:
        st.toast(f"网址中的{label}“{'、'.join(unknown)}”不存在，已忽略", icon="⚠️", duration="long")

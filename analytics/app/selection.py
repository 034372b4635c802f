"""The shared Selection: sidebar widgets bound to the URL, and the strings of the URL made a Selection."""

from __future__ import annotations

from datetime import date

import streamlit as st

from analytics.catalogue import DIMENSIONS, member
from analytics.engine import Engine
from analytics.model import Period, Selection, add_months, month_end
from analytics.result import Coverage
from analytics.site import today

FILTERS = ("township", "channel", "category_1")
CUSTOM = "自定起止"
PERIOD, _FROM, _TO = "period", "from", "to"


def choose(engine: Engine) -> Selection:
    """Draws the sidebar and gives what it selects."""
    coverage = engine.coverage("petitions") or Coverage(today(), today())
    with st.sidebar:
        period = _period(coverage)
        members = {name: _members(engine, name) for name in FILTERS}
        st.button("清除筛选", on_click=_clear, disabled=not any(members.values()), width="stretch")
    kept = tuple((name, tuple(chosen)) for name, chosen in members.items() if chosen)
    return Selection(period, kept)


def _clear() -> None:
    for name in FILTERS:
        st.session_state[name] = []


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


def _period(coverage: Coverage) -> Period:
    names = period_names(coverage)
    refuse_unknown(PERIOD, names, "期间")
    if st.session_state.get(PERIOD, "") is None:
        st.session_state[PERIOD] = default_period(coverage)
    name = st.selectbox("期间", names, index=None, key=PERIOD, bind="query-params", placeholder="选择期间")
    if name == CUSTOM:
        return _custom(coverage)
    return Period.named(name or default_period(coverage))


def _custom(coverage: Coverage) -> Period:
    month = Period.named(default_period(coverage))
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


def _members(engine: Engine, name: str) -> list[str]:
    # Options are labels: they are what the address holds.
    dimension = DIMENSIONS[name]
    labels = [dimension.label_of(value) for value in members_of(engine, name)]
    refuse_unknown(name, labels, dimension.label)
    chosen = st.multiselect(dimension.label, labels, key=name, bind="query-params", placeholder="全部")
    return [member(name, label) for label in chosen]


def members_of(engine: Engine, name: str) -> list[str]:
    """Members to choose from: the declared ones, the site's townships, and what the data hold."""
    found = [key[0] for key in engine.ask(("petitions",), (name,)).keys]
    declared = [value for value, _ in DIMENSIONS[name].members]
    townships = [t.name for t in engine.site.townships] if name == "township" else []
    return list(dict.fromkeys([*declared, *townships, *found]))


def refuse_unknown(key: str, options: list[str], label: str) -> None:
    """A name in the URL that is not known is refused aloud, not dropped in silence."""
    unknown = [text for text in st.query_params.get_all(key) if text not in options]
    if unknown:
        st.toast(f"网址中的{label}“{'、'.join(unknown)}”不存在，已忽略", icon="⚠️", duration="long")

"""画像: one township, unit or leader on one page, everything narrowed to it; made to be printed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from analytics.answers import Figure, applicable
from analytics.app.blocks import Block, within
from analytics.app.desk import View
from analytics.app.heading import Heading
from analytics.app.missing import not_imported
from analytics.app.plain import plain
from analytics.app.selection import filters_of, go_into, refuse_unknown
from analytics.catalogue import DIMENSIONS, member
from analytics.insight.below import levels_of, members_of
from analytics.model import LEVELS
from analytics.places import TOWNSHIP
from analytics.result import NOBODY

Known = Mapping[tuple[str, str], Mapping[str, float]]
"""Metric and dimension → each member's label and value."""


@dataclass(frozen=True)
class Profile:
    """One member, chosen among all that the `choices` know, and what there is about it.

    `choices`: metrics, each by the dimension whose members it offers, the greatest first. `parts`: each
    dimension under which the member is looked for, with the blocks narrowed to it: a leader is 包案领导 in
    one dataset and 接访领导 in another. The choice stands in the address under the first dimension; where
    the sidebar filters by that one, the choice is the sidebar's.
    """

    title: str
    choices: tuple[tuple[str, str], ...]
    parts: tuple[tuple[str, tuple[Block | Figure, ...]], ...]

    def draw(self, view: View) -> None:
        """Draws the box to choose in, the heading, and the parts."""
        known = {choice: _members(view, *choice) for choice in self.choices}
        labels = _greatest_first(known)
        if not labels:
            words = not_imported(view.lacking(metric for metric, _ in self.choices))
            st.info(f"{words or '数据里没有可选的对象'}，请到“数据”页导入。")
            return
        with st.container(horizontal=True, vertical_alignment="bottom", key=view.key("choice")):
            label = _chosen(view, self.choices[0][1], labels)
            st.caption("按 Ctrl+P 打印本页")
        with st.container(key=view.key("sheet")):
            Heading(f"{label} {self.title}").draw(view.at(0))
            self._parts(view, known, label)

    def _parts(self, view: View, known: Known, label: str) -> None:
        for number, (dimension, blocks) in enumerate(self.parts, 1):
            if len(self.parts) > 1:
                st.markdown(f"**{DIMENSIONS[dimension].label}**")
            if words := _absent(view, known, dimension, label):
                st.caption(plain(words))
            else:
                only = ((dimension, (member(dimension, label),)),)
                within(*blocks, where=only).draw(view.at(number))


def _members(view: View, metric: str, dimension: str) -> dict[str, float]:
    """What the metric counts by member, over all days with data: nobody drops out in a quiet month."""
    above = view.selection.only(set(LEVELS))
    where = dict(applicable((metric,), above)[0].members)
    result = view.engine.ask((metric,), (dimension,), None, where, versions=view.versions, scope=above.scope)
    listed = members_of(view.engine.site, above, (dimension,))
    values = {key[0]: result.value(metric, key) or 0 for key in result.keys if key[0] not in NOBODY}
    values = dict.fromkeys(listed, 0) | values
    return {DIMENSIONS[dimension].label_of(name): value for name, value in values.items()}


def _greatest_first(known: Known) -> list[str]:
    """Every label once, by the first choice's value, then by the second's."""
    labels = dict.fromkeys(label for values in known.values() for label in values)
    return sorted(labels, key=lambda label: [-values.get(label, 0) for values in known.values()])


def _chosen(view: View, dimension: str, labels: Sequence[str]) -> str:
    if dimension in filters_of(view.engine):
        return _of_sidebar(view, dimension, labels)
    refuse_unknown(dimension, list(labels), DIMENSIONS[dimension].label)
    if st.session_state.get(dimension) is None and dimension not in st.query_params:
        st.session_state[dimension] = labels[0]
    words = DIMENSIONS[dimension].label
    chosen = st.selectbox(words, labels, index=None, key=dimension, bind="query-params", width=320)
    return chosen or labels[0]


def _of_sidebar(view: View, dimension: str, labels: Sequence[str]) -> str:
    """The first that the sidebar filters by; choosing another makes it the sidebar's only one."""
    key = view.key(f"choose-{dimension}")
    kept = dict(view.selection.members).get(dimension, ())
    named = [label for name in kept if (label := DIMENSIONS[dimension].label_of(name)) in labels]
    st.session_state[key] = (named or labels)[0]

    def choose() -> None:
        name, site = st.session_state[key], view.engine.site
        levels = levels_of(site, view.engine.scope) if dimension == TOWNSHIP else (dimension,)
        path = (
            site.places.path(TOWNSHIP, site.places.code_of(TOWNSHIP, name)) if dimension == TOWNSHIP else {}
        )
        go_into(levels, {dimension: name, **path})

    return st.selectbox(DIMENSIONS[dimension].label, labels, key=key, on_change=choose, width=320)


def _absent(view: View, known: Known, dimension: str, label: str) -> str:
    """Why there is nothing about the member under this dimension; empty where there is something."""
    choices = [choice for choice in known if choice[1] == dimension]
    if not choices or any(label in known[choice] for choice in choices):
        return ""
    words = not_imported(view.lacking(metric for metric, _ in choices))
    return words or f"没有以“{label}”为{DIMENSIONS[dimension].label}的记录。"

"""方法说明: what each method answers, how, what it cannot tell, where it is used; a picture each."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from analytics.app import bar
from analytics.app.desk import View
from analytics.app.menu import Shown, show
from analytics.app.navigation import PAGES
from analytics.app.selection import refuse_unknown
from analytics.site import ROOT

if TYPE_CHECKING:
    from analytics.render.examples import Example

FOLDER = ROOT / "data" / "reference" / "methods"


@dataclass(frozen=True)
class Method:
    """One method: the name of its text and picture, its title, the pages that use it."""

    name: str
    title: str
    pages: tuple[str, ...]

    @property
    def text(self) -> str:
        """In Markdown: the question, how it is answered, what cannot be told, the source."""
        text = (FOLDER / f"{self.name}.md").read_text("utf-8")
        return _BROKEN.sub("", text)


_BROKEN = re.compile(r"(?<=[^\x00-\x7f])\n(?=[^\x00-\x7f])")
"""Line ends within Chinese text, which Markdown would make a space."""

METHODS = (
    Method("control", "正常波动与控制图", ("overview", "signals")),
    Method("proportions", "比率的控制图", ("signals", "timeliness")),
    Method("ranking", "镇街排名怎样判断", ("townships", "signals")),
    Method("funnel", "漏斗图", ("townships", "signals")),
    Method("waterfall", "变化分解", ("changes",)),
    Method("survival", "积案预计", ("backlog", "forecast")),
    Method("expected", "来件量预计", ("forecast",)),
    Method("cluster", "预警规则与聚集检验", ("warnings",)),
    Method("chains", "重复信访关联", ("repeats",)),
    Method("power", "能发现多大的变化", ("signals",)),
)
_BY_TITLE = {method.title: method for method in METHODS}
_TITLES = {method.name: method.title for method in METHODS}


def method_link(name: str, label: str) -> None:
    """A small link to the method's text, in a window of its own: the page stays as it is."""
    st.caption(f"[{label}](methods?method={_TITLES[name]})")


@dataclass(frozen=True)
class Methods:
    """The method chosen in the URL."""

    def draw(self, view: View) -> None:
        """Draws the choice and the text with its picture."""
        st.subheader("方法说明", anchor=False)
        refuse_unknown("method", list(_BY_TITLE), "方法")
        chosen = st.pills(
            "方法",
            list(_BY_TITLE),
            default=METHODS[0].title,
            key="method",
            bind="query-params",
            label_visibility="collapsed",
        )
        method = _BY_TITLE[chosen or METHODS[0].title]
        left, right = st.columns((6, 5))
        with left:
            st.markdown(f"#### {method.title}\n\n{method.text}")
        with right:
            example = _example(method.name)
            show(
                view, Shown(method.title, example.told, method.title, example.drawn), f"picture-{method.name}"
            )
        used = [(name, title) for _, name, title in PAGES if name in method.pages]
        with st.container(horizontal=True):
            st.caption("用在：", width="content")
            for name, title in used:
                bar.link(name, title)


@st.cache_resource(show_spinner=False)
def _example(name: str) -> Example:
    from analytics.render.examples import PICTURES  # scipy's distributions load only where they are shown

    return PICTURES[name]()

"""The router: which pages there are, the shared Selection, the status line, one page run."""

from __future__ import annotations

from html import escape

import streamlit as st

from analytics.app import desk
from analytics.app.meeting import meet
from analytics.app.navigation import FIRST, PAGES, source
from analytics.app.plain import plain
from analytics.app.selection import choose
from analytics.app.style import FAVICON, STYLE
from analytics.contract import DATASETS, IMPORTED
from analytics.engine import Engine
from analytics.site import Refusal


def status_line(engine: Engine) -> str:
    """数据截至 2021-12-13 · 版本 3 · 演示数据, with datasets that end earlier named."""
    versions = {d: v for d, v in engine.versions().items() if d in IMPORTED}
    ends = {d: c.last for d in versions if (c := engine.coverage(d))}
    if not ends:
        return "还没有数据：请在“数据”页导入，或运行 petition import"
    newest = max(ends.values())
    parts = [f"数据截至 {newest}"]
    parts += [f"{DATASETS[d].label}只到 {end}" for d, end in ends.items() if end < newest]
    parts.append("版本 " + "、".join(f"{DATASETS[d].label} {v}" for d, v in versions.items()))
    return " · ".join(parts)


def _menu() -> dict[str, list[st.Page]]:
    """The pages by group; the first page is the one shown first."""
    groups: dict[str, list[st.Page]] = {group: [] for group, _, _ in PAGES}
    for group, name, title in PAGES:
        page = st.Page(source(name), title=title, url_path=name, default=name == FIRST)
        groups[group].append(page)
    return groups


def _status(engine: Engine) -> None:
    """The line above every page, and the way into the meeting."""
    for told in desk.warnings():
        st.warning(plain(told))
    demo = "　<b class='demo'>演示数据</b>" if engine.store.is_demo else ""
    with st.container(horizontal=True, vertical_alignment="center", key="status"):
        st.html(f"<p class='status'>{escape(engine.site.bureau)} · {status_line(engine)}{demo}</p>")
        if engine.versions():
            st.button("会议模式", key="meeting", on_click=meet.enter, args=(engine,), type="tertiary")


def main() -> None:
    """One run of the app."""
    st.set_page_config(page_title="信访统计分析看板", page_icon=FAVICON, layout="wide")
    st.html(STYLE)
    page = st.navigation(_menu(), position="hidden" if meet.is_asked() else "top")
    try:
        present = desk.engine()
        if meet.is_asked() and present.versions():
            meet.meet(present)
            return
        engine = present.frozen(present.versions())
        _status(engine)
        desk.VIEW.set(desk.View(engine, choose(engine)))
        page.run()
    except Refusal as refusal:
        st.error(plain(str(refusal)))


main()

"""The router: which pages there are, the shared Selection, the status line, one page run."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import streamlit as st

from analytics.access import forbidden
from analytics.app import desk, noting
from analytics.app.access import looker as whoever
from analytics.app.access import refused, sign_out
from analytics.app.bar import groups
from analytics.app.looker import Looker
from analytics.app.meeting import meet
from analytics.app.navigation import PAGES, needed
from analytics.app.plain import plain
from analytics.app.selection import choose
from analytics.app.signing import signs_in
from analytics.app.style import FAVICON, STYLE
from analytics.app.widgets import forget_gone
from analytics.contract import DATASETS, IMPORTED
from analytics.engine import Engine, Forbidden
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


def _useful(looker: Looker) -> list[str]:
    """The pages that whoever looks may see."""
    return [name for _, name, _ in PAGES if needed(name) in looker.scope.rights]


def _status(engine: Engine, looker: Looker, warnings: Sequence[str]) -> None:
    """The line above every page, the way into the meeting, and for who signed in the way out."""
    for told in warnings:
        st.warning(plain(told))
    demo = "　<b class='demo'>演示数据</b>" if engine.store.is_demo else ""
    known = status_line(engine) if "counts" in engine.scope.rights else ""
    who = looker.words if looker.login else ""
    words = " · ".join(part for part in (engine.site.bureau, known, who) if part)
    with st.container(horizontal=True, vertical_alignment="center", key="status"):
        st.html(f"<p class='status'>{escape(words)}{demo}</p>")
        if known and engine.versions():
            st.button("会议模式", key="meeting", on_click=meet.enter, args=(engine,), type="tertiary")
        if looker.login and signs_in():
            st.button("退出", key="sign-out", on_click=sign_out, args=(looker,), type="tertiary")


def _fault(view: desk.View) -> None:
    """Whoever can mend the log is told that it cannot be written."""
    if (words := noting.TROUBLE.words) and (view.may("import") or view.may("audit")):
        st.warning(plain(f"审计日志{words}。页面照常显示，导入、导出和按证件查件暂停。"))


def main() -> None:
    """One run of the app."""
    forget_gone()
    st.set_page_config(page_title="信访统计分析看板", page_icon=FAVICON, layout="wide")
    st.html(STYLE)
    try:
        looker = whoever(desk.site())
        page = st.navigation(groups(_useful(looker)), position="hidden" if meet.is_asked() else "top")
        opened, warnings = desk.present()
        present = opened.seen_by(looker.scope)
        if meet.is_asked() and present.versions() and "counts" in looker.scope.rights:
            meet.meet(present, looker)
            return
        engine = present.frozen(present.versions())
        _status(engine, looker, warnings)
        view = desk.View(engine, choose(engine), looker)
        desk.VIEW.set(view)
        if page.url_path and (need := needed(page.url_path)) not in looker.scope.rights:
            refused(looker, f"{page.title}：{forbidden(need)}")
            raise Forbidden(forbidden(need))
        noting.seen(looker, "查看页面", page.title, view.selection, view.versions)
        _fault(view)
        page.run()
    except Refusal as refusal:
        st.error(plain(str(refusal)))


main()

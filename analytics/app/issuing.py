"""The brief as files: issued and archived, or as a draft; the minutes; what was issued before."""

from __future__ import annotations

from functools import partial

import streamlit as st

from analytics.access import forbidden
from analytics.app.decisions import every
from analytics.app.desk import View
from analytics.app.downloads import XLSX, download
from analytics.app.noting import note
from analytics.app.plain import plain
from analytics.briefs.archive import Archived, archived
from analytics.briefs.brief import Brief
from analytics.briefs.minutes import Minutes
from analytics.render.documents import DRAFT, as_draft, documents, file_name, issued, minutes, unusable

_OFFICE = "application/vnd.openxmlformats-officedocument"
BUTTONS = {
    "docx": ("Word", f"{_OFFICE}.wordprocessingml.document"),
    "pptx": ("PowerPoint", f"{_OFFICE}.presentationml.presentation"),
    "xlsx": ("Excel 附表", XLSX),
}


def files(view: View, found: Brief) -> None:
    """The buttons: each file of the brief, and the minutes of its meeting."""
    if told := view.engine.remember("template", lambda: unusable(view.engine.site)):
        st.error(plain(told))
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        may = view.may("decide")
        told = "草稿不归档；正式材料下载时归档，以后数字有变会说明" if may else forbidden("decide")
        draft = st.toggle("草稿", not may, key=view.key("draft"), help=told, disabled=not may)
        for form, (label, kind) in BUTTONS.items():
            _file(view, found, form, draft, label, kind)
        mine = [d for d in every(view) if d.month == found.month and d.state != "withdrawn"]
        name, kind = f"{Minutes(found).title}（草稿）.docx", BUTTONS["docx"][1]
        download(view, "会议纪要", name, kind, lambda: (minutes(found, mine), None), view.key("minutes"))


def _file(view: View, found: Brief, form: str, draft: bool, label: str, kind: str) -> None:
    """One format of the brief: as it is archived, or as a draft."""
    name, key = file_name(found, form), view.key(f"file-{form}")
    if draft or not found.sources:
        made = partial(documents, as_draft(found), view.engine.site, (form,))
        download(view, label, f"{DRAFT}{name}", kind, lambda: (made()[name], None), key)
        return

    def document() -> tuple[bytes, None]:
        note(view.looker, "印发材料", name, view.selection, view.versions)
        return issued(view.engine, found).document(name), None

    download(view, label, name, kind, document, key, "decide")


def shelf(view: View, found: Brief) -> None:
    """What was issued of this month before, the newest first."""
    before = [one for one in archived(view.engine) if one.month == found.month]
    if before:
        st.caption(plain("已归档：" + "；".join(map(_line, before))))


def _line(one: Archived) -> str:
    return f"第{one.number}次（{one.when:%Y-%m-%d %H:%M}，截至{one.as_of}）"

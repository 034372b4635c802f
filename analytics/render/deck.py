"""The template that slides are made from: the bureau's own or the one that comes with the product."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from lxml import etree
from pptx import Presentation
from pptx.enum.shapes import PP_PLACEHOLDER
from pptx.exc import PackageNotFoundError
from pptx.oxml.ns import qn

from analytics.render.masters import FACE, HEIGHT, TARGET, WIDTH
from analytics.render.slide import Box
from analytics.site import Refusal

COVERS = ("封面", "标题幻灯片", "Title Slide")
CONTENTS = ("标题与内容", "标题和内容", "Title and Content")
FOOTER = 29
"""Points of the strip at the foot: source and number."""
_TITLES = (PP_PLACEHOLDER.TITLE, PP_PLACEHOLDER.CENTER_TITLE)
_BODIES = (PP_PLACEHOLDER.OBJECT, PP_PLACEHOLDER.BODY)


@dataclass(frozen=True)
class Deck:
    """An empty presentation with its two layouts.

    `face`: the theme's East-Asian font. `canvas`: where content stands; `eyebrow`: whether the layout has a
    place for the agenda item's name.
    """

    presentation: Any
    cover: Any
    content: Any
    face: str

    @cached_property
    def canvas(self) -> Box:
        """The content placeholder's place, clear of the strip at the foot."""
        box = Box.of(_body(self.content))
        foot = self.presentation.slide_height / 12700 - FOOTER - 12
        return Box(box.left, box.top, box.width, min(box.bottom, foot - 4) - box.top)

    @property
    def foot(self) -> Box:
        """The strip at the foot."""
        box = self.canvas
        return Box(box.left, self.presentation.slide_height / 12700 - FOOTER - 12, box.width, FOOTER)

    @cached_property
    def eyebrow(self) -> int | None:
        """The index of a text placeholder besides the content's; None where there is none."""
        body = _body(self.content).placeholder_format.idx
        others = (p.placeholder_format for p in self.content.placeholders)
        return next((p.idx for p in others if p.type == PP_PLACEHOLDER.BODY and p.idx != body), None)


def opened(template: Path | None = None) -> Deck:
    """The template without its own slides. Raises Refusal: what is wrong with it, and what to do."""
    path = template or TARGET
    presentation = _presentation(path)
    if abs(presentation.slide_width * HEIGHT - presentation.slide_height * WIDTH) > WIDTH * HEIGHT / 200:
        raise _refused(path, "不是 16:9：请在“设计—幻灯片大小”里改为宽屏（16:9）后另存")
    layouts = {layout.name: layout for layout in presentation.slide_layouts}
    cover = _layout(path, layouts, COVERS, (PP_PLACEHOLDER.SUBTITLE,), "副标题")
    content = _layout(path, layouts, CONTENTS, _BODIES, "内容")
    _emptied(presentation)
    deck = Deck(presentation, cover, content, _face(presentation))
    if deck.canvas.width < 600 or deck.canvas.height < 250:
        raise _refused(path, f"版式“{content.name}”的内容占位符太小：请放大到至少宽 21 厘米、高 9 厘米")
    return deck


def _refused(path: Path, fault: str) -> Refusal:
    where = "；或删去 site.toml 里的 [brief] template 改用自带模板"
    return Refusal(f"演示文稿模板 {path} {fault}{where}")


def _presentation(path: Path) -> Any:
    try:
        return Presentation(str(path))
    except PackageNotFoundError:
        raise _refused(path, "找不到或不是 .pptx 文件：请检查 site.toml 里的 [brief] template") from None
    except OSError:
        raise _refused(path, "读不了：请检查它是不是文件、有没有读取权限") from None
    except (BadZipFile, KeyError, ValueError, etree.XMLSyntaxError):
        raise _refused(path, "打不开：请用 PowerPoint 或 WPS 重新另存为 .pptx") from None


def _layout(
    path: Path, layouts: dict[str, Any], names: tuple[str, ...], kinds: tuple[Any, ...], word: str
) -> Any:
    """The layout of one of the names, with a title and a placeholder of one of the kinds."""
    found = next((layouts[name] for name in names if name in layouts), None)
    if found is None:
        there = "、".join(layouts) or "没有版式"
        raise _refused(
            path, f"没有版式“{names[0]}”（或“{names[1]}”），现有：{there}；请在幻灯片母版里改名或添加"
        )
    held = {p.placeholder_format.type for p in found.placeholders}
    for wanted, called in ((_TITLES, "标题"), (kinds, word)):
        if not held & set(wanted):
            raise _refused(path, f"版式“{found.name}”没有{called}占位符：请在幻灯片母版里插入")
    return found


def _body(layout: Any) -> Any:
    """The content placeholder: the largest that may hold content."""
    held = [p for p in layout.placeholders if p.placeholder_format.type in _BODIES]
    return max(held, key=lambda p: p.width * p.height)


def _emptied(presentation: Any) -> None:
    """Drops the slides that the template itself holds."""
    listed = presentation.slides._sldIdLst
    for entry in list(listed):
        presentation.part.drop_rel(entry.rId)
        listed.remove(entry)


def _face(presentation: Any) -> str:
    """The East-Asian font of the template's theme, else the usual one."""
    master = presentation.slide_masters[0].part
    theme = next((r.target_part for r in master.rels.values() if r.reltype.endswith("/theme")), None)
    if theme is None:
        return FACE
    found = etree.fromstring(theme.blob).find(f".//{qn('a:minorFont')}/{qn('a:ea')}")
    return (found.get("typeface") if found is not None else "") or FACE

"""The slides' own template, brief.pptx, written from here: master, two layouts, theme (`make docs`)."""

from __future__ import annotations

from pathlib import Path

from analytics.render.archive import packed
from analytics.render.marks.look import ACCENT, HUES, INK, MUTED, PALE

TARGET = Path(__file__).with_name("brief.pptx")
FACE = "微软雅黑"
_INCH = 914400
WIDTH, HEIGHT = round(13.333 * _INCH), round(7.5 * _INCH)

_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_SPACES = (
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    f'xmlns:r="{_OFFICE}" xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"'
)
_KIND = "application/vnd.openxmlformats-officedocument.presentationml"
_GROUP = (
    '<p:nvGrpSpPr><p:cNvPr id="1" name=""/><p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr><p:grpSpPr><a:xfrm>'
    '<a:off x="0" y="0"/><a:ext cx="0" cy="0"/>'
    '<a:chOff x="0" y="0"/><a:chExt cx="0" cy="0"/></a:xfrm></p:grpSpPr>'
)
_FONTS = '<a:latin typeface="{0}-lt"/><a:ea typeface="{0}-ea"/><a:cs typeface="{0}-cs"/>'


def template() -> bytes:
    """The package: 16:9, layouts 封面 and 标题与内容."""
    parts = {
        "[Content_Types].xml": _content_types(),
        "_rels/.rels": _relations((f"{_OFFICE}/officeDocument", "ppt/presentation.xml")),
        "ppt/presentation.xml": _presentation(),
        "ppt/_rels/presentation.xml.rels": _relations(
            (f"{_OFFICE}/slideMaster", "slideMasters/slideMaster1.xml"),
            (f"{_OFFICE}/theme", "theme/theme1.xml"),
            (f"{_OFFICE}/presProps", "presProps.xml"),
            (f"{_OFFICE}/viewProps", "viewProps.xml"),
        ),
        "ppt/presProps.xml": f"<p:presentationPr {_SPACES}/>",
        "ppt/viewProps.xml": f"<p:viewPr {_SPACES}/>",
        "ppt/slideMasters/slideMaster1.xml": _master(),
        "ppt/slideMasters/_rels/slideMaster1.xml.rels": _relations(
            (f"{_OFFICE}/slideLayout", "../slideLayouts/slideLayout1.xml"),
            (f"{_OFFICE}/slideLayout", "../slideLayouts/slideLayout2.xml"),
            (f"{_OFFICE}/theme", "../theme/theme1.xml"),
        ),
        "ppt/slideLayouts/slideLayout1.xml": _cover(),
        "ppt/slideLayouts/slideLayout2.xml": _content(),
        "ppt/theme/theme1.xml": theme(),
    }
    for layout in (1, 2):
        parts[f"ppt/slideLayouts/_rels/slideLayout{layout}.xml.rels"] = _relations(
            (f"{_OFFICE}/slideMaster", "../slideMasters/slideMaster1.xml")
        )
    return packed((name, (_XML + text).encode()) for name, text in parts.items())


# --- the parts ------------------------------------------------------------------------------------------


def _content_types() -> str:
    kinds = {
        "presentation": "presentation.main",
        "presProps": "presProps",
        "viewProps": "viewProps",
        "slideMasters/slideMaster1": "slideMaster",
        "slideLayouts/slideLayout1": "slideLayout",
        "slideLayouts/slideLayout2": "slideLayout",
    }
    overrides = "".join(
        f'<Override PartName="/ppt/{name}.xml" ContentType="{_KIND}.{kind}+xml"/>'
        for name, kind in kinds.items()
    )
    return (
        f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="xml" ContentType="application/xml"/>'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'{overrides}<Override PartName="/ppt/theme/theme1.xml" '
        'ContentType="application/vnd.openxmlformats-officedocument.theme+xml"/></Types>'
    )


def _relations(*targets: tuple[str, str]) -> str:
    lines = "".join(
        f'<Relationship Id="rId{at}" Type="{kind}" Target="{target}"/>'
        for at, (kind, target) in enumerate(targets, 1)
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{lines}</Relationships>'


def _presentation() -> str:
    return (
        f'<p:presentation {_SPACES}><p:sldMasterIdLst><p:sldMasterId id="2147483648" r:id="rId1"/>'
        f'</p:sldMasterIdLst><p:sldSz cx="{WIDTH}" cy="{HEIGHT}"/><p:notesSz cx="6858000" cy="9144000"/>'
        "</p:presentation>"
    )


def _master() -> str:
    shapes = (
        _bar(2, 0, 0, WIDTH, round(0.1 * _INCH))
        + _placeholder(3, "标题", 'type="title"', _TITLE, "单击此处编辑标题")
        + _placeholder(4, "正文", 'type="body" idx="1"', _BODY, "单击此处编辑正文")
    )
    return (
        f'<p:sldMaster {_SPACES}><p:cSld><p:bg><p:bgPr><a:solidFill><a:schemeClr val="bg1"/></a:solidFill>'
        f"<a:effectLst/></p:bgPr></p:bg><p:spTree>{_GROUP}{shapes}</p:spTree></p:cSld>"
        '<p:clrMap bg1="lt1" tx1="dk1" bg2="lt2" tx2="dk2" accent1="accent1" accent2="accent2" '
        'accent3="accent3" accent4="accent4" accent5="accent5" accent6="accent6" hlink="hlink" '
        'folHlink="folHlink"/><p:sldLayoutIdLst><p:sldLayoutId id="2147483649" r:id="rId1"/>'
        '<p:sldLayoutId id="2147483650" r:id="rId2"/></p:sldLayoutIdLst><p:txStyles>'
        f"<p:titleStyle>{_level(2800, '+mj', bold=True)}</p:titleStyle>"
        f"<p:bodyStyle>{_level(1800, '+mn')}</p:bodyStyle><p:otherStyle>{_level(1800, '+mn')}</p:otherStyle>"
        "</p:txStyles></p:sldMaster>"
    )


def _cover() -> str:
    left, width = round(1.1 * _INCH), round(11.2 * _INCH)
    shapes = (
        _bar(2, round(0.7 * _INCH), round(2.2 * _INCH), round(0.12 * _INCH), round(3.3 * _INCH))
        + _placeholder(
            3,
            "标题",
            'type="ctrTitle"',
            (left, round(2.1 * _INCH), width, round(1.7 * _INCH)),
            "单击此处编辑标题",
            _level(4000, "+mj", bold=True),
            "b",
        )
        + _placeholder(
            4,
            "副标题",
            'type="subTitle" idx="1"',
            (left, round(4.0 * _INCH), width, round(1.6 * _INCH)),
            "单击此处编辑副标题",
            _level(2000, "+mn"),
        )
    )
    return _layout("封面", "title", shapes)


def _content() -> str:
    shapes = (
        _placeholder(2, "标题", 'type="title"', None, "单击此处编辑标题")
        + _placeholder(
            3,
            "栏目",
            'type="body" sz="quarter" idx="13"',
            _EYEBROW,
            "栏目",
            _level(1600, "+mn", bold=True, colour="accent1"),
            "ctr",
        )
        + _placeholder(4, "内容", 'idx="1"', None, "单击此处编辑内容")
    )
    return _layout("标题与内容", "obj", shapes)


def _layout(name: str, kind: str, shapes: str) -> str:
    return (
        f'<p:sldLayout {_SPACES} type="{kind}" preserve="1"><p:cSld name="{name}"><p:spTree>{_GROUP}{shapes}'
        "</p:spTree></p:cSld><p:clrMapOvr><a:masterClrMapping/></p:clrMapOvr></p:sldLayout>"
    )


# --- their pieces ---------------------------------------------------------------------------------------

Place = tuple[int, int, int, int]
_LEFT, _WIDE = round(0.6 * _INCH), WIDTH - round(1.2 * _INCH)
_EYEBROW: Place = (_LEFT, round(0.2 * _INCH), _WIDE, round(0.43 * _INCH))
_TITLE: Place = (_LEFT, round(0.63 * _INCH), _WIDE, round(1.04 * _INCH))
_BODY: Place = (_LEFT, round(1.72 * _INCH), _WIDE, round(5.1 * _INCH))


def _frame(place: Place) -> str:
    x, y, width, height = place
    return f'<a:xfrm><a:off x="{x}" y="{y}"/><a:ext cx="{width}" cy="{height}"/></a:xfrm>'


def _bar(number: int, *place: int) -> str:
    x, y, width, height = place
    return (
        f'<p:sp><p:nvSpPr><p:cNvPr id="{number}" name="色条"/><p:cNvSpPr/><p:nvPr userDrawn="1"/></p:nvSpPr>'
        f'<p:spPr>{_frame((x, y, width, height))}<a:prstGeom prst="rect"><a:avLst/></a:prstGeom><a:solidFill>'
        '<a:schemeClr val="accent1"/></a:solidFill><a:ln><a:noFill/></a:ln></p:spPr><p:txBody><a:bodyPr/>'
        '<a:lstStyle/><a:p><a:endParaRPr lang="zh-CN"/></a:p></p:txBody></p:sp>'
    )


def _placeholder(
    number: int, name: str, kind: str, place: Place | None, prompt: str, style: str = "", anchor: str = ""
) -> str:
    frame = f'{_frame(place)}<a:prstGeom prst="rect"><a:avLst/></a:prstGeom>' if place else ""
    anchored = anchor or ("ctr" if kind == 'type="title"' else "t")
    body = f'<a:bodyPr lIns="0" tIns="0" rIns="0" bIns="0" anchor="{anchored}"><a:normAutofit/></a:bodyPr>'
    return (
        f'<p:sp><p:nvSpPr><p:cNvPr id="{number}" name="{name}"/><p:cNvSpPr><a:spLocks noGrp="1"/></p:cNvSpPr>'
        f"<p:nvPr><p:ph {kind}/></p:nvPr></p:nvSpPr><p:spPr>{frame}</p:spPr><p:txBody>"
        f"{body if place else '<a:bodyPr/>'}<a:lstStyle>{style}</a:lstStyle>"
        f'<a:p><a:r><a:rPr lang="zh-CN"/><a:t>{prompt}</a:t></a:r></a:p></p:txBody></p:sp>'
    )


def _level(size: int, face: str, bold: bool = False, colour: str = "tx1") -> str:
    return (
        f'<a:lvl1pPr marL="0" indent="0" algn="l" eaLnBrk="1" hangingPunct="1"><a:buNone/>'
        f'<a:defRPr sz="{size}" b="{int(bold)}" kern="1200"><a:solidFill>'
        f'<a:schemeClr val="{colour}"/></a:solidFill>'
        f"{_FONTS.format(face)}</a:defRPr></a:lvl1pPr>"
    )


def theme() -> str:
    """Colours and fonts that every file of Office takes from one place."""

    def colour(name: str, value: str) -> str:
        return f'<a:{name}><a:srgbClr val="{value.lstrip("#").upper()}"/></a:{name}>'

    base = (("dk1", INK), ("lt1", "#ffffff"), ("dk2", MUTED), ("lt2", PALE))
    accents = [(f"accent{at}", hue) for at, hue in enumerate(HUES[:6], 1)]
    colours = "".join(colour(*c) for c in (*base, *accents, ("hlink", ACCENT), ("folHlink", MUTED)))
    faces = f'<a:latin typeface="{FACE}"/><a:ea typeface="{FACE}"/><a:cs typeface=""/>'
    fill = '<a:solidFill><a:schemeClr val="phClr"/></a:solidFill>'
    line = f'<a:ln w="9525">{fill}</a:ln>'
    effect = "<a:effectStyle><a:effectLst/></a:effectStyle>"
    return (
        '<a:theme xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" name="研判材料">'
        f'<a:themeElements><a:clrScheme name="看板">{colours}</a:clrScheme><a:fontScheme name="看板">'
        f"<a:majorFont>{faces}</a:majorFont><a:minorFont>{faces}</a:minorFont></a:fontScheme>"
        f'<a:fmtScheme name="看板"><a:fillStyleLst>{fill * 3}</a:fillStyleLst><a:lnStyleLst>'
        f"{line * 3}</a:lnStyleLst><a:effectStyleLst>{effect * 3}</a:effectStyleLst>"
        f"<a:bgFillStyleLst>{fill * 3}</a:bgFillStyleLst></a:fmtScheme></a:themeElements></a:theme>"
    )


if __name__ == "__main__":
    TARGET.write_bytes(template())

"""Free text without what identifies a person: before it is stored anywhere."""

from __future__ import annotations

import re

_NARROW = {
    ord(wide): narrow
    for wide, narrow in zip("０１２３４５６７８９Ｘｘ－＋＠", "0123456789Xx-+@", strict=True)
}
_PARTED = r"[ .·-]?"
_MASKS = (
    (
        re.compile(
            rf"(?<![0-9A-Za-z])(?:\d{{6}}{_PARTED}\d{{8}}{_PARTED}\d{{3}}[0-9Xx]|\d{{15}})(?![0-9A-Za-z])"
        ),
        "［证件号］",
    ),
    (re.compile(r"(?<![0-9A-Za-z])\d{4}(?: ?\d{4}){3}(?: ?\d{1,3})?(?![0-9A-Za-z])"), "［卡号］"),
    (re.compile(rf"(?<!\d)(?:\+?86[- ]?)?1[3-9]\d{_PARTED}\d{{4}}{_PARTED}\d{{4}}(?!\d)"), "［电话］"),
    (re.compile(r"(?<!\d)[(（]?0\d{2,3}[)）]?[- ]?\d{7,8}(?!\d)"), "［电话］"),
    (re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", re.ASCII), "［邮箱］"),
    (
        re.compile(
            r"[\u4e00-\u9fff]{1,8}(?:路|街|巷|大道|小区|花园|苑|村|组)"
            r"(?:[\dA-Za-z一二三四五六七八九十百零〇-]+(?:号|栋|幢|座|单元|室|房|组|队|楼|巷)(?:之\d+)?)+"
        ),
        "［地址］",
    ),
)


def masked(text: str) -> str:
    """The text without ID, card and telephone numbers, e-mail and postal addresses; digits of any width."""
    text = text.translate(_NARROW)
    for pattern, mask in _MASKS:
        text = pattern.sub(mask, text)
    return text

"""Text without what identifies a person, and without what is not seen: before it is stored or told anywhere."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date, timedelta

NAME = "［姓名］"
ID, PHONE, ADDRESS = "［证件号］", "［电话］", "［地址］"
_LONGEST_SHOWN = 60
_YOUNGEST = timedelta(days=14 * 365)
_MISTYPED_BEFORE = 2005
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"

UNSEEN = (
    "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff"
)
"""What changes a text without being seen, as the inside of a character class: codes that steer terminals, order
of writing, joiners, fillers, variation selectors (Unicode: Cc, Default_Ignorable_Code_Point)."""
_UNSEEN = re.compile(f"[{UNSEEN}\ud800-\udfff]")
_NARROW = {
    ord(wide): narrow
    for wide, narrow in zip("０１２３４５６７８９Ｘｘ－＋＠‐‑–−", "0123456789Xx-+@----", strict=True)
}
_PARTED = r"[ .·-]?"
_ALONE = r"(?<![0-9A-Za-z]){}(?![0-9A-Za-z])"

Check = Callable[[str], bool]


def valid_id(text: str) -> str:
    """The 18-digit form of a valid resident ID number (GB 11643; the old 15 digits too), else nothing."""
    number = "".join(text.translate(_NARROW).split()).upper()
    if re.fullmatch(r"\d{15}", number, re.ASCII):
        number = f"{number[:6]}19{number[6:]}"
        number += _check(number)
    if not re.fullmatch(r"[1-9]\d{16}[0-9X]", number, re.ASCII) or number[-1] != _check(number):
        return ""
    return number if _born(number) else ""


def masked(text: str, own: Iterable[re.Pattern[str]] = ()) -> str:
    """The text without ID, card and telephone numbers, e-mail and postal addresses; digits of any width.

    `own` are the patterns that `names` gives: what the row itself says of its petitioner.
    """
    for pattern in own:
        text = pattern.sub(NAME, text)
    if not _SUSPECT.search(text):
        return text
    text = text.translate(_NARROW)
    for pattern, mask, check in (*_NUMBERS, *_CARDS, *_PLACES):
        text = pattern.sub(_replacing(mask, check), text)
    return text


def identifies(key: str) -> bool:
    """A row's number that is, or holds, a person's ID number, mobile number or e-mail address.

    Numbers that offices give are often of 18 digits too, with the day in the middle: one in eleven has the right
    check digit by chance. Nobody younger than 14 petitions, so a later day is no date of birth.
    """
    if not _SUSPECT.search(key):
        return False
    return any(check(found[0]) for pattern, check in _IN_KEYS for found in pattern.finditer(key))


def visible(text: str) -> str:
    """The text without what is not seen; line breaks stay."""
    return _UNSEEN.sub("", text) if not text.isascii() or not text.isprintable() else text


def shown(name: object) -> str:
    """A name from outside (a file, a sheet, a header) as a message may hold it: masked, one line, not too long."""
    text = masked(" ".join(visible(str(name)).split()))
    return text if len(text) <= _LONGEST_SHOWN else f"{text[: _LONGEST_SHOWN - 20]}…{text[-19:]}"


def names(written: str) -> tuple[re.Pattern[str], ...]:
    """Where the names in a cell (several may stand there) are found in the row's other cells.

    A name that begins the name of a place or office (高兴 in 高兴村) is not taken for the person's.
    """
    parts = (part.strip() for part in re.split(r"[、,，;；/|\n\r]+", written))
    return tuple(_spelled(part) for part in parts if 1 < len(part) <= 40)


def _spelled(name: str) -> re.Pattern[str]:
    letters = r"\s*".join(map(re.escape, "".join(name.split())))
    return re.compile(rf"{letters}(?!(?:{_OFFICES}))")


_OFFICES = "村|镇|乡|街道|社区|路|街|县|市|区|局|派出所|法院|中学|小学|大道|水库"


def _check(number: str) -> str:
    return _CHECKS[sum(int(digit) * weight for digit, weight in zip(number, _WEIGHTS, strict=False)) % 11]


def _born(number: str) -> date | None:
    """The date of birth in an 18-digit number, where there is such a day."""
    try:
        day = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None
    return day if date(1900, 1, 1) <= day <= date.today() else None


def _identity(text: str) -> bool:
    """A valid number, or one of which a digit is wrong: numbers that offices give hold a later day."""
    number = re.sub(r"\W", "", text).upper()
    if len(number) == 15:
        return bool(valid_id(number))
    born = _born(number)
    return born is not None and (bool(valid_id(number)) or born.year < _MISTYPED_BEFORE)


def _petitioner(text: str) -> bool:
    number = valid_id(re.sub(r"\W", "", text))
    born = _born(number) if number else None
    return born is not None and born <= date.today() - _YOUNGEST


def _card(text: str) -> bool:
    """Luhn's check digit (ISO/IEC 7812), or written in fours as on the card."""
    digits = [int(digit) for digit in text if digit.isdigit()]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[-2::-2]]
    return " " in text or (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def _any(_: str) -> bool:
    return True


def _replacing(mask: str, check: Check) -> Callable[[re.Match[str]], str]:
    return lambda found: mask if check(found[0]) else found[0]


def _rule(pattern: str, mask: str, check: Check = _any) -> tuple[re.Pattern[str], str, Check]:
    return re.compile(pattern, re.ASCII), mask, check


_BIRTH = rf"\d{{4}}{_PARTED}\d{{2}}{_PARTED}\d{{2}}"
_ID = _ALONE.format(rf"(?:[1-9]\d{{5}}{_PARTED}{_BIRTH}{_PARTED}\d{{3}}[0-9Xx]|[1-9]\d{{14}})")
_MOBILE = rf"(?:\+?86[- ]?)?1[3-9]\d{_PARTED}\d{{4}}{_PARTED}\d{{4}}"
_EMAIL = r"[A-Za-z0-9_.+-]+@[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)+"
_DOOR = r"[\dA-Za-z一二三四五六七八九十百零〇-]+"
_NUMBERS = (
    _rule(_ID, ID, _identity),
    _rule(rf"(?<!\d){_MOBILE}(?!\d)", PHONE),
    _rule(r"(?<!\d)[(（]?0\d{2,3}[)）]?[- ]?\d{7,8}(?!\d)", PHONE),
    _rule(_EMAIL, "［邮箱］"),
)
_CARDS = (_rule(_ALONE.format(r"\d{4}(?: ?\d{4}){3}(?: ?\d{1,3})?"), "［卡号］", _card),)
_PLACES = (
    _rule(
        r"[\u4e00-\u9fff]{1,8}(?:路|街|巷|大道|小区|花园|苑|村|组)"
        rf"(?:{_DOOR}(?:组|队|巷))*(?:{_DOOR}(?:号|栋|幢|座|单元|室|房|楼)(?:之\d+)?)+",
        ADDRESS,
    ),
)
_IN_KEYS: tuple[tuple[re.Pattern[str], Check], ...] = (
    (re.compile(_ID, re.ASCII), _petitioner),
    (re.compile(_ALONE.format(_MOBILE), re.ASCII), _any),
    (re.compile(_EMAIL, re.ASCII), _any),
)
_SUSPECT = re.compile(r"[\d０-９](?:[ .·()（）‐‑–−－-]?[\d０-９]){9}|[@＠]|号|栋|幢|座|单元|室|房|楼")
"""What every mask needs at least: most cells are passed by in one look."""

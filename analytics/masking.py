"""Text without what identifies a person, and without what is not seen: before it is stored or told."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta

NAME, ID, PHONE, ADDRESS = "［姓名］", "［证件号］", "［电话］", "［地址］"

UNSEEN = (
    "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff"
)
"""What changes a text without being seen, as the inside of a character class: codes that steer terminals or
the order of writing, joiners, fillers, variation selectors (Unicode: Cc, Default_Ignorable_Code_Point)."""

Own = tuple[tuple[re.Pattern[str], str], ...]
"""Patterns of what a row says of its own petitioner, each with the mask to put in its place."""
_Rule = tuple[re.Pattern[str], str, Callable[[str], bool]]

_UNSEEN = re.compile(f"[{UNSEEN}\ud800-\udfff]")
_LONGEST_SHOWN = 60
_YOUNGEST = timedelta(days=14 * 365)
_MISTYPED_BEFORE = 2005
_AN_ADDRESS, _A_NUMBER = 6, 7  # characters, digits: anything shorter may be a place or a count
_OFFICES = "(?:村|镇|乡|街道|社区|路|街|县|市|区|局|派出所|法院|中学|小学|大道|水库)"
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_NARROW = {
    ord(wide): narrow
    for wide, narrow in zip("０１２３４５６７８９Ｘｘ－＋＠‐‑–−", "0123456789Xx-+@----", strict=True)
}


def valid_id(text: str) -> str:
    """The 18-digit form of a valid resident ID number (GB 11643; the old 15 digits too), else nothing."""
    number = "".join(text.translate(_NARROW).split()).upper()
    if re.fullmatch(r"\d{15}", number, re.ASCII):
        number = f"{number[:6]}19{number[6:]}"
        number += _check(number)
    if not re.fullmatch(r"[1-9]\d{16}[0-9X]", number, re.ASCII) or number[-1] != _check(number):
        return ""
    return number if _born(number) else ""


def masked(text: str, own: Own = ()) -> str:
    """The text without ID, card and telephone numbers, e-mail and postal addresses; digits of any width."""
    return _masked(text, own, _IN_TEXT)


def masked_key(text: str, own: Own = ()) -> str:
    """The same of a number that an office gave: only what can be no such number is masked.

    These are often of 18 digits too, with the day in the middle: one in eleven has the right check digit by
    chance. Nobody younger than 14 petitions, so a later day is no date of birth; and no such number is a
    card's.
    """
    return _masked(text, own, _IN_KEYS)


def own(name: str = "", id_number: str = "", phone: str = "", address: str = "") -> Own:
    """Where the petitioner of a row is found in its other cells.

    A name that begins the name of a place or office (高兴 in 高兴村) is not taken for the person's.
    """
    names = (part.strip() for part in re.split(r"[、,，;；/|\n\r]+", name))
    found = [(_spelled(part, rf"(?!{_OFFICES})"), NAME) for part in names if 1 < len(part) <= 40]
    found += [(_spelled(address), ADDRESS)] if len(address) >= _AN_ADDRESS else []
    for number, mask in ((id_number, ID), (phone, PHONE)):
        found += [(_spelled(number), mask)] if sum(map(str.isdigit, number)) >= _A_NUMBER else []
    return tuple(sorted(found, key=lambda each: -len(each[0].pattern)))


def visible(text: str) -> str:
    """The text without what is not seen; line breaks and tabs stay."""
    return text if text.isprintable() else _UNSEEN.sub("", text)


def shown(name: object) -> str:
    """A name from outside (a file, a sheet, a header) as a message holds it: masked, one line, not long."""
    text = masked(" ".join(visible(str(name)).split()))
    return text if len(text) <= _LONGEST_SHOWN else f"{text[: _LONGEST_SHOWN - 20]}…{text[-19:]}"


def _masked(text: str, own: Own, rules: tuple[_Rule, ...]) -> str:
    for found, mask in own:
        text = found.sub(mask, text)
    if not _SUSPECT.search(text):
        return text
    text = text.translate(_NARROW)
    for pattern, mask, check in rules:
        text = pattern.sub(_replacing(mask, check), text)
    return text


def _spelled(words: str, but: str = "") -> re.Pattern[str]:
    return re.compile(r"\s*".join(map(re.escape, "".join(words.split()))) + but)


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


def _replacing(mask: str, check: Callable[[str], bool]) -> Callable[[re.Match[str]], str]:
    return lambda found: mask if check(found[0]) else found[0]


def _rule(pattern: str, mask: str, check: Callable[[str], bool] = _any) -> _Rule:
    return re.compile(pattern, re.ASCII), mask, check


def _alone(pattern: str) -> str:
    return rf"(?<![0-9A-Za-z])(?:{pattern})(?![0-9A-Za-z])"


_PARTED = r"[ .·-]?"
_BIRTH = rf"\d{{4}}{_PARTED}\d{{2}}{_PARTED}\d{{2}}"
_NUMBER = _alone(rf"[1-9]\d{{5}}{_PARTED}{_BIRTH}{_PARTED}\d{{3}}[0-9Xx]|[1-9]\d{{14}}")
_MOBILE = rf"(?:\+?86[- ]?)?1[3-9]\d{_PARTED}\d{{4}}{_PARTED}\d{{4}}"
_LANDLINE = r"[(（]?0\d{2,3}[)）]?[- ]?\d{7,8}"
_CARD = _alone(r"\d{4}(?: ?\d{4}){3}(?: ?\d{1,3})?")
_DOOR = r"[\dA-Za-z一二三四五六七八九十百零〇-]+"
_EMAILS = _rule(r"[A-Za-z0-9_.+-]+@[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)+", "［邮箱］")
_PLACES = _rule(
    r"[\u4e00-\u9fff]{1,8}(?:路|街|巷|大道|小区|花园|苑|村|组)"
    rf"(?:{_DOOR}(?:组|队|巷))*(?:{_DOOR}(?:号|栋|幢|座|单元|室|房|楼)(?:之\d+)?)+",
    ADDRESS,
)
_IN_TEXT = (
    _rule(_NUMBER, ID, _identity),
    _rule(rf"(?<!\d){_MOBILE}(?!\d)", PHONE),
    _rule(_CARD, "［卡号］", _card),
    _rule(rf"(?<!\d){_LANDLINE}(?!\d)", PHONE),
    _EMAILS,
    _PLACES,
)
_IN_KEYS = (_rule(_NUMBER, ID, _petitioner), _rule(_alone(_MOBILE), PHONE), _EMAILS, _PLACES)
_SUSPECT = re.compile(r"[\d０-９](?:[ .·()（）‐‑–−－-]?[\d０-９]){9}|[@＠]|号|栋|幢|座|单元|室|房|楼")
"""What every mask needs at least: most cells are passed by in one look."""

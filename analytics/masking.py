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
SEVERAL = r"[、,，;；/|\n\r]+"
"""Between the names of several people in one cell."""
_LONGEST_SHOWN = 60
_YOUNGEST = timedelta(days=14 * 365)
_MISTYPED_BEFORE = 2005
_AN_ADDRESS, _A_NUMBER = 6, 7  # characters, digits: anything shorter may be a place or a count
_OFFICES = "(?:村|镇|乡|街道|社区|路|街|县|市|区|局|派出所|法院|中学|小学|大道|水库)"
_ORGANISATION = re.compile(
    "(?:政府|委员会|公司|学校|医院|法院|村委会|居委会|集团|中心|公安局|派出所|检察院)$"
    "|^(?!(?:欧阳|上官|司马|诸葛|司徒|夏侯|皇甫|尉迟|公孙|慕容|令狐|端木|东方).{2}$).{3,}[局厂店社队会所院站处办]$"
)
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_NARROW = {
    ord(wide): narrow
    for wide, narrow in zip("０１２３４５６７８９Ｘｘ－＋＠．＿‐‑–−", "0123456789Xx-+@._----", strict=True)
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


def masked_name(text: str, own: Own = ()) -> str:
    """The same of the name of a unit, place or batch, which may well read like an address: addresses stay."""
    return _masked(text, own, _IN_NAMES)


def masked_key(text: str, own: Own = ()) -> str:
    """The same of a number that an office gave: only what can be no such number is masked.

    These are often of 18 digits too, with the day in the middle: one in eleven has the right check digit by
    chance. Nobody younger than 14 petitions, so a later day is no date of birth; and no such number is a
    card's.
    """
    return _masked(text, own, _IN_KEYS)


def own(name: str = "", id_number: str = "", phone: str = "", address: str = "") -> Own:
    """Where the petitioner of a row is found in its other cells.

    A name that begins the name of a place or office (高兴 in 高兴村) is not taken for the person's, and one
    that is an office's or organisation's own is nobody's.
    """
    names = (part.strip() for part in re.split(SEVERAL, name))
    people = (part for part in names if 1 < len(part) <= 40 and not _ORGANISATION.search(part))
    found = [(_spelled(part, rf"(?!{_OFFICES})"), NAME) for part in people]
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
        text = _hidden(text, pattern, mask, check)
    return text


def _hidden(text: str, pattern: re.Pattern[str], mask: str, check: Callable[[str], bool]) -> str:
    """What matches is masked; where the check denies it, another number may begin within: one word on."""
    parts, done, at = [], 0, 0
    while found := pattern.search(text, at):
        if check(found[0]):
            parts += [text[done : found.start()], mask]
            done = at = found.end()
        else:
            at = found.start() + len(_WORD.match(found[0])[0])  # type: ignore[index]
    return "".join((*parts, text[done:]))


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


def _sizes(text: str) -> tuple[int, ...]:
    return tuple(map(len, _DIGITS.findall(text)))


def _identity(text: str) -> bool:
    """A valid number, or one of which a digit is wrong: numbers that offices give hold a later day."""
    number = _number(text)
    born = _born(number)
    mistyped = born is not None and born.year < _MISTYPED_BEFORE and len(_sizes(text)) <= _FEW
    return bool(valid_id(number)) or mistyped


def _lettered(text: str) -> bool:
    """The same beside letters, where numbers that offices give stand too."""
    born = _born(_number(text))
    return born is not None and born <= date.today() - _YOUNGEST and _identity(text)


def _number(text: str) -> str:
    return "".join(_DIGITS.findall(text)) + ("X" if text[-1] in "Xx" else "")


def _petitioner(text: str) -> bool:
    number = valid_id(re.sub(r"\W", "", text))
    born = _born(number) if number else None
    return born is not None and born <= date.today() - _YOUNGEST


def _old_identity(text: str) -> bool:
    return _sizes(text) in ((15,), (6, 6, 3)) and bool(valid_id(_number(text)))


def _card(text: str) -> bool:
    """Luhn's check digit (ISO/IEC 7812), or written in fours as on the card."""
    sizes, number = _sizes(text), _number(text)
    in_fours = set(sizes[:4]) == {4} and len(sizes) in (4, 5)
    if in_fours and " " in text:
        return not _YEARS.fullmatch(text)
    whole = len(sizes) == 1 or (number[0] in "34569" and not _DAY.search(text))
    return whole and (in_fours or len(sizes) <= 2) and _luhn(number)


def _luhn(number: str) -> bool:
    digits = list(map(int, number))
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[-2::-2]]
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def _mobile(text: str) -> bool:
    """Eleven digits in one, as it is spoken (3-4-4), or in other groups that are no days, sums or lists."""
    text = _COUNTRY.sub("", text)
    sizes = _sizes(text)
    if sizes in ((11,), (3, 4, 4)):
        return True
    if _DAY.search(text) or _LISTING.search(text):
        return False
    return sizes[0] == 3 or sizes[0] >= 5 or (len(set(_DIGITS.split(text)[1:-1])) == 1 and text[:2] != "19")


def _landline(text: str) -> bool:
    return len(_sizes(text)) <= 4 and 1 not in _sizes(text) and not _DAY.search(text)


def _any(_: str) -> bool:
    return True


def _rule(pattern: str, mask: str, check: Callable[[str], bool] = _any) -> _Rule:
    return re.compile(pattern, re.ASCII), mask, check


def _alone(pattern: str) -> str:
    return rf"(?<![0-9A-Za-z])(?:{pattern})(?![0-9A-Za-z])"


_PARTED = r"[ .·-]?"
_GAPS = r"\s\xa0\u2000-\u200a\u3000·_—()（）-"
_APART = rf"[./／,，{_GAPS}]{{0,2}}"
"""Between any two digits of a number in free text, however it is grouped."""
_LOOSE = rf"[{_GAPS}]{{0,2}}"
_DIGITS = re.compile(r"[0-9]+")
_WORD = re.compile(r"[0-9]+|.", re.DOTALL)
_COUNTRY = re.compile(r"^\+?86[\s—-]{0,2}(?=1)")
_DAY = re.compile(r"(?<![0-9])(?:19|20)[0-9]{2}[-./_／][0-9]{1,2}(?![0-9])")
_YEARS = re.compile(r"(?:(?:19|20)[0-9]{2}\D+){3}(?:19|20)[0-9]{2}")
_LISTING = re.compile(r"[.,，/／()（）]")
_FEW = 5
_BIRTH = rf"\d{{4}}{_PARTED}\d{{2}}{_PARTED}\d{{2}}"
_NUMBER = rf"[1-9]\d{{5}}{_PARTED}{_BIRTH}{_PARTED}\d{{3}}[0-9Xx]|[1-9]\d{{14}}"
_MOBILE = rf"(?:\+?86[- ]?)?1[3-9]\d{_PARTED}\d{{4}}{_PARTED}\d{{4}}"
_DOOR = r"[\dA-Za-z一二三四五六七八九十百零〇-]+"
_WITHIN = "(?:[\u4e00-\u9fff]{1,4}?[屋下上里坪岗塘围寨坑岭背湾头角尾排段坝墩])?"
_EMAILS = _rule(r"[A-Za-z0-9_.+-]+@[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)+", "［邮箱］")
_PLACES = _rule(
    rf"[\u4e00-\u9fff]{{1,8}}(?:路|街|巷|大道|小区|花园|苑|村{_WITHIN}|组|組)"
    rf"(?:{_DOOR}(?:组|組|队|巷))*(?:{_DOOR}(?:号|號|栋|幢|座|单元|室|房|楼)(?:之\d+)?)+",
    ADDRESS,
)
_LONG = rf"[1-9](?:{_APART}[0-9]){{16}}{_APART}[0-9Xx]"
_IN_NAMES = (
    _rule(_alone(_LONG), ID, _identity),
    _rule(rf"(?<![0-9]){_LONG}(?![0-9])", ID, _lettered),
    _rule(_alone(rf"[1-9](?:{_APART}[0-9]){{14}}"), ID, _old_identity),
    _rule(rf"(?<![0-9])(?:\+?86[\s—-]{{0,2}})?1{_APART}[3-9](?:{_APART}[0-9]){{9}}(?![0-9])", PHONE, _mobile),
    _rule(rf"(?<![0-9])[(（]?0[0-9]{{2,3}}{_LOOSE}[0-9](?:{_LOOSE}[0-9]){{6,7}}(?![0-9])", PHONE, _landline),
    _EMAILS,
)
_CARDS = _rule(_alone(rf"[0-9](?:{_APART}[0-9]){{15,18}}"), "［卡号］", _card)
_IN_TEXT = (*_IN_NAMES[:3], _CARDS, *_IN_NAMES[3:], _PLACES)
_IN_KEYS = (_rule(_alone(_NUMBER), ID, _petitioner), _rule(_alone(_MOBILE), PHONE), _EMAILS, _PLACES)
KEY_SUSPECT = (
    rf"[{''.join(map(chr, _NARROW))}@号號栋幢座室房楼]|单元"
    rf"|(?:^|[^0-9A-Za-z])(?:{_NUMBER}|{_MOBILE})(?:$|[^0-9A-Za-z])"
)
"""What a key needs at least for anything in it to be masked, in words that Arrow understands as well."""
_SUSPECT = re.compile(
    rf"[0-9０-９](?:[./／,，．＿‐‑–−－{_GAPS}]{{0,2}}[0-9０-９]){{9}}|[@＠]|号|號|栋|幢|座|单元|室|房|楼"
)
"""What every mask needs at least: most cells are passed by in one look."""

"""The places of a site: the names and codes of every level, and which of them a cell of an export means."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from analytics.model import LEVELS, NOWHERE, TOWNSHIP_DIGITS, Level

_REFERENCE = Path(__file__).resolve().parents[1] / "data" / "reference" / "areas.csv"
_COUNTY = LEVELS["county"].digits
REGION_DIGITS = 12
"""Of a whole code: after the township's nine three of the village's."""
_ENDINGS = ("街道办事处", "街道", "镇", "乡")
TOWNSHIP = "township"
PLACES = (*LEVELS, TOWNSHIP)
"""The dimensions that tell places apart, from the highest level down."""
DIGITS = {level.digits: level.name for level in LEVELS.values()} | {TOWNSHIP_DIGITS: TOWNSHIP}
"""The dimension of a code by its length."""
CODE = re.compile(r"[1-9]\d(\d{2}(\d{2}(\d{3}(\d{3})?)?)?)?", re.ASCII)
"""A code of 2, 4, 6, 9 or 12 digits."""


@dataclass(frozen=True)
class Area:
    """区划: a province, prefecture or county by its code (2, 4 or 6 digits) and its name."""

    code: str
    name: str


@dataclass(frozen=True)
class Township:
    """镇街: its name as shown, its code, other spellings met in exports, its villages, its inhabitants."""

    name: str
    code: str = ""
    aliases: tuple[str, ...] = ()
    villages: tuple[str, ...] = ()
    population: int = 0


@dataclass(frozen=True)
class Located:
    """What a cell means: the township, where the list has it, and the code of the smallest place known.

    `lost`: it names something that the site does not know.
    """

    township: Township | None
    code: str = NOWHERE
    lost: bool = False

    @property
    def area(self) -> int:
        """As the column `area` holds it."""
        return int(self.code.ljust(TOWNSHIP_DIGITS, "0"))


class Places:
    """Every place of a site by name and by code; names are unique within their level."""

    def __init__(self, townships: Sequence[Township], areas: Iterable[Area], home: Area) -> None:
        """`home`: the site's own place; its code is empty where the site does not give it."""
        self._home = home
        self._names = names_of(areas, home)
        self._codes = {(len(code), name): code for code, name in self._names.items()}
        self._counties: dict[str, dict[str, Township]] = {}
        for township in townships:
            county = self._counties.setdefault(self._county(township), {})
            for spelling in self._written(township):
                county.setdefault(spelling, township)
        self._by_code = {township.code: township for township in townships if township.code}
        self._lying = [(township, self._lies(township)) for township in townships]
        self._near: dict[str, dict[str, Township]] = {}

    @property
    def spellings(self) -> Mapping[str, Township]:
        """Every spelling that means one township wherever it is met."""
        return self._spellings("")

    def name_of(self, code: str) -> str:
        """The name of a province, prefecture or county; the code itself where nobody gave one."""
        return self._names.get(code, code)

    def code_of(self, dimension: str, text: str) -> str:
        """The code of a township by its name, of a place of a level by name or code; empty for none known."""
        if dimension == TOWNSHIP:
            return self.spellings[text].code if text in self.spellings else ""
        level = LEVELS[dimension]
        if len(text) == level.digits and CODE.fullmatch(text):
            return text if text in self._names or self.codes(level, text) else ""
        return self._codes.get((level.digits, text), "")

    def levels(self, within: str = "") -> tuple[str, ...]:
        """The dimensions that tell apart places in the site and in a place, from the highest down."""
        inside = max(self._home.code, within, key=len)
        if not self._home.code and len(self._counties) < 2:  # of a site that gives no code
            return (TOWNSHIP,)
        return (*(level.name for level in LEVELS.values() if level.digits > len(inside)), TOWNSHIP)

    def names(self, dimension: str, kept: Mapping[str, Collection[str]], within: str = "") -> tuple[str, ...]:
        """The places of a dimension in which the site lists a township that the filters on places keep."""
        filters = {name: members for name, members in kept.items() if name in PLACES}
        inside = (lies for township, lies in self._lying if township.code.startswith(within))
        left = (lies for lies in inside if all(lies.get(name) in filters[name] for name in filters))
        return tuple(dict.fromkeys(lies[dimension] for lies in left if dimension in lies))

    def path(self, dimension: str, code: str) -> Mapping[str, str]:
        """The place of this code and those in which it lies, by dimension; empty where none is listed."""
        found = (lies for township, lies in self._lying if code and township.code.startswith(code))
        above = PLACES[: PLACES.index(dimension) + 1]
        return {name: place for name, place in next(found, {}).items() if name in above}

    def _lies(self, township: Township) -> Mapping[str, str]:
        """In which place of each level it lies, by name; itself the last."""
        code = township.code
        above = {level.name: self.name_of(code[: level.digits]) for level in LEVELS.values() if code}
        return above | {TOWNSHIP: township.name}

    def inhabitants(self, dimension: str) -> dict[str, int]:
        """How many people live in each place of a dimension, where the site says it of all its townships."""
        found: dict[str, int] = {}
        unknown = set()
        for township, lies in self._lying:
            name = lies.get(dimension, "")
            found[name] = found.get(name, 0) + township.population
            unknown |= set() if township.population else {name}
        return {name: heads for name, heads in found.items() if name not in unknown}

    def codes(self, level: Level, within: str = "") -> list[str]:
        """Of the level's places inside another those in which the site lists a township."""
        inside = (code for code in self._by_code if code.startswith(within))
        return list(dict.fromkeys(code[: level.digits] for code in inside))

    def _county(self, township: Township) -> str:
        return (township.code or self._home.code)[:_COUNTY]

    # --- which place is meant -----------------------------------------------------------------------

    def locate(self, written: str, code: str = "") -> Located:
        """The place that is meant by a name (empty: not filled in) and, where the export has one, a code.

        The code says in which county it lies, the name which township of it: public sources swap the codes of
        townships, and many townships share a name. Where the name says nothing, the code says all.
        """
        text, place = "".join(written.split()), _significant(code)
        prefix, rest = self._parted(text)
        if not _nested(prefix, place):
            prefix, rest = "", text
        nearer = max(place, prefix, key=len)
        near = self._spellings(place)
        township = (
            near.get(text)
            or self._spellings(nearer).get(rest)
            or near.get(text.rpartition(self._home.name)[2])
            or self._contained(text, nearer)
        )
        if township is None and not any(text in names for names in self._counties.values()):
            township = self._by_code.get(place)
        if township:
            return Located(township, township.code or NOWHERE)
        county = nearer[:_COUNTY]
        known = len(county) == _COUNTY and (county in self._names or county in self._counties)
        return Located(None, county if known else NOWHERE, lost=bool(rest))

    def _written(self, township: Township) -> set[str]:
        """How exports write it."""
        county = self.name_of(self._county(township))
        plain = township.name.removeprefix(county) or township.name
        short = plain
        for ending in _ENDINGS:
            short = short.removesuffix(ending)
        spellings = {township.name, plain, short, *township.aliases, f"{self._home.name}{plain}"}
        return spellings | ({f"{short}街道办", f"{short}街道办事处", f"{short}镇政府"} if short else set())

    def _spellings(self, place: str) -> dict[str, Township]:
        """Those that mean one township within a place."""
        if place not in self._near:
            inside = [names for county, names in self._counties.items() if _nested(county, place)]
            claimed = Counter(spelling for names in inside for spelling in names)
            unique = {s: t for names in inside for s, t in names.items() if claimed[s] == 1}
            self._near[place] = unique | {t.name: t for names in inside for t in names.values()}
        return self._near[place]

    def _contained(self, text: str, place: str) -> Township | None:
        """The one township of a place whose name stands within the text."""
        found = [t for t, _ in self._lying if t.name in text and _nested(self._county(t), place)]
        return found[0] if len(found) == 1 else None

    def _parted(self, text: str) -> tuple[str, str]:
        """The place above the townships that a text begins with, be it of several levels, and the rest."""
        place, rest = "", text
        while found := self._leading(rest, place):
            place, rest = found, rest.removeprefix(self._names[found])
        return place, rest

    def _leading(self, text: str, place: str) -> str:
        """The code of what a text begins with, of a level below the place and within it."""
        levels = [level.digits for level in LEVELS.values() if level.digits > len(place)]
        names = (text[:end] for end in range(len(text), 1, -1))
        codes = (self._codes.get((digits, name), "") for name in names for digits in levels)
        return next((code for code in codes if code and code.startswith(place)), "")


def _nested(one: str, other: str) -> bool:
    """One code lies within the other, or is as far known as the other's county."""
    length = min(len(one), len(other), _COUNTY)
    return one[:length] == other[:length]


def _significant(code: str) -> str:
    """The digits that say something: 441481000000 is 441481, 441481102000 is 441481102; empty for no code."""
    if not CODE.fullmatch(code):
        return ""
    code = code[:TOWNSHIP_DIGITS]
    return code.removesuffix("000") if len(code) == TOWNSHIP_DIGITS else code


# --- names -------------------------------------------------------------------------------------------


def names_of(areas: Iterable[Area], home: Area) -> dict[str, str]:
    """By code the name of every place above the townships that a site knows, unique within its level."""
    known = {code: name for code, name in _known().items() if _nested(code, home.code)}
    names = known | {area.code: area.name for area in (*areas, home) if area.code}
    shared = Counter((len(code), name) for code, name in names.items())
    return {
        code: name if shared[len(code), name] == 1 else names.get(code[:-2], code[:-2]) + name
        for code, name in names.items()
    }


def named_apart(townships: Iterable[Township], areas: Iterable[Area], home: Area) -> tuple[Township, ...]:
    """The townships; where counties have one of the same name, with the county's before it: 兴宁市宁中镇."""
    names, listed = names_of(areas, home), tuple(townships)
    shared = Counter(name for name, _ in {(t.name, t.code[:_COUNTY]) for t in listed})
    return tuple(
        replace(t, name=names.get(t.code[:_COUNTY], t.code[:_COUNTY]) + t.name) if shared[t.name] > 1 else t
        for t in listed
    )


@cache
def _known() -> Mapping[str, str]:
    """The codes of GB/T 2260 that the project knows: provinces, and Guangdong's prefectures and counties."""
    with _REFERENCE.open(encoding="utf-8", newline="") as file:
        return {line["代码"]: line["名称"] for line in csv.DictReader(file)}

"""How many rows the benchmark asks of, and of which places: from one county to the whole country."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from analytics.places import Area, Township

PROVINCES = (
    *("44", "11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37"),
    *("41", "42", "43", "45", "46", "50", "51", "52", "53", "54", "61", "62", "63", "64", "65"),
)
"""GB/T 2260 codes; the first one is where a smaller scale lies."""

_FIRST, _SECOND, _THIRD = (
    "东西南北中上下大小高平长新兴安永和福德仁义信宝金石水山河江湖海云龙凤青白红黄春秋",
    "兴宁安平和顺昌盛丰泰康乐华光明德义仁新永长福寿禄清泉溪河湖岭坪坝塘田园林桥头口",
    "城关山川原野屯堡寨集市场店铺渡港湾洲岛沟谷岗坡台湖泉池井窑坊庄村墟塔亭楼阁门里",
)


@dataclass(frozen=True)
class Scale:
    """So many rows, spread over so many places, each level nested in the one before.

    `below`: the dimension of the places that its page compares; `narrow`: the one that filters it.
    """

    name: str
    rows: int
    provinces: int
    prefectures: int
    counties: int
    townships: int
    below: str
    narrow: str


SCALES = {
    scale.name: scale
    for scale in (
        Scale("10k", 10_000, 1, 1, 1, 20, below="township", narrow="township"),
        Scale("1M", 1_000_000, 1, 1, 12, 160, below="county", narrow="county"),
        Scale("10M", 10_000_000, 1, 21, 120, 1_600, below="prefecture", narrow="county"),
        Scale("100M", 100_000_000, 31, 340, 2_850, 40_000, below="province", narrow="county"),
    )
}


@dataclass(frozen=True)
class Spread:
    """Every place of a scale. `home`: what holds them all, with an empty code where that is the country.

    `areas`: prefectures and counties; `townships`. All names stand once in the country.
    """

    home: Area
    areas: tuple[Area, ...]
    townships: tuple[Township, ...]

    @property
    def names(self) -> dict[str, str]:
        """Of prefectures and counties, by code."""
        return {area.code: area.name for area in self.areas}


def spread(scale: Scale) -> Spread:
    """The places of a scale in the order of their codes."""
    prefectures = _within(PROVINCES[: scale.provinces], scale.prefectures, "{:02}", 1)
    counties = _within(prefectures, scale.counties, "{:02}", 1)
    townships = _within(counties, scale.townships, "{:03}", 100)
    areas = _named(prefectures, "市") + _named(counties, "县")
    named = tuple(Township(f"{_name(at)}镇", code) for at, code in enumerate(townships))
    home = next(
        area
        for area in (*reversed(areas), Area(PROVINCES[0], "广东省"), Area("", "全国"))
        if _holds(area, townships)
    )
    return Spread(home, areas, named)


def _holds(area: Area, townships: Sequence[str]) -> bool:
    return all(code.startswith(area.code) for code in townships)


def _named(codes: Sequence[str], ending: str) -> tuple[Area, ...]:
    return tuple(Area(code, f"{_name(at)}{ending}") for at, code in enumerate(codes))


def _within(parents: Sequence[str], total: int, digits: str, first: int) -> list[str]:
    """Codes of a level: the parents share its `total` places as evenly as can be."""
    each, more = divmod(total, len(parents))
    return [
        parent + digits.format(first + child)
        for at, parent in enumerate(parents)
        for child in range(each + (at < more))
    ]


def _name(number: int) -> str:
    """Three characters, other ones for every number below 60,840."""
    rest, first = divmod(number, len(_FIRST))
    third, second = divmod(rest, len(_SECOND))
    return _FIRST[first] + _SECOND[second] + _THIRD[third]

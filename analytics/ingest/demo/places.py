"""Where problems lie: the weight of each township, and the names that units have in a county."""

from __future__ import annotations

import re

from analytics.site import Site

USUAL = 4.0
"""A township that is not listed below."""

# Weights follow the size of the place.
TOWNSHIPS = {
    "兴田街道": 11.5,
    "福兴街道": 9.0,
    "宁新街道": 9.5,
    "宁中镇": 4.8,
    "新陂镇": 4.2,
    "刁坊镇": 5.0,
    "永和镇": 4.4,
    "径南镇": 2.0,
    "坭陂镇": 6.4,
    "新圩镇": 3.7,
    "水口镇": 6.8,
    "罗浮镇": 2.6,
    "罗岗镇": 3.3,
    "黄槐镇": 1.5,
    "黄陂镇": 3.8,
    "合水镇": 2.9,
    "龙田镇": 3.6,
    "石马镇": 3.2,
    "大坪镇": 6.2,
    "叶塘镇": 7.6,
}

ABOVE = {"4414": {"prefecture": "梅州市", "grid": "广东电网梅州"}}
"""By the first four digits of the county's code: the names of what stands above it."""


def weight(township: str) -> float:
    """How much of the county's petitions falls to the township, relative to the others."""
    return TOWNSHIPS.get(township, USUAL)


def words(site: Site) -> dict[str, str]:
    """What stands for the placeholders in the names of units."""
    short = re.sub("(?<=.)[市县区旗]$", "", site.county)
    usual = {"county": site.county, "short": short, "prefecture": "市", "grid": ""}
    return usual | ABOVE.get(site.code[:4], {})

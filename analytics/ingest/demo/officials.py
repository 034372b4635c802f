"""The city leaders of the demo: those whom the site names, else ten without a name."""

from __future__ import annotations

from analytics.site import Official, Site

NUMBERS = "一二三四五六七八九十"


def officials(site: Site) -> tuple[Official, ...]:
    """City leaders, each with the places to go to: the townships where the site gives none."""
    named = site.officials or tuple(Official(f"包案领导{number}") for number in NUMBERS)
    townships = tuple(township.name for township in site.townships)
    return tuple(Official(leader.name, leader.contacts or townships) for leader in named)


def leader_of(place: str) -> str:
    """Whoever leads the township or the department."""
    return f"{place}领导"

"""Beside the site's own county invented ones, and the bureau over all of them as a site.toml."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice

from analytics.model import NOWHERE
from analytics.places import Area
from analytics.site import Refusal, Site

MOST = 9_000
"""So many counties have codes."""
HEAD = "# 多个县的演示：由 petition demo --scale 写成，再次写入时覆盖。"
_FREE = range(31, 61)
"""Under any place codes that few places have, and the site's own county does not."""


def counties(site: Site, scale: int) -> tuple[Site, ...]:
    """The site's county and `scale` − 1 invented ones, in its prefecture first. Raises Refusal."""
    if scale == 1:
        return (site,)
    if len(site.code) != 6:
        raise Refusal("多个县的演示要有本县的代码：请在 site.toml 写 6 位的 code")
    codes = islice(_codes(site.code), scale)
    return tuple(_county(site, number, code) for number, code in enumerate(codes))


def _county(site: Site, number: int, code: str) -> Site:
    name = f"示例县{_numeral(number)}" if number else site.county
    coded = (
        replace(t, code=code + (t.code[6:] or f"{at:03d}"), villages=() if number else t.villages)
        for at, t in enumerate(site.townships, 101)
    )
    units = (replace(d, name=d.name.replace(site.county, name)) for d in site.departments)
    return replace(site, county=name, code=code, townships=tuple(coded), departments=tuple(units))


def _numeral(number: int | str) -> str:
    """Digit by digit, so that it does not run into a year: 一二 is 12."""
    return "".join("〇一二三四五六七八九"[int(digit)] for digit in f"{number}")


def _codes(own: str) -> Iterator[str]:
    """The own code, then those of invented counties: in the own prefecture, the own province, others."""
    prefectures = [own[:4], *(f"{above}{n}" for above in (own[:2], *range(90, 100)) for n in _FREE)]
    yield own
    yield from (f"{above}{n}" for above in prefectures for n in _FREE if f"{above}{n}" != own)


def files_over(sites: Sequence[Site]) -> dict[str, str]:
    """The bureau over several counties: its site.toml and the two lists that this names, by file name."""
    codes = [site.code for site in sites]
    code = next(codes[0][:n] for n in (4, 2, 0) if len({each[:n] for each in codes}) == 1)
    name = _name(sites[0], code)
    townships = [f"{t.name},{t.code},{'、'.join(t.villages)}" for site in sites for t in site.townships]
    above = dict.fromkeys(each[:n] for n in (2, 4) for each in codes if n > len(code))
    areas = [Area(each, _name(sites[0], each)) for each in above] + [Area(s.code, s.county) for s in sites]
    return {
        "site.toml": _site_toml(sites, code or NOWHERE, name),
        "townships.csv": "\n".join(["名称,代码,村居", *townships, ""]),
        "areas.csv": "\n".join(["代码,名称", *(f"{a.code},{a.name}" for a in areas), ""]),
    }


def _name(site: Site, code: str) -> str:
    """The name of a place above the counties; an invented one is called by its code."""
    kinds = {0: "全国", 2: f"示例省{_numeral(code)}", 4: f"示例市{_numeral(code)}"}
    return known if (known := site.places.name_of(code)) != code else kinds[len(code)]


def _site_toml(sites: Sequence[Site], code: str, name: str) -> str:
    own = sites[0]
    since = {"receptions": own.receptions_since, "screenings": own.screenings_since}
    begun = {part: f"since = {day}" for part, day in since.items() if day}
    officials = [
        f"[[officials]]\nname = {_told(o.name)}\ncontacts = {_told(o.contacts)}" for o in own.officials
    ]
    units = [f"[[departments]]\nname = {_told(d.name)}" for site in sites for d in site.departments]
    return "\n".join(
        [
            HEAD,
            f"bureau = {_told(f'{name}信访局')}",
            f"county = {_told(name)}",
            f"code = {_told(code)}",
            'area_file = "areas.csv"',
            'township_file = "townships.csv"',
            f"[settings]\nbacklog_closed_by = {_told(own.backlog_closed_by)}",
            f"[receptions]\ndays = {_told(own.reception_days)}",
            f"day_off = {_told('moved' if own.receptions_moved else 'kept')}",
            begun.get("receptions", ""),
            "[screenings]",
            begun.get("screenings", ""),
            *(f"{level} = {_told(cadence)}" for level, cadence in own.cadences),
            *officials,
            *units,
            "",
        ]
    )


def _told(value: object) -> str:
    """A text, number or list as TOML."""
    return json.dumps(value, ensure_ascii=False)

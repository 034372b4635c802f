"""Somebody of each role, as site.toml lists them."""

from __future__ import annotations

from collections.abc import Mapping

from analytics.site import ROOT

ROLES = {
    "leader": 'roles = ["leader"]',
    "analyst": 'roles = ["analyst"]',
    "officer": 'roles = ["officer"]',
    "town": 'roles = ["township"]\ntownship = "宁中镇"',
    "admin": 'roles = ["admin"]',
    "auditor": 'roles = ["auditor"]',
}


def site_with(people: Mapping[str, str], host: str = "") -> str:
    """The project's site.toml with these people; `host`: what follows each name in its account."""
    listed = "".join(f'[[people]]\naccount = "{name}{host}"\n{role}\n\n' for name, role in people.items())
    return f"{(ROOT / 'site.toml').read_text('utf-8')}\n{listed}"

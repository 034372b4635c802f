"""The site: whose bureau this is, its townships, and the few settings that change numbers."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta, timezone
from functools import cached_property
from pathlib import Path

from analytics.access import Access
from analytics.masking import visible
from analytics.model import NOWHERE
from analytics.places import Area, Places, Township
from analytics.workdays import Workdays

ROOT = Path(__file__).resolve().parents[1]
BEIJING = timezone(timedelta(hours=8), "北京时间")


def today() -> date:
    """Today in Beijing."""
    return datetime.now(BEIJING).date()


class Refusal(Exception):
    """Something the user must mend; the text says in Chinese what, where and what to do.

    Whatever names from outside it quotes, no code in it steers the terminal or the order of writing.
    """

    def __init__(self, text: str = "") -> None:
        super().__init__(visible(text))


@dataclass(frozen=True)
class Unit:
    """A unit that owes screenings, from `since` (None: as long as there are data) to `until`."""

    name: str
    aliases: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True)
class Official:
    """A city leader who owes a visit each month; `contacts`: 挂点镇街 and 挂点联系单位."""

    name: str
    contacts: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None


CADENCES = {"month": "每月", "half_month": "每半月", "week": "每周"}
USUAL = (("city", "month"), ("township", "half_month"), ("department", "half_month"), ("village", "week"))
"""How often each level screens for disputes, where the site does not say otherwise."""


LINK_RULE = 1  # raise it when the statement that links petitions changes, so that stored links follow


@dataclass(frozen=True)
class Thresholds:
    """From where on the page 预警 speaks: shares of change, weeks, batches, persons, days.

    `abnormal`, `alarm`: a count that changed by more, against either comparison, is 异常 or 告警. A matter of
    the last `matter_weeks` is flagged from so many group visits, persons in them or escalations on. The last
    `cluster_weeks` are compared with the `baseline_weeks` before. A batch is near its time limit within
    `deadline_days`.
    """

    abnormal: float = 0.10
    alarm: float = 0.20
    matter_weeks: int = 12
    group_visits: int = 2
    group_persons: int = 30
    escalations: int = 2
    cluster_weeks: int = 4
    baseline_weeks: int = 52
    deadline_days: int = 30


@dataclass(frozen=True)
class Serving:
    """Where the dashboard listens, under which names, and whether people reach it by https.

    `hosts`: names besides this machine's own under which it may be asked for.
    """

    address: str = "127.0.0.1"
    hosts: tuple[str, ...] = ()
    https: bool = False


@dataclass(frozen=True)
class Site:
    """What site.toml says. `county`, `code`: its own place, of whatever level; `areas`: names of those below.

    `receptions_moved`: a reception day off work moves to the next working day.
    `repeat_days`: an item so many days after the last of its matter, or fewer, belongs to it.
    `template`: the bureau's own .pptx, whose look the slides of a brief take.
    """

    bureau: str
    county: str
    code: str = ""
    areas: tuple[Area, ...] = ()
    townships: tuple[Township, ...] = ()
    backlog_closed_by: str = "verified"
    reject_limit: float = 0.05
    coverage_jump_days: int = 45
    small_base: int = 10
    reception_days: tuple[int, ...] = (15, 28)
    receptions_since: date | None = None
    receptions_moved: bool = False
    officials: tuple[Official, ...] = ()
    screenings_since: date | None = None
    cadences: tuple[tuple[str, str], ...] = USUAL
    departments: tuple[Unit, ...] = ()
    calendar: Workdays = field(default_factory=Workdays)
    repeat_days: int = 365
    warnings: Thresholds = Thresholds()
    template: Path | None = None
    access: Access = field(default_factory=Access)
    serving: Serving = Serving()

    @property
    def home(self) -> Area:
        """The site's own place, with an empty code where it is the country or not given."""
        return Area(self.code if self.code != NOWHERE else "", self.county)

    @cached_property
    def places(self) -> Places:
        """The places of every level, by name and by code."""
        return Places(self.townships, self.areas, self.home)

    @property
    def township_names(self) -> Mapping[str, Township]:
        """Every accepted spelling of a township."""
        return self.places.spellings

    @property
    def derivation_hash(self) -> str:
        """Changes when a setting changes that derived columns depend on."""
        places = [(t.name, t.code, t.aliases) for t in self.townships]
        areas = [(area.code, area.name) for area in (self.home, *self.areas)]
        return _digest(places, areas, self.backlog_closed_by, self.calendar.fingerprint)

    @property
    def link_rule(self) -> str:
        """The rule by which items are linked, as stored with each: its version and the days."""
        return f"第{LINK_RULE}版 {self.repeat_days}天"

    @property
    def roster_hash(self) -> str:
        """Changes when what is owed by whom changes: reception days, visits, screenings."""
        owed = {k: v for k, v in asdict(self).items() if k not in _NOT_OWED}
        for township in owed["townships"]:
            del township["population"]
        return _digest(owed, self.calendar.fingerprint)


_NOT_OWED = (
    *("bureau", "reject_limit", "coverage_jump_days", "small_base", "backlog_closed_by", "repeat_days"),
    "areas",
    "warnings",
    "template",
    "access",
    "serving",
)


def _digest(*facts: object) -> str:
    text = json.dumps(facts, ensure_ascii=False, sort_keys=True, default=_listed)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _listed(value: object) -> object:
    return sorted(map(str, value)) if isinstance(value, frozenset) else str(value)


def others_may(path: Path) -> bool:
    """Whether other users of this machine may read or write the file; Windows does not say so in a mode."""
    return os.name == "posix" and bool(path.stat().st_mode & 0o077)


def site_file(data: Path) -> Path:
    """Where the site is described: PETITION_SITE, else beside the data, else in the project."""
    if named := os.environ.get("PETITION_SITE"):
        return Path(named)
    beside = data / "site.toml"
    return beside if beside.exists() else ROOT / "site.toml"

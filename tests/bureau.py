"""A small bureau for tests: rows go in through the real import, numbers come out of the real engine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from analytics.engine import Engine
from analytics.ingest import Report, import_files, import_rows
from analytics.model import Period
from analytics.places import Township
from analytics.result import Result
from analytics.site import Official, Site, Unit
from analytics.store import Store

SITE = Site(
    bureau="示例信访局",
    county="兴宁市",
    townships=tuple(
        Township(name, code, villages=villages)
        for name, code, villages in (
            ("兴田街道", "441481001", ("甲村", "乙村")),
            ("宁中镇", "441481102", ("甲村", "丙村")),
            ("新陂镇", "441481104", ()),
            ("坭陂镇", "441481110", ()),
        )
    ),
    receptions_since=date(2020, 1, 1),
    screenings_since=date(2020, 1, 1),
    officials=(
        Official("市领导一", ("宁中镇", "示例市教育局")),
        Official("市领导二", since=date(2020, 2, 1)),
        Official("市领导三", until=date(2021, 2, 27)),
    ),
    departments=(
        Unit("示例市教育局", ("市教育局",)),
        Unit("示例市民政局", since=date(2020, 2, 16)),
    ),
)

PREFECTURE = replace(
    SITE,
    county="梅州市",
    code="4414",
    townships=(
        *SITE.townships,
        Township("大埔县城关镇", "441422101", villages=("甲村",)),
        Township("丰顺县城关镇", "441423101", villages=("丁村",)),
        Township("高陂镇", "441422102"),
    ),
)
"""The bureau above it, over three counties, two of them with a township of the same name."""

Row = dict[str, Any]


class Bureau:
    """A store, its site, and an engine over it."""

    def __init__(self, path: Path, site: Site = SITE) -> None:
        self.site = site
        self.store = Store(path)
        self.engine = Engine(self.store, site)

    def bring(self, dataset: str, *rows: Row, **options: Any) -> Report:
        """Imports rows whose values have their types."""
        return import_rows(self.store, self.site, dataset, pd.DataFrame(rows, dtype=object), **options)

    def bring_file(self, dataset: str, *rows: Row, name: str = "导出.csv", **options: Any) -> Report:
        """Imports rows as a file of text, or as a workbook where the name says so."""
        file = self.store.path.parent / name
        frame = pd.DataFrame(rows, dtype=object)
        if file.suffix == ".xlsx":
            frame.to_excel(file, index=False)
        else:
            frame.to_csv(file, index=False, encoding="utf-8")
        return import_files(self.store, self.site, [file], dataset, **options)

    def ask(self, metrics: str | Iterable[str], days: str | None = None, by: str = "", **more: Any) -> Result:
        """A result for days written as a month (2021-03) or as first and last day (2021-03-01 2021-03-05)."""
        names = metrics.split() if isinstance(metrics, str) else list(metrics)
        return self.engine.ask(names, by.split(), period(days) if days else None, **more)

    def number(self, metric: str, days: str | None = None, **more: Any) -> int | float | None:
        """One metric as one number."""
        return self.ask(metric, days, **more).value(metric)

    def table(self, metric: str, days: str | None, by: str, **more: Any) -> Mapping[str, int | float | None]:
        """One metric by the members of one dimension."""
        result = self.ask(metric, days, by, **more)
        return {key[0]: result.value(metric, key) for key in result.keys}


def period(days: str) -> Period:
    """A month, or first and last day."""
    if " " not in days:
        return Period.month(days)
    first, last = map(date.fromisoformat, days.split())
    return Period(first, last)


def item(number: object, registered_on: object, **more: Any) -> Row:
    """A petition; a letter unless said otherwise."""
    return {"petition_id": str(number), "registered_on": registered_on, "channel": "letter"} | more


def case(number: object, assigned_on: object, **more: Any) -> Row:
    """A backlog case of the first batch unless said otherwise."""
    return {"case_id": str(number), "assigned_on": assigned_on, "batch": "第一批"} | more


def order(number: object, issued_on: object, **more: Any) -> Row:
    """A supervision order."""
    return {"supervision_id": str(number), "issued_on": issued_on} | more


def reception(number: object, held_on: object, **more: Any) -> Row:
    """A reception by a city leader at home unless said otherwise."""
    usual = {"official": "市领导一", "official_level": "city", "form": "定点接访", "place": "市综合服务中心"}
    return {"reception_id": str(number), "held_on": held_on} | usual | more


def screening(number: object, held_on: object, **more: Any) -> Row:
    """A round of 宁中镇 unless said otherwise."""
    usual = {"level": "township", "unit": "宁中镇", "township": "宁中镇"}
    return {"screening_id": str(number), "held_on": held_on} | usual | more


def crowded(path: Path, names: Sequence[str]) -> Bureau:
    """A bureau of the townships `names`; all had items in February and March 2021, nobody visited."""
    bureau = Bureau(path, replace(SITE, townships=tuple(map(Township, names))))
    rows = [
        item(f"{month}-{at}-{n}", date(2021, month, 1 + n), township=name)
        for month in (2, 3)
        for at, name in enumerate(names)
        for n in range(1 + at % (month + 2))
    ]
    bureau.bring("petitions", *rows, covers_to=date(2021, 3, 31))
    return bureau

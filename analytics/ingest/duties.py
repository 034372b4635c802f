"""应做之事: the windows in which the site's rosters ask for something, and whether it was done in them."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

import pandas as pd

from analytics.contract import DUTIES, RECEPTION_DAY, SCREENING, UNFILLED, VISIT
from analytics.ingest import frames
from analytics.ingest.derive import township_of
from analytics.ingest.frames import within
from analytics.site import Official, Site

VISITING, BY_APPOINTMENT = "下访", "约访"

_DAY = timedelta(days=1)
_FIRST_HALF = 15
_SEVERAL = re.compile(r"[、，,；;]")


@dataclass(frozen=True)
class Source:
    """Rows that tell what was done (`held_on` dates them), and the coverage declared for them."""

    rows: pd.DataFrame
    declared: date | None = None

    @property
    def last(self) -> date | None:
        """The day to which the rows tell everything."""
        return self.declared or _day(self.rows["held_on"].max())


def complete_to(sources: Mapping[str, Source]) -> date | None:
    """The latest coverage over the sources."""
    return max((source.last for source in sources.values() if source.last), default=None)


def duties(sources: Mapping[str, Source], site: Site) -> pd.DataFrame:
    """Rows of the dataset duties, from those of its sources that were ever imported.

    A window is due to whom it finds bound on all its days (`since` to `until`), so that a month begun or
    ended in office is not. It is listed once its source covers its last day; the window still open then is
    listed too, unless another source is further on than its end: it would count as missed.
    """
    latest = complete_to(sources)
    parts: list[pd.DataFrame] = []
    if span := _span(sources.get("receptions"), site.receptions_since, latest):
        rows = sources["receptions"].rows
        city = rows[rows["official_level"] == "city"]
        parts += [_reception_days(city, site, span), _visits(city, site, span)]
    if span := _span(sources.get("screenings"), site.screenings_since, latest):
        parts += _screenings(sources["screenings"].rows, site, span)
    rows = frames.complete(pd.concat(parts) if parts else pd.DataFrame(), DUTIES)
    blanks = {f.name: f.default for f in DUTIES.fields if f.default is not None}
    rows = rows.assign(area=rows["township"].map(_areas(site)).astype("Int32"))
    return rows.fillna(blanks).drop_duplicates(DUTIES.key)


def _areas(site: Site) -> dict[str, int]:
    return {t.name: int(t.code) for t in site.townships if t.code}


# --- windows ----------------------------------------------------------------------------------------


class Window(NamedTuple):
    """Days within which something is due once, both included, and their name."""

    window_start: date
    window_end: date
    window: str


def window_of(day: date, cadence: str) -> Window:
    """The window of the cadence (month, half_month, week) in which the day lies."""
    if cadence == "week":
        monday = day - day.weekday() * _DAY
        return Window(monday, monday + 6 * _DAY, f"{monday:%G-W%V}")
    first, last = day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1])
    if cadence == "month":
        return Window(first, last, f"{day:%Y-%m}")
    if day.day <= _FIRST_HALF:
        return Window(first, day.replace(day=_FIRST_HALF), f"{day:%Y-%m}上")
    return Window(day.replace(day=_FIRST_HALF + 1), last, f"{day:%Y-%m}下")


def windows(cadence: str, first: date, last: date) -> Iterator[Window]:
    """The windows that begin between the two days."""
    window = window_of(first, cadence)
    while window.window_start <= last:
        if window.window_start >= first:
            yield window
        window = window_of(window.window_end + _DAY, cadence)


@dataclass(frozen=True)
class _Span:
    """The days in which windows begin; `latest` is the coverage of the source that is furthest on."""

    first: date
    last: date
    latest: date

    def lists(self, window: Window) -> bool:
        """The window can be judged, or is still open to everybody."""
        begun = self.first <= window.window_start <= self.last
        return begun and not self.last < window.window_end <= self.latest

    def windows(self, cadence: str) -> list[Window]:
        """The cadence's windows that are listed."""
        return [window for window in windows(cadence, self.first, self.last) if self.lists(window)]


def _span(source: Source | None, since: date | None, latest: date | None) -> _Span | None:
    if source is None or source.last is None or latest is None:
        return None
    earliest = _day(source.rows["held_on"].min())
    first = since or (earliest and earliest.replace(day=1))
    return _Span(first, source.last, latest) if first else None


def _owed(who: pd.DataFrame, due: Sequence[Window]) -> pd.DataFrame:
    """Each one's windows; `who` has a `subject`, which with rule and first day makes the key."""
    listed = pd.DataFrame(due, columns=list(Window._fields))
    listed["begins"] = listed["window_start"].astype("str")
    rows = who.merge(frames.typed(listed, DUTIES), how="cross")
    bound = ~(rows["since"] > rows["window_start"]) & ~(rows["window_end"] > rows["until"])
    return rows.assign(duty_id=rows["rule"] + "|" + rows["subject"] + "|" + rows["begins"])[bound]


def _who(rows: Sequence[tuple[object, ...]], *columns: str) -> pd.DataFrame:
    """Those who owe something: the columns as text, then since and until."""
    who = pd.DataFrame(rows, columns=[*columns, "since", "until"])
    return who.astype(dict.fromkeys(columns, "str") | dict.fromkeys(("since", "until"), "datetime64[s]"))


# --- receptions -------------------------------------------------------------------------------------


def _reception_days(city: pd.DataFrame, site: Site, span: _Span) -> pd.DataFrame:
    held = {day.date() for day in city.loc[city["form"] != VISITING, "held_on"].unique()}
    found = [
        (f"{RECEPTION_DAY}|{window.window}", RECEPTION_DAY, name, *window, not held.isdisjoint(_days(window)))
        for name, window in _days_of_reception(site, span)
        if span.lists(window)
    ]
    columns = ["duty_id", "rule", "reception_day", *Window._fields, "done"]
    return frames.typed(pd.DataFrame(found, columns=columns), DUTIES)


def _days_of_reception(site: Site, span: _Span) -> Iterator[tuple[str, Window]]:
    """Each day by its number in the site's list; two that fall on one day are one, by the lower number."""
    for first, last, _ in windows("month", span.first.replace(day=1), span.last):
        numbers = {min(number, last.day): number for number in sorted(site.reception_days, reverse=True)}
        for day, number in sorted(numbers.items()):
            nominal = first.replace(day=day)
            moved = site.calendar.on_or_after(nominal) if site.receptions_moved else nominal
            yield f"{number}日", Window(nominal, moved, f"{nominal}")


def _days(window: Window) -> list[date]:
    length = (window.window_end - window.window_start).days
    return [window.window_start + count * _DAY for count in range(length + 1)]


def _visits(city: pd.DataFrame, site: Site, span: _Span) -> pd.DataFrame:
    who = [(VISIT, o.name, o.name, o.since, o.until) for o in site.officials]
    due = _owed(_who(who, "rule", "subject", "official"), span.windows("month"))
    return due.assign(done=within(pd.Index(due["duty_id"]), pd.Index(_visited(city, site))))


def _visited(city: pd.DataFrame, site: Site) -> list[str]:
    """Keys of the months in which somebody went out, whether due then or not."""
    roster = Officials(site)
    found = {
        f"{VISIT}|{name}|{window_of(day.date(), 'month').window_start}"
        for official, form, place, day in zip(
            city["official"], city["form"], city["place"], city["held_on"], strict=True
        )
        if form in (VISITING, BY_APPOINTMENT)
        for name in map(roster.named, _persons(official))
        if name and (form == VISITING or roster.is_at(name, place))
    }
    return list(found)


class Officials:
    """The city leaders of the roster, by name without regard to blanks."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._names = {_plain(official.name): official.name for official in reversed(site.officials)}
        self._places: dict[str, set[str]] = {name: set() for name in self._names.values()}
        for official in site.officials:
            self._places[self._names[_plain(official.name)]] |= _places(official, site)

    def named(self, name: str) -> str | None:
        """The roster's writing of the name."""
        return self._names.get(_plain(name))

    def is_at(self, name: str, place: str) -> bool:
        """The place is a township of the site, or with a contact of this official."""
        there = _plain(place)
        return township_of(place, self._site) in self._site.township_names or any(
            each in there for each in self._places[name]
        )


def _places(official: Official, site: Site) -> set[str]:
    # only whole names: 宁中镇 goes by 宁中, which stands within 兴宁中学
    contacts = set(map(_plain, official.contacts))
    known = {alias for d in site.departments if _plain(d.name) in contacts for alias in d.aliases}
    return contacts | set(map(_plain, known)) | {township.name for township in site.townships}


def unknown_officials(rows: pd.DataFrame, site: Site) -> pd.Series[bool]:
    """City receptions by somebody whom the roster lacks; none where there is no roster."""
    names = Officials(site)
    strange = {
        official
        for official in rows["official"].unique()
        if site.officials and official != UNFILLED and not all(map(names.named, _persons(official)))
    }
    return (rows["official_level"] == "city") & rows["official"].isin(strange)


def _persons(official: str) -> list[str]:
    """A joint reception names several."""
    return [name for name in _SEVERAL.split(official) if name.strip()]


# --- screenings -------------------------------------------------------------------------------------


def _screenings(rows: pd.DataFrame, site: Site, span: _Span) -> list[pd.DataFrame]:
    units = Units(site)
    who = units.who()
    rows = rows.assign(subject=units.subjects(rows))
    parts = []
    for level, cadence in site.cadences:
        due = _owed(who[who["level"] == level], span.windows(cadence))
        held = rows[rows["level"] == level]
        begins = {day: f"{window_of(day.date(), cadence).window_start}" for day in held["held_on"].unique()}
        keys = f"{SCREENING}|" + held["subject"] + "|" + held["held_on"].map(begins).astype("str")
        done = within(pd.Index(due["duty_id"]), pd.Index(keys.dropna().unique()))
        parts.append(due.assign(done=done))
    return parts


class Units:
    """The units of the roster that owe screenings, and which of them a row means."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._townships = {township.name for township in site.townships}
        self._departments = {_plain(s): d.name for d in site.departments for s in (d.name, *d.aliases)}
        self._villages = _villages(site)

    def who(self) -> pd.DataFrame:
        """One row a unit."""
        site = self._site
        rows: list[tuple[object, ...]] = [("city", site.county, UNFILLED, None, None)]
        rows += [("township", t.name, t.name, None, None) for t in site.townships]
        rows += [("department", d.name, UNFILLED, d.since, d.until) for d in site.departments]
        rows += [("village", v, t.name, None, None) for t in site.townships for v in t.villages]
        who = _who(rows, "level", "unit", "township")
        named = zip(who["level"], who["township"], who["unit"], strict=True)
        return who.assign(rule=SCREENING, subject=[_subject(*each) for each in named])

    def subjects(self, rows: pd.DataFrame) -> pd.Series[str]:
        """The unit of each row as `who` names its subject; missing where the roster knows none such."""
        codes, distinct = pd.MultiIndex.from_frame(rows[["level", "township", "unit"]]).factorize()
        found = pd.Series([self._find(*each) for each in distinct], dtype="str")
        return found.take(codes).set_axis(rows.index)

    def unknown(self, rows: pd.DataFrame) -> pd.Series[bool]:
        """Departments and villages that the roster lacks, where it has any of the kind."""
        kinds = {"department": self._departments, "village": self._villages}
        listed = rows["level"].isin([level for level, known in kinds.items() if known])
        return listed & self.subjects(rows).isna()

    def _find(self, level: str, township: str, unit: str) -> str | None:
        if level == "city":
            return _subject(level, UNFILLED, self._site.county)
        if level == "township":
            name = township if township in self._townships else township_of(unit, self._site)
            return _subject(level, name, name) if name in self._townships else None
        if level == "department":
            department = self._departments.get(_plain(unit))
            return department and _subject(level, UNFILLED, department)
        return self._village(township, _plain(unit)) if level == "village" else None

    def _village(self, township: str, unit: str) -> str | None:
        told = township in self._townships
        for place, name in self._readings(township, unit):
            if (place, name) in self._villages and (place == township or not told):
                return _subject("village", place, self._villages[place, name])
        return None

    def _readings(self, township: str, unit: str) -> Iterator[tuple[str, str]]:
        """Townships and villages it may mean: as told, 叶塘镇田心村, the only one of its name."""
        yield township, unit
        for spelling, place in self._site.township_names.items():
            if unit.startswith(spelling):
                yield place.name, unit.removeprefix(spelling)
        places = [place.name for place in self._site.townships if (place.name, unit) in self._villages]
        if len(places) == 1:
            yield places[0], unit


def _subject(level: str, township: str, unit: str) -> str:
    return "|".join((level, township, unit) if level == "village" else (level, unit))


def _villages(site: Site) -> dict[tuple[str, str], str]:
    """Each village by its township and any spelling."""
    return {
        (township.name, spelling): village
        for township in site.townships
        for village in township.villages
        for spelling in _spellings(_plain(village))
    }


def _spellings(village: str) -> list[str]:
    """The village's name and what its committee is called."""
    if village.endswith("社区"):
        names = (village, village.removesuffix("社区"))
        return [village, *(name + body for name in names for body in ("居委会", "居民委员会"))]
    if village.endswith("村"):
        return [village, *(village + body for body in ("委会", "民委员会", "村委会", "村民委员会"))]
    return [village]


def _plain(text: str) -> str:
    return "".join(text.split())


def _day(value: pd.Timestamp) -> date | None:
    return None if pd.isna(value) else value.date()

"""Reads site.toml: each entry by its kind, what is wrong or unknown told in Chinese."""

from __future__ import annotations

import csv
import re
import tomllib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Any, TypeVar

from analytics.access import ROLES, TOWNSHIP, Access, Person, plain_account
from analytics.model import LEVELS, NOWHERE, TOWNSHIP_DIGITS
from analytics.places import CODE, Area, Township, named_apart
from analytics.site import CADENCES, USUAL, Official, Refusal, Serving, Site, Thresholds, Unit
from analytics.workdays import Workdays

_T = TypeVar("_T")
_N = TypeVar("_N", int, float)
MOST_PEOPLE = 100_000_000
"""More inhabitants a township cannot have."""
_KINDS: dict[type, str] = {
    str: "文字（加引号）",
    int: "整数",
    float: "数",
    date: "日期（例如 2021-01-01，不加引号）",
    list: "列表 [ … ]",
    dict: "一节",
    bool: "true 或 false（不加引号）",
}
_LEVELS = {level.digits for level in LEVELS.values()}
_LISTS = {"township_file": "镇街名单", "area_file": "区划名单"}
_COLUMNS = {"township_file": "代码、别名、村居、人口", "area_file": "代码"}
Line = Mapping[str, str | None]
"""Of a CSV, by header."""
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?|[0-9a-f:]+")


class Table:
    """The entries of one table; each is taken once, `finish` refuses what nobody took.

    Every method raises Refusal, naming file, place and entry.
    """

    def __init__(self, content: Any, path: Path, place: str = "") -> None:
        self._path, self.place = path, place
        if not isinstance(content, Mapping):
            raise self.refused(f"{place} 应是一节，每行写成 名称 = 值；请参照文件中的注释改正")
        self._rest = dict(content)
        self._known: list[str] = []

    def refused(self, text: str) -> Refusal:
        """The fault, with the file's name."""
        return Refusal(f"站点设置文件 {self._path}：{text.strip()}")

    def take(self, name: str, kind: type[_T], default: _T | None = None) -> _T | None:
        """The entry's value, or the default where it is not given."""
        self._known.append(name)
        if name not in self._rest:
            return default
        value = self._rest.pop(name)
        right = isinstance(value, (int, float) if kind is float else kind)
        if not right or (isinstance(value, bool) and kind is not bool) or isinstance(value, datetime):
            shown = repr(value) if isinstance(value, str) else f"{value}"
            raise self.refused(f"{self.place} {name} = {shown} 应是{_KINDS[kind]}；请参照文件中的注释改正")
        return value  # type: ignore[no-any-return]

    def need(self, name: str, kind: type[_T]) -> _T:
        """The value of an entry that must be there."""
        value = self.take(name, kind)
        if value is None or _is_blank(value):
            raise self.refused(f"{self.place} 缺少 {name}；请参照文件中的注释补上")
        return value

    def choice(self, name: str, members: Mapping[str, str], default: str) -> str:
        """One of the members (value → meaning)."""
        value = self.take(name, str, default) or ""
        if value not in members:
            allowed = "、".join(f"{member}（{meaning}）" for member, meaning in members.items())
            raise self.refused(f"{self.place} {name} = {value!r} 只能是 {allowed}")
        return value

    def within(self, name: str, low: _N, high: _N, default: _N) -> _N:
        """A number of their kind between two others, both allowed."""
        value = self.take(name, type(default), default)
        if value is None or not low <= value <= high:
            raise self.refused(f"{self.place} {name} = {value} 应在 {low} 与 {high} 之间")
        return value

    def items(self, name: str, kind: type[_T], default: tuple[_T, ...] = ()) -> tuple[_T, ...]:
        """A list of values of one kind, none of them blank."""
        values = self.take(name, list)
        if values is None:
            return default
        if not all(isinstance(v, kind) and not isinstance(v, (bool, datetime)) for v in values):
            raise self.refused(f"{self.place} {name} 的每一项应是{_KINDS[kind]}；请参照文件中的注释改正")
        if any(map(_is_blank, values)):
            raise self.refused(f"{self.place} {name} 里有一项是空的：请填上或删去")
        return tuple(values)

    def table(self, name: str) -> Table:
        """A table within this one; without entries where not given."""
        self._known.append(name)
        return Table(self._rest.pop(name, {}), self._path, f"[{name}]")

    def each(self, name: str, read: Callable[[Table], _T]) -> tuple[_T, ...]:
        """Every [[name]] entry, read by `read`."""
        self._known.append(name)
        entries = self._rest.pop(name, [])
        if not isinstance(entries, list):
            raise self.refused(f"{name} 应是 [[{name}]] 的列表；请参照文件中的注释改正")
        return tuple(
            self._entry(Table(entry, self._path, f"第 {at} 个 [[{name}]]"), read)
            for at, entry in enumerate(entries, 1)
        )

    def _entry(self, entry: Table, read: Callable[[Table], _T]) -> _T:
        found = read(entry)
        entry.finish()
        return found

    def finish(self) -> None:
        """Refuses entries that nobody took."""
        if self._rest:
            unknown, known = "、".join(self._rest), "、".join(dict.fromkeys(self._known))
            raise self.refused(f"{self.place} 里不认识“{unknown}”；可用：{known}")


def _is_blank(value: object) -> bool:
    return isinstance(value, str) and not value.strip()


# --- site.toml --------------------------------------------------------------------------------------


def load_site(path: Path) -> Site:
    """Reads site.toml. Raises Refusal, naming the file and the entry, where it is not as it must be."""
    try:
        content = tomllib.loads(path.read_text("utf-8-sig"))
    except (IsADirectoryError, PermissionError):
        raise Refusal(f"站点设置文件 {path} 读不了：请检查它是不是文件、有没有读取权限") from None
    except FileNotFoundError:
        raise Refusal(f"找不到站点设置文件 {path}：请恢复它，或用环境变量 PETITION_SITE 指定") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise Refusal(f"站点设置文件 {path} 不是正确的 TOML：{fault}；请改正后重试") from None
    table = Table(content, path)
    site = _site(table, path)
    table.finish()
    return site


def _site(table: Table, path: Path) -> Site:
    settings, receptions = table.table("settings"), table.table("receptions")
    screenings, calendar = table.table("screenings"), table.table("calendar")
    repeats, brief = table.table("repeats"), table.table("brief")
    code, county = table.take("code", str, "") or "", table.need("county", str)
    home = Area(_home_code(table, code), county)
    areas = _areas(table, path, home)
    site = Site(
        bureau=table.need("bureau", str),
        county=home.name,
        code=code,
        areas=areas,
        townships=named_apart(_townships(table, path, home), areas, home),
        backlog_closed_by=settings.choice(
            "backlog_closed_by", {"verified": "审核认定", "reported": "申报办结"}, "verified"
        ),
        reject_limit=settings.within("reject_limit", 0.0, 1.0, 0.05),
        coverage_jump_days=settings.within("coverage_jump_days", 1, 3650, 45),
        small_base=settings.within("small_base", 0, 1000, 10),
        reception_days=receptions.items("days", int, (15, 28)),
        receptions_since=receptions.take("since", date),
        receptions_moved=receptions.choice(
            "day_off", {"kept": "照常接访", "moved": "顺延到下一个工作日"}, "kept"
        )
        == "moved",
        officials=table.each("officials", _official),
        screenings_since=screenings.take("since", date),
        cadences=tuple((level, screenings.choice(level, CADENCES, usual)) for level, usual in USUAL),
        departments=table.each("departments", _unit),
        calendar=Workdays(
            frozenset(calendar.items("holidays", date)), frozenset(calendar.items("workdays", date))
        ),
        repeat_days=repeats.within("days", 1, 3650, 365),
        warnings=_thresholds(table.table("warnings")),
        template=_beside(brief, path, "template", ".pptx"),
        serving=_serving(table.table("server")),
    )
    site = replace(site, access=_access(table, site))
    if not code and len(site.places.codes(LEVELS["county"])) > 1:
        raise table.refused("镇街名单里有几个县区的镇街：请写 code，即本级的区划代码（地市 4 位、省份 2 位）")
    for part in (settings, receptions, screenings, calendar, repeats, brief):
        part.finish()
    if not all(1 <= day <= 31 for day in site.reception_days):
        raise receptions.refused("[receptions] days 应是 1 至 31 的整数，例如 [15, 28]")
    return site


def _thresholds(table: Table) -> Thresholds:
    usual = Thresholds()
    found = Thresholds(
        abnormal=table.within("abnormal", 0.0, 10.0, usual.abnormal),
        alarm=table.within("alarm", 0.0, 10.0, usual.alarm),
        matter_weeks=table.within("matter_weeks", 1, 104, usual.matter_weeks),
        group_visits=table.within("group_visits", 1, 1000, usual.group_visits),
        group_persons=table.within("group_persons", 5, 100_000, usual.group_persons),
        escalations=table.within("escalations", 1, 1000, usual.escalations),
        cluster_weeks=table.within("cluster_weeks", 1, 26, usual.cluster_weeks),
        baseline_weeks=table.within("baseline_weeks", 12, 260, usual.baseline_weeks),
        deadline_days=table.within("deadline_days", 1, 366, usual.deadline_days),
    )
    table.finish()
    if found.alarm < found.abnormal:
        raise table.refused("[warnings] alarm 不能小于 abnormal：告警的幅度应不低于异常的幅度")
    if found.baseline_weeks < 3 * found.cluster_weeks:
        raise table.refused(
            "[warnings] baseline_weeks 至少应是 cluster_weeks 的 3 倍：此前的周数太少，比不出来"
        )
    return found


def _serving(table: Table) -> Serving:
    usual = Serving()
    found = Serving(
        address=table.take("address", str, usual.address) or usual.address,
        hosts=tuple(host.strip().lower() for host in table.items("hosts", str)),
        https=table.take("https", bool, usual.https) or False,
    )
    table.finish()
    try:
        ip_address(found.address)
    except ValueError:
        raise table.refused(
            f"[server] address = {found.address!r} 应是 IP 地址，例如 127.0.0.1 或 0.0.0.0"
        ) from None
    if odd := next((host for host in found.hosts if not _HOST.fullmatch(host)), ""):
        raise table.refused(f"[server] hosts 里的 {odd!r} 应只写主机名或 IP 地址，不带 http://、端口和路径")
    return found


def _access(table: Table, site: Site) -> Access:
    part, usual = table.table("access"), Access()
    found = Access(
        claim=part.take("claim", str, usual.claim) or usual.claim,
        header=part.take("header", str, "") or "",
        proxies=part.items("proxies", str, usual.proxies),
        idle_minutes=part.within("idle_minutes", 1, 24 * 60, usual.idle_minutes),
        people=table.each("people", lambda entry: _person(entry, site)),
    )
    part.finish()
    accounts = [person.account for person in found.people]
    if twice := next((a for a in accounts if accounts.count(a) > 1), ""):
        raise part.refused(f"[[people]] 里账号“{twice}”写了两次：一个账号只写一次，几个角色写在同一处")
    return found


def _person(entry: Table, site: Site) -> Person:
    account, roles = plain_account(entry.need("account", str)), entry.items("roles", str)
    if unknown := next((role for role in roles if role not in ROLES), ""):
        known = "、".join(f"{name}（{role.label}）" for name, role in ROLES.items())
        raise entry.refused(f"{entry.place} roles 里的“{unknown}”只能是 {known}")
    if not roles or (TOWNSHIP in roles and len(roles) > 1):
        raise entry.refused(f"{entry.place} roles 应至少有一个角色；township（镇街）不与其他角色同用")
    named, area = entry.take("township", str), entry.take("area", str, "") or ""
    listed = len(area) in _LEVELS and bool(site.places.codes(LEVELS["county"], area))
    if area and (named is not None or not listed):
        raise entry.refused(
            f"{entry.place} area = {area!r} 应是本级名单之内的省份、地市或县区代码；写了 township 的不写 area"
        )
    if (named is None) is (TOWNSHIP in roles):
        raise entry.refused(f"{entry.place} 角色是 township（镇街）的要写 township，其他角色不写")
    if named is None:
        return Person(account, roles, area=area)
    if named not in site.township_names:
        raise entry.refused(f"{entry.place} township = {named!r} 不在镇街名单里：请改成名单里的名称")
    return Person(account, roles, site.township_names[named].name)


def _official(entry: Table) -> Official:
    return Official(entry.need("name", str), entry.items("contacts", str), *_term(entry))


def _unit(entry: Table) -> Unit:
    return Unit(entry.need("name", str), entry.items("aliases", str), *_term(entry))


def _term(entry: Table) -> tuple[date | None, date | None]:
    since, until = entry.take("since", date), entry.take("until", date)
    if since and until and until < since:
        raise entry.refused(f"{entry.place} until = {until} 早于 since = {since}：请改正写错的一个")
    return since, until


def _home_code(table: Table, code: str) -> str:
    """The site's own code; empty for the country and where none is given."""
    if code and code != NOWHERE and not (CODE.fullmatch(code) and len(code) in _LEVELS):
        raise table.refused(
            f"code = {code!r} 应是本级的区划代码：省份 2 位、地市 4 位、县区 6 位数字，全国写 {NOWHERE!r}"
        )
    return "" if code == NOWHERE else code


def _areas(table: Table, path: Path, home: Area) -> tuple[Area, ...]:
    """The names of the levels above the townships."""
    areas = _listed(table, path, "areas", _area, _area_line)
    for area in areas:
        if not (CODE.fullmatch(area.code) and len(area.code) in _LEVELS):
            raise table.refused(
                f"区划“{area.name}”的代码 {area.code!r} 应是 2 位（省份）、4 位（地市）或 6 位（县区）数字"
            )
    _refuse_twice(table, "区划", [area.code for area in areas])
    return areas


def _area(entry: Table) -> Area:
    return Area(entry.need("code", str), entry.need("name", str))


def _area_line(table: Table, path: Path, line: Line) -> Area:
    return Area((line.get("代码") or "").strip(), line["名称"].strip())  # type: ignore[union-attr]


def _townships(table: Table, path: Path, home: Area) -> tuple[Township, ...]:
    townships = _listed(table, path, "townships", _township, _township_line)
    for township in townships:
        if township.code and not (CODE.fullmatch(township.code) and len(township.code) == TOWNSHIP_DIGITS):
            raise table.refused(
                f"镇街“{township.name}”的代码 {township.code!r} 应是 9 位数字：请改正，不清楚就不写"
            )
        if township.code and not township.code.startswith(home.code):
            raise table.refused(
                f"镇街“{township.name}”的代码 {township.code} 不在本级（code = {home.code!r}）之内：请改正"
            )
    _refuse_twice(table, "镇街", [township.code for township in townships if township.code])
    return townships


def _township(entry: Table) -> Township:
    return Township(
        entry.need("name", str),
        entry.take("code", str, "") or "",
        entry.items("aliases", str),
        entry.items("villages", str),
        entry.within("population", 0, MOST_PEOPLE, 0),
    )


def _township_line(table: Table, path: Path, line: Line) -> Township:
    return Township(
        (line.get("名称") or "").strip(),
        (line.get("代码") or "").strip(),
        _parted(line.get("别名")),
        _parted(line.get("村居")),
        _people(table, path, line),
    )


def _refuse_twice(table: Table, what: str, codes: Sequence[str]) -> None:
    if twice := next((code for code, count in Counter(codes).items() if count > 1), ""):
        raise table.refused(f"{what}代码 {twice} 写了两次：请改正写错的一个")


def _listed(
    table: Table,
    path: Path,
    name: str,
    read: Callable[[Table], _T],
    read_line: Callable[[Table, Path, Line], _T],
) -> tuple[_T, ...]:
    """A list of places: the entries [[…s]], or the lines of the CSV that …_file names."""
    entry = f"{name[:-1]}_file"
    named, listed = table.take(entry, str), table.each(name, read)
    if named and listed:
        raise table.refused(f"{entry} 与 [[{name}]] 只能用一种：请删去其一")
    if named and Path(named).name != named:
        raise table.refused(f"{entry} 应与 site.toml 在同一个文件夹：请只写文件名")
    if not named:
        return listed
    file = path.parent / named
    return tuple(read_line(table, file, line) for line in _lines(table, file, entry))


def _beside(table: Table, path: Path, name: str, ending: str) -> Path | None:
    """A file beside site.toml. Whether it is there and good is seen by what opens it."""
    named = table.take(name, str)
    if named is None:
        return None
    if Path(named).name != named or Path(named).suffix.lower() != ending:
        raise table.refused(
            f"{table.place} {name} = {named!r} 应是与 site.toml 在同一个文件夹的 {ending} 文件：请只写文件名"
        )
    return path.parent / named


def files_of(path: Path) -> tuple[Path, ...]:
    """site.toml and what it names beside it: the lists of places, the template. Raises Refusal."""
    template = load_site(path).template
    if template and not template.is_file():
        raise Refusal(f"站点设置文件 {path} 写的模板 {template} 找不到：请放回它，或删去 [brief] template")
    return (*lists_of(path), *([template] if template else []))


def lists_of(path: Path) -> tuple[Path, ...]:
    """site.toml and what numbers are read by beside it: the lists of places."""
    content = tomllib.loads(path.read_text("utf-8-sig"))
    return (path, *(path.parent / content[entry] for entry in _LISTS if entry in content))


def identity(path: Path) -> tuple[tuple[str, int, int], ...]:
    """Changes when site.toml or a list or template beside it does."""
    files = [path, *sorted([*path.parent.glob("*.csv"), *path.parent.glob("*.pptx")])]
    stats = [(file.name, file.stat()) for file in files if file.exists()]
    return tuple((name, stat.st_mtime_ns, stat.st_size) for name, stat in stats)


def _lines(table: Table, path: Path, entry: str) -> Sequence[Line]:
    """The lines of a CSV of places; each has 名称."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = list(csv.DictReader(file))
    except OSError:
        raise table.refused(f"读不了{_LISTS[entry]} {path}：请检查 {entry}") from None
    except (UnicodeDecodeError, csv.Error):
        raise table.refused(f"{_LISTS[entry]} {path} 应是 UTF-8 编码的 CSV：请另存后重试") from None
    if not lines or any(_is_blank(line.get("名称") or "") for line in lines):
        raise table.refused(f"{_LISTS[entry]} {path} 每行都要有“名称”列：请补上（另可有 {_COLUMNS[entry]}）")
    return lines


def _people(table: Table, path: Path, line: Line) -> int:
    text = (line.get("人口") or "0").strip() or "0"
    if not text.isdecimal() or int(text) > MOST_PEOPLE:
        raise table.refused(f"镇街名单 {path} 里{line['名称']}的人口“{text}”应是整数：请改正，不清楚就留空")
    return int(text)


def _parted(text: str | None) -> tuple[str, ...]:
    return tuple(part.strip() for part in (text or "").split("、") if part.strip())

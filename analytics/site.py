"""The site: whose bureau this is, its townships, and the few settings that change numbers."""

from __future__ import annotations

import hashlib
import json
import os
import tomllib
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta, timezone
from functools import cached_property
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
BEIJING = timezone(timedelta(hours=8), "北京时间")


def today() -> date:
    """Today in Beijing."""
    return datetime.now(BEIJING).date()


class Refusal(Exception):
    """Something the user must mend; the text says in Chinese what, where and what to do."""


@dataclass(frozen=True)
class Township:
    """镇街: its name as shown, its code, and other spellings met in exports."""

    name: str
    code: str = ""
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class Site:
    """What site.toml says. Only what is listed here may stand in it."""

    bureau: str
    county: str
    code: str = ""
    townships: tuple[Township, ...] = ()
    backlog_closed_by: str = "verified"
    reject_limit: float = 0.05
    coverage_jump_days: int = 45
    small_base: int = 10

    @cached_property
    def township_names(self) -> dict[str, Township]:
        """Every accepted spelling of a township."""
        names: dict[str, Township] = {}
        for township in self.townships:
            short = township.name
            for ending in ("街道办事处", "街道", "镇", "乡"):
                short = short.removesuffix(ending)
            spellings = {township.name, short, *township.aliases, f"{self.county}{township.name}"}
            spellings |= {f"{short}街道办", f"{short}街道办事处", f"{short}镇政府"} if short else set()
            for spelling in spellings:
                names.setdefault(spelling, township)
        return names

    @property
    def derivation_hash(self) -> str:
        """Changes when a setting changes that derived columns depend on."""
        facts = {"townships": [asdict(t) for t in self.townships], "closed_by": self.backlog_closed_by}
        text = json.dumps(facts | {"county": self.county}, ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


_SETTINGS: dict[str, type | tuple[type, ...]] = {
    "backlog_closed_by": str,
    "reject_limit": (int, float),
    "coverage_jump_days": int,
    "small_base": int,
}


def site_file(data: Path) -> Path:
    """Where the site is described: PETITION_SITE, else beside the data, else in the project."""
    if named := os.environ.get("PETITION_SITE"):
        return Path(named)
    beside = data / "site.toml"
    return beside if beside.exists() else ROOT / "site.toml"


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
    return _site(content, path)


def _township(entry: dict[str, Any]) -> Township:
    name, aliases = entry["name"], entry.get("aliases", [])
    if not (isinstance(name, str) and isinstance(aliases, list) and all(isinstance(a, str) for a in aliases)):
        raise TypeError(name)
    return Township(name, str(entry.get("code", "")), tuple(aliases))


def _site(content: dict[str, Any], path: Path) -> Site:
    settings = content.pop("settings", {})
    if not isinstance(settings, dict):
        raise Refusal(f"{path} 的 settings 应写成 [settings] 一节；请参照文件中的注释改正")
    for name, value in settings.items():
        if name not in _SETTINGS:
            raise Refusal(f"{path} 的 [settings] 里没有“{name}”这一项；可用：{'、'.join(_SETTINGS)}")
        if isinstance(value, bool) or not isinstance(value, _SETTINGS[name]):
            raise Refusal(f"{path} 的 [settings] {name} = {value!r} 类型不对；请参照文件中的注释改正")
    if settings.get("backlog_closed_by", "verified") not in ("verified", "reported"):
        raise Refusal(f"{path} 的 backlog_closed_by 只能是 verified（审核认定）或 reported（申报办结）")
    if not 0 <= settings.get("reject_limit", 0) <= 1:
        raise Refusal(f"{path} 的 reject_limit 应在 0 与 1 之间，例如 0.05 表示 5%")
    try:
        townships = tuple(_township(t) for t in content.pop("townships", []))
        site = Site(
            content.pop("bureau"), content.pop("county"), str(content.pop("code", "")), townships, **settings
        )
    except (TypeError, AttributeError):
        raise Refusal(
            f"{path} 里有条目写法不对（例如 townships 应是 [[townships]] 的列表）：请参照注释改正"
        ) from None
    except KeyError as missing:
        raise Refusal(f"{path} 缺少 {missing}：请参照文件中的注释补上") from None
    if content:
        raise Refusal(f"{path} 里有不认识的条目：{'、'.join(content)}；请删除或改正")
    return site

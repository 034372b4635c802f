"""What people found when they looked into a warning: 已核实 or 误报; and how often each rule was right."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Literal

from analytics.contract import DATASETS
from analytics.engine import Engine
from analytics.insight.warning.alert import RULES, Alert, Rule
from analytics.journal import Entry, Journal, latest
from analytics.model import AREA, LEVELS, Scope
from analytics.places import TOWNSHIP, Places

KIND = "warning"
Mark = Literal["confirmed", "false_alarm", "withdrawn"]
MARKS: dict[Mark, str] = {"confirmed": "已核实", "false_alarm": "误报", "withdrawn": "撤回标记"}


def journal_of(engine: Engine) -> Journal:
    """The journal about the rows that the engine serves."""
    return Journal(engine.store.path, engine.store.identity)


def say(
    engine: Engine, versions: Mapping[str, int], alerts: Iterable[Alert], mark: Mark, note: str = ""
) -> None:
    """Marks the warnings, with numbers, thresholds and data versions as they are now. Raises Refusal."""
    engine.allow("decide")
    about = [(alert.identity, _facts(alert, engine, versions)) for alert in alerts]
    journal_of(engine).add(KIND, mark, about, note)


def _facts(alert: Alert, engine: Engine, versions: Mapping[str, int]) -> dict[str, object]:
    return {
        "rule": alert.rule,
        "metric": alert.metric,
        "from": f"{alert.period.start}",
        "to": f"{alert.period.end}",
        "members": dict(alert.members),
        "told": alert.told,
        "numbers": dict(alert.numbers),
        "thresholds": asdict(engine.site.warnings) | {"small_base": engine.site.small_base},
        "versions": dict(versions),
    }


def said(entries: Sequence[Entry]) -> dict[str, Entry]:
    """What holds of each warning, by its identity; a mark taken back does not."""
    return {subject: one for subject, one in latest(entries).items() if one.said != "withdrawn"}


def within(entries: Iterable[Entry], scope: Scope, places: Places) -> list[Entry]:
    """Those about what the looker may see: everything, or one place's own."""
    return [one for one in entries if not scope.confined or any(map(scope.covers, _about(one, places)))]


def _about(entry: Entry, places: Places) -> Iterator[Scope]:
    """Where the warning's rows lie: in the places among its members, in the scope it was counted under."""
    *_, members, kept = json.loads(entry.subject)
    told = [*members, *((name, member) for name, among in kept for member in among if name in _SCOPES)]
    for name, member in told:
        if name in (TOWNSHIP, "scope"):
            yield Scope(member, area=places.code_of(TOWNSHIP, member))
        elif name in (AREA, *LEVELS):
            yield Scope(area=member if name == AREA else places.code_of(name, member))


_SCOPES = ("scope", AREA)
"""Under these names a warning tells the scope that it was counted under."""


@dataclass(frozen=True)
class Precision:
    """Of one rule's marked warnings, of which there are some, how many were confirmed."""

    rule: Rule
    confirmed: int
    marked: int

    def words(self, small_base: int) -> str:
        """统计判断：已标记12条，已核实9条，占75.0%; counts alone below the small base."""
        text = f"{RULES[self.rule]}：已标记{self.marked:,}条"
        if self.marked < small_base:
            return f"{text}，已核实{self.confirmed:,}条（不足{small_base}条，不算比例）"
        return f"{text}，已核实{self.confirmed:,}条，占{self.confirmed / self.marked:.1%}"


def precision(entries: Sequence[Entry]) -> list[Precision]:
    """已核实 ÷ 已标记 of each rule that has marks, by what holds now."""
    holding = list(said(entries).values())
    found = []
    for rule in RULES:
        mine = [one for one in holding if one.facts["rule"] == rule]
        confirmed = sum(one.said == "confirmed" for one in mine)
        found += [Precision(rule, confirmed, len(mine))] if mine else []
    return found


# --- the log as a table -----------------------------------------------------------------------------------

Line = list[str | int | float | bool | None]
HEADERS = ("标记时间", "规则", "预警", "标记", "备注")
MORE = ("起", "止", "当时的数字", "当时的界限", "数据版本")
"""What the files hold beside."""


def lines(entries: Sequence[Entry]) -> list[Line]:
    """Every entry, the newest first, in the columns HEADERS and MORE."""
    return [_line(entry) for entry in reversed(entries)]


def _line(entry: Entry) -> Line:
    facts = entry.facts
    words = [_pairs(facts[name]) for name in ("numbers", "thresholds", "versions")]
    return [
        f"{entry.when:%Y-%m-%d %H:%M}",
        RULES[facts["rule"]],  # type: ignore[index]
        str(facts["told"]),
        MARKS[entry.said],  # type: ignore[index]
        entry.note,
        str(facts["from"]),
        str(facts["to"]),
        *words,
    ]


_LABELS = {
    "abnormal": "异常",
    "alarm": "告警",
    "matter_weeks": "事项周数",
    "group_visits": "集体访批次",
    "group_persons": "集体访人次",
    "escalations": "越级走访批次",
    "cluster_weeks": "聚集周数",
    "baseline_weeks": "此前周数",
    "deadline_days": "临近天数",
    "small_base": "小基数",
} | {name: dataset.label for name, dataset in DATASETS.items()}


def _pairs(facts: object) -> str:
    """异常=0.1，告警=0.2."""
    pairs = facts.items() if isinstance(facts, dict) else ()
    return "，".join(f"{_LABELS.get(name, name)}={value}" for name, value in pairs)

"""交办事项: what a meeting decided of an item of its agenda, who does it, by when, and how it stands.

Each decision is a subject of the journal and each change a new entry with the whole decision, so that nothing
that anybody typed is ever lost. Texts are stored without personal data. A decision is the whole bureau's and
belongs to no place: a looker confined to one sees none, whoever must carry it out.
"""

from __future__ import annotations

import secrets
import unicodedata
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Literal

from analytics.briefs.brief import Brief
from analytics.citing import Piece, Told
from analytics.engine import Engine
from analytics.insight.warning.marks import journal_of
from analytics.insight.wording import day_in_words, period_in_words
from analytics.journal import Entry, Facts
from analytics.masking import masked
from analytics.model import Period
from analytics.site import Refusal, today

KIND = "decision"
State = Literal["open", "done", "withdrawn"]
STATES: dict[State, str] = {"open": "办理中", "done": "已完成", "withdrawn": "已撤销"}
LONGEST_WHAT, LONGEST_WHO, LONGEST_NOTE = 500, 100, 500


@dataclass(frozen=True)
class Decision:
    """交办事项, as it stands.

    `month`: of the meeting, YYYY-MM. `chapter`: the name of the item of the agenda. `done_on`: the day on
    which it was finished, where it is. `note`: 办理情况. `edits`: how often it was changed since it was made.
    """

    identity: str
    month: str
    chapter: str
    what: str
    who: str
    due: date | None
    state: State
    done_on: date | None
    note: str
    made: datetime
    changed: datetime
    edits: int


@dataclass(frozen=True)
class Changed:
    """A decision after a change. `notice`: what somebody else had changed meanwhile; empty where nobody."""

    decision: Decision
    notice: str = ""


# --- what is decided -------------------------------------------------------------------------------------


def decide(
    engine: Engine, month: str, chapter: str, what: str, who: str, due: date | None = None, note: str = ""
) -> Decision:
    """Writes down a decision of a month's meeting. Raises Refusal, naming what must be mended."""
    engine.allow("decide")
    identity, now = secrets.token_hex(8), datetime.min
    typed = Decision(identity, month, chapter, what, who, due, "open", None, note, now, now, 0)
    made = _checked(typed)
    entries = journal_of(engine).follow(KIND, identity, lambda _: ("open", _facts(made)))
    return _decision(identity, entries)


def change(engine: Engine, wanted: Decision, seen: int | None = None) -> Changed:
    """Changes a decision to what is wanted; `wanted` is made from what was seen with `dataclasses.replace`.

    `seen`: how many edits what the person saw had, where that is not `wanted.edits`. Only the fields that
    differ from what was seen are changed: what somebody else changed meanwhile stays, and where both changed
    the same field the later one holds. Either is told in `notice`. Raises Refusal.
    """
    engine.allow("decide")
    seen = wanted.edits if seen is None else seen
    told: list[str] = []

    def work_out(entries: list[Entry]) -> tuple[str, Facts]:
        if not 0 <= seen < len(entries):
            raise Refusal("找不到这条交办事项：数据目录可能已更换，请刷新页面后再改")
        shown, present = _decision(wanted.identity, entries[: seen + 1]), _decision(wanted.identity, entries)
        changed = _facts(_checked(_with_day(wanted, shown)))
        mine = {name: text for name, text in changed.items() if text != _facts(shown)[name]}
        told.append(_notice(shown, present, mine))
        facts = _facts(present) | mine
        return str(facts["state"]), facts | ({} if facts["state"] == "done" else {"done_on": None})

    entries = journal_of(engine).follow(KIND, wanted.identity, work_out)
    return Changed(_decision(wanted.identity, entries), told[-1])


def _with_day(wanted: Decision, shown: Decision) -> Decision:
    """Finished on a day: today where none is given; what is not finished has none."""
    if wanted.state != "done":
        return replace(wanted, done_on=None)
    return wanted if wanted.done_on else replace(wanted, done_on=shown.done_on or today())


_FIELDS = {
    "what": "事项",
    "who": "责任",
    "due": "期限",
    "state": "状态",
    "done_on": "完成日期",
    "note": "办理情况",
    "chapter": "议题",
    "month": "会议",
}


def _notice(shown: Decision, present: Decision, mine: Facts) -> str:
    """What was changed since the person looked: written over by them, or kept beside their own change."""
    before, now = _facts(shown), _facts(present)
    theirs = {name: text for name, text in now.items() if text != before[name]}
    over = _pairs({name: text for name, text in theirs.items() if name in mine and text != mine[name]})
    beside = _pairs({name: text for name, text in theirs.items() if name not in mine})
    parts = [f"您打开后他人已改为{over}，现以您的为准，他人所写保留在记录里"] if over else []
    parts += [f"您打开后他人已改{beside}，与您的修改一并保留"] if beside else []
    return "；".join(parts)


def _pairs(facts: Facts) -> str:
    """责任“市住建局”、期限“2021-12-31”."""
    return "、".join(f"{_FIELDS[name]}“{_shown(name, text)}”" for name, text in facts.items())


def _shown(name: str, text: object) -> str:
    return STATES[text] if name == "state" else str(text or "空")  # type: ignore[index]


# --- how it stands ---------------------------------------------------------------------------------------


def decisions(engine: Engine, month: str | None = None) -> tuple[Decision, ...]:
    """Every decision, or those of a month's meeting: by meeting, in the order in which they were made.

    None for a looker confined to a place. Raises Refusal where the journal cannot be read.
    """
    engine.allow("counts")
    if engine.scope.confined:
        return ()
    by_identity: dict[str, list[Entry]] = {}
    for entry in journal_of(engine).entries(KIND):
        by_identity.setdefault(entry.subject, []).append(entry)
    found = [_decision(identity, entries) for identity, entries in by_identity.items()]
    return tuple(sorted((d for d in found if month in (None, d.month)), key=lambda d: d.month))


def months(engine: Engine) -> tuple[str, ...]:
    """The meetings that decided something, the newest first."""
    return tuple(sorted({d.month for d in decisions(engine)}, reverse=True))


def history(engine: Engine, identity: str) -> tuple[Decision, ...]:
    """A decision as it stood after each entry, the oldest first."""
    entries = [one for one in journal_of(engine).entries(KIND) if one.subject == identity]
    return tuple(_decision(identity, entries[: at + 1]) for at in range(len(entries)))


def carried(engine: Engine, month: str) -> tuple[Decision, ...]:
    """What earlier meetings decided and was not finished before the month began; nothing withdrawn."""
    first = Period.month(month).start
    earlier = (d for d in decisions(engine) if d.month < month and d.state != "withdrawn")
    return tuple(d for d in earlier if d.done_on is None or d.done_on >= first)


def carried_told(engine: Engine, brief: Brief) -> tuple[Told, ...]:
    """The same as paragraphs of a month's brief, standing as on its last day with data."""
    found = carried(engine.seen_by(brief.selection.scope), brief.month)
    return tuple(told(decision, brief.as_of) for decision in found)


def told(decision: Decision, day: date | None = None) -> Told:
    """〔2021年11月会议〕事项；责任：…；期限：…；状态：…, as of a day: today where none is given."""
    day = day or today()
    parts = [decision.what]
    parts += [f"责任：{decision.who}"] if decision.who else []
    parts += [f"期限：{day_in_words(decision.due)}"] if decision.due else []
    parts.append(f"状态：{state_in_words(decision, day)}")
    parts += [f"办理情况：{decision.note}"] if decision.note else []
    meeting = period_in_words(Period.month(decision.month))
    return (Piece(f"〔{meeting}会议〕{'；'.join(part.rstrip('。；') for part in parts)}。"),)


def state_in_words(decision: Decision, day: date) -> str:
    """已完成（2021年12月10日） · 未完成，未到期限 · 未完成，已超期5天 · 未完成，未定期限 · 已撤销."""
    if decision.state == "withdrawn":
        return STATES["withdrawn"]
    if decision.done_on is not None:
        late = decision.due is not None and decision.done_on > decision.due
        return f"{STATES['done']}（{day_in_words(decision.done_on)}{'，超过期限' if late else ''}）"
    if decision.due is None:
        return "未完成，未定期限"
    late_by = (day - decision.due).days
    return f"未完成，已超期{late_by}天" if late_by > 0 else "未完成，未到期限"


# --- as it is written down -------------------------------------------------------------------------------


def _checked(typed: Decision) -> Decision:
    """The decision as it may be stored: without control characters and personal data. Raises Refusal."""
    try:
        meeting = Period.month(typed.month)
    except ValueError as fault:
        raise Refusal(f"{fault}；请选一个月份的会议") from None
    if typed.state not in STATES:
        raise Refusal(f"状态“{typed.state}”不认识：请选{'、'.join(STATES.values())}之一")
    clean = replace(
        typed,
        chapter=_text("议题", typed.chapter, LONGEST_WHO),
        what=_text("事项", typed.what, LONGEST_WHAT),
        who=_text("责任单位或责任人", typed.who, LONGEST_WHO),
        note=_text("办理情况", typed.note, LONGEST_NOTE, blank=True),
    )
    if clean.due and clean.due < meeting.start:
        raise Refusal(f"期限 {clean.due} 早于会议所在月份 {clean.month}：请改正期限")
    if clean.done_on and not meeting.start <= clean.done_on <= today():
        raise Refusal(f"完成日期 {clean.done_on} 应在会议月份 {clean.month} 之后、今天以前：请改正完成日期")
    return clean


def _text(name: str, typed: str, longest: int, blank: bool = False) -> str:
    """One line, masked. Raises Refusal where it is blank or too long."""
    kept = "".join(" " if unicodedata.category(c) == "Cc" else c for c in typed)
    kept = "".join(c for c in kept if unicodedata.category(c) not in ("Cf", "Cs", "Zl", "Zp"))
    text = masked(" ".join(kept.split()))
    if not (text or blank):
        raise Refusal(f"{name}没有填写：请填写后再保存")
    if len(text) > longest:
        raise Refusal(f"{name}有{len(text)}个字，最多{longest}个字：请精简，详情另附材料")
    return text


_KEPT = ("month", "chapter", "what", "who", "due", "state", "done_on", "note")


def _facts(decision: Decision) -> dict[str, object]:
    """The whole decision as it stands."""
    facts = asdict(decision)
    return {n: f"{facts[n]}" if isinstance(facts[n], date) else facts[n] for n in _KEPT}


def _decision(identity: str, entries: Sequence[Entry]) -> Decision:
    facts = dict(entries[-1].facts)
    days = {name: date.fromisoformat(str(facts[name])) for name in ("due", "done_on") if facts[name]}
    made, changed, edits = entries[0].when, entries[-1].when, len(entries) - 1
    return Decision(
        identity=identity,
        made=made,
        changed=changed,
        edits=edits,
        **facts | days,  # type: ignore[arg-type]
    )

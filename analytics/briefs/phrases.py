"""The phrases that sentences are made of, in the register of such reports: each number with its source."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from analytics.briefs.brief import KeyNumber
from analytics.catalogue import DIMENSIONS, METRICS
from analytics.citing import Piece, Source, Told, source_of_query
from analytics.insight.findings import Change, changes
from analytics.insight.verdict import Judgement
from analytics.insight.wording import BASES, MATURES, amount, change_in_words, number
from analytics.result import NOBODY, Cell, Key, Ranked, Result

NAMED = 3
"""So many members are named in a sentence."""
SAID = {
    "persons": "涉及",
    "visits": "来访",
    "visit_persons": "来访",
    "group_visits": "集体访",
    "group_visit_persons": "集体访",
    "backlog_closed_in_period": "本月办结积案",
    "supervised": "督办",
    "supervision_outstanding": "未反馈",
    "inspection_supervised": "巡视督察交办",
    "receptions": "市领导接访",
    "reception_batches": "接待来访",
    "reception_persons": "接待来访",
    "reception_promises": "接访交办事项",
    "reception_resolution_rate": "化解率",
    "screenings": "排查",
    "screenings_missed": "缺排",
    "returned_after_closure": "办结后再访",
    "after_termination": "终结后再访",
}
"""What running text calls a metric before its number, where that is not its label."""


def source_of(result: Result) -> Source:
    """The source of a result's numbers."""
    return source_of_query(result.query)


def joined(parts: Iterable[Told | Piece | str], by: str = "，") -> Told:
    """Phrases that say something, with a comma between."""
    pieces: list[Piece] = []
    for part in parts:
        found = _pieces(part)
        if any(piece.text for piece in found):
            pieces += [Piece(by), *found] if pieces else found
    return tuple(pieces)


def sentence(*parts: Told | Piece | str) -> Told:
    """Parts one after another, then the full stop; nothing where they say nothing."""
    pieces = [piece for part in parts for piece in _pieces(part) if piece.text]
    return (*pieces, Piece("。")) if pieces else ()


def _pieces(part: Told | Piece | str) -> list[Piece]:
    if isinstance(part, str):
        return [Piece(part)]
    return [part] if isinstance(part, Piece) else list(part)


# --- one number -----------------------------------------------------------------------------------------


def value(result: Result, name: str, key: Key = (), label: str | None = None) -> Piece:
    """信访总量171件; 按期答复率没有应计的事项. `label` in place of what text calls it."""
    metric, known = METRICS[name], result.value(name, key)
    before = SAID.get(name, metric.label) if label is None else label
    if known is None:
        return Piece(f"{before}没有应计的事项")
    return Piece(f"{before}{amount(metric, known)}", source_of(result))


def change(result: Result, name: str, small_base: int, key: Key = ()) -> Told:
    """同比下降8.1%; 上年同期为0; nothing where nothing is comparable, or the number may still change."""
    metric = METRICS[name]
    if metric.cohort or not result.base_covered(key, name):
        return ()
    cell, base = result.cell(name, key), result.base_cell(name, key)
    said = change_in_words(metric, cell, base, result.query.compare, small_base)
    if base and base.value is not None and metric.is_rate and _few(cell, base, small_base):
        said = f"{BASES[result.query.compare]}{number(metric, base.value)}（样本小）"
    said = said.partition("，本期")[0]  # the number itself stands before it
    return (Piece(said, source_of(result)),) if said else ()


def _few(cell: Cell, base: Cell, small_base: int) -> bool:
    """Whether either of two rates rests on too few rows to be compared."""
    return min(cell.denominator or 0, base.denominator or 0) < small_base


def fact(
    results: Sequence[Result], name: str, small_base: int, key: Key = (), label: str | None = None
) -> Told:
    """信访总量171件，同比下降8.1%，环比上升3.0%; （随后仍会变化） after what may still change."""
    if METRICS[name].cohort:
        return (value(results[0], name, key, label), Piece(f"（{MATURES}）"))
    return joined([value(results[0], name, key, label), *(change(r, name, small_base, key) for r in results)])


def key_number(name: str, results: Sequence[Result], small_base: int, verdict: str = "") -> KeyNumber:
    """A metric's number as it is shown large, with each comparison, and what may be said of it."""
    metric, changes = METRICS[name], []
    for result in results:
        told = "".join(piece.text for piece in change(result, name, small_base))
        changes.append(Piece(told, source_of(result)))
    unit = "" if metric.is_rate else metric.unit
    return KeyNumber(metric.label, number(metric, results[0].value(name)), unit, tuple(changes), verdict)


def maturing(result: Result, names: Sequence[str]) -> Told:
    """参评率59.1%，信访部门满意率98.1%（随后仍会变化）: several that may still change, said once."""
    known = [name for name in names if result.value(name) is not None]
    told = joined([value(result, name) for name in known or names[:1]])
    return (*told, Piece(f"（{MATURES}）")) if known else told


def share(result: Result, part: str, whole: str, of: str = "") -> Told:
    """占信访总量24.0%; nothing of nothing."""
    numerator, denominator = result.cell(part).numerator, result.cell(whole).numerator
    return (Piece(f"占{of}{numerator / denominator * 100:.1f}%", source_of(result)),) if denominator else ()


def judged_in_words(judgement: Judgement) -> str:
    """处于正常波动范围 · 属显著上升; empty where nothing may be said."""
    if judgement.verdict == "small":
        return ""
    return "处于正常波动范围" if judgement.verdict == "normal" else f"属{judgement.word}"


# --- members ----------------------------------------------------------------------------------------------


def named_members(result: Result, name: str) -> list[Ranked]:
    """Members with anything, the greatest first; none that names nobody."""
    return [line for line in result.ranking(name) if line.member not in NOBODY and line.cell.value]


def top(result: Result, name: str, most: int = NAMED, shares: bool = False) -> Told:
    """兴田街道24件（占11.1%）、叶塘镇17件; those level with the last are named too, or where they are many
    left out; 等 where even the first are many."""
    lines = named_members(result, name)
    if not lines:
        return ()
    last = lines[min(most, len(lines)) - 1].rank
    level = [line for line in lines if line.rank <= last]
    few = level if len(level) <= most + 2 else [line for line in level if line.rank < last]
    shown = few or level[:most]
    whole = sum(result.cell(name, key).numerator for key in result.keys) if shares else 0
    metric, dimension = METRICS[name], DIMENSIONS[result.query.by[0]]
    told = []
    for line in shown:
        of = f"（占{line.cell.numerator / whole * 100:.1f}%）" if whole else ""
        text = f"{dimension.label_of(line.member)}{amount(metric, line.cell.value)}{of}"
        told.append(Piece(text, source_of(result)))
    return joined(told, "、") if few else (*joined(told, "、"), Piece("等"))


def movers(result: Result, name: str, most: int = NAMED) -> Told:
    """增加较多的为水口镇（16→25件）、…；减少较多的为…; nothing where nothing is comparable or moved."""
    moved = [change for change in changes(result) if change.by]
    rises = sorted((c for c in moved if c.by > 0), key=lambda c: -c.by)[:most]
    falls = sorted((c for c in moved if c.by < 0), key=lambda c: c.by)[:most]
    metric, dimension = METRICS[name], DIMENSIONS[result.query.by[0]]

    def said(word: str, found: Sequence[Change]) -> Told:
        pieces = [
            Piece(
                f"{dimension.label_of(c.member)}（{number(metric, c.base)}→{amount(metric, c.now)}）",
                source_of(result),
            )
            for c in found
        ]
        return (Piece(f"{word}较多的为"), *joined(pieces, "、")) if pieces else ()

    return joined([said("增加", rises), said("减少", falls)], "；")


def nobody(result: Result, name: str) -> Told:
    """未填3件; nothing where every row names a member."""
    metric, dimension = METRICS[name], DIMENSIONS[result.query.by[0]]
    found = [key for key in result.keys if key[0] in NOBODY and result.value(name, key)]
    return joined(
        [
            Piece(f"{dimension.label}{key[0]}的{amount(metric, result.value(name, key))}", source_of(result))
            for key in found
        ]
    )


def names(members: Sequence[str], most: int = 5) -> str:
    """甲、乙、丙; 等 where there are more."""
    return "、".join(members[:most]) + ("等" if len(members) > most else "")

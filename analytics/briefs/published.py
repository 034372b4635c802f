"""已通报X、现为Y: numbers of a brief that were another in the one archived before, and the rows that say why.

What is said of causes is what was counted: rows that the earlier version of the data did not hold at all
(迟报), that it held but counted differently (更正), that are gone (移除).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from analytics.briefs.again import engine_then
from analytics.briefs.archive import Archived, archived
from analytics.briefs.brief import Brief
from analytics.briefs.numbers import Block, Members, Subject, asked, blocks, versions
from analytics.catalogue import DIMENSIONS, METRICS
from analytics.citing import Piece, Source, Told, command, source_of_query
from analytics.contract import DATASETS, Dataset
from analytics.engine import Engine
from analytics.insight.wording import amount, day_in_words, period_in_words
from analytics.model import Metric, Query, Selection
from analytics.result import Cell, Key, absent
from analytics.site import Refusal

MOST_SENTENCES = 12
MOST_ROWS = 50_000
"""Rows of one number that are compared one by one."""
MOST_PARTS = 50
"""Members of one number whose rows are compared where the whole is not told."""


@dataclass(frozen=True)
class Difference:
    """A published number that is another now.

    `extra`: its members beyond the brief's own filters. `outside`: no part of what the brief's filters keep.
    """

    of: Subject
    extra: Members
    published: Cell
    now: Cell
    archive: Archived
    outside: bool = False

    @property
    def metric(self) -> Metric:
        """What is counted."""
        return METRICS[self.of.metric]

    @property
    def words(self) -> tuple[str, str]:
        """127件 and 129件; the same where nobody would see the difference."""
        was, now = self.published.value, self.now.value
        shown = amount(self.metric, was), amount(self.metric, now)
        if self.metric.is_count and shown[0] == shown[1]:  # both 1.2万件
            return f"{was:,}{self.metric.unit}", f"{now:,}{self.metric.unit}"
        return shown

    @property
    def group(self) -> str:
        """水口镇; empty for the whole."""
        return "·".join(
            "、".join(DIMENSIONS[name].label_of(member) for member in members) for name, members in self.extra
        )

    @property
    def days(self) -> str:
        """2021年10月; of a stock 截至2021年10月31日."""
        metric, period = self.metric, self.of.period
        return f"截至{day_in_words(period.last)}" if metric.stock else period_in_words(period)


def corrections(engine: Engine, brief: Brief) -> tuple[Told, ...]:
    """What was published otherwise, a sentence for each metric and period, members summed up in it.

    2021年10月信访总量已通报127件，现为129件：迟报2件（其中水口镇25件→27件等3处）。
    Each number carries its query: the published one of the version that was published.
    """
    shelf, present = _shelf(engine, brief)
    if not shelf:
        return ()
    key = (
        "corrections",
        tuple(asked(brief)),
        tuple(present.items()),
        tuple(one.folder.name for one in shelf),
    )
    return engine.remember(key, lambda: tuple(_sentences(engine, present, differences(engine, brief))))


def differences(engine: Engine, brief: Brief) -> tuple[Difference, ...]:
    """Every number of the brief, told, drawn or compared with, that was published otherwise.

    Against the newest archived brief that holds the number at all and is not of later data; in the brief's
    order. One of the month's own, of the very same data, that says the same does not count: it is this brief.
    """
    shelf, present = _shelf(engine, brief)
    if not shelf:
        return ()
    shelved = [(one, _Numbers(one.blocks)) for one in shelf]
    own = {name: tuple(sorted(members)) for name, members in brief.selection.members}
    found: dict[Subject, Difference] = {}
    for block in blocks(engine, brief):
        for of, was, now, one in _of_block(block, shelved, present, brief.month):
            extra = tuple(member for member in of.members if member not in own.items())
            outside = any(name in own for name, _ in extra)
            difference = Difference(of, extra, was, now, one, outside)
            if len(set(difference.words)) > 1:
                found.setdefault(of, difference)
    return tuple(found.values())


def _shelf(engine: Engine, brief: Brief) -> tuple[list[Archived], dict[str, int]]:
    """Archived briefs of these data or earlier ones, the newest first; and the versions of this brief."""
    found = archived(engine.seen_by(brief.selection.scope))
    if not found:
        return [], {}
    present = versions(brief)
    return [one for one in found if _not_later(one.versions, present)], present


def _not_later(versions: Mapping[str, int], present: Mapping[str, int]) -> bool:
    return all(v <= present.get(name, v) for name, v in versions.items())


class _Numbers:
    """An archived brief's numbers, looked up by what they are of: only those asked about are spread out."""

    def __init__(self, blocks: Iterable[Block]) -> None:
        self._blocks: dict[object, list[Block]] = {}
        for block in blocks:
            self._blocks.setdefault(_about(block), []).append(block)
        self._cells: dict[object, dict[Subject, Cell]] = {}

    def groups(self, block: Block) -> Mapping[Key, Cell] | None:
        """What was published of the same shape."""
        mine = self._blocks.get(_about(block), ())
        return next((one.cells for one in mine if one.shape == block.shape), None)

    def cell(self, of: Subject, block: Block) -> Cell | None:
        """What was published; a group that was asked about and not there counted nothing."""
        cell = self._spread(block).get(of)
        if cell is None and block.by and self.groups(block) is not None:
            return absent(METRICS[of.metric])
        return cell

    def _spread(self, block: Block) -> dict[Subject, Cell]:
        """Every number of the same metric and days, whatever it was grouped by."""
        if (about := _about(block)) not in self._cells:
            mine = self._blocks.get(about, ())
            self._cells[about] = {
                one.of.narrowed(one.by, key): cell for one in mine for key, cell in one.cells.items()
            }
        return self._cells[about]

    def knows(self, block: Block) -> bool:
        """Anything at all was published of its metric and days."""
        return _about(block) in self._blocks


def _about(block: Block) -> object:
    return block.of.metric, block.of.days, block.of.scope


def _of_block(
    block: Block, shelved: Sequence[tuple[Archived, _Numbers]], present: Mapping[str, int], month: str
) -> Iterator[tuple[Subject, Cell, Cell, Archived]]:
    """The block's numbers that differ, those among them that are gone now: published and present."""
    known = [(one, numbers) for one, numbers in shelved if numbers.knows(block)]
    before = [held for _, numbers in known if (held := numbers.groups(block)) is not None]
    if len(before) == len(known) and all(held == block.cells for held in before):
        return
    nothing = absent(METRICS[block.of.metric])
    for key in dict.fromkeys(key for held in (block.cells, *before) for key in held):
        of, now = block.of.narrowed(block.by, key), block.cells.get(key, nothing)
        for one, numbers in known:
            was = numbers.cell(of, block)
            if was is None or (was == now and one.versions == present and one.month == month):
                continue
            if was != now and was.value is not None:
                yield of, was, now, one
            break


# --- told ------------------------------------------------------------------------------------------------


def _sentences(engine: Engine, present: Mapping[str, int], found: Sequence[Difference]) -> Iterator[Told]:
    """What changes with time anyway comes last."""
    groups: dict[object, list[Difference]] = {}
    for one in sorted(found, key=lambda one: one.metric.cohort):
        groups.setdefault((one.of.metric, one.of.days, one.outside), []).append(one)
    for group in [*groups.values()][:MOST_SENTENCES]:
        yield _sentence(_Teller(engine, present), group)
    if (more := len(groups) - MOST_SENTENCES) > 0:
        yield (Piece(f"另有{more}项已通报的数字有变化，未逐项列出。"),)


@dataclass(frozen=True)
class _Teller:
    """Asks again what was published and what holds now."""

    engine: Engine
    present: Mapping[str, int]

    def query(self, of: Subject, versions: Mapping[str, int]) -> Query:
        """The number alone, at these versions."""
        metric = METRICS[of.metric]
        read = tuple((name, versions[name]) for name in dict.fromkeys((metric.dataset, metric.imported)))
        selection = Selection(of.period, of.members, of.scope)
        return Query((of.metric,), (), selection, read, "none", of.days[1])

    def source_now(self, one: Difference) -> Source:
        """What gives the number as it is."""
        return source_of_query(self.query(one.of, self.present))

    def source_then(self, one: Difference) -> Source | None:
        """What gives the published number again; None where nothing does."""
        if self.again(one) != one.published:
            return None
        source = source_of_query(self.query(one.of, one.archive.versions))
        if self.past(one) is self.engine:
            return source
        return replace(
            source, command=f"{source.command} {command('--data', str(one.archive.folder))}", query=None
        )

    def again(self, one: Difference) -> Cell | None:
        """The published version counted by today's definition; None where it cannot be read any more."""
        try:
            return self.past(one).answer(self.query(one.of, one.archive.versions)).cell(one.of.metric)
        except Refusal:
            return None

    def past(self, one: Difference) -> Engine:
        """What still holds the rows of then: the store, or the archive itself where the store does not."""
        key = "past", str(one.archive.folder), *self.present.items()
        return self.engine.remember(key, lambda: self._past(one.archive))

    def _past(self, archive: Archived) -> Engine:
        try:
            for name, version in archive.versions.items():
                self.engine.store.files(name, version)
        except Refusal:
            kept = engine_then(archive)
            return kept.seen_by(self.engine.scope) if kept else self.engine
        return self.engine

    # --- why ---

    def why(self, told: Sequence[Difference]) -> str:
        """迟报2件，更正1件（of the rows that these numbers count）."""
        again = [self.again(one) for one in told]
        if any(cell is None for cell in again):
            return "原数据版本已不可查"
        redefined = any(cell != one.published for cell, one in zip(again, told, strict=True))
        moved = any(cell != one.now for cell, one in zip(again, told, strict=True))
        parts = ["指标口径已调整"] if redefined else []
        return "，".join([*parts, *(self._rows(told) if moved else [])])

    def _rows(self, told: Sequence[Difference]) -> list[str]:
        dataset, before = DATASETS[told[0].metric.dataset], told[0].archive.versions
        changes = [self._changes(one) for one in told[:MOST_PARTS]]
        if len(told) > MOST_PARTS or None in changes:
            return ["涉及记录较多，未逐件核对"]
        new, lost, other = (set().union(*sets) for sets in zip(*filter(None, changes), strict=True))
        if dataset.sources:
            return [self._worked_out_anew(dataset, before, len(new | lost | other))]
        name, scope = dataset.name, told[0].of.scope
        known = self.past(told[0]).having(name, sorted(new), before[name], scope)
        there = self.engine.having(name, sorted(lost), self.present[name], scope)
        counts = {
            "迟报": len(new - known),
            self._mended(told[0].metric, dataset, before): len(other | (new & known) | (lost & there)),
            "移除": len(lost - there),
        }
        parts = [f"{word}{count:,}{dataset.unit}" for word, count in counts.items() if count]
        return parts or ["未能从记录查明"]

    def _changes(self, one: Difference) -> tuple[set[str], set[str], set[str]] | None:
        """Keys of the rows that count now and did not, that did and do not, and that count otherwise."""
        selection = Selection(one.of.period, one.of.members, one.of.scope)
        was = self.past(one).adding(one.of.metric, selection, one.archive.versions, MOST_ROWS)
        now = self.engine.adding(one.of.metric, selection, self.present, MOST_ROWS)
        if was is None or now is None:
            return None
        both = was.keys() & now.keys()
        return now.keys() - both, was.keys() - both, {key for key in both if now[key] != was[key]}

    def _worked_out_anew(self, dataset: Dataset, then: Mapping[str, int], rows: int) -> str:
        """Of rows that follow from others: from which, or from a changed roster or setting."""
        moved = [n for n in dataset.sources if n in then and then[n] != self.present.get(n)]
        if self._settings_changed(dataset, then) or not moved:
            return f"口径或名册调整，涉及{rows:,}{dataset.unit}"
        labels = "、".join(DATASETS[name].label for name in moved)
        return f"按更新后的{labels}数据重算，涉及{rows:,}{dataset.unit}"

    def _mended(self, metric: Metric, dataset: Dataset, then: Mapping[str, int]) -> str:
        if self._settings_changed(dataset, then):
            return "更正或按新设置重算"
        return "更新" if metric.cohort else "更正"

    def _settings_changed(self, dataset: Dataset, then: Mapping[str, int]) -> bool:
        store, name = self.engine.store, dataset.name
        try:
            return store.derivation(name, then[name]) != store.derivation(name, self.present[name])
        except (Refusal, KeyError):
            return False


def _sentence(teller: _Teller, group: Sequence[Difference]) -> Told:
    """One metric's one period: the whole with its members in brackets, or the members alone."""
    whole = next((one for one in group if not one.extra), None)
    parts = sorted((one for one in group if one.extra), key=_size, reverse=True)
    if whole is None:
        more = f"（同期此指标共{len(parts):,}处有变化）" if len(parts) > 1 else ""
        return (*_said(teller, parts[0]), Piece(f"{more}：{teller.why(parts)}。"))
    among = _among(teller, parts)
    return (*_said(teller, whole), Piece(f"：{teller.why([whole])}"), *among, Piece("。"))


def _said(teller: _Teller, one: Difference) -> Told:
    was, now = one.words
    return (
        Piece(f"{one.days}{one.group}{one.metric.label}已通报{was}", teller.source_then(one)),
        Piece("，"),
        Piece("现已没有可计算的数" if one.now.value is None else f"现为{now}", teller.source_now(one)),
    )


def _among(teller: _Teller, parts: Sequence[Difference]) -> Told:
    """（其中水口镇25件→27件等3处）: the member that changed most, and how many did."""
    if not parts:
        return ()
    first, (was, now) = parts[0], parts[0].words
    rest = f"等{len(parts):,}处" if len(parts) > 1 else ""
    return (
        Piece("（其中"),
        Piece(f"{first.group}{was}", teller.source_then(first)),
        Piece(f"→{now}", teller.source_now(first)),
        Piece(f"{rest}）"),
    )


def _size(one: Difference) -> tuple[float, float]:
    """How much it changed; of two that changed alike the greater first."""
    was, now = one.published.value or 0, one.now.value or 0
    return abs(now - was), was

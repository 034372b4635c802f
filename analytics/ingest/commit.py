"""From files to a new version of the store: planned piece by piece, then served at one instant."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

import pyarrow as pa

from analytics.contract import DATASETS, IMPORTED, Dataset
from analytics.ingest import frames
from analytics.ingest.derive import derivation, derive
from analytics.ingest.gather import Incoming
from analytics.ingest.lay import Laid
from analytics.ingest.merge import changed
from analytics.ingest.pending import Pending, is_stale
from analytics.ingest.read import Progress
from analytics.ingest.report import Report, Rule, Warning
from analytics.masking import shown
from analytics.model import Period
from analytics.site import Refusal, Site, today
from analytics.store import Change, Conflict, Note, Store

_ATTEMPTS = 3
_NAMED = 20


@dataclass(frozen=True)
class Request:
    """What is asked of one import besides its rows."""

    covers_to: date | None = None
    replace: Period | None = None
    demo: bool = False


Files = Callable[[], Iterable[Incoming]]
"""Opens the files of an import, as often as it is planned."""


def write(
    store: Store, site: Site, request: Request, files: Files, progress: Progress | None = None
) -> Report:
    """Imports the files as one version. Raises Refusal, and then changes nothing.

    Where too many rows are at fault nothing is imported either, and the report says so in `refused`.
    """
    store.admit_writing()
    rederive(store, site)
    versions, (report, change) = store.versions(), plan(store, site, request, files)
    if report.refused:
        return report
    with store.lock():
        for attempt in range(_ATTEMPTS):
            if attempt or store.versions() != versions:  # another one was quicker
                rederive(store, site)
                report, change = plan(store, site, request, files)
            pending = Pending(store, site)
            try:
                if not report.refused and _commit(pending, store, site, request, report, change, progress):
                    del change  # what follows from it needs the room
                    pa.default_memory_pool().release_unused()
                    pending.publish(request.demo)
                    report.notes += pending.told
                return report
            except Conflict:
                time.sleep(attempt + 1)  # the other one is about to publish
    raise Refusal(f"{store.path} 一直有别的程序在写入：请等它结束后重新导入")


def plan(store: Store, site: Site, request: Request, files: Files) -> tuple[Report, Change]:
    """What the import would do, and the rows that it would write; `refused` is set where it must not."""
    _admit(store, request)
    laid: Laid | None = None
    for incoming in files():
        if laid is None:
            dataset = incoming.dataset
            laid = Laid(store, site, dataset, request.replace)
            version = store.versions().get(dataset.name, 0)
            report = Report(dataset.name, version=version, covers_to=request.covers_to)
        report.files += (incoming.file,) if incoming.file else ()
        report.notes += [_unclaimed(incoming)] if incoming.unclaimed else []
        laid.lay(incoming.batches, report)
    assert laid is not None
    laid.tell(report)
    if refused := _too_many(report, site):
        report.inserted = report.updated = report.unchanged = 0
        report.removed, report.refused = (), refused
    _warn_of_jump(store, site, request, dataset, laid.last, report)
    pa.default_memory_pool().release_unused()
    return report, Change(laid.rows(), report.removed, fresh=not report.updated)


def outdated(store: Store, site: Site) -> list[str]:
    """Datasets that were derived by another site.toml or by other rules than the present ones.

    None of what was put away for good, or cannot be derived anew since it is damaged.
    """
    if store.is_kept or store.served().damage:
        return []
    return [name for name, dataset in DATASETS.items() if is_stale(store, site, dataset)]


def rederive(store: Store, site: Site) -> None:
    """Brings stored rows in line with a changed site.toml or changed rules, all served at one instant.

    A store that may only be read stays as it is: `outdated` says so.
    """
    if not os.access(store.path, os.W_OK):
        return
    if not outdated(store, site):  # looking needs no lock: a long import must not keep the dashboard shut
        return
    with store.lock():
        if not (names := outdated(store, site)):
            return
        pending = Pending(store, site)
        try:
            for dataset in (IMPORTED[name] for name in names if name in IMPORTED):
                _rederive(pending, store, site, dataset)
            pending.publish(demo=store.is_demo)
        except Conflict:
            raise Refusal(f"{store.path} 有别的程序在写入：请等它结束后重试") from None


def _rederive(pending: Pending, store: Store, site: Site, dataset: Dataset) -> None:
    stored = frames.from_table(store.read(dataset.name), dataset)
    now = derive(stored, dataset, site)
    rows = frames.to_table(now[changed(now, stored)], dataset)
    covers_to = store.declared_coverage(dataset.name, store.versions()[dataset.name])
    note = Note("rederive", derivation(dataset, site), covers_to, updated=len(rows))
    pending.commit(dataset, Change(rows), note)


def _commit(
    pending: Pending,
    store: Store,
    site: Site,
    request: Request,
    report: Report,
    change: Change,
    progress: Progress | None,
) -> bool:
    """Whether there was anything to commit."""
    dataset, count = DATASETS[report.dataset], change.rows.num_rows
    served = store.versions().get(dataset.name)
    declared = store.declared_coverage(dataset.name, served) if served is not None else None
    if not (count or change.removed or request.covers_to not in (None, declared)):
        return False
    if progress:
        progress("写入", 0, count)
    report.version = pending.commit(dataset, change, _note(report, derivation(dataset, site)))
    if progress:
        progress("写入", count, count)
    return True


def _note(report: Report, derived_by: str) -> Note:
    return Note(
        kind="import",
        derivation=derived_by,
        covers_to=report.covers_to,
        files=report.files,
        inserted=report.inserted,
        updated=report.updated,
        unchanged=report.unchanged,
        removed=len(report.removed),
        rejected=len(report.rejected),
        warnings=report.warning_count,
    )


def _admit(store: Store, request: Request) -> None:
    if store.versions() and store.is_demo != request.demo:
        raise Refusal(
            f"{store.path} 里是真实数据，不能写入演示数据：请用 --data 指定另一个目录"
            if request.demo
            else f"{store.path} 里是演示数据，不能导入真实数据：请用 --data 指定另一个目录，例如 data/store"
        )
    if request.covers_to and request.covers_to > today():
        raise Refusal(f"数据截止日 {request.covers_to} 晚于今天（北京时间）：请改正 --covers-to")


def _unclaimed(incoming: Incoming) -> str:
    names = "、".join(map(shown, incoming.unclaimed[:_NAMED]))
    more = f" 等 {len(incoming.unclaimed)} 列" if len(incoming.unclaimed) > _NAMED else ""
    return f"{incoming.file} 的这些列不认识，没有导入：{names}{more}"


def _too_many(report: Report, site: Site) -> str:
    total, rejected = report.total, len(report.rejected)
    if rejected <= total * site.reject_limit:
        return ""
    first = report.rejected[0]
    return (
        f"{total} 行中有 {rejected} 行不合要求，超过 {site.reject_limit:.0%}，没有导入任何行。"
        f"例如 {first.file} 第 {first.row} 行“{first.header}”：{first.rule}；{first.remedy}。"
        "请改正后重新导入，全部被拒绝的行可用 --rejected 另存"
    )


def _warn_of_jump(
    store: Store, site: Site, request: Request, dataset: Dataset, last: date | None, report: Report
) -> None:
    served = store.versions().get(dataset.name)
    if served is None:
        return
    latest = store.latest_event(dataset.name, served)
    before = store.declared_coverage(dataset.name, served) or latest
    after = request.covers_to or last
    if before and after and after - before > timedelta(days=site.coverage_jump_days):
        rule, value = Rule.COVERAGE_JUMP, f"{before} → {after}"
        report.warn([Warning("", None, dataset.date, value, rule.text, rule.remedy)], 1)

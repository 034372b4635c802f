"""From batches of rows to a new version of the store: planned in memory, then served at one instant."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from analytics.contract import DATASETS, IMPORTED, Dataset
from analytics.ingest import frames
from analytics.ingest.batch import Batch
from analytics.ingest.derive import derivation, derive
from analytics.ingest.frames import within
from analytics.ingest.merge import changed, difference, merge, remarks
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

    dataset: Dataset
    covers_to: date | None = None
    replace: Period | None = None
    demo: bool = False


def write(
    store: Store, site: Site, request: Request, batches: Sequence[Batch], progress: Progress | None = None
) -> Report:
    """Imports the batches as one version. Raises Refusal, and then changes nothing.

    Where too many rows are at fault nothing is imported either, and the report says so in `refused`.
    """
    with store.lock():
        rederive(store, site)
        for attempt in range(_ATTEMPTS):
            report, change = plan(store, site, request, batches)
            if report.refused:
                return report
            try:
                return _apply(store, site, request, report, change, progress)
            except Conflict:
                time.sleep(attempt + 1)  # the other one is about to publish
    raise Refusal(f"{store.path} 一直有别的程序在写入：请等它结束后重新导入")


def plan(store: Store, site: Site, request: Request, batches: Sequence[Batch]) -> tuple[Report, Change]:
    """What the import would do, and the rows that it would write; `refused` is set where it must not."""
    _admit(store, request)
    dataset = request.dataset
    batches = [replace(batch, faults=[*batch.faults]) for batch in batches]
    stored = _stored(store, site, dataset, batches)
    report = Report(
        dataset=dataset.name,
        files=tuple(batch.file for batch in batches if batch.file),
        notes=[_unclaimed(batch) for batch in batches if batch.unclaimed],
        version=store.versions().get(dataset.name, 0),
        covers_to=request.covers_to,
    )
    now = _lay(stored, batches, dataset, site, report)
    new, differs = difference(now, stored)
    report.inserted = int(new.sum())
    report.updated = int(differs.sum())
    report.unchanged = len(now) - report.inserted - report.updated
    report.removed = _absent(store, request, batches)
    if refused := _too_many(report, batches, site):
        report.inserted = report.updated = report.unchanged = 0
        report.removed, report.refused = (), refused
    _warn_of_jump(store, site, request, now, report)
    rows = frames.to_table(now[new | differs].reset_index(), dataset)
    return report, Change(rows, report.removed, fresh=not report.updated)


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


def _apply(
    store: Store, site: Site, request: Request, report: Report, change: Change, progress: Progress | None
) -> Report:
    name, count = request.dataset.name, change.rows.num_rows
    served = store.versions().get(name)
    declared = store.declared_coverage(name, served) if served is not None else None
    if not (count or change.removed or request.covers_to not in (None, declared)):
        return report
    if progress:
        progress("写入", 0, count)
    pending = Pending(store, site)
    report.version = pending.commit(request.dataset, change, _note(report, derivation(request.dataset, site)))
    pending.publish(request.demo)
    if progress:
        progress("写入", count, count)
    return report


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


def _stored(store: Store, site: Site, dataset: Dataset, batches: Sequence[Batch]) -> pd.DataFrame:
    keys = pd.concat([batch.rows[dataset.key] for batch in batches]).dropna().unique()
    rows = frames.from_table(store.read(dataset.name, keys=list(keys)), dataset)
    if len(rows) and is_stale(store, site, dataset):  # a preview: an import derives everything anew first
        rows = derive(rows, dataset, site)
    return rows.set_index(dataset.key)


def _lay(
    stored: pd.DataFrame, batches: Sequence[Batch], dataset: Dataset, site: Site, report: Report
) -> pd.DataFrame:
    now, touched = stored, stored.iloc[:0]
    for batch in batches:
        merged = merge(now, batch, dataset, site)
        report.rejected += batch.rejections(dataset)
        for warnings, count in remarks(merged, batch, dataset, site):
            report.warn(warnings, count)
        now, touched = _upsert(now, merged.rows), _upsert(touched, merged.rows)
    report.excerpt = pd.concat([batch.excerpt(dataset) for batch in batches], ignore_index=True)
    return touched


def _upsert(rows: pd.DataFrame, newer: pd.DataFrame) -> pd.DataFrame:
    kept = rows[~within(rows.index, newer.index)]
    return pd.concat([kept, newer]) if len(kept) else newer


def _absent(store: Store, request: Request, batches: Sequence[Batch]) -> tuple[str, ...]:
    if not request.replace:
        return ()
    dataset = request.dataset
    rows = store.read(dataset.name, columns=[dataset.key, dataset.date])
    days = rows.column(dataset.date)
    start, end = (pa.scalar(day, pa.date32()) for day in (request.replace.start, request.replace.end))
    inside = rows.filter(pc.and_(pc.greater_equal(days, start), pc.less_equal(days, end)))
    present = pd.concat([batch.rows[dataset.key] for batch in batches])
    return tuple(sorted(set(inside.column(dataset.key).to_pylist()) - set(present.dropna())))


def _unclaimed(batch: Batch) -> str:
    names = "、".join(map(shown, batch.unclaimed[:_NAMED]))
    more = f" 等 {len(batch.unclaimed)} 列" if len(batch.unclaimed) > _NAMED else ""
    return f"{batch.file} 的这些列不认识，没有导入：{names}{more}"


def _too_many(report: Report, batches: Sequence[Batch], site: Site) -> str:
    total, rejected = sum(len(batch) for batch in batches), len(report.rejected)
    if rejected <= total * site.reject_limit:
        return ""
    first = report.rejected[0]
    return (
        f"{total} 行中有 {rejected} 行不合要求，超过 {site.reject_limit:.0%}，没有导入任何行。"
        f"例如 {first.file} 第 {first.row} 行“{first.header}”：{first.rule}；{first.remedy}。"
        "请改正后重新导入，全部被拒绝的行可用 --rejected 另存"
    )


def _warn_of_jump(store: Store, site: Site, request: Request, rows: pd.DataFrame, report: Report) -> None:
    dataset = request.dataset
    served = store.versions().get(dataset.name)
    if served is None:
        return
    latest = store.latest_event(dataset.name, served)
    before = store.declared_coverage(dataset.name, served) or latest
    days = [rows[name].max() for name in dataset.event_dates]
    after = request.covers_to or max((day.date() for day in days if not pd.isna(day)), default=None)
    if before and after and after - before > timedelta(days=site.coverage_jump_days):
        rule, value = Rule.COVERAGE_JUMP, f"{before} → {after}"
        report.warn([Warning("", None, dataset.date, value, rule.text, rule.remedy)], 1)

"""`petition project`: when each batch of the backlog will be finished."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date

import click
from tabulate import tabulate

from analytics.cli.params import DATA, petition, table_or, where_of
from analytics.cli.selecting import selecting, versions_of
from analytics.cli.told import opened, stale, versions_in_words
from analytics.contract import BACKLOG
from analytics.insight.closing import LEVEL, Projection, outlook
from analytics.insight.finishing import STATUS, backtest_in_words, chance_in_words, span_in_words
from analytics.insight.wording import NOTHING


@petition.command(help="积案各批次预计何时办结（80% 区间）、所需进度与回测")
@selecting(days=False)
@table_or("json")
@DATA
def project(
    where: Sequence[str], as_of: date | None, wanted: Sequence[str], form: str, data: str | None
) -> None:
    """Prints each batch's projected finish."""
    engine = opened(data)
    names = ["backlog_remaining"]
    chosen = versions_of(wanted, names)
    asked = engine.query(names, where=where_of(where), as_of=as_of, versions=chosen)
    versions = dict(asked.versions)
    coverage = engine.coverage(BACKLOG.name, versions[BACKLOG.name])
    if coverage is None:
        click.echo(f"提醒：{BACKLOG.label}没有数据：请先用 petition import 导入", err=True)
    elif asked.as_of > coverage.last:
        click.echo(
            f"提醒：统计截止日 {asked.as_of} 晚于数据截止日 {coverage.last}，其间按没有办结计", err=True
        )
    if told := stale(engine, versions):
        click.echo(f"提醒：{told}", err=True)
    found = outlook(engine, asked.selection, versions, asked.as_of)
    if form == "json":
        rows = [_row(p) for p in found]
        content = {"rows": rows, "batches": rows, "as_of": f"{asked.as_of}", "versions": versions}
        click.echo(json.dumps(content, ensure_ascii=False, indent=1))
    else:
        _print_table(found)
        click.echo(f"\n数据截至 {asked.as_of}；{versions_in_words(asked.versions)}")


def _row(p: Projection) -> dict[str, object]:
    finish, rate = p.finish, p.rate
    return {
        "batch": p.batch,
        "assigned": p.assigned,
        "closed": p.closed,
        "remaining": p.remaining,
        "projected_low": f"{finish.low}" if finish else None,
        "projected_median": f"{finish.median}" if finish else None,
        "projected_high": f"{finish.high}" if finish else None,
        "level": LEVEL,
        "due_on": f"{p.due}" if p.due else None,
        "undated": p.undated,
        "overdue": p.overdue,
        "pace_per_week": p.pace,
        "pace_needed_per_week": p.pace_needed,
        "probability_on_time": p.on_time,
        "status": p.status,
        "rate": {"closings": rate.closings, "case_days": rate.exposure, "borrowed": rate.borrowed}
        if rate
        else None,
        "backtest": {"projections": len(p.past), "held": sum(past.held for past in p.past)},
    }


def _print_table(found: Sequence[Projection]) -> None:
    headers = ["批次", "交办", "办结", "剩余", "预计办结（80%区间）", "时限", "每周办结", "每周需办结"]
    headers += ["按时可能", "状态"]
    lines = []
    for p in found:
        whole = p.finish and (span_in_words(p.finish) if p.remaining else f"{p.finish.high}")
        likely = NOTHING if p.on_time is None or not p.remaining else chance_in_words(p.on_time)
        needed = NOTHING if p.pace_needed is None else f"{p.pace_needed:.1f}"
        numbers = [p.assigned, p.closed, p.remaining, whole or NOTHING, p.due or NOTHING, f"{p.pace:.1f}"]
        lines.append([p.batch, *numbers, needed, likely, STATUS[p.status]])
    click.echo(tabulate(lines, headers, disable_numparse=True))
    click.echo(f"\n{backtest_in_words([past for p in found for past in p.past])}")

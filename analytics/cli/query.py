"""`petition query` and `petition catalogue`: numbers, and what they mean."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Sequence
from datetime import date

import click
from tabulate import tabulate

from analytics.catalogue import DIMENSIONS, METRICS, dimensions_of
from analytics.cli.params import DATA, DAY, MONTH, petition, table_or, where_of
from analytics.cli.told import cautions, kind, stale, versions_in_words
from analytics.contract import DATASETS
from analytics.engine import Engine, data_folder, open_engine
from analytics.insight.wording import maturing
from analytics.model import Comparison, Metric, Period
from analytics.render.table import columns, shown_rows
from analytics.result import Result


@petition.command(help="查询指标")
@click.argument("metrics", nargs=-1, required=True, metavar="指标…")
@click.option("--by", multiple=True, metavar="维度", help="分组维度，可重复")
@click.option("--month", type=MONTH, help="月份 YYYY-MM")
@click.option("--from", "start", type=DAY, help="起日（含）")
@click.option("--to", "end", type=DAY, help="止日（含）")
@click.option("--where", multiple=True, metavar="维度=成员", help="筛选；同一维度为“或”，不同维度为“且”")
@click.option("--compare", type=click.Choice(["none", "previous", "year_ago"]), default="none", help="对比")
@click.option("--as-of", type=DAY, help="统计截止日")
@click.option("--version", "wanted", multiple=True, metavar="版本", help="数据版本：N，或 数据集=N")
@table_or("json", "csv")
@DATA
def query(
    metrics: Sequence[str],
    by: Sequence[str],
    month: Period | None,
    start: date | None,
    end: date | None,
    where: Sequence[str],
    compare: Comparison,
    as_of: date | None,
    wanted: Sequence[str],
    form: str,
    data: str | None,
) -> None:
    """Prints the answer to one query."""
    engine = open_engine(data_folder(data))
    period = _period(engine, metrics, month, start, end)
    asked = engine.query(metrics, by, period, where_of(where), compare, as_of, _versions(wanted, metrics))
    result = engine.answer(asked)
    used = dict(result.query.versions)
    for line in filter(None, [stale(engine, used), *cautions(result), maturing(result.metrics)]):
        click.echo(f"提醒：{line}", err=True)
    {"json": _print_json, "csv": _print_csv, "table": _print_table}[form](result)


def _period(
    engine: Engine, metrics: Sequence[str], month: Period | None, start: date | None, end: date | None
) -> Period | None:
    if month and (start or end):
        raise click.UsageError("--month 与 --from/--to 只能用一种")
    if month or not (start or end):
        return month
    covered = engine.query(metrics).selection.period
    try:
        return Period(start or covered.start, end or covered.end)
    except ValueError as fault:
        raise click.UsageError(str(fault)) from None


def _versions(texts: Sequence[str], metrics: Sequence[str]) -> dict[str, int]:
    """`N` for the one dataset used, or `dataset=N`, repeated."""
    used = dict.fromkeys(METRICS[name].dataset for name in metrics if name in METRICS)
    versions: dict[str, int] = {}
    for text in texts:
        name, _, digits = text.rpartition("=")
        if not digits.isdecimal() or (name and name not in DATASETS):
            raise click.UsageError(f"--version “{text}”应写成 N 或 数据集=N，例如 petitions=3")
        if not name and len(used) > 1:
            raise click.UsageError(
                f"所查指标来自多个数据集（{'、'.join(used)}），请写成 --version {next(iter(used))}={digits}"
            )
        versions |= {name: int(digits)} if name else dict.fromkeys(used, int(digits))
    return versions


def _print_json(result: Result) -> None:
    content: dict[str, object] = {
        "rows": result.rows(),
        "from": f"{result.period.start}",
        "to": f"{result.period.end}",
        "as_of": f"{result.query.as_of}",
        "versions": dict(result.query.versions),
    }
    if base := result.base_period:
        content["compared_with"] = {
            "from": f"{base.start}",
            "to": f"{base.last}",
            "covered": result.base_covered(),
        }
    click.echo(json.dumps(content, ensure_ascii=False, indent=1))


def _print_csv(result: Result) -> None:
    writer = csv.DictWriter(sys.stdout, list(columns(result)), lineterminator="\n")
    writer.writeheader()
    writer.writerows(result.rows())


def _print_table(result: Result) -> None:
    lines, width = shown_rows(result), len(result.query.by)
    align = ["left"] * width + ["right"] * (len(columns(result)) - width)
    headers = list(columns(result).values())
    click.echo(tabulate(lines, headers, colalign=align if lines else None, disable_numparse=True))
    versions, period = versions_in_words(result.query.versions), result.period
    click.echo(f"\n{period.start} 至 {period.shown_end}；数据截至 {result.query.as_of}；{versions}")


@petition.command(help="指标与维度的口径")
@table_or("json")
@DATA
def catalogue(form: str, data: str | None) -> None:
    """Prints every metric and dimension."""
    if form == "json":
        content = {
            "metrics": [_described(m) for m in METRICS.values()],
            "dimensions": [
                {
                    "name": d.name,
                    "label": d.label,
                    "members": [{"value": v, "label": s} for v, s in d.members],
                }
                for d in DIMENSIONS.values()
            ],
        }
        click.echo(json.dumps(content, ensure_ascii=False, indent=1))
        return
    rows = [[m.name, m.label, m.unit, DATASETS[m.dataset].label, m.note] for m in METRICS.values()]
    click.echo(tabulate(rows, ["指标", "名称", "单位", "数据", "口径"]))
    click.echo()
    click.echo(tabulate([[d.name, d.label] for d in DIMENSIONS.values()], ["维度", "名称"]))


def _described(m: Metric) -> dict[str, object]:
    return {
        "name": m.name,
        "label": m.label,
        "unit": m.unit,
        "digits": m.digits,
        "better": m.better,
        "dataset": m.dataset,
        "accumulates": "stock" if m.stock else "flow",
        "kind": kind(m),
        "matures": m.cohort,
        "dimensions": list(dimensions_of([m])),
        "basis": m.basis,
        "note": m.note,
    }

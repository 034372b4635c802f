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
from analytics.cli.params import DATA, petition, table_or, where_of
from analytics.cli.selecting import period_of, selecting, versions_of
from analytics.cli.told import asked, days_and_versions, kind, opened, remind
from analytics.contract import DATASETS
from analytics.model import Comparison, Metric, Period
from analytics.render.table import columns, shown_rows
from analytics.result import Result


@petition.command(help="查询指标")
@click.argument("metrics", nargs=-1, required=True, metavar="指标…")
@click.option("--by", multiple=True, metavar="维度", help="分组维度，可重复")
@selecting()
@click.option("--compare", type=click.Choice(["none", "previous", "year_ago"]), default="none", help="对比")
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
    engine = opened(data)
    period = period_of(engine, metrics, month, start, end)
    question = engine.query(
        metrics, by, period, where_of(where), compare, as_of, versions_of(wanted, metrics)
    )
    result = engine.answer(question)
    remind(engine, result)
    {"json": _print_json, "csv": _print_csv, "table": _print_table}[form](result)


def _print_json(result: Result) -> None:
    content = {"rows": result.rows(), **asked(result)}
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
    click.echo(days_and_versions(result))


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

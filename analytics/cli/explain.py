"""`petition explain`: which groups the difference between two periods lies in."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from fractions import Fraction

import click
from tabulate import tabulate

from analytics.catalogue import metric
from analytics.cli.params import DATA, petition, table_or, where_of
from analytics.cli.selecting import period_of, selecting, versions_of
from analytics.cli.told import asked, days_and_versions, opened, remind
from analytics.insight import explained as told
from analytics.insight.below import place_below
from analytics.insight.explain import Explanation, Part, usual_dimensions
from analytics.insight.explain import explain as divided
from analytics.insight.wording import number
from analytics.model import Comparison, Period
from analytics.render.table import contribution_rows


@petition.command(help="变化分解：与对比期的差，来自哪些镇街、内容、形式；各部分之和恰是总的差")
@click.argument("name", metavar="指标")
@click.option(
    "--by", multiple=True, metavar="维度", help="分解维度，最多三个，几个即其组合；默认镇街、内容、形式"
)
@selecting()
@click.option(
    "--compare",
    type=click.Choice(["previous", "year_ago"]),
    default="year_ago",
    show_default=True,
    help="对比：环比 previous，同比 year_ago",
)
@table_or("json")
@DATA
def explain(
    name: str,
    by: Sequence[str],
    month: Period | None,
    start: date | None,
    end: date | None,
    where: Sequence[str],
    as_of: date | None,
    wanted: Sequence[str],
    compare: Comparison,
    form: str,
    data: str | None,
) -> None:
    """Prints what every group adds to the difference."""
    engine = opened(data)
    period, versions = period_of(engine, [name], month, start, end), versions_of(wanted, [name])
    whole = engine.query([name], (), period, where_of(where), compare, as_of, versions)
    dimensions = by or usual_dimensions(metric(name), place_below(engine.site, whole.selection))
    query = engine.query([name], dimensions, period, where_of(where), compare, as_of, versions)
    found = divided(engine.answer(query))
    remind(engine, found.result)
    small = engine.site.small_base
    {"json": lambda: _print_json(found), "table": lambda: _print_table(found, small)}[form]()


def _print_json(found: Explanation) -> None:
    m, by = found.metric, found.result.query.by
    contributions = [dict(zip(by, part.key, strict=True)) | _numbers(part) for part in found.parts]
    content = {
        "metric": m.name,
        "unit": "" if m.is_rate else m.unit,  # a rate is a fraction
        **asked(found.result),
        "now": _number(found.now),
        "base": _number(found.base),
        "difference": _number(found.difference),
        "by": list(by),
        "contributions": contributions,
        "rows": contributions,
    }
    click.echo(json.dumps(content, ensure_ascii=False, indent=1))


def _numbers(part: Part) -> dict[str, object]:
    numbers = {"now": part.now.value, "base": part.base.value, "contribution": _number(part.amount)}
    if part.rate_effect is None or part.mix_effect is None:
        return {**numbers}
    effects = {"rate_effect": _number(part.rate_effect), "mix_effect": _number(part.mix_effect)}
    weights = {"now_denominator": part.now.denominator, "base_denominator": part.base.denominator}
    return {**numbers, **effects, **weights}


def _number(value: Fraction) -> int | float:
    return int(value) if value.denominator == 1 else float(value)


def _print_table(found: Explanation, small_base: int) -> None:
    """Groups that add nothing are counted, not listed."""
    headers, rows = contribution_rows(found)
    width, digits = len(found.result.query.by), found.metric.digits + bool(found.metric.denominator)
    moved = [row for row, part in zip(rows, found.parts, strict=True) if part.amount]
    lines = [
        [
            *row[:width],
            *(number(found.metric, value) for value in row[width : width + 2]),  # type: ignore[arg-type]
            *(f"{value:+,.{digits}f}" for value in row[width + 2 :]),
        ]
        for row in moved
    ]
    align = ["left"] * width + ["right"] * (len(headers) - width)
    click.echo("".join(told.sentences(found.result, small_base)))
    click.echo()
    if lines:
        click.echo(tabulate(lines, headers, colalign=align, disable_numparse=True))
    if still := len(rows) - len(moved):
        click.echo(f"{'另有' if lines else ''} {still} 组没有增减".strip())
    click.echo(days_and_versions(found.result))
